/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slots and sessions of several backends, and every call through all of it: the real module, a real
 * backend with its token, a hosted SoftHSM, and a hosted module that looks at what it is called
 * with.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>

#include "guest.h"
#include "probe.h"
#include "samples.h"

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"

/* The slots as craton.conf of these tests puts them: our token, the probe's, and one or more of
 * SoftHSM's. */
#define SLOT_TOKEN 0
#define SLOT_PROBE(index) (1 + (CK_SLOT_ID) (index))
#define SLOT_SOFTHSM (1 + PROBE_SLOTS)

static const CK_RV answers[] = { PROBE_ANSWERS };

static void
setup (void)
{
	char text[2 * PATH_MAX];
	FILE *file;

	guest_setup ();
	ck_assert_ptr_nonnull (getenv ("CRATON_PROBE"));
	ck_assert_int_eq (mkdir (guest_path ("softhsm"), 0700), 0);
	file = fopen (guest_path ("softhsm.conf"), "w");
	ck_assert_ptr_nonnull (file);
	fprintf (
		file,
		"directories.tokendir = %s/softhsm\nobjectstore.backend = file\nlog.level = ERROR\n",
		guest_root);
	ck_assert_int_eq (fclose (file), 0);
	(void) snprintf (text, sizeof text,
	                 "[module probe]\npath=%s\n[module softhsm]\npath=" SOFTHSM
	                 "\nenvironment=SOFTHSM2_CONF=%s/softhsm.conf\nwrite-paths=%s/softhsm\n",
	                 getenv ("CRATON_PROBE"), guest_root, guest_root);
	guest_configure (text);
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
}

/* Slots */

START_TEST (test_slots__small_and_stable)
{
	CK_SLOT_ID slots[64], again[64];
	CK_SLOT_INFO info;
	CK_ULONG n = guest_slots (slots, 64), n_again;

	ck_assert_uint_ge (n, SLOT_SOFTHSM + 1);
	for (CK_ULONG i = 0; i < n; i++)
		ck_assert_uint_eq (slots[i], i);
	for (int round = 0; round < 3; round++) {
		n_again = guest_slots (again, 64);
		ck_assert_uint_eq (n_again, n);
		ck_assert_mem_eq (slots, again, n * sizeof slots[0]);
		/* A backend that starts anew has its slots where they were. */
		if (round == 1) {
			guest_kill (guest_only_backend ());
		}
	}
	/* Who is behind them is who it was said to be. */
	ck_assert_uint_eq (guest_p11->C_GetSlotInfo (SLOT_SOFTHSM, &info), CKR_OK);
	ck_assert_mem_eq (info.slotDescription, "SoftHSM", 7);
	ck_assert_uint_eq (guest_p11->C_GetSlotInfo (SLOT_TOKEN, &info), CKR_OK);
	ck_assert (memcmp (info.slotDescription, "SoftHSM", 7) != 0);
}
END_TEST

/* Numbers do not depend on whether tokens were asked for first, or anything at all. */
START_TEST (test_slots__whatever_comes_first)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n = 64, seen = 0;
	CK_SESSION_HANDLE session;

	if (_i == 0) {
		ck_assert_uint_eq (guest_p11->C_OpenSession (SLOT_PROBE (4), CKF_SERIAL_SESSION,
		                                             NULL, NULL, &session),
		                   CKR_OK);
	} else {
		ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_TRUE, slots, &n), CKR_OK);
		for (CK_ULONG i = 0; i < n; i++) {
			ck_assert (i == 0 || slots[i] > slots[i - 1]);
			if (slots[i] >= SLOT_PROBE (0) && slots[i] <= SLOT_PROBE (4)) {
				ck_assert (PROBE_HAS_TOKEN (slots[i] - SLOT_PROBE (0)));
				seen++;
			}
		}
		ck_assert_uint_eq (seen, 3);
	}
	n = guest_slots (slots, 64);
	for (CK_ULONG i = 0; i < n; i++)
		ck_assert_uint_eq (slots[i], i);
}
END_TEST

