/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the token knows about attributes: one table, a row each. Which objects have it, what its
 * value looks like, who may set it and when, whether it may be read, what it is when nobody says.
 * Everything else in the token asks here.
 */
#ifndef CRATON_ATTR_H
#define CRATON_ATTR_H

#include <glib.h>

#include "pkcs11.h"

/* Limits on what a client may send; a template that breaks one is refused before anything is
 * allocated for it. */
#define CRATON_TEMPLATE_MAX 128                 /* attributes in a template */
#define CRATON_ATTR_LEN_MAX (1024 * 1024)       /* bytes in a value */
#define CRATON_OBJECT_LEN_MAX (4 * 1024 * 1024) /* bytes in all values of one object */
#define CRATON_NESTED_MAX \
	32 /* attributes in a CKA_WRAP_TEMPLATE and its like; these do not nest further */
#define CRATON_MECHANISMS_MAX 256 /* entries in CKA_ALLOWED_MECHANISMS */

/* The kinds of object that the token holds, by class and type. A set of them is an or. */
typedef enum {
	CRATON_KIND_DATA = 1 << 0,
	CRATON_KIND_CERTIFICATE = 1 << 1,
	CRATON_KIND_RSA_PUBLIC = 1 << 2,
	CRATON_KIND_EC_PUBLIC = 1 << 3,
	CRATON_KIND_EDWARDS_PUBLIC = 1 << 4,
	CRATON_KIND_MONTGOMERY_PUBLIC = 1 << 5,
	CRATON_KIND_RSA_PRIVATE = 1 << 6,
	CRATON_KIND_EC_PRIVATE = 1 << 7,
	CRATON_KIND_EDWARDS_PRIVATE = 1 << 8,
	CRATON_KIND_MONTGOMERY_PRIVATE = 1 << 9,
	CRATON_KIND_AES = 1 << 10,
	CRATON_KIND_GENERIC = 1 << 11,
	CRATON_KIND_HMAC = 1 << 12,
} CratonKind;

#define CRATON_KINDS_EC_PUBLIC \
	(CRATON_KIND_EC_PUBLIC | CRATON_KIND_EDWARDS_PUBLIC | CRATON_KIND_MONTGOMERY_PUBLIC)
#define CRATON_KINDS_EC_PRIVATE \
	(CRATON_KIND_EC_PRIVATE | CRATON_KIND_EDWARDS_PRIVATE | CRATON_KIND_MONTGOMERY_PRIVATE)
#define CRATON_KINDS_PUBLIC (CRATON_KIND_RSA_PUBLIC | CRATON_KINDS_EC_PUBLIC)
#define CRATON_KINDS_PRIVATE (CRATON_KIND_RSA_PRIVATE | CRATON_KINDS_EC_PRIVATE)
#define CRATON_KINDS_SECRET (CRATON_KIND_AES | CRATON_KIND_GENERIC | CRATON_KIND_HMAC)
#define CRATON_KINDS_GUARDED (CRATON_KINDS_PRIVATE | CRATON_KINDS_SECRET)
#define CRATON_KINDS_KEY (CRATON_KINDS_PUBLIC | CRATON_KINDS_GUARDED)
#define CRATON_KINDS_ALL (CRATON_KIND_DATA | CRATON_KIND_CERTIFICATE | CRATON_KINDS_KEY)

typedef enum {
	CRATON_FORM_BOOL,
	CRATON_FORM_ULONG,
	CRATON_FORM_BYTES,
	CRATON_FORM_BIGINT,     /* as bytes, not empty */
	CRATON_FORM_DATE,       /* empty or a CK_DATE */
	CRATON_FORM_TEMPLATE,   /* an array of CK_ATTRIBUTE */
	CRATON_FORM_MECHANISMS, /* an array of CK_MECHANISM_TYPE */
} CratonForm;

/* The numbers are the footnotes of the standard's tables (PKCS#11 3.2, Common attributes). */
typedef enum {
	CRATON_RULE_READ_ONLY = 1 << 0,  /* 2, 4, 6: the token sets it, no template may */
	CRATON_RULE_NOT_CREATE = 1 << 1, /* 2 */
	CRATON_RULE_SENSITIVE =
		1 << 2,            /* 7, for private and secret keys; in the store always sealed */
	CRATON_RULE_COPY = 1 << 3, /* may be given to a copy, though not modified */
	CRATON_RULE_SO_TRUE = 1 << 4,    /* 10 */
	CRATON_RULE_ONCE_TRUE = 1 << 5,  /* 11 */
	CRATON_RULE_ONCE_FALSE = 1 << 6, /* 12 */
	CRATON_RULE_INDEX =
		1 << 7, /* C_FindObjectsInit looks it up instead of comparing all objects */
} CratonRule;

typedef enum {
	CRATON_DEFAULT_NONE,  /* the object goes without, or template.c works the value out */
	CRATON_DEFAULT_VALUE, /* a boolean as yes says, an empty array of bytes, a number 0 */
} CratonDefault;

typedef struct {
	CK_ATTRIBUTE_TYPE type;
	CratonForm form;
	guint where;    /* CratonKind: the objects that have it */
	guint required; /* CratonKind: it must come with the template or from the mechanism */
	guint modify; /* CratonKind: 8, where C_SetAttributeValue and C_CopyObject may change it */
	guint rules;  /* CratonRule */
	CratonDefault fallback;
	guint yes; /* CratonKind: where a boolean is true by default */
} CratonAttr;

/* The row of @type, NULL for an attribute that the token does not know. */
const CratonAttr *craton_attr_find (CK_ATTRIBUTE_TYPE type);

/* Walks the table: row @index, NULL behind the last. */
const CratonAttr *craton_attr_nth (gsize index);

/* The kind of a class and its CKA_KEY_TYPE or CKA_CERTIFICATE_TYPE, 0 if the token holds no such
 * objects. */
guint craton_attr_kind (CK_OBJECT_CLASS klass, CK_ULONG type);

/**
 * craton_attr_check:
 * @attr: the row of @value's type
 * @value: from the client, untrusted
 *
 * Whether the value has the form that the row asks for, and keeps the limits.
 *
 * Returns: CKR_OK; CKR_ATTRIBUTE_VALUE_INVALID; for the elements of a template array also
 * CKR_ATTRIBUTE_TYPE_INVALID.
 */
CK_RV craton_attr_check (const CratonAttr *attr, const CK_ATTRIBUTE *value);

/* Template arrays have no pointers inside the token: they are a row of items, a type and a length
 * of sizeof (CK_ULONG) bytes each and then the value. */

/* Appends @value, which craton_attr_check() has accepted, in the form in which the token keeps it.
 */
void craton_attr_put (const CratonAttr *attr, const CK_ATTRIBUTE *value, GByteArray *out);

/**
 * craton_attr_next:
 * @items: a template array in the token's form
 * @inout_at: 0 at first, moved to the next item
 * @ret_item: points into @items
 *
 * Returns: FALSE behind the last item.
 */
gboolean craton_attr_next (const CK_BYTE *items, gsize items_len, gsize *inout_at,
                           CK_ATTRIBUTE *ret_item);

#endif /* CRATON_ATTR_H */
