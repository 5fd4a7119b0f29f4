/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See fork-log.h. The real /dev stays as it is; the test's /dev has the few devices that anybody
 * here needs.
 */
#include "config.h"

#include "fork-log.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "fork-common.h"

#define N_LOGS 2

/* Above what the cases count and limit. */
#define LOG_FD 200

static const char *const devices[] = { "null", "zero", "full", "random", "urandom" };
static int logs[N_LOGS], n_logs;

static void
bind_device (const char *folder, const char *name)
{
	char from[64], to[128];

	(void) snprintf (from, sizeof (from), "/dev/%s", name);
	(void) snprintf (to, sizeof (to), "%s/%s", folder, name);
	write_text (to, "");
	check (mount (from, to, NULL, MS_BIND, NULL) == 0);
}

void
log_catch_at (const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	(void) snprintf (address.sun_path, sizeof (address.sun_path), "%s", path);
	check (fd >= 0 && n_logs < N_LOGS);
	check (bind (fd, (struct sockaddr *) &address, sizeof (address)) == 0);
	check (chmod (path, 0666) == 0);
	logs[n_logs] = fcntl (fd, F_DUPFD_CLOEXEC, LOG_FD);
	check (logs[n_logs] >= LOG_FD);
	(void) close (fd);
	n_logs++;
}

void
log_catch (void)
{
	char folder[96];

	enter_mount_namespace ();
	(void) snprintf (folder, sizeof (folder), "%s/dev", rig.scratch);
	check (mkdir (folder, 0755) == 0 || errno == EEXIST);
	check (mount ("tmpfs", folder, "tmpfs", MS_NOSUID, "mode=755") == 0);
	for (size_t i = 0; i < sizeof (devices) / sizeof (devices[0]); i++)
		bind_device (folder, devices[i]);
	check (mount (folder, "/dev", NULL, MS_BIND | MS_REC, NULL) == 0);
	log_catch_at ("/dev/log");
}

bool
log_next (char *line, size_t line_len)
{
	for (int i = 0; i < n_logs; i++) {
		for (;;) {
			ssize_t len = recv (logs[i], line, line_len - 1, 0);

			if (len < 0)
				break;
			line[len] = '\0';
			/* <priority>program[pid]: craton: ... */
			if (strstr (line, "]: craton: ") != NULL)
				return true;
		}
	}
	return false;
}

void
log_expect (const char *text)
{
	char line[2048], last[2048] = "nothing";
	bool found = false;

	while (log_next (line, sizeof (line))) {
		found = found || strstr (line, text) != NULL;
		(void) snprintf (last, sizeof (last), "%s", line);
	}
	if (!found)
		fail (__FILE__, __LINE__, "the log has no \"%s\", but %s", text, last);
}

void
log_skip (void)
{
	char line[2048];

	while (log_next (line, sizeof (line)))
		continue;
}
