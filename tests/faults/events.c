/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_WaitForSlotEvent while one of three tokens does not answer: whoever does not want to wait does not, the events of the others are
 * told, C_Finalize ends who waits, and what the module has to tell is not lost when it comes late.
 */
#include "config.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>

#include "cases.h"

#define SLOT_THIRD 2

/* The first look at a module that hangs takes a second; and as many more as this no longer than another one. */
#define FIRST_MS 3000
#define N_LATER 100
#define LATER_MS 3000
#define FINALIZE_MS 1000

static CK_SLOT_ID told;

static CK_RV
look (void)
{
	told = ~0ul;
	return p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &told, NULL);
}

static void
expect_no_event (void)
{
	check_rv (look (), CKR_NO_EVENT);
}

static void
expect_event (CK_SLOT_ID slot)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	CK_RV rv;

	while ((rv = look ()) != CKR_OK) {
		check_rv (rv, CKR_NO_EVENT);
		check (now_ms () < deadline);
		(void) poll (NULL, 0, 10);
	}
	check (told == slot);
}

/* Of three tokens, all of which work. */
static void
begin (void)
{
	CK_SLOT_ID slots[8];
	CK_ULONG n = 8;

	initialize ();
	check_rv (p11->C_GetSlotList (CK_FALSE, slots, &n), CKR_OK);
	check (n == 3);
	for (CK_SLOT_ID slot = 0; slot < 3; slot++)
		(void) open_worked (slot);
	expect_no_event ();
}

/* The module does not answer; one that "stops" is stopped from outside, so that it can be continued. */
static void
hang (Fault fault)
{
	if (fault == FAULT_STOP)
		stop_process (find_process ("fault"));
	else
		set_fault (CRATON_C_WaitForSlotEvent, fault);
}

static void
expect_no_wait (void)
{
	int64_t before = now_ms (), first;

	expect_no_event ();
	first = now_ms () - before;
	before = now_ms ();
	for (int i = 0; i < N_LATER; i++)
		expect_no_event ();
	printf ("first look %d ms, %d more %d ms\n", (int) first, N_LATER, (int) (now_ms () - before));
	(void) fflush (NULL);
	check (first < FIRST_MS && now_ms () - before < LATER_MS);
}

/* Removal and return of both others, with and without waiting for it. */
static void
expect_others (void)
{
	Caller caller = { .call = CRATON_C_WaitForSlotEvent, .args = { 0, (CK_ULONG) (uintptr_t) &told, 0 } };

	end_process (find_process ("fault2"), SIGKILL);
	expect_event (SLOT_THIRD);
	expect_event (SLOT_THIRD);
	expect_no_event ();
	caller_start (&caller);
	(void) poll (NULL, 0, 500);
	check (!atomic_load (&caller.done));
	end_process (find_process (NULL), SIGKILL);
	check_rv (caller_end (&caller), CKR_OK);
	check (told == SLOT_SOFT);
	expect_event (SLOT_SOFT);
	expect_no_event ();
	check_rv (use_session (open_session (SLOT_THIRD)), CKR_OK);
}

/* C_Finalize ends it, and it does not wait on if C_Initialize comes at once. */
static void
expect_end (void)
{
	Caller caller = { .call = CRATON_C_WaitForSlotEvent, .args = { 0, (CK_ULONG) (uintptr_t) &told, 0 } };
	int64_t before;

	caller_start (&caller);
	(void) poll (NULL, 0, 300);
	check (!atomic_load (&caller.done));
	before = now_ms ();
	finalize ();
	set_fault (CRATON_C_WaitForSlotEvent, FAULT_NONE);
	initialize ();
	printf ("C_Finalize and C_Initialize %d ms", (int) (now_ms () - before));
	check_rv (caller_end (&caller), CKR_CRYPTOKI_NOT_INITIALIZED);
	printf (", the call that waited %d ms\n", (int) (now_ms () - before));
	(void) fflush (NULL);
	check (now_ms () - before <= FINALIZE_MS);
	finalize ();
}

static void
hang_while_waiting (Fault fault)
{
	unsigned int before;
	pid_t pid;

	begin ();
	pid = find_process ("fault");
	before = times_entered (CRATON_C_WaitForSlotEvent);
	hang (fault);
	expect_no_wait ();
	/* One question, which is put once. */
	check (times_entered (CRATON_C_WaitForSlotEvent) == before + (fault != FAULT_STOP));
	expect_others ();
	check (find_process ("fault") == pid);
	if (fault != FAULT_STOP)
		check_rv (use_session (open_session (SLOT_FAULT)), CKR_OK);
	expect_end ();
}

/* It answers when nobody waits any more. */
static void
answer_late (void)
{
	pid_t pid;

	begin ();
	pid = find_process ("fault");
	hang (FAULT_STOP);
	atomic_store (&fault_control->n_events, 1);
	expect_no_event ();
	check (kill (pid, SIGCONT) == 0);
	/* The list puts questions away that were answered; not this one. */
	while (atomic_load (&fault_control->n_events) != 0)
		check_rv (p11->C_GetSlotList (CK_TRUE, NULL, &(CK_ULONG) { 0 }), CKR_OK);
	for (int i = 0; i < 10; i++)
		check_rv (p11->C_GetSlotList (CK_TRUE, NULL, &(CK_ULONG) { 0 }), CKR_OK);
	check_rv (look (), CKR_OK);
	check (told == SLOT_FAULT);
	expect_no_event ();
	/* And is asked anew. */
	atomic_store (&fault_control->n_events, 2);
	expect_event (SLOT_FAULT);
	expect_event (SLOT_FAULT);
	expect_no_event ();
	check (find_process ("fault") == pid);
	finalize ();
}

/* Killed while it has a question: that is what is told, and the next process is asked again. */
static void
die_with_question (void)
{
	begin ();
	hang (FAULT_HANG);
	expect_no_event ();
	end_process (find_process ("fault"), SIGKILL);
	set_fault (CRATON_C_WaitForSlotEvent, FAULT_NONE);
	expect_event (SLOT_FAULT);
	expect_event (SLOT_FAULT);
	atomic_store (&fault_control->n_events, 1);
	expect_event (SLOT_FAULT);
	expect_no_event ();
	finalize ();
}

void
case_slot_events (void)
{
	rig_configure ("[token default]\n[module fault]\npath=@FAULT@\nenvironment=FAULT_CONTROL=@SCRATCH@/control\n"
	               "write-paths=@SCRATCH@\n[module fault2]\npath=@FAULT@\n");
	rig_start ();
	finalize ();
	for (size_t i = 0; i < N_HANGS; i++)
		hang_while_waiting (hangs[i]);
	answer_late ();
	die_with_question ();
	check (count_maps () == 0);
}
