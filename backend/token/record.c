/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The form of an object in the store, see record.h. Numbers are big-endian and of fixed size, so
 * that a store can be moved to another machine.
 *
 * A body is a byte, FORMAT, and items. An item: type (4 bytes), whether it is sealed (1), length
 * (4), value. A sealed value is what craton_seal_close() makes of it, with the type as label. The
 * item ITEMS is a row of items itself: all of a private object that is no key value. Trusts nothing
 * that it reads: the store can be changed by whoever can write its file.
 */
#include "config.h"

#include "record.h"

#include <openssl/crypto.h>
#include <string.h>

#include "attr.h"

#define FORMAT 1
#define HEAD_LEN 9
#define ITEMS 0xffffffffU
/* Items in ITEMS; a template array is one level more and is not opened here. */
#define DEPTH_MAX 2

static void
put_u32 (GByteArray *out, guint32 number)
{
	number = GUINT32_TO_BE (number);
	g_byte_array_append (out, (const guint8 *) &number, sizeof number);
}

static void
put_head (GByteArray *out, guint32 type, gboolean sealed, gsize len)
{
	guint8 flag = sealed ? 1 : 0;

	put_u32 (out, type);
	g_byte_array_append (out, &flag, 1);
	put_u32 (out, (guint32) len);
}

static void
put_ulongs (GByteArray *out, const CK_BYTE *values, gsize len)
{
	for (gsize at = 0; at + sizeof (CK_ULONG) <= len; at += sizeof (CK_ULONG)) {
		CK_ULONG value;
		guint64 number;

		memcpy (&value, values + at, sizeof value);
		number = value == CK_UNAVAILABLE_INFORMATION ? G_MAXUINT64 : value;
		number = GUINT64_TO_BE (number);
		g_byte_array_append (out, (const guint8 *) &number, sizeof number);
	}
}

static gboolean
is_numbers (const CratonAttr *attr)
{
	return attr != NULL &&
	       (attr->form == CRATON_FORM_ULONG || attr->form == CRATON_FORM_MECHANISMS);
}

static gboolean
is_items (const CratonAttr *attr)
{
	return attr != NULL && attr->form == CRATON_FORM_TEMPLATE;
}

static void
put_item (GByteArray *out, const CK_ATTRIBUTE *value)
{
	const CratonAttr *attr = craton_attr_find (value->type);
	guint head = out->len;
	CK_ATTRIBUTE item;
	gsize at = 0;
	guint32 len;

	put_head (out, (guint32) value->type, FALSE, 0);
	if (is_numbers (attr))
		put_ulongs (out, value->pValue, value->ulValueLen);
	else if (is_items (attr))
		while (craton_attr_next (value->pValue, value->ulValueLen, &at, &item))
			put_item (out, &item);
	else if (value->ulValueLen > 0)
		g_byte_array_append (out, value->pValue, value->ulValueLen);
	len = GUINT32_TO_BE (out->len - head - HEAD_LEN);
	memcpy (out->data + head + HEAD_LEN - sizeof len, &len, sizeof len);
}

static CK_RV
put_sealed (GByteArray *out, const CratonSealKey *key, const guint8 *uid, guint32 type,
            const guint8 *value, gsize len)
{
	if (key == NULL)
		return CKR_USER_NOT_LOGGED_IN;
	put_head (out, type, TRUE, len + CRATON_SEAL_EXTRA);
	return craton_seal_close (key, uid, type, value, len, out);
}

static gboolean
is_key_value (const CratonObject *object, CK_ATTRIBUTE_TYPE type)
{
	const CratonAttr *attr = craton_attr_find (type);

	return (object->kind & CRATON_KINDS_GUARDED) != 0 && attr != NULL &&
	       (attr->rules & CRATON_RULE_SENSITIVE) != 0;
}

static void
wipe (GByteArray *bytes)
{
	OPENSSL_cleanse (bytes->data, bytes->len);
	g_byte_array_unref (bytes);
}

