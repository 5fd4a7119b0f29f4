/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One-time passwords: the values of RFC 4226, with the counter of the caller and with the key's own; the structure that C_Sign gives,
 * whose pointers lead into the caller's buffer; and what is refused. Speaks only PKCS#11.
 */
#include "config.h"

#include "token-calls.h"

#define ROOM 512

static const CK_OBJECT_CLASS class_otp = CKO_OTP_KEY, class_secret = CKO_SECRET_KEY;
static const CK_KEY_TYPE type_hotp = CKK_HOTP;

/* RFC 4226, appendix D: the secret; the values that its first ten counters make, with the digits before the last six as its
 * table of decimals has them. */
static CK_BYTE secret[] = "12345678901234567890";
static const char *const values[] = { "84755224", "94287082", "37359152", "26969429", "40338314",
	                              "68254676", "18287922", "82162583", "73399871", "45520489" };

static CK_OTP_PARAM params[9];
static CK_OTP_PARAMS all = { params, 0 };
static CK_MECHANISM hotp = { CKM_HOTP, &all, sizeof all };
/* With room for lengths that are wrong. */
static CK_BYTE counter[16];
static CK_ULONG digits, number;

static CK_RV
try_key (const CK_ATTRIBUTE *more, CK_ULONG n_more, CK_OBJECT_HANDLE *ret_key)
{
	CK_ATTRIBUTE template[16] = {
		ATTR (CKA_CLASS, class_otp),
		ATTR (CKA_KEY_TYPE, type_hotp),
		ATTR (CKA_PRIVATE, no),
		{ CKA_VALUE, secret, sizeof secret - 1 },
	};
	CK_ULONG n = 4;

	for (CK_ULONG i = 0; i < n_more; i++) {
		CK_ULONG at = 0;

		while (at < n && template[at].type != more[i].type)
			at++;
		template[at] = more[i];
		n = MAX (n, at + 1);
	}
	return p11->C_CreateObject (session, template, n, ret_key);
}

static CK_OBJECT_HANDLE
make_hotp (const CK_ATTRIBUTE *more, CK_ULONG n_more)
{
	CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;

	ck_ok (try_key (more, n_more, &key));
	return key;
}

/* The mechanism's parameter from here on: nothing, and what add() puts into it. */
static void
no_params (void)
{
	all = (CK_OTP_PARAMS){ params, 0 };
}

static void
add (CK_OTP_PARAM_TYPE type, void *value, CK_ULONG len)
{
	params[all.ulCount++] = (CK_OTP_PARAM){ type, value, len };
}

static void
with_counter (guint64 n)
{
	for (int i = 0; i < 8; i++)
		counter[i] = (CK_BYTE) (n >> (56 - 8 * i));
	no_params ();
	add (CK_OTP_COUNTER, counter, 8);
}

static const CK_OTP_PARAM *
find_param (const CK_BYTE *out, CK_OTP_PARAM_TYPE type)
{
	const CK_OTP_SIGNATURE_INFO *info = (const void *) out;

	for (CK_ULONG i = 0; i < info->ulCount; i++)
		if (info->pParams[i].type == type)
			return &info->pParams[i];
	return NULL;
}

static void
expect_param (const CK_BYTE *out, CK_ULONG len, CK_OTP_PARAM_TYPE type, const void *value, CK_ULONG value_len)
{
	const CK_OTP_PARAM *param = find_param (out, type);

	ck_assert_ptr_nonnull (param);
	ck_assert ((const CK_BYTE *) param >= out);
	ck_assert ((const CK_BYTE *) (param + 1) <= out + len);
	ck_assert ((const CK_BYTE *) param->pValue >= out);
	ck_assert ((const CK_BYTE *) param->pValue + param->ulValueLen <= out + len);
	ck_assert_uint_eq (param->ulValueLen, value_len);
	ck_assert_mem_eq (param->pValue, value, value_len);
}

