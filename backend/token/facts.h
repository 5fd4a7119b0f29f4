/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attributes that follow from others: what the token works out itself, and holds the client's word
 * against.
 */
#ifndef CRATON_FACTS_H
#define CRATON_FACTS_H

#include "object-private.h"

#define CRATON_FACTS_CHECK_VALUE_LEN 3

/**
 * craton_facts_check_value:
 * @object: a secret key or a certificate
 * @ret_value: CRATON_FACTS_CHECK_VALUE_LEN bytes
 *
 * Returns: CKR_OK; CKR_FUNCTION_NOT_SUPPORTED if there is none: a certificate that is elsewhere, a
 * libcrypto without SHA-1. Source: PKCS#11 3.2, Secret key objects, Generic secret key objects, AES
 * secret key objects, Certificate objects
 */
CK_RV craton_facts_check_value (const CratonObject *object, CK_BYTE *ret_value);

/**
 * craton_facts_public_key_info:
 * @object: a certificate, or a public or private key, whose numbers are checked on the way
 * @ret_info: the SubjectPublicKeyInfo; NULL where there is none to be had
 *
 * Returns: CKR_OK; the codes of craton_object_pkey().
 */
CK_RV craton_facts_public_key_info (CratonObject *object, GBytes **ret_info);

/* The length in bits of a big integer. */
CK_ULONG craton_facts_bits (const CK_BYTE *number, gsize len);

/* Writes a new CKA_UNIQUE_ID, CRATON_FACTS_UNIQUE_ID_LEN characters without a null byte. Returns:
 * CKR_OK; the codes of craton_drbg_generate(). */
#define CRATON_FACTS_UNIQUE_ID_LEN 36
CK_RV craton_facts_unique_id (CK_BYTE *ret_id);

#endif /* CRATON_FACTS_H */
