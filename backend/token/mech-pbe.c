/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys from passwords: PBKDF2 and PBKDF1 (RFC 8018), and the function of PKCS #12 (RFC 7292,
 * appendix B), with C_GenerateKey (PKCS#11 3.2, PKCS #5 and PKCS #12 mechanisms). Passwords are taken
 * as the bytes that they come as: for PKCS #12 that is a BMPString with its terminator, as NSS has
 * it. Parameters are private copies of the client's. Called by keygen.c through the rows.
 */
#include "config.h"

#include "algs.h"
#include "derive.h"
#include "des.h"
#include "key-attrs.h"
#include "mech.h"
#include "prf.h"
#include "session.h"
#include "sizes.h"
#include "selftest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

/* More rounds would keep a thread for minutes; no published format comes near. */
#define ITERATIONS_MAX 10000000
#define SALT_MAX 65536
#define PBKDF2_MAX 16384
#define APPROVED_SALT 16
#define APPROVED_ITERATIONS 1000

#define IV_LEN 8

/* What is drawn from a password with PKCS #12's function (RFC 7292, B.3). */
enum {
	ID_KEY = 1,
	ID_IV = 2,
	ID_MAC = 3
};

typedef struct {
	CK_KEY_TYPE type;
	gsize len;
	int id; /* 0: PKCS #5's first function, which gives key and vector at once */
} Detail;

typedef struct {
	CratonChunk password, salt;
	CK_ULONG iterations;
} Source;

static gboolean
is_source (const Source *source)
{
	return (source->password.bytes != NULL || source->password.len == 0) &&
	       (source->salt.bytes != NULL || source->salt.len == 0) &&
	       source->password.len <= CRATON_PASSWORD_MAX && source->salt.len <= SALT_MAX &&
	       source->iterations >= 1 && source->iterations <= ITERATIONS_MAX;
}

/* Runs one of libcrypto's functions; @id is PKCS #12's. */
static CK_RV
run_kdf (CratonKdf kdf, CratonHash hash, int id, const Source *source, CK_BYTE *out, gsize len)
{
	EVP_KDF *function = craton_algs_kdf (kdf);
	EVP_KDF_CTX *context = function == NULL ? NULL : EVP_KDF_CTX_new (function);
	guint64 iterations = source->iterations;
	/* SP 800-132's limits are for those who choose, not for those who have to read. */
	int pkcs5 = 1;
	OSSL_PARAM params[6], *p = params;
	CK_RV rv = CKR_OK;

	*p++ = OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST,
	                                         (char *) craton_algs_hashes[hash].name, 0);
	*p++ = OSSL_PARAM_construct_octet_string (
		OSSL_KDF_PARAM_PASSWORD,
		(void *) (source->password.len > 0 ? source->password.bytes : ""),
		source->password.len);
	*p++ = OSSL_PARAM_construct_octet_string (
		OSSL_KDF_PARAM_SALT, (void *) (source->salt.len > 0 ? source->salt.bytes : ""),
		source->salt.len);
	*p++ = OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_ITER, &iterations);
	*p++ = kdf == CRATON_KDF_PKCS12 ? OSSL_PARAM_construct_int (OSSL_KDF_PARAM_PKCS12_ID, &id)
	                                : OSSL_PARAM_construct_int (OSSL_KDF_PARAM_PKCS5, &pkcs5);
	*p = OSSL_PARAM_construct_end ();
	if (context == NULL)
		rv = function == NULL ? CKR_FUNCTION_FAILED : CKR_HOST_MEMORY;
	else if (EVP_KDF_derive (context, out, len, params) != 1)
		rv = CKR_FUNCTION_FAILED;
	EVP_KDF_CTX_free (context);
	return rv;
}

static CK_RV
publish (CratonSession *session, CK_MECHANISM_TYPE mechanism, CratonDerived *derived,
         const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_BYTE *value, CK_OBJECT_HANDLE *ret_key)
{
	static const CK_ATTRIBUTE_TYPE length[] = { CKA_VALUE_LEN, 0 };
	g_auto (CratonKeyAttrs) made = { 0 };
	g_autofree CK_ATTRIBUTE *copy = NULL;
	gboolean is_des = craton_des_is_type (derived->type);
	CK_ULONG n = 0;

	copy = craton_derive_template (template, n_attrs, is_des ? length : NULL, NULL, 0, &n);
	if (copy == NULL)
		return CKR_ARGUMENTS_BAD;
	if (is_des)
		craton_des_set_parity (value, derived->len);
	craton_key_attrs_add_secret (&made, derived->type, value, derived->len);
	if (made.failed)
		return CKR_HOST_MEMORY;
	return craton_object_new_key (session, copy, n, made.attrs, made.n, CRATON_ORIGIN_GENERATED,
	                              mechanism, NULL, ret_key);
}

