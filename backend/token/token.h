/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The soft token as main.c sees it: a configuration in, a PKCS#11 function list out. Dispatch
 * cannot tell it from a hosted module.
 */
#ifndef CRATON_TOKEN_H
#define CRATON_TOKEN_H

#include <glib.h>

#include "pkcs11.h"

/* One configured token; slot n is the n-th of them. */
typedef struct {
	char *name;  /* the group's name in craton.conf, for log lines; the slot's description is
	                made from it */
	char *store; /* directory that holds the token's database; made with mode 0700 at
	                C_InitToken */
	gboolean exclusive; /* lock = exclusive: one process at a time */
	guint pin_cost;     /* log2 of scrypt's N for new PINs, 14 to 20 */
} CratonTokenConfig;

/**
 * craton_token_configure:
 * @configs: (array length=n_configs): the tokens to offer, copied
 * @n_configs: how many, 0 is allowed
 *
 * Call once before C_Initialize of the function list. Touches no file.
 */
void craton_token_configure (const CratonTokenConfig *configs, gsize n_configs);

/**
 * craton_token_function_list:
 *
 * Returns: the soft token's functions, all 104 of PKCS#11 3.2 in place (what is not supported
 * answers CKR_FUNCTION_NOT_SUPPORTED); static, valid for the life of the process.
 */
CK_FUNCTION_LIST_3_2 *craton_token_function_list (void);

#endif /* CRATON_TOKEN_H */
