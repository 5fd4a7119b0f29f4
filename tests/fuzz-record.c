/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What lies in the store: bodies of objects, with what is in them sealed as it is in a real one; and the pages of the ledger. What
 * is read is an object whose values can be read to their ends.
 *
 * Input: mode, class; then the plain body, in which each item that is marked as sealed is sealed before it is read. For a ledger: the
 * pages, each with two bytes of length, and rows for what they are about.
 */
#include "config.h"

#include "fuzz.h"

/* The ledger with a store that is the fuzzer's. */
#define craton_store_survey fuzz_survey
#define craton_store_read_page fuzz_read_page
#define craton_store_get_page fuzz_get_page
#define craton_store_set_page fuzz_set_page
#define craton_store_is_found fuzz_is_found
#define craton_store_load fuzz_load
#include "../backend/token/ledger.c"
#undef craton_store_survey
#undef craton_store_read_page
#undef craton_store_get_page
#undef craton_store_set_page
#undef craton_store_is_found
#undef craton_store_load

enum {
	MODE_KEY = 1,
	MODE_MAC = 2,
	MODE_PRIVATE = 4,
	MODE_LEDGER = 8
};

#define HEAD_LEN 9
#define FORMAT 1

static CratonSealKey *key;
static const guint8 uid[CRATON_SEAL_UID_LEN] = "0123456789abcde";
#define UID_TEXT "30313233343536373839616263646500"

/* What the store has. */
static GBytes *pages[4]; /* the root is the last */
static FuzzInput rows;

static GBytes *
page_number (gint64 number)
{
	if (number < CRATON_STORE_ROOT || number >= 3)
		return NULL;
	return pages[number == CRATON_STORE_ROOT ? 3 : number];
}

static void
make_record (guint8 mode, CK_OBJECT_CLASS klass, const guint8 *body, gsize len,
             CratonStoreObject *ret_record)
{
	*ret_record = (CratonStoreObject){ .id = 1, .revision = 1, .klass = klass };
	memcpy (ret_record->uid, uid, sizeof uid);
	ret_record->is_private = (mode & MODE_PRIVATE) != 0;
	ret_record->body = g_bytes_new (body, len);
	if ((mode & MODE_MAC) != 0)
		fuzz_expect (craton_record_sign (ret_record, key) == CKR_OK);
}

CK_RV
fuzz_survey (CratonStore *store, GArray *found, GHashTable *ret_pages)
{
	(void) store;
	while (rows.len > 0 && found->len < 300) {
		CratonStoreRow row = { (gint64) fuzz_number (&rows, 2), 1, FALSE };

		row.revision = (gint64) fuzz_number (&rows, 1);
		row.has_mac = row.revision % 2;
		if (found->len == 0 ||
		    row.id > g_array_index (found, CratonStoreRow, found->len - 1).id)
			g_array_append_val (found, row);
	}
	for (gint64 number = CRATON_STORE_ROOT; number < 3; number++) {
		gint64 *copy;

		if (page_number (number) == NULL)
			continue;
		copy = g_new (gint64, 1);
		*copy = number;
		g_hash_table_insert (ret_pages, copy, g_bytes_ref (page_number (number)));
	}
	return CKR_OK;
}

CK_RV
fuzz_read_page (CratonStore *store, gint64 number, GBytes **ret_page)
{
	(void) store;
	*ret_page = page_number (number) != NULL ? g_bytes_ref (page_number (number)) : NULL;
	return CKR_OK;
}

CK_RV
fuzz_get_page (CratonStoreChange *change, gint64 number, GBytes **ret_page)
{
	(void) change;
	return fuzz_read_page (NULL, number, ret_page);
}

CK_RV
fuzz_set_page (CratonStoreChange *change, gint64 number, GBytes *page)
{
	(void) change, (void) number;
	fuzz_expect (page == NULL || g_bytes_get_size (page) > 0);
	return CKR_OK;
}

CK_RV
fuzz_is_found (CratonStore *store, const CratonStoreObject *object, gboolean *ret_found)
{
	(void) store;
	*ret_found = object->id % 2 == 0;
	return CKR_OK;
}

