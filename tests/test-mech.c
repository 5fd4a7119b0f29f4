/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every mechanism against known answers; generated keys against what they must be like. A mechanism
 * without a known answer fails.
 */
#include "config.h"

#include "mech-runner.h"

#include "mech-vectors-all.h"

START_TEST (test_vector)
{
	run_vector (vector_at ((gsize) _i));
}
END_TEST

/* --- generation: no answer is known, but what an answer must be like --- */

typedef struct {
	CK_MECHANISM_TYPE type;
	CK_KEY_TYPE key_type;
	CK_ULONG natural_len; /* if the template says nothing; 0: it must */
	CK_ULONG lens[3];     /* that it may say */
} Secret;

static const Secret secrets[] = {
	{ CKM_AES_KEY_GEN, CKK_AES, 0, { 16, 24, 32 } },
	{ CKM_AES_XTS_KEY_GEN, CKK_AES_XTS, 0, { 32, 64 } },
	{ CKM_CAMELLIA_KEY_GEN, CKK_CAMELLIA, 0, { 16, 24, 32 } },
	{ CKM_CHACHA20_KEY_GEN, CKK_CHACHA20, 32, { 0 } },
	{ CKM_POLY1305_KEY_GEN, CKK_POLY1305, 32, { 0 } },
	{ CKM_DES_KEY_GEN, CKK_DES, 8, { 0 } },
	{ CKM_DES2_KEY_GEN, CKK_DES2, 16, { 0 } },
	{ CKM_DES3_KEY_GEN, CKK_DES3, 24, { 0 } },
	{ CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, 0, { 1, 20, 1024 } },
	{ CKM_HKDF_KEY_GEN, CKK_HKDF, 0, { 1, 32, 64 } },
	{ CKM_HOTP_KEY_GEN, CKK_HOTP, 20, { 16, 64 } },
	{ CKM_SHA_1_KEY_GEN, CKK_SHA_1_HMAC, 20, { 14, 64 } },
	{ CKM_SHA224_KEY_GEN, CKK_SHA224_HMAC, 28, { 14, 64 } },
	{ CKM_SHA256_KEY_GEN, CKK_SHA256_HMAC, 32, { 14, 64 } },
	{ CKM_SHA384_KEY_GEN, CKK_SHA384_HMAC, 48, { 14, 64 } },
	{ CKM_SHA512_KEY_GEN, CKK_SHA512_HMAC, 64, { 14, 128 } },
	{ CKM_SHA512_224_KEY_GEN, CKK_SHA512_224_HMAC, 28, { 14, 128 } },
	{ CKM_SHA512_256_KEY_GEN, CKK_SHA512_256_HMAC, 32, { 14, 128 } },
	{ CKM_SHA3_224_KEY_GEN, CKK_SHA3_224_HMAC, 28, { 14, 144 } },
	{ CKM_SHA3_256_KEY_GEN, CKK_SHA3_256_HMAC, 32, { 14, 136 } },
	{ CKM_SHA3_384_KEY_GEN, CKK_SHA3_384_HMAC, 48, { 14, 104 } },
	{ CKM_SHA3_512_KEY_GEN, CKK_SHA3_512_HMAC, 64, { 14, 72 } },
};

/* @asked 0: the template names no length. */
static CK_RV
generate_secret (const Secret *secret, CK_ULONG asked, CK_OBJECT_HANDLE *ret_key)
{
	const CK_ATTRIBUTE template[] = {
		ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no),
		ATTR (CKA_EXTRACTABLE, yes),
		ATTR (CKA_VALUE_LEN, asked),
	};
	CK_MECHANISM mechanism = { secret->type, NULL, 0 };

	return p11->C_GenerateKey (session, &mechanism, (CK_ATTRIBUTE *) template,
	                           asked == 0 ? 3 : 4, ret_key);
}

