/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_DeriveKey; see derive.h. Templates are the client's. Called through the function list and by
 * the mechanisms.
 */
#include "config.h"

#include "derive.h"

#include "attr.h"
#include "des.h"
#include "functions.h"
#include "key-attrs.h"
#include "mech.h"
#include "operation.h"
#include "session.h"

#include <openssl/err.h>

/* As craton_key_attrs_find_ulong(), but the attribute may be absent. */
static CK_RV
optional_ulong (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ATTRIBUTE_TYPE type,
                CK_ULONG fallback, CK_ULONG *ret_value)
{
	CK_RV rv = craton_key_attrs_find_ulong (template, n_attrs, type, ret_value);

	if (rv != CKR_TEMPLATE_INCOMPLETE)
		return rv;
	*ret_value = fallback;
	return CKR_OK;
}

CK_RV
craton_derive_plan_type (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_KEY_TYPE natural_type,
                         CK_ULONG natural_len, CK_ULONG max_len, CratonDerived *ret_derived)
{
	gboolean named = craton_key_attrs_find (template, n_attrs, CKA_VALUE_LEN) != NULL;
	CK_ULONG class, type, len;
	CK_RV rv = optional_ulong (template, n_attrs, CKA_CLASS, CKO_SECRET_KEY, &class);

	if (rv == CKR_OK)
		rv = optional_ulong (template, n_attrs, CKA_KEY_TYPE, natural_type, &type);
	if (rv == CKR_OK && craton_attr_key_len (type) > 0)
		natural_len = craton_attr_key_len (type);
	if (rv == CKR_OK)
		rv = optional_ulong (template, n_attrs, CKA_VALUE_LEN, natural_len, &len);
	if (rv != CKR_OK)
		return rv;
	if (class != CKO_SECRET_KEY || len > max_len)
		return CKR_TEMPLATE_INCONSISTENT;
	if (!craton_attr_is_key_len (type, len))
		return named ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_TEMPLATE_INCOMPLETE;
	*ret_derived = (CratonDerived){ .class = CKO_SECRET_KEY,
		                        .type = type,
		                        .len = len,
		                        .template = template,
		                        .n_attrs = n_attrs };
	return CKR_OK;
}

CK_RV
craton_derive_plan (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ULONG natural_len,
                    CK_ULONG max_len, CratonDerived *ret_derived)
{
	return craton_derive_plan_type (template, n_attrs, CKK_GENERIC_SECRET, natural_len, max_len,
	                                ret_derived);
}

CK_RV
craton_derive_plan_data (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ULONG natural_len,
                         CK_ULONG max_len, CratonDerived *ret_derived)
{
	CK_ULONG class, len;
	CK_RV rv = optional_ulong (template, n_attrs, CKA_CLASS, CKO_DATA, &class);

	if (rv == CKR_OK)
		rv = optional_ulong (template, n_attrs, CKA_VALUE_LEN, natural_len, &len);
	if (rv != CKR_OK)
		return rv;
	if (class != CKO_DATA || len > max_len)
		return CKR_TEMPLATE_INCONSISTENT;
	if (len == 0)
		return natural_len == 0 ? CKR_TEMPLATE_INCOMPLETE : CKR_ATTRIBUTE_VALUE_INVALID;
	*ret_derived = (CratonDerived){
		.class = CKO_DATA, .len = len, .template = template, .n_attrs = n_attrs
	};
	return CKR_OK;
}

CK_ATTRIBUTE *
craton_derive_template (const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                        const CK_ATTRIBUTE_TYPE *drop, const CK_ATTRIBUTE *more, CK_ULONG n_more,
                        CK_ULONG *ret_n)
{
	CK_ATTRIBUTE *copy;
	CK_ULONG n = 0;

	g_assert (n_more <= CRATON_DERIVE_MORE_MAX);
	if (n_attrs > CRATON_TEMPLATE_MAX - CRATON_DERIVE_MORE_MAX)
		return NULL;
	copy = g_new (CK_ATTRIBUTE, n_attrs + n_more + 1);
	for (CK_ULONG i = 0; i < n_attrs; i++) {
		const CK_ATTRIBUTE attr = template[i];
		const CK_ATTRIBUTE_TYPE *type = drop;

		while (type != NULL && *type != 0 && *type != attr.type)
			type++;
		if (type == NULL || *type == 0)
			copy[n++] = attr;
	}
	for (CK_ULONG i = 0; i < n_more; i++)
		copy[n++] = more[i];
	*ret_n = n;
	return copy;
}

