/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The key derivation of IKE (RFC 2409, RFC 7296; PKCS#11 3.2, IKE Mechanisms). Parameters are the
 * client's. Called by derive.c through the rows.
 */
#include "config.h"

#include "derive.h"
#include "key-attrs.h"
#include "mech.h"
#include "prf.h"
#include "session.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

/* Of nonces, cookies and seeds, in bytes. */
#define IKE_DATA_MAX 65536

/* What the four have in common. */
typedef struct {
	CratonDerivation from;
	const CratonMech *mech;
	CratonPrf prf;
	CratonObject *keys[2]; /* counted */
	CratonChunk seed[CRATON_PRF_SEED_MAX];
	gsize n_seed;
	const CK_ATTRIBUTE *template;
	CK_ULONG n_attrs;
} Ike;

static void
ike_clear (Ike *ike)
{
	craton_prf_clear (&ike->prf);
	craton_object_unref (ike->keys[0]);
	craton_object_unref (ike->keys[1]);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Ike, ike_clear)

static gboolean
seed_data (Ike *ike, const CK_BYTE *bytes, CK_ULONG len)
{
	if ((bytes == NULL && len > 0) || len > IKE_DATA_MAX)
		return FALSE;
	ike->seed[ike->n_seed++] = (CratonChunk){ bytes, len };
	return TRUE;
}

static CK_RV
seed_key (Ike *ike, guint i, CK_OBJECT_HANDLE handle)
{
	gsize len = 0;
	const CK_BYTE *value;
	CK_RV rv = craton_derive_find_key (ike->from.session, ike->mech, handle, &ike->keys[i]);

	if (rv != CKR_OK)
		return rv;
	value = craton_derive_value (ike->keys[i], &len);
	ike->seed[ike->n_seed++] = (CratonChunk){ value, len };
	return CKR_OK;
}

static CK_RV
key_prf (Ike *ike, CK_MECHANISM_TYPE mac)
{
	gsize len = 0;
	const CK_BYTE *value = craton_derive_value (ike->from.base, &len);

	return craton_prf_init (&ike->prf, ike->from.session, mac, value, len);
}

/* The IKE mechanisms say so of a length that the function cannot make. */
static CK_RV
check_len (const Ike *ike, CK_ULONG least, CK_ULONG most)
{
	CK_ULONG len;
	CK_RV rv = craton_key_attrs_find_ulong (ike->template, ike->n_attrs, CKA_VALUE_LEN, &len);

	if (rv == CKR_TEMPLATE_INCOMPLETE)
		return CKR_OK;
	return rv == CKR_OK && (len < least || len > most) ? CKR_KEY_SIZE_RANGE : rv;
}

static CK_RV
publish (Ike *ike, CratonDerived *derived, const CK_BYTE *value, CK_OBJECT_HANDLE *ret_key)
{
	derived->value = value;
	return craton_derive_publish_all (&ike->from, derived, 1, NULL, ret_key);
}

/* One result of the function over the seed. */
static CK_RV
publish_one (Ike *ike, CratonDerived *derived, CK_OBJECT_HANDLE *ret_key)
{
	CK_BYTE value[CRATON_PRF_LEN_MAX];
	CK_RV rv = craton_prf_run (&ike->prf, ike->seed, ike->n_seed, value);

	if (rv == CKR_OK)
		rv = publish (ike, derived, value, ret_key);
	OPENSSL_cleanse (value, sizeof value);
	return rv;
}

/* As many results as the key is long. */
static CK_RV
publish_many (Ike *ike, CratonDerived *derived, const CratonChunk *start, gboolean counted,
              CK_OBJECT_HANDLE *ret_key)
{
	CK_BYTE *value = OPENSSL_malloc (derived->len);
	CK_RV rv;

	if (value == NULL)
		return CKR_HOST_MEMORY;
	rv = craton_prf_feed_back (&ike->prf, start, ike->seed, ike->n_seed, counted, value,
	                           derived->len);
	if (rv == CKR_OK)
		rv = publish (ike, derived, value, ret_key);
	OPENSSL_clear_free (value, derived->len);
	return rv;
}

/* The nonces are the key, what the base key is is the data. */
static CK_RV
key_prf_with_nonces (Ike *ike, const CK_IKE_PRF_DERIVE_PARAMS *params)
{
	gsize len = 0;
	const CK_BYTE *value = craton_derive_value (ike->from.base, &len);
	CK_BYTE *nonces;
	gsize n = params->ulNiLen + params->ulNrLen;
	CK_RV rv;

	nonces = OPENSSL_malloc (n);
	if (nonces == NULL)
		return CKR_HOST_MEMORY;
	memcpy (nonces, params->pNi, params->ulNiLen);
	memcpy (nonces + params->ulNiLen, params->pNr, params->ulNrLen);
	rv = craton_prf_init (&ike->prf, ike->from.session, params->prfMechanism, nonces, n);
	/* There is no key of a wrong length here. */
	if (rv == CKR_KEY_SIZE_RANGE)
		rv = CKR_MECHANISM_PARAM_INVALID;
	OPENSSL_free (nonces);
	ike->seed[0] = (CratonChunk){ value, len };
	ike->n_seed = 1;
	return rv;
}

/* SKEYID and SKEYSEED */
static CK_RV
derive_first (Ike *ike, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE *ret_key)
{
	CK_IKE_PRF_DERIVE_PARAMS params;
	CK_MECHANISM mac = { 0 };
	const CratonMech *row;
	CratonDerived derived;
	CK_RV rv = CKR_OK;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.bDataAsKey && params.bRekey)
		return CKR_ARGUMENTS_BAD;
	if (params.pNi == NULL || params.ulNiLen < 1 || params.ulNiLen > IKE_DATA_MAX ||
	    params.pNr == NULL || params.ulNrLen < 1 || params.ulNrLen > IKE_DATA_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	if (params.bDataAsKey)
		rv = key_prf_with_nonces (ike, &params);
	else
		rv = key_prf (ike, params.prfMechanism);
	if (rv == CKR_OK && params.bRekey)
		rv = seed_key (ike, 0, params.hNewKey);
	if (rv == CKR_OK && !params.bDataAsKey) {
		(void) seed_data (ike, params.pNi, params.ulNiLen);
		(void) seed_data (ike, params.pNr, params.ulNrLen);
	}
	if (rv == CKR_OK)
		rv = check_len (ike, ike->prf.len, ike->prf.len);
	mac.mechanism = params.prfMechanism;
	if (rv == CKR_OK)
		rv = craton_session_mech (ike->from.session, &mac, CKF_SIGN, &row);
	if (rv != CKR_OK)
		return rv;
	rv = craton_derive_plan_type (ike->template, ike->n_attrs, row->key_type2, ike->prf.len,
	                              ike->prf.len, &derived);
	return rv == CKR_OK ? publish_one (ike, &derived, ret_key) : rv;
}

/* SKEYID_d, _a and _e */
static CK_RV
derive_ike1 (Ike *ike, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE *ret_key)
{
	CK_IKE1_PRF_DERIVE_PARAMS params;
	CratonChunk number;
	CratonDerived derived;
	CK_BYTE cookies[2 * 64];
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.pCKYi == NULL || params.ulCKYiLen < 1 || params.ulCKYiLen > sizeof cookies / 2 ||
	    params.pCKYr == NULL || params.ulCKYrLen < 1 || params.ulCKYrLen > sizeof cookies / 2)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (cookies, params.pCKYi, params.ulCKYiLen);
	memcpy (cookies + params.ulCKYiLen, params.pCKYr, params.ulCKYrLen);
	rv = key_prf (ike, params.prfMechanism);
	if (rv == CKR_OK && params.bHasPrevKey)
		rv = seed_key (ike, 1, params.hPrevKey);
	if (rv == CKR_OK)
		rv = seed_key (ike, 0, params.hKeygxy);
	if (rv != CKR_OK)
		return rv;
	number = (CratonChunk){ &params.keyNumber, 1 };
	(void) seed_data (ike, cookies, params.ulCKYiLen + params.ulCKYrLen);
	ike->seed[ike->n_seed++] = number;
	rv = check_len (ike, 0, ike->prf.len);
	if (rv == CKR_OK &&
	    craton_key_attrs_find (ike->template, ike->n_attrs, CKA_KEY_TYPE) == NULL)
		rv = CKR_TEMPLATE_INCOMPLETE;
	if (rv == CKR_OK)
		rv = craton_derive_plan (ike->template, ike->n_attrs, ike->prf.len, ike->prf.len,
		                         &derived);
	return rv == CKR_OK ? publish_one (ike, &derived, ret_key) : rv;
}

