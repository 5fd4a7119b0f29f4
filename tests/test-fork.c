/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who sees a fork: marks and questions through every way of making a process, and the module in the
 * children.
 */
#include "config.h"

#include <errno.h>
#include <link.h>
#include <linux/sched.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/time.h>

#include "craton.h"
#include "guest.h"

/* Ways of making a child with a copy of this memory. */
typedef enum {
	WAY_FORK,
	WAY_FORK_WITHOUT_HANDLERS,
	WAY_CLONE,
	N_WAYS,
} Way;

static pid_t
make_child (Way way)
{
	if (way == WAY_FORK)
		return fork ();
	if (way == WAY_FORK_WITHOUT_HANDLERS)
		return _Fork ();
	return (pid_t) syscall (SYS_clone, SIGCHLD, NULL, NULL, NULL, NULL);
}

/* In a child nothing can be asserted: it ends with the line that was wrong, modulo what an exit
 * status holds. */
#define EXPECT(what)                                                                           \
	do {                                                                                   \
		if (!(what)) {                                                                 \
			fprintf (stderr, "%s:%d: in a child not so: %s\n", __FILE__, __LINE__, \
			         #what);                                                       \
			_exit (1);                                                             \
		}                                                                              \
	} while (0)

static void
expect_success (pid_t pid)
{
	int status;

	ck_assert_int_gt (pid, 0);
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_msg (status == 0, "child: status 0x%x", (unsigned int) status);
}

/* As above, in a child. */
static void
expect_child_success (pid_t pid)
{
	int status;

	EXPECT (pid > 0 && waitpid (pid, &status, 0) == pid && status == 0);
}

START_TEST (test_mark__same_process)
{
	uint64_t mark = craton_fork_mark ();

	ck_assert_uint_ne (mark, 0);
	ck_assert_uint_eq (craton_fork_mark (), mark);
	ck_assert_int_eq (craton_check_fork_since (mark), 0);
	ck_assert_int_eq (craton_check_fork_since (mark + 1), 1);
	ck_assert_int_eq (craton_check_fork (), 0);
}
END_TEST

/* A line of five: each sees all marks before its own as forks, and its own as none. */
static void
live_as_descendants (Way way, uint64_t *marks)
{
	int n_marks = 1;
	pid_t pid;

	for (;; n_marks++) {
		for (int i = 0; i < n_marks; i++)
			EXPECT (craton_check_fork_since (marks[i]) == 1);
		marks[n_marks] = craton_fork_mark ();
		EXPECT (marks[n_marks] != 0);
		EXPECT (craton_fork_mark () == marks[n_marks]);
		EXPECT (craton_check_fork_since (marks[n_marks]) == 0);
		for (int i = 0; i < n_marks; i++)
			EXPECT (marks[i] != marks[n_marks] &&
			        craton_check_fork_since (marks[i]) == 1);
		if (n_marks == 4)
			_exit (0);
		pid = make_child (way);
		if (pid != 0)
			break;
	}
	expect_child_success (pid);
	EXPECT (craton_check_fork_since (marks[n_marks]) == 0);
	_exit (0);
}

START_TEST (test_mark__descendants)
{
	uint64_t marks[5] = { craton_fork_mark () };
	pid_t pid = make_child ((Way) _i);

	if (pid == 0)
		live_as_descendants ((Way) _i, marks);
	expect_success (pid);
	ck_assert_int_eq (craton_check_fork_since (marks[0]), 0);
	ck_assert_uint_eq (craton_fork_mark (), marks[0]);
}
END_TEST

/* A child that is asked before it has taken a mark, and its child, which is asked by the
 * grandparent's state. */
START_TEST (test_mark__child_without_mark)
{
	uint64_t mark = craton_fork_mark ();
	pid_t pid = make_child ((Way) _i), inner;

	if (pid == 0) {
		inner = make_child ((Way) _i);
		if (inner == 0) {
			EXPECT (craton_check_fork_since (mark) == 1);
			EXPECT (craton_fork_mark () != mark);
			_exit (0);
		}
		expect_child_success (inner);
		EXPECT (craton_check_fork_since (mark) == 1);
		_exit (0);
	}
	expect_success (pid);
}
END_TEST

static pthread_barrier_t barrier;

static void *
take_mark (void *ret_mark)
{
	(void) pthread_barrier_wait (&barrier);
	*(uint64_t *) ret_mark = craton_fork_mark ();
	return NULL;
}

/* The threads of a child agree on one mark, whoever asks first. */
START_TEST (test_mark__threads_of_child)
{
	uint64_t mark = craton_fork_mark ();

	for (int round = 0; round < 50; round++) {
		pid_t pid = make_child (WAY_FORK);

		if (pid == 0) {
			pthread_t threads[4];
			uint64_t marks[4];

			EXPECT (pthread_barrier_init (&barrier, NULL, 4) == 0);
			for (int i = 0; i < 4; i++)
				EXPECT (pthread_create (&threads[i], NULL, take_mark, &marks[i]) ==
				        0);
			for (int i = 0; i < 4; i++)
				EXPECT (pthread_join (threads[i], NULL) == 0);
			for (int i = 0; i < 4; i++)
				EXPECT (marks[i] == marks[0] && marks[i] != mark &&
				        marks[i] == craton_fork_mark ());
			_exit (0);
		}
		expect_success (pid);
	}
}
END_TEST

/* clone() by the name that no sanitizer takes for a fork: its child is in this memory, as
 * vfork's is. */
extern int __clone (int (*function) (void *), void *stack, int flags, void *argument, ...);

/* Runs @function in a child that shares this memory, until it has ended. */
static void
share_memory (int (*function) (void *), void *argument)
{
	static _Alignas(64) char stack[1 << 18];

	expect_success (__clone (function, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD,
	                         argument));
}

typedef struct {
	uint64_t mark, seen;
	int since;
} Asked;

static int
ask_in_shared_memory (void *data)
{
	Asked *asked = data;

	asked->seen = craton_fork_mark ();
	asked->since = craton_check_fork_since (asked->mark);
	return 0;
}

/* A child in its parent's memory is no fork, and its asking changes nothing for the parent. */
START_TEST (test_mark__shared_memory)
{
	Asked asked = { craton_fork_mark (), 0, -1 };

	share_memory (ask_in_shared_memory, &asked);
	ck_assert_uint_eq (asked.seen, asked.mark);
	ck_assert_int_eq (asked.since, 0);
	ck_assert_int_eq (craton_check_fork_since (asked.mark), 0);
}
END_TEST

/* The next child is the first process of a PID namespace. */
static void
enter_namespace (void)
{
	EXPECT (unshare (geteuid () == 0 ? CLONE_NEWPID : CLONE_NEWUSER | CLONE_NEWPID) == 0);
}

/* The first process of a namespace forks the first process of one inside it: both are number 1. */
START_TEST (test_mark__first_of_nested_namespaces)
{
	pid_t pid = fork (), inner;
	uint64_t mark;

	if (pid == 0) {
		enter_namespace ();
		inner = fork ();
		if (inner == 0) {
			EXPECT (getpid () == 1);
			mark = craton_fork_mark ();
			EXPECT (unshare (CLONE_NEWPID) == 0);
			inner = make_child ((Way) _i);
			if (inner == 0) {
				EXPECT (getpid () == 1);
				EXPECT (craton_check_fork_since (mark) == 1);
				EXPECT (craton_fork_mark () != mark);
				_exit (0);
			}
			expect_child_success (inner);
			EXPECT (craton_check_fork_since (mark) == 0);
			_exit (0);
		}
		expect_child_success (inner);
		_exit (0);
	}
	expect_success (pid);
}
END_TEST

#define REUSED_PID 100

/* A child with a number of our choice. */
static pid_t
make_child_numbered (pid_t number)
{
	struct clone_args args = {
		.exit_signal = SIGCHLD,
		.set_tid = (uintptr_t) &number,
		.set_tid_size = 1,
	};

	return (pid_t) syscall (SYS_clone3, &args, sizeof args);
}

/* Number 100 takes a mark, forks and ends. Its child then forks another number 100. */
static void
reuse_number (void)
{
	uint64_t mark = craton_fork_mark ();
	pid_t pid = fork ();

	EXPECT (pid >= 0);
	if (pid > 0) {
		EXPECT (getpid () == REUSED_PID);
		_exit (0);
	}
	while (kill (REUSED_PID, 0) == 0)
		(void) usleep (1000);
	pid = make_child_numbered (REUSED_PID);
	if (pid == 0) {
		EXPECT (getpid () == REUSED_PID);
		EXPECT (craton_check_fork_since (mark) == 1);
		EXPECT (craton_fork_mark () != mark);
		_exit (0);
	}
	expect_child_success (pid);
	_exit (0);
}

START_TEST (test_mark__number_used_again)
{
	pid_t pid = fork (), inner;
	int status;

	if (pid == 0) {
		enter_namespace ();
		inner = fork ();
		if (inner == 0) {
			inner = make_child_numbered (REUSED_PID);
			if (inner == 0)
				reuse_number ();
			EXPECT (inner == REUSED_PID);
			/* Both, the second of them an orphan. */
			for (int i = 0; i < 2; i++)
				EXPECT (waitpid (-1, &status, 0) > 0 && status == 0);
			_exit (0);
		}
		expect_child_success (inner);
		_exit (0);
	}
	expect_success (pid);
}
END_TEST

/* From a signal handler, in the middle of the allocator, of the parent and of children. */

static uint64_t handler_mark;
static atomic_int n_right, n_wrong;

static void
ask_in_handler (int number)
{
	(void) number;
	if (craton_check_fork_since (handler_mark) == 0 && craton_fork_mark () == handler_mark &&
	    craton_check_fork () == 0)
		n_right++;
	else
		n_wrong++;
}

static void
allocate_until (int n_alarms)
{
	struct sigaction action = { .sa_handler = ask_in_handler };
	struct itimerval timer = { { 0, 500 }, { 0, 500 } }, none = { { 0, 0 }, { 0, 0 } };

	n_right = n_wrong = 0;
	handler_mark = craton_fork_mark ();
	(void) sigaction (SIGALRM, &action, NULL);
	(void) setitimer (ITIMER_REAL, &timer, NULL);
	for (size_t i = 0; n_right + n_wrong < n_alarms; i++)
		free (malloc (i * 17 % 5000));
	(void) setitimer (ITIMER_REAL, &none, NULL);
}

START_TEST (test_mark__in_signal_handler)
{
	pid_t pid;

	allocate_until (100);
	ck_assert_int_eq (n_wrong, 0);
	pid = fork ();
	if (pid == 0) {
		allocate_until (100);
		EXPECT (n_wrong == 0);
		_exit (0);
	}
	expect_success (pid);
}
END_TEST

/* craton_check_fork: the module's own state. */
START_TEST (test_check_fork__module)
{
	pid_t pid;

	guest_setup ();
	ck_assert_int_eq (craton_check_fork (), 0);
	pid = make_child ((Way) _i);
	if (pid == 0)
		_exit (craton_check_fork ());
	expect_success (pid);
	guest_load ();
	ck_assert_int_eq (craton_check_fork (), 0);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_int_eq (craton_check_fork (), 0);
	pid = make_child ((Way) _i);
	if (pid == 0) {
		EXPECT (craton_check_fork () == 1);
		EXPECT (guest_p11->C_Finalize (NULL) == CKR_CRYPTOKI_NOT_INITIALIZED);
		EXPECT (craton_check_fork () == 1);
		EXPECT (guest_p11->C_Initialize (NULL) == CKR_OK);
		EXPECT (craton_check_fork () == 0);
		EXPECT (guest_p11->C_Finalize (NULL) == CKR_OK);
		EXPECT (craton_check_fork () == 0);
		_exit (0);
	}
	expect_success (pid);
	ck_assert_int_eq (craton_check_fork (), 0);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_int_eq (craton_check_fork (), 0);
	pid = make_child ((Way) _i);
	if (pid == 0)
		_exit (craton_check_fork ());
	expect_success (pid);
	guest_teardown ();
}
END_TEST

/* The module in children */

static CK_SLOT_ID slot;

static CK_SESSION_HANDLE
start_with_session (void)
{
	guest_start ();
	ck_assert_uint_eq (guest_slots (&slot, 1), 1);
	guest_make_token (slot);
	return guest_open_session (slot);
}

/* The child's own life, beside its parent's backend @parents. */
static void
live_as_child (CK_SESSION_HANDLE parents_session, pid_t parents)
{
	CK_SESSION_HANDLE session;
	pid_t pids[3];
	CK_ULONG n;

	EXPECT (guest_first_ready () == CRATON_CALLS);
	EXPECT (guest_p11->C_Initialize (NULL) == CKR_OK);
	EXPECT (guest_p11->C_Initialize (NULL) == CKR_CRYPTOKI_ALREADY_INITIALIZED);
	EXPECT (guest_count () == 1);
	EXPECT (guest_random (parents_session) == CKR_SESSION_HANDLE_INVALID);
	EXPECT (guest_p11->C_GetSlotList (CK_TRUE, NULL, &n) == CKR_OK && n == 1);
	EXPECT (guest_backends (pids, 3) == 2);
	EXPECT (pids[0] == parents || pids[1] == parents);
	EXPECT (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session) ==
	        CKR_OK);
	EXPECT (session != parents_session);
	EXPECT (guest_random (session) == CKR_OK);
	EXPECT (guest_p11->C_Finalize (NULL) == CKR_OK);
	EXPECT (guest_comes_to (1));
	EXPECT (guest_first_ready () == CRATON_CALLS);
	_exit (0);
}

