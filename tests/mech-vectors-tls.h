/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: TLS 1.2.
 */
#ifndef CRATON_TEST_MECH_VECTORS_TLS_H
#define CRATON_TEST_MECH_VECTORS_TLS_H

#include "mech-vectors-derive.h"

static CK_BYTE cavp_client_hello[] = {
	0x36, 0xc1, 0x29, 0xd0, 0x1a, 0x32, 0x00, 0x89, 0x4b, 0x91, 0x79,
	0xfa, 0xac, 0x58, 0x9d, 0x98, 0x35, 0xd5, 0x87, 0x75, 0xf9, 0xb5,
	0xea, 0x35, 0x87, 0xcb, 0x8f, 0xd0, 0x36, 0x4c, 0xae, 0x8c,
};
static CK_BYTE cavp_server_hello[] = {
	0xf6, 0xc9, 0x57, 0x5e, 0xd7, 0xdd, 0xd7, 0x3e, 0x1f, 0x7d, 0x16,
	0xec, 0xa1, 0x15, 0x41, 0x58, 0x12, 0xa4, 0x3c, 0x2b, 0x74, 0x7d,
	0xaa, 0xaa, 0xe0, 0x43, 0xab, 0xfb, 0x50, 0x05, 0x3f, 0xce,
};
static CK_BYTE cavp_client[] = {
	0x62, 0xe1, 0xfd, 0x91, 0xf2, 0x3f, 0x55, 0x8a, 0x60, 0x5f, 0x28,
	0x47, 0x8c, 0x58, 0xcf, 0x72, 0x63, 0x7b, 0x89, 0x78, 0x4d, 0x95,
	0x9d, 0xf7, 0xe9, 0x46, 0xd3, 0xf0, 0x7b, 0xd1, 0xb6, 0x16,
};
static CK_BYTE cavp_server[] = {
	0xae, 0x6c, 0x80, 0x6f, 0x8a, 0xd4, 0xd8, 0x07, 0x84, 0x54, 0x9d,
	0xff, 0x28, 0xa4, 0xb5, 0x8f, 0xd8, 0x37, 0x68, 0x1a, 0x51, 0xd9,
	0x28, 0xc3, 0xe3, 0x0e, 0xe5, 0xff, 0x14, 0xf3, 0x98, 0x68,
};
static const TestKey cavp_pre_master = {
	.type = CKK_GENERIC_SECRET,
	.value = "f8938ecc9edebc5030c0c6a441e213cd24e6f770a50dda07876f8d55da062bcadb386b411fd4fe43"
		 "13a604fce6c17fbc"
};
static const TestKey cavp_master = {
	.type = CKK_GENERIC_SECRET,
	.value = "202c88c00f84a17a20027079604787461176455539e705be730890602c289a5001e34eeb3a043e5d"
		 "52a65e66125188bf"
};
static const TestKey tls_prf_secret = { .type = CKK_GENERIC_SECRET,
	                                .value = "9bbe436ba940f017b17652849a71db35" };
static CK_BYTE tls_prf_seed[] = {
	0xa0, 0xba, 0x9f, 0x93, 0x6c, 0xda, 0x31, 0x18,
	0x27, 0xa6, 0xf7, 0x96, 0xff, 0xd5, 0x19, 0x8c,
};

/* count and count + 32 as the two random numbers */
#define RANDOMS                           \
	{                                 \
		count, 32, count + 32, 32 \
	}

static CK_VERSION tls_version;
static const CK_TLS12_MASTER_KEY_DERIVE_PARAMS tls_cavp_master = {
	{ cavp_client_hello, 32, cavp_server_hello, 32 }, &tls_version, CKM_SHA256
};
static const CK_TLS12_MASTER_KEY_DERIVE_PARAMS tls_master = { RANDOMS, &tls_version, CKM_SHA256 };
static const CK_TLS12_MASTER_KEY_DERIVE_PARAMS tls_master_dh = { RANDOMS, NULL, CKM_SHA384 };
static const CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS tls_extended = { CKM_SHA512, count, 64,
	                                                                 &tls_version };
