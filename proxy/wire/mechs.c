/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mechanism parameters: the rows of mechs.def and the one engine that walks their fields. At the proxy the caller's structures
 * are trusted as in a direct call; at the backend every structure is built anew in private memory from checked bytes.
 */
#include "config.h"

#include "mechs.h"

#include <string.h>

#include "attrs.h"

/* (kind, field ...) of a LAYOUT row as a CratonField. */
#define VALUE_FIELD(T, k, b, f) { CRATON_FIELD_##k, b, offsetof (T, f), sizeof (((T *) 0)->f), 0, NULL }
#define LEN_FIELD(T, k, b, f, l) { CRATON_FIELD_##k, b, offsetof (T, f), sizeof (void *), offsetof (T, l), NULL }
#define NEST_FIELD(T, k, f, l, n) { CRATON_FIELD_##k, false, offsetof (T, f), sizeof (((T *) 0)->f), offsetof (T, l), &layout_##n }
#define FIELD_ULONG(T, f) VALUE_FIELD (T, ULONG, false, f)
#define FIELD_ULONG_BACK(T, f) VALUE_FIELD (T, ULONG, true, f)
#define FIELD_BYTE(T, f) VALUE_FIELD (T, BYTE, false, f)
#define FIELD_BYTE_BACK(T, f) VALUE_FIELD (T, BYTE, true, f)
#define FIELD_FIXED(T, f) VALUE_FIELD (T, FIXED, false, f)
#define FIELD_STRUCT(T, f, n) NEST_FIELD (T, STRUCT, f, f, n)
#define FIELD_BYTES(T, f, l) LEN_FIELD (T, BYTES, false, f, l)
#define FIELD_BYTES_BACK(T, f, l) LEN_FIELD (T, BYTES, true, f, l)
#define FIELD_BITS(T, f, l) LEN_FIELD (T, BITS, false, f, l)
#define FIELD_BITS_BACK(T, f, l) LEN_FIELD (T, BITS, true, f, l)
#define FIELD_SIZED(T, f, n) { CRATON_FIELD_SIZED, false, offsetof (T, f), n, 0, NULL }
#define FIELD_SIZED_BACK(T, f, n) { CRATON_FIELD_SIZED, true, offsetof (T, f), n, 0, NULL }
#define FIELD_POINTER(T, f, n) NEST_FIELD (T, POINTER, f, f, n)
#define FIELD_ARRAY(T, f, l, n) NEST_FIELD (T, ARRAY, f, l, n)
#define FIELD_TEMPLATE(T, f, l) LEN_FIELD (T, TEMPLATE, false, f, l)
#define FIELD_HANDLE_BACK(T, f) VALUE_FIELD (T, HANDLE, true, f)
#define FIELD_LENPTR_BACK(T, f, l) LEN_FIELD (T, LENPTR, true, f, l)
#define FIELD_OUTERIV_BACK(T, f) VALUE_FIELD (T, OUTERIV, true, f)
#define FIELD_PASSWORD(T, f, l) LEN_FIELD (T, PASSWORD, false, f, l)

#define FIELD_(T, k, ...) FIELD_##k (T, __VA_ARGS__)
#define FIELD(T, tuple) APPLY (FIELD_, T, UNPAREN tuple)
#define APPLY(macro, ...) macro (__VA_ARGS__)
#define UNPAREN(...) __VA_ARGS__
#define EACH1(T, a) FIELD (T, a)
#define EACH2(T, a, ...) FIELD (T, a), EACH1 (T, __VA_ARGS__)
#define EACH3(T, a, ...) FIELD (T, a), EACH2 (T, __VA_ARGS__)
#define EACH4(T, a, ...) FIELD (T, a), EACH3 (T, __VA_ARGS__)
#define EACH5(T, a, ...) FIELD (T, a), EACH4 (T, __VA_ARGS__)
#define EACH6(T, a, ...) FIELD (T, a), EACH5 (T, __VA_ARGS__)
#define EACH7(T, a, ...) FIELD (T, a), EACH6 (T, __VA_ARGS__)
#define PICK(a, b, c, d, e, f, g, n, ...) n
#define EACH(T, ...) PICK (__VA_ARGS__, EACH7, EACH6, EACH5, EACH4, EACH3, EACH2, EACH1, 0) (T, __VA_ARGS__)

