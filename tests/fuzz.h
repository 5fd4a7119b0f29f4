/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the fuzzers share: the input as a cursor, a check that ends the run, memory that is looked at, and the seeds. Each fuzz-NAME.c
 * has LLVMFuzzerTestOneInput (), and fuzz_seeds (), which writes the inputs to begin with: "fuzz-NAME --seeds FOLDER".
 */
#ifndef CRATON_TEST_FUZZ_H
#define CRATON_TEST_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A seed that is longer is left out. */
#define FUZZ_SEED_MAX 1024

#define fuzz_expect(what)                                                                  \
	do {                                                                               \
		if (!(what)) {                                                             \
			(void) fprintf (stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
			abort ();                                                          \
		}                                                                          \
	} while (0)

#define SAMPLE_EXPECT(what, ...) fuzz_expect (what)

int LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len);
int LLVMFuzzerInitialize (int *argc, char ***argv);

/* The includer's: calls fuzz_seed () for each. */
static void fuzz_seeds (void);

typedef struct {
	const uint8_t *bytes;
	size_t len;
} FuzzInput;

/* The next @n bytes as a number, at most 8; what is missing is 0. */
static inline uint64_t
fuzz_number (FuzzInput *input, size_t n)
{
	uint64_t number = 0;

	if (n > input->len)
		n = input->len;
	memcpy (&number, input->bytes, n);
	input->bytes += n;
	input->len -= n;
	return number;
}

/* At most @max bytes of what is left, in memory of their exact size; free () it. */
static inline uint8_t *
fuzz_bytes (FuzzInput *input, size_t max, size_t *ret_len)
{
	size_t len = input->len < max ? input->len : max;
	uint8_t *copy = malloc (len);

	fuzz_expect (copy != NULL);
	if (len != 0)
		memcpy (copy, input->bytes, len);
	input->bytes += len;
	input->len -= len;
	*ret_len = len;
	return copy;
}

/* Looks at memory, so that the sanitizers do: of much of it at both ends. */
static inline void
fuzz_look (const void *place, size_t len)
{
	static volatile unsigned int sink;
	const uint8_t *bytes = place;
	unsigned int sum = 0;

	for (size_t i = 0; bytes != NULL && i < len; i++) {
		if (i == 4096 && len > 8192)
			i = len - 4096;
		sum += bytes[i];
	}
	sink = sum;
	(void) sink;
}

static const char *fuzz_folder;

static inline void
fuzz_seed (const void *bytes, size_t len)
{
	static unsigned int n_seeds;
	char path[4096];
	FILE *file;

	if (len > FUZZ_SEED_MAX)
		return;
	(void) snprintf (path, sizeof path, "%s/seed-%04u", fuzz_folder, n_seeds++);
	file = fopen (path, "wb");
	fuzz_expect (file != NULL && fwrite (bytes, 1, len, file) == len && fclose (file) == 0);
}

int
LLVMFuzzerInitialize (int *argc, char ***argv)
{
	if (*argc != 3 || strcmp ((*argv)[1], "--seeds") != 0)
		return 0;
	fuzz_folder = (*argv)[2];
	fuzz_seeds ();
	exit (0);
}

#endif /* CRATON_TEST_FUZZ_H */
