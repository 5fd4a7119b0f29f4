/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A module to be hosted, with every bad manner that a test asks for in its environment: HOSTED names what is wrong with it,
 * HOSTED_VERSION ("2.40") is the version of its function list, HOSTED_MARK a file that C_Finalize makes.
 */
#include "pkcs11.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SLOT 42

static char reserved[32];
static atomic_int n_calls;

static int
is (const char *manner)
{
	const char *hosted = getenv ("HOSTED");

	return hosted != NULL && strcmp (hosted, manner) == 0;
}

static void
hang (void)
{
	for (;;)
		(void) pause ();
}

static CK_RV
initialize (CK_VOID_PTR argument)
{
	const CK_C_INITIALIZE_ARGS *args = argument;

	(void) printf ("a module that prints\n");
	(void) fflush (stdout);
	if (is ("crash"))
		(void) raise (SIGSEGV);
	if (is ("hang"))
		hang ();
	if (is ("refuse"))
		return CKR_DEVICE_MEMORY;
	if (is ("initialised"))
		return CKR_CRYPTOKI_ALREADY_INITIALIZED;
	if (is ("no-argument") && args != NULL)
		return CKR_ARGUMENTS_BAD;
	if (is ("cannot-lock") && args != NULL && (args->flags & CKF_OS_LOCKING_OK) != 0)
		return CKR_CANT_LOCK;
	if (args != NULL && args->pReserved != NULL)
		(void) snprintf (reserved, sizeof (reserved), "%s", (const char *) args->pReserved);
	return CKR_OK;
}

static CK_RV
finalize (CK_VOID_PTR argument)
{
	const char *mark = getenv ("HOSTED_MARK");

	if (mark != NULL)
		(void) close (open (mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	if (is ("hang-at-end"))
		hang ();
	return argument == NULL ? CKR_OK : CKR_ARGUMENTS_BAD;
}

static CK_RV
get_slot_list (CK_BBOOL present, CK_SLOT_ID *list, CK_ULONG *count)
{
	if (list != NULL && *count < 1)
		return CKR_BUFFER_TOO_SMALL;
	if (list != NULL)
		list[0] = SLOT;
	*count = 1;
	return CKR_OK;
}

static void
fill (CK_UTF8CHAR *field, size_t len, const char *text)
{
	memset (field, ' ', len);
	memcpy (field, text, strlen (text) < len ? strlen (text) : len);
}

/* Tells how it was started. */
static CK_RV
get_token_info (CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	const char *inside = getenv ("CRATON_INSIDE"), *text = getenv ("HOSTED_TEXT");

	if (slot != SLOT)
		return CKR_SLOT_ID_INVALID;
	memset (info, 0, sizeof (*info));
	fill (info->label, sizeof (info->label), reserved);
	fill (info->manufacturerID, sizeof (info->manufacturerID),
	      inside != NULL && atol (inside) == (long) getpid () ? "inside" : "outside");
	fill (info->model, sizeof (info->model), text != NULL ? text : "");
	return CKR_OK;
}

/* Fails if another call is under way. */
static CK_RV
generate_random (CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG len)
{
	int others = atomic_fetch_add (&n_calls, 1);

	(void) usleep (1000);
	memset (data, 0x5a, len);
	(void) atomic_fetch_sub (&n_calls, 1);
	return others == 0 ? CKR_OK : CKR_FUNCTION_FAILED;
}

/* Never comes back. */
static CK_RV
logout (CK_SESSION_HANDLE session)
{
	hang ();
	return CKR_OK;
}

/* Crashes. */
static CK_RV
find_objects_final (CK_SESSION_HANDLE session)
{
	(void) raise (SIGSEGV);
	return CKR_OK;
}

static CK_VERSION
version (void)
{
	const char *text = getenv ("HOSTED_VERSION");
	unsigned major = 2, minor = 40;

	if (text != NULL)
		(void) sscanf (text, "%u.%u", &major, &minor);
	return (CK_VERSION){ (CK_BYTE) major, (CK_BYTE) minor };
}

/* The list, cut to its version, with nothing behind its last byte but a page that nobody can read. */
static CK_FUNCTION_LIST *
make_list (void)
{
	static CK_FUNCTION_LIST *made;
	CK_FUNCTION_LIST_3_2 list = {
		.version = version (),
		.C_Initialize = is ("no-initialize") ? NULL : initialize,
		.C_Finalize = finalize,
		.C_GetSlotList = get_slot_list,
		.C_GetTokenInfo = get_token_info,
		.C_GenerateRandom = generate_random,
		.C_Logout = logout,
		.C_FindObjectsFinal = find_objects_final,
	};
	size_t page = (size_t) sysconf (_SC_PAGESIZE);
	size_t len = list.version.major < 3   ? sizeof (CK_FUNCTION_LIST)
	             : list.version.minor < 2 ? sizeof (CK_FUNCTION_LIST_3_0)
	                                      : sizeof (CK_FUNCTION_LIST_3_2);
	char *pages;

	if (made != NULL)
		return made;
	pages = mmap (NULL, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (pages == MAP_FAILED)
		return NULL;
	(void) mprotect (pages + page, page, PROT_NONE);
	made = (CK_FUNCTION_LIST *) (void *) (pages + page - len);
	memcpy (made, &list, len);
	return made;
}

CK_RV
C_GetFunctionList (CK_FUNCTION_LIST_PTR_PTR list)
{
	if (is ("no-list"))
		return CKR_GENERAL_ERROR;
	*list = make_list ();
	return *list != NULL ? CKR_OK : CKR_HOST_MEMORY;
}

/* Has the one version, and no other. */
CK_RV
C_GetInterface (CK_UTF8CHAR_PTR name, CK_VERSION_PTR wanted, CK_INTERFACE_PTR_PTR interface,
                CK_FLAGS flags)
{
	static char standard[] = "PKCS 11";
	static CK_INTERFACE only = { standard, NULL, 0 };
	CK_VERSION has = version ();

	if (has.major < 3 || wanted == NULL || wanted->major != has.major ||
	    wanted->minor != has.minor)
		return CKR_FUNCTION_FAILED;
	if (name == NULL || strcmp ((const char *) name, standard) != 0 || flags != 0)
		return CKR_FUNCTION_FAILED;
	only.pFunctionList = make_list ();
	*interface = &only;
	return CKR_OK;
}