CK_RV
fuzz_load (CratonStore *store, gint64 id, gint64 known, CratonStoreObject *ret_object)
{
	(void) store, (void) known;
	if (id % 3 == 0)
		return CKR_OBJECT_HANDLE_INVALID;
	make_record (MODE_MAC, CKO_DATA, (const guint8 *) "\1", 1, ret_object);
	return CKR_OK;
}

static void
be_silent (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void) domain, (void) level, (void) data;
	fuzz_expect (g_utf8_validate (message, -1, NULL));
}

/* The body, with what is marked sealed. */
static GByteArray *
seal_items (const guint8 *plain, gsize len)
{
	GByteArray *body = g_byte_array_new ();
	gsize at = 1;

	g_byte_array_append (body, plain, (guint) MIN (len, 1));
	while (at + HEAD_LEN <= len) {
		guint64 value_len = get_number (plain + at + 5, 4);
		guint head = body->len;

		if (plain[at + 4] != 1 || value_len > len - at - HEAD_LEN)
			break;
		put_number (body, get_number (plain + at, 4), 4);
		put_number (body, 1, 1);
		put_number (body, value_len + CRATON_SEAL_EXTRA, 4);
		fuzz_expect (craton_seal_close (key, uid, get_number (body->data + head, 4),
		                                plain + at + HEAD_LEN, value_len, body) == CKR_OK);
		at += HEAD_LEN + value_len;
	}
	if (at < len)
		g_byte_array_append (body, plain + at, (guint) (len - at));
	return body;
}

static void
read_record (guint8 mode, FuzzInput *input)
{
	CK_OBJECT_CLASS klass = (CK_OBJECT_CLASS) fuzz_number (input, 1);
	g_autoptr (GByteArray) body = seal_items (input->bytes, input->len);
	g_auto (CratonStoreObject) record = { 0 };
	g_autoptr (CratonObject) object = NULL;
	gint64 tags[CRATON_STORE_TAGS_MAX];
	guint n_tags;

	make_record (mode, klass, body->data, body->len, &record);
	if (craton_record_open (&record, (mode & MODE_KEY) != 0 ? key : NULL, &object) != CKR_OK)
		return;
	for (gsize i = 0; i < object->n_values; i++)
		fuzz_look (object->values[i].pValue, object->values[i].ulValueLen);
	fuzz_expect (craton_record_tags (object, NULL, tags, &n_tags) == CKR_OK &&
	             n_tags <= CRATON_STORE_TAGS_MAX);
	/* What was read can be written. */
	if ((mode & MODE_KEY) != 0) {
		g_auto (CratonStoreObject) again = { 0 };

		fuzz_expect (craton_record_close (object, key, &again) == CKR_OK);
	}
}

static void
read_ledger (FuzzInput *input)
{
	g_autoptr (GHashTable) faults = NULL;
	static const gint64 numbers[] = { 0, 1, 2, CRATON_STORE_ROOT };

	for (guint i = 0; i < G_N_ELEMENTS (pages); i++) {
		g_autoptr (GByteArray) plain = g_byte_array_new ();
		gsize len = (gsize) fuzz_number (input, 2);

		len = MIN (len, input->len);
		g_byte_array_append (plain, input->bytes, (guint) len);
		input->bytes += len;
		input->len -= len;
		fuzz_expect (seal_page (key, uid, numbers[i], plain, &pages[i]) == CKR_OK);
	}
	rows = *input;
	(void) craton_ledger_check (NULL, key, uid, "fuzz", &faults);
	for (gint64 id = 0; id < 400; id += 130)
		craton_ledger_blame (NULL, key, uid, "fuzz", id);
	(void) craton_ledger_note (NULL, key, uid, 7, 0, NULL);
	(void) craton_ledger_note (NULL, key, uid, 130, 0, NULL);
	for (guint i = 0; i < G_N_ELEMENTS (pages); i++)
		g_clear_pointer (&pages[i], g_bytes_unref);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	FuzzInput input = { bytes, len };
	guint8 mode = (guint8) fuzz_number (&input, 1);

	if (key == NULL) {
		fuzz_expect (craton_seal_key_new (&key) == CKR_OK);
		g_log_set_default_handler (be_silent, NULL);
	}
	if ((mode & MODE_LEDGER) != 0)
		read_ledger (&input);
	else
		read_record (mode, &input);
	return 0;
}

