/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * DSA (FIPS 186-4): signatures, pairs and parameters. Nothing of it is approved any more (FIPS 186-5).
 * Called by operation.c and keygen.c through the rows. Parameters and data are the client's.
 */
#include "config.h"

#include "drbg.h"
#include "mech-ffc.h"
#include "mech-rs.h"
#include "mech-sign.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/dsa.h>

/* FIPS 186-4, 4.2; the first of a length is what a template gets that names no other. */
static const struct {
	int prime_bits, subprime_bits;
} sizes[] = { { 1024, 160 }, { 2048, 256 }, { 2048, 224 }, { 3072, 256 } };

static CK_RV
dsa_setup (CratonSign *sign, const CK_MECHANISM *mechanism)
{
	gsize len = 0;
	const CK_BYTE *q = craton_object_get (sign->object, CKA_SUBPRIME, &len);

	for (; len > 0 && *q == 0; q++)
		len--;
	return craton_mech_rs_setup (sign, mechanism, len);
}

static const CratonSignScheme dsa_scheme = { dsa_setup, craton_mech_rs_sign,
	                                     craton_mech_rs_verify };

static CK_RV
find_size (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, gsize *ret_size)
{
	CK_ULONG bits, subprime = 0;
	CK_RV rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_PRIME_BITS, &bits);

	if (rv != CKR_OK)
		return rv;
	rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_SUBPRIME_BITS, &subprime);
	if (rv != CKR_OK && rv != CKR_TEMPLATE_INCOMPLETE)
		return rv;
	for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++) {
		if ((CK_ULONG) sizes[i].prime_bits != bits ||
		    (rv == CKR_OK && (CK_ULONG) sizes[i].subprime_bits != subprime))
			continue;
		*ret_size = i;
		return CKR_OK;
	}
	return CKR_ATTRIBUTE_VALUE_INVALID;
}

static CK_RV
dsa_generate_params (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                     const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	EVP_PKEY_CTX *context;
	EVP_PKEY *params = NULL;
	gsize size = 0;
	CK_RV rv = find_size (template, n_attrs, &size);

	(void) mechanism;
	if (rv != CKR_OK)
		return rv;
	context = EVP_PKEY_CTX_new_from_name (craton_drbg_context (), "DSA", NULL);
	if (context == NULL)
		rv = CKR_HOST_MEMORY;
	else if (EVP_PKEY_paramgen_init (context) != 1 ||
	         EVP_PKEY_CTX_set_dsa_paramgen_bits (context, sizes[size].prime_bits) != 1 ||
	         EVP_PKEY_CTX_set_dsa_paramgen_q_bits (context, sizes[size].subprime_bits) != 1 ||
	         EVP_PKEY_paramgen (context, &params) != 1)
		rv = CKR_FUNCTION_FAILED;
	if (rv == CKR_OK)
		rv = craton_mech_ffc_publish_params (session, mech, params, template, n_attrs,
		                                     ret_key);
	EVP_PKEY_free (params);
	EVP_PKEY_CTX_free (context);
	return rv;
}

#define ROW(mechanism, all_flags)                                         \
	.type = mechanism, .key_type = CKK_DSA, .key_type2 = CKK_DSA,     \
	.min_size = CRATON_MECH_DSA_BITS_MIN, .max_size = CRATON_MECH_DSA_BITS_MAX, \
	.flags = all_flags
#define SIGN_ROW(mechanism, hash, klass)                                                          \
	{                                                                                         \
		ROW (mechanism, CKF_SIGN | CKF_VERIFY),                                           \
			.selftests = { CRATON_SELFTEST_DSA, CRATON_SELFTEST_HASH (hash) },        \
			.detail = &(const CratonSignDetail){ &dsa_scheme, hash }, .sign = &klass, \
	}

static const CratonMech rows[] = {
	{ ROW (CKM_DSA_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
	  .generate_pair = craton_mech_ffc_generate_pair },
	{ ROW (CKM_DSA_PARAMETER_GEN, CKF_GENERATE), .generate = dsa_generate_params },
	SIGN_ROW (CKM_DSA, CRATON_HASH_NONE, craton_mech_sign_once),
	SIGN_ROW (CKM_DSA_SHA1, CRATON_HASH_SHA1, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA224, CRATON_HASH_SHA224, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA256, CRATON_HASH_SHA256, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA384, CRATON_HASH_SHA384, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA512, CRATON_HASH_SHA512, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA3_224, CRATON_HASH_SHA3_224, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA3_256, CRATON_HASH_SHA3_256, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA3_384, CRATON_HASH_SHA3_384, craton_mech_sign_hashed),
	SIGN_ROW (CKM_DSA_SHA3_512, CRATON_HASH_SHA3_512, craton_mech_sign_hashed),
};

const CratonMechFamily craton_mech_dsa = { rows, G_N_ELEMENTS (rows) };
