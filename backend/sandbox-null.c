/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * No sandbox: for builds with a sanitizer, whose leak checker must be able to trace the process, for systems that have none, and
 * for builds without libseccomp.
 */
#include "config.h"

#include "sandbox.h"

#include <glib/gi18n-lib.h>

CK_RV
craton_sandbox_enter (const CratonSandboxPlan *plan)
{
	if (plan->mode == CRATON_SANDBOX_REQUIRED) {
		g_warning (_ ("sandbox: craton.conf requires one, and this build of Craton has "
		              "none; nothing is served"));
		return CKR_FUNCTION_FAILED;
	}
	g_debug ("sandbox: this build has none");
	return CKR_OK;
}

const char *
craton_sandbox_state (const CratonSandboxPlan *plan)
{
	(void) plan;
	return "off";
}

char *
craton_sandbox_explain (const CratonSandboxPlan *plan)
{
	return g_strdup (_ ("This build of Craton has no sandbox.\n"));
}
