/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sessions, logins and what the operation functions ask of them (session.h). A handle is the
 * client's and checked at every call; a session that was closed while a call was in progress lives
 * until that call returns.
 */
#include "config.h"

#include "session.h"

#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

#include "attr.h"
#include "functions.h"
#include "ledger.h"
#include "pin.h"
#include "shelf.h"
#include "slot.h"
#include "table.h"

/* What a session is asked to end: a bit for each kind of operation, its search, and operations with private keys. */
#define END_FIND ((guint) 1 << CRATON_OP_KINDS)
#define END_PRIVATE ((guint) 2 << CRATON_OP_KINDS)
#define END_ALL (END_PRIVATE - 1)

static gboolean
is_private (const CratonOp *op)
{
	return op->key != NULL && (op->key->kind & CRATON_KINDS_GUARDED) != 0 &&
	       craton_object_get_bool (op->key, CKA_PRIVATE, TRUE);
}

static void
end_operations (CratonSession *session, guint ends)
{
	for (guint i = 0; i < CRATON_OP_KINDS; i++) {
		const CratonOp *op = session->ops[i];

		if (op != NULL && ((ends >> i & 1) != 0 || ((ends & END_PRIVATE) != 0 && is_private (op))))
			craton_op_free (&session->ops[i]);
	}
	if ((ends & END_FIND) != 0)
		g_clear_pointer (&session->found, g_array_unref);
}

void
craton_session_unref (CratonSession *session)
{
	if (!g_atomic_int_dec_and_test (&session->refs))
		return;
	end_operations (session, END_ALL);
	craton_store_unref (session->glance.store);
	pthread_mutex_destroy (&session->lock);
	g_free (session);
}

static void
end_what_is_asked (CratonSession *session)
{
	if (g_atomic_int_get (&session->ends) != 0)
		end_operations (session, g_atomic_int_and (&session->ends, 0));
}

/* Called with the session locked, which it is not any more afterwards. Whoever asks for an end
 * while the lock is held here cannot do it himself, so the question is asked once more after the
 * lock is free. */
static void
unlock_session (CratonSession *session)
{
	do {
		end_what_is_asked (session);
		pthread_mutex_unlock (&session->lock);
	} while (g_atomic_int_get (&session->ends) != 0 && pthread_mutex_trylock (&session->lock) == 0);
}

/* At once, or when the call that is running in the session returns. */
static void
ask_to_end (CratonSession *session, guint ends)
{
	(void) g_atomic_int_or (&session->ends, ends);
	if (pthread_mutex_trylock (&session->lock) == 0)
		unlock_session (session);
}

void
craton_session_purge (CratonSession *session)
{
	ask_to_end (session, END_PRIVATE);
}

CK_RV
craton_session_acquire (CK_SESSION_HANDLE handle, CratonSession **ret_session)
{
	CratonSession *session;
	CK_RV rv = craton_table_use_session (handle, &session);

	if (rv != CKR_OK)
		return rv;
	pthread_mutex_lock (&session->lock);
	end_what_is_asked (session);
	/* It may have been closed while we waited for another call. */
	if (g_atomic_int_get (&session->closed)) {
		craton_session_release (session);
		return CKR_SESSION_HANDLE_INVALID;
	}
	*ret_session = session;
	return CKR_OK;
}

void
craton_session_release (CratonSession *session)
{
	if (session == NULL)
		return;
	unlock_session (session);
	craton_session_unref (session);
}

CratonOp **
craton_session_op (CratonSession *session, CratonOpKind kind)
{
	return &session->ops[kind];
}

const CratonTokenConfig *
craton_session_config (const CratonSession *session)
{
	return &session->slot->config;
}

CK_RV
craton_session_mech (const CratonSession *session, const CK_MECHANISM *mechanism, CK_FLAGS use,
                     const CratonMech **ret_mech)
{
	const CratonMech *mech =
		craton_mech_find (&session->slot->config, mechanism->mechanism);
	CK_RV rv = CKR_OK;

	if (mech == NULL || (craton_mech_flags (mech) & use) == 0)
		return CKR_MECHANISM_INVALID;
	for (gsize i = 0; rv == CKR_OK && i < G_N_ELEMENTS (mech->selftests); i++)
		rv = craton_selftest_need (mech->selftests[i]);
	*ret_mech = mech;
	return rv;
}

