/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DH and DSA with numbers that they must not take (SP 800-56A, 5.6.2.3; FIPS 186-4, 4), and as
 * PKCS#8.
 */
#include "config.h"

#include "mech-keys.h"

#include "mech-vectors-ffc.h"

#define ROOM 2048

static CK_BYTE data[20] = "nineteen characters";

static CK_RV
derive_with (CK_OBJECT_HANDLE key, CK_BYTE *number, CK_ULONG len)
{
	CK_MECHANISM mechanism = { CKM_DH_PKCS_DERIVE, number, len };
	CK_ATTRIBUTE template[] = { ATTR (CKA_PRIVATE, no) };
	CK_OBJECT_HANDLE made;

	return p11->C_DeriveKey (session, &mechanism, key, template, 1, &made);
}

/* The elements of the smallest subgroups, and numbers that are no elements. */
START_TEST (test_dh__peers)
{
	static const TestKey *const keys[] = { &own_dh_1024, &own_dh_2048 };
	g_autoptr (GByteArray) p = unhex (keys[_i]->prime),
			       y = unhex (keys[_i]->public_value);
	CK_BYTE number[ROOM] = { 0 };
	CK_OBJECT_HANDLE public, private;

	make_key (keys[_i], &public, &private);
	ck_ok (derive_with (private, y->data, y->len));
	ck_rv (derive_with (private, NULL, 0), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (derive_with (private, number, 1), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (derive_with (private, number, p->len), CKR_MECHANISM_PARAM_INVALID);
	number[p->len - 1] = 1;
	ck_rv (derive_with (private, number, p->len), CKR_MECHANISM_PARAM_INVALID);
	number[p->len - 1] = 2;
	ck_ok (derive_with (private, number, p->len));
	ck_rv (derive_with (private, p->data, p->len), CKR_MECHANISM_PARAM_INVALID);
	memcpy (number, p->data, p->len);
	number[p->len - 1] -= 1;
	ck_rv (derive_with (private, number, p->len), CKR_MECHANISM_PARAM_INVALID);
	memset (number, 0xff, sizeof number);
	ck_rv (derive_with (private, number, p->len), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (derive_with (private, number, sizeof number), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (derive_with (public, y->data, y->len), CKR_KEY_TYPE_INCONSISTENT);
}
END_TEST

/* Makes one half of @key with another value for @type; "-1" is p - 1 of DH. */
static CK_RV
create_with (const TestKey *key, CK_OBJECT_CLASS class, CK_ATTRIBUTE_TYPE type, const char *hex)
{
	const struct {
		CK_ATTRIBUTE_TYPE type;
		const char *hex;
	} numbers[] = { { CKA_PRIME, key->prime },
		        { CKA_SUBPRIME, key->subprime },
		        { CKA_BASE, key->base },
		        { CKA_VALUE,
		          class == CKO_PRIVATE_KEY ? key->value : key->public_value } };
	CK_ATTRIBUTE template[8] = { ATTR (CKA_CLASS, class), ATTR (CKA_KEY_TYPE, key->type),
		                     ATTR (CKA_PRIVATE, no) };
	g_autofree char *less = g_strdup (key->prime);
	CK_OBJECT_HANDLE made;
	Attrs attrs = { 0 };
	CK_RV rv;

	if (key->type == CKK_DH) {
		ck_assert (g_str_has_suffix (less, "f"));
		less[strlen (less) - 1] = 'e';
	}
	for (gsize i = 0; i < N (numbers); i++)
		add_hex (&attrs, numbers[i].type,
		         numbers[i].type != type    ? numbers[i].hex
		         : strcmp (hex, "-1") == 0 ? less
		                                    : hex);
	memcpy (template + 3, attrs.attrs, attrs.n * sizeof (CK_ATTRIBUTE));
	rv = p11->C_CreateObject (session, template, 3 + attrs.n, &made);
	clear_attrs (&attrs);
	return rv;
}

START_TEST (test_create__no_keys)
{
	const struct {
		const TestKey *key;
		CK_OBJECT_CLASS class;
		CK_ATTRIBUTE_TYPE type;
		const char *hex;
	} wrong[] = {
		{ &own_dh_2048, CKO_PUBLIC_KEY, CKA_VALUE, "00" },
		{ &own_dh_2048, CKO_PUBLIC_KEY, CKA_VALUE, "01" },
		{ &own_dh_2048, CKO_PUBLIC_KEY, CKA_VALUE, "-1" },
		{ &own_dh_2048, CKO_PUBLIC_KEY, CKA_VALUE, own_dh_2048.prime },
		{ &own_dh_2048, CKO_PUBLIC_KEY, CKA_BASE, "01" },
		{ &own_dh_2048, CKO_PUBLIC_KEY, CKA_BASE, "-1" },
		{ &own_dh_2048, CKO_PUBLIC_KEY, CKA_PRIME, "17" },
		{ &own_dh_2048, CKO_PRIVATE_KEY, CKA_VALUE, "00" },
		{ &own_dh_2048, CKO_PRIVATE_KEY, CKA_VALUE, own_dh_2048.prime },
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_VALUE, "00" },
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_VALUE, "01" },
		/* An element, but not of the subgroup. */
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_VALUE, "02" },
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_BASE, "02" },
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_BASE, "01" },
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_SUBPRIME, own_dsa_2048.subprime },
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_SUBPRIME, "03" },
		{ &own_dsa_1024, CKO_PUBLIC_KEY, CKA_PRIME, own_dsa_2048.prime },
		{ &own_dsa_1024, CKO_PRIVATE_KEY, CKA_VALUE, "00" },
		{ &own_dsa_1024, CKO_PRIVATE_KEY, CKA_VALUE, own_dsa_1024.subprime },
	};

	ck_ok (create_with (&own_dh_2048, CKO_PUBLIC_KEY, 0, ""));
	ck_ok (create_with (&own_dsa_1024, CKO_PRIVATE_KEY, 0, ""));
	ck_ok (create_with (&own_dsa_1024, CKO_PRIVATE_KEY, CKA_VALUE, "01"));
	for (gsize i = 0; i < N (wrong); i++)
		ck_assert_msg (create_with (wrong[i].key, wrong[i].class, wrong[i].type,
		                            wrong[i].hex) == CKR_ATTRIBUTE_VALUE_INVALID,
		               "case %zu", i);
}
END_TEST

