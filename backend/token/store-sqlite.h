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

#define CRATON_STORE_FORMAT 1
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
	pthread_mutex_t write_lock;
	CratonSqlite writer;
};

/* craton_sqlite_failure() for one of the store's connections. */
CK_RV craton_store_failure (CratonStore *store, sqlite3 *db, int code);

/* Reads the token and its PINs. Returns: SQLite's code. */
int craton_store_select_token (CratonSqlite *connection, CratonStoreToken *ret_token);

#endif /* CRATON_STORE_SQLITE_H */
