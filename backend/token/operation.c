/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Operations: C_EncryptInit to C_VerifyRecover. What PKCS#11 says of all mechanisms alike is here:
 * who may use which key, what ends an operation (everything but success of an update, a length
 * query and CKR_BUFFER_TOO_SMALL), and how results are handed over. The mechanism's row does the
 * rest. Handles, mechanisms and data are the client's and not trusted. Called through the function
 * list, and by operation-dual.c and wrap.c.
 */
#include "config.h"

#include "operation.h"

#include "algs.h"
#include "builtin.h"
#include "functions.h"
#include "mech-curve.h"
#include "message.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

typedef struct {
	CK_FLAGS flag;
	CK_ATTRIBUTE_TYPE permission;
	gboolean public_side;
	glong klass_offset; /* in the row, or */
	const CratonMechClass *klass;
} Kind;

static const Kind kinds[CRATON_OP_KINDS] = {
	[CRATON_OP_ENCRYPT] = { CKF_ENCRYPT, CKA_ENCRYPT, TRUE,
	                        G_STRUCT_OFFSET (CratonMech, crypt) },
	[CRATON_OP_DECRYPT] = { CKF_DECRYPT, CKA_DECRYPT, FALSE,
	                        G_STRUCT_OFFSET (CratonMech, crypt) },
	[CRATON_OP_DIGEST] = { CKF_DIGEST, 0, FALSE, G_STRUCT_OFFSET (CratonMech, digest) },
	[CRATON_OP_SIGN] = { CKF_SIGN, CKA_SIGN, FALSE, G_STRUCT_OFFSET (CratonMech, sign) },
	[CRATON_OP_SIGN_RECOVER] = { CKF_SIGN_RECOVER, CKA_SIGN_RECOVER, FALSE,
	                             G_STRUCT_OFFSET (CratonMech, recover) },
	[CRATON_OP_VERIFY] = { CKF_VERIFY, CKA_VERIFY, TRUE, G_STRUCT_OFFSET (CratonMech, sign) },
	[CRATON_OP_VERIFY_RECOVER] = { CKF_VERIFY_RECOVER, CKA_VERIFY_RECOVER, TRUE,
	                               G_STRUCT_OFFSET (CratonMech, recover) },
	[CRATON_OP_MESSAGE_ENCRYPT] = { CKF_MESSAGE_ENCRYPT, CKA_ENCRYPT, TRUE, 0,
	                                &craton_message_crypt },
	[CRATON_OP_MESSAGE_DECRYPT] = { CKF_MESSAGE_DECRYPT, CKA_DECRYPT, FALSE, 0,
	                                &craton_message_crypt },
	[CRATON_OP_MESSAGE_SIGN] = { CKF_MESSAGE_SIGN, CKA_SIGN, FALSE, 0, &craton_message_sign },
	[CRATON_OP_MESSAGE_VERIFY] = { CKF_MESSAGE_VERIFY, CKA_VERIFY, TRUE, 0,
	                               &craton_message_sign },
};

static void
drop_held (CratonOp *op)
{
	OPENSSL_clear_free (op->held, op->held_size);
	op->held = NULL;
	op->held_len = op->held_size = 0;
}

void
craton_op_free (CratonOp **slot)
{
	CratonOp *op = g_steal_pointer (slot);

	if (op == NULL)
		return;
	if (op->klass->clear != NULL)
		op->klass->clear (op);
	drop_held (op);
	OPENSSL_free (op->signature);
	craton_object_unref (op->key);
	g_free (op);
}

void
craton_op_end (CratonSession *session, CratonOpKind kind)
{
	craton_op_free (craton_session_op (session, kind));
	/* Clearing goes through all of the queue. */
	if (ERR_peek_error () != 0)
		ERR_clear_error ();
}

/* CKA_ALLOWED_MECHANISMS, absent or empty: all are. */
static gboolean
key_allows (CratonObject *key, CK_MECHANISM_TYPE type)
{
	gsize len = 0;
	const CK_BYTE *allowed = craton_object_get (key, CKA_ALLOWED_MECHANISMS, &len);

	if (allowed == NULL || len == 0)
		return TRUE;
	for (gsize i = 0; i + sizeof (type) <= len; i += sizeof (type))
		if (memcmp (allowed + i, &type, sizeof type) == 0)
			return TRUE;
	return FALSE;
}

