/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Two operations in one call, and keys in a digest.
 */
#include "config.h"

#include "token-fixture.h"

static const CK_BYTE key_bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8 };
static CK_BYTE iv[16] = { 9, 8, 7 };
static CK_BYTE text[64] = "What is encrypted here is of no importance, but long enough.";

static CK_MECHANISM cbc = { CKM_AES_CBC, iv, sizeof iv }, sha256 = { CKM_SHA256, NULL, 0 };
static CK_MECHANISM hmac = { CKM_SHA256_HMAC, NULL, 0 };

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

static void
make_pair (CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_BYTE ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
	CK_ATTRIBUTE public_template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_EC_PARAMS, ed25519) };
	CK_ATTRIBUTE private_template[] = { ATTR (CKA_PRIVATE, no) };
	CK_MECHANISM mechanism = { CKM_EC_EDWARDS_KEY_PAIR_GEN, NULL, 0 };

	ck_ok (p11->C_GenerateKeyPair (session, &mechanism, public_template, 2, private_template, 1,
	                               ret_public, ret_private));
}

START_TEST (test_dual__digest_and_cipher)
{
	CK_OBJECT_HANDLE key = aes_key ();
	CK_BYTE buffer[64], digests[3][32];
	CK_ULONG len = 32;

	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_Digest (session, text, 64, digests[0], &len));
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_EncryptInit (session, &cbc, key));
	ck_ok (p11->C_DigestEncryptUpdate (session, text, 48, NULL, &len));
	ck_assert_uint_eq (len, 48);
	len = 47;
	ck_rv (p11->C_DigestEncryptUpdate (session, text, 48, buffer, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, 48);
	memcpy (buffer, text, 64);
	ck_ok (p11->C_DigestEncryptUpdate (session, buffer, 48, buffer, &len));
	len = 16;
	ck_ok (p11->C_DigestEncryptUpdate (session, buffer + 48, 16, buffer + 48, &len));
	ck_ok (p11->C_EncryptFinal (session, buffer, &len));
	len = 32;
	ck_ok (p11->C_DigestFinal (session, digests[1], &len));
	ck_assert_mem_eq (digests[0], digests[1], 32);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_DecryptInit (session, &cbc, key));
	len = 64;
	ck_ok (p11->C_DecryptDigestUpdate (session, buffer, 64, buffer, &len));
	ck_assert_mem_eq (buffer, text, 64);
	len = 32;
	ck_ok (p11->C_DigestFinal (session, digests[2], &len));
	ck_assert_mem_eq (digests[0], digests[2], 32);
}
END_TEST

START_TEST (test_dual__signature_and_cipher)
{
	CK_OBJECT_HANDLE key = aes_key (), mac = hmac_key ();
	CK_BYTE encrypted[64], plain[64], code[32];
	CK_ULONG len = sizeof encrypted;

	ck_ok (p11->C_SignInit (session, &hmac, mac));
	ck_ok (p11->C_EncryptInit (session, &cbc, key));
	ck_ok (p11->C_SignEncryptUpdate (session, text, 64, encrypted, &len));
	len = sizeof code;
	ck_ok (p11->C_SignFinal (session, code, &len));
	ck_ok (p11->C_VerifyInit (session, &hmac, mac));
	ck_ok (p11->C_DecryptInit (session, &cbc, key));
	len = sizeof plain;
	ck_ok (p11->C_DecryptVerifyUpdate (session, encrypted, 64, plain, &len));
	ck_assert_mem_eq (plain, text, 64);
	ck_ok (p11->C_VerifyFinal (session, code, sizeof code));
	/* An error ends both. */
	ck_ok (p11->C_SignInit (session, &hmac, mac));
	ck_rv (p11->C_SignEncryptUpdate (session, NULL, 1, encrypted, &len), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_SignUpdate (session, text, 1), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_EncryptFinal (session, encrypted, &len), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

/* Ciphers that work without blocks, and those that authenticate: out of step with the digest's blocks. */
static CK_AES_CTR_PARAMS ctr_params = { 128, { 7 } };
static CK_GCM_PARAMS gcm_params = { iv, 12, 96, NULL, 0, 128 };
static CK_CCM_PARAMS ccm_params = { 64, iv, 12, NULL, 0, 16 };
static CK_SALSA20_CHACHA20_POLY1305_PARAMS poly_params = { iv, 96, NULL, 0 };
static CK_CHACHA20_PARAMS chacha_params = { (CK_BYTE *) key_bytes, 32, iv, 96 };

static const struct {
	CK_MECHANISM mechanism;
	CK_KEY_TYPE key_type;
	/* How much of the plaintext comes out before Final when it is decrypted. */
	gboolean late;
} others[] = {
	{ { CKM_AES_CTR, &ctr_params, sizeof ctr_params }, CKK_AES, FALSE },
	{ { CKM_AES_OFB, iv, sizeof iv }, CKK_AES, FALSE },
	{ { CKM_AES_CFB8, iv, sizeof iv }, CKK_AES, FALSE },
	{ { CKM_CHACHA20, &chacha_params, sizeof chacha_params }, CKK_CHACHA20, FALSE },
	{ { CKM_AES_GCM, &gcm_params, sizeof gcm_params }, CKK_AES, TRUE },
	{ { CKM_AES_CCM, &ccm_params, sizeof ccm_params }, CKK_AES, TRUE },
	{ { CKM_CHACHA20_POLY1305, &poly_params, sizeof poly_params }, CKK_CHACHA20, TRUE },
};

/* What an authenticated decryption holds back until its tag was found right has not been digested: the digest is of
 * what came out. */
START_TEST (test_dual__other_ciphers)
{
	CK_MECHANISM mechanism = others[_i].mechanism;
	CK_OBJECT_HANDLE key = make_secret (others[_i].key_type, key_bytes, 32, NULL, 0);
	CK_BYTE encrypted[96], plain[96], digests[2][32];
	CK_ULONG len = 32, at = 0, done = 0;

	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_Digest (session, text, 64, digests[0], &len));
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_EncryptInit (session, &mechanism, key));
	for (CK_ULONG i = 0; i < 64; i += 32) {
		len = sizeof encrypted - at;
		ck_ok (p11->C_DigestEncryptUpdate (session, text + i, 32, encrypted + at, &len));
		at += len;
	}
	len = sizeof encrypted - at;
	ck_ok (p11->C_EncryptFinal (session, encrypted + at, &len));
	at += len;
	ck_assert_uint_eq (at, others[_i].late ? 80 : 64);
	len = 32;
	ck_ok (p11->C_DigestFinal (session, digests[1], &len));
	ck_assert_mem_eq (digests[0], digests[1], 32);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_DecryptInit (session, &mechanism, key));
	len = sizeof plain;
	ck_ok (p11->C_DecryptDigestUpdate (session, encrypted, at, plain, &len));
	ck_assert_uint_eq (len, others[_i].late ? 0 : 64);
	done = len;
	len = sizeof plain - done;
	ck_ok (p11->C_DecryptFinal (session, plain + done, &len));
	ck_assert_uint_eq (done + len, 64);
	ck_assert_mem_eq (plain, text, 64);
	if (others[_i].late)
		ck_ok (p11->C_DigestUpdate (session, plain, 64));
	len = 32;
	ck_ok (p11->C_DigestFinal (session, digests[1], &len));
	ck_assert_mem_eq (digests[0], digests[1], 32);
}
END_TEST

