/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: ECDSA and ECDH on every curve, and ECDSA with SHA-3. The curves are those of
 * SP 800-186, SEC 2 and RFC 5639; ECDSA is FIPS 186-5, 6.4, with the nonces of RFC 6979.
 */
#ifndef CRATON_TEST_MECH_VECTORS_CURVES_H
#define CRATON_TEST_MECH_VECTORS_CURVES_H

#include "mech-vectors.h"

static const TestKey own_p192 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030101",
	.value = "56b9c5bc5c8b2c0049a6fa038a7c2196919731bd26534a6a",
	.point =
		"0431046ec2c6682cb0f38150489498749422fbadcd9c18c0cacd23085326a9aa7da051c4c1b735d8"
		"ab8a5c92fd803ae7f8de4f",
};

static const TestKey own_p224 = {
	.type = CKK_EC,
	.params = "06052b81040021",
	.value = "87b1db9dc742ca6e1cd2e94a8574e49c3dcec6617c4e10afcc677cea",
	.point =
		"04390412b5c0059754914ca6b56437052bd9c79958c444b010ea9b66cfde71b80a6ccbfeb7b5f25f"
		"36713dbabdd71cad5cd1448b6f4feef5e604f1",
};

static const TestKey own_p256 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030107",
	.value = "cfdf2e70ec6d74687123039d87d53e6d764e11a62a66aec5fd1342075e41c321",
	.point =
		"044104beeeb585cc3caa3f89874cf0612666d8f5347a8ba47db1944e60940fc7b7787ff8fa6a7024"
		"648de43473bf0f7a07fc79901d88794dbe6d87bf1c6d140afa70e7",
};

static const TestKey own_p384 = {
	.type = CKK_EC,
	.params = "06052b81040022",
	.value =
		"1435a8caa37f66a935cdfd7321f5acd98881c898863cb68f92bd3f18412b92f3cdf528d80550b9af"
		"c4fc7493b76b93bd",
	.point =
		"046104e7bbf356adcc8b157ccba1a4902500f24373fc509dd253cd6bc4581db701cdf8975bb46732"
		"7dbf6ed20ac66934db95e0ff6dc35a4a50287cad500fa40b93dfe2d025d51c708f2a29de99ae4b39"
		"0f32782d9f60981f4443416bc10f2048f4f140",
};

static const TestKey own_p521 = {
	.type = CKK_EC,
	.params = "06052b81040023",
	.value =
		"00a8f305bba4dbd59fb92133f814479ec6d04525d018ad65ae88dc70a303ac822fe7f5d192c0ab32"
		"66833da869b7c33eb2fc8d3f2d71b82cd6929e3d4c5bef99af6d",
	.point =
		"0481850400b52027831e69b902a000d60b37768489ab0f5ce472a67aa9a1965f41bb04e958182a0e"
		"15c9594b156cbf2722861da88084efd93ca01e281651fcd6e5909a544ce4016bdef1a5b2be57a8c9"
		"5c35a8a71c42292c4d65df3f115d0a12dc8edb39888c923c6e1ad33b40068192f4057bf1c301ecd8"
		"092710b7af8c06052093dd5551ead57b",
};

static const TestKey own_secp256k1 = {
	.type = CKK_EC,
	.params = "06052b8104000a",
	.value = "ee15ef1ea186b18d3dd261afcaede57d8c4dbc38796ca12d5a9dcc4e0b317bb9",
	.point =
		"0441041cb890647d2c90211a9cd4a4fa743a7ea816e70fa19e49f517012a9a38d8bdfd99f1ce2b68"
		"36e1f7cbb690c29436fdb78716af1541d7568d6ed3191768ca45cf",
};

static const TestKey own_bp256 = {
	.type = CKK_EC,
	.params = "06092b2403030208010107",
	.value = "7e91b2317472151a7dae45d85166dccc06be3beb24ac99ea2a410b0ec26510d4",
	.point =
		"044104518141b366659b01d0cf6f881a2478196b2c1b32a4ce55f212929dd1fe37aa1d2d9783a454"
		"93451249cab9999dccd3659a14585ec9bdcd6fd3a5f986f0459c85",
};

