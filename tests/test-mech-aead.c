/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What authenticated encryption refuses: nonces, tags and lengths that are none, and data that somebody
 * changed. That it is right otherwise is test-mech.c's.
 */
#include "config.h"

#include "token-calls.h"

#define PLAIN_LEN 37
#define TAG_LEN 16
#define TOTAL (PLAIN_LEN + TAG_LEN)

static CK_BYTE key_bytes[32] = { 1, 2, 3 }, nonce[200] = { 9, 8, 7 }, aad[20] = { 5 },
	       text[64] = { 4 };

/* The three, each with a parameter that is good: nonce, 20 bytes of associated data, a tag of 16. */
static CK_GCM_PARAMS gcm;
static CK_CCM_PARAMS ccm;
static CK_SALSA20_CHACHA20_POLY1305_PARAMS chacha;
static CK_MECHANISM mechanisms[] = {
	{ CKM_AES_GCM, &gcm, sizeof gcm },
	{ CKM_AES_CCM, &ccm, sizeof ccm },
	{ CKM_CHACHA20_POLY1305, &chacha, sizeof chacha },
};
static CK_OBJECT_HANDLE key;

static void
aead_setup (int i)
{
	gcm = (CK_GCM_PARAMS){ nonce, 12, 96, aad, sizeof aad, 8 * TAG_LEN };
	ccm = (CK_CCM_PARAMS){ PLAIN_LEN, nonce, 12, aad, sizeof aad, TAG_LEN };
	chacha = (CK_SALSA20_CHACHA20_POLY1305_PARAMS){ nonce, 96, aad, sizeof aad };
	key = make_secret (mechanisms[i].mechanism == CKM_CHACHA20_POLY1305 ? CKK_CHACHA20
	                                                                    : CKK_AES,
	                   key_bytes, sizeof key_bytes, NULL, 0);
}

static void
encrypt (int i, CK_BYTE out[TOTAL])
{
	CK_ULONG len = TOTAL;

	ck_ok (p11->C_EncryptInit (session, &mechanisms[i], key));
	ck_ok (p11->C_Encrypt (session, text, PLAIN_LEN, out, &len));
	ck_assert_uint_eq (len, TOTAL);
}

/* In one call and in parts; both say the same, and give nothing out. */
static void
check_refused (int i, CK_BYTE *in, CK_ULONG in_len, CK_RV rv)
{
	CK_BYTE out[2 * TOTAL], untouched[2 * TOTAL];
	CK_ULONG len = sizeof out;
	CK_RV got = CKR_OK;

	memset (out, 0x5a, sizeof out);
	memset (untouched, 0x5a, sizeof untouched);
	ck_ok (p11->C_DecryptInit (session, &mechanisms[i], key));
	ck_rv (p11->C_Decrypt (session, in, in_len, out, &len), rv);
	ck_ok (p11->C_DecryptInit (session, &mechanisms[i], key));
	for (CK_ULONG at = 0; got == CKR_OK && at < in_len; at += 10) {
		len = sizeof out;
		got = p11->C_DecryptUpdate (session, in + at, MIN (10, in_len - at), out, &len);
		if (got == CKR_OK)
			ck_assert_uint_eq (len, 0);
	}
	len = sizeof out;
	if (got == CKR_OK)
		got = p11->C_DecryptFinal (session, out, &len);
	ck_rv (got, rv);
	ck_assert_mem_eq (out, untouched, sizeof out);
}

START_TEST (test_aead__changed)
{
	CK_BYTE good[TOTAL], bad[TOTAL + 1] = { 0 };

	aead_setup (_i);
	encrypt (_i, good);
	for (gsize at = 0; at < TOTAL; at++) {
		memcpy (bad, good, TOTAL);
		bad[at] ^= 0x80;
		check_refused (_i, bad, TOTAL, CKR_ENCRYPTED_DATA_INVALID);
	}
	memcpy (bad, good, TOTAL);
	memset (bad + PLAIN_LEN, 0, TAG_LEN);
	check_refused (_i, bad, TOTAL, CKR_ENCRYPTED_DATA_INVALID);
	aad[3] ^= 1;
	check_refused (_i, good, TOTAL, CKR_ENCRYPTED_DATA_INVALID);
	aad[3] ^= 1;
	nonce[3] ^= 1;
	check_refused (_i, good, TOTAL, CKR_ENCRYPTED_DATA_INVALID);
	nonce[3] ^= 1;
}
END_TEST

/* CCM knows how long it must be. */
START_TEST (test_aead__cut_or_longer)
{
	CK_BYTE data[TOTAL + 1] = { 0 };
	gboolean knows = mechanisms[_i].mechanism == CKM_AES_CCM;

	aead_setup (_i);
	encrypt (_i, data);
	for (CK_ULONG len = 0; len <= TOTAL + 1; len++)
		if (len != TOTAL)
			check_refused (_i, data, len,
			               knows || len < TAG_LEN ? CKR_ENCRYPTED_DATA_LEN_RANGE
			                                      : CKR_ENCRYPTED_DATA_INVALID);
}
END_TEST

