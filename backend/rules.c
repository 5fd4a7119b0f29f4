/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Rules, see rules.h: one table of keys. Trusts nothing in a value. Called by config.c, which finds the keys and says what is
 * wrong with them.
 */
#include "config.h"

#include "rules.h"

#include <pwd.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "names.h"
#include "uri.h"

typedef struct {
	const char *name;
	guint owners; /* CratonRulesOwner */
	gboolean paths;
	gboolean (*set) (CratonRules *rules, char **list);
	const char *expected;
} Row;

CratonRules *
craton_rules_new (void)
{
	CratonRules *rules = g_new0 (CratonRules, 1);

	rules->profile = CRATON_SANDBOX_MODULE;
	return rules;
}

void
craton_rules_free (CratonRules *rules)
{
	if (rules == NULL)
		return;
	g_strfreev (rules->reads);
	g_strfreev (rules->writes);
	g_strfreev (rules->programs);
	g_clear_pointer (&rules->users, g_array_unref);
	g_clear_pointer (&rules->allowed_mechanisms, g_array_unref);
	g_clear_pointer (&rules->denied_mechanisms, g_array_unref);
	g_clear_pointer (&rules->objects, g_ptr_array_unref);
	g_free (rules);
}

static gboolean
set_list (char ***list, char **value)
{
	g_strfreev (*list);
	*list = g_strdupv (value);
	return TRUE;
}

static gboolean
set_read_paths (CratonRules *rules, char **list)
{
	return set_list (&rules->reads, list);
}

static gboolean
set_write_paths (CratonRules *rules, char **list)
{
	return set_list (&rules->writes, list);
}

/* The place of the only element of @list in @words, or -1. */
static int
find_word (char **list, const char *const *words)
{
	for (int i = 0; g_strv_length (list) == 1 && words[i] != NULL; i++) {
		if (g_str_equal (list[0], words[i]))
			return i;
	}
	return -1;
}

static gboolean
set_network (CratonRules *rules, char **list)
{
	static const char *const words[] = { "no", "local", "yes", NULL };
	static const CratonSandboxProfile profiles[] = { CRATON_SANDBOX_MODULE,
		                                         CRATON_SANDBOX_LOCAL,
		                                         CRATON_SANDBOX_NETWORK };
	int word = find_word (list, words);

	if (word < 0)
		return FALSE;
	rules->profile = profiles[word];
	return TRUE;
}

gboolean
craton_rules_parse_sandbox (const char *text, CratonSandboxMode *ret_mode)
{
	static const char *const words[] = { "on", "off", "required", NULL };
	static const CratonSandboxMode modes[] = { CRATON_SANDBOX_ON, CRATON_SANDBOX_OFF,
		                                   CRATON_SANDBOX_REQUIRED };
	char *list[] = { (char *) text, NULL };
	int word = text != NULL ? find_word (list, words) : -1;

	if (word < 0)
		return FALSE;
	*ret_mode = modes[word];
	return TRUE;
}

static gboolean
set_sandbox (CratonRules *rules, char **list)
{
	rules->has_sandbox = g_strv_length (list) == 1 &&
	                     craton_rules_parse_sandbox (list[0], &rules->sandbox);
	return rules->has_sandbox;
}

static gboolean
set_programs (CratonRules *rules, char **list)
{
	return set_list (&rules->programs, list);
}

/* By name or number. */
static gboolean
set_users (CratonRules *rules, char **list)
{
	g_clear_pointer (&rules->users, g_array_unref);
	rules->users = g_array_new (FALSE, FALSE, sizeof (uid_t));
	for (char **entry = list; *entry != NULL; entry++) {
		char buffer[4096];
		struct passwd account, *found = NULL;
		guint64 number = 0;
		uid_t user;

		if (!g_ascii_string_to_unsigned (*entry, 10, 0, (uid_t) -2, &number, NULL) &&
		    (getpwnam_r (*entry, &account, buffer, sizeof (buffer), &found) != 0 ||
		     found == NULL))
			return FALSE;
		user = found != NULL ? account.pw_uid : (uid_t) number;
		g_array_append_val (rules->users, user);
	}
	return TRUE;
}

