/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys from numbers: in which forms points and curves are taken, and that numbers which make no key
 * are refused before anything is computed with them.
 */
#include "config.h"

#include "token-fixture.h"

#include "mech-vectors-pair.h"

typedef struct {
	CK_ATTRIBUTE_TYPE type;
	const char *hex; /* NULL: left out */
} Number;

/* Makes one half of a pair from hexadecimal numbers. */
static CK_RV
create (CK_OBJECT_CLASS class, CK_KEY_TYPE type, const Number *numbers, gsize n_numbers,
        CK_OBJECT_HANDLE *ret_key)
{
	gboolean private = class == CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[16] = { ATTR (CKA_CLASS, class),
		                      ATTR (CKA_KEY_TYPE, type),
		                      ATTR (CKA_PRIVATE, no),
		                      { private ? CKA_SIGN : CKA_VERIFY, (void *) &yes, 1 } };
	GByteArray *values[8] = { NULL };
	CK_ULONG n = 4;
	CK_RV rv;

	for (gsize i = 0; i < n_numbers; i++) {
		if (numbers[i].hex == NULL)
			continue;
		values[i] = unhex (numbers[i].hex);
		template[n++] = (CK_ATTRIBUTE){ numbers[i].type, values[i]->data, values[i]->len };
	}
	rv = p11->C_CreateObject (session, template, n, ret_key);
	for (gsize i = 0; i < n_numbers; i++)
		if (values[i] != NULL)
			g_byte_array_unref (values[i]);
	return rv;
}

/* Makes a half and verifies or signs with it; the first error. */
static CK_RV
use (CK_OBJECT_CLASS class, CK_KEY_TYPE type, CK_MECHANISM_TYPE mechanism_type,
     const Number *numbers, gsize n_numbers, CK_BYTE *signature, CK_ULONG len)
{
	CK_MECHANISM mechanism = { mechanism_type, NULL, 0 };
	CK_BYTE data[3] = { 'a', 'b', 'c' };
	CK_OBJECT_HANDLE key;
	CK_RV rv = create (class, type, numbers, n_numbers, &key);

	if (rv == CKR_OK && class == CKO_PRIVATE_KEY) {
		rv = p11->C_SignInit (session, &mechanism, key);
		if (rv == CKR_OK)
			rv = p11->C_Sign (session, data, sizeof data, signature, &len);
	} else if (rv == CKR_OK) {
		rv = p11->C_VerifyInit (session, &mechanism, key);
		if (rv == CKR_OK)
			rv = p11->C_Verify (session, data, sizeof data, signature, len);
	}
	return rv;
}

static CK_RV
use_ec (CK_OBJECT_CLASS class, const char *params, const char *number, CK_BYTE *signature,
        CK_ULONG len)
{
	const Number numbers[] = { { CKA_EC_PARAMS, params },
		                   { class == CKO_PRIVATE_KEY ? CKA_VALUE : CKA_EC_POINT,
		                     number } };

	return use (class, CKK_EC, CKM_ECDSA_SHA256, numbers, N (numbers), signature, len);
}

#define P256 "06082a8648ce3d030107"
#define P384 "06052b81040022"
/* RFC 5903, 8.1: the initiator's key */
#define D "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433"
#define X "dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180"
#define Y "5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3"
#define ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"
#define ONE_LESS "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

/* DER around it or not, compressed or not. */
START_TEST (test_ec__forms_of_the_point)
{
	static const char *const points[] = { "0441"
		                              "04" X Y,
		                              "04" X Y,
		                              "0421"
		                              "03" X,
		                              "03" X };
	CK_BYTE signature[64];

	ck_ok (use_ec (CKO_PRIVATE_KEY, P256, D, signature, sizeof signature));
	for (gsize i = 0; i < N (points); i++)
		ck_ok (use_ec (CKO_PUBLIC_KEY, P256, points[i], signature, sizeof signature));
	/* The other point with this x is another key. */
	ck_rv (use_ec (CKO_PUBLIC_KEY, P256, "02" X, signature, sizeof signature),
	       CKR_SIGNATURE_INVALID);
}
END_TEST

START_TEST (test_ec__no_points)
{
	static const char *const points[] = {
		"00",        /* infinity */
		"040100",    /* the same in DER */
		"04" X ZERO, /* beside the curve */
		"0441"
		"04" X X,
		"04" X, /* cut */
		"0441"
		"04" X,
		"0442"
		"04" X Y,
		"048141"
		"04" X Y, /* DER has one length for a length */
		"0341"
		"04" X Y,
		"06" X Y, /* hybrid: the standard wants one of the others */
		"04",
		"0400",
		"03" ORDER ORDER,
	};
	CK_BYTE signature[64] = { 1 };

	for (gsize i = 0; i < N (points); i++)
		ck_assert_msg (use_ec (CKO_PUBLIC_KEY, P256, points[i], signature,
		                       sizeof signature) == CKR_ATTRIBUTE_VALUE_INVALID,
		               "point %s", points[i]);
	ck_rv (use_ec (CKO_PUBLIC_KEY, P384, "04" X Y, signature, sizeof signature),
	       CKR_ATTRIBUTE_VALUE_INVALID);
}
END_TEST

