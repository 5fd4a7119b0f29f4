/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is particular about DES keys, single, double and triple: a bit of parity in each byte, and
 * values that are too weak to be drawn.
 */
#ifndef CRATON_DES_H
#define CRATON_DES_H

#include <glib.h>

#include "pkcs11.h"

#define CRATON_DES_KEY_LEN 8
#define CRATON_DES3_KEY_LEN (3 * CRATON_DES_KEY_LEN)

/* Returns: whether @type is one of CKK_DES, CKK_DES2, CKK_DES3. */
gboolean craton_des_is_type (CK_KEY_TYPE type);

/* Makes the number of bits in each byte odd, with the lowest (FIPS 46-3). */
void craton_des_set_parity (CK_BYTE *key, gsize len);
/* Returns: whether it is odd in each. */
gboolean craton_des_has_parity (const CK_BYTE *key, gsize len);

/* Returns: whether a part of the key, with its parity right, is one of DES's weak or semi-weak keys
 * (SP 800-67, 3.3.2), or two parts side by side are the same, so that they cancel out. */
gboolean craton_des_is_weak (const CK_BYTE *key, gsize len);

/**
 * craton_des_expand:
 * @key, @len: 8, 16 or 24 bytes
 * @ret_key: to be wiped
 *
 * A key of one or two parts as the triple one that encrypts the same.
 */
void craton_des_expand (const CK_BYTE *key, gsize len, CK_BYTE ret_key[CRATON_DES3_KEY_LEN]);

#endif /* CRATON_DES_H */
