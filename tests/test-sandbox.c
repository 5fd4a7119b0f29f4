/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sandbox from inside: under each profile every forbidden thing is tried and fails, as root and as a user without rights, and
 * what the process is for works. And kernels that lack a part: they are played by a filter of the test's own, which answers as
 * an old kernel does.
 */
#include "config.h"

#include <check.h>
#include <grp.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "attempts.h"
#include "sandbox.h"

#define NOBODY 65534

static const CratonSandboxProfile profiles[] = { CRATON_SANDBOX_TOKEN, CRATON_SANDBOX_MODULE,
	                                         CRATON_SANDBOX_LOCAL, CRATON_SANDBOX_NETWORK };
/* Each profile as this user, then as nobody. */
#define N_CASES (2 * (int) G_N_ELEMENTS (profiles))

G_STATIC_ASSERT (ATTEMPT_TOKEN == CRATON_SANDBOX_TOKEN && ATTEMPT_MODULE == CRATON_SANDBOX_MODULE);
G_STATIC_ASSERT (ATTEMPT_LOCAL == CRATON_SANDBOX_LOCAL && ATTEMPT_NETWORK == CRATON_SANDBOX_NETWORK);

static char *root, *store;
static int listener;
static GPtrArray *lines;
static CratonSandboxPlan plan;

static GLogWriterOutput
keep_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	for (gsize i = 0; i < n_fields; i++) {
		if (g_str_equal (fields[i].key, "MESSAGE") && !(level & G_LOG_LEVEL_DEBUG))
			g_ptr_array_add (lines, g_strdup (fields[i].value));
	}
	return G_LOG_WRITER_HANDLED;
}

/* A process of the same user that does nothing. */
static pid_t
start_sibling (void)
{
	pid_t pid = fork ();

	ck_assert_int_ge (pid, 0);
	if (pid == 0) {
		(void) prctl (PR_SET_PDEATHSIG, SIGKILL);
		/* A change of user has closed it to others of that user. */
		(void) prctl (PR_SET_DUMPABLE, 1);
		for (;;)
			(void) pause ();
	}
	return pid;
}

static void
setup (void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_addr = { htonl (INADDR_LOOPBACK) } };
	socklen_t len = sizeof (address);
	g_autofree char *secret = NULL;

	root = g_dir_make_tmp ("craton-test-sandbox-XXXXXX", NULL);
	ck_assert_ptr_nonnull (root);
	store = g_build_filename (root, "store", NULL);
	(void) snprintf (attempt_target.folder, sizeof (attempt_target.folder), "%s/other", root);
	secret = g_build_filename (attempt_target.folder, "secret", NULL);
	ck_assert_int_eq (g_mkdir (store, 0777), 0);
	ck_assert_int_eq (g_mkdir (attempt_target.folder, 0777), 0);
	ck_assert (g_file_set_contents (secret, "secret", -1, NULL));
	ck_assert_int_eq (chmod (root, 0777) | chmod (store, 0777) |
	                          chmod (attempt_target.folder, 0777) | chmod (secret, 0666),
	                  0);
	listener = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert_int_eq (bind (listener, (struct sockaddr *) &address, len), 0);
	ck_assert_int_eq (listen (listener, 8), 0);
	ck_assert_int_eq (getsockname (listener, (struct sockaddr *) &address, &len), 0);
	attempt_target.port = ntohs (address.sin_port);
	lines = g_ptr_array_new ();
	g_log_set_writer_func (keep_line, NULL, NULL);
	plan = (CratonSandboxPlan){ .reads = g_ptr_array_new (), .writes = g_ptr_array_new () };
	g_ptr_array_add (plan.writes, store);
}

static void
clean_up (void)
{
	char *arguments[] = { (char *) "rm", (char *) "-rf", (char *) "--", root, NULL };

	ck_assert (g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
	                         NULL, NULL));
}

/* As case @n says. */
static void
become (int n)
{
	plan.profile = profiles[n % (int) G_N_ELEMENTS (profiles)];
	if (n >= (int) G_N_ELEMENTS (profiles) && geteuid () == 0) {
		ck_assert_int_eq (setgroups (0, NULL), 0);
		ck_assert_int_eq (setresgid (NOBODY, NOBODY, NOBODY), 0);
		ck_assert_int_eq (setresuid (NOBODY, NOBODY, NOBODY), 0);
		ck_assert_int_eq (prctl (PR_SET_DUMPABLE, 1, 0, 0, 0), 0);
	}
	attempt_target.sibling = start_sibling ();
}

