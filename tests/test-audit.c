/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The audit log: what somebody does to it is found and the line named; what a writer that was killed leaves is put in order by the
 * next one and said; many writers make one chain; and it holds no PIN.
 */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <openssl/hmac.h>

#include "audit-calls.h"
#include "audit-show.h"
#include "audit-verify.h"
#include "token.h"

#define N_LINES 10

static char *folder;
static char *log_path;
static char *key;

static void
setup (void)
{
	folder = g_dir_make_tmp ("craton-audit.XXXXXX", NULL);
	ck_assert_ptr_nonnull (folder);
	log_path = g_build_filename (folder, CRATON_AUDIT_LOG_NAME, NULL);
	craton_audit_set_client (getpid (), getuid ());
}

static void
teardown (void)
{
	g_autofree char *command = g_strdup_printf ("rm -rf '%s'", folder);

	ck_assert_int_eq (system (command), 0);
	g_free (folder);
	g_free (log_path);
	g_free (key);
	key = NULL;
}

static CratonAudit *
open_log (guint64 size)
{
	return craton_audit_new ("test", folder, CRATON_AUDIT_SYNC_NONE, size);
}

static void
write_lines (CratonAudit *audit, int n, CK_RV result)
{
	const CratonAuditEntry entry = { .function = "C_Sign", .token = "pkcs11:token=x", .result = result };

	for (int i = 0; i < n; i++) {
		ck_assert_uint_eq (craton_audit_prepare (audit), CKR_OK);
		ck_assert_uint_eq (craton_audit_write (audit, &entry), CKR_OK);
	}
}

/* A log of "chain begun" and N_LINES - 1 calls, whose key was taken away. */
static void
make_log (void)
{
	g_autoptr (CratonAudit) audit = open_log (0);

	ck_assert_uint_eq (craton_audit_begin (audit, &key), CKR_OK);
	write_lines (audit, N_LINES - 1, CKR_OK);
}

static gboolean
verify (GString *report, gboolean with_key)
{
	const char *const keys[] = { key, NULL };

	return craton_audit_verify_files (folder, NULL, with_key ? keys : NULL, report);
}

static void
expect_good (void)
{
	g_autoptr (GString) report = g_string_new (NULL);

	ck_assert_msg (verify (report, TRUE), "%s", report->str);
}

/* Line @line of the log is named, and what is wrong with it. */
static void
expect_found (int line, const char *what)
{
	g_autoptr (GString) report = g_string_new (NULL);
	g_autofree char *expected = g_strdup_printf ("%s:%d: %s", log_path, line, what);

	ck_assert (!verify (report, TRUE));
	ck_assert_msg (strstr (report->str, expected) != NULL, "not \"%s\" but: %s", expected, report->str);
}

static char **
read_lines (void)
{
	g_autofree char *text = NULL;

	ck_assert (g_file_get_contents (log_path, &text, NULL, NULL));
	return g_strsplit (text, "\n", -1);
}

static void
write_back (char **lines)
{
	g_autofree char *text = g_strjoinv ("\n", lines);

	ck_assert (g_file_set_contents (log_path, text, -1, NULL));
}

static void
remove_line (char **lines, int index)
{
	g_free (lines[index]);
	memmove (&lines[index], &lines[index + 1], (g_strv_length (lines + index + 1) + 1) * sizeof *lines);
}

START_TEST (test_verify__nothing_was_done)
{
	make_log ();
	expect_good ();
}
END_TEST

/* Each line, in a place of its own. */
START_TEST (test_verify__line_changed)
{
	g_auto (GStrv) lines = NULL;

	make_log ();
	lines = read_lines ();
	lines[_i][strlen (lines[_i]) / 3] ^= 1;
	write_back (lines);
	expect_found (_i + 1, "this ");
}
END_TEST

START_TEST (test_verify__line_removed)
{
	g_auto (GStrv) lines = NULL;

	make_log ();
	lines = read_lines ();
	remove_line (lines, _i);
	write_back (lines);
	if (_i == N_LINES - 1)
		expect_found (N_LINES - 1, "lines number 9 to 9 are missing at the end");
	else
		expect_found (_i + 1, "lines number ");
}
END_TEST

START_TEST (test_verify__lines_swapped)
{
	g_auto (GStrv) lines = NULL;
	char *line;

	make_log ();
	lines = read_lines ();
	line = lines[_i];
	lines[_i] = lines[_i + 1];
	lines[_i + 1] = line;
	write_back (lines);
	expect_found (_i + 2, "this line is not in its place");
}
END_TEST

