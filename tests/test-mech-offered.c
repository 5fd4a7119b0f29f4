/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Which mechanisms a token offers, by its configuration: three tokens in one process, as it comes, with
 * legacy = yes and with fips = yes. What is not offered is not done either. And of the mechanisms of other tokens
 * (proxy/wire/pkcs11/mechanisms.tsv) each is offered, or left out for a reason that is known here.
 */
#include "config.h"

#include "mech-keys.h"
#include "mech.h"
#include "peers.h"

#include "mech-vectors-curves.h"
#include "mech-vectors-edwards.h"
#include "mech-vectors-ffc.h"
#include "mech-vectors-pair.h"

enum {
	PLAIN,
	LEGACY,
	FIPS,
	N_TOKENS
};

static CK_SLOT_ID slots[N_TOKENS];
static CK_SESSION_HANDLE sessions[N_TOKENS];

static void
setup (void)
{
	static const char *const names[N_TOKENS] = { "plain", "legacy", "fips" };
	CratonTokenConfig configs[N_TOKENS] = { 0 };
	CK_UTF8CHAR pin[] = "so-pin-of-the-test", label[32];
	CK_ULONG n = N_TOKENS;

	memset (label, ' ', sizeof label);
	scratch = g_dir_make_tmp ("craton-test-token-XXXXXX", NULL);
	for (int i = 0; i < N_TOKENS; i++)
		configs[i] = (CratonTokenConfig){ .name = (char *) names[i],
			                          .store = g_build_filename (scratch, names[i], NULL),
			                          .pin_cost = 14,
			                          .legacy = i == LEGACY,
			                          .fips = i == FIPS };
	craton_token_configure (configs, N_TOKENS);
	p11 = craton_token_function_list ();
	ck_ok (p11->C_Initialize (NULL));
	ck_ok (p11->C_GetSlotList (CK_FALSE, slots, &n));
	for (int i = 0; i < N_TOKENS; i++) {
		ck_ok (p11->C_InitToken (slots[i], pin, sizeof pin - 1, label));
		ck_ok (p11->C_OpenSession (slots[i], CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
		                           NULL, &sessions[i]));
		g_free (configs[i].store);
	}
}

static void
teardown (void)
{
	g_autofree char *command = g_strdup_printf ("rm -rf '%s'", scratch);

	ck_ok (p11->C_Finalize (NULL));
	ck_assert (g_spawn_command_line_sync (command, NULL, NULL, NULL, NULL));
	g_clear_pointer (&scratch, g_free);
}

static gboolean
offers (int token, CK_MECHANISM_TYPE type)
{
	CK_MECHANISM_TYPE types[1024];
	CK_ULONG n = N (types);
	CK_MECHANISM_INFO info;
	gboolean listed = FALSE;

	ck_ok (p11->C_GetMechanismList (slots[token], types, &n));
	for (CK_ULONG i = 0; i < n; i++)
		listed |= types[i] == type;
	ck_rv (p11->C_GetMechanismInfo (slots[token], type, &info),
	       listed ? CKR_OK : CKR_MECHANISM_INVALID);
	return listed;
}

