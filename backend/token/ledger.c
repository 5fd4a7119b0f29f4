/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ledger, see ledger.h. A page has the entries of PAGE_IDS ids; the root says which pages there are and how old each
 * is. Every change has a number of its own, one more than the last, which is the age of the page that it writes: an
 * old page does not pass for a new one. To put back an older state unseen takes the root, the page and the object
 * together, which is what a copy of the whole file is; against that no file can guard itself.
 *
 * In the clear a page is its age (8 bytes) and entries. An entry of the root: page (8), age (8). One of a page: which id (1),
 * revision (4), class (4), and two texts of a length (1) and bytes: CKA_LABEL and CKA_ID, shortened. Numbers are
 * big-endian. Trusts nothing that does not open under the token key. Called by shelf.c, pin.c and session.c.
 */
#include "config.h"

#include "ledger.h"

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>
#include <string.h>

#include "object-private.h"
#include "record.h"

#define PAGE_IDS 128
#define AGE_LEN 8
#define ROOT_ENTRY_LEN 16
#define ENTRY_LEN 9
#define TEXT_MAX 32
/* A label of its own for each page, apart from the types of attributes. */
#define LABEL_BASE (G_GUINT64_CONSTANT (1) << 63)

/* Stores up to this size are looked at object by object at login, larger ones when an object is used. */
#define SMALL 250
/* Faults that a login names one by one. */
#define LINES_MAX 20

typedef struct {
	guint32 revision;
	const guint8 *texts; /* behind the class; NULL where there is no entry */
	gsize texts_len;
	guint32 klass;
} Entry;

typedef struct {
	guint64 age;
	Entry entries[PAGE_IDS];
	GByteArray *bytes; /* what the texts are in */
} Page;

static void
page_free (Page *page)
{
	if (page == NULL)
		return;
	if (page->bytes != NULL) {
		OPENSSL_cleanse (page->bytes->data, page->bytes->len);
		g_byte_array_unref (page->bytes);
	}
	g_free (page);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Page, page_free)

static guint64
get_number (const guint8 *at, gsize len)
{
	guint64 number = 0;

	for (gsize i = 0; i < len; i++)
		number = number << 8 | at[i];
	return number;
}

static void
put_number (GByteArray *out, guint64 number, gsize len)
{
	guint8 bytes[8];

	for (gsize i = 0; i < len; i++)
		bytes[len - 1 - i] = (guint8) (number >> 8 * i);
	g_byte_array_append (out, bytes, (guint) len);
}

static gint64
page_of (gint64 id)
{
	return id / PAGE_IDS;
}

static CK_RV
seal_page (const CratonSealKey *key, const guint8 *epoch, gint64 number, const GByteArray *plain,
           GBytes **ret_page)
{
	g_autoptr (GByteArray) out = g_byte_array_new ();
	CK_RV rv = craton_seal_close (key, epoch, LABEL_BASE + (guint64) (number + 1), plain->data,
	                              plain->len, out);

	if (rv == CKR_OK)
		*ret_page = g_byte_array_free_to_bytes (g_steal_pointer (&out));
	return rv;
}

/* @page may be NULL: a page that is missing is damaged as well. */
static CK_RV
open_page (const CratonSealKey *key, const guint8 *epoch, gint64 number, GBytes *page,
           GByteArray **ret_plain)
{
	g_autoptr (GByteArray) plain = NULL;
	gsize len;
	const guint8 *bytes;
	CK_RV rv;

	if (page == NULL)
		return CKR_DEVICE_ERROR;
	bytes = g_bytes_get_data (page, &len);
	plain = g_byte_array_sized_new ((guint) len);
	rv = craton_seal_open (key, epoch, LABEL_BASE + (guint64) (number + 1), bytes, len, plain);
	if (rv == CKR_OK && plain->len < AGE_LEN)
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK)
		*ret_plain = g_steal_pointer (&plain);
	return rv;
}

CK_RV
craton_ledger_new (const CratonSealKey *key, const guint8 *epoch, GBytes **ret_root)
{
	g_autoptr (GByteArray) plain = g_byte_array_new ();

	put_number (plain, 1, AGE_LEN);
	return seal_page (key, epoch, CRATON_STORE_ROOT, plain, ret_root);
}

