/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: digests and mechanisms with secret keys.
 */
#ifndef CRATON_TEST_MECH_VECTORS_SECRET_H
#define CRATON_TEST_MECH_VECTORS_SECRET_H

#include "mech-vectors.h"

static const TestKey hmac_20 = {
	.type = CKK_GENERIC_SECRET,
	.value = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
};

static const TestKey hmac_c = {
	.type = CKK_GENERIC_SECRET,
	.value = "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
};

static const TestKey hmac_131 = {
	.type = CKK_GENERIC_SECRET,
	.value = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaa",
};

static const TestKey aes_128 = {
	.type = CKK_AES,
	.value = "2b7e151628aed2a6abf7158809cf4f3c",
};

static const TestKey aes_192 = {
	.type = CKK_AES,
	.value = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
};

static const TestKey aes_256 = {
	.type = CKK_AES,
	.value = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
};

static const TestKey aes_pad_1 = {
	.type = CKK_AES,
	.value = "e34f15c7bd819930fe9d66e0c166e61c",
};

static const TestKey aes_pad_2 = {
	.type = CKK_AES,
	.value = "e09eaa5a3f5e56d279d5e7a03373f6ea",
};

static const TestKey gcm_128 = {
	.type = CKK_AES,
	.value = "feffe9928665731c6d6a8f9467308308",
};

static const TestKey gcm_256 = {
	.type = CKK_AES,
	.value = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
};

static const TestKey gcm_0 = {
	.type = CKK_AES,
	.value = "00000000000000000000000000000000",
};

static const TestKey kek_128 = {
	.type = CKK_AES,
	.value = "000102030405060708090a0b0c0d0e0f",
};

static const TestKey kek_256 = {
	.type = CKK_AES,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
};

static const TestKey kek_192 = {
	.type = CKK_AES,
	.value = "5840df6e29b02af1ab493b705bf16ea1ae8338f4dcc176a8",
};