/* Where the record lies and in which revision is covered as well. */
static CK_RV
mac (const CratonStoreObject *record, const CratonSealKey *key, guint8 *ret_mac)
{
	struct {
		guint64 id, revision, klass, is_private;
		guint8 uid[CRATON_SEAL_UID_LEN];
	} head = {
		GUINT64_TO_BE ((guint64) record->id),
		GUINT64_TO_BE ((guint64) record->revision),
		GUINT64_TO_BE ((guint64) record->klass),
		GUINT64_TO_BE ((guint64) (record->is_private ? 1 : 0)),
	};
	gsize len;
	const guint8 *body = g_bytes_get_data (record->body, &len);

	memcpy (head.uid, record->uid, sizeof head.uid);
	return craton_seal_mac (key, (const guint8 *) &head, sizeof head, body, len, ret_mac);
}

CK_RV
craton_record_sign (CratonStoreObject *record, const CratonSealKey *key)
{
	record->has_mac = key != NULL;
	return key != NULL ? mac (record, key, record->mac) : CKR_OK;
}

CK_RV
craton_record_check (const CratonStoreObject *record, const CratonSealKey *key)
{
	guint8 expected[CRATON_SEAL_MAC_LEN];
	CK_RV rv = mac (record, key, expected);

	if (rv == CKR_OK && CRYPTO_memcmp (expected, record->mac, sizeof expected) != 0)
		rv = CKR_DEVICE_ERROR;
	return rv;
}

static CK_RV
put_object (const CratonObject *object, const CratonSealKey *key, const CratonStoreObject *record,
            GByteArray *body)
{
	const guint8 format = FORMAT;
	/* Never grown, so that no copy of it is left behind. */
	GByteArray *hidden = g_byte_array_sized_new (
		(guint) (3 * object->arena_len + object->n_values * 16 + 16));
	CK_RV rv = CKR_OK;

	g_byte_array_append (body, &format, 1);
	for (gsize i = 0; rv == CKR_OK && i < object->n_values; i++) {
		const CK_ATTRIBUTE *value = &object->values[i];

		if (is_key_value (object, value->type))
			rv = put_sealed (body, key, record->uid, (guint32) value->type,
			                 value->pValue, value->ulValueLen);
		else
			put_item (record->is_private ? hidden : body, value);
	}
	if (rv == CKR_OK && record->is_private)
		rv = put_sealed (body, key, record->uid, ITEMS, hidden->data, hidden->len);
	wipe (hidden);
	return rv;
}

CK_RV
craton_record_close (const CratonObject *object, const CratonSealKey *key,
                     CratonStoreObject *ret_record)
{
	CratonStoreObject record = { .id = object->id, .revision = object->revision };
	GByteArray *body = g_byte_array_new ();
	CK_RV rv;

	craton_object_uid (object, record.uid);
	record.klass = craton_object_get_ulong (object, CKA_CLASS, CK_UNAVAILABLE_INFORMATION);
	record.is_private = craton_object_get_bool (object, CKA_PRIVATE, TRUE);
	rv = put_object (object, key, &record, body);
	record.body = g_byte_array_free_to_bytes (body);
	if (rv == CKR_OK)
		rv = craton_record_tags (object, record.is_private ? key : NULL, record.tags,
		                         &record.n_tags);
	if (rv != CKR_OK) {
		craton_store_object_clear (&record);
		return rv;
	}
	*ret_record = record;
	return CKR_OK;
}

CK_RV
craton_record_tags (const CratonObject *object, const CratonSealKey *key, gint64 *ret_tags,
                    guint *ret_n_tags)
{
	guint n = 0;

	for (gsize i = 0; i < object->n_values && n < CRATON_STORE_TAGS_MAX; i++) {
		const CK_ATTRIBUTE *value = &object->values[i];
		const CratonAttr *attr = craton_attr_find (value->type);
		CK_RV rv;

		if (attr == NULL || (attr->rules & CRATON_RULE_INDEX) == 0 ||
		    value->ulValueLen == 0)
			continue;
		rv = craton_seal_tag (key, value->type, value->pValue, value->ulValueLen,
		                      &ret_tags[n++]);
		if (rv != CKR_OK)
			return rv;
	}
	*ret_n_tags = n;
	return CKR_OK;
}

