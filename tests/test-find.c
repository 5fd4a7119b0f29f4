/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Searching: what templates find, with the index and without, and in which states.
 */
#include "config.h"

#include "token-process.h"

static void
setup (void)
{
	scratch_setup ();
	make_token ();
	login ();
}

START_TEST (test_find__templates)
{
	CK_OBJECT_HANDLE data = make_data ("one", CK_TRUE, CK_FALSE),
			 hidden = make_data ("two", CK_TRUE, CK_TRUE),
			 loose = make_data ("one", CK_FALSE, CK_FALSE),
			 key = make_aes (CK_FALSE, CK_TRUE, CK_TRUE),
			 sensitive = make_aes (CK_TRUE, CK_TRUE, CK_TRUE), found = 0;
	CK_ATTRIBUTE label[] = { { CKA_LABEL, (void *) "one", 3 }, ATTR (CKA_TOKEN, yes) };
	CK_ATTRIBUTE value[] = { ATTR (CKA_VALUE, key16) };
	CK_ATTRIBUTE class[] = { ATTR (CKA_CLASS, class_data), ATTR (CKA_TOKEN, yes) };
	CK_ATTRIBUTE contradiction[] = { ATTR (CKA_CLASS, class_data),
		                         ATTR (CKA_CLASS, class_secret) };
	CK_ATTRIBUTE unknown[] = { { CKA_VENDOR_DEFINED | 1, (void *) "x", 1 } };
	CK_ATTRIBUTE half[] = { { CKA_CLASS, NULL, sizeof class_data } };

	ck_assert_uint_eq (find_all (NULL, 0, NULL), 5);
	ck_assert_uint_eq (find_all (label, 1, NULL), 2);
	ck_assert_uint_eq (find_all (label, 2, &found), 1);
	ck_assert_uint_eq (found, data);
	label[1].pValue = (void *) &no;
	ck_assert_uint_eq (find_all (label, 2, &found), 1);
	ck_assert_uint_eq (found, loose);
	ck_assert_uint_eq (find_all (class, 1, NULL), 3);
	ck_assert_uint_eq (find_all (class, 2, NULL), 2);
	ck_assert_uint_eq (find_all (contradiction, 2, NULL), 0);
	ck_assert_uint_eq (find_all (unknown, 1, NULL), 0);
	ck_assert_uint_eq (find_all (half, 1, NULL), 0);
	/* A value that may not be read is not to be guessed either. */
	ck_assert_uint_eq (find_all (value, 1, &found), 1);
	ck_assert_uint_eq (found, key);
	ck_assert_uint_ne (found, sensitive);
	ck_assert_uint_eq (find_label ("two"), hidden);

	ck_ok (p11->C_Logout (session));
	ck_assert_uint_eq (count_label ("two"), 0);
	ck_assert_uint_eq (find_all (class, 2, NULL), 1);
	ck_assert_uint_eq (find_all (NULL, 0, NULL), 2);
}
END_TEST

