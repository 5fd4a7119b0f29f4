/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads craton.conf. The files are merged key by key, then each group is read by a table of its keys. The system's files are
 * trusted; the user's file only if nobody else can write to it. Called by main.c, before anything is served, so it
 * may use GError. GKeyFile knows no line numbers: a line is looked up in the text when there is something to say about it.
 */
#include "config.h"

#include "configuration.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "config-text.h"
#include "names.h"
#include "paths.h"
#include "sizes.h"

#define NAME_MAX_LEN 64

/* One file that was read. */
typedef struct {
	char *path;
	char *text;
	GKeyFile *file;
} Source;

/* A key, and the last file that set it. */
typedef struct {
	char *name;
	char *group; /* as that file spells it */
	const Source *source;
} Key;

typedef struct {
	char *name;           /* without superfluous blanks */
	char *first_name;     /* as the first file spells it */
	const Source *source; /* the first */
	GPtrArray *keys;
} Group;

typedef struct {
	const char *only_module;
	GPtrArray *sources;
	GPtrArray *groups;
	CratonConfig *config;
	gboolean no_default; /* no token "default" is to be made up */
} Loader;

/* A key of a group: what it does to @target, and what to tell who wrote it wrong. What it sets begins at @offset. */
typedef struct {
	const char *name;
	gboolean (*set) (gpointer target, const Key *key);
	const char *expected;
	gsize offset;
} KeyRow;

static void
source_free (Source *source)
{
	g_free (source->path);
	g_free (source->text);
	g_clear_pointer (&source->file, g_key_file_unref);
	g_free (source);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Source, source_free)

static void
key_free (Key *key)
{
	g_free (key->name);
	g_free (key->group);
	g_free (key);
}

static void
group_free (Group *group)
{
	g_free (group->name);
	g_free (group->first_name);
	g_ptr_array_unref (group->keys);
	g_free (group);
}

static void
token_clear (CratonTokenConfig *token)
{
	g_free (token->name);
	g_free (token->store);
}

static void
module_free (CratonModuleConfig *module)
{
	g_free (module->name);
	g_free (module->path);
	g_strfreev (module->environment);
	g_free (module->init_reserved);
	g_free (module->flat);
	craton_rules_free (module->rules);
	token_clear (&module->log);
	g_free (module);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonModuleConfig, module_free)

G_GNUC_PRINTF (2, 3)
static void
complain (const Loader *loader, const char *format, ...)
{
	va_list args;

	if (loader->only_module != NULL)
		return;
	va_start (args, format);
	g_logv (G_LOG_DOMAIN, G_LOG_LEVEL_WARNING, format, args);
	va_end (args);
}

/* Where @group was first met. */
static guint
group_line (const Group *group)
{
	return craton_config_line (group->source->text, group->first_name, NULL);
}

/* Blanks at the end are never meant, and GKeyFile keeps them. */
static char *
get_text (const Key *key)
{
	char *text = g_key_file_get_string (key->source->file, key->group, key->name, NULL);

	return text != NULL ? g_strstrip (text) : NULL;
}

static gboolean
set_yes_or_no (gboolean *ret_yes, const Key *key, const char *yes, const char *no)
{
	g_autofree char *text = get_text (key);

	if (g_strcmp0 (text, yes) != 0 && g_strcmp0 (text, no) != 0)
		return FALSE;
	*ret_yes = g_str_equal (text, yes);
	return TRUE;
}

static gboolean
set_store (gpointer target, const Key *key)
{
	CratonTokenConfig *token = target;
	g_autofree char *text = get_text (key);

	token->store = text != NULL ? craton_paths_expand (text) : NULL;
	return token->store != NULL;
}

static gboolean
set_lock (gpointer target, const Key *key)
{
	CratonTokenConfig *token = target;

	return set_yes_or_no (&token->exclusive, key, "exclusive", "shared");
}

static gboolean
set_legacy (gpointer target, const Key *key)
{
	CratonTokenConfig *token = target;

	return set_yes_or_no (&token->legacy, key, "yes", "no");
}

static gboolean
set_fips (gpointer target, const Key *key)
{
	CratonTokenConfig *token = target;

	return set_yes_or_no (&token->fips, key, "yes", "no");
}

