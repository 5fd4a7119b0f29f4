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
#define CRATON_STORE_LINE_LEN 16
#define CRATON_STORE_ROOT (-1) /* the first page of the ledger */

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
	guint64 changes; /* how many changes were committed: it only grows, as long as the serial number is the same */
	guint8 line[CRATON_STORE_LINE_LEN]; /* new with each restore: what was known of the token before does not hold */
} CratonStoreToken;

typedef struct {
	gint64 id;       /* of craton_store_next_id(), never twice */
	gint64 revision; /* one more after each change, from 1 */
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

/* An object as a survey sees it. */
typedef struct {
	gint64 id;
	gint64 revision;
	gboolean has_mac;
} CratonStoreRow;

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
 * Makes a store with this token, this first page of the ledger and no objects: whole, or not at all.
 *
 * Returns: CKR_OK; CKR_TOKEN_NOT_RECOGNIZED if somebody else made one meanwhile, which is left as
 * it is.
 */
CK_RV craton_store_create (const char *directory, const CratonStoreToken *token, GBytes *root);

/* Whether the directory or the file can only be read. */
gboolean craton_store_is_read_only (CratonStore *store);

/* What lies in memory that all users of the store share, and is another with each commit. */
typedef struct {
	guint64 words[12];
} CratonStoreMark;

/* Returns: FALSE where a store cannot be marked: where it can only be read. */
gboolean craton_store_mark (CratonStore *store, CratonStoreMark *ret_mark);
/* Whether nobody has committed anything since the mark was taken. No system call, no lock: says nothing of whether the store is
 * still the one at its path. */
gboolean craton_store_is_marked (CratonStore *store, const CratonStoreMark *mark);

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

/* Whether the store finds the object by its class and by each of its tags. */
CK_RV craton_store_is_found (CratonStore *store, const CratonStoreObject *object, gboolean *ret_found);

/* A page of the ledger (ledger.h), whose bytes mean nothing to the store; NULL if there is none. */
CK_RV craton_store_read_page (CratonStore *store, gint64 number, GBytes **ret_page);

/**
 * craton_store_survey:
 * @rows: of CratonStoreRow, each object is appended, in the order of their ids
 * @pages: of the ledger: pointers to gint64 and to GBytes, both owned by the table
 *
 * What the store has, all of one moment.
 */
CK_RV craton_store_survey (CratonStore *store, GArray *rows, GHashTable *pages);

/**
 * craton_store_begin:
 *
 * Starts a change: what is done with it is seen by others, and survives a crash, after
 * craton_store_commit() and not before. One change at a time: others wait. CKR_DEVICE_REMOVED also if the store was replaced
 * while it waited.
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
/* Writes the token, its PINs and the first page of its ledger, and deletes everything else. */
CK_RV craton_store_reset (CratonStoreChange *change, const CratonStoreToken *token, GBytes *root);

/* As craton_store_read_page(), as this change finds it. */
CK_RV craton_store_get_page (CratonStoreChange *change, gint64 number, GBytes **ret_page);
/* NULL deletes the page. */
CK_RV craton_store_set_page (CratonStoreChange *change, gint64 number, GBytes *page);

/* What the id of a new object has to be. */
CK_RV craton_store_next_id (CratonStoreChange *change, gint64 *ret_id);
CK_RV craton_store_insert (CratonStoreChange *change, const CratonStoreObject *object);
/* @object's revision is the one that it gets. Returns also: CKR_OBJECT_HANDLE_INVALID if the object
 * is gone or has another revision than the one before. */
CK_RV craton_store_update (CratonStoreChange *change, const CratonStoreObject *object);
/* Returns also: CKR_OBJECT_HANDLE_INVALID if the object is gone; CKR_USER_NOT_LOGGED_IN if it has a
 * MAC and @with_mac_too is FALSE. */
CK_RV craton_store_delete (CratonStoreChange *change, gint64 id, gboolean with_mac_too);

/**
 * craton_store_snapshot:
 * @ret_token: as it is in the copy
 * @ret_image: the copy, for craton_store_replace(); what is sealed in the store is sealed in it
 *
 * Copies the store as it is at one moment, whoever writes meanwhile, and checks that it is whole: of a damaged store there is
 * no copy.
 */
CK_RV craton_store_snapshot (CratonStore *store, CratonStoreToken *ret_token, GBytes **ret_image);

/**
 * craton_store_replace:
 * @directory: exists; a store that is there is lost
 * @image: not trusted to be whole, but to be made by craton_store_snapshot()
 * @least_changes: the store counts on from here if that is more than the image's count
 * @line: CRATON_STORE_LINE_LEN random bytes
 *
 * Puts a copy in place. Whoever has the store open gets CKR_DEVICE_REMOVED. Hold a change of the old store meanwhile, if
 * it can be had, and commit it afterwards: then no change of anybody else is lost after it was acknowledged, and the old store's
 * users, who see the commit, look at its path at once. If the machine dies at the moment in which the
 * old store is gone and the new one has no name yet, there is none: call it again.
 *
 * Returns: CKR_OK; CKR_TOKEN_NOT_RECOGNIZED if somebody else made a store in this moment.
 */
CK_RV craton_store_replace (const char *directory, GBytes *image, guint64 least_changes, const guint8 *line);

/* When the store was written to last, in seconds since 1970; 0 if there is none. */
gint64 craton_store_changed_at (const char *directory);

/* After a PIN has changed: what it was wrapped with before is not to be found in the files any
 * more. Best effort. */
void craton_store_scrub (CratonStore *store);

#endif /* CRATON_STORE_H */
