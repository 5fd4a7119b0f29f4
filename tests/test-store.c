/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The store through the token: what is kept and what is not to be read in it, other processes on
 * it, kills, full disks, folders that can only be read, and files that are not what they should be.
 */
#include "config.h"

#include <grp.h>
#include <pwd.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "store.h"
#include "token-store.h"

static guint
mode_of (const char *path)
{
	struct stat info;

	ck_assert_int_eq (stat (path, &info), 0);
	return info.st_mode & 0777;
}

START_TEST (test_files__modes)
{
	static const char *const names[] = { "token.db", "lock", "pin-check" };

	login ();
	ck_assert_uint_eq (mode_of (config.store), 0700);
	for (gsize i = 0; i < N (names); i++) {
		g_autofree char *path = store_file (names[i]);

		ck_assert_uint_eq (mode_of (path), 0600);
	}
}
END_TEST

/* What a session compares at each call: one connection's commits are seen through another one's memory. */
START_TEST (test_mark__commits)
{
	g_autoptr (CratonStore) ours = NULL, theirs = NULL;
	CratonStoreChange *change;
	CratonStoreMark mark;
	gint told = 0;

	ck_ok (craton_store_open (config.store, &told, &ours));
	ck_ok (craton_store_open (config.store, &told, &theirs));
	ck_assert (craton_store_mark (ours, &mark));
	ck_assert (craton_store_is_marked (ours, &mark));
	ck_ok (craton_store_begin (theirs, &change));
	ck_assert (craton_store_is_marked (ours, &mark));
	craton_store_rollback (change);
	ck_assert (craton_store_is_marked (ours, &mark));
	ck_ok (craton_store_begin (theirs, &change));
	ck_ok (craton_store_commit (change));
	ck_assert (!craton_store_is_marked (ours, &mark));
}
END_TEST

/* As a restore does it: whoever has the old store open sees it as soon as the change is committed. */
START_TEST (test_mark__replaced)
{
	g_autoptr (CratonStore) ours = NULL, theirs = NULL;
	g_autoptr (GBytes) image = NULL;
	const guint8 line[CRATON_STORE_LINE_LEN] = { 1 };
	CratonStoreChange *change;
	CratonStoreToken token;
	CratonStoreMark mark;
	guint64 version;
	gint told = 0;

	ck_ok (craton_store_open (config.store, &told, &ours));
	ck_ok (craton_store_open (config.store, &told, &theirs));
	ck_ok (craton_store_snapshot (theirs, &token, &image));
	ck_ok (craton_store_begin (theirs, &change));
	ck_assert (craton_store_mark (ours, &mark));
	ck_ok (craton_store_replace (config.store, image, 0, line));
	ck_ok (craton_store_commit (change));
	ck_assert (!craton_store_is_marked (ours, &mark));
	ck_rv (craton_store_version (ours, &version), CKR_DEVICE_REMOVED);
}
END_TEST

START_TEST (test_files__none_before_init_token)
{
	ck_ok (p11->C_Finalize (NULL));
	remove_tree (config.store);
	ck_ok (p11->C_Initialize (NULL));
	ck_assert_uint_eq (token_flags () & CKF_TOKEN_INITIALIZED, 0);
	ck_assert (!g_file_test (config.store, G_FILE_TEST_EXISTS));
	ck_ok (init_token (SO_PIN));
	ck_assert_uint_ne (token_flags () & CKF_TOKEN_INITIALIZED, 0);
}
END_TEST

