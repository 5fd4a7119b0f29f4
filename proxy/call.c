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
#include "trace.h"

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

/* Bytes of a lane that are cleared after each call. */
#define WIPE_MAX ((size_t) 64 << 10)
#define WIPE_BEHIND ((size_t) 1 << 10)

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
	for (unsigned int i = 0; i == 0 || i < atomic_load (&instance->n_channels); i++)
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
	(void) atomic_fetch_add (&instance->n_ends, 1);
	if (!instance->bound)
		craton_fork_note (0);
	craton_channel_close_all (instance->channels, atomic_load (&instance->n_channels));
	craton_router_reset (instance);
	atomic_store (&instance->state, STATE (mark, PHASE_NONE));
	return CKR_OK;
}

/* The request, in the lane's memory; what it says of the sizes is the same whether it fits or not. */
static void
put_request (CratonWire *wire, const CratonTarget *target, const CratonLane *lane, const CratonCallRow *row, const CK_ULONG *args)
{
	craton_wire_init (wire);
	wire->flat = target->channel->flat;
	wire->n_flat = target->channel->n_flat;
	wire->result = target->result;
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
prepare (const CratonTarget *target, const CratonCallRow *row, const CK_ULONG *args, CratonWire *wire, CratonLaneSlot **ret_slot)
{
	CratonChannel *channel = target->channel;
	size_t data_len = 0;
	CratonLaneSlot *slot;

	for (;;) {
		CK_RV rv = craton_channel_take_lane (channel, target->incarnation, data_len, &slot);

		if (rv != CKR_OK)
			return rv;
		put_request (wire, target, &slot->lane, row, args);
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

/* How long the call may take, 0 for ever. A wait for an event is meant to be long, and a NULL PIN has somebody type it at the token
 * (PKCS#11 3.2, CKF_PROTECTED_AUTHENTICATION_PATH): people take their time. */
static int64_t
time_limit_ms (const CratonTarget *target, uint32_t call, const CK_ULONG *args)
{
	size_t arg = 0;

	if (call == CRATON_C_WaitForSlotEvent)
		return 0;
	for (const char *letter = craton_calls[call].signature; *letter != '\0'; letter++) {
		if (*letter == 'p' && args[arg] == 0)
			return 0;
		arg += strlen (craton_kind (*letter)->args);
	}
	return craton_channel_timeout_ms (target->channel, target->slot);
}

/* Whether a backend has had a call for longer than it may. */
static bool
is_over_limit (const CratonTarget *target, uint32_t call, const CK_ULONG *args, int64_t waited_ms)
{
	const CratonChannel *channel = target->channel;
	int64_t limit_ms = time_limit_ms (target, call, args);

	if (limit_ms == 0 || waited_ms < limit_ms)
		return false;
	craton_log ("craton: %s%s has not answered %s for %ld s and is killed; its sessions are lost (call-timeout in craton.conf)",
	            channel->index == 0 ? "the token process" : "module ", channel->name, craton_calls[call].name,
	            (long) (limit_ms / 1000));
	return true;
}

/* What of a slice has passed. A signal may have cut it short; and while this process was stopped, the backend may have been, too. */
static int64_t
slice_passed (int slice_ms, int64_t *inout_before_ms)
{
	int64_t now_ms = craton_restart_now_ms ();
	int64_t passed_ms = *inout_before_ms != 0 ? now_ms - *inout_before_ms : slice_ms;

	*inout_before_ms = now_ms;
	return passed_ms < 2 * slice_ms ? passed_ms : 2 * slice_ms;
}

/* What a slice of waiting has brought: CKR_OK, the reply; CKR_PENDING; or the backend is gone or this process has given up on it. */
static CK_RV
await_slice (CratonUnderway *underway, int slice_ms, bool look)
{
	const CratonTarget *target = &underway->target;
	CratonChannel *channel = target->channel;

	switch (craton_lane_await_reply (&underway->lane, slice_ms, look, &underway->call)) {
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
	if (atomic_load (&channel->incarnation) != target->incarnation || !craton_channel_alive (channel, slice_ms == LAST_SLICE_MS))
		return CKR_DEVICE_REMOVED;
	underway->waited_ms += slice_passed (slice_ms, &underway->before_ms);
	if (is_over_limit (target, underway->call.call, underway->args, underway->waited_ms)) {
		craton_channel_kill (channel, target->incarnation);
		return CKR_DEVICE_REMOVED;
	}
	return CKR_PENDING;
}

static CK_RV
await_reply (CratonUnderway *underway)
{
	int slice_ms = FIRST_SLICE_MS;
	CK_RV rv = await_slice (underway, slice_ms, true);

	while (rv == CKR_PENDING) {
		slice_ms = slice_ms * 2 < LAST_SLICE_MS ? slice_ms * 2 : LAST_SLICE_MS;
		rv = await_slice (underway, slice_ms, false);
	}
	return rv;
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

/* What lay in the lane for this call: any of it may be plaintext. Of bulk data the beginning, which costs a microsecond or two; the
 * rest stays until a call as large overwrites it, or the lane is unmapped. Of the room that a caller has announced, what was used, and
 * a little more, which a module may have used in between; of that of a call that failed, as much as of bulk data. */
static void
wipe_lane (CratonLane *lane, const CratonLaneCall *call, const CratonWire *wire, CK_RV rv)
{
	size_t out = craton_lane_out_offset (call->request_len);
	size_t reply = craton_lane_reply_offset (call->request_len, call->out_len);
	size_t used = rv == CKR_OK && wire->out_used < call->out_len ? wire->out_used + WIPE_BEHIND : call->out_len;

	if (wire->secret) {
		craton_wipe (lane->data, reply + call->reply_len);
		return;
	}
	used = out + (used < call->out_len ? used : call->out_len);
	craton_wipe (lane->data, used < WIPE_MAX ? used : WIPE_MAX);
	craton_wipe (lane->data + reply, call->reply_len < WIPE_MAX ? call->reply_len : WIPE_MAX);
}

CK_RV
craton_call_begin (CratonUnderway *underway, const CratonTarget *target, CratonCallId id, const CK_ULONG *args)
{
	CK_RV rv;

	underway->target = *target;
	underway->row = &craton_calls[id];
	underway->args = args;
	underway->waited_ms = 0;
	underway->before_ms = 0;
	rv = prepare (target, underway->row, args, &underway->wire, &underway->slot);
	if (rv != CKR_OK)
		return rv;
	/* A signal handler may fork during the call, and the child may call C_Initialize in it, which forgets all lanes, before it comes
	 * back to here: so this goes by a copy, whose mark is the parent's. */
	underway->lane = underway->slot->lane;
	underway->call = (CratonLaneCall) {
		.call = id,
		.request_len = underway->wire.buf.pos,
		.out_len = underway->wire.out_len,
	};
	craton_lane_submit (&underway->lane, id, underway->call.request_len, underway->call.out_len);
	return CKR_OK;
}

static void
leave_lane (CratonUnderway *underway)
{
	CratonLane *lane = &underway->slot->lane;

	lane->sequence = underway->lane.sequence;
	lane->brisk_ns = underway->lane.brisk_ns;
}

/* @rv: of the wait for it. */
static CK_RV
end_call (CratonUnderway *underway, CK_RV rv)
{
	CratonChannel *channel = underway->target.channel;

	if (craton_check_fork_since (underway->lane.mark))
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (rv == CKR_DEVICE_ERROR) {
		craton_log ("craton: %s: the backend answered nonsense and is given up; its sessions are lost", underway->row->name);
		craton_channel_kill (channel, underway->target.incarnation);
	}
	if (rv == CKR_OK) {
		rv = take_reply (&underway->wire, &underway->lane, &underway->call, underway->row, underway->args);
		wipe_lane (&underway->lane, &underway->call, &underway->wire, rv);
	}
	leave_lane (underway);
	craton_channel_give_lane (channel, underway->slot);
	return rv;
}

CK_RV
craton_call_go_on (CratonUnderway *underway, int slice_ms)
{
	CK_RV rv = await_slice (underway, slice_ms, true);

	return rv == CKR_PENDING ? rv : end_call (underway, rv);
}

void
craton_call_abandon (CratonUnderway *underway)
{
	if (craton_check_fork_since (underway->lane.mark))
		return;
	leave_lane (underway);
	craton_channel_park_lane (underway->target.channel, underway->slot, &underway->call,
	                          craton_restart_now_ms () - underway->waited_ms);
}

bool
craton_call_resume (CratonUnderway *underway, const CratonTarget *target, CratonLaneSlot *slot, const CK_ULONG *args)
{
	uint32_t parked = CRATON_LANE_PARKED;

	if (!atomic_compare_exchange_strong (&slot->use, &parked, CRATON_LANE_BUSY))
		return false;
	craton_wire_init (&underway->wire);
	underway->target = *target;
	underway->row = &craton_calls[slot->parked.call];
	underway->args = args;
	underway->slot = slot;
	underway->lane = slot->lane;
	underway->call = slot->parked;
	underway->waited_ms = craton_restart_now_ms () - slot->parked_ms;
	underway->before_ms = 0;
	return true;
}

bool
craton_call_overdue (CratonChannel *channel, uint32_t incarnation, int64_t since_ms)
{
	const CratonTarget target = { .channel = channel, .incarnation = incarnation, .slot = CK_UNAVAILABLE_INFORMATION };

	if (!is_over_limit (&target, CRATON_C_GetSlotList, NULL, craton_restart_now_ms () - since_ms))
		return false;
	craton_channel_kill (channel, incarnation);
	return true;
}

CK_RV
craton_call_init (const CratonTarget *target, CratonCallId id, const CK_ULONG *args, uint64_t *ret_length)
{
	CratonUnderway underway;
	CK_RV rv = craton_call_begin (&underway, target, id, args);

	if (rv == CKR_OK)
		rv = end_call (&underway, await_reply (&underway));
	*ret_length = rv == CKR_OK ? underway.call.length : 0;
	return rv;
}

CK_RV
craton_call_target (const CratonTarget *target, CratonCallId id, const CK_ULONG *args)
{
	uint64_t length;

	return craton_call_init (target, id, args, &length);
}

static CK_RV
make_call (CratonInstance *instance, CratonCallId call, const CK_ULONG *args)
{
	if (call == CRATON_C_Initialize)
		return initialize (instance, (const CK_C_INITIALIZE_ARGS *) (uintptr_t) args[0]);
	if (call == CRATON_C_Finalize)
		return finalize (instance, (const void *) (uintptr_t) args[0]);
	if (!craton_instance_ready (instance, call))
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	if (craton_calls[call].hand)
		return craton_router_call (instance, call, args);
	return craton_router_forward (instance, call, args);
}

/* Its stack is used only where calls are traced. */
__attribute__ ((noinline)) static CK_RV
make_traced_call (CratonInstance *instance, CratonCallId call, const CK_ULONG *args)
{
	CratonTrace trace;
	CK_RV rv;

	craton_trace_begin (&trace, call, args);
	rv = make_call (instance, call, args);
	craton_trace_end (&trace, call, args, rv);
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
	rv = craton_trace_on () ? make_traced_call (instance, call, args) : make_call (instance, call, args);
	(void) pthread_setcancelstate (cancel, NULL);
	errno = saved_errno;
	return rv;
}
