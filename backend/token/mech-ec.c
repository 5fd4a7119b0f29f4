/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Elliptic curves: ECDSA and ECDH on P-256, P-384 and P-521, EdDSA on Edwards25519, and key pair
 * generation. Signatures of ECDSA are r and s one after the other here, DER in libcrypto. Called by
 * operation.c, keygen.c and derive.c through the rows. Parameters, points and data are the
 * client's.
 */
#include "config.h"

#include "algs.h"
#include "derive.h"
#include "drbg.h"
#include "key-attrs.h"
#include "mech-key.h"
#include "mech-sign.h"
#include "mech.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <string.h>

#define FIELD_LEN_MAX 66
/* SEQUENCE and two INTEGERs, each with a header and perhaps a zero in front. */
#define DER_LEN_MAX (3 + 2 * (3 + FIELD_LEN_MAX))
#define POINT_LEN_MAX (2 * FIELD_LEN_MAX + 1)
/* With the DER around it. */
#define PUBLIC_DATA_MAX (POINT_LEN_MAX + 3)
#define SHARED_DATA_MAX 65536
/* libcrypto signs messages as a whole. */
#define EDDSA_MESSAGE_MAX ((gsize) 256 * 1024 * 1024)
#define EDDSA_LEN 64

/* --- ECDSA --- */

static CK_RV
ecdsa_setup (CratonSign *sign, const CK_MECHANISM *mechanism)
{
	const CratonCurve *curve = craton_mech_curve_of (sign->object);

	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	if (curve == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	/* The order of these curves is as long as a coordinate. */
	sign->signature_len = 2u * curve->field_len;
	return craton_mech_pkey_context (sign->pkey,
	                                 sign->verifies ? EVP_PKEY_verify_init : EVP_PKEY_sign_init,
	                                 &sign->context);
}

/* The leftmost bits of @tbs that ECDSA uses (FIPS 186-5, 6.4.1), copied: libcrypto reads them more
 * than once. */
static gsize
leftmost (const CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE copy[FIELD_LEN_MAX])
{
	gsize len = MIN (tbs_len, sign->signature_len / 2);

	if (len > 0)
		memcpy (copy, tbs, len);
	return len;
}

static CK_RV
ecdsa_sign (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *signature)
{
	CK_BYTE copy[FIELD_LEN_MAX], der[DER_LEN_MAX];
	gsize len = leftmost (sign, tbs, tbs_len, copy), der_len = sizeof der;
	int half = (int) sign->signature_len / 2;
	const unsigned char *at = der;
	CK_RV rv = CKR_OK;
	ECDSA_SIG *sig;

	if (len == 0)
		return CKR_DATA_LEN_RANGE;
	if (EVP_PKEY_sign (sign->context, der, &der_len, copy, len) != 1)
		return CKR_FUNCTION_FAILED;
	sig = d2i_ECDSA_SIG (NULL, &at, (long) der_len);
	if (sig == NULL || BN_bn2binpad (ECDSA_SIG_get0_r (sig), signature, half) != half ||
	    BN_bn2binpad (ECDSA_SIG_get0_s (sig), signature + half, half) != half)
		rv = CKR_GENERAL_ERROR;
	ECDSA_SIG_free (sig);
	return rv;
}

/* @signature in DER; 0 if that fails. */
static gsize
to_der (const CK_BYTE *signature, int half, CK_BYTE der[DER_LEN_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new ();
	BIGNUM *r = BN_bin2bn (signature, half, NULL),
	       *s = BN_bin2bn (signature + half, half, NULL);
	unsigned char *at = der;
	int len = -1;

	if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0 (sig, r, s) == 1) {
		r = s = NULL;
		if (i2d_ECDSA_SIG (sig, NULL) <= DER_LEN_MAX)
			len = i2d_ECDSA_SIG (sig, &at);
	}
	BN_free (r);
	BN_free (s);
	ECDSA_SIG_free (sig);
	return len > 0 ? (gsize) len : 0;
}

static CK_RV
ecdsa_verify (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, const CK_BYTE *signature)
{
	CK_BYTE copy[FIELD_LEN_MAX], der[DER_LEN_MAX];
	gsize len = leftmost (sign, tbs, tbs_len, copy), der_len;

	if (len == 0)
		return CKR_DATA_LEN_RANGE;
	der_len = to_der (signature, (int) sign->signature_len / 2, der);
	if (der_len == 0)
		return CKR_HOST_MEMORY;
	return EVP_PKEY_verify (sign->context, der, der_len, copy, len) == 1
	               ? CKR_OK
	               : CKR_SIGNATURE_INVALID;
}

static const CratonSignScheme ecdsa_scheme = { ecdsa_setup, ecdsa_sign, ecdsa_verify };

/* --- EdDSA --- */

static CK_RV
eddsa_setup (CratonSign *sign, const CK_MECHANISM *mechanism)
{
	/* A parameter would ask for Ed25519ctx or Ed25519ph (PKCS#11 3.2, EdDSA), which libcrypto
	 * 3.0 has not. */
	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	sign->signature_len = EDDSA_LEN;
	return CKR_OK;
}

static EVP_MD_CTX *
eddsa_context (const CratonSign *sign)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new ();
	OSSL_LIB_CTX *libctx = craton_drbg_context ();
	int ok;

	if (context == NULL)
		return NULL;
	if (sign->verifies)
		ok = EVP_DigestVerifyInit_ex (context, NULL, NULL, libctx, NULL, sign->pkey, NULL);
	else
		ok = EVP_DigestSignInit_ex (context, NULL, NULL, libctx, NULL, sign->pkey, NULL);
	if (ok == 1)
		return context;
	EVP_MD_CTX_free (context);
	return NULL;
}

