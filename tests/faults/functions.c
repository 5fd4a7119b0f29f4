/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * faults-functions COLUMN: each of the 104 functions meets one fault, which is the column. Whatever it is: the call ends, with
 * CKR_DEVICE_REMOVED where the backend died in it; the token's old handles are invalid; another token's session goes on; the removal and the
 * return of the token are told; a new session works; the module has seen the call once and not twice.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "faults-rig.h"

#define SAMPLE_EXPECT(what, ...) check (what)

#include "samples.h"

#define LIMIT_MS 170000

typedef enum { BEFORE, DURING, AFTER, FAULTY } Moment;
typedef enum { DIES, HANGS, GOES_ON, ANY } End;

static const struct {
	const char *name;
	CK_SLOT_ID slot;
	Moment moment;
	Fault fault;
	End end;
} columns[] = {
	{ "soft-before", SLOT_SOFT, BEFORE, FAULT_NONE, DIES },
	{ "soft-during", SLOT_SOFT, DURING, FAULT_NONE, DIES },
	{ "soft-after", SLOT_SOFT, AFTER, FAULT_NONE, DIES },
	{ "hosted-before", SLOT_FAULT, BEFORE, FAULT_NONE, DIES },
	{ "hosted-during", SLOT_FAULT, DURING, FAULT_HANG, DIES },
	{ "hosted-after", SLOT_FAULT, AFTER, FAULT_NONE, DIES },
#define FAULT(id, name, end, text) { name, SLOT_FAULT, FAULTY, FAULT_##id, end },
	FAULTS (FAULT)
#undef FAULT
};
/* Of the soft token and the fault module. */
#define N_SLOTS 2
#define N_COLUMNS (sizeof columns / sizeof columns[0])

static size_t column;
static unsigned int worker, n_workers;
static CK_SESSION_HANDLE other;
static Times until_told, until_works;

/* One call and what came of it. */
typedef struct {
	CratonCallId call;
	Sample sample;
	CK_ULONG args[CRATON_ARGS_MAX];
	CK_SLOT_ID slots[8];
	CK_ULONG n_slots;
	CK_SESSION_HANDLE session;
	_Atomic pid_t tid;
	int64_t done_us;
	CK_RV rv;
} Call;

static void
prepare (Call *call, CratonCallId id, CK_SESSION_HANDLE session)
{
	const CratonCallRow *row = &craton_calls[id];

	memset (call, 0, sizeof *call);
	call->call = id;
	if (row->travels)
		sample_make (&call->sample, row, SAMPLE_FULL);
	memcpy (call->args, call->sample.args, sizeof call->args);
	call->n_slots = 8;
	if (row->signature[0] == 's')
		call->args[0] = session;
	if (row->signature[0] == 't')
		call->args[0] = target_slot;
	if (id == CRATON_C_OpenSession) {
		call->args[1] = CKF_SERIAL_SESSION;
		call->args[4] = sample_word (&call->session);
	} else if (id == CRATON_C_GetSlotList) {
		call->args[0] = CK_FALSE;
		call->args[1] = sample_word (call->slots);
		call->args[2] = sample_word (&call->n_slots);
	} else if (id == CRATON_C_WaitForSlotEvent) {
		call->args[0] = 0;
		call->args[1] = sample_word (call->slots);
		call->args[2] = 0;
	}
}

static void *
make_call (void *data)
{
	Call *call = data;

	atomic_store (&call->tid, (pid_t) gettid ());
	call->rv = call_function (call->call, call->args);
	call->done_us = now_us ();
	return NULL;
}

static pthread_t
begin_call (Call *call)
{
	pthread_t thread;

	check (pthread_create (&thread, NULL, make_call, call) == 0);
	while (atomic_load (&call->tid) == 0)
		(void) sched_yield ();
	return thread;
}

/* It may have ended by itself. */
static void
kill_target (int pidfd, int64_t *ret_us)
{
	static unsigned int n_kills;

	*ret_us = now_us ();
	/* A segmentation fault every other time. */
	check (syscall (SYS_pidfd_send_signal, pidfd, n_kills++ % 2 == 0 ? SIGKILL : SIGSEGV, NULL, 0) == 0 || errno == ESRCH);
	await_gone (pidfd, PATIENCE_MS);
}

