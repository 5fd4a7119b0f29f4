/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket: whole messages or none, one descriptor or none, and never one of 0, 1 and 2.
 */
#include "config.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "control.h"

/* How long is waited for what must happen. Generous: only a failure takes it. */
#define PATIENCE_MS 60000

static int fds[2]; /* ours and the peer's */

static void
setup (void)
{
	ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
}

static void
teardown (void)
{
	(void) close (fds[0]);
	(void) close (fds[1]);
}

static int
count_fds (void)
{
	DIR *folder = opendir ("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull (folder);
	while (readdir (folder) != NULL)
		n++;
	(void) closedir (folder);
	return n;
}

/* A peer that sends what it likes. */
static void
send_raw (const void *bytes, size_t len, const int *send_fds, size_t n_fds)
{
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE (64 * sizeof (int))];
	} control = { 0 };
	struct iovec iov = { (void *) bytes, len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n_fds > 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN (n_fds * sizeof (int));
		memcpy (CMSG_DATA (&control.header), send_fds, n_fds * sizeof (int));
	}
	ck_assert_int_eq (sendmsg (fds[1], &msg, MSG_NOSIGNAL), (ssize_t) len);
}

START_TEST (test_message__round_trip)
{
	CratonControl sent, got;
	int fd = 99;

	memset (&got, 0xff, sizeof got);
	craton_control_init (&sent, CRATON_CONTROL_HOST);
	ck_assert (craton_control_fits (&sent));
	sent.rv = CKR_TOKEN_NOT_PRESENT;
	sent.value = UINT64_MAX;
	sent.n_flat = CRATON_FLAT_MAX;
	sent.flat[CRATON_FLAT_MAX - 1] = CKM_VENDOR_DEFINED;
	strcpy (sent.text, "softhsm");
	ck_assert_uint_eq (craton_control_send (fds[0], &sent, -1), CKR_OK);
	ck_assert_uint_eq (craton_control_receive (fds[1], PATIENCE_MS, &got, &fd), CKR_OK);
	ck_assert_mem_eq (&sent, &got, sizeof sent);
	ck_assert_int_eq (fd, -1);
}
END_TEST

/* Nothing of a message is taken for granted: the text ends, the count is in range, the rest is
 * for the caller to check. */
START_TEST (test_message__hostile)
{
	CratonControl sent, got;

	memset (&sent, 0xff, sizeof sent);
	send_raw (&sent, sizeof sent, NULL, 0);
	ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &got, NULL), CKR_OK);
	ck_assert_uint_eq (got.n_flat, CRATON_FLAT_MAX);
	ck_assert_uint_eq (strlen (got.text), CRATON_CONTROL_TEXT - 1);
	ck_assert (!craton_control_fits (&got));
}
END_TEST

START_TEST (test_fits__each_field)
{
	CratonControl message;

	craton_control_init (&message, CRATON_CONTROL_HELLO);
	ck_assert_uint_eq (message.type, CRATON_CONTROL_HELLO);
	ck_assert (craton_control_fits (&message));
	message.magic++;
	ck_assert (!craton_control_fits (&message));
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	message.version++;
	ck_assert (!craton_control_fits (&message));
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	message.word_len = 4;
	ck_assert (!craton_control_fits (&message));
}
END_TEST

/* A message of another length is refused, with its descriptor, and the next one is read as if it
 * had not been there. */
START_TEST (test_receive__other_length)
{
	static const size_t lens[] = { 1,
		                       4,
		                       sizeof (CratonControl) - 1,
		                       sizeof (CratonControl) + 1,
		                       2 * sizeof (CratonControl),
		                       60000 };
	char *bytes = calloc (1, 60000);

	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		CratonControl message;
		int before = count_fds (), fd = -7;

		send_raw (bytes, lens[i], (const int[]){ STDERR_FILENO }, 1);
		ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, &fd),
		                   CKR_DEVICE_ERROR);
		ck_assert_int_eq (fd, -7);
		ck_assert_int_eq (count_fds (), before);
		craton_control_init (&message, CRATON_CONTROL_LANE);
		send_raw (&message, sizeof message, NULL, 0);
		ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, &fd),
		                   CKR_OK);
		ck_assert_uint_eq (message.type, CRATON_CONTROL_LANE);
	}
	free (bytes);
}
END_TEST

