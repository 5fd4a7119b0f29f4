/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Fetches what algs.h names, each once, at the first question. Called by the mechanisms.
 */
#include "config.h"

#include "algs.h"

#include "drbg.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/params.h>

/* Ciphers take keys of one length, or of AES's three, the shortest first. */
#define KEY_LENGTHS 3

typedef struct {
	guint8 first_len, step;
	const char *names[KEY_LENGTHS];
} CipherInfo;

#define AES(mode)                                                                   \
	{                                                                           \
		16, 8, { "AES-128-" mode, "AES-192-" mode, "AES-256-" mode }        \
	}

#define CAMELLIA(mode)                                                              \
	{                                                                           \
		16, 8, { "CAMELLIA-128-" mode, "CAMELLIA-192-" mode,                \
			 "CAMELLIA-256-" mode }                                     \
	}

static const CipherInfo ciphers[CRATON_N_CIPHERS] = {
	[CRATON_CIPHER_ECB] = AES ("ECB"),
	[CRATON_CIPHER_CBC] = AES ("CBC"),
	[CRATON_CIPHER_CTR] = AES ("CTR"),
	[CRATON_CIPHER_GCM] = AES ("GCM"),
	[CRATON_CIPHER_KW] = AES ("WRAP"),
	[CRATON_CIPHER_KWP] = AES ("WRAP-PAD"),
	[CRATON_CIPHER_CCM] = AES ("CCM"),
	[CRATON_CIPHER_OFB] = AES ("OFB"),
	[CRATON_CIPHER_CFB1] = AES ("CFB1"),
	[CRATON_CIPHER_CFB8] = AES ("CFB8"),
	[CRATON_CIPHER_CFB128] = AES ("CFB"),
	[CRATON_CIPHER_CTS] = AES ("CBC-CTS"),
	[CRATON_CIPHER_XTS] = { 32, 32, { "AES-128-XTS", "AES-256-XTS" } },
	[CRATON_CIPHER_DES3_ECB] = { 24, 1, { "DES-EDE3-ECB" } },
	[CRATON_CIPHER_DES3_CBC] = { 24, 1, { "DES-EDE3-CBC" } },
	[CRATON_CIPHER_CAMELLIA_ECB] = CAMELLIA ("ECB"),
	[CRATON_CIPHER_CAMELLIA_CBC] = CAMELLIA ("CBC"),
	[CRATON_CIPHER_CHACHA20] = { 32, 1, { "ChaCha20" } },
	[CRATON_CIPHER_CHACHA20_POLY1305] = { 32, 1, { "ChaCha20-Poly1305" } },
};

/* DigestInfo: SEQUENCE { SEQUENCE { OID, NULL }, OCTET STRING }, RFC 8017, 9.2; NIST's arc of
 * digests. */
#define SHA_INFO(last, len)                                                                  \
	{                                                                                     \
		0x30, 0x11 + len, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, \
			0x04, 0x02, last, 0x05, 0x00, 0x04, len                               \
	}

