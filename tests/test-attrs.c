/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Templates over the wire: nesting and its limits, what C_GetAttributeValue leaves in the caller's
 * memory for each answer of a module, and what a hostile peer can make of it.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "attrs.h"
#include "trip.h"

#define CALL_FIND (&craton_calls[CRATON_C_FindObjectsInit])
#define CALL_QUERY (&craton_calls[CRATON_C_GetAttributeValue])

/* A template that goes in, and what of it arrives. */
static CK_RV
send_in (const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs, Trip *trip)
{
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (attrs), n_attrs };

	return trip_put_request (trip, CALL_FIND, args);
}

static bool
arrives (Trip *trip, CK_ATTRIBUTE **ret_attrs, CK_ULONG *ret_n)
{
	bool done = trip_get_request (trip, trip->request, trip->request_len);

	*ret_attrs = done ? sample_pointer (trip->args[1]) : NULL;
	*ret_n = done ? trip->args[2] : 0;
	return done;
}

/* Template attributes around CKA_LABEL, @depth of them. */
static void
nest (CK_ATTRIBUTE *levels, unsigned int depth)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_WRAP_TEMPLATE, CKA_UNWRAP_TEMPLATE,
		                                   CKA_DERIVE_TEMPLATE, CKA_ENCAPSULATE_TEMPLATE,
		                                   CKA_DECAPSULATE_TEMPLATE };
	static CK_UTF8CHAR label[] = "innermost";

	levels[0] = (CK_ATTRIBUTE){ CKA_LABEL, label, 9 };
	for (unsigned int i = 1; i <= depth; i++)
		levels[i] = (CK_ATTRIBUTE){ types[i % 5], &levels[i - 1], sizeof levels[0] };
}

START_TEST (test_in__depth)
{
	CK_ATTRIBUTE levels[CRATON_DEPTH_MAX + 3];

	for (unsigned int depth = 0; depth <= CRATON_DEPTH_MAX + 2; depth++) {
		const CK_ATTRIBUTE *seen;
		CK_ATTRIBUTE *got;
		CK_ULONG n;
		Trip trip;
		CK_RV rv;

		nest (levels, depth);
		rv = send_in (&levels[depth], 1, &trip);
		ck_assert_uint_eq (rv,
		                   depth <= CRATON_DEPTH_MAX ? CKR_OK : CKR_TEMPLATE_INCONSISTENT);
		if (rv == CKR_OK) {
			ck_assert (arrives (&trip, &got, &n));
			ck_assert_uint_eq (n, 1);
			seen = got;
			for (unsigned int i = depth; i > 0; i--) {
				ck_assert_uint_eq (seen->type, levels[i].type);
				ck_assert_uint_eq (seen->ulValueLen, sizeof *seen);
				seen = seen->pValue;
			}
			ck_assert_uint_eq (seen->type, CKA_LABEL);
			ck_assert_mem_eq (seen->pValue, "innermost", 9);
		}
		trip_clear (&trip);
	}
}
END_TEST

START_TEST (test_in__count)
{
	CK_ATTRIBUTE *attrs = calloc (CRATON_ATTRS_MAX + 1, sizeof *attrs), *got;
	CK_ULONG n;
	Trip trip;

	ck_assert_uint_eq (send_in (attrs, CRATON_ATTRS_MAX, &trip), CKR_OK);
	ck_assert (arrives (&trip, &got, &n));
	ck_assert_uint_eq (n, CRATON_ATTRS_MAX);
	trip_clear (&trip);
	ck_assert_uint_eq (send_in (attrs, CRATON_ATTRS_MAX + 1, &trip), CKR_TEMPLATE_INCONSISTENT);
	trip_clear (&trip);
	ck_assert_uint_eq (send_in (attrs, ~0ul, &trip), CKR_TEMPLATE_INCONSISTENT);
	trip_clear (&trip);
	ck_assert_uint_eq (send_in (NULL, ~0ul, &trip), CKR_OK);
	ck_assert (arrives (&trip, &got, &n));
	ck_assert_ptr_null (got);
	ck_assert_uint_eq (n, ~0ul);
	trip_clear (&trip);
	free (attrs);
}
END_TEST

