/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The attribute table (PKCS#11 3.2, section 4, and the key tables of section 6) and the checks that
 * hold for single values. Trusts nothing in a value but that its bytes can be read. Called by
 * template.c, find.c, object-calls.c and record.c.
 */
#include "config.h"

#include "attr.h"

#include <string.h>

#define ALL CRATON_KINDS_ALL
#define DATA CRATON_KIND_DATA
#define CERT CRATON_KIND_CERTIFICATE
#define TRUST CRATON_KIND_TRUST
#define KEY CRATON_KINDS_KEY
#define PUBLIC CRATON_KINDS_PUBLIC
#define PRIVATE CRATON_KINDS_PRIVATE
#define SECRET CRATON_KINDS_SYMMETRIC
#define OTP CRATON_KIND_OTP
#define GUARDED CRATON_KINDS_GUARDED
#define RSA_PUBLIC CRATON_KIND_RSA_PUBLIC
#define RSA (CRATON_KIND_RSA_PUBLIC | CRATON_KIND_RSA_PRIVATE)
#define RSA_PRIVATE CRATON_KIND_RSA_PRIVATE
#define EC_PUBLIC CRATON_KINDS_EC_PUBLIC
#define EC (CRATON_KINDS_EC_PUBLIC | CRATON_KINDS_EC_PRIVATE)
#define EC_PRIVATE CRATON_KINDS_EC_PRIVATE
#define FFC (CRATON_KINDS_FFC_PUBLIC | CRATON_KINDS_FFC_PRIVATE | CRATON_KINDS_DOMAIN)
#define DSA_DOMAIN CRATON_KIND_DSA_DOMAIN
#define DSA (CRATON_KIND_DSA_PUBLIC | CRATON_KIND_DSA_PRIVATE | DSA_DOMAIN)
#define DOMAIN CRATON_KINDS_DOMAIN
#define CIPHER CRATON_KINDS_CIPHER
#define SIZED (CRATON_KIND_AES | CRATON_KIND_CHACHA | CRATON_KIND_GENERIC | CRATON_KIND_HMAC | OTP)
#define PQ_PUBLIC CRATON_KINDS_PQ_PUBLIC
#define PQ (CRATON_KINDS_PQ_PUBLIC | CRATON_KINDS_PQ_PRIVATE)
/* Of a private key that is made from CKA_SEED the value can be missing. */
#define SEEDED (CRATON_KIND_ML_KEM_PRIVATE | CRATON_KIND_ML_DSA_PRIVATE)
#define VALUED                                                              \
	(EC_PRIVATE | SECRET | PQ_PUBLIC | CRATON_KIND_SLH_DSA_PRIVATE | \
	 CRATON_KINDS_FFC_PUBLIC | CRATON_KINDS_FFC_PRIVATE)
#define SIGNERS                                                                      \
	(RSA_PRIVATE | CRATON_KIND_EC_PRIVATE | CRATON_KIND_EDWARDS_PRIVATE | SECRET | \
	 CRATON_KIND_ML_DSA_PRIVATE | CRATON_KIND_SLH_DSA_PRIVATE | CRATON_KIND_DSA_PRIVATE)
#define VERIFIERS                                                                  \
	(RSA_PUBLIC | CRATON_KIND_EC_PUBLIC | CRATON_KIND_EDWARDS_PUBLIC | SECRET | \
	 CRATON_KIND_ML_DSA_PUBLIC | CRATON_KIND_SLH_DSA_PUBLIC | CRATON_KIND_DSA_PUBLIC)

#define RO CRATON_RULE_READ_ONLY
#define NOT_CREATE CRATON_RULE_NOT_CREATE
#define SENSITIVE CRATON_RULE_SENSITIVE
#define COPY CRATON_RULE_COPY
#define SO_TRUE CRATON_RULE_SO_TRUE
#define ONCE_TRUE CRATON_RULE_ONCE_TRUE
#define ONCE_FALSE CRATON_RULE_ONCE_FALSE
#define INDEX CRATON_RULE_INDEX

#define NONE CRATON_DEFAULT_NONE
#define VALUE CRATON_DEFAULT_VALUE

#define BOOL CRATON_FORM_BOOL
#define ULONG CRATON_FORM_ULONG
#define BYTES CRATON_FORM_BYTES
#define BIGINT CRATON_FORM_BIGINT
#define DATE CRATON_FORM_DATE
#define TEMPLATE CRATON_FORM_TEMPLATE
#define MECHANISMS CRATON_FORM_MECHANISMS

typedef struct {
	CK_KEY_TYPE type;
	CratonKinds kinds;
	gsize least_len, most_len, len_step;
} KeyType;

/* In the order of the types: craton_attr_find() searches by halves. */
static const CratonAttr attrs[] = {
	/* type, form, where, required, modifiable, rules, default, true by default */
	{ CKA_CLASS, ULONG, ALL, ALL, 0, 0, NONE, 0 },
	{ CKA_TOKEN, BOOL, ALL, 0, 0, COPY, VALUE, 0 },
	/* A key that somebody forgot to mark is better hidden than shown. */
	{ CKA_PRIVATE, BOOL, ALL, 0, 0, COPY, VALUE, GUARDED },
	{ CKA_LABEL, BYTES, ALL, 0, ALL, INDEX, VALUE, 0 },
	{ CKA_UNIQUE_ID, BYTES, ALL, 0, 0, RO | INDEX, NONE, 0 },
	{ CKA_APPLICATION, BYTES, DATA, 0, DATA, INDEX, VALUE, 0 },
	{ CKA_VALUE, BYTES, DATA | CERT | VALUED | SEEDED, CERT | VALUED, DATA, SENSITIVE, VALUE, 0 },
	{ CKA_OBJECT_ID, BYTES, DATA, 0, DATA, INDEX, VALUE, 0 },
	{ CKA_CERTIFICATE_TYPE, ULONG, CERT, CERT, 0, 0, NONE, 0 },
	{ CKA_ISSUER, BYTES, CERT | TRUST, TRUST, CERT, INDEX, VALUE, 0 },
	{ CKA_SERIAL_NUMBER, BYTES, CERT | TRUST, TRUST, CERT, INDEX, VALUE, 0 },
	{ CKA_TRUSTED, BOOL, CERT | PUBLIC | SECRET, 0, CERT | PUBLIC | SECRET, SO_TRUE, VALUE, 0 },
	{ CKA_CERTIFICATE_CATEGORY, ULONG, CERT, 0, 0, 0, VALUE, 0 },
	{ CKA_JAVA_MIDP_SECURITY_DOMAIN, ULONG, CERT, 0, 0, 0, VALUE, 0 },
	{ CKA_URL, BYTES, CERT, 0, 0, 0, VALUE, 0 },
	{ CKA_HASH_OF_SUBJECT_PUBLIC_KEY, BYTES, CERT, 0, 0, INDEX, VALUE, 0 },
	{ CKA_HASH_OF_ISSUER_PUBLIC_KEY, BYTES, CERT, 0, 0, INDEX, VALUE, 0 },
	{ CKA_NAME_HASH_ALGORITHM, ULONG, CERT | TRUST, 0, TRUST, 0, NONE, 0 },
	{ CKA_CHECK_VALUE, BYTES, CERT | SECRET, 0, SECRET, 0, NONE, 0 },
	{ CKA_KEY_TYPE, ULONG, KEY | DOMAIN, KEY | DOMAIN, 0, 0, NONE, 0 },
	{ CKA_SUBJECT, BYTES, CERT | PUBLIC | PRIVATE, CERT, PUBLIC | PRIVATE, INDEX, VALUE, 0 },
	{ CKA_ID, BYTES, CERT | KEY, 0, CERT | KEY, INDEX, VALUE, 0 },
	{ CKA_SENSITIVE, BOOL, GUARDED, 0, GUARDED, ONCE_TRUE, VALUE, PRIVATE },
	{ CKA_ENCRYPT, BOOL, PUBLIC | SECRET, 0, PUBLIC | SECRET, 0, VALUE, RSA_PUBLIC | CIPHER },
	{ CKA_DECRYPT, BOOL, PRIVATE | SECRET, 0, PRIVATE | SECRET, 0, VALUE, RSA_PRIVATE | CIPHER },
	{ CKA_WRAP, BOOL, PUBLIC | SECRET, 0, PUBLIC | SECRET, 0, VALUE, RSA_PUBLIC | CIPHER },
	{ CKA_UNWRAP, BOOL, PRIVATE | SECRET, 0, PRIVATE | SECRET, 0, VALUE, RSA_PRIVATE | CIPHER },
	{ CKA_SIGN, BOOL, PRIVATE | SECRET, 0, PRIVATE | SECRET, 0, VALUE, SIGNERS },
	{ CKA_SIGN_RECOVER, BOOL, PRIVATE, 0, PRIVATE, 0, VALUE, RSA_PRIVATE },
	{ CKA_VERIFY, BOOL, PUBLIC | SECRET, 0, PUBLIC | SECRET, 0, VALUE, VERIFIERS },
	{ CKA_VERIFY_RECOVER, BOOL, PUBLIC, 0, PUBLIC, 0, VALUE, RSA_PUBLIC },
	{ CKA_DERIVE, BOOL, KEY, 0, KEY, 0, VALUE, 0 },
	{ CKA_START_DATE, DATE, CERT | KEY, 0, KEY, 0, VALUE, 0 },
	{ CKA_END_DATE, DATE, CERT | KEY, 0, KEY, 0, VALUE, 0 },
	{ CKA_MODULUS, BIGINT, RSA, RSA, 0, INDEX, NONE, 0 },
	{ CKA_MODULUS_BITS, ULONG, RSA_PUBLIC, 0, 0, NOT_CREATE, NONE, 0 },
	{ CKA_PUBLIC_EXPONENT, BIGINT, RSA, RSA, 0, 0, NONE, 0 },
	{ CKA_PRIVATE_EXPONENT, BIGINT, RSA_PRIVATE, RSA_PRIVATE, 0, SENSITIVE, NONE, 0 },
	{ CKA_PRIME_1, BIGINT, RSA_PRIVATE, 0, 0, SENSITIVE, NONE, 0 },
	{ CKA_PRIME_2, BIGINT, RSA_PRIVATE, 0, 0, SENSITIVE, NONE, 0 },
	{ CKA_EXPONENT_1, BIGINT, RSA_PRIVATE, 0, 0, SENSITIVE, NONE, 0 },
	{ CKA_EXPONENT_2, BIGINT, RSA_PRIVATE, 0, 0, SENSITIVE, NONE, 0 },
	{ CKA_COEFFICIENT, BIGINT, RSA_PRIVATE, 0, 0, SENSITIVE, NONE, 0 },
	{ CKA_PUBLIC_KEY_INFO, BYTES, CERT | PUBLIC | PRIVATE, 0, PRIVATE, 0, NONE, 0 },
	{ CKA_PRIME, BIGINT, FFC, FFC, 0, 0, NONE, 0 },
	{ CKA_SUBPRIME, BIGINT, DSA, DSA, 0, 0, NONE, 0 },
	{ CKA_BASE, BIGINT, FFC, FFC, 0, 0, NONE, 0 },
	{ CKA_PRIME_BITS, ULONG, DOMAIN, 0, 0, NOT_CREATE, NONE, 0 },
	{ CKA_SUBPRIME_BITS, ULONG, DSA_DOMAIN, 0, 0, NOT_CREATE, NONE, 0 },
	{ CKA_VALUE_BITS, ULONG, CRATON_KIND_DH_PRIVATE, 0, 0, NOT_CREATE, NONE, 0 },
	{ CKA_VALUE_LEN, ULONG, SIZED, 0, 0, NOT_CREATE, NONE, 0 },
	{ CKA_EXTRACTABLE, BOOL, GUARDED, 0, GUARDED, ONCE_FALSE, VALUE, 0 },
	{ CKA_LOCAL, BOOL, KEY | DOMAIN, 0, 0, RO, NONE, 0 },
	{ CKA_NEVER_EXTRACTABLE, BOOL, GUARDED, 0, 0, RO, NONE, 0 },
	{ CKA_ALWAYS_SENSITIVE, BOOL, GUARDED, 0, 0, RO, NONE, 0 },
	{ CKA_KEY_GEN_MECHANISM, ULONG, KEY, 0, 0, RO, NONE, 0 },
	{ CKA_MODIFIABLE, BOOL, ALL, 0, 0, COPY, VALUE, ALL },
	/* Of two keys with one counter each, one gives out what the other has given out. */
	{ CKA_COPYABLE, BOOL, ALL, 0, ALL, ONCE_FALSE, VALUE, ALL & ~OTP },
	{ CKA_DESTROYABLE, BOOL, ALL, 0, 0, COPY, VALUE, ALL },
	{ CKA_EC_PARAMS, BYTES, EC, EC, 0, 0, NONE, 0 },
	{ CKA_EC_POINT, BYTES, EC_PUBLIC, EC_PUBLIC, 0, INDEX, NONE, 0 },
	{ CKA_ALWAYS_AUTHENTICATE, BOOL, PRIVATE, 0, 0, 0, VALUE, 0 },
	{ CKA_WRAP_WITH_TRUSTED, BOOL, GUARDED, 0, GUARDED, ONCE_TRUE, VALUE, 0 },
	{ CKA_OTP_FORMAT, ULONG, OTP, 0, 0, 0, VALUE, 0 },
	{ CKA_OTP_LENGTH, ULONG, OTP, 0, 0, 0, NONE, 0 },
	{ CKA_OTP_USER_FRIENDLY_MODE, BOOL, OTP, 0, 0, 0, VALUE, OTP },
	{ CKA_OTP_CHALLENGE_REQUIREMENT, ULONG, OTP, 0, 0, 0, VALUE, 0 },
	{ CKA_OTP_TIME_REQUIREMENT, ULONG, OTP, 0, 0, 0, VALUE, 0 },
	{ CKA_OTP_COUNTER_REQUIREMENT, ULONG, OTP, 0, 0, 0, NONE, 0 },
	{ CKA_OTP_PIN_REQUIREMENT, ULONG, OTP, 0, 0, 0, VALUE, 0 },
	{ CKA_OTP_USER_IDENTIFIER, BYTES, OTP, 0, OTP, 0, VALUE, 0 },
	{ CKA_OTP_SERVICE_IDENTIFIER, BYTES, OTP, 0, OTP, 0, VALUE, 0 },
	{ CKA_OTP_SERVICE_LOGO, BYTES, OTP, 0, OTP, 0, VALUE, 0 },
	{ CKA_OTP_SERVICE_LOGO_TYPE, BYTES, OTP, 0, OTP, 0, VALUE, 0 },
	/* Whoever could set it back would get the same values again: otp.c alone changes it. */
	{ CKA_OTP_COUNTER, BYTES, OTP, 0, 0, 0, NONE, 0 },
	{ CKA_OTP_TIME, BYTES, OTP, 0, 0, 0, VALUE, 0 },
	{ CKA_HW_FEATURE_TYPE, ULONG, CRATON_KIND_CLOCK, 0, 0, RO, NONE, 0 },
	{ CKA_MECHANISM_TYPE, ULONG, CRATON_KIND_MECHANISM, 0, 0, RO, NONE, 0 },
	{ CKA_PROFILE_ID, ULONG, CRATON_KIND_PROFILE, 0, 0, RO, NONE, 0 },
	{ CKA_PARAMETER_SET, ULONG, PQ, PQ, 0, 0, NONE, 0 },
	{ CKA_ENCAPSULATE_TEMPLATE, TEMPLATE, PUBLIC, 0, 0, 0, NONE, 0 },
	{ CKA_DECAPSULATE_TEMPLATE, TEMPLATE, PRIVATE, 0, 0, 0, NONE, 0 },
	{ CKA_TRUST_SERVER_AUTH, ULONG, TRUST, 0, TRUST, 0, VALUE, 0 },
	{ CKA_TRUST_CLIENT_AUTH, ULONG, TRUST, 0, TRUST, 0, VALUE, 0 },
	{ CKA_TRUST_CODE_SIGNING, ULONG, TRUST, 0, TRUST, 0, VALUE, 0 },
	{ CKA_TRUST_EMAIL_PROTECTION, ULONG, TRUST, 0, TRUST, 0, VALUE, 0 },
	{ CKA_TRUST_IPSEC_IKE, ULONG, TRUST, 0, TRUST, 0, VALUE, 0 },
	{ CKA_TRUST_TIME_STAMPING, ULONG, TRUST, 0, TRUST, 0, VALUE, 0 },
	{ CKA_TRUST_OCSP_SIGNING, ULONG, TRUST, 0, TRUST, 0, VALUE, 0 },
	{ CKA_ENCAPSULATE, BOOL, PUBLIC, 0, PUBLIC, 0, VALUE, CRATON_KIND_ML_KEM_PUBLIC },
	{ CKA_DECAPSULATE, BOOL, PRIVATE, 0, PRIVATE, 0, VALUE, CRATON_KIND_ML_KEM_PRIVATE },
	{ CKA_HASH_OF_CERTIFICATE, BYTES, TRUST, 0, TRUST, INDEX, VALUE, 0 },
	{ CKA_SEED, BYTES, SEEDED, 0, 0, SENSITIVE, NONE, 0 },
	{ CKA_WRAP_TEMPLATE, TEMPLATE, PUBLIC | SECRET, 0, 0, 0, NONE, 0 },
	{ CKA_UNWRAP_TEMPLATE, TEMPLATE, PRIVATE | SECRET, 0, 0, 0, NONE, 0 },
	{ CKA_DERIVE_TEMPLATE, TEMPLATE, PRIVATE | SECRET, 0, 0, 0, NONE, 0 },
	{ CKA_ALLOWED_MECHANISMS, MECHANISMS, KEY, 0, 0, 0, NONE, 0 },
};

/* CKA_KEY_TYPE to the kind of its public, private and secret keys, and the lengths of the secret
 * ones in bytes: from the least in steps to the most; 0: all but none. */
static const KeyType key_types[] = {
	{ CKK_RSA, CRATON_KIND_RSA_PUBLIC | CRATON_KIND_RSA_PRIVATE },
	{ CKK_EC, CRATON_KIND_EC_PUBLIC | CRATON_KIND_EC_PRIVATE },
	{ CKK_EC_EDWARDS, CRATON_KIND_EDWARDS_PUBLIC | CRATON_KIND_EDWARDS_PRIVATE },
	{ CKK_EC_MONTGOMERY, CRATON_KIND_MONTGOMERY_PUBLIC | CRATON_KIND_MONTGOMERY_PRIVATE },
	{ CKK_DH, CRATON_KIND_DH_PUBLIC | CRATON_KIND_DH_PRIVATE | CRATON_KIND_DH_DOMAIN },
	{ CKK_DSA, CRATON_KIND_DSA_PUBLIC | CRATON_KIND_DSA_PRIVATE | DSA_DOMAIN },
	{ CKK_AES, CRATON_KIND_AES, 16, 32, 8 },
	{ CKK_AES_XTS, CRATON_KIND_AES, 32, 64, 32 },
	{ CKK_CAMELLIA, CRATON_KIND_AES, 16, 32, 8 },
	{ CKK_DES, CRATON_KIND_DES, 8, 8, 8 },
	{ CKK_DES2, CRATON_KIND_DES, 16, 16, 8 },
	{ CKK_DES3, CRATON_KIND_DES, 24, 24, 8 },
	{ CKK_CHACHA20, CRATON_KIND_CHACHA, 32, 32, 8 },
	{ CKK_POLY1305, CRATON_KIND_CHACHA, 32, 32, 8 },
	{ CKK_ML_KEM, CRATON_KIND_ML_KEM_PUBLIC | CRATON_KIND_ML_KEM_PRIVATE },
	{ CKK_ML_DSA, CRATON_KIND_ML_DSA_PUBLIC | CRATON_KIND_ML_DSA_PRIVATE },
	{ CKK_SLH_DSA, CRATON_KIND_SLH_DSA_PUBLIC | CRATON_KIND_SLH_DSA_PRIVATE },
	{ CKK_GENERIC_SECRET, CRATON_KIND_GENERIC },
	{ CKK_HKDF, CRATON_KIND_GENERIC },
	{ CKK_HOTP, OTP },
	{ CKK_MD5_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA_1_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA224_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA256_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA384_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA512_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA512_224_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA512_256_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA3_224_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA3_256_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA3_384_HMAC, CRATON_KIND_HMAC },
	{ CKK_SHA3_512_HMAC, CRATON_KIND_HMAC },
};

const CratonAttr *
craton_attr_nth (gsize index)
{
	return index < G_N_ELEMENTS (attrs) ? &attrs[index] : NULL;
}

const CratonAttr *
craton_attr_find (CK_ATTRIBUTE_TYPE type)
{
	gsize low = 0, high = G_N_ELEMENTS (attrs);

	while (low < high) {
		gsize middle = low + (high - low) / 2;

		if (attrs[middle].type == type)
			return &attrs[middle];
		if (attrs[middle].type < type)
			low = middle + 1;
		else
			high = middle;
	}
	return NULL;
}

static const KeyType *
find_key_type (CK_KEY_TYPE type)
{
	for (gsize i = 0; i < G_N_ELEMENTS (key_types); i++)
		if (key_types[i].type == type)
			return &key_types[i];
	return NULL;
}

CratonKinds
craton_attr_kind (CK_OBJECT_CLASS klass, CK_ULONG type)
{
	const KeyType *key_type;
	CratonKinds of_class;

	switch (klass) {
	case CKO_DATA:
		return CRATON_KIND_DATA;
	case CKO_CERTIFICATE:
		return type == CKC_X_509 ? CRATON_KIND_CERTIFICATE : 0;
	case CKO_TRUST:
		return CRATON_KIND_TRUST;
	case CKO_HW_FEATURE:
		return type == CKH_CLOCK ? CRATON_KIND_CLOCK : 0;
	case CKO_PROFILE:
		return CRATON_KIND_PROFILE;
	case CKO_MECHANISM:
		return CRATON_KIND_MECHANISM;
	case CKO_PUBLIC_KEY:
		of_class = CRATON_KINDS_PUBLIC;
		break;
	case CKO_PRIVATE_KEY:
		of_class = CRATON_KINDS_PRIVATE;
		break;
	case CKO_DOMAIN_PARAMETERS:
		of_class = CRATON_KINDS_DOMAIN;
		break;
	case CKO_SECRET_KEY:
		of_class = CRATON_KINDS_SECRET;
		break;
	case CKO_OTP_KEY:
		of_class = OTP;
		break;
	default:
		return 0;
	}
	key_type = find_key_type (type);
	return key_type == NULL ? 0 : key_type->kinds & of_class;
}

CK_OBJECT_CLASS
craton_attr_symmetric_class (CK_KEY_TYPE type)
{
	return craton_attr_kind (CKO_OTP_KEY, type) != 0 ? CKO_OTP_KEY : CKO_SECRET_KEY;
}

gboolean
craton_attr_is_key_len (CK_KEY_TYPE type, gsize len)
{
	const KeyType *key_type = find_key_type (type);

	if (key_type == NULL || key_type->most_len == 0)
		return len > 0;
	return len >= key_type->least_len && len <= key_type->most_len &&
	       (len - key_type->least_len) % key_type->len_step == 0;
}

gsize
craton_attr_key_len (CK_KEY_TYPE type)
{
	const KeyType *key_type = find_key_type (type);

	return key_type != NULL && key_type->least_len == key_type->most_len ? key_type->most_len
	                                                                     : 0;
}

static gboolean
is_date (const CK_ATTRIBUTE *value)
{
	const CK_BYTE *digits = value->pValue;

	if (value->ulValueLen == 0)
		return TRUE;
	if (value->ulValueLen != sizeof (CK_DATE))
		return FALSE;
	for (gsize i = 0; i < sizeof (CK_DATE); i++)
		if (digits[i] < '0' || digits[i] > '9')
			return FALSE;
	return TRUE;
}

static CK_RV
check_nested (const CK_ATTRIBUTE *value)
{
	const CK_ATTRIBUTE *items = value->pValue;
	gsize n_items = value->ulValueLen / sizeof (CK_ATTRIBUTE);
	gsize total = 0;

	if (value->ulValueLen % sizeof (CK_ATTRIBUTE) != 0 || n_items > CRATON_NESTED_MAX)
		return CKR_ATTRIBUTE_VALUE_INVALID;

	for (gsize i = 0; i < n_items; i++) {
		const CratonAttr *attr = craton_attr_find (items[i].type);
		CK_RV rv;

		if (attr == NULL)
			return CKR_ATTRIBUTE_TYPE_INVALID;
		if (attr->form == CRATON_FORM_TEMPLATE)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		rv = craton_attr_check (attr, &items[i]);
		if (rv != CKR_OK)
			return rv;
		total += items[i].ulValueLen;
	}
	return total <= CRATON_ATTR_LEN_MAX ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
}

CK_RV
craton_attr_check (const CratonAttr *attr, const CK_ATTRIBUTE *value)
{
	gboolean fits = FALSE;

	if (value->ulValueLen > CRATON_ATTR_LEN_MAX ||
	    (value->pValue == NULL && value->ulValueLen > 0))
		return CKR_ATTRIBUTE_VALUE_INVALID;

	switch (attr->form) {
	case CRATON_FORM_BOOL:
		fits = value->ulValueLen == sizeof (CK_BBOOL) &&
		       *(const CK_BBOOL *) value->pValue <= CK_TRUE;
		break;
	case CRATON_FORM_ULONG:
		fits = value->ulValueLen == sizeof (CK_ULONG);
		break;
	case CRATON_FORM_BYTES:
		fits = TRUE;
		break;
	case CRATON_FORM_BIGINT:
		fits = value->ulValueLen > 0;
		break;
	case CRATON_FORM_DATE:
		fits = is_date (value);
		break;
	case CRATON_FORM_TEMPLATE:
		return check_nested (value);
	case CRATON_FORM_MECHANISMS:
		fits = value->ulValueLen % sizeof (CK_MECHANISM_TYPE) == 0 &&
		       value->ulValueLen / sizeof (CK_MECHANISM_TYPE) <= CRATON_MECHANISMS_MAX;
		break;
	}
	return fits ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
}

void
craton_attr_put (const CratonAttr *attr, const CK_ATTRIBUTE *value, GByteArray *out)
{
	const CK_ATTRIBUTE *items = value->pValue;

	if (attr->form != CRATON_FORM_TEMPLATE) {
		if (value->ulValueLen > 0)
			g_byte_array_append (out, value->pValue, value->ulValueLen);
		return;
	}
	for (gsize i = 0; i < value->ulValueLen / sizeof (CK_ATTRIBUTE); i++) {
		g_byte_array_append (out, (const guint8 *) &items[i].type, sizeof (CK_ULONG));
		g_byte_array_append (out, (const guint8 *) &items[i].ulValueLen, sizeof (CK_ULONG));
		if (items[i].ulValueLen > 0)
			g_byte_array_append (out, items[i].pValue, items[i].ulValueLen);
	}
}

gboolean
craton_attr_next (const CK_BYTE *items, gsize items_len, gsize *inout_at, CK_ATTRIBUTE *ret_item)
{
	CK_ATTRIBUTE item;

	if (items_len - *inout_at < 2 * sizeof (CK_ULONG))
		return FALSE;
	memcpy (&item.type, items + *inout_at, sizeof (CK_ULONG));
	memcpy (&item.ulValueLen, items + *inout_at + sizeof (CK_ULONG), sizeof (CK_ULONG));
	*inout_at += 2 * sizeof (CK_ULONG);
	if (items_len - *inout_at < item.ulValueLen)
		return FALSE;
	item.pValue = (CK_VOID_PTR) (items + *inout_at);
	*inout_at += item.ulValueLen;
	*ret_item = item;
	return TRUE;
}