/* Tries @function in a process of its own, so that nothing of it is left and the scratch folder can be removed; it gives 0 for
 * all well, or the text of what was not goes to standard error. */
static void
expect_well (const char *(*function) (int n), int n)
{
	int status = -1;
	pid_t pid;

	setup ();
	pid = fork ();
	ck_assert_int_ge (pid, 0);
	if (pid == 0) {
		const char *bad;

		become (n);
		bad = function (n);
		if (bad != NULL)
			(void) dprintf (STDERR_FILENO, "case %d: %s\n", n, bad);
		_exit (bad != NULL);
	}
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	clean_up ();
	ck_assert_int_eq (status, 0);
}

/* What could not be done outside either would say nothing about the sandbox. */
static const char *
try_outside (int n)
{
	for (size_t i = 0; i < N_ATTEMPTS; i++) {
		/* A kernel may have none. */
		if (!attempts[i].made () && attempts[i].made != attempt_io_uring)
			return attempts[i].name;
	}
	return NULL;
}

START_TEST (test_attempts__outside)
{
	expect_well (try_outside, _i * (int) G_N_ELEMENTS (profiles));
}
END_TEST

static const char *
try_inside (int n)
{
	const char *made;

	if (craton_sandbox_enter (&plan) != CKR_OK)
		return "cannot enter";
	made = attempts_first_made (plan.profile);
	if (made != NULL)
		return made;
	if (lines->len != 0)
		return lines->pdata[0];
	for (size_t i = 0; i < N_ATTEMPTS; i++) {
		/* io_uring is nobody's, and the filter is what refuses it. */
		if ((attempts[i].refused & plan.profile) == 0 && !attempts[i].made ())
			return attempts[i].name;
	}
	return NULL;
}

START_TEST (test_attempts__each_profile)
{
	expect_well (try_inside, _i);
}
END_TEST

static void *
answer (void *data)
{
	*(int *) data = 42;
	return NULL;
}

static volatile sig_atomic_t n_signals;

static void
count_signal (int number)
{
	n_signals++;
}

/* Files in its folder, threads, lanes, signals to itself. */
static const char *
work_inside (int n)
{
	g_autofree char *file = g_build_filename (store, "db", NULL);
	g_autofree char *renamed = g_build_filename (store, "db-2", NULL);
	pthread_t thread;
	char byte;
	int number = 0, fd;

	if (craton_sandbox_enter (&plan) != CKR_OK)
		return "cannot enter";
	if (!g_file_set_contents (file, "text", -1, NULL) || rename (file, renamed) != 0)
		return "its folder";
	if (truncate (renamed, 1) != 0 || unlink (renamed) != 0)
		return "its file";
	if (pthread_create (&thread, NULL, answer, &number) != 0 ||
	    pthread_join (thread, NULL) != 0 || number != 42)
		return "thread";
	fd = memfd_create ("lane", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0 || ftruncate (fd, 4096) != 0 ||
	    mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED)
		return "memory for a lane";
	if (signal (SIGUSR1, count_signal) == SIG_ERR || raise (SIGUSR1) != 0 || n_signals != 1)
		return "a signal to itself";
	if (getentropy (&byte, 1) != 0 || open ("/dev/null", O_RDWR | O_CLOEXEC) < 0)
		return "devices";
	return NULL;
}

START_TEST (test_work__each_profile)
{
	expect_well (work_inside, _i);
}
END_TEST

