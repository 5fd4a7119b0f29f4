/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket and the lanes of a real craton-backend, with a client that is rude in every way: wrong versions,
 * half messages, floods, descriptors that nobody asked for, impossible words in shared memory.
 */
#include "config.h"

#include "backend-client.h"
#include "serve.h"

START_TEST (test_hello__answered)
{
	Backend backend;
	CratonControl answer;

	configure ("");
	start (&backend);
	for (int i = 0; i < 3; i++) {
		ck_assert_uint_eq (hello (backend.control, &answer), CKR_OK);
		ck_assert_uint_eq (answer.value, 2);
		ck_assert_uint_eq (answer.n_flat, 0);
	}
	stop (&backend);
	ck_assert_uint_eq (count_said ("client"), 0);
}
END_TEST

/* Members of a hello that do not fit, and the words that the log line must have. */
static const struct {
	uint32_t magic, version, type, word_len;
	const char *words;
} hellos[] = {
	{ CRATON_CONTROL_MAGIC, 1234, CRATON_CONTROL_HELLO, sizeof (CK_ULONG), "version 1234" },
	{ CRATON_CONTROL_MAGIC, 0, CRATON_CONTROL_HELLO, sizeof (CK_ULONG), "version 0" },
	{ CRATON_CONTROL_MAGIC, CRATON_WIRE_VERSION, CRATON_CONTROL_HELLO, 4, "words of 4" },
	{ 0x12345678, CRATON_WIRE_VERSION, CRATON_CONTROL_HELLO, sizeof (CK_ULONG),
	  "first message" },
	{ CRATON_CONTROL_MAGIC, CRATON_WIRE_VERSION, CRATON_CONTROL_LANE, sizeof (CK_ULONG),
	  "first message" },
	{ CRATON_CONTROL_MAGIC, CRATON_WIRE_VERSION, 99, sizeof (CK_ULONG), "first message" },
};

START_TEST (test_hello__does_not_fit)
{
	Backend backend;
	CratonControl message;

	start (&backend);
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	message.magic = hellos[_i].magic;
	message.version = hellos[_i].version;
	message.type = hellos[_i].type;
	message.word_len = hellos[_i].word_len;
	ck_assert_uint_eq (craton_control_send (backend.control, &message, -1), CKR_OK);
	ck_assert_uint_eq (craton_control_receive (backend.control, PATIENCE_MS, &message, NULL),
	                   CKR_OK);
	ck_assert (craton_control_fits (&message));
	ck_assert_uint_eq (message.rv, CKR_DEVICE_ERROR);
	expect_hang_up (backend.control);
	expect_end (&backend);
	(void) close (backend.control);
	ck_assert_uint_eq (count_said (hellos[_i].words), 1);
	ck_assert_uint_eq (count_said ("restart the application"), 1);
}
END_TEST

static const gsize lengths[] = {
	1,    4, sizeof (CratonControl) / 2, sizeof (CratonControl) - 1, sizeof (CratonControl) + 1,
	60000
};

/* As the first message of all, where another version may have another size: still answered. */
START_TEST (test_hello__of_wrong_length)
{
	Backend backend;
	CratonControl message;
	g_autofree char *bytes = g_malloc0 (lengths[_i]);

	start (&backend);
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	memcpy (bytes, &message, MIN (lengths[_i], sizeof (message)));
	send_bytes (backend.control, bytes, lengths[_i]);
	ck_assert_uint_eq (craton_control_receive (backend.control, PATIENCE_MS, &message, NULL),
	                   CKR_OK);
	ck_assert_uint_eq (message.rv, CKR_DEVICE_ERROR);
	ck_assert_uint_eq (message.version, CRATON_WIRE_VERSION);
	expect_hang_up (backend.control);
	expect_end (&backend);
	(void) close (backend.control);
}
END_TEST

START_TEST (test_message__of_wrong_length)
{
	Backend backend;
	g_autofree char *bytes = g_malloc0 (lengths[_i]);

	start_and_greet (&backend);
	send_bytes (backend.control, bytes, lengths[_i]);
	expect_hang_up (backend.control);
	expect_end (&backend);
	(void) close (backend.control);
	ck_assert_uint_eq (count_said ("does not know"), 1);
}
END_TEST

