/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What ends a message, and what the process of many: PKCS#11 3.2, the message-based functions. An error, a wrong tag and a wrong
 * signature among them, ends the message that it befell.
 */
#include "config.h"

#include "endings.h"

/* --- messages: what ends one, and what the process of many --- */

CALL (seal_query, 0, C_EncryptMessage (session, MESSAGE, NULL, 0, text, 64, NULL, &len))
CALL (seal_short, 63, C_EncryptMessage (session, MESSAGE, NULL, 0, text, 64, out, &len))
CALL (seal_once, 64, C_EncryptMessage (session, MESSAGE, NULL, 0, text, 64, out, &len))
CALL (seal_no_len, 64, C_EncryptMessage (session, MESSAGE, NULL, 0, text, 64, out, NULL))
CALL (seal_no_param, 64, C_EncryptMessage (session, NULL, 0, NULL, 0, text, 64, out, &len))
CALL (seal_begin, 0, C_EncryptMessageBegin (session, MESSAGE, NULL, 0))
CALL (seal_begin_no_param, 0, C_EncryptMessageBegin (session, NULL, 0, NULL, 0))
CALL (seal_next_query, 0, C_EncryptMessageNext (session, MESSAGE, text, 64, NULL, &len, 0))
CALL (seal_next_short, 63, C_EncryptMessageNext (session, MESSAGE, text, 64, out, &len, 0))
CALL (seal_next, 64, C_EncryptMessageNext (session, MESSAGE, text, 64, out, &len, 0))
CALL (seal_next_no_len, 64, C_EncryptMessageNext (session, MESSAGE, text, 64, out, NULL, 0))
CALL (seal_next_no_data, 64, C_EncryptMessageNext (session, MESSAGE, NULL, 64, out, &len, 0))
CALL (seal_last_query, 0, C_EncryptMessageNext (session, MESSAGE, text, 64, NULL, &len, CKF_END_OF_MESSAGE))
CALL (seal_last_short, 63, C_EncryptMessageNext (session, MESSAGE, text, 64, out, &len, CKF_END_OF_MESSAGE))
CALL (seal_last, 64, C_EncryptMessageNext (session, MESSAGE, text, 64, out, &len, CKF_END_OF_MESSAGE))
CALL (seal_final, 0, C_MessageEncryptFinal (session))

CALL (open_query, 0, C_DecryptMessage (session, MESSAGE, NULL, 0, sealed, 64, NULL, &len))
CALL (open_short, 63, C_DecryptMessage (session, MESSAGE, NULL, 0, sealed, 64, out, &len))
CALL (open_once, 64, C_DecryptMessage (session, MESSAGE, NULL, 0, sealed, 64, out, &len))
CALL (open_cut, 64, C_DecryptMessage (session, MESSAGE, NULL, 0, sealed, 63, out, &len))
CALL (open_no_len, 64, C_DecryptMessage (session, MESSAGE, NULL, 0, sealed, 64, out, NULL))
CALL (open_begin, 0, C_DecryptMessageBegin (session, MESSAGE, NULL, 0))
CALL (open_next_query, 0, C_DecryptMessageNext (session, MESSAGE, sealed, 64, NULL, &len, 0))
CALL (open_next_short, 63, C_DecryptMessageNext (session, MESSAGE, sealed, 64, out, &len, 0))
CALL (open_next, 64, C_DecryptMessageNext (session, MESSAGE, sealed, 64, out, &len, 0))
CALL (open_last_query, 0, C_DecryptMessageNext (session, MESSAGE, sealed, 64, NULL, &len, CKF_END_OF_MESSAGE))
CALL (open_last_short, 63, C_DecryptMessageNext (session, MESSAGE, sealed, 64, out, &len, CKF_END_OF_MESSAGE))
CALL (open_last, 64, C_DecryptMessageNext (session, MESSAGE, sealed, 64, out, &len, CKF_END_OF_MESSAGE))
CALL (open_last_cut, 64, C_DecryptMessageNext (session, MESSAGE, sealed, 63, out, &len, CKF_END_OF_MESSAGE))
CALL (open_final, 0, C_MessageDecryptFinal (session))

