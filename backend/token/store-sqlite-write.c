/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store in SQLite, writing (see store.h and store-sqlite.c): changes, one at a time, and new
 * stores. What a change does is on the disk when its commit returns, or it never was.
 */
#include "config.h"

#include "store-sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#define APPLICATION_ID G_STRINGIFY (CRATON_STORE_APPLICATION_ID)
#define FORMAT G_STRINGIFY (CRATON_STORE_FORMAT)

static const char schema[] =
	"CREATE TABLE token ("
	" only INTEGER PRIMARY KEY CHECK (only = 1),"
	" epoch BLOB NOT NULL, label BLOB NOT NULL, serial BLOB NOT NULL,"
	" line BLOB NOT NULL, changes INTEGER NOT NULL);"
	"CREATE TABLE pins (role INTEGER PRIMARY KEY, failures INTEGER NOT NULL, wrap BLOB);"
	/* AUTOINCREMENT: an id is never used for another object. */
	"CREATE TABLE objects ("
	" id INTEGER PRIMARY KEY AUTOINCREMENT, revision INTEGER NOT NULL,"
	" uid BLOB NOT NULL UNIQUE,"
	" class INTEGER NOT NULL, private INTEGER NOT NULL, mac BLOB);"
	/* Apart, so that a survey of many objects reads few pages. */
	"CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB NOT NULL);"
	"CREATE TABLE ledger (page INTEGER PRIMARY KEY, seal BLOB NOT NULL);"
	"CREATE INDEX objects_by_class ON objects (class, private);"
	"CREATE TABLE tags (tag INTEGER, object INTEGER, PRIMARY KEY (tag, object)) WITHOUT ROWID;"
	"CREATE INDEX tags_by_object ON tags (object);"
	"PRAGMA application_id = " APPLICATION_ID "; PRAGMA user_version = " FORMAT ";";

struct CratonStoreChange {
	CratonStore *store;
};

CK_RV
craton_store_begin (CratonStore *store, CratonStoreChange **ret_change)
{
	CK_RV rv = CKR_OK;
	int code = SQLITE_OK;

	if (store->read_only)
		return CKR_TOKEN_WRITE_PROTECTED;
	pthread_mutex_lock (&store->write_lock);
	if (store->writer.db == NULL)
		code = craton_sqlite_open_to_write (store->path, &store->writer);
	if (code == SQLITE_OK)
		code = craton_sqlite_run_text (&store->writer, "BEGIN IMMEDIATE");
	/* Who has waited for a restore would write into a file without a name. */
	if (code == SQLITE_OK && !craton_store_is_in_place (store))
		rv = CKR_DEVICE_REMOVED;
	else if (code != SQLITE_OK)
		rv = craton_store_failure (store, store->writer.db, code);
	if (rv != CKR_OK) {
		craton_sqlite_close (&store->writer);
		pthread_mutex_unlock (&store->write_lock);
		return rv;
	}
	*ret_change = g_new0 (CratonStoreChange, 1);
	(*ret_change)->store = craton_store_ref (store);
	return CKR_OK;
}

static void
end_change (CratonStoreChange *change)
{
	CratonStore *store = change->store;

	pthread_mutex_unlock (&store->write_lock);
	craton_store_unref (store);
	g_free (change);
}

CK_RV
craton_store_commit (CratonStoreChange *change)
{
	CratonStore *store = change->store;
	CK_RV rv;
	int code = craton_sqlite_run_text (&store->writer, "UPDATE token SET changes = changes + 1");

	if (code == SQLITE_OK)
		code = craton_sqlite_run_text (&store->writer, "COMMIT");
	if (code != SQLITE_OK) {
		rv = craton_store_failure (store, store->writer.db, code);
		craton_store_rollback (change);
		return rv;
	}
	g_atomic_int_set (&store->told, SQLITE_OK);
	end_change (change);
	return CKR_OK;
}

void
craton_store_rollback (CratonStoreChange *change)
{
	if (change == NULL)
		return;
	/* SQLite has already rolled back after some failures. */
	if (!sqlite3_get_autocommit (change->store->writer.db))
		(void) craton_sqlite_run_text (&change->store->writer, "ROLLBACK");
	end_change (change);
}

CK_RV
craton_store_get_token (CratonStoreChange *change, CratonStoreToken *ret_token)
{
	CratonStore *store = change->store;
	int code = craton_store_select_token (&store->writer, ret_token);

	return code == SQLITE_OK ? CKR_OK : craton_store_failure (store, store->writer.db, code);
}

