/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The table "What is refused" in docs/token.md against the token: each of its lines is asked for here, and each that is asked
 * for here is a line there.
 */
#include "config.h"

#include "token-process.h"

static CK_BYTE bytes[64], out[256];
static CK_ULONG len;
static CK_OBJECT_HANDLE made;

static CK_RV
init_with (CK_MECHANISM_TYPE type, const void *param, CK_ULONG param_len, CK_KEY_TYPE key_type,
           CK_ULONG key_len)
{
	CK_MECHANISM mechanism = { type, (void *) param, param_len };

	return p11->C_EncryptInit (session, &mechanism,
	                           make_secret (key_type, bytes, key_len, NULL, 0));
}

static void
refuse_async (void)
{
	ck_rv (p11->C_AsyncComplete (session, (CK_UTF8CHAR *) "C_Sign", NULL),
	       CKR_FUNCTION_NOT_SUPPORTED);
	ck_rv (p11->C_AsyncGetID (session, (CK_UTF8CHAR *) "C_Sign", &len),
	       CKR_FUNCTION_NOT_SUPPORTED);
	ck_rv (p11->C_AsyncJoin (session, (CK_UTF8CHAR *) "C_Sign", 1, NULL, 0),
	       CKR_FUNCTION_NOT_SUPPORTED);
}

static void
refuse_async_session (void)
{
	CK_SESSION_HANDLE other;

	ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, NULL, NULL, &other),
	       CKR_SESSION_ASYNC_NOT_SUPPORTED);
}

static void
refuse_parallel_session (void)
{
	CK_SESSION_HANDLE other;

	ck_rv (p11->C_OpenSession (0, 0, NULL, NULL, &other), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
}

static void
refuse_parallel (void)
{
	ck_rv (p11->C_GetFunctionStatus (session), CKR_FUNCTION_NOT_PARALLEL);
	ck_rv (p11->C_CancelFunction (session), CKR_FUNCTION_NOT_PARALLEL);
}

static void
refuse_names (void)
{
	ck_ok (p11->C_Logout (session));
	ck_rv (p11->C_LoginUser (session, CKU_USER, PIN (USER_PIN), PIN ("anna")),
	       CKR_USER_TYPE_INVALID);
	ck_ok (p11->C_LoginUser (session, CKU_USER, PIN (USER_PIN), PIN ("")));
}

static CK_ULONG
n_found (CK_OBJECT_CLASS class, gboolean named)
{
	CK_ATTRIBUTE template = ATTR (CKA_CLASS, class);
	CK_OBJECT_HANDLE found[16];
	CK_ULONG n = 0;

	ck_ok (p11->C_FindObjectsInit (session, &template, named));
	ck_ok (p11->C_FindObjects (session, found, N (found), &n));
	ck_ok (p11->C_FindObjectsFinal (session));
	return n;
}

static void
refuse_profiles (void)
{
	ck_assert_uint_eq (n_found (CKO_PROFILE, FALSE), 0);
	ck_assert_uint_gt (n_found (CKO_PROFILE, TRUE), 0);
}

static void
refuse_no_pin (void)
{
	ck_ok (p11->C_Logout (session));
	ck_rv (p11->C_Login (session, CKU_USER, NULL, 0), CKR_ARGUMENTS_BAD);
	login ();
}

static void
refuse_states (void)
{
	CK_BYTE iv[16] = { 0 };

	ck_ok (init_with (CKM_AES_CBC, iv, 16, CKK_AES, 16));
	ck_rv (p11->C_GetOperationState (session, NULL, &len), CKR_STATE_UNSAVEABLE);
	ck_ok (p11->C_SessionCancel (session, CKF_ENCRYPT));
}

static void
refuse_mechanisms (void)
{
	CK_MECHANISM t = { CKM_SHA512_T, NULL, 0 };

	ck_rv (init_with (CKM_AES_CFB64, bytes, 16, CKK_AES, 16), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_DigestInit (session, &t), CKR_MECHANISM_INVALID);
}

static void
refuse_nonces (void)
{
	static const CK_ULONG bits[] = { 64, 192 };
	CK_CHACHA20_PARAMS chacha = { bytes, 32, bytes, 192 };

	ck_rv (init_with (CKM_CHACHA20, &chacha, sizeof chacha, CKK_CHACHA20, 32),
	       CKR_MECHANISM_PARAM_INVALID);
	for (gsize i = 0; i < N (bits); i++) {
		CK_SALSA20_CHACHA20_POLY1305_PARAMS poly = { bytes, bits[i], NULL, 0 };

		ck_rv (init_with (CKM_CHACHA20_POLY1305, &poly, sizeof poly, CKK_CHACHA20, 32),
		       CKR_MECHANISM_PARAM_INVALID);
	}
}

static void
refuse_empty_code (void)
{
	CK_MECHANISM mac = { CKM_AES_MAC, NULL, 0 };

	len = sizeof out;
	ck_ok (p11->C_SignInit (session, &mac, make_secret (CKK_AES, bytes, 16, NULL, 0)));
	ck_rv (p11->C_Sign (session, bytes, 0, out, &len), CKR_DATA_LEN_RANGE);
}

static void
refuse_trusted (void)
{
	static const CK_ATTRIBUTE trusted[] = { ATTR (CKA_TRUSTED, yes) };
	const CK_ATTRIBUTE inner = { CKA_DERIVE_TEMPLATE, (void *) trusted, sizeof trusted };
	CK_MECHANISM sha = { CKM_SHA256_KEY_DERIVATION, NULL, 0 };
	CK_OBJECT_HANDLE base = make_secret (CKK_GENERIC_SECRET, bytes, 16, &inner, 1);

	ck_rv (p11->C_DeriveKey (session, &sha, base, NULL, 0, &made), CKR_ATTRIBUTE_READ_ONLY);
}

static void
refuse_xts (void)
{
	CK_KEY_TYPE type = CKK_AES_XTS;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type),
		                    { CKA_VALUE, bytes, 32 } };

	ck_rv (p11->C_CreateObject (session, template, 3, &made), CKR_ATTRIBUTE_VALUE_INVALID);
}

