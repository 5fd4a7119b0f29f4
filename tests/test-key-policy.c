/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a key's attributes allow: its first and last day, and the PIN for each use.
 */
#include "config.h"

#include "token-process.h"

#include <time.h>

/* The day so many days from now, UTC. */
static CK_DATE
day (int from_now)
{
	time_t when = time (NULL) + from_now * 24L * 3600;
	struct tm utc;
	char text[9];
	CK_DATE date;

	ck_assert_ptr_nonnull (gmtime_r (&when, &utc));
	ck_assert_uint_eq (strftime (text, sizeof text, "%Y%m%d", &utc), 8);
	memcpy (&date, text, sizeof date);
	return date;
}

static CK_RV
try (CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE permission)
{
	CK_BYTE iv[16] = { 0 }, wrapped[64];
	CK_ULONG len = sizeof wrapped;
	CK_MECHANISM cbc = { CKM_AES_CBC, iv, 16 }, cmac = { CKM_AES_CMAC, NULL, 0 };
	CK_MECHANISM kw = { CKM_AES_KEY_WRAP, NULL, 0 };
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret),
		                    ATTR (CKA_KEY_TYPE, type_generic) };
	CK_OBJECT_HANDLE made;

	switch (permission) {
	case CKA_ENCRYPT:
		return p11->C_EncryptInit (session, &cbc, key);
	case CKA_DECRYPT:
		return p11->C_DecryptInit (session, &cbc, key);
	case CKA_SIGN:
		return p11->C_SignInit (session, &cmac, key);
	case CKA_VERIFY:
		return p11->C_VerifyInit (session, &cmac, key);
	case CKA_WRAP:
		return p11->C_WrapKey (session, &kw, key, key, wrapped, &len);
	default:
		/* A wrong wrapped key is found behind the permission. */
		return p11->C_UnwrapKey (session, &kw, key, iv, 16, template, 2, &made) ==
		                       CKR_KEY_FUNCTION_NOT_PERMITTED
		               ? CKR_KEY_FUNCTION_NOT_PERMITTED
		               : CKR_OK;
	}
}

static const CK_ATTRIBUTE_TYPE permissions[] = { CKA_ENCRYPT, CKA_SIGN,    CKA_WRAP,
	                                         CKA_VERIFY,  CKA_DECRYPT, CKA_UNWRAP };
#define N_MAKING 3 /* of them make something; the others read it */

/* Days from today, or none, and how many of the permissions hold: none, those that read, all. */
static const struct {
	int start, end;
	gboolean has_start, has_end;
	enum { NOTHING, READING, EVERYTHING } may;
} spans[] = {
	{ 0, 0, FALSE, FALSE, EVERYTHING }, { 0, 0, TRUE, FALSE, EVERYTHING },
	{ 0, 0, FALSE, TRUE, EVERYTHING },  { 0, 0, TRUE, TRUE, EVERYTHING },
	{ -1, 1, TRUE, TRUE, EVERYTHING },  { 2, 0, TRUE, FALSE, NOTHING },
	{ 2, 5, TRUE, TRUE, NOTHING },      { 0, -2, FALSE, TRUE, READING },
	{ -9, -2, TRUE, TRUE, READING },    { 2, -2, TRUE, TRUE, NOTHING },
};

static void
check_span (gsize i)
{
	CK_DATE start_date = day (spans[i].start), end_date = day (spans[i].end);
	const CK_ATTRIBUTE dates[] = {
		{ CKA_START_DATE, &start_date, spans[i].has_start ? sizeof (CK_DATE) : 0 },
		{ CKA_END_DATE, &end_date, spans[i].has_end ? sizeof (CK_DATE) : 0 },
	};
	CK_OBJECT_HANDLE key = make_secret (CKK_AES, key16, 16, dates, 2);

	for (gsize j = 0; j < N (permissions); j++) {
		gboolean may = spans[i].may == EVERYTHING ||
		               (spans[i].may == READING && j >= N_MAKING);

		ck_rv (try (key, permissions[j]), may ? CKR_OK : CKR_KEY_FUNCTION_NOT_PERMITTED);
	}
	ck_ok (p11->C_SessionCancel (session,
	                             CKF_ENCRYPT | CKF_DECRYPT | CKF_SIGN | CKF_VERIFY));
	ck_ok (p11->C_DestroyObject (session, key));
}

