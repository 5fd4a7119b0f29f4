/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What craton.conf lets a client do with a token, call by call: a filter before any function list, the soft token's or a module's.
 */
#ifndef CRATON_POLICY_H
#define CRATON_POLICY_H

#include <glib.h>

#include "pkcs11.h"
#include "rules.h"

typedef struct CratonPolicy CratonPolicy;

/**
 * craton_policy_new:
 * @functions: what is filtered; must stay
 * @rules: (element-type CratonRules): of slot 0, 1 ...; or of all slots, if it is one and @of_module; must stay
 * @names: (element-type utf8): the tokens or the module, for log lines, as many as @rules; must stay
 *
 * Returns: NULL if nothing is restricted
 */
CratonPolicy *craton_policy_new (CK_FUNCTION_LIST_3_2 *functions, const GPtrArray *rules, const GPtrArray *names,
                                 gboolean of_module);
void craton_policy_free (CratonPolicy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonPolicy, craton_policy_free)

/**
 * craton_policy_before:
 * @args: of @call, decoded and private to this process
 * @ret_rv: the answer, if there is one
 * @ret_reason: with a refusal, what was not allowed, in a word and untranslated; else NULL
 *
 * To be asked before a call is made. Lists, of mechanisms and of objects that were found, are made here in the call's stead, without
 * what is not allowed. A refusal is a line in the log. Thread-safe.
 *
 * Returns: whether the call has its answer; FALSE: make it, and then tell craton_policy_after()
 */
gboolean craton_policy_before (CratonPolicy *policy, CratonCallId call, const CK_ULONG *args, CK_RV *ret_rv,
                               const char **ret_reason);

/* The call was made and answered with @rv: results that say what can be done say what is allowed. */
void craton_policy_after (CratonPolicy *policy, CratonCallId call, const CK_ULONG *args, CK_RV rv);

#endif /* CRATON_POLICY_H */
