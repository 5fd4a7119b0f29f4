/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the backend's messages go. All code of the backend writes with GLib's g_warning(), g_message() and g_debug(); a
 * line begins with what it is about: "token default: ...", "module softhsm: ...". Never a PIN, never key material.
 */
#ifndef CRATON_LOG_H
#define CRATON_LOG_H

#include <glib.h>

/**
 * craton_log_init:
 * @to_stderr: also write each line to standard error, and g_debug() there alone
 *
 * From here on each message of GLib's log is one line of the system log. Call once, before the first message.
 */
void craton_log_init (gboolean to_stderr);

/**
 * craton_log_one_line:
 * @message: any bytes
 * @len: of @message, -1 if it ends with a NUL
 *
 * Returns: (transfer full): @message without control characters, so that nobody forges a second line, and cut to a length
 *   that the system log takes.
 */
char *craton_log_one_line (const char *message, gssize len);

#endif /* CRATON_LOG_H */
