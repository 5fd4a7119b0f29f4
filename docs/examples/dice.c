/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dice from a token's random numbers. A call to a token costs more than a die is worth, so 64 bytes
 * are fetched at once and kept. In a forked child these bytes are a copy: parent and child would
 * roll the same numbers, and the session is the parent's. So each roll asks first, which costs
 * about a nanosecond, and forgets what is not its own.
 *
 * The library has an instance of its own: whatever the program does with PKCS#11, nobody finalises
 * it but dice_put_away().
 */
#include "dice.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkcs11.h"
#include "craton.h"

static CratonInstance *instance;
static CK_FUNCTION_LIST_3_2 *p11;
static CK_SESSION_HANDLE session;
static uint8_t kept[64];
static size_t n_kept;
static uint64_t mark; /* of the process that all this belongs to; 0 for none */

static bool
open_session (void)
{
	CK_SLOT_ID slot;
	CK_ULONG n_slots = 1;
	CK_RV rv;

	if (instance == NULL && craton_instance_new (&instance, &p11) != 0)
		return false;
	/* In a child this makes the instance new; the parent's goes on. */
	rv = p11->C_Initialize (NULL);
	if (rv != CKR_OK && rv != CKR_CRYPTOKI_ALREADY_INITIALIZED)
		return false;
	rv = p11->C_GetSlotList (CK_TRUE, &slot, &n_slots);
	if ((rv != CKR_OK && rv != CKR_BUFFER_TOO_SMALL) || n_slots == 0)
		return false;
	return p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session) == CKR_OK;
}

static bool
fetch (void)
{
	if (session == 0 && !open_session ())
		return false;
	if (p11->C_GenerateRandom (session, kept, sizeof (kept)) != CKR_OK) {
		session = 0;
		return false;
	}
	n_kept = sizeof (kept);
	return true;
}

int
dice_roll (void)
{
	if (mark == 0 || craton_check_fork_since (mark)) {
		session = 0;
		n_kept = 0;
		mark = craton_fork_mark ();
	}
	for (;;) {
		uint8_t byte;

		if (n_kept == 0 && !fetch ())
			return 0;
		byte = kept[--n_kept];
		/* 252 is the largest multiple of 6 in a byte: beyond it some numbers would come
		 * more often. */
		if (byte < 252)
			return 1 + byte % 6;
	}
}

void
dice_put_away (void)
{
	craton_instance_free (instance);
	instance = NULL;
	session = 0;
	n_kept = 0;
	mark = 0;
}
