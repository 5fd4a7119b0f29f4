/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The proxy's few lines for operators: to the system log, and to standard error only when CRATON_DEBUG is set.
 */
#ifndef CRATON_LOG_H
#define CRATON_LOG_H

/* One line without its end, at most 500 bytes. Opens no log of the host's, takes no lock, works in a forked child. */
void craton_log (const char *format, ...) __attribute__ ((format (printf, 1, 2)));

#endif /* CRATON_LOG_H */
