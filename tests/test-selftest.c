/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The self-tests: every one is good here, one that is not turns its mechanisms off and nothing else, and
 * each mechanism that computes something names those that it rests on.
 */
#include "config.h"

#include <openssl/crypto.h>

#include "token-fixture.h"

#include "mech.h"
#include "selftest.h"

static guint n_lines;
static char *line;

static GLogWriterOutput
note_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
	(void) level;
	(void) data;
	for (gsize i = 0; i < n_fields; i++) {
		if (!g_str_equal (fields[i].key, "MESSAGE"))
			continue;
		g_free (line);
		line = g_strdup (fields[i].value);
		n_lines++;
	}
	return G_LOG_WRITER_HANDLED;
}

static gboolean
is_post_quantum (guint test)
{
	return test == CRATON_SELFTEST_ML_KEM || test == CRATON_SELFTEST_ML_DSA ||
	       test == CRATON_SELFTEST_SLH_DSA;
}

START_TEST (test_need__all_are_good)
{
	guint test = (guint) _i;

	if (is_post_quantum (test) && OpenSSL_version_num () < 0x30500000)
		ck_rv (craton_selftest_need (test), CKR_FUNCTION_FAILED);
	else
		ck_assert_msg (craton_selftest_need (test) == CKR_OK, "%s",
		               craton_selftest_name (test));
}
END_TEST

START_TEST (test_need__one_line)
{
	craton_selftest_forget ();
	n_lines = 0;
	craton_selftest_fault = CRATON_SELFTEST_CIPHER (CRATON_CIPHER_CBC);
	for (int i = 0; i < 3; i++)
		ck_rv (craton_selftest_need (CRATON_SELFTEST_CIPHER (CRATON_CIPHER_CBC)), CKR_FUNCTION_FAILED);
	ck_assert_uint_eq (n_lines, 1);
	ck_assert (strstr (line, "AES-CBC") != NULL);
	ck_ok (craton_selftest_need (CRATON_SELFTEST_CIPHER (CRATON_CIPHER_ECB)));
	/* What failed once stays off. */
	craton_selftest_fault = CRATON_SELFTEST_NONE;
	ck_rv (craton_selftest_need (CRATON_SELFTEST_CIPHER (CRATON_CIPHER_CBC)), CKR_FUNCTION_FAILED);
	craton_selftest_forget ();
	ck_ok (craton_selftest_need (CRATON_SELFTEST_CIPHER (CRATON_CIPHER_CBC)));
}
END_TEST

START_TEST (test_mechanisms__off)
{
	CK_BYTE key[16] = { 1 }, iv[16] = { 2 };
	CK_OBJECT_HANDLE aes = make_secret (CKK_AES, key, sizeof key, NULL, 0);
	CK_MECHANISM cbc = { CKM_AES_CBC, iv, sizeof iv }, ecb = { CKM_AES_ECB, NULL, 0 },
		     sha = { CKM_SHA256, NULL, 0 };
	CK_BYTE wrapped[64];
	CK_ULONG len = sizeof wrapped;

	craton_selftest_forget ();
	craton_selftest_fault = CRATON_SELFTEST_CIPHER (CRATON_CIPHER_CBC);
	ck_rv (p11->C_EncryptInit (session, &cbc, aes), CKR_FUNCTION_FAILED);
	ck_rv (p11->C_DecryptInit (session, &cbc, aes), CKR_FUNCTION_FAILED);
	ck_rv (p11->C_WrapKey (session, &cbc, aes, aes, wrapped, &len), CKR_FUNCTION_FAILED);
	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	ck_ok (p11->C_EncryptInit (session, NULL, CK_INVALID_HANDLE));
	craton_selftest_forget ();
	craton_selftest_fault = CRATON_SELFTEST_HASH (CRATON_HASH_SHA256);
	ck_rv (p11->C_DigestInit (session, &sha), CKR_FUNCTION_FAILED);
	craton_selftest_fault = CRATON_SELFTEST_NONE;
	craton_selftest_forget ();
	ck_ok (p11->C_EncryptInit (session, &cbc, aes));
	ck_ok (p11->C_EncryptInit (session, NULL, CK_INVALID_HANDLE));
}
END_TEST

/* Only what draws random bytes, or puts bytes together, rests on nothing but the generator. */
START_TEST (test_rows__name_their_tests)
{
	static const CK_MECHANISM_TYPE plain[] = {
		CKM_CONCATENATE_BASE_AND_KEY,  CKM_CONCATENATE_BASE_AND_DATA,
		CKM_CONCATENATE_DATA_AND_BASE, CKM_XOR_BASE_AND_DATA,
		CKM_EXTRACT_KEY_FROM_KEY,
	};
	const CratonTokenConfig config = { .legacy = TRUE };
	const CratonMech *mech;
	gsize index = 0;

	while ((mech = craton_mech_next (&config, &index)) != NULL) {
		gboolean needs_none = (mech->flags & (CKF_GENERATE | CKF_GENERATE_KEY_PAIR)) != 0;

		for (gsize i = 0; i < N (plain); i++)
			needs_none |= plain[i] == mech->type;
		ck_assert_msg (needs_none || mech->selftests[0] != CRATON_SELFTEST_NONE,
		               "mechanism 0x%lx names no self-test", mech->type);
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("selftest");
	TCase *tcase = tcase_create ("selftest");
	SRunner *runner;
	int failed;

	g_log_set_writer_func (note_line, NULL, NULL);
	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_add_loop_test (tcase, test_need__all_are_good, 1, CRATON_N_SELFTESTS);
	tcase_add_test (tcase, test_need__one_line);
	tcase_add_test (tcase, test_mechanisms__off);
	tcase_add_test (tcase, test_rows__name_their_tests);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
