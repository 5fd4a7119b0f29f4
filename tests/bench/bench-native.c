/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libcrypto without PKCS#11: what the same work costs at least. Everything is fetched and every context made before; a run does
 * what has to be done anew for each message. For bench-worker.c.
 */
#include "config.h"

#include "bench.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define RANDOM_PIECE ((size_t) 65536)

typedef struct {
	EVP_PKEY_CTX *ec_sign, *ec_verify, *rsa_sign, *rsa_verify;
	EVP_MD_CTX *ed, *sha;
	EVP_CIPHER_CTX *gcm;
} Contexts;

static EVP_PKEY *ec, *rsa, *ed;
static EVP_MD *sha256;
static EVP_CIPHER *aes_gcm;
static EVP_RAND_CTX *drbg;

#define OK(condition) ((condition) ? CKR_OK : CKR_FUNCTION_FAILED)

static CK_RV
open_native (const char *argument, pid_t *ret_peer)
{
	OSSL_LIB_CTX *context = OSSL_LIB_CTX_new ();

	(void) argument;
	*ret_peer = 0;
	ec = EVP_PKEY_Q_keygen (NULL, NULL, "EC", "P-256");
	rsa = EVP_PKEY_Q_keygen (NULL, NULL, "RSA", (size_t) 2048);
	ed = EVP_PKEY_Q_keygen (NULL, NULL, "ED25519");
	sha256 = EVP_MD_fetch (NULL, "SHA256", NULL);
	aes_gcm = EVP_CIPHER_fetch (NULL, "AES-256-GCM", NULL);
	/* As the soft token has it. */
	if (context == NULL || RAND_set_DRBG_type (context, "HMAC-DRBG", NULL, NULL, "SHA256") != 1)
		return CKR_FUNCTION_FAILED;
	drbg = RAND_get0_primary (context);
	return OK (ec != NULL && rsa != NULL && ed != NULL && sha256 != NULL && aes_gcm != NULL && drbg != NULL);
}

static EVP_PKEY_CTX *
begin (EVP_PKEY *key, int (*start) (EVP_PKEY_CTX *context))
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey (NULL, key, NULL);

	if (context == NULL || start (context) != 1)
		exit (1);
	if (key == rsa && EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_PADDING) != 1)
		exit (1);
	return context;
}

static CK_RV
thread_init (BenchThread *thread)
{
	Contexts *contexts = calloc (1, sizeof *contexts);

	if (contexts == NULL)
		return CKR_HOST_MEMORY;
	contexts->ec_sign = begin (ec, EVP_PKEY_sign_init);
	contexts->ec_verify = begin (ec, EVP_PKEY_verify_init);
	contexts->rsa_sign = begin (rsa, EVP_PKEY_sign_init);
	contexts->rsa_verify = begin (rsa, EVP_PKEY_verify_init);
	contexts->ed = EVP_MD_CTX_new ();
	contexts->sha = EVP_MD_CTX_new ();
	contexts->gcm = EVP_CIPHER_CTX_new ();
	thread->state = contexts;
	return OK (contexts->ed != NULL && contexts->sha != NULL && contexts->gcm != NULL);
}

static void
thread_clear (BenchThread *thread)
{
	Contexts *contexts = thread->state;

	EVP_PKEY_CTX_free (contexts->ec_sign);
	EVP_PKEY_CTX_free (contexts->ec_verify);
	EVP_PKEY_CTX_free (contexts->rsa_sign);
	EVP_PKEY_CTX_free (contexts->rsa_verify);
	EVP_MD_CTX_free (contexts->ed);
	EVP_MD_CTX_free (contexts->sha);
	EVP_CIPHER_CTX_free (contexts->gcm);
	free (contexts);
}

static CK_RV
sign (EVP_PKEY_CTX *context, BenchThread *thread, size_t len)
{
	size_t signature_len = sizeof thread->signature;

	if (EVP_PKEY_sign (context, thread->signature, &signature_len, thread->in, len) != 1)
		return CKR_FUNCTION_FAILED;
	thread->signature_len = signature_len;
	return CKR_OK;
}

static CK_RV
verify (EVP_PKEY_CTX *context, BenchThread *thread, size_t len)
{
	return OK (EVP_PKEY_verify (context, thread->signature, thread->signature_len, thread->in, len) == 1);
}

