/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Message authentication codes that libcrypto has: HMAC, CMAC, GMAC and Poly1305, the first two whole
 * or cut to a length that the caller names. Called by operation.c through the rows. Parameters and
 * data are the client's.
 */
#include "config.h"

#include "mech-mac.h"

#include "aead.h"
#include "algs.h"
#include "des.h"
#include "selftest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

typedef enum {
	KIND_HMAC,
	KIND_CMAC,
	KIND_GMAC,
	KIND_POLY1305
} Kind;

typedef struct {
	Kind kind;
	CratonHash hash;     /* of HMAC */
	CratonCipher cipher; /* of CMAC and GMAC */
	CK_ULONG full_len;   /* but for HMAC: that is the digest's */
	gboolean general;    /* the parameter is the length */
} Detail;

typedef struct {
	EVP_MAC_CTX *context;
	CK_ULONG len; /* of the code that comes out or is compared */
	CK_BYTE iv[CRATON_AEAD_IV_MAX];
	gsize iv_len;
} Mac;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

static CK_ULONG
full_len (const CratonOp *op)
{
	return detail (op)->kind == KIND_HMAC ? craton_algs_hashes[detail (op)->hash].len
	                                      : detail (op)->full_len;
}

/* GCM's structure without associated data, or the IV alone. */
static CK_RV
take_gmac_parameter (const CK_MECHANISM *mechanism, Mac *mac)
{
	CK_GCM_PARAMS params = { .ulTagBits = 128 };
	CratonAeadParam param = { 0 };

	if (craton_mech_has_parameter (mechanism, sizeof params)) {
		memcpy (&params, mechanism->pParameter, sizeof params);
	} else {
		params.pIv = mechanism->pParameter;
		params.ulIvLen = mechanism->ulParameterLen;
	}
	param.iv_len = params.ulIvLen;
	param.tag_len = params.ulTagBits / 8;
	if (params.pIv == NULL || params.ulAADLen > 0 || params.ulTagBits % 8 != 0 ||
	    !craton_aead_gcm.fits (&param))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (mac->iv, params.pIv, params.ulIvLen);
	mac->iv_len = param.iv_len;
	mac->len = param.tag_len;
	return CKR_OK;
}

CK_RV
craton_mac_take_len (const CK_MECHANISM *mechanism, gboolean general, CK_ULONG full_len,
                     CK_ULONG usual_len, CK_ULONG *ret_len)
{
	CK_MAC_GENERAL_PARAMS len = usual_len;

	if (!craton_mech_has_parameter (mechanism, general ? sizeof len : 0))
		return CKR_MECHANISM_PARAM_INVALID;
	if (general)
		memcpy (&len, mechanism->pParameter, sizeof len);
	/* A code of length 0 would be right for any message. */
	if (len < 1 || len > full_len)
		return CKR_MECHANISM_PARAM_INVALID;
	*ret_len = len;
	return CKR_OK;
}

static CK_RV
take_parameter (const CratonOp *op, const CK_MECHANISM *mechanism, Mac *mac)
{
	if (detail (op)->kind == KIND_GMAC)
		return take_gmac_parameter (mechanism, mac);
	return craton_mac_take_len (mechanism, detail (op)->general, full_len (op), full_len (op),
	                            &mac->len);
}

/* Has key, cipher and IV given. */
static CK_RV
start_gmac (Mac *mac, const CK_BYTE *key, gsize key_len)
{
	const EVP_CIPHER *cipher = craton_algs_cipher (CRATON_CIPHER_GCM, key_len);
	OSSL_PARAM params[3] = { OSSL_PARAM_END, OSSL_PARAM_END, OSSL_PARAM_END };

	if (cipher == NULL)
		return CKR_KEY_SIZE_RANGE;
	params[0] = OSSL_PARAM_construct_utf8_string (OSSL_MAC_PARAM_CIPHER,
	                                              (char *) EVP_CIPHER_get0_name (cipher), 0);
	params[1] = OSSL_PARAM_construct_octet_string (OSSL_MAC_PARAM_IV, mac->iv, mac->iv_len);
	return EVP_MAC_init (mac->context, key, key_len, params) == 1 ? CKR_OK
	                                                              : CKR_FUNCTION_FAILED;
}

static const EVP_MAC_CTX *
template_of (const CratonOp *op, gsize key_len)
{
	return detail (op)->kind == KIND_HMAC ? craton_algs_hmac (detail (op)->hash)
	                                      : craton_algs_cmac_of (detail (op)->cipher, key_len);
}

