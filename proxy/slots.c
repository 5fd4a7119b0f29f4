/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which slots there are. Slots of all backends are one list, numbered from 0 in the order in which they were first seen, and keep
 * their numbers until C_Finalize. All backends are asked at once, and one that does not answer costs the list its own slots at the most:
 * if they are known they stay in it, otherwise they come into a later one. No thread waits for it: its start and its answer go on by
 * themselves, and are looked for by whoever asks next. Called by router.c.
 */
#include "config.h"

#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "instance.h"
#include "log.h"
#include "process.h"

/* How long the list waits for a backend whose slots are known, or that was waited for in vain; and for one that is new. The latter is
 * less than the time in which it has to say hello, so that it is given up while it may still come. */
#define KNOWN_MS 1000
#define NEW_MS 5000

/* How long one of those that are waited for is waited for before the others are looked at. */
#define SLICE_MS 5

static const struct timespec pause_1ms = { 0, 1000000 };

static CK_ULONG
word (const void *pointer)
{
	return (CK_ULONG) (uintptr_t) pointer;
}

/* Our number of a backend's slot that was seen before, or CK_UNAVAILABLE_INFORMATION. */
static CK_SLOT_ID
find_number (CratonInstance *instance, const CratonChannel *channel, CK_SLOT_ID remote)
{
	size_t n = atomic_load (&instance->n_slots);

	for (CK_SLOT_ID id = 0; id < n; id++) {
		if (instance->slots[id].channel == channel && instance->slots[id].remote == remote)
			return id;
	}
	return CK_UNAVAILABLE_INFORMATION;
}

/* The same, with a new number if it was not seen before; CK_UNAVAILABLE_INFORMATION when there are too many. */
static CK_SLOT_ID
number_slot (CratonInstance *instance, CratonChannel *channel, CK_SLOT_ID remote)
{
	CK_SLOT_ID id;
	size_t n;

	(void) pthread_mutex_lock (&instance->lock);
	n = atomic_load (&instance->n_slots);
	id = find_number (instance, channel, remote);
	if (id == CK_UNAVAILABLE_INFORMATION && n < CRATON_SLOTS_MAX) {
		id = n;
		instance->slots[n].channel = channel;
		instance->slots[n].remote = remote;
		atomic_store (&instance->slots[n].empty, false);
		atomic_store (&instance->slots[n].told, atomic_load (&channel->incarnation));
		atomic_store (&instance->n_slots, n + 1);
	}
	(void) pthread_mutex_unlock (&instance->lock);
	return id;
}

/* A backend hosts a module that may load p11-kit and with it us: then we offer nothing, or backends would start backends. */
bool
craton_slots_inside_backend (void)
{
	const char *pid = getenv ("CRATON_INSIDE");

	return pid != NULL && atol (pid) == (long) getpid ();
}

/* What C_GetSlotList may return. */
static CK_RV
slot_list_error (CK_RV rv)
{
	switch (rv) {
	case CKR_CRYPTOKI_NOT_INITIALIZED:
	case CKR_HOST_MEMORY:
	case CKR_FUNCTION_FAILED:
		return rv;
	default:
		return CKR_GENERAL_ERROR;
	}
}

static void
mark_slots (CratonInstance *instance, CratonChannel *channel, const CK_SLOT_ID *remotes, CK_ULONG n, bool *seen)
{
	for (CK_ULONG i = 0; i < n; i++) {
		CK_SLOT_ID id = number_slot (instance, channel, remotes[i]);

		if (id != CK_UNAVAILABLE_INFORMATION)
			seen[id] = true;
		else
			craton_log ("craton: more than %d slots; the others are left out", CRATON_SLOTS_MAX);
	}
}

/* Remembers which slots of a backend have a token, by what was marked. */
static void
note_tokens (CratonInstance *instance, const CratonChannel *channel, const bool *seen)
{
	size_t n = atomic_load (&instance->n_slots);

	for (CK_SLOT_ID id = 0; id < n; id++) {
		if (instance->slots[id].channel == channel)
			atomic_store (&instance->slots[id].empty, !seen[id]);
	}
}

/* Marks what was there before its backend died: an application keeps its slots, and hears from each what is the matter with it. False
 * if nothing is known. */
static bool
mark_known (CratonInstance *instance, const CratonChannel *channel, CK_BBOOL present, bool *seen)
{
	size_t n = atomic_load (&instance->n_slots);
	bool known = false;

	for (CK_SLOT_ID id = 0; id < n; id++) {
		if (instance->slots[id].channel != channel)
			continue;
		known = true;
		seen[id] = !present || !atomic_load (&instance->slots[id].empty);
	}
	return known;
}


/* Asking */

