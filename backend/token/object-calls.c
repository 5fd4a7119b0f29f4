/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The object management functions but for searching (PKCS#11 3.2, section 5.7). Handles and
 * templates come from the client; template.c judges templates, shelf.c who may have what.
 */
#include "config.h"

#include <string.h>

#include "attr.h"
#include "functions.h"
#include "shelf.h"
#include "slot.h"
#include "template.h"

/* How often a change is tried anew because somebody else was faster. */
#define CHANGE_TRIES 64

/* What a function that makes or changes an object starts with. */
static CK_RV
start (CK_SESSION_HANDLE handle, CratonSession **ret_session, gboolean *ret_by_so)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonStore) store = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv == CKR_OK)
		rv = craton_slot_look (session->slot, &store);
	if (rv != CKR_OK)
		return rv;
	craton_table_lock ();
	*ret_by_so = session->slot->login == CRATON_LOGIN_SO;
	craton_table_unlock ();
	*ret_session = g_steal_pointer (&session);
	return CKR_OK;
}

CK_RV
craton_token_CreateObject (CK_SESSION_HANDLE handle, CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs,
                           CK_OBJECT_HANDLE_PTR ret_object)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonObject) object = NULL;
	CratonPlan plan = { .way = CRATON_WAY_CREATE, .template = template, .n_attrs = n_attrs };
	CK_RV rv = start (handle, &session, &plan.by_so);

	if (rv != CKR_OK)
		return rv;
	if (ret_object == NULL || template == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_template_make (&plan, &object);
	return rv == CKR_OK ? craton_shelf_put (session, &object, 1, ret_object) : rv;
}

CK_RV
craton_token_CopyObject (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE old, CK_ATTRIBUTE_PTR template,
                         CK_ULONG n_attrs, CK_OBJECT_HANDLE_PTR ret_object)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonObject) object = NULL;
	g_autoptr (CratonObject) copy = NULL;
	gboolean by_so;
	CK_RV rv = start (handle, &session, &by_so);

	if (rv != CKR_OK)
		return rv;
	if (ret_object == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_shelf_get (session, old, &object);
	if (rv != CKR_OK)
		return rv;
	if (!craton_object_get_bool (object, CKA_COPYABLE, TRUE))
		return CKR_ACTION_PROHIBITED;
	rv = craton_template_change (object, template, n_attrs, TRUE, by_so, &copy);
	return rv == CKR_OK ? craton_shelf_put (session, &copy, 1, ret_object) : rv;
}

CK_RV
craton_token_DestroyObject (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE old)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonObject) object = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv == CKR_OK)
		rv = craton_shelf_get (session, old, &object);
	if (rv == CKR_OK)
		rv = craton_shelf_may_put (session, object);
	if (rv != CKR_OK)
		return rv;
	if (!craton_object_get_bool (object, CKA_DESTROYABLE, TRUE))
		return CKR_ACTION_PROHIBITED;
	return craton_shelf_remove (session, old);
}

CK_RV
craton_token_GetObjectSize (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE which, CK_ULONG_PTR size)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonObject) object = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (size == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = craton_shelf_get (session, which, &object);
	if (rv != CKR_OK)
		return rv;
	*size = object->arena_len + object->n_values * sizeof (CK_ATTRIBUTE);
	return CKR_OK;
}

/* Gives a template array: its elements have buffers of their own, NULL asks for their lengths. */
static CK_RV
give_template (const CK_ATTRIBUTE *value, CK_ATTRIBUTE *out)
{
	CK_ATTRIBUTE *slots = out->pValue;
	CK_ULONG n = 0, room = out->ulValueLen / sizeof *slots;
	CK_ATTRIBUTE item;
	gsize at = 0;
	CK_RV rv = CKR_OK;

	while (craton_attr_next (value->pValue, value->ulValueLen, &at, &item))
		n++;
	if (slots != NULL && room < n) {
		out->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_BUFFER_TOO_SMALL;
	}
	out->ulValueLen = n * sizeof *slots;
	at = 0;
	while (slots != NULL && craton_attr_next (value->pValue, value->ulValueLen, &at, &item)) {
		slots->type = item.type;
		if (slots->pValue != NULL && slots->ulValueLen < item.ulValueLen) {
			slots->ulValueLen = CK_UNAVAILABLE_INFORMATION;
			rv = CKR_BUFFER_TOO_SMALL;
		} else {
			if (slots->pValue != NULL && item.ulValueLen > 0)
				memcpy (slots->pValue, item.pValue, item.ulValueLen);
			slots->ulValueLen = item.ulValueLen;
		}
		slots++;
	}
	return rv;
}

