/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The functions of PKCS#11 as libffi sees them, from their signatures in calls.def: for the backend, which calls a module through
 * them, and for instances, which bind a function list of their own.
 */
#ifndef CRATON_BIND_H
#define CRATON_BIND_H

#include <ffi.h>
#include <stdbool.h>

#include "calls.h"

typedef struct {
	ffi_cif cif;
	ffi_type *types[CRATON_ARGS_MAX];
} CratonBinding;

/* Fills @binding, which must stay where it is. False if libffi cannot. */
bool craton_bind_prepare (CratonBinding *binding, CratonCallId call);

/* Calls @function with @args, each a CK_ULONG. */
CK_RV craton_bind_call (CratonBinding *binding, void (*function) (void), const CK_ULONG *args);

/* The arguments that a closure of this binding got, as CK_ULONG. */
void craton_bind_unpack (const CratonBinding *binding, void *const *values, CK_ULONG *args);

#endif /* CRATON_BIND_H */
