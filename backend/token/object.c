/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects in memory, see object.h: a sorted array of values over one block of bytes. Called by
 * everybody in the token; what is in an object has been checked when it was made (template.c) or
 * unsealed (record.c).
 */
#include "config.h"

#include "object-private.h"

#include <openssl/crypto.h>
#include <stdlib.h>
#include <string.h>

#include "attr.h"
#include "mech-sign.h"
#include "secret.h"

static int
compare_types (const void *a, const void *b)
{
	const CK_ATTRIBUTE *first = a, *second = b;

	return first->type < second->type ? -1 : first->type > second->type;
}

static CratonKinds
kind_of (const CratonObject *object)
{
	CK_OBJECT_CLASS klass =
		craton_object_get_ulong (object, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);
	CK_ATTRIBUTE_TYPE type = klass == CKO_CERTIFICATE ? CKA_CERTIFICATE_TYPE
	                         : klass == CKO_HW_FEATURE ? CKA_HW_FEATURE_TYPE
	                                                   : CKA_KEY_TYPE;

	return craton_attr_kind (
		klass, craton_object_get_ulong (object, type, CK_UNAVAILABLE_INFORMATION));
}

static gboolean
holds_key (const CK_ATTRIBUTE *values, gsize n_values)
{
	CK_OBJECT_CLASS klass = CK_UNAVAILABLE_INFORMATION;

	for (gsize i = 0; i < n_values; i++) {
		if (values[i].type == CKA_CLASS && values[i].ulValueLen == sizeof klass)
			memcpy (&klass, values[i].pValue, sizeof klass);
	}
	return klass == CKO_PRIVATE_KEY || klass == CKO_SECRET_KEY || klass == CKO_OTP_KEY;
}

CratonObject *
craton_object_new (const CK_ATTRIBUTE *values, gsize n_values)
{
	CratonObject *object = g_try_new0 (CratonObject, 1);
	CK_BYTE *at;

	if (object == NULL)
		return NULL;
	object->refs = 1;
	pthread_mutex_init (&object->parse_lock, NULL);
	for (gsize i = 0; i < n_values; i++)
		object->arena_len += values[i].ulValueLen;
	/* Never of no length: an empty value still points somewhere. */
	object->arena = holds_key (values, n_values) ? craton_secret_alloc (object->arena_len + 1)
	                                             : OPENSSL_malloc (object->arena_len + 1);
	object->values = g_try_new (CK_ATTRIBUTE, n_values + 1);
	if (object->arena == NULL || object->values == NULL) {
		object->arena_len = 0;
		craton_object_unref (object);
		return NULL;
	}

	at = object->arena;
	for (gsize i = 0; i < n_values; i++) {
		object->values[i] = values[i];
		object->values[i].pValue = at;
		if (values[i].ulValueLen > 0)
			memcpy (at, values[i].pValue, values[i].ulValueLen);
		at += values[i].ulValueLen;
	}
	object->n_values = n_values;
	qsort (object->values, n_values, sizeof *object->values, compare_types);
	object->kind = kind_of (object);
	return object;
}

CratonObject *
craton_object_ref (CratonObject *object)
{
	g_atomic_int_inc (&object->refs);
	return object;
}

void
craton_object_unref (CratonObject *object)
{
	if (object == NULL || !g_atomic_int_dec_and_test (&object->refs))
		return;
	craton_secret_free (object->arena, object->arena_len);
	g_free (object->values);
	for (gsize i = 0; i < CRATON_OBJECT_CONTEXTS; i++)
		EVP_PKEY_CTX_free (object->contexts[i].context);
	EVP_MD_CTX_free (object->messages[0]);
	EVP_MD_CTX_free (object->messages[1]);
	EVP_PKEY_free (object->pkey);
	pthread_mutex_destroy (&object->parse_lock);
	g_free (object);
}

