/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Digests: SHA-1, SHA-2, SHA-3, and MD5. Called by operation.c through the rows.
 */
#include "config.h"

#include "algs.h"
#include "mech.h"
#include "selftest.h"

#define HASH(op) (*(const CratonHash *) (op)->mech->detail)

static CK_RV
digest_start (CratonOp *op)
{
	const EVP_MD *md = craton_algs_md (HASH (op));

	return md != NULL && EVP_DigestInit_ex2 (op->state, md, NULL) == 1 ? CKR_OK
	                                                                   : CKR_GENERAL_ERROR;
}

static CK_RV
digest_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	op->state = EVP_MD_CTX_new ();
	return op->state == NULL ? CKR_HOST_MEMORY : digest_start (op);
}

static CK_ULONG
digest_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	(void) in_len;
	return final ? craton_algs_hashes[HASH (op)].len : 0;
}

static CK_RV
digest_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
               CK_ULONG *ret_out_len)
{
	(void) out;
	(void) ret_out_len;
	return EVP_DigestUpdate (op->state, in, in_len) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV
digest_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	unsigned int len = 0;

	if (EVP_DigestFinal_ex (op->state, out, &len) != 1)
		return CKR_GENERAL_ERROR;
	*ret_out_len = len;
	return CKR_OK;
}

static CK_RV
digest_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CK_RV rv = digest_update (op, in, in_len, NULL, NULL);

	return rv == CKR_OK ? digest_final (op, out, ret_out_len) : rv;
}

static CK_RV
digest_copy (const CratonOp *op, CratonOp *copy)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new ();

	copy->state = context;
	if (context == NULL)
		return CKR_HOST_MEMORY;
	return EVP_MD_CTX_copy_ex (context, op->state) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

static void
digest_clear (CratonOp *op)
{
	EVP_MD_CTX_free (op->state);
}

static const CratonMechClass digest_class = {
	.init = digest_init,
	.out_len = digest_out_len,
	.update = digest_update,
	.final = digest_final,
	.once = digest_once,
	.clear = digest_clear,
	.copy = digest_copy,
};

static gboolean
is_available (const CratonMech *mech)
{
	return craton_algs_md (*(const CratonHash *) mech->detail) != NULL;
}

#define ROW(mechanism, hash, all_marks)                                         \
	{                                                                       \
		.type = mechanism, .key_type = CK_UNAVAILABLE_INFORMATION,      \
		.key_type2 = CK_UNAVAILABLE_INFORMATION, .flags = CKF_DIGEST,   \
		.marks = all_marks, .available = is_available,                  \
		.selftests = { CRATON_SELFTEST_HASH (hash) },                   \
		.detail = &(const CratonHash){ hash }, .digest = &digest_class, \
	}

static const CratonMech rows[] = {
	ROW (CKM_MD5, CRATON_HASH_MD5, CRATON_MECH_LEGACY),
	ROW (CKM_SHA_1, CRATON_HASH_SHA1, CRATON_MECH_APPROVED),
	ROW (CKM_SHA224, CRATON_HASH_SHA224, CRATON_MECH_APPROVED),
	ROW (CKM_SHA256, CRATON_HASH_SHA256, CRATON_MECH_APPROVED),
	ROW (CKM_SHA384, CRATON_HASH_SHA384, CRATON_MECH_APPROVED),
	ROW (CKM_SHA512, CRATON_HASH_SHA512, CRATON_MECH_APPROVED),
	ROW (CKM_SHA512_224, CRATON_HASH_SHA512_224, CRATON_MECH_APPROVED),
	ROW (CKM_SHA512_256, CRATON_HASH_SHA512_256, CRATON_MECH_APPROVED),
	ROW (CKM_SHA3_224, CRATON_HASH_SHA3_224, CRATON_MECH_APPROVED),
	ROW (CKM_SHA3_256, CRATON_HASH_SHA3_256, CRATON_MECH_APPROVED),
	ROW (CKM_SHA3_384, CRATON_HASH_SHA3_384, CRATON_MECH_APPROVED),
	ROW (CKM_SHA3_512, CRATON_HASH_SHA3_512, CRATON_MECH_APPROVED),
};

const CratonMechFamily craton_mech_digest = { rows, G_N_ELEMENTS (rows) };
