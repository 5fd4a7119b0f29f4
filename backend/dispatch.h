/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One call: decode the request by its row of calls.def, make the call on a function list through libffi, encode the
 * results. Sees one function list and cannot tell the soft token from a hosted module. Every byte of the request is hostile.
 */
#ifndef CRATON_DISPATCH_H
#define CRATON_DISPATCH_H

#include <glib.h>

#include "buf.h"
#include "lane.h"
#include "pkcs11.h"
#include "policy.h"

typedef struct CratonAuditCalls CratonAuditCalls;
typedef struct CratonDispatch CratonDispatch;

/**
 * craton_dispatch_new:
 * @functions: the module, initialised; the whole structure is there whatever its version says, and what is NULL in it
 *   answers CKR_FUNCTION_NOT_SUPPORTED
 * @flat: (array length=n_flat): mechanisms whose parameter is plain bytes, from craton.conf
 *
 * Returns: never NULL; shared by all server threads.
 */
CratonDispatch *craton_dispatch_new (CK_FUNCTION_LIST_3_2 *functions, const CK_MECHANISM_TYPE *flat, gsize n_flat);
void craton_dispatch_free (CratonDispatch *dispatch);

/* From here on @policy, NULL for none, is asked before each call. It must stay. Call before the first one. */
void craton_dispatch_set_policy (CratonDispatch *dispatch, CratonPolicy *policy);

/* From here on @audit is told of each call; it must stay. */
void craton_dispatch_set_audit (CratonDispatch *dispatch, CratonAuditCalls *audit);

/**
 * CratonOutputLength:
 * @session: has just begun an operation
 * @signs: that of C_SignInit, else that of C_DigestInit
 *
 * Returns: what its C_Sign or C_Digest will give, in bytes, whatever the data; CK_UNAVAILABLE_INFORMATION if that depends on it.
 */
typedef CK_ULONG (*CratonOutputLength) (CK_SESSION_HANDLE session, gboolean signs);

/* From here on these lengths are told with the answers, so that the client need not ask for them: then @audit does not hear of it. */
void craton_dispatch_set_output_length (CratonDispatch *dispatch, CratonOutputLength output_length);

/**
 * craton_dispatch_lane:
 * @arena: the server thread's own, { 0 } at first; craton_arena_clear() it when the thread ends
 * @lane: a lane in which a request has come
 * @inout_call: as craton_lane_await_request() gave it; rv, understood, reply_len and length are set
 *
 * Never fails: what cannot be decoded is answered with understood = false and CKR_DEVICE_ERROR. Thread-safe.
 */
void craton_dispatch_lane (CratonDispatch *dispatch, CratonArena *arena, CratonLane *lane, CratonLaneCall *inout_call);

#endif /* CRATON_DISPATCH_H */
