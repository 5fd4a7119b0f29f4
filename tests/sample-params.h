/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Samples of what a caller passes to PKCS#11: memory in pieces of the exact size, so that the
 * address sanitizer sees every byte too many, and the mechanism parameters of mechs.def, filled,
 * compared and written to by their layouts. A sample is made twice: one goes over the wire, the
 * other into a direct call, and after it both callers' memory must be the same.
 */
#ifndef CRATON_SAMPLE_PARAMS_H
#define CRATON_SAMPLE_PARAMS_H

#include <stdlib.h>
#include <string.h>

#include "calls.h"
#include "mechs.h"

/* Where there is no test to fail, the includer defines another way out. */
#ifndef SAMPLE_EXPECT
#include <check.h>
#define SAMPLE_EXPECT(what, ...) ck_assert_msg (what, __VA_ARGS__)
#endif

#define SAMPLE_BLOCKS_MAX 4096

typedef struct {
	struct {
		unsigned char *place;
		size_t len;
	} blocks[SAMPLE_BLOCKS_MAX];
	size_t n_blocks;
	unsigned int serial;
	CK_ULONG args[CRATON_ARGS_MAX];
} Sample;

static inline CK_ULONG
sample_word (const void *pointer)
{
	return (CK_ULONG) (uintptr_t) pointer;
}

static inline void *
sample_pointer (CK_ULONG word)
{
	return (void *) (uintptr_t) word;
}

/* @len bytes of the caller's, of which a callee that writes too much or too little leaves
 * traces. */
static inline void *
sample_take (Sample *sample, size_t len)
{
	unsigned char *place = malloc (len);

	SAMPLE_EXPECT (place != NULL && sample->n_blocks < SAMPLE_BLOCKS_MAX, "%zu bytes", len);
	for (size_t i = 0; i < len; i++)
		place[i] = (unsigned char) (0xa5 + i * 3 + sample->serial * 17);
	sample->serial++;
	sample->blocks[sample->n_blocks].place = place;
	sample->blocks[sample->n_blocks++].len = len;
	return place;
}

static inline CK_ULONG *
sample_take_ulong (Sample *sample, CK_ULONG value)
{
	CK_ULONG *place = sample_take (sample, sizeof *place);

	*place = value;
	return place;
}

static inline void
sample_clear (Sample *sample)
{
	for (size_t i = 0; i < sample->n_blocks; i++)
		free (sample->blocks[i].place);
	sample->n_blocks = 0;
	sample->serial = 0;
}

/* A word of a caller's memory, or where it points to in that memory, so that two samples can be
 * compared. */
static inline void
sample_translate (const Sample *sample, CK_ULONG word, CK_ULONG *ret_block, CK_ULONG *ret_value)
{
	*ret_block = 0;
	*ret_value = word;
	for (size_t i = 0; i < sample->n_blocks && word > 65536; i++) {
		CK_ULONG begin = sample_word (sample->blocks[i].place);

		if (word < begin || word - begin > sample->blocks[i].len)
			continue;
		*ret_block = i + 1;
		*ret_value = word - begin;
		if (word == begin)
			return;
	}
}

static inline bool
sample_same_block (const Sample *a, const Sample *b, size_t block)
{
	size_t len = a->blocks[block].len, i = 0;
	const unsigned char *bytes_a = a->blocks[block].place, *bytes_b = b->blocks[block].place;

	for (; i + sizeof (CK_ULONG) <= len && len < 65536; i += sizeof (CK_ULONG)) {
		CK_ULONG word_a, word_b, block_a, block_b, value_a, value_b;

		memcpy (&word_a, bytes_a + i, sizeof word_a);
		memcpy (&word_b, bytes_b + i, sizeof word_b);
		sample_translate (a, word_a, &block_a, &value_a);
		sample_translate (b, word_b, &block_b, &value_b);
		if (block_a != block_b || value_a != value_b)
			return false;
	}
	return len == b->blocks[block].len && memcmp (bytes_a + i, bytes_b + i, len - i) == 0;
}

/* Whether the callers of both samples see the same, byte for byte. */
static inline void
sample_expect_same (const Sample *a, const Sample *b, const char *what)
{
	SAMPLE_EXPECT (a->n_blocks == b->n_blocks, "%s: samples made differently", what);
	for (size_t i = 0; i < a->n_blocks; i++)
		SAMPLE_EXPECT (sample_same_block (a, b, i),
		               "%s: block %zu of %zu bytes differs from a direct call's", what, i,
		               a->blocks[i].len);
}

