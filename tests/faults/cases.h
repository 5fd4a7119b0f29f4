/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The fault cases that are not about one function: each runs in a process of its own (cases.c).
 */
#ifndef CRATON_TESTS_FAULTS_CASES_H
#define CRATON_TESTS_FAULTS_CASES_H

#include <pthread.h>
#include <stdatomic.h>

#include "faults-rig.h"

/* life.c */
void case_restarts (void);
void case_finalize (void);
void case_through (void);
void case_no_deadline (void);
void case_storm_first (void);
void case_storm_soft (void);
void case_storm_hosted (void);
void case_sigstop (void);

/* ends.c */
void case_exit (void);
void case_app_ends (void);

/* list.c */
void case_slot_list (void);

/* events.c */
void case_slot_events (void);

/* limits.c */
void case_no_descriptors (void);
void case_no_disk (void);
void case_no_memory (void);
void case_no_processes (void);

/* real.c */
void case_softhsm (void);
void case_opensc (void);
void case_opencryptoki (void);
void case_recursion (void);

/* soak.c */
void case_soak (void);

/* A call of its own thread. */
typedef struct {
	CratonCallId call;
	CK_ULONG args[CRATON_ARGS_MAX];
	CK_RV rv;
	_Atomic pid_t tid;
	_Atomic bool done;
	pthread_t thread;
} Caller;

/* Begins; caller_begin() returns when the call waits for its backend. */
void caller_start (Caller *caller);
void caller_begin (Caller *caller);
CK_RV caller_end (Caller *caller);

/* The faults in which a call does not come back, and such a call in the fault module. */
#define N_HANGS 3
extern const Fault hangs[N_HANGS];
void begin_hang (Caller *caller, Fault fault);

/* If root runs the case: it is another user's from now on. */
void become_nobody (void);

/* Runs @run in a child; its process id. */
pid_t begin_child (void (*run) (void));

#endif /* CRATON_TESTS_FAULTS_CASES_H */
