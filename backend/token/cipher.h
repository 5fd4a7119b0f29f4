/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cipher of libcrypto with a key of ours, and its data: what the mechanisms that encrypt in one
 * way or another have in common.
 */
#ifndef CRATON_CIPHER_H
#define CRATON_CIPHER_H

#include <glib.h>
#include <openssl/evp.h>

#include "algs.h"
#include "object.h"

#define CRATON_CIPHER_BLOCK_MAX 16

/* Returns: the cipher, block by block, that the key is for; CRATON_N_CIPHERS if it is for none. */
CratonCipher craton_cipher_of_key (const CratonObject *key);

/**
 * craton_cipher_start:
 * @key: a secret key; those of DES have one, two or three parts
 * @iv: as long as @cipher wants it, NULL for none
 * @ret_context: without padding, to be freed
 *
 * Returns: CKR_OK; CKR_KEY_SIZE_RANGE if @cipher has no keys of this length; CKR_HOST_MEMORY;
 *   CKR_FUNCTION_FAILED if libcrypto does not want the key.
 */
CK_RV craton_cipher_start (const CratonObject *key, CratonCipher cipher, const CK_BYTE *iv,
                           gboolean encrypts, EVP_CIPHER_CTX **ret_context);

/**
 * craton_cipher_feed:
 * @out: room for what comes out: no more than @in_len bytes and a block; NULL for associated data
 * @ret_out_len: may be NULL
 *
 * Returns: CKR_OK; CKR_GENERAL_ERROR.
 */
CK_RV craton_cipher_feed (EVP_CIPHER_CTX *context, const CK_BYTE *in, gsize in_len, CK_BYTE *out,
                          CK_ULONG *ret_out_len);

/* Returns: whether output is written over input that was not read yet, if it begins @pending bytes
 * behind where the input does. */
gboolean craton_cipher_overlaps (const CK_BYTE *in, gsize in_len, const CK_BYTE *out, gsize out_len,
                                 gsize pending);

/* Data that is worked on only when all of it is there. Start from zeros. */
typedef struct {
	CK_BYTE *bytes;
	gsize len, size;
} CratonKept;

/* What an operation in parts keeps at the most. */
#define CRATON_KEPT_MAX ((gsize) 256 * 1024 * 1024)

/* Appends a copy of @in. Returns: FALSE if there is no memory or it would be more than @max bytes;
 * nothing is changed then. */
gboolean craton_kept_add (CratonKept *kept, const CK_BYTE *in, gsize in_len, gsize max);
/* Wipes and frees the data. */
void craton_kept_clear (CratonKept *kept);

#endif /* CRATON_CIPHER_H */
