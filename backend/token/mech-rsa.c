/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSA: PKCS #1 v1.5, PSS, OAEP and raw, and key pair generation. A row's detail says which padding
 * and which hash. The digest of a v1.5 signature is encoded here, so that libcrypto need not look
 * up a digest for it. Called by operation.c and keygen.c through the rows. Parameters and data are
 * the client's.
 */
#include "config.h"

#include "mech-rsa.h"

#include "algs.h"
#include "drbg.h"
#include "key-attrs.h"
#include "mech-key.h"
#include "mech-sign.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <openssl/rsa.h>
#include <string.h>

#define RSA_BITS_MIN CRATON_MECH_RSA_BITS_MIN
#define RSA_BITS_GENERATED_MIN CRATON_MECH_RSA_BITS_APPROVED
#define RSA_BITS_MAX CRATON_MECH_RSA_BITS_MAX
#define RSA_LEN_MAX (RSA_BITS_MAX / 8)
/* libcrypto takes no longer exponent for large moduli. */
#define RSA_EXPONENT_BITS_MAX 64
#define PKCS1_OVERHEAD 11
#define OAEP_LABEL_MAX 65536

typedef struct {
	CratonSignDetail sign; /* for signatures; starts the struct, as mech-sign.h wants it */
	int padding;           /* RSA_PKCS1_PADDING and the like; for encryption too */
} Detail;

static const Detail *
detail (const CratonMech *mech)
{
	return mech->detail;
}

static gsize
modulus_len (EVP_PKEY *pkey)
{
	return (gsize) EVP_PKEY_get_size (pkey);
}

/* Raw RSA works with numbers below the modulus: @in is copied to @number with as many leading zeros
 * as it needs. */
static CK_RV
to_number (CratonObject *key, const CK_BYTE *in, gsize in_len, CK_BYTE *number, gsize k)
{
	gsize n_len = 0;
	const CK_BYTE *n = craton_object_get (key, CKA_MODULUS, &n_len);

	if (in_len > k)
		return CKR_DATA_LEN_RANGE;
	memset (number, 0, k - in_len);
	if (in_len > 0)
		memcpy (number + k - in_len, in, in_len);
	if (n == NULL || n_len < k)
		return CKR_GENERAL_ERROR;
	/* The modulus may be stored with zeros in front. */
	return memcmp (number, n + n_len - k, k) < 0 ? CKR_OK : CKR_DATA_INVALID;
}

/* The hash that OAEP's or PSS's parameter names. MD5, which nobody uses there, is none. */
static CratonHash
parameter_hash (CK_MECHANISM_TYPE mechanism)
{
	CratonHash hash = craton_algs_hash_of (mechanism);

	return hash == CRATON_HASH_MD5 ? CRATON_HASH_NONE : hash;
}

/* The rows cannot name these. */
static CK_RV
need_hashes (CratonHash hash, CratonHash mgf)
{
	CK_RV rv = craton_selftest_need (CRATON_SELFTEST_HASH (hash));

	return rv == CKR_OK ? craton_selftest_need (CRATON_SELFTEST_HASH (mgf)) : rv;
}

/* --- signatures --- */

static CK_RV
pss_hashes (const CratonMech *mech, const CK_RSA_PKCS_PSS_PARAMS *params, CratonHash *ret_hash,
            CratonHash *ret_mgf)
{
	CratonHash hash = parameter_hash (params->hashAlg),
		   mgf = craton_algs_hash_of_mgf (params->mgf);
	CratonHash first = detail (mech)->sign.hash;

	if (hash == CRATON_HASH_NONE || mgf == CRATON_HASH_NONE ||
	    (first != CRATON_HASH_NONE && first != hash))
		return CKR_MECHANISM_PARAM_INVALID;
	*ret_hash = hash;
	*ret_mgf = mgf;
	return need_hashes (hash, mgf);
}