/* All kinds of values, private and not. */
START_TEST (test_objects__survive)
{
	CK_MECHANISM_TYPE allowed[] = { CKM_AES_ECB, CKM_AES_GCM };
	CK_ATTRIBUTE inner[] = { ATTR (CKA_EXTRACTABLE, yes), { CKA_LABEL, (void *) "in", 2 } };
	CK_ATTRIBUTE key[] = {
		ATTR (CKA_CLASS, class_secret),
		ATTR (CKA_KEY_TYPE, type_aes),
		ATTR (CKA_TOKEN, yes),
		ATTR (CKA_VALUE, key16),
		ATTR (CKA_EXTRACTABLE, yes),
		{ CKA_LABEL, (void *) "key", 3 },
		{ CKA_ID, (void *) "\0\1\xff", 3 },
		{ CKA_START_DATE, (void *) "20240229", 8 },
		ATTR (CKA_ALLOWED_MECHANISMS, allowed),
		ATTR (CKA_UNWRAP_TEMPLATE, inner),
		ATTR (CKA_PRIVATE, yes),
	};
	CK_ULONG none = CK_UNAVAILABLE_INFORMATION;

	login ();
	for (gsize is_private = 0; is_private < 2; is_private++) {
		key[10].pValue = (void *) (is_private ? &yes : &no);
		(void) create (key, N (key));
	}
	restart ();
	login ();
	for (gsize is_private = 0; is_private < 2; is_private++) {
		CK_OBJECT_HANDLE object;

		key[10].pValue = (void *) (is_private ? &yes : &no);
		/* Every attribute of the template is found again, one by one. */
		for (gsize i = 0; i < N (key); i++)
			ck_assert_uint_ge (find_all (&key[i], 1, NULL), 1);
		ck_assert_uint_eq (find_all (key, N (key), &object), 1);
		for (gsize i = 0; i < N (key); i++)
			if (key[i].type != CKA_UNWRAP_TEMPLATE)
				assert_value (object, key[i].type, key[i].pValue,
				              key[i].ulValueLen);
		assert_value (object, CKA_KEY_GEN_MECHANISM, &none, sizeof none);
		assert_value (object, CKA_END_DATE, "", 0);
	}
}
END_TEST

static gint64
log_len (void)
{
	g_autofree char *path = store_file ("token.db-wal");
	struct stat info;

	ck_assert_int_eq (stat (path, &info), 0);
	return info.st_size;
}

/* What is in the log is in the database when the last process has left; a little of the log stays for the next one, which has to read it. */
START_TEST (test_log__after_the_last_process)
{
	static const guint n_made[] = { 1, 200 };
	CK_ATTRIBUTE key[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes), ATTR (CKA_TOKEN, yes), ATTR (CKA_VALUE, key16) };
	g_autofree char *log = store_file ("token.db-wal");
	guint n = 0;

	login ();
	for (gsize i = 0; i < N (n_made); i++) {
		for (guint made = 0; made < n_made[i]; made++)
			(void) create (key, N (key));
		n += n_made[i];
		ck_assert_int_gt (log_len (), 0);
		ck_ok (p11->C_Finalize (NULL));
		if (i == 0)
			ck_assert_int_gt (log_len (), 0);
		else
			ck_assert_int_eq (log_len (), 0);
		ck_assert_int_eq (unlink (log), 0);
		start ();
		login ();
		ck_assert_uint_eq (find_all (key, 3, NULL), n);
	}
}
END_TEST

START_TEST (test_files__nothing_secret_in_them)
{
	CK_ATTRIBUTE key[] = { ATTR (CKA_CLASS, class_secret),
		               ATTR (CKA_KEY_TYPE, type_aes),
		               ATTR (CKA_TOKEN, yes),
		               { CKA_VALUE, (void *) "SecretKeyOf32BytesSecretKeyOf32B", 32 },
		               ATTR (CKA_PRIVATE, no),
		               { CKA_LABEL, (void *) "label of an open key", 20 } };

	login ();
	(void) CREATE (key);
	(void) make_data ("open data of the test", CK_TRUE, CK_FALSE);
	(void) make_data ("hidden data of the test", CK_TRUE, CK_TRUE);
	ck_assert (is_in_files ("open data of the test", strlen ("open data of the test")));
	ck_assert (is_in_files ("label of an open key", strlen ("label of an open key")));
	ck_assert (!is_in_files ("SecretKeyOf32Bytes", strlen ("SecretKeyOf32Bytes")));
	ck_assert (!is_in_files ("hidden data", strlen ("hidden data")));
	ck_assert (!is_in_files (USER_PIN, strlen (USER_PIN)));
}
END_TEST

static void
makes_changes_destroys (Process *self)
{
	CK_OBJECT_HANDLE object;

	start ();
	login ();
	step_done (self);
	object = make_data ("one", CK_TRUE, CK_TRUE);
	step_done (self);
	ck_ok (set (object, CKA_VALUE, "changed", 7));
	step_done (self);
	ck_ok (p11->C_DestroyObject (session, object));
	step_done (self);
}