static CK_RV
check_curve (const CratonTokenConfig *config, CratonObject *key)
{
	const CratonCurve *curve = craton_mech_curve_of (key);

	return curve != NULL && craton_mech_curve_offered (curve, config)
	               ? CKR_OK
	               : CKR_CURVE_NOT_SUPPORTED;
}

/* EC keys have a curve, post-quantum keys a parameter set that is known; the others have a range. */
static CK_RV
check_size (const CratonTokenConfig *config, const CratonMech *mech, CratonObject *key,
            CK_KEY_TYPE type)
{
	gsize size = 0;
	EVP_PKEY *pkey = NULL;
	CK_RV rv;

	if (type == CKK_EC || type == CKK_EC_EDWARDS || type == CKK_EC_MONTGOMERY)
		return check_curve (config, key);
	if (type == CKK_ML_KEM || type == CKK_ML_DSA || type == CKK_SLH_DSA)
		return CKR_OK;
	if (type == CKK_RSA || type == CKK_DH || type == CKK_DSA) {
		rv = craton_object_pkey (key, &pkey);
		if (rv != CKR_OK)
			return rv;
		size = (gsize) EVP_PKEY_get_bits (pkey);
	} else {
		(void) craton_object_get (key, CKA_VALUE, &size);
	}
	return size < craton_mech_min_size (config, mech) || size > mech->max_size
	               ? CKR_KEY_SIZE_RANGE
	               : CKR_OK;
}

/* SP 800-57 part 1, 5.3: before its time a key does nothing, after it only what others have made
 * with it is read. Both days are part of it, and days are UTC's. */
static gboolean
is_in_time (const CratonObject *key, CK_ATTRIBUTE_TYPE permission)
{
	gsize start_len = 0, end_len = 0;
	const CK_BYTE *start = craton_object_get (key, CKA_START_DATE, &start_len);
	const CK_BYTE *end = craton_object_get (key, CKA_END_DATE, &end_len);
	gchar today[CRATON_BUILTIN_TIME_LEN + 1];

	if (start_len != sizeof (CK_DATE) && end_len != sizeof (CK_DATE))
		return TRUE;
	craton_builtin_time (today);
	if (start_len == sizeof (CK_DATE) && memcmp (today, start, start_len) < 0)
		return FALSE;
	if (end_len != sizeof (CK_DATE) || memcmp (today, end, end_len) <= 0)
		return TRUE;
	return permission == CKA_VERIFY || permission == CKA_VERIFY_RECOVER ||
	       permission == CKA_DECRYPT || permission == CKA_UNWRAP ||
	       permission == CKA_DECAPSULATE;
}

CK_RV
craton_op_check_key (const CratonSession *session, const CratonMech *mech, CratonObject *key,
                     CK_ATTRIBUTE_TYPE permission, gboolean public_side)
{
	CK_OBJECT_CLASS class =
		craton_object_get_ulong (key, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);
	CK_KEY_TYPE type = craton_object_get_ulong (key, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION);

	if (mech->any_private) {
		if (class != CKO_PRIVATE_KEY)
			return CKR_KEY_TYPE_INCONSISTENT;
		return key_allows (key, mech->type) ? check_size (craton_session_config (session),
		                                                  mech, key, type)
		                                    : CKR_MECHANISM_INVALID;
	}
	if (type == CK_UNAVAILABLE_INFORMATION ||
	    (!mech->any_secret && type != mech->key_type && type != mech->key_type2))
		return CKR_KEY_TYPE_INCONSISTENT;
	if (mech->any_secret && class != CKO_SECRET_KEY)
		return CKR_KEY_TYPE_INCONSISTENT;
	if (class != CKO_SECRET_KEY && class != CKO_OTP_KEY && class != (public_side ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY))
		return CKR_KEY_TYPE_INCONSISTENT;
	if (!craton_object_get_bool (key, permission, FALSE) || !is_in_time (key, permission))
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	if (!key_allows (key, mech->type))
		return CKR_MECHANISM_INVALID;
	/* The PIN is asked for between Init and use (PKCS#11 3.2, C_Login), and these have no Init. */
	if ((permission == CKA_UNWRAP || permission == CKA_DERIVE ||
	     permission == CKA_DECAPSULATE) &&
	    craton_object_get_bool (key, CKA_ALWAYS_AUTHENTICATE, FALSE))
		return CKR_USER_NOT_LOGGED_IN;
	return check_size (craton_session_config (session), mech, key, type);
}

