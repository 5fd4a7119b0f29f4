/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lives and deaths of backends and of the application.
 */
#include "config.h"

#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cases.h"
#include "fork-log.h"

/* Of each kind. */
#define N_RESTARTS 500
#define LONG_RESTARTS 1000
#define GROWTH_KIB 2048
#define SURVIVOR_KIB 256

/* Places for sessions in the application are made so many at once, of so many bytes; and what printing takes. */
#define SESSION_CHUNK 256
#define SESSION_LEN 64
#define SPARE_LEN 2048

#define WORKS_US 2000000

/* For so long an application tries and tries; a start takes some 5 ms, so without a brake there would be hundreds. */
#define STORM_MS 2000
#define FORGIVEN 2
#define PAUSE_MS 250

const Fault hangs[N_HANGS] = { FAULT_HANG, FAULT_SPIN, FAULT_STOP };

static void
restart (Times *told, Times *works)
{
	CK_SESSION_HANDLE session = open_worked (target_slot);
	int64_t before;

	end_process (target_process (), SIGKILL);
	before = now_us ();
	check_rv (use_session (session), CKR_DEVICE_REMOVED);
	times_add (told, now_us () - before);
	check_rv (use_session (session), CKR_SESSION_HANDLE_INVALID);
	before = now_us ();
	session = open_session (target_slot);
	check_rv (use_session (session), CKR_OK);
	times_add (works, now_us () - before);
	check_rv (p11->C_CloseSession (session), CKR_OK);
}

/* What is there at both ends, and what of it lives on: with the soft tokens' process, which is a new one each time, that of the module;
 * with the module's the first one. */
typedef struct {
	int descriptors, maps, processes, files, first_descriptors;
	pid_t survivor;
	long heap, kib, first_kib, survivor_kib;
} Held;

/* A new process gets ready for a while after it has answered. */
static long
settled_kib (pid_t pid)
{
	long kib = resident_kib (pid), before = 0;

	for (int n_same = 0, n = 0; n_same < 4 && n < 200; n++) {
		(void) poll (NULL, 0, 50);
		before = kib;
		kib = resident_kib (pid);
		n_same = kib == before ? n_same + 1 : 0;
	}
	return kib;
}

static int
count_files (void)
{
	static const char *const folders[] = { "craton", "data/craton/default" };
	char path[256];
	int n = 0;

	for (size_t i = 0; i < 2; i++) {
		(void) snprintf (path, sizeof path, "%s/%s", rig.scratch, folders[i]);
		n += count_entries (path);
	}
	return n;
}

static Held
take_stock (void)
{
	pid_t first = find_process (NULL), pids[N_BACKENDS_MAX];
	pid_t survivor = target_slot == SLOT_SOFT ? find_process ("fault") : first;
	struct mallinfo2 heap = mallinfo2 ();
	/* Before anything else is counted: while it gets ready it opens this and that. */
	long first_kib = settled_kib (first);

	return (Held) {
		.descriptors = count_descriptors (),
		.maps = count_maps (),
		.processes = (int) (list_backends (rig.runner, pids, N_BACKENDS_MAX) + list_backends (first, pids, N_BACKENDS_MAX)),
		.files = count_files (),
		.first_descriptors = count_descriptors_of (first),
		.heap = (long) (heap.uordblks + heap.hblkhd),
		.kib = resident_kib (getpid ()),
		.first_kib = first_kib,
		.survivor = survivor,
		.survivor_kib = settled_kib (survivor),
	};
}

static void
expect_no_more (const Held *before, const Held *after, int n_rounds)
{
	check (after->descriptors == before->descriptors && after->first_descriptors == before->first_descriptors);
	check (after->maps <= before->maps + 1);
	/* That of one that was killed goes when a later one starts. */
	check (after->files <= before->files + 4);
	/* A session of a dead process keeps its place until all places are taken. */
	check (after->heap <= before->heap + (n_rounds / SESSION_CHUNK + 1) * SESSION_CHUNK * SESSION_LEN + SPARE_LEN);
	check (after->kib <= before->kib + GROWTH_KIB);
	/* Of the soft tokens' process it is another one, of the same age. */
	check (after->first_kib <= before->first_kib + GROWTH_KIB);
	check (after->survivor == before->survivor && after->survivor_kib <= before->survivor_kib + SURVIVOR_KIB);
}

