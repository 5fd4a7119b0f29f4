/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions, and the functions that are about slots (slots.c has the list). Session handles are the proxy's own and are not used again while a stale one could be about;
 * each remembers which life of its backend it belongs to. Object handles pass through.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "instance.h"
#include "log.h"
#include "mechs.h"

/* How often a blocked C_WaitForSlotEvent looks at the backends. */
#define EVENT_POLL_MS 200

/* A question for a length with more data than this is put to the backend: it may be too much. */
#define LENGTH_DATA_MAX ((CK_ULONG) 1 << 20)

/* How long each look waits for those that have not answered, and for one of them before the others are looked at. */
#define EVENT_WAIT_MS 1000
#define EVENT_SLICE_MS 5

static CK_ULONG
word (const void *pointer)
{
	return (CK_ULONG) (uintptr_t) pointer;
}

static void *
pointer (CK_ULONG arg)
{
	return (void *) (uintptr_t) arg;
}

/* Sessions */

static CratonSessionEntry *
entry_at (CratonInstance *instance, uint32_t index)
{
	CratonSessionEntry *chunk = atomic_load (&instance->sessions[index / CRATON_SESSION_CHUNK]);

	return chunk == NULL ? NULL : &chunk[index % CRATON_SESSION_CHUNK];
}

/* The entry of a handle from the caller, copied; false if there is none. The entry is read before and after: it may be freed and
 * used again by another thread in between. */
static bool
find_session (CratonInstance *instance, CK_SESSION_HANDLE handle, CratonSessionEntry *ret_entry)
{
	CratonSessionEntry *entry = entry_at (instance, handle & (CRATON_SESSIONS_MAX - 1));

	if (handle == 0 || entry == NULL || atomic_load (&entry->handle) != handle)
		return false;
	ret_entry->remote = atomic_load (&entry->remote);
	ret_entry->channel = atomic_load (&entry->channel);
	ret_entry->incarnation = atomic_load (&entry->incarnation);
	ret_entry->slot = atomic_load (&entry->slot);
	ret_entry->result = atomic_load (&entry->result);
	ret_entry->length = atomic_load (&entry->length);
	return atomic_load (&entry->handle) == handle &&
	       atomic_load (&ret_entry->channel->incarnation) == ret_entry->incarnation;
}

/* An unused entry, under the lock; NULL when all are in use or memory runs out. */
static CratonSessionEntry *
take_entry (CratonInstance *instance, uint32_t *ret_index)
{
	uint32_t index = instance->free_session;
	CratonSessionEntry *entry;

	if (index != 0) {
		entry = entry_at (instance, index - 1);
		instance->free_session = entry->next_free;
		*ret_index = index - 1;
		return entry;
	}
	index = instance->n_sessions;
	if (index == CRATON_SESSIONS_MAX)
		return NULL;
	if (entry_at (instance, index) == NULL) {
		CratonSessionEntry *chunk = calloc (CRATON_SESSION_CHUNK, sizeof *chunk);

		if (chunk == NULL)
			return NULL;
		atomic_store (&instance->sessions[index / CRATON_SESSION_CHUNK], chunk);
	}
	instance->n_sessions++;
	*ret_index = index;
	return entry_at (instance, index);
}

static CK_SESSION_HANDLE
add_session (CratonInstance *instance, CK_SESSION_HANDLE remote, CratonChannel *channel, uint32_t incarnation, CK_SLOT_ID slot)
{
	CratonSessionEntry *entry;
	CK_SESSION_HANDLE handle = 0;
	uint32_t index;

	(void) pthread_mutex_lock (&instance->lock);
	entry = take_entry (instance, &index);
	if (entry != NULL) {
		do
			handle = ++instance->serial << CRATON_SESSION_INDEX_BITS | index;
		while (handle == 0);
		atomic_store (&entry->remote, remote);
		atomic_store (&entry->channel, channel);
		atomic_store (&entry->incarnation, incarnation);
		atomic_store (&entry->slot, slot);
		atomic_store (&entry->result, 0);
		atomic_store (&entry->length, 0);
		atomic_store (&entry->handle, handle);
	}
	(void) pthread_mutex_unlock (&instance->lock);
	return handle;
}

