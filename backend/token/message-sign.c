/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_MessageSignInit to C_MessageVerifyFinal: one operation of the mechanism, made ready again after
 * each message. A signature that is wrong ends its message, not the process. None of the token's
 * mechanisms has a parameter for a single message. Data and signatures are the client's. Called
 * through the function list.
 */
#include "config.h"

#include "message.h"

#include "functions.h"
#include "operation.h"

#include <openssl/err.h>

typedef struct {
	CratonOp *inner; /* that signs or verifies */
	gboolean begun;  /* a message in parts */
} Process;

static CK_RV
process_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Process *process = g_new0 (Process, 1);
	CratonOpKind kind =
		op->kind == CRATON_OP_MESSAGE_SIGN ? CRATON_OP_SIGN : CRATON_OP_VERIFY;

	op->state = process;
	return craton_op_new (op->mech, mechanism, kind, op->key, &process->inner);
}

static void
process_clear (CratonOp *op)
{
	Process *process = op->state;

	if (process != NULL)
		craton_op_free (&process->inner);
	g_free (process);
}

const CratonMechClass craton_message_sign = { .init = process_init, .clear = process_clear };

/* Ready for the next message; if that fails, the process is over. */
static void
end_message (CratonSession *session, CratonOp *op)
{
	Process *process = op->state;
	CratonOp *inner = process->inner;

	process->begun = FALSE;
	/* Each message is a use of the key. */
	op->authenticated = inner->authenticated = inner->updated = FALSE;
	if (inner->klass->reset (inner) != CKR_OK)
		craton_op_end (session, op->kind);
	ERR_clear_error ();
}

/* Finds the process; the operation inside knows what the login was. */
static CK_RV
acquire (CK_SESSION_HANDLE handle, CratonOpKind kind, CratonSession **ret_session, CratonOp **ret_op)
{
	Process *process;
	CK_RV rv = craton_session_acquire (handle, ret_session);

	if (rv != CKR_OK)
		return rv;
	*ret_op = *craton_session_op (*ret_session, kind);
	if (*ret_op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	process = (*ret_op)->state;
	process->inner->authenticated = (*ret_op)->authenticated;
	return CKR_OK;
}

static CK_RV
check_param (const void *param, CK_ULONG param_len)
{
	(void) param;
	return param_len == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
begin_message (CK_SESSION_HANDLE handle, CratonOpKind kind, const void *param, CK_ULONG param_len)
{
	g_autoptr (CratonSession) session = NULL;
	Process *process;
	CratonOp *op;
	CK_RV rv = acquire (handle, kind, &session, &op);

	if (rv == CKR_OK)
		rv = check_param (param, param_len);
	if (rv != CKR_OK)
		return rv;
	process = op->state;
	if (process->begun)
		return CKR_OPERATION_ACTIVE;
	if (process->inner->klass->update == NULL)
		return CKR_FUNCTION_NOT_SUPPORTED;
	process->begun = TRUE;
	return CKR_OK;
}

static CK_RV
final (CK_SESSION_HANDLE handle, CratonOpKind kind)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = acquire (handle, kind, &session, &op);

	if (rv == CKR_OK)
		craton_op_end (session, kind);
	return rv;
}

CK_RV
craton_token_MessageSignInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                              CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_MESSAGE_SIGN, key);
}

CK_RV
craton_token_SignMessage (CK_SESSION_HANDLE handle, CK_VOID_PTR param, CK_ULONG param_len,
                          CK_BYTE_PTR data, CK_ULONG data_len, CK_BYTE_PTR signature,
                          CK_ULONG_PTR signature_len)
{
	g_autoptr (CratonSession) session = NULL;
	gboolean alive;
	Process *process;
	CratonOp *op;
	CK_RV rv = acquire (handle, CRATON_OP_MESSAGE_SIGN, &session, &op);

	if (rv == CKR_OK)
		rv = check_param (param, param_len);
	if (rv != CKR_OK)
		return rv;
	process = op->state;
	if (process->begun)
		return CKR_OPERATION_ACTIVE;
	rv = craton_op_transform (session, process->inner, CRATON_PHASE_ONCE, data, data_len,
	                          signature, signature_len, &alive);
	if (!alive)
		end_message (session, op);
	return rv;
}

CK_RV
craton_token_SignMessageBegin (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len)
{
	return begin_message (session, CRATON_OP_MESSAGE_SIGN, param, param_len);
}