/* Core files, debuggers and privileges do not depend on sandbox=. */
static const char *
look_at_process (int n)
{
	struct rlimit core;

	plan.mode = CRATON_SANDBOX_OFF;
	if (craton_sandbox_enter (&plan) != CKR_OK || getrlimit (RLIMIT_CORE, &core) != 0)
		return "cannot enter";
	if (prctl (PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1 || prctl (PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
		return "privileges";
	if (core.rlim_max != 0 || core.rlim_cur != 0)
		return "core file";
	return attempt_read_file () && attempt_fork () ? NULL : "not off";
}

START_TEST (test_enter__off)
{
	expect_well (look_at_process, _i);
}
END_TEST

/* From here on this process's kernel is an old one: no Landlock, no filters. */
static void
forget_parts (gboolean landlock, gboolean filters)
{
	const guint number = offsetof (struct seccomp_data, nr);
	const guint first = offsetof (struct seccomp_data, args);
	struct sock_filter steps[] = {
		BPF_STMT (BPF_LD | BPF_W | BPF_ABS, number),
		BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, landlock ? SYS_landlock_create_ruleset : ~0u, 4, 0),
		BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, filters ? SYS_prctl : ~0u, 0, 2),
		BPF_STMT (BPF_LD | BPF_W | BPF_ABS, first),
		BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, PR_SET_SECCOMP, 2, 0),
		BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
		BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
	};
	struct sock_fprog program = { G_N_ELEMENTS (steps), steps };

	ck_assert_int_eq (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

/* Bit 0: without Landlock, bit 1: without filters, bit 2: required. */
static const char *
enter_old_kernel (int n)
{
	gboolean landlock = (n & 1) != 0, filters = (n & 2) != 0;
	gboolean required = (n & 4) != 0, missing = landlock || filters;
	CK_RV rv;

	plan.profile = CRATON_SANDBOX_TOKEN;
	plan.mode = required ? CRATON_SANDBOX_REQUIRED : CRATON_SANDBOX_ON;
	forget_parts (landlock, filters);
	rv = craton_sandbox_enter (&plan);
	if (lines->len != (guint) missing)
		return "not one line";
	if (missing && landlock != (strstr (lines->pdata[0], "Landlock") != NULL))
		return lines->pdata[0];
	if (missing && filters != (strstr (lines->pdata[0], "seccomp") != NULL))
		return lines->pdata[0];
	if ((rv != CKR_OK) != (required && missing))
		return "the answer";
	if (rv != CKR_OK)
		return NULL;
	if (attempt_read_file () != landlock)
		return "files";
	return attempt_socket_inet () == filters ? NULL : "sockets";
}

START_TEST (test_enter__old_kernel)
{
	expect_well (enter_old_kernel, _i);
}
END_TEST

START_TEST (test_explain__names_what_is_allowed)
{
	g_autofree char *text = NULL;

	setup ();
	plan.profile = CRATON_SANDBOX_TOKEN;
	text = craton_sandbox_explain (&plan);
	ck_assert_ptr_nonnull (strstr (text, store));
	ck_assert_ptr_nonnull (strstr (text, " openat "));
	ck_assert_ptr_nonnull (strstr (text, " mmap* "));
	ck_assert_ptr_null (strstr (text, " connect"));
	ck_assert_ptr_null (strstr (text, " execve"));
	clean_up ();
}
END_TEST

/* A build without a sandbox: nothing is given up, and it does not pretend. */
START_TEST (test_null__says_so)
{
	g_autofree char *text = NULL;

	plan = (CratonSandboxPlan){ .profile = CRATON_SANDBOX_TOKEN };
	lines = g_ptr_array_new ();
	g_log_set_writer_func (keep_line, NULL, NULL);
	ck_assert_uint_eq (craton_sandbox_enter (&plan), CKR_OK);
	ck_assert_uint_eq (lines->len, 0);
	ck_assert_str_eq (craton_sandbox_state (&plan), "off");
	text = craton_sandbox_explain (&plan);
	ck_assert_str_eq (text, "This build of Craton has no sandbox.\n");
	plan.mode = CRATON_SANDBOX_REQUIRED;
	ck_assert_uint_eq (craton_sandbox_enter (&plan), CKR_FUNCTION_FAILED);
	ck_assert_uint_eq (lines->len, 1);
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
	if (CRATON_HAS_SANDBOX) {
		tcase_add_loop_test (tcase, test_attempts__outside, 0, 2);
		tcase_add_loop_test (tcase, test_attempts__each_profile, 0, N_CASES);
		tcase_add_loop_test (tcase, test_work__each_profile, 0, N_CASES);
		tcase_add_loop_test (tcase, test_enter__off, 0, N_CASES);
		tcase_add_loop_test (tcase, test_enter__old_kernel, 0, 8);
		tcase_add_test (tcase, test_explain__names_what_is_allowed);
	} else {
		tcase_add_test (tcase, test_null__says_so);
	}
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
