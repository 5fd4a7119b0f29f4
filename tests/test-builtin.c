/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects that nobody stores: clock, profiles, mechanisms; and trust objects, which are stored.
 */
#include "config.h"

#include "token-process.h"

static const CK_OBJECT_CLASS class_clock = CKO_HW_FEATURE, class_profile = CKO_PROFILE,
			     class_mechanism = CKO_MECHANISM, class_validation = CKO_VALIDATION,
			     class_trust = CKO_TRUST;

static CK_ULONG
count (const CK_OBJECT_CLASS *class, CK_OBJECT_HANDLE *ret_first)
{
	CK_ATTRIBUTE template = { CKA_CLASS, (void *) class, sizeof *class };

	return find_all (&template, 1, ret_first);
}

START_TEST (test_builtin__found_by_class)
{
	CK_ULONG n = 0;
	CK_OBJECT_HANDLE object;
	CK_PROFILE_ID id = CKP_EXTENDED_PROVIDER;
	CK_MECHANISM_TYPE type = CKM_AES_GCM;
	CK_ATTRIBUTE profile[] = { ATTR (CKA_CLASS, class_profile), ATTR (CKA_PROFILE_ID, id) },
		     mechanism[] = { ATTR (CKA_CLASS, class_mechanism),
			             ATTR (CKA_MECHANISM_TYPE, type) };

	make_token ();
	ck_ok (p11->C_GetMechanismList (0, NULL, &n));
	/* Logged in or not, to read or to write: each sees them. */
	for (int i = 0; i < 3; i++) {
		if (i == 1)
			login ();
		if (i == 2)
			session = open_session (0);
		ck_assert_uint_eq (find_all (NULL, 0, NULL), 0);
		ck_assert_uint_eq (count (&class_clock, NULL), 1);
		ck_assert_uint_eq (count (&class_profile, NULL), 3);
		ck_assert_uint_eq (count (&class_validation, NULL), 0);
		ck_assert_uint_eq (count (&class_mechanism, NULL), n);
		ck_assert_uint_eq (find_all (profile, 2, &object), 1);
		assert_value (object, CKA_PROFILE_ID, &id, sizeof id);
		ck_assert_uint_eq (find_all (mechanism, 2, &object), 1);
		assert_value (object, CKA_MECHANISM_TYPE, &type, sizeof type);
	}
	id = CKP_COMPLETE_PROVIDER;
	ck_assert_uint_eq (find_all (profile, 2, NULL), 0);
}
END_TEST

START_TEST (test_builtin__clock)
{
	CK_ULONG type = CKH_CLOCK;
	CK_OBJECT_HANDLE clock;
	CK_TOKEN_INFO before, after;
	CK_CHAR told[16];
	CK_ATTRIBUTE value = ATTR (CKA_VALUE, told);

	make_token ();
	ck_assert_uint_eq (count (&class_clock, &clock), 1);
	assert_value (clock, CKA_HW_FEATURE_TYPE, &type, sizeof type);
	ck_ok (p11->C_GetTokenInfo (0, &before));
	ck_ok (p11->C_GetAttributeValue (session, clock, &value, 1));
	ck_ok (p11->C_GetTokenInfo (0, &after));
	ck_assert_uint_ne (before.flags & CKF_CLOCK_ON_TOKEN, 0);
	for (int i = 0; i < 16; i++)
		ck_assert (g_ascii_isdigit (told[i]));
	ck_assert_int_le (memcmp (before.utcTime, told, 16), 0);
	ck_assert_int_le (memcmp (told, after.utcTime, 16), 0);
}
END_TEST

/* What the token has no use for is no object. */
START_TEST (test_builtin__refused_classes)
{
	CK_OBJECT_CLASS classes[] = { CKO_VALIDATION, CKO_VENDOR_DEFINED };
	CK_FLAGS validated;
	CK_ATTRIBUTE flags = ATTR (CKA_OBJECT_VALIDATION_FLAGS, validated);
	CK_OBJECT_HANDLE made;

	make_token ();
	login ();
	for (gsize i = 0; i < N (classes); i++) {
		CK_ATTRIBUTE template = ATTR (CKA_CLASS, classes[i]);

		ck_rv (p11->C_CreateObject (session, &template, 1, &made),
		       CKR_ATTRIBUTE_VALUE_INVALID);
	}
	/* Nor does a key claim that it came about in a way that somebody has validated. */
	made = make_aes (CK_FALSE, CK_TRUE, CK_FALSE);
	ck_rv (p11->C_GetAttributeValue (session, made, &flags, 1), CKR_ATTRIBUTE_TYPE_INVALID);
	ck_ok (p11->C_GetSessionValidationFlags (session, CKS_LAST_VALIDATION_OK, &validated));
	ck_assert_uint_eq (validated, 0);
}
END_TEST

