/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton tokens: the tokens that craton.conf describes and what state each is in. Logs in to none of them and changes nothing.
 */
#include "config.h"

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "admin.h"
#include "options.h"
#include "pin.h"
#include "slot.h"

/* Words that are the same in every language, for scripts; what people read is made from them. */
typedef struct {
	const char *state;
	CratonStoreToken token;
} Sight;

static Sight
look (const CratonTokenConfig *token)
{
	g_autoptr (CratonStore) store = NULL;
	gint told = 0;
	Sight sight = { .state = N_ ("ready") };
	CK_RV rv = craton_store_open (token->store, &told, &store);

	if (rv == CKR_OK)
		rv = craton_store_read_token (store, &sight.token);
	if (rv == CKR_TOKEN_NOT_PRESENT)
		sight.state = N_ ("not initialised");
	else if (rv != CKR_OK)
		sight.state = N_ ("damaged");
	else if (!sight.token.pins[CRATON_PIN_USER].set)
		sight.state = N_ ("no user PIN");
	else if (sight.token.pins[CRATON_PIN_USER].failures >= CRATON_PIN_TRIES)
		sight.state = N_ ("user PIN locked");
	else if (sight.token.pins[CRATON_PIN_SO].failures >= CRATON_PIN_TRIES)
		sight.state = N_ ("SO PIN locked");
	return sight;
}

static void
print_one (const CratonTokenConfig *token, gboolean json, gboolean first, const Sight *sight)
{
	g_autofree char *label = craton_options_trim (sight->token.label, sizeof sight->token.label);
	g_autofree char *serial = craton_options_trim (sight->token.serial, sizeof sight->token.serial);
	const char *fields[] = { token->name, label, serial, token->store, sight->state };
	const char *const names[] = { "name", "label", "serial", "store", "state" };

	if (!json) {
		g_print ("%-16s %-32s %-16s %s: %s\n", token->name, label, serial, token->store, _ (sight->state));
		return;
	}
	g_print ("%s{", first ? "" : ",\n");
	for (gsize i = 0; i < G_N_ELEMENTS (fields); i++) {
		g_autofree char *quoted = craton_options_quote (fields[i]);

		g_print ("\"%s\":%s,", names[i], quoted);
	}
	g_print ("\"changes\":%" G_GUINT64_FORMAT "}", sight->token.changes);
}

int
craton_admin_tokens (int argc, char **argv)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
		{ NULL },
	};
	g_autoptr (CratonConfig) config = NULL;
	int status = CRATON_ADMIN_GOOD;

	if (!craton_options_parse (entries, NULL, _ ("Lists the tokens of craton.conf, one a line: name, label, serial number, folder and state."),
	                           0, &argc, &argv))
		return CRATON_ADMIN_USAGE;
	config = craton_config_load (SYSCONFDIR, NULL);
	if (json)
		g_print ("[");
	for (guint i = 0; i < config->tokens->len; i++) {
		const CratonTokenConfig *token = &g_array_index (config->tokens, CratonTokenConfig, i);
		Sight sight = look (token);

		print_one (token, json, i == 0, &sight);
		if (g_str_equal (sight.state, "damaged"))
			status = CRATON_ADMIN_BAD;
	}
	if (json)
		g_print ("]\n");
	return status;
}
