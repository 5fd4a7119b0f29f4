/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table of calls, made from calls.def. A row whose C types differ from pkcs11.h does not compile.
 */
#include "calls.h"

#define COUNT(...) COUNT_ (__VA_ARGS__, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
#define COUNT_(a, b, c, d, e, f, g, h, i, j, n, ...) n
#define ROW(name, signature, n_args, travels, hand)                                                           \
	{ #name, signature, offsetof (CK_FUNCTION_LIST_3_2, name), n_args, travels, hand },
#define CALL(since, name, signature, ...) ROW (name, signature, COUNT (__VA_ARGS__), true, false)
#define HAND(since, name, signature, ...) ROW (name, signature, COUNT (__VA_ARGS__), true, true)
#define LOCAL(since, name, signature, ...) ROW (name, signature, COUNT (__VA_ARGS__), false, true)
const CratonCallRow craton_calls[CRATON_CALLS] = {
#include "calls.def"
};
#undef CALL
#undef HAND
#undef LOCAL

#define CALL(since, name, signature, ...)                                                                    \
	_Static_assert (_Generic ((CK_##name) 0, CK_RV (*) (__VA_ARGS__): 1, default: 0), #name " differs from pkcs11.h");
#define HAND CALL
#define LOCAL CALL
#include "calls.def"
