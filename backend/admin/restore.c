/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton restore: a token as it was when craton backup wrote it into a file, and the guard against restoring an old one unnoticed.
 * Backends that are running go on with what was restored. Run by a person or a script as the user who owns the token; the file may
 * come from anybody until it is opened with the passphrase.
 */
#include "config.h"

#include <errno.h>
#include <string.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "admin.h"
#include "backup-file.h"
#include "drbg.h"
#include "options.h"
#include "secret.h"
#include "seen.h"
#include "slot.h"

typedef struct {
	char *token;
	CratonSecretSource passphrase;
	gboolean force;
	gboolean older;
	gboolean check;
	gboolean json;
} Options;

/* What the backup is held against. */
typedef struct {
	gboolean there;     /* a store is there, readable or not */
	gboolean readable;
	CratonStoreToken token;
	gint64 changed_at;
	CratonSeen seen;
} Present;

static void
print_info (const Options *options, const CratonBackupInfo *info, guint64 changes)
{
	g_autofree char *label = craton_options_trim (info->label, sizeof info->label);
	g_autofree char *serial = craton_options_trim (info->serial, sizeof info->serial);
	g_autofree char *quoted_label = craton_options_quote (label);
	g_autofree char *quoted_serial = craton_options_quote (serial);
	g_autofree char *time = craton_options_time (info->made_at);

	if (options->json)
		g_print ("{\"restored\":%s,\"label\":%s,\"serial\":%s,\"time\":%" G_GINT64_FORMAT
		         ",\"changes\":%" G_GUINT64_FORMAT "}\n",
		         options->check ? "false" : "true", quoted_label, quoted_serial, info->made_at,
		         changes);
	else
		g_print (_ ("Token \"%s\", serial number %s, as of %s, after %llu changes\n"), label, serial,
		         time, (unsigned long long) info->changes);
}

static const char *
explain (CK_RV rv)
{
	switch (rv) {
	case CKR_DATA_INVALID:
		return _ ("this is no backup of Craton");
	case CKR_FUNCTION_NOT_SUPPORTED:
		return _ ("a later version of Craton wrote this backup");
	case CKR_PIN_INCORRECT:
		return _ ("the passphrase is wrong, or the file was changed");
	case CKR_ENCRYPTED_DATA_INVALID:
		return _ ("the file was changed or cut off");
	default:
		return _ ("there is not enough memory");
	}
}

static gboolean
read_backup (const Options *options, const char *path, CratonBackupInfo *ret_info, GBytes **ret_image)
{
	g_auto (CratonSecret) passphrase = { 0 };
	g_autofree char *bytes = NULL;
	g_autoptr (GError) error = NULL;
	gsize len;
	CK_RV rv;

	if (!g_file_get_contents (path, &bytes, &len, &error)) {
		g_printerr ("%s: %s\n", g_get_prgname (), error->message);
		return FALSE;
	}
	if (!craton_secret_get (&options->passphrase, _ ("Passphrase of the backup"), FALSE, &passphrase))
		return FALSE;
	rv = craton_backup_open ((const guint8 *) bytes, len, passphrase.text, passphrase.len, ret_info,
	                         ret_image);
	if (rv != CKR_OK)
		g_printerr ("%s: %s: %s\n", g_get_prgname (), path, explain (rv));
	return rv == CKR_OK;
}

/* Whether what is there may be replaced at all, and by this. The counts are one sequence as long as the serial number is the same. */
static gboolean
is_allowed (const Options *options, const CratonTokenConfig *token, const CratonBackupInfo *info,
            const Present *present)
{
	gboolean same = present->readable &&
	                memcmp (present->token.serial, info->serial, sizeof info->serial) == 0;
	g_autofree char *made = craton_options_time (info->made_at);
	g_autofree char *changed = craton_options_time (present->changed_at);
	g_autofree char *seen = craton_options_time (present->seen.at);

	if (present->there && !options->force) {
		g_printerr (_ ("%s: token %s is there already: --force replaces it\n"), g_get_prgname (),
		            token->name);
		return FALSE;
	}
	if (options->older)
		return TRUE;
	if (same && present->token.changes > info->changes) {
		g_printerr (_ ("%s: the backup is older than the token: it was made on %s after %llu "
		               "changes, the token was changed on %s and has had %llu: "
		               "--older restores it all the same\n"),
		            g_get_prgname (), made, (unsigned long long) info->changes, changed,
		            (unsigned long long) present->token.changes);
		return FALSE;
	}
	if (present->seen.changes > info->changes) {
		g_printerr (_ ("%s: the backup is older than what was seen here: it was made on %s after %llu "
		               "changes, on %s the token had had %llu: "
		               "--older restores it all the same\n"),
		            g_get_prgname (), made, (unsigned long long) info->changes, seen,
		            (unsigned long long) present->seen.changes);
		return FALSE;
	}
	return TRUE;
}

/* More than any count before, so that a backup made from now on is the newest. */
static guint64
next_count (const CratonBackupInfo *info, const Present *present)
{
	guint64 most = present->seen.changes;

	if (present->readable && memcmp (present->token.serial, info->serial, sizeof info->serial) == 0)
		most = MAX (most, present->token.changes);
	return most > info->changes ? most + 1 : info->changes;
}