static void
check_generated_secret (const Secret *secret, CK_ULONG asked, CK_ULONG value_len)
{
	CK_BYTE value[2][ROOM];
	CK_KEY_TYPE made_type;
	CK_OBJECT_HANDLE key;

	for (int i = 0; i < 2; i++) {
		CK_ATTRIBUTE attrs[] = { { CKA_VALUE, value[i], ROOM },
			                 ATTR (CKA_KEY_TYPE, made_type) };

		ck_ok (generate_secret (secret, asked, &key));
		ck_ok (p11->C_GetAttributeValue (session, key, attrs, 2));
		ck_assert_uint_eq (attrs[0].ulValueLen, value_len);
		ck_assert_uint_eq (made_type, secret->key_type);
	}
	if (value_len > 4)
		ck_assert_mem_ne (value[0], value[1], value_len);
}

START_TEST (test_generation__secret)
{
	const Secret *secret = &secrets[_i];
	CK_OBJECT_HANDLE key;

	for (gsize i = 0; i < N (secret->lens) && secret->lens[i] > 0; i++)
		check_generated_secret (secret, secret->lens[i], secret->lens[i]);
	if (secret->natural_len > 0)
		check_generated_secret (secret, 0, secret->natural_len);
	else
		ck_rv (generate_secret (secret, 0, &key), CKR_TEMPLATE_INCOMPLETE);
	/* A type that says the length has no attribute for it, or one that only tells. */
	if (secret->key_type == CKK_CHACHA20 || secret->key_type == CKK_POLY1305) {
		CK_ULONG told = 0;
		CK_ATTRIBUTE value_len = ATTR (CKA_VALUE_LEN, told);

		check_generated_secret (secret, secret->natural_len, secret->natural_len);
		ck_rv (generate_secret (secret, 16, &key), CKR_TEMPLATE_INCONSISTENT);
		ck_ok (generate_secret (secret, 0, &key));
		ck_ok (p11->C_GetAttributeValue (session, key, &value_len, 1));
		ck_assert_uint_eq (told, secret->natural_len);
	} else if (secret->lens[0] == 0)
		ck_rv (generate_secret (secret, secret->natural_len, &key),
		       CKR_TEMPLATE_INCONSISTENT);
	else
		ck_rv (generate_secret (secret, 4097, &key), CKR_ATTRIBUTE_VALUE_INVALID);
}
END_TEST

/* A pair signs and verifies, and does so only with its own other half. */
static void
check_pair (CK_MECHANISM_TYPE type, const CK_ATTRIBUTE *public_extra, CK_ULONG n_extra,
            CK_MECHANISM_TYPE sign_type, CK_ULONG signature_len)
{
	CK_ATTRIBUTE public_template[8] = { ATTR (CKA_VERIFY, yes), ATTR (CKA_PRIVATE, no) };
	const CK_ATTRIBUTE private_template[] = { ATTR (CKA_SIGN, yes), ATTR (CKA_PRIVATE, no),
		                                  ATTR (CKA_SENSITIVE, no),
		                                  ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM mechanism = { type, NULL, 0 }, sign = { sign_type, NULL, 0 };
	g_autoptr (GByteArray) data = unhex ("00112233445566778899aabbccddeeff");
	CK_OBJECT_HANDLE public[2], private[2];
	CK_BYTE signature[ROOM];

	memcpy (public_template + 2, public_extra, n_extra * sizeof (CK_ATTRIBUTE));
	for (int i = 0; i < 2; i++) {
		CK_ULONG len = sizeof signature;

		ck_ok (p11->C_GenerateKeyPair (session, &mechanism, public_template, 2 + n_extra,
		                               (CK_ATTRIBUTE *) private_template,
		                               N (private_template), &public[i], &private[i]));
		ck_ok (p11->C_SignInit (session, &sign, private[i]));
		ck_ok (p11->C_Sign (session, data->data, data->len, signature, &len));
		ck_assert_uint_eq (len, signature_len);
		ck_ok (verify (&sign, public[i], data, signature, len));
	}
	ck_rv (verify (&sign, public[0], data, signature, signature_len), CKR_SIGNATURE_INVALID);
}

static void
generate_rsa (void)
{
	static const CK_ULONG bits = 2048;
	static const CK_BYTE three[] = { 0x03 }, f4[] = { 0x00, 0x01, 0x00, 0x01 };
	const CK_ATTRIBUTE plain[] = { ATTR (CKA_MODULUS_BITS, bits) };
	const CK_ATTRIBUTE small[] = { ATTR (CKA_MODULUS_BITS, bits),
		                       ATTR (CKA_PUBLIC_EXPONENT, three) };
	const CK_ATTRIBUTE padded[] = { ATTR (CKA_MODULUS_BITS, bits),
		                        ATTR (CKA_PUBLIC_EXPONENT, f4) };

	check_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, plain, 1, CKM_SHA256_RSA_PKCS, 256);
	check_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, small, 2, CKM_SHA256_RSA_PKCS, 256);
	check_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, padded, 2, CKM_SHA256_RSA_PKCS, 256);
}