START_TEST (test_message__unknown)
{
	Backend backend;
	CratonControl message;

	start_and_greet (&backend);
	craton_control_init (&message, 4);
	ck_assert_uint_eq (craton_control_send (backend.control, &message, -1), CKR_OK);
	expect_hang_up (backend.control);
	expect_end (&backend);
	(void) close (backend.control);
}
END_TEST

/* A client that sends a thousand questions and never reads: the backend waits, and goes with it. */
START_TEST (test_message__flood_without_reading)
{
	Backend backend;
	CratonControl message;

	start_and_greet (&backend);
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	while (send (backend.control, &message, sizeof (message), MSG_NOSIGNAL | MSG_DONTWAIT) > 0)
		continue;
	ck_assert_int_eq (errno, EAGAIN);
	stop (&backend);
}
END_TEST

START_TEST (test_message__descriptors_sent_along)
{
	Backend backend;
	CratonControl message;
	int fds[2];

	start_and_greet (&backend);
	ck_assert_int_eq (pipe2 (fds, O_CLOEXEC), 0);
	for (int i = 0; i < 2000; i++) {
		craton_control_init (&message, CRATON_CONTROL_HELLO);
		ck_assert_uint_eq (craton_control_send (backend.control, &message, fds[1]), CKR_OK);
		ck_assert_uint_eq (
			craton_control_receive (backend.control, PATIENCE_MS, &message, NULL),
			CKR_OK);
		ck_assert_uint_eq (message.rv, CKR_OK);
	}
	(void) close (fds[1]);
	expect_pipe_closed (fds[0]);
	stop (&backend);
}
END_TEST

/* Lanes */

START_TEST (test_lane__calls)
{
	Backend backend;
	CratonLane lane;

	start_and_greet (&backend);
	ck_assert_uint_eq (open_lane (backend.control, CRATON_LANE_DATA, &lane), CKR_OK);
	for (int i = 0; i < 1000; i++)
		expect_slots (&lane, 1);
	close_lane (&lane);
	stop (&backend);
}
END_TEST

static const struct {
	uint64_t len;
	CK_RV rv;
} sizes[] = {
	{ 0, CKR_ARGUMENTS_BAD },
	{ 1, CKR_OK },
	{ 4097, CKR_OK },
	{ CRATON_LANE_DATA_MAX, CKR_OK },
	{ CRATON_LANE_DATA_MAX + 1, CKR_ARGUMENTS_BAD },
	{ UINT64_MAX, CKR_ARGUMENTS_BAD },
};

START_TEST (test_lane__size)
{
	Backend backend;
	CratonLane lane;

	start_and_greet (&backend);
	ck_assert_uint_eq (open_lane (backend.control, sizes[_i].len, &lane), sizes[_i].rv);
	if (sizes[_i].rv == CKR_OK)
		close_lane (&lane);
	expect_service (backend.control, 1);
	stop (&backend);
}
END_TEST

/* 10,000 requests for a lane, none given back in between; then all at once, and again. */
START_TEST (test_lane__flood)
{
	Backend backend;
	CratonLane lanes[CRATON_SERVE_LANES], more;
	guint n_given = 0;

	start_and_greet (&backend);
	for (int i = 0; i < 10000; i++) {
		CK_RV rv = open_lane (backend.control, 4096,
		                      n_given < CRATON_SERVE_LANES ? &lanes[n_given] : &more);

		ck_assert_uint_eq (rv, n_given < CRATON_SERVE_LANES ? CKR_OK : CKR_HOST_MEMORY);
		n_given += rv == CKR_OK;
	}
	ck_assert_uint_eq (n_given, CRATON_SERVE_LANES);
	for (int round = 0; round < 3; round++) {
		for (guint i = 0; i < CRATON_SERVE_LANES; i++) {
			expect_slots (&lanes[i], 1);
			close_lane (&lanes[i]);
		}
		ck_assert_uint_eq (open_all (backend.control, lanes, CRATON_SERVE_LANES),
		                   CRATON_SERVE_LANES);
	}
	stop (&backend);
}
END_TEST

