/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-start MODULE WHAT...: what happens once in a process's life. Links nothing but libc (bench-start-direct: the soft token), so
 * that what a process costs to start is the module's doing.
 *
 *   prepare              a token with the harness's keys
 *   fill N               N token objects more
 *   start COUNT KIND     processes from their start to the end of C_Finalize, one after the other: a line "STAGE NANOSECONDS" for
 *                        each stage that KIND has, since the start, the median
 *   fork COUNT KIND      the same from fork () in a process that has a session, in the child
 *   prefork COUNT KIND   COUNT children at once: nanoseconds until all have had their answer; they live until the end of standard input
 *
 * KIND: info (C_GetTokenInfo), session-sign (a signature with a key made without login), sign (login, a key of the token, a
 * signature), find (login, one find by ID among those that "fill" made).
 */
#include "config.h"

#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench-token.h"

#define COUNT_MAX 1000

typedef enum { BEGUN, LOADED, INITIALISED, ANSWERED, SESSION, LOGIN, KEY, SIGNED, FINALISED, ENDED, STAGES } Stage;

static const char *const stage_names[STAGES] = { "begun", "loaded", "initialised", "answered", "session",
	                                         "login", "key",    "signed",      "finalised", "ended" };

/* Shared with the children. */
typedef struct {
	int64_t at[COUNT_MAX][STAGES];
	pthread_barrier_t ready;
	_Atomic int n_done;
} Board;

static Board *board;
extern char **environ;

static int64_t
now_ns (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
check (CK_RV rv, const char *what)
{
	if (rv == CKR_OK)
		return;
	fprintf (stderr, "bench-start: %s: 0x%lx\n", what, rv);
	_exit (1);
}

#define CHECK(call) check (call, #call)

static CK_FUNCTION_LIST *
load (const char *module)
{
	CK_FUNCTION_LIST *p11 = bench_load (module);

	if (p11 == NULL)
		_exit (1);
	return p11;
}

static void
initialise (CK_FUNCTION_LIST *p11)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	CHECK (p11->C_Initialize (&args));
}

/* What comes after the first answer. */
static void
go_on (CK_FUNCTION_LIST *p11, CK_SLOT_ID slot, const char *kind, int64_t *at)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key, public;

	CHECK (bench_token_session (p11, slot, &session));
	at[SESSION] = now_ns ();
	if (strcmp (kind, "session-sign") == 0) {
		CHECK (bench_token_pair (p11, session, BENCH_EC, false, false, &public, &key));
	} else {
		CHECK (bench_token_login (p11, session));
		at[LOGIN] = now_ns ();
		if (strcmp (kind, "find") == 0)
			CHECK (bench_token_look (p11, session, 7, true));
		else
			CHECK (bench_token_key (p11, session, BENCH_EC, CKO_PRIVATE_KEY, &key));
	}
	at[KEY] = now_ns ();
	if (strcmp (kind, "find") == 0)
		return;
	CHECK (bench_token_sign (p11, session, key));
	at[SIGNED] = now_ns ();
}

static void
use (CK_FUNCTION_LIST *p11, const char *kind, int64_t *at)
{
	CK_SLOT_ID slot;

	initialise (p11);
	at[INITIALISED] = now_ns ();
	CHECK (bench_token_find (p11, &slot));
	at[ANSWERED] = now_ns ();
	if (strcmp (kind, "info") != 0)
		go_on (p11, slot, kind, at);
}

static void
end (CK_FUNCTION_LIST *p11, int64_t *at)
{
	CHECK (p11->C_Finalize (NULL));
	at[FINALISED] = now_ns ();
}

/* The process that "start" starts: writes its stages to standard output. */
static int
live (const char *module, const char *kind)
{
	int64_t at[STAGES] = { 0 };
	CK_FUNCTION_LIST *p11;

	at[BEGUN] = now_ns ();
	p11 = load (module);
	at[LOADED] = now_ns ();
	use (p11, kind, at);
	end (p11, at);
	return write (STDOUT_FILENO, at, sizeof at) == sizeof at ? 0 : 1;
}

static int
compare (const void *a, const void *b)
{
	int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

	return x < y ? -1 : x > y;
}

static void
report (int count)
{
	int64_t column[COUNT_MAX];

	for (int stage = 0; stage < STAGES; stage++) {
		for (int i = 0; i < count; i++)
			column[i] = board->at[i][stage];
		qsort (column, (size_t) count, sizeof *column, compare);
		if (column[0] > 0)
			printf ("%s %ld\n", stage_names[stage], (long) column[count / 2]);
	}
}

