/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A pair whose halves do not match is made no object: with the check disturbed, each mechanism that
 * makes pairs fails, says so once, and leaves nothing behind.
 */
#include "config.h"

#include "pairwise.h"
#include "mech-keys.h"

#include "mech-vectors-ffc.h"

static const CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const CK_BYTE ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
static const CK_BYTE x25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x6e };
static const CK_ULONG rsa_bits = 2048;

static const struct {
	CK_MECHANISM_TYPE mechanism;
	CK_ATTRIBUTE number; /* of type CKA_PRIME: the parameters of key instead */
	const TestKey *key;
} pairs[] = {
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, ATTR (CKA_MODULUS_BITS, rsa_bits), NULL },
	{ CKM_EC_KEY_PAIR_GEN, ATTR (CKA_EC_PARAMS, p256), NULL },
	{ CKM_EC_EDWARDS_KEY_PAIR_GEN, ATTR (CKA_EC_PARAMS, ed25519), NULL },
	{ CKM_EC_MONTGOMERY_KEY_PAIR_GEN, ATTR (CKA_EC_PARAMS, x25519), NULL },
	{ CKM_DSA_KEY_PAIR_GEN, { CKA_PRIME, NULL, 0 }, &own_dsa_1024 },
	{ CKM_DH_PKCS_KEY_PAIR_GEN, { CKA_PRIME, NULL, 0 }, &own_dh_2048 },
};

static guint n_lines;

static GLogWriterOutput
count_lines (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
	(void) fields;
	(void) n_fields;
	(void) data;
	if ((level & G_LOG_LEVEL_WARNING) != 0)
		n_lines++;
	return G_LOG_WRITER_HANDLED;
}

static CK_ULONG
n_objects (void)
{
	CK_OBJECT_HANDLE found[64];
	CK_ULONG n = 0;

	ck_ok (p11->C_FindObjectsInit (session, NULL, 0));
	ck_ok (p11->C_FindObjects (session, found, N (found), &n));
	ck_ok (p11->C_FindObjectsFinal (session));
	return n;
}

START_TEST (test_pairwise__mismatch_is_refused)
{
	CK_MECHANISM mechanism = { pairs[_i].mechanism, NULL, 0 };
	CK_ATTRIBUTE hidden = ATTR (CKA_PRIVATE, no), template[4] = { hidden, pairs[_i].number };
	CK_OBJECT_HANDLE public = 42, private = 43;
	CK_ULONG n = 2, before = n_objects ();
	Attrs numbers = { 0 };

	if (pairs[_i].key != NULL) {
		add_hex (&numbers, CKA_PRIME, pairs[_i].key->prime);
		add_hex (&numbers, CKA_BASE, pairs[_i].key->base);
		add_hex (&numbers, CKA_SUBPRIME, pairs[_i].key->subprime);
		memcpy (template + 1, numbers.attrs, numbers.n * sizeof (CK_ATTRIBUTE));
		n = 1 + numbers.n;
	}
	n_lines = 0;
	g_atomic_int_set (&craton_pairwise_fault, TRUE);
	ck_rv (p11->C_GenerateKeyPair (session, &mechanism, template, n, &hidden, 1, &public,
	                               &private),
	       CKR_FUNCTION_FAILED);
	g_atomic_int_set (&craton_pairwise_fault, FALSE);
	ck_assert_uint_eq (n_lines, 1);
	ck_assert_uint_eq (n_objects (), before);
	ck_assert (public == 42 && private == 43);
	ck_ok (p11->C_GenerateKeyPair (session, &mechanism, template, n, &hidden, 1, &public,
	                               &private));
	ck_assert_uint_eq (n_lines, 1);
	ck_assert_uint_eq (n_objects (), before + 2);
	clear_attrs (&numbers);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("pairwise");
	TCase *tcase = tcase_create ("pairwise");
	SRunner *runner;
	int failed;

	g_log_set_writer_func (count_lines, NULL, NULL);
	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_loop_test (tcase, test_pairwise__mismatch_is_refused, 0, (int) N (pairs));
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
