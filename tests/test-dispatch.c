/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dispatch: requests in a real lane reach the right function of a list with the right arguments,
 * and nothing else reaches any.
 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "dispatch.h"
#include "recorder.h"
#include "trip.h"

#define DATA_LEN (1 << 20)

static const CK_RV answers[] = { CKR_OK, CKR_GENERAL_ERROR, CKR_BUFFER_TOO_SMALL,
	                         CKR_VENDOR_DEFINED | 7 };

/* What the function list was called with, and what it answers. One a thread. */
static _Thread_local struct {
	CratonCallId call;
	unsigned int n_calls;
	const CK_ULONG *expected;
	char differs;
	CK_RV forced;
} recorded;

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	recorded.call = call;
	recorded.n_calls++;
	if (recorded.expected != NULL)
		recorded.differs = sample_differs (&craton_calls[call], recorded.expected, args);
	return sample_play (&craton_calls[call], recorded.forced, args);
}

/* One lane, its arena and a dispatch. */
typedef struct {
	CratonDispatch *dispatch;
	CratonArena arena;
	CratonLane lane;
} Server;

static void
open_server (Server *server, CK_FUNCTION_LIST_3_2 *functions)
{
	int fd;

	memset (server, 0, sizeof *server);
	server->dispatch = craton_dispatch_new (functions, NULL, 0);
	ck_assert_uint_eq (craton_lane_create (DATA_LEN, &server->lane, &fd), CKR_OK);
	ck_assert_int_eq (close (fd), 0);
}

static void
close_server (Server *server)
{
	craton_dispatch_free (server->dispatch);
	craton_arena_clear (&server->arena);
	craton_lane_unmap (&server->lane);
}

/* As the proxy makes a request, in the lane. */
static void
put (Server *server, CratonWire *wire, CratonCallId id, const CK_ULONG *args,
     CratonLaneCall *ret_call)
{
	memset (wire, 0, sizeof *wire);
	craton_buf_init (&wire->buf, server->lane.data, server->lane.data_len);
	craton_kinds_put_request (wire, &craton_calls[id], args);
	ck_assert (!wire->buf.failed);
	*ret_call = (CratonLaneCall){ .call = id,
		                      .request_len = wire->buf.pos,
		                      .out_len = wire->out_len,
		                      .rv = 0x77,
		                      .reply_len = 77 };
	ck_assert (craton_lane_fits (server->lane.data_len, ret_call->request_len,
	                             ret_call->out_len, wire->reply_max));
}

/* As the proxy takes a reply from the lane; whether it is one. */
static bool
take (Server *server, CratonWire *wire, const CratonLaneCall *call, const CK_ULONG *args)
{
	ck_assert (craton_lane_fits (server->lane.data_len, call->request_len, call->out_len,
	                             call->reply_len));
	craton_buf_init (&wire->buf,
	                 server->lane.data +
	                         craton_lane_reply_offset (call->request_len, call->out_len),
	                 call->reply_len);
	wire->out = server->lane.data + craton_lane_out_offset (call->request_len);
	wire->out_pos = 0;
	craton_kinds_get_response (wire, &craton_calls[call->call], call->rv, args);
	return craton_buf_done (&wire->buf);
}

static void
expect_as_direct (Server *server, CratonCallId id, SampleKind kind, CK_RV forced)
{
	const CratonCallRow *row = &craton_calls[id];
	static _Thread_local Sample direct, wired, reference;
	CratonLaneCall call;
	CratonWire wire;
	char what[96];
	CK_RV rv;

	(void) snprintf (what, sizeof what, "%s, sample %d, 0x%lx", row->name, kind, forced);
	sample_make (&direct, row, kind);
	sample_make (&wired, row, kind);
	sample_make (&reference, row, kind);
	rv = sample_play (row, forced, direct.args);
	recorded.n_calls = 0;
	recorded.forced = forced;
	recorded.expected = reference.args;
	put (server, &wire, id, wired.args, &call);
	craton_dispatch_lane (server->dispatch, &server->arena, &server->lane, &call);
	ck_assert_msg (recorded.n_calls == 1 && recorded.call == id, "%s: %u calls of %s", what,
	               recorded.n_calls, craton_calls[recorded.call].name);
	ck_assert_msg (recorded.differs == '\0', "%s: the module sees another %c", what,
	               recorded.differs);
	ck_assert_msg (call.understood && call.rv == rv, "%s: 0x%lx, directly 0x%lx", what, call.rv,
	               rv);
	ck_assert_uint_eq (server->arena.used, 0);
	ck_assert_msg (take (server, &wire, &call, wired.args), "%s: reply refused", what);
	sample_expect_same (&direct, &wired, what);
	sample_clear (&direct);
	sample_clear (&wired);
	sample_clear (&reference);
}

