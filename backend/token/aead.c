/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Authenticated encryption for messages, see aead.h: AES-GCM (SP 800-38D), AES-CCM (SP 800-38C),
 * ChaCha20-Poly1305 (RFC 8439). Parameters and data are the client's. Called by message.c and
 * wrap-auth.c.
 */
#include "config.h"

#include "aead.h"

#include "drbg.h"

#include <openssl/crypto.h>
#include <string.h>

#define IV_MAX CRATON_AEAD_IV_MAX
/* libcrypto counts in int. */
#define PIECE_MAX ((CK_ULONG) 1 << 30)
/* SP 800-38D, 5.2.1.1; RFC 8439, 2.8 has more. */
#define DATA_MAX (((guint64) 1 << 36) - 32)
/* Random IVs with fewer bits than SP 800-38D, 8.2.2 asks for are remembered, this many. */
#define RANDOM_BITS 96
#define SEEN_MAX 65536

/* What makes the IVs of one key, from the first message on. */
typedef struct {
	CK_GENERATOR_FUNCTION generator; /* CKG_NO_GENERATE: not known yet */
	CK_ULONG len, fixed_bits;
	guint64 n; /* made so far */
	CK_BYTE base[IV_MAX];
	GHashTable *seen; /* a set of GBytes */
} Generator;

struct CratonAead {
	const CratonAeadKind *kind;
	gboolean encrypts;
	EVP_CIPHER_CTX *context;
	const CK_BYTE *key; /* the object's */
	Generator generator;
	guint64 used; /* bytes of this message */
	CK_BYTE tag[CRATON_AEAD_TAG_MAX];
	CK_ULONG tag_len;
};

/* --- parameters --- */

static gboolean
gcm_take_message (const void *param, CK_ULONG len, CratonAeadParam *ret_param)
{
	CK_GCM_MESSAGE_PARAMS params;

	if (param == NULL || len != sizeof params)
		return FALSE;
	memcpy (&params, param, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pIv,
		                        .iv_len = params.ulIvLen,
		                        .fixed_bits = params.ulIvFixedBits,
		                        .generator = params.ivGenerator,
		                        .tag = params.pTag,
		                        .tag_len = params.ulTagBits / 8,
		                        .data_len = CK_UNAVAILABLE_INFORMATION };
	return params.ulTagBits % 8 == 0;
}

/* Before 3.2 there was the structure of C_EncryptInit only; their lengths tell them apart. */
static gboolean
gcm_take_wrap (const void *param, CK_ULONG len, CratonAeadParam *ret_param)
{
	CK_GCM_WRAP_PARAMS params;
	CK_GCM_PARAMS old;

	if (param != NULL && len == sizeof old) {
		memcpy (&old, param, sizeof old);
		*ret_param = (CratonAeadParam){ .iv = old.pIv,
			                        .iv_len = old.ulIvLen,
			                        .tag_len = old.ulTagBits / 8,
			                        .aad = old.pAAD,
			                        .aad_len = old.ulAADLen };
		return old.ulTagBits % 8 == 0;
	}
	if (param == NULL || len != sizeof params)
		return FALSE;
	memcpy (&params, param, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pIv,
		                        .iv_len = params.ulIvLen,
		                        .fixed_bits = params.ulIvFixedBits,
		                        .generator = params.ivGenerator,
		                        .tag_len = params.ulTagBits / 8,
		                        .aad = params.pAAD,
		                        .aad_len = params.ulAADLen };
	return params.ulTagBits % 8 == 0;
}

static gboolean
ccm_take_message (const void *param, CK_ULONG len, CratonAeadParam *ret_param)
{
	CK_CCM_MESSAGE_PARAMS params;

	if (param == NULL || len != sizeof params)
		return FALSE;
	memcpy (&params, param, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pNonce,
		                        .iv_len = params.ulNonceLen,
		                        .fixed_bits = params.ulNonceFixedBits,
		                        .generator = params.nonceGenerator,
		                        .tag = params.pMac,
		                        .tag_len = params.ulMACLen,
		                        .data_len = params.ulDataLen };
	return TRUE;
}

static gboolean
ccm_take_wrap (const void *param, CK_ULONG len, CratonAeadParam *ret_param)
{
	CK_CCM_WRAP_PARAMS params;
	CK_CCM_PARAMS old;

	if (param != NULL && len == sizeof old) {
		memcpy (&old, param, sizeof old);
		*ret_param = (CratonAeadParam){ .iv = old.nonce,
			                        .iv_len = old.ulNonceLen,
			                        .tag_len = old.ulMACLen,
			                        .aad = old.aad,
			                        .aad_len = old.ulAADLen };
		return TRUE;
	}
	if (param == NULL || len != sizeof params)
		return FALSE;
	memcpy (&params, param, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pNonce,
		                        .iv_len = params.ulNonceLen,
		                        .fixed_bits = params.ulNonceFixedBits,
		                        .generator = params.nonceGenerator,
		                        .tag_len = params.ulMACLen,
		                        .aad = params.pAAD,
		                        .aad_len = params.ulAADLen };
	return TRUE;
}

