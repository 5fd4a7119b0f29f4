/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * From craton.conf to what a process may do.
 */
#ifndef CRATON_PLAN_H
#define CRATON_PLAN_H

#include "configuration.h"
#include "sandbox.h"

/**
 * craton_plan_new:
 * @config: as craton_config_load() gave it
 * @of_module: for the process of the first module of @config, not for that of the tokens
 * @make: make the tokens' folders where they and that of presence.h are missing: what is to be written later must be there when the sandbox closes
 *
 * Returns: (transfer full)
 */
CratonSandboxPlan *craton_plan_new (const CratonConfig *config, gboolean of_module, gboolean make);
void craton_plan_free (CratonSandboxPlan *plan);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonSandboxPlan, craton_plan_free)

#endif /* CRATON_PLAN_H */