CK_RV
craton_op_new (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonOpKind kind,
               CratonObject *key, CratonOp **ret_op)
{
	CratonOp *op = g_new0 (CratonOp, 1);
	CK_RV rv;

	op->mech = mech;
	op->klass = kinds[kind].klass;
	if (op->klass == NULL)
		op->klass = G_STRUCT_MEMBER (const CratonMechClass *, mech,
		                             kinds[kind].klass_offset);
	op->kind = kind;
	op->key = key == NULL ? NULL : craton_object_ref (key);
	rv = op->klass->init (op, mechanism);
	if (rv != CKR_OK) {
		craton_op_free (&op);
		ERR_clear_error ();
		return rv;
	}
	*ret_op = op;
	return CKR_OK;
}

CK_RV
craton_op_begin (CratonSession *session, const CK_MECHANISM *mechanism, CratonOpKind kind,
                 CK_OBJECT_HANDLE key_handle)
{
	g_autoptr (CratonObject) key = NULL;
	const CratonMech *mech;
	CratonOp **slot = craton_session_op (session, kind);
	CK_RV rv = CKR_OK;

	if (mechanism == NULL) {
		/* PKCS#11 3.0, C_EncryptInit: a NULL mechanism cancels what is active. */
		craton_op_free (slot);
		return CKR_OK;
	}
	if (*slot != NULL)
		return CKR_OPERATION_ACTIVE;
	rv = craton_session_mech (session, mechanism, kinds[kind].flag, &mech);
	if (rv == CKR_OK && kind != CRATON_OP_DIGEST) {
		rv = craton_session_find_key (session, key_handle, &key);
		if (rv == CKR_OK)
			rv = craton_op_check_key (session, mech, key, kinds[kind].permission,
			                          kinds[kind].public_side);
	}
	if (rv == CKR_OK)
		rv = craton_op_new (mech, mechanism, kind, key, slot);
	if (rv == CKR_OK) {
		(*slot)->session = session;
		(*slot)->key_handle = key_handle;
	}
	return rv;
}

CK_RV
craton_op_init (CK_SESSION_HANDLE handle, CK_MECHANISM *mechanism, CratonOpKind kind,
                CK_OBJECT_HANDLE key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	return rv == CKR_OK ? craton_op_begin (session, mechanism, kind, key) : rv;
}

static gboolean
has_phase (const CratonMechClass *klass, CratonPhase phase)
{
	switch (phase) {
	case CRATON_PHASE_ONCE:
		return klass->once != NULL;
	case CRATON_PHASE_UPDATE:
		return klass->update != NULL;
	case CRATON_PHASE_FINAL:
		return klass->final != NULL;
	}
	return FALSE;
}

static CK_RV
use_key (CratonSession *session, CratonOp *op)
{
	return session == NULL || op->key == NULL ? CKR_OK : craton_session_use_key (session, op);
}

static CK_RV
run (CratonSession *session, CratonOp *op, CratonPhase phase, const CK_BYTE *in, CK_ULONG in_len,
     CK_BYTE *out, CK_ULONG *ret_len)
{
	CK_RV rv = use_key (session, op);

	if (rv != CKR_OK)
		return rv;
	switch (phase) {
	case CRATON_PHASE_ONCE:
		return op->klass->once (op, in, in_len, out, ret_len);
	case CRATON_PHASE_UPDATE:
		op->updated = TRUE;
		return op->klass->update (op, in, in_len, out, ret_len);
	case CRATON_PHASE_FINAL:
		return op->klass->final (op, out, ret_len);
	}
	return CKR_GENERAL_ERROR;
}

static gboolean
digest_input (const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *digest)
{
	return EVP_Digest (in, in_len, digest, NULL, craton_algs_md (CRATON_HASH_SHA256), NULL) ==
	       1;
}

/* Whether what is held is the answer to this call: a one-shot call that is repeated may come with
 * other data. */
static gboolean
is_answer (const CratonOp *op, CratonPhase phase, const CK_BYTE *in, CK_ULONG in_len)
{
	CK_BYTE digest[sizeof op->held_digest];

	if (op->held == NULL)
		return FALSE;
	return phase != CRATON_PHASE_ONCE || (digest_input (in, in_len, digest) &&
	                                      memcmp (digest, op->held_digest, sizeof digest) == 0);
}

/* Makes the result in private memory, unless it is there already from a call whose buffer was too
 * small. */
