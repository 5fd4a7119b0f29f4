/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What ends an operation: a row for each call and each way in which it can go, and whether the operation is active afterwards. The
 * rows follow PKCS#11 3.2, section 5, function by function; where the standard leaves it open (C_Logout, C_DestroyObject,
 * C_DigestKey, an error of C_FindObjects) it is said.
 */
#include "config.h"

#include "endings.h"

/* --- what all kinds have in common --- */

START_TEST (test_every__second_init)
{
	Kind kind = (Kind) _i;

	ck_ok (begin (kind));
	ck_rv (begin (kind), CKR_OPERATION_ACTIVE);
	ck_assert (is_active (kind));
	if (kind != FIND && kind != DIGEST)
		ck_rv (init (kind, usual_mechanism (kind), CK_INVALID_HANDLE), CKR_OPERATION_ACTIVE);
	ck_assert (is_active (kind));
	ck_ok (p11->C_SessionCancel (session, flags[kind]));
	ck_assert (!is_active (kind));
}
END_TEST

/* PKCS#11 3.0, C_EncryptInit: a NULL mechanism ends what is active. */
START_TEST (test_every__null_mechanism)
{
	Kind kind = (Kind) _i;

	ck_ok (begin (kind));
	ck_ok (init (kind, NULL, CK_INVALID_HANDLE));
	ck_assert (!is_active (kind));
	ck_ok (init (kind, NULL, CK_INVALID_HANDLE));
	ck_assert (!is_active (kind));
}
END_TEST

START_TEST (test_every__failed_init)
{
	Kind kind = (Kind) _i;
	CK_OBJECT_HANDLE wrong = usual_mechanism (kind) == &rsa ? aes : rsa_public;

	ck_rv (init (kind, &unknown, usual_key (kind)), CKR_MECHANISM_INVALID);
	ck_assert (!is_active (kind));
	if (kind == DIGEST)
		return;
	ck_rv (init (kind, usual_mechanism (kind), CK_INVALID_HANDLE), CKR_KEY_HANDLE_INVALID);
	ck_assert (!is_active (kind));
	ck_rv (init (kind, usual_mechanism (kind), wrong), CKR_KEY_TYPE_INCONSISTENT);
	ck_assert (!is_active (kind));
}
END_TEST

/* C_SessionCancel ends what its flags name, whatever else is active, and is no error where nothing is. */
START_TEST (test_every__session_cancel)
{
	Kind kind = (Kind) _i;

	for (Kind other = 0; other < N_KINDS; other++)
		if (flags[other] != flags[kind])
			(void) begin (other);
	ck_ok (begin (kind));
	ck_ok (p11->C_SessionCancel (session, 0));
	ck_ok (p11->C_SessionCancel (session, flags[kind]));
	ck_assert (!is_active (kind));
	for (Kind other = 0; other < N_KINDS; other++)
		ck_assert (flags[other] == flags[kind] || is_active (other));
	ck_ok (begin (kind));
	ck_ok (p11->C_SessionCancel (session, ALL_FLAGS & ~flags[kind]));
	for (Kind other = 0; other < N_KINDS; other++)
		ck_assert_int_eq (is_active (other), flags[other] == flags[kind]);
	ck_ok (p11->C_SessionCancel (session, ALL_FLAGS));
	ck_ok (p11->C_SessionCancel (session, ALL_FLAGS));
	ck_assert (!is_active (kind));
}
END_TEST

/* Operations of one session are nothing to another one, nor is its end. */
START_TEST (test_every__other_session)
{
	CK_SESSION_HANDLE first = session;
	Kind kind = (Kind) _i;

	ck_ok (begin (kind));
	session_setup ();
	ck_assert (!is_active (kind));
	ck_ok (begin (kind));
	session_teardown ();
	session = first;
	ck_assert (is_active (kind));
	ck_ok (p11->C_SessionCancel (session, flags[kind]));
}
END_TEST

