/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Connections to SQLite, for store-sqlite.c. A connection is used by one thread at a time; the
 * functions return SQLite's codes, and craton_sqlite_failure() makes PKCS#11's of them.
 */
#ifndef CRATON_SQLITE_H
#define CRATON_SQLITE_H

#include <glib.h>
#include <sqlite3.h>

#include "pkcs11.h"

#define CRATON_SQLITE_STATEMENTS 40

typedef struct {
	sqlite3 *db;
	struct {
		const char *text;
		sqlite3_stmt *prepared;
	} statements[CRATON_SQLITE_STATEMENTS];
} CratonSqlite;

/**
 * craton_sqlite_open:
 * @flags: SQLITE_OPEN_READONLY or SQLITE_OPEN_READWRITE; a missing file is not made
 * @immutable: nobody changes the file while it is open: no locks, no log
 * @ret_connection: close it, also after a failure
 */
int craton_sqlite_open (const char *path, int flags, gboolean immutable,
                        CratonSqlite *ret_connection);
/* As above, with the settings for writing: on the disk when a commit returns. */
int craton_sqlite_open_to_write (const char *path, CratonSqlite *ret_connection);
void craton_sqlite_close (CratonSqlite *connection);

/* The statement @text, which is a constant, prepared at its first use and kept; NULL, and @ret_code
 * says why. */
sqlite3_stmt *craton_sqlite_prepare (CratonSqlite *connection, const char *text, int *ret_code);
/* Ends a use of the statement: it holds no lock and no value any more. */
void craton_sqlite_done (sqlite3_stmt *prepared);
/* Runs a statement that gives no rows. */
int craton_sqlite_run (sqlite3_stmt *prepared);
/* The same for a text without parameters. */
int craton_sqlite_run_text (CratonSqlite *connection, const char *text);
/* The number that @text gives, which is 0 if it gives none. */
int craton_sqlite_number (CratonSqlite *connection, const char *text, gint64 *ret_number);

/* Whether the database is kept with a log: one that was damaged may say that it is not. */
gboolean craton_sqlite_has_log (CratonSqlite *connection);

/* What the head of the log's index is made of: two copies of 48 bytes (sqlite.org/walformat.html, 2.1). */
#define CRATON_SQLITE_HEAD_LEN 96

/* The index of the log, as it is mapped: its head is all that may be relied on. NULL where nothing was read yet. Not to be asked for
 * where there is no log: SQLite would not give back what it maps. */
const volatile guint8 *craton_sqlite_index (CratonSqlite *connection);

/**
 * craton_sqlite_head:
 * @ret_head: CRATON_SQLITE_HEAD_LEN bytes; only good for being compared with those of another time
 *
 * The head of the log's index, as it lies in memory that all connections to the database share, in all processes. Every commit
 * changes it: where it is as it was, nothing was changed. No system call; no lock, so it may be torn, and then it is like no
 * other.
 *
 * Returns: FALSE where there is none (no log, or nothing was read yet).
 */
gboolean craton_sqlite_head (CratonSqlite *connection, guint8 *ret_head);

/* Whether @code is not what @told has, which it has from here on. Atomic. */
gboolean craton_sqlite_is_news (gint *told, int code);

/**
 * craton_sqlite_failure:
 * @path: for the log
 * @db: that failed, may be NULL
 * @code: of SQLite
 * @told: what the log was told of last, see craton_sqlite_is_news(): the same failure is not told
 * again
 *
 * Returns: what the failure is to PKCS#11, see store.h.
 */
CK_RV craton_sqlite_failure (const char *path, sqlite3 *db, int code, gint *told);

#endif /* CRATON_SQLITE_H */
