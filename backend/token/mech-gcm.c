/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AES-GCM. Nothing that is decrypted is given out before the tag was found right: updates keep the
 * encrypted data, and the final call decrypts all of it. Called by operation.c and wrap.c through
 * the rows. Parameters and data are the client's.
 */
#include "config.h"

#include "algs.h"
#include "mech.h"

#include <openssl/crypto.h>
#include <string.h>

#define TAG_MAX 16
/* libcrypto's bound; SP 800-38D recommends 12. */
#define IV_MAX 128
#define AAD_MAX (16 * 1024 * 1024)
/* What one decryption in parts keeps. */
#define KEPT_MAX ((gsize) 256 * 1024 * 1024)
/* libcrypto counts in int. */
#define PIECE_MAX ((gsize) 1 << 30)
/* SP 800-38D, 5.2.1.1 */
#define PLAIN_MAX (((guint64) 1 << 36) - 32)

typedef struct {
	EVP_CIPHER_CTX *context;
	gsize tag_len;
	gboolean started; /* context has the IV and the associated data */
	guint64 used;     /* bytes encrypted */
	CK_BYTE *aad;
	gsize aad_len;
	CK_BYTE *kept; /* encrypted data and tag of a decryption in parts */
	gsize kept_len, kept_size;
	CK_BYTE iv[IV_MAX];
	gsize iv_len;
} Gcm;

static gboolean
is_tag_len (CK_ULONG bits)
{
	/* SP 800-38D, 5.2.1.2 */
	return bits == 32 || bits == 64 || (bits >= 96 && bits <= 128 && bits % 8 == 0);
}

static CK_RV
take_parameter (const CK_MECHANISM *mechanism, Gcm *gcm)
{
	CK_GCM_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.pIv == NULL || params.ulIvLen < 1 || params.ulIvLen > IV_MAX ||
	    !is_tag_len (params.ulTagBits) || params.ulAADLen > AAD_MAX ||
	    (params.pAAD == NULL && params.ulAADLen > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (gcm->iv, params.pIv, params.ulIvLen);
	gcm->iv_len = params.ulIvLen;
	gcm->tag_len = params.ulTagBits / 8;
	if (params.ulAADLen == 0)
		return CKR_OK;
	gcm->aad = OPENSSL_memdup (params.pAAD, params.ulAADLen);
	gcm->aad_len = params.ulAADLen;
	return gcm->aad == NULL ? CKR_HOST_MEMORY : CKR_OK;
}

static CK_RV
gcm_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Gcm *gcm = g_new0 (Gcm, 1);
	gsize key_len = 0;
	const CK_BYTE *key = craton_object_get (op->key, CKA_VALUE, &key_len);
	const EVP_CIPHER *cipher = craton_algs_aes (CRATON_CIPHER_GCM, key_len);
	int encrypts = op->kind == CRATON_OP_ENCRYPT;
	CK_RV rv;

	op->state = gcm;
	if (key == NULL || cipher == NULL)
		return CKR_KEY_SIZE_RANGE;
	rv = take_parameter (mechanism, gcm);
	if (rv != CKR_OK)
		return rv;
	gcm->context = EVP_CIPHER_CTX_new ();
	if (gcm->context == NULL)
		return CKR_HOST_MEMORY;
	if (EVP_CipherInit_ex2 (gcm->context, cipher, NULL, NULL, encrypts, NULL) != 1 ||
	    EVP_CIPHER_CTX_ctrl (gcm->context, EVP_CTRL_AEAD_SET_IVLEN, (int) gcm->iv_len, NULL) !=
	            1 ||
	    EVP_CipherInit_ex2 (gcm->context, NULL, key, NULL, encrypts, NULL) != 1)
		return CKR_GENERAL_ERROR;
	return CKR_OK;
}

static CK_RV
start (Gcm *gcm)
{
	int len = 0;

	gcm->used = 0;
	gcm->started = TRUE;
	if (EVP_CipherInit_ex2 (gcm->context, NULL, NULL, gcm->iv, -1, NULL) != 1)
		return CKR_GENERAL_ERROR;
	if (gcm->aad_len > 0 &&
	    EVP_CipherUpdate (gcm->context, NULL, &len, gcm->aad, (int) gcm->aad_len) != 1)
		return CKR_GENERAL_ERROR;
	return CKR_OK;
}

static CK_ULONG
gcm_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Gcm *gcm = op->state;
	gsize total = gcm->kept_len + in_len;

	if (op->kind == CRATON_OP_ENCRYPT)
		return in_len + (final ? gcm->tag_len : 0);
	return final && total > gcm->tag_len ? total - gcm->tag_len : 0;
}

static CK_RV
feed (Gcm *gcm, const CK_BYTE *in, gsize in_len, CK_BYTE *out)
{
	if (in_len > PLAIN_MAX - gcm->used)
		return CKR_DATA_LEN_RANGE;
	gcm->used += in_len;
	while (in_len > 0) {
		gsize piece = MIN (in_len, PIECE_MAX);
		int len = 0;

		if (EVP_CipherUpdate (gcm->context, out, &len, in, (int) piece) != 1 ||
		    (gsize) len != piece)
			return CKR_GENERAL_ERROR;
		in += piece;
		out += piece;
		in_len -= piece;
	}
	return CKR_OK;
}