/* PKCS#11 3.2, C_GetSlotList. */
START_TEST (test_slots__room)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n = 77, all;

	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, NULL), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, slots, NULL), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK);
	all = n;
	for (CK_ULONG room = 0; room <= all + 1; room++) {
		memset (slots, 0x55, sizeof slots);
		n = room;
		ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, slots, &n),
		                   room < all ? CKR_BUFFER_TOO_SMALL : CKR_OK);
		ck_assert_uint_eq (n, all);
		ck_assert_uint_eq (slots[room < all ? room : all], 0x5555555555555555);
	}
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_TRUE, NULL, &n), CKR_OK);
	ck_assert_uint_lt (n, all);
}
END_TEST

START_TEST (test_slots__unknown)
{
	CK_SLOT_ID slots[64], wrong[4];
	CK_ULONG n = guest_slots (slots, 64);

	wrong[0] = n;
	wrong[1] = 1000;
	wrong[2] = 1ul << 32;
	wrong[3] = ~0ul;
	for (int id = 0; id < CRATON_CALLS; id++) {
		if (craton_calls[id].signature[0] != 't')
			continue;
		for (int i = 0; i < 4; i++) {
			const CK_ULONG args[CRATON_ARGS_MAX] = { wrong[i], CKF_SERIAL_SESSION };

			ck_assert_msg (guest_call ((CratonCallId) id, args) == CKR_SLOT_ID_INVALID,
			               "%s", craton_calls[id].name);
		}
	}
}
END_TEST

/* A module that cannot be had is left out, and the others are there. */
START_TEST (test_slots__module_missing)
{
	CK_SLOT_ID slots[64];
	char text[2 * PATH_MAX];

	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	(void) snprintf (text, sizeof text,
	                 "[module gone]\npath=/nowhere/gone.so\n[module probe]\npath=%s\n",
	                 getenv ("CRATON_PROBE"));
	guest_configure (text);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	for (int i = 0; i < 3; i++)
		ck_assert_uint_eq (guest_slots (slots, 64), 1 + PROBE_SLOTS);
	(void) guest_open_session (SLOT_PROBE (0));
}
END_TEST

/* Sessions */

START_TEST (test_session__info)
{
	CK_SESSION_INFO info;

	for (int i = 0; i < PROBE_SLOTS; i++) {
		CK_SESSION_HANDLE session = guest_open_session (SLOT_PROBE (i));

		memset (&info, 0x55, sizeof info);
		ck_assert_uint_eq (guest_p11->C_GetSessionInfo (session, &info), CKR_OK);
		/* Ours, not what the module calls it. */
		ck_assert_uint_eq (info.slotID, SLOT_PROBE (i));
		ck_assert_uint_eq (info.state, CKS_RW_USER_FUNCTIONS);
		ck_assert_uint_eq (info.ulDeviceError, 5);
	}
}
END_TEST