/* The last part goes in when it is certain that the signature will come out: a call whose buffer was
 * too small is made again with the same part. */
static CK_RV
sign_next (CratonSession *session, CratonOp *inner, const CK_BYTE *part, CK_ULONG part_len,
           CK_BYTE *signature, CK_ULONG *signature_len, gboolean *ret_alive)
{
	CK_RV rv = CKR_OK;

	*ret_alive = FALSE;
	if (signature_len == NULL || (signature != NULL &&
	                              *signature_len >= inner->klass->out_len (inner, 0, TRUE)))
		rv = craton_op_absorb (session, inner, part, part_len);
	if (rv != CKR_OK)
		return rv;
	if (signature_len != NULL)
		return craton_op_transform (session, inner, CRATON_PHASE_FINAL, NULL, 0, signature,
		                            signature_len, ret_alive);
	*ret_alive = TRUE;
	return CKR_OK;
}

CK_RV
craton_token_SignMessageNext (CK_SESSION_HANDLE handle, CK_VOID_PTR param, CK_ULONG param_len,
                              CK_BYTE_PTR part, CK_ULONG part_len, CK_BYTE_PTR signature,
                              CK_ULONG_PTR signature_len)
{
	g_autoptr (CratonSession) session = NULL;
	gboolean alive = FALSE;
	Process *process;
	CratonOp *op;
	CK_RV rv = acquire (handle, CRATON_OP_MESSAGE_SIGN, &session, &op);

	if (rv != CKR_OK)
		return rv;
	process = op->state;
	if (!process->begun)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = check_param (param, param_len);
	if (rv == CKR_OK)
		rv = sign_next (session, process->inner, part, part_len, signature, signature_len,
		                &alive);
	if (!alive)
		end_message (session, op);
	return rv;
}

CK_RV
craton_token_MessageSignFinal (CK_SESSION_HANDLE session)
{
	return final (session, CRATON_OP_MESSAGE_SIGN);
}

CK_RV
craton_token_MessageVerifyInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                                CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_MESSAGE_VERIFY, key);
}

CK_RV
craton_token_VerifyMessage (CK_SESSION_HANDLE handle, CK_VOID_PTR param, CK_ULONG param_len,
                            CK_BYTE_PTR data, CK_ULONG data_len, CK_BYTE_PTR signature,
                            CK_ULONG signature_len)
{
	g_autoptr (CratonSession) session = NULL;
	Process *process;
	CratonOp *op;
	CK_RV rv = acquire (handle, CRATON_OP_MESSAGE_VERIFY, &session, &op);

	if (rv == CKR_OK)
		rv = check_param (param, param_len);
	if (rv != CKR_OK)
		return rv;
	process = op->state;
	if (process->begun)
		return CKR_OPERATION_ACTIVE;
	rv = craton_op_verify (session, process->inner, CRATON_PHASE_ONCE, data, data_len, signature,
	                       signature_len);
	end_message (session, op);
	return rv;
}

CK_RV
craton_token_VerifyMessageBegin (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len)
{
	return begin_message (session, CRATON_OP_MESSAGE_VERIFY, param, param_len);
}

CK_RV
craton_token_VerifyMessageNext (CK_SESSION_HANDLE handle, CK_VOID_PTR param, CK_ULONG param_len,
                                CK_BYTE_PTR part, CK_ULONG part_len, CK_BYTE_PTR signature,
                                CK_ULONG signature_len)
{
	g_autoptr (CratonSession) session = NULL;
	Process *process;
	CratonOp *op;
	CK_RV rv = acquire (handle, CRATON_OP_MESSAGE_VERIFY, &session, &op);

	if (rv != CKR_OK)
		return rv;
	process = op->state;
	if (!process->begun)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = check_param (param, param_len);
	if (rv == CKR_OK)
		rv = craton_op_absorb (session, process->inner, part, part_len);
	if (rv == CKR_OK && signature != NULL)
		rv = craton_op_verify (session, process->inner, CRATON_PHASE_FINAL, NULL, 0,
		                       signature, signature_len);
	if (rv != CKR_OK || signature != NULL)
		end_message (session, op);
	return rv;
}

CK_RV
craton_token_MessageVerifyFinal (CK_SESSION_HANDLE session)
{
	return final (session, CRATON_OP_MESSAGE_VERIFY);
}
