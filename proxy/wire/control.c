/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket: see control.h. What the peer sends is taken whole or not at all.
 */
#include "config.h"

#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void
craton_control_init (CratonControl *message, CratonControlType type)
{
	memset (message, 0, sizeof *message);
	message->magic = CRATON_CONTROL_MAGIC;
	message->version = CRATON_WIRE_VERSION;
	message->type = type;
	message->word_len = sizeof (CK_ULONG);
}

int
craton_control_fits (const CratonControl *message)
{
	return message->magic == CRATON_CONTROL_MAGIC && message->version == CRATON_WIRE_VERSION &&
	       message->word_len == sizeof (CK_ULONG);
}

int
craton_fd_guard (int fd)
{
	int moved;

	if (fd < 0 || fd > STDERR_FILENO)
		return fd;
	moved = fcntl (fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	(void) close (fd);
	return moved;
}

CK_RV
craton_control_send (int fd, const CratonControl *message, int send_fd)
{
	struct iovec bytes = { (void *) message, sizeof *message };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE (sizeof (int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &bytes, .msg_iovlen = 1 };
	ssize_t sent;

	if (send_fd >= 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = sizeof control.space;
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN (sizeof (int));
		memcpy (CMSG_DATA (&control.header), &send_fd, sizeof send_fd);
	}
	do
		sent = sendmsg (fd, &msg, MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	if (sent == (ssize_t) sizeof *message)
		return CKR_OK;
	return errno == EPIPE || errno == ECONNRESET ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR;
}

static int64_t
now_ms (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether something can be read within the time. */
static bool
wait_readable (int fd, int timeout_ms)
{
	int64_t deadline = now_ms () + timeout_ms;

	for (;;) {
		int64_t left = timeout_ms < 0 ? 1000 : deadline - now_ms ();
		struct pollfd poll_fd = { .fd = fd, .events = POLLIN };
		int n;

		/* At least one look, however late it is. */
		n = poll (&poll_fd, 1, timeout_ms < 0 ? -1 : left < 0 ? 0 : (int) left);
		if (n > 0)
			return true;
		if ((n < 0 && errno != EINTR) || (n == 0 && timeout_ms >= 0))
			return false;
	}
}

/* Keeps the first descriptor that came along, if one is wanted, and closes the others. */
static int
take_descriptors (struct msghdr *msg, bool wanted)
{
	int kept = -1;

	for (struct cmsghdr *header = CMSG_FIRSTHDR (msg); header != NULL; header = CMSG_NXTHDR (msg, header)) {
		size_t n;

		if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
			continue;
		n = (header->cmsg_len - CMSG_LEN (0)) / sizeof (int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy (&fd, CMSG_DATA (header) + i * sizeof fd, sizeof fd);
			if (wanted && kept < 0)
				kept = craton_fd_guard (fd);
			else
				(void) close (fd);
		}
	}
	return kept;
}

static int64_t
find_sender (struct msghdr *msg)
{
	for (struct cmsghdr *header = CMSG_FIRSTHDR (msg); header != NULL; header = CMSG_NXTHDR (msg, header)) {
		struct ucred sender;

		if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS) {
			memcpy (&sender, CMSG_DATA (header), sizeof sender);
			return sender.pid;
		}
	}
	return 0;
}

CK_RV
craton_control_receive (int fd, int timeout_ms, CratonControl *message, int *ret_fd)
{
	struct iovec bytes = { message, sizeof *message };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE (16 * sizeof (int)) + CMSG_SPACE (sizeof (struct ucred))];
	} control;
	struct msghdr msg = {
		.msg_iov = &bytes,
		.msg_iovlen = 1,
		.msg_control = control.space,
		.msg_controllen = sizeof control.space,
	};
	ssize_t got;
	int passed;

	if (!wait_readable (fd, timeout_ms))
		return CKR_DEVICE_ERROR;
	do
		got = recvmsg (fd, &msg, MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got < 0)
		return errno == ECONNRESET ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR;
	passed = take_descriptors (&msg, ret_fd != NULL);
	if (got != (ssize_t) sizeof *message || (msg.msg_flags & MSG_TRUNC) != 0) {
		if (passed >= 0)
			(void) close (passed);
		return got == 0 ? CKR_DEVICE_REMOVED : CKR_DEVICE_ERROR;
	}
	/* The message is here, and there was no number left for its descriptor. */
	if (ret_fd != NULL && passed < 0 && (msg.msg_flags & MSG_CTRUNC) != 0)
		return CKR_HOST_MEMORY;
	message->text[sizeof message->text - 1] = '\0';
	if (message->n_flat > CRATON_FLAT_MAX)
		message->n_flat = CRATON_FLAT_MAX;
	if (message->n_timeouts > CRATON_TIMEOUTS_MAX)
		message->n_timeouts = CRATON_TIMEOUTS_MAX;
	message->sender = find_sender (&msg);
	if (ret_fd != NULL)
		*ret_fd = passed;
	return CKR_OK;
}