static int
write_pin (CratonSqlite *writer, CratonPinRole role, const CratonStorePin *pin)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer, "REPLACE INTO pins (role, failures, wrap) VALUES (?1, ?2, ?3)", &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int (prepared, 1, (int) role);
	sqlite3_bind_int64 (prepared, 2, pin->failures);
	if (pin->set)
		sqlite3_bind_blob (prepared, 3, pin->wrap, sizeof pin->wrap, SQLITE_STATIC);
	return craton_sqlite_run (prepared);
}

CK_RV
craton_store_set_pin (CratonStoreChange *change, CratonPinRole role, const CratonStorePin *pin)
{
	CratonStore *store = change->store;
	int code = write_pin (&store->writer, role, pin);

	return code == SQLITE_OK ? CKR_OK : craton_store_failure (store, store->writer.db, code);
}

static int
write_token (CratonSqlite *writer, const CratonStoreToken *token)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer,
		"INSERT INTO token (only, epoch, label, serial, line, changes)"
		" VALUES (1, ?1, ?2, ?3, ?4, 0)"
		" ON CONFLICT (only) DO UPDATE SET epoch = ?1, label = ?2, serial = ?3, line = ?4",
		&code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_blob (prepared, 1, token->epoch, sizeof token->epoch, SQLITE_STATIC);
	sqlite3_bind_blob (prepared, 2, token->label, sizeof token->label, SQLITE_STATIC);
	sqlite3_bind_blob (prepared, 3, token->serial, sizeof token->serial, SQLITE_STATIC);
	sqlite3_bind_blob (prepared, 4, token->line, sizeof token->line, SQLITE_STATIC);
	code = craton_sqlite_run (prepared);
	for (int role = 0; code == SQLITE_OK && role < CRATON_N_PINS; role++)
		code = write_pin (writer, (CratonPinRole) role, &token->pins[role]);
	return code;
}

static int
write_page (CratonSqlite *writer, gint64 number, GBytes *page)
{
	int code;
	gsize len;
	const void *bytes = g_bytes_get_data (page, &len);
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer, "REPLACE INTO ledger (page, seal) VALUES (?1, ?2)", &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int64 (prepared, 1, number);
	sqlite3_bind_blob64 (prepared, 2, bytes, len, SQLITE_STATIC);
	return craton_sqlite_run (prepared);
}

static int
delete_by_id (CratonSqlite *writer, const char *text, gint64 id)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (writer, text, &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int64 (prepared, 1, id);
	return craton_sqlite_run (prepared);
}

CK_RV
craton_store_reset (CratonStoreChange *change, const CratonStoreToken *token, GBytes *root)
{
	static const char *const texts[] = { "DELETE FROM objects", "DELETE FROM bodies",
		                             "DELETE FROM tags", "DELETE FROM ledger" };
	CratonStore *store = change->store;
	int code = SQLITE_OK;

	for (gsize i = 0; code == SQLITE_OK && i < G_N_ELEMENTS (texts); i++)
		code = craton_sqlite_run_text (&store->writer, texts[i]);
	if (code == SQLITE_OK)
		code = write_token (&store->writer, token);
	if (code == SQLITE_OK)
		code = write_page (&store->writer, CRATON_STORE_ROOT, root);
	return code == SQLITE_OK ? CKR_OK : craton_store_failure (store, store->writer.db, code);
}

CK_RV
craton_store_get_page (CratonStoreChange *change, gint64 number, GBytes **ret_page)
{
	CratonStore *store = change->store;
	int code = craton_store_select_page (&store->writer, number, ret_page);

	return code == SQLITE_OK ? CKR_OK : craton_store_failure (store, store->writer.db, code);
}

CK_RV
craton_store_set_page (CratonStoreChange *change, gint64 number, GBytes *page)
{
	CratonSqlite *writer = &change->store->writer;
	int code = page != NULL ? write_page (writer, number, page)
	                        : delete_by_id (writer, "DELETE FROM ledger WHERE page = ?1",
	                                        number);

	return code == SQLITE_OK ? CKR_OK : craton_store_failure (change->store, writer->db, code);
}

static int
write_tags (CratonSqlite *writer, const CratonStoreObject *object)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer, "INSERT OR IGNORE INTO tags (tag, object) VALUES (?1, ?2)", &code);

	for (guint i = 0; code == SQLITE_OK && i < object->n_tags; i++) {
		sqlite3_bind_int64 (prepared, 1, object->tags[i]);
		sqlite3_bind_int64 (prepared, 2, object->id);
		code = craton_sqlite_run (prepared);
	}
	return code;
}

