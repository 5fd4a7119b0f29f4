/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions. A session is found by its handle, locked for the length of one call, and holds at most
 * one operation of each kind. Implemented in session.c; the C_* functions of operation.c and
 * mech-*.c start with craton_session_acquire().
 */
#ifndef CRATON_SESSION_H
#define CRATON_SESSION_H

#include <glib.h>

#include "mech.h"
#include "object.h"
#include "pkcs11.h"

/**
 * craton_session_acquire:
 * @handle: from the client, untrusted
 * @ret_session: counted and locked: two calls on one session follow one another, calls on two
 * sessions do not wait
 *
 * Give it back with craton_session_release().
 *
 * Returns: CKR_OK; CKR_CRYPTOKI_NOT_INITIALIZED; CKR_SESSION_HANDLE_INVALID.
 */
CK_RV craton_session_acquire (CK_SESSION_HANDLE handle, CratonSession **ret_session);
void craton_session_release (CratonSession *session);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonSession, craton_session_release)

/* The operation slot of a kind, *slot is NULL while none is active. Setting it to NULL frees
 * nothing: use craton_op_free(). CRATON_OP_KINDS slots a session. */
CratonOp **craton_session_op (CratonSession *session, CratonOpKind kind);

/* The configuration of the token that the session is with; lives as long as the process. */
const CratonTokenConfig *craton_session_config (const CratonSession *session);

/**
 * craton_session_mech:
 * @use: CKF_SIGN, CKF_WRAP ...
 * @ret_mech: the mechanism's row
 *
 * Returns: CKR_OK; CKR_MECHANISM_INVALID if the session's token has no such mechanism, or not for this
 *   use; CKR_FUNCTION_FAILED if an algorithm that it rests on has failed its self-test.
 */
CK_RV craton_session_mech (const CratonSession *session, const CK_MECHANISM *mechanism, CK_FLAGS use,
                           const CratonMech **ret_mech);

/**
 * craton_session_find_key:
 * @session: acquired
 * @handle: from the client, untrusted
 * @ret_object: counted, unref it
 *
 * Returns: CKR_OK; CKR_KEY_HANDLE_INVALID if there is no such object, it is no key, or it is
 * private and nobody is logged in (PKCS#11: a private object is invisible then).
 */
CK_RV craton_session_find_key (CratonSession *session, CK_OBJECT_HANDLE handle,
                               CratonObject **ret_object);

/**
 * craton_session_use_key:
 *
 * To be called for each use of a private or secret key: for one with CKA_ALWAYS_AUTHENTICATE, asks
 * for a C_Login (CKU_CONTEXT_SPECIFIC) since the operation's Init.
 *
 * Returns: CKR_OK; CKR_USER_NOT_LOGGED_IN.
 */
CK_RV craton_session_use_key (CratonSession *session, CratonOp *op);

#endif /* CRATON_SESSION_H */
