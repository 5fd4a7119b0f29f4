/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Samples of each kind of argument: for each letter of calls.def what a caller passes, what a
 * module must then see, what the module answers and does. A new row of calls.def is tested with
 * these as it stands; a new letter fails until it is here.
 */
#ifndef CRATON_SAMPLES_H
#define CRATON_SAMPLES_H

#include "kinds.h"
#include "sample-params.h"

typedef enum {
	SAMPLE_FULL,
	SAMPLE_NULLS, /* every pointer NULL, every number 0 */
	SAMPLE_EMPTY, /* pointers to nothing */
	SAMPLE_QUERY, /* how long is it: no buffer, but a place for the length */
	SAMPLE_SHORT, /* buffers that are too small */
	SAMPLE_ODD,   /* buffers without a place for the length, attributes without a value */
	SAMPLE_LARGE,
	N_SAMPLES,
} SampleKind;

/* What one letter is tested with. A module's answer is the first refusal of its arguments,
 * CKR_OK without one. */
typedef struct {
	char letter;
	void (*make) (Sample *sample, SampleKind kind, CK_ULONG *args);
	bool (*same) (const CK_ULONG *sent, const CK_ULONG *got);
	CK_RV (*judge) (const CK_ULONG *args);
	void (*act) (CK_RV rv, const CK_ULONG *args);
} SampleLetter;

static inline void *
sample_bytes (Sample *sample, SampleKind kind, size_t full, size_t large, CK_ULONG *ret_len)
{
	*ret_len = kind == SAMPLE_LARGE   ? large
	           : kind == SAMPLE_SHORT ? 1
	           : kind == SAMPLE_FULL  ? full
	           : kind == SAMPLE_QUERY ? 99
	                                  : 0;
	return kind == SAMPLE_NULLS || kind == SAMPLE_QUERY ? NULL : sample_take (sample, *ret_len);
}

static inline void
sample_make_number (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	/* Not CKF_ASYNC_SESSION, which is refused. */
	args[0] = kind == SAMPLE_NULLS   ? 0
	          : kind == SAMPLE_EMPTY ? ~CKF_ASYNC_SESSION
	                                 : 0x1122334455667700ul + 16 * sample->serial++ % 256;
}

static inline bool
sample_same_number (const CK_ULONG *sent, const CK_ULONG *got)
{
	return sent[0] == got[0];
}

static inline void
sample_make_byte (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	(void) sample;
	args[0] = kind == SAMPLE_NULLS ? 0 : kind == SAMPLE_FULL ? 1 : 0xfe;
}

static inline void
sample_make_ignored (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	args[0] = kind == SAMPLE_NULLS ? 0 : sample_word (sample_take (sample, 8));
}

static inline bool
sample_same_ignored (const CK_ULONG *sent, const CK_ULONG *got)
{
	(void) sent;
	return got[0] == 0;
}

static inline void
sample_make_bytes (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	args[0] = sample_word (sample_bytes (sample, kind, 37, 100003, &args[1]));
}

static inline bool
sample_same_counted (const CK_ULONG *sent, const CK_ULONG *got)
{
	return sent[1] == got[1] &&
	       sample_same_bytes (sample_pointer (sent[0]), sample_pointer (got[0]), sent[1]);
}

static inline void
sample_make_label (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	args[0] = kind == SAMPLE_NULLS ? 0 : sample_word (sample_take (sample, 32));
}

static inline bool
sample_same_label (const CK_ULONG *sent, const CK_ULONG *got)
{
	return sample_same_bytes (sample_pointer (sent[0]), sample_pointer (got[0]), 32);
}

static inline void
sample_make_string (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	size_t len = kind == SAMPLE_FULL ? 12 : kind == SAMPLE_LARGE ? CRATON_STRING_MAX - 1 : 0;
	char *string = kind == SAMPLE_NULLS ? NULL : sample_take (sample, len + 1);

	for (size_t i = 0; string != NULL && i < len; i++)
		string[i] = (char) ('a' + i % 26);
	if (string != NULL)
		string[len] = '\0';
	args[0] = sample_word (string);
}

static inline bool
sample_same_string (const CK_ULONG *sent, const CK_ULONG *got)
{
	const char *a = sample_pointer (sent[0]), *b = sample_pointer (got[0]);

	return (a == NULL) == (b == NULL) && (a == NULL || strcmp (a, b) == 0);
}

