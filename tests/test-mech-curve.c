/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which configuration offers which curve.
 */
#include "config.h"

#include "mech-curve.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	CK_KEY_TYPE type;
	const char *name;
	gboolean usually, fips;
} curves[] = {
	{ CKK_EC, "secp192r1", FALSE, FALSE },
	{ CKK_EC, "secp224r1", TRUE, TRUE },
	{ CKK_EC, "secp256r1", TRUE, TRUE },
	{ CKK_EC, "secp384r1", TRUE, TRUE },
	{ CKK_EC, "secp521r1", TRUE, TRUE },
	{ CKK_EC, "secp256k1", TRUE, FALSE },
	{ CKK_EC, "brainpoolP256r1", TRUE, FALSE },
	{ CKK_EC, "brainpoolP384r1", TRUE, FALSE },
	{ CKK_EC, "brainpoolP512r1", TRUE, FALSE },
	{ CKK_EC_EDWARDS, "edwards25519", TRUE, TRUE },
	{ CKK_EC_EDWARDS, "edwards448", TRUE, TRUE },
	{ CKK_EC_MONTGOMERY, "curve25519", TRUE, FALSE },
	{ CKK_EC_MONTGOMERY, "curve448", TRUE, FALSE },
};

START_TEST (test_curve__offered)
{
	const CratonTokenConfig usual = { .name = (char *) "a" },
				legacy = { .name = (char *) "a", .legacy = TRUE },
				fips = { .name = (char *) "a", .fips = TRUE };
	CK_BYTE params[64] = { 0x13, (CK_BYTE) strlen (curves[_i].name) };
	const CratonCurve *curve;

	memcpy (params + 2, curves[_i].name, params[1]);
	curve = craton_mech_curve (curves[_i].type, params, params[1] + 2u);
	ck_assert_ptr_nonnull (curve);
	ck_assert_ptr_eq (craton_mech_curve (curves[_i].type, curve->oid.der, curve->oid.len),
	                  curve);
	ck_assert_ptr_null (craton_mech_curve (CKK_RSA, curve->oid.der, curve->oid.len));
	ck_assert_ptr_null (craton_mech_curve (curves[_i].type, curve->oid.der, 0));
	ck_assert_int_eq (craton_mech_curve_offered (curve, &usual), curves[_i].usually);
	ck_assert_int_eq (craton_mech_curve_offered (curve, &fips), curves[_i].fips);
	ck_assert (craton_mech_curve_offered (curve, &legacy));
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-curve");
	TCase *tcase = tcase_create ("mech-curve");
	SRunner *runner;
	int failed;

	tcase_add_loop_test (tcase, test_curve__offered, 0, (int) G_N_ELEMENTS (curves));
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
