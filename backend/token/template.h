/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From a client's template to an object: what PKCS#11 says about creating, copying and modifying
 * objects, whoever asks. Sessions and logins are looked at by the callers; the objects made here
 * are not published yet.
 */
#ifndef CRATON_TEMPLATE_H
#define CRATON_TEMPLATE_H

#include "object-private.h"

typedef enum {
	CRATON_WAY_CREATE,
	CRATON_WAY_GENERATE,
	CRATON_WAY_UNWRAP,
	CRATON_WAY_DERIVE,
	CRATON_WAY_ENCAPSULATE,
	CRATON_WAY_DECAPSULATE,
	CRATON_WAY_PUBLIC_HALF,
	CRATON_WAY_IMPORT, /* by the administrator, from another token: where it has come from is kept */
} CratonWay;

/* How an object comes to be. */
typedef struct {
	CratonWay way;
	gboolean by_so;               /* the SO is logged in */
	const CK_ATTRIBUTE *template; /* the client's, untrusted; may change while it is read */
	CK_ULONG n_attrs;
	const CK_ATTRIBUTE *made; /* by the mechanism */
	CK_ULONG n_made;
	CK_MECHANISM_TYPE mechanism; /* that generated it, or the pair that it is half of */
	const CratonObject *base;    /* derived from, unwrapped or (de)encapsulated with; may be NULL */
	/* Derived: that the keys it was made from have always been so. */
	gboolean always_sensitive, never_extractable;
} CratonPlan;

/**
 * craton_template_check:
 *
 * Whether a template can be read at all: to be called for each that a client gives.
 *
 * Returns: CKR_OK; CKR_ARGUMENTS_BAD for NULL, or more than CRATON_TEMPLATE_MAX attributes.
 */
CK_RV craton_template_check (const CK_ATTRIBUTE *template, CK_ULONG n_attrs);

/**
 * craton_template_make:
 *
 * Returns: CKR_OK; CKR_ARGUMENTS_BAD, CKR_ATTRIBUTE_TYPE_INVALID, CKR_ATTRIBUTE_VALUE_INVALID,
 * CKR_ATTRIBUTE_READ_ONLY, CKR_TEMPLATE_INCOMPLETE, CKR_TEMPLATE_INCONSISTENT for what is wrong
 * with the template; the codes of craton_object_pkey() for numbers that make no key;
 * CKR_DEVICE_MEMORY if it is too large; CKR_HOST_MEMORY. Source: PKCS#11 3.2, Creating objects
 */
CK_RV craton_template_make (const CratonPlan *plan, CratonObject **ret_object);

/**
 * craton_template_change:
 * @old: is not changed
 * @copying: for C_CopyObject, which may change more and gives a new CKA_UNIQUE_ID; else for
 * C_SetAttributeValue
 *
 * Returns: as above, but for CKR_TEMPLATE_INCOMPLETE; CKR_USER_NOT_LOGGED_IN if @old is not known
 * in full (locked). Source: PKCS#11 3.2, Modifying objects, Copying objects
 */
CK_RV craton_template_change (CratonObject *old, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                              gboolean copying, gboolean by_so, CratonObject **ret_object);

#endif /* CRATON_TEMPLATE_H */
