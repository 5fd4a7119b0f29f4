/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Libraries that are opened when their first function is called: libcrypto, SQLite and libp11-kit, which the process of a third-party
 * module never needs, and that of the tokens not for its first answers (docs/decisions/0041-libraries-opened-late.md). late.c is
 * linked in their place; late-null.c is there where they are linked as usual.
 */
#ifndef CRATON_LATE_H
#define CRATON_LATE_H

#include <glib.h>

#include "pages.h"

/* What can be called of libcrypto before all else of it. */
typedef struct {
	int (*make_secure_heap) (size_t len, size_t piece_len); /* CRYPTO_secure_malloc_init () */
	CratonPagesSet set_memory;
} CratonLateCrypto;

/**
 * craton_late_crypto:
 * @prepare: called once, with libcrypto open, while all other calls into it wait; it may call nothing of libcrypto but what it is given
 *
 * Call once, before there are threads, and before libcrypto's first function. Calls @prepare at once where libcrypto is there already.
 */
void craton_late_crypto (void (*prepare) (const CratonLateCrypto *crypto));

#endif /* CRATON_LATE_H */
