/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Options and tokens of the subcommands: see options.h. Called by all of them, first thing.
 */
#include "config.h"

#include "options.h"

#include <string.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "audit.h"
#include "names.h"
#include "slot.h"
#include "admin.h"

GPtrArray *craton_admin_complaints;

gboolean
craton_options_parse (const GOptionEntry *entries, const char *arguments, const char *summary, int n_arguments,
                      int *inout_argc, char ***inout_argv)
{
	g_autoptr (GOptionContext) context = g_option_context_new (arguments);
	g_autoptr (GError) error = NULL;

	g_option_context_set_summary (context, summary);
	g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
	g_option_context_add_main_entries (context, entries, GETTEXT_PACKAGE);
	if (!g_option_context_parse (context, inout_argc, inout_argv, &error)) {
		g_printerr (_ ("%s: %s; see %s --help\n"), g_get_prgname (), error->message,
		            g_get_prgname ());
		return FALSE;
	}
	if (*inout_argc - 1 > n_arguments) {
		g_printerr (_ ("%s: one argument too many: %s; see %s --help\n"), g_get_prgname (),
		            (*inout_argv)[n_arguments + 1], g_get_prgname ());
		return FALSE;
	}
	return TRUE;
}

gboolean
craton_options_need (int argc, int n_arguments)
{
	if (argc - 1 >= n_arguments)
		return TRUE;
	g_printerr (_ ("%s: an argument is missing; see %s --help\n"), g_get_prgname (), g_get_prgname ());
	return FALSE;
}

const CratonTokenConfig *
craton_options_token (const CratonConfig *config, const char *name)
{
	const CratonTokenConfig *tokens = (const CratonTokenConfig *) (void *) config->tokens->data;

	if (name == NULL && config->tokens->len == 1)
		return &tokens[0];
	for (guint i = 0; name != NULL && i < config->tokens->len; i++) {
		if (g_str_equal (tokens[i].name, name))
			return &tokens[i];
	}
	if (name != NULL)
		g_printerr (_ ("%s: craton.conf describes no token \"%s\"\n"), g_get_prgname (), name);
	else if (config->tokens->len == 0)
		g_printerr (_ ("%s: craton.conf describes no token\n"), g_get_prgname ());
	else
		g_printerr (_ ("%s: there is more than one token: name one with --token\n"),
		            g_get_prgname ());
	return NULL;
}

gboolean
craton_options_open (const CratonTokenConfig *token, CratonSlot **ret_slot)
{
	CK_RV rv;

	craton_token_configure (token, 1);
	rv = craton_token_function_list ()->C_Initialize (NULL);
	if (rv == CKR_OK)
		rv = craton_slot_find (0, ret_slot);
	if (rv == CKR_OK)
		rv = craton_slot_claim (*ret_slot);
	if (rv != CKR_OK)
		craton_options_complain (_ ("the token cannot be opened"), rv);
	return rv == CKR_OK;
}

void
craton_options_complain (const char *what, CK_RV rv)
{
	const char *name = craton_name (CRATON_NAME_CKR, rv);

	if (name != NULL)
		g_printerr ("%s: %s: %s\n", g_get_prgname (), what, name);
	else
		g_printerr ("%s: %s: 0x%lx\n", g_get_prgname (), what, rv);
}

gboolean
craton_options_record (const CratonTokenConfig *token, const CK_UTF8CHAR *label, const char *event,
                       const char *note)
{
	g_autofree char *name = g_strdup_printf ("token %s", token->name);
	g_autofree char *text = craton_options_trim (label, CRATON_STORE_LABEL_LEN);
	g_autofree char *escaped = g_uri_escape_string (text, NULL, FALSE);
	g_autofree char *uri = g_strdup_printf ("pkcs11:token=%s", escaped);
	CratonAuditEntry entry = { .event = event, .token = uri, .note = note };
	g_autoptr (CratonAudit) audit = NULL;
	CK_RV rv;

	if (token->audit == CRATON_AUDIT_OFF)
		return TRUE;
	craton_audit_set_client (getpid (), getuid ());
	audit = craton_audit_new (name, token->store, token->audit_sync, (guint64) token->audit_size << 20);
	rv = note != NULL ? craton_audit_write (audit, &entry) : craton_audit_prepare (audit);
	if (rv != CKR_OK)
		craton_options_complain (_ ("the audit log cannot be written"), rv);
	return rv == CKR_OK;
}

char *
craton_options_trim (const CK_UTF8CHAR *field, gsize len)
{
	g_autofree char *text = g_utf8_make_valid ((const char *) field, (gssize) len);

	return g_strdup (g_strchomp (text));
}

char *
craton_options_quote (const char *text)
{
	GString *out = g_string_new ("\"");

	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			g_string_append_printf (out, "\\%c", *text);
		else if ((guchar) *text < 0x20)
			g_string_append_printf (out, "\\u%04x", (guchar) *text);
		else
			g_string_append_c (out, *text);
	}
	return g_string_free (g_string_append_c (out, '"'), FALSE);
}

char *
craton_options_time (gint64 seconds)
{
	g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

	return time != NULL ? g_date_time_format (time, "%Y-%m-%d %H:%M:%S UTC") : g_strdup ("?");
}
