/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls that need no Init (wrapping, unwrapping, deriving, generating, encapsulating) end no operation, begin none, and where
 * they fail make nothing and write nothing.
 */
#include "config.h"

#include "endings.h"

/* --- calls without an Init --- */

#define NOTHING ((CK_OBJECT_HANDLE) 0x5a5a5a5a)

static CK_BYTE wrapped[40]; /* AES key wrap of 32 bytes */
static CK_OBJECT_HANDLE made;
static CK_MECHANISM kw = { CKM_AES_KEY_WRAP, NULL, 0 }, hash = { CKM_SHA256_KEY_DERIVATION, NULL, 0 };
static CK_MECHANISM aes_gen = { CKM_AES_KEY_GEN, NULL, 0 };

static CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY, data_class = CKO_DATA;
static CK_KEY_TYPE aes_type = CKK_AES;
static CK_ULONG length = 32, wrong_length = 33;
static CK_ATTRIBUTE good[] = { ATTR (CKA_CLASS, secret_class), ATTR (CKA_KEY_TYPE, aes_type), ATTR (CKA_PRIVATE, no) };
static CK_ATTRIBUTE sized[] = { ATTR (CKA_CLASS, secret_class), ATTR (CKA_KEY_TYPE, aes_type), ATTR (CKA_PRIVATE, no),
	                        ATTR (CKA_VALUE_LEN, length) };
static CK_ATTRIBUTE oversized[] = { ATTR (CKA_CLASS, secret_class), ATTR (CKA_KEY_TYPE, aes_type), ATTR (CKA_PRIVATE, no),
	                            ATTR (CKA_VALUE_LEN, wrong_length) };
static CK_ATTRIBUTE bad[] = { ATTR (CKA_CLASS, data_class), ATTR (CKA_KEY_TYPE, aes_type) };

CALL (wrap_query, 0, C_WrapKey (session, &kw, aes, mac, NULL, &len))
CALL (wrap_short, 39, C_WrapKey (session, &kw, aes, mac, out, &len))
CALL (wrap, 40, C_WrapKey (session, &kw, aes, mac, out, &len))
CALL (wrap_unknown, 40, C_WrapKey (session, &unknown, aes, mac, out, &len))
CALL (wrap_no_len, 40, C_WrapKey (session, &kw, aes, mac, out, NULL))
CALL (wrap_with_none, 40, C_WrapKey (session, &kw, CK_INVALID_HANDLE, mac, out, &len))
CALL (wrap_none, 40, C_WrapKey (session, &kw, aes, CK_INVALID_HANDLE, out, &len))
CALL (unwrap, 0, C_UnwrapKey (session, &kw, aes, wrapped, 40, good, N (good), &made))
CALL (unwrap_unknown, 0, C_UnwrapKey (session, &unknown, aes, wrapped, 40, good, N (good), &made))
CALL (unwrap_cut, 0, C_UnwrapKey (session, &kw, aes, wrapped, 39, good, N (good), &made))
CALL (unwrap_changed, 0, C_UnwrapKey (session, &kw, aes, text, 40, good, N (good), &made))
CALL (unwrap_bad, 0, C_UnwrapKey (session, &kw, aes, wrapped, 40, bad, N (bad), &made))
CALL (unwrap_nowhere, 0, C_UnwrapKey (session, &kw, aes, wrapped, 40, good, N (good), NULL))
CALL (derive, 0, C_DeriveKey (session, &hash, mac, sized, N (sized), &made))
CALL (derive_unknown, 0, C_DeriveKey (session, &unknown, mac, sized, N (sized), &made))
CALL (derive_none, 0, C_DeriveKey (session, &hash, CK_INVALID_HANDLE, sized, N (sized), &made))
CALL (derive_oversized, 0, C_DeriveKey (session, &hash, mac, oversized, N (oversized), &made))
CALL (derive_bad, 0, C_DeriveKey (session, &hash, mac, bad, N (bad), &made))
CALL (generate, 0, C_GenerateKey (session, &aes_gen, sized, N (sized), &made))
CALL (generate_oversized, 0, C_GenerateKey (session, &aes_gen, oversized, N (oversized), &made))
CALL (encapsulate_unknown, 64, C_EncapsulateKey (session, &unknown, rsa_public, good, N (good), out, &len, &made))
CALL (encapsulate_none, 64, C_EncapsulateKey (session, &unknown, CK_INVALID_HANDLE, good, N (good), out, &len, &made))
CALL (decapsulate_unknown, 64, C_DecapsulateKey (session, &unknown, rsa_private, good, N (good), out, 64, &made))