/* The calls that use an operation up, as they succeed with it. */
static CK_RV
finish (Kind kind)
{
	len = sizeof out;
	memcpy (tag, seal, sizeof tag);
	switch (kind) {
	case ENCRYPT:
		return p11->C_Encrypt (session, text, 64, out, &len);
	case DECRYPT:
		return p11->C_Decrypt (session, padded, 80, out, &len);
	case SIGN:
		return p11->C_Sign (session, text, 64, out, &len);
	case VERIFY:
		return p11->C_Verify (session, text, 64, code, 32);
	case VERIFY_SIGNATURE:
		return p11->C_VerifySignature (session, text, 64);
	case MESSAGE_ENCRYPT:
		return p11->C_EncryptMessage (session, MESSAGE, NULL, 0, text, 64, out, &len);
	case MESSAGE_DECRYPT:
		return p11->C_DecryptMessage (session, MESSAGE, NULL, 0, sealed, 64, out, &len);
	case MESSAGE_SIGN:
		return p11->C_SignMessage (session, NULL, 0, text, 64, out, &len);
	case MESSAGE_VERIFY:
		return p11->C_VerifyMessage (session, NULL, 0, text, 64, code, 32);
	default:
		return CKR_GENERAL_ERROR;
	}
}

static gboolean
has_secret_key (Kind kind)
{
	return kind != FIND && kind != DIGEST && usual_mechanism (kind) != &rsa;
}

/* The standard leaves it open. The operation has what it needs and goes on. */
START_TEST (test_every__key_destroyed)
{
	Kind kind = (Kind) _i;
	CK_OBJECT_HANDLE key;

	if (!has_secret_key (kind))
		return;
	key = other_key (kind, &no);
	ck_ok (init (kind, usual_mechanism (kind), key));
	ck_ok (p11->C_DestroyObject (session, key));
	ck_assert (is_active (kind));
	ck_ok (finish (kind));
	ck_ok (p11->C_SessionCancel (session, flags[kind]));
	ck_rv (init (kind, usual_mechanism (kind), key), CKR_KEY_HANDLE_INVALID);
}
END_TEST

/* PKCS#11 3.2, C_Logout, C_Login: active operations may go on or not. With a private key they do not. */
START_TEST (test_every__logout)
{
	CK_UTF8CHAR pin[] = "user-pin";
	Kind kind = (Kind) _i;
	CK_OBJECT_HANDLE key;

	if (!has_secret_key (kind))
		return;
	ck_ok (p11->C_Login (session, CKU_USER, pin, sizeof pin - 1));
	key = other_key (kind, &yes);
	ck_ok (init (kind, usual_mechanism (kind), key));
	ck_ok (p11->C_Logout (session));
	ck_assert (!is_active (kind));
	ck_rv (finish (kind), CKR_OPERATION_NOT_INITIALIZED);
	/* And one with a public key does, through login and logout. */
	ck_ok (begin (kind));
	ck_ok (p11->C_Login (session, CKU_USER, pin, sizeof pin - 1));
	ck_assert (is_active (kind));
	ck_ok (p11->C_Logout (session));
	ck_ok (finish (kind));
	ck_ok (p11->C_SessionCancel (session, flags[kind]));
}
END_TEST

/* --- one call after the other --- */

CALL (encrypt_query, 0, C_Encrypt (session, text, 64, NULL, &len))
CALL (encrypt_short, 63, C_Encrypt (session, text, 64, out, &len))
CALL (encrypt, 64, C_Encrypt (session, text, 64, out, &len))
CALL (encrypt_odd, 64, C_Encrypt (session, text, 63, out, &len))
CALL (encrypt_no_len, 64, C_Encrypt (session, text, 64, out, NULL))
CALL (encrypt_no_data, 64, C_Encrypt (session, NULL, 64, out, &len))
CALL (encrypt_update_query, 0, C_EncryptUpdate (session, text, 64, NULL, &len))
CALL (encrypt_update_short, 63, C_EncryptUpdate (session, text, 64, out, &len))
CALL (encrypt_update, 64, C_EncryptUpdate (session, text, 64, out, &len))
CALL (encrypt_update_odd, 64, C_EncryptUpdate (session, text, 63, out, &len))
CALL (encrypt_update_no_len, 64, C_EncryptUpdate (session, text, 64, out, NULL))
CALL (encrypt_update_no_data, 64, C_EncryptUpdate (session, NULL, 64, out, &len))
CALL (encrypt_final_query, 0, C_EncryptFinal (session, NULL, &len))
CALL (encrypt_final, 64, C_EncryptFinal (session, out, &len))
CALL (encrypt_final_no_len, 64, C_EncryptFinal (session, out, NULL))

