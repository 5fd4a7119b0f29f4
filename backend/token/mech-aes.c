/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * AES: key generation, and the modes that turn blocks or a stream of bytes into as many: ECB, CBC,
 * CBC_PAD, CTR. Called by operation.c, keygen.c and wrap.c through the rows. Parameters and data
 * are the client's.
 */
#include "config.h"

#include "algs.h"
#include "key-attrs.h"
#include "keygen.h"
#include "mech.h"

#include <openssl/crypto.h>
#include <string.h>

#define BLOCK 16
/* libcrypto counts in int. */
#define PIECE_MAX ((gsize) 1 << 30)

typedef struct {
	CratonCipher cipher;
	gboolean padded;
} Detail;

typedef struct {
	EVP_CIPHER_CTX *context;
	gboolean encrypts;
	gboolean dirty; /* data went through: a one-shot call has to start anew */
	gsize pending;  /* bytes that libcrypto keeps back: up to a block, if that may be padding */
	guint64 stream_max; /* CTR: bytes until the counter comes round */
	guint64 stream_used;
	CK_BYTE iv[BLOCK];
} Aes;

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

/* How many bytes there are before the low @bits of the counter are those of the first block again.
 * libcrypto counts with all 128 bits, so a carry would run into the nonce. */
static guint64
counter_bytes (const CK_BYTE counter[BLOCK], CK_ULONG bits)
{
	guint64 last = 0;

	for (guint i = 0; i < BLOCK; i++) {
		guint low = (BLOCK - 1 - i) * 8; /* the weight of this byte's lowest bit */
		guint mask = bits >= low + 8 ? 0xff : bits <= low ? 0 : (1u << (bits - low)) - 1;
		guint inverse = ~(guint) counter[i] & mask;

		/* More than anybody encrypts. */
		if (inverse != 0 && low >= 56)
			return G_MAXUINT64;
		last = last << 8 | inverse;
	}
	return (last + 1) * BLOCK;
}

static CK_RV
take_parameter (const CratonOp *op, const CK_MECHANISM *mechanism, Aes *aes)
{
	CK_AES_CTR_PARAMS ctr;

	switch (detail (op)->cipher) {
	case CRATON_CIPHER_ECB:
		return craton_mech_has_parameter (mechanism, 0) ? CKR_OK
		                                                : CKR_MECHANISM_PARAM_INVALID;
	case CRATON_CIPHER_CTR:
		if (!craton_mech_has_parameter (mechanism, sizeof ctr))
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy (&ctr, mechanism->pParameter, sizeof ctr);
		if (ctr.ulCounterBits < 1 || ctr.ulCounterBits > BLOCK * 8)
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy (aes->iv, ctr.cb, BLOCK);
		aes->stream_max = counter_bytes (ctr.cb, ctr.ulCounterBits);
		return CKR_OK;
	default:
		if (!craton_mech_has_parameter (mechanism, BLOCK))
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy (aes->iv, mechanism->pParameter, BLOCK);
		return CKR_OK;
	}
}

static CK_RV
aes_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Aes *aes = g_new0 (Aes, 1);
	gsize key_len = 0;
	const CK_BYTE *key = craton_object_get (op->key, CKA_VALUE, &key_len);
	const EVP_CIPHER *cipher = craton_algs_aes (detail (op)->cipher, key_len);
	CK_RV rv;

	op->state = aes;
	if (key == NULL || cipher == NULL)
		return CKR_KEY_SIZE_RANGE;
	rv = take_parameter (op, mechanism, aes);
	if (rv != CKR_OK)
		return rv;
	aes->encrypts = op->kind == CRATON_OP_ENCRYPT;
	aes->context = EVP_CIPHER_CTX_new ();
	if (aes->context == NULL)
		return CKR_HOST_MEMORY;
	if (EVP_CipherInit_ex2 (aes->context, cipher, key, aes->iv, aes->encrypts, NULL) != 1 ||
	    EVP_CIPHER_CTX_set_padding (aes->context, detail (op)->padded) != 1)
		return CKR_GENERAL_ERROR;
	return CKR_OK;
}

/* How much of @in_len bytes more comes out at once. */
static gsize
update_len (const CratonOp *op, const Aes *aes, gsize in_len)
{
	gsize total = aes->pending + in_len;

	if (detail (op)->cipher == CRATON_CIPHER_CTR)
		return in_len;
	/* The last block may be padding. */
	if (detail (op)->padded && !aes->encrypts && total > 0)
		total--;
	return total - total % BLOCK;
}

static CK_ULONG
aes_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Aes *aes = op->state;
	gsize total = aes->pending + in_len;

	if (!final)
		return update_len (op, aes, in_len);
	if (!detail (op)->padded)
		return total;
	return aes->encrypts ? total - total % BLOCK + BLOCK : total;
}

static CK_RV
feed (Aes *aes, const CK_BYTE *in, gsize in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	gsize done = 0;

	while (in_len > 0) {
		gsize piece = MIN (in_len, PIECE_MAX);
		int len = 0;

		if (EVP_CipherUpdate (aes->context, out + done, &len, in, (int) piece) != 1)
			return CKR_GENERAL_ERROR;
		done += (gsize) len;
		in += piece;
		in_len -= piece;
	}
	*ret_out_len = done;
	return CKR_OK;
}

/* Whether output is written over input that was not read yet: it runs ahead or behind by what is
 * pending. */
