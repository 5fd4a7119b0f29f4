/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: Montgomery and Edwards curves.
 */
#ifndef CRATON_TEST_MECH_VECTORS_EDWARDS_H
#define CRATON_TEST_MECH_VECTORS_EDWARDS_H

#include <glib.h>
#include <openssl/crypto.h>

#include "mech-vectors.h"

static const TestKey rfc_7748_bob_25519 = {
	.type = CKK_EC_MONTGOMERY,
	.params = "06032b656e",
	.value = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb",
	.point = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f",
};

static const TestKey rfc_7748_bob_448 = {
	.type = CKK_EC_MONTGOMERY,
	.params = "06032b656f",
	.value =
		"1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d6927c120bb5ee8972b0d3e21"
		"374c9c921b09d1b0366f10b65173992d",
	.point =
		"3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b43027d8b972fc3e34fb4232a13c"
		"a706dcb57aec3dae07bdc1c67bf33609",
};

static const TestKey rfc_8032_448 = {
	.type = CKK_EC_EDWARDS,
	.params = "06032b6571",
	.value =
		"6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e"
		"39a3fc5b94492f8f032e7549a20098f95b",
	.point =
		"5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c706"
		"1bd6783df1e50f6cd1fa1abeafe8256180",
};

static const TestKey rfc_8032_25519ph = {
	.type = CKK_EC_EDWARDS,
	.params = "06032b6570",
	.value = "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
	.point = "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
};

static const TestKey rfc_8032_25519ctx = {
	.type = CKK_EC_EDWARDS,
	.params = "06032b6570",
	.value = "0305334e381af78f141cb666f6199f57bc3495335a256a95bd2a55bf546663f6",
	.point = "dfc9425e4f968f7f0c29f0259cf5f9aed6851c2bb4ad8bfb860cfee0ab248292",
};

static const CK_BYTE foo[] = { 'f', 'o', 'o' };
static const CK_EDDSA_PARAMS prehash = { CK_TRUE, 0, NULL };
static const CK_EDDSA_PARAMS prehash_foo = { CK_TRUE, sizeof foo, (CK_BYTE *) foo };
static const CK_EDDSA_PARAMS unhashed = { CK_FALSE, 0, NULL };
static const CK_EDDSA_PARAMS unhashed_foo = { CK_FALSE, sizeof foo, (CK_BYTE *) foo };

/* libcrypto has the other forms of EdDSA from 3.2 on. */
G_GNUC_UNUSED static gboolean
has_eddsa_forms (void)
{
	return OpenSSL_version_num () >= 0x30200000UL;
}

