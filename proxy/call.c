/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a function's arguments to its result: the state that C_Initialize and C_Finalize change and a fork invalidates, and the
 * marshalling of one call through a lane. Called by the stubs in module.c and by the closures of instances.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "craton.h"
#include "fork.h"
#include "instance.h"
#include "kinds.h"
#include "log.h"
#include "names.h"

/* The state is a fork mark and a phase in one word, so that a child's first C_Initialize can tell a copied state from one of its
 * own, and several threads that call it at once agree on who does it. No lock: it might have been copied while held. */
typedef enum {
	PHASE_NONE,
	PHASE_STARTING,
	PHASE_READY,
	PHASE_CLOSING,
} Phase;

#define STATE(mark, phase) ((mark) << 2 | (phase))
#define MARK_OF(state) ((state) >> 2)
#define PHASE_OF(state) ((Phase) ((state) & 3))

/* Slices of waiting for a reply: after each the backend is looked at, since its death wakes nobody. */
#define FIRST_SLICE_MS 5
#define LAST_SLICE_MS 40

/* Once in each child: operators of servers that fork are the ones who meet this. */
static void
tell_refusal (CratonInstance *instance, CratonCallId call)
{
	uint64_t told = atomic_load (&instance->told);
	uint64_t here = craton_fork_mark ();

	if (told != here && atomic_compare_exchange_strong (&instance->told, &told, here))
		craton_log ("craton: %s refused in pid %d, a fork (parent %d) of the process that called C_Initialize: "
		            "this process has to call C_Initialize itself before it uses PKCS#11 (see craton(7))",
		            craton_calls[call].name, (int) getpid (), (int) getppid ());
}

bool
craton_instance_ready (CratonInstance *instance, CratonCallId call)
{
	uint64_t state = atomic_load (&instance->state);

	if (PHASE_OF (state) != PHASE_READY)
		return false;
	switch (craton_fork_state (MARK_OF (state))) {
	case CRATON_FORK_SAME:
		return true;
	case CRATON_FORK_CHILD:
		tell_refusal (instance, call);
		return false;
	case CRATON_FORK_SHARED: /* to log it once it would have to remember it, in memory that is not its own */
	default:
		return false;
	}
}

bool
craton_instance_forked (CratonInstance *instance)
{
	uint64_t state = atomic_load (&instance->state);

	return PHASE_OF (state) == PHASE_READY && craton_check_fork_since (MARK_OF (state));
}

bool
craton_instance_closing (CratonInstance *instance)
{
	uint64_t state = atomic_load (&instance->state);

	return PHASE_OF (state) != PHASE_READY || craton_check_fork_since (MARK_OF (state));
}

/* PKCS#11 3.1, 5.4.1. We need no locks of the caller's, and could not use them: where it forbids those of the system, say so. */
static CK_RV
check_init_args (const CK_C_INITIALIZE_ARGS *args)
{
	int n_callbacks;

	if (args == NULL)
		return CKR_OK;
	n_callbacks = (args->CreateMutex != NULL) + (args->DestroyMutex != NULL) + (args->LockMutex != NULL) +
	              (args->UnlockMutex != NULL);
	if (args->pReserved != NULL || (n_callbacks != 0 && n_callbacks != 4))
		return CKR_ARGUMENTS_BAD;
	if (n_callbacks == 4 && (args->flags & CKF_OS_LOCKING_OK) == 0)
		return CKR_CANT_LOCK;
	return CKR_OK;
}

static CK_RV
initialize (CratonInstance *instance, const CK_C_INITIALIZE_ARGS *args)
{
	uint64_t mark = craton_fork_mark ();
	uint64_t state = atomic_load (&instance->state);
	CK_RV rv = check_init_args (args);

	if (craton_fork_state (mark) == CRATON_FORK_SHARED)
		return CKR_FUNCTION_FAILED;
	if (rv != CKR_OK)
		return rv;
	for (;;) {
		if (MARK_OF (state) == mark && PHASE_OF (state) == PHASE_READY)
			return CKR_CRYPTOKI_ALREADY_INITIALIZED;
		if (MARK_OF (state) == mark && PHASE_OF (state) != PHASE_NONE) {
			(void) sched_yield ();
			state = atomic_load (&instance->state);
		} else if (atomic_compare_exchange_weak (&instance->state, &state, STATE (mark, PHASE_STARTING))) {
			break;
		}
	}
	instance->lock = (pthread_mutex_t) PTHREAD_MUTEX_INITIALIZER;
	for (unsigned int i = 0; i < CRATON_CHANNELS_MAX; i++)
		craton_channel_reset (&instance->channels[i], instance, i);
	atomic_store (&instance->n_channels, 1);
	craton_router_reset (instance);
	if (!instance->bound)
		craton_fork_note (mark);
	atomic_store (&instance->state, STATE (mark, PHASE_READY));
	return CKR_OK;
}

