/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: modes of AES, Camellia, DES and ChaCha20 without authentication.
 */
#ifndef CRATON_TEST_MECH_VECTORS_CIPHER_H
#define CRATON_TEST_MECH_VECTORS_CIPHER_H

#include "mech-vectors.h"

static const TestKey sp38a_128 = {
	.type = CKK_AES,
	.value = "2b7e151628aed2a6abf7158809cf4f3c",
};

static const TestKey sp38a_192 = {
	.type = CKK_AES,
	.value = "8e73b0f7da0e6452c810f32b809079e562f8ead2522c6b7b",
};

static const TestKey sp38a_256 = {
	.type = CKK_AES,
	.value = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4",
};

static const TestKey chicken = {
	.type = CKK_AES,
	.value = "636869636b656e207465726979616b69",
};

static const TestKey xts_2 = {
	.type = CKK_AES_XTS,
	.value = "1111111111111111111111111111111122222222222222222222222222222222",
};

static const TestKey xts_3 = {
	.type = CKK_AES_XTS,
	.value = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f022222222222222222222222222222222",
};

static const TestKey xts_15 = {
	.type = CKK_AES_XTS,
	.value = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0bfbebdbcbbbab9b8b7b6b5b4b3b2b1b0",
};

static const TestKey xts_10 = {
	.type = CKK_AES_XTS,
	.value = "27182818284590452353602874713526624977572470936999595749669676273141592653589793"
		 "238462643383279502884197169399375105820974944592",
};

static const TestKey des_81 = {
	.type = CKK_DES,
	.value = "0123456789abcdef",
};

static const TestKey tdea_67 = {
	.type = CKK_DES3,
	.value = "0123456789abcdef23456789abcdef01456789abcdef0123",
};

static const TestKey tdea_67_2 = {
	.type = CKK_DES2,
	.value = "0123456789abcdef23456789abcdef01",
};

static const TestKey camellia_128 = {
	.type = CKK_CAMELLIA,
	.value = "0123456789abcdeffedcba9876543210",
};

static const TestKey camellia_192 = {
	.type = CKK_CAMELLIA,
	.value = "0123456789abcdeffedcba98765432100011223344556677",
};

static const TestKey camellia_256 = {
	.type = CKK_CAMELLIA,
	.value = "0123456789abcdeffedcba987654321000112233445566778899aabbccddeeff",
};

static const TestKey chacha_key = {
	.type = CKK_CHACHA20,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
};

static const TestKey chacha_0 = {
	.type = CKK_CHACHA20,
	.value = "0000000000000000000000000000000000000000000000000000000000000000",
};

static CK_BYTE chacha_242_counter[] = { 0x01, 0x00, 0x00, 0x00 };
static CK_BYTE chacha_242_nonce[] = { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	                              0x00, 0x4a, 0x00, 0x00, 0x00, 0x00 };
static const CK_CHACHA20_PARAMS chacha_242 = { chacha_242_counter, 32, chacha_242_nonce, 96 };

static CK_BYTE chacha_a1_counter[] = { 0x00, 0x00, 0x00, 0x00 };
static CK_BYTE chacha_a1_nonce[] = { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
	                             0x00, 0x00, 0x00, 0x00, 0x00, 0x00 };
static const CK_CHACHA20_PARAMS chacha_a1 = { chacha_a1_counter, 32, chacha_a1_nonce, 96 };

static CK_BYTE chacha_64_counter[] = { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 };
static CK_BYTE chacha_64_nonce[] = { 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00 };
static const CK_CHACHA20_PARAMS chacha_64 = { chacha_64_counter, 64, chacha_64_nonce, 64 };

static CK_BYTE chacha_carry_counter[] = { 0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00 };
static CK_BYTE chacha_carry_nonce[] = { 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07 };
static const CK_CHACHA20_PARAMS chacha_carry = { chacha_carry_counter, 64, chacha_carry_nonce, 64 };

