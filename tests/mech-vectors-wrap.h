/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: keys wrapped for the owner of a key pair. Wrapping is random, so these are unwrapped. And
 * the public halves of private keys, which are those of the keys.
 */
#ifndef CRATON_TEST_MECH_VECTORS_WRAP_H
#define CRATON_TEST_MECH_VECTORS_WRAP_H

#include "mech-vectors-curves.h"
#include "mech-vectors-edwards.h"
#include "mech-vectors-ffc.h"
#include "mech-vectors-pair.h"
#include "mech-vectors.h"

static CK_RSA_PKCS_OAEP_PARAMS oaep_256 = { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 };
static CK_RSA_PKCS_OAEP_PARAMS oaep_1 = { CKM_SHA_1, CKG_MGF1_SHA1, 0, NULL, 0 };
static CK_RSA_PKCS_OAEP_PARAMS oaep_mixed = { CKM_SHA384, CKG_MGF1_SHA512, CKZ_DATA_SPECIFIED,
	                                      (CK_BYTE *) "label", 5 };
static const CK_RSA_AES_KEY_WRAP_PARAMS rsa_256 = { 256, &oaep_256 }, rsa_128 = { 128, &oaep_1 },
					rsa_192 = { 192, &oaep_mixed };
static const CK_ECDH_AES_KEY_WRAP_PARAMS ecdh_256 = { 256, CKD_SHA256_KDF, 6, (CK_BYTE *) "shared" };
static const CK_ECDH_AES_KEY_WRAP_PARAMS ecdh_192 = { 192, CKD_SHA512_KDF_SP800, 0, NULL };
static const CK_ECDH_AES_KEY_WRAP_PARAMS ecdh_plain_128 = { 128, CKD_NULL, 0, NULL };