START_TEST (test_call__as_direct)
{
	Server server;

	if (!craton_calls[_i].travels)
		return;
	open_server (&server, &recorder);
	for (SampleKind kind = 0; kind < N_SAMPLES; kind++) {
		for (size_t i = 0; i < G_N_ELEMENTS (answers); i++)
			expect_as_direct (&server, (CratonCallId) _i, kind, answers[i]);
	}
	close_server (&server);
}
END_TEST

static void
expect_refused (Server *server, CratonLaneCall *call, CK_RV rv, const char *what)
{
	recorded.n_calls = 0;
	recorded.expected = NULL;
	recorded.forced = CKR_OK;
	craton_dispatch_lane (server->dispatch, &server->arena, &server->lane, call);
	ck_assert_msg (recorded.n_calls == 0, "%s: %s was called", what,
	               craton_calls[recorded.call].name);
	ck_assert_msg (!call->understood && call->rv == rv, "%s: 0x%lx", what, call->rv);
	ck_assert_uint_eq (call->reply_len, 0);
	ck_assert_uint_eq (server->arena.used, 0);
}

/* A request that is cut short or too long reaches no function. */
START_TEST (test_request__other_length)
{
	static Sample sample;
	Server server;

	open_server (&server, &recorder);
	for (int id = 0; id < CRATON_CALLS; id++) {
		CratonLaneCall call, other;
		CratonWire wire;

		if (!craton_calls[id].travels)
			continue;
		sample_make (&sample, &craton_calls[id], SAMPLE_FULL);
		put (&server, &wire, (CratonCallId) id, sample.args, &call);
		for (size_t len = 0; len < call.request_len + 16; len += 4) {
			if (len == call.request_len)
				continue;
			/* A refused secret is wiped, so each time anew. */
			put (&server, &wire, (CratonCallId) id, sample.args, &call);
			other = call;
			other.request_len = len;
			expect_refused (&server, &other, CKR_DEVICE_ERROR, craton_calls[id].name);
		}
		sample_clear (&sample);
	}
	close_server (&server);
}
END_TEST

/* Numbers that no call has, and calls that never travel. */
START_TEST (test_request__no_such_call)
{
	static const uint32_t numbers[] = {
		CRATON_CALLS,         CRATON_CALLS + 1,         1u << 31,
		UINT32_MAX,           CRATON_C_Initialize,      CRATON_C_Finalize,
		CRATON_C_GetInfo,     CRATON_C_GetFunctionList, CRATON_C_GetInterfaceList,
		CRATON_C_GetInterface
	};
	Server server;

	open_server (&server, &recorder);
	for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++) {
		CratonLaneCall call = {
			.call = numbers[i], .rv = CKR_OK, .understood = true, .reply_len = 7
		};

		expect_refused (&server, &call, CKR_DEVICE_ERROR, "no such call");
	}
	close_server (&server);
}
END_TEST

/* Output longer than the region that the client made for it. */
START_TEST (test_request__out_region_too_small)
{
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;
	const CK_ULONG encrypt[] = { 1, 0, 0, (CK_ULONG) out, (CK_ULONG) &len };
	const CK_ULONG random[] = { 1, (CK_ULONG) out, sizeof out };
	CratonLaneCall call;
	CratonWire wire;
	Server server;

	open_server (&server, &recorder);
	for (size_t region = 0; region < sizeof out; region++) {
		put (&server, &wire, CRATON_C_Encrypt, encrypt, &call);
		call.out_len = region;
		expect_refused (&server, &call, CKR_DEVICE_ERROR, "C_Encrypt");
		put (&server, &wire, CRATON_C_GenerateRandom, random, &call);
		call.out_len = region;
		expect_refused (&server, &call, CKR_DEVICE_ERROR, "C_GenerateRandom");
	}
	close_server (&server);
}
END_TEST

/* A lane without room for the reply: the client is told, and nothing is written behind the lane. */
START_TEST (test_reply__no_room)
{
	CK_MECHANISM_TYPE list[64];
	CK_ULONG count = 64;
	const CK_ULONG args[] = { 1, (CK_ULONG) list, (CK_ULONG) &count };
	CratonLaneCall call;
	CratonWire wire;
	Server server;

	open_server (&server, &recorder);
	put (&server, &wire, CRATON_C_GetMechanismList, args, &call);
	call.out_len = DATA_LEN - craton_lane_out_offset (call.request_len);
	recorded.expected = NULL;
	recorded.forced = CKR_OK;
	craton_dispatch_lane (server.dispatch, &server.arena, &server.lane, &call);
	ck_assert (!call.understood);
	ck_assert_uint_eq (call.rv, CKR_DEVICE_MEMORY);
	ck_assert_uint_eq (call.reply_len, 0);
	close_server (&server);
}
END_TEST

