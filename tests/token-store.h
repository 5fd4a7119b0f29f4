/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For tests of the store: a token with both PINs, its files, and what the log has heard.
 */
#ifndef CRATON_TEST_TOKEN_STORE_H
#define CRATON_TEST_TOKEN_STORE_H

#include <sqlite3.h>

#include "token-process.h"

static GString *heard; /* the log */

static void
listen (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void) domain;
	(void) level;
	(void) data;
	g_string_append_printf (heard, "%s\n", message);
}

G_GNUC_UNUSED static void
store_setup (void)
{
	heard = g_string_new (NULL);
	g_log_set_default_handler (listen, NULL);
	scratch_setup ();
	make_token ();
}

G_GNUC_UNUSED static void
store_teardown (void)
{
	scratch_teardown ();
	g_string_free (heard, TRUE);
}

G_GNUC_UNUSED static char *
store_file (const char *name)
{
	return g_build_filename (config.store, name, NULL);
}

/* Runs one statement on the database, past the token. */
G_GNUC_UNUSED static void
change_database (const char *sql)
{
	g_autofree char *path = store_file ("token.db");
	sqlite3 *db;

	ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
	ck_assert_int_eq (sqlite3_exec (db, sql, NULL, NULL, NULL), SQLITE_OK);
	ck_assert_int_eq (sqlite3_close (db), SQLITE_OK);
}

G_GNUC_UNUSED static void
remove_log (void)
{
	g_autofree char *wal = store_file ("token.db-wal");
	g_autofree char *shm = store_file ("token.db-shm");

	(void) g_remove (wal);
	(void) g_remove (shm);
}

/* Whether a file of the store has these bytes. */
G_GNUC_UNUSED static gboolean
is_in_files (const void *bytes, gsize len)
{
	g_autoptr (GDir) dir = g_dir_open (config.store, 0, NULL);
	const char *name;
	gboolean found = FALSE;

	while ((name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *path = store_file (name);
		g_autofree char *content = NULL;
		gsize content_len;

		ck_assert (g_file_get_contents (path, &content, &content_len, NULL));
		found = found || memmem (content, content_len, bytes, len) != NULL;
	}
	return found;
}

#endif /* CRATON_TEST_TOKEN_STORE_H */
