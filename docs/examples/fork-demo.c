/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A program that forks while it uses a PKCS#11 token, as servers do: what the child sees, how it asks whether it was
 * forked, and what it does then. Prints one line a step.
 *
 * Usage: fork-demo MODULE TOKEN-LABEL KEY-LABEL, with the user's PIN in the variable PIN. The key is an RSA key.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkcs11.h"
#include "craton.h"

#define N_PIDS 256

static CK_FUNCTION_LIST *p11;
static const char *who = "parent";

__attribute__ ((format (printf, 1, 2))) static void
say (const char *format, ...)
{
	va_list args;

	printf ("%-6s %7d  ", who, (int) getpid ());
	va_start (args, format);
	vprintf (format, args);
	va_end (args);
	putchar ('\n');
	fflush (stdout);
}

static void
need (CK_RV rv, const char *call)
{
	if (rv == CKR_OK)
		return;
	say ("%s failed with 0x%lx", call, rv);
	exit (1);
}

/* The token's processes of this user, by their name in /proc. */
static size_t
list_backends (pid_t pids[N_PIDS])
{
	char path[64], line[128], name[32];
	struct dirent *entry;
	unsigned int uid;
	size_t n_pids = 0;
	DIR *proc;
	FILE *status;

	proc = opendir ("/proc");
	if (proc == NULL)
		return 0;
	while (n_pids < N_PIDS && (entry = readdir (proc)) != NULL) {
		snprintf (path, sizeof (path), "/proc/%.20s/status", entry->d_name);
		status = atoi (entry->d_name) > 0 ? fopen (path, "r") : NULL;
		if (status == NULL)
			continue;
		name[0] = '\0';
		uid = (unsigned int) -1;
		while (fgets (line, sizeof (line), status) != NULL) {
			(void) sscanf (line, "Name: %31s", name);
			(void) sscanf (line, "Uid: %u", &uid);
		}
		fclose (status);
		if (uid == getuid () && strcmp (name, "craton-backend") == 0)
			pids[n_pids++] = atoi (entry->d_name);
	}
	closedir (proc);
	return n_pids;
}

/* The first backend that was not there before; 0 if there is none. */
static pid_t
new_backend (const pid_t *before, size_t n_before)
{
	pid_t now[N_PIDS];
	size_t n_now, i, j;

	n_now = list_backends (now);
	for (i = 0; i < n_now; i++) {
		for (j = 0; j < n_before && before[j] != now[i]; j++)
			;
		if (j == n_before)
			return now[i];
	}
	return 0;
}

/* Opens a session on the token with this label and logs in. */
static CK_SESSION_HANDLE
open_session (const char *label)
{
	CK_SLOT_ID slots[64];
	CK_ULONG n_slots = 64, i;
	CK_SESSION_HANDLE session;
	CK_TOKEN_INFO info;
	char *pin = getenv ("PIN");

	need (p11->C_GetSlotList (CK_TRUE, slots, &n_slots), "C_GetSlotList");
	for (i = 0; i < n_slots; i++) {
		if (p11->C_GetTokenInfo (slots[i], &info) == CKR_OK &&
		    strncmp ((char *) info.label, label, strlen (label)) == 0)
			break;
	}
	if (i == n_slots || pin == NULL) {
		say ("no token \"%s\", or no PIN", label);
		exit (1);
	}
	need (p11->C_OpenSession (slots[i], CKF_SERIAL_SESSION, NULL, NULL, &session), "C_OpenSession");
	need (p11->C_Login (session, CKU_USER, (CK_UTF8CHAR_PTR) pin, strlen (pin)), "C_Login");
	return session;
}

