/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keeps one session open on a token and counts, for each label that it reads from standard input, the public keys that
 * have it. Run by shared.sh, beside processes that change the token.
 *
 * Usage: system-watch MODULE TOKEN-LABEL
 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "pkcs11.h"

static CK_FUNCTION_LIST *p11;

static CK_RV
open_session (const char *label, CK_SESSION_HANDLE *ret_session)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n_slots = 64, i;
	CK_TOKEN_INFO info;
	CK_RV rv;

	rv = p11->C_GetSlotList (CK_TRUE, slots, &n_slots);
	for (i = 0; rv == CKR_OK && i < n_slots; i++) {
		rv = p11->C_GetTokenInfo (slots[i], &info);
		if (rv == CKR_OK && strncmp ((char *) info.label, label, strlen (label)) == 0)
			return p11->C_OpenSession (slots[i], CKF_SERIAL_SESSION, NULL, NULL, ret_session);
	}
	return rv == CKR_OK ? CKR_TOKEN_NOT_PRESENT : rv;
}

static CK_RV
count (CK_SESSION_HANDLE session, char *label, CK_ULONG *ret_n)
{
	CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof (class) },
		{ CKA_LABEL, label, strlen (label) },
	};
	CK_OBJECT_HANDLE found[64];
	CK_RV rv;

	rv = p11->C_FindObjectsInit (session, template, 2);
	if (rv == CKR_OK)
		rv = p11->C_FindObjects (session, found, 64, ret_n);
	if (rv == CKR_OK)
		rv = p11->C_FindObjectsFinal (session);
	return rv;
}

int
main (int argc, char **argv)
{
	CK_RV (*get_function_list) (CK_FUNCTION_LIST **list);
	CK_SESSION_HANDLE session;
	CK_ULONG n = 0;
	char line[256];
	void *module;
	CK_RV rv;

	module = argc == 3 ? dlopen (argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	if (module == NULL)
		return 2;
	*(void **) &get_function_list = dlsym (module, "C_GetFunctionList");
	rv = get_function_list (&p11);
	if (rv == CKR_OK)
		rv = p11->C_Initialize (NULL);
	if (rv == CKR_OK)
		rv = open_session (argv[2], &session);
	while (rv == CKR_OK && fgets (line, sizeof (line), stdin) != NULL) {
		line[strcspn (line, "\n")] = '\0';
		rv = count (session, line, &n);
		if (rv == CKR_OK)
			printf ("%lu\n", n);
		fflush (stdout);
	}
	if (rv != CKR_OK)
		printf ("error 0x%lx\n", rv);
	else
		rv = p11->C_Finalize (NULL);
	return rv == CKR_OK ? 0 : 1;
}