/* Where the root has the page; its length if it has not. */
static gsize
find_in_root (const GByteArray *root, gint64 number)
{
	gsize at = AGE_LEN;

	/* What is changed is most often what was made last. */
	for (gsize end = root->len; end >= AGE_LEN + ROOT_ENTRY_LEN; end -= ROOT_ENTRY_LEN)
		if (get_number (root->data + end - ROOT_ENTRY_LEN, 8) == (guint64) number)
			return end - ROOT_ENTRY_LEN;
	at = root->len;
	return at;
}

static gboolean
parse_entry (Page *page, const guint8 *at, gsize left, gsize *ret_len)
{
	gsize len = ENTRY_LEN;
	Entry entry;

	for (guint texts = 0; texts < 2; texts++) {
		if (len >= left)
			return FALSE;
		len += 1 + at[len];
	}
	if (len > left || at[0] >= PAGE_IDS)
		return FALSE;
	entry = (Entry){ (guint32) get_number (at + 1, 4), at + ENTRY_LEN, len - ENTRY_LEN,
		         (guint32) get_number (at + 5, 4) };
	page->entries[at[0]] = entry;
	*ret_len = len;
	return TRUE;
}

/* Takes @plain. */
static CK_RV
parse_page (GByteArray *plain, Page **ret_page)
{
	g_autoptr (Page) page = g_new0 (Page, 1);
	gsize len = 0;

	page->bytes = plain;
	page->age = get_number (plain->data, AGE_LEN);
	for (gsize at = AGE_LEN; at < plain->len; at += len)
		if (!parse_entry (page, plain->data + at, plain->len - at, &len))
			return CKR_DEVICE_ERROR;
	*ret_page = g_steal_pointer (&page);
	return CKR_OK;
}

/* The page, which must be as old as the root says. */
static CK_RV
read_page (const CratonSealKey *key, const guint8 *epoch, gint64 number, GBytes *bytes, guint64 age,
           Page **ret_page)
{
	GByteArray *plain = NULL;
	g_autoptr (Page) page = NULL;
	CK_RV rv = open_page (key, epoch, number, bytes, &plain);

	if (rv == CKR_OK)
		rv = parse_page (plain, &page);
	if (rv == CKR_OK && page->age != age)
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK)
		*ret_page = g_steal_pointer (&page);
	return rv;
}

static void
put_text (GByteArray *out, const CratonObject *object, CK_ATTRIBUTE_TYPE type)
{
	gsize len = 0;
	const CK_BYTE *text = craton_object_get (object, type, &len);

	if (text == NULL)
		len = 0;
	/* A label is cut between characters. */
	if (len > TEXT_MAX) {
		len = TEXT_MAX;
		while (type == CKA_LABEL && len > 0 && (text[len] & 0xc0) == 0x80)
			len--;
	}
	put_number (out, len, 1);
	if (len > 0)
		g_byte_array_append (out, text, (guint) len);
}

/* The page with the entry of one id replaced; empty if nothing is left. */
static GByteArray *
rewrite_page (const Page *page, guint64 age, guint which, gint64 revision, const CratonObject *object)
{
	GByteArray *out = g_byte_array_sized_new (
		(page != NULL ? page->bytes->len : AGE_LEN) + ENTRY_LEN + 2 * (TEXT_MAX + 1));

	put_number (out, age, AGE_LEN);
	for (guint i = 0; i < PAGE_IDS; i++) {
		const Entry *entry = page != NULL ? &page->entries[i] : NULL;

		if (i == which && revision != 0) {
			put_number (out, i, 1);
			put_number (out, (guint64) revision, 4);
			put_number (out,
			            craton_object_get_ulong (object, CKA_CLASS,
			                                     CK_UNAVAILABLE_INFORMATION),
			            4);
			put_text (out, object, CKA_LABEL);
			put_text (out, object, CKA_ID);
		} else if (i != which && entry != NULL && entry->texts != NULL) {
			put_number (out, i, 1);
			put_number (out, entry->revision, 4);
			put_number (out, entry->klass, 4);
			g_byte_array_append (out, entry->texts, (guint) entry->texts_len);
		}
	}
	return out;
}