/* C_VerifySignatureInit's operation is not C_VerifyInit's. */
START_TEST (test_dual__signature_first)
{
	CK_BYTE code[32] = { 0 }, out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_DecryptInit (session, &cbc, aes_key ()));
	ck_ok (p11->C_VerifySignatureInit (session, &hmac, hmac_key (), code, sizeof code));
	ck_rv (p11->C_DecryptVerifyUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_VerifySignatureUpdate (session, text, 16));
	ck_rv (p11->C_VerifySignatureFinal (session), CKR_SIGNATURE_INVALID);
	ck_ok (p11->C_SessionCancel (session, CKF_DECRYPT));
}
END_TEST

/* The one that is there goes on. */
START_TEST (test_dual__one_is_missing)
{
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_EncryptInit (session, &cbc, aes_key ()));
	ck_rv (p11->C_DigestEncryptUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_SignEncryptUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_EncryptUpdate (session, text, 16, out, &len));
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_DecryptDigestUpdate (session, text, 16, out, &len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_DigestUpdate (session, text, 16));
}
END_TEST

/* If the second half of the call fails, the first half is not to be continued either. */
START_TEST (test_dual__one_fails)
{
	CK_AES_CTR_PARAMS params = { 1, { [15] = 1 } };
	CK_MECHANISM ctr = { CKM_AES_CTR, &params, sizeof params };
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_EncryptInit (session, &ctr, aes_key ()));
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_DigestEncryptUpdate (session, text, 17, out, &len), CKR_DATA_LEN_RANGE);
	ck_rv (p11->C_DigestUpdate (session, text, 1), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_EncryptUpdate (session, text, 1, out, &len), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_digest_key)
{
	CK_BYTE first[32], second[32], joined[42];
	CK_ULONG len = 32;
	CK_OBJECT_HANDLE public, private;

	make_pair (&public, &private);
	memcpy (joined, text, 10);
	memcpy (joined + 10, key_bytes, 32);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_Digest (session, joined, sizeof joined, first, &len));
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_DigestUpdate (session, text, 10));
	ck_ok (p11->C_DigestKey (session, hmac_key ()));
	ck_ok (p11->C_DigestFinal (session, second, &len));
	ck_assert_mem_eq (first, second, 32);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_DigestKey (session, private), CKR_KEY_INDIGESTIBLE);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_DigestKey (session, public), CKR_KEY_INDIGESTIBLE);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("operation-dual");
	TCase *tcase = tcase_create ("operation-dual");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_dual__digest_and_cipher);
	tcase_add_test (tcase, test_dual__signature_and_cipher);
	tcase_add_loop_test (tcase, test_dual__other_ciphers, 0, N (others));
	tcase_add_test (tcase, test_dual__signature_first);
	tcase_add_test (tcase, test_dual__one_is_missing);
	tcase_add_test (tcase, test_dual__one_fails);
	tcase_add_test (tcase, test_digest_key);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
