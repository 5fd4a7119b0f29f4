/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Who the client is, as far as the kernel says. docs/security.md tells what that is worth.
 */
#ifndef CRATON_CLIENT_H
#define CRATON_CLIENT_H

#include <sys/types.h>

#include <glib.h>

#include "configuration.h"

typedef struct {
	pid_t pid;     /* 0 if the kernel does not say */
	uid_t uid;
	char *program; /* for log lines: what /proc has as its program */
} CratonClient;

/* The client at the other end of @control_fd. Call before the sandbox closes: it is looked up in /proc. */
void craton_client_init (CratonClient *client, int control_fd);

/* The same by a pidfd of the client: the socket of a module's process was made by the process that starts those. */
void craton_client_take_pidfd (CratonClient *client, int pidfd);
void craton_client_clear (CratonClient *client);

/**
 * craton_client_admit:
 * @config: tokens and modules whose allow-programs and allow-users do not name @client are taken out, with a line in the log
 *   for each
 *
 * A program is told by its file, device and inode, whatever the paths are.
 */
void craton_client_admit (const CratonClient *client, CratonConfig *config);

#endif /* CRATON_CLIENT_H */
