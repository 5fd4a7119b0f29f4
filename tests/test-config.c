/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton.conf: what is read, from where, in which order, and what is said about what cannot be read.
 */
#include "config.h"

#include <check.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "configuration.h"
#include "sizes.h"

static char *root, *sysconfdir, *home;
static GPtrArray *lines; /* what was logged */

static GLogWriterOutput
keep_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	for (gsize i = 0; i < n_fields; i++) {
		if (lines != NULL && g_str_equal (fields[i].key, "MESSAGE"))
			g_ptr_array_add (lines, g_strdup (fields[i].value));
	}
	return G_LOG_WRITER_HANDLED;
}

/* Writes @text to @name under the scratch folder. */
static char *
put_file (const char *name, const char *text)
{
	char *path = g_build_filename (root, name, NULL);
	g_autofree char *folder = g_path_get_dirname (path);

	ck_assert_int_eq (g_mkdir_with_parents (folder, 0700), 0);
	ck_assert (g_file_set_contents (path, text, -1, NULL));
	ck_assert_int_eq (chmod (path, 0600), 0);
	return path;
}

#define put(name, text) g_free (put_file (name, text))

static void
setup (void)
{
	root = g_dir_make_tmp ("craton-test-config-XXXXXX", NULL);
	ck_assert_ptr_nonnull (root);
	sysconfdir = g_build_filename (root, "etc", NULL);
	home = g_build_filename (root, "home", NULL);
	ck_assert_int_eq (g_mkdir (home, 0700), 0);
	g_setenv ("HOME", home, TRUE);
	g_unsetenv ("XDG_CONFIG_HOME");
	g_unsetenv ("XDG_DATA_HOME");
	g_unsetenv ("CRATON_CONFIG");
	lines = g_ptr_array_new_with_free_func (g_free);
}

static void
teardown (void)
{
	char *arguments[] = { (char *) "rm", (char *) "-rf", (char *) "--", root, NULL };

	ck_assert (g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
	                         NULL, NULL));
	g_clear_pointer (&lines, g_ptr_array_unref);
	g_free (root);
	g_free (sysconfdir);
	g_free (home);
}

static CratonConfig *
load (void)
{
	return craton_config_load (sysconfdir, NULL);
}

static const CratonTokenConfig *
token_at (const CratonConfig *config, guint n)
{
	ck_assert_uint_lt (n, config->tokens->len);
	return &g_array_index (config->tokens, CratonTokenConfig, n);
}

static const CratonModuleConfig *
module_at (const CratonConfig *config, guint n)
{
	ck_assert_uint_lt (n, config->modules->len);
	return config->modules->pdata[n];
}

/* Exactly one line was logged, and it has these parts, in this order. */
static void
expect_line (const char *first, const char *second, const char *third)
{
	const char *parts[] = { first, second, third };
	const char *rest;

	ck_assert_uint_eq (lines->len, 1);
	rest = lines->pdata[0];
	ck_assert_msg (g_str_has_prefix (rest, first), "\"%s\" begins otherwise", rest);
	for (gsize i = 0; i < G_N_ELEMENTS (parts); i++) {
		rest = strstr (rest, parts[i]);
		ck_assert_msg (rest != NULL, "\"%s\" lacks \"%s\"", (const char *) lines->pdata[0],
		               parts[i]);
		rest += strlen (parts[i]);
	}
}

START_TEST (test_load__nothing_configured)
{
	g_autoptr (CratonConfig) config = load ();
	g_autofree char *store = g_build_filename (home, ".local/share/craton/default", NULL);

	ck_assert_uint_eq (config->tokens->len, 1);
	ck_assert_uint_eq (config->modules->len, 0);
	ck_assert_str_eq (token_at (config, 0)->name, "default");
	ck_assert_str_eq (token_at (config, 0)->store, store);
	ck_assert (!token_at (config, 0)->exclusive);
	ck_assert_uint_eq (token_at (config, 0)->pin_cost, CRATON_PIN_COST);
	ck_assert_uint_eq (lines->len, 0);
}
END_TEST

