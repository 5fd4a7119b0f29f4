/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See fork-common.h: failing, waiting and processes. What is about tokens is in fork-token.c.
 */
#include "config.h"

#include "fork-common.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "names.h"

Rig rig;
static uid_t given_to;

/* One write, no buffer: a child may have copied a buffer that is half full. */
void
fail (const char *file, int line, const char *format, ...)
{
	char text[600];
	const char *base = strrchr (file, '/');
	int len = snprintf (text, sizeof (text), "%s %s: %s:%d, pid %d: ", rig.column, rig.case_id,
	                    base != NULL ? base + 1 : file, line, (int) getpid ());
	va_list args;

	va_start (args, format);
	len += vsnprintf (text + len, sizeof (text) - 1 - (size_t) len, format, args);
	va_end (args);
	len = (int) strlen (text);
	text[len++] = '\n';
	(void) !write (STDERR_FILENO, text, (size_t) len);
	_exit (1);
}

void
check_rv_at (const char *file, int line, const char *what, CK_RV rv, CK_RV expected)
{
	const char *name = craton_name (CRATON_NAME_CKR, rv);

	if (rv != expected)
		fail (file, line, "%s: %s (0x%lx), not 0x%lx", what, name != NULL ? name : "?", rv,
		      expected);
}

bool
is_long (void)
{
	const char *value = getenv ("CRATON_TEST_LONG");

	return value != NULL && *value != '\0';
}

