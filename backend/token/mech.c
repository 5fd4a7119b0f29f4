/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds mechanism rows. The rows themselves are in the families' files; a family is named here
 * once. Called by operation.c, keygen.c, wrap.c, derive.c and C_GetMechanismList.
 */
#include "config.h"

#include "mech.h"

static const CratonMechFamily *const families[] = {
	&craton_mech_rsa, &craton_mech_ec,  &craton_mech_generic, &craton_mech_digest,
	&craton_mech_mac, &craton_mech_aes, &craton_mech_gcm,     &craton_mech_keywrap,
};

const CratonMech *
craton_mech_nth (gsize index)
{
	for (gsize i = 0; i < G_N_ELEMENTS (families); i++) {
		if (index < families[i]->n_rows)
			return &families[i]->rows[index];
		index -= families[i]->n_rows;
	}
	return NULL;
}

const CratonMech *
craton_mech_find (CK_MECHANISM_TYPE type)
{
	for (gsize i = 0; i < G_N_ELEMENTS (families); i++)
		for (gsize j = 0; j < families[i]->n_rows; j++)
			if (families[i]->rows[j].type == type)
				return &families[i]->rows[j];
	return NULL;
}

gboolean
craton_mech_has_parameter (const CK_MECHANISM *mechanism, gsize len)
{
	/* Some callers pass a pointer with length 0 for mechanisms without parameter. */
	return mechanism->ulParameterLen == len && (len == 0 || mechanism->pParameter != NULL);
}
