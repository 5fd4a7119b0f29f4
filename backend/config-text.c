/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The text of craton.conf for config.c: see config-text.h. A file may be anybody's and of any length.
 */
#include "config.h"

#include "config-text.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FILE_MAX ((gsize) 1 << 20)

guint
craton_config_line (const char *text, const char *group, const char *key)
{
	g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
	gboolean inside = FALSE;
	guint found = 0;

	for (guint i = 0; lines[i] != NULL; i++) {
		char *line = g_strstrip (lines[i]);
		gsize len;

		if (*line == '[') {
			char *end = strrchr (line, ']');

			inside = end != NULL && (gsize) (end - line - 1) == strlen (group) &&
			         strncmp (line + 1, group, strlen (group)) == 0;
			if (inside && key == NULL && found == 0)
				found = i + 1;
			continue;
		}
		if (!inside || key == NULL || *line == '#')
			continue;
		len = strcspn (line, "=");
		while (len > 0 && g_ascii_isspace (line[len - 1]))
			len--;
		if (len == strlen (key) && strncmp (line, key, len) == 0)
			found = i + 1;
	}
	return found;
}

char *
craton_config_read (int fd, gsize *ret_len)
{
	g_autoptr (GString) text = g_string_new (NULL);
	char chunk[4096];
	gssize n;

	while ((n = read (fd, chunk, sizeof (chunk))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n > 0 && text->len + (gsize) n > FILE_MAX)
			errno = EFBIG;
		if (n < 0 || text->len + (gsize) n > FILE_MAX)
			return NULL;
		g_string_append_len (text, chunk, n);
	}
	*ret_len = text->len;
	return g_string_free (g_steal_pointer (&text), FALSE);
}

char *
craton_config_tidy (const char *name)
{
	g_auto (GStrv) words = g_strsplit_set (name, " \t", -1);
	g_autoptr (GString) tidy = g_string_new (NULL);

	for (char **word = words; *word != NULL; word++) {
		if (**word != '\0')
			g_string_append_printf (tidy, "%s%s", tidy->len > 0 ? " " : "", *word);
	}
	return g_strdup (tidy->str);
}
