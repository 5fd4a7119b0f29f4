/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of a backup: what goes in comes out, and of a file that was changed anywhere nothing does.
 */
#include "config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <check.h>
#include <glib.h>
#include <glib/gstdio.h>

#include "backup-file.h"

#define PASSPHRASE "correct horse", 13
#define COST 4 /* a thousand files are opened */
#define IMAGE_LEN 150000

static CratonBackupInfo info = { .made_at = 1770000000,
	                         .changes = 42,
	                         .epoch = "0123456789abcdef",
	                         .label = "some label                     ",
	                         .serial = "fedcba9876543210" };
static GByteArray *file;
static GBytes *image;

static void
setup (void)
{
	guint8 *bytes = g_malloc (IMAGE_LEN);

	for (gsize i = 0; i < IMAGE_LEN; i++)
		bytes[i] = (guint8) (i * 7 + i / 251);
	image = g_bytes_new_take (bytes, IMAGE_LEN);
	file = g_byte_array_new ();
	ck_assert_uint_eq (craton_backup_seal (&info, image, PASSPHRASE, COST, file), CKR_OK);
}

static void
teardown (void)
{
	g_bytes_unref (image);
	g_byte_array_unref (file);
}

static CK_RV
open_file (gsize len)
{
	CratonBackupInfo read;
	GBytes *opened = NULL;
	CK_RV rv = craton_backup_open (file->data, len, PASSPHRASE, &read, &opened);

	ck_assert (rv == CKR_OK || opened == NULL);
	g_clear_pointer (&opened, g_bytes_unref);
	return rv;
}

START_TEST (test_open__round_trip)
{
	static const gsize lens[] = { 0, 1, 65536 - 80, 65536 - 80 + 1, 2 * 65536 - 80, IMAGE_LEN };

	for (gsize i = 0; i < G_N_ELEMENTS (lens); i++) {
		g_autoptr (GBytes) part = g_bytes_new_from_bytes (image, 0, lens[i]);
		g_autoptr (GBytes) opened = NULL;
		g_autoptr (GByteArray) sealed = g_byte_array_new ();
		CratonBackupInfo read = { 0 };

		ck_assert_uint_eq (craton_backup_seal (&info, part, PASSPHRASE, COST, sealed), CKR_OK);
		ck_assert_uint_eq (craton_backup_open (sealed->data, sealed->len, PASSPHRASE, &read, &opened),
		                   CKR_OK);
		ck_assert (g_bytes_equal (part, opened));
		ck_assert_int_eq (read.made_at, info.made_at);
		ck_assert_uint_eq (read.changes, info.changes);
		ck_assert_mem_eq (read.epoch, info.epoch, sizeof info.epoch);
		ck_assert_mem_eq (read.label, info.label, sizeof info.label);
		ck_assert_mem_eq (read.serial, info.serial, sizeof info.serial);
	}
}
END_TEST

START_TEST (test_open__wrong_passphrase)
{
	CratonBackupInfo read;
	GBytes *opened = NULL;

	ck_assert_uint_eq (craton_backup_open (file->data, file->len, "correct horse ", 14, &read, &opened),
	                   CKR_PIN_INCORRECT);
	ck_assert_uint_eq (craton_backup_open (file->data, file->len, "", 0, &read, &opened), CKR_PIN_INCORRECT);
	ck_assert_ptr_null (opened);
}
END_TEST

/* Every byte of the header and every hundredth behind it, one bit. */
START_TEST (test_open__changed_anywhere)
{
	for (gsize at = 0; at < file->len; at += at < 200 ? 1 : 100) {
		file->data[at] ^= 0x01;
		/* A cost that is one less or more is no damage to scrypt, only another key. */
		ck_assert_uint_ne (open_file (file->len), CKR_OK);
		file->data[at] ^= 0x01;
	}
	ck_assert_uint_eq (open_file (file->len), CKR_OK);
}
END_TEST

START_TEST (test_open__cut_off)
{
	for (gsize len = 0; len < file->len; len += len < 200 ? 1 : 100)
		ck_assert_uint_ne (open_file (len), CKR_OK);
	/* Between two pieces. */
	ck_assert_uint_ne (open_file (42 + 65536 + 16), CKR_OK);
	ck_assert_uint_ne (open_file (42 + 2 * (65536 + 16)), CKR_OK);
	ck_assert_uint_ne (open_file (file->len - 1), CKR_OK);
}
END_TEST

