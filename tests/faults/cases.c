/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * faults-cases CASE: runs one case in a process of its own, which must leave nothing behind.
 */
#include "config.h"

#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "cases.h"

#define EXIT_SKIP 77
#define NOBODY 65534
#define LIMIT_MS 150000
#define LONG_LIMIT_MS 2100000

static const struct {
	const char *id, *title;
	void (*run) (void);
} cases[] = {
	{ "restarts", "1,000 backends killed: descriptors, lanes, processes and memory as before", case_restarts },
	{ "finalize", "C_Finalize while backends hang, spin and are stopped: within 1 s", case_finalize },
	{ "exit", "the application exits while backends hang, spin and are stopped: they are gone", case_exit },
	{ "through", "C_SessionCancel and C_CloseSession from another thread while a call runs", case_through },
	{ "no-deadline", "call-timeout does not count for a NULL PIN, nor where it is 0", case_no_deadline },
	{ "storm-first", "a first backend that always dies: a few starts, CKR_GENERAL_ERROR for the list, one line, recovery", case_storm_first },
	{ "storm-soft", "a soft token that always dies: a few starts, CKR_DEVICE_ERROR, one line, recovery", case_storm_soft },
	{ "storm-hosted", "a module that always dies: a few starts, CKR_DEVICE_ERROR, one line, recovery", case_storm_hosted },
	{ "sigstop", "SIGSTOP for a while and SIGCONT, of backend, host and application: the call goes on; for longer than call-timeout: killed", case_sigstop },
	{ "slot-list", "C_GetSlotList while one of three tokens hangs or is stopped: the others at once, and what is known", case_slot_list },
	{ "slot-events", "C_WaitForSlotEvent while one of three tokens hangs, spins or is stopped: the others' events, its own late, and C_Finalize within 1 s", case_slot_events },
	{ "app-ends", "the application is killed, crashes, is stopped and killed in a call: backend gone, store and audit log whole", case_app_ends },
	{ "no-descriptors", "no descriptors left in the backend", case_no_descriptors },
	{ "no-disk", "no file may grow in the backend, the lane's neither", case_no_disk },
	{ "no-memory", "no memory left in the backend", case_no_memory },
	{ "no-processes", "no threads and processes left for the backend", case_no_processes },
	{ "softhsm", "SoftHSM2 killed and hung", case_softhsm },
	{ "opensc", "OpenSC without a reader killed and hung", case_opensc },
	{ "opencryptoki", "openCryptoki's soft token killed and hung", case_opencryptoki },
	{ "recursion", "p11-kit-proxy.so hosted, which loads Craton again: no slots, no processes", case_recursion },
	{ "soak", "8 threads, 3 tokens, a backend killed each second: no wrong result, no hang, memory flat", case_soak },
};
#define N_CASES (sizeof cases / sizeof cases[0])

static void *
run_caller (void *data)
{
	Caller *caller = data;

	atomic_store (&caller->tid, (pid_t) gettid ());
	caller->rv = call_function (caller->call, caller->args);
	atomic_store (&caller->done, true);
	return NULL;
}

void
caller_start (Caller *caller)
{
	check (pthread_create (&caller->thread, NULL, run_caller, caller) == 0);
	while (atomic_load (&caller->tid) == 0)
		(void) sched_yield ();
}

void
caller_begin (Caller *caller)
{
	caller_start (caller);
	await_in_call (atomic_load (&caller->tid));
}

CK_RV
caller_end (Caller *caller)
{
	check (pthread_join (caller->thread, NULL) == 0);
	return caller->rv;
}

pid_t
begin_child (void (*run) (void))
{
	pid_t pid;

	(void) fflush (NULL);
	pid = fork ();
	check (pid >= 0);
	if (pid == 0) {
		(void) prctl (PR_SET_PDEATHSIG, SIGKILL);
		run ();
		_exit (0);
	}
	return pid;
}

void
become_nobody (void)
{
	char command[1024];

	if (geteuid () != 0)
		return;
	/* Where the build folder is he may not look. */
	(void) snprintf (command, sizeof command,
	                 "cp -L \"$CRATON_MODULE\" \"$CRATON_BACKEND\" \"$CRATON_FAULT\" "
	                 "\"$CRATON_BUILD/proxy/libcraton.so.0\" %s && chmod 755 %s/*.so* %s/craton-backend",
	                 rig.scratch, rig.scratch, rig.scratch);
	check (system (command) == 0);
	(void) snprintf (rig.module, sizeof rig.module, "%s/craton-pkcs11.so", rig.scratch);
	check (setenv ("CRATON_MODULE", rig.module, 1) == 0);
	(void) snprintf (command, sizeof command, "%s/craton-backend", rig.scratch);
	check (setenv ("CRATON_BACKEND", command, 1) == 0);
	(void) snprintf (command, sizeof command, "%s/fault-module.so", rig.scratch);
	check (setenv ("CRATON_FAULT", command, 1) == 0);
	rig_configure_usual (60, 60);
	give_scratch_away (NOBODY);
	check (setgroups (0, NULL) == 0 && setresgid (NOBODY, NOBODY, NOBODY) == 0 && setresuid (NOBODY, NOBODY, NOBODY) == 0);
}

int
main (int argc, char **argv)
{
	const char *soak = getenv ("CRATON_TEST_SOAK_S");
	size_t i = 0;
	char path[256];
	bool good;

	while (argc == 2 && i < N_CASES && strcmp (cases[i].id, argv[1]) != 0)
		i++;
	if (argc != 2 || i == N_CASES) {
		fprintf (stderr, "Usage: faults-cases CASE\n");
		return 2;
	}
	rig.column = "case";
	rig.case_id = cases[i].id;
	(void) snprintf (path, sizeof path, "%s/tests/faults/results/cases.%s", getenv ("CRATON_BUILD"), cases[i].id);
	(void) unlink (path);
	rig_make ();
	if (cases[i].run == case_opencryptoki && geteuid () != 0) {
		remove_scratch ();
		write_result ("cases", cases[i].title, cases[i].id, "needs root");
		return EXIT_SKIP;
	}
	/* On a busy machine a thousand starts take their time. */
	good = run_in_child (cases[i].run, (is_long () || cases[i].run == case_restarts ? LONG_LIMIT_MS : LIMIT_MS) +
	                                           (soak != NULL ? (int64_t) atoi (soak) * 1000 : 0));
	remove_scratch ();
	write_result ("cases", cases[i].title, cases[i].id, good ? "ok" : "FAIL");
	return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
