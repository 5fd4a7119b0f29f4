/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton-backend: the process that holds the keys of one client process, or one module that is not ours. The client's
 * module starts it with a socket as descriptor 3 and, where the kernel has them, a pidfd of the client as descriptor 4; a person who
 * starts it gets an explanation. Nothing of the environment that a client's process bequeaths is taken for granted: descriptors,
 * signals, session, folder and file mask are set here.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <libintl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

#include "configuration.h"
#include "control.h"
#include "host.h"
#include "log.h"
#include "sandbox.h"
#include "serve.h"
#include "token.h"

#define EXIT_USAGE 2

static void
print_help (FILE *out)
{
	fputs (_ ("Usage: craton-backend [--host NAME]\n"
	          "Holds the tokens of one application.\n"
	          "\n"
	          "The PKCS#11 module craton-pkcs11.so starts this program when an application needs it;\n"
	          "there is no use in starting it by hand. craton.conf describes tokens and modules.\n"
	          "\n"
	          "  --host NAME  serve the module that craton.conf calls NAME, in place of the tokens\n"
	          "  --help       print this text\n"
	          "  --version    print the version\n"),
	       out);
}

static gboolean
is_control_socket (int fd)
{
	int domain = 0, type = 0;
	socklen_t domain_len = sizeof (domain), type_len = sizeof (type);

	return getsockopt (fd, SOL_SOCKET, SO_DOMAIN, &domain, &domain_len) == 0 &&
	       domain == AF_UNIX && getsockopt (fd, SOL_SOCKET, SO_TYPE, &type, &type_len) == 0 &&
	       type == SOCK_SEQPACKET;
}

/* Signal 0 does nothing but look. Where even that is forbidden (a confined domain), the name tells. */
static gboolean
is_pidfd (int fd)
{
	char link[32], target[64] = "";

	if (syscall (SYS_pidfd_send_signal, fd, 0, NULL, 0) == 0 || errno == ESRCH)
		return TRUE;
	if (errno == EBADF || errno == EINVAL)
		return FALSE;
	(void) snprintf (link, sizeof (link), "/proc/self/fd/%d", fd);
	return readlink (link, target, sizeof (target) - 1) > 0 && strstr (target, "pidfd") != NULL;
}

/* All descriptors but the control socket and the pidfd go. A hosted module may print, and must not print into either of them, nor
 * into what the application has there. */
static void
keep_descriptors (gboolean with_client, gboolean with_stderr)
{
	int null;

	closefrom (with_client ? CRATON_FD_CLIENT + 1 : CRATON_FD_CONTROL + 1);
	null = open ("/dev/null", O_RDWR);
	/* In a bare chroot: nothing can be read from or written to this either. */
	if (null < 0)
		null = open ("/", O_PATH);
	(void) dup2 (null, STDIN_FILENO);
	(void) dup2 (null, STDOUT_FILENO);
	if (!with_stderr || fcntl (STDERR_FILENO, F_GETFD) < 0)
		(void) dup2 (null, STDERR_FILENO);
	if (null > STDERR_FILENO)
		(void) close (null);
	(void) fcntl (CRATON_FD_CONTROL, F_SETFD, FD_CLOEXEC);
	if (with_client)
		(void) fcntl (CRATON_FD_CLIENT, F_SETFD, FD_CLOEXEC);
}

static void
set_signals (gboolean is_host)
{
	static const int unwanted[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT };
	struct sigaction action;
	sigset_t none;

	/* What the application ignored or blocked is its own affair; a module may count on the defaults. */
	for (int number = 1; number < NSIG; number++) {
		if (sigaction (number, NULL, &action) == 0 && action.sa_handler == SIG_IGN)
			(void) signal (number, SIG_DFL);
	}
	(void) sigemptyset (&none);
	(void) sigprocmask (SIG_SETMASK, &none, NULL);
	for (gsize i = 0; i < G_N_ELEMENTS (unwanted); i++)
		(void) signal (unwanted[i], SIG_IGN);
	/* So the hosts that this process starts leave no zombies. A hosted module may wait for children of its own. */
	if (!is_host)
		(void) signal (SIGCHLD, SIG_IGN);
}