START_TEST (test_load__empty_files)
{
	g_autoptr (CratonConfig) config = NULL;

	put ("etc/craton/craton.conf", "");
	put ("home/.config/craton/craton.conf", "# nothing\n\n");
	config = load ();
	ck_assert_uint_eq (config->tokens->len, 1);
	ck_assert_uint_eq (lines->len, 0);
}
END_TEST

START_TEST (test_load__all_keys)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *expanded = g_build_filename (home, "keys/b", NULL);
	const CratonModuleConfig *module;

	put ("etc/craton/craton.conf",
	     "[craton]\ndefault-token = yes\n"
	     "[token a]\nstore=/srv/a  \nlock=exclusive\npin-cost=14\nlegacy=yes\n"
	     "[token  B.2_-]\r\nstore = ~/keys/b\r\nlock=shared\r\npin-cost=20\r\nfips=yes\r\n"
	     "[module soft]\npath=/usr/lib/softhsm/libsofthsm2.so\n"
	     "environment=SOFTHSM2_CONF=/etc/s;_X1= a=b;\n"
	     "init-reserved=configdir='sql:/x' a\\\\b\n"
	     "flat-mechanisms=0x80000001;CKM_RSA_PKCS ; 2147483650\n"
	     "[module bare]\npath=opensc-pkcs11.so\n"
	     "[module home]\npath=~/m.so\n");
	config = load ();
	ck_assert_uint_eq (lines->len, 0);
	ck_assert_uint_eq (config->tokens->len, 2);
	ck_assert_str_eq (token_at (config, 0)->name, "a");
	ck_assert_str_eq (token_at (config, 0)->store, "/srv/a");
	ck_assert (token_at (config, 0)->exclusive);
	ck_assert_uint_eq (token_at (config, 0)->pin_cost, 14);
	ck_assert (token_at (config, 0)->legacy);
	ck_assert (!token_at (config, 0)->fips);
	ck_assert_str_eq (token_at (config, 1)->name, "B.2_-");
	ck_assert_str_eq (token_at (config, 1)->store, expanded);
	ck_assert (!token_at (config, 1)->exclusive);
	ck_assert_uint_eq (token_at (config, 1)->pin_cost, 20);
	ck_assert (!token_at (config, 1)->legacy);
	ck_assert (token_at (config, 1)->fips);
	ck_assert_uint_eq (config->modules->len, 3);
	module = module_at (config, 0);
	ck_assert_str_eq (module->name, "soft");
	ck_assert_str_eq (module->path, "/usr/lib/softhsm/libsofthsm2.so");
	ck_assert_str_eq (module->environment[0], "SOFTHSM2_CONF=/etc/s");
	ck_assert_str_eq (module->environment[1], "_X1= a=b");
	ck_assert_ptr_null (module->environment[2]);
	ck_assert_str_eq (module->init_reserved, "configdir='sql:/x' a\\b");
	ck_assert_uint_eq (module->n_flat, 3);
	ck_assert_uint_eq (module->flat[0], 0x80000001);
	ck_assert_uint_eq (module->flat[1], CKM_RSA_PKCS);
	ck_assert_uint_eq (module->flat[2], 0x80000002);
	ck_assert_str_eq (module_at (config, 1)->path, "opensc-pkcs11.so");
	ck_assert (g_str_has_suffix (module_at (config, 2)->path, "/home/m.so"));
	ck_assert_ptr_null (module_at (config, 1)->environment);
	ck_assert_ptr_null (module_at (config, 1)->init_reserved);
	ck_assert_uint_eq (module_at (config, 1)->n_flat, 0);
}
END_TEST

