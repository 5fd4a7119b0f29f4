/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process that starts the processes of hosted modules. What a sandboxed process starts is at least as confined as itself, and
 * a module may be allowed what the soft token is not, so a small process is split off before the sandbox closes.
 */
#ifndef CRATON_SPAWNER_H
#define CRATON_SPAWNER_H

#include <sys/types.h>

#include <glib.h>

#include "pkcs11.h"

/**
 * craton_spawner_start:
 * @modules: (element-type CratonModuleConfig): what can be asked for
 * @client_fd: a pidfd of the client, or -1
 *
 * Call while the process has one thread, before the sandbox. Starts nothing for no modules.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY if there is no process or socket left (it is in the log)
 */
CK_RV craton_spawner_start (const GPtrArray *modules, int client_fd);

/**
 * craton_spawner_host:
 * @index: of the module
 * @ret_pid: the new process
 * @ret_fd: the client's end of the new process's control socket, close-on-exec; the caller's
 *
 * Call from one thread.
 *
 * Returns: CKR_OK; CKR_ARGUMENTS_BAD for no such module; CKR_HOST_MEMORY while too many processes live;
 *   CKR_DEVICE_ERROR if no process could be started (it is in the log).
 */
CK_RV craton_spawner_host (guint64 index, pid_t *ret_pid, int *ret_fd);

/* The client is gone or done: waits until the processes that were started have seen it too, not longer than @wait_ms. One that is
 * stopped is continued at the end of its time, so that it sees it. From any thread. */
void craton_spawner_end (int wait_ms);

#endif /* CRATON_SPAWNER_H */