/* A module without an opinion. */
static inline CK_RV
sample_judge_nothing (const CK_ULONG *args)
{
	(void) args;
	return CKR_OK;
}

static inline void
sample_act_nothing (CK_RV rv, const CK_ULONG *args)
{
	(void) rv, (void) args;
}

static inline void
sample_write (void *place, size_t len, unsigned int salt)
{
	unsigned char *bytes = place;

	for (size_t i = 0; i < len; i++)
		bytes[i] = (unsigned char) (i * 7 + salt + len);
}

/* o */
static inline void
sample_make_out (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	CK_ULONG len;
	void *buffer = sample_bytes (sample, kind, 61, 200001, &len);

	args[0] = sample_word (buffer);
	args[1] = kind == SAMPLE_NULLS || kind == SAMPLE_ODD
	                  ? 0
	                  : sample_word (sample_take_ulong (sample, len));
}

static inline bool
sample_same_out (const CK_ULONG *sent, const CK_ULONG *got)
{
	return (sent[0] == 0) == (got[0] == 0) &&
	       sample_same_bytes (sample_pointer (sent[1]), sample_pointer (got[1]), 8);
}

/* How much the module has to tell somebody with room for @len. */
static inline CK_ULONG
sample_need (CK_ULONG len)
{
	return len > 1000 ? len - 5 : 37;
}