CALL (decrypt_query, 0, C_Decrypt (session, padded, 80, NULL, &len))
CALL (decrypt_short, 63, C_Decrypt (session, padded, 80, out, &len))
CALL (decrypt, 64, C_Decrypt (session, padded, 80, out, &len))
CALL (decrypt_odd, 80, C_Decrypt (session, padded, 79, out, &len))
CALL (decrypt_changed, 80, C_Decrypt (session, padded, 64, out, &len))
CALL (decrypt_no_len, 80, C_Decrypt (session, padded, 80, out, NULL))
CALL (decrypt_no_data, 80, C_Decrypt (session, NULL, 80, out, &len))
CALL (decrypt_update_query, 0, C_DecryptUpdate (session, padded, 80, NULL, &len))
CALL (decrypt_update_short, 1, C_DecryptUpdate (session, padded, 80, out, &len))
CALL (decrypt_update, 80, C_DecryptUpdate (session, padded, 80, out, &len))
CALL (decrypt_update_cut, 80, C_DecryptUpdate (session, padded, 64, out, &len))
CALL (decrypt_update_no_len, 80, C_DecryptUpdate (session, padded, 80, out, NULL))
CALL (decrypt_final_query, 0, C_DecryptFinal (session, NULL, &len))
CALL (decrypt_final_short, 0, C_DecryptFinal (session, out, &len))
CALL (decrypt_final, 80, C_DecryptFinal (session, out, &len))
CALL (decrypt_final_no_len, 80, C_DecryptFinal (session, out, NULL))

CALL (digest_query, 0, C_Digest (session, text, 64, NULL, &len))
CALL (digest_short, 31, C_Digest (session, text, 64, out, &len))
CALL (digest, 32, C_Digest (session, text, 64, out, &len))
CALL (digest_no_len, 32, C_Digest (session, text, 64, out, NULL))
CALL (digest_no_data, 32, C_Digest (session, NULL, 64, out, &len))
CALL (digest_update, 0, C_DigestUpdate (session, text, 64))
CALL (digest_update_no_data, 0, C_DigestUpdate (session, NULL, 64))
CALL (digest_key, 0, C_DigestKey (session, mac))
CALL (digest_key_none, 0, C_DigestKey (session, CK_INVALID_HANDLE))
CALL (digest_key_public, 0, C_DigestKey (session, rsa_public))
CALL (digest_final_query, 0, C_DigestFinal (session, NULL, &len))
CALL (digest_final_short, 31, C_DigestFinal (session, out, &len))
CALL (digest_final, 32, C_DigestFinal (session, out, &len))
CALL (digest_final_no_len, 32, C_DigestFinal (session, out, NULL))

CALL (sign_query, 0, C_Sign (session, text, 64, NULL, &len))
CALL (sign_short, 31, C_Sign (session, text, 64, out, &len))
CALL (sign, 32, C_Sign (session, text, 64, out, &len))
CALL (sign_no_len, 32, C_Sign (session, text, 64, out, NULL))
CALL (sign_no_data, 32, C_Sign (session, NULL, 64, out, &len))
CALL (sign_update, 0, C_SignUpdate (session, text, 64))
CALL (sign_update_no_data, 0, C_SignUpdate (session, NULL, 64))
CALL (sign_final_query, 0, C_SignFinal (session, NULL, &len))
CALL (sign_final_short, 31, C_SignFinal (session, out, &len))
CALL (sign_final, 32, C_SignFinal (session, out, &len))
CALL (sign_final_no_len, 32, C_SignFinal (session, out, NULL))

CALL (verify, 0, C_Verify (session, text, 64, code, 32))
CALL (verify_changed, 0, C_Verify (session, text, 63, code, 32))
CALL (verify_cut, 0, C_Verify (session, text, 64, code, 31))
CALL (verify_no_data, 0, C_Verify (session, NULL, 64, code, 32))
CALL (verify_no_code, 0, C_Verify (session, text, 64, NULL, 32))
CALL (verify_update, 0, C_VerifyUpdate (session, text, 64))
CALL (verify_update_no_data, 0, C_VerifyUpdate (session, NULL, 64))
CALL (verify_final, 0, C_VerifyFinal (session, code, 32))
CALL (verify_final_cut, 0, C_VerifyFinal (session, code, 31))
CALL (verify_final_no_code, 0, C_VerifyFinal (session, NULL, 32))

