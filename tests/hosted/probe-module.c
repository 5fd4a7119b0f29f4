/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module that looks at what it is called with: every function checks that its arguments are those
 * of the samples, answers as they say, and writes what they say. Which sample, and which answer, is
 * told by C_SeedRandom without data. It has five slots, and tokens in three of them.
 */
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#define SAMPLE_EXPECT(what, ...) ((what) ? (void) 0 : abort ())

#include "probe.h"
#include "recorder.h"
#include "samples.h"

static const CK_SLOT_ID slots[PROBE_SLOTS] = { 7, 1000, 3, 0xfffffffffff, 8 };

static atomic_ulong mode;       /* sample and answer */
static atomic_ulong event_slot; /* index + 1 of the slot that something happens in, 0 for none */
static atomic_ulong last_session;

static bool
is_slot (CK_SLOT_ID slot)
{
	for (int i = 0; i < PROBE_SLOTS; i++) {
		if (slots[i] == slot)
			return true;
	}
	return false;
}

static CK_RV
list_slots (CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
	CK_ULONG room = *count, n = 0;

	for (int i = 0; i < PROBE_SLOTS; i++) {
		if (present && !PROBE_HAS_TOKEN (i))
			continue;
		if (list != NULL && n < room)
			list[n] = slots[i];
		n++;
	}
	*count = n;
	return list != NULL && n > room ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

static CK_RV
tell_event (CK_FLAGS flags, CK_SLOT_ID *slot)
{
	CK_ULONG index = atomic_exchange (&event_slot, 0);

	/* Whoever asks is not to be kept waiting. */
	if ((flags & CKF_DONT_BLOCK) == 0)
		return CKR_ARGUMENTS_BAD;
	if (index == 0)
		return CKR_NO_EVENT;
	*slot = slots[index - 1];
	return CKR_OK;
}

static CK_RV
open_session (const CK_ULONG *args)
{
	if (!is_slot (args[0]) || (args[1] & CKF_SERIAL_SESSION) == 0 || args[2] != 0 ||
	    args[3] != 0 || args[4] == 0)
		return CKR_ARGUMENTS_BAD;
	*(CK_SESSION_HANDLE *) sample_pointer (args[4]) =
		PROBE_FIRST_SESSION + atomic_fetch_add (&last_session, 1);
	return CKR_OK;
}

static CK_RV
tell_session (CK_SESSION_INFO *info)
{
	*info = (CK_SESSION_INFO){ .slotID = slots[1],
		                   .state = CKS_RW_USER_FUNCTIONS,
		                   .flags = CKF_SERIAL_SESSION,
		                   .ulDeviceError = 5 };
	return CKR_OK;
}

/* C_SeedRandom without data and with a number that begins like this: an order to this module. */
static bool
take_order (CK_ULONG word)
{
	if ((word & ~0xfffful) == PROBE_MODE)
		atomic_store (&mode, word & 0xffff);
	else if ((word & ~0xfffful) == PROBE_EVENT)
		atomic_store (&event_slot, (word & 0xffff) + 1);
	else if ((word & ~0xfffful) == PROBE_SLEEP)
		(void) nanosleep (&(const struct timespec){ 0, (long) (word & 0xffff) * 10000 },
		                  NULL);
	else
		return false;
	return true;
}

/* Any other function: the right arguments, the right answer. */
static CK_RV
play (CratonCallId call, const CK_ULONG *args)
{
	static const CK_RV answers[] = { PROBE_ANSWERS };
	const CratonCallRow *row = &craton_calls[call];
	CK_ULONG now = atomic_load (&mode);
	Sample *reference = calloc (1, sizeof *reference);
	char differs;

	if (reference == NULL)
		return CKR_HOST_MEMORY;
	sample_make (reference, row, (SampleKind) (now >> 8));
	/* The proxy has put its own handle or slot in. */
	if (row->signature[0] == 's' && args[0] >= PROBE_FIRST_SESSION)
		reference->args[0] = args[0];
	if (row->signature[0] == 't' && is_slot (args[0]))
		reference->args[0] = args[0];
	differs = sample_differs (row, reference->args, args);
	sample_clear (reference);
	free (reference);
	return differs != '\0' ? PROBE_DIFFERS | (CK_RV) differs
	                       : sample_play (row, answers[now & 0xff], args);
}

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	switch (call) {
	case CRATON_C_Initialize:
	case CRATON_C_Finalize:
	case CRATON_C_CloseSession:
	case CRATON_C_CloseAllSessions:
		return CKR_OK;
	case CRATON_C_GetSlotList:
		return list_slots ((CK_BBOOL) args[0], sample_pointer (args[1]),
		                   sample_pointer (args[2]));
	case CRATON_C_WaitForSlotEvent:
		return tell_event (args[0], sample_pointer (args[1]));
	case CRATON_C_OpenSession:
		return open_session (args);
	case CRATON_C_GetSessionInfo:
		return tell_session (sample_pointer (args[1]));
	case CRATON_C_SeedRandom:
		if (args[1] == 0 && take_order (args[2]))
			return CKR_OK;
		return play (call, args);
	default:
		return play (call, args);
	}
}

CK_RV
C_GetInterface (CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface,
                CK_FLAGS flags)
{
	static char standard[] = "PKCS 11";
	static CK_INTERFACE only = { standard, &recorder, 0 };

	if (version == NULL || version->major != 3 || version->minor != 2)
		return CKR_FUNCTION_FAILED;
	if ((name != NULL && strcmp ((const char *) name, standard) != 0) || flags != 0)
		return CKR_FUNCTION_FAILED;
	*interface = &only;
	return CKR_OK;
}
