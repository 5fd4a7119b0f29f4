/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys on curves that are met with what they must not take: signatures that are none, points of no
 * group, parameters that are not theirs. Written from FIPS 186-5, RFC 7748, RFC 8032 and PKCS#11 3.2.
 */
#include "config.h"

#include "mech-keys.h"

#include "mech-vectors-curves.h"
#include "mech-vectors-edwards.h"

#define ROOM 1024

static const TestKey *const ec_keys[] = { &own_p192,      &own_p224,  &own_p256,
	                                  &own_p384,      &own_p521,  &own_secp256k1,
	                                  &own_bp256,     &own_bp384, &own_bp512 };

/* The orders of P-256, P-384 and P-521. */
static const struct {
	const TestKey *key;
	const char *order;
} orders[] = {
	{ &own_p256, "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551" },
	{ &own_p384, "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77a"
	             "ecec196accc52973" },
	{ &own_p521, "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f"
	             "966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409" },
};

static CK_BYTE data[32] = "a digest, as far as ECDSA knows";

static CK_RV
verify_with (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *signature, CK_ULONG len)
{
	ck_ok (p11->C_VerifyInit (session, mechanism, key));
	return p11->C_Verify (session, data, sizeof data, signature, len);
}

static CK_ULONG
sign_with (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *signature)
{
	CK_ULONG len = ROOM;

	ck_ok (p11->C_SignInit (session, mechanism, key));
	ck_ok (p11->C_Sign (session, data, sizeof data, signature, &len));
	return len;
}

/* Numbers that no signature has: zero, the order, what is larger. */
START_TEST (test_ecdsa__numbers_out_of_range)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	g_autoptr (GByteArray) order = unhex (orders[_i].order);
	CK_OBJECT_HANDLE public, private;
	CK_BYTE good[ROOM], bad[ROOM];
	CK_ULONG len, half;

	make_key (orders[_i].key, &public, &private);
	len = sign_with (&ecdsa, private, good);
	half = len / 2;
	ck_assert_uint_eq (half, order->len);
	ck_ok (verify_with (&ecdsa, public, good, len));
	for (CK_ULONG at = 0; at <= half; at += half) {
		memcpy (bad, good, len);
		memset (bad + at, 0, half);
		ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
		memcpy (bad + at, order->data, half);
		ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
		memset (bad + at, 0xff, half);
		ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
		memset (bad + at, 0, half);
		bad[at + half - 1] = 1;
		ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
	}
	memset (bad, 0, len);
	ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
	/* Exchanged. */
	memcpy (bad, good + half, half);
	memcpy (bad + half, good, half);
	ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
}
END_TEST

/* The order of P-521 leaves room above it: the same numbers modulo the order are none. */
START_TEST (test_ecdsa__numbers_and_the_order)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	g_autoptr (GByteArray) order = unhex (orders[2].order);
	CK_OBJECT_HANDLE public, private;
	CK_BYTE good[ROOM], bad[ROOM];
	CK_ULONG len;

	make_key (&own_p521, &public, &private);
	len = sign_with (&ecdsa, private, good);
	for (CK_ULONG at = 0; at < len; at += order->len) {
		guint carry = 0;

		memcpy (bad, good, len);
		for (guint i = order->len; i-- > 0;) {
			carry += (guint) bad[at + i] + order->data[i];
			bad[at + i] = (CK_BYTE) carry;
			carry >>= 8;
		}
		ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
		memcpy (bad, good, len);
		bad[at] |= 0x80;
		ck_rv (verify_with (&ecdsa, public, bad, len), CKR_SIGNATURE_INVALID);
	}
}
END_TEST

/* PKCS#11 3.2, EC Signatures: to verify, r and s may be shorter, but of one length. With P-521 every fourth
 * signature has a zero in front of both. */