static const Vector edwards_vectors[] = {
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.1",
	  .key = &rfc_7748_bob_25519,
	  .in = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  .out = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742",
	  .kdf = CKD_NULL,
	  .value_len = 32 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.2",
	  .key = &rfc_7748_bob_448,
	  .in =
		  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d4"
		  "0c5b12da88120d53177f80e532c41fa0",
	  .out =
		  "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282bb60c0b56fd2464c335543936"
		  "521c24403085d59a449a5037514a879d",
	  .kdf = CKD_NULL,
	  .value_len = 56 },
	{ .mechanism = CKM_ECDH1_COFACTOR_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.1",
	  .key = &rfc_7748_bob_25519,
	  .in = "04208520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  .out = "e07e21c947d19e3376f09b3c1e161742",
	  .kdf = CKD_NULL,
	  .value_len = 16 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.1, through the KDF of ANS X9.63 computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_25519,
	  .in = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  .out =
		  "a0b903f964af1678e423dd7290ec27b140ecbdd454842b8cca09c8678cc7db1fe576d257132e35e9"
		  "57af8cfbe85fe16cf9cad992f1a47e48519f11b4cabe5d9eea0232a6efb94ff2470e381bdc1a1f72"
		  "428ae476f74b48210b1203c5a84bc16f1fa2b7b9",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_224_KDF,
	  .value_len = 100 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.1, through the KDF of ANS X9.63 computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_25519,
	  .in = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  .out =
		  "6a7240613607c222e715515b80af95852b3228f1f4d4594238bbfde86d1b2365a5b4476bb3399e88"
		  "5c8ede791e1f5a042a15cfc2ccaf66840e0f8557a675b12e1b02c4a984410b0736c07e2e3590a197"
		  "ab68bf4d3a46bd5f01941888f5075b582ccc62d3",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_256_KDF,
	  .value_len = 100 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.1, through the KDF of ANS X9.63 computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_25519,
	  .in = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  .out =
		  "a19a773d5a32290f952c04dfed4d91bf2f42f755ea25f5efbfac89b42a547038c6ac97b634d7fee0"
		  "1fe063176350d1f419a30006fdff11a41d28e7e5ea4da6c2aa73d0dbdaed5c53804d5af1f90d7cbc"
		  "a62e5adbbab5ad039d6df5236500a8493793ca41",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_384_KDF,
	  .value_len = 100 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.1, through the KDF of ANS X9.63 computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_25519,
	  .in = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a",
	  .out =
		  "13aa450eddc877cd307ba4fc7f28d40c0db5ef90c137087b50a48cffdaeeac0c4fc0ec14e30f7bf8"
		  "79e919928779721581053d5c61cbfe9dd35707ef52e10e47dfd959e50543a5ae2848313f9362a4dc"
		  "a88bf1831c438012828ee6ffb6678a80c8ca67a0",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_512_KDF,
	  .value_len = 100 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.2, through the one-step KDF of SP 800-56C computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_448,
	  .in =
		  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d4"
		  "0c5b12da88120d53177f80e532c41fa0",
	  .out =
		  "00f58fe969e1a71bf11a10ac8eaa06b53ae7a080ddb89d80d4c96f93115bb63a13b412b314b29cdf"
		  "e6edd1261257fb3a01f37612c8c1d167e0258aa56469d3ad72f80ce14bb95d99a38025785c2fb6a6"
		  "efb2f48ffe913424a615d7d89cd7df695e2e564e",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_224_KDF_SP800,
	  .value_len = 100 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.2, through the one-step KDF of SP 800-56C computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_448,
	  .in =
		  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d4"
		  "0c5b12da88120d53177f80e532c41fa0",
	  .out =
		  "77c60d11a29b96a65044d18b4cc7b98d352e57e89f7110a52876e5b0d5c7bcecbb4e8d681f7e9070"
		  "98074fe8c006d8f0bee92b5b25e6ac0982bbc8c9a599fae7c224648b83a5f04d770c6dd85b36979c"
		  "a81d0a6d01e8c1a05e5bd346368796d3ab7c5766",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_256_KDF_SP800,
	  .value_len = 100 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.2, through the one-step KDF of SP 800-56C computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_448,
	  .in =
		  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d4"
		  "0c5b12da88120d53177f80e532c41fa0",
	  .out =
		  "50807be88036162976734b73fd87439cdce08c5082e7aa712ba25b2c15adfb0ad50acb81ca288701"
		  "28df69a0d97de152186d654dffd4cd1e99e1537a3cb59a7e720b5ede706d38650d4d34ef1b53fd08"
		  "ed67b58ea7d262ed292fea698ffc14a86425112b",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_384_KDF_SP800,
	  .value_len = 100 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7748, 6.2, through the one-step KDF of SP 800-56C computed with Python 3.11: hashlib",
	  .key = &rfc_7748_bob_448,
	  .in =
		  "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c22c5d9bbc836647241d953d4"
		  "0c5b12da88120d53177f80e532c41fa0",
	  .out =
		  "4dba82e36bfa1b3af60456e48129d4cc1d5e74ae4db71fc36b113846026c03e00155600f9ba59e88"
		  "15516aa5d17626e66eb6698ae69df5ee78477af774fe4570e4ac891d844b689afcab2f9ffea24ef4"
		  "6f9e7ed26dbc41a5efbfc8ef606bd01ab1a0b2d6",
	  .shared = "73686172656420696e666f",
	  .kdf = CKD_SHA3_512_KDF_SP800,
	  .value_len = 100 },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032, 7.4, blank",
	  .key = &rfc_8032_448,
	  .in = "",
	  .out =
		  "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281"
		  "f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b41"
		  "04852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600" },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032 computed with Python 3.11: integers and hashlib; the key of 7.4, blank",
	  .key = &rfc_8032_448,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "ffe15d34b632111d86c0d7bfac1b6464c52020b77743b5d503bad1f1f7920fc5cb8d91652f2e5db9"
		  "2270bf6f9d4cf8af1a89e76e9359671080b7a750900907bc3a8e9e4e8d278979e7fdb6a0d4f2c4fd"
		  "94b3fb69e4d8647e154807a446e13f6cad50b9a21cde64c25e7e93875f47e4ff2700",
	  .param = &unhashed,
	  .param_len = sizeof unhashed },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032 computed with Python 3.11: integers and hashlib; the key of 7.4, blank",
	  .key = &rfc_8032_448,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "6b038f207c84a821b691391df7b5121513576db526f3ce25de6ff74dfb8cd17ed40929645efbd9c5"
		  "24e29f50c49d5c2a0fd2ea8fba8416b38037b4e14db5fae239a4939a0e4aeca607255f5519df3e4c"
		  "b128605d4954498930538d4fe90f1ea423da724333c5263a63d6ad9bd5f5e9e00d00",
	  .param = &unhashed_foo,
	  .param_len = sizeof unhashed_foo,
	  .available = has_eddsa_forms },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032 computed with Python 3.11: integers and hashlib; the key of 7.4, blank",
	  .key = &rfc_8032_448,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "b1d09cbf1b05b2a4e384a0475b0f31801fc04e28bc855be479f584127cd194c68ee4a1ee1c81e596"
		  "96e91dbe1a9e3e8eeb332d8f73562f2d80ddc9683c9988d2f5f9b0a94196532d189b3f35d3a93ae2"
		  "920787203db56d5804aa908c8a25b93915ae1d65b5d42f82e62c3ac5380c5e9b2200",
	  .param = &prehash,
	  .param_len = sizeof prehash,
	  .available = has_eddsa_forms },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032 computed with Python 3.11: integers and hashlib; the key of 7.4, blank",
	  .key = &rfc_8032_448,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "ac9f42df85cdc35f6c0636c5a8699ce09b3622551f1f674d82df8ef13f79f6d72832525c3c625ee6"
		  "a9eaca2882d961483346b1320878435b80b79a12436f4f384ae176933691962f33310b904aac0662"
		  "64a758040f00dc7aca457ec92af64a4fa1bf78c1c9cc16680a984495dc4d09220f00",
	  .param = &prehash_foo,
	  .param_len = sizeof prehash_foo,
	  .available = has_eddsa_forms },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032, 7.3",
	  .key = &rfc_8032_25519ph,
	  .in = "616263",
	  .out =
		  "98a70222f0b8121aa9d30f813d683f809e462b469c7ff87639499bb94e6dae4131f85042463c2a35"
		  "5a2003d062adf5aaa10b8c61e636062aaad11c2a26083406",
	  .param = &prehash,
	  .param_len = sizeof prehash,
	  .available = has_eddsa_forms },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032 computed with Python 3.11: integers and hashlib; the key of 7.3",
	  .key = &rfc_8032_25519ph,
	  .in = "616263",
	  .out =
		  "e039702b4c2595a6a541ac8509236e2990474795330c9b34a75f58a660129e08fd736943fb1943a5"
		  "5720b9e0957b1ed6734816619f1388f43f73e6e3baa81c0e",
	  .param = &prehash_foo,
	  .param_len = sizeof prehash_foo,
	  .available = has_eddsa_forms },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032, 7.2, foo",
	  .key = &rfc_8032_25519ctx,
	  .in = "f726936d19c800494e3fdaff20b276a8",
	  .out =
		  "55a4cc2f70a54e04288c5f4cd1e45a7bb520b36292911876cada7323198dd87a8b36950b95130022"
		  "907a7fb7c4e9b2d5f6cca685a587b4b21f4b888e4e7edb0d",
	  .param = &unhashed_foo,
	  .param_len = sizeof unhashed_foo,
	  .available = has_eddsa_forms },
};

#endif /* CRATON_TEST_MECH_VECTORS_EDWARDS_H */