/* Child and parent, who is in the middle of a digest. SHA-256 of "abcdef": FIPS 180-4, computed
 * with sha256sum. */
START_TEST (test_child__own_backend)
{
	static const CK_BYTE expected[] = { 0xbe, 0xf5, 0x7e, 0xc7, 0xf5, 0x3a, 0x6d, 0x40,
		                            0xbe, 0xb6, 0x40, 0xa7, 0x80, 0xa6, 0x39, 0xc8,
		                            0x3b, 0xc2, 0x9a, 0xc8, 0xa9, 0x81, 0x6f, 0x1f,
		                            0xc6, 0xc5, 0xc6, 0xdc, 0xd9, 0x3c, 0x47, 0x21 };
	CK_MECHANISM mechanism = { CKM_SHA256, NULL, 0 };
	CK_SESSION_HANDLE session = start_with_session ();
	CK_BYTE data[] = "abcdef", digest[32];
	CK_ULONG len = sizeof digest;
	pid_t parents = guest_only_backend (), pid;

	ck_assert_uint_eq (guest_p11->C_DigestInit (session, &mechanism), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DigestUpdate (session, data, 3), CKR_OK);
	pid = make_child ((Way) _i);
	if (pid == 0)
		live_as_child (session, parents);
	expect_success (pid);
	ck_assert_int_eq (guest_only_backend (), parents);
	ck_assert_uint_eq (guest_p11->C_DigestUpdate (session, data + 3, 3), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DigestFinal (session, digest, &len), CKR_OK);
	ck_assert_uint_eq (len, 32);
	ck_assert_mem_eq (digest, expected, 32);
	guest_teardown ();
}
END_TEST