static void
restart_many (const char *what, CK_SLOT_ID slot)
{
	int n_rounds = is_long () ? LONG_RESTARTS : N_RESTARTS;
	Times *told = calloc (1, sizeof *told), *works = calloc (1, sizeof *works);
	Held before = { 0 }, after;

	check (told != NULL && works != NULL);
	target_slot = slot;
	for (int i = 0; i < n_rounds; i++) {
		restart (told, works);
		/* What is there once is there from the first rounds on. */
		if (i == 9)
			before = take_stock ();
	}
	/* What a dead one has left behind it ends a moment later. */
	for (int64_t end = now_ms () + PATIENCE_MS; (after = take_stock ()).processes > before.processes;)
		check (now_ms () < end);
	printf ("%s, after 10 and after %d restarts: application: descriptors %d -> %d, lanes %d -> %d, heap %ld -> %ld, memory %ld -> %ld KiB; "
	        "files %d -> %d; token processes %d -> %d; the first one: descriptors %d -> %d, memory %ld -> %ld KiB; the one that lives on: "
	        "memory %ld -> %ld KiB\n",
	        what, n_rounds, before.descriptors, after.descriptors, before.maps, after.maps, before.heap, after.heap, before.kib, after.kib,
	        before.files, after.files, before.processes, after.processes, before.first_descriptors, after.first_descriptors,
	        before.first_kib, after.first_kib, before.survivor_kib, after.survivor_kib);
	times_print ("  dead backend to CKR_DEVICE_REMOVED", told);
	times_print ("  new session with a new backend", works);
	(void) fflush (NULL);
	expect_no_more (&before, &after, n_rounds);
	/* 100 ms are promised; the machine may have other work. */
	check (works->us[works->n / 2] <= WORKS_US);
	free (told);
	free (works);
}

void
case_restarts (void)
{
	/* Each token process has a file there while it lives. */
	check (setenv ("XDG_RUNTIME_DIR", rig.scratch, 1) == 0);
	rig_start ();
	check_rv (use_session (open_session (SLOT_FAULT)), CKR_OK);
	restart_many ("soft token", SLOT_SOFT);
	/* The first backend lives meanwhile, and starts all of them. */
	check_rv (use_session (open_session (SLOT_FAULT)), CKR_OK);
	restart_many ("hosted module", SLOT_FAULT);
	finalize ();
	check (count_maps () == 0);
}

void
begin_hang (Caller *caller, Fault fault)
{
	unsigned int before = times_entered (CRATON_C_SignUpdate);

	*caller = (Caller) { .call = CRATON_C_SignUpdate, .args = { open_session (SLOT_FAULT), 0, 0 } };
	set_fault (CRATON_C_SignUpdate, fault);
	caller_begin (caller);
	while (times_entered (CRATON_C_SignUpdate) == before)
		(void) sched_yield ();
}

static void
finalize_in_time (Fault fault, bool stop_first)
{
	int pidfds[2];
	Caller caller;
	int64_t before;

	begin_hang (&caller, fault);
	pidfds[0] = open_pidfd (find_process (NULL));
	pidfds[1] = open_pidfd (find_process ("fault"));
	if (stop_first)
		stop_process (find_process (NULL));
	before = now_ms ();
	finalize ();
	printf ("C_Finalize with a module in fault %d%s: %d ms\n", fault, stop_first ? ", first backend stopped" : "",
	        (int) (now_ms () - before));
	check (now_ms () - before <= 1000);
	/* A module that stopped itself is continued by the end of its socket, and may still answer. */
	(void) caller_end (&caller);
	check (caller.rv == CKR_CRYPTOKI_NOT_INITIALIZED || (fault == FAULT_STOP && caller.rv == CKR_OK));
	for (int i = 0; i < 2; i++)
		await_gone (pidfds[i], PATIENCE_MS);
	set_fault (CRATON_C_SignUpdate, FAULT_NONE);
	initialize ();
}

