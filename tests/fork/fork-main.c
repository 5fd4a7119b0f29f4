/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * fork-cases THEME COLUMN: runs the cases of one theme in one column of the table, each in a
 * process of its own with a deadline, and writes their results, one line a case, where table.py
 * finds them. Nothing that a case made may be left when it is over.
 *
 * From meson: CRATON_BUILD. The cases use copies in a scratch folder, so that a user without rights
 * can read them.
 */
#include "config.h"

#include "fork-common.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fork-probes.h"

#define NOBODY 65534
#define CASE_LIMIT_MS 900000
#define EXIT_SKIP 77

static const struct {
	const char *name;
	const ForkCase *cases;
} themes[] = {
	{ "split", split_cases },     { "shared", shared_cases },           { "ends", ends_cases },
	{ "threads", threads_cases }, { "signals", signals_cases },         { "init", init_cases },
	{ "random", random_cases },   { "descriptors", descriptors_cases }, { "exec", exec_cases },
	{ "reaping", reaping_cases }, { "limits", limits_cases },           { "log", log_cases },
};

static const struct {
	const char *name;
	bool hosted, via_p11_kit;
} columns[] = {
	{ "soft", false, false },
	{ "hosted", true, false },
	{ "soft-p11-kit", false, true },
	{ "hosted-p11-kit", true, true },
};

static FILE *results;
static bool by_root, skipped;
static char softhsm[128], user_conf[128];

/* Scratch */

static void
run_command (const char *format, ...)
{
	char command[3 * PATH_MAX];
	va_list args;

	va_start (args, format);
	(void) vsnprintf (command, sizeof (command), format, args);
	va_end (args);
	if (system (command) != 0)
		fail (__FILE__, __LINE__, "failed: %s", command);
}

static const char *
in_scratch (const char *format, ...)
{
	static char paths[4][PATH_MAX];
	static int next;
	char *path = paths[next++ % 4];
	int len = snprintf (path, PATH_MAX, "%s/", rig.scratch);
	va_list args;

	va_start (args, format);
	(void) vsnprintf (path + len, PATH_MAX - (size_t) len, format, args);
	va_end (args);
	return path;
}

static void
copy_programs (void)
{
	const char *build = getenv ("CRATON_BUILD");

	check (build != NULL);
	(void) strcpy (rig.scratch, "/tmp/craton-fork.XXXXXX");
	check (mkdtemp (rig.scratch) != NULL);
	run_command ("cd %s && mkdir -p proxy backend tests/fork data softhsm "
	             "home/.config/pkcs11/modules",
	             rig.scratch);
	run_command ("cd %s/proxy && cp -L %s/proxy/craton-pkcs11.so %s/proxy/libcraton.so.0 .",
	             rig.scratch, build, build);
	run_command ("cp %s/backend/craton-backend %s/backend/", build, rig.scratch);
	run_command ("cd %s/tests/fork && cp %s/tests/fork/fork-cases "
	             "%s/tests/fork/hosted-unlocked.so .",
	             rig.scratch, build, build);
	(void) snprintf (rig.module, sizeof (rig.module), "%s/proxy/craton-pkcs11.so", rig.scratch);
	(void) snprintf (rig.self, sizeof (rig.self), "%s/tests/fork/fork-cases", rig.scratch);
}

static void
set_environment (void)
{
	check (setenv ("HOME", in_scratch ("home"), 1) == 0);
	check (setenv ("XDG_CONFIG_HOME", in_scratch ("home/.config"), 1) == 0);
	check (setenv ("XDG_DATA_HOME", in_scratch ("data"), 1) == 0);
	check (setenv ("XDG_RUNTIME_DIR", rig.scratch, 1) == 0);
	check (setenv ("CRATON_BACKEND", in_scratch ("backend/craton-backend"), 1) == 0);
	check (setenv ("CRATON_CONFIG", user_conf, 1) == 0);
	check (setenv ("CRATON_STRICT", "1", 1) == 0);
	check (setenv ("LC_ALL", "C", 1) == 0);
	(void) unsetenv ("CRATON_DEBUG");
	(void) unsetenv ("LD_LIBRARY_PATH");
}

/* @module is what is hosted; NULL for the soft token alone. */
static void
configure (const char *module)
{
	char text[4 * PATH_MAX];

	if (module == NULL)
		(void) snprintf (text, sizeof (text), "[craton]\n");
	else
		(void) snprintf (text, sizeof (text),
		                 "[craton]\ndefault-token=no\n\n"
		                 "[module hosted]\npath=%s\nenvironment=SOFTHSM2_CONF=%s\n"
		                 "write-paths=%s\n",
		                 module, in_scratch ("softhsm2.conf"), in_scratch ("softhsm"));
	write_text (user_conf, text);
	(void) snprintf (
		text, sizeof (text),
		"directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n",
		in_scratch ("softhsm"));
	write_text (in_scratch ("softhsm2.conf"), text);
	(void) snprintf (text, sizeof (text), "module: %s\ncritical: no\n", rig.module);
	write_text (in_scratch ("home/.config/pkcs11/modules/craton.module"), text);
	write_text (in_scratch ("home/.config/pkcs11/pkcs11.conf"), "user-config: only\n");
}

static void
find_softhsm (void)
{
	FILE *list = popen (
		"ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2> /dev/null",
		"r");

	check (list != NULL && fgets (softhsm, sizeof (softhsm), list) != NULL);
	softhsm[strcspn (softhsm, "\n")] = '\0';
	(void) pclose (list);
}

