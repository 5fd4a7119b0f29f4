/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The kinds of arguments. At the proxy the caller's pointers are trusted as in a direct call and the response is not; at the
 * backend nothing of the request is. What a failed call leaves in the caller's memory is what it would leave in a direct call:
 * nothing, but for the lengths of CKR_BUFFER_TOO_SMALL and the template of C_GetAttributeValue.
 */
#include "config.h"

#include "kinds.h"

#include <string.h>

#include "attrs.h"
#include "mechs.h"

static void *
pointer (CK_ULONG arg)
{
	return (void *) (uintptr_t) arg;
}

static CK_ULONG
word (const void *arg)
{
	return (CK_ULONG) (uintptr_t) arg;
}

void *
craton_wire_copy (CratonWire *wire, const uint8_t *bytes, size_t len)
{
	void *copy = bytes == NULL ? NULL : craton_arena_take (wire->arena, len);

	if (bytes != NULL && copy == NULL)
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
	if (copy != NULL && len != 0)
		memcpy (copy, bytes, len);
	return copy;
}

/* Memory for what the module writes, or NULL with the call refused. */
static void *
room (CratonWire *wire, size_t len)
{
	void *place = wire->buf.failed ? NULL : craton_arena_take (wire->arena, len);

	if (place == NULL)
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
	return place;
}

/* The rest of a kind that has nothing to send back. */
static void
put_nothing (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	(void) wire, (void) rv, (void) args;
}

/* s, t, u, b: numbers. The router has replaced session handles and slot numbers by the backend's. */
static void
put_ulong (CratonWire *wire, const CK_ULONG *args)
{
	craton_buf_put_u64 (&wire->buf, args[0]);
}

static void
get_ulong (CratonWire *wire, CK_ULONG *args)
{
	args[0] = craton_buf_get_u64 (&wire->buf);
}

/* x: a pointer that means something only in the caller's process: C_OpenSession's callback. */
static void
put_ignored (CratonWire *wire, const CK_ULONG *args)
{
	(void) wire, (void) args;
}

static void
get_ignored (CratonWire *wire, CK_ULONG *args)
{
	(void) wire;
	args[0] = 0;
}

/* i: bytes and their length. Bulk stays where it is; what is short enough to be parsed is copied. */
static void
put_bytes (CratonWire *wire, const CK_ULONG *args)
{
	if (args[0] != 0 && args[1] > CRATON_LANE_DATA_MAX)
		craton_wire_refuse (wire, CKR_HOST_MEMORY);
	else
		craton_buf_put_opt (&wire->buf, pointer (args[0]), args[1]);
}

static void
get_bytes (CratonWire *wire, CK_ULONG *args)
{
	size_t len;
	uint8_t *bytes = craton_buf_get_opt (&wire->buf, &len);

	args[0] = word (len >= CRATON_IN_PLACE_MIN ? bytes : craton_wire_copy (wire, bytes, len));
	args[1] = len;
}

/* p: a PIN: as i, always copied, and wiped at both ends. */
static void
put_pin (CratonWire *wire, const CK_ULONG *args)
{
	wire->secret = true;
	put_bytes (wire, args);
}

static void
get_pin (CratonWire *wire, CK_ULONG *args)
{
	size_t len;
	const uint8_t *bytes = craton_buf_get_opt (&wire->buf, &len);

	wire->secret = true;
	args[0] = word (craton_wire_copy (wire, bytes, len));
	args[1] = len;
}

/* l: a token's label, 32 bytes without a length. */
static void
put_label (CratonWire *wire, const CK_ULONG *args)
{
	craton_buf_put_opt (&wire->buf, pointer (args[0]), sizeof ((CK_TOKEN_INFO *) 0)->label);
}

