/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where a token lies: one record for the token, two for its PINs, one for each object. The store
 * keeps bytes and finds them; it sees no key and no value that is secret. Engines are files of
 * their own (store-sqlite.c); nothing else knows how they work. A store may be used by many
 * threads, and by many processes at once: each sees what the others have committed.
 *
 * All functions return, besides what is named with them: CKR_DEVICE_ERROR if the store is damaged
 * or cannot be read, CKR_DEVICE_MEMORY if its disk is full, CKR_HOST_MEMORY,
 * CKR_TOKEN_WRITE_PROTECTED, CKR_FUNCTION_FAILED if another process holds it for too long; each
 * with a line in the log. CKR_DEVICE_REMOVED says that this is no longer the store at its path (it
 * was deleted or replaced): close it and open it again.
 */
#ifndef CRATON_STORE_H
#define CRATON_STORE_H

#include <glib.h>

#include "pkcs11.h"
#include "seal.h"

#define CRATON_STORE_TAGS_MAX 16
#define CRATON_STORE_LABEL_LEN 32
#define CRATON_STORE_SERIAL_LEN 16

typedef struct CratonStore CratonStore;
typedef struct CratonStoreChange CratonStoreChange;

typedef struct {
	gboolean set;
	guint failures; /* wrong tries since the last right one */
	guint8 wrap[CRATON_SEAL_WRAP_LEN];
} CratonStorePin;

typedef struct {
	guint8 epoch[CRATON_SEAL_EPOCH_LEN]; /* new with each initialisation */
	CK_UTF8CHAR label[CRATON_STORE_LABEL_LEN];
	CK_CHAR serial[CRATON_STORE_SERIAL_LEN];
	CratonStorePin pins[CRATON_N_PINS];
} CratonStoreToken;

typedef struct {
	gint64 id;       /* given by the store, never twice */
	gint64 revision; /* another one after each change */
	guint8 uid[CRATON_SEAL_UID_LEN];
	CK_OBJECT_CLASS klass;
	gboolean is_private;
	GBytes *body;
	gboolean has_mac; /* written by somebody who was logged in */
	guint8 mac[CRATON_SEAL_MAC_LEN];
	guint n_tags; /* written, not read back */
	gint64 tags[CRATON_STORE_TAGS_MAX];
} CratonStoreObject;

/* Drops what @object holds. */
void craton_store_object_clear (CratonStoreObject *object);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CratonStoreObject, craton_store_object_clear)

/* Which objects to find. */
typedef struct {
	gboolean private_too;
	CK_OBJECT_CLASS klass; /* CK_UNAVAILABLE_INFORMATION: all */
	guint n_tags;          /* one of them is enough; 0: do not ask */
	gint64 tags[2];
} CratonStoreQuery;

typedef struct {
	gint64 id;
	gboolean is_private;
} CratonStoreHit;

/* The file that holds the store of @directory, for log lines. */
char *craton_store_path (const char *directory);

/**
 * craton_store_open:
 * @directory: may be missing
 * @inout_told: 0 at first: what the log was told when this failed, so that it is not told again
 * each time
 * @ret_store: counted; closed with the last reference
 *
 * Returns: CKR_OK; CKR_TOKEN_NOT_PRESENT, without a line in the log, if nothing is there.
 */
CK_RV craton_store_open (const char *directory, gint *inout_told, CratonStore **ret_store);
CratonStore *craton_store_ref (CratonStore *store);
void craton_store_unref (CratonStore *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonStore, craton_store_unref)

/**
 * craton_store_create:
 * @directory: exists
 *
 * Makes a store with this token and no objects: whole, or not at all.
 *
 * Returns: CKR_OK; CKR_TOKEN_NOT_RECOGNIZED if somebody else made one meanwhile, which is left as
 * it is.
 */
CK_RV craton_store_create (const char *directory, const CratonStoreToken *token);

/* Whether the directory or the file can only be read. */
gboolean craton_store_is_read_only (CratonStore *store);

/* A number that is another one after each change, whoever made it. Cheap. */
CK_RV craton_store_version (CratonStore *store, guint64 *ret_version);

CK_RV craton_store_read_token (CratonStore *store, CratonStoreToken *ret_token);

/* Appends to @hits, an array of CratonStoreHit, oldest first. */
CK_RV craton_store_find (CratonStore *store, const CratonStoreQuery *query, GArray *hits);

/**
 * craton_store_load:
 * @known: the revision that the caller has, 0 for none
 * @ret_object: all but the tags; where the revision is @known only that
 *
 * Returns: CKR_OK; CKR_OBJECT_HANDLE_INVALID if there is no such object.
 */
CK_RV craton_store_load (CratonStore *store, gint64 id, gint64 known,
                         CratonStoreObject *ret_object);

/**
 * craton_store_begin:
 *
 * Starts a change: what is done with it is seen by others, and survives a crash, after
 * craton_store_commit() and not before. One change at a time: others wait.
 */
CK_RV craton_store_begin (CratonStore *store, CratonStoreChange **ret_change);
/* Ends the change, whatever it returns. */
CK_RV craton_store_commit (CratonStoreChange *change);
/* Forgets the change. NULL is accepted. */
void craton_store_rollback (CratonStoreChange *change);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonStoreChange, craton_store_rollback)

/* The token as this change finds it. */
CK_RV craton_store_get_token (CratonStoreChange *change, CratonStoreToken *ret_token);
CK_RV craton_store_set_pin (CratonStoreChange *change, CratonPinRole role,
                            const CratonStorePin *pin);
/* Writes the token and its PINs and deletes every object. */
CK_RV craton_store_reset (CratonStoreChange *change, const CratonStoreToken *token);

/* Sets @object's id and revision. */
CK_RV craton_store_insert (CratonStoreChange *change, CratonStoreObject *object);
/* Returns also: CKR_OBJECT_HANDLE_INVALID if the object is gone or has another revision; else
 * @object gets its new one. */
CK_RV craton_store_update (CratonStoreChange *change, CratonStoreObject *object);
/* Returns also: CKR_OBJECT_HANDLE_INVALID if the object is gone. */
CK_RV craton_store_delete (CratonStoreChange *change, gint64 id);

/* After a PIN has changed: what it was wrapped with before is not to be found in the files any
 * more. Best effort. */
void craton_store_scrub (CratonStore *store);

#endif /* CRATON_STORE_H */