START_TEST (test_offered__by_configuration)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		gboolean offered[N_TOKENS];
	} rows[] = {
		{ CKM_AES_GCM, { TRUE, TRUE, TRUE } },
		{ CKM_SHA256_HMAC, { TRUE, TRUE, TRUE } },
		{ CKM_AES_GMAC, { TRUE, TRUE, TRUE } },
		{ CKM_ECDSA_SHA256, { TRUE, TRUE, TRUE } },
		{ CKM_CHACHA20, { TRUE, TRUE, FALSE } },
		{ CKM_SHA1_RSA_PKCS, { TRUE, TRUE, FALSE } },
		{ CKM_MD5, { FALSE, TRUE, FALSE } },
		{ CKM_DES3_CBC, { FALSE, TRUE, FALSE } },
		{ CKM_DES_ECB, { FALSE, TRUE, FALSE } },
		{ CKM_MD5_RSA_PKCS, { FALSE, TRUE, FALSE } },
		/* Keys from keys, from passwords, and TLS's. */
		{ CKM_ECDH1_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_ECDH1_COFACTOR_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_DH_PKCS_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_HKDF_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_HKDF_DATA, { TRUE, TRUE, TRUE } },
		{ CKM_HKDF_KEY_GEN, { TRUE, TRUE, TRUE } },
		{ CKM_SP800_108_COUNTER_KDF, { TRUE, TRUE, TRUE } },
		{ CKM_SP800_108_FEEDBACK_KDF, { TRUE, TRUE, TRUE } },
		{ CKM_SP800_108_DOUBLE_PIPELINE_KDF, { TRUE, TRUE, TRUE } },
		{ CKM_PKCS5_PBKD2, { TRUE, TRUE, TRUE } },
		{ CKM_TLS12_MASTER_KEY_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_TLS12_KEY_AND_MAC_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_TLS12_KDF, { TRUE, TRUE, TRUE } },
		{ CKM_TLS_MAC, { TRUE, TRUE, TRUE } },
		{ CKM_IKE2_PRF_PLUS_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_IKE1_PRF_DERIVE, { TRUE, TRUE, TRUE } },
		{ CKM_SHA256_KEY_DERIVATION, { TRUE, TRUE, FALSE } },
		{ CKM_CONCATENATE_BASE_AND_KEY, { TRUE, TRUE, FALSE } },
		{ CKM_XOR_BASE_AND_DATA, { TRUE, TRUE, FALSE } },
		{ CKM_AES_CBC_ENCRYPT_DATA, { TRUE, TRUE, FALSE } },
		{ CKM_PBE_SHA1_DES3_EDE_CBC, { FALSE, TRUE, FALSE } },
		{ CKM_PBA_SHA1_WITH_SHA1_HMAC, { FALSE, TRUE, FALSE } },
	};

	for (gsize i = 0; i < N (rows); i++)
		for (int token = 0; token < N_TOKENS; token++)
			ck_assert_msg (offers (token, rows[i].type) == rows[i].offered[token],
			               "mechanism 0x%lx, token %d", rows[i].type, token);
}
END_TEST

START_TEST (test_offered__rows_are_one_or_the_other)
{
	const CratonTokenConfig all = { .legacy = TRUE };
	const CratonMech *mech;
	gsize index = 0, n_legacy = 0, n_approved = 0;

	while ((mech = craton_mech_next (&all, &index)) != NULL) {
		ck_assert ((mech->marks & CRATON_MECH_LEGACY) == 0 ||
		           (mech->marks & CRATON_MECH_APPROVED) == 0);
		n_legacy += (mech->marks & CRATON_MECH_LEGACY) != 0;
		n_approved += (mech->marks & CRATON_MECH_APPROVED) != 0;
	}
	ck_assert_uint_gt (n_legacy, 10);
	ck_assert_uint_gt (n_approved, 50);
}
END_TEST

START_TEST (test_offered__nothing_else_is_done)
{
	CK_MECHANISM md5 = { CKM_MD5, NULL, 0 }, hmac = { CKM_MD5_HMAC, NULL, 0 };
	CK_BYTE key[16] = { 1 };

	for (int token = 0; token < N_TOKENS; token++) {
		CK_RV rv = token == LEGACY ? CKR_OK : CKR_MECHANISM_INVALID;
		CK_OBJECT_HANDLE secret;

		session = sessions[token];
		secret = make_secret (CKK_GENERIC_SECRET, key, sizeof key, NULL, 0);
		ck_rv (p11->C_DigestInit (session, &md5), rv);
		ck_rv (p11->C_SignInit (session, &hmac, secret), rv);
		if (token == LEGACY)
			ck_ok (p11->C_SessionCancel (session, CKF_DIGEST | CKF_SIGN));
	}
}
END_TEST

/* What is wanted for itself, whoever has it. */
static const char *const wanted[] = {
	"CKM_AES_*", "CKM_CHACHA20*", "CKM_DES3_*", "CKM_DES_*", "CKM_DH_*",
	"CKM_DSA*", "CKM_EC*", "CKM_EDDSA*", "CKM_GENERIC_SECRET_*", "CKM_HASH_*",
	"CKM_HKDF_*", "CKM_IKE*", "CKM_MD5*", "CKM_ML_*", "CKM_PBA_*",
	"CKM_PBE_*", "CKM_PKCS5_*", "CKM_POLY1305*", "CKM_RSA_*", "CKM_SHA*",
	"CKM_SLH_*", "CKM_SP800_108_*", "CKM_TLS12_*", "CKM_TLS_MAC", "CKM_X9_42_DH_*",
};

/* What is not wanted, whoever has it. */
static const char *const unwanted[] = {
	"CKM_CAST*", "CKM_CDMF_*", "CKM_GOSTR34*", "CKM_IDEA_*", "CKM_MD2*", "CKM_PBE_MD2_*",
	"CKM_PBE_SHA1_RC?_*", "CKM_RC?*", "CKM_RSA_9796", "CKM_SEED_*", "CKM_SKIPJACK_*", "CKM_SSL3_*",
	"CKM_WTLS_*",
};

