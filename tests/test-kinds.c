/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every call of calls.def over the wire and back, compared with the same call made directly; and
 * what a peer can make of the bytes in between.
 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "trip.h"

/* What modules answer. */
static const CK_RV answers[] = {
	CKR_OK,
	CKR_GENERAL_ERROR,
	CKR_BUFFER_TOO_SMALL,
	CKR_ATTRIBUTE_SENSITIVE,
	CKR_VENDOR_DEFINED | 7,
	CKR_PENDING,
};

static bool
travels (int call)
{
	return craton_calls[call].travels;
}

static void
expect_as_direct (const CratonCallRow *call, SampleKind kind, CK_RV forced)
{
	static Sample direct, wired, reference;
	char what[80], letter;
	CK_RV rv, direct_rv;
	Trip trip;

	(void) snprintf (what, sizeof what, "%s, sample %d, 0x%lx", call->name, kind, forced);
	sample_make (&direct, call, kind);
	sample_make (&wired, call, kind);
	sample_make (&reference, call, kind);
	direct_rv = sample_play (call, forced, direct.args);
	ck_assert_msg (trip_put_request (&trip, call, wired.args) == CKR_OK, "%s: refused", what);
	sample_expect_same (&wired, &reference, what);
	ck_assert_msg (trip_get_request (&trip, trip.request, trip.request_len),
	               "%s: not understood", what);
	letter = sample_differs (call, reference.args, trip.args);
	ck_assert_msg (letter == '\0', "%s: the module sees another %c", what, letter);
	rv = sample_play (call, forced, trip.args);
	ck_assert_msg (rv == direct_rv, "%s: 0x%lx, directly 0x%lx", what, rv, direct_rv);
	ck_assert_msg (trip_put_response (&trip, rv), "%s: the reply is longer than announced",
	               what);
	ck_assert_msg (trip_get_response (&trip, trip.reply, trip.reply_len, rv, wired.args),
	               "%s: reply refused", what);
	sample_expect_same (&direct, &wired, what);
	trip_clear (&trip);
	sample_clear (&direct);
	sample_clear (&wired);
	sample_clear (&reference);
}

/* The signature covers the C arguments, and its letters are known. */
static void
expect_signature (int id)
{
	const CratonCallRow *call = &craton_calls[id];
	size_t n_args = 0;

	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		const CratonKind *kind = craton_kind (*letter);

		ck_assert_msg (kind != NULL, "%s: letter %c has no kind", call->name, *letter);
		n_args += strlen (kind->args);
	}
	ck_assert_uint_le (call->n_args, CRATON_ARGS_MAX);
	ck_assert_uint_eq (n_args, call->n_args);
	ck_assert_uint_eq ((call->offset - offsetof (CK_FUNCTION_LIST_3_2, C_Initialize)) /
	                           sizeof (void *),
	                   (size_t) id);
}

START_TEST (test_call__as_direct)
{
	expect_signature (_i);
	if (!travels (_i))
		return;
	for (SampleKind kind = 0; kind < N_SAMPLES; kind++) {
		for (size_t i = 0;
		     i < (kind == SAMPLE_LARGE ? 1 : sizeof answers / sizeof answers[0]); i++)
			expect_as_direct (&craton_calls[_i], kind, answers[i]);
	}
}
END_TEST

START_TEST (test_kind__unknown)
{
	for (int letter = -128; letter < 128; letter++) {
		if (sample_letter ((char) letter) == NULL)
			ck_assert_ptr_null (craton_kind ((char) letter));
		else
			ck_assert_ptr_nonnull (craton_kind ((char) letter));
	}
}
END_TEST

/* A request in the making for @call; the sample is the caller's memory. */
static void
begin (Trip *trip, Sample *sample, int call, SampleKind kind)
{
	sample_make (sample, &craton_calls[call], kind);
	ck_assert_uint_eq (trip_put_request (trip, &craton_calls[call], sample->args), CKR_OK);
}

static void
expect_request_not_longer (int call)
{
	static Sample sample;
	Trip trip;

	if (!travels (call))
		return;
	begin (&trip, &sample, call, SAMPLE_FULL);
	for (size_t more = 1; more <= 16; more++) {
		uint8_t *longer = calloc (1, trip.request_len + more);

		ck_assert_ptr_nonnull (longer);
		memcpy (longer, trip.request, trip.request_len);
		ck_assert (!trip_get_request (&trip, longer, trip.request_len + more));
		free (longer);
	}
	trip_clear (&trip);
	sample_clear (&sample);
}