static void
get_label (CratonWire *wire, CK_ULONG *args)
{
	size_t len;
	const uint8_t *bytes = craton_buf_get_opt (&wire->buf, &len);

	if (len != sizeof ((CK_TOKEN_INFO *) 0)->label)
		wire->buf.failed = true;
	else
		args[0] = word (craton_wire_copy (wire, bytes, len));
}

/* z: a string with its NUL. */
static void
put_string (CratonWire *wire, const CK_ULONG *args)
{
	const char *string = pointer (args[0]);

	craton_buf_put_opt (&wire->buf, string, string == NULL ? 0 : strnlen (string, CRATON_STRING_MAX - 1) + 1);
}

static void
get_string (CratonWire *wire, CK_ULONG *args)
{
	size_t len;
	const uint8_t *bytes = craton_buf_get_opt (&wire->buf, &len);
	char *string = len > CRATON_STRING_MAX ? NULL : craton_wire_copy (wire, bytes, len);

	if (bytes != NULL && (string == NULL || len == 0))
		wire->buf.failed = true;
	else if (string != NULL)
		string[len - 1] = '\0';
	args[0] = word (string);
}

/* Takes @len bytes of the out region. The lane can be smaller than what a caller announces. */
static uint8_t *
take_out (CratonWire *wire, size_t len)
{
	uint8_t *place = wire->out + wire->out_pos;

	if (len > wire->out_len || wire->out_pos > wire->out_len - len) {
		wire->buf.failed = true;
		return NULL;
	}
	wire->out_pos += craton_align (len, 64) <= wire->out_len - wire->out_pos ? craton_align (len, 64) : len;
	return place;
}

/* Copies what the module has written to the beginning of @place to the caller. */
static void
copy_out (CratonWire *wire, void *to, const uint8_t *place, size_t len)
{
	size_t end = (size_t) (place - wire->out) + len;

	memcpy (to, place, len);
	if (end > wire->out_used)
		wire->out_used = end;
}

static void
announce_out (CratonWire *wire, size_t len)
{
	wire->out_len = craton_align (wire->out_len + len, 64);
}

static size_t
announced (CK_ULONG len)
{
	return len < CRATON_OUT_MAX ? len : CRATON_OUT_MAX;
}

/* o: a buffer and a pointer to its length. The module writes into the out region. */
static void
put_out (CratonWire *wire, const CK_ULONG *args)
{
	const CK_ULONG *len = pointer (args[1]);
	size_t cap = len == NULL ? 0 : announced (*len);

	craton_buf_put_u64 (&wire->buf, args[0] != 0);
	craton_buf_put_u64 (&wire->buf, len != NULL);
	craton_buf_put_u64 (&wire->buf, args[0] != 0 || len == NULL ? cap : *len);
	if (args[0] != 0)
		announce_out (wire, cap);
	wire->reply_max += 8;
}

static void
get_out (CratonWire *wire, CK_ULONG *args)
{
	bool has_buffer = craton_buf_get_max (&wire->buf, 1) != 0;
	bool has_len = craton_buf_get_max (&wire->buf, 1) != 0;
	CK_ULONG cap = craton_buf_get_u64 (&wire->buf);
	CK_ULONG *len = has_len ? room (wire, sizeof *len) : NULL;

	if (wire->buf.failed)
		return;
	if (len != NULL)
		*len = cap;
	args[0] = has_buffer ? word (take_out (wire, cap)) : 0;
	args[1] = word (len);
}

static void
put_out_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	const CK_ULONG *len = pointer (args[1]);

	(void) rv;
	craton_buf_put_u64 (&wire->buf, len == NULL ? 0 : *len);
}

static void
get_out_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	CK_ULONG *len = pointer (args[1]);
	CK_ULONG got = craton_buf_get_u64 (&wire->buf);
	size_t cap = len == NULL ? 0 : announced (*len);
	const uint8_t *bytes = args[0] != 0 ? take_out (wire, cap) : NULL;

	if (wire->buf.failed || len == NULL || (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL))
		return;
	if (rv == CKR_OK && args[0] != 0 && got > cap) {
		wire->buf.failed = true;
		return;
	}
	if (rv == CKR_OK && bytes != NULL)
		copy_out (wire, pointer (args[0]), bytes, got);
	*len = got;
}

