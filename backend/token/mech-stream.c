/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ciphers that turn each byte into one: AES's CTR, OFB and CFB, and ChaCha20. Called by operation.c and
 * wrap.c through the rows. Parameters and data are the client's.
 */
#include "config.h"

#include "cipher.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

#define IV_LEN CRATON_CIPHER_BLOCK_MAX
#define CHACHA_BLOCK 64

typedef struct {
	EVP_CIPHER_CTX *context;
	gboolean dirty;     /* data went through: a one-shot call has to start anew */
	guint64 max, used;  /* bytes: until a counter comes round; up to now */
	CK_BYTE iv[IV_LEN]; /* as libcrypto wants it: ChaCha20's begins with the counter */
} Stream;

typedef struct {
	CratonCipher cipher;
	CK_RV (*take_parameter) (const CK_MECHANISM *mechanism, Stream *stream);
} Detail;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

static CK_RV
take_iv (const CK_MECHANISM *mechanism, Stream *stream)
{
	if (!craton_mech_has_parameter (mechanism, IV_LEN))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (stream->iv, mechanism->pParameter, IV_LEN);
	stream->max = G_MAXUINT64;
	return CKR_OK;
}

/* How many bytes there are before the low @bits of the counter are those of the first block again.
 * libcrypto counts with all 128 bits, so a carry would run into the nonce. */
static guint64
counter_bytes (const CK_BYTE counter[IV_LEN], CK_ULONG bits)
{
	guint64 last = 0;

	for (guint i = 0; i < IV_LEN; i++) {
		guint low = (IV_LEN - 1 - i) * 8; /* the weight of this byte's lowest bit */
		guint mask = bits >= low + 8 ? 0xff : bits <= low ? 0 : (1u << (bits - low)) - 1;
		guint inverse = ~(guint) counter[i] & mask;

		/* More than anybody encrypts. */
		if (inverse != 0 && low >= 56)
			return G_MAXUINT64;
		last = last << 8 | inverse;
	}
	return (last + 1) * IV_LEN;
}

static CK_RV
take_counter (const CK_MECHANISM *mechanism, Stream *stream)
{
	CK_AES_CTR_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.ulCounterBits < 1 || params.ulCounterBits > IV_LEN * 8)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (stream->iv, params.cb, IV_LEN);
	stream->max = counter_bytes (params.cb, params.ulCounterBits);
	return CKR_OK;
}

/* PKCS#11 3.2, CK_CHACHA20_PARAMS: a counter of 32 bits with a nonce of 96 (RFC 8439), or of 64 with
 * one of 64 (Bernstein's). XChaCha20, with a nonce of 192 bits, is not in libcrypto. */
static CK_RV
take_chacha (const CK_MECHANISM *mechanism, Stream *stream)
{
	CK_CHACHA20_PARAMS params;
	guint64 counter = 0, blocks;
	gsize counter_len;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.pBlockCounter == NULL || params.pNonce == NULL ||
	    !((params.blockCounterBits == 32 && params.ulNonceBits == 96) ||
	      (params.blockCounterBits == 64 && params.ulNonceBits == 64)))
		return CKR_MECHANISM_PARAM_INVALID;
	counter_len = params.blockCounterBits / 8;
	memcpy (stream->iv, params.pBlockCounter, counter_len);
	memcpy (stream->iv + counter_len, params.pNonce, IV_LEN - counter_len);
	for (gsize i = counter_len; i > 0; i--)
		counter = counter << 8 | stream->iv[i - 1];
	blocks = (counter_len == 4 ? G_MAXUINT32 : G_MAXUINT64) - counter;
	stream->max =
		blocks >= G_MAXUINT64 / CHACHA_BLOCK ? G_MAXUINT64 : (blocks + 1) * CHACHA_BLOCK;
	return CKR_OK;
}

static CK_RV
stream_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Stream *stream = g_new0 (Stream, 1);
	CK_RV rv;

	op->state = stream;
	rv = detail (op)->take_parameter (mechanism, stream);
	return rv != CKR_OK ? rv
	                    : craton_cipher_start (op->key, detail (op)->cipher, stream->iv,
	                                           op->kind == CRATON_OP_ENCRYPT, &stream->context);
}

static CK_ULONG
stream_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	(void) op;
	(void) final;
	return in_len;
}

static CK_RV
stream_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
               CK_ULONG *ret_out_len)
{
	Stream *stream = op->state;
	CK_BYTE *copy = NULL;
	CK_RV rv;

	if (in_len > stream->max - stream->used)
		return op->kind == CRATON_OP_ENCRYPT ? CKR_DATA_LEN_RANGE
		                                     : CKR_ENCRYPTED_DATA_LEN_RANGE;
	stream->used += in_len;
	if (craton_cipher_overlaps (in, in_len, out, in_len, 0)) {
		in = copy = OPENSSL_memdup (in, in_len);
		if (copy == NULL)
			return CKR_HOST_MEMORY;
	}
	stream->dirty = TRUE;
	rv = craton_cipher_feed (stream->context, in, in_len, out, ret_out_len);
	OPENSSL_clear_free (copy, in_len);
	return rv;
}

static CK_RV
stream_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	(void) op;
	(void) out;
	*ret_out_len = 0;
	return CKR_OK;
}

static CK_RV
stream_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Stream *stream = op->state;

	if (stream->dirty &&
	    EVP_CipherInit_ex2 (stream->context, NULL, NULL, stream->iv, -1, NULL) != 1)
		return CKR_GENERAL_ERROR;
	stream->used = 0;
	return stream_update (op, in, in_len, out, ret_out_len);
}

static void
stream_clear (CratonOp *op)
{
	Stream *stream = op->state;

	if (stream != NULL)
		EVP_CIPHER_CTX_free (stream->context);
	g_free (stream);
}

static const CratonMechClass stream_class = {
	.init = stream_init,
	.out_len = stream_out_len,
	.update = stream_update,
	.final = stream_final,
	.once = stream_once,
	.clear = stream_clear,
	.hold = CRATON_HOLD_NEVER,
};

static gboolean
is_available (const CratonMech *mech)
{
	const Detail *row = mech->detail;

	return craton_algs_cipher (row->cipher, mech->min_size) != NULL;
}

#define ROW(mechanism, type1, min, all_marks, cipher, ...)                                 \
	{                                                                                  \
		.type = mechanism, .key_type = type1, .key_type2 = type1, .min_size = min, \
		.max_size = 32, .marks = all_marks,                                        \
		.info_in_bits = (mechanism) == CKM_CHACHA20,                               \
		.flags = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,                \
		.crypt = &stream_class, .available = is_available,                         \
		.selftests = { CRATON_SELFTEST_CIPHER (cipher) },                          \
		.detail = &(const Detail){ cipher, __VA_ARGS__ },                          \
	}
#define AES_ROW(mode, how) \
	ROW (CKM_AES_##mode, CKK_AES, 16, CRATON_MECH_APPROVED, CRATON_CIPHER_##mode, how)

static const CratonMech rows[] = {
	AES_ROW (CTR, take_counter),
	AES_ROW (OFB, take_iv),
	AES_ROW (CFB1, take_iv),
	AES_ROW (CFB8, take_iv),
	AES_ROW (CFB128, take_iv),
	ROW (CKM_CHACHA20, CKK_CHACHA20, 32, 0, CRATON_CIPHER_CHACHA20, take_chacha),
};

const CratonMechFamily craton_mech_stream = { rows, G_N_ELEMENTS (rows) };