START_TEST (test_key_policy__days)
{
	CK_DATE before, after;

	make_token ();
	login ();
	/* Should midnight pass meanwhile, it is done once more. */
	do {
		before = day (0);
		check_span ((gsize) _i);
		after = day (0);
	} while (memcmp (&before, &after, sizeof before) != 0);
}
END_TEST

/* --- the PIN for each use --- */

static void
make_asking (CK_OBJECT_HANDLE *ret_rsa, CK_OBJECT_HANDLE *ret_ec)
{
	static CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	static const CK_ULONG bits = 2048;
	CK_MECHANISM rsa = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 },
		     ec = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE rsa_public[] = { ATTR (CKA_MODULUS_BITS, bits), ATTR (CKA_WRAP, yes) },
		     ec_public[] = { ATTR (CKA_EC_PARAMS, p256) };
	CK_ATTRIBUTE private[] = { ATTR (CKA_ALWAYS_AUTHENTICATE, yes), ATTR (CKA_SIGN, yes),
		                   ATTR (CKA_DECRYPT, yes),             ATTR (CKA_UNWRAP, yes),
		                   ATTR (CKA_SIGN_RECOVER, yes) },
		     ec_private[] = { ATTR (CKA_ALWAYS_AUTHENTICATE, yes), ATTR (CKA_SIGN, yes),
			              ATTR (CKA_DERIVE, yes) };
	CK_OBJECT_HANDLE public;

	ck_ok (p11->C_GenerateKeyPair (session, &rsa, rsa_public, 2, private, 5, &public, ret_rsa));
	ck_ok (p11->C_GenerateKeyPair (session, &ec, ec_public, 1, ec_private, 3, &public, ret_ec));
}

START_TEST (test_key_policy__pin_for_each_use)
{
	CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 }, ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_BYTE in[256] = { 0 }, out[512], point[65] = { 4 };
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, sizeof point, point };
	CK_MECHANISM ecdh = { CKM_ECDH1_DERIVE, &params, sizeof params };
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret),
		                    ATTR (CKA_KEY_TYPE, type_generic) };
	CK_OBJECT_HANDLE rsa, ec, made;
	CK_ULONG len;

	make_token ();
	login ();
	make_asking (&rsa, &ec);
	ck_rv (p11->C_Login (session, CKU_CONTEXT_SPECIFIC, PIN (USER_PIN)),
	       CKR_OPERATION_NOT_INITIALIZED);
	for (int with_pin = 0; with_pin < 2; with_pin++) {
#define ASKED(init, use, rv)                                                                   \
	do {                                                                                   \
		ck_ok (init);                                                                  \
		if (with_pin)                                                                  \
			ck_ok (p11->C_Login (session, CKU_CONTEXT_SPECIFIC, PIN (USER_PIN)));  \
		len = sizeof out;                                                              \
		ck_rv (use, with_pin ? rv : CKR_USER_NOT_LOGGED_IN);                           \
	} while (0)
		ASKED (p11->C_SignInit (session, &pkcs, rsa),
		       p11->C_Sign (session, in, 32, out, &len), CKR_OK);
		ASKED (p11->C_SignRecoverInit (session, &pkcs, rsa),
		       p11->C_SignRecover (session, in, 32, out, &len), CKR_OK);
		ASKED (p11->C_DecryptInit (session, &pkcs, rsa),
		       p11->C_Decrypt (session, in, 255, out, &len), CKR_ENCRYPTED_DATA_LEN_RANGE);
		ASKED (p11->C_MessageSignInit (session, &ecdsa, ec),
		       p11->C_SignMessage (session, NULL, 0, in, 32, out, &len), CKR_OK);
		/* The next message is another use. */
		if (with_pin)
			ck_rv (p11->C_SignMessage (session, NULL, 0, in, 32, out, &len),
			       CKR_USER_NOT_LOGGED_IN);
		ck_ok (p11->C_MessageSignFinal (session));
	}
	ck_rv (p11->C_UnwrapKey (session, &pkcs, rsa, in, 256, template, 2, &made),
	       CKR_USER_NOT_LOGGED_IN);
	ck_rv (p11->C_DeriveKey (session, &ecdh, ec, template, 2, &made), CKR_USER_NOT_LOGGED_IN);
}
END_TEST

