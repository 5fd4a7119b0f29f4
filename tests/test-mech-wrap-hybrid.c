/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys wrapped for the owner of a key pair, and public halves of private keys: what must be refused, and
 * what the new key has. That the right ones are unwrapped is in mech-vectors-wrap.h.
 */
#include "config.h"

#include "mech-keys.h"

#include "mech-vectors-curves.h"
#include "mech-vectors-edwards.h"
#include "mech-vectors-pair.h"

#define K 256 /* length of the modulus of boring_oaep */
#define ROOM 2048

static CK_BYTE label[] = { 'a' };
static CK_RSA_PKCS_OAEP_PARAMS oaep;
static CK_RSA_AES_KEY_WRAP_PARAMS rsa_params;
static CK_ECDH_AES_KEY_WRAP_PARAMS ecdh_params;
static CK_MECHANISM rsa_aes = { CKM_RSA_AES_KEY_WRAP, &rsa_params, sizeof rsa_params },
		    ecdh_aes = { CKM_ECDH_AES_KEY_WRAP, &ecdh_params, sizeof ecdh_params };
static CK_OBJECT_HANDLE public, private, secret;
static CK_BYTE wrapped[ROOM];
static CK_ULONG len;

static void
setup (void)
{
	static CK_BYTE value[32] = { 7 };

	session_setup ();
	oaep = (CK_RSA_PKCS_OAEP_PARAMS){ CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 };
	rsa_params = (CK_RSA_AES_KEY_WRAP_PARAMS){ 256, &oaep };
	ecdh_params = (CK_ECDH_AES_KEY_WRAP_PARAMS){ 256, CKD_SHA256_KDF, 0, NULL };
	secret = make_secret (CKK_AES, value, sizeof value, NULL, 0);
}

static CK_RV
wrap_with (CK_MECHANISM *mechanism)
{
	len = sizeof wrapped;
	return p11->C_WrapKey (session, mechanism, public, secret, wrapped, &len);
}

static CK_RV
unwrap_with (CK_MECHANISM *mechanism, CK_ULONG wrapped_len)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	static const CK_KEY_TYPE type = CKK_AES;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_KEY_TYPE, type),
		                    ATTR (CKA_PRIVATE, no) };
	CK_OBJECT_HANDLE made;

	return p11->C_UnwrapKey (session, mechanism, private, wrapped, wrapped_len, template, 3,
	                         &made);
}