/* That @out is the value of counter @n. */
static void
expect_answer (const CK_BYTE *out, CK_ULONG len, guint64 n, CK_ULONG n_digits)
{
	const CK_ULONG format = CK_OTP_FORMAT_DECIMAL;
	guint64 big = GUINT64_TO_BE (n);

	expect_param (out, len, CK_OTP_VALUE, values[n] + 8 - n_digits, n_digits);
	expect_param (out, len, CK_OTP_COUNTER, &big, sizeof big);
	expect_param (out, len, CK_OTP_OUTPUT_FORMAT, &format, sizeof format);
}

static void
expect_signed (CK_OBJECT_HANDLE key, guint64 n, CK_ULONG n_digits)
{
	_Alignas (8) CK_BYTE out[ROOM];
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_SignInit (session, &hotp, key));
	ck_ok (p11->C_Sign (session, NULL, 0, out, &len));
	expect_answer (out, len, n, n_digits);
}

static CK_RV
verify (CK_OBJECT_HANDLE key, const char *value, CK_ULONG len)
{
	ck_ok (p11->C_VerifyInit (session, &hotp, key));
	return p11->C_Verify (session, NULL, 0, (CK_BYTE *) value, len);
}

static void
expect_counter (CK_OBJECT_HANDLE key, guint64 n)
{
	guint64 got = 0;
	CK_ATTRIBUTE attr = ATTR (CKA_OTP_COUNTER, got);

	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	ck_assert_uint_eq (attr.ulValueLen, sizeof got);
	ck_assert_uint_eq (GUINT64_FROM_BE (got), n);
}

START_TEST (test_hotp__known_answer)
{
	CK_OBJECT_HANDLE key = make_hotp (NULL, 0);
	CK_ULONG n = (CK_ULONG) _i;

	for (CK_ULONG length = 6; length <= 8; length++) {
		digits = length;
		with_counter (n);
		add (CK_OTP_OUTPUT_LENGTH, &digits, sizeof digits);
		expect_signed (key, n, length);
		ck_ok (verify (key, values[n] + 8 - length, length));
		ck_rv (verify (key, values[(n + 1) % N (values)] + 8 - length, length), CKR_SIGNATURE_INVALID);
		ck_rv (verify (key, values[n] + 8 - length, length - 1), CKR_SIGNATURE_LEN_RANGE);
		ck_rv (verify (key, values[n] + 8 - length, length + 1), CKR_SIGNATURE_LEN_RANGE);
		ck_rv (verify (key, NULL, 0), CKR_SIGNATURE_LEN_RANGE);
	}
	with_counter (n);
	ck_ok (p11->C_VerifySignatureInit (session, &hotp, key, (CK_BYTE *) values[n] + 2, 6));
	ck_ok (p11->C_VerifySignature (session, NULL, 0));
	/* A counter that the caller names is the caller's. */
	expect_counter (key, 0);
}
END_TEST

START_TEST (test_hotp__own_counter)
{
	static const CK_ULONG seven = 7;
	CK_OBJECT_HANDLE key = make_hotp (&(CK_ATTRIBUTE) ATTR (CKA_OTP_LENGTH, seven), 1);

	no_params ();
	for (CK_ULONG n = 0; n < N (values); n++) {
		expect_counter (key, n);
		expect_signed (key, n, 7);
	}
	expect_counter (key, N (values));
}
END_TEST