/* What the call under way says when its backend dies. The slot list has the slots that are known. C_WaitForSlotEvent has something
 * to tell. */
static void
expect_removed (const Call *call)
{
	if (call->call == CRATON_C_GetSlotList) {
		check_rv (call->rv, CKR_OK);
		check (call->n_slots == N_SLOTS);
	} else if (call->call == CRATON_C_WaitForSlotEvent) {
		check_rv (call->rv, CKR_OK);
		check (call->slots[0] == target_slot);
	} else if (call->rv != CKR_DEVICE_REMOVED) {
		fail (__FILE__, __LINE__, "%s: 0x%lx, not CKR_DEVICE_REMOVED", craton_calls[call->call].name, call->rv);
	}
}

static void
run_before (Call *call, int64_t *ret_us)
{
	kill_target (open_pidfd (target_process ()), ret_us);
	(void) make_call (call);
	/* What is about a slot, or all, starts a new backend first. */
	if (craton_calls[call->call].signature[0] == 's' || call->call == CRATON_C_WaitForSlotEvent)
		expect_removed (call);
	else
		check (call->rv != CKR_DEVICE_REMOVED && call->rv != CKR_GENERAL_ERROR);
}

static void
run_during (Call *call, int64_t *ret_us)
{
	unsigned int before = times_entered (call->call);
	int64_t deadline = now_ms () + PATIENCE_MS;
	pthread_t thread;

	if (target_slot == SLOT_SOFT)
		stop_process (target_process ());
	else
		set_fault (call->call, FAULT_HANG);
	thread = begin_call (call);
	if (target_slot == SLOT_SOFT)
		await_in_call (atomic_load (&call->tid));
	while (target_slot != SLOT_SOFT && times_entered (call->call) == before)
		check (now_ms () < deadline);
	/* A stopped process takes no SIGSEGV. */
	*ret_us = now_us ();
	end_process (target_process (), target_slot == SLOT_SOFT || call->call % 2 == 0 ? SIGKILL : SIGSEGV);
	check (pthread_join (thread, NULL) == 0);
	set_fault (call->call, FAULT_NONE);
	/* C_WaitForSlotEvent looks only five times a second. */
	if (call->call != CRATON_C_WaitForSlotEvent)
		times_add (&until_told, call->done_us - *ret_us);
	expect_removed (call);
}

static void
run_after (Call *call, int64_t *ret_us)
{
	if (call->call == CRATON_C_WaitForSlotEvent)
		call->args[0] = CKF_DONT_BLOCK;
	(void) make_call (call);
	check (call->rv != CKR_DEVICE_REMOVED && call->rv != CKR_DEVICE_ERROR);
	kill_target (open_pidfd (target_process ()), ret_us);
}

/* It blocks as long as it likes: nobody but C_Finalize ends it. */
static void
run_endless (Call *call)
{
	unsigned int before = times_entered (call->call);
	int64_t deadline = now_ms () + PATIENCE_MS;
	pthread_t thread;

	set_fault (call->call, columns[column].fault);
	thread = begin_call (call);
	while (times_entered (call->call) == before)
		check (now_ms () < deadline);
	finalize ();
	check (pthread_join (thread, NULL) == 0);
	check_rv (call->rv, CKR_CRYPTOKI_NOT_INITIALIZED);
	set_fault (call->call, FAULT_NONE);
	initialize ();
	other = open_worked (other_slot);
}

/* The list does not wait for the deadline of @pid: whoever asks when that is over finds it over. */
static void
await_overdue (pid_t pid)
{
	int64_t deadline = now_ms () + PATIENCE_MS;
	CK_ULONG n;

	while (find_process ("fault") == pid) {
		check_rv (p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK);
		check (n == N_SLOTS && now_ms () < deadline);
		(void) usleep (10000);
	}
}

