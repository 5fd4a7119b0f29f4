/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The token's random numbers; see drbg.h. libcrypto keeps a primary generator per library context,
 * locked, and one more per thread below it for what it draws itself. Both are HMAC_DRBGs here, and
 * a reseed of the primary reaches the others with their next request. Called by random.c, seal.c,
 * keygen.c and, through the library context, by all mechanisms.
 */
#include "config.h"

#include "drbg.h"

#include <openssl/err.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

/* Requests are cut into pieces of this size, so that a large one does not keep other threads from
 * the generator. It is also the most that SP 800-90A, table 2, allows in one request. */
#define CRATON_DRBG_REQUEST_MAX 65536

/* The most additional input given to one reseed; more is given in several. */
#define CRATON_DRBG_SEED_MAX 65536

static OSSL_LIB_CTX *
context_new (void)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new ();

	/* The configuration file is not read: it could load a provider that leads back to PKCS#11.
	 * */
	if (context != NULL && OSSL_PROVIDER_load (context, "default") != NULL &&
	    RAND_set_DRBG_type (context, "HMAC-DRBG", NULL, NULL, "SHA256") == 1 &&
	    RAND_get0_primary (context) != NULL)
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
craton_drbg_generate (void *out, gsize len)
{
	EVP_RAND_CTX *drbg = primary ();
	guint8 *at = out;
	gsize left = len;

	if (drbg == NULL)
		return CKR_RANDOM_NO_RNG;
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
craton_drbg_seed (const void *in, gsize len)
{
	EVP_RAND_CTX *drbg = primary ();
	const guint8 *at = in;

	if (drbg == NULL)
		return CKR_RANDOM_NO_RNG;
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
