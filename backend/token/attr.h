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
typedef guint64 CratonKinds;

#define CRATON_KIND(n) ((CratonKinds) 1 << (n))
#define CRATON_KIND_DATA CRATON_KIND (0)
#define CRATON_KIND_CERTIFICATE CRATON_KIND (1)
#define CRATON_KIND_RSA_PUBLIC CRATON_KIND (2)
#define CRATON_KIND_EC_PUBLIC CRATON_KIND (3)
#define CRATON_KIND_EDWARDS_PUBLIC CRATON_KIND (4)
#define CRATON_KIND_MONTGOMERY_PUBLIC CRATON_KIND (5)
#define CRATON_KIND_RSA_PRIVATE CRATON_KIND (6)
#define CRATON_KIND_EC_PRIVATE CRATON_KIND (7)
#define CRATON_KIND_EDWARDS_PRIVATE CRATON_KIND (8)
#define CRATON_KIND_MONTGOMERY_PRIVATE CRATON_KIND (9)
/* Keys of block ciphers but DES: AES, AES-XTS, Camellia. */
#define CRATON_KIND_AES CRATON_KIND (10)
#define CRATON_KIND_GENERIC CRATON_KIND (11)
#define CRATON_KIND_HMAC CRATON_KIND (12)
#define CRATON_KIND_DH_PUBLIC CRATON_KIND (13)
#define CRATON_KIND_DH_PRIVATE CRATON_KIND (14)
#define CRATON_KIND_DSA_PUBLIC CRATON_KIND (15)
#define CRATON_KIND_DSA_PRIVATE CRATON_KIND (16)
/* Keys whose length follows from their type: they have no CKA_VALUE_LEN. */
#define CRATON_KIND_DES CRATON_KIND (21)
#define CRATON_KIND_CHACHA CRATON_KIND (22)
/* Keys for one-time passwords, of the class CKO_OTP_KEY. */
#define CRATON_KIND_OTP CRATON_KIND (23)
#define CRATON_KIND_ML_KEM_PUBLIC CRATON_KIND (24)
#define CRATON_KIND_ML_KEM_PRIVATE CRATON_KIND (25)
#define CRATON_KIND_ML_DSA_PUBLIC CRATON_KIND (26)
#define CRATON_KIND_ML_DSA_PRIVATE CRATON_KIND (27)
#define CRATON_KIND_SLH_DSA_PUBLIC CRATON_KIND (28)
#define CRATON_KIND_SLH_DSA_PRIVATE CRATON_KIND (29)
#define CRATON_KIND_DSA_DOMAIN CRATON_KIND (30)
#define CRATON_KIND_DH_DOMAIN CRATON_KIND (31)
/* Built in, never made from a template (builtin.h). */
#define CRATON_KIND_PROFILE CRATON_KIND (32)
#define CRATON_KIND_MECHANISM CRATON_KIND (33)
#define CRATON_KIND_CLOCK CRATON_KIND (34)
#define CRATON_KIND_TRUST CRATON_KIND (36)

#define CRATON_KINDS_EC_PUBLIC \
	(CRATON_KIND_EC_PUBLIC | CRATON_KIND_EDWARDS_PUBLIC | CRATON_KIND_MONTGOMERY_PUBLIC)
#define CRATON_KINDS_EC_PRIVATE \
	(CRATON_KIND_EC_PRIVATE | CRATON_KIND_EDWARDS_PRIVATE | CRATON_KIND_MONTGOMERY_PRIVATE)
#define CRATON_KINDS_PQ_PUBLIC \
	(CRATON_KIND_ML_KEM_PUBLIC | CRATON_KIND_ML_DSA_PUBLIC | CRATON_KIND_SLH_DSA_PUBLIC)
#define CRATON_KINDS_PQ_PRIVATE \
	(CRATON_KIND_ML_KEM_PRIVATE | CRATON_KIND_ML_DSA_PRIVATE | CRATON_KIND_SLH_DSA_PRIVATE)
#define CRATON_KINDS_FFC_PUBLIC (CRATON_KIND_DH_PUBLIC | CRATON_KIND_DSA_PUBLIC)
#define CRATON_KINDS_FFC_PRIVATE (CRATON_KIND_DH_PRIVATE | CRATON_KIND_DSA_PRIVATE)
#define CRATON_KINDS_DOMAIN (CRATON_KIND_DH_DOMAIN | CRATON_KIND_DSA_DOMAIN)
#define CRATON_KINDS_PUBLIC                                                         \
	(CRATON_KIND_RSA_PUBLIC | CRATON_KINDS_EC_PUBLIC | CRATON_KINDS_PQ_PUBLIC | \
	 CRATON_KINDS_FFC_PUBLIC)
#define CRATON_KINDS_PRIVATE                                                           \
	(CRATON_KIND_RSA_PRIVATE | CRATON_KINDS_EC_PRIVATE | CRATON_KINDS_PQ_PRIVATE | \
	 CRATON_KINDS_FFC_PRIVATE)
#define CRATON_KINDS_CIPHER (CRATON_KIND_AES | CRATON_KIND_DES | CRATON_KIND_CHACHA)
#define CRATON_KINDS_SECRET (CRATON_KINDS_CIPHER | CRATON_KIND_GENERIC | CRATON_KIND_HMAC)
/* What has the attributes of a secret key, whatever its class. */
#define CRATON_KINDS_SYMMETRIC (CRATON_KINDS_SECRET | CRATON_KIND_OTP)
#define CRATON_KINDS_GUARDED (CRATON_KINDS_PRIVATE | CRATON_KINDS_SYMMETRIC)
#define CRATON_KINDS_KEY (CRATON_KINDS_PUBLIC | CRATON_KINDS_GUARDED)
#define CRATON_KINDS_BUILTIN (CRATON_KIND_PROFILE | CRATON_KIND_MECHANISM | CRATON_KIND_CLOCK)
#define CRATON_KINDS_ALL \
	(CRATON_KIND_DATA | CRATON_KIND_CERTIFICATE | CRATON_KIND_TRUST | CRATON_KINDS_KEY | \
	 CRATON_KINDS_DOMAIN)

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
	CratonKinds where;    /* the objects that have it */
	CratonKinds required; /* where it must come with the template or from the mechanism */
	CratonKinds modify;   /* 8, where C_SetAttributeValue and C_CopyObject may change it */
	guint rules;          /* CratonRule */
	CratonDefault fallback;
	CratonKinds yes; /* where a boolean is true by default */
} CratonAttr;

/* The row of @type, NULL for an attribute that the token does not know. */
const CratonAttr *craton_attr_find (CK_ATTRIBUTE_TYPE type);

/* Walks the table: row @index, NULL behind the last. */
const CratonAttr *craton_attr_nth (gsize index);

/* The kind of a class and its CKA_KEY_TYPE, CKA_CERTIFICATE_TYPE or CKA_HW_FEATURE_TYPE, 0 if the token holds no such
 * objects. */
CratonKinds craton_attr_kind (CK_OBJECT_CLASS klass, CK_ULONG type);

/* The class of keys of @type that are a value: CKO_SECRET_KEY or CKO_OTP_KEY. */
CK_OBJECT_CLASS craton_attr_symmetric_class (CK_KEY_TYPE type);

/* Returns: whether secret keys of @type may be @len bytes long. */
gboolean craton_attr_is_key_len (CK_KEY_TYPE type, gsize len);

/* Returns: the length of all secret keys of @type in bytes, or 0 if they are of several. */
gsize craton_attr_key_len (CK_KEY_TYPE type);

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