static CK_RV
pss_setup (CratonSign *sign, const CK_MECHANISM *mechanism)
{
	CK_RSA_PKCS_PSS_PARAMS params;
	CratonHash hash, mgf;
	gsize encoded_len;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	rv = pss_hashes (sign->mech, &params, &hash, &mgf);
	if (rv != CKR_OK)
		return rv;
	/* RFC 8017, 9.1.1: emLen is one less than k if the modulus has 8 k - 7 bits. */
	encoded_len = ((gsize) EVP_PKEY_get_bits (sign->pkey) - 1 + 7) / 8;
	if (craton_algs_hashes[hash].len + 2u > encoded_len)
		return CKR_KEY_SIZE_RANGE;
	if (params.sLen > encoded_len - craton_algs_hashes[hash].len - 2)
		return CKR_MECHANISM_PARAM_INVALID;
	sign->tbs_len = craton_algs_hashes[hash].len;
	if (EVP_PKEY_CTX_set_signature_md (sign->context, craton_algs_md (hash)) != 1 ||
	    EVP_PKEY_CTX_set_rsa_padding (sign->context, RSA_PKCS1_PSS_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md (sign->context, craton_algs_md (mgf)) != 1 ||
	    EVP_PKEY_CTX_set_rsa_pss_saltlen (sign->context, (int) params.sLen) != 1)
		return CKR_FUNCTION_FAILED;
	return CKR_OK;
}

static CK_RV
rsa_setup (CratonSign *sign, const CK_MECHANISM *mechanism)
{
	int padding = detail (sign->mech)->padding;
	CratonHash hash = detail (sign->mech)->sign.hash;
	gsize least;
	CK_RV rv;

	rv = craton_object_context (sign->object,
	                            sign->verifies ? EVP_PKEY_verify_init : EVP_PKEY_sign_init,
	                            &sign->context);
	if (rv != CKR_OK)
		return rv;
	sign->signature_len = modulus_len (sign->pkey);
	if (padding == RSA_PKCS1_PSS_PADDING)
		return pss_setup (sign, mechanism);
	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	least = (gsize) craton_algs_hashes[hash].info_len + craton_algs_hashes[hash].len +
	        PKCS1_OVERHEAD;
	if (hash != CRATON_HASH_NONE && sign->signature_len < least)
		return CKR_KEY_SIZE_RANGE;
	return EVP_PKEY_CTX_set_rsa_padding (sign->context, padding) == 1 ? CKR_OK
	                                                                  : CKR_FUNCTION_FAILED;
}

/* What goes below the padding: a copy of @tbs, in the form that the padding takes. */
static CK_RV
encode (const CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *encoded, gsize *ret_len)
{
	const CratonHashInfo *hash = &craton_algs_hashes[detail (sign->mech)->sign.hash];
	gsize max = sign->signature_len - PKCS1_OVERHEAD;

	switch (detail (sign->mech)->padding) {
	case RSA_NO_PADDING:
		*ret_len = sign->signature_len;
		return to_number (sign->object, tbs, tbs_len, encoded, sign->signature_len);
	case RSA_PKCS1_PSS_PADDING:
		if (tbs_len != sign->tbs_len)
			return CKR_DATA_LEN_RANGE;
		hash = &craton_algs_hashes[CRATON_HASH_NONE];
		break;
	default:
		if (tbs_len > max - hash->info_len)
			return CKR_DATA_LEN_RANGE;
	}
	memcpy (encoded, hash->info, hash->info_len);
	if (tbs_len > 0)
		memcpy (encoded + hash->info_len, tbs, tbs_len);
	*ret_len = hash->info_len + tbs_len;
	return CKR_OK;
}

static CK_RV
rsa_sign (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *signature)
{
	CK_BYTE encoded[RSA_LEN_MAX];
	gsize encoded_len = 0, len = sign->signature_len;
	CK_RV rv = encode (sign, tbs, tbs_len, encoded, &encoded_len);

	if (rv != CKR_OK)
		return rv;
	if (EVP_PKEY_sign (sign->context, signature, &len, encoded, encoded_len) != 1)
		return CKR_FUNCTION_FAILED;
	return len == sign->signature_len ? CKR_OK : CKR_GENERAL_ERROR;
}

static CK_RV
rsa_verify (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, const CK_BYTE *signature)
{
	CK_BYTE encoded[RSA_LEN_MAX];
	gsize encoded_len = 0;
	CK_RV rv = encode (sign, tbs, tbs_len, encoded, &encoded_len);

	if (rv != CKR_OK)
		return rv;
	return EVP_PKEY_verify (sign->context, signature, sign->signature_len, encoded,
	                        encoded_len) == 1
	               ? CKR_OK
	               : CKR_SIGNATURE_INVALID;
}

static const CratonSignScheme rsa_scheme = { rsa_setup, rsa_sign, rsa_verify };

/* --- encryption, and recovery of what was signed --- */

typedef struct {
	EVP_PKEY_CTX *context;
	gsize k;   /* length of the modulus, and of what is encrypted or signed */
	gsize max; /* the most that fits into it */
} Crypt;

static CK_RV
oaep_label (EVP_PKEY_CTX *context, const CK_RSA_PKCS_OAEP_PARAMS *params)
{
	CK_BYTE *label;

	if (params->source != CKZ_DATA_SPECIFIED &&
	    (params->source != 0 || params->ulSourceDataLen > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	if (params->ulSourceDataLen == 0)
		return CKR_OK;
	if (params->pSourceData == NULL || params->ulSourceDataLen > OAEP_LABEL_MAX)
		return CKR_MECHANISM_PARAM_INVALID;
	label = OPENSSL_memdup (params->pSourceData, params->ulSourceDataLen);
	if (label == NULL)
		return CKR_HOST_MEMORY;
	if (EVP_PKEY_CTX_set0_rsa_oaep_label (context, label, (int) params->ulSourceDataLen) != 1) {
		OPENSSL_free (label);
		return CKR_FUNCTION_FAILED;
	}
	return CKR_OK;
}

CK_RV
craton_mech_rsa_oaep (EVP_PKEY_CTX *context, gsize k, const CK_RSA_PKCS_OAEP_PARAMS *params,
                      gsize *ret_max)
{
	CratonHash hash = parameter_hash (params->hashAlg);
	CratonHash mgf = craton_algs_hash_of_mgf (params->mgf);
	gsize overhead;
	CK_RV rv;

	if (hash == CRATON_HASH_NONE || mgf == CRATON_HASH_NONE)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = need_hashes (hash, mgf);
	if (rv != CKR_OK)
		return rv;
	overhead = 2u * craton_algs_hashes[hash].len + 2;
	if (k < overhead)
		return CKR_KEY_SIZE_RANGE;
	*ret_max = k - overhead;
	if (EVP_PKEY_CTX_set_rsa_padding (context, RSA_PKCS1_OAEP_PADDING) != 1 ||
	    EVP_PKEY_CTX_set_rsa_oaep_md (context, craton_algs_md (hash)) != 1 ||
	    EVP_PKEY_CTX_set_rsa_mgf1_md (context, craton_algs_md (mgf)) != 1)
		return CKR_FUNCTION_FAILED;
	return oaep_label (context, params);
}

static CK_RV
oaep_setup (Crypt *crypt, const CK_MECHANISM *mechanism)
{
	CK_RSA_PKCS_OAEP_PARAMS params;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	return craton_mech_rsa_oaep (crypt->context, crypt->k, &params, &crypt->max);
}

static CK_RV
crypt_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	static int (*const starts[CRATON_OP_KINDS]) (EVP_PKEY_CTX * context) = {
		[CRATON_OP_ENCRYPT] = EVP_PKEY_encrypt_init,
		[CRATON_OP_DECRYPT] = EVP_PKEY_decrypt_init,
		[CRATON_OP_VERIFY_RECOVER] = EVP_PKEY_verify_recover_init,
	};
	Crypt *crypt = g_new0 (Crypt, 1);
	int padding = detail (op->mech)->padding;
	EVP_PKEY *pkey;
	CK_RV rv;

	op->state = crypt;
	rv = craton_object_pkey (op->key, &pkey);
	if (rv == CKR_OK)
		rv = craton_object_context (op->key, starts[op->kind], &crypt->context);
	if (rv != CKR_OK)
		return rv;
	crypt->k = modulus_len (pkey);
	if (padding == RSA_PKCS1_OAEP_PADDING)
		return oaep_setup (crypt, mechanism);
	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	crypt->max = padding == RSA_NO_PADDING ? crypt->k : crypt->k - PKCS1_OVERHEAD;
	return EVP_PKEY_CTX_set_rsa_padding (crypt->context, padding) == 1 ? CKR_OK
	                                                                   : CKR_FUNCTION_FAILED;
}

static CK_ULONG
crypt_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const Crypt *crypt = op->state;

	(void) in_len;
	(void) final;
	return op->kind == CRATON_OP_ENCRYPT ? crypt->k : crypt->max;
}

static CK_RV
encrypt (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Crypt *crypt = op->state;
	CK_BYTE padded[RSA_LEN_MAX], encrypted[RSA_LEN_MAX];
	gsize len = sizeof encrypted;
	CK_RV rv = CKR_OK;

	if (in_len > crypt->max)
		return CKR_DATA_LEN_RANGE;
	if (detail (op->mech)->padding == RSA_NO_PADDING) {
		rv = to_number (op->key, in, in_len, padded, crypt->k);
		in_len = crypt->k;
	} else if (in_len > 0) {
		memcpy (padded, in, in_len);
	}
	if (rv == CKR_OK &&
	    (EVP_PKEY_encrypt (crypt->context, encrypted, &len, padded, in_len) != 1 ||
	     len != crypt->k))
		rv = CKR_FUNCTION_FAILED;
	if (rv == CKR_OK) {
		memcpy (out, encrypted, len);
		*ret_out_len = len;
	}
	OPENSSL_cleanse (padded, sizeof padded);
	return rv;
}

/* Decrypts or recovers. Which of the checks of the padding failed cannot be seen, here or in
 * libcrypto: there is one error, and its path differs from success by nothing but the copy at the
 * end (RFC 8017, 7.1.2, 7.2.2). */
static CK_RV
decrypt (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	gboolean recovers = op->kind == CRATON_OP_VERIFY_RECOVER;
	Crypt *crypt = op->state;
	CK_BYTE copy[RSA_LEN_MAX], plain[RSA_LEN_MAX];
	gsize len = sizeof plain;
	int ok;

	if (in_len != crypt->k)
		return recovers ? CKR_SIGNATURE_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	memcpy (copy, in, in_len);
	if (recovers)
		ok = EVP_PKEY_verify_recover (crypt->context, plain, &len, copy, in_len);
	else
		ok = EVP_PKEY_decrypt (crypt->context, plain, &len, copy, in_len);
	if (ok == 1 && len <= crypt->max) {
		memcpy (out, plain, len);
		*ret_out_len = len;
	} else {
		ok = 0;
	}
	OPENSSL_cleanse (plain, sizeof plain);
	if (ok == 1)
		return CKR_OK;
	return recovers ? CKR_SIGNATURE_INVALID : CKR_ENCRYPTED_DATA_INVALID;
}

static CK_RV
crypt_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	if (op->kind == CRATON_OP_ENCRYPT)
		return encrypt (op, in, in_len, out, ret_out_len);
	return decrypt (op, in, in_len, out, ret_out_len);
}

