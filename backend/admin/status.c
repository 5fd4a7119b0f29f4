/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton status: the token processes that are running, from the files that they keep while they live (presence.h) and from /proc. A file is
 * its user's, who may have put anything there: it is read once, into memory of a fixed size, and believed only about a
 * process of that user. Files of dead processes are removed. Root sees every user's.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "admin.h"
#include "log.h"
#include "options.h"
#include "presence.h"

/* A folder with more files than this is not one of ours. */
#define FILES_MAX 100000

typedef struct {
	CratonPresence record;
	uid_t uid;
	guint64 seconds;   /* since its start */
	guint64 memory_kb;
	gboolean is_pss;   /* else what is resident, with what it shares */
} Backend;

/* The line of a file in /proc that begins with @name, as a number. */
static gboolean
read_number (pid_t pid, const char *file, const char *name, guint64 *ret_number)
{
	g_autofree char *path = g_strdup_printf ("/proc/%d/%s", (int) pid, file);
	g_autofree char *wanted = g_strdup_printf ("\n%s:", name);
	g_autofree char *text = NULL;
	const char *line;

	if (!g_file_get_contents (path, &text, NULL, NULL))
		return FALSE;
	line = strstr (text, wanted);
	if (line == NULL)
		return FALSE;
	*ret_number = g_ascii_strtoull (line + strlen (wanted), NULL, 10);
	return TRUE;
}

static void
measure (Backend *backend)
{
	pid_t pid = (pid_t) backend->record.pid;
	guint64 ticks = (guint64) sysconf (_SC_CLK_TCK);
	struct timespec now = { 0 };

	(void) clock_gettime (CLOCK_BOOTTIME, &now);
	backend->seconds = (guint64) now.tv_sec - MIN ((guint64) now.tv_sec, backend->record.started / MAX (ticks, 1));
	/* Closed to debuggers, so that only root learns what it shares with whom. */
	backend->is_pss = read_number (pid, "smaps_rollup", "Pss", &backend->memory_kb);
	if (!backend->is_pss && !read_number (pid, "status", "VmRSS", &backend->memory_kb))
		backend->memory_kb = 0;
}

/* Bytes that are no UTF-8 would be no JSON. */
static void
clean (char *string, gsize size)
{
	string[size - 1] = '\0';
	for (const char *bad; !g_utf8_validate (string, -1, &bad);)
		string[bad - string] = '?';
}