static gboolean
chacha20_take_message (const void *param, CK_ULONG len, CratonAeadParam *ret_param)
{
	CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS params;

	if (param == NULL || len != sizeof params)
		return FALSE;
	memcpy (&params, param, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pNonce,
		                        .iv_len = params.ulNonceBits / 8,
		                        .tag = params.pTag,
		                        .tag_len = CRATON_AEAD_TAG_MAX,
		                        .data_len = CK_UNAVAILABLE_INFORMATION };
	return params.ulNonceBits % 8 == 0;
}

/* The standard has no structure of its own for wrapping with it: the one of C_EncryptInit. */
static gboolean
chacha20_take_wrap (const void *param, CK_ULONG len, CratonAeadParam *ret_param)
{
	CK_SALSA20_CHACHA20_POLY1305_PARAMS params;

	if (param == NULL || len != sizeof params)
		return FALSE;
	memcpy (&params, param, sizeof params);
	*ret_param = (CratonAeadParam){ .iv = params.pNonce,
		                        .iv_len = params.ulNonceBits / 8,
		                        .tag_len = CRATON_AEAD_TAG_MAX,
		                        .aad = params.pAAD,
		                        .aad_len = params.ulAADLen };
	return params.ulNonceBits % 8 == 0;
}

/* SP 800-38D, 5.2.1.2 */
static gboolean
gcm_fits (const CratonAeadParam *param)
{
	return param->iv_len >= 1 && param->iv_len <= IV_MAX &&
	       (param->tag_len == 4 || param->tag_len == 8 ||
	        (param->tag_len >= 12 && param->tag_len <= 16));
}

/* SP 800-38C, A.1: what the nonce leaves of 15 bytes counts the data. */
static gboolean
ccm_fits (const CratonAeadParam *param)
{
	if (param->iv_len < 7 || param->iv_len > 13 || param->tag_len < 4 || param->tag_len > 16 ||
	    param->tag_len % 2 != 0)
		return FALSE;
	return 15 - param->iv_len >= sizeof (CK_ULONG) ||
	       param->data_len >> (8 * (15 - param->iv_len)) == 0;
}

static gboolean
chacha20_fits (const CratonAeadParam *param)
{
	return param->iv_len == 12 && param->tag_len == 16;
}

const CratonAeadKind craton_aead_gcm = { CRATON_CIPHER_GCM, gcm_take_message, gcm_take_wrap,
	                                 gcm_fits, FALSE };
const CratonAeadKind craton_aead_ccm = { CRATON_CIPHER_CCM, ccm_take_message, ccm_take_wrap,
	                                 ccm_fits, TRUE };
const CratonAeadKind craton_aead_chacha20_poly1305 = { CRATON_CIPHER_CHACHA20_POLY1305,
	                                               chacha20_take_message, chacha20_take_wrap,
	                                               chacha20_fits, FALSE };

/* --- IVs --- */

/* Copies the bits of @from behind the first @fixed_bits. */
static void
copy_variable (CK_BYTE *to, const CK_BYTE *from, CK_ULONG len, CK_ULONG fixed_bits)
{
	CK_ULONG at = fixed_bits / 8;
	CK_BYTE mask = (CK_BYTE) (0xff >> fixed_bits % 8);

	if (at >= len)
		return;
	to[at] = (CK_BYTE) ((to[at] & ~mask) | (from[at] & mask));
	memcpy (to + at + 1, from + at + 1, len - at - 1);
}

/* @number into the last bytes: exclusive or, or added up to the left end of the variable bits. */
static void
apply_counter (const Generator *generator, CK_BYTE *iv)
{
	gboolean adds = generator->generator != CKG_GENERATE_COUNTER_XOR;
	CK_BYTE result[IV_MAX];
	guint64 number = generator->n;
	guint carry = 0;

	for (CK_ULONG i = generator->len; i > 0; i--, number >>= 8) {
		guint byte = (guint) (number & 0xff);

		carry += adds ? iv[i - 1] + byte : (iv[i - 1] ^ byte);
		result[i - 1] = (CK_BYTE) carry;
		carry >>= 8;
	}
	copy_variable (iv, result, generator->len, generator->fixed_bits);
}