static CK_RV
hold (CratonSession *session, CratonOp *op, CratonPhase phase, const CK_BYTE *in, CK_ULONG in_len,
      CK_ULONG max, CK_ULONG room)
{
	CK_ULONG len = 0;
	CK_RV rv;

	if (is_answer (op, phase, in, in_len))
		return CKR_OK;
	drop_held (op);
	op->held_size = MAX (max, 1);
	op->held = OPENSSL_malloc (op->held_size);
	if (op->held == NULL)
		return CKR_HOST_MEMORY;
	rv = run (session, op, phase, in, in_len, op->held, &len);
	if (rv != CKR_OK)
		return rv;
	op->held_len = len;
	op->held_phase = phase;
	if (room < len && phase == CRATON_PHASE_ONCE && !digest_input (in, in_len, op->held_digest))
		return CKR_GENERAL_ERROR;
	return CKR_OK;
}

static gboolean
is_held (const CratonOp *op, CratonPhase phase, CK_ULONG room, CK_ULONG max)
{
	if (op->kind != CRATON_OP_DECRYPT && op->kind != CRATON_OP_VERIFY_RECOVER)
		return FALSE;
	if (phase == CRATON_PHASE_UPDATE || op->klass->hold == CRATON_HOLD_NEVER)
		return FALSE;
	return op->klass->hold == CRATON_HOLD_ALWAYS || op->held != NULL || room < max;
}

static CK_RV
transform (CratonSession *session, CratonOp *op, CratonPhase phase, const CK_BYTE *in,
           CK_ULONG in_len, CK_BYTE *out, CK_ULONG *inout_len, gboolean *ret_alive)
{
	CK_ULONG room = *inout_len,
		 max = op->klass->out_len (op, in_len, phase != CRATON_PHASE_UPDATE);
	CK_RV rv;

	if (out == NULL) {
		*inout_len = op->held == NULL ? max : op->held_len;
		*ret_alive = TRUE;
		return CKR_OK;
	}
	if (is_held (op, phase, room, max)) {
		rv = hold (session, op, phase, in, in_len, max, room);
		if (rv != CKR_OK)
			return rv;
		max = op->held_len;
	}
	if (room < max) {
		*inout_len = max;
		*ret_alive = TRUE;
		return CKR_BUFFER_TOO_SMALL;
	}
	if (op->held != NULL) {
		memcpy (out, op->held, op->held_len);
		*inout_len = op->held_len;
		return CKR_OK;
	}
	rv = run (session, op, phase, in, in_len, out, &max);
	if (rv == CKR_OK) {
		*inout_len = max;
		*ret_alive = phase == CRATON_PHASE_UPDATE;
	}
	return rv;
}

CK_RV
craton_op_transform (CratonSession *session, CratonOp *op, CratonPhase phase, const CK_BYTE *in,
                     CK_ULONG in_len, CK_BYTE *out, CK_ULONG *inout_len, gboolean *ret_alive)
{
	gboolean decrypts = op->kind == CRATON_OP_DECRYPT;

	*ret_alive = FALSE;
	if (inout_len == NULL || (in == NULL && in_len > 0))
		return CKR_ARGUMENTS_BAD;
	if (phase == CRATON_PHASE_ONCE && op->updated)
		return CKR_OPERATION_ACTIVE;
	if (!has_phase (op->klass, phase))
		return CKR_FUNCTION_NOT_SUPPORTED;
	/* The result was already computed for a call whose buffer was too small; only that call can
	 * come now. */
	if (op->held != NULL && phase != op->held_phase)
		return CKR_OPERATION_ACTIVE;
	/* Lengths can be added up from here on. */
	if (in_len > G_MAXSSIZE)
		return decrypts ? CKR_ENCRYPTED_DATA_LEN_RANGE : CKR_DATA_LEN_RANGE;
	return transform (session, op, phase, in, in_len, out, inout_len, ret_alive);
}

CK_RV
craton_op_absorb (CratonSession *session, CratonOp *op, const CK_BYTE *in, CK_ULONG in_len)
{
	if (in == NULL && in_len > 0)
		return CKR_ARGUMENTS_BAD;
	if (op->klass->update == NULL)
		return CKR_FUNCTION_NOT_SUPPORTED;
	if (in_len > G_MAXSSIZE)
		return CKR_DATA_LEN_RANGE;
	return run (session, op, CRATON_PHASE_UPDATE, in, in_len, NULL, NULL);
}

