/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a token does before it is asked to, in the order in which a client's first calls need it: the stores are opened, then
 * libcrypto is with its generator, and what most clients come for is tested. All of it would happen all the same, a call at a time.
 * Called in a thread of its own (serve.c).
 */
#include "config.h"

#include "token.h"

#include "drbg.h"
#include "selftest.h"
#include "slot.h"

/* Generating a pair for ECDSA and signing. */
static const guint8 tests[] = { CRATON_SELFTEST_HASH (CRATON_HASH_SHA256), CRATON_SELFTEST_ECDSA };

/* A store that one process alone may have is left to who asks for it. */
static void
look_at_stores (void)
{
	for (CK_SLOT_ID id = 0;; id++) {
		g_autoptr (CratonStore) store = NULL;
		CratonSlot *slot;

		if (craton_slot_find (id, &slot) != CKR_OK)
			return;
		if (!slot->config.exclusive)
			(void) craton_slot_look (slot, &store);
	}
}

void
craton_token_warm (void)
{
	look_at_stores ();
	if (craton_drbg_context () == NULL)
		return;
	for (gsize i = 0; i < G_N_ELEMENTS (tests); i++)
		(void) craton_selftest_need (tests[i]);
}
