/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host for tests: a scratch folder with a configuration of its own, the real module, loaded as an
 * application loads it, and the backends that it started, told from all others by the name under
 * which they were started.
 */
#ifndef CRATON_GUEST_H
#define CRATON_GUEST_H

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <ftw.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bind.h"
#include "calls.h"

/* How long is waited for what must happen. Generous: only a failure takes it. */
#define GUEST_PATIENCE_MS 60000

static char guest_root[64];
static char guest_backend[96];
static void *guest_library;
static CK_FUNCTION_LIST_3_2 *guest_p11;

static inline const char *
guest_path (const char *name)
{
	static char path[PATH_MAX];

	(void) snprintf (path, sizeof path, "%s/%s", guest_root, name);
	return path;
}

/* craton.conf of this test. */
static inline void
guest_configure (const char *text)
{
	FILE *file = fopen (guest_path ("craton.conf"), "w");

	ck_assert_ptr_nonnull (file);
	ck_assert_int_ge (fputs (text, file), 0);
	ck_assert_int_eq (fclose (file), 0);
	ck_assert_int_eq (chmod (guest_path ("craton.conf"), 0600), 0);
}

static inline void
guest_setup (void)
{
	ck_assert_ptr_nonnull (getenv ("CRATON_MODULE"));
	ck_assert_ptr_nonnull (getenv ("CRATON_BACKEND"));
	strcpy (guest_root, "/tmp/craton-test-guest-XXXXXX");
	ck_assert_ptr_nonnull (mkdtemp (guest_root));
	(void) snprintf (guest_backend, sizeof guest_backend, "%s/backend", guest_root);
	ck_assert_int_eq (symlink (getenv ("CRATON_BACKEND"), guest_backend), 0);
	ck_assert_int_eq (mkdir (guest_path ("data"), 0700), 0);
	(void) setenv ("XDG_DATA_HOME", guest_path ("data"), 1);
	(void) setenv ("HOME", guest_root, 1);
	(void) setenv ("CRATON_CONFIG", guest_path ("craton.conf"), 1);
	(void) setenv ("CRATON_BACKEND", guest_backend, 1);
	(void) unsetenv ("CRATON_DEBUG");
	guest_configure ("[craton]\n");
}

/* Whether it is the process that starts those of hosted modules. */
static inline bool
guest_is_spawner (pid_t pid)
{
	char path[64], name[32] = "";
	FILE *file;

	(void) snprintf (path, sizeof path, "/proc/%d/comm", (int) pid);
	file = fopen (path, "re");
	if (file == NULL)
		return false;
	if (fgets (name, sizeof name, file) == NULL)
		name[0] = '\0';
	(void) fclose (file);
	return strcmp (name, "craton-spawner\n") == 0;
}

/* Processes that were started under this test's name, up to @max of them in @pids. Nothing is
 * asserted here: Check writes to a descriptor then, which some tests have given to something
 * else. */
static inline int
guest_backends (pid_t *pids, int max)
{
	DIR *folder = opendir ("/proc");
	struct dirent *entry;
	int n = 0;

	if (folder == NULL)
		return -1;
	while ((entry = readdir (folder)) != NULL && n < max) {
		char path[64], name[128] = "";
		FILE *file;
		long pid = atol (entry->d_name);

		(void) snprintf (path, sizeof path, "/proc/%ld/cmdline", pid);
		file = pid > 0 ? fopen (path, "re") : NULL;
		if (file == NULL)
			continue;
		if (fgets (name, sizeof name, file) != NULL && strcmp (name, guest_backend) == 0 &&
		    !guest_is_spawner ((pid_t) pid))
			pids[n++] = (pid_t) pid;
		(void) fclose (file);
	}
	(void) closedir (folder);
	return n;
}

static inline int
guest_count (void)
{
	pid_t pids[64];

	return guest_backends (pids, 64);
}

/* The one backend there is. */
static inline pid_t
guest_only_backend (void)
{
	pid_t pids[2];
	int n = guest_backends (pids, 2);

	ck_assert_int_eq (n, 1);
	return pids[0];
}

/* Until there are @n backends; whether it came to that. */
static inline bool
guest_comes_to (int n)
{
	const struct timespec pause = { 0, 20000000 };

	for (int waited_ms = 0; waited_ms < GUEST_PATIENCE_MS; waited_ms += 20) {
		if (guest_count () == n)
			return true;
		(void) nanosleep (&pause, NULL);
	}
	return false;
}

/* Whether all threads of a process are stopped. */
static inline bool
guest_is_stopped (pid_t pid)
{
	char path[64], text[512];
	bool stopped = true;
	struct dirent *entry;
	DIR *folder;

	(void) snprintf (path, sizeof path, "/proc/%d/task", (int) pid);
	folder = opendir (path);
	if (folder == NULL)
		return false;
	while ((entry = readdir (folder)) != NULL) {
		char thread[PATH_MAX];
		const char *state = NULL;
		FILE *file;

		if (entry->d_name[0] == '.')
			continue;
		(void) snprintf (thread, sizeof thread, "%s/%s/stat", path, entry->d_name);
		file = fopen (thread, "re");
		if (file != NULL && fgets (text, sizeof text, file) != NULL)
			state = strrchr (text, ')');
		stopped &= state != NULL && state[1] == ' ' && state[2] == 'T';
		if (file != NULL)
			(void) fclose (file);
	}
	(void) closedir (folder);
	return stopped;
}

