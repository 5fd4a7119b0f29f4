/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searching: C_FindObjectsInit makes the whole list of handles at once, so what happens later does
 * not disturb the search. A template with an attribute that is looked up (attr.c) is answered from
 * the index, one with a class from the store's list of that class; only what these leave is
 * compared. The template comes from the client and is read, never kept.
 */
#include "config.h"

#include <string.h>

#include "attr.h"
#include "builtin.h"
#include "functions.h"
#include "record.h"
#include "shelf.h"
#include "slot.h"
#include "template.h"

static const CK_ATTRIBUTE *
find_attr (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ATTRIBUTE_TYPE type)
{
	for (CK_ULONG i = 0; i < n_attrs; i++)
		if (template[i].type == type)
			return &template[i];
	return NULL;
}

/* The attribute that says most, of those that are looked up: in the order of their numbers CKA_ID
 * and what is in the key come behind names. */
static const CK_ATTRIBUTE *
best_indexed (const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	const CK_ATTRIBUTE *best = NULL;

	for (CK_ULONG i = 0; i < n_attrs; i++) {
		const CratonAttr *attr = craton_attr_find (template[i].type);

		if (attr == NULL || (attr->rules & CRATON_RULE_INDEX) == 0 ||
		    template[i].pValue == NULL || template[i].ulValueLen == 0 ||
		    template[i].ulValueLen > CRATON_ATTR_LEN_MAX)
			continue;
		if (best == NULL || best->type < template[i].type)
			best = &template[i];
	}
	return best;
}

/* Whether the template asks for objects that are, or are not, on the token. */
static gboolean
wants (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, gboolean on_token)
{
	const CK_ATTRIBUTE *value = find_attr (template, n_attrs, CKA_TOKEN);

	if (value == NULL || value->ulValueLen != sizeof (CK_BBOOL) || value->pValue == NULL)
		return TRUE;
	return (*(const CK_BBOOL *) value->pValue != CK_FALSE) == on_token;
}

/* Whether the store's own columns answer the template, so that no object has to be loaded. */
static gboolean
is_answered (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, const CratonStoreQuery *query)
{
	for (CK_ULONG i = 0; i < n_attrs; i++) {
		if (template[i].type == CKA_CLASS &&
		    template[i].ulValueLen == sizeof query->klass && template[i].pValue != NULL &&
		    memcmp (template[i].pValue, &query->klass, sizeof query->klass) == 0)
			continue;
		if (template[i].type == CKA_TOKEN && template[i].ulValueLen == sizeof (CK_BBOOL) &&
		    template[i].pValue != NULL && *(const CK_BBOOL *) template[i].pValue == CK_TRUE)
			continue;
		return FALSE;
	}
	return TRUE;
}

static CK_RV
make_query (CratonSlot *slot, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
            CratonStoreQuery *ret_query)
{
	const CK_ATTRIBUTE *klass = find_attr (template, n_attrs, CKA_CLASS);
	const CK_ATTRIBUTE *indexed = best_indexed (template, n_attrs);
	g_autoptr (CratonSealKey) key = NULL;
	CratonStoreQuery query = { .klass = CK_UNAVAILABLE_INFORMATION };
	CK_RV rv = CKR_OK;

	craton_table_lock ();
	query.private_too = slot->login == CRATON_LOGIN_USER;
	if (query.private_too)
		key = craton_seal_key_ref (slot->key);
	craton_table_unlock ();
	if (klass != NULL && klass->pValue != NULL && klass->ulValueLen == sizeof query.klass)
		memcpy (&query.klass, klass->pValue, sizeof query.klass);
	if (indexed != NULL) {
		rv = craton_seal_tag (NULL, indexed->type, indexed->pValue, indexed->ulValueLen,
		                      &query.tags[0]);
		if (rv == CKR_OK && key != NULL)
			rv = craton_seal_tag (key, indexed->type, indexed->pValue,
			                      indexed->ulValueLen, &query.tags[1]);
		query.n_tags = key != NULL ? 2 : 1;
	}
	if (rv == CKR_OK)
		*ret_query = query;
	return rv;
}

/* Gives handles to what the store has found. */
static void
name_hits (CratonSlot *slot, const GArray *hits, GArray *handles)
{
	craton_table_lock ();
	for (guint i = 0; craton_table.initialized && i < hits->len; i++) {
		const CratonStoreHit *hit = &g_array_index (hits, CratonStoreHit, i);
		const CratonEntry *entry;

		/* The login may have ended since the query. */
		if (hit->is_private && slot->login != CRATON_LOGIN_USER)
			continue;
		if (slot->faults != NULL && g_hash_table_contains (slot->faults, &hit->id))
			continue;
		entry = craton_table_token_object (slot, hit->id, hit->is_private);
		g_array_append_val (handles, entry->handle);
	}
	craton_table_unlock ();
}

