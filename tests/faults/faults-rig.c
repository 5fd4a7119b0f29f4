/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See faults-rig.h. From meson: CRATON_MODULE, CRATON_BACKEND, CRATON_FAULT, CRATON_BUILD.
 */
#include "config.h"

#include "faults-rig.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"

FaultControl *fault_control;
CK_SLOT_ID target_slot = SLOT_FAULT, other_slot = SLOT_SOFT;

static const char *
in_scratch (const char *name)
{
	static char path[PATH_MAX];

	(void) snprintf (path, sizeof path, "%s/%s", rig.scratch, name);
	return path;
}

static void
map_control (void)
{
	int fd = open (in_scratch ("control"), O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	check (fd >= 0 && ftruncate (fd, sizeof *fault_control) == 0);
	fault_control = mmap (NULL, sizeof *fault_control, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	check (fault_control != MAP_FAILED);
	(void) close (fd);
}

void
rig_make (void)
{
	check (getenv ("CRATON_MODULE") != NULL && getenv ("CRATON_BACKEND") != NULL &&
	       getenv ("CRATON_FAULT") != NULL);
	(void) strcpy (rig.scratch, "/tmp/craton-faults.XXXXXX");
	check (mkdtemp (rig.scratch) != NULL);
	(void) snprintf (rig.module, sizeof rig.module, "%s", getenv ("CRATON_MODULE"));
	check (mkdir (in_scratch ("data"), 0700) == 0);
	check (setenv ("HOME", rig.scratch, 1) == 0);
	check (setenv ("XDG_DATA_HOME", in_scratch ("data"), 1) == 0);
	check (setenv ("XDG_CONFIG_HOME", in_scratch (".config"), 1) == 0);
	check (setenv ("CRATON_CONFIG", in_scratch ("craton.conf"), 1) == 0);
	check (setenv ("LC_ALL", "C", 1) == 0);
	(void) unsetenv ("CRATON_DEBUG");
	check (prctl (PR_SET_CHILD_SUBREAPER, 1) == 0);
	rig.runner = getpid ();
	map_control ();
	rig_configure_usual (60, 60);
}

void
rig_configure (const char *text)
{
	static const struct {
		const char *mark, *variable;
	} marks[] = { { "@FAULT@", "CRATON_FAULT" }, { "@MODULE@", "CRATON_MODULE" } };
	char made[4 * PATH_MAX] = "";
	size_t len = 0;

	while (*text != '\0') {
		const char *value = NULL;
		size_t skip = 0;

		for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
			if (strncmp (text, marks[i].mark, strlen (marks[i].mark)) == 0) {
				value = getenv (marks[i].variable);
				skip = strlen (marks[i].mark);
			}
		}
		if (strncmp (text, "@SCRATCH@", 9) == 0) {
			value = rig.scratch;
			skip = 9;
		}
		if (value == NULL) {
			made[len++] = *text++;
			continue;
		}
		check (len + strlen (value) + 1 < sizeof made);
		len += (size_t) snprintf (made + len, sizeof made - len, "%s", value);
		text += skip;
	}
	made[len] = '\0';
	write_text (in_scratch ("craton.conf"), made);
}

void
rig_configure_usual (unsigned int token_s, unsigned int module_s)
{
	char text[PATH_MAX];

	(void) snprintf (text, sizeof text,
	                 "[token default]\ncall-timeout=%u\n[module fault]\npath=@FAULT@\n"
	                 "environment=FAULT_CONTROL=@SCRATCH@/control\nwrite-paths=@SCRATCH@\ncall-timeout=%u\n",
	                 token_s, module_s);
	rig_configure (text);
}

void
rig_start (void)
{
	CK_UTF8CHAR so_pin[] = "87654321", label[33] = "faults                          ";
	CK_SLOT_ID slots[8];
	CK_ULONG n_slots = 8;
	CK_TOKEN_INFO info;

	load_module ();
	initialize ();
	check_rv (p11->C_GetSlotList (CK_FALSE, slots, &n_slots), CKR_OK);
	check (n_slots >= 1);
	check_rv (p11->C_GetTokenInfo (SLOT_SOFT, &info), CKR_OK);
	if ((info.flags & CKF_TOKEN_INITIALIZED) == 0)
		check_rv (p11->C_InitToken (SLOT_SOFT, so_pin, sizeof so_pin - 1, label), CKR_OK);
}

void
set_fault (CratonCallId call, Fault fault)
{
	atomic_store (&fault_control->fault, FAULT_NONE);
	atomic_store (&fault_control->call, call);
	atomic_store (&fault_control->fault, fault);
}

unsigned int
times_entered (CratonCallId call)
{
	return atomic_load (&fault_control->entered[call]);
}

/* Processes */

/* Whether process @pid is a backend for @host, or the first one. What that one starts hosts with has its command line, and outlives it
 * for a moment. */
static bool
is_backend (pid_t pid, const char *host)
{
	char path[64], line[512];
	const char *name;

	(void) snprintf (path, sizeof path, "/proc/%d/comm", (int) pid);
	if (!read_text (path, line, sizeof line) || strcmp (line, "craton-spawner\n") == 0)
		return false;
	(void) snprintf (path, sizeof path, "/proc/%d/cmdline", (int) pid);
	if (!read_text (path, line, sizeof line) || line[0] == '\0')
		return false;
	/* The arguments end with zero bytes. */
	name = line + strlen (line) + 1;
	if (strcmp (name, "--host") != 0)
		return host == NULL;
	return host != NULL && strcmp (name + strlen (name) + 1, host) == 0;
}

pid_t
find_process (const char *host)
{
	pid_t pids[4 * N_BACKENDS_MAX];
	size_t n_first = list_backends (rig.runner, pids, N_BACKENDS_MAX), n = n_first;

	for (size_t i = 0; i < n_first; i++)
		n += list_backends (pids[i], pids + n, N_BACKENDS_MAX);
	/* The first backend is on the first level, and its hosts are behind it: on the first level there is also what these forked and
	 * left, and behind it for a moment what starts hosts, under its name. */
	for (size_t i = 0; i < n; i++) {
		size_t place = host == NULL ? i : n - 1 - i;

		if (is_backend (pids[place], host))
			return pids[place];
	}
	return 0;
}

pid_t
target_process (void)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	pid_t pid;

	/* A host whose parent has just died is for a moment nobody's child. */
	while ((pid = find_process (target_slot == SLOT_SOFT ? NULL : "fault")) == 0)
		check (now_ms () < deadline);
	return pid;
}