/* The calls with an output: all but updates of digests, signatures and verification, and
 * verification. */
static CK_RV
step (CK_SESSION_HANDLE handle, CratonOpKind kind, CratonPhase phase, const CK_BYTE *in,
      CK_ULONG in_len, CK_BYTE *out, CK_ULONG *inout_len)
{
	g_autoptr (CratonSession) session = NULL;
	gboolean alive;
	CratonOp *op;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	op = *craton_session_op (session, kind);
	if (op == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = craton_op_transform (session, op, phase, in, in_len, out, inout_len, &alive);
	if (!alive)
		craton_op_end (session, kind);
	return rv;
}

CK_ULONG
craton_token_output_length (CK_SESSION_HANDLE handle, gboolean signs)
{
	g_autoptr (CratonSession) session = NULL;
	CK_ULONG len;
	CratonOp *op;

	if (craton_session_acquire (handle, &session) != CKR_OK)
		return CK_UNAVAILABLE_INFORMATION;
	op = *craton_session_op (session, signs ? CRATON_OP_SIGN : CRATON_OP_DIGEST);
	if (op == NULL || !has_phase (op->klass, CRATON_PHASE_ONCE))
		return CK_UNAVAILABLE_INFORMATION;
	len = op->klass->out_len (op, 0, TRUE);
	return len == op->klass->out_len (op, 1000003, TRUE) ? len : CK_UNAVAILABLE_INFORMATION;
}

static CK_RV
absorb (CK_SESSION_HANDLE handle, CratonOpKind kind, const CK_BYTE *in, CK_ULONG in_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	op = *craton_session_op (session, kind);
	if (op == NULL || op->signature != NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = craton_op_absorb (session, op, in, in_len);
	if (rv != CKR_OK)
		craton_op_end (session, kind);
	return rv;
}

CK_RV
craton_op_verify (CratonSession *session, CratonOp *op, CratonPhase phase, const CK_BYTE *in,
                  CK_ULONG in_len, const CK_BYTE *signature, CK_ULONG signature_len)
{
	gboolean once = phase == CRATON_PHASE_ONCE;
	CK_RV rv;

	if ((in == NULL && in_len > 0) || (signature == NULL && signature_len > 0))
		return CKR_ARGUMENTS_BAD;
	if (once && op->updated)
		return CKR_OPERATION_ACTIVE;
	if (once ? op->klass->verify_once == NULL : op->klass->verify_final == NULL)
		return CKR_FUNCTION_NOT_SUPPORTED;
	if (in_len > G_MAXSSIZE)
		return CKR_DATA_LEN_RANGE;
	rv = use_key (session, op);
	if (rv != CKR_OK)
		return rv;
	if (once)
		return op->klass->verify_once (op, in, in_len, signature, signature_len);
	return op->klass->verify_final (op, signature, signature_len);
}

static CK_RV
check_signature (CK_SESSION_HANDLE handle, CratonPhase phase, const CK_BYTE *in, CK_ULONG in_len,
                 const CK_BYTE *signature, CK_ULONG signature_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	op = *craton_session_op (session, CRATON_OP_VERIFY);
	if (op == NULL || op->signature != NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	rv = craton_op_verify (session, op, phase, in, in_len, signature, signature_len);
	craton_op_end (session, CRATON_OP_VERIFY);
	return rv;
}

CK_RV
craton_token_EncryptInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                          CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_ENCRYPT, key);
}

CK_RV
craton_token_Encrypt (CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_len,
                      CK_BYTE_PTR encrypted, CK_ULONG_PTR encrypted_len)
{
	return step (session, CRATON_OP_ENCRYPT, CRATON_PHASE_ONCE, data, data_len, encrypted,
	             encrypted_len);
}

CK_RV
craton_token_EncryptUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_len,
                            CK_BYTE_PTR encrypted, CK_ULONG_PTR encrypted_len)
{
	return step (session, CRATON_OP_ENCRYPT, CRATON_PHASE_UPDATE, part, part_len, encrypted,
	             encrypted_len);
}

CK_RV
craton_token_EncryptFinal (CK_SESSION_HANDLE session, CK_BYTE_PTR last, CK_ULONG_PTR last_len)
{
	return step (session, CRATON_OP_ENCRYPT, CRATON_PHASE_FINAL, NULL, 0, last, last_len);
}

CK_RV
craton_token_DecryptInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                          CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_DECRYPT, key);
}

