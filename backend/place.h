/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which processor a lane's thread runs on, beside the thread of the client that it answers. Called by serve.c.
 */
#ifndef CRATON_PLACE_H
#define CRATON_PLACE_H

#include <glib.h>

typedef struct {
	guint n_together; /* calls in a row that were met on the client's own processor */
} CratonPlace;

/**
 * craton_place_is_together:
 * @client_cpu: where the client submitted its request, as it says: any number
 *
 * Returns: whether this thread runs on the same processor.
 */
gboolean craton_place_is_together (guint client_cpu);

/**
 * craton_place_note:
 * @place: this thread's, at first all zero
 * @call_us: what the call took if it had been waited for in vain and was met together with its client; -1 otherwise
 * @others: whether another lane has a call under way
 *
 * Returns: whether this thread had better leave for another processor.
 */
gboolean craton_place_note (CratonPlace *place, gint64 call_us, gboolean others);

/**
 * craton_place_leave:
 * @client_cpu: the processor to leave, a number from the client
 *
 * Moves this thread to another processor of those it may use (sched_setaffinity(2), cpusets). It may come back later; where there is no
 * other one, nothing happens.
 */
void craton_place_leave (guint client_cpu);

#endif /* CRATON_PLACE_H */