START_TEST (test_session__open_arguments)
{
	CK_SESSION_HANDLE session = 4711;

	ck_assert_uint_eq (
		guest_p11->C_OpenSession (SLOT_PROBE (0), CKF_SERIAL_SESSION, NULL, NULL, NULL),
		CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (guest_p11->C_OpenSession (SLOT_PROBE (0),
	                                             CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, NULL,
	                                             NULL, &session),
	                   CKR_SESSION_ASYNC_NOT_SUPPORTED);
	ck_assert_uint_eq (session, 4711);
	/* The module is not told of a callback that it could not call. */
	ck_assert_uint_eq (guest_p11->C_OpenSession (SLOT_PROBE (0), CKF_SERIAL_SESSION, &session,
	                                             (CK_NOTIFY) (void (*) (void)) guest_setup,
	                                             &session),
	                   CKR_OK);
}
END_TEST

/* Whether every function that takes a session refuses this one. */
static void
expect_stale (CK_SESSION_HANDLE session)
{
	for (int id = 0; id < CRATON_CALLS; id++) {
		const CK_ULONG args[CRATON_ARGS_MAX] = { session };

		if (craton_calls[id].signature[0] == 's')
			ck_assert_msg (guest_call ((CratonCallId) id, args) ==
			                       CKR_SESSION_HANDLE_INVALID,
			               "%s", craton_calls[id].name);
	}
}

#define N_SESSIONS 3000

static int
compare (const void *a, const void *b)
{
	const CK_SESSION_HANDLE *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* A handle that was once given out is never good again. */
START_TEST (test_session__never_the_same_handle)
{
	static CK_SESSION_HANDLE handles[3 * N_SESSIONS];

	for (int i = 0; i < 3 * N_SESSIONS; i++) {
		handles[i] = guest_open_session (SLOT_PROBE (i % 2));
		/* The first third stays open, of the rest each is closed at once. */
		if (i >= N_SESSIONS)
			ck_assert_uint_eq (guest_p11->C_CloseSession (handles[i]), CKR_OK);
	}
	for (int i = 0; i < N_SESSIONS; i += 2)
		ck_assert_uint_eq (guest_p11->C_CloseSession (handles[i]), CKR_OK);
	for (int i = 0; i < 3 * N_SESSIONS; i += 101) {
		CK_SESSION_INFO info;
		bool closed = i >= N_SESSIONS || i % 2 == 0;

		ck_assert_uint_eq (guest_p11->C_GetSessionInfo (handles[i], &info),
		                   closed ? CKR_SESSION_HANDLE_INVALID : CKR_OK);
	}
	expect_stale (handles[0]);
	expect_stale (handles[3 * N_SESSIONS - 1]);
	expect_stale (0);
	expect_stale (~0ul);
	expect_stale (handles[1] + 1);
	expect_stale (handles[1] ^ 1ul << 40);
	qsort (handles, 3 * N_SESSIONS, sizeof handles[0], compare);
	for (int i = 1; i < 3 * N_SESSIONS; i++)
		ck_assert_uint_ne (handles[i], handles[i - 1]);
}
END_TEST

/* As many as there can be at once, and one more. */
START_TEST (test_session__limit)
{
	CK_SESSION_HANDLE session, last = 0;
	CK_ULONG n = 0;
	CK_RV rv;

	while ((rv = guest_p11->C_OpenSession (SLOT_PROBE (0), CKF_SERIAL_SESSION, NULL, NULL,
	                                       &session)) == CKR_OK &&
	       n < 1000000) {
		last = session;
		n++;
	}
	ck_assert_uint_eq (rv, CKR_SESSION_COUNT);
	ck_assert_uint_ge (n, 65536);
	ck_assert_uint_eq (guest_p11->C_CloseSession (last), CKR_OK);
	ck_assert_uint_eq (
		guest_p11->C_OpenSession (SLOT_PROBE (0), CKF_SERIAL_SESSION, NULL, NULL, &session),
		CKR_OK);
	ck_assert_uint_ne (session, last);
	ck_assert_uint_eq (guest_p11->C_CloseAllSessions (SLOT_PROBE (0)), CKR_OK);
	expect_stale (session);
	ck_assert_uint_eq (
		guest_p11->C_OpenSession (SLOT_PROBE (0), CKF_SERIAL_SESSION, NULL, NULL, &session),
		CKR_OK);
}
END_TEST

/* Of one slot, not of its neighbour in the same module, nor of another module. */
START_TEST (test_session__close_all)
{
	CK_SESSION_HANDLE first = guest_open_session (SLOT_PROBE (0)),
			  second = guest_open_session (SLOT_PROBE (0));
	CK_SESSION_HANDLE neighbour = guest_open_session (SLOT_PROBE (2)), other;
	CK_SESSION_INFO info;

	guest_make_token (SLOT_TOKEN);
	other = guest_open_session (SLOT_TOKEN);
	ck_assert_uint_eq (guest_p11->C_CloseAllSessions (SLOT_PROBE (0)), CKR_OK);
	expect_stale (first);
	expect_stale (second);
	ck_assert_uint_eq (guest_p11->C_GetSessionInfo (neighbour, &info), CKR_OK);
	ck_assert_uint_eq (guest_random (other), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_CloseAllSessions (SLOT_TOKEN), CKR_OK);
	expect_stale (other);
	ck_assert_uint_eq (guest_p11->C_GetSessionInfo (neighbour, &info), CKR_OK);
	/* And none are good after C_Finalize. */
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	expect_stale (neighbour);
	(void) guest_open_session (SLOT_PROBE (2));
	expect_stale (neighbour);
}
END_TEST

/* The processes that @parent has started, itself or through its spawner. */
static int
children_of (pid_t parent, pid_t *pids, int max)
{
	DIR *folder = opendir ("/proc");
	struct dirent *entry;
	int n = 0;

	ck_assert_ptr_nonnull (folder);
	while ((entry = readdir (folder)) != NULL && n < max) {
		char path[64], text[512];
		const char *state = NULL;
		int ppid = 0;
		FILE *file;

		(void) snprintf (path, sizeof path, "/proc/%ld/stat", atol (entry->d_name));
		file = fopen (path, "re");
		if (file != NULL && fgets (text, sizeof text, file) != NULL)
			state = strrchr (text, ')');
		if (file != NULL)
			(void) fclose (file);
		if (state == NULL || sscanf (state, ") %*c %d", &ppid) != 1 || ppid != parent)
			continue;
		if (guest_is_spawner ((pid_t) atol (entry->d_name)))
			n += children_of ((pid_t) atol (entry->d_name), pids + n, max - n);
		else
			pids[n++] = (pid_t) atol (entry->d_name);
	}
	(void) closedir (folder);
	return n;
}

/* A hosted module dies: its sessions are lost, nobody else notices, and it is there again when
 * it is asked for. */
START_TEST (test_death__of_hosted_module)
{
	CK_SESSION_HANDLE probes = guest_open_session (SLOT_PROBE (0)), own;
	CK_SESSION_INFO info;
	CK_SLOT_ID slots[64];
	CK_ULONG n = guest_slots (slots, 64);
	pid_t hosts[8], backend = guest_only_backend ();
	int n_hosts;

	guest_make_token (SLOT_TOKEN);
	own = guest_open_session (SLOT_TOKEN);
	n_hosts = children_of (backend, hosts, 8);
	ck_assert_int_eq (n_hosts, 2);
	for (int i = 0; i < n_hosts; i++)
		guest_kill (hosts[i]);
	ck_assert_uint_eq (guest_p11->C_GetSessionInfo (probes, &info), CKR_DEVICE_REMOVED);
	expect_stale (probes);
	ck_assert_uint_eq (guest_random (own), CKR_OK);
	ck_assert_int_eq (guest_only_backend (), backend);
	ck_assert_uint_eq (guest_slots (slots, 64), n);
	probes = guest_open_session (SLOT_PROBE (0));
	ck_assert_uint_eq (guest_p11->C_GetSessionInfo (probes, &info), CKR_OK);
	ck_assert_uint_eq (guest_random (own), CKR_OK);
	ck_assert_int_eq (children_of (backend, hosts, 8), 2);
}
END_TEST

/* While no backend can live, and while none is started for that: the list stays, each slot says what is the matter, and all is well
 * when there is one again. */
START_TEST (test_death__of_all)
{
	CK_SLOT_ID all[64], tokens[64], again[64];
	CK_ULONG n = guest_slots (all, 64), n_tokens = 64, n_again;
	char *real = strdup (getenv ("CRATON_BACKEND"));
	CK_SESSION_HANDLE session;
	CK_TOKEN_INFO info;
	pid_t backend = guest_only_backend (), hosts[8];
	int n_hosts = children_of (backend, hosts, 8);
	bool refused = false;
	CK_RV rv;

	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_TRUE, tokens, &n_tokens), CKR_OK);
	ck_assert_uint_lt (n_tokens, n);
	/* It ends before it has said anything. */
	ck_assert_int_eq (setenv ("CRATON_BACKEND", "/bin/true", 1), 0);
	guest_kill (backend);
	for (int i = 0; i < n_hosts; i++)
		guest_kill (hosts[i]);
	for (int i = 0; i < 8; i++) {
		ck_assert_uint_eq (guest_slots (again, 64), n);
		ck_assert_mem_eq (again, all, n * sizeof all[0]);
		n_again = 64;
		ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_TRUE, again, &n_again), CKR_OK);
		ck_assert_uint_eq (n_again, n_tokens);
		ck_assert_mem_eq (again, tokens, n_tokens * sizeof tokens[0]);
		for (CK_ULONG slot = 0; slot < n; slot++) {
			rv = guest_p11->C_GetTokenInfo (slot, &info);
			ck_assert (rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR);
			refused = refused || rv == CKR_DEVICE_ERROR;
		}
	}
	ck_assert (refused);
	ck_assert_int_eq (setenv ("CRATON_BACKEND", real, 1), 0);
	free (real);
	do
		rv = guest_p11->C_OpenSession (SLOT_PROBE (0), CKF_SERIAL_SESSION, NULL, NULL, &session);
	while (rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR);
	ck_assert_uint_eq (rv, CKR_OK);
	ck_assert_uint_eq (guest_slots (again, 64), n);
}
END_TEST

