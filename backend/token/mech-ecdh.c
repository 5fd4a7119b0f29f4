/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ECDH on EC and Montgomery curves, and the functions that make keys of its secret; see
 * mech-ecdh.h. Called by derive.c through the rows of mech-ec.c and by mech-wrap-hybrid.c. Public
 * points and shared data are the client's.
 */
#include "config.h"

#include "mech-ecdh.h"

#include "derive.h"
#include "mech-key.h"
#include "mech-sign.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

static const CratonMechEcdhKdf kdfs[] = {
	{ CKD_NULL, CRATON_HASH_NONE, FALSE },
	{ CKD_SHA1_KDF, CRATON_HASH_SHA1, FALSE },
	{ CKD_SHA224_KDF, CRATON_HASH_SHA224, FALSE },
	{ CKD_SHA256_KDF, CRATON_HASH_SHA256, FALSE },
	{ CKD_SHA384_KDF, CRATON_HASH_SHA384, FALSE },
	{ CKD_SHA512_KDF, CRATON_HASH_SHA512, FALSE },
	{ CKD_SHA3_224_KDF, CRATON_HASH_SHA3_224, FALSE },
	{ CKD_SHA3_256_KDF, CRATON_HASH_SHA3_256, FALSE },
	{ CKD_SHA3_384_KDF, CRATON_HASH_SHA3_384, FALSE },
	{ CKD_SHA3_512_KDF, CRATON_HASH_SHA3_512, FALSE },
	{ CKD_SHA1_KDF_SP800, CRATON_HASH_SHA1, TRUE },
	{ CKD_SHA224_KDF_SP800, CRATON_HASH_SHA224, TRUE },
	{ CKD_SHA256_KDF_SP800, CRATON_HASH_SHA256, TRUE },
	{ CKD_SHA384_KDF_SP800, CRATON_HASH_SHA384, TRUE },
	{ CKD_SHA512_KDF_SP800, CRATON_HASH_SHA512, TRUE },
	{ CKD_SHA3_224_KDF_SP800, CRATON_HASH_SHA3_224, TRUE },
	{ CKD_SHA3_256_KDF_SP800, CRATON_HASH_SHA3_256, TRUE },
	{ CKD_SHA3_384_KDF_SP800, CRATON_HASH_SHA3_384, TRUE },
	{ CKD_SHA3_512_KDF_SP800, CRATON_HASH_SHA3_512, TRUE },
};

typedef struct {
	const CratonMechEcdhKdf *kdf;
	const CK_BYTE *shared; /* the client's */
	gsize shared_len;
	CK_BYTE public_data[CRATON_POINT_DER_MAX];
	gsize public_len;
} Ecdh;

const CratonMechEcdhKdf *
craton_mech_ecdh_kdf (CK_EC_KDF_TYPE kdf)
{
	for (gsize i = 0; i < G_N_ELEMENTS (kdfs); i++)
		if (kdfs[i].kdf == kdf)
			return &kdfs[i];
	return NULL;
}

CK_RV
craton_mech_ecdh_agree (EVP_PKEY *pkey, EVP_PKEY *peer, const CratonCurve *curve, CK_BYTE *secret)
{
	EVP_PKEY_CTX *context = NULL;
	gsize len = curve->field_len;
	CK_RV rv = craton_mech_pkey_context (pkey, EVP_PKEY_derive_init, &context);

	if (rv != CKR_OK)
		return rv;
	/* libcrypto checks here that the point is on the curve and of its order, and below that the
	 * secret of a Montgomery curve is not zero, which points of low order make it. */
	if (EVP_PKEY_derive_set_peer (context, peer) != 1)
		rv = CKR_MECHANISM_PARAM_INVALID;
	else if (EVP_PKEY_derive (context, secret, &len) != 1 || len != curve->field_len)
		rv = curve->key_type == CKK_EC_MONTGOMERY ? CKR_MECHANISM_PARAM_INVALID
		                                          : CKR_FUNCTION_FAILED;
	EVP_PKEY_CTX_free (context);
	return rv;
}

/* One block of X9.63 or SP 800-56C one-step: the hash of the secret, a counter and the shared
 * data. */
static gboolean
kdf_block (const CratonMechEcdhKdf *kdf, EVP_MD_CTX *md, const CK_BYTE *shared, gsize shared_len,
           const CK_BYTE *secret, gsize secret_len, guint32 n, CK_BYTE *out)
{
	guint32 counter = GUINT32_TO_BE (n);

	return EVP_DigestInit_ex2 (md, craton_algs_md (kdf->hash), NULL) == 1 &&
	       (!kdf->counter_first || EVP_DigestUpdate (md, &counter, sizeof counter) == 1) &&
	       EVP_DigestUpdate (md, secret, secret_len) == 1 &&
	       (kdf->counter_first || EVP_DigestUpdate (md, &counter, sizeof counter) == 1) &&
	       EVP_DigestUpdate (md, shared, shared_len) == 1 &&
	       EVP_DigestFinal_ex (md, out, NULL) == 1;
}

