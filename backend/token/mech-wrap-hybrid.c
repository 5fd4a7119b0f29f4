/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys wrapped for the owner of a key pair: with an AES key made for the purpose (RFC 5649), which
 * goes in front, encrypted with RSA-OAEP, or as the public point of a key pair that agrees on it
 * with the owner's. Called by wrap.c through the rows. Parameters and wrapped keys are the client's.
 */
#include "config.h"

#include "algs.h"
#include "drbg.h"
#include "mech-ecdh.h"
#include "mech-key.h"
#include "mech-keywrap.h"
#include "mech-rsa.h"
#include "mech-sign.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

#define AES_LEN_MAX 32
#define SEMIBLOCK 8
#define KWP_LEN_MIN ((gsize) 2 * SEMIBLOCK)
#define HEAD_LEN_MAX (CRATON_MECH_RSA_BITS_MAX / 8)

typedef struct {
	const EVP_CIPHER *cipher;
	gsize key_len;  /* of the AES key */
	gsize head_len; /* what is in front of the wrapped key when it is made here */
	EVP_PKEY *pkey; /* borrowed from the operation's key */
	/* RSA */
	EVP_PKEY_CTX *context;
	/* ECDH */
	const CratonCurve *curve;
	const CratonMechEcdhKdf *kdf;
	CK_BYTE *shared;
	gsize shared_len;
} Hybrid;

typedef struct {
	/* Checks the parameter; sets head_len. */
	CK_RV (*setup) (Hybrid *hybrid, const CratonOp *op, const CK_MECHANISM *mechanism);
	/* Makes an AES key, and the head that tells it to the owner. */
	CK_RV (*make) (Hybrid *hybrid, CK_BYTE *key, CK_BYTE *head);
	/* How long the head of @len bytes is that somebody else has made. */
	gsize (*find) (const Hybrid *hybrid, gsize len);
	/* Takes the AES key out of the head. */
	CK_RV (*open) (Hybrid *hybrid, CK_BYTE *head, gsize head_len, CK_BYTE *key);
} Detail;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

static CK_RV
set_bits (Hybrid *hybrid, CK_ULONG bits)
{
	hybrid->cipher = bits % 8 != 0 ? NULL : craton_algs_cipher (CRATON_CIPHER_KWP, bits / 8);
	hybrid->key_len = bits / 8;
	return hybrid->cipher == NULL ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

/* --- RSA --- */

static CK_RV
rsa_setup (Hybrid *hybrid, const CratonOp *op, const CK_MECHANISM *mechanism)
{
	CK_RSA_AES_KEY_WRAP_PARAMS params;
	CK_RSA_PKCS_OAEP_PARAMS oaep;
	gsize max = 0;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.pOAEPParams == NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&oaep, params.pOAEPParams, sizeof oaep);
	rv = set_bits (hybrid, params.ulAESKeyBits);
	if (rv == CKR_OK)
		rv = craton_mech_pkey_context (hybrid->pkey,
		                               op->kind == CRATON_OP_ENCRYPT
		                                       ? EVP_PKEY_encrypt_init
		                                       : EVP_PKEY_decrypt_init,
		                               &hybrid->context);
	hybrid->head_len = (gsize) EVP_PKEY_get_size (hybrid->pkey);
	if (rv == CKR_OK)
		rv = craton_mech_rsa_oaep (hybrid->context, hybrid->head_len, &oaep, &max);
	if (rv == CKR_OK && max < hybrid->key_len)
		rv = CKR_KEY_SIZE_RANGE;
	return rv;
}

static CK_RV
rsa_make (Hybrid *hybrid, CK_BYTE *key, CK_BYTE *head)
{
	gsize len = hybrid->head_len;
	CK_RV rv = craton_drbg_generate (key, hybrid->key_len);

	if (rv == CKR_OK &&
	    (EVP_PKEY_encrypt (hybrid->context, head, &len, key, hybrid->key_len) != 1 ||
	     len != hybrid->head_len))
		rv = CKR_FUNCTION_FAILED;
	return rv;
}

static gsize
rsa_find (const Hybrid *hybrid, gsize len)
{
	(void) len;
	return hybrid->head_len;
}

/* A head that cannot be decrypted gives a key that nobody knows: what comes afterwards takes as long,
 * and fails as what was wrapped with a wrong key does. */
static CK_RV
rsa_open (Hybrid *hybrid, CK_BYTE *head, gsize head_len, CK_BYTE *key)
{
	CK_BYTE plain[HEAD_LEN_MAX];
	gsize len = sizeof plain;
	CK_RV rv = craton_drbg_generate (key, hybrid->key_len);

	if (rv == CKR_OK && EVP_PKEY_decrypt (hybrid->context, plain, &len, head, head_len) == 1 &&
	    len == hybrid->key_len)
		memcpy (key, plain, len);
	OPENSSL_cleanse (plain, sizeof plain);
	return rv;
}

/* --- ECDH --- */