static const TestKey own_bp384 = {
	.type = CKK_EC,
	.params = "06092b240303020801010b",
	.value =
		"25d12d2d410eb6e2d83f5f805ae114ea74e0ca9e496d43221751f7d7780586e9f989c4871a745b6e"
		"780338ad4cedfef4",
	.point =
		"04610447118d25a8d421d83561ec9c2a5e4f90dc8251260e46b37520c238ab42527d37d4e71de26c"
		"4b52d2a81f7f8d43e1b938757a16226a4d4517d437a463512e20931414c2f7ff6fdcf42662f34def"
		"2c285cd928438aec994afd16505495adbb1f8b",
};

static const TestKey own_bp512 = {
	.type = CKK_EC,
	.params = "06092b240303020801010d",
	.value =
		"6cd25472b28d8a4f3f6e32fcab5ea30b02d430f434f544575ddcc20f8690a18dea72d50b8ea21218"
		"a17bbe6cec9157a8e6aa797cb2b42c05e35081fe0404e566",
	.point =
		"04818104954609c72985dc4a3c2750ff5c6dac7082c27c02b03902f69b5b246faf625be1dfb9543e"
		"f7322090fafcc9f823ce0b4003908ab51fb3abea4f18d905540ccf697ee5be36e1f517c832cf3adb"
		"90414c58ba0ac76799cafdd19d93152ee158ae9ad4e9ba62d4006d81cba296c95dfdef4e305eaa20"
		"525d347a97343c4eefcee3d2",
};