#define LAYOUT(T, ...)                                                                                       \
	static const CratonField fields_##T[] = { EACH (T, __VA_ARGS__), { CRATON_FIELD_END, false, 0, 0, 0, NULL } };  \
	static const CratonLayout layout_##T = { #T, sizeof (T), fields_##T };
#define MECH(m, T)
#define FLAT(m)
#define EITHER(m, T)
#define MESSAGE(m, T)
#define WRAP(m, T)
#define RESULT(m, T)
#include "mechs.def"
#undef LAYOUT
#undef MECH
#undef FLAT
#undef EITHER
#undef MESSAGE
#undef WRAP
#undef RESULT

typedef struct {
	CK_MECHANISM_TYPE type;
	CratonParamRole role;
	bool flat; /* plain bytes are allowed */
	const CratonLayout *layout;
} Row;

#define LAYOUT(T, ...)
#define MECH(m, T) { m, CRATON_PARAM_NORMAL, false, &layout_##T },
#define FLAT(m) { m, CRATON_PARAM_NORMAL, true, NULL },
#define EITHER(m, T) { m, CRATON_PARAM_NORMAL, true, &layout_##T },
#define MESSAGE(m, T) { m, CRATON_PARAM_MESSAGE, false, &layout_##T },
#define WRAP(m, T) { m, CRATON_PARAM_WRAP, false, &layout_##T },
#define RESULT(m, T)
static const Row rows[] = {
#include "mechs.def"
};
#define N_ROWS (sizeof rows / sizeof rows[0])
#undef MECH
#undef FLAT
#undef EITHER
#undef MESSAGE
#undef WRAP
#undef RESULT

/* Apart from the others: it is asked at each C_SignInit. */
typedef struct {
	CK_MECHANISM_TYPE type;
	const CratonLayout *layout;
} Result;

#define MECH(m, T)
#define FLAT(m)
#define EITHER(m, T)
#define MESSAGE(m, T)
#define WRAP(m, T)
#define RESULT(m, T) { m, &layout_##T },
static const Result results[] = {
#include "mechs.def"
};
#define N_RESULTS (sizeof results / sizeof results[0])

static const Row *
find_row (CK_MECHANISM_TYPE type, CratonParamRole role)
{
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].type == type && rows[i].role == role)
			return &rows[i];
	}
	return NULL;
}

bool
craton_mechs_nth (size_t index, CK_MECHANISM_TYPE *ret_type, CratonParamRole *ret_role, const CratonLayout **ret_layout)
{
	if (index >= N_ROWS)
		return false;
	*ret_type = rows[index].type;
	*ret_role = rows[index].role;
	*ret_layout = rows[index].layout;
	return true;
}

/* The structure that a parameter of @len bytes is, or NULL with *@ret_flat telling whether plain bytes are allowed. */
static const CratonLayout *
choose (const CratonWire *wire, CK_MECHANISM_TYPE type, CratonParamRole role, size_t len, bool *ret_flat, bool *ret_known)
{
	const Row *special = role == CRATON_PARAM_NORMAL ? NULL : find_row (type, role);
	const Row *row = find_row (type, CRATON_PARAM_NORMAL);

	*ret_known = special != NULL || row != NULL;
	*ret_flat = row != NULL && row->flat;
	if (special != NULL && special->layout->size == len)
		return special->layout;
	if (row != NULL && row->layout != NULL && row->layout->size == len)
		return row->layout;
	for (size_t i = 0; i < wire->n_flat && !*ret_known; i++)
		*ret_flat |= wire->flat[i] == type;
	return NULL;
}

const CratonLayout *
craton_mechs_layout (CK_MECHANISM_TYPE type, CratonParamRole role, size_t len)
{
	const CratonWire none = { .n_flat = 0 };
	bool flat, known;

	return choose (&none, type, role, len, &flat, &known);
}

static void
add_back (CratonWire *wire, void *place, size_t len)
{
	if (place == NULL || len == 0)
		return;
	if (wire->n_backs == CRATON_BACKS_MAX) {
		craton_wire_refuse (wire, CKR_MECHANISM_PARAM_INVALID);
		return;
	}
	wire->backs[wire->n_backs++] = (CratonBack) { place, len };
	wire->reply_max += craton_align (len, 8);
}

