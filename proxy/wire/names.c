/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of constants: see names.h. names.inc is made from pkcs11/constants.tsv and sorted.
 */
#include "config.h"

#include "names.h"

#include <string.h>

#define NAME(kind, value, name) { CRATON_NAME_##kind, value, #name },
static const struct {
	CratonNameKind kind;
	CK_ULONG value;
	const char *name;
} names[] = {
#include "names.inc"
};

#define N_NAMES (sizeof names / sizeof names[0])

const char *
craton_name (CratonNameKind kind, CK_ULONG value)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (names[i].kind == kind && names[i].value == value)
			return names[i].name;
	}
	return NULL;
}

bool
craton_name_value (CratonNameKind kind, const char *name, CK_ULONG *ret_value)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		if (names[i].kind == kind && strcmp (names[i].name, name) == 0) {
			*ret_value = names[i].value;
			return true;
		}
	}
	return false;
}
