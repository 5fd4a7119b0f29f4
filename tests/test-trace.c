/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CRATON_TRACE: what it writes of a real session with a real backend, what it must not write, and what it does in forked children
 * and with a file that cannot be written.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "guest.h"

#define KEY_TEXT "k3y-MATERIAL-16b"
#define PLAIN_TEXT "plain text of the test"
#define PIN_TEXT "87654321"
#define SO_PIN_TEXT "12345678"

static CK_SLOT_ID slot;

/* A host whose calls are traced from the first one on. */
static void
start_traced (const char *file)
{
	guest_setup ();
	(void) setenv ("CRATON_TRACE", guest_path (file), 1);
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (guest_slots (&slot, 1), 1);
}

/* The whole file. */
static char *
read_trace (const char *file)
{
	FILE *stream = fopen (guest_path (file), "re");
	char *text = NULL;
	size_t size = 0;

	ck_assert_msg (stream != NULL, "%s: %s", guest_path (file), strerror (errno));
	ck_assert_int_gt (getdelim (&text, &size, '\0', stream), 0);
	(void) fclose (stream);
	return text;
}

static void
assert_has (const char *text, const char *wanted)
{
	ck_assert_msg (strstr (text, wanted) != NULL, "\"%s\" is not in:\n%s", wanted, text);
}

static void
assert_has_not (const char *text, const char *unwanted)
{
	ck_assert_msg (strstr (text, unwanted) == NULL, "\"%s\" is in:\n%s", unwanted, text);
}

static int
count_lines (const char *text)
{
	int n = 0;

	for (; *text != '\0'; text++)
		n += *text == '\n';
	return n;
}

static CK_OBJECT_HANDLE
make_key (CK_SESSION_HANDLE session)
{
	CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE;
	CK_BYTE id[] = { 0xab, 0x01 };
	char label[] = "my \"key\"\n";
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &class, sizeof class },
		{ CKA_KEY_TYPE, &type, sizeof type },
		{ CKA_SIGN, &yes, sizeof yes },
		{ CKA_ID, id, sizeof id },
		{ CKA_LABEL, label, sizeof label - 1 },
		{ CKA_VALUE, (char *) KEY_TEXT, 16 },
	};
	CK_OBJECT_HANDLE key = 0;

	ck_assert_uint_eq (guest_p11->C_CreateObject (session, template, 6, &key), CKR_OK);
	return key;
}

static void
use_key (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	CK_BYTE mac[32], plain[] = PLAIN_TEXT;
	CK_MECHANISM hmac = { CKM_SHA256_HMAC, NULL, 0 };
	CK_ULONG len = sizeof mac, value_len = 0;
	CK_ATTRIBUTE query[] = { { CKA_KEY_TYPE, &value_len, sizeof value_len }, { CKA_VALUE, NULL, 0 } };

	ck_assert_uint_eq (guest_p11->C_SignInit (session, &hmac, key), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Sign (session, plain, sizeof plain - 1, mac, &len), CKR_OK);
	(void) guest_p11->C_GetAttributeValue (session, key, query, 2);
}

