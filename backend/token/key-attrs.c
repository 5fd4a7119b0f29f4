/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of attributes for new keys; see key-attrs.h. Called by keygen.c, wrap.c, derive.c and the
 * mechanisms.
 */
#include "config.h"

#include "key-attrs.h"

#include <openssl/crypto.h>
#include <string.h>

/* Room for @len bytes as the value of the next attribute; NULL after a failure. */
static CK_BYTE *
add_room (CratonKeyAttrs *attrs, CK_ATTRIBUTE_TYPE type, gsize len)
{
	CK_BYTE *value = attrs->n < CRATON_KEY_ATTRS_MAX ? OPENSSL_zalloc (MAX (len, 1)) : NULL;

	if (value == NULL) {
		attrs->failed = TRUE;
		return NULL;
	}
	attrs->attrs[attrs->n++] = (CK_ATTRIBUTE){ type, value, len };
	return value;
}

void
craton_key_attrs_add (CratonKeyAttrs *attrs, CK_ATTRIBUTE_TYPE type, const void *value, gsize len)
{
	CK_BYTE *room = add_room (attrs, type, len);

	if (room != NULL && len > 0)
		memcpy (room, value, len);
}

void
craton_key_attrs_add_ulong (CratonKeyAttrs *attrs, CK_ATTRIBUTE_TYPE type, CK_ULONG value)
{
	craton_key_attrs_add (attrs, type, &value, sizeof value);
}

void
craton_key_attrs_add_bn (CratonKeyAttrs *attrs, CK_ATTRIBUTE_TYPE type, const BIGNUM *value,
                         gsize len)
{
	gsize room_len = len > 0 ? len : (gsize) BN_num_bytes (value);
	CK_BYTE *room = add_room (attrs, type, room_len);

	if (room != NULL && BN_bn2binpad (value, room, (int) room_len) < 0)
		attrs->failed = TRUE;
}

void
craton_key_attrs_clear (CratonKeyAttrs *attrs)
{
	for (CK_ULONG i = 0; i < attrs->n; i++)
		OPENSSL_clear_free (attrs->attrs[i].pValue, attrs->attrs[i].ulValueLen);
	attrs->n = 0;
}

const CK_ATTRIBUTE *
craton_key_attrs_find (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ATTRIBUTE_TYPE type)
{
	for (CK_ULONG i = 0; i < n_attrs; i++)
		if (template[i].type == type)
			return &template[i];
	return NULL;
}

CK_RV
craton_key_attrs_find_ulong (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ATTRIBUTE_TYPE type,
                             CK_ULONG *ret_value)
{
	const CK_ATTRIBUTE *attr = craton_key_attrs_find (template, n_attrs, type);

	if (attr == NULL)
		return CKR_TEMPLATE_INCOMPLETE;
	if (attr->pValue == NULL || attr->ulValueLen != sizeof *ret_value)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	memcpy (ret_value, attr->pValue, sizeof *ret_value);
	return CKR_OK;
}