/* r: as o; with some mechanisms it is a structure, whose pointers travel as offsets. The module writes that one into memory that
 * the client does not see. */
static void
put_result (CratonWire *wire, const CK_ULONG *args)
{
	put_out (wire, args);
	craton_buf_put_u64 (&wire->buf, wire->result);
}

static void
get_result (CratonWire *wire, CK_ULONG *args)
{
	CK_ULONG *len;

	get_out (wire, args);
	wire->result = (unsigned int) craton_buf_get_max (&wire->buf, UINT16_MAX);
	len = pointer (args[1]);
	if (wire->buf.failed || wire->result == 0 || args[0] == 0 || len == NULL)
		return;
	if (*len > CRATON_RESULT_MAX)
		*len = CRATON_RESULT_MAX;
	wire->result_out = pointer (args[0]);
	wire->result_len = *len;
	args[0] = word (room (wire, *len));
}

static void
put_result_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	const CK_ULONG *len = pointer (args[1]);
	uint8_t *made = pointer (args[0]);

	if (rv == CKR_OK && wire->result_out != NULL) {
		if (*len > wire->result_len || !craton_mechs_pack_result (wire->result, made, *len)) {
			craton_wire_refuse (wire, CKR_DEVICE_ERROR);
			return;
		}
		memcpy (wire->result_out, made, *len);
	}
	put_out_back (wire, rv, args);
}

static void
get_result_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	const CK_ULONG *len = pointer (args[1]);
	uint8_t *got = pointer (args[0]);

	get_out_back (wire, rv, args);
	if (wire->buf.failed || wire->result == 0 || rv != CKR_OK || got == NULL || len == NULL)
		return;
	/* From here on only this process can change it. */
	if (!craton_mechs_unpack_result (wire->result, got, *len)) {
		craton_wipe (got, *len);
		wire->buf.failed = true;
	}
}

/* n: a buffer that the module fills whole. */
static void
put_fill (CratonWire *wire, const CK_ULONG *args)
{
	craton_buf_put_u64 (&wire->buf, args[0] != 0);
	craton_buf_put_u64 (&wire->buf, args[1]);
	if (args[0] != 0 && args[1] > CRATON_OUT_MAX)
		craton_wire_refuse (wire, CKR_HOST_MEMORY);
	else if (args[0] != 0)
		announce_out (wire, args[1]);
}

static void
get_fill (CratonWire *wire, CK_ULONG *args)
{
	bool has_buffer = craton_buf_get_max (&wire->buf, 1) != 0;

	args[1] = craton_buf_get_u64 (&wire->buf);
	args[0] = has_buffer && !wire->buf.failed ? word (take_out (wire, args[1])) : 0;
}

static void
get_fill_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	const uint8_t *bytes = args[0] != 0 ? take_out (wire, args[1]) : NULL;

	if (bytes != NULL && rv == CKR_OK)
		copy_out (wire, pointer (args[0]), bytes, args[1]);
}

/* M, m, w: a mechanism; where it stands decides what structure its parameter is. */
static void
put_mechanism (CratonWire *wire, const CK_ULONG *args)
{
	craton_mechs_put_request (wire, CRATON_PARAM_NORMAL, pointer (args[0]));
}

static void
get_mechanism (CratonWire *wire, CK_ULONG *args)
{
	args[0] = word (craton_mechs_get_request (wire, CRATON_PARAM_NORMAL));
}

static void
put_message_mechanism (CratonWire *wire, const CK_ULONG *args)
{
	craton_mechs_put_request (wire, CRATON_PARAM_MESSAGE, pointer (args[0]));
}