static void
check_curve (CK_MECHANISM_TYPE type, const char *params_hex, CK_MECHANISM_TYPE sign_type,
             CK_ULONG signature_len)
{
	g_autoptr (GByteArray) params = unhex (params_hex);
	const CK_ATTRIBUTE extra = { CKA_EC_PARAMS, params->data, params->len };

	check_pair (type, &extra, 1, sign_type, signature_len);
}

static void
generate_ec (void)
{
	static const TestKey *const keys[] = { &own_p192,      &own_p224,  &own_p256,
		                               &own_p384,      &own_p521,  &own_secp256k1,
		                               &own_bp256,     &own_bp384, &own_bp512 };

	for (gsize i = 0; i < N (keys); i++)
		check_curve (CKM_EC_KEY_PAIR_GEN, keys[i]->params, CKM_ECDSA_SHA3_256,
		             strlen (keys[i]->value));
	/* PrintableString "secp384r1" */
	check_curve (CKM_EC_KEY_PAIR_GEN, "1309736563703338347231", CKM_ECDSA_SHA512, 96);
}

static void
generate_edwards (void)
{
	check_curve (CKM_EC_EDWARDS_KEY_PAIR_GEN, "06032b6570", CKM_EDDSA, 64);
	/* PrintableString "edwards25519" */
	check_curve (CKM_EC_EDWARDS_KEY_PAIR_GEN, "130c656477617264733235353139", CKM_EDDSA, 64);
	check_curve (CKM_EC_EDWARDS_KEY_PAIR_GEN, "06032b6571", CKM_EDDSA, 114);
	/* PrintableString "edwards448" */
	check_curve (CKM_EC_EDWARDS_KEY_PAIR_GEN, "130a65647761726473343438", CKM_EDDSA, 114);
}

/* Two pairs agree on a secret that a third does not have. */
static void
check_agreement (const char *params_hex, CK_ULONG len)
{
	g_autoptr (GByteArray) params = unhex (params_hex);
	const CK_ATTRIBUTE public_template[] = { { CKA_EC_PARAMS, params->data, params->len },
		                                 ATTR (CKA_PRIVATE, no) };
	const CK_ATTRIBUTE private_template[] = { ATTR (CKA_DERIVE, yes), ATTR (CKA_PRIVATE, no) };
	const CK_ATTRIBUTE derived[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_SENSITIVE, no),
		                         ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM generate = { CKM_EC_MONTGOMERY_KEY_PAIR_GEN, NULL, 0 };
	CK_OBJECT_HANDLE public[3], private[3], key;
	CK_BYTE point[3][ROOM], secret[3][ROOM];

	for (int i = 0; i < 3; i++) {
		CK_ATTRIBUTE attr = { CKA_EC_POINT, point[i], ROOM };

		ck_ok (p11->C_GenerateKeyPair (session, &generate, (CK_ATTRIBUTE *) public_template,
		                               2, (CK_ATTRIBUTE *) private_template, 2, &public[i],
		                               &private[i]));
		ck_ok (p11->C_GetAttributeValue (session, public[i], &attr, 1));
		/* In DER. */
		ck_assert_uint_eq (attr.ulValueLen, len + 2);
	}
	for (int i = 0; i < 3; i++) {
		CK_BYTE *peer = point[i == 0 ? 1 : 0];
		CK_ECDH1_DERIVE_PARAMS params_of_it = { CKD_NULL, 0, NULL, len + 2, peer };
		CK_MECHANISM derive = { CKM_ECDH1_DERIVE, &params_of_it, sizeof params_of_it };
		CK_ATTRIBUTE attr = { CKA_VALUE, secret[i], ROOM };

		ck_ok (p11->C_DeriveKey (session, &derive, private[i], (CK_ATTRIBUTE *) derived, 3,
		                         &key));
		ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
		ck_assert_uint_eq (attr.ulValueLen, len);
	}
	ck_assert_mem_eq (secret[0], secret[1], len);
	ck_assert_mem_ne (secret[0], secret[2], len);
}

