/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store in SQLite, whole (see store.h and store-sqlite.c): a copy of it, and a copy put in its place. Called by the
 * administrator's backup and restore. Trusts an image as little as any other file.
 */
#include "config.h"

#include "store-sqlite.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* SQLite's code for a whole database, or SQLITE_CORRUPT. */
static int
check_whole (CratonSqlite *connection)
{
	int code;
	sqlite3_stmt *prepared =
		craton_sqlite_prepare (connection, "PRAGMA integrity_check (1)", &code);

	if (prepared == NULL)
		return code;
	code = sqlite3_step (prepared);
	if (code == SQLITE_ROW)
		code = g_strcmp0 ((const char *) sqlite3_column_text (prepared, 0), "ok") == 0
		               ? SQLITE_OK
		               : SQLITE_CORRUPT;
	craton_sqlite_done (prepared);
	return code;
}

static int
copy (CratonSqlite *reader, GBytes **ret_image)
{
	sqlite3_int64 len = 0;
	unsigned char *bytes = sqlite3_serialize (reader->db, "main", &len, 0);

	if (bytes == NULL)
		return SQLITE_NOMEM;
	*ret_image = g_bytes_new_with_free_func (bytes, (gsize) len, sqlite3_free, bytes);
	return SQLITE_OK;
}

CK_RV
craton_store_snapshot (CratonStore *store, CratonStoreToken *ret_token, GBytes **ret_image)
{
	CK_RV rv = CKR_OK;
	int code;

	pthread_mutex_lock (&store->read_lock);
	code = craton_sqlite_run_text (&store->reader, "BEGIN");
	if (code == SQLITE_OK)
		code = check_whole (&store->reader);
	if (code == SQLITE_OK)
		code = craton_store_select_token (&store->reader, ret_token);
	if (code == SQLITE_OK)
		code = copy (&store->reader, ret_image);
	if (code != SQLITE_OK)
		rv = craton_store_failure (store, store->reader.db, code);
	if (!sqlite3_get_autocommit (store->reader.db))
		(void) craton_sqlite_run_text (&store->reader, "ROLLBACK");
	pthread_mutex_unlock (&store->read_lock);
	return rv;
}

static gboolean
write_all (int fd, GBytes *image)
{
	gsize len, at = 0;
	const guint8 *bytes = g_bytes_get_data (image, &len);

	while (at < len) {
		gssize n = write (fd, bytes + at, len - at);

		if (n < 0 && errno != EINTR)
			return FALSE;
		at += n > 0 ? (gsize) n : 0;
	}
	return fsync (fd) == 0;
}

/* Files of root's making belong to whoever the folder belongs to. */
static gboolean
give_away (int fd, const char *directory)
{
	struct stat info;

	return geteuid () != 0 || (stat (directory, &info) == 0 &&
	                           fchown (fd, info.st_uid, info.st_gid) == 0);
}

static int
set_count (CratonSqlite *connection, guint64 least_changes, const guint8 *line)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (
		connection, "UPDATE token SET changes = max (changes, ?1), line = ?2", &code);

	if (prepared == NULL)
		return code;
	sqlite3_bind_int64 (prepared, 1, (gint64) MIN (least_changes, (guint64) G_MAXINT64));
	sqlite3_bind_blob (prepared, 2, line, CRATON_STORE_LINE_LEN, SQLITE_STATIC);
	return craton_sqlite_run (prepared);
}

/* Makes a store of the file that has the image, and closes it: then the file is all there is. */
static CK_RV
settle (CratonStore *store, guint64 least_changes, const guint8 *line)
{
	CratonStoreToken token;
	gint64 id = 0, format = 0;
	CK_RV rv = CKR_OK;
	int code = craton_sqlite_open (store->path, SQLITE_OPEN_READWRITE, FALSE, &store->writer);

	if (code == SQLITE_OK)
		code = craton_sqlite_run_text (&store->writer, "PRAGMA synchronous = FULL");
	if (code == SQLITE_OK)
		code = craton_sqlite_number (&store->writer, "PRAGMA application_id", &id);
	if (code == SQLITE_OK)
		code = craton_sqlite_number (&store->writer, "PRAGMA user_version", &format);
	if (code == SQLITE_OK && (id != CRATON_STORE_APPLICATION_ID || format != CRATON_STORE_FORMAT))
		code = SQLITE_NOTADB;
	if (code == SQLITE_OK)
		code = check_whole (&store->writer);
	if (code == SQLITE_OK)
		code = craton_store_select_token (&store->writer, &token);
	if (code == SQLITE_OK)
		code = set_count (&store->writer, least_changes, line);
	if (code != SQLITE_OK)
		rv = craton_store_failure (store, store->writer.db, code);
	craton_sqlite_close (&store->writer);
	return rv;
}

/* Moves the old store aside, then takes away its log: under a name of its own nobody can mistake the log for the new
 * store's. */
static CK_RV
clear_place (const char *path, char **ret_old)
{
	g_autofree char *old = g_strconcat (path, ".replaced", NULL);

	if (rename (path, old) != 0 && errno != ENOENT) {
		g_warning (_ ("Database at %s cannot be used (%s): check its disk and permissions"),
		           path, g_strerror (errno));
		return CKR_DEVICE_ERROR;
	}
	craton_store_remove_files (path, FALSE);
	*ret_old = g_steal_pointer (&old);
	return CKR_OK;
}

CK_RV
craton_store_replace (const char *directory, GBytes *image, guint64 least_changes, const guint8 *line)
{
	g_autofree char *path = craton_store_path (directory);
	g_autofree char *making = NULL, *old = NULL;
	CratonStore store = { .path = NULL };
	gboolean written;
	int fd;
	CK_RV rv = craton_store_make_file (path, &making, &fd);

	if (rv != CKR_OK)
		return rv;
	written = write_all (fd, image) && give_away (fd, directory);
	if (!written)
		rv = errno == ENOSPC || errno == EDQUOT ? CKR_DEVICE_MEMORY : CKR_DEVICE_ERROR;
	if (!written)
		g_warning (_ ("Database at %s cannot be used (%s): check its disk and permissions"),
		           making, g_strerror (errno));
	(void) close (fd);
	store.path = making;
	if (rv == CKR_OK)
		rv = settle (&store, least_changes, line);
	if (rv == CKR_OK)
		rv = clear_place (path, &old);
	if (rv == CKR_OK)
		rv = craton_store_publish (directory, making, path);
	if (rv == CKR_OK)
		(void) unlink (old);
	craton_store_remove_files (making, TRUE);
	return rv;
}

gint64
craton_store_changed_at (const char *directory)
{
	g_autofree char *path = craton_store_path (directory);
	g_autofree char *wal = g_strconcat (path, "-wal", NULL);
	struct stat info;
	gint64 at = 0;

	if (stat (path, &info) != 0)
		return 0;
	at = info.st_mtim.tv_sec;
	if (stat (wal, &info) == 0 && info.st_size > 0)
		at = MAX (at, info.st_mtim.tv_sec);
	return at;
}
