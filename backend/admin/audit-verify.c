/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton audit verify: see audit-verify.h. Walks the lines once and keeps what must come next: the sequence number, the hash of the
 * line before, and the key, which it makes from the verification key as the writers made theirs. Trusts nothing that it reads; a
 * log may be any bytes.
 */
#include "config.h"

#include "audit-verify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>

#include "audit-log.h"
#include "audit-state.h"

/* What is said at the most; where so much is wrong no more need be known. */
#define FINDINGS_MAX 20

/* How far a line's number is believed for making its key. */
#define SKIP_MAX 50000000

/* In place of a sequence number: files without their folder can begin with any. */
#define ANYWHERE G_MAXUINT64

typedef struct {
	guint64 seq;
	guint8 key[CRATON_AUDIT_KEY_LEN];
} Key;

typedef struct {
	CratonAuditChain chain;
	GString *report;
	guint n_findings;

	const char *file;
	guint line;
	guint64 n_lines;
	guint n_files;

	guint64 next;                       /* sequence number that has to come */
	gboolean know_hash;                 /* of the line before */
	guint8 hash[CRATON_AUDIT_HASH_LEN];

	GArray *keys; /* of Key, by seq */
	Key at;       /* the key of the line at.seq */
	gboolean know_key;
} Check;

G_GNUC_PRINTF (2, 3)
static void
note (Check *check, const char *format, ...)
{
	va_list args;

	va_start (args, format);
	g_string_append_vprintf (check->report, format, args);
	va_end (args);
	g_string_append_c (check->report, '\n');
}

/* Something that should not be, with the line. */
static void
find (Check *check, const char *what)
{
	if (check->n_findings++ < FINDINGS_MAX)
		note (check, "%s:%u: %s", check->file, check->line, what);
}

/* Makes the key of line @seq from what there is. */
static void
go_to_key (Check *check, guint64 seq)
{
	for (guint i = 0; i < check->keys->len; i++) {
		const Key *key = &g_array_index (check->keys, Key, i);

		if (key->seq <= seq && (!check->know_key || check->at.seq < key->seq)) {
			check->at = *key;
			check->know_key = TRUE;
		}
	}
	if (!check->know_key || seq < check->at.seq || seq - check->at.seq > SKIP_MAX)
		return;
	while (check->at.seq < seq && craton_audit_chain_next (&check->chain, check->at.key, check->at.key))
		check->at.seq++;
}

static void
check_seal (Check *check, const char *line, const CratonAuditFrame *frame)
{
	guint8 seal[CRATON_AUDIT_HASH_LEN];

	go_to_key (check, frame->seq);
	if (!check->know_key || check->at.seq != frame->seq)
		return;
	if (!craton_audit_chain_seal (&check->chain, check->at.key, line, frame->body_len, seal) ||
	    CRYPTO_memcmp (seal, frame->seal, sizeof seal) != 0)
		find (check, _ ("this line was changed, or written by somebody who had no key"));
}

static void
check_order (Check *check, const CratonAuditFrame *frame)
{
	g_autofree char *text = NULL;

	if (check->next == ANYWHERE)
		check->next = frame->seq;
	if (frame->seq > check->next) {
		text = g_strdup_printf (_ ("lines number %llu to %llu are missing before this one"),
		                        (unsigned long long) check->next, (unsigned long long) frame->seq - 1);
		find (check, text);
	} else if (frame->seq < check->next) {
		find (check, _ ("this line is not in its place, or is there a second time"));
	}
	if (frame->seq == check->next && check->know_hash && frame->seq > 0 &&
	    memcmp (frame->prev, check->hash, sizeof check->hash) != 0)
		find (check, _ ("this line does not go on from the one before, which was changed or replaced"));
	check->next = MAX (check->next, frame->seq + 1);
}

static void
check_line (Check *check, const char *line, gsize len)
{
	const char begun[] = "\"event\":\"chain begun\"";
	guint before = check->n_findings;
	CratonAuditFrame frame;

	check->line++;
	check->n_lines++;
	if (!craton_audit_chain_parse (line, len, &frame)) {
		find (check, _ ("this is no line of an audit log"));
		check->know_hash = FALSE;
		if (check->next != ANYWHERE)
			check->next++;
		return;
	}
	check_order (check, &frame);
	check_seal (check, line, &frame);
	if (frame.seq > 0 && g_strstr_len (line, (gssize) frame.body_len, begun) != NULL)
		find (check, _ ("the chain was begun anew here: its state was lost or removed"));
	/* A changed line is told once, and not again by the one behind it. */
	check->know_hash = craton_audit_chain_hash (&check->chain, line, len, check->hash) &&
	                   check->n_findings == before;
}

