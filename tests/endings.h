/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For the tests of what ends an operation: a token with keys and samples, the kinds of operations and how each begins, and
 * whether one is active. That is asked without touching it: an Init answers CKR_OPERATION_ACTIVE.
 */
#ifndef CRATON_TEST_ENDINGS_H
#define CRATON_TEST_ENDINGS_H

#include "token-fixture.h"

static CK_BYTE iv[16] = { 9, 8, 7 }, tag[16], text[64] = "What is encrypted here is of no importance, but long.";
static CK_MECHANISM cbc = { CKM_AES_CBC, iv, 16 }, cbc_pad = { CKM_AES_CBC_PAD, iv, 16 };
static CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 }, hmac = { CKM_SHA256_HMAC, NULL, 0 };
static CK_MECHANISM rsa = { CKM_RSA_PKCS, NULL, 0 }, gcm = { CKM_AES_GCM, NULL, 0 };
G_GNUC_UNUSED static CK_MECHANISM unknown = { CKM_VENDOR_DEFINED | 77, NULL, 0 };
static CK_GCM_MESSAGE_PARAMS message = { iv, 12, 0, CKG_NO_GENERATE, tag, 128 };

#define MESSAGE &message, sizeof message

/* The keys of all tests. */
static CK_OBJECT_HANDLE aes, mac, rsa_public, rsa_private;

/* Made once: text encrypted and signed. */
static CK_BYTE padded[80], sealed[64], seal[16], code[32], signature[256];

/* Where calls write. */
static CK_BYTE out[512];
static CK_ULONG len;

typedef enum {
	ENCRYPT,
	DECRYPT,
	DIGEST,
	SIGN,
	VERIFY,
	VERIFY_SIGNATURE,
	SIGN_RECOVER,
	VERIFY_RECOVER,
	MESSAGE_ENCRYPT,
	MESSAGE_DECRYPT,
	MESSAGE_SIGN,
	MESSAGE_VERIFY,
	FIND,
	N_KINDS
} Kind;

static const CK_FLAGS flags[N_KINDS] = {
	[ENCRYPT] = CKF_ENCRYPT,
	[DECRYPT] = CKF_DECRYPT,
	[DIGEST] = CKF_DIGEST,
	[SIGN] = CKF_SIGN,
	[VERIFY] = CKF_VERIFY,
	[VERIFY_SIGNATURE] = CKF_VERIFY,
	[SIGN_RECOVER] = CKF_SIGN_RECOVER,
	[VERIFY_RECOVER] = CKF_VERIFY_RECOVER,
	[MESSAGE_ENCRYPT] = CKF_MESSAGE_ENCRYPT,
	[MESSAGE_DECRYPT] = CKF_MESSAGE_DECRYPT,
	[MESSAGE_SIGN] = CKF_MESSAGE_SIGN,
	[MESSAGE_VERIFY] = CKF_MESSAGE_VERIFY,
	[FIND] = CKF_FIND_OBJECTS,
};

#define ALL_FLAGS                                                                                                \
	(CKF_ENCRYPT | CKF_DECRYPT | CKF_DIGEST | CKF_SIGN | CKF_VERIFY | CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER | \
	 CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY | CKF_FIND_OBJECTS)

static CK_RV
init (Kind kind, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	switch (kind) {
	case ENCRYPT:
		return p11->C_EncryptInit (session, mechanism, key);
	case DECRYPT:
		return p11->C_DecryptInit (session, mechanism, key);
	case DIGEST:
		return p11->C_DigestInit (session, mechanism);
	case SIGN:
		return p11->C_SignInit (session, mechanism, key);
	case VERIFY:
		return p11->C_VerifyInit (session, mechanism, key);
	case VERIFY_SIGNATURE:
		return p11->C_VerifySignatureInit (session, mechanism, key, code, sizeof code);
	case SIGN_RECOVER:
		return p11->C_SignRecoverInit (session, mechanism, key);
	case VERIFY_RECOVER:
		return p11->C_VerifyRecoverInit (session, mechanism, key);
	case MESSAGE_ENCRYPT:
		return p11->C_MessageEncryptInit (session, mechanism, key);
	case MESSAGE_DECRYPT:
		return p11->C_MessageDecryptInit (session, mechanism, key);
	case MESSAGE_SIGN:
		return p11->C_MessageSignInit (session, mechanism, key);
	case MESSAGE_VERIFY:
		return p11->C_MessageVerifyInit (session, mechanism, key);
	default:
		return p11->C_FindObjectsInit (session, NULL, 0);
	}
}

static CK_MECHANISM *
usual_mechanism (Kind kind)
{
	static CK_MECHANISM *const mechanisms[N_KINDS] = {
		[ENCRYPT] = &cbc,
		[DECRYPT] = &cbc_pad,
		[DIGEST] = &sha256,
		[SIGN] = &hmac,
		[VERIFY] = &hmac,
		[VERIFY_SIGNATURE] = &hmac,
		[SIGN_RECOVER] = &rsa,
		[VERIFY_RECOVER] = &rsa,
		[MESSAGE_ENCRYPT] = &gcm,
		[MESSAGE_DECRYPT] = &gcm,
		[MESSAGE_SIGN] = &hmac,
		[MESSAGE_VERIFY] = &hmac,
	};

	return mechanisms[kind];
}

