/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Templates: see attrs.h. At the proxy the caller's template is trusted as in a direct call and the backend's answer is not; at
 * the backend neither the request nor what a module leaves in its copy is.
 */
#include "config.h"

#include "attrs.h"

#include <string.h>

enum { VALUE, NESTED };

static bool
is_template (CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_WRAP_TEMPLATE:
	case CKA_UNWRAP_TEMPLATE:
	case CKA_DERIVE_TEMPLATE:
	case CKA_ENCAPSULATE_TEMPLATE:
	case CKA_DECAPSULATE_TEMPLATE:
		return true;
	default:
		return false;
	}
}

static bool
is_secret (CK_ATTRIBUTE_TYPE type)
{
	switch (type) {
	case CKA_VALUE:
	case CKA_SEED:
	case CKA_PRIVATE_EXPONENT:
	case CKA_PRIME_1:
	case CKA_PRIME_2:
	case CKA_EXPONENT_1:
	case CKA_EXPONENT_2:
	case CKA_COEFFICIENT:
		return true;
	default:
		return false;
	}
}

/* Whether this value is an array of attributes, whose pointers must not travel as bytes. */
static bool
is_nested (CK_ATTRIBUTE_TYPE type, bool has_value, CK_ULONG len)
{
	return is_template (type) && has_value && len != 0 && len % sizeof (CK_ATTRIBUTE) == 0;
}

static void
put_level (CratonWire *wire, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs, unsigned int depth)
{
	craton_buf_put_u64 (&wire->buf, attrs != NULL);
	craton_buf_put_u64 (&wire->buf, n_attrs);
	if (attrs == NULL)
		return;
	if (n_attrs > CRATON_ATTRS_MAX || depth > CRATON_DEPTH_MAX) {
		craton_wire_refuse (wire, CKR_TEMPLATE_INCONSISTENT);
		return;
	}
	for (CK_ULONG i = 0; i < n_attrs && wire->rv == CKR_OK; i++) {
		const CK_ATTRIBUTE *attr = &attrs[i];
		bool nested = is_nested (attr->type, attr->pValue != NULL, attr->ulValueLen);

		wire->secret |= is_secret (attr->type);
		craton_buf_put_u64 (&wire->buf, attr->type);
		craton_buf_put_u64 (&wire->buf, nested ? NESTED : VALUE);
		if (nested)
			put_level (wire, attr->pValue, attr->ulValueLen / sizeof (CK_ATTRIBUTE), depth + 1);
		else if (attr->pValue != NULL && attr->ulValueLen > CRATON_VALUE_MAX)
			craton_wire_refuse (wire, CKR_ATTRIBUTE_VALUE_INVALID);
		else
			craton_buf_put_opt (&wire->buf, attr->pValue, attr->ulValueLen);
	}
}

void
craton_attrs_put (CratonWire *wire, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs)
{
	put_level (wire, attrs, n_attrs, 0);
}

/* Room for the attributes of one level, NULL for a NULL template or on failure. */
static CK_ATTRIBUTE *
get_array (CratonWire *wire, CK_ULONG *ret_n_attrs, unsigned int depth)
{
	bool present = craton_buf_get_max (&wire->buf, 1) != 0;
	CK_ULONG n_attrs = craton_buf_get_u64 (&wire->buf);
	CK_ATTRIBUTE *attrs;

	if (wire->buf.failed)
		return NULL;
	*ret_n_attrs = n_attrs;
	if (!present)
		return NULL;
	if (n_attrs > CRATON_ATTRS_MAX || depth > CRATON_DEPTH_MAX) {
		wire->buf.failed = true;
		return NULL;
	}
	attrs = craton_arena_take (wire->arena, n_attrs * sizeof *attrs);
	if (attrs == NULL)
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
	return attrs;
}

/* A private copy of the next value. */
static void
get_value (CratonWire *wire, CK_ATTRIBUTE *attr)
{
	size_t len;
	const uint8_t *bytes = craton_buf_get_opt (&wire->buf, &len);

	if (wire->buf.failed)
		return;
	attr->ulValueLen = len;
	if (bytes == NULL)
		return;
	if (is_nested (attr->type, true, len)) {
		wire->buf.failed = true;
		return;
	}
	attr->pValue = craton_wire_copy (wire, bytes, len);
}