static const CK_TLS12_EXTENDED_MASTER_KEY_DERIVE_PARAMS tls_extended_dh = { CKM_SHA256, count, 32,
	                                                                    NULL };
static CK_BYTE tls_iv[2][16];
static CK_SSL3_KEY_MAT_OUT tls_out = { 0, 0, 0, 0, tls_iv[0], tls_iv[1] };
static const CK_TLS12_KEY_MAT_PARAMS tls_cavp_keys = {
	256, 128, 128, CK_FALSE, { cavp_client, 32, cavp_server, 32 }, &tls_out, CKM_SHA256
};
static const CK_TLS12_KEY_MAT_PARAMS tls_keys = { 160,     256,      128,       CK_FALSE,
	                                          RANDOMS, &tls_out, CKM_SHA256 };
static const CK_TLS12_KEY_MAT_PARAMS tls_keys_no_mac = { 0,       256,      32,        CK_FALSE,
	                                                 RANDOMS, &tls_out, CKM_SHA256 };
static const CK_TLS12_KEY_MAT_PARAMS tls_keys_only_mac = { 160,     0,        0,         CK_FALSE,
	                                                   RANDOMS, &tls_out, CKM_SHA256 };
static const CK_TLS_KDF_PARAMS tls_kdf_known = {
	CKM_SHA256, (CK_BYTE *) "test label", 10, { tls_prf_seed, 7, tls_prf_seed + 7, 9 }, NULL, 0
};
static const CK_TLS_KDF_PARAMS tls_kdf = {
	CKM_SHA256, (CK_BYTE *) "EXPORTER", 8, RANDOMS, NULL, 0
};
static const CK_TLS_KDF_PARAMS tls_kdf_context = { CKM_SHA384, (CK_BYTE *) "EXPORTER", 8,
	                                           RANDOMS,    (CK_BYTE *) "abc",      3 };
static const CK_TLS_KDF_PARAMS tls_kdf_empty_context = { CKM_SHA512, (CK_BYTE *) "EXPORTER", 8,
	                                                 RANDOMS,    (CK_BYTE *) "",         0 };
static const CK_TLS_MAC_PARAMS tls_mac_server = { CKM_SHA256, 12, 1 },
			       tls_mac_client = { CKM_SHA384, 40, 2 };

