/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: keys from passwords.
 */
#ifndef CRATON_TEST_MECH_VECTORS_PBE_H
#define CRATON_TEST_MECH_VECTORS_PBE_H

#include "mech-vectors-derive.h"

static const CK_PKCS5_PBKD2_PARAMS2 rfc6070_1 = { CKZ_SALT_SPECIFIED,
	                                          (void *) "salt",
	                                          4,
	                                          1,
	                                          CKP_PKCS5_PBKD2_HMAC_SHA1,
	                                          NULL,
	                                          0,
	                                          (CK_BYTE *) "password",
	                                          8 };
static const CK_PKCS5_PBKD2_PARAMS2 rfc6070_2 = { CKZ_SALT_SPECIFIED,
	                                          (void *) "salt",
	                                          4,
	                                          2,
	                                          CKP_PKCS5_PBKD2_HMAC_SHA1,
	                                          NULL,
	                                          0,
	                                          (CK_BYTE *) "password",
	                                          8 };
static const CK_PKCS5_PBKD2_PARAMS2 rfc6070_3 = { CKZ_SALT_SPECIFIED,
	                                          (void *) "salt",
	                                          4,
	                                          4096,
	                                          CKP_PKCS5_PBKD2_HMAC_SHA1,
	                                          NULL,
	                                          0,
	                                          (CK_BYTE *) "password",
	                                          8 };
static const CK_PKCS5_PBKD2_PARAMS2 rfc6070_5 = { CKZ_SALT_SPECIFIED,
	                                          (void *) "saltSALTsaltSALTsaltSALTsaltSALTsalt",
	                                          36,
	                                          4096,
	                                          CKP_PKCS5_PBKD2_HMAC_SHA1,
	                                          NULL,
	                                          0,
	                                          (CK_BYTE *) "passwordPASSWORDpassword",
	                                          24 };
static const CK_PKCS5_PBKD2_PARAMS2 rfc6070_6 = { CKZ_SALT_SPECIFIED,
	                                          (void *) "sa\0lt",
	                                          5,
	                                          4096,
	                                          CKP_PKCS5_PBKD2_HMAC_SHA1,
	                                          NULL,
	                                          0,
	                                          (CK_BYTE *) "pass\0word",
	                                          9 };
static const CK_PKCS5_PBKD2_PARAMS2 rfc7914_1 = { CKZ_SALT_SPECIFIED,
	                                          (void *) "salt",
	                                          4,
	                                          1,
	                                          CKP_PKCS5_PBKD2_HMAC_SHA256,
	                                          NULL,
	                                          0,
	                                          (CK_BYTE *) "passwd",
	                                          6 };
static const CK_PKCS5_PBKD2_PARAMS2 pbkdf2_sha224 = { CKZ_SALT_SPECIFIED,
	                                              (void *) "salt",
	                                              4,
	                                              2,
	                                              CKP_PKCS5_PBKD2_HMAC_SHA224,
	                                              NULL,
	                                              0,
	                                              (CK_BYTE *) "password",
	                                              8 };
static const CK_PKCS5_PBKD2_PARAMS2 pbkdf2_sha384 = { CKZ_SALT_SPECIFIED,
	                                              (void *) "salt",
	                                              4,
	                                              2,
	                                              CKP_PKCS5_PBKD2_HMAC_SHA384,
	                                              NULL,
	                                              0,
	                                              (CK_BYTE *) "password",
	                                              8 };
static const CK_PKCS5_PBKD2_PARAMS2 pbkdf2_sha512 = { CKZ_SALT_SPECIFIED,
	                                              (void *) "salt",
	                                              4,
	                                              2,
	                                              CKP_PKCS5_PBKD2_HMAC_SHA512,
	                                              NULL,
	                                              0,
	                                              (CK_BYTE *) "password",
	                                              8 };
static const CK_PKCS5_PBKD2_PARAMS2 pbkdf2_sha512_224 = { CKZ_SALT_SPECIFIED,
	                                                  (void *) "salt",
	                                                  4,
	                                                  2,
	                                                  CKP_PKCS5_PBKD2_HMAC_SHA512_224,
	                                                  NULL,
	                                                  0,
	                                                  (CK_BYTE *) "password",
	                                                  8 };
