/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes signing and verifying operations from a family's scheme; see mech-sign.h. Called by
 * operation.c through the rows of mech-rsa.c and mech-ec.c.
 */
#include "config.h"

#include "mech-sign.h"

#include "drbg.h"

#include <openssl/crypto.h>
#include <string.h>

CK_RV
craton_mech_pkey_context (EVP_PKEY *pkey, int (*start) (EVP_PKEY_CTX *context),
                          EVP_PKEY_CTX **ret_context)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_pkey (craton_drbg_context (), pkey, NULL);

	if (context == NULL)
		return CKR_HOST_MEMORY;
	if (start (context) != 1) {
		EVP_PKEY_CTX_free (context);
		return CKR_FUNCTION_FAILED;
	}
	*ret_context = context;
	return CKR_OK;
}

static const CratonSignDetail *
detail (const CratonSign *sign)
{
	return sign->mech->detail;
}

static CK_RV
hash_start (CratonSign *sign)
{
	const EVP_MD *md = craton_algs_md (detail (sign)->hash);

	if (md == NULL)
		return CKR_GENERAL_ERROR;
	sign->md = EVP_MD_CTX_new ();
	if (sign->md == NULL)
		return CKR_HOST_MEMORY;
	return EVP_DigestInit_ex2 (sign->md, md, NULL) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV
sign_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	CratonSign *sign = g_new0 (CratonSign, 1);
	CK_RV rv;

	op->state = sign;
	sign->mech = op->mech;
	sign->object = op->key;
	sign->verifies = op->kind == CRATON_OP_VERIFY || op->kind == CRATON_OP_VERIFY_RECOVER;
	rv = craton_object_pkey (op->key, &sign->pkey);
	if (rv == CKR_OK)
		rv = detail (sign)->scheme->setup (sign, mechanism);
	if (rv == CKR_OK && detail (sign)->hash != CRATON_HASH_NONE)
		rv = hash_start (sign);
	return rv;
}

static CK_ULONG
sign_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const CratonSign *sign = op->state;

	(void) in_len;
	return final ? sign->signature_len : 0;
}

static CK_RV
sign_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CratonSign *sign = op->state;

	(void) out;
	(void) ret_out_len;
	return EVP_DigestUpdate (sign->md, in, in_len) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
}

/* The signature is made in private memory: EdDSA reads its first half again for the second (RFC 8032,
 * 5.1.6), and who changed it in between would get two signatures with one nonce, hence the key. */
static CK_RV
sign_tbs (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CK_BYTE signature[CRATON_SIGNATURE_MAX];
	CK_RV rv = detail (sign)->scheme->sign (sign, tbs, tbs_len, signature);

	if (rv != CKR_OK)
		return rv;
	memcpy (out, signature, sign->signature_len);
	*ret_out_len = sign->signature_len;
	return CKR_OK;
}

static CK_RV
verify_tbs (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, const CK_BYTE *signature,
            CK_ULONG signature_len)
{
	CK_BYTE copy[CRATON_SIGNATURE_MAX] = { 0 };
	gsize half = signature_len / 2, full = sign->signature_len / 2;

	if (signature_len != sign->signature_len &&
	    (!sign->takes_shorter || signature_len > sign->signature_len || half < 1 ||
	     signature_len % 2 != 0))
		return CKR_SIGNATURE_LEN_RANGE;
	if (signature_len < sign->signature_len) {
		memcpy (copy + full - half, signature, half);
		memcpy (copy + 2 * full - half, signature + half, half);
	} else {
		memcpy (copy, signature, signature_len);
	}
	return detail (sign)->scheme->verify (sign, tbs, tbs_len, copy);
}

static CK_RV
sign_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CratonSign *sign = op->state;
	CK_BYTE digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (EVP_DigestFinal_ex (sign->md, digest, &len) != 1)
		return CKR_GENERAL_ERROR;
	return sign_tbs (sign, digest, len, out, ret_out_len);
}

static CK_RV
sign_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CratonSign *sign = op->state;
	CK_RV rv;

	if (sign->md == NULL)
		return sign_tbs (sign, in, in_len, out, ret_out_len);
	rv = sign_update (op, in, in_len, NULL, NULL);
	return rv == CKR_OK ? sign_final (op, out, ret_out_len) : rv;
}

static CK_RV
sign_verify_final (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len)
{
	CratonSign *sign = op->state;
	CK_BYTE digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (EVP_DigestFinal_ex (sign->md, digest, &len) != 1)
		return CKR_GENERAL_ERROR;
	return verify_tbs (sign, digest, len, signature, signature_len);
}

static CK_RV
sign_verify_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, const CK_BYTE *signature,
                  CK_ULONG signature_len)
{
	CratonSign *sign = op->state;
	CK_RV rv;

	if (sign->md == NULL)
		return verify_tbs (sign, in, in_len, signature, signature_len);
	rv = sign_update (op, in, in_len, NULL, NULL);
	return rv == CKR_OK ? sign_verify_final (op, signature, signature_len) : rv;
}

static CK_RV
sign_reset (CratonOp *op)
{
	CratonSign *sign = op->state;

	if (sign->md == NULL)
		return CKR_OK;
	return EVP_DigestInit_ex2 (sign->md, NULL, NULL) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

static void
sign_clear (CratonOp *op)
{
	CratonSign *sign = op->state;

	if (sign == NULL)
		return;
	EVP_PKEY_CTX_free (sign->context);
	EVP_MD_CTX_free (sign->md);
	EVP_MD_CTX_free (sign->message);
	g_free (sign);
}

const CratonMechClass craton_mech_sign_once = {
	.init = sign_init,
	.out_len = sign_out_len,
	.once = sign_once,
	.verify_once = sign_verify_once,
	.clear = sign_clear,
	.reset = sign_reset,
};

const CratonMechClass craton_mech_sign_hashed = {
	.init = sign_init,
	.out_len = sign_out_len,
	.update = sign_update,
	.final = sign_final,
	.once = sign_once,
	.verify_final = sign_verify_final,
	.verify_once = sign_verify_once,
	.clear = sign_clear,
	.reset = sign_reset,
};
