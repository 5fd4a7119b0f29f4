/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend's file for "craton status": see presence.h. Trusts the folder only if it is the user's own and closed to others, as others may
 * write to the folder around it. Called by main.c, serve.c and dispatch.c, and by the command for what both must agree on.
 */
#include "config.h"

#include "presence.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Sessions that are counted. */
#define SESSIONS_MAX 65536

/* Files that are looked at for leftovers at a start: some 0.3 us each. */
#define SWEEP_MAX 512

static CratonPresence nowhere;
CratonPresence *craton_presence = &nowhere;

static char *own_path;
static gint closed;

/* Session to slot, for C_CloseAllSessions; sessions are opened rarely enough for a lock. */
static GMutex lock;
static GHashTable *sessions;

char **
craton_presence_folders (uid_t uid)
{
	const char *runtime = secure_getenv ("XDG_RUNTIME_DIR");
	GPtrArray *folders = g_ptr_array_new ();

	if (runtime != NULL && *runtime == '/')
		g_ptr_array_add (folders, g_build_filename (runtime, "craton", NULL));
	if (uid == 0)
		g_ptr_array_add (folders, g_strdup ("/run/craton"));
	g_ptr_array_add (folders, g_strdup_printf ("/run/user/%u/craton", (unsigned) uid));
	/* Services with a /tmp of their own share this one with the machine. */
	g_ptr_array_add (folders, g_strdup_printf ("/dev/shm/craton-%u", (unsigned) uid));
	g_ptr_array_add (folders, g_strdup_printf ("/tmp/craton-%u", (unsigned) uid));
	g_ptr_array_add (folders, NULL);
	return (char **) g_ptr_array_free (folders, FALSE);
}

static gboolean
is_own (const struct stat *info)
{
	return S_ISDIR (info->st_mode) && info->st_uid == geteuid ();
}

/* Whether nobody but the user and root can put another file or folder in @path's place. */
static gboolean
is_safe (const char *path, gboolean make)
{
	g_autofree char *around = g_path_get_dirname (path);
	struct stat info;

	if (stat (around, &info) != 0 || !(is_own (&info) || (S_ISDIR (info.st_mode) && info.st_uid == 0)) ||
	    ((info.st_mode & 022) != 0 && (info.st_mode & S_ISVTX) == 0) || access (around, W_OK | X_OK) != 0)
		return FALSE;
	if (make && mkdir (path, 0700) != 0 && errno != EEXIST)
		return FALSE;
	if (lstat (path, &info) != 0)
		return !make && errno == ENOENT;
	return is_own (&info) && (info.st_mode & 077) == 0;
}

char *
craton_presence_folder (gboolean make)
{
	g_auto (GStrv) folders = craton_presence_folders (geteuid ());

	for (char **folder = folders; *folder != NULL; folder++) {
		if (is_safe (*folder, make))
			return g_strdup (*folder);
	}
	return NULL;
}

guint64
craton_presence_started (pid_t pid)
{
	g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) pid);
	g_autofree char *text = NULL;
	g_auto (GStrv) fields = NULL;
	const char *rest;

	if (!g_file_get_contents (path, &text, NULL, NULL))
		return 0;
	/* The program's name, in parentheses, can hold anything; the state is the third field, the start the 22nd. */
	rest = strrchr (text, ')');
	if (rest == NULL)
		return 0;
	fields = g_strsplit (rest + 1, " ", 22);
	if (g_strv_length (fields) < 21 || *fields[1] == 'Z' || *fields[1] == 'X')
		return 0;
	return g_ascii_strtoull (fields[20], NULL, 10);
}

guint64
craton_presence_namespace (void)
{
	struct stat info;

	return stat ("/proc/self/ns/pid", &info) == 0 ? info.st_ino : 0;
}

