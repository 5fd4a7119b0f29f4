/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Place: see place.h. Two threads that call each other quickly are fastest on two processors, where neither gives way. On one, each
 * call is two switches; and when another such pair is on the other processor, the kernel sees as many threads here as there, and nothing to
 * mend. Where there is more to compute than there are processors, long calls are none the worse for it.
 */
#include "config.h"

#include "place.h"

#include <sched.h>

#define BRIEF_US 10
#define TOGETHER_MAX 8

gboolean
craton_place_is_together (guint client_cpu)
{
	return (guint) sched_getcpu () == client_cpu;
}

gboolean
craton_place_note (CratonPlace *place, gint64 call_us, gboolean others)
{
	place->n_together = call_us >= 0 && (call_us < BRIEF_US || !others) ? place->n_together + 1 : 0;
	if (place->n_together < TOGETHER_MAX)
		return FALSE;
	place->n_together = 0;
	return TRUE;
}

void
craton_place_leave (guint client_cpu)
{
	cpu_set_t allowed, others;

	if (client_cpu >= CPU_SETSIZE || sched_getaffinity (0, sizeof allowed, &allowed) != 0)
		return;
	others = allowed;
	CPU_CLR (client_cpu, &others);
	if (CPU_COUNT (&others) == 0)
		return;
	(void) sched_setaffinity (0, sizeof others, &others);
	/* Threads that were left where they are would crowd on one processor while others idle. */
	(void) sched_setaffinity (0, sizeof allowed, &allowed);
}
