/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the backend gives up before it reads the first byte from its client. Profiles and what they allow are in conf/sandbox.def.
 */
#ifndef CRATON_SANDBOX_H
#define CRATON_SANDBOX_H

#include <glib.h>

#include "pkcs11.h"

typedef enum {
	CRATON_SANDBOX_TOKEN = 1 << 0,   /* the soft tokens: their folders, no network */
	CRATON_SANDBOX_MODULE = 1 << 1,  /* somebody else's module */
	CRATON_SANDBOX_LOCAL = 1 << 2,   /* ... that talks to a service of this machine */
	CRATON_SANDBOX_NETWORK = 1 << 3, /* ... or to others */
} CratonSandboxProfile;

typedef enum {
	CRATON_SANDBOX_ON,       /* as far as the kernel can; the default */
	CRATON_SANDBOX_OFF,      /* only what concerns core files, debuggers and privileges */
	CRATON_SANDBOX_REQUIRED, /* all of it, or nothing is served */
} CratonSandboxMode;

typedef struct {
	CratonSandboxProfile profile;
	CratonSandboxMode mode;
	GPtrArray *reads;  /* (element-type utf8): paths besides those of the profile */
	GPtrArray *writes; /* (element-type utf8) */
	char *removes;     /* a folder of which files may be removed, and nothing more; or NULL */
} CratonSandboxPlan;

/**
 * craton_sandbox_enter:
 * @plan: what this process is for
 *
 * Gives up what @plan does not need, for good. Call while the process has one thread, before the first byte from the
 * client is read. A part that the kernel lacks is one line in the log.
 *
 * Returns: CKR_OK; CKR_FUNCTION_FAILED if the kernel refused a step, or lacks a part that @plan requires (it is in the log): do
 *   not serve then.
 */
CK_RV craton_sandbox_enter (const CratonSandboxPlan *plan);

/* In a few words, not translated, how much of @plan this kernel and this build can keep: "on", "on, in part", "off". Before
 * craton_sandbox_enter(). */
const char *craton_sandbox_state (const CratonSandboxPlan *plan);

/**
 * craton_sandbox_explain:
 * @plan: what a process is for
 *
 * Returns: (transfer full): what it may do on this kernel, as text for people
 */
char *craton_sandbox_explain (const CratonSandboxPlan *plan);

#endif /* CRATON_SANDBOX_H */
