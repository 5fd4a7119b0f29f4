/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * 8 threads that use three tokens, while one of the backends is killed each second. Every result is compared; a call may only fail in
 * the ways in which a token that dies makes it fail. CRATON_TEST_SOAK_S is the time in seconds, else 10, or 30 minutes with --long.
 */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cases.h"

#define N_THREADS 8
#define N_TOKENS 3
#define GROWTH_KIB 8192

static const char *const hosts[N_TOKENS] = { NULL, "fault", "fault2" };
static atomic_bool over;
static atomic_ulong n_good, n_lost, n_wrong;
static _Atomic int64_t seen_ms[N_THREADS];

/* What a dying backend makes of a call, and nothing else. */
static bool
is_loss (CK_RV rv)
{
	return rv == CKR_DEVICE_REMOVED || rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_DEVICE_ERROR;
}

/* Counts it; true if the session is as it was. */
static bool
judge (CK_RV rv, bool right)
{
	if (rv == CKR_OK && right)
		atomic_fetch_add (&n_good, 1);
	else if (is_loss (rv))
		atomic_fetch_add (&n_lost, 1);
	else if (atomic_fetch_add (&n_wrong, 1) < 5)
		fprintf (stderr, "0x%lx%s\n", rv, right ? "" : ", wrong result");
	return rv == CKR_OK;
}

/* A digest whose result is known: by the soft token of nothing, by the fault module of ones. */
static bool
digest (CK_SESSION_HANDLE session, bool soft)
{
	/* SHA-256 of no bytes: FIPS 180-4, NIST CAVP SHA256ShortMsg, Len = 0. */
	static const CK_BYTE empty[32] = { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
		                           0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
		                           0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55 };
	CK_MECHANISM mechanism = { CKM_SHA256, NULL, 0 };
	CK_BYTE data[1000], result[32];
	CK_ULONG len = sizeof result;
	uint64_t sum = sizeof data;
	CK_RV rv = p11->C_DigestInit (session, &mechanism);

	memset (data, 1, sizeof data);
	if (!judge (rv, true))
		return false;
	rv = p11->C_Digest (session, data, soft ? 0 : sizeof data, result, &len);
	return judge (rv, soft ? len == 32 && memcmp (result, empty, 32) == 0
	                       : len == 8 && memcmp (result, &sum, 8) == 0);
}

static bool
draw (CK_SESSION_HANDLE session, bool soft)
{
	CK_BYTE bytes[64] = { 0 }, zeroes[64] = { 0 }, fives[64];
	CK_RV rv = p11->C_GenerateRandom (session, bytes, sizeof bytes);

	memset (fives, FAULT_RANDOM, sizeof fives);
	return judge (rv, soft ? memcmp (bytes, zeroes, 64) != 0 : memcmp (bytes, fives, 64) == 0);
}

/* A key of the session, found by its label, and what it signs. RFC 4231, test case 1. */
static bool
sign_with_key (CK_SESSION_HANDLE session)
{
	static const CK_BYTE expected[32] = { 0xb0, 0x34, 0x4c, 0x61, 0xd8, 0xdb, 0x38, 0x53, 0x5c, 0xa8, 0xaf,
		                              0xce, 0xaf, 0x0b, 0xf1, 0x2b, 0x88, 0x1d, 0xc2, 0x00, 0xc9, 0x83,
		                              0x3d, 0xa7, 0x26, 0xe9, 0x37, 0x6c, 0x2e, 0x32, 0xcf, 0xf7 };
	static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_MECHANISM mechanism = { CKM_SHA256_HMAC, NULL, 0 };
	CK_BYTE value[20], data[] = { 'H', 'i', ' ', 'T', 'h', 'e', 'r', 'e' }, result[32];
	CK_ATTRIBUTE template[] = { { CKA_LABEL, &session, sizeof session }, { CKA_CLASS, &class, sizeof class },
		                    { CKA_KEY_TYPE, &type, sizeof type },    { CKA_PRIVATE, &no, sizeof no },
		                    { CKA_SIGN, &yes, sizeof yes },          { CKA_VALUE, value, sizeof value } };
	CK_OBJECT_HANDLE key, found = 0;
	CK_ULONG n = 0, len = sizeof result;
	CK_RV rv;

	memset (value, 0x0b, sizeof value);
	if (!judge (p11->C_CreateObject (session, template, 6, &key), true) ||
	    !judge (p11->C_FindObjectsInit (session, template, 1), true))
		return false;
	rv = p11->C_FindObjects (session, &found, 1, &n);
	if (!judge (rv, n == 1 && found == key) || !judge (p11->C_FindObjectsFinal (session), true) ||
	    !judge (p11->C_SignInit (session, &mechanism, key), true))
		return false;
	rv = p11->C_Sign (session, data, sizeof data, result, &len);
	return judge (rv, len == sizeof result && memcmp (result, expected, sizeof result) == 0) &&
	       judge (p11->C_DestroyObject (session, key), true);
}

