/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the fault tests share: a scratch home with a soft token and the fault module behind craton.conf, the processes behind them, and
 * the ways to end these. Failing, waiting and children are those of the fork suite (fork-common.h).
 */
#ifndef CRATON_TESTS_FAULTS_RIG_H
#define CRATON_TESTS_FAULTS_RIG_H

#include "fault-control.h"
#include "fork-common.h"

/* The slots as craton.conf has them: the soft token first, then the modules. */
#define SLOT_SOFT 0
#define SLOT_FAULT 1

/* More calls than it takes for a backend to count as one that has worked (restart.c). */
#define WORK_CALLS 40

extern FaultControl *fault_control;
extern CK_SLOT_ID target_slot, other_slot;

/* A new scratch home. This process becomes a subreaper: backends are children of it, or of the first among them. */
void rig_make (void);

/* craton.conf; "@FAULT@" is the path of the fault module and "@SCRATCH@" the scratch folder. */
void rig_configure (const char *text);

/* The usual one: the call-timeout of token and module. */
void rig_configure_usual (unsigned int token_s, unsigned int module_s);

/* Loads the module, initialises it, and lists the slots. */
void rig_start (void);

/* From now on @call has @fault in the fault module. */
void set_fault (CratonCallId call, Fault fault);
unsigned int times_entered (CratonCallId call);

/* The living process with this argument ("--host NAME" or the first backend for NULL), or 0. */
pid_t find_process (const char *host);

/* The target's process, which lives. */
pid_t target_process (void);

/* Signals it and waits for its end. */
void end_process (pid_t pid, int signal);

/* Stops it, until no thread of it runs. */
void stop_process (pid_t pid);

/* A session on @slot; and one that works, with a backend that has worked. */
CK_SESSION_HANDLE open_session (CK_SLOT_ID slot);
CK_SESSION_HANDLE open_worked (CK_SLOT_ID slot);

/* A call in it that every token can answer. */
CK_RV use_session (CK_SESSION_HANDLE session);

/* Any function, with its arguments as words. */
CK_RV call_function (CratonCallId call, const CK_ULONG *args);

/* A session on @slot in a patient way: not before the pause after several deaths is over. */
CK_SESSION_HANDLE open_in_time (CK_SLOT_ID slot);

/* Waits until thread @tid of this process sleeps on a futex: it is inside a call. */
void await_in_call (pid_t tid);

/* C_WaitForSlotEvent, not blocking, tells removal and return of @slot, and then nothing more. */
void expect_events (CK_SLOT_ID slot);

/* Of a folder, "." and ".." with them. */
int count_entries (const char *path);

int count_descriptors (void);

/* Of a backend, which only root may look at; otherwise 0. */
int count_descriptors_of (pid_t pid);
long resident_kib (pid_t pid);
int count_maps (void);

/* Times in microseconds: prints how many, p50, p99 and the longest. */
typedef struct {
	long us[4096];
	size_t n;
} Times;

int64_t now_us (void);
void times_add (Times *times, int64_t us);
void times_print (const char *what, Times *times);

/* One line in the results of this run, for the tables of docs/faults.md. */
void write_result (const char *table, const char *row, const char *column, const char *result);

#endif /* CRATON_TESTS_FAULTS_RIG_H */