/* prf+ */
static CK_RV
derive_ike2 (Ike *ike, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE *ret_key)
{
	CK_IKE2_PRF_PLUS_DERIVE_PARAMS params;
	CratonDerived derived;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	rv = key_prf (ike, params.prfMechanism);
	if (rv == CKR_OK && params.bHasSeedKey)
		rv = seed_key (ike, 0, params.hSeedKey);
	if (rv == CKR_OK && !seed_data (ike, params.pSeedData, params.ulSeedDataLen))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK)
		rv = check_len (ike, 0, 255 * ike->prf.len);
	if (rv == CKR_OK)
		rv = craton_derive_plan (ike->template, ike->n_attrs, 0, 255 * ike->prf.len,
		                         &derived);
	return rv == CKR_OK ? publish_many (ike, &derived, NULL, TRUE, ret_key) : rv;
}

/* RFC 2409, 5.5 and appendix B */
static CK_RV
derive_extended (Ike *ike, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE *ret_key)
{
	static const CratonChunk zero = { "", 1 };
	CK_IKE1_EXTENDED_DERIVE_PARAMS params;
	CratonDerived derived;
	gsize base_len = 0;
	const CK_BYTE *base = craton_derive_value (ike->from.base, &base_len);
	gboolean plain;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	plain = !params.bHasKeygxy && params.ulExtraDataLen == 0;
	rv = key_prf (ike, params.prfMechanism);
	if (rv == CKR_OK && params.bHasKeygxy)
		rv = seed_key (ike, 0, params.hKeygxy);
	if (rv == CKR_OK && !seed_data (ike, params.pExtraData, params.ulExtraDataLen))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK)
		rv = check_len (ike, 0, 255 * ike->prf.len);
	if (rv == CKR_OK)
		rv = craton_derive_plan (ike->template, ike->n_attrs, 0, 255 * ike->prf.len,
		                         &derived);
	if (rv != CKR_OK)
		return rv;
	/* Appendix B: a key that is long enough is cut. It is the same key then, no less hidden. */
	if (plain && derived.len <= MIN (base_len, ike->prf.len)) {
		ike->from.inherit = CRATON_INHERIT_GUARD;
		return publish (ike, &derived, base, ret_key);
	}
	return publish_many (ike, &derived, plain ? &zero : NULL, FALSE, ret_key);
}