/* What the session's C_Sign gives from now on, and how much of it, or of its C_Digest's. */
static void
note_output (CratonInstance *instance, CK_SESSION_HANDLE handle, unsigned int result, uint64_t length)
{
	CratonSessionEntry *entry = entry_at (instance, handle & (CRATON_SESSIONS_MAX - 1));

	if (entry == NULL || (atomic_load (&entry->result) == result && atomic_load (&entry->length) == length))
		return;
	(void) pthread_mutex_lock (&instance->lock);
	if (atomic_load (&entry->handle) == handle) {
		atomic_store (&entry->result, result);
		atomic_store (&entry->length, length);
	}
	(void) pthread_mutex_unlock (&instance->lock);
}

/* A length with the call that will give so much, and the number of logouts before it, which end operations in all sessions. Every other call
 * in the session makes it void; so would another process that initialises the token anew, which the next call that travels finds out. */
static uint64_t
length_of (uint32_t n_logouts, CratonCallId call, uint64_t length_and_1)
{
	return (uint64_t) (uint16_t) n_logouts << 48 | (uint64_t) call << 32 | (uint32_t) length_and_1;
}

/* Answers the question for a length where the backend need not be asked. */
static bool
answer_length (const CratonSessionEntry *session, CratonCallId call, const CK_ULONG *args)
{
	uint32_t n_logouts = atomic_load (&session->channel->n_logouts);
	CK_ULONG *len;

	if ((call != CRATON_C_Sign && call != CRATON_C_Digest) || session->length != length_of (n_logouts, call, session->length))
		return false;
	len = pointer (args[4]);
	if (args[3] != 0 || len == NULL || (args[1] == 0 && args[2] != 0) || args[2] > LENGTH_DATA_MAX)
		return false;
	*len = (uint32_t) session->length - 1;
	return true;
}

/* Under the lock. */
static void
free_entry (CratonInstance *instance, uint32_t index)
{
	CratonSessionEntry *entry = entry_at (instance, index);

	atomic_store (&entry->handle, 0);
	entry->next_free = instance->free_session;
	instance->free_session = index + 1;
}

static void
remove_session (CratonInstance *instance, CK_SESSION_HANDLE handle)
{
	uint32_t index = handle & (CRATON_SESSIONS_MAX - 1);

	(void) pthread_mutex_lock (&instance->lock);
	if (atomic_load (&entry_at (instance, index)->handle) == handle)
		free_entry (instance, index);
	(void) pthread_mutex_unlock (&instance->lock);
}

/* Frees the sessions of a slot, or with a NULL @slot those whose backend is gone. */
static void
remove_sessions (CratonInstance *instance, const CK_SLOT_ID *slot)
{
	(void) pthread_mutex_lock (&instance->lock);
	for (uint32_t i = 0; i < instance->n_sessions; i++) {
		CratonSessionEntry *entry = entry_at (instance, i);
		bool stale;

		if (atomic_load (&entry->handle) == 0)
			continue;
		stale = atomic_load (&entry->channel->incarnation) != entry->incarnation;
		if (stale || (slot != NULL && entry->slot == *slot))
			free_entry (instance, i);
	}
	(void) pthread_mutex_unlock (&instance->lock);
}

void
craton_router_reset (CratonInstance *instance)
{
	(void) pthread_mutex_lock (&instance->lock);
	/* The serial number goes on, so that a handle from before is not valid again by chance. */
	for (uint32_t i = 0; i < instance->n_sessions; i++)
		atomic_store (&entry_at (instance, i)->handle, 0);
	instance->n_sessions = 0;
	instance->free_session = 0;
	atomic_store (&instance->n_slots, 0);
	(void) pthread_mutex_unlock (&instance->lock);
}

void
craton_router_clear (CratonInstance *instance)
{
	for (size_t i = 0; i < CRATON_SESSIONS_MAX / CRATON_SESSION_CHUNK; i++) {
		free (atomic_load (&instance->sessions[i]));
		atomic_store (&instance->sessions[i], NULL);
	}
}

/* Slots */

