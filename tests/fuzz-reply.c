/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile backend: any bytes as the reply of any call, into the memory of a caller that has exactly the room it announced, and
 * any words in the header of a lane. Nothing is written behind the room, and what the caller is told does not exceed it.
 *
 * Input: call, kind of sample, row of mechs.def, result, one byte that fills the out region; then the reply. Call 255: 64 bytes of
 * the server's header words.
 */
#include "config.h"

#include "fuzz-samples.h"

#include <sys/mman.h>
#include <unistd.h>

#include "lane.h"
#include "trip.h"

static const CK_RV results[] = { CKR_OK,
	                         CKR_BUFFER_TOO_SMALL,
	                         CKR_ATTRIBUTE_SENSITIVE,
	                         CKR_ATTRIBUTE_TYPE_INVALID,
	                         CKR_GENERAL_ERROR,
	                         CKR_VENDOR_DEFINED | 7 };

static CK_ULONG
number_at (CK_ULONG arg)
{
	const CK_ULONG *number = sample_pointer (arg);

	return number != NULL ? *number : 0;
}

static void
expect_room (CK_RV rv, const CK_ATTRIBUTE *told, const CK_ATTRIBUTE *asked, CK_ULONG n)
{
	for (CK_ULONG i = 0; asked != NULL && i < n; i++) {
		fuzz_expect (told[i].type == asked[i].type);
		fuzz_expect ((told[i].pValue == NULL) == (asked[i].pValue == NULL));
		/* CKR_BUFFER_TOO_SMALL may say by how much. */
		fuzz_expect (told[i].pValue == NULL || rv == CKR_BUFFER_TOO_SMALL ||
		             told[i].ulValueLen <= asked[i].ulValueLen ||
		             told[i].ulValueLen == CK_UNAVAILABLE_INFORMATION);
	}
}

/* What the caller was told, against what it has asked for. */
static void
expect_sane (const CratonCallRow *call, CK_RV rv, const CK_ULONG *told, const CK_ULONG *asked)
{
	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		const CK_ASYNC_DATA *data = sample_pointer (told[0]);

		if ((*letter == 'o' || *letter == 'L') && rv == CKR_OK && told[0] != 0)
			fuzz_expect (number_at (told[1]) <= number_at (asked[1]));
		if (*letter == 'F' && rv == CKR_OK && told[0] != 0 && told[2] != 0)
			fuzz_expect (number_at (told[2]) <= told[1]);
		if (*letter == 'G')
			expect_room (rv, sample_pointer (told[0]), sample_pointer (asked[0]),
			             told[1]);
		if (*letter == 'D' && data != NULL && data->pValue != NULL && rv == CKR_OK)
			fuzz_expect (
				data->ulValueLen <=
				((const CK_ASYNC_DATA *) sample_pointer (asked[0]))->ulValueLen);
		told += strlen (craton_kind (*letter)->args);
		asked += strlen (craton_kind (*letter)->args);
	}
}

static void
take_reply (FuzzInput *input, const CratonCallRow *call)
{
	static Sample sample, reference;
	SampleKind kind = (SampleKind) (fuzz_number (input, 1) % SAMPLE_LARGE);
	size_t row = (size_t) fuzz_number (input, 1), len;
	CK_RV rv = results[fuzz_number (input, 1) % (sizeof results / sizeof results[0])];
	int filling = (int) fuzz_number (input, 1);
	uint8_t *reply = fuzz_bytes (input, SIZE_MAX, &len);
	Trip trip;

	fuzz_make (&sample, call, kind, row);
	fuzz_make (&reference, call, kind, row);
	if (trip_put_request (&trip, call, sample.args) == CKR_OK) {
		memset (trip.out, filling, trip.out_len);
		if (trip_get_response (&trip, reply, len, rv, sample.args))
			expect_sane (call, rv, sample.args, reference.args);
	}
	trip_clear (&trip);
	free (reply);
	sample_clear (&sample);
	sample_clear (&reference);
}

/* The page that the server can write to, as it comes from a hostile one. */
static void
take_words (FuzzInput *input)
{
	static CratonLane lane;
	uint8_t words[64] = { 0 };
	uint32_t request;
	CratonLaneCall call;
	CratonLaneState state;
	int fd;

	if (lane.header == NULL) {
		fuzz_expect (craton_lane_create (1 << 16, &lane, &fd) == CKR_OK);
		(void) close (fd);
	}
	call = (CratonLaneCall){ .request_len = (size_t) fuzz_number (input, 2),
		                 .out_len = (size_t) fuzz_number (input, 2) };
	memcpy (words, input->bytes, input->len < sizeof words ? input->len : sizeof words);
	lane.sequence = (uint32_t) fuzz_number (input, 1);
	/* The server's words, for the client; then the same as the client's, for the server. */
	memcpy ((uint8_t *) lane.header + 64, words, sizeof words);
	state = craton_lane_await_reply (&lane, 0, false, &call);
	fuzz_expect (
		state != CRATON_LANE_READY ||
		craton_lane_fits (lane.data_len, call.request_len, call.out_len, call.reply_len));
	memcpy (lane.header, words, sizeof words);
	memcpy (&request, words, sizeof request);
	if (request == lane.sequence)
		return;
	state = craton_lane_await_request (&lane, &call);
	fuzz_expect (state != CRATON_LANE_READY ||
	             craton_lane_fits (lane.data_len, call.request_len, call.out_len, 0));
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	FuzzInput input = { bytes, len };
	size_t call = (size_t) fuzz_number (&input, 1);

	if (call == 255)
		take_words (&input);
	else if (craton_calls[call % CRATON_CALLS].travels)
		take_reply (&input, &craton_calls[call % CRATON_CALLS]);
	return 0;
}

/* The reply of a module that does what it should. */
static void
write_seed (CratonCallId call, SampleKind kind, size_t row, const CK_ULONG *args)
{
	static uint8_t seed[5 + FUZZ_REQUEST_MAX];
	CK_RV rv;
	Trip trip;

	if (trip_put_request (&trip, &craton_calls[call], args) == CKR_OK &&
	    trip_get_request (&trip, trip.request, trip.request_len)) {
		rv = sample_play (&craton_calls[call], CKR_OK, trip.args);
		if (trip_put_response (&trip, rv) && trip.reply_len < FUZZ_REQUEST_MAX) {
			seed[0] = (uint8_t) call;
			seed[1] = (uint8_t) kind;
			seed[2] = (uint8_t) row;
			seed[3] = rv == CKR_OK ? 0 : rv == CKR_BUFFER_TOO_SMALL ? 1 : 4;
			memcpy (seed + 5, trip.reply, trip.reply_len);
			fuzz_seed (seed, 5 + trip.reply_len);
		}
	}
	trip_clear (&trip);
}

static void
fuzz_seeds (void)
{
	/* Sequence 1, answered: understood, result 0, 8 bytes. */
	static const uint8_t words[] = { 255, 16, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0,
		                         0,   0,  0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0 };

	fuzz_each_sample (write_seed);
	fuzz_seed (words, sizeof words);
}
