/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Authenticated encryption in one call or in parts: AES-GCM, AES-CCM, ChaCha20-Poly1305, with the tag
 * behind the data. Nothing that is decrypted is given out before the tag was found right: updates keep
 * the encrypted data, and the final call decrypts all of it. The work itself is aead.c's. Called by
 * operation.c and wrap.c through the rows. Parameters and data are the client's.
 */
#include "config.h"

#include "aead.h"
#include "cipher.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct {
	CratonAead *aead;
	CratonAeadParam param; /* its pointers are not followed once init is over */
	CK_BYTE iv[CRATON_AEAD_IV_MAX];
	CK_BYTE *aad;
	CratonKept kept; /* what is worked on only when all of it is there */
	gboolean started;
} Crypt;

typedef gboolean (*Reader) (const CK_MECHANISM *mechanism, CratonAeadParam *ret_param);

static gboolean
read_gcm (const CK_MECHANISM *mechanism, CratonAeadParam *ret_param)
{
	CK_GCM_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return FALSE;
	memcpy (&params, mechanism->pParameter, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pIv,
		                        .iv_len = params.ulIvLen,
		                        .tag_len = params.ulTagBits / 8,
		                        .data_len = CK_UNAVAILABLE_INFORMATION,
		                        .aad = params.pAAD,
		                        .aad_len = params.ulAADLen };
	return params.ulTagBits % 8 == 0;
}

static gboolean
read_ccm (const CK_MECHANISM *mechanism, CratonAeadParam *ret_param)
{
	CK_CCM_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return FALSE;
	memcpy (&params, mechanism->pParameter, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.nonce,
		                        .iv_len = params.ulNonceLen,
		                        .tag_len = params.ulMACLen,
		                        .data_len = params.ulDataLen,
		                        .aad = params.aad,
		                        .aad_len = params.ulAADLen };
	return params.ulDataLen <= CRATON_KEPT_MAX;
}

static gboolean
read_chacha (const CK_MECHANISM *mechanism, CratonAeadParam *ret_param)
{
	CK_SALSA20_CHACHA20_POLY1305_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return FALSE;
	memcpy (&params, mechanism->pParameter, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pNonce,
		                        .iv_len = params.ulNonceBits / 8,
		                        .tag_len = CRATON_AEAD_TAG_MAX,
		                        .data_len = CK_UNAVAILABLE_INFORMATION,
		                        .aad = params.pAAD,
		                        .aad_len = params.ulAADLen };
	return params.ulNonceBits % 8 == 0;
}

static gboolean
encrypts (const CratonOp *op)
{
	return op->kind == CRATON_OP_ENCRYPT;
}

/* Whether updates give out nothing. */
static gboolean
keeps (const CratonOp *op)
{
	return !encrypts (op) || op->mech->aead->whole;
}

static CK_RV
len_range (const CratonOp *op)
{
	return encrypts (op) ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
}

static CK_RV
crypt_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Reader read = *(const Reader *) op->mech->detail;
	Crypt *crypt = g_new0 (Crypt, 1);
	CratonAeadParam *param = &crypt->param;

	op->state = crypt;
	if (!read (mechanism, param) || param->iv == NULL || param->iv_len > sizeof crypt->iv ||
	    !op->mech->aead->fits (param) || param->aad_len > CRATON_AEAD_AAD_MAX ||
	    (param->aad == NULL && param->aad_len > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (crypt->iv, param->iv, param->iv_len);
	if (param->aad_len > 0) {
		crypt->aad = OPENSSL_memdup (param->aad, param->aad_len);
		if (crypt->aad == NULL)
			return CKR_HOST_MEMORY;
	}
	return craton_aead_new (op->mech->aead, op->key, encrypts (op), &crypt->aead);
}

static CK_ULONG
crypt_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Crypt *crypt = op->state;
	gsize total = crypt->kept.len + in_len, tag_len = crypt->param.tag_len;

	if (!final)
		return keeps (op) ? 0 : in_len;
	if (encrypts (op))
		return total + tag_len;
	return total > tag_len ? total - tag_len : 0;
}

static CK_RV
begin (CratonOp *op, gsize len)
{
	Crypt *crypt = op->state;

	crypt->started = TRUE;
	return craton_aead_begin (crypt->aead, &crypt->param, crypt->iv, crypt->aad,
	                          crypt->param.aad_len, len);
}

static CK_RV
keep (CratonOp *op, const CK_BYTE *in, gsize in_len)
{
	Crypt *crypt = op->state;
	gsize max = CRATON_KEPT_MAX;

	if (op->mech->aead->whole)
		max = crypt->param.data_len + (encrypts (op) ? 0 : crypt->param.tag_len);
	if (in_len > max - crypt->kept.len)
		return len_range (op);
	return craton_kept_add (&crypt->kept, in, in_len, max) ? CKR_OK : CKR_HOST_MEMORY;
}