START_TEST (test_verify__line_repeated)
{
	g_auto (GStrv) lines = NULL;

	make_log ();
	lines = read_lines ();
	g_free (lines[N_LINES]);
	lines[N_LINES] = g_strconcat (lines[_i], "\n", NULL);
	write_back (lines);
	expect_found (N_LINES + 1, "this line is not in its place");
}
END_TEST

/* Whoever took the machine has the state, with the key of the next line, and writes the whole log anew. */
START_TEST (test_verify__rebuilt_without_the_first_key)
{
	g_autofree char *state = g_build_filename (folder, CRATON_AUDIT_STATE_NAME, NULL);
	g_autofree char *old_key = NULL;

	make_log ();
	old_key = g_steal_pointer (&key);
	ck_assert_int_eq (g_unlink (state), 0);
	ck_assert_int_eq (g_unlink (log_path), 0);
	make_log ();
	g_free (key);
	key = g_steal_pointer (&old_key);
	expect_found (1, "this line was changed, or written by somebody who had no key");
	expect_found (N_LINES, "the state of the log, audit.state, was replaced");
}
END_TEST

/* He has only the chain to fool if nobody has the key: that is said. */
START_TEST (test_verify__without_a_key)
{
	g_autoptr (GString) report = g_string_new (NULL);

	make_log ();
	ck_assert (verify (report, FALSE));
	ck_assert_ptr_nonnull (strstr (report->str, "Without a verification key"));
}
END_TEST

START_TEST (test_verify__state_put_back_or_gone)
{
	g_autofree char *state = g_build_filename (folder, CRATON_AUDIT_STATE_NAME, NULL);
	g_autofree char *image = NULL;
	g_autoptr (CratonAudit) audit = NULL;
	gsize len;

	make_log ();
	ck_assert (g_file_get_contents (state, &image, &len, NULL));
	audit = open_log (0);
	write_lines (audit, 1, CKR_OK);
	ck_assert (g_file_set_contents (state, image, (gssize) len, NULL));
	expect_found (N_LINES + 1, "the state of the log, audit.state, is older than the log");
	ck_assert_int_eq (g_unlink (state), 0);
	expect_found (N_LINES + 1, "the state of the log, audit.state, is missing or damaged");
}
END_TEST

/* A log whose state was removed is begun anew, visibly. */
START_TEST (test_verify__begun_anew)
{
	g_autofree char *state = g_build_filename (folder, CRATON_AUDIT_STATE_NAME, NULL);
	g_autoptr (CratonAudit) audit = NULL;

	make_log ();
	ck_assert_int_eq (g_unlink (state), 0);
	audit = open_log (0);
	write_lines (audit, 1, CKR_OK);
	expect_found (N_LINES + 1, "the chain was begun anew here");
}
END_TEST

START_TEST (test_rotate__no_gap)
{
	g_autoptr (CratonAudit) audit = NULL;
	g_autoptr (GPtrArray) files = NULL;
	g_autofree char *first = g_strconcat (log_path, ".00000001", NULL);
	g_autoptr (GString) report = g_string_new (NULL);

	make_log ();
	audit = open_log (4096);
	ck_assert_uint_eq (craton_audit_rotate (audit), CKR_OK);
	write_lines (audit, 40, CKR_OK);
	expect_good ();
	files = craton_audit_verify_list (folder);
	ck_assert_uint_gt (files->len, 3);
	ck_assert_int_eq (g_unlink (first), 0);
	ck_assert (!verify (report, TRUE));
}
END_TEST

/* The process died in a rotation: behind the new name, behind the old one's removal, behind the new file. */
START_TEST (test_rotate__died_within)
{
	g_autofree char *old = g_strconcat (log_path, ".00000001", NULL);
	g_autoptr (CratonAudit) audit = NULL;
	g_autoptr (GString) report = g_string_new (NULL);

	make_log ();
	/* The room that is reserved for lines has been given back. */
	audit = open_log (0);
	craton_audit_free (g_steal_pointer (&audit));
	ck_assert_int_eq (link (log_path, old), 0);
	if (_i > 0)
		ck_assert_int_eq (unlink (log_path), 0);
	if (_i > 1)
		ck_assert (g_file_set_contents (log_path, "", 0, NULL));
	ck_assert_msg (verify (report, TRUE), "%s", report->str);
	audit = open_log (0);
	write_lines (audit, 1, CKR_OK);
	craton_audit_free (g_steal_pointer (&audit));
	expect_good ();
	/* When it is over, a file that is missing is missing. */
	ck_assert_int_eq (unlink (log_path), 0);
	ck_assert (!verify (report, TRUE));
}
END_TEST

