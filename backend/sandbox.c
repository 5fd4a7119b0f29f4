/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sandbox on Linux: one table of steps, each with when it is taken, and the table of what stays allowed, conf/sandbox.def.
 * Whatever a client or a module later makes the process do, it cannot gain privileges, start programs, open what is not its
 * own, or signal others, and neither a debugger of the same user nor a core file shows its keys. Trusts nobody; called by main.c.
 * Sanitizer builds take sandbox-null.c: their leak checker traces the process.
 */
#include "config.h"

#include "sandbox.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "landlock.h"
#include "profiles.h"
#include "sandbox-filters.h"

G_STATIC_ASSERT (TOKEN == CRATON_SANDBOX_TOKEN && MODULE == CRATON_SANDBOX_MODULE);
G_STATIC_ASSERT (LOCAL == CRATON_SANDBOX_LOCAL && NETWORK == CRATON_SANDBOX_NETWORK);

typedef enum {
	KIND_CALL,
	KIND_READ,
	KIND_WRITE,
	KIND_LIMIT,
} RowKind;

typedef struct {
	RowKind kind;
	guint who;
	const char *name; /* of the call or resource, or the path */
	gboolean some;    /* a call: with some arguments only */
	int resource;
	rlim_t limit;
} Row;

static const Row rows[] = {
#define CALL(call, who) { KIND_CALL, who, #call, FALSE, 0, 0 },
#define WHEN(call, who, argument, test, mask, value) { KIND_CALL, who, #call, TRUE, 0, 0 },
#define GONE(call, who)
#define READ(path, who) { KIND_READ, who, path, FALSE, 0, 0 },
#define WRITE(path, who) { KIND_WRITE, who, path, FALSE, 0, 0 },
#define LIMIT(resource, who, value) { KIND_LIMIT, who, #resource, FALSE, RLIMIT_##resource, value },
#define VARIABLE(name)
#include "sandbox.def"
};

static const struct {
	guint profile;
	const struct sock_filter *steps;
	gsize n_steps;
} filters[] = {
	{ TOKEN, filter_token, G_N_ELEMENTS (filter_token) },
	{ MODULE, filter_module, G_N_ELEMENTS (filter_module) },
	{ LOCAL, filter_local, G_N_ELEMENTS (filter_local) },
	{ NETWORK, filter_network, G_N_ELEMENTS (filter_network) },
};

static int
no_new_privileges (const CratonSandboxPlan *plan)
{
	return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int
not_dumpable (const CratonSandboxPlan *plan)
{
	return prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static int
limit_resources (const CratonSandboxPlan *plan)
{
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		struct rlimit limit;

		if (rows[i].kind != KIND_LIMIT || (rows[i].who & plan->profile) == 0)
			continue;
		if (getrlimit ((__rlimit_resource_t) rows[i].resource, &limit) != 0)
			return -1;
		limit.rlim_max = MIN (limit.rlim_max, rows[i].limit);
		limit.rlim_cur = MIN (limit.rlim_cur, limit.rlim_max);
		if (setrlimit ((__rlimit_resource_t) rows[i].resource, &limit) != 0)
			return -1;
	}
	return 0;
}

static gboolean
allow_all (CratonLandlock *landlock, const GPtrArray *paths, gboolean write)
{
	for (guint i = 0; paths != NULL && i < paths->len; i++) {
		if (!craton_landlock_allow (landlock, paths->pdata[i], write))
			return FALSE;
	}
	return TRUE;
}

static int
close_files (const CratonSandboxPlan *plan)
{
	g_autoptr (CratonLandlock) landlock = craton_landlock_new ();

	if (landlock == NULL)
		return -1;
	if (plan->profile == CRATON_SANDBOX_NETWORK)
		craton_landlock_allow_network (landlock);
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		gboolean is_path = rows[i].kind == KIND_READ || rows[i].kind == KIND_WRITE;

		if (is_path && (rows[i].who & plan->profile) != 0 &&
		    !craton_landlock_allow (landlock, rows[i].name, rows[i].kind == KIND_WRITE))
			return -1;
	}
	if (!allow_all (landlock, plan->reads, FALSE) || !allow_all (landlock, plan->writes, TRUE))
		return -1;
	if (plan->removes != NULL && !craton_landlock_allow_removal (landlock, plan->removes))
		return -1;
	return craton_landlock_enter (landlock) ? 0 : -1;
}

