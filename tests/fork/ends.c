/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ways in which a child can end, before and after its own C_Initialize: none of them reaches
 * the parent's backend. And generations, each of which initialises: they work at the same time, and
 * nothing adds up from one to the next.
 */
#include "config.h"

#include <dirent.h>
#include <dlfcn.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "craton.h"
#include "fork-common.h"
#include "fork-probes.h"

#define N_SIGNATURES 40
#define N_GENERATIONS 10

/* Ends */

static void
end_with_destructors (void)
{
	exit (0);
}

static void
end_at_once (void)
{
	_exit (0);
}

static void
end_with_exec (void)
{
	char **arguments = probe_arguments ("fresh");

	(void) execv (arguments[0], arguments);
}

static void
end_with_dlclose (void)
{
	check (dlclose (module_library) == 0);
	_exit (0);
}

static void
end_with_finalize (void)
{
	CK_RV rv = p11->C_Finalize (NULL);

	/* Done or refused, and nothing is worth more than that. */
	check (rv == CKR_OK || rv == CKR_CRYPTOKI_NOT_INITIALIZED);
	check_rv (p11->C_Finalize (NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	start_anew ();
	finalize ();
	_exit (0);
}

static void
end_with_sigkill (void)
{
	(void) kill (getpid (), SIGKILL);
}

static void
end_by (void (*end) (void), int signal_number)
{
	Work work;

	load_module ();
	initialize ();
	work_begin (&work);
	for (int ready = 0; ready < 2; ready++) {
		pid_t pid = fork ();
		int status;

		check (pid >= 0);
		if (pid == 0) {
			if (ready)
				start_anew ();
			end ();
			_exit (1);
		}
		work_go_on (&work);
		await_gone (open_pidfd (pid), PATIENCE_MS);
		check (waitpid (pid, &status, 0) == pid);
		check (signal_number == 0
		               ? WIFEXITED (status) && WEXITSTATUS (status) == 0
		               : WIFSIGNALED (status) && WTERMSIG (status) == signal_number);
		work_go_on (&work);
	}
	work_end (&work);
	finalize ();
}

static void
ends_exit (void)
{
	end_by (end_with_destructors, 0);
}

static void
ends_underscore_exit (void)
{
	end_by (end_at_once, 0);
}

static void
ends_exec (void)
{
	end_by (end_with_exec, 0);
}

static void
ends_dlclose (void)
{
	end_by (end_with_dlclose, 0);
}

static void
ends_finalize (void)
{
	end_by (end_with_finalize, 0);
}

static void
ends_sigkill (void)
{
	end_by (end_with_sigkill, SIGKILL);
}

/* Three generations, which begin to sign when all of them are ready. */

static void
sign_often (const User *user)
{
	for (int i = 0; i < N_SIGNATURES; i++)
		sign (user);
}

static void
live_with_others (const Talk *talk, int generation)
{
	User user;
	pid_t pid = 0;

	if (generation > 0) {
		check (find_not_refused (0) == NULL);
		check (craton_check_fork () == 1);
	}
	initialize ();
	user = new_user ();
	sign (&user);
	if (generation < 2) {
		pid = fork ();
		check (pid >= 0);
		if (pid == 0) {
			live_with_others (talk, generation + 1);
			_exit (0);
		}
	}
	tell_parent (&talk[generation]);
	await_parent (&talk[generation]);
	sign_often (&user);
	finalize ();
	if (pid != 0)
		await_end (pid);
}

static void
ends_three (void)
{
	Talk talk[3];
	pid_t pid;

	load_module ();
	for (int i = 0; i < 3; i++)
		talk_open (&talk[i]);
	pid = fork ();
	check (pid >= 0);
	if (pid == 0) {
		live_with_others (talk, 0);
		_exit (0);
	}
	for (int i = 0; i < 3; i++)
		talk_as_parent (&talk[i]);
	for (int i = 0; i < 3; i++)
		await_child (&talk[i]);
	for (int i = 0; i < 3; i++)
		tell_child (&talk[i]);
	await_end (pid);
}

/* Ten generations deep */

typedef struct {
	int n_descriptors;
	int n_mappings;
	long data_kib;
} Size;

static Size
measure (void)
{
	static char text[1 << 18];
	DIR *folder = opendir ("/proc/self/fd");
	Size size = { 0 };
	const char *line;

	check (folder != NULL);
	while (readdir (folder) != NULL)
		size.n_descriptors++;
	(void) closedir (folder);
	check (read_text ("/proc/self/maps", text, sizeof (text)));
	for (const char *c = text; *c != '\0'; c++)
		size.n_mappings += *c == '\n';
	check (read_text ("/proc/self/status", text, sizeof (text)));
	line = strstr (text, "VmData:");
	check (line != NULL && sscanf (line, "VmData: %ld", &size.data_kib) == 1);
	return size;
}

/* The first child's size is the measure: its parent has no parent to inherit from. */
static void
descend (int generation, Size first)
{
	User user;
	Size size;
	pid_t pid;

	if (generation > 0)
		expect_refused (0);
	initialize ();
	user = new_user ();
	sign (&user);
	size = measure ();
	if (generation == 1)
		first = size;
	if (generation > 1) {
		check (size.n_descriptors == first.n_descriptors);
#ifndef __SANITIZE_ADDRESS__ /* whose memory manager keeps what was freed */
		check (size.n_mappings <= first.n_mappings);
		check (size.data_kib <= first.data_kib);
#endif
	}
	if (generation < N_GENERATIONS) {
		pid = fork ();
		check (pid >= 0);
		if (pid == 0) {
			descend (generation + 1, first);
			_exit (0);
		}
		await_end (pid);
	}
	sign (&user);
	finalize ();
}

static void
ends_ten (void)
{
	load_module ();
	descend (0, (Size){ 0 });
}

const ForkCase ends_cases[] = {
	{ "exit", "the child ends by exit with destructors", ends_exit },
	{ "_exit", "the child ends by _exit", ends_underscore_exit },
	{ "exec", "the child ends by exec", ends_exec },
	{ "dlclose", "the child ends with dlclose of the module", ends_dlclose },
	{ "finalize", "the child calls C_Finalize first", ends_finalize },
	{ "sigkill", "the child is killed with SIGKILL", ends_sigkill },
	{ "three", "three generations, each initialised, sign at once", ends_three },
	{ "ten", "ten generations: descriptors and memory do not grow", ends_ten },
	{ NULL },
};
