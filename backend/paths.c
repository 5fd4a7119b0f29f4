/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the user's files are: see paths.h. Trusts the environment as far as secure_getenv() does. Called by config.c.
 */
#include "config.h"

#include "paths.h"

#include <pwd.h>
#include <stdlib.h>
#include <unistd.h>

#include <glib.h>

char *
craton_paths_home (const char *variable, const char *fallback)
{
	const char *value = variable != NULL ? secure_getenv (variable) : NULL;
	const char *home = secure_getenv ("HOME");
	char buffer[4096];
	struct passwd entry, *found = NULL;

	if (value != NULL && *value == '/')
		return g_strdup (value);
	if (home == NULL || *home != '/') {
		if (getpwuid_r (geteuid (), &entry, buffer, sizeof (buffer), &found) != 0 ||
		    found == NULL || found->pw_dir == NULL || *found->pw_dir != '/')
			return NULL;
		home = found->pw_dir;
	}
	return fallback != NULL ? g_build_filename (home, fallback, NULL) : g_strdup (home);
}

char *
craton_paths_expand (const char *path)
{
	g_autofree char *home = NULL;

	if (*path == '/')
		return g_strdup (path);
	if (!g_str_has_prefix (path, "~/"))
		return NULL;
	home = craton_paths_home (NULL, NULL);
	return home != NULL ? g_build_filename (home, path + 2, NULL) : NULL;
}