/* The file @name in the folder @dir of user @owner; FALSE if it is not what it should be. */
static gboolean
read_record (int dir, const char *name, uid_t owner, CratonPresence *ret_record)
{
	int fd = openat (dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat info;
	gboolean good = fd >= 0 && fstat (fd, &info) == 0 && S_ISREG (info.st_mode) && info.st_uid == owner &&
	                pread (fd, ret_record, sizeof (*ret_record), 0) == (gssize) sizeof (*ret_record);

	if (fd >= 0)
		(void) close (fd);
	clean (ret_record->program, sizeof (ret_record->program));
	clean (ret_record->serves, sizeof (ret_record->serves));
	clean (ret_record->sandbox, sizeof (ret_record->sandbox));
	clean (ret_record->version, sizeof (ret_record->version));
	return good && ret_record->magic == CRATON_PRESENCE_MAGIC && ret_record->len == sizeof (*ret_record);
}

static void
take_file (GArray *backends, int dir, const char *name, uid_t owner)
{
	Backend backend = { .uid = owner };
	guint64 started, namespace, uid = G_MAXUINT64;
	pid_t pid;

	if (!craton_presence_parse (name, &pid, &started, &namespace) || namespace != craton_presence_namespace ())
		return;
	if (craton_presence_started (pid) != started) {
		(void) unlinkat (dir, name, 0);
		return;
	}
	if (!read_number (pid, "status", "Uid", &uid) || uid != owner ||
	    !read_record (dir, name, owner, &backend.record) || backend.record.pid != (guint32) pid ||
	    backend.record.started != started)
		return;
	measure (&backend);
	g_array_append_val (backends, backend);
}

/* A folder that is its owner's alone; root's look is not led elsewhere by a link. */
static void
take_folder (GArray *backends, const char *path)
{
	g_autoptr (GDir) folder = NULL;
	int dir = open (path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	g_autofree char *opened = g_strdup_printf ("/proc/self/fd/%d", dir);
	struct stat info;
	const char *name;
	guint n = 0;

	if (dir < 0)
		return;
	if (fstat (dir, &info) == 0 && (info.st_mode & 077) == 0 && (geteuid () == 0 || info.st_uid == geteuid ()))
		folder = g_dir_open (opened, 0, NULL);
	while (folder != NULL && n++ < FILES_MAX && (name = g_dir_read_name (folder)) != NULL)
		take_file (backends, dir, name, info.st_uid);
	(void) close (dir);
}

/* For root: @path/NAME@suffix for each name that begins with @prefix. */
static void
add_folders (GPtrArray *folders, const char *path, const char *prefix, const char *suffix)
{
	g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *folder = g_strconcat (path, "/", name, suffix, NULL);

		if (g_str_has_prefix (name, prefix) && !g_ptr_array_find_with_equal_func (folders, folder, g_str_equal, NULL))
			g_ptr_array_add (folders, g_steal_pointer (&folder));
	}
}

static gint
compare (gconstpointer a, gconstpointer b)
{
	const Backend *first = a, *second = b;

	if (first->record.client != second->record.client)
		return first->record.client < second->record.client ? -1 : 1;
	return first->record.pid < second->record.pid ? -1 : 1;
}

static GArray *
find_backends (void)
{
	g_auto (GStrv) own = craton_presence_folders (geteuid ());
	g_autoptr (GPtrArray) folders = g_ptr_array_new_with_free_func (g_free);
	GArray *backends = g_array_new (FALSE, FALSE, sizeof (Backend));

	for (char **folder = own; *folder != NULL; folder++) {
		if (!g_ptr_array_find_with_equal_func (folders, *folder, g_str_equal, NULL))
			g_ptr_array_add (folders, g_strdup (*folder));
	}
	if (geteuid () == 0) {
		add_folders (folders, "/run/user", "", "/craton");
		add_folders (folders, "/dev/shm", "craton-", "");
		add_folders (folders, "/tmp", "craton-", "");
	}
	for (guint i = 0; i < folders->len; i++)
		take_folder (backends, folders->pdata[i]);
	g_array_sort (backends, compare);
	return backends;
}

static char *
name_user (uid_t uid)
{
	const struct passwd *entry = getpwuid (uid);

	return entry != NULL ? g_strdup (entry->pw_name) : g_strdup_printf ("%u", (unsigned) uid);
}

static char *
name_time (guint64 seconds)
{
	if (seconds >= 86400)
		return g_strdup_printf ("%ud %02u:%02u", (guint) (seconds / 86400), (guint) (seconds / 3600 % 24),
		                        (guint) (seconds / 60 % 60));
	return g_strdup_printf ("%u:%02u:%02u", (guint) (seconds / 3600), (guint) (seconds / 60 % 60), (guint) (seconds % 60));
}

static void
print_table (const GArray *backends)
{
	gboolean resident = FALSE;

	if (backends->len > 0)
		g_print ("%7s %7s %-20s %-10s %-16s %11s %10s %8s %8s %11s  %s\n", _ ("PROCESS"), _ ("CLIENT"), _ ("PROGRAM"),
		         _ ("USER"), _ ("SERVES"), _ ("UPTIME"), _ ("CALLS"), _ ("SESSIONS"), _ ("RESTARTS"), _ ("MEMORY"),
		         _ ("SANDBOX"));
	for (guint i = 0; i < backends->len; i++) {
		const Backend *backend = &g_array_index (backends, Backend, i);
		const CratonPresence *record = &backend->record;
		g_autofree char *base = g_path_get_basename (record->program);
		g_autofree char *program = craton_log_one_line (base, -1);
		g_autofree char *serves = craton_log_one_line (record->serves, -1);
		g_autofree char *sandbox = craton_log_one_line (record->sandbox, -1);
		g_autofree char *user = name_user (backend->uid);
		g_autofree char *uptime = name_time (backend->seconds);

		resident |= !backend->is_pss;
		g_print ("%7u %7u %-20s %-10s %-16s %11s %10" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT " %8" G_GUINT64_FORMAT
		         " %6.1f MiB%s %s\n",
		         record->pid, record->client, program, user, serves, uptime, record->calls, record->sessions,
		         record->restarts, (double) backend->memory_kb / 1024, backend->is_pss ? " " : "*", sandbox);
	}
	g_print (g_dngettext (GETTEXT_PACKAGE, "%u token process\n", "%u token processes\n", backends->len), backends->len);
	if (resident)
		g_print (_ ("* with what it shares with other processes: only root sees its own part\n"));
}

static void
print_json (const GArray *backends)
{
	g_print ("[");
	for (guint i = 0; i < backends->len; i++) {
		const Backend *backend = &g_array_index (backends, Backend, i);
		const CratonPresence *record = &backend->record;
		g_autofree char *name = name_user (backend->uid);
		g_autofree char *program = craton_options_quote (record->program);
		g_autofree char *serves = craton_options_quote (record->serves);
		g_autofree char *sandbox = craton_options_quote (record->sandbox);
		g_autofree char *version = craton_options_quote (record->version);
		g_autofree char *user = craton_options_quote (name);

		g_print ("%s\n{\"pid\":%u,\"client\":%u,\"program\":%s,\"uid\":%u,\"user\":%s,\"serves\":%s,", i > 0 ? "," : "",
		         record->pid, record->client, program, (unsigned) backend->uid, user, serves);
		g_print ("\"uptime\":%" G_GUINT64_FORMAT ",\"calls\":%" G_GUINT64_FORMAT ",\"sessions\":%" G_GUINT64_FORMAT
		         ",\"restarts\":%" G_GUINT64_FORMAT ",",
		         backend->seconds, record->calls, record->sessions, record->restarts);
		g_print ("\"%s\":%" G_GUINT64_FORMAT ",\"sandbox\":%s,\"version\":%s}", backend->is_pss ? "pss_kib" : "rss_kib",
		         backend->memory_kb, sandbox, version);
	}
	g_print ("%s]\n", backends->len > 0 ? "\n" : "");
}

int
craton_admin_status (int argc, char **argv)
{
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
		{ NULL },
	};
	g_autoptr (GArray) backends = NULL;

	if (!craton_options_parse (entries, NULL, _ ("Lists the token processes that are running: yours, or as root everybody's."), 0,
	                           &argc, &argv))
		return CRATON_ADMIN_USAGE;
	backends = find_backends ();
	if (json)
		print_json (backends);
	else
		print_table (backends);
	return CRATON_ADMIN_GOOD;
}