/* EdDSA reads the message twice (RFC 8032, 5.1.6): for the nonce, and for the challenge. Two
 * signatures with one nonce and two challenges give the private key away, so a client must not
 * change the message between: it is copied. */
static CK_RV
eddsa_sign (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *signature)
{
	gsize len = EDDSA_LEN;
	EVP_MD_CTX *context;
	CK_BYTE *copy;
	CK_RV rv = CKR_FUNCTION_FAILED;

	if (tbs_len > EDDSA_MESSAGE_MAX)
		return CKR_DATA_LEN_RANGE;
	copy = OPENSSL_malloc (MAX (tbs_len, 1));
	if (copy == NULL)
		return CKR_HOST_MEMORY;
	if (tbs_len > 0)
		memcpy (copy, tbs, tbs_len);
	context = eddsa_context (sign);
	if (context != NULL && EVP_DigestSign (context, signature, &len, copy, tbs_len) == 1 &&
	    len == EDDSA_LEN)
		rv = CKR_OK;
	EVP_MD_CTX_free (context);
	OPENSSL_clear_free (copy, tbs_len);
	return rv;
}

static CK_RV
eddsa_verify (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, const CK_BYTE *signature)
{
	EVP_MD_CTX *context = eddsa_context (sign);
	int ok;

	if (context == NULL)
		return CKR_FUNCTION_FAILED;
	ok = EVP_DigestVerify (context, signature, EDDSA_LEN, tbs, tbs_len);
	EVP_MD_CTX_free (context);
	return ok == 1 ? CKR_OK : CKR_SIGNATURE_INVALID;
}

static const CratonSignScheme eddsa_scheme = { eddsa_setup, eddsa_sign, eddsa_verify };

/* --- key pairs --- */

static EVP_PKEY *
make_pair (const CratonCurve *curve)
{
	if (curve->key_type == CKK_EC_EDWARDS)
		return EVP_PKEY_Q_keygen (craton_drbg_context (), NULL, curve->name);
	return EVP_PKEY_Q_keygen (craton_drbg_context (), NULL, "EC", curve->name);
}