static gboolean
matches (const char *const *patterns, gsize n, const char *name)
{
	for (gsize i = 0; i < n; i++)
		if (g_pattern_match_simple (patterns[i], name))
			return TRUE;
	return FALSE;
}

/* Whether the row must be there: of the others' own numbers (a vendor's) none is promised, and of NSS's, which has most, the
 * families above. */
static gboolean
is_wanted (const CratonPeersRow *row)
{
	if (row->type == CK_UNAVAILABLE_INFORMATION || row->type >= CKM_VENDOR_DEFINED ||
	    matches (unwanted, N (unwanted), row->name))
		return FALSE;
	return strpbrk (row->who, "CSK") != NULL || matches (wanted, N (wanted), row->name);
}

/* There, left out with a reason, or the test fails; and the tool that says so does not say it of what no token lists. */
START_TEST (test_offered__what_others_have)
{
	const CratonPeersRow *row;
	guint n_wanted = 0;

	for (gsize i = 0; (row = craton_peers_nth (i)) != NULL; i++) {
		CratonPeersState state = craton_peers_state (row);
		const CratonMech *mech = state == CRATON_PEERS_HAVE ? craton_mech_row (row->type) : NULL;

		ck_assert_msg (state != CRATON_PEERS_LACK, "%s (%s) is neither there nor left out with a reason",
		               row->name, row->who);
		n_wanted += is_wanted (row);
		ck_assert_msg (mech != NULL || !is_wanted (row), "%s (%s) is wanted and left out", row->name, row->who);
		if (mech != NULL)
			ck_assert_msg (offers (LEGACY, row->type) ==
			                       (mech->available == NULL || mech->available (mech)),
			               "%s: C_GetMechanismList", row->name);
	}
	ck_assert_uint_gt (n_wanted, 200);
}
END_TEST

static CK_RV
generate_pair (CK_MECHANISM_TYPE type, CK_ATTRIBUTE what, CK_OBJECT_HANDLE *public,
               CK_OBJECT_HANDLE *private)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_ATTRIBUTE public_template[] = { what, ATTR (CKA_PRIVATE, no) };
	CK_ATTRIBUTE private_template[] = { ATTR (CKA_PRIVATE, no) };

	return p11->C_GenerateKeyPair (session, &mechanism, public_template, 2, private_template, 1,
	                               public, private);
}

/* With fips = yes: a key that is too weak can lie on the token, but nothing is done with it. */
START_TEST (test_fips__sizes)
{
	static CK_BYTE secp256k1[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a };
	static CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	CK_ATTRIBUTE curve = { CKA_EC_PARAMS, secp256k1, sizeof secp256k1 },
		     good_curve = { CKA_EC_PARAMS, p256, sizeof p256 };
	CK_MECHANISM hmac = { CKM_SHA256_HMAC, NULL, 0 };
	CK_OBJECT_HANDLE public, private, weak, strong;
	CK_MECHANISM_INFO info;
	CK_BYTE key[14] = { 1 };

	session = sessions[PLAIN];
	ck_ok (generate_pair (CKM_EC_KEY_PAIR_GEN, curve, &public, &private));
	weak = make_secret (CKK_GENERIC_SECRET, key, 13, NULL, 0);
	ck_ok (p11->C_SignInit (session, &hmac, weak));
	ck_ok (p11->C_SessionCancel (session, CKF_SIGN));
	session = sessions[FIPS];
	ck_rv (generate_pair (CKM_EC_KEY_PAIR_GEN, curve, &public, &private),
	       CKR_CURVE_NOT_SUPPORTED);
	ck_ok (generate_pair (CKM_EC_KEY_PAIR_GEN, good_curve, &public, &private));
	weak = make_secret (CKK_GENERIC_SECRET, key, 13, NULL, 0);
	strong = make_secret (CKK_GENERIC_SECRET, key, 14, NULL, 0);
	ck_rv (p11->C_SignInit (session, &hmac, weak), CKR_KEY_SIZE_RANGE);
	ck_ok (p11->C_SignInit (session, &hmac, strong));
	ck_ok (p11->C_SessionCancel (session, CKF_SIGN));
	ck_ok (p11->C_GetMechanismInfo (slots[FIPS], CKM_RSA_PKCS_OAEP, &info));
	ck_assert_uint_eq (info.ulMinKeySize, 2048);
	ck_ok (p11->C_GetMechanismInfo (slots[PLAIN], CKM_RSA_PKCS_OAEP, &info));
	ck_assert_uint_eq (info.ulMinKeySize, 1024);
}
END_TEST

