/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a host sees of the processes behind its token: no SIGCHLD, no zombie, no child in wait,
 * whatever it does with SIGCHLD. A host that inherits orphans, as process 1 of a container or as
 * subreaper, is relieved of ours and keeps its own. And a backend ends with its host, even if a
 * forked child of the host lives on.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork-common.h"

#define OWN_STATUS 42

/* "gone within 1 s" */
#define GONE_MS 1000

static volatile sig_atomic_t n_signals;

static void
count_signal (int number)
{
	n_signals++;
}

static void
expect_no_child (void)
{
	siginfo_t info;
	sigset_t pending;

	check (waitid (P_ALL, 0, &info,
	               WEXITED | WSTOPPED | WCONTINUED | WNOHANG | WNOWAIT | __WALL) == -1 &&
	       errno == ECHILD);
	check (sigpending (&pending) == 0 && !sigismember (&pending, SIGCHLD));
	check (n_signals == 0);
}

static void
kill_backends (pid_t parent)
{
	pid_t pids[N_BACKENDS_MAX];
	size_t n = await_backends (parent, pids);
	int fds[N_BACKENDS_MAX];

	for (size_t i = 0; i < n; i++)
		fds[i] = open_pidfd (pids[i]);
	for (size_t i = 0; i < n; i++)
		check (kill (pids[i], SIGKILL) == 0);
	for (size_t i = 0; i < n; i++)
		await_gone (fds[i], PATIENCE_MS);
}

static void
live_and_lose_backend (pid_t parent)
{
	User user;
	CK_BYTE random[16];

	initialize ();
	user = new_user ();
	sign (&user);
	kill_backends (parent);
	check_rv (p11->C_GenerateRandom (user.session, random, sizeof (random)),
	          CKR_DEVICE_REMOVED);
	user = new_user ();
	sign (&user);
}

/* SIGCHLD */

static const struct {
	void (*handler) (int number);
	int flags;
	bool blocked;
} dispositions[] = {
	{ SIG_DFL, 0, false },      { SIG_IGN, 0, false },
	{ count_signal, 0, false }, { count_signal, SA_NOCLDWAIT, false },
	{ count_signal, 0, true },
};

static void
reaping_signals (void)
{
	load_module ();
	for (size_t i = 0; i < sizeof (dispositions) / sizeof (dispositions[0]); i++) {
		struct sigaction action = { .sa_handler = dispositions[i].handler,
			                    .sa_flags = dispositions[i].flags },
				 now;
		sigset_t set;

		check (sigaction (SIGCHLD, &action, NULL) == 0);
		(void) sigemptyset (&set);
		if (dispositions[i].blocked)
			(void) sigaddset (&set, SIGCHLD);
		check (sigprocmask (SIG_SETMASK, &set, NULL) == 0);
		live_and_lose_backend (rig.runner);
		expect_no_child ();
		finalize ();
		expect_no_child ();
		check (sigaction (SIGCHLD, NULL, &now) == 0 && now.sa_handler == action.sa_handler);
	}
}

/* wait */

static atomic_bool over;

static void *
wait_for_ever (void *data)
{
	while (!atomic_load (&over))
		check (waitpid (-1, NULL, 0) == -1 && errno == ECHILD);
	return NULL;
}

static void
reaping_wait (void)
{
	pthread_t thread;

	load_module ();
	check (pthread_create (&thread, NULL, wait_for_ever, NULL) == 0);
	for (int i = 0; i < 20; i++) {
		initialize ();
		check (find_slot () != CK_UNAVAILABLE_INFORMATION);
		finalize ();
	}
	atomic_store (&over, true);
	check (pthread_join (thread, NULL) == 0);
}

/* Hosts that inherit orphans */

static void
expect_no_zombie (void)
{
	char path[64], text[512];
	pid_t pids[N_BACKENDS_MAX];
	size_t n = list_backends (getpid (), pids, N_BACKENDS_MAX);

	for (size_t i = 0; i < n; i++) {
		(void) snprintf (path, sizeof (path), "/proc/%d/stat", (int) pids[i]);
		check (!read_text (path, text, sizeof (text)) || strstr (text, ") Z ") == NULL);
	}
}

static void
inherit_orphans (void)
{
	pid_t own;
	int status;

	load_module ();
	own = fork ();
	check (own >= 0);
	if (own == 0)
		_exit (OWN_STATUS);
	await_gone (open_pidfd (own), PATIENCE_MS);
	for (int i = 0; i < 3; i++) {
		live_and_lose_backend (getpid ());
		expect_no_zombie ();
		finalize ();
		expect_no_zombie ();
	}
	/* The host's own dead child is still there for it. */
	check (waitpid (own, &status, 0) == own && WIFEXITED (status) &&
	       WEXITSTATUS (status) == OWN_STATUS);
	expect_no_child ();
}

static void
reaping_subreaper (void)
{
	check (prctl (PR_SET_CHILD_SUBREAPER, 1) == 0);
	inherit_orphans ();
}

/* The numbers in /proc are those of its own namespace. */
static void
reaping_first (void)
{
	become_first ();
	mount_proc ();
	inherit_orphans ();
}

/* Death of the host */

static void
reaping_killed (void)
{
	pid_t pids[N_BACKENDS_MAX], host;
	size_t n;
	Talk talk;
	int fds[N_BACKENDS_MAX];

	talk_open (&talk);
	host = fork ();
	check (host >= 0);
	if (host == 0) {
		Work work;

		load_module ();
		initialize ();
		work_begin (&work);
		if (fork () == 0) {
			tell_parent (&talk);
			await_parent (&talk);
			_exit (0);
		}
		for (;;)
			(void) pause ();
	}
	await_child (&talk);
	n = await_backends (rig.runner, pids);
	for (size_t i = 0; i < n; i++)
		fds[i] = open_pidfd (pids[i]);
	check (kill (host, SIGKILL) == 0);
	for (size_t i = 0; i < n; i++)
		await_gone (fds[i], GONE_MS);
	check (waitpid (host, NULL, 0) == host);
	/* All this time the child was there. */
	tell_child (&talk);
}

const ForkCase reaping_cases[] = {
	{ "sigchld", "no SIGCHLD, no zombie, no child in wait, whatever the disposition",
	  reaping_signals },
	{ "wait", "a thread in wait(-1) all the time sees no child", reaping_wait },
	{ "subreaper", "the host is a child subreaper: ours are reaped, its own are not",
	  reaping_subreaper },
	{ "first", "the host is process 1 of its namespace: the same", reaping_first },
	{ "killed", "the parent is killed, a forked child lives: the backend is gone within 1 s",
	  reaping_killed },
	{ NULL },
};