const CratonHashInfo craton_algs_hashes[CRATON_N_HASHES] = {
	[CRATON_HASH_SHA1] = { "SHA1",
	                       CKM_SHA_1,
	                       CKG_MGF1_SHA1, CKM_SHA_1_HMAC,
	                       20,
	                       15,
	                       { 0x30, 0x21, 0x30, 0x09, 0x06, 0x05, 0x2b, 0x0e, 0x03, 0x02, 0x1a,
	                         0x05, 0x00, 0x04, 0x14 } },
	[CRATON_HASH_SHA224] = { "SHA224", CKM_SHA224, CKG_MGF1_SHA224, CKM_SHA224_HMAC, 28, 19,
	                         SHA_INFO (0x04, 28) },
	[CRATON_HASH_SHA256] = { "SHA256", CKM_SHA256, CKG_MGF1_SHA256, CKM_SHA256_HMAC, 32, 19,
	                         SHA_INFO (0x01, 32) },
	[CRATON_HASH_SHA384] = { "SHA384", CKM_SHA384, CKG_MGF1_SHA384, CKM_SHA384_HMAC, 48, 19,
	                         SHA_INFO (0x02, 48) },
	[CRATON_HASH_SHA512] = { "SHA512", CKM_SHA512, CKG_MGF1_SHA512, CKM_SHA512_HMAC, 64, 19,
	                         SHA_INFO (0x03, 64) },
	[CRATON_HASH_SHA512_224] = { "SHA512-224", CKM_SHA512_224, 0, CKM_SHA512_224_HMAC, 28, 19,
	                             SHA_INFO (0x05, 28) },
	[CRATON_HASH_SHA512_256] = { "SHA512-256", CKM_SHA512_256, 0, CKM_SHA512_256_HMAC, 32, 19,
	                             SHA_INFO (0x06, 32) },
	[CRATON_HASH_SHA3_224] = { "SHA3-224", CKM_SHA3_224, CKG_MGF1_SHA3_224, CKM_SHA3_224_HMAC,
	                           28, 19, SHA_INFO (0x07, 28) },
	[CRATON_HASH_SHA3_256] = { "SHA3-256", CKM_SHA3_256, CKG_MGF1_SHA3_256, CKM_SHA3_256_HMAC,
	                           32, 19, SHA_INFO (0x08, 32) },
	[CRATON_HASH_SHA3_384] = { "SHA3-384", CKM_SHA3_384, CKG_MGF1_SHA3_384, CKM_SHA3_384_HMAC,
	                           48, 19, SHA_INFO (0x09, 48) },
	[CRATON_HASH_SHA3_512] = { "SHA3-512", CKM_SHA3_512, CKG_MGF1_SHA3_512, CKM_SHA3_512_HMAC,
	                           64, 19, SHA_INFO (0x0a, 64) },
	[CRATON_HASH_MD5] = { "MD5",
	                      CKM_MD5,
	                      0,
	                      CKM_MD5_HMAC,
	                      16,
	                      18,
	                      { 0x30, 0x20, 0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48, 0x86, 0xf7,
	                        0x0d, 0x02, 0x05, 0x05, 0x00, 0x04, 0x10 } },
};

/* What was fetched: NULL while nobody has asked, &absent where libcrypto has it not. */
static struct {
	gpointer md[CRATON_N_HASHES];
	gpointer ciphers[CRATON_N_CIPHERS][KEY_LENGTHS];
	gpointer kdfs[CRATON_N_KDFS];
	gpointer hmac[CRATON_N_HASHES];
	gpointer cmac[CRATON_N_CIPHERS][KEY_LENGTHS];
	gpointer gmac, poly1305;
} algs;
static char absent;

/* What @slot holds; @fetch fills it the first time. */
static gpointer
fetched (gpointer *slot, gpointer (*fetch) (OSSL_LIB_CTX *libctx, int which, int length), int which,
         int length)
{
	static GMutex lock;
	gpointer found = g_atomic_pointer_get (slot);
	OSSL_LIB_CTX *libctx;

	if (found == NULL) {
		g_mutex_lock (&lock);
		found = *slot;
		if (found == NULL) {
			libctx = craton_drbg_context ();
			found = libctx == NULL ? NULL : fetch (libctx, which, length);
			if (found == NULL)
				found = &absent;
			ERR_clear_error ();
			g_atomic_pointer_set (slot, found);
		}
		g_mutex_unlock (&lock);
	}
	return found == &absent ? NULL : found;
}

static gpointer
fetch_md (OSSL_LIB_CTX *libctx, int hash, int length)
{
	(void) length;
	return EVP_MD_fetch (libctx, craton_algs_hashes[hash].name, NULL);
}

static gpointer
fetch_cipher (OSSL_LIB_CTX *libctx, int cipher, int length)
{
	return EVP_CIPHER_fetch (libctx, ciphers[cipher].names[length], NULL);
}

static gpointer
fetch_kdf (OSSL_LIB_CTX *libctx, int kdf, int length)
{
	static const char *const names[CRATON_N_KDFS] = {
		[CRATON_KDF_PBKDF2] = "PBKDF2",
		[CRATON_KDF_PKCS12] = "PKCS12KDF",
	};

	(void) length;
	return EVP_KDF_fetch (libctx, names[kdf], NULL);
}