/* The process died within a line: cut off after any number of bytes. */
START_TEST (test_settle__torn_line)
{
	g_autofree char *text = NULL;
	g_autoptr (CratonAudit) audit = NULL;
	CratonAuditState *state;
	g_autofree char *path = g_build_filename (folder, CRATON_AUDIT_STATE_NAME, NULL);
	gsize len;

	make_log ();
	ck_assert (g_file_get_contents (log_path, &text, &len, NULL));
	ck_assert (g_file_set_contents (log_path, text, (gssize) len, NULL));
	{
		FILE *file = fopen (log_path, "a");

		ck_assert_ptr_nonnull (file);
		ck_assert_uint_eq (fwrite (text, 1, (gsize) _i, file), (gsize) _i);
		ck_assert_int_eq (fclose (file), 0);
	}
	state = craton_audit_state_open (path, TRUE);
	ck_assert_ptr_nonnull (state);
	craton_audit_state_set_busy (state, TRUE);
	craton_audit_state_free (state);
	expect_good ();
	audit = open_log (0);
	write_lines (audit, 1, CKR_OK);
	expect_good ();
	g_clear_pointer (&text, g_free);
	ck_assert (g_file_get_contents (log_path, &text, &len, NULL));
	ck_assert_ptr_nonnull (strstr (text, "torn line removed"));
}
END_TEST

/* The process died after the line and before the state: the line is taken over, and not repeated. */
START_TEST (test_settle__line_without_state)
{
	g_autofree char *path = g_build_filename (folder, CRATON_AUDIT_STATE_NAME, NULL);
	g_autofree char *image = NULL, *text = NULL;
	CratonAudit *audit;
	CratonAuditState *state;
	gsize len;

	make_log ();
	ck_assert (g_file_get_contents (path, &image, &len, NULL));
	audit = open_log (0);
	write_lines (audit, 1, CKR_PIN_INCORRECT);
	craton_audit_free (audit);
	ck_assert (g_file_set_contents (path, image, (gssize) len, NULL));
	state = craton_audit_state_open (path, TRUE);
	craton_audit_state_set_busy (state, TRUE);
	craton_audit_state_free (state);
	expect_good ();
	audit = open_log (0);
	write_lines (audit, 1, CKR_OK);
	craton_audit_free (audit);
	expect_good ();
	ck_assert (g_file_get_contents (log_path, &text, &len, NULL));
	ck_assert_ptr_nonnull (strstr (text, "CKR_PIN_INCORRECT"));
	ck_assert_ptr_null (strstr (text, "torn"));
}
END_TEST

/* The log lost its end while the state did not: the gap is said and found. */
START_TEST (test_settle__lines_lost)
{
	g_autoptr (CratonAudit) audit = NULL;
	g_auto (GStrv) lines = NULL;

	make_log ();
	lines = read_lines ();
	remove_line (lines, N_LINES - 1);
	write_back (lines);
	audit = open_log (0);
	write_lines (audit, 1, CKR_OK);
	expect_found (N_LINES, "lines number 9 to 9 are missing before this one");
}
END_TEST

