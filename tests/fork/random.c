/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Random numbers: a process and its children, each initialised, never get the same ones.
 */
#include "config.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fork-common.h"

#define N_CHILDREN 64
#define SHARE_LEN ((size_t) 1 << 20)
#define BLOCK_LEN 16
#define N_BLOCKS ((N_CHILDREN + 1) * SHARE_LEN / BLOCK_LEN)
#define N_PLACES ((size_t) 1 << 23)

/* What one call fetches. */
#define CHUNK_LEN ((size_t) 64 << 10)

static void *
map (size_t len, int flags)
{
	void *memory = mmap (NULL, len, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS, -1, 0);

	check (memory != MAP_FAILED);
	return memory;
}

static void
draw (CK_SESSION_HANDLE session, CK_BYTE *share)
{
	for (size_t done = 0; done < SHARE_LEN; done += CHUNK_LEN)
		check_rv (p11->C_GenerateRandom (session, share + done, CHUNK_LEN), CKR_OK);
}

/* A hash table of the blocks, each found by its own first bytes: they are random. */
static void
expect_no_block_twice (const CK_BYTE *blocks)
{
	uint32_t *places = map (N_PLACES * sizeof (*places), MAP_PRIVATE);

	for (size_t i = 0; i < N_BLOCKS; i++) {
		const CK_BYTE *block = blocks + i * BLOCK_LEN;
		uint64_t place;

		memcpy (&place, block, sizeof (place));
		for (place %= N_PLACES; places[place] != 0; place = (place + 1) % N_PLACES) {
			if (memcmp (block, blocks + (size_t) (places[place] - 1) * BLOCK_LEN,
			            BLOCK_LEN) == 0)
				fail (__FILE__, __LINE__,
				      "processes %zu and %zu have a block in common",
				      (size_t) (places[place] - 1) * BLOCK_LEN / SHARE_LEN,
				      i * BLOCK_LEN / SHARE_LEN);
		}
		places[place] = (uint32_t) i + 1;
	}
}

static void
random_shares (void)
{
	CK_BYTE *shares = map ((N_CHILDREN + 1) * SHARE_LEN, MAP_SHARED);
	User user;

	load_module ();
	initialize ();
	user = open_user ();
	/* The parent draws before, between and after, from one state. */
	check_rv (p11->C_GenerateRandom (user.session, shares, CHUNK_LEN), CKR_OK);
	for (size_t i = 1; i <= N_CHILDREN; i += 2) {
		pid_t pids[2];

		for (size_t j = 0; j < 2; j++) {
			pids[j] = fork ();
			check (pids[j] >= 0);
			if (pids[j] == 0) {
				expect_refused (user.session);
				initialize ();
				draw (open_user ().session, shares + (i + j) * SHARE_LEN);
				_exit (0);
			}
		}
		check_rv (p11->C_GenerateRandom (user.session, shares + i * BLOCK_LEN, BLOCK_LEN),
		          CKR_OK);
		await_end (pids[0]);
		await_end (pids[1]);
	}
	draw (user.session, shares);
	expect_no_block_twice (shares);
	finalize ();
}

const ForkCase random_cases[] = {
	{ "random", "a process and 64 children draw 1 MiB each: no block of 16 bytes twice",
	  random_shares },
	{ NULL },
};
