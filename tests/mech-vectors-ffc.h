/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: DH and DSA.
 */
#ifndef CRATON_TEST_MECH_VECTORS_FFC_H
#define CRATON_TEST_MECH_VECTORS_FFC_H

#include "mech-vectors.h"

static const TestKey own_dsa_1024 = {
	.type = CKK_DSA,
	.prime =
		"beafcfb972acc587715105fab0a04ef415718f23321d96e915331d0740010e4fc9a0e2becf0d5dd7"
		"ed36d96da04c0fe18bd85660fd959121a70066c593a16d4caa998c148769f045eb30ecd44bcf4e1f"
		"675b5b6b6ead23e32819ac4a20ab0c70b83103b61c35bb12695a0ea33f9b59289412b611d9eb2880"
		"303c9016c35c0595",
	.subprime = "966f3304add9b881ae53563dc76793b163c1c111",
	.base =
		"9e46aa3b649862f319624de5d3a573c72f0d4697d85778c20aa131e85c98b1db3673ffb7731f17ba"
		"d93ba30b0660e1c4bf90355d5d613d594cbddaa2ad4d90794936478d14ce839482b7d6a98cfe3a97"
		"74338b008bc2bfe8d57de7acda9e6beacb6cd86215f432babff71d768ed805a4ce973a3ace80e0c7"
		"84ac59e1e65f2890",
	.value = "461998b3c2939533bc2ee23e95e68913b636aac0",
	.public_value =
		"6aeaed7ff0248c422b9ca2dc79f548dd1560db366da5f8544b479deecfe4c8e575b14e354313a992"
		"da964d1d758c335fafb28c78b7e102b62a11d7590267bddc0514fd85723edc247bba927954e0d639"
		"fb1fa0b4716d8525c4cd5fa1fed031a4ee36c058e47675909260f0eb122e9e83309ae3b0159d333a"
		"163e1e2bd0444c95",
};

static const TestKey own_dsa_2048 = {
	.type = CKK_DSA,
	.prime =
		"a0c152b38cd0041bd737e036a364a1e66651f70820f1179c42019876010c1b47adf6b45def42f041"
		"32e980f3a3fe60b20d4f7f1b7426ab2a1fab751c8d3b5c51c841ca0f0612fdaa292a0ddfb0c51212"
		"35da49ccab457cc4623350db9744f86855dfacd55b6cd30f2efe2827b445803ca9142f6fbb19a3c5"
		"eaf7109a4a238435cdb6b2a3a37cbc7e85a5927e206710fc91b76817cb5c9e985d7157457d436140"
		"c8726c678b33f833832a07ad017ea788833d4e283d296dcba7d6a6b86674893ee45d332092b18c18"
		"c09ecec2f96ad74d864b9f265c49daade0890491dad0694fde453cae732d8e4f5f9dd874bb7652ee"
		"f7ff3a3e81e5ffd4f757467db0a782a1",
	.subprime = "d84ba46a845786b16bea2a59f66257a870fcd970312ea3a10064f12427a294d5",
	.base =
		"4a69a9b268b70fb746cf86f57d2317092c4adaf7d0bb651e1a520b63b6f64cd0b3766c9b8cdb550a"
		"136c0140612ac40f7b10f55e8b2070b7daff4455587df918590395dde1393c9beab1f38789f7f020"
		"3bc29dcc92d6fbe8041381e4f01ae6f8bfb124de95309fae4536ae53209d30b58835f030d6c21ce6"
		"deb7dfb7eaee3578db9df7852c7a866c43a8c21f8d6918127ac85e616e1df55dd6be1e1e2a6efc3f"
		"025bb28d2332f25624e3c8432ba77f4ef4dc61416ef1e17463cabbdfe0fb06c4ff9afcfc45916ce8"
		"dccdc1482260f8baabd76be138b4c0b02c870bcf211c7ad3a8b62a10f5234ce02c12599d44be9bec"
		"fe42ec9c775e1b8b477b9b3aaaca410f",
	.value = "53918b21cd44a72a3e67d615f94297a74c79aa2b1ecd84fcde9e3390f34fae8e",
	.public_value =
		"59977b35cb70d093e602758febc904d39aa1d8a4d1234a77e4d71ef58bc1e3123c802cb8e42a61c2"
		"38cfb1189f3292d5a8602c1ee13fc492de20b9875224a04c5ae0c916c4ead069fcc7eb7368a3c9c8"
		"f00a3f8e3432c3851fec53cc762d7cb72f808c4fe1b1dd3921c11ca731432347b0eaedab19d7059a"
		"4f7945217ca8e0be23f2d55b00f2c4dfe660ce2f61ef5bcb07a7de73726fd951e173b2d3d83d97f3"
		"54fbdaf6914f452e685ea77be6c4a7a4375f58423a300eb03ab510d0971d7706335c7490a378db17"
		"fd7f6f6fde5e3bbe0398450ab59f8fc07dc52227202edf600aa298d1576f17a63a4535a6115f9a34"
		"22d3dadf7e8c48263660c556523d1f82",
};

