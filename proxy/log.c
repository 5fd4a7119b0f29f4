/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Log lines from inside a host: see log.h. syslog(3) has state and locks of the process, which are the host's: a datagram of our
 * own to /dev/log has neither. No time stamp: the receiver puts it, and localtime() takes a lock that a fork may have left held.
 */
#include "config.h"

#include "log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "control.h"

#define PRIORITY (1 << 3 | 4) /* LOG_USER, LOG_WARNING */

static void
send_to_system_log (const char *line, size_t len)
{
	static const struct sockaddr_un address = { AF_UNIX, "/dev/log" };
	int fd = craton_fd_guard (socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));

	if (fd < 0)
		return;
	(void) sendto (fd, line, len, MSG_NOSIGNAL, (const struct sockaddr *) &address, sizeof address);
	(void) close (fd);
}

void
craton_log (const char *format, ...)
{
	char line[640];
	int saved_errno = errno;
	int head = snprintf (line, sizeof line, "<%d>%s[%d]: ", PRIORITY, program_invocation_short_name, (int) getpid ());
	int start = head < 0 || head > 100 ? 0 : head;
	va_list args;
	int len;

	va_start (args, format);
	len = vsnprintf (line + start, sizeof line - 1 - (size_t) start, format, args);
	va_end (args);
	if (len >= 0) {
		len = (int) strlen (line);
		send_to_system_log (line, (size_t) len);
		if (secure_getenv ("CRATON_DEBUG") != NULL) {
			line[len] = '\n';
			(void) !write (STDERR_FILENO, line + 4, (size_t) len - 3);
		}
	}
	errno = saved_errno;
}
