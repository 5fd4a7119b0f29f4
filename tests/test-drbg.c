/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The random numbers: which generator they come from, that they are one process's and not repeated,
 * and the calls that give them out.
 */
#include "config.h"

#include "token-fixture.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>

#include "drbg.h"

#define N_THREADS 4
#define N_REQUESTS 500
#define REQUEST_LEN 16

static guint
reseed_counter (EVP_RAND_CTX *rand)
{
	unsigned int counter = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint (OSSL_DRBG_PARAM_RESEED_COUNTER, &counter),
		OSSL_PARAM_construct_end (),
	};

	ck_assert_int_eq (EVP_RAND_CTX_get_params (rand, params), 1);
	return counter;
}

static void
check_generator (EVP_RAND_CTX *rand)
{
	char digest[32] = "", mac[32] = "";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string (OSSL_DRBG_PARAM_DIGEST, digest, sizeof digest),
		OSSL_PARAM_construct_utf8_string (OSSL_DRBG_PARAM_MAC, mac, sizeof mac),
		OSSL_PARAM_construct_end (),
	};

	ck_assert_ptr_nonnull (rand);
	ck_assert_str_eq (EVP_RAND_get0_name (EVP_RAND_CTX_get0_rand (rand)), "HMAC-DRBG");
	ck_assert_int_eq (EVP_RAND_CTX_get_params (rand, params), 1);
	ck_assert_str_eq (mac, "HMAC");
	ck_assert (g_str_equal (digest, "SHA256") || g_str_equal (digest, "SHA2-256"));
	ck_assert_uint_ge (EVP_RAND_get_strength (rand), 256);
}

/* The primary, and those from which libcrypto takes keys, nonces and salts in the token's context.
 * */
START_TEST (test_drbg__is_hmac_drbg)
{
	OSSL_LIB_CTX *context = craton_drbg_context ();

	ck_assert_ptr_nonnull (context);
	ck_assert_ptr_eq (context, craton_drbg_context ());
	check_generator (RAND_get0_primary (context));
	check_generator (RAND_get0_public (context));
	check_generator (RAND_get0_private (context));
}
END_TEST

START_TEST (test_generate__lengths)
{
	static const gsize lens[] = { 1, 15, 16, 31, 32, 33, 65535, 65536, 65537, 300000 };
	guint8 guard[1] = { 0x5a };

	ck_ok (craton_drbg_generate (guard, 0));
	ck_assert_uint_eq (guard[0], 0x5a);
	ck_ok (craton_drbg_generate (NULL, 0));
	for (gsize i = 0; i < N (lens); i++) {
		g_autofree guint8 *out = g_malloc0 (lens[i] + 1);
		gsize zeros = 0;

		out[lens[i]] = 0x5a;
		ck_ok (craton_drbg_generate (out, lens[i]));
		ck_assert_uint_eq (out[lens[i]], 0x5a);
		/* The end was written too: all of the last 16 bytes are zero once in 2^128 runs. */
		for (gsize j = lens[i] - MIN (lens[i], 16); j < lens[i]; j++)
			zeros += out[j] == 0;
		ck_assert (lens[i] < 16 || zeros < 16);
	}
}
END_TEST

START_TEST (test_generate__bits_are_balanced)
{
	const gsize len = 1 << 20;
	g_autofree guint8 *out = g_malloc (len);
	gsize ones = 0;

	ck_ok (craton_drbg_generate (out, len));
	for (gsize i = 0; i < len; i++)
		ones += (gsize) __builtin_popcount (out[i]);
	/* 2^23 bits: 2^22 ones, with a standard deviation of 1448. Ten of these never happen. */
	ck_assert_uint_gt (ones, (len * 4) - 14480);
	ck_assert_uint_lt (ones, (len * 4) + 14480);
}
END_TEST

START_TEST (test_seed__reaches_all_generators)
{
	OSSL_LIB_CTX *context = craton_drbg_context ();
	EVP_RAND_CTX *primary = RAND_get0_primary (context), *private = RAND_get0_private (context);
	g_autofree guint8 *input = g_malloc0 (200000);
	guint8 out[32];
	guint before = reseed_counter (primary), private_before;

	ck_assert_int_eq (RAND_priv_bytes_ex (context, out, sizeof out, 0), 1);
	private_before = reseed_counter (private);
	ck_ok (craton_drbg_seed ("some input", 10));
	ck_assert_uint_gt (reseed_counter (primary), before);
	before = reseed_counter (primary);
	ck_ok (craton_drbg_seed (NULL, 0));
	ck_assert_uint_gt (reseed_counter (primary), before);
	before = reseed_counter (primary);
	ck_ok (craton_drbg_seed (input, 200000));
	ck_assert_uint_gt (reseed_counter (primary), before);
	ck_assert_int_eq (RAND_priv_bytes_ex (context, out, sizeof out, 0), 1);
	ck_assert_uint_ne (reseed_counter (private), private_before);
}
END_TEST

