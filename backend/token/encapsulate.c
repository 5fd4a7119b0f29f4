/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_EncapsulateKey and C_DecapsulateKey: a secret key out of a public one and a ciphertext for the
 * private one, and back. Handles, templates and ciphertexts are the client's. Called through the
 * function list.
 */
#include "config.h"

#include "derive.h"
#include "functions.h"
#include "key-attrs.h"
#include "mech.h"
#include "operation.h"
#include "session.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

/* PKCS#11 3.2, C_DecapsulateKey: its codes are those of C_UnwrapKey. */
static CK_RV
in_words_of_unwrapping (CK_RV rv)
{
	switch (rv) {
	case CKR_KEY_HANDLE_INVALID:
		return CKR_UNWRAPPING_KEY_HANDLE_INVALID;
	case CKR_KEY_TYPE_INCONSISTENT:
		return CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT;
	case CKR_KEY_SIZE_RANGE:
		return CKR_UNWRAPPING_KEY_SIZE_RANGE;
	default:
		return rv;
	}
}

static CK_RV
find_key (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle,
          gboolean encapsulates, const CratonMech **ret_mech, CratonObject **ret_key)
{
	const CratonMech *mech = NULL;
	CK_RV rv = craton_session_mech (session, mechanism,
	                                encapsulates ? CKF_ENCAPSULATE : CKF_DECAPSULATE, &mech);

	if (rv == CKR_OK)
		rv = craton_session_find_key (session, handle, ret_key);
	if (rv == CKR_OK)
		rv = craton_op_check_key (session, mech, *ret_key,
		                          encapsulates ? CKA_ENCAPSULATE : CKA_DECAPSULATE,
		                          encapsulates);
	*ret_mech = mech;
	return encapsulates ? rv : in_words_of_unwrapping (rv);
}

static CK_RV
publish (CratonSession *session, const CratonMech *mech, CratonOrigin origin, CratonObject *key,
         const CratonDerived *plan, const CK_BYTE *secret, const CK_ATTRIBUTE *template,
         CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	g_auto (CratonKeyAttrs) made = { 0 };

	craton_key_attrs_add_ulong (&made, CKA_CLASS, CKO_SECRET_KEY);
	craton_key_attrs_add_ulong (&made, CKA_KEY_TYPE, plan->type);
	craton_key_attrs_add_ulong (&made, CKA_VALUE_LEN, plan->len);
	craton_key_attrs_add (&made, CKA_VALUE, secret, plan->len);
	if (made.failed)
		return CKR_HOST_MEMORY;
	return craton_object_new_key (session, template, n_attrs, made.attrs, made.n, origin,
	                              mech->type, key, ret_key);
}

static CK_RV
encapsulate (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle,
             const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_BYTE *ciphertext,
             CK_ULONG *inout_len, CK_OBJECT_HANDLE *ret_key)
{
	CK_BYTE secret[CRATON_KEM_SECRET_LEN];
	g_autoptr (CratonObject) key = NULL;
	const CratonMech *mech;
	CratonDerived plan;
	CK_ULONG room = *inout_len, len;
	CK_RV rv = find_key (session, mechanism, handle, TRUE, &mech, &key);

	if (rv != CKR_OK)
		return rv;
	len = mech->kem->ciphertext_len (key);
	*inout_len = len;
	if (ciphertext == NULL)
		return CKR_OK;
	if (room < len)
		return CKR_BUFFER_TOO_SMALL;
	if (ret_key == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_derive_plan (template, n_attrs, sizeof secret, sizeof secret, &plan);
	if (rv == CKR_OK)
		rv = mech->kem->encapsulate (key, mechanism, ciphertext, secret);
	if (rv == CKR_OK)
		rv = publish (session, mech, CRATON_ORIGIN_ENCAPSULATED, key, &plan, secret,
		              template, n_attrs, ret_key);
	OPENSSL_cleanse (secret, sizeof secret);
	return rv;
}

CK_RV
craton_token_EncapsulateKey (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                             CK_OBJECT_HANDLE public_key, CK_ATTRIBUTE_PTR template,
                             CK_ULONG n_attrs, CK_BYTE_PTR ciphertext, CK_ULONG_PTR ciphertext_len,
                             CK_OBJECT_HANDLE_PTR key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || ciphertext_len == NULL || (template == NULL && n_attrs > 0))
		return CKR_ARGUMENTS_BAD;
	rv = encapsulate (session, mechanism, public_key, template, n_attrs, ciphertext,
	                  ciphertext_len, key);
	ERR_clear_error ();
	return rv;
}

static CK_RV
decapsulate (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle,
             const CK_ATTRIBUTE *template, CK_ULONG n_attrs, const CK_BYTE *ciphertext,
             CK_ULONG len, CK_OBJECT_HANDLE *ret_key)
{
	CK_BYTE secret[CRATON_KEM_SECRET_LEN];
	g_autoptr (CratonObject) key = NULL;
	const CratonMech *mech;
	CratonDerived plan;
	CK_RV rv = find_key (session, mechanism, handle, FALSE, &mech, &key);

	if (rv != CKR_OK)
		return rv;
	if (len != mech->kem->ciphertext_len (key))
		return CKR_WRAPPED_KEY_LEN_RANGE;
	rv = craton_derive_plan (template, n_attrs, sizeof secret, sizeof secret, &plan);
	if (rv == CKR_OK)
		rv = mech->kem->decapsulate (key, mechanism, ciphertext, secret);
	if (rv == CKR_OK)
		rv = publish (session, mech, CRATON_ORIGIN_DECAPSULATED, key, &plan, secret,
		              template, n_attrs, ret_key);
	OPENSSL_cleanse (secret, sizeof secret);
	return rv;
}

CK_RV
craton_token_DecapsulateKey (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                             CK_OBJECT_HANDLE private_key, CK_ATTRIBUTE_PTR template,
                             CK_ULONG n_attrs, CK_BYTE_PTR ciphertext, CK_ULONG ciphertext_len,
                             CK_OBJECT_HANDLE_PTR key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || ciphertext == NULL || key == NULL ||
	    (template == NULL && n_attrs > 0))
		return CKR_ARGUMENTS_BAD;
	rv = decapsulate (session, mechanism, private_key, template, n_attrs, ciphertext,
	                  ciphertext_len, key);
	ERR_clear_error ();
	return rv;
}