/* Impossible words in the shared page close that lane and no other. */
START_TEST (test_lane__broken)
{
	Backend backend;
	CratonLane good, bad;

	start_and_greet (&backend);
	ck_assert_uint_eq (open_lane (backend.control, 4096, &good), CKR_OK);
	for (int i = 0; i < 200; i++) {
		gint64 deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;

		while (open_lane (backend.control, 4096, &bad) != CKR_OK)
			ck_assert (g_get_monotonic_time () < deadline);
		switch (i % 4) {
		case 0:
			craton_lane_submit (&bad, CRATON_C_GetSlotList, 4097, 0);
			break;
		case 1:
			craton_lane_submit (&bad, CRATON_C_GetSlotList, SIZE_MAX, 0);
			break;
		case 2:
			craton_lane_submit (&bad, CRATON_C_GetSlotList, 64, SIZE_MAX - 64);
			break;
		default:
			bad.sequence += 5;
			craton_lane_submit (&bad, CRATON_C_GetSlotList, 0, 0);
			break;
		}
		craton_lane_unmap (&bad);
	}
	expect_slots (&good, 1);
	stop (&backend);
}
END_TEST

/* Nothing that a lane says is believed: unknown calls, calls that do not travel, empty and random requests. */
START_TEST (test_lane__nonsense)
{
	Backend backend;
	CratonLane lane;
	CratonLaneCall call;
	g_autoptr (GRand) random = g_rand_new_with_seed (2);
	gint64 deadline;

	start_and_greet (&backend);
	ck_assert_uint_eq (open_lane (backend.control, 4096, &lane), CKR_OK);
	for (int i = 0; i < 2000; i++) {
		uint32_t id = (uint32_t) g_rand_int_range (random, 0, CRATON_CALLS + 2);

		/* Not this one: it may take as long as it likes to answer. */
		if (id == CRATON_C_WaitForSlotEvent)
			continue;
		call = (CratonLaneCall){ .request_len = (size_t) g_rand_int_range (random, 0, 20) };
		for (size_t j = 0; j < call.request_len; j++)
			lane.data[j] = (uint8_t) g_rand_int (random);
		craton_lane_submit (&lane, id, call.request_len, 0);
		deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;
		while (craton_lane_await_reply (&lane, 1000, true, &call) == CRATON_LANE_TIMEOUT)
			ck_assert (g_get_monotonic_time () < deadline);
		ck_assert (!call.understood || id < CRATON_CALLS);
	}
	expect_slots (&lane, 1);
	stop (&backend);
}
END_TEST

static void
add_control_tests (Suite *suite)
{
	TCase *tcase = add_case (suite, "control");

	tcase_add_test (tcase, test_hello__answered);
	tcase_add_loop_test (tcase, test_hello__does_not_fit, 0, (int) G_N_ELEMENTS (hellos));
	tcase_add_loop_test (tcase, test_hello__of_wrong_length, 0, (int) G_N_ELEMENTS (lengths));
	tcase_add_loop_test (tcase, test_message__of_wrong_length, 0, (int) G_N_ELEMENTS (lengths));
	tcase_add_test (tcase, test_message__unknown);
	tcase_add_test (tcase, test_message__flood_without_reading);
	tcase_add_test (tcase, test_message__descriptors_sent_along);
}

static void
add_lane_tests (Suite *suite)
{
	TCase *tcase = add_case (suite, "lane");

	tcase_add_test (tcase, test_lane__calls);
	tcase_add_loop_test (tcase, test_lane__size, 0, (int) G_N_ELEMENTS (sizes));
	tcase_add_test (tcase, test_lane__flood);
	tcase_add_test (tcase, test_lane__broken);
	tcase_add_test (tcase, test_lane__nonsense);
}

int
main (void)
{
	Suite *suite = suite_create ("serve");
	SRunner *runner;
	int n_failed;

	reserve_numbers ();
	add_control_tests (suite);
	add_lane_tests (suite);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
