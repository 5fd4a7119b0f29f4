/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Starting a backend so that the host does not notice.
 */
#ifndef CRATON_SPAWN_H
#define CRATON_SPAWN_H

#include "pkcs11.h"

/**
 * craton_spawn_backend:
 * @ret_fd: the proxy's end of the new backend's control socket, close-on-exec, above 2
 * @ret_pidfd: a pidfd of the backend, as @ret_fd, or -1 where the kernel has none
 *
 * The backend is nobody's child here: no SIGCHLD, nothing for wait(-1), its parent is init (or the nearest subreaper). The
 * program is the installed one, or what CRATON_BACKEND names (not in set-user-ID programs). What goes wrong is
 * logged.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY without memory, descriptors or processes; CKR_GENERAL_ERROR if the program cannot be
 *   executed.
 */
CK_RV craton_spawn_backend (int *ret_fd, int *ret_pidfd);

#endif /* CRATON_SPAWN_H */
