/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Diffie-Hellman over finite fields (PKCS #3). Parameters that are asked for by their length are the
 * groups of RFC 7919: safe primes, known to libcrypto, there at once. Called by keygen.c and derive.c
 * through the rows. Public numbers are the client's.
 */
#include "config.h"

#include "derive.h"
#include "drbg.h"
#include "mech-ffc.h"
#include "mech-sign.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <openssl/dh.h>
#include <string.h>

#define LEN_MAX (CRATON_MECH_DH_BITS_MAX / 8)

static const struct {
	CK_ULONG bits;
	const char *name;
} groups[] = {
	{ 2048, "ffdhe2048" }, { 3072, "ffdhe3072" }, { 4096, "ffdhe4096" },
	{ 6144, "ffdhe6144" }, { 8192, "ffdhe8192" },
};

static EVP_PKEY *
group_params (const char *name)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (craton_drbg_context (), "DH", NULL);
	EVP_PKEY *params = NULL;

	if (context == NULL || EVP_PKEY_paramgen_init (context) != 1 ||
	    EVP_PKEY_CTX_set_group_name (context, name) != 1 ||
	    EVP_PKEY_paramgen (context, &params) != 1)
		params = NULL;
	EVP_PKEY_CTX_free (context);
	return params;
}

static CK_RV
dh_generate_params (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                    const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	const char *name = NULL;
	EVP_PKEY *params;
	CK_ULONG bits;
	CK_RV rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_PRIME_BITS, &bits);

	(void) mechanism;
	if (rv != CKR_OK)
		return rv;
	for (gsize i = 0; i < G_N_ELEMENTS (groups); i++)
		if (groups[i].bits == bits)
			name = groups[i].name;
	if (name == NULL)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	params = group_params (name);
	if (params == NULL)
		return CKR_FUNCTION_FAILED;
	rv = craton_mech_ffc_publish_params (session, mech, params, template, n_attrs, ret_key);
	EVP_PKEY_free (params);
	return rv;
}

/* The secret, as long as the prime. */
static CK_RV
agree (EVP_PKEY *pkey, EVP_PKEY *peer, CK_BYTE *secret, gsize secret_len)
{
	EVP_PKEY_CTX *context = NULL;
	gsize len = secret_len;
	CK_RV rv = craton_mech_pkey_context (pkey, EVP_PKEY_derive_init, &context);

	if (rv != CKR_OK)
		return rv;
	if (EVP_PKEY_CTX_set_dh_pad (context, 1) != 1)
		rv = CKR_FUNCTION_FAILED;
	/* Of a group whose order is known libcrypto checks that the number belongs to it. */
	else if (EVP_PKEY_derive_set_peer (context, peer) != 1 ||
	         EVP_PKEY_derive (context, secret, &len) != 1 || len != secret_len)
		rv = CKR_MECHANISM_PARAM_INVALID;
	EVP_PKEY_CTX_free (context);
	return rv;
}

static CK_RV
take_peer (EVP_PKEY *pkey, const CK_MECHANISM *mechanism, EVP_PKEY **ret_peer)
{
	CK_BYTE number[LEN_MAX + 1];
	gsize len = mechanism->ulParameterLen;

	if (mechanism->pParameter == NULL || len < 1 || len > sizeof number)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (number, mechanism->pParameter, len);
	return craton_mech_ffc_peer (pkey, number, len, ret_peer);
}

static CK_RV
dh_derive (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
           CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
           CK_OBJECT_HANDLE *ret_key)
{
	EVP_PKEY *pkey, *peer = NULL;
	CK_BYTE secret[LEN_MAX];
	CratonDerived derived;
	gsize len;
	CK_RV rv = craton_object_pkey (base, &pkey);

	if (rv != CKR_OK)
		return rv;
	len = (gsize) EVP_PKEY_get_size (pkey);
	if (len > sizeof secret)
		return CKR_KEY_SIZE_RANGE;
	rv = craton_derive_plan (template, n_attrs, len, len, &derived);
	if (rv == CKR_OK)
		rv = take_peer (pkey, mechanism, &peer);
	if (rv == CKR_OK)
		rv = agree (pkey, peer, secret, len);
	/* PKCS#11 3.2, PKCS #3 DH key derivation: bytes go from the leading end. */
	if (rv == CKR_OK)
		rv = craton_derive_publish (session, mech->type, base, &derived,
		                            secret + len - derived.len, template, n_attrs, ret_key);
	OPENSSL_cleanse (secret, sizeof secret);
	EVP_PKEY_free (peer);
	return rv;
}

/* SP 800-56A, 5.5.1.1 */
#define APPROVED_BITS 2048

#define ROW(mechanism, all_flags)                                                   \
	.type = mechanism, .key_type = CKK_DH, .key_type2 = CKK_DH,                 \
	.min_size = CRATON_MECH_DH_BITS_MIN, .max_size = CRATON_MECH_DH_BITS_MAX,   \
	.flags = all_flags, .marks = CRATON_MECH_APPROVED, .approved_min = APPROVED_BITS

static const CratonMech rows[] = {
	{ ROW (CKM_DH_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
	  .generate_pair = craton_mech_ffc_generate_pair },
	{ ROW (CKM_DH_PKCS_PARAMETER_GEN, CKF_GENERATE), .generate = dh_generate_params },
	{ ROW (CKM_DH_PKCS_DERIVE, CKF_DERIVE), .selftests = { CRATON_SELFTEST_DH }, .derive = dh_derive },
};

const CratonMechFamily craton_mech_dh = { rows, G_N_ELEMENTS (rows) };
