/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A guest's manners: what a host must not notice of the module that lives in it (CONTRIBUTING.md,
 * the guest). The real module and a real backend; the host is this process, or one that it makes to
 * be killed.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <spawn.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "guest.h"

#define FDS_MAX 4096

extern char **environ;

static CK_SLOT_ID slot;

/* A host with a token and a session. */
static CK_SESSION_HANDLE
start_with_session (void)
{
	guest_start ();
	ck_assert_uint_eq (guest_slots (&slot, 1), 1);
	guest_make_token (slot);
	return guest_open_session (slot);
}

/* All that a host does with a module, from a first call to a killed backend and a new one, with
 * mistakes in between. */
static void
live (void)
{
	CK_SESSION_HANDLE session = start_with_session ();
	CK_UTF8CHAR wrong[] = "00000000";
	CK_TOKEN_INFO info;
	CK_ULONG n = 0;

	ck_assert_uint_eq (guest_p11->C_GetTokenInfo (slot, &info), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_GetTokenInfo (4711, &info), CKR_SLOT_ID_INVALID);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, wrong, 8), CKR_PIN_INCORRECT);
	ck_assert_uint_eq (guest_p11->C_GetMechanismList (slot, NULL, &n), CKR_OK);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	ck_assert_uint_eq (guest_random (session + 1), CKR_SESSION_HANDLE_INVALID);
	guest_kill (guest_only_backend ());
	ck_assert_uint_eq (guest_random (session), CKR_DEVICE_REMOVED);
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert (guest_comes_to (0));
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
}

/* Descriptors */

static void
list_fds (bool *ret_open)
{
	for (int fd = 0; fd < FDS_MAX; fd++)
		ret_open[fd] = fcntl (fd, F_GETFD) >= 0;
}

static void
close_standard_streams (int *saved)
{
	for (int fd = 0; fd < 3; fd++) {
		saved[fd] = fcntl (fd, F_DUPFD_CLOEXEC, 100);
		(void) close (fd);
	}
}

/* Whether anything took their place. */
static bool
restore_standard_streams (const int *saved)
{
	bool taken = false;

	for (int fd = 0; fd < 3; fd++) {
		taken |= fcntl (fd, F_GETFD) >= 0;
		(void) dup2 (saved[fd], fd);
	}
	return taken;
}

START_TEST (test_descriptors__close_on_exec)
{
	bool before[FDS_MAX], after[FDS_MAX], taken;
	CK_ULONG n;
	int saved[3], ours = 0;
	CK_RV rv;

	guest_setup ();
	list_fds (before);
	close_standard_streams (saved);
	guest_load ();
	rv = guest_p11->C_Initialize (NULL);
	if (rv == CKR_OK)
		rv = guest_p11->C_GetSlotList (CK_FALSE, NULL, &n);
	taken = restore_standard_streams (saved);
	ck_assert_uint_eq (rv, CKR_OK);
	ck_assert_msg (!taken, "a descriptor of the module's is 0, 1 or 2");
	for (int i = 0; i < 3; i++)
		(void) close (saved[i]);
	list_fds (after);
	for (int fd = 3; fd < FDS_MAX; fd++) {
		if (!after[fd] || before[fd])
			continue;
		ours++;
		ck_assert_msg ((fcntl (fd, F_GETFD) & FD_CLOEXEC) != 0, "%d is not close-on-exec",
		               fd);
	}
	ck_assert_int_gt (ours, 0);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	list_fds (after);
	ck_assert_mem_eq (before, after, sizeof before);
}
END_TEST

/* The descriptors that a program finds that this process executes. */
static void
list_in_program (char *ret_text, size_t len)
{
	char arg_sh[] = "sh", arg_c[] = "-c", script[] = "exec ls /proc/self/fd";
	char *arguments[] = { arg_sh, arg_c, script, NULL };
	posix_spawn_file_actions_t actions;
	int pipe_fds[2];
	ssize_t got, all = 0;
	pid_t pid;

	ck_assert_int_eq (pipe2 (pipe_fds, O_CLOEXEC), 0);
	ck_assert_int_eq (posix_spawn_file_actions_init (&actions), 0);
	ck_assert_int_eq (posix_spawn_file_actions_adddup2 (&actions, pipe_fds[1], STDOUT_FILENO),
	                  0);
	ck_assert_int_eq (posix_spawnp (&pid, "sh", &actions, NULL, arguments, environ), 0);
	(void) posix_spawn_file_actions_destroy (&actions);
	(void) close (pipe_fds[1]);
	while ((got = read (pipe_fds[0], ret_text + all, len - 1 - (size_t) all)) > 0)
		all += got;
	ret_text[all] = '\0';
	(void) close (pipe_fds[0]);
	ck_assert_int_eq (waitpid (pid, NULL, 0), pid);
}

