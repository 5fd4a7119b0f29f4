/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A database file that was cut or overwritten anywhere: what is damaged is said to be so, is not made anew, and is never taken
 * for a token without objects; what is served is what was written; and the other token of the process does not
 * notice. CRATON_TEST_SEED repeats a choice of places, CRATON_TEST_LONG=1 tries ten times as many.
 */
#include "config.h"

#include "token-store.h"

#define OBJECTS 24
#define TRIES 120

static CratonTokenConfig configs[2];
static char *pristine;
static gsize pristine_len;

static guint
count_lines (void)
{
	guint n = 0;

	for (const char *at = heard->str; (at = strchr (at, '\n')) != NULL; at++)
		n++;
	return n;
}

static void
setup (void)
{
	g_autofree char *path = NULL;
	CK_UTF8CHAR label[32];

	store_setup ();
	login ();
	for (guint i = 0; i < OBJECTS; i++) {
		g_autofree char *name = g_strdup_printf ("object %u", i);

		(void) make_data (name, CK_TRUE, i % 2 == 0);
	}
	ck_ok (p11->C_Finalize (NULL));
	path = store_file ("token.db");
	ck_assert (g_file_get_contents (path, &pristine, &pristine_len, NULL));
	configs[0] = config;
	configs[1] = (CratonTokenConfig){ .name = (char *) "other", .pin_cost = 14 };
	configs[1].store = g_build_filename (scratch, "other", NULL);
	craton_token_configure (configs, 2);
	ck_ok (p11->C_Initialize (NULL));
	memset (label, ' ', sizeof label);
	ck_ok (p11->C_InitToken (1, PIN (SO_PIN), label));
	ck_ok (p11->C_Finalize (NULL));
}

static void
teardown (void)
{
	g_free (configs[1].store);
	g_clear_pointer (&pristine, g_free);
	store_teardown ();
}

static void
write_database (const char *bytes, gsize len)
{
	g_autofree char *path = store_file ("token.db");

	remove_log ();
	ck_assert (g_file_set_contents (path, bytes, (gssize) len, NULL));
}

static void
check_other_token (void)
{
	CK_SESSION_HANDLE first = session;
	CK_TOKEN_INFO info;
	CK_OBJECT_HANDLE object;

	ck_ok (p11->C_GetTokenInfo (1, &info));
	ck_assert_uint_ne (info.flags & CKF_TOKEN_INITIALIZED, 0);
	ck_ok (p11->C_OpenSession (1, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
	object = make_data ("other", CK_TRUE, CK_FALSE);
	assert_value (find_label ("other"), CKA_VALUE, "other", 5);
	ck_ok (p11->C_DestroyObject (session, object));
	ck_ok (p11->C_CloseSession (session));
	session = first;
}

/* The token says that it is damaged, and whoever wants to make a new one in its place is told so. */
static void
check_refused (const char *bytes, gsize len)
{
	g_autofree char *path = store_file ("token.db");
	g_autofree char *after = NULL;
	gsize after_len;

	ck_rv (init_token (SO_PIN), CKR_DEVICE_ERROR);
	ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION, NULL, NULL, &session), CKR_DEVICE_ERROR);
	ck_assert_uint_eq (count_lines (), 1);
	ck_assert_ptr_nonnull (strstr (heard->str, path));
	ck_assert (g_file_get_contents (path, &after, &after_len, NULL));
	ck_assert_uint_eq (after_len, len);
	ck_assert_int_eq (memcmp (after, bytes, len), 0);
}

/* What can be read is what was written; what cannot is in the log. */
static void
check_objects (void)
{
	CK_ULONG n = 0;

	for (guint i = 0; i < OBJECTS; i++) {
		g_autofree char *name = g_strdup_printf ("object %u", i);
		CK_ATTRIBUTE template[] = { { CKA_LABEL, name, strlen (name) } };
		CK_OBJECT_HANDLE found[2];
		CK_ULONG n_found = 0;

		if (p11->C_FindObjectsInit (session, template, 1) != CKR_OK)
			continue;
		ck_ok (p11->C_FindObjects (session, found, 2, &n_found));
		ck_ok (p11->C_FindObjectsFinal (session));
		if (n_found == 0)
			continue;
		ck_assert_uint_eq (n_found, 1);
		assert_value (found[0], CKA_VALUE, name, strlen (name));
		n++;
	}
	ck_assert_msg (n == OBJECTS || count_lines () > 0, "only %lu objects, and nobody says so", n);
}

