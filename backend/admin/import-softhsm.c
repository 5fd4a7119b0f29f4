/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads a token of SoftHSM 2, see import.h. Each object is a file: a number that counts its changes, then attributes, each with
 * its type, its form and its value, numbers of eight bytes with the highest first. The token's key is in token.object, once under
 * each PIN; the byte strings of private objects are under that key. The files are not trusted: what does not add up is damage.
 */
#include "config.h"

#include "import.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "attr.h"

#define TOKEN_NAME "token.object"
#define OBJECT_ENDING ".object"
#define DATABASE_ENDING ".db"
#define FILE_LEN_MAX (8 * 1024 * 1024)

#define FORM_BOOL 1
#define FORM_NUMBER 2
#define FORM_BYTES 3
#define FORM_ATTRIBUTES 4
#define FORM_MECHANISMS 5

/* SoftHSM's own attributes of token.object. */
#define OS_LABEL 0x80005349UL
#define OS_SO_PIN 0x8000534cUL
#define OS_USER_PIN 0x8000534dUL

#define KEY_LEN 32
#define BLOCK_LEN 16
#define SALT_LEN 8
#define ROUNDS 1500 /* plus the last byte of the salt */
#define KEY_MARK "RJR"

/* Bytes that are read from the front; one failure is enough. */
typedef struct {
	const guint8 *at;
	gsize left;
	gboolean failed;
} Reader;

typedef struct {
	CK_ATTRIBUTE_TYPE type;
	guint64 form;
	guint64 number; /* or truth */
	const guint8 *bytes;
	gsize len;
} Item;

typedef struct {
	guint8 key[KEY_LEN];
	CratonImport *import;
	const char *folder;
} Token;

static gboolean
complain (const char *path, const char *what)
{
	g_printerr ("%s: %s: %s\n", g_get_prgname (), path, what);
	return FALSE;
}

static const guint8 *
get_bytes (Reader *reader, guint64 len)
{
	const guint8 *bytes = reader->at;

	if (reader->failed || len > reader->left) {
		reader->failed = TRUE;
		return NULL;
	}
	reader->at += len;
	reader->left -= len;
	return bytes;
}

