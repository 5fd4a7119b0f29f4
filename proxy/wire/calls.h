/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * calls.def as C: the call ids and the table of signatures that both ends marshal by.
 */
#ifndef CRATON_CALLS_H
#define CRATON_CALLS_H

#include <stdbool.h>
#include <stddef.h>

#include "pkcs11.h"

/* The most C parameters that a function of PKCS#11 3.2 has. */
#define CRATON_ARGS_MAX 10

typedef enum {
#define CALL(since, name, ...) CRATON_##name,
#define HAND CALL
#define LOCAL CALL
#include "calls.def"
#undef CALL
#undef HAND
#undef LOCAL
	CRATON_CALLS
} CratonCallId;

typedef struct {
	const char *name;
	const char *signature; /* one letter a kind, see kinds.h */
	size_t offset;         /* of its pointer in CK_FUNCTION_LIST_3_2 */
	unsigned char n_args;  /* C parameters */
	bool travels;          /* CALL and HAND rows */
	bool hand;             /* the proxy has a function of its own for it: HAND and LOCAL rows */
} CratonCallRow;

extern const CratonCallRow craton_calls[CRATON_CALLS];

#endif /* CRATON_CALLS_H */
