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
#include <malloc.h>
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

#include "audit-calls.h"
#include "client.h"
#include "configuration.h"
#include "control.h"
#include "environment.h"
#include "host.h"
#include "late.h"
#include "log.h"
#include "pages.h"
#include "plan.h"
#include "presence.h"
#include "sandbox.h"
#include "secret.h"
#include "serve.h"
#include "spawner.h"
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
	          "  --explain-sandbox [--host NAME]\n"
	          "               print what that process may do\n"
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
	/* Somebody may have stopped this process when the client ends: the end of the socket continues it, so that it ends, too. */
	(void) fcntl (CRATON_FD_CONTROL, F_SETOWN, getpid ());
	(void) fcntl (CRATON_FD_CONTROL, F_SETSIG, SIGCONT);
	(void) fcntl (CRATON_FD_CONTROL, F_SETFL, fcntl (CRATON_FD_CONTROL, F_GETFL) | O_ASYNC);
	if (with_client)
		(void) fcntl (CRATON_FD_CLIENT, F_SETFD, FD_CLOEXEC);
}

static void
set_signals (gboolean is_host)
{
	/* SIGXFSZ: at the limit of file sizes a write is to fail, and not to end the process. */
	static const int unwanted[] = { SIGPIPE, SIGHUP, SIGINT, SIGQUIT, SIGXFSZ };
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

/* A heap that grows in large steps: each is a system call, and a thread's own heap would grow page by page. Memory that is not used is
 * not there. The other two are what the C library would come to by itself, had the first not been set. */
static void
set_heap (void)
{
	(void) mallopt (M_TOP_PAD, 1 << 20);
	(void) mallopt (M_MMAP_THRESHOLD, 4 << 20);
	(void) mallopt (M_TRIM_THRESHOLD, 8 << 20);
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

/* Slot n is the n-th token. Tokens beyond the table share the last place: the longest of their times. */
static void
set_timeouts (const CratonConfig *config, CratonService *service)
{
	for (guint i = 0; i < config->tokens->len; i++) {
		guint timeout = g_array_index (config->tokens, CratonTokenConfig, i).call_timeout;
		guint *last = &service->timeouts[CRATON_TIMEOUTS_MAX - 1];

		if (i < CRATON_TIMEOUTS_MAX)
			service->timeouts[service->n_timeouts++] = timeout;
		else if (*last != 0 && (timeout == 0 || timeout > *last))
			*last = timeout;
	}
}

/* The policy of the tokens or of the module, with names for the log. Both stay for the life of the process. */
static CratonPolicy *
open_policy (const CratonConfig *config, CK_FUNCTION_LIST_3_2 *functions, gboolean of_module)
{
	static GPtrArray *rules, *names;

	rules = g_ptr_array_new ();
	names = g_ptr_array_new ();
	for (guint i = 0; !of_module && i < config->tokens->len; i++) {
		g_ptr_array_add (rules, config->token_rules->pdata[i]);
		g_ptr_array_add (names, g_strdup_printf ("token %s",
		                                         g_array_index (config->tokens,
		                                                        CratonTokenConfig, i)
		                                                 .name));
	}
	if (of_module) {
		const CratonModuleConfig *module = config->modules->pdata[0];

		g_ptr_array_add (rules, module->rules);
		g_ptr_array_add (names, g_strdup_printf ("module %s", module->name));
	}
	return craton_policy_new (functions, rules, names, of_module);
}

/* All of a module's tokens have one log. */
static CratonAuditCalls *
open_module_audit (const CratonModuleConfig *module, CK_FUNCTION_LIST_3_2 *functions)
{
	g_autofree char *name = g_strdup_printf ("module %s", module->name);
	CratonAuditCalls *calls;

	if (module->log.audit == CRATON_AUDIT_OFF)
		return NULL;
	calls = craton_audit_calls_new (functions);
	craton_audit_calls_add_rest (calls, module->log.audit,
	                             craton_audit_new (name, module->log.store, module->log.audit_sync,
	                                               (guint64) module->log.audit_size << 20));
	return calls;
}

/* Slot n is the n-th token. */
static CratonAuditCalls *
open_audit (const CratonConfig *config, CK_FUNCTION_LIST_3_2 *functions)
{
	CratonAuditCalls *calls = NULL;

	for (guint i = 0; i < config->tokens->len; i++) {
		const CratonTokenConfig *token = &g_array_index (config->tokens, CratonTokenConfig, i);
		g_autofree char *name = g_strdup_printf ("token %s", token->name);

		if (token->audit == CRATON_AUDIT_OFF)
			continue;
		if (calls == NULL)
			calls = craton_audit_calls_new (functions);
		craton_audit_calls_add (calls, i, token->audit,
		                        craton_audit_new (name, token->store, token->audit_sync,
		                                          (guint64) token->audit_size << 20));
	}
	return calls;
}

/* Whether a client may know a length without a call that a policy or a log of all calls would hear of. */
static gboolean
may_tell_lengths (const CratonConfig *config, const CratonService *service)
{
	for (guint i = 0; i < config->tokens->len; i++) {
		if (g_array_index (config->tokens, CratonTokenConfig, i).audit == CRATON_AUDIT_ALL)
			return FALSE;
	}
	return service->policy == NULL;
}

static void
open_token (const CratonConfig *config, CratonService *service)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };

	craton_token_configure ((const CratonTokenConfig *) (void *) config->tokens->data,
	                        config->tokens->len);
	service->functions = craton_token_function_list ();
	service->modules = config->modules;
	service->warm = craton_token_warm;
	set_timeouts (config, service);
	service->policy = open_policy (config, service->functions, FALSE);
	service->audit = open_audit (config, service->functions);
	if (may_tell_lengths (config, service))
		service->output_length = craton_token_output_length;
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
	service->policy = open_policy (config, service->functions, TRUE);
	service->audit = open_module_audit (module, service->functions);
	service->serialise = host->serialise;
	service->flat = module->flat;
	service->n_flat = module->n_flat;
	service->timeouts[0] = module->call_timeout;
	service->n_timeouts = 1;
}

