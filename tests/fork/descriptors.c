/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A host that closes every descriptor above 2, as daemons do, and then has files and sockets of its
 * own under the same numbers. Nothing of the host's may be written to, read from or closed; the
 * token goes on, at the latest with a new session.
 */
#include "config.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "craton.h"
#include "fork-common.h"

/* More than the module can have in use here. */
#define N_OWN 120

typedef struct {
	int fd;
	struct stat st;
	int far; /* the other end of a socket; -1 for what has none */
} Own;

static Own owns[N_OWN];

static void
open_file (Own *own, size_t number)
{
	char path[128];

	(void) snprintf (path, sizeof (path), "%s/own-%d-%zu", rig.scratch, (int) getpid (),
	                 number);
	own->fd = open (path, O_RDWR | O_CREAT | O_EXCL, 0600);
	own->far = -1;
	check (own->fd >= 0 && write (own->fd, "mine", 4) == 4);
	(void) unlink (path);
}

/* A socket of the very kind that the module uses. */
static void
open_socket (Own *own)
{
	int pair[2];

	check (socketpair (AF_UNIX, SOCK_SEQPACKET, 0, pair) == 0);
	own->fd = pair[0];
	own->far = pair[1];
}

/* Of the kind of a pidfd: before Linux 6.9 all these are one inode. */
static void
open_event (Own *own)
{
	own->fd = eventfd (7, EFD_NONBLOCK);
	own->far = -1;
	check (own->fd >= 0);
}

/* All numbers from 3 on are the host's now. */
static void
close_and_reuse (void)
{
	closefrom (STDERR_FILENO + 1);
	for (size_t i = 0; i < N_OWN; i++) {
		if (i % 3 == 0)
			open_file (&owns[i], i);
		else if (i % 3 == 1)
			open_socket (&owns[i]);
		else
			open_event (&owns[i]);
		check (fstat (owns[i].fd, &owns[i].st) == 0);
	}
	check (owns[0].fd == STDERR_FILENO + 1);
}

static void
expect_untouched_one (const Own *own, size_t kind)
{
	struct stat st;
	uint64_t count;
	int n_bytes = 0;
	char byte;

	check (fstat (own->fd, &st) == 0);
	check (st.st_dev == own->st.st_dev && st.st_ino == own->st.st_ino);
	switch (kind) {
	case 0:
		check (st.st_size == 4 && lseek (own->fd, 0, SEEK_CUR) == 4);
		break;
	case 1:
		check (ioctl (own->far, FIONREAD, &n_bytes) == 0 && n_bytes == 0);
		/* Still connected: neither shut down nor closed. */
		check (send (own->far, "x", 1, MSG_NOSIGNAL) == 1 &&
		       recv (own->fd, &byte, 1, MSG_DONTWAIT) == 1);
		break;
	default:
		check (eventfd_read (own->fd, &count) == 0 && count == 7 &&
		       eventfd_write (own->fd, 7) == 0);
		break;
	}
}

static void
expect_untouched (void)
{
	for (size_t i = 0; i < N_OWN; i++)
		expect_untouched_one (&owns[i], i % 3);
}

/* The session goes on, or is lost with one CKR_DEVICE_REMOVED; a new one works. The backend takes a moment to see that its socket
 * is closed, and until then it goes on. */
static void
expect_recovery (User *user)
{
	const struct timespec pause = { 0, 5000000 };
	CK_BYTE signature[256];
	CK_ULONG len = sizeof (signature);
	CK_RV rv = CKR_OK;

	for (int i = 0; i < 200 && rv == CKR_OK; i++) {
		len = sizeof (signature);
		rv = try_sign (user, signature, &len);
		(void) nanosleep (&pause, NULL);
	}
	if (rv != CKR_OK) {
		check_rv (rv, CKR_DEVICE_REMOVED);
		check_rv (try_sign (user, signature, &len), CKR_SESSION_HANDLE_INVALID);
		*user = new_user ();
	}
	sign (user);
}

static void
descriptors_host (void)
{
	User user;

	load_module ();
	initialize ();
	user = new_user ();
	sign (&user);
	close_and_reuse ();
	expect_recovery (&user);
	expect_untouched ();
	sign (&user);
	finalize ();
	expect_untouched ();
	start_anew ();
	finalize ();
	expect_untouched ();
}

/* A host that inherits orphans: the module has one more descriptor there, to reap the backend
 * by. */
static void
descriptors_subreaper (void)
{
	check (prctl (PR_SET_CHILD_SUBREAPER, 1) == 0);
	descriptors_host ();
}

static void
descriptors_before_fork (void)
{
	User user;
	pid_t pid;

	load_module ();
	initialize ();
	user = new_user ();
	close_and_reuse ();
	pid = fork ();
	check (pid >= 0);
	if (pid == 0) {
		expect_refused (user.session);
		start_anew ();
		finalize ();
		expect_untouched ();
		_exit (0);
	}
	await_end (pid);
	expect_recovery (&user);
	expect_untouched ();
	finalize ();
	expect_untouched ();
}

static void
descriptors_in_child (void)
{
	Work work;
	pid_t pid;

	load_module ();
	initialize ();
	work_begin (&work);
	for (int early = 0; early < 2; early++) {
		pid = fork ();
		check (pid >= 0);
		if (pid == 0) {
			if (early)
				close_and_reuse ();
			expect_refused (work.user.session);
			start_anew ();
			if (!early) {
				User user = open_user ();

				find_keys (&user);
				close_and_reuse ();
				expect_recovery (&user);
			}
			finalize ();
			expect_untouched ();
			_exit (0);
		}
		work_go_on (&work);
		await_end (pid);
		work_go_on (&work);
	}
	work_end (&work);
	finalize ();
}

const ForkCase descriptors_cases[] = {
	{ "closefrom", "the host closes all descriptors and reuses the numbers", descriptors_host },
	{ "closefrom-subreaper", "the same in a host that is a subreaper", descriptors_subreaper },
	{ "closefrom-fork", "the host closes all descriptors and reuses the numbers, then fork",
	  descriptors_before_fork },
	{ "fork-closefrom", "fork, then the same in the child, before and after it initialises",
	  descriptors_in_child },
	{ NULL },
};
