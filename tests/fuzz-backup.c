/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of a backup, which may come from anybody: its header and pieces, a real one with bytes changed, and, for whoever knows the
 * passphrase, the database that is in it, which restore puts in the store's place. scrypt's cost is kept low where the file asks
 * for a possible one: what it is has no part in what is read.
 */
#include "config.h"

#include "fuzz.h"

#include <glib.h>
#include <glib/gstdio.h>

#include "backup-file.h"
#include "store.h"

#define PASSPHRASE "correct horse", 13
#define HEADER_LEN 42
#define COST_AT 9
#define EDITS_MAX 64

enum { FILE_AS_IT_IS, CONTENT, CHANGED_FILE, CHANGED_DATABASE, N_MODES };

static char *folder;
static GBytes *image; /* a real store's */
static const CratonBackupInfo about = { .made_at = 1770000000, .changes = 42, .label = "a token", .serial = "0123456789abcde" };

static void
keep_quiet (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void) domain, (void) level, (void) message, (void) data;
}

static void
remove_files (void)
{
	GDir *dir = g_dir_open (folder, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		char *path = g_build_filename (folder, name, NULL);

		(void) g_unlink (path);
		g_free (path);
	}
	if (dir != NULL)
		g_dir_close (dir);
}

static void
remove_folder (void)
{
	remove_files ();
	(void) g_rmdir (folder);
}

static void
add_object (CratonStore *store)
{
	g_autoptr (GBytes) body = g_bytes_new ("an object's body", 16);
	CratonStoreObject object = { .revision = 1, .klass = CKO_DATA, .body = body, .n_tags = 1, .tags = { 5 } };
	CratonStoreChange *change_of = NULL;

	fuzz_expect (craton_store_begin (store, &change_of) == CKR_OK);
	fuzz_expect (craton_store_next_id (change_of, &object.id) == CKR_OK);
	fuzz_expect (craton_store_insert (change_of, &object) == CKR_OK);
	fuzz_expect (craton_store_commit (change_of) == CKR_OK);
}

/* Once: a folder in memory, and a store whose image a backup has. */
static void
prepare (void)
{
	CratonStoreToken token = { .label = "a token                        ", .serial = "0123456789abcde" };
	g_autoptr (GBytes) root = g_bytes_new ("a page of a ledger", 18);
	g_autoptr (CratonStore) store = NULL;
	gint told = 0;

	if (folder != NULL)
		return;
	(void) g_log_set_default_handler (keep_quiet, NULL);
	folder = g_strdup (g_access ("/dev/shm", 7) == 0 ? "/dev/shm/craton-fuzz-XXXXXX" : "/tmp/craton-fuzz-XXXXXX");
	fuzz_expect (g_mkdtemp (folder) != NULL && atexit (remove_folder) == 0);
	fuzz_expect (craton_store_create (folder, &token, root) == CKR_OK);
	fuzz_expect (craton_store_open (folder, &told, &store) == CKR_OK);
	add_object (store);
	fuzz_expect (craton_store_snapshot (store, &token, &image) == CKR_OK);
}

/* Places and what is written there; whether anything changed. */
static gboolean
change (FuzzInput *input, guint8 *bytes, gsize len, gsize from)
{
	gboolean changed = FALSE;

	for (int i = 0; i < EDITS_MAX && input->len >= 4 && len > from; i++) {
		gsize at = from + fuzz_number (input, 3) % (len - from);

		bytes[at] ^= (guint8) fuzz_number (input, 1);
		changed = TRUE;
	}
	return changed;
}

/* What cannot be what was sealed is not handed out, and what is has its length. */
static CK_RV
open_file (const guint8 *bytes, gsize len, GBytes **ret_image)
{
	CratonBackupInfo info;
	CK_RV rv = craton_backup_open (bytes, len, PASSPHRASE, &info, ret_image);

	fuzz_expect (rv == CKR_OK || rv == CKR_DATA_INVALID || rv == CKR_FUNCTION_NOT_SUPPORTED ||
	             rv == CKR_PIN_INCORRECT || rv == CKR_ENCRYPTED_DATA_INVALID);
	fuzz_expect ((rv == CKR_OK) == (*ret_image != NULL));
	if (rv == CKR_OK)
		fuzz_look (&info, sizeof info);
	return rv;
}

