/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_DeriveKey's part that is the same for all mechanisms whose result is secret keys or data: what
 * the template asks for, what the new objects inherit, and that all or none are made.
 */
#ifndef CRATON_DERIVE_H
#define CRATON_DERIVE_H

#include <glib.h>

#include "mech.h"
#include "object.h"
#include "pkcs11.h"

/* The longest key that is derived where the mechanism has no limit of its own, in bytes. */
#define CRATON_DERIVED_MAX 1024
/* The longest secret key that others are derived from, in bytes. */
#define CRATON_BASE_MAX 65536
/* How many attributes craton_derive_template() adds at most. */
#define CRATON_DERIVE_MORE_MAX 12

/* An object on its way. */
typedef struct {
	CK_OBJECT_CLASS class; /* CKO_SECRET_KEY or CKO_DATA */
	CK_KEY_TYPE type;      /* of a key */
	CK_ULONG len;          /* of CKA_VALUE */
	const CK_ATTRIBUTE *template;
	CK_ULONG n_attrs;
	const CK_BYTE *value; /* @len bytes */
} CratonDerived;

/* What the sensitivity of the derived keys has to do with that of their origins. ALWAYS_SENSITIVE
 * and NEVER_EXTRACTABLE follow those of the origins in each case. */
typedef enum {
	CRATON_INHERIT_NOTHING, /* the template says, or the default */
	CRATON_INHERIT_GUARD,   /* what is hidden stays hidden, else as above */
	CRATON_INHERIT_DEFAULT, /* the template says, or it is like the base key */
	CRATON_INHERIT_SAME,    /* like the base key, the template may say the same */
} CratonInherit;

/* Start with craton_derive_from(). */
typedef struct {
	CratonSession *session;
	CratonObject *base;
	CratonInherit inherit;
	gboolean sensitive, extractable, always_sensitive, never_extractable;
} CratonDerivation;

/**
 * craton_derive_plan:
 * @template: CKA_KEY_TYPE (a generic secret if absent) and CKA_VALUE_LEN are looked at
 * @natural_len: the length if the template names none and the type does not say it; 0: it must
 * @max_len: what the mechanism can make
 *
 * Returns: CKR_OK; CKR_TEMPLATE_INCOMPLETE if the length is missing and the natural one does not
 *   fit the key type; CKR_TEMPLATE_INCONSISTENT if the template asks for another class than a
 *   secret key, or for more than @max_len; CKR_ATTRIBUTE_VALUE_INVALID for a length that the key
 *   type has not.
 */
CK_RV craton_derive_plan (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ULONG natural_len,
                          CK_ULONG max_len, CratonDerived *ret_derived);

/* As above, with the key type that it is if the template names none. */
CK_RV craton_derive_plan_type (const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                               CK_KEY_TYPE natural_type, CK_ULONG natural_len, CK_ULONG max_len,
                               CratonDerived *ret_derived);

/* As craton_derive_plan(), for a data object whose length CKA_VALUE_LEN says. */
CK_RV craton_derive_plan_data (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ULONG natural_len,
                               CK_ULONG max_len, CratonDerived *ret_derived);

/**
 * craton_derive_template:
 * @drop: types of attributes that are left out, up to a 0; NULL for none
 * @more: attributes to add, up to CRATON_DERIVE_MORE_MAX; their values are not copied
 *
 * A copy of a template, with less and more in it. What is added and there already must be the same:
 * making the object will say so.
 *
 * Returns: attributes to be given back with g_free(); NULL if the template is too long to be one.
 */
CK_ATTRIBUTE *craton_derive_template (const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                                      const CK_ATTRIBUTE_TYPE *drop, const CK_ATTRIBUTE *more,
                                      CK_ULONG n_more, CK_ULONG *ret_n);

void craton_derive_from (CratonDerivation *from, CratonSession *session, CratonObject *base,
                         CratonInherit inherit);
/* A second key whose value goes in: what is derived is as well guarded as the better of them, and
 * has always been so only if both have. */
void craton_derive_join (CratonDerivation *from, const CratonObject *other);

/**
 * craton_derive_find_key:
 * @handle: of a key that a parameter names, untrusted
 * @ret_key: counted
 *
 * Finds a second key, which must be one that could be the base key.
 *
 * Returns: CKR_OK; CKR_KEY_HANDLE_INVALID; the codes of craton_op_check_key().
 */
CK_RV craton_derive_find_key (CratonSession *session, const CratonMech *mech,
                              CK_OBJECT_HANDLE handle, CratonObject **ret_key);

/**
 * craton_derive_publish_all:
 * @derived: with their values
 * @ret_failed: which one has a template that was refused; NULL: not asked
 * @ret_handles: as many
 *
 * Makes all or none. DES keys get their parity.
 *
 * Returns: CKR_OK; CKR_ARGUMENTS_BAD for a template that is too long; CKR_HOST_MEMORY; the codes of
 *   craton_object_new_derived().
 */
CK_RV craton_derive_publish_all (const CratonDerivation *from, const CratonDerived *derived,
                                 guint n_derived, guint *ret_failed, CK_OBJECT_HANDLE *ret_handles);

/**
 * craton_derive_publish:
 * @value: @derived->len bytes
 *
 * One key that inherits nothing.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; the codes of craton_object_new_derived().
 */
CK_RV craton_derive_publish (CratonSession *session, CK_MECHANISM_TYPE mechanism,
                             CratonObject *base, const CratonDerived *derived, const CK_BYTE *value,
                             const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                             CK_OBJECT_HANDLE *ret_key);

/* The value of a secret key, owned by @key. */
const CK_BYTE *craton_derive_value (const CratonObject *key, gsize *ret_len);

#endif /* CRATON_DERIVE_H */