static inline CK_RV
sample_judge_out (const CK_ULONG *args)
{
	const CK_ULONG *len = sample_pointer (args[1]);

	if (len == NULL)
		return CKR_ARGUMENTS_BAD;
	return args[0] != 0 && *len < sample_need (*len) ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

static inline void
sample_act_out (CK_RV rv, const CK_ULONG *args)
{
	CK_ULONG *len = sample_pointer (args[1]);

	if (len == NULL || (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL))
		return;
	*len = sample_need (*len);
	if (rv == CKR_OK && args[0] != 0)
		sample_write (sample_pointer (args[0]), *len, 1);
}

/* n */
static inline void
sample_make_fill (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	args[0] = sample_word (sample_bytes (sample, kind, 33, 300007, &args[1]));
}

static inline bool
sample_same_fill (const CK_ULONG *sent, const CK_ULONG *got)
{
	return (sent[0] == 0) == (got[0] == 0) && sent[1] == got[1];
}

static inline void
sample_act_fill (CK_RV rv, const CK_ULONG *args)
{
	if (rv == CKR_OK && args[0] != 0)
		sample_write (sample_pointer (args[0]), args[1], 2);
}

/* The structure of a mechanism's parameter in mechs.def. */
static inline const CratonLayout *
sample_layout (CK_MECHANISM_TYPE type, CratonParamRole role)
{
	const CratonLayout *layout = NULL;
	CK_MECHANISM_TYPE found;
	CratonParamRole found_role;

	for (size_t i = 0; craton_mechs_nth (i, &found, &found_role, &layout); i++) {
		if (found == type && found_role == role)
			return layout;
	}
	return NULL;
}

static inline SampleParam
sample_param_kind (SampleKind kind)
{
	return kind == SAMPLE_EMPTY   ? SAMPLE_PARAM_ZERO
	       : kind == SAMPLE_QUERY ? SAMPLE_PARAM_ANNOUNCED
	       : kind == SAMPLE_SHORT ? SAMPLE_PARAM_NULLS
	                              : SAMPLE_PARAM_FULL;
}

static inline void
sample_make_mechanism_of (Sample *sample, SampleKind kind, CK_MECHANISM_TYPE type,
                          CratonParamRole role, CK_ULONG *args)
{
	CK_MECHANISM *mechanism =
		kind == SAMPLE_NULLS ? NULL : sample_take (sample, sizeof *mechanism);
	const CratonLayout *layout = sample_layout (type, role);

	args[0] = sample_word (mechanism);
	if (mechanism == NULL)
		return;
	mechanism->mechanism = kind == SAMPLE_ODD ? CKM_AES_ECB : type;
	mechanism->pParameter =
		kind == SAMPLE_ODD ? NULL : sample_param (sample, sample_param_kind (kind), layout);
	mechanism->ulParameterLen = kind == SAMPLE_ODD ? 0 : layout->size;
}

static inline void
sample_make_mechanism (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	CK_MECHANISM_TYPE type =
		kind == SAMPLE_LARGE ? CKM_SP800_108_FEEDBACK_KDF : CKM_PBE_SHA1_DES3_EDE_CBC;

	sample_make_mechanism_of (sample, kind, type, CRATON_PARAM_NORMAL, args);
}

static inline void
sample_make_message_mechanism (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	sample_make_mechanism_of (sample, kind, CKM_AES_GCM, CRATON_PARAM_MESSAGE, args);
}

static inline void
sample_make_wrap_mechanism (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	sample_make_mechanism_of (sample, kind, CKM_AES_CCM, CRATON_PARAM_WRAP, args);
}

static inline bool
sample_same_mechanism_of (CratonParamRole role, const CK_ULONG *sent, const CK_ULONG *got)
{
	const CK_MECHANISM *a = sample_pointer (sent[0]), *b = sample_pointer (got[0]);

	if (a == NULL || b == NULL)
		return a == b;
	if (a->mechanism != b->mechanism || a->ulParameterLen != b->ulParameterLen ||
	    (a->pParameter == NULL) != (b->pParameter == NULL))
		return false;
	return a->pParameter == NULL ||
	       sample_same_param (sample_layout (a->mechanism, role), a->pParameter, b->pParameter,
	                          a->pParameter);
}

static inline void
sample_act_mechanism_of (CratonParamRole role, const CK_ULONG *args)
{
	const CK_MECHANISM *mechanism = sample_pointer (args[0]);
	const CratonLayout *layout =
		mechanism == NULL ? NULL : sample_layout (mechanism->mechanism, role);

	if (layout != NULL && mechanism->pParameter != NULL &&
	    mechanism->ulParameterLen == layout->size)
		sample_act_param (layout, mechanism->pParameter, mechanism->pParameter);
}

#define SAMPLE_ROLE(name, role)                                                           \
	static inline bool sample_same_##name (const CK_ULONG *sent, const CK_ULONG *got) \
	{                                                                                 \
		return sample_same_mechanism_of (role, sent, got);                        \
	}                                                                                 \
	static inline void sample_act_##name (CK_RV rv, const CK_ULONG *args)             \
	{                                                                                 \
		(void) rv;                                                                \
		sample_act_mechanism_of (role, args);                                     \
	}

SAMPLE_ROLE (mechanism, CRATON_PARAM_NORMAL)
SAMPLE_ROLE (message_mechanism, CRATON_PARAM_MESSAGE)
SAMPLE_ROLE (wrap_mechanism, CRATON_PARAM_WRAP)

/* P */
static inline void
sample_make_message (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	CK_MECHANISM_TYPE type = kind == SAMPLE_LARGE   ? CKM_AES_CCM
	                         : kind == SAMPLE_SHORT ? CKM_CHACHA20_POLY1305
	                                                : CKM_AES_GCM;
	const CratonLayout *layout = sample_layout (type, CRATON_PARAM_MESSAGE);
	bool none = kind == SAMPLE_NULLS || kind == SAMPLE_ODD;

	args[0] = none ? 0 : sample_word (sample_param (sample, sample_param_kind (kind), layout));
	args[1] = kind == SAMPLE_NULLS ? 0 : layout->size;
}

static inline const CratonLayout *
sample_message_layout (const CK_ULONG *args)
{
	static const CK_MECHANISM_TYPE types[] = { CKM_AES_CCM, CKM_AES_GCM,
		                                   CKM_CHACHA20_POLY1305 };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
		const CratonLayout *layout = sample_layout (types[i], CRATON_PARAM_MESSAGE);

		if (layout->size == args[1])
			return layout;
	}
	return NULL;
}

static inline bool
sample_same_message (const CK_ULONG *sent, const CK_ULONG *got)
{
	const void *a = sample_pointer (sent[0]), *b = sample_pointer (got[0]);

	return sent[1] == got[1] && (a == NULL) == (b == NULL) &&
	       (a == NULL || sample_same_param (sample_message_layout (sent), a, b, a));
}

static inline void
sample_act_message (CK_RV rv, const CK_ULONG *args)
{
	(void) rv;
	if (args[0] != 0 && sample_message_layout (args) != NULL)
		sample_act_param (sample_message_layout (args), sample_pointer (args[0]),
		                  sample_pointer (args[0]));
}

