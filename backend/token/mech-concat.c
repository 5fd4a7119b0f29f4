/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Simple key derivation (PKCS#11 3.2, Miscellaneous simple key derivation mechanisms, and Hash-based
 * key derivation): a key and a key or data one behind the other, or one over the other, bits out of
 * a key, the digest of a key. Parameters are the client's. Called by derive.c through the rows.
 */
#include "config.h"

#include "algs.h"
#include "derive.h"
#include "key-attrs.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

/* The two strings that a mechanism works on. */
typedef struct {
	const CK_BYTE *a, *b;
	gsize a_len, b_len;
} Pair;

/* Takes both from the base key, the value of the derived key. */
typedef struct {
	gsize (*len) (const Pair *pair);
	void (*make) (const Pair *pair, CK_BYTE *value, gsize len);
	gboolean data_first;
} Detail;

static gsize
sum_len (const Pair *pair)
{
	return pair->a_len + pair->b_len;
}

static void
concatenate (const Pair *pair, CK_BYTE *value, gsize len)
{
	gsize from_a = MIN (len, pair->a_len);

	memcpy (value, pair->a, from_a);
	memcpy (value + from_a, pair->b, len - from_a);
}

static gsize
least_len (const Pair *pair)
{
	return MIN (pair->a_len, pair->b_len);
}

static void
exclusive_or (const Pair *pair, CK_BYTE *value, gsize len)
{
	for (gsize i = 0; i < len; i++)
		value[i] = pair->a[i] ^ pair->b[i];
}

/* What there is gives the length of a key whose type the template leaves open, and only of that. */
static CK_RV
plan (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, gsize len, CratonDerived *ret_derived)
{
	gboolean typed = craton_key_attrs_find (template, n_attrs, CKA_KEY_TYPE) != NULL;

	return craton_derive_plan (template, n_attrs, typed ? 0 : len, len, ret_derived);
}

static CK_RV
publish (const CratonDerivation *from, const Detail *detail, const Pair *pair,
         const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	CratonDerived derived;
	CK_BYTE *value;
	CK_RV rv = plan (template, n_attrs, detail->len (pair), &derived);

	if (rv != CKR_OK)
		return rv;
	value = OPENSSL_malloc (derived.len);
	if (value == NULL)
		return CKR_HOST_MEMORY;
	detail->make (pair, value, derived.len);
	derived.value = value;
	rv = craton_derive_publish_all (from, &derived, 1, NULL, ret_key);
	OPENSSL_clear_free (value, derived.len);
	return rv;
}

static CK_RV
derive_with_data (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                  CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                  CK_OBJECT_HANDLE *ret_key)
{
	const Detail *detail = mech->detail;
	CK_KEY_DERIVATION_STRING_DATA data;
	CratonDerivation from;
	Pair pair;

	if (!craton_mech_has_parameter (mechanism, sizeof data))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&data, mechanism->pParameter, sizeof data);
	if (data.pData == NULL || data.ulLen < 1 || data.ulLen > CRATON_BASE_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	pair.a = craton_derive_value (base, &pair.a_len);
	pair.b = data.pData;
	pair.b_len = data.ulLen;
	if (detail->data_first)
		pair = (Pair){ pair.b, pair.a, pair.b_len, pair.a_len };
	craton_derive_from (&from, session, base, CRATON_INHERIT_GUARD);
	return publish (&from, detail, &pair, template, n_attrs, ret_key);
}

static CK_RV
derive_with_key (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                 CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                 CK_OBJECT_HANDLE *ret_key)
{
	g_autoptr (CratonObject) other = NULL;
	CK_OBJECT_HANDLE handle;
	CratonDerivation from;
	Pair pair;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof handle))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&handle, mechanism->pParameter, sizeof handle);
	rv = craton_derive_find_key (session, mech, handle, &other);
	if (rv != CKR_OK)
		return rv;
	pair.a = craton_derive_value (base, &pair.a_len);
	pair.b = craton_derive_value (other, &pair.b_len);
	craton_derive_from (&from, session, base, CRATON_INHERIT_GUARD);
	craton_derive_join (&from, other);
	return publish (&from, mech->detail, &pair, template, n_attrs, ret_key);
}

/* Bits are counted from the highest of the first byte, and round at the end. */
static void
take_bits (const CK_BYTE *value, gsize value_len, gsize first, CK_BYTE *out, gsize len)
{
	gsize byte = first / 8, shift = first % 8;

	for (gsize i = 0; i < len; i++) {
		guint both = (guint) value[(byte + i) % value_len] << 8 |
		             value[(byte + i + 1) % value_len];

		out[i] = (CK_BYTE) (both >> (8 - shift));
	}
}