START_TEST (test_ecdsa__shorter)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_BYTE signature[ROOM], shorter[ROOM];
	CK_OBJECT_HANDLE public, private;
	CK_ULONG len;

	make_key (&own_p521, &public, &private);
	do
		len = sign_with (&ecdsa, private, signature);
	while (signature[0] != 0 || signature[66] != 0);
	ck_assert_uint_eq (len, 132);
	memcpy (shorter, signature + 1, 65);
	memcpy (shorter + 65, signature + 67, 65);
	ck_ok (verify_with (&ecdsa, public, shorter, 130));
	shorter[129] ^= 1;
	ck_rv (verify_with (&ecdsa, public, shorter, 130), CKR_SIGNATURE_INVALID);
	ck_rv (verify_with (&ecdsa, public, shorter, 129), CKR_SIGNATURE_LEN_RANGE);
	/* An EdDSA signature has one length. */
	make_key (&rfc_8032_25519ph, &public, &private);
	ecdsa.mechanism = CKM_EDDSA;
	ck_rv (verify_with (&ecdsa, public, signature, 62), CKR_SIGNATURE_LEN_RANGE);
}
END_TEST

/* A signature is as long as two numbers of this curve or shorter: not of a larger one, and not in DER. */
START_TEST (test_ecdsa__lengths)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_BYTE signature[ROOM] = { 0 }, der[ROOM] = { 0x30 };
	CK_OBJECT_HANDLE public, private;
	CK_ULONG len;

	make_key (ec_keys[_i], &public, &private);
	len = sign_with (&ecdsa, private, signature);
	ck_assert_uint_eq (len, strlen (ec_keys[_i]->value));
	ck_ok (verify_with (&ecdsa, public, signature, len));
	ck_rv (verify_with (&ecdsa, public, signature, len - 1), CKR_SIGNATURE_LEN_RANGE);
	ck_rv (verify_with (&ecdsa, public, signature, len - 2), CKR_SIGNATURE_INVALID);
	ck_rv (verify_with (&ecdsa, public, signature, len + 1), CKR_SIGNATURE_LEN_RANGE);
	ck_rv (verify_with (&ecdsa, public, signature, 0), CKR_SIGNATURE_LEN_RANGE);
	ck_rv (verify_with (&ecdsa, public, signature, 1), CKR_SIGNATURE_LEN_RANGE);
	memcpy (der + 8, signature, len);
	ck_rv (verify_with (&ecdsa, public, der, len + 8), CKR_SIGNATURE_LEN_RANGE);
	for (gsize i = 0; i < N (ec_keys); i++) {
		CK_OBJECT_HANDLE other, other_private;

		if (i == (gsize) _i)
			continue;
		make_key (ec_keys[i], &other, &other_private);
		ck_rv (verify_with (&ecdsa, other, signature, len),
		       strlen (ec_keys[i]->value) >= len ? CKR_SIGNATURE_INVALID
		                                         : CKR_SIGNATURE_LEN_RANGE);
	}
}
END_TEST

/* --- agreement --- */

static CK_RV
derive_with (CK_OBJECT_HANDLE key, CK_ECDH1_DERIVE_PARAMS *params)
{
	CK_MECHANISM mechanism = { CKM_ECDH1_DERIVE, params, sizeof *params };
	CK_ATTRIBUTE template[] = { ATTR (CKA_PRIVATE, no) };
	CK_OBJECT_HANDLE made;

	return p11->C_DeriveKey (session, &mechanism, key, template, 1, &made);
}

static CK_RV
derive_hex (CK_OBJECT_HANDLE key, const char *point)
{
	g_autoptr (GByteArray) bytes = unhex (point);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, bytes->len, bytes->data };

	return derive_with (key, &params);
}

/* RFC 7748, 6: points that give zero whatever the key is. Those of small order on the curve and on
 * its twist, and the same numbers with the modulus added or the unused bit set. */