static const TestKey own_dh_2048 = {
	.type = CKK_DH,
	.prime =
		"ffffffffffffffffadf85458a2bb4a9aafdc5620273d3cf1d8b9c583ce2d3695a9e13641146433fb"
		"cc939dce249b3ef97d2fe363630c75d8f681b202aec4617ad3df1ed5d5fd65612433f51f5f066ed0"
		"856365553ded1af3b557135e7f57c935984f0c70e0e68b77e2a689daf3efe8721df158a136ade735"
		"30acca4f483a797abc0ab182b324fb61d108a94bb2c8e3fbb96adab760d7f4681d4f42a3de394df4"
		"ae56ede76372bb190b07a7c8ee0a6d709e02fce1cdf7e2ecc03404cd28342f619172fe9ce98583ff"
		"8e4f1232eef28183c3fe3b1b4c6fad733bb5fcbc2ec22005c58ef1837d1683b2c6f34a26c1b2effa"
		"886b423861285c97ffffffffffffffff",
	.base = "02",
	.value = "867e2cb04f5a04dcbd592501a5e8fe9ceaafca50255626ca736c138042530ba4",
	.public_value =
		"b16072742af3c7b26d94c432924b33a7949bb24192ea95291601ac4659de1e11022a19ac2bacfc1f"
		"d18aacb440409a55b2c1b2b47cb8e2958753a4f7f19bd25462c172e9b18e7158353db085b9fcd320"
		"9cd1a0a00a00df2173219dfb1d5e1fc548080cbfa4f0852dd1e3b2491f455fbc7101002e04d7d7b5"
		"9941fda65370393503926253622cf67296664783376a893a77a2fd313952679248d9b8d926ffb8ac"
		"2665bf2339c063e4f6754dae6b9bc77d4bed7ec0c37656c1f13c1362f48aa89d605a3bd113f881ee"
		"38dff8b893254943a5b1a4451776967c16f887ed2423ee16e2d158ed6be15d8e2132ddfdbb38c073"
		"d6effa31b1f182b05d83d5e238600521",
};

static const TestKey own_dh_1024 = {
	.type = CKK_DH,
	.prime =
		"ffffffffffffffffc90fdaa22168c234c4c6628b80dc1cd129024e088a67cc74020bbea63b139b22"
		"514a08798e3404ddef9519b3cd3a431b302b0a6df25f14374fe1356d6d51c245e485b576625e7ec6"
		"f44c42e9a637ed6b0bff5cb6f406b7edee386bfb5a899fa5ae9f24117c4b1fe649286651ece65381"
		"ffffffffffffffff",
	.base = "02",
	.value = "867e2cb04f5a04dcbd592501a5e8fe9ceaafca50255626ca736c13804253",
	.public_value =
		"7f712d37ef53d9eaca076eabf4c07279b961a7b6f7b563107f71017a6c6d0d8a51c255a2e4caa63a"
		"f1db362d15b8827e428ed9cbc640b9e92bdf2a71f6234e5e6b7bcbc4843d38d0f2e5550647d89c10"
		"72b787fe7e45414f830e8807d1d9c85bceadde38577af727923024129531bfba6c7b4498038cf88d"
		"22301e28f456361d",
};