START_TEST (test_load__audit_keys)
{
	g_autoptr (CratonConfig) config = NULL;
	const CratonTokenConfig *token;

	put ("etc/craton/craton.conf", "[token a]\nstore=/a\naudit = all\naudit-sync=each\naudit-size=4096\n"
	                               "[token b]\nstore=/b\naudit=off \naudit-sync=none\naudit-size= 1\n"
	                               "[token c]\nstore=/c\naudit=auth\naudit-sync=second\n"
	                               "[token d]\nstore=/d\naudit=keys\n[token e]\nstore=/e\n");
	/* Key by key, as the others are. */
	put ("etc/craton/conf.d/10.conf", "[token a]\naudit-size=2\n");
	config = load ();
	ck_assert_uint_eq (lines->len, 0);
	ck_assert_uint_eq (config->tokens->len, 5);
	token = token_at (config, 0);
	ck_assert_int_eq (token->audit, CRATON_AUDIT_ALL);
	ck_assert_int_eq (token->audit_sync, CRATON_AUDIT_SYNC_EACH);
	ck_assert_uint_eq (token->audit_size, 2);
	token = token_at (config, 1);
	ck_assert_int_eq (token->audit, CRATON_AUDIT_OFF);
	ck_assert_int_eq (token->audit_sync, CRATON_AUDIT_SYNC_NONE);
	ck_assert_uint_eq (token->audit_size, 1);
	ck_assert_int_eq (token_at (config, 2)->audit, CRATON_AUDIT_AUTH);
	ck_assert_int_eq (token_at (config, 2)->audit_sync, CRATON_AUDIT_SYNC_SECOND);
	/* What is usual, said or not. */
	for (guint i = 3; i < 5; i++) {
		token = token_at (config, i);
		ck_assert_int_eq (token->audit, CRATON_AUDIT_KEYS);
		ck_assert_int_eq (token->audit_sync, CRATON_AUDIT_SYNC_SECOND);
		ck_assert_uint_eq (token->audit_size, 64);
	}
}
END_TEST

START_TEST (test_load__no_default_token)
{
	g_autoptr (CratonConfig) config = NULL;

	put ("etc/craton/craton.conf", "[craton]\ndefault-token=no\n[module m]\npath=m.so\n");
	config = load ();
	ck_assert_uint_eq (config->tokens->len, 0);
	ck_assert_uint_eq (config->modules->len, 1);
	ck_assert_uint_eq (lines->len, 0);
}
END_TEST

/* System file, conf.d in the order of names, user file: the last one wins, key by key. */
START_TEST (test_load__later_file_overrides_key)
{
	g_autoptr (CratonConfig) config = NULL;

	put ("etc/craton/craton.conf",
	     "[token a]\nstore=/one\npin-cost=14\nlock=exclusive\n[token b]\nstore=/b\n");
	put ("etc/craton/conf.d/20.conf", "[token a]\nstore=/three\n");
	put ("etc/craton/conf.d/10.conf",
	     "[token a]\nstore=/two\npin-cost=15\n[token c]\nstore=/c\n");
	put ("etc/craton/conf.d/.30.conf", "[token hidden]\nstore=/h\n");
	put ("etc/craton/conf.d/40.conf.bak", "[token backup]\nstore=/h\n");
	put ("home/.config/craton/craton.conf", "[token b]\nstore=/user\n[token d]\nstore=/d\n");
	config = load ();
	ck_assert_uint_eq (lines->len, 0);
	ck_assert_uint_eq (config->tokens->len, 4);
	ck_assert_str_eq (token_at (config, 0)->store, "/three");
	ck_assert_uint_eq (token_at (config, 0)->pin_cost, 15);
	ck_assert (token_at (config, 0)->exclusive);
	ck_assert_str_eq (token_at (config, 1)->store, "/user");
	ck_assert_str_eq (token_at (config, 2)->name, "c");
	ck_assert_str_eq (token_at (config, 3)->name, "d");
}
END_TEST

START_TEST (test_load__override_mends_bad_value)
{
	g_autoptr (CratonConfig) config = NULL;

	put ("etc/craton/craton.conf", "[token a]\nstore=relative\n");
	put ("home/.config/craton/craton.conf", "[token a]\nstore=/good\n");
	config = load ();
	ck_assert_uint_eq (lines->len, 0);
	ck_assert_str_eq (token_at (config, 0)->store, "/good");
}
END_TEST

START_TEST (test_load__xdg_folders)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *xdg_config = g_build_filename (root, "xc", NULL);

	put ("home/.config/craton/craton.conf", "[token wrong]\n");
	put ("xc/craton/craton.conf", "[token right]\n");
	g_setenv ("XDG_CONFIG_HOME", xdg_config, TRUE);
	g_setenv ("XDG_DATA_HOME", "/xd", TRUE);
	config = load ();
	ck_assert_uint_eq (config->tokens->len, 1);
	ck_assert_str_eq (token_at (config, 0)->name, "right");
	ck_assert_str_eq (token_at (config, 0)->store, "/xd/craton/right");
}
END_TEST