static void
crypt_clear (CratonOp *op)
{
	Crypt *crypt = op->state;

	if (crypt != NULL)
		EVP_PKEY_CTX_free (crypt->context);
	g_free (crypt);
}

static const CratonMechClass crypt_class = {
	.init = crypt_init,
	.out_len = crypt_out_len,
	.once = crypt_once,
	.clear = crypt_clear,
	.hold = CRATON_HOLD_ALWAYS,
};

/* Signing with recovery is signing; only the way back is another. */
static CK_RV
recover_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	return op->kind == CRATON_OP_VERIFY_RECOVER ? crypt_init (op, mechanism)
	                                            : craton_mech_sign_once.init (op, mechanism);
}

static CK_ULONG
recover_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	return op->kind == CRATON_OP_VERIFY_RECOVER
	               ? crypt_out_len (op, in_len, final)
	               : craton_mech_sign_once.out_len (op, in_len, final);
}

static CK_RV
recover_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	return op->kind == CRATON_OP_VERIFY_RECOVER
	               ? decrypt (op, in, in_len, out, ret_out_len)
	               : craton_mech_sign_once.once (op, in, in_len, out, ret_out_len);
}

static void
recover_clear (CratonOp *op)
{
	if (op->kind == CRATON_OP_VERIFY_RECOVER)
		crypt_clear (op);
	else
		craton_mech_sign_once.clear (op);
}