START_TEST (test_descriptors__executed_program)
{
	char before[4096], after[4096];

	list_in_program (before, sizeof before);
	(void) start_with_session ();
	list_in_program (after, sizeof after);
	ck_assert_str_eq (before, after);
	guest_teardown ();
}
END_TEST

/* In a process of its own, which has closed what its own tests would report through. */
#define EXPECT(what)                                                                        \
	do {                                                                                \
		if (!(what)) {                                                              \
			fprintf (stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #what); \
			_exit (1);                                                          \
		}                                                                           \
	} while (0)

static void
reuse_numbers (CK_SESSION_HANDLE session)
{
	static struct stat before[64];
	struct stat now;
	int fds[2];
	char byte;

	closefrom (3);
	for (int fd = 3; fd < 63; fd += 2) {
		EXPECT (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, fds) == 0);
		EXPECT (fds[0] == fd && fds[1] == fd + 1);
		EXPECT (fstat (fds[0], &before[fds[0]]) == 0 &&
		        fstat (fds[1], &before[fds[1]]) == 0);
	}
	/* The old backend goes, since nobody holds its socket any more. */
	EXPECT (guest_comes_to (0));
	EXPECT (guest_random (session) == CKR_DEVICE_REMOVED);
	EXPECT (guest_random (session) == CKR_SESSION_HANDLE_INVALID);
	EXPECT (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session) ==
	        CKR_OK);
	EXPECT (guest_random (session) == CKR_OK);
	EXPECT (guest_p11->C_Finalize (NULL) == CKR_OK);
	for (int fd = 3; fd < 63; fd++) {
		EXPECT (fstat (fd, &now) == 0 && now.st_ino == before[fd].st_ino);
		EXPECT (recv (fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == -1 && errno == EAGAIN);
	}
	EXPECT (guest_comes_to (0));
	_exit (0);
}

/* A host that closes all descriptors and gives their numbers to files of its own: those are
 * neither closed nor written to, the sessions are lost, and a new one works. */
START_TEST (test_descriptors__host_reuses_numbers)
{
	int status;
	pid_t pid;

	guest_setup ();
	pid = fork ();
	ck_assert_int_ge (pid, 0);
	if (pid == 0) {
		guest_load ();
		EXPECT (guest_p11->C_Initialize (NULL) == CKR_OK);
		EXPECT (guest_slots (&slot, 1) == 1);
		guest_make_token (slot);
		reuse_numbers (guest_open_session (slot));
	}
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_int_eq (status, 0);
	guest_teardown ();
}
END_TEST

/* No descriptor is to be had, then one is: the calls say so, and go on. */
START_TEST (test_descriptors__none_left)
{
	struct rlimit limit, none;
	CK_ULONG n;

	guest_start ();
	ck_assert_int_eq (getrlimit (RLIMIT_NOFILE, &limit), 0);
	none = limit;
	none.rlim_cur = 3;
	ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &none), 0);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_HOST_MEMORY);
	ck_assert_int_eq (setrlimit (RLIMIT_NOFILE, &limit), 0);
	ck_assert_int_eq (guest_count (), 0);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK);
	guest_teardown ();
}
END_TEST

/* Signals and processes */

static atomic_int n_signals;

static void
count_signal (int number)
{
	(void) number;
	n_signals++;
}

/* No SIGCHLD, no SIGPIPE, nobody to wait for, at any point of a module's life. */
START_TEST (test_processes__none_of_ours)
{
	struct sigaction action = { .sa_handler = count_signal };

	ck_assert_int_eq (sigaction (SIGCHLD, &action, NULL), 0);
	ck_assert_int_eq (sigaction (SIGPIPE, &action, NULL), 0);
	live ();
	ck_assert_int_eq (waitpid (-1, NULL, WNOHANG), -1);
	ck_assert_int_eq (errno, ECHILD);
	ck_assert_int_eq (waitpid (-1, NULL, WNOHANG | __WALL), -1);
	ck_assert_int_eq (errno, ECHILD);
	guest_teardown ();
	ck_assert_int_eq (n_signals, 0);
	ck_assert_int_eq (waitpid (-1, NULL, __WALL), -1);
	ck_assert_int_eq (errno, ECHILD);
}
END_TEST