START_TEST (test_in__value_too_long)
{
	CK_BYTE byte = 0;
	CK_ATTRIBUTE attr = { CKA_VALUE, &byte, CRATON_VALUE_MAX + 1 };
	Trip trip;

	ck_assert_uint_eq (send_in (&attr, 1, &trip), CKR_ATTRIBUTE_VALUE_INVALID);
	trip_clear (&trip);
	attr.ulValueLen = CK_UNAVAILABLE_INFORMATION;
	ck_assert_uint_eq (send_in (&attr, 1, &trip), CKR_ATTRIBUTE_VALUE_INVALID);
	trip_clear (&trip);
	attr.pValue = NULL;
	ck_assert_uint_eq (send_in (&attr, 1, &trip), CKR_OK);
	trip_clear (&trip);
}
END_TEST

/* Of a template attribute whose length is no number of attributes only the bytes travel: no
 * pointer is in them. */
START_TEST (test_in__odd_template)
{
	CK_BYTE bytes[3 * sizeof (CK_ATTRIBUTE)] = "odd";

	for (CK_ULONG len = 0; len <= sizeof bytes; len++) {
		CK_ATTRIBUTE attr = { CKA_WRAP_TEMPLATE, bytes, len };
		CK_ATTRIBUTE *got;
		CK_ULONG n;
		Trip trip;

		if (len != 0 && len % sizeof attr == 0)
			continue;
		ck_assert_uint_eq (send_in (&attr, 1, &trip), CKR_OK);
		ck_assert (arrives (&trip, &got, &n));
		ck_assert_uint_eq (got->ulValueLen, len);
		ck_assert_ptr_nonnull (got->pValue);
		ck_assert (sample_same_bytes (got->pValue, bytes, len));
		trip_clear (&trip);
	}
}
END_TEST

static const CK_ATTRIBUTE_TYPE secrets[] = { CKA_VALUE,      CKA_SEED,       CKA_PRIVATE_EXPONENT,
	                                     CKA_PRIME_1,    CKA_PRIME_2,    CKA_EXPONENT_1,
	                                     CKA_EXPONENT_2, CKA_COEFFICIENT };

/* Both ends know of a secret, however deep, so that the bytes in the lane are wiped. */
START_TEST (test_in__secret)
{
	CK_ATTRIBUTE inner = { secrets[_i], NULL, 0 },
		     outer = { CKA_UNWRAP_TEMPLATE, &inner, sizeof inner };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, 2, sample_word (&outer), 1 };
	CK_ATTRIBUTE label = { CKA_LABEL, NULL, 0 };
	CK_ATTRIBUTE *got;
	CK_ULONG n;
	Trip trip;

	ck_assert_uint_eq (send_in (&outer, 1, &trip), CKR_OK);
	ck_assert (trip.proxy.secret);
	ck_assert (arrives (&trip, &got, &n));
	ck_assert (trip.backend.secret);
	trip_clear (&trip);
	ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, args), CKR_OK);
	ck_assert (trip.proxy.secret);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	ck_assert (trip.backend.secret);
	trip_clear (&trip);
	ck_assert_uint_eq (send_in (&label, 1, &trip), CKR_OK);
	ck_assert (!trip.proxy.secret);
	trip_clear (&trip);
}
END_TEST

/* A client's own words as the request of @call; whether they are understood. */
static bool
understood (const CratonCallRow *call, const uint64_t *words, size_t n_words)
{
	uint8_t *request = trip_copy (words, n_words * sizeof *words);
	Trip trip = { .call = call };
	bool done = trip_get_request (&trip, request, n_words * sizeof *words);

	trip_clear (&trip);
	free (request);
	return done;
}
#define UNDERSTOOD(call, ...)                                \
	understood (call, (const uint64_t[]){ __VA_ARGS__ }, \
	            sizeof ((uint64_t[]){ __VA_ARGS__ }) / sizeof (uint64_t))

/* Words of a template: present, count, then for each attribute its type, 0 and (present, length,
 * bytes) or 1 and a template. */
