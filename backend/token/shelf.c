/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Getting, publishing, changing and destroying objects, see shelf.h; searching is in find.c. Called
 * by object-calls.c, object-make.c and session.c with an acquired session. The table's lock is held
 * for lookups only: sealing, unsealing and the disk are outside.
 */
#include "config.h"

#include "shelf.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "attr.h"
#include "builtin.h"
#include "ledger.h"
#include "record.h"
#include "slot.h"

/* What is needed of a slot to write to its store: as it was when it was looked at. */
typedef struct {
	CratonStore *store;
	CratonSealKey *key;
	guint8 epoch[CRATON_SEAL_EPOCH_LEN];
} Access;

static void
access_clear (Access *access)
{
	craton_store_unref (access->store);
	craton_seal_key_unref (access->key);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Access, access_clear)

/* With no store, access->store is NULL. */
static CK_RV
get_access (CratonSlot *slot, Access *ret_access)
{
	CK_RV rv = craton_slot_look (slot, &ret_access->store);

	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	if (slot->key != NULL)
		ret_access->key = craton_seal_key_ref (slot->key);
	memcpy (ret_access->epoch, slot->token.epoch, sizeof ret_access->epoch);
	craton_table_unlock ();
	return CKR_OK;
}

/* Starts a change of the token that the access is for: another initialisation has another key. */
static CK_RV
begin (const Access *access, CratonStoreChange **ret_change)
{
	g_autoptr (CratonStoreChange) change = NULL;
	CratonStoreToken token;
	CK_RV rv;

	if (access->store == NULL)
		return CKR_DEVICE_REMOVED;
	rv = craton_store_begin (access->store, &change);
	if (rv == CKR_OK)
		rv = craton_store_get_token (change, &token);
	if (rv == CKR_OK && memcmp (token.epoch, access->epoch, sizeof token.epoch) != 0)
		rv = CKR_FUNCTION_FAILED;
	if (rv == CKR_OK)
		*ret_change = g_steal_pointer (&change);
	return rv;
}

static void
remove_handle (CratonSlot *slot, CK_OBJECT_HANDLE handle)
{
	CratonEntry *entry;

	craton_table_lock ();
	entry = craton_table_object (slot, handle);
	if (entry != NULL)
		craton_table_remove (entry);
	craton_table_unlock ();
}

/* Whether the login has found that the object is not what was written. */
static gboolean
is_faulty (const CratonSlot *slot, const Access *access, gint64 id)
{
	gboolean faulty;

	craton_table_lock ();
	faulty = access->key != NULL && slot->key == access->key && slot->faults != NULL &&
	         g_hash_table_contains (slot->faults, &id);
	craton_table_unlock ();
	return faulty;
}

/* Takes what the store has into the tables. @ret_object may be what was known before. */
static CK_RV
load (CratonSlot *slot, const Access *access, CK_OBJECT_HANDLE handle, gint64 id, guint64 stamp,
      CratonObject *known, CratonObject **ret_object)
{
	g_auto (CratonStoreObject) record = { .id = id };
	g_autoptr (CratonObject) object = NULL;
	CratonEntry *entry;
	CK_RV rv;

	if (is_faulty (slot, access, id))
		return CKR_DEVICE_ERROR;
	rv = craton_store_load (access->store, id, known != NULL ? known->revision : 0, &record);
	if (rv == CKR_OBJECT_HANDLE_INVALID)
		remove_handle (slot, handle);
	if (rv == CKR_OK && record.body != NULL) {
		rv = craton_record_open (&record, access->key, &object);
		if (rv == CKR_DEVICE_ERROR)
			craton_ledger_blame (access->store, access->key, access->epoch,
			                     slot->config.name, id);
	} else if (rv == CKR_OK) {
		object = craton_object_ref (known);
	}
	if (rv != CKR_OK)
		return rv == CKR_USER_NOT_LOGGED_IN ? CKR_OBJECT_HANDLE_INVALID : rv;

	craton_table_lock ();
	entry = craton_table_object (slot, handle);
	/* Not if the login has ended meanwhile: nothing that was unsealed stays. */
	if (entry != NULL && slot->key == access->key)
		craton_table_cache (entry, object, stamp);
	craton_table_unlock ();
	*ret_object = g_steal_pointer (&object);
	return CKR_OK;
}