static CK_RV
get_slot_list (CratonInstance *instance, const CK_ULONG *args)
{
	CK_SLOT_ID *list = pointer (args[1]);
	CK_ULONG *count = pointer (args[2]);
	bool seen[CRATON_SLOTS_MAX] = { false };
	CK_ULONG n = 0;
	CK_RV rv;

	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_slots_gather (instance, (CK_BBOOL) args[0], seen);
	if (rv != CKR_OK)
		return rv;
	for (CK_SLOT_ID id = 0; id < CRATON_SLOTS_MAX; id++) {
		if (seen[id] && list != NULL && n < *count)
			list[n] = id;
		n += seen[id];
	}
	rv = list != NULL && n > *count ? CKR_BUFFER_TOO_SMALL : CKR_OK;
	*count = n;
	return rv;
}

/* The backend of a slot, started. A caller that never asked for the list gets it made here. */
static CK_RV
find_slot (CratonInstance *instance, CK_SLOT_ID id, CratonTarget *ret_target)
{
	bool seen[CRATON_SLOTS_MAX] = { false };
	CK_RV rv;

	if (atomic_load (&instance->n_slots) == 0) {
		rv = craton_slots_gather (instance, CK_FALSE, seen);
		if (rv != CKR_OK)
			return rv;
	}
	if (id >= atomic_load (&instance->n_slots))
		return CKR_SLOT_ID_INVALID;
	ret_target->channel = instance->slots[id].channel;
	ret_target->slot = instance->slots[id].remote;
	rv = craton_channel_start (ret_target->channel, &ret_target->incarnation);
	switch (rv) {
	case CKR_OK:
	case CKR_CRYPTOKI_NOT_INITIALIZED:
	case CKR_HOST_MEMORY:
	case CKR_DEVICE_ERROR:
		return rv;
	default:
		return CKR_DEVICE_REMOVED;
	}
}

static CratonTarget
target_of (const CratonInstance *instance, const CratonSessionEntry *session)
{
	return (CratonTarget) { session->channel, session->incarnation, instance->slots[session->slot].remote, session->result };
}

/* A call in a session. @ret_length: as of craton_call_init(). */
static CK_RV
forward_session (CratonInstance *instance, CratonCallId call, const CK_ULONG *args, uint64_t *ret_length)
{
	CK_ULONG routed[CRATON_ARGS_MAX];
	CratonSessionEntry session;
	CratonTarget target;
	CK_RV rv;

	*ret_length = 0;
	if (!find_session (instance, args[0], &session))
		return CKR_SESSION_HANDLE_INVALID;
	if (session.length != 0 && answer_length (&session, call, args))
		return CKR_OK;
	if (session.length != 0)
		note_output (instance, args[0], session.result, 0);
	target = target_of (instance, &session);
	routed[0] = session.remote;
	for (size_t i = 1; i < craton_calls[call].n_args; i++)
		routed[i] = args[i];
	rv = craton_call_init (&target, call, routed, ret_length);
	if (call == CRATON_C_Logout)
		atomic_fetch_add (&session.channel->n_logouts, 1);
	return rv;
}

CK_RV
craton_router_forward (CratonInstance *instance, CratonCallId call, const CK_ULONG *args)
{
	CK_ULONG routed[CRATON_ARGS_MAX];
	CratonTarget target;
	uint64_t length;
	CK_RV rv;

	if (craton_calls[call].signature[0] == 's')
		return forward_session (instance, call, args, &length);
	rv = find_slot (instance, args[0], &target);
	if (rv != CKR_OK)
		return rv;
	routed[0] = target.slot;
	for (size_t i = 1; i < craton_calls[call].n_args; i++)
		routed[i] = args[i];
	return craton_call_target (&target, call, routed);
}