/* Every call, through the module, the lane, the backend and libffi, to the probe and back. */
static void
expect_as_direct (CratonCallId id, CK_SESSION_HANDLE session, SampleKind kind, int answer)
{
	static Sample direct, wired;
	const CratonCallRow *row = &craton_calls[id];
	char what[96];
	CK_RV rv, direct_rv;

	(void) snprintf (what, sizeof what, "%s, sample %d, answer %d", row->name, kind, answer);
	ck_assert_uint_eq (guest_p11->C_SeedRandom (session, NULL, PROBE_ORDER (kind, answer)),
	                   CKR_OK);
	sample_make (&direct, row, kind);
	sample_make (&wired, row, kind);
	wired.args[0] = row->signature[0] == 's' ? session : SLOT_PROBE (2);
	direct_rv = sample_play (row, answers[answer], direct.args);
	rv = guest_call (id, wired.args);
	ck_assert_msg ((rv & ~0xfful) != PROBE_DIFFERS, "%s: the module sees another %c", what,
	               (char) rv);
	ck_assert_msg (rv == direct_rv, "%s: 0x%lx, directly 0x%lx", what, rv, direct_rv);
	sample_expect_same (&direct, &wired, what);
	sample_clear (&direct);
	sample_clear (&wired);
}

START_TEST (test_probe__every_call)
{
	CK_SESSION_HANDLE session = guest_open_session (SLOT_PROBE (0));

	for (int id = 0; id < CRATON_CALLS; id++) {
		if (!craton_calls[id].travels || craton_calls[id].hand)
			continue;
		for (SampleKind kind = 0; kind < N_SAMPLES; kind++) {
			for (int answer = 0; answer < (int) (sizeof answers / sizeof answers[0]);
			     answer++)
				expect_as_direct ((CratonCallId) id, session, kind, answer);
		}
	}
}
END_TEST