static const CK_PKCS5_PBKD2_PARAMS2 pbkdf2_sha512_256 = { CKZ_SALT_SPECIFIED,
	                                                  (void *) "salt",
	                                                  4,
	                                                  2,
	                                                  CKP_PKCS5_PBKD2_HMAC_SHA512_256,
	                                                  NULL,
	                                                  0,
	                                                  (CK_BYTE *) "password",
	                                                  8 };

/* The older structure: a pointer leads to the length. */
static CK_ULONG pbkdf2_len = 8;
static const CK_PKCS5_PBKD2_PARAMS pbkdf2_pointer = {
	CKZ_SALT_SPECIFIED,     (void *) "salt", 4, 2, CKP_PKCS5_PBKD2_HMAC_SHA1, NULL, 0,
	(CK_BYTE *) "password", &pbkdf2_len
};

static CK_BYTE pbe_iv[8];
static CK_BYTE pbe_queeg[] = {
	0x00, 0x71, 0x00, 0x75, 0x00, 0x65, 0x00, 0x65, 0x00, 0x67, 0x00, 0x00,
};
static CK_BYTE pbe_smeg[] = {
	0x00, 0x73, 0x00, 0x6d, 0x00, 0x65, 0x00, 0x67, 0x00, 0x00,
};
static CK_BYTE pbe_salt_key[] = {
	0x05, 0xde, 0xc9, 0x59, 0xac, 0xff, 0x72, 0xf7,
};
static CK_BYTE pbe_salt_smeg[] = {
	0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f,
};
static CK_BYTE pbe_salt_mac[] = {
	0x26, 0x32, 0x16, 0xfc, 0xc2, 0xfa, 0xb3, 0x1c,
};
static CK_BYTE pbe_salt_mac_smeg[] = {
	0x3d, 0x83, 0xc0, 0xe4, 0x54, 0x6a, 0xc1, 0x40,
};
static CK_BYTE pbe_salt_md5[] = {
	0x78, 0x57, 0x8e, 0x5a, 0x5d, 0x63, 0xcb, 0x06,
};

static const CK_PBE_PARAMS pbe_key = { pbe_iv, pbe_queeg, sizeof pbe_queeg, pbe_salt_key, 8, 1000 };
static const CK_PBE_PARAMS pbe_key_smeg = {
	pbe_iv, pbe_smeg, sizeof pbe_smeg, pbe_salt_smeg, 8, 1
};
static const CK_PBE_PARAMS pba_mac = { NULL, pbe_queeg, sizeof pbe_queeg, pbe_salt_mac, 8, 1000 };
static const CK_PBE_PARAMS pba_mac_smeg = {
	NULL, pbe_smeg, sizeof pbe_smeg, pbe_salt_mac_smeg, 8, 1
};
static const CK_PBE_PARAMS pbe_md5 = { pbe_iv, (CK_BYTE *) "password", 8, pbe_salt_md5, 8, 1000 };

