/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures as libffi types: see bind.h. Every C argument is a pointer, a CK_ULONG or a CK_BBOOL.
 */
#include "config.h"

#include "bind.h"

#include <string.h>

#include "kinds.h"

static ffi_type *
type_of (char arg)
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

bool
craton_bind_prepare (CratonBinding *binding, CratonCallId call)
{
	unsigned int n = 0;

	for (const char *letter = craton_calls[call].signature; *letter != '\0'; letter++) {
		for (const char *arg = craton_kind (*letter)->args; *arg != '\0'; arg++)
			binding->types[n++] = type_of (*arg);
	}
	return n != 0 && ffi_prep_cif (&binding->cif, FFI_DEFAULT_ABI, n, &ffi_type_ulong, binding->types) == FFI_OK;
}

CK_RV
craton_bind_call (CratonBinding *binding, void (*function) (void), const CK_ULONG *args)
{
	CK_BYTE bytes[CRATON_ARGS_MAX];
	void *values[CRATON_ARGS_MAX];
	ffi_arg rv;

	for (unsigned int i = 0; i < binding->cif.nargs; i++) {
		bytes[i] = (CK_BYTE) args[i];
		values[i] = binding->types[i] == &ffi_type_uchar ? (void *) &bytes[i] : (void *) &args[i];
	}
	ffi_call (&binding->cif, function, &rv, values);
	return (CK_RV) rv;
}

void
craton_bind_unpack (const CratonBinding *binding, void *const *values, CK_ULONG *args)
{
	for (unsigned int i = 0; i < binding->cif.nargs; i++) {
		if (binding->types[i] == &ffi_type_uchar)
			args[i] = *(const CK_BYTE *) values[i];
		else
			memcpy (&args[i], values[i], sizeof args[i]);
	}
}