START_TEST (test_other_process__seen_at_once)
{
	CK_OBJECT_HANDLE object;
	CK_ULONG size;
	Process process;

	ck_ok (p11->C_Finalize (NULL));
	process = process_start (makes_changes_destroys);
	start ();
	login ();
	process_await (&process);
	ck_assert_uint_eq (count_label ("one"), 0);
	process_go (&process);
	process_await (&process);
	object = find_label ("one");
	assert_value (object, CKA_VALUE, "one", 3);
	process_go (&process);
	process_await (&process);
	assert_value (object, CKA_VALUE, "changed", 7);
	ck_assert_uint_eq (find_label ("one"), object);
	process_go (&process);
	process_await (&process);
	ck_rv (p11->C_GetObjectSize (session, object, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_assert_uint_eq (count_label ("one"), 0);
	process_finish (&process);
}
END_TEST

#define WRITERS 3
#define EACH 15

static void
makes_many (Process *self)
{
	start ();
	login ();
	step_done (self);
	for (guint i = 0; i < EACH; i++) {
		CK_OBJECT_HANDLE object = make_data ("many", CK_TRUE, i % 2 == 0),
				 shared = find_label ("shared");

		/* All change one object, too. */
		ck_ok (set (shared, CKA_APPLICATION, &i, sizeof i));
		if (i % 3 == 0)
			ck_ok (p11->C_DestroyObject (session, object));
	}
}

START_TEST (test_other_process__writing_together)
{
	Process processes[WRITERS];

	(void) make_data ("shared", CK_TRUE, CK_FALSE);
	ck_ok (p11->C_Finalize (NULL));
	for (gsize i = 0; i < WRITERS; i++)
		processes[i] = process_start (makes_many);
	for (gsize i = 0; i < WRITERS; i++)
		process_await (&processes[i]);
	for (gsize i = 0; i < WRITERS; i++)
		process_go (&processes[i]);
	for (gsize i = 0; i < WRITERS; i++)
		process_end (&processes[i]);
	start ();
	login ();
	ck_assert_uint_eq (count_label ("many"), WRITERS * EACH * 2 / 3);
	ck_assert_uint_eq (count_label ("shared"), 1);
}
END_TEST

static CK_RV
make_token_pair (void)
{
	CK_MECHANISM generate = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { { CKA_EC_PARAMS,
		                    (void *) "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 },
		                  ATTR (CKA_TOKEN, yes) };
	CK_ATTRIBUTE private[] = { ATTR (CKA_TOKEN, yes) };
	CK_OBJECT_HANDLE public_key, private_key;

	return p11->C_GenerateKeyPair (session, &generate, public, 2, private, 1, &public_key,
	                               &private_key);
}

static CK_ULONG
count_class (CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_TOKEN, yes),
		                    ATTR (CKA_LOCAL, yes) };

	return find_all (template, class == CKO_DATA ? 2 : 3, NULL);
}

static void
makes_pairs_for_ever (Process *self)
{
	start ();
	login ();
	ck_ok (make_token_pair ());
	step_done (self);
	for (;;)
		ck_ok (make_token_pair ());
}

/* Killed in the middle: what was there is there, a pair is whole or not at all, and others go on.
 */
START_TEST (test_kill__while_writing)
{
	ck_ok (p11->C_Finalize (NULL));
	for (guint round = 0; round < 8; round++) {
		Process process = process_start (makes_pairs_for_ever);
		CK_ULONG pairs;

		process_await (&process);
		process_go (&process);
		g_usleep (3000 + round * 2700);
		ck_assert_int_eq (kill (process.pid, SIGKILL), 0);
		ck_assert_int_ne (process_wait (&process), 0);
		start ();
		login ();
		pairs = count_class (CKO_PUBLIC_KEY);
		ck_assert_uint_gt (pairs, round);
		ck_assert_uint_eq (count_class (CKO_PRIVATE_KEY), pairs);
		ck_ok (p11->C_Finalize (NULL));
	}
	ck_assert_str_eq (heard->str, "");
}
END_TEST

static void
is_locked_out (Process *self)
{
	CK_ULONG n;
	CK_TOKEN_INFO info;

	step_done (self);
	config.exclusive = TRUE;
	craton_token_configure (&config, 1);
	ck_ok (p11->C_Initialize (NULL));
	ck_rv (p11->C_GetSlotList (CK_TRUE, NULL, &n), CKR_GENERAL_ERROR);
	ck_rv (p11->C_GetTokenInfo (0, &info), CKR_GENERAL_ERROR);
	ck_assert_ptr_nonnull (strstr (heard->str, "Database at "));
	ck_assert_ptr_nonnull (strstr (heard->str, "token.db is locked by another process\n"));
	/* Said once. */
	ck_assert_ptr_eq (strchr (heard->str, '\n'), strrchr (heard->str, '\n'));
	step_done (self);
	ck_ok (p11->C_GetSlotList (CK_TRUE, NULL, &n));
	step_done (self);
	ck_ok (p11->C_GetTokenInfo (0, &info));
}

START_TEST (test_lock__exclusive)
{
	CK_ULONG n;
	Process process;

	ck_ok (p11->C_Finalize (NULL));
	process = process_start (is_locked_out);
	process_await (&process);
	/* Shared is enough to keep the other out ... */
	ck_ok (p11->C_Initialize (NULL));
	ck_ok (p11->C_GetSlotList (CK_TRUE, NULL, &n));
	process_go (&process);
	process_await (&process);
	ck_ok (p11->C_Finalize (NULL));
	/* ... and when it has the lock it keeps us out. */
	process_go (&process);
	process_await (&process);
	ck_ok (p11->C_Initialize (NULL));
	ck_rv (p11->C_GetSlotList (CK_TRUE, NULL, &n), CKR_GENERAL_ERROR);
	process_finish (&process);
	ck_ok (p11->C_GetSlotList (CK_TRUE, NULL, &n));
}
END_TEST

/* Nothing that is damaged is taken for an empty token. */
START_TEST (test_damage__whole_file)
{
	static const char *const contents[] = {
		"", "this is no database at all, whatever else it may be"
	};
	g_autofree char *path = store_file ("token.db");
	CK_TOKEN_INFO info;
	CK_ULONG n;

	ck_ok (p11->C_Finalize (NULL));
	remove_log ();
	for (gsize i = 0; i < N (contents); i++) {
		g_string_truncate (heard, 0);
		ck_assert (g_file_set_contents (path, contents[i], -1, NULL));
		ck_ok (p11->C_Initialize (NULL));
		ck_ok (p11->C_GetSlotList (CK_TRUE, NULL, &n));
		ck_rv (p11->C_GetTokenInfo (0, &info), CKR_DEVICE_ERROR);
		ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION, NULL, NULL, &session),
		       CKR_DEVICE_ERROR);
		ck_rv (init_token (SO_PIN), CKR_DEVICE_ERROR);
		ck_assert_ptr_nonnull (strstr (heard->str, "is damaged"));
		ck_assert_ptr_eq (strchr (heard->str, '\n'), strrchr (heard->str, '\n'));
		ck_ok (p11->C_Finalize (NULL));
	}
}
END_TEST

