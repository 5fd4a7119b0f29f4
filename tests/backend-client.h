/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A client for tests: starts a real craton-backend over a real socket and makes calls through real lanes. What the backend says
 * goes to a file. Included by the tests that need it.
 */
#ifndef CRATON_BACKEND_CLIENT_H
#define CRATON_BACKEND_CLIENT_H

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "control.h"
#include "kinds.h"
#include "lane.h"

/* How long is waited for what must happen. Generous: only a failure takes it. */
#define PATIENCE_MS 60000

typedef struct {
	pid_t pid;
	int pidfd; /* of the backend */
	int control;
} Backend;

static char *root, *said; /* scratch folder; in it, the backend's standard error */
static char program[] = "craton-backend";

static inline void
setup (void)
{
	g_autofree char *config = NULL;

	/* What a killed client leaves is this process's to wait for. */
	ck_assert_int_eq (prctl (PR_SET_CHILD_SUBREAPER, 1), 0);
	root = g_dir_make_tmp ("craton-test-serve-XXXXXX", NULL);
	ck_assert_ptr_nonnull (root);
	said = g_build_filename (root, "said", NULL);
	config = g_build_filename (root, "craton.conf", NULL);
	ck_assert (g_file_set_contents (config, "[craton]\n", -1, NULL));
	g_setenv ("HOME", root, TRUE);
	g_setenv ("CRATON_CONFIG", config, TRUE);
	g_setenv ("CRATON_DEBUG", "1", TRUE);
	g_unsetenv ("XDG_DATA_HOME");
	g_unsetenv ("LANGUAGE");
	g_setenv ("LC_ALL", "C", TRUE);
}

static inline void
teardown (void)
{
	char *arguments[] = { (char *) "rm", (char *) "-rf", (char *) "--", root, NULL };

	ck_assert (g_spawn_sync (NULL, arguments, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL,
	                         NULL, NULL));
	g_free (root);
	g_free (said);
}

/* craton.conf for this test; @manner is what HOSTED tells the module of its first group. */
static inline void
configure (const char *manner)
{
	g_autofree char *text = NULL;

	ck_assert_ptr_nonnull (g_getenv ("CRATON_HOSTED"));
	text = g_strdup_printf (
		"[module hosted]\npath=%s\nenvironment=HOSTED=%s;HOSTED_TEXT=a;HOSTED_MARK=%s/mark\n"
		"write-paths=%s\n"
		"init-reserved=reserved text\nflat-mechanisms=0x80000001;CKM_AES_CBC\n"
		"[module missing]\npath=/nowhere/module.so\n",
		g_getenv ("CRATON_HOSTED"), manner, root, root);
	ck_assert (g_file_set_contents (g_getenv ("CRATON_CONFIG"), text, -1, NULL));
}

static inline int
open_pidfd (pid_t pid)
{
	return (int) syscall (SYS_pidfd_open, pid, 0);
}

/* Starts a backend; @client: pidfd to give it, or -1; @extra: a descriptor that it is to find open as 9, or -1. */
static inline void
start_with (int client, int extra, Backend *ret_backend)
{
	char *arguments[] = { program, NULL };
	posix_spawn_file_actions_t actions;
	int fds[2];

	ck_assert_ptr_nonnull (g_getenv ("CRATON_BACKEND"));
	ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds), 0);
	ck_assert_int_gt (fds[1], CRATON_FD_CLIENT);
	ck_assert_int_eq (posix_spawn_file_actions_init (&actions), 0);
	posix_spawn_file_actions_addopen (&actions, STDERR_FILENO, said,
	                                  O_WRONLY | O_CREAT | O_APPEND, 0600);
	posix_spawn_file_actions_adddup2 (&actions, fds[1], CRATON_FD_CONTROL);
	posix_spawn_file_actions_addclose (&actions, CRATON_FD_CLIENT);
	if (client >= 0)
		posix_spawn_file_actions_adddup2 (&actions, client, CRATON_FD_CLIENT);
	if (extra >= 0)
		posix_spawn_file_actions_adddup2 (&actions, extra, 9);
	ck_assert_int_eq (posix_spawn (&ret_backend->pid, g_getenv ("CRATON_BACKEND"), &actions,
	                               NULL, arguments, environ),
	                  0);
	posix_spawn_file_actions_destroy (&actions);
	(void) close (fds[1]);
	ret_backend->control = fds[0];
	ret_backend->pidfd = open_pidfd (ret_backend->pid);
	ck_assert_int_ge (ret_backend->pidfd, 0);
}

