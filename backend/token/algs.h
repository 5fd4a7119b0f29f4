/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The algorithms of libcrypto that the mechanisms use, fetched by name once: nothing is looked up
 * by name in an operation. All belong to the library context of drbg.h.
 */
#ifndef CRATON_ALGS_H
#define CRATON_ALGS_H

#include <glib.h>
#include <openssl/evp.h>

#include "pkcs11.h"

typedef enum {
	CRATON_HASH_NONE,
	CRATON_HASH_SHA1,
	CRATON_HASH_SHA224,
	CRATON_HASH_SHA256,
	CRATON_HASH_SHA384,
	CRATON_HASH_SHA512,
	CRATON_N_HASHES
} CratonHash;

typedef struct {
	const char *name;            /* libcrypto's */
	CK_MECHANISM_TYPE mechanism; /* the digest mechanism, as in hashAlg of RSA's parameters */
	CK_RSA_PKCS_MGF_TYPE mgf;
	guint8 len;
	guint8 info_len; /* PKCS #1's DigestInfo up to the digest (RFC 8017, 9.2, note 1) */
	guint8 info[19];
} CratonHashInfo;

typedef enum {
	CRATON_CIPHER_ECB,
	CRATON_CIPHER_CBC,
	CRATON_CIPHER_CTR,
	CRATON_CIPHER_GCM,
	CRATON_CIPHER_KW,
	CRATON_CIPHER_KWP,
	CRATON_N_CIPHERS
} CratonCipher;

/* By CratonHash; CRATON_HASH_NONE is a row of zeros. */
extern const CratonHashInfo craton_algs_hashes[CRATON_N_HASHES];

/* Returns: the hash whose digest mechanism is @mechanism, or CRATON_HASH_NONE. */
CratonHash craton_algs_hash_of (CK_MECHANISM_TYPE mechanism);
/* Returns: the hash of a mask generation function, or CRATON_HASH_NONE. */
CratonHash craton_algs_hash_of_mgf (CK_RSA_PKCS_MGF_TYPE mgf);

/* Returns: the digest, or NULL if libcrypto has it not (a build without SHA-1, say). */
const EVP_MD *craton_algs_md (CratonHash hash);
/* Returns: AES in this mode for a key of @key_len bytes, or NULL if there is no AES of this length.
 * */
const EVP_CIPHER *craton_algs_aes (CratonCipher mode, gsize key_len);
/* Returns: an HMAC context that waits for its key, to be copied; NULL as above. */
const EVP_MAC_CTX *craton_algs_hmac (CratonHash hash);
/* Returns: an AES-CMAC context for keys of @key_len bytes that waits for its key, to be copied;
 * NULL as above. */
const EVP_MAC_CTX *craton_algs_cmac (gsize key_len);

#endif /* CRATON_ALGS_H */