static inline CK_ULONG
sample_ulong_at (const void *structure, size_t offset)
{
	CK_ULONG value;

	memcpy (&value, (const char *) structure + offset, sizeof value);
	return value;
}

static inline void *
sample_pointer_at (const void *structure, size_t offset)
{
	return sample_pointer (sample_ulong_at (structure, offset));
}

static inline void
sample_set (void *structure, size_t offset, CK_ULONG value)
{
	memcpy ((char *) structure + offset, &value, sizeof value);
}

static inline void
sample_set_pointer (void *structure, size_t offset, const void *value)
{
	sample_set (structure, offset, sample_word (value));
}

/* A template of @n attributes; the first levels have a nested one. */
static inline CK_ATTRIBUTE *
sample_template (Sample *sample, CK_ULONG n, size_t value_len, unsigned int depth)
{
	CK_ATTRIBUTE *attrs = sample_take (sample, n * sizeof *attrs);

	for (CK_ULONG i = 0; i < n; i++) {
		bool nested = i == 1 && depth > 0;

		attrs[i].type = nested   ? CKA_WRAP_TEMPLATE
		                : i == 2 ? CKA_VALUE
		                         : CKA_LABEL + (i << 16);
		attrs[i].pValue =
			nested ? (void *) sample_template (sample, n, value_len, depth - 1)
			       : sample_take (sample, value_len + i);
		attrs[i].ulValueLen = nested ? n * sizeof *attrs : value_len + i;
	}
	return attrs;
}

static inline bool
sample_same_bytes (const void *a, const void *b, size_t len)
{
	return (a == NULL) == (b == NULL) && (a == NULL || len == 0 || memcmp (a, b, len) == 0);
}

static inline bool
sample_same_template (const CK_ATTRIBUTE *a, const CK_ATTRIBUTE *b, CK_ULONG n)
{
	if ((a == NULL) != (b == NULL))
		return false;
	for (CK_ULONG i = 0; a != NULL && i < n; i++) {
		if (a[i].type != b[i].type || a[i].ulValueLen != b[i].ulValueLen)
			return false;
		if (a[i].type == CKA_WRAP_TEMPLATE && a[i].pValue != NULL) {
			if (!sample_same_template (a[i].pValue, b[i].pValue,
			                           a[i].ulValueLen / sizeof *a))
				return false;
		} else if (!sample_same_bytes (a[i].pValue, b[i].pValue, a[i].ulValueLen)) {
			return false;
		}
	}
	return true;
}

/* Bytes that a pointer field leads to. */
static inline size_t
sample_field_len (const CratonField *field, const void *structure, const void *outer)
{
	switch (field->kind) {
	case CRATON_FIELD_BYTES:
	case CRATON_FIELD_PASSWORD:
		return sample_ulong_at (structure, field->len_offset);
	case CRATON_FIELD_BITS:
		return (sample_ulong_at (structure, field->len_offset) + 7) / 8;
	case CRATON_FIELD_SIZED:
		return field->size;
	case CRATON_FIELD_OUTERIV:
		return sample_ulong_at (outer, offsetof (CK_SSL3_KEY_MAT_PARAMS, ulIVSizeInBits)) /
		       8;
	default:
		return sizeof (CK_ULONG);
	}
}

typedef enum {
	SAMPLE_PARAM_FULL,
	SAMPLE_PARAM_NULLS,     /* all pointers NULL, their lengths zero */
	SAMPLE_PARAM_ZERO,      /* pointers to nothing, lengths zero */
	SAMPLE_PARAM_ANNOUNCED, /* pointers NULL, their lengths not */
	N_SAMPLE_PARAMS,
} SampleParam;

static inline void sample_fill_struct (Sample *sample, SampleParam kind, const CratonLayout *layout,
                                       void *structure, void *outer);

static inline void
sample_fill_bytes (Sample *sample, SampleParam kind, const CratonField *field, void *structure,
                   void *outer)
{
	CK_ULONG len = kind == SAMPLE_PARAM_FULL        ? 11 + sample->serial % 5
	               : kind == SAMPLE_PARAM_ANNOUNCED ? 9
	                                                : 0;
	bool has_len = field->kind == CRATON_FIELD_BYTES || field->kind == CRATON_FIELD_BITS ||
	               field->kind == CRATON_FIELD_PASSWORD;

	if (has_len)
		sample_set (structure, field->len_offset,
		            field->kind == CRATON_FIELD_BITS ? len * 8 - (len != 0 ? 3 : 0) : len);
	if (kind == SAMPLE_PARAM_NULLS || kind == SAMPLE_PARAM_ANNOUNCED)
		sample_set_pointer (structure, field->offset, NULL);
	else
		sample_set_pointer (
			structure, field->offset,
			sample_take (sample, sample_field_len (field, structure, outer)));
}

