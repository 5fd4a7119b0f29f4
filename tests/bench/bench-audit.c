/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the audit log costs: calls of the soft token in this process with audit = off, keys and all, in turns, so that whatever
 * else the machine does is the same for all three. Microseconds for one call, the best of several runs; nothing is asserted.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "audit-calls.h"
#include "token.h"

#define N_RUNS 400
#define N_CALLS 200
#define LEVELS 3

static CK_FUNCTION_LIST_3_2 *p11;
static CK_SESSION_HANDLE session;
static CK_OBJECT_HANDLE key;

static CK_RV
through (CratonAuditCalls *audit, CratonCallId call, const CK_ULONG *args, CK_RV (*make) (const CK_ULONG *args))
{
	CratonAuditTicket ticket;
	CK_RV rv;

	if (audit == NULL)
		return make (args);
	rv = craton_audit_calls_begin (audit, call, args, &ticket);
	return rv != CKR_OK ? rv : craton_audit_calls_end (audit, call, args, &ticket, make (args), NULL);
}

static CK_RV
info (const CK_ULONG *args)
{
	return p11->C_GetSessionInfo (args[0], (CK_SESSION_INFO *) args[1]);
}

static CK_RV
sign_init (const CK_ULONG *args)
{
	return p11->C_SignInit (args[0], (CK_MECHANISM *) args[1], args[2]);
}

static CK_RV
sign (const CK_ULONG *args)
{
	return p11->C_Sign (args[0], (CK_BYTE *) args[1], args[2], (CK_BYTE *) args[3], (CK_ULONG *) args[4]);
}

static CK_RV
ask_session (CratonAuditCalls *audit)
{
	CK_SESSION_INFO answer;
	CK_ULONG args[CRATON_ARGS_MAX] = { session, (CK_ULONG) &answer };

	return through (audit, CRATON_C_GetSessionInfo, args, info);
}

/* Two calls. */
static CK_RV
make_mac (CratonAuditCalls *audit)
{
	CK_MECHANISM mechanism = { CKM_SHA256_HMAC, NULL, 0 };
	CK_BYTE data[32] = { 0 }, mac[32];
	CK_ULONG mac_len = sizeof mac;
	CK_ULONG begin[CRATON_ARGS_MAX] = { session, (CK_ULONG) &mechanism, key };
	CK_ULONG end[CRATON_ARGS_MAX] = { session, (CK_ULONG) data, sizeof data, (CK_ULONG) mac, (CK_ULONG) &mac_len };
	CK_RV rv = through (audit, CRATON_C_SignInit, begin, sign_init);

	return rv != CKR_OK ? rv : through (audit, CRATON_C_Sign, end, sign);
}

static double
now_us (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (double) now.tv_sec * 1e6 + (double) now.tv_nsec / 1e3;
}

/* Short enough that some runs are not disturbed by what else the machine does. */
static double
measure (CratonAuditCalls *audit, CK_RV (*work) (CratonAuditCalls *audit))
{
	double start = now_us ();

	for (int i = 0; i < N_CALLS; i++) {
		CK_RV rv = work (audit);

		if (rv != CKR_OK) {
			fprintf (stderr, "bench-audit: 0x%lx\n", rv);
			exit (1);
		}
	}
	return (now_us () - start) / N_CALLS;
}

static void
open_token (const char *folder)
{
	CratonTokenConfig config = { .name = (char *) "bench", .store = (char *) folder, .pin_cost = 14 };
	CK_BYTE pin[] = "87654321", label[32];
	CK_MECHANISM mechanism = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_ULONG len = 32;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ATTRIBUTE template[] = {
		{ CKA_VALUE_LEN, &len, sizeof len },
		{ CKA_SIGN, &yes, sizeof yes },
		{ CKA_PRIVATE, &no, sizeof no },
		{ CKA_LABEL, (void *) "bench", 5 },
	};

	memset (label, ' ', sizeof label);
	memcpy (label, "bench", 5);
	craton_token_configure (&config, 1);
	p11 = craton_token_function_list ();
	if (p11->C_Initialize (NULL) != CKR_OK || p11->C_InitToken (0, pin, 8, label) != CKR_OK ||
	    p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session) != CKR_OK ||
	    p11->C_GenerateKey (session, &mechanism, template, G_N_ELEMENTS (template), &key) != CKR_OK)
		exit (1);
}

static CratonAuditCalls *
watch (const char *folder, CratonAuditLevel level)
{
	CratonAuditCalls *audit = craton_audit_calls_new (p11);
	CK_ULONG args[CRATON_ARGS_MAX] = { 0, CKF_SERIAL_SESSION, 0, 0, (CK_ULONG) &session };
	CratonAuditTicket ticket = { 0 };

	craton_audit_calls_add (audit, 0, level, craton_audit_new ("bench", folder, CRATON_AUDIT_SYNC_SECOND, 0));
	(void) craton_audit_calls_end (audit, CRATON_C_OpenSession, args, &ticket, CKR_OK, NULL);
	return audit;
}

static void
compare (const char *name, CratonAuditCalls *const *audits, CK_RV (*work) (CratonAuditCalls *audit), int n_calls)
{
	double best[LEVELS] = { 1e9, 1e9, 1e9 };

	for (int run = 0; run < N_RUNS; run++) {
		for (int i = 0; i < LEVELS; i++) {
			double each = measure (audits[i], work) / n_calls;

			best[i] = MIN (best[i], each);
		}
	}
	printf ("%-24s off %6.2f us, keys %6.2f us (%+.2f), all %6.2f us (%+.2f)\n", name, best[0], best[1],
	        best[1] - best[0], best[2], best[2] - best[0]);
}

int
main (void)
{
	g_autofree char *folder = g_dir_make_tmp ("craton-bench.XXXXXX", NULL);
	g_autofree char *command = g_strdup_printf ("rm -rf '%s'", folder);
	CratonAuditCalls *audits[LEVELS] = { NULL };

	if (folder == NULL)
		return 1;
	open_token (folder);
	audits[1] = watch (folder, CRATON_AUDIT_KEYS);
	audits[2] = watch (folder, CRATON_AUDIT_ALL);
	printf ("microseconds for a call, the best of %d runs of %d\n", N_RUNS, N_CALLS);
	compare ("C_GetSessionInfo", audits, ask_session, 1);
	compare ("C_SignInit and C_Sign", audits, make_mac, 2);
	for (int i = 0; i < LEVELS; i++)
		craton_audit_calls_free (audits[i]);
	(void) p11->C_Finalize (NULL);
	return system (command) == 0 ? 0 : 1;
}