CK_RV
craton_mech_ecdh_expand (const CratonMechEcdhKdf *kdf, const CK_BYTE *shared, gsize shared_len,
                         const CK_BYTE *secret, gsize secret_len, CK_BYTE *out, gsize out_len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new ();
	CK_BYTE block[EVP_MAX_MD_SIZE];
	gsize done = 0;
	CK_RV rv = md == NULL ? CKR_HOST_MEMORY
	                      : craton_selftest_need (CRATON_SELFTEST_HASH (kdf->hash));

	for (guint32 n = 1; rv == CKR_OK && done < out_len; n++) {
		gsize piece = MIN (out_len - done, craton_algs_hashes[kdf->hash].len);

		if (!kdf_block (kdf, md, shared, shared_len, secret, secret_len, n, block)) {
			rv = CKR_GENERAL_ERROR;
			break;
		}
		memcpy (out + done, block, piece);
		done += piece;
	}
	OPENSSL_cleanse (block, sizeof block);
	EVP_MD_CTX_free (md);
	return rv;
}

static CK_RV
take_parameter (const CK_MECHANISM *mechanism, Ecdh *ecdh)
{
	CK_ECDH1_DERIVE_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	ecdh->kdf = craton_mech_ecdh_kdf (params.kdf);
	if (ecdh->kdf == NULL || params.pPublicData == NULL ||
	    params.ulPublicDataLen > CRATON_POINT_DER_MAX ||
	    params.ulSharedDataLen > CRATON_MECH_ECDH_SHARED_MAX ||
	    (params.pSharedData == NULL && params.ulSharedDataLen > 0) ||
	    (params.kdf == CKD_NULL && params.ulSharedDataLen > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (ecdh->public_data, params.pPublicData, params.ulPublicDataLen);
	ecdh->public_len = params.ulPublicDataLen;
	ecdh->shared = params.pSharedData;
	ecdh->shared_len = params.ulSharedDataLen;
	return CKR_OK;
}

static CK_RV
agree (CratonObject *base, const CratonCurve *curve, const Ecdh *ecdh, CK_BYTE *secret)
{
	EVP_PKEY *pkey, *peer = NULL;
	const CK_BYTE *point;
	gsize point_len = 0;
	CK_RV rv;

	if (!craton_mech_curve_point (curve, ecdh->public_data, ecdh->public_len, &point,
	                              &point_len) ||
	    craton_mech_key_public (curve, point, point_len, &peer) != CKR_OK)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_object_pkey (base, &pkey);
	if (rv == CKR_OK)
		rv = craton_mech_ecdh_agree (pkey, peer, curve, secret);
	EVP_PKEY_free (peer);
	return rv;
}

CK_RV
craton_mech_ecdh_derive (CratonSession *session, const CratonMech *mech,
                         const CK_MECHANISM *mechanism, CratonObject *base,
                         const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	const CratonCurve *curve = craton_mech_curve_of (base);
	CK_BYTE secret[CRATON_FIELD_LEN_MAX], value[CRATON_DERIVED_MAX];
	CratonDerived derived;
	Ecdh ecdh = { 0 };
	gboolean plain;
	CK_RV rv = take_parameter (mechanism, &ecdh);

	if (rv != CKR_OK)
		return rv;
	if (curve == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	plain = ecdh.kdf->hash == CRATON_HASH_NONE;
	/* Without a length in the template a key is as long as what comes out: the secret, or one
	 * block of the KDF. */
	rv = craton_derive_plan (
		template, n_attrs,
		plain ? curve->field_len : craton_algs_hashes[ecdh.kdf->hash].len,
		plain ? curve->field_len : CRATON_DERIVED_MAX, &derived);
	if (rv == CKR_OK)
		rv = agree (base, curve, &ecdh, secret);
	if (rv == CKR_OK && !plain)
		rv = craton_mech_ecdh_expand (ecdh.kdf, ecdh.shared, ecdh.shared_len, secret,
		                              curve->field_len, value, derived.len);
	else if (rv == CKR_OK)
		/* PKCS#11 3.2, ECDH1: truncation removes bytes from the leading end. */
		memcpy (value, secret + curve->field_len - derived.len, derived.len);
	if (rv == CKR_OK)
		rv = craton_derive_publish (session, mech->type, base, &derived, value, template,
		                            n_attrs, ret_key);
	OPENSSL_cleanse (secret, sizeof secret);
	OPENSSL_cleanse (value, sizeof value);
	return rv;
}
