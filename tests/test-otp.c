/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The counter that the token keeps in a key: none is given out twice, by several processes, after the end of one, in a session
 * for reading.
 */
#include "config.h"

#include "token-process.h"

#define N_PROCESSES 3
#define N_EACH 25

static const CK_OBJECT_CLASS class_otp = CKO_OTP_KEY;
static const CK_KEY_TYPE type_hotp = CKK_HOTP;

static CK_OBJECT_HANDLE
make_hotp (CK_BBOOL on_token)
{
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_otp), ATTR (CKA_KEY_TYPE, type_hotp), ATTR (CKA_TOKEN, on_token),
		{ CKA_LABEL, (void *) "otp", 3 }, { CKA_VALUE, (void *) "12345678901234567890", 20 },
	};

	return CREATE (template);
}

/* What the key answers: the counter, and the value of it. */
static CK_RV
take (CK_OBJECT_HANDLE key, guint64 *ret_counter, char value[7])
{
	CK_OTP_PARAMS none = { NULL, 0 };
	CK_MECHANISM hotp = { CKM_HOTP, &none, sizeof none };
	_Alignas (8) CK_BYTE out[512];
	const CK_OTP_SIGNATURE_INFO *info = (const void *) out;
	CK_ULONG len = sizeof out;
	CK_RV rv = p11->C_SignInit (session, &hotp, key);

	if (rv == CKR_OK)
		rv = p11->C_Sign (session, NULL, 0, out, &len);
	if (rv != CKR_OK)
		return rv;
	for (CK_ULONG i = 0; i < info->ulCount; i++) {
		const CK_OTP_PARAM *param = &info->pParams[i];

		if (param->type == CK_OTP_COUNTER)
			memcpy (ret_counter, param->pValue, sizeof *ret_counter);
		if (param->type == CK_OTP_VALUE)
			memcpy (value, param->pValue, 6);
	}
	*ret_counter = GUINT64_FROM_BE (*ret_counter);
	return CKR_OK;
}

static void
expect_next (CK_OBJECT_HANDLE key, guint64 expected)
{
	guint64 counter = 0;
	char value[7] = "";

	ck_ok (take (key, &counter, value));
	ck_assert_uint_eq (counter, expected);
}

static char *
told_path (pid_t pid)
{
	g_autofree char *name = g_strdup_printf ("counters-%d", (int) pid);

	return g_build_filename (scratch, name, NULL);
}

/* Takes its counters and writes them down. */
static void
take_many (Process *self)
{
	g_autofree char *path = told_path (self->pid);
	guint64 counters[N_EACH];
	char value[7];

	start ();
	login ();
	step_done (self);
	for (int i = 0; i < N_EACH; i++)
		if (take (find_label ("otp"), &counters[i], value) != CKR_OK)
			_exit (3);
	if (!g_file_set_contents (path, (char *) counters, sizeof counters, NULL))
		_exit (4);
}

START_TEST (test_counter__of_several_processes)
{
	Process processes[N_PROCESSES];
	gboolean seen[N_PROCESSES * N_EACH] = { FALSE };

	make_token ();
	login ();
	(void) make_hotp (yes);
	ck_ok (p11->C_Finalize (NULL));
	for (int i = 0; i < N_PROCESSES; i++)
		processes[i] = process_start (take_many);
	for (int i = 0; i < N_PROCESSES; i++)
		process_await (&processes[i]);
	for (int i = 0; i < N_PROCESSES; i++)
		process_go (&processes[i]);
	for (int i = 0; i < N_PROCESSES; i++) {
		g_autofree char *path = told_path (processes[i].pid);
		g_autofree char *text = NULL;
		guint64 counters[N_EACH];
		gsize len;

		process_end (&processes[i]);
		ck_assert (g_file_get_contents (path, &text, &len, NULL));
		ck_assert_uint_eq (len, sizeof counters);
		memcpy (counters, text, len);
		for (int j = 0; j < N_EACH; j++) {
			ck_assert_uint_lt (counters[j], N (seen));
			ck_assert (!seen[counters[j]]);
			seen[counters[j]] = TRUE;
		}
	}
	start ();
	login ();
	expect_next (find_label ("otp"), N (seen));
}
END_TEST

