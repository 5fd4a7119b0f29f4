/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_InitToken, C_InitPIN, C_SetPIN, the count of wrong tries and what a change of a PIN does to
 * other processes.
 */
#include "config.h"

#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "slot.h"
#include "token-store.h"

#define NEW_PIN "another-pin"
#define TRIES 10

static CK_RV
try (CK_USER_TYPE user, const char *pin)
{
	return p11->C_Login (session, user, (CK_UTF8CHAR_PTR) pin, strlen (pin));
}

static CK_STATE
state (void)
{
	CK_SESSION_INFO info;

	ck_ok (p11->C_GetSessionInfo (session, &info));
	return info.state;
}

START_TEST (test_init_token__codes)
{
	CK_UTF8CHAR label[32] = "label";
	char long_pin[257];

	ck_rv (init_token (SO_PIN), CKR_SESSION_EXISTS);
	ck_ok (p11->C_CloseAllSessions (0));
	ck_rv (p11->C_InitToken (1, PIN (SO_PIN), label), CKR_SLOT_ID_INVALID);
	ck_rv (p11->C_InitToken (0, NULL, 0, label), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_InitToken (0, PIN (SO_PIN), NULL), CKR_ARGUMENTS_BAD);
	ck_rv (init_token ("wrong"), CKR_PIN_INCORRECT);
	ck_rv (init_token (USER_PIN), CKR_PIN_INCORRECT);
	ck_assert_uint_ne (token_flags () & CKF_SO_PIN_COUNT_LOW, 0);

	/* A new token takes any PIN of good length. */
	ck_ok (p11->C_Finalize (NULL));
	remove_tree (config.store);
	ck_ok (p11->C_Initialize (NULL));
	memset (long_pin, 'x', 256);
	long_pin[256] = '\0';
	ck_rv (init_token ("123"), CKR_PIN_LEN_RANGE);
	ck_rv (init_token (long_pin), CKR_PIN_LEN_RANGE);
	ck_rv (init_token ("\xff\xff\xff\xff"), CKR_PIN_INVALID);
	ck_assert (!g_file_test (config.store, G_FILE_TEST_EXISTS));
	long_pin[255] = '\0';
	ck_ok (init_token (long_pin));
	ck_rv (init_token ("1234"), CKR_PIN_INCORRECT);
	ck_ok (init_token (long_pin));
}
END_TEST

START_TEST (test_init_token__again)
{
	CK_TOKEN_INFO before, after;

	login ();
	(void) make_data ("public", CK_TRUE, CK_FALSE);
	(void) make_data ("private", CK_TRUE, CK_TRUE);
	ck_ok (p11->C_GetTokenInfo (0, &before));
	ck_ok (p11->C_CloseSession (session));
	ck_ok (init_token (SO_PIN));
	ck_ok (p11->C_GetTokenInfo (0, &after));
	ck_assert_mem_eq (before.serialNumber, after.serialNumber, 16);
	ck_assert_uint_eq (after.flags & CKF_USER_PIN_INITIALIZED, 0);
	ck_assert_uint_ne (after.flags & CKF_TOKEN_INITIALIZED, 0);
	session = open_session (CKF_RW_SESSION);
	ck_assert_uint_eq (find_all (NULL, 0, NULL), 0);
	ck_rv (try (CKU_USER, USER_PIN), CKR_USER_PIN_NOT_INITIALIZED);
	ck_ok (try (CKU_SO, SO_PIN));
}
END_TEST