/* Encrypts what comes before the tag. */
static CK_RV
encrypt (CratonOp *op, const CK_BYTE *in, gsize in_len, CK_BYTE *out)
{
	Crypt *crypt = op->state;
	CK_BYTE *copy = NULL;
	CK_RV rv = crypt->started ? CKR_OK : begin (op, in_len);

	if (rv == CKR_OK && craton_cipher_overlaps (in, in_len, out, in_len, 0)) {
		in = copy = OPENSSL_memdup (in, in_len);
		rv = copy == NULL ? CKR_HOST_MEMORY : CKR_OK;
	}
	if (rv == CKR_OK)
		rv = craton_aead_update (crypt->aead, in, in_len, out);
	OPENSSL_clear_free (copy, in_len);
	return rv;
}

/* @out is private memory: operation.c gives it out if this succeeds. The client may write to @in
 * meanwhile, so it is copied there first. */
static CK_RV
decrypt (CratonOp *op, const CK_BYTE *in, gsize in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Crypt *crypt = op->state;
	gsize len;
	CK_RV rv;

	if (in_len < crypt->param.tag_len)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	len = in_len - crypt->param.tag_len;
	if (len > 0)
		memcpy (out, in, len);
	craton_aead_set_tag (crypt->aead, in + len, crypt->param.tag_len);
	rv = begin (op, len);
	if (rv == CKR_OK)
		rv = craton_aead_update (crypt->aead, out, len, out);
	if (rv == CKR_OK)
		rv = craton_aead_finish (crypt->aead, NULL);
	if (rv == CKR_OK)
		*ret_out_len = len;
	return rv == CKR_AEAD_DECRYPT_FAILED ? CKR_ENCRYPTED_DATA_INVALID : rv;
}

static CK_RV
crypt_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CK_RV rv;

	if (keeps (op)) {
		*ret_out_len = 0;
		return keep (op, in, in_len);
	}
	rv = encrypt (op, in, in_len, out);
	if (rv == CKR_OK)
		*ret_out_len = in_len;
	return rv;
}

static CK_RV
crypt_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Crypt *crypt = op->state;
	gsize len = crypt->kept.len;
	CK_RV rv = CKR_OK;

	if (!encrypts (op))
		return decrypt (op, crypt->kept.bytes, len, out, ret_out_len);
	if (op->mech->aead->whole)
		rv = encrypt (op, crypt->kept.bytes, len, out);
	else if (!crypt->started)
		rv = begin (op, 0);
	if (rv == CKR_OK)
		rv = craton_aead_finish (crypt->aead, out + len);
	if (rv == CKR_OK)
		*ret_out_len = len + crypt->param.tag_len;
	return rv;
}

static CK_RV
crypt_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Crypt *crypt = op->state;
	CK_RV rv;

	if (!encrypts (op))
		return decrypt (op, in, in_len, out, ret_out_len);
	if (op->mech->aead->whole) {
		rv = keep (op, in, in_len);
		return rv == CKR_OK ? crypt_final (op, out, ret_out_len) : rv;
	}
	rv = encrypt (op, in, in_len, out);
	if (rv == CKR_OK)
		rv = craton_aead_finish (crypt->aead, out + in_len);
	if (rv == CKR_OK)
		*ret_out_len = in_len + crypt->param.tag_len;
	return rv;
}

static void
crypt_clear (CratonOp *op)
{
	Crypt *crypt = op->state;

	if (crypt == NULL)
		return;
	craton_aead_free (crypt->aead);
	OPENSSL_clear_free (crypt->aad, crypt->param.aad_len);
	craton_kept_clear (&crypt->kept);
	g_free (crypt);
}

static const CratonMechClass crypt_class = {
	.init = crypt_init,
	.out_len = crypt_out_len,
	.update = crypt_update,
	.final = crypt_final,
	.once = crypt_once,
	.clear = crypt_clear,
	.hold = CRATON_HOLD_ALWAYS,
};

static gboolean
is_available (const CratonMech *mech)
{
	return craton_algs_cipher (mech->aead->cipher, mech->min_size) != NULL;
}

#define ROW(mechanism, type1, min, all_marks, cipher, kind, reader)                                \
	{                                                                                          \
		.type = mechanism, .key_type = type1, .key_type2 = type1, .min_size = min,         \
		.max_size = 32, .marks = all_marks,                                                \
		.flags = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, .crypt = &crypt_class, \
		.aead = &kind, .wraps_private = TRUE, .available = is_available,                   \
		.selftests = { CRATON_SELFTEST_CIPHER (CRATON_CIPHER_##cipher) },                  \
		.detail = &(const Reader){ reader },                                               \
	}

static const CratonMech rows[] = {
	ROW (CKM_AES_GCM, CKK_AES, 16, CRATON_MECH_APPROVED, GCM, craton_aead_gcm, read_gcm),
	ROW (CKM_AES_CCM, CKK_AES, 16, CRATON_MECH_APPROVED, CCM, craton_aead_ccm, read_ccm),
	ROW (CKM_CHACHA20_POLY1305, CKK_CHACHA20, 32, 0, CHACHA20_POLY1305, craton_aead_chacha20_poly1305,
	     read_chacha),
};

const CratonMechFamily craton_mech_aead = { rows, G_N_ELEMENTS (rows) };
