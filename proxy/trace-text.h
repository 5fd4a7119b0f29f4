/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a trace shows of values, templates, mechanisms and structures: names and lengths. Bytes are shown of a few attributes that are
 * public and help to tell objects apart; of everything else, and of whatever is not known, the length.
 */
#ifndef CRATON_TRACE_TEXT_H
#define CRATON_TRACE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "mechs.h"
#include "pkcs11.h"

/* The longest name in pkcs11/'s tables fits. Tables hold names and no pointers to them: the loader would have to fill pointers in. */
#define CRATON_TRACE_NAME 48

/* A text that is cut at its end of memory; what is cut is told by craton_trace_is_cut(). */
typedef struct {
	char *text;
	size_t max;
	size_t len;
} CratonTraceText;

void craton_trace_put (CratonTraceText *text, const char *format, ...) __attribute__ ((format (printf, 2, 3)));
bool craton_trace_is_cut (const CratonTraceText *text);

/**
 * craton_trace_put_value:
 * @type: its type in C, such as "CK_USER_TYPE"
 * @place: the function or structure that it belongs to: what flags mean depends on it
 *
 * A number by name, where its type has names.
 */
void craton_trace_put_value (CratonTraceText *text, const char *type, const char *place, CK_ULONG value);

/* Printable bytes between quotes, others as \xNN. */
void craton_trace_put_string (CratonTraceText *text, const void *bytes, size_t len);

/* Of bytes that may be secret: how many there are. */
void craton_trace_put_len (CratonTraceText *text, const void *bytes, CK_ULONG len);

/* @asked: what C_GetAttributeValue is asked for: names and room, no values */
void craton_trace_put_template (CratonTraceText *text, const CK_ATTRIBUTE *attrs, CK_ULONG n_attrs, bool asked);

void craton_trace_put_mechanism (CratonTraceText *text, const CK_MECHANISM *mechanism, CratonParamRole role);

/* The structure called @name at @at, each field by name; those it points to are followed if they are structures. */
void craton_trace_put_structure (CratonTraceText *text, const char *name, const void *at);

#endif /* CRATON_TRACE_TEXT_H */
