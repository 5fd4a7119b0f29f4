/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The function list, slots, sessions and logins: every state, every code that the standard gives
 * for it, and many threads.
 */
#include "config.h"

#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <sys/ptrace.h>

#include "token-process.h"

static void
setup (void)
{
	scratch_setup ();
	make_token ();
}

static CK_STATE
state_of (CK_SESSION_HANDLE handle)
{
	CK_SESSION_INFO info;

	ck_ok (p11->C_GetSessionInfo (handle, &info));
	return info.state;
}

START_TEST (test_functions__all_there)
{
	CK_FUNCTION_LIST *old;
	CK_INTERFACE list[3], *interface;
	CK_VERSION version = { 3, 0 }, unknown = { 4, 0 };
	CK_ULONG n = 0;
	const gpointer *functions = (const gpointer *) &p11->C_Initialize;

	for (gsize i = 0; i < (sizeof *p11 - G_STRUCT_OFFSET (CK_FUNCTION_LIST_3_2, C_Initialize)) /
	                              sizeof (gpointer);
	     i++)
		ck_assert_ptr_nonnull (functions[i]);
	ck_assert_uint_eq (p11->version.minor, 2);
	ck_ok (p11->C_GetFunctionList (&old));
	ck_assert_uint_eq (old->version.major, 2);
	ck_assert_uint_eq (old->version.minor, 40);
	ck_assert_ptr_eq (old->C_WaitForSlotEvent, p11->C_WaitForSlotEvent);
	ck_rv (p11->C_GetFunctionList (NULL), CKR_ARGUMENTS_BAD);

	ck_ok (p11->C_GetInterfaceList (NULL, &n));
	ck_assert_uint_eq (n, 3);
	n = 2;
	ck_rv (p11->C_GetInterfaceList (list, &n), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (n, 3);
	ck_ok (p11->C_GetInterfaceList (list, &n));
	ck_assert_ptr_eq (list[0].pFunctionList, p11);
	ck_ok (p11->C_GetInterface (NULL, NULL, &interface, 0));
	ck_assert_ptr_eq (interface->pFunctionList, p11);
	ck_ok (p11->C_GetInterface ((CK_UTF8CHAR_PTR) "PKCS 11", &version, &interface, 0));
	ck_assert_uint_eq (((CK_VERSION *) interface->pFunctionList)->minor, 0);
	ck_rv (p11->C_GetInterface ((CK_UTF8CHAR_PTR) "PKCS 11", &unknown, &interface, 0),
	       CKR_FUNCTION_FAILED);
	ck_rv (p11->C_GetInterface ((CK_UTF8CHAR_PTR) "Other", NULL, &interface, 0),
	       CKR_FUNCTION_FAILED);
	ck_rv (p11->C_GetInterface (NULL, NULL, &interface, CKF_INTERFACE_FORK_SAFE),
	       CKR_FUNCTION_FAILED);
	ck_rv (p11->C_GetInterface (NULL, NULL, NULL, 0), CKR_ARGUMENTS_BAD);
}
END_TEST

START_TEST (test_functions__not_supported)
{
	CK_ULONG n = 0;

	ck_rv (p11->C_AsyncGetID (session, NULL, &n), CKR_FUNCTION_NOT_SUPPORTED);
	ck_rv (p11->C_GetFunctionStatus (session), CKR_FUNCTION_NOT_PARALLEL);
	ck_rv (p11->C_CancelFunction (session), CKR_FUNCTION_NOT_PARALLEL);
	ck_rv (p11->C_CancelFunction (session + 1), CKR_SESSION_HANDLE_INVALID);
}
END_TEST

#define N_INFOS 1000

static G_GNUC_NORETURN void
ask_often (void)
{
	CK_SESSION_INFO info;

	if (ptrace (PTRACE_TRACEME, 0, NULL, NULL) != 0 || raise (SIGSTOP) != 0)
		_exit (1);
	for (guint i = 0; i < N_INFOS; i++)
		if (p11->C_GetSessionInfo (session, &info) != CKR_OK)
			_exit (1);
	_exit (0);
}

/* The store is looked at without a system call, but for one in each tick of the clock. */
START_TEST (test_session_info__no_system_calls)
{
	pid_t child;
	guint n = 0;
	int status;

	child = fork ();
	if (child == 0)
		ask_often ();
	ck_assert_int_eq (waitpid (child, &status, 0), child);
	ck_assert (WIFSTOPPED (status));
	while (ptrace (PTRACE_SYSCALL, child, NULL, NULL) == 0 && waitpid (child, &status, 0) == child && WIFSTOPPED (status))
		n++;
	ck_assert (WIFEXITED (status));
	ck_assert_int_eq (WEXITSTATUS (status), 0);
	/* Each stops twice. */
	ck_assert_uint_lt (n / 2, N_INFOS / 2);
}
END_TEST

static CK_RV
no_mutex (CK_VOID_PTR mutex)
{
	(void) mutex;
	return CKR_OK;
}

START_TEST (test_initialize__arguments)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	ck_rv (p11->C_Initialize (NULL), CKR_CRYPTOKI_ALREADY_INITIALIZED);
	ck_rv (p11->C_Finalize (&args), CKR_ARGUMENTS_BAD);
	ck_ok (p11->C_Finalize (NULL));
	ck_rv (p11->C_Finalize (NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
	args.pReserved = &args;
	ck_rv (p11->C_Initialize (&args), CKR_ARGUMENTS_BAD);
	args.pReserved = NULL;
	args.LockMutex = no_mutex;
	ck_rv (p11->C_Initialize (&args), CKR_ARGUMENTS_BAD);
	args.UnlockMutex = args.DestroyMutex = no_mutex;
	args.CreateMutex = (CK_CREATEMUTEX) no_mutex;
	ck_ok (p11->C_Initialize (&args));
	ck_ok (p11->C_Finalize (NULL));
	args.flags = 0;
	ck_rv (p11->C_Initialize (&args), CKR_CANT_LOCK);
}
END_TEST

START_TEST (test_initialize__missed)
{
	CK_INFO info;
	CK_SLOT_INFO slot_info;
	CK_TOKEN_INFO token_info;
	CK_ULONG n;
	CK_SLOT_ID slot;

	ck_ok (p11->C_Finalize (NULL));
	ck_rv (p11->C_GetInfo (&info), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_GetSlotList (CK_FALSE, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_GetSlotInfo (0, &slot_info), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_GetTokenInfo (0, &token_info), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_GetMechanismList (0, NULL, &n), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION, NULL, NULL, &session),
	       CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_CloseSession (session), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_CloseAllSessions (0), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_Login (session, CKU_USER, PIN (USER_PIN)), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_FindObjectsInit (session, NULL, 0), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_SignInit (session, NULL, 1), CKR_CRYPTOKI_NOT_INITIALIZED);
	ck_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, NULL), CKR_CRYPTOKI_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_slots__lists_and_infos)
{
	CratonTokenConfig two[] = {
		{ .name = (char *) "first", .store = config.store, .pin_cost = 14 },
		{ .name = (char *) "second", .pin_cost = 14 }
	};
	g_autofree char *missing = g_build_filename (scratch, "no", "such", "folder", NULL);
	CK_SLOT_ID slots[2] = { 7, 7 };
	CK_SLOT_INFO slot_info;
	CK_TOKEN_INFO info;
	CK_INFO about;
	CK_ULONG n = 1;

	ck_ok (p11->C_Finalize (NULL));
	two[1].store = missing;
	craton_token_configure (two, 2);
	ck_ok (p11->C_Initialize (NULL));
	ck_ok (p11->C_GetInfo (&about));
	ck_assert_uint_eq (about.cryptokiVersion.major, 3);
	ck_rv (p11->C_GetInfo (NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GetSlotList (CK_TRUE, slots, &n), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (n, 2);
	ck_ok (p11->C_GetSlotList (CK_TRUE, NULL, &n));
	ck_ok (p11->C_GetSlotList (CK_TRUE, slots, &n));
	ck_assert_uint_eq (slots[1], 1);
	ck_rv (p11->C_GetSlotList (CK_TRUE, slots, NULL), CKR_ARGUMENTS_BAD);

	ck_ok (p11->C_GetSlotInfo (1, &slot_info));
	ck_assert_uint_eq (slot_info.flags, CKF_TOKEN_PRESENT);
	ck_assert_mem_eq (slot_info.slotDescription, "Craton soft token: second      ", 31);
	ck_rv (p11->C_GetSlotInfo (2, &slot_info), CKR_SLOT_ID_INVALID);
	ck_rv (p11->C_GetSlotInfo (1, NULL), CKR_ARGUMENTS_BAD);

	ck_ok (p11->C_GetTokenInfo (0, &info));
	ck_assert_uint_eq (info.flags & (CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED |
	                                 CKF_LOGIN_REQUIRED | CKF_RNG),
	                   CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED |
	                           CKF_RNG);
	ck_assert_mem_eq (info.label, "test                            ", 32);
	ck_assert_uint_ne (info.serialNumber[15], ' ');
	ck_assert_uint_eq (info.ulMinPinLen, 4);
	ck_assert_uint_eq (info.ulMaxPinLen, 255);
	ck_rv (p11->C_GetTokenInfo (0, NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GetTokenInfo (2, &info), CKR_SLOT_ID_INVALID);

	/* A token without a store: there, but not initialised, and nothing was made. */
	ck_ok (p11->C_GetTokenInfo (1, &info));
	ck_assert_uint_eq (info.flags & (CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED |
	                                 CKF_WRITE_PROTECTED),
	                   0);
	ck_assert_mem_eq (info.label, "                                ", 32);
	ck_rv (p11->C_OpenSession (1, CKF_SERIAL_SESSION, NULL, NULL, &session),
	       CKR_TOKEN_NOT_INITIALIZED);
	ck_assert (!g_file_test (missing, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST (test_mechanisms__list_and_info)
{
	/* PKCS#11 3.2: bits here, bytes there, as the section of each mechanism has it. */
	static const struct {
		CK_MECHANISM_TYPE type;
		CK_ULONG least, most;
	} sizes[] = {
		{ CKM_SP800_108_COUNTER_KDF, 8, 8 * 65536 },
		{ CKM_CHACHA20, 256, 256 },
		{ CKM_CHACHA20_KEY_GEN, 32, 32 },
		{ CKM_AES_KEY_GEN, 16, 32 },
	};
	CK_MECHANISM_TYPE list[512];
	CK_MECHANISM_INFO info;
	CK_ULONG n = 0, all;

	ck_ok (p11->C_GetMechanismList (0, NULL, &all));
	ck_assert_uint_gt (all, 10);
	n = all - 1;
	ck_rv (p11->C_GetMechanismList (0, list, &n), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (n, all);
	ck_ok (p11->C_GetMechanismList (0, list, &n));
	for (CK_ULONG i = 0; i < n; i++)
		ck_ok (p11->C_GetMechanismInfo (0, list[i], &info));
	for (gsize i = 0; i < N (sizes); i++) {
		ck_ok (p11->C_GetMechanismInfo (0, sizes[i].type, &info));
		ck_assert_uint_eq (info.ulMinKeySize, sizes[i].least);
		ck_assert_uint_eq (info.ulMaxKeySize, sizes[i].most);
	}
	ck_rv (p11->C_GetMechanismInfo (0, CKM_VENDOR_DEFINED, &info), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_GetMechanismInfo (0, list[0], NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GetMechanismInfo (9, list[0], &info), CKR_SLOT_ID_INVALID);
	ck_rv (p11->C_GetMechanismList (9, NULL, &n), CKR_SLOT_ID_INVALID);
	ck_rv (p11->C_GetMechanismList (0, NULL, NULL), CKR_ARGUMENTS_BAD);
}
END_TEST

static void *
wait_for_event (void *ret_rv)
{
	CK_SLOT_ID slot;

	*(CK_RV *) ret_rv = p11->C_WaitForSlotEvent (0, &slot, NULL);
	return NULL;
}

START_TEST (test_wait__ends_with_finalize)
{
	pthread_t thread;
	CK_SLOT_ID slot;
	CK_RV rv = CKR_OK;

	ck_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, NULL), CKR_NO_EVENT);
	ck_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, NULL, NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_WaitForSlotEvent (CKF_DONT_BLOCK, &slot, &slot), CKR_ARGUMENTS_BAD);
	ck_assert_int_eq (pthread_create (&thread, NULL, wait_for_event, &rv), 0);
	g_usleep (20000);
	ck_ok (p11->C_Finalize (NULL));
	ck_assert_int_eq (pthread_join (thread, NULL), 0);
	ck_rv (rv, CKR_CRYPTOKI_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_open__flags)
{
	CK_SESSION_HANDLE handle;

	ck_rv (p11->C_OpenSession (0, 0, NULL, NULL, &handle), CKR_SESSION_PARALLEL_NOT_SUPPORTED);
	ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_ASYNC_SESSION, NULL, NULL, &handle),
	       CKR_SESSION_ASYNC_NOT_SUPPORTED);
	ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION, NULL, NULL, NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_OpenSession (1, CKF_SERIAL_SESSION, NULL, NULL, &handle),
	       CKR_SLOT_ID_INVALID);
}
END_TEST

START_TEST (test_open__too_many)
{
	CK_SESSION_HANDLE handle, last = 0;
	CK_RV rv;

	while ((rv = p11->C_OpenSession (0, CKF_SERIAL_SESSION, NULL, NULL, &handle)) == CKR_OK) {
		ck_assert_uint_gt (handle, last);
		last = handle;
	}
	ck_rv (rv, CKR_SESSION_COUNT);
	ck_ok (p11->C_CloseSession (last));
	ck_ok (p11->C_OpenSession (0, CKF_SERIAL_SESSION, NULL, NULL, &handle));
	ck_assert_uint_gt (handle, last);
}
END_TEST

START_TEST (test_close__objects_go_too)
{
	CK_SESSION_HANDLE first = session, second = open_session (0);
	CK_OBJECT_HANDLE object;
	CK_ULONG size;
	CK_TOKEN_INFO info;

	session = second;
	object = make_data ("mine", CK_FALSE, CK_FALSE);
	session = first;
	ck_assert_uint_eq (find_label ("mine"), object);
	ck_ok (p11->C_GetTokenInfo (0, &info));
	ck_assert_uint_eq (info.ulSessionCount, 2);
	ck_assert_uint_eq (info.ulRwSessionCount, 1);
	ck_ok (p11->C_CloseSession (second));
	ck_rv (p11->C_GetObjectSize (first, object, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_assert_uint_eq (count_label ("mine"), 0);
	ck_rv (p11->C_CloseSession (second), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_CloseSession (CK_INVALID_HANDLE), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_GetSessionInfo (second, NULL), CKR_SESSION_HANDLE_INVALID);

	second = open_session (CKF_RW_SESSION);
	ck_ok (p11->C_CloseAllSessions (0));
	ck_rv (p11->C_CloseSession (first), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_CloseSession (second), CKR_SESSION_HANDLE_INVALID);
	ck_rv (p11->C_CloseAllSessions (4), CKR_SLOT_ID_INVALID);
}
END_TEST

START_TEST (test_info__states)
{
	CK_SESSION_HANDLE read_only = open_session (0);
	CK_SESSION_INFO info;

	ck_assert_uint_eq (state_of (session), CKS_RW_PUBLIC_SESSION);
	ck_assert_uint_eq (state_of (read_only), CKS_RO_PUBLIC_SESSION);
	login ();
	ck_assert_uint_eq (state_of (session), CKS_RW_USER_FUNCTIONS);
	ck_assert_uint_eq (state_of (read_only), CKS_RO_USER_FUNCTIONS);
	ck_ok (p11->C_Logout (read_only));
	ck_assert_uint_eq (state_of (session), CKS_RW_PUBLIC_SESSION);
	ck_ok (p11->C_CloseSession (read_only));
	ck_ok (p11->C_Login (session, CKU_SO, PIN (SO_PIN)));
	ck_ok (p11->C_GetSessionInfo (session, &info));
	ck_assert_uint_eq (info.state, CKS_RW_SO_FUNCTIONS);
	ck_assert_uint_eq (info.slotID, 0);
	ck_assert_uint_eq (info.flags, CKF_RW_SESSION | CKF_SERIAL_SESSION);
	ck_rv (p11->C_GetSessionInfo (session, NULL), CKR_ARGUMENTS_BAD);
}
END_TEST

START_TEST (test_login__codes)
{
	CK_SESSION_HANDLE read_only;

	ck_rv (p11->C_Logout (session), CKR_USER_NOT_LOGGED_IN);
	ck_rv (p11->C_Login (session, 3, PIN (USER_PIN)), CKR_USER_TYPE_INVALID);
	ck_rv (p11->C_Login (session, CKU_USER, NULL, 0), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_Login (session, CKU_USER, PIN ("wrong")), CKR_PIN_INCORRECT);
	ck_rv (p11->C_Login (session, CKU_USER, PIN (SO_PIN)), CKR_PIN_INCORRECT);
	ck_rv (p11->C_Login (session, CKU_USER, PIN ("")), CKR_PIN_INCORRECT);
	ck_rv (p11->C_Login (session + 1, CKU_USER, PIN (USER_PIN)), CKR_SESSION_HANDLE_INVALID);
	login ();
	ck_rv (p11->C_Login (session, CKU_USER, PIN (USER_PIN)), CKR_USER_ALREADY_LOGGED_IN);
	ck_rv (p11->C_Login (session, CKU_SO, PIN (SO_PIN)), CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
	ck_rv (p11->C_Login (session, CKU_CONTEXT_SPECIFIC, PIN (USER_PIN)),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_Logout (session));

	read_only = open_session (0);
	ck_rv (p11->C_Login (session, CKU_SO, PIN (SO_PIN)), CKR_SESSION_READ_ONLY_EXISTS);
	ck_ok (p11->C_CloseSession (read_only));
	ck_ok (p11->C_Login (session, CKU_SO, PIN (SO_PIN)));
	ck_rv (p11->C_Login (session, CKU_USER, PIN (USER_PIN)),
	       CKR_USER_ANOTHER_ALREADY_LOGGED_IN);
	ck_rv (p11->C_OpenSession (0, CKF_SERIAL_SESSION, NULL, NULL, &read_only),
	       CKR_SESSION_READ_WRITE_SO_EXISTS);
}
END_TEST

START_TEST (test_login__user_name)
{
	ck_rv (p11->C_LoginUser (session, CKU_USER, PIN (USER_PIN), PIN ("joe")),
	       CKR_USER_TYPE_INVALID);
	ck_rv (p11->C_LoginUser (session, CKU_USER, PIN (USER_PIN), NULL, 3), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (state_of (session), CKS_RW_PUBLIC_SESSION);
	ck_ok (p11->C_LoginUser (session, CKU_USER, PIN (USER_PIN), NULL, 0));
	ck_assert_uint_eq (state_of (session), CKS_RW_USER_FUNCTIONS);
}
END_TEST

START_TEST (test_login__ends_with_the_last_session)
{
	CK_SESSION_HANDLE second = open_session (CKF_RW_SESSION);

	login ();
	ck_ok (p11->C_CloseSession (session));
	ck_assert_uint_eq (state_of (second), CKS_RW_USER_FUNCTIONS);
	ck_ok (p11->C_CloseSession (second));
	session = open_session (CKF_RW_SESSION);
	ck_assert_uint_eq (state_of (session), CKS_RW_PUBLIC_SESSION);
}
END_TEST

/* A pair of EC keys as session objects. */
static CK_OBJECT_HANDLE
make_signing_key (CK_BBOOL always_authenticate)
{
	CK_MECHANISM generate = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { { CKA_EC_PARAMS,
		                    (void *) "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 } };
	CK_ATTRIBUTE private[] = { ATTR (CKA_ALWAYS_AUTHENTICATE, always_authenticate) };
	CK_OBJECT_HANDLE public_key, private_key;

	ck_ok (p11->C_GenerateKeyPair (session, &generate, public, 1, private, 1, &public_key,
	                               &private_key));
	return private_key;
}

static CK_RV
sign (void)
{
	CK_BYTE signature[64];
	CK_ULONG len = sizeof signature;

	return p11->C_Sign (session, (CK_BYTE_PTR) "digest", 6, signature, &len);
}

START_TEST (test_logout__private_objects)
{
	CK_OBJECT_HANDLE on_token, loose, open, key;
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_ULONG size;

	login ();
	on_token = make_data ("token", CK_TRUE, CK_TRUE);
	loose = make_data ("loose", CK_FALSE, CK_TRUE);
	open = make_data ("open", CK_TRUE, CK_FALSE);
	key = make_signing_key (CK_FALSE);
	ck_ok (p11->C_SignInit (session, &ecdsa, key));
	ck_ok (p11->C_Logout (session));

	ck_rv (p11->C_GetObjectSize (session, on_token, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_rv (p11->C_GetObjectSize (session, loose, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_ok (p11->C_GetObjectSize (session, open, &size));
	ck_rv (sign (), CKR_OPERATION_NOT_INITIALIZED);
	login ();
	/* The handles stay invalid; the token object is there under a new one, the session object
	 * is gone. */
	ck_rv (p11->C_GetObjectSize (session, on_token, &size), CKR_OBJECT_HANDLE_INVALID);
	ck_assert_uint_ne (find_label ("token"), on_token);
	ck_assert_uint_eq (count_label ("loose"), 0);
	ck_rv (p11->C_SignInit (session, &ecdsa, key), CKR_KEY_HANDLE_INVALID);
}
END_TEST

/* PKCS#11 3.2, Private key objects. */
START_TEST (test_login__for_each_use_of_a_key)
{
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_OBJECT_HANDLE key, easy;

	login ();
	key = make_signing_key (CK_TRUE);
	easy = make_signing_key (CK_FALSE);
	ck_ok (p11->C_SignInit (session, &ecdsa, easy));
	ck_rv (p11->C_Login (session, CKU_CONTEXT_SPECIFIC, PIN (USER_PIN)),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (sign ());

	ck_ok (p11->C_SignInit (session, &ecdsa, key));
	ck_rv (sign (), CKR_USER_NOT_LOGGED_IN);
	ck_rv (p11->C_SignInit (session, &ecdsa, key), CKR_OK);
	ck_rv (p11->C_Login (session, CKU_CONTEXT_SPECIFIC, PIN ("wrong")), CKR_PIN_INCORRECT);
	ck_ok (p11->C_Login (session, CKU_CONTEXT_SPECIFIC, PIN (USER_PIN)));
	ck_ok (sign ());
	/* Once for each use. */
	ck_ok (p11->C_SignInit (session, &ecdsa, key));
	ck_rv (sign (), CKR_USER_NOT_LOGGED_IN);
	ck_assert_uint_eq (state_of (session), CKS_RW_USER_FUNCTIONS);
}
END_TEST

START_TEST (test_cancel__operations)
{
	CK_MECHANISM sha = { CKM_SHA256, NULL, 0 }, ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_BYTE digest[32];
	CK_ULONG len = sizeof digest;

	login ();
	ck_ok (p11->C_DigestInit (session, &sha));
	ck_ok (p11->C_SignInit (session, &ecdsa, make_signing_key (CK_FALSE)));
	ck_ok (p11->C_FindObjectsInit (session, NULL, 0));
	ck_ok (p11->C_SessionCancel (session, 0));
	ck_ok (p11->C_SessionCancel (session, CKF_ENCRYPT | CKF_SIGN));
	ck_rv (sign (), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_SessionCancel (session, CKF_FIND_OBJECTS));
	ck_rv (p11->C_FindObjectsFinal (session), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_Digest (session, (CK_BYTE_PTR) "abc", 3, digest, &len));
	ck_rv (p11->C_SessionCancel (session + 1, CKF_SIGN), CKR_SESSION_HANDLE_INVALID);
}
END_TEST

static atomic_bool generated;

static void *
generate_slowly (void *unused)
{
	CK_MECHANISM generate = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ULONG bits = 4096;
	CK_ATTRIBUTE public[] = { ATTR (CKA_MODULUS_BITS, bits) }, private[] = { ATTR (CKA_PRIVATE, no) };
	CK_OBJECT_HANDLE keys[2];

	ck_ok (p11->C_GenerateKeyPair (session, &generate, public, 1, private, 1, &keys[0], &keys[1]));
	generated = TRUE;
	return unused;
}

/* From another thread, while a call has the session: it does not wait, and the call finishes. */
START_TEST (test_cancel__during_a_call)
{
	CK_MECHANISM sha = { CKM_SHA256, NULL, 0 };
	CK_BYTE digest[32];
	CK_ULONG len = sizeof digest;
	pthread_t thread;

	ck_ok (p11->C_DigestInit (session, &sha));
	ck_ok (p11->C_FindObjectsInit (session, NULL, 0));
	generated = FALSE;
	ck_assert_int_eq (pthread_create (&thread, NULL, generate_slowly, NULL), 0);
	(void) poll (NULL, 0, 50);
	ck_ok (p11->C_SessionCancel (session, CKF_DIGEST));
	ck_assert (!generated);
	ck_assert_int_eq (pthread_join (thread, NULL), 0);
	ck_rv (p11->C_Digest (session, (CK_BYTE_PTR) "abc", 3, digest, &len), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_FindObjectsFinal (session));
}
END_TEST

/* Making a pair may take seconds: whether the session may have it is asked before its template is looked at. */
START_TEST (test_generate__refused_at_once)
{
	CK_MECHANISM generate = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE private[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_TOKEN, yes) };
	CK_SESSION_HANDLE reading = open_session (0);
	CK_OBJECT_HANDLE keys[2];

	ck_rv (p11->C_GenerateKeyPair (session, &generate, NULL, 0, NULL, 0, &keys[0], &keys[1]), CKR_USER_NOT_LOGGED_IN);
	ck_rv (p11->C_GenerateKeyPair (reading, &generate, NULL, 0, private, 2, &keys[0], &keys[1]), CKR_SESSION_READ_ONLY);
	ck_rv (p11->C_GenerateKeyPair (reading, &generate, NULL, 0, private, 1, &keys[0], &keys[1]), CKR_TEMPLATE_INCOMPLETE);
}
END_TEST

START_TEST (test_validation_flags__none)
{
	CK_FLAGS flags = 9;

	ck_ok (p11->C_GetSessionValidationFlags (session, CKS_LAST_VALIDATION_OK, &flags));
	ck_assert_uint_eq (flags, 0);
	ck_rv (p11->C_GetSessionValidationFlags (session, 7, &flags), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GetSessionValidationFlags (session, CKS_LAST_VALIDATION_OK, NULL),
	       CKR_ARGUMENTS_BAD);
}
END_TEST

/* Many threads: each with sessions and objects of its own, all with the same token, while one logs
 * in and out. */
#define THREADS 6
#define ROUNDS 25

static CK_RV
work (CK_SESSION_HANDLE handle, guint round, CK_OBJECT_HANDLE *ret_object)
{
	CK_OBJECT_CLASS class = CKO_DATA;
	CK_BBOOL on_token = round % 8 == 0;
	CK_BYTE value[32], label[5] = "label";
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_TOKEN, on_token),
		                    ATTR (CKA_VALUE, value) };
	CK_OBJECT_HANDLE found[16];
	CK_ULONG n;
	CK_RV rv;

	memset (value, (int) round, sizeof value);
	rv = p11->C_CreateObject (handle, template, N (template), ret_object);
	if (rv == CKR_OK)
		rv = p11->C_FindObjectsInit (handle, template, 1);
	if (rv == CKR_OK)
		rv = p11->C_FindObjects (handle, found, N (found), &n);
	if (rv == CKR_OK)
		rv = p11->C_FindObjectsFinal (handle);
	template[0] = (CK_ATTRIBUTE) ATTR (CKA_LABEL, label);
	if (rv == CKR_OK)
		rv = p11->C_SetAttributeValue (handle, *ret_object, template, 1);
	if (rv == CKR_OK)
		rv = p11->C_GetAttributeValue (handle, *ret_object, template, N (template));
	return rv;
}

static void *
thread_works (void *ret_rv)
{
	CK_RV rv = CKR_OK;

	for (guint round = 0; rv == CKR_OK && round < ROUNDS; round++) {
		CK_SESSION_HANDLE handle;
		CK_OBJECT_HANDLE object;

		rv = p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
		                         &handle);
		if (rv == CKR_OK)
			rv = work (handle, round, &object);
		if (rv == CKR_OK && round % 3 == 0)
			rv = p11->C_DestroyObject (handle, object);
		if (rv == CKR_OK)
			rv = p11->C_CloseSession (handle);
	}
	*(CK_RV *) ret_rv = rv;
	return NULL;
}

static void *
thread_logs_in (void *ret_rv)
{
	CK_RV rv = CKR_OK;

	for (guint round = 0; rv == CKR_OK && round < 5; round++) {
		rv = p11->C_Login (session, CKU_USER, PIN (USER_PIN));
		if (rv == CKR_OK)
			rv = p11->C_Logout (session);
	}
	*(CK_RV *) ret_rv = rv;
	return NULL;
}

START_TEST (test_threads__together)
{
	pthread_t threads[THREADS + 1];
	CK_RV rvs[THREADS + 1];

	for (gsize i = 0; i < N (threads); i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL,
		                                  i == THREADS ? thread_logs_in : thread_works,
		                                  &rvs[i]),
		                  0);
	for (gsize i = 0; i < N (threads); i++) {
		ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
		ck_ok (rvs[i]);
	}
	/* Of the token objects two of three stay. */
	ck_assert_uint_eq (find_all (NULL, 0, NULL), THREADS * 2);
}
END_TEST

static void *
thread_works_to_the_end (void *ret_rv)
{
	CK_RV rv = CKR_OK;

	while (rv == CKR_OK) {
		CK_SESSION_HANDLE handle;
		CK_OBJECT_HANDLE object;

		rv = p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
		                         &handle);
		for (guint round = 1; rv == CKR_OK && round < 8; round++)
			rv = work (handle, round, &object);
	}
	*(CK_RV *) ret_rv = rv;
	return NULL;
}

/* The standard leaves open what happens then. It is no crash, and the next C_Initialize works. */
START_TEST (test_threads__finalize_in_between)
{
	pthread_t threads[THREADS];
	CK_RV rvs[THREADS];

	for (gsize i = 0; i < N (threads); i++)
		ck_assert_int_eq (
			pthread_create (&threads[i], NULL, thread_works_to_the_end, &rvs[i]), 0);
	g_usleep (50000);
	ck_ok (p11->C_Finalize (NULL));
	for (gsize i = 0; i < N (threads); i++) {
		ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
		ck_assert (rvs[i] == CKR_CRYPTOKI_NOT_INITIALIZED ||
		           rvs[i] == CKR_SESSION_HANDLE_INVALID || rvs[i] == CKR_SESSION_CLOSED ||
		           rvs[i] == CKR_OBJECT_HANDLE_INVALID);
	}
	start ();
	ck_assert_uint_eq (find_all (NULL, 0, NULL), 0);
}
END_TEST

static Suite *
session_suite (void)
{
	Suite *suite = suite_create ("session");
	TCase *tcase = tcase_create ("sessions");

	tcase_add_checked_fixture (tcase, setup, scratch_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_functions__all_there);
	tcase_add_test (tcase, test_functions__not_supported);
	tcase_add_test (tcase, test_initialize__arguments);
	tcase_add_test (tcase, test_initialize__missed);
	tcase_add_test (tcase, test_slots__lists_and_infos);
	tcase_add_test (tcase, test_mechanisms__list_and_info);
	tcase_add_test (tcase, test_wait__ends_with_finalize);
	tcase_add_test (tcase, test_open__flags);
	tcase_add_test (tcase, test_open__too_many);
	tcase_add_test (tcase, test_close__objects_go_too);
	tcase_add_test (tcase, test_info__states);
	tcase_add_test (tcase, test_login__codes);
	tcase_add_test (tcase, test_login__user_name);
	tcase_add_test (tcase, test_login__ends_with_the_last_session);
	tcase_add_test (tcase, test_logout__private_objects);
	tcase_add_test (tcase, test_login__for_each_use_of_a_key);
	tcase_add_test (tcase, test_cancel__operations);
	tcase_add_test (tcase, test_cancel__during_a_call);
	tcase_add_test (tcase, test_generate__refused_at_once);
	tcase_add_test (tcase, test_cancel__during_a_call);
	tcase_add_test (tcase, test_generate__refused_at_once);
	tcase_add_test (tcase, test_validation_flags__none);
	tcase_add_test (tcase, test_session_info__no_system_calls);
	tcase_add_test (tcase, test_threads__together);
	tcase_add_test (tcase, test_threads__finalize_in_between);
	suite_add_tcase (suite, tcase);
	return suite;
}

int
main (void)
{
	SRunner *runner = srunner_create (session_suite ());
	int failed;

	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