static CK_RV
start_generator (Generator *generator, const CratonAeadParam *param, const CK_BYTE *iv)
{
	CK_BYTE drawn[IV_MAX];
	CK_RV rv;

	if (param->generator > CKG_GENERATE_COUNTER_XOR || param->fixed_bits > 8 * param->iv_len)
		return CKR_MECHANISM_PARAM_INVALID;
	generator->len = param->iv_len;
	generator->fixed_bits = param->fixed_bits;
	memcpy (generator->base, iv, param->iv_len);
	if (param->generator != CKG_GENERATE_COUNTER_XOR) {
		rv = craton_drbg_generate (drawn, param->iv_len);
		if (rv != CKR_OK)
			return rv;
		copy_variable (generator->base, drawn, generator->len, generator->fixed_bits);
	}
	if (param->generator == CKG_GENERATE_RANDOM)
		generator->seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal,
		                                         (GDestroyNotify) g_bytes_unref, NULL);
	generator->generator = param->generator;
	return CKR_OK;
}

static gboolean
is_same (const Generator *generator, const CratonAeadParam *param, const CK_BYTE *iv)
{
	CK_BYTE fixed[IV_MAX];

	if (generator->generator != param->generator || generator->len != param->iv_len ||
	    generator->fixed_bits != param->fixed_bits)
		return FALSE;
	memcpy (fixed, iv, generator->len);
	copy_variable (fixed, generator->base, generator->len, generator->fixed_bits);
	return memcmp (fixed, generator->base, generator->len) == 0;
}

static CK_RV
draw (Generator *generator, CK_BYTE *iv)
{
	CK_ULONG bits = 8 * generator->len - generator->fixed_bits;
	CK_BYTE drawn[IV_MAX];
	CK_RV rv;

	/* Half of what there is stays unused, so that a draw mostly finds a new one. */
	if (bits < RANDOM_BITS &&
	    (generator->n >= SEEN_MAX || (bits < 64 && generator->n >= ((guint64) 1 << bits) / 2)))
		return CKR_MECHANISM_PARAM_INVALID;
	do {
		rv = craton_drbg_generate (drawn, generator->len);
		if (rv != CKR_OK)
			return rv;
		copy_variable (iv, drawn, generator->len, generator->fixed_bits);
	} while (bits < RANDOM_BITS &&
	         !g_hash_table_add (generator->seen, g_bytes_new (iv, generator->len)));
	generator->n++;
	return CKR_OK;
}

CK_RV
craton_aead_make_iv (CratonAead *aead, const CratonAeadParam *param, CK_BYTE *iv)
{
	Generator *generator = &aead->generator;
	CK_ULONG bits;
	CK_RV rv = CKR_OK;

	if (param->iv == NULL || !aead->kind->fits (param))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (iv, param->iv, param->iv_len);
	if (!aead->encrypts)
		return CKR_OK;
	if (generator->generator == CKG_NO_GENERATE && param->generator == CKG_NO_GENERATE)
		return CKR_OK;
	if (generator->generator == CKG_NO_GENERATE)
		rv = start_generator (generator, param, iv);
	else if (!is_same (generator, param, iv))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv != CKR_OK)
		return rv;
	memcpy (iv, generator->base, generator->len);
	bits = 8 * generator->len - generator->fixed_bits;
	if (generator->generator == CKG_GENERATE_RANDOM) {
		rv = draw (generator, iv);
	} else if (generator->n == G_MAXUINT64 || (bits < 64 && generator->n >> bits != 0)) {
		rv = CKR_MECHANISM_PARAM_INVALID;
	} else {
		apply_counter (generator, iv);
		generator->n++;
	}
	if (rv == CKR_OK)
		memcpy (param->iv, iv, generator->len);
	return rv;
}

/* --- messages --- */

void
craton_aead_free (CratonAead *aead)
{
	if (aead == NULL)
		return;
	EVP_CIPHER_CTX_free (aead->context);
	g_clear_pointer (&aead->generator.seen, g_hash_table_unref);
	OPENSSL_cleanse (aead, sizeof *aead);
	g_free (aead);
}

CK_RV
craton_aead_new (const CratonAeadKind *kind, const CratonObject *key, gboolean encrypts,
                 CratonAead **ret_aead)
{
	gsize key_len = 0;
	const CK_BYTE *value = craton_object_get (key, CKA_VALUE, &key_len);
	const EVP_CIPHER *cipher = craton_algs_cipher (kind->cipher, key_len);
	CratonAead *aead;
	CK_RV rv = CKR_OK;

	if (value == NULL || cipher == NULL)
		return CKR_KEY_SIZE_RANGE;
	aead = g_new0 (CratonAead, 1);
	aead->kind = kind;
	aead->encrypts = encrypts;
	aead->key = value;
	aead->context = EVP_CIPHER_CTX_new ();
	if (aead->context == NULL)
		rv = CKR_HOST_MEMORY;
	else if (EVP_CipherInit_ex2 (aead->context, cipher, value, NULL, encrypts, NULL) != 1)
		rv = CKR_FUNCTION_FAILED;
	if (rv == CKR_OK)
		*ret_aead = aead;
	else
		craton_aead_free (aead);
	return rv;
}