static const CratonMechClass recover_class = {
	.init = recover_init,
	.out_len = recover_out_len,
	.once = recover_once,
	.clear = recover_clear,
	.hold = CRATON_HOLD_ALWAYS,
};

/* --- generation --- */

static CK_RV
template_exponent (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, BIGNUM **ret_exponent,
                   CK_ATTRIBUTE *ret_attr)
{
	static CK_BYTE f4[] = { 0x01, 0x00, 0x01 };
	const CK_ATTRIBUTE fallback = { CKA_PUBLIC_EXPONENT, f4, sizeof f4 };
	const CK_ATTRIBUTE *attr = craton_key_attrs_find (template, n_attrs, CKA_PUBLIC_EXPONENT);
	BIGNUM *exponent;

	if (attr == NULL)
		attr = &fallback;
	if (attr->pValue == NULL || attr->ulValueLen == 0 || attr->ulValueLen > RSA_LEN_MAX)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	exponent = BN_bin2bn (attr->pValue, (int) attr->ulValueLen, NULL);
	if (exponent == NULL)
		return CKR_HOST_MEMORY;
	if (!BN_is_odd (exponent) || BN_is_one (exponent) ||
	    BN_num_bits (exponent) > RSA_EXPONENT_BITS_MAX) {
		BN_free (exponent);
		/* PKCS#11 3.2, PKCS #1 RSA key pair generation */
		return CKR_TEMPLATE_INCONSISTENT;
	}
	*ret_exponent = exponent;
	*ret_attr = *attr;
	return CKR_OK;
}