static void
run_faulty (Call *call, int64_t *ret_us)
{
	pid_t pid = target_process ();
	int pidfd = open_pidfd (pid);
	unsigned int before = times_entered (call->call);
	bool once = call->call != CRATON_C_GetSlotList && call->call != CRATON_C_WaitForSlotEvent;

	if (columns[column].end != DIES && columns[column].end != HANGS && call->call == CRATON_C_WaitForSlotEvent)
		call->args[0] = CKF_DONT_BLOCK;
	set_fault (call->call, columns[column].fault);
	(void) make_call (call);
	set_fault (call->call, FAULT_NONE);
	*ret_us = call->done_us;
	if (once)
		check (times_entered (call->call) == before + 1);
	if (columns[column].end == DIES || columns[column].end == HANGS) {
		expect_removed (call);
		(void) close (pidfd);
		if (call->call != CRATON_C_GetSlotList || columns[column].end != HANGS)
			return;
		await_overdue (pid);
		*ret_us = now_us ();
		return;
	}
	if (columns[column].end == GOES_ON && call->call != CRATON_C_WaitForSlotEvent)
		check_rv (call->rv, CKR_OK);
	kill_target (pidfd, ret_us);
}

/* The token is as good as new. */
static void
expect_recovery (Call *call, CK_SESSION_HANDLE old, int64_t since_us)
{
	CK_RV rv = use_session (old);
	CK_SESSION_HANDLE session;

	check (rv == CKR_SESSION_HANDLE_INVALID || rv == CKR_DEVICE_REMOVED);
	check_rv (use_session (old), CKR_SESSION_HANDLE_INVALID);
	check_rv (p11->C_CloseSession (old), CKR_SESSION_HANDLE_INVALID);
	/* The child that holds the dead backend's socket hides its death until a call waits for it. */
	session = columns[column].fault == FAULT_FORK || columns[column].fault == FAULT_FORK_RETURN ? open_in_time (target_slot)
	                                                                                            : open_session (target_slot);
	check_rv (use_session (session), CKR_OK);
	if (call->call != CRATON_C_WaitForSlotEvent)
		times_add (&until_works, now_us () - since_us);
	check_rv (use_session (other), CKR_OK);
	if (call->call != CRATON_C_WaitForSlotEvent)
		expect_events (target_slot);
	else
		while (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, call->slots, NULL) == CKR_OK)
			check (call->slots[0] == target_slot);
	check_rv (p11->C_CloseSession (session), CKR_OK);
}

static void
travel (CratonCallId id)
{
	static void (*const runs[]) (Call *, int64_t *) = { run_before, run_during, run_after, run_faulty };
	CK_SESSION_HANDLE session = open_worked (target_slot);
	int64_t since_us = 0;
	Call call;

	prepare (&call, id, session);
	if (id == CRATON_C_WaitForSlotEvent && columns[column].end == HANGS)
		run_endless (&call);
	else
		runs[columns[column].moment](&call, &since_us);
	if (since_us != 0)
		expect_recovery (&call, session, since_us);
	sample_clear (&call.sample);
}

/* C_Initialize and C_GetInterface run when the module is loaded: it cannot start, and everybody else can. */
static void
start (CratonCallId id)
{
	End end = columns[column].end;
	CK_SLOT_ID slots[8];
	CK_ULONG n_slots = 8;
	CK_SESSION_HANDLE session;

	end_process (target_process (), SIGKILL);
	set_fault (id, columns[column].fault);
	check_rv (p11->C_GetSlotList (CK_FALSE, slots, &n_slots), CKR_OK);
	check (n_slots >= 1 && slots[0] == SLOT_SOFT);
	check (end == ANY || n_slots == N_SLOTS);
	check_rv (use_session (other), CKR_OK);
	set_fault (id, FAULT_NONE);
	session = open_in_time (target_slot);
	check_rv (use_session (session), CKR_OK);
	check_rv (p11->C_CloseSession (session), CKR_OK);
	while (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, slots, NULL) == CKR_OK)
		check (slots[0] == target_slot);
}

/* C_Finalize runs when the application has called it, or has gone. */
static void
finish (CratonCallId id)
{
	int pidfds[] = { open_pidfd (find_process (NULL)), open_pidfd (find_process ("fault")) };
	int64_t before_us = now_us ();

	set_fault (id, columns[column].fault);
	finalize ();
	times_add (&until_told, now_us () - before_us);
	check (now_us () - before_us < 1000000);
	for (int i = 0; i < 2; i++)
		await_gone (pidfds[i], PATIENCE_MS);
	set_fault (id, FAULT_NONE);
	initialize ();
	other = open_worked (other_slot);
	(void) open_worked (target_slot);
}

