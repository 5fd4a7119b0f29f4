/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: the digests that are not in mech-vectors-secret.h, and HMAC with them.
 */
#ifndef CRATON_TEST_MECH_VECTORS_DIGEST_H
#define CRATON_TEST_MECH_VECTORS_DIGEST_H

#include "mech-vectors.h"

static const TestKey hmac_16 = {
	.type = CKK_GENERIC_SECRET,
	.value = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
};

static const TestKey hmac_20_typed = {
	.type = CKK_MD5_HMAC,
	.value = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
};

static const TestKey hmac_c16 = {
	.type = CKK_GENERIC_SECRET,
	.value = "0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c0c",
};

static const TestKey hmac_k = {
	.type = CKK_GENERIC_SECRET,
	.value = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
};

static const TestKey hmac_long = {
	.type = CKK_GENERIC_SECRET,
	.value = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		 "aaaaaaaaaaaaaaaaaaaaaa",
};

static const TestKey hmac_typed_sha512_224 = {
	.type = CKK_SHA512_224_HMAC,
	.value = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
};

static const TestKey hmac_typed_sha512_256 = {
	.type = CKK_SHA512_256_HMAC,
	.value = "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
};

static const TestKey nist_sha3_224 = {
	.type = CKK_SHA3_224_HMAC,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b",
};

static const TestKey nist_sha3_256 = {
	.type = CKK_SHA3_256_HMAC,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
};

static const TestKey nist_sha3_384 = {
	.type = CKK_SHA3_384_HMAC,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
		 "28292a2b2c2d2e2f",
};

static const TestKey nist_sha3_512 = {
	.type = CKK_SHA3_512_HMAC,
	.value = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f2021222324252627"
		 "28292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f",
};