static CK_ULONG
ulong_at (const void *structure, size_t offset)
{
	CK_ULONG value;

	memcpy (&value, (const char *) structure + offset, sizeof value);
	return value;
}

static void *
pointer_at (const void *structure, size_t offset)
{
	void *value;

	memcpy (&value, (const char *) structure + offset, sizeof value);
	return value;
}

static void
set_ulong (void *structure, size_t offset, CK_ULONG value)
{
	memcpy ((char *) structure + offset, &value, sizeof value);
}

static void
set_pointer (void *structure, size_t offset, const void *value)
{
	memcpy ((char *) structure + offset, &value, sizeof value);
}

/* The IVs of CK_SSL3_KEY_MAT_OUT have their length in the structure around it, at the same place in both that there are. */
_Static_assert (offsetof (CK_SSL3_KEY_MAT_PARAMS, ulIVSizeInBits) == offsetof (CK_TLS12_KEY_MAT_PARAMS, ulIVSizeInBits),
                "one offset serves both");

static size_t
pointed_len (const CratonField *field, const void *structure, const void *outer)
{
	switch (field->kind) {
	case CRATON_FIELD_BYTES:
		return ulong_at (structure, field->len_offset);
	case CRATON_FIELD_BITS:
		return ulong_at (structure, field->len_offset) / 8 + (ulong_at (structure, field->len_offset) % 8 != 0);
	case CRATON_FIELD_OUTERIV:
		return ulong_at (outer, offsetof (CK_SSL3_KEY_MAT_PARAMS, ulIVSizeInBits)) / 8;
	default:
		return field->size;
	}
}

static void put_struct (CratonWire *wire, const CratonLayout *layout, void *structure, const void *outer, unsigned int depth);
static void get_struct (CratonWire *wire, const CratonLayout *layout, void *structure, const void *outer, unsigned int depth);

static void
put_bytes_field (CratonWire *wire, const CratonField *field, void *structure, const void *outer)
{
	void *bytes = pointer_at (structure, field->offset);
	size_t len = pointed_len (field, structure, outer);

	if (bytes != NULL && len > CRATON_VALUE_MAX) {
		craton_wire_refuse (wire, CKR_MECHANISM_PARAM_INVALID);
		return;
	}
	if (field->kind == CRATON_FIELD_BYTES || field->kind == CRATON_FIELD_BITS)
		craton_buf_put_u64 (&wire->buf, ulong_at (structure, field->len_offset));
	craton_buf_put_opt (&wire->buf, bytes, len);
	if (field->back)
		add_back (wire, bytes, len);
}

static void
get_bytes_field (CratonWire *wire, const CratonField *field, void *structure, const void *outer)
{
	size_t len;
	const uint8_t *bytes;
	void *copy;

	if (field->kind == CRATON_FIELD_BYTES || field->kind == CRATON_FIELD_BITS)
		set_ulong (structure, field->len_offset, craton_buf_get_u64 (&wire->buf));
	bytes = craton_buf_get_opt (&wire->buf, &len);
	if (bytes == NULL || wire->buf.failed)
		return;
	if (len != pointed_len (field, structure, outer) || len > CRATON_VALUE_MAX) {
		wire->buf.failed = true;
		return;
	}
	copy = craton_wire_copy (wire, bytes, len);
	set_pointer (structure, field->offset, copy);
	if (field->back)
		add_back (wire, copy, len);
}

static void
put_array_field (CratonWire *wire, const CratonField *field, void *structure, unsigned int depth)
{
	char *element = pointer_at (structure, field->offset);
	CK_ULONG n = field->kind == CRATON_FIELD_ARRAY ? ulong_at (structure, field->len_offset) : 1;

	craton_buf_put_u64 (&wire->buf, element != NULL);
	craton_buf_put_u64 (&wire->buf, n);
	if (element != NULL && (n > CRATON_ARRAY_MAX || depth >= CRATON_DEPTH_MAX)) {
		craton_wire_refuse (wire, CKR_MECHANISM_PARAM_INVALID);
		return;
	}
	for (CK_ULONG i = 0; element != NULL && i < n; i++, element += field->nested->size)
		put_struct (wire, field->nested, element, structure, depth + 1);
}