/* Nothing that a child does without C_Initialize reaches the parent's backend: its end, of
 * whatever kind, the module's unloading, calls with the parent's handles. */
START_TEST (test_child__leaves_parent_alone)
{
	CK_SESSION_HANDLE session = start_with_session ();
	pid_t parents = guest_only_backend ();

	for (int how = 0; how < 5; how++) {
		pid_t pid = make_child ((Way) _i);

		if (pid == 0) {
			EXPECT (guest_random (session) == CKR_CRYPTOKI_NOT_INITIALIZED);
			if (how == 0)
				EXPECT (guest_p11->C_Finalize (NULL) ==
				        CKR_CRYPTOKI_NOT_INITIALIZED);
			if (how == 1)
				EXPECT (guest_p11->C_CloseAllSessions (slot) ==
				        CKR_CRYPTOKI_NOT_INITIALIZED);
			if (how == 2)
				EXPECT (dlclose (guest_library) == 0);
			if (how == 3)
				closefrom (3);
			if (how == 4)
				exit (0);
			_exit (0);
		}
		expect_success (pid);
		ck_assert_int_eq (guest_only_backend (), parents);
		ck_assert_uint_eq (guest_random (session), CKR_OK);
	}
	guest_teardown ();
}
END_TEST

/* A child of a child, and one that is older than its parent's C_Initialize. */
START_TEST (test_child__of_child)
{
	CK_SESSION_HANDLE session;
	CK_ULONG n;
	pid_t pid;

	guest_setup ();
	guest_load ();
	pid = make_child ((Way) _i);
	if (pid == 0) {
		EXPECT (guest_p11->C_GetSlotList (CK_TRUE, NULL, &n) ==
		        CKR_CRYPTOKI_NOT_INITIALIZED);
		EXPECT (guest_p11->C_Initialize (NULL) == CKR_OK);
		EXPECT (guest_p11->C_GetSlotList (CK_TRUE, NULL, &n) == CKR_OK);
		pid = make_child ((Way) _i);
		if (pid == 0) {
			EXPECT (guest_p11->C_GetSlotList (CK_TRUE, NULL, &n) ==
			        CKR_CRYPTOKI_NOT_INITIALIZED);
			EXPECT (guest_p11->C_Initialize (NULL) == CKR_OK);
			EXPECT (guest_p11->C_GetSlotList (CK_TRUE, NULL, &n) == CKR_OK);
			EXPECT (guest_count () == 2);
			EXPECT (guest_p11->C_Finalize (NULL) == CKR_OK);
			_exit (0);
		}
		expect_child_success (pid);
		EXPECT (guest_p11->C_GetSlotList (CK_TRUE, NULL, &n) == CKR_OK);
		EXPECT (guest_p11->C_Finalize (NULL) == CKR_OK);
		_exit (0);
	}
	expect_success (pid);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (guest_slots (&slot, 1), 1);
	guest_make_token (slot);
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	guest_teardown ();
}
END_TEST

