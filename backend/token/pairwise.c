/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pairwise checks of generated pairs; see pairwise.h. Called by mech-key.c before it publishes a
 * pair.
 */
#include "config.h"

#include "pairwise.h"

#include "drbg.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

/* A secret of DH with 8192 bits is the longest. */
#define SECRET_MAX 1024

gint craton_pairwise_fault = FALSE;

static const CK_BYTE message[32] = "whether these two keys are one";

static void
disturb (CK_BYTE *bytes, gsize len)
{
	if (g_atomic_int_get (&craton_pairwise_fault) && len > 0)
		bytes[len / 2] ^= 1;
}

static EVP_PKEY_CTX *
context_of (EVP_PKEY *pkey)
{
	return EVP_PKEY_CTX_new_from_pkey (craton_drbg_context (), pkey, NULL);
}

/* RSA, ECDSA, DSA: a digest. */
static gboolean
signs_digest (EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *signer = context_of (pkey), *verifier = context_of (pkey);
	gsize len = (gsize) EVP_PKEY_get_size (pkey);
	CK_BYTE *signature = OPENSSL_malloc (len);
	gboolean ok = signer != NULL && verifier != NULL && signature != NULL &&
	              EVP_PKEY_sign_init (signer) == 1 &&
	              EVP_PKEY_sign (signer, signature, &len, message, sizeof message) == 1;

	if (ok)
		disturb (signature, len);
	ok = ok && EVP_PKEY_verify_init (verifier) == 1 &&
	     EVP_PKEY_verify (verifier, signature, len, message, sizeof message) == 1;
	OPENSSL_free (signature);
	EVP_PKEY_CTX_free (verifier);
	EVP_PKEY_CTX_free (signer);
	return ok;
}

/* EdDSA, ML-DSA, SLH-DSA: a message. */
static gboolean
signs_message (EVP_PKEY *pkey)
{
	OSSL_LIB_CTX *libctx = craton_drbg_context ();
	EVP_MD_CTX *signer = EVP_MD_CTX_new (), *verifier = EVP_MD_CTX_new ();
	gsize len = (gsize) EVP_PKEY_get_size (pkey);
	CK_BYTE *signature = OPENSSL_malloc (len);
	gboolean ok = signer != NULL && verifier != NULL && signature != NULL &&
	              EVP_DigestSignInit_ex (signer, NULL, NULL, libctx, NULL, pkey, NULL) == 1 &&
	              EVP_DigestSign (signer, signature, &len, message, sizeof message) == 1;

	if (ok)
		disturb (signature, len);
	ok = ok &&
	     EVP_DigestVerifyInit_ex (verifier, NULL, NULL, libctx, NULL, pkey, NULL) == 1 &&
	     EVP_DigestVerify (verifier, signature, len, message, sizeof message) == 1;
	OPENSSL_free (signature);
	EVP_MD_CTX_free (verifier);
	EVP_MD_CTX_free (signer);
	return ok;
}

static gboolean
derive (EVP_PKEY *pkey, EVP_PKEY *peer, CK_BYTE *secret, gsize *ret_len)
{
	EVP_PKEY_CTX *context = context_of (pkey);
	gboolean ok;

	*ret_len = SECRET_MAX;
	ok = context != NULL && EVP_PKEY_derive_init (context) == 1 &&
	     EVP_PKEY_derive_set_peer (context, peer) == 1 &&
	     EVP_PKEY_derive (context, secret, ret_len) == 1;
	EVP_PKEY_CTX_free (context);
	return ok;
}

/* DH, X25519, X448: with a pair that is made for it. */
static gboolean
agrees (EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *context = context_of (pkey);
	CK_BYTE ours[SECRET_MAX], theirs[SECRET_MAX];
	gsize our_len = 0, their_len = 0;
	EVP_PKEY *other = NULL;
	gboolean ok = context != NULL && EVP_PKEY_keygen_init (context) == 1 &&
	              EVP_PKEY_generate (context, &other) == 1 &&
	              derive (pkey, other, ours, &our_len) &&
	              derive (other, pkey, theirs, &their_len);

	if (ok)
		disturb (ours, our_len);
	ok = ok && our_len == their_len && CRYPTO_memcmp (ours, theirs, our_len) == 0;
	OPENSSL_cleanse (ours, sizeof ours);
	OPENSSL_cleanse (theirs, sizeof theirs);
	EVP_PKEY_free (other);
	EVP_PKEY_CTX_free (context);
	return ok;
}

/* ML-KEM. A ciphertext for another key opens to another secret. */
static gboolean
encapsulates (EVP_PKEY *pkey)
{
	EVP_PKEY_CTX *context = context_of (pkey);
	CK_BYTE sealed[SECRET_MAX * 2], secret[64], opened[64];
	gsize sealed_len = sizeof sealed, len = sizeof secret, opened_len = sizeof opened;
	gboolean ok = context != NULL && EVP_PKEY_encapsulate_init (context, NULL) == 1 &&
	              EVP_PKEY_encapsulate (context, sealed, &sealed_len, secret, &len) == 1;

	if (ok)
		disturb (sealed, sealed_len);
	ok = ok && EVP_PKEY_decapsulate_init (context, NULL) == 1 &&
	     EVP_PKEY_decapsulate (context, opened, &opened_len, sealed, sealed_len) == 1 &&
	     opened_len == len && CRYPTO_memcmp (secret, opened, len) == 0;
	OPENSSL_cleanse (secret, sizeof secret);
	OPENSSL_cleanse (opened, sizeof opened);
	EVP_PKEY_CTX_free (context);
	return ok;
}

static const struct {
	const char *name; /* libcrypto's */
	gboolean (*check) (EVP_PKEY *pkey);
} checks[] = {
	{ "RSA", signs_digest },       { "EC", signs_digest },         { "DSA", signs_digest },
	{ "X25519", agrees },          { "X448", agrees },             { "DH", agrees },
	{ "ML-KEM-512", encapsulates }, { "ML-KEM-768", encapsulates }, { "ML-KEM-1024", encapsulates },
};

CK_RV
craton_pairwise_check (EVP_PKEY *pkey)
{
	gboolean (*check) (EVP_PKEY *pkey) = signs_message;
	gboolean ok;

	for (gsize i = 0; i < G_N_ELEMENTS (checks); i++)
		if (EVP_PKEY_is_a (pkey, checks[i].name))
			check = checks[i].check;
	ok = check (pkey);
	ERR_clear_error ();
	return ok ? CKR_OK : CKR_FUNCTION_FAILED;
}
