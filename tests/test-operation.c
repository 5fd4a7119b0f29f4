/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations as PKCS#11 wants them whatever the mechanism: what starts one, what ends one, what is
 * said of wrong keys, parameters and data. That the results are right is test-mech.c's matter.
 */
#include "config.h"

#include "token-fixture.h"

#include <pthread.h>

static const CK_BYTE key_bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static CK_BYTE iv[17] = { 9, 8, 7 }; /* of 16 bytes, and one more for whom gives a length that is wrong */
static CK_BYTE text[100] =
	"What is encrypted here is of no importance, as long as it is long enough.";

static CK_MECHANISM ecb = { CKM_AES_ECB, NULL, 0 }, cbc = { CKM_AES_CBC, iv, 16 };
static CK_MECHANISM cbc_pad = { CKM_AES_CBC_PAD, iv, 16 }, sha256 = { CKM_SHA256, NULL, 0 };
static CK_MECHANISM hmac = { CKM_SHA256_HMAC, NULL, 0 }, ecdsa = { CKM_ECDSA, NULL, 0 };
static CK_MECHANISM ecdsa_sha256 = { CKM_ECDSA_SHA256, NULL, 0 }, rsa = { CKM_RSA_PKCS, NULL, 0 };
static CK_MECHANISM rsa_raw = { CKM_RSA_X_509, NULL, 0 }, eddsa = { CKM_EDDSA, NULL, 0 };

static CK_OBJECT_HANDLE
aes_key (void)
{
	return make_secret (CKK_AES, key_bytes, 32, NULL, 0);
}

static CK_OBJECT_HANDLE
hmac_key (void)
{
	return make_secret (CKK_GENERIC_SECRET, key_bytes, 32, NULL, 0);
}

typedef struct {
	CK_OBJECT_HANDLE public, private;
} Pair;

static Pair
make_pair (CK_MECHANISM_TYPE type, const CK_ATTRIBUTE *number)
{
	CK_ATTRIBUTE public_template[8] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_VERIFY, yes) };
	CK_ATTRIBUTE private_template[8] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_SIGN, yes),
		                             ATTR (CKA_SENSITIVE, no),
		                             ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_ULONG n_public = 2, n_private = 4;
	Pair pair;

	public_template[n_public++] = *number;
	if (type == CKM_RSA_PKCS_KEY_PAIR_GEN) {
		public_template[n_public++] = (CK_ATTRIBUTE) ATTR (CKA_ENCRYPT, yes);
		public_template[n_public++] = (CK_ATTRIBUTE) ATTR (CKA_VERIFY_RECOVER, yes);
		private_template[n_private++] = (CK_ATTRIBUTE) ATTR (CKA_DECRYPT, yes);
		private_template[n_private++] = (CK_ATTRIBUTE) ATTR (CKA_SIGN_RECOVER, yes);
	}
	ck_ok (p11->C_GenerateKeyPair (session, &mechanism, public_template, n_public,
	                               private_template, n_private, &pair.public, &pair.private));
	return pair;
}

static Pair
ec_pair (void)
{
	CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	CK_ATTRIBUTE params = ATTR (CKA_EC_PARAMS, p256);

	return make_pair (CKM_EC_KEY_PAIR_GEN, &params);
}

static Pair
ed_pair (void)
{
	CK_BYTE ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
	CK_ATTRIBUTE params = ATTR (CKA_EC_PARAMS, ed25519);

	return make_pair (CKM_EC_EDWARDS_KEY_PAIR_GEN, &params);
}

static Pair
rsa_pair (void)
{
	static const CK_ULONG bits = 2048;
	CK_ATTRIBUTE attr = ATTR (CKA_MODULUS_BITS, bits);

	return make_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, &attr);
}

/* --- beginning and ending --- */

