/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton backup: a token in one encrypted file, taken while backends use it. No PIN is asked: what is sealed stays sealed, and the
 * PINs of this moment are the PINs of the copy. Run by a person or a script as the user who owns the token.
 */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "admin.h"
#include "backup-file.h"
#include "options.h"
#include "secret.h"
#include "seen.h"
#include "slot.h"

typedef struct {
	char *token;
	CratonSecretSource passphrase;
	gboolean force;
	gboolean json;
} Options;

static void
print_result (const Options *options, const CratonBackupInfo *info, const char *path, gsize len)
{
	g_autofree char *label = craton_options_trim (info->label, sizeof info->label);
	g_autofree char *serial = craton_options_trim (info->serial, sizeof info->serial);
	g_autofree char *quoted_label = craton_options_quote (label);
	g_autofree char *quoted_serial = craton_options_quote (serial);
	g_autofree char *quoted_path = craton_options_quote (path);

	if (options->json)
		g_print ("{\"file\":%s,\"bytes\":%" G_GSIZE_FORMAT ",\"label\":%s,\"serial\":%s,\"time\":%" G_GINT64_FORMAT
		         ",\"changes\":%" G_GUINT64_FORMAT "}\n",
		         quoted_path, len, quoted_label, quoted_serial, info->made_at, info->changes);
	else
		g_print (_ ("%s: token \"%s\", serial number %s, after %llu changes, %zu bytes\n"), path, label,
		         serial, (unsigned long long) info->changes, len);
}

/* A copy of the token as it is now. */
static gboolean
take_copy (const CratonTokenConfig *token, CratonBackupInfo *ret_info, GBytes **ret_image)
{
	g_autoptr (CratonStore) store = NULL;
	CratonStoreToken now;
	CratonSlot *slot;
	CK_RV rv;

	if (!craton_options_open (token, &slot))
		return FALSE;
	rv = craton_slot_look (slot, &store);
	if (rv == CKR_OK && store == NULL) {
		g_printerr (_ ("%s: token %s is not initialised\n"), g_get_prgname (), token->name);
		return FALSE;
	}
	if (rv == CKR_OK)
		rv = craton_store_snapshot (store, &now, ret_image);
	if (rv != CKR_OK) {
		craton_options_complain (_ ("the token cannot be copied"), rv);
		return FALSE;
	}
	ret_info->made_at = g_get_real_time () / G_USEC_PER_SEC;
	ret_info->changes = now.changes;
	memcpy (ret_info->epoch, now.epoch, sizeof now.epoch);
	memcpy (ret_info->label, now.label, sizeof now.label);
	memcpy (ret_info->serial, now.serial, sizeof now.serial);
	return TRUE;
}

static int
backup (const Options *options, const CratonTokenConfig *token, const char *path)
{
	g_auto (CratonSecret) passphrase = { 0 };
	g_autoptr (GByteArray) file = g_byte_array_new ();
	g_autoptr (GBytes) image = NULL;
	g_autofree char *note = NULL;
	CratonBackupInfo info = { 0 };
	int error;
	CK_RV rv;

	if (!craton_secret_get (&options->passphrase, _ ("Passphrase for the backup"), TRUE, &passphrase))
		return CRATON_ADMIN_BAD;
	if (passphrase.len < CRATON_BACKUP_PASSPHRASE_MIN) {
		g_printerr (_ ("%s: the passphrase needs %d characters or more\n"), g_get_prgname (),
		            CRATON_BACKUP_PASSPHRASE_MIN);
		return CRATON_ADMIN_BAD;
	}
	if (!take_copy (token, &info, &image))
		return CRATON_ADMIN_BAD;
	rv = craton_backup_seal (&info, image, passphrase.text, passphrase.len, CRATON_BACKUP_COST, file);
	if (rv != CKR_OK) {
		craton_options_complain (_ ("the backup cannot be sealed"), rv);
		return CRATON_ADMIN_BAD;
	}
	error = craton_backup_write_file (path, file->data, file->len, options->force);
	if (error != 0) {
		g_printerr ("%s: %s: %s\n", g_get_prgname (), path, g_strerror (error));
		return CRATON_ADMIN_BAD;
	}
	print_result (options, &info, path, file->len);
	note = g_strdup_printf ("after %llu changes", (unsigned long long) info.changes);
	return craton_options_record (token, info.label, "backup", note) &&
	                       craton_seen_note (info.serial, info.changes)
	               ? CRATON_ADMIN_GOOD
	               : CRATON_ADMIN_BAD;
}

int
craton_admin_backup (int argc, char **argv)
{
	Options options = { .passphrase = CRATON_SECRET_SOURCE };
	const GOptionEntry entries[] = {
		{ "token", 't', 0, G_OPTION_ARG_STRING, &options.token,
		  N_ ("The token [token NAME] of craton.conf"), N_ ("NAME") },
		CRATON_SECRET_OPTIONS ("passphrase", options.passphrase,
		                       N_ ("Read the passphrase from the first line of FILE")),
		{ "force", 'f', 0, G_OPTION_ARG_NONE, &options.force, N_ ("Replace FILE if it is there"), NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("Print JSON"), NULL },
		{ NULL },
	};
	g_autoptr (CratonConfig) config = NULL;
	const CratonTokenConfig *token;
	int status = CRATON_ADMIN_BAD;

	if (!craton_options_parse (entries, N_ ("FILE"), _ ("Writes a token into one encrypted file."), 1,
	                           &argc, &argv) ||
	    !craton_options_need (argc, 1))
		return CRATON_ADMIN_USAGE;
	config = craton_config_load (SYSCONFDIR, NULL);
	token = craton_options_token (config, options.token);
	if (token != NULL && !options.force && access (argv[1], F_OK) == 0)
		g_printerr (_ ("%s: %s is there already: --force replaces it\n"), g_get_prgname (), argv[1]);
	else if (token != NULL)
		status = backup (&options, token, argv[1]);
	g_free (options.token);
	g_free (options.passphrase.file);
	return status;
}