static CK_RV
finalize (CratonInstance *instance, const void *reserved)
{
	uint64_t state = atomic_load (&instance->state);
	uint64_t mark = MARK_OF (state);

	if (!craton_instance_ready (instance, CRATON_C_Finalize))
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (reserved != NULL)
		return CKR_ARGUMENTS_BAD;
	if (!atomic_compare_exchange_strong (&instance->state, &state, STATE (mark, PHASE_CLOSING)))
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (!instance->bound)
		craton_fork_note (0);
	/* The first backend last: it waits for those that it started. */
	for (size_t i = CRATON_CHANNELS_MAX; i-- > 0;)
		craton_channel_close (&instance->channels[i]);
	craton_router_reset (instance);
	atomic_store (&instance->state, STATE (mark, PHASE_NONE));
	return CKR_OK;
}

/* The request, in the lane's memory; what it says of the sizes is the same whether it fits or not. */
static void
put_request (CratonWire *wire, const CratonChannel *channel, const CratonLane *lane, const CratonCallRow *row,
             const CK_ULONG *args)
{
	memset (wire, 0, sizeof *wire);
	wire->flat = channel->flat;
	wire->n_flat = channel->n_flat;
	craton_buf_init (&wire->buf, lane->data, lane->data_len);
	craton_kinds_put_request (wire, row, args);
}

static size_t
needed (const CratonWire *wire)
{
	size_t reply = craton_lane_reply_offset (wire->buf.pos, wire->out_len);

	return reply > SIZE_MAX / 2 || wire->reply_max > SIZE_MAX / 2 ? SIZE_MAX : reply + wire->reply_max;
}

static CK_RV
refuse (const CratonWire *wire, const CratonChannel *channel, const CratonCallRow *row)
{
	const char *name = craton_name (CRATON_NAME_CKM, wire->refused);

	if (wire->no_row)
		craton_log ("craton: %s%s%s: mechanism 0x%08lx%s%s has a parameter of unknown structure; if it is plain bytes, list the "
		            "mechanism in flat-mechanisms in craton.conf",
		            channel->name, channel->name[0] != '\0' ? ": " : "", row->name, wire->refused,
		            name != NULL ? " " : "", name != NULL ? name : "");
	return wire->rv;
}

/* Takes a lane and puts the request into it. Most calls fit the lane that is at hand; a larger one asks for its size. */
static CK_RV
prepare (CratonChannel *channel, uint32_t incarnation, const CratonCallRow *row, const CK_ULONG *args, CratonWire *wire,
         CratonLaneSlot **ret_slot)
{
	size_t data_len = 0;
	CratonLaneSlot *slot;

	for (;;) {
		CK_RV rv = craton_channel_take_lane (channel, incarnation, data_len, &slot);

		if (rv != CKR_OK)
			return rv;
		put_request (wire, channel, &slot->lane, row, args);
		if (wire->rv == CKR_OK && needed (wire) <= slot->lane.data_len) {
			*ret_slot = slot;
			return CKR_OK;
		}
		if (wire->secret)
			craton_wipe (slot->lane.data, wire->buf.pos < slot->lane.data_len ? wire->buf.pos : slot->lane.data_len);
		rv = wire->rv != CKR_OK ? refuse (wire, channel, row) : CKR_OK;
		data_len = needed (wire);
		craton_channel_give_lane (channel, slot);
		if (rv != CKR_OK)
			return rv;
		if (data_len > CRATON_LANE_DATA_MAX) {
			craton_log ("craton: %s with more than %zu MiB in one call; use several parts", row->name,
			            CRATON_LANE_DATA_MAX >> 20);
			return CKR_HOST_MEMORY;
		}
	}
}

