/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hosts that may not do what it takes to start a backend, for a while or from some moment on.
 * Either it works, or one return code and one log line say what is wrong; a backend that runs is
 * not disturbed. docs/fork.md says which.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "fork-common.h"
#include "fork-log.h"

#define WORKER 65533
#define N_DESCRIPTORS_MAX 40
#define N_THREADS 8
#define NO_START "craton: cannot start"

/* Direct, C_Initialize starts nothing: the first call that needs the token does. p11-kit makes one
 * in its own C_Initialize. */
static void
initialize_early (void)
{
	load_module ();
	if (!rig.via_p11_kit)
		initialize ();
}

static CK_RV
try_start (void)
{
	CK_ULONG n_slots = 0;
	CK_RV rv = rig.via_p11_kit ? p11->C_Initialize (NULL) : CKR_OK;

	return rv != CKR_OK ? rv : p11->C_GetSlotList (CK_TRUE, NULL, &n_slots);
}

static void
expect_no_start (CK_RV expected, const char *line)
{
	check_rv (try_start (), expected);
	log_expect (line);
}

/* Runs a part of a case in a process of its own: limits cannot be lifted. */
static void
in_child (void (*run) (void))
{
	pid_t pid = fork ();

	check (pid >= 0);
	if (pid == 0) {
		run ();
		_exit (0);
	}
	await_end (pid);
}

/* The backends end, and the call that was to use them says so. */
static void
lose_backend (const User *user)
{
	pid_t pids[N_BACKENDS_MAX];
	size_t n = await_backends (rig.runner, pids);
	CK_BYTE random[16];

	for (size_t i = 0; i < n; i++) {
		int fd = open_pidfd (pids[i]);

		check (kill (pids[i], SIGKILL) == 0);
		await_gone (fd, PATIENCE_MS);
	}
	check_rv (p11->C_GenerateRandom (user->session, random, sizeof (random)),
	          CKR_DEVICE_REMOVED);
}

/* seccomp */

#define ALLOW BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW)
#define DENY BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM)
#define DENY_CALL(number) BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1), DENY

