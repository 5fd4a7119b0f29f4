/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Block ciphers, block by block: ECB and CBC, with padding or without, of AES, Camellia and DES.
 * Called by operation.c and wrap.c through the rows. Parameters and data are the client's.
 */
#include "config.h"

#include "cipher.h"
#include "des.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct {
	CratonCipher cipher;
	gsize block, iv_len;
	gboolean padded;
} Detail;

typedef struct {
	EVP_CIPHER_CTX *context;
	gboolean encrypts;
	gboolean dirty; /* data went through: a one-shot call has to start anew */
	gsize pending;  /* bytes that libcrypto keeps back: up to a block, if that may be padding */
	CK_BYTE iv[CRATON_CIPHER_BLOCK_MAX];
} Block;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

static CK_RV
len_range (const CratonOp *op)
{
	return op->kind == CRATON_OP_ENCRYPT ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
}

static CK_RV
block_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Block *block = g_new0 (Block, 1);
	gsize iv_len = detail (op)->iv_len;
	CK_RV rv;

	op->state = block;
	if (!craton_mech_has_parameter (mechanism, iv_len))
		return CKR_MECHANISM_PARAM_INVALID;
	if (iv_len > 0)
		memcpy (block->iv, mechanism->pParameter, iv_len);
	block->encrypts = op->kind == CRATON_OP_ENCRYPT;
	rv = craton_cipher_start (op->key, detail (op)->cipher, block->iv, block->encrypts,
	                          &block->context);
	if (rv == CKR_OK && EVP_CIPHER_CTX_set_padding (block->context, detail (op)->padded) != 1)
		rv = CKR_GENERAL_ERROR;
	return rv;
}

/* How much of @in_len bytes more comes out at once. */
static gsize
update_len (const CratonOp *op, const Block *block, gsize in_len)
{
	gsize total = block->pending + in_len;

	/* The last block may be padding. */
	if (detail (op)->padded && !block->encrypts && total > 0)
		total--;
	return total - total % detail (op)->block;
}

static CK_ULONG
block_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Block *block = op->state;
	gsize total = block->pending + in_len;

	if (!final)
		return update_len (op, block, in_len);
	if (!detail (op)->padded || !block->encrypts)
		return total;
	return total - total % detail (op)->block + detail (op)->block;
}

static CK_RV
block_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Block *block = op->state;
	gsize out_len = update_len (op, block, in_len);
	CK_BYTE *copy = NULL;
	CK_RV rv;

	if (craton_cipher_overlaps (in, in_len, out, out_len, block->pending)) {
		in = copy = OPENSSL_memdup (in, in_len);
		if (copy == NULL)
			return CKR_HOST_MEMORY;
	}
	block->dirty = TRUE;
	rv = craton_cipher_feed (block->context, in, in_len, out, ret_out_len);
	block->pending = block->pending + in_len - out_len;
	OPENSSL_clear_free (copy, in_len);
	return rv;
}

static CK_RV
block_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Block *block = op->state;
	int len = 0;

	*ret_out_len = 0;
	if (!detail (op)->padded)
		return block->pending == 0 ? CKR_OK : len_range (op);
	if (!block->encrypts && block->pending != detail (op)->block)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	if (EVP_CipherFinal_ex (block->context, out, &len) != 1)
		return block->encrypts ? CKR_GENERAL_ERROR : CKR_ENCRYPTED_DATA_INVALID;
	*ret_out_len = (CK_ULONG) len;
	return CKR_OK;
}

static CK_RV
block_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Block *block = op->state;
	CK_ULONG len = 0, last = 0;
	CK_RV rv;

	if (block->dirty &&
	    EVP_CipherInit_ex2 (block->context, NULL, NULL, block->iv, -1, NULL) != 1)
		return CKR_GENERAL_ERROR;
	block->pending = 0;
	/* Before anything is written. */
	if (in_len % detail (op)->block != 0 && !(detail (op)->padded && block->encrypts))
		return len_range (op);
	rv = block_update (op, in, in_len, out, &len);
	if (rv == CKR_OK)
		rv = block_final (op, out + len, &last);
	if (rv == CKR_OK)
		*ret_out_len = len + last;
	return rv;
}

static void
block_clear (CratonOp *op)
{
	Block *block = op->state;

	if (block != NULL)
		EVP_CIPHER_CTX_free (block->context);
	g_free (block);
}

/* Only with padding there are results of a length that is not known before. */
#define BLOCK_CLASS(how)                                                                     \
	{                                                                                    \
		.init = block_init, .out_len = block_out_len, .update = block_update,        \
		.final = block_final, .once = block_once, .clear = block_clear, .hold = how, \
	}

static const CratonMechClass block_class = BLOCK_CLASS (CRATON_HOLD_NEVER);
static const CratonMechClass padded_class = BLOCK_CLASS (CRATON_HOLD_IF_SHORT);

static gboolean
is_available (const CratonMech *mech)
{
	const Detail *row = mech->detail;
	gsize key_len =
		row->cipher == CRATON_CIPHER_DES3_ECB || row->cipher == CRATON_CIPHER_DES3_CBC
			? CRATON_DES3_KEY_LEN
			: mech->min_size;

	return craton_algs_cipher (row->cipher, key_len) != NULL;
}

#define ROW(mechanism, type1, type2, min, max, all_marks, klass, private, pad, cipher, ...)  \
	{                                                                                    \
		.type = mechanism, .key_type = type1, .key_type2 = type2, .min_size = min,   \
		.max_size = max, .marks = all_marks,                                         \
		.flags = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, .crypt = &klass, \
		.wraps_private = private, .wrap_block = pad, .available = is_available,      \
		.selftests = { CRATON_SELFTEST_CIPHER (cipher) },                            \
		.detail = &(const Detail){ cipher, __VA_ARGS__ },                            \
	}
/* All that a block cipher has. */
#define ROWS(name, type1, type2, min, max, cipher, block, marks)                                 \
	ROW (CKM_##name##_ECB, type1, type2, min, max, marks, block_class, FALSE, block,         \
	     CRATON_CIPHER_##cipher##ECB, block, 0, FALSE),                                      \
		ROW (CKM_##name##_CBC, type1, type2, min, max, marks, block_class, FALSE, block, \
	             CRATON_CIPHER_##cipher##CBC, block, block, FALSE),                          \
		ROW (CKM_##name##_CBC_PAD, type1, type2, min, max, marks, padded_class, TRUE, 0, \
	             CRATON_CIPHER_##cipher##CBC, block, block, TRUE)

static const CratonMech rows[] = {
	ROWS (AES, CKK_AES, CKK_AES, 16, 32, , 16, CRATON_MECH_APPROVED),
	ROWS (CAMELLIA, CKK_CAMELLIA, CKK_CAMELLIA, 16, 32, CAMELLIA_, 16, 0),
	ROWS (DES, CKK_DES, CKK_DES, 8, 8, DES3_, 8, CRATON_MECH_LEGACY),
	ROWS (DES3, CKK_DES3, CKK_DES2, 16, 24, DES3_, 8, CRATON_MECH_LEGACY),
};

const CratonMechFamily craton_mech_block = { rows, G_N_ELEMENTS (rows) };