/* Until the reply is there, the backend is gone or this process has given up on it. */
static CK_RV
await_reply (CratonChannel *channel, uint32_t incarnation, CratonLane *lane, CratonLaneCall *call)
{
	int slice_ms = FIRST_SLICE_MS;
	bool look = true;

	for (;;) {
		switch (craton_lane_await_reply (lane, slice_ms, look, call)) {
		case CRATON_LANE_READY:
			return CKR_OK;
		case CRATON_LANE_BROKEN:
			return CKR_DEVICE_ERROR;
		case CRATON_LANE_FORKED:
			return CKR_CRYPTOKI_NOT_INITIALIZED;
		case CRATON_LANE_TIMEOUT:
		default:
			break;
		}
		if (craton_instance_closing (channel->instance))
			return CKR_CRYPTOKI_NOT_INITIALIZED;
		if (atomic_load (&channel->incarnation) != incarnation || !craton_channel_alive (channel))
			return CKR_DEVICE_REMOVED;
		look = false;
		slice_ms = slice_ms * 2 < LAST_SLICE_MS ? slice_ms * 2 : LAST_SLICE_MS;
	}
}

static CK_RV
take_reply (CratonWire *wire, const CratonLane *lane, const CratonLaneCall *call, const CratonCallRow *row,
            const CK_ULONG *args)
{
	if (!call->understood)
		return call->rv == CKR_OK ? CKR_DEVICE_ERROR : call->rv;
	craton_buf_init (&wire->buf, lane->data + craton_lane_reply_offset (call->request_len, call->out_len), call->reply_len);
	wire->out = lane->data + craton_lane_out_offset (call->request_len);
	wire->out_pos = 0;
	craton_kinds_get_response (wire, row, call->rv, args);
	return craton_buf_done (&wire->buf) ? call->rv : CKR_DEVICE_ERROR;
}

CK_RV
craton_call_channel (CratonChannel *channel, uint32_t incarnation, CratonCallId id, const CK_ULONG *args)
{
	const CratonCallRow *row = &craton_calls[id];
	CratonLaneCall call = { .call = id };
	CratonLaneSlot *slot;
	CratonLane lane;
	CratonWire wire;
	CK_RV rv = prepare (channel, incarnation, row, args, &wire, &slot);

	if (rv != CKR_OK)
		return rv;
	/* A signal handler may fork during the call, and the child may call C_Initialize in it, which forgets all lanes, before it comes
	 * back to here: so this goes by a copy, whose mark is the parent's. */
	lane = slot->lane;
	call.request_len = wire.buf.pos;
	call.out_len = wire.out_len;
	craton_lane_submit (&lane, id, call.request_len, call.out_len);
	rv = await_reply (channel, incarnation, &lane, &call);
	if (craton_check_fork_since (lane.mark))
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (rv == CKR_DEVICE_ERROR) {
		craton_log ("craton: %s: the backend answered nonsense and is given up; its sessions are lost", row->name);
		craton_channel_drop (channel, incarnation);
	}
	if (rv == CKR_OK) {
		rv = take_reply (&wire, &lane, &call, row, args);
		if (wire.secret)
			craton_wipe (lane.data, craton_lane_reply_offset (call.request_len, call.out_len) + call.reply_len);
	}
	slot->lane.sequence = lane.sequence;
	craton_channel_give_lane (channel, slot);
	return rv;
}

CK_RV
craton_call (CratonInstance *instance, CratonCallId call, const CK_ULONG *args)
{
	int saved_errno = errno;
	int cancel;
	CK_RV rv;

	/* A thread cancelled in here would leave a lane or a lock taken. */
	(void) pthread_setcancelstate (PTHREAD_CANCEL_DISABLE, &cancel);
	if (call == CRATON_C_Initialize)
		rv = initialize (instance, (const CK_C_INITIALIZE_ARGS *) (uintptr_t) args[0]);
	else if (call == CRATON_C_Finalize)
		rv = finalize (instance, (const void *) (uintptr_t) args[0]);
	else if (!craton_instance_ready (instance, call))
		rv = CKR_CRYPTOKI_NOT_INITIALIZED;
	else if (craton_calls[call].hand)
		rv = craton_router_call (instance, call, args);
	else
		rv = craton_router_forward (instance, call, args);
	(void) pthread_setcancelstate (cancel, NULL);
	errno = saved_errno;
	return rv;
}