CK_RV
craton_session_find_key (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject **ret_object)
{
	g_autoptr (CratonObject) object = NULL;
	CK_RV rv = craton_shelf_get (session, handle, &object);

	if (rv == CKR_OBJECT_HANDLE_INVALID ||
	    (rv == CKR_OK && (object->kind & CRATON_KINDS_KEY) == 0))
		return CKR_KEY_HANDLE_INVALID;
	if (rv != CKR_OK)
		return rv;
	if (object->locked)
		return CKR_USER_NOT_LOGGED_IN;
	*ret_object = g_steal_pointer (&object);
	return CKR_OK;
}

CK_RV
craton_session_use_key (CratonSession *session, CratonOp *op)
{
	if (op->key == NULL || (op->key->kind & CRATON_KINDS_GUARDED) == 0)
		return CKR_OK;
	if (g_atomic_int_get (&session->slot->login) != CRATON_LOGIN_USER && craton_object_get_bool (op->key, CKA_PRIVATE, TRUE))
		return CKR_USER_NOT_LOGGED_IN;
	if (craton_object_get_bool (op->key, CKA_ALWAYS_AUTHENTICATE, FALSE) && !op->authenticated)
		return CKR_USER_NOT_LOGGED_IN;
	return CKR_OK;
}

static CK_RV
open_session (CratonSlot *slot, CK_FLAGS flags, CK_SESSION_HANDLE *ret_handle)
{
	gboolean rw = (flags & CKF_RW_SESSION) != 0;
	CratonSession *session;

	if (!craton_table.initialized)
		return CKR_CRYPTOKI_NOT_INITIALIZED;
	/* PKCS#11 3.2, Cryptoki function return values for functions that use a token */
	if (!slot->initialized)
		return CKR_TOKEN_NOT_INITIALIZED;
	if (rw && slot->read_only)
		return CKR_TOKEN_WRITE_PROTECTED;
	if (!rw && slot->login == CRATON_LOGIN_SO)
		return CKR_SESSION_READ_WRITE_SO_EXISTS;
	if (craton_table.n_sessions >= CRATON_SESSIONS_MAX)
		return CKR_SESSION_COUNT;

	session = g_new0 (CratonSession, 1);
	session->refs = 1;
	session->handle = ++craton_table.last_session;
	session->slot = slot;
	session->flags = flags & (CKF_RW_SESSION | CKF_SERIAL_SESSION);
	pthread_mutex_init (&session->lock, NULL);
	craton_table_add_session (session);
	slot->n_sessions++;
	slot->n_read_only_sessions += rw ? 0 : 1;
	*ret_handle = session->handle;
	return CKR_OK;
}

CK_RV
craton_token_OpenSession (CK_SLOT_ID id, CK_FLAGS flags, CK_VOID_PTR application, CK_NOTIFY notify,
                          CK_SESSION_HANDLE_PTR ret_session)
{
	g_autoptr (CratonStore) store = NULL;
	CratonSlot *slot;
	CK_RV rv = craton_slot_find (id, &slot);

	if (rv != CKR_OK)
		return rv;
	if (ret_session == NULL)
		return CKR_ARGUMENTS_BAD;
	if ((flags & CKF_SERIAL_SESSION) == 0)
		return CKR_SESSION_PARALLEL_NOT_SUPPORTED;
	if ((flags & CKF_ASYNC_SESSION) != 0)
		return CKR_SESSION_ASYNC_NOT_SUPPORTED;
	rv = craton_slot_look (slot, &store);
	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	rv = open_session (slot, flags, ret_session);
	craton_table_unlock ();
	return rv;
}

/* Not by craton_session_acquire(): closing does not wait for a call in progress, which ends on its
 * own. */
CK_RV
craton_token_CloseSession (CK_SESSION_HANDLE handle)
{
	CratonSession *session;
	CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;

	craton_table_lock ();
	if (craton_table.initialized) {
		session = craton_table_session (handle);
		rv = session != NULL ? CKR_OK : CKR_SESSION_HANDLE_INVALID;
		if (session != NULL)
			craton_table_close_session (session);
	}
	craton_table_unlock ();
	return rv;
}

CK_RV
craton_token_CloseAllSessions (CK_SLOT_ID id)
{
	CratonSlot *slot;
	CK_RV rv = craton_slot_find (id, &slot);

	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	if (craton_table.initialized)
		craton_table_close_sessions_of (slot);
	craton_table_unlock ();
	return CKR_OK;
}