static CK_RV
make_pair (CK_ULONG bits, BIGNUM *exponent, EVP_PKEY **ret_pkey)
{
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name (craton_drbg_context (), "RSA", NULL);
	CK_RV rv = CKR_FUNCTION_FAILED;

	if (context == NULL)
		return CKR_HOST_MEMORY;
	if (EVP_PKEY_keygen_init (context) == 1 &&
	    EVP_PKEY_CTX_set_rsa_keygen_bits (context, (int) bits) == 1 &&
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp (context, exponent) == 1 &&
	    EVP_PKEY_generate (context, ret_pkey) == 1)
		rv = CKR_OK;
	EVP_PKEY_CTX_free (context);
	return rv;
}

static CK_RV
rsa_generate_pair (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                   const CK_ATTRIBUTE *public_template, CK_ULONG n_public,
                   const CK_ATTRIBUTE *private_template, CK_ULONG n_private,
                   CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_ATTRIBUTE exponent_attr;
	BIGNUM *exponent = NULL;
	EVP_PKEY *pkey = NULL;
	CK_ULONG bits;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_key_attrs_find_ulong (public_template, n_public, CKA_MODULUS_BITS, &bits);
	if (rv != CKR_OK)
		return rv;
	if (bits < mech->min_size || bits > mech->max_size || bits % 8 != 0)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	rv = template_exponent (public_template, n_public, &exponent, &exponent_attr);
	if (rv == CKR_OK)
		rv = make_pair (bits, exponent, &pkey);
	/* The exponent is stored as the template has it, leading zeros and all: it must compare
	 * equal there. */
	if (rv == CKR_OK)
		rv = craton_mech_key_publish_pair (
			session, mech->type, CKK_RSA, pkey, &exponent_attr, public_template,
			n_public, private_template, n_private, ret_public, ret_private);
	BN_free (exponent);
	EVP_PKEY_free (pkey);
	return rv;
}

/* --- rows --- */

#define ROW_BASE(mechanism, all_flags, hash, pad)                                               \
	.type = mechanism, .key_type = CKK_RSA, .key_type2 = CKK_RSA, .min_size = RSA_BITS_MIN, \
	.approved_min = RSA_BITS_GENERATED_MIN,                                                 \
	.max_size = RSA_BITS_MAX, .flags = all_flags,                                           \
	.selftests = { CRATON_SELFTEST_RSA, CRATON_SELFTEST_HASH (hash) }, .detail = &(const Detail) \
	{                                                                                       \
		{ &rsa_scheme, hash }, pad                                                      \
	}