START_TEST (test_builtin__stays)
{
	const CK_OBJECT_CLASS *classes[] = { &class_clock, &class_profile, &class_mechanism };
	CK_OBJECT_HANDLE object, made;

	make_token ();
	login ();
	for (gsize i = 0; i < N (classes); i++) {
		CK_ATTRIBUTE template[] = { { CKA_CLASS, (void *) classes[i], sizeof (CK_ULONG) } };

		ck_assert_uint_ge (count (classes[i], &object), 1);
		ck_rv (set (object, CKA_LABEL, "x", 1), CKR_ACTION_PROHIBITED);
		ck_rv (p11->C_DestroyObject (session, object), CKR_ACTION_PROHIBITED);
		ck_rv (p11->C_CopyObject (session, object, NULL, 0, &made), CKR_ACTION_PROHIBITED);
		ck_rv (p11->C_CreateObject (session, template, 1, &made),
		       CKR_ATTRIBUTE_VALUE_INVALID);
		assert_bool (object, CKA_PRIVATE, CK_FALSE);
		assert_bool (object, CKA_MODIFIABLE, CK_FALSE);
		ck_rv (p11->C_GetAttributeValue (session, object + 100000, NULL, 0),
		       CKR_OBJECT_HANDLE_INVALID);
	}
}
END_TEST

START_TEST (test_trust__stored)
{
	static const CK_ULONG anchor = CKT_TRUST_ANCHOR, unknown = CKT_TRUST_UNKNOWN,
			      distrusted = CKT_NOT_TRUSTED, nonsense = 5, sha256 = CKM_SHA256;
	CK_BYTE issuer[] = { 0x30, 0x00 }, serial[] = { 0x02, 0x01, 0x05 }, hash[32] = { 7 };
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_trust),      ATTR (CKA_TOKEN, yes),
		ATTR (CKA_ISSUER, issuer),          ATTR (CKA_SERIAL_NUMBER, serial),
		ATTR (CKA_HASH_OF_CERTIFICATE, hash), ATTR (CKA_NAME_HASH_ALGORITHM, sha256),
		ATTR (CKA_TRUST_SERVER_AUTH, anchor),
	};
	CK_OBJECT_HANDLE object;

	make_token ();
	login ();
	object = CREATE (template);
	/* It is there after a restart, and without a login. */
	restart ();
	ck_assert_uint_eq (find_all (template, N (template), &object), 1);
	assert_value (object, CKA_TRUST_SERVER_AUTH, &anchor, sizeof anchor);
	assert_value (object, CKA_TRUST_CODE_SIGNING, &unknown, sizeof unknown);
	login ();
	ck_ok (set (object, CKA_TRUST_SERVER_AUTH, &distrusted, sizeof distrusted));
	assert_value (object, CKA_TRUST_SERVER_AUTH, &distrusted, sizeof distrusted);
	ck_rv (set (object, CKA_TRUST_SERVER_AUTH, &nonsense, sizeof nonsense),
	       CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (set (object, CKA_TRUST_SERVER_AUTH, &no, 1), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (set (object, CKA_ISSUER, issuer, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_MODULUS, hash, 1), CKR_TEMPLATE_INCONSISTENT);
	template[3].type = CKA_LABEL;
	ck_rv (p11->C_CreateObject (session, template, N (template), &object),
	       CKR_TEMPLATE_INCOMPLETE);
}
END_TEST

/* Trust names the certificate by its hash; distrust need not (PKCS#11 3.2, Trust objects, footnote 2). */
START_TEST (test_trust__hash)
{
	static const CK_ULONG trusts[] = { CKT_TRUSTED, CKT_TRUST_ANCHOR, CKT_TRUST_MUST_VERIFY_TRUST };
	static const CK_ULONG distrusted = CKT_NOT_TRUSTED, unknown = CKT_TRUST_UNKNOWN, sha256 = CKM_SHA256;
	CK_BYTE issuer[] = { 0x30, 0x00 }, serial[] = { 0x02, 0x01, 0x05 }, hash[32] = { 7 };
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_trust),     ATTR (CKA_ISSUER, issuer),
		ATTR (CKA_SERIAL_NUMBER, serial),  ATTR (CKA_TRUST_OCSP_SIGNING, distrusted),
		ATTR (CKA_TRUST_IPSEC_IKE, unknown), ATTR (CKA_HASH_OF_CERTIFICATE, hash),
		ATTR (CKA_NAME_HASH_ALGORITHM, sha256),
	};
	CK_OBJECT_HANDLE without, object;

	make_token ();
	login ();
	ck_ok (p11->C_CreateObject (session, template, 5, &without));
	for (gsize i = 0; i < N (trusts); i++) {
		ck_rv (set (without, CKA_TRUST_OCSP_SIGNING, &trusts[i], sizeof trusts[i]), CKR_TEMPLATE_INCONSISTENT);
		template[3].pValue = (CK_VOID_PTR) &trusts[i];
		ck_rv (p11->C_CreateObject (session, template, 5, &object), CKR_TEMPLATE_INCOMPLETE);
		ck_rv (p11->C_CreateObject (session, template, 6, &object), CKR_TEMPLATE_INCOMPLETE);
		ck_ok (p11->C_CreateObject (session, template, 7, &object));
		ck_ok (set (object, CKA_TRUST_IPSEC_IKE, &trusts[i], sizeof trusts[i]));
		ck_rv (set (object, CKA_HASH_OF_CERTIFICATE, hash, 0), CKR_TEMPLATE_INCONSISTENT);
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("builtin");
	TCase *tcase = tcase_create ("builtin");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 60);
	tcase_add_checked_fixture (tcase, scratch_setup, scratch_teardown);
	tcase_add_test (tcase, test_builtin__found_by_class);
	tcase_add_test (tcase, test_builtin__clock);
	tcase_add_test (tcase, test_builtin__refused_classes);
	tcase_add_test (tcase, test_builtin__stays);
	tcase_add_test (tcase, test_trust__stored);
	tcase_add_test (tcase, test_trust__hash);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? 0 : 1;
}
