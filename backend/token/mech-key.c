/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Key pairs between attributes and EVP_PKEY, both ways; see mech-key.h. Attributes come from
 * templates and are not trusted: whatever makes no key is refused here, before an operation uses
 * it. Called by object.c (parsing), the mechanisms that make keys, and wrap.c.
 */
#include "config.h"

#include "mech-key.h"

#include "drbg.h"
#include "mech-ffc.h"
#include "mech-pq.h"
#include "mech.h"
#include "pairwise.h"
#include "table.h"

#include <glib/gi18n-lib.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>

/* The longest RSA modulus that libcrypto works with; mech-rsa.c's rows say what may be used. */
#define RSA_MODULUS_BITS_MAX 16384
#define RSA_MODULUS_BITS_MIN 512

/* --- attributes to EVP_PKEY --- */

static EVP_PKEY *
from_params (const char *type, int selection, OSSL_PARAM_BLD *builder)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (craton_drbg_context (), type, NULL);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param (builder);
	EVP_PKEY *pkey = NULL;

	if (context == NULL || params == NULL || EVP_PKEY_fromdata_init (context) != 1 ||
	    EVP_PKEY_fromdata (context, &pkey, selection, params) != 1)
		pkey = NULL;
	/* Private numbers are pushed as secure BIGNUMs: libcrypto wipes the copies that lie here.
	 * */
	OSSL_PARAM_free (params);
	EVP_PKEY_CTX_free (context);
	return pkey;
}

enum {
	RSA_N,
	RSA_E,
	RSA_D,
	RSA_P,
	RSA_Q,
	RSA_DP,
	RSA_DQ,
	RSA_QINV,
	RSA_NUMBERS
};

static const struct {
	CK_ATTRIBUTE_TYPE type;
	const char *param;
} rsa_numbers[RSA_NUMBERS] = {
	{ CKA_MODULUS, OSSL_PKEY_PARAM_RSA_N },
	{ CKA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E },
	{ CKA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D },
	{ CKA_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1 },
	{ CKA_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2 },
	{ CKA_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1 },
	{ CKA_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2 },
	{ CKA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1 },
};

/* How many of the numbers go into the key: n and e; n, e and d; or all. Primes without the rest are
 * of no use. */
static int
rsa_count (BIGNUM *const numbers[RSA_NUMBERS])
{
	int n = 0;

	while (n < RSA_NUMBERS && numbers[n] != NULL && !BN_is_zero (numbers[n]))
		n++;
	return n == RSA_NUMBERS ? RSA_NUMBERS : MIN (n, RSA_D + 1);
}

static gboolean
rsa_plausible (BIGNUM *const numbers[RSA_NUMBERS], int n_numbers, gboolean private)
{
	const BIGNUM *n = numbers[RSA_N], *e = numbers[RSA_E];

	if (n_numbers < (private ? RSA_D + 1 : RSA_E + 1))
		return FALSE;
	if (BN_num_bits (n) < RSA_MODULUS_BITS_MIN || BN_num_bits (n) > RSA_MODULUS_BITS_MAX ||
	    !BN_is_odd (n))
		return FALSE;
	if (!BN_is_odd (e) || BN_is_one (e))
		return FALSE;
	for (int i = RSA_E; i < n_numbers; i++)
		if (BN_cmp (numbers[i], n) >= 0)
			return FALSE;
	/* Montgomery arithmetic wants odd primes. */
	return n_numbers < RSA_NUMBERS ||
	       (BN_is_odd (numbers[RSA_P]) && BN_is_odd (numbers[RSA_Q]));
}

static CK_RV
rsa_build (BIGNUM *const numbers[RSA_NUMBERS], gboolean private, EVP_PKEY **ret_pkey)
{
	int n_numbers = private ? rsa_count (numbers) : MIN (rsa_count (numbers), RSA_E + 1);
	OSSL_PARAM_BLD *builder;
	EVP_PKEY *pkey = NULL;
	gboolean ok = TRUE;

	if (!rsa_plausible (numbers, n_numbers, private))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	builder = OSSL_PARAM_BLD_new ();
	if (builder == NULL)
		return CKR_HOST_MEMORY;
	for (int i = 0; i < n_numbers; i++)
		ok = ok && OSSL_PARAM_BLD_push_BN (builder, rsa_numbers[i].param, numbers[i]) == 1;
	if (ok)
		pkey = from_params ("RSA", private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY,
		                    builder);
	OSSL_PARAM_BLD_free (builder);
	if (pkey == NULL)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*ret_pkey = pkey;
	return CKR_OK;
}

/* @value as a number whose copies libcrypto wipes. */
static BIGNUM *
secure_number (const CK_BYTE *value, gsize len)
{
	BIGNUM *number = len > RSA_MODULUS_BITS_MAX / 8 ? NULL : BN_secure_new ();

	if (number != NULL && BN_bin2bn (value, (int) len, number) == NULL) {
		BN_clear_free (number);
		return NULL;
	}
	return number;
}