START_TEST (test_init_pin__codes)
{
	static const char *const no_text[] = { "\xff\xfe\xfd\xfc", "abc\xc3", "\xc0\xaf\xc0\xaf",
		                               "ab\xed\xa0\x80", "a\xf4\x90\x80\x80" };
	static const char text[] = "\xc3\xa4\xe2\x82\xac\xf0\x9f\x94\x91";
	char long_pin[256];

	ck_rv (p11->C_InitPIN (session, PIN (NEW_PIN)), CKR_USER_NOT_LOGGED_IN);
	login ();
	ck_rv (p11->C_InitPIN (session, PIN (NEW_PIN)), CKR_USER_NOT_LOGGED_IN);
	ck_ok (p11->C_Logout (session));
	ck_ok (try (CKU_SO, SO_PIN));
	ck_rv (p11->C_InitPIN (session, NULL, 0), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_InitPIN (session, PIN ("123")), CKR_PIN_LEN_RANGE);
	ck_rv (p11->C_InitPIN (session + 1, PIN (NEW_PIN)), CKR_SESSION_HANDLE_INVALID);
	for (gsize i = 0; i < N (no_text); i++) {
		ck_rv (p11->C_InitPIN (session, (CK_UTF8CHAR_PTR) no_text[i], strlen (no_text[i])),
		       CKR_PIN_INVALID);
		ck_rv (p11->C_SetPIN (session, PIN (SO_PIN), (CK_UTF8CHAR_PTR) no_text[i],
		                      strlen (no_text[i])),
		       CKR_PIN_INVALID);
	}
	ck_rv (p11->C_InitPIN (session, (CK_UTF8CHAR_PTR) "a\0bc", 4), CKR_PIN_INVALID);
	/* Bytes are counted, not characters. */
	ck_rv (p11->C_InitPIN (session, PIN ("\xe2\x82\xac")), CKR_PIN_LEN_RANGE);
	for (gsize i = 0; i < sizeof long_pin - 1; i += 3)
		memcpy (long_pin + i, "\xe2\x82\xac", 3);
	ck_ok (p11->C_InitPIN (session, (CK_UTF8CHAR_PTR) long_pin, 255));
	long_pin[255] = 'x';
	ck_rv (p11->C_InitPIN (session, (CK_UTF8CHAR_PTR) long_pin, 256), CKR_PIN_LEN_RANGE);
	ck_ok (p11->C_Logout (session));
	ck_rv (try (CKU_USER, USER_PIN), CKR_PIN_INCORRECT);
	ck_ok (p11->C_Login (session, CKU_USER, (CK_UTF8CHAR_PTR) long_pin, 255));
	ck_ok (p11->C_SetPIN (session, (CK_UTF8CHAR_PTR) long_pin, 255, PIN (text)));
	ck_ok (p11->C_Logout (session));
	ck_ok (try (CKU_USER, text));
}
END_TEST

/* The key stays the same, whoever sets the PIN. */
START_TEST (test_init_pin__objects_stay)
{
	login ();
	(void) make_data ("private", CK_TRUE, CK_TRUE);
	ck_ok (p11->C_Logout (session));
	ck_ok (try (CKU_SO, SO_PIN));
	ck_assert_uint_eq (count_label ("private"), 0);
	ck_ok (p11->C_InitPIN (session, PIN (NEW_PIN)));
	ck_ok (p11->C_Logout (session));
	ck_ok (try (CKU_USER, NEW_PIN));
	assert_value (find_label ("private"), CKA_VALUE, "private", 7);
}
END_TEST

START_TEST (test_set_pin__states)
{
	CK_SESSION_HANDLE read_only = open_session (0);

	/* Public: the user's PIN. */
	ck_rv (p11->C_SetPIN (read_only, PIN (USER_PIN), PIN (NEW_PIN)), CKR_SESSION_READ_ONLY);
	ck_ok (p11->C_CloseSession (read_only));
	ck_rv (p11->C_SetPIN (session, PIN ("wrong"), PIN (NEW_PIN)), CKR_PIN_INCORRECT);
	ck_rv (p11->C_SetPIN (session, PIN (USER_PIN), PIN ("123")), CKR_PIN_LEN_RANGE);
	ck_rv (p11->C_SetPIN (session, NULL, 0, PIN (NEW_PIN)), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_SetPIN (session, PIN (USER_PIN), NULL, 0), CKR_ARGUMENTS_BAD);
	ck_ok (p11->C_SetPIN (session, PIN (USER_PIN), PIN ("1234")));
	ck_assert_uint_eq (state (), CKS_RW_PUBLIC_SESSION);

	/* Logged in: one's own, and the login goes on. */
	ck_ok (try (CKU_USER, "1234"));
	(void) make_data ("private", CK_TRUE, CK_TRUE);
	ck_ok (p11->C_SetPIN (session, PIN ("1234"), PIN (NEW_PIN)));
	ck_assert_uint_eq (state (), CKS_RW_USER_FUNCTIONS);
	ck_assert_uint_eq (count_label ("private"), 1);
	ck_ok (p11->C_Logout (session));

	/* The SO: his. */
	ck_ok (try (CKU_SO, SO_PIN));
	ck_rv (p11->C_SetPIN (session, PIN (NEW_PIN), PIN ("4321")), CKR_PIN_INCORRECT);
	ck_ok (p11->C_SetPIN (session, PIN (SO_PIN), PIN ("4321")));
	ck_assert_uint_eq (state (), CKS_RW_SO_FUNCTIONS);
	ck_ok (p11->C_Logout (session));
	ck_rv (try (CKU_SO, SO_PIN), CKR_PIN_INCORRECT);
	ck_ok (try (CKU_SO, "4321"));
	ck_ok (p11->C_Logout (session));
	ck_ok (try (CKU_USER, NEW_PIN));
	ck_assert_uint_eq (count_label ("private"), 1);
}
END_TEST