static inline void
sample_fill_array (Sample *sample, SampleParam kind, const CratonField *field, void *structure)
{
	bool present = kind == SAMPLE_PARAM_FULL || kind == SAMPLE_PARAM_ZERO;
	CK_ULONG n = field->kind == CRATON_FIELD_POINTER ? 1 : kind == SAMPLE_PARAM_FULL ? 3 : 0;
	char *elements = present ? sample_take (sample, n * field->nested->size) : NULL;

	if (field->kind == CRATON_FIELD_ARRAY)
		sample_set (structure, field->len_offset, kind == SAMPLE_PARAM_ANNOUNCED ? 3 : n);
	sample_set_pointer (structure, field->offset, elements);
	for (CK_ULONG i = 0; present && i < n; i++)
		sample_fill_struct (sample, kind, field->nested, elements + i * field->nested->size,
		                    structure);
}

static inline void
sample_fill_other (Sample *sample, SampleParam kind, const CratonField *field, void *structure)
{
	bool present = kind == SAMPLE_PARAM_FULL || kind == SAMPLE_PARAM_ZERO;
	CK_ULONG n = kind == SAMPLE_PARAM_FULL ? 3 : kind == SAMPLE_PARAM_ANNOUNCED ? 2 : 0;

	if (field->kind == CRATON_FIELD_TEMPLATE) {
		sample_set (structure, field->len_offset, n);
		sample_set_pointer (structure, field->offset,
		                    present ? sample_template (sample, n, 6, 1) : NULL);
	} else if (field->kind == CRATON_FIELD_HANDLE) {
		sample_set_pointer (structure, field->offset,
		                    present ? sample_take_ulong (sample, 4711) : NULL);
	} else { /* LENPTR */
		bool has_len = kind != SAMPLE_PARAM_NULLS;

		n = kind == SAMPLE_PARAM_ZERO ? 0 : 13;
		sample_set_pointer (structure, field->len_offset,
		                    has_len ? sample_take_ulong (sample, n) : NULL);
		sample_set_pointer (structure, field->offset,
		                    present ? sample_take (sample, n) : NULL);
	}
}

/* Numbers before what is counted by them: OUTERIV asks for a plain number of the structure
 * around it. */
static inline void
sample_fill_struct (Sample *sample, SampleParam kind, const CratonLayout *layout, void *structure,
                    void *outer)
{
	memset (structure, 0, layout->size);
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		sample->serial++;
		switch (field->kind) {
		case CRATON_FIELD_ULONG:
			sample_set (structure, field->offset, 64 + 8 * (sample->serial % 16));
			break;
		case CRATON_FIELD_BYTE:
		case CRATON_FIELD_FIXED:
			memset ((char *) structure + field->offset,
			        (int) (sample->serial & 0x7f) + 1, field->size);
			break;
		case CRATON_FIELD_STRUCT:
			sample_fill_struct (sample, kind, field->nested,
			                    (char *) structure + field->offset, structure);
			break;
		case CRATON_FIELD_POINTER:
		case CRATON_FIELD_ARRAY:
			sample_fill_array (sample, kind, field, structure);
			break;
		case CRATON_FIELD_TEMPLATE:
		case CRATON_FIELD_HANDLE:
		case CRATON_FIELD_LENPTR:
			sample_fill_other (sample, kind, field, structure);
			break;
		default:
			sample_fill_bytes (sample, kind, field, structure, outer);
		}
	}
}

static inline void *
sample_param (Sample *sample, SampleParam kind, const CratonLayout *layout)
{
	void *structure = sample_take (sample, layout->size);

	sample_fill_struct (sample, kind, layout, structure, structure);
	return structure;
}

static inline bool sample_same_param (const CratonLayout *layout, const void *a, const void *b,
                                      const void *outer);

