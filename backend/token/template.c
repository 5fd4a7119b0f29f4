/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Templates, see template.h. A template is copied before it is judged: it may lie in memory that
 * the client still writes to. What may be set, where and when is in the attribute table; here is
 * the order in which it is asked. Called by object-calls.c and object-make.c.
 */
#include "config.h"

#include "template.h"

#include <openssl/crypto.h>
#include <string.h>

#include "attr.h"
#include "des.h"
#include "facts.h"
#include "mech-pq.h"
#include "otp.h"

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/* An object in the making. */
typedef struct {
	GArray *values;   /* of CK_ATTRIBUTE, in the token's form */
	GPtrArray *owned; /* of Block: the bytes of the values */
	gsize len;
	CratonKinds kind;
} Draft;

typedef struct {
	gsize len;
	CK_BYTE bytes[];
} Block;

static void
free_block (gpointer data)
{
	Block *block = data;

	OPENSSL_cleanse (block->bytes, block->len);
	g_free (block);
}

static void
draft_init (Draft *draft)
{
	draft->values = g_array_new (FALSE, FALSE, sizeof (CK_ATTRIBUTE));
	draft->owned = g_ptr_array_new_with_free_func (free_block);
	draft->len = 0;
	draft->kind = 0;
}

static void
draft_clear (Draft *draft)
{
	g_array_unref (draft->values);
	g_ptr_array_unref (draft->owned);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Draft, draft_clear)

static CK_ATTRIBUTE *
draft_find (const Draft *draft, CK_ATTRIBUTE_TYPE type)
{
	for (guint i = 0; i < draft->values->len; i++) {
		CK_ATTRIBUTE *value = &g_array_index (draft->values, CK_ATTRIBUTE, i);

		if (value->type == type)
			return value;
	}
	return NULL;
}

static gboolean
draft_bool (const Draft *draft, CK_ATTRIBUTE_TYPE type)
{
	const CK_ATTRIBUTE *value = draft_find (draft, type);

	return value != NULL && value->ulValueLen == sizeof (CK_BBOOL) &&
	       *(const CK_BBOOL *) value->pValue != CK_FALSE;
}

static CK_ULONG
draft_ulong (const Draft *draft, CK_ATTRIBUTE_TYPE type)
{
	const CK_ATTRIBUTE *value = draft_find (draft, type);
	CK_ULONG number = CK_UNAVAILABLE_INFORMATION;

	if (value != NULL && value->ulValueLen == sizeof number)
		memcpy (&number, value->pValue, sizeof number);
	return number;
}

/* Sets an attribute to a copy of the bytes, over what it has been. */
static CK_RV
draft_set (Draft *draft, CK_ATTRIBUTE_TYPE type, const void *bytes, gsize len)
{
	CK_ATTRIBUTE value = { .type = type, .ulValueLen = len }, *old;
	Block *block;

	if (draft->len + len > CRATON_OBJECT_LEN_MAX)
		return CKR_DEVICE_MEMORY;
	block = g_try_malloc (sizeof *block + len + 1);
	if (block == NULL)
		return CKR_HOST_MEMORY;
	block->len = len;
	if (len > 0)
		memcpy (block->bytes, bytes, len);
	g_ptr_array_add (draft->owned, block);
	draft->len += len;
	value.pValue = block->bytes;
	old = draft_find (draft, type);
	if (old != NULL)
		*old = value;
	else
		g_array_append_val (draft->values, value);
	return CKR_OK;
}

static gboolean
same (const CK_ATTRIBUTE *a, const CK_ATTRIBUTE *b)
{
	return a->ulValueLen == b->ulValueLen &&
	       (a->ulValueLen == 0 || memcmp (a->pValue, b->pValue, a->ulValueLen) == 0);
}

/* Sets what is not set yet; the same once more does no harm, another value does. */
static CK_RV
draft_add (Draft *draft, const CK_ATTRIBUTE *value)
{
	const CK_ATTRIBUTE *old = draft_find (draft, value->type);

	if (old != NULL)
		return same (old, value) ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
	return draft_set (draft, value->type, value->pValue, value->ulValueLen);
}