START_TEST (test_set_pin__no_user_yet)
{
	ck_ok (p11->C_CloseSession (session));
	ck_ok (init_token (SO_PIN));
	session = open_session (CKF_RW_SESSION);
	ck_rv (p11->C_SetPIN (session, PIN (USER_PIN), PIN (NEW_PIN)),
	       CKR_USER_PIN_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_tries__user_locked)
{
	const CK_FLAGS mask = CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY | CKF_USER_PIN_LOCKED;

	ck_assert_uint_eq (token_flags () & mask, 0);
	for (guint i = 1; i <= TRIES; i++) {
		CK_FLAGS expected = CKF_USER_PIN_COUNT_LOW;

		ck_rv (try (CKU_USER, "wrong"), CKR_PIN_INCORRECT);
		if (i == TRIES - 1)
			expected |= CKF_USER_PIN_FINAL_TRY;
		if (i == TRIES)
			expected |= CKF_USER_PIN_LOCKED;
		ck_assert_uint_eq (token_flags () & mask, expected);
	}
	/* The right one does not help any more, nor does starting anew. */
	ck_rv (try (CKU_USER, USER_PIN), CKR_PIN_LOCKED);
	restart ();
	ck_rv (try (CKU_USER, USER_PIN), CKR_PIN_LOCKED);
	ck_rv (p11->C_SetPIN (session, PIN (USER_PIN), PIN (NEW_PIN)), CKR_PIN_LOCKED);
	ck_ok (try (CKU_SO, SO_PIN));
	ck_ok (p11->C_InitPIN (session, PIN (NEW_PIN)));
	ck_ok (p11->C_Logout (session));
	ck_ok (try (CKU_USER, NEW_PIN));
	ck_assert_uint_eq (token_flags () & mask, 0);
}
END_TEST

START_TEST (test_tries__so_locked)
{
	for (guint i = 0; i < TRIES; i++)
		ck_rv (try (CKU_SO, "wrong"), CKR_PIN_INCORRECT);
	ck_rv (try (CKU_SO, SO_PIN), CKR_PIN_LOCKED);
	ck_assert_uint_ne (token_flags () & CKF_SO_PIN_LOCKED, 0);
	ck_assert_uint_eq (token_flags () & CKF_USER_PIN_LOCKED, 0);
	/* The user's token goes on. */
	login ();
	ck_ok (p11->C_CloseAllSessions (0));
	ck_rv (init_token (SO_PIN), CKR_PIN_LOCKED);
}
END_TEST

START_TEST (test_tries__right_pin_resets)
{
	for (guint i = 0; i < 2 * TRIES; i++) {
		ck_rv (try (CKU_USER, "wrong"), CKR_PIN_INCORRECT);
		if (i % 2 == 1) {
			login ();
			ck_ok (p11->C_Logout (session));
			ck_assert_uint_eq (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
		}
	}
}
END_TEST

static void
guesses (Process *self)
{
	start ();
	step_done (self);
	(void) try (CKU_USER, "wrong");
	step_done (self);
}

/* Who is killed while the PIN is looked at has had his try all the same. */
START_TEST (test_tries__killed_in_between)
{
	Process process;
	guint waited = 0;
	int status;

	ck_ok (p11->C_Finalize (NULL));
	/* A PIN that takes a while. */
	config.pin_cost = 18;
	craton_token_configure (&config, 1);
	start ();
	ck_ok (try (CKU_SO, SO_PIN));
	ck_ok (p11->C_InitPIN (session, PIN (NEW_PIN)));
	ck_ok (p11->C_Finalize (NULL));

	process = process_start (guesses);
	process_await (&process);
	start ();
	ck_assert_uint_eq (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
	process_go (&process);
	while ((token_flags () & CKF_USER_PIN_COUNT_LOW) == 0 && waited++ < 60000)
		g_usleep (1000);
	ck_assert_int_eq (kill (process.pid, SIGKILL), 0);
	status = process_wait (&process);
	ck_assert (WIFSIGNALED (status) && WTERMSIG (status) == SIGKILL);
	ck_assert_uint_ne (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
	restart ();
	ck_assert_uint_ne (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
	/* And nobody waits for the dead. */
	ck_ok (try (CKU_USER, NEW_PIN));
	ck_assert_uint_eq (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
}
END_TEST

static void
logs_in (Process *self)
{
	start ();
	step_done (self);
	login ();
}

/* More clients than tries start at the same moment, all with the right PIN. */
START_TEST (test_tries__many_at_once)
{
	Process processes[TRIES + 4];

	ck_ok (p11->C_Finalize (NULL));
	for (gsize i = 0; i < N (processes); i++)
		processes[i] = process_start (logs_in);
	for (gsize i = 0; i < N (processes); i++)
		process_await (&processes[i]);
	for (gsize i = 0; i < N (processes); i++)
		process_go (&processes[i]);
	for (gsize i = 0; i < N (processes); i++)
		process_end (&processes[i]);
	start ();
	ck_assert_uint_eq (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
}
END_TEST

static void
notices_new_pin (Process *self)
{
	CK_OBJECT_HANDLE private, public;
	CK_ULONG size;

	start ();
	login ();
	private = make_data ("private", CK_TRUE, CK_TRUE);
	public = make_data ("public", CK_TRUE, CK_FALSE);
	step_done (self);
	ck_rv (p11->C_GetObjectSize (session, private, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_ok (p11->C_GetObjectSize (session, public, &size));
	ck_assert_uint_eq (state (), CKS_RW_PUBLIC_SESSION);
	ck_rv (try (CKU_USER, USER_PIN), CKR_PIN_INCORRECT);
	ck_ok (try (CKU_USER, NEW_PIN));
	ck_assert_uint_eq (count_label ("private"), 1);
}

START_TEST (test_other_process__new_pin)
{
	Process process;

	ck_ok (p11->C_Finalize (NULL));
	process = process_start (notices_new_pin);
	process_await (&process);
	start ();
	login ();
	ck_ok (p11->C_SetPIN (session, PIN (USER_PIN), PIN (NEW_PIN)));
	ck_assert_uint_eq (state (), CKS_RW_USER_FUNCTIONS);
	process_finish (&process);
}
END_TEST

static void
notices_new_token (Process *self)
{
	CK_OBJECT_HANDLE loose, on_token, found;
	CK_ULONG size;

	start ();
	login ();
	on_token = make_data ("token", CK_TRUE, CK_FALSE);
	loose = make_data ("loose", CK_FALSE, CK_FALSE);
	step_done (self);
	ck_rv (p11->C_GetObjectSize (session, on_token, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_ok (p11->C_GetObjectSize (session, loose, &size));
	ck_assert_uint_eq (state (), CKS_RW_PUBLIC_SESSION);
	ck_assert_uint_eq (find_all (NULL, 0, &found), 1);
	ck_assert_uint_eq (found, loose);
	ck_rv (try (CKU_USER, USER_PIN), CKR_USER_PIN_NOT_INITIALIZED);
	/* A handle is never another object's. */
	ck_assert_uint_ne (make_data ("new", CK_TRUE, CK_FALSE), on_token);
}

START_TEST (test_other_process__new_token)
{
	Process process;

	ck_ok (p11->C_Finalize (NULL));
	process = process_start (notices_new_token);
	process_await (&process);
	ck_ok (p11->C_Initialize (NULL));
	ck_ok (init_token (SO_PIN));
	process_finish (&process);
	session = open_session (0);
	ck_assert_uint_eq (count_label ("new"), 1);
}
END_TEST

/* The wraps as they are in the store, and what scrypt costs in them. */
static guint
read_wraps (guint8 wraps[2][83])
{
	g_autofree char *path = store_file ("token.db");
	sqlite3 *db;
	sqlite3_stmt *prepared;
	guint costs = 0;

	ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
	ck_assert_int_eq (sqlite3_prepare_v2 (db, "SELECT wrap FROM pins ORDER BY role", -1,
	                                      &prepared, NULL),
	                  SQLITE_OK);
	for (guint i = 0; i < 2; i++) {
		ck_assert_int_eq (sqlite3_step (prepared), SQLITE_ROW);
		ck_assert_int_eq (sqlite3_column_bytes (prepared, 0), 83);
		memcpy (wraps[i], sqlite3_column_blob (prepared, 0), 83);
		costs = costs * 100 + wraps[i][1];
	}
	ck_assert_int_eq (sqlite3_finalize (prepared), SQLITE_OK);
	ck_assert_int_eq (sqlite3_close (db), SQLITE_OK);
	return costs;
}

static void
configure_cost (guint cost)
{
	(void) p11->C_Finalize (NULL);
	config.pin_cost = cost;
	craton_token_configure (&config, 1);
	start ();
}

/* Each PIN at its own next login, and never back. */
START_TEST (test_cost__raised_at_login)
{
	guint8 old[2][83], new[2][83];

	ck_assert_uint_eq (read_wraps (old), 1414);
	configure_cost (15);
	ck_assert_uint_eq (read_wraps (new), 1414);
	ck_rv (try (CKU_USER, "wrong"), CKR_PIN_INCORRECT);
	ck_assert_uint_eq (read_wraps (new), 1414);
	login ();
	(void) make_data ("kept", CK_TRUE, CK_TRUE);
	ck_assert_uint_eq (read_wraps (new), 1415);
	ck_assert_uint_eq (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
	/* The old one is not to be found any more, to try PINs on for less. */
	ck_assert (!is_in_files (old[1], 83));
	ck_assert (is_in_files (new[1], 83));
	/* This login goes on. */
	ck_assert_uint_eq (state (), CKS_RW_USER_FUNCTIONS);
	ck_ok (p11->C_Logout (session));
	ck_ok (try (CKU_SO, SO_PIN));
	ck_assert_uint_eq (read_wraps (new), 1515);
	ck_assert (!is_in_files (old[0], 83));
	configure_cost (14);
	login ();
	ck_assert_uint_eq (count_label ("kept"), 1);
	ck_assert_uint_eq (read_wraps (old), 1515);
	ck_assert_mem_eq (old, new, sizeof new);
}
END_TEST

static void
goes_on (Process *self)
{
	start ();
	login ();
	step_done (self);
	ck_assert_uint_eq (state (), CKS_RW_USER_FUNCTIONS);
	(void) make_data ("by the first", CK_TRUE, CK_TRUE);
}

/* The PIN is still the same one: who is logged in with it stays so. */
START_TEST (test_cost__others_stay_logged_in)
{
	guint8 wraps[2][83];
	Process process;

	ck_ok (p11->C_Finalize (NULL));
	process = process_start (goes_on);
	process_await (&process);
	configure_cost (15);
	login ();
	ck_assert_uint_eq (read_wraps (wraps), 1415);
	process_finish (&process);
	ck_assert_uint_eq (count_label ("by the first"), 1);
	ck_assert_str_eq (heard->str, "");
}
END_TEST

static void
raises_cost (Process *self)
{
	config.pin_cost = 17;
	craton_token_configure (&config, 1);
	start ();
	step_done (self);
	login ();
}

/* Killed at any time of it: the old wrap or the new one, and the PIN opens it. */
START_TEST (test_cost__killed_in_between)
{
	guint8 wraps[2][83];

	ck_ok (p11->C_Finalize (NULL));
	for (guint round = 0; round < 10; round++) {
		Process process = process_start (raises_cost);
		guint costs;

		process_await (&process);
		process_go (&process);
		g_usleep (20000 + round * 40000);
		ck_assert_int_eq (kill (process.pid, SIGKILL), 0);
		(void) process_wait (&process);
		costs = read_wraps (wraps);
		ck_assert (costs == 1414 || costs == 1417);
		configure_cost (14);
		login ();
		ck_assert_uint_eq (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
		ck_ok (p11->C_Finalize (NULL));
	}
	configure_cost (17);
	login ();
	ck_assert_uint_eq (read_wraps (wraps), 1417);
}
END_TEST

/* The SO sets another PIN while the old one is being wrapped anew: his stays. */
START_TEST (test_cost__pin_changed_meanwhile)
{
	guint8 wraps[2][83];
	Process process;

	ck_ok (p11->C_Finalize (NULL));
	process = process_start (raises_cost);
	process_await (&process);
	start ();
	ck_ok (try (CKU_SO, SO_PIN));
	process_go (&process);
	while ((token_flags () & CKF_USER_PIN_COUNT_LOW) == 0)
		g_usleep (500);
	ck_ok (p11->C_InitPIN (session, PIN (NEW_PIN)));
	/* Whatever it makes of its login. */
	(void) process_wait (&process);
	ck_assert_uint_eq (read_wraps (wraps), 1414);
	ck_ok (p11->C_Logout (session));
	ck_rv (try (CKU_USER, USER_PIN), CKR_PIN_INCORRECT);
	ck_ok (try (CKU_USER, NEW_PIN));
}
END_TEST

/* Nothing of what the token had is left in any file of it. */
START_TEST (test_init_token__leaves_nothing)
{
	g_autofree char *large = g_strnfill (30000, 'L');
	guint8 wraps[2][83];
	CK_OBJECT_HANDLE object;

	login ();
	for (guint i = 0; i < 40; i++) {
		g_autofree char *label = g_strdup_printf ("FindMe-%u-before", i);

		object = make_data (label, CK_TRUE, i % 2 == 0);
		if (i % 4 == 1)
			ck_ok (set (object, CKA_APPLICATION, "FindMeToo", 9));
		if (i % 8 == 1)
			ck_ok (p11->C_DestroyObject (session, object));
	}
	memcpy (large + 15000, "FindMe", 6);
	(void) make_data (large, CK_TRUE, CK_FALSE);
	ck_assert (is_in_files ("FindMe", 6));
	ck_assert (is_in_files ("LLLLLLLL", 8));
	(void) read_wraps (wraps);
	ck_assert (is_in_files (wraps[1], 83));
	ck_ok (p11->C_CloseAllSessions (0));
	ck_ok (init_token (SO_PIN));
	ck_assert (!is_in_files ("FindMe", 6));
	ck_assert (!is_in_files ("LLLLLLLL", 8));
	/* Not even the salt or what was sealed. */
	for (guint i = 0; i < 2; i++) {
		ck_assert (!is_in_files (wraps[i] + 7, 16));
		ck_assert (!is_in_files (wraps[i] + 35, 32));
	}
}
END_TEST

/* Each has the turn for a second, and the last one waits for longer than it would for one. */
START_TEST (test_tries__turns)
{
	enum { N = 12 };
	_Atomic int *n_in = mmap (NULL, sizeof *n_in, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	const CratonSlot slot = { .config = config };
	int status;

	ck_assert_ptr_ne (n_in, MAP_FAILED);
	for (int i = 0; i < N; i++) {
		pid_t pid = fork ();

		ck_assert_int_ge (pid, 0);
		if (pid == 0) {
			int fd = craton_slot_wait_turn (&slot);
			gboolean alone = fd >= 0 && atomic_fetch_add (n_in, 1) == 0;

			g_usleep (G_USEC_PER_SEC);
			(void) atomic_fetch_sub (n_in, 1);
			_exit (alone ? 0 : 1);
		}
	}
	for (int i = 0; i < N; i++) {
		ck_assert_int_gt (wait (&status), 0);
		ck_assert_int_eq (status, 0);
	}
	(void) munmap (n_in, sizeof *n_in);
}
END_TEST

static Suite *
pin_suite (void)
{
	Suite *suite = suite_create ("pin");
	TCase *tcase = tcase_create ("pins");

	tcase_add_checked_fixture (tcase, store_setup, store_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_init_token__codes);
	tcase_add_test (tcase, test_init_token__again);
	tcase_add_test (tcase, test_init_pin__codes);
	tcase_add_test (tcase, test_init_pin__objects_stay);
	tcase_add_test (tcase, test_set_pin__states);
	tcase_add_test (tcase, test_set_pin__no_user_yet);
	tcase_add_test (tcase, test_tries__user_locked);
	tcase_add_test (tcase, test_tries__so_locked);
	tcase_add_test (tcase, test_tries__right_pin_resets);
	tcase_add_test (tcase, test_tries__killed_in_between);
	tcase_add_test (tcase, test_tries__many_at_once);
	tcase_add_test (tcase, test_tries__turns);
	tcase_add_test (tcase, test_other_process__new_pin);
	tcase_add_test (tcase, test_other_process__new_token);
	tcase_add_test (tcase, test_cost__raised_at_login);
	tcase_add_test (tcase, test_cost__others_stay_logged_in);
	tcase_add_test (tcase, test_cost__killed_in_between);
	tcase_add_test (tcase, test_cost__pin_changed_meanwhile);
	tcase_add_test (tcase, test_init_token__leaves_nothing);
	suite_add_tcase (suite, tcase);
	return suite;
}

int
main (void)
{
	SRunner *runner = srunner_create (pin_suite ());
	int failed;

	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
