/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The cursor and the call memory: what is put is got, failures stick, and no length leads outside.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "buf.h"

/* Lengths around the limits of arithmetic. */
static const size_t lens[] = { 0,
	                       1,
	                       7,
	                       8,
	                       9,
	                       63,
	                       64,
	                       65,
	                       4096,
	                       SIZE_MAX / 2,
	                       SIZE_MAX / 2 + 1,
	                       SIZE_MAX - 64,
	                       SIZE_MAX - 8,
	                       SIZE_MAX - 7,
	                       SIZE_MAX - 1,
	                       SIZE_MAX };
#define N_LENS (sizeof lens / sizeof lens[0])

START_TEST (test_align__all)
{
	for (size_t to = 1; to <= 4096; to *= 2) {
		for (size_t i = 0; i < N_LENS; i++) {
			size_t got = craton_align (lens[i], to);

			ck_assert_uint_ge (got, lens[i]);
			if (lens[i] > SIZE_MAX - (to - 1))
				ck_assert_uint_eq (got, SIZE_MAX);
			else
				ck_assert (got % to == 0 && got - lens[i] < to);
		}
	}
}
END_TEST

/* A message with one of everything, in memory of its exact size. */
static size_t
put_all (CratonBuf *buf)
{
	craton_buf_put_u64 (buf, 0x0123456789abcdef);
	craton_buf_put_bytes (buf, "abc", 3);
	craton_buf_put_bytes (buf, NULL, 0);
	craton_buf_put_opt (buf, NULL, 77);
	craton_buf_put_opt (buf, "", 0);
	craton_buf_put_opt (buf, "0123456789", 10);
	craton_buf_put_u64 (buf, UINT64_MAX);
	return buf->pos;
}

static bool
get_all (uint8_t *data, size_t len)
{
	CratonBuf buf;
	const uint8_t *bytes;
	size_t n = 1;
	bool same = true;

	craton_buf_init (&buf, data, len);
	same &= craton_buf_get_u64 (&buf) == 0x0123456789abcdef;
	bytes = craton_buf_get_bytes (&buf, 3);
	same &= bytes != NULL && memcmp (bytes, "abc", 3) == 0 && (uintptr_t) bytes % 8 == 0;
	same &= craton_buf_get_bytes (&buf, 0) != NULL;
	same &= craton_buf_get_opt (&buf, &n) == NULL && n == 77;
	same &= craton_buf_get_opt (&buf, &n) != NULL && n == 0;
	bytes = craton_buf_get_opt (&buf, &n);
	same &= bytes != NULL && n == 10 && memcmp (bytes, "0123456789", 10) == 0 &&
	        (uintptr_t) bytes % 8 == 0;
	same &= craton_buf_get_max (&buf, UINT64_MAX) == UINT64_MAX;
	return craton_buf_done (&buf) && same;
}

START_TEST (test_buf__round_trip)
{
	CratonBuf buf;
	uint8_t *data;
	size_t len;

	craton_buf_init (&buf, NULL, 0);
	len = put_all (&buf);
	ck_assert (buf.failed);
	ck_assert_uint_eq (len % 8, 0);
	data = malloc (len);
	ck_assert_ptr_nonnull (data);
	craton_buf_init (&buf, data, len);
	ck_assert_uint_eq (put_all (&buf), len);
	ck_assert (craton_buf_done (&buf));
	ck_assert (get_all (data, len));
	for (size_t cut = 0; cut < len; cut++) {
		uint8_t *shorter = malloc (cut);

		ck_assert_ptr_nonnull (shorter);
		memcpy (shorter, data, cut);
		ck_assert (!get_all (shorter, cut));
		craton_buf_init (&buf, shorter, cut);
		ck_assert_uint_eq (put_all (&buf), len);
		ck_assert (buf.failed);
		free (shorter);
	}
	free (data);
}
END_TEST

