/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module to be hosted that does not lock its own C_Initialize, as many do not: entered a second
 * time, at once or later, it is broken for good. Its token's label says how often it was entered,
 * and by how many at once.
 */
#include "pkcs11.h"

#include <poll.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define SLOT 7

/* Long enough for a second thread to come in. */
#define SLOW_MS 20

static atomic_int n_entered, n_inside, n_inside_max;

static CK_RV
initialize (CK_VOID_PTR argument)
{
	int n_now = atomic_fetch_add (&n_inside, 1) + 1;

	(void) atomic_fetch_add (&n_entered, 1);
	if (n_now > atomic_load (&n_inside_max))
		atomic_store (&n_inside_max, n_now);
	(void) poll (NULL, 0, SLOW_MS);
	(void) atomic_fetch_sub (&n_inside, 1);
	return atomic_load (&n_entered) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV
finalize (CK_VOID_PTR argument)
{
	return CKR_OK;
}

static CK_RV
get_slot_list (CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
	if (list != NULL && *count < 1)
		return CKR_BUFFER_TOO_SMALL;
	if (list != NULL)
		list[0] = SLOT;
	*count = 1;
	return atomic_load (&n_entered) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV
get_slot_info (CK_SLOT_ID slot, CK_SLOT_INFO *info)
{
	memset (info, ' ', sizeof (*info));
	info->flags = CKF_TOKEN_PRESENT;
	info->hardwareVersion = info->firmwareVersion = (CK_VERSION){ 1, 0 };
	return CKR_OK;
}

static CK_RV
get_token_info (CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	char text[33];
	int len = snprintf (text, sizeof (text), "entered %d, at once %d", atomic_load (&n_entered),
	                    atomic_load (&n_inside_max));

	memset (info, ' ', sizeof (*info));
	memcpy (info->label, text, (size_t) len);
	info->flags = 0;
	return CKR_OK;
}

CK_RV
C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list)
{
	static CK_FUNCTION_LIST functions = {
		.version = { 2, 40 },
		.C_Initialize = initialize,
		.C_Finalize = finalize,
		.C_GetFunctionList = C_GetFunctionList,
		.C_GetSlotList = get_slot_list,
		.C_GetSlotInfo = get_slot_info,
		.C_GetTokenInfo = get_token_info,
	};

	*list = &functions;
	return CKR_OK;
}