/* Stops a backend in what it does, and waits until it has. */
static inline bool
guest_stop (pid_t pid)
{
	const struct timespec pause = { 0, 2000000 };

	(void) kill (pid, SIGSTOP);
	for (int waited_ms = 0; waited_ms < GUEST_PATIENCE_MS; waited_ms += 2) {
		if (guest_is_stopped (pid))
			return true;
		(void) nanosleep (&pause, NULL);
	}
	return false;
}

/* Kills a backend, until the kernel has closed all that it had open. */
static inline void
guest_kill (pid_t pid)
{
	int pidfd = (int) syscall (SYS_pidfd_open, pid, 0);
	struct pollfd dead = { .fd = pidfd, .events = POLLIN };

	ck_assert_int_ge (pidfd, 0);
	ck_assert_int_eq (kill (pid, SIGKILL), 0);
	ck_assert_int_eq (poll (&dead, 1, GUEST_PATIENCE_MS), 1);
	(void) close (pidfd);
}

static inline int
guest_remove (const char *path, const struct stat *st, int type, struct FTW *place)
{
	(void) st, (void) type, (void) place;
	return remove (path);
}

static inline void
guest_teardown (void)
{
	pid_t pids[64];

	if (guest_p11 != NULL)
		(void) guest_p11->C_Finalize (NULL);
	if (!guest_comes_to (0)) {
		for (int i = guest_backends (pids, 64) - 1; i >= 0; i--)
			(void) kill (pids[i], SIGKILL);
		ck_abort_msg ("a backend outlives its client");
	}
	(void) nftw (guest_root, guest_remove, 8, FTW_DEPTH | FTW_PHYS);
}

static inline void
guest_load (void)
{
	CK_RV (*get_interface) (CK_UTF8CHAR_PTR, CK_VERSION_PTR, CK_INTERFACE_PTR_PTR, CK_FLAGS);
	CK_VERSION version = { 3, 2 };
	CK_INTERFACE *interface = NULL;

	guest_library = dlopen (getenv ("CRATON_MODULE"), RTLD_NOW | RTLD_LOCAL);
	ck_assert_msg (guest_library != NULL, "%s", dlerror ());
	*(void **) &get_interface = dlsym (guest_library, "C_GetInterface");
	ck_assert (get_interface != NULL);
	ck_assert_uint_eq (get_interface (NULL, &version, &interface, 0), CKR_OK);
	guest_p11 = interface->pFunctionList;
	ck_assert_uint_eq (guest_p11->version.major, 3);
}

/* Loaded and initialised; no backend yet. */
static inline void
guest_start (void)
{
	guest_setup ();
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
}

/* The slots, with or without a token. */
static inline CK_ULONG
guest_slots (CK_SLOT_ID *slots, CK_ULONG max)
{
	CK_ULONG n = max;

	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, slots, &n), CKR_OK);
	return n;
}

/* A token in slot @slot, its user's PIN "87654321", and nobody logged in. */
static inline void
guest_make_token (CK_SLOT_ID slot)
{
	CK_UTF8CHAR label[33] = "scratch                         ";
	CK_UTF8CHAR so_pin[] = "12345678", pin[] = "87654321";
	CK_SESSION_HANDLE session;

	ck_assert_uint_eq (guest_p11->C_InitToken (slot, so_pin, 8, label), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
	                                             NULL, NULL, &session),
	                   CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_SO, so_pin, 8), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_InitPIN (session, pin, 8), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Logout (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_CloseSession (session), CKR_OK);
}

static inline CK_SESSION_HANDLE
guest_open_session (CK_SLOT_ID slot)
{
	CK_SESSION_HANDLE session = 0;

	ck_assert_uint_eq (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION,
	                                             NULL, NULL, &session),
	                   CKR_OK);
	ck_assert_uint_ne (session, 0);
	return session;
}

/* Calls function @id of the module with these arguments, each as a word. For children, too:
 * nothing is asserted. */
static inline CK_RV
guest_call (CratonCallId id, const CK_ULONG *args)
{
	CratonBinding binding;
	void (*function) (void);

	memcpy (&function, (const char *) guest_p11 + craton_calls[id].offset, sizeof function);
	if (function == NULL || !craton_bind_prepare (&binding, id))
		return CKR_VENDOR_DEFINED;
	return craton_bind_call (&binding, function, args);
}

/* The functions that answer in any state: they are about the module, not about what C_Initialize
 * begins. */
static inline bool
guest_is_stateless (int id)
{
	return id == CRATON_C_Initialize || id == CRATON_C_GetFunctionList ||
	       id == CRATON_C_GetInterface || id == CRATON_C_GetInterfaceList;
}

/* The first function that does not answer CKR_CRYPTOKI_NOT_INITIALIZED, CRATON_CALLS if all do
 * that have to. */
static inline int
guest_first_ready (void)
{
	static const CK_ULONG none[CRATON_ARGS_MAX];

	for (int id = 0; id < CRATON_CALLS; id++) {
		if (!guest_is_stateless (id) &&
		    guest_call ((CratonCallId) id, none) != CKR_CRYPTOKI_NOT_INITIALIZED)
			return id;
	}
	return CRATON_CALLS;
}

/* Whether a call that needs the backend works. */
static inline CK_RV
guest_random (CK_SESSION_HANDLE session)
{
	CK_BYTE bytes[16];

	return guest_p11->C_GenerateRandom (session, bytes, sizeof bytes);
}

#endif /* CRATON_GUEST_H */