static guint64
get_number (Reader *reader)
{
	const guint8 *bytes = get_bytes (reader, 8);
	guint64 number = 0;

	for (gsize i = 0; bytes != NULL && i < 8; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Returns: FALSE at the end, or where the reader has failed. */
static gboolean
next_item (Reader *reader, Item *item)
{
	const guint8 *truth;

	if (reader->failed || reader->left == 0)
		return FALSE;
	memset (item, 0, sizeof *item);
	item->type = get_number (reader);
	item->form = get_number (reader);
	switch (item->form) {
	case FORM_BOOL:
		truth = get_bytes (reader, 1);
		item->number = truth != NULL && *truth != 0;
		break;
	case FORM_NUMBER:
		item->number = get_number (reader);
		break;
	case FORM_BYTES:
	case FORM_ATTRIBUTES:
	case FORM_MECHANISMS:
		item->len = get_number (reader);
		/* Mechanisms are counted. */
		if (item->form == FORM_MECHANISMS)
			item->len = item->len > CRATON_MECHANISMS_MAX ? FILE_LEN_MAX : item->len * 8;
		item->bytes = get_bytes (reader, item->len);
		break;
	default:
		reader->failed = TRUE;
	}
	return !reader->failed;
}

/* The key that a PIN stands for: SHA-256 of salt and PIN, and of that again. */
static gboolean
stretch (const CratonSecret *pin, const guint8 *salt, guint8 *ret_key)
{
	guint rounds = ROUNDS + salt[SALT_LEN - 1];
	guint8 start[SALT_LEN + CRATON_SECRET_LEN_MAX];
	gboolean good;

	memcpy (start, salt, SALT_LEN);
	memcpy (start + SALT_LEN, pin->text, pin->len);
	good = EVP_Digest (start, SALT_LEN + pin->len, ret_key, NULL, EVP_sha256 (), NULL) == 1;
	for (guint i = 1; good && i < rounds; i++)
		good = EVP_Digest (ret_key, KEY_LEN, ret_key, NULL, EVP_sha256 (), NULL) == 1;
	OPENSSL_cleanse (start, sizeof start);
	return good;
}

/* Salt, initial value, then the mark and the token's key, encrypted. */
static gboolean
open_key (const Item *blob, const CratonSecret *pin, guint8 *ret_key)
{
	const gsize head = SALT_LEN + BLOCK_LEN;
	const int mark = sizeof KEY_MARK - 1;
	guint8 key[KEY_LEN], plain[4 * BLOCK_LEN];
	gboolean good;

	if (blob->len != head + 3 * BLOCK_LEN || !stretch (pin, blob->bytes, key))
		return FALSE;
	good = craton_import_decrypt (key, blob->bytes + SALT_LEN, blob->bytes + head, blob->len - head, plain) ==
	               mark + KEY_LEN &&
	       memcmp (plain, KEY_MARK, (gsize) mark) == 0;
	if (good)
		memcpy (ret_key, plain + mark, KEY_LEN);
	OPENSSL_cleanse (key, sizeof key);
	OPENSSL_cleanse (plain, sizeof plain);
	return good;
}

/* The file, and a reader behind the number that it begins with. */
static gboolean
read_file (const char *path, char **ret_bytes, Reader *ret_reader)
{
	g_autoptr (GError) error = NULL;
	gsize len;

	if (!g_file_get_contents (path, ret_bytes, &len, &error))
		return complain (path, error->message);
	*ret_reader = (Reader){ (const guint8 *) *ret_bytes, len, len > FILE_LEN_MAX };
	(void) get_number (ret_reader);
	return !ret_reader->failed || complain (path, _ ("the file is damaged"));
}

/* Reads token.object: its label, and its key if a PIN is given and right. */
static gboolean
read_token (const char *folder, const CratonSecret *pin, const CratonSecret *so_pin, Token *token)
{
	g_autofree char *path = g_build_filename (folder, TOKEN_NAME, NULL);
	g_autofree char *bytes = NULL;
	guint8 same[KEY_LEN];
	Item item, user = { 0 }, so = { 0 };
	gboolean good;
	Reader reader;

	if (!read_file (path, &bytes, &reader))
		return FALSE;
	while (next_item (&reader, &item)) {
		if (item.type == OS_LABEL && item.len == sizeof token->import->label)
			memcpy (token->import->label, item.bytes, item.len);
		if (item.type == OS_USER_PIN)
			user = item;
		if (item.type == OS_SO_PIN)
			so = item;
	}
	if (reader.failed)
		return complain (path, _ ("the file is damaged"));
	if (pin == NULL)
		return TRUE;
	if (user.len == 0)
		return complain (path, _ ("this token has no user PIN"));
	if (!open_key (&user, pin, token->key))
		return complain (folder, _ ("the user PIN is wrong"));
	good = so_pin == NULL || (open_key (&so, so_pin, same) && CRYPTO_memcmp (same, token->key, KEY_LEN) == 0);
	OPENSSL_cleanse (same, sizeof same);
	return good || complain (folder, _ ("the SO PIN is wrong"));
}

static gboolean
set_bytes (const Token *token, CratonImportObject *object, const Item *item, gboolean is_private)
{
	/* Dates are in the clear even there. */
	gboolean sealed = is_private && item->len > 0 && item->type != CKA_START_DATE && item->type != CKA_END_DATE;
	guint8 *plain;
	int len;

	if (!sealed) {
		craton_import_object_set (object, item->type, item->bytes, item->len);
		return TRUE;
	}
	if (item->len < 2 * BLOCK_LEN || item->len % BLOCK_LEN != 0)
		return FALSE;
	plain = g_malloc (item->len);
	len = craton_import_decrypt (token->key, item->bytes, item->bytes + BLOCK_LEN, item->len - BLOCK_LEN, plain);
	if (len >= 0)
		craton_import_object_set (object, item->type, plain, (gsize) len);
	OPENSSL_cleanse (plain, item->len);
	g_free (plain);
	return len >= 0;
}

static void
set_number (CratonImportObject *object, const Item *item)
{
	CK_ULONG number = item->number;
	CK_BBOOL truth = item->number != 0 ? CK_TRUE : CK_FALSE;

	if (item->form == FORM_BOOL)
		craton_import_object_set (object, item->type, &truth, sizeof truth);
	else
		craton_import_object_set (object, item->type, &number, sizeof number);
}

static void
set_mechanisms (CratonImportObject *object, const Item *item)
{
	Reader reader = { item->bytes, item->len, FALSE };
	CK_MECHANISM_TYPE types[CRATON_MECHANISMS_MAX];
	gsize n = 0;

	while (n < G_N_ELEMENTS (types) && reader.left > 0)
		types[n++] = get_number (&reader);
	/* None allowed would be no key at all; SoftHSM means by it that nobody has said. */
	if (n > 0)
		craton_import_object_set (object, item->type, types, n * sizeof *types);
}

/* A template inside of an attribute; its byte strings are not encrypted. */
static gboolean
set_template (CratonImportObject *object, const Item *item)
{
	Reader reader = { item->bytes, item->len, FALSE };
	g_autoptr (CratonImportObject) inner = craton_import_object_new ("");
	g_autofree CK_ATTRIBUTE *attrs = NULL;
	Item part;

	while (next_item (&reader, &part)) {
		if (part.form == FORM_BYTES)
			craton_import_object_set (inner, part.type, part.bytes, part.len);
		else if (part.form == FORM_BOOL || part.form == FORM_NUMBER)
			set_number (inner, &part);
		else
			return FALSE;
	}
	if (reader.failed)
		return FALSE;
	if (inner->attrs->len == 0)
		return TRUE;
	attrs = g_memdup2 (inner->attrs->data, inner->attrs->len * sizeof *attrs);
	for (guint i = 0; i < inner->attrs->len; i++)
		attrs[i].pValue = craton_import_object_hold (object, attrs[i].pValue, attrs[i].ulValueLen);
	craton_import_object_set (object, item->type, attrs, inner->attrs->len * sizeof *attrs);
	return TRUE;
}

static gboolean
set_item (const Token *token, CratonImportObject *object, const Item *item, gboolean is_private)
{
	switch (item->form) {
	case FORM_BYTES:
		return set_bytes (token, object, item, is_private);
	case FORM_MECHANISMS:
		set_mechanisms (object, item);
		return TRUE;
	case FORM_ATTRIBUTES:
		return set_template (object, item);
	default:
		set_number (object, item);
		return TRUE;
	}
}

static gboolean
read_object (const Token *token, const char *name)
{
	g_autofree char *path = g_build_filename (token->folder, name, NULL);
	g_autofree char *bytes = NULL;
	g_autoptr (CratonImportObject) object = craton_import_object_new (name);
	gboolean is_private = FALSE, good = TRUE;
	Reader reader, again;
	Item item;

	if (!read_file (path, &bytes, &reader))
		return FALSE;
	again = reader;
	while (next_item (&reader, &item))
		if (item.type == CKA_PRIVATE)
			is_private = item.number != 0;
	good = !reader.failed;
	while (good && next_item (&again, &item))
		good = set_item (token, object, &item, is_private);
	if (!good || craton_import_object_find (object, CKA_CLASS) == NULL)
		return complain (path, _ ("the file is damaged"));
	craton_import_add (token->import, g_steal_pointer (&object));
	return TRUE;
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
	return strcmp (*(char *const *) a, *(char *const *) b);
}

/* The names in a folder, sorted; NULL after it has printed why not. */
static GPtrArray *
list (const char *folder)
{
	g_autoptr (GError) error = NULL;
	g_autoptr (GDir) dir = g_dir_open (folder, 0, &error);
	GPtrArray *names;
	const char *name;

	if (dir == NULL) {
		(void) complain (folder, error->message);
		return NULL;
	}
	names = g_ptr_array_new_with_free_func (g_free);
	while ((name = g_dir_read_name (dir)) != NULL)
		g_ptr_array_add (names, g_strdup (name));
	g_ptr_array_sort (names, compare_names);
	return names;
}

/* directories.tokendir of a softhsm2.conf; other paths are what they are. */
static char *
find_tokens (const char *path)
{
	g_autofree char *text = NULL;
	g_auto (GStrv) lines = NULL;

	if (g_file_test (path, G_FILE_TEST_IS_DIR) || !g_file_get_contents (path, &text, NULL, NULL))
		return g_strdup (path);
	lines = g_strsplit (text, "\n", -1);
	for (gsize i = 0; lines[i] != NULL; i++) {
		g_auto (GStrv) parts = g_strsplit (lines[i], "=", 2);

		if (parts[0] != NULL && parts[1] != NULL &&
		    g_str_equal (g_strstrip (parts[0]), "directories.tokendir"))
			return g_strdup (g_strstrip (parts[1]));
	}
	return g_strdup (path);
}

static gboolean
has_file (const char *folder, const char *name)
{
	g_autofree char *path = g_build_filename (folder, name, NULL);

	return g_file_test (path, G_FILE_TEST_EXISTS);
}

/* SoftHSM can also be built to keep a token in a database. */
static gboolean
has_database (const char *folder)
{
	g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
	const char *name = NULL;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL && !g_str_has_suffix (name, DATABASE_ENDING))
		;
	return name != NULL;
}

static gboolean
is_label (const CratonImport *import, const char *label)
{
	g_autofree char *text = g_strndup ((const char *) import->label, sizeof import->label);

	return label == NULL || g_str_equal (g_strchomp (text), label);
}

/* The one folder of a token that is meant. */
static char *
choose (const char *tokens, const char *label, CratonImport *import)
{
	g_autoptr (GPtrArray) names = list (tokens);
	g_autofree char *found = NULL;
	guint n_found = 0;
	Token token = { .import = import };

	for (guint i = 0; names != NULL && i < names->len; i++) {
		g_autofree char *folder = g_build_filename (tokens, g_ptr_array_index (names, i), NULL);

		if (!has_file (folder, TOKEN_NAME) && has_database (folder))
			(void) complain (folder, _ ("a token in SoftHSM's database form: move it to the "
			                            "form of files first"));
		if (!has_file (folder, TOKEN_NAME) || !read_token (folder, NULL, NULL, &token) ||
		    !is_label (import, label))
			continue;
		n_found++;
		g_free (found);
		found = g_steal_pointer (&folder);
	}
	if (names != NULL && n_found == 0)
		(void) complain (tokens, _ ("there is no such token of SoftHSM"));
	if (n_found > 1)
		(void) complain (tokens, _ ("there are several tokens: name one with --label"));
	return n_found == 1 ? g_steal_pointer (&found) : NULL;
}

gboolean
craton_import_softhsm (const char *path, const char *label, const CratonSecret *pin,
                       const CratonSecret *so_pin, CratonImport *import)
{
	g_autofree char *tokens = find_tokens (path);
	g_autofree char *folder = has_file (tokens, TOKEN_NAME) ? g_strdup (tokens)
	                                                        : choose (tokens, label, import);
	g_autoptr (GPtrArray) names = folder != NULL ? list (folder) : NULL;
	Token token = { .import = import, .folder = folder };
	gboolean good = names != NULL && read_token (folder, pin, so_pin, &token);

	for (guint i = 0; good && i < names->len; i++) {
		const char *name = g_ptr_array_index (names, i);

		if (g_str_has_suffix (name, OBJECT_ENDING) && !g_str_equal (name, TOKEN_NAME))
			good = read_object (&token, name);
	}
	OPENSSL_cleanse (token.key, sizeof token.key);
	return good;
}