int64_t
now_ms (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether @fd becomes readable, or its other end closes, in time. */
static bool
await_readable (int fd, int limit_ms)
{
	int64_t deadline = now_ms () + limit_ms;

	for (;;) {
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int64_t left = deadline - now_ms ();
		int n = poll (&poll_fd, 1, left < 0 ? 0 : (int) left);

		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

/* Talking */

void
talk_open (Talk *talk)
{
	check (pipe2 (talk->down, O_CLOEXEC) == 0 && pipe2 (talk->up, O_CLOEXEC) == 0);
}

void
talk_as_parent (Talk *talk)
{
	(void) close (talk->up[1]);
	(void) close (talk->down[0]);
	talk->up[1] = talk->down[0] = -1;
}

static void
tell (int fd)
{
	check (write (fd, "", 1) == 1);
}

static void
await (int fd, const char *whom)
{
	char byte;
	ssize_t n;

	if (!await_readable (fd, PATIENCE_MS))
		fail (__FILE__, __LINE__, "the %s hangs", whom);
	do
		n = read (fd, &byte, 1);
	while (n < 0 && errno == EINTR);
	if (n != 1)
		fail (__FILE__, __LINE__, "the %s ended early", whom);
}

void
tell_child (const Talk *talk)
{
	tell (talk->down[1]);
}

void
tell_parent (const Talk *talk)
{
	tell (talk->up[1]);
}

void
await_child (const Talk *talk)
{
	await (talk->up[0], "child");
}

void
await_parent (const Talk *talk)
{
	await (talk->down[0], "parent");
}

/* Processes */

pid_t
raw_clone (unsigned long flags)
{
	return (pid_t) syscall (SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
}

pid_t
raw_clone3 (pid_t number)
{
	struct clone_args args = { .exit_signal = SIGCHLD };

	if (number != 0) {
		args.set_tid = (uintptr_t) &number;
		args.set_tid_size = 1;
	}
	return (pid_t) syscall (SYS_clone3, &args, sizeof (args));
}

int
open_pidfd (pid_t pid)
{
	int fd = (int) syscall (SYS_pidfd_open, pid, 0);

	check (fd >= 0);
	return fd;
}

void
await_gone (int pidfd, int limit_ms)
{
	if (!await_readable (pidfd, limit_ms))
		fail (__FILE__, __LINE__, "a process still lives after %d ms", limit_ms);
	(void) close (pidfd);
}

void
await_end (pid_t pid)
{
	int status;

	check (pid > 0);
	await_gone (open_pidfd (pid), PATIENCE_MS);
	check (waitpid (pid, &status, __WALL) == pid);
	if (WIFSIGNALED (status))
		fail (__FILE__, __LINE__, "the child was killed by signal %d", WTERMSIG (status));
	if (WEXITSTATUS (status) != 0)
		fail (__FILE__, __LINE__, "the child ended with status %d", WEXITSTATUS (status));
}

bool
read_text (const char *path, char *text, size_t text_len)
{
	int fd = open (path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n = 0;

	text[0] = '\0';
	if (fd < 0)
		return false;
	while (len + 1 < text_len && (n = read (fd, text + len, text_len - 1 - len)) > 0)
		len += (size_t) n;
	(void) close (fd);
	text[len] = '\0';
	return n >= 0;
}

void
write_text (const char *path, const char *text)
{
	int fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	if (fd < 0 || write (fd, text, strlen (text)) != (ssize_t) strlen (text))
		fail (__FILE__, __LINE__, "%s: %s", path, strerror (errno));
	(void) close (fd);
}

size_t
list_backends (pid_t parent, pid_t *pids, size_t n_max)
{
	char path[64], children[4096], name[32];
	size_t n = 0;

	(void) snprintf (path, sizeof (path), "/proc/%d/task/%d/children", (int) parent,
	                 (int) parent);
	if (!read_text (path, children, sizeof (children)))
		return 0;
	for (char *save, *word = strtok_r (children, " \n", &save); word != NULL;
	     word = strtok_r (NULL, " \n", &save)) {
		(void) snprintf (path, sizeof (path), "/proc/%s/comm", word);
		if (n == n_max || !read_text (path, name, sizeof (name)))
			continue;
		if (strcmp (name, "craton-backend\n") == 0)
			pids[n++] = (pid_t) atol (word);
		/* It starts the processes of hosted modules in the backend's stead. */
		if (strcmp (name, "craton-spawner\n") == 0)
			n += list_backends ((pid_t) atol (word), pids + n, n_max - n);
	}
	return n;
}

size_t
await_backends (pid_t parent, pid_t pids[N_BACKENDS_MAX])
{
	int64_t deadline = now_ms () + PATIENCE_MS;

	for (;;) {
		size_t n_first = list_backends (parent, pids, N_BACKENDS_MAX), n = n_first;

		for (size_t i = 0; i < n_first; i++)
			n += list_backends (pids[i], pids + n, N_BACKENDS_MAX - n);
		if (n == (rig.hosted ? 2 : 1))
			return n;
		check (now_ms () < deadline);
		(void) sched_yield ();
	}
}

/* A namespace of its own; without root together with a user namespace, in which everybody keeps the
 * number that they have. */
static void
enter_namespace (int kind)
{
	unsigned int uid = getuid (), gid = getgid ();
	char map[64];

	if (unshare (kind) == 0)
		return;
	if (unshare (CLONE_NEWUSER | kind) != 0)
		fail (__FILE__, __LINE__,
		      "no namespaces can be made here (%s): this needs root, or user namespaces",
		      strerror (errno));
	(void) snprintf (map, sizeof (map), "%u %u 1", uid, uid);
	write_text ("/proc/self/uid_map", map);
	write_text ("/proc/self/setgroups", "deny");
	(void) snprintf (map, sizeof (map), "%u %u 1", gid, gid);
	write_text ("/proc/self/gid_map", map);
}

void
become_first (void)
{
	pid_t pid;
	int status;

	enter_namespace (CLONE_NEWPID);
	pid = fork ();
	check (pid >= 0);
	if (pid == 0) {
		check (getpid () == 1);
		return;
	}
	while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
		continue;
	_exit (WIFEXITED (status) ? WEXITSTATUS (status) : 1);
}

void
enter_mount_namespace (void)
{
	enter_namespace (CLONE_NEWNS);
	check (mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0);
}

void
mount_proc (void)
{
	enter_mount_namespace ();
	check (mount ("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0);
}

static int
give_away (const char *path, const struct stat *st, int kind, struct FTW *where)
{
	/* A backend that ends removes its files meanwhile. */
	return lchown (path, (uid_t) given_to, (gid_t) given_to) == 0 || errno == ENOENT ? 0 : -1;
}

void
give_scratch_away (uid_t uid)
{
	given_to = uid;
	while (nftw (rig.scratch, give_away, 16, FTW_PHYS | FTW_MOUNT) != 0)
		check (errno == ENOENT);
}

/* Life on both sides */

void
child_life (const Talk *talk, const Work *work)
{
	expect_refused (work->user.session);
	tell_parent (talk);
	await_parent (talk);
	expect_refused (work->user.session);
	start_anew ();
	tell_parent (talk);
	await_parent (talk);
}

void
parent_life (const Talk *talk, Work *work)
{
	await_child (talk);
	work_go_on (work);
	tell_child (talk);
	work_go_on (work);
	await_child (talk);
	work_go_on (work);
	tell_child (talk);
}