/* Nothing but a tag: it is checked too. */
START_TEST (test_aead__no_data)
{
	CK_BYTE tag[TAG_LEN];
	CK_ULONG len = sizeof tag;

	aead_setup (_i);
	ccm.ulDataLen = 0;
	ck_ok (p11->C_EncryptInit (session, &mechanisms[_i], key));
	ck_ok (p11->C_Encrypt (session, NULL, 0, tag, &len));
	ck_assert_uint_eq (len, TAG_LEN);
	tag[0] ^= 1;
	check_refused (_i, tag, TAG_LEN, CKR_ENCRYPTED_DATA_INVALID);
	memset (tag, 0, sizeof tag);
	check_refused (_i, tag, TAG_LEN, CKR_ENCRYPTED_DATA_INVALID);
}
END_TEST

static void
check_init (int i, gboolean fits)
{
	CK_RV rv = fits ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;

	ck_rv (p11->C_EncryptInit (session, &mechanisms[i], key), rv);
	ck_rv (p11->C_DecryptInit (session, &mechanisms[i], key), rv);
	ck_ok (p11->C_EncryptInit (session, NULL, key));
	ck_ok (p11->C_DecryptInit (session, NULL, key));
}

START_TEST (test_aead__nonces_and_tags)
{
	for (CK_ULONG n = 0; n < 140; n++) {
		aead_setup (0);
		gcm.ulIvLen = n;
		check_init (0, n >= 1 && n <= 128);
		gcm.ulIvLen = 12;
		gcm.ulTagBits = n;
		check_init (0, n == 32 || n == 64 || (n >= 96 && n <= 128 && n % 8 == 0));
		aead_setup (1);
		ccm.ulNonceLen = n;
		check_init (1, n >= 7 && n <= 13);
		ccm.ulNonceLen = 12;
		ccm.ulMACLen = n;
		check_init (1, n >= 4 && n <= 16 && n % 2 == 0);
		aead_setup (2);
		chacha.ulNonceBits = n;
		check_init (2, n == 96);
	}
	aead_setup (1);
	ccm.ulNonceLen = 13;
	ccm.ulDataLen = 65535;
	check_init (1, TRUE);
	/* A nonce of 13 bytes leaves two for the length. */
	ccm.ulDataLen = 65536;
	check_init (1, FALSE);
	ccm.ulDataLen = ~0ul;
	check_init (1, FALSE);
}
END_TEST

START_TEST (test_aead__pointers_and_sizes)
{
	CK_MECHANISM *mechanism = &mechanisms[_i];
	CK_ULONG len = mechanism->ulParameterLen;
	void *param = mechanism->pParameter;

	aead_setup (_i);
	for (gsize i = 0; i < 3; i++) {
		mechanism->ulParameterLen = (CK_ULONG[]){ 0, len - 1, len + 8 }[i];
		ck_rv (p11->C_EncryptInit (session, mechanism, key), CKR_MECHANISM_PARAM_INVALID);
	}
	mechanism->ulParameterLen = len;
	mechanism->pParameter = NULL;
	ck_rv (p11->C_EncryptInit (session, mechanism, key), CKR_MECHANISM_PARAM_INVALID);
	mechanism->pParameter = param;
	gcm.pIv = ccm.nonce = chacha.pNonce = NULL;
	check_init (_i, FALSE);
	aead_setup (_i);
	gcm.pAAD = ccm.aad = chacha.pAAD = NULL;
	check_init (_i, FALSE);
	gcm.ulAADLen = ccm.ulAADLen = chacha.ulAADLen = 0;
	check_init (_i, TRUE);
}
END_TEST

/* CCM was told how much comes. */
START_TEST (test_ccm__other_length)
{
	CK_BYTE out[TOTAL + 8];

	aead_setup (1);
	for (CK_ULONG n = 0; n <= PLAIN_LEN + 1; n++) {
		CK_RV rv = n == PLAIN_LEN ? CKR_OK : CKR_DATA_LEN_RANGE, got;
		CK_ULONG len = sizeof out;

		ck_ok (p11->C_EncryptInit (session, &mechanisms[1], key));
		ck_rv (p11->C_Encrypt (session, text, n, out, &len), rv);
		ck_ok (p11->C_EncryptInit (session, &mechanisms[1], key));
		len = sizeof out;
		got = p11->C_EncryptUpdate (session, text, n, out, &len);
		len = sizeof out;
		if (got == CKR_OK)
			got = p11->C_EncryptFinal (session, out, &len);
		ck_rv (got, rv);
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-aead");
	TCase *tcase = tcase_create ("mech-aead");
	int n = (int) N (mechanisms), failed;
	SRunner *runner;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_loop_test (tcase, test_aead__changed, 0, n);
	tcase_add_loop_test (tcase, test_aead__cut_or_longer, 0, n);
	tcase_add_loop_test (tcase, test_aead__no_data, 0, n);
	tcase_add_test (tcase, test_aead__nonces_and_tags);
	tcase_add_loop_test (tcase, test_aead__pointers_and_sizes, 0, n);
	tcase_add_test (tcase, test_ccm__other_length);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
