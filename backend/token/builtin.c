/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Built-in objects, see builtin.h. Their handles are numbers that others never reach. Handles and
 * templates are the client's. Called by shelf.c and find.c.
 */
#include "config.h"

#include "builtin.h"

#include <string.h>
#include <time.h>

#include "mech.h"

/* Handles of other objects count up from 1. */
#define FIRST ((CK_OBJECT_HANDLE) 1 << (8 * sizeof (CK_OBJECT_HANDLE) - 2))

/* PKCS#11 Profiles 3.2: what is true of the token. */
static const CK_PROFILE_ID profiles[] = { CKP_BASELINE_PROVIDER, CKP_EXTENDED_PROVIDER,
	                                  CKP_AUTHENTICATION_TOKEN };

/* The first is the clock, then come the profiles and the mechanisms. */
#define FIRST_PROFILE 1
#define FIRST_MECHANISM (FIRST_PROFILE + G_N_ELEMENTS (profiles))

gboolean
craton_builtin_is (CK_OBJECT_HANDLE handle)
{
	return handle >= FIRST;
}

void
craton_builtin_time (gchar ret_text[CRATON_BUILTIN_TIME_LEN + 1])
{
	gsize len = CRATON_BUILTIN_TIME_LEN + 1;
	time_t now = time (NULL);
	struct tm utc;

	g_snprintf (ret_text, (gulong) len, "0000000000000000");
	if (gmtime_r (&now, &utc) != NULL)
		(void) strftime (ret_text, len, "%Y%m%d%H%M%S00", &utc);
}

static CK_RV
make (CK_OBJECT_CLASS klass, CK_ATTRIBUTE_TYPE type, CK_ULONG number, CratonObject **ret_object)
{
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	gchar id[64], clock[CRATON_BUILTIN_TIME_LEN + 1];
	CK_ATTRIBUTE values[9] = {
		{ CKA_CLASS, &klass, sizeof klass },
		{ CKA_TOKEN, (void *) &yes, 1 },
		{ CKA_PRIVATE, (void *) &no, 1 },
		{ CKA_MODIFIABLE, (void *) &no, 1 },
		{ CKA_COPYABLE, (void *) &no, 1 },
		{ CKA_DESTROYABLE, (void *) &no, 1 },
		{ type, &number, sizeof number },
	};

	g_snprintf (id, sizeof id, "builtin-%lx-%lx", klass, number);
	values[7] = (CK_ATTRIBUTE){ CKA_UNIQUE_ID, id, strlen (id) };
	craton_builtin_time (clock);
	values[8] = (CK_ATTRIBUTE){ CKA_VALUE, clock, CRATON_BUILTIN_TIME_LEN };
	*ret_object = craton_object_new (values, klass == CKO_HW_FEATURE ? 9 : 8);
	return *ret_object == NULL ? CKR_HOST_MEMORY : CKR_OK;
}

CK_RV
craton_builtin_get (const CratonSlot *slot, CK_OBJECT_HANDLE handle, CratonObject **ret_object)
{
	CK_ULONG number = handle - FIRST;
	const CratonMech *mech = NULL;
	gsize index = 0;

	if (number < FIRST_PROFILE)
		return make (CKO_HW_FEATURE, CKA_HW_FEATURE_TYPE, CKH_CLOCK, ret_object);
	if (number < FIRST_MECHANISM)
		return make (CKO_PROFILE, CKA_PROFILE_ID, profiles[number - FIRST_PROFILE],
		             ret_object);
	for (CK_ULONG i = FIRST_MECHANISM; i <= number; i++) {
		mech = craton_mech_next (&slot->config, &index);
		if (mech == NULL)
			return CKR_OBJECT_HANDLE_INVALID;
	}
	return make (CKO_MECHANISM, CKA_MECHANISM_TYPE, mech->type, ret_object);
}

static gboolean
is_asked_for (const CK_ATTRIBUTE *template, CK_ULONG n_attrs)
{
	CK_OBJECT_CLASS klass;

	for (CK_ULONG i = 0; i < n_attrs; i++) {
		if (template[i].type != CKA_CLASS || template[i].pValue == NULL ||
		    template[i].ulValueLen != sizeof klass)
			continue;
		memcpy (&klass, template[i].pValue, sizeof klass);
		return klass == CKO_HW_FEATURE || klass == CKO_PROFILE || klass == CKO_MECHANISM;
	}
	return FALSE;
}

CK_RV
craton_builtin_find (const CratonSlot *slot, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                     GArray *handles)
{
	CK_RV rv = CKR_OK;

	if (!is_asked_for (template, n_attrs))
		return CKR_OK;
	for (CK_OBJECT_HANDLE handle = FIRST; rv == CKR_OK; handle++) {
		g_autoptr (CratonObject) object = NULL;

		rv = craton_builtin_get (slot, handle, &object);
		if (rv == CKR_OK && craton_object_matches (object, template, n_attrs))
			g_array_append_val (handles, handle);
	}
	return rv == CKR_OBJECT_HANDLE_INVALID ? CKR_OK : rv;
}
