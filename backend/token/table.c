/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The tables, see table.h. Called by slot.c, session.c, pin.c and shelf.c; every function here runs
 * under the table's lock and returns at once.
 */
#include "config.h"

#include "table.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "record.h"

/* Whoever waits for these looks for a moment first: they are held for less than a sleep takes. */
CratonTable craton_table = {
	.lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP,
	.finalized = PTHREAD_COND_INITIALIZER,
	.shelves = { [0 ... CRATON_SESSION_SHELVES - 1] = { .lock = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP } },
};

void
craton_table_lock (void)
{
	pthread_mutex_lock (&craton_table.lock);
}

void
craton_table_unlock (void)
{
	pthread_mutex_unlock (&craton_table.lock);
}

/* Handles are given one after the other. */
static CratonSessionShelf *
shelf_of (CK_SESSION_HANDLE handle)
{
	return &craton_table.shelves[handle % CRATON_SESSION_SHELVES];
}

CK_RV
craton_table_use_session (CK_SESSION_HANDLE handle, CratonSession **ret_session)
{
	CratonSessionShelf *shelf = shelf_of (handle);
	CratonSession *session = NULL;

	pthread_mutex_lock (&shelf->lock);
	if (shelf->sessions != NULL)
		session = g_hash_table_lookup (shelf->sessions, &handle);
	if (session != NULL)
		g_atomic_int_inc (&session->refs);
	pthread_mutex_unlock (&shelf->lock);
	if (session == NULL)
		return g_atomic_int_get (&craton_table.initialized) ? CKR_SESSION_HANDLE_INVALID
		                                                    : CKR_CRYPTOKI_NOT_INITIALIZED;
	*ret_session = session;
	return CKR_OK;
}

CratonSession *
craton_table_session (CK_SESSION_HANDLE handle)
{
	return g_hash_table_lookup (shelf_of (handle)->sessions, &handle);
}

void
craton_table_add_session (CratonSession *session)
{
	CratonSessionShelf *shelf = shelf_of (session->handle);

	pthread_mutex_lock (&shelf->lock);
	g_hash_table_insert (shelf->sessions, &session->handle, session);
	pthread_mutex_unlock (&shelf->lock);
	craton_table.n_sessions++;
}

static void
take_session_out (CratonSession *session)
{
	CratonSessionShelf *shelf = shelf_of (session->handle);

	pthread_mutex_lock (&shelf->lock);
	g_hash_table_remove (shelf->sessions, &session->handle);
	pthread_mutex_unlock (&shelf->lock);
	craton_table.n_sessions--;
}

void
craton_table_set_login (CratonSlot *slot, CratonLogin login)
{
	g_atomic_int_set (&slot->login, (gint) login);
}

static guint
hash_ulong (gconstpointer key)
{
	CK_ULONG number = *(const CK_ULONG *) key;

	return (guint) (number ^ number >> 31);
}

static gboolean
equal_ulong (gconstpointer a, gconstpointer b)
{
	return *(const CK_ULONG *) a == *(const CK_ULONG *) b;
}

static void
free_entry (gpointer data)
{
	CratonEntry *entry = data;

	craton_object_unref (entry->object);
	g_free (entry);
}

static void
start_slot (CratonSlot *slot)
{
	slot->by_id = g_hash_table_new (g_int64_hash, g_int64_equal);
	slot->loose = g_hash_table_new (NULL, NULL);
	slot->by_tag = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
	                                      (GDestroyNotify) g_ptr_array_unref);
}

static void
stop_slot (CratonSlot *slot)
{
	g_clear_pointer (&slot->by_id, g_hash_table_unref);
	g_clear_pointer (&slot->loose, g_hash_table_unref);
	g_clear_pointer (&slot->by_tag, g_hash_table_unref);
	slot->n_cached = 0;
	slot->initialized = FALSE;
}

void
craton_table_start (void)
{
	for (gsize i = 0; i < CRATON_SESSION_SHELVES; i++) {
		CratonSessionShelf *shelf = &craton_table.shelves[i];

		pthread_mutex_lock (&shelf->lock);
		shelf->sessions = g_hash_table_new (hash_ulong, equal_ulong);
		pthread_mutex_unlock (&shelf->lock);
	}
	craton_table.objects = g_hash_table_new_full (hash_ulong, equal_ulong, NULL, free_entry);
	for (gsize i = 0; i < craton_table.n_slots; i++)
		start_slot (&craton_table.slots[i]);
	g_atomic_int_set (&craton_table.initialized, TRUE);
	craton_table.generation++;
}

void
craton_table_close_sessions_of (CratonSlot *slot)
{
	for (gsize i = 0; i < CRATON_SESSION_SHELVES; i++) {
		g_autoptr (GList) sessions = g_hash_table_get_values (craton_table.shelves[i].sessions);

		for (GList *at = sessions; at != NULL; at = at->next) {
			CratonSession *session = at->data;

			if (session->slot == slot)
				craton_table_close_session (session);
		}
	}
}