/* Signs with the private key and verifies with the public key of this label. */
static void
sign (CK_SESSION_HANDLE session, const char *label)
{
	CK_OBJECT_CLASS classes[2] = { CKO_PRIVATE_KEY, CKO_PUBLIC_KEY };
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_BYTE text[] = "signed on one side of a fork", signature[1024];
	CK_OBJECT_HANDLE keys[2];
	CK_ULONG n_keys, len = sizeof (signature), i;

	for (i = 0; i < 2; i++) {
		CK_ATTRIBUTE template[] = {
			{ CKA_CLASS, &classes[i], sizeof (classes[i]) },
			{ CKA_LABEL, (void *) label, strlen (label) },
		};

		need (p11->C_FindObjectsInit (session, template, 2), "C_FindObjectsInit");
		need (p11->C_FindObjects (session, &keys[i], 1, &n_keys), "C_FindObjects");
		need (p11->C_FindObjectsFinal (session), "C_FindObjectsFinal");
		if (n_keys != 1) {
			say ("no key \"%s\"", label);
			exit (1);
		}
	}
	need (p11->C_SignInit (session, &mechanism, keys[0]), "C_SignInit");
	need (p11->C_Sign (session, text, sizeof (text), signature, &len), "C_Sign");
	need (p11->C_VerifyInit (session, &mechanism, keys[1]), "C_VerifyInit");
	need (p11->C_Verify (session, text, sizeof (text), signature, len), "C_Verify");
	say ("C_Sign and C_Verify: a signature of %lu bytes, and it is good", len);
}

static int
child (CK_SESSION_HANDLE inherited, const char *token, const char *key)
{
	CK_SESSION_INFO info;
	CK_SESSION_HANDLE session;
	pid_t before[N_PIDS];
	size_t n_before;
	CK_RV rv;

	who = "child";
	rv = p11->C_GetSessionInfo (inherited, &info);
	say ("C_GetSessionInfo with the parent's session: %s",
	     rv == CKR_CRYPTOKI_NOT_INITIALIZED ? "CKR_CRYPTOKI_NOT_INITIALIZED" : "not refused!");
	if (rv != CKR_CRYPTOKI_NOT_INITIALIZED)
		return 1;
	if (!craton_check_fork ()) {
		say ("craton_check_fork () does not see the fork!");
		return 1;
	}
	say ("craton_check_fork (): true, so C_Initialize is due");
	n_before = list_backends (before);
	need (p11->C_Initialize (NULL), "C_Initialize");
	say ("C_Initialize: CKR_OK; craton_check_fork () is now %s", craton_check_fork () ? "true!" : "false");
	session = open_session (token);
	say ("opened a session and logged in; own backend: process %d", (int) new_backend (before, n_before));
	sign (session, key);
	need (p11->C_Finalize (NULL), "C_Finalize");
	return craton_check_fork () ? 1 : 0;
}

int
main (int argc, char **argv)
{
	CK_RV (*get_function_list) (CK_FUNCTION_LIST **list);
	CK_SESSION_HANDLE session;
	pid_t before[N_PIDS], pid;
	size_t n_before;
	void *module;
	int status;

	if (argc != 4) {
		fprintf (stderr, "Usage: PIN=... %s MODULE TOKEN-LABEL KEY-LABEL\n", argv[0]);
		return 2;
	}
	module = dlopen (argv[1], RTLD_NOW | RTLD_LOCAL);
	if (module == NULL) {
		fprintf (stderr, "%s\n", dlerror ());
		return 1;
	}
	*(void **) &get_function_list = dlsym (module, "C_GetFunctionList");
	if (get_function_list == NULL || get_function_list (&p11) != CKR_OK)
		return 1;

	n_before = list_backends (before);
	need (p11->C_Initialize (NULL), "C_Initialize");
	session = open_session (argv[2]);
	say ("opened a session and logged in; backend: process %d", (int) new_backend (before, n_before));
	sign (session, argv[3]);

	say ("fork");
	pid = fork ();
	if (pid == 0)
		_exit (child (session, argv[2], argv[3]));
	if (pid < 0 || waitpid (pid, &status, 0) != pid || !WIFEXITED (status) || WEXITSTATUS (status) != 0) {
		say ("the child failed");
		return 1;
	}
	say ("the child %d is done; goes on with the session from before the fork", (int) pid);
	sign (session, argv[3]);
	need (p11->C_Finalize (NULL), "C_Finalize");
	return 0;
}