/* What the proxy answers by itself is as it was before and after the death of a backend. */
static void
stay (CratonCallId id)
{
	CK_INFO info;
	CK_ULONG n = 0;

	(void) open_worked (target_slot);
	if (columns[column].moment == BEFORE)
		end_process (target_process (), SIGKILL);
	if (id == CRATON_C_GetInfo)
		check_rv (p11->C_GetInfo (&info), CKR_OK);
	else if (id == CRATON_C_Initialize)
		check_rv (p11->C_Initialize (NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	else if (id == CRATON_C_GetInterfaceList)
		check_rv (p11->C_GetInterfaceList (NULL, &n), CKR_OK);
	else if (id == CRATON_C_Finalize) {
		finalize ();
		initialize ();
		other = open_worked (other_slot);
	}
	if (columns[column].moment == AFTER && id != CRATON_C_Finalize)
		end_process (target_process (), SIGKILL);
	check_rv (use_session (open_session (target_slot)), CKR_OK);
	while (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &n, NULL) == CKR_OK)
		check (n == target_slot);
}

static const char *
run_one (CratonCallId id)
{
	bool faulty = columns[column].moment == FAULTY;

	if (craton_calls[id].travels)
		travel (id);
	else if (id == CRATON_C_Finalize && faulty)
		finish (id);
	else if ((id == CRATON_C_Initialize || id == CRATON_C_GetInterface) && faulty)
		start (id);
	else if (columns[column].moment == BEFORE || columns[column].moment == AFTER)
		stay (id);
	else
		return "-";
	return "ok";
}

static void
run_worker (void)
{
	char name[64];

	rig_configure_usual (60, columns[column].end == HANGS ? 1 : 60);
	rig_start ();
	other = open_worked (other_slot);
	(void) open_worked (target_slot);
	for (unsigned int id = worker; id < CRATON_CALLS; id += n_workers) {
		const char *result;

		rig.case_id = craton_calls[id].name;
		result = run_one ((CratonCallId) id);
		write_result ("functions", craton_calls[id].name, columns[column].name, result);
	}
	finalize ();
	(void) snprintf (name, sizeof name, "%s, kill to answer", columns[column].name);
	times_print (name, &until_told);
	(void) snprintf (name, sizeof name, "%s, kill to new session", columns[column].name);
	times_print (name, &until_works);
	(void) fflush (NULL);
}

/* Each worker has a scratch home and processes of its own. */
static pid_t
start_worker (unsigned int number)
{
	pid_t pid = fork ();
	bool good;

	check (pid >= 0);
	if (pid != 0)
		return pid;
	worker = number;
	rig_make ();
	good = run_in_child (run_worker, LIMIT_MS);
	remove_scratch ();
	_exit (good ? 0 : 1);
}

int
main (int argc, char **argv)
{
	char path[256];
	int failed = 0, status;

	for (column = 0; argc == 2 && column < N_COLUMNS; column++) {
		if (strcmp (columns[column].name, argv[1]) == 0)
			break;
	}
	if (argc != 2 || column == N_COLUMNS) {
		fprintf (stderr, "Usage: faults-functions COLUMN\n");
		return 2;
	}
	rig.column = columns[column].name;
	rig.case_id = "-";
	target_slot = columns[column].slot;
	other_slot = target_slot == SLOT_SOFT ? SLOT_FAULT : SLOT_SOFT;
	(void) snprintf (path, sizeof path, "%s/tests/faults/results/functions.%s", getenv ("CRATON_BUILD"), rig.column);
	(void) unlink (path);
	n_workers = columns[column].end == HANGS ? 13 : 2;
	for (unsigned int i = 0; i < n_workers; i++)
		(void) start_worker (i);
	for (unsigned int i = 0; i < n_workers; i++) {
		check (wait (&status) > 0);
		failed |= status;
	}
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