/* Writes the root anew, with the page's age or without the page. */
static CK_RV
write_root (CratonStoreChange *change, const CratonSealKey *key, const guint8 *epoch,
            GByteArray *root, gint64 number, guint64 age, gboolean there)
{
	gsize at = find_in_root (root, number);
	g_autoptr (GByteArray) head = g_byte_array_new ();
	g_autoptr (GBytes) page = NULL;
	CK_RV rv;

	put_number (head, age, AGE_LEN);
	memcpy (root->data, head->data, AGE_LEN);
	if (at < root->len)
		g_byte_array_remove_range (root, (guint) at, ROOT_ENTRY_LEN);
	if (there) {
		put_number (root, (guint64) number, 8);
		put_number (root, age, 8);
	}
	rv = seal_page (key, epoch, CRATON_STORE_ROOT, root, &page);
	return rv == CKR_OK ? craton_store_set_page (change, CRATON_STORE_ROOT, page) : rv;
}

CK_RV
craton_ledger_note (CratonStoreChange *change, const CratonSealKey *key, const guint8 *epoch,
                    gint64 id, gint64 revision, const CratonObject *object)
{
	g_autoptr (GBytes) root_bytes = NULL;
	g_autoptr (GBytes) bytes = NULL;
	g_autoptr (GBytes) sealed = NULL;
	g_autoptr (GByteArray) root = NULL;
	g_autoptr (GByteArray) plain = NULL;
	g_autoptr (Page) page = NULL;
	gint64 number = page_of (id);
	guint64 age;
	gsize at;
	CK_RV rv = craton_store_get_page (change, CRATON_STORE_ROOT, &root_bytes);

	if (rv == CKR_OK)
		rv = open_page (key, epoch, CRATON_STORE_ROOT, root_bytes, &root);
	if (rv != CKR_OK)
		return rv;
	at = find_in_root (root, number);
	if (at < root->len)
		rv = craton_store_get_page (change, number, &bytes);
	if (rv == CKR_OK && at < root->len)
		rv = read_page (key, epoch, number, bytes, get_number (root->data + at + 8, 8),
		                &page);
	if (rv != CKR_OK)
		return rv;
	age = get_number (root->data, AGE_LEN) + 1;
	plain = rewrite_page (page, age, (guint) (id % PAGE_IDS), revision, object);
	if (plain->len > AGE_LEN)
		rv = seal_page (key, epoch, number, plain, &sealed);
	if (rv == CKR_OK)
		rv = craton_store_set_page (change, number, sealed);
	return rv == CKR_OK
	               ? write_root (change, key, epoch, root, number, age, sealed != NULL)
	               : rv;
}

/* What a check works with. */
typedef struct {
	CratonStore *store;
	const CratonSealKey *key;
	const guint8 *epoch;
	const char *name;
	GArray *rows;
	GHashTable *sealed; /* pages as the store has them */
	GHashTable *pages;  /* number to Page, opened; NULL for one that is damaged */
	GHashTable *faults;
	guint n_lines;
} Check;

static void
append_text (GString *uri, const char *name, const guint8 *text, gboolean all)
{
	if (text[0] == 0)
		return;
	g_string_append_printf (uri, ";%s=", name);
	for (guint i = 0; i < text[0]; i++) {
		guint8 byte = text[1 + i];

		/* A label stays readable; nothing in it gets out of its line. */
		if (!all && (g_ascii_isalnum (byte) || strchr ("-._~ +*()@!", byte) != NULL) &&
		    byte != '\0' && byte != ' ')
			g_string_append_c (uri, (char) byte);
		else
			g_string_append_printf (uri, "%%%02X", byte);
	}
}

