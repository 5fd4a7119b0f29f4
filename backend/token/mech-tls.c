/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The key derivation of TLS 1.2 (RFC 5246, 7627, 5705; PKCS#11 3.2, TLS 1.2 Mechanisms): master
 * secrets and exported keys. Parameters are the client's. Called by derive.c through the rows.
 */
#include "config.h"

#include "mech-tls.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

/* Of labels, contexts and hashes, in bytes; RFC 5705 has two bytes for the context's. */
#define TLS_DATA_MAX 65535
#define TLS_KDF_MAX 16384

typedef struct {
	gboolean any_len; /* the pre-master secret is Diffie-Hellman's, without a version in it */
} Detail;

CK_RV
craton_tls_prf_init (CratonPrf *prf, CK_MECHANISM_TYPE digest, const CratonObject *key)
{
	gsize len = 0;
	const CK_BYTE *value = craton_derive_value (key, &len);

	if (digest != CKM_SHA256 && digest != CKM_SHA384 && digest != CKM_SHA512)
		return CKR_MECHANISM_PARAM_INVALID;
	return craton_prf_init_hmac (prf, craton_algs_hash_of (digest), value, len);
}

gboolean
craton_tls_is_random (const CK_SSL3_RANDOM_DATA *random)
{
	return random->pClientRandom != NULL && random->pServerRandom != NULL &&
	       random->ulClientRandomLen == CRATON_TLS_RANDOM_LEN &&
	       random->ulServerRandomLen == CRATON_TLS_RANDOM_LEN;
}

/* A master secret is for these only (PKCS#11 3.2, Master key derivation). */
static const CK_MECHANISM_TYPE master_uses[] = {
	CKM_TLS12_KEY_AND_MAC_DERIVE,
	CKM_TLS12_KEY_SAFE_DERIVE,
	CKM_TLS_KDF,
	CKM_TLS_MAC,
	CKM_TLS12_KDF,
	CKM_TLS12_MAC,
};

static CK_RV
publish_master (CratonSession *session, CratonObject *base, const CratonPrf *prf,
                const CratonChunk *seed, gsize n_seed, const CK_ATTRIBUTE *template,
                CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	const CK_ATTRIBUTE uses = { CKA_ALLOWED_MECHANISMS, (void *) master_uses,
		                    sizeof master_uses };
	g_autofree CK_ATTRIBUTE *extended = NULL;
	CK_BYTE master[CRATON_TLS_MASTER_LEN];
	CratonDerivation from;
	CratonDerived derived;
	CK_ULONG n = 0;
	CK_RV rv = craton_derive_plan (template, n_attrs, sizeof master, sizeof master, &derived);

	if (rv != CKR_OK)
		return rv;
	if (derived.type != CKK_GENERIC_SECRET || derived.len != sizeof master)
		return CKR_TEMPLATE_INCONSISTENT;
	extended = craton_derive_template (template, n_attrs, NULL, &uses, 1, &n);
	if (extended == NULL)
		return CKR_ARGUMENTS_BAD;
	derived.template = extended;
	derived.n_attrs = n;
	derived.value = master;
	craton_derive_from (&from, session, base, CRATON_INHERIT_NOTHING);
	rv = craton_prf_tls (prf, seed, n_seed, master, sizeof master);
	if (rv == CKR_OK)
		rv = craton_derive_publish_all (&from, &derived, 1, NULL, ret_key);
	OPENSSL_cleanse (master, sizeof master);
	return rv;
}

/* RSA's pre-master secrets begin with the client's version, and the caller may ask for it. */
static CK_RV
check_version (const CratonMech *mech, const CK_VERSION *version)
{
	const Detail *detail = mech->detail;

	return detail->any_len && version != NULL ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

static void
tell_version (const CratonObject *base, CK_VERSION *version)
{
	const CK_BYTE *value = craton_derive_value (base, NULL);

	if (version == NULL)
		return;
	version->major = value[0];
	version->minor = value[1];
}

static CK_RV
derive_master (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
               CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
               CK_OBJECT_HANDLE *ret_key)
{
	g_auto (CratonPrf) prf = { 0 };
	CK_TLS12_MASTER_KEY_DERIVE_PARAMS params;
	CratonChunk seed[3] = { { "master secret", 13 } };
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	rv = check_version (mech, params.pVersion);
	if (rv == CKR_OK && !craton_tls_is_random (&params.RandomInfo))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK)
		rv = craton_tls_prf_init (&prf, params.prfHashMechanism, base);
	seed[1] = (CratonChunk){ params.RandomInfo.pClientRandom, CRATON_TLS_RANDOM_LEN };
	seed[2] = (CratonChunk){ params.RandomInfo.pServerRandom, CRATON_TLS_RANDOM_LEN };
	if (rv == CKR_OK)
		rv = publish_master (session, base, &prf, seed, 3, template, n_attrs, ret_key);
	if (rv == CKR_OK)
		tell_version (base, params.pVersion);
	return rv;
}

static CK_RV
derive_extended_master (CratonSession *session, const CratonMech *mech,
                        const CK_MECHANISM *mechanism, CratonObject *base,
                        const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	g_auto (CratonPrf) prf = { 0 };
	CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS params;
	CratonChunk seed[2] = { { "extended master secret", 22 } };
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	rv = check_version (mech, params.pVersion);
	if (rv == CKR_OK && (params.pSessionHash == NULL || params.ulSessionHashLen < 1))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK)
		rv = craton_tls_prf_init (&prf, params.prfHashMechanism, base);
	/* RFC 7627, 3: the hash is that of the function. */
	if (rv == CKR_OK && params.ulSessionHashLen != prf.len)
		rv = CKR_MECHANISM_PARAM_INVALID;
	seed[1] = (CratonChunk){ params.pSessionHash, params.ulSessionHashLen };
	if (rv == CKR_OK)
		rv = publish_master (session, base, &prf, seed, 2, template, n_attrs, ret_key);
	if (rv == CKR_OK)
		tell_version (base, params.pVersion);
	return rv;
}

