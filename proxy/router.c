/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slots and sessions. Slots of all backends are one list, numbered from 0 in the order in which they were first seen, and keep
 * their numbers until C_Finalize. Session handles are the proxy's own and are not used again while a stale one could be about;
 * each remembers which life of its backend it belongs to. Object handles pass through.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "instance.h"
#include "log.h"

/* How often a blocked C_WaitForSlotEvent looks at the backends. */
#define EVENT_POLL_MS 200

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
		atomic_store (&entry->handle, handle);
	}
	(void) pthread_mutex_unlock (&instance->lock);
	return handle;
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

/* Our number of a backend's slot, a new one if it was not seen before; CK_UNAVAILABLE_INFORMATION when there are too many. */
static CK_SLOT_ID
number_slot (CratonInstance *instance, CratonChannel *channel, CK_SLOT_ID remote)
{
	CK_SLOT_ID id;
	size_t n;

	(void) pthread_mutex_lock (&instance->lock);
	n = atomic_load (&instance->n_slots);
	for (id = 0; id < n; id++) {
		if (instance->slots[id].channel == channel && instance->slots[id].remote == remote)
			break;
	}
	if (id == n && n < CRATON_SLOTS_MAX) {
		instance->slots[n] = (CratonSlot) { channel, remote };
		atomic_store (&instance->n_slots, n + 1);
	} else if (id == n) {
		id = CK_UNAVAILABLE_INFORMATION;
	}
	(void) pthread_mutex_unlock (&instance->lock);
	return id;
}

/* A backend's slot list, in @remotes with room for CRATON_SLOTS_MAX. */
static CK_RV
list_remote (CratonChannel *channel, CK_BBOOL present, CK_SLOT_ID *remotes, CK_ULONG *ret_n)
{
	CK_ULONG n = CRATON_SLOTS_MAX;
	CK_ULONG none = 0;
	const CK_ULONG refresh[] = { present, 0, word (&none) };
	const CK_ULONG fetch[] = { present, word (remotes), word (&n) };
	uint32_t incarnation;
	CK_RV rv = craton_channel_start (channel, &incarnation);

	/* A module may change its list only when it is asked for the count (PKCS#11 3.1, 5.5.1). */
	if (rv == CKR_OK)
		rv = craton_call_channel (channel, incarnation, CRATON_C_GetSlotList, refresh);
	if (rv == CKR_OK)
		rv = craton_call_channel (channel, incarnation, CRATON_C_GetSlotList, fetch);
	if (rv == CKR_OK)
		*ret_n = n;
	return rv;
}

/* A backend hosts a module that may load p11-kit and with it us: then we offer nothing, or backends would start backends. */
static bool
inside_backend (void)
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

/* Marks the slots that there are. A hosted module that fails is left out (and logged where it failed); without the first backend
 * nothing is known, and that is an error. */
static CK_RV
gather_slots (CratonInstance *instance, CK_BBOOL present, bool *seen)
{
	CK_SLOT_ID *remotes = calloc (CRATON_SLOTS_MAX, sizeof *remotes);
	CK_RV rv = remotes == NULL ? CKR_HOST_MEMORY : CKR_OK;
	size_t n_channels = inside_backend () ? 0 : 1;

	/* All slots are numbered whether or not they hold a token, so that their order does not depend on it. */
	for (size_t i = 0; rv == CKR_OK && i < n_channels; i++) {
		CratonChannel *channel = &instance->channels[i];
		CK_ULONG n = 0;
		CK_RV channel_rv = list_remote (channel, CK_FALSE, remotes, &n);

		if (channel_rv == CKR_OK && present) {
			for (CK_ULONG j = 0; j < n; j++)
				(void) number_slot (instance, channel, remotes[j]);
			channel_rv = list_remote (channel, CK_TRUE, remotes, &n);
		}
		if (channel_rv == CKR_OK)
			mark_slots (instance, channel, remotes, n, seen);
		else if (i == 0 || channel_rv == CKR_CRYPTOKI_NOT_INITIALIZED)
			rv = slot_list_error (channel_rv);
		/* The first backend says how many there are. */
		n_channels = atomic_load (&instance->n_channels);
	}
	free (remotes);
	return rv;
}

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
	rv = gather_slots (instance, (CK_BBOOL) args[0], seen);
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
find_slot (CratonInstance *instance, CK_SLOT_ID id, CratonSlot *ret_slot, uint32_t *ret_incarnation)
{
	bool seen[CRATON_SLOTS_MAX];
	CK_RV rv;

	if (atomic_load (&instance->n_slots) == 0) {
		rv = gather_slots (instance, CK_FALSE, seen);
		if (rv != CKR_OK)
			return rv;
	}
	if (id >= atomic_load (&instance->n_slots))
		return CKR_SLOT_ID_INVALID;
	*ret_slot = instance->slots[id];
	rv = craton_channel_start (ret_slot->channel, ret_incarnation);
	return rv == CKR_CRYPTOKI_NOT_INITIALIZED || rv == CKR_HOST_MEMORY || rv == CKR_OK ? rv : CKR_DEVICE_REMOVED;
}

