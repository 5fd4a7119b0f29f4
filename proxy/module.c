/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton-pkcs11.so: the entry. A stub for each function of calls.def, which packs its arguments and calls craton_call(), and the
 * three function lists that p11-kit and applications ask for. Everything else is in libcraton, one copy per process.
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "instance.h"

static CratonInstance instance;

/* T1 a1, T2 a2 ... and the same arguments as words, for up to CRATON_ARGS_MAX types. */
#define COUNT(...) COUNT_ (__VA_ARGS__, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
#define COUNT_(a, b, c, d, e, f, g, h, i, j, n, ...) n
#define GLUE(a, b) GLUE_ (a, b)
#define GLUE_(a, b) a##b
#define PARAMS(...) GLUE (PARAMS, COUNT (__VA_ARGS__)) (__VA_ARGS__)
#define PARAMS1(t, ...) t a1
#define PARAMS2(t, ...) t a2, PARAMS1 (__VA_ARGS__)
#define PARAMS3(t, ...) t a3, PARAMS2 (__VA_ARGS__)
#define PARAMS4(t, ...) t a4, PARAMS3 (__VA_ARGS__)
#define PARAMS5(t, ...) t a5, PARAMS4 (__VA_ARGS__)
#define PARAMS6(t, ...) t a6, PARAMS5 (__VA_ARGS__)
#define PARAMS7(t, ...) t a7, PARAMS6 (__VA_ARGS__)
#define PARAMS8(t, ...) t a8, PARAMS7 (__VA_ARGS__)
#define PARAMS9(t, ...) t a9, PARAMS8 (__VA_ARGS__)
#define PARAMS10(t, ...) t a10, PARAMS9 (__VA_ARGS__)
#define WORD(a) (CK_ULONG) (uintptr_t) a
#define WORDS(...) GLUE (WORDS, COUNT (__VA_ARGS__))
#define WORDS1 WORD (a1)
#define WORDS2 WORD (a2), WORDS1
#define WORDS3 WORD (a3), WORDS2
#define WORDS4 WORD (a4), WORDS3
#define WORDS5 WORD (a5), WORDS4
#define WORDS6 WORD (a6), WORDS5
#define WORDS7 WORD (a7), WORDS6
#define WORDS8 WORD (a8), WORDS7
#define WORDS9 WORD (a9), WORDS8
#define WORDS10 WORD (a10), WORDS9

#define CALL(since, name, signature, ...)                                                                    \
	static CK_RV stub_##name (PARAMS (__VA_ARGS__))                                                              \
	{                                                                                                    \
		const CK_ULONG args[] = { WORDS (__VA_ARGS__) };                                             \
		return craton_call (&instance, CRATON_##name, args);                                         \
	}
#define HAND CALL
#define LOCAL(since, name, signature, ...) LOCAL_##name (since, name, signature, __VA_ARGS__)
/* Of the rows that never travel these three stand below: they need no instance and are exported. */
#define LOCAL_C_Initialize CALL
#define LOCAL_C_Finalize CALL
#define LOCAL_C_GetInfo CALL
#define stub_C_GetFunctionList C_GetFunctionList
#define stub_C_GetInterfaceList C_GetInterfaceList
#define stub_C_GetInterface C_GetInterface
#define LOCAL_C_GetFunctionList(...)
#define LOCAL_C_GetInterfaceList(...)
#define LOCAL_C_GetInterface(...)
#include "calls.def"
#undef CALL
#undef HAND
#undef LOCAL

/* The rows up to a version, in the order of its structure. */
#define HAND CALL
#define LOCAL CALL
#define IN_L240_L240(name) .name = stub_##name,
#define IN_L240_L300(name)
#define IN_L240_L320(name)
#define IN_L300_L240(name) .name = stub_##name,
#define IN_L300_L300(name) .name = stub_##name,
#define IN_L300_L320(name)
#define CALL(since, name, ...) IN_L240_##since (name)
static CK_FUNCTION_LIST list_2_40 = {
	{ 2, 40 },
#include "calls.def"
};
#undef CALL
#define CALL(since, name, ...) IN_L300_##since (name)
static CK_FUNCTION_LIST_3_0 list_3_0 = {
	{ 3, 0 },
#include "calls.def"
};
#undef CALL
#define CALL(since, name, ...) .name = stub_##name,
static CK_FUNCTION_LIST_3_2 list_3_2 = {
	{ 3, 2 },
#include "calls.def"
};
#undef CALL

static char standard[] = "PKCS 11";

/* The first is the one that a caller without a wish gets. */
static CK_INTERFACE interfaces[] = {
	{ standard, &list_3_2, 0 },
	{ standard, &list_3_0, 0 },
	{ standard, &list_2_40, 0 },
};
#define N_INTERFACES (sizeof interfaces / sizeof interfaces[0])

__attribute__ ((visibility ("default"))) CK_RV
C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list)
{
	if (list == NULL)
		return CKR_ARGUMENTS_BAD;
	*list = &list_2_40;
	return CKR_OK;
}

__attribute__ ((visibility ("default"))) CK_RV
C_GetInterfaceList (CK_INTERFACE_PTR list, CK_ULONG_PTR count)
{
	CK_ULONG room;

	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	room = *count;
	*count = N_INTERFACES;
	if (list == NULL)
		return CKR_OK;
	if (room < N_INTERFACES)
		return CKR_BUFFER_TOO_SMALL;
	memcpy (list, interfaces, sizeof interfaces);
	return CKR_OK;
}

__attribute__ ((visibility ("default"))) CK_RV
C_GetInterface (CK_UTF8CHAR_PTR name, CK_VERSION_PTR version, CK_INTERFACE_PTR_PTR interface, CK_FLAGS flags)
{
	if (interface == NULL)
		return CKR_ARGUMENTS_BAD;
	for (size_t i = 0; i < N_INTERFACES; i++) {
		const CK_VERSION *offered = interfaces[i].pFunctionList;

		if ((name == NULL || strcmp ((const char *) name, standard) == 0) &&
		    (version == NULL || (version->major == offered->major && version->minor == offered->minor)) &&
		    (interfaces[i].flags & flags) == flags) {
			*interface = &interfaces[i];
			return CKR_OK;
		}
	}
	return CKR_FUNCTION_FAILED;
}