/* Processes that write and are killed at any moment, each with a count of what was acknowledged. */
START_TEST (test_writers__eight_that_are_killed)
{
	enum { N_WRITERS = 8, N_ROUNDS = 4 };
	gint64 *acknowledged;
	g_autoptr (GString) report = g_string_new (NULL);
	g_autoptr (GPtrArray) files = NULL;
	g_autoptr (CratonAudit) after = NULL;
	gint64 sum = 0, found = 0;
	char name[] = "/tmp/craton-count.XXXXXX";
	int fd = mkstemp (name);

	ck_assert_int_ge (fd, 0);
	ck_assert_int_eq (unlink (name), 0);
	ck_assert_int_eq (ftruncate (fd, 4096), 0);
	make_log ();
	for (int round = 0; round < N_ROUNDS; round++) {
		pid_t pids[N_WRITERS];

		for (int i = 0; i < N_WRITERS; i++) {
			pids[i] = fork ();
			ck_assert_int_ge (pids[i], 0);
			if (pids[i] == 0) {
				CratonAudit *audit = open_log (1 << 16);
				const CratonAuditEntry entry = { .function = "C_Sign" };
				gint64 n = 0;
				off_t at = (off_t) (sizeof n * (gsize) (round * N_WRITERS + i));

				while (craton_audit_write (audit, &entry) == CKR_OK && n < 2000) {
					n++;
					if (pwrite (fd, &n, sizeof n, at) != (gssize) sizeof n)
						_exit (1);
				}
				_exit (0);
			}
		}
		g_usleep (20000 + (gulong) g_random_int_range (0, 20000));
		for (int i = 0; i < N_WRITERS; i++) {
			(void) kill (pids[i], SIGKILL);
			ck_assert_int_eq (waitpid (pids[i], NULL, 0), pids[i]);
		}
	}
	acknowledged = g_new0 (gint64, N_WRITERS * N_ROUNDS);
	ck_assert_int_ge (pread (fd, acknowledged, sizeof *acknowledged * N_WRITERS * N_ROUNDS, 0), 0);
	for (int i = 0; i < N_WRITERS * N_ROUNDS; i++)
		sum += acknowledged[i];
	g_free (acknowledged);
	(void) close (fd);
	ck_assert_msg (verify (report, TRUE), "%s", report->str);
	/* The last one may have died in a rotation. */
	after = open_log (0);
	write_lines (after, 1, CKR_DEVICE_ERROR);
	files = craton_audit_verify_list (folder);
	for (guint i = 0; i < files->len; i++) {
		g_autofree char *text = NULL;

		ck_assert (g_file_get_contents (files->pdata[i], &text, NULL, NULL));
		for (const char *c = text; (c = strstr (c, "\"CKR_OK\"")) != NULL; c++)
			found++;
	}
	/* A writer that was killed may have written one that it could not count. */
	ck_assert_int_ge (found, sum + N_LINES - 1);
	ck_assert_int_le (found, sum + N_LINES - 1 + N_WRITERS * N_ROUNDS);
	ck_assert_int_gt (sum, 0);
}
END_TEST

START_TEST (test_write__no_room)
{
	g_autofree char *blocked = g_build_filename (folder, "gone", NULL);
	g_autofree char *state = g_build_filename (blocked, CRATON_AUDIT_STATE_NAME, NULL);
	g_autoptr (CratonAudit) audit = craton_audit_new ("test", blocked, CRATON_AUDIT_SYNC_NONE, 0);

	/* No folder: no token yet. */
	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_OK);
	ck_assert_int_eq (g_mkdir (blocked, 0700), 0);
	ck_assert_int_eq (g_mkdir (state, 0700), 0);
	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_DEVICE_ERROR);
	ck_assert_int_eq (g_rmdir (state), 0);
	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_OK);
}
END_TEST

START_TEST (test_show__filters)
{
	const char line[] = "{\"seq\":1,\"time\":\"2026-11-24T19:50:30.000000Z\",\"pid\":7,\"program\":\"/bin/x\","
			    "\"function\":\"C_Sign\",\"id\":\"01\",\"label\":\"we\\\"b\",\"result\":\"CKR_OK\"}";
	CratonAuditFilter filter = { .since = "2026-11-24T19:50" };
	g_autofree char *text = craton_audit_show_line (&filter, line);

	ck_assert_ptr_nonnull (text);
	ck_assert_ptr_nonnull (strstr (text, "\"we\"b\""));
	filter.since = "2026-11-24T19:51";
	ck_assert_ptr_null (craton_audit_show_line (&filter, line));
	filter = (CratonAuditFilter){ .failed = TRUE };
	ck_assert_ptr_null (craton_audit_show_line (&filter, line));
	filter = (CratonAuditFilter){ .function = "C_Login" };
	ck_assert_ptr_null (craton_audit_show_line (&filter, line));
}
END_TEST