static void
generate_montgomery (void)
{
	check_agreement ("06032b656e", 32);
	check_agreement ("06032b656f", 56);
	/* PrintableString "curve25519" */
	check_agreement ("130a63757276653235353139", 32);
}

static void
generate_dsa (void)
{
	g_autoptr (GByteArray) p = unhex (own_dsa_1024.prime), q = unhex (own_dsa_1024.subprime),
			       g = unhex (own_dsa_1024.base);
	const CK_ATTRIBUTE extra[] = { { CKA_PRIME, p->data, p->len },
		                       { CKA_SUBPRIME, q->data, q->len },
		                       { CKA_BASE, g->data, g->len } };

	check_pair (CKM_DSA_KEY_PAIR_GEN, extra, 3, CKM_DSA_SHA256, 40);
	/* With a zero in front it is the same number, and stays as it is written. */
	g_byte_array_prepend (p, (const guint8 *) "", 1);
	check_pair (CKM_DSA_KEY_PAIR_GEN,
	            (CK_ATTRIBUTE[]){ { CKA_PRIME, p->data, p->len }, extra[1], extra[2] }, 3,
	            CKM_DSA_SHA256, 40);
}

/* Parameters of a length, as an object; a pair is made from them. */
static void
check_params (CK_MECHANISM_TYPE type, CK_ULONG bits, CK_ULONG subprime_bits,
              CK_MECHANISM_TYPE pair_type)
{
	static const CK_OBJECT_CLASS class = CKO_DOMAIN_PARAMETERS;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_PRIME_BITS, bits) };
	CK_MECHANISM mechanism = { type, NULL, 0 }, pair = { pair_type, NULL, 0 };
	CK_BYTE p[ROOM], q[ROOM], g[ROOM];
	CK_ULONG q_bits = 0;
	CK_BBOOL local = CK_FALSE;
	CK_ATTRIBUTE made[] = { { CKA_PRIME, p, ROOM },
		                { CKA_BASE, g, ROOM },
		                ATTR (CKA_LOCAL, local),
		                { CKA_SUBPRIME, q, ROOM },
		                ATTR (CKA_SUBPRIME_BITS, q_bits) };
	CK_ULONG n = subprime_bits > 0 ? 5 : 3;
	CK_OBJECT_HANDLE params, public, private;

	ck_ok (p11->C_GenerateKey (session, &mechanism, template, 2, &params));
	ck_ok (p11->C_GetAttributeValue (session, params, made, n));
	ck_assert_uint_eq (made[0].ulValueLen, bits / 8);
	ck_assert_uint_eq (q_bits, subprime_bits);
	ck_assert (local);
	made[2] = made[3];
	ck_ok (p11->C_GenerateKeyPair (session, &pair, made, subprime_bits > 0 ? 3 : 2,
	                               (CK_ATTRIBUTE[]){ ATTR (CKA_PRIVATE, no) }, 1, &public,
	                               &private));
	bits = 777;
	ck_rv (p11->C_GenerateKey (session, &mechanism, template, 2, &params),
	       CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (p11->C_GenerateKey (session, &mechanism, template, 1, &params),
	       CKR_TEMPLATE_INCOMPLETE);
}

static void
generate_dsa_params (void)
{
	check_params (CKM_DSA_PARAMETER_GEN, 1024, 160, CKM_DSA_KEY_PAIR_GEN);
}

