/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_GetSlotList while one of three tokens hangs: the others are there, at once, and so is that one when it is known. Nothing is killed for
 * it that could still answer.
 */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"

#define SLOT_THIRD 2
#define N_ALL 3

/* The calls after the first, together in the time that one may wait for a module that is new. */
#define N_LATER 200
#define NEW_MS 5000

static CK_ULONG
list_slots (CK_BBOOL present)
{
	CK_SLOT_ID slots[8];
	CK_ULONG n = 8;

	check_rv (p11->C_GetSlotList (present, slots, &n), CKR_OK);
	check (n > 0 && slots[0] == SLOT_SOFT);
	return n;
}

/* The first call and later ones find @n slots; what waits longer than this fails. */
static void
expect_slots (const char *what, CK_ULONG n)
{
	int64_t before = now_ms (), first;

	check (list_slots (CK_FALSE) == n);
	first = now_ms () - before;
	before = now_ms ();
	for (int i = 0; i < N_LATER; i++)
		check (list_slots (i % 2 == 0 ? CK_TRUE : CK_FALSE) == n);
	printf ("%s: %lu slots, first list %d ms, %d more lists %d ms\n", what, n, (int) first, N_LATER, (int) (now_ms () - before));
	(void) fflush (NULL);
	check (now_ms () - before < NEW_MS);
}

static void
expect_in_time (CK_ULONG n)
{
	int64_t deadline = now_ms () + PATIENCE_MS;

	while (list_slots (CK_FALSE) != n) {
		check (now_ms () < deadline);
		(void) poll (NULL, 0, 20);
	}
}

/* Of the module that hangs, "fault" with @timeout_s; the other one has no faults. */
static void
configure (unsigned int timeout_s)
{
	char text[512];

	(void) snprintf (text, sizeof text,
	                 "[token default]\n[module fault]\npath=@FAULT@\nenvironment=FAULT_CONTROL=@SCRATCH@/control\n"
	                 "write-paths=@SCRATCH@\ncall-timeout=%u\n[module fault2]\npath=@FAULT@\n",
	                 timeout_s);
	rig_configure (text);
}

/* It has hung since the application's beginning: nothing is known of it. */
static void
hang_new (CratonCallId call)
{
	set_fault (call, FAULT_HANG);
	initialize ();
	expect_slots (call == CRATON_C_Initialize ? "new, hangs in C_Initialize" : "new, hangs in C_GetSlotList", N_ALL - 1);
	/* The third is the second now. */
	check_rv (use_session (open_session (SLOT_FAULT)), CKR_OK);
	set_fault (call, FAULT_NONE);
	if (call == CRATON_C_GetSlotList)
		end_process (find_process ("fault"), SIGKILL);
	expect_in_time (N_ALL);
	finalize ();
}

/* Its slots are known, and stay; it works as far as it does. */
static void
hang_known (CratonCallId call)
{
	CK_SESSION_HANDLE session, other;

	initialize ();
	check (list_slots (CK_FALSE) == N_ALL);
	session = open_worked (SLOT_FAULT);
	other = open_worked (SLOT_THIRD);
	if (call == CRATON_C_Initialize)
		end_process (find_process ("fault"), SIGKILL);
	set_fault (call, FAULT_HANG);
	expect_slots (call == CRATON_C_Initialize ? "known, hangs in C_Initialize" : "known, hangs in C_GetSlotList", N_ALL);
	check_rv (use_session (other), CKR_OK);
	if (call == CRATON_C_GetSlotList)
		check_rv (use_session (session), CKR_OK);
	set_fault (call, FAULT_NONE);
	if (call == CRATON_C_GetSlotList)
		end_process (find_process ("fault"), SIGKILL);
	check_rv (use_session (open_in_time (SLOT_FAULT)), CKR_OK);
	check (list_slots (CK_FALSE) == N_ALL);
	finalize ();
}

/* Somebody waits for one slot's information; everybody else has the list. */
static void
hang_in_info (void)
{
	static CK_SLOT_INFO info;
	Caller caller = { .call = CRATON_C_GetSlotInfo, .args = { SLOT_FAULT, (CK_ULONG) (uintptr_t) &info } };

	initialize ();
	check (list_slots (CK_FALSE) == N_ALL);
	set_fault (CRATON_C_GetSlotInfo, FAULT_HANG);
	caller_begin (&caller);
	expect_slots ("hangs in C_GetSlotInfo", N_ALL);
	check_rv (p11->C_GetSlotInfo (SLOT_THIRD, &info), CKR_OK);
	check (!atomic_load (&caller.done));
	end_process (find_process ("fault"), SIGKILL);
	check_rv (caller_end (&caller), CKR_DEVICE_REMOVED);
	set_fault (CRATON_C_GetSlotInfo, FAULT_NONE);
	finalize ();
}

/* Also a process that is stopped, the first one too. */
static void
hang_by_signal (const char *host)
{
	pid_t pid;

	initialize ();
	check (list_slots (CK_FALSE) == N_ALL);
	(void) open_worked (SLOT_FAULT);
	pid = find_process (host);
	stop_process (pid);
	expect_slots (host == NULL ? "first backend stopped" : "host stopped", N_ALL);
	check (kill (pid, SIGCONT) == 0);
	check_rv (use_session (open_session (host == NULL ? SLOT_SOFT : SLOT_FAULT)), CKR_OK);
	check (find_process (host) == pid);
	finalize ();
}

/* The deadline of a call that nobody waits for: the module is killed, and is there again. */
static void
hang_past_deadline (void)
{
	pid_t pid;
	int pidfd;

	configure (3);
	initialize ();
	check (list_slots (CK_FALSE) == N_ALL);
	pid = find_process ("fault");
	pidfd = open_pidfd (pid);
	set_fault (CRATON_C_GetSlotList, FAULT_HANG);
	check (list_slots (CK_FALSE) == N_ALL && find_process ("fault") == pid);
	set_fault (CRATON_C_GetSlotList, FAULT_NONE);
	while (find_process ("fault") == pid) {
		check (list_slots (CK_FALSE) == N_ALL);
		(void) poll (NULL, 0, 20);
	}
	await_gone (pidfd, PATIENCE_MS);
	check_rv (use_session (open_in_time (SLOT_FAULT)), CKR_OK);
}

void
case_slot_list (void)
{
	configure (60);
	rig_start ();
	finalize ();
	hang_new (CRATON_C_Initialize);
	hang_new (CRATON_C_GetSlotList);
	hang_known (CRATON_C_Initialize);
	hang_known (CRATON_C_GetSlotList);
	hang_in_info ();
	hang_by_signal ("fault");
	hang_by_signal (NULL);
	hang_past_deadline ();
	/* C_Finalize with a call that nobody waits for. */
	set_fault (CRATON_C_GetSlotList, FAULT_HANG);
	check (list_slots (CK_FALSE) == N_ALL);
	finalize ();
	check (count_maps () == 0);
}