static CK_RV
ecdh_setup (Hybrid *hybrid, const CratonOp *op, const CK_MECHANISM *mechanism)
{
	CK_ECDH_AES_KEY_WRAP_PARAMS params;
	gsize header = 0;
	CK_BYTE der[CRATON_POINT_DER_MAX];
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	hybrid->curve = craton_mech_curve_of (op->key);
	hybrid->kdf = craton_mech_ecdh_kdf (params.kdf);
	rv = set_bits (hybrid, params.ulAESKeyBits);
	if (rv != CKR_OK)
		return rv;
	if (hybrid->curve == NULL)
		return CKR_CURVE_NOT_SUPPORTED;
	if (hybrid->kdf == NULL || params.ulSharedDataLen > CRATON_MECH_ECDH_SHARED_MAX ||
	    (params.pSharedData == NULL && params.ulSharedDataLen > 0) ||
	    (params.kdf == CKD_NULL &&
	     (params.ulSharedDataLen > 0 || hybrid->curve->field_len < hybrid->key_len)))
		return CKR_MECHANISM_PARAM_INVALID;
	hybrid->shared_len = params.ulSharedDataLen;
	hybrid->shared = g_memdup2 (params.pSharedData, hybrid->shared_len);
	/* All points on the curve are as long as the key's. */
	hybrid->head_len = craton_mech_key_point (hybrid->pkey, der, &header);
	if (hybrid->head_len == 0)
		return CKR_FUNCTION_FAILED;
	if (hybrid->curve->key_type == CKK_EC_MONTGOMERY)
		hybrid->head_len -= header;
	return CKR_OK;
}

/* PKCS#11 3.2, ECDH AES KEY WRAP: the first bits of what is derived, also without a KDF. */
static CK_RV
ecdh_key (const Hybrid *hybrid, EVP_PKEY *pkey, EVP_PKEY *peer, CK_BYTE *key)
{
	CK_BYTE secret[CRATON_FIELD_LEN_MAX];
	CK_RV rv = craton_mech_ecdh_agree (pkey, peer, hybrid->curve, secret);

	if (rv == CKR_OK && hybrid->kdf->hash != CRATON_HASH_NONE)
		rv = craton_mech_ecdh_expand (hybrid->kdf, hybrid->shared, hybrid->shared_len,
		                              secret, hybrid->curve->field_len, key,
		                              hybrid->key_len);
	else if (rv == CKR_OK)
		memcpy (key, secret, hybrid->key_len);
	OPENSSL_cleanse (secret, sizeof secret);
	return rv;
}

static CK_RV
ecdh_make (Hybrid *hybrid, CK_BYTE *key, CK_BYTE *head)
{
	EVP_PKEY *transport = craton_mech_curve_generate (hybrid->curve);
	CK_BYTE der[CRATON_POINT_DER_MAX];
	gsize header = 0, len;
	CK_RV rv = CKR_FUNCTION_FAILED;

	if (transport == NULL)
		return rv;
	len = craton_mech_key_point (transport, der, &header);
	if (hybrid->curve->key_type != CKK_EC_MONTGOMERY)
		header = 0;
	if (len > header && len - header == hybrid->head_len) {
		memcpy (head, der + header, len - header);
		rv = ecdh_key (hybrid, transport, hybrid->pkey, key);
	}
	EVP_PKEY_free (transport);
	/* The owner's point is of low order. */
	return rv == CKR_MECHANISM_PARAM_INVALID ? CKR_WRAPPING_KEY_HANDLE_INVALID : rv;
}

/* CKM_ECDH_AES_KEY_WRAP does not say whether the point is in DER, the mechanisms that have replaced it
 * do. Both are taken: what follows is a multiple of 8 bytes long. */
static gsize
ecdh_find (const Hybrid *hybrid, gsize len)
{
	gsize field_len = hybrid->curve->field_len;
	gsize raw = hybrid->curve->key_type == CKK_EC ? 2 * field_len + 1 : field_len;
	gsize der = raw + (raw < 0x80 ? 2 : 3);

	return len > der && (len - der) % SEMIBLOCK == 0 ? der : raw;
}

static CK_RV
ecdh_open (Hybrid *hybrid, CK_BYTE *head, gsize head_len, CK_BYTE *key)
{
	EVP_PKEY *transport = NULL;
	const CK_BYTE *point;
	gsize len = 0;
	CK_RV rv;

	if (!craton_mech_curve_point (hybrid->curve, head, head_len, &point, &len) ||
	    craton_mech_key_public (hybrid->curve, point, len, &transport) != CKR_OK)
		return CKR_ENCRYPTED_DATA_INVALID;
	rv = ecdh_key (hybrid, hybrid->pkey, transport, key);
	EVP_PKEY_free (transport);
	return rv == CKR_MECHANISM_PARAM_INVALID ? CKR_ENCRYPTED_DATA_INVALID : rv;
}

/* --- both --- */

static CK_RV
hybrid_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Hybrid *hybrid = g_new0 (Hybrid, 1);
	CK_RV rv;

	op->state = hybrid;
	rv = craton_object_pkey (op->key, &hybrid->pkey);
	return rv == CKR_OK ? detail (op)->setup (hybrid, op, mechanism) : rv;
}