void
case_finalize (void)
{
	rig_start ();
	/* As in a process that is not the parent of its orphans, and in one that is. */
	for (int subreaper = 0; subreaper < 2; subreaper++) {
		if (subreaper == 1) {
			check (prctl (PR_SET_CHILD_SUBREAPER, 1) == 0);
			rig.runner = getpid ();
		}
		for (size_t i = 0; i < N_HANGS; i++)
			finalize_in_time (hangs[i], false);
		finalize_in_time (FAULT_HANG, true);
	}
	finalize ();
	(void) fflush (NULL);
}

/* A key generation of a second or more, and what goes on meanwhile. Returns: whether it was still going on. */
static bool
pass_generation (CK_ULONG bits)
{
	static CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	static CK_BBOOL no = CK_FALSE;
	CK_SESSION_HANDLE session = open_session (SLOT_SOFT), second = open_session (SLOT_SOFT);
	CK_ATTRIBUTE size = { CKA_MODULUS_BITS, &bits, sizeof bits }, public = { CKA_PRIVATE, &no, sizeof no };
	CK_OBJECT_HANDLE keys[2];
	CK_SESSION_INFO info;
	bool done;
	Caller caller = { .call = CRATON_C_GenerateKeyPair,
		          .args = { session, (CK_ULONG) (uintptr_t) &mechanism, (CK_ULONG) (uintptr_t) &size, 1,
		                    (CK_ULONG) (uintptr_t) &public, 1, (CK_ULONG) (uintptr_t) &keys[0],
		                    (CK_ULONG) (uintptr_t) &keys[1] } };

	caller_begin (&caller);
	/* Until the call has the session. */
	(void) poll (NULL, 0, 50);
	check_rv (p11->C_SessionCancel (session, CKF_SIGN), CKR_OK);
	check_rv (p11->C_GetSessionInfo (second, &info), CKR_OK);
	check_rv (p11->C_CloseSession (second), CKR_OK);
	check_rv (p11->C_CloseSession (session), CKR_OK);
	done = atomic_load (&caller.done);
	check_rv (caller_end (&caller), done ? CKR_OK : CKR_SESSION_CLOSED);
	return !done;
}

void
case_through (void)
{
	bool passed = false;
	Caller caller;

	rig_start ();
	begin_hang (&caller, FAULT_HANG);
	check_rv (p11->C_SessionCancel (caller.args[0], CKF_SIGN), CKR_OK);
	check_rv (p11->C_CloseSession (caller.args[0]), CKR_OK);
	check (!atomic_load (&caller.done));
	end_process (find_process ("fault"), SIGKILL);
	check_rv (caller_end (&caller), CKR_DEVICE_REMOVED);
	set_fault (CRATON_C_SignUpdate, FAULT_NONE);
	/* Two primes may be found at once: not each time. */
	for (int i = 0; i < 3 && !passed; i++)
		passed = pass_generation (4096);
	check (passed);
	finalize ();
}

void
case_no_deadline (void)
{
	Caller pinless, endless;

	/* Under the module's limit of a second. */
	rig_configure_usual (60, 1);
	rig_start ();
	pinless = (Caller) { .call = CRATON_C_Login, .args = { open_session (SLOT_FAULT), CKU_USER, 0, 0 } };
	set_fault (CRATON_C_Login, FAULT_HANG);
	caller_begin (&pinless);
	(void) poll (NULL, 0, 2500);
	check (!atomic_load (&pinless.done));
	end_process (find_process ("fault"), SIGKILL);
	check_rv (caller_end (&pinless), CKR_DEVICE_REMOVED);
	finalize ();
	rig_configure_usual (0, 0);
	initialize ();
	endless = (Caller) { .call = CRATON_C_Login, .args = { open_session (SLOT_FAULT), CKU_USER, (CK_ULONG) (uintptr_t) "1", 1 } };
	caller_begin (&endless);
	(void) poll (NULL, 0, 2500);
	check (!atomic_load (&endless.done));
	end_process (find_process ("fault"), SIGKILL);
	check_rv (caller_end (&endless), CKR_DEVICE_REMOVED);
	finalize ();
}