START_TEST (test_calls__without_init)
{
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_rv (p11->C_Encrypt (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_EncryptUpdate (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_EncryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_Decrypt (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DecryptUpdate (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_Digest (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DigestUpdate (session, text, 16), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DigestKey (session, aes_key ()), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DigestFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_Sign (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_SignUpdate (session, text, 16), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_SignFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_SignRecover (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_Verify (session, text, 16, out, len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_VerifyUpdate (session, text, 16), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_VerifyFinal (session, out, len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_VerifyRecover (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DigestEncryptUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DecryptDigestUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_SignEncryptUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_DecryptVerifyUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_calls__unknown_session)
{
	const CK_SESSION_HANDLE stale = session + 1000;
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;
	CK_OBJECT_HANDLE key = aes_key ();

	ck_rv (p11->C_EncryptInit (stale, &ecb, key), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_EncryptInit (stale, NULL, key), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_Encrypt (stale, text, 16, out, &len), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_DigestInit (stale, &sha256), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_DigestUpdate (stale, text, 16), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_Verify (stale, text, 16, out, len), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_DigestEncryptUpdate (stale, text, 16, out, &len), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_WrapKey (stale, &cbc_pad, key, key, out, &len), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_GenerateKey (stale, &ecb, NULL, 0, &key), CKR_SESSION_HANDLE_INVALID);
}
END_TEST

START_TEST (test_init__one_of_each_kind)
{
	CK_OBJECT_HANDLE aes = aes_key (), mac = hmac_key ();
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	ck_rv (p11->C_EncryptInit (session, &ecb, aes), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_DecryptInit (session, &ecb, aes));
	ck_rv (p11->C_DecryptInit (session, &ecb, aes), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_DigestInit (session, &sha256), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_SignInit (session, &hmac, mac));
	ck_rv (p11->C_SignInit (session, &hmac, mac), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_VerifyInit (session, &hmac, mac));
	ck_rv (p11->C_VerifyInit (session, &hmac, mac), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_Encrypt (session, text, 16, out, &len));
	ck_ok (p11->C_Decrypt (session, out, len, out, &len));
	ck_assert_mem_eq (out, text, 16);
	len = sizeof out;
	ck_ok (p11->C_Sign (session, text, sizeof text, out, &len));
	ck_ok (p11->C_Verify (session, text, sizeof text, out, len));
	len = sizeof out;
	ck_ok (p11->C_Digest (session, text, sizeof text, out, &len));
}
END_TEST

START_TEST (test_init__null_mechanism_cancels)
{
	CK_OBJECT_HANDLE aes = aes_key (), mac = hmac_key ();
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	ck_ok (p11->C_EncryptInit (session, NULL, CK_INVALID_HANDLE));
	ck_rv (p11->C_Encrypt (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_EncryptInit (session, NULL, CK_INVALID_HANDLE));
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_DigestInit (session, NULL));
	ck_rv (p11->C_DigestUpdate (session, text, 16), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_VerifyInit (session, &hmac, mac));
	ck_ok (p11->C_VerifyUpdate (session, text, 16));
	ck_ok (p11->C_VerifyInit (session, NULL, CK_INVALID_HANDLE));
	ck_rv (p11->C_VerifyFinal (session, out, 32), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

/* After any error but a buffer that is too small the operation is gone. */
START_TEST (test_errors__end_the_operation)
{
	CK_OBJECT_HANDLE aes = aes_key (), mac = hmac_key ();
	CK_BYTE out[256];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	ck_rv (p11->C_Encrypt (session, text, 15, out, &len), CKR_DATA_LEN_RANGE);
	ck_rv (p11->C_Encrypt (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	ck_rv (p11->C_Encrypt (session, text, 16, out, NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_Encrypt (session, text, 16, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	ck_rv (p11->C_EncryptUpdate (session, NULL, 16, out, &len), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_EncryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	len = sizeof out;
	ck_ok (p11->C_EncryptUpdate (session, text, 15, out, &len));
	ck_assert_uint_eq (len, 0);
	len = sizeof out;
	ck_rv (p11->C_EncryptFinal (session, out, &len), CKR_DATA_LEN_RANGE);
	ck_rv (p11->C_EncryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_DigestUpdate (session, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_DigestUpdate (session, text, 1), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_VerifyInit (session, &hmac, mac));
	ck_rv (p11->C_Verify (session, text, 1, NULL, 32), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_Verify (session, text, 1, out, 32), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_DigestKey (session, CK_INVALID_HANDLE), CKR_KEY_HANDLE_INVALID);
	ck_rv (p11->C_DigestUpdate (session, text, 1), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_once__after_update)
{
	CK_OBJECT_HANDLE aes = aes_key (), mac = hmac_key ();
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_EncryptInit (session, &ecb, aes));
	ck_ok (p11->C_EncryptUpdate (session, text, 16, out, &len));
	len = sizeof out;
	ck_rv (p11->C_Encrypt (session, text, 16, out, &len), CKR_OPERATION_ACTIVE);
	ck_rv (p11->C_EncryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_DigestUpdate (session, text, 16));
	ck_rv (p11->C_Digest (session, text, 16, out, &len), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_VerifyInit (session, &hmac, mac));
	ck_ok (p11->C_VerifyUpdate (session, text, 16));
	ck_rv (p11->C_Verify (session, text, 16, out, 32), CKR_OPERATION_ACTIVE);
	ck_rv (p11->C_VerifyFinal (session, out, 32), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

/* PKCS#11: Final may come without an Update; an empty message has a digest, a code and a signature.
 * */
START_TEST (test_final__without_update)
{
	static const CK_BYTE empty[] = { 0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14 };
	Pair pair = ec_pair ();
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_DigestFinal (session, out, &len));
	ck_assert_mem_eq (out, empty, sizeof empty);
	len = sizeof out;
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_Digest (session, NULL, 0, out, &len));
	ck_assert_mem_eq (out, empty, sizeof empty);
	len = sizeof out;
	ck_ok (p11->C_SignInit (session, &ecdsa_sha256, pair.private));
	ck_ok (p11->C_SignFinal (session, out, &len));
	ck_ok (p11->C_VerifyInit (session, &ecdsa_sha256, pair.public));
	ck_ok (p11->C_Verify (session, NULL, 0, out, len));
	len = sizeof out;
	ck_ok (p11->C_EncryptInit (session, &ecb, aes_key ()));
	ck_ok (p11->C_EncryptFinal (session, out, &len));
	ck_assert_uint_eq (len, 0);
}
END_TEST

START_TEST (test_parts__one_shot_mechanisms)
{
	Pair ec = ec_pair (), ed = ed_pair (), rsa_keys = rsa_pair ();
	CK_BYTE out[256];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_SignInit (session, &ecdsa, ec.private));
	ck_rv (p11->C_SignUpdate (session, text, 16), CKR_FUNCTION_NOT_SUPPORTED);
	ck_ok (p11->C_SignInit (session, &eddsa, ed.private));
	ck_rv (p11->C_SignUpdate (session, text, 16), CKR_FUNCTION_NOT_SUPPORTED);
	ck_ok (p11->C_VerifyInit (session, &eddsa, ed.public));
	ck_rv (p11->C_VerifyFinal (session, out, 64), CKR_FUNCTION_NOT_SUPPORTED);
	ck_ok (p11->C_SignInit (session, &rsa, rsa_keys.private));
	ck_rv (p11->C_SignFinal (session, out, &len), CKR_FUNCTION_NOT_SUPPORTED);
	ck_ok (p11->C_EncryptInit (session, &rsa, rsa_keys.public));
	ck_rv (p11->C_EncryptUpdate (session, text, 16, out, &len), CKR_FUNCTION_NOT_SUPPORTED);
	ck_rv (p11->C_EncryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

/* --- mechanisms and their parameters --- */

START_TEST (test_init__unknown_mechanism)
{
	CK_MECHANISM unknown = { CKM_VENDOR_DEFINED | 42, NULL, 0 },
		     generation = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_OBJECT_HANDLE key = aes_key ();
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_rv (p11->C_EncryptInit (session, &unknown, key), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_EncryptInit (session, &generation, key), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_SignInit (session, &ecb, key), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_DigestInit (session, &hmac), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_WrapKey (session, &hmac, key, key, out, &len), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_GenerateKey (session, &ecb, NULL, 0, &key), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_DeriveKey (session, &ecb, key, NULL, 0, &key), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_GenerateKeyPair (session, &generation, NULL, 0, NULL, 0, &key, &key),
	       CKR_MECHANISM_INVALID);
}
END_TEST

static void
check_parameter (CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, const void *param, CK_ULONG len)
{
	CK_MECHANISM mechanism = { type, (void *) param, len };

	ck_rv (p11->C_EncryptInit (session, &mechanism, key), CKR_MECHANISM_PARAM_INVALID);
}

START_TEST (test_parameters__of_ciphers)
{
	CK_AES_CTR_PARAMS ctr = { 0, { 0 } };
	CK_BYTE nonce[200] = { 0 };
	CK_GCM_PARAMS gcm = { nonce, 12, 96, NULL, 0, 128 };
	CK_OBJECT_HANDLE key = aes_key ();

	check_parameter (CKM_AES_ECB, key, iv, 16);
	check_parameter (CKM_AES_CBC, key, iv, 15);
	check_parameter (CKM_AES_CBC, key, iv, 17);
	check_parameter (CKM_AES_CBC, key, NULL, 16);
	check_parameter (CKM_AES_CBC_PAD, key, NULL, 0);
	check_parameter (CKM_AES_CTR, key, &ctr, sizeof ctr);
	ctr.ulCounterBits = 129;
	check_parameter (CKM_AES_CTR, key, &ctr, sizeof ctr);
	ctr.ulCounterBits = 128;
	check_parameter (CKM_AES_CTR, key, &ctr, sizeof ctr - 1);
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm - 8);
	gcm.ulTagBits = 129;
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm);
	gcm.ulTagBits = 100;
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm);
	gcm.ulTagBits = 0;
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm);
	gcm = (CK_GCM_PARAMS){ NULL, 12, 96, NULL, 0, 128 };
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm);
	gcm = (CK_GCM_PARAMS){ nonce, 0, 0, NULL, 0, 128 };
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm);
	gcm = (CK_GCM_PARAMS){ nonce, sizeof nonce, 0, NULL, 0, 128 };
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm);
	gcm = (CK_GCM_PARAMS){ nonce, 12, 96, NULL, 5, 128 };
	check_parameter (CKM_AES_GCM, key, &gcm, sizeof gcm);
	check_parameter (CKM_AES_KEY_WRAP, key, iv, 7);
	check_parameter (CKM_AES_KEY_WRAP_KWP, key, iv, 8);
}
END_TEST

static void
check_rsa_parameter (CK_MECHANISM_TYPE type, const Pair *pair, const void *param, CK_ULONG len)
{
	CK_MECHANISM mechanism = { type, (void *) param, len };

	if (type == CKM_RSA_PKCS_OAEP)
		ck_rv (p11->C_EncryptInit (session, &mechanism, pair->public),
		       CKR_MECHANISM_PARAM_INVALID);
	else
		ck_rv (p11->C_SignInit (session, &mechanism, pair->private),
		       CKR_MECHANISM_PARAM_INVALID);
}

START_TEST (test_parameters__of_signatures)
{
	CK_RSA_PKCS_PSS_PARAMS pss = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
	CK_RSA_PKCS_OAEP_PARAMS oaep = { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_EDDSA_PARAMS ed25519ctx = { CK_FALSE, 0, NULL };
	CK_MAC_GENERAL_PARAMS zero = 0, long_code = 33, good = 32;
	CK_MECHANISM general = { CKM_SHA256_HMAC_GENERAL, &zero, sizeof zero };
	CK_OBJECT_HANDLE mac = hmac_key ();
	Pair rsa_keys = rsa_pair (), ed = ed_pair ();

	check_rsa_parameter (CKM_RSA_PKCS, &rsa_keys, iv, 1);
	check_rsa_parameter (CKM_RSA_PKCS_PSS, &rsa_keys, NULL, 0);
	check_rsa_parameter (CKM_RSA_PKCS_PSS, &rsa_keys, &pss, sizeof pss - 1);
	check_rsa_parameter (CKM_SHA384_RSA_PKCS_PSS, &rsa_keys, &pss, sizeof pss);
	pss.sLen = 256 - 32 - 2 + 1;
	check_rsa_parameter (CKM_RSA_PKCS_PSS, &rsa_keys, &pss, sizeof pss);
	pss = (CK_RSA_PKCS_PSS_PARAMS){ CKM_AES_ECB, CKG_MGF1_SHA256, 32 };
	check_rsa_parameter (CKM_RSA_PKCS_PSS, &rsa_keys, &pss, sizeof pss);
	pss = (CK_RSA_PKCS_PSS_PARAMS){ CKM_SHA256, 99, 32 };
	check_rsa_parameter (CKM_RSA_PKCS_PSS, &rsa_keys, &pss, sizeof pss);
	check_rsa_parameter (CKM_RSA_PKCS_OAEP, &rsa_keys, &oaep, sizeof oaep - 8);
	oaep.source = 7;
	check_rsa_parameter (CKM_RSA_PKCS_OAEP, &rsa_keys, &oaep, sizeof oaep);
	oaep = (CK_RSA_PKCS_OAEP_PARAMS){ CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL,
		                          3 };
	check_rsa_parameter (CKM_RSA_PKCS_OAEP, &rsa_keys, &oaep, sizeof oaep);
	oaep = (CK_RSA_PKCS_OAEP_PARAMS){ CKM_SHA256_HMAC, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED,
		                          NULL, 0 };
	check_rsa_parameter (CKM_RSA_PKCS_OAEP, &rsa_keys, &oaep, sizeof oaep);
	check_rsa_parameter (CKM_EDDSA, &ed, &ed25519ctx, sizeof ed25519ctx);
	ck_rv (p11->C_SignInit (session, &general, mac), CKR_MECHANISM_PARAM_INVALID);
	general.pParameter = &long_code;
	ck_rv (p11->C_SignInit (session, &general, mac), CKR_MECHANISM_PARAM_INVALID);
	general.ulParameterLen = 4;
	ck_rv (p11->C_SignInit (session, &general, mac), CKR_MECHANISM_PARAM_INVALID);
	general = (CK_MECHANISM){ CKM_SHA256_HMAC, &good, sizeof good };
	ck_rv (p11->C_SignInit (session, &general, mac), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* --- keys --- */

START_TEST (test_keys__wrong_ones)
{
	Pair ec = ec_pair ();
	CK_OBJECT_HANDLE aes = aes_key (), mac = hmac_key ();

	ck_rv (p11->C_EncryptInit (session, &ecb, CK_INVALID_HANDLE), CKR_KEY_HANDLE_INVALID);
	ck_rv (p11->C_EncryptInit (session, &ecb, 0x12345678), CKR_KEY_HANDLE_INVALID);
	ck_rv (p11->C_EncryptInit (session, &ecb, mac), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_SignInit (session, &hmac, aes), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_SignInit (session, &ecdsa, ec.public), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_VerifyInit (session, &ecdsa, ec.private), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_SignInit (session, &rsa, ec.private), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_SignInit (session, &eddsa, ec.private), CKR_KEY_TYPE_INCONSISTENT);
}
END_TEST

START_TEST (test_keys__not_permitted)
{
	static const CK_MECHANISM_TYPE only_cbc[] = { CKM_AES_CBC, CKM_AES_CBC_PAD };
	const CK_ATTRIBUTE none[] = { ATTR (CKA_ENCRYPT, no), ATTR (CKA_DECRYPT, no),
		                      ATTR (CKA_SIGN, no),    ATTR (CKA_VERIFY, no),
		                      ATTR (CKA_WRAP, no),    ATTR (CKA_UNWRAP, no),
		                      ATTR (CKA_DERIVE, no) };
	const CK_ATTRIBUTE some = ATTR (CKA_ALLOWED_MECHANISMS, only_cbc);
	CK_MECHANISM cmac = { CKM_AES_CMAC, NULL, 0 };
	CK_OBJECT_HANDLE barred = make_secret (CKK_AES, key_bytes, 32, none, N (none));
	CK_OBJECT_HANDLE narrow = make_secret (CKK_AES, key_bytes, 32, &some, 1), key;
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_rv (p11->C_EncryptInit (session, &ecb, barred), CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (p11->C_DecryptInit (session, &ecb, barred), CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (p11->C_SignInit (session, &cmac, barred), CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (p11->C_VerifyInit (session, &cmac, barred), CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (p11->C_WrapKey (session, &cbc_pad, barred, narrow, out, &len),
	       CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (p11->C_UnwrapKey (session, &cbc_pad, barred, out, 32, NULL, 0, &key),
	       CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (p11->C_EncryptInit (session, &ecb, narrow), CKR_MECHANISM_INVALID);
	ck_ok (p11->C_EncryptInit (session, &cbc, narrow));
}
END_TEST

START_TEST (test_keys__sizes)
{
	g_autofree CK_BYTE *long_key = g_malloc0 (4097);
	CK_OBJECT_HANDLE key = make_secret (CKK_GENERIC_SECRET, long_key, 4097, NULL, 0);

	ck_rv (p11->C_SignInit (session, &hmac, key), CKR_KEY_SIZE_RANGE);
	key = make_secret (CKK_GENERIC_SECRET, long_key, 4096, NULL, 0);
	ck_ok (p11->C_SignInit (session, &hmac, key));
}
END_TEST

/* --- data --- */

START_TEST (test_data__lengths)
{
	CK_OBJECT_HANDLE aes = aes_key ();
	CK_MECHANISM kw = { CKM_AES_KEY_WRAP, NULL, 0 }, kwp = { CKM_AES_KEY_WRAP_KWP, NULL, 0 };
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_DecryptInit (session, &cbc, aes));
	ck_rv (p11->C_Decrypt (session, text, 17, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_ok (p11->C_DecryptInit (session, &cbc_pad, aes));
	ck_rv (p11->C_Decrypt (session, text, 17, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_ok (p11->C_DecryptInit (session, &cbc_pad, aes));
	ck_rv (p11->C_Decrypt (session, text, 0, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_ok (p11->C_DecryptInit (session, &cbc_pad, aes));
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_ok (p11->C_EncryptInit (session, &kw, aes));
	ck_rv (p11->C_Encrypt (session, text, 8, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_EncryptInit (session, &kw, aes));
	ck_rv (p11->C_Encrypt (session, text, 20, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_DecryptInit (session, &kw, aes));
	ck_rv (p11->C_Decrypt (session, text, 16, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_ok (p11->C_DecryptInit (session, &kw, aes));
	ck_rv (p11->C_Decrypt (session, text, 24, out, &len), CKR_ENCRYPTED_DATA_INVALID);
	ck_ok (p11->C_EncryptInit (session, &kwp, aes));
	ck_rv (p11->C_Encrypt (session, text, 0, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_DecryptInit (session, &kwp, aes));
	ck_rv (p11->C_Decrypt (session, text, 24, out, &len), CKR_ENCRYPTED_DATA_INVALID);
}
END_TEST

START_TEST (test_data__rsa)
{
	CK_RSA_PKCS_PSS_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
	CK_MECHANISM pss = { CKM_RSA_PKCS_PSS, &params, sizeof params };
	CK_BYTE data[300], out[300];
	CK_ULONG len = sizeof out;
	Pair pair = rsa_pair ();

	memset (data, 0xff, sizeof data);
	ck_ok (p11->C_EncryptInit (session, &rsa, pair.public));
	ck_rv (p11->C_Encrypt (session, data, 256 - 10, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_SignInit (session, &rsa, pair.private));
	ck_rv (p11->C_Sign (session, data, 256 - 10, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_SignInit (session, &rsa, pair.private));
	ck_ok (p11->C_Sign (session, data, 256 - 11, out, &len));
	ck_ok (p11->C_SignInit (session, &pss, pair.private));
	ck_rv (p11->C_Sign (session, data, 31, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_SignInit (session, &rsa_raw, pair.private));
	ck_rv (p11->C_Sign (session, data, 257, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_SignInit (session, &rsa_raw, pair.private));
	ck_rv (p11->C_Sign (session, data, 256, out, &len), CKR_DATA_INVALID);
	ck_ok (p11->C_DecryptInit (session, &rsa_raw, pair.private));
	ck_rv (p11->C_Decrypt (session, data, 256, out, &len), CKR_ENCRYPTED_DATA_INVALID);
	ck_ok (p11->C_DecryptInit (session, &rsa_raw, pair.private));
	ck_rv (p11->C_Decrypt (session, data, 255, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_ok (p11->C_VerifyRecoverInit (session, &rsa, pair.public));
	ck_rv (p11->C_VerifyRecover (session, data, 256, out, &len), CKR_SIGNATURE_INVALID);
	ck_ok (p11->C_VerifyRecoverInit (session, &rsa, pair.public));
	ck_rv (p11->C_VerifyRecover (session, data, 255, out, &len), CKR_SIGNATURE_LEN_RANGE);
	ck_ok (p11->C_VerifyInit (session, &rsa_raw, pair.public));
	ck_rv (p11->C_Verify (session, text, 16, data, 256), CKR_SIGNATURE_INVALID);
}
END_TEST

/* Signatures of zeros and of numbers beyond the order of the curve, and of nothing. */
START_TEST (test_ecdsa__impossible_signatures)
{
	Pair pair = ec_pair ();
	CK_BYTE signature[64];
	CK_ULONG len = sizeof signature;

	for (int fill = 0; fill <= 0xff; fill += 0xff) {
		memset (signature, fill, sizeof signature);
		ck_ok (p11->C_VerifyInit (session, &ecdsa, pair.public));
		ck_rv (p11->C_Verify (session, text, 32, signature, 64), CKR_SIGNATURE_INVALID);
	}
	ck_ok (p11->C_VerifyInit (session, &ecdsa, pair.public));
	ck_rv (p11->C_Verify (session, text, 32, signature, 63), CKR_SIGNATURE_LEN_RANGE);
	ck_ok (p11->C_SignInit (session, &ecdsa, pair.private));
	ck_rv (p11->C_Sign (session, NULL, 0, signature, &len), CKR_DATA_LEN_RANGE);
}
END_TEST

/* The counter of CTR may come round to its start, but the nonce before it stays what it is. */
START_TEST (test_ctr__counter_ends)
{
	CK_AES_CTR_PARAMS params = { 8, { [15] = 0xfe } };
	CK_MECHANISM ctr = { CKM_AES_CTR, &params, sizeof params };
	CK_OBJECT_HANDLE key = aes_key ();
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_EncryptInit (session, &ctr, key));
	ck_ok (p11->C_Encrypt (session, text, 32, out, &len));
	len = sizeof out;
	ck_ok (p11->C_EncryptInit (session, &ctr, key));
	ck_rv (p11->C_Encrypt (session, text, 33, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_DecryptInit (session, &ctr, key));
	ck_ok (p11->C_DecryptUpdate (session, text, 31, out, &len));
	len = sizeof out;
	ck_rv (p11->C_DecryptUpdate (session, text, 2, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	params = (CK_AES_CTR_PARAMS){ 1, { [15] = 0x01 } };
	len = sizeof out;
	ck_ok (p11->C_EncryptInit (session, &ctr, key));
	ck_rv (p11->C_Encrypt (session, text, 17, out, &len), CKR_DATA_LEN_RANGE);
	params = (CK_AES_CTR_PARAMS){ 12, { [14] = 0xff, [15] = 0xff } };
	ck_ok (p11->C_EncryptInit (session, &ctr, key));
	ck_rv (p11->C_Encrypt (session, text, 17, out, &len), CKR_DATA_LEN_RANGE);
	params = (CK_AES_CTR_PARAMS){ 64, { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff } };
	ck_ok (p11->C_EncryptInit (session, &ctr, key));
	ck_ok (p11->C_Encrypt (session, text, 64, out, &len));
}
END_TEST

/* --- results that did not fit --- */

static CK_ULONG
encrypt (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
         CK_ULONG room)
{
	ck_ok (p11->C_EncryptInit (session, mechanism, key));
	ck_ok (p11->C_Encrypt (session, in, in_len, out, &room));
	return room;
}

/* A one-shot decryption whose first buffer was too small may come again with other data: it gets
 * the answer to that. */
START_TEST (test_held__other_input)
{
	CK_OBJECT_HANDLE key = aes_key ();
	CK_BYTE first[48], second[48], out[48];
	CK_ULONG first_len = encrypt (&cbc_pad, key, text, 20, first, sizeof first), len = 5;
	CK_ULONG second_len = encrypt (&cbc_pad, key, text + 20, 25, second, sizeof second);

	ck_ok (p11->C_DecryptInit (session, &cbc_pad, key));
	ck_rv (p11->C_Decrypt (session, first, first_len, out, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, 20);
	ck_rv (p11->C_Decrypt (session, second, second_len, out, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, 25);
	ck_ok (p11->C_Decrypt (session, first, first_len, NULL, &len));
	ck_ok (p11->C_Decrypt (session, second, second_len, out, &len));
	ck_assert_uint_eq (len, 25);
	ck_assert_mem_eq (out, text + 20, 25);
}
END_TEST

START_TEST (test_held__other_call)
{
	CK_OBJECT_HANDLE key = aes_key ();
	CK_BYTE encrypted[48], out[48];
	CK_ULONG encrypted_len = encrypt (&cbc_pad, key, text, 20, encrypted, sizeof encrypted),
		 len = 5;

	ck_ok (p11->C_DecryptInit (session, &cbc_pad, key));
	ck_rv (p11->C_Decrypt (session, encrypted, encrypted_len, out, &len), CKR_BUFFER_TOO_SMALL);
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_OPERATION_ACTIVE);
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	len = sizeof out;
	ck_ok (p11->C_DecryptInit (session, &cbc_pad, key));
	ck_ok (p11->C_DecryptUpdate (session, encrypted, encrypted_len, out, &len));
	ck_assert_uint_eq (len, 16);
	len = 3;
	ck_rv (p11->C_DecryptFinal (session, out + 16, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, 4);
	ck_rv (p11->C_DecryptUpdate (session, encrypted, 16, out, &len), CKR_OPERATION_ACTIVE);
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_cbc_pad__wrong_padding)
{
	CK_OBJECT_HANDLE key = aes_key ();
	CK_BYTE encrypted[48], out[48];
	CK_ULONG len = sizeof out;

	/* 32 bytes without padding: the last byte of the text is no length. */
	ck_assert_uint_eq (encrypt (&cbc, key, text, 32, encrypted, sizeof encrypted), 32);
	ck_ok (p11->C_DecryptInit (session, &cbc_pad, key));
	ck_rv (p11->C_Decrypt (session, encrypted, 32, out, &len), CKR_ENCRYPTED_DATA_INVALID);
	ck_ok (p11->C_DecryptInit (session, &cbc_pad, key));
	ck_ok (p11->C_DecryptUpdate (session, encrypted, 32, out, &len));
	len = sizeof out;
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_ENCRYPTED_DATA_INVALID);
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

/* Not a byte of the plaintext is seen before the tag is right, in one call or in parts. */
START_TEST (test_gcm__nothing_before_the_tag)
{
	CK_BYTE nonce[12] = { 1 }, encrypted[116], out[116], untouched[116];
	CK_GCM_PARAMS params = { nonce, sizeof nonce, 96, text, 10, 128 };
	CK_MECHANISM gcm = { CKM_AES_GCM, &params, sizeof params };
	CK_OBJECT_HANDLE key = aes_key ();
	CK_ULONG len = sizeof out;

	memset (out, 0x5a, sizeof out);
	memset (untouched, 0x5a, sizeof untouched);
	ck_assert_uint_eq (encrypt (&gcm, key, text, 100, encrypted, sizeof encrypted), 116);
	encrypted[115] ^= 1;
	ck_ok (p11->C_DecryptInit (session, &gcm, key));
	ck_rv (p11->C_Decrypt (session, encrypted, 116, out, &len), CKR_ENCRYPTED_DATA_INVALID);
	ck_assert_mem_eq (out, untouched, sizeof out);
	ck_ok (p11->C_DecryptInit (session, &gcm, key));
	for (int i = 0; i < 116; i += 29) {
		len = sizeof out;
		ck_ok (p11->C_DecryptUpdate (session, encrypted + i, 29, out, &len));
		ck_assert_uint_eq (len, 0);
	}
	len = sizeof out;
	ck_rv (p11->C_DecryptFinal (session, out, &len), CKR_ENCRYPTED_DATA_INVALID);
	ck_assert_mem_eq (out, untouched, sizeof out);
	ck_ok (p11->C_DecryptInit (session, &gcm, key));
	ck_rv (p11->C_Decrypt (session, encrypted, 15, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
	encrypted[115] ^= 1;
	params.ulAADLen = 9;
	ck_ok (p11->C_DecryptInit (session, &gcm, key));
	ck_rv (p11->C_Decrypt (session, encrypted, 116, out, &len), CKR_ENCRYPTED_DATA_INVALID);
}
END_TEST

/* --- threads: one key, a session each --- */

#define N_THREADS 4

typedef struct {
	CK_SESSION_HANDLE session;
	Pair pair;
	CK_RV rv;
} Worker;

static void *
work (void *data)
{
	Worker *worker = data;
	CK_RV rv = CKR_OK;

	for (int i = 0; i < 50 && rv == CKR_OK; i++) {
		CK_BYTE out[64];
		CK_ULONG len = sizeof out;

		rv = p11->C_SignInit (worker->session, &ecdsa_sha256, worker->pair.private);
		if (rv == CKR_OK)
			rv = p11->C_Sign (worker->session, text, sizeof text, out, &len);
		if (rv == CKR_OK)
			rv = p11->C_VerifyInit (worker->session, &ecdsa_sha256,
			                        worker->pair.public);
		if (rv == CKR_OK)
			rv = p11->C_Verify (worker->session, text, sizeof text, out, len);
		if (rv == CKR_OK)
			rv = p11->C_GenerateRandom (worker->session, out, sizeof out);
	}
	worker->rv = rv;
	return NULL;
}

START_TEST (test_threads__one_key)
{
	Worker workers[N_THREADS];
	pthread_t threads[N_THREADS];
	Pair pair = ec_pair ();
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n));
	for (int i = 0; i < N_THREADS; i++) {
		workers[i] = (Worker){ .pair = pair };
		ck_ok (p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL,
		                           &workers[i].session));
	}
	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, work, &workers[i]), 0);
	for (int i = 0; i < N_THREADS; i++) {
		ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
		ck_ok (workers[i].rv);
		ck_ok (p11->C_CloseSession (workers[i].session));
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("operation");
	TCase *tcase = tcase_create ("operation");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_calls__without_init);
	tcase_add_test (tcase, test_calls__unknown_session);
	tcase_add_test (tcase, test_init__one_of_each_kind);
	tcase_add_test (tcase, test_init__null_mechanism_cancels);
	tcase_add_test (tcase, test_errors__end_the_operation);
	tcase_add_test (tcase, test_once__after_update);
	tcase_add_test (tcase, test_final__without_update);
	tcase_add_test (tcase, test_parts__one_shot_mechanisms);
	tcase_add_test (tcase, test_init__unknown_mechanism);
	tcase_add_test (tcase, test_parameters__of_ciphers);
	tcase_add_test (tcase, test_parameters__of_signatures);
	tcase_add_test (tcase, test_keys__wrong_ones);
	tcase_add_test (tcase, test_keys__not_permitted);
	tcase_add_test (tcase, test_keys__sizes);
	tcase_add_test (tcase, test_data__lengths);
	tcase_add_test (tcase, test_data__rsa);
	tcase_add_test (tcase, test_ecdsa__impossible_signatures);
	tcase_add_test (tcase, test_ctr__counter_ends);
	tcase_add_test (tcase, test_held__other_input);
	tcase_add_test (tcase, test_held__other_call);
	tcase_add_test (tcase, test_cbc_pad__wrong_padding);
	tcase_add_test (tcase, test_gcm__nothing_before_the_tag);
	tcase_add_test (tcase, test_threads__one_key);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
