/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Instances: a function list bound to a C_Initialize state of its own, so that two libraries in one process cannot finalise each
 * other. Each of its functions is a libffi closure over the row of calls.def and the instance. Called by libraries (craton.h).
 */
#include "config.h"

#include "craton.h"
#include "instance.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"

typedef struct Bound Bound;

typedef struct {
	Bound *bound;
	ffi_closure *writable;
	CratonBinding binding;
} Closure;

struct Bound {
	CratonInstance instance; /* first: the caller's handle is its address */
	CK_FUNCTION_LIST_3_2 functions;
	Closure closures[CRATON_CALLS];
};

static void
run_closure (ffi_cif *cif, void *ret, void **values, void *data)
{
	Closure *closure = data;
	Bound *bound = closure->bound;
	CratonCallId call = (CratonCallId) (closure - bound->closures);
	CK_ULONG args[CRATON_ARGS_MAX] = { 0 };
	CK_RV rv;

	(void) cif;
	craton_bind_unpack (&closure->binding, values, args);
	if (call == CRATON_C_GetFunctionList) {
		CK_FUNCTION_LIST **list = (CK_FUNCTION_LIST **) (uintptr_t) args[0];

		/* The lists of the standard begin alike. */
		if (list != NULL)
			*list = (CK_FUNCTION_LIST *) &bound->functions;
		rv = list != NULL ? CKR_OK : CKR_ARGUMENTS_BAD;
	} else if (call == CRATON_C_GetInterfaceList || call == CRATON_C_GetInterface) {
		rv = CKR_FUNCTION_NOT_SUPPORTED;
	} else {
		rv = craton_call (&bound->instance, call, args);
	}
	*(ffi_arg *) ret = rv;
}

static bool
bind (Bound *bound, CratonCallId call)
{
	Closure *closure = &bound->closures[call];
	void *code = NULL;

	closure->bound = bound;
	closure->writable = ffi_closure_alloc (sizeof *closure->writable, &code);
	if (closure->writable == NULL || !craton_bind_prepare (&closure->binding, call) ||
	    ffi_prep_closure_loc (closure->writable, &closure->binding.cif, run_closure, closure, code) != FFI_OK)
		return false;
	/* From the beginning of the whole: at that of the list gcc sees nothing but the first byte of its version. */
	memcpy ((char *) bound + offsetof (Bound, functions) + craton_calls[call].offset, &code, sizeof code);
	return true;
}

static void
release (Bound *bound)
{
	for (size_t i = 0; i < CRATON_CALLS; i++) {
		if (bound->closures[i].writable != NULL)
			ffi_closure_free (bound->closures[i].writable);
	}
	craton_router_clear (&bound->instance);
	free (bound);
}

int
craton_instance_new (CratonInstance **ret_instance, struct ck_function_list_3_2 **ret_functions)
{
	Bound *bound = calloc (1, sizeof *bound);

	if (bound == NULL)
		return ENOMEM;
	bound->instance.bound = true;
	bound->functions.version = (CK_VERSION) { CRYPTOKI_VERSION_MAJOR, CRYPTOKI_VERSION_MINOR };
	for (unsigned int i = 0; i < CRATON_CALLS; i++) {
		if (!bind (bound, (CratonCallId) i)) {
			release (bound);
			return ENOTSUP;
		}
	}
	*ret_instance = &bound->instance;
	*ret_functions = &bound->functions;
	return 0;
}

int
craton_instance_check_fork (CratonInstance *instance)
{
	return craton_instance_forked (instance);
}

void
craton_instance_free (CratonInstance *instance)
{
	const CK_ULONG reserved = 0;

	if (instance == NULL)
		return;
	(void) craton_call (instance, CRATON_C_Finalize, &reserved);
	/* In a forked child C_Finalize is refused, and what was inherited is closed here. */
	for (unsigned int i = 0; i < atomic_load (&instance->n_channels); i++)
		craton_channel_reset (&instance->channels[i], instance, i);
	release ((Bound *) instance);
}
