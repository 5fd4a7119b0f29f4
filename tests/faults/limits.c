/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A backend that may not have what it wants: calls fail with a code, or it dies and is started again; nothing hangs, and when it may have it
 * again all is well.
 */
#include "config.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "cases.h"

#define LARGE ((CK_ULONG) 32 << 20)

static struct rlimit before;

static void
limit (pid_t pid, int what, rlim_t to)
{
	struct rlimit wanted;

	check (prlimit (pid, what, NULL, &before) == 0);
	wanted = (struct rlimit) { to, before.rlim_max };
	check (prlimit (pid, what, &wanted, NULL) == 0);
}

static void
lift (pid_t pid, int what)
{
	check (prlimit (pid, what, &before, NULL) == 0);
}

/* A call that is too large for the lanes that there are. */
static CK_RV
call_large (CK_SESSION_HANDLE session)
{
	CK_BYTE *bytes = malloc (LARGE);
	CK_RV rv;

	check (bytes != NULL);
	rv = p11->C_GenerateRandom (session, bytes, LARGE);
	free (bytes);
	return rv;
}

static bool
is_refusal (CK_RV rv)
{
	return rv == CKR_HOST_MEMORY || rv == CKR_DEVICE_MEMORY;
}

/* A new lane cannot be had, what goes without one still works, and afterwards all does. */
static void
expect_no_lane (CK_SLOT_ID slot, int what, rlim_t to)
{
	CK_SESSION_HANDLE session = open_worked (slot);
	pid_t pid = find_process (slot == SLOT_SOFT ? NULL : "fault");

	limit (pid, what, to);
	check (is_refusal (call_large (session)));
	check_rv (use_session (session), CKR_OK);
	lift (pid, what);
	check_rv (call_large (session), CKR_OK);
	check (find_process (slot == SLOT_SOFT ? NULL : "fault") == pid);
}

void
case_no_descriptors (void)
{
	rig_start ();
	expect_no_lane (SLOT_SOFT, RLIMIT_NOFILE, 3);
	expect_no_lane (SLOT_FAULT, RLIMIT_NOFILE, 3);
	finalize ();
}

static CK_RV
create_object (CK_SESSION_HANDLE session)
{
	static CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	static CK_BYTE value[4096];
	CK_OBJECT_CLASS class = CKO_DATA;
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &class, sizeof class },
		                    { CKA_TOKEN, &yes, sizeof yes },
		                    { CKA_PRIVATE, &no, sizeof no },
		                    { CKA_VALUE, value, sizeof value } };
	CK_OBJECT_HANDLE object;

	return p11->C_CreateObject (session, template, 4, &object);
}

void
case_no_disk (void)
{
	CK_SESSION_HANDLE session;
	pid_t pid;
	CK_RV rv;

	rig_start ();
	expect_no_lane (SLOT_SOFT, RLIMIT_FSIZE, 0);
	expect_no_lane (SLOT_FAULT, RLIMIT_FSIZE, 0);
	session = open_worked (SLOT_SOFT);
	pid = find_process (NULL);
	check_rv (create_object (session), CKR_OK);
	limit (pid, RLIMIT_FSIZE, 0);
	rv = create_object (session);
	check (rv == CKR_DEVICE_MEMORY || rv == CKR_DEVICE_ERROR || rv == CKR_FUNCTION_FAILED);
	check_rv (use_session (session), CKR_OK);
	lift (pid, RLIMIT_FSIZE);
	check_rv (create_object (session), CKR_OK);
	check (find_process (NULL) == pid);
	finalize ();
}

void
case_no_memory (void)
{
	rig_start ();
	for (CK_SLOT_ID slot = 0; slot < 2; slot++) {
		CK_SESSION_HANDLE session = open_worked (slot);
		const char *host = slot == SLOT_SOFT ? NULL : "fault";
		CK_RV rv;

		/* Less than it has already: whatever it asks for, it does not get. */
		limit (find_process (host), RLIMIT_AS, (rlim_t) 1 << 20);
		rv = call_large (session);
		check (is_refusal (rv) || rv == CKR_DEVICE_REMOVED);
		for (int i = 0; i < 200; i++) {
			rv = slot == SLOT_SOFT ? create_object (session) : use_session (session);
			check (rv == CKR_OK || is_refusal (rv) || rv == CKR_DEVICE_REMOVED || rv == CKR_SESSION_HANDLE_INVALID ||
			       rv == CKR_DEVICE_ERROR || rv == CKR_FUNCTION_FAILED);
		}
		if (find_process (host) != 0)
			end_process (find_process (host), SIGKILL);
		(void) use_session (session);
		session = open_in_time (slot);
		check_rv (call_large (session), CKR_OK);
	}
	finalize ();
}

void
case_no_processes (void)
{
	/* The limit does not count for root. */
	become_nobody ();
	rig_start ();
	expect_no_lane (SLOT_SOFT, RLIMIT_NPROC, 0);
	expect_no_lane (SLOT_FAULT, RLIMIT_NPROC, 0);
	finalize ();
}