/* The seal is HMAC-SHA-256 as libcrypto has it. */
START_TEST (test_chain__seal_is_hmac)
{
	char body[300];
	guint8 secret[CRATON_AUDIT_KEY_LEN], hash[CRATON_AUDIT_HASH_LEN], seal[CRATON_AUDIT_HASH_LEN], expected[EVP_MAX_MD_SIZE];
	CratonAuditChain chain;
	unsigned int len = 0;

	ck_assert (craton_audit_chain_init (&chain));
	memset (body, 'x', sizeof body);
	for (gsize n = 0; n <= sizeof body; n++) {
		for (gsize i = 0; i < sizeof secret; i++)
			secret[i] = (guint8) g_random_int ();
		ck_assert (craton_audit_chain_seal (&chain, secret, body, n, seal));
		ck_assert_int_eq (EVP_Digest (body, n, hash, NULL, EVP_sha256 (), NULL), 1);
		ck_assert_ptr_nonnull (HMAC (EVP_sha256 (), secret, sizeof secret, hash, sizeof hash, expected, &len));
		ck_assert_mem_eq (seal, expected, sizeof seal);
	}
	craton_audit_chain_clear (&chain);
}
END_TEST

/* A forged line moves no cursor: neither in a string nor where a number should be. */
START_TEST (test_show__control_characters)
{
	static const char *const lines[] = {
		"{\"pid\":\0331\x1b[2J,\"function\":\"C_Sign\"}",
		"{\"pid\":7,\"function\":\"\x1b]0;x\x07\"}",
		"{\"pid\":7,\"function\":\"\xc2\x9b" "2J\"}",
		"{\"pid\":\xc2\x9b" "2J,\"function\":\"C_Sign\"}",
		"{\"label\":\"\xc2\\\"\x9b\",\"with_label\":\"\r\n\x7f\"}",
	};
	const CratonAuditFilter filter = { 0 };

	for (gsize i = 0; i < G_N_ELEMENTS (lines); i++) {
		g_autofree char *text = craton_audit_show_line (&filter, lines[i]);

		ck_assert_ptr_nonnull (text);
		for (const char *at = text; *at != '\0'; at++)
			ck_assert_msg (!g_ascii_iscntrl (*at), "line %zu: %s", i, text);
		ck_assert_msg (strstr (text, "\xc2\x9b") == NULL, "line %zu", i);
	}
}
END_TEST

/* Whatever takes a PIN, makes a key or has a mechanism and a key is more than "all". */
START_TEST (test_calls__levels)
{
	for (guint call = 0; call < CRATON_CALLS; call++) {
		const char *name = craton_calls[call].name;
		const char *signature = craton_calls[call].signature;
		CratonAuditLevel level = craton_audit_calls_level (call);

		if (strchr (signature, 'p') != NULL)
			ck_assert_msg (level == CRATON_AUDIT_AUTH, "%s", name);
		else if (strpbrk (signature, "Mmw") != NULL && call != CRATON_C_DigestInit)
			ck_assert_msg (level == CRATON_AUDIT_KEYS, "%s", name);
		else if (strchr (signature, 'A') != NULL && call != CRATON_C_FindObjectsInit)
			ck_assert_msg (level == CRATON_AUDIT_KEYS, "%s", name);
	}
}
END_TEST

int
main (void)
{
	TCase *tcase = tcase_create ("audit");
	Suite *suite = suite_create ("audit");
	SRunner *runner = srunner_create (suite);
	int failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_verify__nothing_was_done);
	tcase_add_loop_test (tcase, test_verify__line_changed, 0, N_LINES);
	tcase_add_loop_test (tcase, test_verify__line_removed, 0, N_LINES);
	tcase_add_loop_test (tcase, test_verify__lines_swapped, 0, N_LINES - 1);
	tcase_add_loop_test (tcase, test_verify__line_repeated, 0, N_LINES);
	tcase_add_test (tcase, test_verify__rebuilt_without_the_first_key);
	tcase_add_test (tcase, test_verify__without_a_key);
	tcase_add_test (tcase, test_verify__state_put_back_or_gone);
	tcase_add_test (tcase, test_verify__begun_anew);
	tcase_add_test (tcase, test_rotate__no_gap);
	tcase_add_loop_test (tcase, test_rotate__died_within, 0, 3);
	tcase_add_loop_test (tcase, test_settle__torn_line, 1, 160);
	tcase_add_test (tcase, test_settle__line_without_state);
	tcase_add_test (tcase, test_settle__lines_lost);
	tcase_add_test (tcase, test_writers__eight_that_are_killed);
	tcase_add_test (tcase, test_write__no_room);
	tcase_add_test (tcase, test_show__filters);
	tcase_add_test (tcase, test_show__control_characters);
	tcase_add_test (tcase, test_calls__levels);
	tcase_add_test (tcase, test_chain__seal_is_hmac);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
