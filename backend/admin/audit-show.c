/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton audit show: see audit-show.h. A line is a flat JSON object of strings and numbers, so a dozen lines of code read it;
 * whatever is none is shown as it is. Trusts no line.
 */
#include "config.h"

#include "audit-show.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "audit-state.h"
#include "audit-verify.h"

#define FOLLOW_MS 250

/* Also the control characters that are written in two bytes: U+009B begins what a terminal obeys. */
static void
append_harmless (GString *text, const char *bytes, gsize len)
{
	for (gsize i = 0; i < len; i++) {
		guchar byte = (guchar) bytes[i], before = i > 0 ? (guchar) bytes[i - 1] : 0;
		gboolean two = before == 0xc2 && byte >= 0x80 && byte < 0xa0;

		g_string_append_c (text, two || g_ascii_iscntrl (bytes[i]) ? '?' : bytes[i]);
	}
}

/* The value of @name in @line; NULL where it has none. Escapes other than of quotes and backslashes stay. */
static char *
get_field (const char *line, const char *name)
{
	g_autofree char *wanted = g_strdup_printf ("\"%s\":", name);
	const char *value = strstr (line, wanted);
	GString *text, *harmless;

	/* Within a string a quote has a backslash before it, so this is a name. */
	if (value == NULL || value == line || (value[-1] != ',' && value[-1] != '{'))
		return NULL;
	value += strlen (wanted);
	text = g_string_new (NULL);
	if (*value != '"') {
		append_harmless (text, value, strcspn (value, ",}"));
		return g_string_free (text, FALSE);
	}
	for (value++; *value != '\0' && *value != '"'; value++) {
		if (*value == '\\' && (value[1] == '"' || value[1] == '\\'))
			value++;
		g_string_append_c (text, *value);
	}
	harmless = g_string_sized_new (text->len);
	append_harmless (harmless, text->str, text->len);
	(void) g_string_free (text, TRUE);
	return g_string_free (harmless, FALSE);
}

static gboolean
is_wanted (const CratonAuditFilter *filter, const char *line)
{
	g_autofree char *when = get_field (line, "time");
	g_autofree char *function = get_field (line, "function");
	g_autofree char *result = get_field (line, "result");

	if (filter->since != NULL && (when == NULL || strcmp (when, filter->since) < 0))
		return FALSE;
	if (filter->function != NULL && g_strcmp0 (function, filter->function) != 0)
		return FALSE;
	return !filter->failed || (result != NULL && !g_str_equal (result, "CKR_OK"));
}

/* What a line says about an object: its label, or else its CKA_ID. */
static char *
get_object (const char *line, const char *prefix)
{
	g_autofree char *label_name = g_strconcat (prefix, "label", NULL);
	g_autofree char *id_name = g_strconcat (prefix, "id", NULL);
	g_autofree char *label = get_field (line, label_name);
	g_autofree char *id = get_field (line, id_name);

	if (label != NULL && *label != '\0')
		return g_strdup_printf (" \"%s\"", label);
	return id != NULL && *id != '\0' ? g_strdup_printf (" id=%s", id) : g_strdup ("");
}

char *
craton_audit_show_line (const CratonAuditFilter *filter, const char *line)
{
	static const char *const parts[] = { "user", "mechanism", "note" };
	g_autofree char *when = get_field (line, "time");
	g_autofree char *pid = get_field (line, "pid");
	g_autofree char *program = get_field (line, "program");
	g_autofree char *what = get_field (line, "function");
	g_autofree char *result = get_field (line, "result");
	g_autofree char *key = get_object (line, "");
	g_autofree char *with = get_object (line, "with_");
	g_autofree char *base = program != NULL ? g_path_get_basename (program) : NULL;
	GString *text;

	if (!is_wanted (filter, line))
		return NULL;
	if (filter->json)
		return g_strdup (line);
	if (what == NULL)
		what = get_field (line, "event");
	text = g_string_new (NULL);
	g_string_append_printf (text, "%-27s %7s %-16s %-22s %-20s", when != NULL ? when : "-",
	                        pid != NULL ? pid : "-", base != NULL ? base : "-", what != NULL ? what : "?",
	                        result != NULL ? result : "-");
	for (gsize i = 0; i < G_N_ELEMENTS (parts); i++) {
		g_autofree char *value = get_field (line, parts[i]);

		if (value != NULL)
			g_string_append_printf (text, " %s", value);
	}
	g_string_append_printf (text, "%s%s%s", key, *with != '\0' ? " with" : "", with);
	return g_string_free (text, FALSE);
}

