/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A system log of the test's own: a socket at /dev/log, in a mount namespace in which nobody else
 * is.
 */
#ifndef CRATON_TESTS_FORK_LOG_H
#define CRATON_TESTS_FORK_LOG_H

#include <stdbool.h>
#include <stddef.h>

/* A private mount namespace, and in it the log. Only before the process has threads. */
void log_catch (void);

/* The same log, at another place as well: for a chroot. */
void log_catch_at (const char *path);

/* The next line of a module (not of a backend's) that has been sent, if any; waits for none. */
bool log_next (char *line, size_t line_len);

/* Takes all lines that have been sent; fails unless one has @text in it. */
void log_expect (const char *text);

/* Takes and forgets all lines that have been sent. */
void log_skip (void);

#endif /* CRATON_TESTS_FORK_LOG_H */
