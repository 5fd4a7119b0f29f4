/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_GetOperationState and C_SetOperationState, for digests. libcrypto 3.0 cannot write a digest's
 * state down, so the state stays here, as a copy, and the client gets a random ticket for it: there
 * is nothing in the ticket that could be wrong, it is known or it is not. It is good in this process,
 * with this token, until C_Finalize or until STATES_MAX later ones were saved. Tickets and handles
 * are the client's. Called through the function list.
 */
#include "config.h"

#include "state.h"

#include "drbg.h"
#include "functions.h"
#include "operation.h"
#include "table.h"

#include <openssl/crypto.h>
#include <string.h>

#define STATES_MAX 256
#define TICKET_LEN 32

typedef struct {
	CK_BYTE ticket[TICKET_LEN];
	const CratonSlot *slot;
	CratonOp *op;
} State;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static State states[STATES_MAX]; /* guarded by lock, as next; free where op is NULL */
static guint next;

void
craton_state_clear (void)
{
	pthread_mutex_lock (&lock);
	for (guint i = 0; i < STATES_MAX; i++)
		craton_op_free (&states[i].op);
	pthread_mutex_unlock (&lock);
}

static CK_RV
copy_op (const CratonOp *op, CratonOp **ret_copy)
{
	CratonOp *copy = g_new0 (CratonOp, 1);
	CK_RV rv;

	copy->mech = op->mech;
	copy->klass = op->klass;
	copy->kind = op->kind;
	copy->updated = op->updated;
	rv = op->klass->copy (op, copy);
	if (rv == CKR_OK)
		*ret_copy = copy;
	else
		craton_op_free (&copy);
	return rv;
}

/* The one operation that is active, if its state can be saved. */
static CK_RV
find_op (CratonSession *session, CratonOp **ret_op)
{
	CratonOp *op = *craton_session_op (session, CRATON_OP_DIGEST);

	for (guint i = 0; i < CRATON_OP_KINDS; i++)
		if (i != CRATON_OP_DIGEST && *craton_session_op (session, i) != NULL)
			return CKR_STATE_UNSAVEABLE;
	if (op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	if (op->klass->copy == NULL)
		return CKR_STATE_UNSAVEABLE;
	*ret_op = op;
	return CKR_OK;
}

static CK_RV
save (const CratonSession *session, const CratonOp *op, CK_BYTE *ret_ticket)
{
	State state = { .slot = session->slot };
	CK_RV rv = craton_drbg_generate (state.ticket, TICKET_LEN);

	if (rv == CKR_OK)
		rv = copy_op (op, &state.op);
	if (rv != CKR_OK)
		return rv;
	pthread_mutex_lock (&lock);
	craton_op_free (&states[next].op);
	states[next] = state;
	next = (next + 1) % STATES_MAX;
	pthread_mutex_unlock (&lock);
	memcpy (ret_ticket, state.ticket, TICKET_LEN);
	return CKR_OK;
}

CK_RV
craton_token_GetOperationState (CK_SESSION_HANDLE handle, CK_BYTE_PTR state,
                                CK_ULONG_PTR state_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op = NULL;
	CK_ULONG room;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (state_len == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = find_op (session, &op);
	if (rv != CKR_OK)
		return rv;
	room = *state_len;
	*state_len = TICKET_LEN;
	if (state == NULL)
		return CKR_OK;
	return room < TICKET_LEN ? CKR_BUFFER_TOO_SMALL : save (session, op, state);
}

static CK_RV
restore (const CratonSession *session, const CK_BYTE *ticket, CratonOp **ret_op)
{
	CK_RV rv = CKR_SAVED_STATE_INVALID;

	pthread_mutex_lock (&lock);
	for (guint i = 0; i < STATES_MAX; i++)
		if (states[i].op != NULL && states[i].slot == session->slot &&
		    CRYPTO_memcmp (states[i].ticket, ticket, TICKET_LEN) == 0)
			rv = copy_op (states[i].op, ret_op);
	pthread_mutex_unlock (&lock);
	return rv;
}

/* What is active in the session gives way to what was saved. */
CK_RV
craton_token_SetOperationState (CK_SESSION_HANDLE handle, CK_BYTE_PTR state, CK_ULONG state_len,
                                CK_OBJECT_HANDLE encryption_key,
                                CK_OBJECT_HANDLE authentication_key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_BYTE ticket[TICKET_LEN];
	CratonOp *op = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (state == NULL)
		return CKR_ARGUMENTS_BAD;
	if (state_len != TICKET_LEN)
		return CKR_SAVED_STATE_INVALID;
	memcpy (ticket, state, TICKET_LEN);
	rv = restore (session, ticket, &op);
	if (rv == CKR_OK && (encryption_key != CK_INVALID_HANDLE ||
	                     authentication_key != CK_INVALID_HANDLE))
		rv = CKR_KEY_NOT_NEEDED;
	if (rv != CKR_OK) {
		craton_op_free (&op);
		return rv;
	}
	for (guint i = 0; i < CRATON_OP_KINDS; i++)
		craton_op_end (session, i);
	*craton_session_op (session, CRATON_OP_DIGEST) = op;
	return CKR_OK;
}
