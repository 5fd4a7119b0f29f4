/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_GenerateKey's part that is the same for all secret keys.
 */
#ifndef CRATON_KEYGEN_H
#define CRATON_KEYGEN_H

#include <glib.h>

#include "key-attrs.h"
#include "object.h"
#include "pkcs11.h"

/* The longest generic secret key, in bytes. */
#define CRATON_SECRET_MAX 4096

/**
 * craton_keygen_secret:
 * @mechanism: the generation mechanism
 * @type: the new key's CKA_KEY_TYPE
 * @len: bytes, at most CRATON_SECRET_MAX
 *
 * Makes a key of random bytes; with DES they get their parity, and weak keys are left out.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; the codes of craton_drbg_generate() and
 *   craton_object_new_key().
 */
CK_RV craton_keygen_secret (CratonSession *session, CK_MECHANISM_TYPE mechanism, CK_KEY_TYPE type,
                            CK_ULONG len, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                            CK_OBJECT_HANDLE *ret_key);

#endif /* CRATON_KEYGEN_H */