/* Whether the keys can be kept out of swap: known once libcrypto is open. */
static gboolean secrets_locked;
static CratonSandboxMode secrets_mode;

static void
prepare_crypto (const CratonLateCrypto *crypto)
{
	craton_pages_init (crypto->set_memory);
	secrets_locked = craton_secret_init (crypto->make_secure_heap);
	if (!secrets_locked && secrets_mode != CRATON_SANDBOX_REQUIRED)
		g_message (_ ("sandbox: keys may be written to swap: raise the limit of locked memory to "
		              "8 MiB"));
}

/* Whether the keys can be kept as craton.conf wants it. Only who requires it waits for libcrypto to tell. */
static gboolean
guard_secrets (CratonSandboxMode mode)
{
	secrets_mode = mode;
	craton_late_crypto (prepare_crypto);
	if (mode != CRATON_SANDBOX_REQUIRED)
		return TRUE;
	craton_token_warm ();
	if (!secrets_locked)
		g_warning (_ ("sandbox: craton.conf requires all of it, and keys cannot be kept out of "
		              "swap: raise the limit of locked memory to 8 MiB; nothing is served"));
	return secrets_locked;
}

/* For "craton status": the tokens that the client was admitted to, or the module. */
static char *
list_served (const CratonConfig *config, const char *module)
{
	g_autoptr (GString) names = g_string_new (module);

	for (guint i = 0; module == NULL && i < config->tokens->len; i++)
		g_string_append_printf (names, "%s%s", i > 0 ? " " : "",
		                        g_array_index (config->tokens, CratonTokenConfig, i).name);
	return g_strdup (names->str);
}

/* What is done and cannot serve. */
static int
leave (void)
{
	craton_presence_close ();
	return EXIT_FAILURE;
}

/* The whole life of a backend; @name is the module's, or NULL. */
static int
live (const char *name)
{
	gboolean with_client = is_pidfd (CRATON_FD_CLIENT);
	gboolean debug = secure_getenv ("CRATON_DEBUG") != NULL;
	CratonService service = { 0 };
	CratonHost host = { 0 };
	g_autofree char *served = NULL;
	CratonClient client;
	g_autoptr (CratonConfig) config = NULL;
	g_autoptr (CratonSandboxPlan) plan = NULL;

	set_heap ();
	keep_descriptors (with_client, debug);
	/* A host gets what is left of it from here, and what craton.conf adds for it. */
	if (name == NULL)
		craton_environment_reduce ();
	craton_log_init (debug);
	settle (name != NULL);
	config = craton_config_load (SYSCONFDIR, name);
	/* A host was started for a client that is admitted. */
	craton_client_init (&client, CRATON_FD_CONTROL);
	if (name != NULL && with_client)
		craton_client_take_pidfd (&client, CRATON_FD_CLIENT);
	craton_audit_set_client (client.pid, client.uid);
	if (name == NULL)
		craton_client_admit (&client, config);
	plan = craton_plan_new (config, name != NULL, TRUE);
	if (name == NULL &&
	    craton_spawner_start (config->modules, with_client ? CRATON_FD_CLIENT : -1) != CKR_OK)
		return EXIT_FAILURE;
	served = list_served (config, name);
	craton_presence_open (plan->removes, &client, served, craton_sandbox_state (plan));
	craton_client_clear (&client);
	if (craton_sandbox_enter (plan) != CKR_OK || (name == NULL && !guard_secrets (plan->mode)))
		return leave ();
	if (craton_serve_watch (with_client ? CRATON_FD_CLIENT : -1) != CKR_OK) {
		g_warning (_ ("client: no memory for a thread; nothing is served"));
		return leave ();
	}
	if (name != NULL)
		open_host (config, name, &host, &service);
	else
		open_token (config, &service);
	craton_serve_run (&service);
}

static int
explain (const char *name)
{
	g_autoptr (CratonConfig) config = craton_config_load (SYSCONFDIR, name);
	g_autoptr (CratonSandboxPlan) plan = NULL;
	g_autofree char *text = NULL;

	if (name != NULL && config->modules->len == 0) {
		fprintf (stderr, _ ("craton-backend: craton.conf has no module %s\n"), name);
		return EXIT_USAGE;
	}
	plan = craton_plan_new (config, name != NULL, FALSE);
	text = craton_sandbox_explain (plan);
	fputs (text, stdout);
	return fflush (stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
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
	if (argc == 2 && strcmp (argv[1], "--explain-sandbox") == 0)
		return explain (NULL);
	if (argc == 4 && strcmp (argv[1], "--explain-sandbox") == 0 &&
	    strcmp (argv[2], "--host") == 0)
		return explain (argv[3]);
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