static CK_RV
ec_generate_pair (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                  const CK_ATTRIBUTE *public_template, CK_ULONG n_public,
                  const CK_ATTRIBUTE *private_template, CK_ULONG n_private,
                  CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	const CK_ATTRIBUTE *params =
		craton_key_attrs_find (public_template, n_public, CKA_EC_PARAMS);
	const CratonCurve *curve;
	EVP_PKEY *pkey;
	CK_RV rv;

	(void) mechanism;
	if (params == NULL)
		return CKR_TEMPLATE_INCOMPLETE;
	curve = craton_mech_curve (mech->key_type, params->pValue, params->ulValueLen);
	if (curve == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	pkey = make_pair (curve);
	if (pkey == NULL)
		return CKR_FUNCTION_FAILED;
	/* The curve is stored as the template names it: it must compare equal there. */
	rv = craton_mech_key_publish_pair (session, mech->type, mech->key_type, pkey, params,
	                                   public_template, n_public, private_template, n_private,
	                                   ret_public, ret_private);
	EVP_PKEY_free (pkey);
	return rv;
}

/* --- ECDH --- */

static const struct {
	CK_EC_KDF_TYPE kdf;
	CratonHash hash;
	gboolean counter_first; /* SP 800-56C puts the counter before the secret, X9.63 after it */
} kdfs[] = {
	{ CKD_SHA1_KDF, CRATON_HASH_SHA1, FALSE },
	{ CKD_SHA224_KDF, CRATON_HASH_SHA224, FALSE },
	{ CKD_SHA256_KDF, CRATON_HASH_SHA256, FALSE },
	{ CKD_SHA384_KDF, CRATON_HASH_SHA384, FALSE },
	{ CKD_SHA512_KDF, CRATON_HASH_SHA512, FALSE },
	{ CKD_SHA1_KDF_SP800, CRATON_HASH_SHA1, TRUE },
	{ CKD_SHA224_KDF_SP800, CRATON_HASH_SHA224, TRUE },
	{ CKD_SHA256_KDF_SP800, CRATON_HASH_SHA256, TRUE },
	{ CKD_SHA384_KDF_SP800, CRATON_HASH_SHA384, TRUE },
	{ CKD_SHA512_KDF_SP800, CRATON_HASH_SHA512, TRUE },
};

typedef struct {
	CK_EC_KDF_TYPE kdf;
	CratonHash hash; /* CRATON_HASH_NONE: CKD_NULL */
	gboolean counter_first;
	const CK_BYTE *shared; /* the client's, read once a block */
	gsize shared_len;
	CK_BYTE public_data[PUBLIC_DATA_MAX];
	gsize public_len;
} Ecdh;

static gboolean
find_kdf (CK_EC_KDF_TYPE kdf, Ecdh *ecdh)
{
	ecdh->kdf = kdf;
	if (kdf == CKD_NULL)
		return TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS (kdfs); i++) {
		if (kdfs[i].kdf != kdf)
			continue;
		ecdh->hash = kdfs[i].hash;
		ecdh->counter_first = kdfs[i].counter_first;
		return TRUE;
	}
	return FALSE;
}

