/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Values as text: see trace-text.h. Reads what the caller's own pointers show, as the call itself does, and nothing behind a pointer
 * to bytes. Called by trace.c.
 */
#include "config.h"

#include "trace-text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "names.h"
#include "sizes.h"

/* Bytes of a label or an ID that are shown, and structures within structures. */
#define SHOWN_MAX 96
#define DEPTH_MAX 3

/* Flags by the place where they stand. */
static const struct {
	const char *places;
	CK_FLAGS flag;
	const char *name;
} flags[] = {
#define FLAG(places, flag) { places, flag, #flag },
#define SESSION " C_OpenSession CK_SESSION_INFO "
#define MECHANISM " CK_MECHANISM_INFO C_SessionCancel "
	FLAG (SESSION, CKF_RW_SESSION)
	FLAG (SESSION, CKF_SERIAL_SESSION)
	FLAG (SESSION, CKF_ASYNC_SESSION)
	FLAG (" C_WaitForSlotEvent ", CKF_DONT_BLOCK)
	FLAG (" C_EncryptMessageNext C_DecryptMessageNext ", CKF_END_OF_MESSAGE)
	FLAG (" CK_C_INITIALIZE_ARGS ", CKF_LIBRARY_CANT_CREATE_OS_THREADS)
	FLAG (" CK_C_INITIALIZE_ARGS ", CKF_OS_LOCKING_OK)
	FLAG (" CK_SLOT_INFO ", CKF_TOKEN_PRESENT)
	FLAG (" CK_SLOT_INFO ", CKF_REMOVABLE_DEVICE)
	FLAG (" CK_SLOT_INFO ", CKF_HW_SLOT)
	FLAG (" CK_TOKEN_INFO ", CKF_RNG)
	FLAG (" CK_TOKEN_INFO ", CKF_WRITE_PROTECTED)
	FLAG (" CK_TOKEN_INFO ", CKF_LOGIN_REQUIRED)
	FLAG (" CK_TOKEN_INFO ", CKF_USER_PIN_INITIALIZED)
	FLAG (" CK_TOKEN_INFO ", CKF_RESTORE_KEY_NOT_NEEDED)
	FLAG (" CK_TOKEN_INFO ", CKF_CLOCK_ON_TOKEN)
	FLAG (" CK_TOKEN_INFO ", CKF_PROTECTED_AUTHENTICATION_PATH)
	FLAG (" CK_TOKEN_INFO ", CKF_DUAL_CRYPTO_OPERATIONS)
	FLAG (" CK_TOKEN_INFO ", CKF_TOKEN_INITIALIZED)
	FLAG (" CK_TOKEN_INFO ", CKF_SECONDARY_AUTHENTICATION)
	FLAG (" CK_TOKEN_INFO ", CKF_USER_PIN_COUNT_LOW)
	FLAG (" CK_TOKEN_INFO ", CKF_USER_PIN_FINAL_TRY)
	FLAG (" CK_TOKEN_INFO ", CKF_USER_PIN_LOCKED)
	FLAG (" CK_TOKEN_INFO ", CKF_USER_PIN_TO_BE_CHANGED)
	FLAG (" CK_TOKEN_INFO ", CKF_SO_PIN_COUNT_LOW)
	FLAG (" CK_TOKEN_INFO ", CKF_SO_PIN_FINAL_TRY)
	FLAG (" CK_TOKEN_INFO ", CKF_SO_PIN_LOCKED)
	FLAG (" CK_TOKEN_INFO ", CKF_SO_PIN_TO_BE_CHANGED)
	FLAG (" CK_TOKEN_INFO ", CKF_ERROR_STATE)
	FLAG (" CK_TOKEN_INFO ", CKF_SEED_RANDOM_REQUIRED)
	FLAG (" CK_TOKEN_INFO ", CKF_ASYNC_SESSION_SUPPORTED)
	FLAG (" CK_MECHANISM_INFO ", CKF_HW)
	FLAG (MECHANISM, CKF_MESSAGE_ENCRYPT)
	FLAG (MECHANISM, CKF_MESSAGE_DECRYPT)
	FLAG (MECHANISM, CKF_MESSAGE_SIGN)
	FLAG (MECHANISM, CKF_MESSAGE_VERIFY)
	FLAG (MECHANISM, CKF_MULTI_MESSAGE)
	FLAG (MECHANISM, CKF_FIND_OBJECTS)
	FLAG (MECHANISM, CKF_ENCRYPT)
	FLAG (MECHANISM, CKF_DECRYPT)
	FLAG (MECHANISM, CKF_DIGEST)
	FLAG (MECHANISM, CKF_SIGN)
	FLAG (MECHANISM, CKF_SIGN_RECOVER)
	FLAG (MECHANISM, CKF_VERIFY)
	FLAG (MECHANISM, CKF_VERIFY_RECOVER)
	FLAG (MECHANISM, CKF_GENERATE)
	FLAG (MECHANISM, CKF_GENERATE_KEY_PAIR)
	FLAG (MECHANISM, CKF_WRAP)
	FLAG (MECHANISM, CKF_UNWRAP)
	FLAG (MECHANISM, CKF_DERIVE)
	FLAG (MECHANISM, CKF_EC_F_P)
	FLAG (MECHANISM, CKF_EC_F_2M)
	FLAG (MECHANISM, CKF_EC_ECPARAMETERS)
	FLAG (MECHANISM, CKF_EC_OID)
	FLAG (MECHANISM, CKF_EC_UNCOMPRESS)
	FLAG (MECHANISM, CKF_EC_COMPRESS)
	FLAG (MECHANISM, CKF_EC_CURVENAME)
	FLAG (MECHANISM, CKF_ENCAPSULATE)
	FLAG (MECHANISM, CKF_DECAPSULATE)
	FLAG (MECHANISM, CKF_EXTENSION)
};

