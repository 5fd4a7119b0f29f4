/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers for the mechanisms of the token, for test-mech.c. Numbers are hexadecimal; where
 * each comes from is said with it.
 */
#ifndef CRATON_TEST_MECH_VECTORS_H
#define CRATON_TEST_MECH_VECTORS_H

#include <glib.h>
#include <stddef.h>

#include "pkcs11.h"

/* A key as its attributes. NULL: it has none of these. */
typedef struct {
	CK_KEY_TYPE type;
	const char *value; /* a secret key, or the private number of an EC key */
	const char *modulus, *public_exponent, *private_exponent;
	const char *prime_1, *prime_2, *exponent_1, *exponent_2, *coefficient;
	const char *params, *point;
	const char *prime, *subprime, *base, *public_value; /* DH and DSA */
} TestKey;

typedef enum {
	CRYPT,   /* in is encrypted to out, and back */
	DECRYPT, /* out is decrypted to in; encryption is random */
	DIGEST,
	SIGN,    /* out is the signature of in */
	VERIFY,  /* out is a signature of in; another signature is another */
	RECOVER, /* in is signed to out, and recovered from it */
	DERIVE,  /* with the public key in, out is derived */
	DERIVE_DATA, /* out is derived as a data object */
	KEY_MAT,     /* out are the keys and vectors of CK_TLS12_KEY_MAT_PARAMS */
	UNWRAP,      /* out is unwrapped to in; wrapping is random */
	PUBLIC_HALF, /* from the private key the public one is derived */
	GENERATE,    /* out is generated from a parameter, and what is behind the key is in back */
} What;

typedef struct {
	CK_MECHANISM_TYPE mechanism;
	What what;
	const char *source;
	const TestKey *key;
	const char *in, *out;
	/* the mechanism's parameter: as it is, or made of what follows it */
	const void *param;
	CK_ULONG param_len;
	const char *iv, *aad, *label, *shared;
	CK_ULONG counter_bits, tag_bits, mac_len, salt_len, hash, mgf, kdf;
	/* Whether libcrypto has it; if not, the parameter is to be refused. NULL: each has. */
	gboolean (*available) (void);
	CK_ULONG value_len; /* of the derived key; 0: not named */
	CK_ULONG key_type;  /* of the key; 0: not named */
	/* keys whose handles go into param, and where: 0 and NULL for none */
	const TestKey *others[2];
	gsize other_offsets[2];
	const CK_BYTE *back;
} Vector;

#endif /* CRATON_TEST_MECH_VECTORS_H */
