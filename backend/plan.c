/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Plans, see plan.h: a profile of conf/sandbox.def and the paths that craton.conf adds. Called by main.c.
 */
#include "config.h"

#include "plan.h"

#include "presence.h"

#include <errno.h>
#include <string.h>

#include <glib/gstdio.h>

static CratonSandboxPlan *
plan_new (CratonSandboxProfile profile, CratonSandboxMode mode)
{
	CratonSandboxPlan *plan = g_new0 (CratonSandboxPlan, 1);

	plan->profile = profile;
	plan->mode = mode;
	plan->reads = g_ptr_array_new_with_free_func (g_free);
	plan->writes = g_ptr_array_new_with_free_func (g_free);
	return plan;
}

void
craton_plan_free (CratonSandboxPlan *plan)
{
	if (plan == NULL)
		return;
	g_ptr_array_unref (plan->reads);
	g_ptr_array_unref (plan->writes);
	g_free (plan->removes);
	g_free (plan);
}

static void
add_all (GPtrArray *paths, char **list)
{
	for (char **path = list; path != NULL && *path != NULL; path++)
		g_ptr_array_add (paths, g_strdup (*path));
}

static CratonSandboxPlan *
plan_tokens (const CratonConfig *config, gboolean make)
{
	CratonSandboxPlan *plan = plan_new (CRATON_SANDBOX_TOKEN, config->sandbox);

	for (guint i = 0; i < config->tokens->len; i++) {
		const char *store = g_array_index (config->tokens, CratonTokenConfig, i).store;

		/* A folder that cannot be made now could not be made later; C_InitToken says why. */
		if (make && plan->mode != CRATON_SANDBOX_OFF &&
		    g_mkdir_with_parents (store, 0700) != 0)
			g_debug ("sandbox: %s: %s", store, g_strerror (errno));
		g_ptr_array_add (plan->writes, g_strdup (store));
	}
	return plan;
}

/* The module's own folder, and the files that its variables name. */
static CratonSandboxPlan *
plan_module (const CratonConfig *config, gboolean make)
{
	const CratonModuleConfig *module = config->modules->pdata[0];
	const CratonRules *rules = module->rules;
	CratonSandboxPlan *plan = plan_new (
		rules->profile, rules->has_sandbox ? rules->sandbox : config->sandbox);

	if (strchr (module->path, '/') != NULL)
		g_ptr_array_add (plan->reads, g_path_get_dirname (module->path));
	else
		g_ptr_array_add (plan->reads, g_strdup (P11_MODULE_PATH));
	for (char **entry = module->environment; entry != NULL && *entry != NULL; entry++) {
		const char *value = strchr (*entry, '=') + 1;

		if (*value == '/')
			g_ptr_array_add (plan->reads, g_strdup (value));
	}
	add_all (plan->reads, rules->reads);
	add_all (plan->writes, rules->writes);
	if (module->log.audit != CRATON_AUDIT_OFF) {
		if (make && g_mkdir_with_parents (module->log.store, 0700) != 0)
			g_debug ("audit: %s: %s", module->log.store, g_strerror (errno));
		g_ptr_array_add (plan->writes, g_strdup (module->log.store));
	}
	return plan;
}

CratonSandboxPlan *
craton_plan_new (const CratonConfig *config, gboolean of_module, gboolean make)
{
	CratonSandboxPlan *plan;

	if (!of_module)
		plan = plan_tokens (config, make);
	else if (config->modules->len == 0) /* it was taken out of craton.conf a moment ago */
		plan = plan_new (CRATON_SANDBOX_MODULE, config->sandbox);
	else
		plan = plan_module (config, make);
	plan->removes = craton_presence_folder (make);
	return plan;
}
