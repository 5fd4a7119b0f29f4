/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The one line that a refused child writes to the system log: for the operator, who has to find the
 * program and what to do.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fork-common.h"
#include "fork-log.h"

static void
expect_line (pid_t child, pid_t parent, const char *function)
{
	char line[1024], text[128];

	check (log_next (line, sizeof (line)));
	(void) snprintf (text, sizeof (text), "fork-cases[%d]: craton: ", (int) child);
	check (strstr (line, text) != NULL);
	(void) snprintf (text, sizeof (text), "%s refused in pid %d", function, (int) child);
	check (strstr (line, text) != NULL);
	(void) snprintf (text, sizeof (text), "parent %d", (int) parent);
	check (strstr (line, text) != NULL);
	check (strstr (line, "has to call C_Initialize itself") != NULL);
	check (!log_next (line, sizeof (line)));
}

static void
refuse_twice (const Talk *talk, CK_SESSION_HANDLE session)
{
	CK_SESSION_INFO info;
	CK_BYTE random[4];

	check_rv (p11->C_GetSessionInfo (session, &info), CKR_CRYPTOKI_NOT_INITIALIZED);
	check_rv (p11->C_GetSessionInfo (session, &info), CKR_CRYPTOKI_NOT_INITIALIZED);
	check_rv (p11->C_GenerateRandom (session, random, sizeof (random)),
	          CKR_CRYPTOKI_NOT_INITIALIZED);
	tell_parent (talk);
	await_parent (talk);
	start_anew ();
	tell_parent (talk);
	await_parent (talk);
	finalize ();
	/* After C_Finalize it is no longer the fork that is to blame. */
	check_rv (p11->C_GetSessionInfo (session, &info), CKR_CRYPTOKI_NOT_INITIALIZED);
	tell_parent (talk);
	await_parent (talk);
	_exit (0);
}

static void
log_once (void)
{
	char line[1024];
	User user;

	log_catch ();
	load_module ();
	initialize ();
	user = new_user ();
	log_skip ();
	for (int i = 0; i < 2; i++) {
		Talk talk;
		pid_t pid;

		talk_open (&talk);
		pid = _Fork ();
		check (pid >= 0);
		if (pid == 0)
			refuse_twice (&talk, user.session);
		talk_as_parent (&talk);
		await_child (&talk);
		expect_line (pid, getpid (), "C_GetSessionInfo");
		for (int j = 0; j < 2; j++) {
			tell_child (&talk);
			await_child (&talk);
			check (!log_next (line, sizeof (line)));
		}
		tell_child (&talk);
		await_end (pid);
	}
	sign (&user);
	finalize ();
	check (!log_next (line, sizeof (line)));
}

const ForkCase log_cases[] = {
	{ "log", "the log line: once in each child, with all that an operator needs", log_once },
	{ NULL },
};