static void
settle (gboolean is_host)
{
	char self[24];

	(void) prctl (PR_SET_NAME, "craton-backend", 0, 0, 0);
	/* Ctrl-C in the terminal is for the application; this process ends when the application has. */
	(void) setsid ();
	set_signals (is_host);
	(void) umask (077);
	/* No unmounting is to wait for this process. Where it stays does not matter: it uses absolute paths. */
	if (chdir ("/") != 0)
		g_debug ("folder: %s", g_strerror (errno));
	/* A hosted module may load all of p11-kit's modules, Craton's with them: that one offers no slots in here. */
	(void) snprintf (self, sizeof (self), "%ld", (long) getpid ());
	(void) setenv ("CRATON_INSIDE", self, TRUE);
}

static void
open_token (const CratonConfig *config, CratonService *service)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	craton_token_configure ((const CratonTokenConfig *) (void *) config->tokens->data,
	                        config->tokens->len);
	service->functions = craton_token_function_list ();
	service->modules = config->modules;
	service->rv = service->functions->C_Initialize (&args);
	if (service->rv != CKR_OK)
		g_warning (
			_ ("token: the soft token cannot start (0x%lx): see the lines before this"),
			(unsigned long) service->rv);
}

static void
open_host (const CratonConfig *config, const char *name, CratonHost *host, CratonService *service)
{
	const CratonModuleConfig *module;

	service->foreign = TRUE;
	service->rv = CKR_TOKEN_NOT_PRESENT;
	if (config->modules->len == 0) {
		g_warning (_ ("module %s: is no longer in craton.conf: restart the application"),
		           name);
		return;
	}
	module = config->modules->pdata[0];
	service->rv = craton_host_open (module, host);
	service->functions = &host->functions;
	service->serialise = host->serialise;
	service->flat = module->flat;
	service->n_flat = module->n_flat;
}

/* The whole life of a backend; @name is the module's, or NULL. */
static int
live (const char *name)
{
	gboolean with_client = is_pidfd (CRATON_FD_CLIENT);
	gboolean debug = secure_getenv ("CRATON_DEBUG") != NULL;
	CratonSandboxProfile profile = name != NULL ? CRATON_SANDBOX_HOST : CRATON_SANDBOX_TOKEN;
	CratonService service = { 0 };
	CratonHost host = { 0 };
	g_autoptr (CratonConfig) config = NULL;

	keep_descriptors (with_client, debug);
	craton_log_init (debug);
	settle (name != NULL);
	config = craton_config_load (SYSCONFDIR, name);
	if (craton_sandbox_enter (profile) != CKR_OK)
		return EXIT_FAILURE;
	if (craton_serve_watch (with_client ? CRATON_FD_CLIENT : -1) != CKR_OK) {
		g_warning (_ ("client: no memory for a thread; nothing is served"));
		return EXIT_FAILURE;
	}
	if (name != NULL)
		open_host (config, name, &host, &service);
	else
		open_token (config, &service);
	craton_serve_run (&service);
}

int
main (int argc, char **argv)
{
	const char *name = NULL;

	(void) setlocale (LC_CTYPE, "");
	(void) setlocale (LC_MESSAGES, "");
	(void) bindtextdomain (GETTEXT_PACKAGE, LOCALEDIR);
	if (argc == 2 && strcmp (argv[1], "--help") == 0) {
		print_help (stdout);
		return EXIT_SUCCESS;
	}
	if (argc == 2 && strcmp (argv[1], "--version") == 0) {
		printf ("craton-backend %s\n", PACKAGE_VERSION);
		return EXIT_SUCCESS;
	}
	if (argc == 3 && strcmp (argv[1], "--host") == 0)
		name = argv[2];
	if (argc != 1 && name == NULL) {
		print_help (stderr);
		return EXIT_USAGE;
	}
	if (!is_control_socket (CRATON_FD_CONTROL)) {
		fputs (_ ("craton-backend: this program is started by the PKCS#11 module "
		          "craton-pkcs11.so, not by hand; see craton-backend --help\n"),
		       stderr);
		return EXIT_USAGE;
	}
	return live (name);
}
