/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CratonSqlites to SQLite: how they are opened, their statements, and what their failures are to
 * PKCS#11 and to the person who reads the log. Called by store-sqlite.c only.
 */
#include "config.h"

#include "sqlite.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <sys/stat.h>

#define BUSY_MS 10000
#define PAGES_MAX "1048576"   /* of 4 KiB each */
#define CACHE_KIB "16384"
#define LOG_LEN_LEFT 262144 /* bytes of it that the last process leaves to the next one */
#define LOG_LEN_MAX "4194304" /* bytes of write-ahead log that are kept for the next writer */

/* What SQLite maps of the log's index at a time. */
#define INDEX_PIECE_LEN 32768

static gboolean
is_disk_full (sqlite3 *db, int code)
{
	int error;

	if ((code & 0xff) == SQLITE_FULL)
		return TRUE;
	if ((code & 0xff) != SQLITE_IOERR)
		return FALSE;
	error = db != NULL ? sqlite3_system_errno (db) : 0;
	/* SQLite does not note the reason of every failed write, but it leaves it behind. */
	if (error == 0)
		error = errno;
	return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

static void
complain (const char *path, sqlite3 *db, int code)
{
	const char *reason = db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (code);

	switch (code & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_SCHEMA:
	case SQLITE_ERROR:
		g_warning (
			_ ("Database at %s is damaged (%s): put a copy from a backup in its place"),
			path, reason);
		return;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		g_warning (
			_ ("Database at %s stays in use by another process: end the process that "
		           "holds it"),
			path);
		return;
	case SQLITE_NOMEM:
		g_warning (_ ("Not enough memory for the database at %s"), path);
		return;
	case SQLITE_READONLY:
		g_warning (_ ("Database at %s cannot be written: check the permissions of its "
		              "directory"),
		           path);
		return;
	case SQLITE_FULL:
		g_warning (
			_ ("No space left for the database at %s: nothing was changed, make room "
		           "there"),
			path);
		return;
	default:
		g_warning (_ ("Database at %s cannot be used (%s): check its disk and permissions"),
		           path, reason);
	}
}

gboolean
craton_sqlite_is_news (gint *told, int code)
{
	if (g_atomic_int_get (told) == code)
		return FALSE;
	g_atomic_int_set (told, code);
	return TRUE;
}

CK_RV
craton_sqlite_failure (const char *path, sqlite3 *db, int code, gint *told)
{
	gboolean full = is_disk_full (db, code);
	int primary = code & 0xff;

	if (craton_sqlite_is_news (told, code))
		complain (path, db, full ? SQLITE_FULL : code);
	if (full)
		return CKR_DEVICE_MEMORY;
	if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED)
		return CKR_FUNCTION_FAILED;
	if (primary == SQLITE_NOMEM)
		return CKR_HOST_MEMORY;
	return primary == SQLITE_READONLY ? CKR_TOKEN_WRITE_PROTECTED : CKR_DEVICE_ERROR;
}

/* Whether the log is so long that reading it, which whoever opens the database next has to do, takes longer than making it longer. */
static gboolean
is_log_long (sqlite3 *db)
{
	const char *path = sqlite3_db_filename (db, "main");
	g_autofree char *log = NULL;
	struct stat info;

	/* None where the database could not be opened. */
	if (path == NULL)
		return FALSE;
	log = g_strconcat (path, "-wal", NULL);
	return stat (log, &info) == 0 && info.st_size > LOG_LEN_LEFT;
}

void
craton_sqlite_close (CratonSqlite *connection)
{
	for (gsize i = 0; i < CRATON_SQLITE_STATEMENTS; i++)
		sqlite3_finalize (connection->statements[i].prepared);
	/* With a limit, whoever leaves last cuts the log to nothing, and the first commit of the next process, its login, has
	 * to wait for the file system to make a file longer: milliseconds in place of microseconds. */
	if (connection->db != NULL && !is_log_long (connection->db))
		(void) sqlite3_exec (connection->db, "PRAGMA journal_size_limit = -1", NULL, NULL,
		                     NULL);
	sqlite3_close (connection->db);
	memset (connection, 0, sizeof *connection);
}

sqlite3_stmt *
craton_sqlite_prepare (CratonSqlite *connection, const char *text, int *ret_code)
{
	gsize i = 0;

	*ret_code = SQLITE_OK;
	while (connection->statements[i].text != NULL && connection->statements[i].text != text)
		i++;
	g_assert (i < CRATON_SQLITE_STATEMENTS - 1);
	if (connection->statements[i].text == NULL) {
		*ret_code = sqlite3_prepare_v3 (connection->db, text, -1, SQLITE_PREPARE_PERSISTENT,
		                                &connection->statements[i].prepared, NULL);
		if (*ret_code != SQLITE_OK)
			return NULL;
		connection->statements[i].text = text;
	}
	return connection->statements[i].prepared;
}

