/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the token keeps between calls: slots, sessions and the handles of objects, all under one
 * lock that is held for a few lookups and never while something is computed, read or written. The
 * other locks, in the order in which they are taken: a session's, a slot's, the store's own, this
 * one, a shelf of sessions'. A call that only uses a session takes that one and the session's, so
 * that calls on two sessions share nothing that is written (docs/decisions/0039).
 */
#ifndef CRATON_TABLE_H
#define CRATON_TABLE_H

#include <glib.h>
#include <pthread.h>

#include "object-private.h"
#include "seal.h"
#include "session.h"
#include "store.h"
#include "token.h"

#define CRATON_SESSIONS_MAX 16384
#define CRATON_SESSION_SHELVES 16
#define CRATON_SESSION_OBJECTS_MAX 100000
#define CRATON_SESSION_OBJECTS_LEN_MAX \
	(256 * 1024 * 1024)    /* bytes in the values of all session objects */
#define CRATON_CACHE_MAX 20000 /* token objects that are kept in memory, per slot */

typedef enum {
	CRATON_LOGIN_NONE,
	CRATON_LOGIN_USER,
	CRATON_LOGIN_SO,
} CratonLogin;

typedef struct {
	CK_SLOT_ID id;
	CratonTokenConfig config; /* owned */

	/* Held while the store is opened or looked at; guards the next six. */
	pthread_mutex_t io;
	int lock_fd;        /* the flock, -1 while there is none */
	CratonStore *store; /* NULL until it is needed, and while there is none */
	gboolean seen;      /* version is of this store */
	guint64 version;    /* of the store when it was last looked at */
	gboolean blocked;   /* the log has heard that another process has the lock */
	gint said;          /* and what else, see craton_store_open() */
	gint n_closed;      /* atomic: how often a store was closed here, see craton_slot_glance() */

	/* The rest is guarded by the table's lock. */
	gboolean initialized; /* there is a token, as below */
	gboolean read_only;
	CratonStoreToken token;
	guint64 stamp;                 /* one more each time that the store has changed */
	guint failures[CRATON_N_PINS]; /* wrong tries that a read-only store could not count */

	gint login; /* CratonLogin; changed under the lock by craton_table_set_login(), read without it */
	CratonSealKey *key;                      /* while somebody is logged in */
	guint8 login_wrap[CRATON_SEAL_WRAP_LEN]; /* of the PIN of the login: another one there ends
	                                            it */
	GHashTable *faults; /* ids of objects that the login has found to be changed, see ledger.h */

	guint n_sessions;
	guint n_read_only_sessions;

	GHashTable *by_id;  /* token objects: id of the store to CratonEntry */
	GHashTable *loose;  /* session objects: a set of CratonEntry */
	GHashTable *by_tag; /* session objects: tag to an array of CratonEntry */
	guint n_cached;
} CratonSlot;

/* An object that has a handle. */
typedef struct {
	CK_OBJECT_HANDLE handle;
	CratonSlot *slot;
	CK_SESSION_HANDLE session; /* that it goes with, 0 for a token object */
	gint64 id;                 /* in the store */
	gboolean is_private;
	CratonObject *object; /* NULL while it is only in the store */
	guint64 stamp;        /* of the slot when the store last said that object is what it has */
	guint n_tags;
	gint64 tags[CRATON_STORE_TAGS_MAX];
} CratonEntry;

/* What a session saw of its store when it last looked at it, see craton_slot_glance(). */
typedef struct {
	CratonStore *store; /* counted, NULL if it has not looked yet */
	CratonStoreMark mark;
	gint n_closed; /* of the slot */
	gint64 tick;
} CratonGlance;

struct CratonSession {
	gint refs;
	CK_SESSION_HANDLE handle;
	CratonSlot *slot;
	CK_FLAGS flags;
	gint closed; /* atomic; set under the table's lock */
	guint ends; /* atomic: the operations that have to go, as session.c's bits */

	pthread_mutex_t lock; /* from craton_session_acquire() to craton_session_release(); guards
	                         the rest */
	CratonGlance glance;
	CratonOp *ops[CRATON_OP_KINDS];
	GArray *found; /* of CK_OBJECT_HANDLE; NULL while no search is active */
	guint n_given; /* of them */
};

