/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The sandbox on Linux: one table of steps, each with the profiles that take it. Whatever a client later makes the process
 * do, it cannot gain privileges, and neither a debugger of the same user nor a core file shows its keys. Trusts
 * nobody; called by main.c. Sanitizer builds take sandbox-null.c: their leak checker traces the process.
 */
#include "config.h"

#include "sandbox.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <glib.h>
#include <glib/gi18n-lib.h>

typedef struct {
	const char *name;
	int profiles;
	int (*take) (CratonSandboxProfile profile); /* 0, or -1 with errno */
} Step;

static int
no_new_privileges (CratonSandboxProfile profile)
{
	return prctl (PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

static int
no_core_file (CratonSandboxProfile profile)
{
	const struct rlimit none = { 0, 0 };

	return setrlimit (RLIMIT_CORE, &none);
}

static int
not_dumpable (CratonSandboxProfile profile)
{
	return prctl (PR_SET_DUMPABLE, 0, 0, 0, 0);
}

static const Step steps[] = {
	{ "no new privileges", CRATON_SANDBOX_TOKEN | CRATON_SANDBOX_HOST, no_new_privileges },
	{ "no core file", CRATON_SANDBOX_TOKEN | CRATON_SANDBOX_HOST, no_core_file },
	{ "not dumpable", CRATON_SANDBOX_TOKEN | CRATON_SANDBOX_HOST, not_dumpable },
};

CK_RV
craton_sandbox_enter (CratonSandboxProfile profile)
{
	for (gsize i = 0; i < G_N_ELEMENTS (steps); i++) {
		if (!(steps[i].profiles & (int) profile))
			continue;
		if (steps[i].take (profile) != 0) {
			g_warning (_ ("sandbox: the kernel refuses the step \"%s\": %s; nothing is "
			              "served without it"),
			           steps[i].name, g_strerror (errno));
			return CKR_FUNCTION_FAILED;
		}
	}
	return CKR_OK;
}