/* A function that is called on a slot or in a session, so that it belongs to a token. */
static const CratonCallRow *
find_call (const char *name)
{
	for (guint i = 0; i < CRATON_CALLS; i++) {
		const CratonCallRow *call = &craton_calls[i];

		if (g_str_equal (call->name, name) && call->travels &&
		    strchr ("ts", call->signature[0]) != NULL)
			return call;
	}
	return NULL;
}

/* What a caller needs to come, to look and to go: not refused to who is allowed anything. */
static const CratonCallId basic_calls[] = {
	CRATON_C_GetSlotInfo,      CRATON_C_GetTokenInfo,     CRATON_C_GetMechanismList,
	CRATON_C_GetMechanismInfo, CRATON_C_OpenSession,      CRATON_C_CloseSession,
	CRATON_C_GetSessionInfo,   CRATON_C_CloseAllSessions, CRATON_C_Logout,
	CRATON_C_SessionCancel,
};

static gboolean
set_functions (CratonRules *rules, char **list, gboolean refused)
{
	for (char **entry = list; *entry != NULL; entry++) {
		const CratonCallRow *call = find_call (*entry);

		if (call == NULL)
			return FALSE;
		rules->refused[call - craton_calls] = refused;
	}
	rules->has_policy = TRUE;
	return TRUE;
}

static gboolean
set_allow_functions (CratonRules *rules, char **list)
{
	gboolean denied[CRATON_CALLS];

	/* deny-functions may come first, and has the last word. */
	memcpy (denied, rules->refused, sizeof (denied));
	for (guint i = 0; i < CRATON_CALLS; i++)
		rules->refused[i] = TRUE;
	for (gsize i = 0; i < G_N_ELEMENTS (basic_calls); i++)
		rules->refused[basic_calls[i]] = FALSE;
	if (!set_functions (rules, list, FALSE))
		return FALSE;
	for (guint i = 0; i < CRATON_CALLS; i++)
		rules->refused[i] |= denied[i];
	return TRUE;
}

static gboolean
set_deny_functions (CratonRules *rules, char **list)
{
	return set_functions (rules, list, TRUE);
}

gboolean
craton_rules_parse_mechanism (const char *text, CK_MECHANISM_TYPE *ret_type)
{
	CK_ULONG value;
	guint64 number;
	gboolean hex = g_ascii_strncasecmp (text, "0x", 2) == 0;

	if (g_ascii_string_to_unsigned (hex ? text + 2 : text, hex ? 16 : 10, 0, G_MAXULONG,
	                                &number, NULL)) {
		*ret_type = (CK_MECHANISM_TYPE) number;
		return TRUE;
	}
	if (!craton_name_value (CRATON_NAME_CKM, text, &value))
		return FALSE;
	*ret_type = value;
	return TRUE;
}

static gboolean
set_mechanisms (CratonRules *rules, GArray **mechanisms, char **list)
{
	g_clear_pointer (mechanisms, g_array_unref);
	*mechanisms = g_array_new (FALSE, FALSE, sizeof (CK_MECHANISM_TYPE));
	rules->has_policy = TRUE;
	for (char **entry = list; *entry != NULL; entry++) {
		CK_MECHANISM_TYPE type;

		if (!craton_rules_parse_mechanism (*entry, &type))
			return FALSE;
		g_array_append_val (*mechanisms, type);
	}
	return TRUE;
}

static gboolean
set_allow_mechanisms (CratonRules *rules, char **list)
{
	return set_mechanisms (rules, &rules->allowed_mechanisms, list);
}

static gboolean
set_deny_mechanisms (CratonRules *rules, char **list)
{
	return set_mechanisms (rules, &rules->denied_mechanisms, list);
}

