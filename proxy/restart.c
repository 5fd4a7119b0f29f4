/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * When a backend that died may be started again. One that has worked is, at once: an application that lost its token through an
 * accident has it back with the next C_OpenSession. One that dies before it has done anything would die again, a process for each call
 * that an application tries: the second such death in a row is forgiven, then the pause doubles from death to death up to a limit, and
 * the slots say CKR_DEVICE_ERROR meanwhile. Called by channel.c.
 */
#include "config.h"

#include <time.h>

#include "instance.h"
#include "log.h"
#include "names.h"

/* A backend has worked when it has lived so long or had so many calls: more than it takes to list slots, log in, find a key and be
 * killed by what is wrong with it. */
#define WORKED_MS 1000
#define WORKED_CALLS 32

/* Deaths in a row without a pause, the first pause, and how often it is doubled. A hosted module whose C_Initialize says no pauses from
 * the first time on and for longer: it says why in the log, each time. */
#define FORGIVEN 2
#define PAUSE_MS 250
#define PAUSE_REFUSED_MS 1000
#define DOUBLINGS 8
#define DOUBLINGS_REFUSED 6

int64_t
craton_restart_now_ms (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
pause_ms (unsigned int doublings, unsigned int limit, int64_t first_ms)
{
	return first_ms << (doublings < limit ? doublings : limit);
}

/* One more failure: the pause after it, beginning at @since_ms. True if this is the first that has one. */
static bool
fail (CratonChannel *channel, bool refused, int64_t since_ms)
{
	bool first = refused ? channel->n_failures == 0 : channel->n_failures == FORGIVEN;
	int64_t pause = 0;

	if (refused)
		pause = pause_ms (channel->n_failures, DOUBLINGS_REFUSED, PAUSE_REFUSED_MS);
	else if (channel->n_failures >= FORGIVEN)
		pause = pause_ms (channel->n_failures - FORGIVEN, DOUBLINGS, PAUSE_MS);
	channel->n_failures++;
	channel->retry_ms = since_ms + pause;
	return first;
}

/* The last backend's end, looked at once. */
static void
judge_death (CratonChannel *channel)
{
	int64_t lived_ms = channel->death_ms - channel->birth_ms;
	uint64_t n_calls = atomic_exchange (&channel->n_calls, 0);

	if (channel->birth_ms == 0)
		return;
	channel->birth_ms = 0;
	if (lived_ms >= WORKED_MS || n_calls >= WORKED_CALLS)
		channel->n_failures = 0;
	else if (fail (channel, false, channel->death_ms))
		craton_log ("craton: %s%s dies again and again before it has done anything: it is started again only after a pause, "
		            "which grows up to a minute, and its slots answer CKR_DEVICE_ERROR meanwhile; %s",
		            channel->index == 0 ? "the token process" : "module ", channel->name,
		            channel->index == 0 ? "see its own lines in the log" : "repair the module or take its group out of craton.conf");
}

bool
craton_restart_allowed (CratonChannel *channel)
{
	judge_death (channel);
	return channel->n_failures == 0 || craton_restart_now_ms () >= channel->retry_ms;
}

bool
craton_restart_note (CratonChannel *channel, CK_RV rv)
{
	bool refused = channel->index != 0 && rv != CKR_DEVICE_REMOVED;

	if (rv == CKR_OK) {
		channel->birth_ms = craton_restart_now_ms ();
		atomic_store (&channel->n_calls, 0);
		return false;
	}
	/* No process came of it, for want of memory or descriptors: the application is told, and may try when it has some again. */
	if (rv == CKR_HOST_MEMORY)
		return true;
	(void) fail (channel, refused, craton_restart_now_ms ());
	return channel->n_failures == 1;
}

void
craton_restart_tell (const CratonChannel *channel, CK_RV rv)
{
	const char *name = craton_name (CRATON_NAME_CKR, rv);

	craton_log ("craton: %s%s did not start (%s%s); it is tried again more and more rarely, without another line; %s; a line of "
	            "craton-backend before this one says more, if it could",
	            channel->index == 0 ? "the token process" : "module ", channel->name, name != NULL ? name : "unknown",
	            rv == CKR_DEVICE_REMOVED ? ": its process died" : "",
	            channel->index == 0 ? "reinstall craton" : "repair the module or take its group out of craton.conf");
}
