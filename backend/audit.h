/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The audit log of one token, or of whatever else is to be watched: one chain of lines in one folder, written by any number
 * of processes. docs/audit.md tells what it proves.
 */
#ifndef CRATON_AUDIT_H
#define CRATON_AUDIT_H

#include <sys/types.h>

#include <glib.h>

#include "audit-state.h"
#include "pkcs11.h"
#include "token.h"

typedef struct CratonAudit CratonAudit;

/* One line. What is NULL is left out. */
typedef struct {
	const char *event;     /* in place of function and result: what happened to the log itself */
	const char *function;  /* such as "C_Sign" */
	const char *token;     /* its pkcs11: URI */
	const char *user;      /* who logs in */
	const CK_MECHANISM_TYPE *mechanism;
	const char *key;       /* from craton_audit_describe() */
	const char *with;      /* another key that is used */
	const char *note;      /* why it was refused, or what was repaired */
	CK_RV result;
} CratonAuditEntry;

/**
 * craton_audit_set_client:
 * @pid, @uid: for whom this process works
 *
 * Whose name the lines of this process carry; the program's is looked up. Call before the first line.
 */
void craton_audit_set_client (pid_t pid, uid_t uid);

/**
 * craton_audit_new:
 * @name: for log lines: "token work"
 * @folder: where the log is; need not be there yet
 * @size: bytes after which a new file is begun, 0 for no limit
 *
 * Touches no file before the first line.
 *
 * Returns: never NULL; thread-safe.
 */
CratonAudit *craton_audit_new (const char *name, const char *folder, CratonAuditSync sync, guint64 size);
/* Puts what was written on the disk first. NULL is accepted. */
void craton_audit_free (CratonAudit *audit);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonAudit, craton_audit_free)

/**
 * craton_audit_prepare:
 *
 * To be asked before something is done that will be recorded: whether there is room for lines. Where the folder is not there
 * yet it is too early to ask, and the answer is yes.
 *
 * Returns: CKR_OK; CKR_DEVICE_MEMORY if the disk is full, CKR_DEVICE_ERROR if the log cannot be written otherwise: refuse what
 *   was to be done. The reason is a line in the system log, once until it works again.
 */
CK_RV craton_audit_prepare (CratonAudit *audit);

/**
 * craton_audit_write:
 *
 * Appends one line to the chain. When it returns, the line survives the death of every process, and with
 * CRATON_AUDIT_SYNC_EACH that of the machine.
 *
 * Returns: CKR_OK; as above: what was done must not have its result delivered.
 */
CK_RV craton_audit_write (CratonAudit *audit, const CratonAuditEntry *entry);

/* Ends the file and begins another one, in which the chain goes on. Returns: as craton_audit_write(). */
CK_RV craton_audit_rotate (CratonAudit *audit);

/* Puts what was written on the disk, if it is not there yet. */
void craton_audit_flush (CratonAudit *audit);

/**
 * craton_audit_begin:
 * @ret_key: the verification key as text, to be shown; NULL to leave it in the file audit.verify, as the first line of a log does
 *
 * Begins the log of a folder that has none.
 *
 * Returns: CKR_OK; CKR_FUNCTION_REJECTED if there is a log; as craton_audit_write().
 */
CK_RV craton_audit_begin (CratonAudit *audit, char **ret_key);

/**
 * craton_audit_describe:
 * @prefix: of the names: "" or "with_"
 * @id, @label: the values of CKA_ID and CKA_LABEL, any bytes
 *
 * Returns: (transfer full): what a line says about an object, cut to a sensible length.
 */
char *craton_audit_describe (const char *prefix, const CK_BYTE *id, gsize id_len, const char *label, gsize label_len);

#endif /* CRATON_AUDIT_H */