static void
get_message_mechanism (CratonWire *wire, CK_ULONG *args)
{
	args[0] = word (craton_mechs_get_request (wire, CRATON_PARAM_MESSAGE));
}

static void
put_wrap_mechanism (CratonWire *wire, const CK_ULONG *args)
{
	craton_mechs_put_request (wire, CRATON_PARAM_WRAP, pointer (args[0]));
}

static void
get_wrap_mechanism (CratonWire *wire, CK_ULONG *args)
{
	args[0] = word (craton_mechs_get_request (wire, CRATON_PARAM_WRAP));
}

static void
put_backs (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	(void) rv, (void) args;
	craton_mechs_put_backs (wire);
}

static void
get_backs (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	(void) rv, (void) args;
	craton_mechs_get_backs (wire);
}

/* P: the parameter of a message call and its length. */
static void
put_message (CratonWire *wire, const CK_ULONG *args)
{
	craton_mechs_put_message (wire, pointer (args[0]), args[1]);
}

static void
get_message (CratonWire *wire, CK_ULONG *args)
{
	args[0] = word (craton_mechs_get_message (wire, &args[1]));
}

/* A: a template and its count. */
static void
put_template (CratonWire *wire, const CK_ULONG *args)
{
	craton_attrs_put (wire, pointer (args[0]), args[1]);
}

static void
get_template (CratonWire *wire, CK_ULONG *args)
{
	args[0] = word (craton_attrs_get (wire, &args[1]));
}

/* G: C_GetAttributeValue's template and its count. */
static void
put_query (CratonWire *wire, const CK_ULONG *args)
{
	craton_attrs_put_query (wire, pointer (args[0]), args[1]);
}

static void
get_query (CratonWire *wire, CK_ULONG *args)
{
	args[0] = word (craton_attrs_get_query (wire, &args[1]));
}

static void
put_values (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	craton_attrs_put_values (wire, rv, pointer (args[0]), args[1]);
}

static void
get_values (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	craton_attrs_get_values (wire, rv, pointer (args[0]), args[1]);
}

/* A structure or a number that the module fills: its size, and whether the caller gave a place for it. */
static void
put_place (CratonWire *wire, const CK_ULONG *args, size_t len)
{
	craton_buf_put_u64 (&wire->buf, args[0] != 0);
	wire->reply_max += craton_align (len, 8);
}

static void
get_place (CratonWire *wire, CK_ULONG *args, size_t len)
{
	bool present = craton_buf_get_max (&wire->buf, 1) != 0;

	args[0] = present ? word (room (wire, len)) : 0;
}

static void
put_place_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args, size_t len)
{
	if (rv == CKR_OK && args[0] != 0)
		craton_buf_put_bytes (&wire->buf, pointer (args[0]), len);
}

static void
get_place_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args, size_t len)
{
	const uint8_t *bytes = rv == CKR_OK && args[0] != 0 ? craton_buf_get_bytes (&wire->buf, len) : NULL;

	if (bytes != NULL)
		memcpy (pointer (args[0]), bytes, len);
}

#define PLACE(name, type)                                                                                    \
	static void put_##name (CratonWire *wire, const CK_ULONG *args) { put_place (wire, args, sizeof (type)); }     \
	static void get_##name (CratonWire *wire, CK_ULONG *args) { get_place (wire, args, sizeof (type)); }           \
	static void put_##name##_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)                                \
	{                                                                                                    \
		put_place_back (wire, rv, args, sizeof (type));                                              \
	}                                                                                                    \
	static void get_##name##_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)                                \
	{                                                                                                    \
		get_place_back (wire, rv, args, sizeof (type));                                              \
	}

/* U: a number; 1 to 4: the information structures, which hold no pointers. */
PLACE (number, CK_ULONG)
PLACE (slot_info, CK_SLOT_INFO)
PLACE (token_info, CK_TOKEN_INFO)
PLACE (mechanism_info, CK_MECHANISM_INFO)
PLACE (session_info, CK_SESSION_INFO)

