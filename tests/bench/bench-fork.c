/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What asking costs: the calls of craton.h, warm, and what they are to be compared with.
 * Nanoseconds for one call, the best of several runs.
 *
 * From the environment: CRATON_MODULE.
 */
#include "config.h"

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "pkcs11.h"
#include "craton.h"

#define N_RUNS 20
#define N_CALLS 2000000

static CK_FUNCTION_LIST *p11;
static uint64_t mark;

static uint64_t
ask_fork (void)
{
	return (uint64_t) craton_check_fork ();
}

static uint64_t
ask_since (void)
{
	return (uint64_t) craton_check_fork_since (mark);
}

static uint64_t
take_mark (void)
{
	return craton_fork_mark ();
}

static uint64_t
ask_pid (void)
{
	return (uint64_t) getpid ();
}

/* A function of the module that asks, and needs no backend. */
static uint64_t
call_module (void)
{
	CK_INFO info;

	return p11->C_GetInfo (&info);
}

static uint64_t
nothing (void)
{
	return mark;
}

static const struct {
	const char *name;
	uint64_t (*call) (void);
} rows[] = {
	{ "the loop itself", nothing },
	{ "craton_check_fork ()", ask_fork },
	{ "craton_check_fork_since (mark)", ask_since },
	{ "craton_fork_mark ()", take_mark },
	{ "getpid ()", ask_pid },
	{ "C_GetInfo (&info)", call_module },
};

static double
now_ns (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec * 1e9 + (double) now.tv_nsec;
}

static double
measure (uint64_t (*call) (void), uint64_t *sum)
{
	double best = 1e9;

	for (int run = 0; run < N_RUNS; run++) {
		double start = now_ns (), each;

		for (int i = 0; i < N_CALLS; i++)
			*sum += call ();
		each = (now_ns () - start) / N_CALLS;
		if (each < best)
			best = each;
	}
	return best;
}

int
main (void)
{
	const char *module = getenv ("CRATON_MODULE");
	void *library = module == NULL ? NULL : dlopen (module, RTLD_NOW);
	CK_C_GetFunctionList get_function_list;
	uint64_t sum = 0;

	if (module == NULL) {
		fprintf (stderr, "bench-fork: CRATON_MODULE is to name craton-pkcs11.so\n");
		return 1;
	}
	if (library == NULL) {
		fprintf (stderr, "%s\n", dlerror ());
		return 1;
	}
	*(void **) &get_function_list = dlsym (library, "C_GetFunctionList");
	if (get_function_list (&p11) != CKR_OK || p11->C_Initialize (NULL) != CKR_OK)
		return 1;
	mark = craton_fork_mark ();
	for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++)
		printf ("%-32s %7.2f ns\n", rows[i].name, measure (rows[i].call, &sum));
	/* So that no call is left out as useless. */
	return p11->C_Finalize (NULL) == CKR_OK && sum != 0 ? 0 : 1;
}
