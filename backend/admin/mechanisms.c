/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton mechanisms: what the soft token has of the mechanisms of Craton HSM, SoftHSM, Kryoptic and NSS, as counts
 * and, for each that it has not, the reason. Reads no token and no configuration: all tokens have the same mechanisms.
 */
#include "config.h"

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "admin.h"
#include "options.h"
#include "peers.h"

static const char *const state_names[] = {
	[CRATON_PEERS_HAVE] = N_ ("have"),
	[CRATON_PEERS_LACK] = N_ ("lack"),
	[CRATON_PEERS_LEFT_OUT] = N_ ("left out"),
};

/* What is counted of the table. */
typedef struct {
	guint states[G_N_ELEMENTS (state_names)];
	guint off; /* of those that are there, the token does not offer */
} Counts;

static const char *
reason_of (const CratonPeersRow *row, const CratonTokenConfig *token)
{
	const char *reason = craton_peers_reason (row, token);

	return reason == NULL && craton_peers_state (row) == CRATON_PEERS_LACK ? N_ ("not there yet") : reason;
}

static Counts
count (const CratonTokenConfig *token)
{
	Counts counts = { 0 };
	const CratonPeersRow *row;

	for (gsize i = 0; (row = craton_peers_nth (i)) != NULL; i++) {
		CratonPeersState state = craton_peers_state (row);

		counts.states[state]++;
		counts.off += state == CRATON_PEERS_HAVE && reason_of (row, token) != NULL;
	}
	return counts;
}

static void
print_table (const CratonTokenConfig *token, gboolean all, const Counts *counts)
{
	const CratonPeersRow *row;

	for (gsize i = 0; (row = craton_peers_nth (i)) != NULL; i++) {
		const char *state = _ (state_names[craton_peers_state (row)]);
		const char *reason = reason_of (row, token);

		if (reason != NULL)
			g_print ("%-50s %-4s %s: %s\n", row->name, row->who, state, _ (reason));
		else if (all)
			g_print ("%-50s %-4s %s\n", row->name, row->who, state);
	}
	g_print (_ ("have %u (%u of them are off), lack %u, left out %u\n"),
	         counts->states[CRATON_PEERS_HAVE], counts->off, counts->states[CRATON_PEERS_LACK],
	         counts->states[CRATON_PEERS_LEFT_OUT]);
}

/* Names and reasons are ASCII without quotes. */
static void
print_json (const CratonTokenConfig *token, const Counts *counts)
{
	const CratonPeersRow *row;

	g_print ("{\"have\":%u,\"off\":%u,\"lack\":%u,\"left_out\":%u,\"mechanisms\":[\n",
	         counts->states[CRATON_PEERS_HAVE], counts->off, counts->states[CRATON_PEERS_LACK],
	         counts->states[CRATON_PEERS_LEFT_OUT]);
	for (gsize i = 0; (row = craton_peers_nth (i)) != NULL; i++) {
		const char *reason = reason_of (row, token);

		g_print ("%s{\"name\":\"%s\",\"who\":\"%s\",\"state\":\"%s\"", i > 0 ? ",\n" : "", row->name,
		         row->who, state_names[craton_peers_state (row)]);
		if (reason != NULL)
			g_print (",\"reason\":\"%s\"", reason);
		g_print ("}");
	}
	g_print ("\n]}\n");
}

int
craton_admin_mechanisms (int argc, char **argv)
{
	gboolean json = FALSE, all = FALSE;
	g_autofree char *name = NULL;
	const GOptionEntry entries[] = {
		{ "all", 'a', 0, G_OPTION_ARG_NONE, &all, N_ ("List also those that are there"), NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
		{ "token", 't', 0, G_OPTION_ARG_STRING, &name,
		  N_ ("As the token [token NAME] of craton.conf offers them"), N_ ("NAME") },
		{ NULL },
	};
	const CratonTokenConfig plain = { 0 }, *token = &plain;
	g_autoptr (CratonConfig) config = NULL;
	Counts counts;

	if (!craton_options_parse (entries, NULL,
	                           _ ("Counts the mechanisms of the soft token against those of other tokens: "
	                              "C Craton HSM, S SoftHSM, K Kryoptic, N NSS."),
	                           0, &argc, &argv))
		return CRATON_ADMIN_USAGE;
	if (name != NULL) {
		config = craton_config_load (SYSCONFDIR, NULL);
		token = craton_options_token (config, name);
		if (token == NULL)
			return CRATON_ADMIN_BAD;
	}
	counts = count (token);
	if (json)
		print_json (token, &counts);
	else
		print_table (token, all, &counts);
	return counts.states[CRATON_PEERS_LACK] == 0 ? CRATON_ADMIN_GOOD : CRATON_ADMIN_BAD;
}