START_TEST (test_rsa__parameters)
{
	static const CK_ULONG bits[] = { 0, 8, 64, 127, 129, 136, 512, 2048, (CK_ULONG) -1 };

	make_key (&boring_oaep, &public, &private);
	ck_ok (wrap_with (&rsa_aes));
	for (gsize i = 0; i < N (bits); i++) {
		rsa_params.ulAESKeyBits = bits[i];
		ck_rv (wrap_with (&rsa_aes), CKR_MECHANISM_PARAM_INVALID);
		ck_rv (unwrap_with (&rsa_aes, K + 40), CKR_MECHANISM_PARAM_INVALID);
	}
	rsa_params.ulAESKeyBits = 256;
	rsa_params.pOAEPParams = NULL;
	ck_rv (wrap_with (&rsa_aes), CKR_MECHANISM_PARAM_INVALID);
	rsa_params.pOAEPParams = &oaep;
	oaep.hashAlg = CKM_MD5;
	ck_rv (wrap_with (&rsa_aes), CKR_MECHANISM_PARAM_INVALID);
	/* 1024 bits have no room for SHA-512's OAEP, nor for 32 bytes with SHA-384's. */
	make_key (&nist_15, &public, &private);
	oaep.hashAlg = CKM_SHA512;
	ck_rv (wrap_with (&rsa_aes), CKR_WRAPPING_KEY_SIZE_RANGE);
	oaep.hashAlg = CKM_SHA384;
	ck_rv (wrap_with (&rsa_aes), CKR_WRAPPING_KEY_SIZE_RANGE);
	rsa_params.ulAESKeyBits = 192;
	ck_ok (wrap_with (&rsa_aes));
	make_key (&own_p256, &public, &private);
	ck_rv (wrap_with (&rsa_aes), CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
	ck_rv (unwrap_with (&rsa_aes, len), CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT);
}
END_TEST

START_TEST (test_rsa__what_is_no_wrapped_key)
{
	static const CK_ULONG lens[] = { 1, K - 1, K, K + 8, K + 15, K + 17, K + 39 };
	CK_MECHANISM plain = { CKM_RSA_PKCS_OAEP, &oaep, sizeof oaep };
	CK_BYTE other[190] = { 1 };
	CK_ULONG head_len = K;

	make_key (&boring_oaep, &public, &private);
	ck_ok (wrap_with (&rsa_aes));
	ck_assert_uint_eq (len, K + 40);
	for (gsize i = 0; i < N (lens); i++)
		ck_rv (unwrap_with (&rsa_aes, lens[i]), CKR_WRAPPED_KEY_LEN_RANGE);
	ck_rv (unwrap_with (&rsa_aes, K + 32), CKR_WRAPPED_KEY_INVALID);
	/* An AES key of another length than the parameter says. */
	rsa_params.ulAESKeyBits = 128;
	ck_rv (unwrap_with (&rsa_aes, len), CKR_WRAPPED_KEY_INVALID);
	rsa_params.ulAESKeyBits = 256;
	oaep.pSourceData = label;
	oaep.ulSourceDataLen = 1;
	ck_rv (unwrap_with (&rsa_aes, len), CKR_WRAPPED_KEY_INVALID);
	oaep.ulSourceDataLen = 0;
	ck_ok (unwrap_with (&rsa_aes, len));
	/* Nothing, and more than any AES key. */
	for (CK_ULONG n = 0; n <= sizeof other; n += sizeof other) {
		ck_ok (p11->C_EncryptInit (session, &plain, public));
		ck_ok (p11->C_Encrypt (session, other, n, wrapped, &head_len));
		ck_rv (unwrap_with (&rsa_aes, len), CKR_WRAPPED_KEY_INVALID);
	}
	memset (wrapped, 0xff, K);
	ck_rv (unwrap_with (&rsa_aes, len), CKR_WRAPPED_KEY_INVALID);
	memset (wrapped, 0, K);
	ck_rv (unwrap_with (&rsa_aes, len), CKR_WRAPPED_KEY_INVALID);
}
END_TEST

START_TEST (test_ecdh__parameters)
{
	static const CK_EC_KDF_TYPE kdfs[] = { 0, CKD_SHA1_KDF_ASN1, 0xffff };
	CK_MECHANISM of_ec = { CKM_ECDH_COF_AES_KEY_WRAP, &ecdh_params, sizeof ecdh_params },
		     of_x = { CKM_ECDH_X_AES_KEY_WRAP, &ecdh_params, sizeof ecdh_params };

	make_key (&own_p192, &public, &private);
	for (gsize i = 0; i < N (kdfs); i++) {
		ecdh_params.kdf = kdfs[i];
		ck_rv (wrap_with (&ecdh_aes), CKR_MECHANISM_PARAM_INVALID);
	}
	/* A secret of 192 bits. */
	ecdh_params.kdf = CKD_NULL;
	ck_rv (wrap_with (&ecdh_aes), CKR_MECHANISM_PARAM_INVALID);
	ecdh_params.ulAESKeyBits = 192;
	ck_ok (wrap_with (&ecdh_aes));
	ecdh_params.pSharedData = label;
	ecdh_params.ulSharedDataLen = 1;
	ck_rv (wrap_with (&ecdh_aes), CKR_MECHANISM_PARAM_INVALID);
	ecdh_params.kdf = CKD_SHA256_KDF;
	ck_ok (wrap_with (&ecdh_aes));
	ck_ok (unwrap_with (&ecdh_aes, len));
	ecdh_params.ulSharedDataLen = 0;
	ck_rv (unwrap_with (&ecdh_aes, len), CKR_WRAPPED_KEY_INVALID);
	ck_rv (wrap_with (&of_x), CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
	make_key (&rfc_7748_bob_25519, &public, &private);
	ck_rv (wrap_with (&of_ec), CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
	ck_ok (wrap_with (&of_x));
	ck_ok (unwrap_with (&of_x, len));
}
END_TEST

START_TEST (test_ecdh__points)
{
	static const TestKey low = {
		.type = CKK_EC_MONTGOMERY,
		.params = "06032b656e",
		.point = "0000000000000000000000000000000000000000000000000000000000000000",
	};

	make_key (&rfc_7748_bob_25519, &public, &private);
	ck_ok (wrap_with (&ecdh_aes));
	ck_assert_uint_eq (len, 32 + 40);
	memset (wrapped, 0, 32);
	ck_rv (unwrap_with (&ecdh_aes, len), CKR_WRAPPED_KEY_INVALID);
	ck_rv (unwrap_with (&ecdh_aes, 32 + 8), CKR_WRAPPED_KEY_LEN_RANGE);
	public = make_half (&low, CKO_PUBLIC_KEY);
	ck_rv (wrap_with (&ecdh_aes), CKR_WRAPPING_KEY_HANDLE_INVALID);
	make_key (&own_p256, &public, &private);
	ck_ok (wrap_with (&ecdh_aes));
	ck_assert_uint_eq (len, 67 + 40);
	ck_ok (unwrap_with (&ecdh_aes, len));
	ck_rv (unwrap_with (&ecdh_aes, len - 1), CKR_WRAPPED_KEY_LEN_RANGE);
	ck_rv (unwrap_with (&ecdh_aes, 67), CKR_WRAPPED_KEY_LEN_RANGE);
	/* Beside the curve. */
	wrapped[66] ^= 1;
	ck_rv (unwrap_with (&ecdh_aes, len), CKR_WRAPPED_KEY_INVALID);
}
END_TEST

/* --- public halves --- */

static CK_RV
derive_half (CK_OBJECT_HANDLE base, const CK_ATTRIBUTE *template, CK_ULONG n,
             CK_OBJECT_HANDLE *ret)
{
	CK_MECHANISM mechanism = { CKM_PUB_KEY_FROM_PRIV_KEY, NULL, 0 };

	return p11->C_DeriveKey (session, &mechanism, base, (CK_ATTRIBUTE *) template, n, ret);
}

static gboolean
has (CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type)
{
	CK_BBOOL value = 2;
	CK_ATTRIBUTE attr = ATTR (type, value);

	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	return value == CK_TRUE;
}

START_TEST (test_public_half__attributes)
{
	static CK_BYTE id[] = "id of it", other_id[] = "id";
	CK_ATTRIBUTE ids = { CKA_ID, id, 8 }, read = { CKA_ID, id, sizeof id };
	const CK_ATTRIBUTE template[] = { { CKA_ID, other_id, 2 }, ATTR (CKA_VERIFY, no) };
	CK_MECHANISM sign = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_BYTE signature[K];
	CK_OBJECT_HANDLE half;

	make_key (&boring_oaep, &public, &private);
	ck_ok (p11->C_SetAttributeValue (session, private, &ids, 1));
	ck_assert (!has (private, CKA_DERIVE));
	ck_ok (derive_half (private, NULL, 0, &half));
	ck_assert (has (half, CKA_VERIFY) && has (half, CKA_ENCRYPT) && has (half, CKA_WRAP));
	ck_assert (has (half, CKA_VERIFY_RECOVER) && !has (half, CKA_DERIVE));
	ck_assert (!has (half, CKA_PRIVATE) && !has (half, CKA_TOKEN) && !has (half, CKA_LOCAL));
	ck_ok (p11->C_GetAttributeValue (session, half, &read, 1));
	ck_assert_uint_eq (read.ulValueLen, 8);
	len = sizeof signature;
	ck_ok (p11->C_SignInit (session, &sign, private));
	ck_ok (p11->C_Sign (session, id, 8, signature, &len));
	ck_ok (p11->C_VerifyInit (session, &sign, half));
	ck_ok (p11->C_Verify (session, id, 8, signature, len));
	ck_ok (derive_half (private, template, 2, &half));
	ck_assert (!has (half, CKA_VERIFY) && has (half, CKA_ENCRYPT));
	read.ulValueLen = sizeof id;
	ck_ok (p11->C_GetAttributeValue (session, half, &read, 1));
	ck_assert_uint_eq (read.ulValueLen, 2);
}
END_TEST

START_TEST (test_public_half__refused)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	static const CK_KEY_TYPE type = CKK_RSA;
	const CK_ATTRIBUTE wrong[] = { ATTR (CKA_CLASS, class), ATTR (CKA_KEY_TYPE, type),
		                       ATTR (CKA_SENSITIVE, yes) };
	CK_MECHANISM with_parameter = { CKM_PUB_KEY_FROM_PRIV_KEY, label, 1 };
	CK_OBJECT_HANDLE half;

	make_key (&own_p256, &public, &private);
	ck_rv (derive_half (public, NULL, 0, &half), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (derive_half (secret, NULL, 0, &half), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_DeriveKey (session, &with_parameter, private, NULL, 0, &half),
	       CKR_MECHANISM_PARAM_INVALID);
	for (gsize i = 0; i < N (wrong); i++)
		ck_rv (derive_half (private, &wrong[i], 1, &half), CKR_TEMPLATE_INCONSISTENT);
	ck_ok (derive_half (private, NULL, 0, &half));
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-wrap-hybrid");
	TCase *tcase = tcase_create ("mech-wrap-hybrid");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_rsa__parameters);
	tcase_add_test (tcase, test_rsa__what_is_no_wrapped_key);
	tcase_add_test (tcase, test_ecdh__parameters);
	tcase_add_test (tcase, test_ecdh__points);
	tcase_add_test (tcase, test_public_half__attributes);
	tcase_add_test (tcase, test_public_half__refused);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