START_TEST (test_damage__half_file)
{
	g_autofree char *path = store_file ("token.db");
	g_autofree char *bytes = NULL;
	CK_TOKEN_INFO info;
	gsize len;
	CK_RV rv;

	ck_ok (p11->C_Finalize (NULL));
	ck_assert (g_file_get_contents (path, &bytes, &len, NULL));
	/* All but the first page, which says what else there is. */
	memset (bytes + 4096, 0x5a, len - 4096);
	ck_assert (g_file_set_contents (path, bytes, (gssize) len, NULL));
	remove_log ();
	ck_ok (p11->C_Initialize (NULL));
	rv = p11->C_GetTokenInfo (0, &info);
	ck_rv (rv, CKR_DEVICE_ERROR);
	ck_assert_ptr_nonnull (strstr (heard->str, "is damaged"));
}
END_TEST

START_TEST (test_damage__of_another_format)
{
	static const struct {
		const char *sql, *line;
	} changes[] = {
		{ "PRAGMA user_version = 4",
		  "has format 4, this Craton knows 3: use the Craton that wrote it" },
		{ "PRAGMA user_version = 2",
		  "has format 2, this Craton knows 3: use the Craton that wrote it" },
		{ "PRAGMA application_id = 1", "is no database of Craton" },
	};
	CK_TOKEN_INFO info;

	for (gsize i = 0; i < N (changes); i++) {
		ck_ok (p11->C_Finalize (NULL));
		change_database (changes[i].sql);
		ck_ok (p11->C_Initialize (NULL));
		ck_rv (p11->C_GetTokenInfo (0, &info), CKR_DEVICE_ERROR);
		ck_rv (init_token (SO_PIN), CKR_DEVICE_ERROR);
		ck_assert_ptr_nonnull (strstr (heard->str, changes[i].line));
	}
}
END_TEST