static gboolean
set_number (guint *ret_number, const Key *key, guint min, guint max)
{
	g_autofree char *text = get_text (key);
	guint64 number;

	if (text == NULL || !g_ascii_string_to_unsigned (text, 10, min, max, &number, NULL))
		return FALSE;
	*ret_number = (guint) number;
	return TRUE;
}

static gboolean
set_pin_cost (gpointer target, const Key *key)
{
	CratonTokenConfig *token = target;

	return set_number (&token->pin_cost, key, CRATON_PIN_COST_MIN, CRATON_PIN_COST_MAX);
}

static gboolean
set_token_timeout (gpointer target, const Key *key)
{
	CratonTokenConfig *token = target;

	return set_number (&token->call_timeout, key, 0, CRATON_CALL_TIMEOUT_MAX);
}

static gboolean
set_module_timeout (gpointer target, const Key *key)
{
	CratonModuleConfig *module = target;

	return set_number (&module->call_timeout, key, 0, CRATON_CALL_TIMEOUT_MAX);
}

/* One of the words in @words, which ends with NULL; its index. */
static gboolean
get_word (const Key *key, const char *const *words, guint *ret_index)
{
	g_autofree char *text = get_text (key);

	for (guint i = 0; text != NULL && words[i] != NULL; i++) {
		if (g_str_equal (text, words[i])) {
			*ret_index = i;
			return TRUE;
		}
	}
	return FALSE;
}

static gboolean
set_audit (gpointer target, const Key *key)
{
	static const char *const words[] = { "off", "auth", "keys", "all", NULL };
	CratonTokenConfig *token = target;
	guint level;

	if (!get_word (key, words, &level))
		return FALSE;
	token->audit = (CratonAuditLevel) level;
	return TRUE;
}

static gboolean
set_audit_sync (gpointer target, const Key *key)
{
	static const char *const words[] = { "second", "each", "none", NULL };
	CratonTokenConfig *token = target;
	guint sync;

	if (!get_word (key, words, &sync))
		return FALSE;
	token->audit_sync = (CratonAuditSync) sync;
	return TRUE;
}

static gboolean
set_audit_size (gpointer target, const Key *key)
{
	CratonTokenConfig *token = target;
	g_autofree char *text = get_text (key);
	guint64 number;

	if (text == NULL || !g_ascii_string_to_unsigned (text, 10, CRATON_AUDIT_SIZE_MIN,
	                                                 CRATON_AUDIT_SIZE_MAX, &number, NULL))
		return FALSE;
	token->audit_size = (guint) number;
	return TRUE;
}

static gboolean
set_path (gpointer target, const Key *key)
{
	CratonModuleConfig *module = target;
	g_autofree char *text = get_text (key);

	if (text == NULL || *text == '\0')
		return FALSE;
	module->path = strchr (text, '/') != NULL ? craton_paths_expand (text) : g_steal_pointer (&text);
	return module->path != NULL;
}

static gboolean
set_environment (gpointer target, const Key *key)
{
	CratonModuleConfig *module = target;

	module->environment =
		g_key_file_get_string_list (key->source->file, key->group, key->name, NULL, NULL);
	if (module->environment == NULL)
		return FALSE;
	for (char **entry = module->environment; *entry != NULL; entry++) {
		const char *c = g_strstrip (*entry);

		while (g_ascii_isalpha (*c) || *c == '_' || (c > *entry && g_ascii_isdigit (*c)))
			c++;
		if (c == *entry || *c != '=')
			return FALSE;
	}
	return TRUE;
}

static gboolean
set_init_reserved (gpointer target, const Key *key)
{
	CratonModuleConfig *module = target;

	module->init_reserved = get_text (key);
	return module->init_reserved != NULL;
}

static gboolean
set_flat_mechanisms (gpointer target, const Key *key)
{
	CratonModuleConfig *module = target;
	g_auto (GStrv) list =
		g_key_file_get_string_list (key->source->file, key->group, key->name, NULL, NULL);

	if (list == NULL || g_strv_length (list) > CRATON_FLAT_MAX)
		return FALSE;
	module->flat = g_new0 (CK_MECHANISM_TYPE, CRATON_FLAT_MAX);
	for (char **entry = list; *entry != NULL; entry++) {
		if (!craton_rules_parse_mechanism (g_strstrip (*entry), &module->flat[module->n_flat]))
			return FALSE;
		module->n_flat++;
	}
	return TRUE;
}

