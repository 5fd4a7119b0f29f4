/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lists of attributes for new keys; see key-attrs.h. Called by keygen.c, wrap.c, derive.c and the
 * mechanisms.
 */
#include "config.h"

#include "key-attrs.h"

#include "attr.h"

#include <openssl/crypto.h>
#include <string.h>

/* Of a number in a template that is repeated, in bytes. */
#define NUMBER_MAX 2048

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
craton_key_attrs_add_secret (CratonKeyAttrs *attrs, CK_KEY_TYPE type, const void *value, gsize len)
{
	craton_key_attrs_add_ulong (attrs, CKA_CLASS, craton_attr_symmetric_class (type));
	craton_key_attrs_add_ulong (attrs, CKA_KEY_TYPE, type);
	if (craton_attr_key_len (type) == 0)
		craton_key_attrs_add_ulong (attrs, CKA_VALUE_LEN, len);
	craton_key_attrs_add (attrs, CKA_VALUE, value, len);
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

static gboolean
is_domain_number (CK_ATTRIBUTE_TYPE type)
{
	return type == CKA_PRIME || type == CKA_SUBPRIME || type == CKA_BASE;
}

void
craton_key_attrs_repeat (CratonKeyAttrs *attrs, const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	for (CK_ULONG i = 0; i < attrs->n; i++) {
		CK_ATTRIBUTE *made = &attrs->attrs[i];
		const CK_ATTRIBUTE *given =
			craton_key_attrs_find (template, n_attrs, made->type);
		CK_ULONG len = given == NULL ? 0 : given->ulValueLen;
		CK_BYTE *padded;

		if (!is_domain_number (made->type) || len <= made->ulValueLen || len > NUMBER_MAX)
			continue;
		padded = OPENSSL_zalloc (len);
		if (padded == NULL) {
			attrs->failed = TRUE;
			return;
		}
		memcpy (padded + len - made->ulValueLen, made->pValue, made->ulValueLen);
		OPENSSL_free (made->pValue);
		made->pValue = padded;
		made->ulValueLen = len;
	}
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

CK_RV
craton_key_attrs_find_len (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_KEY_TYPE type,
                           CK_ULONG natural_len, CK_ULONG *ret_len)
{
	CK_ULONG only_len = craton_attr_key_len (type), len;
	CK_RV rv;

	/* That a template must not say it is found out with the other attributes. */
	if (only_len > 0) {
		*ret_len = only_len;
		return CKR_OK;
	}
	rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_VALUE_LEN, &len);
	if (rv == CKR_TEMPLATE_INCOMPLETE && natural_len > 0)
		len = natural_len;
	else if (rv != CKR_OK)
		return rv;
	if (!craton_attr_is_key_len (type, len))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	*ret_len = len;
	return CKR_OK;
}