static void
make_pair (CK_SESSION_HANDLE session)
{
	CK_ULONG bits = 2048;
	CK_BYTE digest[32] = { 0 }, signature[256];
	CK_RSA_PKCS_PSS_PARAMS pss = { CKM_SHA256, CKG_MGF1_SHA256, 32 };
	CK_MECHANISM generate = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 }, sign = { CKM_RSA_PKCS_PSS, &pss, sizeof pss };
	CK_ATTRIBUTE public[] = { { CKA_MODULUS_BITS, &bits, sizeof bits } };
	CK_OBJECT_HANDLE keys[2];
	CK_ULONG len = 10;

	ck_assert_uint_eq (guest_p11->C_GenerateKeyPair (session, &generate, public, 1, NULL, 0, &keys[0], &keys[1]), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_SignInit (session, &sign, keys[1]), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Sign (session, digest, 32, signature, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (guest_p11->C_Sign (session, digest, 32, signature, &len), CKR_OK);
}

/* Bytes as text, as hexadecimal digits, and as escapes. */
static void
assert_no_secret (const char *text, const char *secret)
{
	char hex[128] = "", escaped[256] = "";

	for (size_t i = 0; i < strlen (secret); i++) {
		(void) snprintf (hex + 2 * i, 3, "%02x", (unsigned char) secret[i]);
		(void) snprintf (escaped + 4 * i, 5, "\\x%02x", (unsigned char) secret[i]);
	}
	assert_has_not (text, secret);
	assert_has_not (text, hex);
	assert_has_not (text, escaped);
}

START_TEST (test_trace__whole_session)
{
	CK_UTF8CHAR pin[] = PIN_TEXT;
	CK_SESSION_HANDLE session;
	CK_TOKEN_INFO info;
	struct stat st;
	char *text;

	start_traced ("trace");
	guest_make_token (slot);
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, pin, 8), CKR_OK);
	use_key (session, make_key (session));
	make_pair (session);
	ck_assert_uint_eq (guest_p11->C_GetTokenInfo (slot, &info), CKR_OK);
	text = read_trace ("trace");
	assert_has (text, "C_Initialize (init_args=NULL) = CKR_OK");
	assert_has (text, "flags=CKF_RW_SESSION|CKF_SERIAL_SESSION");
	assert_has (text, "user_type=CKU_USER, pin=[8 bytes]) = CKR_OK");
	assert_has (text, "label=\"scratch\"");
	assert_has (text, "{CKA_CLASS=CKO_SECRET_KEY, CKA_KEY_TYPE=CKK_GENERIC_SECRET, CKA_SIGN=CK_TRUE, CKA_ID=0xab01, "
	                  "CKA_LABEL=\"my \\x22key\\x22\\x0a\", CKA_VALUE=[16 bytes]}");
	assert_has (text, "mechanism=CKM_SHA256_HMAC, hKey=");
	assert_has (text, "data=[22 bytes], signature=[room 32]) = CKR_OK");
	assert_has (text, "-> signature=[32 bytes]");
	assert_has (text, "CKM_RSA_PKCS_PSS {hashAlg=CKM_SHA256, mgf=CKG_MGF1_SHA256, sLen=32}");
	assert_has (text, "signature=[room 10]) = CKR_BUFFER_TOO_SMALL");
	assert_has (text, "-> signature=[256 bytes]");
	assert_has (text, "{CKA_KEY_TYPE [room 8], CKA_VALUE}");
	assert_has (text, "CKA_KEY_TYPE=CKK_GENERIC_SECRET, CKA_VALUE=");
	assert_has (text, "CKA_MODULUS_BITS=2048");
	assert_has (text, "CKF_LOGIN_REQUIRED|CKF_USER_PIN_INITIALIZED");
	assert_no_secret (text, KEY_TEXT);
	assert_no_secret (text, PLAIN_TEXT);
	assert_no_secret (text, PIN_TEXT);
	assert_no_secret (text, SO_PIN_TEXT);
	ck_assert_int_eq (stat (guest_path ("trace"), &st), 0);
	ck_assert_uint_eq (st.st_mode & 07777, 0600);
	free (text);
	guest_teardown ();
}
END_TEST

START_TEST (test_trace__refused_calls)
{
	CK_ULONG n = 0;
	char *text;
	pid_t child;
	int status;

	guest_setup ();
	(void) setenv ("CRATON_TRACE", guest_path ("trace"), 1);
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_CloseSession (4711), CKR_SESSION_HANDLE_INVALID);
	/* A child that shares our memory is refused, too, and leaves its line. */
	child = vfork ();
	if (child == 0) {
		(void) guest_p11->C_CloseSession (4712);
		_exit (0);
	}
	ck_assert_int_eq (waitpid (child, &status, 0), child);
	text = read_trace ("trace");
	assert_has (text, "C_GetSlotList (token_present=0, slot_list=NULL, how many?) = CKR_CRYPTOKI_NOT_INITIALIZED");
	assert_has (text, "C_CloseSession (session=4711) = CKR_SESSION_HANDLE_INVALID");
	assert_has (text, "C_CloseSession (session=4712) = CKR_CRYPTOKI_NOT_INITIALIZED");
	ck_assert_int_eq (count_lines (text), 4);
	free (text);
	guest_teardown ();
}
END_TEST

START_TEST (test_trace__forked_child)
{
	char name[32], number[32];
	char *text;
	pid_t child;
	int status;

	start_traced ("trace-%p");
	child = fork ();
	if (child == 0) {
		CK_ULONG n = 0;
		bool good = guest_p11->C_GetSlotList (CK_TRUE, NULL, &n) == CKR_CRYPTOKI_NOT_INITIALIZED &&
		            guest_p11->C_Initialize (NULL) == CKR_OK &&
		            guest_p11->C_GetSlotList (CK_FALSE, NULL, &n) == CKR_OK && guest_p11->C_Finalize (NULL) == CKR_OK;

		_exit (good ? 0 : 1);
	}
	ck_assert_int_eq (waitpid (child, &status, 0), child);
	ck_assert_int_eq (status, 0);
	(void) snprintf (name, sizeof name, "trace-%d", (int) child);
	(void) snprintf (number, sizeof number, "Z %d ", (int) child);
	text = read_trace (name);
	ck_assert_int_eq (count_lines (text), 4);
	assert_has (text, number);
	assert_has (text, "= CKR_CRYPTOKI_NOT_INITIALIZED");
	assert_has (text, "C_Finalize (pReserved=NULL) = CKR_OK");
	free (text);
	(void) snprintf (name, sizeof name, "trace-%d", (int) getpid ());
	text = read_trace (name);
	ck_assert_int_eq (count_lines (text), 2);
	assert_has_not (text, number);
	free (text);
	guest_teardown ();
}
END_TEST