static CK_RV
ec_sign (BenchThread *thread, size_t size)
{
	return sign (((Contexts *) thread->state)->ec_sign, thread, size);
}

static CK_RV
ec_verify (BenchThread *thread, size_t size)
{
	return verify (((Contexts *) thread->state)->ec_verify, thread, size);
}

static CK_RV
rsa_sign (BenchThread *thread, size_t size)
{
	return sign (((Contexts *) thread->state)->rsa_sign, thread, size);
}

static CK_RV
rsa_verify (BenchThread *thread, size_t size)
{
	return verify (((Contexts *) thread->state)->rsa_verify, thread, size);
}

static CK_RV
ed_sign (BenchThread *thread, size_t size)
{
	EVP_MD_CTX *context = ((Contexts *) thread->state)->ed;
	size_t len = sizeof thread->signature;

	return OK (EVP_MD_CTX_reset (context) == 1 && EVP_DigestSignInit_ex (context, NULL, NULL, NULL, NULL, ed, NULL) == 1 &&
	           EVP_DigestSign (context, thread->signature, &len, thread->in, size) == 1);
}

static bool
gcm_begin (BenchThread *thread)
{
	static const uint8_t key[32] = { 1, 2, 3 };

	thread->iv[0]++;
	return EVP_EncryptInit_ex2 (((Contexts *) thread->state)->gcm, aes_gcm, key, thread->iv, NULL) == 1;
}

static bool
gcm_end (BenchThread *thread, uint8_t *at)
{
	EVP_CIPHER_CTX *context = ((Contexts *) thread->state)->gcm;
	int len;

	return EVP_EncryptFinal_ex (context, at, &len) == 1 &&
	       EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, BENCH_GCM_TAG, at) == 1;
}

static CK_RV
gcm (BenchThread *thread, size_t size)
{
	int len;

	return OK (gcm_begin (thread) &&
	           EVP_EncryptUpdate (((Contexts *) thread->state)->gcm, thread->out, &len, thread->in, (int) size) == 1 &&
	           gcm_end (thread, thread->out + size));
}

static CK_RV
gcm_parts (BenchThread *thread, size_t size)
{
	int len;

	if (!gcm_begin (thread))
		return CKR_FUNCTION_FAILED;
	for (int i = 0; i < 16; i++) {
		if (EVP_EncryptUpdate (((Contexts *) thread->state)->gcm, thread->out, &len, thread->in, (int) size) != 1)
			return CKR_FUNCTION_FAILED;
	}
	return OK (gcm_end (thread, thread->out + size));
}

static CK_RV
sha (BenchThread *thread, size_t size)
{
	EVP_MD_CTX *context = ((Contexts *) thread->state)->sha;

	return OK (EVP_DigestInit_ex2 (context, sha256, NULL) == 1 && EVP_DigestUpdate (context, thread->in, size) == 1 &&
	           EVP_DigestFinal_ex (context, thread->out, NULL) == 1);
}

static CK_RV
draw (BenchThread *thread, size_t size)
{
	for (size_t done = 0; done < size; done += RANDOM_PIECE) {
		size_t piece = size - done < RANDOM_PIECE ? size - done : RANDOM_PIECE;

		if (EVP_RAND_generate (drbg, thread->out + done, piece, 0, 0, NULL, 0) != 1)
			return CKR_FUNCTION_FAILED;
	}
	return CKR_OK;
}

/* libcrypto's default generator, an AES-256 CTR_DRBG. */
static CK_RV
draw_ctr (BenchThread *thread, size_t size)
{
	return OK (RAND_bytes (thread->out, (int) size) == 1);
}

static const BenchOp ops[] = {
	{ "ec-sign", ec_sign },
	{ "ec-verify", ec_verify, NULL, ec_sign },
	{ "rsa-sign", rsa_sign },
	{ "rsa-verify", rsa_verify, NULL, rsa_sign },
	{ "ed-sign", ed_sign },
	{ "gcm", gcm },
	{ "gcm-parts", gcm_parts },
	{ "sha256", sha },
	{ "random", draw },
	{ "random-ctr", draw_ctr },
	{ NULL },
};

const BenchSubject bench_native = { ops, open_native, thread_init, thread_clear };