/* What is not in the tables, or may not be what the store has any more. */
static CK_RV
fetch (CratonSlot *slot, CK_OBJECT_HANDLE handle, CratonObject **ret_object)
{
	g_auto (Access) access = { NULL };
	g_autoptr (CratonObject) known = NULL;
	CratonEntry *entry;
	guint64 stamp = 0;
	gint64 id = 0;
	CK_RV rv = get_access (slot, &access);

	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	entry = craton_table_object (slot, handle);
	if (entry != NULL && entry->session != 0)
		known = craton_object_ref (entry->object);
	else if (entry != NULL && entry->object != NULL && !(entry->object->locked && access.key != NULL))
		known = craton_object_ref (entry->object);
	if (entry != NULL) {
		stamp = slot->stamp;
		id = entry->id;
	}
	craton_table_unlock ();
	if (entry == NULL || (id != 0 && access.store == NULL))
		return CKR_OBJECT_HANDLE_INVALID;
	if (id != 0)
		return load (slot, &access, handle, id, stamp, known, ret_object);
	*ret_object = g_steal_pointer (&known);
	return CKR_OK;
}

CK_RV
craton_shelf_get (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject **ret_object)
{
	CratonSlot *slot = session->slot;
	g_autoptr (CratonObject) known = NULL;
	CratonEntry *entry;
	gboolean good = FALSE;
	CK_RV rv = craton_slot_glance (session, NULL);

	if (rv != CKR_OK)
		return rv;
	if (craton_builtin_is (handle))
		return craton_builtin_get (slot, handle, ret_object);
	craton_table_lock ();
	entry = craton_table_object (slot, handle);
	if (entry != NULL) {
		if (entry->object != NULL && !(entry->object->locked && slot->key != NULL))
			known = craton_object_ref (entry->object);
		good = entry->session != 0 || (known != NULL && entry->stamp == slot->stamp);
	}
	craton_table_unlock ();
	if (entry == NULL)
		return CKR_OBJECT_HANDLE_INVALID;
	if (!good)
		return fetch (slot, handle, ret_object);
	*ret_object = g_steal_pointer (&known);
	return CKR_OK;
}

CK_RV
craton_shelf_may_hold (CratonSession *session, gboolean is_private, gboolean on_token)
{
	CratonSlot *slot = session->slot;
	CK_RV rv = CKR_OK;

	craton_table_lock ();
	if (is_private && slot->login != CRATON_LOGIN_USER)
		rv = CKR_USER_NOT_LOGGED_IN;
	else if (on_token && (session->flags & CKF_RW_SESSION) == 0)
		rv = CKR_SESSION_READ_ONLY;
	else if (on_token && slot->read_only)
		rv = CKR_TOKEN_WRITE_PROTECTED;
	craton_table_unlock ();
	return rv;
}

CK_RV
craton_shelf_may_put (CratonSession *session, const CratonObject *object)
{
	if ((object->kind & CRATON_KINDS_BUILTIN) != 0)
		return CKR_ACTION_PROHIBITED;
	return craton_shelf_may_hold (session, craton_object_get_bool (object, CKA_PRIVATE, TRUE),
	                              craton_object_get_bool (object, CKA_TOKEN, FALSE));
}

/* What is put: the token objects among them have records. */
typedef struct {
	CratonObject *object;
	gboolean on_token;
	CratonStoreObject record;
	guint n_tags;
	gint64 tags[CRATON_STORE_TAGS_MAX];
} Item;

static CK_RV
prepare (CratonSession *session, const Access *access, CratonObject *object, Item *item)
{
	CK_RV rv = craton_shelf_may_put (session, object);

	item->object = object;
	item->on_token = craton_object_get_bool (object, CKA_TOKEN, FALSE);
	if (rv != CKR_OK)
		return rv;
	if (item->on_token)
		return craton_record_close (object, access->key, &item->record);
	return craton_record_tags (object, NULL, item->tags, &item->n_tags);
}

