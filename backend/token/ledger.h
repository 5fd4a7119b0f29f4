/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The ledger: what objects a token has that were written by somebody who was logged in, and in which revision, sealed
 * under the token key. A MAC says of an object that it was written so once; the ledger says that it is
 * what is there now. Whoever changes the database past Craton, removes a row or puts back an older one is found
 * at the next login.
 */
#ifndef CRATON_LEDGER_H
#define CRATON_LEDGER_H

#include "object.h"
#include "seal.h"
#include "store.h"



/**
 * craton_ledger_new:
 * @epoch: of the token, here and below
 * @ret_root: the first page of a token that has no objects
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_DEVICE_ERROR.
 */
CK_RV craton_ledger_new (const CratonSealKey *key, const guint8 *epoch, GBytes **ret_root);

/**
 * craton_ledger_note:
 * @revision: that the object @id has from now on, 0 if it is gone
 * @object: from which its name is taken; not looked at if it is gone
 *
 * To be called in the change that writes the object.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_DEVICE_ERROR if the ledger was changed past Craton; the codes of store.h.
 */
CK_RV craton_ledger_note (CratonStoreChange *change, const CratonSealKey *key, const guint8 *epoch,
                          gint64 id, gint64 revision, const CratonObject *object);

/**
 * craton_ledger_check:
 * @name: of the token, for log lines
 * @ret_faults: ids that are not to be served; a set of gint64, unref it
 *
 * Compares the store with its ledger, and in a small store each object with its MAC. Each fault is a line in the log with the
 * object's name, up to a limit.
 *
 * Returns: CKR_OK, with faults or without; CKR_DEVICE_ERROR if the ledger itself is no longer what Craton has written,
 * with a line in the log; the codes of store.h.
 */
CK_RV craton_ledger_check (CratonStore *store, const CratonSealKey *key, const guint8 *epoch,
                           const char *name, GHashTable **ret_faults);

/* Says in the log that the object @id is damaged, by the name that the ledger has for it, or its
 * number. */
void craton_ledger_blame (CratonStore *store, const CratonSealKey *key, const guint8 *epoch,
                          const char *name, gint64 id);

#endif /* CRATON_LEDGER_H */
