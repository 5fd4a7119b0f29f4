/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Key pairs between PKCS#11's attributes, libcrypto's EVP_PKEY and PKCS#8.
 */
#ifndef CRATON_MECH_KEY_H
#define CRATON_MECH_KEY_H

#include <openssl/evp.h>

#include "key-attrs.h"
#include "mech-curve.h"
#include "object.h"
#include "pkcs11.h"

/**
 * craton_mech_key_public:
 * @curve: the curve
 * @point: without DER around it, private memory
 * @ret_pkey: free it with EVP_PKEY_free()
 *
 * Returns: CKR_OK; CKR_ATTRIBUTE_VALUE_INVALID if the point is not on the curve; CKR_HOST_MEMORY.
 */
CK_RV craton_mech_key_public (const CratonCurve *curve, const CK_BYTE *point, gsize point_len,
                              EVP_PKEY **ret_pkey);

/**
 * craton_mech_key_point:
 * @pkey: a key on a curve
 * @der: room for CRATON_POINT_DER_MAX bytes: gets the public point as a DER OCTET STRING, not
 *   compressed
 * @ret_header: how long what is before the point is
 *
 * Returns: the length of all; 0 if libcrypto fails.
 */
gsize craton_mech_key_point (EVP_PKEY *pkey, CK_BYTE *der, gsize *ret_header);

/**
 * craton_mech_key_attrs:
 * @pkey: a pair that was generated or unwrapped
 * @class: CKO_PUBLIC_KEY or CKO_PRIVATE_KEY
 * @type: CKK_RSA, CKK_EC, CKK_EC_EDWARDS, CKK_EC_MONTGOMERY ...
 * @given: CKA_PUBLIC_EXPONENT or CKA_EC_PARAMS as the caller wrote it, to be repeated so; NULL: as
 *   it is usually written
 * @attrs: where to add the attributes
 *
 * Returns: CKR_OK; CKR_KEY_TYPE_INCONSISTENT if @pkey is of another type; CKR_TEMPLATE_INCONSISTENT
 *   if @given is another curve; CKR_CURVE_NOT_SUPPORTED; CKR_HOST_MEMORY.
 */
CK_RV craton_mech_key_attrs (EVP_PKEY *pkey, CK_OBJECT_CLASS class, CK_KEY_TYPE type,
                             const CK_ATTRIBUTE *given, CratonKeyAttrs *attrs);

/**
 * craton_mech_key_publish_pair:
 *
 * Makes the two objects of a generated pair: craton_mech_key_attrs() for both,
 * craton_object_new_pair() with them, if craton_pairwise_check() has nothing against it.
 *
 * Returns: what these return.
 */
CK_RV craton_mech_key_publish_pair (CratonSession *session, CK_MECHANISM_TYPE mechanism,
                                    CK_KEY_TYPE type, EVP_PKEY *pkey, const CK_ATTRIBUTE *given,
                                    const CK_ATTRIBUTE *public_template, CK_ULONG n_public,
                                    const CK_ATTRIBUTE *private_template, CK_ULONG n_private,
                                    CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private);

/**
 * craton_mech_key_to_pkcs8:
 * @object: a private key
 * @ret_der: PrivateKeyInfo, DER; free it with OPENSSL_clear_free()
 *
 * Returns: CKR_OK; the codes of craton_object_pkey(); CKR_FUNCTION_FAILED.
 */
CK_RV craton_mech_key_to_pkcs8 (CratonObject *object, CK_BYTE **ret_der, gsize *ret_len);

/**
 * craton_mech_key_from_pkcs8:
 * @der: private memory
 * @max_padding: how many null bytes may follow
 * @ret_pkey: free it with EVP_PKEY_free()
 *
 * Returns: CKR_OK; CKR_WRAPPED_KEY_INVALID.
 */
CK_RV craton_mech_key_from_pkcs8 (const CK_BYTE *der, gsize len, gsize max_padding,
                                  EVP_PKEY **ret_pkey);

#endif /* CRATON_MECH_KEY_H */
