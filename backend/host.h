/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Hosting of somebody else's module: the process for it, started by a client's first backend, and inside that process the module.
 */
#ifndef CRATON_HOST_H
#define CRATON_HOST_H

#include <sys/types.h>

#include <glib.h>

#include "configuration.h"
#include "pkcs11.h"

/* A loaded and initialised module. */
typedef struct {
	CK_FUNCTION_LIST_3_2 functions; /* a copy; its version is the module's, entries that the module's list has not are NULL */
	gboolean serialise;             /* the module cannot lock: one call at a time */
	void *library;
} CratonHost;

/**
 * craton_host_open:
 * @module: what to load
 * @ret_host: initialised
 *
 * Loads the module, takes the best function list that it has and calls its C_Initialize. Why it failed is in the log. The
 * module's code runs in this process from here on, and stays loaded to its end.
 *
 * Returns: CKR_OK; CKR_TOKEN_NOT_PRESENT if the file cannot be loaded or is no PKCS#11 module of version 2 or 3; what
 *   C_Initialize answered.
 */
CK_RV craton_host_open (const CratonModuleConfig *module, CratonHost *ret_host);

/**
 * craton_host_copy_functions:
 * @list: a module's function list of any version: of CK_FUNCTION_LIST, CK_FUNCTION_LIST_3_0 or CK_FUNCTION_LIST_3_2 as its version says
 * @ret_functions: all of it that @list has, and NULL for the rest; nothing behind the end of @list is read
 *
 * Returns: whether @list is of a version whose layout is known: 2.x or 3.x.
 */
gboolean craton_host_copy_functions (gconstpointer list, CK_FUNCTION_LIST_3_2 *ret_functions);

/**
 * craton_host_spawn:
 * @module: what the new process is to host
 * @client_fd: a pidfd of the client, or -1; stays the caller's
 * @ret_pid: the process
 * @ret_fd: the client's end of the new process's control socket, close-on-exec; the caller's
 *
 * Starts this very program again, as it was when it was started, even if an upgrade has replaced its file.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY if there is no socket left; CKR_DEVICE_ERROR if no process could be started (it is in the log).
 */
CK_RV craton_host_spawn (const CratonModuleConfig *module, int client_fd, pid_t *ret_pid, int *ret_fd);

#endif /* CRATON_HOST_H */
