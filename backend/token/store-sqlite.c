/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store in SQLite, see store.h: one database per token, write-ahead log, every commit on the
 * disk before it returns. Each store has two connections, so that reading does not wait for the
 * disk when somebody writes. Trusts the file no further than to be read: lengths are checked, what
 * is damaged is said so and never taken for an empty token. Here is opening and reading, writing is
 * in store-sqlite-write.c.
 */
#include "config.h"

#include "store-sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BODY_LEN_MAX (8 * 1024 * 1024)

static const char find_all[] = "SELECT id, private FROM objects WHERE private <= ?1 ORDER BY id";
static const char find_by_class[] =
	"SELECT id, private FROM objects WHERE private <= ?1 AND class = ?2 ORDER BY id";
static const char find_by_tag[] =
	"SELECT DISTINCT id, private FROM tags JOIN objects ON id = object"
	" WHERE tag IN (?3, ?4) AND private <= ?1 AND (?2 < 0 OR class = ?2) ORDER BY id";

char *
craton_store_path (const char *directory)
{
	return g_build_filename (directory, "token.db", NULL);
}

void
craton_store_object_clear (CratonStoreObject *object)
{
	g_clear_pointer (&object->body, g_bytes_unref);
}

CK_RV
craton_store_failure (CratonStore *store, sqlite3 *db, int code)
{
	CK_RV rv = craton_sqlite_failure (store->path, db, code, &store->told);

	/* SQLite checks the cells of a page when it loads it, and takes it as it is when it is asked again. */
	if (db != NULL && (code & 0xff) == SQLITE_CORRUPT)
		(void) sqlite3_db_release_memory (db);
	return rv;
}

/* Whether this is a database of ours that we can read. The first read of the file happens here. */
static CK_RV
check_format (CratonStore *store)
{
	gint64 id = 0, format = 0;
	int code = craton_sqlite_number (&store->reader, "PRAGMA application_id", &id);

	if (code == SQLITE_OK)
		code = craton_sqlite_number (&store->reader, "PRAGMA user_version", &format);
	if (code != SQLITE_OK)
		return craton_store_failure (store, store->reader.db, code);
	if (id != CRATON_STORE_APPLICATION_ID || format < 1) {
		if (craton_sqlite_is_news (&store->told, SQLITE_NOTADB))
			g_warning (_ ("The file %s is no database of Craton: move it away, or name "
			              "another store"),
			           store->path);
		return CKR_DEVICE_ERROR;
	}
	if (format != CRATON_STORE_FORMAT) {
		if (craton_sqlite_is_news (&store->told, SQLITE_MISMATCH))
			g_warning (_ ("Database at %s has format %d, this Craton knows %d: use the "
			              "Craton that wrote it"),
			           store->path, (int) format, CRATON_STORE_FORMAT);
		return CKR_DEVICE_ERROR;
	}
	return CKR_OK;
}

static gboolean
log_is_empty (const char *path)
{
	g_autofree char *name = g_strconcat (path, "-wal", NULL);
	struct stat info;

	return stat (name, &info) != 0 || info.st_size == 0;
}

static CK_RV
open_reader (CratonStore *store)
{
	int flags = store->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	gint64 ignored;
	int code;

	code = store->read_only ? craton_sqlite_open (store->path, flags, FALSE, &store->reader)
	                        : craton_sqlite_open_to_write (store->path, &store->reader);
	if (code == SQLITE_OK)
		code = craton_sqlite_number (&store->reader, "PRAGMA schema_version", &ignored);
	/* A log is files of its own, which cannot be made here. Where there is none the database is
	 * all there is. */
	if (store->read_only &&
	    ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY) &&
	    log_is_empty (store->path)) {
		craton_sqlite_close (&store->reader);
		store->immutable = TRUE;
		code = craton_sqlite_open (store->path, flags, TRUE, &store->reader);
	}
	if (code != SQLITE_OK)
		return craton_store_failure (store, store->reader.db, code);
	/* Who can only read may be given memory of its own for an index. */
	if (!store->read_only && craton_sqlite_has_log (&store->reader))
		store->shared = craton_sqlite_index (&store->reader);
	return check_format (store);
}

