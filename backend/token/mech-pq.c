/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Post-quantum keys between attributes and EVP_PKEY, and their generation; see mech-pq.h. Attributes
 * come from templates and are not trusted: whatever makes no key is refused here. Called by
 * mech-key.c, template.c and the rows of mech-pq-sign.c and mech-kem.c.
 */
#include "config.h"

#include "mech-pq.h"

#include "drbg.h"
#include "mech-key.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/params.h>
#include <string.h>

/* libcrypto's parameter; the headers of 3.0 have no name for it. */
#define PARAM_SEED "seed"

#define ML_KEM(bits, public_len, private_len, ciphertext_len)                                \
	{                                                                                    \
		CKK_ML_KEM, CKP_ML_KEM_##bits, "ML-KEM-" #bits, public_len, private_len, 64, \
			ciphertext_len                                                       \
	}
#define ML_DSA(level, public_len, private_len, signature_len)                                  \
	{                                                                                      \
		CKK_ML_DSA, CKP_ML_DSA_##level, "ML-DSA-" #level, public_len, private_len, 32, \
			signature_len                                                          \
	}
/* @n: FIPS 205's security parameter, in bytes. */
#define SLH_DSA(hash, size, speed, lower, n, signature_len)                                      \
	{                                                                                        \
		CKK_SLH_DSA, CKP_SLH_DSA_##hash##_##size##speed, "SLH-DSA-" #hash "-" #size #lower, \
			2 * (n), 4 * (n), 0, signature_len                                       \
	}

/* FIPS 203, table 3; FIPS 204, table 2; FIPS 205, table 2. */
static const CratonPqSet sets[] = {
	ML_KEM (512, 800, 1632, 768),
	ML_KEM (768, 1184, 2400, 1088),
	ML_KEM (1024, 1568, 3168, 1568),
	ML_DSA (44, 1312, 2560, 2420),
	ML_DSA (65, 1952, 4032, 3309),
	ML_DSA (87, 2592, 4896, 4627),
	SLH_DSA (SHA2, 128, S, s, 16, 7856),
	SLH_DSA (SHAKE, 128, S, s, 16, 7856),
	SLH_DSA (SHA2, 128, F, f, 16, 17088),
	SLH_DSA (SHAKE, 128, F, f, 16, 17088),
	SLH_DSA (SHA2, 192, S, s, 24, 16224),
	SLH_DSA (SHAKE, 192, S, s, 24, 16224),
	SLH_DSA (SHA2, 192, F, f, 24, 35664),
	SLH_DSA (SHAKE, 192, F, f, 24, 35664),
	SLH_DSA (SHA2, 256, S, s, 32, 29792),
	SLH_DSA (SHAKE, 256, S, s, 32, 29792),
	SLH_DSA (SHA2, 256, F, f, 32, 49856),
	SLH_DSA (SHAKE, 256, F, f, 32, 49856),
};

static const CratonPqSet *
find_set (CK_KEY_TYPE type, CK_ULONG set)
{
	for (gsize i = 0; i < G_N_ELEMENTS (sets); i++)
		if (sets[i].type == type && sets[i].set == set)
			return &sets[i];
	return NULL;
}

const CratonPqSet *
craton_pq_set_of (const CratonObject *object)
{
	return find_set (
		craton_object_get_ulong (object, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION),
		craton_object_get_ulong (object, CKA_PARAMETER_SET, CK_UNAVAILABLE_INFORMATION));
}

static gboolean
can_make (const char *name)
{
	OSSL_LIB_CTX *libctx = craton_drbg_context ();
	EVP_PKEY_CTX *context =
		libctx == NULL ? NULL : EVP_PKEY_CTX_new_from_name (libctx, name, NULL);
	gboolean can = context != NULL && EVP_PKEY_keygen_init (context) == 1;

	EVP_PKEY_CTX_free (context);
	ERR_clear_error ();
	return can;
}

gboolean
craton_pq_available (const CratonMech *mech)
{
	/* Of each family, by its first set: 0 not asked yet, 1 no, 2 yes. */
	static gsize answers[G_N_ELEMENTS (sets)];
	gsize i = 0;

	while (sets[i].type != mech->key_type)
		i++;
	if (g_once_init_enter (&answers[i]))
		g_once_init_leave (&answers[i], can_make (sets[i].name) ? 2 : 1);
	return answers[i] == 2;
}

/* --- attributes to EVP_PKEY --- */

static EVP_PKEY *
from_values (const CratonPqSet *set, int selection, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *context =
		EVP_PKEY_CTX_new_from_name (craton_drbg_context (), set->name, NULL);
	EVP_PKEY *pkey = NULL;

	if (context != NULL && EVP_PKEY_fromdata_init (context) == 1 &&
	    EVP_PKEY_fromdata (context, &pkey, selection, params) != 1)
		pkey = NULL;
	EVP_PKEY_CTX_free (context);
	ERR_clear_error ();
	return pkey;
}

static OSSL_PARAM
octets (const char *name, const CK_BYTE *value, gsize len)
{
	return OSSL_PARAM_construct_octet_string (name, (void *) value, len);
}

