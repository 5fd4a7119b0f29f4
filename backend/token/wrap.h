/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What C_WrapKey and C_UnwrapKey (wrap.c) share with C_WrapKeyAuthenticated and
 * C_UnwrapKeyAuthenticated (wrap-auth.c): who may wrap what, keys as bytes, and authenticated encryption.
 */
#ifndef CRATON_WRAP_H
#define CRATON_WRAP_H

#include "mech.h"
#include "session.h"

/**
 * craton_wrap_find:
 * @session: acquired
 * @mechanism, @wrapping_handle, @key_handle: the client's
 * @ret_mech: the row
 * @ret_wrapping_key, @ret_key: counted, perhaps set also if the call fails
 *
 * Returns: CKR_OK; CKR_MECHANISM_INVALID; CKR_WRAPPING_KEY_HANDLE_INVALID and its like for the
 *   wrapping key; CKR_KEY_HANDLE_INVALID, CKR_KEY_NOT_WRAPPABLE, CKR_KEY_UNEXTRACTABLE for the key.
 */
CK_RV craton_wrap_find (CratonSession *session, const CK_MECHANISM *mechanism,
                        CK_OBJECT_HANDLE wrapping_handle, CK_OBJECT_HANDLE key_handle,
                        const CratonMech **ret_mech, CratonObject **ret_wrapping_key,
                        CratonObject **ret_key);

/**
 * craton_wrap_bytes:
 * @ret_bytes: the key as it is wrapped, with the null bytes behind it that the mechanism wants; free
 *   it with OPENSSL_clear_free()
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; the codes of craton_mech_key_to_pkcs8().
 */
CK_RV craton_wrap_bytes (const CratonMech *mech, CratonObject *key, CK_BYTE **ret_bytes,
                         gsize *ret_len);

/**
 * craton_wrap_find_unwrapping:
 * @wrapped_len: of what is to be unwrapped
 *
 * Returns: CKR_OK; CKR_MECHANISM_INVALID; CKR_UNWRAPPING_KEY_HANDLE_INVALID and its like;
 *   CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT for no class or that of no key;
 *   CKR_WRAPPED_KEY_LEN_RANGE.
 */
CK_RV craton_wrap_find_unwrapping (CratonSession *session, const CK_MECHANISM *mechanism,
                                   CK_OBJECT_HANDLE handle, CK_ULONG wrapped_len,
                                   const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                                   const CratonMech **ret_mech, CratonObject **ret_key);

/**
 * craton_wrap_publish:
 * @bytes: what was unwrapped, private memory
 *
 * Makes the key.
 *
 * Returns: CKR_OK; CKR_WRAPPED_KEY_INVALID; CKR_WRAPPED_KEY_LEN_RANGE; the codes of craton_object_new_key().
 */
CK_RV craton_wrap_publish (CratonSession *session, const CratonMech *mech,
                           CratonObject *unwrapping_key, const CK_BYTE *bytes, gsize len,
                           const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                           CK_OBJECT_HANDLE *ret_key);

/**
 * craton_wrap_seal:
 * @mech: with authenticated encryption
 * @mechanism: with C_WrapKey's parameter
 * @out: NULL asks for the length
 *
 * C_WrapKey with such a mechanism: the tag is behind the key.
 *
 * Returns: CKR_OK; CKR_BUFFER_TOO_SMALL; CKR_MECHANISM_PARAM_INVALID; CKR_KEY_SIZE_RANGE; the codes of
 *   craton_wrap_bytes() and aead.h.
 * Source: PKCS#11 3.2, AES-GCM Authenticated Wrap / Unwrap and AES-CCM Authenticated Wrap / Unwrap
 */
CK_RV craton_wrap_seal (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonObject *wrapping_key,
                        CratonObject *key, CK_BYTE *out, CK_ULONG *inout_len);

/**
 * craton_wrap_open:
 * @wrapped, @wrapped_len: the tag at the end
 * @ret_bytes: free it with OPENSSL_clear_free()
 *
 * The way back.
 *
 * Returns: CKR_OK; CKR_WRAPPED_KEY_LEN_RANGE; CKR_WRAPPED_KEY_INVALID; CKR_MECHANISM_PARAM_INVALID; CKR_HOST_MEMORY.
 */
CK_RV craton_wrap_open (const CratonMech *mech, const CK_MECHANISM *mechanism, CratonObject *key, const CK_BYTE *wrapped,
                        CK_ULONG wrapped_len, CK_BYTE **ret_bytes, gsize *ret_len);

#endif /* CRATON_WRAP_H */
