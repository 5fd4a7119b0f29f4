/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the files of the SQLite store share.
 */
#ifndef CRATON_STORE_SQLITE_H
#define CRATON_STORE_SQLITE_H

#include <pthread.h>
#include <sys/stat.h>

#include "sqlite.h"
#include "store.h"

#define CRATON_STORE_FORMAT 3
#define CRATON_STORE_APPLICATION_ID 1129464910 /* "CRTN" */

struct CratonStore {
	gint refs;
	char *path;
	dev_t device; /* the file that is open: another one may be at its path later */
	ino_t inode;
	struct timespec changed;
	gboolean read_only;
	gboolean immutable; /* no lock and no log can be had there: the file as it was when it was
	                       opened */
	gint told;          /* the failure that the log has heard of, see craton_sqlite_failure() */
	pthread_mutex_t read_lock;
	CratonSqlite reader;
	const volatile guint8 *shared; /* the log's index, mapped for as long as the reader is open; NULL where it cannot be relied on */
	gboolean has_head; /* of the time when the version was read */
	guint8 head[CRATON_SQLITE_HEAD_LEN];
	guint64 version;
	pthread_mutex_t write_lock;
	CratonSqlite writer;
};

/* craton_sqlite_failure() for one of the store's connections. */
CK_RV craton_store_failure (CratonStore *store, sqlite3 *db, int code);

/* Reads the token and its PINs. Returns: SQLite's code. */
int craton_store_select_token (CratonSqlite *connection, CratonStoreToken *ret_token);
/* Reads a page of the ledger. Returns: SQLite's code. */
int craton_store_select_page (CratonSqlite *connection, gint64 number, GBytes **ret_page);

/* Whether the store is still the file at its path. */
gboolean craton_store_is_in_place (const CratonStore *store);

/* Where a store is made: an empty file, with mode 0600, beside @path. Returns: CKR_OK; the codes of store.h. */
CK_RV craton_store_make_file (const char *path, char **ret_making, int *ret_fd);
/* Gives the finished file its name. Returns: CKR_OK; CKR_TOKEN_NOT_RECOGNIZED if the name is taken; the codes of store.h. */
CK_RV craton_store_publish (const char *directory, const char *from, const char *path);
/* Removes what SQLite keeps beside a database, and the database itself if @database_too. */
void craton_store_remove_files (const char *path, gboolean database_too);

#endif /* CRATON_STORE_SQLITE_H */
