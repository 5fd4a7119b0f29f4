/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A function list made from calls.def: each function hands its arguments, as words, to one function
 * of the includer's:
 *
 *   static CK_RV record (CratonCallId call, const CK_ULONG *args);
 */
#ifndef CRATON_RECORDER_H
#define CRATON_RECORDER_H

#include "calls.h"

static CK_RV record (CratonCallId call, const CK_ULONG *args);

#define RECORD_COUNT(...) RECORD_COUNT_ (__VA_ARGS__, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)
#define RECORD_COUNT_(a, b, c, d, e, f, g, h, i, j, n, ...) n
#define RECORD_GLUE(a, b) RECORD_GLUE_ (a, b)
#define RECORD_GLUE_(a, b) a##b
#define RECORD_PARAMS(...) RECORD_GLUE (RECORD_PARAMS, RECORD_COUNT (__VA_ARGS__)) (__VA_ARGS__)
#define RECORD_PARAMS1(t) t p1
#define RECORD_PARAMS2(t, ...) t p2, RECORD_PARAMS1 (__VA_ARGS__)
#define RECORD_PARAMS3(t, ...) t p3, RECORD_PARAMS2 (__VA_ARGS__)
#define RECORD_PARAMS4(t, ...) t p4, RECORD_PARAMS3 (__VA_ARGS__)
#define RECORD_PARAMS5(t, ...) t p5, RECORD_PARAMS4 (__VA_ARGS__)
#define RECORD_PARAMS6(t, ...) t p6, RECORD_PARAMS5 (__VA_ARGS__)
#define RECORD_PARAMS7(t, ...) t p7, RECORD_PARAMS6 (__VA_ARGS__)
#define RECORD_PARAMS8(t, ...) t p8, RECORD_PARAMS7 (__VA_ARGS__)
#define RECORD_PARAMS9(t, ...) t p9, RECORD_PARAMS8 (__VA_ARGS__)
#define RECORD_PARAMS10(t, ...) t p10, RECORD_PARAMS9 (__VA_ARGS__)
#define RECORD_WORDS(...) RECORD_GLUE (RECORD_WORDS, RECORD_COUNT (__VA_ARGS__))
#define RECORD_WORDS1 (CK_ULONG) p1
#define RECORD_WORDS2 (CK_ULONG) p2, RECORD_WORDS1
#define RECORD_WORDS3 (CK_ULONG) p3, RECORD_WORDS2
#define RECORD_WORDS4 (CK_ULONG) p4, RECORD_WORDS3
#define RECORD_WORDS5 (CK_ULONG) p5, RECORD_WORDS4
#define RECORD_WORDS6 (CK_ULONG) p6, RECORD_WORDS5
#define RECORD_WORDS7 (CK_ULONG) p7, RECORD_WORDS6
#define RECORD_WORDS8 (CK_ULONG) p8, RECORD_WORDS7
#define RECORD_WORDS9 (CK_ULONG) p9, RECORD_WORDS8
#define RECORD_WORDS10 (CK_ULONG) p10, RECORD_WORDS9

#define CALL(since, name, signature, ...)                               \
	static CK_RV record_##name (RECORD_PARAMS (__VA_ARGS__))        \
	{                                                               \
		const CK_ULONG args[] = { RECORD_WORDS (__VA_ARGS__) }; \
		return record (CRATON_##name, args);                    \
	}
#define HAND CALL
#define LOCAL CALL
#include "calls.def"
#undef CALL

#define CALL(since, name, ...) .name = record_##name,
static CK_FUNCTION_LIST_3_2 recorder = {
	.version = { 3, 2 },
#include "calls.def"
};
#undef CALL
#undef HAND
#undef LOCAL

#endif /* CRATON_RECORDER_H */
