/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton audit show --follow: lines that arrive meanwhile, from several files that end meanwhile, are all printed, each once and in
 * their order. A process of its own follows, as it goes on for ever.
 */
#include "config.h"

#include <check.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>

#include "audit-calls.h"
#include "audit-show.h"
#include "audit-verify.h"

static char *folder;
static pid_t follower;
static FILE *shown;

static void
setup (void)
{
	folder = g_dir_make_tmp ("craton-audit.XXXXXX", NULL);
	ck_assert_ptr_nonnull (folder);
	craton_audit_set_client (getpid (), getuid ());
}

static void
teardown (void)
{
	g_autofree char *command = g_strdup_printf ("rm -rf '%s'", folder);

	if (follower > 0) {
		(void) kill (follower, SIGKILL);
		(void) waitpid (follower, NULL, 0);
		(void) fclose (shown);
	}
	ck_assert_int_eq (system (command), 0);
	g_free (folder);
}

static void
write_lines (CratonAudit *audit, int n, const char *function)
{
	const CratonAuditEntry entry = { .function = function, .token = "pkcs11:token=x", .result = CKR_OK };

	for (int i = 0; i < n; i++)
		ck_assert_uint_eq (craton_audit_write (audit, &entry), CKR_OK);
}

static void
follow (gboolean json, const char *function)
{
	const CratonAuditFilter filter = { .json = json, .function = function, .follow = TRUE };
	int ends[2];

	ck_assert_int_eq (pipe (ends), 0);
	(void) fflush (NULL);
	follower = fork ();
	ck_assert_int_ge (follower, 0);
	if (follower == 0) {
		/* Not beyond the test, should that be killed. */
		(void) prctl (PR_SET_PDEATHSIG, SIGKILL);
		(void) dup2 (ends[1], STDOUT_FILENO);
		(void) close (ends[0]);
		_exit (craton_audit_show_folder (&filter, folder) ? 0 : 1);
	}
	(void) close (ends[1]);
	shown = fdopen (ends[0], "r");
	ck_assert_ptr_nonnull (shown);
}

/* The next line that was printed; waits for it, at most as long as a test may take. */
static void
next_line (char *line, int size)
{
	ck_assert_ptr_nonnull (fgets (line, size, shown));
	ck_assert_ptr_nonnull (strchr (line, '\n'));
}

static void
expect_lines (guint from, guint to)
{
	char line[CRATON_AUDIT_LINE_MAX + 1];

	for (guint seq = from; seq < to; seq++) {
		g_autofree char *begin = g_strdup_printf ("{\"seq\":%u,", seq);

		next_line (line, sizeof line);
		ck_assert_msg (g_str_has_prefix (line, begin), "not %s but %s", begin, line);
	}
}

/* Lines that were there, one at a time, and more files at once than the follower looks. */
START_TEST (test_follow__rotation_meanwhile)
{
	g_autoptr (CratonAudit) audit = craton_audit_new ("test", folder, CRATON_AUDIT_SYNC_NONE, 4096);
	g_autoptr (GPtrArray) files = NULL;
	const guint burst = 200;
	guint n = 11; /* "chain begun" is one */

	write_lines (audit, 10, "C_Sign");
	follow (TRUE, NULL);
	expect_lines (0, 11);
	for (int i = 0; i < 3; i++, n++) {
		write_lines (audit, 1, "C_Sign");
		expect_lines (n, n + 1);
	}
	write_lines (audit, (int) burst, "C_Sign");
	files = craton_audit_verify_list (folder);
	/* Each file but the first begins with a line that says so. */
	ck_assert_uint_gt (files->len, 10);
	expect_lines (n, n + burst + files->len - 1);
	n += burst + files->len - 1;
	/* And from there on, with a rotation that somebody asks for. */
	ck_assert_uint_eq (craton_audit_rotate (audit), CKR_OK);
	expect_lines (n, n + 1);
	write_lines (audit, 1, "C_Sign");
	expect_lines (n + 1, n + 2);
}
END_TEST

/* A file that was taken away before it was read is lost to the follower, but the rest is not. */
START_TEST (test_follow__file_taken_away)
{
	g_autoptr (CratonAudit) audit = craton_audit_new ("test", folder, CRATON_AUDIT_SYNC_NONE, 0);
	g_autofree char *old = g_strdup_printf ("%s/%s.00000001", folder, CRATON_AUDIT_LOG_NAME);

	write_lines (audit, 2, "C_Sign");
	follow (TRUE, NULL);
	expect_lines (0, 3);
	ck_assert_uint_eq (craton_audit_rotate (audit), CKR_OK);
	ck_assert_int_eq (unlink (old), 0);
	write_lines (audit, 1, "C_Sign");
	expect_lines (3, 5);
}
END_TEST

/* As a table, and only what was asked for. */
START_TEST (test_follow__filtered)
{
	g_autoptr (CratonAudit) audit = craton_audit_new ("test", folder, CRATON_AUDIT_SYNC_NONE, 4096);
	char line[1024];

	write_lines (audit, 1, "C_Login");
	follow (FALSE, "C_Login");
	next_line (line, sizeof line);
	ck_assert_ptr_nonnull (strstr (line, "FUNCTION"));
	for (int i = 0; i < 3; i++) {
		next_line (line, sizeof line);
		ck_assert_ptr_nonnull (strstr (line, " C_Login "));
		write_lines (audit, 20, "C_Sign");
		write_lines (audit, 1, "C_Login");
	}
}
END_TEST

int
main (void)
{
	TCase *tcase = tcase_create ("audit-show");
	Suite *suite = suite_create ("audit-show");
	SRunner *runner = srunner_create (suite);
	int failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_follow__rotation_meanwhile);
	tcase_add_test (tcase, test_follow__file_taken_away);
	tcase_add_test (tcase, test_follow__filtered);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
