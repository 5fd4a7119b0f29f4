/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * This program, run by a case with exec: fork-cases --probe NAME COLUMN MODULE.
 *
 *   fresh        uses the token as any program does
 *   make-token   initialises the environment's first token, for the examples' test
 *   descriptors  ends with status 0 if nothing but descriptors 0, 1 and 2 was inherited
 */
#ifndef CRATON_TESTS_FORK_PROBES_H
#define CRATON_TESTS_FORK_PROBES_H

/* The program's status. */
int run_probe (int argc, char **argv);

/* The arguments that start a probe, program first, NULL last; static. */
char **probe_arguments (const char *name);

/* The same as a shell command; static. */
const char *probe_command (const char *name);

#endif /* CRATON_TESTS_FORK_PROBES_H */