/* --- PBKDF2 --- */

static CratonHash
pbkdf2_hash (CK_PKCS5_PBKD2_PSEUDO_RANDOM_FUNCTION_TYPE prf)
{
	static const CratonHash hashes[] = {
		[CKP_PKCS5_PBKD2_HMAC_SHA1] = CRATON_HASH_SHA1,
		[CKP_PKCS5_PBKD2_HMAC_SHA224] = CRATON_HASH_SHA224,
		[CKP_PKCS5_PBKD2_HMAC_SHA256] = CRATON_HASH_SHA256,
		[CKP_PKCS5_PBKD2_HMAC_SHA384] = CRATON_HASH_SHA384,
		[CKP_PKCS5_PBKD2_HMAC_SHA512] = CRATON_HASH_SHA512,
		[CKP_PKCS5_PBKD2_HMAC_SHA512_224] = CRATON_HASH_SHA512_224,
		[CKP_PKCS5_PBKD2_HMAC_SHA512_256] = CRATON_HASH_SHA512_256,
	};

	return prf < G_N_ELEMENTS (hashes) ? hashes[prf] : CRATON_HASH_NONE;
}

/* CK_PKCS5_PBKD2_PARAMS, the older of two structures of one size, has a pointer to the password's
 * length in the place of the length. No password is as long as an address is high. */
static CK_ULONG
password_len (CK_ULONG len_or_pointer)
{
	return len_or_pointer > CRATON_PASSWORD_MAX ? *(const CK_ULONG *) len_or_pointer
	                                            : len_or_pointer;
}