static void
cut_request (int call)
{
	static Sample sample;
	Trip trip;

	for (SampleKind kind = SAMPLE_FULL; travels (call) && kind <= SAMPLE_ODD; kind++) {
		begin (&trip, &sample, call, kind);
		for (size_t len = 0; len < trip.request_len; len++) {
			uint8_t *cut = trip_copy (trip.request, len);

			ck_assert_msg (!trip_get_request (&trip, cut, len),
			               "%s, sample %d: understood when cut from %zu to %zu",
			               craton_calls[call].name, kind, trip.request_len, len);
			free (cut);
		}
		trip_clear (&trip);
		sample_clear (&sample);
	}
	expect_request_not_longer (call);
}

START_TEST (test_request__other_length)
{
	for (int call = 0; call < CRATON_CALLS; call++)
		cut_request (call);
}
END_TEST

/* What is put into the place of a word: the limits and their neighbours, the ends of the range,
 * and its own neighbours. */
static const uint64_t spoils[] = {
	0,
	1,
	2,
	3,
	7,
	8,
	24,
	48,
	255,
	256,
	4095,
	4096,
	4097,
	65535,
	65536,
	CRATON_ATTRS_MAX,
	CRATON_ATTRS_MAX + 1,
	CRATON_VALUE_MAX,
	CRATON_VALUE_MAX + 1,
	CRATON_LIST_MAX + 1,
	CRATON_OUT_MAX,
	CRATON_LANE_DATA_MAX + 1,
	UINT32_MAX,
	1ull << 32,
	1ull << 61,
	(1ull << 61) + 1,
	INT64_MAX,
	1ull << 63,
	UINT64_MAX - 63,
	UINT64_MAX - 7,
	UINT64_MAX - 1,
	UINT64_MAX,
	CKA_WRAP_TEMPLATE,
	CKA_VALUE,
	CKM_AES_GCM,
	CKM_SP800_108_COUNTER_KDF,
	CKM_PKCS5_PBKD2,
};
#define N_VALUES (sizeof spoils / sizeof spoils[0])
#define N_SPOILS (N_VALUES + 4)

static uint64_t
spoil (uint64_t word, size_t how)
{
	if (how < N_VALUES)
		return spoils[how];
	how -= N_VALUES;
	return how == 0 ? word + 1 : how == 1 ? word - 1 : how == 2 ? ~word : word + 8;
}

/* Decodes; a module then acts on what it was given, if anything, and the reply is made. */
static void
serve_spoiled (Trip *trip, uint8_t *request, size_t len)
{
	if (!trip_get_request (trip, request, len))
		return;
	(void) trip_put_response (trip, sample_play (trip->call, CKR_GENERAL_ERROR, trip->args));
	(void) trip_put_response (trip, sample_play (trip->call, CKR_OK, trip->args));
}

/* A generator of our own, so that a failure is the same each time. */
static uint32_t
next_random (uint32_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 17;
	*state ^= *state << 5;
	return *state;
}

static void
spoil_request_bytes (int call)
{
	static Sample sample;
	uint32_t state = 0x20260601u + (uint32_t) call;
	Trip trip;

	if (!travels (call))
		return;
	begin (&trip, &sample, call, SAMPLE_FULL);
	for (int round = 0; round < 1000; round++) {
		uint8_t *spoiled = trip_copy (trip.request, trip.request_len);

		for (uint32_t n = 1 + next_random (&state) % 4; n > 0; n--)
			spoiled[next_random (&state) % trip.request_len] =
				(uint8_t) next_random (&state);
		serve_spoiled (&trip, spoiled, trip.request_len);
		free (spoiled);
	}
	trip_clear (&trip);
	sample_clear (&sample);
}