static void
get_array_field (CratonWire *wire, const CratonField *field, void *structure, unsigned int depth)
{
	bool present = craton_buf_get_max (&wire->buf, 1) != 0;
	CK_ULONG n = craton_buf_get_u64 (&wire->buf);
	char *element;

	if (wire->buf.failed)
		return;
	if (field->kind == CRATON_FIELD_ARRAY)
		set_ulong (structure, field->len_offset, n);
	if (!present)
		return;
	if (n > CRATON_ARRAY_MAX || depth >= CRATON_DEPTH_MAX || (field->kind != CRATON_FIELD_ARRAY && n != 1)) {
		wire->buf.failed = true;
		return;
	}
	element = craton_arena_take (wire->arena, n * field->nested->size);
	if (element == NULL) {
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
		return;
	}
	set_pointer (structure, field->offset, element);
	for (CK_ULONG i = 0; i < n && !wire->buf.failed; i++, element += field->nested->size)
		get_struct (wire, field->nested, element, structure, depth + 1);
}

/* The number of bytes stands behind a pointer: the module writes both. */
static void
put_lenptr_field (CratonWire *wire, const CratonField *field, void *structure)
{
	void *bytes = pointer_at (structure, field->offset);
	CK_ULONG *len = pointer_at (structure, field->len_offset);
	CK_ULONG n = len != NULL ? *len : 0;

	if (n > CRATON_VALUE_MAX)
		n = CRATON_VALUE_MAX;
	craton_buf_put_u64 (&wire->buf, len != NULL);
	craton_buf_put_u64 (&wire->buf, bytes != NULL);
	craton_buf_put_u64 (&wire->buf, n);
	add_back (wire, len, sizeof *len);
	add_back (wire, bytes, n);
}

static void
get_lenptr_field (CratonWire *wire, const CratonField *field, void *structure)
{
	bool has_len = craton_buf_get_max (&wire->buf, 1) != 0;
	bool has_bytes = craton_buf_get_max (&wire->buf, 1) != 0;
	CK_ULONG n = craton_buf_get_max (&wire->buf, CRATON_VALUE_MAX);
	CK_ULONG *len = has_len ? craton_arena_take (wire->arena, sizeof *len) : NULL;
	void *bytes = has_bytes ? craton_arena_take (wire->arena, n) : NULL;

	if (wire->buf.failed || (has_len && len == NULL) || (has_bytes && bytes == NULL)) {
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
		return;
	}
	if (len != NULL)
		*len = n;
	set_pointer (structure, field->len_offset, len);
	set_pointer (structure, field->offset, bytes);
	add_back (wire, len, sizeof *len);
	add_back (wire, bytes, n);
}

/* CK_PKCS5_PBKD2_PARAMS has a pointer where CK_PKCS5_PBKD2_PARAMS2 has the length itself; the module gets the form that
 * the caller used. */
static void
put_password_field (CratonWire *wire, const CratonField *field, void *structure)
{
	CK_ULONG len = ulong_at (structure, field->len_offset);
	bool indirect = len > CRATON_PASSWORD_MAX;

	if (indirect)
		len = *(CK_ULONG *) pointer_at (structure, field->len_offset);
	craton_buf_put_u64 (&wire->buf, indirect);
	craton_buf_put_opt (&wire->buf, pointer_at (structure, field->offset), len);
	wire->secret = true;
	if (len > CRATON_PASSWORD_MAX)
		craton_wire_refuse (wire, CKR_MECHANISM_PARAM_INVALID);
}

static void
get_password_field (CratonWire *wire, const CratonField *field, void *structure)
{
	bool indirect = craton_buf_get_max (&wire->buf, 1) != 0;
	size_t len;
	const uint8_t *bytes = craton_buf_get_opt (&wire->buf, &len);
	CK_ULONG *cell = craton_arena_take (wire->arena, sizeof *cell);

	if (wire->buf.failed || len > CRATON_PASSWORD_MAX || cell == NULL) {
		wire->buf.failed = true;
		return;
	}
	*cell = len;
	if (indirect)
		set_pointer (structure, field->len_offset, cell);
	else
		set_ulong (structure, field->len_offset, len);
	set_pointer (structure, field->offset, craton_wire_copy (wire, bytes, len));
}