/* L: a list and a pointer to its count, as C_GetMechanismList fills it. */
static CK_ULONG
listed (CK_ULONG count)
{
	return count < CRATON_LIST_MAX ? count : CRATON_LIST_MAX;
}

static void
put_list (CratonWire *wire, const CK_ULONG *args)
{
	const CK_ULONG *count = pointer (args[1]);
	CK_ULONG max = count == NULL ? 0 : listed (*count);

	craton_buf_put_u64 (&wire->buf, args[0] != 0);
	craton_buf_put_u64 (&wire->buf, count != NULL);
	craton_buf_put_u64 (&wire->buf, max);
	wire->reply_max += 8 + (args[0] != 0 ? max * sizeof (CK_ULONG) : 0);
}

static void
get_list (CratonWire *wire, CK_ULONG *args)
{
	bool has_list = craton_buf_get_max (&wire->buf, 1) != 0;
	bool has_count = craton_buf_get_max (&wire->buf, 1) != 0;
	CK_ULONG max = craton_buf_get_max (&wire->buf, CRATON_LIST_MAX);
	CK_ULONG *count = has_count ? room (wire, 2 * sizeof *count) : NULL;
	CK_ULONG *list = has_list && !wire->buf.failed ? craton_arena_take_raw (wire->arena, max * sizeof *list) : NULL;

	if (wire->buf.failed || (has_list && list == NULL)) {
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
		return;
	}
	/* The module writes the first, the second remembers. */
	if (count != NULL)
		count[0] = count[1] = max;
	args[0] = word (list);
	args[1] = word (count);
}

static void
put_list_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	const CK_ULONG *count = pointer (args[1]);

	if (count == NULL)
		return;
	craton_buf_put_u64 (&wire->buf, count[0]);
	if (rv == CKR_OK && args[0] != 0)
		craton_buf_put_bytes (&wire->buf, pointer (args[0]),
		                      (count[0] < count[1] ? count[0] : count[1]) * sizeof (CK_ULONG));
}

static void
get_list_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	CK_ULONG *count = pointer (args[1]);
	CK_ULONG got = count == NULL ? 0 : craton_buf_get_u64 (&wire->buf);
	const uint8_t *bytes = NULL;

	if (count == NULL || wire->buf.failed || (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL))
		return;
	if (rv == CKR_OK && args[0] != 0 && got > listed (*count)) {
		wire->buf.failed = true;
		return;
	}
	if (rv == CKR_OK && args[0] != 0)
		bytes = craton_buf_get_bytes (&wire->buf, got * sizeof (CK_ULONG));
	if (bytes != NULL)
		memcpy (pointer (args[0]), bytes, got * sizeof (CK_ULONG));
	if (!wire->buf.failed)
		*count = got;
}

/* F: C_FindObjects: a list, how many it holds, a pointer to how many there are. */
static void
put_found (CratonWire *wire, const CK_ULONG *args)
{
	CK_ULONG max = listed (args[1]);

	craton_buf_put_u64 (&wire->buf, args[0] != 0);
	craton_buf_put_u64 (&wire->buf, max);
	craton_buf_put_u64 (&wire->buf, args[2] != 0);
	wire->reply_max += 8 + (args[0] != 0 ? max * sizeof (CK_ULONG) : 0);
}

static void
get_found (CratonWire *wire, CK_ULONG *args)
{
	bool has_list = craton_buf_get_max (&wire->buf, 1) != 0;
	CK_ULONG max = craton_buf_get_max (&wire->buf, CRATON_LIST_MAX);
	bool has_count = craton_buf_get_max (&wire->buf, 1) != 0;

	args[2] = has_count ? word (room (wire, sizeof (CK_ULONG))) : 0;
	args[1] = max;
	args[0] = has_list && !wire->buf.failed ? word (craton_arena_take_raw (wire->arena, max * sizeof (CK_ULONG))) : 0;
	if (has_list && args[0] == 0)
		craton_wire_refuse (wire, CKR_DEVICE_MEMORY);
}

