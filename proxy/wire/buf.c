/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Cursor and call memory: see buf.h. Reads bytes that the peer wrote and can still change, so each number is loaded once.
 */
#include "config.h"

#include "buf.h"

#include <stdlib.h>
#include <string.h>

size_t
craton_align (size_t len, size_t to)
{
	return len > SIZE_MAX - (to - 1) ? SIZE_MAX : (len + to - 1) & ~(to - 1);
}

void
craton_wipe (void *data, size_t len)
{
	if (data != NULL && len != 0)
		explicit_bzero (data, len);
}

void
craton_buf_init (CratonBuf *buf, void *data, size_t cap)
{
	*buf = (CratonBuf) { .data = data, .cap = cap };
}

/* The place of the next @len bytes, or NULL; moves on in either case, so that a caller learns how much it lacks. */
static uint8_t *
advance (CratonBuf *buf, size_t len)
{
	size_t begin = buf->pos;
	size_t step = craton_align (len, 8);

	if (step > SIZE_MAX / 2 || begin > SIZE_MAX / 2) {
		buf->failed = true;
		return NULL;
	}
	buf->pos = begin + step;
	if (begin > buf->cap || len > buf->cap - begin) {
		buf->failed = true;
		return NULL;
	}
	return buf->data + begin;
}

void
craton_buf_put_u64 (CratonBuf *buf, uint64_t value)
{
	uint8_t *place = advance (buf, sizeof value);

	if (place != NULL)
		memcpy (place, &value, sizeof value);
}

/* In steps that are moves of a few registers. Where memcpy() takes "rep movsb", from 2 KiB on, AMD's Zen 4 takes 20 us for 64 KiB into memory that
 * another processor reads, and 1.5 like this (glibc's bug 30994 is of the same kind). */
static void
copy (uint8_t *to, const uint8_t *from, size_t len)
{
	for (; len >= 64; len -= 64) {
		memcpy (to, from, 64);
		to += 64;
		from += 64;
	}
	memcpy (to, from, len);
}

void
craton_buf_put_bytes (CratonBuf *buf, const void *bytes, size_t len)
{
	uint8_t *place = advance (buf, len);

	if (place != NULL && len != 0)
		copy (place, bytes, len);
}

void
craton_buf_put_opt (CratonBuf *buf, const void *bytes, size_t len)
{
	craton_buf_put_u64 (buf, bytes != NULL);
	craton_buf_put_u64 (buf, len);
	if (bytes != NULL)
		craton_buf_put_bytes (buf, bytes, len);
}

uint64_t
craton_buf_get_u64 (CratonBuf *buf)
{
	uint64_t value = 0;
	const uint8_t *place = buf->failed ? NULL : advance (buf, sizeof value);

	if (place != NULL)
		memcpy (&value, place, sizeof value);
	return value;
}

uint64_t
craton_buf_get_max (CratonBuf *buf, uint64_t max)
{
	uint64_t value = craton_buf_get_u64 (buf);

	if (value > max)
		buf->failed = true;
	return buf->failed ? 0 : value;
}

uint8_t *
craton_buf_get_bytes (CratonBuf *buf, size_t len)
{
	return buf->failed ? NULL : advance (buf, len);
}

uint8_t *
craton_buf_get_opt (CratonBuf *buf, size_t *ret_len)
{
	bool present = craton_buf_get_max (buf, 1) != 0;
	size_t len = craton_buf_get_max (buf, SIZE_MAX);
	uint8_t *bytes = present ? craton_buf_get_bytes (buf, len) : NULL;

	*ret_len = buf->failed ? 0 : len;
	return bytes;
}

bool
craton_buf_done (const CratonBuf *buf)
{
	return !buf->failed && buf->pos == buf->cap;
}

struct CratonBlock {
	CratonBlock *next;
	size_t cap, used;
	bool raw; /* one large piece for a module to fill */
	_Alignas (16) uint8_t bytes[];
};

#define ORDINARY_BLOCK ((size_t) 16 << 10)

static CratonBlock *
add_block (CratonArena *arena, size_t len, bool raw)
{
	size_t cap = len > ORDINARY_BLOCK ? len : ORDINARY_BLOCK;
	CratonBlock *block = raw ? calloc (1, sizeof *block + cap) : malloc (sizeof *block + cap);

	if (block == NULL)
		return NULL;
	block->cap = cap;
	block->used = 0;
	block->raw = raw && cap > ORDINARY_BLOCK;
	block->next = arena->blocks;
	arena->blocks = block;
	return block;
}

static void *
take (CratonArena *arena, size_t len, bool raw)
{
	CratonBlock *block = arena->blocks;
	size_t step = craton_align (len == 0 ? 1 : len, 16);
	void *place;

	if (step > CRATON_ARENA_MAX || arena->used > CRATON_ARENA_MAX - step)
		return NULL;
	if (block == NULL || block->cap - block->used < step)
		block = add_block (arena, step, raw);
	if (block == NULL)
		return NULL;
	place = block->bytes + block->used;
	block->used += step;
	arena->used += step;
	return place;
}

/* Zeroed, because a module may leave it as it is and its caller must not see what lay there before; a large one comes from the
 * system as zeros that cost nothing until they are touched. */
void *
craton_arena_take_raw (CratonArena *arena, size_t len)
{
	void *place = take (arena, len, true);

	return place == NULL || arena->blocks->raw ? place : memset (place, 0, len);
}

void *
craton_arena_take (CratonArena *arena, size_t len)
{
	void *place = take (arena, len, false);

	return place == NULL ? NULL : memset (place, 0, len);
}

/* A large raw block is mostly untouched memory that a caller announced: wiping would fetch its pages. What a module wrote into
 * it is wiped by whoever knows its length (attrs.c). */
static void
wipe_block (CratonBlock *block)
{
	if (!block->raw)
		craton_wipe (block->bytes, block->used);
	block->used = 0;
}

void
craton_arena_reset (CratonArena *arena)
{
	CratonBlock *keep = NULL;

	while (arena->blocks != NULL) {
		CratonBlock *block = arena->blocks;

		arena->blocks = block->next;
		wipe_block (block);
		if (keep == NULL && block->cap == ORDINARY_BLOCK)
			keep = block;
		else
			free (block);
	}
	if (keep != NULL)
		keep->next = NULL;
	arena->blocks = keep;
	arena->used = 0;
}

void
craton_arena_clear (CratonArena *arena)
{
	craton_arena_reset (arena);
	free (arena->blocks);
	arena->blocks = NULL;
}