/* A value inside the structure, or the one handle that a pointer leads to. */
static void
put_plain_field (CratonWire *wire, const CratonField *field, void *structure)
{
	void *place = (char *) structure + field->offset;
	size_t len = field->size;

	if (field->kind == CRATON_FIELD_HANDLE) {
		place = pointer_at (structure, field->offset);
		len = sizeof (CK_OBJECT_HANDLE);
		craton_buf_put_opt (&wire->buf, place, len);
	} else {
		craton_buf_put_bytes (&wire->buf, place, len);
	}
	if (field->back)
		add_back (wire, place, len);
}

static void
get_plain_field (CratonWire *wire, const CratonField *field, void *structure)
{
	void *place = (char *) structure + field->offset;
	size_t len = field->size;
	const uint8_t *bytes;

	if (field->kind == CRATON_FIELD_HANDLE) {
		bytes = craton_buf_get_opt (&wire->buf, &len);
		if (bytes == NULL)
			return;
		place = craton_arena_take (wire->arena, sizeof (CK_OBJECT_HANDLE));
		if (place == NULL || len != sizeof (CK_OBJECT_HANDLE)) {
			wire->buf.failed = true;
			return;
		}
		set_pointer (structure, field->offset, place);
	} else {
		bytes = craton_buf_get_bytes (&wire->buf, len);
	}
	if (bytes == NULL)
		return;
	memcpy (place, bytes, len);
	if (field->back)
		add_back (wire, place, len);
}

static void
put_struct (CratonWire *wire, const CratonLayout *layout, void *structure, const void *outer, unsigned int depth)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		switch (field->kind) {
		case CRATON_FIELD_STRUCT:
			put_struct (wire, field->nested, (char *) structure + field->offset, structure, depth);
			break;
		case CRATON_FIELD_BYTES:
		case CRATON_FIELD_BITS:
		case CRATON_FIELD_SIZED:
		case CRATON_FIELD_OUTERIV:
			put_bytes_field (wire, field, structure, outer);
			break;
		case CRATON_FIELD_POINTER:
		case CRATON_FIELD_ARRAY:
			put_array_field (wire, field, structure, depth);
			break;
		case CRATON_FIELD_TEMPLATE:
			craton_attrs_put (wire, pointer_at (structure, field->offset), ulong_at (structure, field->len_offset));
			break;
		case CRATON_FIELD_LENPTR:
			put_lenptr_field (wire, field, structure);
			break;
		case CRATON_FIELD_PASSWORD:
			put_password_field (wire, field, structure);
			break;
		default:
			put_plain_field (wire, field, structure);
		}
	}
}

static void
get_struct (CratonWire *wire, const CratonLayout *layout, void *structure, const void *outer, unsigned int depth)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END && !wire->buf.failed; field++) {
		CK_ULONG n_attrs = 0;

		switch (field->kind) {
		case CRATON_FIELD_STRUCT:
			get_struct (wire, field->nested, (char *) structure + field->offset, structure, depth);
			break;
		case CRATON_FIELD_BYTES:
		case CRATON_FIELD_BITS:
		case CRATON_FIELD_SIZED:
		case CRATON_FIELD_OUTERIV:
			get_bytes_field (wire, field, structure, outer);
			break;
		case CRATON_FIELD_POINTER:
		case CRATON_FIELD_ARRAY:
			get_array_field (wire, field, structure, depth);
			break;
		case CRATON_FIELD_TEMPLATE:
			set_pointer (structure, field->offset, craton_attrs_get (wire, &n_attrs));
			set_ulong (structure, field->len_offset, n_attrs);
			break;
		case CRATON_FIELD_LENPTR:
			get_lenptr_field (wire, field, structure);
			break;
		case CRATON_FIELD_PASSWORD:
			get_password_field (wire, field, structure);
			break;
		default:
			get_plain_field (wire, field, structure);
		}
	}
}

enum { PLAIN, STRUCTURE };