/* After a failure everything is zero and NULL, however much is left. */
START_TEST (test_buf__failure_sticks)
{
	uint64_t words[16] = { 0, 1, 1, 8, 2, 3 };
	CratonBuf buf;
	size_t n = 5;

	craton_buf_init (&buf, words, sizeof words);
	ck_assert_uint_eq (craton_buf_get_max (&buf, 7), 0);
	ck_assert_uint_eq (craton_buf_get_max (&buf, 0), 0);
	ck_assert (buf.failed);
	ck_assert_uint_eq (craton_buf_get_u64 (&buf), 0);
	ck_assert_uint_eq (craton_buf_get_max (&buf, UINT64_MAX), 0);
	ck_assert_ptr_null (craton_buf_get_bytes (&buf, 0));
	ck_assert_ptr_null (craton_buf_get_opt (&buf, &n));
	ck_assert_uint_eq (n, 0);
	ck_assert (!craton_buf_done (&buf));
}
END_TEST

START_TEST (test_buf__impossible_lengths)
{
	for (size_t i = 0; i < N_LENS; i++) {
		uint64_t words[3] = { 1, lens[i], 0 };
		CratonBuf buf;
		size_t n = 9;
		uint8_t *place;

		craton_buf_init (&buf, words, sizeof words);
		place = craton_buf_get_opt (&buf, &n);
		ck_assert_int_eq (place != NULL, lens[i] <= 8);
		ck_assert_uint_eq (n, lens[i] <= 8 ? lens[i] : 0);
		craton_buf_init (&buf, words, sizeof words);
		ck_assert_int_eq (craton_buf_get_bytes (&buf, lens[i]) != NULL,
		                  lens[i] <= sizeof words);
		/* Putting too much never wraps to little. */
		craton_buf_init (&buf, words, sizeof words);
		if (lens[i] > sizeof words) {
			craton_buf_put_bytes (&buf, words, lens[i]);
			craton_buf_put_bytes (&buf, words, lens[i]);
			craton_buf_put_bytes (&buf, words, lens[i]);
			ck_assert (buf.failed);
			ck_assert_uint_eq (words[0], 1);
			craton_buf_put_u64 (&buf, 5);
			ck_assert (buf.failed);
		}
	}
}
END_TEST

START_TEST (test_buf__neither_there_nor_not)
{
	uint64_t words[] = { 2, 0 };
	CratonBuf buf;
	size_t n = 1;

	craton_buf_init (&buf, words, sizeof words);
	ck_assert_ptr_null (craton_buf_get_opt (&buf, &n));
	ck_assert (!craton_buf_done (&buf));
}
END_TEST

START_TEST (test_buf__bytes_left_over)
{
	uint64_t words[2] = { 0, 0 };
	CratonBuf buf;

	craton_buf_init (&buf, words, sizeof words);
	(void) craton_buf_get_u64 (&buf);
	ck_assert (!craton_buf_done (&buf));
	(void) craton_buf_get_u64 (&buf);
	ck_assert (craton_buf_done (&buf));
	craton_buf_init (&buf, words, 0);
	ck_assert (craton_buf_done (&buf));
}
END_TEST

START_TEST (test_wipe__all)
{
	char secret[40];

	memset (secret, 's', sizeof secret);
	craton_wipe (secret + 1, sizeof secret - 2);
	ck_assert_int_eq (secret[0], 's');
	ck_assert_int_eq (secret[sizeof secret - 1], 's');
	for (size_t i = 1; i < sizeof secret - 1; i++)
		ck_assert_int_eq (secret[i], 0);
	craton_wipe (NULL, 0);
	craton_wipe (NULL, 5);
	craton_wipe (secret, 0);
	ck_assert_int_eq (secret[0], 's');
}
END_TEST

/* Whether all @len bytes at @place are @value. */
static bool
all_are (const unsigned char *place, size_t len, unsigned char value)
{
	for (size_t i = 0; i < len; i++) {
		if (place[i] != value)
			return false;
	}
	return true;
}