void
craton_derive_from (CratonDerivation *from, CratonSession *session, CratonObject *base,
                    CratonInherit inherit)
{
	from->session = session;
	from->base = base;
	from->inherit = inherit;
	from->sensitive = craton_object_get_bool (base, CKA_SENSITIVE, TRUE);
	from->extractable = craton_object_get_bool (base, CKA_EXTRACTABLE, FALSE);
	from->always_sensitive = craton_object_get_bool (base, CKA_ALWAYS_SENSITIVE, FALSE);
	from->never_extractable = craton_object_get_bool (base, CKA_NEVER_EXTRACTABLE, FALSE);
}

void
craton_derive_join (CratonDerivation *from, const CratonObject *other)
{
	from->sensitive |= craton_object_get_bool (other, CKA_SENSITIVE, TRUE);
	from->extractable &= craton_object_get_bool (other, CKA_EXTRACTABLE, FALSE);
	from->always_sensitive &= craton_object_get_bool (other, CKA_ALWAYS_SENSITIVE, FALSE);
	from->never_extractable &= craton_object_get_bool (other, CKA_NEVER_EXTRACTABLE, FALSE);
}

CK_RV
craton_derive_find_key (CratonSession *session, const CratonMech *mech, CK_OBJECT_HANDLE handle,
                        CratonObject **ret_key)
{
	g_autoptr (CratonObject) key = NULL;
	CK_RV rv = craton_session_find_key (session, handle, &key);

	if (rv == CKR_OK)
		rv = craton_op_check_key (session, mech, key, CKA_DERIVE, FALSE);
	if (rv == CKR_OK)
		*ret_key = g_steal_pointer (&key);
	return rv;
}

const CK_BYTE *
craton_derive_value (const CratonObject *key, gsize *ret_len)
{
	const CK_BYTE *value = craton_object_get (key, CKA_VALUE, ret_len);

	g_assert (value != NULL);
	return value;
}

/* Adds what is inherited to a template, unless that is its own business. */
static CK_ULONG
inherited (const CratonDerivation *from, const CratonDerived *derived, CK_ATTRIBUTE *more)
{
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	const struct {
		CK_ATTRIBUTE_TYPE type;
		gboolean value, guards;
	} both[] = { { CKA_SENSITIVE, from->sensitive, from->sensitive },
		     { CKA_EXTRACTABLE, from->extractable, !from->extractable } };
	CK_ULONG n = 0;

	if (derived->class != CKO_SECRET_KEY || from->inherit == CRATON_INHERIT_NOTHING)
		return 0;
	for (gsize i = 0; i < G_N_ELEMENTS (both); i++) {
		if (from->inherit == CRATON_INHERIT_GUARD && !both[i].guards)
			continue;
		if (from->inherit == CRATON_INHERIT_DEFAULT &&
		    craton_key_attrs_find (derived->template, derived->n_attrs, both[i].type) !=
		            NULL)
			continue;
		more[n++] = (CK_ATTRIBUTE){ both[i].type, (CK_BBOOL *) (both[i].value ? &yes : &no),
			                    sizeof yes };
	}
	return n;
}

static void
add_made (const CratonDerived *derived, CratonKeyAttrs *made)
{
	if (derived->class == CKO_DATA) {
		craton_key_attrs_add_ulong (made, CKA_CLASS, CKO_DATA);
		craton_key_attrs_add (made, CKA_VALUE, derived->value, derived->len);
		return;
	}
	craton_key_attrs_add_secret (made, derived->type, derived->value, derived->len);
	/* The value is the last of them. */
	if (!made->failed && craton_des_is_type (derived->type))
		craton_des_set_parity (made->attrs[made->n - 1].pValue, derived->len);
}

