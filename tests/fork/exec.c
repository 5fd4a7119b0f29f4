/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * exec leaks nothing: a program that is started, in whatever way and at whatever moment, sees no
 * descriptor of ours.
 */
#include "config.h"

#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "fork-common.h"
#include "fork-probes.h"

#define N_STARTS 100

extern char **environ;

static void
spawn_probe (void)
{
	char **arguments = probe_arguments ("descriptors");
	pid_t pid;

	check (posix_spawn (&pid, arguments[0], NULL, NULL, arguments, environ) == 0);
	await_end (pid);
}

static void
exec_probe (bool ready)
{
	char **arguments = probe_arguments ("descriptors");
	pid_t pid = fork ();

	check (pid >= 0);
	if (pid == 0) {
		if (ready)
			start_anew ();
		(void) execv (arguments[0], arguments);
		_exit (1);
	}
	await_end (pid);
}

static void
exec_idle (void)
{
	Work work;

	load_module ();
	initialize ();
	work_begin (&work);
	exec_probe (false);
	exec_probe (true);
	spawn_probe ();
	check (system (probe_command ("descriptors")) == 0);
	work_end (&work);
	finalize ();
}

static atomic_bool over;

static void *
start_backends (void *data)
{
	while (!atomic_load (&over)) {
		CK_SLOT_ID slot;

		initialize ();
		slot = find_slot ();
		check (slot != CK_UNAVAILABLE_INFORMATION);
		finalize ();
	}
	return NULL;
}

/* The moments in which descriptors are made. */
static void
exec_busy (void)
{
	pthread_t thread;

	load_module ();
	initialize ();
	finalize ();
	check (pthread_create (&thread, NULL, start_backends, NULL) == 0);
	for (int i = 0; i < N_STARTS; i++)
		spawn_probe ();
	atomic_store (&over, true);
	check (pthread_join (thread, NULL) == 0);
}

const ForkCase exec_cases[] = {
	{ "exec-idle", "an exec'd program sees no descriptor of ours", exec_idle },
	{ "exec-busy", "the same while a thread starts and ends backends", exec_busy },
	{ NULL },
};
