/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton: the administrator's tool. It reads the same craton.conf as the backend, looks at tokens and says what it finds.
 * What it can do is one table of subcommands; each is a file of its own. Run by a person or a script, under the rights of whoever
 * owns the tokens; it trusts its command line and the system's configuration.
 */
#include "config.h"

#include <libintl.h>
#include <locale.h>
#include <string.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "admin.h"
#include "log.h"

static const struct {
	const char *name;
	CratonAdminCommand *run;
	const char *help;
} commands[] = {
	{ "audit", craton_admin_audit, N_ ("check or show the audit log of a token") },
	{ "backup", craton_admin_backup, N_ ("write a token into one encrypted file") },
	{ "doctor", craton_admin_doctor, N_ ("look whether this installation works, and say what to do") },
	{ "import", craton_admin_import, N_ ("bring in the keys of SoftHSM or NSS") },
	{ "mechanisms", craton_admin_mechanisms,
	  N_ ("count the mechanisms of the soft token against those of other tokens") },
	{ "restore", craton_admin_restore, N_ ("put a token back as it was in a backup") },
	{ "tokens", craton_admin_tokens, N_ ("list the tokens and what state they are in") },
	{ "status", craton_admin_status, N_ ("list the token processes that are running") },
};

static void
print_help (void (*print) (const char *format, ...))
{
	print (_ ("Usage: craton COMMAND [OPTION...]\n"
	          "Looks after the tokens that craton.conf describes.\n"
	          "\n"));
	for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
		print ("  %-12s %s\n", commands[i].name, _ (commands[i].help));
	print (_ ("\n"
	          "  --help       print this text; craton COMMAND --help tells more\n"
	          "  --version    print the version\n"));
}

/* Complaints about craton.conf, and whatever else the backend's code would write to the system log. */
static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	if (level & G_LOG_LEVEL_DEBUG)
		return G_LOG_WRITER_HANDLED;
	for (gsize i = 0; i < n_fields; i++) {
		g_autofree char *line = NULL;

		if (!g_str_equal (fields[i].key, "MESSAGE"))
			continue;
		line = craton_log_one_line (fields[i].value, fields[i].length);
		if (craton_admin_complaints != NULL)
			g_ptr_array_add (craton_admin_complaints, g_steal_pointer (&line));
		else
			g_printerr ("craton: %s\n", line);
	}
	return G_LOG_WRITER_HANDLED;
}

int
main (int argc, char **argv)
{
	g_autofree char *name = NULL;

	(void) setlocale (LC_ALL, "");
	(void) bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
	(void) bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
	g_log_set_writer_func (write_line, NULL, NULL);
	if (argc == 2 && strcmp (argv[1], "--help") == 0) {
		print_help (g_print);
		return CRATON_ADMIN_GOOD;
	}
	if (argc == 2 && strcmp (argv[1], "--version") == 0) {
		g_print ("craton %s\n", PACKAGE_VERSION);
		return CRATON_ADMIN_GOOD;
	}
	for (gsize i = 0; argc > 1 && i < G_N_ELEMENTS (commands); i++) {
		if (strcmp (argv[1], commands[i].name) != 0)
			continue;
		name = g_strdup_printf ("craton %s", argv[1]);
		g_set_prgname (name);
		return commands[i].run (argc - 1, argv + 1);
	}
	if (argc > 1)
		g_printerr (_ ("craton: there is no command \"%s\"\n"), argv[1]);
	print_help (g_printerr);
	return CRATON_ADMIN_USAGE;
}
