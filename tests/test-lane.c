/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lanes: what memory is accepted, what words are believed, and 100,000 calls between two processes.
 * One side's mapping plays the peer, so whatever a peer can write, these tests write.
 */
#include "config.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lane.h"

#define DATA_LEN 65536
#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

/* How long is waited for what must happen. Generous: only a failure takes it. */
#define PATIENCE_MS 60000

/* Both ends of a lane in this process. */
static void
open_both (CratonLane *server, CratonLane *client)
{
	int fd = -1;

	ck_assert_uint_eq (craton_lane_create (DATA_LEN, server, &fd), CKR_OK);
	ck_assert_uint_eq (craton_lane_map (fd, client), CKR_OK);
	ck_assert_int_eq (close (fd), 0);
	ck_assert_uint_eq (client->data_len, server->data_len);
	ck_assert_ptr_ne (client->header, server->header);
}

START_TEST (test_create__sizes)
{
	static const size_t wrong[] = { 0, CRATON_LANE_DATA_MAX + 1, SIZE_MAX, SIZE_MAX - 4095,
		                        SIZE_MAX / 2 };
	static const size_t right[] = {
		1, 4095, 4096, 4097, CRATON_LANE_DATA, CRATON_LANE_DATA_MAX
	};
	CratonLane lane = { 0 };
	int fd = -7;

	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
		ck_assert_uint_eq (craton_lane_create (wrong[i], &lane, &fd), CKR_ARGUMENTS_BAD);
	ck_assert_int_eq (fd, -7);
	ck_assert_ptr_null (lane.header);
	for (size_t i = 0; i < sizeof right / sizeof right[0]; i++) {
		struct stat st;

		ck_assert_uint_eq (craton_lane_create (right[i], &lane, &fd), CKR_OK);
		ck_assert_uint_ge (lane.data_len, right[i]);
		ck_assert_uint_lt (lane.data_len - right[i], 4096);
		ck_assert_uint_eq ((uintptr_t) lane.data % 64, 0);
		ck_assert_uint_eq (lane.sequence, 0);
		lane.data[0] = lane.data[lane.data_len - 1] = 1;
		ck_assert_int_eq (fcntl (fd, F_GETFD), FD_CLOEXEC);
		ck_assert_int_gt (fd, 2);
		ck_assert_int_eq (fcntl (fd, F_GET_SEALS) & SEALS, SEALS);
		ck_assert_int_eq (fstat (fd, &st), 0);
		ck_assert_int_eq (ftruncate (fd, st.st_size + 4096), -1);
		ck_assert_int_eq (ftruncate (fd, 0), -1);
		craton_lane_unmap (&lane);
		ck_assert_ptr_null (lane.header);
		craton_lane_unmap (&lane);
		ck_assert_int_eq (close (fd), 0);
	}
}
END_TEST

/* Never 0, 1 or 2, even if the host has closed them. */
START_TEST (test_create__standard_streams_closed)
{
	CratonLane lane;
	int fd, saved[3];

	for (int i = 0; i < 3; i++) {
		saved[i] = fcntl (i, F_DUPFD_CLOEXEC, 10);
		(void) close (i);
	}
	ck_assert_uint_eq (craton_lane_create (4096, &lane, &fd), CKR_OK);
	for (int i = 0; i < 3; i++) {
		int open_now = fcntl (i, F_GETFD);

		(void) dup2 (saved[i], i);
		ck_assert_int_eq (open_now, -1);
	}
	ck_assert_int_gt (fd, 2);
	craton_lane_unmap (&lane);
}
END_TEST