static const struct {
	CK_RV (*call) (void);
	CK_RV rv;
	gboolean makes; /* a key */
} whole_rows[] = {
	{ wrap_query, CKR_OK, FALSE },
	{ wrap_short, CKR_BUFFER_TOO_SMALL, FALSE },
	{ wrap, CKR_OK, FALSE },
	{ wrap_unknown, CKR_MECHANISM_INVALID, FALSE },
	{ wrap_no_len, CKR_ARGUMENTS_BAD, FALSE },
	{ wrap_with_none, CKR_WRAPPING_KEY_HANDLE_INVALID, FALSE },
	{ wrap_none, CKR_KEY_HANDLE_INVALID, FALSE },
	{ unwrap, CKR_OK, TRUE },
	{ unwrap_unknown, CKR_MECHANISM_INVALID, FALSE },
	{ unwrap_cut, CKR_WRAPPED_KEY_LEN_RANGE, FALSE },
	{ unwrap_changed, CKR_WRAPPED_KEY_INVALID, FALSE },
	{ unwrap_bad, CKR_TEMPLATE_INCONSISTENT, FALSE },
	{ unwrap_nowhere, CKR_ARGUMENTS_BAD, FALSE },
	{ derive, CKR_OK, TRUE },
	{ derive_unknown, CKR_MECHANISM_INVALID, FALSE },
	{ derive_none, CKR_KEY_HANDLE_INVALID, FALSE },
	{ derive_oversized, CKR_TEMPLATE_INCONSISTENT, FALSE },
	{ derive_bad, CKR_TEMPLATE_INCONSISTENT, FALSE },
	{ generate, CKR_OK, TRUE },
	{ generate_oversized, CKR_ATTRIBUTE_VALUE_INVALID, FALSE },
	{ encapsulate_unknown, CKR_MECHANISM_INVALID, FALSE },
	{ encapsulate_none, CKR_MECHANISM_INVALID, FALSE },
	{ decapsulate_unknown, CKR_MECHANISM_INVALID, FALSE },
};

static CK_ULONG
count_objects (void)
{
	CK_OBJECT_HANDLE found[64];
	CK_ULONG n;

	ck_ok (begin (FIND));
	ck_ok (p11->C_FindObjects (session, found, N (found), &n));
	ck_ok (p11->C_FindObjectsFinal (session));
	ck_assert_uint_lt (n, N (found));
	return n;
}

/* With all operations active and with none: these calls end none, begin none, and where they fail they make nothing. */
static void
check_whole (gsize i, gboolean active)
{
	CK_ULONG before = count_objects ();

	for (Kind kind = 0; active && kind < N_KINDS; kind++)
		if (kind != VERIFY_SIGNATURE)
			ck_ok (begin (kind));
	made = NOTHING;
	memset (out, 0x5a, sizeof out);
	ck_rv (whole_rows[i].call (), whole_rows[i].rv);
	for (Kind kind = 0; kind < N_KINDS; kind++)
		ck_assert_int_eq (is_active (kind), active);
	ck_ok (p11->C_SessionCancel (session, ALL_FLAGS));
	ck_assert_int_eq (made != NOTHING, whole_rows[i].makes);
	ck_assert_uint_eq (count_objects (), before + (whole_rows[i].makes ? 1 : 0));
	for (gsize at = 0; whole_rows[i].call != wrap && at < sizeof out; at++)
		ck_assert_uint_eq (out[at], 0x5a);
	if (whole_rows[i].makes)
		ck_ok (p11->C_DestroyObject (session, made));
}

START_TEST (test_whole__leaves_nothing)
{
	CK_ULONG wrapped_len = sizeof wrapped;

	ck_ok (p11->C_WrapKey (session, &kw, aes, mac, wrapped, &wrapped_len));
	check_whole ((gsize) _i, FALSE);
	check_whole ((gsize) _i, TRUE);
}
END_TEST

int
main (void)
{
	TCase *tcase = make_case ();

	tcase_add_loop_test (tcase, test_whole__leaves_nothing, 0, (int) N (whole_rows));
	return run (tcase);
}