static CK_STATE
state_of (const CratonSession *session)
{
	gboolean rw = (session->flags & CKF_RW_SESSION) != 0;
	gint login = g_atomic_int_get (&session->slot->login);

	if (login == CRATON_LOGIN_SO)
		return CKS_RW_SO_FUNCTIONS;
	if (login == CRATON_LOGIN_USER)
		return rw ? CKS_RW_USER_FUNCTIONS : CKS_RO_USER_FUNCTIONS;
	return rw ? CKS_RW_PUBLIC_SESSION : CKS_RO_PUBLIC_SESSION;
}

CK_RV
craton_token_GetSessionInfo (CK_SESSION_HANDLE handle, CK_SESSION_INFO_PTR info)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (info == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_slot_glance (session, NULL);
	if (rv == CKR_OK)
		*info = (CK_SESSION_INFO){ session->slot->id, state_of (session), session->flags, 0 };
	return rv;
}

/* Whether this login can be, before the PIN is looked at; called under the table's lock. */
static CK_RV
may_log_in (const CratonSlot *slot, CratonPinRole role)
{
	CratonLogin wanted = role == CRATON_PIN_SO ? CRATON_LOGIN_SO : CRATON_LOGIN_USER;

	if (slot->login == (gint) wanted)
		return CKR_USER_ALREADY_LOGGED_IN;
	if (slot->login != CRATON_LOGIN_NONE)
		return CKR_USER_ANOTHER_ALREADY_LOGGED_IN;
	if (role == CRATON_PIN_SO && slot->n_read_only_sessions > 0)
		return CKR_SESSION_READ_ONLY_EXISTS;
	return CKR_OK;
}

/* Whether the objects are those that Craton has written: see ledger.h. */
static CK_RV
check_objects (CratonSlot *slot, CratonPinRole role, const CratonSealKey *key, const guint8 *wrap,
               GHashTable **ret_faults)
{
	g_autoptr (CratonStore) store = NULL;
	guint8 epoch[CRATON_SEAL_EPOCH_LEN];
	CK_RV rv = craton_slot_look (slot, &store);

	if (rv != CKR_OK || store == NULL)
		return rv != CKR_OK ? rv : CKR_DEVICE_REMOVED;
	craton_table_lock ();
	memcpy (epoch, slot->token.epoch, sizeof epoch);
	/* Initialised anew, or with another PIN, since it was tried. */
	if (!craton_seal_is_same_pin (slot->token.pins[role].wrap, wrap))
		rv = CKR_PIN_INCORRECT;
	craton_table_unlock ();
	if (rv != CKR_OK)
		return rv;
	return craton_ledger_check (store, key, epoch, slot->config.name, ret_faults);
}

static CK_RV
log_in (CratonSession *session, CratonPinRole role, const CK_BYTE *pin, CK_ULONG pin_len)
{
	CratonSlot *slot = session->slot;
	g_autoptr (CratonSealKey) key = NULL;
	g_autoptr (GHashTable) faults = NULL;
	guint8 wrap[CRATON_SEAL_WRAP_LEN];
	CK_RV rv;

	craton_table_lock ();
	rv = may_log_in (slot, role);
	craton_table_unlock ();
	if (rv == CKR_OK)
		rv = craton_pin_verify (slot, role, pin, pin_len, &key, wrap);
	if (rv == CKR_OK)
		rv = check_objects (slot, role, key, wrap, &faults);
	if (rv != CKR_OK)
		return rv;

	craton_table_lock ();
	/* Checking took its time: another thread may have been first. */
	rv = session->closed ? CKR_SESSION_CLOSED : may_log_in (slot, role);
	if (rv == CKR_OK) {
		craton_table_set_login (slot, role == CRATON_PIN_SO ? CRATON_LOGIN_SO : CRATON_LOGIN_USER);
		slot->key = g_steal_pointer (&key);
		slot->faults = g_steal_pointer (&faults);
		memcpy (slot->login_wrap, wrap, sizeof wrap);
	}
	craton_table_unlock ();
	return rv;
}

static gboolean
waits_for_pin (const CratonOp *op)
{
	return op != NULL && op->key != NULL &&
	       craton_object_get_bool (op->key, CKA_ALWAYS_AUTHENTICATE, FALSE);
}

