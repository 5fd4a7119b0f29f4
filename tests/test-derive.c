/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_DeriveKey and C_GenerateKey with parameters: several keys at once, what they inherit, and what
 * is refused, with which code. The answers themselves are tested in test-mech.c.
 */
#include "config.h"

#include "mech-runner.h"

#include "mech-vectors-concat.h"
#include "mech-vectors-hkdf.h"
#include "mech-vectors-ike.h"
#include "mech-vectors-kbkdf.h"
#include "mech-vectors-pbe.h"
#include "mech-vectors-tls.h"

static const CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY;
static const CK_KEY_TYPE generic = CKK_GENERIC_SECRET, aes = CKK_AES;

/* A key of bytes that count up, with what the test is about. */
static CK_OBJECT_HANDLE
make_base (CK_ULONG len, CK_BBOOL sensitive, CK_BBOOL extractable, CK_BBOOL derive,
           const CK_ATTRIBUTE *more)
{
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, secret_class),  ATTR (CKA_KEY_TYPE, generic),
		{ CKA_VALUE, count, len },       ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, sensitive), ATTR (CKA_EXTRACTABLE, extractable),
		ATTR (CKA_DERIVE, derive),       { 0 },
	};
	CK_OBJECT_HANDLE key;

	if (more != NULL)
		template[7] = *more;
	ck_ok (p11->C_CreateObject (session, template, more != NULL ? 8 : 7, &key));
	return key;
}

static CK_OBJECT_HANDLE
plain_base (CK_ULONG len)
{
	return make_base (len, no, yes, yes, NULL);
}

static CK_ULONG
n_objects (void)
{
	CK_OBJECT_HANDLE found[512];
	CK_ULONG n = 0;

	ck_ok (p11->C_FindObjectsInit (session, NULL, 0));
	ck_ok (p11->C_FindObjects (session, found, N (found), &n));
	ck_ok (p11->C_FindObjectsFinal (session));
	return n;
}

static CK_BBOOL
get_bool (CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type)
{
	CK_BBOOL value = 2;
	CK_ATTRIBUTE attr = { type, &value, sizeof value };

	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	return value;
}

/* Derives a public key of @len bytes, 0: the length is not named; @more: up to three attributes. */
static CK_RV
derive_more (CK_MECHANISM_TYPE type, const void *param, CK_ULONG param_len, CK_OBJECT_HANDLE base,
             CK_ULONG len, const CK_ATTRIBUTE *more, CK_ULONG n_more, CK_OBJECT_HANDLE *ret_key)
{
	CK_MECHANISM mechanism = { type, (void *) param, param_len };
	CK_ATTRIBUTE template[8] = { ATTR (CKA_PRIVATE, no) };
	CK_ULONG n = 1;

	if (len > 0)
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_VALUE_LEN, len);
	for (CK_ULONG i = 0; i < n_more; i++)
		template[n++] = more[i];
	return p11->C_DeriveKey (session, &mechanism, base, template, n, ret_key);
}

static CK_RV
derive (CK_MECHANISM_TYPE type, const void *param, CK_ULONG param_len, CK_OBJECT_HANDLE base,
        CK_ULONG len)
{
	CK_OBJECT_HANDLE key;

	return derive_more (type, param, param_len, base, len, NULL, 0, &key);
}

#define DERIVES(type, param, base, len) derive (type, &(param), sizeof (param), base, len)

/* --- lengths --- */

START_TEST (test_lengths__of_a_named_type)
{
	const CK_KEY_TYPE des3 = CKK_DES3;
	const CK_ATTRIBUTE types[] = { ATTR (CKA_KEY_TYPE, generic), ATTR (CKA_KEY_TYPE, aes),
		                       ATTR (CKA_KEY_TYPE, des3) };
	CK_OBJECT_HANDLE base = plain_base (32), key;
	const struct {
		CK_MECHANISM_TYPE type;
		const void *param;
		CK_ULONG param_len;
	} kinds[] = { { CKM_SHA256_KEY_DERIVATION, NULL, 0 },
		      { CKM_CONCATENATE_BASE_AND_DATA, &xor_48, sizeof xor_48 },
		      { CKM_XOR_BASE_AND_DATA, &xor_48, sizeof xor_48 } };

	for (gsize i = 0; i < N (kinds); i++) {
		for (gsize j = 0; j < N (types); j++)
			ck_rv (derive_more (kinds[i].type, kinds[i].param, kinds[i].param_len, base,
			                    0, &types[j], 1, &key),
			       j < 2 ? CKR_TEMPLATE_INCOMPLETE : CKR_OK);
		ck_ok (derive_more (kinds[i].type, kinds[i].param, kinds[i].param_len, base, 16,
		                    &types[1], 1, &key));
		ck_ok (derive (kinds[i].type, kinds[i].param, kinds[i].param_len, base, 0));
	}
}
END_TEST

