/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_DeriveKey; see derive.h. Templates are the client's. Called through the function list and by
 * the mechanisms.
 */
#include "config.h"

#include "derive.h"

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
craton_derive_plan (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ULONG natural_len,
                    CK_ULONG max_len, CratonDerived *ret_derived)
{
	gboolean named = craton_key_attrs_find (template, n_attrs, CKA_VALUE_LEN) != NULL;
	CK_ULONG class, type, len;
	CK_RV rv = optional_ulong (template, n_attrs, CKA_CLASS, CKO_SECRET_KEY, &class);

	if (rv == CKR_OK)
		rv = optional_ulong (template, n_attrs, CKA_KEY_TYPE, CKK_GENERIC_SECRET, &type);
	if (rv == CKR_OK)
		rv = optional_ulong (template, n_attrs, CKA_VALUE_LEN, natural_len, &len);
	if (rv != CKR_OK)
		return rv;
	if (class != CKO_SECRET_KEY || len > max_len)
		return CKR_TEMPLATE_INCONSISTENT;
	if (len == 0 || (type == CKK_AES && len != 16 && len != 24 && len != 32))
		return named ? CKR_ATTRIBUTE_VALUE_INVALID : CKR_TEMPLATE_INCOMPLETE;
	ret_derived->type = type;
	ret_derived->len = len;
	return CKR_OK;
}

CK_RV
craton_derive_publish (CratonSession *session, CK_MECHANISM_TYPE mechanism, CratonObject *base,
                       const CratonDerived *derived, const CK_BYTE *value,
                       const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	g_auto (CratonKeyAttrs) made = { 0 };

	craton_key_attrs_add_ulong (&made, CKA_CLASS, CKO_SECRET_KEY);
	craton_key_attrs_add_ulong (&made, CKA_KEY_TYPE, derived->type);
	craton_key_attrs_add_ulong (&made, CKA_VALUE_LEN, derived->len);
	craton_key_attrs_add (&made, CKA_VALUE, value, derived->len);
	if (made.failed)
		return CKR_HOST_MEMORY;
	return craton_object_new_key (session, template, n_attrs, made.attrs, made.n,
	                              CRATON_ORIGIN_DERIVED, mechanism, base, ret_key);
}

static CK_RV
derive (CratonSession *session, const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base_handle,
        const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	const CratonMech *mech = craton_mech_find (mechanism->mechanism);
	g_autoptr (CratonObject) base = NULL;
	CK_RV rv;

	if (mech == NULL || mech->derive == NULL)
		return CKR_MECHANISM_INVALID;
	rv = craton_session_find_key (session, base_handle, &base);
	if (rv == CKR_OK)
		rv = craton_op_check_key (mech, base, CKA_DERIVE, FALSE);
	if (rv == CKR_OK)
		rv = mech->derive (session, mech, mechanism, base, template, n_attrs, ret_key);
	return rv;
}

CK_RV
craton_token_DeriveKey (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism, CK_OBJECT_HANDLE base,
                        CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs, CK_OBJECT_HANDLE_PTR key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_OBJECT_HANDLE made;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || key == NULL || (template == NULL && n_attrs > 0))
		return CKR_ARGUMENTS_BAD;
	rv = derive (session, mechanism, base, template, n_attrs, &made);
	if (rv == CKR_OK)
		*key = made;
	ERR_clear_error ();
	return rv;
}
