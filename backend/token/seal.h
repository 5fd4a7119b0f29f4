/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The token key and what it does: it seals what the store keeps (AES-256-GCM), and is itself kept
 * wrapped under each PIN (scrypt, AES-256-GCM). No PIN is stored or compared: a wrong one does not
 * open the wrap.
 */
#ifndef CRATON_SEAL_H
#define CRATON_SEAL_H

#include <glib.h>

#include "pkcs11.h"

#define CRATON_SEAL_EPOCH_LEN 16 /* names one initialisation of a token */
#define CRATON_SEAL_UID_LEN 16   /* names an object: CKA_UNIQUE_ID is made from it */
#define CRATON_SEAL_MAC_LEN 32
#define CRATON_SEAL_WRAP_LEN \
	83 /* a token key under a PIN, with all that is needed to open it but the PIN */
#define CRATON_SEAL_EXTRA 28 /* a sealed value is longer than the value by this: nonce and tag */

typedef struct CratonSealKey CratonSealKey;

typedef enum {
	CRATON_PIN_SO,
	CRATON_PIN_USER,
	CRATON_N_PINS
} CratonPinRole;

/* Makes a token key. Returns: CKR_OK; CKR_HOST_MEMORY; CKR_DEVICE_ERROR or CKR_RANDOM_NO_RNG from
 * the generator. */
CK_RV craton_seal_key_new (CratonSealKey **ret_key);
CratonSealKey *craton_seal_key_ref (CratonSealKey *key);
/* Wipes with the last reference. NULL is accepted. */
void craton_seal_key_unref (CratonSealKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonSealKey, craton_seal_key_unref)

/**
 * craton_seal_wrap:
 * @epoch: CRATON_SEAL_EPOCH_LEN bytes
 * @role: with @epoch bound to the wrap, which opens for no other
 * @cost: log2 of scrypt's N
 * @ret_wrap: CRATON_SEAL_WRAP_LEN bytes
 *
 * Slow, as it is meant to be; hold no lock.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_DEVICE_ERROR.
 */
CK_RV craton_seal_wrap (const CratonSealKey *key, const guint8 *epoch, CratonPinRole role,
                        const CK_BYTE *pin, gsize pin_len, guint cost, guint8 *ret_wrap);

/* The way back. Returns: CKR_OK; CKR_PIN_INCORRECT; CKR_HOST_MEMORY; CKR_DEVICE_ERROR if this is no
 * wrap of ours. */
CK_RV craton_seal_unwrap (const guint8 *wrap, const guint8 *epoch, CratonPinRole role,
                          const CK_BYTE *pin, gsize pin_len, CratonSealKey **ret_key);

/**
 * craton_seal_rewrap:
 * @old: the wrap that the PIN has opened
 *
 * As craton_seal_wrap(), for the same PIN as @old: craton_seal_is_same_pin() says so.
 */
CK_RV craton_seal_rewrap (const CratonSealKey *key, const guint8 *old, const guint8 *epoch,
                          CratonPinRole role, const CK_BYTE *pin, gsize pin_len, guint cost,
                          guint8 *ret_wrap);

/* log2 of scrypt's N in @wrap. */
guint craton_seal_cost (const guint8 *wrap);

/* Whether the two are wraps for one PIN, set once, whatever they cost. */
gboolean craton_seal_is_same_pin (const guint8 *wrap, const guint8 *other);

/**
 * craton_seal_close:
 * @uid: the object, CRATON_SEAL_UID_LEN bytes
 * @label: what of it this is, an attribute's type; with @uid bound to the sealed value
 * @out: the sealed value is appended: @in_len + CRATON_SEAL_EXTRA bytes
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_DEVICE_ERROR.
 */
CK_RV craton_seal_close (const CratonSealKey *key, const guint8 *uid, guint64 label,
                         const guint8 *in, gsize in_len, GByteArray *out);

/* The way back: appends to @out, which the caller wipes. Returns: CKR_OK; CKR_DEVICE_ERROR if it
 * was changed, or sealed for another place or under another key; CKR_HOST_MEMORY. */
CK_RV craton_seal_open (const CratonSealKey *key, const guint8 *uid, guint64 label,
                        const guint8 *in, gsize in_len, GByteArray *out);

/* HMAC-SHA-256 of @head and @body, which have no border between them, under a key made from the token
 * key, CRATON_SEAL_MAC_LEN bytes. Returns: CKR_OK; CKR_DEVICE_ERROR. */
CK_RV craton_seal_mac (const CratonSealKey *key, const guint8 *head, gsize head_len,
                       const guint8 *body, gsize body_len, guint8 *ret_mac);

/**
 * craton_seal_tag:
 * @key: for private objects: without it nobody can tell from the store what a value is; NULL for
 * public ones
 *
 * A short name for the value of an attribute, by which the store finds it. Two values may share
 * one.
 *
 * Returns: CKR_OK; CKR_DEVICE_ERROR.
 */
CK_RV craton_seal_tag (const CratonSealKey *key, CK_ATTRIBUTE_TYPE type, const guint8 *value,
                       gsize value_len, gint64 *ret_tag);

#endif /* CRATON_SEAL_H */
