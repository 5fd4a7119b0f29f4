/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PINs: checking one, with the count of wrong tries that no crash and no kill can avoid.
 */
#ifndef CRATON_PIN_H
#define CRATON_PIN_H

#include "table.h"

#define CRATON_PIN_LEN_MIN 4
#define CRATON_PIN_LEN_MAX 255
#define CRATON_PIN_TRIES 10

/**
 * craton_pin_verify:
 * @slot: looked at; no lock held
 * @pin: from the client, any length
 * @ret_key: the token key, counted
 * @ret_wrap: what the PIN has opened, CRATON_SEAL_WRAP_LEN bytes: another one in the store says
 * that the PIN has changed
 *
 * Counts a wrong try before it looks at the PIN, and takes it back when the PIN is right.
 *
 * Returns: CKR_OK; CKR_PIN_INCORRECT; CKR_PIN_LOCKED; CKR_USER_PIN_NOT_INITIALIZED; the codes of
 * store.h.
 */
CK_RV craton_pin_verify (CratonSlot *slot, CratonPinRole role, const CK_BYTE *pin, gsize pin_len,
                         CratonSealKey **ret_key, guint8 *ret_wrap);

/* CKF_USER_PIN_COUNT_LOW and the like for @slot; called under the table's lock. */
CK_FLAGS craton_pin_flags (const CratonSlot *slot);

#endif /* CRATON_PIN_H */
