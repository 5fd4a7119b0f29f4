/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The application ends in a call, by itself or by a signal: its backends are gone soon, and store and audit log are whole.
 */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"

/* As long as backends may take to see that their application is gone. */
#define GONE_US 1000000

#define N_SIGNALS 3
#define N_WRITERS 12

static Fault exit_fault;
static int exit_pipe[2];

static void
exit_in_call (void)
{
	Caller caller;

	rig_start ();
	begin_hang (&caller, exit_fault);
	check (write (exit_pipe[1], "", 1) == 1);
	/* Until the parent has seen the backends. */
	while (read (exit_pipe[0], &(char) { 0 }, 1) < 0)
		continue;
	exit (0);
}

/* By a signal; with SIGSTOP it is stopped, and then killed. */
static void
end_application (pid_t pid, int number)
{
	if (number == SIGSTOP)
		stop_process (pid);
	check (kill (pid, number == SIGSTOP ? SIGKILL : number) == 0);
}

/* A child that is told to end in a call, and how long its backends take to see it. @number: how it ends, 0 for exit. */
static void
end_child_in_call (Fault fault, int number, Times *times)
{
	int down[2], up[2], pidfds[2];
	int64_t before;
	char byte;
	pid_t pid;

	exit_fault = fault;
	check (pipe (down) == 0 && pipe (up) == 0);
	exit_pipe[0] = down[0];
	exit_pipe[1] = up[1];
	pid = begin_child (exit_in_call);
	check (read (up[0], &byte, 1) == 1);
	pidfds[0] = open_pidfd (find_process (NULL));
	pidfds[1] = open_pidfd (find_process ("fault"));
	before = now_us ();
	if (number == 0)
		check (write (down[1], "", 1) == 1);
	else
		end_application (pid, number);
	check (waitpid (pid, NULL, 0) == pid);
	if (number == 0) {
		printf ("exit with a module in fault %d: %d ms\n", fault, (int) ((now_us () - before) / 1000));
		check (now_us () - before <= 1000000);
	}
	for (int i = 0; i < 2; i++)
		await_gone (pidfds[i], PATIENCE_MS);
	times_add (times, now_us () - before);
	for (int i = 0; i < 2; i++) {
		(void) close (down[i]);
		(void) close (up[i]);
	}
	set_fault (CRATON_C_SignUpdate, FAULT_NONE);
}

void
case_exit (void)
{
	static Times times;

	for (size_t i = 0; i < N_HANGS; i++)
		end_child_in_call (hangs[i], 0, &times);
	times_print ("exit to the end of all backends", &times);
	(void) fflush (NULL);
}

/* The application's own loop of writes: what was acknowledged is told through the pipe. */
static void
write_objects (void)
{
	static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_OBJECT_CLASS class = CKO_DATA;
	CK_SESSION_HANDLE session;

	rig_start ();
	session = open_session (SLOT_SOFT);
	for (CK_ULONG i = 0;; i++) {
		CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof class },
			                    { CKA_TOKEN, &yes, sizeof yes },
			                    { CKA_PRIVATE, &no, sizeof no },
			                    { CKA_VALUE, &i, sizeof i } };
		CK_OBJECT_HANDLE object;

		check_rv (p11->C_CreateObject (session, template, 4, &object), CKR_OK);
		check (write (exit_pipe[1], &i, sizeof i) == sizeof i);
	}
}

/* What its owner finds out with the tools: the audit log's chain by the verification key, which was taken away when there first was one,
 * and the database. Each object that was acknowledged has its line. */
static const char verify[] =
        "set -eu; cd \"$XDG_DATA_HOME/craton/default\"; craton=$CRATON_BUILD/backend/admin/craton\n"
        "[ -f \"$HOME/verification\" ] || \"$craton\" audit key > \"$HOME/verification\" 2> /dev/null\n"
        "\"$craton\" audit verify --key \"$(cat \"$HOME/verification\")\" || { echo 'the audit log is not whole'; exit 1; }\n"
        "python3 -c 'import sqlite3, sys\n"
        "for line in sqlite3.connect (sys.argv[1]).execute (\"PRAGMA integrity_check\"): assert line[0] == \"ok\", line' \"$PWD/token.db\"\n"
        "n=$(grep -c '\"function\":\"C_CreateObject\".*\"result\":\"CKR_OK\"' audit.log)\n"
        "[ \"$n\" -ge %lu ] && [ \"$n\" -le %lu ] || { echo \"$n objects in the audit log, not %lu\"; exit 1; }\n";

static void
verify_store (CK_ULONG n_acknowledged, CK_ULONG n_kills)
{
	char command[2048];

	check ((size_t) snprintf (command, sizeof command, verify, n_acknowledged, n_acknowledged + n_kills, n_acknowledged) <
	       sizeof command);
	check (system (command) == 0);
}

/* All that was acknowledged is there, and at most one more. */
static void
count_objects (void)
{
	CK_OBJECT_HANDLE objects[4096];
	CK_SESSION_HANDLE session;
	CK_ULONG n = 0, expected = 0;

	rig_start ();
	session = open_session (SLOT_SOFT);
	check (read (exit_pipe[0], &expected, sizeof expected) == sizeof expected);
	check_rv (p11->C_FindObjectsInit (session, NULL, 0), CKR_OK);
	check_rv (p11->C_FindObjects (session, objects, 4096, &n), CKR_OK);
	check_rv (p11->C_FindObjectsFinal (session), CKR_OK);
	if (n != expected && n != expected + 1)
		fail (__FILE__, __LINE__, "%lu objects, not %lu", n, expected);
	for (CK_ULONG i = 0; i < n; i++)
		check_rv (p11->C_DestroyObject (session, objects[i]), CKR_OK);
	finalize ();
}

/* Kills an application that writes, stopped first for SIGSTOP. Returns how many writes were acknowledged. */
static CK_ULONG
kill_writer (int number)
{
	CK_ULONG last = 0, n = 0;
	int up[2], down[2];
	pid_t pid;

	check (pipe (up) == 0 && pipe (down) == 0);
	exit_pipe[0] = down[0];
	exit_pipe[1] = up[1];
	pid = begin_child (write_objects);
	(void) close (up[1]);
	while (read (up[0], &last, sizeof last) == sizeof last) {
		if (++n == 20)
			end_application (pid, number);
	}
	check (waitpid (pid, NULL, 0) == pid);
	while (find_process (NULL) != 0)
		(void) poll (NULL, 0, 5);
	check (write (down[1], &n, sizeof n) == sizeof n);
	await_end (begin_child (count_objects));
	(void) close (up[0]);
	(void) close (down[0]);
	(void) close (down[1]);
	return n;
}

void
case_app_ends (void)
{
	static const int numbers[N_SIGNALS] = { SIGKILL, SIGSEGV, SIGSTOP };
	static Times times;
	CK_ULONG n_acknowledged = 0;

	for (size_t i = 0; i < N_SIGNALS; i++) {
		for (size_t j = 0; j < N_HANGS; j++)
			end_child_in_call (hangs[j], numbers[i], &times);
	}
	times_print ("application killed to the end of all backends", &times);
	/* One of them may have met a busy machine. */
	check (times.us[times.n / 2] <= GONE_US);
	for (CK_ULONG i = 0; i < N_WRITERS; i++) {
		n_acknowledged += kill_writer (numbers[i % N_SIGNALS]);
		verify_store (n_acknowledged, i + 1);
	}
	printf ("%d applications killed while they write: %lu writes acknowledged, all in the store and in the audit log\n", N_WRITERS,
	        n_acknowledged);
	(void) fflush (NULL);
}
