/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Pages: see pages.h. All memory is malloc()'s, so that it does not matter who gives it back.
 */
#include "config.h"

#include "pages.h"

#include <stdlib.h>
#include <sys/mman.h>

#define PAGE_LEN ((size_t) 2 << 20)
#define LARGE_LEN ((size_t) 4 << 20)

static void *
take (size_t len, const char *file, int line)
{
	void *memory;

	(void) file;
	(void) line;
	if (len < LARGE_LEN)
		return len == 0 ? NULL : malloc (len);
	if (posix_memalign (&memory, PAGE_LEN, len) != 0)
		return NULL;
	/* Where there are none, it has small ones. */
	(void) madvise (memory, len - len % PAGE_LEN, MADV_HUGEPAGE);
	return memory;
}

static void *
change (void *memory, size_t len, const char *file, int line)
{
	(void) file;
	(void) line;
	if (len == 0) {
		free (memory);
		return NULL;
	}
	return realloc (memory, len);
}

static void
give (void *memory, const char *file, int line)
{
	(void) file;
	(void) line;
	free (memory);
}

void
craton_pages_init (CratonPagesSet set)
{
	(void) set (take, change, give);
}
