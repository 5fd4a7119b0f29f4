/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module that tries what it must not: C_GetTokenInfo tells in its label which of the forbidden things could be done, or "nothing",
 * and in its model whether the variable OPENSSL_CONF has come through. ATTEMPT_TARGET is "PROFILE SIBLING PORT FOLDER".
 */
#include "pkcs11.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "attempts.h"

static CK_RV
initialize (CK_VOID_PTR argument)
{
	return CKR_OK;
}

static CK_RV
finalize (CK_VOID_PTR argument)
{
	return CKR_OK;
}

static void
fill (CK_UTF8CHAR *field, size_t len, const char *text)
{
	memset (field, ' ', len);
	memcpy (field, text, strlen (text) < len ? strlen (text) : len);
}

static CK_RV
get_token_info (CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	const char *target = getenv ("ATTEMPT_TARGET"), *made;
	unsigned profile;
	int sibling;

	if (target == NULL || sscanf (target, "%u %d %d %199s", &profile, &sibling,
	                              &attempt_target.port, attempt_target.folder) != 4)
		return CKR_ARGUMENTS_BAD;
	attempt_target.sibling = sibling;
	made = attempts_first_made (profile);
	memset (info, 0, sizeof (*info));
	fill (info->label, sizeof (info->label), made != NULL ? made : "nothing");
	fill (info->model, sizeof (info->model), getenv ("OPENSSL_CONF") != NULL ? "set" : "unset");
	return CKR_OK;
}

CK_RV
C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list)
{
	static CK_FUNCTION_LIST functions = {
		.version = { 2, 40 },
		.C_Initialize = initialize,
		.C_Finalize = finalize,
		.C_GetTokenInfo = get_token_info,
	};

	*list = &functions;
	return CKR_OK;
}
