/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The counter in a key for one-time passwords, see otp.h. It goes on as C_SetAttributeValue changes an object: a changed copy
 * replaces the object if that is still in the revision which was read, and otherwise all begins anew. Called by mech-hotp.c and
 * template.c; the handle is the client's.
 */
#include "config.h"

#include "otp.h"

#include <string.h>

#include "object-private.h"
#include "shelf.h"

/* Who is refused has lost against somebody who was not: so often in a row it does not happen. */
#define TRIES 10000

gboolean
craton_otp_has_digits (CK_ULONG digits)
{
	return digits >= CRATON_OTP_DIGITS_MIN && digits <= CRATON_OTP_DIGITS_MAX;
}

/* Returns: FALSE if there is no next one. */
static gboolean
next_counter (const CK_BYTE *counter, CK_BYTE *ret_next)
{
	guint64 number;

	memcpy (&number, counter, sizeof number);
	number = GUINT64_FROM_BE (number);
	if (number == G_MAXUINT64)
		return FALSE;
	number = GUINT64_TO_BE (number + 1);
	memcpy (ret_next, &number, sizeof number);
	return TRUE;
}

/* @object with another counter. */
static CK_RV
change (const CratonObject *object, CK_BYTE *counter, CratonObject **ret_changed)
{
	g_autofree CK_ATTRIBUTE *values =
		g_memdup2 (object->values, object->n_values * sizeof *object->values);
	CratonObject *changed;

	for (gsize i = 0; i < object->n_values; i++)
		if (values[i].type == CKA_OTP_COUNTER)
			values[i].pValue = counter;
	changed = craton_object_new (values, object->n_values);
	if (changed == NULL)
		return CKR_HOST_MEMORY;
	changed->id = object->id;
	changed->revision = object->revision;
	changed->has_mac = object->has_mac;
	*ret_changed = changed;
	return CKR_OK;
}

CK_RV
craton_otp_take_counter (CratonSession *session, CK_OBJECT_HANDLE handle, CK_BYTE *ret_counter)
{
	for (guint i = 0; i < TRIES; i++) {
		g_autoptr (CratonObject) object = NULL;
		g_autoptr (CratonObject) changed = NULL;
		CK_BYTE next[CRATON_OTP_COUNTER_LEN];
		const CK_BYTE *counter;
		gsize len = 0;
		CK_RV rv = craton_shelf_get (session, handle, &object);

		if (rv != CKR_OK)
			return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_KEY_HANDLE_INVALID : rv;
		/* What stayed sealed would be lost. */
		if (object->locked)
			return CKR_USER_NOT_LOGGED_IN;
		counter = craton_object_get (object, CKA_OTP_COUNTER, &len);
		if (counter == NULL || len != sizeof next || !next_counter (counter, next))
			return CKR_KEY_FUNCTION_NOT_PERMITTED;
		rv = change (object, next, &changed);
		if (rv == CKR_OK)
			rv = craton_shelf_count (session, handle, changed);
		if (rv == CKR_OK)
			memcpy (ret_counter, counter, len);
		if (rv != CKR_OBJECT_HANDLE_INVALID)
			return rv;
	}
	return CKR_FUNCTION_FAILED;
}
