/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See fork-common.h: a case in a process of its own, and the end of all that it made. For programs that are subreapers: every
 * descendant of a case is or becomes their child.
 */
#include "config.h"

#include "fork-common.h"

#include <errno.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LEFTOVERS_LIMIT_MS 10000

static void
show_process (const char *pid)
{
	char path[64], comm[64], stat[128], wchan[128];

	(void) snprintf (path, sizeof (path), "/proc/%.20s/comm", pid);
	if (!read_text (path, comm, sizeof (comm)))
		return;
	(void) snprintf (path, sizeof (path), "/proc/%.20s/stat", pid);
	(void) read_text (path, stat, sizeof (stat));
	(void) snprintf (path, sizeof (path), "/proc/%.20s/wchan", pid);
	(void) read_text (path, wchan, sizeof (wchan));
	comm[strcspn (comm, "\n")] = '\0';
	fprintf (stderr, "  still there: process %s (%s) in %s, %.40s\n", pid, comm, wchan, stat);
}

static void
end_leftovers (bool show)
{
	char path[64], children[4096];

	(void) snprintf (path, sizeof (path), "/proc/self/task/%d/children", (int) getpid ());
	(void) read_text (path, children, sizeof (children));
	for (char *save, *word = strtok_r (children, " \n", &save); word != NULL;
	     word = strtok_r (NULL, " \n", &save)) {
		if (show)
			show_process (word);
		(void) kill ((pid_t) atol (word), SIGKILL);
	}
}

/* Waits for all children, at most until @deadline. Every descendant of a case is or becomes a child
 * of this process. */
static bool
reap_until (int64_t deadline, pid_t main_pid, int *ret_status)
{
	for (;;) {
		int status;
		pid_t pid = waitpid (-1, &status, WNOHANG | __WALL);

		if (pid < 0 && errno == ECHILD)
			return true;
		if (pid == main_pid) {
			*ret_status = status;
			return true;
		}
		if (pid == 0 && now_ms () > deadline)
			return false;
		if (pid == 0)
			(void) poll (NULL, 0, 2);
	}
}

static bool
await_no_children (void)
{
	if (reap_until (now_ms () + LEFTOVERS_LIMIT_MS, -1, NULL))
		return true;
	end_leftovers (true);
	while (!reap_until (now_ms (), -1, NULL))
		end_leftovers (false);
	return false;
}

bool
run_in_child (void (*run) (void), int64_t limit_ms)
{
	pid_t pid = fork ();
	int status = 0;
	bool ended;

	check (pid >= 0);
	if (pid == 0) {
		(void) prctl (PR_SET_PDEATHSIG, SIGKILL);
		(void) setsid ();
		run ();
		_exit (0);
	}
	ended = reap_until (now_ms () + limit_ms, pid, &status);
	if (!ended) {
		fprintf (stderr, "%s %s: hangs\n", rig.column, rig.case_id);
		end_leftovers (true);
	}
	if (ended && WIFSIGNALED (status))
		fprintf (stderr, "%s %s: killed by signal %d\n", rig.column, rig.case_id,
		         WTERMSIG (status));
	if (!await_no_children ()) {
		fprintf (stderr, "%s %s: something was left behind\n", rig.column, rig.case_id);
		return false;
	}
	return ended && WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static int
remove_one (const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove (path);
}

void
remove_scratch (void)
{
	check (nftw (rig.scratch, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) == 0);
}