static gboolean
set_default_token (gpointer target, const Key *key)
{
	Loader *loader = target;
	gboolean yes;

	/* What cannot be understood leaves the token out, like a bad value in its own group. */
	loader->no_default = TRUE;
	if (!set_yes_or_no (&yes, key, "yes", "no"))
		return FALSE;
	loader->no_default = !yes;
	return TRUE;
}

static gboolean
set_sandbox (gpointer target, const Key *key)
{
	Loader *loader = target;
	g_autofree char *text = get_text (key);

	return craton_rules_parse_sandbox (text, &loader->config->sandbox);
}

static const KeyRow craton_keys[] = {
	{ "default-token", set_default_token, N_ ("yes or no") },
	{ "sandbox", set_sandbox, N_ ("on, off or required") },
	{ NULL },
};

static const KeyRow token_keys[] = {
	{ "store", set_store, N_ ("a folder, as an absolute path or one that begins with ~/") },
	{ "lock", set_lock, N_ ("shared or exclusive") },
	{ "pin-cost", set_pin_cost, N_ ("a number from 14 to 20") },
	{ "legacy", set_legacy, N_ ("yes or no") },
	{ "fips", set_fips, N_ ("yes or no") },
	{ "audit", set_audit, N_ ("off, auth, keys or all") },
	{ "audit-sync", set_audit_sync, N_ ("second, each or none") },
	{ "audit-size", set_audit_size, N_ ("a number of MiB from 1 to 4096") },
	{ "call-timeout", set_token_timeout,
	  N_ ("a number of seconds, at most 86400, or 0 for no limit") },
	{ NULL },
};

#define OF_LOG G_STRUCT_OFFSET (CratonModuleConfig, log)

static const KeyRow module_keys[] = {
	{ "path", set_path,
	  N_ ("an absolute path, or a file name in p11-kit's folder of modules") },
	{ "environment", set_environment,
	  N_ ("a list of VARIABLE=VALUE, separated by semicolons") },
	{ "init-reserved", set_init_reserved, N_ ("a text in UTF-8") },
	{ "call-timeout", set_module_timeout,
	  N_ ("a number of seconds, at most 86400, or 0 for no limit") },
	{ "flat-mechanisms", set_flat_mechanisms,
	  N_ ("a list of at most 64 mechanisms, by number or CKM_ name, separated by semicolons") },
	{ "audit", set_audit, N_ ("off, auth, keys or all"), OF_LOG },
	{ "audit-sync", set_audit_sync, N_ ("second, each or none"), OF_LOG },
	{ "audit-size", set_audit_size, N_ ("a number of MiB from 1 to 4096"), OF_LOG },
	{ "audit-folder", set_store, N_ ("a folder, as an absolute path or one that begins with ~/"), OF_LOG },
	{ NULL },
};

/* A key that craton_rules_expected() knows. */
static gboolean
set_rule (CratonRules *rules, const Key *key)
{
	g_auto (GStrv) list =
		g_key_file_get_string_list (key->source->file, key->group, key->name, NULL, NULL);

	if (list == NULL)
		return FALSE;
	for (char **entry = list; *entry != NULL; entry++) {
		char *path = NULL;

		(void) g_strstrip (*entry);
		if (craton_rules_has_paths (key->name) && (path = craton_paths_expand (*entry)) == NULL)
			return FALSE;
		if (path != NULL) {
			g_free (*entry);
			*entry = path;
		}
	}
	return craton_rules_set (rules, key->name, list);
}

/* Reads all keys of @group into @target, and those that are rules of @owner into @rules; FALSE if one of them was wrong. All
 * wrong ones are told. */
static gboolean
read_keys (const Loader *loader, const Group *group, const KeyRow *rows, gpointer target,
           CratonRulesOwner owner, CratonRules *rules)
{
	gboolean good = TRUE;

	for (guint i = 0; i < group->keys->len; i++) {
		const Key *key = group->keys->pdata[i];
		const Source *source = key->source;
		const KeyRow *row = rows;
		const char *expected;
		guint line;

		while (row->name != NULL && !g_str_equal (row->name, key->name))
			row++;
		expected = row->name != NULL ? _ (row->expected)
		                             : craton_rules_expected (owner, key->name);
		if (row->name != NULL && row->set ((char *) target + row->offset, key))
			continue;
		if (row->name == NULL && expected != NULL && set_rule (rules, key))
			continue;
		good = FALSE;
		line = craton_config_line (source->text, key->group, key->name);
		if (expected == NULL)
			complain (loader, _ ("%s: %s:%u: there is no key \"%s\" here; remove it"),
			          group->name, source->path, line, key->name);
		else
			complain (loader, _ ("%s: %s:%u: %s must be %s"), group->name, source->path,
			          line, key->name, expected);
	}
	return good;
}

