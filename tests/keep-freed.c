/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Preloaded into a process whose memory is looked through (test-secrets.c): what is given back is not used again, so that what was left in
 * it is there to be found. Large blocks go back to the system, which clears them.
 */
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#define LARGE ((size_t) 1 << 20)

void __libc_free (void *block);
void *__libc_realloc (void *block, size_t len);

void
free (void *block)
{
	if (block != NULL && malloc_usable_size (block) >= LARGE)
		__libc_free (block);
}

void *
realloc (void *block, size_t len)
{
	size_t room = block != NULL ? malloc_usable_size (block) : 0;
	void *other;

	if (room >= LARGE)
		return __libc_realloc (block, len);
	if (block != NULL && len <= room)
		return block;
	other = malloc (len);
	if (other != NULL && block != NULL)
		memcpy (other, block, room);
	return other;
}
