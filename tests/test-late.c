/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A library that is opened late: the first call into it, of whatever kind, in whichever threads, and what the process of a hosted
 * module never opens.
 */
#include "config.h"

#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "late-calls.h"

/* The sums of late_sample_mix () for k = 1 and late_sample_sum (). */
#define MIX 425.0
#define SUM 8.0
#define N_THREADS 8

static gboolean
is_open (void)
{
	void *handle = dlopen ("liblate-sample.so", RTLD_NOW | RTLD_NOLOAD);

	if (handle != NULL)
		(void) dlclose (handle);
	return handle != NULL;
}

START_TEST (test_first_call__all_arguments)
{
	ck_assert (!is_open ());
	errno = ENOTTY;
	ck_assert (late_calls_mix (1) == MIX);
	ck_assert_int_eq (errno, ENOTTY);
	ck_assert (is_open ());
	ck_assert (late_calls_mix (2) == MIX + 1);
}
END_TEST

extern void *craton_late_slots_0[];

/* What leads into a library can be written no more, once it has been opened. */
START_TEST (test_slots__read_only)
{
	g_autofree char *start = g_strdup_printf ("%lx-", (unsigned long) (gsize) craton_late_slots_0);
	g_autofree char *maps = NULL;
	const char *line;

	(void) late_calls_sum ();
	ck_assert (g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL));
	line = strstr (maps, start);
	ck_assert_ptr_nonnull (line);
	ck_assert_int_eq (strncmp (strchr (line, ' '), " r--p", 5), 0);
}
END_TEST

START_TEST (test_first_call__variadic)
{
	ck_assert (!is_open ());
	ck_assert (late_calls_sum () == SUM);
}
END_TEST

START_TEST (test_first_call__through_pointer)
{
	LateOpened opened = late_calls_opened ();

	ck_assert (!is_open ());
	ck_assert_int_eq (opened (), 1);
}
END_TEST

static pthread_barrier_t together;

static void *
call (void *data)
{
	(void) pthread_barrier_wait (&together);
	return late_calls_mix (1) == MIX && late_calls_sum () == SUM ? data : NULL;
}

START_TEST (test_first_call__threads_at_once)
{
	pthread_t threads[N_THREADS];

	ck_assert_int_eq (pthread_barrier_init (&together, NULL, N_THREADS), 0);
	for (gsize i = 0; i < N_THREADS; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, call, &together), 0);
	for (gsize i = 0; i < N_THREADS; i++) {
		void *result;

		ck_assert_int_eq (pthread_join (threads[i], &result), 0);
		ck_assert_ptr_nonnull (result);
	}
}
END_TEST

/* What the loader would open at the process's start. */
START_TEST (test_backend__needs_none_of_them)
{
	g_autofree char *command = g_strdup_printf ("readelf -d %s", g_getenv ("CRATON_BACKEND"));
	g_autofree char *out = NULL;

	ck_assert (g_spawn_command_line_sync (command, &out, NULL, NULL, NULL));
	ck_assert_ptr_nonnull (strstr (out, "libglib-2.0"));
	ck_assert_ptr_null (strstr (out, "libcrypto"));
	ck_assert_ptr_null (strstr (out, "libsqlite3"));
	ck_assert_ptr_null (strstr (out, "libp11-kit"));
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("late");
	TCase *tcase = tcase_create ("late");
	SRunner *runner = srunner_create (suite);
	int failed;

	tcase_add_test (tcase, test_first_call__all_arguments);
	tcase_add_test (tcase, test_slots__read_only);
	tcase_add_test (tcase, test_first_call__variadic);
	tcase_add_test (tcase, test_first_call__through_pointer);
	tcase_add_test (tcase, test_first_call__threads_at_once);
	tcase_add_test (tcase, test_backend__needs_none_of_them);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