START_TEST (test_folder__goes_away)
{
	CK_OBJECT_HANDLE object, loose;
	CK_ULONG size;

	login ();
	object = make_data ("gone", CK_TRUE, CK_FALSE);
	loose = make_data ("loose", CK_FALSE, CK_FALSE);
	remove_tree (config.store);
	ck_assert_uint_eq (token_flags () & CKF_TOKEN_INITIALIZED, 0);
	ck_rv (p11->C_GetObjectSize (session, object, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_ok (p11->C_GetObjectSize (session, loose, &size));
	ck_rv (create_data ("new", CK_TRUE, CK_FALSE, &object), CKR_DEVICE_REMOVED);
	ck_assert (!g_file_test (config.store, G_FILE_TEST_EXISTS));
	/* Set up anew, without leaving the process. */
	ck_ok (p11->C_CloseAllSessions (0));
	ck_ok (init_token ("another SO"));
	session = open_session (CKF_RW_SESSION);
	ck_ok (p11->C_Login (session, CKU_SO, PIN ("another SO")));
	ck_assert_uint_eq (find_all (NULL, 0, NULL), 0);
}
END_TEST

/* The rest of this process is nobody in particular: root may write where nobody may. */
static void
become_unprivileged (void)
{
	g_autoptr (GDir) dir = g_dir_open (config.store, 0, NULL);
	const char *name;
	uid_t nobody = 65534;

	if (geteuid () != 0)
		return;
	ck_assert_int_eq (chmod (scratch, 0755), 0);
	ck_assert_int_eq (chown (config.store, nobody, nobody), 0);
	while ((name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *path = store_file (name);

		ck_assert_int_eq (chown (path, nobody, nobody), 0);
	}
	ck_assert_int_eq (setgroups (0, NULL), 0);
	ck_assert_int_eq (setgid (nobody), 0);
	ck_assert_int_eq (setuid (nobody), 0);
}

static void
reads_only (Process *self)
{
	CK_ATTRIBUTE secret[] = { ATTR (CKA_TOKEN, no) };
	CK_OBJECT_HANDLE object;

	(void) self;
	become_unprivileged ();
	ck_assert_int_eq (chmod (config.store, 0500), 0);
	ck_ok (p11->C_Initialize (NULL));
	ck_assert_uint_ne (token_flags () & CKF_WRITE_PROTECTED, 0);
	ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
	       CKR_TOKEN_WRITE_PROTECTED);
	ck_rv (init_token (SO_PIN), CKR_TOKEN_WRITE_PROTECTED);
	session = open_session (0);
	ck_assert_uint_eq (count_label ("open"), 1);
	ck_rv (p11->C_Login (session, CKU_USER, PIN ("wrong")), CKR_PIN_INCORRECT);
	ck_assert_uint_ne (token_flags () & CKF_USER_PIN_COUNT_LOW, 0);
	login ();
	assert_value (find_label ("hidden"), CKA_VALUE, "hidden", 6);
	ck_rv (create_data ("new", CK_TRUE, CK_FALSE, &object), CKR_SESSION_READ_ONLY);
	ck_ok (p11->C_CopyObject (session, find_label ("hidden"), secret, 1, &object));
	ck_ok (p11->C_Logout (session));
	for (guint i = 0; i < 10; i++)
		ck_rv (p11->C_Login (session, CKU_USER, PIN ("wrong")), CKR_PIN_INCORRECT);
	ck_rv (p11->C_Login (session, CKU_USER, PIN (USER_PIN)), CKR_PIN_LOCKED);
	ck_ok (p11->C_Finalize (NULL));
	ck_assert_int_eq (chmod (config.store, 0700), 0);
}

START_TEST (test_read_only__folder)
{
	Process process;

	login ();
	(void) make_data ("open", CK_TRUE, CK_FALSE);
	(void) make_data ("hidden", CK_TRUE, CK_TRUE);
	ck_ok (p11->C_Finalize (NULL));
	/* Once as the last process has left it, once as a backup may have it: the database alone.
	 */
	if (_i == 1)
		remove_log ();
	process = process_start (reads_only);
	process_end (&process);
	/* Nothing was counted or changed. */
	start ();
	ck_assert_uint_eq (token_flags () & (CKF_WRITE_PROTECTED | CKF_USER_PIN_COUNT_LOW), 0);
	login ();
	ck_assert_uint_eq (find_all (NULL, 0, NULL), 2);
}
END_TEST

static void
fills_the_disk (Process *self)
{
	struct rlimit limit = { 256 * 1024, 256 * 1024 };
	g_autofree char *large = g_strnfill (20000, 'x');
	CK_OBJECT_HANDLE object;
	CK_ULONG n = 0;
	CK_RV rv;

	start ();
	login ();
	/* To SQLite a limit on the size of files is what a full disk is: the write fails. */
	ck_assert (signal (SIGXFSZ, SIG_IGN) != SIG_ERR);
	ck_assert_int_eq (setrlimit (RLIMIT_FSIZE, &limit), 0);
	while ((rv = create_data (large, CK_TRUE, CK_FALSE, &object)) == CKR_OK)
		ck_assert_uint_lt (n++, 100);
	ck_rv (rv, CKR_DEVICE_MEMORY);
	ck_assert_uint_gt (n, 0);
	ck_assert_ptr_nonnull (strstr (heard->str, "No space left for the database at "));
	while ((rv = make_token_pair ()) == CKR_OK)
		ck_assert_uint_lt (n++, 1000);
	ck_rv (rv, CKR_DEVICE_MEMORY);
	/* Reading goes on. */
	ck_assert_uint_eq (count_class (CKO_PUBLIC_KEY), count_class (CKO_PRIVATE_KEY));
	ck_assert_uint_eq (count_label (large), count_class (CKO_DATA));
	ck_ok (create_data ("loose", CK_FALSE, CK_TRUE, &object));
	g_string_printf (heard, "%lu", count_class (CKO_DATA));
	ck_assert_int_eq (write (self->fd[1], heard->str, heard->len), (int) heard->len);
}

START_TEST (test_full_disk__nothing_half)
{
	char said[32] = "";
	Process process;

	ck_ok (p11->C_Finalize (NULL));
	process = process_start (fills_the_disk);
	ck_assert_int_gt (read (process.fd[0], said, sizeof said - 1), 0);
	process_end (&process);
	start ();
	login ();
	ck_assert_uint_eq (count_class (CKO_DATA), g_ascii_strtoull (said, NULL, 10));
	ck_assert_uint_eq (count_class (CKO_PUBLIC_KEY), count_class (CKO_PRIVATE_KEY));
	(void) make_data ("there is room again", CK_TRUE, CK_FALSE);
}
END_TEST

static Suite *
store_suite (void)
{
	Suite *suite = suite_create ("store");
	TCase *tcase = tcase_create ("store");

	tcase_add_checked_fixture (tcase, store_setup, store_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_files__modes);
	tcase_add_test (tcase, test_mark__commits);
	tcase_add_test (tcase, test_mark__replaced);
	tcase_add_test (tcase, test_files__none_before_init_token);
	tcase_add_test (tcase, test_files__nothing_secret_in_them);
	tcase_add_test (tcase, test_objects__survive);
	tcase_add_test (tcase, test_log__after_the_last_process);
	tcase_add_test (tcase, test_other_process__seen_at_once);
	tcase_add_test (tcase, test_other_process__writing_together);
	tcase_add_test (tcase, test_kill__while_writing);
	tcase_add_test (tcase, test_lock__exclusive);
	tcase_add_test (tcase, test_damage__whole_file);
	tcase_add_test (tcase, test_damage__half_file);
	tcase_add_test (tcase, test_damage__of_another_format);
	tcase_add_test (tcase, test_folder__goes_away);
	tcase_add_loop_test (tcase, test_read_only__folder, 0, 2);
	tcase_add_test (tcase, test_full_disk__nothing_half);
	suite_add_tcase (suite, tcase);
	return suite;
}

int
main (void)
{
	SRunner *runner = srunner_create (store_suite ());
	int failed;

	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
