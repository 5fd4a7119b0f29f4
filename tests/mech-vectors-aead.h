/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: AES-CCM and ChaCha20-Poly1305.
 */
#ifndef CRATON_TEST_MECH_VECTORS_AEAD_H
#define CRATON_TEST_MECH_VECTORS_AEAD_H

#include "mech-vectors.h"

static const TestKey ccm_128 = {
	.type = CKK_AES,
	.value = "404142434445464748494a4b4c4d4e4f",
};

static const TestKey ccm_256 = {
	.type = CKK_AES,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
};

static const TestKey chacha_aead = {
	.type = CKK_CHACHA20,
	.value = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
};

static CK_BYTE aead_bytes_0[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16 };
static CK_BYTE aead_bytes_1[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07 };
static const CK_CCM_PARAMS ccm_0 = { 4, aead_bytes_0, sizeof aead_bytes_0, aead_bytes_1, 8, 4 };

static CK_BYTE aead_bytes_2[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17 };
static CK_BYTE aead_bytes_3[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07,
	                          0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f };
static const CK_CCM_PARAMS ccm_2 = { 16, aead_bytes_2, sizeof aead_bytes_2, aead_bytes_3, 16, 6 };

static CK_BYTE aead_bytes_4[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15,
	                          0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b };
static CK_BYTE aead_bytes_5[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09,
	                          0x0a, 0x0b, 0x0c, 0x0d, 0x0e, 0x0f, 0x10, 0x11, 0x12, 0x13 };
static const CK_CCM_PARAMS ccm_4 = { 24, aead_bytes_4, sizeof aead_bytes_4, aead_bytes_5, 20, 8 };

static CK_BYTE aead_bytes_6[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
	                          0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c };
static CK_BYTE aead_bytes_7[] = {
	0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x0c, 0x0d, 0x0e,
	0x0f, 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d,
	0x1e, 0x1f, 0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2a, 0x2b, 0x2c,
	0x2d, 0x2e, 0x2f, 0x30, 0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38, 0x39, 0x3a, 0x3b,
	0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a,
	0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59,
	0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68,
	0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77,
	0x78, 0x79, 0x7a, 0x7b, 0x7c, 0x7d, 0x7e, 0x7f, 0x80, 0x81, 0x82, 0x83, 0x84, 0x85, 0x86,
	0x87, 0x88, 0x89, 0x8a, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x95,
	0x96, 0x97, 0x98, 0x99, 0x9a, 0x9b, 0x9c, 0x9d, 0x9e, 0x9f, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4,
	0xa5, 0xa6, 0xa7, 0xa8, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb3,
	0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc2,
	0xc3, 0xc4, 0xc5, 0xc6, 0xc7, 0xc8, 0xc9, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1,
	0xd2, 0xd3, 0xd4, 0xd5, 0xd6, 0xd7, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0,
	0xe1, 0xe2, 0xe3, 0xe4, 0xe5, 0xe6, 0xe7, 0xe8, 0xe9, 0xea, 0xeb, 0xec, 0xed, 0xee, 0xef,
	0xf0, 0xf1, 0xf2, 0xf3, 0xf4, 0xf5, 0xf6, 0xf7, 0xf8, 0xf9, 0xfa, 0xfb, 0xfc, 0xfd, 0xfe,
	0xff
};
static const CK_CCM_PARAMS ccm_6 = { 32, aead_bytes_6, sizeof aead_bytes_6, aead_bytes_7, 256, 14 };

static CK_BYTE aead_bytes_8[] = {
	0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1a
};
static const CK_CCM_PARAMS ccm_8 = { 0, aead_bytes_8, sizeof aead_bytes_8, NULL, 0, 16 };

static CK_BYTE aead_bytes_9[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
	                          0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c };
static CK_BYTE aead_bytes_10[] = { 0x00, 0x01, 0x02 };
static const CK_CCM_PARAMS ccm_9 = { 1, aead_bytes_9, sizeof aead_bytes_9, aead_bytes_10, 3, 16 };

static CK_BYTE aead_bytes_11[] = { 0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16,
	                           0x17, 0x18, 0x19, 0x1a, 0x1b, 0x1c };
static const CK_CCM_PARAMS ccm_11 = { 100, aead_bytes_11, sizeof aead_bytes_11, NULL, 0, 16 };

static CK_BYTE aead_bytes_12[] = { 0x07, 0x00, 0x00, 0x00, 0x40, 0x41,
	                           0x42, 0x43, 0x44, 0x45, 0x46, 0x47 };
static CK_BYTE aead_bytes_13[] = { 0x50, 0x51, 0x52, 0x53, 0xc0, 0xc1,
	                           0xc2, 0xc3, 0xc4, 0xc5, 0xc6, 0xc7 };
static const CK_SALSA20_CHACHA20_POLY1305_PARAMS chacha_poly_12 = { aead_bytes_12, 96,
	                                                            aead_bytes_13, 12 };

static CK_BYTE aead_bytes_14[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
	                           0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b };