static const Vector secret_vectors[] = {
	{ .mechanism = CKM_SHA_1,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example abc",
	  .out = "a9993e364706816aba3e25717850c26c9cd0d89d",
	  .in = "616263" },
	{ .mechanism = CKM_SHA_1,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA1ShortMsg, Len = 0",
	  .out = "da39a3ee5e6b4b0d3255bfef95601890afd80709",
	  .in = "" },
	{ .mechanism = CKM_SHA_1,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA1LongMsg, first",
	  .out = "d8fd6a91ef3b6ced05b98358a99107c1fac8c807",
	  .in = "7c9c67323a1df1adbfe5ceb415eaef0155ece2820f4d50c1ec22cba4928ac656c83fe585db6a78ce"
	        "40bc42757aba7e5a3f582428d6ca68d0c3978336a6efb729613e8d9979016204bfd921322fdd5222"
	        "183554447de5e6e9bbe6edf76d7b71e18dc2e8d6dc89b7398364f652fafc734329aafa3dcd45d4f3"
	        "1e388e4fafd7fc6495f37ca5cbab7f54d586463da4bfeaa3bae09f7b8e9239d832b4f0a733aa609c"
	        "c1f8d4" },
	{ .mechanism = CKM_SHA224,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example abc",
	  .out = "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7",
	  .in = "616263" },
	{ .mechanism = CKM_SHA224,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA224ShortMsg, Len = 0",
	  .out = "d14a028c2a3a2bc9476102bb288234c415a2b01f828ea62ac5b3e42f",
	  .in = "" },
	{ .mechanism = CKM_SHA224,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA224LongMsg, first",
	  .out = "9db6dc3a23abd7b6c3d72c38f4843c7de48a71d0ba91a86b18393e5f",
	  .in = "f149e41d848f59276cfddd743bafa9a90e1ee4a263a118142b33e3702176ef0a59f8237a1cb51b42"
	        "f3ded6b202d9af0997898fdd03cf60bda951c514547a0850cec25444ae2f24cb711bfbafcc3956c9"
	        "41d3de69f155e3f8b10f06db5f37359b772ddd43e1035a0a0d3db33242d5843033833b0dd43b870c"
	        "6bf60e8deab55f317cc3273f5e3ba747f0cb65050cb7228796210d9254873643008d45f29cfd6c5b"
	        "060c9a" },
	{ .mechanism = CKM_SHA256,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example abc",
	  .out = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
	  .in = "616263" },
	{ .mechanism = CKM_SHA256,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA256ShortMsg, Len = 0",
	  .out = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	  .in = "" },
	{ .mechanism = CKM_SHA256,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA256LongMsg, first",
	  .out = "3c593aa539fdcdae516cdf2f15000f6634185c88f505b39775fb9ab137a10aa2",
	  .in = "451101250ec6f26652249d59dc974b7361d571a8101cdfd36aba3b5854d3ae086b5fdd4597721b66"
	        "e3c0dc5d8c606d9657d0e323283a5217d1f53f2f284f57b85c8a61ac8924711f895c5ed90ef17745"
	        "ed2d728abd22a5f7a13479a462d71b56c19a74a40b655c58edfe0a188ad2cf46cbf30524f65d423c"
	        "837dd1ff2bf462ac4198007345bb44dbb7b1c861298cdf61982a833afc728fae1eda2f87aa2c9480"
	        "858bec" },
	{ .mechanism = CKM_SHA384,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example abc",
	  .out = "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc23"
	         "58baeca134c825a7",
	  .in = "616263" },
	{ .mechanism = CKM_SHA384,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA384ShortMsg, Len = 0",
	  .out = "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fb"
	         "d51ad2f14898b95b",
	  .in = "" },
	{ .mechanism = CKM_SHA384,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA384LongMsg, first",
	  .out = "0730e184e7795575569f87030260bb8e54498e0e5d096b18285e988d245b6f3486d1f2447d5f85bc"
	         "be59d5689fc49425",
	  .in = "62c6a169b9be02b3d7b471a964fc0bcc72b480d26aecb2ed460b7f50016ddaf04c51218783f3aadf"
	        "dff5a04ded030d7b3fb7376b61ba30b90e2da921a4470740d63fb99fa16cc8ed81abaf8ce4016e50"
	        "df81da832070372c24a80890aa3a26fa675710b8fb718266249d496f313c55d0bada101f8f56eecc"
	        "ee4345a8f98f60a36662cfda794900d12f9414fcbdfdeb85388a814996b47e24d5c8086e7a8edcc5"
	        "3d299d0d033e6bb60c58b83d6e8b57f6c258d6081dd10eb942fdf8ec157ec3e75371235a8196eb9d"
	        "22b1de3a2d30c2abbe0db7650cf6c7159bacbe29b3a93c92100508" },
	{ .mechanism = CKM_SHA512,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example abc",
	  .out = "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a8"
	         "36ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
	  .in = "616263" },
	{ .mechanism = CKM_SHA512,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA512ShortMsg, Len = 0",
	  .out = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0"
	         "ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
	  .in = "" },
	{ .mechanism = CKM_SHA512,
	  .what = DIGEST,
	  .source = "NIST CAVP, SHA512LongMsg, first",
	  .out = "a9db490c708cc72548d78635aa7da79bb253f945d710e5cb677a474efc7c65a2aab45bc7ca1113c8"
	         "ce0f3c32e1399de9c459535e8816521ab714b2a6cd200525",
	  .in = "4f05600950664d5190a2ebc29c9edb89c20079a4d3e6bc3b27d75e34e2fa3d02768502bd69790078"
	        "598d5fcf3d6779bfed1284bbe5ad72fb456015181d9587d6e864c940564eaafb4f2fead4346ea09b"
	        "6877d9340f6b82eb1515880872213da3ad88feba9f4f13817a71d6f90a1a17c43a15c038d988b5b2"
	        "9edffe2d6a062813cedbe852cde302b3e33b696846d2a8e36bd680efcc6cd3f9e9a4c1ae8cac10cc"
	        "5244d131677140399176ed46700019a004a163806f7fa467fc4e17b4617bbd7641aaff7ff56396ba"
	        "8c08a8be100b33a20b5daf134a2aefa5e1c3496770dcf6baa4f7bb" },
	{ .mechanism = CKM_SHA_1_HMAC,
	  .what = SIGN,
	  .source = "RFC 2202, test case 1",
	  .key = &hmac_20,
	  .out = "b617318655057264e28bc0b6fb378c8ef146be00",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA_1_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 2202, test case 5",
	  .key = &hmac_c,
	  .mac_len = 12,
	  .out = "4c1a03424b55e07fe7f27be1",
	  .in = "546573742057697468205472756e636174696f6e" },
	{ .mechanism = CKM_SHA224_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1",
	  .key = &hmac_20,
	  .out = "896fb1128abbdf196832107cd49df33f47b4b1169912ba4f53684b22",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA224_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 4231, test case 5",
	  .key = &hmac_c,
	  .mac_len = 16,
	  .out = "0e2aea68a90c8d37c988bcdb9fca6fa8",
	  .in = "546573742057697468205472756e636174696f6e" },
	{ .mechanism = CKM_SHA224_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 6",
	  .key = &hmac_131,
	  .out = "95e9a0db962095adaebe9b2d6f0dbce2d499f112f2d2b7273fa6870e",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA256_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1",
	  .key = &hmac_20,
	  .out = "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA256_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 4231, test case 5",
	  .key = &hmac_c,
	  .mac_len = 16,
	  .out = "a3b6167473100ee06e0c796c2955552b",
	  .in = "546573742057697468205472756e636174696f6e" },
	{ .mechanism = CKM_SHA256_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 6",
	  .key = &hmac_131,
	  .out = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA384_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1",
	  .key = &hmac_20,
	  .out = "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f"
	         "4af152e8b2fa9cb6",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA384_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 4231, test case 5",
	  .key = &hmac_c,
	  .mac_len = 16,
	  .out = "3abf34c3503b2a23a46efc619baef897",
	  .in = "546573742057697468205472756e636174696f6e" },
	{ .mechanism = CKM_SHA384_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 6",
	  .key = &hmac_131,
	  .out = "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe82"
	         "96248df163f44952",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA512_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1",
	  .key = &hmac_20,
	  .out = "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702"
	         "038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA512_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 4231, test case 5",
	  .key = &hmac_c,
	  .mac_len = 16,
	  .out = "415fad6271580a531d4179bc891d87a6",
	  .in = "546573742057697468205472756e636174696f6e" },
	{ .mechanism = CKM_SHA512_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 6",
	  .key = &hmac_131,
	  .out = "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598"
	         "bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_AES_ECB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.1.1",
	  .key = &aes_128,
	  .out = "3ad77bb40d7a3660a89ecaf32466ef97f5d3d58503b9699de785895a96fdbaaf43b1cd7f598ece23"
	         "881b00e3ed0306887b0c785e27e8ad3f8223207104725dd4",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_CBC,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.2.1",
	  .key = &aes_128,
	  .out = "7649abac8119b246cee98e9b12e9197d5086cb9b507219ee95db113a917678b273bed6b8e3c1743b"
	         "7116e69e222295163ff1caa1681fac09120eca307586e1a7",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  .iv = "000102030405060708090a0b0c0d0e0f" },
	{ .mechanism = CKM_AES_CTR,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.5.1",
	  .key = &aes_128,
	  .out = "874d6191b620e3261bef6864990db6ce9806f66b7970fdff8617187bb9fffdff5ae4df3edbd5d35e"
	         "5b4f09020db03eab1e031dda2fbe03d1792170a0f3009cee",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  .iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	  .counter_bits = 128 },
	{ .mechanism = CKM_AES_ECB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.1.3",
	  .key = &aes_192,
	  .out = "bd334f1d6e45f25ff712a214571fa5cc974104846d0ad3ad7734ecb3ecee4eefef7afd2270e2e60a"
	         "dce0ba2face6444e9a4b41ba738d6c72fb16691603c18e0e",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_CBC,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.2.3",
	  .key = &aes_192,
	  .out = "4f021db243bc633d7178183a9fa071e8b4d9ada9ad7dedf4e5e738763f69145a571b242012fb7ae0"
	         "7fa9baac3df102e008b0e27988598881d920a9e64f5615cd",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  .iv = "000102030405060708090a0b0c0d0e0f" },
	{ .mechanism = CKM_AES_CTR,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.5.3",
	  .key = &aes_192,
	  .out = "1abc932417521ca24f2b0459fe7e6e0b090339ec0aa6faefd5ccc2c6f4ce8e941e36b26bd1ebc670"
	         "d1bd1d665620abf74f78a7f6d29809585a97daec58c6b050",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  .iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	  .counter_bits = 128 },
	{ .mechanism = CKM_AES_ECB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.1.5",
	  .key = &aes_256,
	  .out = "f3eed1bdb5d2a03c064b5a7e3db181f8591ccb10d410ed26dc5ba74a31362870b6ed21b99ca6f4f9"
	         "f153e7b1beafed1d23304b7a39f9f3ff067d8d8f9e24ecc7",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_CBC,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.2.5",
	  .key = &aes_256,
	  .out = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacf"
	         "a530e26304231461b2eb05e2c39be9fcda6c19078c6a9d1b",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  .iv = "000102030405060708090a0b0c0d0e0f" },
	{ .mechanism = CKM_AES_CTR,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.5.5",
	  .key = &aes_256,
	  .out = "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c52b0930daa23de94c"
	         "e87017ba2d84988ddfc9c58db67aada613c2dd08457941a6",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710",
	  .iv = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
	  .counter_bits = 128 },
	{ .mechanism = CKM_AES_CBC_PAD,
	  .what = CRYPT,
	  .source = "Wycheproof, aes_cbc_pkcs5_test, tcId 1",
	  .key = &aes_pad_1,
	  .iv = "da9520f7d3520277035173299388bee2",
	  .out = "b10ab60153276941361000414aed0a9d",
	  .in = "" },
	{ .mechanism = CKM_AES_CBC_PAD,
	  .what = CRYPT,
	  .source = "Wycheproof, aes_cbc_pkcs5_test, tcId 2",
	  .key = &aes_pad_2,
	  .iv = "c9ee3cd746bf208c65ca9e72a266d54f",
	  .out = "d1fa697f3e2e04d64f1a0da203813ca5bc226a0b1d42287b2a5b994a66eaf14a",
	  .in = "ef4eab37181f98423e53e947e7050fd0" },
	{ .mechanism = CKM_AES_GCM,
	  .what = CRYPT,
	  .source = "McGrew and Viega, The Galois/Counter Mode of Operation, test case 4",
	  .key = &gcm_128,
	  .iv = "cafebabefacedbaddecaf888",
	  .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  .tag_bits = 128,
	  .out = "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c"
	         "7d8f6a5aac84aa051ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47",
	  .in = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
	        "2fcf0e2449a6b525b16aedf5aa0de657ba637b39" },
	{ .mechanism = CKM_AES_GCM,
	  .what = CRYPT,
	  .source = "McGrew and Viega, The Galois/Counter Mode of Operation, test case 5",
	  .key = &gcm_128,
	  .iv = "cafebabefacedbad",
	  .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  .tag_bits = 128,
	  .out = "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b2"
	         "2b097544d4896b424989b5e1ebac0f07c23f45983612d2e79e3b0785561be14aaca2fccb",
	  .in = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
	        "2fcf0e2449a6b525b16aedf5aa0de657ba637b39" },
	{ .mechanism = CKM_AES_GCM,
	  .what = CRYPT,
	  .source = "McGrew and Viega, The Galois/Counter Mode of Operation, test case 16",
	  .key = &gcm_256,
	  .iv = "cafebabefacedbaddecaf888",
	  .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  .tag_bits = 128,
	  .out = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3d"
	         "a7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b",
	  .in = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
	        "2fcf0e2449a6b525b16aedf5aa0de657ba637b39" },
	{ .mechanism = CKM_AES_GCM,
	  .what = CRYPT,
	  .source =
	          "McGrew and Viega, The Galois/Counter Mode, test case 16, tag cut",
	  .key = &gcm_256,
	  .iv = "cafebabefacedbaddecaf888",
	  .aad = "feedfacedeadbeeffeedfacedeadbeefabaddad2",
	  .tag_bits = 96,
	  .out = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3d"
	         "a7b08b1056828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853",
	  .in = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953"
	        "2fcf0e2449a6b525b16aedf5aa0de657ba637b39" },
	{ .mechanism = CKM_AES_GCM,
	  .what = CRYPT,
	  .source = "McGrew and Viega, The Galois/Counter Mode of Operation, test case 1",
	  .key = &gcm_0,
	  .iv = "000000000000000000000000",
	  .tag_bits = 128,
	  .out = "58e2fccefa7e3061367f1d57a4e7455a",
	  .in = "" },
	{ .mechanism = CKM_AES_KEY_WRAP,
	  .what = CRYPT,
	  .source = "RFC 3394, 4.1",
	  .key = &kek_128,
	  .out = "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5",
	  .in = "00112233445566778899aabbccddeeff" },
	{ .mechanism = CKM_AES_KEY_WRAP,
	  .what = CRYPT,
	  .source = "RFC 3394, 4.6",
	  .key = &kek_256,
	  .out = "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21",
	  .in = "00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f" },
	{ .mechanism = CKM_AES_KEY_WRAP_PAD,
	  .what = CRYPT,
	  .source = "RFC 5649, 6",
	  .key = &kek_192,
	  .out = "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
	  .in = "c37b7e6492584340bed12207808941155068f738" },
	{ .mechanism = CKM_AES_KEY_WRAP_PAD,
	  .what = CRYPT,
	  .source = "RFC 5649, 6",
	  .key = &kek_192,
	  .out = "afbeb0f07dfbf5419200f2ccb50bb24f",
	  .in = "466f7250617369" },
	{ .mechanism = CKM_AES_KEY_WRAP_KWP,
	  .what = CRYPT,
	  .source = "RFC 5649, 6",
	  .key = &kek_192,
	  .out = "138bdeaa9b8fa7fc61f97742e72248ee5ae6ae5360d1ae6a5f54f373fa543b6a",
	  .in = "c37b7e6492584340bed12207808941155068f738" },
	{ .mechanism = CKM_AES_KEY_WRAP_KWP,
	  .what = CRYPT,
	  .source = "RFC 5649, 6",
	  .key = &kek_192,
	  .out = "afbeb0f07dfbf5419200f2ccb50bb24f",
	  .in = "466f7250617369" },
	{ .mechanism = CKM_AES_CMAC,
	  .what = SIGN,
	  .source = "NIST SP 800-38B, D, AES-128, example 2",
	  .key = &aes_128,
	  .out = "070a16b46b4d4144f79bdd9dd04a287c",
	  .in = "6bc1bee22e409f96e93d7e117393172a" },
	{ .mechanism = CKM_AES_CMAC,
	  .what = SIGN,
	  .source = "NIST SP 800-38B, D, AES-192, example 2",
	  .key = &aes_192,
	  .out = "9e99a7bf31e710900662f65e617c5184",
	  .in = "6bc1bee22e409f96e93d7e117393172a" },
	{ .mechanism = CKM_AES_CMAC,
	  .what = SIGN,
	  .source = "NIST SP 800-38B, D, AES-256, example 2",
	  .key = &aes_256,
	  .out = "28a7023f452e8f82bd4bf28d8c37c35c",
	  .in = "6bc1bee22e409f96e93d7e117393172a" },
	{ .mechanism = CKM_AES_CMAC,
	  .what = SIGN,
	  .source = "NIST SP 800-38B, D.1, example 1",
	  .key = &aes_128,
	  .out = "bb1d6929e95937287fa37d129b756746",
	  .in = "" },
	{ .mechanism = CKM_AES_CMAC_GENERAL,
	  .what = SIGN,
	  .source = "NIST SP 800-38B, D.1, example 3, cut to 64 bits",
	  .key = &aes_128,
	  .mac_len = 8,
	  .out = "dfa66747de9ae630",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45"
		"af8e5130c81c46a35ce411" },
};

#endif /* CRATON_TEST_MECH_VECTORS_SECRET_H */