/* The XDG rules: a relative path in these variables is ignored. */
START_TEST (test_load__xdg_folder_relative)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *store = g_build_filename (home, ".local/share/craton/default", NULL);

	g_setenv ("XDG_DATA_HOME", "data", TRUE);
	config = load ();
	ck_assert_str_eq (token_at (config, 0)->store, store);
}
END_TEST

START_TEST (test_load__no_home)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *store = NULL;
	const struct passwd *entry = getpwuid (geteuid ());

	g_unsetenv ("HOME");
	g_setenv ("XDG_CONFIG_HOME", home, TRUE);
	config = load ();
	if (entry == NULL) {
		ck_assert_uint_eq (config->tokens->len, 0);
		expect_line ("token default: ", "home", "store=");
		return;
	}
	store = g_build_filename (entry->pw_dir, ".local/share/craton/default", NULL);
	ck_assert_str_eq (token_at (config, 0)->store, store);
}
END_TEST

START_TEST (test_load__one_file_for_all)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *only = put_file ("only.conf", "[token only]\nstore=/only\n");

	put ("etc/craton/craton.conf", "[token a]\nstore=/one\n");
	put ("home/.config/craton/craton.conf", "[token b]\nstore=/user\n");
	g_setenv ("CRATON_CONFIG", only, TRUE);
	config = load ();
	ck_assert_uint_eq (config->tokens->len, 1);
	ck_assert_str_eq (token_at (config, 0)->name, "only");
	ck_assert_uint_eq (lines->len, 0);
}
END_TEST

START_TEST (test_load__one_file_missing)
{
	g_autoptr (CratonConfig) config = NULL;

	g_setenv ("CRATON_CONFIG", "/nowhere/craton.conf", TRUE);
	config = load ();
	expect_line ("craton.conf: ", "/nowhere/craton.conf", "No such file");
}
END_TEST

START_TEST (test_load__one_file_relative)
{
	g_autoptr (CratonConfig) config = NULL;

	g_setenv ("CRATON_CONFIG", "here.conf", TRUE);
	config = load ();
	expect_line ("craton.conf: ", "CRATON_CONFIG=here.conf", "absolute");
}
END_TEST

static const struct {
	mode_t mode;
	gboolean trusted;
} modes[] = { { 0600, TRUE }, { 0644, TRUE }, { 0660, FALSE }, { 0602, FALSE }, { 0666, FALSE } };

START_TEST (test_load__user_file_mode)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *path =
		put_file ("home/.config/craton/craton.conf", "[token mine]\nstore=/m\n");

	ck_assert_int_eq (chmod (path, modes[_i].mode), 0);
	config = load ();
	ck_assert_str_eq (token_at (config, 0)->name, modes[_i].trusted ? "mine" : "default");
	if (modes[_i].trusted)
		ck_assert_uint_eq (lines->len, 0);
	else
		expect_line ("craton.conf: ", path, "chmod go-w");
}
END_TEST

/* Another user's file is not read: needs the right to give a file away, so it runs where the tests run as root, and where not
 * it looks at a file of root's. */
START_TEST (test_load__user_file_of_another)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *path =
		put_file ("home/.config/craton/craton.conf", "[token mine]\nstore=/m\n");

	if (chown (path, 12345, (gid_t) -1) != 0) {
		ck_assert_int_eq (unlink (path), 0);
		ck_assert_int_eq (symlink ("/etc/passwd", path), 0);
	}
	config = load ();
	ck_assert_str_eq (token_at (config, 0)->name, "default");
	expect_line ("craton.conf: ", path, "chown");
}
END_TEST