static char *
default_store (const char *name)
{
	g_autofree char *data = craton_paths_home ("XDG_DATA_HOME", ".local/share");

	return data != NULL ? g_build_filename (data, "craton", name, NULL) : NULL;
}

static void
read_token (Loader *loader, const Group *group, const char *name)
{
	g_autoptr (CratonRules) rules = craton_rules_new ();
	CratonTokenConfig token = { .name = g_strdup (name), .pin_cost = CRATON_PIN_COST,
	                            .call_timeout = CRATON_CALL_TIMEOUT,
	                            .audit = CRATON_AUDIT_KEYS, .audit_size = CRATON_AUDIT_SIZE };
	gboolean good = group == NULL || read_keys (loader, group, token_keys, &token, CRATON_RULES_OF_TOKEN, rules);

	if (good && token.store == NULL) {
		token.store = default_store (name);
		good = token.store != NULL;
		if (!good)
			complain (loader,
			          _ ("token %s: this user has no home folder; name the token's "
			             "folder with store= in craton.conf"),
			          name);
	}
	if (!good) {
		token_clear (&token);
		return;
	}
	g_array_append_val (loader->config->tokens, token);
	g_ptr_array_add (loader->config->token_rules, g_steal_pointer (&rules));
}

/* A module that has a policy has a log of what was refused. */
static gboolean
complete_log (CratonModuleConfig *module)
{
	g_autofree char *folder = g_strconcat (module->name, ".module", NULL);
	gboolean asked = module->log.audit != CRATON_AUDIT_LEVELS;

	if (!asked)
		module->log.audit = module->rules->has_policy ? CRATON_AUDIT_AUTH : CRATON_AUDIT_OFF;
	module->log.name = g_strdup (module->name);
	if (module->log.audit != CRATON_AUDIT_OFF && module->log.store == NULL)
		module->log.store = default_store (folder);
	if (module->log.store == NULL && !asked)
		module->log.audit = CRATON_AUDIT_OFF;
	return module->log.audit == CRATON_AUDIT_OFF || module->log.store != NULL;
}

static void
read_module (Loader *loader, const Group *group, const char *name)
{
	g_autoptr (CratonModuleConfig) module = g_new0 (CratonModuleConfig, 1);
	gboolean good;

	module->name = g_strdup (name);
	module->call_timeout = CRATON_CALL_TIMEOUT;
	module->log.audit = CRATON_AUDIT_LEVELS;
	module->log.audit_size = CRATON_AUDIT_SIZE;
	module->rules = craton_rules_new ();
	good = read_keys (loader, group, module_keys, module, CRATON_RULES_OF_MODULE,
	                  module->rules);
	if (good && module->path == NULL) {
		complain (loader,
		          _ ("%s: %s:%u: the key path is missing: it names the module's file"),
		          group->name, group->source->path, group_line (group));
		return;
	}
	if (good && loader->config->modules->len >= CRATON_CHANNELS_MAX - 1) {
		complain (loader, _ ("%s: %s:%u: too many modules, %d is the most"), group->name,
		          group->source->path, group_line (group), CRATON_CHANNELS_MAX - 1);
		return;
	}
	if (good && !complete_log (module)) {
		complain (loader, _ ("module %s: this user has no home folder; name the folder of its audit log with "
		                     "audit-folder= in craton.conf"), name);
		return;
	}
	if (good)
		g_ptr_array_add (loader->config->modules, g_steal_pointer (&module));
}

static gboolean
name_is_good (const char *name)
{
	gsize len = 0;

	while (g_ascii_isalnum (name[len]) ||
	       (name[len] != '\0' && strchr ("-_.", name[len]) != NULL))
		len++;
	return len > 0 && len <= NAME_MAX_LEN && name[len] == '\0' && name[0] != '.';
}

