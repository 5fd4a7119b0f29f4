/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What C_Sign gives where it is a structure with pointers (RESULT rows of mechs.def): there and back, and whatever the other side
 * writes, no pointer leads out of the caller's buffer.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "kinds.h"
#include "mechs.h"

#define LEN 160
#define N_PARAMS 3

/* As a module writes it: values of 8, 6 and no bytes, the array not at once behind the structure. */
typedef struct {
	CK_OTP_SIGNATURE_INFO info;
	CK_ULONG gap;
	CK_OTP_PARAM params[N_PARAMS];
	CK_BYTE bytes[LEN - 24 - N_PARAMS * 24];
} Made;

static unsigned int result;

static void
fill (Made *made)
{
	memset (made, 0x11, sizeof *made);
	result = craton_mechs_result (CKM_HOTP);
	made->info = (CK_OTP_SIGNATURE_INFO){ made->params, N_PARAMS };
	made->params[0] = (CK_OTP_PARAM){ CK_OTP_VALUE, made->bytes + 3, 6 };
	made->params[1] = (CK_OTP_PARAM){ CK_OTP_COUNTER, made->bytes + 16, 8 };
	made->params[2] = (CK_OTP_PARAM){ CK_OTP_PIN, NULL, 0 };
	memcpy (made->bytes + 3, "755224", 6);
}

static bool
is_within (const void *place, size_t n, const uint8_t *buffer, size_t len)
{
	uintptr_t at = (uintptr_t) place - (uintptr_t) buffer;

	return at <= len && n <= len - at;
}

/* A caller that walks what it got reads its own buffer and nothing else. */
static void
expect_within (const uint8_t *buffer, size_t len)
{
	CK_OTP_SIGNATURE_INFO info;

	memcpy (&info, buffer, sizeof info);
	ck_assert (info.ulCount <= len && is_within (info.pParams, info.ulCount * sizeof *info.pParams, buffer, len) ==
	                                          (info.ulCount != 0));
	for (CK_ULONG i = 0; i < info.ulCount; i++) {
		CK_OTP_PARAM param;

		memcpy (&param, info.pParams + i, sizeof param);
		ck_assert (param.ulValueLen == 0 || is_within (param.pValue, param.ulValueLen, buffer, len));
	}
}

START_TEST (test_result__which)
{
	ck_assert_uint_ne (craton_mechs_result (CKM_HOTP), 0);
	ck_assert_uint_ne (craton_mechs_result (CKM_SECURID), craton_mechs_result (CKM_HOTP));
	ck_assert_uint_eq (craton_mechs_result (CKM_SHA_1_HMAC), 0);
	ck_assert_uint_eq (craton_mechs_result (CKM_HOTP_KEY_GEN), 0);
}
END_TEST

START_TEST (test_result__there_and_back)
{
	Made made;
	uint8_t *there = malloc (LEN), *back = malloc (LEN);
	CK_OTP_SIGNATURE_INFO info;

	fill (&made);
	memcpy (there, &made, LEN);
	made.info.pParams = (void *) (there + offsetof (Made, params));
	made.params[0].pValue = there + offsetof (Made, bytes) + 3;
	made.params[1].pValue = there + offsetof (Made, bytes) + 16;
	memcpy (there, &made, LEN);
	ck_assert (craton_mechs_pack_result (result, there, LEN));
	memcpy (&info, there, sizeof info);
	ck_assert_uint_eq ((uintptr_t) info.pParams, offsetof (Made, params));
	memcpy (back, there, LEN);
	ck_assert (craton_mechs_unpack_result (result, back, LEN));
	expect_within (back, LEN);
	memcpy (&info, back, sizeof info);
	ck_assert_uint_eq (info.ulCount, N_PARAMS);
	ck_assert_mem_eq (info.pParams[0].pValue, "755224", 6);
	ck_assert_uint_eq (info.pParams[1].ulValueLen, 8);
	ck_assert_ptr_null (info.pParams[2].pValue);
	free (there);
	free (back);
}
END_TEST

/* Every word of it anything that an attacker may think of; in any length; and all combinations of two. */
START_TEST (test_result__spoiled)
{
	static const uint64_t words[] = { 0,  1,  4,  8,   15,  16,  20,  24,  28,  32, 48,  72,
		                          95, 96, 97, 112, 152, 159, 160, 161, 1ul << 32, 1ul << 61,
		                          (1ul << 61) + 1, INT64_MAX, UINT64_MAX - 7, UINT64_MAX };
	enum { N_WORDS = sizeof words / sizeof words[0], N_PLACES = sizeof (CK_OTP_SIGNATURE_INFO) / 8 + 1 + 9 };
	Made made;
	size_t n_good = 0;

	fill (&made);
	ck_assert (craton_mechs_pack_result (result, (uint8_t *) &made, LEN));
	for (size_t first = 0; first < N_PLACES; first++)
		for (size_t second = first; second < N_PLACES; second++)
			for (size_t how = 0; how < N_WORDS * N_WORDS; how++) {
				uint8_t *spoiled = malloc (LEN);

				memcpy (spoiled, &made, LEN);
				memcpy (spoiled + 8 * first, &words[how / N_WORDS], 8);
				memcpy (spoiled + 8 * second, &words[how % N_WORDS], 8);
				if (craton_mechs_unpack_result (result, spoiled, LEN)) {
					expect_within (spoiled, LEN);
					n_good++;
				}
				free (spoiled);
			}
	ck_assert_uint_gt (n_good, 0);
}
END_TEST

