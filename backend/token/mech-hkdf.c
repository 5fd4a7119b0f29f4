/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * HKDF (RFC 5869; PKCS#11 3.2, HKDF Mechanisms), as TLS 1.3 uses it: keys and data from a key, and
 * random keys to begin with. Parameters are the client's. Called by derive.c and keygen.c through
 * the rows.
 */
#include "config.h"

#include "derive.h"
#include "keygen.h"
#include "mech.h"
#include "prf.h"
#include "session.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct {
	CK_HKDF_PARAMS params;
	CratonHash hash;
	gsize hash_len;
	CratonObject *salt_key; /* counted */
	CratonChunk salt, key, info;
} Hkdf;

static void
hkdf_clear (Hkdf *hkdf)
{
	craton_object_unref (hkdf->salt_key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Hkdf, hkdf_clear)

static CK_RV
find_salt (Hkdf *hkdf, CratonSession *session, const CratonMech *mech)
{
	static const CK_BYTE zeros[EVP_MAX_MD_SIZE] = { 0 };
	const CK_HKDF_PARAMS *params = &hkdf->params;
	gsize len = 0;
	CK_RV rv;

	hkdf->salt = (CratonChunk){ zeros, hkdf->hash_len };
	if (!params->bExtract)
		return CKR_OK;
	switch (params->ulSaltType) {
	case CKF_HKDF_SALT_NULL:
		return CKR_OK;
	case CKF_HKDF_SALT_DATA:
		if (params->pSalt == NULL && params->ulSaltLen > 0)
			return CKR_MECHANISM_PARAM_INVALID;
		if (params->ulSaltLen > 0)
			hkdf->salt = (CratonChunk){ params->pSalt, params->ulSaltLen };
		return CKR_OK;
	case CKF_HKDF_SALT_KEY:
		rv = craton_derive_find_key (session, mech, params->hSaltKey, &hkdf->salt_key);
		if (rv != CKR_OK)
			return rv;
		hkdf->salt.bytes = craton_derive_value (hkdf->salt_key, &len);
		hkdf->salt.len = len;
		return CKR_OK;
	default:
		return CKR_MECHANISM_PARAM_INVALID;
	}
}

static CK_RV
read_params (Hkdf *hkdf, CratonSession *session, const CratonMech *mech,
             const CK_MECHANISM *mechanism, const CratonObject *base)
{
	CK_HKDF_PARAMS *params = &hkdf->params;
	gsize len = 0;

	if (!craton_mech_has_parameter (mechanism, sizeof *params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (params, mechanism->pParameter, sizeof *params);
	hkdf->hash = craton_prf_hash (session, params->prfHashMechanism);
	if (hkdf->hash == CRATON_HASH_NONE || (!params->bExtract && !params->bExpand))
		return CKR_MECHANISM_PARAM_INVALID;
	if (params->bExpand && params->pInfo == NULL && params->ulInfoLen > 0)
		return CKR_MECHANISM_PARAM_INVALID;
	hkdf->hash_len = craton_algs_hashes[hkdf->hash].len;
	hkdf->info = (CratonChunk){ params->pInfo, params->ulInfoLen };
	hkdf->key.bytes = craton_derive_value (base, &len);
	hkdf->key.len = len;
	return find_salt (hkdf, session, mech);
}

/* RFC 5869, 2.2 */
static CK_RV
extract (const Hkdf *hkdf, CK_BYTE *ret_prk)
{
	g_auto (CratonPrf) prf = { 0 };
	CK_RV rv = craton_prf_init_hmac (&prf, hkdf->hash, hkdf->salt.bytes, hkdf->salt.len);

	return rv == CKR_OK ? craton_prf_run (&prf, &hkdf->key, 1, ret_prk) : rv;
}

static CK_RV
run (const Hkdf *hkdf, CK_BYTE *value, gsize len)
{
	g_auto (CratonPrf) prf = { 0 };
	CK_BYTE prk[EVP_MAX_MD_SIZE];
	CratonChunk key = hkdf->key;
	CK_RV rv = CKR_OK;

	if (hkdf->params.bExtract) {
		rv = extract (hkdf, prk);
		key = (CratonChunk){ prk, hkdf->hash_len };
	}
	if (rv == CKR_OK && hkdf->params.bExpand) {
		rv = craton_prf_init_hmac (&prf, hkdf->hash, key.bytes, key.len);
		if (rv == CKR_OK)
			rv = craton_prf_feed_back (&prf, NULL, &hkdf->info, 1, TRUE, value, len);
	} else if (rv == CKR_OK) {
		memcpy (value, prk, len);
	}
	OPENSSL_cleanse (prk, sizeof prk);
	return rv;
}

static CK_RV
hkdf_derive (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
             CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
             CK_OBJECT_HANDLE *ret_key)
{
	gboolean data = mech->type == CKM_HKDF_DATA;
	g_auto (Hkdf) hkdf = { .salt_key = NULL };
	CratonDerivation from;
	CratonDerived derived;
	CK_BYTE *value;
	gsize max;
	CK_RV rv = read_params (&hkdf, session, mech, mechanism, base);

	if (rv != CKR_OK)
		return rv;
	max = hkdf.params.bExpand ? 255 * hkdf.hash_len : hkdf.hash_len;
	rv = (data ? craton_derive_plan_data : craton_derive_plan) (
		template, n_attrs, hkdf.params.bExpand ? 0 : max, max, &derived);
	if (rv != CKR_OK)
		return rv;
	value = OPENSSL_malloc (derived.len);
	if (value == NULL)
		return CKR_HOST_MEMORY;
	rv = run (&hkdf, value, derived.len);
	derived.value = value;
	craton_derive_from (&from, session, base, CRATON_INHERIT_NOTHING);
	if (rv == CKR_OK)
		rv = craton_derive_publish_all (&from, &derived, 1, NULL, ret_key);
	OPENSSL_clear_free (value, derived.len);
	return rv;
}

static CK_RV
hkdf_generate (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
               const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	CK_ULONG len;
	CK_RV rv = craton_key_attrs_find_len (template, n_attrs, CKK_HKDF, 0, &len);

	(void) mechanism;
	if (rv != CKR_OK)
		return rv;
	if (len < mech->min_size || len > mech->max_size)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return craton_keygen_secret (session, mech->type, CKK_HKDF, len, template, n_attrs,
	                             ret_key);
}

#define KEYS .key_type = CKK_HKDF, .key_type2 = CKK_GENERIC_SECRET

/* ECDH's secrets and TLS's come as keys of many types. */
static const CratonMech rows[] = {
	{ .type = CKM_HKDF_DERIVE,
	  KEYS,
	  .any_secret = TRUE,
	  .min_size = 1,
	  .approved_min = CRATON_APPROVED_BYTES,
	  .max_size = CRATON_BASE_MAX,
	  .flags = CKF_DERIVE,
	  .selftests = { CRATON_SELFTEST_NAMED },
	  .marks = CRATON_MECH_APPROVED,
	  .derive = hkdf_derive },
	{ .type = CKM_HKDF_DATA,
	  KEYS,
	  .any_secret = TRUE,
	  .min_size = 1,
	  .approved_min = CRATON_APPROVED_BYTES,
	  .max_size = CRATON_BASE_MAX,
	  .flags = CKF_DERIVE,
	  .selftests = { CRATON_SELFTEST_NAMED },
	  .marks = CRATON_MECH_APPROVED,
	  .derive = hkdf_derive },
	{ .type = CKM_HKDF_KEY_GEN,
	  KEYS,
	  .min_size = 1,
	  .approved_min = CRATON_APPROVED_BYTES,
	  .max_size = CRATON_SECRET_MAX,
	  .flags = CKF_GENERATE,
	  .marks = CRATON_MECH_APPROVED,
	  .generate = hkdf_generate },
};

const CratonMechFamily craton_mech_hkdf = { rows, G_N_ELEMENTS (rows) };