/* Prints what is left of @file; it may end within a line, which is then read again. */
static void
print_rest (const CratonAuditFilter *filter, FILE *file)
{
	char *line = NULL;
	size_t size = 0;
	off_t begin = ftello (file);
	gssize n;

	while ((n = getline (&line, &size, file)) > 0 && line[n - 1] == '\n') {
		g_autofree char *text = NULL;

		line[n - 1] = '\0';
		begin += n;
		text = craton_audit_show_line (filter, line);
		if (text != NULL)
			g_print ("%s\n", text);
	}
	clearerr (file);
	(void) fseeko (file, begin, SEEK_SET);
	free (line);
	(void) fflush (stdout);
}

static gboolean
is_same (FILE *file, const char *path)
{
	struct stat opened, named;

	return fstat (fileno (file), &opened) == 0 && stat (path, &named) == 0 && opened.st_ino == named.st_ino &&
	       opened.st_dev == named.st_dev;
}

/* The file behind @file by its name now, as files get another one when they end; NULL for the last. If it was taken away, the last. */
static char *
find_next (FILE *file, const char *folder)
{
	/* Twice, as it may have got its other name between the list and the look. */
	for (int i = 0; i < 2; i++) {
		g_autoptr (GPtrArray) files = craton_audit_verify_list (folder);

		if (is_same (file, files->pdata[files->len - 1]))
			return NULL;
		for (guint at = files->len - 1; at-- > 0;)
			if (is_same (file, files->pdata[at]))
				return g_strdup (files->pdata[at + 1]);
	}
	return g_build_filename (folder, CRATON_AUDIT_LOG_NAME, NULL);
}

/* The file behind @file, or NULL as long as there is none. */
static FILE *
open_next (FILE *file, const char *folder)
{
	for (;;) {
		g_autofree char *path = find_next (file, folder);
		g_autofree char *again = NULL;
		FILE *next = path != NULL ? fopen (path, "re") : NULL;

		if (next == NULL)
			return NULL;
		/* It may have ended in between, and others behind it: then the name is that of a later one. */
		again = find_next (file, folder);
		if (again != NULL && is_same (next, again))
			return next;
		(void) fclose (next);
	}
}

static FILE *
follow_on (const CratonAuditFilter *filter, FILE *file, const char *folder)
{
	FILE *next;

	g_usleep (FOLLOW_MS * 1000);
	print_rest (filter, file);
	while ((next = open_next (file, folder)) != NULL) {
		/* What came between the last look and the end of the file. */
		print_rest (filter, file);
		(void) fclose (file);
		file = next;
		print_rest (filter, file);
	}
	return file;
}

gboolean
craton_audit_show_folder (const CratonAuditFilter *filter, const char *folder)
{
	g_autoptr (GPtrArray) files = craton_audit_verify_list (folder);
	FILE *file = NULL;

	if (!filter->json)
		g_print ("%-27s %7s %-16s %-22s %-20s %s\n", _ ("TIME"), _ ("PID"), _ ("PROGRAM"), _ ("FUNCTION"),
		         _ ("RESULT"), _ ("ABOUT"));
	for (guint i = 0; i < files->len; i++) {
		if (file != NULL)
			(void) fclose (file);
		file = fopen (files->pdata[i], "re");
		if (file == NULL) {
			g_printerr (_ ("%s: %s: %s\n"), g_get_prgname (), (const char *) files->pdata[i],
			            g_strerror (errno));
			return FALSE;
		}
		print_rest (filter, file);
	}
	while (filter->follow)
		file = follow_on (filter, file, folder);
	(void) fclose (file);
	return TRUE;
}
