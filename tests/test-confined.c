/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Real backends in their sandboxes: a hosted module that tries the forbidden things from inside, against the soft token's folder and
 * process and those of another module; the process of the tokens, as the kernel describes it; and what craton-backend explains.
 */
#include "config.h"

#include "backend-client.h"

#include <arpa/inet.h>
#include <stdio.h>

#include "sandbox.h"

static const struct {
	const char *network;
	CratonSandboxProfile profile;
} networks[] = {
	{ "no", CRATON_SANDBOX_MODULE },
	{ "local", CRATON_SANDBOX_LOCAL },
	{ "yes", CRATON_SANDBOX_NETWORK },
};

/* A TCP socket of this machine that listens. */
static int
listen_somewhere (void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_addr = { htonl (INADDR_LOOPBACK) } };
	socklen_t len = sizeof (address);
	int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_eq (bind (fd, (struct sockaddr *) &address, len), 0);
	ck_assert_int_eq (listen (fd, 8), 0);
	ck_assert_int_eq (getsockname (fd, (struct sockaddr *) &address, &len), 0);
	return ntohs (address.sin_port);
}

/* The target is a soft token's folder, and the process that holds it. */
static void
configure_attempts (const char *rest, CratonSandboxProfile profile, pid_t sibling)
{
	g_autofree char *store = g_build_filename (root, "store", NULL);
	g_autofree char *secret = g_build_filename (store, "secret", NULL);
	g_autofree char *text = g_strdup_printf (
		"[token t]\nstore=%s\n[module hosted]\npath=%s\n%s\n"
		"environment=ATTEMPT_TARGET=%d %d %d %s\n",
		store, g_getenv ("CRATON_ATTEMPT"), rest, (int) profile, (int) sibling,
		listen_somewhere (), store);

	ck_assert_int_eq (g_mkdir_with_parents (store, 0700), 0);
	ck_assert (g_file_set_contents (secret, "secret", -1, NULL));
	ck_assert (g_file_set_contents (g_getenv ("CRATON_CONFIG"), text, -1, NULL));
}

static void
ask_module (int control, CK_TOKEN_INFO *ret_info)
{
	const CK_ULONG args[] = { 1, (CK_ULONG) (uintptr_t) ret_info };
	CratonControl answer;
	CratonLane lane;

	ck_assert_uint_eq (hello (control, &answer), CKR_OK);
	ck_assert_uint_eq (open_lane (control, CRATON_LANE_DATA, &lane), CKR_OK);
	ck_assert_uint_eq (call_lane (&lane, CRATON_C_GetTokenInfo, args), CKR_OK);
	close_lane (&lane);
}

START_TEST (test_module__forbidden_things)
{
	g_autofree char *network = g_strdup_printf ("network=%s", networks[_i].network);
	CK_TOKEN_INFO info;
	Backend victim, backend;
	int control;

	g_setenv ("OPENSSL_CONF", "/tmp/evil.cnf", TRUE);
	configure_attempts (network, networks[_i].profile, 0);
	start_and_greet (&victim);
	configure_attempts (network, networks[_i].profile, victim.pid);
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ask_module (control, &info);
	ck_assert_mem_eq (info.label, "nothing  ", 9);
	ck_assert_mem_eq (info.model, "unset ", 6);
	(void) close (control);
	stop (&backend);
	stop (&victim);
}
END_TEST

/* sandbox=off of the module counts before that of [craton]; the process has its other limits still. */
START_TEST (test_module__off)
{
	CK_TOKEN_INFO info;
	Backend backend;
	int control;

	configure_attempts ("sandbox=off", CRATON_SANDBOX_MODULE, getpid ());
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ask_module (control, &info);
	ck_assert_mem_eq (info.label, "read a file ", 12);
	(void) close (control);
	stop (&backend);
}
END_TEST

/* A line of /proc/PID/status. */
static char *
status_line (pid_t pid, const char *key)
{
	g_autofree char *path = g_strdup_printf ("/proc/%d/status", (int) pid);
	g_autofree char *text = NULL;
	const char *line;

	ck_assert (g_file_get_contents (path, &text, NULL, NULL));
	line = strstr (text, key);
	ck_assert_ptr_nonnull (line);
	return g_strndup (line, strcspn (line, "\n"));
}

START_TEST (test_token__confined)
{
	g_autofree char *filtered = NULL, *privileges = NULL;
	Backend backend;

	start_and_greet (&backend);
	filtered = status_line (backend.pid, "\nSeccomp:" + 1);
	privileges = status_line (backend.pid, "\nNoNewPrivs:" + 1);
	ck_assert_str_eq (filtered, "Seccomp:\t2");
	ck_assert_str_eq (privileges, "NoNewPrivs:\t1");
	stop (&backend);
}
END_TEST

static void
expect_explained (const char *arguments, int status, const char *part)
{
	g_autofree char *command = g_strdup_printf ("%s %s", g_getenv ("CRATON_BACKEND"), arguments);
	g_autofree char *text = NULL;
	int ended = -1;

	ck_assert (g_spawn_command_line_sync (command, &text, NULL, &ended, NULL));
	ck_assert_int_eq (WEXITSTATUS (ended), status);
	ck_assert_ptr_nonnull (strstr (text, part));
}

START_TEST (test_explain__each_process)
{
	g_autofree char *store = g_build_filename (root, "store", NULL);

	configure_attempts ("write-paths=/tmp/a b;/tmp/c\nnetwork=local", CRATON_SANDBOX_LOCAL, 0);
	expect_explained ("--explain-sandbox", 0, store);
	expect_explained ("--explain-sandbox --host hosted", 0, "  /tmp/a b\n  /tmp/c\n");
	expect_explained ("--explain-sandbox --host hosted", 0, " connect ");
	expect_explained ("--explain-sandbox --host nowhere", 2, "");
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("confined");
	TCase *tcase = add_case (suite, "confined");
	SRunner *runner = srunner_create (suite);
	int n_failed;

	reserve_numbers ();
	if (CRATON_HAS_SANDBOX) {
		tcase_add_loop_test (tcase, test_module__forbidden_things, 0,
		                     (int) G_N_ELEMENTS (networks));
		tcase_add_test (tcase, test_token__confined);
		tcase_add_test (tcase, test_explain__each_process);
	}
	tcase_add_test (tcase, test_module__off);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
