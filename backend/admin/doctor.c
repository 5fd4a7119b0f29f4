/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton doctor: looks whether this installation works, for the user who runs it, and says what to do where it does not. One table of
 * checks. Nothing is changed; applications' work is done in child processes.
 */
#include "config.h"

#include "doctor.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "admin.h"
#include "options.h"

/* Until a process that hangs is ended: longer than the module waits for a backend. */
#define CHILD_S 60

typedef struct {
	const char *check;
	CratonDoctorState state;
	char *found;
	char *todo;
} Finding;

static const struct {
	const char *name;
	CratonDoctorCheck *run;
} checks[] = {
	{ "registration", craton_doctor_registration },
	{ "module", craton_doctor_module },
	{ "backend", craton_doctor_backend },
	{ "configuration", craton_doctor_configuration },
	{ "store", craton_doctor_stores },
	{ "audit", craton_doctor_audit },
	{ "kernel", craton_doctor_kernel },
	{ "libcrypto", craton_doctor_libcrypto },
	{ "application", craton_doctor_application },
	{ "hardened", craton_doctor_hardened },
	{ "fork", craton_doctor_fork },
	{ "pins", craton_doctor_pins },
};

static const char *const states[] = {
	[CRATON_DOCTOR_OK] = N_ ("ok"),
	[CRATON_DOCTOR_WARNING] = N_ ("warning"),
	[CRATON_DOCTOR_WRONG] = N_ ("wrong"),
};

static void
finding_free (gpointer data)
{
	Finding *finding = data;

	g_free (finding->found);
	g_free (finding->todo);
	g_free (finding);
}

void
craton_doctor_find (CratonDoctor *doctor, CratonDoctorState state, char *found, char *todo)
{
	Finding *finding = g_new0 (Finding, 1);

	*finding = (Finding){ doctor->check, state, g_strstrip (found), todo };
	g_ptr_array_add (doctor->findings, finding);
}

/* In the child: what is said goes through a file of its own, and the file that this program prints to is not touched. */
static G_GNUC_NORETURN void
be_child (CratonDoctorBody *body, gconstpointer data, int fd)
{
	/* Whoever started this program, or a sanitizer, may have other plans with these. */
	static const int deadly[] = { SIGALRM, SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	g_autoptr (GString) said = g_string_new (NULL);
	gboolean good;

	for (gsize i = 0; i < G_N_ELEMENTS (deadly); i++)
		(void) signal (deadly[i], SIG_DFL);
	(void) alarm (CHILD_S);
	good = body (data, said);
	for (gsize at = 0; at < said->len;) {
		gssize n = write (fd, said->str + at, said->len - at);

		if (n <= 0)
			break;
		at += (gsize) n;
	}
	_exit (good ? 0 : 1);
}

gboolean
craton_doctor_in_child (CratonDoctorBody *body, gconstpointer data, char **ret_said)
{
	g_autoptr (GString) said = g_string_new (NULL);
	char buffer[4096];
	int fds[2], status = -1;
	gssize n;
	pid_t pid;

	if (pipe (fds) != 0 || (pid = fork ()) < 0) {
		*ret_said = g_strdup (g_strerror (errno));
		return FALSE;
	}
	if (pid == 0) {
		(void) close (fds[0]);
		be_child (body, data, fds[1]);
	}
	(void) close (fds[1]);
	while ((n = read (fds[0], buffer, sizeof (buffer))) > 0)
		g_string_append_len (said, buffer, n);
	(void) close (fds[0]);
	while (waitpid (pid, &status, 0) < 0 && errno == EINTR)
		continue;
	if (WIFSIGNALED (status) && WTERMSIG (status) == SIGALRM)
		g_string_append (said, _ ("it hangs"));
	else if (WIFSIGNALED (status))
		g_string_append_printf (said, _ ("it crashes: signal %d"), WTERMSIG (status));
	*ret_said = g_utf8_make_valid (said->str, (gssize) said->len);
	return WIFEXITED (status) && WEXITSTATUS (status) == 0;
}

static void
print_table (const GPtrArray *findings)
{
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = findings->pdata[i];

		g_print ("%-8s %-14s %s\n", _ (states[finding->state]), finding->check, finding->found);
		if (finding->todo != NULL)
			g_print ("%24s-> %s\n", "", finding->todo);
	}
}

static void
print_json (const GPtrArray *findings)
{
	g_print ("[");
	for (guint i = 0; i < findings->len; i++) {
		const Finding *finding = findings->pdata[i];
		g_autofree char *found = craton_options_quote (finding->found);
		g_autofree char *todo = finding->todo != NULL ? craton_options_quote (finding->todo) : g_strdup ("null");

		g_print ("%s\n{\"check\":\"%s\",\"state\":\"%s\",\"found\":%s,\"todo\":%s}", i > 0 ? "," : "", finding->check,
		         states[finding->state], found, todo);
	}
	g_print ("\n]\n");
}

static gboolean
is_wrong (const GPtrArray *findings)
{
	for (guint i = 0; i < findings->len; i++) {
		if (((const Finding *) findings->pdata[i])->state == CRATON_DOCTOR_WRONG)
			return TRUE;
	}
	return FALSE;
}

int
craton_admin_doctor (int argc, char **argv)
{
	CratonDoctor doctor = { 0 };
	gboolean json = FALSE, wrong;
	const GOptionEntry entries[] = {
		{ "json", 0, 0, G_OPTION_ARG_NONE, &json, N_ ("Print JSON"), NULL },
		{ "module", 0, 0, G_OPTION_ARG_FILENAME, &doctor.module, N_ ("This file in place of the registered module"),
		  N_ ("FILE") },
		{ NULL },
	};

	if (!craton_options_parse (entries, NULL, _ ("Looks whether this installation works for you, and says what to do."), 0,
	                           &argc, &argv))
		return CRATON_ADMIN_USAGE;
	doctor.findings = g_ptr_array_new_with_free_func (finding_free);
	doctor.complaints = g_ptr_array_new_with_free_func (g_free);
	craton_admin_complaints = doctor.complaints;
	doctor.config = craton_config_load (SYSCONFDIR, NULL);
	craton_admin_complaints = NULL;
	for (gsize i = 0; i < G_N_ELEMENTS (checks); i++) {
		doctor.check = checks[i].name;
		checks[i].run (&doctor);
	}
	if (json)
		print_json (doctor.findings);
	else
		print_table (doctor.findings);
	wrong = is_wrong (doctor.findings);
	g_ptr_array_unref (doctor.findings);
	g_ptr_array_unref (doctor.complaints);
	craton_config_free (doctor.config);
	g_free (doctor.module);
	return wrong ? CRATON_ADMIN_BAD : CRATON_ADMIN_GOOD;
}