START_TEST (test_ec__private_numbers)
{
	static const char *const wrong[] = { ZERO, ORDER, "ff" ORDER, "" };
	static const char *const right[] = { ONE_LESS, "01", "00" D };
	CK_BYTE signature[64];

	for (gsize i = 0; i < N (wrong); i++)
		ck_assert_msg (use_ec (CKO_PRIVATE_KEY, P256, wrong[i], signature,
		                       sizeof signature) == CKR_ATTRIBUTE_VALUE_INVALID,
		               "number %s", wrong[i]);
	for (gsize i = 0; i < N (right); i++)
		ck_ok (use_ec (CKO_PRIVATE_KEY, P256, right[i], signature, sizeof signature));
}
END_TEST

START_TEST (test_ec__curves)
{
	static const struct {
		const char *params;
		CK_RV rv;
	} unknown[] = {
		{ "06082a8648ce3d030104", CKR_CURVE_NOT_SUPPORTED }, /* prime239v1 */
		{ "06032b6570", CKR_CURVE_NOT_SUPPORTED }, /* a curve, but no such key has it */
		{ "130c656477617264733235353139", CKR_CURVE_NOT_SUPPORTED },
		/* PKCS#11 3.2, Elliptic Curve: what is not a curve's name. */
		{ "06052b8104002200", CKR_DOMAIN_PARAMS_INVALID }, /* bytes left over */
		{ "06052b810400", CKR_DOMAIN_PARAMS_INVALID }, /* cut */
		{ "0500", CKR_DOMAIN_PARAMS_INVALID }, /* implicitlyCA */
		{ "13097365637032353672310a", CKR_DOMAIN_PARAMS_INVALID }, /* a name with more behind it */
		{ "300b0201013006060100020117", CKR_DOMAIN_PARAMS_INVALID }, /* explicit parameters begin so */
		{ "", CKR_DOMAIN_PARAMS_INVALID },
	};
	CK_BYTE signature[64] = { 1 };

	for (gsize i = 0; i < N (unknown); i++)
		ck_assert_msg (use_ec (CKO_PRIVATE_KEY, unknown[i].params, D, signature,
		                       sizeof signature) == unknown[i].rv,
		               "curve %s", unknown[i].params);
}
END_TEST

START_TEST (test_edwards__numbers)
{
	static const char *const params[] = { "06032b6570", "130c656477617264733235353139" };
	CK_BYTE signature[64];

	for (gsize i = 0; i < N (params); i++) {
		const Number private[] = { { CKA_EC_PARAMS, params[i] },
			                   { CKA_VALUE, rfc_8032_1.value } };
		const Number raw[] = { { CKA_EC_PARAMS, params[i] },
			               { CKA_EC_POINT, rfc_8032_1.point + 4 } };
		const Number in_der[] = { { CKA_EC_PARAMS, params[i] },
			                  { CKA_EC_POINT, rfc_8032_1.point } };
		const Number cut[] = { { CKA_EC_PARAMS, params[i] },
			               { CKA_VALUE, rfc_8032_1.value + 2 } };
		const Number cut_point[] = { { CKA_EC_PARAMS, params[i] },
			                     { CKA_EC_POINT, rfc_8032_1.point + 6 } };

		ck_ok (use (CKO_PRIVATE_KEY, CKK_EC_EDWARDS, CKM_EDDSA, private, 2, signature, 64));
		ck_ok (use (CKO_PUBLIC_KEY, CKK_EC_EDWARDS, CKM_EDDSA, raw, 2, signature, 64));
		ck_ok (use (CKO_PUBLIC_KEY, CKK_EC_EDWARDS, CKM_EDDSA, in_der, 2, signature, 64));
		ck_rv (use (CKO_PRIVATE_KEY, CKK_EC_EDWARDS, CKM_EDDSA, cut, 2, signature, 64),
		       CKR_ATTRIBUTE_VALUE_INVALID);
		ck_rv (use (CKO_PUBLIC_KEY, CKK_EC_EDWARDS, CKM_EDDSA, cut_point, 2, signature, 64),
		       CKR_ATTRIBUTE_VALUE_INVALID);
	}
}
END_TEST