/* The object as a pkcs11: URI, as far as it is known. */
static char *
uri_of (const char *token, const Entry *entry)
{
	static const struct {
		CK_OBJECT_CLASS klass;
		const char *name;
	} types[] = { { CKO_DATA, "data" },
		      { CKO_CERTIFICATE, "cert" },
		      { CKO_PUBLIC_KEY, "public" },
		      { CKO_PRIVATE_KEY, "private" },
		      { CKO_SECRET_KEY, "secret-key" } };
	g_autofree char *escaped = g_uri_escape_string (token, NULL, FALSE);
	GString *uri = g_string_new (NULL);

	g_string_printf (uri, "pkcs11:token=%s", escaped);
	if (entry == NULL || entry->texts == NULL)
		return g_string_free (uri, FALSE);
	append_text (uri, "object", entry->texts, FALSE);
	append_text (uri, "id", entry->texts + 1 + entry->texts[0], TRUE);
	for (gsize i = 0; i < G_N_ELEMENTS (types); i++)
		if (types[i].klass == entry->klass)
			g_string_append_printf (uri, ";type=%s", types[i].name);
	return g_string_free (uri, FALSE);
}

static void
add_fault (Check *check, gint64 id, const Entry *entry, gboolean there)
{
	g_autofree char *uri = uri_of (check->name, entry);

	if (!g_hash_table_add (check->faults, g_memdup2 (&id, sizeof id)) ||
	    check->n_lines++ >= LINES_MAX)
		return;
	if (there)
		g_warning (
			_ ("Object %s (number %lld of token %s) was changed past Craton and is not "
			   "served: put a copy of the database from a backup in its place"),
			uri, (long long) id, check->name);
	else
		g_warning (
			_ ("Object %s (number %lld of token %s) was removed past Craton: put a "
			   "copy of the database from a backup in its place"),
			uri, (long long) id, check->name);
}

static void
free_page (gpointer page)
{
	page_free (page);
}

/* Opens what the root lists. */
static CK_RV
open_pages (Check *check)
{
	const gint64 root_number = CRATON_STORE_ROOT;
	g_autoptr (GByteArray) root = NULL;
	CK_RV rv = open_page (check->key, check->epoch, CRATON_STORE_ROOT,
	                      g_hash_table_lookup (check->sealed, &root_number), &root);

	for (gsize at = AGE_LEN; rv == CKR_OK && at + ROOT_ENTRY_LEN <= root->len;
	     at += ROOT_ENTRY_LEN) {
		gint64 number = (gint64) get_number (root->data + at, 8);
		g_autoptr (Page) page = NULL;

		rv = read_page (check->key, check->epoch, number,
		                g_hash_table_lookup (check->sealed, &number),
		                get_number (root->data + at + 8, 8), &page);
		if (rv == CKR_OK)
			g_hash_table_insert (check->pages, g_memdup2 (&number, sizeof number),
			                     g_steal_pointer (&page));
	}
	if (rv == CKR_DEVICE_ERROR)
		g_warning (
			_ ("The list of its objects that token %s keeps was changed past Craton: "
			   "put a copy of the database from a backup in its place"),
			check->name);
	return rv;
}

/* Whether the store finds the object by all that it has. An entry too many finds what does not match, which is
 * compared. */
static CK_RV
check_index (const Check *check, const CratonObject *object, CratonStoreObject *record)
{
	gboolean found = FALSE;
	CK_RV rv = craton_record_tags (object, record->is_private ? check->key : NULL, record->tags,
	                               &record->n_tags);

	if (rv == CKR_OK)
		rv = craton_store_is_found (check->store, record, &found);
	return rv == CKR_OK && !found ? CKR_DEVICE_ERROR : rv;
}

/* Whether the object is what was written in this place. Another process may change or destroy it meanwhile: what it is
 * after that is not what is asked. */
static CK_RV
check_object (const Check *check, const CratonStoreRow *row, gboolean *ret_good)
{
	g_auto (CratonStoreObject) record = { .id = row->id };
	g_auto (CratonStoreObject) again = { .id = row->id };
	g_autoptr (CratonObject) object = NULL;
	CK_RV rv = craton_store_load (check->store, row->id, 0, &record);

	if (rv == CKR_OK && record.revision == row->revision) {
		rv = craton_record_open (&record, check->key, &object);
		if (rv == CKR_OK)
			rv = check_index (check, object, &record);
		if (rv == CKR_DEVICE_ERROR &&
		    craton_store_load (check->store, row->id, row->revision, &again) == CKR_OK &&
		    again.revision == row->revision) {
			*ret_good = FALSE;
			return CKR_OK;
		}
		if (rv == CKR_DEVICE_ERROR)
			rv = CKR_OK;
	}
	*ret_good = rv != CKR_DEVICE_ERROR;
	return rv == CKR_DEVICE_ERROR || rv == CKR_OBJECT_HANDLE_INVALID ? CKR_OK : rv;
}

