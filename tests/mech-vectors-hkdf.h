/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: HKDF.
 */
#ifndef CRATON_TEST_MECH_VECTORS_HKDF_H
#define CRATON_TEST_MECH_VECTORS_HKDF_H

#include "mech-vectors-derive.h"

static const TestKey rfc5869_1 = { .type = CKK_GENERIC_SECRET,
	                           .value = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b" };
static const TestKey rfc5869_2 = {
	.type = CKK_GENERIC_SECRET,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
		 "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
};
static const TestKey rfc5869_4 = { .type = CKK_GENERIC_SECRET, .value = "0b0b0b0b0b0b0b0b0b0b0b" };
static const TestKey rfc5869_7 = { .type = CKK_GENERIC_SECRET,
	                           .value = "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c" };
static const TestKey rfc5869_1_prk = {
	.type = CKK_GENERIC_SECRET,
	.value = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5"
};
static const TestKey rfc5869_1_salt = { .type = CKK_GENERIC_SECRET,
	                                .value = "000102030405060708090a0b0c" };

static const CK_HKDF_PARAMS hkdf_1 = { CK_TRUE, CK_TRUE, CKM_SHA256, CKF_HKDF_SALT_DATA,
	                               count,   13,      0,          count + 0xf0,
	                               10 };
static const CK_HKDF_PARAMS hkdf_1_extract = { CK_TRUE, CK_FALSE, CKM_SHA256, CKF_HKDF_SALT_DATA,
	                                       count,   13,       0,          NULL,
	                                       0 };
static const CK_HKDF_PARAMS hkdf_1_expand = { CK_FALSE, CK_TRUE, CKM_SHA256, CKF_HKDF_SALT_NULL,
	                                      NULL,     0,       0,          count + 0xf0,
	                                      10 };
static const CK_HKDF_PARAMS hkdf_1_salt_key = { CK_TRUE, CK_TRUE, CKM_SHA256, CKF_HKDF_SALT_KEY,
	                                        NULL,    0,       0,          count + 0xf0,
	                                        10 };
static const CK_HKDF_PARAMS hkdf_2 = {
	CK_TRUE, CK_TRUE, CKM_SHA256, CKF_HKDF_SALT_DATA, count + 0x60, 80, 0, count + 0xb0, 80
};
static const CK_HKDF_PARAMS hkdf_3 = { CK_TRUE, CK_TRUE, CKM_SHA256, CKF_HKDF_SALT_NULL, NULL, 0,
	                               0,       NULL,    0 };
static const CK_HKDF_PARAMS hkdf_4 = { CK_TRUE, CK_TRUE, CKM_SHA_1, CKF_HKDF_SALT_DATA,
	                               count,   13,      0,         count + 0xf0,
	                               10 };
static const CK_HKDF_PARAMS hkdf_7 = { CK_TRUE, CK_TRUE, CKM_SHA_1, CKF_HKDF_SALT_NULL, NULL, 0,
	                               0,       NULL,    0 };
static const CK_HKDF_PARAMS hkdf_sha384 = { CK_TRUE,   CK_TRUE, CKM_SHA384, CKF_HKDF_SALT_DATA,
	                                    count + 1, 32,      0,          (CK_BYTE *) "info",
	                                    4 };
static const CK_HKDF_PARAMS hkdf_sha512 = { CK_TRUE, CK_TRUE, CKM_SHA512, CKF_HKDF_SALT_NULL,
	                                    NULL,    0,       0,          NULL,
	                                    0 };
static const CK_HKDF_PARAMS hkdf_sha512_256 = { CK_TRUE,
	                                        CK_TRUE,
	                                        CKM_SHA512_256,
	                                        CKF_HKDF_SALT_DATA,
	                                        (CK_BYTE *) "salt",
	                                        4,
	                                        0,
	                                        (CK_BYTE *) "info",
	                                        4 };
static const CK_HKDF_PARAMS hkdf_sha3_256 = { CK_TRUE,
	                                      CK_TRUE,
	                                      CKM_SHA3_256,
	                                      CKF_HKDF_SALT_DATA,
	                                      (CK_BYTE *) "salt",
	                                      4,
	                                      0,
	                                      (CK_BYTE *) "info",
	                                      4 };

static const Vector hkdf_vectors[] = {
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.1",
	  .key = &rfc5869_1,
	  .out = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
	         "5865",
	  .param = &hkdf_1,
	  .param_len = sizeof (hkdf_1),
	  .value_len = 42 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.1, PRK",
	  .key = &rfc5869_1,
	  .out = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
	  .param = &hkdf_1_extract,
	  .param_len = sizeof (hkdf_1_extract) },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.1, from the PRK",
	  .key = &rfc5869_1_prk,
	  .out = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
	         "5865",
	  .param = &hkdf_1_expand,
	  .param_len = sizeof (hkdf_1_expand),
	  .value_len = 42 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.1, the salt as a key",
	  .key = &rfc5869_1,
	  .out = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
	         "5865",
	  .param = &hkdf_1_salt_key,
	  .param_len = sizeof (hkdf_1_salt_key),
	  .value_len = 42,
	  .others = { &rfc5869_1_salt },
	  .other_offsets = { offsetof (CK_HKDF_PARAMS, hSaltKey) } },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.1, cut",
	  .key = &rfc5869_1,
	  .out = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf",
	  .param = &hkdf_1,
	  .param_len = sizeof (hkdf_1),
	  .value_len = 32,
	  .key_type = CKK_AES },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.2",
	  .key = &rfc5869_2,
	  .out = "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac78272"
	         "71cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f"
	         "1d87",
	  .param = &hkdf_2,
	  .param_len = sizeof (hkdf_2),
	  .value_len = 82 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.3",
	  .key = &rfc5869_1,
	  .out = "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a"
	         "96c8",
	  .param = &hkdf_3,
	  .param_len = sizeof (hkdf_3),
	  .value_len = 42 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.4",
	  .key = &rfc5869_4,
	  .out = "085a01ea1b10f36933068b56efa5ad81a4f14b822f5b091568a9cdd4f155fda2c22e422478d305f3"
	         "f896",
	  .param = &hkdf_4,
	  .param_len = sizeof (hkdf_4),
	  .value_len = 42 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5869, A.7",
	  .key = &rfc5869_7,
	  .out = "2c91117204d745f3500d636a62f64f0ab3bae548aa53d423b0d1f27ebba6f5e5673a081d70cce7ac"
	         "fc48",
	  .param = &hkdf_7,
	  .param_len = sizeof (hkdf_7),
	  .value_len = 42 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "bc259325d14055b25a42125c8798db9140dce35face07a633a0f93ac9246070ae01840ebe474431c"
	         "076c4693885bc4580c783ae7261d1de0885b953e430ca186813efd0b861f8b83b05a5de5a4ad92c1"
	         "cff72f10f4e77461f7b2962d84f80dc314a587d5",
	  .param = &hkdf_sha384,
	  .param_len = sizeof (hkdf_sha384),
	  .value_len = 100 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "f5def084b086c3aea7c1ea1693f66dc54d414765f65467e0ff0bf1e7fed491c96bc7e8921b5df55e"
	         "d1dc990afc0bf8cd0ea225ad5aa2aebde9184b30b2c9b546",
	  .param = &hkdf_sha512,
	  .param_len = sizeof (hkdf_sha512),
	  .value_len = 64 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "305d28a77bfb054c1fbb0711904fc6260a8dc1d2e536b98c57d99065a97eba36d818ee3cfbb9bc74",
	  .param = &hkdf_sha512_256,
	  .param_len = sizeof (hkdf_sha512_256),
	  .value_len = 40 },
	{ .mechanism = CKM_HKDF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "dd0b91a62901bc2e8f77230f1013a0ea1e524e213ee2c896b01439f9860ac850473d26d710b332b3",
	  .param = &hkdf_sha3_256,
	  .param_len = sizeof (hkdf_sha3_256),
	  .value_len = 40 },
	{ .mechanism = CKM_HKDF_DATA,
	  .what = DERIVE_DATA,
	  .source = "RFC 5869, A.1",
	  .key = &rfc5869_1,
	  .out = "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b88718"
	         "5865",
	  .param = &hkdf_1,
	  .param_len = sizeof (hkdf_1),
	  .value_len = 42 },
	{ .mechanism = CKM_HKDF_DATA,
	  .what = DERIVE_DATA,
	  .source = "RFC 5869, A.1, PRK",
	  .key = &rfc5869_1,
	  .out = "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
	  .param = &hkdf_1_extract,
	  .param_len = sizeof (hkdf_1_extract) },
};

#endif /* CRATON_TEST_MECH_VECTORS_HKDF_H */