static void
open_as_it_is (FuzzInput *input)
{
	g_autoptr (GBytes) opened = NULL;
	gsize len;
	guint8 *bytes = fuzz_bytes (input, SIZE_MAX, &len);

	if (len > COST_AT && bytes[COST_AT] >= 1 && bytes[COST_AT] <= CRATON_BACKUP_COST_MAX)
		bytes[COST_AT] = (guint8) (2 + bytes[COST_AT] % 3);
	(void) open_file (bytes, len, &opened);
	free (bytes);
}

static void
seal_and_open (FuzzInput *input, gboolean with_changes)
{
	g_autoptr (GBytes) content = NULL, opened = NULL;
	g_autoptr (GByteArray) file = g_byte_array_new ();
	gboolean changed = FALSE;
	CK_RV rv;

	content = with_changes ? g_bytes_ref (image) : g_bytes_new (input->bytes, input->len);
	fuzz_expect (craton_backup_seal (&about, content, PASSPHRASE, 2, file) == CKR_OK);
	if (with_changes)
		changed = change (input, file->data, file->len, HEADER_LEN);
	rv = open_file (file->data, file->len, &opened);
	if (rv == CKR_OK)
		fuzz_expect (g_bytes_equal (content, opened));
	else
		fuzz_expect (changed);
}

/* Reads what a backend reads of a store that it opens. */
static void
use_store (void)
{
	g_autoptr (CratonStore) store = NULL;
	g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (CratonStoreHit));
	g_autoptr (GBytes) page = NULL;
	const CratonStoreQuery all = { .private_too = TRUE, .klass = CK_UNAVAILABLE_INFORMATION };
	CratonStoreToken token;
	gint told = 0;

	if (craton_store_open (folder, &told, &store) != CKR_OK)
		return;
	if (craton_store_read_token (store, &token) == CKR_OK)
		fuzz_look (&token, sizeof token);
	(void) craton_store_find (store, &all, hits);
	for (guint i = 0; i < hits->len; i++) {
		g_auto (CratonStoreObject) object = { 0 };

		if (craton_store_load (store, g_array_index (hits, CratonStoreHit, i).id, 0, &object) == CKR_OK &&
		    object.body != NULL)
			fuzz_look (g_bytes_get_data (object.body, NULL), g_bytes_get_size (object.body));
	}
	if (craton_store_read_page (store, CRATON_STORE_ROOT, &page) == CKR_OK && page != NULL)
		fuzz_look (g_bytes_get_data (page, NULL), g_bytes_get_size (page));
}

static void
restore (FuzzInput *input)
{
	static const guint8 line[CRATON_STORE_LINE_LEN] = { 1 };
	gsize len;
	guint8 *bytes;
	g_autoptr (GBytes) changed = NULL;

	bytes = g_memdup2 (g_bytes_get_data (image, &len), g_bytes_get_size (image));
	(void) change (input, bytes, len, 0);
	changed = g_bytes_new_take (bytes, len);
	if (craton_store_replace (folder, changed, 7, line) == CKR_OK)
		use_store ();
	remove_files ();
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	FuzzInput input = { bytes, len };

	prepare ();
	switch (fuzz_number (&input, 1) % N_MODES) {
	case FILE_AS_IT_IS:
		open_as_it_is (&input);
		break;
	case CHANGED_DATABASE:
		restore (&input);
		break;
	case CHANGED_FILE:
		seal_and_open (&input, TRUE);
		break;
	default:
		seal_and_open (&input, FALSE);
		break;
	}
	return 0;
}

static void
fuzz_seeds (void)
{
	static const guint8 changes[][9] = {
		{ CHANGED_FILE },
		{ CHANGED_FILE, 0, 0, 0, 1 },
		{ CHANGED_DATABASE },
		{ CHANGED_DATABASE, 0x10, 0, 0, 0xff, 0x64, 0x10, 0, 3 },
	};
	g_autoptr (GBytes) part = NULL;
	g_autoptr (GByteArray) file = g_byte_array_new ();
	const guint8 mode = FILE_AS_IT_IS;

	prepare ();
	/* Of a real backup what is short enough for a seed, and the same whole with less in it. */
	part = g_bytes_new_from_bytes (image, 0, 512);
	g_byte_array_append (file, &mode, 1);
	fuzz_expect (craton_backup_seal (&about, part, PASSPHRASE, 2, file) == CKR_OK);
	fuzz_seed (file->data, file->len);
	fuzz_seed (file->data, HEADER_LEN + 1);
	file->data[0] = CONTENT;
	fuzz_seed (file->data, file->len);
	for (gsize i = 0; i < G_N_ELEMENTS (changes); i++)
		fuzz_seed (changes[i], sizeof changes[i]);
}
