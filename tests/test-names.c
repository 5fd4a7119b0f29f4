/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of constants, there and back.
 */
#include "config.h"

#include "names.h"

#include <check.h>
#include <stdlib.h>

static const struct {
	CratonNameKind kind;
	CK_ULONG value;
	const char *name;
} samples[] = {
	{ CRATON_NAME_CKA, CKA_CLASS, "CKA_CLASS" },
	{ CRATON_NAME_CKA, CKA_ALLOWED_MECHANISMS, "CKA_ALLOWED_MECHANISMS" },
	{ CRATON_NAME_CKC, CKC_X_509, "CKC_X_509" },
	{ CRATON_NAME_CKD, CKD_NULL, "CKD_NULL" },
	{ CRATON_NAME_CKG, CKG_MGF1_SHA256, "CKG_MGF1_SHA256" },
	{ CRATON_NAME_CKK, CKK_EC, "CKK_EC" },
	{ CRATON_NAME_CKM, CKM_RSA_PKCS_KEY_PAIR_GEN, "CKM_RSA_PKCS_KEY_PAIR_GEN" },
	{ CRATON_NAME_CKM, CKM_AES_GCM, "CKM_AES_GCM" },
	{ CRATON_NAME_CKO, CKO_PROFILE, "CKO_PROFILE" },
	{ CRATON_NAME_CKR, CKR_OK, "CKR_OK" },
	{ CRATON_NAME_CKR, CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT" },
	{ CRATON_NAME_CKS, CKS_RW_SO_FUNCTIONS, "CKS_RW_SO_FUNCTIONS" },
	{ CRATON_NAME_CKU, CKU_SO, "CKU_SO" },
};

START_TEST (test_name__there_and_back)
{
	CK_ULONG value = ~0ul;

	ck_assert_pstr_eq (craton_name (samples[_i].kind, samples[_i].value), samples[_i].name);
	ck_assert (craton_name_value (samples[_i].kind, samples[_i].name, &value));
	ck_assert_uint_eq (value, samples[_i].value);
}
END_TEST

START_TEST (test_name__none)
{
	CK_ULONG value = 77;

	ck_assert_ptr_null (craton_name (CRATON_NAME_CKM, CKM_VENDOR_DEFINED + 5));
	ck_assert_ptr_null (craton_name (CRATON_NAME_CKU, ~0ul));
	ck_assert_ptr_null (craton_name ((CratonNameKind) 1000, 0));
	/* A name of another kind is none. */
	ck_assert (!craton_name_value (CRATON_NAME_CKA, "CKM_AES_GCM", &value));
	ck_assert (!craton_name_value (CRATON_NAME_CKM, "", &value));
	ck_assert_uint_eq (value, 77);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("names");
	TCase *tcase = tcase_create ("names");
	SRunner *runner;
	int n_failed;

	tcase_add_loop_test (tcase, test_name__there_and_back, 0, (int) (sizeof samples / sizeof samples[0]));
	tcase_add_test (tcase, test_name__none);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
