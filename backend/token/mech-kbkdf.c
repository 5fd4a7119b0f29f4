/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Key derivation of SP 800-108 in its three modes (PKCS#11 3.2, SP800-108 Key Derivation): one key
 * or several at once, from a pseudo-random function over fields that the caller puts together. The
 * parameter's structures are a private copy with the client's content. Called by derive.c through
 * the rows.
 */
#include "config.h"

#include "derive.h"
#include "mech.h"
#include "prf.h"
#include "session.h"
#include "shelf.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

/* Limits on what one call may ask for. */
#define FIELDS_MAX 256
#define KBKDF_KEY_MAX 16384
#define KBKDF_KEYS_MAX CRATON_SHELF_PUT_MAX

typedef enum {
	COUNTER,
	FEEDBACK,
	PIPELINE
} Mode;

/* A part of the function's input. */
typedef struct {
	CK_PRF_DATA_TYPE type;
	CK_BYTE number[8]; /* of a counter or a length */
	gsize width;       /* of the number in bytes; 0: none */
	gboolean little_endian;
	CK_SP800_108_DKM_LENGTH_METHOD method;
	CratonObject *key; /* counted */
} Field;

typedef struct {
	Mode mode;
	CratonPrf prf;
	CratonChunk iv;
	Field *fields;
	CratonChunk *chunks; /* what the fields are, in this iteration */
	gsize n_fields;
	gsize iteration; /* where the iteration variable is */
	CratonDerived *derived;
	guint n_derived;
	CK_DERIVED_KEY *more; /* derived from 1 on */
} Kbkdf;

static void
kbkdf_clear (Kbkdf *kdf)
{
	for (gsize i = 0; kdf->fields != NULL && i < kdf->n_fields; i++)
		craton_object_unref (kdf->fields[i].key);
	craton_prf_clear (&kdf->prf);
	g_free (kdf->fields);
	g_free (kdf->chunks);
	g_free (kdf->derived);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Kbkdf, kbkdf_clear)

static gboolean
set_width (Field *field, CK_ULONG bits, gboolean little_endian, gsize most)
{
	field->width = bits / 8;
	field->little_endian = little_endian;
	return bits % 8 == 0 && field->width > 0 && field->width <= most;
}

/* SP 800-108, 4: a counter has at most 32 bits. */
static gboolean
read_counter (Field *field, const CK_PRF_DATA_PARAM *param)
{
	CK_SP800_108_COUNTER_FORMAT format;

	if (param->pValue == NULL || param->ulValueLen != sizeof format)
		return FALSE;
	memcpy (&format, param->pValue, sizeof format);
	return set_width (field, format.ulWidthInBits, format.bLittleEndian != CK_FALSE, 4);
}

static gboolean
read_length (Field *field, const CK_PRF_DATA_PARAM *param)
{
	CK_SP800_108_DKM_LENGTH_FORMAT format;

	if (param->pValue == NULL || param->ulValueLen != sizeof format)
		return FALSE;
	memcpy (&format, param->pValue, sizeof format);
	field->method = format.dkmLengthMethod;
	if (field->method != CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS &&
	    field->method != CK_SP800_108_DKM_LENGTH_SUM_OF_SEGMENTS)
		return FALSE;
	return set_width (field, format.ulWidthInBits, format.bLittleEndian != CK_FALSE,
	                  sizeof field->number);
}

static CK_RV
read_key (CratonSession *session, const CratonMech *mech, const CK_PRF_DATA_PARAM *param,
          Field *field, CratonChunk *chunk)
{
	CK_OBJECT_HANDLE handle;
	gsize len = 0;
	CK_RV rv;

	if (param->pValue == NULL || param->ulValueLen != sizeof handle)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&handle, param->pValue, sizeof handle);
	rv = craton_derive_find_key (session, mech, handle, &field->key);
	if (rv != CKR_OK)
		return rv;
	chunk->bytes = craton_derive_value (field->key, &len);
	chunk->len = len;
	return CKR_OK;
}