/* --- trusted keys --- */

static const CK_ATTRIBUTE trusted[] = { ATTR (CKA_TRUSTED, yes) };
static CK_BYTE iv12[12];

/* Unwraps a key of 16 bytes with @key, the template on top. */
static CK_RV
unwrap (CK_OBJECT_HANDLE key, const CK_ATTRIBUTE *more, CK_ULONG n_more, CK_OBJECT_HANDLE *ret_key)
{
	CK_MECHANISM kw = { CKM_AES_KEY_WRAP, NULL, 0 };
	CK_ATTRIBUTE template[8] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes) };
	CK_OBJECT_HANDLE other = make_secret (CKK_AES, key16, 16, NULL, 0);
	CK_BYTE wrapped[24];
	CK_ULONG len = sizeof wrapped;

	ck_ok (p11->C_WrapKey (session, &kw, key, other, wrapped, &len));
	memcpy (template + 2, more, n_more * sizeof *more);
	return p11->C_UnwrapKey (session, &kw, key, wrapped, len, template, 2 + n_more, ret_key);
}

static CK_RV
derive (CK_OBJECT_HANDLE key, const CK_ATTRIBUTE *more, CK_ULONG n_more, CK_OBJECT_HANDLE *ret_key)
{
	CK_MECHANISM sha = { CKM_SHA256_KEY_DERIVATION, NULL, 0 };

	return p11->C_DeriveKey (session, &sha, key, (CK_ATTRIBUTE *) more, n_more, ret_key);
}

