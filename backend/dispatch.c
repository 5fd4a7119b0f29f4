/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Dispatch: see dispatch.h. The request lies in a lane that the client can still write to: numbers are read once, structures and
 * short data are copied out by the kinds, and only bulk data is used in place.
 */
#include "config.h"

#include "dispatch.h"

#include <ffi.h>
#include <string.h>

#include "kinds.h"

struct CratonDispatch {
	CK_FUNCTION_LIST_3_2 *functions;
	uint64_t flat[CRATON_FLAT_MAX];
	gsize n_flat;
	ffi_cif cifs[CRATON_CALLS];
	ffi_type *types[CRATON_CALLS][CRATON_ARGS_MAX];
};

static ffi_type *
ffi_type_of (char arg)
{
	switch (arg) {
	case 'p':
		return &ffi_type_pointer;
	case 'y':
		return &ffi_type_uchar;
	default:
		return &ffi_type_ulong;
	}
}

static void
prepare (CratonDispatch *self, guint call)
{
	guint n_args = 0;
	ffi_status status;

	for (const char *letter = craton_calls[call].signature; *letter != '\0'; letter++) {
		for (const char *arg = craton_kind (*letter)->args; *arg != '\0'; arg++)
			self->types[call][n_args++] = ffi_type_of (*arg);
	}
	status = ffi_prep_cif (&self->cifs[call], FFI_DEFAULT_ABI, n_args, &ffi_type_ulong, self->types[call]);
	g_assert (status == FFI_OK);
}

CratonDispatch *
craton_dispatch_new (CK_FUNCTION_LIST_3_2 *functions, const CK_MECHANISM_TYPE *flat, gsize n_flat)
{
	CratonDispatch *self = g_new0 (CratonDispatch, 1);

	self->functions = functions;
	self->n_flat = MIN (n_flat, CRATON_FLAT_MAX);
	for (gsize i = 0; i < self->n_flat; i++)
		self->flat[i] = flat[i];
	for (guint call = 0; call < CRATON_CALLS; call++)
		prepare (self, call);
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

static CK_RV
invoke (CratonDispatch *self, guint call, void (*function) (void), CK_ULONG *args)
{
	guchar bytes[CRATON_ARGS_MAX];
	void *values[CRATON_ARGS_MAX];
	ffi_arg rv;

	for (guint i = 0; i < self->cifs[call].nargs; i++) {
		bytes[i] = (guchar) args[i];
		values[i] = self->types[call][i] == &ffi_type_uchar ? (void *) &bytes[i] : (void *) &args[i];
	}
	ffi_call (&self->cifs[call], function, &rv, values);
	return (CK_RV) rv;
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
		rv = invoke (self, inout_call->call, function, args);
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
	if (inout_call->call >= CRATON_CALLS || craton_calls[inout_call->call].signature[0] == '\0')
		return;
	craton_buf_init (&wire.buf, lane->data, inout_call->request_len);
	answer (self, &wire, lane, inout_call);
	if (wire.secret)
		craton_wipe (lane->data, inout_call->request_len);
	craton_arena_reset (arena);
}
