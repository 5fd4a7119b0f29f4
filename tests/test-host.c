/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Loading a module: which function list is taken, how C_Initialize is called, what is said when it does not work. The process
 * around it is test-serve.c's.
 */
#include "config.h"

#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib.h>

#include "host.h"

static GPtrArray *lines; /* what was logged */

static GLogWriterOutput
keep_line (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
	for (gsize i = 0; i < n_fields; i++) {
		if ((level & G_LOG_LEVEL_WARNING) && g_str_equal (fields[i].key, "MESSAGE"))
			g_ptr_array_add (lines, g_strdup (fields[i].value));
	}
	return G_LOG_WRITER_HANDLED;
}

static void
expect_line (const char *first, const char *second)
{
	ck_assert_uint_eq (lines->len, 1);
	ck_assert_msg (g_str_has_prefix (lines->pdata[0], first),
	               "\"%s\" does not begin with \"%s\"", (const char *) lines->pdata[0], first);
	ck_assert_msg (strstr (lines->pdata[0], second) != NULL, "\"%s\" lacks \"%s\"",
	               (const char *) lines->pdata[0], second);
}

/* The tests' own module, with these manners. */
static CK_RV
open_hosted (const char *manner, const char *version, const char *reserved, CratonHost *ret_host)
{
	char name[] = "hosted";
	g_autofree char *path = g_strdup (g_getenv ("CRATON_HOSTED"));
	g_autofree char *init_reserved = g_strdup (reserved);
	CratonModuleConfig module = { .name = name, .path = path, .init_reserved = init_reserved };

	ck_assert_ptr_nonnull (path);
	g_setenv ("HOSTED", manner, TRUE);
	g_setenv ("HOSTED_VERSION", version, TRUE);
	return craton_host_open (&module, ret_host);
}

static CK_RV
open_path (const char *file)
{
	char name[] = "m";
	g_autofree char *path = g_strdup (file);
	CratonModuleConfig module = { .name = name, .path = path };
	CratonHost host;

	return craton_host_open (&module, &host);
}

/* How many entries of each version's list are there, counted in pointers. */
#define POINTERS(type) \
	((sizeof (type) - G_STRUCT_OFFSET (CK_FUNCTION_LIST, C_Initialize)) / sizeof (void *))

static const struct {
	CK_BYTE major, minor;
	gsize n_pointers; /* 0: refused */
} versions[] = {
	{ 0, 0, 0 },
	{ 1, 0, 0 },
	{ 2, 0, POINTERS (CK_FUNCTION_LIST) - 1 },
	{ 2, 1, POINTERS (CK_FUNCTION_LIST) },
	{ 2, 10, POINTERS (CK_FUNCTION_LIST) },
	{ 2, 40, POINTERS (CK_FUNCTION_LIST) },
	{ 3, 0, POINTERS (CK_FUNCTION_LIST_3_0) },
	{ 3, 1, POINTERS (CK_FUNCTION_LIST_3_0) },
	{ 3, 2, POINTERS (CK_FUNCTION_LIST_3_2) },
	{ 3, 9, POINTERS (CK_FUNCTION_LIST_3_2) },
	{ 4, 0, 0 },
	{ 255, 255, 0 },
};

