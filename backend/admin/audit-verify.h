/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Checking audit logs: what docs/audit.md says is found, is found here.
 */
#ifndef CRATON_AUDIT_VERIFY_H
#define CRATON_AUDIT_VERIFY_H

#include <glib.h>

/**
 * craton_audit_verify_files:
 * @folder: (nullable): of a log, which is checked to its very end by the state that is kept beside it
 * @files: (nullable): in place of @folder, files of one log in their order
 * @keys: (nullable): verification keys; NULL: those that still lie beside the log, if any
 * @report: what was found is added, a line each, translated
 *
 * Returns: TRUE if nothing was found that should not be.
 */
gboolean craton_audit_verify_files (const char *folder, const char *const *files, const char *const *keys,
                                    GString *report);

/* The files of the log in @folder, the oldest first; audit.log is the last, whether or not it is there. */
GPtrArray *craton_audit_verify_list (const char *folder);

#endif /* CRATON_AUDIT_VERIFY_H */