static const struct {
	const char *type;
	CratonNameKind kind;
} named_types[] = {
	{ "CK_ATTRIBUTE_TYPE", CRATON_NAME_CKA },
	{ "CK_CERTIFICATE_TYPE", CRATON_NAME_CKC },
	{ "CK_EC_KDF_TYPE", CRATON_NAME_CKD },
	{ "CK_KEY_TYPE", CRATON_NAME_CKK },
	{ "CK_MECHANISM_TYPE", CRATON_NAME_CKM },
	{ "CK_OBJECT_CLASS", CRATON_NAME_CKO },
	{ "CK_RSA_PKCS_MGF_TYPE", CRATON_NAME_CKG },
	{ "CK_RV", CRATON_NAME_CKR },
	{ "CK_SP800_108_PRF_TYPE", CRATON_NAME_CKM },
	{ "CK_STATE", CRATON_NAME_CKS },
	{ "CK_USER_TYPE", CRATON_NAME_CKU },
	{ "CK_X9_42_DH_KDF_TYPE", CRATON_NAME_CKD },
};

/* The attributes whose values are shown; no value of a key is among them. */
typedef enum {
	SHOW_BOOL,
	SHOW_TEXT,
	SHOW_BYTES,
	SHOW_NUMBER,
	SHOW_MECHANISMS,
} Show;

