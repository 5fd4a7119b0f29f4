/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the fault module (fault-module.c) does wrong: a file that it and the test have mapped, named by FAULT_CONTROL in the module's
 * environment or by its init-reserved.
 */
#ifndef CRATON_TESTS_FAULT_CONTROL_H
#define CRATON_TESTS_FAULT_CONTROL_H

#include <stdatomic.h>

#include "calls.h"

/* The columns that the fault module fills, and how a call with the fault ends. */
#define FAULTS(FAULT)                                                                   \
	FAULT (CRASH, "crash", DIES, "a segmentation fault")                            \
	FAULT (ABORT, "abort", DIES, "abort")                                           \
	FAULT (EXIT, "exit", DIES, "exit with destructors")                             \
	FAULT (FORK_CRASH, "fork+crash", DIES,                                          \
	       "forks, and crashes while the child holds all that it had")              \
	FAULT (HANG, "hang", HANGS, "sleeps for ever with all signals blocked")         \
	FAULT (SPIN, "spin", HANGS, "spins for ever with all signals blocked")          \
	FAULT (STOP, "stop", HANGS, "stops its process")                                \
	FAULT (LEAK, "leak", GOES_ON, "leaks memory, descriptors and a thread")         \
	FAULT (PRINT, "print", GOES_ON, "writes to standard output and error")          \
	FAULT (MASK, "mask", GOES_ON, "blocks all signals and changes their handlers")  \
	FAULT (FORK, "fork", GOES_ON, "forks, and the child holds all that it had")     \
	FAULT (FORK_RETURN, "fork+return", GOES_ON, "forks, and both sides return")     \
	FAULT (CLOSE, "close", ANY, "closes all descriptors")                           \
	FAULT (ABSURD, "absurd", ANY, "returns absurd lengths, counts and handles")     \
	FAULT (CODE, "code", ANY, "returns a code that does not exist")

typedef enum {
	FAULT_NONE,
#define FAULT(id, name, end, text) FAULT_##id,
	FAULTS (FAULT)
#undef FAULT
	N_FAULTS
} Fault;

typedef struct {
	_Atomic int call;  /* CratonCallId: the function that has the fault */
	_Atomic int fault; /* Fault */
	_Atomic unsigned int entered[CRATON_CALLS];
	_Atomic int n_events; /* that C_WaitForSlotEvent has to tell */
} FaultControl;

/* What the module's functions do if they do nothing wrong. */
#define FAULT_SLOT 77
#define FAULT_RANDOM 0x5a

#endif /* CRATON_TESTS_FAULT_CONTROL_H */