/* What is wrong, where it stands, what is left out. Each is one line. */
static const struct {
	const char *text;
	const char *subject; /* that the log line begins with, */
	guint line;          /* the number in it, 0: the whole file is at fault, */
	const char *key;     /* and what it names */
	guint n_tokens;      /* what is left */
	guint n_modules;
} faults[] = {
	{ "\n[token a]\nstore=/a\ncolour=red\n[token b]\nstore=/b\n", "token a: ", 4, "colour", 1,
	  0 },
	{ "[token a]\nstore=/a\n[token b]\nstore=b\n", "token b: ", 4, "store", 1, 0 },
	{ "[token a]\nstore=\n", "token a: ", 2, "store", 0, 0 },
	{ "[token a]\nstore=/a\nlock=maybe\n", "token a: ", 3, "lock", 0, 0 },
	{ "[token a]\nstore=/a\npin-cost=13\n", "token a: ", 3, "pin-cost", 0, 0 },
	{ "[token a]\nstore=/a\npin-cost=21\n", "token a: ", 3, "pin-cost", 0, 0 },
	{ "[token a]\nstore=/a\npin-cost=-14\n", "token a: ", 3, "pin-cost", 0, 0 },
	{ "[token a]\nstore=/a\npin-cost=0x10\n", "token a: ", 3, "pin-cost", 0, 0 },
	{ "[token a]\nstore=/a\npin-cost=14 15\n", "token a: ", 3, "pin-cost", 0, 0 },
	{ "[token a]\nstore=/a\naudit=some\n", "token a: ", 3, "audit", 0, 0 },
	{ "[token a]\nstore=/a\naudit=\n", "token a: ", 3, "audit", 0, 0 },
	{ "[token a]\nstore=/a\naudit=Keys\n", "token a: ", 3, "audit", 0, 0 },
	{ "[token a]\nstore=/a\naudit-sync=yes\n", "token a: ", 3, "audit-sync", 0, 0 },
	{ "[token a]\nstore=/a\naudit=all\naudit-sync=seconds\n", "token a: ", 4, "audit-sync", 0, 0 },
	{ "[token a]\nstore=/a\naudit-size=0\n", "token a: ", 3, "audit-size", 0, 0 },
	{ "[token a]\nstore=/a\naudit-size=4097\n", "token a: ", 3, "audit-size", 0, 0 },
	{ "[token a]\nstore=/a\naudit-size=1M\n", "token a: ", 3, "audit-size", 0, 0 },
	{ "[token a]\nstore=/a\naudit-size=-1\n", "token a: ", 3, "audit-size", 0, 0 },
	{ "[token a]\nstore=/a\naudit-size=\n", "token a: ", 3, "audit-size", 0, 0 },
	{ "[token a]\nstore=/a\naudit_size=4\n", "token a: ", 3, "audit_size", 0, 0 },
	{ "[craton]\naudit=all\n", "craton: ", 2, "audit", 1, 0 },
	{ "[token a]\nstore=/a\nlock[de]=shared\n", "token a: ", 3, "lock[de]", 0, 0 },
	{ "[token a]\nstore=/\xff\n", "token a: ", 2, "store", 0, 0 },
	{ "[token a]\nlock=shared\nstore=/a\n[craton]\n[token a]\nlock=x\n", "token a: ", 6, "lock",
	  0, 0 },
	{ "[token a/b]\nstore=/a\n", "craton.conf: ", 1, "token a/b", 0, 0 },
	{ "[token ..]\nstore=/a\n", "craton.conf: ", 1, "token ..", 0, 0 },
	{ "[token]\nstore=/a\n[module m]\npath=m.so\n", "craton.conf: ", 1, "[token]", 1, 1 },
	{ "[token a b]\nstore=/a\n", "craton.conf: ", 1, "token a b", 0, 0 },
	{ "[tokens]\n\n", "craton.conf: ", 1, "tokens", 1, 0 },
	{ "[Token a]\nstore=/a\n", "craton.conf: ", 1, "Token a", 1, 0 },
	{ "[craton]\ndefault-token=maybe\n", "craton: ", 2, "default-token", 0, 0 },
	{ "[craton]\ndefault=no\n", "craton: ", 2, "default", 1, 0 },
	{ "[module m]\n", "module m: ", 1, "path", 1, 0 },
	{ "[module m]\npath=\n", "module m: ", 2, "path", 1, 0 },
	{ "[module m]\npath=./m.so\n", "module m: ", 2, "path", 1, 0 },
	{ "[module m]\npath=m.so\nenvironment=A=1;B\n", "module m: ", 3, "environment", 1, 0 },
	{ "[module m]\npath=m.so\nenvironment==1\n", "module m: ", 3, "environment", 1, 0 },
	{ "[module m]\npath=m.so\nenvironment=1A=1\n", "module m: ", 3, "environment", 1, 0 },
	{ "[module m]\npath=m.so\ninit-reserved=\xfe\n", "module m: ", 3, "init-reserved", 1, 0 },
	{ "[module m]\npath=m.so\nflat-mechanisms=CKM_NONE_SUCH\n", "module m: ", 3,
	  "flat-mechanisms", 1, 0 },
	{ "[module m]\npath=m.so\nflat-mechanisms=CKA_LABEL\n", "module m: ", 3, "flat-mechanisms",
	  1, 0 },
	{ "[module m]\npath=m.so\nflat-mechanisms=0x\n", "module m: ", 3, "flat-mechanisms", 1, 0 },
	{ "[module m]\npath=m.so\nflat-mechanisms=99999999999999999999\n", "module m: ", 3,
	  "flat-mechanisms", 1, 0 },
	{ "[module m]\npath=m.so\nstore=/m\n[module n]\npath=n.so\n", "module m: ", 3, "store", 1,
	  1 },
	{ "not a key file\n", "craton.conf: ", 0, "not a key file", 1, 0 },
	{ "store=/a\n", "craton.conf: ", 0, "group", 1, 0 },
};

