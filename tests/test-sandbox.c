/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a process has given up once it is in the sandbox; in a build without one, nothing.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sandbox.h"

static const CratonSandboxProfile profiles[] = { CRATON_SANDBOX_TOKEN, CRATON_SANDBOX_HOST };

START_TEST (test_enter__each_profile)
{
	struct rlimit before, core;

	ck_assert_int_eq (prctl (PR_GET_DUMPABLE, 0, 0, 0, 0), 1);
	ck_assert_int_eq (getrlimit (RLIMIT_CORE, &before), 0);
	ck_assert_uint_eq (craton_sandbox_enter (profiles[_i]), CKR_OK);
	ck_assert_int_eq (getrlimit (RLIMIT_CORE, &core), 0);
	ck_assert_int_eq (prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), CRATON_HAS_SANDBOX);
	ck_assert_int_eq (prctl (PR_GET_DUMPABLE, 0, 0, 0, 0), !CRATON_HAS_SANDBOX);
	ck_assert_uint_eq (core.rlim_max, CRATON_HAS_SANDBOX ? 0 : before.rlim_max);
	ck_assert_uint_eq (core.rlim_cur, CRATON_HAS_SANDBOX ? 0 : before.rlim_cur);
	/* Entered twice is entered. */
	ck_assert_uint_eq (craton_sandbox_enter (profiles[_i]), CKR_OK);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("sandbox");
	TCase *tcase = tcase_create ("enter");
	SRunner *runner = srunner_create (suite);
	int n_failed;

	/* There is no way out of it: in a process of its own, whatever CK_FORK says. */
	srunner_set_fork_status (runner, CK_FORK);
	tcase_add_loop_test (tcase, test_enter__each_profile, 0,
	                     (int) (sizeof (profiles) / sizeof (profiles[0])));
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