/* Another user, who keeps what root may do with namespaces. */
static void
become_nobody (void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2];

	check (prctl (PR_SET_KEEPCAPS, 1) == 0);
	check (setgroups (0, NULL) == 0 && setresgid (NOBODY, NOBODY, NOBODY) == 0 &&
	       setresuid (NOBODY, NOBODY, NOBODY) == 0);
	check (syscall (SYS_capget, &header, data) == 0);
	data[0].effective = data[0].permitted;
	data[1].effective = data[1].permitted;
	check (syscall (SYS_capset, &header, data) == 0);
	check (prctl (PR_SET_DUMPABLE, 1) == 0);
}

static void
set_up (void)
{
	copy_programs ();
	(void) snprintf (user_conf, sizeof (user_conf), "%s/craton.conf", rig.scratch);
	find_softhsm ();
	configure (rig.hosted ? softhsm : NULL);
	set_environment ();
	check (prctl (PR_SET_CHILD_SUBREAPER, 1) == 0);
	rig.runner = getpid ();
	if (geteuid () == 0)
		run_command ("chmod -R a+rX %s", rig.scratch);
	if (geteuid () == 0 && rig.via_p11_kit) {
		give_scratch_away (NOBODY);
		become_nobody ();
	}
}

/* Running */

static int64_t
case_limit_ms (void)
{
	return (is_long () ? 20 : 1) * CASE_LIMIT_MS;
}

static bool
run_case (const ForkCase *fork_case)
{
	const char *note, *result;
	P11KitPart part = p11_kit_part (fork_case->id, &note);
	int64_t start = now_ms ();
	bool good;

	rig.case_id = fork_case->id;
	if ((fork_case->flags & UNLOCKED_INIT) != 0 && !rig.hosted) {
		fprintf (results, "%s\t%s\t-\t\n", fork_case->id, fork_case->title);
		return true;
	}
	if ((fork_case->flags & NEEDS_ROOT) != 0 && !by_root) {
		fprintf (results, "%s\t%s\tneeds root\t\n", fork_case->id, fork_case->title);
		printf ("%-20s %-15s needs root\n", fork_case->id, rig.column);
		skipped = true;
		return true;
	}
	if ((fork_case->flags & UNLOCKED_INIT) != 0)
		configure (in_scratch ("tests/fork/hosted-unlocked.so"));
	good = run_in_child (fork_case->run, case_limit_ms ());
	if ((fork_case->flags & UNLOCKED_INIT) != 0)
		configure (softhsm);
	if ((fork_case->flags & NEEDS_ROOT) != 0)
		give_scratch_away (getuid ());
	result = !good ? "FAIL" : part == P11_KIT_BREAKS ? "n/a" : "ok";
	/* No buffer may be copied by a fork. */
	fprintf (results, "%s\t%s\t%s\t%s\n", fork_case->id, fork_case->title, result,
	         note != NULL ? note : "");
	printf ("%-20s %-15s %-5s %6d ms  %s\n", fork_case->id, rig.column, result,
	        (int) (now_ms () - start), note != NULL ? note : "");
	(void) fflush (NULL);
	return good;
}

static int
run_theme (const char *theme, const ForkCase *cases, const char *only)
{
	const char *build = getenv ("CRATON_BUILD");
	char path[PATH_MAX], done[PATH_MAX - 8];
	int n_failed = 0;

	check (build != NULL);
	by_root = geteuid () == 0;
	(void) snprintf (done, sizeof (done), "%s/tests/fork/results/%s.%s", build, theme,
	                 rig.column);
	(void) snprintf (path, sizeof (path), "%s.new", done);
	run_command ("mkdir -p %s/tests/fork/results", build);
	results = fopen (path, "we");
	check (results != NULL);
	set_up ();
	rig.case_id = "make-token";
	if (!run_in_child (make_token, case_limit_ms ()))
		n_failed++;
	for (const ForkCase *fork_case = cases; n_failed == 0 || fork_case->id != NULL;
	     fork_case++) {
		if (fork_case->id == NULL)
			break;
		if (only == NULL || strcmp (only, fork_case->id) == 0)
			n_failed += !run_case (fork_case);
	}
	check (fclose (results) == 0 && rename (path, done) == 0);
	remove_scratch ();
	if (n_failed != 0)
		return EXIT_FAILURE;
	return skipped ? EXIT_SKIP : EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
	rig.column = rig.case_id = "-";
	/* A probe tells what it inherited. Here nothing counts that whoever started the test has
	 * left open. */
	if (argc >= 2 && strcmp (argv[1], "--probe") != 0)
		closefrom (STDERR_FILENO + 1);
	if (argc >= 3 && strcmp (argv[1], "--probe") == 0)
		return run_probe (argc - 2, argv + 2);
	if (argc < 3) {
		fprintf (stderr, "Usage: fork-cases THEME COLUMN [CASE]\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof (columns) / sizeof (columns[0]); i++) {
		if (strcmp (columns[i].name, argv[2]) == 0) {
			rig.column = columns[i].name;
			rig.hosted = columns[i].hosted;
			rig.via_p11_kit = columns[i].via_p11_kit;
		}
	}
	for (size_t i = 0; i < sizeof (themes) / sizeof (themes[0]); i++) {
		if (strcmp (themes[i].name, argv[1]) == 0 && rig.column[0] != '-')
			return run_theme (themes[i].name, themes[i].cases, argv[3]);
	}
	fprintf (stderr, "fork-cases: no such theme or column\n");
	return 2;
}
