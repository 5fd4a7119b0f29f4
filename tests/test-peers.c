/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The comparison with other tokens: the whole table is there, and nothing that has a reason for being left out is in fact there.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>

#include "mech.h"
#include "names.h"
#include "peers.h"

static gsize
count_rows (void)
{
	gsize n = 0;

	while (craton_peers_nth (n) != NULL)
		n++;
	return n;
}

/* The table has 359 rows, whatever else it is: fewer would mean that the generator lost some. */
START_TEST (test_peers__whole_table)
{
	ck_assert_uint_eq (count_rows (), 359);
}
END_TEST

START_TEST (test_peers__numbers_are_the_standards)
{
	const CratonPeersRow *row = craton_peers_nth ((gsize) _i);
	CK_ULONG value;

	ck_assert_str_ne (row->who, "");
	if (row->type == CK_UNAVAILABLE_INFORMATION || !craton_name_value (CRATON_NAME_CKM, row->name, &value))
		return;
	ck_assert_msg (value == row->type, "%s", row->name);
}
END_TEST

START_TEST (test_peers__left_out_is_not_there)
{
	const CratonPeersRow *row = craton_peers_nth ((gsize) _i);
	const CratonMech *mech = row->type != CK_UNAVAILABLE_INFORMATION ? craton_mech_row (row->type) : NULL;
	const char *reason = craton_peers_left_out (row);

	ck_assert_msg (mech == NULL || reason == NULL, "%s is there, but: %s", row->name, reason);
}
END_TEST

int
main (void)
{
	TCase *tcase = tcase_create ("peers");
	Suite *suite = suite_create ("peers");
	SRunner *runner = srunner_create (suite);
	int n = (int) count_rows (), failed;

	tcase_add_test (tcase, test_peers__whole_table);
	tcase_add_loop_test (tcase, test_peers__numbers_are_the_standards, 0, n);
	tcase_add_loop_test (tcase, test_peers__left_out_is_not_there, 0, n);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