static CK_RV
insert (CratonStoreChange *change, const Access *access, Item *item)
{
	CratonStoreObject *record = &item->record;
	CK_RV rv = craton_store_next_id (change, &record->id);

	record->revision = 1;
	if (rv == CKR_OK)
		rv = craton_record_sign (record, access->key);
	if (rv == CKR_OK)
		rv = craton_store_insert (change, record);
	if (rv == CKR_OK && record->has_mac)
		rv = craton_ledger_note (change, access->key, access->epoch, record->id,
		                         record->revision, item->object);
	return rv;
}

static CK_RV
insert_all (const Access *access, Item *items, guint n_items)
{
	g_autoptr (CratonStoreChange) change = NULL;
	gboolean any = FALSE;
	CK_RV rv;

	for (guint i = 0; i < n_items; i++)
		any = any || items[i].on_token;
	if (!any)
		return CKR_OK;
	rv = begin (access, &change);
	for (guint i = 0; rv == CKR_OK && i < n_items; i++)
		if (items[i].on_token)
			rv = insert (change, access, &items[i]);
	return rv == CKR_OK ? craton_store_commit (g_steal_pointer (&change)) : rv;
}

/* Gives the objects their handles; called under the table's lock. */
static CK_RV
publish (CratonSession *session, const Access *access, Item *item, CK_OBJECT_HANDLE *ret_handle)
{
	CratonEntry *entry;

	if (!item->on_token)
		return craton_table_add_session_object (session, item->object, item->tags,
		                                        item->n_tags, ret_handle);
	item->object->id = item->record.id;
	item->object->revision = item->record.revision;
	item->object->has_mac = item->record.has_mac;
	entry = craton_table_token_object (session->slot, item->record.id, item->record.is_private);
	if (session->slot->key == access->key)
		craton_table_cache (entry, item->object, 0);
	*ret_handle = entry->handle;
	return CKR_OK;
}

/* Session objects go first: they can be taken back when the store fails, and the store cannot when
 * they do. */
static CK_RV
put_all (CratonSession *session, const Access *access, Item *items, guint n_items,
         CK_OBJECT_HANDLE *handles)
{
	CK_RV rv = CKR_OK;

	craton_table_lock ();
	for (guint i = 0; rv == CKR_OK && i < n_items; i++)
		if (!items[i].on_token)
			rv = publish (session, access, &items[i], &handles[i]);
	if (rv == CKR_OK && session->closed)
		rv = CKR_SESSION_CLOSED;
	craton_table_unlock ();
	if (rv == CKR_OK)
		rv = insert_all (access, items, n_items);

	craton_table_lock ();
	for (guint i = 0; rv == CKR_OK && i < n_items; i++) {
		if (!craton_table.initialized)
			rv = CKR_CRYPTOKI_NOT_INITIALIZED;
		else if (items[i].on_token)
			rv = publish (session, access, &items[i], &handles[i]);
	}
	for (guint i = 0; rv != CKR_OK && i < n_items; i++) {
		CratonEntry *entry =
			handles[i] != 0 ? craton_table_object (session->slot, handles[i]) : NULL;

		if (entry != NULL)
			craton_table_remove (entry);
	}
	craton_table_unlock ();
	return rv;
}

CK_RV
craton_shelf_put (CratonSession *session, CratonObject *const *objects, guint n_objects,
                  CK_OBJECT_HANDLE *ret_handles)
{
	g_auto (Access) access = { NULL };
	g_autofree Item *items = NULL;
	g_autofree CK_OBJECT_HANDLE *handles = NULL;
	CK_RV rv;

	handles = g_new0 (CK_OBJECT_HANDLE, n_objects);
	items = g_new0 (Item, n_objects);
	rv = get_access (session->slot, &access);
	for (guint i = 0; rv == CKR_OK && i < n_objects; i++)
		rv = prepare (session, &access, objects[i], &items[i]);
	if (rv == CKR_OK)
		rv = put_all (session, &access, items, n_objects, handles);
	for (guint i = 0; i < n_objects; i++)
		craton_store_object_clear (&items[i].record);
	if (rv == CKR_OK)
		memcpy (ret_handles, handles, n_objects * sizeof *handles);
	return rv;
}