static CK_RV
open_session (CratonInstance *instance, const CK_ULONG *args)
{
	CK_SESSION_HANDLE *ret_handle = pointer (args[4]);
	CK_SESSION_HANDLE remote = 0, handle;
	CK_ULONG routed[] = { 0, args[1], 0, 0, ret_handle == NULL ? 0 : word (&remote) };
	CratonTarget target;
	CK_RV rv = find_slot (instance, args[0], &target);

	if (rv != CKR_OK)
		return rv;
	routed[0] = target.slot;
	rv = craton_call_target (&target, CRATON_C_OpenSession, routed);
	if (rv != CKR_OK)
		return rv;
	if (ret_handle == NULL)
		return CKR_ARGUMENTS_BAD;
	handle = add_session (instance, remote, target.channel, target.incarnation, args[0]);
	if (handle == 0) {
		/* Entries of backends that died are kept until somebody needs them. */
		remove_sessions (instance, NULL);
		handle = add_session (instance, remote, target.channel, target.incarnation, args[0]);
	}
	if (handle == 0) {
		(void) craton_call_target (&target, CRATON_C_CloseSession, &remote);
		return CKR_SESSION_COUNT;
	}
	*ret_handle = handle;
	return CKR_OK;
}

static CK_RV
close_session (CratonInstance *instance, const CK_ULONG *args)
{
	CK_RV rv = craton_router_forward (instance, CRATON_C_CloseSession, args);

	if (rv == CKR_OK || rv == CKR_DEVICE_REMOVED)
		remove_session (instance, args[0]);
	return rv;
}

static CK_RV
close_all_sessions (CratonInstance *instance, const CK_ULONG *args)
{
	CK_RV rv = craton_router_forward (instance, CRATON_C_CloseAllSessions, args);

	if (rv == CKR_OK)
		remove_sessions (instance, &args[0]);
	return rv;
}

static CK_RV
get_session_info (CratonInstance *instance, const CK_ULONG *args)
{
	CK_SESSION_INFO *info = pointer (args[1]);
	CratonSessionEntry session;
	CratonTarget target;
	CK_RV rv;

	if (!find_session (instance, args[0], &session))
		return CKR_SESSION_HANDLE_INVALID;
	target = target_of (instance, &session);
	rv = craton_call_target (&target, CRATON_C_GetSessionInfo, (const CK_ULONG[]) { session.remote, args[1] });
	if (rv == CKR_OK && info != NULL)
		info->slotID = session.slot;
	return rv;
}

/* The Init of @call. A C_Sign that gives a structure with pointers is told from the others by its mechanism, which comes here. */
static CK_RV
init_output (CratonInstance *instance, CratonCallId init, CratonCallId call, const CK_ULONG *args)
{
	const CK_MECHANISM *mechanism = pointer (args[1]);
	unsigned int result = 0;
	CratonSessionEntry session;
	uint32_t n_logouts;
	uint64_t length;
	CK_RV rv;

	if (!find_session (instance, args[0], &session))
		return CKR_SESSION_HANDLE_INVALID;
	n_logouts = atomic_load (&session.channel->n_logouts);
	rv = forward_session (instance, init, args, &length);
	if (rv != CKR_OK || mechanism == NULL)
		return rv;
	result = call == CRATON_C_Sign ? craton_mechs_result (mechanism->mechanism) : session.result;
	if (length != 0 && length <= UINT32_MAX && result == 0)
		length = length_of (n_logouts, call, length);
	else
		length = 0;
	note_output (instance, args[0], result, length);
	return rv;
}

/* A backend's death is the removal of its tokens, its new start their return: each is told once for each slot, the removal also if the
 * new one lives already, so that an application hears that its sessions are gone. */
static bool
find_change (CratonInstance *instance, CK_SLOT_ID *ret_slot)
{
	size_t n = atomic_load (&instance->n_slots);

	for (CK_SLOT_ID id = 0; id < n; id++) {
		CratonSlot *slot = &instance->slots[id];
		uint32_t told = atomic_load (&slot->told);
		uint32_t lives = atomic_load (&slot->channel->incarnation);

		if (told == lives)
			continue;
		if (atomic_compare_exchange_strong (&slot->told, &told, told != 0 ? 0 : lives)) {
			*ret_slot = id;
			return true;
		}
	}
	return false;
}

/* One backend that is asked whether there is an event. */
typedef struct {
	CratonTarget target;
	CratonUnderway call;
	CK_SLOT_ID remote;
	CK_ULONG args[3];
	bool open;  /* the question is put, and this thread's */
	bool again; /* it was waited for before: it gets a look, and no time */
} Look;

/* In place of a lane: a thread is about to ask, or waits for the answer. */
static CratonLaneSlot asking;

