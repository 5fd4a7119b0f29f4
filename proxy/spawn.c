/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting the backend: see spawn.h. fork() would copy the host's page tables and run its handlers; a plain posix_spawn() would
 * make a child of the host, whose SIGCHLD and exit status it could see and reap. So an intermediate process, sharing our
 * memory and with exit signal 0, does the posix_spawn() and leaves; we reap it with __WCLONE, which wait(-1) does not match.
 */
#include "config.h"

#include "spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"
#include "log.h"

#define STACK_LEN ((size_t) 64 << 10)

/* Above the numbers that the file actions give out, so that none of them overwrites another's source. */
#define FIRST_SOURCE_FD 16

typedef struct {
	const char *path;
	char **environment;
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	pid_t pid; /* of the backend */
	int error;
} Start;

extern char **environ;

/* clone () under the name that the thread sanitizer leaves alone: it takes the intermediate, which shares our memory, for a fork. */
extern int __clone (int (*run) (void *), void *stack, int flags, void *data, ...);

/* The host's environment without what steers its own loader: a preloaded library is the host's choice, not its token's. */
static char **
copy_environment (void)
{
	size_t n = 0, kept = 0;
	char **copy;

	while (environ != NULL && environ[n] != NULL)
		n++;
	copy = calloc (n + 1, sizeof *copy);
	for (size_t i = 0; copy != NULL && i < n; i++) {
		if (environ[i] == NULL)
			break;
		if (strncmp (environ[i], "LD_", 3) != 0 && strncmp (environ[i], "GLIBC_TUNABLES=", 15) != 0)
			copy[kept++] = environ[i];
	}
	return copy;
}

static int
run_intermediate (void *data)
{
	Start *start = data;
	char *argv[] = { (char *) start->path, NULL };

	start->error = posix_spawn (&start->pid, start->path, &start->actions, &start->attributes, argv, start->environment);
	return 0;
}

/* Runs the intermediate with all signals blocked: its handlers would be the host's, on the host's memory. */
static int
clone_intermediate (Start *start)
{
	void *stack = mmap (NULL, STACK_LEN, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
	sigset_t all, before;
	int pid;

	if (stack == MAP_FAILED)
		return ENOMEM;
	(void) sigfillset (&all);
	(void) pthread_sigmask (SIG_BLOCK, &all, &before);
	pid = __clone (run_intermediate, (char *) stack + STACK_LEN, CLONE_VM | CLONE_VFORK, start);
	if (pid < 0)
		start->error = errno;
	while (pid > 0 && syscall (SYS_wait4, pid, NULL, __WCLONE, NULL) < 0 && errno == EINTR)
		continue;
	(void) pthread_sigmask (SIG_SETMASK, &before, NULL);
	(void) munmap (stack, STACK_LEN);
	return start->error;
}

/* The backend's descriptors: its socket, the client's pidfd, and /dev/null or the host's standard error under it. */
static int
add_actions (Start *start, int control_fd, int client_fd)
{
	sigset_t none, all;
	int error;

	(void) sigemptyset (&none);
	(void) sigfillset (&all);
	error = posix_spawn_file_actions_adddup2 (&start->actions, control_fd, CRATON_FD_CONTROL);
	if (error == 0 && client_fd >= 0)
		error = posix_spawn_file_actions_adddup2 (&start->actions, client_fd, CRATON_FD_CLIENT);
	if (error == 0)
		error = posix_spawn_file_actions_addclosefrom_np (&start->actions,
		                                                  client_fd >= 0 ? CRATON_FD_CLIENT + 1 : CRATON_FD_CLIENT);
	if (error == 0)
		error = posix_spawnattr_setsigmask (&start->attributes, &none);
	if (error == 0)
		error = posix_spawnattr_setsigdefault (&start->attributes, &all);
	if (error == 0)
		error = posix_spawnattr_setflags (&start->attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	return error;
}

/* A copy of @fd with a high number, or -1; closes @fd. */
static int
raise_fd (int fd)
{
	int raised = fd < 0 ? -1 : fcntl (fd, F_DUPFD_CLOEXEC, FIRST_SOURCE_FD);

	if (fd >= 0)
		(void) close (fd);
	return raised;
}

static const char *
backend_path (void)
{
	const char *path = secure_getenv ("CRATON_BACKEND");

	return path != NULL ? path : CRATON_LIBEXECDIR "/craton-backend";
}

static int
start_with (int control_fd, int client_fd, CratonSpawned *ret_backend)
{
	Start start = { .path = backend_path (), .environment = copy_environment () };
	int error = start.environment == NULL ? ENOMEM : posix_spawn_file_actions_init (&start.actions);

	if (error != 0)
		goto out;
	error = posix_spawnattr_init (&start.attributes);
	if (error == 0) {
		error = add_actions (&start, control_fd, client_fd);
		if (error == 0)
			error = clone_intermediate (&start);
		if (error == 0) {
			ret_backend->pid = start.pid;
			ret_backend->pidfd = craton_fd_guard ((int) syscall (SYS_pidfd_open, start.pid, 0));
		}
		(void) posix_spawnattr_destroy (&start.attributes);
	}
	(void) posix_spawn_file_actions_destroy (&start.actions);
out:
	free (start.environment);
	return error;
}

/* @ret_fd: -1 where the kernel has no pidfd (before Linux 5.3) or a filter forbids it: the backend then sees only the end of the
 * socket, which a forked child can hold open. */
static int
open_client (int *ret_fd)
{
	int fd = (int) syscall (SYS_pidfd_open, getpid (), 0);

	*ret_fd = -1;
	if (fd < 0)
		return errno == ENOSYS || errno == EPERM ? 0 : errno;
	*ret_fd = raise_fd (fd);
	return *ret_fd < 0 ? EMFILE : 0;
}

/* What to do about a start that failed. */
static const char *
advice (int error)
{
	switch (error) {
	case EMFILE:
	case ENFILE:
		return "raise the limit of open files";
	case EAGAIN:
	case ENOMEM:
		return "raise the limit of processes or memory";
	case EPERM:
	case ENOSYS:
		return "allow the program to start processes, or call C_GetSlotList before its filter is set";
	default:
		return "reinstall craton, or make the file executable";
	}
}

CK_RV
craton_spawn_backend (CratonSpawned *ret_backend)
{
	int pair[2] = { -1, -1 }, control_fd = -1, client_fd = -1, error = 0;

	if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
		error = errno;
	pair[0] = craton_fd_guard (pair[0]);
	control_fd = raise_fd (pair[1]);
	if (error == 0)
		error = pair[0] < 0 || control_fd < 0 ? EMFILE : open_client (&client_fd);
	if (error == 0)
		error = start_with (control_fd, client_fd, ret_backend);
	if (client_fd >= 0)
		(void) close (client_fd);
	if (control_fd >= 0)
		(void) close (control_fd);
	if (error == 0) {
		ret_backend->control_fd = pair[0];
		return CKR_OK;
	}
	if (pair[0] >= 0)
		(void) close (pair[0]);
	craton_log ("craton: cannot start %s: %s; %s", backend_path (), strerror (error), advice (error));
	return error == ENOMEM || error == EAGAIN || error == EMFILE || error == ENFILE ? CKR_HOST_MEMORY : CKR_GENERAL_ERROR;
}