/* Slot events */

static void *
wait_for_event (void *ret_rv)
{
	CK_SLOT_ID slot = 4711;

	*(CK_RV *) ret_rv = guest_p11->C_WaitForSlotEvent (0, &slot, NULL);
	if (*(CK_RV *) ret_rv == CKR_OK && slot != SLOT_PROBE (3))
		*(CK_RV *) ret_rv = CKR_SLOT_ID_INVALID;
	return NULL;
}

START_TEST (test_event__poll)
{
	CK_SESSION_HANDLE session = guest_open_session (SLOT_PROBE (0));
	CK_SLOT_ID slot = 4711;

	ck_assert_uint_eq (guest_p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, NULL, NULL),
	                   CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (guest_p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, &slot),
	                   CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (guest_p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, NULL),
	                   CKR_NO_EVENT);
	ck_assert_uint_eq (slot, 4711);
	for (CK_ULONG i = 0; i < PROBE_SLOTS; i++) {
		ck_assert_uint_eq (guest_p11->C_SeedRandom (session, NULL, PROBE_EVENT | i),
		                   CKR_OK);
		ck_assert_uint_eq (guest_p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, NULL),
		                   CKR_OK);
		ck_assert_uint_eq (slot, SLOT_PROBE (i));
		ck_assert_uint_eq (guest_p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, NULL),
		                   CKR_NO_EVENT);
	}
}
END_TEST