/* The filter is made without knowing who will use it. */
static void
put_own_pid (struct sock_filter *steps, gsize n_steps)
{
	for (gsize i = 0; i < n_steps; i++) {
		if (steps[i].code == (BPF_JMP | BPF_JEQ | BPF_K) &&
		    steps[i].k == CRATON_SANDBOX_OWN_PID)
			steps[i].k = (guint32) getpid ();
	}
}

static int
filter_calls (const CratonSandboxPlan *plan)
{
	g_autofree struct sock_filter *steps = NULL;
	struct sock_fprog program = { 0 };

	for (gsize i = 0; i < G_N_ELEMENTS (filters); i++) {
		if (filters[i].profile != (guint) plan->profile)
			continue;
		program.len = (unsigned short) filters[i].n_steps;
		steps = g_memdup2 (filters[i].steps, filters[i].n_steps * sizeof (*steps));
	}
	g_assert (steps != NULL);
	put_own_pid (steps, program.len);
	program.filter = steps;
	return prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0);
}

static gboolean
has_landlock (void)
{
	return craton_landlock_version () > 0;
}

static gboolean
has_whole_landlock (void)
{
	return craton_landlock_version () >= CRATON_LANDLOCK_WHOLE;
}

/* The kernel reads the filter from address 0, and cannot, if it has such filters. */
static gboolean
has_filters (void)
{
	return prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 && errno == EFAULT;
}

typedef struct {
	const char *name;
	gboolean always;               /* with sandbox=off too */
	gboolean (*is_there) (void);   /* whether the kernel has it; NULL: any kernel has */
	gboolean (*is_whole) (void);   /* ... and all that is wanted of it */
	int (*take) (const CratonSandboxPlan *plan); /* 0, or -1 with errno */
} Step;

static const Step steps_of_all[] = {
	{ N_ ("no new privileges"), TRUE, NULL, NULL, no_new_privileges },
	{ N_ ("not dumpable"), TRUE, NULL, NULL, not_dumpable },
	{ N_ ("resource limits"), TRUE, NULL, NULL, limit_resources },
	{ N_ ("limited files (Landlock)"), FALSE, has_landlock, has_whole_landlock, close_files },
	/* Last: the ones before are not among the calls that it lets through. */
	{ N_ ("limited system calls (seccomp)"), FALSE, has_filters, NULL, filter_calls },
};

/* The steps that @plan takes and this kernel lacks or has in part, or NULL. */
static char *
find_missing (const CratonSandboxPlan *plan)
{
	g_autoptr (GString) missing = g_string_new (NULL);

	for (gsize i = 0; i < G_N_ELEMENTS (steps_of_all); i++) {
		const Step *step = &steps_of_all[i];

		if (!step->always && plan->mode == CRATON_SANDBOX_OFF)
			continue;
		if ((step->is_there == NULL || step->is_there ()) &&
		    (step->is_whole == NULL || step->is_whole ()))
			continue;
		g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "",
		                        _ (step->name));
	}
	return missing->len > 0 ? g_strdup (missing->str) : NULL;
}

const char *
craton_sandbox_state (const CratonSandboxPlan *plan)
{
	g_autofree char *missing = find_missing (plan);

	if (plan->mode == CRATON_SANDBOX_OFF)
		return "off";
	return missing == NULL ? "on" : "on, in part";
}

