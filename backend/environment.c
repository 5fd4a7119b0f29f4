/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Variables name files that libraries read and code that they load; those that came with the application are not for the process
 * that holds its keys. In every build, with a sandbox or without. Called by main.c.
 */
#include "config.h"

#include "environment.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

static const char *const listed[] = {
#define CALL(name, who)
#define GONE(name, who)
#define WHEN(name, who, argument, test, mask, value)
#define READ(path, who)
#define WRITE(path, who)
#define LIMIT(resource, who, value)
#define VARIABLE(name) name,
#include "sandbox.def"
};

static gboolean
is_listed (const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS (listed); i++) {
		gsize len = strlen (listed[i]);

		if (listed[i][len - 1] == '*' ? strncmp (name, listed[i], len - 1) == 0
		                              : strcmp (name, listed[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

void
craton_environment_reduce (void)
{
	g_auto (GStrv) names = g_listenv ();

	for (char **name = names; *name != NULL; name++) {
		if (!is_listed (*name))
			g_unsetenv (*name);
	}
}