START_TEST (test_hostile__request)
{
	/* As it should be. */
	ck_assert (UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_LABEL, 0, 1, 8, 7));
	ck_assert (
		UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_WRAP_TEMPLATE, 1, 1, 1, CKA_LABEL, 0, 1, 8, 7));
	ck_assert (UNDERSTOOD (CALL_QUERY, 1, 1, 1, 1, CKA_LABEL, 0, 1, 8));
	/* Pointers of the client's choice where the module expects attributes. */
	ck_assert (
		!UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_WRAP_TEMPLATE, 0, 1, 24, CKA_LABEL, 4096, 8));
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_DECAPSULATE_TEMPLATE, 0, 1, 48, 1, 2, 3, 4,
	                        5, 6));
	ck_assert (!UNDERSTOOD (CALL_QUERY, 1, 1, 1, 1, CKA_UNWRAP_TEMPLATE, 0, 1, 24));
	/* Attributes where the module expects bytes. */
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_LABEL, 1, 1, 1, CKA_LABEL, 0, 1, 8, 7));
	ck_assert (!UNDERSTOOD (CALL_QUERY, 1, 1, 1, 1, CKA_LABEL, 1, 1, 1, CKA_LABEL, 0, 1, 8));
	/* Counts and lengths. */
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, 2, CKA_LABEL, 0, 1, 8, 7));
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, 0, CKA_LABEL, 0, 1, 8, 7));
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, CRATON_ATTRS_MAX + 1, CKA_LABEL, 0, 1, 8, 7));
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 2, 1, CKA_LABEL, 0, 1, 8, 7));
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_LABEL, 2, 1, 8, 7));
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_LABEL, 0, 1, 9, 7));
	ck_assert (!UNDERSTOOD (CALL_FIND, 1, 1, 1, CKA_LABEL, 0, 1, UINT64_MAX, 7));
	ck_assert (!UNDERSTOOD (CALL_QUERY, 1, 1, 1, 1, CKA_LABEL, 0, 1, CRATON_VALUE_MAX + 1));
	ck_assert (!UNDERSTOOD (CALL_QUERY, 1, 1, 1, 1, CKA_LABEL, 0, 1, UINT64_MAX));
	ck_assert (!UNDERSTOOD (CALL_QUERY, 1, 1, 1, 1, CKA_LABEL, 0, 2, 8));
}
END_TEST

/* A client that nests deeper than the proxy lets anybody: CRATON_DEPTH_MAX + @more levels. */
static bool
understood_deep (const CratonCallRow *call, size_t n_before, unsigned int depth)
{
	uint64_t words[64] = { 1, 2 };
	size_t n = n_before;

	words[n++] = 1;
	words[n++] = 1;
	for (unsigned int i = 0; i < depth; i++) {
		words[n++] = CKA_WRAP_TEMPLATE;
		words[n++] = 1;
		words[n++] = 1;
		words[n++] = 1;
	}
	words[n++] = CKA_LABEL;
	words[n++] = 0;
	words[n++] = 0;
	words[n++] = 0;
	return understood (call, words, n);
}

START_TEST (test_hostile__depth)
{
	ck_assert (understood_deep (CALL_FIND, 1, CRATON_DEPTH_MAX));
	ck_assert (!understood_deep (CALL_FIND, 1, CRATON_DEPTH_MAX + 1));
	ck_assert (!understood_deep (CALL_FIND, 1, CRATON_DEPTH_MAX + 5));
	ck_assert (understood_deep (CALL_QUERY, 2, CRATON_DEPTH_MAX));
	ck_assert (!understood_deep (CALL_QUERY, 2, CRATON_DEPTH_MAX + 1));
}
END_TEST

/* C_GetAttributeValue. Each case: what the caller asks and what the module makes of it. */

#define ASKED 3

typedef struct {
	const char *name;
	CK_RV rv;
	CK_ULONG room[ASKED]; /* of each attribute; CK_UNAVAILABLE_INFORMATION: no buffer */
	CK_ULONG len[ASKED];  /* what the module says */
	bool refused;         /* the reply is not taken */
} Case;

#define NONE CK_UNAVAILABLE_INFORMATION

