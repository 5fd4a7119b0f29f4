/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every function of PKCS#11 3.2 by one table: what it answers before C_Initialize, to a session that
 * never was, to one that was closed, to a slot that is not there, and to a session with nothing
 * active when its arguments are missing. What else a function refuses is in the tests of its file.
 */
#include "config.h"

#include "token-fixture.h"

static CK_BYTE out[64];
static CK_ULONG len;
static CK_OBJECT_HANDLE object;
static CK_SESSION_INFO session_info;
static CK_MECHANISM bad_mechanism = { CKM_VENDOR_DEFINED | 0x12345, NULL, 0 };
static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
static CK_MECHANISM aes_gen = { CKM_AES_KEY_GEN, NULL, 0 };

/* X (row, function, answer of a session without anything, arguments behind the session). */
/* clang-format off */
#define SESSION_CALLS(X) \
	X (CloseSession, CloseSession, CKR_OK) \
	X (GetSessionInfo, GetSessionInfo, CKR_ARGUMENTS_BAD, NULL) \
	X (GetSessionInfo_2, GetSessionInfo, CKR_OK, &session_info) \
	X (InitPIN, InitPIN, CKR_USER_NOT_LOGGED_IN, out, 8) \
	X (SetPIN, SetPIN, CKR_USER_PIN_NOT_INITIALIZED, out, 8, out, 8) \
	X (GetOperationState, GetOperationState, CKR_ARGUMENTS_BAD, NULL, NULL) \
	X (GetOperationState_2, GetOperationState, CKR_OPERATION_NOT_INITIALIZED, NULL, &len) \
	X (SetOperationState, SetOperationState, CKR_ARGUMENTS_BAD, NULL, 32, 0, 0) \
	X (SetOperationState_2, SetOperationState, CKR_SAVED_STATE_INVALID, out, 32, 0, 0) \
	X (Login, Login, CKR_USER_TYPE_INVALID, 7, out, 8) \
	X (Login_2, Login, CKR_ARGUMENTS_BAD, CKU_USER, NULL, 0) \
	X (Login_3, Login, CKR_OPERATION_NOT_INITIALIZED, CKU_CONTEXT_SPECIFIC, out, 8) \
	X (Login_4, Login, CKR_USER_PIN_NOT_INITIALIZED, CKU_USER, out, 8) \
	X (LoginUser, LoginUser, CKR_USER_TYPE_INVALID, 7, out, 8, NULL, 0) \
	X (LoginUser_2, LoginUser, CKR_USER_TYPE_INVALID, CKU_USER, out, 8, out, 3) \
	X (Logout, Logout, CKR_USER_NOT_LOGGED_IN) \
	X (SessionCancel, SessionCancel, CKR_OK, ~(CK_FLAGS) 0) \
	X (CreateObject, CreateObject, CKR_ARGUMENTS_BAD, NULL, 0, NULL) \
	X (CreateObject_2, CreateObject, CKR_ARGUMENTS_BAD, NULL, 0, &object) \
	X (CopyObject, CopyObject, CKR_OBJECT_HANDLE_INVALID, 0, NULL, 0, &object) \
	X (DestroyObject, DestroyObject, CKR_OBJECT_HANDLE_INVALID, 0) \
	X (GetObjectSize, GetObjectSize, CKR_OBJECT_HANDLE_INVALID, 0, &len) \
	X (GetAttributeValue, GetAttributeValue, CKR_OBJECT_HANDLE_INVALID, 0, NULL, 0) \
	X (SetAttributeValue, SetAttributeValue, CKR_OBJECT_HANDLE_INVALID, 0, NULL, 0) \
	X (FindObjects, FindObjects, CKR_OPERATION_NOT_INITIALIZED, &object, 1, &len) \
	X (FindObjects_2, FindObjects, CKR_ARGUMENTS_BAD, &object, 1, NULL) \
	X (FindObjectsFinal, FindObjectsFinal, CKR_OPERATION_NOT_INITIALIZED) \
	X (FindObjectsInit, FindObjectsInit, CKR_ARGUMENTS_BAD, NULL, 1) \
	X (FindObjectsInit_2, FindObjectsInit, CKR_OK, NULL, 0) \
	X (EncryptInit, EncryptInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (EncryptInit_2, EncryptInit, CKR_OK, NULL, 0) \
	X (EncryptInit_3, EncryptInit, CKR_MECHANISM_INVALID, &sha256, 0) \
	X (Encrypt, Encrypt, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (EncryptUpdate, EncryptUpdate, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (EncryptFinal, EncryptFinal, CKR_OPERATION_NOT_INITIALIZED, out, &len) \
	X (DecryptInit, DecryptInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (Decrypt, Decrypt, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (DecryptUpdate, DecryptUpdate, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (DecryptFinal, DecryptFinal, CKR_OPERATION_NOT_INITIALIZED, out, &len) \
	X (DigestInit, DigestInit, CKR_MECHANISM_INVALID, &bad_mechanism) \
	X (DigestInit_2, DigestInit, CKR_OK, &sha256) \
	X (Digest, Digest, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (DigestUpdate, DigestUpdate, CKR_OPERATION_NOT_INITIALIZED, out, 1) \
	X (DigestKey, DigestKey, CKR_OPERATION_NOT_INITIALIZED, 0) \
	X (DigestFinal, DigestFinal, CKR_OPERATION_NOT_INITIALIZED, out, &len) \
	X (SignInit, SignInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (Sign, Sign, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (SignUpdate, SignUpdate, CKR_OPERATION_NOT_INITIALIZED, out, 1) \
	X (SignFinal, SignFinal, CKR_OPERATION_NOT_INITIALIZED, out, &len) \
	X (SignRecoverInit, SignRecoverInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (SignRecover, SignRecover, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (VerifyInit, VerifyInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (Verify, Verify, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, 1) \
	X (VerifyUpdate, VerifyUpdate, CKR_OPERATION_NOT_INITIALIZED, out, 1) \
	X (VerifyFinal, VerifyFinal, CKR_OPERATION_NOT_INITIALIZED, out, 1) \
	X (VerifyRecoverInit, VerifyRecoverInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (VerifyRecover, VerifyRecover, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (DigestEncryptUpdate, DigestEncryptUpdate, CKR_OPERATION_NOT_INITIALIZED, \
	   out, 1, out, &len) \
	X (DecryptDigestUpdate, DecryptDigestUpdate, CKR_OPERATION_NOT_INITIALIZED, \
	   out, 1, out, &len) \
	X (SignEncryptUpdate, SignEncryptUpdate, CKR_OPERATION_NOT_INITIALIZED, out, 1, out, &len) \
	X (DecryptVerifyUpdate, DecryptVerifyUpdate, CKR_OPERATION_NOT_INITIALIZED, \
	   out, 1, out, &len) \
	X (GenerateKey, GenerateKey, CKR_ARGUMENTS_BAD, NULL, NULL, 0, &object) \
	X (GenerateKey_2, GenerateKey, CKR_MECHANISM_INVALID, &bad_mechanism, NULL, 0, &object) \
	X (GenerateKey_3, GenerateKey, CKR_TEMPLATE_INCOMPLETE, &aes_gen, NULL, 0, &object) \
	X (GenerateKeyPair, GenerateKeyPair, CKR_ARGUMENTS_BAD, NULL, NULL, 0, NULL, \
	   0, &object, &object) \
	X (GenerateKeyPair_2, GenerateKeyPair, CKR_MECHANISM_INVALID, &aes_gen, \
	   NULL, 0, NULL, 0, &object, &object) \
	X (WrapKey, WrapKey, CKR_ARGUMENTS_BAD, NULL, 0, 0, NULL, &len) \
	X (WrapKey_2, WrapKey, CKR_MECHANISM_INVALID, &bad_mechanism, 0, 0, NULL, &len) \
	X (UnwrapKey, UnwrapKey, CKR_ARGUMENTS_BAD, NULL, 0, out, 1, NULL, 0, &object) \
	X (UnwrapKey_2, UnwrapKey, CKR_MECHANISM_INVALID, &bad_mechanism, 0, out, 1, \
	   NULL, 0, &object) \
	X (DeriveKey, DeriveKey, CKR_ARGUMENTS_BAD, NULL, 0, NULL, 0, &object) \
	X (DeriveKey_2, DeriveKey, CKR_MECHANISM_INVALID, &bad_mechanism, 0, NULL, 0, &object) \
	X (SeedRandom, SeedRandom, CKR_ARGUMENTS_BAD, NULL, 5) \
	X (GenerateRandom, GenerateRandom, CKR_OK, out, 5) \
	X (GenerateRandom_2, GenerateRandom, CKR_ARGUMENTS_BAD, NULL, 5) \
	X (GetFunctionStatus, GetFunctionStatus, CKR_FUNCTION_NOT_PARALLEL) \
	X (CancelFunction, CancelFunction, CKR_FUNCTION_NOT_PARALLEL) \
	X (MessageEncryptInit, MessageEncryptInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (EncryptMessage, EncryptMessage, CKR_OPERATION_NOT_INITIALIZED, NULL, 0, \
	   out, 1, out, 1, out, &len) \
	X (EncryptMessageBegin, EncryptMessageBegin, CKR_OPERATION_NOT_INITIALIZED, \
	   NULL, 0, out, 1) \
	X (EncryptMessageNext, EncryptMessageNext, CKR_OPERATION_NOT_INITIALIZED, \
	   NULL, 0, out, 1, out, &len, 0) \
	X (MessageEncryptFinal, MessageEncryptFinal, CKR_OPERATION_NOT_INITIALIZED) \
	X (MessageDecryptInit, MessageDecryptInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (DecryptMessage, DecryptMessage, CKR_OPERATION_NOT_INITIALIZED, NULL, 0, \
	   out, 1, out, 1, out, &len) \
	X (DecryptMessageBegin, DecryptMessageBegin, CKR_OPERATION_NOT_INITIALIZED, \
	   NULL, 0, out, 1) \
	X (DecryptMessageNext, DecryptMessageNext, CKR_OPERATION_NOT_INITIALIZED, \
	   NULL, 0, out, 1, out, &len, 0) \
	X (MessageDecryptFinal, MessageDecryptFinal, CKR_OPERATION_NOT_INITIALIZED) \
	X (MessageSignInit, MessageSignInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (SignMessage, SignMessage, CKR_OPERATION_NOT_INITIALIZED, NULL, 0, out, 1, out, &len) \
	X (SignMessageBegin, SignMessageBegin, CKR_OPERATION_NOT_INITIALIZED, NULL, 0) \
	X (SignMessageNext, SignMessageNext, CKR_OPERATION_NOT_INITIALIZED, NULL, 0, \
	   out, 1, out, &len) \
	X (MessageSignFinal, MessageSignFinal, CKR_OPERATION_NOT_INITIALIZED) \
	X (MessageVerifyInit, MessageVerifyInit, CKR_MECHANISM_INVALID, &bad_mechanism, 0) \
	X (VerifyMessage, VerifyMessage, CKR_OPERATION_NOT_INITIALIZED, NULL, 0, out, 1, out, 1) \
	X (VerifyMessageBegin, VerifyMessageBegin, CKR_OPERATION_NOT_INITIALIZED, NULL, 0) \
	X (VerifyMessageNext, VerifyMessageNext, CKR_OPERATION_NOT_INITIALIZED, \
	   NULL, 0, out, 1, out, 1) \
	X (MessageVerifyFinal, MessageVerifyFinal, CKR_OPERATION_NOT_INITIALIZED) \
	X (EncapsulateKey, EncapsulateKey, CKR_MECHANISM_INVALID, &bad_mechanism, 0, \
	   NULL, 0, out, &len, &object) \
	X (DecapsulateKey, DecapsulateKey, CKR_MECHANISM_INVALID, &bad_mechanism, 0, \
	   NULL, 0, out, 1, &object) \
	X (VerifySignatureInit, VerifySignatureInit, CKR_MECHANISM_INVALID, \
	   &bad_mechanism, 0, out, 1) \
	X (VerifySignature, VerifySignature, CKR_OPERATION_NOT_INITIALIZED, out, 1) \
	X (VerifySignatureUpdate, VerifySignatureUpdate, CKR_OPERATION_NOT_INITIALIZED, out, 1) \
	X (VerifySignatureFinal, VerifySignatureFinal, CKR_OPERATION_NOT_INITIALIZED) \
	X (GetSessionValidationFlags, GetSessionValidationFlags, CKR_OK, \
	   CKS_LAST_VALIDATION_OK, &len) \
	X (GetSessionValidationFlags_2, GetSessionValidationFlags, CKR_ARGUMENTS_BAD, 77, &len) \
	X (AsyncComplete, AsyncComplete, CKR_FUNCTION_NOT_SUPPORTED, (CK_BYTE *) "C_Sign", NULL) \
	X (AsyncGetID, AsyncGetID, CKR_FUNCTION_NOT_SUPPORTED, (CK_BYTE *) "C_Sign", &len) \
	X (AsyncJoin, AsyncJoin, CKR_FUNCTION_NOT_SUPPORTED, (CK_BYTE *) "C_Sign", 1, NULL, 0) \
	X (WrapKeyAuthenticated, WrapKeyAuthenticated, CKR_MECHANISM_INVALID, \
	   &bad_mechanism, 0, 0, NULL, 0, out, &len) \
	X (UnwrapKeyAuthenticated, UnwrapKeyAuthenticated, CKR_MECHANISM_INVALID, \
	   &bad_mechanism, 0, out, 1, NULL, 0, NULL, 0, &object)

/* X (row, function, answer, arguments). */
#define OTHER_CALLS(X) \
	X (GetInfo, GetInfo, CKR_ARGUMENTS_BAD, NULL) \
	X (GetSlotList, GetSlotList, CKR_ARGUMENTS_BAD, CK_TRUE, NULL, NULL) \
	X (GetSlotInfo, GetSlotInfo, CKR_SLOT_ID_INVALID, 77, (CK_SLOT_INFO *) room) \
	X (GetSlotInfo_2, GetSlotInfo, CKR_ARGUMENTS_BAD, slot, NULL) \
	X (GetTokenInfo, GetTokenInfo, CKR_SLOT_ID_INVALID, 77, (CK_TOKEN_INFO *) room) \
	X (GetTokenInfo_2, GetTokenInfo, CKR_ARGUMENTS_BAD, slot, NULL) \
	X (GetMechanismList, GetMechanismList, CKR_SLOT_ID_INVALID, 77, NULL, &len) \
	X (GetMechanismList_2, GetMechanismList, CKR_ARGUMENTS_BAD, slot, NULL, NULL) \
	X (GetMechanismInfo, GetMechanismInfo, CKR_SLOT_ID_INVALID, 77, CKM_SHA256, \
	   (CK_MECHANISM_INFO *) room) \
	X (GetMechanismInfo_2, GetMechanismInfo, CKR_MECHANISM_INVALID, slot, \
	   bad_mechanism.mechanism, (CK_MECHANISM_INFO *) room) \
	X (InitToken, InitToken, CKR_SLOT_ID_INVALID, 77, out, 8, out) \
	X (OpenSession, OpenSession, CKR_SLOT_ID_INVALID, 77, CKF_SERIAL_SESSION, \
	   NULL, NULL, &object) \
	X (OpenSession_2, OpenSession, CKR_SESSION_PARALLEL_NOT_SUPPORTED, slot, 0, \
	   NULL, NULL, &object) \
	X (OpenSession_3, OpenSession, CKR_ARGUMENTS_BAD, slot, CKF_SERIAL_SESSION, \
	   NULL, NULL, NULL) \
	X (OpenSession_4, OpenSession, CKR_SESSION_ASYNC_NOT_SUPPORTED, slot, \
	   CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, NULL, NULL, &object) \
	X (CloseAllSessions, CloseAllSessions, CKR_SLOT_ID_INVALID, 77) \
	X (WaitForSlotEvent, WaitForSlotEvent, CKR_NO_EVENT, CKF_DONT_BLOCK, &object, NULL) \
	X (WaitForSlotEvent_2, WaitForSlotEvent, CKR_ARGUMENTS_BAD, CKF_DONT_BLOCK, &object, room)
/* clang-format on */

static CK_ULONG room[128];
static CK_SLOT_ID slot;

#define SESSION_THUNK(row, function, rv, ...)                                     \
	static CK_RV call_##row (CK_SESSION_HANDLE handle)                        \
	{                                                                         \
		return p11->C_##function (handle __VA_OPT__ (, ) __VA_ARGS__);    \
	}
SESSION_CALLS (SESSION_THUNK)

#define OTHER_THUNK(row, function, rv, ...)              \
	static CK_RV other_##row (void)                  \
	{                                                \
		return p11->C_##function (__VA_ARGS__);  \
	}
OTHER_CALLS (OTHER_THUNK)

#define SESSION_ROW(row, function, rv, ...) { #row, #function, call_##row, rv },
static const struct {
	const char *name, *function;
	CK_RV (*call) (CK_SESSION_HANDLE handle);
	CK_RV rv;
} sessions[] = { SESSION_CALLS (SESSION_ROW) };

#define OTHER_ROW(row, function, rv, ...) { #row, #function, other_##row, rv },
static const struct {
	const char *name, *function;
	CK_RV (*call) (void);
	CK_RV rv;
} others[] = { OTHER_CALLS (OTHER_ROW) };

static void
reset (void)
{
	memset (out, 'x', sizeof out);
	len = sizeof out;
}

#define expect(row, got, wanted)                                                                \
	do {                                                                                    \
		CK_RV was = got;                                                                \
		ck_assert_msg (was == (wanted), "%s: %#lx, not %#lx", (row).name, was, wanted); \
	} while (0)

/* Initialize, Finalize, and the three that find the functions are used everywhere. */
START_TEST (test_conformance__all_functions)
{
	g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);

	for (gsize i = 0; i < N (sessions); i++)
		g_hash_table_add (names, (gpointer) sessions[i].function);
	for (gsize i = 0; i < N (others); i++)
		g_hash_table_add (names, (gpointer) others[i].function);
	ck_assert_uint_eq (g_hash_table_size (names) + 5, 104);
}
END_TEST

START_TEST (test_conformance__nothing_active)
{
	CK_SESSION_HANDLE handle;

	ck_ok (p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &handle));
	reset ();
	expect (sessions[_i], sessions[_i].call (handle), sessions[_i].rv);
	(void) p11->C_CloseSession (handle);
	/* It is not there any more, and one that never was is no other. */
	reset ();
	expect (sessions[_i], sessions[_i].call (handle), CKR_SESSION_HANDLE_INVALID);
	expect (sessions[_i], sessions[_i].call (CK_INVALID_HANDLE), CKR_SESSION_HANDLE_INVALID);
	expect (sessions[_i], sessions[_i].call (~(CK_ULONG) 0 >> 1), CKR_SESSION_HANDLE_INVALID);
}
END_TEST

START_TEST (test_conformance__without_session)
{
	reset ();
	expect (others[_i], others[_i].call (), others[_i].rv);
}
END_TEST

START_TEST (test_conformance__not_initialized)
{
	ck_ok (p11->C_Finalize (NULL));
	reset ();
	for (gsize i = 0; i < N (sessions); i++)
		expect (sessions[i], sessions[i].call (1), CKR_CRYPTOKI_NOT_INITIALIZED);
	for (gsize i = 0; i < N (others); i++)
		expect (others[i], others[i].call (), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_Finalize (NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_ok (p11->C_Initialize (NULL));
	ck_rv (p11->C_Initialize (NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	ck_rv (p11->C_Finalize (out), CKR_ARGUMENTS_BAD);
}
END_TEST

/* What may not be written to: a read-only session. */
START_TEST (test_conformance__read_only)
{
	static const CK_OBJECT_CLASS class = CKO_DATA;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_TOKEN, yes),
		                    ATTR (CKA_PRIVATE, no) };
	CK_SESSION_HANDLE handle;

	ck_ok (p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &handle));
	ck_rv (p11->C_CreateObject (handle, template, 3, &object), CKR_SESSION_READ_ONLY);
	ck_rv (p11->C_InitPIN (handle, out, 8), CKR_USER_NOT_LOGGED_IN);
	ck_rv (p11->C_SetPIN (handle, out, 8, out, 8), CKR_SESSION_READ_ONLY);
	ck_rv (p11->C_Login (handle, CKU_SO, out, 8), CKR_SESSION_READ_ONLY_EXISTS);
	template[1].pValue = (void *) &no;
	template[2].pValue = (void *) &yes;
	ck_rv (p11->C_CreateObject (handle, template, 3, &object), CKR_USER_NOT_LOGGED_IN);
	ck_rv (p11->C_InitToken (slot, out, 8, out), CKR_SESSION_EXISTS);
	ck_ok (p11->C_CloseSession (handle));
}
END_TEST

static void
find_slot (void)
{
	CK_ULONG n = 1;

	token_setup ();
	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n));
}

int
main (void)
{
	Suite *suite = suite_create ("conformance");
	TCase *tcase = tcase_create ("conformance");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 60);
	tcase_add_unchecked_fixture (tcase, find_slot, token_teardown);
	tcase_add_test (tcase, test_conformance__all_functions);
	tcase_add_loop_test (tcase, test_conformance__nothing_active, 0, N (sessions));
	tcase_add_loop_test (tcase, test_conformance__without_session, 0, N (others));
	tcase_add_test (tcase, test_conformance__read_only);
	tcase_add_test (tcase, test_conformance__not_initialized);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? 0 : 1;
}