/* A context of @algorithm whose @param is set to the name of the digest or cipher that it works with. */
static EVP_MAC_CTX *
mac_context (OSSL_LIB_CTX *libctx, const char *algorithm, const char *param, const char *name)
{
	EVP_MAC *mac = EVP_MAC_fetch (libctx, algorithm, NULL);
	EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new (mac);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string (param, (char *) name, 0),
		OSSL_PARAM_construct_end (),
	};

	EVP_MAC_free (mac);
	if (context != NULL && EVP_MAC_CTX_set_params (context, params) == 1)
		return context;
	EVP_MAC_CTX_free (context);
	return NULL;
}

static gpointer
fetch_hmac (OSSL_LIB_CTX *libctx, int hash, int length)
{
	(void) length;
	return mac_context (libctx, "HMAC", OSSL_MAC_PARAM_DIGEST, craton_algs_hashes[hash].name);
}

/* libcrypto copies no CMAC context without a key: this one gets one, to be replaced. */
static gpointer
fetch_cmac (OSSL_LIB_CTX *libctx, int cipher, int length)
{
	static const unsigned char key[32] = { 0 };
	const CipherInfo *info = &ciphers[cipher];
	EVP_MAC_CTX *context =
		mac_context (libctx, "CMAC", OSSL_MAC_PARAM_CIPHER, info->names[length]);

	if (context == NULL ||
	    EVP_MAC_init (context, key, (gsize) info->first_len + (gsize) length * info->step,
	                  NULL) == 1)
		return context;
	EVP_MAC_CTX_free (context);
	return NULL;
}

static gpointer
fetch_gmac (OSSL_LIB_CTX *libctx, int which, int length)
{
	(void) which;
	(void) length;
	return EVP_MAC_fetch (libctx, "GMAC", NULL);
}

static gpointer
fetch_poly1305 (OSSL_LIB_CTX *libctx, int which, int length)
{
	(void) which;
	(void) length;
	return EVP_MAC_fetch (libctx, "POLY1305", NULL);
}

/* Which of the cipher's names is for keys of this length, or -1. */
static int
length_index (CratonCipher cipher, gsize key_len)
{
	const CipherInfo *info = &ciphers[cipher];

	for (int i = 0; i < KEY_LENGTHS && info->names[i] != NULL; i++)
		if (info->first_len + (gsize) i * info->step == key_len)
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
craton_algs_hash_of_hmac (CK_MECHANISM_TYPE hmac)
{
	for (int i = CRATON_HASH_NONE + 1; i < CRATON_N_HASHES; i++)
		if (craton_algs_hashes[i].hmac == hmac)
			return (CratonHash) i;
	return CRATON_HASH_NONE;
}

CratonHash
craton_algs_hash_of_mgf (CK_RSA_PKCS_MGF_TYPE mgf)
{
	for (int i = CRATON_HASH_NONE + 1; mgf != 0 && i < CRATON_N_HASHES; i++)
		if (craton_algs_hashes[i].mgf == mgf)
			return (CratonHash) i;
	return CRATON_HASH_NONE;
}

const EVP_MD *
craton_algs_md (CratonHash hash)
{
	return fetched (&algs.md[hash], fetch_md, (int) hash, 0);
}

const EVP_CIPHER *
craton_algs_cipher (CratonCipher cipher, gsize key_len)
{
	int i = length_index (cipher, key_len);

	return i < 0 ? NULL : fetched (&algs.ciphers[cipher][i], fetch_cipher, (int) cipher, i);
}

EVP_KDF *
craton_algs_kdf (CratonKdf kdf)
{
	return fetched (&algs.kdfs[kdf], fetch_kdf, (int) kdf, 0);
}

const EVP_MAC_CTX *
craton_algs_hmac (CratonHash hash)
{
	return fetched (&algs.hmac[hash], fetch_hmac, (int) hash, 0);
}

const EVP_MAC_CTX *
craton_algs_cmac_of (CratonCipher cipher, gsize key_len)
{
	int i = length_index (cipher, key_len);

	return i < 0 ? NULL : fetched (&algs.cmac[cipher][i], fetch_cmac, (int) cipher, i);
}

const EVP_MAC_CTX *
craton_algs_cmac (gsize key_len)
{
	return craton_algs_cmac_of (CRATON_CIPHER_CBC, key_len);
}

const EVP_MAC *
craton_algs_gmac (void)
{
	return fetched (&algs.gmac, fetch_gmac, 0, 0);
}

const EVP_MAC *
craton_algs_poly1305 (void)
{
	return fetched (&algs.poly1305, fetch_poly1305, 0, 0);
}