CALL (given, 0, C_VerifySignature (session, text, 64))
CALL (given_changed, 0, C_VerifySignature (session, text, 63))
CALL (given_no_data, 0, C_VerifySignature (session, NULL, 64))
CALL (given_update, 0, C_VerifySignatureUpdate (session, text, 64))
CALL (given_update_no_data, 0, C_VerifySignatureUpdate (session, NULL, 64))
CALL (given_final, 0, C_VerifySignatureFinal (session))

CALL (sign_recover_query, 0, C_SignRecover (session, text, 32, NULL, &len))
CALL (sign_recover_short, 255, C_SignRecover (session, text, 32, out, &len))
CALL (sign_recover, 256, C_SignRecover (session, text, 32, out, &len))
CALL (sign_recover_long, 256, C_SignRecover (session, out, 246, out, &len))
CALL (sign_recover_no_len, 256, C_SignRecover (session, text, 32, out, NULL))
CALL (recover_query, 0, C_VerifyRecover (session, signature, 256, NULL, &len))
CALL (recover_short, 31, C_VerifyRecover (session, signature, 256, out, &len))
CALL (recover, 32, C_VerifyRecover (session, signature, 256, out, &len))
CALL (recover_cut, 256, C_VerifyRecover (session, signature, 255, out, &len))
CALL (recover_changed, 256, C_VerifyRecover (session, out, 256, out, &len))
CALL (recover_no_len, 256, C_VerifyRecover (session, signature, 256, out, NULL))