/* Some of the sessions: in tables of their own, so that their users do not meet. Changed with both locks held, the table's and
 * this one; either is enough to read. */
typedef struct {
	_Alignas (64) pthread_mutex_t lock;
	GHashTable *sessions; /* handle to CratonSession */
} CratonSessionShelf;

typedef struct {
	pthread_mutex_t lock;
	pthread_cond_t finalized;
	gint initialized; /* atomic; changed under the lock */
	guint generation; /* one more with each C_Initialize */
	CratonSlot *slots;
	gsize n_slots;
	CratonSessionShelf shelves[CRATON_SESSION_SHELVES];
	guint n_sessions;
	GHashTable *objects;  /* handle to CratonEntry, owned */
	CK_ULONG last_session;
	CK_ULONG last_object;
	gsize session_objects_len;
	guint n_session_objects;
} CratonTable;

/* Drops a reference; the last frees. In session.c. */
void craton_session_unref (CratonSession *session);
/* Ends the session's operations with private keys, now or when the call in progress returns. In
 * session.c. */
void craton_session_purge (CratonSession *session);

/* The one there is. Its slots are made by craton_token_configure() and stay. */
extern CratonTable craton_table;

void craton_table_lock (void);
void craton_table_unlock (void);

/**
 * craton_table_use_session:
 * @ret_session: counted
 *
 * To be called without the table's lock.
 *
 * Returns: CKR_OK; CKR_CRYPTOKI_NOT_INITIALIZED; CKR_SESSION_HANDLE_INVALID.
 */
CK_RV craton_table_use_session (CK_SESSION_HANDLE handle, CratonSession **ret_session);

/* All that follows is called under the lock. */

/* Makes the tables, at C_Initialize; drops all that is in them, at C_Finalize. */
void craton_table_start (void);
void craton_table_stop (void);

/* The session, or NULL. */
CratonSession *craton_table_session (CK_SESSION_HANDLE handle);
/* Puts a session in. */
void craton_table_add_session (CratonSession *session);

void craton_table_set_login (CratonSlot *slot, CratonLogin login);

/* NULL if there is no such slot. */
CratonSlot *craton_table_slot (CK_SLOT_ID id);

/**
 * craton_table_add_session_object:
 * @tags: of craton_record_tags(), without a key
 *
 * Returns: CKR_OK; CKR_SESSION_CLOSED if the session was closed meanwhile; CKR_DEVICE_MEMORY at the
 * limits.
 */
CK_RV craton_table_add_session_object (CratonSession *session, CratonObject *object,
                                       const gint64 *tags, guint n_tags,
                                       CK_OBJECT_HANDLE *ret_handle);

/* The session object @entry is @object from now on. Returns: CKR_OK; CKR_DEVICE_MEMORY at the
 * limits. */
CK_RV craton_table_change_session_object (CratonEntry *entry, CratonObject *object,
                                          const gint64 *tags, guint n_tags);

/* The entry of a token object, made if it has none yet. */
CratonEntry *craton_table_token_object (CratonSlot *slot, gint64 id, gboolean is_private);

/* The entry, or NULL if there is none that sessions of @slot may see now. */
CratonEntry *craton_table_object (CratonSlot *slot, CK_OBJECT_HANDLE handle);

/* Keeps @object (may be NULL) as what the entry is. */
void craton_table_cache (CratonEntry *entry, CratonObject *object, guint64 stamp);

void craton_table_remove (CratonEntry *entry);

/* Takes the session out of the tables, with its objects; the last of its slot ends the login. */
void craton_table_close_session (CratonSession *session);
/* The same for all sessions with the token. */
void craton_table_close_sessions_of (CratonSlot *slot);

/* Ends the login of @slot: the key is forgotten, private objects lose their handles, operations
 * with private keys end. */
void craton_table_logout (CratonSlot *slot);

/* Notes what the store of @slot says now, NULL for no token: another initialisation takes all
 * objects and the login, another PIN the login. */
void craton_table_note_token (CratonSlot *slot, const CratonStoreToken *token, gboolean read_only);

#endif /* CRATON_TABLE_H */