static const Case cases[] = {
	{ "lengths", CKR_OK, { NONE, NONE, NONE }, { 1, 0, 77 }, false },
	{ "values", CKR_OK, { 10, 20, 30 }, { 10, 0, 29 }, false },
	{ "no room", CKR_OK, { 0, 0, 0 }, { 0, 0, 0 }, false },
	{ "too small", CKR_BUFFER_TOO_SMALL, { 10, 3, 30 }, { 10, NONE, 30 }, false },
	{ "too small, and says by how much",
	  CKR_BUFFER_TOO_SMALL,
	  { 10, 3, 30 },
	  { 10, 99, 30 },
	  false },
	{ "too small for nothing", CKR_BUFFER_TOO_SMALL, { 0, 3, NONE }, { NONE, 3, 12 }, false },
	{ "sensitive", CKR_ATTRIBUTE_SENSITIVE, { 10, 3, 30 }, { 10, NONE, 30 }, false },
	{ "sensitive length",
	  CKR_ATTRIBUTE_SENSITIVE,
	  { NONE, NONE, NONE },
	  { 10, NONE, 30 },
	  false },
	{ "no such attribute",
	  CKR_ATTRIBUTE_TYPE_INVALID,
	  { 10, 3, 30 },
	  { NONE, 3, NONE },
	  false },
	{ "unavailable", CKR_OK, { 10, 3, 30 }, { NONE, 3, NONE }, false },
	{ "failed", CKR_GENERAL_ERROR, { 10, 3, 30 }, { 10, 3, 30 }, false },
	{ "no object", CKR_OBJECT_HANDLE_INVALID, { NONE, 3, 30 }, { 10, 3, 30 }, false },
	{ "a lie", CKR_OK, { 10, 3, 30 }, { 10, 4, 30 }, true },
	{ "a big lie", CKR_OK, { 10, 3, 30 }, { 10, 3, NONE - 1 }, true },
	{ "room announced as unknown", CKR_OK, { NONE, 3, 30 }, { 40, 3, 12 }, false },
};

static void
ask (Sample *sample, const Case *asked)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_LABEL, CKA_MODULUS, CKA_VALUE };
	CK_ATTRIBUTE *attrs;

	sample->n_blocks = 0;
	sample->serial = 0;
	attrs = sample_take (sample, ASKED * sizeof *attrs);
	for (int i = 0; i < ASKED; i++)
		attrs[i] = (CK_ATTRIBUTE){ types[i],
			                   asked->room[i] == NONE
			                           ? NULL
			                           : sample_take (sample, asked->room[i]),
			                   asked->room[i] == NONE ? 0 : asked->room[i] };
	sample->args[0] = 1;
	sample->args[1] = 2;
	sample->args[2] = sample_word (attrs);
	sample->args[3] = ASKED;
}

/* The module: writes no further than there is room, whatever it says. After a general failure it
 * has done nothing. */
static void
tell (const Case *asked, CK_ATTRIBUTE *attrs)
{
	if (asked->rv == CKR_GENERAL_ERROR || asked->rv == CKR_OBJECT_HANDLE_INVALID)
		return;
	for (int i = 0; i < ASKED; i++) {
		if (attrs[i].pValue != NULL && asked->len[i] <= attrs[i].ulValueLen)
			memset (attrs[i].pValue, 'v' + i, asked->len[i]);
		attrs[i].ulValueLen = asked->len[i];
	}
}

START_TEST (test_query__as_direct)
{
	static Sample direct, wired;
	const Case *asked = &cases[_i];
	Trip trip;

	ask (&direct, asked);
	ask (&wired, asked);
	tell (asked, sample_pointer (direct.args[2]));
	ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, wired.args), CKR_OK);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	tell (asked, sample_pointer (trip.args[2]));
	ck_assert (trip_put_response (&trip, asked->rv));
	ck_assert_msg (trip_get_response (&trip, trip.reply, trip.reply_len, asked->rv,
	                                  wired.args) == !asked->refused,
	               "%s", asked->name);
	if (!asked->refused)
		sample_expect_same (&direct, &wired, asked->name);
	trip_clear (&trip);
	sample_clear (&direct);
	sample_clear (&wired);
}
END_TEST

/* A length over the room is never one that a caller would take for the length of a value. */
START_TEST (test_query__longer_than_room)
{
	static const struct {
		CK_RV rv;
		CK_ULONG told;
	} codes[] = {
		{ CKR_ATTRIBUTE_SENSITIVE, CK_UNAVAILABLE_INFORMATION },
		{ CKR_ATTRIBUTE_TYPE_INVALID, CK_UNAVAILABLE_INFORMATION },
		{ CKR_BUFFER_TOO_SMALL, 4096 },
	};
	const Case hostile = { "hostile", CKR_OK, { 10, 3, 30 }, { 10, 4096, 30 }, false };

	for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
		static Sample sample;
		const CK_ATTRIBUTE *attrs;
		Trip trip;

		ask (&sample, &hostile);
		ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, sample.args), CKR_OK);
		ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
		tell (&hostile, sample_pointer (trip.args[2]));
		ck_assert (trip_put_response (&trip, codes[i].rv));
		ck_assert (trip_get_response (&trip, trip.reply, trip.reply_len, codes[i].rv,
		                              sample.args));
		attrs = sample_pointer (sample.args[2]);
		ck_assert_uint_eq (attrs[0].ulValueLen, 10);
		ck_assert_uint_eq (attrs[1].ulValueLen, codes[i].told);
		ck_assert_uint_eq (attrs[2].ulValueLen, 30);
		trip_clear (&trip);
		sample_clear (&sample);
	}
}
END_TEST