/* A */
static inline void
sample_make_template (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	bool none = kind == SAMPLE_NULLS || kind == SAMPLE_QUERY;
	CK_ATTRIBUTE *attrs;

	args[1] = kind == SAMPLE_NULLS || kind == SAMPLE_EMPTY ? 0 : kind == SAMPLE_LARGE ? 300 : 4;
	args[0] = 0;
	if (none)
		return;
	attrs = sample_template (sample, args[1], kind == SAMPLE_LARGE ? 70 : 0,
	                         kind == SAMPLE_FULL ? 3 : kind == SAMPLE_LARGE);
	args[0] = sample_word (attrs);
	if (kind == SAMPLE_ODD)
		attrs[0] = (CK_ATTRIBUTE){ CKA_LABEL, NULL, 7 };
	if (kind == SAMPLE_ODD)
		attrs[3] = (CK_ATTRIBUTE){ CKA_DERIVE_TEMPLATE, NULL, sizeof (CK_ATTRIBUTE) };
}

static inline bool
sample_same_attrs (const CK_ULONG *sent, const CK_ULONG *got)
{
	return sent[1] == got[1] &&
	       sample_same_template (sample_pointer (sent[0]), sample_pointer (got[0]), sent[1]);
}

/* G: what the module has of each attribute: three kinds of length, and one that it will not
 * tell. */
static inline CK_ULONG
sample_value_len (const CK_ATTRIBUTE *attr)
{
	return attr->type == CKA_PRIVATE_EXPONENT ? CK_UNAVAILABLE_INFORMATION
	                                          : 5 + attr->type % 3 * 4;
}

static inline void
sample_make_query (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_LABEL, CKA_WRAP_TEMPLATE, CKA_VALUE,
		                                   CKA_PRIVATE_EXPONENT, CKA_ID };
	CK_ULONG n = kind == SAMPLE_LARGE ? 500 : sizeof types / sizeof types[0];
	CK_ATTRIBUTE *attrs = NULL;

	args[1] = kind == SAMPLE_NULLS || kind == SAMPLE_EMPTY ? 0 : n;
	if (kind != SAMPLE_NULLS)
		attrs = sample_take (sample, args[1] * sizeof *attrs);
	args[0] = sample_word (attrs);
	for (CK_ULONG i = 0; i < args[1]; i++) {
		CK_ULONG len = kind == SAMPLE_SHORT && i % 2 == 0 ? 4
		               : kind == SAMPLE_LARGE             ? 100
		                                                  : 13 + i;

		attrs[i] = (CK_ATTRIBUTE){ types[i % 5], NULL, len };
		if (attrs[i].type == CKA_PRIVATE_EXPONENT && kind != SAMPLE_FULL)
			attrs[i].type = CKA_MODULUS;
		if (kind == SAMPLE_QUERY || (kind == SAMPLE_ODD && i % 2 == 0))
			continue;
		if (attrs[i].type == CKA_WRAP_TEMPLATE && kind != SAMPLE_ODD) {
			CK_ULONG inner[2];

			sample_make_query (sample, SAMPLE_ODD, inner);
			attrs[i].pValue = sample_pointer (inner[0]);
			attrs[i].ulValueLen = inner[1] * sizeof *attrs;
		} else {
			attrs[i].pValue = sample_take (sample, len);
		}
	}
}

static inline bool
sample_is_array (const CK_ATTRIBUTE *attr)
{
	return attr->type == CKA_WRAP_TEMPLATE && attr->pValue != NULL && attr->ulValueLen != 0 &&
	       attr->ulValueLen % sizeof *attr == 0;
}

static inline bool
sample_same_query (const CK_ULONG *sent, const CK_ULONG *got)
{
	const CK_ATTRIBUTE *a = sample_pointer (sent[0]), *b = sample_pointer (got[0]);

	if (sent[1] != got[1] || (a == NULL) != (b == NULL))
		return false;
	for (CK_ULONG i = 0; a != NULL && i < sent[1]; i++) {
		if (a[i].type != b[i].type || a[i].ulValueLen != b[i].ulValueLen ||
		    (a[i].pValue == NULL) != (b[i].pValue == NULL))
			return false;
		if (sample_is_array (&a[i])) {
			const CK_ULONG inner_a[] = { sample_word (a[i].pValue),
				                     a[i].ulValueLen / sizeof *a };
			const CK_ULONG inner_b[] = { sample_word (b[i].pValue),
				                     b[i].ulValueLen / sizeof *b };

			if (!sample_same_query (inner_a, inner_b))
				return false;
		}
	}
	return true;
}