START_TEST (test_key_policy__trusted_is_the_so_s)
{
	static const CK_ULONG len = 16;
	const CK_ATTRIBUTE for_unwrapped[] = { { CKA_UNWRAP_TEMPLATE, (void *) trusted,
		                                 sizeof trusted } },
			   for_derived[] = { { CKA_DERIVE_TEMPLATE, (void *) trusted,
		                               sizeof trusted } };
	CK_ATTRIBUTE create[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		                  ATTR (CKA_VALUE, key16), ATTR (CKA_TRUSTED, yes) },
		     generate[] = { ATTR (CKA_VALUE_LEN, len), ATTR (CKA_TRUSTED, yes) };
	CK_MECHANISM aes = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_OBJECT_HANDLE key, made;

	make_token ();
	login ();
	key = make_secret (CKK_AES, key16, 16, NULL, 0);
	ck_rv (p11->C_CreateObject (session, create, 4, &made), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (p11->C_GenerateKey (session, &aes, generate, 2, &made), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (unwrap (key, trusted, 1, &made), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (p11->C_SetAttributeValue (session, key, (CK_ATTRIBUTE *) trusted, 1),
	       CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (p11->C_CopyObject (session, key, (CK_ATTRIBUTE *) trusted, 1, &made),
	       CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (unwrap (make_secret (CKK_AES, key16, 16, for_unwrapped, 1), NULL, 0, &made),
	       CKR_ATTRIBUTE_READ_ONLY);
	key = make_secret (CKK_GENERIC_SECRET, key16, 16, NULL, 0);
	ck_rv (derive (key, trusted, 1, &made), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (derive (make_secret (CKK_GENERIC_SECRET, key16, 16, for_derived, 1), NULL, 0, &made),
	       CKR_ATTRIBUTE_READ_ONLY);
}
END_TEST

START_TEST (test_key_policy__wrap_with_trusted)
{
	static const CK_ATTRIBUTE careful = ATTR (CKA_WRAP_WITH_TRUSTED, yes),
				  careless = ATTR (CKA_WRAP_WITH_TRUSTED, no);
	CK_BYTE tag[16];
	CK_GCM_MESSAGE_PARAMS params = { iv12, 12, 96, CKG_NO_GENERATE, tag, 128 };
	CK_MECHANISM kw = { CKM_AES_KEY_WRAP, NULL, 0 },
		     gcm = { CKM_AES_GCM, &params, sizeof params };
	CK_OBJECT_HANDLE key, wrapping, made;
	CK_BYTE out[64];
	CK_ULONG len;

	make_token ();
	login ();
	wrapping = make_secret (CKK_AES, key16, 16, NULL, 0);
	key = make_secret (CKK_AES, key16, 16, &careful, 1);
	ck_rv (p11->C_SetAttributeValue (session, key, (CK_ATTRIBUTE *) &careless, 1),
	       CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (p11->C_CopyObject (session, key, (CK_ATTRIBUTE *) &careless, 1, &made),
	       CKR_ATTRIBUTE_READ_ONLY);
	for (int is_trusted = 0; is_trusted < 2; is_trusted++) {
		len = sizeof out;
		ck_rv (p11->C_WrapKey (session, &kw, wrapping, key, out, &len),
		       is_trusted ? CKR_OK : CKR_KEY_NOT_WRAPPABLE);
		len = sizeof out;
		ck_rv (p11->C_WrapKeyAuthenticated (session, &gcm, wrapping, key, NULL, 0, out,
		                                    &len),
		       is_trusted ? CKR_OK : CKR_KEY_NOT_WRAPPABLE);
		if (is_trusted)
			break;
		ck_ok (p11->C_Logout (session));
		ck_ok (p11->C_Login (session, CKU_SO, PIN (SO_PIN)));
		ck_ok (p11->C_SetAttributeValue (session, wrapping, (CK_ATTRIBUTE *) trusted, 1));
		ck_ok (p11->C_Logout (session));
		login ();
	}
}
END_TEST

/* --- templates of keys --- */

START_TEST (test_key_policy__templates)
{
	static const CK_ATTRIBUTE items[] = { ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, no),
		                              ATTR (CKA_LABEL, key16) };
	const CK_ATTRIBUTE both[] = {
		{ CKA_UNWRAP_TEMPLATE, (void *) items, sizeof items },
		{ CKA_DERIVE_TEMPLATE, (void *) items, sizeof items },
	};
	const CK_ATTRIBUTE otherwise = ATTR (CKA_EXTRACTABLE, yes), label = ATTR (CKA_LABEL, key16);
	CK_BYTE read[16];
	CK_BBOOL extractable = CK_TRUE;
	CK_ATTRIBUTE wanted[] = { { CKA_LABEL, read, sizeof read },
		                  { CKA_EXTRACTABLE, &extractable, 1 } };
	CK_OBJECT_HANDLE made[2];

	make_token ();
	login ();
	ck_ok (unwrap (make_secret (CKK_AES, key16, 16, both, 2), NULL, 0, &made[0]));
	ck_ok (derive (make_secret (CKK_GENERIC_SECRET, key16, 16, both, 2), &label, 1, &made[1]));
	for (int i = 0; i < 2; i++) {
		extractable = CK_TRUE;
		ck_ok (p11->C_GetAttributeValue (session, made[i], wanted, 2));
		ck_assert_mem_eq (read, key16, sizeof read);
		ck_assert_uint_eq (extractable, CK_FALSE);
	}
	ck_rv (unwrap (make_secret (CKK_AES, key16, 16, both, 2), &otherwise, 1, &made[0]),
	       CKR_TEMPLATE_INCONSISTENT);
	ck_rv (derive (make_secret (CKK_GENERIC_SECRET, key16, 16, both, 2), &otherwise, 1,
	               &made[1]),
	       CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

/* --- what may be done with an object --- */

START_TEST (test_key_policy__actions)
{
	const CK_ATTRIBUTE never[] = { ATTR (CKA_MODIFIABLE, no), ATTR (CKA_COPYABLE, no),
		                       ATTR (CKA_DESTROYABLE, no) };
	CK_ATTRIBUTE more[] = { ATTR (CKA_TOKEN, no), { 0 } }, label = ATTR (CKA_LABEL, key16);
	CK_OBJECT_HANDLE key, made;

	make_token ();
	login ();
	for (int on_token = 0; on_token < 2; on_token++) {
		more[0].pValue = (void *) (on_token ? &yes : &no);
		for (gsize i = 0; i < N (never); i++) {
			more[1] = never[i];
			key = make_secret (CKK_AES, key16, 16, more, 2);
			ck_rv (p11->C_SetAttributeValue (session, key, &label, 1),
			       i == 0 ? CKR_ACTION_PROHIBITED : CKR_OK);
			ck_rv (p11->C_CopyObject (session, key, NULL, 0, &made),
			       i == 1 ? CKR_ACTION_PROHIBITED : CKR_OK);
			ck_rv (p11->C_DestroyObject (session, key),
			       i == 2 ? CKR_ACTION_PROHIBITED : CKR_OK);
		}
	}
}
END_TEST

/* --- days, of keys in pairs and of those that derive --- */

static CK_RV
try_other (const CK_OBJECT_HANDLE *keys, gsize use)
{
	CK_MECHANISM pkcs = { CKM_RSA_PKCS, NULL, 0 };
	CK_OBJECT_HANDLE made;

	switch (use) {
	case 0:
		return derive (keys[2], NULL, 0, &made);
	case 1:
		return p11->C_SignRecoverInit (session, &pkcs, keys[1]);
	default:
		return p11->C_VerifyRecoverInit (session, &pkcs, keys[0]);
	}
}

START_TEST (test_key_policy__days_of_others)
{
	static const CK_ULONG bits = 2048;
	CK_MECHANISM rsa = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { ATTR (CKA_MODULUS_BITS, bits), ATTR (CKA_VERIFY_RECOVER, yes) };
	CK_ATTRIBUTE private[] = { ATTR (CKA_SIGN_RECOVER, yes) };
	CK_OBJECT_HANDLE keys[3];

	make_token ();
	login ();
	ck_ok (p11->C_GenerateKeyPair (session, &rsa, public, 2, private, 1, &keys[0], &keys[1]));
	keys[2] = make_secret (CKK_GENERIC_SECRET, key16, 16, NULL, 0);
	/* Far from today, so that no midnight matters. */
	for (int i = 0; i < 3; i++) {
		CK_DATE start = day (i == 1 ? 9 : -9), end = day (i == 2 ? -5 : 20);
		CK_ATTRIBUTE dates[] = { ATTR (CKA_START_DATE, start), ATTR (CKA_END_DATE, end) };

		for (gsize j = 0; j < N (keys); j++)
			ck_ok (p11->C_SetAttributeValue (session, keys[j], dates, 2));
		for (gsize use = 0; use < 3; use++)
			ck_rv (try_other (keys, use), i == 0 || (i == 2 && use == 2)
			                                      ? CKR_OK
			                                      : CKR_KEY_FUNCTION_NOT_PERMITTED);
		ck_ok (p11->C_SessionCancel (session, CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER));
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("key-policy");
	TCase *tcase = tcase_create ("key-policy");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 60);
	tcase_add_checked_fixture (tcase, scratch_setup, scratch_teardown);
	tcase_add_loop_test (tcase, test_key_policy__days, 0, N (spans));
	tcase_add_test (tcase, test_key_policy__pin_for_each_use);
	tcase_add_test (tcase, test_key_policy__trusted_is_the_so_s);
	tcase_add_test (tcase, test_key_policy__wrap_with_trusted);
	tcase_add_test (tcase, test_key_policy__templates);
	tcase_add_test (tcase, test_key_policy__actions);
	tcase_add_test (tcase, test_key_policy__days_of_others);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? 0 : 1;
}
