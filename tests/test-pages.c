/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Tests of pages.h with libcrypto itself: large blocks are to be on large pages, and nothing else is different.
 */
#include "config.h"

#include <check.h>
#include <inttypes.h>
#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pages.h"

#define HUGE ((size_t) 2 << 20)

/* Whether the mapping that @memory is in has been advised to have large pages ("hg" in proc_pid_smaps(5)). */
static int
is_advised (const void *memory)
{
	FILE *file = fopen ("/proc/self/smaps", "re");
	char line[512];
	uintptr_t from, to;
	int inside = 0, advised = 0;

	ck_assert_ptr_nonnull (file);
	while (fgets (line, sizeof line, file) != NULL) {
		if (sscanf (line, "%" SCNxPTR "-%" SCNxPTR " ", &from, &to) == 2)
			inside = from <= (uintptr_t) memory && (uintptr_t) memory < to;
		else if (inside && strncmp (line, "VmFlags:", 8) == 0)
			advised = strstr (line, " hg") != NULL;
	}
	(void) fclose (file);
	return advised;
}

START_TEST (test_pages__large)
{
	size_t len = ((size_t) 16 << 20) + 3072;
	unsigned char *memory = OPENSSL_malloc (len);

	ck_assert_ptr_nonnull (memory);
	ck_assert_uint_eq ((uintptr_t) memory % HUGE, 0);
	ck_assert (is_advised (memory));
	memset (memory, 7, len);
	memory = OPENSSL_realloc (memory, 2 * len);
	ck_assert_ptr_nonnull (memory);
	ck_assert_uint_eq (memory[0] + memory[len - 1], 14);
	OPENSSL_clear_free (memory, 2 * len);
}
END_TEST

START_TEST (test_pages__small)
{
	unsigned char *memory = OPENSSL_malloc (100);

	ck_assert_ptr_nonnull (memory);
	ck_assert (!is_advised (memory));
	memset (memory, 7, 100);
	memory = OPENSSL_realloc (memory, 5 << 20);
	ck_assert_ptr_nonnull (memory);
	ck_assert_uint_eq (memory[99], 7);
	ck_assert_ptr_null (OPENSSL_realloc (memory, 0));
	ck_assert_ptr_null (OPENSSL_malloc (0));
	memory = OPENSSL_realloc (NULL, 10);
	ck_assert_ptr_nonnull (memory);
	OPENSSL_free (memory);
	OPENSSL_free (NULL);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("pages");
	TCase *tcase = tcase_create ("pages");
	SRunner *runner;
	int failed;

	craton_pages_init (CRYPTO_set_mem_functions);
	tcase_add_test (tcase, test_pages__large);
	tcase_add_test (tcase, test_pages__small);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