/* What of this process's memory is the module's and its library's: their writable segments. */
#define PARTS_MAX 8

typedef struct {
	unsigned char *begin;
	size_t len;
	unsigned char *copy;
} Part;

typedef struct {
	Part parts[PARTS_MAX];
	int n;
} Parts;

/* Segments hold the red zones of the sanitizers, too, which are read here as what they are:
 * memory. */
__attribute__ ((noinline, no_sanitize ("address", "thread"))) static bool
same_bytes (const volatile unsigned char *a, const volatile unsigned char *b, size_t len)
{
	size_t i = 0;

	while (i < len && a[i] == b[i])
		i++;
	return i == len;
}

__attribute__ ((noinline, no_sanitize ("address", "thread"))) static void
copy_bytes (volatile unsigned char *to, const volatile unsigned char *from, size_t len)
{
	for (size_t i = 0; i < len; i++)
		to[i] = from[i];
}

static int
copy_library (struct dl_phdr_info *info, size_t len, void *data)
{
	Parts *parts = data;

	(void) len;
	if (strstr (info->dlpi_name, "/craton-pkcs11.so") == NULL &&
	    strstr (info->dlpi_name, "/libcraton.so") == NULL)
		return 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW (Phdr) *segment = &info->dlpi_phdr[i];
		Part *part = &parts->parts[parts->n];

		if (segment->p_type != PT_LOAD || (segment->p_flags & PF_W) == 0 ||
		    parts->n == PARTS_MAX)
			continue;
		*part = (Part){ (unsigned char *) info->dlpi_addr + segment->p_vaddr,
			        segment->p_memsz, malloc (segment->p_memsz) };
		if (part->copy == NULL)
			return 1;
		copy_bytes (part->copy, part->begin, part->len);
		parts->n++;
	}
	return 0;
}