void
craton_mechs_put_request (CratonWire *wire, CratonParamRole role, const CK_MECHANISM *mechanism)
{
	bool flat, known;
	const CratonLayout *layout;

	craton_buf_put_u64 (&wire->buf, mechanism != NULL);
	if (mechanism == NULL)
		return;
	craton_buf_put_u64 (&wire->buf, mechanism->mechanism);
	if (mechanism->pParameter == NULL || mechanism->ulParameterLen == 0) {
		craton_buf_put_u64 (&wire->buf, PLAIN);
		craton_buf_put_opt (&wire->buf, mechanism->pParameter, mechanism->ulParameterLen);
		return;
	}
	layout = choose (wire, mechanism->mechanism, role, mechanism->ulParameterLen, &flat, &known);
	if (layout != NULL) {
		craton_buf_put_u64 (&wire->buf, STRUCTURE);
		craton_buf_put_u64 (&wire->buf, layout->size);
		put_struct (wire, layout, mechanism->pParameter, mechanism->pParameter, 0);
	} else if (flat && mechanism->ulParameterLen <= CRATON_VALUE_MAX) {
		craton_buf_put_u64 (&wire->buf, PLAIN);
		craton_buf_put_opt (&wire->buf, mechanism->pParameter, mechanism->ulParameterLen);
	} else {
		wire->no_row = !known;
		wire->refused = mechanism->mechanism;
		craton_wire_refuse (wire, CKR_MECHANISM_PARAM_INVALID);
	}
}

/* A parameter of plain bytes as a private copy; NULL where the client passed NULL. */
static void *
get_plain_param (CratonWire *wire, CK_ULONG *ret_len)
{
	size_t len;
	const uint8_t *bytes = craton_buf_get_opt (&wire->buf, &len);

	*ret_len = len;
	return craton_wire_copy (wire, bytes, len);
}

static void *
get_struct_param (CratonWire *wire, const CratonLayout *layout)
{
	void *structure = layout == NULL ? NULL : craton_arena_take (wire->arena, layout->size);

	if (structure == NULL) {
		wire->buf.failed = true;
		return NULL;
	}
	get_struct (wire, layout, structure, structure, 0);
	return structure;
}

CK_MECHANISM *
craton_mechs_get_request (CratonWire *wire, CratonParamRole role)
{
	bool present = craton_buf_get_max (&wire->buf, 1) != 0;
	bool flat, known;
	CK_MECHANISM *mechanism = present ? craton_arena_take (wire->arena, sizeof *mechanism) : NULL;

	if (!present || mechanism == NULL) {
		wire->buf.failed |= present;
		return NULL;
	}
	mechanism->mechanism = craton_buf_get_u64 (&wire->buf);
	if (craton_buf_get_max (&wire->buf, STRUCTURE) == STRUCTURE) {
		mechanism->ulParameterLen = craton_buf_get_u64 (&wire->buf);
		mechanism->pParameter = get_struct_param (
			wire, choose (wire, mechanism->mechanism, role, mechanism->ulParameterLen, &flat, &known));
		return mechanism;
	}
	mechanism->pParameter = get_plain_param (wire, &mechanism->ulParameterLen);
	(void) choose (wire, mechanism->mechanism, role, 0, &flat, &known);
	if (mechanism->pParameter != NULL && mechanism->ulParameterLen != 0 && !flat)
		wire->buf.failed = true;
	return mechanism;
}

/* The layouts of the message calls, told apart by their sizes. */
const CratonLayout *
craton_mechs_message_layout (size_t len)
{
	_Static_assert (sizeof (CK_GCM_MESSAGE_PARAMS) != sizeof (CK_CCM_MESSAGE_PARAMS) &&
	                        sizeof (CK_GCM_MESSAGE_PARAMS) != sizeof (CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS) &&
	                        sizeof (CK_CCM_MESSAGE_PARAMS) != sizeof (CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS),
	                "the length tells the structure");
	for (size_t i = 0; i < N_ROWS; i++) {
		if (rows[i].role == CRATON_PARAM_MESSAGE && rows[i].layout->size == len)
			return rows[i].layout;
	}
	return NULL;
}