/* The first answer of a use of the key's private half, and of its public half. */
static CK_RV
use_private (const TestKey *key, CK_OBJECT_HANDLE private)
{
	g_autoptr (GByteArray) peer = unhex (key->point == NULL ? key->public_value : key->point);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, peer->len, peer->data };
	CK_MECHANISM rsa = { CKM_SHA256_RSA_PKCS, NULL, 0 }, ecdsa = { CKM_ECDSA_SHA256, NULL, 0 },
		     dh = { CKM_DH_PKCS_DERIVE, peer->data, peer->len },
		     ecdh = { CKM_ECDH1_DERIVE, &params, sizeof params };
	CK_ATTRIBUTE template[] = { ATTR (CKA_PRIVATE, no) };
	CK_MECHANISM *signing = key->type == CKK_RSA ? &rsa : &ecdsa;
	CK_OBJECT_HANDLE made;
	CK_RV rv;

	if (key->type == CKK_DH)
		return p11->C_DeriveKey (session, &dh, private, template, 1, &made);
	if (key->type == CKK_EC_MONTGOMERY)
		return p11->C_DeriveKey (session, &ecdh, private, template, 1, &made);
	rv = p11->C_SignInit (session, signing, private);
	if (rv == CKR_OK)
		ck_ok (p11->C_SessionCancel (session, CKF_SIGN));
	return rv;
}

static CK_RV
use_public (const TestKey *key, CK_OBJECT_HANDLE public)
{
	CK_MECHANISM rsa = { CKM_SHA256_RSA_PKCS, NULL, 0 }, ecdsa = { CKM_ECDSA_SHA256, NULL, 0 };
	CK_RV rv = p11->C_VerifyInit (session, key->type == CKK_RSA ? &rsa : &ecdsa, public);

	if (rv == CKR_OK)
		ck_ok (p11->C_SessionCancel (session, CKF_VERIFY));
	return rv;
}

/* A key may be older than the configuration, or come from elsewhere: it lies there, but is not used. */
START_TEST (test_offered__keys_from_elsewhere)
{
	static const struct {
		const TestKey *key;
		CK_RV rvs[N_TOKENS];
	} rows[] = {
		{ &nist_15, { CKR_OK, CKR_OK, CKR_KEY_SIZE_RANGE } }, /* 1024 bits */
		{ &boring_oaep, { CKR_OK, CKR_OK, CKR_OK } },
		{ &own_dh_1024, { CKR_OK, CKR_OK, CKR_KEY_SIZE_RANGE } },
		{ &own_dh_2048, { CKR_OK, CKR_OK, CKR_OK } },
		{ &own_p192, { CKR_CURVE_NOT_SUPPORTED, CKR_OK, CKR_CURVE_NOT_SUPPORTED } },
		{ &own_p224, { CKR_OK, CKR_OK, CKR_OK } },
		{ &own_bp256, { CKR_OK, CKR_OK, CKR_CURVE_NOT_SUPPORTED } },
		{ &rfc_7748_bob_25519, { CKR_OK, CKR_OK, CKR_CURVE_NOT_SUPPORTED } },
	};
	CK_MECHANISM half = { CKM_PUB_KEY_FROM_PRIV_KEY, NULL, 0 };
	CK_OBJECT_HANDLE public, private, made;

	for (gsize i = 0; i < N (rows); i++) {
		for (int token = 0; token < N_TOKENS; token++) {
			CK_RV rv = rows[i].rvs[token];

			session = sessions[token];
			make_key (rows[i].key, &public, &private);
			ck_assert_msg (use_private (rows[i].key, private) == rv,
			               "private key %zu, token %d", i, token);
			if (rows[i].key->type == CKK_RSA || rows[i].key->type == CKK_EC)
				ck_assert_msg (use_public (rows[i].key, public) == rv,
				               "public key %zu, token %d", i, token);
			ck_rv (p11->C_DeriveKey (session, &half, private, NULL, 0, &made), rv);
		}
	}
}
END_TEST

/* Keys are not wrapped for the owner of a pair that is too weak. */
START_TEST (test_offered__weak_owners)
{
	CK_RSA_PKCS_OAEP_PARAMS oaep = { CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, NULL, 0 };
	CK_RSA_AES_KEY_WRAP_PARAMS params = { 128, &oaep };
	CK_MECHANISM mechanism = { CKM_RSA_AES_KEY_WRAP, &params, sizeof params };
	CK_OBJECT_HANDLE public, private, secret;
	CK_BYTE value[16] = { 1 }, wrapped[512];

	for (int token = 0; token < N_TOKENS; token++) {
		CK_ULONG len = sizeof wrapped;

		session = sessions[token];
		make_key (&nist_15, &public, &private);
		secret = make_secret (CKK_AES, value, sizeof value, NULL, 0);
		ck_rv (p11->C_WrapKey (session, &mechanism, public, secret, wrapped, &len),
		       token == FIPS ? CKR_WRAPPING_KEY_SIZE_RANGE : CKR_OK);
	}
}
END_TEST