typedef struct {
	CK_SESSION_HANDLE session;
	CK_RV rvs[6];
	int asked;
} Refused;

static int
be_refused (void *data)
{
	Refused *refused = data;
	CK_BYTE bytes[8];
	CK_ULONG len;

	refused->rvs[0] = guest_p11->C_Initialize (NULL);
	refused->rvs[1] = guest_p11->C_GenerateRandom (refused->session, bytes, sizeof bytes);
	refused->rvs[2] = guest_p11->C_GetSlotList (CK_FALSE, NULL, &len);
	refused->rvs[3] = guest_p11->C_CloseSession (refused->session);
	refused->rvs[4] = guest_p11->C_Finalize (NULL);
	refused->rvs[5] = guest_p11->C_GetInfo (NULL);
	refused->asked = craton_check_fork ();
	return 0;
}

/* A child that shares this memory is refused, C_Initialize included, and does not write a byte
 * of the module's. */
START_TEST (test_shared_memory__refused_and_nothing_written)
{
	Refused refused = { .session = start_with_session () };
	static Parts parts;

	ck_assert_uint_eq (guest_random (refused.session), CKR_OK);
	ck_assert_int_eq (dl_iterate_phdr (copy_library, &parts), 0);
	ck_assert_int_ge (parts.n, 2);
	share_memory (be_refused, &refused);
	for (int i = 0; i < parts.n; i++) {
		const Part *part = &parts.parts[i];

		ck_assert_msg (same_bytes (part->begin, part->copy, part->len),
		               "%zu bytes at %p: written", part->len, part->begin);
		free (part->copy);
	}
	for (int i = 0; i < 6; i++)
		ck_assert_uint_eq (refused.rvs[i],
		                   i == 0 ? CKR_FUNCTION_FAILED : CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_assert_int_eq (refused.asked, 0);
	ck_assert_uint_eq (guest_random (refused.session), CKR_OK);
	guest_teardown ();
}
END_TEST

static atomic_bool stop;

static void *
call_until_stopped (void *data)
{
	const CK_SESSION_HANDLE *session = data;
	CK_RV rv = CKR_OK;

	while (!stop && rv == CKR_OK)
		rv = guest_random (*session);
	return (void *) (uintptr_t) rv;
}

/* Forks while other threads are in calls, and so in locks: the child has its own. */
START_TEST (test_child__of_threads)
{
	CK_SESSION_HANDLE session = start_with_session (), childs;
	pthread_t threads[4];
	void *rv;

	for (int i = 0; i < 4; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, call_until_stopped, &session),
		                  0);
	for (int i = 0; i < 15; i++) {
		pid_t pid = fork ();

		if (pid == 0) {
			EXPECT (guest_p11->C_Initialize (NULL) == CKR_OK);
			EXPECT (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL,
			                                  &childs) == CKR_OK);
			EXPECT (guest_random (childs) == CKR_OK);
			EXPECT (guest_p11->C_Finalize (NULL) == CKR_OK);
			_exit (0);
		}
		expect_success (pid);
	}
	stop = true;
	for (int i = 0; i < 4; i++) {
		ck_assert_int_eq (pthread_join (threads[i], &rv), 0);
		ck_assert_uint_eq ((CK_RV) (uintptr_t) rv, CKR_OK);
	}
	guest_teardown ();
}
END_TEST

