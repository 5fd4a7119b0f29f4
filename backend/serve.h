/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Serving the one client: its control socket, its lanes, and its death, with which this process ends. One of it per process.
 */
#ifndef CRATON_SERVE_H
#define CRATON_SERVE_H

#include <glib.h>

#include "pkcs11.h"
#include "dispatch.h"
#include "policy.h"
#include "sizes.h"

typedef struct CratonAuditCalls CratonAuditCalls;

/* What is served. */
typedef struct {
	CK_RV rv;                        /* CKR_OK; or why there are no functions: the client's hello is answered with it */
	CK_FUNCTION_LIST_3_2 *functions; /* initialised; C_Finalize is called at the end */
	gboolean serialise;              /* no two calls at a time */
	gboolean foreign;                /* somebody else's code is loaded: leave without its exit handlers and destructors */
	const CK_MECHANISM_TYPE *flat;   /* mechanisms whose parameter is plain bytes, */
	gsize n_flat;                    /* at most CRATON_FLAT_MAX */
	guint timeouts[CRATON_TIMEOUTS_MAX]; /* seconds that a call to slot n may take; the last counts for all further slots */
	gsize n_timeouts;
	CratonPolicy *policy;            /* or NULL */
	CratonAuditCalls *audit;         /* told of each call; or NULL */
	CratonOutputLength output_length; /* or NULL: then the client has to ask */
	void (*warm) (void);             /* called once in a thread of its own, while the client's first calls are served; or NULL */
	const GPtrArray *modules;        /* CratonModuleConfig, for CRATON_CONTROL_HOST; NULL in a host */
} CratonService;

/* Lanes that a client gets at the most. A few more than its proxy opens: the thread of a lane that was closed takes a moment to
 * leave it. */
#define CRATON_SERVE_LANES (CRATON_LANES_MAX + 16)

/**
 * craton_serve_watch:
 * @client_fd: a pidfd of the client; or -1, then the end of the control socket alone tells its death
 *
 * From here on this process ends when the client does, whatever else it is doing: at once, but after C_Finalize if that
 * comes back in time.
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY if there is no thread for it.
 */
CK_RV craton_serve_watch (int client_fd);

/**
 * craton_serve_run:
 * @service: what to serve; must stay
 *
 * Answers the client on CRATON_FD_CONTROL to its end or to the first message that is not understood, which also ends the
 * process. Call after craton_serve_watch().
 */
void craton_serve_run (const CratonService *service) G_GNUC_NORETURN;

#endif /* CRATON_SERVE_H */