static CK_ATTRIBUTE *
get_level (CratonWire *wire, CK_ULONG *ret_n_attrs, unsigned int depth)
{
	CK_ULONG n_attrs = 0;
	CK_ATTRIBUTE *attrs = get_array (wire, &n_attrs, depth);

	for (CK_ULONG i = 0; attrs != NULL && i < n_attrs && !wire->buf.failed; i++) {
		attrs[i].type = craton_buf_get_u64 (&wire->buf);
		wire->secret |= is_secret (attrs[i].type);
		if (craton_buf_get_max (&wire->buf, NESTED) == VALUE) {
			get_value (wire, &attrs[i]);
			continue;
		}
		if (!is_template (attrs[i].type))
			wire->buf.failed = true;
		else
			attrs[i].pValue = get_level (wire, &attrs[i].ulValueLen, depth + 1);
		attrs[i].ulValueLen *= sizeof (CK_ATTRIBUTE);
	}
	*ret_n_attrs = n_attrs;
	return attrs;
}

CK_ATTRIBUTE *
craton_attrs_get (CratonWire *wire, CK_ULONG *ret_n_attrs)
{
	return get_level (wire, ret_n_attrs, 0);
}

static size_t
announced (const CK_ATTRIBUTE *attr)
{
	return attr->ulValueLen < CRATON_VALUE_MAX ? attr->ulValueLen : CRATON_VALUE_MAX;
}

static void
put_query_level (CratonWire *wire, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs, unsigned int depth)
{
	craton_buf_put_u64 (&wire->buf, attrs != NULL);
	craton_buf_put_u64 (&wire->buf, n_attrs);
	if (attrs == NULL)
		return;
	if (n_attrs > CRATON_ATTRS_MAX || depth > CRATON_DEPTH_MAX) {
		craton_wire_refuse (wire, CKR_ARGUMENTS_BAD);
		return;
	}
	for (CK_ULONG i = 0; i < n_attrs && wire->rv == CKR_OK; i++) {
		const CK_ATTRIBUTE *attr = &attrs[i];
		bool has_value = attr->pValue != NULL;
		bool nested = is_nested (attr->type, has_value, attr->ulValueLen);

		wire->secret |= is_secret (attr->type);
		craton_buf_put_u64 (&wire->buf, attr->type);
		craton_buf_put_u64 (&wire->buf, nested ? NESTED : VALUE);
		wire->reply_max += 24;
		if (nested) {
			put_query_level (wire, attr->pValue, attr->ulValueLen / sizeof (CK_ATTRIBUTE), depth + 1);
			continue;
		}
		craton_buf_put_u64 (&wire->buf, has_value);
		craton_buf_put_u64 (&wire->buf, has_value ? announced (attr) : attr->ulValueLen);
		wire->reply_max += has_value ? announced (attr) : 0;
	}
}

void
craton_attrs_put_query (CratonWire *wire, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs)
{
	put_query_level (wire, attrs, n_attrs, 0);
}

static void
get_room (CratonWire *wire, CK_ATTRIBUTE *attr)
{
	bool has_value = craton_buf_get_max (&wire->buf, 1) != 0;

	attr->ulValueLen = craton_buf_get_u64 (&wire->buf);
	if (wire->buf.failed || !has_value)
		return;
	if (attr->ulValueLen > CRATON_VALUE_MAX || is_nested (attr->type, true, attr->ulValueLen)) {
		wire->buf.failed = true;
		return;
	}
	attr->pValue = craton_arena_take_raw (wire->arena, attr->ulValueLen);
	if (attr->pValue == NULL)
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
}

/* The module gets the first n_attrs attributes; an unchanged second copy of them lies behind, because what the module leaves in
 * its own is not to be trusted with pointers and lengths. */