/* The descriptor that comes along is ours: close-on-exec, another number, the same file. */
START_TEST (test_descriptor__passed)
{
	CratonControl message;
	int pipe_fds[2], fd = -1;
	char byte = 0;

	ck_assert_int_eq (pipe2 (pipe_fds, O_CLOEXEC), 0);
	craton_control_init (&message, CRATON_CONTROL_LANE);
	ck_assert_uint_eq (craton_control_send (fds[1], &message, pipe_fds[1]), CKR_OK);
	ck_assert_int_eq (close (pipe_fds[1]), 0);
	ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, &fd), CKR_OK);
	ck_assert_int_gt (fd, 2);
	ck_assert_int_eq (fcntl (fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq (write (fd, "x", 1), 1);
	ck_assert_int_eq (read (pipe_fds[0], &byte, 1), 1);
	ck_assert_int_eq (byte, 'x');
	(void) close (fd);
	(void) close (pipe_fds[0]);
}
END_TEST

/* However many come, one is kept at most, and none where none is wanted. */
START_TEST (test_descriptor__surplus)
{
	int many[64];
	CratonControl message;

	for (size_t i = 0; i < 64; i++)
		many[i] = STDERR_FILENO;
	craton_control_init (&message, CRATON_CONTROL_LANE);
	for (size_t n = 1; n <= 64; n++) {
		int before = count_fds (), fd = -1;

		send_raw (&message, sizeof message, many, n);
		ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, &fd),
		                   CKR_OK);
		ck_assert_int_gt (fd, 2);
		ck_assert_int_eq (count_fds (), before + 1);
		(void) close (fd);
		send_raw (&message, sizeof message, many, n);
		ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, NULL),
		                   CKR_OK);
		ck_assert_int_eq (count_fds (), before);
	}
}
END_TEST

/* A host that has closed its standard streams: nothing of ours takes their place, where the host
 * would write into it. */
START_TEST (test_descriptor__standard_streams_closed)
{
	CratonControl message;
	int saved[3], fd = -1, guarded;
	CK_RV rv;

	craton_control_init (&message, CRATON_CONTROL_LANE);
	send_raw (&message, sizeof message, (const int[]){ fds[0], fds[0] }, 2);
	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl (i, F_DUPFD_CLOEXEC, 10);
		(void) close (i);
	}
	rv = craton_control_receive (fds[0], PATIENCE_MS, &message, &fd);
	guarded = craton_fd_guard (open ("/dev/null", O_RDONLY | O_CLOEXEC));
	for (int i = 0; i < 3; i++) {
		int open_now = fcntl (i, F_GETFD);

		(void) dup2 (saved[i], i);
		ck_assert_int_eq (open_now, -1);
	}
	ck_assert_uint_eq (rv, CKR_OK);
	ck_assert_int_gt (fd, 2);
	ck_assert_int_eq (fcntl (fd, F_GETFD), FD_CLOEXEC);
	ck_assert_int_gt (guarded, 2);
	ck_assert_int_eq (fcntl (guarded, F_GETFD), FD_CLOEXEC);
	ck_assert_int_eq (craton_fd_guard (-1), -1);
	ck_assert_int_eq (craton_fd_guard (guarded), guarded);
}
END_TEST

START_TEST (test_peer__gone)
{
	struct sigaction action = { .sa_handler = SIG_DFL };
	CratonControl message;
	int fd = -7;

	/* A SIGPIPE would end this test. */
	ck_assert_int_eq (sigaction (SIGPIPE, &action, NULL), 0);
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	ck_assert_int_eq (close (fds[1]), 0);
	ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, &fd),
	                   CKR_DEVICE_REMOVED);
	ck_assert_int_eq (fd, -7);
	ck_assert_uint_eq (craton_control_send (fds[0], &message, -1), CKR_DEVICE_REMOVED);
	ck_assert_uint_eq (craton_control_send (fds[0], &message, STDERR_FILENO),
	                   CKR_DEVICE_REMOVED);
}
END_TEST

/* What was sent before the peer went is still read. */
START_TEST (test_peer__gone_after_message)
{
	CratonControl message;

	craton_control_init (&message, CRATON_CONTROL_HELLO);
	send_raw (&message, sizeof message, NULL, 0);
	ck_assert_int_eq (close (fds[1]), 0);
	ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, NULL), CKR_OK);
	ck_assert_uint_eq (craton_control_receive (fds[0], PATIENCE_MS, &message, NULL),
	                   CKR_DEVICE_REMOVED);
}
END_TEST

START_TEST (test_descriptor__no_socket)
{
	CratonControl message;
	int null = open ("/dev/null", O_RDWR | O_CLOEXEC);

	craton_control_init (&message, CRATON_CONTROL_HELLO);
	ck_assert_uint_eq (craton_control_receive (null, 10, &message, NULL), CKR_DEVICE_ERROR);
	ck_assert_uint_eq (craton_control_send (null, &message, -1), CKR_DEVICE_ERROR);
	ck_assert_uint_eq (craton_control_send (-1, &message, -1), CKR_DEVICE_ERROR);
	ck_assert_uint_eq (craton_control_receive (-1, 10, &message, NULL), CKR_DEVICE_ERROR);
	(void) close (null);
}
END_TEST