static CK_RV
keep (Gcm *gcm, const CK_BYTE *in, gsize in_len)
{
	gsize size = gcm->kept_size;
	CK_BYTE *grown;

	if (in_len > KEPT_MAX - gcm->kept_len)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	if (gcm->kept_len + in_len > size) {
		size = MAX (2 * size, gcm->kept_len + in_len);
		grown = g_try_realloc (gcm->kept, size);
		if (grown == NULL)
			return CKR_HOST_MEMORY;
		gcm->kept = grown;
		gcm->kept_size = size;
	}
	if (in_len > 0)
		memcpy (gcm->kept + gcm->kept_len, in, in_len);
	gcm->kept_len += in_len;
	return CKR_OK;
}

/* GCM may run in place, but not into input that was not read yet. */
static gboolean
overlaps (const CK_BYTE *in, gsize in_len, const CK_BYTE *out)
{
	guintptr from = (guintptr) in, to = (guintptr) out;

	return from != to && from < to + in_len && to < from + in_len;
}

static CK_RV
encrypt (Gcm *gcm, const CK_BYTE *in, gsize in_len, CK_BYTE *out)
{
	CK_BYTE *copy = NULL;
	CK_RV rv = gcm->started ? CKR_OK : start (gcm);

	if (rv == CKR_OK && overlaps (in, in_len, out)) {
		in = copy = OPENSSL_memdup (in, in_len);
		rv = copy == NULL ? CKR_HOST_MEMORY : CKR_OK;
	}
	if (rv == CKR_OK)
		rv = feed (gcm, in, in_len, out);
	OPENSSL_clear_free (copy, in_len);
	return rv;
}

static CK_RV
gcm_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CK_RV rv;

	if (op->kind == CRATON_OP_DECRYPT) {
		*ret_out_len = 0;
		return keep (op->state, in, in_len);
	}
	rv = encrypt (op->state, in, in_len, out);
	if (rv == CKR_OK)
		*ret_out_len = in_len;
	return rv;
}

static CK_RV
append_tag (Gcm *gcm, CK_BYTE *out)
{
	CK_RV rv = gcm->started ? CKR_OK : start (gcm);
	int len = 0;

	if (rv != CKR_OK)
		return rv;
	if (EVP_CipherFinal_ex (gcm->context, out, &len) != 1 ||
	    EVP_CIPHER_CTX_ctrl (gcm->context, EVP_CTRL_AEAD_GET_TAG, (int) gcm->tag_len, out) != 1)
		return CKR_GENERAL_ERROR;
	return CKR_OK;
}

/* @out is private memory: operation.c gives it out if this succeeds. */
static CK_RV
decrypt (Gcm *gcm, const CK_BYTE *in, gsize in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CK_BYTE tag[TAG_MAX];
	gsize plain_len;
	int len = 0;
	CK_RV rv;

	if (in_len < gcm->tag_len)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	plain_len = in_len - gcm->tag_len;
	memcpy (tag, in + plain_len, gcm->tag_len);
	rv = start (gcm);
	if (rv == CKR_OK &&
	    EVP_CIPHER_CTX_ctrl (gcm->context, EVP_CTRL_AEAD_SET_TAG, (int) gcm->tag_len, tag) != 1)
		rv = CKR_GENERAL_ERROR;
	if (rv == CKR_OK)
		rv = feed (gcm, in, plain_len, out);
	if (rv == CKR_DATA_LEN_RANGE)
		rv = CKR_ENCRYPTED_DATA_LEN_RANGE;
	if (rv == CKR_OK && EVP_CipherFinal_ex (gcm->context, tag, &len) != 1)
		rv = CKR_ENCRYPTED_DATA_INVALID;
	if (rv == CKR_OK)
		*ret_out_len = plain_len;
	return rv;
}

static CK_RV
gcm_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Gcm *gcm = op->state;
	CK_RV rv;

	if (op->kind == CRATON_OP_DECRYPT)
		return decrypt (gcm, gcm->kept, gcm->kept_len, out, ret_out_len);
	rv = append_tag (gcm, out);
	if (rv == CKR_OK)
		*ret_out_len = gcm->tag_len;
	return rv;
}

static CK_RV
gcm_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Gcm *gcm = op->state;
	CK_RV rv;

	if (op->kind == CRATON_OP_DECRYPT)
		return decrypt (gcm, in, in_len, out, ret_out_len);
	rv = encrypt (gcm, in, in_len, out);
	if (rv == CKR_OK)
		rv = append_tag (gcm, out + in_len);
	if (rv == CKR_OK)
		*ret_out_len = in_len + gcm->tag_len;
	return rv;
}

static void
gcm_clear (CratonOp *op)
{
	Gcm *gcm = op->state;

	if (gcm == NULL)
		return;
	EVP_CIPHER_CTX_free (gcm->context);
	OPENSSL_clear_free (gcm->aad, gcm->aad_len);
	g_free (gcm->kept);
	g_free (gcm);
}

static const CratonMechClass gcm_class = {
	.init = gcm_init,
	.out_len = gcm_out_len,
	.update = gcm_update,
	.final = gcm_final,
	.once = gcm_once,
	.clear = gcm_clear,
	.hold = CRATON_HOLD_ALWAYS,
};

static const CratonMech rows[] = {
	{ .type = CKM_AES_GCM,
	  .key_type = CKK_AES,
	  .key_type2 = CKK_AES,
	  .min_size = 16,
	  .max_size = 32,
	  .flags = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,
	  .crypt = &gcm_class,
	  .wraps_private = TRUE },
};

const CratonMechFamily craton_mech_gcm = { rows, G_N_ELEMENTS (rows) };
