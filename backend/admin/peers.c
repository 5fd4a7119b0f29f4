/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the soft token has of the mechanisms that others have, and why it leaves out what it leaves out: the one table of
 * reasons. Called by the mechanisms subcommand; a test asks that each mechanism is either there or has a reason here.
 */
#include "config.h"

#include "peers.h"

#include <glib/gi18n-lib.h>

#include "mech.h"

#define PEER(name, value, who) { #name, value, who },
static const CratonPeersRow rows[] = {
#include "peers.inc"
};

#define NO_SEPARATE_NUMBER N_ ("a vendor's own number for what the standard's mechanism does")
#define OLD_CIPHER N_ ("a cipher or digest that nobody should use and hardly anybody does")
#define OLD_PROTOCOL N_ ("of a protocol that is forbidden by now (RFC 7568, RFC 8996)")

/* Names, with * and ?, and the reason. */
static const struct {
	const char *pattern;
	const char *reason;
} left_out[] = {
	{ "CKM_CAST*", OLD_CIPHER },
	{ "CKM_CDMF_*", OLD_CIPHER },
	{ "CKM_GOSTR34*", N_ ("not in libcrypto, and of no use outside of one country's law") },
	{ "CKM_HYBRID_ML_DSA_ECDSA", N_ ("one vendor's own construction, without a specification") },
	{ "CKM_IDEA_*", OLD_CIPHER },
	{ "CKM_MD2*", OLD_CIPHER },
	{ "CKM_ML_DSA_44", NO_SEPARATE_NUMBER },
	{ "CKM_ML_DSA_65", NO_SEPARATE_NUMBER },
	{ "CKM_ML_DSA_87", NO_SEPARATE_NUMBER },
	{ "CKM_ML_KEM_1024", NO_SEPARATE_NUMBER },
	{ "CKM_ML_KEM_512", NO_SEPARATE_NUMBER },
	{ "CKM_ML_KEM_768", NO_SEPARATE_NUMBER },
	{ "CKM_NSS_*", N_ ("NSS's own, for NSS alone") },
	{ "CKM_PBE_MD2_*", OLD_CIPHER },
	{ "CKM_PBE_SHA1_RC?_*", OLD_CIPHER },
	{ "CKM_RC?_*", OLD_CIPHER },
	{ "CKM_RC4", OLD_CIPHER },
	{ "CKM_RSA_9796", N_ ("ISO 9796-1 was withdrawn: signatures can be forged") },
	{ "CKM_SEED_*", OLD_CIPHER },
	{ "CKM_SLH_DSA_SHA2_128S", NO_SEPARATE_NUMBER },
	{ "CKM_SLH_DSA_SHA2_256S", NO_SEPARATE_NUMBER },
	{ "CKM_SSL3_*", OLD_PROTOCOL },
	{ "CKM_TLS_KEY_AND_MAC_DERIVE", OLD_PROTOCOL },
	{ "CKM_TLS_MASTER_KEY_DERIVE*", OLD_PROTOCOL },
	{ "CKM_TLS_PRF_GENERAL", NO_SEPARATE_NUMBER },
	{ "KRM_SSHKDF_DERIVE*", N_ ("one vendor's own, without a number of the standard") },
};

const CratonPeersRow *
craton_peers_nth (gsize index)
{
	return index < G_N_ELEMENTS (rows) ? &rows[index] : NULL;
}

static const CratonMech *
find_mech (const CratonPeersRow *row)
{
	return row->type != CK_UNAVAILABLE_INFORMATION ? craton_mech_row (row->type) : NULL;
}

const char *
craton_peers_left_out (const CratonPeersRow *row)
{
	for (gsize i = 0; i < G_N_ELEMENTS (left_out); i++) {
		if (g_pattern_match_simple (left_out[i].pattern, row->name))
			return left_out[i].reason;
	}
	return NULL;
}

const char *
craton_peers_reason (const CratonPeersRow *row, const CratonTokenConfig *token)
{
	const CratonMech *mech = find_mech (row);

	if (mech == NULL)
		return craton_peers_left_out (row);
	if (mech->available != NULL && !mech->available (mech))
		return N_ ("the libcrypto of this machine has not what it needs: post-quantum ones need 3.5");
	if (craton_mech_find (token, row->type) != NULL)
		return NULL;
	return token->fips ? N_ ("off with fips = yes") : N_ ("only with legacy = yes");
}

CratonPeersState
craton_peers_state (const CratonPeersRow *row)
{
	if (find_mech (row) != NULL)
		return CRATON_PEERS_HAVE;
	return craton_peers_left_out (row) != NULL ? CRATON_PEERS_LEFT_OUT : CRATON_PEERS_LACK;
}
