/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects on their way into the store and back: key values are sealed one by one, of a private
 * object also everything else, and what stays in the clear is covered by a MAC when somebody is
 * logged in.
 */
#ifndef CRATON_RECORD_H
#define CRATON_RECORD_H

#include "object-private.h"
#include "seal.h"
#include "store.h"

/**
 * craton_record_close:
 * @key: NULL while nobody is logged in
 * @ret_record: clear it; id and revision are the object's, and it has no MAC yet
 *
 * Returns: CKR_OK; CKR_USER_NOT_LOGGED_IN if something has to be sealed and there is no key;
 * CKR_HOST_MEMORY; CKR_DEVICE_ERROR.
 */
CK_RV craton_record_close (const CratonObject *object, const CratonSealKey *key,
                           CratonStoreObject *ret_record);

/**
 * craton_record_sign:
 * @record: with the id and the revision that it is written with
 * @key: NULL while nobody is logged in: the record gets no MAC
 *
 * Returns: CKR_OK; CKR_DEVICE_ERROR.
 */
CK_RV craton_record_sign (CratonStoreObject *record, const CratonSealKey *key);

/* Whether a record that has a MAC is what was signed. Returns: CKR_OK; CKR_DEVICE_ERROR. */
CK_RV craton_record_check (const CratonStoreObject *record, const CratonSealKey *key);

/**
 * craton_record_open:
 * @key: NULL while nobody is logged in: key values of the object are left out, and it is marked as
 * locked
 *
 * Returns: CKR_OK; CKR_USER_NOT_LOGGED_IN for a private object without a key; CKR_HOST_MEMORY;
 * CKR_DEVICE_ERROR if it is damaged: with a key also if it has no MAC though only somebody who was logged
 * in can have made it.
 */
CK_RV craton_record_open (const CratonStoreObject *record, const CratonSealKey *key,
                          CratonObject **ret_object);

/**
 * craton_record_tags:
 * @key: NULL for an object that is not private
 * @ret_tags: CRATON_STORE_TAGS_MAX of them
 *
 * The names by which the object is found, one for each attribute that is looked up and not empty.
 *
 * Returns: CKR_OK; CKR_DEVICE_ERROR.
 */
CK_RV craton_record_tags (const CratonObject *object, const CratonSealKey *key, gint64 *ret_tags,
                          guint *ret_n_tags);

#endif /* CRATON_RECORD_H */
