/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What operation.c does for the other callers of mechanisms: operation-dual.c steps two operations
 * at once, wrap.c encrypts and decrypts keys with an operation that no session sees.
 */
#ifndef CRATON_OPERATION_H
#define CRATON_OPERATION_H

#include "mech.h"
#include "session.h"

typedef enum {
	CRATON_PHASE_ONCE,
	CRATON_PHASE_UPDATE,
	CRATON_PHASE_FINAL,
} CratonPhase;

/**
 * craton_op_check_key:
 * @session: in which it is to be used: its token may allow less than the row
 * @mech: the row
 * @key: the key to be used with it
 * @permission: CKA_SIGN, CKA_WRAP ...: must be true in @key
 * @public_side: whether the public key of a pair is needed, not the private one; secret keys do for
 *   both
 *
 * Returns: CKR_OK; CKR_KEY_TYPE_INCONSISTENT; CKR_KEY_FUNCTION_NOT_PERMITTED, also outside of
 *   CKA_START_DATE and CKA_END_DATE; CKR_MECHANISM_INVALID
 *   if the key's CKA_ALLOWED_MECHANISMS has not this one; CKR_USER_NOT_LOGGED_IN for a key with
 *   CKA_ALWAYS_AUTHENTICATE where there is no Init; CKR_KEY_SIZE_RANGE; CKR_CURVE_NOT_SUPPORTED.
 */
CK_RV craton_op_check_key (const CratonSession *session, const CratonMech *mech, CratonObject *key,
                           CK_ATTRIBUTE_TYPE permission, gboolean public_side);

/**
 * craton_op_new:
 * @mech: the row; has an operation of this kind
 * @mechanism: the caller's, for the parameter
 * @kind: what to do
 * @key: checked with craton_op_check_key(), a reference is taken; NULL for digests
 * @ret_op: free with craton_op_free()
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID; CKR_HOST_MEMORY; what the family finds wrong with
 *   the key.
 */
CK_RV craton_op_new (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonOpKind kind,
                     CratonObject *key, CratonOp **ret_op);

/**
 * craton_op_transform:
 * @session: asked whether the key may be used; NULL: do not ask
 * @op: the operation
 * @phase: which form of the call this is
 * @in, @in_len: input, none for CRATON_PHASE_FINAL
 * @out: NULL to ask for the length
 * @inout_len: the room in @out, and what was written to it or would be
 * @ret_alive: whether the operation goes on; to be freed otherwise
 *
 * Returns: CKR_OK; CKR_BUFFER_TOO_SMALL with the length in @inout_len; CKR_ARGUMENTS_BAD;
 *   CKR_OPERATION_ACTIVE; CKR_FUNCTION_NOT_SUPPORTED; CKR_USER_NOT_LOGGED_IN; CKR_HOST_MEMORY; the
 *   codes of data that is wrong.
 */
CK_RV craton_op_transform (CratonSession *session, CratonOp *op, CratonPhase phase,
                           const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *inout_len,
                           gboolean *ret_alive);

/**
 * craton_op_absorb:
 *
 * An update without output: digests, signatures and verification.
 *
 * Returns: CKR_OK; otherwise the operation is over.
 */
CK_RV craton_op_absorb (CratonSession *session, CratonOp *op, const CK_BYTE *in, CK_ULONG in_len);

/**
 * craton_op_begin:
 * @session: acquired
 * @mechanism: NULL: what is active ends
 * @key: for digests CK_INVALID_HANDLE
 *
 * C_EncryptInit and its like: puts an operation into the session's slot of @kind.
 *
 * Returns: CKR_OK; CKR_OPERATION_ACTIVE; CKR_MECHANISM_INVALID; the codes of
 *   craton_session_find_key(), craton_op_check_key() and craton_op_new().
 */
CK_RV craton_op_begin (CratonSession *session, const CK_MECHANISM *mechanism, CratonOpKind kind,
                       CK_OBJECT_HANDLE key);

/* The same with the client's handle; also the codes of craton_session_acquire(). */
CK_RV craton_op_init (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CratonOpKind kind,
                      CK_OBJECT_HANDLE key);

/**
 * craton_op_verify:
 * @phase: CRATON_PHASE_ONCE with input, or CRATON_PHASE_FINAL after updates
 *
 * The operation is over, whatever the answer.
 *
 * Returns: CKR_OK; CKR_SIGNATURE_INVALID; CKR_SIGNATURE_LEN_RANGE; CKR_ARGUMENTS_BAD;
 *   CKR_OPERATION_ACTIVE after an update; CKR_FUNCTION_NOT_SUPPORTED; CKR_USER_NOT_LOGGED_IN; the
 *   codes of data that is wrong.
 */
CK_RV craton_op_verify (CratonSession *session, CratonOp *op, CratonPhase phase, const CK_BYTE *in,
                        CK_ULONG in_len, const CK_BYTE *signature, CK_ULONG signature_len);

/* Frees the operation in the slot of @kind and forgets what libcrypto noted about the failure. */
void craton_op_end (CratonSession *session, CratonOpKind kind);

#endif /* CRATON_OPERATION_H */