/* SP 800-131A, SP 800-132: from less than 112 bits nothing is derived. */
START_TEST (test_fips__derivation)
{
	static CK_BYTE label[] = "label";
	CK_HKDF_PARAMS hkdf = { CK_TRUE, CK_TRUE,           CKM_SHA256, CKF_HKDF_SALT_NULL, NULL, 0,
		                CK_INVALID_HANDLE, label, 5 };
	CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 32 };
	CK_PRF_DATA_PARAM fields[] = {
		{ CK_SP800_108_ITERATION_VARIABLE, &counter, sizeof counter },
		{ CK_SP800_108_BYTE_ARRAY, label, 5 },
	};
	CK_SP800_108_KDF_PARAMS kbkdf = { CKM_SHA256_HMAC, 2, fields, 0, NULL };
	CK_TLS_KDF_PARAMS tls = { CKM_SHA256, label, 5, { label, 5, label, 5 }, NULL, 0 };
	CK_MECHANISM mechanisms[] = { { CKM_HKDF_DERIVE, &hkdf, sizeof hkdf },
		                      { CKM_SP800_108_COUNTER_KDF, &kbkdf, sizeof kbkdf },
		                      { CKM_TLS12_KDF, &tls, sizeof tls } };
	CK_ULONG len = 32;
	CK_ATTRIBUTE template[] = { ATTR (CKA_VALUE_LEN, len), ATTR (CKA_PRIVATE, no) };
	CK_BYTE key[14] = { 1 };
	CK_OBJECT_HANDLE base, made;

	for (int token = 0; token < N_TOKENS; token++) {
		session = sessions[token];
		for (gsize i = 0; i < N (mechanisms); i++) {
			base = make_secret (CKK_GENERIC_SECRET, key, 13, NULL, 0);
			ck_rv (p11->C_DeriveKey (session, &mechanisms[i], base, template, 2, &made),
			       token == FIPS ? CKR_KEY_SIZE_RANGE : CKR_OK);
			base = make_secret (CKK_GENERIC_SECRET, key, 14, NULL, 0);
			ck_ok (p11->C_DeriveKey (session, &mechanisms[i], base, template, 2, &made));
		}
	}
}
END_TEST

START_TEST (test_fips__passwords)
{
	static CK_BYTE salt[16], password[] = "password";
	static const struct {
		CK_ULONG salt_len, iterations, len;
		CK_RV fips;
	} rows[] = {
		{ 16, 1000, 14, CKR_OK },
		{ 15, 1000, 14, CKR_MECHANISM_PARAM_INVALID },
		{ 16, 999, 14, CKR_MECHANISM_PARAM_INVALID },
		{ 16, 1000, 13, CKR_ATTRIBUTE_VALUE_INVALID },
	};
	CK_OBJECT_HANDLE made;

	for (int token = 0; token < N_TOKENS; token++)
		for (gsize i = 0; i < N (rows); i++) {
			CK_PKCS5_PBKD2_PARAMS2 params = {
				CKZ_SALT_SPECIFIED,
				salt,
				rows[i].salt_len,
				rows[i].iterations,
				CKP_PKCS5_PBKD2_HMAC_SHA256,
				NULL,
				0,
				password,
				8,
			};
			CK_MECHANISM mechanism = { CKM_PKCS5_PBKD2, &params, sizeof params };
			CK_ATTRIBUTE template[] = { ATTR (CKA_VALUE_LEN, rows[i].len),
				                    ATTR (CKA_PRIVATE, no) };

			ck_rv (p11->C_GenerateKey (sessions[token], &mechanism, template, 2, &made),
			       token == FIPS ? rows[i].fips : CKR_OK);
		}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-offered");
	TCase *tcase = tcase_create ("mech-offered");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 60);
	tcase_add_test (tcase, test_offered__by_configuration);
	tcase_add_test (tcase, test_offered__rows_are_one_or_the_other);
	tcase_add_test (tcase, test_offered__what_others_have);
	tcase_add_test (tcase, test_offered__nothing_else_is_done);
	tcase_add_test (tcase, test_fips__sizes);
	tcase_add_test (tcase, test_fips__derivation);
	tcase_add_test (tcase, test_fips__passwords);
	tcase_add_test (tcase, test_offered__keys_from_elsewhere);
	tcase_add_test (tcase, test_offered__weak_owners);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One process for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
