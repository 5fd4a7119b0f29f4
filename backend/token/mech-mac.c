/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Message authentication codes: HMAC with SHA-1 and SHA-2, AES-CMAC, each whole or cut to a length
 * that the caller names. Called by operation.c through the rows.
 */
#include "config.h"

#include "algs.h"
#include "mech.h"

#include <openssl/crypto.h>
#include <string.h>

#define AES_BLOCK 16

typedef struct {
	CratonHash hash;  /* CRATON_HASH_NONE: AES-CMAC */
	gboolean general; /* the parameter is the length */
} Detail;

typedef struct {
	EVP_MAC_CTX *context;
	CK_ULONG len; /* of the code that comes out or is compared */
} Mac;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

static CK_ULONG
full_len (const CratonOp *op)
{
	CratonHash hash = detail (op)->hash;

	return hash == CRATON_HASH_NONE ? AES_BLOCK : craton_algs_hashes[hash].len;
}

static CK_RV
mac_len (const CratonOp *op, const CK_MECHANISM *mechanism, CK_ULONG *ret_len)
{
	CK_MAC_GENERAL_PARAMS len = full_len (op);

	if (!craton_mech_has_parameter (mechanism, detail (op)->general ? sizeof len : 0))
		return CKR_MECHANISM_PARAM_INVALID;
	if (detail (op)->general)
		memcpy (&len, mechanism->pParameter, sizeof len);
	/* A code of length 0 would be right for any message. */
	if (len < 1 || len > full_len (op))
		return CKR_MECHANISM_PARAM_INVALID;
	*ret_len = len;
	return CKR_OK;
}

static CK_RV
mac_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	gsize key_len = 0;
	const CK_BYTE *key = craton_object_get (op->key, CKA_VALUE, &key_len);
	const EVP_MAC_CTX *template;
	CK_ULONG len;
	CK_RV rv = mac_len (op, mechanism, &len);
	Mac *mac;

	if (rv != CKR_OK)
		return rv;
	template = detail (op)->hash == CRATON_HASH_NONE ? craton_algs_cmac (key_len)
	                                                 : craton_algs_hmac (detail (op)->hash);
	if (key == NULL || template == NULL)
		return CKR_GENERAL_ERROR;
	op->state = mac = g_new0 (Mac, 1);
	mac->len = len;
	mac->context = EVP_MAC_CTX_dup (template);
	if (mac->context == NULL)
		return CKR_HOST_MEMORY;
	return EVP_MAC_init (mac->context, key, key_len, NULL) == 1 ? CKR_OK : CKR_GENERAL_ERROR;
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

static CK_RV
mac_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CK_RV rv = mac_update (op, in, in_len, NULL, NULL);

	return rv == CKR_OK ? mac_final (op, out, ret_out_len) : rv;
}

static CK_RV
mac_verify_final (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len)
{
	CK_BYTE code[EVP_MAX_MD_SIZE];
	CK_ULONG len = 0;
	CK_RV rv = mac_final (op, code, &len);

	if (rv != CKR_OK)
		return rv;
	if (signature_len != len)
		rv = CKR_SIGNATURE_LEN_RANGE;
	else if (CRYPTO_memcmp (code, signature, len) != 0)
		rv = CKR_SIGNATURE_INVALID;
	OPENSSL_cleanse (code, sizeof code);
	return rv;
}

static CK_RV
mac_verify_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, const CK_BYTE *signature,
                 CK_ULONG signature_len)
{
	CK_RV rv = mac_update (op, in, in_len, NULL, NULL);

	return rv == CKR_OK ? mac_verify_final (op, signature, signature_len) : rv;
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
	.once = mac_once,
	.verify_final = mac_verify_final,
	.verify_once = mac_verify_once,
	.clear = mac_clear,
};

/* HMAC takes a key of any length; the bound is on what one call may make the token hash. */
#define HMAC_KEY_MAX 4096

#define ROW(mechanism, type1, type2, min, max, hash, is_general)                           \
	{                                                                                  \
		.type = mechanism, .key_type = type1, .key_type2 = type2, .min_size = min, \
		.max_size = max, .flags = CKF_SIGN | CKF_VERIFY,                           \
		.detail = &(const Detail){ hash, is_general }, .sign = &mac_class,         \
	}
#define HMAC_ROWS(name, hash)                                                                 \
	ROW (CKM_##name##_HMAC, CKK_GENERIC_SECRET, CKK_##name##_HMAC, 1, HMAC_KEY_MAX, hash, \
	     FALSE),                                                                          \
		ROW (CKM_##name##_HMAC_GENERAL, CKK_GENERIC_SECRET, CKK_##name##_HMAC, 1,     \
	             HMAC_KEY_MAX, hash, TRUE)

static const CratonMech rows[] = {
	HMAC_ROWS (SHA_1, CRATON_HASH_SHA1),
	HMAC_ROWS (SHA224, CRATON_HASH_SHA224),
	HMAC_ROWS (SHA256, CRATON_HASH_SHA256),
	HMAC_ROWS (SHA384, CRATON_HASH_SHA384),
	HMAC_ROWS (SHA512, CRATON_HASH_SHA512),
	ROW (CKM_AES_CMAC, CKK_AES, CKK_AES, 16, 32, CRATON_HASH_NONE, FALSE),
	ROW (CKM_AES_CMAC_GENERAL, CKK_AES, CKK_AES, 16, 32, CRATON_HASH_NONE, TRUE),
};

const CratonMechFamily craton_mech_mac = { rows, G_N_ELEMENTS (rows) };