CK_RV
craton_sandbox_enter (const CratonSandboxPlan *plan)
{
	/* Asked before the first step: what is asked for may be forbidden after the last. */
	g_autofree char *missing = find_missing (plan);

	if (missing != NULL && plan->mode == CRATON_SANDBOX_REQUIRED) {
		g_warning (_ ("sandbox: craton.conf requires all of it, and this kernel lacks: %s; "
		              "nothing is served"),
		           missing);
		return CKR_FUNCTION_FAILED;
	}
	if (missing != NULL)
		g_message (_ ("sandbox: this kernel lacks, in whole or in part: %s"), missing);
	for (gsize i = 0; i < G_N_ELEMENTS (steps_of_all); i++) {
		const Step *step = &steps_of_all[i];

		if (!step->always && plan->mode == CRATON_SANDBOX_OFF)
			continue;
		if (step->is_there != NULL && !step->is_there ())
			continue;
		if (step->take (plan) != 0) {
			g_warning (_ ("sandbox: the kernel refuses the step \"%s\": %s; nothing is "
			              "served without it"),
			           _ (step->name), g_strerror (errno));
			return CKR_FUNCTION_FAILED;
		}
	}
	return CKR_OK;
}

static void
explain_rows (GString *text, const CratonSandboxPlan *plan, RowKind kind)
{
	const char *last = "";

	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		if (rows[i].kind != kind || (rows[i].who & plan->profile) == 0 ||
		    rows[i].name[0] == '\0' || g_str_equal (rows[i].name, last))
			continue;
		last = rows[i].name;
		g_string_append_printf (text, kind == KIND_CALL ? " %s%s" : "  %s%s\n",
		                        rows[i].name, rows[i].some ? "*" : "");
	}
}

static void
explain_paths (GString *text, const GPtrArray *paths)
{
	for (guint i = 0; paths != NULL && i < paths->len; i++)
		g_string_append_printf (text, "  %s\n", (const char *) paths->pdata[i]);
}

static void
explain_limits (GString *text, const CratonSandboxPlan *plan)
{
	for (gsize i = 0; i < G_N_ELEMENTS (rows); i++) {
		if (rows[i].kind == KIND_LIMIT && (rows[i].who & plan->profile) != 0)
			g_string_append_printf (text, "  RLIMIT_%s %lu\n", rows[i].name,
			                        (unsigned long) rows[i].limit);
	}
}

char *
craton_sandbox_explain (const CratonSandboxPlan *plan)
{
	static const char *const modes[] = { "on", "off", "required" };
	g_autofree char *missing = find_missing (plan);
	g_autoptr (GString) text = g_string_new (NULL);

	g_string_append_printf (text, _ ("sandbox=%s; Landlock version of this kernel: %d\n"),
	                        modes[plan->mode], craton_landlock_version ());
	if (missing != NULL)
		g_string_append_printf (text, _ ("This kernel lacks, in whole or in part: %s\n"),
		                        missing);
	g_string_append (text, _ ("The process cannot gain privileges, is closed to debuggers and "
	                          "leaves no core file.\n"));
	g_string_append (text, _ ("Limits:\n"));
	explain_limits (text, plan);
	if (plan->mode == CRATON_SANDBOX_OFF)
		return g_strdup (text->str);
	g_string_append (text, _ ("Files and folders that it may read:\n"));
	explain_rows (text, plan, KIND_READ);
	explain_paths (text, plan->reads);
	g_string_append (text, _ ("Files and folders that it may also write:\n"));
	explain_rows (text, plan, KIND_WRITE);
	explain_paths (text, plan->writes);
	if (plan->removes != NULL)
		g_string_append_printf (text, _ ("A folder of which it may remove files, its own record for \"craton status\":\n  %s\n"),
		                        plan->removes);
	g_string_append (text, _ ("System calls (*: with some arguments only):\n"));
	explain_rows (text, plan, KIND_CALL);
	g_string_append_c (text, '\n');
	return g_strdup (text->str);
}