/* Returns: FALSE if the token was refused as a whole. */
static gboolean
try_damaged (const char *bytes, gsize len)
{
	CK_TOKEN_INFO info;
	CK_RV rv;

	g_string_truncate (heard, 0);
	write_database (bytes, len);
	craton_token_configure (configs, 2);
	ck_ok (p11->C_Initialize (NULL));
	rv = p11->C_GetTokenInfo (0, &info);
	if (rv == CKR_OK) {
		ck_assert_uint_ne (info.flags & CKF_TOKEN_INITIALIZED, 0);
		rv = p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
		                         &session);
		ck_assert (rv == CKR_OK || rv == CKR_DEVICE_ERROR);
		if (rv == CKR_OK)
			rv = p11->C_Login (session, CKU_USER, PIN (USER_PIN));
		if (rv == CKR_OK)
			check_objects ();
		else
			ck_assert_msg (rv == CKR_DEVICE_ERROR || rv == CKR_PIN_INCORRECT ||
			                       rv == CKR_PIN_LOCKED ||
			                       rv == CKR_USER_PIN_NOT_INITIALIZED,
			               "C_Login: %#lx", rv);
		ck_assert (rv != CKR_DEVICE_ERROR || count_lines () > 0);
		rv = CKR_OK;
	} else {
		ck_rv (rv, CKR_DEVICE_ERROR);
		check_refused (bytes, len);
	}
	check_other_token ();
	ck_ok (p11->C_Finalize (NULL));
	return rv == CKR_OK;
}

/* One by which SQLite finds a page damaged when it loads it, and not when it is asked for it again. */
#define SEED_OF_CELLS 2591965284u

START_TEST (test_damage__anywhere)
{
	const char *given = g_getenv ("CRATON_TEST_SEED"), *is_long = g_getenv ("CRATON_TEST_LONG");
	guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 10)
	               : _i == 0     ? g_random_int ()
	                             : SEED_OF_CELLS;
	GRand *rand = g_rand_new_with_seed (seed);
	guint tries = is_long != NULL && is_long[0] == '1' ? 10 * TRIES : TRIES, n_refused = 0;

	(void) printf ("store-damage: seed %u\n", seed);
	(void) fflush (stdout);
	for (guint i = 0; i < tries; i++) {
		g_autofree char *bytes = g_memdup2 (pristine, pristine_len);
		gsize at = (gsize) g_rand_int_range (rand, 0, (gint32) pristine_len);
		gsize len = pristine_len;
		gsize n = (gsize) g_rand_int_range (rand, 1, i % 3 == 0 ? 9000 : 64);

		if (i % 4 == 0)
			len = at;
		for (gsize byte = at; i % 4 != 0 && byte < MIN (at + n, pristine_len); byte++)
			bytes[byte] = i % 4 == 1 ? 0 : (char) g_rand_int (rand);
		n_refused += !try_damaged (bytes, len);
	}
	(void) printf ("store-damage: seed %u: %u damaged files, %u refused as a whole\n", seed, tries,
	               n_refused);
	(void) fflush (stdout);
	ck_assert_uint_gt (n_refused, 0);
	g_rand_free (rand);
}
END_TEST

/* The header is what says that this is a database at all. */
START_TEST (test_damage__header)
{
	static const gsize lens[] = { 0, 1, 16, 60, 99, 100, 1024, 4095, 4096 };

	for (gsize i = 0; i < N (lens); i++) {
		g_autofree char *bytes = g_memdup2 (pristine, pristine_len);

		memset (bytes, 0, MAX (lens[i], 16));
		ck_assert (!try_damaged (bytes, pristine_len));
		ck_assert (!try_damaged (pristine, lens[i]));
		ck_assert (!try_damaged (bytes, lens[i]));
	}
	/* And as it was it is well. */
	ck_assert (try_damaged (pristine, pristine_len));
	ck_assert_str_eq (heard->str, "");
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("store-damage");
	TCase *tcase = tcase_create ("damage");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 280);
	tcase_add_loop_test (tcase, test_damage__anywhere, 0, 2);
	tcase_add_test (tcase, test_damage__header);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
