/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files of one audit log: opening, appending whole lines under the lock, repairing what a dead writer left. audit.c makes the
 * lines and decides when things go to the disk.
 */
#ifndef CRATON_AUDIT_LOG_H
#define CRATON_AUDIT_LOG_H

#include <glib.h>

#include "audit-state.h"

#define CRATON_AUDIT_BODY_MAX (CRATON_AUDIT_LINE_MAX - 512)

typedef struct {
	char *folder;
	CratonAuditState *state; /* NULL while the log is not open */
	CratonAuditChain chain;
	int fd;                  /* audit.log */
	guint64 generation;      /* that fd is */
	guint64 room;            /* bytes of that file that have a place on the disk */
} CratonAuditFiles;

/* Makes a line, without its frame, into @line, which has CRATON_AUDIT_BODY_MAX bytes: ,"name":... and returns its length. */
typedef gsize CratonAuditMake (char *line, gpointer data);

/* What follows returns 0 or an errno. */

/* Opens the log, with the chain settled; begins one if there is none: its verification key goes to *ret_key, or where that is NULL
 * into audit.verify. ENOENT if there is no folder. */
int craton_audit_log_open (CratonAuditFiles *files, char **ret_key);
void craton_audit_log_close (CratonAuditFiles *files);

/* Sees to it that so many lines have a place on the disk. */
int craton_audit_log_reserve (CratonAuditFiles *files);

/* Takes the lock, follows a rotation and settles what a dead writer left; then append and rotate can be called. */
int craton_audit_log_lock (CratonAuditFiles *files);
void craton_audit_log_unlock (CratonAuditFiles *files);

/* Adds one line to the chain. */
int craton_audit_log_append (CratonAuditFiles *files, CratonAuditMake *make, gpointer data);

/* Ends the file, which is put on the disk, and begins the next, whose first line says so. */
int craton_audit_log_rotate (CratonAuditFiles *files);

/* The name of the file number @generation, when it has been ended. */
char *craton_audit_log_old_name (const char *folder, guint64 generation);

#endif /* CRATON_AUDIT_LOG_H */