static CK_RV
start (const CratonOp *op, Mac *mac, const CK_BYTE *key, gsize key_len)
{
	gboolean from_template = detail (op)->kind == KIND_HMAC || detail (op)->kind == KIND_CMAC;
	const EVP_MAC_CTX *template = from_template ? template_of (op, key_len) : NULL;
	const EVP_MAC *algorithm =
		detail (op)->kind == KIND_GMAC ? craton_algs_gmac () : craton_algs_poly1305 ();

	if (from_template ? template == NULL : algorithm == NULL)
		return CKR_KEY_SIZE_RANGE;
	mac->context = from_template ? EVP_MAC_CTX_dup (template)
	                             : EVP_MAC_CTX_new ((EVP_MAC *) algorithm);
	if (mac->context == NULL)
		return CKR_HOST_MEMORY;
	if (detail (op)->kind == KIND_GMAC)
		return start_gmac (mac, key, key_len);
	return EVP_MAC_init (mac->context, key, key_len, NULL) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV
mac_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	gsize key_len = 0;
	const CK_BYTE *key = craton_object_get (op->key, CKA_VALUE, &key_len);
	CK_BYTE expanded[CRATON_DES3_KEY_LEN];
	Mac *mac;
	CK_RV rv;

	op->state = mac = g_new0 (Mac, 1);
	if (key == NULL)
		return CKR_KEY_SIZE_RANGE;
	rv = take_parameter (op, mechanism, mac);
	if (rv != CKR_OK)
		return rv;
	if (detail (op)->cipher == CRATON_CIPHER_DES3_CBC) {
		craton_des_expand (key, key_len, expanded);
		key = expanded;
		key_len = sizeof expanded;
	}
	rv = start (op, mac, key, key_len);
	OPENSSL_cleanse (expanded, sizeof expanded);
	return rv;
}

static CK_ULONG
mac_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Mac *mac = op->state;

	(void) in_len;
	return final ? mac->len : 0;
}

static CK_RV
mac_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Mac *mac = op->state;

	(void) out;
	(void) ret_out_len;
	return EVP_MAC_update (mac->context, in, in_len) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV
mac_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Mac *mac = op->state;
	CK_BYTE code[EVP_MAX_MD_SIZE];
	gsize len = 0;

	if (EVP_MAC_final (mac->context, code, &len, sizeof code) != 1 || len < mac->len)
		return CKR_GENERAL_ERROR;
	memcpy (out, code, mac->len);
	*ret_out_len = mac->len;
	OPENSSL_cleanse (code, sizeof code);
	return CKR_OK;
}

CK_RV
craton_mac_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
                 CK_ULONG *ret_out_len)
{
	CK_RV rv = op->klass->update (op, in, in_len, NULL, NULL);

	return rv == CKR_OK ? op->klass->final (op, out, ret_out_len) : rv;
}

CK_RV
craton_mac_verify_final (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len)
{
	CK_BYTE code[CRATON_MAC_MAX];
	CK_ULONG len = 0;
	CK_RV rv = op->klass->final (op, code, &len);

	if (rv != CKR_OK)
		return rv;
	if (signature_len != len)
		rv = CKR_SIGNATURE_LEN_RANGE;
	else if (CRYPTO_memcmp (code, signature, len) != 0)
		rv = CKR_SIGNATURE_INVALID;
	OPENSSL_cleanse (code, sizeof code);
	return rv;
}

CK_RV
craton_mac_verify_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, const CK_BYTE *signature,
                        CK_ULONG signature_len)
{
	CK_RV rv = op->klass->update (op, in, in_len, NULL, NULL);

	return rv == CKR_OK ? craton_mac_verify_final (op, signature, signature_len) : rv;
}

