/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fork while other threads are inside calls. What a lock that was copied while it was held does to
 * a child shows once in thousands of forks: CRATON_TEST_LONG makes ten times as many.
 */
#include "config.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "craton.h"
#include "fork-common.h"

#define N_THREADS 8

static atomic_bool over;
static atomic_ulong n_calls[N_THREADS];

/* Calls that start, find, wait and answer in all the ways there are; each must come to its end,
 * with what was asked for. */
static void *
make_calls (void *data)
{
	size_t number = (size_t) (uintptr_t) data;
	User user = open_user ();
	CK_BYTE random[64], none[64] = { 0 };

	find_keys (&user);
	while (!atomic_load (&over)) {
		CK_SESSION_INFO info;
		CK_SESSION_HANDLE other;

		check_rv (p11->C_GenerateRandom (user.session, random, sizeof (random)), CKR_OK);
		check (memcmp (random, none, sizeof (none)) != 0);
		check_rv (p11->C_GetSessionInfo (user.session, &info), CKR_OK);
		if (number % 2 == 0)
			sign (&user);
		else if (number % 4 == 1)
			other = open_user ().session,
			check_rv (p11->C_CloseSession (other), CKR_OK);
		(void) atomic_fetch_add (&n_calls[number], 1);
	}
	return NULL;
}

static void
live_after_threads (int number)
{
	User user;
	CK_BYTE random[16];

	/* p11-kit's locks may have been copied while they were held: no child can use it. */
	if (p11_kit_breaks ()) {
		check (craton_check_fork () == 1);
		_exit (0);
	}
	expect_refused (0);
	initialize ();
	user = open_user ();
	check_rv (p11->C_GenerateRandom (user.session, random, sizeof (random)), CKR_OK);
	if (number % 50 == 0) {
		log_in (&user);
		find_keys (&user);
		sign (&user);
	}
	_exit (0);
}

static void
threads_fork (void)
{
	int n_forks = is_long () ? 10000 : 1000;
	pthread_t threads[N_THREADS];
	unsigned long before[N_THREADS];
	User user;

	load_module ();
	initialize ();
	user = new_user ();
	for (size_t i = 0; i < N_THREADS; i++)
		check (pthread_create (&threads[i], NULL, make_calls, (void *) (uintptr_t) i) == 0);
	for (size_t i = 0; i < N_THREADS; i++)
		before[i] = atomic_load (&n_calls[i]);
	for (int i = 0; i < n_forks; i++) {
		pid_t pid = fork ();

		check (pid >= 0);
		if (pid == 0)
			live_after_threads (i);
		await_end (pid);
	}
	atomic_store (&over, true);
	for (size_t i = 0; i < N_THREADS; i++) {
		check (pthread_join (threads[i], NULL) == 0);
		check (atomic_load (&n_calls[i]) > before[i]);
	}
	sign (&user);
	finalize ();
}

const ForkCase threads_cases[] = {
	{ "threads", "1,000 forks while 8 threads are inside calls (10,000 with --long)",
	  threads_fork },
	{ NULL },
};
