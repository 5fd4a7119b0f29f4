/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys over finite fields; see mech-ffc.h. Numbers come from templates and are not trusted: those that
 * make no key are refused before anything is computed with them. Called by mech-key.c, mech-dh.c and
 * mech-dsa.c.
 */
#include "config.h"

#include "mech-ffc.h"

#include "drbg.h"
#include "mech-key.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>

#define SUBPRIME_BITS_MIN 160
#define SUBPRIME_BITS_MAX 256

enum {
	P,
	Q, /* DSA only */
	G,
	Y,
	X,
	N_NUMBERS
};

typedef struct {
	BIGNUM *n[N_NUMBERS]; /* NULL: there is none */
	CK_ULONG value_bits;
} Numbers;

static const struct {
	CK_ATTRIBUTE_TYPE type;
	const char *param;
} names[N_NUMBERS] = {
	{ CKA_PRIME, OSSL_PKEY_PARAM_FFC_P },   { CKA_SUBPRIME, OSSL_PKEY_PARAM_FFC_Q },
	{ CKA_BASE, OSSL_PKEY_PARAM_FFC_G },    { CKA_VALUE, OSSL_PKEY_PARAM_PUB_KEY },
	{ CKA_VALUE, OSSL_PKEY_PARAM_PRIV_KEY },
};

