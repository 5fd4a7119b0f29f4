/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Instances: libraries in one process that initialise, finalise and fork independently of each
 * other and of the module that they share the process with. Real threads, real backends with the
 * soft token.
 *
 * From the environment: CRATON_MODULE, CRATON_BACKEND.
 */
#include "config.h"

#include <check.h>
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <ftw.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkcs11.h"
#include "calls.h"
#include "craton.h"

#define N_ROUNDS 25
#define N_NEW 200

static char root[64];
static CK_BYTE so_pin[] = "87654321";

typedef struct {
	CratonInstance *handle;
	CK_FUNCTION_LIST_3_2 *p11;
} Instance;

static Instance
new_instance (void)
{
	Instance instance = { NULL, NULL };

	ck_assert_int_eq (craton_instance_new (&instance.handle, &instance.p11), 0);
	ck_assert_ptr_nonnull (instance.handle);
	ck_assert_ptr_nonnull (instance.p11);
	return instance;
}

static CK_FUNCTION_LIST_3_2 *
load_module (void)
{
	void *library = dlopen (getenv ("CRATON_MODULE"), RTLD_NOW);
	CK_C_GetInterface get_interface;
	CK_INTERFACE *interface;

	ck_assert_msg (library != NULL, "%s", dlerror ());
	*(void **) &get_interface = dlsym (library, "C_GetInterface");
	ck_assert_uint_eq (get_interface (NULL, NULL, &interface, 0), CKR_OK);
	return interface->pFunctionList;
}

/* CKR_OK if a session can be had and used; also for threads, which must not use Check's
 * assertions. */
static CK_RV
try_use (CK_FUNCTION_LIST_3_2 *p11, CK_SESSION_HANDLE *session)
{
	CK_SLOT_ID slot;
	CK_ULONG n_slots = 1;
	CK_BYTE random[16];
	CK_RV rv = CKR_OK;

	if (*session == 0)
		rv = p11->C_GetSlotList (CK_TRUE, &slot, &n_slots);
	if (rv == CKR_OK && *session == 0)
		rv = p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, session);
	return rv == CKR_OK ? p11->C_GenerateRandom (*session, random, sizeof (random)) : rv;
}

static CK_SESSION_HANDLE
use (CK_FUNCTION_LIST_3_2 *p11)
{
	CK_SESSION_HANDLE session = 0;

	ck_assert_uint_eq (try_use (p11, &session), CKR_OK);
	return session;
}

/* A home with one token. */
static int
remove_one (const char *path, const struct stat *st, int kind, struct FTW *where)
{
	return remove (path);
}

