/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Saved states of operations: what can be saved, where it can go on, and what is no state.
 */
#include "config.h"

#include "token-fixture.h"

/* FIPS 180-2, appendix B.2 */
static CK_BYTE text[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
static const char digest_hex[] = "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1";

static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 }, hmac = { CKM_SHA256_HMAC, NULL, 0 };

static CK_SESSION_HANDLE
another_session (void)
{
	CK_SESSION_HANDLE other;
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n));
	ck_ok (p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &other));
	return other;
}

static void
check_rest (CK_SESSION_HANDLE where, CK_ULONG from)
{
	g_autoptr (GByteArray) expected = unhex (digest_hex);
	CK_BYTE digest[32];
	CK_ULONG len = sizeof digest;

	ck_ok (p11->C_DigestUpdate (where, text + from, sizeof text - 1 - from));
	ck_ok (p11->C_DigestFinal (where, digest, &len));
	ck_assert_mem_eq (digest, expected->data, 32);
}

START_TEST (test_state__restored)
{
	CK_SESSION_HANDLE other = another_session ();
	CK_BYTE state[256];
	CK_ULONG len, state_len = sizeof state;

	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_DigestUpdate (session, text, 20));
	ck_ok (p11->C_GetOperationState (session, NULL, &len));
	ck_assert_uint_le (len, sizeof state);
	state_len = len - 1;
	ck_rv (p11->C_GetOperationState (session, state, &state_len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (state_len, len);
	ck_ok (p11->C_GetOperationState (session, state, &state_len));
	/* The session goes on as if nothing had been asked. */
	check_rest (session, 20);
	/* As often as one likes, here and elsewhere, over what is active there. */
	for (int i = 0; i < 2; i++) {
		ck_ok (p11->C_DigestInit (other, &sha256));
		ck_ok (p11->C_DigestUpdate (other, text, 7));
		ck_ok (p11->C_SetOperationState (other, state, state_len, 0, 0));
		check_rest (other, 20);
		ck_ok (p11->C_SetOperationState (session, state, state_len, 0, 0));
		check_rest (session, 20);
	}
	/* An update was made before it was saved. */
	ck_ok (p11->C_SetOperationState (session, state, state_len, 0, 0));
	len = sizeof state;
	ck_rv (p11->C_Digest (session, text, 1, state, &len), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_CloseSession (other));
}
END_TEST

START_TEST (test_state__invalid)
{
	static const CK_BYTE bytes[16] = { 1 };
	CK_OBJECT_HANDLE key = make_secret (CKK_AES, bytes, 16, NULL, 0);
	CK_BYTE state[256], copy[256];
	CK_ULONG len = sizeof state;

	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_GetOperationState (session, state, &len));
	for (CK_ULONG i = 0; i < len; i++) {
		memcpy (copy, state, len);
		copy[i] ^= 0x40;
		ck_rv (p11->C_SetOperationState (session, copy, len, 0, 0),
		       CKR_SAVED_STATE_INVALID);
	}
	for (CK_ULONG i = 0; i < len; i++)
		ck_rv (p11->C_SetOperationState (session, state, i, 0, 0), CKR_SAVED_STATE_INVALID);
	ck_rv (p11->C_SetOperationState (session, state, len + 1, 0, 0), CKR_SAVED_STATE_INVALID);
	ck_rv (p11->C_SetOperationState (session, NULL, len, 0, 0), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_SetOperationState (session, state, len, key, 0), CKR_KEY_NOT_NEEDED);
	ck_rv (p11->C_SetOperationState (session, state, len, 0, key), CKR_KEY_NOT_NEEDED);
	/* None of that has touched what was active. */
	check_rest (session, 0);
}
END_TEST

START_TEST (test_state__unsaveable)
{
	static const CK_BYTE bytes[16] = { 1 };
	CK_OBJECT_HANDLE key = make_secret (CKK_GENERIC_SECRET, bytes, 16, NULL, 0);
	CK_BYTE state[256];
	CK_ULONG len = sizeof state;

	ck_rv (p11->C_GetOperationState (session, state, NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GetOperationState (session, state, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_SignInit (session, &hmac, key));
	ck_rv (p11->C_GetOperationState (session, state, &len), CKR_STATE_UNSAVEABLE);
	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_rv (p11->C_GetOperationState (session, state, &len), CKR_STATE_UNSAVEABLE);
	ck_ok (p11->C_SessionCancel (session, CKF_SIGN));
	ck_ok (p11->C_GetOperationState (session, state, &len));
	/* A restored state ends what else there is. */
	ck_ok (p11->C_SignInit (session, &hmac, key));
	ck_ok (p11->C_SetOperationState (session, state, len, 0, 0));
	ck_rv (p11->C_SignUpdate (session, text, 1), CKR_OPERATION_NOT_INITIALIZED);
	check_rest (session, 0);
}
END_TEST

/* Old ones make room; C_Finalize forgets all. */
START_TEST (test_state__forgotten)
{
	CK_BYTE first[256], state[256];
	CK_ULONG len = sizeof first;

	ck_ok (p11->C_DigestInit (session, &sha256));
	ck_ok (p11->C_GetOperationState (session, first, &len));
	for (int i = 0; i < 255; i++)
		ck_ok (p11->C_GetOperationState (session, state, &len));
	ck_ok (p11->C_SetOperationState (session, first, len, 0, 0));
	ck_ok (p11->C_GetOperationState (session, state, &len));
	ck_rv (p11->C_SetOperationState (session, first, len, 0, 0), CKR_SAVED_STATE_INVALID);
	ck_ok (p11->C_SetOperationState (session, state, len, 0, 0));
	ck_ok (p11->C_Finalize (NULL));
	ck_ok (p11->C_Initialize (NULL));
	session_setup ();
	ck_rv (p11->C_SetOperationState (session, state, len, 0, 0), CKR_SAVED_STATE_INVALID);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("state");
	TCase *tcase = tcase_create ("state");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 60);
	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_add_test (tcase, test_state__restored);
	tcase_add_test (tcase, test_state__invalid);
	tcase_add_test (tcase, test_state__unsaveable);
	tcase_add_test (tcase, test_state__forgotten);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? 0 : 1;
}