/* A thread that waits is ended by an event, or by C_Finalize. */
START_TEST (test_event__wait)
{
	CK_SESSION_HANDLE session = guest_open_session (SLOT_PROBE (0));
	pthread_t thread;
	CK_RV rv = CKR_GENERAL_ERROR;

	ck_assert_int_eq (pthread_create (&thread, NULL, wait_for_event, &rv), 0);
	(void) usleep (300000);
	if (_i == 0)
		ck_assert_uint_eq (guest_p11->C_SeedRandom (session, NULL, PROBE_EVENT | 3),
		                   CKR_OK);
	else
		ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_int_eq (pthread_join (thread, NULL), 0);
	ck_assert_uint_eq (rv, _i == 0 ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED);
}
END_TEST

/* Large calls */

#define MIB ((CK_ULONG) 1 << 20)

/* SHA-256 of 64 MiB of zero bytes; computed with sha256sum. */
static const CK_BYTE zeros_digest[] = { 0x3b, 0x6a, 0x07, 0xd0, 0xd4, 0x04, 0xfa, 0xb4,
	                                0xe2, 0x3b, 0x6d, 0x34, 0xbc, 0x66, 0x96, 0xa6,
	                                0xa3, 0x12, 0xdd, 0x92, 0x82, 0x13, 0x32, 0x38,
	                                0x5e, 0x5a, 0xf7, 0xc0, 0x1c, 0x42, 0x13, 0x51 };

START_TEST (test_large__digest)
{
	CK_SLOT_ID slot = _i == 0 ? SLOT_TOKEN : SLOT_SOFTHSM;
	CK_MECHANISM mechanism = { CKM_SHA256, NULL, 0 };
	CK_BYTE *data = calloc (64, MIB), digest[32] = { 0 };
	CK_ULONG len = sizeof digest;
	CK_SLOT_ID slots[64];
	CK_SESSION_HANDLE session;

	ck_assert_ptr_nonnull (data);
	(void) guest_slots (slots, 64);
	guest_make_token (slot);
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_p11->C_DigestInit (session, &mechanism), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Digest (session, data, 64 * MIB, digest, &len), CKR_OK);
	ck_assert_uint_eq (len, 32);
	ck_assert_mem_eq (digest, zeros_digest, 32);
	memset (digest, 0, sizeof digest);
	/* In parts around the sizes of lanes. */
	ck_assert_uint_eq (guest_p11->C_DigestInit (session, &mechanism), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DigestUpdate (session, data, 4 * MIB), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DigestUpdate (session, data, 4 * MIB - 4096), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DigestUpdate (session, data, 4096), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DigestUpdate (session, data, 56 * MIB), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DigestFinal (session, digest, &len), CKR_OK);
	ck_assert_mem_eq (digest, zeros_digest, 32);
	free (data);
}
END_TEST

/* Whether each page was filled. */
static bool
is_random (const CK_BYTE *bytes, CK_ULONG len)
{
	for (CK_ULONG i = 0; i + 64 <= len; i += 64) {
		CK_BYTE any = 0;

		for (CK_ULONG j = 0; j < 64; j++)
			any |= bytes[i + j];
		if (any == 0)
			return false;
	}
	return true;
}