static void
read_group (Loader *loader, const Group *group)
{
	gboolean is_token = g_str_has_prefix (group->name, "token ");
	const char *name = strchr (group->name, ' ');

	name = name != NULL ? name + 1 : "";
	if (loader->only_module != NULL) {
		if (g_str_equal (group->name, "craton"))
			(void) read_keys (loader, group, craton_keys, loader, 0, NULL);
		if (g_str_has_prefix (group->name, "module ") &&
		    g_str_equal (name, loader->only_module))
			read_module (loader, group, name);
		return;
	}
	/* Who describes tokens wants these and no other, even where one of them is left out. */
	if (is_token)
		loader->no_default = TRUE;
	if (g_str_equal (group->name, "craton"))
		(void) read_keys (loader, group, craton_keys, loader, 0, NULL);
	else if (is_token && name_is_good (name))
		read_token (loader, group, name);
	else if (g_str_has_prefix (group->name, "module ") && name_is_good (name))
		read_module (loader, group, name);
	else
		complain (
			loader,
			_ ("craton.conf: %s:%u: [%s] is no group of this file: there are [craton], "
		           "[token NAME] and [module NAME], with a NAME of letters, digits, - _ and ."),
			group->source->path, group_line (group), group->name);
}

static Group *
find_or_add_group (Loader *loader, const Source *source, const char *spelt)
{
	g_autofree char *name = craton_config_tidy (spelt);
	Group *group;

	for (guint i = 0; i < loader->groups->len; i++) {
		group = loader->groups->pdata[i];
		if (g_str_equal (group->name, name))
			return group;
	}
	group = g_new0 (Group, 1);
	group->name = g_steal_pointer (&name);
	group->first_name = g_strdup (spelt);
	group->source = source;
	group->keys = g_ptr_array_new_with_free_func ((GDestroyNotify) key_free);
	g_ptr_array_add (loader->groups, group);
	return group;
}

static void
override_key (Group *group, const Source *source, const char *spelt, const char *name)
{
	Key *key = NULL;

	for (guint i = 0; i < group->keys->len && key == NULL; i++) {
		Key *other = group->keys->pdata[i];

		if (g_str_equal (other->name, name))
			key = other;
	}
	if (key == NULL) {
		key = g_new0 (Key, 1);
		key->name = g_strdup (name);
		g_ptr_array_add (group->keys, key);
	}
	g_free (key->group);
	key->group = g_strdup (spelt);
	key->source = source;
}

static void
merge_source (Loader *loader, const Source *source)
{
	g_auto (GStrv) groups = g_key_file_get_groups (source->file, NULL);

	for (char **group_name = groups; *group_name != NULL; group_name++) {
		g_auto (GStrv) keys = g_key_file_get_keys (source->file, *group_name, NULL, NULL);
		Group *group = find_or_add_group (loader, source, *group_name);

		for (char **key = keys; key != NULL && *key != NULL; key++)
			override_key (group, source, *group_name, *key);
	}
}

static gboolean
parse (const Source *source, gsize len, GError **error)
{
	/* GKeyFile takes no empty text. Keys in a language, as in key[de], are to be seen as the mistake that they are. */
	return len == 0 || g_key_file_load_from_data (source->file, source->text, len,
	                                              G_KEY_FILE_KEEP_TRANSLATIONS, error);
}

/* Opens @path if it is a file that may be trusted, or says why not and returns -1. */
static int
open_file (const Loader *loader, const char *path, gboolean of_user, gboolean must_exist)
{
	/* Not blocking, for a FIFO that nobody writes to; on a file it makes no difference. */
	int fd = open (path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat info;

	if (fd < 0) {
		if (must_exist || (errno != ENOENT && errno != ENOTDIR))
			complain (loader, _ ("craton.conf: %s: cannot be opened: %s"), path,
			          g_strerror (errno));
		return -1;
	}
	if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode)) {
		complain (loader, _ ("craton.conf: %s: is no file, and is ignored"), path);
		(void) close (fd);
		return -1;
	}
	if (of_user && (info.st_uid != geteuid () || (info.st_mode & (S_IWGRP | S_IWOTH)) != 0)) {
		complain (
			loader,
			_ ("craton.conf: %s: is ignored, because another user owns it or can write "
		           "to it; make it yours (chown) and only yours to write (chmod go-w)"),
			path);
		(void) close (fd);
		return -1;
	}
	return fd;
}