static void
write_failing_backend (char *path, size_t len)
{
	char text[512];

	(void) snprintf (path, len, "%s/backend.sh", rig.scratch);
	(void) snprintf (text, sizeof text, "#!/bin/sh\necho start >> %s/starts\nexit 1\n", rig.scratch);
	write_text (path, text);
	check (chmod (path, 0700) == 0);
}

/* How many processes there may have been in @ms: the first one, two that are forgiven, and one after each pause, which doubles. */
static void
expect_few_starts (size_t n_starts, size_t n_calls, int64_t ms)
{
	size_t most = 1 + FORGIVEN;

	for (int64_t pause = PAUSE_MS; ms > 0; pause *= 2) {
		most++;
		ms -= pause;
	}
	printf ("%zu calls in %d ms, %zu starts of at most %zu\n", n_calls, STORM_MS, n_starts, most);
	check (n_starts <= most && n_calls > most);
}

/* A log of one's own is a mount: that wants root. */
static void
catch_log (void)
{
	if (geteuid () == 0)
		log_catch ();
}

static void
expect_one_line (const char *text)
{
	char line[2048];
	int n = 0;

	if (geteuid () != 0)
		return;
	while (log_next (line, sizeof line)) {
		n += strstr (line, text) != NULL;
		printf ("%s\n", line);
	}
	check (n == 1);
}

/* It dies before it says hello. */
void
case_storm_first (void)
{
	char path[128], starts[4096], *real = strdup (getenv ("CRATON_BACKEND"));
	int64_t begin, end;
	CK_SLOT_ID slots[8];
	CK_ULONG n = 8;
	size_t n_calls = 0;
	CK_RV rv;

	catch_log ();
	write_failing_backend (path, sizeof path);
	check (setenv ("CRATON_BACKEND", path, 1) == 0);
	load_module ();
	initialize ();
	begin = now_ms ();
	while (now_ms () < begin + STORM_MS) {
		check_rv (p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_GENERAL_ERROR);
		n_calls++;
	}
	(void) snprintf (path, sizeof path, "%s/starts", rig.scratch);
	check (read_text (path, starts, sizeof starts));
	expect_few_starts (strlen (starts) / strlen ("start\n"), n_calls, now_ms () - begin);
	expect_one_line ("the token process did not start (CKR_DEVICE_REMOVED: its process died); it is tried again more and more rarely");
	check (setenv ("CRATON_BACKEND", real, 1) == 0);
	end = now_ms () + PATIENCE_MS;
	n = 8;
	while ((rv = p11->C_GetSlotList (CK_FALSE, slots, &n)) != CKR_OK) {
		check_rv (rv, CKR_GENERAL_ERROR);
		check (now_ms () < end);
		(void) poll (NULL, 0, 20);
	}
	finalize ();
	(void) fflush (NULL);
}

/* The soft token's process dies after each session that it opens. */
void
case_storm_soft (void)
{
	int64_t begin;
	CK_SESSION_HANDLE session;
	size_t n_calls = 0, n_deaths = 0, n_held = 0;
	CK_RV rv;

	catch_log ();
	rig_start ();
	begin = now_ms ();
	while (now_ms () < begin + STORM_MS) {
		rv = p11->C_OpenSession (SLOT_SOFT, CKF_SERIAL_SESSION, NULL, NULL, &session);
		n_calls++;
		if (rv != CKR_OK) {
			check_rv (rv, CKR_DEVICE_ERROR);
			n_held++;
			continue;
		}
		end_process (find_process (NULL), SIGSEGV);
		check_rv (use_session (session), CKR_DEVICE_REMOVED);
		n_deaths++;
	}
	check (n_held > 0);
	expect_few_starts (n_deaths, n_calls, now_ms () - begin);
	expect_one_line ("the token process dies again and again before it has done anything");
	(void) open_in_time (SLOT_SOFT);
	finalize ();
	(void) fflush (NULL);
}

