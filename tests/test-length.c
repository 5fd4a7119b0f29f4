/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Questions for the length of a signature or digest, which the proxy answers where the token has told it at the Init: that they say what the
 * token would, whatever came in between, and that the backend is not asked. A stopped backend answers nobody.
 */
#include "config.h"

#include "guest.h"

#define p11 guest_p11
#define ck_rv(call, rv) ck_assert_uint_eq (call, rv)
#define ck_ok(call) ck_rv (call, CKR_OK)

static CK_SESSION_HANDLE session;
static CK_SLOT_ID slot;
static CK_BYTE data[] = "some data";

static CK_UTF8CHAR so[] = "so-pin-of-the-test", pin[] = "user-pin";

/* A token by @rules, and a session. */
static void
open_token (const char *rules)
{
	CK_UTF8CHAR label[] = "test                            ";
	char text[256];
	CK_ULONG n = 1;

	guest_setup ();
	(void) snprintf (text, sizeof text, "[token t]\n%s\n", rules);
	guest_configure (text);
	guest_load ();
	ck_ok (p11->C_Initialize (NULL));
	ck_ok (p11->C_GetSlotList (CK_FALSE, &slot, &n));
	ck_ok (p11->C_InitToken (slot, so, sizeof so - 1, label));
	ck_ok (p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
}

static void
log_in (void)
{
	ck_ok (p11->C_Login (session, CKU_SO, so, sizeof so - 1));
	ck_ok (p11->C_InitPIN (session, pin, sizeof pin - 1));
	ck_ok (p11->C_Logout (session));
	ck_ok (p11->C_Login (session, CKU_USER, pin, sizeof pin - 1));
}

static void
close_token (void)
{
	ck_ok (p11->C_Finalize (NULL));
	guest_teardown ();
}

static CK_OBJECT_HANDLE
make_ec (void)
{
	CK_MECHANISM mechanism = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	CK_ATTRIBUTE template[] = { { CKA_EC_PARAMS, p256, sizeof p256 } };
	CK_OBJECT_HANDLE public, private;

	ck_ok (p11->C_GenerateKeyPair (session, &mechanism, template, 1, NULL, 0, &public, &private));
	return private;
}

static void
begin_digest (CK_MECHANISM_TYPE type)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };

	ck_ok (p11->C_DigestInit (session, &mechanism));
}

static CK_OBJECT_HANDLE
begin_sign (void)
{
	CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
	CK_OBJECT_HANDLE key = make_ec ();

	ck_ok (p11->C_SignInit (session, &mechanism, key));
	return key;
}

static void
assert_digest (CK_RV rv, CK_ULONG len)
{
	CK_ULONG got = 77;

	ck_rv (p11->C_Digest (session, data, sizeof data, NULL, &got), rv);
	ck_assert_uint_eq (got, rv == CKR_OK ? len : 77);
}

static void
assert_sign (CK_RV rv)
{
	CK_ULONG got = 77;

	ck_rv (p11->C_Sign (session, data, sizeof data, NULL, &got), rv);
	ck_assert_uint_eq (got, rv == CKR_OK ? 64 : 77);
}

START_TEST (test_length__not_asked)
{
	CK_BYTE out[64];
	CK_ULONG len = sizeof out;
	pid_t backend;

	open_token ("");
	log_in ();
	backend = guest_only_backend ();
	begin_digest (CKM_SHA384);
	ck_assert (guest_stop (backend));
	assert_digest (CKR_OK, 48);
	assert_digest (CKR_OK, 48);
	ck_rv (p11->C_Digest (session, NULL, 0, NULL, &len), CKR_OK);
	ck_assert_uint_eq (len, 48);
	ck_assert_int_eq (kill (backend, SIGCONT), 0);
	ck_ok (p11->C_Digest (session, data, sizeof data, out, &len));
	ck_assert_uint_eq (len, 48);
	assert_digest (CKR_OPERATION_NOT_INITIALIZED, 0);
	(void) begin_sign ();
	ck_assert (guest_stop (backend));
	assert_sign (CKR_OK);
	ck_assert_int_eq (kill (backend, SIGCONT), 0);
	len = sizeof out;
	ck_ok (p11->C_Sign (session, data, sizeof data, out, &len));
	assert_sign (CKR_OPERATION_NOT_INITIALIZED);
	close_token ();
}
END_TEST

