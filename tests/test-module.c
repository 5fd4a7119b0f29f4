/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton-pkcs11.so as an application finds it: what it exports, its function lists and interfaces,
 * and C_Initialize.
 */
#include "config.h"

#include <pthread.h>

#include "guest.h"

/* The symbols that nm lists for the library in the environment variable @library, sorted, each
 * with a space behind it. */
static void
list_symbols (const char *library, char *ret_names, size_t len)
{
	char command[PATH_MAX + 64], line[512];
	FILE *nm;

	ck_assert_ptr_nonnull (getenv (library));
	(void) snprintf (command, sizeof command,
	                 "nm -D --defined-only --with-symbol-versions '%s' | LC_ALL=C sort -k 3",
	                 getenv (library));
	nm = popen (command, "r");
	ck_assert_ptr_nonnull (nm);
	ret_names[0] = '\0';
	while (fgets (line, sizeof line, nm) != NULL) {
		char type, name[256];

		ck_assert_int_eq (sscanf (line, "%*s %c %255s", &type, name), 2);
		/* The absolute ones are the names of version nodes. */
		if (type == 'A')
			continue;
		ck_assert_uint_lt (strlen (ret_names) + strlen (name) + 2, len);
		strcat (strcat (ret_names, name), " ");
	}
	ck_assert_int_eq (pclose (nm), 0);
}

START_TEST (test_exports__module)
{
	char names[8192];

	list_symbols ("CRATON_MODULE", names, sizeof names);
	ck_assert_str_eq (names, "C_GetFunctionList C_GetInterface C_GetInterfaceList ");
}
END_TEST

START_TEST (test_exports__library)
{
	char names[8192];

	list_symbols ("CRATON_LIBRARY", names, sizeof names);
	ck_assert_str_eq (
		names,
		"craton_call@@CRATON_PRIVATE craton_check_fork@@CRATON_0 craton_check_fork_since@@CRATON_0 "
		"craton_fork_mark@@CRATON_0 craton_instance_check_fork@@CRATON_0 "
		"craton_instance_free@@CRATON_0 craton_instance_new@@CRATON_0 ");
}
END_TEST

typedef CK_RV (*GetInterface) (CK_UTF8CHAR_PTR, CK_VERSION_PTR, CK_INTERFACE_PTR_PTR, CK_FLAGS);
typedef CK_RV (*GetInterfaceList) (CK_INTERFACE_PTR, CK_ULONG_PTR);
typedef CK_RV (*GetFunctionList) (CK_FUNCTION_LIST_PTR_PTR);

static void *
symbol (const char *name)
{
	void *found = dlsym (guest_library, name);

	ck_assert_msg (found != NULL, "%s", name);
	return found;
}

/* How many of the functions a list of this version has. */
static size_t
list_len (const CK_VERSION *version)
{
	return version->major == 2   ? sizeof (CK_FUNCTION_LIST)
	       : version->minor == 0 ? sizeof (CK_FUNCTION_LIST_3_0)
	                             : sizeof (CK_FUNCTION_LIST_3_2);
}

/* All lists have the same functions, and none is missing. */
static void
expect_list (const void *list, CK_BYTE major, CK_BYTE minor)
{
	const CK_VERSION *version = list;

	ck_assert_uint_eq (version->major, major);
	ck_assert_uint_eq (version->minor, minor);
	for (int id = 0; id < CRATON_CALLS; id++) {
		void *function, *newest;

		if (craton_calls[id].offset >= list_len (version))
			continue;
		memcpy (&function, (const char *) list + craton_calls[id].offset, sizeof function);
		memcpy (&newest, (const char *) guest_p11 + craton_calls[id].offset, sizeof newest);
		ck_assert_msg (function != NULL, "%s", craton_calls[id].name);
		ck_assert_msg (function == newest, "%s", craton_calls[id].name);
	}
}