void
end_process (pid_t pid, int number)
{
	int pidfd = open_pidfd (pid);

	check (kill (pid, number) == 0);
	await_gone (pidfd, PATIENCE_MS);
}

/* Whether all threads are stopped. */
static bool
is_stopped (pid_t pid)
{
	char path[64];
	bool stopped = true;
	struct dirent *entry;
	DIR *folder;

	(void) snprintf (path, sizeof path, "/proc/%d/task", (int) pid);
	folder = opendir (path);
	check (folder != NULL);
	while ((entry = readdir (folder)) != NULL) {
		char name[PATH_MAX], text[512];
		const char *state;

		(void) snprintf (name, sizeof name, "%s/%s/stat", path, entry->d_name);
		if (entry->d_name[0] == '.' || !read_text (name, text, sizeof text))
			continue;
		state = strrchr (text, ')');
		stopped = stopped && state != NULL && state[2] == 'T';
	}
	(void) closedir (folder);
	return stopped;
}

void
stop_process (pid_t pid)
{
	int64_t deadline = now_ms () + PATIENCE_MS;

	check (kill (pid, SIGSTOP) == 0);
	while (!is_stopped (pid))
		check (now_ms () < deadline);
}

void
await_in_call (pid_t tid)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	char path[64], text[256];

	(void) snprintf (path, sizeof path, "/proc/self/task/%d/syscall", (int) tid);
	for (;;) {
		check (now_ms () < deadline);
		if (read_text (path, text, sizeof text) && atoi (text) == SYS_futex)
			return;
		(void) poll (NULL, 0, 1);
	}
}

/* Calls */

CK_SESSION_HANDLE
open_session (CK_SLOT_ID slot)
{
	CK_SESSION_HANDLE session = 0;

	check_rv (p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session), CKR_OK);
	return session;
}

