/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a process that was taken over would try: a table of forbidden things, each tried for real. Included by test-sandbox.c, which
 * tries them under each profile and, to know that they would work, under none; and by the hosted module, which tries them where it
 * is hosted.
 */
#ifndef CRATON_ATTEMPTS_H
#define CRATON_ATTEMPTS_H

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

typedef struct {
	char folder[200]; /* somebody else's, with a file "secret" in it that anybody may read and write */
	pid_t sibling;    /* another process of this user */
	int port;         /* a TCP socket of this machine that listens */
} AttemptTarget;

static AttemptTarget attempt_target;

static inline int
attempt_open (const char *name, int flags)
{
	char path[256];
	int fd;

	(void) snprintf (path, sizeof (path), "%s/%s", attempt_target.folder, name);
	fd = open (path, flags | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void) close (fd);
	return fd;
}

static inline bool
attempt_read_file (void)
{
	return attempt_open ("secret", O_RDONLY) >= 0;
}

static inline bool
attempt_write_file (void)
{
	return attempt_open ("secret", O_WRONLY) >= 0;
}

static inline bool
attempt_cut_file (void)
{
	char path[256];

	(void) snprintf (path, sizeof (path), "%s/secret", attempt_target.folder);
	return truncate (path, 3) == 0;
}

static inline bool
attempt_make_file (void)
{
	return attempt_open ("new", O_WRONLY | O_CREAT) >= 0;
}

static inline bool
attempt_remove_file (void)
{
	char from[256], to[256];

	(void) snprintf (from, sizeof (from), "%s/secret", attempt_target.folder);
	(void) snprintf (to, sizeof (to), "%s/gone", attempt_target.folder);
	return rename (from, to) == 0 && rename (to, from) == 0;
}

static inline bool
attempt_list_folder (void)
{
	DIR *folder = opendir (attempt_target.folder);

	return folder != NULL && closedir (folder) == 0;
}

static inline bool
attempt_socket (int domain, int type)
{
	int fd = socket (domain, type | SOCK_CLOEXEC, 0);

	return fd >= 0 && close (fd) == 0;
}

static inline bool
attempt_socket_unix (void)
{
	return attempt_socket (AF_UNIX, SOCK_STREAM) || attempt_socket (AF_UNIX, SOCK_DGRAM);
}

static inline bool
attempt_socket_inet (void)
{
	return attempt_socket (AF_INET, SOCK_STREAM) || attempt_socket (AF_INET, SOCK_DGRAM) ||
	       attempt_socket (AF_INET6, SOCK_STREAM) || attempt_socket (AF_INET6, SOCK_DGRAM);
}