static CK_RV
use_rsa (CK_OBJECT_CLASS class, const TestKey *key, CK_ATTRIBUTE_TYPE changed, const char *hex,
         CK_BYTE *signature, CK_ULONG len)
{
	Number numbers[] = {
		{ CKA_MODULUS, key->modulus },  { CKA_PUBLIC_EXPONENT, key->public_exponent },
		{ CKA_PRIVATE_EXPONENT, NULL }, { CKA_PRIME_1, NULL },
		{ CKA_PRIME_2, NULL },          { CKA_EXPONENT_1, NULL },
		{ CKA_EXPONENT_2, NULL },       { CKA_COEFFICIENT, NULL },
	};
	const char *const private[] = { key->private_exponent, key->prime_1,    key->prime_2,
		                        key->exponent_1,       key->exponent_2, key->coefficient };

	for (gsize i = 0; class == CKO_PRIVATE_KEY && i < N (private); i++)
		numbers[2 + i].hex = private[i];
	for (gsize i = 0; i < N (numbers); i++)
		if (numbers[i].type == changed)
			numbers[i].hex = hex;
	return use (class, CKK_RSA, CKM_SHA256_RSA_PKCS, numbers, class == CKO_PRIVATE_KEY ? 8 : 2,
	            signature, len);
}

/* A private key may come without its primes, or with some: the signature is the same. */
START_TEST (test_rsa__private_numbers)
{
	static const CK_ATTRIBUTE_TYPE left_out[] = { CKA_PRIME_1, CKA_PRIME_2, CKA_EXPONENT_1,
		                                      CKA_EXPONENT_2, CKA_COEFFICIENT };
	CK_BYTE signature[256], other[256];

	ck_ok (use_rsa (CKO_PRIVATE_KEY, &boring_oaep, 0, NULL, signature, sizeof signature));
	ck_ok (use_rsa (CKO_PUBLIC_KEY, &boring_oaep, 0, NULL, signature, sizeof signature));
	for (gsize i = 0; i < N (left_out); i++) {
		ck_ok (use_rsa (CKO_PRIVATE_KEY, &boring_oaep, left_out[i], NULL, other,
		                sizeof other));
		ck_assert_mem_eq (signature, other, sizeof other);
	}
	/* Numbers that do not belong together give no signature that would tell the primes. */
	ck_ok (use_rsa (CKO_PRIVATE_KEY, &boring_oaep, CKA_EXPONENT_1, boring_oaep.exponent_2,
	                other, sizeof other));
	ck_assert_mem_eq (signature, other, sizeof other);
}
END_TEST

START_TEST (test_rsa__no_keys)
{
	static const struct {
		CK_ATTRIBUTE_TYPE type;
		const char *hex;
	} wrong[] = {
		{ CKA_PUBLIC_EXPONENT, "01" }, { CKA_PUBLIC_EXPONENT, "02" },
		{ CKA_PUBLIC_EXPONENT, "00" }, { CKA_MODULUS, "0f" },
		{ CKA_MODULUS, "00" },
	};
	g_autofree char *even = g_strdup (boring_oaep.modulus);
	CK_BYTE signature[256] = { 1 };

	even[strlen (even) - 1] = '0';
	for (gsize i = 0; i < N (wrong); i++) {
		ck_assert_msg (use_rsa (CKO_PUBLIC_KEY, &boring_oaep, wrong[i].type, wrong[i].hex,
		                        signature, 256) == CKR_ATTRIBUTE_VALUE_INVALID,
		               "public key %zu", i);
		ck_assert_msg (use_rsa (CKO_PRIVATE_KEY, &boring_oaep, wrong[i].type, wrong[i].hex,
		                        signature, 256) == CKR_ATTRIBUTE_VALUE_INVALID,
		               "private key %zu", i);
	}
	ck_rv (use_rsa (CKO_PUBLIC_KEY, &boring_oaep, CKA_MODULUS, even, signature, 256),
	       CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (use_rsa (CKO_PRIVATE_KEY, &boring_oaep, CKA_PRIVATE_EXPONENT, "00", signature, 256),
	       CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (use_rsa (CKO_PUBLIC_KEY, &boring_oaep, CKA_PUBLIC_EXPONENT, boring_oaep.modulus,
	                signature, 256),
	       CKR_ATTRIBUTE_VALUE_INVALID);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-key");
	TCase *tcase = tcase_create ("mech-key");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_ec__forms_of_the_point);
	tcase_add_test (tcase, test_ec__no_points);
	tcase_add_test (tcase, test_ec__private_numbers);
	tcase_add_test (tcase, test_ec__curves);
	tcase_add_test (tcase, test_edwards__numbers);
	tcase_add_test (tcase, test_rsa__private_numbers);
	tcase_add_test (tcase, test_rsa__no_keys);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