static CratonObject *
draft_object (const Draft *draft)
{
	return craton_object_new ((const CK_ATTRIBUTE *) (gpointer) draft->values->data,
	                          draft->values->len);
}

CK_RV
craton_template_check (const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	return n_attrs > CRATON_TEMPLATE_MAX || (template == NULL && n_attrs > 0)
	               ? CKR_ARGUMENTS_BAD
	               : CKR_OK;
}

/* Copies a template into @draft, each value in the form that its row asks for. */
static CK_RV
read_template (Draft *draft, const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	for (CK_ULONG i = 0; i < n_attrs; i++) {
		const CratonAttr *attr = craton_attr_find (template[i].type);
		CK_ATTRIBUTE value = template[i];
		g_autoptr (GByteArray) plain = NULL;
		CK_RV rv;

		if (attr == NULL)
			return CKR_ATTRIBUTE_TYPE_INVALID;
		rv = craton_attr_check (attr, &value);
		if (rv == CKR_OK && attr->form == CRATON_FORM_TEMPLATE) {
			plain = g_byte_array_new ();
			craton_attr_put (attr, &value, plain);
			value.pValue = plain->data;
			value.ulValueLen = plain->len;
		}
		if (rv == CKR_OK)
			rv = draft_add (draft, &value);
		if (rv != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

/* Whether the token has the class at all is said before its attributes are looked at: nothing about
 * them is known otherwise. */
static CK_RV
check_class (const CratonPlan *plan)
{
	for (CK_ULONG i = 0; i < plan->n_attrs; i++) {
		const CK_ATTRIBUTE *value = &plan->template[i];
		CK_OBJECT_CLASS klass;

		if (value->type != CKA_CLASS || value->pValue == NULL ||
		    value->ulValueLen != sizeof klass)
			continue;
		memcpy (&klass, value->pValue, sizeof klass);
		if (klass > CKO_SECRET_KEY && klass != CKO_DOMAIN_PARAMETERS &&
		    klass != CKO_OTP_KEY && klass != CKO_TRUST)
			return CKR_ATTRIBUTE_VALUE_INVALID;
	}
	return CKR_OK;
}

static CK_RV
find_kind (Draft *draft)
{
	CK_OBJECT_CLASS klass = draft_ulong (draft, CKA_CLASS);
	CK_ATTRIBUTE_TYPE type = klass == CKO_CERTIFICATE ? CKA_CERTIFICATE_TYPE : CKA_KEY_TYPE;

	if (draft_find (draft, CKA_CLASS) == NULL)
		return CKR_TEMPLATE_INCOMPLETE;
	if (klass != CKO_DATA && klass != CKO_TRUST && draft_find (draft, type) == NULL)
		return CKR_TEMPLATE_INCOMPLETE;
	draft->kind = craton_attr_kind (klass, draft_ulong (draft, type));
	return draft->kind != 0 ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
}

/* Whether the client may give this attribute to a new object. */
static CK_RV
may_create (const CratonPlan *plan, const Draft *draft, const CK_ATTRIBUTE *value)
{
	const CratonAttr *attr = craton_attr_find (value->type);
	gboolean import = plan->way == CRATON_WAY_IMPORT;
	const CK_ATTRIBUTE *made = NULL;

	if (((attr->rules & CRATON_RULE_READ_ONLY) != 0 && !import) ||
	    (plan->way == CRATON_WAY_CREATE && (attr->rules & CRATON_RULE_NOT_CREATE) != 0))
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((attr->where & draft->kind) == 0)
		return CKR_TEMPLATE_INCONSISTENT;
	if ((attr->rules & CRATON_RULE_SO_TRUE) != 0 && !plan->by_so &&
	    *(const CK_BBOOL *) value->pValue)
		return CKR_ATTRIBUTE_READ_ONLY;
	for (CK_ULONG i = 0; i < plan->n_made; i++)
		if (plan->made[i].type == value->type)
			made = &plan->made[i];
	if (made != NULL)
		return same (made, value) ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
	/* The mechanism makes the key, the template cannot add to it. */
	if (plan->way != CRATON_WAY_CREATE && !import && (attr->rules & CRATON_RULE_SENSITIVE) != 0)
		return CKR_TEMPLATE_INCONSISTENT;
	return CKR_OK;
}

/* Whether what the mechanism made fits what the template asks for: a value and the type of another
 * key do not. */
static CK_RV
check_made (const CratonPlan *plan, const Draft *draft)
{
	for (CK_ULONG i = 0; i < plan->n_made; i++)
		if ((craton_attr_find (plan->made[i].type)->where & draft->kind) == 0)
			return CKR_TEMPLATE_INCONSISTENT;
	return CKR_OK;
}

/* Adds the attributes of a key's CKA_UNWRAP_TEMPLATE, CKA_DERIVE_TEMPLATE and so on. We take it as
 * binding: a template that says otherwise is refused. */
static CK_RV
apply_base (const CratonPlan *plan, Draft *draft)
{
	static const CK_ATTRIBUTE_TYPE types[] = {
		[CRATON_WAY_CREATE] = CK_UNAVAILABLE_INFORMATION,
		[CRATON_WAY_GENERATE] = CK_UNAVAILABLE_INFORMATION,
		[CRATON_WAY_UNWRAP] = CKA_UNWRAP_TEMPLATE,
		[CRATON_WAY_DERIVE] = CKA_DERIVE_TEMPLATE,
		[CRATON_WAY_ENCAPSULATE] = CKA_ENCAPSULATE_TEMPLATE,
		[CRATON_WAY_DECAPSULATE] = CKA_DECAPSULATE_TEMPLATE,
		[CRATON_WAY_PUBLIC_HALF] = CK_UNAVAILABLE_INFORMATION,
		[CRATON_WAY_IMPORT] = CK_UNAVAILABLE_INFORMATION,
	};
	const CK_BYTE *items;
	CK_ATTRIBUTE item;
	gsize len, at = 0;

	if (plan->base == NULL || types[plan->way] == CK_UNAVAILABLE_INFORMATION)
		return CKR_OK;
	items = craton_object_get (plan->base, types[plan->way], &len);
	while (items != NULL && craton_attr_next (items, len, &at, &item)) {
		const CratonAttr *attr = craton_attr_find (item.type);
		CK_RV rv;

		if (attr == NULL || (attr->where & draft->kind) == 0 ||
		    (attr->rules & CRATON_RULE_READ_ONLY) != 0)
			return CKR_TEMPLATE_INCONSISTENT;
		/* Nobody makes a trusted key by way of a template that he gave to one of his own. */
		if ((attr->rules & CRATON_RULE_SO_TRUE) != 0 && !plan->by_so &&
		    *(const CK_BBOOL *) item.pValue)
			return CKR_ATTRIBUTE_READ_ONLY;
		rv = draft_add (draft, &item);
		if (rv != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

/* PKCS#11 3.2, C_UnwrapKey and C_EncapsulateKey: a key that somebody else has can be taken out again. */
static gboolean
is_extractable (const CratonPlan *plan)
{
	return plan->way == CRATON_WAY_UNWRAP || plan->way == CRATON_WAY_ENCAPSULATE ||
	       plan->way == CRATON_WAY_DECAPSULATE;
}

static CK_RV
fill_defaults (const CratonPlan *plan, Draft *draft)
{
	static const CK_ULONG zero = 0;
	const CratonAttr *attr;

	for (gsize i = 0; (attr = craton_attr_nth (i)) != NULL; i++) {
		const void *bytes = NULL;
		gsize len = 0;
		CK_RV rv;

		if ((attr->where & draft->kind) == 0 || draft_find (draft, attr->type) != NULL)
			continue;
		if ((attr->required & draft->kind) != 0)
			return CKR_TEMPLATE_INCOMPLETE;
		if (attr->fallback == CRATON_DEFAULT_NONE)
			continue;
		if (attr->form == CRATON_FORM_BOOL) {
			bytes = (attr->yes & draft->kind) != 0 ||
			                        (attr->type == CKA_EXTRACTABLE && is_extractable (plan))
			                ? &yes
			                : &no;
			len = sizeof yes;
		} else if (attr->form == CRATON_FORM_ULONG) {
			bytes = &zero;
			len = sizeof zero;
		}
		rv = draft_set (draft, attr->type, bytes, len);
		if (rv != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

/* Sets an attribute that says where a key has come from. An imported one may have brought it along. */
static CK_RV
set_origin (const CratonPlan *plan, Draft *draft, CK_ATTRIBUTE_TYPE type, gboolean value)
{
	if (plan->way == CRATON_WAY_IMPORT && draft_find (draft, type) != NULL)
		return CKR_OK;
	return draft_set (draft, type, value ? &yes : &no, sizeof yes);
}

/* Sets what says where a key has come from. */
static CK_RV
fill_origin (const CratonPlan *plan, Draft *draft)
{
	gboolean generated = plan->way == CRATON_WAY_GENERATE;
	gboolean derived = plan->way == CRATON_WAY_DERIVE;
	CK_MECHANISM_TYPE mechanism = generated || plan->way == CRATON_WAY_PUBLIC_HALF
	                                      ? plan->mechanism
	                                      : CK_UNAVAILABLE_INFORMATION;
	gboolean always_sensitive = generated || (derived && plan->always_sensitive);
	gboolean never_extractable = generated || (derived && plan->never_extractable);
	CK_RV rv;

	if ((draft->kind & CRATON_KINDS_DOMAIN) != 0)
		return set_origin (plan, draft, CKA_LOCAL, generated);
	if ((draft->kind & CRATON_KINDS_KEY) == 0)
		return CKR_OK;
	rv = set_origin (plan, draft, CKA_LOCAL, generated);
	if (rv == CKR_OK && !(plan->way == CRATON_WAY_IMPORT && draft_find (draft, CKA_KEY_GEN_MECHANISM) != NULL))
		rv = draft_set (draft, CKA_KEY_GEN_MECHANISM, &mechanism, sizeof mechanism);
	if (rv != CKR_OK || (draft->kind & CRATON_KINDS_GUARDED) == 0)
		return rv;
	rv = set_origin (plan, draft, CKA_ALWAYS_SENSITIVE,
	                 always_sensitive && draft_bool (draft, CKA_SENSITIVE));
	if (rv == CKR_OK)
		rv = set_origin (plan, draft, CKA_NEVER_EXTRACTABLE,
		                 never_extractable && !draft_bool (draft, CKA_EXTRACTABLE));
	return rv;
}

/* Sets a number that follows from the key's value, or checks the one that was given. */
static CK_RV
settle_ulong (Draft *draft, CK_ATTRIBUTE_TYPE type, CK_ULONG number)
{
	if (draft_find (draft, type) != NULL)
		return draft_ulong (draft, type) == number ? CKR_OK : CKR_TEMPLATE_INCONSISTENT;
	return draft_set (draft, type, &number, sizeof number);
}

static gboolean
is_secret_value (CK_KEY_TYPE type, const CK_BYTE *value, gsize len)
{
	if (!craton_attr_is_key_len (type, len))
		return FALSE;
	/* PKCS#11 3.2, DES secret key objects */
	if (craton_des_is_type (type))
		return craton_des_has_parity (value, len);
	/* SP 800-38E, and FIPS 140-3 IG C.I: two keys that are one are not XTS. */
	return type != CKK_AES_XTS || CRYPTO_memcmp (value, value + len / 2, len / 2) != 0;
}

/* Which attributes are the length of which number. */
static const struct {
	CratonKinds where;
	CK_ATTRIBUTE_TYPE number, bits;
} lengths[] = {
	{ CRATON_KIND_RSA_PUBLIC, CKA_MODULUS, CKA_MODULUS_BITS },
	{ CRATON_KINDS_DOMAIN, CKA_PRIME, CKA_PRIME_BITS },
	{ CRATON_KIND_DSA_DOMAIN, CKA_SUBPRIME, CKA_SUBPRIME_BITS },
	{ CRATON_KIND_DH_PRIVATE, CKA_VALUE, CKA_VALUE_BITS },
};

static CK_RV
settle_lengths (Draft *draft)
{
	const CK_ATTRIBUTE *value;
	CK_KEY_TYPE type;

	if ((draft->kind & CRATON_KINDS_SYMMETRIC) != 0) {
		value = draft_find (draft, CKA_VALUE);
		type = draft_ulong (draft, CKA_KEY_TYPE);
		if (!is_secret_value (type, value->pValue, value->ulValueLen))
			return CKR_ATTRIBUTE_VALUE_INVALID;
		return (craton_attr_find (CKA_VALUE_LEN)->where & draft->kind) == 0
		               ? CKR_OK
		               : settle_ulong (draft, CKA_VALUE_LEN, value->ulValueLen);
	}
	for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++) {
		CK_RV rv;

		if ((draft->kind & lengths[i].where) == 0)
			continue;
		/* A template that asks for a length of the private number is content with less. */
		if (lengths[i].bits == CKA_VALUE_BITS && draft_find (draft, CKA_VALUE_BITS) != NULL)
			continue;
		value = draft_find (draft, lengths[i].number);
		rv = settle_ulong (draft, lengths[i].bits,
		                   craton_facts_bits (value->pValue, value->ulValueLen));
		if (rv != CKR_OK)
			return rv;
	}
	return CKR_OK;
}

static gboolean
is_empty (const Draft *draft, CK_ATTRIBUTE_TYPE type)
{
	const CK_ATTRIBUTE *value = draft_find (draft, type);

	return value == NULL || value->ulValueLen == 0;
}

/* The value of a private key that came as a seed (PKCS#11 3.2, ML-KEM and ML-DSA private keys). */
static CK_RV
settle_seeded (Draft *draft)
{
	const CK_ATTRIBUTE *seed = draft_find (draft, CKA_SEED);
	CK_BYTE value[CRATON_PQ_VALUE_MAX];
	gsize len = 0;
	CK_RV rv;

	if ((draft->kind & (CRATON_KIND_ML_KEM_PRIVATE | CRATON_KIND_ML_DSA_PRIVATE)) == 0 ||
	    !is_empty (draft, CKA_VALUE))
		return CKR_OK;
	if (is_empty (draft, CKA_SEED))
		return CKR_TEMPLATE_INCOMPLETE;
	rv = craton_pq_expand (draft_ulong (draft, CKA_KEY_TYPE),
	                       draft_ulong (draft, CKA_PARAMETER_SET), seed->pValue,
	                       seed->ulValueLen, value, &len);
	if (rv == CKR_OK)
		rv = draft_set (draft, CKA_VALUE, value, len);
	OPENSSL_cleanse (value, sizeof value);
	return rv;
}

/* PKCS#11 3.2, OATH HOTP secret key objects; RFC 4226, 5.3. What goes into a value is the key and a counter, and what comes out are
 * decimal digits. */
static CK_RV
settle_otp (Draft *draft)
{
	static const CK_BYTE zero[CRATON_OTP_COUNTER_LEN];
	static const CK_ULONG digits = CRATON_OTP_DIGITS_MIN, optional = CK_OTP_PARAM_OPTIONAL;
	static const CK_ATTRIBUTE values[] = {
		{ CKA_OTP_LENGTH, (void *) &digits, sizeof digits },
		{ CKA_OTP_COUNTER_REQUIREMENT, (void *) &optional, sizeof optional },
		{ CKA_OTP_COUNTER, (void *) zero, sizeof zero },
	};
	CK_RV rv = CKR_OK;

	if (draft->kind != CRATON_KIND_OTP)
		return CKR_OK;
	for (gsize i = 0; rv == CKR_OK && i < G_N_ELEMENTS (values); i++)
		if (draft_find (draft, values[i].type) == NULL)
			rv = draft_add (draft, &values[i]);
	if (rv != CKR_OK)
		return rv;
	if (draft_ulong (draft, CKA_OTP_FORMAT) != CK_OTP_FORMAT_DECIMAL ||
	    !craton_otp_has_digits (draft_ulong (draft, CKA_OTP_LENGTH)) ||
	    draft_ulong (draft, CKA_OTP_CHALLENGE_REQUIREMENT) != CK_OTP_PARAM_IGNORED ||
	    draft_ulong (draft, CKA_OTP_TIME_REQUIREMENT) != CK_OTP_PARAM_IGNORED ||
	    draft_ulong (draft, CKA_OTP_PIN_REQUIREMENT) != CK_OTP_PARAM_IGNORED ||
	    draft_ulong (draft, CKA_OTP_COUNTER_REQUIREMENT) > CK_OTP_PARAM_MANDATORY ||
	    draft_find (draft, CKA_OTP_COUNTER)->ulValueLen != sizeof zero ||
	    draft_find (draft, CKA_OTP_TIME)->ulValueLen != 0)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return CKR_OK;
}

/* PKCS#11 3.2, Trust objects: what may be said about a certificate, and that trust in one names its hash. */
static CK_RV
check_trust (const Draft *draft)
{
	gboolean trusts = FALSE;

	for (CK_ATTRIBUTE_TYPE type = CKA_TRUST_SERVER_AUTH; type <= CKA_TRUST_OCSP_SIGNING; type++) {
		CK_TRUST trust = draft_ulong (draft, type);

		if (trust > CKT_TRUST_MUST_VERIFY_TRUST)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		trusts |= trust != CKT_TRUST_UNKNOWN && trust != CKT_NOT_TRUSTED;
	}
	if (trusts && (is_empty (draft, CKA_HASH_OF_CERTIFICATE) || draft_find (draft, CKA_NAME_HASH_ALGORITHM) == NULL))
		return CKR_TEMPLATE_INCOMPLETE;
	return CKR_OK;
}

/* Whether the values go together. */
static CK_RV
check_together (const Draft *draft)
{
	if (draft->kind == CRATON_KIND_TRUST)
		return check_trust (draft);
	if (draft_bool (draft, CKA_ALWAYS_AUTHENTICATE) && !draft_bool (draft, CKA_PRIVATE))
		return CKR_TEMPLATE_INCONSISTENT;
	if (draft->kind != CRATON_KIND_CERTIFICATE)
		return CKR_OK;
	if (is_empty (draft, CKA_VALUE) && is_empty (draft, CKA_URL))
		return CKR_TEMPLATE_INCOMPLETE;
	if (!is_empty (draft, CKA_URL) && is_empty (draft, CKA_VALUE) &&
	    (is_empty (draft, CKA_HASH_OF_SUBJECT_PUBLIC_KEY) ||
	     is_empty (draft, CKA_HASH_OF_ISSUER_PUBLIC_KEY)))
		return CKR_TEMPLATE_INCOMPLETE;
	return CKR_OK;
}

static CK_RV
settle_check_value (Draft *draft, const CratonObject *object)
{
	const CK_ATTRIBUTE *given = draft_find (draft, CKA_CHECK_VALUE);
	CK_BYTE bytes[CRATON_FACTS_CHECK_VALUE_LEN];
	CK_ATTRIBUTE value = { CKA_CHECK_VALUE, bytes, sizeof bytes };

	if ((draft->kind & (CRATON_KINDS_SYMMETRIC | CRATON_KIND_CERTIFICATE)) == 0)
		return CKR_OK;
	/* Given as empty: the client wants none. */
	if (given != NULL && given->ulValueLen == 0)
		return CKR_OK;
	if (craton_facts_check_value (object, bytes) != CKR_OK)
		return given == NULL ? draft_set (draft, CKA_CHECK_VALUE, NULL, 0)
		                     : CKR_ATTRIBUTE_VALUE_INVALID;
	if (given != NULL)
		return same (given, &value) ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID;
	return draft_set (draft, CKA_CHECK_VALUE, bytes, sizeof bytes);
}

static CK_RV
settle_public_key_info (Draft *draft, CratonObject *object)
{
	const CK_ATTRIBUTE *given = draft_find (draft, CKA_PUBLIC_KEY_INFO);
	g_autoptr (GBytes) info = NULL;
	CK_ATTRIBUTE value = { .type = CKA_PUBLIC_KEY_INFO };
	gsize len = 0;
	CK_RV rv;

	if ((draft->kind &
	     (CRATON_KINDS_PUBLIC | CRATON_KINDS_PRIVATE | CRATON_KIND_CERTIFICATE)) == 0)
		return CKR_OK;
	rv = craton_facts_public_key_info (object, &info);
	if (rv != CKR_OK)
		return rv;
	if (info != NULL)
		value.pValue = (CK_VOID_PTR) g_bytes_get_data (info, &len);
	value.ulValueLen = len;
	/* What a certificate's says is the client's own business (Certificate objects). */
	if (given == NULL || (given->ulValueLen == 0 && draft->kind != CRATON_KIND_CERTIFICATE))
		return draft_set (draft, CKA_PUBLIC_KEY_INFO, value.pValue, value.ulValueLen);
	if (draft->kind == CRATON_KIND_CERTIFICATE || same (given, &value))
		return CKR_OK;
	return CKR_ATTRIBUTE_VALUE_INVALID;
}

/* The last step: what follows from the numbers, and with it whether they make a key. */
static CK_RV
finish (Draft *draft, CratonObject **ret_object)
{
	g_autoptr (CratonObject) half = draft_object (draft);
	CratonObject *object;
	CK_RV rv;

	if (half == NULL)
		return CKR_HOST_MEMORY;
	rv = settle_check_value (draft, half);
	if (rv == CKR_OK)
		rv = settle_public_key_info (draft, half);
	if (rv != CKR_OK)
		return rv;
	object = draft_object (draft);
	if (object == NULL)
		return CKR_HOST_MEMORY;
	craton_object_share_pkey (half, object);
	*ret_object = object;
	return CKR_OK;
}

static CK_RV
set_unique_id (Draft *draft)
{
	CK_BYTE id[CRATON_FACTS_UNIQUE_ID_LEN];
	CK_RV rv = craton_facts_unique_id (id);

	return rv == CKR_OK ? draft_set (draft, CKA_UNIQUE_ID, id, sizeof id) : rv;
}

CK_RV
craton_template_make (const CratonPlan *plan, CratonObject **ret_object)
{
	g_auto (Draft) draft;
	guint n_given;
	CK_RV rv;

	draft_init (&draft);
	rv = craton_template_check (plan->template, plan->n_attrs);
	if (rv == CKR_OK)
		rv = check_class (plan);
	if (rv == CKR_OK)
		rv = read_template (&draft, plan->template, plan->n_attrs);
	n_given = draft.values->len;
	if (rv == CKR_OK)
		rv = read_template (&draft, plan->made, plan->n_made);
	if (rv == CKR_OK)
		rv = find_kind (&draft);
	for (guint i = 0; rv == CKR_OK && i < n_given; i++)
		rv = may_create (plan, &draft, &g_array_index (draft.values, CK_ATTRIBUTE, i));
	if (rv == CKR_OK)
		rv = check_made (plan, &draft);
	if (rv == CKR_OK)
		rv = apply_base (plan, &draft);
	if (rv == CKR_OK)
		rv = fill_defaults (plan, &draft);
	if (rv == CKR_OK)
		rv = settle_lengths (&draft);
	if (rv == CKR_OK)
		rv = settle_seeded (&draft);
	if (rv == CKR_OK)
		rv = settle_otp (&draft);
	if (rv == CKR_OK)
		rv = check_together (&draft);
	if (rv == CKR_OK)
		rv = fill_origin (plan, &draft);
	if (rv == CKR_OK)
		rv = set_unique_id (&draft);
	return rv == CKR_OK ? finish (&draft, ret_object) : rv;
}

static gboolean
truth (const CK_ATTRIBUTE *value)
{
	return value != NULL && value->ulValueLen == sizeof (CK_BBOOL) &&
	       *(const CK_BBOOL *) value->pValue != CK_FALSE;
}

/* Whether the client may turn this attribute of @old into @value. */
static CK_RV
may_change (const CratonObject *old, const CK_ATTRIBUTE *value, gboolean copying, gboolean by_so)
{
	const CratonAttr *attr = craton_attr_find (value->type);
	const CK_ATTRIBUTE *before = craton_object_find (old, value->type);
	gboolean copied = copying && (attr->rules & CRATON_RULE_COPY) != 0;

	if ((attr->rules & CRATON_RULE_READ_ONLY) != 0)
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((attr->where & old->kind) == 0)
		return CKR_TEMPLATE_INCONSISTENT;
	if ((attr->modify & old->kind) == 0 && !copied)
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((attr->rules & CRATON_RULE_ONCE_TRUE) != 0 && truth (before) && !truth (value))
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((attr->rules & CRATON_RULE_ONCE_FALSE) != 0 && !truth (before) && truth (value))
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((attr->rules & CRATON_RULE_SO_TRUE) != 0 && truth (value) && !truth (before) && !by_so)
		return CKR_ATTRIBUTE_READ_ONLY;
	/* A check value can be taken away, and a public key only repeated. */
	if (value->type == CKA_CHECK_VALUE && value->ulValueLen > 0 &&
	    (before == NULL || !same (before, value)))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	if (value->type == CKA_PUBLIC_KEY_INFO && (before == NULL || !same (before, value)))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	/* What was promised to stay hidden behind the PIN does not come out as a copy. */
	if (value->type == CKA_PRIVATE && truth (before) && !truth (value) &&
	    (old->kind & CRATON_KINDS_GUARDED) != 0)
		return CKR_TEMPLATE_INCONSISTENT;
	return CKR_OK;
}

CK_RV
craton_template_change (CratonObject *old, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                        gboolean copying, gboolean by_so, CratonObject **ret_object)
{
	g_auto (Draft) draft;
	CratonObject *object = NULL;
	CK_RV rv;

	draft_init (&draft);
	draft.kind = old->kind;
	rv = craton_template_check (template, n_attrs);
	if (rv == CKR_OK && old->locked)
		rv = CKR_USER_NOT_LOGGED_IN;
	if (rv == CKR_OK)
		rv = read_template (&draft, template, n_attrs);
	for (guint i = 0; rv == CKR_OK && i < draft.values->len; i++)
		rv = may_change (old, &g_array_index (draft.values, CK_ATTRIBUTE, i), copying,
		                 by_so);
	for (gsize i = 0; rv == CKR_OK && i < old->n_values; i++)
		if (draft_find (&draft, old->values[i].type) == NULL)
			rv = draft_add (&draft, &old->values[i]);
	if (rv == CKR_OK)
		rv = check_together (&draft);
	/* Neither C_SetAttributeValue nor C_CopyObject has the code for what a new object lacks. */
	if (rv == CKR_TEMPLATE_INCOMPLETE)
		rv = CKR_TEMPLATE_INCONSISTENT;
	if (rv == CKR_OK && copying)
		rv = set_unique_id (&draft);
	if (rv == CKR_OK) {
		object = draft_object (&draft);
		rv = object != NULL ? CKR_OK : CKR_HOST_MEMORY;
	}
	if (rv != CKR_OK)
		return rv;
	craton_object_share_pkey (old, object);
	if (!copying) {
		object->id = old->id;
		object->revision = old->revision;
		object->has_mac = old->has_mac;
	}
	*ret_object = object;
	return CKR_OK;
}