START_TEST (test_dsa__numbers_out_of_range)
{
	CK_MECHANISM dsa = { CKM_DSA, NULL, 0 };
	g_autoptr (GByteArray) q = unhex (own_dsa_1024.subprime);
	CK_OBJECT_HANDLE public, private;
	CK_BYTE good[40], bad[42];
	CK_ULONG len = sizeof good;

	make_key (&own_dsa_1024, &public, &private);
	ck_ok (p11->C_SignInit (session, &dsa, private));
	ck_ok (p11->C_Sign (session, data, sizeof data, good, &len));
	for (CK_ULONG at = 0; at <= 20; at += 20) {
		memcpy (bad, good, sizeof good);
		memset (bad + at, 0, 20);
		ck_ok (p11->C_VerifyInit (session, &dsa, public));
		ck_rv (p11->C_Verify (session, data, 20, bad, 40), CKR_SIGNATURE_INVALID);
		memcpy (bad + at, q->data, 20);
		ck_ok (p11->C_VerifyInit (session, &dsa, public));
		ck_rv (p11->C_Verify (session, data, 20, bad, 40), CKR_SIGNATURE_INVALID);
	}
	for (CK_ULONG n = 38; n <= 42; n++) {
		ck_ok (p11->C_VerifyInit (session, &dsa, public));
		ck_rv (p11->C_Verify (session, data, 20, n == 40 ? good : bad, n),
		       n == 40 ? CKR_OK : CKR_SIGNATURE_LEN_RANGE);
	}
}
END_TEST

START_TEST (test_pkcs8__round_trip)
{
	static const TestKey *const keys[] = { &own_dh_1024, &own_dh_2048, &own_dsa_1024,
		                               &own_dsa_2048 };
	static const CK_ATTRIBUTE_TYPE compared[] = { CKA_VALUE, CKA_PRIME, CKA_BASE,
		                                      CKA_PUBLIC_KEY_INFO };
	static const CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	static CK_BYTE kek_bytes[32] = { 7 };
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class),
		                    { CKA_KEY_TYPE, (void *) &keys[_i]->type,
		                      sizeof (CK_KEY_TYPE) },
		                    ATTR (CKA_PRIVATE, no),
		                    ATTR (CKA_SENSITIVE, no),
		                    ATTR (CKA_EXTRACTABLE, yes) };
	CK_OBJECT_HANDLE kek = make_secret (CKK_AES, kek_bytes, 32, NULL, 0);
	CK_OBJECT_HANDLE public, private, back;
	CK_MECHANISM kwp = { CKM_AES_KEY_WRAP_KWP, NULL, 0 };
	CK_BYTE wrapped[ROOM], first[ROOM], second[ROOM];
	CK_ULONG len = sizeof wrapped;

	make_key (keys[_i], &public, &private);
	ck_ok (p11->C_WrapKey (session, &kwp, kek, private, wrapped, &len));
	ck_ok (p11->C_UnwrapKey (session, &kwp, kek, wrapped, len, template, N (template), &back));
	for (gsize i = 0; i < N (compared); i++) {
		CK_ATTRIBUTE of_first = { compared[i], first, ROOM },
			     of_second = { compared[i], second, ROOM };

		ck_ok (p11->C_GetAttributeValue (session, private, &of_first, 1));
		ck_ok (p11->C_GetAttributeValue (session, back, &of_second, 1));
		ck_assert_uint_gt (of_first.ulValueLen, 0);
		ck_assert_uint_eq (of_first.ulValueLen, of_second.ulValueLen);
		ck_assert_mem_eq (first, second, of_first.ulValueLen);
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-ffc");
	TCase *tcase = tcase_create ("mech-ffc");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_loop_test (tcase, test_dh__peers, 0, 2);
	tcase_add_test (tcase, test_create__no_keys);
	tcase_add_test (tcase, test_dsa__numbers_out_of_range);
	tcase_add_loop_test (tcase, test_pkcs8__round_trip, 0, 4);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
