/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The client's identity, see client.h. The kernel's word on who made the socket is trusted; the program behind a process id is what
 * /proc says at the start, and anything of the same user can make a listed program do its work. Called by main.c.
 */
#include "config.h"

#include "client.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "audit.h"
#include "log.h"

static void
name_program (char path[32], pid_t pid)
{
	(void) snprintf (path, 32, "/proc/%d/exe", (int) pid);
}

void
craton_client_init (CratonClient *client, int control_fd)
{
	struct ucred peer = { .uid = (uid_t) -1 };
	socklen_t len = sizeof (peer);
	g_autofree char *program = NULL;
	char path[32];

	(void) getsockopt (control_fd, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	name_program (path, peer.pid);
	program = g_file_read_link (path, NULL);
	client->pid = peer.pid;
	client->uid = peer.uid;
	client->program = craton_log_one_line (program != NULL ? program : "?", -1);
}

void
craton_client_take_pidfd (CratonClient *client, int pidfd)
{
	g_autofree char *path = g_strdup_printf ("/proc/self/fdinfo/%d", pidfd);
	g_autofree char *text = NULL, *program = NULL;
	const char *line;
	char link[32];

	if (!g_file_get_contents (path, &text, NULL, NULL))
		return;
	line = strstr (text, "\nPid:");
	client->pid = line != NULL ? MAX (atoi (line + strlen ("\nPid:")), 0) : 0;
	name_program (link, client->pid);
	program = g_file_read_link (link, NULL);
	g_free (client->program);
	client->program = craton_log_one_line (program != NULL ? program : "?", -1);
}

void
craton_client_clear (CratonClient *client)
{
	g_clear_pointer (&client->program, g_free);
}

/* By the file itself: the path of a program in another mount namespace is what that says it is. */
static gboolean
runs_one_of (const CratonClient *client, char **programs)
{
	struct stat program, listed;
	char path[32];

	name_program (path, client->pid);
	if (client->pid == 0 || stat (path, &program) != 0)
		return FALSE;
	for (char **entry = programs; *entry != NULL; entry++) {
		if (stat (*entry, &listed) == 0 && listed.st_dev == program.st_dev &&
		    listed.st_ino == program.st_ino)
			return TRUE;
	}
	return FALSE;
}

static gboolean
is_one_of (const CratonClient *client, const GArray *users)
{
	for (guint i = 0; i < users->len; i++) {
		if (g_array_index (users, uid_t, i) == client->uid)
			return TRUE;
	}
	return FALSE;
}

/* Nothing is served yet, so the line is all that this process has to do with the log. */
static void
record_refusal (const CratonTokenConfig *log, const char *kind)
{
	g_autofree char *name = g_strdup_printf ("%s %s", kind, log->name);
	const CratonAuditEntry entry = { .event = "client not admitted", .token = "pkcs11:", .note = name };
	g_autoptr (CratonAudit) audit = NULL;

	/* Where there is no folder nothing was ever there to be kept from anybody. */
	if (log->audit == CRATON_AUDIT_OFF || access (log->store, F_OK) != 0)
		return;
	audit = craton_audit_new (name, log->store, CRATON_AUDIT_SYNC_EACH, (guint64) log->audit_size << 20);
	(void) craton_audit_write (audit, &entry);
}

static gboolean
is_admitted (const CratonClient *client, const CratonRules *rules, const char *kind, const CratonTokenConfig *log)
{
	if ((rules->programs == NULL || runs_one_of (client, rules->programs)) &&
	    (rules->users == NULL || is_one_of (client, rules->users)))
		return TRUE;
	g_message (_ ("policy: %s %s: not offered to %s (process %d of user %u): see allow-programs and "
	              "allow-users in craton.conf"),
	           kind, log->name, client->program, (int) client->pid, (unsigned) client->uid);
	record_refusal (log, kind);
	return FALSE;
}

void
craton_client_admit (const CratonClient *client, CratonConfig *config)
{
	for (guint i = config->tokens->len; i-- > 0;) {
		if (is_admitted (client, config->token_rules->pdata[i], "token",
		                 &g_array_index (config->tokens, CratonTokenConfig, i)))
			continue;
		g_array_remove_index (config->tokens, i);
		g_ptr_array_remove_index (config->token_rules, i);
	}
	for (guint i = config->modules->len; i-- > 0;) {
		const CratonModuleConfig *module = config->modules->pdata[i];

		if (!is_admitted (client, module->rules, "module", &module->log))
			g_ptr_array_remove_index (config->modules, i);
	}
}