static const Row rows[] = {
	{ ENCRYPT, NULL, encrypt_query, CKR_OK, TRUE },
	{ ENCRYPT, NULL, encrypt_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ ENCRYPT, NULL, encrypt, CKR_OK, FALSE },
	{ ENCRYPT, NULL, encrypt_odd, CKR_DATA_LEN_RANGE, FALSE },
	{ ENCRYPT, NULL, encrypt_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ ENCRYPT, NULL, encrypt_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ ENCRYPT, NULL, encrypt_update_query, CKR_OK, TRUE },
	{ ENCRYPT, NULL, encrypt_update_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ ENCRYPT, NULL, encrypt_update, CKR_OK, TRUE },
	{ ENCRYPT, NULL, encrypt_update_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ ENCRYPT, NULL, encrypt_update_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ ENCRYPT, encrypt_update, encrypt, CKR_OPERATION_ACTIVE, FALSE },
	{ ENCRYPT, encrypt_update, encrypt_final_query, CKR_OK, TRUE },
	{ ENCRYPT, encrypt_update, encrypt_final, CKR_OK, FALSE },
	{ ENCRYPT, encrypt_update_odd, encrypt_final, CKR_DATA_LEN_RANGE, FALSE },
	{ ENCRYPT, encrypt_update, encrypt_final_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ DECRYPT, NULL, decrypt_query, CKR_OK, TRUE },
	{ DECRYPT, NULL, decrypt_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ DECRYPT, NULL, decrypt, CKR_OK, FALSE },
	{ DECRYPT, decrypt_short, decrypt, CKR_OK, FALSE },
	{ DECRYPT, NULL, decrypt_odd, CKR_ENCRYPTED_DATA_LEN_RANGE, FALSE },
	{ DECRYPT, NULL, decrypt_changed, CKR_ENCRYPTED_DATA_INVALID, FALSE },
	{ DECRYPT, NULL, decrypt_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ DECRYPT, NULL, decrypt_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ DECRYPT, NULL, decrypt_update_query, CKR_OK, TRUE },
	{ DECRYPT, NULL, decrypt_update_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ DECRYPT, NULL, decrypt_update, CKR_OK, TRUE },
	{ DECRYPT, NULL, decrypt_update_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ DECRYPT, decrypt_update, decrypt, CKR_OPERATION_ACTIVE, FALSE },
	{ DECRYPT, decrypt_update, decrypt_final_query, CKR_OK, TRUE },
	{ DECRYPT, decrypt_update, decrypt_final, CKR_OK, FALSE },
	{ DECRYPT, decrypt_update_cut, decrypt_final_short, CKR_ENCRYPTED_DATA_INVALID, FALSE },
	{ DECRYPT, decrypt_update_cut, decrypt_final, CKR_ENCRYPTED_DATA_INVALID, FALSE },
	{ DECRYPT, decrypt_update, decrypt_final_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ DIGEST, NULL, digest_query, CKR_OK, TRUE },
	{ DIGEST, NULL, digest_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ DIGEST, NULL, digest, CKR_OK, FALSE },
	{ DIGEST, NULL, digest_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ DIGEST, NULL, digest_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ DIGEST, NULL, digest_update, CKR_OK, TRUE },
	{ DIGEST, NULL, digest_update_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ DIGEST, digest_update, digest, CKR_OPERATION_ACTIVE, FALSE },
	{ DIGEST, NULL, digest_key, CKR_OK, TRUE },
	/* Not said of C_DigestKey, but of C_DigestUpdate. */
	{ DIGEST, NULL, digest_key_none, CKR_KEY_HANDLE_INVALID, FALSE },
	{ DIGEST, NULL, digest_key_public, CKR_KEY_INDIGESTIBLE, FALSE },
	{ DIGEST, digest_key, digest_final_query, CKR_OK, TRUE },
	{ DIGEST, digest_update, digest_final_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ DIGEST, digest_update, digest_final, CKR_OK, FALSE },
	{ DIGEST, digest_update, digest_final_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ SIGN, NULL, sign_query, CKR_OK, TRUE },
	{ SIGN, NULL, sign_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ SIGN, NULL, sign, CKR_OK, FALSE },
	{ SIGN, NULL, sign_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ SIGN, NULL, sign_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ SIGN, NULL, sign_update, CKR_OK, TRUE },
	{ SIGN, NULL, sign_update_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ SIGN, sign_update, sign, CKR_OPERATION_ACTIVE, FALSE },
	{ SIGN, sign_update, sign_final_query, CKR_OK, TRUE },
	{ SIGN, sign_update, sign_final_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ SIGN, sign_update, sign_final, CKR_OK, FALSE },
	{ SIGN, sign_update, sign_final_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ VERIFY, NULL, verify, CKR_OK, FALSE },
	{ VERIFY, NULL, verify_changed, CKR_SIGNATURE_INVALID, FALSE },
	{ VERIFY, NULL, verify_cut, CKR_SIGNATURE_LEN_RANGE, FALSE },
	{ VERIFY, NULL, verify_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ VERIFY, NULL, verify_no_code, CKR_ARGUMENTS_BAD, FALSE },
	{ VERIFY, NULL, verify_update, CKR_OK, TRUE },
	{ VERIFY, NULL, verify_update_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ VERIFY, verify_update, verify, CKR_OPERATION_ACTIVE, FALSE },
	{ VERIFY, verify_update, verify_final, CKR_OK, FALSE },
	{ VERIFY, NULL, verify_final, CKR_SIGNATURE_INVALID, FALSE },
	{ VERIFY, verify_update, verify_final_cut, CKR_SIGNATURE_LEN_RANGE, FALSE },
	{ VERIFY, verify_update, verify_final_no_code, CKR_ARGUMENTS_BAD, FALSE },
	/* The calls of one family are not those of the other, and no error of it. */
	{ VERIFY, NULL, given, CKR_OPERATION_NOT_INITIALIZED, TRUE },
	{ VERIFY, NULL, given_update, CKR_OPERATION_NOT_INITIALIZED, TRUE },
	{ VERIFY, NULL, given_final, CKR_OPERATION_NOT_INITIALIZED, TRUE },
	{ VERIFY_SIGNATURE, NULL, verify, CKR_OPERATION_NOT_INITIALIZED, TRUE },
	{ VERIFY_SIGNATURE, NULL, verify_update, CKR_OPERATION_NOT_INITIALIZED, TRUE },
	{ VERIFY_SIGNATURE, NULL, verify_final, CKR_OPERATION_NOT_INITIALIZED, TRUE },
	{ VERIFY_SIGNATURE, NULL, given, CKR_OK, FALSE },
	{ VERIFY_SIGNATURE, NULL, given_changed, CKR_SIGNATURE_INVALID, FALSE },
	{ VERIFY_SIGNATURE, NULL, given_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ VERIFY_SIGNATURE, NULL, given_update, CKR_OK, TRUE },
	{ VERIFY_SIGNATURE, NULL, given_update_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ VERIFY_SIGNATURE, given_update, given, CKR_OPERATION_ACTIVE, FALSE },
	{ VERIFY_SIGNATURE, given_update, given_final, CKR_OK, FALSE },
	{ VERIFY_SIGNATURE, NULL, given_final, CKR_SIGNATURE_INVALID, FALSE },
	{ SIGN_RECOVER, NULL, sign_recover_query, CKR_OK, TRUE },
	{ SIGN_RECOVER, NULL, sign_recover_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ SIGN_RECOVER, NULL, sign_recover, CKR_OK, FALSE },
	{ SIGN_RECOVER, NULL, sign_recover_long, CKR_DATA_LEN_RANGE, FALSE },
	{ SIGN_RECOVER, NULL, sign_recover_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ VERIFY_RECOVER, NULL, recover_query, CKR_OK, TRUE },
	{ VERIFY_RECOVER, NULL, recover_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ VERIFY_RECOVER, recover_short, recover, CKR_OK, FALSE },
	{ VERIFY_RECOVER, NULL, recover, CKR_OK, FALSE },
	{ VERIFY_RECOVER, NULL, recover_cut, CKR_SIGNATURE_LEN_RANGE, FALSE },
	{ VERIFY_RECOVER, NULL, recover_changed, CKR_SIGNATURE_INVALID, FALSE },
	{ VERIFY_RECOVER, NULL, recover_no_len, CKR_ARGUMENTS_BAD, FALSE },
};

