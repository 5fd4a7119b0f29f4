/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend's file for "craton status": where it may be, what is in it, when it goes. tests/system/status.sh reads those of
 * real backends.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "presence.h"

static char *runtime;
static char *folder;

static void
setup (void)
{
	runtime = g_dir_make_tmp ("craton-test-presence-XXXXXX", NULL);
	ck_assert_ptr_nonnull (runtime);
	folder = g_build_filename (runtime, "craton", NULL);
	ck_assert (g_setenv ("XDG_RUNTIME_DIR", runtime, TRUE));
}

static void
teardown (void)
{
	(void) g_unlink (folder);
	(void) g_rmdir (folder);
	(void) g_rmdir (runtime);
}

static guint
count_files (char **ret_name)
{
	g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
	const char *name;
	guint n = 0;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		n++;
		if (ret_name != NULL)
			*ret_name = g_strdup (name);
	}
	return n;
}

static void
open_here (void)
{
	const CratonClient client = { .pid = 4711, .uid = 12, .program = (char *) "/usr/bin/program" };
	g_autofree char *found = craton_presence_folder (TRUE);

	ck_assert_str_eq (found, folder);
	craton_presence_open (found, &client, "one two", "on");
}

static void
note (CratonCallId call, CK_ULONG first, CK_ULONG session, CK_RV rv)
{
	CK_SESSION_HANDLE handle = session;
	const CK_ULONG args[CRATON_ARGS_MAX] = { first, 0, 0, 0, (CK_ULONG) (uintptr_t) &handle };

	craton_presence_note (call, args, rv);
}

START_TEST (test_file__life)
{
	g_autofree char *name = NULL, *path = NULL;
	guint64 started, namespace;
	struct stat info;
	pid_t pid;

	open_here ();
	ck_assert_uint_eq (count_files (&name), 1);
	ck_assert (craton_presence_parse (name, &pid, &started, &namespace));
	ck_assert_int_eq (pid, getpid ());
	ck_assert_uint_eq (started, craton_presence_started (getpid ()));
	ck_assert_uint_ne (started, 0);
	ck_assert_uint_eq (namespace, craton_presence_namespace ());
	path = g_build_filename (folder, name, NULL);
	ck_assert_int_eq (stat (path, &info), 0);
	ck_assert_uint_eq (info.st_mode & 07777, 0600);
	ck_assert_int_eq (stat (folder, &info), 0);
	ck_assert_uint_eq (info.st_mode & 07777, 0700);
	craton_presence_count ();
	craton_presence_count ();
	ck_assert_uint_eq (craton_presence->calls, 2);
	ck_assert_uint_eq (craton_presence->client, 4711);
	ck_assert_str_eq (craton_presence->serves, "one two");
	craton_presence_close ();
	ck_assert_uint_eq (count_files (NULL), 0);
	/* Calls that are still under way count on. */
	craton_presence_count ();
	craton_presence_close ();
}
END_TEST

START_TEST (test_sessions__counted)
{
	note (CRATON_C_OpenSession, 0, 1, CKR_OK);
	note (CRATON_C_OpenSession, 0, 2, CKR_OK);
	note (CRATON_C_OpenSession, 1, 3, CKR_OK);
	note (CRATON_C_OpenSession, 1, 4, CKR_SESSION_COUNT);
	ck_assert_uint_eq (craton_presence->sessions, 3);
	note (CRATON_C_CloseSession, 9, 0, CKR_SESSION_HANDLE_INVALID);
	note (CRATON_C_CloseSession, 1, 0, CKR_OK);
	ck_assert_uint_eq (craton_presence->sessions, 2);
	note (CRATON_C_CloseAllSessions, 0, 0, CKR_OK);
	ck_assert_uint_eq (craton_presence->sessions, 1);
	note (CRATON_C_CloseAllSessions, 1, 0, CKR_OK);
	ck_assert_uint_eq (craton_presence->sessions, 0);
}
END_TEST

/* What a program that crashes again and again leaves is removed by the next; a process that lives keeps its file. */
START_TEST (test_leftovers__removed)
{
	g_autofree char *dead = NULL, *alive = NULL, *elsewhere = NULL, *made = craton_presence_folder (TRUE);
	guint64 namespace = craton_presence_namespace ();

	dead = g_strdup_printf ("%s/%d-1-%" G_GUINT64_FORMAT, folder, G_MAXINT - 1, namespace);
	alive = g_strdup_printf ("%s/%d-1-%" G_GUINT64_FORMAT, folder, (int) getppid (), namespace);
	elsewhere = g_strdup_printf ("%s/%d-1-%" G_GUINT64_FORMAT, folder, G_MAXINT - 1, namespace + 1);
	ck_assert (g_file_set_contents (dead, "", 0, NULL));
	ck_assert (g_file_set_contents (alive, "", 0, NULL));
	ck_assert (g_file_set_contents (elsewhere, "", 0, NULL));
	open_here ();
	ck_assert_int_ne (access (dead, F_OK), 0);
	ck_assert_int_eq (access (alive, F_OK), 0);
	ck_assert_int_eq (access (elsewhere, F_OK), 0);
	(void) g_unlink (alive);
	(void) g_unlink (elsewhere);
	craton_presence_close ();
}
END_TEST

/* Another user's folder, one that others can write to, a link, one in a place where others can rename it. */
START_TEST (test_folder__unsafe)
{
	g_autofree char *found = NULL;

	if (_i == 0)
		ck_assert_int_eq (g_mkdir (folder, 0777) == 0 ? chmod (folder, 0777) : -1, 0);
	else if (_i == 1)
		ck_assert_int_eq (symlink ("/tmp", folder), 0);
	else if (_i == 2)
		ck_assert_int_eq (chmod (runtime, 0777), 0);
	else
		ck_assert (g_file_set_contents (folder, "", 0, NULL));
	found = craton_presence_folder (TRUE);
	ck_assert_msg (g_strcmp0 (found, folder) != 0, "%s was taken", folder);
}
END_TEST

START_TEST (test_name__none_of_ours)
{
	static const char *const names[] = { "", ".", "1", "1-2", "1-2-3x", "x-2-3", "-1-2-3", "0-2-3", "1-2-3-4" };
	guint64 started, namespace;
	pid_t pid;

	for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
		ck_assert_msg (!craton_presence_parse (names[i], &pid, &started, &namespace), "\"%s\"", names[i]);
	ck_assert (craton_presence_parse ("1-2-3", &pid, &started, &namespace));
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("presence");
	TCase *tcase = tcase_create ("presence");
	SRunner *runner = srunner_create (suite);
	int n_failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_add_test (tcase, test_file__life);
	tcase_add_test (tcase, test_sessions__counted);
	tcase_add_test (tcase, test_leftovers__removed);
	tcase_add_loop_test (tcase, test_folder__unsafe, 0, 4);
	tcase_add_test (tcase, test_name__none_of_ours);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? 0 : 1;
}
