/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CRATON_TRACE: each call of the application as a line of a file, with arguments and results by name and without secrets.
 */
#ifndef CRATON_TRACE_H
#define CRATON_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>

#include "calls.h"
#include "trace-text.h"

/* Bytes of a line. What does not fit is cut, but for the result. */
#define CRATON_TRACE_LINE 8192

typedef struct {
	CratonTraceText text;
	struct timespec begun;
	char line[CRATON_TRACE_LINE];
} CratonTrace;

typedef enum {
	CRATON_TRACE_UNKNOWN, /* nobody has looked at the environment yet */
	CRATON_TRACE_LOOKING, /* somebody does: calls of other threads at this moment are not traced */
	CRATON_TRACE_OFF,
	CRATON_TRACE_ON,
} CratonTraceState;

extern _Atomic int craton_trace_state __attribute__ ((visibility ("hidden")));

/* Looks at the environment, once; whether calls are traced. */
bool craton_trace_look (void);

/* Whether calls are traced: one load where they are not. */
static inline bool
craton_trace_on (void)
{
	int state = atomic_load_explicit (&craton_trace_state, memory_order_relaxed);

	return state != CRATON_TRACE_OFF && (state == CRATON_TRACE_ON || craton_trace_look ());
}

/**
 * craton_trace_begin:
 * @trace: not initialised
 * @args: the caller's, before the call
 *
 * Writes down what the call is given.
 */
void craton_trace_begin (CratonTrace *trace, CratonCallId call, const CK_ULONG *args);

/**
 * craton_trace_end:
 * @args: the same, after the call
 * @rv: what it returns
 *
 * Adds what the call returns, and the line to the file, which is opened for it: nothing stays open that a fork or the host's
 * closing of descriptors could reach. A file that cannot be written is one line in the log of this process, and the
 * call goes on as if it were not traced.
 */
void craton_trace_end (CratonTrace *trace, CratonCallId call, const CK_ULONG *args, CK_RV rv);

#endif /* CRATON_TRACE_H */
