/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Kinds of arguments: what the letters of calls.def mean. A row names the C arguments that a letter covers and has the four
 * functions that carry it there and back, side by side.
 */
#ifndef CRATON_KINDS_H
#define CRATON_KINDS_H

#include "calls.h"
#include "wire.h"

typedef struct {
	/* The C arguments: 'u' a CK_ULONG, 'p' a pointer, 'y' a CK_BYTE. */
	const char *args;
	/* Proxy: puts the caller's arguments. */
	void (*put_request) (CratonWire *wire, const CK_ULONG *args);
	/* Backend: makes the arguments of the module's call. */
	void (*get_request) (CratonWire *wire, CK_ULONG *args);
	/* Backend: puts what the call made of them. */
	void (*put_response) (CratonWire *wire, CK_RV rv, const CK_ULONG *args);
	/* Proxy: fills the caller's memory. */
	void (*get_response) (CratonWire *wire, CK_RV rv, const CK_ULONG *args);
} CratonKind;

/* The row of a letter, or NULL. Pointers travel through the argument arrays as CK_ULONG. */
const CratonKind *craton_kind (char letter);

/* All arguments of a call, by its signature. */
void craton_kinds_put_request (CratonWire *wire, const CratonCallRow *call, const CK_ULONG *args);
void craton_kinds_get_request (CratonWire *wire, const CratonCallRow *call, CK_ULONG *args);
void craton_kinds_put_response (CratonWire *wire, const CratonCallRow *call, CK_RV rv, const CK_ULONG *args);
void craton_kinds_get_response (CratonWire *wire, const CratonCallRow *call, CK_RV rv, const CK_ULONG *args);

#endif /* CRATON_KINDS_H */
