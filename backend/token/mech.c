/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Finds mechanism rows. The rows themselves are in the families' files; a family is named here
 * once. Called by operation.c, keygen.c, wrap.c, derive.c and C_GetMechanismList.
 */
#include "config.h"

#include "mech.h"

static const CratonMechFamily *const families[] = {
	&craton_mech_dh, &craton_mech_dsa,
	&craton_mech_rsa,
	&craton_mech_ec,
	&craton_mech_generic,
	&craton_mech_digest,
	&craton_mech_mac,
	&craton_mech_block,
	&craton_mech_stream,
	&craton_mech_whole,
	&craton_mech_encrypt_data,
	&craton_mech_aead,
	&craton_mech_keywrap,
	&craton_mech_wrap_hybrid,
	&craton_mech_public,
	&craton_mech_kem,
	&craton_mech_pq_sign,
	&craton_mech_secret,
	&craton_mech_cbcmac,
	&craton_mech_concat,
	&craton_mech_hkdf,
	&craton_mech_hotp,
	&craton_mech_ike,
	&craton_mech_kbkdf,
	&craton_mech_pbe,
	&craton_mech_tls,
};

static gboolean
is_offered (const CratonTokenConfig *config, const CratonMech *mech)
{
	if ((mech->marks & CRATON_MECH_LEGACY) != 0 && !config->legacy)
		return FALSE;
	if ((mech->marks & CRATON_MECH_APPROVED) == 0 && config->fips)
		return FALSE;
	return mech->available == NULL || mech->available (mech);
}

static const CratonMech *
row_at (gsize index)
{
	for (gsize i = 0; i < G_N_ELEMENTS (families); i++) {
		if (index < families[i]->n_rows)
			return &families[i]->rows[index];
		index -= families[i]->n_rows;
	}
	return NULL;
}

const CratonMech *
craton_mech_next (const CratonTokenConfig *config, gsize *inout_index)
{
	const CratonMech *mech;

	while ((mech = row_at (*inout_index)) != NULL) {
		(*inout_index)++;
		if (is_offered (config, mech))
			return mech;
	}
	return NULL;
}

/* The rows by type. */
static GHashTable *
index_rows (void)
{
	static GHashTable *rows;
	static gsize made;
	const CratonMech *mech;

	if (g_once_init_enter (&made)) {
		rows = g_hash_table_new (NULL, NULL);
		for (gsize i = 0; (mech = row_at (i)) != NULL; i++)
			g_hash_table_insert (rows, GSIZE_TO_POINTER (mech->type), (gpointer) mech);
		g_once_init_leave (&made, 1);
	}
	return rows;
}

const CratonMech *
craton_mech_row (CK_MECHANISM_TYPE type)
{
	return g_hash_table_lookup (index_rows (), GSIZE_TO_POINTER (type));
}

const CratonMech *
craton_mech_find (const CratonTokenConfig *config, CK_MECHANISM_TYPE type)
{
	const CratonMech *mech = craton_mech_row (type);

	return mech != NULL && is_offered (config, mech) ? mech : NULL;
}

CK_FLAGS
craton_mech_flags (const CratonMech *mech)
{
	CK_FLAGS flags = mech->flags;

	if (mech->aead != NULL)
		flags |= CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE;
	if (mech->sign == NULL || mech->sign->reset == NULL)
		return flags;
	if ((flags & CKF_SIGN) != 0)
		flags |= CKF_MESSAGE_SIGN;
	if ((flags & CKF_VERIFY) != 0)
		flags |= CKF_MESSAGE_VERIFY;
	/* PKCS#11 3.2, Mechanism information flags: C_SignMessageBegin can be called. */
	if (mech->sign->update != NULL)
		flags |= CKF_MULTI_MESSAGE;
	return flags;
}

CK_ULONG
craton_mech_min_size (const CratonTokenConfig *config, const CratonMech *mech)
{
	return config->fips ? MAX (mech->min_size, mech->approved_min) : mech->min_size;
}

gboolean
craton_mech_has_parameter (const CK_MECHANISM *mechanism, gsize len)
{
	/* Some callers pass a pointer with length 0 for mechanisms without parameter. */
	return mechanism->ulParameterLen == len && (len == 0 || mechanism->pParameter != NULL);
}