static CK_OBJECT_HANDLE
usual_key (Kind kind)
{
	CK_MECHANISM *mechanism = usual_mechanism (kind);

	if (mechanism == &rsa)
		return kind == SIGN_RECOVER ? rsa_private : rsa_public;
	return mechanism == &hmac ? mac : aes;
}

static CK_RV
begin (Kind kind)
{
	return init (kind, usual_mechanism (kind), usual_key (kind));
}

/* Whether an operation of the kind is active; it stays so. */
static gboolean
is_active (Kind kind)
{
	CK_RV rv = begin (kind);

	if (rv == CKR_OK)
		ck_ok (p11->C_SessionCancel (session, flags[kind]));
	else
		ck_rv (rv, CKR_OPERATION_ACTIVE);
	return rv != CKR_OK;
}

static void
make_keys (void)
{
	static const CK_ULONG bits = 2048;
	static const CK_BYTE key[32] = { 1, 2, 3 };
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { ATTR (CKA_MODULUS_BITS, bits), ATTR (CKA_PRIVATE, no), ATTR (CKA_VERIFY, yes),
		                  ATTR (CKA_VERIFY_RECOVER, yes), ATTR (CKA_WRAP, yes) };
	CK_ATTRIBUTE private[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_SIGN, yes), ATTR (CKA_SIGN_RECOVER, yes),
		                   ATTR (CKA_UNWRAP, yes) };

	aes = make_secret (CKK_AES, key, sizeof key, NULL, 0);
	mac = make_secret (CKK_GENERIC_SECRET, key, sizeof key, NULL, 0);
	ck_ok (p11->C_GenerateKeyPair (session, &mechanism, public, N (public), private, N (private), &rsa_public,
	                               &rsa_private));
}

static void
make_samples (void)
{
	len = sizeof padded;
	ck_ok (p11->C_EncryptInit (session, &cbc_pad, aes));
	ck_ok (p11->C_Encrypt (session, text, 64, padded, &len));
	ck_assert_uint_eq (len, sizeof padded);
	ck_ok (p11->C_MessageEncryptInit (session, &gcm, aes));
	len = sizeof sealed;
	ck_ok (p11->C_EncryptMessage (session, MESSAGE, NULL, 0, text, 64, sealed, &len));
	memcpy (seal, tag, sizeof seal);
	ck_ok (p11->C_MessageEncryptFinal (session));
	len = sizeof code;
	ck_ok (p11->C_SignInit (session, &hmac, mac));
	ck_ok (p11->C_Sign (session, text, 64, code, &len));
	len = sizeof signature;
	ck_ok (p11->C_SignRecoverInit (session, &rsa, rsa_private));
	ck_ok (p11->C_SignRecover (session, text, 32, signature, &len));
}

static void
setup (void)
{
	CK_UTF8CHAR so[] = "so-pin-of-the-test", user[] = "user-pin";

	token_setup ();
	session_setup ();
	ck_ok (p11->C_Login (session, CKU_SO, so, sizeof so - 1));
	ck_ok (p11->C_InitPIN (session, user, sizeof user - 1));
	ck_ok (p11->C_Logout (session));
	make_keys ();
	make_samples ();
}

static void
teardown (void)
{
	session_teardown ();
	token_teardown ();
}

/* A call as a function without arguments. @room is what it finds as the room for its answer. */
#define CALL(name, room, call)      \
	static CK_RV name (void)    \
	{                           \
		len = (room);       \
		return p11->call;   \
	}

/* One call of an operation of the kind, which has just begun. */
typedef struct {
	Kind kind;
	CK_RV (*before) (void); /* a call that succeeds, or NULL */
	CK_RV (*call) (void);
	CK_RV rv;
	gboolean active; /* afterwards */
} Row;

G_GNUC_UNUSED static void
call_before (const Row *row)
{
	CK_RV rv = row->before == NULL ? CKR_OK : row->before ();

	ck_assert (rv == CKR_OK || rv == CKR_BUFFER_TOO_SMALL);
}

/* A copy of the usual key, private or not. */
G_GNUC_UNUSED static CK_OBJECT_HANDLE
other_key (Kind kind, const CK_BBOOL *private)
{
	CK_ATTRIBUTE template = { CKA_PRIVATE, (void *) private, 1 };
	CK_OBJECT_HANDLE key;

	ck_ok (p11->C_CopyObject (session, usual_key (kind), &template, 1, &key));
	return key;
}

/* Whatever a test that failed has left. */
static void
cancel_all (void)
{
	(void) p11->C_SessionCancel (session, ALL_FLAGS);
}

/* A suite of one case, to which the tests are added. */
static TCase *
make_case (void)
{
	TCase *tcase = tcase_create ("endings");

	tcase_add_unchecked_fixture (tcase, setup, teardown);
	tcase_add_checked_fixture (tcase, NULL, cancel_all);
	tcase_set_timeout (tcase, 240);
	return tcase;
}

static int
run (TCase *tcase)
{
	Suite *suite = suite_create ("endings");
	SRunner *runner;
	int failed;

	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif /* CRATON_TEST_ENDINGS_H */
