/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Curves: one row each, for EC, Edwards and Montgomery keys, and the forms in which PKCS#11 names
 * them and writes their points.
 */
#ifndef CRATON_MECH_CURVE_H
#define CRATON_MECH_CURVE_H

#include <glib.h>
#include <openssl/evp.h>

#include "object.h"
#include "pkcs11.h"
#include "token.h"

/* P-521's, in bytes: a coordinate, and a point as two of them with a byte in front. */
#define CRATON_FIELD_LEN_MAX 66
#define CRATON_POINT_LEN_MAX (2 * CRATON_FIELD_LEN_MAX + 1)
/* As a DER OCTET STRING. */
#define CRATON_POINT_DER_MAX (CRATON_POINT_LEN_MAX + 3)

typedef struct {
	guint8 len;
	guint8 der[12]; /* with tag and length */
} CratonCurveOid;

typedef struct {
	const char *name;     /* libcrypto's group, or key type for Edwards and Montgomery curves */
	CK_KEY_TYPE key_type; /* CKK_EC, CKK_EC_EDWARDS or CKK_EC_MONTGOMERY */
	/* Of a coordinate and of the private value, in bytes. The order of the group is as long. */
	guint8 field_len;
	guint8 marks;           /* CratonMechMark */
	CratonCurveOid oid;     /* CKA_EC_PARAMS */
	CratonCurveOid old_oid; /* may stand there too; of no length: there is none */
	const char *curve_name; /* may stand there as a PrintableString */
} CratonCurve;

/* Returns: the curve that CKA_EC_PARAMS names for keys of @type, or NULL if it is unknown. Explicit
 * parameters are. */
const CratonCurve *craton_mech_curve (CK_KEY_TYPE type, const CK_BYTE *params, gsize params_len);
/* Returns: why there is no such curve: CKR_CURVE_NOT_SUPPORTED if @params are the name of one,
 * CKR_DOMAIN_PARAMS_INVALID for anything else, explicit parameters among it (PKCS#11 3.2, Elliptic Curve). */
CK_RV craton_mech_curve_refusal (const CK_BYTE *params, gsize params_len);
/* Returns: the curve of @object, or NULL. */
const CratonCurve *craton_mech_curve_of (const CratonObject *object);
/* Returns: the curve of @pkey, or NULL. */
const CratonCurve *craton_mech_curve_of_pkey (EVP_PKEY *pkey);

/* Whether the configuration wants keys on this curve. */
gboolean craton_mech_curve_offered (const CratonCurve *curve, const CratonTokenConfig *config);

/* Returns: a new key pair, to be freed with EVP_PKEY_free(); NULL if libcrypto fails. */
EVP_PKEY *craton_mech_curve_generate (const CratonCurve *curve);

/**
 * craton_mech_curve_point:
 * @curve: the curve
 * @point: a public point: as it is, or as a DER OCTET STRING (CKA_EC_POINT, and pPublicData of
 *   CKM_ECDH1_DERIVE, come both ways)
 * @ret_point: into @point
 *
 * Tells them apart by their lengths. Whether the point is on the curve is not looked at.
 *
 * Returns: whether it is one of them.
 */
gboolean craton_mech_curve_point (const CratonCurve *curve, const CK_BYTE *point, gsize point_len,
                                  const CK_BYTE **ret_point, gsize *ret_point_len);

#endif /* CRATON_MECH_CURVE_H */