static void *
work (void *data)
{
	size_t number = (size_t) (uintptr_t) data;
	CK_SLOT_ID slot = number % N_TOKENS;
	CK_SESSION_HANDLE session;
	CK_SESSION_INFO info;

	while (!atomic_load (&over)) {
		bool good = judge (p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session), true);

		for (int i = 0; good && i < 100 && !atomic_load (&over); i++) {
			atomic_store (&seen_ms[number], now_ms ());
			good = digest (session, slot == SLOT_SOFT) && draw (session, slot == SLOT_SOFT) &&
			       judge (p11->C_GetSessionInfo (session, &info), true) && (slot != SLOT_SOFT || sign_with_key (session));
		}
		if (good)
			(void) judge (p11->C_CloseSession (session), true);
		atomic_store (&seen_ms[number], now_ms ());
		slot = (slot + 1) % N_TOKENS;
	}
	return NULL;
}

static int
duration_s (void)
{
	const char *given = getenv ("CRATON_TEST_SOAK_S");

	return given != NULL ? atoi (given) : is_long () ? 1800 : 10;
}

/* The most memory that one of the backends had so far, by its place in hosts. Without one that has just died. */
static void
note_memory (long *most_kib)
{
	for (int i = 0; i < N_TOKENS; i++) {
		pid_t pid = find_process (hosts[i]);
		long kib = pid != 0 ? resident_kib (pid) : 0;

		most_kib[i] = kib > most_kib[i] ? kib : most_kib[i];
	}
}

/* A kill each second; what the backends needed in the first fifth of the time, and in the rest. */
static int
kill_for (int seconds, long *ret_own_kib, long *ret_first_kib, long *ret_rest_kib)
{
	unsigned int seed = (unsigned int) getpid ();
	int n_kills = 0;

	for (int i = 0; i < seconds; i++) {
		pid_t pid = find_process (hosts[rand_r (&seed) % N_TOKENS]);

		n_kills += pid != 0 && kill (pid, SIGKILL) == 0;
		(void) poll (NULL, 0, 1000);
		if (i == seconds / 5)
			*ret_own_kib = resident_kib (getpid ());
		note_memory (i <= seconds / 5 ? ret_first_kib : ret_rest_kib);
		for (size_t j = 0; j < N_THREADS; j++)
			check (now_ms () - atomic_load (&seen_ms[j]) < PATIENCE_MS);
	}
	return n_kills;
}

void
case_soak (void)
{
	pthread_t threads[N_THREADS];
	long own_kib = 0, first_kib[N_TOKENS] = { 0 }, rest_kib[N_TOKENS] = { 0 };
	int seconds = duration_s (), n_kills, descriptors = count_descriptors ();

	rig_configure ("[token default]\n[module fault]\npath=@FAULT@\nenvironment=FAULT_CONTROL=@SCRATCH@/control\n"
	               "write-paths=@SCRATCH@\n[module fault2]\npath=@FAULT@\nenvironment=FAULT_CONTROL=@SCRATCH@/control\n"
	               "write-paths=@SCRATCH@\n");
	rig_start ();
	for (size_t i = 0; i < N_THREADS; i++) {
		atomic_store (&seen_ms[i], now_ms ());
		check (pthread_create (&threads[i], NULL, work, (void *) (uintptr_t) i) == 0);
	}
	n_kills = kill_for (seconds, &own_kib, first_kib, rest_kib);
	atomic_store (&over, true);
	for (size_t i = 0; i < N_THREADS; i++)
		check (pthread_join (threads[i], NULL) == 0);
	printf ("soak: %d s, %d kills, %lu good calls, %lu lost to a kill, %lu wrong\n", seconds, n_kills, atomic_load (&n_good),
	        atomic_load (&n_lost), atomic_load (&n_wrong));
	printf ("memory after a fifth of the time and at the end: application %ld -> %ld KiB; largest backends %ld %ld %ld -> %ld %ld %ld "
	        "KiB\n",
	        own_kib, resident_kib (getpid ()), first_kib[0], first_kib[1], first_kib[2], rest_kib[0], rest_kib[1], rest_kib[2]);
	(void) fflush (NULL);
	check (atomic_load (&n_wrong) == 0 && atomic_load (&n_good) > 0);
	check (resident_kib (getpid ()) <= own_kib + GROWTH_KIB);
	for (int i = 0; i < N_TOKENS; i++)
		check (rest_kib[i] <= first_kib[i] + GROWTH_KIB);
	finalize ();
	printf ("descriptors %d -> %d, lanes 0 -> %d\n", descriptors, count_descriptors (), count_maps ());
	check (count_descriptors () == descriptors && count_maps () == 0);
	(void) fflush (NULL);
}