START_TEST (test_load__fault)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *place = g_strdup_printf ("/craton.conf:%u: ", faults[_i].line);

	put ("etc/craton/craton.conf", faults[_i].text);
	config = load ();
	expect_line (faults[_i].subject,
	             faults[_i].line != 0 ? place : "/craton.conf: ", faults[_i].key);
	ck_assert_uint_eq (config->tokens->len, faults[_i].n_tokens);
	ck_assert_uint_eq (config->modules->len, faults[_i].n_modules);
}
END_TEST

/* A bad file takes only itself away. */
START_TEST (test_load__bad_file_beside_good_one)
{
	g_autoptr (CratonConfig) config = NULL;

	put ("etc/craton/craton.conf", "[token a]\nstore=/a\n");
	put ("etc/craton/conf.d/10.conf", "}{\n");
	config = load ();
	expect_line ("craton.conf: ", "10.conf", "}{");
	ck_assert_str_eq (token_at (config, 0)->name, "a");
}
END_TEST

START_TEST (test_load__fault_in_other_file)
{
	g_autoptr (CratonConfig) config = NULL;

	put ("etc/craton/craton.conf", "[token a]\nstore=/a\n");
	put ("etc/craton/conf.d/10.conf", "# more\n\n[token  a]\n lock = wrong\n");
	config = load ();
	expect_line ("token a: ", "10.conf:4: ", "lock");
	ck_assert_uint_eq (config->tokens->len, 0);
}
END_TEST

START_TEST (test_load__no_file)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *path = g_build_filename (sysconfdir, "craton", "craton.conf", NULL);

	ck_assert_int_eq (g_mkdir_with_parents (path, 0700), 0);
	config = load ();
	expect_line ("craton.conf: ", path, "is no file");
}
END_TEST

/* A FIFO that nobody writes to must not hold the backend up. */
START_TEST (test_load__fifo)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *path = g_build_filename (root, "fifo", NULL);

	ck_assert_int_eq (mkfifo (path, 0600), 0);
	g_setenv ("CRATON_CONFIG", path, TRUE);
	config = load ();
	expect_line ("craton.conf: ", path, "is no file");
}
END_TEST

START_TEST (test_load__too_big)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *text = g_strnfill ((1 << 20) + 1, '\n');

	put ("etc/craton/craton.conf", text);
	config = load ();
	expect_line ("craton.conf: ", "craton.conf", "too large");
	g_ptr_array_set_size (lines, 0);
	text[1 << 20] = '\0';
	put ("etc/craton/craton.conf", text);
	g_clear_pointer (&config, craton_config_free);
	config = load ();
	ck_assert_uint_eq (lines->len, 0);
}
END_TEST

START_TEST (test_load__zero_bytes)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autofree char *path = put_file ("etc/craton/craton.conf", "");

	ck_assert (g_file_set_contents (path, "[token a]\0\n", 11, NULL));
	config = load ();
	expect_line ("craton.conf: ", path, "no text");
}
END_TEST