/* Nor is one mixed up with the host's own children. */
START_TEST (test_processes__hosts_own_child)
{
	pid_t pid = fork ();
	int status;

	ck_assert_int_ge (pid, 0);
	if (pid == 0)
		_exit (7);
	live ();
	ck_assert_int_eq (waitpid (-1, &status, 0), pid);
	ck_assert_int_eq (WEXITSTATUS (status), 7);
	guest_teardown ();
}
END_TEST

/* The backend dies: no signal ends the host, the call says so, the session is lost, the next one
 * works. */
START_TEST (test_death__of_backend)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	CK_SESSION_HANDLE session = start_with_session (), next;
	pid_t pid = guest_only_backend ();
	CK_SESSION_INFO info;

	ck_assert_int_eq (sigaction (SIGPIPE, &action, NULL), 0);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	guest_kill (pid);
	ck_assert_uint_eq (guest_random (session), CKR_DEVICE_REMOVED);
	ck_assert_uint_eq (guest_random (session), CKR_SESSION_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_GetSessionInfo (session, &info),
	                   CKR_SESSION_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_CloseSession (session), CKR_SESSION_HANDLE_INVALID);
	next = guest_open_session (slot);
	ck_assert_uint_ne (next, session);
	ck_assert_uint_eq (guest_random (next), CKR_OK);
	ck_assert_uint_eq (guest_random (session), CKR_SESSION_HANDLE_INVALID);
	ck_assert_int_ne (guest_only_backend (), pid);
	guest_teardown ();
}
END_TEST

static void *
kill_soon (void *data)
{
	const pid_t *pid = data;

	(void) usleep (100000);
	(void) kill (*pid, SIGKILL);
	return NULL;
}

/* It dies while a call waits for it. */
START_TEST (test_death__during_call)
{
	CK_SESSION_HANDLE session = start_with_session ();
	pid_t pid = guest_only_backend ();
	pthread_t thread;

	ck_assert (guest_stop (pid));
	ck_assert_int_eq (pthread_create (&thread, NULL, kill_soon, &pid), 0);
	ck_assert_uint_eq (guest_random (session), CKR_DEVICE_REMOVED);
	ck_assert_int_eq (pthread_join (thread, NULL), 0);
	ck_assert_uint_eq (guest_random (session), CKR_SESSION_HANDLE_INVALID);
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	guest_teardown ();
}
END_TEST

/* How a host can end. */
typedef enum {
	END_EXIT,
	END_AT_ONCE,
	END_KILLED,
	END_FINALIZE,
	END_WITH_CHILD, /* killed, and a forked child of it goes on living */
	N_ENDS,
} End;

static void
end_host (End end, int ready)
{
	CK_ULONG n;

	guest_load ();
	if (guest_p11->C_Initialize (NULL) != CKR_OK ||
	    guest_p11->C_GetSlotList (CK_FALSE, NULL, &n) != CKR_OK)
		_exit (1);
	if (end == END_WITH_CHILD && fork () == 0) {
		(void) prctl (PR_SET_PDEATHSIG, 0);
		if (write (ready, "c", 1) != 1)
			_exit (1);
		for (;;)
			(void) pause ();
	}
	if (write (ready, "r", 1) != 1)
		_exit (1);
	if (end == END_EXIT)
		exit (0);
	if (end == END_AT_ONCE)
		_exit (0);
	if (end == END_FINALIZE)
		_exit (guest_p11->C_Finalize (NULL) == CKR_OK && guest_comes_to (0) ? 0 : 1);
	for (;;)
		(void) pause ();
}