START_TEST (test_interface__list)
{
	GetInterfaceList get_list;
	CK_INTERFACE interfaces[8];
	CK_ULONG count = 77;

	guest_load ();
	*(void **) &get_list = symbol ("C_GetInterfaceList");
	ck_assert_uint_eq (get_list (NULL, NULL), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (get_list (interfaces, NULL), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (get_list (NULL, &count), CKR_OK);
	ck_assert_uint_eq (count, 3);
	for (CK_ULONG room = 0; room < 3; room++) {
		count = room;
		memset (interfaces, 0x55, sizeof interfaces);
		ck_assert_uint_eq (get_list (interfaces, &count), CKR_BUFFER_TOO_SMALL);
		ck_assert_uint_eq (count, 3);
		ck_assert_uint_eq (interfaces[0].flags, 0x5555555555555555);
	}
	count = 8;
	ck_assert_uint_eq (get_list (interfaces, &count), CKR_OK);
	ck_assert_uint_eq (count, 3);
	expect_list (interfaces[0].pFunctionList, 3, 2);
	expect_list (interfaces[1].pFunctionList, 3, 0);
	expect_list (interfaces[2].pFunctionList, 2, 40);
	for (int i = 0; i < 3; i++) {
		ck_assert_str_eq ((const char *) interfaces[i].pInterfaceName, "PKCS 11");
		ck_assert_uint_eq (interfaces[i].flags, 0);
	}
	ck_assert_uint_eq (interfaces[3].flags, 0x5555555555555555);
}
END_TEST

static const struct {
	const char *name;
	CK_VERSION version; /* 0.0: none asked for */
	CK_FLAGS flags;
	CK_RV rv;
	CK_VERSION gets;
} requests[] = {
	{ NULL, { 0, 0 }, 0, CKR_OK, { 3, 2 } },
	{ "PKCS 11", { 0, 0 }, 0, CKR_OK, { 3, 2 } },
	{ "PKCS 11", { 3, 2 }, 0, CKR_OK, { 3, 2 } },
	{ NULL, { 3, 0 }, 0, CKR_OK, { 3, 0 } },
	{ "PKCS 11", { 2, 40 }, 0, CKR_OK, { 2, 40 } },
	{ "PKCS 11", { 3, 1 }, 0, CKR_FUNCTION_FAILED, { 0, 0 } },
	{ "PKCS 11", { 2, 20 }, 0, CKR_FUNCTION_FAILED, { 0, 0 } },
	{ NULL, { 4, 0 }, 0, CKR_FUNCTION_FAILED, { 0, 0 } },
	{ "PKCS 12", { 0, 0 }, 0, CKR_FUNCTION_FAILED, { 0, 0 } },
	{ "PKCS 11 ", { 0, 0 }, 0, CKR_FUNCTION_FAILED, { 0, 0 } },
	{ "", { 3, 2 }, 0, CKR_FUNCTION_FAILED, { 0, 0 } },
	/* An interface that survives a fork is not to be had by asking for less. */
	{ NULL, { 0, 0 }, CKF_INTERFACE_FORK_SAFE, CKR_FUNCTION_FAILED, { 0, 0 } },
	{ "PKCS 11", { 3, 2 }, 1ul << 63, CKR_FUNCTION_FAILED, { 0, 0 } },
};

START_TEST (test_interface__request)
{
	CK_VERSION version = requests[_i].version;
	CK_INTERFACE *interface = NULL;
	GetInterface get;
	CK_RV rv;

	guest_load ();
	*(void **) &get = symbol ("C_GetInterface");
	rv = get ((CK_UTF8CHAR_PTR) requests[_i].name, version.major != 0 ? &version : NULL,
	          &interface, requests[_i].flags);
	ck_assert_uint_eq (rv, requests[_i].rv);
	if (rv == CKR_OK)
		expect_list (interface->pFunctionList, requests[_i].gets.major,
		             requests[_i].gets.minor);
	else
		ck_assert_ptr_null (interface);
	ck_assert_uint_eq (get (NULL, NULL, NULL, 0), CKR_ARGUMENTS_BAD);
}
END_TEST

/* The functions in the list are the exported ones. */
START_TEST (test_function_list__entry_points)
{
	CK_FUNCTION_LIST *list = NULL;
	GetFunctionList get;

	guest_load ();
	*(void **) &get = symbol ("C_GetFunctionList");
	ck_assert_uint_eq (get (NULL), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (get (&list), CKR_OK);
	expect_list (list, 2, 40);
	ck_assert (list->C_GetFunctionList == get);
	ck_assert (guest_p11->C_GetFunctionList == get);
	ck_assert (*(void **) &guest_p11->C_GetInterface == symbol ("C_GetInterface"));
	ck_assert (*(void **) &guest_p11->C_GetInterfaceList == symbol ("C_GetInterfaceList"));
}
END_TEST

START_TEST (test_initialize__not_yet)
{
	guest_load ();
	ck_assert_str_eq (guest_first_ready () == CRATON_CALLS
	                          ? "none"
	                          : craton_calls[guest_first_ready ()].name,
	                  "none");
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	ck_assert_uint_eq (guest_p11->C_Finalize (guest_p11), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_str_eq (guest_first_ready () == CRATON_CALLS
	                          ? "none"
	                          : craton_calls[guest_first_ready ()].name,
	                  "none");
}
END_TEST

/* A library that asks for a token only later starts no process for it. */
START_TEST (test_initialize__starts_nothing)
{
	CK_INFO info;
	CK_ULONG n;

	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_int_eq (guest_count (), 0);
	ck_assert_uint_eq (guest_p11->C_GetInfo (&info), CKR_OK);
	ck_assert_uint_eq (info.cryptokiVersion.major, 3);
	ck_assert_uint_eq (info.cryptokiVersion.minor, 2);
	ck_assert_uint_eq (info.flags, 0);
	ck_assert_mem_eq (info.manufacturerID, "Craton                          ", 32);
	ck_assert_uint_eq (guest_p11->C_GetInfo (NULL), CKR_ARGUMENTS_BAD);
	ck_assert_int_eq (guest_count (), 0);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_OK);
	ck_assert_int_eq (guest_count (), 1);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert (guest_comes_to (0));
}
END_TEST

/* And without any use C_Finalize is all there is. */
START_TEST (test_initialize__again_and_again)
{
	guest_load ();
	for (int i = 0; i < 1000; i++) {
		ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
		ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	}
	ck_assert_int_eq (guest_count (), 0);
}
END_TEST

static CK_RV
create_mutex (CK_VOID_PTR_PTR mutex)
{
	(void) mutex;
	ck_abort_msg ("no lock of the application's is needed");
	return CKR_GENERAL_ERROR;
}

static CK_RV
use_mutex (CK_VOID_PTR mutex)
{
	(void) mutex;
	ck_abort_msg ("no lock of the application's is needed");
	return CKR_GENERAL_ERROR;
}

/* PKCS#11 3.2, C_Initialize. */
static const struct {
	unsigned int callbacks; /* a bit each: create, destroy, lock, unlock */
	CK_FLAGS flags;
	bool reserved;
	CK_RV rv;
} arguments[] = {
	{ 0, 0, false, CKR_OK },
	{ 0, CKF_OS_LOCKING_OK, false, CKR_OK },
	{ 0, CKF_LIBRARY_CANT_CREATE_OS_THREADS, false, CKR_OK },
	{ 0, CKF_OS_LOCKING_OK | CKF_LIBRARY_CANT_CREATE_OS_THREADS, false, CKR_OK },
	{ 15, CKF_OS_LOCKING_OK, false, CKR_OK },
	{ 15, 0, false, CKR_CANT_LOCK },
	{ 1, CKF_OS_LOCKING_OK, false, CKR_ARGUMENTS_BAD },
	{ 2, 0, false, CKR_ARGUMENTS_BAD },
	{ 4, 0, false, CKR_ARGUMENTS_BAD },
	{ 8, CKF_OS_LOCKING_OK, false, CKR_ARGUMENTS_BAD },
	{ 7, CKF_OS_LOCKING_OK, false, CKR_ARGUMENTS_BAD },
	{ 14, 0, false, CKR_ARGUMENTS_BAD },
	{ 0, CKF_OS_LOCKING_OK, true, CKR_ARGUMENTS_BAD },
	{ 15, CKF_OS_LOCKING_OK, true, CKR_ARGUMENTS_BAD },
};

START_TEST (test_initialize__arguments)
{
	unsigned int callbacks = arguments[_i].callbacks;
	CK_C_INITIALIZE_ARGS args = {
		.CreateMutex = callbacks & 1 ? create_mutex : NULL,
		.DestroyMutex = callbacks & 2 ? use_mutex : NULL,
		.LockMutex = callbacks & 4 ? use_mutex : NULL,
		.UnlockMutex = callbacks & 8 ? use_mutex : NULL,
		.flags = arguments[_i].flags,
		.pReserved = arguments[_i].reserved ? &args : NULL,
	};
	CK_ULONG n;

	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (&args), arguments[_i].rv);
	ck_assert_uint_eq (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n),
	                   arguments[_i].rv == CKR_OK ? CKR_OK : CKR_CRYPTOKI_NOT_INITIALIZED);
	/* A refused one leaves nothing behind. */
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL),
	                   arguments[_i].rv == CKR_OK ? CKR_CRYPTOKI_ALREADY_INITIALIZED : CKR_OK);
}
END_TEST

