/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known-answer self-tests: each algorithm once, before its first use in the process. What fails stays
 * off. Not at start-up, because a process is started for each client and uses few of them.
 */
#ifndef CRATON_SELFTEST_H
#define CRATON_SELFTEST_H

#include <glib.h>

#include "algs.h"
#include "pkcs11.h"

/* A hash with its HMAC, or a cipher; then the others. */
#define CRATON_SELFTEST_HASH(hash) (hash)
#define CRATON_SELFTEST_CIPHER(cipher) (CRATON_N_HASHES + (cipher))

typedef enum {
	CRATON_SELFTEST_NONE,
	CRATON_SELFTEST_BEFORE = CRATON_N_HASHES + CRATON_N_CIPHERS - 1,
	CRATON_SELFTEST_AES_CMAC,
	CRATON_SELFTEST_PBKDF2,
	CRATON_SELFTEST_RSA,
	CRATON_SELFTEST_ECDSA,
	CRATON_SELFTEST_ED25519,
	CRATON_SELFTEST_ED448,
	CRATON_SELFTEST_ECDH,
	CRATON_SELFTEST_X25519,
	CRATON_SELFTEST_X448,
	CRATON_SELFTEST_DSA,
	CRATON_SELFTEST_DH,
	CRATON_SELFTEST_ML_KEM,
	CRATON_SELFTEST_ML_DSA,
	CRATON_SELFTEST_SLH_DSA,
	CRATON_N_SELFTESTS,
	/* Always good: the mechanism's parameter names what it rests on, which is tested when that is read. */
	CRATON_SELFTEST_NAMED,
} CratonSelftest;

/**
 * craton_selftest_need:
 * @test: CRATON_SELFTEST_NONE and CRATON_SELFTEST_NAMED are always good
 *
 * Runs the test if it has not run in this process. Thread-safe.
 *
 * Returns: CKR_OK; CKR_FUNCTION_FAILED if the algorithm gave another answer than the known one, now or
 *   before, with one line in the log.
 */
CK_RV craton_selftest_need (guint test);

/* The algorithm's name, for people. */
const char *craton_selftest_name (guint test);

/* For tests: this one fails, from its first run on; or CRATON_SELFTEST_NONE. And all are forgotten. */
extern gint craton_selftest_fault;
void craton_selftest_forget (void);

#endif /* CRATON_SELFTEST_H */
