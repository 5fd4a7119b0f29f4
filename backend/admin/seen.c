/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What was seen of tokens, see seen.h. Called by backup and restore. The files are the caller's own and are trusted as far as he is.
 */
#include "config.h"

#include "seen.h"

#include <errno.h>

#include "store.h"

#define GROUP "token"

/* $XDG_STATE_HOME/craton/NAME, the serial number in hexadecimal: it may be any bytes. */
static char *
path_of (const CK_CHAR *serial)
{
	const char *home = g_getenv ("XDG_STATE_HOME");
	g_autofree char *state = NULL;
	g_autoptr (GString) name = g_string_new ("seen-");

	if (home != NULL && g_path_is_absolute (home))
		state = g_strdup (home);
	else
		state = g_build_filename (g_get_home_dir (), ".local", "state", NULL);
	for (gsize i = 0; i < CRATON_STORE_SERIAL_LEN; i++)
		g_string_append_printf (name, "%02x", serial[i]);
	return g_build_filename (state, "craton", name->str, NULL);
}

static gboolean
complain (const char *path, const char *why)
{
	g_printerr ("%s: %s: %s\n", g_get_prgname (), path, why);
	return FALSE;
}

gboolean
craton_seen_read (const CK_CHAR *serial, CratonSeen *ret_seen)
{
	g_autoptr (GKeyFile) file = g_key_file_new ();
	g_autoptr (GError) error = NULL;
	g_autofree char *path = path_of (serial);
	CratonSeen seen = { 0 };

	if (!g_key_file_load_from_file (file, path, G_KEY_FILE_NONE, &error)) {
		*ret_seen = seen;
		return g_error_matches (error, G_FILE_ERROR, G_FILE_ERROR_NOENT) ||
		       complain (path, error->message);
	}
	seen.changes = g_key_file_get_uint64 (file, GROUP, "changes", &error);
	if (error == NULL)
		seen.at = g_key_file_get_int64 (file, GROUP, "time", &error);
	if (error != NULL)
		return complain (path, error->message);
	*ret_seen = seen;
	return TRUE;
}

gboolean
craton_seen_note (const CK_CHAR *serial, guint64 changes)
{
	g_autoptr (GKeyFile) file = g_key_file_new ();
	g_autoptr (GError) error = NULL;
	g_autofree char *path = path_of (serial);
	g_autofree char *folder = g_path_get_dirname (path);
	g_autofree char *text = NULL;
	CratonSeen seen;
	gsize len;

	if (!craton_seen_read (serial, &seen))
		return FALSE;
	if (changes < seen.changes)
		return TRUE;
	g_key_file_set_uint64 (file, GROUP, "changes", changes);
	g_key_file_set_int64 (file, GROUP, "time", g_get_real_time () / G_USEC_PER_SEC);
	text = g_key_file_to_data (file, &len, NULL);
	if (g_mkdir_with_parents (folder, 0700) != 0)
		return complain (folder, g_strerror (errno));
	if (!g_file_set_contents_full (path, text, (gssize) len,
	                               G_FILE_SET_CONTENTS_CONSISTENT | G_FILE_SET_CONTENTS_DURABLE, 0600,
	                               &error))
		return complain (path, error->message);
	return TRUE;
}