static CK_BYTE aead_bytes_15[] = { 0x00, 0x01, 0x02, 0x03, 0x04 };
static const CK_SALSA20_CHACHA20_POLY1305_PARAMS chacha_poly_14 = { aead_bytes_14, 96,
	                                                            aead_bytes_15, 5 };

static CK_BYTE aead_bytes_16[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05,
	                           0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b };
static const CK_SALSA20_CHACHA20_POLY1305_PARAMS chacha_poly_16 = { aead_bytes_16, 96, NULL, 0 };

static const Vector aead_vectors[] = {
	{ .mechanism = CKM_AES_CCM,
	  .what = CRYPT,
	  .source = "NIST SP 800-38C, C.1",
	  .key = &ccm_128,
	  .param = &ccm_0,
	  .param_len = sizeof ccm_0,
	  .out = "7162015b4dac255d",
	  .in = "20212223" },
	{ .mechanism = CKM_AES_CCM,
	  .what = CRYPT,
	  .source = "NIST SP 800-38C, C.2",
	  .key = &ccm_128,
	  .param = &ccm_2,
	  .param_len = sizeof ccm_2,
	  .out = "d2a1f0e051ea5f62081a7792073d593d1fc64fbfaccd",
	  .in = "202122232425262728292a2b2c2d2e2f" },
	{ .mechanism = CKM_AES_CCM,
	  .what = CRYPT,
	  .source = "NIST SP 800-38C, C.3",
	  .key = &ccm_128,
	  .param = &ccm_4,
	  .param_len = sizeof ccm_4,
	  .out = "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5484392fbc1b09951",
	  .in = "202122232425262728292a2b2c2d2e2f3031323334353637" },
	{ .mechanism = CKM_AES_CCM,
	  .what = CRYPT,
	  .source = "NIST SP 800-38C, C.4 with the first 256 bytes of associated data; computed "
	            "with python3-cryptography",
	  .key = &ccm_128,
	  .param = &ccm_6,
	  .param_len = sizeof ccm_6,
	  .out = "69915dad1e84c6376a68c2967e4dab615ae0fd1faec44cc484828529463ccf72a0a7f7aed95dfaed"
	         "56319b825df7",
	  .in = "202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f" },
	{ .mechanism = CKM_AES_CCM,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &ccm_256,
	  .param = &ccm_8,
	  .param_len = sizeof ccm_8,
	  .out = "969b174c0709104a199e73d0497c2b22",
	  .in = "" },
	{ .mechanism = CKM_AES_CCM,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &ccm_256,
	  .param = &ccm_9,
	  .param_len = sizeof ccm_9,
	  .out = "1df78fd2735196eedb89a179c97293cdf9",
	  .in = "00" },
	{ .mechanism = CKM_AES_CCM,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &ccm_256,
	  .param = &ccm_11,
	  .param_len = sizeof ccm_11,
	  .out = "1db14ae1dba0646d7f3b89bd8a115a65722f821510eeb4ad978c156983581c5c1eea5dee629501df"
	         "d95f6af08187ad78d46fa8116fe5e00a65f76ced21712d40b3857330e85d48382d11197a6265eb00"
	         "43ab1b55592f2e79e9da9787f91076aa7895c70745ce89c9867c8f1376078523f61bb800",
	  .in = "000306090c0f1215181b1e2124272a2d303336393c3f4245484b4e5154575a5d606366696c6f7275"
	        "787b7e8184878a8d909396999c9fa2a5a8abaeb1b4b7babdc0c3c6c9cccfd2d5d8dbdee1e4e7eaed"
	        "f0f3f6f9fcff0205080b0e1114171a1d20232629" },
	{ .mechanism = CKM_CHACHA20_POLY1305,
	  .what = CRYPT,
	  .source = "RFC 8439, 2.8.2",
	  .key = &chacha_aead,
	  .param = &chacha_poly_12,
	  .param_len = sizeof chacha_poly_12,
	  .out = "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca96712"
	         "82fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58"
	         "fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09"
	         "e26a7e902ecbd0600691",
	  .in = "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f6620273939"
	        "3a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220"
	        "746865206675747572652c2073756e73637265656e20776f756c642062652069742e" },
	{ .mechanism = CKM_CHACHA20_POLY1305,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &chacha_aead,
	  .param = &chacha_poly_14,
	  .param_len = sizeof chacha_poly_14,
	  .out = "81edc46104e92d7ab3c41af5ce400f1b",
	  .in = "" },
	{ .mechanism = CKM_CHACHA20_POLY1305,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &chacha_aead,
	  .param = &chacha_poly_16,
	  .param_len = sizeof chacha_poly_16,
	  .out = "65b331ff60ae361abacf792dfc9e4b69e50081bd4124fad7476065cf5f5df9968064e8513d360525"
	         "a019e09448a2aaf0e84074527503e38f29c63d0da62e2d8904022824cc5e86a621788ebb14e62bf7"
	         "f8",
	  .in = "00050a0f14191e23282d32373c41464b50555a5f64696e73787d82878c91969ba0a5aaafb4b9bec3"
	        "c8cdd2d7dce1e6ebf0f5faff04090e13181d22272c31363b40" },
};

#endif /* CRATON_TEST_MECH_VECTORS_AEAD_H */