START_TEST (test_large__random)
{
	CK_BYTE *bytes = calloc (16, MIB);
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slots[64];

	ck_assert_ptr_nonnull (bytes);
	(void) guest_slots (slots, 64);
	guest_make_token (SLOT_TOKEN);
	session = guest_open_session (SLOT_TOKEN);
	ck_assert_uint_eq (guest_p11->C_GenerateRandom (session, bytes, 16 * MIB), CKR_OK);
	ck_assert (is_random (bytes, 16 * MIB));
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	free (bytes);
}
END_TEST

/* More than a lane can hold is refused before a byte of it is read, and what comes after it
 * works. */
START_TEST (test_large__too_large)
{
	CK_SESSION_HANDLE session = guest_open_session (SLOT_PROBE (0));
	CK_BYTE byte = 0;
	CK_ULONG len;

	ck_assert_uint_eq (guest_p11->C_SeedRandom (session, &byte, 1ul << 40), CKR_HOST_MEMORY);
	ck_assert_uint_eq (guest_p11->C_GenerateRandom (session, &byte, ~0ul), CKR_HOST_MEMORY);
	/* Room alone does not need that much: the announced length is cut. */
	len = ~0ul;
	ck_assert_uint_eq (guest_p11->C_SeedRandom (session, NULL, PROBE_ORDER (SAMPLE_FULL, 1)),
	                   CKR_OK);
	ck_assert_uint_ne (guest_p11->C_SignFinal (session, &byte, &len), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_SeedRandom (session, NULL, PROBE_ORDER (SAMPLE_FULL, 0)),
	                   CKR_OK);
}
END_TEST

/* Threads */

static atomic_int n_failures;

static void *
work (void *data)
{
	CK_SLOT_ID slot = *(const CK_SLOT_ID *) data;
	CK_MECHANISM mechanism = { CKM_SHA256, NULL, 0 };
	CK_BYTE text[] = "abcdef", digest[32], first[32];

	for (int i = 0; i < 100; i++) {
		CK_SESSION_HANDLE session;
		CK_ULONG len = sizeof digest;
		bool right = guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL,
		                                       &session) == CKR_OK;

		right = right && guest_p11->C_DigestInit (session, &mechanism) == CKR_OK;
		right = right && guest_p11->C_DigestUpdate (session, text, 3) == CKR_OK;
		right = right && guest_random (session) == CKR_OK;
		right = right && guest_p11->C_DigestUpdate (session, text + 3, 3) == CKR_OK;
		right = right && guest_p11->C_DigestFinal (session, digest, &len) == CKR_OK;
		right = right && guest_p11->C_CloseSession (session) == CKR_OK;
		if (i == 0)
			memcpy (first, digest, sizeof first);
		right = right && memcmp (first, digest, sizeof first) == 0 && first[0] == 0xbe &&
		        first[31] == 0x21;
		n_failures += !right;
	}
	return NULL;
}

/* Two tokens in two processes, four threads each. */
START_TEST (test_threads__each_its_session)
{
	CK_SLOT_ID slots[64];
	pthread_t threads[8];

	(void) guest_slots (slots, 64);
	guest_make_token (SLOT_TOKEN);
	guest_make_token (SLOT_SOFTHSM);
	slots[0] = SLOT_TOKEN;
	slots[1] = SLOT_SOFTHSM;
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, work, &slots[i % 2]), 0);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
	ck_assert_int_eq (n_failures, 0);
}
END_TEST

static pthread_barrier_t all_there;

static void *
sleep_in_call (void *data)
{
	const CK_SESSION_HANDLE *session = data;
	CK_RV rv = CKR_OK;

	(void) pthread_barrier_wait (&all_there);
	for (int i = 0; i < 20 && rv == CKR_OK; i++)
		rv = guest_p11->C_SeedRandom (*session, NULL, PROBE_SLEEP | 500);
	return (void *) (uintptr_t) rv;
}