static void
add_item (GByteArray *body, CK_ATTRIBUTE_TYPE type, gboolean sealed, const void *value, gsize len)
{
	put_number (body, type, 4);
	put_number (body, sealed, 1);
	put_number (body, len, 4);
	if (len > 0)
		g_byte_array_append (body, value, (guint) len);
}

static void
add_number (GByteArray *body, CK_ATTRIBUTE_TYPE type, guint64 value)
{
	guint64 number = GUINT64_TO_BE (value);

	add_item (body, type, FALSE, &number, sizeof number);
}

static void
add_seed (guint8 mode, CK_OBJECT_CLASS klass, CK_KEY_TYPE type, gboolean is_private)
{
	g_autoptr (GByteArray) body = g_byte_array_new (), nested = g_byte_array_new ();
	const guint8 head[] = { mode, (guint8) klass, FORMAT };
	const guint8 flag = is_private;

	g_byte_array_append (body, head, sizeof head);
	add_number (body, CKA_CLASS, klass);
	add_number (body, CKA_KEY_TYPE, type);
	add_item (body, CKA_UNIQUE_ID, FALSE, UID_TEXT, 32);
	add_item (body, CKA_PRIVATE, FALSE, &flag, 1);
	add_item (body, CKA_TOKEN, FALSE, "\1", 1);
	add_item (body, CKA_LABEL, FALSE, "label", 5);
	add_item (body, CKA_ID, FALSE, "id", 2);
	add_number (nested, CKA_CLASS, CKO_SECRET_KEY);
	add_item (nested, CKA_LABEL, FALSE, "inner", 5);
	add_item (body, CKA_WRAP_TEMPLATE, FALSE, nested->data, nested->len);
	add_number (body, CKA_ALLOWED_MECHANISMS, CKM_AES_CBC);
	add_item (body, CKA_VALUE, (mode & MODE_KEY) != 0, "0123456789abcdef", 16);
	fuzz_seed (body->data, body->len);
}

static void
add_page (GByteArray *seed, const GByteArray *page)
{
	guint16 len = (guint16) page->len;

	g_byte_array_append (seed, (const guint8 *) &len, 2);
	g_byte_array_append (seed, page->data, page->len);
}

static void
add_ledger_seed (void)
{
	const guint8 mode = MODE_LEDGER;
	g_autoptr (GByteArray) seed = g_byte_array_new (), root = g_byte_array_new ();

	g_byte_array_append (seed, &mode, 1);
	put_number (root, 1, AGE_LEN);
	for (guint8 i = 0; i < 3; i++) {
		g_autoptr (GByteArray) page = g_byte_array_new ();

		put_number (page, 2, AGE_LEN);
		put_number (page, i + 1u, 1);
		put_number (page, 1, 4);
		put_number (page, CKO_DATA, 4);
		g_byte_array_append (page, (const guint8 *) "\5label\2id", 9);
		add_page (seed, page);
		put_number (root, i, 8);
		put_number (root, 2, 8);
	}
	add_page (seed, root);
	g_byte_array_append (seed, (const guint8 *) "\1\0\1\x82\0\1\x03\1\1", 9);
	fuzz_seed (seed->data, seed->len);
}

static void
fuzz_seeds (void)
{
	add_seed (0, CKO_DATA, 0, FALSE);
	add_seed (MODE_MAC, CKO_PUBLIC_KEY, CKK_RSA, FALSE);
	add_seed (MODE_MAC | MODE_KEY, CKO_SECRET_KEY, CKK_AES, FALSE);
	add_seed (MODE_MAC | MODE_KEY | MODE_PRIVATE, CKO_SECRET_KEY, CKK_AES, TRUE);
	add_seed (MODE_MAC | MODE_KEY | MODE_PRIVATE, CKO_PRIVATE_KEY, CKK_EC, TRUE);
	add_seed (0, CKO_CERTIFICATE, 0, FALSE);
	add_ledger_seed ();
}
