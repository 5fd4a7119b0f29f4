/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A disk that fills between the question whether there is room for lines and the line: a real one, a megabyte in memory, mounted
 * where only this process sees it. Root does that by itself, others in a user namespace.
 */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "audit-calls.h"
#include "audit-verify.h"

static char *scratch, *folder, *elsewhere, *filler;
static char *key, *other_key;

static void
write_file (const char *path, const char *text)
{
	int fd = open (path, O_WRONLY | O_CLOEXEC);

	ck_assert_int_ge (fd, 0);
	ck_assert_int_eq (write (fd, text, strlen (text)), (gssize) strlen (text));
	ck_assert_int_eq (close (fd), 0);
}

static void
mount_small_disk (void)
{
	g_autofree char *uids = g_strdup_printf ("0 %u 1", getuid ());
	g_autofree char *gids = g_strdup_printf ("0 %u 1", getgid ());

	if (unshare (CLONE_NEWNS) != 0) {
		ck_assert_int_eq (unshare (CLONE_NEWUSER | CLONE_NEWNS), 0);
		write_file ("/proc/self/uid_map", uids);
		write_file ("/proc/self/setgroups", "deny");
		write_file ("/proc/self/gid_map", gids);
	}
	/* In a chroot / is no mount; nothing is shared there. */
	(void) mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL);
	ck_assert_int_eq (mount ("none", folder, "tmpfs", 0, "size=1m,mode=700"), 0);
}

static void
setup (void)
{
	scratch = g_dir_make_tmp ("craton-audit.XXXXXX", NULL);
	ck_assert_ptr_nonnull (scratch);
	folder = g_build_filename (scratch, "small", NULL);
	elsewhere = g_build_filename (scratch, "elsewhere", NULL);
	filler = g_build_filename (folder, "filler", NULL);
	ck_assert_int_eq (g_mkdir (folder, 0700), 0);
	ck_assert_int_eq (g_mkdir (elsewhere, 0700), 0);
	craton_audit_set_client (getpid (), getuid ());
	mount_small_disk ();
}

static void
teardown (void)
{
	g_autofree char *command = g_strdup_printf ("rm -rf '%s'", scratch);

	ck_assert_int_eq (umount (folder), 0);
	ck_assert_int_eq (system (command), 0);
	g_free (scratch);
	g_free (folder);
	g_free (elsewhere);
	g_free (filler);
	g_clear_pointer (&key, g_free);
	g_clear_pointer (&other_key, g_free);
}

/* To the last byte. */
static void
fill_disk (void)
{
	static const char zeros[4096];
	int fd = open (filler, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	ck_assert_int_ge (fd, 0);
	while (write (fd, zeros, sizeof zeros) > 0)
		continue;
	ck_assert_int_eq (close (fd), 0);
}

static CratonAudit *
begin (const char *where, guint64 size, char **ret_key)
{
	CratonAudit *audit = craton_audit_new ("test", where, CRATON_AUDIT_SYNC_NONE, size);

	ck_assert_uint_eq (craton_audit_begin (audit, ret_key), CKR_OK);
	return audit;
}

static CK_RV
write_line (CratonAudit *audit)
{
	const CratonAuditEntry entry = { .function = "C_Sign", .token = "pkcs11:token=x", .result = CKR_OK };

	return craton_audit_write (audit, &entry);
}

/* The chain is whole, and has so many lines of calls. */
static void
expect_lines (const char *where, const char *with_key, guint n)
{
	const char *const keys[] = { with_key, NULL };
	g_autoptr (GString) report = g_string_new (NULL);
	g_autoptr (GPtrArray) files = craton_audit_verify_list (where);
	guint found = 0;

	ck_assert_msg (craton_audit_verify_files (where, NULL, keys, report), "%s", report->str);
	for (guint i = 0; i < files->len; i++) {
		g_autofree char *text = NULL;

		ck_assert (g_file_get_contents (files->pdata[i], &text, NULL, NULL));
		for (const char *at = text; (at = strstr (at, "\"C_Sign\"")) != NULL; at++)
			found++;
		ck_assert_ptr_null (strstr (text, "torn line removed"));
	}
	ck_assert_uint_eq (found, n);
}

/* Whoever was told that there is room has it, however full the disk is by now; and is told when there is none any more. */
START_TEST (test_full__room_was_promised)
{
	g_autoptr (CratonAudit) audit = begin (folder, 0, &key);
	g_autoptr (CratonAudit) other = begin (elsewhere, 0, &other_key);
	guint n = 0;
	CK_RV rv;

	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_OK);
	fill_disk ();
	do {
		ck_assert_uint_eq (write_line (audit), CKR_OK);
		n++;
		rv = craton_audit_prepare (audit);
	} while (rv == CKR_OK && n < 10000);
	ck_assert_uint_eq (rv, CKR_DEVICE_MEMORY);
	expect_lines (folder, key, n);
	/* Another token's log is elsewhere. */
	ck_assert_uint_eq (craton_audit_prepare (other), CKR_OK);
	ck_assert_uint_eq (write_line (other), CKR_OK);
	expect_lines (elsewhere, other_key, 1);
	ck_assert_int_eq (g_unlink (filler), 0);
	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_OK);
	ck_assert_uint_eq (write_line (audit), CKR_OK);
	expect_lines (folder, key, n + 1);
}
END_TEST

/* Others may have used what was promised up. The line fails then, and wholly. */
START_TEST (test_full__line_fails)
{
	g_autoptr (CratonAudit) audit = begin (folder, 0, &key);
	g_autoptr (CratonAudit) second = craton_audit_new ("test", folder, CRATON_AUDIT_SYNC_NONE, 0);
	guint n = 0;
	CK_RV rv = CKR_OK;

	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_OK);
	ck_assert_uint_eq (craton_audit_prepare (second), CKR_OK);
	fill_disk ();
	while (n < 10000 && (rv = write_line (second)) == CKR_OK)
		n++;
	ck_assert_uint_eq (rv, CKR_DEVICE_MEMORY);
	ck_assert_uint_eq (write_line (audit), CKR_DEVICE_MEMORY);
	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_DEVICE_MEMORY);
	expect_lines (folder, key, n);
	ck_assert_int_eq (g_unlink (filler), 0);
	ck_assert_uint_eq (write_line (audit), CKR_OK);
	ck_assert_uint_eq (write_line (second), CKR_OK);
	expect_lines (folder, key, n + 2);
}
END_TEST

/* A file that has become long enough where there is no room for another one. */
START_TEST (test_full__rotation)
{
	g_autoptr (CratonAudit) audit = begin (folder, 8192, &key);
	guint n = 0;
	CK_RV rv = CKR_OK;

	ck_assert_uint_eq (craton_audit_prepare (audit), CKR_OK);
	fill_disk ();
	while (n < 10000 && (rv = write_line (audit)) == CKR_OK)
		n++;
	ck_assert_uint_eq (rv, CKR_DEVICE_MEMORY);
	ck_assert_uint_gt (n, 10);
	expect_lines (folder, key, n);
	ck_assert_int_eq (g_unlink (filler), 0);
	for (int i = 0; i < 50; i++)
		ck_assert_uint_eq (write_line (audit), CKR_OK);
	expect_lines (folder, key, n + 50);
}
END_TEST

int
main (void)
{
	TCase *tcase = tcase_create ("audit-full");
	Suite *suite = suite_create ("audit-full");
	SRunner *runner = srunner_create (suite);
	int failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_full__room_was_promised);
	tcase_add_test (tcase, test_full__line_fails);
	tcase_add_test (tcase, test_full__rotation);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