/* In the store before it is given out; the integrity of the object goes with it. */
START_TEST (test_counter__after_restart)
{
	make_token ();
	login ();
	expect_next (make_hotp (yes), 0);
	restart ();
	login ();
	expect_next (find_label ("otp"), 1);
	ck_ok (p11->C_CloseSession (session));
	session = open_session (0);
	login ();
	expect_next (find_label ("otp"), 2);
	restart ();
	login ();
	expect_next (find_label ("otp"), 3);
}
END_TEST

/* A key that is public to see, after the login has ended: its value is sealed, and it cannot be counted. */
START_TEST (test_counter__without_login)
{
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_otp), ATTR (CKA_KEY_TYPE, type_hotp), ATTR (CKA_TOKEN, yes), ATTR (CKA_PRIVATE, no),
		{ CKA_LABEL, (void *) "otp", 3 }, { CKA_VALUE, (void *) "12345678901234567890", 20 },
	};
	CK_OBJECT_HANDLE key;
	guint64 counter;
	char value[7];

	make_token ();
	login ();
	key = CREATE (template);
	expect_next (key, 0);
	ck_ok (p11->C_Logout (session));
	ck_assert_uint_ne (take (key, &counter, value), CKR_OK);
	restart ();
	ck_assert_uint_ne (take (find_label ("otp"), &counter, value), CKR_OK);
	login ();
	expect_next (find_label ("otp"), 1);
}
END_TEST

typedef struct {
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	gint *n_seen;
} Taker;

static gpointer
take_in_thread (gpointer data)
{
	const Taker *taker = data;
	CK_OTP_PARAMS none = { NULL, 0 };
	CK_MECHANISM hotp = { CKM_HOTP, &none, sizeof none };

	for (int i = 0; i < N_EACH; i++) {
		_Alignas (8) CK_BYTE out[512];
		CK_ULONG len = sizeof out;
		guint64 counter;

		if (p11->C_SignInit (taker->session, &hotp, taker->key) != CKR_OK ||
		    p11->C_Sign (taker->session, NULL, 0, out, &len) != CKR_OK)
			return data;
		memcpy (&counter, ((CK_OTP_SIGNATURE_INFO *) (void *) out)->pParams[1].pValue, sizeof counter);
		g_atomic_int_inc (&taker->n_seen[GUINT64_FROM_BE (counter)]);
	}
	return NULL;
}

/* A session object, of several threads. */
START_TEST (test_counter__of_several_threads)
{
	gint n_seen[N_PROCESSES * N_EACH] = { 0 };
	Taker takers[N_PROCESSES];
	GThread *threads[N_PROCESSES];
	CK_OBJECT_HANDLE key;

	make_token ();
	login ();
	key = make_hotp (no);
	for (int i = 0; i < N_PROCESSES; i++) {
		takers[i] = (Taker){ open_session (CKF_RW_SESSION), key, n_seen };
		threads[i] = g_thread_new ("taker", take_in_thread, &takers[i]);
	}
	for (int i = 0; i < N_PROCESSES; i++)
		ck_assert_ptr_null (g_thread_join (threads[i]));
	for (gsize i = 0; i < N (n_seen); i++)
		ck_assert_int_eq (n_seen[i], 1);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("otp");
	TCase *tcase = tcase_create ("otp");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture (tcase, scratch_setup, scratch_teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_counter__of_several_processes);
	tcase_add_test (tcase, test_counter__after_restart);
	tcase_add_test (tcase, test_counter__without_login);
	tcase_add_test (tcase, test_counter__of_several_threads);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
