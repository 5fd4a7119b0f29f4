/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random numbers: one HMAC_DRBG (SP 800-90A, SHA-256) per process, seeded from the operating
 * system. Everything that the token makes comes from it: key generation, nonces, salts and padding
 * too, because it is the random source of the library context in which the token's keys live
 * (algs.h).
 */
#ifndef CRATON_DRBG_H
#define CRATON_DRBG_H

#include <glib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "pkcs11.h"

#define CRATON_DRBG_BLOCK_LEN 16 /* that must not come twice in a row */

/**
 * craton_drbg_context:
 *
 * Made at the first call, thread-safe, never freed.
 *
 * Returns: the token's library context, whose random numbers are this HMAC_DRBG's; NULL if
 *   libcrypto cannot make one.
 */
OSSL_LIB_CTX *craton_drbg_context (void);

/**
 * craton_drbg_generate:
 * @out: filled, wiped if the call fails
 * @len: in bytes, any number
 *
 * Thread-safe.
 *
 * Returns: CKR_OK; CKR_RANDOM_NO_RNG if there is no generator; CKR_DEVICE_ERROR if it fails, or has
 *   given the same twice and is broken, with a line in the log.
 */
CK_RV craton_drbg_generate (void *out, gsize len);

/**
 * craton_drbg_seed:
 * @in: additional input, mixed in and trusted with nothing; NULL if @len is 0
 * @len: in bytes
 *
 * Reseeds from the operating system, with @in as additional input. Without input that is what a
 * clone of the process does first. Thread-safe.
 *
 * Returns: CKR_OK; CKR_RANDOM_NO_RNG; CKR_DEVICE_ERROR.
 */
CK_RV craton_drbg_seed (const void *in, gsize len);

/**
 * craton_drbg_check:
 * @block: the next CRATON_DRBG_BLOCK_LEN bytes that the generator gave
 *
 * The continuous test, part of craton_drbg_generate().
 *
 * Returns: CKR_OK; CKR_DEVICE_ERROR if the block is the same as the one before, from then on always.
 * Source: FIPS 140-2, 4.9.2
 */
CK_RV craton_drbg_check (const guint8 *block);

/* What the first two do with the process's generator, with another one: for known answers. */
CK_RV craton_drbg_generate_from (EVP_RAND_CTX *drbg, void *out, gsize len);
CK_RV craton_drbg_reseed (EVP_RAND_CTX *drbg, const void *in, gsize len);

#endif /* CRATON_DRBG_H */