/* PKCS#11 3.2, Private key objects: the PIN once more, for one use of the key. */
static CK_RV
log_in_again (CratonSession *session, const CK_BYTE *pin, CK_ULONG pin_len)
{
	CratonSlot *slot = session->slot;
	g_autoptr (CratonSealKey) key = NULL;
	guint8 wrap[CRATON_SEAL_WRAP_LEN];
	gboolean waiting = FALSE, logged_in;
	CK_RV rv;

	for (gsize i = 0; i < CRATON_OP_KINDS; i++)
		waiting = waiting || waits_for_pin (session->ops[i]);
	craton_table_lock ();
	logged_in = slot->login == CRATON_LOGIN_USER;
	craton_table_unlock ();
	if (!waiting || !logged_in)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = craton_pin_verify (slot, CRATON_PIN_USER, pin, pin_len, &key, wrap);
	if (rv == CKR_PIN_LOCKED) {
		craton_table_lock ();
		craton_table_logout (slot);
		craton_table_unlock ();
	}
	if (rv != CKR_OK)
		return rv;
	for (gsize i = 0; i < CRATON_OP_KINDS; i++)
		if (waits_for_pin (session->ops[i]))
			session->ops[i]->authenticated = TRUE;
	return CKR_OK;
}

CK_RV
craton_token_Login (CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
                    CK_ULONG pin_len)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonStore) store = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (user != CKU_SO && user != CKU_USER && user != CKU_CONTEXT_SPECIFIC)
		return CKR_USER_TYPE_INVALID;
	/* There is no protected authentication path that NULL could ask for. */
	if (pin == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_slot_look (session->slot, &store);
	if (rv != CKR_OK)
		return rv;
	if (user == CKU_CONTEXT_SPECIFIC)
		return log_in_again (session, pin, pin_len);
	return log_in (session, user == CKU_SO ? CRATON_PIN_SO : CRATON_PIN_USER, pin, pin_len);
}

/* The token's users have no names: the empty one is C_Login, any other one is nobody's. */
CK_RV
craton_token_LoginUser (CK_SESSION_HANDLE handle, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin,
                        CK_ULONG pin_len, CK_UTF8CHAR_PTR name, CK_ULONG name_len)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv;

	if (name_len == 0)
		return craton_token_Login (handle, user, pin, pin_len);
	rv = craton_session_acquire (handle, &session);
	if (rv != CKR_OK)
		return rv;
	return name == NULL ? CKR_ARGUMENTS_BAD : CKR_USER_TYPE_INVALID;
}

CK_RV
craton_token_Logout (CK_SESSION_HANDLE handle)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	rv = session->slot->login == CRATON_LOGIN_NONE ? CKR_USER_NOT_LOGGED_IN : CKR_OK;
	craton_table_logout (session->slot);
	craton_table_unlock ();
	return rv;
}

/* Like C_CloseSession it does not wait for a call in progress. */
CK_RV
craton_token_SessionCancel (CK_SESSION_HANDLE handle, CK_FLAGS flags)
{
	static const CK_FLAGS kinds[CRATON_OP_KINDS] = {
		[CRATON_OP_ENCRYPT] = CKF_ENCRYPT,
		[CRATON_OP_DECRYPT] = CKF_DECRYPT,
		[CRATON_OP_DIGEST] = CKF_DIGEST,
		[CRATON_OP_SIGN] = CKF_SIGN,
		[CRATON_OP_SIGN_RECOVER] = CKF_SIGN_RECOVER,
		[CRATON_OP_VERIFY] = CKF_VERIFY,
		[CRATON_OP_VERIFY_RECOVER] = CKF_VERIFY_RECOVER,
		[CRATON_OP_MESSAGE_ENCRYPT] = CKF_MESSAGE_ENCRYPT,
		[CRATON_OP_MESSAGE_DECRYPT] = CKF_MESSAGE_DECRYPT,
		[CRATON_OP_MESSAGE_SIGN] = CKF_MESSAGE_SIGN,
		[CRATON_OP_MESSAGE_VERIFY] = CKF_MESSAGE_VERIFY,
	};
	CratonSession *session;
	guint ends = (flags & CKF_FIND_OBJECTS) != 0 ? END_FIND : 0;
	CK_RV rv = craton_table_use_session (handle, &session);

	if (rv != CKR_OK)
		return rv;
	for (guint i = 0; i < CRATON_OP_KINDS; i++)
		ends |= (flags & kinds[i]) != 0 ? (guint) 1 << i : 0;
	ask_to_end (session, ends);
	craton_session_unref (session);
	return CKR_OK;
}

/* No validation of the token is claimed, so no operation was ever done under one. */
CK_RV
craton_token_GetSessionValidationFlags (CK_SESSION_HANDLE handle,
                                        CK_SESSION_VALIDATION_FLAGS_TYPE type, CK_FLAGS_PTR flags)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (flags == NULL || type != CKS_LAST_VALIDATION_OK)
		return CKR_ARGUMENTS_BAD;
	*flags = 0;
	return CKR_OK;
}