static CK_RV
extract (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
         CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
         CK_OBJECT_HANDLE *ret_key)
{
	CK_EXTRACT_PARAMS first;
	CratonDerivation from;
	CratonDerived derived;
	const CK_BYTE *value;
	CK_BYTE *out;
	gsize len = 0;
	CK_RV rv;

	(void) mech;
	value = craton_derive_value (base, &len);
	if (!craton_mech_has_parameter (mechanism, sizeof first))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&first, mechanism->pParameter, sizeof first);
	if (first >= len * 8)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_derive_plan (template, n_attrs, 0, len, &derived);
	if (rv != CKR_OK)
		return rv;
	out = OPENSSL_malloc (derived.len);
	if (out == NULL)
		return CKR_HOST_MEMORY;
	take_bits (value, len, first, out, derived.len);
	derived.value = out;
	craton_derive_from (&from, session, base, CRATON_INHERIT_GUARD);
	rv = craton_derive_publish_all (&from, &derived, 1, NULL, ret_key);
	OPENSSL_clear_free (out, derived.len);
	return rv;
}

static gboolean
has_hash (const CratonMech *mech)
{
	return craton_algs_md (*(const CratonHash *) mech->detail) != NULL;
}

static CK_RV
digest_key (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
            CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
            CK_OBJECT_HANDLE *ret_key)
{
	CratonHash hash = *(const CratonHash *) mech->detail;
	CK_BYTE digest[EVP_MAX_MD_SIZE];
	CratonDerived derived;
	const CK_BYTE *value;
	gsize len = 0;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	rv = plan (template, n_attrs, craton_algs_hashes[hash].len, &derived);
	if (rv != CKR_OK)
		return rv;
	value = craton_derive_value (base, &len);
	if (EVP_Digest (value, len, digest, NULL, craton_algs_md (hash), NULL) != 1)
		return CKR_FUNCTION_FAILED;
	rv = craton_derive_publish (session, mech->type, base, &derived, digest, template, n_attrs,
	                            ret_key);
	OPENSSL_cleanse (digest, sizeof digest);
	return rv;
}

static const Detail base_first = { sum_len, concatenate, FALSE };
static const Detail data_first = { sum_len, concatenate, TRUE };
static const Detail over = { least_len, exclusive_or, FALSE };

#define DERIVES(mechanism, function, more)                                                   \
	.type = mechanism, .key_type = CKK_GENERIC_SECRET, .key_type2 = CKK_GENERIC_SECRET,  \
	.any_secret = TRUE, .min_size = 1, .max_size = CRATON_BASE_MAX, .flags = CKF_DERIVE, \
	.derive = function, .detail = more
#define DIGEST_ROW(mechanism, hash, mark)                                       \
	{                                                                       \
		DERIVES (mechanism, digest_key, (&(const CratonHash){ hash })), \
			.selftests = { CRATON_SELFTEST_HASH (hash) },           \
			.available = has_hash, .marks = mark                    \
	}

static const CratonMech rows[] = {
	{ DERIVES (CKM_CONCATENATE_BASE_AND_KEY, derive_with_key, &base_first) },
	{ DERIVES (CKM_CONCATENATE_BASE_AND_DATA, derive_with_data, &base_first) },
	{ DERIVES (CKM_CONCATENATE_DATA_AND_BASE, derive_with_data, &data_first) },
	{ DERIVES (CKM_XOR_BASE_AND_DATA, derive_with_data, &over) },
	{ DERIVES (CKM_EXTRACT_KEY_FROM_KEY, extract, NULL) },
	DIGEST_ROW (CKM_MD5_KEY_DERIVATION, CRATON_HASH_MD5, CRATON_MECH_LEGACY),
	DIGEST_ROW (CKM_SHA1_KEY_DERIVATION, CRATON_HASH_SHA1, 0),
	DIGEST_ROW (CKM_SHA224_KEY_DERIVATION, CRATON_HASH_SHA224, 0),
	DIGEST_ROW (CKM_SHA256_KEY_DERIVATION, CRATON_HASH_SHA256, 0),
	DIGEST_ROW (CKM_SHA384_KEY_DERIVATION, CRATON_HASH_SHA384, 0),
	DIGEST_ROW (CKM_SHA512_KEY_DERIVATION, CRATON_HASH_SHA512, 0),
	DIGEST_ROW (CKM_SHA512_224_KEY_DERIVATION, CRATON_HASH_SHA512_224, 0),
	DIGEST_ROW (CKM_SHA512_256_KEY_DERIVATION, CRATON_HASH_SHA512_256, 0),
	DIGEST_ROW (CKM_SHA3_224_KEY_DERIVATION, CRATON_HASH_SHA3_224, 0),
	DIGEST_ROW (CKM_SHA3_256_KEY_DERIVATION, CRATON_HASH_SHA3_256, 0),
	DIGEST_ROW (CKM_SHA3_384_KEY_DERIVATION, CRATON_HASH_SHA3_384, 0),
	DIGEST_ROW (CKM_SHA3_512_KEY_DERIVATION, CRATON_HASH_SHA3_512, 0),
};

const CratonMechFamily craton_mech_concat = { rows, G_N_ELEMENTS (rows) };
