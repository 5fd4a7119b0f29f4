/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Post-quantum keys: ML-KEM (FIPS 203), ML-DSA (FIPS 204) and SLH-DSA (FIPS 205). libcrypto has them
 * from 3.5 on: what it has is asked at run time, by name, and what it lacks is not listed.
 */
#ifndef CRATON_MECH_PQ_H
#define CRATON_MECH_PQ_H

#include <glib.h>
#include <openssl/evp.h>

#include "key-attrs.h"
#include "mech.h"
#include "object.h"
#include "pkcs11.h"

/* A parameter set. Lengths in bytes. */
typedef struct {
	CK_KEY_TYPE type;
	CK_ULONG set;     /* CKA_PARAMETER_SET: CKP_ML_DSA_44 ... */
	const char *name; /* libcrypto's */
	gsize public_len, private_len;
	gsize seed_len; /* CKA_SEED; 0: there is none */
	gsize out_len;  /* of a signature or a ciphertext */
} CratonPqSet;

/* The longest of all values: the private key of ML-DSA-87. */
#define CRATON_PQ_VALUE_MAX 4896
/* The longest signature: SLH-DSA-SHA2-256f. */
#define CRATON_PQ_SIGNATURE_MAX 49856

/* Whether libcrypto has the family of the row's key type; for CratonMech.available. */
gboolean craton_pq_available (const CratonMech *mech);

/* Returns: the set of the key @object, or NULL if it names none. */
const CratonPqSet *craton_pq_set_of (const CratonObject *object);

/**
 * craton_pq_parse:
 * @object: an ML-KEM, ML-DSA or SLH-DSA key
 * @private: whether it is the private one
 * @ret_pkey: free it with EVP_PKEY_free()
 *
 * Returns: CKR_OK; CKR_PARAMETER_SET_NOT_SUPPORTED for an unknown set or a libcrypto without it;
 *   CKR_ATTRIBUTE_VALUE_INVALID if the value or the seed makes no key, or they make two.
 */
CK_RV craton_pq_parse (const CratonObject *object, gboolean private, EVP_PKEY **ret_pkey);

/**
 * craton_pq_expand:
 * @type: CKK_ML_KEM or CKK_ML_DSA
 * @set: CKA_PARAMETER_SET
 * @seed: CKA_SEED
 * @ret_value: CRATON_PQ_VALUE_MAX bytes, gets CKA_VALUE; the caller wipes it
 *
 * Returns: CKR_OK; as craton_pq_parse().
 * Source: FIPS 203, algorithm 16; FIPS 204, algorithm 6
 */
CK_RV craton_pq_expand (CK_KEY_TYPE type, CK_ULONG set, const CK_BYTE *seed, gsize seed_len,
                        CK_BYTE *ret_value, gsize *ret_len);

/**
 * craton_pq_attrs:
 * @pkey: a pair
 * @class: CKO_PUBLIC_KEY or CKO_PRIVATE_KEY
 * @type: what it must be
 * @attrs: gets class, type, set and values
 *
 * Returns: CKR_OK; CKR_KEY_TYPE_INCONSISTENT if @pkey is of another type; CKR_HOST_MEMORY.
 */
CK_RV craton_pq_attrs (EVP_PKEY *pkey, CK_OBJECT_CLASS class, CK_KEY_TYPE type,
                       CratonKeyAttrs *attrs);

/* Makes a pair; CratonMech.generate_pair of the three families. The public template names the set. */
CK_RV craton_pq_generate_pair (CratonSession *session, const CratonMech *mech,
                               const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *public_template,
                               CK_ULONG n_public, const CK_ATTRIBUTE *private_template,
                               CK_ULONG n_private, CK_OBJECT_HANDLE *ret_public,
                               CK_OBJECT_HANDLE *ret_private);

#endif /* CRATON_MECH_PQ_H */
