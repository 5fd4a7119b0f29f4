/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where objects stand: session objects in the tables, token objects in the store with what is known
 * of them in the tables. Here is asked who may see, make and destroy what. Each function looks at
 * the store first, so that what other processes have done is known.
 */
#ifndef CRATON_SHELF_H
#define CRATON_SHELF_H

#include "table.h"

/* How many objects a call of a client makes at once: SP 800-108 derives several keys. */
#define CRATON_SHELF_PUT_MAX 64

/**
 * craton_shelf_get:
 * @session: acquired
 * @handle: from the client, untrusted
 * @ret_object: counted
 *
 * Returns: CKR_OK; CKR_OBJECT_HANDLE_INVALID if there is no such object or it is private and no
 * user is logged in; the codes of craton_slot_look() and craton_record_open().
 */
CK_RV craton_shelf_get (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject **ret_object);

/**
 * craton_shelf_may_put:
 *
 * Whether the session may have or change such an object.
 *
 * Returns: CKR_OK; CKR_SESSION_READ_ONLY; CKR_USER_NOT_LOGGED_IN for a private object;
 * CKR_TOKEN_WRITE_PROTECTED; CKR_ACTION_PROHIBITED for what is built in.
 */
CK_RV craton_shelf_may_put (CratonSession *session, const CratonObject *object);

/* The same for an object with such a CKA_PRIVATE and CKA_TOKEN, which is not made yet. */
CK_RV craton_shelf_may_hold (CratonSession *session, gboolean is_private, gboolean on_token);

/**
 * craton_shelf_put:
 * @objects: made by template.c, not published yet
 * @n_objects: 1 or more
 * @ret_handles: as many
 *
 * Publishes all or none of them.
 *
 * Returns: CKR_OK; the codes of craton_shelf_may_put(), craton_record_close() and store.h;
 * CKR_SESSION_CLOSED.
 */
CK_RV craton_shelf_put (CratonSession *session, CratonObject *const *objects, guint n_objects,
                        CK_OBJECT_HANDLE *ret_handles);

/**
 * craton_shelf_replace:
 * @changed: craton_template_change() of what the handle is
 *
 * Returns: CKR_OK; CKR_OBJECT_HANDLE_INVALID if the object is gone or somebody else has changed it
 * meanwhile: craton_shelf_get() tells which; CKR_USER_NOT_LOGGED_IN if it was written in a login and nobody is; the codes of craton_shelf_may_put(),
 * craton_record_close() and store.h.
 */
CK_RV craton_shelf_replace (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject *changed);

/* The same for what the token itself changes in a key as it is used: in a session for reading, too. */
CK_RV craton_shelf_count (CratonSession *session, CK_OBJECT_HANDLE handle, CratonObject *changed);

/* Returns: CKR_OK; CKR_OBJECT_HANDLE_INVALID; CKR_USER_NOT_LOGGED_IN as above; the codes of store.h. */
CK_RV craton_shelf_remove (CratonSession *session, CK_OBJECT_HANDLE handle);

/**
 * craton_shelf_find:
 * @template: checked by craton_template_check()
 * @handles: an array of CK_OBJECT_HANDLE, those of the objects that match are appended
 *
 * Returns: CKR_OK; the codes of store.h.
 */
CK_RV craton_shelf_find (CratonSession *session, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                         GArray *handles);

#endif /* CRATON_SHELF_H */