/* The mechanism serves for labels and random numbers of other protocols, too. */
static CK_RV
check_kdf (const CK_TLS_KDF_PARAMS *params)
{
	const CK_SSL3_RANDOM_DATA *random = &params->RandomInfo;
	const CratonChunk chunks[] = { { params->pLabel, params->ulLabelLength },
		                       { random->pClientRandom, random->ulClientRandomLen },
		                       { random->pServerRandom, random->ulServerRandomLen } };

	for (gsize i = 0; i < G_N_ELEMENTS (chunks); i++)
		if (chunks[i].bytes == NULL || chunks[i].len < 1 || chunks[i].len > TLS_DATA_MAX)
			return CKR_MECHANISM_PARAM_INVALID;
	if (params->ulContextDataLength > TLS_DATA_MAX ||
	    (params->pContextData == NULL && params->ulContextDataLength > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

/* RFC 5705, 4 */
static CK_RV
run_kdf (const CratonPrf *prf, const CK_TLS_KDF_PARAMS *params, CK_BYTE *value, gsize len)
{
	const CK_SSL3_RANDOM_DATA *random = &params->RandomInfo;
	const CK_BYTE context_len[2] = { (CK_BYTE) (params->ulContextDataLength >> 8),
		                         (CK_BYTE) params->ulContextDataLength };
	const CratonChunk seed[] = {
		{ params->pLabel, params->ulLabelLength },
		{ random->pClientRandom, random->ulClientRandomLen },
		{ random->pServerRandom, random->ulServerRandomLen },
		{ context_len, sizeof context_len },
		{ params->pContextData, params->ulContextDataLength },
	};

	return craton_prf_tls (prf, seed, params->pContextData != NULL ? 5 : 3, value, len);
}

static CK_RV
derive_kdf (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
            CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
            CK_OBJECT_HANDLE *ret_key)
{
	g_auto (CratonPrf) prf = { 0 };
	CK_TLS_KDF_PARAMS params;
	CratonDerivation from;
	CratonDerived derived;
	CK_BYTE *value;
	CK_RV rv;

	(void) mech;
	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	rv = check_kdf (&params);
	if (rv == CKR_OK)
		rv = craton_tls_prf_init (&prf, params.prfMechanism, base);
	if (rv == CKR_OK)
		rv = craton_derive_plan (template, n_attrs, 0, TLS_KDF_MAX, &derived);
	if (rv != CKR_OK)
		return rv;
	value = OPENSSL_malloc (derived.len);
	if (value == NULL)
		return CKR_HOST_MEMORY;
	rv = run_kdf (&prf, &params, value, derived.len);
	derived.value = value;
	craton_derive_from (&from, session, base, CRATON_INHERIT_GUARD);
	if (rv == CKR_OK)
		rv = craton_derive_publish_all (&from, &derived, 1, NULL, ret_key);
	OPENSSL_clear_free (value, derived.len);
	return rv;
}

#define SECRET(mechanism, least, most)                                                      \
	.type = mechanism, .key_type = CKK_GENERIC_SECRET, .key_type2 = CKK_GENERIC_SECRET, \
	.min_size = least, .max_size = most, .marks = CRATON_MECH_APPROVED,                 \
	.approved_min = CRATON_APPROVED_BYTES, .selftests = { CRATON_SELFTEST_NAMED }
#define FROM_RSA(mechanism, function)                                             \
	{                                                                         \
		SECRET (mechanism, CRATON_TLS_MASTER_LEN, CRATON_TLS_MASTER_LEN), \
			.flags = CKF_DERIVE, .detail = &(const Detail){ FALSE },  \
			.derive = function                                        \
	}
#define FROM_DH(mechanism, function)                                                               \
	{                                                                                          \
		SECRET (mechanism, 1, CRATON_BASE_MAX),                                            \
			.flags = CKF_DERIVE, .detail = &(const Detail){ TRUE }, .derive = function \
	}
#define KEYS(mechanism)                                                           \
	{                                                                         \
		SECRET (mechanism, CRATON_TLS_MASTER_LEN, CRATON_TLS_MASTER_LEN), \
			.flags = CKF_DERIVE, .derives_into_param = TRUE,          \
			.derive = craton_tls_derive_keys                          \
	}
#define KDF(mechanism)                                                                            \
	{                                                                                         \
		SECRET (mechanism, 1, CRATON_BASE_MAX), .flags = CKF_DERIVE, .derive = derive_kdf \
	}
#define MAC(mechanism)                                                                  \
	{                                                                               \
		SECRET (mechanism, 1, CRATON_BASE_MAX), .flags = CKF_SIGN | CKF_VERIFY, \
							.sign = &craton_tls_mac         \
	}

static const CratonMech rows[] = {
	FROM_RSA (CKM_TLS12_MASTER_KEY_DERIVE, derive_master),
	FROM_DH (CKM_TLS12_MASTER_KEY_DERIVE_DH, derive_master),
	FROM_RSA (CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, derive_extended_master),
	FROM_DH (CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH, derive_extended_master),
	KEYS (CKM_TLS12_KEY_AND_MAC_DERIVE),
	KEYS (CKM_TLS12_KEY_SAFE_DERIVE),
	KDF (CKM_TLS_KDF),
	KDF (CKM_TLS12_KDF),
	MAC (CKM_TLS_MAC),
	MAC (CKM_TLS12_MAC),
};

const CratonMechFamily craton_mech_tls = { rows, G_N_ELEMENTS (rows) };
