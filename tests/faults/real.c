/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Modules of others, hosted: killed between and in calls, and hung. And p11-kit's own, which loads Craton again.
 */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"

static const char *
first_path (const char *const *paths)
{
	while (*paths != NULL && access (*paths, R_OK) != 0)
		paths++;
	if (*paths == NULL)
		fail (__FILE__, __LINE__, "the module is not installed");
	return *paths;
}

static CK_ULONG
list_slots (void)
{
	CK_SLOT_ID slots[32];
	CK_ULONG n = 32;

	check_rv (p11->C_GetSlotList (CK_FALSE, slots, &n), CKR_OK);
	return n;
}

static pid_t
await_host (void)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	pid_t pid;

	while ((pid = find_process ("real")) == 0)
		check (now_ms () < deadline);
	return pid;
}

/* A call that a slot of the module, or without any the slot list, waits for. */
static Caller
make_caller (CK_ULONG n_slots)
{
	static CK_SLOT_INFO info;
	static CK_ULONG count;
	Caller caller = { .call = CRATON_C_GetSlotInfo, .args = { 1, (CK_ULONG) (uintptr_t) &info } };

	if (n_slots == 1)
		caller = (Caller) { .call = CRATON_C_GetSlotList, .args = { 0, 0, (CK_ULONG) (uintptr_t) &count } };
	return caller;
}

/* @path in a host, with what is said of it in craton.conf; at least @n_slots slots are its own. */
static void
meet_signals (const char *path, const char *settings, CK_ULONG n_slots)
{
	char text[1024];
	CK_SESSION_HANDLE session;
	CK_ULONG n;

	(void) snprintf (text, sizeof text, "[token default]\n[module real]\npath=%s\ncall-timeout=1\n%s", path, settings);
	rig_configure (text);
	rig_start ();
	session = open_worked (SLOT_SOFT);
	n = list_slots ();
	check (n >= 1 + n_slots);
	for (int i = 0; i < 5; i++) {
		Caller caller = make_caller (n);

		/* Between calls. */
		end_process (await_host (), i % 2 == 0 ? SIGKILL : SIGSEGV);
		check (list_slots () == n);
		/* In a call, killed by us or, when it hangs, by the deadline. */
		stop_process (await_host ());
		caller_begin (&caller);
		if (i % 2 == 0)
			end_process (await_host (), SIGKILL);
		check_rv (caller_end (&caller), n == 1 ? CKR_OK : CKR_DEVICE_REMOVED);
		/* Two in a row that have not worked are forgiven: this one works. */
		for (int64_t end = now_ms () + PATIENCE_MS; list_slots () != n;)
			check (now_ms () < end);
		for (int j = 0; j < WORK_CALLS; j++)
			check (list_slots () == n);
		check_rv (use_session (session), CKR_OK);
	}
	finalize ();
}

void
case_softhsm (void)
{
	static const char *const paths[] = { "/usr/lib/softhsm/libsofthsm2.so",
		                             "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
		                             "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", NULL };
	char conf[128], text[256];

	(void) snprintf (conf, sizeof conf, "%s/softhsm", rig.scratch);
	check (mkdir (conf, 0700) == 0);
	(void) snprintf (conf, sizeof conf, "%s/softhsm2.conf", rig.scratch);
	(void) snprintf (text, sizeof text, "directories.tokendir = %s/softhsm\nobjectstore.backend = file\n", rig.scratch);
	write_text (conf, text);
	meet_signals (first_path (paths), "environment=SOFTHSM2_CONF=@SCRATCH@/softhsm2.conf\nwrite-paths=@SCRATCH@\n", 1);
}

void
case_opensc (void)
{
	static const char *const paths[] = { "/usr/lib/x86_64-linux-gnu/opensc-pkcs11.so",
		                             "/usr/lib/x86_64-linux-gnu/pkcs11/opensc-pkcs11.so",
		                             "/usr/lib/aarch64-linux-gnu/opensc-pkcs11.so", NULL };

	meet_signals (first_path (paths), "network=local\n", 0);
}

