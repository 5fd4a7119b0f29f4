/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Audit logs for the eye.
 */
#ifndef CRATON_AUDIT_SHOW_H
#define CRATON_AUDIT_SHOW_H

#include <glib.h>

/* Which lines, and how. */
typedef struct {
	const char *since;    /* the time as it is in a line, or its beginning; or NULL */
	const char *function; /* such as "C_Sign"; or NULL */
	gboolean failed;      /* only what did not succeed */
	gboolean json;        /* the lines as they are, else a table */
	gboolean follow;      /* wait for more, for ever */
} CratonAuditFilter;

/* One line of the table, or the line itself; NULL if @line is not wanted. Not safe from forged lines: that is verify's work, but no
 * byte of it reaches a terminal as a control character. */
char *craton_audit_show_line (const CratonAuditFilter *filter, const char *line);

/* Prints the log in @folder. Returns: FALSE after it has printed why it cannot be read. */
gboolean craton_audit_show_folder (const CratonAuditFilter *filter, const char *folder);

#endif /* CRATON_AUDIT_SHOW_H */