START_TEST (test_lengths__to_the_bound_and_no_further)
{
	CK_OBJECT_HANDLE base = plain_base (32), master = plain_base (48);
	const CK_OBJECT_HANDLE other = base;

	ck_ok (DERIVES (CKM_HKDF_DERIVE, hkdf_1, base, 255 * 32));
	ck_rv (DERIVES (CKM_HKDF_DERIVE, hkdf_1, base, 255 * 32 + 1), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (DERIVES (CKM_HKDF_DERIVE, hkdf_1, base, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_ok (DERIVES (CKM_HKDF_DATA, hkdf_1, base, 255 * 32));
	ck_rv (DERIVES (CKM_HKDF_DATA, hkdf_1, base, 255 * 32 + 1), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (DERIVES (CKM_HKDF_DATA, hkdf_1, base, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_rv (DERIVES (CKM_HKDF_DERIVE, hkdf_1_extract, base, 33), CKR_TEMPLATE_INCONSISTENT);
	ck_ok (DERIVES (CKM_IKE2_PRF_PLUS_DERIVE, ike2_data, base, 255 * 20));
	ck_rv (DERIVES (CKM_IKE2_PRF_PLUS_DERIVE, ike2_data, base, 255 * 20 + 1),
	       CKR_KEY_SIZE_RANGE);
	ck_rv (DERIVES (CKM_IKE2_PRF_PLUS_DERIVE, ike2_data, base, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_ok (DERIVES (CKM_IKE1_EXTENDED_DERIVE, ike1_extra, base, 255 * 32));
	ck_rv (DERIVES (CKM_IKE1_EXTENDED_DERIVE, ike1_extra, base, 255 * 32 + 1),
	       CKR_KEY_SIZE_RANGE);
	ck_ok (DERIVES (CKM_IKE_PRF_DERIVE, ike_prf, base, 32));
	ck_rv (DERIVES (CKM_IKE_PRF_DERIVE, ike_prf, base, 31), CKR_KEY_SIZE_RANGE);
	ck_rv (DERIVES (CKM_IKE_PRF_DERIVE, ike_prf, base, 33), CKR_KEY_SIZE_RANGE);
	ck_rv (DERIVES (CKM_SHA256_KEY_DERIVATION, *"", base, 0), CKR_MECHANISM_PARAM_INVALID);
	ck_ok (derive (CKM_SHA256_KEY_DERIVATION, NULL, 0, base, 32));
	ck_rv (derive (CKM_SHA256_KEY_DERIVATION, NULL, 0, base, 33), CKR_TEMPLATE_INCONSISTENT);
	ck_ok (DERIVES (CKM_CONCATENATE_BASE_AND_KEY, other, base, 64));
	ck_rv (DERIVES (CKM_CONCATENATE_BASE_AND_KEY, other, base, 65), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (DERIVES (CKM_XOR_BASE_AND_DATA, concat_example, base, 5), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (DERIVES (CKM_EXTRACT_KEY_FROM_KEY, extract_8, base, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_ok (DERIVES (CKM_EXTRACT_KEY_FROM_KEY, extract_8, base, 32));
	ck_rv (DERIVES (CKM_EXTRACT_KEY_FROM_KEY, extract_8, base, 33), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (DERIVES (CKM_TLS12_MASTER_KEY_DERIVE, tls_master, master, 47),
	       CKR_TEMPLATE_INCONSISTENT);
	ck_rv (DERIVES (CKM_TLS12_MASTER_KEY_DERIVE, tls_master, base, 48), CKR_KEY_SIZE_RANGE);
	ck_rv (DERIVES (CKM_TLS_KDF, tls_kdf, master, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_ok (DERIVES (CKM_TLS_KDF, tls_kdf, master, 16384));
	ck_rv (DERIVES (CKM_TLS_KDF, tls_kdf, master, 16385), CKR_TEMPLATE_INCONSISTENT);
	ck_ok (DERIVES (CKM_SP800_108_COUNTER_KDF, cavp_hmac, base, 16384));
	ck_rv (DERIVES (CKM_SP800_108_COUNTER_KDF, cavp_hmac, base, 16385),
	       CKR_TEMPLATE_INCONSISTENT);
	ck_rv (DERIVES (CKM_SP800_108_COUNTER_KDF, cavp_hmac, base, 0), CKR_TEMPLATE_INCOMPLETE);
}
END_TEST

/* A counter of 8 bits ends at 255, a length of 16 bits at 65535 (in bits). */
START_TEST (test_kbkdf__counters_and_lengths_overflow)
{
	static CK_PRF_DATA_PARAM fields[] = { PRF_ITERATION (counter_8), PRF_FIXED };
	static CK_PRF_DATA_PARAM sized[] = { PRF_ITERATION (counter_16),
		                             PRF_LENGTH (length_keys_16) };
	const CK_SP800_108_KDF_PARAMS counted = { CKM_SHA256_HMAC, 2, fields, 0, NULL };
	const CK_SP800_108_KDF_PARAMS lengthy = { CKM_SHA256_HMAC, 2, sized, 0, NULL };
	CK_OBJECT_HANDLE base = plain_base (32);

	ck_ok (DERIVES (CKM_SP800_108_COUNTER_KDF, counted, base, 255 * 32));
	ck_rv (DERIVES (CKM_SP800_108_COUNTER_KDF, counted, base, 255 * 32 + 1),
	       CKR_KEY_SIZE_RANGE);
	ck_ok (DERIVES (CKM_SP800_108_COUNTER_KDF, lengthy, base, 8191));
	ck_rv (DERIVES (CKM_SP800_108_COUNTER_KDF, lengthy, base, 8192),
	       CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* --- parameters that are wrong --- */

/* Copies a good parameter, spoils it, and derives. */
#define SPOILED(mechanism, good, base, len, spoil)                                           \
	do {                                                                                 \
		__typeof__ (good) p;                                                         \
		memcpy ((void *) &p, &(good), sizeof p);                                     \
		spoil;                                                                       \
		ck_rv (DERIVES (mechanism, p, base, len), CKR_MECHANISM_PARAM_INVALID);      \
		ck_rv (derive (mechanism, &(good), sizeof (good) - 1, base, len),            \
		       CKR_MECHANISM_PARAM_INVALID);                                         \
		ck_rv (derive (mechanism, NULL, 0, base, len), CKR_MECHANISM_PARAM_INVALID); \
	} while (0)

START_TEST (test_params__hkdf)
{
	CK_OBJECT_HANDLE base = plain_base (32);
	CK_HKDF_PARAMS good = hkdf_1;

	SPOILED (CKM_HKDF_DERIVE, good, base, 32, p.bExtract = p.bExpand = CK_FALSE);
	SPOILED (CKM_HKDF_DERIVE, good, base, 32, p.prfHashMechanism = CKM_SHA256_HMAC);
	SPOILED (CKM_HKDF_DERIVE, good, base, 32, p.ulSaltType = 0);
	SPOILED (CKM_HKDF_DERIVE, good, base, 32, p.ulSaltType = CKF_HKDF_SALT_KEY | 1);
	SPOILED (CKM_HKDF_DERIVE, good, base, 32, p.pSalt = NULL);
	SPOILED (CKM_HKDF_DERIVE, good, base, 32, p.pInfo = NULL);
	good.ulSaltType = CKF_HKDF_SALT_KEY;
	ck_rv (DERIVES (CKM_HKDF_DERIVE, good, base, 32), CKR_KEY_HANDLE_INVALID);
	good.hSaltKey = make_base (16, no, yes, no, NULL);
	ck_rv (DERIVES (CKM_HKDF_DERIVE, good, base, 32), CKR_KEY_FUNCTION_NOT_PERMITTED);
	/* Without extraction the salt is not looked at. */
	good.bExtract = CK_FALSE;
	ck_ok (DERIVES (CKM_HKDF_DERIVE, good, base, 32));
}
END_TEST

START_TEST (test_params__kbkdf)
{
	static CK_SP800_108_COUNTER_FORMAT odd = { CK_FALSE, 12 }, wide = { CK_FALSE, 40 };
	static CK_SP800_108_COUNTER_FORMAT none = { CK_FALSE, 0 };
	static CK_SP800_108_DKM_LENGTH_FORMAT method = { 3, CK_FALSE, 16 };
	static CK_SP800_108_DKM_LENGTH_FORMAT broad = { CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS,
		                                        CK_FALSE, 72 };
	static CK_OBJECT_HANDLE nobody = 0;
	const CK_PRF_DATA_PARAM wrong[] = {
		PRF_VARIABLE,
		PRF_ITERATION (odd),
		PRF_ITERATION (wide),
		PRF_ITERATION (none),
		PRF_ITERATION (counter_8), /* a second one */
		PRF_COUNTER (counter_8),   /* not in this mode */
		PRF_LENGTH (method),
		PRF_LENGTH (broad),
		{ CK_SP800_108_ITERATION_VARIABLE, (void *) &counter_8, sizeof counter_8 - 1 },
		{ CK_SP800_108_DKM_LENGTH, NULL, 0 },
		{ CK_SP800_108_BYTE_ARRAY, NULL, 0 },
		{ CK_SP800_108_BYTE_ARRAY, (void *) "a", 0 },
		{ CK_SP800_108_KEY_HANDLE, &nobody, 3 },
		{ 0, (void *) "a", 1 },
		{ 6, (void *) "a", 1 },
	};
	CK_PRF_DATA_PARAM fields[3] = { PRF_ITERATION (counter_8), PRF_FIXED };
	CK_SP800_108_KDF_PARAMS good = { CKM_SHA256_HMAC, 2, fields, 0, NULL };
	CK_OBJECT_HANDLE base = plain_base (32);

	for (gsize i = 0; i < N (wrong); i++) {
		fields[2] = wrong[i];
		good.ulNumberOfDataParams = 3;
		ck_assert_msg (DERIVES (CKM_SP800_108_COUNTER_KDF, good, base, 32) ==
		                       CKR_MECHANISM_PARAM_INVALID,
		               "field %zu", i);
	}
	fields[2] = (CK_PRF_DATA_PARAM){ CK_SP800_108_KEY_HANDLE, &nobody, sizeof nobody };
	ck_rv (DERIVES (CKM_SP800_108_COUNTER_KDF, good, base, 32), CKR_KEY_HANDLE_INVALID);
	good.ulNumberOfDataParams = 2;
	ck_ok (DERIVES (CKM_SP800_108_COUNTER_KDF, good, base, 32));
	SPOILED (CKM_SP800_108_COUNTER_KDF, good, base, 32, p.prfType = CKM_SHA256);
	SPOILED (CKM_SP800_108_COUNTER_KDF, good, base, 32, p.ulNumberOfDataParams = 0);
	SPOILED (CKM_SP800_108_COUNTER_KDF, good, base, 32, p.pDataParams = NULL);
	SPOILED (CKM_SP800_108_COUNTER_KDF, good, base, 32, p.ulAdditionalDerivedKeys = 1);
	/* No iteration variable, and one that is no counter where it must be one. */
	SPOILED (CKM_SP800_108_COUNTER_KDF, good, base, 32,
	         (p.pDataParams++, p.ulNumberOfDataParams = 1));
	SPOILED (CKM_SP800_108_DOUBLE_PIPELINE_KDF, good, base, 32, (void) p);
	SPOILED (CKM_SP800_108_FEEDBACK_KDF, feedback, base, 32,
	         (void) memset ((char *) &p + offsetof (CK_SP800_108_FEEDBACK_KDF_PARAMS, pIv), 0,
	                        sizeof (void *)));
	good.prfType = CKM_AES_CMAC;
	ck_rv (DERIVES (CKM_SP800_108_COUNTER_KDF, good, base, 32), CKR_KEY_TYPE_INCONSISTENT);
}
END_TEST

START_TEST (test_params__tls)
{
	CK_OBJECT_HANDLE master = plain_base (48);
	CK_TLS12_MASTER_KEY_DERIVE_PARAMS first = tls_master, dh = tls_master_dh;
	CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS extended = tls_extended;
	CK_TLS_KDF_PARAMS kdf = tls_kdf_context;

	SPOILED (CKM_TLS12_MASTER_KEY_DERIVE, first, master, 48, p.RandomInfo.pClientRandom = NULL);
	SPOILED (CKM_TLS12_MASTER_KEY_DERIVE, first, master, 48,
	         p.RandomInfo.ulServerRandomLen = 31);
	SPOILED (CKM_TLS12_MASTER_KEY_DERIVE, first, master, 48, p.prfHashMechanism = CKM_TLS_PRF);
	SPOILED (CKM_TLS12_MASTER_KEY_DERIVE, first, master, 48, p.prfHashMechanism = CKM_MD5);
	SPOILED (CKM_TLS12_MASTER_KEY_DERIVE_DH, dh, master, 48, p.pVersion = &tls_version);
	SPOILED (CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, extended, master, 48, p.pSessionHash = NULL);
	SPOILED (CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE, extended, master, 48,
	         p.ulSessionHashLen = 63);
	SPOILED (CKM_TLS_KDF, kdf, master, 48, p.pLabel = NULL);
	SPOILED (CKM_TLS_KDF, kdf, master, 48, p.ulLabelLength = 0);
	SPOILED (CKM_TLS_KDF, kdf, master, 48, p.pContextData = NULL);
	SPOILED (CKM_TLS_KDF, kdf, master, 48, p.prfMechanism = 0);
	memset (&tls_version, 0, sizeof tls_version);
	ck_ok (DERIVES (CKM_TLS12_MASTER_KEY_DERIVE, first, master, 48));
	ck_assert_uint_eq (tls_version.major, 0);
	ck_assert_uint_eq (tls_version.minor, 1);
}
END_TEST

START_TEST (test_params__tls_mac)
{
	const CK_TLS_MAC_PARAMS wrong[] = { { CKM_SHA256, 11, 1 },  { CKM_SHA256, 256, 1 },
		                            { CKM_SHA256, 12, 0 },  { CKM_SHA256, 12, 3 },
		                            { CKM_TLS_PRF, 12, 1 }, { CKM_MD5, 12, 1 } };
	CK_OBJECT_HANDLE master = make_secret (CKK_GENERIC_SECRET, count, 48, NULL, 0);

	for (gsize i = 0; i < N (wrong); i++) {
		CK_MECHANISM mechanism = { CKM_TLS_MAC, (void *) &wrong[i], sizeof wrong[i] };

		ck_rv (p11->C_SignInit (session, &mechanism, master), CKR_MECHANISM_PARAM_INVALID);
	}
}
END_TEST

START_TEST (test_params__ike)
{
	CK_OBJECT_HANDLE base = plain_base (32);
	CK_IKE_PRF_DERIVE_PARAMS first = ike_prf;
	CK_IKE1_PRF_DERIVE_PARAMS second = ike1_d;
	CK_IKE2_PRF_PLUS_DERIVE_PARAMS plus = ike2_data;
	CK_IKE1_EXTENDED_DERIVE_PARAMS extended = ike1_extra;

	SPOILED (CKM_IKE_PRF_DERIVE, first, base, 32, p.pNi = NULL);
	SPOILED (CKM_IKE_PRF_DERIVE, first, base, 32, p.ulNrLen = 0);
	SPOILED (CKM_IKE_PRF_DERIVE, first, base, 32, p.prfMechanism = CKM_SHA256);
	SPOILED (CKM_IKE1_PRF_DERIVE, second, base, 32, p.pCKYr = NULL);
	SPOILED (CKM_IKE2_PRF_PLUS_DERIVE, plus, base, 32, p.pSeedData = NULL);
	SPOILED (CKM_IKE1_EXTENDED_DERIVE, extended, base, 32, p.pExtraData = NULL);
	first.bRekey = CK_TRUE;
	ck_rv (DERIVES (CKM_IKE_PRF_DERIVE, first, base, 32), CKR_KEY_HANDLE_INVALID);
	first.bDataAsKey = CK_TRUE;
	ck_rv (DERIVES (CKM_IKE_PRF_DERIVE, first, base, 32), CKR_ARGUMENTS_BAD);
	ck_rv (DERIVES (CKM_IKE1_PRF_DERIVE, second, base, 32), CKR_KEY_HANDLE_INVALID);
	second.hKeygxy = base;
	ck_rv (DERIVES (CKM_IKE1_PRF_DERIVE, second, base, 32), CKR_TEMPLATE_INCOMPLETE);
}
END_TEST

START_TEST (test_params__concat)
{
	CK_OBJECT_HANDLE base = plain_base (4), deaf = make_base (4, no, yes, no, NULL);
	CK_KEY_DERIVATION_STRING_DATA data = concat_example;
	CK_EXTRACT_PARAMS bit = 31;

	SPOILED (CKM_CONCATENATE_BASE_AND_DATA, data, base, 4, p.pData = NULL);
	SPOILED (CKM_CONCATENATE_DATA_AND_BASE, data, base, 4, p.ulLen = 0);
	SPOILED (CKM_XOR_BASE_AND_DATA, data, base, 4, p.pData = NULL);
	SPOILED (CKM_EXTRACT_KEY_FROM_KEY, bit, base, 4, p = 32);
	ck_ok (DERIVES (CKM_EXTRACT_KEY_FROM_KEY, bit, base, 4));
	ck_rv (DERIVES (CKM_CONCATENATE_BASE_AND_KEY, concat_key, base, 0), CKR_KEY_HANDLE_INVALID);
	ck_rv (DERIVES (CKM_CONCATENATE_BASE_AND_KEY, deaf, base, 0),
	       CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (DERIVES (CKM_CONCATENATE_BASE_AND_KEY, base, deaf, 0),
	       CKR_KEY_FUNCTION_NOT_PERMITTED);
}
END_TEST

static CK_RV
generate (CK_MECHANISM_TYPE type, const void *param, CK_ULONG param_len, CK_ULONG len)
{
	CK_MECHANISM mechanism = { type, (void *) param, param_len };
	const CK_ATTRIBUTE template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_VALUE_LEN, len) };
	CK_OBJECT_HANDLE key;

	return p11->C_GenerateKey (session, &mechanism, (CK_ATTRIBUTE *) template, len > 0 ? 2 : 1,
	                           &key);
}

#define SPOILED_PASSWORD(mechanism, good, len, spoil)                                         \
	do {                                                                                  \
		__typeof__ (good) p = good;                                                   \
		spoil;                                                                        \
		ck_rv (generate (mechanism, &p, sizeof p, len), CKR_MECHANISM_PARAM_INVALID); \
	} while (0)

START_TEST (test_params__passwords)
{
	CK_PKCS5_PBKD2_PARAMS2 good = rfc6070_2;
	CK_PBE_PARAMS pbe = pbe_key_smeg;

	ck_ok (generate (CKM_PKCS5_PBKD2, &good, sizeof good, 20));
	ck_rv (generate (CKM_PKCS5_PBKD2, &good, sizeof good, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_ok (generate (CKM_PKCS5_PBKD2, &good, sizeof good, 16384));
	ck_rv (generate (CKM_PKCS5_PBKD2, &good, sizeof good, 16385), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (generate (CKM_PKCS5_PBKD2, NULL, 0, 20), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (generate (CKM_AES_KEY_GEN, count, 4, 16), CKR_MECHANISM_PARAM_INVALID);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, p.iterations = 0);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, p.iterations = 10000001);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, p.prf = 0);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, p.prf = CKP_PKCS5_PBKD2_HMAC_GOSTR3411);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, p.prf = 9);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, p.saltSource = 0);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, p.pSaltSourceData = NULL);
	SPOILED_PASSWORD (CKM_PKCS5_PBKD2, good, 20, (p.pPrfData = count, p.ulPrfDataLen = 1));
	good.ulPasswordLen = 0;
	ck_ok (generate (CKM_PKCS5_PBKD2, &good, sizeof good, 20));
	SPOILED_PASSWORD (CKM_PBE_SHA1_DES3_EDE_CBC, pbe, 0, p.ulIteration = 0);
	SPOILED_PASSWORD (CKM_PBE_SHA1_DES3_EDE_CBC, pbe, 0, p.pPassword = NULL);
	SPOILED_PASSWORD (CKM_PBE_SHA1_DES3_EDE_CBC, pbe, 0, p.pSalt = NULL);
	ck_rv (generate (CKM_PBA_SHA1_WITH_SHA1_HMAC, &pbe, sizeof pbe, 19),
	       CKR_TEMPLATE_INCONSISTENT);
	pbe.pInitVector = NULL;
	ck_ok (generate (CKM_PBE_SHA1_DES3_EDE_CBC, &pbe, sizeof pbe, 0));
}
END_TEST

/* --- keys and templates --- */

START_TEST (test_base__what_it_must_be)
{
	static const CK_MECHANISM_TYPE only[] = { CKM_SHA256_KEY_DERIVATION };
	static const CK_ATTRIBUTE guarded = ATTR (CKA_SENSITIVE, yes);
	const CK_ATTRIBUTE allowed = ATTR (CKA_ALLOWED_MECHANISMS, only);
	const CK_ATTRIBUTE asked = ATTR (CKA_SENSITIVE, no);
	const CK_ATTRIBUTE binding = { CKA_DERIVE_TEMPLATE, (void *) &guarded, sizeof guarded };
	CK_OBJECT_HANDLE key, base = make_base (32, no, yes, yes, &allowed);

	ck_rv (DERIVES (CKM_HKDF_DERIVE, hkdf_1, base, 32), CKR_MECHANISM_INVALID);
	ck_ok (derive (CKM_SHA256_KEY_DERIVATION, NULL, 0, base, 0));
	ck_rv (DERIVES (CKM_HKDF_DERIVE, hkdf_1, CK_INVALID_HANDLE, 32), CKR_KEY_HANDLE_INVALID);
	base = make_base (32, no, yes, no, NULL);
	ck_rv (DERIVES (CKM_HKDF_DERIVE, hkdf_1, base, 32), CKR_KEY_FUNCTION_NOT_PERMITTED);
	base = make_secret (CKK_AES, count, 32, NULL, 0);
	ck_rv (DERIVES (CKM_TLS_KDF, tls_kdf, base, 32), CKR_KEY_TYPE_INCONSISTENT);
	base = make_base (32, no, yes, yes, &binding);
	ck_ok (derive_more (CKM_HKDF_DERIVE, &hkdf_1, sizeof hkdf_1, base, 32, NULL, 0, &key));
	ck_assert_uint_eq (get_bool (key, CKA_SENSITIVE), CK_TRUE);
	ck_rv (derive_more (CKM_HKDF_DERIVE, &hkdf_1, sizeof hkdf_1, base, 32, &asked, 1, &key),
	       CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

/* Which mechanisms let a hidden key have children that can be read. */
START_TEST (test_inherit__hidden_keys)
{
	const CK_ATTRIBUTE readable[] = { ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes) };
	CK_OBJECT_HANDLE hidden = make_base (48, yes, no, yes, NULL), open = plain_base (48), key;
	const struct {
		CK_MECHANISM_TYPE type;
		const void *param;
		CK_ULONG param_len;
		CK_OBJECT_HANDLE base;
		CK_RV rv;
	} cases[] = {
		{ CKM_HKDF_DERIVE, &hkdf_1, sizeof hkdf_1, hidden, CKR_OK },
		{ CKM_SHA256_KEY_DERIVATION, NULL, 0, hidden, CKR_OK },
		{ CKM_SP800_108_COUNTER_KDF, &cavp_hmac, sizeof cavp_hmac, hidden, CKR_OK },
		{ CKM_CONCATENATE_BASE_AND_KEY, &open, sizeof open, open, CKR_OK },
		{ CKM_CONCATENATE_BASE_AND_KEY, &hidden, sizeof hidden, open,
		  CKR_TEMPLATE_INCONSISTENT },
		{ CKM_CONCATENATE_BASE_AND_KEY, &open, sizeof open, hidden,
		  CKR_TEMPLATE_INCONSISTENT },
		{ CKM_CONCATENATE_BASE_AND_DATA, &xor_48, sizeof xor_48, hidden,
		  CKR_TEMPLATE_INCONSISTENT },
		{ CKM_CONCATENATE_DATA_AND_BASE, &xor_48, sizeof xor_48, hidden,
		  CKR_TEMPLATE_INCONSISTENT },
		{ CKM_XOR_BASE_AND_DATA, &xor_48, sizeof xor_48, hidden,
		  CKR_TEMPLATE_INCONSISTENT },
		{ CKM_EXTRACT_KEY_FROM_KEY, &extract_8, sizeof extract_8, hidden,
		  CKR_TEMPLATE_INCONSISTENT },
		{ CKM_TLS_KDF, &tls_kdf, sizeof tls_kdf, hidden, CKR_TEMPLATE_INCONSISTENT },
		/* A key that is only cut is the same key. */
		{ CKM_IKE1_EXTENDED_DERIVE, &ike1_appendix_b, sizeof ike1_appendix_b, hidden,
		  CKR_TEMPLATE_INCONSISTENT },
		{ CKM_IKE1_EXTENDED_DERIVE, &ike1_extra, sizeof ike1_extra, hidden, CKR_OK },
	};

	for (gsize i = 0; i < N (cases); i++) {
		CK_RV rv = derive_more (cases[i].type, cases[i].param, cases[i].param_len,
		                        cases[i].base, 16, readable, 2, &key);

		ck_assert_msg (rv == cases[i].rv, "case %zu: 0x%lx", i, rv);
		ck_ok (derive_more (cases[i].type, cases[i].param, cases[i].param_len,
		                    cases[i].base, 16, NULL, 0, &key));
		if (cases[i].rv != CKR_OK) {
			ck_assert_uint_eq (get_bool (key, CKA_SENSITIVE), CK_TRUE);
			ck_assert_uint_eq (get_bool (key, CKA_EXTRACTABLE), CK_FALSE);
		}
		ck_assert_uint_eq (get_bool (key, CKA_LOCAL), CK_FALSE);
	}
}
END_TEST

/* What has always been hidden: generated keys, and what comes of two of them. */
START_TEST (test_inherit__history)
{
	const CK_ULONG len = 32;
	const CK_ATTRIBUTE hidden[] = {
		ATTR (CKA_VALUE_LEN, len),  ATTR (CKA_SENSITIVE, yes), ATTR (CKA_PRIVATE, no),
		ATTR (CKA_EXTRACTABLE, no), ATTR (CKA_DERIVE, yes),
	};
	CK_MECHANISM mechanism = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_OBJECT_HANDLE always, created = make_base (32, yes, no, yes, NULL), key;

	ck_ok (p11->C_GenerateKey (session, &mechanism, (CK_ATTRIBUTE *) hidden, N (hidden),
	                           &always));
	ck_ok (derive_more (CKM_CONCATENATE_BASE_AND_KEY, &always, sizeof always, always, 0, NULL,
	                    0, &key));
	ck_assert_uint_eq (get_bool (key, CKA_ALWAYS_SENSITIVE), CK_TRUE);
	ck_assert_uint_eq (get_bool (key, CKA_NEVER_EXTRACTABLE), CK_TRUE);
	ck_ok (derive_more (CKM_CONCATENATE_BASE_AND_KEY, &created, sizeof created, always, 0, NULL,
	                    0, &key));
	ck_assert_uint_eq (get_bool (key, CKA_ALWAYS_SENSITIVE), CK_FALSE);
	ck_assert_uint_eq (get_bool (key, CKA_NEVER_EXTRACTABLE), CK_FALSE);
	/* SP 800-108: what the template does not say is as in the base key. */
	ck_ok (derive_more (CKM_SP800_108_COUNTER_KDF, &cavp_hmac, sizeof cavp_hmac, always, 16,
	                    NULL, 0, &key));
	ck_assert_uint_eq (get_bool (key, CKA_SENSITIVE), CK_TRUE);
	ck_assert_uint_eq (get_bool (key, CKA_EXTRACTABLE), CK_FALSE);
	ck_assert_uint_eq (get_bool (key, CKA_ALWAYS_SENSITIVE), CK_TRUE);
}
END_TEST

/* --- several keys at once --- */

/* PKCS#11 3.2, Deriving Additional Keys, has this example: no key has a part of another's segment. */
START_TEST (test_kbkdf__several_keys)
{
	static const CK_ULONG len_16 = 16, len_17 = 17;
	CK_ATTRIBUTE second[] = { ATTR (CKA_VALUE_LEN, len_16), ATTR (CKA_KEY_TYPE, aes),
		                  ATTR (CKA_PRIVATE, no) };
	CK_PRF_DATA_PARAM fields[] = { PRF_ITERATION (counter_8), PRF_FIXED,
		                       PRF_LENGTH (length_keys_16) };
	CK_OBJECT_HANDLE base = plain_base (32), handles[2] = { 77, 78 }, first = 79;
	CK_DERIVED_KEY more[] = { { second, N (second), &handles[0] },
		                  { second, N (second), &handles[1] } };
	CK_SP800_108_KDF_PARAMS params = { CKM_SHA256_HMAC, N (fields), fields, 1, more };
	g_autoptr (GByteArray) expected_48 = unhex (
		"c84d435589f510d9e075f9f4a63c0bc6c571a3568b6d4ecc490758b384ab0d5a5e6add2c5aee909b"
		"49e1d0561f5de2dc");
	g_autoptr (GByteArray) expected_16 = unhex ("b07aea1e90962741ce806bea76656fdd");
	CK_BYTE value[64];
	CK_ULONG n;

	ck_ok (derive_more (CKM_SP800_108_COUNTER_KDF, &params, sizeof params, base, 48, NULL, 0,
	                    &first));
	check_bytes (value, read_value (first, value, sizeof value), expected_48);
	check_bytes (value, read_value (handles[0], value, sizeof value), expected_16);
	n = n_objects ();
	/* One of three is no key of AES: none is made, and its handle tells which. */
	params.ulAdditionalDerivedKeys = 2;
	second[0] = (CK_ATTRIBUTE) ATTR (CKA_VALUE_LEN, len_16);
	more[1].pTemplate = (CK_ATTRIBUTE[]){ ATTR (CKA_VALUE_LEN, len_17),
		                              ATTR (CKA_KEY_TYPE, aes), ATTR (CKA_PRIVATE, no) };
	handles[0] = 77;
	ck_rv (derive_more (CKM_SP800_108_COUNTER_KDF, &params, sizeof params, base, 48, NULL, 0,
	                    &first),
	       CKR_ATTRIBUTE_VALUE_INVALID);
	ck_assert_uint_eq (handles[0], 77);
	ck_assert_uint_eq (handles[1], CK_INVALID_HANDLE);
	/* The same with a template that is found out only when the objects are made. */
	more[1].pTemplate = (CK_ATTRIBUTE[]){ ATTR (CKA_VALUE_LEN, len_16),
		                              ATTR (CKA_KEY_TYPE, aes), ATTR (CKA_LOCAL, yes) };
	handles[1] = 78;
	ck_rv (derive_more (CKM_SP800_108_COUNTER_KDF, &params, sizeof params, base, 48, NULL, 0,
	                    &first),
	       CKR_ATTRIBUTE_READ_ONLY);
	ck_assert_uint_eq (handles[1], CK_INVALID_HANDLE);
	ck_assert_uint_eq (n_objects (), n);
	more[1].phKey = NULL;
	ck_rv (derive_more (CKM_SP800_108_COUNTER_KDF, &params, sizeof params, base, 48, NULL, 0,
	                    &first),
	       CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

static CK_RV
derive_keys (CK_TLS12_KEY_MAT_PARAMS *params, CK_OBJECT_HANDLE base, const CK_ATTRIBUTE *more)
{
	CK_MECHANISM mechanism = { CKM_TLS12_KEY_AND_MAC_DERIVE, params, sizeof *params };
	CK_ATTRIBUTE template[3] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_KEY_TYPE, aes), { 0 } };

	if (more != NULL)
		template[2] = *more;
	return p11->C_DeriveKey (session, &mechanism, base, template, more != NULL ? 3 : 2, NULL);
}

START_TEST (test_tls__keys_are_like_their_master)
{
	const CK_ATTRIBUTE open = ATTR (CKA_SENSITIVE, no), same = ATTR (CKA_SENSITIVE, yes);
	CK_OBJECT_HANDLE master = make_base (48, yes, no, yes, NULL);
	CK_TLS12_KEY_MAT_PARAMS params = tls_keys;
	CK_OBJECT_HANDLE *keys[] = { &tls_out.hClientMacSecret, &tls_out.hServerMacSecret,
		                     &tls_out.hClientKey, &tls_out.hServerKey };
	CK_ULONG n = n_objects ();

	ck_rv (derive_keys (&params, master, &open), CKR_TEMPLATE_INCONSISTENT);
	params.ulKeySizeInBits = 136;
	ck_rv (derive_keys (&params, master, NULL), CKR_TEMPLATE_INCOMPLETE);
	ck_assert_uint_eq (n_objects (), n);
	params.ulKeySizeInBits = 256;
	ck_ok (derive_keys (&params, master, &same));
	ck_assert_uint_eq (n_objects (), n + 4);
	for (gsize i = 0; i < N (keys); i++) {
		ck_assert_uint_eq (get_bool (*keys[i], CKA_SENSITIVE), CK_TRUE);
		ck_assert_uint_eq (get_bool (*keys[i], CKA_EXTRACTABLE), CK_FALSE);
		ck_assert_uint_eq (get_bool (*keys[i], i < 2 ? CKA_SIGN : CKA_ENCRYPT), CK_TRUE);
		ck_assert_uint_eq (get_bool (*keys[i], i < 2 ? CKA_VERIFY : CKA_DERIVE), CK_TRUE);
	}
}
END_TEST

START_TEST (test_params__tls_keys)
{
	CK_OBJECT_HANDLE master = plain_base (48);
	CK_SSL3_KEY_MAT_OUT no_iv = { 0 };
	static const struct {
		gsize offset;
		CK_ULONG value;
	} wrong[] = {
		{ offsetof (CK_TLS12_KEY_MAT_PARAMS, ulMacSizeInBits), 161 },
		{ offsetof (CK_TLS12_KEY_MAT_PARAMS, ulMacSizeInBits), 8 * 257 },
		{ offsetof (CK_TLS12_KEY_MAT_PARAMS, ulKeySizeInBits), 255 },
		{ offsetof (CK_TLS12_KEY_MAT_PARAMS, ulIVSizeInBits), 7 },
		{ offsetof (CK_TLS12_KEY_MAT_PARAMS, pReturnedKeyMaterial), 0 },
		{ offsetof (CK_TLS12_KEY_MAT_PARAMS, RandomInfo.ulClientRandomLen), 31 },
		{ offsetof (CK_TLS12_KEY_MAT_PARAMS, prfHashMechanism), CKM_SHA_1 },
	};
	CK_TLS12_KEY_MAT_PARAMS params;

	for (gsize i = 0; i < N (wrong); i++) {
		params = tls_keys;
		memcpy ((char *) &params + wrong[i].offset, &wrong[i].value, sizeof (CK_ULONG));
		ck_assert_msg (derive_keys (&params, master, NULL) == CKR_MECHANISM_PARAM_INVALID,
		               "field %zu", i);
	}
	params = tls_keys;
	params.bIsExport = CK_TRUE;
	ck_rv (derive_keys (&params, master, NULL), CKR_MECHANISM_PARAM_INVALID);
	params = tls_keys;
	params.pReturnedKeyMaterial = &no_iv;
	ck_rv (derive_keys (&params, master, NULL), CKR_MECHANISM_PARAM_INVALID);
	/* Vectors without keys would be bytes of keys. */
	params = tls_keys;
	params.ulMacSizeInBits = params.ulKeySizeInBits = 0;
	ck_rv (derive_keys (&params, master, NULL), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* The handle is left out only where the parameter has it. */
START_TEST (test_derive__no_place_for_the_handle)
{
	CK_MECHANISM mechanism = { CKM_SHA256_KEY_DERIVATION, NULL, 0 };
	CK_ULONG n = n_objects ();

	ck_rv (p11->C_DeriveKey (session, &mechanism, plain_base (32), NULL, 0, NULL),
	       CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (n_objects (), n + 1);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("derive");
	TCase *tcase = tcase_create ("derive");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_lengths__of_a_named_type);
	tcase_add_test (tcase, test_lengths__to_the_bound_and_no_further);
	tcase_add_test (tcase, test_kbkdf__counters_and_lengths_overflow);
	tcase_add_test (tcase, test_params__hkdf);
	tcase_add_test (tcase, test_params__kbkdf);
	tcase_add_test (tcase, test_params__tls);
	tcase_add_test (tcase, test_params__tls_mac);
	tcase_add_test (tcase, test_params__tls_keys);
	tcase_add_test (tcase, test_params__ike);
	tcase_add_test (tcase, test_params__concat);
	tcase_add_test (tcase, test_params__passwords);
	tcase_add_test (tcase, test_base__what_it_must_be);
	tcase_add_test (tcase, test_inherit__hidden_keys);
	tcase_add_test (tcase, test_inherit__history);
	tcase_add_test (tcase, test_kbkdf__several_keys);
	tcase_add_test (tcase, test_tls__keys_are_like_their_master);
	tcase_add_test (tcase, test_derive__no_place_for_the_handle);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