void
craton_sqlite_done (sqlite3_stmt *prepared)
{
	sqlite3_reset (prepared);
	sqlite3_clear_bindings (prepared);
}

int
craton_sqlite_run (sqlite3_stmt *prepared)
{
	int code = sqlite3_step (prepared);
	int reason = errno;

	craton_sqlite_done (prepared);
	errno = reason;
	return code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
}

int
craton_sqlite_open (const char *path, int flags, gboolean immutable, CratonSqlite *ret_connection)
{
	g_autofree char *escaped = g_uri_escape_string (path, "/", FALSE);
	g_autofree char *uri =
		g_strdup_printf ("file:%s%s", escaped, immutable ? "?immutable=1" : "");
	CratonSqlite connection = { NULL };
	int code = sqlite3_open_v2 (
		uri, &connection.db,
		flags | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

	if (code == SQLITE_OK) {
		sqlite3_busy_timeout (connection.db, BUSY_MS);
		sqlite3_db_config (connection.db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
		code = sqlite3_exec (connection.db,
		                     "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON;"
		                     "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" CACHE_KIB ";",
		                     NULL, NULL, NULL);
	}
	*ret_connection = connection;
	return code;
}

int
craton_sqlite_open_to_write (const char *path, CratonSqlite *ret_connection)
{
	int persist = 1;
	int code = craton_sqlite_open (path, SQLITE_OPEN_READWRITE, FALSE, ret_connection);

	if (code != SQLITE_OK)
		return code;
	/* The log stays when the last process leaves: a process is started per client, and one that
	 * can only read needs it. */
	(void) sqlite3_file_control (ret_connection->db, "main", SQLITE_FCNTL_PERSIST_WAL,
	                             &persist);
	return sqlite3_exec (ret_connection->db,
	                     "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;"
	                     "PRAGMA journal_size_limit = " LOG_LEN_MAX
	                     "; PRAGMA max_page_count = " PAGES_MAX ";",
	                     NULL, NULL, NULL);
}

int
craton_sqlite_run_text (CratonSqlite *connection, const char *text)
{
	int code;
	sqlite3_stmt *prepared = craton_sqlite_prepare (connection, text, &code);

	return prepared != NULL ? craton_sqlite_run (prepared) : code;
}

int
craton_sqlite_number (CratonSqlite *connection, const char *text, gint64 *ret_number)
{
	sqlite3_stmt *prepared = NULL;
	int code = sqlite3_prepare_v2 (connection->db, text, -1, &prepared, NULL);

	if (code == SQLITE_OK)
		code = sqlite3_step (prepared);
	if (code == SQLITE_ROW) {
		*ret_number = sqlite3_column_int64 (prepared, 0);
		code = SQLITE_OK;
	}
	sqlite3_finalize (prepared);
	return code;
}

gboolean
craton_sqlite_has_log (CratonSqlite *connection)
{
	sqlite3_stmt *prepared = NULL;
	int code = sqlite3_prepare_v2 (connection->db, "PRAGMA journal_mode", -1, &prepared, NULL);
	gboolean has_log = code == SQLITE_OK && sqlite3_step (prepared) == SQLITE_ROW &&
	                   g_strcmp0 ((const char *) sqlite3_column_text (prepared, 0), "wal") == 0;

	(void) sqlite3_finalize (prepared);
	return has_log;
}

const volatile guint8 *
craton_sqlite_index (CratonSqlite *connection)
{
	sqlite3_file *file = NULL;
	void volatile *shared = NULL;

	if (sqlite3_file_control (connection->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
	    file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2)
		return NULL;
	/* Its first piece, which is mapped: asking again maps nothing. */
	if (file->pMethods->xShmMap (file, 0, INDEX_PIECE_LEN, FALSE, &shared) != SQLITE_OK || shared == NULL)
		return NULL;
	return shared;
}

gboolean
craton_sqlite_head (CratonSqlite *connection, guint8 *ret_head)
{
	const volatile guint8 *shared = craton_sqlite_index (connection);

	if (shared == NULL)
		return FALSE;
	for (gsize i = 0; i < CRATON_SQLITE_HEAD_LEN; i++)
		ret_head[i] = shared[i];
	return TRUE;
}
