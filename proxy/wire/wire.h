/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One call on its way: what the kinds, the templates and the mechanism parameters need besides their arguments. The proxy puts
 * requests and gets responses, the backend gets requests and puts responses.
 */
#ifndef CRATON_WIRE_H
#define CRATON_WIRE_H

#include <stddef.h>
#include <string.h>

#include "buf.h"
#include "pkcs11.h"

/* What the module may change in a mechanism parameter: in the caller's memory at one end, in the copy at the other. Both ends
 * meet these places in the same order, and their lengths are fixed when the request is made. */
typedef struct {
	void *place;
	size_t len;
} CratonBack;

typedef struct {
	CratonBuf buf;
	CratonArena *arena;          /* backend: the decoded arguments */

	/* The out region: bulk output, written by the module in place. */
	uint8_t *out;
	size_t out_len;              /* proxy, while putting: bytes asked for so far; else: bytes there are */
	size_t out_pos;
	size_t out_used;             /* proxy: how far from its beginning the reply says that there is something */

	size_t n_backs;

	unsigned int result;         /* what C_Sign gives: craton_mechs_result() of the mechanism */
	uint8_t *result_out;         /* backend: where in the out region it belongs, with room for @result_len bytes */
	size_t result_len;

	size_t reply_max;            /* proxy: bound on the bytes of the reply */
	const uint64_t *flat;        /* mechanisms whose parameter is plain bytes, besides those of mechs.def */
	size_t n_flat;

	CK_RV rv;                    /* a refusal with a code of its own, CKR_OK while there is none */
	CK_MECHANISM_TYPE refused;   /* with CKR_MECHANISM_PARAM_INVALID: the mechanism that has no row */
	bool no_row;                 /* whether refused is set */
	bool secret;                 /* a PIN or a sensitive attribute is among the bytes */

	CratonBack backs[CRATON_BACKS_MAX]; /* last, and not cleared: n_backs says how many there are */
} CratonWire;

/* All zeros, without the backs. */
static inline void
craton_wire_init (CratonWire *wire)
{
	memset (wire, 0, offsetof (CratonWire, backs));
}

/* Refuses the call with @rv: sticky, and what follows is not decoded. */
static inline void
craton_wire_refuse (CratonWire *wire, CK_RV rv)
{
	if (wire->rv == CKR_OK && !wire->buf.failed)
		wire->rv = rv;
	wire->buf.failed = true;
}

/* A private copy of @len bytes in place, so that the client cannot change them any more; NULL for NULL, or with the
 * call refused when memory runs out. */
void *craton_wire_copy (CratonWire *wire, const uint8_t *bytes, size_t len);

#endif /* CRATON_WIRE_H */
