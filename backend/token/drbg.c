/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The token's random numbers; see drbg.h. libcrypto keeps a primary generator per library context,
 * locked, and one more per thread below it for what it draws itself. Both are HMAC_DRBGs here, and
 * a reseed of the primary reaches the others with their next request. Called by random.c, seal.c,
 * keygen.c and, through the library context, by all mechanisms.
 */
#include "config.h"

#include "drbg.h"

#include "algs.h"

#include <glib/gi18n-lib.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rand.h>
#include <string.h>

/* Requests are cut into pieces of this size, so that a large one does not keep other threads from
 * the generator. It is also the most that SP 800-90A, table 2, allows in one request. */
#define CRATON_DRBG_REQUEST_MAX 65536

/* The most additional input given to one reseed; more is given in several. */
#define CRATON_DRBG_SEED_MAX 65536

/* How much is taken from the primary generator before it takes a new seed from the operating system:
 * requests, and seconds. SP 800-90A, table 2, allows 2^48 requests. */
#define CRATON_DRBG_RESEED_REQUESTS 256
#define CRATON_DRBG_RESEED_SECONDS 3600

static gboolean
set_reseed (EVP_RAND_CTX *drbg)
{
	unsigned int requests = CRATON_DRBG_RESEED_REQUESTS;
	time_t seconds = CRATON_DRBG_RESEED_SECONDS;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint (OSSL_DRBG_PARAM_RESEED_REQUESTS, &requests),
		OSSL_PARAM_construct_time_t (OSSL_DRBG_PARAM_RESEED_TIME_INTERVAL, &seconds),
		OSSL_PARAM_construct_end (),
	};

	return drbg != NULL && EVP_RAND_CTX_set_params (drbg, params) == 1;
}

static OSSL_LIB_CTX *
context_new (void)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new ();

	/* The configuration file is not read: it could load a provider that leads back to PKCS#11.
	 * */
	if (context != NULL && OSSL_PROVIDER_load (context, "default") != NULL &&
	    RAND_set_DRBG_type (context, "HMAC-DRBG", NULL, NULL, "SHA256") == 1 &&
	    set_reseed (RAND_get0_primary (context)))
		return context;
	OSSL_LIB_CTX_free (context);
	ERR_clear_error ();
	return NULL;
}

OSSL_LIB_CTX *
craton_drbg_context (void)
{
	static OSSL_LIB_CTX *context;
	static gsize made;

	if (g_once_init_enter (&made)) {
		context = context_new ();
		g_once_init_leave (&made, 1);
	}
	return context;
}

static EVP_RAND_CTX *
primary (void)
{
	OSSL_LIB_CTX *context = craton_drbg_context ();

	return context == NULL ? NULL : RAND_get0_primary (context);
}

CK_RV
craton_drbg_generate_from (EVP_RAND_CTX *drbg, void *out, gsize len)
{
	guint8 *at = out;
	gsize left = len;

	while (left > 0) {
		gsize piece = MIN (left, CRATON_DRBG_REQUEST_MAX);

		if (EVP_RAND_generate (drbg, at, piece, 0, 0, NULL, 0) != 1) {
			OPENSSL_cleanse (out, len);
			ERR_clear_error ();
			return CKR_DEVICE_ERROR;
		}
		at += piece;
		left -= piece;
	}
	return CKR_OK;
}

CK_RV
craton_drbg_reseed (EVP_RAND_CTX *drbg, const void *in, gsize len)
{
	const guint8 *at = in;

	do {
		gsize piece = MIN (len, CRATON_DRBG_SEED_MAX);

		if (EVP_RAND_reseed (drbg, 0, NULL, 0, piece > 0 ? at : NULL, piece) != 1) {
			ERR_clear_error ();
			return CKR_DEVICE_ERROR;
		}
		if (piece > 0)
			at += piece;
		len -= piece;
	} while (len > 0);
	return CKR_OK;
}

/* FIPS 140-2, 4.9.2: a generator that gives the same block twice in a row is broken, and stays so. Only
 * a digest of the last block is kept, so that nobody finds in memory what was given out. */
CK_RV
craton_drbg_check (const guint8 *block)
{
	static GMutex lock;
	static guint8 last[CRATON_DRBG_BLOCK_LEN];
	static gboolean broken;
	guint8 digest[EVP_MAX_MD_SIZE];
	CK_RV rv = CKR_OK;

	if (EVP_Digest (block, CRATON_DRBG_BLOCK_LEN, digest, NULL,
	                craton_algs_md (CRATON_HASH_SHA256), NULL) != 1)
		return CKR_DEVICE_ERROR;
	g_mutex_lock (&lock);
	if (!broken && memcmp (digest, last, sizeof last) == 0) {
		broken = TRUE;
		g_warning (_ ("random numbers: the generator repeats itself and is not used any more; "
		              "restart the application, and look at the machine"));
	}
	if (broken)
		rv = CKR_DEVICE_ERROR;
	memcpy (last, digest, sizeof last);
	g_mutex_unlock (&lock);
	return rv;
}

CK_RV
craton_drbg_generate (void *out, gsize len)
{
	guint8 block[CRATON_DRBG_BLOCK_LEN];
	EVP_RAND_CTX *drbg = primary ();
	CK_RV rv;

	if (drbg == NULL)
		return CKR_RANDOM_NO_RNG;
	if (len == 0)
		return CKR_OK;
	/* Short requests too take a whole block, to be compared. */
	rv = craton_drbg_generate_from (drbg, len < sizeof block ? block : out,
	                                MAX (len, sizeof block));
	if (rv == CKR_OK)
		rv = craton_drbg_check (len < sizeof block ? block : out);
	if (rv == CKR_OK && len < sizeof block)
		memcpy (out, block, len);
	else if (rv != CKR_OK)
		OPENSSL_cleanse (out, len);
	OPENSSL_cleanse (block, sizeof block);
	return rv;
}

CK_RV
craton_drbg_seed (const void *in, gsize len)
{
	EVP_RAND_CTX *drbg = primary ();

	return drbg == NULL ? CKR_RANDOM_NO_RNG : craton_drbg_reseed (drbg, in, len);
}