CK_RV
craton_router_forward (CratonInstance *instance, CratonCallId call, const CK_ULONG *args)
{
	CK_ULONG routed[CRATON_ARGS_MAX];
	CratonSessionEntry session;
	CratonSlot slot;
	uint32_t incarnation;
	CK_RV rv;
	size_t n_args = craton_calls[call].n_args;

	for (size_t i = 1; i < n_args; i++)
		routed[i] = args[i];
	if (craton_calls[call].signature[0] == 's') {
		if (!find_session (instance, args[0], &session))
			return CKR_SESSION_HANDLE_INVALID;
		routed[0] = session.remote;
		return craton_call_channel (session.channel, session.incarnation, call, routed);
	}
	rv = find_slot (instance, args[0], &slot, &incarnation);
	if (rv != CKR_OK)
		return rv;
	routed[0] = slot.remote;
	return craton_call_channel (slot.channel, incarnation, call, routed);
}

static CK_RV
open_session (CratonInstance *instance, const CK_ULONG *args)
{
	CK_SESSION_HANDLE *ret_handle = pointer (args[4]);
	CK_SESSION_HANDLE remote = 0, handle;
	CK_ULONG routed[] = { 0, args[1], 0, 0, ret_handle == NULL ? 0 : word (&remote) };
	CratonSlot slot;
	uint32_t incarnation;
	CK_RV rv = find_slot (instance, args[0], &slot, &incarnation);

	if (rv != CKR_OK)
		return rv;
	routed[0] = slot.remote;
	rv = craton_call_channel (slot.channel, incarnation, CRATON_C_OpenSession, routed);
	if (rv != CKR_OK)
		return rv;
	if (ret_handle == NULL)
		return CKR_ARGUMENTS_BAD;
	handle = add_session (instance, remote, slot.channel, incarnation, args[0]);
	if (handle == 0) {
		/* Entries of backends that died are kept until somebody needs them. */
		remove_sessions (instance, NULL);
		handle = add_session (instance, remote, slot.channel, incarnation, args[0]);
	}
	if (handle == 0) {
		(void) craton_call_channel (slot.channel, incarnation, CRATON_C_CloseSession, &remote);
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
	CK_RV rv;

	if (!find_session (instance, args[0], &session))
		return CKR_SESSION_HANDLE_INVALID;
	rv = craton_call_channel (session.channel, session.incarnation, CRATON_C_GetSessionInfo,
	                          (const CK_ULONG[]) { session.remote, args[1] });
	if (rv == CKR_OK && info != NULL)
		info->slotID = session.slot;
	return rv;
}

/* One look at all backends. CKR_FUNCTION_NOT_SUPPORTED if none of them can tell. */
static CK_RV
poll_events (CratonInstance *instance, CK_SLOT_ID *ret_slot)
{
	CK_RV result = CKR_FUNCTION_NOT_SUPPORTED;

	for (size_t i = 0; !inside_backend () && i < atomic_load (&instance->n_channels); i++) {
		CratonChannel *channel = &instance->channels[i];
		CK_SLOT_ID remote = 0;
		const CK_ULONG args[] = { CKF_DONT_BLOCK, word (&remote), 0 };
		uint32_t incarnation;
		CK_RV rv = craton_channel_start (channel, &incarnation);

		if (rv == CKR_OK)
			rv = craton_call_channel (channel, incarnation, CRATON_C_WaitForSlotEvent, args);
		if (rv == CKR_CRYPTOKI_NOT_INITIALIZED)
			return rv;
		if (rv == CKR_OK) {
			*ret_slot = number_slot (instance, channel, remote);
			return *ret_slot == CK_UNAVAILABLE_INFORMATION ? CKR_GENERAL_ERROR : CKR_OK;
		}
		if (rv == CKR_NO_EVENT)
			result = rv;
	}
	return result;
}

/* Blocking is done here and not in a backend, so that C_Finalize ends it (PKCS#11 3.1, 5.5.4). */
static CK_RV
wait_for_slot_event (CratonInstance *instance, const CK_ULONG *args)
{
	const struct timespec pause = { 0, EVENT_POLL_MS * 1000000L };
	CK_SLOT_ID *ret_slot = pointer (args[1]);
	CK_SLOT_ID slot;
	CK_RV rv;

	if (ret_slot == NULL || args[2] != 0)
		return CKR_ARGUMENTS_BAD;
	while ((rv = poll_events (instance, &slot)) == CKR_NO_EVENT && (args[0] & CKF_DONT_BLOCK) == 0) {
		(void) nanosleep (&pause, NULL);
		if (craton_instance_closing (instance))
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
	case CRATON_C_WaitForSlotEvent:
		return wait_for_slot_event (instance, args);
	default:
		return CKR_FUNCTION_NOT_SUPPORTED;
	}
}
