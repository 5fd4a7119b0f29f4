/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the subcommands have in common: options, and the tokens that they are asked about.
 */
#ifndef CRATON_OPTIONS_H
#define CRATON_OPTIONS_H

#include <glib.h>

#include "configuration.h"
#include "table.h"

/**
 * craton_options_parse:
 * @entries: the options; --help is there without being named
 * @arguments: (nullable): what the usage line shows behind the options, such as "FILE"
 * @summary: one sentence on what the subcommand does, translated
 * @n_arguments: how many arguments that are no options there may be at the most
 * @inout_argc, @inout_argv: a subcommand's; without the options afterwards
 *
 * Ends the process for --help.
 *
 * Returns: FALSE after it has printed what is wrong: end with CRATON_ADMIN_USAGE.
 */
gboolean craton_options_parse (const GOptionEntry *entries, const char *arguments, const char *summary,
                               int n_arguments, int *inout_argc, char ***inout_argv);

/* Whether there are at least so many arguments that are no options. Returns: as craton_options_parse(), after which it is called. */
gboolean craton_options_need (int argc, int n_arguments);

/**
 * craton_options_token:
 * @config: of craton_config_load()
 * @name: (nullable): as in [token NAME]; without one, the only token of @config
 *
 * Returns: (nullable): borrowed from @config; NULL after it has printed that there is no such token, or more than one.
 */
const CratonTokenConfig *craton_options_token (const CratonConfig *config, const char *name);

/**
 * craton_options_open:
 * @token: the process has no other from here on
 * @ret_slot: lives as long as the process
 *
 * Starts the soft token with @token alone and takes its lock, as a backend does.
 *
 * Returns: FALSE after it has printed what is in the way.
 */
gboolean craton_options_open (const CratonTokenConfig *token, CratonSlot **ret_slot);

/* Prints that @what could not be done, and why; the log's lines come before it. */
void craton_options_complain (const char *what, CK_RV rv);

/**
 * craton_options_record:
 * @label: the token's, CRATON_STORE_LABEL_LEN bytes
 * @event: what was done to it, a word
 * @note: with what, not translated; NULL: asks only whether there is room for a line
 *
 * Records in the token's audit log, if it has one, what a command does to all of it.
 *
 * Returns: FALSE after it has printed why it cannot: do not do it.
 */
gboolean craton_options_record (const CratonTokenConfig *token, const CK_UTF8CHAR *label, const char *event,
                                const char *note);

/* The text of a field that is filled up with blanks, such as a label. */
char *craton_options_trim (const CK_UTF8CHAR *field, gsize len);

/* @text as JSON, quotes included. */
char *craton_options_quote (const char *text);

/* A time as people and scripts read it: "2026-01-31 12:00:00 UTC". */
char *craton_options_time (gint64 seconds);

#endif /* CRATON_OPTIONS_H */
