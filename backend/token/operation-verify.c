/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Verification with the signature given first: C_VerifySignatureInit to C_VerifySignatureFinal (PKCS#11
 * 3.2). It is the same operation as C_VerifyInit's, in the same place of the session, that holds the
 * signature from the start; the calls of the two are not mixed. Data and signatures are the client's.
 * Called through the function list.
 */
#include "config.h"

#include "functions.h"
#include "operation.h"

#include <openssl/crypto.h>
#include <string.h>

/* The longest that a mechanism makes is 49,856 bytes (SLH-DSA-SHA2-256f). */
#define SIGNATURE_MAX 65536

CK_RV
craton_token_VerifySignatureInit (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                                  CK_OBJECT_HANDLE key, CK_BYTE_PTR signature,
                                  CK_ULONG signature_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism != NULL && signature == NULL)
		return CKR_ARGUMENTS_BAD;
	if (signature_len > SIGNATURE_MAX)
		return CKR_SIGNATURE_LEN_RANGE;
	rv = craton_op_begin (session, mechanism, CRATON_OP_VERIFY, key);
	if (rv != CKR_OK || mechanism == NULL)
		return rv;
	op = *craton_session_op (session, CRATON_OP_VERIFY);
	op->signature = OPENSSL_malloc (MAX (signature_len, 1));
	op->signature_len = signature_len;
	if (op->signature != NULL) {
		memcpy (op->signature, signature, signature_len);
		return CKR_OK;
	}
	craton_op_end (session, CRATON_OP_VERIFY);
	return CKR_HOST_MEMORY;
}

/* The operation, or NULL if there is none with a signature. */
static CratonOp *
active (CratonSession *session)
{
	CratonOp *op = *craton_session_op (session, CRATON_OP_VERIFY);

	return op != NULL && op->signature != NULL ? op : NULL;
}

static CK_RV
check (CK_SESSION_HANDLE handle, CratonPhase phase, const CK_BYTE *in, CK_ULONG in_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	op = active (session);
	if (op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = craton_op_verify (session, op, phase, in, in_len, op->signature, op->signature_len);
	craton_op_end (session, CRATON_OP_VERIFY);
	return rv;
}

CK_RV
craton_token_VerifySignature (CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_len)
{
	return check (session, CRATON_PHASE_ONCE, data, data_len);
}

CK_RV
craton_token_VerifySignatureUpdate (CK_SESSION_HANDLE handle, CK_BYTE_PTR part, CK_ULONG part_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	op = active (session);
	if (op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = craton_op_absorb (session, op, part, part_len);
	if (rv != CKR_OK)
		craton_op_end (session, CRATON_OP_VERIFY);
	return rv;
}

CK_RV
craton_token_VerifySignatureFinal (CK_SESSION_HANDLE session)
{
	return check (session, CRATON_PHASE_FINAL, NULL, 0);
}