START_TEST (test_result__cut)
{
	Made made;

	fill (&made);
	ck_assert (craton_mechs_pack_result (result, (uint8_t *) &made, LEN));
	for (size_t len = 0; len < LEN; len++) {
		uint8_t *cut = malloc (len);

		memcpy (cut, &made, len);
		if (craton_mechs_unpack_result (result, cut, len))
			expect_within (cut, len);
		else
			ck_assert_uint_lt (len, offsetof (Made, bytes) + 24);
		free (cut);
	}
	ck_assert (!craton_mechs_unpack_result (0, (uint8_t *) &made, LEN));
	ck_assert (!craton_mechs_unpack_result (4, (uint8_t *) &made, LEN));
}
END_TEST

/* An array over the structure or off its words; values of elsewhere. */
START_TEST (test_result__places)
{
	static char elsewhere[8];
	Made made;

	fill (&made);
	made.params[1].pValue = elsewhere;
	ck_assert (!craton_mechs_pack_result (result, (uint8_t *) &made, LEN));
	fill (&made);
	made.params[0].pValue = NULL;
	ck_assert (!craton_mechs_pack_result (result, (uint8_t *) &made, LEN));
	fill (&made);
	made.info.pParams = (void *) ((char *) made.params + 4);
	made.info.ulCount = 1;
	ck_assert (!craton_mechs_pack_result (result, (uint8_t *) &made, LEN));
	fill (&made);
	made.info.pParams = (void *) &made.info.ulCount;
	made.info.ulCount = 1;
	ck_assert (!craton_mechs_pack_result (result, (uint8_t *) &made, LEN));
}
END_TEST

/* C_Sign through the kind, whose module writes @made; what the caller gets. */
static bool
sign (const Made *made, uint8_t *caller, CK_ULONG *inout_len, CK_RV *ret_refused)
{
	static uint8_t request[256], reply[64], out[4096];
	const CratonCallRow *row = &craton_calls[CRATON_C_SignFinal];
	CratonWire proxy = { .result = craton_mechs_result (CKM_HOTP) }, backend = { .out = out, .out_len = sizeof out };
	CratonArena arena = { 0 };
	CK_ULONG asked[CRATON_ARGS_MAX] = { 1, (uintptr_t) caller, (uintptr_t) inout_len };
	CK_ULONG args[CRATON_ARGS_MAX] = { 0 };
	bool good;

	backend.arena = &arena;
	craton_buf_init (&proxy.buf, request, sizeof request);
	craton_kinds_put_request (&proxy, row, asked);
	ck_assert (!proxy.buf.failed);
	craton_buf_init (&backend.buf, request, proxy.buf.pos);
	craton_kinds_get_request (&backend, row, args);
	ck_assert (craton_buf_done (&backend.buf));
	/* Pointers of this process are not seen in memory that is shared. */
	ck_assert (!is_within ((void *) (uintptr_t) args[1], 1, out, sizeof out));
	if (made != NULL) {
		Made copy = *made;

		copy.info.pParams = (void *) (args[1] + offsetof (Made, params));
		copy.params[0].pValue = (void *) (args[1] + offsetof (Made, bytes) + 3);
		memcpy ((void *) (uintptr_t) args[1], &copy, sizeof copy);
	}
	*(CK_ULONG *) (uintptr_t) args[2] = LEN;
	craton_buf_init (&backend.buf, reply, sizeof reply);
	craton_kinds_put_response (&backend, row, CKR_OK, args);
	*ret_refused = backend.rv;
	craton_buf_init (&proxy.buf, reply, backend.buf.pos);
	proxy.out = out;
	proxy.out_pos = 0;
	if (backend.buf.failed) {
		craton_arena_clear (&arena);
		return false;
	}
	craton_kinds_get_response (&proxy, row, CKR_OK, asked);
	good = craton_buf_done (&proxy.buf);
	craton_arena_clear (&arena);
	return good;
}

START_TEST (test_result__through_the_kind)
{
	_Alignas (8) uint8_t caller[400] = { 0 };
	CK_OTP_SIGNATURE_INFO info;
	CK_ULONG len = sizeof caller;
	CK_RV refused;
	Made made;

	fill (&made);
	made.info.ulCount = 1;
	ck_assert (sign (&made, caller, &len, &refused));
	ck_assert_uint_eq (len, LEN);
	expect_within (caller, len);
	memcpy (&info, caller, sizeof info);
	ck_assert_mem_eq (info.pParams[0].pValue, "755224", 6);
	/* The second value is where the module's own memory is. */
	made.info.ulCount = 2;
	len = sizeof caller;
	ck_assert (!sign (&made, caller, &len, &refused));
	ck_assert_uint_eq (refused, CKR_DEVICE_ERROR);
	/* More than there is room for. */
	made.info.ulCount = 1;
	len = LEN - 8;
	ck_assert (!sign (NULL, caller, &len, &refused));
	ck_assert_uint_eq (refused, CKR_DEVICE_ERROR);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mechs-result");
	TCase *tcase = tcase_create ("mechs-result");
	SRunner *runner;
	int failed;

	tcase_add_test (tcase, test_result__which);
	tcase_add_test (tcase, test_result__there_and_back);
	tcase_add_test (tcase, test_result__spoiled);
	tcase_add_test (tcase, test_result__cut);
	tcase_add_test (tcase, test_result__places);
	tcase_add_test (tcase, test_result__through_the_kind);
	tcase_set_timeout (tcase, 60);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