/* Asks, or goes on with a question that had no answer in time. CKR_PENDING: another thread does, or nothing can be heard. */
static CK_RV
begin_look (Look *look)
{
	CratonChannel *channel = look->target.channel;
	CratonLaneSlot *slot;
	CK_RV rv = CKR_OK;

	slot = craton_slots_out_of_reach (channel) ? &asking : atomic_exchange (&channel->event, &asking);
	if (slot == &asking)
		return CKR_PENDING;
	look->args[0] = CKF_DONT_BLOCK;
	look->args[1] = word (&look->remote);
	look->again = slot != NULL && atomic_load (&channel->event_of) == look->target.incarnation;
	if (look->again && !craton_call_resume (&look->call, &look->target, slot, look->args)) {
		atomic_store (&channel->event, slot);
		return CKR_PENDING;
	}
	if (!look->again)
		rv = craton_call_begin (&look->call, &look->target, CRATON_C_WaitForSlotEvent, look->args);
	look->open = rv == CKR_OK;
	if (!look->open)
		atomic_store (&channel->event, NULL);
	return rv;
}

/* A question without an answer stays: if the answer is an event, whoever looks next has it. */
static void
leave_look (Look *look)
{
	CratonChannel *channel = look->target.channel;

	craton_call_abandon (&look->call);
	atomic_store (&channel->event_of, look->target.incarnation);
	atomic_store (&channel->event, look->call.slot);
	look->open = false;
}

/* What a backend says of itself, and the questions to all of them. CKR_NO_EVENT: the answers are to be waited for. */
static CK_RV
begin_looks (CratonInstance *instance, Look *looks, size_t n, CK_SLOT_ID *ret_slot, bool *ret_able)
{
	for (size_t i = 0; i < n; i++) {
		CratonTarget *target = &looks[i].target;
		CK_RV rv;

		*target = (CratonTarget) { .channel = &instance->channels[i], .slot = CK_UNAVAILABLE_INFORMATION };
		/* What is dead is told before it lives again. */
		if (!craton_channel_alive (target->channel, true) && find_change (instance, ret_slot))
			return CKR_OK;
		/* One that takes its time to start keeps nobody from hearing of the others. */
		rv = craton_channel_try_start (target->channel, &target->incarnation);
		if (find_change (instance, ret_slot))
			return CKR_OK;
		if (rv == CKR_OK)
			rv = begin_look (&looks[i]);
		if (rv == CKR_CRYPTOKI_NOT_INITIALIZED)
			return rv;
		/* One that dies or is held back comes back, and that will be an event. */
		*ret_able = *ret_able || rv == CKR_PENDING || rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR;
	}
	return CKR_NO_EVENT;
}

/* Waits a moment for one answer. CKR_PENDING; CKR_NO_EVENT: it is over. */
static CK_RV
go_on_looking (CratonInstance *instance, Look *look, CK_SLOT_ID *ret_slot, bool *ret_able)
{
	CK_RV rv = craton_call_go_on (&look->call, look->again ? 0 : EVENT_SLICE_MS);

	if (rv == CKR_PENDING && look->again)
		leave_look (look);
	if (rv == CKR_PENDING) {
		*ret_able = true;
		return rv;
	}
	look->open = false;
	atomic_store (&look->target.channel->event, NULL);
	if (rv == CKR_CRYPTOKI_NOT_INITIALIZED)
		return rv;
	*ret_able = *ret_able || rv == CKR_OK || rv == CKR_NO_EVENT || rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR;
	if (rv == CKR_OK)
		*ret_slot = craton_slots_find (instance, look->target.channel, look->remote);
	return rv == CKR_OK && *ret_slot != CK_UNAVAILABLE_INFORMATION ? CKR_OK : CKR_NO_EVENT;
}

/* One look at all backends, which are asked at the same time: one that hangs costs a moment once. CKR_FUNCTION_NOT_SUPPORTED if none
 * of them can tell. */
