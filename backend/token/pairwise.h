/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The pairwise check: whether the halves of a new key pair belong together, before anybody gets them.
 */
#ifndef CRATON_PAIRWISE_H
#define CRATON_PAIRWISE_H

#include <glib.h>
#include <openssl/evp.h>

#include "pkcs11.h"

/* For tests: with TRUE each check fails, as if the halves were of two pairs. Atomic. */
extern gint craton_pairwise_fault;

/**
 * craton_pairwise_check:
 * @pkey: a pair
 *
 * Signs and verifies, or agrees on a secret with another pair from both sides, or encapsulates and
 * decapsulates one.
 *
 * Returns: CKR_OK; CKR_FUNCTION_FAILED: throw the pair away.
 * Source: FIPS 140-3 IG, 10.3.A; SP 800-56A, 5.6.2.1.4
 */
CK_RV craton_pairwise_check (EVP_PKEY *pkey);

#endif /* CRATON_PAIRWISE_H */