/* Closes @file, NULL if it could not be opened. Returns how many bytes there are behind the last whole line. */
static gsize
check_file (Check *check, const char *path, FILE *file, gssize max)
{
	char *line = NULL;
	size_t size = 0;
	gssize n, total = 0, rest = 0;

	check->file = path;
	check->line = 0;
	if (file == NULL) {
		find (check, _ ("the file is missing or cannot be read"));
		return 0;
	}
	check->n_files++;
	while (rest == 0 && (max < 0 || total < max) && (n = getline (&line, &size, file)) > 0) {
		total += n;
		if (line[n - 1] == '\n')
			check_line (check, line, (gsize) n - 1);
		else
			rest = n;
	}
	free (line);
	(void) fclose (file);
	return (gsize) rest;
}

/* What the state says must be the end. */
static void
check_end (Check *check, const CratonAuditPlace *place, gboolean busy, gsize rest)
{
	g_autofree char *text = NULL;

	if (place == NULL) {
		find (check, _ ("the state of the log, audit.state, is missing or damaged: lines may be missing "
		                "at the end"));
		return;
	}
	if (place->seq > check->next) {
		text = g_strdup_printf (_ ("lines number %llu to %llu are missing at the end"),
		                        (unsigned long long) check->next, (unsigned long long) place->seq - 1);
		find (check, text);
	} else if (place->seq < check->next && busy) {
		note (check, _ ("the last writer died: the next one takes its line over"));
	} else if (place->seq < check->next) {
		find (check, _ ("the state of the log, audit.state, is older than the log"));
	} else if (check->know_hash && memcmp (place->hash, check->hash, sizeof check->hash) != 0) {
		find (check, _ ("this is not the line that was written last"));
	}
	go_to_key (check, place->seq);
	if (check->know_key && check->at.seq == place->seq &&
	    CRYPTO_memcmp (check->at.key, place->key, sizeof place->key) != 0)
		find (check, _ ("the state of the log, audit.state, was replaced: it has not the key that comes next"));
	if (rest > 0 && busy)
		note (check, _ ("the last writer died within a line: the next one removes it"));
	else if (rest > 0)
		find (check, _ ("there is a piece of a line at the end"));
}

static gint
compare_keys (gconstpointer a, gconstpointer b)
{
	guint64 first = ((const Key *) a)->seq, second = ((const Key *) b)->seq;

	return first < second ? -1 : first > second;
}

static gboolean
add_key (Check *check, const char *text)
{
	Key key;
	char *end;

	key.seq = g_ascii_strtoull (text, &end, 10);
	if (end == text || *end != '-' || strlen (end + 1) != 2 * CRATON_AUDIT_KEY_LEN ||
	    !craton_audit_chain_from_hex (end + 1, CRATON_AUDIT_KEY_LEN, key.key))
		return FALSE;
	g_array_append_val (check->keys, key);
	OPENSSL_cleanse (&key, sizeof key);
	g_array_sort (check->keys, compare_keys);
	return TRUE;
}

/* The keys that were given, or that nobody has taken away yet. FALSE if one is none. */
static gboolean
take_keys (Check *check, const char *folder, const char *const *keys)
{
	g_autofree char *path = g_build_filename (folder != NULL ? folder : "", CRATON_AUDIT_VERIFY_NAME, NULL);
	g_autofree char *text = NULL;
	g_auto (GStrv) lines = NULL;

	for (gsize i = 0; keys != NULL && keys[i] != NULL; i++) {
		if (!add_key (check, keys[i])) {
			note (check, _ ("%s: this is no verification key"), keys[i]);
			return FALSE;
		}
	}
	if (folder == NULL || !g_file_get_contents (path, &text, NULL, NULL))
		return TRUE;
	note (check, _ ("%s: the verification key is still here: until it is taken away with \"craton audit key\", "
	                "whoever takes the machine can write the whole log anew"),
	      path);
	lines = g_strsplit (text, "\n", -1);
	OPENSSL_cleanse (text, strlen (text));
	for (gsize i = 0; keys == NULL && lines[i] != NULL; i++)
		if (*lines[i] != '\0')
			(void) add_key (check, lines[i]);
	return TRUE;
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
	return strcmp (*(const char *const *) a, *(const char *const *) b);
}

GPtrArray *
craton_audit_verify_list (const char *folder)
{
	g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
	GPtrArray *files = g_ptr_array_new_with_free_func (g_free);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		if (g_str_has_prefix (name, CRATON_AUDIT_LOG_NAME "."))
			g_ptr_array_add (files, g_build_filename (folder, name, NULL));
	}
	g_ptr_array_sort (files, compare_names);
	g_ptr_array_add (files, g_build_filename (folder, CRATON_AUDIT_LOG_NAME, NULL));
	return files;
}

