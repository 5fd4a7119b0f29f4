/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The standard's names for its numbers, for log lines, configuration and traces; from the table of constants.
 */
#ifndef CRATON_NAMES_H
#define CRATON_NAMES_H

#include <stdbool.h>

#include "pkcs11.h"

typedef enum {
	CRATON_NAME_CKA,
	CRATON_NAME_CKC,
	CRATON_NAME_CKD,
	CRATON_NAME_CKG, /* mask generation functions alone */
	CRATON_NAME_CKK,
	CRATON_NAME_CKM,
	CRATON_NAME_CKO,
	CRATON_NAME_CKR,
	CRATON_NAME_CKS,
	CRATON_NAME_CKU,
} CratonNameKind;

/* The name of @value, static, e.g. "CKR_PIN_INCORRECT"; NULL where the standard has none. */
const char *craton_name (CratonNameKind kind, CK_ULONG value);

/* The value of @name, e.g. "CKM_AES_GCM"; false where the standard has no such name. */
bool craton_name_value (CratonNameKind kind, const char *name, CK_ULONG *ret_value);

#endif /* CRATON_NAMES_H */
