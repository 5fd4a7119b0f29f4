/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ways in which a process can split. Each child is refused, asks, initialises and works, while
 * the parent goes on with what it had begun.
 */
#include "config.h"

#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork-common.h"
#include "fork-probes.h"

extern char **environ;

static pid_t
plain_clone (void)
{
	return raw_clone (0);
}

static pid_t
plain_clone3 (void)
{
	return raw_clone3 (0);
}

static pid_t
clone_newpid (void)
{
	return raw_clone (CLONE_NEWPID);
}

static void
split_by (pid_t (*way) (void))
{
	Talk talk;
	Work work;
	pid_t pid;

	load_module ();
	initialize ();
	work_begin (&work);
	talk_open (&talk);
	pid = way ();
	check (pid >= 0);
	if (pid == 0) {
		child_life (&talk, &work);
		_exit (0);
	}
	talk_as_parent (&talk);
	parent_life (&talk, &work);
	await_end (pid);
	work_end (&work);
	finalize ();
}

static void
split_fork (void)
{
	split_by (fork);
}

static void
split_underscore_fork (void)
{
	split_by (_Fork);
}

static void
split_clone (void)
{
	split_by (plain_clone);
}

static void
split_clone3 (void)
{
	split_by (plain_clone3);
}

/* Process 1 of one namespace makes process 1 of another. */
static void
split_newpid (void)
{
	become_first ();
	split_by (clone_newpid);
}

/* PID reuse: the one that initialised ends, and its grandchild gets its number. */

static void
grandchild_life (const Talk *talk, const Work *work, pid_t number)
{
	check (getpid () == number);
	expect_refused (work->user.session);
	start_anew ();
	tell_parent (talk);
}

/* In the child: waits until its parent, with number @number, was reaped. */
static void
reuse_number (const Talk *talk, const Work *work, pid_t number)
{
	pid_t pid;

	await_parent (talk);
	pid = raw_clone3 (number);
	if (pid == 0) {
		grandchild_life (talk, work, number);
		_exit (0);
	}
	await_end (pid);
	_exit (0);
}

static void
split_pid_reuse (void)
{
	Talk talk;
	Work work;
	pid_t first;

	become_first ();
	talk_open (&talk);
	first = fork ();
	check (first >= 0);
	if (first == 0) {
		load_module ();
		initialize ();
		work_begin (&work);
		first = getpid ();
		if (raw_clone (0) == 0)
			reuse_number (&talk, &work, first);
		_exit (0);
	}
	talk_as_parent (&talk);
	await_end (first);
	tell_child (&talk);
	await_child (&talk);
	/* The one that waited for the grandchild is ours now. */
	check (waitpid (-1, NULL, 0) > 0);
}

/* exec */

static void
split_exec (void (*run) (void))
{
	Work work;

	load_module ();
	initialize ();
	work_begin (&work);
	run ();
	work_go_on (&work);
	work_end (&work);
	finalize ();
}

static void
run_posix_spawn (void)
{
	char **arguments = probe_arguments ("fresh");
	pid_t pid;

	check (posix_spawn (&pid, arguments[0], NULL, NULL, arguments, environ) == 0);
	await_end (pid);
}

static void
run_system (void)
{
	check (system (probe_command ("fresh")) == 0);
}

static void
run_popen (void)
{
	FILE *stream = popen (probe_command ("fresh"), "r");

	check (stream != NULL);
	check (pclose (stream) == 0);
}

static void
split_posix_spawn (void)
{
	split_exec (run_posix_spawn);
}

static void
split_system (void)
{
	split_exec (run_system);
}

static void
split_popen (void)
{
	split_exec (run_popen);
}

/* Originals that end */

static void
live_alone (const Talk *talk, const Work *work)
{
	expect_refused (work->user.session);
	start_anew ();
	tell_parent (talk);
	_exit (0);
}

static void
become_daemon (void)
{
	check (daemon (1, 1) == 0);
}

static void
fork_twice (void)
{
	pid_t pid = fork ();

	check (pid >= 0);
	if (pid != 0)
		_exit (0);
	check (setsid () > 0);
	pid = fork ();
	check (pid >= 0);
	if (pid != 0)
		_exit (0);
}

static void
split_alone (void (*split) (void))
{
	Talk talk;
	Work work;
	pid_t pid;

	talk_open (&talk);
	pid = fork ();
	check (pid >= 0);
	if (pid == 0) {
		load_module ();
		initialize ();
		work_begin (&work);
		split ();
		live_alone (&talk, &work);
	}
	talk_as_parent (&talk);
	await_end (pid);
	await_child (&talk);
}

static void
split_daemon (void)
{
	split_alone (become_daemon);
}

static void
split_double_fork (void)
{
	split_alone (fork_twice);
}

const ForkCase split_cases[] = {
	{ "fork", "fork", split_fork },
	{ "_Fork", "_Fork", split_underscore_fork },
	{ "clone", "raw clone with SIGCHLD", split_clone },
	{ "clone3", "raw clone3 with SIGCHLD", split_clone3 },
	{ "newpid", "clone with CLONE_NEWPID, from process 1 to process 1", split_newpid },
	{ "pid-reuse", "a descendant has the number of the process that initialised",
	  split_pid_reuse },
	{ "posix_spawn", "posix_spawn", split_posix_spawn },
	{ "system", "system", split_system },
	{ "popen", "popen", split_popen },
	{ "daemon", "daemon, the original ends", split_daemon },
	{ "double-fork", "fork twice, the originals end", split_double_fork },
	{ NULL },
};