static CK_RV
mac_reset (CratonOp *op)
{
	Mac *mac = op->state;

	/* With the key that it has. */
	return EVP_MAC_init (mac->context, NULL, 0, NULL) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

static void
mac_clear (CratonOp *op)
{
	Mac *mac = op->state;

	if (mac != NULL)
		EVP_MAC_CTX_free (mac->context);
	g_free (mac);
}

static const CratonMechClass mac_class = {
	.init = mac_init,
	.out_len = mac_out_len,
	.update = mac_update,
	.final = mac_final,
	.once = craton_mac_once,
	.verify_final = craton_mac_verify_final,
	.verify_once = craton_mac_verify_once,
	.clear = mac_clear,
	.reset = mac_reset,
};

/* GMAC's nonce and Poly1305's key are for one message (SP 800-38D, 8; RFC 8439, 2.5): no reset. */
static const CratonMechClass single_class = {
	.init = mac_init,
	.out_len = mac_out_len,
	.update = mac_update,
	.final = mac_final,
	.once = craton_mac_once,
	.verify_final = craton_mac_verify_final,
	.verify_once = craton_mac_verify_once,
	.clear = mac_clear,
};

static gboolean
is_available (const CratonMech *mech)
{
	const Detail *row = mech->detail;

	switch (row->kind) {
	case KIND_HMAC:
		return craton_algs_hmac (row->hash) != NULL;
	case KIND_CMAC:
		return craton_algs_cmac_of (row->cipher, row->cipher == CRATON_CIPHER_DES3_CBC
		                                                 ? CRATON_DES3_KEY_LEN
		                                                 : mech->min_size) != NULL;
	case KIND_GMAC:
		return craton_algs_gmac () != NULL;
	case KIND_POLY1305:
		return craton_algs_poly1305 () != NULL;
	}
	return FALSE;
}

/* HMAC takes a key of any length; the bound is on what one call may make the token hash. */
#define HMAC_KEY_MAX 4096

#define ROW(...) ROW_OF (mac_class, __VA_ARGS__)
#define ROW_OF(class, mechanism, type1, type2, min, max, all_marks, test, ...)             \
	{                                                                                  \
		.type = mechanism, .key_type = type1, .key_type2 = type2, .min_size = min, \
		.max_size = max, .flags = CKF_SIGN | CKF_VERIFY, .marks = all_marks,       \
		.detail = &(const Detail){ __VA_ARGS__ }, .sign = &class,                  \
		.available = is_available, .selftests = { test },                          \
		.approved_min = CRATON_APPROVED_BYTES,                                     \
	}
#define HMAC_ROW(mechanism, type, hash, general, marks)                                          \
	ROW (mechanism, CKK_GENERIC_SECRET, type, 1, HMAC_KEY_MAX, marks,                         \
	     CRATON_SELFTEST_HASH (hash), KIND_HMAC, hash, 0, 0, general)
#define HMAC_ROWS(name, hash, marks)                                                              \
	HMAC_ROW (CKM_##name##_HMAC, CKK_##name##_HMAC, CRATON_HASH_##hash, FALSE, marks),        \
		HMAC_ROW (CKM_##name##_HMAC_GENERAL, CKK_##name##_HMAC, CRATON_HASH_##hash, TRUE, \
	                  marks)
#define CMAC_ROWS(name, type1, type2, min, max, cipher, block, marks, test)                \
	ROW (CKM_##name##_CMAC, type1, type2, min, max, marks, test, KIND_CMAC,            \
	     CRATON_HASH_NONE, cipher, block, FALSE),                                      \
		ROW (CKM_##name##_CMAC_GENERAL, type1, type2, min, max, marks, test,       \
	             KIND_CMAC, CRATON_HASH_NONE, cipher, block, TRUE)

static const CratonMech rows[] = {
	HMAC_ROWS (MD5, MD5, CRATON_MECH_LEGACY),
	HMAC_ROWS (SHA_1, SHA1, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA224, SHA224, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA256, SHA256, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA384, SHA384, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA512, SHA512, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA512_224, SHA512_224, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA512_256, SHA512_256, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA3_224, SHA3_224, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA3_256, SHA3_256, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA3_384, SHA3_384, CRATON_MECH_APPROVED),
	HMAC_ROWS (SHA3_512, SHA3_512, CRATON_MECH_APPROVED),
	CMAC_ROWS (AES, CKK_AES, CKK_AES, 16, 32, CRATON_CIPHER_CBC, 16, CRATON_MECH_APPROVED,
	           CRATON_SELFTEST_AES_CMAC),
	CMAC_ROWS (DES3, CKK_DES3, CKK_DES2, 16, 24, CRATON_CIPHER_DES3_CBC, 8, CRATON_MECH_LEGACY,
	           CRATON_SELFTEST_CIPHER (CRATON_CIPHER_DES3_CBC)),
	ROW_OF (single_class, CKM_AES_GMAC, CKK_AES, CKK_AES, 16, 32, CRATON_MECH_APPROVED,
	        CRATON_SELFTEST_CIPHER (CRATON_CIPHER_GCM), KIND_GMAC, CRATON_HASH_NONE,
	        CRATON_CIPHER_GCM, 16, FALSE),
	ROW_OF (single_class, CKM_POLY1305, CKK_POLY1305, CKK_POLY1305, 32, 32, 0,
	        CRATON_SELFTEST_CIPHER (CRATON_CIPHER_CHACHA20_POLY1305), KIND_POLY1305,
	        CRATON_HASH_NONE, CRATON_N_CIPHERS, 16, FALSE),
};

const CratonMechFamily craton_mech_mac = { rows, G_N_ELEMENTS (rows) };
