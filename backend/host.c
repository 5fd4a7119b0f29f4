/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Both ends of hosting a module: starting `craton-backend --host NAME`, and loading the module inside it. The module's
 * file is trusted as far as it was configured; it has the process to itself, so that its crash or hang costs its own
 * sessions and nothing else. Called by main.c (inside) and serve.c (starting).
 */
#include "config.h"

#include "host.h"

#include <dlfcn.h>
#include <errno.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "control.h"
#include "names.h"

/* C_Initialize's argument. NSS's module has a structure of its own here, with one more pointer at the end; what it reads
 * there must be NULL. */
typedef struct {
	CK_C_INITIALIZE_ARGS args;
	void *beyond[2];
} InitArgs;

gboolean
craton_host_copy_functions (gconstpointer list, CK_FUNCTION_LIST_3_2 *ret_functions)
{
	const CK_VERSION *version = list;
	gsize len;

	if (version->major == 2)
		len = sizeof (CK_FUNCTION_LIST);
	else if (version->major == 3 && version->minor < 2)
		len = sizeof (CK_FUNCTION_LIST_3_0);
	else if (version->major == 3)
		len = sizeof (CK_FUNCTION_LIST_3_2);
	else
		return FALSE;
	/* C_WaitForSlotEvent, the last of CK_FUNCTION_LIST, came with 2.1 (written 2.01 and 2.10 in the field). */
	if (version->major == 2 && version->minor == 0)
		len = G_STRUCT_OFFSET (CK_FUNCTION_LIST, C_WaitForSlotEvent);
	memset (ret_functions, 0, sizeof (*ret_functions));
	memcpy (ret_functions, list, len);
	return TRUE;
}

typedef __typeof__ (&C_GetInterface) GetInterface;

/* The best list that C_GetInterface has, or NULL. */
static gconstpointer
find_interface (GetInterface get_interface)
{
	static const CK_VERSION versions[] = { { 3, 2 }, { 3, 1 }, { 3, 0 }, { 2, 40 } };

	for (gsize i = 0; i < G_N_ELEMENTS (versions); i++) {
		CK_UTF8CHAR name[] = "PKCS 11";
		CK_VERSION version = versions[i];
		CK_INTERFACE *interface = NULL;

		if (get_interface (name, &version, &interface, 0) == CKR_OK && interface != NULL &&
		    interface->pFunctionList != NULL)
			return interface->pFunctionList;
	}
	return NULL;
}

/* The best function list of a loaded module, or NULL with a reason. */
static gconstpointer
find_list (void *library, const char **ret_reason)
{
	GetInterface get_interface;
	CK_C_GetFunctionList get_function_list;
	CK_FUNCTION_LIST *list = NULL;
	gconstpointer best;

	*(void **) &get_interface = dlsym (library, "C_GetInterface");
	*(void **) &get_function_list = dlsym (library, "C_GetFunctionList");
	best = get_interface != NULL ? find_interface (get_interface) : NULL;
	if (best != NULL)
		return best;
	if (get_function_list == NULL) {
		*ret_reason = _ ("it is no PKCS#11 module, having neither C_GetInterface nor "
		                 "C_GetFunctionList");
		return NULL;
	}
	if (get_function_list (&list) != CKR_OK || list == NULL) {
		*ret_reason = _ ("its C_GetFunctionList fails");
		return NULL;
	}
	return list;
}

/* dlopen and the function list; the log says why not. */
static CK_RV
load (const CratonModuleConfig *module, const char *path, CratonHost *host)
{
	const char *reason = NULL;
	gconstpointer list;

	/* NOW: a symbol that is missing must show here, and not in the middle of somebody's signature. */
	host->library = dlopen (path, RTLD_NOW | RTLD_LOCAL);
	if (host->library == NULL) {
		g_warning (
			_ ("module %s: %s cannot be loaded: %s; install the module or correct path= "
		           "in craton.conf"),
			module->name, path, dlerror ());
		return CKR_TOKEN_NOT_PRESENT;
	}
	list = find_list (host->library, &reason);
	if (list != NULL && !craton_host_copy_functions (list, &host->functions))
		reason = _ ("its function list is of a PKCS#11 version that is not supported");
	else if (list != NULL && host->functions.C_Initialize == NULL)
		reason = _ ("its function list has no C_Initialize");
	if (reason != NULL) {
		g_warning (_ ("module %s: %s cannot be used: %s; correct path= in craton.conf"),
		           module->name, path, reason);
		return CKR_TOKEN_NOT_PRESENT;
	}
	return CKR_OK;
}

