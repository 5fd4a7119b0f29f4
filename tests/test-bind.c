/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every signature of calls.def through libffi, in both directions, against what the compiler makes of the same C types: libffi calls
 * a function that the compiler made, and the compiler's call reaches a closure of libffi's.
 */
#include "config.h"

#include "bind.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "recorder.h"

/* What the last call came with. */
static CratonCallId last_call;
static CK_ULONG last_args[CRATON_ARGS_MAX];
static CK_RV answer;
static CratonBinding binding;

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	last_call = call;
	memcpy (last_args, args, craton_calls[call].n_args * sizeof *args);
	return answer;
}

/* The compiler's calls: TYPED_n (types) casts words to n types, last ones last. */
#define TYPED_GLUE(a, b) TYPED_GLUE_ (a, b)
#define TYPED_GLUE_(a, b) a##b
#define TYPED(...) TYPED_GLUE (TYPED, RECORD_COUNT (__VA_ARGS__)) (__VA_ARGS__)
#define TYPED1(t) (t) word[-1]
#define TYPED2(t, ...) (t) word[-2], TYPED1 (__VA_ARGS__)
#define TYPED3(t, ...) (t) word[-3], TYPED2 (__VA_ARGS__)
#define TYPED4(t, ...) (t) word[-4], TYPED3 (__VA_ARGS__)
#define TYPED5(t, ...) (t) word[-5], TYPED4 (__VA_ARGS__)
#define TYPED6(t, ...) (t) word[-6], TYPED5 (__VA_ARGS__)
#define TYPED7(t, ...) (t) word[-7], TYPED6 (__VA_ARGS__)
#define TYPED8(t, ...) (t) word[-8], TYPED7 (__VA_ARGS__)
#define TYPED9(t, ...) (t) word[-9], TYPED8 (__VA_ARGS__)
#define TYPED10(t, ...) (t) word[-10], TYPED9 (__VA_ARGS__)

#define CALL(since, name, signature, ...)                                     \
	static CK_RV typed_##name (void *code, const CK_ULONG *args)          \
	{                                                                     \
		const CK_ULONG *word = args + craton_calls[CRATON_##name].n_args; \
		CK_##name function;                                           \
                                                                              \
		memcpy (&function, &code, sizeof function);                   \
		return function (TYPED (__VA_ARGS__));                        \
	}
#define HAND CALL
#define LOCAL CALL
#include "calls.def"
#undef CALL

#define CALL(since, name, ...) typed_##name,
static CK_RV (*const typed[CRATON_CALLS]) (void *code, const CK_ULONG *args) = {
#include "calls.def"
};
#undef CALL
#undef HAND
#undef LOCAL

static void (*recorded (int call)) (void)
{
	void (*function) (void);

	memcpy (&function, (const char *) &recorder + craton_calls[call].offset, sizeof function);
	return function;
}

/* Words in which each byte tells its place; none is 0 or small. */
static void
make_args (CK_ULONG *args)
{
	for (CK_ULONG i = 0; i < CRATON_ARGS_MAX; i++)
		args[i] = 0x8182838485868700ul + 0x0101010101010101ul * (i + 1);
}

/* What arrives of them: a CK_BYTE is cut to its width. */
static void
expect_args (int call, const CK_ULONG *sent, const CK_ULONG *got)
{
	for (unsigned int i = 0; i < craton_calls[call].n_args; i++) {
		bool byte = binding.types[i] == &ffi_type_uchar;
		CK_ULONG expected = byte ? (CK_BYTE) sent[i] : sent[i];

		ck_assert_msg (got[i] == expected, "%s, argument %u: 0x%lx, not 0x%lx",
		               craton_calls[call].name, i, got[i], expected);
	}
}

START_TEST (test_prepare__each_signature)
{
	bool found_byte = false;

	for (int call = 0; call < CRATON_CALLS; call++) {
		ck_assert (craton_bind_prepare (&binding, (CratonCallId) call));
		ck_assert_msg (binding.cif.nargs == craton_calls[call].n_args, "%s: %u arguments, not %u",
		               craton_calls[call].name, binding.cif.nargs, craton_calls[call].n_args);
		for (unsigned int i = 0; i < binding.cif.nargs; i++)
			found_byte |= binding.types[i] == &ffi_type_uchar;
	}
	ck_assert (found_byte);
}
END_TEST

START_TEST (test_call__each_signature)
{
	CK_ULONG args[CRATON_ARGS_MAX];

	make_args (args);
	answer = CKR_VENDOR_DEFINED + (CK_RV) _i;
	last_call = CRATON_CALLS;
	ck_assert (craton_bind_prepare (&binding, (CratonCallId) _i));
	ck_assert_uint_eq (craton_bind_call (&binding, recorded (_i), args), answer);
	ck_assert_int_eq ((int) last_call, _i);
	expect_args (_i, args, last_args);
}
END_TEST

static void
run_closure (ffi_cif *cif, void *ret, void **values, void *data)
{
	(void) cif;
	craton_bind_unpack (&binding, values, last_args);
	last_call = (CratonCallId) * (const int *) data;
	*(ffi_arg *) ret = answer;
}

START_TEST (test_closure__each_signature)
{
	CK_ULONG args[CRATON_ARGS_MAX];
	void *code = NULL, (*function) (void);
	ffi_closure *closure = ffi_closure_alloc (sizeof *closure, &code);

	make_args (args);
	answer = ~(CK_RV) 0 - (CK_RV) _i;
	ck_assert (closure != NULL && craton_bind_prepare (&binding, (CratonCallId) _i));
	ck_assert_int_eq (ffi_prep_closure_loc (closure, &binding.cif, run_closure, &_i, code), FFI_OK);
	last_call = CRATON_CALLS;
	ck_assert_uint_eq (typed[_i] (code, args), answer);
	ck_assert_int_eq ((int) last_call, _i);
	expect_args (_i, args, last_args);
	/* And with libffi at both ends. */
	memset (last_args, 0, sizeof last_args);
	memcpy (&function, &code, sizeof function);
	ck_assert_uint_eq (craton_bind_call (&binding, function, args), answer);
	expect_args (_i, args, last_args);
	ffi_closure_free (closure);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("bind");
	TCase *tcase = tcase_create ("bind");
	SRunner *runner;
	int n_failed;

	tcase_add_test (tcase, test_prepare__each_signature);
	tcase_add_loop_test (tcase, test_call__each_signature, 0, CRATON_CALLS);
	tcase_add_loop_test (tcase, test_closure__each_signature, 0, CRATON_CALLS);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