static CK_RV
replace_session_object (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject *changed)
{
	gint64 tags[CRATON_STORE_TAGS_MAX];
	guint n_tags;
	CratonEntry *entry;
	CK_RV rv = craton_record_tags (changed, NULL, tags, &n_tags);

	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	entry = craton_table_object (session->slot, handle);
	if (entry == NULL)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else if (entry->object->revision != changed->revision++)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else
		rv = craton_table_change_session_object (entry, changed, tags, n_tags);
	craton_table_unlock ();
	return rv;
}

static CK_RV
replace (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject *changed)
{
	CratonSlot *slot = session->slot;
	g_auto (Access) access = { NULL };
	g_auto (CratonStoreObject) record = { 0 };
	g_autoptr (CratonStoreChange) change = NULL;
	CratonEntry *entry;
	CK_RV rv;

	if (!craton_object_get_bool (changed, CKA_TOKEN, FALSE))
		return replace_session_object (session, handle, changed);
	rv = get_access (slot, &access);
	/* What was written in a login is changed in a login: whoever can write the file could do it too. */
	if (rv == CKR_OK && changed->has_mac && access.key == NULL)
		rv = CKR_USER_NOT_LOGGED_IN;
	if (rv == CKR_OK)
		rv = craton_record_close (changed, access.key, &record);
	record.revision++;
	if (rv == CKR_OK)
		rv = craton_record_sign (&record, access.key);
	if (rv == CKR_OK)
		rv = begin (&access, &change);
	if (rv == CKR_OK)
		rv = craton_store_update (change, &record);
	if (rv == CKR_OK && record.has_mac)
		rv = craton_ledger_note (change, access.key, access.epoch, record.id,
		                         record.revision, changed);
	if (rv == CKR_OK)
		rv = craton_store_commit (g_steal_pointer (&change));
	if (rv != CKR_OK)
		return rv;

	craton_table_lock ();
	changed->revision = record.revision;
	changed->has_mac = record.has_mac;
	entry = craton_table_object (slot, handle);
	if (entry != NULL && slot->key == access.key)
		craton_table_cache (entry, changed, 0);
	craton_table_unlock ();
	return CKR_OK;
}

CK_RV
craton_shelf_replace (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject *changed)
{
	CK_RV rv = craton_shelf_may_put (session, changed);

	return rv == CKR_OK ? replace (session, handle, changed) : rv;
}

CK_RV
craton_shelf_count (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject *changed)
{
	CK_RV rv = craton_shelf_may_put (session, changed);

	return rv == CKR_OK || rv == CKR_SESSION_READ_ONLY ? replace (session, handle, changed)
	                                                   : rv;
}

CK_RV
craton_shelf_remove (CratonSession *session, CK_OBJECT_HANDLE handle)
{
	CratonSlot *slot = session->slot;
	g_auto (Access) access = { NULL };
	g_autoptr (CratonStoreChange) change = NULL;
	CratonEntry *entry;
	gint64 id = 0;
	CK_RV rv = get_access (slot, &access);

	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	entry = craton_table_object (slot, handle);
	if (entry == NULL)
		rv = CKR_OBJECT_HANDLE_INVALID;
	else if (entry->session != 0)
		craton_table_remove (entry);
	else
		id = entry->id;
	craton_table_unlock ();
	if (rv != CKR_OK || id == 0)
		return rv;

	rv = begin (&access, &change);
	if (rv == CKR_OK)
		rv = craton_store_delete (change, id, access.key != NULL);
	if (rv == CKR_OK && access.key != NULL)
		rv = craton_ledger_note (change, access.key, access.epoch, id, 0, NULL);
	if (rv == CKR_OK)
		rv = craton_store_commit (g_steal_pointer (&change));
	if (rv == CKR_OK || rv == CKR_OBJECT_HANDLE_INVALID)
		remove_handle (slot, handle);
	return rv;
}
