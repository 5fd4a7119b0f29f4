/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DH and DSA keys and their domain parameters between attributes and EVP_PKEY.
 */
#ifndef CRATON_MECH_FFC_H
#define CRATON_MECH_FFC_H

#include <glib.h>
#include <openssl/evp.h>

#include "key-attrs.h"
#include "mech.h"
#include "object.h"
#include "pkcs11.h"

/* Of the prime, in bits. */
#define CRATON_MECH_DH_BITS_MIN 1024
#define CRATON_MECH_DH_BITS_MAX 8192
#define CRATON_MECH_DSA_BITS_MIN 1024
#define CRATON_MECH_DSA_BITS_MAX 3072

/**
 * craton_mech_ffc_parse:
 * @object: a DH or DSA key
 * @type: CKK_DH or CKK_DSA
 * @private: whether it is the private one; the public number is worked out
 * @ret_pkey: free it with EVP_PKEY_free()
 *
 * Returns: CKR_OK; CKR_ATTRIBUTE_VALUE_INVALID if the numbers make no key; CKR_HOST_MEMORY.
 * Source: SP 800-56A, 5.6.2.3.1 (DH); FIPS 186-4, 4.1 (DSA)
 */
CK_RV craton_mech_ffc_parse (const CratonObject *object, CK_KEY_TYPE type, gboolean private,
                             EVP_PKEY **ret_pkey);

/**
 * craton_mech_ffc_peer:
 * @pkey: a DH key
 * @number: another's public number, private memory
 * @ret_peer: a public key with the parameters of @pkey; free it with EVP_PKEY_free()
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID for 0, 1, p - 1, and what is larger;
 *   CKR_HOST_MEMORY.
 */
CK_RV craton_mech_ffc_peer (EVP_PKEY *pkey, const CK_BYTE *number, gsize len, EVP_PKEY **ret_peer);

/**
 * craton_mech_ffc_params:
 * @type: CKK_DH or CKK_DSA
 * @template: has CKA_PRIME, CKA_BASE and, for DSA, CKA_SUBPRIME
 * @value_bits: how long the private number of a DH key is to be; 0: libcrypto chooses
 * @ret_params: parameters to generate a pair from; free it with EVP_PKEY_free()
 *
 * Returns: CKR_OK; CKR_TEMPLATE_INCOMPLETE; CKR_ATTRIBUTE_VALUE_INVALID; CKR_HOST_MEMORY.
 */
CK_RV craton_mech_ffc_params (CK_KEY_TYPE type, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                              CK_ULONG value_bits, EVP_PKEY **ret_params);

/* Adds the numbers of @pkey, a pair or domain parameters: @value_param names what CKA_VALUE is, NULL:
 * there is none. */
void craton_mech_ffc_attrs (EVP_PKEY *pkey, const char *value_param, CratonKeyAttrs *attrs);

/* Makes a pair of the row's key type from the parameters in the public template. */
CK_RV craton_mech_ffc_generate_pair (CratonSession *session, const CratonMech *mech,
                                     const CK_MECHANISM *mechanism,
                                     const CK_ATTRIBUTE *public_template, CK_ULONG n_public,
                                     const CK_ATTRIBUTE *private_template, CK_ULONG n_private,
                                     CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private);

/* Publishes @params as domain parameters of the row's key type. */
CK_RV craton_mech_ffc_publish_params (CratonSession *session, const CratonMech *mech,
                                      EVP_PKEY *params, const CK_ATTRIBUTE *template,
                                      CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_params);

#endif /* CRATON_MECH_FFC_H */