/* From either or both; libcrypto refuses a value and a seed that do not belong together. */
static CK_RV
make_private (const CratonPqSet *set, const CK_BYTE *value, gsize value_len, const CK_BYTE *seed,
              gsize seed_len, EVP_PKEY **ret_pkey)
{
	OSSL_PARAM params[3];
	gsize n = 0;

	if (set == NULL)
		return CKR_PARAMETER_SET_NOT_SUPPORTED;
	if (value_len > 0) {
		if (value_len != set->private_len)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		params[n++] = octets (OSSL_PKEY_PARAM_PRIV_KEY, value, value_len);
	}
	if (seed_len > 0) {
		if (seed_len != set->seed_len)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		params[n++] = octets (PARAM_SEED, seed, seed_len);
	}
	params[n] = OSSL_PARAM_construct_end ();
	*ret_pkey = n == 0 ? NULL : from_values (set, EVP_PKEY_KEYPAIR, params);
	return *ret_pkey == NULL ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_OK;
}

CK_RV
craton_pq_parse (const CratonObject *object, gboolean private, EVP_PKEY **ret_pkey)
{
	const CratonPqSet *set = craton_pq_set_of (object);
	gsize value_len = 0, seed_len = 0;
	const CK_BYTE *value = craton_object_get (object, CKA_VALUE, &value_len);
	const CK_BYTE *seed = craton_object_get (object, CKA_SEED, &seed_len);
	OSSL_PARAM params[2];

	if (private)
		return make_private (set, value, value_len, seed, seed_len, ret_pkey);
	if (set == NULL)
		return CKR_PARAMETER_SET_NOT_SUPPORTED;
	if (value == NULL || value_len != set->public_len)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	params[0] = octets (OSSL_PKEY_PARAM_PUB_KEY, value, value_len);
	params[1] = OSSL_PARAM_construct_end ();
	*ret_pkey = from_values (set, EVP_PKEY_PUBLIC_KEY, params);
	return *ret_pkey == NULL ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_OK;
}

CK_RV
craton_pq_expand (CK_KEY_TYPE type, CK_ULONG set, const CK_BYTE *seed, gsize seed_len,
                  CK_BYTE *ret_value, gsize *ret_len)
{
	EVP_PKEY *pkey = NULL;
	CK_RV rv = make_private (find_set (type, set), NULL, 0, seed, seed_len, &pkey);

	if (rv == CKR_OK &&
	    EVP_PKEY_get_octet_string_param (pkey, OSSL_PKEY_PARAM_PRIV_KEY, ret_value,
	                                     CRATON_PQ_VALUE_MAX, ret_len) != 1)
		rv = CKR_FUNCTION_FAILED;
	EVP_PKEY_free (pkey);
	return rv;
}

/* --- EVP_PKEY to attributes --- */

static void
add_octets (EVP_PKEY *pkey, const char *param, CK_ATTRIBUTE_TYPE type, CratonKeyAttrs *attrs)
{
	CK_BYTE value[CRATON_PQ_VALUE_MAX];
	gsize len = 0;

	if (EVP_PKEY_get_octet_string_param (pkey, param, value, sizeof value, &len) == 1)
		craton_key_attrs_add (attrs, type, value, len);
	else if (type != CKA_SEED) /* a key that was imported without one has none */
		attrs->failed = TRUE;
	OPENSSL_cleanse (value, sizeof value);
}

CK_RV
craton_pq_attrs (EVP_PKEY *pkey, CK_OBJECT_CLASS class, CK_KEY_TYPE type, CratonKeyAttrs *attrs)
{
	const CratonPqSet *set = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS (sets) && set == NULL; i++)
		if (sets[i].type == type && EVP_PKEY_is_a (pkey, sets[i].name))
			set = &sets[i];
	if (set == NULL)
		return CKR_KEY_TYPE_INCONSISTENT;
	craton_key_attrs_add_ulong (attrs, CKA_CLASS, class);
	craton_key_attrs_add_ulong (attrs, CKA_KEY_TYPE, type);
	craton_key_attrs_add_ulong (attrs, CKA_PARAMETER_SET, set->set);
	if (class == CKO_PUBLIC_KEY) {
		add_octets (pkey, OSSL_PKEY_PARAM_PUB_KEY, CKA_VALUE, attrs);
	} else {
		add_octets (pkey, OSSL_PKEY_PARAM_PRIV_KEY, CKA_VALUE, attrs);
		if (set->seed_len > 0)
			add_octets (pkey, PARAM_SEED, CKA_SEED, attrs);
	}
	ERR_clear_error ();
	return attrs->failed ? CKR_HOST_MEMORY : CKR_OK;
}

CK_RV
craton_pq_generate_pair (CratonSession *session, const CratonMech *mech,
                         const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *public_template,
                         CK_ULONG n_public, const CK_ATTRIBUTE *private_template,
                         CK_ULONG n_private, CK_OBJECT_HANDLE *ret_public,
                         CK_OBJECT_HANDLE *ret_private)
{
	const CratonPqSet *set;
	EVP_PKEY *pkey;
	CK_ULONG number;
	CK_RV rv = craton_key_attrs_find_ulong (public_template, n_public, CKA_PARAMETER_SET,
	                                        &number);

	(void) mechanism;
	if (rv != CKR_OK)
		return rv;
	set = find_set (mech->key_type, number);
	if (set == NULL)
		return CKR_PARAMETER_SET_NOT_SUPPORTED;
	pkey = EVP_PKEY_Q_keygen (craton_drbg_context (), NULL, set->name);
	if (pkey == NULL)
		return CKR_FUNCTION_FAILED;
	rv = craton_mech_key_publish_pair (session, mech->type, mech->key_type, pkey, NULL,
	                                   public_template, n_public, private_template, n_private,
	                                   ret_public, ret_private);
	EVP_PKEY_free (pkey);
	return rv;
}