/* The descriptor numbers 3 and 4 are taken here, so that dup2 () in the child meets no number of its own. */
static inline void
reserve_numbers (void)
{
	while (open ("/dev/null", O_RDONLY | O_CLOEXEC) < 10)
		continue;
}

static inline void
start (Backend *ret_backend)
{
	int self = open_pidfd (getpid ());

	ck_assert_int_ge (self, 0);
	start_with (self, -1, ret_backend);
	(void) close (self);
}

/* Whether the process behind @pidfd is gone in time. */
static inline gboolean
is_gone (int pidfd)
{
	struct pollfd end = { .fd = pidfd, .events = POLLIN };

	return poll (&end, 1, PATIENCE_MS) == 1;
}

/* The backend has left, and as it should: with status 0. */
static inline void
expect_end (Backend *backend)
{
	int status = -1;

	ck_assert (is_gone (backend->pidfd));
	ck_assert_int_eq (waitpid (backend->pid, &status, 0), backend->pid);
	ck_assert_msg (WIFEXITED (status) && WEXITSTATUS (status) == 0, "status 0x%x",
	               (unsigned) status);
	(void) close (backend->pidfd);
}

static inline void
stop (Backend *backend)
{
	(void) close (backend->control);
	expect_end (backend);
}

static inline void
ask (int control, CratonControl *message, int *ret_fd)
{
	uint32_t type = message->type;

	ck_assert_uint_eq (craton_control_send (control, message, -1), CKR_OK);
	ck_assert_uint_eq (craton_control_receive (control, PATIENCE_MS, message, ret_fd), CKR_OK);
	ck_assert (craton_control_fits (message));
	ck_assert_uint_eq (message->type, type);
}

static inline CK_RV
hello (int control, CratonControl *ret_answer)
{
	craton_control_init (ret_answer, CRATON_CONTROL_HELLO);
	ask (control, ret_answer, NULL);
	return ret_answer->rv;
}

static inline void
start_and_greet (Backend *ret_backend)
{
	CratonControl answer;

	start (ret_backend);
	ck_assert_uint_eq (hello (ret_backend->control, &answer), CKR_OK);
}

static inline CK_RV
open_lane (int control, uint64_t len, CratonLane *ret_lane)
{
	CratonControl message;
	int fd = -1;

	craton_control_init (&message, CRATON_CONTROL_LANE);
	message.value = len;
	ask (control, &message, &fd);
	ck_assert_int_eq (message.rv == CKR_OK, fd >= 0);
	if (fd < 0)
		return message.rv;
	ck_assert_uint_eq (craton_lane_map (fd, ret_lane), CKR_OK);
	ck_assert_uint_eq (message.value, ret_lane->data_len);
	ck_assert_uint_ge (message.value, len);
	(void) close (fd);
	return CKR_OK;
}

/* Opens lanes until the backend has no more; its threads take a moment to give one back. */
static inline guint
open_all (int control, CratonLane *lanes, guint n_wanted)
{
	gint64 deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;
	guint n = 0;

	while (n < n_wanted && g_get_monotonic_time () < deadline) {
		CK_RV rv = open_lane (control, 4096, &lanes[n]);

		ck_assert (rv == CKR_OK || rv == CKR_HOST_MEMORY);
		n += rv == CKR_OK;
	}
	return n;
}

static inline void
close_lane (CratonLane *lane)
{
	craton_lane_submit (lane, CRATON_LANE_CLOSE, 0, 0);
	craton_lane_unmap (lane);
}

