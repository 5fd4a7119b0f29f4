/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AES key wrap, without padding (RFC 3394) and with (RFC 5649). Wraps keys, and encrypts data in
 * one call; what does not unwrap to the right check value is not given out. Called by wrap.c and
 * operation.c through the rows, and by mech-wrap-hybrid.c; see mech-keywrap.h. Parameters and data
 * are the client's.
 */
#include "config.h"

#include "mech-keywrap.h"

#include "algs.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

#define SEMIBLOCK 8
/* Keys are short; libcrypto would take up to 2^31 bytes. */
#define DATA_MAX ((gsize) 16 * 1024 * 1024)

typedef struct {
	CratonCipher cipher;
	gsize iv_len; /* of the parameter, if there is one */
} Detail;

typedef struct {
	EVP_CIPHER_CTX *context;
} KeyWrap;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

static gboolean
is_padded (const CratonOp *op)
{
	return detail (op)->cipher == CRATON_CIPHER_KWP;
}

CK_RV
craton_mech_keywrap_start (const EVP_CIPHER *cipher, const CK_BYTE *key, const CK_BYTE *iv,
                           gboolean wraps, EVP_CIPHER_CTX **ret_context)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();

	if (context == NULL)
		return CKR_HOST_MEMORY;
	EVP_CIPHER_CTX_set_flags (context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex2 (context, cipher, key, iv, wraps, NULL) != 1) {
		EVP_CIPHER_CTX_free (context);
		return CKR_GENERAL_ERROR;
	}
	*ret_context = context;
	return CKR_OK;
}

CK_RV
craton_mech_keywrap_whole (EVP_CIPHER_CTX *context, const CK_BYTE *in, gsize in_len, CK_BYTE *out,
                           CK_ULONG *ret_out_len)
{
	gboolean wraps = EVP_CIPHER_CTX_is_encrypting (context);
	gsize room = in_len + 2 * SEMIBLOCK;
	CK_BYTE *copy, *result;
	CK_RV rv = CKR_OK;
	int len = 0;

	if (in_len > DATA_MAX + 2 * SEMIBLOCK)
		return CKR_DATA_LEN_RANGE;
	/* libcrypto works on the whole in several rounds, in the memory of the output: both are
	 * ours meanwhile. */
	copy = OPENSSL_memdup (in, in_len);
	result = OPENSSL_zalloc (room);
	if (copy == NULL || result == NULL)
		rv = CKR_HOST_MEMORY;
	else if (EVP_CipherUpdate (context, result, &len, copy, (int) in_len) != 1 || len <= 0)
		rv = wraps ? CKR_FUNCTION_FAILED : CKR_ENCRYPTED_DATA_INVALID;
	if (rv == CKR_OK) {
		memcpy (out, result, (gsize) len);
		*ret_out_len = (CK_ULONG) len;
	}
	OPENSSL_clear_free (copy, in_len);
	OPENSSL_clear_free (result, room);
	return rv;
}

static CK_RV
keywrap_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	KeyWrap *wrap = g_new0 (KeyWrap, 1);
	gsize key_len = 0;
	const CK_BYTE *key = craton_object_get (op->key, CKA_VALUE, &key_len);
	const EVP_CIPHER *cipher = craton_algs_cipher (detail (op)->cipher, key_len);
	CK_BYTE iv[SEMIBLOCK];
	gboolean has_iv = FALSE;

	op->state = wrap;
	if (key == NULL || cipher == NULL)
		return CKR_KEY_SIZE_RANGE;
	if (craton_mech_has_parameter (mechanism, detail (op)->iv_len)) {
		memcpy (iv, mechanism->pParameter, detail (op)->iv_len);
		has_iv = TRUE;
	} else if (!craton_mech_has_parameter (mechanism, 0)) {
		return CKR_MECHANISM_PARAM_INVALID;
	}
	return craton_mech_keywrap_start (cipher, key, has_iv ? iv : NULL,
	                                  op->kind == CRATON_OP_ENCRYPT, &wrap->context);
}

static CK_ULONG
keywrap_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	(void) final;
	if (op->kind == CRATON_OP_ENCRYPT)
		return (in_len + SEMIBLOCK - 1) / SEMIBLOCK * SEMIBLOCK + SEMIBLOCK;
	return in_len > SEMIBLOCK ? in_len - SEMIBLOCK : 0;
}

static CK_RV
check_len (const CratonOp *op, gsize len)
{
	gsize block = op->kind == CRATON_OP_ENCRYPT && is_padded (op) ? 1 : SEMIBLOCK;
	gsize least = is_padded (op) ? 1 : 2 * SEMIBLOCK;

	if (op->kind == CRATON_OP_ENCRYPT)
		return len < least || len > DATA_MAX || len % block != 0 ? CKR_DATA_LEN_RANGE
		                                                         : CKR_OK;
	least = is_padded (op) ? 2 * SEMIBLOCK : 3 * SEMIBLOCK;
	return len < least || len > DATA_MAX + 2 * SEMIBLOCK || len % block != 0
	               ? CKR_ENCRYPTED_DATA_LEN_RANGE
	               : CKR_OK;
}

static CK_RV
keywrap_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	KeyWrap *wrap = op->state;
	CK_RV rv = check_len (op, in_len);

	return rv == CKR_OK
	               ? craton_mech_keywrap_whole (wrap->context, in, in_len, out, ret_out_len)
	               : rv;
}

static void
keywrap_clear (CratonOp *op)
{
	KeyWrap *wrap = op->state;

	if (wrap != NULL)
		EVP_CIPHER_CTX_free (wrap->context);
	g_free (wrap);
}

/* The length of what was padded is known only afterwards. */
static const CratonMechClass keywrap_class = {
	.init = keywrap_init,
	.out_len = keywrap_out_len,
	.once = keywrap_once,
	.clear = keywrap_clear,
	.hold = CRATON_HOLD_IF_SHORT,
};

#define ROW(mechanism, cipher, iv, block)                                                     \
	{                                                                                     \
		.type = mechanism, .key_type = CKK_AES, .key_type2 = CKK_AES, .min_size = 16, \
		.max_size = 32, .flags = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,   \
		.detail = &(const Detail){ cipher, iv }, .crypt = &keywrap_class,             \
		.wraps_private = TRUE, .wrap_block = block, .marks = CRATON_MECH_APPROVED,    \
		.selftests = { CRATON_SELFTEST_CIPHER (cipher) },                             \
	}

static const CratonMech rows[] = {
	ROW (CKM_AES_KEY_WRAP, CRATON_CIPHER_KW, 8, SEMIBLOCK),
	/* The older name, for which PKCS#11 never said how to pad. RFC 5649 is what most tokens
	 * make of it. */
	ROW (CKM_AES_KEY_WRAP_PAD, CRATON_CIPHER_KWP, 4, 0),
	ROW (CKM_AES_KEY_WRAP_KWP, CRATON_CIPHER_KWP, 4, 0),
};

const CratonMechFamily craton_mech_keywrap = { rows, G_N_ELEMENTS (rows) };
