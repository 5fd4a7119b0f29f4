/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which witness sees which fork: each of the three by itself, as a module would have it that relied
 * on it alone, and what Craton's module answers. Prints the table of docs/fork.md.
 *
 * From the environment: CRATON_MODULE.
 */
#include "config.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "craton.h"
#include "fork-common.h"

#define STACK_LEN ((size_t) 256 << 10)

/* What a child saw, in memory that all share. */
typedef struct {
	bool asked, pid, handler, page, asking;
	CK_RV rv;
} Seen;

static Seen *seen;

/* The witnesses, set up by the process that "initialises". */
static pid_t first_pid;
static bool handler_ran;
static uint64_t *page, mark;

static void *
map (size_t len, int flags)
{
	void *memory = mmap (NULL, len, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	check (memory != MAP_FAILED);
	return memory;
}

static void
note_fork (void)
{
	handler_ran = true;
}

static void
set_up (void)
{
	(void) snprintf (rig.module, sizeof (rig.module), "%s", getenv ("CRATON_MODULE"));
	load_module ();
	first_pid = getpid ();
	page = map (4096, MAP_PRIVATE);
	check (madvise (page, 4096, MADV_WIPEONFORK) == 0);
	*page = 1;
	check (pthread_atfork (NULL, NULL, note_fork) == 0);
	initialize ();
	mark = craton_fork_mark ();
}

/* In the child. Writes to nothing but what is shared. */
static int
look (void *data)
{
	CK_INFO info;

	seen->pid = getpid () != first_pid;
	seen->handler = handler_ran;
	seen->page = *page == 0;
	seen->asking = craton_check_fork_since (mark) != 0;
	seen->rv = p11->C_GetInfo (&info);
	seen->asked = true;
	return 0;
}

static void
look_in_child (pid_t pid)
{
	check (pid >= 0);
	if (pid == 0) {
		(void) look (NULL);
		_exit (0);
	}
	await_end (pid);
}

static void
by_fork (void)
{
	set_up ();
	look_in_child (fork ());
}

static void
by_underscore_fork (void)
{
	set_up ();
	look_in_child (_Fork ());
}

static void
by_clone (void)
{
	set_up ();
	look_in_child (raw_clone (0));
}

static void
by_clone3 (void)
{
	set_up ();
	look_in_child (raw_clone3 (0));
}

static void
by_newpid (void)
{
	become_first ();
	set_up ();
	look_in_child (raw_clone (CLONE_NEWPID));
}

/* As in split.c: @way makes the child, whose own child gets the number of the one that
 * initialised. */
static void
reuse_number (pid_t (*way) (void))
{
	Talk talk;
	pid_t pid, number;

	become_first ();
	talk_open (&talk);
	pid = fork ();
	check (pid >= 0);
	if (pid == 0) {
		set_up ();
		number = getpid ();
		if (way () == 0) {
			await_parent (&talk);
			look_in_child (raw_clone3 (number));
			tell_parent (&talk);
			_exit (0);
		}
		_exit (0);
	}
	await_end (pid);
	tell_child (&talk);
	await_child (&talk);
	check (waitpid (-1, NULL, 0) > 0);
}

static pid_t
clone_plainly (void)
{
	return raw_clone (0);
}

static void
by_reuse (void)
{
	reuse_number (fork);
}

static void
by_raw_reuse (void)
{
	reuse_number (clone_plainly);
}

static void
by_vfork (void)
{
	pid_t pid;

	set_up ();
	pid = vfork ();
	if (pid == 0) {
		(void) look (NULL);
		_exit (0);
	}
	await_end (pid);
}

static void
by_clone_vm (void)
{
	char *stack = map (STACK_LEN, MAP_PRIVATE);

	set_up ();
	await_end (clone (look, stack + STACK_LEN, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
}

static const struct {
	const char *title;
	void (*run) (void);
} ways[] = {
	{ "`fork`", by_fork },
	{ "`_Fork`", by_underscore_fork },
	{ "raw `clone`", by_clone },
	{ "raw `clone3`", by_clone3 },
	{ "`clone` with `CLONE_NEWPID`, process 1 to process 1", by_newpid },
	{ "PID reused, after `fork` and raw `clone3`", by_reuse },
	{ "PID reused, after raw `clone` and raw `clone3`", by_raw_reuse },
	{ "`vfork`", by_vfork },
	{ "`clone` with `CLONE_VM` and `CLONE_VFORK`", by_clone_vm },
};

static const char *
word (bool sees)
{
	return sees ? "sees it" : "**misses it**";
}

int
main (void)
{
	rig.column = "witnesses";
	seen = map (4096, MAP_SHARED);
	printf ("| the child comes from | PID | `pthread_atfork` handler | wiped page |"
	        " `craton_check_fork_since` | Craton's module |\n"
	        "| --- | --- | --- | --- | --- | --- |\n");
	for (size_t i = 0; i < sizeof (ways) / sizeof (ways[0]); i++) {
		pid_t pid;

		rig.case_id = ways[i].title;
		memset (seen, 0, sizeof (*seen));
		(void) fflush (stdout);
		pid = fork ();
		check (pid >= 0);
		if (pid == 0) {
			ways[i].run ();
			_exit (0);
		}
		await_end (pid);
		check (seen->asked);
		printf ("| %s | %s | %s | %s | %s | %s |\n", ways[i].title, word (seen->pid),
		        word (seen->handler), word (seen->page), word (seen->asking),
		        seen->rv == CKR_CRYPTOKI_NOT_INITIALIZED ? "refuses" : "**goes on**");
	}
	return 0;
}