START_TEST (test_calls__end_or_not)
{
	const Row *row = &rows[_i];

	memset (out, 0, sizeof out);
	ck_ok (begin (row->kind));
	call_before (row);
	ck_rv (row->call (), row->rv);
	ck_assert_int_eq (is_active (row->kind), row->active);
	/* Another call of what is over says so, and of what is active does what it does. */
	if (!row->active)
		ck_rv (row->call (), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_SessionCancel (session, flags[row->kind]));
}
END_TEST

/* --- two operations in one call --- */

CALL (digest_encrypt_query, 0, C_DigestEncryptUpdate (session, text, 64, NULL, &len))
CALL (digest_encrypt_short, 63, C_DigestEncryptUpdate (session, text, 64, out, &len))
CALL (digest_encrypt, 64, C_DigestEncryptUpdate (session, text, 64, out, &len))
CALL (digest_encrypt_no_len, 64, C_DigestEncryptUpdate (session, text, 64, out, NULL))
CALL (sign_encrypt_short, 63, C_SignEncryptUpdate (session, text, 64, out, &len))
CALL (sign_encrypt, 64, C_SignEncryptUpdate (session, text, 64, out, &len))
CALL (sign_encrypt_no_data, 64, C_SignEncryptUpdate (session, NULL, 64, out, &len))
CALL (decrypt_digest_short, 1, C_DecryptDigestUpdate (session, padded, 80, out, &len))
CALL (decrypt_digest, 80, C_DecryptDigestUpdate (session, padded, 80, out, &len))
CALL (decrypt_digest_no_len, 80, C_DecryptDigestUpdate (session, padded, 80, out, NULL))
CALL (decrypt_verify_query, 0, C_DecryptVerifyUpdate (session, padded, 80, NULL, &len))
CALL (decrypt_verify, 80, C_DecryptVerifyUpdate (session, padded, 80, out, &len))
CALL (decrypt_verify_no_data, 80, C_DecryptVerifyUpdate (session, NULL, 80, out, &len))

static const struct {
	Kind cipher, other;
	CK_RV (*call) (void);
	CK_RV rv;
	gboolean active; /* both of them */
} dual_rows[] = {
	{ ENCRYPT, DIGEST, digest_encrypt_query, CKR_OK, TRUE },
	{ ENCRYPT, DIGEST, digest_encrypt_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ ENCRYPT, DIGEST, digest_encrypt, CKR_OK, TRUE },
	{ ENCRYPT, DIGEST, digest_encrypt_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ ENCRYPT, SIGN, sign_encrypt_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ ENCRYPT, SIGN, sign_encrypt, CKR_OK, TRUE },
	{ ENCRYPT, SIGN, sign_encrypt_no_data, CKR_ARGUMENTS_BAD, FALSE },
	{ DECRYPT, DIGEST, decrypt_digest_short, CKR_BUFFER_TOO_SMALL, TRUE },
	{ DECRYPT, DIGEST, decrypt_digest, CKR_OK, TRUE },
	{ DECRYPT, DIGEST, decrypt_digest_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ DECRYPT, VERIFY, decrypt_verify_query, CKR_OK, TRUE },
	{ DECRYPT, VERIFY, decrypt_verify, CKR_OK, TRUE },
	{ DECRYPT, VERIFY, decrypt_verify_no_data, CKR_ARGUMENTS_BAD, FALSE },
};

