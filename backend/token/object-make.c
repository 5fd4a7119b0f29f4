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
	};
	CratonPlan plan = { ways[origin], is_so (session), template,  n_attrs,
		            made,         n_made,          mechanism, base };
	g_autoptr (CratonObject) object = NULL;
	CK_RV rv = craton_template_make (&plan, &object);

	return rv == CKR_OK ? craton_shelf_put (session, &object, 1, ret_handle) : rv;
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
	CratonPlan public_plan = { CRATON_WAY_GENERATE, so,
		                   public_template,     n_public,
		                   public_made,         n_public_made,
		                   mechanism,           NULL };
	CratonPlan private_plan = { CRATON_WAY_GENERATE, so,           private_template,
		                    n_private,           private_made, n_private_made,
		                    mechanism,           NULL };
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