static CK_RV
parse_rsa (const CratonObject *object, gboolean private, EVP_PKEY **ret_pkey)
{
	BIGNUM *numbers[RSA_NUMBERS] = { NULL };
	CK_RV rv;

	for (int i = 0; i < RSA_NUMBERS; i++) {
		gsize len = 0;
		const CK_BYTE *value = craton_object_get (object, rsa_numbers[i].type, &len);

		if (value != NULL)
			numbers[i] = secure_number (value, len);
	}
	rv = rsa_build (numbers, private, ret_pkey);
	for (int i = 0; i < RSA_NUMBERS; i++)
		BN_clear_free (numbers[i]);
	return rv;
}

/* The public point of the private number @d; its length, or 0 if @d is not below the order of the
 * curve. */
static gsize
public_point (const CratonCurve *curve, const BIGNUM *d, CK_BYTE *point, gsize room)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name_ex (craton_drbg_context (), NULL,
	                                                 OBJ_sn2nid (curve->name));
	EC_POINT *product = group == NULL ? NULL : EC_POINT_new (group);
	gsize len = 0;

	if (product != NULL && !BN_is_zero (d) && BN_cmp (d, EC_GROUP_get0_order (group)) < 0 &&
	    EC_POINT_mul (group, product, d, NULL, NULL, NULL) == 1)
		len = EC_POINT_point2oct (group, product, POINT_CONVERSION_UNCOMPRESSED, point,
		                          room, NULL);
	EC_POINT_free (product);
	EC_GROUP_free (group);
	return len;
}

/* An EC key from its point, and from its private number if that is not NULL. */
static EVP_PKEY *
ec_build (const CratonCurve *curve, const CK_BYTE *point, gsize point_len, const BIGNUM *d)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
	EVP_PKEY *pkey = NULL;

	if (builder != NULL &&
	    OSSL_PARAM_BLD_push_utf8_string (builder, OSSL_PKEY_PARAM_GROUP_NAME, curve->name, 0) ==
	            1 &&
	    OSSL_PARAM_BLD_push_octet_string (builder, OSSL_PKEY_PARAM_PUB_KEY, point, point_len) ==
	            1 &&
	    (d == NULL || OSSL_PARAM_BLD_push_BN (builder, OSSL_PKEY_PARAM_PRIV_KEY, d) == 1))
		pkey = from_params ("EC", d == NULL ? EVP_PKEY_PUBLIC_KEY : EVP_PKEY_KEYPAIR,
		                    builder);
	OSSL_PARAM_BLD_free (builder);
	return pkey;
}