void
craton_mechs_put_message (CratonWire *wire, void *param, CK_ULONG param_len)
{
	const CratonLayout *layout = craton_mechs_message_layout (param_len);

	if (param == NULL || param_len == 0) {
		craton_buf_put_u64 (&wire->buf, PLAIN);
		craton_buf_put_opt (&wire->buf, param, param_len);
	} else if (layout != NULL) {
		craton_buf_put_u64 (&wire->buf, STRUCTURE);
		craton_buf_put_u64 (&wire->buf, param_len);
		put_struct (wire, layout, param, param, 0);
	} else {
		craton_wire_refuse (wire, CKR_MECHANISM_PARAM_INVALID);
	}
}

void *
craton_mechs_get_message (CratonWire *wire, CK_ULONG *ret_param_len)
{
	void *param;

	if (craton_buf_get_max (&wire->buf, STRUCTURE) == STRUCTURE) {
		*ret_param_len = craton_buf_get_u64 (&wire->buf);
		return get_struct_param (wire, craton_mechs_message_layout (*ret_param_len));
	}
	param = get_plain_param (wire, ret_param_len);
	if (param != NULL && *ret_param_len != 0)
		wire->buf.failed = true;
	return param;
}

void
craton_mechs_put_backs (CratonWire *wire)
{
	for (size_t i = 0; i < wire->n_backs; i++)
		craton_buf_put_bytes (&wire->buf, wire->backs[i].place, wire->backs[i].len);
}

void
craton_mechs_get_backs (CratonWire *wire)
{
	for (size_t i = 0; i < wire->n_backs; i++) {
		const uint8_t *bytes = craton_buf_get_bytes (&wire->buf, wire->backs[i].len);

		if (bytes != NULL)
			memcpy (wire->backs[i].place, bytes, wire->backs[i].len);
	}
}

unsigned int
craton_mechs_result (CK_MECHANISM_TYPE type)
{
	for (unsigned int i = 0; i < N_RESULTS; i++) {
		if (results[i].type == type)
			return i + 1;
	}
	return 0;
}

/* A buffer with a structure at its beginning. A pointer in it is @from and an offset before, @to and the same offset afterwards. */
typedef struct {
	uint8_t *bytes;
	size_t len;
	size_t floor; /* structures below are done: none may lie over another, whose pointers it would change */
	uintptr_t from, to;
} Relocation;

/* Whether @n things of @size bytes lie in the buffer, @offset bytes behind its beginning. */
static bool
is_inside (const Relocation *self, size_t offset, CK_ULONG n, size_t size)
{
	return offset != 0 && offset <= self->len && n <= (self->len - offset) / size;
}

static bool
relocate (Relocation *self, const CratonLayout *layout, size_t at)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		bool array = field->kind == CRATON_FIELD_ARRAY;
		uint8_t *structure = self->bytes + at;
		size_t size = array ? field->nested->size : 1;
		size_t offset;
		CK_ULONG n;

		if (!array && field->kind != CRATON_FIELD_BYTES)
			continue;
		n = ulong_at (structure, field->len_offset);
		offset = (uintptr_t) pointer_at (structure, field->offset) - self->from;
		if (n == 0) {
			set_pointer (structure, field->offset, NULL);
			continue;
		}
		if (!is_inside (self, offset, n, size))
			return false;
		set_pointer (structure, field->offset, (void *) (self->to + offset));
		if (array && (offset < self->floor || offset % sizeof (CK_ULONG) != 0))
			return false;
		if (array)
			self->floor = offset + n * size;
		for (CK_ULONG i = 0; array && i < n; i++) {
			if (!relocate (self, field->nested, offset + i * size))
				return false;
		}
	}
	return true;
}

static bool
relocate_result (unsigned int result, uint8_t *bytes, size_t len, uintptr_t from, uintptr_t to)
{
	const CratonLayout *layout = result < 1 || result > N_RESULTS ? NULL : results[result - 1].layout;
	Relocation relocation = { .bytes = bytes, .len = len, .from = from, .to = to };

	if (layout == NULL || len < layout->size)
		return false;
	relocation.floor = layout->size;
	return relocate (&relocation, layout, 0);
}

bool
craton_mechs_pack_result (unsigned int result, uint8_t *bytes, size_t len)
{
	return relocate_result (result, bytes, len, (uintptr_t) bytes, 0);
}

bool
craton_mechs_unpack_result (unsigned int result, uint8_t *bytes, size_t len)
{
	return relocate_result (result, bytes, len, 0, (uintptr_t) bytes);
}