START_TEST (test_dual__end_or_not)
{
	Kind cipher = dual_rows[_i].cipher, other = dual_rows[_i].other;

	/* One of two is not enough, and stays. */
	ck_ok (begin (cipher));
	ck_rv (dual_rows[_i].call (), CKR_OPERATION_NOT_INITIALIZED);
	ck_assert (is_active (cipher));
	ck_ok (begin (other));
	ck_rv (dual_rows[_i].call (), dual_rows[_i].rv);
	ck_assert_int_eq (is_active (cipher), dual_rows[_i].active);
	ck_assert_int_eq (is_active (other), dual_rows[_i].active);
	ck_ok (p11->C_SessionCancel (session, ALL_FLAGS));
	ck_ok (begin (other));
	ck_rv (dual_rows[_i].call (), CKR_OPERATION_NOT_INITIALIZED);
	ck_assert (is_active (other));
	ck_ok (p11->C_SessionCancel (session, ALL_FLAGS));
}
END_TEST

/* --- searches --- */

START_TEST (test_find__end_or_not)
{
	CK_OBJECT_HANDLE found[64];
	CK_ULONG n;

	ck_rv (p11->C_FindObjects (session, found, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_FindObjectsFinal (session), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_FindObjectsInit (session, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_assert (!is_active (FIND));
	ck_ok (begin (FIND));
	ck_ok (p11->C_FindObjects (session, found, 1, &n));
	ck_assert_uint_eq (n, 1);
	ck_assert (is_active (FIND));
	/* Only C_FindObjectsFinal ends a search, not its last object and not an error. */
	ck_rv (p11->C_FindObjects (session, found, 1, NULL), CKR_ARGUMENTS_BAD);
	ck_assert (is_active (FIND));
	ck_ok (p11->C_FindObjects (session, found, N (found), &n));
	ck_ok (p11->C_FindObjects (session, found, N (found), &n));
	ck_assert_uint_eq (n, 0);
	ck_assert (is_active (FIND));
	ck_ok (p11->C_FindObjectsFinal (session));
	ck_assert (!is_active (FIND));
	ck_rv (p11->C_FindObjectsFinal (session), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

/* A search goes on after a logout and gives no private object out. */
START_TEST (test_find__logout)
{
	CK_UTF8CHAR pin[] = "user-pin";
	CK_ATTRIBUTE label = { CKA_LABEL, (void *) "sought", 6 };
	CK_OBJECT_HANDLE key, found;
	CK_ULONG n;

	ck_ok (p11->C_Login (session, CKU_USER, pin, sizeof pin - 1));
	key = other_key (ENCRYPT, &yes);
	ck_ok (p11->C_SetAttributeValue (session, key, &label, 1));
	ck_ok (p11->C_FindObjectsInit (session, &label, 1));
	ck_ok (p11->C_Logout (session));
	ck_assert (is_active (FIND));
	ck_ok (p11->C_FindObjects (session, &found, 1, &n));
	ck_assert_uint_eq (n, 0);
	ck_ok (p11->C_FindObjectsFinal (session));
}
END_TEST

int
main (void)
{
	TCase *tcase = make_case ();

	tcase_add_loop_test (tcase, test_every__second_init, 0, N_KINDS);
	tcase_add_loop_test (tcase, test_every__null_mechanism, 0, FIND);
	tcase_add_loop_test (tcase, test_every__failed_init, 0, FIND);
	tcase_add_loop_test (tcase, test_every__session_cancel, 0, N_KINDS);
	tcase_add_loop_test (tcase, test_every__other_session, 0, N_KINDS);
	tcase_add_loop_test (tcase, test_every__key_destroyed, 0, N_KINDS);
	tcase_add_loop_test (tcase, test_every__logout, 0, N_KINDS);
	tcase_add_loop_test (tcase, test_calls__end_or_not, 0, (int) N (rows));
	tcase_add_loop_test (tcase, test_dual__end_or_not, 0, (int) N (dual_rows));
	tcase_add_test (tcase, test_find__end_or_not);
	tcase_add_test (tcase, test_find__logout);
	return run (tcase);
}