/* One that is being made: what was allocated for it. */
typedef struct {
	CK_ATTRIBUTE *template;
	CratonKeyAttrs made;
} Making;

static CK_RV
prepare (const CratonDerivation *from, const CratonDerived *derived, Making *making,
         CratonNewObject *object)
{
	/* Where the length is no attribute of the object it has been obeyed by now. */
	static const CK_ATTRIBUTE_TYPE length[] = { CKA_VALUE_LEN, 0 };
	gboolean drops = derived->class == CKO_DATA || craton_attr_key_len (derived->type) > 0;
	CK_ATTRIBUTE more[CRATON_DERIVE_MORE_MAX];
	CK_ULONG n_more = inherited (from, derived, more);

	making->template =
		craton_derive_template (derived->template, derived->n_attrs, drops ? length : NULL,
	                                more, n_more, &object->n_attrs);
	if (making->template == NULL)
		return CKR_ARGUMENTS_BAD;
	add_made (derived, &making->made);
	object->template = making->template;
	object->made = making->made.attrs;
	object->n_made = making->made.n;
	return making->made.failed ? CKR_HOST_MEMORY : CKR_OK;
}

CK_RV
craton_derive_publish_all (const CratonDerivation *from, const CratonDerived *derived,
                           guint n_derived, guint *ret_failed, CK_OBJECT_HANDLE *ret_handles)
{
	g_autofree Making *makings = g_new0 (Making, n_derived);
	g_autofree CratonNewObject *objects = g_new0 (CratonNewObject, n_derived);
	CK_RV rv = CKR_OK;

	for (guint i = 0; rv == CKR_OK && i < n_derived; i++)
		rv = prepare (from, &derived[i], &makings[i], &objects[i]);
	if (rv == CKR_OK)
		rv = craton_object_new_derived (from->session, objects, n_derived, from->base,
		                                from->always_sensitive, from->never_extractable,
		                                ret_failed, ret_handles);
	for (guint i = 0; i < n_derived; i++) {
		craton_key_attrs_clear (&makings[i].made);
		g_free (makings[i].template);
	}
	return rv;
}

CK_RV
craton_derive_publish (CratonSession *session, CK_MECHANISM_TYPE mechanism, CratonObject *base,
                       const CratonDerived *derived, const CK_BYTE *value,
                       const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	CratonDerived one = *derived;
	CratonDerivation from;

	(void) mechanism;
	one.class = CKO_SECRET_KEY;
	one.value = value;
	one.template = template;
	one.n_attrs = n_attrs;
	craton_derive_from (&from, session, base, CRATON_INHERIT_NOTHING);
	return craton_derive_publish_all (&from, &one, 1, NULL, ret_key);
}

static CK_RV
derive (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base_handle,
        const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	const CratonMech *mech = NULL;
	g_autoptr (CratonObject) base = NULL;
	CK_RV rv = craton_session_mech (session, mechanism, CKF_DERIVE, &mech);

	if (rv == CKR_OK && ret_key == NULL && !mech->derives_into_param)
		return CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = craton_session_find_key (session, base_handle, &base);
	if (rv == CKR_OK)
		rv = craton_op_check_key (session, mech, base, CKA_DERIVE, FALSE);
	if (rv == CKR_OK)
		rv = mech->derive (session, mech, mechanism, base, template, n_attrs, ret_key);
	return rv;
}

CK_RV
craton_token_DeriveKey (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE base,
                        CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs, CK_OBJECT_HANDLE_PTR key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || (template == NULL && n_attrs > 0))
		return CKR_ARGUMENTS_BAD;
	rv = derive (session, mechanism, base, template, n_attrs, key == NULL ? NULL : &made);
	if (rv == CKR_OK && key != NULL && made != CK_INVALID_HANDLE)
		*key = made;
	ERR_clear_error ();
	return rv;
}
