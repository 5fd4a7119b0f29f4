/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures with key pairs: what RSA, ECDSA and EdDSA have in common. A family says how to sign
 * and verify a message or a digest in one call; mech-sign.c makes the operations of it, with
 * hashing before where the mechanism has it.
 */
#ifndef CRATON_MECH_SIGN_H
#define CRATON_MECH_SIGN_H

#include <openssl/evp.h>

#include "algs.h"
#include "mech.h"

typedef struct CratonSignScheme CratonSignScheme;

/* The start of a row's detail. */
typedef struct {
	const CratonSignScheme *scheme;
	CratonHash hash; /* hashed first; CRATON_HASH_NONE: the input is signed as it is */
} CratonSignDetail;

/* The operation's state. */
typedef struct {
	const CratonMech *mech;
	CratonObject *object;  /* borrowed from the operation */
	EVP_PKEY *pkey;        /* borrowed from the object */
	EVP_PKEY_CTX *context; /* the scheme's, freed here */
	EVP_MD_CTX *md;        /* while hashing */
	EVP_MD_CTX *message;   /* a scheme's that takes messages whole, freed here */
	gsize signature_len;   /* exact, set by setup() */
	gboolean takes_shorter; /* to verify: two numbers of one length, with fewer zeros in front */
	gsize tbs_len;         /* what the input must be long; 0: the scheme knows */
	gboolean verifies;
} CratonSign;

struct CratonSignScheme {
	/* Checks the parameter, sets sign->signature_len, and sign->context or sign->message. */
	CK_RV (*setup) (CratonSign *sign, const CK_MECHANISM *mechanism);
	/* @tbs is a digest in private memory, or the input as the client gave it; @signature is
	 * private, with room for signature_len. */
	CK_RV (*sign) (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *signature);
	/* @signature is private and of the exact length. CKR_SIGNATURE_INVALID if it is wrong. */
	CK_RV (*verify)
	(CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, const CK_BYTE *signature);
};

/* A signature of RSA with 8192 bits is the longest. */
#define CRATON_SIGNATURE_MAX 1024

/* For rows without hash: one-shot only. */
extern const CratonMechClass craton_mech_sign_once;
/* For rows that hash: one-shot and in parts. */
extern const CratonMechClass craton_mech_sign_hashed;

/**
 * craton_mech_pkey_context:
 * @pkey: from craton_object_pkey()
 * @start: EVP_PKEY_sign_init() and the like
 * @ret_context: free it with EVP_PKEY_CTX_free()
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_FUNCTION_FAILED if libcrypto refuses the key.
 */
CK_RV craton_mech_pkey_context (EVP_PKEY *pkey, int (*start) (EVP_PKEY_CTX *context),
                                EVP_PKEY_CTX **ret_context);

#endif /* CRATON_MECH_SIGN_H */