const CK_ATTRIBUTE *
craton_object_find (const CratonObject *object, CK_ATTRIBUTE_TYPE type)
{
	CK_ATTRIBUTE key = { .type = type };

	return bsearch (&key, object->values, object->n_values, sizeof key, compare_types);
}

const CK_BYTE *
craton_object_get (const CratonObject *object, CK_ATTRIBUTE_TYPE type, gsize *ret_len)
{
	const CK_ATTRIBUTE *value = craton_object_find (object, type);

	if (value == NULL)
		return NULL;
	if (ret_len != NULL)
		*ret_len = value->ulValueLen;
	return value->pValue;
}

gboolean
craton_object_get_bool (const CratonObject *object, CK_ATTRIBUTE_TYPE type, gboolean fallback)
{
	const CK_ATTRIBUTE *value = craton_object_find (object, type);

	if (value == NULL || value->ulValueLen != sizeof (CK_BBOOL))
		return fallback;
	return *(const CK_BBOOL *) value->pValue != CK_FALSE;
}

CK_ULONG
craton_object_get_ulong (const CratonObject *object, CK_ATTRIBUTE_TYPE type, CK_ULONG fallback)
{
	const CK_ATTRIBUTE *value = craton_object_find (object, type);
	CK_ULONG number;

	if (value == NULL || value->ulValueLen != sizeof number)
		return fallback;
	memcpy (&number, value->pValue, sizeof number);
	return number;
}

gboolean
craton_object_is_guarded (const CratonObject *object)
{
	if ((object->kind & CRATON_KINDS_GUARDED) == 0)
		return FALSE;
	return craton_object_get_bool (object, CKA_SENSITIVE, TRUE) ||
	       !craton_object_get_bool (object, CKA_EXTRACTABLE, FALSE);
}

void
craton_object_uid (const CratonObject *object, guint8 *ret_uid)
{
	const CK_ATTRIBUTE *value = craton_object_find (object, CKA_UNIQUE_ID);
	const gchar *digits = value != NULL ? value->pValue : NULL;
	gsize n = 0;

	memset (ret_uid, 0, CRATON_SEAL_UID_LEN);
	for (gsize i = 0; value != NULL && i < value->ulValueLen && n < 2 * CRATON_SEAL_UID_LEN;
	     i++) {
		if (!g_ascii_isxdigit (digits[i]))
			continue;
		ret_uid[n / 2] = (guint8) (ret_uid[n / 2] << 4 | g_ascii_xdigit_value (digits[i]));
		n++;
	}
}

static gboolean
same_bytes (const CK_ATTRIBUTE *ours, const CK_ATTRIBUTE *theirs)
{
	if (ours->ulValueLen != theirs->ulValueLen)
		return FALSE;
	return ours->ulValueLen == 0 ||
	       (theirs->pValue != NULL &&
	        memcmp (ours->pValue, theirs->pValue, ours->ulValueLen) == 0);
}

static gboolean
same_value (const CratonAttr *attr, const CK_ATTRIBUTE *ours, const CK_ATTRIBUTE *theirs)
{
	g_autoptr (GByteArray) plain = NULL;
	CK_ATTRIBUTE value = *theirs;

	if (attr->form != CRATON_FORM_TEMPLATE)
		return same_bytes (ours, theirs);
	if (craton_attr_check (attr, theirs) != CKR_OK)
		return FALSE;
	plain = g_byte_array_new ();
	craton_attr_put (attr, theirs, plain);
	value.pValue = plain->data;
	value.ulValueLen = plain->len;
	return same_bytes (ours, &value);
}

gboolean
craton_object_matches (const CratonObject *object, const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	for (CK_ULONG i = 0; i < n_attrs; i++) {
		const CratonAttr *attr = craton_attr_find (template[i].type);
		const CK_ATTRIBUTE *value = craton_object_find (object, template[i].type);

		if (attr == NULL || value == NULL || !same_value (attr, value, &template[i]))
			return FALSE;
		if ((attr->rules & CRATON_RULE_SENSITIVE) != 0 && craton_object_is_guarded (object))
			return FALSE;
	}
	return TRUE;
}

