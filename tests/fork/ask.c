/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Libraries that ask: craton_check_fork(), craton_fork_mark() and craton_check_fork_since(), from
 * threads, at whatever distance, and from a signal handler that interrupts the memory manager,
 * which is where a function that is not async-signal-safe hangs.
 *
 * From the environment: CRATON_MODULE.
 */
#include "config.h"

#include <check.h>
#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkcs11.h"
#include "craton.h"

#define N_THREADS 16
#define N_GENERATIONS 10
#define N_SIGNALS 2000

static CK_FUNCTION_LIST *
load (void)
{
	void *library = dlopen (getenv ("CRATON_MODULE"), RTLD_NOW);
	CK_C_GetFunctionList get_function_list;
	CK_FUNCTION_LIST *list;

	ck_assert_msg (library != NULL, "%s", dlerror ());
	*(void **) &get_function_list = dlsym (library, "C_GetFunctionList");
	ck_assert_uint_eq (get_function_list (&list), CKR_OK);
	return list;
}

/* A child's verdict is its status. */
static void
expect_in_child (pid_t pid, int (*run) (void *data), void *data)
{
	int status;

	ck_assert_int_ge (pid, 0);
	if (pid == 0)
		_exit (run (data));
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_msg (WIFEXITED (status) && WEXITSTATUS (status) == 0, "child: status 0x%x",
	               (unsigned) status);
}

/* craton_check_fork */

static int
ask_about_module (void *data)
{
	CK_FUNCTION_LIST *list = data;

	if (craton_check_fork () != 1)
		return 1;
	if (list->C_Initialize (NULL) != CKR_OK || craton_check_fork () != 0)
		return 2;
	return list->C_Finalize (NULL) == CKR_OK && craton_check_fork () == 0 ? 0 : 3;
}

static int
expect_nothing_due (void *data)
{
	return craton_check_fork ();
}

START_TEST (test_check_fork__follows_module)
{
	CK_FUNCTION_LIST *list = load ();

	ck_assert_int_eq (craton_check_fork (), 0);
	expect_in_child (fork (), expect_nothing_due, NULL);
	ck_assert_uint_eq (list->C_Initialize (NULL), CKR_OK);
	ck_assert_int_eq (craton_check_fork (), 0);
	expect_in_child (fork (), ask_about_module, list);
	expect_in_child (_Fork (), ask_about_module, list);
	ck_assert_int_eq (craton_check_fork (), 0);
	ck_assert_uint_eq (list->C_Finalize (NULL), CKR_OK);
	ck_assert_int_eq (craton_check_fork (), 0);
	/* Finalised here: a child has nothing to make up for. */
	expect_in_child (fork (), expect_nothing_due, NULL);
}
END_TEST

/* Marks */

START_TEST (test_fork_mark__same_for_all)
{
	uint64_t mark = craton_fork_mark ();

	ck_assert_uint_ne (mark, 0);
	ck_assert_uint_eq (craton_fork_mark (), mark);
	ck_assert_int_eq (craton_check_fork_since (mark), 0);
}
END_TEST

/* Each generation's mark differs from all before it, and each is seen as a fork since all of
 * them. */
typedef struct {
	uint64_t marks[N_GENERATIONS];
	int n_marks;
} Line;

static int
descend (void *data)
{
	Line line = *(Line *) data;
	uint64_t mark;
	pid_t pid;
	int status;

	for (int i = 0; i < line.n_marks; i++) {
		if (craton_check_fork_since (line.marks[i]) != 1)
			return 1;
	}
	mark = craton_fork_mark ();
	for (int i = 0; i < line.n_marks; i++) {
		if (mark == line.marks[i] || craton_check_fork_since (line.marks[i]) != 1)
			return 2;
	}
	if (mark == 0 || craton_check_fork_since (mark) != 0)
		return 3;
	if (line.n_marks == N_GENERATIONS)
		return 0;
	line.marks[line.n_marks++] = mark;
	/* Between two that ask there is one that does not. */
	pid = _Fork ();
	if (pid == 0) {
		pid = fork ();
		if (pid == 0)
			_exit (descend (&line));
		_exit (pid > 0 && waitpid (pid, &status, 0) == pid && WIFEXITED (status)
		               ? WEXITSTATUS (status)
		               : 4);
	}
	if (pid < 0 || waitpid (pid, &status, 0) != pid || !WIFEXITED (status))
		return 5;
	return craton_check_fork_since (mark) == 0 ? WEXITSTATUS (status) : 6;
}

