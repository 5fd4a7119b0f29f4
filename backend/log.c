/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * GLib's log messages, as lines of the system log. Texts can hold what a configuration file, a dynamic linker or a peer
 * said, so they are made safe here, once for all. Called from any thread; set up by main.c.
 */
#include "config.h"

#include "log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <syslog.h>
#include <unistd.h>

#include <glib.h>

#define LINE_MAX_BYTES 1500

static gboolean log_to_stderr;

char *
craton_log_one_line (const char *message, gssize len)
{
	gsize length = len < 0 ? strlen (message) : (gsize) len;
	char *line = g_strndup (message, MIN (length, LINE_MAX_BYTES));

	for (char *c = line; *c != '\0'; c++) {
		if (g_ascii_iscntrl (*c))
			*c = ' ';
	}
	return line;
}

static int
priority (GLogLevelFlags level)
{
	if (level & G_LOG_LEVEL_ERROR)
		return LOG_CRIT;
	if (level & G_LOG_LEVEL_CRITICAL)
		return LOG_ERR;
	if (level & G_LOG_LEVEL_WARNING)
		return LOG_WARNING;
	if (level & G_LOG_LEVEL_MESSAGE)
		return LOG_NOTICE;
	return LOG_INFO;
}

static GLogWriterOutput
write_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	g_autofree char *line = NULL;

	for (gsize i = 0; i < n_fields && line == NULL; i++) {
		if (g_str_equal (fields[i].key, "MESSAGE"))
			line = craton_log_one_line (fields[i].value, fields[i].length);
	}
	if (line == NULL)
		return G_LOG_WRITER_UNHANDLED;
	if (!(level & G_LOG_LEVEL_DEBUG))
		syslog (priority (level), "%s", line);
	if (log_to_stderr)
		(void) dprintf (STDERR_FILENO, "craton-backend[%d]: %s\n", (int) getpid (), line);
	return G_LOG_WRITER_HANDLED;
}

void
craton_log_init (gboolean to_stderr)
{
	GLogLevelFlags fatal = G_LOG_FATAL_MASK;

	log_to_stderr = to_stderr;
	/* At once: the sandbox lets no socket be opened later. */
	openlog ("craton-backend", LOG_PID | LOG_NDELAY, LOG_USER);
	g_log_set_writer_func (write_line, NULL, NULL);
	/* The environment is the application's, and a developer's G_DEBUG=fatal-warnings is meant for the application. In the
	 * tests what GLib calls critical, a programming error, ends the process. */
	if (secure_getenv ("CRATON_STRICT") != NULL)
		fatal |= G_LOG_LEVEL_CRITICAL;
	(void) g_log_set_always_fatal (fatal);
}
