/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of craton.conf that say what a token or a module may do and who may use it: for the sandbox (plan.c), for admission
 * (client.c) and for single calls (policy.c).
 */
#ifndef CRATON_RULES_H
#define CRATON_RULES_H

#include <glib.h>

#include "calls.h"
#include "sandbox.h"

typedef struct {
	/* Modules only. */
	char **reads;  /* absolute paths, NULL-terminated; or NULL */
	char **writes;
	CratonSandboxProfile profile; /* of a module, by its network= */
	gboolean has_sandbox;         /* sandbox= was given, it counts before that of [craton] */
	CratonSandboxMode sandbox;

	/* Who is offered the token; NULL: everybody. */
	char **programs; /* absolute paths */
	GArray *users;   /* of uid_t */

	/* What they may do. */
	gboolean has_policy;            /* whether anything below is restricted */
	gboolean refused[CRATON_CALLS]; /* by CratonCallId */
	GArray *allowed_mechanisms;     /* of CK_MECHANISM_TYPE; NULL: all */
	GArray *denied_mechanisms;      /* ... ; NULL: none */
	GPtrArray *objects;             /* of CratonUri: token objects that are there; NULL: all */
	gboolean read_only;
	gboolean no_so;
} CratonRules;

typedef enum {
	CRATON_RULES_OF_TOKEN = 1 << 0,
	CRATON_RULES_OF_MODULE = 1 << 1,
} CratonRulesOwner;

CratonRules *craton_rules_new (void);
void craton_rules_free (CratonRules *rules);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonRules, craton_rules_free)

/* What the key @name must be, for people and translated; NULL if no group of @owner has such a rule. */
const char *craton_rules_expected (CratonRulesOwner owner, const char *name);

/* Whether the elements of @name, which craton_rules_expected() knows, are paths that may begin with ~/. */
gboolean craton_rules_has_paths (const char *name);

/**
 * craton_rules_set:
 * @list: (array zero-terminated=1): the elements without superfluous blanks, paths absolute; as many as there are
 *
 * Returns: FALSE if they are not what craton_rules_expected() says
 */
gboolean craton_rules_set (CratonRules *rules, const char *name, char **list);

/* A mechanism by number, as C writes it, or by its name in the standard. */
gboolean craton_rules_parse_mechanism (const char *text, CK_MECHANISM_TYPE *ret_type);

/* "on", "off" or "required". */
gboolean craton_rules_parse_sandbox (const char *text, CratonSandboxMode *ret_mode);

#endif /* CRATON_RULES_H */