START_TEST (test_open__longer)
{
	g_byte_array_append (file, (const guint8 *) "0123456789abcdef0123456789abcdef", 32);
	for (gsize more = 1; more <= 32; more++)
		ck_assert_uint_ne (open_file (file->len - 32 + more), CKR_OK);
}
END_TEST

START_TEST (test_open__pieces_exchanged)
{
	g_autofree guint8 *piece = g_memdup2 (file->data + 42, 65552);

	memmove (file->data + 42, file->data + 42 + 65552, 65552);
	memcpy (file->data + 42 + 65552, piece, 65552);
	ck_assert_uint_ne (open_file (file->len), CKR_OK);
}
END_TEST

START_TEST (test_open__something_else)
{
	memcpy (file->data, "SQLite format 3", 16);
	ck_assert_uint_eq (open_file (file->len), CKR_DATA_INVALID);
	memcpy (file->data, "CRATNBAK\2", 9);
	ck_assert_uint_eq (open_file (file->len), CKR_FUNCTION_NOT_SUPPORTED);
	/* A cost for which no machine has the memory is not tried. */
	memcpy (file->data, "CRATNBAK\1\77", 10);
	ck_assert_uint_eq (open_file (file->len), CKR_ENCRYPTED_DATA_INVALID);
}
END_TEST

START_TEST (test_seal__twice_is_not_the_same)
{
	g_autoptr (GByteArray) again = g_byte_array_new ();

	ck_assert_uint_eq (craton_backup_seal (&info, image, PASSPHRASE, COST, again), CKR_OK);
	ck_assert_uint_eq (again->len, file->len);
	ck_assert_int_ne (memcmp (again->data + 10, file->data + 10, 32), 0);
	ck_assert_int_ne (memcmp (again->data + 42, file->data + 42, 1000), 0);
}
END_TEST

START_TEST (test_write_file__not_over_another)
{
	g_autofree char *folder = g_dir_make_tmp ("craton-backup-XXXXXX", NULL);
	g_autofree char *path = g_build_filename (folder, "backup", NULL);
	g_autofree char *text = NULL;
	g_autoptr (GDir) dir = NULL;
	struct stat about;
	guint n_files = 0;

	ck_assert_int_eq (craton_backup_write_file (path, (const guint8 *) "one", 3, FALSE), 0);
	ck_assert_int_eq (craton_backup_write_file (path, (const guint8 *) "two", 3, FALSE), EEXIST);
	ck_assert (g_file_get_contents (path, &text, NULL, NULL));
	ck_assert_str_eq (text, "one");
	ck_assert_int_eq (craton_backup_write_file (path, (const guint8 *) "three", 5, TRUE), 0);
	g_free (text);
	ck_assert (g_file_get_contents (path, &text, NULL, NULL));
	ck_assert_str_eq (text, "three");
	ck_assert_int_eq (stat (path, &about), 0);
	ck_assert_uint_eq (about.st_mode & 07777, 0600);
	dir = g_dir_open (folder, 0, NULL);
	while (g_dir_read_name (dir) != NULL)
		n_files++;
	ck_assert_uint_eq (n_files, 1);
	(void) g_remove (path);
	(void) g_rmdir (folder);
	ck_assert_int_eq (craton_backup_write_file (path, (const guint8 *) "one", 3, FALSE), ENOENT);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("backup-file");
	TCase *tcase = tcase_create ("file");
	SRunner *runner;
	int n_failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_open__round_trip);
	tcase_add_test (tcase, test_open__wrong_passphrase);
	tcase_add_test (tcase, test_open__changed_anywhere);
	tcase_add_test (tcase, test_open__cut_off);
	tcase_add_test (tcase, test_open__longer);
	tcase_add_test (tcase, test_open__pieces_exchanged);
	tcase_add_test (tcase, test_open__something_else);
	tcase_add_test (tcase, test_seal__twice_is_not_the_same);
	tcase_add_test (tcase, test_write_file__not_over_another);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
