/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ML-KEM, ML-DSA and SLH-DSA: against known answers where libcrypto has them, and not listed where it has
 * not. tests/trixie.sh runs this with a libcrypto that has them.
 */
#include "config.h"

#include <openssl/crypto.h>

#include "token-fixture.h"

#include "mech.h"
#include "mech-vectors-pq.h"

#define VALUE_MAX 4896
#define SIGNATURE_MAX 49856

static const CK_OBJECT_CLASS class_public = CKO_PUBLIC_KEY, class_private = CKO_PRIVATE_KEY,
			     class_secret = CKO_SECRET_KEY;
static CK_BYTE message[] = PQ_MESSAGE, context[] = PQ_CONTEXT;
#define MESSAGE_LEN (sizeof message - 1)
#define CONTEXT_LEN (sizeof context - 1)

/* libcrypto has had them since 3.5. */
static gboolean
expected (void)
{
	return OpenSSL_version_num () >= 0x30500000;
}

static void
ck_hash (const CK_BYTE *bytes, gsize len, const char *hash)
{
	g_autofree char *found = g_compute_checksum_for_data (G_CHECKSUM_SHA256, bytes, len);

	ck_assert_str_eq (found, hash);
}

/* --- keys --- */

static gsize
read_value (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_BYTE *value, gsize room)
{
	CK_ATTRIBUTE attr = { type, value, room };

	ck_ok (p11->C_GetAttributeValue (session, object, &attr, 1));
	return attr.ulValueLen;
}

static CK_RV
create_private (const PqKey *key, const CK_ATTRIBUTE *values, CK_ULONG n_values,
                CK_OBJECT_HANDLE *ret_key)
{
	CK_ATTRIBUTE template[12] = {
		ATTR (CKA_CLASS, class_private), ATTR (CKA_KEY_TYPE, key->type),
		ATTR (CKA_PARAMETER_SET, key->set), ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes),
	};

	memcpy (template + 6, values, n_values * sizeof *values);
	return p11->C_CreateObject (session, template, 6 + n_values, ret_key);
}

static CK_OBJECT_HANDLE
make_private (const PqKey *key)
{
	g_autoptr (GByteArray) bytes = unhex (key->seed != NULL ? key->seed : key->value);
	CK_ATTRIBUTE value = { key->seed != NULL ? CKA_SEED : CKA_VALUE, bytes->data, bytes->len };
	CK_OBJECT_HANDLE object;

	ck_ok (create_private (key, &value, 1, &object));
	return object;
}

/* The public value is the end of the private key's CKA_PUBLIC_KEY_INFO. */
static CK_OBJECT_HANDLE
make_public (const PqKey *key, CK_OBJECT_HANDLE private)
{
	CK_BYTE info[VALUE_MAX];
	gsize len = read_value (private, CKA_PUBLIC_KEY_INFO, info, sizeof info);
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_public),
		ATTR (CKA_KEY_TYPE, key->type),
		ATTR (CKA_PARAMETER_SET, key->set),
		{ CKA_VALUE, info + len - key->public_len, key->public_len },
	};
	CK_OBJECT_HANDLE object;

	ck_assert_uint_gt (len, key->public_len);
	ck_hash (info + len - key->public_len, key->public_len, key->public_hash);
	ck_ok (p11->C_CreateObject (session, template, N (template), &object));
	return object;
}