/* No template, and a count. */
START_TEST (test_query__no_template)
{
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, 2, 0, 3 };
	Trip trip;

	ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, args), CKR_OK);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	ck_assert_uint_eq (trip.args[2], 0);
	ck_assert_uint_eq (trip.args[3], 3);
	ck_assert (trip_put_response (&trip, CKR_OK));
	ck_assert_uint_eq (trip.reply_len, 0);
	ck_assert (trip_get_response (&trip, trip.reply, 0, CKR_OK, args));
	trip_clear (&trip);
}
END_TEST

/* Some modules stop at the first attribute that they do not have and leave the rest as it was.
 * What then comes back is nothing that was lying about in the backend's memory. */
START_TEST (test_query__untouched)
{
	static const size_t rooms[] = { 40, 3000, 15000, 20000, 100000 };

	for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++) {
		void *litter[32];
		unsigned char *value = malloc (rooms[i]);
		CK_ATTRIBUTE attrs[] = { { CKA_COEFFICIENT, NULL, 0 },
			                 { CKA_LABEL, value, rooms[i] } };
		const CK_ULONG args[CRATON_ARGS_MAX] = { 1, 2, sample_word (attrs), 2 };
		CK_ATTRIBUTE *seen;
		Trip trip;

		memset (value, 0x11, rooms[i]);
		for (size_t j = 0; j < 32; j++) {
			litter[j] = malloc (j % 2 == 0 ? rooms[i] : 16500);
			memset (litter[j], 0x77, j % 2 == 0 ? rooms[i] : 16500);
		}
		for (size_t j = 0; j < 32; j++)
			free (litter[j]);
		ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, args), CKR_OK);
		ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
		seen = sample_pointer (trip.args[2]);
		seen[0].ulValueLen = CK_UNAVAILABLE_INFORMATION;
		ck_assert (trip_put_response (&trip, CKR_ATTRIBUTE_TYPE_INVALID));
		ck_assert (trip_get_response (&trip, trip.reply, trip.reply_len,
		                              CKR_ATTRIBUTE_TYPE_INVALID, args));
		for (size_t j = 0; j < rooms[i]; j++)
			ck_assert_msg (value[j] == 0x11 || value[j] == 0,
			               "byte %zu of %zu is 0x%02x of the backend's memory", j,
			               rooms[i], value[j]);
		trip_clear (&trip);
		free (value);
	}
}
END_TEST

/* A caller that announces more room than anything needs gets what there is, and the backend
 * needs no such room. */
START_TEST (test_query__announced_too_much)
{
	CK_BYTE value[16];
	CK_ATTRIBUTE attr = { CKA_LABEL, value, ~0ul - 7 };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, 2, sample_word (&attr), 1 };
	CK_ATTRIBUTE *seen;
	Trip trip;

	ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, args), CKR_OK);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	seen = sample_pointer (trip.args[2]);
	ck_assert_uint_eq (seen->ulValueLen, CRATON_VALUE_MAX);
	memcpy (seen->pValue, "hello", 5);
	seen->ulValueLen = 5;
	ck_assert (trip_put_response (&trip, CKR_OK));
	ck_assert (trip_get_response (&trip, trip.reply, trip.reply_len, CKR_OK, args));
	ck_assert_uint_eq (attr.ulValueLen, 5);
	ck_assert_mem_eq (value, "hello", 5);
	trip_clear (&trip);
}
END_TEST

/* What the module does to the attributes themselves does not lead anybody anywhere. */
START_TEST (test_query__module_spoils_template)
{
	CK_BYTE value[8] = "caller";
	CK_ATTRIBUTE inner = { CKA_LABEL, value, sizeof value },
		     outer = { CKA_WRAP_TEMPLATE, &inner, sizeof inner };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, 2, sample_word (&outer), 1 };
	CK_ATTRIBUTE *seen, *seen_inner;
	Trip trip;

	ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, args), CKR_OK);
	ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
	seen = sample_pointer (trip.args[2]);
	seen_inner = seen->pValue;
	memcpy (seen_inner->pValue, "module", 6);
	*seen_inner = (CK_ATTRIBUTE){ CKA_WRAP_TEMPLATE, (void *) 4096, 6 };
	seen->pValue = (void *) 8192;
	seen->type = CKA_LABEL;
	ck_assert (trip_put_response (&trip, CKR_OK));
	ck_assert (trip_get_response (&trip, trip.reply, trip.reply_len, CKR_OK, args));
	ck_assert_mem_eq (value, "module", 6);
	ck_assert_uint_eq (inner.ulValueLen, 6);
	ck_assert_uint_eq (inner.type, CKA_LABEL);
	ck_assert_ptr_eq (inner.pValue, value);
	ck_assert_ptr_eq (outer.pValue, &inner);
	trip_clear (&trip);
}
END_TEST

