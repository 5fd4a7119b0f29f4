/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_WrapKey and C_UnwrapKey: keys as bytes through a mechanism's encryption, secret keys as their
 * value, private keys as PKCS#8. Handles, templates and wrapped keys are the client's. Called
 * through the function list.
 */
#include "config.h"

#include "attr.h"
#include "derive.h"
#include "des.h"
#include "functions.h"
#include "key-attrs.h"
#include "mech-key.h"
#include "mech.h"
#include "operation.h"
#include "session.h"
#include "wrap.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

/* An RSA private key of 16384 bits in PKCS#8 has 10 KiB. */
#define WRAPPED_MAX 65536

/* What the encryption says, in the words of the wrapping functions. */
typedef struct {
	CK_RV from, to;
} Translation;

static const Translation wrap_words[] = {
	{ CKR_KEY_TYPE_INCONSISTENT, CKR_WRAPPING_KEY_TYPE_INCONSISTENT },
	{ CKR_KEY_SIZE_RANGE, CKR_WRAPPING_KEY_SIZE_RANGE },
	{ CKR_KEY_HANDLE_INVALID, CKR_WRAPPING_KEY_HANDLE_INVALID },
	{ 0, 0 },
};
static const Translation wrap_data_words[] = {
	{ CKR_DATA_LEN_RANGE, CKR_KEY_SIZE_RANGE },
	{ CKR_DATA_INVALID, CKR_KEY_NOT_WRAPPABLE },
	{ 0, 0 },
};
static const Translation unwrap_words[] = {
	{ CKR_KEY_TYPE_INCONSISTENT, CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT },
	{ CKR_KEY_SIZE_RANGE, CKR_UNWRAPPING_KEY_SIZE_RANGE },
	{ CKR_KEY_HANDLE_INVALID, CKR_UNWRAPPING_KEY_HANDLE_INVALID },
	{ CKR_ENCRYPTED_DATA_INVALID, CKR_WRAPPED_KEY_INVALID },
	{ CKR_ENCRYPTED_DATA_LEN_RANGE, CKR_WRAPPED_KEY_LEN_RANGE },
	{ 0, 0 },
};

static CK_RV
translate (CK_RV rv, const Translation *words)
{
	for (; words->from != 0; words++)
		if (words->from == rv)
			return words->to;
	return rv;
}

static CK_RV
find_wrapping_key (CratonSession *session, const CK_MECHANISM *mechanism, CK_FLAGS flag,
                   CK_OBJECT_HANDLE handle, const CratonMech **ret_mech, CratonObject **ret_key)
{
	const CratonMech *mech = NULL;
	gboolean wraps = flag == CKF_WRAP;
	CK_RV rv = craton_session_mech (session, mechanism, flag, &mech);

	if (rv == CKR_OK)
		rv = craton_session_find_key (session, handle, ret_key);
	if (rv == CKR_OK)
		rv = craton_op_check_key (session, mech, *ret_key,
		                          wraps ? CKA_WRAP : CKA_UNWRAP, wraps);
	*ret_mech = mech;
	return translate (rv, wraps ? wrap_words : unwrap_words);
}

static CK_RV
may_wrap (const CratonMech *mech, const CratonObject *wrapping_key, const CratonObject *key)
{
	CK_OBJECT_CLASS class =
		craton_object_get_ulong (key, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);

	if (class != CKO_SECRET_KEY && (class != CKO_PRIVATE_KEY || !mech->wraps_private))
		return CKR_KEY_NOT_WRAPPABLE;
	if (!craton_object_get_bool (key, CKA_EXTRACTABLE, FALSE))
		return CKR_KEY_UNEXTRACTABLE;
	if (craton_object_get_bool (key, CKA_WRAP_WITH_TRUSTED, FALSE) &&
	    !craton_object_get_bool (wrapping_key, CKA_TRUSTED, FALSE))
		return CKR_KEY_NOT_WRAPPABLE;
	/* PKCS#11 3.2, C_WrapKey */
	if (!craton_object_matches_template (key, wrapping_key, CKA_WRAP_TEMPLATE))
		return CKR_KEY_HANDLE_INVALID;
	return CKR_OK;
}