static gboolean
set_allow_objects (CratonRules *rules, char **list)
{
	g_autoptr (GString) text = g_string_new (NULL);

	g_clear_pointer (&rules->objects, g_ptr_array_unref);
	rules->objects = g_ptr_array_new_with_free_func ((GDestroyNotify) craton_uri_free);
	rules->has_policy = TRUE;
	/* A semicolon separates the URIs and the parts of one as well: the next one begins where "pkcs11:" stands. */
	for (char **entry = list; *entry != NULL; entry++) {
		gboolean last = entry[1] == NULL || g_str_has_prefix (entry[1], "pkcs11:");
		CratonUri *uri;

		g_string_append_printf (text, "%s%s", text->len > 0 ? ";" : "", *entry);
		if (!last)
			continue;
		uri = craton_uri_new (text->str);
		if (uri == NULL)
			return FALSE;
		g_ptr_array_add (rules->objects, uri);
		g_string_truncate (text, 0);
	}
	return TRUE;
}

static gboolean
set_yes_or_no (gboolean *ret_yes, char **list)
{
	static const char *const words[] = { "no", "yes", NULL };
	int word = find_word (list, words);

	*ret_yes = word == 1;
	return word >= 0;
}

static gboolean
set_read_only (CratonRules *rules, char **list)
{
	gboolean good = set_yes_or_no (&rules->read_only, list);

	rules->has_policy |= rules->read_only;
	return good;
}

static gboolean
set_so_login (CratonRules *rules, char **list)
{
	gboolean allowed = TRUE;
	gboolean good = set_yes_or_no (&allowed, list);

	rules->no_so = !allowed;
	rules->has_policy |= rules->no_so;
	return good;
}

#define MODULE CRATON_RULES_OF_MODULE
#define ANY (CRATON_RULES_OF_TOKEN | CRATON_RULES_OF_MODULE)

#define FUNCTIONS N_ ("a list of functions of the standard, such as C_Sign, separated by semicolons")
#define MECHANISMS N_ ("a list of mechanisms, by number or CKM_ name, separated by semicolons")

static const Row rows[] = {
	{ "read-paths", MODULE, TRUE, set_read_paths,
	  N_ ("a list of paths, each absolute or beginning with ~/, separated by semicolons") },
	{ "write-paths", MODULE, TRUE, set_write_paths,
	  N_ ("a list of paths, each absolute or beginning with ~/, separated by semicolons") },
	{ "network", MODULE, FALSE, set_network, N_ ("no, local or yes") },
	{ "sandbox", MODULE, FALSE, set_sandbox, N_ ("on, off or required") },
	{ "allow-programs", ANY, TRUE, set_programs,
	  N_ ("a list of paths, each absolute or beginning with ~/, separated by semicolons") },
	{ "allow-users", ANY, FALSE, set_users,
	  N_ ("a list of users, by name or number, separated by semicolons") },
	{ "allow-functions", ANY, FALSE, set_allow_functions, FUNCTIONS },
	{ "deny-functions", ANY, FALSE, set_deny_functions, FUNCTIONS },
	{ "allow-mechanisms", ANY, FALSE, set_allow_mechanisms, MECHANISMS },
	{ "deny-mechanisms", ANY, FALSE, set_deny_mechanisms, MECHANISMS },
	{ "allow-objects", ANY, FALSE, set_allow_objects,
	  N_ ("a list of pkcs11: URIs with object, id or type and nothing else, separated by "
	      "semicolons") },
	{ "read-only", ANY, FALSE, set_read_only, N_ ("yes or no") },
	{ "so-login", ANY, FALSE, set_so_login, N_ ("yes or no") },
};

static const Row *
find_row (const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		if (g_str_equal (rows[i].name, name))
			return &rows[i];
	}
	return NULL;
}

const char *
craton_rules_expected (CratonRulesOwner owner, const char *name)
{
	const Row *row = find_row (name);

	return row != NULL && (row->owners & owner) != 0 ? _ (row->expected) : NULL;
}

gboolean
craton_rules_has_paths (const char *name)
{
	const Row *row = find_row (name);

	return row != NULL && row->paths;
}

gboolean
craton_rules_set (CratonRules *rules, const char *name, char **list)
{
	const Row *row = find_row (name);

	return row != NULL && row->set (rules, list);
}