static const Vector wrap_vectors[] = {
	{ .mechanism = CKM_RSA_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &boring_oaep,
	  .param = &rsa_256,
	  .param_len = sizeof rsa_256,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "3a58cd06aa6d804c0d9825f20d7cc8918be3167815dd6154f31a8470fe898208ef0ed1ee45acd060"
		  "ea22ebc9fd5501d6e9c323650733c009640a73c3ed924278e37428a8eb5e0c14c7552df5290f110c"
		  "26b8f75379d01908a6a039f4acd353a8948f5d0b0b2fe901e2aad6aff54b7465e17f33111628b6f8"
		  "1c09b40754c1b8c4e0f79afa5eb4c73939ea69eafa998a66d6b5a76cdfeee48c0dfac9f6d634164f"
		  "0f9511cf4f5c07991b9918e0694bc5965809df0d241787df474ab8fd3fdc8073e23be05907edf0ee"
		  "9b297976fd85c2bd0c1a887b2fc5c74e492eb2f1abfdb237c2e7ef63ce4da3ee9218adb15727efec"
		  "50d7c7519dfb06d22c545b42a30c31df0533c4d4dff8b53e7ff007b56dae1a8cbf641150c7ca5885"
		  "5c1273b69a76ec80f7c965f5e6764dd88ff29243a6198efa" },
	{ .mechanism = CKM_RSA_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &boring_oaep,
	  .param = &rsa_128,
	  .param_len = sizeof rsa_128,
	  .in = "a5e939c3e52fc703e089cba4a61853151ae378",
	  .out =
		  "61f212ce0c895da061e0507db8eb16d0d8d967a4340ed3075a0230659ef36bff079fa4dc87f56bc0"
		  "c17b39fec06e14fcd50a8ba6f5e31d1bdec6ae8c2af718b8dc73d3febfa2bd50bcaa33bc3118ae5a"
		  "e350b92e859e8b13652f5794fa349a0a610cc307919701f35a322f97b7759bac5445ed70432ea7e9"
		  "3a82ec6b247e61ff12093b74b6ed45b4a650314961669ff4b20685967f3f18c0dabade4f8d8c6a93"
		  "490de5fb38dacc9dee1b74fbfea4f91400e6614aeec43cdb4f5b8d93a278afd2860305b3297fe92d"
		  "d8977457b9f80517680f494885d7eef85925f81c0301dedfe7234dc00672b8fa777d0db8284eaa9e"
		  "133af154b15a83ae209ce598e001516c2c317a9f2a07f067b0ec576a67c7218b21bbf2bc355a212b"
		  "ebed344e2356200c" },
	{ .mechanism = CKM_RSA_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &boring_oaep,
	  .param = &rsa_192,
	  .param_len = sizeof rsa_192,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "250b952ec36d61e79e87f1f5a23c11a3e317da90483f18d4f5065e11a1c3aa2518935fb38a188c70"
		  "dd941753acecf25984811b7b15abc926ab310f3562cad37a275e26b82b266ac6c1244bbe77695df9"
		  "a0ce123e2f45bffdec006770fba2dcbe0fdba0feed198e5109a83ea7163ec78f1d20fcc5fce7b057"
		  "f4badbfcf2a43cdeaee4bbbdddecca547ae2b86c22a05fd6621879a1849fd1e1bab0668bf981b785"
		  "3bd5811a743fb66d17bdd6170a8a8df3a947461f4bc5ad999a3f16db0c925466f9755a770203bd74"
		  "8f360503b4600520ce458d41412125e716b5ff314d7f4f19540659df0491606809df2d82e2df0f22"
		  "a708078b54a47edce21f797a815869e6c7a0c1246f5023e2e4e5d9e1e5837a0fc3d8de6353130af5"
		  "0942f57be0711f3b2e30c4b5dab81742641fa6f6ba490648" },
	{ .mechanism = CKM_RSA_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &boring_oaep,
	  .key_type = CKK_EC,
	  .param = &rsa_256,
	  .param_len = sizeof rsa_256,
	  .in = "cfdf2e70ec6d74687123039d87d53e6d764e11a62a66aec5fd1342075e41c321",
	  .out =
		  "5525b38c19f694e934e3ff1b7b7b57bc51538e27604e5f52d58127b27f1a09986336df0c47981a51"
		  "17302af097bf02d2636f06f090318a06a767c47272c2a51cd888638f3ea8b98bc61ea04adb71e7d6"
		  "c6bbfbf6fc8265e44ecbe8477dc36f3a64bc38825b16b540518f4c4ace7e6f5d9713275efb90a945"
		  "e92aa48c5c44cb8fb3e6809861c3f08e4fa9cd575e92828deada53d583a3ab121dc1064383d9d1af"
		  "27e95f1998dcaf20bc50574e7cd304a43fc3e92a1c442dc00eac29e54e56459ad04652a2d4147f97"
		  "f87a1c64531fb447cefcfdb2b3c5d77ec5d183f6889da74e5ecb722c7d7c697e6abdabea5daeb9fd"
		  "2bd54c0f73da743c6ccfdcb8d8058d2cc48c28c4c0d876457f2a03c43f4e57a6182d8c6024d96060"
		  "1c15cdf7a0495aaa0954b0bba22052780f341cd91ad54af5b6a7230f7f2d01bc76cb894fb4021cf5"
		  "ffb406d3f24e4468770cc713789ea62dc8287e0f5163515cde94dd7fbe8f7e0abf678163b1416d38"
		  "7bcd397a850c7b3829dc40e8ccfd2c27543d8786f0d0913ecefed6eab2880b41081f69c599659da0"
		  "d18f7d86363284a0" },
	{ .mechanism = CKM_ECDH_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &own_p256,
	  .param = &ecdh_256,
	  .param_len = sizeof ecdh_256,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "045f2d8a70843b067926dd91f8089d09846124cc5ed003af0d6fec3d7bfdcbd6cd0d67b4e689076c"
		  "830d6b9052540652aa26bfb90d95a8c613dd2d8e023ef6ac703d38d6bea73d95080ec77d05976450"
		  "53ad29740f8f151810a6aeff4e0568ce52cd212a9b916570afb0727ca8f9a820ea" },
	{ .mechanism = CKM_ECDH_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &own_p256,
	  .param = &ecdh_plain_128,
	  .param_len = sizeof ecdh_plain_128,
	  .in = "a5e939c3e52fc703e089cba4a61853151ae378",
	  .out =
		  "0441040cca22d77fa3d3c4cbcda54fa1a67cf02a5dcb4724abca08915db1dadd542dcefc7f9bfc8e"
		  "6a14900d30281e8301bc95f4ed69d4346a86c6bdb2c375fb73db4214dd8a7a7f1bee1bee09fe4d42"
		  "ec707c776694db7063e4c22f7b734509c2fe0e" },
	{ .mechanism = CKM_ECDH_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &own_p521,
	  .param = &ecdh_192,
	  .param_len = sizeof ecdh_192,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "04818504012d1e4dbef88719b5ddf4ab6a2c540d2b8649309bdb6618b9098583640cd6d3bd720d7f"
		  "9f7ce6676697164a090a80fa81e1585c3f20665bb366a241bbe8b06400cc0014c7df4cb549bd9764"
		  "e1edc83c04041e397401a517a129b88575572e311b501df550d0b0d294ee82f7e47a1ba63df68ac9"
		  "163faf26612aac322c95056a9d1d06e9c2d07c49c5cc25081eff60cbaf24a4f51974c5cca96cece7"
		  "1dbf0317f023433dab8291e6ed3aab2c0a47ae1d228acd27" },
	{ .mechanism = CKM_ECDH_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &own_p521,
	  .key_type = CKK_EC,
	  .param = &ecdh_256,
	  .param_len = sizeof ecdh_256,
	  .in = "cfdf2e70ec6d74687123039d87d53e6d764e11a62a66aec5fd1342075e41c321",
	  .out =
		  "0400508382226e640aaf74ba28df53f6960c8a510a5b6d904bbaad2c95c3e28605bf37dbb6ebf646"
		  "eb2dc8bbb2a8244c4a35b7b97fbc43531b1d760fc4c7300939e76101c4f20d84fecc4538f88fe973"
		  "2821d7a1193aadd36170e79ed497e989549da285825cded9b560c129282e045bf9c02b837ecc623b"
		  "454c6397b3f62742cb52af159c2403778c54ba4d6a297e35a2f33dc6cfdaca63900f554f5f0cc8e6"
		  "7bcc790f7e2f9c5a4c5ea9d27180b9dc306fe9326ab6e4a7aff1c9e829cb40c3a379d1c103df51ec"
		  "ff5ee333f137d08bbcaa8c688df3a82bca4b977bd8d8b075d058386418c6bc0bb824cb5ce922032c"
		  "3e57e1245a100c16925eaf34a7016240c8c5cf19ace59dbcc93fefea7e26e383a3c775aa74491226"
		  "1dcf30d00e" },
	{ .mechanism = CKM_ECDH_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &rfc_7748_bob_25519,
	  .param = &ecdh_256,
	  .param_len = sizeof ecdh_256,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "b6c154090b8bd9d2cfcf1f761e57a90014933d002d9bc362b4661e03a022a6265004f7c6bad55070"
		  "17e82bc0fddb0d8d90f9ef3e694490b0feaa8c43943ba830d793a2e3547e391017484e2b78a3b39f" },
	{ .mechanism = CKM_ECDH_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &rfc_7748_bob_448,
	  .param = &ecdh_plain_128,
	  .param_len = sizeof ecdh_plain_128,
	  .in = "a5e939c3e52fc703e089cba4a61853151ae378",
	  .out =
		  "0438b446e3b31d5ddb30169e47574c90451be6efb7ad4d5b82a4efa131af7c2c588d898fa0e10afb"
		  "41d329937223bd41c9f9d448122c7e671a040299960b478c03f5a5b5481bcb87151bb552f53d96a5"
		  "4714ffdcb5a64d15dad5" },
	{ .mechanism = CKM_ECDH_COF_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &own_p384,
	  .param = &ecdh_192,
	  .param_len = sizeof ecdh_192,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "046104ee669979b6ae46dac078d8f3861c9a2c72860b3c84c4524a522c1cde2e11c039a6580e6403"
		  "2924cf03e3358148febdd8b4e24f4a11d7b6a2ce57230ec03c6d82c9366700c5f88377facbe38112"
		  "6a8539ed09d101f626c794935f8e1f905a42a654d8f94b6468cf1f3a44b0fc95469f5a419ba61076"
		  "4fe8ef6d6745d11a960cc83db78aef3cb213446b88769cf41bffb7" },
	{ .mechanism = CKM_ECDH_X_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &rfc_7748_bob_25519,
	  .param = &ecdh_192,
	  .param_len = sizeof ecdh_192,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "8bb60c5b032bba953d73a517f0d69321c894205149452ef321e68301c25f273885634b54b56c114c"
		  "c76a7d8269d71311f516b52cfa35246b9d9e77e776ae45d13d20d799e86f8e2b5b3edd077a7bdb22" },
	{ .mechanism = CKM_ECDH_X_AES_KEY_WRAP,
	  .what = UNWRAP,
	  .source = "computed with python3-cryptography 48",
	  .key = &rfc_7748_bob_448,
	  .param = &ecdh_256,
	  .param_len = sizeof ecdh_256,
	  .in = "61206b65792074686174206973207772617070656420666f7220697473206f776e6572",
	  .out =
		  "33a6f969f61cc2c2b1d69769180b5247a064018cdaeb8ac922f867ae9216f42bbd927be264dcb59e"
		  "cf9339a6efbe617b5be707b00e535b0f56e0193edb8622040b9ba10482fb334314fd1d1c68ef77e2"
		  "65606425bbc45aba5562b17ca3342ce12d00df0ac094ffa2" },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &boring_oaep },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &own_p256 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &own_p521 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &rfc_8032_1 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &rfc_8032_448 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &rfc_7748_bob_25519 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &rfc_7748_bob_448 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &own_dsa_1024 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &own_dsa_2048 },
	{ .mechanism = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .what = PUBLIC_HALF,
	  .source = "the key itself",
	  .key = &own_dh_2048 },
};

#endif /* CRATON_TEST_MECH_VECTORS_WRAP_H */
