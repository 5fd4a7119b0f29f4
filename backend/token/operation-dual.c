/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The calls that step a digest, signature or verification together with an encryption or
 * decryption, and C_DigestKey. Both operations were started on their own; an error ends both.
 * Called through the function list.
 */
#include "config.h"

#include "functions.h"
#include "operation.h"

/* @cipher encrypts: the other one gets the input, and before it is overwritten, as both buffers may
 * be one. But not before it is certain that the step will be made. @cipher decrypts: the other one
 * gets the output. */
static CK_RV
step_both (CratonSession *session, CratonOp *cipher, CratonOp *other, const CK_BYTE *in,
           CK_ULONG in_len, CK_BYTE *out, CK_ULONG *inout_len, gboolean *ret_alive)
{
	gboolean encrypts = cipher->kind == CRATON_OP_ENCRYPT, made;
	CK_RV rv = CKR_OK;

	*ret_alive = FALSE;
	if (other->klass->update == NULL || cipher->klass->update == NULL)
		return CKR_FUNCTION_NOT_SUPPORTED;
	if (inout_len == NULL || (in == NULL && in_len > 0))
		return CKR_ARGUMENTS_BAD;
	if (in_len > G_MAXSSIZE)
		return encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	made = out != NULL && *inout_len >= cipher->klass->out_len (cipher, in_len, FALSE);
	if (made && encrypts)
		rv = craton_op_absorb (session, other, in, in_len);
	if (rv == CKR_OK)
		rv = craton_op_transform (session, cipher, CRATON_PHASE_UPDATE, in, in_len, out,
		                          inout_len, ret_alive);
	if (made && !encrypts && rv == CKR_OK)
		rv = craton_op_absorb (session, other, out, *inout_len);
	if (made && rv != CKR_OK)
		*ret_alive = FALSE;
	return rv;
}

static CK_RV
step (CK_SESSION_HANDLE handle, CratonOpKind cipher_kind, CratonOpKind other_kind,
      const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *inout_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *cipher, *other;
	gboolean alive;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	cipher = *craton_session_op (session, cipher_kind);
	other = *craton_session_op (session, other_kind);
	/* One with its signature given first is not C_VerifyInit's (operation-verify.c). */
	if (cipher == NULL || other == NULL || other->signature != NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = step_both (session, cipher, other, in, in_len, out, inout_len, &alive);
	if (!alive) {
		craton_op_end (session, cipher_kind);
		craton_op_end (session, other_kind);
	}
	return rv;
}

CK_RV
craton_token_DigestEncryptUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_len,
                                  CK_BYTE_PTR encrypted, CK_ULONG_PTR encrypted_len)
{
	return step (session, CRATON_OP_ENCRYPT, CRATON_OP_DIGEST, part, part_len, encrypted,
	             encrypted_len);
}

CK_RV
craton_token_DecryptDigestUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted,
                                  CK_ULONG encrypted_len, CK_BYTE_PTR part, CK_ULONG_PTR part_len)
{
	return step (session, CRATON_OP_DECRYPT, CRATON_OP_DIGEST, encrypted, encrypted_len, part,
	             part_len);
}

CK_RV
craton_token_SignEncryptUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_len,
                                CK_BYTE_PTR encrypted, CK_ULONG_PTR encrypted_len)
{
	return step (session, CRATON_OP_ENCRYPT, CRATON_OP_SIGN, part, part_len, encrypted,
	             encrypted_len);
}

CK_RV
craton_token_DecryptVerifyUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted,
                                  CK_ULONG encrypted_len, CK_BYTE_PTR part, CK_ULONG_PTR part_len)
{
	return step (session, CRATON_OP_DECRYPT, CRATON_OP_VERIFY, encrypted, encrypted_len, part,
	             part_len);
}

static CK_RV
digest_key (CratonSession *session, CratonOp *op, CK_OBJECT_HANDLE key_handle)
{
	g_autoptr (CratonObject) key = NULL;
	const CK_BYTE *value;
	gsize value_len = 0;
	CK_RV rv = craton_session_find_key (session, key_handle, &key);

	if (rv != CKR_OK)
		return rv;
	value = craton_object_get (key, CKA_VALUE, &value_len);
	if (craton_object_get_ulong (key, CKA_CLASS, CKO_DATA) != CKO_SECRET_KEY || value == NULL)
		return CKR_KEY_INDIGESTIBLE;
	return craton_op_absorb (session, op, value, value_len);
}

CK_RV
craton_token_DigestKey (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE key)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	op = *craton_session_op (session, CRATON_OP_DIGEST);
	if (op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = digest_key (session, op, key);
	if (rv != CKR_OK)
		craton_op_end (session, CRATON_OP_DIGEST);
	return rv;
}