/* What is read: the values point into the body or into the scratch space, which never moves. */
typedef struct {
	const CratonSealKey *key;
	const guint8 *uid;
	GArray *values;
	GByteArray *scratch;
	gsize room;
	gboolean locked;
} Reader;

typedef struct {
	guint32 type;
	gboolean sealed;
	const guint8 *value;
	gsize len;
} Item;

/* FALSE at the end, and for what is no item: the two are told apart by *inout_at. */
static gboolean
get_item (const guint8 *items, gsize items_len, gsize *inout_at, Item *ret_item)
{
	const guint8 *head = items + *inout_at;
	guint32 type, len;

	if (items_len - *inout_at < HEAD_LEN || head[4] > 1)
		return FALSE;
	memcpy (&type, head, sizeof type);
	memcpy (&len, head + 5, sizeof len);
	len = GUINT32_FROM_BE (len);
	if (items_len - *inout_at - HEAD_LEN < len)
		return FALSE;
	*ret_item = (Item){ GUINT32_FROM_BE (type), head[4] == 1, head + HEAD_LEN, len };
	*inout_at += HEAD_LEN + len;
	return TRUE;
}

static gboolean
get_ulongs (const Item *item, GByteArray *out)
{
	for (gsize at = 0; at < item->len; at += sizeof (guint64)) {
		guint64 number;
		CK_ULONG value;

		if (item->len - at < sizeof number)
			return FALSE;
		memcpy (&number, item->value + at, sizeof number);
		number = GUINT64_FROM_BE (number);
		value = (CK_ULONG) number;
		if (value != number && number != G_MAXUINT64)
			return FALSE;
		g_byte_array_append (out, (const guint8 *) &value, sizeof value);
	}
	return TRUE;
}

static gboolean
get_nested (const Item *item, GByteArray *out)
{
	gsize at = 0;
	Item inner;

	while (get_item (item->value, item->len, &at, &inner)) {
		const CratonAttr *attr = craton_attr_find (inner.type);
		CK_ULONG type = inner.type, len = inner.len;

		if (inner.sealed || is_items (attr))
			return FALSE;
		if (is_numbers (attr))
			len = inner.len / sizeof (guint64) * sizeof (CK_ULONG);
		g_byte_array_append (out, (const guint8 *) &type, sizeof type);
		g_byte_array_append (out, (const guint8 *) &len, sizeof len);
		if (is_numbers (attr)) {
			if (!get_ulongs (&inner, out))
				return FALSE;
		} else if (inner.len > 0) {
			g_byte_array_append (out, inner.value, (guint) inner.len);
		}
	}
	return at == item->len;
}

static gboolean
get_value (Reader *reader, const Item *item)
{
	const CratonAttr *attr = craton_attr_find (item->type);
	CK_ATTRIBUTE value = { item->type, (CK_VOID_PTR) item->value, item->len };
	guint start = reader->scratch->len;
	gboolean good = TRUE;

	if (is_numbers (attr))
		good = get_ulongs (item, reader->scratch);
	else if (is_items (attr))
		good = get_nested (item, reader->scratch);
	if (is_numbers (attr) || is_items (attr)) {
		value.pValue = reader->scratch->data + start;
		value.ulValueLen = reader->scratch->len - start;
	}
	g_array_append_val (reader->values, value);
	return good && reader->scratch->len <= reader->room;
}