CK_RV
craton_wrap_bytes (const CratonMech *mech, CratonObject *key, CK_BYTE **ret_bytes,
                   gsize *ret_len)
{
	const CK_BYTE *value;
	CK_BYTE *der = NULL, *bytes;
	gsize len = 0, padded;
	CK_RV rv = CKR_OK;

	value = craton_object_get (key, CKA_VALUE, &len);
	if (craton_object_get_ulong (key, CKA_CLASS, CKO_DATA) == CKO_PRIVATE_KEY) {
		rv = craton_mech_key_to_pkcs8 (key, &der, &len);
		value = der;
	}
	if (rv != CKR_OK || value == NULL)
		return rv == CKR_OK ? CKR_GENERAL_ERROR : rv;
	padded = mech->wrap_block > 0
	                 ? (len + mech->wrap_block - 1) / mech->wrap_block * mech->wrap_block
	                 : len;
	bytes = OPENSSL_zalloc (padded + 1);
	if (bytes != NULL) {
		memcpy (bytes, value, len);
		*ret_bytes = bytes;
		*ret_len = padded;
	}
	OPENSSL_clear_free (der, len);
	return bytes == NULL ? CKR_HOST_MEMORY : CKR_OK;
}

CK_RV
craton_wrap_find (CratonSession *session, const CK_MECHANISM *mechanism,
                  CK_OBJECT_HANDLE wrapping_handle, CK_OBJECT_HANDLE key_handle,
                  const CratonMech **ret_mech, CratonObject **ret_wrapping_key,
                  CratonObject **ret_key)
{
	CK_RV rv = find_wrapping_key (session, mechanism, CKF_WRAP, wrapping_handle, ret_mech,
	                              ret_wrapping_key);

	if (rv == CKR_OK)
		rv = craton_session_find_key (session, key_handle, ret_key);
	if (rv == CKR_OK)
		rv = may_wrap (*ret_mech, *ret_wrapping_key, *ret_key);
	return rv;
}

static CK_RV
wrap (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping_handle,
      CK_OBJECT_HANDLE key_handle, CK_BYTE *out, CK_ULONG *inout_len)
{
	g_autoptr (CratonObject) wrapping_key = NULL;
	g_autoptr (CratonObject) key = NULL;
	const CratonMech *mech = NULL;
	CratonOp *op = NULL;
	CK_BYTE *bytes = NULL;
	gsize len = 0;
	gboolean alive;
	CK_RV rv;

	rv = craton_wrap_find (session, mechanism, wrapping_handle, key_handle, &mech,
	                       &wrapping_key, &key);
	if (rv != CKR_OK)
		return rv;
	if (mech->aead != NULL)
		return craton_wrap_seal (mech, mechanism, wrapping_key, key, out, inout_len);
	rv = translate (craton_op_new (mech, mechanism, CRATON_OP_ENCRYPT, wrapping_key, &op),
	                wrap_words);
	if (rv == CKR_OK)
		rv = craton_wrap_bytes (mech, key, &bytes, &len);
	if (rv == CKR_OK)
		rv = translate (craton_op_transform (NULL, op, CRATON_PHASE_ONCE, bytes, len, out,
		                                     inout_len, &alive),
		                wrap_data_words);
	craton_op_free (&op);
	OPENSSL_clear_free (bytes, len);
	return rv;
}

CK_RV
craton_token_WrapKey (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                      CK_OBJECT_HANDLE wrapping_key, CK_OBJECT_HANDLE key, CK_BYTE_PTR wrapped,
                      CK_ULONG_PTR wrapped_len)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || wrapped_len == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = wrap (session, mechanism, wrapping_key, key, wrapped, wrapped_len);
	ERR_clear_error ();
	return rv;
}

/* The length that the template asks for: itself, or with the type of a key that has one length only.
 * CKR_TEMPLATE_INCOMPLETE if it does not. */
static CK_RV
asked_len (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_KEY_TYPE type, CK_ULONG *ret_len)
{
	CK_ULONG only_len = craton_attr_key_len (type), len = 0;
	CK_RV rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_VALUE_LEN, &len);

	if (only_len > 0 && rv == CKR_TEMPLATE_INCOMPLETE)
		len = only_len;
	else if (rv != CKR_OK)
		return rv;
	if (only_len > 0 && len != only_len)
		return CKR_WRAPPED_KEY_LEN_RANGE;
	*ret_len = len;
	return CKR_OK;
}

/* How long a secret key is of which @len bytes came out: with mechanisms that fill up with null bytes the template may say it, else it
 * is the longest that a key of the type can be (PKCS#11 3.2, AES-CBC: the length of the template, if it has one). */