/* Each of these changes what the token would say. */
START_TEST (test_length__in_between)
{
	CK_MECHANISM sha256 = { CKM_SHA256, NULL, 0 };
	CK_SESSION_HANDLE other;
	CK_BYTE out[64], state[512];
	CK_ULONG len = 8, state_len = sizeof state;

	open_token ("");
	log_in ();
	begin_digest (CKM_SHA256);
	ck_ok (p11->C_GetOperationState (session, state, &state_len));
	ck_ok (p11->C_DigestUpdate (session, data, sizeof data));
	assert_digest (CKR_OPERATION_ACTIVE, 0);
	begin_digest (CKM_SHA256);
	ck_rv (p11->C_DigestInit (session, &sha256), CKR_OPERATION_ACTIVE);
	assert_digest (CKR_OK, 32);
	ck_rv (p11->C_Digest (session, data, sizeof data, out, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, 32);
	assert_digest (CKR_OK, 32);
	assert_sign (CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_SessionCancel (session, CKF_DIGEST));
	assert_digest (CKR_OPERATION_NOT_INITIALIZED, 0);
	begin_digest (CKM_SHA512);
	ck_ok (p11->C_DigestInit (session, NULL));
	assert_digest (CKR_OPERATION_NOT_INITIALIZED, 0);
	begin_digest (CKM_SHA512);
	ck_ok (p11->C_SetOperationState (session, state, state_len, 0, 0));
	assert_digest (CKR_OK, 32);
	ck_ok (p11->C_SessionCancel (session, CKF_DIGEST));
	/* The key may go, the login may not, in whichever session. */
	ck_ok (p11->C_DestroyObject (session, begin_sign ()));
	assert_sign (CKR_OK);
	ck_ok (p11->C_SessionCancel (session, CKF_SIGN));
	(void) begin_sign ();
	ck_ok (p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &other));
	ck_ok (p11->C_Logout (other));
	assert_sign (CKR_OPERATION_NOT_INITIALIZED);
	begin_digest (CKM_SHA256);
	ck_ok (p11->C_CloseSession (session));
	assert_digest (CKR_SESSION_HANDLE_INVALID, 0);
	close_token ();
}
END_TEST

/* What is wrong in the question is the token's to say, and ends the operation. */
START_TEST (test_length__wrong)
{
	CK_ULONG len = 77, large = (CK_ULONG) 3 << 20;
	CK_BYTE *much = calloc (1, large);

	open_token ("");
	begin_digest (CKM_SHA256);
	ck_rv (p11->C_Digest (session, NULL, 5, NULL, &len), CKR_ARGUMENTS_BAD);
	assert_digest (CKR_OPERATION_NOT_INITIALIZED, 0);
	begin_digest (CKM_SHA256);
	ck_rv (p11->C_Digest (session, data, sizeof data, NULL, NULL), CKR_ARGUMENTS_BAD);
	assert_digest (CKR_OPERATION_NOT_INITIALIZED, 0);
	begin_digest (CKM_SHA256);
	ck_ok (p11->C_Digest (session, much, large, NULL, &len));
	ck_assert_uint_eq (len, 32);
	close_token ();
	free (much);
}
END_TEST

/* A child has the answer in its memory, and is not given it. */
START_TEST (test_length__forked)
{
	CK_ULONG len = 77;
	int status;
	pid_t pid;

	open_token ("");
	begin_digest (CKM_SHA256);
	pid = vfork ();
	if (pid == 0)
		_exit (p11->C_Digest (session, data, sizeof data, NULL, &len) != CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_int_eq (status, 0);
	pid = fork ();
	if (pid == 0)
		_exit (p11->C_Digest (session, data, sizeof data, NULL, &len) != CKR_CRYPTOKI_NOT_INITIALIZED ||
		       p11->C_Initialize (NULL) != CKR_OK ||
		       p11->C_Digest (session, data, sizeof data, NULL, &len) != CKR_SESSION_HANDLE_INVALID);
	ck_assert_int_eq (waitpid (pid, &status, 0), pid);
	ck_assert_int_eq (status, 0);
	ck_assert_uint_eq (len, 77);
	assert_digest (CKR_OK, 32);
	close_token ();
}
END_TEST

/* A log of all calls has this one, and a policy is asked. */
static const char *const asking[] = { "audit=all\ncall-timeout=2", "deny-mechanisms=CKM_MD5\ncall-timeout=2" };

START_TEST (test_length__asked)
{
	CK_ULONG len;
	pid_t backend;

	open_token (asking[_i]);
	backend = guest_only_backend ();
	begin_digest (CKM_SHA256);
	ck_assert (guest_stop (backend));
	ck_rv (p11->C_Digest (session, data, sizeof data, NULL, &len), CKR_DEVICE_REMOVED);
	close_token ();
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("length");
	TCase *tcase = tcase_create ("length");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_length__not_asked);
	tcase_add_test (tcase, test_length__in_between);
	tcase_add_test (tcase, test_length__wrong);
	tcase_add_test (tcase, test_length__forked);
	tcase_add_loop_test (tcase, test_length__asked, 0, 2);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