/* The change, where there can be one, keeps everybody else from writing. */
static gboolean
look (const CratonTokenConfig *token, CratonSlot *slot, CratonStoreChange **ret_change, Present *present)
{
	g_autoptr (CratonStore) store = NULL;
	CK_RV rv = craton_slot_look (slot, &store);

	present->changed_at = craton_store_changed_at (token->store);
	present->there = rv != CKR_OK || store != NULL;
	if (rv == CKR_OK && store == NULL)
		return TRUE;
	if (rv == CKR_OK)
		rv = craton_store_begin (store, ret_change);
	if (rv == CKR_OK)
		rv = craton_store_get_token (*ret_change, &present->token);
	present->readable = rv == CKR_OK;
	/* What is damaged can only be replaced; anything else is a reason not to touch it. */
	if (rv != CKR_OK && rv != CKR_DEVICE_ERROR) {
		craton_options_complain (_ ("the token cannot be replaced"), rv);
		return FALSE;
	}
	return TRUE;
}

static gboolean
record (const CratonTokenConfig *token, const CratonBackupInfo *info, const Present *present)
{
	g_autofree char *made = craton_options_time (info->made_at);
	g_autofree char *note =
		g_strdup_printf ("as of %s, after %llu changes; before: %llu", made,
	                         (unsigned long long) info->changes,
	                         (unsigned long long) MAX (present->token.changes, present->seen.changes));

	return craton_options_record (token, info->label, "restore", note);
}

static int
put_back (const Options *options, const CratonTokenConfig *token, const CratonBackupInfo *info, GBytes *image)
{
	g_autoptr (CratonStoreChange) change = NULL;
	guint8 line[CRATON_STORE_LINE_LEN];
	Present present = { 0 };
	CratonSlot *slot;
	guint64 changes;
	gboolean noted;
	CK_RV rv;

	if (g_mkdir_with_parents (token->store, 0700) != 0) {
		g_printerr ("%s: %s: %s\n", g_get_prgname (), token->store, g_strerror (errno));
		return CRATON_ADMIN_BAD;
	}
	if (!craton_seen_read (info->serial, &present.seen) || !craton_options_open (token, &slot) ||
	    !look (token, slot, &change, &present) || !is_allowed (options, token, info, &present))
		return CRATON_ADMIN_BAD;
	changes = next_count (info, &present);
	if (!craton_options_record (token, info->label, "restore", NULL))
		return CRATON_ADMIN_BAD;
	rv = craton_drbg_generate (line, sizeof line);
	if (rv == CKR_OK)
		rv = craton_store_replace (token->store, image, changes, line);
	if (rv != CKR_OK) {
		craton_options_complain (_ ("the token cannot be replaced"), rv);
		return CRATON_ADMIN_BAD;
	}
	/* Nobody reads what it says, but the old store's users see that there is something. */
	if (change != NULL)
		(void) craton_store_commit (g_steal_pointer (&change));
	print_info (options, info, changes);
	noted = craton_seen_note (info->serial, changes);
	return record (token, info, &present) && noted ? CRATON_ADMIN_GOOD : CRATON_ADMIN_BAD;
}

int
craton_admin_restore (int argc, char **argv)
{
	Options options = { .passphrase = CRATON_SECRET_SOURCE };
	const GOptionEntry entries[] = {
		{ "token", 't', 0, G_OPTION_ARG_STRING, &options.token,
		  N_ ("The token [token NAME] of craton.conf"), N_ ("NAME") },
		CRATON_SECRET_OPTIONS ("passphrase", options.passphrase,
		                       N_ ("Read the passphrase from the first line of FILE")),
		{ "force", 'f', 0, G_OPTION_ARG_NONE, &options.force, N_ ("Replace the token that is there"), NULL },
		{ "older", 0, 0, G_OPTION_ARG_NONE, &options.older,
		  N_ ("Restore although the token was changed after the backup"), NULL },
		{ "check", 0, 0, G_OPTION_ARG_NONE, &options.check,
		  N_ ("Only open the file and tell what is in it"), NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
		{ NULL },
	};
	g_autoptr (CratonConfig) config = NULL;
	g_autoptr (GBytes) image = NULL;
	const CratonTokenConfig *token;
	CratonBackupInfo info;
	int status = CRATON_ADMIN_BAD;

	if (!craton_options_parse (entries, N_ ("FILE"), _ ("Puts a token back as it was when FILE was written."),
	                           1, &argc, &argv) ||
	    !craton_options_need (argc, 1))
		return CRATON_ADMIN_USAGE;
	config = craton_config_load (SYSCONFDIR, NULL);
	token = options.check ? NULL : craton_options_token (config, options.token);
	if ((options.check || token != NULL) && read_backup (&options, argv[1], &info, &image)) {
		if (options.check)
			print_info (&options, &info, info.changes);
		status = options.check ? CRATON_ADMIN_GOOD : put_back (&options, token, &info, image);
	}
	g_free (options.token);
	g_free (options.passphrase.file);
	return status;
}
