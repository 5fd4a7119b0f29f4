/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pseudo-random functions, see prf.h. Chunks are private copies or the values of keys. libcrypto has
 * KDFs of its own, but version 3.0 takes at most 1024 bytes of HKDF's info and of TLS's seed, and
 * its KBKDF has one layout: built from the MAC these limits are not there. Called by the mechanisms.
 */
#include "config.h"

#include "prf.h"

#include "mech.h"
#include "session.h"

#include <openssl/crypto.h>
#include <string.h>

CratonHash
craton_prf_hash (const CratonSession *session, CK_MECHANISM_TYPE digest)
{
	const CK_MECHANISM mechanism = { .mechanism = digest };
	const CratonMech *mech;

	return craton_session_mech (session, &mechanism, CKF_DIGEST, &mech) == CKR_OK
	               ? craton_algs_hash_of (digest)
	               : CRATON_HASH_NONE;
}

static CK_RV
init (CratonPrf *prf, const EVP_MAC_CTX *template, const CK_BYTE *key, gsize key_len)
{
	if (template == NULL)
		return CKR_FUNCTION_FAILED;
	prf->context = EVP_MAC_CTX_dup (template);
	if (prf->context == NULL)
		return CKR_HOST_MEMORY;
	if (EVP_MAC_init (prf->context, key, key_len, NULL) != 1)
		return CKR_FUNCTION_FAILED;
	prf->len = EVP_MAC_CTX_get_mac_size (prf->context);
	return prf->len > 0 && prf->len <= CRATON_PRF_LEN_MAX ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV
craton_prf_init_hmac (CratonPrf *prf, CratonHash hash, const CK_BYTE *key, gsize key_len)
{
	return init (prf, craton_algs_hmac (hash), key, key_len);
}

CK_RV
craton_prf_init (CratonPrf *prf, const CratonSession *session, CK_MECHANISM_TYPE mac,
                 const CK_BYTE *key, gsize key_len)
{
	const CK_MECHANISM mechanism = { .mechanism = mac };
	CratonHash hash = craton_algs_hash_of_hmac (mac);
	const EVP_MAC_CTX *cmac;
	const CratonMech *mech;
	CK_RV rv = craton_session_mech (session, &mechanism, CKF_SIGN, &mech);

	if (rv != CKR_OK)
		return rv == CKR_MECHANISM_INVALID ? CKR_MECHANISM_PARAM_INVALID : rv;
	if (hash != CRATON_HASH_NONE)
		return craton_prf_init_hmac (prf, hash, key, key_len);
	if (mac != CKM_AES_CMAC && mac != CKM_DES3_CMAC)
		return CKR_MECHANISM_PARAM_INVALID;
	cmac = craton_algs_cmac_of (
		mac == CKM_AES_CMAC ? CRATON_CIPHER_CBC : CRATON_CIPHER_DES3_CBC, key_len);
	return cmac == NULL ? CKR_KEY_SIZE_RANGE : init (prf, cmac, key, key_len);
}

void
craton_prf_clear (CratonPrf *prf)
{
	EVP_MAC_CTX_free (prf->context);
	prf->context = NULL;
}

CK_RV
craton_prf_run (const CratonPrf *prf, const CratonChunk *chunks, gsize n_chunks, CK_BYTE *ret)
{
	EVP_MAC_CTX *context = EVP_MAC_CTX_dup (prf->context);
	CK_RV rv = context == NULL ? CKR_HOST_MEMORY : CKR_OK;
	gsize len = 0;

	for (gsize i = 0; rv == CKR_OK && i < n_chunks; i++)
		if (chunks[i].len > 0 &&
		    EVP_MAC_update (context, chunks[i].bytes, chunks[i].len) != 1)
			rv = CKR_FUNCTION_FAILED;
	if (rv == CKR_OK && (EVP_MAC_final (context, ret, &len, prf->len) != 1 || len != prf->len))
		rv = CKR_FUNCTION_FAILED;
	EVP_MAC_CTX_free (context);
	return rv;
}

CK_RV
craton_prf_feed_back (const CratonPrf *prf, const CratonChunk *start, const CratonChunk *seed,
                      gsize n_seed, gboolean counted, CK_BYTE *ret, gsize len)
{
	CK_BYTE last[CRATON_PRF_LEN_MAX], counter = 0;
	CratonChunk chunks[CRATON_PRF_SEED_MAX + 2] = { start != NULL ? *start
		                                                      : (CratonChunk){ NULL, 0 } };
	CK_RV rv = CKR_OK;

	g_assert (n_seed <= CRATON_PRF_SEED_MAX && len <= 255 * prf->len);
	memcpy (chunks + 1, seed, n_seed * sizeof *seed);
	chunks[1 + n_seed] = (CratonChunk){ &counter, counted };
	for (gsize done = 0; rv == CKR_OK && done < len; done += prf->len) {
		counter++;
		rv = craton_prf_run (prf, chunks, n_seed + 2, last);
		chunks[0] = (CratonChunk){ last, prf->len };
		if (rv == CKR_OK)
			memcpy (ret + done, last, MIN (prf->len, len - done));
	}
	OPENSSL_cleanse (last, sizeof last);
	return rv;
}

CK_RV
craton_prf_tls (const CratonPrf *prf, const CratonChunk *seed, gsize n_seed, CK_BYTE *ret,
                gsize len)
{
	CK_BYTE a[CRATON_PRF_LEN_MAX], block[CRATON_PRF_LEN_MAX];
	CratonChunk chunks[CRATON_PRF_SEED_MAX + 1] = { { a, prf->len } };
	CK_RV rv = craton_prf_run (prf, seed, n_seed, a);

	g_assert (n_seed <= CRATON_PRF_SEED_MAX);
	memcpy (chunks + 1, seed, n_seed * sizeof *seed);
	for (gsize done = 0; rv == CKR_OK && done < len; done += prf->len) {
		rv = craton_prf_run (prf, chunks, n_seed + 1, block);
		if (rv == CKR_OK)
			memcpy (ret + done, block, MIN (prf->len, len - done));
		if (rv == CKR_OK)
			rv = craton_prf_run (prf, chunks, 1, a);
	}
	OPENSSL_cleanse (a, sizeof a);
	OPENSSL_cleanse (block, sizeof block);
	return rv;
}