gboolean
craton_object_matches_template (const CratonObject *object, const CratonObject *holder,
                                CK_ATTRIBUTE_TYPE type)
{
	gsize len, at = 0;
	const CK_BYTE *items = craton_object_get (holder, type, &len);
	CK_ATTRIBUTE item;

	while (items != NULL && craton_attr_next (items, len, &at, &item)) {
		const CK_ATTRIBUTE *value = craton_object_find (object, item.type);

		if (value == NULL || !same_bytes (value, &item))
			return FALSE;
	}
	return TRUE;
}

CK_RV
craton_object_pkey (CratonObject *object, EVP_PKEY **ret_pkey)
{
	CK_RV rv;

	pthread_mutex_lock (&object->parse_lock);
	if (!object->parsed) {
		rv = craton_mech_parse_key (object, &object->pkey);
		object->parse_rv = rv;
		/* Memory may be there at the next call. */
		object->parsed = rv != CKR_HOST_MEMORY;
	}
	rv = object->parse_rv;
	if (rv == CKR_OK)
		*ret_pkey = object->pkey;
	pthread_mutex_unlock (&object->parse_lock);
	return rv;
}

CK_RV
craton_object_context (CratonObject *object, int (*start) (EVP_PKEY_CTX *context),
                       EVP_PKEY_CTX **ret_context)
{
	EVP_PKEY *pkey;
	EVP_PKEY_CTX *copy = NULL;
	gsize i = 0;
	CK_RV rv = craton_object_pkey (object, &pkey);

	if (rv != CKR_OK)
		return rv;
	pthread_mutex_lock (&object->parse_lock);
	while (i < CRATON_OBJECT_CONTEXTS && object->contexts[i].context != NULL &&
	       object->contexts[i].start != start)
		i++;
	if (i == CRATON_OBJECT_CONTEXTS) {
		rv = craton_mech_pkey_context (pkey, start, &copy);
	} else {
		if (object->contexts[i].context == NULL)
			rv = craton_mech_pkey_context (pkey, start, &object->contexts[i].context);
		object->contexts[i].start = start;
		if (rv == CKR_OK)
			copy = EVP_PKEY_CTX_dup (object->contexts[i].context);
	}
	pthread_mutex_unlock (&object->parse_lock);
	if (rv == CKR_OK && copy == NULL)
		return CKR_HOST_MEMORY;
	if (rv == CKR_OK)
		*ret_context = copy;
	return rv;
}

CK_RV
craton_object_message_context (CratonObject *object, CratonMessageStart start, gboolean verifies, EVP_MD_CTX **ret_context)
{
	EVP_MD_CTX **kept = &object->messages[verifies ? 1 : 0];
	EVP_MD_CTX *copy = EVP_MD_CTX_new ();
	EVP_PKEY *pkey;
	CK_RV rv = craton_object_pkey (object, &pkey);

	pthread_mutex_lock (&object->parse_lock);
	if (rv == CKR_OK && *kept == NULL)
		*kept = start (pkey, verifies);
	if (rv == CKR_OK && *kept == NULL)
		rv = CKR_FUNCTION_FAILED;
	if (rv == CKR_OK && (copy == NULL || EVP_MD_CTX_copy_ex (copy, *kept) != 1))
		rv = CKR_HOST_MEMORY;
	pthread_mutex_unlock (&object->parse_lock);
	if (rv == CKR_OK)
		*ret_context = copy;
	else
		EVP_MD_CTX_free (copy);
	return rv;
}

void
craton_object_share_pkey (CratonObject *from, CratonObject *to)
{
	pthread_mutex_lock (&from->parse_lock);
	if (from->parsed && from->pkey != NULL && EVP_PKEY_up_ref (from->pkey)) {
		to->pkey = from->pkey;
		to->parse_rv = from->parse_rv;
		to->parsed = TRUE;
	}
	pthread_mutex_unlock (&from->parse_lock);
}
