/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of a TLS 1.2 connection (RFC 5246, 6.3; PKCS#11 3.2, Key and MAC derivation): four keys
 * and two initial vectors from a master secret, all or none. The parameter's structures are a
 * private copy with the client's content. Called by derive.c through the rows of mech-tls.c.
 */
#include "config.h"

#include "mech-tls.h"

#include "key-attrs.h"

#include <openssl/crypto.h>
#include <string.h>

/* No suite has a key, a MAC key or an initial vector that is longer, in bytes. */
#define PART_MAX 256

enum {
	CLIENT_MAC,
	SERVER_MAC,
	CLIENT_KEY,
	SERVER_KEY,
	N_KEYS
};

typedef struct {
	CK_TLS12_KEY_MAT_PARAMS params;
	gsize mac_len, key_len, iv_len;
	CK_ATTRIBUTE *mac_template, *key_template; /* owned */
	CratonDerived derived[N_KEYS];
	guint n_derived;
} Material;

static void
material_clear (Material *material)
{
	g_free (material->mac_template);
	g_free (material->key_template);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Material, material_clear)

static gboolean
read_len (CK_ULONG bits, gsize *ret_len)
{
	*ret_len = bits / 8;
	return bits % 8 == 0 && bits / 8 <= PART_MAX;
}

static CK_RV
read_params (Material *material, const CratonMech *mech, const CK_MECHANISM *mechanism)
{
	CK_TLS12_KEY_MAT_PARAMS *params = &material->params;
	const CK_SSL3_KEY_MAT_OUT *out;

	if (!craton_mech_has_parameter (mechanism, sizeof *params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (params, mechanism->pParameter, sizeof *params);
	out = params->pReturnedKeyMaterial;
	if (mech->type == CKM_TLS12_KEY_SAFE_DERIVE)
		params->ulIVSizeInBits = 0;
	if (out == NULL || params->bIsExport || !craton_tls_is_random (&params->RandomInfo) ||
	    !read_len (params->ulMacSizeInBits, &material->mac_len) ||
	    !read_len (params->ulKeySizeInBits, &material->key_len) ||
	    !read_len (params->ulIVSizeInBits, &material->iv_len))
		return CKR_MECHANISM_PARAM_INVALID;
	if (material->iv_len > 0 && (out->pIVClient == NULL || out->pIVServer == NULL))
		return CKR_MECHANISM_PARAM_INVALID;
	/* Without keys the initial vectors would be what is a key otherwise, in the clear. */
	if (material->mac_len == 0 && material->key_len == 0)
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

/* The template is about the keys of the cipher: what it says of their type and use is not true of
 * the MAC keys. */
static CK_RV
plan_macs (Material *material, const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	static const CK_BBOOL yes = CK_TRUE;
	static const CK_ATTRIBUTE_TYPE drop[] = { CKA_KEY_TYPE,
		                                  CKA_VALUE_LEN,
		                                  CKA_ENCRYPT,
		                                  CKA_DECRYPT,
		                                  CKA_WRAP,
		                                  CKA_UNWRAP,
		                                  CKA_SIGN,
		                                  CKA_VERIFY,
		                                  CKA_DERIVE,
		                                  CKA_CHECK_VALUE,
		                                  CKA_ALLOWED_MECHANISMS,
		                                  0 };
	const CK_ATTRIBUTE more[] = {
		{ CKA_SIGN, (void *) &yes, sizeof yes },
		{ CKA_VERIFY, (void *) &yes, sizeof yes },
	};
	CratonDerived derived;
	CK_ULONG n = 0;
	CK_RV rv;

	if (material->mac_len == 0)
		return CKR_OK;
	material->mac_template =
		craton_derive_template (template, n_attrs, drop, more, G_N_ELEMENTS (more), &n);
	if (material->mac_template == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_derive_plan (material->mac_template, n, material->mac_len, material->mac_len,
	                         &derived);
	if (rv == CKR_OK)
		for (int i = CLIENT_MAC; i <= SERVER_MAC; i++)
			material->derived[material->n_derived++] = derived;
	return rv;
}

static CK_RV
plan_keys (Material *material, const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	static const CK_ATTRIBUTE_TYPE by_default[] = { CKA_ENCRYPT, CKA_DECRYPT, CKA_DERIVE };
	static const CK_BBOOL yes = CK_TRUE;
	CK_ATTRIBUTE more[G_N_ELEMENTS (by_default)];
	CratonDerived derived;
	CK_ULONG n = 0, n_more = 0;
	CK_RV rv;

	if (material->key_len == 0)
		return CKR_OK;
	if (craton_key_attrs_find (template, n_attrs, CKA_KEY_TYPE) == NULL)
		return CKR_TEMPLATE_INCOMPLETE;
	for (gsize i = 0; i < G_N_ELEMENTS (by_default); i++)
		if (craton_key_attrs_find (template, n_attrs, by_default[i]) == NULL)
			more[n_more++] = (CK_ATTRIBUTE){ by_default[i], (void *) &yes, sizeof yes };
	material->key_template = craton_derive_template (template, n_attrs, NULL, more, n_more, &n);
	if (material->key_template == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_derive_plan (material->key_template, n, material->key_len, material->key_len,
	                         &derived);
	if (rv == CKR_OK && derived.len != material->key_len)
		rv = CKR_TEMPLATE_INCONSISTENT;
	if (rv == CKR_OK)
		for (int i = CLIENT_KEY; i <= SERVER_KEY; i++)
			material->derived[material->n_derived++] = derived;
	return rv;
}

/* RFC 5246, 6.3: the server's random number comes first. */
static CK_RV
run (const Material *material, const CratonObject *base, CK_BYTE *block, gsize len)
{
	g_auto (CratonPrf) prf = { 0 };
	const CK_SSL3_RANDOM_DATA *random = &material->params.RandomInfo;
	const CratonChunk seed[] = { { "key expansion", 13 },
		                     { random->pServerRandom, CRATON_TLS_RANDOM_LEN },
		                     { random->pClientRandom, CRATON_TLS_RANDOM_LEN } };
	CK_RV rv = craton_tls_prf_init (&prf, material->params.prfHashMechanism, base);

	return rv == CKR_OK ? craton_prf_tls (&prf, seed, G_N_ELEMENTS (seed), block, len) : rv;
}

static CK_RV
publish (Material *material, CratonSession *session, CratonObject *base, const CK_BYTE *block)
{
	CK_SSL3_KEY_MAT_OUT *out = material->params.pReturnedKeyMaterial;
	CK_OBJECT_HANDLE *const places[N_KEYS] = { &out->hClientMacSecret, &out->hServerMacSecret,
		                                   &out->hClientKey, &out->hServerKey };
	CK_OBJECT_HANDLE handles[N_KEYS];
	CratonDerivation from;
	guint first = material->mac_len == 0 ? CLIENT_KEY : CLIENT_MAC;
	CK_RV rv;

	for (guint i = 0; i < material->n_derived; i++) {
		material->derived[i].value = block;
		block += material->derived[i].len;
	}
	craton_derive_from (&from, session, base, CRATON_INHERIT_SAME);
	rv = craton_derive_publish_all (&from, material->derived, material->n_derived, NULL,
	                                handles);
	if (rv != CKR_OK)
		return rv;
	for (guint i = 0; i < N_KEYS; i++)
		*places[i] = i >= first && i - first < material->n_derived ? handles[i - first]
		                                                           : CK_INVALID_HANDLE;
	if (material->iv_len > 0) {
		memcpy (out->pIVClient, block, material->iv_len);
		memcpy (out->pIVServer, block + material->iv_len, material->iv_len);
	}
	return CKR_OK;
}

CK_RV
craton_tls_derive_keys (CratonSession *session, const CratonMech *mech,
                        const CK_MECHANISM *mechanism, CratonObject *base,
                        const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	g_auto (Material) material = { .n_derived = 0 };
	CK_BYTE block[6 * PART_MAX];
	CK_RV rv = read_params (&material, mech, mechanism);

	(void) ret_key;
	if (rv == CKR_OK)
		rv = plan_macs (&material, template, n_attrs);
	if (rv == CKR_OK)
		rv = plan_keys (&material, template, n_attrs);
	if (rv == CKR_OK)
		rv = run (&material, base, block,
		          2 * (material.mac_len + material.key_len + material.iv_len));
	if (rv == CKR_OK)
		rv = publish (&material, session, base, block);
	OPENSSL_cleanse (block, sizeof block);
	return rv;
}