#define N_THREADS 16

static pthread_barrier_t barrier;

static void *
initialize (void *ret_rv)
{
	CK_ULONG n;

	(void) pthread_barrier_wait (&barrier);
	*(CK_RV *) ret_rv = guest_p11->C_Initialize (NULL);
	/* Whoever it was, it is done. */
	if (guest_p11->C_GetSlotList (CK_FALSE, NULL, &n) != CKR_OK)
		*(CK_RV *) ret_rv = CKR_GENERAL_ERROR;
	return NULL;
}

static void *
finalize (void *ret_rv)
{
	(void) pthread_barrier_wait (&barrier);
	*(CK_RV *) ret_rv = guest_p11->C_Finalize (NULL);
	return NULL;
}

/* Runs @function in all threads at once and counts who got @rv; the others must get @other. */
static int
count_results (void *(*function) (void *), CK_RV rv, CK_RV other)
{
	pthread_t threads[N_THREADS];
	CK_RV results[N_THREADS];
	int n = 0;

	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, function, &results[i]), 0);
	for (int i = 0; i < N_THREADS; i++) {
		ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
		ck_assert_msg (results[i] == rv || results[i] == other, "0x%lx", results[i]);
		n += results[i] == rv;
	}
	return n;
}

/* Exactly one of many is the one that did it. */
START_TEST (test_initialize__threads)
{
	guest_load ();
	ck_assert_int_eq (pthread_barrier_init (&barrier, NULL, N_THREADS), 0);
	for (int round = 0; round < 5; round++) {
		ck_assert_int_eq (
			count_results (initialize, CKR_OK, CKR_CRYPTOKI_ALREADY_INITIALIZED), 1);
		ck_assert_int_eq (guest_count (), 1);
		ck_assert_int_eq (count_results (finalize, CKR_OK, CKR_CRYPTOKI_NOT_INITIALIZED),
		                  1);
		ck_assert (guest_comes_to (0));
	}
}
END_TEST

