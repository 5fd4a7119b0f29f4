/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Names of constants: see names.h. names.inc is made from pkcs11/constants.tsv and sorted.
 */
#include "config.h"

#include "names.h"

#include <string.h>

/* Here and not pointed to: the loader would have to fill pointers in, at each start of each process. */
#define NAME_ROOM 44

#define NAME(kind, value, name) { CRATON_NAME_##kind, value, #name },
static const struct {
	CratonNameKind kind;
	CK_ULONG value;
	char name[NAME_ROOM];
} names[] = {
#include "names.inc"
};
#undef NAME

#define NAME(kind, value, name) _Static_assert (sizeof #name <= NAME_ROOM, "NAME_ROOM is too small");
#include "names.inc"
#undef NAME

#define N_NAMES (sizeof names / sizeof names[0])

const char *
craton_name (CratonNameKind kind, CK_ULONG value)
{
	size_t low = 0, high = N_NAMES;

	/* By kind, then value; kinds are sorted by their names, as CratonNameKind is. */
	while (low < high) {
		size_t i = low + (high - low) / 2;

		if (names[i].kind == kind && names[i].value == value)
			return names[i].name;
		if (names[i].kind < kind || (names[i].kind == kind && names[i].value < value))
			low = i + 1;
		else
			high = i;
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