/* The list ends where the readable memory ends. */
START_TEST (test_copy_functions__version)
{
	gsize first = G_STRUCT_OFFSET (CK_FUNCTION_LIST, C_Initialize);
	gsize len = first +
	            (versions[_i].n_pointers != 0 ? versions[_i].n_pointers : 1) * sizeof (void *);
	gsize page = (gsize) sysconf (_SC_PAGESIZE);
	char *pages =
		mmap (NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	char *list = pages + page - len;
	CK_FUNCTION_LIST_3_2 functions;
	const char *copy = (const char *) &functions;

	ck_assert_ptr_ne (pages, MAP_FAILED);
	ck_assert_int_eq (mprotect (pages + page, page, PROT_NONE), 0);
	memset (list, 0xaa, len);
	list[0] = (char) versions[_i].major;
	list[1] = (char) versions[_i].minor;
	memset (&functions, 0x55, sizeof (functions));
	ck_assert_int_eq (craton_host_copy_functions (list, &functions),
	                  versions[_i].n_pointers != 0);
	if (versions[_i].n_pointers == 0)
		return;
	ck_assert_mem_eq (copy, list, len);
	for (gsize i = len; i < sizeof (functions); i++)
		ck_assert_int_eq (copy[i], 0);
}
END_TEST

static const char *const lists[] = { "2.1", "2.40", "3.0", "3.1", "3.2" };

START_TEST (test_open__each_version)
{
	CratonHost host;
	CK_SLOT_ID slot = 0;
	CK_ULONG count = 1;
	g_autofree char *version = NULL;

	ck_assert_uint_eq (open_hosted ("", lists[_i], NULL, &host), CKR_OK);
	version = g_strdup_printf ("%u.%u", host.functions.version.major,
	                           host.functions.version.minor);
	ck_assert_str_eq (version, lists[_i]);
	ck_assert (!host.serialise);
	ck_assert_uint_eq (host.functions.C_GetSlotList (CK_TRUE, &slot, &count), CKR_OK);
	ck_assert_uint_eq (slot, 42);
	ck_assert_ptr_null (host.functions.C_EncapsulateKey);
	ck_assert_uint_eq (lines->len, 0);
}
END_TEST

START_TEST (test_open__init_reserved)
{
	CratonHost host;
	CK_TOKEN_INFO info;

	ck_assert_uint_eq (open_hosted ("", "2.40", "configdir='sql:/x'", &host), CKR_OK);
	ck_assert_uint_eq (host.functions.C_GetTokenInfo (42, &info), CKR_OK);
	ck_assert_mem_eq (info.label, "configdir='sql:/x'   ", 21);
}
END_TEST

/* A module that cannot lock gets one call at a time, and keeps its reserved string. */
START_TEST (test_open__cannot_lock)
{
	CratonHost host;
	CK_TOKEN_INFO info;

	ck_assert_uint_eq (open_hosted ("cannot-lock", "2.40", "text", &host), CKR_OK);
	ck_assert (host.serialise);
	ck_assert_uint_eq (host.functions.C_GetTokenInfo (42, &info), CKR_OK);
	ck_assert_mem_eq (info.label, "text ", 5);
}
END_TEST

START_TEST (test_open__takes_no_argument)
{
	CratonHost host;

	ck_assert_uint_eq (open_hosted ("no-argument", "2.40", NULL, &host), CKR_OK);
	ck_assert (host.serialise);
	/* Without its reserved string it would be another token: not tried. */
	ck_assert_uint_eq (open_hosted ("no-argument", "2.40", "text", &host), CKR_ARGUMENTS_BAD);
	expect_line ("module hosted: ", "CKR_ARGUMENTS_BAD");
}
END_TEST

START_TEST (test_open__initialised_already)
{
	CratonHost host;

	ck_assert_uint_eq (open_hosted ("initialised", "2.40", NULL, &host), CKR_OK);
}
END_TEST

static const struct {
	const char *manner, *version;
	CK_RV rv;
	const char *said;
} refusals[] = {
	{ "refuse", "2.40", CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY" },
	{ "no-list", "2.40", CKR_TOKEN_NOT_PRESENT, "C_GetFunctionList" },
	{ "no-initialize", "2.40", CKR_TOKEN_NOT_PRESENT, "no C_Initialize" },
	{ "", "1.0", CKR_TOKEN_NOT_PRESENT, "version" },
	{ "", "4.0", CKR_TOKEN_NOT_PRESENT, "version" },
};

START_TEST (test_open__refused)
{
	CratonHost host = { .serialise = 7 };

	ck_assert_uint_eq (open_hosted (refusals[_i].manner, refusals[_i].version, NULL, &host),
	                   refusals[_i].rv);
	expect_line ("module hosted: ", refusals[_i].said);
	ck_assert_int_eq (host.serialise, 7);
}
END_TEST

START_TEST (test_open__no_such_file)
{
	ck_assert_uint_eq (open_path ("/nowhere/module.so"), CKR_TOKEN_NOT_PRESENT);
	expect_line ("module m: /nowhere/module.so ", "path=");
}
END_TEST

START_TEST (test_open__no_library)
{
	ck_assert_uint_eq (open_path ("/etc/passwd"), CKR_TOKEN_NOT_PRESENT);
	expect_line ("module m: /etc/passwd ", "path=");
}
END_TEST

/* A library that is no module: the C library. */
START_TEST (test_open__no_module)
{
	Dl_info info;

	ck_assert_int_ne (dladdr ((void *) &strtoul, &info), 0);
	/* By its full name, whatever the linker calls it. */
	ck_assert_ptr_nonnull (strchr (info.dli_fname, '/'));
	ck_assert_uint_eq (open_path (info.dli_fname), CKR_TOKEN_NOT_PRESENT);
	expect_line ("module m: ", "neither C_GetInterface nor C_GetFunctionList");
}
END_TEST

/* A bare name is p11-kit's, not the linker's: libc.so.6 is not found. */
START_TEST (test_open__bare_name)
{
	ck_assert_uint_eq (open_path ("libc.so.6"), CKR_TOKEN_NOT_PRESENT);
	expect_line ("module m: /", "/libc.so.6 cannot be loaded");
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("host");
	TCase *tcase = tcase_create ("open");
	SRunner *runner;
	int n_failed;

	lines = g_ptr_array_new ();
	g_log_set_writer_func (keep_line, NULL, NULL);
	tcase_add_loop_test (tcase, test_copy_functions__version, 0, (int) G_N_ELEMENTS (versions));
	tcase_add_loop_test (tcase, test_open__each_version, 0, (int) G_N_ELEMENTS (lists));
	tcase_add_test (tcase, test_open__init_reserved);
	tcase_add_test (tcase, test_open__cannot_lock);
	tcase_add_test (tcase, test_open__takes_no_argument);
	tcase_add_test (tcase, test_open__initialised_already);
	tcase_add_loop_test (tcase, test_open__refused, 0, (int) G_N_ELEMENTS (refusals));
	tcase_add_test (tcase, test_open__no_such_file);
	tcase_add_test (tcase, test_open__no_library);
	tcase_add_test (tcase, test_open__no_module);
	tcase_add_test (tcase, test_open__bare_name);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