/* A backend's own words as the reply to a query for 8 bytes and for a nested template of one
 * attribute of 8 bytes. */
static bool
reply_taken (CK_RV rv, const uint64_t *words, size_t n_words)
{
	unsigned char *first = malloc (8), *second = malloc (8);
	CK_ATTRIBUTE inner = { CKA_LABEL, second, 8 };
	CK_ATTRIBUTE attrs[] = { { CKA_LABEL, first, 8 },
		                 { CKA_WRAP_TEMPLATE, &inner, sizeof inner } };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, 2, sample_word (attrs), 2 };
	uint8_t *reply = trip_copy (words, n_words * sizeof *words);
	Trip trip;
	bool taken;

	ck_assert_uint_eq (trip_put_request (&trip, CALL_QUERY, args), CKR_OK);
	taken = trip_get_response (&trip, reply, n_words * sizeof *words, rv, args);
	ck_assert_ptr_eq (attrs[0].pValue, first);
	ck_assert_ptr_eq (attrs[1].pValue, &inner);
	ck_assert_ptr_eq (inner.pValue, second);
	trip_clear (&trip);
	free (reply);
	free (first);
	free (second);
	return taken;
}
#define TAKEN(rv, ...)                                      \
	reply_taken (rv, (const uint64_t[]){ __VA_ARGS__ }, \
	             sizeof ((uint64_t[]){ __VA_ARGS__ }) / sizeof (uint64_t))

START_TEST (test_hostile__reply)
{
	const CK_RV small = CKR_BUFFER_TOO_SMALL;

	ck_assert (TAKEN (CKR_OK, 8, 1, 24, 8, 2));
	ck_assert (TAKEN (CKR_OK, 8, 1, 24, 0));
	ck_assert (TAKEN (small, NONE, NONE));
	ck_assert (!TAKEN (CKR_OK, 9, 1, 2, 24, 8, 2));
	ck_assert (!TAKEN (CKR_OK, 8, 1, 48, 8, 2, 8, 2));
	ck_assert (!TAKEN (CKR_OK, 8, 1, 24, 16, 2, 3));
	ck_assert (!TAKEN (CKR_OK, 8, 1));
	ck_assert (!TAKEN (CKR_OK, 8, 1, 24, 8, 2, 3));
	ck_assert (!TAKEN (small, 9, 1, 2, 24, 8, 2));
	ck_assert (!TAKEN (small, 8, 1, 24, 16, 2, 3));
	ck_assert (TAKEN (small, 9, 24, 16));
	ck_assert (!TAKEN (CKR_FUNCTION_FAILED, 1));
}
END_TEST

static void
add_queries (TCase *tcase)
{
	tcase_add_loop_test (tcase, test_query__as_direct, 0,
	                     (int) (sizeof cases / sizeof cases[0]));
	tcase_add_test (tcase, test_query__longer_than_room);
	tcase_add_test (tcase, test_query__no_template);
	tcase_add_test (tcase, test_query__untouched);
	tcase_add_test (tcase, test_query__announced_too_much);
	tcase_add_test (tcase, test_query__module_spoils_template);
	tcase_add_test (tcase, test_hostile__reply);
}

int
main (void)
{
	Suite *suite = suite_create ("attrs");
	TCase *in = tcase_create ("in"), *query = tcase_create ("query");
	SRunner *runner;
	int n_failed;

	tcase_add_test (in, test_in__depth);
	tcase_add_test (in, test_in__count);
	tcase_add_test (in, test_in__value_too_long);
	tcase_add_test (in, test_in__odd_template);
	tcase_add_loop_test (in, test_in__secret, 0, (int) (sizeof secrets / sizeof secrets[0]));
	tcase_add_test (in, test_hostile__request);
	tcase_add_test (in, test_hostile__depth);
	add_queries (query);
	suite_add_tcase (suite, in);
	suite_add_tcase (suite, query);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