static CK_RV
take_parameter (const CK_MECHANISM *mechanism, Ecdh *ecdh)
{
	CK_ECDH1_DERIVE_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (!find_kdf (params.kdf, ecdh) || params.pPublicData == NULL ||
	    params.ulPublicDataLen > PUBLIC_DATA_MAX || params.ulSharedDataLen > SHARED_DATA_MAX ||
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
agree (CratonObject *base, const CratonCurve *curve, const Ecdh *ecdh,
       CK_BYTE secret[FIELD_LEN_MAX])
{
	EVP_PKEY *pkey, *peer = NULL;
	EVP_PKEY_CTX *context = NULL;
	gsize point_len = 0, len = curve->field_len;
	const CK_BYTE *point;
	CK_RV rv;

	if (!craton_mech_key_point (curve, ecdh->public_data, ecdh->public_len, &point,
	                            &point_len) ||
	    craton_mech_key_public (curve, point, point_len, &peer) != CKR_OK)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_object_pkey (base, &pkey);
	if (rv == CKR_OK)
		rv = craton_mech_pkey_context (pkey, EVP_PKEY_derive_init, &context);
	/* libcrypto checks here that the point is on the curve and of its order. */
	if (rv == CKR_OK && EVP_PKEY_derive_set_peer (context, peer) != 1)
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK &&
	    (EVP_PKEY_derive (context, secret, &len) != 1 || len != curve->field_len))
		rv = CKR_FUNCTION_FAILED;
	EVP_PKEY_CTX_free (context);
	EVP_PKEY_free (peer);
	return rv;
}

/* One block of X9.63 or SP 800-56C one-step: the hash of the secret, a counter and the shared data.
 * */
static gboolean
kdf_block (const Ecdh *ecdh, EVP_MD_CTX *md, const CK_BYTE *secret, gsize secret_len, guint32 n,
           CK_BYTE *out)
{
	guint32 counter = GUINT32_TO_BE (n);

	return EVP_DigestInit_ex2 (md, craton_algs_md (ecdh->hash), NULL) == 1 &&
	       (!ecdh->counter_first || EVP_DigestUpdate (md, &counter, sizeof counter) == 1) &&
	       EVP_DigestUpdate (md, secret, secret_len) == 1 &&
	       (ecdh->counter_first || EVP_DigestUpdate (md, &counter, sizeof counter) == 1) &&
	       EVP_DigestUpdate (md, ecdh->shared, ecdh->shared_len) == 1 &&
	       EVP_DigestFinal_ex (md, out, NULL) == 1;
}

static CK_RV
run_kdf (const Ecdh *ecdh, const CK_BYTE *secret, gsize secret_len, CK_BYTE *out, gsize out_len)
{
	EVP_MD_CTX *md = EVP_MD_CTX_new ();
	CK_BYTE block[EVP_MAX_MD_SIZE];
	gsize done = 0;
	CK_RV rv = md == NULL ? CKR_HOST_MEMORY : CKR_OK;

	for (guint32 n = 1; rv == CKR_OK && done < out_len; n++) {
		gsize piece = MIN (out_len - done, craton_algs_hashes[ecdh->hash].len);

		if (!kdf_block (ecdh, md, secret, secret_len, n, block)) {
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
ecdh_derive (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
             CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
             CK_OBJECT_HANDLE *ret_key)
{
	const CratonCurve *curve = craton_mech_curve_of (base);
	CK_BYTE secret[FIELD_LEN_MAX], value[CRATON_DERIVED_MAX];
	CratonDerived derived;
	Ecdh ecdh = { 0 };
	CK_RV rv = take_parameter (mechanism, &ecdh);

	if (rv != CKR_OK)
		return rv;
	if (curve == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	/* Without a length in the template a key is as long as what comes out: the secret, or one
	 * block of the KDF. */
	rv = craton_derive_plan (
		template, n_attrs,
		ecdh.kdf == CKD_NULL ? curve->field_len : craton_algs_hashes[ecdh.hash].len,
		ecdh.kdf == CKD_NULL ? curve->field_len : CRATON_DERIVED_MAX, &derived);
	if (rv == CKR_OK)
		rv = agree (base, curve, &ecdh, secret);
	if (rv == CKR_OK && ecdh.kdf != CKD_NULL)
		rv = run_kdf (&ecdh, secret, curve->field_len, value, derived.len);
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

/* --- rows --- */

#define CURVE_FLAGS (CKF_EC_F_P | CKF_EC_OID | CKF_EC_UNCOMPRESS)

#define EC_ROW(mechanism, all_flags)                                                 \
	.type = mechanism, .key_type = CKK_EC, .key_type2 = CKK_EC, .min_size = 256, \
	.max_size = 521, .flags = (all_flags) | CURVE_FLAGS
#define EDWARDS_ROW(mechanism, all_flags)                                           \
	.type = mechanism, .key_type = CKK_EC_EDWARDS, .key_type2 = CKK_EC_EDWARDS, \
	.min_size = 255, .max_size = 255,                                           \
	.flags = (all_flags) | CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME
#define ECDSA_ROW(mechanism, hash, klass)                                                          \
	{                                                                                          \
		EC_ROW (mechanism, CKF_SIGN | CKF_VERIFY),                                         \
			.detail = &(const CratonSignDetail){ &ecdsa_scheme, hash }, .sign = &klass \
	}

static const CratonMech rows[] = {
	{ EC_ROW (CKM_EC_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR), .generate_pair = ec_generate_pair },
	ECDSA_ROW (CKM_ECDSA, CRATON_HASH_NONE, craton_mech_sign_once),
	ECDSA_ROW (CKM_ECDSA_SHA1, CRATON_HASH_SHA1, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA224, CRATON_HASH_SHA224, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA256, CRATON_HASH_SHA256, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA384, CRATON_HASH_SHA384, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA512, CRATON_HASH_SHA512, craton_mech_sign_hashed),
	{ EC_ROW (CKM_ECDH1_DERIVE, CKF_DERIVE), .derive = ecdh_derive },
	/* The same: these curves have cofactor 1. */
	{ EC_ROW (CKM_ECDH1_COFACTOR_DERIVE, CKF_DERIVE), .derive = ecdh_derive },
	{ EDWARDS_ROW (CKM_EC_EDWARDS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
	  .generate_pair = ec_generate_pair },
	{ EDWARDS_ROW (CKM_EDDSA, CKF_SIGN | CKF_VERIFY),
	  .detail = &(const CratonSignDetail){ &eddsa_scheme, CRATON_HASH_NONE },
	  .sign = &craton_mech_sign_once },
};

const CratonMechFamily craton_mech_ec = { rows, G_N_ELEMENTS (rows) };