void
craton_table_stop (void)
{
	for (gsize i = 0; i < craton_table.n_slots; i++)
		craton_table_close_sessions_of (&craton_table.slots[i]);
	for (gsize i = 0; i < craton_table.n_slots; i++)
		stop_slot (&craton_table.slots[i]);
	g_clear_pointer (&craton_table.objects, g_hash_table_unref);
	for (gsize i = 0; i < CRATON_SESSION_SHELVES; i++) {
		CratonSessionShelf *shelf = &craton_table.shelves[i];

		pthread_mutex_lock (&shelf->lock);
		g_clear_pointer (&shelf->sessions, g_hash_table_unref);
		pthread_mutex_unlock (&shelf->lock);
	}
	craton_table.session_objects_len = 0;
	craton_table.n_session_objects = 0;
	g_atomic_int_set (&craton_table.initialized, FALSE);
	pthread_cond_broadcast (&craton_table.finalized);
}

CratonSlot *
craton_table_slot (CK_SLOT_ID id)
{
	return id < craton_table.n_slots ? &craton_table.slots[id] : NULL;
}

static CratonEntry *
new_entry (CratonSlot *slot, gboolean is_private)
{
	CratonEntry *entry = g_new0 (CratonEntry, 1);

	entry->handle = ++craton_table.last_object;
	entry->slot = slot;
	entry->is_private = is_private;
	g_hash_table_insert (craton_table.objects, &entry->handle, entry);
	return entry;
}

static void
add_tags (CratonEntry *entry)
{
	for (guint i = 0; i < entry->n_tags; i++) {
		GPtrArray *entries = g_hash_table_lookup (entry->slot->by_tag, &entry->tags[i]);

		if (entries == NULL) {
			entries = g_ptr_array_new ();
			g_hash_table_insert (entry->slot->by_tag,
			                     g_memdup2 (&entry->tags[i], sizeof (gint64)), entries);
		}
		g_ptr_array_add (entries, entry);
	}
}

static void
remove_tags (CratonEntry *entry)
{
	for (guint i = 0; i < entry->n_tags; i++) {
		GPtrArray *entries = g_hash_table_lookup (entry->slot->by_tag, &entry->tags[i]);

		if (entries == NULL)
			continue;
		g_ptr_array_remove_fast (entries, entry);
		if (entries->len == 0)
			g_hash_table_remove (entry->slot->by_tag, &entry->tags[i]);
	}
	entry->n_tags = 0;
}

/* A session object becomes @object, with its tags. */
static void
fill_session_entry (CratonEntry *entry, CratonObject *object, const gint64 *tags, guint n_tags)
{
	craton_table.session_objects_len += object->arena_len;
	if (entry->object != NULL)
		craton_table.session_objects_len -= entry->object->arena_len;
	remove_tags (entry);
	memcpy (entry->tags, tags, n_tags * sizeof *tags);
	entry->n_tags = n_tags;
	add_tags (entry);
	craton_object_unref (entry->object);
	entry->object = craton_object_ref (object);
}

CK_RV
craton_table_add_session_object (CratonSession *session, CratonObject *object, const gint64 *tags,
                                 guint n_tags, CK_OBJECT_HANDLE *ret_handle)
{
	CratonEntry *entry;

	if (session->closed)
		return CKR_SESSION_CLOSED;
	if (craton_table.n_session_objects >= CRATON_SESSION_OBJECTS_MAX ||
	    craton_table.session_objects_len + object->arena_len > CRATON_SESSION_OBJECTS_LEN_MAX)
		return CKR_DEVICE_MEMORY;
	entry = new_entry (session->slot, craton_object_get_bool (object, CKA_PRIVATE, TRUE));
	entry->session = session->handle;
	fill_session_entry (entry, object, tags, n_tags);
	craton_table.n_session_objects++;
	g_hash_table_add (session->slot->loose, entry);
	*ret_handle = entry->handle;
	return CKR_OK;
}

CK_RV
craton_table_change_session_object (CratonEntry *entry, CratonObject *object, const gint64 *tags,
                                    guint n_tags)
{
	if (craton_table.session_objects_len - entry->object->arena_len + object->arena_len >
	    CRATON_SESSION_OBJECTS_LEN_MAX)
		return CKR_DEVICE_MEMORY;
	fill_session_entry (entry, object, tags, n_tags);
	return CKR_OK;
}

CratonEntry *
craton_table_token_object (CratonSlot *slot, gint64 id, gboolean is_private)
{
	CratonEntry *entry = g_hash_table_lookup (slot->by_id, &id);

	if (entry == NULL) {
		entry = new_entry (slot, is_private);
		entry->id = id;
		g_hash_table_insert (slot->by_id, &entry->id, entry);
	}
	return entry;
}

CratonEntry *
craton_table_object (CratonSlot *slot, CK_OBJECT_HANDLE handle)
{
	CratonEntry *entry = craton_table.initialized
	                             ? g_hash_table_lookup (craton_table.objects, &handle)
	                             : NULL;

	if (entry == NULL || entry->slot != slot ||
	    (entry->is_private && slot->login != CRATON_LOGIN_USER))
		return NULL;
	return entry;
}

