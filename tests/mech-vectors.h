/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers for the mechanisms of the token, for test-mech.c. Numbers are hexadecimal; where
 * each comes from is said with it.
 */
#ifndef CRATON_TEST_MECH_VECTORS_H
#define CRATON_TEST_MECH_VECTORS_H

#include "pkcs11.h"

/* A key as its attributes. NULL: it has none of these. */
typedef struct {
	CK_KEY_TYPE type;
	const char *value; /* a secret key, or the private number of an EC key */
	const char *modulus, *public_exponent, *private_exponent;
	const char *prime_1, *prime_2, *exponent_1, *exponent_2, *coefficient;
	const char *params, *point;
} TestKey;

typedef enum {
	CRYPT,   /* in is encrypted to out, and back */
	DECRYPT, /* out is decrypted to in; encryption is random */
	DIGEST,
	SIGN,    /* out is the signature of in */
	VERIFY,  /* out is a signature of in; another signature is another */
	RECOVER, /* in is signed to out, and recovered from it */
	DERIVE,  /* with the public key in, out is derived */
} What;

typedef struct {
	CK_MECHANISM_TYPE mechanism;
	What what;
	const char *source;
	const TestKey *key;
	const char *in, *out;
	/* the mechanism's parameter */
	const char *iv, *aad, *label, *shared;
	CK_ULONG counter_bits, tag_bits, mac_len, salt_len, hash, mgf, kdf;
	CK_ULONG value_len; /* of the derived key */
} Vector;

#endif /* CRATON_TEST_MECH_VECTORS_H */
