/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of craton.conf for the sandbox and the policy, read as craton-backend reads them.
 */
#include "config.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "configuration.h"
#include "plan.h"

static char *root;
static guint n_lines;

static GLogWriterOutput
count_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	n_lines += (level & G_LOG_LEVEL_WARNING) != 0;
	return G_LOG_WRITER_HANDLED;
}

static void
setup (void)
{
	root = g_dir_make_tmp ("craton-test-rules-XXXXXX", NULL);
	ck_assert_ptr_nonnull (root);
	g_setenv ("HOME", root, TRUE);
	g_log_set_writer_func (count_line, NULL, NULL);
	n_lines = 0;
}

static void
teardown (void)
{
	char *arguments[] = { (char *) "rm", (char *) "-rf", (char *) "--", root, NULL };

	ck_assert (g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
	                         NULL, NULL));
	g_free (root);
}

static CratonConfig *
load (const char *text, const char *only_module)
{
	g_autofree char *file = g_build_filename (root, "craton.conf", NULL);

	ck_assert (g_file_set_contents (file, text, -1, NULL));
	g_setenv ("CRATON_CONFIG", file, TRUE);
	return craton_config_load (root, only_module);
}

static const struct {
	const char *line;
	gboolean good;
} module_lines[] = {
	{ "sandbox=on", TRUE },
	{ "sandbox=off", TRUE },
	{ "sandbox=required", TRUE },
	{ "sandbox=maybe", FALSE },
	{ "sandbox=", FALSE },
	{ "sandbox=on;off", FALSE },
	{ "network=no", TRUE },
	{ "network=local", TRUE },
	{ "network=yes", TRUE },
	{ "network=1", FALSE },
	{ "read-paths=/a", TRUE },
	{ "read-paths=/a; ~/b ;/c", TRUE },
	{ "read-paths=a", FALSE },
	{ "write-paths=/a;b", FALSE },
	{ "write-paths=", TRUE },
};

START_TEST (test_rules__of_module)
{
	g_autofree char *text =
		g_strdup_printf ("[module m]\npath=m.so\n%s\n", module_lines[_i].line);
	g_autoptr (CratonConfig) config = load (text, NULL);

	ck_assert_uint_eq (config->modules->len, module_lines[_i].good);
	ck_assert_uint_eq (n_lines, !module_lines[_i].good);
}
END_TEST

/* Tokens have one sandbox together: its keys are not theirs. */
START_TEST (test_rules__not_of_token)
{
	g_autofree char *text = g_strdup_printf ("[token t]\n%s\n", module_lines[_i].line);
	g_autoptr (CratonConfig) config = load (text, NULL);

	ck_assert_uint_eq (config->tokens->len, 0);
	ck_assert_uint_eq (n_lines, 1);
}
END_TEST

START_TEST (test_plan__of_module)
{
	g_autofree char *home_path = g_build_filename (root, "b", NULL);
	g_autoptr (CratonConfig) config =
		load ("[craton]\nsandbox=required\n[module m]\npath=/lib/m/m.so\n"
	              "environment=A=/etc/m;B=text\nread-paths=/a;~/b\nwrite-paths=/c\nnetwork=local\n"
	              "[module off]\npath=o.so\nsandbox=off\n",
	              "m");
	g_autoptr (CratonSandboxPlan) plan = craton_plan_new (config, TRUE, TRUE);

	ck_assert_int_eq (plan->mode, CRATON_SANDBOX_REQUIRED);
	ck_assert_int_eq (plan->profile, CRATON_SANDBOX_LOCAL);
	ck_assert_uint_eq (plan->reads->len, 4);
	ck_assert_str_eq (plan->reads->pdata[0], "/lib/m");
	ck_assert_str_eq (plan->reads->pdata[1], "/etc/m");
	ck_assert_str_eq (plan->reads->pdata[2], "/a");
	ck_assert_str_eq (plan->reads->pdata[3], home_path);
	ck_assert_uint_eq (plan->writes->len, 1);
	ck_assert_str_eq (plan->writes->pdata[0], "/c");
}
END_TEST

START_TEST (test_plan__module_overrides)
{
	g_autoptr (CratonConfig) config = load (
		"[craton]\nsandbox=required\n[module m]\npath=m.so\nsandbox=off\n", "m");
	g_autoptr (CratonSandboxPlan) plan = craton_plan_new (config, TRUE, TRUE);

	ck_assert_int_eq (plan->mode, CRATON_SANDBOX_OFF);
	ck_assert_int_eq (plan->profile, CRATON_SANDBOX_MODULE);
	ck_assert_str_eq (plan->reads->pdata[0], P11_MODULE_PATH);
}
END_TEST

/* The folder is made for a process, and not for an explanation. */
START_TEST (test_plan__of_tokens)
{
	g_autofree char *store = g_build_filename (root, "deep/store", NULL);
	g_autofree char *text = g_strdup_printf ("[token t]\nstore=%s\n", store);
	g_autoptr (CratonConfig) config = load (text, NULL);
	g_autoptr (CratonSandboxPlan) shown = craton_plan_new (config, FALSE, FALSE);
	g_autoptr (CratonSandboxPlan) used = NULL;

	ck_assert (!g_file_test (store, G_FILE_TEST_EXISTS));
	used = craton_plan_new (config, FALSE, TRUE);
	ck_assert (g_file_test (store, G_FILE_TEST_IS_DIR));
	ck_assert_int_eq (used->profile, CRATON_SANDBOX_TOKEN);
	ck_assert_uint_eq (used->writes->len, 1);
	ck_assert_str_eq (used->writes->pdata[0], store);
	ck_assert_uint_eq (used->reads->len, 0);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("rules");
	TCase *tcase = tcase_create ("rules");
	SRunner *runner = srunner_create (suite);
	int n_failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_add_loop_test (tcase, test_rules__of_module, 0, (int) G_N_ELEMENTS (module_lines));
	tcase_add_loop_test (tcase, test_rules__not_of_token, 0, (int) G_N_ELEMENTS (module_lines));
	tcase_add_test (tcase, test_plan__of_module);
	tcase_add_test (tcase, test_plan__module_overrides);
	tcase_add_test (tcase, test_plan__of_tokens);
	suite_add_tcase (suite, tcase);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