static const Vector cipher_vectors[] = {
	{ .mechanism = CKM_AES_OFB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.4.1",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed8259740051e9c5fecf6"
	         "4344f7a82260edcc304c6528f659c77866a510d9c1d6ae5e",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_CFB1,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.1",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "68b3",
	  .in = "6bc1" },
	{ .mechanism = CKM_AES_CFB8,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.7",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "3b79424c9c0dd436bace9e0ed4586a4f32b9",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d" },
	{ .mechanism = CKM_AES_CFB128,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.13",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b26751f67a3cbb140"
	         "b1808cf187a4f4dfc04b05357c5d1c0eeac4c66f9ff7f2e6",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_OFB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.4.3",
	  .key = &sp38a_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "cdc80d6fddf18cab34c25909c99a4174fcc28b8d4c63837c09e81700c11004018d9a9aeac0f6596f"
	         "559c6d4daf59a5f26d9f200857ca6c3e9cac524bd9acc92a",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_CFB1,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.3",
	  .key = &sp38a_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "9359",
	  .in = "6bc1" },
	{ .mechanism = CKM_AES_CFB8,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.9",
	  .key = &sp38a_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "cda2521ef0a905ca44cd057cbf0d47a0678a",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d" },
	{ .mechanism = CKM_AES_CFB128,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.15",
	  .key = &sp38a_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "cdc80d6fddf18cab34c25909c99a417467ce7f7f81173621961a2b70171d3d7a2e1e8a1dd59b88b1"
	         "c8e60fed1efac4c9c05f9f9ca9834fa042ae8fba584b09ff",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_OFB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.4.5",
	  .key = &sp38a_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "dc7e84bfda79164b7ecd8486985d38604febdc6740d20b3ac88f6ad82a4fb08d71ab47a086e86eed"
	         "f39d1c5bba97c4080126141d67f37be8538f5a8be740e484",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_CFB1,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.5",
	  .key = &sp38a_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "9029",
	  .in = "6bc1" },
	{ .mechanism = CKM_AES_CFB8,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.11",
	  .key = &sp38a_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "dc1f1a8520a64db55fcc8ac554844e889700",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d" },
	{ .mechanism = CKM_AES_CFB128,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.17",
	  .key = &sp38a_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "dc7e84bfda79164b7ecd8486985d386039ffed143b28b1c832113c6331e5407bdf10132415e54b92"
	         "a13ed0a8267ae2f975a385741ab9cef82031623d55b1e471",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_AES_CFB1,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography (AES-ECB, bit by bit)",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "68b3a264f838f5f8c3101070d1ab4c2e22e7f950383a0b71ade4fad0095cb188a57972c3c1882615"
	         "f7",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5" },
	{ .mechanism = CKM_AES_OFB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.4.1, cut",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "3b",
	  .in = "6b" },
	{ .mechanism = CKM_AES_CFB128,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.13, cut",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "3b",
	  .in = "6b" },
	{ .mechanism = CKM_AES_OFB,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.4.1, cut",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "3b3fd92eb72dad20333449f8e83cfb4a7789508d16918f03f53c52dac54ed82597",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130" },
	{ .mechanism = CKM_AES_CFB128,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.3.13, cut",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "3b3fd92eb72dad20333449f8e83cfb4ac8a64537a0b3a93fcde3cdad9f1ce58b26",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "RFC 3962, B, its last two blocks in the order of CBC-CS1",
	  .key = &chicken,
	  .iv = "00000000000000000000000000000000",
	  .out = "97c6353568f2bf8cb4d8a580362da7ff7f",
	  .in = "4920776f756c64206c696b652074686520" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "RFC 3962, B, its last two blocks in the order of CBC-CS1",
	  .key = &chicken,
	  .iv = "00000000000000000000000000000000",
	  .out = "97687268d6ecccc0c07b25e25ecfe5fc00783e0efdb2c1d445d4c8eff7ed22",
	  .in = "4920776f756c64206c696b65207468652047656e6572616c20476175277320" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "RFC 3962, B, its last two blocks in the order of CBC-CS1",
	  .key = &chicken,
	  .iv = "00000000000000000000000000000000",
	  .out = "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a8",
	  .in = "4920776f756c64206c696b65207468652047656e6572616c2047617527732043" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "RFC 3962, B, its last two blocks in the order of CBC-CS1",
	  .key = &chicken,
	  .iv = "00000000000000000000000000000000",
	  .out = "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5b3fffd940c16a18c1b"
	         "5549d2f838029e",
	  .in = "4920776f756c64206c696b65207468652047656e6572616c20476175277320436869636b656e2c20"
	        "706c656173652c" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "RFC 3962, B, its last two blocks in the order of CBC-CS1",
	  .key = &chicken,
	  .iv = "00000000000000000000000000000000",
	  .out = "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a89dad8bbb96c4cdc0"
	         "3bc103e1a194bbd8",
	  .in = "4920776f756c64206c696b65207468652047656e6572616c20476175277320436869636b656e2c20"
	        "706c656173652c20" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "RFC 3962, B, its last two blocks in the order of CBC-CS1",
	  .key = &chicken,
	  .iv = "00000000000000000000000000000000",
	  .out = "97687268d6ecccc0c07b25e25ecfe58439312523a78662d5be7fcbcc98ebf5a89dad8bbb96c4cdc0"
	         "3bc103e1a194bbd84807efe836ee89a526730dbc2f7bc840",
	  .in = "4920776f756c64206c696b65207468652047656e6572616c20476175277320436869636b656e2c20"
	        "706c656173652c20616e6420776f6e746f6e20736f75702e" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "NIST SP 800-38A, F.2.1, cut: one block is CBC",
	  .key = &sp38a_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "7649abac8119b246cee98e9b12e9197d",
	  .in = "6bc1bee22e409f96e93d7e117393172a" },
	{ .mechanism = CKM_AES_CTS,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography (AES-CBC)",
	  .key = &sp38a_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d39f23369a9d9bacf"
	         "a530e2630433174b4b09cc2be7f99a2ec624d56ae8",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be6" },
	{ .mechanism = CKM_AES_XTS,
	  .what = CRYPT,
	  .source = "IEEE 1619-2007, B, vector 2",
	  .key = &xts_2,
	  .iv = "33333333330000000000000000000000",
	  .out = "c454185e6a16936e39334038acef838bfb186fff7480adc4289382ecd6d394f0",
	  .in = "4444444444444444444444444444444444444444444444444444444444444444" },
	{ .mechanism = CKM_AES_XTS,
	  .what = CRYPT,
	  .source = "IEEE 1619-2007, B, vector 3",
	  .key = &xts_3,
	  .iv = "33333333330000000000000000000000",
	  .out = "af85336b597afc1a900b2eb21ec949d292df4c047e0b21532186a5971a227a89",
	  .in = "4444444444444444444444444444444444444444444444444444444444444444" },
	{ .mechanism = CKM_AES_XTS,
	  .what = CRYPT,
	  .source = "IEEE 1619-2007, B, vector 15",
	  .key = &xts_15,
	  .iv = "9a785634120000000000000000000000",
	  .out = "6c1625db4671522d3d7599601de7ca09ed",
	  .in = "000102030405060708090a0b0c0d0e0f10" },
	{ .mechanism = CKM_AES_XTS,
	  .what = CRYPT,
	  .source = "IEEE 1619-2007, B, vector 16",
	  .key = &xts_15,
	  .iv = "9a785634120000000000000000000000",
	  .out = "d069444b7a7e0cab09e24447d24deb1fedbf",
	  .in = "000102030405060708090a0b0c0d0e0f1011" },
	{ .mechanism = CKM_AES_XTS,
	  .what = CRYPT,
	  .source = "IEEE 1619-2007, B, vector 17",
	  .key = &xts_15,
	  .iv = "9a785634120000000000000000000000",
	  .out = "e5df1351c0544ba1350b3363cd8ef4beedbf9d",
	  .in = "000102030405060708090a0b0c0d0e0f101112" },
	{ .mechanism = CKM_AES_XTS,
	  .what = CRYPT,
	  .source = "IEEE 1619-2007, B, vector 18",
	  .key = &xts_15,
	  .iv = "9a785634120000000000000000000000",
	  .out = "9d84c813f719aa2c7be3f66171c7c5c2edbf9dac",
	  .in = "000102030405060708090a0b0c0d0e0f10111213" },
	{ .mechanism = CKM_AES_XTS,
	  .what = CRYPT,
	  .source = "IEEE 1619-2007, B, vector 10",
	  .key = &xts_10,
	  .iv = "ff000000000000000000000000000000",
	  .out = "1c3b3a102f770386e4836c99e370cf9bea00803f5e482357a4ae12d414a3e63b5d31e276f8fe4a8d"
	         "66b317f9ac683f44680a86ac35adfc3345befecb4bb188fd5776926c49a3095eb108fd1098baec70"
	         "aaa66999a72a82f27d848b21d4a741b0c5cd4d5fff9dac89aeba122961d03a757123e9870f8acf10"
	         "00020887891429ca2a3e7a7d7df7b10355165c8b9a6d0a7de8b062c4500dc4cd120c0f7418dae3d0"
	         "b5781c34803fa75421c790dfe1de1834f280d7667b327f6c8cd7557e12ac3a0f93ec05c52e0493ef"
	         "31a12d3d9260f79a289d6a379bc70c50841473d1a8cc81ec583e9645e07b8d9670655ba5bbcfecc6"
	         "dc3966380ad8fecb17b6ba02469a020a84e18e8f84252070c13e9f1f289be54fbc481457778f6160"
	         "15e1327a02b140f1505eb309326d68378f8374595c849d84f4c333ec4423885143cb47bd71c5edae"
	         "9be69a2ffeceb1bec9de244fbe15992b11b77c040f12bd8f6a975a44a0f90c29a9abc3d4d8939272"
	         "84c58754cce294529f8614dcd2aba991925fedc4ae74ffac6e333b93eb4aff0479da9a410e4450e0"
	         "dd7ae4c6e2910900575da401fc07059f645e8b7e9bfdef33943054ff84011493c27b3429eaedb4ed"
	         "5376441a77ed43851ad77f16f541dfd269d50d6a5f14fb0aab1cbb4c1550be97f7ab4066193c4caa"
	         "773dad38014bd2092fa755c824bb5e54c4f36ffda9fcea70b9c6e693e148c151",
	  .in = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
	        "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f"
	        "505152535455565758595a5b5c5d5e5f606162636465666768696a6b6c6d6e6f7071727374757677"
	        "78797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"
	        "a0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7"
	        "c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeef"
	        "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff000102030405060708090a0b0c0d0e0f1011121314151617"
	        "18191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f"
	        "404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f6061626364656667"
	        "68696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f"
	        "909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeafb0b1b2b3b4b5b6b7"
	        "b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedf"
	        "e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff" },
	{ .mechanism = CKM_DES_ECB,
	  .what = CRYPT,
	  .source = "FIPS 81, B, ECB",
	  .key = &des_81,
	  .out = "3fa40e8a984d48156a271787ab8883f9893d51ec4b563b53",
	  .in = "4e6f77206973207468652074696d6520666f7220616c6c20" },
	{ .mechanism = CKM_DES_CBC,
	  .what = CRYPT,
	  .source = "FIPS 81, C, CBC",
	  .key = &des_81,
	  .iv = "1234567890abcdef",
	  .out = "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f6",
	  .in = "4e6f77206973207468652074696d6520666f7220616c6c20" },
	{ .mechanism = CKM_DES_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &des_81,
	  .iv = "1234567890abcdef",
	  .out = "c21106448c1e13c5",
	  .in = "" },
	{ .mechanism = CKM_DES_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &des_81,
	  .iv = "1234567890abcdef",
	  .out = "e5c7cdde872bf27c43e934008c389c0f683788499a7c05f662c16a27e4fcf277",
	  .in = "4e6f77206973207468652074696d6520666f7220616c6c20" },
	{ .mechanism = CKM_DES_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &des_81,
	  .iv = "1234567890abcdef",
	  .out = "e5c7cdde872bf27c43e934008c389c0fc17cbb9b802426f5",
	  .in = "4e6f77206973207468652074696d6520666f722061" },
	{ .mechanism = CKM_DES3_ECB,
	  .what = CRYPT,
	  .source = "NIST SP 800-67, B.1",
	  .key = &tdea_67,
	  .out = "a826fd8ce53b855fcce21c8112256fe668d5c05dd9b6b900",
	  .in = "54686520717566636b2062726f776e20666f78206a756d70" },
	{ .mechanism = CKM_DES3_ECB,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67_2,
	  .out = "c44862f70cf2fbdc9077d0909fa91b884cabd61fc58e0cbb",
	  .in = "54686520717566636b2062726f776e20666f78206a756d70" },
	{ .mechanism = CKM_DES3_CBC,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67,
	  .iv = "1234567890abcdef",
	  .out = "38413d4ba2325cf1141f707471ac2ced57db530f0123b5ac",
	  .in = "54686520717566636b2062726f776e20666f78206a756d70" },
	{ .mechanism = CKM_DES3_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67,
	  .iv = "1234567890abcdef",
	  .out = "514d6ee4845e3868",
	  .in = "" },
	{ .mechanism = CKM_DES3_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67,
	  .iv = "1234567890abcdef",
	  .out = "38413d4ba2325cf1141f707471ac2ced57db530f0123b5acdda77ebde0c63614",
	  .in = "54686520717566636b2062726f776e20666f78206a756d70" },
	{ .mechanism = CKM_DES3_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67,
	  .iv = "1234567890abcdef",
	  .out = "38413d4ba2325cf1141f707471ac2ced0c491362f0009319",
	  .in = "54686520717566636b2062726f776e20666f78206a" },
	{ .mechanism = CKM_DES3_CBC,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67_2,
	  .iv = "1234567890abcdef",
	  .out = "b0ed7d5e6849dc73cfb0c1915e64897f8182f143185f6cf1",
	  .in = "54686520717566636b2062726f776e20666f78206a756d70" },
	{ .mechanism = CKM_DES3_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67_2,
	  .iv = "1234567890abcdef",
	  .out = "a5caaddffea80eb1",
	  .in = "" },
	{ .mechanism = CKM_DES3_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67_2,
	  .iv = "1234567890abcdef",
	  .out = "b0ed7d5e6849dc73cfb0c1915e64897f8182f143185f6cf1dc1e4f59ab679865",
	  .in = "54686520717566636b2062726f776e20666f78206a756d70" },
	{ .mechanism = CKM_DES3_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &tdea_67_2,
	  .iv = "1234567890abcdef",
	  .out = "b0ed7d5e6849dc73cfb0c1915e64897fa70698f03c8ae4ce",
	  .in = "54686520717566636b2062726f776e20666f78206a" },
	{ .mechanism = CKM_CAMELLIA_ECB,
	  .what = CRYPT,
	  .source = "RFC 3713, A",
	  .key = &camellia_128,
	  .out = "67673138549669730857065648eabe43",
	  .in = "0123456789abcdeffedcba9876543210" },
	{ .mechanism = CKM_CAMELLIA_CBC,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "6b9f90995aacb3e9c47debaa10fde80937aded36c7f0a6b2692b9cc975554953ebdde8c4ce359b3c"
	         "8acc6cdcb131b3a96e6ca1039b20e1d63bffa876e7c03e8e",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "f582526132aade5514aa7284aca95bee",
	  .in = "" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "6b9f90995aacb3e9c47debaa10fde80937aded36c7f0a6b2692b9cc9755549531ba6e370a6d7d4bc"
	         "0cf9243a4c64ca4e",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_128,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "6b9f90995aacb3e9c47debaa10fde809e68fa7d971c4aba8f84db838abb36372",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45" },
	{ .mechanism = CKM_CAMELLIA_ECB,
	  .what = CRYPT,
	  .source = "RFC 3713, A",
	  .key = &camellia_192,
	  .out = "b4993401b3e996f84ee5cee7d79b09b9",
	  .in = "0123456789abcdeffedcba9876543210" },
	{ .mechanism = CKM_CAMELLIA_CBC,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "9da5006aa8fc26de71baa6b9bd5dad7df2bb569b7a3db2a8f3ad83d218238a7965903c0795e5dd9c"
	         "aa5969e9703493e1e8c8ec1efe48466b782e5c255a03bf77",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "73eea896a9d836d0165cd0e8eb38907b",
	  .in = "" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "9da5006aa8fc26de71baa6b9bd5dad7df2bb569b7a3db2a8f3ad83d218238a790971977a6d858189"
	         "474a0f10f57354d9",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_192,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "9da5006aa8fc26de71baa6b9bd5dad7df8844f4a9e45d630f52db214bf6d89e9",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45" },
	{ .mechanism = CKM_CAMELLIA_ECB,
	  .what = CRYPT,
	  .source = "RFC 3713, A",
	  .key = &camellia_256,
	  .out = "9acc237dff16d76c20ef7c919e3a7509",
	  .in = "0123456789abcdeffedcba9876543210" },
	{ .mechanism = CKM_CAMELLIA_CBC,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "b3f606fe654c926dad34545ec6607928a9089e0150ce09d65de253f57a137672bf50da7f64935ec6"
	         "9d1fde13d5b6c309a39017b6d2af5b357648a2115cafa296",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e5130c81c46a35ce411"
	        "e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "a4125f3b54bbe17ac354f504f4070d62",
	  .in = "" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "b3f606fe654c926dad34545ec6607928a9089e0150ce09d65de253f57a13767239a0e5abbdcc29cb"
	         "41046b51ee7bd39e",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51" },
	{ .mechanism = CKM_CAMELLIA_CBC_PAD,
	  .what = CRYPT,
	  .source = "computed with python3-cryptography",
	  .key = &camellia_256,
	  .iv = "000102030405060708090a0b0c0d0e0f",
	  .out = "b3f606fe654c926dad34545ec6607928a69d4fbf56d71881c84aa1596c9636f2",
	  .in = "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45" },
	{ .mechanism = CKM_CHACHA20,
	  .what = CRYPT,
	  .source = "RFC 8439, 2.4.2",
	  .key = &chacha_key,
	  .param = &chacha_242,
	  .param_len = sizeof chacha_242,
	  .out = "6e2e359a2568f98041ba0728dd0d6981e97e7aec1d4360c20a27afccfd9fae0bf91b65c5524733ab"
	         "8f593dabcd62b3571639d624e65152ab8f530c359f0861d807ca0dbf500d6a6156a38e088a22b65e"
	         "52bc514d16ccf806818ce91ab77937365af90bbf74a35be6b40b8eedf2785e42874d",
	  .in = "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f6620273939"
	        "3a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220"
	        "746865206675747572652c2073756e73637265656e20776f756c642062652069742e" },
	{ .mechanism = CKM_CHACHA20,
	  .what = CRYPT,
	  .source = "RFC 8439, A.1, test vector 1",
	  .key = &chacha_0,
	  .param = &chacha_a1,
	  .param_len = sizeof chacha_a1,
	  .out = "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d"
	         "7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
	  .in = "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	        "000000000000000000000000000000000000000000000000" },
	{ .mechanism = CKM_CHACHA20,
	  .what = CRYPT,
	  .source = "Bernstein, ChaCha: key, nonce and counter of nulls; the same block",
	  .key = &chacha_0,
	  .param = &chacha_64,
	  .param_len = sizeof chacha_64,
	  .out = "76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7da41597c5157488d"
	         "7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586",
	  .in = "00000000000000000000000000000000000000000000000000000000000000000000000000000000"
	        "000000000000000000000000000000000000000000000000" },
	{ .mechanism = CKM_CHACHA20,
	  .what = CRYPT,
	  .source =
	          "computed in Python from the description of ChaCha: the counter carries over 32 "
	          "bits",
	  .key = &chacha_key,
	  .param = &chacha_carry,
	  .param_len = sizeof chacha_carry,
	  .out = "eed9b42276f45b2b1e77ebd7548ac36453841534b6fedb388c94c1a56186acb9939895c8cf4b64c7"
	         "de16e6be06c3865b32dedee1770e741c5c3495740beaba2441a6cbe0f5f86065b29c0eb20f84b00b"
	         "3ab942a28018b0be13401ad5becbbacfd964caeffc347c9babb8e4aa9a8bc842a4dfc3da009916b1"
	         "8526d2475215ea58bfac2dcfad4c35a8f20bedf3c42390ef7ffb5ed20474df6faef9",
	  .in = "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f6620273939"
	        "3a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220"
	        "746865206675747572652c2073756e73637265656e20776f756c642062652069742e4c6164696573"
	        "20616e642047656e746c656d656e206f662074686520636c617373206f6620273939" },
};

#endif /* CRATON_TEST_MECH_VECTORS_CIPHER_H */
