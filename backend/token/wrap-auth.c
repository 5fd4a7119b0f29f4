/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys in authenticated encryption: C_WrapKeyAuthenticated and C_UnwrapKeyAuthenticated, where the tag is in
 * the parameter and the associated data an argument, and what wrap.c does with such mechanisms, where it is
 * the other way round. Parameters, templates and wrapped keys are the client's. Called through the function
 * list and by wrap.c.
 */
#include "config.h"

#include "functions.h"
#include "operation.h"
#include "wrap.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

/* The length of the data that CCM's parameter says is not looked at: the key has one. */
static CK_RV
take (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonAeadParam *ret_param)
{
	if (!mech->aead->take_wrap (mechanism->pParameter, mechanism->ulParameterLen, ret_param) ||
	    ret_param->aad_len > CRATON_AEAD_AAD_MAX ||
	    (ret_param->aad == NULL && ret_param->aad_len > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	ret_param->data_len = 0;
	return mech->aead->fits (ret_param) ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
take_authenticated (const CratonMech *mech, const CK_MECHANISM *mechanism, const CK_BYTE *aad,
                    CK_ULONG aad_len, CratonAeadParam *ret_param)
{
	if (mech->aead == NULL)
		return CKR_MECHANISM_INVALID;
	if (!mech->aead->take_message (mechanism->pParameter, mechanism->ulParameterLen, ret_param))
		return CKR_MECHANISM_PARAM_INVALID;
	ret_param->aad = aad;
	ret_param->aad_len = aad_len;
	ret_param->data_len = 0;
	return mech->aead->fits (ret_param) ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
encrypt (const CratonMech *mech, CratonObject *wrapping_key, const CratonAeadParam *param,
         const CK_BYTE *bytes, CK_BYTE *out)
{
	CK_BYTE iv[CRATON_AEAD_IV_MAX];
	CratonAead *aead = NULL;
	CK_RV rv = craton_aead_new (mech->aead, wrapping_key, TRUE, &aead);

	if (rv == CKR_OK)
		rv = craton_aead_make_iv (aead, param, iv);
	if (rv == CKR_OK)
		rv = craton_aead_begin (aead, param, iv, param->aad, param->aad_len,
		                        param->data_len);
	if (rv == CKR_OK)
		rv = craton_aead_update (aead, bytes, param->data_len, out);
	if (rv == CKR_OK)
		rv = craton_aead_finish (aead, param->tag);
	craton_aead_free (aead);
	return rv == CKR_DATA_LEN_RANGE ? CKR_KEY_SIZE_RANGE : rv;
}

static CK_RV
seal (const CratonMech *mech, CratonAeadParam *param, gboolean tag_behind,
      CratonObject *wrapping_key, CratonObject *key, CK_BYTE *out, CK_ULONG *inout_len)
{
	CK_ULONG room = *inout_len;
	CK_BYTE *bytes = NULL;
	gsize len = 0;
	CK_RV rv = craton_wrap_bytes (mech, key, &bytes, &len);

	if (rv == CKR_OK) {
		param->data_len = len;
		*inout_len = tag_behind ? len + param->tag_len : len;
	}
	if (rv == CKR_OK && out != NULL) {
		if (tag_behind)
			param->tag = out + len;
		if (room < *inout_len)
			rv = CKR_BUFFER_TOO_SMALL;
		else
			rv = param->tag == NULL ? CKR_MECHANISM_PARAM_INVALID
			                        : encrypt (mech, wrapping_key, param, bytes, out);
	}
	OPENSSL_clear_free (bytes, len);
	return rv;
}

CK_RV
craton_wrap_seal (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonObject *wrapping_key,
                  CratonObject *key, CK_BYTE *out, CK_ULONG *inout_len)
{
	CratonAeadParam param;
	CK_RV rv = take (mech, mechanism, &param);

	return rv == CKR_OK ? seal (mech, &param, TRUE, wrapping_key, key, out, inout_len) : rv;
}

CK_RV
craton_token_WrapKeyAuthenticated (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                                   CK_OBJECT_HANDLE wrapping_handle, CK_OBJECT_HANDLE key_handle,
                                   CK_BYTE_PTR aad, CK_ULONG aad_len, CK_BYTE_PTR wrapped,
                                   CK_ULONG_PTR wrapped_len)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonObject) wrapping_key = NULL;
	g_autoptr (CratonObject) key = NULL;
	const CratonMech *mech = NULL;
	CratonAeadParam param;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || wrapped_len == NULL || (aad == NULL && aad_len > 0))
		return CKR_ARGUMENTS_BAD;
	rv = craton_wrap_find (session, mechanism, wrapping_handle, key_handle, &mech,
	                       &wrapping_key, &key);
	if (rv == CKR_OK)
		rv = take_authenticated (mech, mechanism, aad, aad_len, &param);
	if (rv == CKR_OK)
		rv = seal (mech, &param, FALSE, wrapping_key, key, wrapped, wrapped_len);
	ERR_clear_error ();
	return rv;
}

/* @wrapped is private memory, and @param->tag is read once. */
static CK_RV
decrypt (const CratonMech *mech, CratonObject *key, const CratonAeadParam *param,
         const CK_BYTE *wrapped, CK_BYTE *bytes)
{
	CK_BYTE iv[CRATON_AEAD_IV_MAX];
	CratonAead *aead = NULL;
	CK_RV rv = craton_aead_new (mech->aead, key, FALSE, &aead);

	if (rv == CKR_OK)
		craton_aead_set_tag (aead, param->tag, param->tag_len);
	if (rv == CKR_OK)
		rv = craton_aead_make_iv (aead, param, iv);
	if (rv == CKR_OK)
		rv = craton_aead_begin (aead, param, iv, param->aad, param->aad_len,
		                        param->data_len);
	if (rv == CKR_OK)
		rv = craton_aead_update (aead, wrapped, param->data_len, bytes);
	if (rv == CKR_OK)
		rv = craton_aead_finish (aead, NULL);
	craton_aead_free (aead);
	/* PKCS#11 3.2, C_UnwrapKeyAuthenticated: the code of a wrong tag is this one, too. */
	if (rv == CKR_AEAD_DECRYPT_FAILED)
		return CKR_WRAPPED_KEY_INVALID;
	return rv == CKR_ENCRYPTED_DATA_LEN_RANGE ? CKR_WRAPPED_KEY_LEN_RANGE : rv;
}

static CK_RV
open_sealed (const CratonMech *mech, CratonAeadParam *param, gboolean tag_behind, CratonObject *key,
             const CK_BYTE *wrapped, CK_ULONG wrapped_len, CK_BYTE **ret_bytes, gsize *ret_len)
{
	gsize len = wrapped_len;
	CK_BYTE *copy, *bytes;
	CK_RV rv;

	if (tag_behind) {
		if (wrapped_len <= param->tag_len)
			return CKR_WRAPPED_KEY_LEN_RANGE;
		len -= param->tag_len;
	} else if (param->tag == NULL) {
		return CKR_MECHANISM_PARAM_INVALID;
	}
	param->data_len = len;
	copy = OPENSSL_memdup (wrapped, wrapped_len);
	bytes = OPENSSL_zalloc (len);
	rv = copy == NULL || bytes == NULL ? CKR_HOST_MEMORY : CKR_OK;
	if (tag_behind && copy != NULL)
		param->tag = copy + len;
	if (rv == CKR_OK)
		rv = decrypt (mech, key, param, copy, bytes);
	OPENSSL_free (copy);
	if (rv != CKR_OK) {
		OPENSSL_clear_free (bytes, len);
		return rv;
	}
	*ret_bytes = bytes;
	*ret_len = len;
	return CKR_OK;
}

CK_RV
craton_wrap_open (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonObject *key,
                  const CK_BYTE *wrapped, CK_ULONG wrapped_len, CK_BYTE **ret_bytes, gsize *ret_len)
{
	CratonAeadParam param;
	CK_RV rv = take (mech, mechanism, &param);

	return rv == CKR_OK ? open_sealed (mech, &param, TRUE, key, wrapped, wrapped_len, ret_bytes, ret_len)
	                    : rv;
}

static CK_RV
unwrap (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE handle,
        const CK_BYTE *wrapped, CK_ULONG wrapped_len, const CK_ATTRIBUTE *template,
        CK_ULONG n_attrs, const CK_BYTE *aad, CK_ULONG aad_len, CK_OBJECT_HANDLE *ret_key)
{
	g_autoptr (CratonObject) key = NULL;
	const CratonMech *mech = NULL;
	CratonAeadParam param;
	CK_BYTE *bytes = NULL;
	gsize len = 0;
	CK_RV rv = craton_wrap_find_unwrapping (session, mechanism, handle, wrapped_len, template,
	                                        n_attrs, &mech, &key);

	if (rv == CKR_OK)
		rv = take_authenticated (mech, mechanism, aad, aad_len, &param);
	if (rv == CKR_OK)
		rv = open_sealed (mech, &param, FALSE, key, wrapped, wrapped_len, &bytes, &len);
	if (rv == CKR_OK)
		rv = craton_wrap_publish (session, mech, key, bytes, len, template, n_attrs,
		                          ret_key);
	OPENSSL_clear_free (bytes, len);
	return rv;
}

CK_RV
craton_token_UnwrapKeyAuthenticated (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                                     CK_OBJECT_HANDLE unwrapping_key, CK_BYTE_PTR wrapped,
                                     CK_ULONG wrapped_len, CK_ATTRIBUTE_PTR template,
                                     CK_ULONG n_attrs, CK_BYTE_PTR aad, CK_ULONG aad_len,
                                     CK_OBJECT_HANDLE_PTR key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_OBJECT_HANDLE made;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || wrapped == NULL || key == NULL || (aad == NULL && aad_len > 0) ||
	    (template == NULL && n_attrs > 0))
		return CKR_ARGUMENTS_BAD;
	rv = unwrap (session, mechanism, unwrapping_key, wrapped, wrapped_len, template, n_attrs,
	             aad, aad_len, &made);
	if (rv == CKR_OK)
		*key = made;
	ERR_clear_error ();
	return rv;
}