CALL (mark_query, 0, C_SignMessage (session, NULL, 0, text, 64, NULL, &len))
CALL (mark_short, 31, C_SignMessage (session, NULL, 0, text, 64, out, &len))
CALL (mark_once, 32, C_SignMessage (session, NULL, 0, text, 64, out, &len))
CALL (mark_no_len, 32, C_SignMessage (session, NULL, 0, text, 64, out, NULL))
CALL (mark_begin, 0, C_SignMessageBegin (session, NULL, 0))
CALL (mark_next, 0, C_SignMessageNext (session, NULL, 0, text, 64, NULL, NULL))
CALL (mark_next_no_data, 0, C_SignMessageNext (session, NULL, 0, NULL, 64, NULL, NULL))
CALL (mark_last_query, 0, C_SignMessageNext (session, NULL, 0, text, 64, NULL, &len))
CALL (mark_last_short, 31, C_SignMessageNext (session, NULL, 0, text, 64, out, &len))
CALL (mark_last, 32, C_SignMessageNext (session, NULL, 0, text, 64, out, &len))
CALL (mark_final, 0, C_MessageSignFinal (session))

CALL (check_once, 0, C_VerifyMessage (session, NULL, 0, text, 64, code, 32))
CALL (check_changed, 0, C_VerifyMessage (session, NULL, 0, text, 63, code, 32))
CALL (check_begin, 0, C_VerifyMessageBegin (session, NULL, 0))
CALL (check_next, 0, C_VerifyMessageNext (session, NULL, 0, text, 64, NULL, 0))
CALL (check_next_no_data, 0, C_VerifyMessageNext (session, NULL, 0, NULL, 64, NULL, 0))
CALL (check_last, 0, C_VerifyMessageNext (session, NULL, 0, text, 64, code, 32))
CALL (check_last_changed, 0, C_VerifyMessageNext (session, NULL, 0, text, 63, code, 32))
CALL (check_last_cut, 0, C_VerifyMessageNext (session, NULL, 0, text, 64, code, 31))
CALL (check_final, 0, C_MessageVerifyFinal (session))

