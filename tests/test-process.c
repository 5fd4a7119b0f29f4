/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is known of a process by number and start time: whether it runs, is stopped or gone; and that nobody else's is killed.
 */
#include "config.h"

#include "process.h"

#include <check.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t
start_child (void)
{
	pid_t pid = fork ();

	ck_assert_int_ge (pid, 0);
	while (pid == 0)
		(void) pause ();
	return pid;
}

START_TEST (test_process__states)
{
	pid_t pid = start_child ();
	CratonProcess process = craton_process_at (pid);
	siginfo_t info;

	ck_assert_int_eq (process.pid, pid);
	ck_assert_uint_ne (process.started, 0);
	ck_assert_int_eq (craton_process_state (&process), CRATON_PROCESS_RUNS);
	ck_assert (!craton_process_reap (&process));
	ck_assert_int_eq (kill (pid, SIGSTOP), 0);
	ck_assert_int_eq (waitid (P_PID, (id_t) pid, &info, WSTOPPED), 0);
	ck_assert_int_eq (craton_process_state (&process), CRATON_PROCESS_STOPPED);
	craton_process_kill (&process);
	/* Dead and not reaped, then reaped. */
	ck_assert_int_eq (waitid (P_PID, (id_t) pid, &info, WEXITED | WNOWAIT), 0);
	ck_assert_int_eq (info.si_status, SIGKILL);
	ck_assert_int_eq (craton_process_state (&process), CRATON_PROCESS_GONE);
	ck_assert (craton_process_reap (&process));
	ck_assert_int_eq (craton_process_state (&process), CRATON_PROCESS_GONE);
	ck_assert (craton_process_reap (&process));
}
END_TEST

/* The number was given to another process. */
START_TEST (test_process__not_the_one)
{
	pid_t pid = start_child ();
	CratonProcess other = craton_process_at (pid), unknown = { pid, 0 };

	other.started++;
	ck_assert_int_eq (craton_process_state (&other), CRATON_PROCESS_GONE);
	ck_assert_int_eq (craton_process_state (&unknown), CRATON_PROCESS_UNKNOWN);
	craton_process_kill (&other);
	craton_process_kill (&unknown);
	ck_assert_int_eq (waitpid (pid, NULL, WNOHANG), 0);
	ck_assert_int_eq (kill (pid, SIGKILL), 0);
	ck_assert_int_eq (waitpid (pid, NULL, 0), pid);
}
END_TEST

static void *
wait_for_ever (void *data)
{
	for (;;)
		(void) pause ();
	return data;
}

/* The first thread has ended, another has not: such a process may still write. */
START_TEST (test_process__first_thread_ended)
{
	CratonProcess process;
	pid_t pid = fork ();
	pthread_t thread;
	char path[64];
	FILE *file;
	char state = 'R';

	ck_assert_int_ge (pid, 0);
	if (pid == 0) {
		if (pthread_create (&thread, NULL, wait_for_ever, NULL) != 0)
			_exit (1);
		pthread_exit (NULL);
	}
	process = craton_process_at (pid);
	(void) snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
	while (state != 'Z') {
		file = fopen (path, "re");
		ck_assert_ptr_nonnull (file);
		ck_assert_int_eq (fscanf (file, "%*d %*s %c", &state), 1);
		(void) fclose (file);
	}
	ck_assert_int_eq (craton_process_state (&process), CRATON_PROCESS_RUNS);
	craton_process_kill (&process);
	ck_assert_int_eq (waitpid (pid, NULL, 0), pid);
	ck_assert_int_eq (craton_process_state (&process), CRATON_PROCESS_GONE);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("process");
	TCase *tcase = tcase_create ("process");
	SRunner *runner = srunner_create (suite);
	int n_failed;

	tcase_add_test (tcase, test_process__states);
	tcase_add_test (tcase, test_process__not_the_one);
	tcase_add_test (tcase, test_process__first_thread_ended);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_ENV);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