static const Vector curve_vectors[] = {
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "P-192; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p192,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "382a5121d422841b87d8fa0a82c36967b28b067926aaf9c87a657d563b025c246082de8f5ebb44a4"
		  "badffa0fd4b797cc" },
	{ .mechanism = CKM_ECDSA_SHA256,
	  .what = VERIFY,
	  .source = "P-192; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p192,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "382a5121d422841b87d8fa0a82c36967b28b067926aaf9c87a657d563b025c246082de8f5ebb44a4"
		  "badffa0fd4b797cc" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "P-224; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p224,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "1d3ce80cb6301788e684edc70112ee6a3e9bc96808a59f5ea180d3a06254646b368127d2d0b0b83b"
		  "174b7cd4f6550169242a4a0355b4376e" },
	{ .mechanism = CKM_ECDSA_SHA256,
	  .what = VERIFY,
	  .source = "P-224; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p224,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "1d3ce80cb6301788e684edc70112ee6a3e9bc96808a59f5ea180d3a06254646b368127d2d0b0b83b"
		  "174b7cd4f6550169242a4a0355b4376e" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "P-256; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p256,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "89e976fa61b9b28677e7d272572106dad35aaa1e7e2c3cc297c31110b5c00a94c75cf6aa83a32e1e"
		  "784391cd240be2502eab970c52f0e80f6dca6e551ccbc998" },
	{ .mechanism = CKM_ECDSA_SHA256,
	  .what = VERIFY,
	  .source = "P-256; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p256,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "89e976fa61b9b28677e7d272572106dad35aaa1e7e2c3cc297c31110b5c00a94c75cf6aa83a32e1e"
		  "784391cd240be2502eab970c52f0e80f6dca6e551ccbc998" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "P-384; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p384,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "12ec34302a9df7977c3519c4695e5ece0a0cc6e1b0e03cf17d3dbfe8c6a64d89aac0df9f906016c8"
		  "6597905ce9c23a0e661e9b4c3d035e597a007c263df332fb339d794c7c8df03e9a74fbc772f0357c"
		  "2edfa68762b2d576c72e0172e9515d0b" },
	{ .mechanism = CKM_ECDSA_SHA384,
	  .what = VERIFY,
	  .source = "P-384; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p384,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "9a06d2ee0479560a5efaf28fb209fdbdc7ac0cc7461ae47593a2fe26aa51134cc0e98ceba671e4a6"
		  "751becbc09911d93fa54483ca8e1c20d28b9dfc407fb23c5791e996ccf11c5004a44dc31c02a3e23"
		  "9b118072f9da9c3203d89041d69a903a" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "P-521; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p521,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "00d97bb24b0b359140fa239b17c097f3bed96c095e61f42e9ba9de5f12fac73ddca5f02cbed3dc6a"
		  "c6e74adf4131c936dba41a5429836d745b2b4e579595a31b7a100193720cc37adf4798ca39e4ba35"
		  "dd146998552c3e2ae334118cd915e9a93d2ff4e062bf8a011e6829cfaff0025ed7b8983e923f9fa8"
		  "71085026f48b6f4a660d4426" },
	{ .mechanism = CKM_ECDSA_SHA512,
	  .what = VERIFY,
	  .source = "P-521; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p521,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "00cbdde387620f397102b2866081b266b94a33421270eec65ecaee87f0b2695c95f7853b6010983c"
		  "5ee643082cbe818240f145dd5fc2ef0a7f5e14c2b8c9a1cb0b4f01a15c90185fc5d75943dd1bedc5"
		  "1e470c21c4cded87ef152daa4cadf51b8896ba3c309b019eb163e2575ab18c4973dda52324f856d5"
		  "d5a85a1610d74bbdb56208e2" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "secp256k1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_secp256k1,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "c8d4de66411255b0c26b705fe822370bfc568ee762d743cee30ced434ca82410ded840e7889300f9"
		  "86ca6257087ebcd8be556d067d21243625e8c12cc02c6751" },
	{ .mechanism = CKM_ECDSA_SHA256,
	  .what = VERIFY,
	  .source = "secp256k1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_secp256k1,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "c8d4de66411255b0c26b705fe822370bfc568ee762d743cee30ced434ca82410ded840e7889300f9"
		  "86ca6257087ebcd8be556d067d21243625e8c12cc02c6751" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "brainpoolP256r1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_bp256,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "78a26e8c3dc22f663be73fc0d34f472b4974f264525c911bb9d78d7f881f4c327a4981f1900d4ee4"
		  "3784215c73f75617ce9fec8b41d8619d6845b2944df3a921" },
	{ .mechanism = CKM_ECDSA_SHA256,
	  .what = VERIFY,
	  .source = "brainpoolP256r1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_bp256,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "78a26e8c3dc22f663be73fc0d34f472b4974f264525c911bb9d78d7f881f4c327a4981f1900d4ee4"
		  "3784215c73f75617ce9fec8b41d8619d6845b2944df3a921" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "brainpoolP384r1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_bp384,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "8acc91f7f17c32f8d49aa7830c516bb21ee1f4cff47403d43f34d0747af77ac1d8a950c2ee8a8f0d"
		  "ddb1650915cbc1b851ad2e29fcb92776b3465108766f89bb45e61a5eb456f49e1cce654107c602aa"
		  "463af18b7fcf69036836dab230d7fafe" },
	{ .mechanism = CKM_ECDSA_SHA384,
	  .what = VERIFY,
	  .source = "brainpoolP384r1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_bp384,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "834961fd8b552daaae5bb5151df9ece6b752c19091225b23f5c4ade3c271b7f6acde82bd735ddc4c"
		  "0a35002ae0745e358c7e2b56993c95515f5b0b9d34c36bec72857ee0345d7df7d560850df881ecb2"
		  "855127c952610d2fd65919f426754173" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "brainpoolP512r1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_bp512,
	  .in = "39d231a5337f3d60ef9d762268c08c7501ed850667530d28986995e19ac23e53",
	  .out =
		  "2846625898b78dbf33e3fc982166cd9e97f2f34d57b6fdd038dc66d8c43833c1384694c692cef345"
		  "acc3e8d1b1b91312a8427fadd10b60a147a43fd017b4b4003357ae17e0bb851ff0098d594dff964a"
		  "03d949a695253be5b3d67f38c3da3ab69cc7b4a76302ddbe26ac70a117307d24ac374ae1df2ec45e"
		  "60bc8916d4e459ae" },
	{ .mechanism = CKM_ECDSA_SHA512,
	  .what = VERIFY,
	  .source = "brainpoolP512r1; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_bp512,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "aad183c51bb3bdd112060b161819e0551129f6fda18fda18d6c1431f4b54ec4f7b3186b3892c16c6"
		  "46c65be51e58efe4747d0b422b59ce4621eb9e692496ce9364609c3390e3b46b28693cebc07cda5a"
		  "dc1d3f82b0b59d82d76811ced02abf8c19eb74c0125020a948b06004f16c8ab0468b98d41ef8f4dc"
		  "927af0df90f9e134" },
	{ .mechanism = CKM_ECDSA_SHA3_224,
	  .what = VERIFY,
	  .source = "P-224; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p224,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "7b38c638a46f835a0dc676cb696f72b95b359ddc4bda99c10e046fa9b8377fbd17f43345004711e0"
		  "24edd9fa7c3bf60a8164719583ae34a2" },
	{ .mechanism = CKM_ECDSA_SHA3_256,
	  .what = VERIFY,
	  .source = "P-256; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p256,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "e49258febff763ec8d8eb64cc5c9622e17d6759020f75b5813c6c883764e51b4f38fab818e5360ba"
		  "aa99f51d338db931a376d936937141047193299e56b4f05d" },
	{ .mechanism = CKM_ECDSA_SHA3_384,
	  .what = VERIFY,
	  .source = "P-384; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p384,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "b4f40a3b51360733dcc504bfb9a4fb5dc116370e6cdcf8ba678a03f996f78b3c4602c1c33f0da368"
		  "28cf7dab813e893d68f9681eb5394b8e6a2956aa73795eb17c8a096e60d0eb9d812a914d63409906"
		  "bb03357538dbbf6ba776089e7ae32258" },
	{ .mechanism = CKM_ECDSA_SHA3_512,
	  .what = VERIFY,
	  .source = "P-521; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p521,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "017e1be8b96d15eab5c136329cbc3bffc9de92b3b4e76d915c3603f4501a72341004efea76999153"
		  "f2e1fe6a0dca20e47ffddcc8a8238fa02d643314e1a6e9baecb201d038638d6457272b01c5374a17"
		  "8748ff1c648af2bcf8489e4101c1b07302accef247e3bdd88d90626975ee30a58bc6b21abd258580"
		  "3d1e8fd729843ed8fbe9ed04" },
	{ .mechanism = CKM_ECDSA_SHA3_512,
	  .what = VERIFY,
	  .source = "P-256; ECDSA computed with Python 3.11: integers and hashlib",
	  .key = &own_p256,
	  .in =
"61206d65737361676520666f7220657665727920637572766520616e642065766572792068617368",
	  .out =
		  "f21e7e5ef0f061c99b4953aef17f80a31e02361d1c1b367a01bb5477640a3e9d42d3467d222e4a11"
		  "67b31e4b330fcb65c2277e633234918333cfe22e1cd2dbc0" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "P-192; ECDH computed with Python 3.11: integers",
	  .key = &own_p192,
	  .in =
		  "04bedac67fb3e84eb498a1703b7f3fb0a0aaab39ca554c2ce9c19ec031fb537035b750105fc0bbe3"
		  "7e839d65ded6595639",
	  .out = "08cf7278603fb0e5a86cbbb9dddf0cf73adb50f9c479d3dd",
	  .kdf = CKD_NULL,
	  .value_len = 24 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "P-224; ECDH computed with Python 3.11: integers",
	  .key = &own_p224,
	  .in =
		  "04e0704216cb9247dfd86e98321459db14caaae7783aee9c2327bce0a036ae3cea6ef9fca92bad75"
		  "5b42e6d75d64f4d5d8f50c96ca55dc7e28",
	  .out = "c9ba7e57efa6ee08b83e54d583ef688eeff7c72882837fb219eb4d70",
	  .kdf = CKD_NULL,
	  .value_len = 28 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "P-256; ECDH computed with Python 3.11: integers",
	  .key = &own_p256,
	  .in =
		  "04f9ebe464147cc102d92324d099d927c1a50e42d57a08a116ffec0a29819d8c6570baf7d1288890"
		  "2a6a0c1d67add103123c859ab69bf8e9431c9384930d4b7eee",
	  .out = "ef58bcb2e31671937a284006cb166da2860ec01a9126c437a252fb9697a04fb3",
	  .kdf = CKD_NULL,
	  .value_len = 32 },
	{ .mechanism = CKM_ECDH1_COFACTOR_DERIVE,
	  .what = DERIVE,
	  .source = "P-384; ECDH computed with Python 3.11: integers",
	  .key = &own_p384,
	  .in =
		  "04bfd152465458e5b9f1a903eafef03095ebfd52c5f9ea97be74de9194355fcfb40ec097315adf6a"
		  "fdefba21f44b625b4817058eff9a1ad175a4675e9c730cb028ec76aec544f7a56d58164d8cfc0402"
		  "b489c4e74c918dc3a77f5c219d31b8e245",
	  .out =
		  "264aa6d338a99d6897627c515291e2e637af7b6e957b9adad49a691c433736cc5a7fb0811c32d358"
		  "da4d294f7ce6595f",
	  .kdf = CKD_NULL,
	  .value_len = 48 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "P-521; ECDH computed with Python 3.11: integers",
	  .key = &own_p521,
	  .in =
		  "04005f2348ed9c333aaa631cb0f191e12a9dcdec540bae343957b1cd4bbda1d125f671eb43980f2f"
		  "61417bf847c87d05103a105a525532cc0d246342e94a621b6ab4fa01df577468a8c8658e0d99e11d"
		  "3e11b30b02af1c0359e4e5db3686073b5ef1ee8ca621d27eff088cde8e61fd1eb5c7e3e33636f4ee"
		  "a60f10525ee105ab7f85f2b6ba",
	  .out =
		  "0069ba2711ef230c153b0e890a2b736442f42842da8b746d67181d99b7e675e1578aba0483ee3457"
		  "cf35d15055b3c1d9768492c2cd08904d02421bc939fb9deb71b8",
	  .kdf = CKD_NULL,
	  .value_len = 66 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "secp256k1; ECDH computed with Python 3.11: integers",
	  .key = &own_secp256k1,
	  .in =
		  "049377c312145a5afb911bf9e8c067bcf6094c533603687850df502b61290bbf5e742ba607d6ae1f"
		  "c82dcccb176e7c8f9bdc7bb61e3ab527cecaf6144b679779fb",
	  .out = "406e80de5d1be18cbd80b7737b0994bb80207179452c7e5eab5eecc37c037c62",
	  .kdf = CKD_NULL,
	  .value_len = 32 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "brainpoolP256r1; ECDH computed with Python 3.11: integers",
	  .key = &own_bp256,
	  .in =
		  "0490ead69cf4261f9af4742231b86f9501d3168cc8b3a74ddfc0a3c869efea46672994047fc60588"
		  "a5e8931e22d90fbd60f869283920a1e77361e209a6aeefe726",
	  .out = "a5d2ce88fbe3cdff5677930af927973c094bc99c83f12c95ab5a8f8c60c78aa7",
	  .kdf = CKD_NULL,
	  .value_len = 32 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "brainpoolP384r1; ECDH computed with Python 3.11: integers",
	  .key = &own_bp384,
	  .in =
		  "0453684d50854f78187f19be5de56c0495767ba8e5f2b270d172f4d040d307868d0c13084bd87e0d"
		  "40a306a2cb0e69539d3f036c260d2a579aed1ca94bc953f8363fe56d26e36a6dc3b179f9cd5eb0b2"
		  "f828bd07ce6543758d300d7e83ae7329d1",
	  .out =
		  "696b8a64d7887de0083a62efdf84c860e3c6ed4a4f7b92a009138022f34c3c660af144ae9af56420"
		  "aadb45d997782c3a",
	  .kdf = CKD_NULL,
	  .value_len = 48 },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "brainpoolP512r1; ECDH computed with Python 3.11: integers",
	  .key = &own_bp512,
	  .in =
		  "0409c7650dcdcd322ba854d0944f63b1ba01dfead7bec35aedad1d1db34ad2c00a46186eceb41eb5"
		  "043f63a2a42df1b03f6a056e636612498f821b80b92c0b7bea31706136e2d8d662edebfdb7e9334a"
		  "f10ff3c4f480571d86cad9283a2eda27acd7f2ba911e75e4141855ede6ddfea67afcaaaa64c29f0b"
		  "4fb6fd13fa80a857ee",
	  .out =
		  "625da7016fa9bad7bcf06645cf606114cde338a3c4dec557d19a99906df07d33f27770a04ff910ae"
		  "b8d5f6b2f07c8c81088364d2ec84e47478ec992cb7ec99bd",
	  .kdf = CKD_NULL,
	  .value_len = 64 },
};

#endif /* CRATON_TEST_MECH_VECTORS_CURVES_H */
