/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_Initialize by many threads at once: exactly one does it, in a fresh process and in a child, and
 * a hosted module that does not lock is entered once. And C_Finalize against calls in flight: all
 * come to their end.
 */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "craton.h"
#include "fork-common.h"

#define N_THREADS 16
#define N_ROUNDS 10
#define N_USERS 8

static pthread_barrier_t start;
static atomic_int n_first;

/* What each thread does with the module once somebody has initialised it. */
static void (*use) (void);

static void *
initialize_at_once (void *data)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv;

	(void) pthread_barrier_wait (&start);
	rv = p11->C_Initialize (&args);
	if (rv == CKR_OK)
		(void) atomic_fetch_add (&n_first, 1);
	else
		check_rv (rv, CKR_CRYPTOKI_ALREADY_INITIALIZED);
	use ();
	return NULL;
}

/* Through p11-kit one after the other. */
static unsigned int
n_at_once (void)
{
	return p11_kit_breaks () ? 1 : N_THREADS;
}

static void
run_round (void)
{
	pthread_t threads[N_THREADS];

	atomic_store (&n_first, 0);
	check (pthread_barrier_init (&start, NULL, n_at_once ()) == 0);
	for (size_t i = 0; i < n_at_once (); i++)
		check (pthread_create (&threads[i], NULL, initialize_at_once, NULL) == 0);
	for (size_t i = 0; i < n_at_once (); i++)
		check (pthread_join (threads[i], NULL) == 0);
	check (pthread_barrier_destroy (&start) == 0);
	check (atomic_load (&n_first) == 1);
	check (craton_check_fork () == 0);
}

static void
use_session (void)
{
	User user = open_user ();
	CK_BYTE random[16];

	check_rv (p11->C_GenerateRandom (user.session, random, sizeof (random)), CKR_OK);
}

static void
use_unlocked (void)
{
	CK_SLOT_ID slot;
	CK_ULONG n_slots = 1;
	CK_TOKEN_INFO info;

	check_rv (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots), CKR_OK);
	check_rv (p11->C_GetTokenInfo (slot, &info), CKR_OK);
	if (memcmp (info.label, "entered 1, at once 1  ", 22) != 0)
		fail (__FILE__, __LINE__, "the module was %.32s", info.label);
}

static void
run_rounds (void (*how) (void))
{
	use = how;
	load_module ();
	for (int i = 0; i < N_ROUNDS; i++) {
		run_round ();
		finalize ();
	}
}

static void
run_rounds_in_children (void (*how) (void))
{
	use = how;
	load_module ();
	initialize ();
	use ();
	for (int i = 0; i < N_ROUNDS; i++) {
		pid_t pid = fork ();

		check (pid >= 0);
		if (pid == 0) {
			expect_refused (0);
			run_round ();
			finalize ();
			_exit (0);
		}
		await_end (pid);
	}
	use ();
	finalize ();
}

static void
init_fresh (void)
{
	run_rounds (use_session);
}

static void
init_child (void)
{
	run_rounds_in_children (use_session);
}

static void
init_unlocked (void)
{
	run_rounds (use_unlocked);
}

static void
init_unlocked_child (void)
{
	run_rounds_in_children (use_unlocked);
}

/* C_Finalize against calls */

static atomic_int n_inside;

/* Until the module is gone. What a call says in the very moment depends on how far it had come. */
static void *
call_until_finalized (void *data)
{
	User user = open_user ();
	CK_BYTE random[64];
	CK_RV rv;

	(void) atomic_fetch_add (&n_inside, 1);
	do
		rv = p11->C_GenerateRandom (user.session, random, sizeof (random));
	while (rv == CKR_OK);
	if (rv != CKR_SESSION_HANDLE_INVALID && rv != CKR_DEVICE_REMOVED)
		check_rv (rv, CKR_CRYPTOKI_NOT_INITIALIZED);
	return NULL;
}

static void
init_finalize (void)
{
	pthread_t threads[N_USERS];

	load_module ();
	for (int i = 0; i < 5 * N_ROUNDS; i++) {
		initialize ();
		atomic_store (&n_inside, 0);
		for (size_t j = 0; j < N_USERS; j++)
			check (pthread_create (&threads[j], NULL, call_until_finalized, NULL) == 0);
		while (atomic_load (&n_inside) < N_USERS)
			(void) sched_yield ();
		finalize ();
		for (size_t j = 0; j < N_USERS; j++)
			check (pthread_join (threads[j], NULL) == 0);
	}
	start_anew ();
	finalize ();
}

const ForkCase init_cases[] = {
	{ "init", "16 threads call C_Initialize at once: one CKR_OK", init_fresh },
	{ "init-child", "16 threads call C_Initialize at once in a child", init_child },
	{ "init-unlocked", "16 threads, onto a hosted module that does not lock its own",
	  init_unlocked, UNLOCKED_INIT },
	{ "init-unlocked-child", "16 threads in a child, onto such a module", init_unlocked_child,
	  UNLOCKED_INIT },
	{ "finalize-calls", "C_Finalize against calls in flight", init_finalize },
	{ NULL },
};