/* What a module lacks is not supported, and the rest of it is. */
START_TEST (test_function__missing)
{
	static Sample sample;
	CK_FUNCTION_LIST_3_2 functions = recorder;
	Server server;

	functions.C_Login = NULL;
	functions.C_EncapsulateKey = NULL;
	open_server (&server, &functions);
	for (int id = 0; id < CRATON_CALLS; id++) {
		bool missing = id == CRATON_C_Login || id == CRATON_C_EncapsulateKey;
		CratonLaneCall call;
		CratonWire wire;

		if (!craton_calls[id].travels)
			continue;
		sample_make (&sample, &craton_calls[id], SAMPLE_FULL);
		put (&server, &wire, (CratonCallId) id, sample.args, &call);
		recorded.n_calls = 0;
		recorded.forced = CKR_OK;
		recorded.expected = NULL;
		craton_dispatch_lane (server.dispatch, &server.arena, &server.lane, &call);
		ck_assert (call.understood);
		ck_assert_int_eq (call.rv == CKR_FUNCTION_NOT_SUPPORTED, missing);
		ck_assert_uint_eq (recorded.n_calls, missing ? 0 : 1);
		ck_assert (take (&server, &wire, &call, sample.args));
		sample_clear (&sample);
	}
	close_server (&server);
}
END_TEST

/* A session whose calls end after they have returned would write into memory of the client. */
START_TEST (test_open_session__async)
{
	CK_SESSION_HANDLE handle = 0;
	const CK_ULONG args[] = { 1, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, 0, 0,
		                  (CK_ULONG) &handle };
	CratonLaneCall call;
	CratonWire wire;
	Server server;

	open_server (&server, &recorder);
	put (&server, &wire, CRATON_C_OpenSession, args, &call);
	recorded.n_calls = 0;
	craton_dispatch_lane (server.dispatch, &server.arena, &server.lane, &call);
	ck_assert (call.understood);
	ck_assert_uint_eq (call.rv, CKR_SESSION_ASYNC_NOT_SUPPORTED);
	ck_assert_uint_eq (recorded.n_calls, 0);
	ck_assert (take (&server, &wire, &call, args));
	close_server (&server);
}
END_TEST

static bool
lane_holds (const Server *server, const char *text)
{
	return memmem (server->lane.data, server->lane.data_len, text, strlen (text)) != NULL;
}

/* A PIN does not stay in the lane, whatever became of the call. */
START_TEST (test_secret__wiped)
{
	static const char pin[] = "not in the lane!";
	const CK_ULONG login[] = { 1, CKU_USER, (CK_ULONG) pin, 16 };
	CK_ATTRIBUTE attrs[] = { { CKA_VALUE, (void *) pin, 16 } };
	CK_OBJECT_HANDLE handle;
	const CK_ULONG create[] = { 1, (CK_ULONG) attrs, 1, (CK_ULONG) &handle };
	CratonLaneCall call;
	CratonWire wire;
	Server server;

	recorded.expected = NULL;
	recorded.forced = CKR_PIN_INCORRECT;
	open_server (&server, &recorder);
	for (int i = 0; i < 3; i++) {
		put (&server, &wire, i == 1 ? CRATON_C_CreateObject : CRATON_C_Login,
		     i == 1 ? create : login, &call);
		ck_assert (lane_holds (&server, pin));
		/* The last time it is refused for what stands behind it. */
		call.request_len += i == 2 ? 8 : 0;
		craton_dispatch_lane (server.dispatch, &server.arena, &server.lane, &call);
		ck_assert_int_eq (call.understood, i != 2);
		ck_assert (!lane_holds (&server, pin));
	}
	close_server (&server);
}
END_TEST