START_TEST (test_x25519__low_order)
{
	static const char *const points[] = {
		"0000000000000000000000000000000000000000000000000000000000000000",
		"0100000000000000000000000000000000000000000000000000000000000000",
		"e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
		"5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
		"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
		"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
		"0000000000000000000000000000000000000000000000000000000000000080",
	};
	CK_OBJECT_HANDLE public, private;

	make_key (&rfc_7748_bob_25519, &public, &private);
	for (gsize i = 0; i < N (points); i++)
		ck_assert_msg (derive_hex (private, points[i]) == CKR_MECHANISM_PARAM_INVALID,
		               "point %s", points[i]);
	/* Bob's own point is one; so it is with the unused bit, which RFC 7748, 5 has ignored. */
	ck_ok (derive_hex (private, rfc_7748_bob_25519.point));
	ck_ok (derive_hex (private,
	                   "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882bcf"));
}
END_TEST

START_TEST (test_x448__low_order)
{
#define ZEROS "000000000000000000000000000000000000000000000000000000"
#define ONES "ffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	static const char *const points[] = {
		"00" ZEROS "00" ZEROS,
		"01" ZEROS "00" ZEROS,
		"fe" ONES "fe" ONES,
		"ff" ONES "fe" ONES,
		"00" ZEROS "ff" ONES,
	};
	CK_OBJECT_HANDLE public, private;

	make_key (&rfc_7748_bob_448, &public, &private);
	for (gsize i = 0; i < N (points); i++)
		ck_assert_msg (derive_hex (private, points[i]) == CKR_MECHANISM_PARAM_INVALID,
		               "point %s", points[i]);
	ck_ok (derive_hex (private, rfc_7748_bob_448.point));
}
END_TEST