static inline CK_RV
sample_judge_query (const CK_ULONG *args)
{
	const CK_ATTRIBUTE *attrs = sample_pointer (args[0]);
	CK_RV rv = attrs == NULL && args[1] != 0 ? CKR_ARGUMENTS_BAD : CKR_OK;

	for (CK_ULONG i = 0; attrs != NULL && i < args[1] && rv == CKR_OK; i++) {
		if (sample_value_len (&attrs[i]) == CK_UNAVAILABLE_INFORMATION)
			rv = CKR_ATTRIBUTE_SENSITIVE;
		else if (sample_is_array (&attrs[i]))
			rv = sample_judge_query (
				(const CK_ULONG[]){ sample_word (attrs[i].pValue),
			                            attrs[i].ulValueLen / sizeof *attrs });
		else if (attrs[i].pValue != NULL &&
		         attrs[i].ulValueLen < sample_value_len (&attrs[i]))
			rv = CKR_BUFFER_TOO_SMALL;
	}
	return rv;
}

/* PKCS#11 3.1, C_GetAttributeValue: each attribute on its own, whatever became of the ones
 * before. */
static inline void
sample_act_query (CK_RV rv, const CK_ULONG *args)
{
	CK_ATTRIBUTE *attrs = sample_pointer (args[0]);
	bool tells = rv == CKR_OK || rv == CKR_ATTRIBUTE_SENSITIVE || rv == CKR_BUFFER_TOO_SMALL;

	for (CK_ULONG i = 0; attrs != NULL && tells && i < args[1]; i++) {
		CK_ULONG len = sample_value_len (&attrs[i]);

		if (sample_is_array (&attrs[i])) {
			sample_act_query (
				rv, (const CK_ULONG[]){ sample_word (attrs[i].pValue),
			                                attrs[i].ulValueLen / sizeof *attrs });
			continue;
		}
		if (attrs[i].pValue != NULL && attrs[i].ulValueLen < len)
			len = CK_UNAVAILABLE_INFORMATION;
		else if (attrs[i].pValue != NULL)
			sample_write (attrs[i].pValue, len, 3);
		attrs[i].ulValueLen = len;
	}
}

/* U, 1, 2, 3, 4: a place that the module fills. */
static inline bool
sample_same_place (const CK_ULONG *sent, const CK_ULONG *got)
{
	return (sent[0] == 0) == (got[0] == 0);
}

static inline CK_RV
sample_judge_place (const CK_ULONG *args)
{
	return args[0] == 0 ? CKR_ARGUMENTS_BAD : CKR_OK;
}

#define SAMPLE_PLACE(name, type)                                                                \
	static inline void sample_make_##name (Sample *sample, SampleKind kind, CK_ULONG *args) \
	{                                                                                       \
		args[0] = kind == SAMPLE_NULLS                                                  \
		                  ? 0                                                           \
		                  : sample_word (sample_take (sample, sizeof (type)));          \
	}                                                                                       \
	static inline void sample_act_##name (CK_RV rv, const CK_ULONG *args)                   \
	{                                                                                       \
		if (rv == CKR_OK)                                                               \
			sample_write (sample_pointer (args[0]), sizeof (type), 4);              \
	}

SAMPLE_PLACE (ulong, CK_ULONG)
SAMPLE_PLACE (slot_info, CK_SLOT_INFO)
SAMPLE_PLACE (token_info, CK_TOKEN_INFO)
SAMPLE_PLACE (mechanism_info, CK_MECHANISM_INFO)
SAMPLE_PLACE (session_info, CK_SESSION_INFO)

/* L: the module has five. */
#define SAMPLE_LISTED 5

static inline void
sample_make_list (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	CK_ULONG n;
	void *list = sample_bytes (sample, kind == SAMPLE_LARGE ? SAMPLE_FULL : kind, 61 * sizeof n,
	                           0, &n);

	n /= sizeof n;
	args[0] = sample_word (list);
	args[1] = kind == SAMPLE_NULLS || kind == SAMPLE_ODD
	                  ? 0
	                  : sample_word (sample_take_ulong (sample, n));
}