static void
generate_dh_params (void)
{
	check_params (CKM_DH_PKCS_PARAMETER_GEN, 2048, 0, CKM_DH_PKCS_KEY_PAIR_GEN);
	check_params (CKM_DH_PKCS_PARAMETER_GEN, 8192, 0, CKM_DH_PKCS_KEY_PAIR_GEN);
}

/* Two pairs come to one secret, in a group that libcrypto knows and in one that it does not. */
static void
generate_dh (void)
{
	static const TestKey *const keys[] = { &own_dh_1024, &own_dh_2048 };

	for (gsize i = 0; i < N (keys); i++) {
		g_autoptr (GByteArray) p = unhex (keys[i]->prime), g = unhex (keys[i]->base);
		const CK_ULONG bits = 300;
		CK_ATTRIBUTE template[] = { { CKA_PRIME, p->data, p->len },
			                    { CKA_BASE, g->data, g->len },
			                    ATTR (CKA_PRIVATE, no) };
		CK_ATTRIBUTE hidden[] = { ATTR (CKA_DERIVE, yes), ATTR (CKA_PRIVATE, no),
			                  ATTR (CKA_VALUE_BITS, bits) };
		CK_MECHANISM generate = { CKM_DH_PKCS_KEY_PAIR_GEN, NULL, 0 };
		CK_OBJECT_HANDLE public[2], private[2], key;
		CK_BYTE value[2][ROOM], secret[2][ROOM];
		CK_ULONG len = p->len;

		for (int j = 0; j < 2; j++) {
			CK_ATTRIBUTE attr = { CKA_VALUE, value[j], ROOM };

			ck_ok (p11->C_GenerateKeyPair (session, &generate, template, 3, hidden,
			                               2 + j * (i == 0), &public[j], &private[j]));
			ck_ok (p11->C_GetAttributeValue (session, public[j], &attr, 1));
			len = attr.ulValueLen;
			memmove (value[j] + p->len - len, value[j], len);
			memset (value[j], 0, p->len - len);
		}
		for (int j = 0; j < 2; j++) {
			CK_MECHANISM derive = { CKM_DH_PKCS_DERIVE, value[1 - j], p->len };
			CK_ATTRIBUTE attr = { CKA_VALUE, secret[j], ROOM };

			ck_ok (p11->C_DeriveKey (session, &derive, private[j],
			                         (CK_ATTRIBUTE[]){ ATTR (CKA_PRIVATE, no),
			                                           ATTR (CKA_SENSITIVE, no),
			                                           ATTR (CKA_EXTRACTABLE, yes) },
			                         3, &key));
			ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
			ck_assert_uint_eq (attr.ulValueLen, p->len);
		}
		ck_assert_mem_eq (secret[0], secret[1], p->len);
	}
}

static const struct {
	CK_MECHANISM_TYPE type;
	void (*check) (void);
} generations[] = {
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, generate_rsa },
	{ CKM_EC_KEY_PAIR_GEN, generate_ec },
	{ CKM_EC_EDWARDS_KEY_PAIR_GEN, generate_edwards },
	{ CKM_EC_MONTGOMERY_KEY_PAIR_GEN, generate_montgomery },
	{ CKM_DSA_KEY_PAIR_GEN, generate_dsa },
	{ CKM_DSA_PARAMETER_GEN, generate_dsa_params },
	{ CKM_DH_PKCS_PARAMETER_GEN, generate_dh_params },
	{ CKM_DH_PKCS_KEY_PAIR_GEN, generate_dh },
};

START_TEST (test_generation)
{
	generations[_i].check ();
}
END_TEST

/* --- all rows --- */

