/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Any PKCS#11 module by its path. bench-direct.c is the other one of the two.
 */
#include "config.h"

#include "bench.h"

#include <dlfcn.h>
#include <stdio.h>

CK_FUNCTION_LIST *
bench_load (const char *path)
{
	void *library = dlopen (path, RTLD_NOW);
	CK_C_GetFunctionList get = NULL;
	CK_FUNCTION_LIST *functions = NULL;

	if (library != NULL)
		*(void **) &get = dlsym (library, "C_GetFunctionList");
	if (get == NULL || get (&functions) != CKR_OK) {
		fprintf (stderr, "%s: %s\n", path, library == NULL ? dlerror () : "no function list");
		return NULL;
	}
	return functions;
}
