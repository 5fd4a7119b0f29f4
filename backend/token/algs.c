/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fetches what algs.h names, once, at the first question. Called by the mechanisms.
 */
#include "config.h"

#include "algs.h"

#include "drbg.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

#define AES_LENGTHS 3

static const gsize aes_lengths[AES_LENGTHS] = { 16, 24, 32 };

static const char *const cipher_names[CRATON_N_CIPHERS][AES_LENGTHS] = {
	[CRATON_CIPHER_ECB] = { "AES-128-ECB", "AES-192-ECB", "AES-256-ECB" },
	[CRATON_CIPHER_CBC] = { "AES-128-CBC", "AES-192-CBC", "AES-256-CBC" },
	[CRATON_CIPHER_CTR] = { "AES-128-CTR", "AES-192-CTR", "AES-256-CTR" },
	[CRATON_CIPHER_GCM] = { "AES-128-GCM", "AES-192-GCM", "AES-256-GCM" },
	[CRATON_CIPHER_KW] = { "AES-128-WRAP", "AES-192-WRAP", "AES-256-WRAP" },
	[CRATON_CIPHER_KWP] = { "AES-128-WRAP-PAD", "AES-192-WRAP-PAD", "AES-256-WRAP-PAD" },
};

/* DigestInfo: SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING }, RFC 8017, 9.2. */
#define SHA2_INFO(last, len)                                                                  \
	{                                                                                     \
		0x30, 0x11 + len, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, \
			0x04, 0x02, last, 0x05, 0x00, 0x04, len                               \
	}

const CratonHashInfo craton_algs_hashes[CRATON_N_HASHES] = {
	[CRATON_HASH_SHA1] = { "SHA1",
	                       CKM_SHA_1,
	                       CKG_MGF1_SHA1,
	                       20,
	                       15,
	                       { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a,
	                         0x05, 0x00, 0x04, 0x14 } },
	[CRATON_HASH_SHA224] = { "SHA224", CKM_SHA224, CKG_MGF1_SHA224, 28, 19,
	                         SHA2_INFO (0x04, 28) },
	[CRATON_HASH_SHA256] = { "SHA256", CKM_SHA256, CKG_MGF1_SHA256, 32, 19,
	                         SHA2_INFO (0x01, 32) },
	[CRATON_HASH_SHA384] = { "SHA384", CKM_SHA384, CKG_MGF1_SHA384, 48, 19,
	                         SHA2_INFO (0x02, 48) },
	[CRATON_HASH_SHA512] = { "SHA512", CKM_SHA512, CKG_MGF1_SHA512, 64, 19,
	                         SHA2_INFO (0x03, 64) },
};

typedef struct {
	EVP_MD *md[CRATON_N_HASHES];
	EVP_CIPHER *aes[CRATON_N_CIPHERS][AES_LENGTHS];
	EVP_MAC_CTX *hmac[CRATON_N_HASHES];
	EVP_MAC_CTX *cmac[AES_LENGTHS];
} Algs;

/* A context of @mac whose @param is set to the name of the digest or cipher that it works with. */
static EVP_MAC_CTX *
mac_context (EVP_MAC *mac, const char *param, const char *name)
{
	EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new (mac);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string (param, (char *) name, 0),
		OSSL_PARAM_construct_end (),
	};

	if (context != NULL && EVP_MAC_CTX_set_params (context, params) == 1)
		return context;
	EVP_MAC_CTX_free (context);
	return NULL;
}

/* libcrypto copies no CMAC context without a key: this one gets one, to be replaced. */
static EVP_MAC_CTX *
cmac_context (EVP_MAC *mac, int aes)
{
	static const unsigned char key[32] = { 0 };
	EVP_MAC_CTX *context =
		mac_context (mac, OSSL_MAC_PARAM_CIPHER, cipher_names[CRATON_CIPHER_CBC][aes]);

	if (context == NULL || EVP_MAC_init (context, key, aes_lengths[aes], NULL) == 1)
		return context;
	EVP_MAC_CTX_free (context);
	return NULL;
}

static void
fetch (Algs *algs)
{
	OSSL_LIB_CTX *libctx = craton_drbg_context ();
	EVP_MAC *hmac, *cmac;

	if (libctx == NULL)
		return;
	hmac = EVP_MAC_fetch (libctx, "HMAC", NULL);
	cmac = EVP_MAC_fetch (libctx, "CMAC", NULL);
	for (int i = CRATON_HASH_NONE + 1; i < CRATON_N_HASHES; i++) {
		const char *name = craton_algs_hashes[i].name;

		algs->md[i] = EVP_MD_fetch (libctx, name, NULL);
		algs->hmac[i] = mac_context (hmac, OSSL_MAC_PARAM_DIGEST, name);
	}
	for (int i = 0; i < AES_LENGTHS; i++) {
		for (int mode = 0; mode < CRATON_N_CIPHERS; mode++)
			algs->aes[mode][i] = EVP_CIPHER_fetch (libctx, cipher_names[mode][i], NULL);
		algs->cmac[i] = cmac_context (cmac, i);
	}
	EVP_MAC_free (hmac);
	EVP_MAC_free (cmac);
	ERR_clear_error ();
}

static const Algs *
algs_get (void)
{
	static Algs algs;
	static gsize fetched;

	if (g_once_init_enter (&fetched)) {
		fetch (&algs);
		g_once_init_leave (&fetched, 1);
	}
	return &algs;
}

static int
aes_index (gsize key_len)
{
	for (int i = 0; i < AES_LENGTHS; i++)
		if (aes_lengths[i] == key_len)
			return i;
	return -1;
}

CratonHash
craton_algs_hash_of (CK_MECHANISM_TYPE mechanism)
{
	for (int i = CRATON_HASH_NONE + 1; i < CRATON_N_HASHES; i++)
		if (craton_algs_hashes[i].mechanism == mechanism)
			return (CratonHash) i;
	return CRATON_HASH_NONE;
}

CratonHash
craton_algs_hash_of_mgf (CK_RSA_PKCS_MGF_TYPE mgf)
{
	for (int i = CRATON_HASH_NONE + 1; i < CRATON_N_HASHES; i++)
		if (craton_algs_hashes[i].mgf == mgf)
			return (CratonHash) i;
	return CRATON_HASH_NONE;
}

const EVP_MD *
craton_algs_md (CratonHash hash)
{
	return algs_get ()->md[hash];
}

const EVP_CIPHER *
craton_algs_aes (CratonCipher mode, gsize key_len)
{
	int i = aes_index (key_len);

	return i < 0 ? NULL : algs_get ()->aes[mode][i];
}

const EVP_MAC_CTX *
craton_algs_hmac (CratonHash hash)
{
	return algs_get ()->hmac[hash];
}

const EVP_MAC_CTX *
craton_algs_cmac (gsize key_len)
{
	int i = aes_index (key_len);

	return i < 0 ? NULL : algs_get ()->cmac[i];
}