/* Before 3.21 and since. */
static bool
daemon_runs (void)
{
	return access ("/run/pkcsslotd.socket", F_OK) == 0 || access ("/run/opencryptoki/pkcsslotd.socket", F_OK) == 0;
}

/* Its daemon, which every client needs, is started here if it does not run. That wants root, as the daemon does. */
static pid_t
start_daemon (void)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	char log[128];
	pid_t pid;

	if (daemon_runs ())
		return 0;
	(void) snprintf (log, sizeof log, "%s/pkcsslotd.log", rig.scratch);
	(void) fflush (NULL);
	pid = fork ();
	check (pid >= 0);
	if (pid == 0) {
		(void) prctl (PR_SET_PDEATHSIG, SIGTERM);
		(void) execlp ("pkcsslotd", "pkcsslotd", "-f", "-l", log, (char *) NULL);
		_exit (127);
	}
	while (!daemon_runs ()) {
		check (waitpid (pid, NULL, WNOHANG) == 0);
		check (now_ms () < deadline);
		(void) poll (NULL, 0, 20);
	}
	return pid;
}

/* A SIGTERM that comes while it cleans up after clients is lost on it. */
static void
end_daemon (pid_t pid)
{
	int64_t deadline = now_ms () + 1000;

	if (pid == 0)
		return;
	check (kill (pid, SIGTERM) == 0);
	while (waitpid (pid, NULL, WNOHANG) == 0) {
		if (now_ms () > deadline)
			(void) kill (pid, SIGKILL);
		(void) poll (NULL, 0, 20);
	}
	(void) unlink ("/run/pkcsslotd.pid");
	(void) unlink ("/run/pkcsslotd.socket");
}

void
case_opencryptoki (void)
{
	static const char *const paths[] = { "/usr/lib/x86_64-linux-gnu/pkcs11/libopencryptoki.so",
		                             "/usr/lib/aarch64-linux-gnu/pkcs11/libopencryptoki.so", NULL };
	pid_t pid = start_daemon ();

	meet_signals (first_path (paths),
	              "network=local\nread-paths=/etc/opencryptoki;/usr/sbin/pkcsslotd\n"
	              "write-paths=/var/lib/opencryptoki;/dev/shm;/run\n",
	              1);
	end_daemon (pid);
}

void
case_recursion (void)
{
	static const char *const paths[] = { "/usr/lib/x86_64-linux-gnu/p11-kit-proxy.so", "/usr/lib/aarch64-linux-gnu/p11-kit-proxy.so",
		                             "/usr/lib/p11-kit-proxy.so", NULL };
	pid_t pids[N_BACKENDS_MAX];
	char path[128], text[512];
	pid_t host;

	/* p11-kit reads no configuration of root's own. */
	become_nobody ();
	(void) snprintf (path, sizeof path, "mkdir -p %s/.config/pkcs11/modules", rig.scratch);
	check (system (path) == 0);
	(void) snprintf (path, sizeof path, "%s/.config/pkcs11/pkcs11.conf", rig.scratch);
	write_text (path, "user-config: only\n");
	(void) snprintf (path, sizeof path, "%s/.config/pkcs11/modules/craton.module", rig.scratch);
	(void) snprintf (text, sizeof text, "module: %s\ncritical: yes\n", rig.module);
	write_text (path, text);
	/* Craton itself is where a module's own files may be. */
	(void) snprintf (text, sizeof text,
	                 "[token default]\n[module real]\npath=%s\nread-paths=@SCRATCH@\nenvironment=CRATON_CONFIG=%s/craton.conf\n",
	                 first_path (paths), rig.scratch);
	rig_configure (text);
	rig_start ();
	check (list_slots () == 1);
	host = await_host ();
	for (int i = 0; i < 20; i++)
		check (list_slots () == 1);
	/* It lives, so its C_Initialize went well, and with it Craton's; and it has started no backends of its own. */
	check (find_process ("real") == host);
	check (list_backends (host, pids, N_BACKENDS_MAX) == 0);
	finalize ();
}