static void
start_one (const char *module, const char *kind, int64_t *at)
{
	char *const argv[] = { (char *) "bench-start", (char *) module, (char *) "live", (char *) kind, NULL };
	posix_spawn_file_actions_t actions;
	int64_t start;
	int ends[2], status;
	pid_t pid;

	if (pipe (ends) != 0 || posix_spawn_file_actions_init (&actions) != 0 ||
	    posix_spawn_file_actions_adddup2 (&actions, ends[1], STDOUT_FILENO) != 0 ||
	    posix_spawn_file_actions_addclose (&actions, ends[0]) != 0)
		exit (1);
	start = now_ns ();
	if (posix_spawn (&pid, "/proc/self/exe", &actions, NULL, argv, environ) != 0)
		exit (1);
	(void) close (ends[1]);
	if (read (ends[0], at, STAGES * sizeof *at) != (ssize_t) (STAGES * sizeof *at) || waitpid (pid, &status, 0) != pid ||
	    status != 0)
		exit (1);
	at[ENDED] = now_ns ();
	(void) close (ends[0]);
	(void) posix_spawn_file_actions_destroy (&actions);
	for (int stage = 0; stage < STAGES; stage++)
		at[stage] -= at[stage] != 0 ? start : 0;
}

static void
start_all (const char *module, int count, const char *kind)
{
	for (int i = 0; i < count; i++)
		start_one (module, kind, board->at[i]);
	report (count);
}

static void
fork_one (CK_FUNCTION_LIST *p11, const char *kind, int64_t *at)
{
	int64_t start = now_ns ();
	pid_t pid = fork ();
	int status;

	if (pid == 0) {
		at[BEGUN] = now_ns ();
		use (p11, kind, at);
		end (p11, at);
		_exit (0);
	}
	if (pid < 0 || waitpid (pid, &status, 0) != pid || status != 0)
		exit (1);
	for (int stage = 0; stage < STAGES; stage++)
		at[stage] -= at[stage] != 0 ? start : 0;
}

static void
fork_all (CK_FUNCTION_LIST *p11, int count, const char *kind)
{
	int64_t unused[STAGES];

	use (p11, kind, unused);
	for (int i = 0; i < count; i++)
		fork_one (p11, kind, board->at[i]);
	report (count);
}

/* Until whoever measures has looked at the processes. */
static void
await_end (void)
{
	char byte;

	while (read (STDIN_FILENO, &byte, 1) > 0)
		continue;
}

/* A worker of a server that forks first: not one of them has anything before all are there. */
static void
prefork (CK_FUNCTION_LIST *p11, int count, const char *kind)
{
	pthread_barrierattr_t attributes;
	int64_t start;

	(void) pthread_barrierattr_init (&attributes);
	(void) pthread_barrierattr_setpshared (&attributes, PTHREAD_PROCESS_SHARED);
	(void) pthread_barrier_init (&board->ready, &attributes, (unsigned int) count + 1);
	for (int i = 0; i < count; i++) {
		pid_t pid = fork ();

		if (pid < 0)
			exit (1);
		if (pid != 0)
			continue;
		(void) pthread_barrier_wait (&board->ready);
		use (p11, kind, board->at[i]);
		board->n_done++;
		await_end ();
		_exit (0);
	}
	(void) pthread_barrier_wait (&board->ready);
	start = now_ns ();
	while (board->n_done < count && waitpid (-1, NULL, WNOHANG) <= 0)
		(void) usleep (500);
	printf ("%ld\n", board->n_done == count ? (long) (now_ns () - start) : -1L);
	(void) fflush (stdout);
	await_end ();
	while (wait (NULL) > 0)
		continue;
}

static void
fill (CK_FUNCTION_LIST *p11, uint32_t n)
{
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slot;

	initialise (p11);
	CHECK (bench_token_find (p11, &slot));
	CHECK (bench_token_session (p11, slot, &session));
	CHECK (bench_token_login (p11, session));
	for (uint32_t i = 0; i < n; i++)
		CHECK (bench_token_object (p11, session, i, true));
	CHECK (p11->C_Finalize (NULL));
}

int
main (int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	int count = argc > 3 ? atoi (argv[3]) : 0;

	if (argc == 4 && strcmp (what, "live") == 0)
		return live (argv[1], argv[3]);
	board = mmap (NULL, sizeof *board, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (board == MAP_FAILED)
		return 1;
	if (argc == 3 && strcmp (what, "prepare") == 0) {
		CK_FUNCTION_LIST *p11 = load (argv[1]);

		initialise (p11);
		CHECK (bench_token_make (p11));
		CHECK (p11->C_Finalize (NULL));
	} else if (argc == 4 && strcmp (what, "fill") == 0) {
		fill (load (argv[1]), (uint32_t) count);
	} else if (argc == 5 && count >= 1 && count <= COUNT_MAX) {
		if (strcmp (what, "start") == 0)
			start_all (argv[1], count, argv[4]);
		else if (strcmp (what, "fork") == 0)
			fork_all (load (argv[1]), count, argv[4]);
		else if (strcmp (what, "prefork") == 0)
			prefork (load (argv[1]), count, argv[4]);
	} else {
		fprintf (stderr, "Usage: bench-start MODULE prepare | fill N | start|fork|prefork COUNT KIND\n");
		return 2;
	}
	return 0;
}