static void
add_initialize (TCase *tcase)
{
	tcase_add_test (tcase, test_initialize__not_yet);
	tcase_add_test (tcase, test_initialize__starts_nothing);
	tcase_add_test (tcase, test_initialize__again_and_again);
	tcase_add_loop_test (tcase, test_initialize__arguments, 0,
	                     (int) (sizeof arguments / sizeof arguments[0]));
	tcase_add_test (tcase, test_initialize__threads);
}

int
main (void)
{
	Suite *suite = suite_create ("module");
	TCase *exports = tcase_create ("exports"), *lists = tcase_create ("lists"),
	      *init = tcase_create ("initialize");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (exports, 60);
	tcase_add_test (exports, test_exports__module);
	tcase_add_test (exports, test_exports__library);
	tcase_set_timeout (lists, 60);
	tcase_add_test (lists, test_interface__list);
	tcase_add_loop_test (lists, test_interface__request, 0,
	                     (int) (sizeof requests / sizeof requests[0]));
	tcase_add_test (lists, test_function_list__entry_points);
	tcase_set_timeout (init, 120);
	tcase_add_checked_fixture (init, guest_setup, guest_teardown);
	add_initialize (init);
	suite_add_tcase (suite, exports);
	suite_add_tcase (suite, lists);
	suite_add_tcase (suite, init);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