/* Each is undisturbed, and one line says why there is no trace. */
static void
make_unwritable (int i)
{
	switch (i) {
	case 0:
		ck_assert_int_eq (mkdir (guest_path ("trace"), 0700), 0);
		break;
	case 1:
		ck_assert_int_eq (symlink ("elsewhere", guest_path ("trace")), 0);
		break;
	case 2:
		ck_assert_int_eq (mkfifo (guest_path ("trace"), 0600), 0);
		break;
	default:
		(void) setenv ("CRATON_TRACE", guest_path ("no/such/folder"), 1);
		break;
	}
}

START_TEST (test_trace__unwritable)
{
	char said[4096] = "", *first;
	int saved = fcntl (STDERR_FILENO, F_DUPFD_CLOEXEC, 10);
	int fd = memfd_create ("stderr", MFD_CLOEXEC);
	ssize_t n;

	guest_setup ();
	(void) setenv ("CRATON_TRACE", guest_path ("trace"), 1);
	make_unwritable (_i);
	(void) setenv ("CRATON_DEBUG", "1", 1);
	guest_load ();
	ck_assert_int_ge (dup2 (fd, STDERR_FILENO), 0);
	errno = 4711;
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_int_eq (errno, 4711);
	ck_assert_uint_eq (guest_p11->C_CloseSession (1), CKR_SESSION_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_int_ge (dup2 (saved, STDERR_FILENO), 0);
	n = pread (fd, said, sizeof said - 1, 0);
	ck_assert_int_gt (n, 0);
	first = strstr (said, "cannot be written");
	ck_assert_ptr_nonnull (first);
	ck_assert_msg (strstr (first + 1, "cannot be written") == NULL, "twice: %s", said);
	ck_assert_int_ne (access (guest_path ("elsewhere"), F_OK), 0);
	(void) close (fd);
	(void) close (saved);
	guest_teardown ();
}
END_TEST

START_TEST (test_trace__file_of_another_user)
{
	struct stat st;

	if (geteuid () != 0)
		return;
	guest_setup ();
	(void) setenv ("CRATON_TRACE", guest_path ("trace"), 1);
	ck_assert_int_ge (open (guest_path ("trace"), O_CREAT | O_WRONLY | O_CLOEXEC, 0666), 0);
	ck_assert_int_eq (chown (guest_path ("trace"), 65534, 65534), 0);
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_int_eq (stat (guest_path ("trace"), &st), 0);
	ck_assert_int_eq (st.st_size, 0);
	guest_teardown ();
}
END_TEST

START_TEST (test_trace__long_template)
{
	enum { MANY = 1000 };
	static CK_ATTRIBUTE template[MANY];
	CK_SESSION_HANDLE session;
	char *text;

	start_traced ("trace");
	guest_make_token (slot);
	session = guest_open_session (slot);
	for (int i = 0; i < MANY; i++)
		template[i] = (CK_ATTRIBUTE) { CKA_LABEL, (char *) "label", 5 };
	(void) guest_p11->C_FindObjectsInit (session, template, MANY);
	text = read_trace ("trace");
	assert_has (text, "C_FindObjectsInit (session=");
	assert_has (text, "... ) = CKR_");
	ck_assert_int_eq (text[strlen (text) - 1], '\n');
	free (text);
	guest_teardown ();
}
END_TEST

/* Every function that the module has can be traced, with nothing in its arguments. */
START_TEST (test_trace__every_call)
{
	const CK_ULONG args[CRATON_ARGS_MAX] = { 0 };
	char wanted[64], *text;

	start_traced ("trace");
	for (int i = 0; i < CRATON_CALLS; i++) {
		if (guest_is_stateless (i) || i == CRATON_C_WaitForSlotEvent || i == CRATON_C_Finalize)
			continue;
		(void) guest_call (i, args);
	}
	text = read_trace ("trace");
	for (int i = 0; i < CRATON_CALLS; i++) {
		if (guest_is_stateless (i) || i == CRATON_C_WaitForSlotEvent || i == CRATON_C_Finalize)
			continue;
		(void) snprintf (wanted, sizeof wanted, " %s (", craton_calls[i].name);
		assert_has (text, wanted);
	}
	free (text);
	guest_teardown ();
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("trace");
	TCase *tcase = tcase_create ("trace");
	SRunner *runner = srunner_create (suite);
	int n_failed;

	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_trace__whole_session);
	tcase_add_test (tcase, test_trace__refused_calls);
	tcase_add_test (tcase, test_trace__forked_child);
	tcase_add_loop_test (tcase, test_trace__unwritable, 0, 4);
	tcase_add_test (tcase, test_trace__file_of_another_user);
	tcase_add_test (tcase, test_trace__long_template);
	tcase_add_test (tcase, test_trace__every_call);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? 0 : 1;
}