CK_RV
craton_token_Decrypt (CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted, CK_ULONG encrypted_len,
                      CK_BYTE_PTR data, CK_ULONG_PTR data_len)
{
	return step (session, CRATON_OP_DECRYPT, CRATON_PHASE_ONCE, encrypted, encrypted_len, data,
	             data_len);
}

CK_RV
craton_token_DecryptUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR encrypted,
                            CK_ULONG encrypted_len, CK_BYTE_PTR part, CK_ULONG_PTR part_len)
{
	return step (session, CRATON_OP_DECRYPT, CRATON_PHASE_UPDATE, encrypted, encrypted_len,
	             part, part_len);
}

CK_RV
craton_token_DecryptFinal (CK_SESSION_HANDLE session, CK_BYTE_PTR last, CK_ULONG_PTR last_len)
{
	return step (session, CRATON_OP_DECRYPT, CRATON_PHASE_FINAL, NULL, 0, last, last_len);
}

CK_RV
craton_token_DigestInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism)
{
	return craton_op_init (session, mechanism, CRATON_OP_DIGEST, CK_INVALID_HANDLE);
}

CK_RV
craton_token_Digest (CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_len,
                     CK_BYTE_PTR digest, CK_ULONG_PTR digest_len)
{
	return step (session, CRATON_OP_DIGEST, CRATON_PHASE_ONCE, data, data_len, digest,
	             digest_len);
}

CK_RV
craton_token_DigestUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_len)
{
	return absorb (session, CRATON_OP_DIGEST, part, part_len);
}

CK_RV
craton_token_DigestFinal (CK_SESSION_HANDLE session, CK_BYTE_PTR digest, CK_ULONG_PTR digest_len)
{
	return step (session, CRATON_OP_DIGEST, CRATON_PHASE_FINAL, NULL, 0, digest, digest_len);
}

CK_RV
craton_token_SignInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_SIGN, key);
}

CK_RV
craton_token_Sign (CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_len,
                   CK_BYTE_PTR signature, CK_ULONG_PTR signature_len)
{
	return step (session, CRATON_OP_SIGN, CRATON_PHASE_ONCE, data, data_len, signature,
	             signature_len);
}

CK_RV
craton_token_SignUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_len)
{
	return absorb (session, CRATON_OP_SIGN, part, part_len);
}

CK_RV
craton_token_SignFinal (CK_SESSION_HANDLE session, CK_BYTE_PTR signature,
                        CK_ULONG_PTR signature_len)
{
	return step (session, CRATON_OP_SIGN, CRATON_PHASE_FINAL, NULL, 0, signature,
	             signature_len);
}

CK_RV
craton_token_SignRecoverInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                              CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_SIGN_RECOVER, key);
}

CK_RV
craton_token_SignRecover (CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_len,
                          CK_BYTE_PTR signature, CK_ULONG_PTR signature_len)
{
	return step (session, CRATON_OP_SIGN_RECOVER, CRATON_PHASE_ONCE, data, data_len, signature,
	             signature_len);
}

CK_RV
craton_token_VerifyInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                         CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_VERIFY, key);
}

CK_RV
craton_token_Verify (CK_SESSION_HANDLE session, CK_BYTE_PTR data, CK_ULONG data_len,
                     CK_BYTE_PTR signature, CK_ULONG signature_len)
{
	return check_signature (session, CRATON_PHASE_ONCE, data, data_len, signature,
	                        signature_len);
}

CK_RV
craton_token_VerifyUpdate (CK_SESSION_HANDLE session, CK_BYTE_PTR part, CK_ULONG part_len)
{
	return absorb (session, CRATON_OP_VERIFY, part, part_len);
}

CK_RV
craton_token_VerifyFinal (CK_SESSION_HANDLE session, CK_BYTE_PTR signature, CK_ULONG signature_len)
{
	return check_signature (session, CRATON_PHASE_FINAL, NULL, 0, signature, signature_len);
}

CK_RV
craton_token_VerifyRecoverInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                                CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_VERIFY_RECOVER, key);
}

CK_RV
craton_token_VerifyRecover (CK_SESSION_HANDLE session, CK_BYTE_PTR signature,
                            CK_ULONG signature_len, CK_BYTE_PTR data, CK_ULONG_PTR data_len)
{
	return step (session, CRATON_OP_VERIFY_RECOVER, CRATON_PHASE_ONCE, signature, signature_len,
	             data, data_len);
}