static CK_RV
get_items (Reader *reader, const guint8 *items, gsize len, guint depth)
{
	gsize at = 0;
	Item item;

	while (get_item (items, len, &at, &item)) {
		guint start = reader->scratch->len;
		CK_RV rv;

		if (item.sealed && reader->key == NULL) {
			reader->locked = TRUE;
			continue;
		}
		if (item.sealed) {
			rv = craton_seal_open (reader->key, reader->uid, item.type, item.value,
			                       item.len, reader->scratch);
			if (rv == CKR_OK && reader->scratch->len > reader->room)
				rv = CKR_DEVICE_ERROR;
			if (rv != CKR_OK)
				return rv;
			item.value = reader->scratch->data + start;
			item.len = reader->scratch->len - start;
		}
		rv = CKR_OK;
		if (item.type != ITEMS)
			rv = get_value (reader, &item) ? CKR_OK : CKR_DEVICE_ERROR;
		else if (depth < DEPTH_MAX)
			rv = get_items (reader, item.value, item.len, depth + 1);
		else
			rv = CKR_DEVICE_ERROR;
		if (rv != CKR_OK)
			return rv;
	}
	return at == len ? CKR_OK : CKR_DEVICE_ERROR;
}

/* Whether the values make an object, whoever wrote them: each once, and with those that everything
 * relies on. */
static CK_RV
build (const Reader *reader, const CratonStoreObject *record, CratonObject **ret_object)
{
	const CK_ATTRIBUTE *values = (const CK_ATTRIBUTE *) (gpointer) reader->values->data;
	g_autoptr (CratonObject) object = craton_object_new (values, reader->values->len);
	guint8 uid[CRATON_SEAL_UID_LEN];

	if (object == NULL)
		return CKR_HOST_MEMORY;
	for (gsize i = 1; i < object->n_values; i++)
		if (object->values[i].type == object->values[i - 1].type)
			return CKR_DEVICE_ERROR;
	craton_object_uid (object, uid);
	if (object->kind == 0 || memcmp (uid, record->uid, sizeof uid) != 0 ||
	    craton_object_get_ulong (object, CKA_CLASS, CK_UNAVAILABLE_INFORMATION) !=
	            record->klass ||
	    craton_object_get_bool (object, CKA_PRIVATE, TRUE) != record->is_private)
		return CKR_DEVICE_ERROR;
	/* Nobody makes these without a login. */
	if (!record->has_mac &&
	    (record->is_private || (object->kind & CRATON_KINDS_GUARDED) != 0 ||
	     craton_object_get_bool (object, CKA_TRUSTED, FALSE)))
		return CKR_DEVICE_ERROR;
	object->id = record->id;
	object->revision = record->revision;
	object->has_mac = record->has_mac;
	object->locked = reader->locked;
	*ret_object = g_steal_pointer (&object);
	return CKR_OK;
}

CK_RV
craton_record_open (const CratonStoreObject *record, const CratonSealKey *key,
                    CratonObject **ret_object)
{
	Reader reader = { .key = key, .uid = record->uid };
	gsize len;
	const guint8 *body = g_bytes_get_data (record->body, &len);
	CK_RV rv = CKR_OK;

	if (record->is_private && key == NULL)
		return CKR_USER_NOT_LOGGED_IN;
	if (len < 1 || body[0] != FORMAT)
		return CKR_DEVICE_ERROR;
	if (record->has_mac && key != NULL)
		rv = craton_record_check (record, key);
	if (rv != CKR_OK)
		return rv;

	/* Opened values are no longer than sealed ones, and in memory no item is twice as long as
	 * in the store. */
	reader.room = 3 * len + 64;
	reader.scratch = g_byte_array_sized_new ((guint) reader.room);
	reader.values = g_array_new (FALSE, FALSE, sizeof (CK_ATTRIBUTE));
	rv = get_items (&reader, body + 1, len - 1, 1);
	if (rv == CKR_OK)
		rv = build (&reader, record, ret_object);
	wipe (reader.scratch);
	g_array_unref (reader.values);
	return rv;
}