static void
refuse_single_messages (void)
{
	CK_MECHANISM gmac = { CKM_AES_GMAC, bytes, 12 }, poly = { CKM_POLY1305, NULL, 0 };

	ck_rv (p11->C_MessageSignInit (session, &gmac, make_secret (CKK_AES, bytes, 16, NULL, 0)),
	       CKR_MECHANISM_INVALID);
	ck_rv (p11->C_MessageSignInit (session, &poly,
	                               make_secret (CKK_POLY1305, bytes, 32, NULL, 0)),
	       CKR_MECHANISM_INVALID);
}

static void
refuse_events (void)
{
	CK_SLOT_ID slot;

	ck_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
}

static void
refuse_builtin (void)
{
	static const CK_OBJECT_CLASS class = CKO_PROFILE;
	CK_ATTRIBUTE template = ATTR (CKA_CLASS, class);
	CK_ATTRIBUTE label = { CKA_LABEL, bytes, 1 };
	CK_OBJECT_HANDLE profile;

	ck_ok (p11->C_FindObjectsInit (session, &template, 1));
	ck_ok (p11->C_FindObjects (session, &profile, 1, &len));
	ck_ok (p11->C_FindObjectsFinal (session));
	ck_rv (p11->C_CreateObject (session, &template, 1, &made), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (p11->C_SetAttributeValue (session, profile, &label, 1), CKR_ACTION_PROHIBITED);
	ck_rv (p11->C_CopyObject (session, profile, NULL, 0, &made), CKR_ACTION_PROHIBITED);
	ck_rv (p11->C_DestroyObject (session, profile), CKR_ACTION_PROHIBITED);
}

static void
refuse_validation (void)
{
	CK_FLAGS flags = 7;

	ck_assert_uint_eq (n_found (CKO_VALIDATION, TRUE), 0);
	ck_ok (p11->C_GetSessionValidationFlags (session, CKS_LAST_VALIDATION_OK, &flags));
	ck_assert_uint_eq (flags, 0);
}

static const struct {
	const char *line; /* how it begins in the table */
	void (*ask) (void); /* NULL: its own test does, named behind it */
	const char *elsewhere;
} refusals[] = {
	{ "`C_AsyncComplete`, `C_AsyncGetID`, `C_AsyncJoin`", refuse_async, NULL },
	{ "`C_OpenSession` with `CKF_ASYNC_SESSION`", refuse_async_session, NULL },
	{ "`C_OpenSession` without `CKF_SERIAL_SESSION`", refuse_parallel_session, NULL },
	{ "`C_GetFunctionStatus`, `C_CancelFunction`", refuse_parallel, NULL },
	{ "`C_LoginUser` with a name", refuse_names, NULL },
	{ "profiles, to a search", refuse_profiles, NULL },
	{ "`C_Login` without a PIN", refuse_no_pin, NULL },
	{ "`C_GetOperationState` of anything", refuse_states, NULL },
	{ "`CKM_AES_CFB64`, `CKM_SHA512_T`", refuse_mechanisms, NULL },
	{ "ChaCha20 with a nonce", refuse_nonces, NULL },
	{ "the code (`CKM_AES_MAC`", refuse_empty_code, NULL },
	{ "`CKA_TRUSTED` in", refuse_trusted, NULL },
	{ "with `fips = yes`: PBKDF2", NULL, "test-mech-offered.c" },
	{ "a key for AES-XTS", refuse_xts, NULL },
	{ "messages with GMAC and Poly1305", refuse_single_messages, NULL },
	{ "unwrapping, deriving, decapsulating", NULL, "test-key-policy.c" },
	{ "`C_WaitForSlotEvent` with", refuse_events, NULL },
	{ "creating, changing, copying or destroying built-in", refuse_builtin, NULL },
	{ "`CKO_VALIDATION` objects", refuse_validation, NULL },
};

START_TEST (test_refused__as_the_table_says)
{
	make_token ();
	login ();
	if (refusals[_i].ask != NULL)
		refusals[_i].ask ();
}
END_TEST

/* The lines that the table has, and no other. */
START_TEST (test_refused__all_lines)
{
	g_autofree char *path = g_build_filename (g_getenv ("CRATON_SOURCE"), "docs", "token.md", NULL);
	g_autofree char *text = NULL;
	g_auto (GStrv) lines = NULL;
	const char *table;
	gsize n = 0;

	ck_assert (g_file_get_contents (path, &text, NULL, NULL));
	table = strstr (text, "### What is refused");
	ck_assert_ptr_nonnull (table);
	lines = g_strsplit (table, "\n", -1);
	for (gsize i = 0; lines[i] != NULL; i++) {
		gboolean known = FALSE;

		if (!g_str_has_prefix (lines[i], "| ") || g_str_has_prefix (lines[i], "| what") ||
		    g_str_has_prefix (lines[i], "| ---"))
			continue;
		/* test-hotp.c asks for these. */
		if (strstr (lines[i], "HOTP") != NULL || strstr (lines[i], "CKO_OTP_KEY") != NULL)
			continue;
		n++;
		for (gsize j = 0; j < N (refusals); j++)
			known |= g_str_has_prefix (lines[i] + 2, refusals[j].line);
		ck_assert_msg (known, "no test asks for: %s", lines[i]);
	}
	ck_assert_uint_eq (n, N (refusals));
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("refused");
	TCase *tcase = tcase_create ("refused");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 60);
	tcase_add_checked_fixture (tcase, scratch_setup, scratch_teardown);
	tcase_add_loop_test (tcase, test_refused__as_the_table_says, 0, N (refusals));
	tcase_add_test (tcase, test_refused__all_lines);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