static volatile pid_t handlers_child = -1, stopped_backend;

static void
fork_in_handler (int number)
{
	(void) number;
	handlers_child = fork ();
	if (handlers_child > 0)
		(void) kill (stopped_backend, SIGCONT);
}

/* A signal handler forks while a call waits: the call goes on in the parent, and in the child it
 * is refused. */
START_TEST (test_child__of_handler_in_call)
{
	struct sigaction action = { .sa_handler = fork_in_handler };
	struct itimerval timer = { .it_value = { 0, 100000 } };
	CK_SESSION_HANDLE session = start_with_session (), again;
	CK_RV rv;

	stopped_backend = guest_only_backend ();
	ck_assert_int_eq (sigaction (SIGALRM, &action, NULL), 0);
	ck_assert (guest_stop (stopped_backend));
	ck_assert_int_eq (setitimer (ITIMER_REAL, &timer, NULL), 0);
	rv = guest_random (session);
	if (handlers_child == 0) {
		EXPECT (rv == CKR_CRYPTOKI_NOT_INITIALIZED);
		EXPECT (guest_p11->C_Initialize (NULL) == CKR_OK);
		EXPECT (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &again) ==
		        CKR_OK);
		EXPECT (guest_random (again) == CKR_OK);
		EXPECT (guest_p11->C_Finalize (NULL) == CKR_OK);
		_exit (0);
	}
	ck_assert_uint_eq (rv, CKR_OK);
	expect_success (handlers_child);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	guest_teardown ();
}
END_TEST

static void
add_tests (TCase *marks, TCase *module)
{
	tcase_add_test (marks, test_mark__same_process);
	tcase_add_loop_test (marks, test_mark__descendants, 0, N_WAYS);
	tcase_add_loop_test (marks, test_mark__child_without_mark, 0, N_WAYS);
	tcase_add_test (marks, test_mark__threads_of_child);
	tcase_add_test (marks, test_mark__shared_memory);
	tcase_add_loop_test (marks, test_mark__first_of_nested_namespaces, 0, N_WAYS);
	tcase_add_test (marks, test_mark__number_used_again);
	tcase_add_test (marks, test_mark__in_signal_handler);
	tcase_add_loop_test (module, test_check_fork__module, 0, N_WAYS);
	tcase_add_loop_test (module, test_child__own_backend, 0, N_WAYS);
	tcase_add_loop_test (module, test_child__leaves_parent_alone, 0, N_WAYS);
	tcase_add_loop_test (module, test_child__of_child, 0, N_WAYS);
	tcase_add_test (module, test_shared_memory__refused_and_nothing_written);
	tcase_add_test (module, test_child__of_threads);
	tcase_add_test (module, test_child__of_handler_in_call);
}

int
main (void)
{
	Suite *suite = suite_create ("fork");
	TCase *marks = tcase_create ("marks"), *module = tcase_create ("module");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (marks, 120);
	tcase_set_timeout (module, 180);
	add_tests (marks, module);
	suite_add_tcase (suite, marks);
	suite_add_tcase (suite, module);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