static int
memfd_of (off_t len, int seals)
{
	int fd = memfd_create ("peer", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	ck_assert_int_ge (fd, 0);
	ck_assert_int_eq (ftruncate (fd, len), 0);
	if (seals != 0)
		ck_assert_int_eq (fcntl (fd, F_ADD_SEALS, seals), 0);
	return fd;
}

static void
expect_refused (int fd, const char *what)
{
	CratonLane lane = { .data_len = 77 };

	ck_assert_msg (craton_lane_map (fd, &lane) == CKR_DEVICE_ERROR, "%s: mapped", what);
	ck_assert_uint_eq (lane.data_len, 77);
	if (fd >= 0)
		ck_assert_msg (close (fd) == 0, "%s: the descriptor is the caller's", what);
}

START_TEST (test_map__refused)
{
	int fds[2];
	char path[] = "/tmp/craton-test-lane-XXXXXX";
	int file = mkostemp (path, O_CLOEXEC);

	ck_assert_int_ge (file, 0);
	ck_assert_int_eq (unlink (path), 0);
	ck_assert_int_eq (ftruncate (file, 8192), 0);
	ck_assert_int_eq (pipe2 (fds, O_CLOEXEC), 0);
	expect_refused (-1, "no descriptor");
	expect_refused (file, "a file");
	expect_refused (fds[0], "a pipe");
	expect_refused (open ("/dev/zero", O_RDWR | O_CLOEXEC), "a device");
	expect_refused (open ("/", O_RDONLY | O_CLOEXEC), "a folder");
	expect_refused (memfd_of (8192, 0), "no seals");
	expect_refused (memfd_of (8192, F_SEAL_GROW | F_SEAL_SEAL), "can shrink");
	expect_refused (memfd_of (8192, F_SEAL_SHRINK | F_SEAL_SEAL), "can grow");
	expect_refused (memfd_of (8192, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL),
	                "cannot be written");
	expect_refused (memfd_of (0, SEALS), "empty");
	expect_refused (memfd_of (4096, SEALS), "a header without data");
	expect_refused (memfd_of (4097, SEALS), "a byte of data");
	expect_refused (memfd_of (8191, SEALS), "no whole pages");
	expect_refused (memfd_of ((off_t) CRATON_LANE_DATA_MAX + 2 * 4096, SEALS), "too large");
	expect_refused (memfd_of ((off_t) 1 << 46, SEALS), "far too large");
	(void) close (fds[1]);
}
END_TEST

START_TEST (test_map__accepted)
{
	static const off_t lens[] = { 8192, 4096 + (off_t) CRATON_LANE_DATA_MAX };

	for (size_t i = 0; i < 2; i++) {
		int fd = memfd_of (lens[i], SEALS);
		CratonLane lane;

		ck_assert_uint_eq (craton_lane_map (fd, &lane), CKR_OK);
		ck_assert_uint_eq (lane.data_len, (size_t) lens[i] - 4096);
		ck_assert_int_eq (close (fd), 0);
		lane.data[lane.data_len - 1] = 1;
		craton_lane_unmap (&lane);
	}
}
END_TEST

static bool
maps_name (const char *name)
{
	FILE *maps = fopen ("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	while (maps != NULL && fgets (line, sizeof line, maps) != NULL)
		found |= strstr (line, name) != NULL;
	if (maps != NULL)
		(void) fclose (maps);
	return found;
}

/* A fork copies a lane of the proxy's to nobody. */
START_TEST (test_map__not_in_child)
{
	CratonLane server, client;
	int status;
	pid_t pid;

	open_both (&server, &client);
	craton_lane_unmap (&server);
	ck_assert (maps_name ("craton-lane"));
	pid = fork ();
	if (pid == 0)
		_exit (maps_name ("craton-lane") ? 1 : 0);
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_int_eq (status, 0);
	ck_assert (maps_name ("craton-lane"));
	craton_lane_unmap (&client);
	ck_assert (!maps_name ("craton-lane"));
}
END_TEST

static const size_t edges[] = { 0,
	                        1,
	                        63,
	                        64,
	                        65,
	                        4096,
	                        DATA_LEN - 1,
	                        DATA_LEN,
	                        DATA_LEN + 1,
	                        CRATON_LANE_DATA_MAX,
	                        CRATON_LANE_DATA_MAX + 1,
	                        SIZE_MAX / 2,
	                        SIZE_MAX - 64,
	                        SIZE_MAX - 63,
	                        SIZE_MAX - 1,
	                        SIZE_MAX };
#define N_EDGES (sizeof edges / sizeof edges[0])

/* The three parts as a checker would place them that has no overflow: with numbers of twice the
 * width. */
static bool
fits (size_t data_len, size_t request_len, size_t out_len, size_t reply_len)
{
	unsigned __int128 end = ((unsigned __int128) request_len + 63) / 64 * 64;

	end = (end + out_len + 63) / 64 * 64;
	return end + reply_len <= data_len;
}

START_TEST (test_fits__no_overflow)
{
	for (size_t i = 0; i < N_EDGES; i++) {
		for (size_t j = 0; j < N_EDGES; j++) {
			for (size_t k = 0; k < N_EDGES; k++)
				ck_assert_msg (
					craton_lane_fits (DATA_LEN, edges[i], edges[j], edges[k]) ==
						fits (DATA_LEN, edges[i], edges[j], edges[k]),
					"%zu, %zu, %zu", edges[i], edges[j], edges[k]);
		}
	}
	ck_assert_uint_eq (craton_lane_out_offset (0), 0);
	ck_assert_uint_eq (craton_lane_out_offset (65), 128);
	ck_assert_uint_eq (craton_lane_reply_offset (65, 1), 192);
	ck_assert_uint_eq (craton_lane_reply_offset (0, 0), 0);
}
END_TEST

/* A call there and back. */
START_TEST (test_call__round_trip)
{
	CratonLane server, client;
	CratonLaneCall asked, call = { .call = 42, .request_len = 100, .out_len = 200 };

	open_both (&server, &client);
	for (uint32_t round = 0; round < 3; round++) {
		memset (client.data, 'q', 100);
		craton_lane_submit (&client, 42, 100, 200);
		ck_assert_int_eq (craton_lane_await_request (&server, &asked), CRATON_LANE_READY);
		ck_assert_uint_eq (asked.call, 42);
		ck_assert_uint_eq (asked.request_len, 100);
		ck_assert_uint_eq (asked.out_len, 200);
		ck_assert_int_eq (server.data[99], 'q');
		ck_assert_int_eq (craton_lane_await_reply (&client, 1, true, &call),
		                  CRATON_LANE_TIMEOUT);
		asked.rv = CKR_VENDOR_DEFINED | round;
		asked.understood = round != 1;
		asked.reply_len = 8 * round;
		craton_lane_answer (&server, &asked);
		ck_assert_int_eq (craton_lane_await_reply (&client, PATIENCE_MS, round == 0, &call),
		                  CRATON_LANE_READY);
		ck_assert_uint_eq (call.rv, CKR_VENDOR_DEFINED | round);
		ck_assert_int_eq (call.understood, round != 1);
		ck_assert_uint_eq (call.reply_len, 8 * round);
	}
	craton_lane_unmap (&server);
	craton_lane_unmap (&client);
}
END_TEST

/* A client that claims a request behind the lane's end. */
START_TEST (test_hostile__request_lengths)
{
	for (size_t i = 0; i < N_EDGES; i++) {
		for (size_t j = 0; j < N_EDGES; j++) {
			CratonLane server, client;
			CratonLaneCall asked;
			CratonLaneState state;

			open_both (&server, &client);
			craton_lane_submit (&client, UINT32_MAX - 1, edges[i], edges[j]);
			state = craton_lane_await_request (&server, &asked);
			ck_assert_msg (state == (fits (DATA_LEN, edges[i], edges[j], 0)
			                                 ? CRATON_LANE_READY
			                                 : CRATON_LANE_BROKEN),
			               "%zu, %zu: %d", edges[i], edges[j], state);
			craton_lane_unmap (&server);
			craton_lane_unmap (&client);
		}
	}
}
END_TEST

/* A server that claims a reply behind the lane's end. */
START_TEST (test_hostile__reply_lengths)
{
	for (size_t i = 0; i < N_EDGES; i++) {
		CratonLane server, client;
		CratonLaneCall asked, call = { .call = 1, .request_len = 4096, .out_len = 4000 };
		CratonLaneState state;

		open_both (&server, &client);
		craton_lane_submit (&client, 1, 4096, 4000);
		ck_assert_int_eq (craton_lane_await_request (&server, &asked), CRATON_LANE_READY);
		asked.reply_len = edges[i];
		craton_lane_answer (&server, &asked);
		state = craton_lane_await_reply (&client, PATIENCE_MS, false, &call);
		ck_assert_int_eq (state, fits (DATA_LEN, 4096, 4000, edges[i])
		                                 ? CRATON_LANE_READY
		                                 : CRATON_LANE_BROKEN);
		ck_assert_uint_eq (call.request_len, 4096);
		ck_assert_uint_eq (call.out_len, 4000);
		craton_lane_unmap (&server);
		craton_lane_unmap (&client);
	}
}
END_TEST

START_TEST (test_hostile__sequence)
{
	static const uint32_t steps[] = { 1, 2, 1000, UINT32_MAX / 2, UINT32_MAX - 2 };

	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
		CratonLane server, client;
		CratonLaneCall asked, call = { .call = 1 };

		/* A call that came before the one before was served. */
		open_both (&server, &client);
		client.sequence += steps[i];
		craton_lane_submit (&client, 1, 0, 0);
		ck_assert_int_eq (craton_lane_await_request (&server, &asked), CRATON_LANE_BROKEN);
		craton_lane_unmap (&server);
		craton_lane_unmap (&client);

		/* A reply to another call. */
		open_both (&server, &client);
		craton_lane_submit (&client, 1, 0, 0);
		ck_assert_int_eq (craton_lane_await_request (&server, &asked), CRATON_LANE_READY);
		server.sequence += steps[i];
		craton_lane_answer (&server, &asked);
		ck_assert_int_eq (craton_lane_await_reply (&client, PATIENCE_MS, true, &call),
		                  CRATON_LANE_BROKEN);
		craton_lane_unmap (&server);
		craton_lane_unmap (&client);
	}
}
END_TEST

/* The numbers go on through zero. */
START_TEST (test_call__sequence_wraps)
{
	CratonLane server, client;
	CratonLaneCall asked, call = { .call = 1 };
	uint32_t *words;

	open_both (&server, &client);
	words = (uint32_t *) (void *) client.header;
	/* The first words of both sides' lines: as after UINT32_MAX - 1 calls. */
	words[0] = words[16] = server.sequence = client.sequence = UINT32_MAX - 1;
	for (int i = 0; i < 4; i++) {
		craton_lane_submit (&client, 1, 0, 0);
		ck_assert_int_eq (craton_lane_await_request (&server, &asked), CRATON_LANE_READY);
		ck_assert_int_eq (craton_lane_await_reply (&client, 1, false, &call),
		                  CRATON_LANE_TIMEOUT);
		craton_lane_answer (&server, &asked);
		ck_assert_int_eq (craton_lane_await_reply (&client, PATIENCE_MS, true, &call),
		                  CRATON_LANE_READY);
	}
	ck_assert_uint_eq (client.sequence, 2);
	craton_lane_unmap (&server);
	craton_lane_unmap (&client);
}
END_TEST

/* All of the shared page overwritten, before a request and before a reply. */
START_TEST (test_hostile__header)
{
	for (int value = 1; value < 256; value += 2) {
		CratonLane server, client;
		CratonLaneCall asked, call = { .call = 1 };

		open_both (&server, &client);
		memset (client.header, value, 4096);
		ck_assert_int_eq (craton_lane_await_request (&server, &asked), CRATON_LANE_BROKEN);
		craton_lane_unmap (&server);
		craton_lane_unmap (&client);

		open_both (&server, &client);
		craton_lane_submit (&client, 1, 0, 0);
		ck_assert_int_eq (craton_lane_await_request (&server, &asked), CRATON_LANE_READY);
		memset (server.header, value, 4096);
		ck_assert_int_eq (craton_lane_await_reply (&client, PATIENCE_MS, true, &call),
		                  CRATON_LANE_BROKEN);
		craton_lane_unmap (&server);
		craton_lane_unmap (&client);
	}
}
END_TEST

/* The server's process: turns each request's bytes round, until it is told to end. */
static void
serve (int fd)
{
	CratonLane lane;
	CratonLaneCall call;

	if (craton_lane_map (fd, &lane) != CKR_OK)
		_exit (3);
	for (;;) {
		uint8_t *reply;

		if (craton_lane_await_request (&lane, &call) != CRATON_LANE_READY)
			_exit (4);
		if (call.call == CRATON_LANE_CLOSE)
			_exit (0);
		reply = lane.data + craton_lane_reply_offset (call.request_len, call.out_len);
		for (size_t i = 0; i < call.request_len; i++)
			reply[i] = lane.data[call.request_len - 1 - i];
		call.rv = call.call;
		call.understood = true;
		call.reply_len = call.request_len;
		craton_lane_answer (&lane, &call);
	}
}

static pid_t
start_server (CratonLane *client)
{
	int fd;
	pid_t pid;

	ck_assert_uint_eq (craton_lane_create (DATA_LEN, client, &fd), CKR_OK);
	pid = fork ();
	if (pid == 0)
		serve (fd);
	ck_assert_int_gt (pid, 0);
	(void) close (fd);
	return pid;
}

/* One call with @len bytes; whether its reply is right. */
static bool
call_once (CratonLane *client, uint32_t number, size_t len)
{
	CratonLaneCall call = { .call = number, .request_len = len, .out_len = number % 129 };
	const uint8_t *reply;
	CratonLaneState state;

	for (size_t i = 0; i < len; i++)
		client->data[i] = (uint8_t) (number + i);
	craton_lane_submit (client, number, len, call.out_len);
	/* A wake-up that is lost is not made good by looking again: the test would end first. */
	while ((state = craton_lane_await_reply (client, 10 * PATIENCE_MS, number % 2 == 0,
	                                         &call)) == CRATON_LANE_TIMEOUT)
		continue;
	reply = client->data + craton_lane_reply_offset (len, call.out_len);
	for (size_t i = 0; i < len && state == CRATON_LANE_READY; i++) {
		if (reply[i] != (uint8_t) (number + len - 1 - i))
			return false;
	}
	return state == CRATON_LANE_READY && call.rv == number && call.understood &&
	       call.reply_len == len;
}

START_TEST (test_processes__ping_pong)
{
	CratonLane client;
	pid_t pid = start_server (&client);
	int status;

	for (uint32_t i = 0; i < 100000; i++)
		ck_assert_msg (call_once (&client, i, i % 97), "call %u", i);
	ck_assert (call_once (&client, 1, DATA_LEN / 2 - 256));
	craton_lane_submit (&client, CRATON_LANE_CLOSE, 0, 0);
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_int_eq (status, 0);
	craton_lane_unmap (&client);
}
END_TEST

/* Both sides sleep, sometimes at once: no wake-up is lost. */
START_TEST (test_processes__sleepers)
{
	CratonLane client;
	pid_t pid = start_server (&client);
	int status;

	for (uint32_t i = 0; i < 300; i++) {
		ck_assert_msg (call_once (&client, i, 8), "call %u", i);
		(void) usleep (i % 3 * 400);
	}
	craton_lane_submit (&client, CRATON_LANE_CLOSE, 0, 0);
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_int_eq (status, 0);
	craton_lane_unmap (&client);
}
END_TEST

/* Nobody is told of a death here: the caller gets its time-out and looks. */
START_TEST (test_processes__server_killed)
{
	CratonLane client;
	CratonLaneCall call = { .call = 1 };
	pid_t pid = start_server (&client);

	ck_assert (call_once (&client, 1, 8));
	ck_assert_int_eq (kill (pid, SIGKILL), 0);
	ck_assert_int_eq (waitpid (pid, NULL, 0), pid);
	craton_lane_submit (&client, 1, 0, 0);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq (craton_lane_await_reply (&client, 5, i == 0, &call),
		                  CRATON_LANE_TIMEOUT);
	craton_lane_unmap (&client);
}
END_TEST

typedef struct {
	CratonLane lane;
	CratonLaneState state;
	_Atomic bool done;
} Sleeper;

static void *
sleep_for_reply (void *data)
{
	Sleeper *sleeper = data;
	CratonLaneCall call = { .call = 1 };

	sleeper->state = craton_lane_await_reply (&sleeper->lane, PATIENCE_MS, false, &call);
	sleeper->done = true;
	return NULL;
}

static void
ignore_signal (int number)
{
	(void) number;
}

/* A thread that sleeps is got out of it, by craton_lane_wake() or by a signal. */
START_TEST (test_await_reply__woken)
{
	struct sigaction action = { .sa_handler = ignore_signal };
	int waited_ms = 0;
	Sleeper sleeper = { .done = false };
	CratonLane server;
	pthread_t thread;

	ck_assert_int_eq (sigaction (SIGUSR1, &action, NULL), 0);
	open_both (&server, &sleeper.lane);
	craton_lane_submit (&sleeper.lane, 1, 0, 0);
	ck_assert_int_eq (pthread_create (&thread, NULL, sleep_for_reply, &sleeper), 0);
	/* It may not sleep yet. */
	for (; !sleeper.done && waited_ms < PATIENCE_MS / 2; waited_ms += 2) {
		if (_i == 0)
			craton_lane_wake (&sleeper.lane);
		else
			(void) pthread_kill (thread, SIGUSR1);
		(void) usleep (2000);
	}
	ck_assert (sleeper.done);
	ck_assert_int_eq (pthread_join (thread, NULL), 0);
	ck_assert_int_eq (sleeper.state, CRATON_LANE_TIMEOUT);
	craton_lane_unmap (&server);
	craton_lane_unmap (&sleeper.lane);
}
END_TEST

static void
add_tests (TCase *memory, TCase *words, TCase *processes)
{
	tcase_add_test (memory, test_create__sizes);
	tcase_add_test (memory, test_create__standard_streams_closed);
	tcase_add_test (memory, test_map__refused);
	tcase_add_test (memory, test_map__accepted);
	tcase_add_test (memory, test_map__not_in_child);
	tcase_add_test (words, test_fits__no_overflow);
	tcase_add_test (words, test_call__round_trip);
	tcase_add_test (words, test_call__sequence_wraps);
	tcase_add_test (words, test_hostile__request_lengths);
	tcase_add_test (words, test_hostile__reply_lengths);
	tcase_add_test (words, test_hostile__sequence);
	tcase_add_test (words, test_hostile__header);
	tcase_add_test (processes, test_processes__ping_pong);
	tcase_add_test (processes, test_processes__sleepers);
	tcase_add_test (processes, test_processes__server_killed);
	tcase_add_loop_test (processes, test_await_reply__woken, 0, 2);
}

int
main (void)
{
	Suite *suite = suite_create ("lane");
	TCase *memory = tcase_create ("memory"), *words = tcase_create ("words"),
	      *processes = tcase_create ("processes");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (memory, 60);
	tcase_set_timeout (words, 60);
	tcase_set_timeout (processes, 240);
	add_tests (memory, words, processes);
	suite_add_tcase (suite, memory);
	suite_add_tcase (suite, words);
	suite_add_tcase (suite, processes);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
