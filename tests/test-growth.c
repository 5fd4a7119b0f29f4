/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a search costs as the token grows, counted and not timed: the steps of SQLite's virtual machine, in which a look at an object or at
 * an entry of the index is several. Both in the process that made the objects and in a new one, whose first search it is.
 */
#include "config.h"

#include "token-process.h"

#include <sqlite3.h>

enum {
	FEW = 8,
	MANY = 800,
	/* A step that comes of the order of two tags, one of which has a random key: a look is several. */
	CHANCE = 1
};

static guint64 steps;

static int
count_steps (unsigned type, void *context, void *statement, void *time)
{
	(void) type;
	(void) context;
	(void) time;
	steps += (guint64) sqlite3_stmt_status (statement, SQLITE_STMTSTATUS_VM_STEP, 1);
	return 0;
}

/* Each database that is opened from here on counts. */
static int
watch (sqlite3 *db, const char **error, const struct sqlite3_api_routines *api)
{
	(void) error;
	(void) api;
	return sqlite3_trace_v2 (db, SQLITE_TRACE_PROFILE, count_steps, NULL);
}

static void
setup (void)
{
	scratch_setup ();
	ck_assert_int_eq (sqlite3_auto_extension ((void (*) (void)) watch), SQLITE_OK);
	make_token ();
	login ();
}

static void
make_object (guint i)
{
	static const CK_BBOOL privacy[] = { CK_TRUE, CK_FALSE };
	g_autofree char *label = g_strdup_printf ("object %u", i);
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		ATTR (CKA_VALUE, key16),        { CKA_PRIVATE, (void *) &privacy[i % 2], 1 },
		ATTR (CKA_TOKEN, yes),          { CKA_LABEL, label, strlen (label) },
		{ CKA_ID, &i, sizeof i },
	};

	(void) CREATE (template);
}

/* The steps of each kind of search. */
typedef struct {
	guint64 id, label, id_and_class, nothing, class, everything;
} Costs;

static guint64
cost (CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ULONG n_expected)
{
	steps = 0;
	ck_assert_uint_eq (find_all (template, n_attrs, NULL), n_expected);
	return steps;
}

static Costs
measure (guint n)
{
	guint number = n / 2, missing = n;
	g_autofree char *label = g_strdup_printf ("object %u", number + 1);
	CK_ATTRIBUTE by_id[] = { ATTR (CKA_ID, number), ATTR (CKA_CLASS, class_secret) },
		     by_label = { CKA_LABEL, label, strlen (label) }, by_missing = ATTR (CKA_ID, missing);
	Costs costs;

	costs.id = cost (by_id, 1, 1);
	costs.label = cost (&by_label, 1, 1);
	costs.id_and_class = cost (by_id, 2, 1);
	costs.nothing = cost (&by_missing, 1, 0);
	costs.class = cost (&by_id[1], 1, n);
	costs.everything = cost (NULL, 0, n);
	return costs;
}

static void
compare (const Costs *few, const Costs *many)
{
	/* What lists all objects looks at each: it is counted. */
	ck_assert_uint_ge (few->everything, FEW);
	ck_assert_uint_ge (many->everything, MANY);
	ck_assert_uint_ge (many->class, MANY);
	ck_assert_uint_gt (few->id, 0);
	/* What names one does not: not one look more. */
	ck_assert_uint_le (many->id, few->id + CHANCE);
	ck_assert_uint_le (many->label, few->label + CHANCE);
	ck_assert_uint_le (many->id_and_class, few->id_and_class + CHANCE);
	ck_assert_uint_le (many->nothing, few->nothing + CHANCE);
}

START_TEST (test_growth__searches)
{
	Costs few, many, few_anew, many_anew;

	for (guint i = 0; i < FEW; i++)
		make_object (i);
	few = measure (FEW);
	restart ();
	login ();
	few_anew = measure (FEW);
	for (guint i = FEW; i < MANY; i++)
		make_object (i);
	many = measure (MANY);
	restart ();
	login ();
	many_anew = measure (MANY);
	compare (&few, &many);
	compare (&few_anew, &many_anew);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("growth");
	TCase *tcase = tcase_create ("growth");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture (tcase, setup, scratch_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_growth__searches);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