/* Here .active is that of a message in parts: the process goes on after each of them. */
static const Row message_rows[] = {
	{ MESSAGE_ENCRYPT, NULL, seal_query, CKR_OK, FALSE },
	{ MESSAGE_ENCRYPT, NULL, seal_short, CKR_BUFFER_TOO_SMALL, FALSE },
	{ MESSAGE_ENCRYPT, NULL, seal_once, CKR_OK, FALSE },
	{ MESSAGE_ENCRYPT, NULL, seal_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ MESSAGE_ENCRYPT, NULL, seal_no_param, CKR_MECHANISM_PARAM_INVALID, FALSE },
	{ MESSAGE_ENCRYPT, NULL, seal_begin, CKR_OK, TRUE },
	{ MESSAGE_ENCRYPT, NULL, seal_begin_no_param, CKR_MECHANISM_PARAM_INVALID, FALSE },
	{ MESSAGE_ENCRYPT, NULL, seal_next, CKR_OPERATION_NOT_INITIALIZED, FALSE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_once, CKR_OPERATION_ACTIVE, TRUE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_next_query, CKR_OK, TRUE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_next_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_next, CKR_OK, TRUE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_next_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_next_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_last_query, CKR_OK, TRUE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_last_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ MESSAGE_ENCRYPT, seal_begin, seal_last, CKR_OK, FALSE },
	{ MESSAGE_DECRYPT, NULL, open_query, CKR_OK, FALSE },
	{ MESSAGE_DECRYPT, NULL, open_short, CKR_BUFFER_TOO_SMALL, FALSE },
	{ MESSAGE_DECRYPT, NULL, open_once, CKR_OK, FALSE },
	{ MESSAGE_DECRYPT, NULL, open_cut, CKR_AEAD_DECRYPT_FAILED, FALSE },
	{ MESSAGE_DECRYPT, NULL, open_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ MESSAGE_DECRYPT, NULL, open_begin, CKR_OK, TRUE },
	{ MESSAGE_DECRYPT, open_begin, open_once, CKR_OPERATION_ACTIVE, TRUE },
	{ MESSAGE_DECRYPT, open_begin, open_next_query, CKR_OK, TRUE },
	{ MESSAGE_DECRYPT, open_begin, open_next_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ MESSAGE_DECRYPT, open_begin, open_next, CKR_OK, TRUE },
	{ MESSAGE_DECRYPT, open_begin, open_last_query, CKR_OK, TRUE },
	{ MESSAGE_DECRYPT, open_begin, open_last_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ MESSAGE_DECRYPT, open_begin, open_last, CKR_OK, FALSE },
	{ MESSAGE_DECRYPT, open_begin, open_last_cut, CKR_AEAD_DECRYPT_FAILED, FALSE },
	{ MESSAGE_SIGN, NULL, mark_query, CKR_OK, FALSE },
	{ MESSAGE_SIGN, NULL, mark_short, CKR_BUFFER_TOO_SMALL, FALSE },
	{ MESSAGE_SIGN, NULL, mark_once, CKR_OK, FALSE },
	{ MESSAGE_SIGN, NULL, mark_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ MESSAGE_SIGN, NULL, mark_begin, CKR_OK, TRUE },
	{ MESSAGE_SIGN, NULL, mark_next, CKR_OPERATION_NOT_INITIALIZED, FALSE },
	{ MESSAGE_SIGN, mark_begin, mark_once, CKR_OPERATION_ACTIVE, TRUE },
	{ MESSAGE_SIGN, mark_begin, mark_next, CKR_OK, TRUE },
	{ MESSAGE_SIGN, mark_begin, mark_next_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ MESSAGE_SIGN, mark_begin, mark_last_query, CKR_OK, TRUE },
	{ MESSAGE_SIGN, mark_begin, mark_last_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ MESSAGE_SIGN, mark_begin, mark_last, CKR_OK, FALSE },
	{ MESSAGE_VERIFY, NULL, check_once, CKR_OK, FALSE },
	{ MESSAGE_VERIFY, NULL, check_changed, CKR_SIGNATURE_INVALID, FALSE },
	{ MESSAGE_VERIFY, NULL, check_begin, CKR_OK, TRUE },
	{ MESSAGE_VERIFY, NULL, check_next, CKR_OPERATION_NOT_INITIALIZED, FALSE },
	{ MESSAGE_VERIFY, check_begin, check_once, CKR_OPERATION_ACTIVE, TRUE },
	{ MESSAGE_VERIFY, check_begin, check_next, CKR_OK, TRUE },
	{ MESSAGE_VERIFY, check_begin, check_next_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ MESSAGE_VERIFY, check_begin, check_last, CKR_OK, FALSE },
	{ MESSAGE_VERIFY, check_begin, check_last_changed, CKR_SIGNATURE_INVALID, FALSE },
	{ MESSAGE_VERIFY, check_begin, check_last_cut, CKR_SIGNATURE_LEN_RANGE, FALSE },
};

static CK_RV (*const begins[N_KINDS]) (void) = {
	[MESSAGE_ENCRYPT] = seal_begin,
	[MESSAGE_DECRYPT] = open_begin,
	[MESSAGE_SIGN] = mark_begin,
	[MESSAGE_VERIFY] = check_begin,
};

static CK_RV (*const finals[N_KINDS]) (void) = {
	[MESSAGE_ENCRYPT] = seal_final,
	[MESSAGE_DECRYPT] = open_final,
	[MESSAGE_SIGN] = mark_final,
	[MESSAGE_VERIFY] = check_final,
};

START_TEST (test_messages__end_or_not)
{
	const Row *row = &message_rows[_i];

	memcpy (tag, seal, sizeof tag);
	ck_ok (begin (row->kind));
	call_before (row);
	ck_rv (row->call (), row->rv);
	ck_assert (is_active (row->kind));
	/* Another Begin is refused, or begins the message of which Final makes an end. */
	ck_rv (begins[row->kind](), row->active ? CKR_OPERATION_ACTIVE : CKR_OK);
	ck_ok (finals[row->kind]());
	ck_assert (!is_active (row->kind));
	ck_rv (finals[row->kind](), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (row->call (), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

int
main (void)
{
	TCase *tcase = make_case ();

	tcase_add_loop_test (tcase, test_messages__end_or_not, 0, (int) N (message_rows));
	return run (tcase);
}
