/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pseudo-random functions for key derivation: a MAC with a key, computed over a row of chunks, and
 * the two ways of getting more bytes out of it that several standards share.
 */
#ifndef CRATON_PRF_H
#define CRATON_PRF_H

#include "algs.h"
#include "object.h"

/* No MAC is longer. */
#define CRATON_PRF_LEN_MAX EVP_MAX_MD_SIZE

typedef struct {
	const void *bytes;
	gsize len;
} CratonChunk;

/* Start from zeros. */
typedef struct {
	EVP_MAC_CTX *context; /* has its key */
	gsize len;            /* of a result, at most CRATON_PRF_LEN_MAX */
} CratonPrf;

/* Returns: the hash of the digest mechanism @digest if the session's token offers it, else
 *   CRATON_HASH_NONE: so a parameter brings in no digest that the configuration is against. */
CratonHash craton_prf_hash (const CratonSession *session, CK_MECHANISM_TYPE digest);

/**
 * craton_prf_init_hmac:
 *
 * Returns: CKR_OK; CKR_FUNCTION_FAILED if libcrypto lacks the hash; CKR_HOST_MEMORY.
 */
CK_RV craton_prf_init_hmac (CratonPrf *prf, CratonHash hash, const CK_BYTE *key, gsize key_len);

/**
 * craton_prf_init:
 * @mac: an HMAC mechanism, CKM_AES_CMAC or CKM_DES3_CMAC, from a parameter
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID if @mac is none of these or the session's token does
 *   not offer it; CKR_KEY_SIZE_RANGE if the cipher takes no key of this length; CKR_HOST_MEMORY.
 */
CK_RV craton_prf_init (CratonPrf *prf, const CratonSession *session, CK_MECHANISM_TYPE mac,
                       const CK_BYTE *key, gsize key_len);

/* Wipes; NULL is no case here, zeros are. */
void craton_prf_clear (CratonPrf *prf);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CratonPrf, craton_prf_clear)

/**
 * craton_prf_run:
 * @ret: room for prf->len bytes
 *
 * The MAC of all chunks, one behind the other.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_FUNCTION_FAILED.
 */
CK_RV craton_prf_run (const CratonPrf *prf, const CratonChunk *chunks, gsize n_chunks,
                      CK_BYTE *ret);

/**
 * craton_prf_feed_back:
 * @start: T(0); NULL: nothing
 * @seed: up to CRATON_PRF_SEED_MAX chunks
 * @counted: a byte is added at the end, from 1 on
 * @ret: room for @len bytes, at most 255 times prf->len
 *
 * T(1) T(2) ... with T(n) = prf (T(n-1) | seed | n). Counted, this is HKDF's expansion (RFC 5869,
 * 2.3) and prf+ (RFC 7296, 2.13); else RFC 2409, 5.5 and appendix B.
 *
 * Returns: as craton_prf_run().
 */
#define CRATON_PRF_SEED_MAX 5
CK_RV craton_prf_feed_back (const CratonPrf *prf, const CratonChunk *start, const CratonChunk *seed,
                            gsize n_seed, gboolean counted, CK_BYTE *ret, gsize len);

/* As above, without a limit of @len: P_hash of RFC 5246, 5. */
CK_RV craton_prf_tls (const CratonPrf *prf, const CratonChunk *seed, gsize n_seed, CK_BYTE *ret,
                      gsize len);

#endif /* CRATON_PRF_H */