/* No new process and no new program; threads may be made. */
static void
forbid_processes (void)
{
	struct sock_filter filter[] = {
		BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
#ifdef SYS_fork
		DENY_CALL (SYS_fork),
		DENY_CALL (SYS_vfork),
#endif
		DENY_CALL (SYS_execve),
		DENY_CALL (SYS_execveat),
		/* Its flags are in memory, where a filter cannot look: as if there were no such
		 * call. */
		BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
		BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, SYS_clone, 1, 0),
		ALLOW,
		BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[0])),
		BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, CLONE_THREAD, 1, 0),
		DENY,
		ALLOW,
	};
	struct sock_fprog program = { sizeof (filter) / sizeof (filter[0]), filter };

	check (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	check (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void
forbid_before_start (void)
{
	initialize_early ();
	forbid_processes ();
	expect_no_start (CKR_GENERAL_ERROR, NO_START);
}

static void
forbid_after_start (void)
{
	User user;

	load_module ();
	initialize ();
	user = new_user ();
	forbid_processes ();
	sign (&user);
	check_rv (p11->C_CloseSession (user.session), CKR_OK);
	user = open_user ();
	lose_backend (&user);
	/* p11-kit is initialised, and does not ask again for the slots. */
	if (!rig.via_p11_kit)
		expect_no_start (CKR_GENERAL_ERROR, NO_START);
	finalize ();
}

static void
limits_seccomp (void)
{
	log_catch ();
	in_child (forbid_before_start);
	log_skip ();
	in_child (forbid_after_start);
}

/* RLIMIT_NPROC, from which root is exempt */

static void
set_limit (int resource, rlim_t limit)
{
	struct rlimit now;

	check (getrlimit ((__rlimit_resource_t) resource, &now) == 0);
	now.rlim_cur = limit < now.rlim_max ? limit : now.rlim_max;
	check (setrlimit ((__rlimit_resource_t) resource, &now) == 0);
}

/* From root, or from the user with root's capabilities that this runs as when p11-kit is in
 * between: they end here. */
static void
become_worker (void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	check (setgroups (0, NULL) == 0);
	check (setresgid (WORKER, WORKER, WORKER) == 0 && setresuid (WORKER, WORKER, WORKER) == 0);
	check (syscall (SYS_capset, &header, none) == 0);
	check (prctl (PR_SET_DUMPABLE, 1) == 0);
}

static void
limits_processes (void)
{
	User user;

	log_catch ();
	give_scratch_away (WORKER);
	become_worker ();
	initialize_early ();
	set_limit (RLIMIT_NPROC, 1);
	expect_no_start (CKR_HOST_MEMORY, NO_START);
	set_limit (RLIMIT_NPROC, RLIM_INFINITY);
	if (!rig.via_p11_kit)
		finalize ();
	initialize ();
	user = new_user ();
	set_limit (RLIMIT_NPROC, 1);
	sign (&user);
	finalize ();
}

/* RLIMIT_NOFILE */

static int
count_descriptors (void)
{
	int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl (fd, F_GETFD) >= 0;
	return n;
}

/* With @n_free descriptors; whether it works. */
static bool
start_with_descriptors (rlim_t n_used, rlim_t n_free)
{
	CK_RV rv;

	if (!rig.via_p11_kit)
		initialize ();
	log_skip ();
	set_limit (RLIMIT_NOFILE, n_used + n_free);
	rv = try_start ();
	set_limit (RLIMIT_NOFILE, 1024);
	if (!rig.via_p11_kit || rv == CKR_OK)
		finalize ();
	if (rv == CKR_OK)
		return true;
	check_rv (rv, CKR_HOST_MEMORY);
	/* Without a single one there is none for the log either. */
	if (n_free > 0)
		log_expect ("craton: ");
	return false;
}

static pthread_barrier_t together;

/* Calls at the same time as others: each needs a lane, and a new lane needs a descriptor for a
 * moment. */
static void *
call_together (void *data)
{
	const User *user = data;
	CK_BYTE random[4096];

	(void) pthread_barrier_wait (&together);
	for (int i = 0; i < 200; i++)
		check_rv (p11->C_GenerateRandom (user->session, random, sizeof (random)), CKR_OK);
	return NULL;
}

/* A backend that runs needs no descriptor for its work. */
static void
work_without_descriptors (rlim_t n_used)
{
	pthread_t threads[N_THREADS];
	Work work;

	initialize ();
	work_begin (&work);
	set_limit (RLIMIT_NOFILE, n_used);
	work_go_on (&work);
	check (pthread_barrier_init (&together, NULL, N_THREADS) == 0);
	for (size_t i = 0; i < N_THREADS; i++)
		check (pthread_create (&threads[i], NULL, call_together, &work.user) == 0);
	for (size_t i = 0; i < N_THREADS; i++)
		check (pthread_join (threads[i], NULL) == 0);
	work_end (&work);
	set_limit (RLIMIT_NOFILE, 1024);
	finalize ();
}

static void
limits_descriptors (void)
{
	int n_before, first_free;

	log_catch ();
	load_module ();
	n_before = count_descriptors ();
	first_free = dup (STDIN_FILENO);
	check (first_free > 0 && close (first_free) == 0);
	check (!start_with_descriptors ((rlim_t) first_free, 0));
	for (rlim_t n_free = 1; n_free < N_DESCRIPTORS_MAX; n_free++) {
		(void) start_with_descriptors ((rlim_t) first_free, n_free);
		check (count_descriptors () == n_before);
	}
	check (start_with_descriptors ((rlim_t) first_free, N_DESCRIPTORS_MAX));
	work_without_descriptors ((rlim_t) first_free);
	check (count_descriptors () == n_before);
	start_anew ();
	finalize ();
}

/* chroot */

static void
enter_jail (void)
{
	char path[128];

	(void) snprintf (path, sizeof (path), "%s/jail", rig.scratch);
	check (chroot (path) == 0 && chdir ("/") == 0);
}

static void
jail_before_start (void)
{
	initialize_early ();
	enter_jail ();
	expect_no_start (CKR_GENERAL_ERROR, NO_START);
}

static void
jail_after_start (void)
{
	User user;

	load_module ();
	initialize ();
	user = new_user ();
	enter_jail ();
	sign (&user);
	check_rv (p11->C_CloseSession (user.session), CKR_OK);
	user = new_user ();
	sign (&user);
	finalize ();
}

static void
limits_chroot (void)
{
	char path[128];

	log_catch ();
	(void) snprintf (path, sizeof (path), "%s/jail", rig.scratch);
	check (mkdir (path, 0755) == 0);
	(void) snprintf (path, sizeof (path), "%s/jail/dev", rig.scratch);
	check (mkdir (path, 0755) == 0);
	(void) snprintf (path, sizeof (path), "%s/jail/dev/log", rig.scratch);
	log_catch_at (path);
	in_child (jail_before_start);
	in_child (jail_after_start);
}

/* Another user */

static void
worker_before_start (void)
{
	User user;

	give_scratch_away (WORKER);
	initialize_early ();
	become_worker ();
	if (rig.via_p11_kit)
		initialize ();
	user = new_user ();
	sign (&user);
	finalize ();
}

/* The backend stays who it was, and so do its sessions; the next one is the worker's, and so must
 * the token be by then. */
static void
worker_after_start (void)
{
	Talk talk;
	User user;
	pid_t giver;

	give_scratch_away (getuid ());
	talk_open (&talk);
	giver = fork ();
	check (giver >= 0);
	if (giver == 0) {
		await_parent (&talk);
		give_scratch_away (WORKER);
		_exit (0);
	}
	load_module ();
	initialize ();
	user = new_user ();
	become_worker ();
	sign (&user);
	finalize ();
	tell_child (&talk);
	await_end (giver);
	start_anew ();
	finalize ();
}

static void
limits_user (void)
{
	in_child (worker_before_start);
	in_child (worker_after_start);
}

const ForkCase limits_cases[] = {
	{ "seccomp", "a seccomp filter forbids processes, before and after the backend started",
	  limits_seccomp },
	{ "nproc", "RLIMIT_NPROC exhausted", limits_processes, NEEDS_ROOT },
	{ "nofile", "RLIMIT_NOFILE exhausted", limits_descriptors },
	{ "chroot", "chroot after C_Initialize, before and after the backend started",
	  limits_chroot },
	{ "setuid", "another user after C_Initialize, before and after the backend started",
	  limits_user, NEEDS_ROOT },
	{ NULL },
};
