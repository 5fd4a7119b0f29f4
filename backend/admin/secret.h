/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PINs and passphrases of the subcommands: asked on the terminal without echo, or read from a file or descriptor. Never from the
 * command line or the environment, which others can see.
 */
#ifndef CRATON_SECRET_H
#define CRATON_SECRET_H

#include <glib.h>

#define CRATON_SECRET_LEN_MAX 1023

typedef struct {
	gsize len;
	char text[CRATON_SECRET_LEN_MAX + 1]; /* ends with a zero that does not count */
} CratonSecret;

/* Wipes. */
void craton_secret_clear (CratonSecret *secret);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CratonSecret, craton_secret_clear)

/* Where one secret comes from, as the options --NAME-file and --NAME-fd say. */
typedef struct {
	char *file; /* NULL: not given */
	int fd;     /* -1: not given */
} CratonSecretSource;

/* The initial value, and the two options of a source. */
#define CRATON_SECRET_SOURCE { NULL, -1 }
#define CRATON_SECRET_OPTIONS(name, source, what)                                                  \
	{ name "-file", 0, 0, G_OPTION_ARG_FILENAME, &(source).file, what, N_ ("FILE") },          \
	{                                                                                          \
		name "-fd", 0, 0, G_OPTION_ARG_INT, &(source).fd, N_ ("The same, from an open descriptor"), \
			N_ ("NUMBER")                                                              \
	}

/**
 * craton_secret_get:
 * @source: says where from; if it says nothing the terminal is asked
 * @prompt: what to ask for, translated, without a colon
 * @twice: ask again and compare, on a terminal: for what is being set
 * @ret_secret: the first line without its end; clear it
 *
 * Returns: FALSE after it has printed why there is none: no terminal, an empty or too long line, two that differ.
 */
gboolean craton_secret_get (const CratonSecretSource *source, const char *prompt, gboolean twice,
                            CratonSecret *ret_secret);

#endif /* CRATON_SECRET_H */