/* More calls at once than there are lanes: some wait for others. */
static void
use_all_lanes (CK_SESSION_HANDLE session)
{
	pthread_t threads[CRATON_LANES_MAX + 16];

	ck_assert_int_eq (pthread_barrier_init (&all_there, NULL, CRATON_LANES_MAX + 16), 0);
	for (size_t i = 0; i < CRATON_LANES_MAX + 16; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, sleep_in_call, &session), 0);
	for (size_t i = 0; i < CRATON_LANES_MAX + 16; i++) {
		void *rv;

		ck_assert_int_eq (pthread_join (threads[i], &rv), 0);
		ck_assert_uint_eq ((CK_RV) (uintptr_t) rv, CKR_OK);
	}
	ck_assert_int_eq (pthread_barrier_destroy (&all_there), 0);
}

START_TEST (test_threads__more_than_lanes)
{
	use_all_lanes (guest_open_session (SLOT_PROBE (0)));
}
END_TEST

/* Lanes that are mapped here, of all backends. */
static int
count_lanes (void)
{
	FILE *maps = fopen ("/proc/self/maps", "re");
	char line[512];
	int n = 0;

	ck_assert_ptr_nonnull (maps);
	while (fgets (line, sizeof line, maps) != NULL)
		n += strstr (line, "craton-lane") != NULL;
	(void) fclose (maps);
	return n;
}

/* All lanes are open and free, and too small: for each larger call one of them makes place for a
 * larger one. */
START_TEST (test_large__all_lanes_open)
{
	CK_SESSION_HANDLE session = guest_open_session (SLOT_PROBE (0));
	CK_BYTE *data = calloc (32, MIB);

	ck_assert_ptr_nonnull (data);
	use_all_lanes (session);
	ck_assert_int_ge (count_lanes (), CRATON_LANES_MAX);
	for (CK_ULONG n = 5; n < 32; n++) {
		CK_RV rv = guest_p11->C_DigestUpdate (session, data, n * MIB);

		/* The probe has been called, and has expected less. */
		ck_assert_msg (rv == (PROBE_DIFFERS | 'i'), "%lu MiB: 0x%lx", n, rv);
	}
	free (data);
}
END_TEST

static void
add_tests (TCase *slots, TCase *sessions, TCase *calls)
{
	tcase_add_test (slots, test_slots__small_and_stable);
	tcase_add_loop_test (slots, test_slots__whatever_comes_first, 0, 2);
	tcase_add_test (slots, test_slots__room);
	tcase_add_test (slots, test_slots__unknown);
	tcase_add_test (slots, test_slots__module_missing);
	tcase_add_test (slots, test_event__poll);
	tcase_add_loop_test (slots, test_event__wait, 0, 2);
	tcase_add_test (sessions, test_session__info);
	tcase_add_test (sessions, test_session__open_arguments);
	tcase_add_test (sessions, test_session__never_the_same_handle);
	tcase_add_test (sessions, test_session__limit);
	tcase_add_test (sessions, test_session__close_all);
	tcase_add_test (sessions, test_death__of_hosted_module);
	tcase_add_test (sessions, test_death__of_all);
	tcase_add_test (calls, test_probe__every_call);
	tcase_add_loop_test (calls, test_large__digest, 0, 2);
	tcase_add_test (calls, test_large__random);
	tcase_add_test (calls, test_large__too_large);
	tcase_add_test (calls, test_threads__each_its_session);
	tcase_add_test (calls, test_threads__more_than_lanes);
	tcase_add_test (calls, test_large__all_lanes_open);
}

int
main (void)
{
	Suite *suite = suite_create ("router");
	TCase *tcases[] = { tcase_create ("slots"), tcase_create ("sessions"),
		            tcase_create ("calls") };
	SRunner *runner;
	int n_failed;

	for (int i = 0; i < 3; i++) {
		tcase_set_timeout (tcases[i], 240);
		tcase_add_checked_fixture (tcases[i], setup, guest_teardown);
		suite_add_tcase (suite, tcases[i]);
	}
	add_tests (tcases[0], tcases[1], tcases[2]);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
