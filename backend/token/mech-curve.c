/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of curves, and points on the way in; see mech-curve.h. Parameters and points are the
 * client's. Called by mech-key.c and the mechanisms with EC, Edwards and Montgomery keys.
 */
#include "config.h"

#include "mech-curve.h"

#include "drbg.h"
#include "mech.h"

#include <openssl/ec.h>
#include <string.h>

#define LEGACY CRATON_MECH_LEGACY
#define APPROVED CRATON_MECH_APPROVED

/* Approved: SP 800-186, 2. The older names of Edwards and Montgomery curves are GnuPG's. */
static const CratonCurve curves[] = {
	{ .name = "prime192v1",
	  .key_type = CKK_EC,
	  .field_len = 24,
	  .marks = LEGACY,
	  .oid = { 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x01 } },
	  .curve_name = "secp192r1" },
	{ .name = "secp224r1",
	  .key_type = CKK_EC,
	  .field_len = 28,
	  .marks = APPROVED,
	  .oid = { 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x21 } },
	  .curve_name = "secp224r1" },
	{ .name = "prime256v1",
	  .key_type = CKK_EC,
	  .field_len = 32,
	  .marks = APPROVED,
	  .oid = { 10, { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 } },
	  .curve_name = "secp256r1" },
	{ .name = "secp384r1",
	  .key_type = CKK_EC,
	  .field_len = 48,
	  .marks = APPROVED,
	  .oid = { 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 } },
	  .curve_name = "secp384r1" },
	{ .name = "secp521r1",
	  .key_type = CKK_EC,
	  .field_len = 66,
	  .marks = APPROVED,
	  .oid = { 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 } },
	  .curve_name = "secp521r1" },
	{ .name = "secp256k1",
	  .key_type = CKK_EC,
	  .field_len = 32,
	  .marks = 0,
	  .oid = { 7, { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a } },
	  .curve_name = "secp256k1" },
	{ .name = "brainpoolP256r1",
	  .key_type = CKK_EC,
	  .field_len = 32,
	  .marks = 0,
	  .oid = { 11, { 0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x07 } },
	  .curve_name = "brainpoolP256r1" },
	{ .name = "brainpoolP384r1",
	  .key_type = CKK_EC,
	  .field_len = 48,
	  .marks = 0,
	  .oid = { 11, { 0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0b } },
	  .curve_name = "brainpoolP384r1" },
	{ .name = "brainpoolP512r1",
	  .key_type = CKK_EC,
	  .field_len = 64,
	  .marks = 0,
	  .oid = { 11, { 0x06, 0x09, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01, 0x0d } },
	  .curve_name = "brainpoolP512r1" },
	{ .name = "ED25519",
	  .key_type = CKK_EC_EDWARDS,
	  .field_len = 32,
	  .marks = APPROVED,
	  .oid = { 5, { 0x06, 0x03, 0x2b, 0x65, 0x70 } },
	  .old_oid = { 11, { 0x06, 0x09, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01 } },
	  .curve_name = "edwards25519" },
	{ .name = "ED448",
	  .key_type = CKK_EC_EDWARDS,
	  .field_len = 57,
	  .marks = APPROVED,
	  .oid = { 5, { 0x06, 0x03, 0x2b, 0x65, 0x71 } },
	  .curve_name = "edwards448" },
	{ .name = "X25519",
	  .key_type = CKK_EC_MONTGOMERY,
	  .field_len = 32,
	  .marks = 0,
	  .oid = { 5, { 0x06, 0x03, 0x2b, 0x65, 0x6e } },
	  .old_oid = { 12, { 0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01 } },
	  .curve_name = "curve25519" },
	{ .name = "X448",
	  .key_type = CKK_EC_MONTGOMERY,
	  .field_len = 56,
	  .marks = 0,
	  .oid = { 5, { 0x06, 0x03, 0x2b, 0x65, 0x6f } },
	  .curve_name = "curve448" },
};


static gboolean
is_printable_string (const CK_BYTE *der, gsize len, const char *text)
{
	gsize text_len = strlen (text);

	return len == text_len + 2 && der[0] == 0x13 && der[1] == text_len &&
	       memcmp (der + 2, text, text_len) == 0;
}

