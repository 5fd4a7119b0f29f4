/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The short names of conf/sandbox.def: include this before it. For sandbox.c, environment.c and the build's gen-sandbox.c.
 */
#ifndef CRATON_PROFILES_H
#define CRATON_PROFILES_H

#define TOKEN 1u
#define MODULE 2u
#define LOCAL 4u
#define NETWORK 8u
#define SOCKETS (LOCAL | NETWORK)
#define MODULES (MODULE | SOCKETS)
#define ALL (TOKEN | MODULES)

/* Stands in the filters for the process's own id, until sandbox.c puts that there. No kernel gives out numbers so large. */
#define CRATON_SANDBOX_OWN_PID 0x7ec0ffeeu

#endif /* CRATON_PROFILES_H */