/* Modules and flat mechanisms at their limits and one over. */
START_TEST (test_load__limits)
{
	g_autoptr (CratonConfig) config = NULL;
	g_autoptr (GString) text = g_string_new (NULL);

	for (guint i = 0; i < CRATON_CHANNELS_MAX; i++)
		g_string_append_printf (text, "[module m%u]\npath=m.so\n", i);
	put ("etc/craton/craton.conf", text->str);
	config = load ();
	ck_assert_uint_eq (config->modules->len, CRATON_CHANNELS_MAX - 1);
	expect_line ("module m31: ", "craton.conf:63: ", "31");
	for (guint n = CRATON_FLAT_MAX; n <= CRATON_FLAT_MAX + 1; n++) {
		g_string_assign (text, "[module m]\npath=m.so\nflat-mechanisms=");
		for (guint i = 0; i < n; i++)
			g_string_append (text, "0x80000001;");
		put ("etc/craton/craton.conf", text->str);
		g_ptr_array_set_size (lines, 0);
		g_clear_pointer (&config, craton_config_free);
		config = load ();
		ck_assert_uint_eq (config->modules->len, n == CRATON_FLAT_MAX ? 1 : 0);
		ck_assert_uint_eq (lines->len, n == CRATON_FLAT_MAX ? 0 : 1);
	}
	ck_assert_ptr_nonnull (strstr (lines->pdata[0], "64"));
}
END_TEST

/* In a host: the one module, and not a word about the rest. */
START_TEST (test_load__only_module)
{
	g_autoptr (CratonConfig) config = NULL;

	put ("etc/craton/craton.conf",
	     "[nonsense]\n[token a]\nx=y\n[module a]\npath=\n[module b]\npath=/b.so\n[module c]\npath=/c.so\n");
	config = craton_config_load (sysconfdir, "b");
	ck_assert_uint_eq (lines->len, 0);
	ck_assert_uint_eq (config->tokens->len, 0);
	ck_assert_uint_eq (config->modules->len, 1);
	ck_assert_str_eq (module_at (config, 0)->path, "/b.so");
	g_clear_pointer (&config, craton_config_free);
	config = craton_config_load (sysconfdir, "a");
	ck_assert_uint_eq (config->modules->len, 0);
	ck_assert_uint_eq (lines->len, 0);
}
END_TEST

START_TEST (test_free__null)
{
	craton_config_free (NULL);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("config");
	TCase *tcase = tcase_create ("load");
	SRunner *runner;
	int n_failed;

	g_log_set_writer_func (keep_line, NULL, NULL);
	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_add_test (tcase, test_load__nothing_configured);
	tcase_add_test (tcase, test_load__empty_files);
	tcase_add_test (tcase, test_load__all_keys);
	tcase_add_test (tcase, test_load__audit_keys);
	tcase_add_test (tcase, test_load__no_default_token);
	tcase_add_test (tcase, test_load__later_file_overrides_key);
	tcase_add_test (tcase, test_load__override_mends_bad_value);
	tcase_add_test (tcase, test_load__xdg_folders);
	tcase_add_test (tcase, test_load__xdg_folder_relative);
	tcase_add_test (tcase, test_load__no_home);
	tcase_add_test (tcase, test_load__one_file_for_all);
	tcase_add_test (tcase, test_load__one_file_missing);
	tcase_add_test (tcase, test_load__one_file_relative);
	tcase_add_loop_test (tcase, test_load__user_file_mode, 0, (int) G_N_ELEMENTS (modes));
	tcase_add_test (tcase, test_load__user_file_of_another);
	tcase_add_loop_test (tcase, test_load__fault, 0, (int) G_N_ELEMENTS (faults));
	tcase_add_test (tcase, test_load__bad_file_beside_good_one);
	tcase_add_test (tcase, test_load__fault_in_other_file);
	tcase_add_test (tcase, test_load__no_file);
	tcase_add_test (tcase, test_load__fifo);
	tcase_add_test (tcase, test_load__too_big);
	tcase_add_test (tcase, test_load__zero_bytes);
	tcase_add_test (tcase, test_load__limits);
	tcase_add_test (tcase, test_load__only_module);
	tcase_add_test (tcase, test_free__null);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