static void
make_home (void)
{
	CK_FUNCTION_LIST_3_2 *p11;
	CK_SLOT_ID slot;
	CK_ULONG n_slots = 1;
	CK_UTF8CHAR label[32];

	(void) strcpy (root, "/tmp/craton-instances.XXXXXX");
	ck_assert_ptr_nonnull (mkdtemp (root));
	ck_assert_int_eq (setenv ("HOME", root, 1), 0);
	ck_assert_int_eq (setenv ("XDG_DATA_HOME", root, 1), 0);
	ck_assert_int_eq (setenv ("XDG_CONFIG_HOME", root, 1), 0);
	p11 = load_module ();
	memset (label, ' ', sizeof (label));
	ck_assert_uint_eq (p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (p11->C_GetSlotList (CK_FALSE, &slot, &n_slots), CKR_OK);
	ck_assert_uint_eq (p11->C_InitToken (slot, so_pin, sizeof (so_pin) - 1, label), CKR_OK);
	ck_assert_uint_eq (p11->C_Finalize (NULL), CKR_OK);
}

static void
remove_home (void)
{
	(void) nftw (root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The list */

START_TEST (test_instance__list)
{
	Instance instance = new_instance (), other = new_instance ();
	CK_FUNCTION_LIST *list = NULL;
	CK_ULONG count = 0;
	CK_INTERFACE *interface = NULL;

	ck_assert_uint_eq (instance.p11->version.major, 3);
	ck_assert_uint_eq (instance.p11->version.minor, 2);
	for (int i = 0; i < CRATON_CALLS; i++) {
		void *function, *other_function;

		memcpy (&function, (char *) instance.p11 + craton_calls[i].offset,
		        sizeof (function));
		memcpy (&other_function, (char *) other.p11 + craton_calls[i].offset,
		        sizeof (function));
		ck_assert_ptr_nonnull (function);
		ck_assert_ptr_ne (function, other_function);
	}
	ck_assert_uint_eq (instance.p11->C_GetFunctionList (&list), CKR_OK);
	ck_assert_ptr_eq (list, instance.p11);
	ck_assert_uint_eq (instance.p11->C_GetFunctionList (NULL), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (instance.p11->C_GetInterfaceList (NULL, &count),
	                   CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (instance.p11->C_GetInterface (NULL, NULL, &interface, 0),
	                   CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (instance.p11->C_CloseSession (1), CKR_CRYPTOKI_NOT_INITIALIZED);
	craton_instance_free (instance.handle);
	craton_instance_free (other.handle);
	craton_instance_free (NULL);
}
END_TEST

/* Independence */

START_TEST (test_instance__own_state)
{
	Instance a = new_instance (), b = new_instance ();
	CK_FUNCTION_LIST_3_2 *module = load_module ();
	CK_SESSION_HANDLE session_b, session_module;

	ck_assert_uint_eq (a.p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (b.p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (module->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (a.p11->C_Initialize (NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	(void) use (a.p11);
	session_b = use (b.p11);
	session_module = use (module);
	ck_assert_uint_eq (a.p11->C_Finalize (NULL), CKR_OK);
	ck_assert_uint_eq (a.p11->C_Finalize (NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_assert_uint_eq (try_use (b.p11, &session_b), CKR_OK);
	ck_assert_uint_eq (try_use (module, &session_module), CKR_OK);
	ck_assert_uint_eq (module->C_Finalize (NULL), CKR_OK);
	ck_assert_uint_eq (try_use (b.p11, &session_b), CKR_OK);
	craton_instance_free (a.handle);
	ck_assert_uint_eq (try_use (b.p11, &session_b), CKR_OK);
	craton_instance_free (b.handle);
}
END_TEST

/* A library's thread: it comes, works, and goes, as often as it likes. */
static void *
come_and_go (void *data)
{
	CK_RV rv = CKR_OK;

	for (int i = 0; i < N_ROUNDS && rv == CKR_OK; i++) {
		Instance instance;
		CK_SESSION_HANDLE session = 0;

		if (craton_instance_new (&instance.handle, &instance.p11) != 0)
			return (void *) (uintptr_t) CKR_HOST_MEMORY;
		rv = instance.p11->C_Initialize (NULL);
		for (int j = 0; j < 20 && rv == CKR_OK; j++)
			rv = try_use (instance.p11, &session);
		if (rv == CKR_OK && i % 2 == 0)
			rv = instance.p11->C_Finalize (NULL);
		craton_instance_free (instance.handle);
	}
	return (void *) (uintptr_t) rv;
}

START_TEST (test_instance__threads)
{
	CK_FUNCTION_LIST_3_2 *module = load_module ();
	CK_SESSION_HANDLE session = 0;
	pthread_t threads[3];

	ck_assert_uint_eq (module->C_Initialize (NULL), CKR_OK);
	session = use (module);
	for (int i = 0; i < 3; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, come_and_go, NULL), 0);
	for (int i = 0; i < 200; i++)
		ck_assert_uint_eq (try_use (module, &session), CKR_OK);
	for (int i = 0; i < 3; i++) {
		void *result;

		ck_assert_int_eq (pthread_join (threads[i], &result), 0);
		ck_assert_uint_eq ((CK_RV) (uintptr_t) result, CKR_OK);
	}
	ck_assert_uint_eq (try_use (module, &session), CKR_OK);
	ck_assert_uint_eq (module->C_Finalize (NULL), CKR_OK);
}
END_TEST

/* Fork: one library initialises in the child, the other does not. */
static int
live_as_child (Instance a, Instance b, CK_SESSION_HANDLE session_b)
{
	CK_SESSION_HANDLE session = 0;

	if (craton_instance_check_fork (a.handle) != 1 ||
	    craton_instance_check_fork (b.handle) != 1)
		return 1;
	if (try_use (a.p11, &session) != CKR_CRYPTOKI_NOT_INITIALIZED)
		return 2;
	if (a.p11->C_Initialize (NULL) != CKR_OK || craton_instance_check_fork (a.handle) != 0)
		return 3;
	session = 0;
	if (try_use (a.p11, &session) != CKR_OK)
		return 4;
	if (craton_instance_check_fork (b.handle) != 1 ||
	    try_use (b.p11, &session_b) != CKR_CRYPTOKI_NOT_INITIALIZED ||
	    b.p11->C_Finalize (NULL) != CKR_CRYPTOKI_NOT_INITIALIZED)
		return 5;
	/* The module was never initialised: instances are not its affair. */
	if (craton_check_fork () != 0)
		return 6;
	craton_instance_free (b.handle);
	if (try_use (a.p11, &session) != CKR_OK)
		return 7;
	craton_instance_free (a.handle);
	return 0;
}

START_TEST (test_instance__fork)
{
	Instance a = new_instance (), b = new_instance ();
	CK_SESSION_HANDLE session_a, session_b;

	ck_assert_uint_eq (a.p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (b.p11->C_Initialize (NULL), CKR_OK);
	session_a = use (a.p11);
	session_b = use (b.p11);
	for (int i = 0; i < 2; i++) {
		pid_t pid = i == 0 ? fork () : _Fork ();
		int status;

		if (pid == 0)
			_exit (live_as_child (a, b, session_b));
		ck_assert_int_gt (pid, 0);
		ck_assert_uint_eq (try_use (a.p11, &session_a), CKR_OK);
		ck_assert_int_eq (waitpid (pid, &status, 0), pid);
		ck_assert_msg (WIFEXITED (status) && WEXITSTATUS (status) == 0,
		               "child: status 0x%x", (unsigned) status);
		ck_assert_uint_eq (try_use (a.p11, &session_a), CKR_OK);
		ck_assert_uint_eq (try_use (b.p11, &session_b), CKR_OK);
	}
	ck_assert_int_eq (craton_instance_check_fork (a.handle), 0);
	craton_instance_free (a.handle);
	craton_instance_free (b.handle);
}
END_TEST

/* What an instance costs is given back. */

static int
count_descriptors (void)
{
	DIR *folder = opendir ("/proc/self/fd");
	int n = 0;

	ck_assert_ptr_nonnull (folder);
	while (readdir (folder) != NULL)
		n++;
	(void) closedir (folder);
	return n;
}

static long
count_mappings (void)
{
	FILE *maps = fopen ("/proc/self/maps", "re");
	long n = 0;
	int c;

	ck_assert_ptr_nonnull (maps);
	while ((c = getc (maps)) != EOF)
		n += c == '\n';
	(void) fclose (maps);
	return n;
}

START_TEST (test_instance__freed)
{
	int n_descriptors = 0;
	long n_mappings __attribute__ ((unused)) = 0;

	for (int i = 0; i < N_NEW; i++) {
		Instance instance = new_instance ();

		if (i % 20 == 0) {
			ck_assert_uint_eq (instance.p11->C_Initialize (NULL), CKR_OK);
			(void) use (instance.p11);
		}
		craton_instance_free (instance.handle);
		/* By then the memory manager and libffi have what they keep. */
		if (i == N_NEW / 2) {
			n_descriptors = count_descriptors ();
			n_mappings = count_mappings ();
		}
	}
	ck_assert_int_eq (count_descriptors (), n_descriptors);
#ifndef __SANITIZE_ADDRESS__ /* whose memory manager keeps what was freed */
	ck_assert_int_le (count_mappings (), n_mappings);
#endif
}
END_TEST

/* No closures */

#define DENY_EXEC(number)                                                                     \
	BPF_JUMP (BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),                                   \
		BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, args[2])), \
		BPF_JUMP (BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1),                       \
		BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EACCES),                       \
		BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr))

/* As a security policy that denies execmem, execmod and the mapping of more code. */
static void
forbid_new_code (void)
{
	struct sock_filter filter[] = {
		BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
		DENY_EXEC (SYS_mmap),
		DENY_EXEC (SYS_mprotect),
		BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = { sizeof (filter) / sizeof (filter[0]), filter };

	ck_assert_int_eq (prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	ck_assert_int_eq (prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0);
}

START_TEST (test_instance__no_closures)
{
	Instance instance = { (CratonInstance *) &instance, (CK_FUNCTION_LIST_3_2 *) &instance };
	CK_FUNCTION_LIST_3_2 *module = load_module ();
	CK_SESSION_HANDLE session;

	/* The filter would keep a backend, which inherits it, from loading its libraries. */
	ck_assert_uint_eq (module->C_Initialize (NULL), CKR_OK);
	session = use (module);
	forbid_new_code ();
	ck_assert_int_eq (craton_instance_new (&instance.handle, &instance.p11), ENOTSUP);
	/* Untouched, and everything else goes on. */
	ck_assert_ptr_eq (instance.handle, &instance);
	ck_assert_ptr_eq (instance.p11, &instance);
	ck_assert_int_eq (craton_check_fork_since (craton_fork_mark ()), 0);
	ck_assert_uint_eq (try_use (module, &session), CKR_OK);
	ck_assert_uint_eq (module->C_Finalize (NULL), CKR_OK);
}
END_TEST

#ifndef __SANITIZE_ADDRESS__ /* which needs memory of its own for each answer */
START_TEST (test_instance__no_memory)
{
	const struct rlimit none = { 4096, RLIM_INFINITY }, all = { RLIM_INFINITY, RLIM_INFINITY };
	Instance instance = { NULL, NULL };
	int error;

	ck_assert_int_eq (setrlimit (RLIMIT_DATA, &none), 0);
	/* What the memory manager has in store; this process ends with the test. */
	for (size_t n = 0; n < 1 << 16 && malloc (4096) != NULL; n++)
		continue;
	error = craton_instance_new (&instance.handle, &instance.p11);
	ck_assert_int_eq (setrlimit (RLIMIT_DATA, &all), 0);
	ck_assert_int_eq (error, ENOMEM);
	ck_assert_ptr_null (instance.handle);
}
END_TEST
#endif

int
main (void)
{
	Suite *suite = suite_create ("instances");
	TCase *tcase = tcase_create ("instances");
	SRunner *runner;
	int n_failed;

	/* In this process, once: each test is a fork of it. */
	tcase_add_unchecked_fixture (tcase, make_home, remove_home);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_instance__list);
	tcase_add_test (tcase, test_instance__own_state);
	tcase_add_test (tcase, test_instance__threads);
	tcase_add_test (tcase, test_instance__fork);
	tcase_add_test (tcase, test_instance__freed);
	tcase_add_test (tcase, test_instance__no_closures);
#ifndef __SANITIZE_ADDRESS__
	tcase_add_test (tcase, test_instance__no_memory);
#endif
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
