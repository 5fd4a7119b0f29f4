/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton audit: the audit log of a token or a module, checked, shown, ended, and its verification key taken away. Run as the user who owns the
 * token, beside running backends.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>

#include "admin.h"
#include "audit-show.h"
#include "audit-verify.h"
#include "audit.h"
#include "options.h"

typedef struct {
	char *token;
	char *module;
	char **files;
	char **keys;
	char *since;
	char *function;
	gboolean failed;
	gboolean follow;
	gboolean json;
} Options;

static int
verify (const Options *options, const CratonTokenConfig *token)
{
	g_autoptr (GString) report = g_string_new (NULL);
	gboolean good = craton_audit_verify_files (token != NULL ? token->store : NULL,
	                                           (const char *const *) options->files,
	                                           (const char *const *) options->keys, report);

	g_print ("%s", report->str);
	return good ? CRATON_ADMIN_GOOD : CRATON_ADMIN_BAD;
}

static int
show (const Options *options, const CratonTokenConfig *token)
{
	CratonAuditFilter filter = {
		.since = options->since,
		.function = options->function,
		.failed = options->failed,
		.json = options->json,
		.follow = options->follow,
	};

	return craton_audit_show_folder (&filter, token->store) ? CRATON_ADMIN_GOOD : CRATON_ADMIN_BAD;
}

static CratonAudit *
open_audit (const CratonTokenConfig *token)
{
	g_autofree char *name = g_strdup_printf ("token %s", token->name);

	return craton_audit_new (name, token->store, token->audit_sync, 0);
}

static int
rotate (const Options *options, const CratonTokenConfig *token)
{
	g_autoptr (CratonAudit) audit = open_audit (token);
	g_autofree char *path = g_build_filename (token->store, CRATON_AUDIT_STATE_NAME, NULL);

	(void) options;
	if (access (path, F_OK) != 0) {
		g_printerr (_ ("%s: %s has no audit log\n"), g_get_prgname (), token->store);
		return CRATON_ADMIN_BAD;
	}
	return craton_audit_rotate (audit) == CKR_OK ? CRATON_ADMIN_GOOD : CRATON_ADMIN_BAD;
}