typedef CK_RV (*Derive) (Ike *ike, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE *ret_key);

static CK_RV
ike_derive (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
            CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
            CK_OBJECT_HANDLE *ret_key)
{
	g_auto (Ike) ike = { .mech = mech, .template = template, .n_attrs = n_attrs };

	craton_derive_from (&ike.from, session, base, CRATON_INHERIT_NOTHING);
	return (*(const Derive *) mech->detail) (&ike, mechanism, ret_key);
}

#define ROW(mechanism, function)                                                                 \
	{                                                                                        \
		.type = mechanism, .key_type = CKK_GENERIC_SECRET,                               \
		.key_type2 = CKK_GENERIC_SECRET, .any_secret = TRUE, .min_size = 1,              \
		.max_size = CRATON_BASE_MAX, .flags = CKF_DERIVE, .marks = CRATON_MECH_APPROVED, \
		.approved_min = CRATON_APPROVED_BYTES,                                           \
		.selftests = { CRATON_SELFTEST_NAMED },                                          \
		.detail = &(const Derive){ function }, .derive = ike_derive,                     \
	}

static const CratonMech rows[] = {
	ROW (CKM_IKE_PRF_DERIVE, derive_first),
	ROW (CKM_IKE1_PRF_DERIVE, derive_ike1),
	ROW (CKM_IKE2_PRF_PLUS_DERIVE, derive_ike2),
	ROW (CKM_IKE1_EXTENDED_DERIVE, derive_extended),
};

const CratonMechFamily craton_mech_ike = { rows, G_N_ELEMENTS (rows) };
