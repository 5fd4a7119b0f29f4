/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A cursor over the bytes of a lane, and the private memory that decoding needs. Failures are sticky: put and get do nothing, or
 * give zero, after the first one; ask craton_buf_done() or look at failed once. Every item begins 8-byte aligned, so that what
 * is used in place is aligned as the caller's memory would be. Numbers are 64 bits wide in the machine's byte order: both ends
 * run on one machine.
 */
#ifndef CRATON_BUF_H
#define CRATON_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sizes.h"

typedef struct {
	uint8_t *data;
	size_t cap;  /* bytes that may be read or written */
	size_t pos;  /* where the next item begins; putting goes on counting behind cap, so that pos says what would be needed */
	bool failed;
} CratonBuf;

/* Starts at the beginning of @cap bytes at @data. */
void craton_buf_init (CratonBuf *buf, void *data, size_t cap);

void craton_buf_put_u64 (CratonBuf *buf, uint64_t value);
/* @bytes may be NULL when @len is 0. */
void craton_buf_put_bytes (CratonBuf *buf, const void *bytes, size_t len);
/* A pointer and its length as PKCS#11 passes them: NULL with any length, or @len bytes. */
void craton_buf_put_opt (CratonBuf *buf, const void *bytes, size_t len);

uint64_t craton_buf_get_u64 (CratonBuf *buf);
/* A number that must be at most @max; fails otherwise. */
uint64_t craton_buf_get_max (CratonBuf *buf, uint64_t max);
/* @len bytes in place, or NULL on failure. Aligned to 8. */
uint8_t *craton_buf_get_bytes (CratonBuf *buf, size_t len);
/* What craton_buf_put_opt() put: NULL with *@ret_len as it was, or the bytes in place (not NULL even for no bytes). */
uint8_t *craton_buf_get_opt (CratonBuf *buf, size_t *ret_len);

/* Whether nothing failed and every byte was read. */
bool craton_buf_done (const CratonBuf *buf);

/* @len rounded up to a multiple of @to, a power of two; SIZE_MAX where that overflows. */
size_t craton_align (size_t len, size_t to);

/* Clears memory in a way that the compiler keeps. */
void craton_wipe (void *data, size_t len);

/*
 * Memory for one decoded call: taken piece by piece, zeroed, given back as a whole and wiped.
 */
typedef struct CratonBlock CratonBlock;

typedef struct {
	CratonBlock *blocks;
	size_t used; /* bytes taken since the last reset */
} CratonArena;

/* The most that one call can take; over it NULL, as when memory runs out. */
#define CRATON_ARENA_MAX (CRATON_LANE_DATA_MAX)

/* @len zeroed bytes, aligned to 16, never NULL for a length of 0; NULL when there is no memory. */
void *craton_arena_take (CratonArena *arena, size_t len);
/* As above, for memory that a module fills: a large announced length costs nothing until it is used. */
void *craton_arena_take_raw (CratonArena *arena, size_t len);
/* Wipes and gives back all; one ordinary block is kept for the next call. */
void craton_arena_reset (CratonArena *arena);
void craton_arena_clear (CratonArena *arena);

#endif /* CRATON_BUF_H */