START_TEST (test_death__of_host)
{
	int ready[2], status, n_bytes = _i == END_WITH_CHILD ? 2 : 1;
	char bytes[2];
	pid_t pid;

	guest_setup ();
	ck_assert_int_eq (prctl (PR_SET_CHILD_SUBREAPER, 0), 0);
	ck_assert_int_eq (pipe2 (ready, O_CLOEXEC), 0);
	pid = fork ();
	ck_assert_int_ge (pid, 0);
	if (pid == 0) {
		(void) setpgid (0, 0);
		end_host ((End) _i, ready[1]);
	}
	(void) close (ready[1]);
	for (int i = 0; i < n_bytes; i++)
		ck_assert_int_eq (read (ready[0], &bytes[i], 1), 1);
	if (_i == END_KILLED || _i == END_WITH_CHILD) {
		ck_assert_int_eq (guest_count (), 1);
		ck_assert_int_eq (kill (pid, SIGKILL), 0);
	}
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	if (_i != END_KILLED && _i != END_WITH_CHILD)
		ck_assert_int_eq (status, 0);
	ck_assert_msg (guest_comes_to (0), "a backend outlives its host");
	if (_i == END_WITH_CHILD)
		ck_assert_int_eq (kill (-pid, SIGKILL), 0);
	guest_teardown ();
}
END_TEST

/* The state of the process */

/* errno is as it was, whatever a call returns. */
START_TEST (test_state__errno)
{
	static const CK_ULONG none[CRATON_ARGS_MAX];
	CK_ULONG wrong_session[CRATON_ARGS_MAX] = { 0x123456789 };
	CK_SESSION_HANDLE session;
	CK_ULONG n;

	guest_setup ();
	guest_load ();
	errno = 4711;
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n),
	                   CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_assert_int_eq (errno, 4711);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_int_eq (errno, 4711);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK);
	ck_assert_int_eq (errno, 4711);
	for (int id = 0; id < CRATON_CALLS; id++) {
		if (id == CRATON_C_Finalize || id == CRATON_C_Initialize ||
		    id == CRATON_C_WaitForSlotEvent)
			continue;
		(void) guest_call ((CratonCallId) id, none);
		/* Elsewhere the first argument is a pointer. */
		if (craton_calls[id].signature[0] == 's' || craton_calls[id].signature[0] == 't')
			(void) guest_call ((CratonCallId) id, wrong_session);
		ck_assert_msg (errno == 4711, "%s", craton_calls[id].name);
	}
	guest_make_token (0);
	session = guest_open_session (0);
	guest_kill (guest_only_backend ());
	errno = 4711;
	ck_assert_uint_eq (guest_random (session), CKR_DEVICE_REMOVED);
	ck_assert_int_eq (errno, 4711);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK);
	ck_assert_int_eq (errno, 4711);
	(void) setenv ("CRATON_BACKEND", "/nowhere/craton-backend", 1);
	guest_kill (guest_only_backend ());
	errno = 4711;
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_GENERAL_ERROR);
	ck_assert_int_eq (errno, 4711);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_int_eq (errno, 4711);
	guest_teardown ();
}
END_TEST

typedef struct {
	struct sigaction actions[NSIG];
	sigset_t mask;
	mode_t mask_of_files;
	char folder[PATH_MAX], locale[256];
	char environment[32768];
	int dumpable, subreaper, n_threads;
	char name[17];
	struct rlimit limits[RLIM_NLIMITS];
} State;

static int
count_threads (void)
{
	DIR *folder = opendir ("/proc/self/task");
	int n = -2;

	ck_assert_ptr_nonnull (folder);
	while (readdir (folder) != NULL)
		n++;
	(void) closedir (folder);
	return n;
}

static void
expect_same_state (const State *a, const State *b)
{
	for (int number = 1; number < NSIG; number++)
		ck_assert_msg (a->actions[number].sa_handler == b->actions[number].sa_handler &&
		                       a->actions[number].sa_flags == b->actions[number].sa_flags,
		               "signal %d", number);
	ck_assert_mem_eq (&a->mask, &b->mask, sizeof a->mask);
	ck_assert_uint_eq (a->mask_of_files, b->mask_of_files);
	ck_assert_str_eq (a->folder, b->folder);
	ck_assert_str_eq (a->locale, b->locale);
	ck_assert_str_eq (a->environment, b->environment);
	ck_assert_int_eq (a->dumpable, b->dumpable);
	ck_assert_int_eq (a->subreaper, b->subreaper);
	ck_assert_int_eq (a->n_threads, b->n_threads);
	ck_assert_str_eq (a->name, b->name);
	ck_assert_mem_eq (a->limits, b->limits, sizeof a->limits);
}