static void
put_found_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	const CK_ULONG *count = pointer (args[2]);

	if (rv != CKR_OK || count == NULL || args[0] == 0)
		return;
	craton_buf_put_u64 (&wire->buf, *count);
	craton_buf_put_bytes (&wire->buf, pointer (args[0]), (*count < args[1] ? *count : args[1]) * sizeof (CK_ULONG));
}

static void
get_found_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	CK_ULONG *count = pointer (args[2]);
	CK_ULONG got;
	const uint8_t *bytes;

	if (rv != CKR_OK || count == NULL || args[0] == 0)
		return;
	got = craton_buf_get_max (&wire->buf, listed (args[1]));
	bytes = craton_buf_get_bytes (&wire->buf, got * sizeof (CK_ULONG));
	if (bytes == NULL)
		return;
	memcpy (pointer (args[0]), bytes, got * sizeof (CK_ULONG));
	*count = got;
}

/* D: CK_ASYNC_DATA. Its buffer is filled up to the announced length, the handles come back. */
static void
put_async (CratonWire *wire, const CK_ULONG *args)
{
	const CK_ASYNC_DATA *data = pointer (args[0]);

	craton_buf_put_u64 (&wire->buf, data != NULL);
	if (data == NULL)
		return;
	craton_buf_put_u64 (&wire->buf, data->ulVersion);
	craton_buf_put_u64 (&wire->buf, data->pValue != NULL);
	craton_buf_put_u64 (&wire->buf, announced (data->ulValueLen));
	if (data->pValue != NULL)
		announce_out (wire, announced (data->ulValueLen));
	wire->reply_max += 4 * 8;
}

static void
get_async (CratonWire *wire, CK_ULONG *args)
{
	bool present = craton_buf_get_max (&wire->buf, 1) != 0;
	CK_ASYNC_DATA *data = present ? room (wire, sizeof *data) : NULL;
	bool has_value;

	args[0] = word (data);
	if (data == NULL)
		return;
	data->ulVersion = craton_buf_get_u64 (&wire->buf);
	has_value = craton_buf_get_max (&wire->buf, 1) != 0;
	data->ulValueLen = craton_buf_get_u64 (&wire->buf);
	data->pValue = has_value && !wire->buf.failed ? take_out (wire, data->ulValueLen) : NULL;
}

static void
put_async_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	const CK_ASYNC_DATA *data = pointer (args[0]);

	if (data == NULL || rv != CKR_OK)
		return;
	craton_buf_put_u64 (&wire->buf, data->ulVersion);
	craton_buf_put_u64 (&wire->buf, data->ulValueLen);
	craton_buf_put_u64 (&wire->buf, data->hObject);
	craton_buf_put_u64 (&wire->buf, data->hAdditionalObject);
}

static void
get_async_back (CratonWire *wire, CK_RV rv, const CK_ULONG *args)
{
	CK_ASYNC_DATA *data = pointer (args[0]);
	size_t cap = data == NULL || data->pValue == NULL ? 0 : announced (data->ulValueLen);
	const uint8_t *bytes = cap == 0 ? NULL : take_out (wire, cap);
	CK_ASYNC_DATA got = { 0 };

	if (data == NULL || rv != CKR_OK)
		return;
	got.ulVersion = craton_buf_get_u64 (&wire->buf);
	got.pValue = data->pValue;
	got.ulValueLen = craton_buf_get_max (&wire->buf, data->pValue != NULL ? cap : SIZE_MAX);
	got.hObject = craton_buf_get_u64 (&wire->buf);
	got.hAdditionalObject = craton_buf_get_u64 (&wire->buf);
	if (wire->buf.failed)
		return;
	if (bytes != NULL)
		copy_out (wire, data->pValue, bytes, got.ulValueLen);
	*data = got;
}