static int
delete_tags (CratonSqlite *writer, gint64 id)
{
	return delete_by_id (writer, "DELETE FROM tags WHERE object = ?1", id);
}

static int
write_body (CratonSqlite *writer, const CratonStoreObject *object)
{
	int code;
	gsize len;
	const void *body = g_bytes_get_data (object->body, &len);
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer, "REPLACE INTO bodies (id, body) VALUES (?1, ?2)", &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int64 (prepared, 1, object->id);
	sqlite3_bind_blob64 (prepared, 2, body, len, SQLITE_STATIC);
	return craton_sqlite_run (prepared);
}

/* The id of the next object: it is covered by the MAC, so it has to be known before. */
CK_RV
craton_store_next_id (CratonStoreChange *change, gint64 *ret_id)
{
	CratonSqlite *writer = &change->store->writer;
	gint64 last = 0;
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer, "SELECT seq FROM sqlite_sequence WHERE name = 'objects'", &code);

	if (prepared != NULL) {
		code = sqlite3_step (prepared);
		if (code == SQLITE_ROW)
			last = sqlite3_column_int64 (prepared, 0);
		craton_sqlite_done (prepared);
	}
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		return craton_store_failure (change->store, writer->db, code);
	*ret_id = last + 1;
	return CKR_OK;
}

CK_RV
craton_store_insert (CratonStoreChange *change, const CratonStoreObject *object)
{
	CratonSqlite *writer = &change->store->writer;
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer,
		"INSERT INTO objects (id, revision, uid, class, private, mac)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&code);

	if (prepared != NULL) {
		sqlite3_bind_int64 (prepared, 1, object->id);
		sqlite3_bind_int64 (prepared, 2, object->revision);
		sqlite3_bind_blob (prepared, 3, object->uid, sizeof object->uid, SQLITE_STATIC);
		sqlite3_bind_int64 (prepared, 4, (gint64) object->klass);
		sqlite3_bind_int (prepared, 5, object->is_private ? 1 : 0);
		if (object->has_mac)
			sqlite3_bind_blob (prepared, 6, object->mac, sizeof object->mac,
			                   SQLITE_STATIC);
		code = craton_sqlite_run (prepared);
	}
	if (code == SQLITE_OK)
		code = write_body (writer, object);
	if (code == SQLITE_OK)
		code = write_tags (writer, object);
	return code == SQLITE_OK ? CKR_OK : craton_store_failure (change->store, writer->db, code);
}

CK_RV
craton_store_update (CratonStoreChange *change, const CratonStoreObject *object)
{
	CratonSqlite *writer = &change->store->writer;
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer,
		"UPDATE objects SET revision = ?2, mac = ?3 WHERE id = ?1 AND revision = ?2 - 1",
		&code);

	if (prepared != NULL) {
		sqlite3_bind_int64 (prepared, 1, object->id);
		sqlite3_bind_int64 (prepared, 2, object->revision);
		if (object->has_mac)
			sqlite3_bind_blob (prepared, 3, object->mac, sizeof object->mac,
			                   SQLITE_STATIC);
		code = craton_sqlite_run (prepared);
	}
	if (code == SQLITE_OK && sqlite3_changes (writer->db) == 0)
		return CKR_OBJECT_HANDLE_INVALID;
	if (code == SQLITE_OK)
		code = write_body (writer, object);
	if (code == SQLITE_OK)
		code = delete_tags (writer, object->id);
	if (code == SQLITE_OK)
		code = write_tags (writer, object);
	return code == SQLITE_OK ? CKR_OK : craton_store_failure (change->store, writer->db, code);
}

/* Whether the object is there, and has a MAC. */
static int
look_at_mac (CratonSqlite *writer, gint64 id, gboolean *ret_there, gboolean *ret_has_mac)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		writer, "SELECT mac IS NOT NULL FROM objects WHERE id = ?1", &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int64 (prepared, 1, id);
	code = sqlite3_step (prepared);
	*ret_there = code == SQLITE_ROW;
	*ret_has_mac = code == SQLITE_ROW && sqlite3_column_int (prepared, 0) != 0;
	craton_sqlite_done (prepared);
	return code == SQLITE_ROW || code == SQLITE_DONE ? SQLITE_OK : code;
}

