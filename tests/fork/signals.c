/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A signal handler that interrupts a call and forks, with _Fork, which alone is async-signal-safe.
 * In the child it uses the token at once, which has to work, or it returns into the interrupted
 * call. That is more than POSIX lets a child do, and it can crash there: the lane that the call
 * writes to or reads from is the parent's, and not in the child's memory. It may not hang, nor
 * answer anything but a refusal if it has not got its reply, and the parent may not notice. The
 * call uses no memory manager, so neither does the child find one in the middle of something.
 */
#include "config.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "craton.h"
#include "fork-common.h"

#define N_FORKS 300
#define N_FORKS_LONG 10000

static volatile sig_atomic_t in_call, is_child, use_at_once;
static volatile pid_t child_pid;

static void
use_token (void)
{
	User user;
	CK_BYTE random[16];

	if (p11_kit_breaks ()) {
		check (craton_check_fork () == 1);
		return;
	}
	expect_refused (0);
	initialize ();
	user = open_user ();
	check_rv (p11->C_GenerateRandom (user.session, random, sizeof (random)), CKR_OK);
}

static void
fork_here (int number)
{
	int saved_errno = errno;

	if (in_call && child_pid == 0) {
		pid_t pid = _Fork ();

		check (pid >= 0);
		if (pid == 0 && use_at_once) {
			use_token ();
			_exit (0);
		}
		if (pid == 0)
			is_child = 1;
		else
			child_pid = pid;
	}
	errno = saved_errno;
}

static void
set_timer (unsigned long delay_us)
{
	struct itimerval timer = { .it_value = { 0, (suseconds_t) delay_us } };

	check (setitimer (ITIMER_REAL, &timer, NULL) == 0);
}

/* One call; returns in the parent and, if the handler let it, in a child. */
static void
make_call (const User *user)
{
	static CK_BYTE expected[256];
	CK_BYTE signature[256];
	CK_ULONG len = sizeof (signature);
	CK_RV rv;

	in_call = 1;
	rv = try_sign (user, signature, &len);
	in_call = 0;
	if (is_child) {
		/* If the reply had come before the fork, the call is done; a later one is
		 * refused. */
		check (rv == CKR_OK || rv == CKR_CRYPTOKI_NOT_INITIALIZED || rig.via_p11_kit);
		use_token ();
		_exit (0);
	}
	check_rv (rv, CKR_OK);
	if (expected[0] == 0 && expected[1] == 0)
		memcpy (expected, signature, sizeof (expected));
	check (memcmp (expected, signature, sizeof (expected)) == 0);
}

static void
fork_in_handlers (bool at_once)
{
	struct sigaction action = { .sa_handler = fork_here };
	int n_forks = 0, n_crashed = 0;
	User user;

	load_module ();
	initialize ();
	user = new_user ();
	use_at_once = at_once;
	check (sigaction (SIGALRM, &action, NULL) == 0);
	srandom (1);
	while (n_forks < (is_long () ? N_FORKS_LONG : N_FORKS)) {
		int status;

		while (child_pid == 0) {
			set_timer (1 + (unsigned long) random () % 1500);
			make_call (&user);
		}
		await_gone (open_pidfd (child_pid), PATIENCE_MS);
		check (waitpid (child_pid, &status, 0) == child_pid);
		child_pid = 0;
		n_forks++;
		if (!at_once && WIFSIGNALED (status) && WTERMSIG (status) == SIGSEGV)
			n_crashed++;
		else
			check (WIFEXITED (status) && WEXITSTATUS (status) == 0);
		make_call (&user);
	}
	if (!at_once)
		printf ("%d of %d children crashed in the call that they returned into\n",
		        n_crashed, n_forks);
	(void) fflush (stdout);
	sign (&user);
	finalize ();
}

static void
signals_at_once (void)
{
	fork_in_handlers (true);
}

static void
signals_return (void)
{
	fork_in_handlers (false);
}

const ForkCase signals_cases[] = {
	{ "handler", "fork in a signal handler that interrupts a call, the child initialises there",
	  signals_at_once },
	{ "handler-return",
	  "the same, the child returns into the call: at worst it crashes, the parent goes on",
	  signals_return },
	{ NULL },
};