/* PKCS#11 3.2, C_GetAttributeValue: the five cases, for one attribute. */
static CK_RV
give (const CratonObject *object, CK_ATTRIBUTE *out)
{
	const CratonAttr *attr = craton_attr_find (out->type);
	const CK_ATTRIBUTE *value = craton_object_find (object, out->type);
	gboolean key_value = attr != NULL && (attr->rules & CRATON_RULE_SENSITIVE) != 0 &&
	                     (attr->where & object->kind & CRATON_KINDS_GUARDED) != 0;

	/* What is still sealed cannot be revealed either, until somebody logs in. */
	if (key_value && (craton_object_is_guarded (object) || object->locked)) {
		out->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_ATTRIBUTE_SENSITIVE;
	}
	if (attr == NULL || value == NULL) {
		out->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_ATTRIBUTE_TYPE_INVALID;
	}
	if (attr->form == CRATON_FORM_TEMPLATE)
		return give_template (value, out);
	if (out->pValue != NULL && out->ulValueLen < value->ulValueLen) {
		out->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_BUFFER_TOO_SMALL;
	}
	if (out->pValue != NULL && value->ulValueLen > 0)
		memcpy (out->pValue, value->pValue, value->ulValueLen);
	out->ulValueLen = value->ulValueLen;
	return CKR_OK;
}

/* Every attribute is processed. Of several codes the one that the client can do least about is
 * returned. */
CK_RV
craton_token_GetAttributeValue (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE which,
                                CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs)
{
	g_autoptr (CratonSession) session = NULL;
	g_autoptr (CratonObject) object = NULL;
	gboolean sensitive = FALSE, invalid = FALSE, small = FALSE;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv == CKR_OK)
		rv = craton_template_check (template, n_attrs);
	if (rv == CKR_OK)
		rv = craton_shelf_get (session, which, &object);
	if (rv != CKR_OK)
		return rv;
	for (CK_ULONG i = 0; i < n_attrs; i++) {
		rv = give (object, &template[i]);
		sensitive = sensitive || rv == CKR_ATTRIBUTE_SENSITIVE;
		invalid = invalid || rv == CKR_ATTRIBUTE_TYPE_INVALID;
		small = small || rv == CKR_BUFFER_TOO_SMALL;
	}
	if (sensitive)
		return CKR_ATTRIBUTE_SENSITIVE;
	if (invalid)
		return CKR_ATTRIBUTE_TYPE_INVALID;
	return small ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

static CK_RV
may_modify (CratonSession *session, const CratonObject *object, gboolean by_so)
{
	CK_RV rv = craton_shelf_may_put (session, object);

	if (rv != CKR_OK)
		return rv;
	if (!craton_object_get_bool (object, CKA_MODIFIABLE, TRUE))
		return CKR_ACTION_PROHIBITED;
	/* PKCS#11 3.2, Certificate objects: trusted certificates cannot be modified. */
	if (object->kind == CRATON_KIND_CERTIFICATE &&
	    craton_object_get_bool (object, CKA_TRUSTED, FALSE) && !by_so)
		return CKR_ACTION_PROHIBITED;
	return CKR_OK;
}

CK_RV
craton_token_SetAttributeValue (CK_SESSION_HANDLE handle, CK_OBJECT_HANDLE which,
                                CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs)
{
	g_autoptr (CratonSession) session = NULL;
	gboolean by_so;
	CK_RV rv = start (handle, &session, &by_so);

	if (rv != CKR_OK)
		return rv;
	for (guint i = 0; i < CHANGE_TRIES; i++) {
		g_autoptr (CratonObject) object = NULL;
		g_autoptr (CratonObject) changed = NULL;

		rv = craton_shelf_get (session, which, &object);
		if (rv == CKR_OK)
			rv = may_modify (session, object, by_so);
		if (rv == CKR_OK)
			rv = craton_template_change (object, template, n_attrs, FALSE, by_so,
			                             &changed);
		if (rv != CKR_OK)
			return rv;
		rv = craton_shelf_replace (session, which, changed);
		if (rv != CKR_OBJECT_HANDLE_INVALID)
			return rv;
	}
	return CKR_FUNCTION_FAILED;
}
