/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * OAEP for whoever needs it: CKM_RSA_PKCS_OAEP and CKM_RSA_AES_KEY_WRAP.
 */
#ifndef CRATON_MECH_RSA_H
#define CRATON_MECH_RSA_H

#include <glib.h>
#include <openssl/evp.h>

#include "pkcs11.h"

/* Of keys that can be used at all; the least that is generated, or used with fips = yes
 * (SP 800-131A). */
#define CRATON_MECH_RSA_BITS_MIN 1024
#define CRATON_MECH_RSA_BITS_MAX 8192
#define CRATON_MECH_RSA_BITS_APPROVED 2048

/**
 * craton_mech_rsa_oaep:
 * @context: from craton_mech_pkey_context(), for encryption or decryption
 * @k: the length of the modulus in bytes
 * @params: a copy of the client's; the label that it points to is copied here
 * @ret_max: how many bytes can be encrypted
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID; CKR_KEY_SIZE_RANGE if the modulus is too short for
 *   the hash; CKR_HOST_MEMORY; CKR_FUNCTION_FAILED.
 * Source: RFC 8017, 7.1
 */
CK_RV craton_mech_rsa_oaep (EVP_PKEY_CTX *context, gsize k, const CK_RSA_PKCS_OAEP_PARAMS *params,
                            gsize *ret_max);

#endif /* CRATON_MECH_RSA_H */