static inline bool
attempt_connect (void)
{
	struct sockaddr_in address = { .sin_family = AF_INET,
		                       .sin_port = htons ((uint16_t) attempt_target.port),
		                       .sin_addr = { htonl (INADDR_LOOPBACK) } };
	int fd = socket (AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	bool done = fd >= 0 && connect (fd, (struct sockaddr *) &address, sizeof (address)) == 0;

	if (fd >= 0)
		(void) close (fd);
	return done;
}

/* Whether the child, if there is one, came to its end. */
static inline bool
attempt_child (pid_t pid)
{
	return pid > 0 && waitpid (pid, NULL, 0) == pid;
}

static inline bool
attempt_fork (void)
{
	pid_t pid = fork ();

	if (pid == 0)
		_exit (0);
	return attempt_child (pid);
}

static inline bool
attempt_exec (void)
{
	char *arguments[] = { (char *) "true", NULL }, *environment[] = { NULL };
	pid_t pid;

	/* The process cannot be forked: only failing is tried in this one. */
	if (syscall (SYS_execve, "/nowhere", arguments, environment) == 0 || errno == ENOENT)
		return true;
	pid = (pid_t) syscall (SYS_vfork);
	if (pid == 0)
		_exit (execve ("/bin/true", arguments, environment));
	return attempt_child (pid);
}

static inline bool
attempt_ptrace (void)
{
	if (ptrace (PTRACE_ATTACH, attempt_target.sibling, NULL, NULL) != 0)
		return false;
	(void) waitpid (attempt_target.sibling, NULL, __WALL);
	return ptrace (PTRACE_DETACH, attempt_target.sibling, NULL, NULL) == 0;
}

static inline bool
attempt_read_memory (void)
{
	static char here[8];
	struct iovec local = { here, sizeof (here) }, remote = { here, sizeof (here) };

	return process_vm_readv (attempt_target.sibling, &local, 1, &remote, 1, 0) > 0;
}

static inline bool
attempt_proc (const char *name)
{
	char path[64];
	int fd;

	(void) snprintf (path, sizeof (path), "/proc/%d/%s", (int) attempt_target.sibling, name);
	fd = open (path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && close (fd) == 0;
}

static inline bool
attempt_open_memory (void)
{
	return attempt_proc ("mem");
}

static inline bool
attempt_read_environment (void)
{
	return attempt_proc ("environ");
}

static inline bool
attempt_kill (void)
{
	return kill (attempt_target.sibling, SIGCONT) == 0 ||
	       syscall (SYS_tgkill, attempt_target.sibling, attempt_target.sibling, SIGCONT) == 0 ||
	       syscall (SYS_tkill, attempt_target.sibling, SIGCONT) == 0;
}

static inline bool
attempt_pidfd (void)
{
	int fd = (int) syscall (SYS_pidfd_open, attempt_target.sibling, 0);
	bool done = fd >= 0 && syscall (SYS_pidfd_send_signal, fd, SIGCONT, NULL, 0) == 0;

	if (fd >= 0)
		(void) close (fd);
	return done;
}

static inline bool
attempt_dumpable (void)
{
	return prctl (PR_SET_DUMPABLE, 1, 0, 0, 0) == 0;
}

static inline bool
attempt_limits (void)
{
	const struct rlimit limit = { 0, 0 };

	return setrlimit (RLIMIT_CORE, &limit) == 0;
}

static inline bool
attempt_io_uring (void)
{
	char params[120] = { 0 };
	int fd = (int) syscall (425, 1, params);

	return fd >= 0 && close (fd) == 0;
}

/* In a thread's stead: a process that does not come back would be missed. */
static inline bool
attempt_clone3 (void)
{
	struct {
		uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
	} args = { .exit_signal = SIGCHLD };
	pid_t pid = (pid_t) syscall (SYS_clone3, &args, sizeof (args));

	if (pid == 0)
		_exit (0);
	return attempt_child (pid);
}

static inline bool
attempt_make_code (void)
{
	void *page = mmap (NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
	                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (page != MAP_FAILED)
		return true;
	page = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return page != MAP_FAILED && mprotect (page, 4096, PROT_READ | PROT_EXEC) == 0;
}

/* Who is refused. */
#define ATTEMPT_TOKEN 1u
#define ATTEMPT_MODULE 2u
#define ATTEMPT_LOCAL 4u
#define ATTEMPT_NETWORK 8u
#define ATTEMPT_ALL 15u

static const struct {
	const char *name;
	unsigned refused;
	bool (*made) (void); /* whether it could be done */
} attempts[] = {
	{ "read a file", ATTEMPT_ALL, attempt_read_file },
	{ "write a file", ATTEMPT_ALL, attempt_write_file },
	{ "cut a file", ATTEMPT_ALL, attempt_cut_file },
	{ "make a file", ATTEMPT_ALL, attempt_make_file },
	{ "remove a file", ATTEMPT_ALL, attempt_remove_file },
	{ "list a folder", ATTEMPT_ALL, attempt_list_folder },
	{ "local socket", ATTEMPT_TOKEN | ATTEMPT_MODULE, attempt_socket_unix },
	{ "network socket", ATTEMPT_ALL & ~ATTEMPT_NETWORK, attempt_socket_inet },
	{ "connect", ATTEMPT_ALL & ~ATTEMPT_NETWORK, attempt_connect },
	{ "fork", ATTEMPT_ALL, attempt_fork },
	{ "clone3", ATTEMPT_ALL, attempt_clone3 },
	{ "exec", ATTEMPT_ALL, attempt_exec },
	{ "ptrace", ATTEMPT_ALL, attempt_ptrace },
	{ "read memory", ATTEMPT_ALL, attempt_read_memory },
	{ "open memory", ATTEMPT_ALL, attempt_open_memory },
	{ "read environment", ATTEMPT_ALL, attempt_read_environment },
	{ "kill", ATTEMPT_ALL, attempt_kill },
	{ "pidfd", ATTEMPT_ALL, attempt_pidfd },
	{ "dumpable", ATTEMPT_ALL, attempt_dumpable },
	{ "limits", ATTEMPT_ALL, attempt_limits },
	{ "io_uring", ATTEMPT_ALL, attempt_io_uring },
	{ "make code", ATTEMPT_TOKEN, attempt_make_code },
};

#define N_ATTEMPTS (sizeof (attempts) / sizeof (attempts[0]))

/* The first attempt that should have been refused and was not, or NULL. */
static inline const char *
attempts_first_made (unsigned profile)
{
	for (size_t i = 0; i < N_ATTEMPTS; i++) {
		if ((attempts[i].refused & profile) != 0 && attempts[i].made ())
			return attempts[i].name;
	}
	return NULL;
}

#endif /* CRATON_ATTEMPTS_H */
