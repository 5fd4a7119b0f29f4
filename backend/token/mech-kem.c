/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Key encapsulation: ML-KEM (FIPS 203). Called by encapsulate.c through the rows. Ciphertexts are the
 * client's.
 */
#include "config.h"

#include "drbg.h"
#include "mech-pq.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

static CK_RV
kem_begin (CratonObject *key, const CK_MECHANISM *mechanism,
           int (*start) (EVP_PKEY_CTX *context, const OSSL_PARAM params[]),
           EVP_PKEY_CTX **ret_context)
{
	EVP_PKEY_CTX *context;
	EVP_PKEY *pkey;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_object_pkey (key, &pkey);
	if (rv != CKR_OK)
		return rv;
	context = EVP_PKEY_CTX_new_from_pkey (craton_drbg_context (), pkey, NULL);
	if (context == NULL)
		return CKR_HOST_MEMORY;
	if (start (context, NULL) != 1) {
		EVP_PKEY_CTX_free (context);
		return CKR_FUNCTION_FAILED;
	}
	*ret_context = context;
	return CKR_OK;
}

static CK_ULONG
kem_ciphertext_len (const CratonObject *key)
{
	const CratonPqSet *set = craton_pq_set_of (key);

	return set == NULL ? 0 : set->out_len;
}

static CK_RV
kem_encapsulate (CratonObject *key, const CK_MECHANISM *mechanism, CK_BYTE *ciphertext,
                 CK_BYTE *secret)
{
	CK_BYTE made[CRATON_KEM_CIPHERTEXT_MAX];
	gsize len = sizeof made, secret_len = CRATON_KEM_SECRET_LEN;
	EVP_PKEY_CTX *context = NULL;
	CK_RV rv = kem_begin (key, mechanism, EVP_PKEY_encapsulate_init, &context);

	if (rv != CKR_OK)
		return rv;
	if (EVP_PKEY_encapsulate (context, made, &len, secret, &secret_len) != 1 ||
	    len != kem_ciphertext_len (key) || secret_len != CRATON_KEM_SECRET_LEN)
		rv = CKR_FUNCTION_FAILED;
	else
		memcpy (ciphertext, made, len);
	EVP_PKEY_CTX_free (context);
	return rv;
}

static CK_RV
kem_decapsulate (CratonObject *key, const CK_MECHANISM *mechanism, const CK_BYTE *ciphertext,
                 CK_BYTE *secret)
{
	CK_BYTE copy[CRATON_KEM_CIPHERTEXT_MAX];
	gsize len = kem_ciphertext_len (key), secret_len = CRATON_KEM_SECRET_LEN;
	EVP_PKEY_CTX *context = NULL;
	CK_RV rv = kem_begin (key, mechanism, EVP_PKEY_decapsulate_init, &context);

	if (rv != CKR_OK)
		return rv;
	/* It is read twice, for the secret and for the comparison (FIPS 203, algorithm 18). */
	memcpy (copy, ciphertext, len);
	if (EVP_PKEY_decapsulate (context, secret, &secret_len, copy, len) != 1 ||
	    secret_len != CRATON_KEM_SECRET_LEN)
		rv = CKR_FUNCTION_FAILED;
	EVP_PKEY_CTX_free (context);
	return rv;
}

static const CratonKem ml_kem = { kem_ciphertext_len, kem_encapsulate, kem_decapsulate };

/* Sizes are those of the public keys, in bytes (PKCS#11 3.2, ML-KEM). */
#define ROW(mechanism, all_flags)                                                                \
	.type = mechanism, .key_type = CKK_ML_KEM, .key_type2 = CKK_ML_KEM, .min_size = 800,     \
	.max_size = 1568, .flags = (all_flags), .marks = CRATON_MECH_APPROVED,                   \
	.available = craton_pq_available

static const CratonMech rows[] = {
	{ ROW (CKM_ML_KEM_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
	  .generate_pair = craton_pq_generate_pair },
	{ ROW (CKM_ML_KEM, CKF_ENCAPSULATE | CKF_DECAPSULATE), .kem = &ml_kem,
	  .selftests = { CRATON_SELFTEST_ML_KEM } },
};

const CratonMechFamily craton_mech_kem = { rows, G_N_ELEMENTS (rows) };