/* The last writer died in a rotation: the whole log has its old file's name, and the new file is not there yet, or still the same. */
static gboolean
is_rotating (const char *folder, const CratonAuditPlace *place, const GPtrArray *files, FILE *const *opened)
{
	g_autofree char *old = craton_audit_log_old_name (folder, place->generation + 1);
	struct stat before, last;
	guint n = files->len;

	if (n < 2 || strcmp (files->pdata[n - 2], old) != 0 || opened[n - 2] == NULL)
		return FALSE;
	if (fstat (fileno (opened[n - 2]), &before) != 0 || (guint64) before.st_size != place->offset)
		return FALSE;
	if (opened[n - 1] == NULL)
		return !g_file_test (files->pdata[n - 1], G_FILE_TEST_EXISTS);
	return fstat (fileno (opened[n - 1]), &last) == 0 && last.st_dev == before.st_dev && last.st_ino == before.st_ino;
}

static void
check_folder (Check *check, const char *folder)
{
	g_autofree char *path = g_build_filename (folder, CRATON_AUDIT_STATE_NAME, NULL);
	CratonAuditState *state = craton_audit_state_open (path, FALSE);
	g_autoptr (GPtrArray) files = NULL;
	g_autofree FILE **opened = NULL;
	const CratonAuditPlace *found = NULL;
	CratonAuditPlace place;
	gboolean busy = FALSE;
	gssize max = -1;
	gsize rest = 0;
	struct stat info;

	/* The log may grow meanwhile: what is there now is what is checked. Files that have ended do not change. */
	if (state != NULL && craton_audit_state_lock (state, FALSE)) {
		found = craton_audit_state_place (state);
		if (found != NULL)
			place = *found;
		busy = craton_audit_state_is_busy (state);
	}
	files = craton_audit_verify_list (folder);
	opened = g_new0 (FILE *, files->len);
	for (guint i = 0; i < files->len; i++)
		opened[i] = fopen (files->pdata[i], "re");
	if (found != NULL && is_rotating (folder, &place, files, opened)) {
		note (check, _ ("the last writer died as it began a new file: the next one goes on there"));
		if (opened[files->len - 1] != NULL)
			(void) fclose (opened[files->len - 1]);
		g_ptr_array_set_size (files, (gint) files->len - 1);
	}
	if (opened[files->len - 1] != NULL && fstat (fileno (opened[files->len - 1]), &info) == 0)
		max = info.st_size;
	if (state != NULL)
		craton_audit_state_unlock (state);
	for (guint i = 0; i < files->len; i++) {
		gboolean last = i == files->len - 1;

		rest = check_file (check, files->pdata[i], opened[i], last ? max : -1);
		if (rest > 0 && !last)
			find (check, _ ("there is a piece of a line at the end"));
	}
	check_end (check, found != NULL ? &place : NULL, busy, rest);
	OPENSSL_cleanse (&place, sizeof place);
	craton_audit_state_free (state);
}

static void
sum_up (Check *check, const char *folder)
{
	if (check->n_findings > FINDINGS_MAX)
		note (check, _ ("and %u more"), check->n_findings - FINDINGS_MAX);
	note (check, _ ("%llu lines in %u files, %u findings"), (unsigned long long) check->n_lines, check->n_files,
	      check->n_findings);
	if (!check->know_key)
		note (check, _ ("Without a verification key (--key) only the chain was checked: a log that was written "
		                "anew as a whole cannot be told from the true one"));
	if (folder == NULL)
		note (check, _ ("Whether there are lines behind these cannot be told from files alone"));
}

gboolean
craton_audit_verify_files (const char *folder, const char *const *files, const char *const *keys, GString *report)
{
	Check check = { .report = report, .know_hash = TRUE };
	gboolean good;

	check.keys = g_array_new (FALSE, FALSE, sizeof (Key));
	good = craton_audit_chain_init (&check.chain) && take_keys (&check, folder, keys);
	if (good && folder != NULL)
		check_folder (&check, folder);
	for (gsize i = 0; good && folder == NULL && files[i] != NULL; i++) {
		/* A file that is not the first can begin anywhere. */
		check.know_hash = i > 0 && check.know_hash;
		if (i == 0)
			check.next = ANYWHERE;
		if (check_file (&check, files[i], fopen (files[i], "re"), -1) > 0)
			find (&check, _ ("there is a piece of a line at the end"));
	}
	if (good)
		sum_up (&check, folder);
	craton_audit_chain_clear (&check.chain);
	OPENSSL_cleanse (&check.at, sizeof check.at);
	if (check.keys->len > 0)
		OPENSSL_cleanse (check.keys->data, check.keys->len * sizeof (Key));
	g_array_unref (check.keys);
	return good && check.n_findings == 0;
}