typedef enum {
	STEP_START,
	STEP_COUNT, /* a module may change its list only when it is asked for the count (PKCS#11 3.1, 5.5.1) */
	STEP_LIST,
	STEP_COUNT_PRESENT,
	STEP_LIST_PRESENT,
	STEP_DONE,
} Step;

/* One backend and how far it has come. */
typedef struct {
	CratonChannel *channel;
	CratonTarget target;
	Step step, last;
	bool begun; /* the call of this step */
	CratonUnderway call;
	CK_ULONG args[3];
	CK_SLOT_ID lists[2][CRATON_SLOTS_MAX]; /* all, and those with a token */
	CK_ULONG n[2];
	int64_t until_ms; /* when it is given up; 0: it is needed */
	CK_RV rv;
} Ask;

static void
give_up (Ask *ask, CK_RV rv)
{
	ask->rv = rv;
	ask->step = STEP_DONE;
	if (rv == CKR_PENDING || !atomic_load (&ask->channel->listed))
		atomic_store (&ask->channel->missed, true);
}

/* The time is over: what was begun goes on. */
static void
leave (Ask *ask)
{
	if (ask->begun)
		craton_call_abandon (&ask->call);
	give_up (ask, CKR_PENDING);
}

static void
prepare (Ask *ask, CratonChannel *channel, CK_BBOOL present)
{
	bool listed = atomic_load (&channel->listed);
	bool missed = atomic_load (&channel->missed);

	ask->channel = channel;
	ask->target = (CratonTarget) { .channel = channel, .slot = CK_UNAVAILABLE_INFORMATION };
	ask->last = present ? STEP_LIST_PRESENT : STEP_LIST;
	/* Without the first backend nothing is known. */
	if (listed || channel->index != 0)
		ask->until_ms = craton_restart_now_ms () + (listed || missed ? KNOWN_MS : NEW_MS);
}

bool
craton_slots_out_of_reach (CratonChannel *channel)
{
	const CratonProcess process = { atomic_load (&channel->pid), atomic_load (&channel->started) };

	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		if (atomic_load (&channel->lanes[i].use) == CRATON_LANE_FREE)
			return false;
	}
	return craton_process_state (&process) == CRATON_PROCESS_STOPPED;
}

/* Whether it has not answered somebody before, and has not by now; or is stopped, so that not even a lane can be had. */
static bool
is_stuck (Ask *ask)
{
	CratonChannel *channel = ask->channel;
	int64_t since_ms = craton_channel_unpark (channel);

	if (since_ms != 0) {
		(void) craton_call_overdue (channel, ask->target.incarnation, since_ms);
		return true;
	}
	return craton_slots_out_of_reach (channel);
}

static CK_RV
start (Ask *ask)
{
	CratonChannel *channel = ask->channel;
	CK_RV rv = ask->until_ms == 0 ? craton_channel_start (channel, &ask->target.incarnation)
	                              : craton_channel_try_start (channel, &ask->target.incarnation);

	if (rv == CKR_PENDING && atomic_load (&channel->missed))
		leave (ask);
	if (rv == CKR_OK && ask->until_ms != 0 && is_stuck (ask))
		leave (ask);
	return rv;
}

static CK_RV
begin_call (Ask *ask)
{
	bool present = ask->step >= STEP_COUNT_PRESENT;
	bool counts = ask->step == STEP_COUNT || ask->step == STEP_COUNT_PRESENT;
	CK_RV rv;

	ask->n[present] = counts ? 0 : CRATON_SLOTS_MAX;
	ask->args[0] = present ? CK_TRUE : CK_FALSE;
	ask->args[1] = counts ? 0 : word (ask->lists[present]);
	ask->args[2] = word (&ask->n[present]);
	rv = craton_call_begin (&ask->call, &ask->target, CRATON_C_GetSlotList, ask->args);
	ask->begun = rv == CKR_OK;
	return ask->begun ? CKR_PENDING : rv;
}

/* One step on, after a wait of @slice_ms at the most. */
static void
go_on (Ask *ask, int slice_ms)
{
	CK_RV rv;

	if (ask->step == STEP_START)
		rv = start (ask);
	else if (ask->begun)
		rv = craton_call_go_on (&ask->call, slice_ms);
	else
		rv = begin_call (ask);
	if (ask->step == STEP_DONE)
		return;
	if (rv == CKR_PENDING) {
		if (ask->until_ms != 0 && craton_restart_now_ms () >= ask->until_ms)
			leave (ask);
		return;
	}
	ask->begun = false;
	if (rv != CKR_OK) {
		give_up (ask, rv);
		return;
	}
	if (ask->step++ == ask->last)
		ask->step = STEP_DONE;
}