/* flat-mechanisms of craton.conf. */
START_TEST (test_flat__configured)
{
	const CK_MECHANISM_TYPE flat[] = { CKM_VENDOR_DEFINED | 5, CKM_AES_GCM };
	CK_BYTE bytes[sizeof (CK_GCM_PARAMS) - 1] = { 0 };
	CK_MECHANISM mechanism = { CKM_VENDOR_DEFINED | 5, bytes, sizeof bytes };
	const CK_ULONG args[] = { 1, (CK_ULONG) &mechanism, 2 };
	const uint64_t types[] = { CKM_VENDOR_DEFINED | 5, CKM_VENDOR_DEFINED | 6 };
	Server server;

	recorded.expected = NULL;
	recorded.forced = CKR_OK;
	open_server (&server, &recorder);
	craton_dispatch_free (server.dispatch);
	server.dispatch = craton_dispatch_new (&recorder, flat, G_N_ELEMENTS (flat));
	for (size_t i = 0; i < 2; i++) {
		CratonWire wire = { .flat = types, .n_flat = 2 };
		CratonLaneCall call = { .call = CRATON_C_EncryptInit };

		mechanism.mechanism = types[i];
		craton_buf_init (&wire.buf, server.lane.data, server.lane.data_len);
		craton_kinds_put_request (&wire, &craton_calls[CRATON_C_EncryptInit], args);
		ck_assert (!wire.buf.failed);
		call.request_len = wire.buf.pos;
		craton_dispatch_lane (server.dispatch, &server.arena, &server.lane, &call);
		ck_assert_int_eq (call.understood, i == 0);
	}
	close_server (&server);
}
END_TEST

/* Spoiled requests in a lane: whatever is understood, the reply fits. */
START_TEST (test_request__spoiled)
{
	static Sample sample;
	uint32_t state = 0x1234567u + (uint32_t) _i;
	Server server;

	if (!craton_calls[_i].travels)
		return;
	open_server (&server, &recorder);
	sample_make (&sample, &craton_calls[_i], SAMPLE_FULL);
	for (int round = 0; round < 300; round++) {
		CratonLaneCall call;
		CratonWire wire;

		recorded.expected = NULL;
		recorded.forced = round % 3 == 0 ? CKR_GENERAL_ERROR : CKR_OK;
		put (&server, &wire, (CratonCallId) _i, sample.args, &call);
		for (int n = round % 5; n >= 0; n--) {
			state = state * 1664525u + 1013904223u;
			server.lane.data[(state >> 8) % call.request_len] = (uint8_t) (state >> 24);
		}
		craton_dispatch_lane (server.dispatch, &server.arena, &server.lane, &call);
		ck_assert (craton_lane_fits (DATA_LEN, call.request_len, call.out_len,
		                             call.reply_len));
		ck_assert (call.understood || call.reply_len == 0);
	}
	sample_clear (&sample);
	close_server (&server);
}
END_TEST

/* Two threads on one dispatch, each with its lane. */

static gpointer
call_all (gpointer data)
{
	Server *server = data;

	for (int id = 0; id < CRATON_CALLS; id++) {
		if (craton_calls[id].travels)
			expect_as_direct (server, (CratonCallId) id, SAMPLE_FULL, CKR_OK);
	}
	return NULL;
}

START_TEST (test_dispatch__threads)
{
	Server servers[4];
	GThread *threads[4];

	for (int i = 0; i < 4; i++) {
		open_server (&servers[i], &recorder);
		if (i > 0) {
			craton_dispatch_free (servers[i].dispatch);
			servers[i].dispatch = servers[0].dispatch;
		}
	}
	for (int i = 0; i < 4; i++)
		threads[i] = g_thread_new ("lane", call_all, &servers[i]);
	for (int i = 0; i < 4; i++)
		(void) g_thread_join (threads[i]);
	for (int i = 3; i >= 0; i--) {
		if (i > 0)
			servers[i].dispatch = NULL;
		close_server (&servers[i]);
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("dispatch");
	TCase *calls = tcase_create ("calls"), *hostile = tcase_create ("hostile");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (calls, 120);
	tcase_set_timeout (hostile, 120);
	tcase_add_loop_test (calls, test_call__as_direct, 0, CRATON_CALLS);
	tcase_add_test (calls, test_function__missing);
	tcase_add_test (calls, test_open_session__async);
	tcase_add_test (calls, test_secret__wiped);
	tcase_add_test (calls, test_flat__configured);
	tcase_add_test (calls, test_dispatch__threads);
	tcase_add_test (hostile, test_request__other_length);
	tcase_add_test (hostile, test_request__no_such_call);
	tcase_add_test (hostile, test_request__out_region_too_small);
	tcase_add_test (hostile, test_reply__no_room);
	tcase_add_loop_test (hostile, test_request__spoiled, 0, CRATON_CALLS);
	suite_add_tcase (suite, calls);
	suite_add_tcase (suite, hostile);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