static const struct {
	CK_ATTRIBUTE_TYPE attribute;
	Show show;
	const char *type; /* of a number */
} shown[] = {
	{ CKA_CLASS, SHOW_NUMBER, "CK_OBJECT_CLASS" },
	{ CKA_KEY_TYPE, SHOW_NUMBER, "CK_KEY_TYPE" },
	{ CKA_CERTIFICATE_TYPE, SHOW_NUMBER, "CK_CERTIFICATE_TYPE" },
	{ CKA_KEY_GEN_MECHANISM, SHOW_NUMBER, "CK_MECHANISM_TYPE" },
	{ CKA_MECHANISM_TYPE, SHOW_NUMBER, "CK_MECHANISM_TYPE" },
	{ CKA_NAME_HASH_ALGORITHM, SHOW_NUMBER, "CK_MECHANISM_TYPE" },
	{ CKA_ALLOWED_MECHANISMS, SHOW_MECHANISMS, "CK_MECHANISM_TYPE" },
	{ CKA_CERTIFICATE_CATEGORY, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_MODULUS_BITS, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_PARAMETER_SET, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_PRIME_BITS, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_PROFILE_ID, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_SUBPRIME_BITS, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_VALUE_BITS, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_VALUE_LEN, SHOW_NUMBER, "CK_ULONG" },
	{ CKA_APPLICATION, SHOW_TEXT, NULL },
	{ CKA_LABEL, SHOW_TEXT, NULL },
	{ CKA_UNIQUE_ID, SHOW_TEXT, NULL },
	{ CKA_URL, SHOW_TEXT, NULL },
	{ CKA_EC_PARAMS, SHOW_BYTES, NULL },
	{ CKA_ID, SHOW_BYTES, NULL },
	{ CKA_OBJECT_ID, SHOW_BYTES, NULL },
	{ CKA_SERIAL_NUMBER, SHOW_BYTES, NULL },
	{ CKA_ALWAYS_AUTHENTICATE, SHOW_BOOL, NULL },
	{ CKA_ALWAYS_SENSITIVE, SHOW_BOOL, NULL },
	{ CKA_COPYABLE, SHOW_BOOL, NULL },
	{ CKA_DECAPSULATE, SHOW_BOOL, NULL },
	{ CKA_DECRYPT, SHOW_BOOL, NULL },
	{ CKA_DERIVE, SHOW_BOOL, NULL },
	{ CKA_DESTROYABLE, SHOW_BOOL, NULL },
	{ CKA_ENCAPSULATE, SHOW_BOOL, NULL },
	{ CKA_ENCRYPT, SHOW_BOOL, NULL },
	{ CKA_EXTRACTABLE, SHOW_BOOL, NULL },
	{ CKA_LOCAL, SHOW_BOOL, NULL },
	{ CKA_MODIFIABLE, SHOW_BOOL, NULL },
	{ CKA_NEVER_EXTRACTABLE, SHOW_BOOL, NULL },
	{ CKA_PRIVATE, SHOW_BOOL, NULL },
	{ CKA_SENSITIVE, SHOW_BOOL, NULL },
	{ CKA_SIGN, SHOW_BOOL, NULL },
	{ CKA_SIGN_RECOVER, SHOW_BOOL, NULL },
	{ CKA_TOKEN, SHOW_BOOL, NULL },
	{ CKA_TRUSTED, SHOW_BOOL, NULL },
	{ CKA_UNWRAP, SHOW_BOOL, NULL },
	{ CKA_VERIFY, SHOW_BOOL, NULL },
	{ CKA_VERIFY_RECOVER, SHOW_BOOL, NULL },
	{ CKA_WRAP, SHOW_BOOL, NULL },
	{ CKA_WRAP_WITH_TRUSTED, SHOW_BOOL, NULL },
};

#define N(array) (sizeof (array) / sizeof (array)[0])

typedef struct {
	char structure[CRATON_TRACE_NAME];
	char name[CRATON_TRACE_NAME];
	char type[CRATON_TRACE_NAME]; /* of an array: of one element */
	size_t offset;
	size_t size;
} Field;

