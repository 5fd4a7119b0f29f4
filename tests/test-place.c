/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of place.h: when a thread leaves its client's processor, and that it may run everywhere again.
 */
#include "config.h"

#include <check.h>
#include <sched.h>
#include <stdlib.h>

#include "place.h"

static cpu_set_t
allowed (void)
{
	cpu_set_t set;

	ck_assert_int_eq (sched_getaffinity (0, sizeof set, &set), 0);
	return set;
}

START_TEST (test_place__note)
{
	CratonPlace place = { 0 };

	for (int round = 0; round < 3; round++) {
		for (int i = 0; i < 7; i++)
			ck_assert (!craton_place_note (&place, i % 2 == 0 ? 1 : 1000, FALSE));
		ck_assert (craton_place_note (&place, 1, TRUE));
	}
	/* What took long while others computed, or was not waited for on the client's processor, begins anew. */
	for (int i = 0; i < 7; i++)
		ck_assert (!craton_place_note (&place, 0, TRUE));
	ck_assert (!craton_place_note (&place, 10, TRUE));
	for (int i = 0; i < 7; i++)
		ck_assert (!craton_place_note (&place, 0, TRUE));
	ck_assert (!craton_place_note (&place, -1, FALSE));
	ck_assert (!craton_place_note (&place, 0, FALSE));
}
END_TEST

START_TEST (test_place__leave)
{
	cpu_set_t before = allowed (), after;
	int n_moved = 0;

	for (int i = 0; i < 100; i++) {
		int cpu = sched_getcpu ();

		craton_place_leave ((guint) cpu);
		n_moved += sched_getcpu () != cpu;
	}
	after = allowed ();
	ck_assert (CPU_EQUAL (&before, &after));
	/* Nothing keeps it from coming back at once, but not each time. */
	ck_assert_int_eq (n_moved > 0, CPU_COUNT (&before) > 1);
}
END_TEST

START_TEST (test_place__one)
{
	cpu_set_t one, after;
	int cpu = sched_getcpu ();

	CPU_ZERO (&one);
	CPU_SET (cpu, &one);
	ck_assert_int_eq (sched_setaffinity (0, sizeof one, &one), 0);
	ck_assert (craton_place_is_together ((guint) cpu));
	craton_place_leave ((guint) cpu);
	after = allowed ();
	ck_assert (CPU_EQUAL (&one, &after));
	ck_assert_int_eq (sched_getcpu (), cpu);
}
END_TEST

START_TEST (test_place__hostile)
{
	static const guint cpus[] = { CPU_SETSIZE - 1, CPU_SETSIZE, G_MAXINT, G_MAXUINT };
	cpu_set_t before = allowed (), after;

	for (gsize i = 0; i < G_N_ELEMENTS (cpus); i++) {
		craton_place_leave (cpus[i]);
		after = allowed ();
		ck_assert (CPU_EQUAL (&before, &after));
		ck_assert (!craton_place_is_together (cpus[i]));
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("place");
	TCase *tcase = tcase_create ("place");
	SRunner *runner;
	int failed;

	tcase_add_test (tcase, test_place__note);
	tcase_add_test (tcase, test_place__leave);
	tcase_add_test (tcase, test_place__one);
	tcase_add_test (tcase, test_place__hostile);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
