/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Modes that have to see the end of the data before they can begin, since the last two blocks share
 * bytes: AES-CBC with ciphertext stealing, and AES-XTS. What comes in parts is kept, and goes out with
 * the final call. Called by operation.c and wrap.c through the rows. Parameters and data are the
 * client's.
 */
#include "config.h"

#include "cipher.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

#define BLOCK CRATON_CIPHER_BLOCK_MAX

typedef struct {
	CratonCipher cipher;
	gsize max_len; /* of the data */
} Detail;

typedef struct {
	EVP_CIPHER_CTX *context;
	CratonKept kept;
	CK_BYTE iv[BLOCK];
} Whole;

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
whole_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Whole *whole = g_new0 (Whole, 1);

	op->state = whole;
	if (!craton_mech_has_parameter (mechanism, BLOCK))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (whole->iv, mechanism->pParameter, BLOCK);
	return craton_cipher_start (op->key, detail (op)->cipher, whole->iv,
	                            op->kind == CRATON_OP_ENCRYPT, &whole->context);
}

static CK_ULONG
whole_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Whole *whole = op->state;

	return final ? whole->kept.len + in_len : 0;
}

static CK_RV
whole_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Whole *whole = op->state;

	(void) out;
	if (in_len > detail (op)->max_len - whole->kept.len)
		return len_range (op);
	*ret_out_len = 0;
	return craton_kept_add (&whole->kept, in, in_len, detail (op)->max_len) ? CKR_OK
	                                                                        : CKR_HOST_MEMORY;
}

static CK_RV
whole_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Whole *whole = op->state;
	gsize len = whole->kept.len;
	CK_BYTE *result;
	CK_ULONG done = 0;
	CK_RV rv;

	if (len < BLOCK)
		return len_range (op);
	if (EVP_CipherInit_ex2 (whole->context, NULL, NULL, whole->iv, -1, NULL) != 1)
		return CKR_GENERAL_ERROR;
	result = OPENSSL_malloc (len);
	if (result == NULL)
		return CKR_HOST_MEMORY;
	rv = craton_cipher_feed (whole->context, whole->kept.bytes, len, result, &done);
	if (rv == CKR_OK && done != len)
		rv = CKR_GENERAL_ERROR;
	if (rv == CKR_OK) {
		memcpy (out, result, len);
		*ret_out_len = len;
	}
	OPENSSL_clear_free (result, len);
	return rv;
}

static CK_RV
whole_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Whole *whole = op->state;
	CK_RV rv;

	craton_kept_clear (&whole->kept);
	rv = whole_update (op, in, in_len, out, ret_out_len);
	return rv == CKR_OK ? whole_final (op, out, ret_out_len) : rv;
}

static void
whole_clear (CratonOp *op)
{
	Whole *whole = op->state;

	if (whole == NULL)
		return;
	EVP_CIPHER_CTX_free (whole->context);
	craton_kept_clear (&whole->kept);
	g_free (whole);
}

static const CratonMechClass whole_class = {
	.init = whole_init,
	.out_len = whole_out_len,
	.update = whole_update,
	.final = whole_final,
	.once = whole_once,
	.clear = whole_clear,
	.hold = CRATON_HOLD_NEVER,
};

#define ROW(mechanism, type1, min, max, cipher, ...)                                         \
	{                                                                                    \
		.type = mechanism, .key_type = type1, .key_type2 = type1, .min_size = min,   \
		.max_size = max, .flags = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP, \
		.marks = CRATON_MECH_APPROVED, .crypt = &whole_class,                        \
		.selftests = { CRATON_SELFTEST_CIPHER (cipher) },                            \
		.detail = &(const Detail){ cipher, __VA_ARGS__ },                            \
	}

static const CratonMech rows[] = {
	/* The standard refers to the addendum to SP 800-38A and does not say which of its three
	 * variants it means. CBC-CS1 is that of NSS and Kryoptic, and libcrypto's usual one. */
	ROW (CKM_AES_CTS, CKK_AES, 16, 32, CRATON_CIPHER_CTS, CRATON_KEPT_MAX),
	/* A data unit has 2^20 blocks at the most (SP 800-38E). */
	ROW (CKM_AES_XTS, CKK_AES_XTS, 32, 64, CRATON_CIPHER_XTS, (gsize) BLOCK << 20),
};

const CratonMechFamily craton_mech_whole = { rows, G_N_ELEMENTS (rows) };