static gboolean
is_writable (const char *path)
{
	return faccessat (AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

CK_RV
craton_store_open (const char *directory, gint *inout_told, CratonStore **ret_store)
{
	g_autofree char *path = craton_store_path (directory);
	struct stat info;
	CratonStore *store;
	CK_RV rv;

	if (stat (path, &info) != 0) {
		if (errno == ENOENT)
			return CKR_TOKEN_NOT_PRESENT;
		if (craton_sqlite_is_news (inout_told, SQLITE_CANTOPEN))
			g_warning (_ ("Database at %s cannot be used (%s): check its disk and "
			              "permissions"),
			           path, g_strerror (errno));
		return CKR_DEVICE_ERROR;
	}
	store = g_new0 (CratonStore, 1);
	store->refs = 1;
	store->path = g_steal_pointer (&path);
	store->device = info.st_dev;
	store->inode = info.st_ino;
	store->changed = info.st_mtim;
	store->told = *inout_told;
	store->read_only = !is_writable (directory) || !is_writable (store->path);
	pthread_mutex_init (&store->read_lock, NULL);
	pthread_mutex_init (&store->write_lock, NULL);
	/* SQLite takes an empty file for a database that is yet to be filled. We never leave one.
	 */
	rv = info.st_size == 0 ? craton_store_failure (store, NULL, SQLITE_NOTADB)
	                       : open_reader (store);
	*inout_told = rv == CKR_OK ? SQLITE_OK : store->told;
	if (rv != CKR_OK) {
		craton_store_unref (store);
		return rv;
	}
	*ret_store = store;
	return CKR_OK;
}

CratonStore *
craton_store_ref (CratonStore *store)
{
	g_atomic_int_inc (&store->refs);
	return store;
}

void
craton_store_unref (CratonStore *store)
{
	if (store == NULL || !g_atomic_int_dec_and_test (&store->refs))
		return;
	craton_sqlite_close (&store->writer);
	craton_sqlite_close (&store->reader);
	pthread_mutex_destroy (&store->write_lock);
	pthread_mutex_destroy (&store->read_lock);
	g_free (store->path);
	g_free (store);
}

gboolean
craton_store_is_read_only (CratonStore *store)
{
	return store->read_only;
}

static gboolean
look_at_place (const CratonStore *store, struct stat *ret_info)
{
	return stat (store->path, ret_info) == 0 && ret_info->st_dev == store->device &&
	       ret_info->st_ino == store->inode;
}

gboolean
craton_store_is_in_place (const CratonStore *store)
{
	struct stat info;

	return look_at_place (store, &info);
}

G_STATIC_ASSERT (sizeof (CratonStoreMark) == CRATON_SQLITE_HEAD_LEN);

/* Somebody may be writing: a torn mark is like no other. */
static guint64
word_of (const CratonStore *store, gsize i)
{
	return __atomic_load_n ((const volatile guint64 *) store->shared + i, __ATOMIC_ACQUIRE);
}

gboolean
craton_store_mark (CratonStore *store, CratonStoreMark *ret_mark)
{
	for (gsize i = 0; store->shared != NULL && i < G_N_ELEMENTS (ret_mark->words); i++)
		ret_mark->words[i] = word_of (store, i);
	return store->shared != NULL;
}

gboolean
craton_store_is_marked (CratonStore *store, const CratonStoreMark *mark)
{
	for (gsize i = 0; i < G_N_ELEMENTS (mark->words); i++) {
		if (word_of (store, i) != mark->words[i])
			return FALSE;
	}
	return TRUE;
}

/* Called with the lock for reading held. SQLite's own answer costs system calls for its locks: it is asked only if the head of the log's
 * index, taken before, says that there may be another one. */
static CK_RV
read_version (CratonStore *store)
{
	guint8 head[CRATON_SQLITE_HEAD_LEN];
	gboolean has_head = store->shared != NULL && craton_sqlite_head (&store->reader, head);
	sqlite3_stmt *prepared;
	CK_RV rv = CKR_OK;
	int code;

	if (has_head && store->has_head && memcmp (head, store->head, sizeof head) == 0)
		return CKR_OK;
	prepared = craton_sqlite_prepare (&store->reader, "PRAGMA data_version", &code);
	if (prepared != NULL)
		code = sqlite3_step (prepared);
	if (code == SQLITE_ROW)
		store->version = (guint64) sqlite3_column_int64 (prepared, 0);
	else
		rv = craton_store_failure (store, store->reader.db, code);
	if (prepared != NULL)
		craton_sqlite_done (prepared);
	store->has_head = rv == CKR_OK && has_head;
	if (store->has_head)
		memcpy (store->head, head, sizeof head);
	return rv;
}

CK_RV
craton_store_version (CratonStore *store, guint64 *ret_version)
{
	struct stat info;
	CK_RV rv;

	if (!look_at_place (store, &info))
		return CKR_DEVICE_REMOVED;
	if (store->immutable) {
		if (info.st_mtim.tv_sec != store->changed.tv_sec ||
		    info.st_mtim.tv_nsec != store->changed.tv_nsec || !log_is_empty (store->path))
			return CKR_DEVICE_REMOVED;
		*ret_version = 0;
		return CKR_OK;
	}

	pthread_mutex_lock (&store->read_lock);
	rv = read_version (store);
	if (rv == CKR_OK)
		*ret_version = store->version;
	pthread_mutex_unlock (&store->read_lock);
	return rv;
}

/* Copies a column that must have exactly this length. */
static gboolean
fixed_column (sqlite3_stmt *prepared, int column, void *out, int len)
{
	if (sqlite3_column_bytes (prepared, column) != len)
		return FALSE;
	memcpy (out, sqlite3_column_blob (prepared, column), (gsize) len);
	return TRUE;
}

static int
read_pin (sqlite3_stmt *prepared, CratonStoreToken *token)
{
	gint64 role = sqlite3_column_int64 (prepared, 0),
	       failures = sqlite3_column_int64 (prepared, 1);
	CratonStorePin *pin;

	if (role < 0 || role >= CRATON_N_PINS || failures < 0)
		return SQLITE_CORRUPT;
	pin = &token->pins[role];
	pin->failures = (guint) MIN (failures, G_MAXINT);
	pin->set = sqlite3_column_type (prepared, 2) != SQLITE_NULL;
	if (pin->set && !fixed_column (prepared, 2, pin->wrap, CRATON_SEAL_WRAP_LEN))
		return SQLITE_CORRUPT;
	return SQLITE_ROW;
}

int
craton_store_select_token (CratonSqlite *connection, CratonStoreToken *ret_token)
{
	CratonStoreToken token = { .label = { 0 } };
	int code, n_pins = 0;
	sqlite3_stmt *prepared =
		craton_sqlite_prepare (connection, "SELECT epoch, label, serial, line, changes FROM token", &code);

	if (prepared == NULL)
		return code;
	code = sqlite3_step (prepared);
	if (code == SQLITE_ROW) {
		if (fixed_column (prepared, 0, token.epoch, sizeof token.epoch) &&
		    fixed_column (prepared, 1, token.label, sizeof token.label) &&
		    fixed_column (prepared, 2, token.serial, sizeof token.serial) &&
		    fixed_column (prepared, 3, token.line, sizeof token.line))
			code = SQLITE_OK;
		else
			code = SQLITE_CORRUPT;
		token.changes = (guint64) sqlite3_column_int64 (prepared, 4);
	} else if (code == SQLITE_DONE) {
		code = SQLITE_CORRUPT;
	}
	craton_sqlite_done (prepared);
	if (code != SQLITE_OK)
		return code;

	prepared =
		craton_sqlite_prepare (connection, "SELECT role, failures, wrap FROM pins", &code);
	if (prepared == NULL)
		return code;
	do
		code = sqlite3_step (prepared);
	while (code == SQLITE_ROW && (code = read_pin (prepared, &token)) == SQLITE_ROW &&
	       ++n_pins <= CRATON_N_PINS);
	craton_sqlite_done (prepared);
	if (code == SQLITE_DONE && n_pins != CRATON_N_PINS)
		code = SQLITE_CORRUPT;
	if (code != SQLITE_DONE)
		return code;
	*ret_token = token;
	return SQLITE_OK;
}

CK_RV
craton_store_read_token (CratonStore *store, CratonStoreToken *ret_token)
{
	CK_RV rv = CKR_OK;
	int code;

	pthread_mutex_lock (&store->read_lock);
	code = craton_store_select_token (&store->reader, ret_token);
	if (code != SQLITE_OK)
		rv = craton_store_failure (store, store->reader.db, code);
	pthread_mutex_unlock (&store->read_lock);
	return rv;
}

CK_RV
craton_store_find (CratonStore *store, const CratonStoreQuery *query, GArray *hits)
{
	const char *text = query->n_tags > 0 ? find_by_tag : find_by_class;
	sqlite3_stmt *prepared;
	CK_RV rv = CKR_OK;
	int code;

	if (query->n_tags == 0 && query->klass == CK_UNAVAILABLE_INFORMATION)
		text = find_all;
	pthread_mutex_lock (&store->read_lock);
	prepared = craton_sqlite_prepare (&store->reader, text, &code);
	if (prepared != NULL) {
		sqlite3_bind_int (prepared, 1, query->private_too ? 1 : 0);
		if (text != find_all)
			sqlite3_bind_int64 (prepared, 2, (gint64) query->klass);
		for (guint i = 0; text == find_by_tag && i < query->n_tags; i++)
			sqlite3_bind_int64 (prepared, 3 + (int) i, query->tags[i]);
		while ((code = sqlite3_step (prepared)) == SQLITE_ROW) {
			CratonStoreHit hit = { .id = sqlite3_column_int64 (prepared, 0),
				               .is_private =
				                       sqlite3_column_int (prepared, 1) != 0 };

			g_array_append_val (hits, hit);
		}
		craton_sqlite_done (prepared);
	}
	if (code != SQLITE_DONE)
		rv = craton_store_failure (store, store->reader.db, code);
	pthread_mutex_unlock (&store->read_lock);
	return rv;
}

static int
read_object (sqlite3_stmt *prepared, CratonStoreObject *object)
{
	int body_len = sqlite3_column_bytes (prepared, 4);

	object->klass = (CK_OBJECT_CLASS) sqlite3_column_int64 (prepared, 2);
	object->is_private = sqlite3_column_int (prepared, 3) != 0;
	object->has_mac = sqlite3_column_type (prepared, 5) != SQLITE_NULL;
	if (!fixed_column (prepared, 1, object->uid, sizeof object->uid) || body_len > BODY_LEN_MAX)
		return SQLITE_CORRUPT;
	if (object->has_mac && !fixed_column (prepared, 5, object->mac, sizeof object->mac))
		return SQLITE_CORRUPT;
	object->body = g_bytes_new (sqlite3_column_blob (prepared, 4), (gsize) body_len);
	return SQLITE_ROW;
}

CK_RV
craton_store_load (CratonStore *store, gint64 id, gint64 known, CratonStoreObject *ret_object)
{
	CratonStoreObject object = { .id = id };
	sqlite3_stmt *prepared;
	CK_RV rv = CKR_OK;
	int code;

	pthread_mutex_lock (&store->read_lock);
	prepared = craton_sqlite_prepare (
		&store->reader,
		"SELECT revision, uid, class, private, body, mac"
		" FROM objects LEFT JOIN bodies USING (id) WHERE id = ?1",
		&code);
	if (prepared != NULL) {
		sqlite3_bind_int64 (prepared, 1, id);
		code = sqlite3_step (prepared);
		if (code == SQLITE_ROW) {
			object.revision = sqlite3_column_int64 (prepared, 0);
			if (object.revision != known)
				code = read_object (prepared, &object);
		}
		craton_sqlite_done (prepared);
	}
	if (code == SQLITE_DONE)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else if (code != SQLITE_ROW)
		rv = craton_store_failure (store, store->reader.db, code);
	pthread_mutex_unlock (&store->read_lock);
	if (rv == CKR_OK)
		*ret_object = object;
	return rv;
}

int
craton_store_select_page (CratonSqlite *connection, gint64 number, GBytes **ret_page)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		connection, "SELECT seal FROM ledger WHERE page = ?1", &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int64 (prepared, 1, number);
	code = sqlite3_step (prepared);
	if (code == SQLITE_ROW)
		*ret_page = g_bytes_new (sqlite3_column_blob (prepared, 0),
		                         (gsize) sqlite3_column_bytes (prepared, 0));
	else if (code == SQLITE_DONE)
		*ret_page = NULL;
	craton_sqlite_done (prepared);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

CK_RV
craton_store_read_page (CratonStore *store, gint64 number, GBytes **ret_page)
{
	CK_RV rv = CKR_OK;
	int code;

	pthread_mutex_lock (&store->read_lock);
	code = craton_store_select_page (&store->reader, number, ret_page);
	if (code != SQLITE_OK)
		rv = craton_store_failure (store, store->reader.db, code);
	pthread_mutex_unlock (&store->read_lock);
	return rv;
}

static int
survey_rows (CratonSqlite *reader, GArray *rows)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		reader, "SELECT id, revision, mac IS NOT NULL FROM objects ORDER BY id", &code);

	if (prepared == NULL)
		return code;
	while ((code = sqlite3_step (prepared)) == SQLITE_ROW) {
		CratonStoreRow row = { sqlite3_column_int64 (prepared, 0),
			               sqlite3_column_int64 (prepared, 1),
			               sqlite3_column_int (prepared, 2) };

		g_array_append_val (rows, row);
	}
	craton_sqlite_done (prepared);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

static int
survey_pages (CratonSqlite *reader, GHashTable *pages)
{
	int code;
	sqlite3_stmt *prepared =
		craton_sqlite_prepare (reader, "SELECT page, seal FROM ledger", &code);

	if (prepared == NULL)
		return code;
	while ((code = sqlite3_step (prepared)) == SQLITE_ROW) {
		gint64 number = sqlite3_column_int64 (prepared, 0);

		g_hash_table_insert (pages, g_memdup2 (&number, sizeof number),
		                     g_bytes_new (sqlite3_column_blob (prepared, 1),
		                                  (gsize) sqlite3_column_bytes (prepared, 1)));
	}
	craton_sqlite_done (prepared);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

CK_RV
craton_store_survey (CratonStore *store, GArray *rows, GHashTable *pages)
{
	CK_RV rv = CKR_OK;
	int code;

	pthread_mutex_lock (&store->read_lock);
	code = craton_sqlite_run_text (&store->reader, "BEGIN");
	if (code == SQLITE_OK)
		code = survey_rows (&store->reader, rows);
	if (code == SQLITE_OK)
		code = survey_pages (&store->reader, pages);
	if (code != SQLITE_OK)
		rv = craton_store_failure (store, store->reader.db, code);
	if (!sqlite3_get_autocommit (store->reader.db))
		(void) craton_sqlite_run_text (&store->reader, "ROLLBACK");
	pthread_mutex_unlock (&store->read_lock);
	return rv;
}

/* Asks with two numbers whether there is a row. */
static int
has_row (CratonSqlite *reader, const char *text, gint64 first, gint64 id, gboolean *inout_found)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (reader, text, &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int64 (prepared, 1, first);
	sqlite3_bind_int64 (prepared, 2, id);
	code = sqlite3_step (prepared);
	*inout_found = *inout_found && code == SQLITE_ROW;
	craton_sqlite_done (prepared);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Each index is asked by name: another one may be whole. */
CK_RV
craton_store_is_found (CratonStore *store, const CratonStoreObject *object, gboolean *ret_found)
{
	gboolean found = TRUE;
	CK_RV rv = CKR_OK;
	int code;

	pthread_mutex_lock (&store->read_lock);
	code = has_row (&store->reader,
	                object->is_private
	                        ? "SELECT 1 FROM objects INDEXED BY objects_by_class"
	                          " WHERE class = ?1 AND private = 1 AND id = ?2"
	                        : "SELECT 1 FROM objects INDEXED BY objects_by_class"
	                          " WHERE class = ?1 AND private = 0 AND id = ?2",
	                (gint64) object->klass, object->id, &found);
	for (guint i = 0; code == SQLITE_OK && i < object->n_tags; i++)
		code = has_row (&store->reader,
		                "SELECT 1 FROM tags INDEXED BY sqlite_autoindex_tags_1"
		                " WHERE tag = ?1 AND object = ?2",
		                object->tags[i], object->id, &found);
	if (code != SQLITE_OK)
		rv = craton_store_failure (store, store->reader.db, code);
	pthread_mutex_unlock (&store->read_lock);
	if (rv == CKR_OK)
		*ret_found = found;
	return rv;
}
