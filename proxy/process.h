/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend's process as its client knows it: by number and start time together, which no two processes share. A number alone may
 * be given to somebody else's process when the backend is dead, for its parent is not us but init; and a pidfd kept for each backend
 * would be one more descriptor for the host to close and use again, which could not be told from ours.
 */
#ifndef CRATON_PROCESS_H
#define CRATON_PROCESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

typedef struct {
	pid_t pid;        /* 0: not known */
	uint64_t started; /* in the kernel's ticks; 0: not known, because there is no /proc, or none with this process */
} CratonProcess;

typedef enum {
	CRATON_PROCESS_UNKNOWN, /* nothing can be said */
	CRATON_PROCESS_RUNS,
	CRATON_PROCESS_STOPPED, /* by a signal: it sees nothing and ends for nobody */
	CRATON_PROCESS_GONE,    /* or dead and not reaped */
} CratonProcessState;

/* The process that has the number now. */
CratonProcess craton_process_at (pid_t pid);

CratonProcessState craton_process_state (const CratonProcess *process);

/* SIGKILL, if that process is still the one. Nothing happens where its start time is not known. */
void craton_process_kill (const CratonProcess *process);

/* Where it is our child (we are an init or a subreaper), takes its status if it has ended. Whether nothing is left to wait for: it is
 * reaped, or was never ours. */
bool craton_process_reap (const CratonProcess *process);

#endif /* CRATON_PROCESS_H */
