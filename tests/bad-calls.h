/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All calls that take a mechanism and a key, in one table, for tests of what they refuse.
 */
#ifndef CRATON_TEST_BAD_CALLS_H
#define CRATON_TEST_BAD_CALLS_H

#include "token-fixture.h"

#define ALL_OPERATIONS (~(CK_FLAGS) 0)

typedef struct {
	const char *name;
	CK_FLAGS flag;
	gboolean public_side; /* of a pair: takes the public key */
	CK_ATTRIBUTE_TYPE permission;
	/* What a key is that is no key, of another type, too short or too long. */
	CK_RV handle_rv, type_rv, size_rv;
	CK_RV (*call) (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
} BadCall;

static CK_BYTE bad_in[64], bad_out[65536];
static CK_OBJECT_HANDLE bad_wrapped; /* a key that may be wrapped */

static const CK_OBJECT_CLASS bad_class = CKO_SECRET_KEY;
static const CK_KEY_TYPE bad_type = CKK_GENERIC_SECRET;
static CK_ATTRIBUTE bad_template[] = { ATTR (CKA_CLASS, bad_class), ATTR (CKA_KEY_TYPE, bad_type),
	                               ATTR (CKA_PRIVATE, no) };

/* What came out, if it did, is not kept. */
static CK_RV
bad_drop (CK_RV rv, CK_OBJECT_HANDLE made)
{
	if (rv == CKR_OK && made != CK_INVALID_HANDLE)
		(void) p11->C_DestroyObject (session, made);
	return rv;
}

static CK_RV
bad_encrypt (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_EncryptInit (session, mechanism, key);
}

static CK_RV
bad_decrypt (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_DecryptInit (session, mechanism, key);
}

static CK_RV
bad_sign (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_SignInit (session, mechanism, key);
}

static CK_RV
bad_sign_recover (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_SignRecoverInit (session, mechanism, key);
}

static CK_RV
bad_verify (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_VerifyInit (session, mechanism, key);
}

static CK_RV
bad_verify_recover (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_VerifyRecoverInit (session, mechanism, key);
}

static CK_RV
bad_verify_signature (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_VerifySignatureInit (session, mechanism, key, bad_in, sizeof bad_in);
}

static CK_RV
bad_message_encrypt (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM plain = { mechanism->mechanism, NULL, 0 };

	return p11->C_MessageEncryptInit (session, &plain, key);
}

static CK_RV
bad_message_decrypt (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM plain = { mechanism->mechanism, NULL, 0 };

	return p11->C_MessageDecryptInit (session, &plain, key);
}

static CK_RV
bad_message_sign (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_MessageSignInit (session, mechanism, key);
}

static CK_RV
bad_message_verify (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return p11->C_MessageVerifyInit (session, mechanism, key);
}

static CK_RV
bad_wrap (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_ULONG len = sizeof bad_out;

	return p11->C_WrapKey (session, mechanism, key, bad_wrapped, bad_out, &len);
}

static CK_RV
bad_unwrap (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
	CK_RV rv = p11->C_UnwrapKey (session, mechanism, key, bad_in, 40, bad_template,
	                             N (bad_template), &made);

	return bad_drop (rv, made);
}

/* The mechanism with the parameter of a message, which is another one than C_EncryptInit's. */
static CK_MECHANISM
bad_message_of (const CK_MECHANISM *mechanism)
{
	static CK_BYTE iv[12], tag[16];
	static CK_GCM_MESSAGE_PARAMS gcm = { iv, 12, 0, CKG_NO_GENERATE, tag, 128 };
	static CK_CCM_MESSAGE_PARAMS ccm = { 0, iv, 12, 0, CKG_NO_GENERATE, tag, 16 };
	static CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS chacha20 = { iv, 96, tag };

	switch (mechanism->mechanism) {
	case CKM_AES_GCM:
		return (CK_MECHANISM){ CKM_AES_GCM, &gcm, sizeof gcm };
	case CKM_AES_CCM:
		return (CK_MECHANISM){ CKM_AES_CCM, &ccm, sizeof ccm };
	case CKM_CHACHA20_POLY1305:
		return (CK_MECHANISM){ CKM_CHACHA20_POLY1305, &chacha20, sizeof chacha20 };
	default:
		return *mechanism;
	}
}

static CK_RV
bad_wrap_authenticated (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM message = bad_message_of (mechanism);
	CK_ULONG len = sizeof bad_out;

	return p11->C_WrapKeyAuthenticated (session, &message, key, bad_wrapped, NULL, 0, bad_out,
	                                    &len);
}

static CK_RV
bad_unwrap_authenticated (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM message = bad_message_of (mechanism);
	CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
	CK_RV rv = p11->C_UnwrapKeyAuthenticated (session, &message, key, bad_in, 40, bad_template,
	                                          N (bad_template), NULL, 0, &made);

	return bad_drop (rv, made);
}

static CK_RV
bad_derive (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
	CK_RV rv = p11->C_DeriveKey (session, mechanism, key, bad_template, N (bad_template), &made);

	return bad_drop (rv, made);
}

static CK_RV
bad_encapsulate (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
	CK_ULONG len = sizeof bad_out;
	CK_RV rv = p11->C_EncapsulateKey (session, mechanism, key, bad_template, N (bad_template),
	                                  bad_out, &len, &made);

	return bad_drop (rv, made);
}

static CK_RV
bad_decapsulate (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
	CK_RV rv = p11->C_DecapsulateKey (session, mechanism, key, bad_template, N (bad_template),
	                                  bad_in, sizeof bad_in, &made);

	return bad_drop (rv, made);
}

#define BAD_USE CKR_KEY_HANDLE_INVALID, CKR_KEY_TYPE_INCONSISTENT, CKR_KEY_SIZE_RANGE
#define BAD_WRAPPING                                                         \
	CKR_WRAPPING_KEY_HANDLE_INVALID, CKR_WRAPPING_KEY_TYPE_INCONSISTENT, \
		CKR_WRAPPING_KEY_SIZE_RANGE
#define BAD_UNWRAPPING                                                           \
	CKR_UNWRAPPING_KEY_HANDLE_INVALID, CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT, \
		CKR_UNWRAPPING_KEY_SIZE_RANGE

static const BadCall bad_calls[] = {
	{ "EncryptInit", CKF_ENCRYPT, TRUE, CKA_ENCRYPT, BAD_USE, bad_encrypt },
	{ "DecryptInit", CKF_DECRYPT, FALSE, CKA_DECRYPT, BAD_USE, bad_decrypt },
	{ "SignInit", CKF_SIGN, FALSE, CKA_SIGN, BAD_USE, bad_sign },
	{ "SignRecoverInit", CKF_SIGN_RECOVER, FALSE, CKA_SIGN_RECOVER, BAD_USE, bad_sign_recover },
	{ "VerifyInit", CKF_VERIFY, TRUE, CKA_VERIFY, BAD_USE, bad_verify },
	{ "VerifyRecoverInit", CKF_VERIFY_RECOVER, TRUE, CKA_VERIFY_RECOVER, BAD_USE,
	  bad_verify_recover },
	{ "VerifySignatureInit", CKF_VERIFY, TRUE, CKA_VERIFY, BAD_USE, bad_verify_signature },
	{ "MessageEncryptInit", CKF_MESSAGE_ENCRYPT, TRUE, CKA_ENCRYPT, BAD_USE,
	  bad_message_encrypt },
	{ "MessageDecryptInit", CKF_MESSAGE_DECRYPT, FALSE, CKA_DECRYPT, BAD_USE,
	  bad_message_decrypt },
	{ "MessageSignInit", CKF_MESSAGE_SIGN, FALSE, CKA_SIGN, BAD_USE, bad_message_sign },
	{ "MessageVerifyInit", CKF_MESSAGE_VERIFY, TRUE, CKA_VERIFY, BAD_USE, bad_message_verify },
	{ "WrapKey", CKF_WRAP, TRUE, CKA_WRAP, BAD_WRAPPING, bad_wrap },
	{ "UnwrapKey", CKF_UNWRAP, FALSE, CKA_UNWRAP, BAD_UNWRAPPING, bad_unwrap },
	/* Where there are messages and wrapping, there is this. */
	{ "WrapKeyAuthenticated", CKF_WRAP | CKF_MESSAGE_ENCRYPT, TRUE, CKA_WRAP, BAD_WRAPPING,
	  bad_wrap_authenticated },
	{ "UnwrapKeyAuthenticated", CKF_UNWRAP | CKF_MESSAGE_DECRYPT, FALSE, CKA_UNWRAP,
	  BAD_UNWRAPPING, bad_unwrap_authenticated },
	{ "DeriveKey", CKF_DERIVE, FALSE, CKA_DERIVE, BAD_USE, bad_derive },
	{ "EncapsulateKey", CKF_ENCAPSULATE, TRUE, CKA_ENCAPSULATE, BAD_USE, bad_encapsulate },
	{ "DecapsulateKey", CKF_DECAPSULATE, FALSE, CKA_DECAPSULATE, BAD_UNWRAPPING, bad_decapsulate },
};

/* Whether a mechanism with these flags has the call. */
G_GNUC_UNUSED static gboolean
bad_has (const BadCall *call, CK_FLAGS flags)
{
	return (flags & call->flag) == call->flag;
}

/* Whatever comes in, the answer is about that, and not that the token is out of order. */
G_GNUC_UNUSED static gboolean
bad_is_honest (CK_RV rv)
{
	switch (rv) {
	case CKR_GENERAL_ERROR:
	case CKR_FUNCTION_FAILED:
	case CKR_HOST_MEMORY:
	case CKR_DEVICE_MEMORY:
	case CKR_DEVICE_ERROR:
	case CKR_DEVICE_REMOVED:
		return FALSE;
	}
	return TRUE;
}

#endif /* CRATON_TEST_BAD_CALLS_H */
