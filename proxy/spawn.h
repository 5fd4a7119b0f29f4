/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting a backend so that the host does not notice.
 */
#ifndef CRATON_SPAWN_H
#define CRATON_SPAWN_H

#include <sys/types.h>

#include "pkcs11.h"

/* A backend that was just started; the descriptors are the caller's, close-on-exec and above 2. */
typedef struct {
	int control_fd; /* the proxy's end of its control socket */
	int pidfd;      /* or -1 where the kernel has none */
	pid_t pid;
} CratonSpawned;

/**
 * craton_spawn_backend:
 * @ret_backend: filled
 *
 * The backend is nobody's child here: no SIGCHLD, nothing for wait(-1), its parent is init (or the nearest subreaper). The
 * program is the installed one, or what CRATON_BACKEND names (not in set-user-ID programs). What goes wrong is
 * logged.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY without memory, descriptors or processes; CKR_GENERAL_ERROR if the program cannot be
 *   executed.
 */
CK_RV craton_spawn_backend (CratonSpawned *ret_backend);

#endif /* CRATON_SPAWN_H */
