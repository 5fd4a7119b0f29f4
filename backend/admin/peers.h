/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The mechanisms of other tokens, from proxy/wire/pkcs11/mechanisms.tsv, and what the soft token has of them.
 */
#ifndef CRATON_PEERS_H
#define CRATON_PEERS_H

#include <glib.h>

#include "pkcs11.h"
#include "token.h"

/* One row of the table. */
typedef struct {
	const char *name;
	CK_MECHANISM_TYPE type; /* CK_UNAVAILABLE_INFORMATION: a vendor's own, without a number in the table */
	const char *who;        /* letters of the tokens that have it: C, S, K, N */
} CratonPeersRow;

typedef enum {
	CRATON_PEERS_HAVE,
	CRATON_PEERS_LACK,
	CRATON_PEERS_LEFT_OUT,
} CratonPeersState;

/* Row @index of the table, or NULL behind the last. */
const CratonPeersRow *craton_peers_nth (gsize index);

/* Whether the soft token has it, in whatever configuration. A vendor's mechanism without a number it never has. */
CratonPeersState craton_peers_state (const CratonPeersRow *row);

/* Why it is left out; for one that is there: why @token does not offer it. Not translated; NULL where there is no such reason. */
const char *craton_peers_reason (const CratonPeersRow *row, const CratonTokenConfig *token);

/* The reason that the table of left-out ones has, whether or not the soft token has it; NULL for none. For the test. */
const char *craton_peers_left_out (const CratonPeersRow *row);

#endif /* CRATON_PEERS_H */