static const Vector pbe_vectors[] = {
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "RFC 6070",
	  .out = "0c60c80f961f0e71f3a9b524af6012062fe037a6",
	  .param = &rfc6070_1,
	  .param_len = sizeof (rfc6070_1),
	  .value_len = 20 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "RFC 6070",
	  .out = "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
	  .param = &rfc6070_2,
	  .param_len = sizeof (rfc6070_2),
	  .value_len = 20 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "RFC 6070",
	  .out = "4b007901b765489abead49d926f721d065a429c1",
	  .param = &rfc6070_3,
	  .param_len = sizeof (rfc6070_3),
	  .value_len = 20 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "RFC 6070",
	  .out = "3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
	  .param = &rfc6070_5,
	  .param_len = sizeof (rfc6070_5),
	  .value_len = 25 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "RFC 6070",
	  .out = "56fa6aa75548099dcc37d7f03425e0c3",
	  .param = &rfc6070_6,
	  .param_len = sizeof (rfc6070_6),
	  .value_len = 16,
	  .key_type = CKK_AES },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "RFC 7914, 11",
	  .out = "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc49ca9cccf179b645"
	         "991664b39d77ef317c71b845b1e30bd509112041d3a19783",
	  .param = &rfc7914_1,
	  .param_len = sizeof (rfc7914_1),
	  .value_len = 64 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .out = "93200ffa96c5776d38fa10abdf8f5bfc0054b9718513df472d2331d2d1e66a3f97b510224f700ce7",
	  .param = &pbkdf2_sha224,
	  .param_len = sizeof (pbkdf2_sha224),
	  .value_len = 40 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .out = "54f775c6d790f21930459162fc535dbf04a939185127016a04176a0730c6f1f4fb48832ad1261baa",
	  .param = &pbkdf2_sha384,
	  .param_len = sizeof (pbkdf2_sha384),
	  .value_len = 40 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .out = "e1d9c16aa681708a45f5c7c4e215ceb66e011a2e9f0040713f18aefdb866d53cf76cab2868a39b9f",
	  .param = &pbkdf2_sha512,
	  .param_len = sizeof (pbkdf2_sha512),
	  .value_len = 40 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .out = "b8878ac5e4509c165c1b508961fa3c3afcef3f37b7b081874e718d8daea670147a7b33584f131f9f",
	  .param = &pbkdf2_sha512_224,
	  .param_len = sizeof (pbkdf2_sha512_224),
	  .value_len = 40 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .out = "fcfd108c99cc888ec0af9f184885aff5f02d19a956afad9ccea4d56a482b851bec1af5635d574bc1",
	  .param = &pbkdf2_sha512_256,
	  .param_len = sizeof (pbkdf2_sha512_256),
	  .value_len = 40 },
	{ .mechanism = CKM_PKCS5_PBKD2,
	  .what = GENERATE,
	  .source = "RFC 6070, in the older structure",
	  .out = "ea6c014dc72d6f8ccd1ed92ace1d41f0d8de8957",
	  .param = &pbkdf2_pointer,
	  .param_len = sizeof (pbkdf2_pointer),
	  .value_len = 20 },
	{ .mechanism = CKM_PBE_SHA1_DES3_EDE_CBC,
	  .what = GENERATE,
	  .source = "the vectors of PKCS #12's function that OpenSSL and Bouncy Castle test with",
	  .out = "8aabe6297a6db04643ab5b077951294fb6138f1a2a7fbca279993dfe048d3b76",
	  .param = &pbe_key_smeg,
	  .param_len = sizeof (pbe_key_smeg),
	  .back = pbe_iv },
	{ .mechanism = CKM_PBE_SHA1_DES3_EDE_CBC,
	  .what = GENERATE,
	  .source = "the vectors of PKCS #12's function that OpenSSL and Bouncy Castle test with",
	  .out = "ec2034e36229830ef19df1e0a17cd357195dad0d4f9eb3d511dedad7758d4860",
	  .param = &pbe_key,
	  .param_len = sizeof (pbe_key),
	  .key_type = CKK_DES3,
	  .back = pbe_iv },
	{ .mechanism = CKM_PBE_SHA1_DES2_EDE_CBC,
	  .what = GENERATE,
	  .source = "the vectors of PKCS #12's function that OpenSSL and Bouncy Castle test with",
	  .out = "ec2034e36229830ef19df1e0a17cd35711dedad7758d4860",
	  .param = &pbe_key,
	  .param_len = sizeof (pbe_key),
	  .back = pbe_iv },
	{ .mechanism = CKM_PBA_SHA1_WITH_SHA1_HMAC,
	  .what = GENERATE,
	  .source = "the vectors of PKCS #12's function that OpenSSL and Bouncy Castle test with",
	  .out = "5ec4c7a80df652294c3925b6489a7ab857c83476",
	  .param = &pba_mac,
	  .param_len = sizeof (pba_mac) },
	{ .mechanism = CKM_PBA_SHA1_WITH_SHA1_HMAC,
	  .what = GENERATE,
	  .source = "the vectors of PKCS #12's function that OpenSSL and Bouncy Castle test with",
	  .out = "8d967d88f6caa9d714800ab3d48051d63f73a312",
	  .param = &pba_mac_smeg,
	  .param_len = sizeof (pba_mac_smeg),
	  .value_len = 20,
	  .key_type = CKK_GENERIC_SECRET },
	{ .mechanism = CKM_PBE_MD5_DES_CBC,
	  .what = GENERATE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .out = "c11346e6b97f76a19ab0643de76e1ea7",
	  .param = &pbe_md5,
	  .param_len = sizeof (pbe_md5),
	  .back = pbe_iv },
};

#endif /* CRATON_TEST_MECH_VECTORS_PBE_H */
