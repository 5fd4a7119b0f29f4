/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dispatch: see dispatch.h. The request lies in a lane that the client can still write to: numbers are read once, structures and
 * short data are copied out by the kinds, and only bulk data is used in place.
 */
#include "config.h"

#include "dispatch.h"

#include <string.h>

#include "bind.h"
#include "kinds.h"

struct CratonDispatch {
	CK_FUNCTION_LIST_3_2 *functions;
	uint64_t flat[CRATON_FLAT_MAX];
	gsize n_flat;
	CratonBinding bindings[CRATON_CALLS];
};

CratonDispatch *
craton_dispatch_new (CK_FUNCTION_LIST_3_2 *functions, const CK_MECHANISM_TYPE *flat, gsize n_flat)
{
	CratonDispatch *self = g_new0 (CratonDispatch, 1);

	self->functions = functions;
	self->n_flat = MIN (n_flat, CRATON_FLAT_MAX);
	for (gsize i = 0; i < self->n_flat; i++)
		self->flat[i] = flat[i];
	for (guint call = 0; call < CRATON_CALLS; call++) {
		if (!craton_bind_prepare (&self->bindings[call], call))
			g_assert_not_reached ();
	}
	return self;
}

void
craton_dispatch_free (CratonDispatch *self)
{
	g_free (self);
}

/* The function of @call in the module, or NULL where it has none. */
static void (*find_function (CratonDispatch *self, guint call)) (void)
{
	void (*function) (void);

	memcpy (&function, (const char *) self->functions + craton_calls[call].offset, sizeof function);
	return function;
}

/* The results would have to be delivered after the call had returned, into memory of the client. */
static gboolean
asks_for_async (guint call, const CK_ULONG *args)
{
	return call == CRATON_C_OpenSession && (args[1] & CKF_ASYNC_SESSION) != 0;
}

static void
answer (CratonDispatch *self, CratonWire *wire, CratonLane *lane, CratonLaneCall *inout_call)
{
	const CratonCallRow *row = &craton_calls[inout_call->call];
	CK_ULONG args[CRATON_ARGS_MAX] = { 0 };
	void (*function) (void) = find_function (self, inout_call->call);
	gsize reply = craton_lane_reply_offset (inout_call->request_len, inout_call->out_len);
	CK_RV rv = CKR_FUNCTION_NOT_SUPPORTED;

	craton_kinds_get_request (wire, row, args);
	if (!craton_buf_done (&wire->buf)) {
		inout_call->rv = wire->rv != CKR_OK ? wire->rv : CKR_DEVICE_ERROR;
		return;
	}
	if (asks_for_async (inout_call->call, args))
		rv = CKR_SESSION_ASYNC_NOT_SUPPORTED;
	else if (function != NULL)
		rv = craton_bind_call (&self->bindings[inout_call->call], function, args);
	craton_buf_init (&wire->buf, lane->data + reply, lane->data_len - reply);
	craton_kinds_put_response (wire, row, rv, args);
	if (wire->buf.failed) {
		inout_call->rv = CKR_DEVICE_MEMORY;
		return;
	}
	inout_call->rv = rv;
	inout_call->understood = TRUE;
	inout_call->reply_len = wire->buf.pos;
}

void
craton_dispatch_lane (CratonDispatch *self, CratonArena *arena, CratonLane *lane, CratonLaneCall *inout_call)
{
	CratonWire wire = {
		.arena = arena,
		.out = lane->data + craton_lane_out_offset (inout_call->request_len),
		.out_len = inout_call->out_len,
		.flat = self->flat,
		.n_flat = self->n_flat,
	};

	inout_call->rv = CKR_DEVICE_ERROR;
	inout_call->understood = FALSE;
	inout_call->reply_len = 0;
	if (inout_call->call >= CRATON_CALLS || !craton_calls[inout_call->call].travels)
		return;
	craton_buf_init (&wire.buf, lane->data, inout_call->request_len);
	answer (self, &wire, lane, inout_call);
	if (wire.secret)
		craton_wipe (lane->data, inout_call->request_len);
	craton_arena_reset (arena);
}