START_TEST (test_key__of_seed)
{
	static const PqKey *const keys[] = { &pq_ml_kem_512, &pq_ml_kem_768, &pq_ml_kem_1024,
		                             &pq_ml_dsa_44,  &pq_ml_dsa_65,  &pq_ml_dsa_87 };
	CK_BYTE value[VALUE_MAX], seed[64];
	CK_OBJECT_HANDLE private = make_private (keys[_i]), again;
	g_autoptr (GByteArray) given = unhex (keys[_i]->seed);
	gsize len = read_value (private, CKA_VALUE, value, sizeof value);
	CK_ATTRIBUTE values[] = { { CKA_VALUE, value, len },
		                  { CKA_SEED, given->data, given->len } };

	ck_hash (value, len, keys[_i]->private_hash);
	ck_assert_uint_eq (read_value (private, CKA_SEED, seed, sizeof seed), given->len);
	ck_assert_mem_eq (seed, given->data, given->len);
	(void) make_public (keys[_i], private);
	/* The value alone, or with its seed; not with another seed. */
	ck_ok (create_private (keys[_i], values, 1, &again));
	ck_ok (create_private (keys[_i], values, 2, &again));
	given->data[0] ^= 1;
	ck_rv (create_private (keys[_i], values, 2, &again), CKR_ATTRIBUTE_VALUE_INVALID);
	values[1].ulValueLen--;
	ck_rv (create_private (keys[_i], values, 2, &again), CKR_ATTRIBUTE_VALUE_INVALID);
	values[0].ulValueLen--;
	ck_rv (create_private (keys[_i], values, 1, &again), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (create_private (keys[_i], values, 0, &again), CKR_TEMPLATE_INCOMPLETE);
}
END_TEST

START_TEST (test_key__unknown_set)
{
	static const CK_MECHANISM_TYPE generators[] = { CKM_ML_KEM_KEY_PAIR_GEN,
		                                        CKM_ML_DSA_KEY_PAIR_GEN,
		                                        CKM_SLH_DSA_KEY_PAIR_GEN };
	CK_MECHANISM mechanism = { generators[_i], NULL, 0 };
	CK_ULONG set = 13;
	CK_ATTRIBUTE template = ATTR (CKA_PARAMETER_SET, set), not_private = ATTR (CKA_PRIVATE, no);
	CK_OBJECT_HANDLE public, private;
	PqKey key = pq_ml_dsa_44;
	CK_BYTE value[32] = { 1 };
	CK_ATTRIBUTE seed = { CKA_SEED, value, sizeof value };

	ck_rv (p11->C_GenerateKeyPair (session, &mechanism, &template, 1, &not_private, 1, &public,
	                               &private),
	       CKR_PARAMETER_SET_NOT_SUPPORTED);
	ck_rv (p11->C_GenerateKeyPair (session, &mechanism, NULL, 0, &not_private, 1, &public, &private),
	       CKR_TEMPLATE_INCOMPLETE);
	key.set = 13;
	ck_rv (create_private (&key, &seed, 1, &private), CKR_PARAMETER_SET_NOT_SUPPORTED);
}
END_TEST

/* --- signatures --- */

typedef union {
	CK_SIGN_ADDITIONAL_CONTEXT plain;
	CK_HASH_SIGN_ADDITIONAL_CONTEXT hash;
} Param;

static CK_MECHANISM
deterministic (CK_MECHANISM_TYPE type, gboolean with_context, Param *param)
{
	param->plain = (CK_SIGN_ADDITIONAL_CONTEXT){ CKH_DETERMINISTIC_REQUIRED,
		                                     with_context ? context : NULL,
		                                     with_context ? CONTEXT_LEN : 0 };
	return (CK_MECHANISM){ type, &param->plain, sizeof param->plain };
}

static gsize
sign (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *data, gsize len, CK_BYTE *signature)
{
	CK_ULONG signature_len = SIGNATURE_MAX;

	ck_ok (p11->C_SignInit (session, mechanism, key));
	ck_ok (p11->C_Sign (session, data, len, signature, &signature_len));
	return signature_len;
}

static CK_RV
verify (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *data, gsize len, CK_BYTE *signature,
        gsize signature_len)
{
	ck_ok (p11->C_VerifyInit (session, mechanism, key));
	return p11->C_Verify (session, data, len, signature, signature_len);
}

/* With the signature first, in one call and in parts. */
static void
check_signature_first (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *signature, gsize len)
{
	ck_ok (p11->C_VerifySignatureInit (session, mechanism, key, signature, len));
	ck_rv (p11->C_VerifySignatureInit (session, mechanism, key, signature, len),
	       CKR_OPERATION_ACTIVE);
	ck_rv (p11->C_Verify (session, message, MESSAGE_LEN, signature, len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_VerifySignature (session, message, MESSAGE_LEN));
	ck_rv (p11->C_VerifySignature (session, message, MESSAGE_LEN),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_VerifySignatureInit (session, mechanism, key, signature, len));
	ck_ok (p11->C_VerifySignatureUpdate (session, message, 7));
	ck_ok (p11->C_VerifySignatureUpdate (session, message + 7, MESSAGE_LEN - 7));
	ck_ok (p11->C_VerifySignatureFinal (session));
	ck_ok (p11->C_VerifySignatureInit (session, mechanism, key, signature, len));
	ck_rv (p11->C_VerifySignature (session, message, MESSAGE_LEN - 1), CKR_SIGNATURE_INVALID);
	ck_ok (p11->C_VerifySignatureInit (session, mechanism, key, signature, len - 1));
	ck_rv (p11->C_VerifySignature (session, message, MESSAGE_LEN), CKR_SIGNATURE_LEN_RANGE);
	/* An operation of the other kind is not this one. */
	ck_ok (p11->C_VerifyInit (session, mechanism, key));
	ck_rv (p11->C_VerifySignatureUpdate (session, message, 7), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (p11->C_VerifyInit (session, NULL, CK_INVALID_HANDLE));
}

START_TEST (test_signature)
{
	const PqSignature *v = &pq_signatures[_i];
	CK_OBJECT_HANDLE private = make_private (v->key), public = make_public (v->key, private);
	g_autofree CK_BYTE *signature = g_malloc (SIGNATURE_MAX);
	g_autofree CK_BYTE *parts = g_malloc (SIGNATURE_MAX);
	CK_ULONG len = 0, parts_len = SIGNATURE_MAX, asked;
	CK_MECHANISM mechanism;
	Param param;

	mechanism = deterministic (v->mechanism, v->with_context, &param);
	ck_ok (p11->C_SignInit (session, &mechanism, private));
	ck_ok (p11->C_Sign (session, message, MESSAGE_LEN, NULL, &asked));
	len = asked - 1;
	ck_rv (p11->C_Sign (session, message, MESSAGE_LEN, signature, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, asked);
	ck_ok (p11->C_Sign (session, message, MESSAGE_LEN, signature, &len));
	ck_hash (signature, len, v->signature_hash);
	ck_ok (p11->C_SignInit (session, &mechanism, private));
	for (gsize at = 0; at < MESSAGE_LEN; at += 5)
		ck_ok (p11->C_SignUpdate (session, message + at, MIN (5, MESSAGE_LEN - at)));
	ck_ok (p11->C_SignFinal (session, parts, &parts_len));
	ck_assert_uint_eq (parts_len, len);
	ck_assert_mem_eq (parts, signature, len);
	ck_ok (verify (&mechanism, public, message, MESSAGE_LEN, signature, len));
	ck_rv (verify (&mechanism, public, message, MESSAGE_LEN - 1, signature, len),
	       CKR_SIGNATURE_INVALID);
	ck_rv (verify (&mechanism, public, message, MESSAGE_LEN, signature, len - 1),
	       CKR_SIGNATURE_LEN_RANGE);
	signature[len / 2] ^= 1;
	ck_rv (verify (&mechanism, public, message, MESSAGE_LEN, signature, len),
	       CKR_SIGNATURE_INVALID);
	signature[len / 2] ^= 1;
	/* Another context, another signature. */
	mechanism = deterministic (v->mechanism, !v->with_context, &param);
	ck_rv (verify (&mechanism, public, message, MESSAGE_LEN, signature, len),
	       CKR_SIGNATURE_INVALID);
}
END_TEST

/* Without a parameter: hedged, with an empty context; two signatures are not the same. */
START_TEST (test_signature__hedged)
{
	static const PqKey *const keys[] = { &pq_ml_dsa_65, &pq_slh_dsa_shake_128f };
	CK_OBJECT_HANDLE private = make_private (keys[_i]), public = make_public (keys[_i], private);
	g_autofree CK_BYTE *first = g_malloc (SIGNATURE_MAX);
	g_autofree CK_BYTE *second = g_malloc (SIGNATURE_MAX);
	CK_MECHANISM mechanism = { _i == 0 ? CKM_ML_DSA : CKM_SLH_DSA, NULL, 0 };
	gsize len = sign (&mechanism, private, message, MESSAGE_LEN, first);

	ck_assert_uint_eq (sign (&mechanism, private, message, MESSAGE_LEN, second), len);
	ck_assert_mem_ne (first, second, len);
	ck_ok (verify (&mechanism, public, message, MESSAGE_LEN, first, len));
	ck_ok (verify (&mechanism, public, message, MESSAGE_LEN, second, len));
	check_signature_first (&mechanism, public, first, len);
}
END_TEST

/* A digest of the caller's: the same signature as the mechanism that hashes makes. */
START_TEST (test_signature__digest)
{
	static const PqKey *const keys[] = { &pq_ml_dsa_44, &pq_slh_dsa_sha2_128f };
	static const CK_MECHANISM_TYPE hashing[] = { CKM_HASH_ML_DSA_SHA384,
		                                     CKM_HASH_SLH_DSA_SHA384 };
	CK_OBJECT_HANDLE private = make_private (keys[_i]), public = make_public (keys[_i], private);
	g_autofree CK_BYTE *first = g_malloc (SIGNATURE_MAX);
	g_autofree CK_BYTE *second = g_malloc (SIGNATURE_MAX);
	CK_MECHANISM sha384 = { CKM_SHA384, NULL, 0 }, mechanism;
	CK_BYTE digest[48];
	CK_ULONG digest_len = sizeof digest;
	Param param;
	gsize len;

	ck_ok (p11->C_DigestInit (session, &sha384));
	ck_ok (p11->C_Digest (session, message, MESSAGE_LEN, digest, &digest_len));
	mechanism = deterministic (hashing[_i], TRUE, &param);
	len = sign (&mechanism, private, message, MESSAGE_LEN, first);
	param.hash = (CK_HASH_SIGN_ADDITIONAL_CONTEXT){ CKH_DETERMINISTIC_REQUIRED, context,
		                                        CONTEXT_LEN, CKM_SHA384 };
	mechanism = (CK_MECHANISM){ _i == 0 ? CKM_HASH_ML_DSA : CKM_HASH_SLH_DSA, &param.hash,
		                    sizeof param.hash };
	ck_assert_uint_eq (sign (&mechanism, private, digest, digest_len, second), len);
	ck_assert_mem_eq (first, second, len);
	ck_ok (verify (&mechanism, public, digest, digest_len, first, len));
	ck_rv (verify (&mechanism, public, digest, digest_len - 1, first, len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_SignInit (session, &mechanism, private));
	ck_rv (p11->C_SignUpdate (session, digest, digest_len), CKR_FUNCTION_NOT_SUPPORTED);
	ck_ok (p11->C_MessageSignInit (session, &mechanism, private));
	for (int i = 0; i < 2; i++) {
		CK_ULONG again = SIGNATURE_MAX;

		ck_rv (p11->C_SignMessage (session, NULL, 0, digest, 47, second, &again),
		       CKR_DATA_LEN_RANGE);
		ck_ok (p11->C_SignMessage (session, NULL, 0, digest, digest_len, second, &again));
		ck_assert_mem_eq (first, second, len);
	}
	ck_rv (p11->C_SignMessageBegin (session, NULL, 0), CKR_FUNCTION_NOT_SUPPORTED);
	ck_ok (p11->C_MessageSignFinal (session));
	param.hash.hash = CKM_SHA_1;
	ck_rv (p11->C_SignInit (session, &mechanism, private), CKR_MECHANISM_PARAM_INVALID);
	param.hash.hash = CKM_AES_ECB;
	ck_rv (p11->C_SignInit (session, &mechanism, private), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* Message after message, as C_Sign would sign them: an error in one does not touch the next. */
START_TEST (test_signature__messages)
{
	const PqSignature *v = &pq_signatures[_i];
	CK_OBJECT_HANDLE private = make_private (v->key), public = make_public (v->key, private);
	g_autofree CK_BYTE *signature = g_malloc (SIGNATURE_MAX);
	CK_MECHANISM mechanism;
	CK_ULONG len;
	Param param;

	mechanism = deterministic (v->mechanism, v->with_context, &param);
	ck_ok (p11->C_MessageSignInit (session, &mechanism, private));
	ck_ok (p11->C_MessageVerifyInit (session, &mechanism, public));
	for (int i = 0; i < 2; i++) {
		len = SIGNATURE_MAX;
		ck_ok (p11->C_SignMessage (session, NULL, 0, message, 3, signature, &len));
		len = SIGNATURE_MAX;
		ck_ok (p11->C_SignMessage (session, NULL, 0, message, MESSAGE_LEN, signature, &len));
		ck_hash (signature, len, v->signature_hash);
		ck_ok (p11->C_SignMessageBegin (session, NULL, 0));
		ck_ok (p11->C_SignMessageNext (session, NULL, 0, message, 5, NULL, NULL));
		len = SIGNATURE_MAX;
		ck_ok (p11->C_SignMessageNext (session, NULL, 0, message + 5, MESSAGE_LEN - 5,
		                               signature, &len));
		ck_hash (signature, len, v->signature_hash);
		ck_rv (p11->C_VerifyMessage (session, NULL, 0, message, 3, signature, len),
		       CKR_SIGNATURE_INVALID);
		ck_rv (p11->C_VerifyMessage (session, NULL, 0, message, MESSAGE_LEN, signature,
		                             len - 1),
		       CKR_SIGNATURE_LEN_RANGE);
		ck_ok (p11->C_VerifyMessage (session, NULL, 0, message, MESSAGE_LEN, signature,
		                             len));
		ck_ok (p11->C_VerifyMessageBegin (session, NULL, 0));
		ck_ok (p11->C_VerifyMessageNext (session, NULL, 0, message, 7, NULL, 0));
		ck_ok (p11->C_VerifyMessageNext (session, NULL, 0, message + 7, MESSAGE_LEN - 7,
		                                 signature, len));
	}
	ck_ok (p11->C_MessageSignFinal (session));
	ck_ok (p11->C_MessageVerifyFinal (session));
}
END_TEST

START_TEST (test_signature__bad_parameters)
{
	CK_OBJECT_HANDLE private = make_private (&pq_ml_dsa_44),
			 public = make_public (&pq_ml_dsa_44, private);
	CK_BYTE long_context[256] = { 0 };
	CK_MECHANISM mechanism, kem = { CKM_ML_KEM, NULL, 0 }, slh = { CKM_SLH_DSA, NULL, 0 };
	Param param;

	mechanism = deterministic (CKM_ML_DSA, TRUE, &param);
	param.plain.pContext = long_context;
	param.plain.ulContextLen = 255;
	ck_ok (p11->C_SignInit (session, &mechanism, private));
	ck_ok (p11->C_SignInit (session, NULL, CK_INVALID_HANDLE));
	param.plain.ulContextLen = 256;
	ck_rv (p11->C_SignInit (session, &mechanism, private), CKR_MECHANISM_PARAM_INVALID);
	param.plain = (CK_SIGN_ADDITIONAL_CONTEXT){ CKH_HEDGE_PREFERRED, NULL, 1 };
	ck_rv (p11->C_SignInit (session, &mechanism, private), CKR_MECHANISM_PARAM_INVALID);
	param.plain = (CK_SIGN_ADDITIONAL_CONTEXT){ 3, NULL, 0 };
	ck_rv (p11->C_SignInit (session, &mechanism, private), CKR_MECHANISM_PARAM_INVALID);
	/* PKCS#11 3.2, ML-DSA Signature: to verify, the hedge is not looked at. */
	ck_ok (p11->C_VerifyInit (session, &mechanism, public));
	ck_ok (p11->C_VerifyInit (session, NULL, CK_INVALID_HANDLE));
	mechanism.ulParameterLen--;
	ck_rv (p11->C_SignInit (session, &mechanism, private), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (p11->C_SignInit (session, &kem, private), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_SignInit (session, &slh, private), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_SignInit (session, &slh, public), CKR_KEY_TYPE_INCONSISTENT);
}
END_TEST

/* --- key encapsulation --- */

static const CK_ATTRIBUTE secret_template[] = {
	ATTR (CKA_CLASS, class_secret),
	ATTR (CKA_PRIVATE, no),
	ATTR (CKA_SENSITIVE, no),
	ATTR (CKA_EXTRACTABLE, yes),
};
static CK_MECHANISM ml_kem = { CKM_ML_KEM, NULL, 0 };

static CK_RV
decapsulate (CK_OBJECT_HANDLE private, CK_BYTE *ciphertext, gsize len, CK_BYTE *secret)
{
	CK_OBJECT_HANDLE key;
	CK_RV rv = p11->C_DecapsulateKey (session, &ml_kem, private,
	                                  (CK_ATTRIBUTE *) secret_template, N (secret_template),
	                                  ciphertext, len, &key);

	if (rv == CKR_OK)
		ck_assert_uint_eq (read_value (key, CKA_VALUE, secret, 32), 32);
	return rv;
}

START_TEST (test_kem)
{
	const PqSecret *v = &pq_secrets[_i];
	CK_OBJECT_HANDLE private = make_private (v->key), public = make_public (v->key, private), key;
	g_autoptr (GByteArray) ciphertext = unhex (v->ciphertext);
	g_autoptr (GByteArray) expected_secret = unhex (v->secret);
	g_autoptr (GByteArray) rejected = unhex (v->rejected);
	CK_BYTE secret[32], other[32], made[1568];
	CK_ULONG len = 0;

	ck_ok (decapsulate (private, ciphertext->data, ciphertext->len, secret));
	ck_assert_mem_eq (secret, expected_secret->data, 32);
	ciphertext->data[0] ^= 1;
	ck_ok (decapsulate (private, ciphertext->data, ciphertext->len, secret));
	ck_assert_mem_eq (secret, rejected->data, 32);
	ck_rv (decapsulate (private, ciphertext->data, ciphertext->len - 1, secret),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	ck_ok (p11->C_EncapsulateKey (session, &ml_kem, public, (CK_ATTRIBUTE *) secret_template,
	                              N (secret_template), NULL, &len, &key));
	ck_assert_uint_eq (len, ciphertext->len);
	len--;
	ck_rv (p11->C_EncapsulateKey (session, &ml_kem, public, (CK_ATTRIBUTE *) secret_template,
	                              N (secret_template), made, &len, &key),
	       CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, ciphertext->len);
	ck_ok (p11->C_EncapsulateKey (session, &ml_kem, public, (CK_ATTRIBUTE *) secret_template,
	                              N (secret_template), made, &len, &key));
	ck_assert_uint_eq (read_value (key, CKA_VALUE, secret, 32), 32);
	ck_ok (decapsulate (private, made, len, other));
	ck_assert_mem_eq (secret, other, 32);
}
END_TEST

START_TEST (test_kem__keys)
{
	static const CK_KEY_TYPE aes = CKK_AES;
	static const CK_ULONG sixteen = 16, many = 33;
	CK_OBJECT_HANDLE private = make_private (&pq_ml_kem_768), key,
			 public = make_public (&pq_ml_kem_768, private),
			 signer = make_private (&pq_ml_dsa_44);
	CK_ATTRIBUTE template[6] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_SENSITIVE, no),
		                     ATTR (CKA_EXTRACTABLE, yes), ATTR (CKA_KEY_TYPE, aes),
		                     ATTR (CKA_VALUE_LEN, sixteen) };
	CK_ATTRIBUTE forbid = ATTR (CKA_ENCAPSULATE, no);
	CK_BYTE made[1568], value[32];
	CK_BBOOL local, always;
	CK_ATTRIBUTE origin[] = { ATTR (CKA_LOCAL, local), ATTR (CKA_ALWAYS_SENSITIVE, always) };
	CK_BBOOL extractable[2] = { CK_FALSE };
	CK_ATTRIBUTE taken[] = { ATTR (CKA_EXTRACTABLE, extractable[0]), ATTR (CKA_EXTRACTABLE, extractable[1]) };
	CK_ULONG len = sizeof made;

	ck_ok (p11->C_EncapsulateKey (session, &ml_kem, public, template, 5, made, &len, &key));
	ck_assert_uint_eq (read_value (key, CKA_VALUE, value, sizeof value), 16);
	ck_ok (p11->C_GetAttributeValue (session, key, origin, N (origin)));
	ck_assert (!local && !always);
	/* C_EncapsulateKey, C_DecapsulateKey: extractable if the template does not say. */
	ck_ok (p11->C_EncapsulateKey (session, &ml_kem, public, template, 2, made, &len, &key));
	ck_ok (p11->C_GetAttributeValue (session, key, &taken[0], 1));
	ck_ok (p11->C_DecapsulateKey (session, &ml_kem, private, template, 2, made, len, &key));
	ck_ok (p11->C_GetAttributeValue (session, key, &taken[1], 1));
	ck_assert (extractable[0] && extractable[1]);
	template[4] = (CK_ATTRIBUTE) ATTR (CKA_VALUE_LEN, many);
	ck_rv (p11->C_EncapsulateKey (session, &ml_kem, public, template, 5, made, &len, &key),
	       CKR_TEMPLATE_INCONSISTENT);
	ck_rv (p11->C_EncapsulateKey (session, &ml_kem, private, template, 4, made, &len, &key),
	       CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_DecapsulateKey (session, &ml_kem, public, template, 4, made, len, &key),
	       CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_DecapsulateKey (session, &ml_kem, signer, template, 4, made, len, &key),
	       CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_DecapsulateKey (session, &ml_kem, CK_INVALID_HANDLE, template, 4, made, len,
	                              &key),
	       CKR_UNWRAPPING_KEY_HANDLE_INVALID);
	ck_ok (p11->C_SetAttributeValue (session, public, &forbid, 1));
	ck_rv (p11->C_EncapsulateKey (session, &ml_kem, public, template, 4, made, &len, &key),
	       CKR_KEY_FUNCTION_NOT_PERMITTED);
}
END_TEST

/* A copy of a key that begins or ends far from today. */
static CK_OBJECT_HANDLE
copy_dated (CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type, const char *day)
{
	CK_ATTRIBUTE date = { type, (void *) day, sizeof (CK_DATE) };
	CK_OBJECT_HANDLE copy;

	ck_ok (p11->C_CopyObject (session, key, &date, 1, &copy));
	return copy;
}

/* Encapsulation makes something, decapsulation reads it: SP 800-57 part 1, 5.3. */
START_TEST (test_kem__days)
{
	static const struct {
		CK_ATTRIBUTE_TYPE type;
		const char *day;
		CK_RV encapsulates, decapsulates;
	} rows[] = {
		{ CKA_START_DATE, "20010101", CKR_OK, CKR_OK },
		{ CKA_END_DATE, "29990101", CKR_OK, CKR_OK },
		{ CKA_START_DATE, "29990101", CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_KEY_FUNCTION_NOT_PERMITTED },
		{ CKA_END_DATE, "20010101", CKR_KEY_FUNCTION_NOT_PERMITTED, CKR_OK },
	};
	CK_OBJECT_HANDLE private = make_private (&pq_ml_kem_512), public = make_public (&pq_ml_kem_512, private), key;
	g_autoptr (GByteArray) ciphertext = unhex (pq_secrets[0].ciphertext);
	CK_BYTE made[1568], secret[32];

	for (gsize i = 0; i < N (rows); i++) {
		CK_OBJECT_HANDLE dated_public = copy_dated (public, rows[i].type, rows[i].day);
		CK_OBJECT_HANDLE dated_private = copy_dated (private, rows[i].type, rows[i].day);
		CK_ULONG len = sizeof made;

		ck_rv (p11->C_EncapsulateKey (session, &ml_kem, dated_public, (CK_ATTRIBUTE *) secret_template,
		                              N (secret_template), made, &len, &key),
		       rows[i].encapsulates);
		ck_rv (decapsulate (dated_private, ciphertext->data, ciphertext->len, secret), rows[i].decapsulates);
	}
}
END_TEST

/* CKA_DECAPSULATE_TEMPLATE binds. */
START_TEST (test_kem__template)
{
	CK_ATTRIBUTE bound[] = { ATTR (CKA_EXTRACTABLE, no) };
	CK_ATTRIBUTE nested = { CKA_DECAPSULATE_TEMPLATE, bound, sizeof bound };
	g_autoptr (GByteArray) seed = unhex (pq_ml_kem_512.seed);
	g_autoptr (GByteArray) ciphertext = unhex (pq_secrets[0].ciphertext);
	CK_ATTRIBUTE values[] = { { CKA_SEED, seed->data, seed->len }, nested };
	CK_OBJECT_HANDLE private, key;
	CK_BYTE secret[32];
	CK_BBOOL extractable = CK_TRUE;
	CK_ATTRIBUTE attr = ATTR (CKA_EXTRACTABLE, extractable);

	ck_ok (create_private (&pq_ml_kem_512, values, 2, &private));
	ck_rv (decapsulate (private, ciphertext->data, ciphertext->len, secret),
	       CKR_TEMPLATE_INCONSISTENT);
	ck_ok (p11->C_DecapsulateKey (session, &ml_kem, private, (CK_ATTRIBUTE *) secret_template,
	                              3, ciphertext->data, ciphertext->len, &key));
	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	ck_assert (!extractable);
}
END_TEST

/* --- generation, wrapping --- */

static const struct {
	CK_MECHANISM_TYPE generator, use;
	CK_ULONG n_sets;
} families[] = {
	{ CKM_ML_KEM_KEY_PAIR_GEN, CKM_ML_KEM, 3 },
	{ CKM_ML_DSA_KEY_PAIR_GEN, CKM_ML_DSA, 3 },
	{ CKM_SLH_DSA_KEY_PAIR_GEN, CKM_SLH_DSA, 12 },
};

static void
check_use (CK_MECHANISM_TYPE use, CK_OBJECT_HANDLE public, CK_OBJECT_HANDLE private)
{
	g_autofree CK_BYTE *signature = g_malloc (SIGNATURE_MAX);
	CK_MECHANISM mechanism = { use, NULL, 0 };
	CK_BYTE secret[32], other[32];
	CK_OBJECT_HANDLE key;
	CK_ULONG len = SIGNATURE_MAX;

	if (use != CKM_ML_KEM) {
		len = sign (&mechanism, private, message, MESSAGE_LEN, signature);
		ck_ok (verify (&mechanism, public, message, MESSAGE_LEN, signature, len));
		return;
	}
	ck_ok (p11->C_EncapsulateKey (session, &ml_kem, public, (CK_ATTRIBUTE *) secret_template,
	                              N (secret_template), signature, &len, &key));
	ck_assert_uint_eq (read_value (key, CKA_VALUE, secret, 32), 32);
	ck_ok (decapsulate (private, signature, len, other));
	ck_assert_mem_eq (secret, other, 32);
}

static CK_OBJECT_HANDLE
unwrap_again (CK_OBJECT_HANDLE private, CK_KEY_TYPE type)
{
	static CK_BYTE kek[32] = { 1 };
	CK_OBJECT_HANDLE wrapping = make_secret (CKK_AES, kek, sizeof kek, NULL, 0), back;
	CK_MECHANISM mechanism = { CKM_AES_KEY_WRAP_KWP, NULL, 0 };
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_private), ATTR (CKA_KEY_TYPE, type),
		                    ATTR (CKA_PRIVATE, no) };
	CK_BYTE wrapped[2 * VALUE_MAX];
	CK_ULONG len = sizeof wrapped;

	ck_ok (p11->C_WrapKey (session, &mechanism, wrapping, private, wrapped, &len));
	ck_ok (p11->C_UnwrapKey (session, &mechanism, wrapping, wrapped, len, template,
	                         N (template), &back));
	return back;
}

START_TEST (test_generation)
{
	for (CK_ULONG set = 1; set <= families[_i].n_sets; set++) {
		CK_MECHANISM mechanism = { families[_i].generator, NULL, 0 };
		CK_ATTRIBUTE public_template[] = { ATTR (CKA_PARAMETER_SET, set),
			                           ATTR (CKA_PRIVATE, no) };
		CK_ATTRIBUTE private_template[] = { ATTR (CKA_PRIVATE, no),
			                            ATTR (CKA_EXTRACTABLE, yes) };
		CK_OBJECT_HANDLE public, private;
		CK_KEY_TYPE type;
		CK_ATTRIBUTE attr = ATTR (CKA_KEY_TYPE, type);

		ck_ok (p11->C_GenerateKeyPair (session, &mechanism, public_template, 2,
		                               private_template, 2, &public, &private));
		check_use (families[_i].use, public, private);
		ck_ok (p11->C_GetAttributeValue (session, private, &attr, 1));
		check_use (families[_i].use, public, unwrap_again (private, type));
	}
}
END_TEST

/* --- what is listed --- */

/* How many of the vectors are of this mechanism. */
static gsize
n_vectors (CK_MECHANISM_TYPE type)
{
	gsize n = type == CKM_ML_KEM ? N (pq_secrets) : 0;

	/* The caller's digest: test_signature__digest. */
	if (type == CKM_HASH_ML_DSA || type == CKM_HASH_SLH_DSA)
		n = 1;
	for (gsize i = 0; i < N (pq_signatures); i++)
		n += pq_signatures[i].mechanism == type;
	for (gsize i = 0; i < N (families); i++)
		n += families[i].generator == type;
	return n;
}

START_TEST (test_list)
{
	CK_MECHANISM_TYPE types[1024];
	CK_ULONG n = N (types), n_slots = 1, n_listed = 0;
	CK_SLOT_ID slot;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots));
	ck_ok (p11->C_GetMechanismList (slot, types, &n));
	for (CK_ULONG i = 0; i < n; i++) {
		if (!is_post_quantum (types[i]))
			continue;
		n_listed++;
		ck_assert_msg (n_vectors (types[i]) > 0, "mechanism 0x%lx: no answer", types[i]);
	}
	ck_assert_uint_eq (n_listed, expected () ? 3 + 1 + 2 * 10 : 0);
}
END_TEST

/* PKCS#11 3.2: the sizes in CK_MECHANISM_INFO are those of the public keys, in bytes. */
START_TEST (test_sizes)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		CK_ULONG least, most;
	} rows[] = {
		{ CKM_ML_KEM_KEY_PAIR_GEN, 800, 1568 },  { CKM_ML_KEM, 800, 1568 },
		{ CKM_ML_DSA_KEY_PAIR_GEN, 1312, 2592 }, { CKM_ML_DSA, 1312, 2592 },
		{ CKM_HASH_ML_DSA, 1312, 2592 },         { CKM_HASH_ML_DSA_SHA3_512, 1312, 2592 },
		{ CKM_SLH_DSA_KEY_PAIR_GEN, 32, 64 },    { CKM_SLH_DSA, 32, 64 },
		{ CKM_HASH_SLH_DSA, 32, 64 },            { CKM_HASH_SLH_DSA_SHA256, 32, 64 },
	};

	for (gsize i = 0; i < N (rows); i++) {
		const CratonMech *mech = craton_mech_row (rows[i].type);

		ck_assert_msg (mech->min_size == rows[i].least && mech->max_size == rows[i].most,
		               "row %zu", i);
	}
}
END_TEST

/* Where libcrypto lacks them nothing can be done with them. */
START_TEST (test_absent)
{
	CK_MECHANISM mechanism = { families[_i].generator, NULL, 0 }, use = { families[_i].use };
	CK_ULONG set = 1;
	CK_ATTRIBUTE template = ATTR (CKA_PARAMETER_SET, set);
	CK_OBJECT_HANDLE public, private;
	CK_BYTE made[2000];
	CK_ULONG len = sizeof made;

	ck_rv (p11->C_GenerateKeyPair (session, &mechanism, &template, 1, NULL, 0, &public,
	                               &private),
	       CKR_MECHANISM_INVALID);
	ck_rv (p11->C_SignInit (session, &use, 1), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_EncapsulateKey (session, &use, 1, NULL, 0, made, &len, &public),
	       CKR_MECHANISM_INVALID);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-pq");
	TCase *tcase = tcase_create ("mech-pq");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_list);
	tcase_add_test (tcase, test_sizes);
	if (expected ()) {
		tcase_add_loop_test (tcase, test_key__of_seed, 0, 6);
		tcase_add_loop_test (tcase, test_key__unknown_set, 0, 3);
		tcase_add_loop_test (tcase, test_signature, 0, (int) N (pq_signatures));
		tcase_add_loop_test (tcase, test_signature__messages, 0, (int) N (pq_signatures));
		tcase_add_loop_test (tcase, test_signature__hedged, 0, 2);
		tcase_add_loop_test (tcase, test_signature__digest, 0, 2);
		tcase_add_test (tcase, test_signature__bad_parameters);
		tcase_add_loop_test (tcase, test_kem, 0, (int) N (pq_secrets));
		tcase_add_test (tcase, test_kem__keys);
		tcase_add_test (tcase, test_kem__days);
		tcase_add_test (tcase, test_kem__template);
		tcase_add_loop_test (tcase, test_generation, 0, (int) N (families));
	} else {
		tcase_add_loop_test (tcase, test_absent, 0, (int) N (families));
	}
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