static CK_ATTRIBUTE *
get_query_level (CratonWire *wire, CK_ULONG *ret_n_attrs, unsigned int depth)
{
	CK_ULONG n_attrs = 0;
	CK_ATTRIBUTE *first = get_array (wire, &n_attrs, depth);
	CK_ATTRIBUTE *attrs = first == NULL ? NULL : craton_arena_take (wire->arena, 2 * n_attrs * sizeof *attrs);

	if (first != NULL && attrs == NULL)
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
	for (CK_ULONG i = 0; attrs != NULL && i < n_attrs && !wire->buf.failed; i++) {
		attrs[i].type = craton_buf_get_u64 (&wire->buf);
		wire->secret |= is_secret (attrs[i].type);
		if (craton_buf_get_max (&wire->buf, NESTED) == VALUE) {
			get_room (wire, &attrs[i]);
		} else if (!is_template (attrs[i].type)) {
			wire->buf.failed = true;
		} else {
			attrs[i].pValue = get_query_level (wire, &attrs[i].ulValueLen, depth + 1);
			attrs[i].ulValueLen *= sizeof (CK_ATTRIBUTE);
		}
	}
	if (attrs != NULL && n_attrs != 0)
		memcpy (attrs + n_attrs, attrs, n_attrs * sizeof *attrs);
	*ret_n_attrs = n_attrs;
	return attrs;
}

CK_ATTRIBUTE *
craton_attrs_get_query (CratonWire *wire, CK_ULONG *ret_n_attrs)
{
	return get_query_level (wire, ret_n_attrs, 0);
}

/* The codes after which C_GetAttributeValue's template means something (PKCS#11 3.1, 5.7.5). */
static bool
has_values (CK_RV rv)
{
	return rv == CKR_OK || rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_ATTRIBUTE_TYPE_INVALID || rv == CKR_BUFFER_TOO_SMALL;
}

void
craton_attrs_put_values (CratonWire *wire, CK_RV rv, const CK_ATTRIBUTE *copy, CK_ULONG n_attrs)
{
	const CK_ATTRIBUTE *query;

	if (copy == NULL || !has_values (rv))
		return;
	query = copy + n_attrs;
	for (CK_ULONG i = 0; i < n_attrs; i++) {
		CK_ULONG len = copy[i].ulValueLen;
		bool filled = query[i].pValue != NULL && len != CK_UNAVAILABLE_INFORMATION && len <= query[i].ulValueLen;

		craton_buf_put_u64 (&wire->buf, len);
		if (!filled)
			continue;
		if (is_nested (query[i].type, true, query[i].ulValueLen)) {
			craton_attrs_put_values (wire, rv, query[i].pValue, query[i].ulValueLen / sizeof (CK_ATTRIBUTE));
			continue;
		}
		craton_buf_put_bytes (&wire->buf, query[i].pValue, len);
		if (is_secret (query[i].type))
			craton_wipe (query[i].pValue, len);
	}
}

void
craton_attrs_get_values (CratonWire *wire, CK_RV rv, CK_ATTRIBUTE *attrs, CK_ULONG n_attrs)
{
	if (attrs == NULL || !has_values (rv))
		return;
	for (CK_ULONG i = 0; i < n_attrs && !wire->buf.failed; i++) {
		CK_ULONG len = craton_buf_get_u64 (&wire->buf);
		bool has_value = attrs[i].pValue != NULL;
		bool fits = len != CK_UNAVAILABLE_INFORMATION && len <= announced (&attrs[i]);

		if (has_value && fits && is_nested (attrs[i].type, true, attrs[i].ulValueLen)) {
			craton_attrs_get_values (wire, rv, attrs[i].pValue, attrs[i].ulValueLen / sizeof (CK_ATTRIBUTE));
		} else if (has_value && fits) {
			const uint8_t *bytes = craton_buf_get_bytes (&wire->buf, len);

			if (bytes != NULL)
				memcpy (attrs[i].pValue, bytes, len);
		} else if (has_value && rv == CKR_OK && len != CK_UNAVAILABLE_INFORMATION) {
			/* A module that says CKR_OK and a length over the buffer's: the caller would read behind it. */
			wire->buf.failed = true;
		} else if (has_value && rv != CKR_BUFFER_TOO_SMALL) {
			/* After these codes the caller takes every attribute with a length for one with a value. */
			len = CK_UNAVAILABLE_INFORMATION;
		}
		if (!wire->buf.failed)
			attrs[i].ulValueLen = len;
	}
}