static gboolean
overlaps (const Aes *aes, const CK_BYTE *in, gsize in_len, const CK_BYTE *out, gsize out_len)
{
	guintptr from = (guintptr) in, to = (guintptr) out;

	if (in_len == 0 || out_len == 0 || (from == to && aes->pending == 0))
		return FALSE;
	return from < to + out_len && to < from + in_len;
}

static CK_RV
aes_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Aes *aes = op->state;
	gsize out_len = update_len (op, aes, in_len);
	CK_BYTE *copy = NULL;
	CK_RV rv;

	if (detail (op)->cipher == CRATON_CIPHER_CTR) {
		if (in_len > aes->stream_max - aes->stream_used)
			return len_range (op);
		aes->stream_used += in_len;
	}
	if (overlaps (aes, in, in_len, out, out_len)) {
		in = copy = OPENSSL_memdup (in, in_len);
		if (copy == NULL)
			return CKR_HOST_MEMORY;
	}
	aes->dirty = TRUE;
	rv = feed (aes, in, in_len, out, ret_out_len);
	if (detail (op)->cipher != CRATON_CIPHER_CTR)
		aes->pending = aes->pending + in_len - out_len;
	OPENSSL_clear_free (copy, in_len);
	return rv;
}

static CK_RV
aes_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Aes *aes = op->state;
	int len = 0;

	*ret_out_len = 0;
	if (detail (op)->cipher == CRATON_CIPHER_CTR)
		return CKR_OK;
	if (!detail (op)->padded)
		return aes->pending == 0 ? CKR_OK : len_range (op);
	if (!aes->encrypts && aes->pending != BLOCK)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	if (EVP_CipherFinal_ex (aes->context, out, &len) != 1)
		return aes->encrypts ? CKR_GENERAL_ERROR : CKR_ENCRYPTED_DATA_INVALID;
	*ret_out_len = (CK_ULONG) len;
	return CKR_OK;
}

static CK_RV
aes_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Aes *aes = op->state;
	CK_ULONG len = 0, last = 0;
	CK_RV rv;

	if (aes->dirty && EVP_CipherInit_ex2 (aes->context, NULL, NULL, aes->iv, -1, NULL) != 1)
		return CKR_GENERAL_ERROR;
	aes->pending = 0;
	aes->stream_used = 0;
	/* Before anything is written. */
	if (detail (op)->cipher != CRATON_CIPHER_CTR && in_len % BLOCK != 0 &&
	    !(detail (op)->padded && aes->encrypts))
		return len_range (op);
	rv = aes_update (op, in, in_len, out, &len);
	if (rv == CKR_OK)
		rv = aes_final (op, out + len, &last);
	if (rv == CKR_OK)
		*ret_out_len = len + last;
	return rv;
}

static void
aes_clear (CratonOp *op)
{
	Aes *aes = op->state;

	if (aes != NULL)
		EVP_CIPHER_CTX_free (aes->context);
	g_free (aes);
}

/* Only CBC_PAD has results of a length that is not known before. */
#define AES_CLASS(how)                                                                 \
	{                                                                              \
		.init = aes_init, .out_len = aes_out_len, .update = aes_update,        \
		.final = aes_final, .once = aes_once, .clear = aes_clear, .hold = how, \
	}

static const CratonMechClass aes_class = AES_CLASS (CRATON_HOLD_NEVER);
static const CratonMechClass aes_padded_class = AES_CLASS (CRATON_HOLD_IF_SHORT);

static CK_RV
aes_generate (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
              const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	CK_ULONG len;
	CK_RV rv;

	(void) mechanism;
	rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_VALUE_LEN, &len);
	if (rv != CKR_OK)
		return rv;
	if (len != 16 && len != 24 && len != 32)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return craton_keygen_secret (session, mech->type, CKK_AES, len, template, n_attrs, ret_key);
}

#define ROW_BASE(mechanism, all_flags)                                                \
	.type = mechanism, .key_type = CKK_AES, .key_type2 = CKK_AES, .min_size = 16, \
	.max_size = 32, .flags = all_flags
#define CRYPT_FLAGS (CKF_ENCRYPT | CKF_DECRYPT)
#define WRAP_FLAGS (CKF_WRAP | CKF_UNWRAP)

static const CratonMech rows[] = {
	{ ROW_BASE (CKM_AES_KEY_GEN, CKF_GENERATE), .generate = aes_generate },
	{ ROW_BASE (CKM_AES_ECB, CRYPT_FLAGS), .crypt = &aes_class,
	  .detail = &(const Detail){ CRATON_CIPHER_ECB, FALSE } },
	{ ROW_BASE (CKM_AES_CBC, CRYPT_FLAGS | WRAP_FLAGS), .crypt = &aes_class,
	  .wrap_block = BLOCK, .detail = &(const Detail){ CRATON_CIPHER_CBC, FALSE } },
	{ ROW_BASE (CKM_AES_CBC_PAD, CRYPT_FLAGS | WRAP_FLAGS), .crypt = &aes_padded_class,
	  .wraps_private = TRUE, .detail = &(const Detail){ CRATON_CIPHER_CBC, TRUE } },
	{ ROW_BASE (CKM_AES_CTR, CRYPT_FLAGS), .crypt = &aes_class,
	  .detail = &(const Detail){ CRATON_CIPHER_CTR, FALSE } },
};

const CratonMechFamily craton_mech_aes = { rows, G_N_ELEMENTS (rows) };