static inline void
submit (CratonLane *lane, CratonWire *wire, CratonCallId id, const CK_ULONG *args,
        CratonLaneCall *call)
{
	*wire = (CratonWire){ 0 };
	craton_buf_init (&wire->buf, lane->data, lane->data_len);
	craton_kinds_put_request (wire, &craton_calls[id], args);
	ck_assert (!wire->buf.failed);
	*call = (CratonLaneCall){ .request_len = wire->buf.pos, .out_len = wire->out_len };
	ck_assert (craton_lane_fits (lane->data_len, call->request_len, call->out_len,
	                             wire->reply_max));
	craton_lane_submit (lane, id, call->request_len, call->out_len);
}

/* One call through a lane, as the proxy makes it. */
static inline CK_RV
call_lane (CratonLane *lane, CratonCallId id, const CK_ULONG *args)
{
	CratonWire wire;
	CratonLaneCall call;
	CratonLaneState state;
	gint64 deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;

	submit (lane, &wire, id, args, &call);
	do
		state = craton_lane_await_reply (lane, 1000, true, &call);
	while (state == CRATON_LANE_TIMEOUT && g_get_monotonic_time () < deadline);
	ck_assert_int_eq (state, CRATON_LANE_READY);
	if (!call.understood)
		return call.rv;
	wire.out = lane->data + craton_lane_out_offset (call.request_len);
	craton_buf_init (&wire.buf,
	                 lane->data + craton_lane_reply_offset (call.request_len, call.out_len),
	                 call.reply_len);
	craton_kinds_get_response (&wire, &craton_calls[id], call.rv, args);
	ck_assert (craton_buf_done (&wire.buf));
	return call.rv;
}

/* The number of slots, which any function list has. */
static inline void
expect_slots (CratonLane *lane, CK_ULONG expected)
{
	CK_ULONG count = 77;
	const CK_ULONG args[] = { CK_FALSE, 0, (CK_ULONG) (uintptr_t) &count };

	ck_assert_uint_eq (call_lane (lane, CRATON_C_GetSlotList, args), CKR_OK);
	ck_assert_uint_eq (count, expected);
}

/* A lane opens and carries a call: all is well. */
static inline void
expect_service (int control, CK_ULONG n_slots)
{
	CratonLane lane;

	ck_assert_uint_eq (open_lane (control, CRATON_LANE_DATA, &lane), CKR_OK);
	expect_slots (&lane, n_slots);
	close_lane (&lane);
}

/* How often the backend has said @part. */
static inline guint
count_said (const char *part)
{
	g_autofree char *text = NULL;
	guint n = 0;

	ck_assert (g_file_get_contents (said, &text, NULL, NULL));
	for (const char *at = text; (at = strstr (at, part)) != NULL; at += strlen (part))
		n++;
	return n;
}

/* Sends bytes as they are. */
static inline void
send_bytes (int control, const void *bytes, gsize len)
{
	ck_assert_int_eq (send (control, bytes, len, MSG_NOSIGNAL), (gssize) len);
}

/* The peer has hung up. */
static inline void
expect_hang_up (int control)
{
	CratonControl message;

	ck_assert_uint_eq (craton_control_receive (control, PATIENCE_MS, &message, NULL),
	                   CKR_DEVICE_REMOVED);
}

/* A pipe tells when the last copy of its writing end is closed. */
static inline void
expect_pipe_closed (int reader)
{
	struct pollfd end = { .fd = reader, .events = POLLIN };
	char byte;

	ck_assert_int_eq (poll (&end, 1, PATIENCE_MS), 1);
	ck_assert_int_eq (read (reader, &byte, 1), 0);
}

/* Starts the host of module @n. */
static inline CK_RV
open_host (int control, uint64_t n, int *ret_control)
{
	CratonControl message;

	*ret_control = -1;
	craton_control_init (&message, CRATON_CONTROL_HOST);
	message.value = n;
	ask (control, &message, ret_control);
	ck_assert_int_eq (message.rv == CKR_OK, *ret_control >= 0);
	if (message.rv == CKR_OK)
		ck_assert_str_eq (message.text, n == 0 ? "hosted" : "missing");
	return message.rv;
}

static inline TCase *
add_case (Suite *suite, const char *name)
{
	TCase *tcase = tcase_create (name);

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 3 * PATIENCE_MS / 1000);
	suite_add_tcase (suite, tcase);
	return tcase;
}

#endif /* CRATON_BACKEND_CLIENT_H */