static CK_RV
initialise (const CratonModuleConfig *module, CratonHost *host)
{
	g_autofree char *reserved = g_strdup (module->init_reserved);
	InitArgs init = { .args = { .flags = CKF_OS_LOCKING_OK, .pReserved = reserved } };
	CK_RV rv = host->functions.C_Initialize (&init);

	if (rv == CKR_CANT_LOCK || (rv == CKR_ARGUMENTS_BAD && reserved == NULL)) {
		/* It cannot lock, or is so old that it wants no argument. Without the flag the caller promises to
		 * make one call at a time (PKCS#11, C_Initialize), so that is what it gets. */
		init.args.flags = 0;
		host->serialise = TRUE;
		rv = host->functions.C_Initialize (reserved != NULL ? &init : NULL);
	}
	/* A module that initialises itself while it is loaded: nobody else here could have. */
	return rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? CKR_OK : rv;
}

static const char *
rv_name (CK_RV rv)
{
	const char *name = craton_name (CRATON_NAME_CKR, rv);

	return name != NULL ? name : _ ("a code of its own");
}

CK_RV
craton_host_open (const CratonModuleConfig *module, CratonHost *ret_host)
{
	g_autofree char *path = NULL;
	CratonHost host = { .serialise = FALSE };
	CK_RV rv;

	if (strchr (module->path, '/') != NULL)
		path = g_strdup (module->path);
	else
		path = g_build_filename (P11_MODULE_PATH, module->path, NULL);
	rv = load (module, path, &host);
	if (rv != CKR_OK)
		return rv;
	rv = initialise (module, &host);
	if (rv != CKR_OK) {
		g_warning (
			_ ("module %s: C_Initialize of %s fails with %s (0x%lx); see to the module's "
		           "own configuration, or take [module %s] out of craton.conf"),
			module->name, path, rv_name (rv), (unsigned long) rv, module->name);
		return rv;
	}
	if (host.serialise)
		g_debug ("module %s: cannot lock, calls are made one at a time", module->name);
	*ret_host = host;
	return CKR_OK;
}

/* This process's environment, with what the module's group adds. */
static char **
host_environment (const CratonModuleConfig *module)
{
	char **environment = g_get_environ ();

	for (char **entry = module->environment; entry != NULL && *entry != NULL; entry++) {
		const char *value = strchr (*entry, '=') + 1;
		g_autofree char *variable = g_strndup (*entry, (gsize) (value - *entry - 1));

		environment = g_environ_setenv (environment, variable, value, TRUE);
	}
	return environment;
}

/* posix_spawn's answer. @control_fd and @client_fd take the numbers that main.c expects. */
static int
spawn (const CratonModuleConfig *module, int control_fd, int client_fd, pid_t *ret_pid)
{
	char option[] = "--host";
	g_autofree char *own = g_file_read_link ("/proc/self/exe", NULL);
	g_autofree char *program = g_strdup (own != NULL ? own : CRATON_BACKEND_PATH);
	g_autofree char *name = g_strdup (module->name);
	char *arguments[] = { program, option, name, NULL };
	g_auto (GStrv) environment = host_environment (module);
	posix_spawn_file_actions_t actions;
	int error;

	error = posix_spawn_file_actions_init (&actions);
	if (error != 0)
		return error;
	/* In this order: control_fd may be number 4 where there is no client_fd. A descriptor dup2()ed onto itself is no
	 * longer close-on-exec. */
	error = posix_spawn_file_actions_adddup2 (&actions, control_fd, CRATON_FD_CONTROL);
	if (error == 0 && client_fd >= 0)
		error = posix_spawn_file_actions_adddup2 (&actions, client_fd, CRATON_FD_CLIENT);
	if (error == 0)
		error = posix_spawn (ret_pid, "/proc/self/exe", &actions, NULL, arguments,
		                     environment);
	/* No /proc: what is installed is most likely what is running. */
	if (error == ENOENT)
		error = posix_spawn (ret_pid, CRATON_BACKEND_PATH, &actions, NULL, arguments,
		                     environment);
	(void) posix_spawn_file_actions_destroy (&actions);
	return error;
}

CK_RV
craton_host_spawn (const CratonModuleConfig *module, int client_fd, pid_t *ret_pid, int *ret_fd)
{
	int fds[2];
	int error;

	if (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0) {
		g_warning (_ ("module %s: no socket for its process: %s"), module->name,
		           g_strerror (errno));
		return CKR_HOST_MEMORY;
	}
	error = spawn (module, fds[1], client_fd, ret_pid);
	(void) close (fds[1]);
	if (error != 0) {
		(void) close (fds[0]);
		g_warning (_ ("module %s: no process can be started for it: %s"), module->name,
		           g_strerror (error));
		return CKR_DEVICE_ERROR;
	}
	*ret_fd = fds[0];
	return CKR_OK;
}
