/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dispatch: see dispatch.h. The request lies in a lane that the client can still write to: numbers are read once, structures and
 * short data are copied out by the kinds, and only bulk data is used in place.
 */
#include "config.h"

#include "dispatch.h"

#include <string.h>

#include "audit-calls.h"
#include "bind.h"
#include "kinds.h"
#include "presence.h"

struct CratonDispatch {
	CK_FUNCTION_LIST_3_2 *functions;
	uint64_t flat[CRATON_FLAT_MAX];
	gsize n_flat;
	CratonPolicy *policy; /* or NULL */
	CratonAuditCalls *audit; /* or NULL */
	CratonOutputLength output_length; /* or NULL */
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

void
craton_dispatch_set_policy (CratonDispatch *self, CratonPolicy *policy)
{
	self->policy = policy;
}

void
craton_dispatch_set_audit (CratonDispatch *self, CratonAuditCalls *audit)
{
	self->audit = audit;
}

void
craton_dispatch_set_output_length (CratonDispatch *self, CratonOutputLength output_length)
{
	self->output_length = output_length;
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

static CK_RV
make_call (CratonDispatch *self, CratonWire *wire, guint call, void (*function) (void), const CK_ULONG *args)
{
	CratonAuditTicket ticket = { NULL, NULL, NULL };
	const char *reason = NULL;
	gboolean refused = FALSE;
	CK_RV rv, answered;

	rv = self->audit != NULL ? craton_audit_calls_begin (self->audit, call, args, &ticket) : CKR_OK;
	if (rv != CKR_OK)
		return rv;
	if (self->policy != NULL)
		refused = craton_policy_before (self->policy, call, args, &rv, &reason);
	if (!refused)
		rv = craton_bind_call (&self->bindings[call], function, args);
	if (!refused)
		craton_presence_note (call, args, rv);
	if (!refused && self->policy != NULL)
		craton_policy_after (self->policy, call, args, rv);
	if (self->audit == NULL)
		return rv;
	answered = craton_audit_calls_end (self->audit, call, args, &ticket, rv, refused ? reason : NULL);
	/* What could not be recorded is not handed out. */
	if (answered != rv && wire->out_len > 0)
		craton_wipe (wire->out, wire->out_len);
	return answered;
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
		rv = make_call (self, wire, inout_call->call, function, args);
	craton_buf_init (&wire->buf, lane->data + reply, lane->data_len - reply);
	craton_kinds_put_response (wire, row, rv, args);
	if (wire->buf.failed) {
		inout_call->rv = wire->rv != CKR_OK ? wire->rv : CKR_DEVICE_MEMORY;
		return;
	}
	inout_call->rv = rv;
	if (rv == CKR_OK && self->output_length != NULL && (inout_call->call == CRATON_C_SignInit || inout_call->call == CRATON_C_DigestInit))
		inout_call->length = self->output_length (args[0], inout_call->call == CRATON_C_SignInit) + 1;
	inout_call->understood = TRUE;
	inout_call->reply_len = wire->buf.pos;
}

void
craton_dispatch_lane (CratonDispatch *self, CratonArena *arena, CratonLane *lane, CratonLaneCall *inout_call)
{
	CratonWire wire;

	craton_wire_init (&wire);
	wire.arena = arena;
	wire.out = lane->data + craton_lane_out_offset (inout_call->request_len);
	wire.out_len = inout_call->out_len;
	wire.flat = self->flat;
	wire.n_flat = self->n_flat;
	inout_call->rv = CKR_DEVICE_ERROR;
	inout_call->understood = FALSE;
	inout_call->reply_len = 0;
	inout_call->length = 0;
	if (inout_call->call >= CRATON_CALLS || !craton_calls[inout_call->call].travels)
		return;
	craton_buf_init (&wire.buf, lane->data, inout_call->request_len);
	answer (self, &wire, lane, inout_call);
	if (wire.secret)
		craton_wipe (lane->data, inout_call->request_len);
	craton_arena_reset (arena);
}