CK_RV
craton_mech_key_public (const CratonCurve *curve, const CK_BYTE *point, gsize point_len,
                        EVP_PKEY **ret_pkey)
{
	EVP_PKEY *pkey;

	if (curve->key_type != CKK_EC)
		pkey = EVP_PKEY_new_raw_public_key_ex (craton_drbg_context (), curve->name, NULL,
		                                       point, point_len);
	else
		pkey = ec_build (curve, point, point_len, NULL);
	if (pkey == NULL) {
		ERR_clear_error ();
		return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	*ret_pkey = pkey;
	return CKR_OK;
}

static CK_RV
parse_ec_private (const CratonCurve *curve, const CK_BYTE *value, gsize len, EVP_PKEY **ret_pkey)
{
	CK_BYTE point[CRATON_POINT_LEN_MAX];
	EVP_PKEY *pkey = NULL;

	if (curve->key_type != CKK_EC) {
		if (len == curve->field_len)
			pkey = EVP_PKEY_new_raw_private_key_ex (craton_drbg_context (), curve->name,
			                                        NULL, value, len);
	} else {
		/* The point is made from the number: one that was imported with it could be
		 * another's. */
		BIGNUM *d = secure_number (value, len);
		gsize point_len = d == NULL ? 0 : public_point (curve, d, point, sizeof point);

		if (point_len > 0)
			pkey = ec_build (curve, point, point_len, d);
		BN_clear_free (d);
	}
	if (pkey == NULL)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*ret_pkey = pkey;
	return CKR_OK;
}

static CK_RV
parse_ec (const CratonObject *object, gboolean private, EVP_PKEY **ret_pkey)
{
	const CratonCurve *curve = craton_mech_curve_of (object);
	const CK_BYTE *value, *point;
	gsize len = 0;

	if (curve == NULL) {
		value = craton_object_get (object, CKA_EC_PARAMS, &len);
		return craton_mech_curve_refusal (value, len);
	}
	value = craton_object_get (object, private ? CKA_VALUE : CKA_EC_POINT, &len);
	if (value == NULL)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (private)
		return parse_ec_private (curve, value, len, ret_pkey);
	if (!craton_mech_curve_point (curve, value, len, &point, &len))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return craton_mech_key_public (curve, point, len, ret_pkey);
}

CK_RV
craton_mech_parse_key (const CratonObject *object, EVP_PKEY **ret_pkey)
{
	CK_OBJECT_CLASS class =
		craton_object_get_ulong (object, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);
	gboolean private = class == CKO_PRIVATE_KEY;
	CK_RV rv = CKR_KEY_TYPE_INCONSISTENT;

	if (class != CKO_PRIVATE_KEY && class != CKO_PUBLIC_KEY)
		return rv;
	switch (craton_object_get_ulong (object, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION)) {
	case CKK_RSA:
		rv = parse_rsa (object, private, ret_pkey);
		break;
	case CKK_EC:
	case CKK_EC_EDWARDS:
	case CKK_EC_MONTGOMERY:
		rv = parse_ec (object, private, ret_pkey);
		break;
	case CKK_DH:
		rv = craton_mech_ffc_parse (object, CKK_DH, private, ret_pkey);
		break;
	case CKK_DSA:
		rv = craton_mech_ffc_parse (object, CKK_DSA, private, ret_pkey);
		break;
	case CKK_ML_KEM:
	case CKK_ML_DSA:
	case CKK_SLH_DSA:
		rv = craton_pq_parse (object, private, ret_pkey);
		break;
	}
	if (rv != CKR_OK)
		ERR_clear_error ();
	return rv;
}

/* --- EVP_PKEY to attributes --- */

static void
add_number (EVP_PKEY *pkey, const char *param, CK_ATTRIBUTE_TYPE type, gsize len,
            CratonKeyAttrs *attrs)
{
	BIGNUM *number = NULL;

	if (EVP_PKEY_get_bn_param (pkey, param, &number) == 1)
		craton_key_attrs_add_bn (attrs, type, number, len);
	else
		attrs->failed = TRUE;
	BN_clear_free (number);
}

static void
rsa_attrs (EVP_PKEY *pkey, gboolean private, const CK_ATTRIBUTE *given, CratonKeyAttrs *attrs)
{
	int n = private ? RSA_NUMBERS : RSA_E + 1;

	for (int i = 0; i < n; i++)
		if (i == RSA_E && given != NULL)
			craton_key_attrs_add (attrs, given->type, given->pValue, given->ulValueLen);
		else
			add_number (pkey, rsa_numbers[i].param, rsa_numbers[i].type, 0, attrs);
	if (!private)
		craton_key_attrs_add_ulong (attrs, CKA_MODULUS_BITS,
		                            (CK_ULONG) EVP_PKEY_get_bits (pkey));
}

static void
add_private_value (EVP_PKEY *pkey, const CratonCurve *curve, CratonKeyAttrs *attrs)
{
	CK_BYTE value[CRATON_FIELD_LEN_MAX];
	gsize len = sizeof value;

	if (curve->key_type == CKK_EC) {
		add_number (pkey, OSSL_PKEY_PARAM_PRIV_KEY, CKA_VALUE, curve->field_len, attrs);
		return;
	}
	if (EVP_PKEY_get_raw_private_key (pkey, value, &len) == 1)
		craton_key_attrs_add (attrs, CKA_VALUE, value, len);
	else
		attrs->failed = TRUE;
	OPENSSL_cleanse (value, sizeof value);
}

gsize
craton_mech_key_point (EVP_PKEY *pkey, CK_BYTE *der, gsize *ret_header)
{
	CK_BYTE point[CRATON_POINT_LEN_MAX];
	gsize len = 0, header = 0;

	if (EVP_PKEY_get_octet_string_param (pkey, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point,
	                                     &len) != 1)
		return 0;
	der[header++] = 0x04;
	if (len >= 0x80)
		der[header++] = 0x81;
	der[header++] = (CK_BYTE) len;
	memcpy (der + header, point, len);
	*ret_header = header;
	return header + len;
}

/* In DER for all curves. PKCS#11 3.2 has Edwards and Montgomery points as they are, 3.0 had them in
 * DER, and GnuTLS reads no other. Both are taken. */
static void
add_point (EVP_PKEY *pkey, CratonKeyAttrs *attrs)
{
	CK_BYTE der[CRATON_POINT_DER_MAX];
	gsize header, len = craton_mech_key_point (pkey, der, &header);

	if (len == 0)
		attrs->failed = TRUE;
	else
		craton_key_attrs_add (attrs, CKA_EC_POINT, der, len);
}

static void
ec_attrs (EVP_PKEY *pkey, const CratonCurve *curve, gboolean private, const CK_ATTRIBUTE *given,
          CratonKeyAttrs *attrs)
{
	if (given != NULL)
		craton_key_attrs_add (attrs, given->type, given->pValue, given->ulValueLen);
	else
		craton_key_attrs_add (attrs, CKA_EC_PARAMS, curve->oid.der, curve->oid.len);
	if (private)
		add_private_value (pkey, curve, attrs);
	else
		add_point (pkey, attrs);
}

static CK_RV
ffc_attrs (EVP_PKEY *pkey, CK_OBJECT_CLASS class, CK_KEY_TYPE type, CratonKeyAttrs *attrs)
{
	if (!EVP_PKEY_is_a (pkey, type == CKK_DH ? "DH" : "DSA"))
		return CKR_KEY_TYPE_INCONSISTENT;
	craton_key_attrs_add_ulong (attrs, CKA_CLASS, class);
	craton_key_attrs_add_ulong (attrs, CKA_KEY_TYPE, type);
	craton_mech_ffc_attrs (pkey,
	                       class == CKO_PRIVATE_KEY ? OSSL_PKEY_PARAM_PRIV_KEY
	                                                : OSSL_PKEY_PARAM_PUB_KEY,
	                       attrs);
	return attrs->failed ? CKR_HOST_MEMORY : CKR_OK;
}

CK_RV
craton_mech_key_attrs (EVP_PKEY *pkey, CK_OBJECT_CLASS class, CK_KEY_TYPE type,
                       const CK_ATTRIBUTE *given, CratonKeyAttrs *attrs)
{
	gboolean private = class == CKO_PRIVATE_KEY, is_rsa = EVP_PKEY_is_a (pkey, "RSA");
	const CratonCurve *curve = is_rsa ? NULL : craton_mech_curve_of_pkey (pkey);

	if (type == CKK_ML_KEM || type == CKK_ML_DSA || type == CKK_SLH_DSA)
		return craton_pq_attrs (pkey, class, type, attrs);
	if (type == CKK_DH || type == CKK_DSA)
		return ffc_attrs (pkey, class, type, attrs);
	if (!is_rsa && curve == NULL)
		return EVP_PKEY_is_a (pkey, "EC") ? CKR_CURVE_NOT_SUPPORTED
		                                  : CKR_KEY_TYPE_INCONSISTENT;
	if (type != (is_rsa ? CKK_RSA : curve->key_type))
		return CKR_KEY_TYPE_INCONSISTENT;
	if (!is_rsa && given != NULL &&
	    craton_mech_curve (type, given->pValue, given->ulValueLen) != curve)
		return CKR_TEMPLATE_INCONSISTENT;
	craton_key_attrs_add_ulong (attrs, CKA_CLASS, class);
	craton_key_attrs_add_ulong (attrs, CKA_KEY_TYPE, type);
	if (is_rsa)
		rsa_attrs (pkey, private, given, attrs);
	else
		ec_attrs (pkey, curve, private, given, attrs);
	return attrs->failed ? CKR_HOST_MEMORY : CKR_OK;
}

static CK_RV
check_pair (const CratonSession *session, EVP_PKEY *pkey)
{
	CK_RV rv = craton_pairwise_check (pkey);

	if (rv != CKR_OK)
		g_warning (_ ("token %s: the halves of a new %s key pair do not match, and it was "
		              "thrown away; restart the application, and look at the machine"),
		           session->slot->config.name, EVP_PKEY_get0_type_name (pkey));
	return rv;
}

CK_RV
craton_mech_key_publish_pair (CratonSession *session, CK_MECHANISM_TYPE mechanism, CK_KEY_TYPE type,
                              EVP_PKEY *pkey, const CK_ATTRIBUTE *given,
                              const CK_ATTRIBUTE *public_template, CK_ULONG n_public,
                              const CK_ATTRIBUTE *private_template, CK_ULONG n_private,
                              CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	g_auto (CratonKeyAttrs) public_made = { 0 };
	g_auto (CratonKeyAttrs) private_made = { 0 };
	CK_RV rv = check_pair (session, pkey);

	if (rv == CKR_OK)
		rv = craton_mech_key_attrs (pkey, CKO_PUBLIC_KEY, type, given, &public_made);
	if (rv == CKR_OK)
		rv = craton_mech_key_attrs (pkey, CKO_PRIVATE_KEY, type, given, &private_made);
	craton_key_attrs_repeat (&public_made, public_template, n_public);
	craton_key_attrs_repeat (&private_made, public_template, n_public);
	if (rv == CKR_OK && (public_made.failed || private_made.failed))
		rv = CKR_HOST_MEMORY;
	if (rv == CKR_OK)
		rv = craton_object_new_pair (session, public_template, n_public, private_template,
		                             n_private, public_made.attrs, public_made.n,
		                             private_made.attrs, private_made.n, mechanism,
		                             ret_public, ret_private);
	return rv;
}
