/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_DeriveKey's part that is the same for all mechanisms whose result is one secret key.
 */
#ifndef CRATON_DERIVE_H
#define CRATON_DERIVE_H

#include <glib.h>

#include "object.h"
#include "pkcs11.h"

/* The longest key that is derived, in bytes. */
#define CRATON_DERIVED_MAX 1024

typedef struct {
	CK_KEY_TYPE type;
	CK_ULONG len; /* of CKA_VALUE, at most CRATON_DERIVED_MAX */
} CratonDerived;

/**
 * craton_derive_plan:
 * @template: CKA_KEY_TYPE (a generic secret if absent) and CKA_VALUE_LEN are looked at
 * @natural_len: the length if the template names none
 * @max_len: what the mechanism can make
 *
 * Returns: CKR_OK; CKR_TEMPLATE_INCOMPLETE if the length is missing and the natural one does not
 *   fit the key type; CKR_TEMPLATE_INCONSISTENT if the template asks for another class than a
 *   secret key, or for more than @max_len; CKR_ATTRIBUTE_VALUE_INVALID for a length that the key
 *   type has not.
 */
CK_RV craton_derive_plan (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ULONG natural_len,
                          CK_ULONG max_len, CratonDerived *ret_derived);

/**
 * craton_derive_publish:
 * @value: @derived->len bytes
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; the codes of craton_object_new_key().
 */
CK_RV craton_derive_publish (CratonSession *session, CK_MECHANISM_TYPE mechanism,
                             CratonObject *base, const CratonDerived *derived, const CK_BYTE *value,
                             const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                             CK_OBJECT_HANDLE *ret_key);

#endif /* CRATON_DERIVE_H */
