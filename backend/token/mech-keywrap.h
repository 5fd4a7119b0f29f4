/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AES key wrap for whoever needs it: its own rows, and CKM_RSA_AES_KEY_WRAP and its like.
 */
#ifndef CRATON_MECH_KEYWRAP_H
#define CRATON_MECH_KEYWRAP_H

#include <glib.h>
#include <openssl/evp.h>

#include "pkcs11.h"

/**
 * craton_mech_keywrap_start:
 * @cipher: of CRATON_CIPHER_KW or _KWP
 * @key: as long as the cipher wants it
 * @iv: as long as the cipher wants it; NULL: the RFC's
 * @wraps: or it unwraps
 * @ret_context: free it with EVP_CIPHER_CTX_free()
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_GENERAL_ERROR if libcrypto refuses.
 */
CK_RV craton_mech_keywrap_start (const EVP_CIPHER *cipher, const CK_BYTE *key, const CK_BYTE *iv,
                                 gboolean wraps, EVP_CIPHER_CTX **ret_context);

/**
 * craton_mech_keywrap_whole:
 * @in: of a length that the cipher takes; may change meanwhile
 * @out: has room for the result, at most 15 bytes more than @in
 *
 * Returns: CKR_OK; CKR_ENCRYPTED_DATA_INVALID if the check value is wrong; CKR_DATA_LEN_RANGE for
 *   more than 16 MiB; CKR_HOST_MEMORY; CKR_FUNCTION_FAILED.
 * Source: RFC 3394, RFC 5649
 */
CK_RV craton_mech_keywrap_whole (EVP_CIPHER_CTX *context, const CK_BYTE *in, gsize in_len,
                                 CK_BYTE *out, CK_ULONG *ret_out_len);

#endif /* CRATON_MECH_KEYWRAP_H */