gboolean
craton_presence_parse (const char *name, pid_t *ret_pid, guint64 *ret_started, guint64 *ret_namespace)
{
	int pid, end = 0;

	if (sscanf (name, "%d-%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT "%n", &pid, ret_started, ret_namespace, &end) != 3 ||
	    name[end] != '\0' || pid <= 0)
		return FALSE;
	*ret_pid = pid;
	return TRUE;
}

/* A program that crashes again and again leaves a file each time. */
static void
sweep (const char *folder, guint64 namespace)
{
	DIR *dir = opendir (folder);
	struct dirent *entry;
	guint64 started, of;
	pid_t pid;

	for (int n = 0; dir != NULL && n < SWEEP_MAX && (entry = readdir (dir)) != NULL; n++) {
		if (craton_presence_parse (entry->d_name, &pid, &started, &of) && of == namespace &&
		    kill (pid, 0) != 0 && errno == ESRCH)
			(void) unlinkat (dirfd (dir), entry->d_name, 0);
	}
	if (dir != NULL)
		(void) closedir (dir);
}

/* The memory is taken at once: a full disk later would be a SIGBUS. */
static CratonPresence *
map_file (const char *path)
{
	int fd = open (path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	void *memory = MAP_FAILED;

	if (fd < 0)
		return NULL;
	if (posix_fallocate (fd, 0, sizeof (CratonPresence)) == 0)
		memory = mmap (NULL, sizeof (CratonPresence), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	(void) close (fd);
	if (memory != MAP_FAILED)
		return memory;
	(void) unlink (path);
	return NULL;
}

void
craton_presence_open (const char *folder, const CratonClient *client, const char *serves, const char *sandbox)
{
	guint64 namespace = craton_presence_namespace (), started = craton_presence_started (getpid ());
	CratonPresence *self;

	if (folder == NULL)
		return;
	sweep (folder, namespace);
	own_path = g_strdup_printf ("%s/%d-%" G_GUINT64_FORMAT "-%" G_GUINT64_FORMAT, folder, (int) getpid (), started, namespace);
	self = map_file (own_path);
	if (self == NULL) {
		g_debug ("status: %s: %s", own_path, g_strerror (errno));
		g_clear_pointer (&own_path, g_free);
		return;
	}
	self->len = sizeof (*self);
	self->pid = (guint32) getpid ();
	self->client = (guint32) client->pid;
	self->client_uid = (guint32) client->uid;
	self->started = started;
	self->namespace = namespace;
	(void) g_strlcpy (self->program, client->program, sizeof (self->program));
	(void) g_strlcpy (self->serves, serves, sizeof (self->serves));
	(void) g_strlcpy (self->sandbox, sandbox, sizeof (self->sandbox));
	(void) g_strlcpy (self->version, PACKAGE_VERSION, sizeof (self->version));
	atomic_thread_fence (memory_order_release);
	self->magic = CRATON_PRESENCE_MAGIC;
	craton_presence = self;
}

void
craton_presence_close (void)
{
	if (own_path != NULL && g_atomic_int_compare_and_exchange (&closed, FALSE, TRUE))
		(void) unlink (own_path);
}

static gboolean
is_in_slot (gpointer session, gpointer slot, gpointer wanted)
{
	return *(const guint64 *) slot == *(const guint64 *) wanted;
}

static guint64 *
copy (guint64 number)
{
	guint64 *place = g_new (guint64, 1);

	*place = number;
	return place;
}

void
craton_presence_note (CratonCallId call, const CK_ULONG *args, CK_RV rv)
{
	guint64 first = args[0];

	if (rv != CKR_OK ||
	    (call != CRATON_C_OpenSession && call != CRATON_C_CloseSession && call != CRATON_C_CloseAllSessions))
		return;
	g_mutex_lock (&lock);
	if (sessions == NULL)
		sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
	if (call == CRATON_C_OpenSession && args[4] != 0 && g_hash_table_size (sessions) < SESSIONS_MAX)
		(void) g_hash_table_replace (sessions, copy (*(const CK_ULONG *) (uintptr_t) args[4]), copy (first));
	else if (call == CRATON_C_CloseSession)
		(void) g_hash_table_remove (sessions, &first);
	else if (call == CRATON_C_CloseAllSessions)
		(void) g_hash_table_foreach_remove (sessions, is_in_slot, &first);
	atomic_store_explicit (&craton_presence->sessions, g_hash_table_size (sessions), memory_order_relaxed);
	g_mutex_unlock (&lock);
}