static CK_RV
poll_events (CratonInstance *instance, CK_SLOT_ID *ret_slot)
{
	size_t n = craton_slots_inside_backend () ? 0 : atomic_load (&instance->n_channels), n_open = n;
	int64_t until_ms = craton_restart_now_ms () + EVENT_WAIT_MS;
	Look *looks = n > 0 ? calloc (n, sizeof *looks) : NULL;
	bool able = false;
	CK_RV rv;

	if (n > 0 && looks == NULL)
		return CKR_HOST_MEMORY;
	rv = begin_looks (instance, looks, n, ret_slot, &able);
	while (rv == CKR_NO_EVENT && n_open > 0 && craton_restart_now_ms () < until_ms) {
		n_open = 0;
		for (size_t i = 0; i < n && (rv == CKR_NO_EVENT || rv == CKR_PENDING); i++) {
			if (looks[i].open)
				rv = go_on_looking (instance, &looks[i], ret_slot, &able);
			n_open += looks[i].open;
		}
		if (rv == CKR_PENDING)
			rv = CKR_NO_EVENT;
	}
	for (size_t i = 0; i < n; i++) {
		if (looks[i].open)
			leave_look (&looks[i]);
	}
	free (looks);
	return rv == CKR_NO_EVENT && !able ? CKR_FUNCTION_NOT_SUPPORTED : rv;
}

/* Blocking is done here and not in a backend, so that C_Finalize ends it (PKCS#11 3.1, 5.5.4). */
static CK_RV
wait_for_slot_event (CratonInstance *instance, const CK_ULONG *args)
{
	const struct timespec pause = { 0, EVENT_POLL_MS * 1000000L };
	const uint64_t n_ends = atomic_load (&instance->n_ends);
	CK_SLOT_ID *ret_slot = pointer (args[1]);
	CK_SLOT_ID slot;
	CK_RV rv;

	if (ret_slot == NULL || args[2] != 0)
		return CKR_ARGUMENTS_BAD;
	while ((rv = poll_events (instance, &slot)) == CKR_NO_EVENT && (args[0] & CKF_DONT_BLOCK) == 0) {
		(void) nanosleep (&pause, NULL);
		/* C_Initialize may have followed in the meantime. */
		if (craton_instance_closing (instance) || atomic_load (&instance->n_ends) != n_ends)
			return CKR_CRYPTOKI_NOT_INITIALIZED;
	}
	if (rv == CKR_OK)
		*ret_slot = slot;
	return rv;
}

/* Space-padded, as the standard's fixed strings are. */
static void
pad (unsigned char *field, size_t len, const char *text)
{
	size_t n = strlen (text);

	memset (field, ' ', len);
	memcpy (field, text, n < len ? n : len);
}

static CK_RV
get_info (CratonInstance *instance, const CK_ULONG *args)
{
	CK_INFO *info = pointer (args[0]);
	const char *minor = strchr (PACKAGE_VERSION, '.');

	(void) instance;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	memset (info, 0, sizeof *info);
	info->cryptokiVersion = (CK_VERSION) { CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR };
	pad (info->manufacturerID, sizeof info->manufacturerID, "Craton");
	pad (info->libraryDescription, sizeof info->libraryDescription, "Craton token proxy");
	info->libraryVersion.major = (CK_BYTE) atoi (PACKAGE_VERSION);
	info->libraryVersion.minor = minor == NULL ? 0 : (CK_BYTE) atoi (minor + 1);
	return CKR_OK;
}

CK_RV
craton_router_call (CratonInstance *instance, CratonCallId call, const CK_ULONG *args)
{
	switch (call) {
	case CRATON_C_GetInfo:
		return get_info (instance, args);
	case CRATON_C_GetSlotList:
		return get_slot_list (instance, args);
	case CRATON_C_OpenSession:
		return open_session (instance, args);
	case CRATON_C_CloseSession:
		return close_session (instance, args);
	case CRATON_C_CloseAllSessions:
		return close_all_sessions (instance, args);
	case CRATON_C_GetSessionInfo:
		return get_session_info (instance, args);
	case CRATON_C_SignInit:
		return init_output (instance, call, CRATON_C_Sign, args);
	case CRATON_C_DigestInit:
		return init_output (instance, call, CRATON_C_Digest, args);
	case CRATON_C_WaitForSlotEvent:
		return wait_for_slot_event (instance, args);
	default:
		return CKR_FUNCTION_NOT_SUPPORTED;
	}
}