#define NUMBER(args) { args, put_ulong, get_ulong, put_nothing, put_nothing }
#define PLACED(name) { "p", put_##name, get_##name, put_##name##_back, get_##name##_back }
static const CratonKind kinds[128] = {
	['s'] = NUMBER ("u"),
	['t'] = NUMBER ("u"),
	['u'] = NUMBER ("u"),
	['b'] = NUMBER ("y"),
	['x'] = { "p", put_ignored, get_ignored, put_nothing, put_nothing },
	['i'] = { "pu", put_bytes, get_bytes, put_nothing, put_nothing },
	['p'] = { "pu", put_pin, get_pin, put_nothing, put_nothing },
	['l'] = { "p", put_label, get_label, put_nothing, put_nothing },
	['z'] = { "p", put_string, get_string, put_nothing, put_nothing },
	['o'] = { "pp", put_out, get_out, put_out_back, get_out_back },
	['r'] = { "pp", put_result, get_result, put_result_back, get_result_back },
	['n'] = { "pu", put_fill, get_fill, put_nothing, get_fill_back },
	['M'] = { "p", put_mechanism, get_mechanism, put_backs, get_backs },
	['m'] = { "p", put_message_mechanism, get_message_mechanism, put_backs, get_backs },
	['w'] = { "p", put_wrap_mechanism, get_wrap_mechanism, put_backs, get_backs },
	['P'] = { "pu", put_message, get_message, put_backs, get_backs },
	['A'] = { "pu", put_template, get_template, put_nothing, put_nothing },
	['G'] = { "pu", put_query, get_query, put_values, get_values },
	['U'] = PLACED (number),
	['1'] = PLACED (slot_info),
	['2'] = PLACED (token_info),
	['3'] = PLACED (mechanism_info),
	['4'] = PLACED (session_info),
	['L'] = { "pp", put_list, get_list, put_list_back, get_list_back },
	['F'] = { "pup", put_found, get_found, put_found_back, get_found_back },
	['D'] = { "p", put_async, get_async, put_async_back, get_async_back },
};

const CratonKind *
craton_kind (char letter)
{
	unsigned char index = (unsigned char) letter;

	return index < 128 && kinds[index].args != NULL ? &kinds[index] : NULL;
}

/* How many arguments a kind covers: one to three. */
static size_t
n_args (const CratonKind *kind)
{
	size_t n = 1;

	while (kind->args[n] != '\0')
		n++;
	return n;
}

void
craton_kinds_put_request (CratonWire *wire, const CratonCallRow *call, const CK_ULONG *args)
{
	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		const CratonKind *kind = &kinds[(unsigned char) *letter];

		kind->put_request (wire, args);
		args += n_args (kind);
	}
}

void
craton_kinds_get_request (CratonWire *wire, const CratonCallRow *call, CK_ULONG *args)
{
	for (const char *letter = call->signature; *letter != '\0' && !wire->buf.failed; letter++) {
		const CratonKind *kind = &kinds[(unsigned char) *letter];

		kind->get_request (wire, args);
		args += n_args (kind);
	}
}

void
craton_kinds_put_response (CratonWire *wire, const CratonCallRow *call, CK_RV rv, const CK_ULONG *args)
{
	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		const CratonKind *kind = &kinds[(unsigned char) *letter];

		kind->put_response (wire, rv, args);
		args += n_args (kind);
	}
}

void
craton_kinds_get_response (CratonWire *wire, const CratonCallRow *call, CK_RV rv, const CK_ULONG *args)
{
	for (const char *letter = call->signature; *letter != '\0' && !wire->buf.failed; letter++) {
		const CratonKind *kind = &kinds[(unsigned char) *letter];

		kind->get_response (wire, rv, args);
		args += n_args (kind);
	}
}
