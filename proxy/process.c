/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend's process: see process.h. What it is at any moment is in /proc/PID/stat, which every process may read. Called by channel.c.
 */
#include "config.h"

#include "process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "control.h"

/* Fields of /proc/PID/stat behind the name, counted from 1 (proc(5)). */
#define STATE_FIELD 1
#define THREADS_FIELD 18
#define START_FIELD 20

typedef struct {
	char state;         /* of the first thread */
	uint64_t n_threads; /* a dead process is there until the last has left the kernel, where it may be writing */
	uint64_t started;
} Look;

/* False if there is none, or no /proc. */
static bool
look (pid_t pid, Look *ret_look)
{
	char path[48], text[1024];
	const char *field;
	ssize_t len;
	int fd;

	(void) snprintf (path, sizeof path, "/proc/%ld/stat", (long) pid);
	fd = craton_fd_guard (open (path, O_RDONLY | O_CLOEXEC));
	if (fd < 0)
		return false;
	len = read (fd, text, sizeof text - 1);
	(void) close (fd);
	if (len <= 0)
		return false;
	text[len] = '\0';
	/* The name is in parentheses and may hold anything. */
	field = strrchr (text, ')');
	for (int i = STATE_FIELD; field != NULL && i <= START_FIELD; i++) {
		field = strchr (field + 1, ' ');
		if (field != NULL && i == STATE_FIELD)
			ret_look->state = field[1];
		if (field != NULL && i == THREADS_FIELD)
			ret_look->n_threads = strtoull (field + 1, NULL, 10);
		if (field != NULL && i == START_FIELD)
			ret_look->started = strtoull (field + 1, NULL, 10);
	}
	return field != NULL;
}

CratonProcess
craton_process_at (pid_t pid)
{
	Look now = { 0 };
	bool found = pid > 0 && look (pid, &now);

	return (CratonProcess) { pid, found ? now.started : 0 };
}

CratonProcessState
craton_process_state (const CratonProcess *process)
{
	Look now = { 0 };

	if (process->pid <= 0 || process->started == 0)
		return CRATON_PROCESS_UNKNOWN;
	/* It was there once. No descriptor to look with, or a /proc that went away, says nothing about it. */
	if (!look (process->pid, &now))
		return kill (process->pid, 0) != 0 && errno == ESRCH ? CRATON_PROCESS_GONE : CRATON_PROCESS_UNKNOWN;
	if (now.started != process->started || ((now.state == 'Z' || now.state == 'X') && now.n_threads <= 1))
		return CRATON_PROCESS_GONE;
	return now.state == 'T' || now.state == 't' ? CRATON_PROCESS_STOPPED : CRATON_PROCESS_RUNS;
}

void
craton_process_kill (const CratonProcess *process)
{
	CratonProcessState state;
	int pidfd;

	if (process->pid <= 0 || process->started == 0)
		return;
	/* First the pidfd, then the look: what is killed is what was looked at. */
	pidfd = craton_fd_guard ((int) syscall (SYS_pidfd_open, process->pid, 0));
	state = craton_process_state (process);
	if (state == CRATON_PROCESS_RUNS || state == CRATON_PROCESS_STOPPED) {
		if (pidfd >= 0)
			(void) syscall (SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
		else
			(void) kill (process->pid, SIGKILL);
	}
	if (pidfd >= 0)
		(void) close (pidfd);
}

bool
craton_process_reap (const CratonProcess *process)
{
	siginfo_t info = { 0 };

	if (process->pid <= 0)
		return true;
	return waitid (P_PID, (id_t) process->pid, &info, WEXITED | WNOHANG) != 0 || info.si_pid != 0;
}
