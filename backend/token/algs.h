/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The algorithms of libcrypto that the mechanisms use, each fetched by name once, when it is first
 * asked for: a process is started per client and uses few of them. Later questions cost a load. All
 * belong to the library context of drbg.h.
 */
#ifndef CRATON_ALGS_H
#define CRATON_ALGS_H

#include <glib.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include "pkcs11.h"

typedef enum {
	CRATON_HASH_NONE,
	CRATON_HASH_SHA1,
	CRATON_HASH_SHA224,
	CRATON_HASH_SHA256,
	CRATON_HASH_SHA384,
	CRATON_HASH_SHA512,
	CRATON_HASH_SHA512_224,
	CRATON_HASH_SHA512_256,
	CRATON_HASH_SHA3_224,
	CRATON_HASH_SHA3_256,
	CRATON_HASH_SHA3_384,
	CRATON_HASH_SHA3_512,
	CRATON_HASH_MD5,
	CRATON_N_HASHES
} CratonHash;

typedef struct {
	const char *name;            /* libcrypto's */
	CK_MECHANISM_TYPE mechanism; /* the digest mechanism, as in hashAlg of RSA's parameters */
	CK_RSA_PKCS_MGF_TYPE mgf;    /* 0: the standard names none */
	CK_MECHANISM_TYPE hmac;
	guint8 len;
	guint8 info_len; /* PKCS #1's DigestInfo up to the digest (RFC 8017, 9.2, note 1) */
	guint8 info[19];
} CratonHashInfo;

/* Without a prefix: AES in this mode. */
typedef enum {
	CRATON_CIPHER_ECB,
	CRATON_CIPHER_CBC,
	CRATON_CIPHER_CTR,
	CRATON_CIPHER_GCM,
	CRATON_CIPHER_KW,
	CRATON_CIPHER_KWP,
	CRATON_CIPHER_CCM,
	CRATON_CIPHER_OFB,
	CRATON_CIPHER_CFB1,
	CRATON_CIPHER_CFB8,
	CRATON_CIPHER_CFB128,
	CRATON_CIPHER_CTS,
	CRATON_CIPHER_XTS,
	CRATON_CIPHER_DES3_ECB,
	CRATON_CIPHER_DES3_CBC,
	CRATON_CIPHER_CAMELLIA_ECB,
	CRATON_CIPHER_CAMELLIA_CBC,
	CRATON_CIPHER_CHACHA20,
	CRATON_CIPHER_CHACHA20_POLY1305,
	CRATON_N_CIPHERS
} CratonCipher;

typedef enum {
	CRATON_KDF_PBKDF2,
	CRATON_KDF_PKCS12,
	CRATON_N_KDFS
} CratonKdf;

/* By CratonHash; CRATON_HASH_NONE is a row of zeros. */
extern const CratonHashInfo craton_algs_hashes[CRATON_N_HASHES];

/* Returns: the hash whose digest mechanism is @mechanism, or CRATON_HASH_NONE. */
CratonHash craton_algs_hash_of (CK_MECHANISM_TYPE mechanism);
/* Returns: the hash of an HMAC mechanism, or CRATON_HASH_NONE. */
CratonHash craton_algs_hash_of_hmac (CK_MECHANISM_TYPE hmac);
/* Returns: the hash of a mask generation function, or CRATON_HASH_NONE. */
CratonHash craton_algs_hash_of_mgf (CK_RSA_PKCS_MGF_TYPE mgf);

/* Returns: the digest, or NULL if libcrypto has it not (a build without SHA-1, say). */
const EVP_MD *craton_algs_md (CratonHash hash);
/* Returns: the cipher for a key of @key_len bytes, or NULL if there is none of this length. */
const EVP_CIPHER *craton_algs_cipher (CratonCipher cipher, gsize key_len);
/* Returns: the key derivation function, or NULL as above. */
EVP_KDF *craton_algs_kdf (CratonKdf kdf);
/* Returns: an HMAC context that waits for its key, to be copied; NULL as above. */
const EVP_MAC_CTX *craton_algs_hmac (CratonHash hash);
/* Returns: a CMAC context with @cipher, one of the CBCs, for keys of @key_len bytes, that waits for
 * its key, to be copied; NULL as above. */
const EVP_MAC_CTX *craton_algs_cmac_of (CratonCipher cipher, gsize key_len);
/* The same with AES. */
const EVP_MAC_CTX *craton_algs_cmac (gsize key_len);
/* Returns: GMAC and Poly1305, or NULL. */
const EVP_MAC *craton_algs_gmac (void);
const EVP_MAC *craton_algs_poly1305 (void);

#endif /* CRATON_ALGS_H */