static void
numbers_clear (Numbers *numbers)
{
	for (int i = 0; i < N_NUMBERS; i++)
		BN_clear_free (numbers->n[i]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Numbers, numbers_clear)

/* NULL for what is too long to be one. */
static BIGNUM *
to_number (const CK_BYTE *value, gsize len, gboolean secret)
{
	BIGNUM *number = len > CRATON_MECH_DH_BITS_MAX / 8 + 1 ? NULL
	                 : secret                              ? BN_secure_new ()
	                                                       : BN_new ();

	if (number != NULL && BN_bin2bn (value, (int) len, number) == NULL) {
		BN_clear_free (number);
		return NULL;
	}
	if (number != NULL && secret)
		BN_set_flags (number, BN_FLG_CONSTTIME);
	return number;
}

/* Whether 1 < @number < p - 1: not 0, not of order 1 or 2. */
static gboolean
is_element (const BIGNUM *number, const BIGNUM *p)
{
	BIGNUM *limit = BN_dup (p);
	gboolean ok = limit != NULL && BN_sub_word (limit, 1) == 1 && !BN_is_zero (number) &&
	              !BN_is_one (number) && BN_cmp (number, limit) < 0;

	BN_free (limit);
	return ok;
}

/* Whether q divides p - 1. */
static gboolean
divides (const BIGNUM *q, const BIGNUM *p, BN_CTX *bn)
{
	BIGNUM *rest = BN_new ();
	gboolean ok = rest != NULL && BN_mod (rest, p, q, bn) == 1 && BN_is_one (rest);

	BN_free (rest);
	return ok;
}

/* Whether @number to the power of q is 1. */
static gboolean
is_of_order (const BIGNUM *number, const BIGNUM *q, const BIGNUM *p, BN_CTX *bn)
{
	BIGNUM *power = BN_new ();
	gboolean ok = power != NULL && BN_mod_exp (power, number, q, p, bn) == 1 &&
	              BN_is_one (power);

	BN_free (power);
	return ok;
}

static gboolean
params_plausible (const Numbers *numbers, CK_KEY_TYPE type, BN_CTX *bn)
{
	const BIGNUM *p = numbers->n[P], *q = numbers->n[Q], *g = numbers->n[G];

	if (p == NULL || g == NULL || (type == CKK_DSA) != (q != NULL))
		return FALSE;
	if (!BN_is_odd (p) || BN_num_bits (p) < CRATON_MECH_DH_BITS_MIN ||
	    BN_num_bits (p) > (type == CKK_DSA ? CRATON_MECH_DSA_BITS_MAX : CRATON_MECH_DH_BITS_MAX))
		return FALSE;
	if (!is_element (g, p))
		return FALSE;
	return q == NULL ||
	       (BN_is_odd (q) && BN_num_bits (q) >= SUBPRIME_BITS_MIN &&
	        BN_num_bits (q) <= SUBPRIME_BITS_MAX && divides (q, p, bn) &&
	        is_of_order (g, q, p, bn));
}

/* Completes a private key with its public number and checks both. */
static gboolean
key_plausible (Numbers *numbers, gboolean private, BN_CTX *bn)
{
	const BIGNUM *p = numbers->n[P], *q = numbers->n[Q], *x = numbers->n[X];

	if (private) {
		if (x == NULL || BN_is_zero (x) || BN_cmp (x, q == NULL ? p : q) >= 0)
			return FALSE;
		numbers->n[Y] = BN_new ();
		if (numbers->n[Y] == NULL ||
		    BN_mod_exp_mont_consttime (numbers->n[Y], numbers->n[G], x, p, bn, NULL) != 1)
			return FALSE;
	}
	return numbers->n[Y] != NULL && is_element (numbers->n[Y], p) &&
	       (q == NULL || private || is_of_order (numbers->n[Y], q, p, bn));
}

static EVP_PKEY *
build (const Numbers *numbers, CK_KEY_TYPE type, int selection)
{
	OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new ();
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (
		craton_drbg_context (), type == CKK_DSA ? "DSA" : "DH", NULL);
	OSSL_PARAM *params = NULL;
	gboolean ok = builder != NULL && context != NULL;
	EVP_PKEY *pkey = NULL;

	for (int i = 0; i < N_NUMBERS; i++)
		if (numbers->n[i] != NULL)
			ok = ok &&
			     OSSL_PARAM_BLD_push_BN (builder, names[i].param, numbers->n[i]) == 1;
	if (numbers->value_bits > 0)
		ok = ok && OSSL_PARAM_BLD_push_int (builder, OSSL_PKEY_PARAM_DH_PRIV_LEN,
		                                    (int) numbers->value_bits) == 1;
	if (ok)
		params = OSSL_PARAM_BLD_to_param (builder);
	if (params == NULL || EVP_PKEY_fromdata_init (context) != 1 ||
	    EVP_PKEY_fromdata (context, &pkey, selection, params) != 1)
		pkey = NULL;
	OSSL_PARAM_free (params);
	OSSL_PARAM_BLD_free (builder);
	EVP_PKEY_CTX_free (context);
	return pkey;
}

CK_RV
craton_mech_ffc_parse (const CratonObject *object, CK_KEY_TYPE type, gboolean private,
                       EVP_PKEY **ret_pkey)
{
	g_auto (Numbers) numbers = { { NULL }, 0 };
	BN_CTX *bn = BN_CTX_secure_new ();
	EVP_PKEY *pkey = NULL;

	if (bn == NULL)
		return CKR_HOST_MEMORY;
	for (int i = 0; i < N_NUMBERS; i++) {
		gsize len = 0;
		const CK_BYTE *value = craton_object_get (object, names[i].type, &len);

		if (value != NULL && i != (private ? Y : X))
			numbers.n[i] = to_number (value, len, i == X);
	}
	if (params_plausible (&numbers, type, bn) && key_plausible (&numbers, private, bn))
		pkey = build (&numbers, type, private ? EVP_PKEY_KEYPAIR : EVP_PKEY_PUBLIC_KEY);
	BN_CTX_free (bn);
	if (pkey == NULL)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*ret_pkey = pkey;
	return CKR_OK;
}

CK_RV
craton_mech_ffc_peer (EVP_PKEY *pkey, const CK_BYTE *number, gsize len, EVP_PKEY **ret_peer)
{
	g_auto (Numbers) numbers = { { NULL }, 0 };
	EVP_PKEY *peer = NULL;

	numbers.n[Y] = to_number (number, len, FALSE);
	if (EVP_PKEY_get_bn_param (pkey, names[P].param, &numbers.n[P]) == 1 &&
	    EVP_PKEY_get_bn_param (pkey, names[G].param, &numbers.n[G]) == 1 &&
	    numbers.n[Y] != NULL && is_element (numbers.n[Y], numbers.n[P]))
		peer = build (&numbers, CKK_DH, EVP_PKEY_PUBLIC_KEY);
	if (peer == NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	*ret_peer = peer;
	return CKR_OK;
}

CK_RV
craton_mech_ffc_params (CK_KEY_TYPE type, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                        CK_ULONG value_bits, EVP_PKEY **ret_params)
{
	g_auto (Numbers) numbers = { { NULL }, value_bits };
	BN_CTX *bn;
	gboolean ok;

	for (int i = P; i <= G; i++) {
		const CK_ATTRIBUTE *attr =
			craton_key_attrs_find (template, n_attrs, names[i].type);

		if (i == Q && type != CKK_DSA)
			continue;
		if (attr == NULL)
			return CKR_TEMPLATE_INCOMPLETE;
		if (attr->pValue == NULL)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		numbers.n[i] = to_number (attr->pValue, attr->ulValueLen, FALSE);
	}
	bn = BN_CTX_new ();
	if (bn == NULL)
		return CKR_HOST_MEMORY;
	ok = params_plausible (&numbers, type, bn) &&
	     (value_bits == 0 || value_bits <= (CK_ULONG) BN_num_bits (numbers.n[P]) - 1);
	BN_CTX_free (bn);
	*ret_params = ok ? build (&numbers, type, EVP_PKEY_KEY_PARAMETERS) : NULL;
	return *ret_params != NULL ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
}

void
craton_mech_ffc_attrs (EVP_PKEY *pkey, const char *value_param, CratonKeyAttrs *attrs)
{
	const char *const params[] = { names[P].param, names[Q].param, names[G].param,
		                       value_param };

	for (gsize i = 0; i < G_N_ELEMENTS (params); i++) {
		BIGNUM *number = NULL;

		if (params[i] == NULL || (i == Q && !EVP_PKEY_is_a (pkey, "DSA")))
			continue;
		if (EVP_PKEY_get_bn_param (pkey, params[i], &number) == 1)
			craton_key_attrs_add_bn (attrs, names[i].type, number, 0);
		else
			attrs->failed = TRUE;
		BN_clear_free (number);
	}
}

CK_RV
craton_mech_ffc_generate_pair (CratonSession *session, const CratonMech *mech,
                               const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *public_template,
                               CK_ULONG n_public, const CK_ATTRIBUTE *private_template,
                               CK_ULONG n_private, CK_OBJECT_HANDLE *ret_public,
                               CK_OBJECT_HANDLE *ret_private)
{
	CK_ULONG value_bits = 0;
	EVP_PKEY *params = NULL, *pkey = NULL;
	EVP_PKEY_CTX *context = NULL;
	CK_RV rv = CKR_TEMPLATE_INCOMPLETE;

	(void) mechanism;
	if (mech->key_type == CKK_DH)
		rv = craton_key_attrs_find_ulong (private_template, n_private, CKA_VALUE_BITS,
		                                  &value_bits);
	if (rv == CKR_OK && value_bits < SUBPRIME_BITS_MIN)
		rv = CKR_ATTRIBUTE_VALUE_INVALID;
	if (rv == CKR_TEMPLATE_INCOMPLETE)
		rv = CKR_OK;
	if (rv == CKR_OK)
		rv = craton_mech_ffc_params (mech->key_type, public_template, n_public, value_bits,
		                             &params);
	if (rv != CKR_OK)
		return rv;
	context = EVP_PKEY_CTX_new_from_pkey (craton_drbg_context (), params, NULL);
	if (context == NULL)
		rv = CKR_HOST_MEMORY;
	else if (EVP_PKEY_keygen_init (context) != 1 || EVP_PKEY_generate (context, &pkey) != 1)
		rv = value_bits > 0 ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_FUNCTION_FAILED;
	if (rv == CKR_OK)
		rv = craton_mech_key_publish_pair (session, mech->type, mech->key_type, pkey, NULL,
		                                   public_template, n_public, private_template,
		                                   n_private, ret_public, ret_private);
	EVP_PKEY_CTX_free (context);
	EVP_PKEY_free (pkey);
	EVP_PKEY_free (params);
	return rv;
}

CK_RV
craton_mech_ffc_publish_params (CratonSession *session, const CratonMech *mech, EVP_PKEY *params,
                                const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                                CK_OBJECT_HANDLE *ret_params)
{
	g_auto (CratonKeyAttrs) made = { 0 };

	craton_key_attrs_add_ulong (&made, CKA_CLASS, CKO_DOMAIN_PARAMETERS);
	craton_key_attrs_add_ulong (&made, CKA_KEY_TYPE, mech->key_type);
	craton_mech_ffc_attrs (params, NULL, &made);
	if (made.failed)
		return CKR_HOST_MEMORY;
	return craton_object_new_key (session, template, n_attrs, made.attrs, made.n,
	                              CRATON_ORIGIN_GENERATED, mech->type, NULL, ret_params);
}
