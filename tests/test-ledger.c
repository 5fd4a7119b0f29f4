/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is changed in the database past the token: it is found at login, named, and not served; the rest is.
 */
#include "config.h"

#include "token-store.h"

#define FLIP                                                                              \
	"CAST (substr (body, 1, length (body) - 1) || CASE substr (body, length (body), 1)" \
	" WHEN x'00' THEN x'01' ELSE x'00' END AS BLOB)"

/* Objects 1 to 5; 3 is changed and 5 destroyed after a copy of all rows was made beside the store. */
static void
make_objects (void)
{
	g_autofree char *side = g_strdup_printf (
		"ATTACH '%s/side.db' AS side; CREATE TABLE side.objects AS SELECT * FROM objects;"
		"CREATE TABLE side.bodies AS SELECT * FROM bodies;"
		"CREATE TABLE side.ledger AS SELECT * FROM ledger;",
		scratch);
	CK_OBJECT_HANDLE third, fifth;

	login ();
	(void) make_data ("alpha", CK_TRUE, CK_FALSE);
	(void) make_data ("beta", CK_TRUE, CK_TRUE);
	third = make_data ("gamma", CK_TRUE, CK_FALSE);
	(void) make_data ("delta", CK_TRUE, CK_TRUE);
	fifth = make_data ("epsilon", CK_TRUE, CK_FALSE);
	change_database (side);
	ck_ok (set (third, CKA_APPLICATION, "new", 3));
	ck_ok (p11->C_DestroyObject (session, fifth));
	ck_ok (p11->C_Logout (session));
}

static const struct {
	const char *sql;
	const char *label; /* that is not found any more */
	const char *line;
} changes[] = {
	{ "UPDATE bodies SET body = " FLIP " WHERE id = 1", "alpha",
	  "Object pkcs11:token=test;object=alpha;type=data (number 1 of token test) was changed" },
	{ "UPDATE bodies SET body = " FLIP " WHERE id = 2", "beta", "object=beta;type=data (number 2 " },
	{ "UPDATE bodies SET body = (SELECT body FROM bodies WHERE id = 3) WHERE id = 1", "alpha",
	  "object=alpha;" },
	{ "CREATE TEMP TABLE t AS SELECT * FROM bodies; UPDATE bodies SET body ="
	  " (SELECT body FROM t WHERE t.id = 6 - bodies.id) WHERE id IN (2, 4)",
	  "beta", "object=beta;" },
	{ "INSERT INTO objects SELECT 9, revision, randomblob (16), class, private, mac FROM objects"
	  " WHERE id = 1; INSERT INTO bodies SELECT 9, body FROM bodies WHERE id = 1;"
	  "INSERT INTO tags SELECT tag, 9 FROM tags WHERE object = 1",
	  NULL, "pkcs11:token=test (number 9 of token test) was changed" },
	{ "UPDATE objects SET class = 1 WHERE id = 1", "alpha", "object=alpha;" },
	{ "UPDATE objects SET private = 0 WHERE id = 2", "beta", "object=beta;" },
	{ "UPDATE objects SET mac = NULL WHERE id = 1", "alpha", "object=alpha;" },
	{ "UPDATE objects SET mac = (SELECT mac FROM objects WHERE id = 3) WHERE id = 1", "alpha",
	  "object=alpha;" },
	{ "UPDATE objects SET revision = revision + 1 WHERE id = 2", "beta", "object=beta;" },
	{ "DELETE FROM bodies WHERE id = 1", "alpha", "object=alpha;type=data (number 1 " },
	{ "DELETE FROM objects WHERE id = 2; DELETE FROM bodies WHERE id = 2;"
	  "DELETE FROM tags WHERE object = 2",
	  "beta", "object=beta;type=data (number 2 of token test) was removed" },
	{ "DELETE FROM tags WHERE object = 1", "alpha", "object=alpha;" },
	{ "UPDATE tags SET tag = tag + 1 WHERE object = 2", "beta", "object=beta;" },
	/* Back to an older state, and back from the dead. */
	{ "REPLACE INTO objects SELECT * FROM side.objects WHERE id = 3;"
	  "REPLACE INTO bodies SELECT * FROM side.bodies WHERE id = 3",
	  "gamma", "object=gamma;" },
	{ "INSERT INTO objects SELECT * FROM side.objects WHERE id = 5;"
	  "INSERT INTO bodies SELECT * FROM side.bodies WHERE id = 5",
	  "epsilon", "(number 5 of token test) was changed" },
};

