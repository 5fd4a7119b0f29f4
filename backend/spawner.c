/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting hosts, see spawner.h. The spawner is not sandboxed, and the process that asks it is the one that a client may have
 * taken over: a question is one message of a fixed size of which one number is used, an index into a list that was made before
 * the client said anything. Called by main.c and serve.c.
 */
#include "config.h"

#include "spawner.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "configuration.h"
#include "control.h"
#include "host.h"
#include "sizes.h"

/* A client restarts a host that died, and the old one may take a moment to go. */
#define HOSTS_MAX (2 * CRATON_CHANNELS_MAX)

/* As index: no more questions will come, and the hosts are about to end. */
#define GOODBYE G_MAXUINT64

#define ANSWER_MS 10000

/* One that hangs ends itself before this time is over; one that has stopped itself in C_Finalize cannot, and is continued. */
#define HOSTS_END_MS 600
#define STEP_US 500

static int spawner_fd = -1;
static pid_t spawner_pid;

/* In the spawner. SIGCHLD is ignored (main.c), so the dead leave no zombie, and waitpid () no longer knows them. */
static pid_t hosts[HOSTS_MAX];

static gboolean
is_free (pid_t pid)
{
	return pid == 0 || waitpid (pid, NULL, WNOHANG) != 0;
}

static CK_RV
start_host (const GPtrArray *modules, guint64 index, int client_fd, pid_t *ret_pid, int *ret_fd)
{
	gsize place = 0;
	CK_RV rv;

	if (index >= modules->len)
		return CKR_ARGUMENTS_BAD;
	while (place < HOSTS_MAX && !is_free (hosts[place]))
		place++;
	if (place == HOSTS_MAX)
		return CKR_HOST_MEMORY;
	hosts[place] = 0;
	rv = craton_host_spawn (modules->pdata[index], client_fd, &hosts[place], ret_fd);
	*ret_pid = hosts[place];
	return rv;
}

static gboolean
answer (int fd, const GPtrArray *modules, int client_fd, gboolean *ret_goodbye)
{
	CratonControl question, reply;
	CK_RV rv = craton_control_receive (fd, -1, &question, NULL);
	int host_fd = -1;
	pid_t pid = 0;

	*ret_goodbye = rv == CKR_OK && question.value == GOODBYE;
	if (rv != CKR_OK || question.value == GOODBYE)
		return FALSE;
	craton_control_init (&reply, CRATON_CONTROL_HOST);
	reply.rv = start_host (modules, question.value, client_fd, &pid, &host_fd);
	reply.value = (guint64) pid;
	rv = craton_control_send (fd, &reply, host_fd);
	if (host_fd >= 0)
		(void) close (host_fd);
	return rv == CKR_OK;
}

/* Whether somebody still waits for this process to end. */
static gboolean
is_awaited (int fd)
{
	char byte;

	return recv (fd, &byte, sizeof (byte), MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

/* The life of the spawner. After a goodbye it stays until the hosts are gone, so that they are nobody's orphans, or the backend
 * has no more time; when the backend just dies the hosts go on serving, and it leaves at once. */
static G_GNUC_NORETURN void
serve (int fd, const GPtrArray *modules, int client_fd)
{
	gboolean goodbye = FALSE;
	gint64 deadline;

	(void) prctl (PR_SET_NAME, "craton-spawner", 0, 0, 0);
	(void) prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void) prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
	/* With this open here the client would not see the backend's death. */
	(void) close (CRATON_FD_CONTROL);
	while (answer (fd, modules, client_fd, &goodbye))
		continue;
	deadline = g_get_monotonic_time () + HOSTS_END_MS * 1000;
	for (gsize i = 0; i < HOSTS_MAX; i++) {
		while (!is_free (hosts[i]) && is_awaited (fd) && g_get_monotonic_time () < deadline)
			g_usleep (STEP_US);
	}
	for (gsize i = 0; goodbye && i < HOSTS_MAX; i++) {
		if (!is_free (hosts[i]))
			(void) kill (hosts[i], SIGCONT);
	}
	_exit (0);
}

CK_RV
craton_spawner_start (const GPtrArray *modules, int client_fd)
{
	int fds[2];

	if (modules->len == 0)
		return CKR_OK;
	if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) == 0) {
		spawner_pid = fork ();
		if (spawner_pid == 0) {
			(void) close (fds[0]);
			serve (fds[1], modules, client_fd);
		}
		(void) close (fds[1]);
		spawner_fd = fds[0];
		if (spawner_pid > 0)
			return CKR_OK;
	}
	g_warning (_ ("modules: no process can be started for them: %s"), g_strerror (errno));
	return CKR_HOST_MEMORY;
}

CK_RV
craton_spawner_host (guint64 index, pid_t *ret_pid, int *ret_fd)
{
	CratonControl message;
	CK_RV rv;

	if (spawner_fd < 0 || index == GOODBYE)
		return CKR_ARGUMENTS_BAD;
	craton_control_init (&message, CRATON_CONTROL_HOST);
	message.value = index;
	rv = craton_control_send (spawner_fd, &message, -1);
	if (rv == CKR_OK)
		rv = craton_control_receive (spawner_fd, ANSWER_MS, &message, ret_fd);
	if (rv == CKR_OK) {
		*ret_pid = (pid_t) message.value;
		return message.rv;
	}
	g_warning (_ ("modules: the process that starts them is gone; restart the application"));
	return CKR_DEVICE_ERROR;
}

void
craton_spawner_end (int wait_ms)
{
	gint64 deadline = g_get_monotonic_time () + wait_ms * 1000;
	CratonControl message;

	if (spawner_pid <= 0)
		return;
	craton_control_init (&message, CRATON_CONTROL_HOST);
	message.value = GOODBYE;
	(void) craton_control_send (spawner_fd, &message, -1);
	while (waitpid (spawner_pid, NULL, WNOHANG) == 0 && g_get_monotonic_time () < deadline)
		g_usleep (STEP_US);
}