void
case_storm_hosted (void)
{
	int64_t begin;
	CK_SESSION_HANDLE session;
	unsigned int before;
	size_t n_calls = 0, n_held = 0;
	CK_RV rv;

	catch_log ();
	rig_start ();
	set_fault (CRATON_C_OpenSession, FAULT_CRASH);
	before = times_entered (CRATON_C_OpenSession);
	begin = now_ms ();
	while (now_ms () < begin + STORM_MS) {
		rv = p11->C_OpenSession (SLOT_FAULT, CKF_SERIAL_SESSION, NULL, NULL, &session);
		check (rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR);
		n_held += rv == CKR_DEVICE_ERROR;
		check_rv (p11->C_OpenSession (SLOT_SOFT, CKF_SERIAL_SESSION, NULL, NULL, &session), CKR_OK);
		check_rv (p11->C_CloseSession (session), CKR_OK);
		n_calls++;
	}
	check (n_held > 0);
	expect_few_starts (times_entered (CRATON_C_OpenSession) - before, n_calls, now_ms () - begin);
	expect_one_line ("module fault dies again and again before it has done anything");
	set_fault (CRATON_C_OpenSession, FAULT_NONE);
	(void) open_in_time (SLOT_FAULT);
	finalize ();
	(void) fflush (NULL);
}

static void
stopped_for (pid_t pid, CK_SLOT_ID slot)
{
	CK_SESSION_INFO info;
	Caller caller = { .call = CRATON_C_GetSessionInfo, .args = { open_worked (slot), (CK_ULONG) (uintptr_t) &info } };

	stop_process (pid);
	caller_begin (&caller);
	(void) poll (NULL, 0, is_long () ? 10000 : 1000);
	check (!atomic_load (&caller.done));
	check (kill (pid, SIGCONT) == 0);
	check_rv (caller_end (&caller), CKR_OK);
	check_rv (use_session (caller.args[0]), CKR_OK);
}

/* Stopped for longer than a call may take: killed, and nothing else is. The signal that continues it would come too late. */
static void
stopped_too_long (CK_SLOT_ID slot)
{
	CK_SLOT_ID other = slot == SLOT_SOFT ? SLOT_FAULT : SLOT_SOFT;
	CK_SESSION_HANDLE session = open_worked (slot), another = open_worked (other);
	pid_t pid = find_process (slot == SLOT_SOFT ? NULL : "fault");
	int pidfd = open_pidfd (pid);

	stop_process (pid);
	check_rv (use_session (session), CKR_DEVICE_REMOVED);
	await_gone (pidfd, PATIENCE_MS);
	check_rv (use_session (session), CKR_SESSION_HANDLE_INVALID);
	check_rv (use_session (another), CKR_OK);
	check_rv (use_session (open_session (slot)), CKR_OK);
}

static int work_pipe[2];

static void
work_on (void)
{
	CK_SESSION_HANDLE sessions[2];

	rig_start ();
	sessions[0] = open_session (SLOT_SOFT);
	sessions[1] = open_session (SLOT_FAULT);
	check (write (work_pipe[1], "", 1) == 1);
	for (int64_t end = now_ms () + 1500 + (is_long () ? 9000 : 0); now_ms () < end;) {
		for (int i = 0; i < 2; i++)
			check_rv (use_session (sessions[i]), CKR_OK);
	}
	finalize ();
}

void
case_sigstop (void)
{
	char byte;
	pid_t pid;

	rig_start ();
	stopped_for (find_process (NULL), SLOT_SOFT);
	stopped_for (find_process ("fault"), SLOT_FAULT);
	finalize ();
	rig_configure_usual (1, 1);
	rig_start ();
	stopped_too_long (SLOT_SOFT);
	stopped_too_long (SLOT_FAULT);
	finalize ();
	/* An application that is stopped for longer than its calls may take: its backends are not to blame. */
	check (pipe (work_pipe) == 0);
	pid = begin_child (work_on);
	check (read (work_pipe[0], &byte, 1) == 1);
	stop_process (pid);
	(void) poll (NULL, 0, is_long () ? 10000 : 1200);
	check (kill (pid, SIGCONT) == 0);
	await_end (pid);
}