/* The same input leads nowhere twice: the operating system's seed is always in. */
START_TEST (test_seed__input_does_not_decide)
{
	guint8 first[32], second[32];

	ck_ok (craton_drbg_seed ("the same", 8));
	ck_ok (craton_drbg_generate (first, sizeof first));
	ck_ok (craton_drbg_seed ("the same", 8));
	ck_ok (craton_drbg_generate (second, sizeof second));
	ck_assert_mem_ne (first, second, sizeof first);
}
END_TEST

typedef struct {
	guint8 out[N_REQUESTS][REQUEST_LEN];
	CK_RV rv;
} Worker;

static void *
work (void *data)
{
	Worker *worker = data;

	for (int i = 0; i < N_REQUESTS && worker->rv == CKR_OK; i++) {
		worker->rv = craton_drbg_generate (worker->out[i], REQUEST_LEN);
		if (worker->rv == CKR_OK && i % 100 == 50)
			worker->rv = craton_drbg_seed (worker->out[i], REQUEST_LEN);
	}
	return NULL;
}

static guint
hash_block (gconstpointer block)
{
	guint hash;

	memcpy (&hash, block, sizeof hash);
	return hash;
}

static gboolean
equal_blocks (gconstpointer a, gconstpointer b)
{
	return memcmp (a, b, REQUEST_LEN) == 0;
}

START_TEST (test_generate__threads_never_share)
{
	g_autofree Worker *workers = g_new0 (Worker, N_THREADS);
	g_autoptr (GHashTable) seen = g_hash_table_new (hash_block, equal_blocks);
	pthread_t threads[N_THREADS];

	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, work, &workers[i]), 0);
	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
	for (int i = 0; i < N_THREADS; i++) {
		ck_ok (workers[i].rv);
		for (int j = 0; j < N_REQUESTS; j++)
			ck_assert (g_hash_table_add (seen, workers[i].out[j]));
	}
}
END_TEST

START_TEST (test_calls)
{
	CK_BYTE first[32] = { 0 }, second[32] = { 0 }, many[10001] = { 0 }, zeros[16] = { 0 };

	ck_ok (p11->C_GenerateRandom (session, first, sizeof first));
	ck_ok (p11->C_GenerateRandom (session, second, sizeof second));
	ck_assert_mem_ne (first, second, sizeof first);
	/* To the last byte, and no further. */
	ck_ok (p11->C_GenerateRandom (session, many, sizeof many - 1));
	for (gsize i = 0; i + 16 < sizeof many; i += 16)
		ck_assert_mem_ne (many + i, zeros, 16);
	ck_assert_uint_eq (many[sizeof many - 1], 0);
	ck_ok (p11->C_GenerateRandom (session, NULL, 0));
	ck_rv (p11->C_GenerateRandom (session, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GenerateRandom (session + 1000, first, sizeof first),
	       CKR_SESSION_HANDLE_INVALID);
	ck_ok (p11->C_SeedRandom (session, first, sizeof first));
	ck_ok (p11->C_SeedRandom (session, NULL, 0));
	ck_rv (p11->C_SeedRandom (session, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_SeedRandom (session + 1000, first, sizeof first), CKR_SESSION_HANDLE_INVALID);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("drbg");
	TCase *generator = tcase_create ("generator"), *calls = tcase_create ("calls");
	SRunner *runner;
	int failed;

	tcase_add_test (generator, test_drbg__is_hmac_drbg);
	tcase_add_test (generator, test_generate__lengths);
	tcase_add_test (generator, test_generate__bits_are_balanced);
	tcase_add_test (generator, test_seed__reaches_all_generators);
	tcase_add_test (generator, test_seed__input_does_not_decide);
	tcase_add_test (generator, test_generate__threads_never_share);
	tcase_set_timeout (generator, 120);
	suite_add_tcase (suite, generator);
	tcase_add_unchecked_fixture (calls, token_setup, token_teardown);
	tcase_add_checked_fixture (calls, session_setup, session_teardown);
	tcase_add_test (calls, test_calls);
	suite_add_tcase (suite, calls);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