/* Forgets what the token objects of @slot are; their handles stay. */
static void
drop_cached (CratonSlot *slot)
{
	GHashTableIter iter;
	gpointer entry;

	g_hash_table_iter_init (&iter, slot->by_id);
	while (g_hash_table_iter_next (&iter, NULL, &entry))
		craton_table_cache (entry, NULL, 0);
}

void
craton_table_cache (CratonEntry *entry, CratonObject *object, guint64 stamp)
{
	CratonSlot *slot = entry->slot;

	if (object != NULL && entry->object == NULL && slot->n_cached >= CRATON_CACHE_MAX)
		drop_cached (slot);
	if (object != NULL)
		craton_object_ref (object);
	slot->n_cached += (object != NULL) - (entry->object != NULL);
	craton_object_unref (entry->object);
	entry->object = object;
	entry->stamp = stamp;
}

void
craton_table_remove (CratonEntry *entry)
{
	CratonSlot *slot = entry->slot;

	if (entry->session != 0) {
		remove_tags (entry);
		g_hash_table_remove (slot->loose, entry);
		craton_table.session_objects_len -= entry->object->arena_len;
		craton_table.n_session_objects--;
	} else {
		craton_table_cache (entry, NULL, 0);
		g_hash_table_remove (slot->by_id, &entry->id);
	}
	g_hash_table_remove (craton_table.objects, &entry->handle);
}

static void
remove_session_objects (CratonSlot *slot, CK_SESSION_HANDLE session, gboolean only_private)
{
	g_autoptr (GList) entries = g_hash_table_get_keys (slot->loose);

	for (GList *at = entries; at != NULL; at = at->next) {
		CratonEntry *entry = at->data;

		if ((session == 0 || entry->session == session) &&
		    (!only_private || entry->is_private))
			craton_table_remove (entry);
	}
}

static void
remove_token_objects (CratonSlot *slot, gboolean only_private)
{
	g_autoptr (GList) entries = g_hash_table_get_values (slot->by_id);

	for (GList *at = entries; at != NULL; at = at->next) {
		CratonEntry *entry = at->data;

		if (!only_private || entry->is_private)
			craton_table_remove (entry);
	}
}

void
craton_table_close_session (CratonSession *session)
{
	CratonSlot *slot = session->slot;

	if (session->closed)
		return;
	g_atomic_int_set (&session->closed, TRUE);
	remove_session_objects (slot, session->handle, FALSE);
	slot->n_sessions--;
	if ((session->flags & CKF_RW_SESSION) == 0)
		slot->n_read_only_sessions--;
	take_session_out (session);
	if (slot->n_sessions == 0)
		craton_table_logout (slot);
	craton_session_unref (session);
}

static void
purge_sessions (GHashTable *sessions, const CratonSlot *slot)
{
	GHashTableIter iter;
	gpointer session;

	g_hash_table_iter_init (&iter, sessions);
	while (g_hash_table_iter_next (&iter, NULL, &session))
		if (((CratonSession *) session)->slot == slot)
			craton_session_purge (session);
}

void
craton_table_logout (CratonSlot *slot)
{
	if (slot->login == CRATON_LOGIN_NONE)
		return;
	craton_table_set_login (slot, CRATON_LOGIN_NONE);
	g_clear_pointer (&slot->key, craton_seal_key_unref);
	g_clear_pointer (&slot->faults, g_hash_table_unref);
	remove_session_objects (slot, 0, TRUE);
	remove_token_objects (slot, TRUE);
	/* A public key object may hold values that were unsealed. */
	drop_cached (slot);
	for (gsize i = 0; i < CRATON_SESSION_SHELVES; i++)
		purge_sessions (craton_table.shelves[i].sessions, slot);
}

void
craton_table_note_token (CratonSlot *slot, const CratonStoreToken *token, gboolean read_only)
{
	gboolean same = slot->initialized && token != NULL &&
	                memcmp (slot->token.epoch, token->epoch, sizeof token->epoch) == 0 &&
	                memcmp (slot->token.line, token->line, sizeof token->line) == 0;

	if (slot->initialized && !same) {
		if (slot->n_sessions > 0)
			g_message (
				_ ("Token %s was initialised anew, restored or removed: its objects are gone "
			           "from open sessions"),
				slot->config.name);
		craton_table_logout (slot);
		remove_token_objects (slot, FALSE);
	} else if (same && slot->login != CRATON_LOGIN_NONE) {
		const CratonStorePin *pin =
			&token->pins[slot->login == CRATON_LOGIN_SO ? CRATON_PIN_SO
		                                                    : CRATON_PIN_USER];

		if (!pin->set || !craton_seal_is_same_pin (slot->login_wrap, pin->wrap)) {
			g_message (_ ("The PIN of token %s was changed by another process: log in "
			              "again"),
			           slot->config.name);
			craton_table_logout (slot);
		}
	}
	if (!same)
		memset (slot->failures, 0, sizeof slot->failures);
	slot->initialized = token != NULL;
	slot->read_only = read_only;
	if (token != NULL)
		slot->token = *token;
	slot->stamp++;
}