static const Vector tls_vectors[] = {
	{ .mechanism = CKM_TLS12_MASTER_KEY_DERIVE,
	  .what = DERIVE,
	  .source = "NIST CAVP, SP 800-135, TLS 1.2, SHA-256, count 0",
	  .key = &cavp_pre_master,
	  .out = "202c88c00f84a17a20027079604787461176455539e705be730890602c289a5001e34eeb3a043e5d"
	         "52a65e66125188bf",
	  .param = &tls_cavp_master,
	  .param_len = sizeof (tls_cavp_master) },
	{ .mechanism = CKM_TLS12_MASTER_KEY_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "e8db2d60433a9b70a9e8853d076dfab858932b0903a60860fae56cde4863dc9d718914813b5f64d3"
	         "26d4a64ad7d5ee04",
	  .param = &tls_master,
	  .param_len = sizeof (tls_master),
	  .value_len = 48 },
	{ .mechanism = CKM_TLS12_MASTER_KEY_DERIVE_DH,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_66,
	  .out = "a736c5eb9b7066ca58960a3d47791167326f1367e39771f9a6b0617c75ff3fc2c5213376d73dc11f"
	         "dcc1826629acc6b5",
	  .param = &tls_master_dh,
	  .param_len = sizeof (tls_master_dh) },
	{ .mechanism = CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "e28c3e238cc7ae2f43e99853887504354236c8b8af62dd87dc1837e7305fa746457befb8811e5a7d"
	         "37a661516935e7c1",
	  .param = &tls_extended,
	  .param_len = sizeof (tls_extended) },
	{ .mechanism = CKM_TLS12_EXTENDED_MASTER_KEY_DERIVE_DH,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "48cf0bec47fd85bf9c0ed067a961a5b0bae70feef18b231d32e11c6155c49959f333fa7c155d455e"
	         "67cf44cd295e3f0a",
	  .param = &tls_extended_dh,
	  .param_len = sizeof (tls_extended_dh) },
	{ .mechanism = CKM_TLS12_KEY_AND_MAC_DERIVE,
	  .what = KEY_MAT,
	  .source = "NIST CAVP, SP 800-135, TLS 1.2, SHA-256, count 0",
	  .key = &cavp_master,
	  .out = "d06139889fffac1e3a71865f504aa5d0d2a2e89506c6f2279b670c3e1b74f531016a2530c51a3a0f"
	         "7e1d6590d0f0566b2f387f8d11fd4f731cdd572d2eae927f6f2f81410b25e6960be68985add6c384"
	         "45ad9f8c64bf8068bf9a6679485d966f1ad6f68b43495b10a683755ea2b858d70ccac7ec8b053c6b"
	         "d41ca299d4e51928",
	  .param = &tls_cavp_keys,
	  .param_len = sizeof (tls_cavp_keys),
	  .key_type = CKK_AES },
	{ .mechanism = CKM_TLS12_KEY_AND_MAC_DERIVE,
	  .what = KEY_MAT,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "d986c156a94aedc809de8fe3fc6189d1751927f539ad27af9e518c18f0cb1dd82d8f71765147db46"
	         "23eea5e17f98f514ad4d02fd75d5dac43ef3fd16a7cc00e17e2efb58863a38f119b23557c9c7595e"
	         "2b8e391898619d75cdbc4fb46b18656ea8c86de17c04c31e4673c7aa30607efd62a7e2f786961fff"
	         "afd3f70c9718a613548866b40d2de894",
	  .param = &tls_keys,
	  .param_len = sizeof (tls_keys),
	  .key_type = CKK_AES },
	{ .mechanism = CKM_TLS12_KEY_AND_MAC_DERIVE,
	  .what = KEY_MAT,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "d986c156a94aedc809de8fe3fc6189d1751927f539ad27af9e518c18f0cb1dd82d8f71765147db46"
	         "23eea5e17f98f514ad4d02fd75d5dac43ef3fd16a7cc00e17e2efb58863a38f1",
	  .param = &tls_keys_no_mac,
	  .param_len = sizeof (tls_keys_no_mac),
	  .key_type = CKK_AES },
	{ .mechanism = CKM_TLS12_KEY_AND_MAC_DERIVE,
	  .what = KEY_MAT,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "d986c156a94aedc809de8fe3fc6189d1751927f539ad27af9e518c18f0cb1dd82d8f71765147db46",
	  .param = &tls_keys_only_mac,
	  .param_len = sizeof (tls_keys_only_mac) },
	{ .mechanism = CKM_TLS12_KEY_SAFE_DERIVE,
	  .what = KEY_MAT,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "d986c156a94aedc809de8fe3fc6189d1751927f539ad27af9e518c18f0cb1dd82d8f71765147db46"
	         "23eea5e17f98f514ad4d02fd75d5dac43ef3fd16a7cc00e17e2efb58863a38f119b23557c9c7595e"
	         "2b8e391898619d75cdbc4fb46b18656ea8c86de17c04c31e",
	  .param = &tls_keys,
	  .param_len = sizeof (tls_keys),
	  .key_type = CKK_AES },
	{ .mechanism = CKM_TLS_KDF,
	  .what = DERIVE,
	  .source = "Test vectors for TLS 1.2's PRF, IETF TLS mailing list, SHA-256",
	  .key = &tls_prf_secret,
	  .out = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9"
	         "c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba"
	         "a48082d122ee42c5a72e5a5110fff70187347b66",
	  .param = &tls_kdf_known,
	  .param_len = sizeof (tls_kdf_known),
	  .value_len = 100 },
	{ .mechanism = CKM_TLS_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "eeced72c64af01b863c0c9a096bd522dee9baba36d4deecf82696055a998ae2a597fcfff32268e7f"
	         "4d0e9ba9841b49d3d546",
	  .param = &tls_kdf,
	  .param_len = sizeof (tls_kdf),
	  .value_len = 50 },
	{ .mechanism = CKM_TLS_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "c083907c995b57d20645408fa62d67ebccd922a30976be05556275a90cd9987f19f8fa74df0dbe40"
	         "bc4c7fc18bdaa0c9fb28",
	  .param = &tls_kdf_context,
	  .param_len = sizeof (tls_kdf_context),
	  .value_len = 50 },
	{ .mechanism = CKM_TLS_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "e5034aa87825f74740eabc047db2db85bb0db77748b4dfd4856e1efdc06ca51bb96d7e5f852a5a15"
	         "0bf06390da0605368495",
	  .param = &tls_kdf_empty_context,
	  .param_len = sizeof (tls_kdf_empty_context),
	  .value_len = 50 },
	{ .mechanism = CKM_TLS12_KDF,
	  .what = DERIVE,
	  .source = "Test vectors for TLS 1.2's PRF, IETF TLS mailing list, SHA-256",
	  .key = &tls_prf_secret,
	  .out = "e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9"
	         "c9a46b4e14baf9af0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789ba"
	         "a48082d122ee42c5a72e5a5110fff70187347b66",
	  .param = &tls_kdf_known,
	  .param_len = sizeof (tls_kdf_known),
	  .value_len = 100 },
	{ .mechanism = CKM_TLS12_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "eeced72c64af01b863c0c9a096bd522dee9baba36d4deecf82696055a998ae2a597fcfff32268e7f"
	         "4d0e9ba9841b49d3d546",
	  .param = &tls_kdf,
	  .param_len = sizeof (tls_kdf),
	  .value_len = 50 },
	{ .mechanism = CKM_TLS12_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "c083907c995b57d20645408fa62d67ebccd922a30976be05556275a90cd9987f19f8fa74df0dbe40"
	         "bc4c7fc18bdaa0c9fb28",
	  .param = &tls_kdf_context,
	  .param_len = sizeof (tls_kdf_context),
	  .value_len = 50 },
	{ .mechanism = CKM_TLS12_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .out = "e5034aa87825f74740eabc047db2db85bb0db77748b4dfd4856e1efdc06ca51bb96d7e5f852a5a15"
	         "0bf06390da0605368495",
	  .param = &tls_kdf_empty_context,
	  .param_len = sizeof (tls_kdf_empty_context),
	  .value_len = 50 },
	{ .mechanism = CKM_TLS_MAC,
	  .what = SIGN,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .in = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	  .out = "da909aaef6250236a698d9c1",
	  .param = &tls_mac_server,
	  .param_len = sizeof (tls_mac_server) },
	{ .mechanism = CKM_TLS_MAC,
	  .what = SIGN,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .in = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
	        "28292a2b2c2d2e2f",
	  .out = "5a029b73773efa6944ec231aaf21f11649db8cb46db9c520bfe98ec14e299459136115db8aa35d0b",
	  .param = &tls_mac_client,
	  .param_len = sizeof (tls_mac_client) },
	{ .mechanism = CKM_TLS12_MAC,
	  .what = SIGN,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .in = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
	  .out = "da909aaef6250236a698d9c1",
	  .param = &tls_mac_server,
	  .param_len = sizeof (tls_mac_server) },
	{ .mechanism = CKM_TLS12_MAC,
	  .what = SIGN,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_100_48,
	  .in = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
	        "28292a2b2c2d2e2f",
	  .out = "5a029b73773efa6944ec231aaf21f11649db8cb46db9c520bfe98ec14e299459136115db8aa35d0b",
	  .param = &tls_mac_client,
	  .param_len = sizeof (tls_mac_client) },
};

#endif /* CRATON_TEST_MECH_VECTORS_TLS_H */