CK_RV
craton_store_delete (CratonStoreChange *change, gint64 id, gboolean with_mac_too)
{
	CratonSqlite *writer = &change->store->writer;
	gboolean there = FALSE, has_mac = FALSE;
	int code = look_at_mac (writer, id, &there, &has_mac);

	if (code == SQLITE_OK && !there)
		return CKR_OBJECT_HANDLE_INVALID;
	if (code == SQLITE_OK && has_mac && !with_mac_too)
		return CKR_USER_NOT_LOGGED_IN;
	if (code == SQLITE_OK)
		code = delete_by_id (writer, "DELETE FROM objects WHERE id = ?1", id);
	if (code == SQLITE_OK)
		code = delete_by_id (writer, "DELETE FROM bodies WHERE id = ?1", id);
	if (code == SQLITE_OK)
		code = delete_tags (writer, id);
	return code == SQLITE_OK ? CKR_OK : craton_store_failure (change->store, writer->db, code);
}

void
craton_store_scrub (CratonStore *store)
{
	pthread_mutex_lock (&store->write_lock);
	if (store->writer.db != NULL)
		(void) sqlite3_wal_checkpoint_v2 (store->writer.db, NULL,
		                                  SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	pthread_mutex_unlock (&store->write_lock);
}

void
craton_store_remove_files (const char *path, gboolean database_too)
{
	static const char *const endings[] = { "", "-journal", "-wal", "-shm" };

	for (gsize i = database_too ? 0 : 1; i < G_N_ELEMENTS (endings); i++) {
		g_autofree char *name = g_strconcat (path, endings[i], NULL);

		(void) unlink (name);
	}
}

static int
fill (const char *path, const CratonStoreToken *token, GBytes *root, sqlite3 **ret_db)
{
	CratonSqlite connection;
	int code = craton_sqlite_open (path, SQLITE_OPEN_READWRITE, FALSE, &connection);

	if (code == SQLITE_OK)
		code = sqlite3_exec (connection.db, "PRAGMA synchronous = FULL; BEGIN;", NULL, NULL,
		                     NULL);
	if (code == SQLITE_OK)
		code = sqlite3_exec (connection.db, schema, NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = write_token (&connection, token);
	if (code == SQLITE_OK)
		code = write_page (&connection, CRATON_STORE_ROOT, root);
	if (code == SQLITE_OK)
		code = sqlite3_exec (connection.db, "COMMIT; PRAGMA journal_mode = WAL;", NULL,
		                     NULL, NULL);
	*ret_db = connection.db;
	connection.db = NULL;
	craton_sqlite_close (&connection);
	return code;
}

/* A link does not replace what somebody else has put there. */
CK_RV
craton_store_publish (const char *directory, const char *from, const char *path)
{
	int fd;

	if (link (from, path) != 0) {
		if (errno == EEXIST)
			return CKR_TOKEN_NOT_RECOGNIZED;
		g_warning (_ ("Database at %s cannot be used (%s): check its disk and permissions"),
		           path, g_strerror (errno));
		return errno == ENOSPC || errno == EDQUOT ? CKR_DEVICE_MEMORY : CKR_DEVICE_ERROR;
	}
	fd = open (directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		(void) fsync (fd);
		(void) close (fd);
	}
	return CKR_OK;
}

CK_RV
craton_store_make_file (const char *path, char **ret_making, int *ret_fd)
{
	g_autofree char *making = g_strconcat (path, ".new-XXXXXX", NULL);
	int fd = g_mkstemp_full (making, O_RDWR | O_CLOEXEC, 0600);

	if (fd < 0) {
		int error = errno;

		g_warning (_ ("Database at %s cannot be used (%s): check its disk and permissions"),
		           path, g_strerror (error));
		if (error == EACCES || error == EROFS || error == EPERM)
			return CKR_TOKEN_WRITE_PROTECTED;
		return error == ENOSPC || error == EDQUOT ? CKR_DEVICE_MEMORY : CKR_DEVICE_ERROR;
	}
	*ret_making = g_steal_pointer (&making);
	*ret_fd = fd;
	return CKR_OK;
}

CK_RV
craton_store_create (const char *directory, const CratonStoreToken *token, GBytes *root)
{
	g_autofree char *path = craton_store_path (directory);
	g_autofree char *making = NULL;
	CratonStore failing = { .path = path };
	sqlite3 *db = NULL;
	int fd, code;
	CK_RV rv = craton_store_make_file (path, &making, &fd);

	if (rv != CKR_OK)
		return rv;
	(void) close (fd);
	code = fill (making, token, root, &db);
	rv = code == SQLITE_OK ? CKR_OK : craton_store_failure (&failing, db, code);
	sqlite3_close (db);
	if (rv == CKR_OK)
		rv = craton_store_publish (directory, making, path);
	craton_store_remove_files (making, TRUE);
	return rv;
}
