/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The soft token as main.c sees it: a configuration in, a PKCS#11 function list out. Dispatch
 * cannot tell it from a hosted module.
 */
#ifndef CRATON_TOKEN_H
#define CRATON_TOKEN_H

#include <glib.h>

#include "pkcs11.h"

/* How much of what a token does is in its audit log: each has all of those before it. */
typedef enum {
	CRATON_AUDIT_OFF,
	CRATON_AUDIT_AUTH, /* logins, PINs, initialisation */
	CRATON_AUDIT_KEYS, /* what makes, changes, destroys or uses an object */
	CRATON_AUDIT_ALL,  /* every call that reaches the token */
	CRATON_AUDIT_LEVELS,
} CratonAuditLevel;

/* When what was written is sure to be on the disk. Whatever it says, a process that dies loses nothing. */
typedef enum {
	CRATON_AUDIT_SYNC_SECOND, /* within a second */
	CRATON_AUDIT_SYNC_EACH,   /* before the call returns */
	CRATON_AUDIT_SYNC_NONE,   /* when the system sees fit */
} CratonAuditSync;

/* One configured token; slot n is the n-th of them. */
typedef struct {
	char *name;  /* the group's name in craton.conf, for log lines; the slot's description is
	                made from it */
	char *store; /* directory that holds the token's database; made with mode 0700 at
	                C_InitToken */
	gboolean exclusive; /* lock = exclusive: one process at a time */
	guint call_timeout; /* seconds that a call may take before the client kills the process, 0 for
	                       no limit; the token itself does not look at it */
	guint pin_cost;     /* log2 of scrypt's N for new PINs, 14 to 20 */
	gboolean legacy;    /* legacy = yes: 3DES and broken digests too */
	gboolean fips;      /* fips = yes: approved mechanisms and sizes only */
	/* The audit log in the store's directory; written by who calls the function list, not by the
	 * token. */
	CratonAuditLevel audit;
	CratonAuditSync audit_sync;
	guint audit_size; /* MiB of one file; 0: no limit */
} CratonTokenConfig;

/**
 * craton_token_configure:
 * @configs: (array length=n_configs): the tokens to offer, copied
 * @n_configs: how many, 0 is allowed
 *
 * Call once before C_Initialize of the function list. Touches no file.
 */
void craton_token_configure (const CratonTokenConfig *configs, gsize n_configs);

/**
 * craton_token_output_length:
 * @session: has an operation that nothing was done with yet
 * @signs: of C_SignInit, else of C_DigestInit
 *
 * Returns: how many bytes a call without a buffer would say that C_Sign or C_Digest gives, whatever the data;
 *   CK_UNAVAILABLE_INFORMATION if that depends on the data or there is no such operation.
 */
CK_ULONG craton_token_output_length (CK_SESSION_HANDLE session, gboolean signs);

/**
 * craton_token_warm:
 *
 * Gets ready what most clients need soon after their first call, so that they need not wait for it then: in any thread, at any
 * time, as often as one likes. Nothing depends on it.
 */
void craton_token_warm (void);

/**
 * craton_token_function_list:
 *
 * Returns: the soft token's functions, all 104 of PKCS#11 3.2 in place (what is not supported
 * answers CKR_FUNCTION_NOT_SUPPORTED); static, valid for the life of the process.
 */
CK_FUNCTION_LIST_3_2 *craton_token_function_list (void);

#endif /* CRATON_TOKEN_H */