static gboolean
is_oid (const CratonCurveOid *oid, const CK_BYTE *der, gsize len)
{
	return oid->len > 0 && len == oid->len && memcmp (der, oid->der, len) == 0;
}

const CratonCurve *
craton_mech_curve (CK_KEY_TYPE type, const CK_BYTE *params, gsize params_len)
{
	for (gsize i = 0; i < G_N_ELEMENTS (curves); i++) {
		const CratonCurve *curve = &curves[i];

		if (curve->key_type != type || params == NULL)
			continue;
		if (is_oid (&curve->oid, params, params_len) ||
		    is_oid (&curve->old_oid, params, params_len) ||
		    is_printable_string (params, params_len, curve->curve_name))
			return curve;
	}
	return NULL;
}

CK_RV
craton_mech_curve_refusal (const CK_BYTE *params, gsize params_len)
{
	gboolean name = params != NULL && params_len > 2 && (params[0] == 0x06 || params[0] == 0x13) &&
	                params[1] < 0x80 && params[1] == params_len - 2;

	return name ? CKR_CURVE_NOT_SUPPORTED : CKR_DOMAIN_PARAMS_INVALID;
}

const CratonCurve *
craton_mech_curve_of (const CratonObject *object)
{
	gsize len = 0;
	const CK_BYTE *params = craton_object_get (object, CKA_EC_PARAMS, &len);

	return craton_mech_curve (
		craton_object_get_ulong (object, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION), params,
		len);
}

const CratonCurve *
craton_mech_curve_of_pkey (EVP_PKEY *pkey)
{
	for (gsize i = 0; i < G_N_ELEMENTS (curves); i++) {
		char group[32] = "";

		if (curves[i].key_type != CKK_EC) {
			if (EVP_PKEY_is_a (pkey, curves[i].name))
				return &curves[i];
			continue;
		}
		if (EVP_PKEY_is_a (pkey, "EC") &&
		    EVP_PKEY_get_group_name (pkey, group, sizeof group, NULL) == 1 &&
		    strcmp (group, curves[i].name) == 0)
			return &curves[i];
	}
	return NULL;
}

static gboolean
is_raw_point (const CratonCurve *curve, const CK_BYTE *point, gsize len)
{
	if (curve->key_type != CKK_EC)
		return len == curve->field_len;
	if (len == 2u * curve->field_len + 1)
		return point[0] == POINT_CONVERSION_UNCOMPRESSED;
	return len == curve->field_len + 1u && (point[0] & ~1) == POINT_CONVERSION_COMPRESSED;
}

/* How long the header of a DER OCTET STRING is whose content fills the rest of @der; 0: it is none. No
 * point is long enough for a length of more than two bytes. */
static gsize
octet_string_header (const CK_BYTE *der, gsize len)
{
	if (der[0] != 0x04)
		return 0;
	if (der[1] < 0x80)
		return der[1] == len - 2 ? 2 : 0;
	return der[1] == 0x81 && der[2] >= 0x80 && der[2] == len - 3 ? 3 : 0;
}

gboolean
craton_mech_curve_point (const CratonCurve *curve, const CK_BYTE *point, gsize point_len,
                       const CK_BYTE **ret_point, gsize *ret_point_len)
{
	gsize header = 0;

	if (point == NULL || point_len < 3)
		return FALSE;
	if (!is_raw_point (curve, point, point_len)) {
		header = octet_string_header (point, point_len);
		if (header == 0 || !is_raw_point (curve, point + header, point_len - header))
			return FALSE;
	}
	*ret_point = point + header;
	*ret_point_len = point_len - header;
	return TRUE;
}

EVP_PKEY *
craton_mech_curve_generate (const CratonCurve *curve)
{
	if (curve->key_type != CKK_EC)
		return EVP_PKEY_Q_keygen (craton_drbg_context (), NULL, curve->name);
	return EVP_PKEY_Q_keygen (craton_drbg_context (), NULL, "EC", curve->name);
}

gboolean
craton_mech_curve_offered (const CratonCurve *curve, const CratonTokenConfig *config)
{
	return ((curve->marks & LEGACY) == 0 || config->legacy) &&
	       ((curve->marks & APPROVED) != 0 || !config->fips);
}