static void
take_state (State *state)
{
	memset (state, 0, sizeof *state);
	for (int number = 1; number < NSIG; number++)
		(void) sigaction (number, NULL, &state->actions[number]);
	(void) pthread_sigmask (SIG_SETMASK, NULL, &state->mask);
	state->mask_of_files = umask (0);
	(void) umask (state->mask_of_files);
	ck_assert_ptr_nonnull (getcwd (state->folder, sizeof state->folder));
	strcpy (state->locale, setlocale (LC_ALL, NULL));
	for (char **variable = environ; *variable != NULL; variable++) {
		ck_assert_uint_lt (strlen (state->environment) + strlen (*variable) + 2,
		                   sizeof state->environment);
		strcat (strcat (state->environment, *variable), "\n");
	}
	state->dumpable = prctl (PR_GET_DUMPABLE);
	(void) prctl (PR_GET_CHILD_SUBREAPER, &state->subreaper);
	(void) prctl (PR_GET_NAME, state->name);
	state->n_threads = count_threads ();
	for (int i = 0; i < (int) RLIM_NLIMITS; i++)
		(void) getrlimit (i, &state->limits[i]);
}

START_TEST (test_state__of_process)
{
	static State before, after;
	struct sigaction action = { .sa_handler = count_signal, .sa_flags = SA_RESTART };
	sigset_t mask;

	/* Not what anybody would set it to by chance. */
	ck_assert_ptr_nonnull (setlocale (LC_ALL, "C.UTF-8"));
	(void) umask (0035);
	ck_assert_int_eq (sigaction (SIGUSR2, &action, NULL), 0);
	ck_assert_int_eq (sigaction (SIGALRM, &action, NULL), 0);
	(void) sigemptyset (&mask);
	(void) sigaddset (&mask, SIGURG);
	(void) sigaddset (&mask, SIGTERM);
	ck_assert_int_eq (pthread_sigmask (SIG_SETMASK, &mask, NULL), 0);
	ck_assert_int_eq (chdir ("/var"), 0);
	guest_setup ();
	ck_assert_int_eq (setenv ("LC_ALL", "tlh_QX.UTF-8", 1), 0);
	take_state (&before);
	/* Setup comes once; what follows is the rest of live (). */
	guest_load ();
	take_state (&after);
	expect_same_state (&before, &after);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (guest_slots (&slot, 1), 1);
	guest_make_token (slot);
	take_state (&after);
	expect_same_state (&before, &after);
	guest_kill (guest_only_backend ());
	ck_assert_uint_eq (guest_random (guest_open_session (slot)), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	take_state (&after);
	expect_same_state (&before, &after);
	guest_teardown ();
}
END_TEST

START_TEST (test_state__nothing_printed)
{
	int saved[2], file;
	struct stat st;

	for (int i = 0; i < 2; i++)
		saved[i] = fcntl (i + 1, F_DUPFD_CLOEXEC, 100);
	file = memfd_create ("printed", MFD_CLOEXEC);
	ck_assert_int_ge (file, 0);
	ck_assert_int_eq (dup2 (file, 1), 1);
	ck_assert_int_eq (dup2 (file, 2), 2);
	live ();
	(void) setenv ("CRATON_BACKEND", "/nowhere/craton-backend", 1);
	guest_kill (guest_only_backend ());
	(void) guest_p11->C_GetSlotList (CK_FALSE, NULL, &(CK_ULONG){ 0 });
	guest_teardown ();
	for (int i = 0; i < 2; i++)
		(void) dup2 (saved[i], i + 1);
	ck_assert_int_eq (fstat (file, &st), 0);
	ck_assert_int_eq (st.st_size, 0);
}
END_TEST

/* Loading and unloading */

START_TEST (test_dlclose__finalised)
{
	guest_setup ();
	for (int i = 0; i < 3; i++) {
		guest_load ();
		ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
		ck_assert_uint_eq (guest_slots (&slot, 1), 1);
		ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
		guest_p11 = NULL;
		ck_assert_int_eq (dlclose (guest_library), 0);
		ck_assert (guest_comes_to (0));
	}
	guest_teardown ();
}
END_TEST

/* A host that forgets C_Finalize, and one in the middle of whose call another thread does:
 * nothing of what is running is pulled away, and who loads it again finds it as it was. */
START_TEST (test_dlclose__not_finalised)
{
	CK_SESSION_HANDLE session = start_with_session ();
	CK_FUNCTION_LIST_3_2 *functions = guest_p11;

	ck_assert_int_eq (dlclose (guest_library), 0);
	ck_assert_uint_eq (functions->C_Initialize (NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	guest_load ();
	ck_assert_ptr_eq (guest_p11, functions);
	ck_assert_uint_eq (guest_random (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_int_eq (dlclose (guest_library), 0);
	ck_assert (guest_comes_to (0));
	guest_p11 = NULL;
	guest_teardown ();
}
END_TEST

/* C_Finalize while other threads are in calls: they come back, with an error of the standard's. */

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

START_TEST (test_finalize__during_calls)
{
	CK_SESSION_HANDLE sessions[8];
	pthread_t threads[8];

	sessions[0] = start_with_session ();
	for (int i = 1; i < 8; i++)
		sessions[i] = guest_open_session (slot);
	for (int i = 0; i < 8; i++)
		ck_assert_int_eq (
			pthread_create (&threads[i], NULL, call_until_stopped, &sessions[i]), 0);
	(void) usleep (50000);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	for (int i = 0; i < 8; i++) {
		void *data;
		CK_RV rv;

		ck_assert_int_eq (pthread_join (threads[i], &data), 0);
		rv = (CK_RV) (uintptr_t) data;
		/* The latter of a call that had begun and lost its session on the way. */
		ck_assert_msg (rv == CKR_CRYPTOKI_NOT_INITIALIZED ||
		                       rv == CKR_SESSION_HANDLE_INVALID,
		               "0x%lx", rv);
		ck_assert_uint_eq (guest_random (sessions[i]), CKR_CRYPTOKI_NOT_INITIALIZED);
	}
	ck_assert (guest_comes_to (0));
	guest_teardown ();
}
END_TEST

/* A thread that is cancelled in a call leaves nothing locked. */
START_TEST (test_thread__cancelled)
{
	CK_SESSION_HANDLE session = start_with_session ();

	for (int i = 0; i < 20; i++) {
		pthread_t thread;

		ck_assert_int_eq (pthread_create (&thread, NULL, call_until_stopped, &session), 0);
		(void) usleep (2000);
		/* What it returns is not cancelled in the call, and it has no cancellation point
		 * of its own. */
		ck_assert_int_eq (pthread_cancel (thread), 0);
		stop = true;
		ck_assert_int_eq (pthread_join (thread, NULL), 0);
		stop = false;
		ck_assert_uint_eq (guest_random (session), CKR_OK);
	}
	guest_teardown ();
}
END_TEST

static void
add_tests (TCase *descriptors, TCase *processes, TCase *state)
{
	tcase_add_test (descriptors, test_descriptors__close_on_exec);
	tcase_add_test (descriptors, test_descriptors__executed_program);
	tcase_add_test (descriptors, test_descriptors__host_reuses_numbers);
	tcase_add_test (descriptors, test_descriptors__none_left);
	tcase_add_test (processes, test_processes__none_of_ours);
	tcase_add_test (processes, test_processes__hosts_own_child);
	tcase_add_test (processes, test_death__of_backend);
	tcase_add_test (processes, test_death__during_call);
	tcase_add_loop_test (processes, test_death__of_host, 0, N_ENDS);
	tcase_add_test (state, test_state__errno);
	tcase_add_test (state, test_state__of_process);
	tcase_add_test (state, test_state__nothing_printed);
	tcase_add_test (state, test_dlclose__finalised);
	tcase_add_test (state, test_dlclose__not_finalised);
	tcase_add_test (state, test_finalize__during_calls);
	tcase_add_test (state, test_thread__cancelled);
}

int
main (void)
{
	Suite *suite = suite_create ("guest");
	TCase *descriptors = tcase_create ("descriptors"), *processes = tcase_create ("processes");
	TCase *state = tcase_create ("state");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (descriptors, 180);
	tcase_set_timeout (processes, 180);
	tcase_set_timeout (state, 180);
	add_tests (descriptors, processes, state);
	suite_add_tcase (suite, descriptors);
	suite_add_tcase (suite, processes);
	suite_add_tcase (suite, state);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