static CK_RV
secret_len (const CratonMech *mech, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
            CK_KEY_TYPE type, const CK_BYTE *bytes, gsize len, CK_ULONG *ret_len)
{
	CK_ULONG asked;
	CK_RV rv = asked_len (template, n_attrs, type, &asked);

	if (rv == CKR_TEMPLATE_INCOMPLETE) {
		rv = CKR_OK;
		for (asked = len; asked > 1 && len - asked < MAX (mech->wrap_block, 1); asked--)
			if (craton_attr_is_key_len (type, asked))
				break;
	}
	if (rv != CKR_OK)
		return rv;
	if (asked > len || len - asked >= MAX (mech->wrap_block, 1) ||
	    !craton_attr_is_key_len (type, asked))
		return CKR_WRAPPED_KEY_LEN_RANGE;
	for (gsize i = asked; i < len; i++)
		if (bytes[i] != 0)
			return CKR_WRAPPED_KEY_INVALID;
	if (craton_des_is_type (type) && !craton_des_has_parity (bytes, asked))
		return CKR_WRAPPED_KEY_INVALID;
	*ret_len = asked;
	return CKR_OK;
}

/* The secret key is the end of the @len bytes, as long as the template says; zeros are in front. */
static CK_RV
secret_from_number (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_KEY_TYPE type,
                    const CK_BYTE **inout_bytes, gsize *inout_len)
{
	CK_ULONG asked;
	CK_RV rv = asked_len (template, n_attrs, type, &asked);

	if (rv != CKR_OK)
		return rv;
	if (asked > *inout_len)
		return CKR_WRAPPED_KEY_LEN_RANGE;
	for (; *inout_len > asked; (*inout_bytes)++, (*inout_len)--)
		if (**inout_bytes != 0)
			return CKR_WRAPPED_KEY_INVALID;
	return CKR_OK;
}

static CK_RV
secret_attrs (const CratonMech *mech, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
              const CK_BYTE *bytes, gsize len, CratonKeyAttrs *made)
{
	CK_KEY_TYPE type;
	CK_ULONG value_len;
	CK_RV rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_KEY_TYPE, &type);

	if (rv == CKR_OK && mech->wraps_number)
		rv = secret_from_number (template, n_attrs, type, &bytes, &len);
	if (rv == CKR_OK)
		rv = secret_len (mech, template, n_attrs, type, bytes, len, &value_len);
	if (rv != CKR_OK)
		return rv;
	craton_key_attrs_add_secret (made, type, bytes, value_len);
	return made->failed ? CKR_HOST_MEMORY : CKR_OK;
}

static CK_RV
private_attrs (const CratonMech *mech, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
               const CK_BYTE *bytes, gsize len, CratonKeyAttrs *made)
{
	gsize max_padding = mech->wrap_block > 0 ? mech->wrap_block - 1 : 0;
	EVP_PKEY *pkey = NULL;
	CK_KEY_TYPE type;
	CK_RV rv;

	if (!mech->wraps_private)
		return CKR_TEMPLATE_INCONSISTENT;
	rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_KEY_TYPE, &type);
	if (rv == CKR_OK)
		rv = craton_mech_key_from_pkcs8 (bytes, len, max_padding, &pkey);
	if (rv == CKR_OK)
		rv = craton_mech_key_attrs (
			pkey, CKO_PRIVATE_KEY, type,
			craton_key_attrs_find (template, n_attrs, CKA_EC_PARAMS), made);
	/* PKCS#11 3.2, CKR_WRAPPED_KEY_INVALID: also for a key that is not of the type that the
	 * template names. */
	if (rv == CKR_KEY_TYPE_INCONSISTENT)
		rv = CKR_WRAPPED_KEY_INVALID;
	EVP_PKEY_free (pkey);
	return rv;
}

