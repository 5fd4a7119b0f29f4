/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What an audit log has of calls that succeeded, for tests that know what was acknowledged.
 */
#ifndef CRATON_AUDIT_LINES_H
#define CRATON_AUDIT_LINES_H

#include <glib.h>

#include "audit-verify.h"

/* The calls with the result CKR_OK in all files of the log in @folder, counted by function and label of the object. To be freed by
 * g_hash_table_unref (). */
GHashTable *audit_lines_count (const char *folder);

/* How many lines there are of @function on the object @label, which needs no escapes in JSON. */
guint audit_lines_of (GHashTable *lines, const char *function, const char *label);

#endif /* CRATON_AUDIT_LINES_H */