START_TEST (test_request__spoiled)
{
	static Sample sample;
	Trip trip;

	for (SampleKind kind = SAMPLE_FULL; travels (_i) && kind <= SAMPLE_SHORT; kind++) {
		begin (&trip, &sample, _i, kind);
		for (size_t place = 0; place + 8 <= trip.request_len; place += 8) {
			for (size_t how = 0; how < N_SPOILS; how++) {
				uint8_t *spoiled = trip_copy (trip.request, trip.request_len);
				uint64_t word;

				memcpy (&word, spoiled + place, 8);
				word = spoil (word, how);
				memcpy (spoiled + place, &word, 8);
				serve_spoiled (&trip, spoiled, trip.request_len);
				free (spoiled);
			}
		}
		trip_clear (&trip);
		sample_clear (&sample);
	}
	spoil_request_bytes (_i);
}
END_TEST

/* Runs the call up to a reply, with CKR_OK where the arguments allow it. */
static CK_RV
reply (Trip *trip, Sample *sample, int call, SampleKind kind)
{
	CK_RV rv;

	begin (trip, sample, call, kind);
	ck_assert (trip_get_request (trip, trip->request, trip->request_len));
	rv = sample_play (trip->call, CKR_OK, trip->args);
	ck_assert (trip_put_response (trip, rv));
	return rv;
}

static void
expect_reply_not_longer (int call)
{
	static Sample sample;
	uint8_t *longer;
	Trip trip;
	CK_RV rv;

	if (!travels (call))
		return;
	rv = reply (&trip, &sample, call, SAMPLE_FULL);
	longer = calloc (1, trip.reply_len + 8);
	ck_assert_ptr_nonnull (longer);
	memcpy (longer, trip.reply, trip.reply_len);
	ck_assert (!trip_get_response (&trip, longer, trip.reply_len + 8, rv, sample.args));
	free (longer);
	trip_clear (&trip);
	sample_clear (&sample);
}

/* The bytes of a reply under another result code: nothing is written outside of the caller's
 * memory. */
static void
take_reply_for_other_results (int call)
{
	static Sample sample;

	for (SampleKind kind = SAMPLE_FULL; travels (call) && kind <= SAMPLE_ODD; kind++) {
		for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
			Trip trip;

			(void) reply (&trip, &sample, call, kind);
			(void) trip_get_response (&trip, trip.reply, trip.reply_len, answers[i],
			                          sample.args);
			trip_clear (&trip);
			sample_clear (&sample);
		}
	}
}

static void
cut_reply (int call)
{
	static Sample sample, again;

	for (SampleKind kind = SAMPLE_FULL; travels (call) && kind <= SAMPLE_ODD; kind++) {
		Trip trip;
		CK_RV rv = reply (&trip, &sample, call, kind);

		for (size_t len = 0; len < trip.reply_len; len++) {
			uint8_t *cut = trip_copy (trip.reply, len);
			Trip other;

			begin (&other, &again, call, kind);
			ck_assert_msg (!trip_get_response (&other, cut, len, rv, again.args),
			               "%s, sample %d: understood when cut from %zu to %zu",
			               trip.call->name, kind, trip.reply_len, len);
			free (cut);
			trip_clear (&other);
			sample_clear (&again);
		}
		trip_clear (&trip);
		sample_clear (&sample);
	}
	expect_reply_not_longer (call);
	take_reply_for_other_results (call);
}

START_TEST (test_reply__other_length)
{
	for (int call = 0; call < CRATON_CALLS; call++)
		cut_reply (call);
}
END_TEST

/* Whatever a backend answers, nothing is written outside of the caller's memory. */
static void
spoil_reply (int call)
{
	static Sample sample, again;

	for (SampleKind kind = SAMPLE_FULL; travels (call) && kind <= SAMPLE_SHORT; kind++) {
		Trip trip;
		CK_RV rv = reply (&trip, &sample, call, kind);

		for (size_t place = 0; place + 8 <= trip.reply_len; place += 8) {
			for (size_t how = 0; how < 2 * N_SPOILS; how++) {
				uint8_t *spoiled = trip_copy (trip.reply, trip.reply_len);
				uint64_t word;
				Trip other;

				memcpy (&word, spoiled + place, 8);
				word = spoil (word, how % N_SPOILS);
				memcpy (spoiled + place, &word, 8);
				begin (&other, &again, call, kind);
				(void) trip_get_response (&other, spoiled, trip.reply_len,
				                          how < N_SPOILS ? rv : CKR_OK, again.args);
				free (spoiled);
				trip_clear (&other);
				sample_clear (&again);
			}
		}
		trip_clear (&trip);
		sample_clear (&sample);
	}
}

