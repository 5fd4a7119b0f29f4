/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Requests that change while they are read: a second thread of the client writes into the lane all the time that dispatch decodes it,
 * calls the module and writes the reply. What the module gets is its own to the end of the call. The address sanitizer looks on;
 * the thread sanitizer would see what is meant to happen.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <glib.h>

#include "dispatch.h"
#include "recorder.h"
#include "trip.h"

#define DATA_LEN (1 << 16)
#define ROUNDS 60

typedef struct {
	uint8_t *data;
	gint len; /* of the request; 0: stop */
} Spoiler;

static volatile unsigned int sink;

/* As bytes that can change, which only bulk data may. */
static void
look_twice (const void *place, size_t len)
{
	const volatile uint8_t *bytes = place;
	unsigned int first = 0, second = 0;

	for (size_t i = 0; bytes != NULL && i < len; i++)
		first = first * 31 + bytes[i];
	g_thread_yield ();
	for (size_t i = 0; bytes != NULL && i < len; i++)
		second = second * 31 + bytes[i];
	sink = first;
	ck_assert_msg (len >= CRATON_IN_PLACE_MIN || first == second,
	               "%zu bytes changed in the module's hands", len);
}

static void
look_at_template (const CK_ATTRIBUTE *attrs, CK_ULONG n)
{
	look_twice (attrs, n * sizeof *attrs);
	for (CK_ULONG i = 0; attrs != NULL && i < n; i++)
		look_twice (attrs[i].pValue, attrs[i].pValue != NULL ? attrs[i].ulValueLen : 0);
}

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	const CK_ULONG *next = args;

	for (const char *letter = craton_calls[call].signature; *letter != '\0'; letter++) {
		const CK_MECHANISM *mechanism = sample_pointer (next[0]);

		if (*letter == 'i' || *letter == 'p')
			look_twice (mechanism, next[0] != 0 ? next[1] : 0);
		else if (*letter == 'A')
			look_at_template (sample_pointer (next[0]), next[1]);
		else if (strchr ("Mmw", *letter) != NULL && mechanism != NULL)
			look_twice (mechanism->pParameter,
			            mechanism->pParameter != NULL ? mechanism->ulParameterLen : 0);
		next += strlen (craton_kind (*letter)->args);
	}
	return sample_play (&craton_calls[call], CKR_OK, args);
}

static gpointer
spoil (gpointer data)
{
	Spoiler *spoiler = data;
	uint32_t state = 1;
	gint len;

	while ((len = g_atomic_int_get (&spoiler->len)) != 0) {
		volatile uint8_t *place;

		state = state * 1664525u + 1013904223u;
		place = &spoiler->data[(state >> 8) % (uint32_t) len];
		/* Lengths and counts are found in the lowest byte of a word. */
		*place ^= (uint8_t) (1u << (state >> 29));
	}
	return NULL;
}

static size_t
make_request (CratonLane *lane, CratonCallId call, const CK_ULONG *args, size_t *ret_out_len)
{
	CratonWire wire = { 0 };

	craton_buf_init (&wire.buf, lane->data, lane->data_len);
	craton_kinds_put_request (&wire, &craton_calls[call], args);
	*ret_out_len = wire.out_len;
	return wire.buf.failed ? 0 : wire.buf.pos;
}

START_TEST (test_request__changes_while_it_is_read)
{
	static Sample sample;
	CratonDispatch *dispatch = craton_dispatch_new (&recorder, NULL, 0);
	CratonArena arena = { 0 };
	CratonLane lane;
	Spoiler spoiler;
	GThread *thread;
	unsigned int n_understood = 0;
	size_t len, out_len;
	int fd;

	ck_assert_uint_eq (craton_lane_create (DATA_LEN, &lane, &fd), CKR_OK);
	(void) close (fd);
	spoiler = (Spoiler){ lane.data, 64 };
	thread = g_thread_new ("spoil", spoil, &spoiler);
	for (int id = 0; id < CRATON_CALLS; id++) {
		if (!craton_calls[id].travels)
			continue;
		sample_make (&sample, &craton_calls[id], SAMPLE_FULL);
		for (int round = 0; round < ROUNDS; round++) {
			CratonLaneCall call = { .call = (uint32_t) id };

			len = make_request (&lane, (CratonCallId) id, sample.args, &out_len);
			g_atomic_int_set (&spoiler.len, MAX ((gint) len, 64));
			call.request_len = len;
			call.out_len = out_len;
			craton_dispatch_lane (dispatch, &arena, &lane, &call);
			ck_assert (craton_lane_fits (lane.data_len, call.request_len, call.out_len,
			                             call.reply_len));
			n_understood += call.understood;
		}
		sample_clear (&sample);
	}
	g_atomic_int_set (&spoiler.len, 0);
	(void) g_thread_join (thread);
	/* Not all were refused at the door. */
	ck_assert_uint_gt (n_understood, ROUNDS);
	craton_arena_clear (&arena);
	craton_lane_unmap (&lane);
	craton_dispatch_free (dispatch);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("changing");
	TCase *tcase = tcase_create ("changing");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_request__changes_while_it_is_read);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
