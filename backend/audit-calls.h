/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What goes into the audit log of which token: sits around each call of a function list, whosever it is, and keeps what a call
 * alone does not tell: the token of a session, mechanism and key of an operation.
 */
#ifndef CRATON_AUDIT_CALLS_H
#define CRATON_AUDIT_CALLS_H

#include <glib.h>

#include "audit.h"
#include "calls.h"
#include "pkcs11.h"

typedef struct CratonAuditCalls CratonAuditCalls;

/* What begin() finds out for end(). */
typedef struct {
	gpointer token; /* NULL: not to be recorded */
	char *key;
	char *with;
} CratonAuditTicket;

/**
 * craton_audit_calls_new:
 * @functions: the module that is called; asked what keys and tokens are called
 *
 * Returns: never NULL; thread-safe. Records nothing until a token is added.
 */
CratonAuditCalls *craton_audit_calls_new (CK_FUNCTION_LIST_3_2 *functions);
void craton_audit_calls_free (CratonAuditCalls *calls);

/**
 * craton_audit_calls_add:
 * @slot: of @functions
 * @level: what of it is recorded
 * @audit: (transfer full): where
 *
 * To be called before the first call.
 */
void craton_audit_calls_add (CratonAuditCalls *calls, CK_SLOT_ID slot, CratonAuditLevel level, CratonAudit *audit);

/**
 * craton_audit_calls_add_rest:
 *
 * The same for all slots of @functions that are not added, in one log: those of somebody else's module, which nobody knows beforehand.
 */
void craton_audit_calls_add_rest (CratonAuditCalls *calls, CratonAuditLevel level, CratonAudit *audit);

/**
 * craton_audit_calls_begin:
 * @args: of the call, decoded; nobody else changes them any more
 * @ret_ticket: to be given to craton_audit_calls_end() where this returns CKR_OK
 *
 * Returns: CKR_OK; what craton_audit_prepare() says: answer the call with it and do not make it.
 */
CK_RV craton_audit_calls_begin (CratonAuditCalls *calls, CratonCallId call, const CK_ULONG *args,
                                CratonAuditTicket *ret_ticket);

/**
 * craton_audit_calls_end:
 * @rv: what the call answered, or what it was refused with
 * @refused: (nullable): who refused it, when the module was not asked; that is recorded at every level
 *
 * Returns: @rv; or, if the log cannot be written, what the call must be answered with in place of its results.
 */
CK_RV craton_audit_calls_end (CratonAuditCalls *calls, CratonCallId call, const CK_ULONG *args,
                              CratonAuditTicket *ticket, CK_RV rv, const char *refused);

/* The least level with which @call is recorded; for the test. */
CratonAuditLevel craton_audit_calls_level (CratonCallId call);

/* Puts all logs on the disk. */
void craton_audit_calls_flush (CratonAuditCalls *calls);

#endif /* CRATON_AUDIT_CALLS_H */