/* What comes out is not longer than what goes in. */
static CK_RV
decrypt_key (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonObject *key,
             const CK_BYTE *wrapped, CK_ULONG wrapped_len, CK_BYTE **ret_bytes, gsize *ret_len)
{
	CratonOp *op = NULL;
	CK_ULONG len = wrapped_len;
	CK_BYTE *copy, *bytes;
	gboolean alive;
	CK_RV rv;

	if (mech->aead != NULL)
		return craton_wrap_open (mech, mechanism, key, wrapped, wrapped_len, ret_bytes, ret_len);
	copy = OPENSSL_memdup (wrapped, wrapped_len);
	bytes = OPENSSL_zalloc (wrapped_len);
	rv = copy == NULL || bytes == NULL ? CKR_HOST_MEMORY
	                                   : craton_op_new (mech, mechanism, CRATON_OP_DECRYPT, key, &op);
	if (rv == CKR_OK)
		rv = craton_op_transform (NULL, op, CRATON_PHASE_ONCE, copy, wrapped_len, bytes,
		                          &len, &alive);
	craton_op_free (&op);
	OPENSSL_free (copy);
	if (rv != CKR_OK) {
		OPENSSL_clear_free (bytes, wrapped_len);
		return translate (rv, unwrap_words);
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return CKR_OK;
}

CK_RV
craton_wrap_find_unwrapping (CratonSession *session, const CK_MECHANISM *mechanism,
                             CK_OBJECT_HANDLE handle, CK_ULONG wrapped_len,
                             const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                             const CratonMech **ret_mech, CratonObject **ret_key)
{
	CK_OBJECT_CLASS class;
	CK_RV rv = find_wrapping_key (session, mechanism, CKF_UNWRAP, handle, ret_mech, ret_key);

	if (rv == CKR_OK)
		rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_CLASS, &class);
	if (rv != CKR_OK)
		return rv;
	if (class != CKO_SECRET_KEY && class != CKO_PRIVATE_KEY)
		return CKR_TEMPLATE_INCONSISTENT;
	return wrapped_len < 1 || wrapped_len > WRAPPED_MAX ? CKR_WRAPPED_KEY_LEN_RANGE : CKR_OK;
}

CK_RV
craton_wrap_publish (CratonSession *session, const CratonMech *mech, CratonObject *unwrapping_key,
                     const CK_BYTE *bytes, gsize len, const CK_ATTRIBUTE *template,
                     CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	/* Where the length is no attribute of the key it has been obeyed by now. */
	static const CK_ATTRIBUTE_TYPE length[] = { CKA_VALUE_LEN, 0 };
	g_auto (CratonKeyAttrs) made = { 0 };
	g_autofree CK_ATTRIBUTE *rest = NULL;
	CK_KEY_TYPE type = CK_UNAVAILABLE_INFORMATION;
	CK_OBJECT_CLASS class;
	CK_ULONG n = n_attrs;
	CK_RV rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_CLASS, &class);

	if (rv == CKR_OK)
		rv = (class == CKO_SECRET_KEY ? secret_attrs : private_attrs) (
			mech, template, n_attrs, bytes, len, &made);
	if (rv != CKR_OK)
		return rv;
	(void) craton_key_attrs_find_ulong (template, n_attrs, CKA_KEY_TYPE, &type);
	if (class == CKO_SECRET_KEY && craton_attr_key_len (type) > 0) {
		rest = craton_derive_template (template, n_attrs, length, NULL, 0, &n);
		if (rest == NULL)
			return CKR_ARGUMENTS_BAD;
	}
	return craton_object_new_key (session, rest == NULL ? template : rest, n, made.attrs, made.n,
	                              CRATON_ORIGIN_UNWRAPPED, mech->type, unwrapping_key, ret_key);
}

static CK_RV
unwrap (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle,
        const CK_BYTE *wrapped, CK_ULONG wrapped_len, const CK_ATTRIBUTE *template,
        CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	g_autoptr (CratonObject) key = NULL;
	const CratonMech *mech = NULL;
	CK_BYTE *bytes = NULL;
	gsize len = 0;
	CK_RV rv = craton_wrap_find_unwrapping (session, mechanism, handle, wrapped_len, template,
	                                        n_attrs, &mech, &key);

	if (rv == CKR_OK)
		rv = decrypt_key (mech, mechanism, key, wrapped, wrapped_len, &bytes, &len);
	if (rv == CKR_OK)
		rv = craton_wrap_publish (session, mech, key, bytes, len, template, n_attrs,
		                          ret_key);
	OPENSSL_clear_free (bytes, len);
	return rv;
}

CK_RV
craton_token_UnwrapKey (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                        CK_OBJECT_HANDLE unwrapping_key, CK_BYTE_PTR wrapped, CK_ULONG wrapped_len,
                        CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs, CK_OBJECT_HANDLE_PTR key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_OBJECT_HANDLE made;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || wrapped == NULL || key == NULL ||
	    (template == NULL && n_attrs > 0))
		return CKR_ARGUMENTS_BAD;
	rv = unwrap (session, mechanism, unwrapping_key, wrapped, wrapped_len, template, n_attrs,
	             &made);
	if (rv == CKR_OK)
		*key = made;
	ERR_clear_error ();
	return rv;
}