static void
read_file (Loader *loader, const char *path, gboolean of_user, gboolean must_exist)
{
	g_autoptr (Source) source = g_new0 (Source, 1);
	g_autoptr (GError) error = NULL;
	gsize len = 0;
	int fd = open_file (loader, path, of_user, must_exist);

	if (fd < 0)
		return;
	source->path = g_strdup (path);
	source->file = g_key_file_new ();
	source->text = craton_config_read (fd, &len);
	if (source->text == NULL)
		complain (loader, _ ("craton.conf: %s: cannot be read, and is ignored: %s"), path,
		          g_strerror (errno));
	(void) close (fd);
	if (source->text == NULL)
		return;
	if (strlen (source->text) != len)
		complain (loader,
		          _ ("craton.conf: %s: holds bytes that are no text, and is ignored"),
		          path);
	else if (!parse (source, len, &error))
		complain (loader, _ ("craton.conf: %s: is ignored: %s"), path, error->message);
	else {
		merge_source (loader, source);
		g_ptr_array_add (loader->sources, g_steal_pointer (&source));
	}
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static void
read_folder (Loader *loader, const char *path)
{
	g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
	g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
	const char *name;

	if (dir == NULL)
		return;
	while ((name = g_dir_read_name (dir)) != NULL) {
		if (*name != '.' && g_str_has_suffix (name, ".conf"))
			g_ptr_array_add (names, g_strdup (name));
	}
	g_ptr_array_sort (names, compare_names);
	for (guint i = 0; i < names->len; i++) {
		g_autofree char *file = g_build_filename (path, names->pdata[i], NULL);

		read_file (loader, file, FALSE, FALSE);
	}
}

static void
read_files (Loader *loader, const char *sysconfdir)
{
	const char *only = secure_getenv ("CRATON_CONFIG");
	g_autofree char *main_file = g_build_filename (sysconfdir, "craton", "craton.conf", NULL);
	g_autofree char *folder = g_build_filename (sysconfdir, "craton", "conf.d", NULL);
	g_autofree char *home = NULL, *user_file = NULL;

	if (only != NULL && *only != '\0') {
		/* The backend does not run in the folder that the application runs in. */
		if (*only != '/')
			complain (
				loader,
				_ ("craton.conf: CRATON_CONFIG=%s is ignored: it is no absolute path"),
				only);
		else
			read_file (loader, only, FALSE, TRUE);
		return;
	}
	read_file (loader, main_file, FALSE, FALSE);
	read_folder (loader, folder);
	home = craton_paths_home ("XDG_CONFIG_HOME", ".config");
	if (home == NULL)
		return;
	user_file = g_build_filename (home, "craton", "craton.conf", NULL);
	read_file (loader, user_file, TRUE, FALSE);
}

CratonConfig *
craton_config_load (const char *sysconfdir, const char *only_module)
{
	g_autoptr (GPtrArray) sources =
		g_ptr_array_new_with_free_func ((GDestroyNotify) source_free);
	g_autoptr (GPtrArray) groups = g_ptr_array_new_with_free_func ((GDestroyNotify) group_free);
	g_autoptr (CratonConfig) config = g_new0 (CratonConfig, 1);
	Loader loader = {
		.only_module = only_module, .sources = sources, .groups = groups, .config = config
	};

	config->tokens = g_array_new (FALSE, TRUE, sizeof (CratonTokenConfig));
	g_array_set_clear_func (config->tokens, (GDestroyNotify) token_clear);
	config->token_rules = g_ptr_array_new_with_free_func ((GDestroyNotify) craton_rules_free);
	config->modules = g_ptr_array_new_with_free_func ((GDestroyNotify) module_free);
	read_files (&loader, sysconfdir);
	for (guint i = 0; i < groups->len; i++)
		read_group (&loader, groups->pdata[i]);
	if (only_module == NULL && !loader.no_default)
		read_token (&loader, NULL, "default");
	return g_steal_pointer (&config);
}

void
craton_config_free (CratonConfig *config)
{
	if (config == NULL)
		return;
	g_array_unref (config->tokens);
	g_ptr_array_unref (config->token_rules);
	g_ptr_array_unref (config->modules);
	g_free (config);
}
