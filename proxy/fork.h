/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Seeing a fork, inside the module. fork.c alone knows how it is seen; the rest of the proxy asks here.
 */
#ifndef CRATON_FORK_H
#define CRATON_FORK_H

#include <stdint.h>

typedef enum {
	CRATON_FORK_SAME,   /* the process in which the mark was taken */
	CRATON_FORK_CHILD,  /* a fork of it: its memory is a copy */
	CRATON_FORK_SHARED, /* a vfork or CLONE_VM child: its memory is the parent's, not a byte may be written */
} CratonForkState;

/* How this process stands to the one in which @mark was taken. Costs a getpid(). */
CratonForkState craton_fork_state (uint64_t mark);

/* The word that is @mark's value in the process where it was taken and another one in each fork of it. */
const _Atomic uint64_t *craton_fork_word (void);

/* Tells craton_check_fork() in which process the module is initialised: a mark, or 0 for none. */
void craton_fork_note (uint64_t mark);

#endif /* CRATON_FORK_H */
