/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See audit-lines.h. The lines were verified before, so their fields are where docs/audit.md says.
 */
#include "config.h"

#include "audit-lines.h"

#include <string.h>

/* The text of a field, or NULL. */
static char *
field_of (const char *line, const char *name)
{
	g_autofree char *begin = g_strdup_printf (",\"%s\":\"", name);
	const char *at = strstr (line, begin);
	const char *end;

	if (at == NULL)
		return NULL;
	at += strlen (begin);
	end = strchr (at, '"');
	return end != NULL ? g_strndup (at, (gsize) (end - at)) : NULL;
}

static void
count_line (GHashTable *lines, const char *line)
{
	g_autofree char *function = field_of (line, "function");
	g_autofree char *label = field_of (line, "label");
	g_autofree char *result = field_of (line, "result");
	char *key;
	guint n;

	if (function == NULL || label == NULL || g_strcmp0 (result, "CKR_OK") != 0)
		return;
	key = g_strdup_printf ("%s %s", function, label);
	n = GPOINTER_TO_UINT (g_hash_table_lookup (lines, key));
	(void) g_hash_table_replace (lines, key, GUINT_TO_POINTER (n + 1));
}

GHashTable *
audit_lines_count (const char *folder)
{
	GHashTable *lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr (GPtrArray) files = craton_audit_verify_list (folder);

	for (guint i = 0; i < files->len; i++) {
		g_autofree char *text = NULL;
		g_auto (GStrv) split = NULL;

		if (!g_file_get_contents (files->pdata[i], &text, NULL, NULL))
			continue;
		split = g_strsplit (text, "\n", -1);
		for (gsize line = 0; split[line] != NULL; line++)
			count_line (lines, split[line]);
	}
	return lines;
}

guint
audit_lines_of (GHashTable *lines, const char *function, const char *label)
{
	g_autofree char *key = g_strdup_printf ("%s %s", function, label);

	return GPOINTER_TO_UINT (g_hash_table_lookup (lines, key));
}