START_TEST (test_ecdh__points_of_others)
{
	CK_OBJECT_HANDLE public, private;

	make_key (ec_keys[_i], &public, &private);
	ck_ok (derive_hex (private, ec_keys[_i]->point));
	ck_rv (derive_hex (private, "00"), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (derive_hex (private, ""), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (derive_hex (private, rfc_7748_bob_25519.point), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (derive_hex (private, ec_keys[_i]->point + 2), CKR_MECHANISM_PARAM_INVALID);
	for (gsize i = 0; i < N (ec_keys); i++)
		if (i != (gsize) _i)
			ck_rv (derive_hex (private, ec_keys[i]->point),
			       CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

START_TEST (test_ecdh__parameters)
{
	static const CK_EC_KDF_TYPE none[] = { 0, CKD_SHA1_KDF_ASN1, CKD_SHA1_KDF_CONCATENATE,
		                               CKD_BLAKE2B_256_KDF, 0xffff };
	g_autoptr (GByteArray) point = unhex (rfc_7748_bob_25519.point);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point->len, point->data };
	CK_OBJECT_HANDLE public, private;

	make_key (&rfc_7748_bob_25519, &public, &private);
	for (gsize i = 0; i < N (none); i++) {
		params.kdf = none[i];
		ck_rv (derive_with (private, &params), CKR_MECHANISM_PARAM_INVALID);
	}
	params.kdf = CKD_NULL;
	params.ulPublicDataLen--;
	ck_rv (derive_with (private, &params), CKR_MECHANISM_PARAM_INVALID);
	params.ulPublicDataLen++;
	/* CKD_NULL takes no shared data. */
	params.pSharedData = data;
	params.ulSharedDataLen = sizeof data;
	ck_rv (derive_with (private, &params), CKR_MECHANISM_PARAM_INVALID);
	params.kdf = CKD_SHA3_256_KDF;
	ck_ok (derive_with (private, &params));
	ck_rv (derive_with (public, &params), CKR_KEY_TYPE_INCONSISTENT);
}
END_TEST

/* --- EdDSA --- */

START_TEST (test_eddsa__parameters)
{
	static CK_BYTE context[256];
	CK_EDDSA_PARAMS params = { CK_FALSE, 0, NULL };
	CK_MECHANISM eddsa = { CKM_EDDSA, &params, sizeof params };
	CK_OBJECT_HANDLE public, private, public_448, private_448;
	CK_BYTE signature[ROOM];
	CK_ULONG len;

	make_key (&rfc_8032_25519ph, &public, &private);
	make_key (&rfc_8032_448, &public_448, &private_448);
	/* Ed25519ctx without a context. */
	ck_rv (p11->C_SignInit (session, &eddsa, private), CKR_MECHANISM_PARAM_INVALID);
	/* Ed448 is never without one; an empty one is the plain form. */
	len = sign_with (&eddsa, private_448, signature);
	eddsa.pParameter = NULL;
	eddsa.ulParameterLen = 0;
	ck_ok (verify_with (&eddsa, public_448, signature, len));
	ck_rv (verify_with (&eddsa, public_448, signature, 64), CKR_SIGNATURE_LEN_RANGE);
	ck_rv (verify_with (&eddsa, public, signature, len), CKR_SIGNATURE_LEN_RANGE);
	eddsa.pParameter = &params;
	eddsa.ulParameterLen = sizeof params;
	params = (CK_EDDSA_PARAMS){ 2, 0, NULL };
	ck_rv (p11->C_SignInit (session, &eddsa, private_448), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_EDDSA_PARAMS){ CK_FALSE, sizeof context, context };
	ck_rv (p11->C_SignInit (session, &eddsa, private_448), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_EDDSA_PARAMS){ CK_TRUE, 1, NULL };
	ck_rv (p11->C_SignInit (session, &eddsa, private_448), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* RFC 8032, 5.1.7: the second half is below the order of the group, or there would be two
 * signatures. */
START_TEST (test_eddsa__second_half_too_large)
{
	static const CK_BYTE order[] = { 0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58,
		                         0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14 };
	CK_MECHANISM eddsa = { CKM_EDDSA, NULL, 0 };
	CK_OBJECT_HANDLE public, private;
	CK_BYTE signature[ROOM];
	guint carry = 0;

	make_key (&rfc_8032_25519ph, &public, &private);
	ck_assert_uint_eq (sign_with (&eddsa, private, signature), 64);
	for (gsize i = 0; i < 32; i++) {
		carry += signature[32 + i] + (i < sizeof order ? order[i] : i == 31 ? 0x10u : 0u);
		signature[32 + i] = (CK_BYTE) carry;
		carry >>= 8;
	}
	ck_rv (verify_with (&eddsa, public, signature, 64), CKR_SIGNATURE_INVALID);
}
END_TEST

/* RFC 8032, 5.1.3: one way to write a point. The key is the point that gives R = S B for each message,
 * which the RFC does not exclude: with S = 0, R is the same point. */
START_TEST (test_eddsa__not_canonical)
{
	static const TestKey neutral = {
		.type = CKK_EC_EDWARDS,
		.params = "06032b6570",
		.value = "",
		.point = "0100000000000000000000000000000000000000000000000000000000000000",
	};
	CK_MECHANISM eddsa = { CKM_EDDSA, NULL, 0 };
	CK_OBJECT_HANDLE public = make_half (&neutral, CKO_PUBLIC_KEY);
	CK_BYTE signature[64] = { 1 };

	ck_ok (verify_with (&eddsa, public, signature, 64));
	/* The sign of zero. */
	signature[31] = 0x80;
	ck_rv (verify_with (&eddsa, public, signature, 64), CKR_SIGNATURE_INVALID);
	/* 1 and the prime. */
	memset (signature, 0xff, 32);
	signature[0] = 0xee;
	signature[31] = 0x7f;
	ck_rv (verify_with (&eddsa, public, signature, 64), CKR_SIGNATURE_INVALID);
	memset (signature, 0, 32);
	ck_rv (verify_with (&eddsa, public, signature, 64), CKR_SIGNATURE_INVALID);
}
END_TEST

/* --- as PKCS#8 --- */

static CK_BYTE kek_bytes[32] = { 7 };

/* Wraps @key and makes another of it. */
static CK_RV
wrap_round (CK_OBJECT_HANDLE key, CK_KEY_TYPE type, CK_OBJECT_HANDLE *ret_back)
{
	static const CK_OBJECT_CLASS class = CKO_PRIVATE_KEY;
	CK_OBJECT_HANDLE kek = make_secret (CKK_AES, kek_bytes, sizeof kek_bytes, NULL, 0);
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class),    ATTR (CKA_KEY_TYPE, type),
		                    ATTR (CKA_PRIVATE, no),     ATTR (CKA_SENSITIVE, no),
		                    ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM kwp = { CKM_AES_KEY_WRAP_KWP, NULL, 0 };
	CK_BYTE wrapped[ROOM];
	CK_ULONG len = sizeof wrapped;

	ck_ok (p11->C_WrapKey (session, &kwp, kek, key, wrapped, &len));
	return p11->C_UnwrapKey (session, &kwp, kek, wrapped, len, template, N (template),
	                         ret_back);
}

START_TEST (test_pkcs8__round_trip)
{
	static const TestKey *const others[] = { &rfc_7748_bob_25519, &rfc_7748_bob_448,
		                                 &rfc_8032_448, &rfc_8032_25519ph };
	static const CK_ATTRIBUTE_TYPE compared[] = { CKA_VALUE, CKA_EC_PARAMS,
		                                      CKA_PUBLIC_KEY_INFO };
	const TestKey *key = (gsize) _i < N (ec_keys) ? ec_keys[_i] : others[_i - N (ec_keys)];
	CK_OBJECT_HANDLE public, private, back;
	CK_BYTE first[ROOM], second[ROOM];

	make_key (key, &public, &private);
	ck_ok (wrap_round (private, key->type, &back));
	for (gsize i = 0; i < N (compared); i++) {
		CK_ATTRIBUTE of_first = { compared[i], first, ROOM },
			     of_second = { compared[i], second, ROOM };

		ck_ok (p11->C_GetAttributeValue (session, private, &of_first, 1));
		ck_ok (p11->C_GetAttributeValue (session, back, &of_second, 1));
		ck_assert_uint_gt (of_first.ulValueLen, 0);
		ck_assert_uint_eq (of_first.ulValueLen, of_second.ulValueLen);
		ck_assert_mem_eq (first, second, of_first.ulValueLen);
	}
	/* The public half says the same of itself. */
	ck_ok (p11->C_GetAttributeValue (
		session, public, &(CK_ATTRIBUTE){ CKA_PUBLIC_KEY_INFO, second, ROOM }, 1));
	ck_assert_mem_eq (first, second, 40);
	/* A key of another type is none of the template's. */
	ck_rv (wrap_round (private, key->type == CKK_EC ? CKK_EC_MONTGOMERY : CKK_EC, &back),
	       CKR_WRAPPED_KEY_INVALID);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-ec");
	TCase *tcase = tcase_create ("mech-ec");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_loop_test (tcase, test_ecdsa__numbers_out_of_range, 0, (int) N (orders));
	tcase_add_test (tcase, test_ecdsa__shorter);
	tcase_add_loop_test (tcase, test_ecdsa__lengths, 0, (int) N (ec_keys));
	tcase_add_test (tcase, test_x25519__low_order);
	tcase_add_test (tcase, test_x448__low_order);
	tcase_add_loop_test (tcase, test_ecdh__points_of_others, 0, (int) N (ec_keys));
	tcase_add_test (tcase, test_ecdh__parameters);
	tcase_add_test (tcase, test_eddsa__parameters);
	tcase_add_test (tcase, test_eddsa__second_half_too_large);
	tcase_add_test (tcase, test_eddsa__not_canonical);
	tcase_add_test (tcase, test_ecdsa__numbers_and_the_order);
	tcase_add_loop_test (tcase, test_pkcs8__round_trip, 0, (int) N (ec_keys) + 4);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