static const Vector ffc_vectors[] = {
	{ .mechanism = CKM_DSA,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_1024,
	  .in = "08c57ed1bb97ccee7073f966dc5fbfe4dbb6f586",
	  .out =
"31a64bef666fe257c55b82a528b07da5b80165f641b825aea3e9f3b23a77de8f93a52124d4d488a4" },
	{ .mechanism = CKM_DSA,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_2048,
	  .in = "08c57ed1bb97ccee7073f966dc5fbfe4dbb6f586",
	  .out =
		  "0f8fca69e3539d6b52dac0cbd0c2ec0240c2801d13154b418d3bbafa59bf8ee3b64598698641865b"
		  "4efbe6ae99846dacede9963ab529c00e1da1ff3dc86564a3" },
	{ .mechanism = CKM_DSA_SHA1,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_1024,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
"31a64bef666fe257c55b82a528b07da5b80165f641b825aea3e9f3b23a77de8f93a52124d4d488a4" },
	{ .mechanism = CKM_DSA_SHA224,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_2048,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
		  "b2d5725d85b38100873c4821c3fb89ea5e9d0948f6a36c4ee6e8dd3b6278603924432fb1ba35268d"
		  "07c22f2fc4cd5fb2d47ad5691d52a7111dcfd948c5fb222d" },
	{ .mechanism = CKM_DSA_SHA256,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_1024,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
"261b0e1b91e9e59add612c7c3fe6a58ccef7c0d43b0aa66c03c8ea4078c17ab7d3b78d4a85992f8b" },
	{ .mechanism = CKM_DSA_SHA384,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_2048,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
		  "589ce9130e3dfba8f886557449b04c771be8e85aa62135e6f21ed56162e34d2d8dd7046b13ee185d"
		  "019d6928bb0df051c7062de2f119e8d7811f341e6855b31b" },
	{ .mechanism = CKM_DSA_SHA512,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_1024,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
"1374a3c6c242eb6fb1cffaf7e17402eb4fcde19a810ee3baf48a5e47b1a7548a53cac34dd021e201" },
	{ .mechanism = CKM_DSA_SHA3_224,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_2048,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
		  "54292991d7e98823b661bbebb820471de09ebab52ad6536c9cc9809d8957211b6090290b10e5a310"
		  "3084cc1788f96bc057be38e29fa8f6cd812131744f56eeef" },
	{ .mechanism = CKM_DSA_SHA3_256,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_1024,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
"502327abd358b670b79cc756025bc2324e73542e31036e70b90be9566d101e7e6ba2dddf1278a18f" },
	{ .mechanism = CKM_DSA_SHA3_384,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_2048,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
		  "5c7f0ac7b208dc6990d29005fe4ba1da21197e4e8bc8027af1f224dc9b4bc5ae57f9282a0cbe1b1e"
		  "f1b9b905c4e8280f2ff5ddc0f37b426c64d79f78378c3290" },
	{ .mechanism = CKM_DSA_SHA3_512,
	  .what = VERIFY,
	  .source = "FIPS 186-4, 4.6 computed with Python 3.11: pow() and hashlib; parameters made with the openssl command",
	  .key = &own_dsa_1024,
	  .in = "61206d65737361676520666f7220445341",
	  .out =
"5fc8fc4dbe782427f750f9bce14dbbfd071714d15626d8b0c9e817bf2db32a2f316ed012d5af4913" },
	{ .mechanism = CKM_DH_PKCS_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7919, ffdhe2048; computed with Python 3.11: pow()",
	  .key = &own_dh_2048,
	  .in = "",
	  .out =
		  "325eeb2e9acce021b21dee43e7a72f1e64d163d37910d17e29313c3055b2efd0c65ed24fb6848ab9"
		  "df5e0cfe9c62899a07439942c144d0b2b632d0f0381a033511a145e0e54777d1d491fe2a540ae0d9"
		  "7eab3796d4c102ae20e89b0285328c9c54a4bc5e8c789618cae237d4bf91838aa74673d9ff13a7e9"
		  "02adcdef4ba787028fd67531fd6c223a3e139280f27ed9f035495354dd075ac41c5d425724f2a55b"
		  "cff4e14c1468b99cedbd766c51161900c7c55b8955056755e47eee1a0b7bb85793e75d4d8bfb3caf"
		  "40ca30e46f90651fdaec226d0eecf318c20d9e66ca4f0d6cf751b2acb9569fcede0e878fd8755349"
		  "a9c978a57d0455950fdadf70148c5b59",
	  .iv =
		  "07c51e27911dec49e740e61f731b31fb6989ba55ba01804dbce8f5e2d997ae714cfae5606ac690fb"
		  "26d0292c307bef7566438c38ce2a38ff0855b0309e2cc26ab76ac45d414e82fdd6f37eee97f3dde8"
		  "08d8746defd94bf94d14991b6fc3e795abccb88f1b90886fe09f4c61aa25a0fcf46aeca9ca84e18b"
		  "16b1f130bd7b7432ce6cd0ffa8f7c6104b5e0b32c36fbd397f5b45e2fe3c1aff0390e3b39219018a"
		  "5c04bf15bd69873593fb6ec46713241d007157940961c26b8f88dc3f53acddee2ba7475aa8006167"
		  "728e01267b5ee645943f109d09e124e25b4abe672adb9e5c3a55328b4b31b06ba1d04312b8350477"
		  "830c80b3b37a42ed685950233ed647b4",
	  .value_len = 256 },
	{ .mechanism = CKM_DH_PKCS_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7919, ffdhe2048; computed with Python 3.11: pow()",
	  .key = &own_dh_2048,
	  .in = "",
	  .out = "de0e878fd8755349a9c978a57d0455950fdadf70148c5b59",
	  .iv =
		  "0007c51e27911dec49e740e61f731b31fb6989ba55ba01804dbce8f5e2d997ae714cfae5606ac690"
		  "fb26d0292c307bef7566438c38ce2a38ff0855b0309e2cc26ab76ac45d414e82fdd6f37eee97f3dd"
		  "e808d8746defd94bf94d14991b6fc3e795abccb88f1b90886fe09f4c61aa25a0fcf46aeca9ca84e1"
		  "8b16b1f130bd7b7432ce6cd0ffa8f7c6104b5e0b32c36fbd397f5b45e2fe3c1aff0390e3b3921901"
		  "8a5c04bf15bd69873593fb6ec46713241d007157940961c26b8f88dc3f53acddee2ba7475aa80061"
		  "67728e01267b5ee645943f109d09e124e25b4abe672adb9e5c3a55328b4b31b06ba1d04312b83504"
		  "77830c80b3b37a42ed685950233ed647b4",
	  .value_len = 24 },
	{ .mechanism = CKM_DH_PKCS_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 7919, ffdhe2048; computed with Python 3.11: pow(), a secret with a zero in front",
	  .key = &own_dh_2048,
	  .in = "",
	  .out =
		  "0035abdd9f3e91a3b3972283ec0f371741a310e611ce7fa2e5b513c43f8afd36aecf1384a013ae4e"
		  "ad8a2f7df5862ac3e5dcf09940d6813ca3f1b33c7d9f6cd7c22f30c2bd7bba20f90692c093d25d8e"
		  "574732e5a38e690920feea0c4b0ace8838d8c1bc913eb27d8a21db40c58c8ecb337957f5d58a27cd"
		  "c0c0851f989cf447df6f812ce30d9aaee91905f6c7b767de167f3a5d3789147ba430370f2d5012bf"
		  "27f45577e601db01758d126f887309db4376a53bd863a95b0b0d488570d6bab66c246722b074ae0f"
		  "7a23ec3a1d94b94668a4a8527cc75a30301694fda1be5c003b18e22fe5b41ff8ec707df3fae9e7c9"
		  "36123bbe30cca438f9e84f06b4687cc2",
	  .iv = "200000000000000000000000000000000000000000000000000000",
	  .value_len = 256 },
	{ .mechanism = CKM_DH_PKCS_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 2409, 6.2; computed with Python 3.11: pow()",
	  .key = &own_dh_1024,
	  .in = "",
	  .out =
		  "f539666cebe123e84d414622c54ee2371050910a6fd2bf78a65ef5fdb7c0e688a56299fd3156d8ee"
		  "cdd0ceae9d6c7720133d097dfcf0e6aafc30e38b06ee94336bbab6cc905265130d4a7322eacbf98b"
		  "837f3002f805e1aee714dcccf78b633d4f54e7234250a4584ffdcf541236f4ff48ee773db43c8bab"
		  "558532516ed3b49a",
	  .iv =
		  "1b10758eef80dac375830e2ac0efe8078f3bffe80406d5248d616390c50155370b066cd243a91929"
		  "59b8b64758ca492eccddd40f33007c3e13a085655bac8edccb8aa6563cb76e828e6a542b4ca666b6"
		  "ccc1cbb2265b4d984b97f9616807044fa005f6ede1e4bf6018fb99ef869894aab5ac7b224c840287"
		  "30d884b161d5dad2",
	  .value_len = 128 },
};

#endif /* CRATON_TEST_MECH_VECTORS_FFC_H */
