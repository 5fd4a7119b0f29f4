/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slots and their stores: when a store is opened, who may have it, and what other processes have
 * done to it meanwhile.
 */
#ifndef CRATON_SLOT_H
#define CRATON_SLOT_H

#include "store.h"
#include "table.h"

/**
 * craton_slot_find:
 * @ret_slot: lives as long as the process
 *
 * Returns: CKR_OK; CKR_CRYPTOKI_NOT_INITIALIZED; CKR_SLOT_ID_INVALID.
 */
CK_RV craton_slot_find (CK_SLOT_ID id, CratonSlot **ret_slot);

/**
 * craton_slot_claim:
 *
 * Takes the lock on the store's directory, shared or as the only process (lock = exclusive); kept
 * until C_Finalize. A directory that is not there yet is not locked.
 *
 * Returns: CKR_OK; CKR_GENERAL_ERROR if another process is in the way, with a line in the log.
 */
CK_RV craton_slot_claim (CratonSlot *slot);

/**
 * craton_slot_look:
 * @ret_store: counted, unref it; NULL if the token is not initialised
 *
 * Opens the store at the first use and notes what others have changed since the last look
 * (craton_table_note_token()). To be called, without the table's lock, before anything is said
 * about the token or its objects. Cheap while nothing changes.
 *
 * Returns: CKR_OK; CKR_GENERAL_ERROR as above; the codes of store.h.
 */
CK_RV craton_slot_look (CratonSlot *slot, CratonStore **ret_store);

/**
 * craton_slot_glance:
 * @session: acquired
 * @ret_store: as for craton_slot_look(), or NULL where it is not needed
 *
 * As craton_slot_look() for the token of @session. A commit of anybody's since the session's last
 * look is seen, without a system call and without a lock; a store that was deleted, or replaced by somebody who is not Craton,
 * within a tick of the clock (some milliseconds), as the path is looked at only once in each.
 *
 * Returns: as craton_slot_look().
 */
CK_RV craton_slot_glance (CratonSession *session, CratonStore **ret_store);

/**
 * craton_slot_wait_turn:
 *
 * Waits until no other process or thread is checking a PIN of this token: each check counts as a
 * wrong try until it is done, and many clients that start at once would lock each other out. However many
 * they are; but who is stopped in a check must not stop the others, so not longer than some seconds for the same one.
 *
 * Returns: to be given to close(); -1 if there is no turn to wait for.
 */
int craton_slot_wait_turn (const CratonSlot *slot);

/**
 * craton_slot_make:
 * @token: what the new token is
 * @root: the first page of its ledger
 *
 * Makes the directory, with mode 0700, and the store.
 *
 * Returns: CKR_OK; CKR_TOKEN_NOT_RECOGNIZED if there is a store already; CKR_GENERAL_ERROR as
 * above; the codes of store.h.
 */
CK_RV craton_slot_make (CratonSlot *slot, const CratonStoreToken *token, GBytes *root);

/* Closes the store and gives up the lock, at C_Finalize. */
void craton_slot_close (CratonSlot *slot);

#endif /* CRATON_SLOT_H */