START_TEST (test_reply__spoiled)
{
	for (int call = 0; call < CRATON_CALLS; call++)
		spoil_reply (call);
}
END_TEST

/* Limits of single arguments: what is over them is refused before a byte of it is read. */

static CratonCallId
first_call (const char *signature)
{
	for (int call = 0; call < CRATON_CALLS; call++) {
		if (strcmp (craton_calls[call].signature, signature) == 0)
			return (CratonCallId) call;
	}
	ck_abort_msg ("no call has the signature %s", signature);
	return CRATON_CALLS;
}

/* What the proxy says to these arguments. */
static CK_RV
put (const char *signature, const CK_ULONG *args, CratonWire *ret_wire)
{
	Trip trip;
	CK_RV rv = trip_put_request (&trip, &craton_calls[first_call (signature)], args);

	*ret_wire = trip.proxy;
	trip_clear (&trip);
	return rv;
}

START_TEST (test_bytes__over_the_limit)
{
	CK_BYTE byte = 1;
	CratonWire wire;

	ck_assert_uint_eq (
		put ("si", (const CK_ULONG[]){ 1, sample_word (&byte), CRATON_LANE_DATA_MAX + 1 },
	             &wire),
		CKR_HOST_MEMORY);
	ck_assert_uint_eq (
		put ("si", (const CK_ULONG[]){ 1, sample_word (&byte), SIZE_MAX }, &wire),
		CKR_HOST_MEMORY);
	ck_assert_uint_eq (put ("si", (const CK_ULONG[]){ 1, 0, SIZE_MAX }, &wire), CKR_OK);
	ck_assert_uint_eq (
		put ("sp", (const CK_ULONG[]){ 1, sample_word (&byte), SIZE_MAX - 7 }, &wire),
		CKR_HOST_MEMORY);
}
END_TEST

START_TEST (test_fill__over_the_limit)
{
	CK_BYTE byte = 1;
	CratonWire wire;

	ck_assert_uint_eq (
		put ("sn", (const CK_ULONG[]){ 1, sample_word (&byte), CRATON_OUT_MAX }, &wire),
		CKR_OK);
	ck_assert_uint_eq (wire.out_len, CRATON_OUT_MAX);
	ck_assert_uint_eq (
		put ("sn", (const CK_ULONG[]){ 1, sample_word (&byte), CRATON_OUT_MAX + 1 }, &wire),
		CKR_HOST_MEMORY);
	ck_assert_uint_eq (
		put ("sn", (const CK_ULONG[]){ 1, sample_word (&byte), SIZE_MAX }, &wire),
		CKR_HOST_MEMORY);
}
END_TEST

/* A caller that announces all the memory there is gets its output all the same. */
START_TEST (test_out__announced_too_much)
{
	const CratonCallRow *call = &craton_calls[first_call ("so")];
	CK_BYTE out[CRATON_IN_PLACE_MIN];
	CK_ULONG len = SIZE_MAX;
	const CK_ULONG args[] = { 1, sample_word (out), sample_word (&len) };
	Trip trip;
	CK_ULONG *seen;

	ck_assert_uint_eq (trip_put_request (&trip, call, args), CKR_OK);
	ck_assert_uint_eq (trip.out_len, CRATON_OUT_MAX);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	seen = sample_pointer (trip.args[2]);
	ck_assert_uint_eq (*seen, CRATON_OUT_MAX);
	*seen = 5;
	memcpy (sample_pointer (trip.args[1]), "hello", 5);
	ck_assert (trip_put_response (&trip, CKR_OK));
	ck_assert (trip_get_response (&trip, trip.reply, trip.reply_len, CKR_OK, args));
	ck_assert_uint_eq (len, 5);
	ck_assert_mem_eq (out, "hello", 5);
	trip_clear (&trip);
}
END_TEST

/* A module that says more than there was room for is not believed. */
START_TEST (test_out__module_lies)
{
	const CratonCallRow *call = &craton_calls[first_call ("so")];
	CK_BYTE *out = malloc (8);
	CK_ULONG len = 8;
	const CK_ULONG args[] = { 1, sample_word (out), sample_word (&len) };
	Trip trip;

	ck_assert_uint_eq (trip_put_request (&trip, call, args), CKR_OK);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	*(CK_ULONG *) sample_pointer (trip.args[2]) = 9;
	ck_assert (trip_put_response (&trip, CKR_OK));
	ck_assert (!trip_get_response (&trip, trip.reply, trip.reply_len, CKR_OK, args));
	ck_assert_uint_eq (len, 8);
	trip_clear (&trip);
	free (out);
}
END_TEST