static void
change_beside (const char *sql)
{
	g_autofree char *text =
		g_strdup_printf ("ATTACH '%s/side.db' AS side; %s", scratch, sql);

	change_database (text);
}

START_TEST (test_change__found_at_login)
{
	CK_ATTRIBUTE class[] = { ATTR (CKA_CLASS, class_data), ATTR (CKA_TOKEN, yes) };
	static const char *const labels[] = { "alpha", "beta", "gamma", "delta" };
	CK_ULONG n_good = 0;

	make_objects ();
	login ();
	ck_assert_str_eq (heard->str, "");
	ck_ok (p11->C_Logout (session));
	change_beside (changes[_i].sql);
	login ();
	ck_assert_msg (strstr (heard->str, changes[_i].line) != NULL, "%s", heard->str);
	if (changes[_i].label != NULL)
		ck_assert_uint_eq (count_label (changes[_i].label), 0);
	for (gsize i = 0; i < N (labels); i++)
		n_good += count_label (labels[i]);
	/* One is gone, or two that were exchanged. */
	ck_assert_uint_ge (n_good, _i == 3 ? 2 : 3);
	/* The store's own columns do not bring it back. */
	ck_assert_uint_eq (find_all (class, 2, NULL), n_good);
	/* Others are written as before. */
	(void) make_data ("new", CK_TRUE, CK_TRUE);
	ck_assert_uint_eq (count_label ("new"), 1);
}
END_TEST

static const char *const ledgers[] = {
	"DELETE FROM ledger WHERE page = 0",
	"DELETE FROM ledger WHERE page = -1",
	"DELETE FROM ledger; DELETE FROM objects; DELETE FROM bodies; DELETE FROM tags",
	"REPLACE INTO ledger SELECT * FROM side.ledger WHERE page = 0",
	"REPLACE INTO ledger SELECT * FROM side.ledger WHERE page = -1",
	/* An object with the page that lists it. */
	"REPLACE INTO ledger SELECT * FROM side.ledger WHERE page = 0;"
	"REPLACE INTO objects SELECT * FROM side.objects; REPLACE INTO bodies SELECT * FROM side.bodies",
	"UPDATE ledger SET seal = (SELECT seal FROM ledger WHERE page = -1) WHERE page = 0",
	"UPDATE ledger SET seal = CAST (substr (seal, 1, 20) AS BLOB) WHERE page = 0",
};

START_TEST (test_change__of_the_ledger)
{
	CK_ULONG n = 0;

	make_objects ();
	change_beside (ledgers[_i]);
	ck_rv (p11->C_Login (session, CKU_USER, PIN (USER_PIN)), CKR_DEVICE_ERROR);
	ck_assert_ptr_nonnull (strstr (heard->str, "The list of its objects that token test keeps was "
	                                           "changed past Craton"));
	for (const char *at = heard->str; (at = strchr (at, '\n')) != NULL; at++)
		n++;
	ck_assert_uint_eq (n, 1);
	ck_rv (p11->C_Login (session, CKU_SO, PIN (SO_PIN)), CKR_DEVICE_ERROR);
	/* A wrong PIN is still that. */
	ck_rv (p11->C_Login (session, CKU_USER, PIN ("wrong")), CKR_PIN_INCORRECT);
}
END_TEST

/* After the login: an object is looked at when it is used. */
START_TEST (test_change__during_a_login)
{
	CK_ATTRIBUTE label = { CKA_LABEL, NULL, 0 };
	CK_OBJECT_HANDLE hidden, open, good;

	login ();
	hidden = make_data ("hidden", CK_TRUE, CK_TRUE);
	open = make_data ("open", CK_TRUE, CK_FALSE);
	good = make_data ("good", CK_TRUE, CK_TRUE);
	change_database ("UPDATE objects SET revision = revision + 1, mac = NULL WHERE id = 1");
	change_database ("UPDATE objects SET revision = revision + 1 WHERE id = 2;"
	                 "UPDATE bodies SET body = " FLIP " WHERE id = 2");
	ck_rv (p11->C_GetAttributeValue (session, hidden, &label, 1), CKR_DEVICE_ERROR);
	ck_assert_ptr_nonnull (strstr (heard->str, "Object pkcs11:token=test;object=hidden;type=data "
	                                           "(number 1 of token test) is damaged"));
	ck_rv (p11->C_GetAttributeValue (session, open, &label, 1), CKR_DEVICE_ERROR);
	assert_value (good, CKA_LABEL, "good", 4);
	ck_assert_uint_eq (count_label ("good"), 1);
	ck_assert_uint_eq (count_label ("hidden"), 0);
	ck_rv (p11->C_DestroyObject (session, hidden), CKR_DEVICE_ERROR);
}
END_TEST