/* A length query and a buffer that is too small take no counter, and leave the buffer alone. */
START_TEST (test_hotp__buffer_too_small)
{
	CK_OBJECT_HANDLE key = make_hotp (NULL, 0);
	_Alignas (8) CK_BYTE out[ROOM], untouched[ROOM];
	CK_ULONG len = 0, asked;

	no_params ();
	memset (out, 0x5a, sizeof out);
	memset (untouched, 0x5a, sizeof untouched);
	ck_ok (p11->C_SignInit (session, &hotp, key));
	ck_ok (p11->C_Sign (session, NULL, 0, NULL, &len));
	asked = len;
	for (CK_ULONG room = 0; room < asked; room += 3) {
		len = room;
		ck_rv (p11->C_Sign (session, NULL, 0, out, &len), CKR_BUFFER_TOO_SMALL);
		ck_assert_uint_eq (len, asked);
		ck_assert_mem_eq (out, untouched, sizeof out);
	}
	expect_counter (key, 0);
	ck_ok (p11->C_Sign (session, NULL, 0, out, &len));
	ck_assert_uint_eq (len, asked);
	expect_answer (out, len, 0, 6);
	ck_assert_mem_eq (out + len, untouched, sizeof out - len);
	ck_rv (p11->C_Sign (session, NULL, 0, out, &len), CKR_OPERATION_NOT_INITIALIZED);
	expect_counter (key, 1);
}
END_TEST

/* C_SignFinal gives the same; there is nothing to update with, and no data. Bytes of another mechanism come as bytes. */
START_TEST (test_hotp__other_calls)
{
	CK_OBJECT_HANDLE key = make_hotp (NULL, 0), other = make_secret (CKK_SHA_1_HMAC, secret, 20, NULL, 0);
	CK_MECHANISM hmac = { CKM_SHA_1_HMAC, NULL, 0 };
	_Alignas (8) CK_BYTE out[ROOM];
	CK_ULONG len = sizeof out;

	no_params ();
	ck_ok (p11->C_SignInit (session, &hotp, key));
	ck_ok (p11->C_SignFinal (session, out, &len));
	expect_answer (out, len, 0, 6);
	ck_ok (p11->C_SignInit (session, &hmac, other));
	len = sizeof out;
	ck_ok (p11->C_Sign (session, counter, 0, out, &len));
	ck_assert_uint_eq (len, 20);
	ck_ok (p11->C_SignInit (session, &hotp, key));
	ck_rv (p11->C_SignUpdate (session, out, 1), CKR_FUNCTION_NOT_SUPPORTED);
	ck_ok (p11->C_SignInit (session, &hotp, key));
	len = sizeof out;
	ck_rv (p11->C_Sign (session, out, 1, out, &len), CKR_DATA_LEN_RANGE);
	expect_signed (key, 1, 6);
	with_counter (1);
	ck_ok (p11->C_VerifyInit (session, &hotp, key));
	ck_rv (p11->C_Verify (session, out, 1, (CK_BYTE *) values[1] + 2, 6), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_VerifyInit (session, &hotp, key));
	ck_ok (p11->C_VerifyFinal (session, (CK_BYTE *) values[1] + 2, 6));
}
END_TEST