static CK_ULONG
hybrid_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Hybrid *hybrid = op->state;

	(void) final;
	if (op->kind == CRATON_OP_DECRYPT)
		return in_len;
	return hybrid->head_len + (in_len + SEMIBLOCK - 1) / SEMIBLOCK * SEMIBLOCK + SEMIBLOCK;
}

static CK_RV
wrap (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Hybrid *hybrid = op->state;
	CK_BYTE key[AES_LEN_MAX], head[HEAD_LEN_MAX];
	EVP_CIPHER_CTX *context = NULL;
	CK_ULONG len = 0;
	CK_RV rv;

	if (in_len < 1)
		return CKR_DATA_LEN_RANGE;
	rv = detail (op)->make (hybrid, key, head);
	if (rv == CKR_OK)
		rv = craton_mech_keywrap_start (hybrid->cipher, key, NULL, TRUE, &context);
	if (rv == CKR_OK)
		rv = craton_mech_keywrap_whole (context, in, in_len, out + hybrid->head_len, &len);
	if (rv == CKR_OK) {
		memcpy (out, head, hybrid->head_len);
		*ret_out_len = hybrid->head_len + len;
	}
	EVP_CIPHER_CTX_free (context);
	OPENSSL_cleanse (key, sizeof key);
	return rv;
}

static CK_RV
unwrap (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Hybrid *hybrid = op->state;
	CK_BYTE key[AES_LEN_MAX], head[HEAD_LEN_MAX];
	EVP_CIPHER_CTX *context = NULL;
	gsize head_len = detail (op)->find (hybrid, in_len);
	CK_RV rv;

	if (in_len < head_len + KWP_LEN_MIN || (in_len - head_len) % SEMIBLOCK != 0)
		return CKR_ENCRYPTED_DATA_LEN_RANGE;
	memcpy (head, in, head_len);
	rv = detail (op)->open (hybrid, head, head_len, key);
	if (rv == CKR_OK)
		rv = craton_mech_keywrap_start (hybrid->cipher, key, NULL, FALSE, &context);
	if (rv == CKR_OK)
		rv = craton_mech_keywrap_whole (context, in + head_len, in_len - head_len, out,
		                                ret_out_len);
	EVP_CIPHER_CTX_free (context);
	OPENSSL_cleanse (key, sizeof key);
	return rv;
}

static CK_RV
hybrid_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	return (op->kind == CRATON_OP_ENCRYPT ? wrap : unwrap) (op, in, in_len, out, ret_out_len);
}

static void
hybrid_clear (CratonOp *op)
{
	Hybrid *hybrid = op->state;

	if (hybrid == NULL)
		return;
	EVP_PKEY_CTX_free (hybrid->context);
	g_free (hybrid->shared);
	g_free (hybrid);
}

static const CratonMechClass hybrid_class = {
	.init = hybrid_init,
	.out_len = hybrid_out_len,
	.once = hybrid_once,
	.clear = hybrid_clear,
	.hold = CRATON_HOLD_IF_SHORT,
};

static const Detail rsa = { rsa_setup, rsa_make, rsa_find, rsa_open };
static const Detail ecdh = { ecdh_setup, ecdh_make, ecdh_find, ecdh_open };

/* --- rows --- */

#define AES CRATON_SELFTEST_CIPHER (CRATON_CIPHER_KWP)
#define ROW(mechanism, how)                                                       \
	.type = mechanism, .flags = CKF_WRAP | CKF_UNWRAP, .crypt = &hybrid_class, \
	.wraps_private = TRUE, .marks = CRATON_MECH_APPROVED, .detail = &how
#define ECDH_ROW(mechanism, type, type2, min, max)                                       \
	{                                                                                \
		ROW (mechanism, ecdh), .key_type = type, .key_type2 = type2,             \
			.min_size = min, .max_size = max,                                \
			.selftests = { CRATON_SELFTEST_ECDH, CRATON_SELFTEST_X25519,     \
			               CRATON_SELFTEST_X448, AES },                      \
	}

static const CratonMech rows[] = {
	{ ROW (CKM_RSA_AES_KEY_WRAP, rsa),
	  .key_type = CKK_RSA,
	  .key_type2 = CKK_RSA,
	  .min_size = CRATON_MECH_RSA_BITS_MIN,
	  .max_size = CRATON_MECH_RSA_BITS_MAX,
	  .approved_min = CRATON_MECH_RSA_BITS_APPROVED,
	  .selftests = { CRATON_SELFTEST_RSA, AES } },
	ECDH_ROW (CKM_ECDH_AES_KEY_WRAP, CKK_EC, CKK_EC_MONTGOMERY, 192, 521),
	/* What the standard has in its place since 3.2: one for each type of keys. The curves have
	 * cofactor 1. */
	ECDH_ROW (CKM_ECDH_COF_AES_KEY_WRAP, CKK_EC, CKK_EC, 192, 521),
	ECDH_ROW (CKM_ECDH_X_AES_KEY_WRAP, CKK_EC_MONTGOMERY, CKK_EC_MONTGOMERY, 255, 448),
};

const CratonMechFamily craton_mech_wrap_hybrid = { rows, G_N_ELEMENTS (rows) };