START_TEST (test_string__without_end)
{
	const CratonCallRow *call = &craton_calls[CRATON_C_AsyncGetID];
	size_t len = CRATON_STRING_MAX + 100;
	char *endless = malloc (len);
	CK_ULONG id = 0;
	const CK_ULONG args[] = { 1, sample_word (endless), sample_word (&id) };
	const char *got;
	Trip trip;

	ck_assert_ptr_nonnull (endless);
	memset (endless, 'x', len);
	ck_assert_uint_eq (trip_put_request (&trip, call, args), CKR_OK);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	got = sample_pointer (trip.args[1]);
	ck_assert_ptr_eq (memchr (got, '\0', CRATON_STRING_MAX), got + CRATON_STRING_MAX - 1);
	trip_clear (&trip);
	free (endless);
}
END_TEST

/* Short input is the module's own copy, so that a client cannot change what is being parsed;
 * bulk stays where it is. */
START_TEST (test_bytes__copied_or_in_place)
{
	static const size_t lens[] = { 0, 1, CRATON_IN_PLACE_MIN - 1, CRATON_IN_PLACE_MIN,
		                       5 * CRATON_IN_PLACE_MIN };
	uint8_t *bytes = calloc (1, lens[4]);

	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		const CK_ULONG args[] = { 1, sample_word (bytes), lens[i] };
		Trip trip;
		uint8_t *got;

		ck_assert_uint_eq (trip_put_request (&trip, &craton_calls[first_call ("si")], args),
		                   CKR_OK);
		ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
		got = sample_pointer (trip.args[1]);
		ck_assert_ptr_nonnull (got);
		ck_assert_int_eq (got >= trip.request && got < trip.request + trip.request_len,
		                  lens[i] >= CRATON_IN_PLACE_MIN);
		ck_assert_uint_eq ((uintptr_t) got % 8, 0);
		trip_clear (&trip);
	}
	free (bytes);
}
END_TEST

/* A PIN is copied whatever its length, and both ends know that there is something to wipe. */
START_TEST (test_pin__secret)
{
	CK_BYTE *pin = calloc (1, 2 * CRATON_IN_PLACE_MIN);
	const CK_ULONG args[] = { 1, sample_word (pin), 2 * CRATON_IN_PLACE_MIN };
	Trip trip;
	uint8_t *got;

	ck_assert_uint_eq (trip_put_request (&trip, &craton_calls[CRATON_C_InitPIN], args), CKR_OK);
	ck_assert (trip.proxy.secret);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	ck_assert (trip.backend.secret);
	got = sample_pointer (trip.args[1]);
	ck_assert (got + args[2] <= trip.request || got >= trip.request + trip.request_len);
	trip_clear (&trip);
	free (pin);
}
END_TEST

static void
add_limits (TCase *tcase)
{
	tcase_add_test (tcase, test_bytes__over_the_limit);
	tcase_add_test (tcase, test_bytes__copied_or_in_place);
	tcase_add_test (tcase, test_fill__over_the_limit);
	tcase_add_test (tcase, test_out__announced_too_much);
	tcase_add_test (tcase, test_out__module_lies);
	tcase_add_test (tcase, test_string__without_end);
	tcase_add_test (tcase, test_pin__secret);
}

int
main (void)
{
	Suite *suite = suite_create ("kinds");
	TCase *calls = tcase_create ("calls"), *limits = tcase_create ("limits");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (calls, 120);
	/* Half a gigabyte is mapped and cleared in some of them. */
	tcase_set_timeout (limits, 120);
	tcase_add_loop_test (calls, test_call__as_direct, 0, CRATON_CALLS);
	tcase_add_test (calls, test_request__other_length);
	tcase_add_loop_test (calls, test_request__spoiled, 0, CRATON_CALLS);
	tcase_add_test (calls, test_reply__other_length);
	tcase_add_test (calls, test_reply__spoiled);
	tcase_add_test (calls, test_kind__unknown);
	add_limits (limits);
	suite_add_tcase (suite, calls);
	suite_add_tcase (suite, limits);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