static CK_RV
feed_aad (CratonAead *aead, const CK_BYTE *aad, CK_ULONG aad_len, CK_ULONG total_len)
{
	CK_BYTE *copy;
	int len = 0, ok = 1;

	if (aead->kind->whole)
		ok = EVP_CipherUpdate (aead->context, NULL, &len, NULL, (int) total_len);
	if (ok != 1 || aad_len == 0)
		return ok == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
	copy = OPENSSL_memdup (aad, aad_len);
	if (copy == NULL)
		return CKR_HOST_MEMORY;
	ok = EVP_CipherUpdate (aead->context, NULL, &len, copy, (int) aad_len);
	OPENSSL_clear_free (copy, aad_len);
	return ok == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

CK_RV
craton_aead_begin (CratonAead *aead, const CratonAeadParam *param, const CK_BYTE *iv,
                   const CK_BYTE *aad, CK_ULONG aad_len, CK_ULONG total_len)
{
	EVP_CIPHER_CTX *context = aead->context;
	gboolean whole = aead->kind->whole;

	if (aad_len > CRATON_AEAD_AAD_MAX || (aad == NULL && aad_len > 0))
		return CKR_ARGUMENTS_BAD;
	if (whole && (total_len != param->data_len || total_len > PIECE_MAX))
		return aead->encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	aead->used = 0;
	aead->tag_len = param->tag_len;
	if (EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_IVLEN, (int) param->iv_len, NULL) != 1)
		return CKR_FUNCTION_FAILED;
	if (whole && EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, (int) param->tag_len,
	                                  aead->encrypts ? NULL : aead->tag) != 1)
		return CKR_FUNCTION_FAILED;
	/* libcrypto's CCM takes the lengths in with the key. */
	if (EVP_CipherInit_ex2 (context, NULL, whole ? aead->key : NULL, iv, -1, NULL) != 1)
		return CKR_FUNCTION_FAILED;
	return feed_aad (aead, aad, aad_len, total_len);
}

void
craton_aead_set_tag (CratonAead *aead, const CK_BYTE *tag, CK_ULONG tag_len)
{
	memcpy (aead->tag, tag, MIN (tag_len, sizeof aead->tag));
}

/* libcrypto's CCM checks the tag with the data, and takes even no data as data. */
static CK_RV
update_whole (CratonAead *aead, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out)
{
	CK_BYTE nothing = 0;
	int len = 0;

	if (EVP_CipherUpdate (aead->context, in_len > 0 ? out : &nothing, &len,
	                      in_len > 0 ? in : &nothing, (int) in_len) == 1 &&
	    (CK_ULONG) len == in_len)
		return CKR_OK;
	return aead->encrypts ? CKR_FUNCTION_FAILED : CKR_AEAD_DECRYPT_FAILED;
}

CK_RV
craton_aead_update (CratonAead *aead, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out)
{
	if (in_len > DATA_MAX - aead->used)
		return aead->encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	aead->used += in_len;
	if (aead->kind->whole)
		return update_whole (aead, in, in_len, out);
	while (in_len > 0) {
		CK_ULONG piece = MIN (in_len, PIECE_MAX);
		int len = 0;

		if (EVP_CipherUpdate (aead->context, out, &len, in, (int) piece) != 1 ||
		    (CK_ULONG) len != piece)
			return CKR_FUNCTION_FAILED;
		in += piece;
		out += piece;
		in_len -= piece;
	}
	return CKR_OK;
}

CK_RV
craton_aead_finish (CratonAead *aead, CK_BYTE *tag)
{
	CK_BYTE rest[CRATON_AEAD_TAG_MAX];
	int len = 0, tag_len = (int) aead->tag_len;

	if (!aead->encrypts && aead->kind->whole)
		return CKR_OK;
	if (!aead->encrypts) {
		if (EVP_CIPHER_CTX_ctrl (aead->context, EVP_CTRL_AEAD_SET_TAG, tag_len,
		                         aead->tag) != 1)
			return CKR_FUNCTION_FAILED;
		return EVP_CipherFinal_ex (aead->context, rest, &len) == 1
		               ? CKR_OK
		               : CKR_AEAD_DECRYPT_FAILED;
	}
	if (!aead->kind->whole && EVP_CipherFinal_ex (aead->context, rest, &len) != 1)
		return CKR_FUNCTION_FAILED;
	/* Made in private memory: libcrypto may read it again. */
	if (EVP_CIPHER_CTX_ctrl (aead->context, EVP_CTRL_AEAD_GET_TAG, tag_len, rest) != 1)
		return CKR_FUNCTION_FAILED;
	memcpy (tag, rest, aead->tag_len);
	return CKR_OK;
}