static inline bool
sample_same_array (const CratonField *field, const void *a, const void *b)
{
	const char *elements_a = sample_pointer_at (a, field->offset),
		   *elements_b = sample_pointer_at (b, field->offset);
	CK_ULONG n =
		field->kind == CRATON_FIELD_POINTER ? 1 : sample_ulong_at (a, field->len_offset);

	if ((elements_a == NULL) != (elements_b == NULL))
		return false;
	if (field->kind == CRATON_FIELD_ARRAY && sample_ulong_at (b, field->len_offset) != n)
		return false;
	for (CK_ULONG i = 0; elements_a != NULL && i < n; i++) {
		if (!sample_same_param (field->nested, elements_a + i * field->nested->size,
		                        elements_b + i * field->nested->size, a))
			return false;
	}
	return true;
}

static inline bool
sample_same_field (const CratonField *field, const void *a, const void *b, const void *outer)
{
	const void *to_a, *to_b;
	bool counted = field->kind == CRATON_FIELD_BYTES || field->kind == CRATON_FIELD_BITS ||
	               field->kind == CRATON_FIELD_TEMPLATE || field->kind == CRATON_FIELD_PASSWORD;

	if (field->kind == CRATON_FIELD_ULONG || field->kind == CRATON_FIELD_BYTE ||
	    field->kind == CRATON_FIELD_FIXED)
		return memcmp ((const char *) a + field->offset, (const char *) b + field->offset,
		               field->size) == 0;
	if (field->kind == CRATON_FIELD_STRUCT)
		return sample_same_param (field->nested, (const char *) a + field->offset,
		                          (const char *) b + field->offset, a);
	if (field->kind == CRATON_FIELD_POINTER || field->kind == CRATON_FIELD_ARRAY)
		return sample_same_array (field, a, b);
	to_a = sample_pointer_at (a, field->offset);
	to_b = sample_pointer_at (b, field->offset);
	if (counted &&
	    sample_ulong_at (a, field->len_offset) != sample_ulong_at (b, field->len_offset))
		return false;
	if (field->kind == CRATON_FIELD_TEMPLATE)
		return sample_same_template (to_a, to_b, sample_ulong_at (a, field->len_offset));
	if (field->kind == CRATON_FIELD_LENPTR)
		return (to_a == NULL) == (to_b == NULL) &&
		       sample_same_bytes (sample_pointer_at (a, field->len_offset),
		                          sample_pointer_at (b, field->len_offset), 8);
	return sample_same_bytes (to_a, to_b, sample_field_len (field, a, outer));
}

/* Whether a callee that was sent @a finds it in @b. */
static inline bool
sample_same_param (const CratonLayout *layout, const void *a, const void *b, const void *outer)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		if (!sample_same_field (field, a, b, outer))
			return false;
	}
	return true;
}

static inline void
sample_change (void *place, size_t len)
{
	unsigned char *bytes = place;

	for (size_t i = 0; bytes != NULL && i < len; i++)
		bytes[i] = (unsigned char) (bytes[i] * 5 + 1 + i);
}

static inline bool
sample_is_inside (const CratonField *field)
{
	return field->kind == CRATON_FIELD_ULONG || field->kind == CRATON_FIELD_BYTE ||
	       field->kind == CRATON_FIELD_FIXED || field->kind == CRATON_FIELD_STRUCT;
}

/* What a module does to a parameter: changes each field that it may change. */
static inline void
sample_act_param (const CratonLayout *layout, void *structure, const void *outer)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		char *place = (char *) structure + field->offset;
		char *to = sample_is_inside (field) ? NULL
		                                    : sample_pointer_at (structure, field->offset);
		CK_ULONG n = 1;

		if (field->kind == CRATON_FIELD_STRUCT) {
			sample_act_param (field->nested, place, structure);
		} else if (field->kind == CRATON_FIELD_POINTER ||
		           field->kind == CRATON_FIELD_ARRAY) {
			if (field->kind == CRATON_FIELD_ARRAY)
				n = sample_ulong_at (structure, field->len_offset);
			for (CK_ULONG i = 0; to != NULL && i < n; i++)
				sample_act_param (field->nested, to + i * field->nested->size,
				                  structure);
		} else if (field->kind == CRATON_FIELD_LENPTR) {
			CK_ULONG *len = sample_pointer_at (structure, field->len_offset);

			/* Output alone: the module does not see what was there. */
			if (len != NULL && to != NULL)
				memset (to, 0x3c, *len);
			if (len != NULL && *len > 0)
				--*len;
		} else if (field->back && sample_is_inside (field)) {
			sample_change (place, field->size);
		} else if (field->back) {
			sample_change (to, sample_field_len (field, structure, outer));
		}
	}
}

#endif /* CRATON_SAMPLE_PARAMS_H */
