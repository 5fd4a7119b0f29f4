/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects: an attribute table, immutable once published, counted. C_SetAttributeValue publishes a
 * changed copy, so an operation that holds a reference goes on with what it started with. Attribute
 * values here are in the clear; the store seals them. Implemented in object*.c; mech-*.c reads keys
 * and makes new ones through this header only.
 */
#ifndef CRATON_OBJECT_H
#define CRATON_OBJECT_H

#include <glib.h>
#include <openssl/evp.h>

#include "pkcs11.h"

typedef struct CratonObject CratonObject;
typedef struct CratonSession CratonSession;

CratonObject *craton_object_ref (CratonObject *object);
/* Frees with the last reference; sensitive values are wiped. NULL is accepted. */
void craton_object_unref (CratonObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonObject, craton_object_unref)

/* The value of an attribute, owned by @object, or NULL where it has none; an empty value is not
 * NULL. @ret_len in bytes, may be NULL. CKA_ALLOWED_MECHANISMS is an array of CK_MECHANISM_TYPE,
 * unaligned. */
const CK_BYTE *craton_object_get (const CratonObject *object, CK_ATTRIBUTE_TYPE type,
                                  gsize *ret_len);
/* A CK_BBOOL attribute; @fallback where it is absent. */
gboolean craton_object_get_bool (const CratonObject *object, CK_ATTRIBUTE_TYPE type,
                                 gboolean fallback);
/* A CK_ULONG attribute; @fallback where it is absent or of another length. */
CK_ULONG craton_object_get_ulong (const CratonObject *object, CK_ATTRIBUTE_TYPE type,
                                  CK_ULONG fallback);

/* Whether @object has every attribute of @holder's template array @type (CKA_WRAP_TEMPLATE) with
 * the value given there; TRUE where @holder has no such array. */
gboolean craton_object_matches_template (const CratonObject *object, const CratonObject *holder,
                                         CK_ATTRIBUTE_TYPE type);

/**
 * craton_object_pkey:
 * @object: an RSA, EC, EdDSA or Montgomery key, public or private
 * @ret_pkey: borrowed, lives as long as @object
 *
 * Parsed at the first call (by craton_mech_parse_key() in mech-key.c) and kept; thread-safe.
 *
 * Returns: CKR_OK; CKR_KEY_TYPE_INCONSISTENT; CKR_ATTRIBUTE_VALUE_INVALID if the stored numbers
 * make no key; CKR_HOST_MEMORY.
 */
CK_RV craton_object_pkey (CratonObject *object, EVP_PKEY **ret_pkey);

/**
 * craton_object_context:
 * @object: as craton_object_pkey()
 * @start: EVP_PKEY_sign_init() and the like
 * @ret_context: the caller's, free it with EVP_PKEY_CTX_free()
 *
 * A started context for this key. The first one for each @start is kept and copied; thread-safe.
 *
 * Returns: CKR_OK; the codes of craton_object_pkey(); CKR_FUNCTION_FAILED if libcrypto refuses the key.
 */
CK_RV craton_object_context (CratonObject *object, int (*start) (EVP_PKEY_CTX *context),
                             EVP_PKEY_CTX **ret_context);

/* Makes a context for messages that are signed or verified whole; NULL if libcrypto refuses the key. */
typedef EVP_MD_CTX *(*CratonMessageStart) (EVP_PKEY *pkey, gboolean verifies);

/**
 * craton_object_message_context:
 * @object: as craton_object_pkey()
 * @start: always the same for this kind of key
 * @ret_context: the caller's, free it with EVP_MD_CTX_free()
 *
 * As craton_object_context(), for algorithms that take the message whole.
 */
CK_RV craton_object_message_context (CratonObject *object, CratonMessageStart start, gboolean verifies,
                                     EVP_MD_CTX **ret_context);

/**
 * craton_object_new_key:
 * @session: in which the key is made
 * @template, @n_attrs: the caller's template, untrusted
 * @made, @n_made: what the mechanism made (CKA_CLASS, CKA_KEY_TYPE, CKA_VALUE or CKA_MODULUS ...);
 * the caller's template may repeat a made attribute with the same value (CKR_TEMPLATE_INCONSISTENT
 * otherwise)
 * @origin: how the key came to be; decides CKA_LOCAL, CKA_ALWAYS_SENSITIVE, CKA_NEVER_EXTRACTABLE,
 * CKA_KEY_GEN_MECHANISM
 * @mechanism: for CKA_KEY_GEN_MECHANISM
 * @base: for CRATON_ORIGIN_DERIVED and _UNWRAPPED: the base or the unwrapping key, its
 * CKA_DERIVE_TEMPLATE/CKA_UNWRAP_TEMPLATE and sensitivity are honoured; else NULL
 * @ret_handle: the new object's handle
 *
 * Checks the template (session state, read-only, private without login, unknown and missing
 * attributes), fills in the defaults and publishes the object, in the store if CKA_TOKEN is true.
 *
 * Returns: CKR_OK, or the code that PKCS#11 gives for what is wrong with the template, session or
 * token.
 */
typedef enum {
	CRATON_ORIGIN_GENERATED,
	CRATON_ORIGIN_DERIVED,
	CRATON_ORIGIN_UNWRAPPED,
	CRATON_ORIGIN_ENCAPSULATED, /* @base: the public key */
	CRATON_ORIGIN_DECAPSULATED, /* @base: the private key */
	CRATON_ORIGIN_PUBLIC_HALF,  /* of a private key; @mechanism: its own */
} CratonOrigin;

CK_RV craton_object_new_key (CratonSession *session, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                             const CK_ATTRIBUTE *made, CK_ULONG n_made, CratonOrigin origin,
                             CK_MECHANISM_TYPE mechanism, CratonObject *base,
                             CK_OBJECT_HANDLE *ret_handle);

/* A key to be made: the caller's template, untrusted, and what the mechanism made. */
typedef struct {
	const CK_ATTRIBUTE *template;
	CK_ULONG n_attrs;
	const CK_ATTRIBUTE *made;
	CK_ULONG n_made;
} CratonNewObject;

/**
 * craton_object_new_derived:
 * @objects: up to CRATON_SHELF_PUT_MAX keys or data objects
 * @base: its CKA_DERIVE_TEMPLATE is honoured
 * @always_sensitive, @never_extractable: of all the keys that they are derived from
 * @ret_failed: where a template was refused: which; NULL: not asked
 * @ret_handles: @n_objects of them
 *
 * As craton_object_new_key(): all or none are made.
 */
CK_RV craton_object_new_derived (CratonSession *session, const CratonNewObject *objects,
                                 guint n_objects, CratonObject *base, gboolean always_sensitive,
                                 gboolean never_extractable, guint *ret_failed,
                                 CK_OBJECT_HANDLE *ret_handles);

/* As above for a pair: both or none are made. */
CK_RV craton_object_new_pair (CratonSession *session, const CK_ATTRIBUTE *public_template,
                              CK_ULONG n_public, const CK_ATTRIBUTE *private_template,
                              CK_ULONG n_private, const CK_ATTRIBUTE *public_made,
                              CK_ULONG n_public_made, const CK_ATTRIBUTE *private_made,
                              CK_ULONG n_private_made, CK_MECHANISM_TYPE mechanism,
                              CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private);

#endif /* CRATON_OBJECT_H */
