/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The environment that the application left to this process.
 */
#ifndef CRATON_ENVIRONMENT_H
#define CRATON_ENVIRONMENT_H

/* Removes every variable that conf/sandbox.def does not list. Call before a library reads one, with one thread. */
void craton_environment_reduce (void);

#endif /* CRATON_ENVIRONMENT_H */