static CK_RV
read_pbkdf2 (const CK_MECHANISM *mechanism, Source *ret_source, CratonHash *ret_hash)
{
	CK_PKCS5_PBKD2_PARAMS2 params;

	_Static_assert(sizeof (CK_PKCS5_PBKD2_PARAMS) == sizeof params, "one size for both");
	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	*ret_source = (Source){ { params.pPassword, password_len (params.ulPasswordLen) },
		                { params.pSaltSourceData, params.ulSaltSourceDataLen },
		                params.iterations };
	*ret_hash = pbkdf2_hash (params.prf);
	if (params.saltSource != CKZ_SALT_SPECIFIED || params.ulPrfDataLen > 0 ||
	    *ret_hash == CRATON_HASH_NONE || !is_source (ret_source))
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

/* SP 800-132, 5.1 to 5.3: with fips = yes. */
static CK_RV
check_approved (const CratonTokenConfig *config, const CratonMech *mech, const Source *source,
                const CratonDerived *derived)
{
	if (!config->fips)
		return CKR_OK;
	if (source->salt.len < APPROVED_SALT || source->iterations < APPROVED_ITERATIONS)
		return CKR_MECHANISM_PARAM_INVALID;
	return derived->len < craton_mech_min_size (config, mech) ? CKR_ATTRIBUTE_VALUE_INVALID
	                                                          : CKR_OK;
}

static CK_RV
generate_pbkdf2 (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                 const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	CratonDerived derived;
	CratonHash hash = CRATON_HASH_NONE;
	Source source;
	CK_BYTE *value;
	CK_RV rv = read_pbkdf2 (mechanism, &source, &hash);

	if (rv == CKR_OK)
		rv = craton_derive_plan (template, n_attrs, 0, PBKDF2_MAX, &derived);
	if (rv == CKR_OK)
		rv = check_approved (craton_session_config (session), mech, &source, &derived);
	if (rv != CKR_OK)
		return rv;
	if (craton_prf_hash (session, craton_algs_hashes[hash].mechanism) == CRATON_HASH_NONE)
		return CKR_MECHANISM_PARAM_INVALID;
	value = OPENSSL_malloc (derived.len);
	if (value == NULL)
		return CKR_HOST_MEMORY;
	rv = run_kdf (CRATON_KDF_PBKDF2, hash, 0, &source, value, derived.len);
	if (rv == CKR_OK)
		rv = publish (session, mech->type, &derived, template, n_attrs, value, ret_key);
	OPENSSL_clear_free (value, derived.len);
	return rv;
}

/* --- PBKDF1 and PKCS #12 --- */

/* RFC 8018, 5.1 and 6.1.1: the key, and the vector behind it. */
static CK_RV
run_pbkdf1 (const Source *source, CK_BYTE *key, CK_BYTE *iv)
{
	const EVP_MD *md = craton_algs_md (CRATON_HASH_MD5);
	EVP_MD_CTX *context = EVP_MD_CTX_new ();
	CK_BYTE digest[2 * IV_LEN];
	int good;

	if (context == NULL)
		return CKR_HOST_MEMORY;
	good = EVP_DigestInit_ex (context, md, NULL) == 1 &&
	       EVP_DigestUpdate (context, source->password.bytes, source->password.len) == 1 &&
	       EVP_DigestUpdate (context, source->salt.bytes, source->salt.len) == 1 &&
	       EVP_DigestFinal_ex (context, digest, NULL) == 1;
	for (CK_ULONG i = 1; good && i < source->iterations; i++)
		good = EVP_DigestInit_ex (context, md, NULL) == 1 &&
		       EVP_DigestUpdate (context, digest, sizeof digest) == 1 &&
		       EVP_DigestFinal_ex (context, digest, NULL) == 1;
	if (good) {
		memcpy (key, digest, IV_LEN);
		memcpy (iv, digest + IV_LEN, IV_LEN);
	}
	EVP_MD_CTX_free (context);
	OPENSSL_cleanse (digest, sizeof digest);
	return good ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV
run_pbe (const Detail *detail, const Source *source, CK_BYTE *key, CK_BYTE *iv)
{
	CK_RV rv;

	if (detail->id == 0)
		return run_pbkdf1 (source, key, iv);
	rv = run_kdf (CRATON_KDF_PKCS12, CRATON_HASH_SHA1, detail->id, source, key, detail->len);
	if (rv == CKR_OK && detail->id == ID_KEY)
		rv = run_kdf (CRATON_KDF_PKCS12, CRATON_HASH_SHA1, ID_IV, source, iv, IV_LEN);
	return rv;
}

static CK_RV
generate_pbe (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
              const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	const Detail *detail = mech->detail;
	CK_BYTE key[24], iv[IV_LEN] = { 0 };
	CK_PBE_PARAMS params;
	CratonDerived derived;
	Source source;
	CK_RV rv;

	g_assert (detail->len <= sizeof key);
	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	source = (Source){ { params.pPassword, params.ulPasswordLen },
		           { params.pSalt, params.ulSaltLen },
		           params.ulIteration };
	if (!is_source (&source))
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_derive_plan_type (template, n_attrs, detail->type, detail->len, detail->len,
	                              &derived);
	if (rv != CKR_OK)
		return rv;
	if (derived.type != detail->type || derived.len != detail->len)
		return CKR_TEMPLATE_INCONSISTENT;
	rv = run_pbe (detail, &source, key, iv);
	if (rv == CKR_OK)
		rv = publish (session, mech->type, &derived, template, n_attrs, key, ret_key);
	if (rv == CKR_OK && detail->id != ID_MAC && params.pInitVector != NULL)
		memcpy (params.pInitVector, iv, sizeof iv);
	OPENSSL_cleanse (key, sizeof key);
	return rv;
}

static gboolean
has_pkcs12 (const CratonMech *mech)
{
	(void) mech;
	return craton_algs_kdf (CRATON_KDF_PKCS12) != NULL;
}

static gboolean
has_md5 (const CratonMech *mech)
{
	(void) mech;
	return craton_algs_md (CRATON_HASH_MD5) != NULL;
}

#define ROW(mechanism, is_there, ...)                                                   \
	{                                                                               \
		.type = mechanism, .key_type = CK_UNAVAILABLE_INFORMATION,              \
		.key_type2 = CK_UNAVAILABLE_INFORMATION, .flags = CKF_GENERATE,         \
		.marks = CRATON_MECH_LEGACY, .available = is_there,                     \
		.detail = &(const Detail){ __VA_ARGS__ }, .generates_with_param = TRUE, \
		.generate = generate_pbe,                                               \
	}

static const CratonMech rows[] = {
	{ .type = CKM_PKCS5_PBKD2,
	  .key_type = CK_UNAVAILABLE_INFORMATION,
	  .key_type2 = CK_UNAVAILABLE_INFORMATION,
	  .min_size = 1,
	  .max_size = PBKDF2_MAX,
	  .approved_min = CRATON_APPROVED_BYTES,
	  .flags = CKF_GENERATE,
	  .selftests = { CRATON_SELFTEST_PBKDF2, CRATON_SELFTEST_NAMED },
	  .marks = CRATON_MECH_APPROVED,
	  .generates_with_param = TRUE,
	  .generate = generate_pbkdf2 },
	ROW (CKM_PBE_MD5_DES_CBC, has_md5, CKK_DES, 8, 0),
	ROW (CKM_PBE_SHA1_DES2_EDE_CBC, has_pkcs12, CKK_DES2, 16, ID_KEY),
	ROW (CKM_PBE_SHA1_DES3_EDE_CBC, has_pkcs12, CKK_DES3, 24, ID_KEY),
	ROW (CKM_PBA_SHA1_WITH_SHA1_HMAC, has_pkcs12, CKK_GENERIC_SECRET, 20, ID_MAC),
};

const CratonMechFamily craton_mech_pbe = { rows, G_N_ELEMENTS (rows) };