static CK_RV
find_on_token (CratonSession *session, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
               GArray *handles)
{
	g_autoptr (CratonStore) store = NULL;
	g_autoptr (GArray) hits = g_array_new (FALSE, FALSE, sizeof (CratonStoreHit));
	g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (CK_OBJECT_HANDLE));
	CratonStoreQuery query;
	CK_RV rv = craton_slot_glance (session, &store);

	if (rv != CKR_OK || store == NULL)
		return rv;
	rv = make_query (session->slot, template, n_attrs, &query);
	if (rv == CKR_OK)
		rv = craton_store_find (store, &query, hits);
	if (rv != CKR_OK)
		return rv;
	if (is_answered (template, n_attrs, &query)) {
		name_hits (session->slot, hits, handles);
		return CKR_OK;
	}
	name_hits (session->slot, hits, candidates);
	for (guint i = 0; i < candidates->len; i++) {
		CK_OBJECT_HANDLE handle = g_array_index (candidates, CK_OBJECT_HANDLE, i);
		g_autoptr (CratonObject) object = NULL;

		rv = craton_shelf_get (session, handle, &object);
		/* A damaged object has its line in the log and does not hide the others; one may be
		 * gone already. */
		if (rv == CKR_HOST_MEMORY)
			return rv;
		if (rv == CKR_OK && craton_object_matches (object, template, n_attrs))
			g_array_append_val (handles, handle);
	}
	return CKR_OK;
}

typedef struct {
	CK_OBJECT_HANDLE handle;
	CratonObject *object;
} Candidate;

static void
clear_candidate (gpointer data)
{
	craton_object_unref (((Candidate *) data)->object);
}

static void
add_candidate (GArray *candidates, const CratonEntry *entry)
{
	Candidate candidate = { entry->handle, NULL };

	if (craton_table_object (entry->slot, entry->handle) == NULL)
		return;
	candidate.object = craton_object_ref (entry->object);
	g_array_append_val (candidates, candidate);
}

static int
compare_handles (gconstpointer a, gconstpointer b)
{
	const Candidate *first = a, *second = b;

	return first->handle < second->handle ? -1 : first->handle > second->handle;
}

static CK_RV
find_in_sessions (CratonSession *session, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                  GArray *handles)
{
	CratonSlot *slot = session->slot;
	const CK_ATTRIBUTE *indexed = best_indexed (template, n_attrs);
	g_autoptr (GArray) candidates = g_array_new (FALSE, FALSE, sizeof (Candidate));
	GPtrArray *entries;
	GHashTableIter iter;
	gpointer entry;
	gint64 tag;
	CK_RV rv;

	g_array_set_clear_func (candidates, clear_candidate);
	if (indexed != NULL) {
		rv = craton_seal_tag (NULL, indexed->type, indexed->pValue, indexed->ulValueLen,
		                      &tag);
		if (rv != CKR_OK)
			return rv;
	}
	craton_table_lock ();
	if (craton_table.initialized && indexed != NULL) {
		entries = g_hash_table_lookup (slot->by_tag, &tag);
		for (guint i = 0; entries != NULL && i < entries->len; i++)
			add_candidate (candidates, g_ptr_array_index (entries, i));
	} else if (craton_table.initialized) {
		g_hash_table_iter_init (&iter, slot->loose);
		while (g_hash_table_iter_next (&iter, &entry, NULL))
			add_candidate (candidates, entry);
	}
	craton_table_unlock ();

	g_array_sort (candidates, compare_handles);
	for (guint i = 0; i < candidates->len; i++) {
		const Candidate *candidate = &g_array_index (candidates, Candidate, i);

		if (craton_object_matches (candidate->object, template, n_attrs))
			g_array_append_val (handles, candidate->handle);
	}
	return CKR_OK;
}

CK_RV
craton_shelf_find (CratonSession *session, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                   GArray *handles)
{
	CK_RV rv = CKR_OK;

	if (wants (template, n_attrs, TRUE))
		rv = find_on_token (session, template, n_attrs, handles);
	if (rv == CKR_OK && wants (template, n_attrs, FALSE))
		rv = find_in_sessions (session, template, n_attrs, handles);
	if (rv == CKR_OK)
		rv = craton_builtin_find (session->slot, template, n_attrs, handles);
	return rv;
}

CK_RV
craton_token_FindObjectsInit (CK_SESSION_HANDLE handle, CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (GArray) found = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv == CKR_OK)
		rv = craton_template_check (template, n_attrs);
	if (rv != CKR_OK)
		return rv;
	if (session->found != NULL)
		return CKR_OPERATION_ACTIVE;
	found = g_array_new (FALSE, FALSE, sizeof (CK_OBJECT_HANDLE));
	rv = craton_shelf_find (session, template, n_attrs, found);
	if (rv != CKR_OK)
		return rv;
	session->found = g_steal_pointer (&found);
	session->n_given = 0;
	return CKR_OK;
}

/* Objects that have gone since are left out: the client would only get to know that they are gone.
 */
CK_RV
craton_token_FindObjects (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE_PTR objects,
                          CK_ULONG max_objects, CK_ULONG_PTR n_objects)
{
	g_autoptr (CratonSession) session = NULL;
	CK_ULONG n = 0;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (n_objects == NULL || (objects == NULL && max_objects > 0))
		return CKR_ARGUMENTS_BAD;
	if (session->found == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	craton_table_lock ();
	while (n < max_objects && session->n_given < session->found->len) {
		CK_OBJECT_HANDLE object =
			g_array_index (session->found, CK_OBJECT_HANDLE, session->n_given++);

		if (craton_builtin_is (object) ||
		    craton_table_object (session->slot, object) != NULL)
			objects[n++] = object;
	}
	craton_table_unlock ();
	*n_objects = n;
	return CKR_OK;
}

CK_RV
craton_token_FindObjectsFinal (CK_SESSION_HANDLE handle)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (session->found == NULL)
		return CKR_OPERATION_NOT_INITIALIZED;
	g_clear_pointer (&session->found, g_array_unref);
	return CKR_OK;
}
