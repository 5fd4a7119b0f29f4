/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One name for the calls of all kinds of operation, so that a test can be made for all of them.
 */
#ifndef CRATON_TEST_TOKEN_CALLS_H
#define CRATON_TEST_TOKEN_CALLS_H

#include "token-fixture.h"

typedef enum {
	ENCRYPTING,
	DECRYPTING,
	DIGESTING,
	SIGNING,
	RECOVERABLE,
	RECOVERING
} Call;

G_GNUC_UNUSED static CK_RV
begin (Call call, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	switch (call) {
	case ENCRYPTING:
		return p11->C_EncryptInit (session, mechanism, key);
	case DECRYPTING:
		return p11->C_DecryptInit (session, mechanism, key);
	case DIGESTING:
		return p11->C_DigestInit (session, mechanism);
	case SIGNING:
		return p11->C_SignInit (session, mechanism, key);
	case RECOVERABLE:
		return p11->C_SignRecoverInit (session, mechanism, key);
	case RECOVERING:
		return p11->C_VerifyRecoverInit (session, mechanism, key);
	}
	return CKR_GENERAL_ERROR;
}

G_GNUC_UNUSED static CK_RV
once (Call call, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)
{
	switch (call) {
	case ENCRYPTING:
		return p11->C_Encrypt (session, in, in_len, out, out_len);
	case DECRYPTING:
		return p11->C_Decrypt (session, in, in_len, out, out_len);
	case DIGESTING:
		return p11->C_Digest (session, in, in_len, out, out_len);
	case SIGNING:
		return p11->C_Sign (session, in, in_len, out, out_len);
	case RECOVERABLE:
		return p11->C_SignRecover (session, in, in_len, out, out_len);
	case RECOVERING:
		return p11->C_VerifyRecover (session, in, in_len, out, out_len);
	}
	return CKR_GENERAL_ERROR;
}

G_GNUC_UNUSED static CK_RV
update (Call call, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *out_len)
{
	switch (call) {
	case ENCRYPTING:
		return p11->C_EncryptUpdate (session, in, in_len, out, out_len);
	case DECRYPTING:
		return p11->C_DecryptUpdate (session, in, in_len, out, out_len);
	default:
		*out_len = 0;
		return call == DIGESTING ? p11->C_DigestUpdate (session, in, in_len)
		                         : p11->C_SignUpdate (session, in, in_len);
	}
}

G_GNUC_UNUSED static CK_RV
final (Call call, CK_BYTE *out, CK_ULONG *out_len)
{
	switch (call) {
	case ENCRYPTING:
		return p11->C_EncryptFinal (session, out, out_len);
	case DECRYPTING:
		return p11->C_DecryptFinal (session, out, out_len);
	case DIGESTING:
		return p11->C_DigestFinal (session, out, out_len);
	default:
		return p11->C_SignFinal (session, out, out_len);
	}
}

#endif /* CRATON_TEST_TOKEN_CALLS_H */
