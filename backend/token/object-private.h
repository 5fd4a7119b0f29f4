/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The inside of an object, for the files of the token's core. Mechanisms see object.h only.
 */
#ifndef CRATON_OBJECT_PRIVATE_H
#define CRATON_OBJECT_PRIVATE_H

#include <pthread.h>

#include "attr.h"
#include "object.h"
#include "seal.h"

/* A private key signs and decrypts, a public one verifies, encrypts and recovers. */
#define CRATON_OBJECT_CONTEXTS 3

struct CratonObject {
	gint refs;
	CK_ATTRIBUTE *values; /* sorted by type, each once; the bytes are in arena */
	gsize n_values;
	CK_BYTE *arena;
	gsize arena_len;
	CratonKinds kind; /* one of them */

	/* From the store, for a token object. */
	gint64 id;
	gint64 revision;
	gboolean has_mac; /* written by somebody who was logged in */
	/* Nobody was logged in when it was read: its key values stayed sealed and are missing here.
	 */
	gboolean locked;

	pthread_mutex_t parse_lock;
	gboolean parsed;
	CK_RV parse_rv;
	EVP_PKEY *pkey;
	/* Started and never used: operations begin with a copy, for which libcrypto fetches nothing by name. */
	struct {
		int (*start) (EVP_PKEY_CTX *context);
		EVP_PKEY_CTX *context;
	} contexts[CRATON_OBJECT_CONTEXTS];
	EVP_MD_CTX *messages[2]; /* the same for messages that are signed whole, and verified */
};

/**
 * craton_object_new:
 * @values: in the token's form, copied; no type twice
 *
 * Returns: an unpublished object, or NULL if there is no memory for it.
 */
CratonObject *craton_object_new (const CK_ATTRIBUTE *values, gsize n_values);

/* The value itself, NULL where the object has none. */
const CK_ATTRIBUTE *craton_object_find (const CratonObject *object, CK_ATTRIBUTE_TYPE type);

/* Whether CKA_SENSITIVE or CKA_EXTRACTABLE forbid to show the values of the key. */
gboolean craton_object_is_guarded (const CratonObject *object);

/* CKA_UNIQUE_ID as the bytes that it is made from, CRATON_SEAL_UID_LEN of them. */
void craton_object_uid (const CratonObject *object, guint8 *ret_uid);

/**
 * craton_object_matches:
 * @template: the client's, untrusted, as to C_FindObjectsInit
 *
 * Whether every attribute is there with this value, byte for byte. A value that may not be shown
 * matches nothing: it could be guessed otherwise.
 */
gboolean craton_object_matches (const CratonObject *object, const CK_ATTRIBUTE *template,
                                CK_ULONG n_attrs);

/* Lets the unpublished @to have the parsed key of @from, which is made of the same numbers. */
void craton_object_share_pkey (CratonObject *from, CratonObject *to);

/* In mech-key.c: parses an RSA, EC, EdDSA or Montgomery key; errors as craton_object_pkey(). */
CK_RV craton_mech_parse_key (const CratonObject *object, EVP_PKEY **ret_pkey);

#endif /* CRATON_OBJECT_PRIVATE_H */
