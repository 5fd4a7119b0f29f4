/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys that mechanisms have made become objects (object.h). Called by keygen.c, wrap.c and derive.c
 * with the client's template and the mechanism's values.
 */
#include "config.h"

#include "object.h"

#include "shelf.h"
#include "table.h"
#include "template.h"

static gboolean
is_so (CratonSession *session)
{
	gboolean so;

	craton_table_lock ();
	so = session->slot->login == CRATON_LOGIN_SO;
	craton_table_unlock ();
	return so;
}

static gboolean
has (const CratonObject *base, CK_ATTRIBUTE_TYPE type)
{
	return base != NULL && craton_object_get_bool (base, type, FALSE);
}

CK_RV
craton_object_new_key (CratonSession *session, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                       const CK_ATTRIBUTE *made, CK_ULONG n_made, CratonOrigin origin,
                       CK_MECHANISM_TYPE mechanism, CratonObject *base,
                       CK_OBJECT_HANDLE *ret_handle)
{
	static const CratonWay ways[] = {
		[CRATON_ORIGIN_GENERATED] = CRATON_WAY_GENERATE,
		[CRATON_ORIGIN_DERIVED] = CRATON_WAY_DERIVE,
		[CRATON_ORIGIN_UNWRAPPED] = CRATON_WAY_UNWRAP,
		[CRATON_ORIGIN_ENCAPSULATED] = CRATON_WAY_ENCAPSULATE,
		[CRATON_ORIGIN_DECAPSULATED] = CRATON_WAY_DECAPSULATE,
		[CRATON_ORIGIN_PUBLIC_HALF] = CRATON_WAY_PUBLIC_HALF,
	};
	CratonPlan plan = {
		.way = ways[origin],
		.by_so = is_so (session),
		.template = template,
		.n_attrs = n_attrs,
		.made = made,
		.n_made = n_made,
		.mechanism = mechanism,
		.base = base,
		.always_sensitive = has (base, CKA_ALWAYS_SENSITIVE),
		.never_extractable = has (base, CKA_NEVER_EXTRACTABLE),
	};
	g_autoptr (CratonObject) object = NULL;
	CK_RV rv = craton_template_make (&plan, &object);

	return rv == CKR_OK ? craton_shelf_put (session, &object, 1, ret_handle) : rv;
}

CK_RV
craton_object_new_derived (CratonSession *session, const CratonNewObject *objects, guint n_objects,
                           CratonObject *base, gboolean always_sensitive,
                           gboolean never_extractable, guint *ret_failed,
                           CK_OBJECT_HANDLE *ret_handles)
{
	CratonObject *made[CRATON_SHELF_PUT_MAX] = { NULL };
	CratonPlan plan = {
		.way = CRATON_WAY_DERIVE,
		.by_so = is_so (session),
		.base = base,
		.always_sensitive = always_sensitive,
		.never_extractable = never_extractable,
	};
	CK_RV rv = CKR_OK;

	g_assert (n_objects <= G_N_ELEMENTS (made));
	for (guint i = 0; rv == CKR_OK && i < n_objects; i++) {
		plan.template = objects[i].template;
		plan.n_attrs = objects[i].n_attrs;
		plan.made = objects[i].made;
		plan.n_made = objects[i].n_made;
		rv = craton_template_make (&plan, &made[i]);
		if (rv != CKR_OK && ret_failed != NULL)
			*ret_failed = i;
	}
	if (rv == CKR_OK)
		rv = craton_shelf_put (session, made, n_objects, ret_handles);
	for (guint i = 0; i < n_objects; i++)
		craton_object_unref (made[i]);
	return rv;
}

CK_RV
craton_object_new_pair (CratonSession *session, const CK_ATTRIBUTE *public_template,
                        CK_ULONG n_public, const CK_ATTRIBUTE *private_template, CK_ULONG n_private,
                        const CK_ATTRIBUTE *public_made, CK_ULONG n_public_made,
                        const CK_ATTRIBUTE *private_made, CK_ULONG n_private_made,
                        CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE *ret_public,
                        CK_OBJECT_HANDLE *ret_private)
{
	gboolean so = is_so (session);
	CratonPlan public_plan = { .way = CRATON_WAY_GENERATE,
		                   .by_so = so,
		                   .template = public_template,
		                   .n_attrs = n_public,
		                   .made = public_made,
		                   .n_made = n_public_made,
		                   .mechanism = mechanism };
	CratonPlan private_plan = { .way = CRATON_WAY_GENERATE,
		                    .by_so = so,
		                    .template = private_template,
		                    .n_attrs = n_private,
		                    .made = private_made,
		                    .n_made = n_private_made,
		                    .mechanism = mechanism };
	g_autoptr (CratonObject) public_key = NULL;
	g_autoptr (CratonObject) private_key = NULL;
	CratonObject *pair[2];
	CK_OBJECT_HANDLE handles[2];
	CK_RV rv = craton_template_make (&public_plan, &public_key);

	if (rv == CKR_OK)
		rv = craton_template_make (&private_plan, &private_key);
	if (rv != CKR_OK)
		return rv;
	pair[0] = public_key;
	pair[1] = private_key;
	rv = craton_shelf_put (session, pair, 2, handles);
	if (rv != CKR_OK)
		return rv;
	*ret_public = handles[0];
	*ret_private = handles[1];
	return CKR_OK;
}