START_TEST (test_find__states)
{
	CK_OBJECT_HANDLE objects[3], first = make_data ("x", CK_FALSE, CK_FALSE),
				     second = make_data ("x", CK_TRUE, CK_FALSE);
	CK_ATTRIBUTE template[] = { { CKA_LABEL, (void *) "x", 1 } };
	CK_ULONG n = 9;

	ck_rv (p11->C_FindObjects (session, objects, 1, &n), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_FindObjectsFinal (session), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_FindObjectsInit (session, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_ok (p11->C_FindObjectsInit (session, template, 1));
	ck_rv (p11->C_FindObjectsInit (session, template, 1), CKR_OPERATION_ACTIVE);
	ck_rv (p11->C_FindObjects (session, NULL, 1, &n), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_FindObjects (session, objects, 1, NULL), CKR_ARGUMENTS_BAD);
	/* What comes and goes now does not disturb the search. */
	(void) make_data ("x", CK_TRUE, CK_FALSE);
	ck_ok (p11->C_DestroyObject (session, first));
	ck_ok (p11->C_FindObjects (session, objects, 3, &n));
	ck_assert_uint_eq (n, 1);
	ck_assert_uint_eq (objects[0], second);
	ck_ok (p11->C_FindObjects (session, objects, 3, &n));
	ck_assert_uint_eq (n, 0);
	ck_ok (p11->C_FindObjectsFinal (session));
	ck_assert_uint_eq (find_all (template, 1, NULL), 2);
}
END_TEST

/* Every object is found by what it was given, through the index and without, before and after a
 * change. */
START_TEST (test_find__among_many)
{
	enum {
		MANY = 400
	};
	CK_OBJECT_HANDLE objects[MANY], found;

	for (guint i = 0; i < MANY; i++) {
		g_autofree char *label = g_strdup_printf ("object %u", i);

		objects[i] = make_data (label, i % 2 == 0, i % 3 == 0);
	}
	ck_assert_uint_eq (find_all (NULL, 0, NULL), MANY);
	for (guint i = 0; i < MANY; i++) {
		g_autofree char *label = g_strdup_printf ("object %u", i);
		CK_ATTRIBUTE by_value[] = { { CKA_VALUE, label, strlen (label) } };

		ck_assert_uint_eq (find_label (label), objects[i]);
		if (i % 50 != 0)
			continue;
		ck_assert_uint_eq (find_all (by_value, 1, &found), 1);
		ck_assert_uint_eq (found, objects[i]);
		ck_ok (set (objects[i], CKA_LABEL, "changed", 7));
		ck_assert_uint_eq (count_label (label), 0);
	}
	ck_assert_uint_eq (count_label ("changed"), MANY / 50);
}
END_TEST

/* A key that is not private is seen without a login; what is sealed of it comes with one. */
START_TEST (test_find__sealed_value_without_login)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		                    ATTR (CKA_VALUE, key16),        ATTR (CKA_PRIVATE, no),
		                    ATTR (CKA_EXTRACTABLE, yes),    ATTR (CKA_TOKEN, yes),
		                    { CKA_LABEL, (void *) "k", 1 } };
	CK_MECHANISM ecb = { CKM_AES_ECB, NULL, 0 };
	CK_OBJECT_HANDLE object = CREATE (template);

	assert_value (object, CKA_VALUE, key16, sizeof key16);
	ck_ok (p11->C_Logout (session));
	ck_assert_uint_eq (find_label ("k"), object);
	assert_bool (object, CKA_ENCRYPT, CK_TRUE);
	ck_rv (p11->C_GetAttributeValue (session, object, template + 2, 1),
	       CKR_ATTRIBUTE_SENSITIVE);
	ck_rv (p11->C_EncryptInit (session, &ecb, object), CKR_USER_NOT_LOGGED_IN);
	ck_rv (set (object, CKA_LABEL, "l", 1), CKR_USER_NOT_LOGGED_IN);
	template[2] = (CK_ATTRIBUTE) ATTR (CKA_VALUE, key16);
	ck_rv (p11->C_CreateObject (session, template, N (template), &object),
	       CKR_USER_NOT_LOGGED_IN);
	login ();
	assert_value (object, CKA_VALUE, key16, sizeof key16);
	ck_ok (p11->C_EncryptInit (session, &ecb, object));
}
END_TEST

static Suite *
find_suite (void)
{
	Suite *suite = suite_create ("find");
	TCase *tcase = tcase_create ("find");

	tcase_add_checked_fixture (tcase, setup, scratch_teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_find__templates);
	tcase_add_test (tcase, test_find__states);
	tcase_add_test (tcase, test_find__among_many);
	tcase_add_test (tcase, test_find__sealed_value_without_login);
	suite_add_tcase (suite, tcase);
	return suite;
}

int
main (void)
{
	SRunner *runner = srunner_create (find_suite ());
	int failed;

	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
