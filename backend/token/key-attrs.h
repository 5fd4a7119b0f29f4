/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attributes on the way to a new key: finding one in the caller's template, and the list of those
 * that a mechanism made.
 */
#ifndef CRATON_KEY_ATTRS_H
#define CRATON_KEY_ATTRS_H

#include <glib.h>
#include <openssl/bn.h>

#include "pkcs11.h"

/* An RSA private key has the most: class, type and eight numbers. */
#define CRATON_KEY_ATTRS_MAX 12

/* Start from zeros. Adding fails sticky: ask failed once, at the end. */
typedef struct {
	CK_ATTRIBUTE attrs[CRATON_KEY_ATTRS_MAX]; /* the values are owned */
	CK_ULONG n;
	gboolean failed;
} CratonKeyAttrs;

void craton_key_attrs_add (CratonKeyAttrs *attrs, CK_ATTRIBUTE_TYPE type, const void *value,
                           gsize len);
void craton_key_attrs_add_ulong (CratonKeyAttrs *attrs, CK_ATTRIBUTE_TYPE type, CK_ULONG value);
/* What every secret key has: class, type, value, and its length where the type does not say it. */
void craton_key_attrs_add_secret (CratonKeyAttrs *attrs, CK_KEY_TYPE type, const void *value,
                                  gsize len);
/* Big-endian, with zeros in front up to @len bytes; @len 0: as short as it can be. */
void craton_key_attrs_add_bn (CratonKeyAttrs *attrs, CK_ATTRIBUTE_TYPE type, const BIGNUM *value,
                              gsize len);
/* Writes numbers of domain parameters as @template has them, leading zeros and all: they must compare
 * equal there. */
void craton_key_attrs_repeat (CratonKeyAttrs *attrs, const CK_ATTRIBUTE *template,
                              CK_ULONG n_attrs);
/* Wipes and frees the values. */
void craton_key_attrs_clear (CratonKeyAttrs *attrs);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CratonKeyAttrs, craton_key_attrs_clear)

/* Returns: the first attribute of @type, or NULL. */
const CK_ATTRIBUTE *craton_key_attrs_find (const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                                           CK_ATTRIBUTE_TYPE type);

/**
 * craton_key_attrs_find_ulong:
 *
 * Returns: CKR_OK; CKR_TEMPLATE_INCOMPLETE if there is no such attribute;
 *   CKR_ATTRIBUTE_VALUE_INVALID if it is no CK_ULONG.
 */
CK_RV craton_key_attrs_find_ulong (const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                                   CK_ATTRIBUTE_TYPE type, CK_ULONG *ret_value);

/**
 * craton_key_attrs_find_len:
 * @natural_len: the length of a key whose template names none; 0: it must
 *
 * The length of a secret key of @type that is to be made.
 *
 * Returns: CKR_OK; CKR_TEMPLATE_INCOMPLETE if CKA_VALUE_LEN is needed and missing;
 *   CKR_ATTRIBUTE_VALUE_INVALID if keys of @type have no such length.
 */
CK_RV craton_key_attrs_find_len (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_KEY_TYPE type,
                                 CK_ULONG natural_len, CK_ULONG *ret_len);

#endif /* CRATON_KEY_ATTRS_H */
