/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys on curves: generation, ECDSA, and the rows for EdDSA (mech-eddsa.c) and ECDH (mech-ecdh.c).
 * Called by operation.c, keygen.c and derive.c through the rows. Parameters and data are the
 * client's.
 */
#include "config.h"

#include "algs.h"
#include "key-attrs.h"
#include "mech-curve.h"
#include "mech-ecdh.h"
#include "mech-eddsa.h"
#include "mech-key.h"
#include "mech-rs.h"
#include "mech-sign.h"
#include "mech.h"
#include "selftest.h"
#include "table.h"

static CK_RV
ecdsa_setup (CratonSign *sign, const CK_MECHANISM *mechanism)
{
	const CratonCurve *curve = craton_mech_curve_of (sign->object);

	/* PKCS#11 3.2, EC Signatures: who has only r and s need not know the order. */
	sign->takes_shorter = TRUE;
	return curve == NULL ? CKR_CURVE_NOT_SUPPORTED
	                     : craton_mech_rs_setup (sign, mechanism, curve->field_len);
}

static const CratonSignScheme ecdsa_scheme = { ecdsa_setup, craton_mech_rs_sign,
	                                       craton_mech_rs_verify };

/* --- key pairs --- */

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
		return craton_mech_curve_refusal (params->pValue, params->ulValueLen);
	if (!craton_mech_curve_offered (curve, &session->slot->config))
		return CKR_CURVE_NOT_SUPPORTED;
	pkey = craton_mech_curve_generate (curve);
	if (pkey == NULL)
		return CKR_FUNCTION_FAILED;
	/* The curve is stored as the template names it: it must compare equal there. */
	rv = craton_mech_key_publish_pair (session, mech->type, mech->key_type, pkey, params,
	                                   public_template, n_public, private_template, n_private,
	                                   ret_public, ret_private);
	EVP_PKEY_free (pkey);
	return rv;
}

/* --- rows --- */

#define CURVE_FLAGS (CKF_EC_F_P | CKF_EC_OID | CKF_EC_CURVENAME)
#define POINT_FLAGS (CURVE_FLAGS | CKF_EC_UNCOMPRESS | CKF_EC_COMPRESS)
#define APPROVED CRATON_MECH_APPROVED

#define EC_ROW(mechanism, all_flags)                                                 \
	.type = mechanism, .key_type = CKK_EC, .key_type2 = CKK_EC, .min_size = 192, \
	.max_size = 521, .flags = (all_flags) | POINT_FLAGS
/* Not EC keys: of two sizes, in bits. */
#define OTHER_ROW(mechanism, keys, all_flags)                                                   \
	.type = mechanism, .key_type = keys, .key_type2 = keys, .min_size = 255, .max_size = 448, \
	.flags = (all_flags) | CURVE_FLAGS
#define ECDSA_ROW(mechanism, hash, mark, klass)                                             \
	{                                                                                   \
		EC_ROW (mechanism, CKF_SIGN | CKF_VERIFY), .marks = mark,                   \
			.selftests = { CRATON_SELFTEST_ECDSA, CRATON_SELFTEST_HASH (hash) }, \
			.detail = &(const CratonSignDetail){ &ecdsa_scheme, hash }, .sign = &klass \
	}
#define ECDH_ROW(mechanism)                                                                       \
	{                                                                                         \
		.type = mechanism, .key_type = CKK_EC, .key_type2 = CKK_EC_MONTGOMERY,            \
		.min_size = 192, .max_size = 521, .flags = CKF_DERIVE | POINT_FLAGS,              \
		.marks = APPROVED, .derive = craton_mech_ecdh_derive,                             \
		.selftests = { CRATON_SELFTEST_ECDH, CRATON_SELFTEST_X25519, CRATON_SELFTEST_X448 }, \
	}

static const CratonMech rows[] = {
	{ EC_ROW (CKM_EC_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR),
	  .marks = APPROVED,
	  .generate_pair = ec_generate_pair },
	ECDSA_ROW (CKM_ECDSA, CRATON_HASH_NONE, APPROVED, craton_mech_sign_once),
	ECDSA_ROW (CKM_ECDSA_SHA1, CRATON_HASH_SHA1, 0, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA224, CRATON_HASH_SHA224, APPROVED, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA256, CRATON_HASH_SHA256, APPROVED, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA384, CRATON_HASH_SHA384, APPROVED, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA512, CRATON_HASH_SHA512, APPROVED, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA3_224, CRATON_HASH_SHA3_224, APPROVED, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA3_256, CRATON_HASH_SHA3_256, APPROVED, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA3_384, CRATON_HASH_SHA3_384, APPROVED, craton_mech_sign_hashed),
	ECDSA_ROW (CKM_ECDSA_SHA3_512, CRATON_HASH_SHA3_512, APPROVED, craton_mech_sign_hashed),
	ECDH_ROW (CKM_ECDH1_DERIVE),
	/* The same: the EC curves have cofactor 1, and X25519 and X448 take it into account. */
	ECDH_ROW (CKM_ECDH1_COFACTOR_DERIVE),
	{ OTHER_ROW (CKM_EC_EDWARDS_KEY_PAIR_GEN, CKK_EC_EDWARDS, CKF_GENERATE_KEY_PAIR),
	  .marks = APPROVED,
	  .generate_pair = ec_generate_pair },
	{ OTHER_ROW (CKM_EDDSA, CKK_EC_EDWARDS, CKF_SIGN | CKF_VERIFY),
	  .marks = APPROVED,
	  .selftests = { CRATON_SELFTEST_ED25519, CRATON_SELFTEST_ED448 },
	  .detail = &(const CratonSignDetail){ &craton_mech_eddsa_scheme, CRATON_HASH_NONE },
	  .sign = &craton_mech_sign_once },
	{ OTHER_ROW (CKM_EC_MONTGOMERY_KEY_PAIR_GEN, CKK_EC_MONTGOMERY, CKF_GENERATE_KEY_PAIR),
	  .generate_pair = ec_generate_pair },
};

const CratonMechFamily craton_mech_ec = { rows, G_N_ELEMENTS (rows) };
