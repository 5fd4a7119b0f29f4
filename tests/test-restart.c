/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pauses between starts, counted and not waited for: how long each is by what the channel says of itself.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "../proxy/instance.h"

#define FORGIVEN 2
#define N_FAILURES 100

static CratonInstance instance;

/* Of one start that went wrong: the pause after it. @ret_told: whether it is logged. */
static int64_t
fail_once (CratonChannel *channel, CK_RV rv, bool *ret_told)
{
	int64_t before = craton_restart_now_ms ();

	*ret_told = craton_restart_note (channel, rv);
	/* The clock goes on meanwhile, by less than half of the shortest pause. */
	return (channel->retry_ms - before + 100) / 250 * 250;
}

static void
expect_pauses (CratonChannel *channel, CK_RV rv, unsigned int n_forgiven, int64_t first_ms)
{
	int64_t expected = first_ms;

	for (unsigned int i = 0; i < N_FAILURES; i++) {
		bool told;
		int64_t pause = fail_once (channel, rv, &told);

		ck_assert_int_eq (told, i == 0);
		ck_assert_int_eq (pause, i < n_forgiven ? 0 : expected);
		ck_assert_int_eq (craton_restart_allowed (channel), pause == 0);
		if (i >= n_forgiven)
			expected = expected * 2 < 64000 ? expected * 2 : 64000;
	}
}

START_TEST (test_pause__doubles_up_to_a_limit)
{
	expect_pauses (&instance.channels[0], CKR_DEVICE_REMOVED, FORGIVEN, 250);
}
END_TEST

START_TEST (test_pause__module_that_says_no)
{
	instance.channels[1].index = 1;
	expect_pauses (&instance.channels[1], CKR_GENERAL_ERROR, 0, 1000);
}
END_TEST

/* One that says hello and dies before it has done anything, and one that has worked. */
START_TEST (test_pause__after_work)
{
	CratonChannel *channel = &instance.channels[2];

	for (unsigned int i = 0; i < FORGIVEN + 1; i++) {
		ck_assert (craton_restart_allowed (channel));
		ck_assert (!craton_restart_note (channel, CKR_OK));
		channel->death_ms = channel->birth_ms;
	}
	ck_assert (!craton_restart_allowed (channel));
	channel->retry_ms = 0;
	ck_assert (craton_restart_allowed (channel));
	ck_assert (!craton_restart_note (channel, CKR_OK));
	channel->death_ms = channel->birth_ms;
	(void) atomic_fetch_add (&channel->n_calls, 32);
	ck_assert (craton_restart_allowed (channel));
	ck_assert_uint_eq (channel->n_failures, 0);
}
END_TEST

START_TEST (test_pause__want_of_memory)
{
	CratonChannel *channel = &instance.channels[3];

	for (unsigned int i = 0; i < N_FAILURES; i++) {
		ck_assert (craton_restart_note (channel, CKR_HOST_MEMORY));
		ck_assert (craton_restart_allowed (channel));
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("restart");
	TCase *tcase = tcase_create ("pauses");
	SRunner *runner;
	int n_failed;

	tcase_add_test (tcase, test_pause__doubles_up_to_a_limit);
	tcase_add_test (tcase, test_pause__module_that_says_no);
	tcase_add_test (tcase, test_pause__after_work);
	tcase_add_test (tcase, test_pause__want_of_memory);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