static CK_FLAGS
flags_tested (CK_MECHANISM_TYPE type)
{
	static const CK_FLAGS by_what[] = {
		[CRYPT] = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,
		[DECRYPT] = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,
		[DIGEST] = CKF_DIGEST,
		[SIGN] = CKF_SIGN | CKF_VERIFY,
		[VERIFY] = CKF_SIGN | CKF_VERIFY,
		[RECOVER] = CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER,
		[DERIVE] = CKF_DERIVE,
		[DERIVE_DATA] = CKF_DERIVE,
		[KEY_MAT] = CKF_DERIVE,
		[PUBLIC_HALF] = CKF_DERIVE,
		[UNWRAP] = CKF_WRAP | CKF_UNWRAP,
		[GENERATE] = CKF_GENERATE,
	};
	CK_FLAGS flags = 0;

	for (gsize i = 0; vector_at (i) != NULL; i++)
		if (vector_at (i)->mechanism == type)
			flags |= by_what[vector_at (i)->what];
	for (gsize i = 0; i < N (generations); i++)
		if (generations[i].type == type)
			flags |= CKF_GENERATE | CKF_GENERATE_KEY_PAIR;
	for (gsize i = 0; i < N (secrets); i++)
		if (secrets[i].type == type)
			flags |= CKF_GENERATE;
	return flags;
}

START_TEST (test_rows__all_have_answers)
{
	const CK_FLAGS uses = CKF_ENCRYPT | CKF_DECRYPT | CKF_DIGEST | CKF_SIGN | CKF_SIGN_RECOVER |
	                      CKF_VERIFY | CKF_VERIFY_RECOVER | CKF_GENERATE |
	                      CKF_GENERATE_KEY_PAIR | CKF_WRAP | CKF_UNWRAP | CKF_DERIVE;
	CK_MECHANISM_TYPE types[512];
	CK_ULONG n = N (types), n_slots = 1;
	CK_SLOT_ID slot;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots));
	ck_ok (p11->C_GetMechanismList (slot, types, &n));
	ck_assert_uint_gt (n, 40);
	for (CK_ULONG i = 0; i < n; i++) {
		/* test-mech-pq.c asks the same of these, and test-mech-hotp.c */
		if (is_post_quantum (types[i]) || types[i] == CKM_HOTP)
			continue;
		CK_FLAGS flags = flags_of (types[i]) & uses;

		ck_assert_msg (flags != 0, "mechanism 0x%lx does nothing", types[i]);
		ck_assert_msg ((flags & ~flags_tested (types[i])) == 0,
		               "mechanism 0x%lx: no answer for flags 0x%lx", types[i],
		               flags & ~flags_tested (types[i]));
		for (CK_ULONG j = 0; j < i; j++)
			ck_assert_msg (types[i] != types[j], "mechanism 0x%lx has two rows",
			               types[i]);
	}
}
END_TEST

/* What the flags do not have is refused, whatever the key. */
START_TEST (test_rows__flags_are_kept)
{
	static const struct {
		CK_FLAGS flag;
		Call call;
	} calls[] = {
		{ CKF_ENCRYPT, ENCRYPTING },       { CKF_DECRYPT, DECRYPTING },
		{ CKF_DIGEST, DIGESTING },         { CKF_SIGN, SIGNING },
		{ CKF_SIGN_RECOVER, RECOVERABLE }, { CKF_VERIFY_RECOVER, RECOVERING },
	};
	CK_MECHANISM_TYPE types[512];
	CK_ULONG n = N (types), n_slots = 1;
	CK_SLOT_ID slot;
	CK_OBJECT_HANDLE public, private;

	make_key (&aes_128, &public, &private);
	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots));
	ck_ok (p11->C_GetMechanismList (slot, types, &n));
	for (CK_ULONG i = 0; i < n; i++) {
		for (gsize j = 0; j < N (calls); j++) {
			CK_MECHANISM mechanism = { types[i], NULL, 0 };

			if ((flags_of (types[i]) & calls[j].flag) == 0)
				ck_rv (begin (calls[j].call, &mechanism, private),
				       CKR_MECHANISM_INVALID);
		}
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech");
	TCase *tcase = tcase_create ("mech");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_rows__all_have_answers);
	tcase_add_test (tcase, test_rows__flags_are_kept);
	tcase_add_loop_test (tcase, test_vector, 0, n_vectors ());
	tcase_add_loop_test (tcase, test_generation__secret, 0, (int) N (secrets));
	tcase_add_loop_test (tcase, test_generation, 0, (int) N (generations));
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