/* Until each has answered or is given up. Those that are asked first are begun first: they work at the same time. */
static void
run (Ask *asks, size_t n)
{
	size_t n_left = n;

	while (n_left > 0) {
		size_t n_waiting = 0;

		n_left = 0;
		for (size_t i = 0; i < n; i++) {
			Ask *ask = &asks[i];

			if (ask->step != STEP_DONE && !ask->begun)
				go_on (ask, 0);
			if (ask->step != STEP_DONE && !ask->begun && ask->step != STEP_START)
				go_on (ask, 0);
		}
		for (size_t i = 0; i < n; i++) {
			if (asks[i].step != STEP_DONE && asks[i].begun)
				go_on (&asks[i], n_waiting++ == 0 ? SLICE_MS : 1);
			n_left += asks[i].step != STEP_DONE;
		}
		/* What is left is started, by us or by another thread. */
		if (n_waiting == 0 && n_left > 0)
			(void) nanosleep (&pause_1ms, NULL);
	}
}

/* Marks what an answer has, and remembers it. */
static void
take_answer (CratonInstance *instance, const Ask *ask, CK_BBOOL present, bool *seen)
{
	CratonChannel *channel = ask->channel;

	/* All slots are numbered whether or not they hold a token, so that their order does not depend on it. */
	if (ask->rv == CKR_OK && present) {
		for (CK_ULONG i = 0; i < ask->n[0]; i++)
			(void) number_slot (instance, channel, ask->lists[0][i]);
	}
	if (ask->rv == CKR_OK) {
		mark_slots (instance, channel, ask->lists[present != 0], ask->n[present != 0], seen);
		atomic_store (&channel->listed, true);
		atomic_store (&channel->missed, false);
	}
	if (ask->rv == CKR_OK && present)
		note_tokens (instance, channel, seen);
}

/* Whether the list can go without an answer of that kind: one killed under the question, not started again for a moment, or slow. */
static bool
is_missing (CK_RV rv)
{
	return rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR || rv == CKR_PENDING;
}

/* Asks @n backends. An error only if one without which nothing is known has failed, or C_Finalize has come. */
static CK_RV
ask_all (CratonInstance *instance, CratonChannel *channels, size_t n, CK_BBOOL present, bool *seen, bool *ret_all)
{
	Ask *asks = n > 0 ? calloc (n, sizeof *asks) : NULL;
	CK_RV rv = CKR_OK;

	*ret_all = true;
	if (n == 0)
		return CKR_OK;
	if (asks == NULL)
		return CKR_HOST_MEMORY;
	for (size_t i = 0; i < n; i++)
		prepare (&asks[i], &channels[i], present);
	run (asks, n);
	for (size_t i = 0; i < n; i++) {
		CK_RV channel_rv = asks[i].rv;

		take_answer (instance, &asks[i], present, seen);
		*ret_all = *ret_all && channel_rv == CKR_OK;
		if (is_missing (channel_rv) && mark_known (instance, asks[i].channel, present, seen))
			channel_rv = CKR_OK;
		if (channel_rv != CKR_OK && (asks[i].channel->index == 0 || channel_rv == CKR_CRYPTOKI_NOT_INITIALIZED))
			rv = slot_list_error (channel_rv);
	}
	free (asks);
	return rv;
}

/* A hosted module that fails and was never heard of is left out (and logged where it failed); without the first backend nothing is
 * known, and that is an error. It says how many others there are, and starts them. */
CK_RV
craton_slots_gather (CratonInstance *instance, CK_BBOOL present, bool *seen)
{
	bool answered;
	size_t n;
	CK_RV rv;

	if (craton_slots_inside_backend ())
		return CKR_OK;
	rv = ask_all (instance, &instance->channels[0], 1, present, seen, &answered);
	n = atomic_load (&instance->n_channels);
	if (rv != CKR_OK)
		return rv;
	if (answered)
		return ask_all (instance, &instance->channels[1], n - 1, present, seen, &answered);
	for (size_t i = 1; i < n; i++)
		(void) mark_known (instance, &instance->channels[i], present, seen);
	return CKR_OK;
}

CK_SLOT_ID
craton_slots_find (CratonInstance *instance, CratonChannel *channel, CK_SLOT_ID remote)
{
	CK_SLOT_ID id = find_number (instance, channel, remote);
	bool seen[CRATON_SLOTS_MAX] = { false }, answered;

	/* One that it has just added is in its list by now; one that is not even there is none. */
	if (id == CK_UNAVAILABLE_INFORMATION)
		(void) ask_all (instance, channel, 1, CK_FALSE, seen, &answered);
	return find_number (instance, channel, remote);
}