#define PARAM(function, name, type)
#define FIELD(structure, name, type) { #structure, #name, #type, offsetof (structure, name), sizeof (((structure *) 0)->name) },
static const Field fields[] = {
#include "trace.inc"
};
#undef FIELD
#define FIELD(structure, name, type) \
	_Static_assert (sizeof #structure <= CRATON_TRACE_NAME && sizeof #name <= CRATON_TRACE_NAME && sizeof #type <= CRATON_TRACE_NAME, #structure);
#include "trace.inc"

void
craton_trace_put (CratonTraceText *text, const char *format, ...)
{
	size_t room = text->max - text->len;
	va_list args;
	int n;

	va_start (args, format);
	n = vsnprintf (text->text + text->len, room, format, args);
	va_end (args);
	if (n > 0)
		text->len += (size_t) n < room ? (size_t) n : room - 1;
}

bool
craton_trace_is_cut (const CratonTraceText *text)
{
	return text->len + 1 >= text->max;
}

static void
put_flags (CratonTraceText *text, const char *place, CK_FLAGS value)
{
	size_t place_len = strlen (place);
	const char *between = "";

	for (size_t i = 0; i < N (flags); i++) {
		const char *found = strstr (flags[i].places, place);

		if (found == NULL || found[-1] != ' ' || found[place_len] != ' ' || (value & flags[i].flag) == 0)
			continue;
		craton_trace_put (text, "%s%s", between, flags[i].name);
		value &= ~flags[i].flag;
		between = "|";
	}
	if (value != 0 || between[0] == '\0')
		craton_trace_put (text, value != 0 ? "%s0x%lx" : "%s%lx", between, value);
}

void
craton_trace_put_value (CratonTraceText *text, const char *type, const char *place, CK_ULONG value)
{
	const char *name = NULL;

	if (strcmp (type, "CK_FLAGS") == 0) {
		put_flags (text, place, value);
		return;
	}
	for (size_t i = 0; i < N (named_types); i++) {
		if (strcmp (named_types[i].type, type) != 0)
			continue;
		name = craton_name (named_types[i].kind, value);
		if (name != NULL)
			craton_trace_put (text, "%s", name);
		else
			craton_trace_put (text, "0x%lx", value);
		return;
	}
	if (value == CK_UNAVAILABLE_INFORMATION)
		craton_trace_put (text, "CK_UNAVAILABLE_INFORMATION");
	else
		craton_trace_put (text, "%lu", value);
}

void
craton_trace_put_string (CratonTraceText *text, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	craton_trace_put (text, "\"");
	for (size_t i = 0; i < len && i < SHOWN_MAX; i++) {
		bool plain = at[i] >= ' ' && at[i] < 0x7f && at[i] != '"' && at[i] != '\\';

		craton_trace_put (text, plain ? "%c" : "\\x%02x", at[i]);
	}
	craton_trace_put (text, "\"%s", len > SHOWN_MAX ? "..." : "");
}

static void
put_hex (CratonTraceText *text, const void *bytes, size_t len)
{
	const unsigned char *at = bytes;

	craton_trace_put (text, "0x");
	for (size_t i = 0; i < len && i < SHOWN_MAX; i++)
		craton_trace_put (text, "%02x", at[i]);
	craton_trace_put (text, "%s", len > SHOWN_MAX ? "..." : "");
}

void
craton_trace_put_len (CratonTraceText *text, const void *bytes, CK_ULONG len)
{
	if (bytes == NULL)
		craton_trace_put (text, "NULL%s", len != 0 ? " " : "");
	if (bytes != NULL || len != 0)
		craton_trace_put (text, "[%lu byte%s]", len, len != 1 ? "s" : "");
}

static void
put_numbers (CratonTraceText *text, const char *type, const void *values, size_t n)
{
	craton_trace_put (text, "{");
	for (size_t i = 0; i < n && !craton_trace_is_cut (text); i++) {
		CK_ULONG value;

		memcpy (&value, (const char *) values + i * sizeof value, sizeof value);
		craton_trace_put (text, "%s", i > 0 ? ", " : "");
		craton_trace_put_value (text, type, "", value);
	}
	craton_trace_put (text, "}");
}

static void
put_shown (CratonTraceText *text, const CK_ATTRIBUTE *attr, Show show, const char *type)
{
	size_t n_words = attr->ulValueLen / sizeof (CK_ULONG);
	bool whole = attr->ulValueLen % sizeof (CK_ULONG) == 0;
	unsigned char byte = 0;
	CK_ULONG value;

	if (show == SHOW_TEXT) {
		craton_trace_put_string (text, attr->pValue, attr->ulValueLen);
	} else if (show == SHOW_BYTES) {
		put_hex (text, attr->pValue, attr->ulValueLen);
	} else if (show == SHOW_BOOL && attr->ulValueLen == sizeof (CK_BBOOL)) {
		memcpy (&byte, attr->pValue, sizeof byte);
		craton_trace_put (text, "%s", byte ? "CK_TRUE" : "CK_FALSE");
	} else if (show == SHOW_MECHANISMS && whole) {
		put_numbers (text, type, attr->pValue, n_words);
	} else if (show == SHOW_NUMBER && whole && n_words == 1) {
		memcpy (&value, attr->pValue, sizeof value);
		craton_trace_put_value (text, type, "", value);
	} else {
		craton_trace_put_len (text, attr->pValue, attr->ulValueLen);
	}
}

static void
put_attribute (CratonTraceText *text, const CK_ATTRIBUTE *attr, bool asked)
{
	craton_trace_put_value (text, "CK_ATTRIBUTE_TYPE", "", attr->type);
	if (asked) {
		if (attr->pValue != NULL)
			craton_trace_put (text, " [room %lu]", attr->ulValueLen);
		return;
	}
	craton_trace_put (text, "=");
	if (attr->ulValueLen == CK_UNAVAILABLE_INFORMATION) {
		craton_trace_put (text, "CK_UNAVAILABLE_INFORMATION");
		return;
	}
	for (size_t i = 0; attr->pValue != NULL && i < N (shown); i++) {
		if (shown[i].attribute == attr->type) {
			put_shown (text, attr, shown[i].show, shown[i].type);
			return;
		}
	}
	craton_trace_put_len (text, attr->pValue, attr->ulValueLen);
}

void
craton_trace_put_template (CratonTraceText *text, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs, bool asked)
{
	if (attrs == NULL) {
		craton_trace_put_len (text, attrs, n_attrs);
		return;
	}
	craton_trace_put (text, "{");
	for (CK_ULONG i = 0; i < n_attrs && i < CRATON_ATTRS_MAX && !craton_trace_is_cut (text); i++) {
		craton_trace_put (text, "%s", i > 0 ? ", " : "");
		put_attribute (text, &attrs[i], asked);
	}
	craton_trace_put (text, "}");
}

static void put_structure (CratonTraceText *text, const char *name, size_t name_len, const void *at, unsigned int depth);

static bool
is_structure (const char *name, size_t len)
{
	for (size_t i = 0; i < N (fields); i++) {
		if (strlen (fields[i].structure) == len && memcmp (fields[i].structure, name, len) == 0)
			return true;
	}
	return false;
}

/* A pointer: one to a structure is followed where it points to exactly one, which the name of the field says. */
static void
put_pointer (CratonTraceText *text, const Field *field, const void *at, size_t base_len, unsigned int depth)
{
	const void *pointer;
	bool followed;

	memcpy (&pointer, at, sizeof pointer);
	followed = is_structure (field->type, base_len) && strstr (field->type, "_PARAMS_PTR") != NULL;
	if (pointer == NULL)
		craton_trace_put (text, "NULL");
	else if (followed && depth < DEPTH_MAX)
		put_structure (text, field->type, base_len, pointer, depth + 1);
	else
		craton_trace_put (text, "...");
}

static void
put_field (CratonTraceText *text, const Field *field, const void *at, unsigned int depth)
{
	size_t type_len = strlen (field->type);
	bool is_pointer = type_len > 4 && strcmp (field->type + type_len - 4, "_PTR") == 0;
	bool is_info = strstr (field->structure, "_INFO") != NULL;
	size_t len = field->size;
	CK_ULONG value = 0;

	craton_trace_put (text, "%s=", field->name);
	if (is_pointer) {
		put_pointer (text, field, at, type_len - 4, depth);
	} else if (is_structure (field->type, type_len)) {
		put_structure (text, field->type, type_len, at, depth + 1);
	} else if (strcmp (field->type, "CK_BYTE") == 0 && field->size == 1) {
		craton_trace_put (text, "%u", *(const unsigned char *) at);
	} else if (is_info && strcmp (field->type, "unsigned char") == 0) {
		while (len > 0 && ((const char *) at)[len - 1] == ' ')
			len--;
		craton_trace_put_string (text, at, len);
	} else if (field->size == sizeof value && strncmp (field->type, "CK_", 3) == 0) {
		memcpy (&value, at, sizeof value);
		craton_trace_put_value (text, field->type, field->structure, value);
	} else {
		craton_trace_put_len (text, at, field->size);
	}
}

static void
put_structure (CratonTraceText *text, const char *name, size_t name_len, const void *at, unsigned int depth)
{
	const char *before = "{";

	for (size_t i = 0; i < N (fields) && depth <= DEPTH_MAX; i++) {
		if (strlen (fields[i].structure) != name_len || memcmp (fields[i].structure, name, name_len) != 0)
			continue;
		craton_trace_put (text, "%s", before);
		put_field (text, &fields[i], (const char *) at + fields[i].offset, depth);
		before = ", ";
	}
	craton_trace_put (text, "}");
}

void
craton_trace_put_structure (CratonTraceText *text, const char *name, const void *at)
{
	put_structure (text, name, strlen (name), at, 0);
}

void
craton_trace_put_mechanism (CratonTraceText *text, const CK_MECHANISM *mechanism, CratonParamRole role)
{
	const CratonLayout *layout;

	if (mechanism == NULL) {
		craton_trace_put (text, "NULL");
		return;
	}
	craton_trace_put_value (text, "CK_MECHANISM_TYPE", "", mechanism->mechanism);
	if (mechanism->pParameter == NULL && mechanism->ulParameterLen == 0)
		return;
	layout = craton_mechs_layout (mechanism->mechanism, role, mechanism->ulParameterLen);
	craton_trace_put (text, " ");
	if (layout != NULL && mechanism->pParameter != NULL)
		craton_trace_put_structure (text, layout->name, mechanism->pParameter);
	else
		craton_trace_put_len (text, mechanism->pParameter, mechanism->ulParameterLen);
}