static void
expect_refused (CK_OBJECT_HANDLE key)
{
	ck_rv (p11->C_SignInit (session, &hotp, key), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (p11->C_VerifyInit (session, &hotp, key), CKR_MECHANISM_PARAM_INVALID);
}

START_TEST (test_hotp__parameters)
{
	static CK_OTP_PARAM_TYPE types[] = { CK_OTP_COUNTER, CK_OTP_FLAGS, CK_OTP_OUTPUT_LENGTH,
		                             CK_OTP_OUTPUT_FORMAT, CK_OTP_VALUE, 8, 99 };
	static const CK_FLAGS refused[] = { CKF_NEXT_OTP, CKF_EXCLUDE_COUNTER };
	CK_OBJECT_HANDLE key = make_hotp (NULL, 0);

	for (gsize i = 0; i < N (types); i++)
		for (CK_ULONG len = 0; len < 16; len++) {
			if (len == 8 && i < 4)
				continue;
			with_counter (0);
			params[types[i] == CK_OTP_COUNTER ? 0 : all.ulCount++] =
				(CK_OTP_PARAM){ types[i], counter, len };
			expect_refused (key);
		}
	for (CK_ULONG n = 0; n < 20; n++) {
		if (n >= 6 && n <= 8)
			continue;
		digits = n;
		with_counter (0);
		add (CK_OTP_OUTPUT_LENGTH, &digits, sizeof digits);
		expect_refused (key);
	}
	number = CK_OTP_FORMAT_HEXADECIMAL;
	with_counter (0);
	add (CK_OTP_OUTPUT_FORMAT, &number, sizeof number);
	expect_refused (key);
	for (gsize i = 0; i < N (refused); i++) {
		number = refused[i];
		with_counter (0);
		add (CK_OTP_FLAGS, &number, sizeof number);
		expect_refused (key);
	}
	with_counter (0);
	add (CK_OTP_COUNTER, counter, 8);
	expect_refused (key);
	all.ulCount = 1025;
	ck_rv (p11->C_SignInit (session, &hotp, key), CKR_MECHANISM_PARAM_INVALID);
	hotp = (CK_MECHANISM){ CKM_HOTP, NULL, 0 };
	expect_refused (key);
	hotp = (CK_MECHANISM){ CKM_HOTP, &all, sizeof all };
}
END_TEST

/* What is no use to the value changes nothing; the mode for people is the only one there is. */
START_TEST (test_hotp__ignored_parameters)
{
	CK_OBJECT_HANDLE key = make_hotp (NULL, 0),
			 plain = make_hotp (&(CK_ATTRIBUTE) ATTR (CKA_OTP_USER_FRIENDLY_MODE, no), 1);

	with_counter (3);
	add (CK_OTP_PIN, secret, 4);
	add (CK_OTP_CHALLENGE, secret, 9);
	add (CK_OTP_TIME, secret, 14);
	number = CKF_EXCLUDE_TIME | CKF_EXCLUDE_CHALLENGE | CKF_EXCLUDE_PIN | CKF_USER_FRIENDLY_OTP;
	add (CK_OTP_FLAGS, &number, sizeof number);
	expect_signed (key, 3, 6);
	expect_refused (plain);
	no_params ();
	ck_rv (p11->C_VerifyInit (session, &hotp, key), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

START_TEST (test_hotp__counter_requirement)
{
	CK_ULONG asks = CK_OTP_PARAM_MANDATORY;
	CK_ATTRIBUTE more = ATTR (CKA_OTP_COUNTER_REQUIREMENT, asks);
	CK_OBJECT_HANDLE mandatory = make_hotp (&more, 1), ignored;

	asks = CK_OTP_PARAM_IGNORED;
	ignored = make_hotp (&more, 1);
	no_params ();
	ck_rv (p11->C_SignInit (session, &hotp, mandatory), CKR_MECHANISM_PARAM_INVALID);
	with_counter (5);
	expect_signed (mandatory, 5, 6);
	expect_counter (mandatory, 0);
	expect_signed (ignored, 0, 6);
	expect_signed (ignored, 1, 6);
	ck_ok (verify (ignored, values[5] + 2, 6));
}
END_TEST

#define WRONG(type, value) { type, (void *) &(value), sizeof (value) }

START_TEST (test_hotp__keys)
{
	static const CK_ULONG one = 1, five = 5, nine = 9, three = 3;
	static const CK_BYTE short_counter[7] = { 0 }, time[14] = "20260101000000";
	static const CK_ATTRIBUTE wrong[] = {
		WRONG (CKA_OTP_FORMAT, one),          WRONG (CKA_OTP_LENGTH, five),
		WRONG (CKA_OTP_LENGTH, nine),         WRONG (CKA_OTP_CHALLENGE_REQUIREMENT, one),
		WRONG (CKA_OTP_TIME_REQUIREMENT, one), WRONG (CKA_OTP_PIN_REQUIREMENT, one),
		WRONG (CKA_OTP_COUNTER_REQUIREMENT, three), WRONG (CKA_OTP_COUNTER, short_counter),
		WRONG (CKA_OTP_TIME, time),           { CKA_OTP_COUNTER, NULL, 0 },
		{ CKA_VALUE, NULL, 0 },               WRONG (CKA_CLASS, class_secret),
	};
	CK_BYTE last[8];
	CK_ATTRIBUTE short_key = { CKA_VALUE, secret, 15 }, spent = ATTR (CKA_OTP_COUNTER, last);
	_Alignas (8) CK_BYTE out[ROOM];
	CK_ULONG len = sizeof out;
	CK_OBJECT_HANDLE key, copy;

	for (gsize i = 0; i < N (wrong); i++)
		ck_rv (try_key (&wrong[i], 1, &key), CKR_ATTRIBUTE_VALUE_INVALID);
	with_counter (0);
	ck_rv (p11->C_SignInit (session, &hotp, make_hotp (&short_key, 1)), CKR_KEY_SIZE_RANGE);
	ck_rv (p11->C_SignInit (session, &hotp, make_secret (CKK_GENERIC_SECRET, secret, 20, NULL, 0)),
	       CKR_KEY_TYPE_INCONSISTENT);
	key = make_hotp (NULL, 0);
	ck_rv (p11->C_SignInit (session, &(CK_MECHANISM){ CKM_SHA_1_HMAC, NULL, 0 }, key), CKR_KEY_TYPE_INCONSISTENT);
	/* The counter goes one way, and there is one of it. */
	ck_rv (p11->C_SetAttributeValue (session, key, &spent, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (p11->C_CopyObject (session, key, NULL, 0, &copy), CKR_ACTION_PROHIBITED);
	memset (last, 0xff, sizeof last);
	key = make_hotp (&spent, 1);
	no_params ();
	ck_ok (p11->C_SignInit (session, &hotp, key));
	ck_rv (p11->C_Sign (session, NULL, 0, out, &len), CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_ok (p11->C_SignInit (session, &hotp, key));
	ck_ok (p11->C_DestroyObject (session, key));
	ck_rv (p11->C_Sign (session, NULL, 0, out, &len), CKR_KEY_HANDLE_INVALID);
}
END_TEST

/* A generated key signs, and another one says that it was not it. */
START_TEST (test_hotp__generated)
{
	CK_MECHANISM generate = { CKM_HOTP_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_otp), ATTR (CKA_PRIVATE, no) };
	CK_OBJECT_HANDLE keys[2];
	_Alignas (8) CK_BYTE out[ROOM];
	CK_ULONG len = sizeof out;
	const CK_OTP_PARAM *value;

	digits = 8;
	for (int i = 0; i < 2; i++)
		ck_ok (p11->C_GenerateKey (session, &generate, template, N (template), &keys[i]));
	expect_counter (keys[0], 0);
	with_counter (77);
	add (CK_OTP_OUTPUT_LENGTH, &digits, sizeof digits);
	ck_ok (p11->C_SignInit (session, &hotp, keys[0]));
	ck_ok (p11->C_Sign (session, NULL, 0, out, &len));
	value = find_param (out, CK_OTP_VALUE);
	ck_assert_ptr_nonnull (value);
	ck_ok (verify (keys[0], value->pValue, value->ulValueLen));
	ck_rv (verify (keys[1], value->pValue, value->ulValueLen), CKR_SIGNATURE_INVALID);
	template[0] = (CK_ATTRIBUTE) ATTR (CKA_CLASS, class_secret);
	ck_rv (p11->C_GenerateKey (session, &generate, template, N (template), &keys[0]), CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-hotp");
	TCase *tcase = tcase_create ("mech-hotp");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 60);
	tcase_add_loop_test (tcase, test_hotp__known_answer, 0, (int) N (values));
	tcase_add_test (tcase, test_hotp__own_counter);
	tcase_add_test (tcase, test_hotp__buffer_too_small);
	tcase_add_test (tcase, test_hotp__other_calls);
	tcase_add_test (tcase, test_hotp__parameters);
	tcase_add_test (tcase, test_hotp__ignored_parameters);
	tcase_add_test (tcase, test_hotp__counter_requirement);
	tcase_add_test (tcase, test_hotp__keys);
	tcase_add_test (tcase, test_hotp__generated);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