#define CRYPT_FLAGS (CKF_ENCRYPT | CKF_DECRYPT)
#define SIGN_FLAGS (CKF_SIGN | CKF_VERIFY)
#define RECOVER_FLAGS (CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER)
#define WRAP_FLAGS (CKF_WRAP | CKF_UNWRAP)

#define HASHED_ROWS(name, hash, mark)                                                          \
	{ ROW_BASE (CKM_##name##_RSA_PKCS, SIGN_FLAGS, hash, RSA_PKCS1_PADDING),               \
	  .marks = mark, .sign = &craton_mech_sign_hashed },                                   \
	{                                                                                      \
		ROW_BASE (CKM_##name##_RSA_PKCS_PSS, SIGN_FLAGS, hash, RSA_PKCS1_PSS_PADDING), \
			.marks = mark, .sign = &craton_mech_sign_hashed                        \
	}

#define APPROVED CRATON_MECH_APPROVED

static const CratonMech rows[] = {
	{ .type = CKM_RSA_PKCS_KEY_PAIR_GEN,
	  .key_type = CKK_RSA,
	  .key_type2 = CKK_RSA,
	  .min_size = RSA_BITS_GENERATED_MIN,
	  .max_size = RSA_BITS_MAX,
	  .flags = CKF_GENERATE_KEY_PAIR,
	  .marks = APPROVED,
	  .generate_pair = rsa_generate_pair },
	/* SP 800-131A takes v1.5 for signatures only, which this row's data need not be. */
	{ ROW_BASE (CKM_RSA_PKCS, CRYPT_FLAGS | SIGN_FLAGS | RECOVER_FLAGS | WRAP_FLAGS,
	            CRATON_HASH_NONE, RSA_PKCS1_PADDING),
	  .crypt = &crypt_class, .sign = &craton_mech_sign_once, .recover = &recover_class },
	{ ROW_BASE (CKM_RSA_X_509, CRYPT_FLAGS | SIGN_FLAGS | RECOVER_FLAGS | WRAP_FLAGS,
	            CRATON_HASH_NONE, RSA_NO_PADDING),
	  .crypt = &crypt_class,
	  .sign = &craton_mech_sign_once,
	  .recover = &recover_class,
	  .wraps_number = TRUE },
	{ ROW_BASE (CKM_RSA_PKCS_OAEP, CRYPT_FLAGS | WRAP_FLAGS, CRATON_HASH_NONE,
	            RSA_PKCS1_OAEP_PADDING),
	  .marks = APPROVED, .crypt = &crypt_class },
	{ ROW_BASE (CKM_RSA_PKCS_PSS, SIGN_FLAGS, CRATON_HASH_NONE, RSA_PKCS1_PSS_PADDING),
	  .marks = APPROVED, .sign = &craton_mech_sign_once },
	{ ROW_BASE (CKM_MD5_RSA_PKCS, SIGN_FLAGS, CRATON_HASH_MD5, RSA_PKCS1_PADDING),
	  .marks = CRATON_MECH_LEGACY, .sign = &craton_mech_sign_hashed },
	HASHED_ROWS (SHA1, CRATON_HASH_SHA1, 0),
	HASHED_ROWS (SHA224, CRATON_HASH_SHA224, APPROVED),
	HASHED_ROWS (SHA256, CRATON_HASH_SHA256, APPROVED),
	HASHED_ROWS (SHA384, CRATON_HASH_SHA384, APPROVED),
	HASHED_ROWS (SHA512, CRATON_HASH_SHA512, APPROVED),
	HASHED_ROWS (SHA3_224, CRATON_HASH_SHA3_224, APPROVED),
	HASHED_ROWS (SHA3_256, CRATON_HASH_SHA3_256, APPROVED),
	HASHED_ROWS (SHA3_384, CRATON_HASH_SHA3_384, APPROVED),
	HASHED_ROWS (SHA3_512, CRATON_HASH_SHA3_512, APPROVED),
};

const CratonMechFamily craton_mech_rsa = { rows, G_N_ELEMENTS (rows) };