/* In a large store the login compares what is there with the ledger, and bodies are looked at when they are
 * used. */
START_TEST (test_change__among_many)
{
	login ();
	for (guint i = 1; i <= 520; i++) {
		g_autofree char *label = g_strdup_printf ("object %u", i);

		(void) make_data (label, CK_TRUE, i % 2 == 0);
	}
	ck_ok (p11->C_Logout (session));
	change_database ("UPDATE bodies SET body = " FLIP " WHERE id = 300;"
	                 "DELETE FROM objects WHERE id = 301; DELETE FROM bodies WHERE id = 301;");
	login ();
	ck_assert_ptr_nonnull (strstr (heard->str, "object=object%20301;type=data (number 301 of token "
	                                           "test) was removed"));
	ck_assert_uint_eq (count_label ("object 300"), 0);
	ck_assert_ptr_nonnull (strstr (heard->str, "object=object%20300;type=data (number 300 of token "
	                                           "test) is damaged"));
	ck_assert_uint_eq (count_label ("object 299"), 1);
}
END_TEST

/* What nobody has vouched for is open to everybody, what somebody has is not. */
START_TEST (test_without_login__what_may_be_written)
{
	CK_OBJECT_HANDLE own, theirs;

	login ();
	theirs = make_data ("theirs", CK_TRUE, CK_FALSE);
	ck_ok (p11->C_Logout (session));
	own = make_data ("own", CK_TRUE, CK_FALSE);
	ck_ok (set (own, CKA_APPLICATION, "x", 1));
	ck_rv (set (theirs, CKA_APPLICATION, "x", 1), CKR_USER_NOT_LOGGED_IN);
	ck_rv (p11->C_DestroyObject (session, theirs), CKR_USER_NOT_LOGGED_IN);
	ck_assert_uint_eq (count_label ("theirs"), 1);
	login ();
	/* It is somebody's from here on. */
	ck_ok (set (own, CKA_APPLICATION, "y", 1));
	ck_ok (p11->C_Logout (session));
	ck_rv (p11->C_DestroyObject (session, own), CKR_USER_NOT_LOGGED_IN);
	ck_ok (p11->C_Login (session, CKU_SO, PIN (SO_PIN)));
	ck_ok (p11->C_DestroyObject (session, own));
	ck_ok (p11->C_DestroyObject (session, theirs));
	ck_ok (p11->C_Logout (session));
	own = make_data ("own", CK_TRUE, CK_FALSE);
	ck_ok (p11->C_DestroyObject (session, own));
	login ();
	ck_assert_str_eq (heard->str, "");
}
END_TEST

/* Pages come and go: many objects, in every order. */
START_TEST (test_pages__come_and_go)
{
	CK_OBJECT_HANDLE objects[300];

	login ();
	for (guint i = 0; i < N (objects); i++)
		objects[i] = make_data ("many", CK_TRUE, i % 3 == 0);
	for (guint i = 0; i < N (objects); i++)
		if (i < 130 || i % 7 == 0)
			ck_ok (p11->C_DestroyObject (session, objects[i]));
		else if (i % 5 == 0)
			ck_ok (set (objects[i], CKA_LABEL, "other", 5));
	restart ();
	login ();
	ck_assert_str_eq (heard->str, "");
	ck_assert_uint_eq (count_label ("many") + count_label ("other"), 170 - 24);
}
END_TEST

static Suite *
ledger_suite (void)
{
	Suite *suite = suite_create ("ledger");
	TCase *tcase = tcase_create ("ledger");

	tcase_add_checked_fixture (tcase, store_setup, store_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_loop_test (tcase, test_change__found_at_login, 0, N (changes));
	tcase_add_loop_test (tcase, test_change__of_the_ledger, 0, N (ledgers));
	tcase_add_test (tcase, test_change__during_a_login);
	tcase_add_test (tcase, test_change__among_many);
	tcase_add_test (tcase, test_without_login__what_may_be_written);
	tcase_add_test (tcase, test_pages__come_and_go);
	suite_add_tcase (suite, tcase);
	return suite;
}

int
main (void)
{
	SRunner *runner = srunner_create (ledger_suite ());
	int failed;

	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