CK_SESSION_HANDLE
open_worked (CK_SLOT_ID slot)
{
	CK_SESSION_HANDLE session = open_session (slot);

	for (int i = 0; i < WORK_CALLS; i++)
		check_rv (use_session (session), CKR_OK);
	return session;
}

CK_RV
use_session (CK_SESSION_HANDLE session)
{
	CK_SESSION_INFO info;

	return p11->C_GetSessionInfo (session, &info);
}

CK_RV
call_function (CratonCallId call, const CK_ULONG *args)
{
	CratonBinding binding;
	void (*function) (void);

	memcpy (&function, (const char *) p11 + craton_calls[call].offset, sizeof function);
	check (function != NULL && craton_bind_prepare (&binding, call));
	return craton_bind_call (&binding, function, args);
}

CK_SESSION_HANDLE
open_in_time (CK_SLOT_ID slot)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	CK_SESSION_HANDLE session;
	CK_RV rv;

	while ((rv = p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session)) != CKR_OK) {
		check (rv == CKR_DEVICE_ERROR || rv == CKR_DEVICE_REMOVED);
		check (now_ms () < deadline);
		(void) poll (NULL, 0, 20);
	}
	return session;
}

void
expect_events (CK_SLOT_ID slot)
{
	CK_SLOT_ID told = ~0ul;

	check_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &told, NULL), CKR_OK);
	check (told == slot);
	told = ~0ul;
	check_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &told, NULL), CKR_OK);
	check (told == slot);
	check_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &told, NULL), CKR_NO_EVENT);
}

/* Counting */

int
count_entries (const char *path)
{
	DIR *folder = opendir (path);
	int n = 0;

	check (folder != NULL);
	while (readdir (folder) != NULL)
		n++;
	(void) closedir (folder);
	return n;
}

int
count_descriptors (void)
{
	return count_entries ("/proc/self/fd");
}

int
count_descriptors_of (pid_t pid)
{
	char path[64];

	(void) snprintf (path, sizeof path, "/proc/%d/fd", (int) pid);
	return geteuid () == 0 ? count_entries (path) : 0;
}

int
count_maps (void)
{
	FILE *maps = fopen ("/proc/self/maps", "re");
	char line[PATH_MAX];
	int n = 0;

	check (maps != NULL);
	while (fgets (line, sizeof line, maps) != NULL)
		n += strstr (line, "craton-lane") != NULL;
	(void) fclose (maps);
	return n;
}

long
resident_kib (pid_t pid)
{
	char path[64], text[8192];
	const char *line;

	(void) snprintf (path, sizeof path, "/proc/%d/status", (int) pid);
	/* A process that has just died has none. */
	line = read_text (path, text, sizeof text) ? strstr (text, "VmRSS:") : NULL;
	return line != NULL ? atol (line + 6) : 0;
}

int64_t
now_us (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void
times_add (Times *times, int64_t us)
{
	if (times->n < sizeof times->us / sizeof times->us[0])
		times->us[times->n++] = us;
}

static int
compare (const void *a, const void *b)
{
	long x = *(const long *) a, y = *(const long *) b;

	return (x > y) - (x < y);
}

void
times_print (const char *what, Times *times)
{
	if (times->n == 0)
		return;
	qsort (times->us, times->n, sizeof times->us[0], compare);
	printf ("%s: n %zu, p50 %.1f ms, p99 %.1f ms, max %.1f ms\n", what, times->n, times->us[times->n / 2] / 1e3,
	        times->us[times->n * 99 / 100] / 1e3, times->us[times->n - 1] / 1e3);
}

void
write_result (const char *table, const char *row, const char *column, const char *result)
{
	char path[PATH_MAX];
	FILE *file;

	(void) snprintf (path, sizeof path, "%s/tests/faults/results", getenv ("CRATON_BUILD"));
	check (mkdir (path, 0755) == 0 || errno == EEXIST);
	(void) snprintf (path, sizeof path, "%s/tests/faults/results/%s.%s", getenv ("CRATON_BUILD"), table, column);
	file = fopen (path, "ae");
	check (file != NULL && fprintf (file, "%s\t%s\n", row, result) > 0 && fclose (file) == 0);
}
