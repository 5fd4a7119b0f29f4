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

/**
 * craton_dispatch_lane:
 * @arena: the server thread's own, { 0 } at first; craton_arena_clear() it when the thread ends
 * @lane: a lane in which a request has come
 * @inout_call: as craton_lane_await_request() gave it; rv, understood and reply_len are set
 *
 * Never fails: what cannot be decoded is answered with understood = false and CKR_DEVICE_ERROR. Thread-safe.
 */
void craton_dispatch_lane (CratonDispatch *dispatch, CratonArena *arena, CratonLane *lane, CratonLaneCall *inout_call);

#endif /* CRATON_DISPATCH_H */