static inline CK_RV
sample_judge_list (const CK_ULONG *args)
{
	const CK_ULONG *count = sample_pointer (args[1]);

	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	return args[0] != 0 && *count < SAMPLE_LISTED ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

static inline void
sample_act_list (CK_RV rv, const CK_ULONG *args)
{
	CK_ULONG *count = sample_pointer (args[1]);

	if (count == NULL || (rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL))
		return;
	*count = SAMPLE_LISTED;
	if (rv == CKR_OK && args[0] != 0)
		sample_write (sample_pointer (args[0]), SAMPLE_LISTED * sizeof *count, 5);
}

/* F */
static inline void
sample_make_found (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	CK_ULONG n = kind == SAMPLE_FULL    ? 5
	             : kind == SAMPLE_SHORT ? 1
	             : kind == SAMPLE_LARGE ? 3000
	                                    : 0;
	bool none = kind == SAMPLE_NULLS || kind == SAMPLE_QUERY;

	args[0] = none ? 0 : sample_word (sample_take (sample, n * sizeof n));
	args[1] = n;
	args[2] = kind == SAMPLE_NULLS || kind == SAMPLE_ODD
	                  ? 0
	                  : sample_word (sample_take (sample, sizeof n));
}

static inline bool
sample_same_found (const CK_ULONG *sent, const CK_ULONG *got)
{
	return (sent[0] == 0) == (got[0] == 0) && sent[1] == got[1] &&
	       (sent[2] == 0) == (got[2] == 0);
}

static inline CK_RV
sample_judge_found (const CK_ULONG *args)
{
	return args[0] == 0 || args[2] == 0 ? CKR_ARGUMENTS_BAD : CKR_OK;
}

static inline void
sample_act_found (CK_RV rv, const CK_ULONG *args)
{
	CK_ULONG n = args[1] > 2 ? args[1] - 1 : args[1];

	if (rv != CKR_OK)
		return;
	sample_write (sample_pointer (args[0]), n * sizeof n, 6);
	*(CK_ULONG *) sample_pointer (args[2]) = n;
}

/* D */
static inline void
sample_make_async (Sample *sample, SampleKind kind, CK_ULONG *args)
{
	CK_ASYNC_DATA *data = kind == SAMPLE_NULLS ? NULL : sample_take (sample, sizeof *data);
	CK_ULONG len;

	args[0] = sample_word (data);
	if (data == NULL)
		return;
	data->pValue =
		sample_bytes (sample, kind == SAMPLE_ODD ? SAMPLE_QUERY : kind, 40, 70001, &len);
	data->ulValueLen = len;
	data->ulVersion = kind == SAMPLE_EMPTY ? 0 : 1;
}

static inline bool
sample_same_async (const CK_ULONG *sent, const CK_ULONG *got)
{
	const CK_ASYNC_DATA *a = sample_pointer (sent[0]), *b = sample_pointer (got[0]);

	if (a == NULL || b == NULL)
		return a == b;
	return a->ulVersion == b->ulVersion && a->ulValueLen == b->ulValueLen &&
	       (a->pValue == NULL) == (b->pValue == NULL);
}

static inline void
sample_act_async (CK_RV rv, const CK_ULONG *args)
{
	CK_ASYNC_DATA *data = sample_pointer (args[0]);

	if (rv != CKR_OK)
		return;
	if (data->pValue != NULL && data->ulValueLen > 1)
		data->ulValueLen--;
	if (data->pValue != NULL)
		sample_write (data->pValue, data->ulValueLen, 7);
	data->hObject = 0x1234567812345678;
	data->hAdditionalObject = 42;
}

/* All letters. */

static const SampleLetter sample_letters[] = {
	{ 's', sample_make_number, sample_same_number, sample_judge_nothing, sample_act_nothing },
	{ 't', sample_make_number, sample_same_number, sample_judge_nothing, sample_act_nothing },
	{ 'u', sample_make_number, sample_same_number, sample_judge_nothing, sample_act_nothing },
	{ 'b', sample_make_byte, sample_same_number, sample_judge_nothing, sample_act_nothing },
	{ 'x', sample_make_ignored, sample_same_ignored, sample_judge_nothing, sample_act_nothing },
	{ 'i', sample_make_bytes, sample_same_counted, sample_judge_nothing, sample_act_nothing },
	{ 'p', sample_make_bytes, sample_same_counted, sample_judge_nothing, sample_act_nothing },
	{ 'l', sample_make_label, sample_same_label, sample_judge_nothing, sample_act_nothing },
	{ 'z', sample_make_string, sample_same_string, sample_judge_nothing, sample_act_nothing },
	{ 'o', sample_make_out, sample_same_out, sample_judge_out, sample_act_out },
	{ 'r', sample_make_out, sample_same_out, sample_judge_out, sample_act_out },
	{ 'n', sample_make_fill, sample_same_fill, sample_judge_nothing, sample_act_fill },
	{ 'M', sample_make_mechanism, sample_same_mechanism, sample_judge_nothing,
	  sample_act_mechanism },
	{ 'm', sample_make_message_mechanism, sample_same_message_mechanism, sample_judge_nothing,
	  sample_act_message_mechanism },
	{ 'w', sample_make_wrap_mechanism, sample_same_wrap_mechanism, sample_judge_nothing,
	  sample_act_wrap_mechanism },
	{ 'P', sample_make_message, sample_same_message, sample_judge_nothing, sample_act_message },
	{ 'A', sample_make_template, sample_same_attrs, sample_judge_nothing, sample_act_nothing },
	{ 'G', sample_make_query, sample_same_query, sample_judge_query, sample_act_query },
	{ 'U', sample_make_ulong, sample_same_place, sample_judge_place, sample_act_ulong },
	{ '1', sample_make_slot_info, sample_same_place, sample_judge_place, sample_act_slot_info },
	{ '2', sample_make_token_info, sample_same_place, sample_judge_place,
	  sample_act_token_info },
	{ '3', sample_make_mechanism_info, sample_same_place, sample_judge_place,
	  sample_act_mechanism_info },
	{ '4', sample_make_session_info, sample_same_place, sample_judge_place,
	  sample_act_session_info },
	{ 'L', sample_make_list, sample_same_out, sample_judge_list, sample_act_list },
	{ 'F', sample_make_found, sample_same_found, sample_judge_found, sample_act_found },
	{ 'D', sample_make_async, sample_same_async, sample_judge_place, sample_act_async },
};

static inline const SampleLetter *
sample_letter (char letter)
{
	for (size_t i = 0; i < sizeof sample_letters / sizeof sample_letters[0]; i++) {
		if (sample_letters[i].letter == letter)
			return &sample_letters[i];
	}
	return NULL;
}

/* All arguments of a call, the same ones each time. */
static inline void
sample_make (Sample *sample, const CratonCallRow *call, SampleKind kind)
{
	CK_ULONG *args = sample->args;

	sample->n_blocks = 0;
	sample->serial = 0;
	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		SAMPLE_EXPECT (sample_letter (*letter) != NULL, "%s: letter %c has no samples",
		               call->name, *letter);
		sample_letter (*letter)->make (sample, kind, args);
		args += strlen (craton_kind (*letter)->args);
	}
}

/* The first letter of a call of which the module got something else than was sent; '\0' for
 * none. */
static inline char
sample_differs (const CratonCallRow *call, const CK_ULONG *sent, const CK_ULONG *got)
{
	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		if (!sample_letter (*letter)->same (sent, got))
			return *letter;
		sent += strlen (craton_kind (*letter)->args);
		got += strlen (craton_kind (*letter)->args);
	}
	return '\0';
}

/* The call itself: what the module answers and writes; it answers @forced where that is not
 * CKR_OK. */
static inline CK_RV
sample_play (const CratonCallRow *call, CK_RV forced, const CK_ULONG *args)
{
	CK_RV rv = forced;
	const CK_ULONG *next = args;

	for (const char *letter = call->signature; *letter != '\0' && rv == CKR_OK; letter++) {
		rv = sample_letter (*letter)->judge (next);
		next += strlen (craton_kind (*letter)->args);
	}
	next = args;
	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		sample_letter (*letter)->act (rv, next);
		next += strlen (craton_kind (*letter)->args);
	}
	return rv;
}

#endif /* CRATON_SAMPLES_H */