static CK_RV
compare_rows (Check *check)
{
	gint64 last = -1;
	Page *page = NULL;

	for (guint i = 0; i < check->rows->len; i++) {
		const CratonStoreRow *row = &g_array_index (check->rows, CratonStoreRow, i);
		gint64 number = page_of (row->id);
		Entry *entry;
		gboolean good;
		CK_RV rv;

		if (number != last)
			page = g_hash_table_lookup (check->pages, &number);
		last = number;
		entry = page != NULL && row->id >= 0 ? &page->entries[row->id % PAGE_IDS] : NULL;
		good = (entry != NULL ? entry->revision : 0) == (row->has_mac ? row->revision : 0);
		if (good && row->has_mac && check->rows->len <= SMALL) {
			rv = check_object (check, row, &good);
			if (rv != CKR_OK)
				return rv;
		}
		if (!good)
			add_fault (check, row->id, entry, TRUE);
		/* What is left over in the end is missing. */
		if (entry != NULL)
			entry->revision = 0;
	}
	return CKR_OK;
}

static void
find_missing (Check *check)
{
	GHashTableIter iter;
	gpointer number, value;

	g_hash_table_iter_init (&iter, check->pages);
	while (g_hash_table_iter_next (&iter, &number, &value)) {
		const Page *page = value;

		for (guint i = 0; i < PAGE_IDS; i++)
			if (page->entries[i].revision != 0)
				add_fault (check, *(gint64 *) number * PAGE_IDS + i,
				           &page->entries[i], FALSE);
	}
}

CK_RV
craton_ledger_check (CratonStore *store, const CratonSealKey *key, const guint8 *epoch,
                     const char *name, GHashTable **ret_faults)
{
	g_autoptr (GArray) rows = g_array_new (FALSE, FALSE, sizeof (CratonStoreRow));
	g_autoptr (GHashTable) sealed = g_hash_table_new_full (
		g_int64_hash, g_int64_equal, g_free, (GDestroyNotify) g_bytes_unref);
	g_autoptr (GHashTable) pages =
		g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, free_page);
	g_autoptr (GHashTable) faults =
		g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
	Check check = { store, key, epoch, name, rows, sealed, pages, faults, 0 };
	CK_RV rv = craton_store_survey (store, rows, sealed);

	if (rv == CKR_OK)
		rv = open_pages (&check);
	if (rv == CKR_OK)
		rv = compare_rows (&check);
	if (rv != CKR_OK)
		return rv;
	find_missing (&check);
	if (check.n_lines > LINES_MAX)
		g_warning (_ ("Token %s has %u more objects that were changed or removed past "
		              "Craton"),
		           name, check.n_lines - LINES_MAX);
	*ret_faults = g_steal_pointer (&faults);
	return CKR_OK;
}

void
craton_ledger_blame (CratonStore *store, const CratonSealKey *key, const guint8 *epoch,
                     const char *name, gint64 id)
{
	g_autoptr (GBytes) bytes = NULL;
	g_autoptr (Page) page = NULL;
	g_autofree char *uri = NULL;
	GByteArray *plain = NULL;
	gboolean known = key != NULL && id >= 0 &&
	                 craton_store_read_page (store, page_of (id), &bytes) == CKR_OK &&
	                 open_page (key, epoch, page_of (id), bytes, &plain) == CKR_OK &&
	                 parse_page (plain, &page) == CKR_OK;

	uri = uri_of (name, known ? &page->entries[id % PAGE_IDS] : NULL);
	g_warning (_ ("Object %s (number %lld of token %s) is damaged: put a copy of the database "
	              "from a backup in its place"),
	           uri, (long long) id, name);
}