START_TEST (test_arena__pieces)
{
	CratonArena arena = { 0 };
	unsigned char *places[400];

	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 400; i++) {
			size_t len = i * 13 % 977;

			places[i] = craton_arena_take (&arena, len);
			ck_assert_ptr_nonnull (places[i]);
			ck_assert_uint_eq ((uintptr_t) places[i] % 16, 0);
			ck_assert (all_are (places[i], len, 0));
			memset (places[i], (int) i & 0xff, len);
		}
		/* No piece lies in another. */
		for (size_t i = 0; i < 400; i++)
			ck_assert (all_are (places[i], i * 13 % 977, i & 0xff));
		ck_assert_uint_gt (arena.used, 0);
		craton_arena_reset (&arena);
		ck_assert_uint_eq (arena.used, 0);
	}
	craton_arena_clear (&arena);
	ck_assert_ptr_null (arena.blocks);
	craton_arena_clear (&arena);
}
END_TEST

/* What one call left is not there for the next, nor for whoever reads this process's memory in
 * between. */
START_TEST (test_arena__reset_wipes)
{
	CratonArena arena = { 0 };
	unsigned char *secret = craton_arena_take (&arena, 64);

	memset (secret, 0x77, 64);
	craton_arena_reset (&arena);
	/* One ordinary block is kept, so this is still the arena's memory, and the first that it
	 * gives out again. */
	ck_assert (all_are (secret, 64, 0));
	ck_assert_ptr_eq (craton_arena_take_raw (&arena, 64), secret);
	ck_assert (all_are (secret, 64, 0));
	craton_arena_clear (&arena);
}
END_TEST

START_TEST (test_arena__limit)
{
	CratonArena arena = { 0 };

	ck_assert_ptr_null (craton_arena_take_raw (&arena, CRATON_ARENA_MAX + 1));
	ck_assert_ptr_null (craton_arena_take (&arena, CRATON_ARENA_MAX + 1));
	for (size_t i = 9; i < N_LENS; i++) {
		ck_assert_ptr_null (craton_arena_take_raw (&arena, lens[i]));
		ck_assert_ptr_null (craton_arena_take (&arena, lens[i]));
	}
	ck_assert_uint_eq (arena.used, 0);
	ck_assert_ptr_nonnull (craton_arena_take_raw (&arena, CRATON_ARENA_MAX / 2));
	ck_assert_ptr_nonnull (craton_arena_take_raw (&arena, CRATON_ARENA_MAX / 2 - 16));
	ck_assert_ptr_null (craton_arena_take_raw (&arena, 32));
	ck_assert_ptr_nonnull (craton_arena_take (&arena, 16));
	ck_assert_ptr_null (craton_arena_take (&arena, 0));
	craton_arena_reset (&arena);
	ck_assert_ptr_nonnull (craton_arena_take (&arena, 32));
	craton_arena_clear (&arena);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("buf");
	TCase *cursor = tcase_create ("cursor"), *memory = tcase_create ("memory");
	SRunner *runner;
	int n_failed;

	tcase_add_test (cursor, test_align__all);
	tcase_add_test (cursor, test_buf__round_trip);
	tcase_add_test (cursor, test_buf__failure_sticks);
	tcase_add_test (cursor, test_buf__impossible_lengths);
	tcase_add_test (cursor, test_buf__neither_there_nor_not);
	tcase_add_test (cursor, test_buf__bytes_left_over);
	tcase_add_test (memory, test_wipe__all);
	tcase_add_test (memory, test_arena__pieces);
	tcase_add_test (memory, test_arena__reset_wipes);
	tcase_add_test (memory, test_arena__limit);
	suite_add_tcase (suite, cursor);
	tcase_set_timeout (memory, 60);
	suite_add_tcase (suite, memory);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