static const Vector digest_vectors[] = {
	{ .mechanism = CKM_SHA512_224,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example abc",
	  .out = "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa",
	  .in = "616263" },
	{ .mechanism = CKM_SHA512_224,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example of two blocks",
	  .out = "23fec5bb94d60b23308192640b0c453335d664734fe40e7268674af9",
	  .in = "61626364656667686263646566676869636465666768696a6465666768696a6b65666768696a6b6c"
	        "666768696a6b6c6d6768696a6b6c6d6e68696a6b6c6d6e6f696a6b6c6d6e6f706a6b6c6d6e6f7071"
	        "6b6c6d6e6f7071726c6d6e6f707172736d6e6f70717273746e6f707172737475" },
	{ .mechanism = CKM_SHA512_224,
	  .what = DIGEST,
	  .source = "computed with Python hashlib",
	  .out = "6ed0dd02806fa89e25de060c19d3ac86cabb87d6a0ddd05c333b84f4",
	  .in = "" },
	{ .mechanism = CKM_SHA512_256,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example abc",
	  .out = "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23",
	  .in = "616263" },
	{ .mechanism = CKM_SHA512_256,
	  .what = DIGEST,
	  .source = "FIPS 180-4, example of two blocks",
	  .out = "3928e184fb8690f840da3988121d31be65cb9d3ef83ee6146feac861e19b563a",
	  .in = "61626364656667686263646566676869636465666768696a6465666768696a6b65666768696a6b6c"
	        "666768696a6b6c6d6768696a6b6c6d6e68696a6b6c6d6e6f696a6b6c6d6e6f706a6b6c6d6e6f7071"
	        "6b6c6d6e6f7071726c6d6e6f707172736d6e6f70717273746e6f707172737475" },
	{ .mechanism = CKM_SHA512_256,
	  .what = DIGEST,
	  .source = "computed with Python hashlib",
	  .out = "c672b8d1ef56ed28ab87c3622c5114069bdd3ad7b8f9737498d0c01ecef0967a",
	  .in = "" },
	{ .mechanism = CKM_SHA3_224,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 0 bits",
	  .out = "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7",
	  .in = "" },
	{ .mechanism = CKM_SHA3_224,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 1600 bits",
	  .out = "9376816aba503f72f96ce7eb65ac095deee3be4bf9bbc2a1cb7e11e0",
	  .in = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3" },
	{ .mechanism = CKM_SHA3_224,
	  .what = DIGEST,
	  .source = "NIST, SHA-3 test vectors, abc",
	  .out = "e642824c3f8cf24ad09234ee7d3c766fc9a3a5168d0c94ad73b46fdf",
	  .in = "616263" },
	{ .mechanism = CKM_SHA3_256,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 0 bits",
	  .out = "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a",
	  .in = "" },
	{ .mechanism = CKM_SHA3_256,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 1600 bits",
	  .out = "79f38adec5c20307a98ef76e8324afbfd46cfd81b22e3973c65fa1bd9de31787",
	  .in = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3" },
	{ .mechanism = CKM_SHA3_256,
	  .what = DIGEST,
	  .source = "NIST, SHA-3 test vectors, abc",
	  .out = "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532",
	  .in = "616263" },
	{ .mechanism = CKM_SHA3_384,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 0 bits",
	  .out = "0c63a75b845e4f7d01107d852e4c2485c51a50aaaa94fc61995e71bbee983a2ac3713831264adb47"
	         "fb6bd1e058d5f004",
	  .in = "" },
	{ .mechanism = CKM_SHA3_384,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 1600 bits",
	  .out = "1881de2ca7e41ef95dc4732b8f5f002b189cc1e42b74168ed1732649ce1dbcdd76197a31fd55ee98"
	         "9f2d7050dd473e8f",
	  .in = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3" },
	{ .mechanism = CKM_SHA3_384,
	  .what = DIGEST,
	  .source = "NIST, SHA-3 test vectors, abc",
	  .out = "ec01498288516fc926459f58e2c6ad8df9b473cb0fc08c2596da7cf0e49be4b298d88cea927ac7f5"
	         "39f1edf228376d25",
	  .in = "616263" },
	{ .mechanism = CKM_SHA3_512,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 0 bits",
	  .out = "a69f73cca23a9ac5c8b567dc185a756e97c982164fe25859e0d1dcc1475c80a615b2123af1f5f94c"
	         "11e3e9402c3ac558f500199d95b6d3e301758586281dcd26",
	  .in = "" },
	{ .mechanism = CKM_SHA3_512,
	  .what = DIGEST,
	  .source = "NIST, examples for FIPS 202, message of 1600 bits",
	  .out = "e76dfad22084a8b1467fcf2ffa58361bec7628edf5f3fdc0e4805dc48caeeca81b7c13c30adf52a3"
	         "659584739a2df46be589c51ca1a4a8416df6545a1ce8ba00",
	  .in = "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3"
	        "a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3" },
	{ .mechanism = CKM_SHA3_512,
	  .what = DIGEST,
	  .source = "NIST, SHA-3 test vectors, abc",
	  .out = "b751850b1a57168a5693cd924b6b096e08f621827444f70d884f5d0240d2712e10e116e9192af3c9"
	         "1a7ec57647e3934057340b4cf408d5a56592f8274eec53f0",
	  .in = "616263" },
	{ .mechanism = CKM_MD5,
	  .what = DIGEST,
	  .source = "RFC 1321, A.5",
	  .out = "d41d8cd98f00b204e9800998ecf8427e",
	  .in = "" },
	{ .mechanism = CKM_MD5,
	  .what = DIGEST,
	  .source = "RFC 1321, A.5",
	  .out = "900150983cd24fb0d6963f7d28e17f72",
	  .in = "616263" },
	{ .mechanism = CKM_MD5,
	  .what = DIGEST,
	  .source = "RFC 1321, A.5",
	  .out = "57edf4a22be3c955ac49da2e2107b67a",
	  .in = "31323334353637383930313233343536373839303132333435363738393031323334353637383930"
	        "31323334353637383930313233343536373839303132333435363738393031323334353637383930" },
	{ .mechanism = CKM_MD5_HMAC,
	  .what = SIGN,
	  .source = "RFC 2202, 2, test case 1",
	  .key = &hmac_16,
	  .out = "9294727a3638bb1c13f48ef8158bfc9d",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_MD5_HMAC,
	  .what = SIGN,
	  .source = "RFC 2202, 2, test case 1",
	  .key = &hmac_20_typed,
	  .out = "9294727a3638bb1c13f48ef8158bfc9d",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_MD5_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 2202, 2, test case 5",
	  .key = &hmac_c16,
	  .mac_len = 12,
	  .out = "56461ef2342edc00f9bab995",
	  .in = "546573742057697468205472756e636174696f6e" },
	{ .mechanism = CKM_SHA512_224_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1: key and data; computed with Python hmac",
	  .key = &hmac_k,
	  .out = "b244ba01307c0e7a8ccaad13b1067a4cf6b961fe0c6a20bda3d92039",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA512_224_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 6: key and data; computed with Python hmac",
	  .key = &hmac_long,
	  .out = "29bef8ce88b54d4226c3c7718ea9e32ace2429026f089e38cea9aeda",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA512_224_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1: key and data; computed with Python hmac, cut",
	  .key = &hmac_typed_sha512_224,
	  .mac_len = 16,
	  .out = "b244ba01307c0e7a8ccaad13b1067a4c",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA512_256_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1: key and data; computed with Python hmac",
	  .key = &hmac_k,
	  .out = "9f9126c3d9c3c330d760425ca8a217e31feae31bfe70196ff81642b868402eab",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA512_256_HMAC,
	  .what = SIGN,
	  .source = "RFC 4231, test case 6: key and data; computed with Python hmac",
	  .key = &hmac_long,
	  .out = "87123c45f7c537a404f8f47cdbedda1fc9bec60eeb971982ce7ef10e774e6539",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA512_256_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "RFC 4231, test case 1: key and data; computed with Python hmac, cut",
	  .key = &hmac_typed_sha512_256,
	  .mac_len = 16,
	  .out = "9f9126c3d9c3c330d760425ca8a217e3",
	  .in = "4869205468657265" },
	{ .mechanism = CKM_SHA3_224_HMAC,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-224, sample 1",
	  .key = &nist_sha3_224,
	  .out = "332cfd59347fdb8e576e77260be4aba2d6dc53117b3bfb52c6d18c04",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_224_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-224, sample 1, cut",
	  .key = &nist_sha3_224,
	  .mac_len = 14,
	  .out = "332cfd59347fdb8e576e77260be4",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_224_HMAC,
	  .what = SIGN,
	  .source = "key and data as in RFC 4231, test case 6; computed with Python hmac",
	  .key = &hmac_long,
	  .out = "b4a1f04c00287a9b7f6075b313d279b833bc8f75124352d05fb9995f",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA3_256_HMAC,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-256, sample 1",
	  .key = &nist_sha3_256,
	  .out = "4fe8e202c4f058e8dddc23d8c34e467343e23555e24fc2f025d598f558f67205",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_256_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-256, sample 1, cut",
	  .key = &nist_sha3_256,
	  .mac_len = 16,
	  .out = "4fe8e202c4f058e8dddc23d8c34e4673",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_256_HMAC,
	  .what = SIGN,
	  .source = "key and data as in RFC 4231, test case 6; computed with Python hmac",
	  .key = &hmac_long,
	  .out = "ed73a374b96c005235f948032f09674a58c0ce555cfc1f223b02356560312c3b",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA3_384_HMAC,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-384, sample 1",
	  .key = &nist_sha3_384,
	  .out = "d588a3c51f3f2d906e8298c1199aa8ff6296218127f6b38a90b6afe2c5617725bc99987f79b22a55"
	         "7b6520db710b7f42",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_384_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-384, sample 1, cut",
	  .key = &nist_sha3_384,
	  .mac_len = 24,
	  .out = "d588a3c51f3f2d906e8298c1199aa8ff6296218127f6b38a",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_384_HMAC,
	  .what = SIGN,
	  .source = "key and data as in RFC 4231, test case 6; computed with Python hmac",
	  .key = &hmac_long,
	  .out = "0fc19513bf6bd878037016706a0e57bc528139836b9a42c3d419e498e0e1fb9616fd669138d33a11"
	         "05e07c72b6953bcc",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
	{ .mechanism = CKM_SHA3_512_HMAC,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-512, sample 1",
	  .key = &nist_sha3_512,
	  .out = "4efd629d6c71bf86162658f29943b1c308ce27cdfa6db0d9c3ce81763f9cbce5f7ebe9868031db1a"
	         "8f8eb7b6b95e5c5e3f657a8996c86a2f6527e307f0213196",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_512_HMAC_GENERAL,
	  .what = SIGN,
	  .source = "NIST, examples, HMAC_SHA3-512, sample 1, cut",
	  .key = &nist_sha3_512,
	  .mac_len = 32,
	  .out = "4efd629d6c71bf86162658f29943b1c308ce27cdfa6db0d9c3ce81763f9cbce5",
	  .in = "53616d706c65206d65737361676520666f72206b65796c656e3c626c6f636b6c656e" },
	{ .mechanism = CKM_SHA3_512_HMAC,
	  .what = SIGN,
	  .source = "key and data as in RFC 4231, test case 6; computed with Python hmac",
	  .key = &hmac_long,
	  .out = "00f751a9e50695b090ed6911a4b65524951cdc15a73a5d58bb55215ea2cd839ac79d2b44a39bafab"
	         "27e83fde9e11f6340b11d991b1b91bf2eee7fc872426c3a4",
	  .in = "54657374205573696e67204c6172676572205468616e20426c6f636b2d53697a65204b6579202d20"
	        "48617368204b6579204669727374" },
};

#endif /* CRATON_TEST_MECH_VECTORS_DIGEST_H */