/* What is there is received, also by who does not want to wait and comes to it when a millisecond has just passed. */
START_TEST (test_receive__no_time)
{
	CratonControl sent, got;

	craton_control_init (&sent, CRATON_CONTROL_LANE);
	for (int i = 0; i < 200000; i++) {
		ck_assert_uint_eq (craton_control_send (fds[1], &sent, -1), CKR_OK);
		if (craton_control_receive (fds[0], 0, &got, NULL) != CKR_OK)
			ck_abort_msg ("round %d", i);
	}
}
END_TEST

START_TEST (test_receive__time_out)
{
	CratonControl message;
	int fd = -7;

	ck_assert_uint_eq (craton_control_receive (fds[0], 0, &message, &fd), CKR_DEVICE_ERROR);
	ck_assert_uint_eq (craton_control_receive (fds[0], 20, &message, &fd), CKR_DEVICE_ERROR);
	ck_assert_int_eq (fd, -7);
}
END_TEST

static int n_alarms;

static void
count_alarm (int number)
{
	(void) number;
	n_alarms++;
}

/* Every millisecond a signal whose handler does not restart system calls. */
static void
interrupt (bool on)
{
	struct sigaction action = { .sa_handler = count_alarm };
	struct itimerval timer = { { 0, on ? 1000 : 0 }, { 0, on ? 1000 : 0 } };

	ck_assert_int_eq (sigaction (SIGALRM, &action, NULL), 0);
	ck_assert_int_eq (setitimer (ITIMER_REAL, &timer, NULL), 0);
}

/* A time-out comes in spite of the interruptions, and they do not end it before something came. */
START_TEST (test_receive__interrupted)
{
	CratonControl message;
	pid_t pid;

	interrupt (true);
	ck_assert_uint_eq (craton_control_receive (fds[0], 50, &message, NULL), CKR_DEVICE_ERROR);
	interrupt (false);
	ck_assert_int_gt (n_alarms, 3);
	pid = fork ();
	ck_assert_int_ge (pid, 0);
	if (pid == 0) {
		(void) usleep (50000);
		craton_control_init (&message, CRATON_CONTROL_HOST);
		_exit (craton_control_send (fds[1], &message, -1) == CKR_OK ? 0 : 1);
	}
	interrupt (true);
	ck_assert_uint_eq (
		craton_control_receive (fds[0], _i == 0 ? PATIENCE_MS : -1, &message, NULL),
		CKR_OK);
	interrupt (false);
	ck_assert_uint_eq (message.type, CRATON_CONTROL_HOST);
}
END_TEST

static void *
drain (void *data)
{
	CratonControl message;
	int *n = data;

	(void) usleep (100000);
	while (craton_control_receive (fds[1], PATIENCE_MS, &message, NULL) == CKR_OK)
		++*n;
	return NULL;
}

/* The peer's queue is full and then is not, with signals all the while: each message arrives. */
START_TEST (test_send__queue_full)
{
	CratonControl message;
	pthread_t thread;
	sigset_t alarm, before;
	int n = 0;

	craton_control_init (&message, CRATON_CONTROL_HOST);
	(void) sigemptyset (&alarm);
	(void) sigaddset (&alarm, SIGALRM);
	ck_assert_int_eq (pthread_sigmask (SIG_BLOCK, &alarm, &before), 0);
	ck_assert_int_eq (pthread_create (&thread, NULL, drain, &n), 0);
	ck_assert_int_eq (pthread_sigmask (SIG_SETMASK, &before, NULL), 0);
	interrupt (true);
	for (int i = 0; i < 3000; i++)
		ck_assert_uint_eq (craton_control_send (fds[0], &message, -1), CKR_OK);
	interrupt (false);
	(void) shutdown (fds[0], SHUT_WR);
	ck_assert_int_eq (pthread_join (thread, NULL), 0);
	ck_assert_int_eq (n, 3000);
}
END_TEST

static void
add_tests (TCase *tcase)
{
	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_add_test (tcase, test_message__round_trip);
	tcase_add_test (tcase, test_message__hostile);
	tcase_add_test (tcase, test_fits__each_field);
	tcase_add_test (tcase, test_receive__other_length);
	tcase_add_test (tcase, test_receive__no_time);
	tcase_add_test (tcase, test_receive__time_out);
	tcase_add_loop_test (tcase, test_receive__interrupted, 0, 2);
	tcase_add_test (tcase, test_send__queue_full);
	tcase_add_test (tcase, test_descriptor__passed);
	tcase_add_test (tcase, test_descriptor__surplus);
	tcase_add_test (tcase, test_descriptor__standard_streams_closed);
	tcase_add_test (tcase, test_descriptor__no_socket);
	tcase_add_test (tcase, test_peer__gone);
	tcase_add_test (tcase, test_peer__gone_after_message);
}

int
main (void)
{
	Suite *suite = suite_create ("control");
	TCase *tcase = tcase_create ("socket");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (tcase, 120);
	add_tests (tcase);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