START_TEST (test_fork_mark__every_generation_its_own)
{
	Line line = { .n_marks = 0 };

	ck_assert_int_eq (descend (&line), 0);
}
END_TEST

static pthread_barrier_t barrier;
static uint64_t marks[N_THREADS];

static void *
take_mark (void *data)
{
	(void) pthread_barrier_wait (&barrier);
	*(uint64_t *) data = craton_fork_mark ();
	return NULL;
}

static int
take_marks (void *data)
{
	pthread_t threads[N_THREADS];

	if (craton_check_fork_since (*(uint64_t *) data) != 1 ||
	    pthread_barrier_init (&barrier, NULL, N_THREADS) != 0)
		return 1;
	for (int i = 0; i < N_THREADS; i++) {
		if (pthread_create (&threads[i], NULL, take_mark, &marks[i]) != 0)
			return 2;
	}
	for (int i = 0; i < N_THREADS; i++)
		(void) pthread_join (threads[i], NULL);
	for (int i = 0; i < N_THREADS; i++) {
		if (marks[i] == 0 || marks[i] != marks[0] ||
		    craton_check_fork_since (marks[i]) != 0)
			return 3;
	}
	return 0;
}

/* The first to ask after a fork makes the mark, and all get the same. */
START_TEST (test_fork_mark__threads_agree)
{
	uint64_t mark = craton_fork_mark ();

	for (int i = 0; i < 100; i++)
		expect_in_child (fork (), take_marks, &mark);
}
END_TEST

/* From a signal handler */

static volatile sig_atomic_t n_signals, n_wrong;
static uint64_t mark_outside;

static void
ask_in_handler (int number)
{
	n_signals++;
	if (craton_check_fork () != 0 || craton_fork_mark () != mark_outside ||
	    craton_check_fork_since (mark_outside) != 0)
		n_wrong++;
}

/* The handler comes while the memory manager is at work, again and again. */
static void
use_memory (void)
{
	struct itimerval timer = { { 0, 200 }, { 0, 200 } }, none = { { 0 } };
	struct sigaction action = { .sa_handler = ask_in_handler, .sa_flags = SA_RESTART };
	void *pieces[64] = { NULL };

	ck_assert_int_eq (sigaction (SIGALRM, &action, NULL), 0);
	ck_assert_int_eq (setitimer (ITIMER_REAL, &timer, NULL), 0);
	for (size_t i = 0; n_signals < N_SIGNALS; i++) {
		free (pieces[i % 64]);
		pieces[i % 64] = malloc (16 + i * 7919 % 4000);
		ck_assert_ptr_nonnull (pieces[i % 64]);
	}
	ck_assert_int_eq (setitimer (ITIMER_REAL, &none, NULL), 0);
	for (size_t i = 0; i < 64; i++)
		free (pieces[i]);
}

START_TEST (test_ask__in_handler_during_malloc)
{
	CK_FUNCTION_LIST *list = load ();

	ck_assert_uint_eq (list->C_Initialize (NULL), CKR_OK);
	mark_outside = craton_fork_mark ();
	use_memory ();
	ck_assert_int_eq (n_wrong, 0);
	ck_assert_uint_eq (list->C_Finalize (NULL), CKR_OK);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("ask");
	TCase *tcase = tcase_create ("ask");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_check_fork__follows_module);
	tcase_add_test (tcase, test_fork_mark__same_for_all);
	tcase_add_test (tcase, test_fork_mark__every_generation_its_own);
	tcase_add_test (tcase, test_fork_mark__threads_agree);
	tcase_add_test (tcase, test_ask__in_handler_during_malloc);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