/* One field; how often a type may come is asked in read_fields(). */
static CK_RV
read_field (Kbkdf *kdf, CratonSession *session, const CratonMech *mech,
            const CK_PRF_DATA_PARAM *param, gsize i)
{
	Field *field = &kdf->fields[i];
	gboolean good = FALSE;

	field->type = param->type;
	switch (param->type) {
	case CK_SP800_108_ITERATION_VARIABLE:
		kdf->iteration = i;
		good = kdf->mode == COUNTER ? read_counter (field, param)
		                            : param->pValue == NULL && param->ulValueLen == 0;
		break;
	case CK_SP800_108_COUNTER:
		good = kdf->mode != COUNTER && read_counter (field, param);
		break;
	case CK_SP800_108_DKM_LENGTH:
		good = read_length (field, param);
		break;
	case CK_SP800_108_BYTE_ARRAY:
		good = param->pValue != NULL && param->ulValueLen > 0;
		kdf->chunks[i] = (CratonChunk){ param->pValue, param->ulValueLen };
		break;
	case CK_SP800_108_KEY_HANDLE:
		return read_key (session, mech, param, field, &kdf->chunks[i]);
	}
	if (field->width > 0)
		kdf->chunks[i] = (CratonChunk){ field->number, field->width };
	return good ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static CK_RV
read_fields (Kbkdf *kdf, CratonSession *session, const CratonMech *mech,
             const CK_PRF_DATA_PARAM *params, CK_ULONG n_params)
{
	guint seen[CK_SP800_108_KEY_HANDLE + 1] = { 0 };
	CK_RV rv = CKR_OK;

	if (params == NULL || n_params < 1 || n_params > FIELDS_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	kdf->n_fields = n_params;
	kdf->fields = g_new0 (Field, n_params);
	kdf->chunks = g_new0 (CratonChunk, n_params);
	for (CK_ULONG i = 0; rv == CKR_OK && i < n_params; i++) {
		rv = read_field (kdf, session, mech, &params[i], i);
		if (rv == CKR_OK)
			seen[params[i].type]++;
	}
	if (rv == CKR_OK && (seen[CK_SP800_108_ITERATION_VARIABLE] != 1 ||
	                     seen[CK_SP800_108_COUNTER] > 1 || seen[CK_SP800_108_DKM_LENGTH] > 1))
		rv = CKR_MECHANISM_PARAM_INVALID;
	return rv;
}

/* The handle of a key whose template is to blame says so (PKCS#11 3.2, Deriving Additional Keys). */
static void
blame (const Kbkdf *kdf, guint i)
{
	if (i > 0)
		*kdf->more[i - 1].phKey = CK_INVALID_HANDLE;
}

static CK_RV
plan_keys (Kbkdf *kdf, const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_DERIVED_KEY *more,
           CK_ULONG n_more)
{
	CK_RV rv;

	if ((more == NULL && n_more > 0) || n_more > KBKDF_KEYS_MAX - 1)
		return CKR_MECHANISM_PARAM_INVALID;
	for (CK_ULONG i = 0; i < n_more; i++)
		if (more[i].phKey == NULL ||
		    (more[i].pTemplate == NULL && more[i].ulAttributeCount > 0))
			return CKR_MECHANISM_PARAM_INVALID;
	kdf->more = more;
	kdf->n_derived = (guint) n_more + 1;
	kdf->derived = g_new0 (CratonDerived, kdf->n_derived);
	rv = craton_derive_plan (template, n_attrs, 0, KBKDF_KEY_MAX, &kdf->derived[0]);
	for (guint i = 1; rv == CKR_OK && i < kdf->n_derived; i++) {
		rv = craton_derive_plan (more[i - 1].pTemplate, more[i - 1].ulAttributeCount, 0,
		                         KBKDF_KEY_MAX, &kdf->derived[i]);
		if (rv != CKR_OK)
			blame (kdf, i);
	}
	return rv;
}

/* No key has a part of a segment that another has. */
static gsize
n_segments (const Kbkdf *kdf, guint i)
{
	return (kdf->derived[i].len + kdf->prf.len - 1) / kdf->prf.len;
}

static gboolean
put_number (Field *field, guint64 number)
{
	if (field->width < 8 && number >> (8 * field->width) != 0)
		return FALSE;
	for (gsize i = 0; i < field->width; i++) {
		field->number[field->little_endian ? i : field->width - 1 - i] = (CK_BYTE) number;
		number >>= 8;
	}
	return TRUE;
}

/* Works out the length field, and whether the counter reaches so far. */
static CK_RV
settle (Kbkdf *kdf, gsize *ret_segments)
{
	gsize keys = 0, segments = 0;

	for (guint i = 0; i < kdf->n_derived; i++) {
		keys += kdf->derived[i].len;
		segments += n_segments (kdf, i);
	}
	for (gsize i = 0; i < kdf->n_fields; i++) {
		Field *field = &kdf->fields[i];
		gboolean is_length = field->type == CK_SP800_108_DKM_LENGTH;
		gsize len = field->method == CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS
		                    ? keys
		                    : segments * kdf->prf.len;

		if (field->width > 0 && !put_number (field, is_length ? len * 8 : segments))
			return is_length ? CKR_MECHANISM_PARAM_INVALID : CKR_KEY_SIZE_RANGE;
	}
	*ret_segments = segments;
	return CKR_OK;
}

/* SP 800-108, 4.3: A(0) is the input without its variable parts. */
static CK_RV
first_a (const Kbkdf *kdf, CK_BYTE *ret_a)
{
	g_autofree CratonChunk *chunks = g_new0 (CratonChunk, kdf->n_fields);
	gsize n = 0;

	for (gsize i = 0; i < kdf->n_fields; i++)
		if (kdf->fields[i].type != CK_SP800_108_ITERATION_VARIABLE &&
		    kdf->fields[i].type != CK_SP800_108_COUNTER)
			chunks[n++] = kdf->chunks[i];
	return craton_prf_run (&kdf->prf, chunks, n, ret_a);
}

static CK_RV
run (Kbkdf *kdf, CK_BYTE *out, gsize segments)
{
	CK_BYTE a[CRATON_PRF_LEN_MAX], next[CRATON_PRF_LEN_MAX];
	CratonChunk variable = { a, kdf->prf.len }, *place = &kdf->chunks[kdf->iteration];
	CK_RV rv = CKR_OK;

	if (kdf->mode == PIPELINE)
		rv = first_a (kdf, a);
	if (kdf->mode != COUNTER)
		*place = kdf->mode == PIPELINE ? variable : kdf->iv;
	for (gsize n = 0; rv == CKR_OK && n < segments; n++, out += kdf->prf.len) {
		for (gsize i = 0; i < kdf->n_fields; i++)
			if (kdf->fields[i].width > 0 &&
			    kdf->fields[i].type != CK_SP800_108_DKM_LENGTH)
				(void) put_number (&kdf->fields[i], n + 1);
		rv = craton_prf_run (&kdf->prf, kdf->chunks, kdf->n_fields, out);
		if (kdf->mode == FEEDBACK)
			*place = (CratonChunk){ out, kdf->prf.len };
		if (rv == CKR_OK && kdf->mode == PIPELINE) {
			rv = craton_prf_run (&kdf->prf, &variable, 1, next);
			memcpy (a, next, sizeof a);
		}
	}
	OPENSSL_cleanse (a, sizeof a);
	OPENSSL_cleanse (next, sizeof next);
	return rv;
}

static CK_RV
publish (Kbkdf *kdf, const CratonDerivation *from, const CK_BYTE *out, CK_OBJECT_HANDLE *ret_key)
{
	CK_OBJECT_HANDLE handles[KBKDF_KEYS_MAX];
	guint failed = 0;
	CK_RV rv;

	for (guint i = 0; i < kdf->n_derived; i++) {
		kdf->derived[i].value = out;
		out += n_segments (kdf, i) * kdf->prf.len;
	}
	rv = craton_derive_publish_all (from, kdf->derived, kdf->n_derived, &failed, handles);
	if (rv != CKR_OK) {
		blame (kdf, failed);
		return rv;
	}
	*ret_key = handles[0];
	for (guint i = 1; i < kdf->n_derived; i++)
		*kdf->more[i - 1].phKey = handles[i];
	return CKR_OK;
}

/* One of the origins that has always been guarded is enough here (PKCS#11 3.2, Key Derivation
 * Attribute Rules). */
static void
join_keys (const Kbkdf *kdf, CratonDerivation *from)
{
	for (gsize i = 0; i < kdf->n_fields; i++) {
		const CratonObject *key = kdf->fields[i].key;

		if (key == NULL)
			continue;
		from->always_sensitive |= craton_object_get_bool (key, CKA_ALWAYS_SENSITIVE, FALSE);
		from->never_extractable |=
			craton_object_get_bool (key, CKA_NEVER_EXTRACTABLE, FALSE);
	}
}

/* The CMACs want a key of their cipher. */
static CK_RV
check_base (const CratonObject *base, CK_MECHANISM_TYPE mac)
{
	CK_KEY_TYPE type = craton_object_get_ulong (base, CKA_KEY_TYPE, CKK_GENERIC_SECRET);

	if (mac == CKM_AES_CMAC)
		return type == CKK_AES ? CKR_OK : CKR_KEY_TYPE_INCONSISTENT;
	if (mac == CKM_DES3_CMAC)
		return type == CKK_DES3 ? CKR_OK : CKR_KEY_TYPE_INCONSISTENT;
	return CKR_OK;
}

/* Both structures in the form of the larger one. */
static CK_RV
read_params (Kbkdf *kdf, const CK_MECHANISM *mechanism, CK_SP800_108_FEEDBACK_KDF_PARAMS *ret)
{
	CK_SP800_108_KDF_PARAMS plain;

	if (!craton_mech_has_parameter (mechanism,
	                                kdf->mode == FEEDBACK ? sizeof *ret : sizeof plain))
		return CKR_MECHANISM_PARAM_INVALID;
	if (kdf->mode == FEEDBACK) {
		memcpy (ret, mechanism->pParameter, sizeof *ret);
		kdf->iv = (CratonChunk){ ret->pIv, ret->ulIvLen };
		return ret->pIv == NULL && ret->ulIvLen > 0 ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
	}
	memcpy (&plain, mechanism->pParameter, sizeof plain);
	*ret = (CK_SP800_108_FEEDBACK_KDF_PARAMS){
		.prfType = plain.prfType,
		.ulNumberOfDataParams = plain.ulNumberOfDataParams,
		.pDataParams = plain.pDataParams,
		.ulAdditionalDerivedKeys = plain.ulAdditionalDerivedKeys,
		.pAdditionalDerivedKeys = plain.pAdditionalDerivedKeys,
	};
	return CKR_OK;
}

static CK_RV
kbkdf_derive (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
              CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
              CK_OBJECT_HANDLE *ret_key)
{
	g_auto (Kbkdf) kdf = { .mode = *(const Mode *) mech->detail };
	CK_SP800_108_FEEDBACK_KDF_PARAMS params;
	CratonDerivation from;
	const CK_BYTE *value;
	gsize len = 0, segments = 0;
	CK_BYTE *out;
	CK_RV rv = read_params (&kdf, mechanism, &params);

	if (rv == CKR_OK)
		rv = check_base (base, params.prfType);
	value = craton_derive_value (base, &len);
	if (rv == CKR_OK)
		rv = craton_prf_init (&kdf.prf, session, params.prfType, value, len);
	if (rv == CKR_OK)
		rv = read_fields (&kdf, session, mech, params.pDataParams,
		                  params.ulNumberOfDataParams);
	if (rv == CKR_OK)
		rv = plan_keys (&kdf, template, n_attrs, params.pAdditionalDerivedKeys,
		                params.ulAdditionalDerivedKeys);
	if (rv == CKR_OK)
		rv = settle (&kdf, &segments);
	if (rv != CKR_OK)
		return rv;
	out = OPENSSL_malloc (segments * kdf.prf.len);
	if (out == NULL)
		return CKR_HOST_MEMORY;
	rv = run (&kdf, out, segments);
	craton_derive_from (&from, session, base, CRATON_INHERIT_DEFAULT);
	join_keys (&kdf, &from);
	if (rv == CKR_OK)
		rv = publish (&kdf, &from, out, ret_key);
	OPENSSL_clear_free (out, segments * kdf.prf.len);
	return rv;
}

#define ROW(mechanism, mode)                                                             \
	{                                                                                \
		.type = mechanism, .key_type = CKK_GENERIC_SECRET, .key_type2 = CKK_AES, \
		.any_secret = TRUE, .min_size = 1, .max_size = CRATON_BASE_MAX,          \
		.info_in_bits = TRUE,                                                    \
		.approved_min = CRATON_APPROVED_BYTES,                                   \
		.flags = CKF_DERIVE, .marks = CRATON_MECH_APPROVED,                      \
		.selftests = { CRATON_SELFTEST_NAMED },                                  \
		.detail = &(const Mode){ mode }, .derive = kbkdf_derive,                 \
	}

static const CratonMech rows[] = {
	ROW (CKM_SP800_108_COUNTER_KDF, COUNTER),
	ROW (CKM_SP800_108_FEEDBACK_KDF, FEEDBACK),
	ROW (CKM_SP800_108_DOUBLE_PIPELINE_KDF, PIPELINE),
};

const CratonMechFamily craton_mech_kbkdf = { rows, G_N_ELEMENTS (rows) };