/* Overwrites what the file has before it goes: the name alone is not the secret. */
static gboolean
destroy_file (const char *path, gsize len)
{
	g_autofree char *zeros = g_malloc0 (len);
	int fd = open (path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	gboolean good = fd >= 0 && pwrite (fd, zeros, len, 0) == (gssize) len && fsync (fd) == 0;

	if (fd >= 0)
		(void) close (fd);
	return unlink (path) == 0 && good;
}

static void
explain_key (const char *keys)
{
	g_print ("%s", keys);
	g_printerr (_ ("Keep this verification key away from this machine. It is not shown again; with it\n"
	               "\"craton audit verify --key KEY\" finds what anybody changes in the log.\n"));
}

/* The key of a log that has begun by itself, or of one that begins now. */
static int
take_key (const Options *options, const CratonTokenConfig *token)
{
	g_autoptr (CratonAudit) audit = open_audit (token);
	g_autofree char *path = g_build_filename (token->store, CRATON_AUDIT_VERIFY_NAME, NULL);
	g_autofree char *text = NULL, *key = NULL;
	gsize len = 0;
	CK_RV rv;

	(void) options;
	if (g_file_get_contents (path, &text, &len, NULL)) {
		explain_key (text);
		OPENSSL_cleanse (text, len);
		if (destroy_file (path, len))
			return CRATON_ADMIN_GOOD;
		g_printerr (_ ("%s: %s cannot be removed: %s\n"), g_get_prgname (), path, g_strerror (errno));
		return CRATON_ADMIN_BAD;
	}
	if (g_mkdir_with_parents (token->store, 0700) != 0) {
		g_printerr (_ ("%s: %s: %s\n"), g_get_prgname (), token->store, g_strerror (errno));
		return CRATON_ADMIN_BAD;
	}
	rv = craton_audit_begin (audit, &key);
	if (rv == CKR_OK) {
		text = g_strconcat (key, "\n", NULL);
		explain_key (text);
		OPENSSL_cleanse (key, strlen (key));
		OPENSSL_cleanse (text, strlen (text));
	} else if (rv == CKR_FUNCTION_REJECTED) {
		g_printerr (_ ("%s: the verification key of %s was taken before; it is not kept\n"),
		            g_get_prgname (), token->store);
	}
	return rv == CKR_OK ? CRATON_ADMIN_GOOD : CRATON_ADMIN_BAD;
}

static const struct {
	const char *name;
	int (*run) (const Options *options, const CratonTokenConfig *token);
} actions[] = {
	{ "verify", verify },
	{ "show", show },
	{ "key", take_key },
	{ "rotate", rotate },
};

static void
options_clear (Options *options)
{
	g_free (options->token);
	g_free (options->module);
	g_strfreev (options->files);
	g_strfreev (options->keys);
	g_free (options->since);
	g_free (options->function);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* What a token and a module have alike is where the log is and how it is kept. */
static const CratonTokenConfig *
find_log (const Options *options, const CratonConfig *config)
{
	if (options->module == NULL)
		return craton_options_token (config, options->token);
	for (guint i = 0; i < config->modules->len; i++) {
		const CratonModuleConfig *module = config->modules->pdata[i];

		if (g_str_equal (module->name, options->module) && module->log.audit != CRATON_AUDIT_OFF)
			return &module->log;
	}
	g_printerr (_ ("%s: craton.conf has no module \"%s\" with an audit log\n"), g_get_prgname (), options->module);
	return NULL;
}

static int
run (const char *name, const Options *options)
{
	g_autoptr (CratonConfig) config = NULL;
	const CratonTokenConfig *token = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS (actions); i++) {
		if (!g_str_equal (name, actions[i].name))
			continue;
		if (options->files == NULL || actions[i].run != verify) {
			config = craton_config_load (SYSCONFDIR, NULL);
			token = find_log (options, config);
			if (token == NULL)
				return CRATON_ADMIN_BAD;
		}
		return actions[i].run (options, token);
	}
	g_printerr (_ ("%s: there is no \"%s\"; see %s --help\n"), g_get_prgname (), name, g_get_prgname ());
	return CRATON_ADMIN_USAGE;
}

int
craton_admin_audit (int argc, char **argv)
{
	g_auto (Options) options = { 0 };
	const GOptionEntry entries[] = {
		{ "token", 't', 0, G_OPTION_ARG_STRING, &options.token,
		  N_ ("Of the token [token NAME] in craton.conf; without it, of the only one"), N_ ("NAME") },
		{ "module", 'm', 0, G_OPTION_ARG_STRING, &options.module,
		  N_ ("Of the module [module NAME] in craton.conf, in place of a token"), N_ ("NAME") },
		{ "key", 'k', 0, G_OPTION_ARG_STRING_ARRAY, &options.keys, N_ ("verify: a verification key"), N_ ("KEY") },
		{ "file", 'f', 0, G_OPTION_ARG_FILENAME_ARRAY, &options.files,
		  N_ ("verify: a file, in place of a token; several in their order"), N_ ("FILE") },
		{ "since", 0, 0, G_OPTION_ARG_STRING, &options.since,
		  N_ ("show: lines from that time (UTC) on, such as 2026-11-24T19"), N_ ("TIME") },
		{ "function", 0, 0, G_OPTION_ARG_STRING, &options.function, N_ ("show: calls of one function"),
		  N_ ("NAME") },
		{ "failed", 0, 0, G_OPTION_ARG_NONE, &options.failed, N_ ("show: calls that failed"), NULL },
		{ "follow", 0, 0, G_OPTION_ARG_NONE, &options.follow, N_ ("show: go on with what is added"), NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &options.json, N_ ("show: the lines as they are"), NULL },
		{ NULL },
	};

	if (!craton_options_parse (entries, "verify|show|key|rotate", _ ("Checks or shows the audit log of a token, takes "
	                                                               "its verification key away, or begins a new file."),
	                           1, &argc, &argv))
		return CRATON_ADMIN_USAGE;
	if (argc < 2) {
		g_printerr (_ ("%s: say what: verify, show, key or rotate\n"), g_get_prgname ());
		return CRATON_ADMIN_USAGE;
	}
	return run (argv[1], &options);
}
