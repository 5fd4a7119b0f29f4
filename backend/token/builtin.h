/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects that each token has without storing them: the clock (CKO_HW_FEATURE), its profiles
 * (CKO_PROFILE) and its mechanisms (CKO_MECHANISM). They are made when they are asked for and cannot
 * be changed, copied or destroyed. CKO_VALIDATION has none: no validation is claimed.
 */
#ifndef CRATON_BUILTIN_H
#define CRATON_BUILTIN_H

#include "table.h"

#define CRATON_BUILTIN_TIME_LEN 16

/* UTC as CK_TOKEN_INFO has it, YYYYMMDDhhmmss00, with a null byte behind it. */
void craton_builtin_time (gchar ret_text[CRATON_BUILTIN_TIME_LEN + 1]);

/* Whether the handle can only be that of such an object; whether there is one is another question. */
gboolean craton_builtin_is (CK_OBJECT_HANDLE handle);

/**
 * craton_builtin_get:
 * @ret_object: counted
 *
 * Returns: CKR_OK; CKR_OBJECT_HANDLE_INVALID; CKR_HOST_MEMORY.
 */
CK_RV craton_builtin_get (const CratonSlot *slot, CK_OBJECT_HANDLE handle,
                          CratonObject **ret_object);

/**
 * craton_builtin_find:
 * @template: checked by craton_template_check()
 * @handles: those that match are appended, but only if CKA_CLASS asks for them: PKCS#11 3.2 hides
 *   hardware features and mechanisms otherwise, and a search for everything is mostly one for what
 *   can be worked with
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY.
 */
CK_RV craton_builtin_find (const CratonSlot *slot, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                           GArray *handles);

#endif /* CRATON_BUILTIN_H */
