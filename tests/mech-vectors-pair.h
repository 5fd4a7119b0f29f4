/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: mechanisms with key pairs.
 */
#ifndef CRATON_TEST_MECH_VECTORS_PAIR_H
#define CRATON_TEST_MECH_VECTORS_PAIR_H

#include "mech-vectors.h"

static const TestKey nist_15 = {
	.type = CKK_RSA,
	.modulus =
		"c8a2069182394a2ab7c3f4190c15589c56a2d4bc42dca675b34cc950e24663048441e8aa593b2bc5"
		"9e198b8c257e882120c62336e5cc745012c7ffb063eebe53f3c6504cba6cfe51baa3b6d1074b2f39"
		"8171f4b1982f4d65caf882ea4d56f32ab57d0c44e6ad4e9cf57a4339eb6962406e350c1b15397183"
		"fbf1f0353c9fc991",
	.public_exponent = "010001",
	.private_exponent =
		"5dfcb111072d29565ba1db3ec48f57645d9d8804ed598a4d470268a89067a2c921dff24ba2e37a3c"
		"e834555000dc868ee6588b7493303528b1b3a94f0b71730cf1e86fca5aeedc3afa16f65c0189d810"
		"ddcd81049ebbd0391868c50edec958b3a2aaeff6a575897e2f20a3ab5455c1bfa55010ac51a7799b"
		"1ff8483644a3d425",
};

static const TestKey nist_pss = {
	.type = CKK_RSA,
	.modulus =
		"bcb47b2e0dafcba81ff2a2b5cb115ca7e757184c9d72bcdcda707a146b3b4e29989ddc660bd69486"
		"5b932b71ca24a335cf4d339c719183e6222e4c9ea6875acd528a49ba21863fe08147c3a47e41990b"
		"51a03f77d22137f8d74c43a5a45f4e9e18a2d15db051dc89385db9cf8374b63a8cc88113710e6d81"
		"79075b7dc79ee76b",
	.public_exponent = "010001",
	.private_exponent =
		"383a6f19e1ea27fd08c7fbc3bfa684bd6329888c0bbe4c98625e7181f411cfd0853144a3039404dd"
		"a41bce2e31d588ec57c0e148146f0fa65b39008ba5835f829ba35ae2f155d61b8a12581b99c927fd"
		"2f22252c5e73cba4a610db3973e019ee0f95130d4319ed413432f2e5e20d5215cdd27c2164206b3f"
		"80edee51938a25c1",
};

static const TestKey labs_15 = {
	.type = CKK_RSA,
	.modulus =
		"a8b3b284af8eb50b387034a860f146c4919f318763cd6c5598c8ae4811a1e0abc4c7e0b082d693a5"
		"e7fced675cf4668512772c0cbc64a742c6c630f533c8cc72f62ae833c40bf25842e984bb78bdbf97"
		"c0107d55bdb662f5c4e0fab9845cb5148ef7392dd3aaff93ae1e6b667bb3d4247616d4f5ba10d4cf"
		"d226de88d39f16fb",
	.public_exponent = "010001",
	.private_exponent =
		"53339cfdb79fc8466a655c7316aca85c55fd8f6dd898fdaf119517ef4f52e8fd8e258df93fee180f"
		"a0e4ab29693cd83b152a553d4ac4d1812b8b9fa5af0e7f55fe7304df41570926f3311f15c4d65a73"
		"2c483116ee3d3d2d0af3549ad9bf7cbfb78ad884f84d5beb04724dc7369b31def37d0cf539e9cfcd"
		"d3de653729ead5d1",
	.prime_1 =
		"d32737e7267ffe1341b2d5c0d150a81b586fb3132bed2f8d5262864a9cb9f30af38be448598d413a"
		"172efb802c21acf1c11c520c2f26a471dcad212eac7ca39d",
	.prime_2 =
		"cc8853d1d54da630fac004f471f281c7b8982d8224a490edbeb33d3e3d5cc93c4765703d1dd79164"
		"2f1f116a0dd852be2419b2af72bfe9a030e860b0288b5d77",
	.exponent_1 =
		"0e12bf1718e9cef5599ba1c3882fe8046a90874eefce8f2ccc20e4f2741fb0a33a3848aec9c9305f"
		"becbd2d76819967d4671acc6431e4037968db37878e695c1",
	.exponent_2 =
		"95297b0f95a2fa67d00707d609dfd4fc05c89dafc2ef6d6ea55bec771ea333734d9251e79082ecda"
		"866efef13c459e1a631386b7e354c899f5f112ca85d71583",
	.coefficient =
		"4f456c502493bdc0ed2ab756a3a6ed4d67352a697d4216e93212b127a63d5411ce6fa98d5dbefd73"
		"263e3728142743818166ed7dd63687dd2a8ca1d2f4fbd8e1",
};

static const TestKey labs_oaep = {
	.type = CKK_RSA,
	.modulus =
		"a8b3b284af8eb50b387034a860f146c4919f318763cd6c5598c8ae4811a1e0abc4c7e0b082d693a5"
		"e7fced675cf4668512772c0cbc64a742c6c630f533c8cc72f62ae833c40bf25842e984bb78bdbf97"
		"c0107d55bdb662f5c4e0fab9845cb5148ef7392dd3aaff93ae1e6b667bb3d4247616d4f5ba10d4cf"
		"d226de88d39f16fb",
	.public_exponent = "010001",
	.private_exponent =
		"53339cfdb79fc8466a655c7316aca85c55fd8f6dd898fdaf119517ef4f52e8fd8e258df93fee180f"
		"a0e4ab29693cd83b152a553d4ac4d1812b8b9fa5af0e7f55fe7304df41570926f3311f15c4d65a73"
		"2c483116ee3d3d2d0af3549ad9bf7cbfb78ad884f84d5beb04724dc7369b31def37d0cf539e9cfcd"
		"d3de653729ead5d1",
	.prime_1 =
		"d32737e7267ffe1341b2d5c0d150a81b586fb3132bed2f8d5262864a9cb9f30af38be448598d413a"
		"172efb802c21acf1c11c520c2f26a471dcad212eac7ca39d",
	.prime_2 =
		"cc8853d1d54da630fac004f471f281c7b8982d8224a490edbeb33d3e3d5cc93c4765703d1dd79164"
		"2f1f116a0dd852be2419b2af72bfe9a030e860b0288b5d77",
	.exponent_1 =
		"0e12bf1718e9cef5599ba1c3882fe8046a90874eefce8f2ccc20e4f2741fb0a33a3848aec9c9305f"
		"becbd2d76819967d4671acc6431e4037968db37878e695c1",
	.exponent_2 =
		"95297b0f95a2fa67d00707d609dfd4fc05c89dafc2ef6d6ea55bec771ea333734d9251e79082ecda"
		"866efef13c459e1a631386b7e354c899f5f112ca85d71583",
	.coefficient =
		"4f456c502493bdc0ed2ab756a3a6ed4d67352a697d4216e93212b127a63d5411ce6fa98d5dbefd73"
		"263e3728142743818166ed7dd63687dd2a8ca1d2f4fbd8e1",
};

static const TestKey boring_oaep = {
	.type = CKK_RSA,
	.modulus =
		"cd0081ea7b2ae1ea06d59f7c73d9ffb94a09615c2e4ba7c636cef08dd3533ec3185525b015c769b9"
		"9a77d6725bf9c3532a9b6e5f6627d5fb85160768d3dda9cbd35974511717dc3d309d2fc47ee41f97"
		"e32adb7f9dd864a1c4767a666ecd71bc1aacf5e7517f4b38594fea9b05e42d5ada9912008013e453"
		"16a4d9bb8ed086b88d28758bacaf922d46a868b485d239c9baeb0e2b64592710f42b2d1ea0a4b480"
		"2c0becab328f8a68b0073bdb546feea9809d2849912b390c1532bc7e29c7658f8175fae46f34332f"
		"f87bcab3e40649b98577869da0ea718353f0722754886913648760d122be676e0fc483dd20ffc31b"
		"da96a31966c9aa2e75ad03de47e1c44f",
	.public_exponent = "010001",
	.private_exponent =
		"60297ac7991b167a06d6b24758b8cbe208beb9b2d9ec9738bd80f90a2e35005dd7ce292d9e29ba88"
		"5bd316fef1f20913bc0ac90d6b0808b2414d82104441d8624a33ce0233c8f780a48b375aff02d767"
		"12228a702484db3f9ebecccfbbee1709dba182800d949e9e4216e0bff3558388f8bd90da373a1d82"
		"743ec3fbdd1427fd16825a657a316912e8695365117ca2f845c909405fcac55f895fc15d20386c26"
		"ee78c9e99075029a178a6c1e4cf0c200e8a9cfb27e9d156f86e6c2adc22b1a84a1cd5ca5b2790875"
		"d79407c84b352395cb81cc3fed5bb043b69ede0c07204550025cee8c5f440170b6120bb48e0f747b"
		"cd8f522110850df043c428dfd1870531",
	.prime_1 =
		"f6f961b47cbc035d3aedebc7de850a956b65ecdb9cf60764063f15aa48553c58d972fe6675056e35"
		"ddfdc37bf3b9f2f622ee271337256849c9bef2176fe8f7c3f8bb91ba374dd53baf3dec814d2bdec1"
		"0c1fdc88cdd16876f26b1edfa3f094197edf4d42ff1fb2971103b898ca859c427287086a842ab410"
		"bb69cf2d35af6be3",
	.prime_2 =
		"d47e724a7ff41048b270c2524a4101878b73159bb73d3dbc187b220e635b3534f96e243a184d93f8"
		"60b6bfbb6b71c1ed9a1e1f458583023c301e96a692c1a08b53d0ec9ca910100d80451e3b7dc6a01b"
		"ac4aecef8df798846bc235a08cbba2cf4c06804cc11219e95608c714e3f1430d491fadbba32a5751"
		"a04f97745834c9a5",
	.exponent_1 =
		"21f2452bb9b95dfd028c914bf799f1ca77e89a95d50d3c16d384f8455f8bd7af9eb3dfa3d591d984"
		"2def235f7630a8e48c088ff6642e101794535a933e1e976fa8509fc728b2da0c4a1a08d7fcf37aba"
		"ae1ff3001aca1dc1bbb05d9dffbaa1a09f7fb1eef38237d9ebccc722b9338436dde7119112798c26"
		"809c1a8dec432061",
	.exponent_2 =
		"1f7510aa62c2d8de4a3c53282781f41e02d0e8b402ae78432e449c48110161a11403f02d01880a8d"
		"cc938152d79721a4711a607ac4471ebf964810f95be47a45e60499e29f4c9773c83773404f606637"
		"728c2d0351bb03c326c8bb73a721e7fa5440ea2172bba1465fcc30dcb0d9f89930e815aa1f7f9729"
		"a857e00e0338dd59",
	.coefficient =
		"4d1f0d756fe77e01099a652f50a88b7b685dc5bf00981d5d2376fd0c6fe29cd5b638734479305a73"
		"ad3c1599d39eae3bae035fbd6fed07c28de705933879a06e48e6a603686ed8e2560a5f6af1f2c24f"
		"af4aa960e382186f15eedce9a2491ae730680dd4cf778b70faa86826ab3223477cc91377b19a6d5a"
		"2eaea219760beed5",
};

static const TestKey nist_p256_sha1 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030107",
	.point = "044104fa2737fb93488d19caef11ae7faf6b7f4bcd67b286e3fc54e8a65c2b74aeccb0d4ccd6dae6"
		 "98208aa8c3a6f39e45510d03be09b2f124bfc067856c324f9b4d09",
	.value = "be34baa8d040a3b991f9075b56ba292f755b90e4b6dc10dad36715c33cfdac25",
};

static const TestKey nist_p256_sha224 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030107",
	.point = "04410429578c7ab6ce0d11493c95d5ea05d299d536801ca9cbd50e9924e43b733b83ab08c8049879"
		 "c6278b2273348474158515accaa38344106ef96803c5a05adc4800",
	.value = "708309a7449e156b0db70e5b52e606c7e094ed676ce8953bf6c14757c826f590",
};

static const TestKey nist_p256_sha256 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030107",
	.point = "0441041ccbe91c075fc7f4f033bfa248db8fccd3565de94bbfb12f3c59ff46c271bf83ce4014c688"
		 "11f9a21a1fdb2c0e6113e06db7ca93b7404e78dc7ccd5ca89a4ca9",
	.value = "519b423d715f8b581f4fa8ee59f4771a5b44c8130b4e3eacca54a56dda72b464",
};

static const TestKey nist_p256_sha384 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030107",
	.point = "044104e0e7b99bc62d8dd67883e39ed9fa0657789c5ff556cc1fd8dd1e2a55e9e3f24363fbfd0232"
		 "b95578075c903a4dbf85ad58f8350516e1ec89b0ee1f5e1362da69",
	.value = "b6faf2c8922235c589c27368a3b3e6e2f42eb6073bf9507f19eed0746c79dced",
};

static const TestKey nist_p256_sha512 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030107",
	.point = "0441046b738de3398b6ac57b9591f9d7985dd4f32137ad3460dcf8970c1390cb9eaf8d83bc61e26d"
		 "2bbbd3cf2d2ab445a2bc4ab5dde41f4a13078fd1d3cc36ab596d57",
	.value = "9dd0d3a3d514c2a8adb162b81e3adfba3299309f7d2018f607bdb15b1a25f499",
};

static const TestKey nist_p384_sha384 = {
	.type = CKK_EC,
	.params = "06052b81040022",
	.point = "046104c2b47944fb5de342d03285880177ca5f7d0f2fcad7678cce4229d6e1932fcac11bfc3c3e97"
		 "d942a3c56bf34123013dbf37257906a8223866eda0743c519616a76a758ae58aee81c5fd35fbf3a8"
		 "55b7754a36d4a0672df95d6c44a81cf7620c2d",
	.value = "201b432d8df14324182d6261db3e4b3f46a8284482d52e370da41e6cbdf45ec2952f5db7ccbce3bc"
		 "29449f4fb080ac97",
};

static const TestKey nist_p521_sha512 = {
	.type = CKK_EC,
	.params = "06052b81040023",
	.point = "048185040061387fd6b95914e885f912edfbb5fb274655027f216c4091ca83e19336740fd81aedfe"
		 "047f51b42bdf68161121013e0d55b117a14e4303f926c8debb77a7fdaad100e7d0c75c38626e895c"
		 "a21526b9f9fdf84dcecb93f2b233390550d2b1463b7ee3f58df7346435ff0434199583c97c665a97"
		 "f12f706f2357da4b40288def888e59e6",
	.value = "00f749d32704bc533ca82cef0acf103d8f4fba67f08d2678e515ed7db886267ffaf02fab0080dca2"
		 "359b72f574ccc29a0f218c8655c0cccf9fee6c5e567aa14cb926",
};

static const TestKey rfc_5903 = {
	.type = CKK_EC,
	.params = "06082a8648ce3d030107",
	.value = "c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433",
	.point = "044104dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c37725811805271a0461c"
		 "db8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3",
};

static const TestKey rfc_8032_1 = {
	.type = CKK_EC_EDWARDS,
	.params = "06032b6570",
	.point = "0420d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
	.value = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
};

static const TestKey rfc_8032_2 = {
	.type = CKK_EC_EDWARDS,
	.params = "06032b6570",
	.point = "04203d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
	.value = "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
};

static const TestKey rfc_8032_3 = {
	.type = CKK_EC_EDWARDS,
	.params = "06032b6570",
	.point = "0420fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
	.value = "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
};

static const Vector pair_vectors[] = {
	{ .mechanism = CKM_SHA1_RSA_PKCS,
	  .what = SIGN,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, first of SHA1",
	  .key = &nist_15,
	  .out = "28928e19eb86f9c00070a59edf6bf8433a45df495cd1c73613c2129840f48c4a2c24f11df79bc5c0"
	         "782bcedde97dbbb2acc6e512d19f085027cd575038453d04905413e947e6e1dddbeb3535cdb3d897"
	         "1fe0200506941056f21243503c83eadde053ed866c0e0250beddd927a08212aa8ac0efd61631ef89"
	         "d8d049efb36bb35f",
	  .in = "e8312742ae23c456ef28a23142c4490895832765dadce02afe5be5d31b0048fbeee2cf218b1747ad"
	        "4fd81a2e17e124e6af17c3888e6d2d40c00807f423a233cad62ce9eaefb709856c94af166dba08e7"
	        "a06965d7fc0d8e5cb26559c460e47bc088589d2242c9b3e62da4896fab199e144ec136db8d84ab84"
	        "bcba04ca3b90c8e5" },
	{ .mechanism = CKM_SHA224_RSA_PKCS,
	  .what = SIGN,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, first of SHA224",
	  .key = &nist_15,
	  .out = "5aa5033381bdd0acce332dd314daf008acaa9e835f832979891d1bda2b55d5eae35c479c06cac5bf"
	         "33f432c8c0a5549d1d1b29c5e2589024d27800a0c235a61532c203cbc406ac6ecf63f52ae771b97c"
	         "08e4b108ec916900e5a11b1d48cca86ca5a5a799ed32e99c815cef04cf8eb55223bfd4d9c3449264"
	         "b60061bc3684bc82",
	  .in = "e567a39ae4e5ef9b6801ea0561b72a5d4b5f385f0532fc9fe10a7570f869ae05c0bdedd6e0e22d45"
	        "42e9ce826a188cac0731ae39c8f87f9771ef02132e64e2fb27ada8ff54b330dd93ad5e3ef82e0dda"
	        "646248e35994bda10cf46e5abc98aa7443c03cddeb5ee2ab82d60100b1029631897970275f119d05"
	        "daa2220a4a0defba" },
	{ .mechanism = CKM_SHA256_RSA_PKCS,
	  .what = SIGN,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, first of SHA256",
	  .key = &nist_15,
	  .out = "0e7cdd121e40323ca6115d1ec6d1f9561738455f0e9e1cd858e8b566ae2da5e8ee63d8f15c3cdd88"
	         "027e13406db609369c88ca99b34fa156c7ee62bc5a3923bb5a1edabd45c1a422aafcbb47e0947f35"
	         "cfef87970b4b713162b21916cafb8c864a3e5b9ffc989401d4eae992312a32c5bc88abbb45f99ac8"
	         "85b54d6b8e61b6ec",
	  .in = "e567a39ae4e5ef9b6801ea0561b72a5d4b5f385f0532fc9fe10a7570f869ae05c0bdedd6e0e22d45"
	        "42e9ce826a188cac0731ae39c8f87f9771ef02132e64e2fb27ada8ff54b330dd93ad5e3ef82e0dda"
	        "646248e35994bda10cf46e5abc98aa7443c03cddeb5ee2ab82d60100b1029631897970275f119d05"
	        "daa2220a4a0defba" },
	{ .mechanism = CKM_RSA_PKCS,
	  .what = SIGN,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, DigestInfo of the first of SHA256",
	  .key = &nist_15,
	  .out = "0e7cdd121e40323ca6115d1ec6d1f9561738455f0e9e1cd858e8b566ae2da5e8ee63d8f15c3cdd88"
	         "027e13406db609369c88ca99b34fa156c7ee62bc5a3923bb5a1edabd45c1a422aafcbb47e0947f35"
	         "cfef87970b4b713162b21916cafb8c864a3e5b9ffc989401d4eae992312a32c5bc88abbb45f99ac8"
	         "85b54d6b8e61b6ec",
	  .in = "3031300d060960864801650304020105000420732213cc64e019b2f20cdb0f3c21dcb5ad83726449"
	        "a42699107cf5097a0b1db9" },
	{ .mechanism = CKM_RSA_PKCS,
	  .what = RECOVER,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, DigestInfo of the first of SHA256",
	  .key = &nist_15,
	  .out = "0e7cdd121e40323ca6115d1ec6d1f9561738455f0e9e1cd858e8b566ae2da5e8ee63d8f15c3cdd88"
	         "027e13406db609369c88ca99b34fa156c7ee62bc5a3923bb5a1edabd45c1a422aafcbb47e0947f35"
	         "cfef87970b4b713162b21916cafb8c864a3e5b9ffc989401d4eae992312a32c5bc88abbb45f99ac8"
	         "85b54d6b8e61b6ec",
	  .in = "3031300d060960864801650304020105000420732213cc64e019b2f20cdb0f3c21dcb5ad83726449"
	        "a42699107cf5097a0b1db9" },
	{ .mechanism = CKM_RSA_X_509,
	  .what = SIGN,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, encoded message of the first of SHA256",
	  .key = &nist_15,
	  .out = "0e7cdd121e40323ca6115d1ec6d1f9561738455f0e9e1cd858e8b566ae2da5e8ee63d8f15c3cdd88"
	         "027e13406db609369c88ca99b34fa156c7ee62bc5a3923bb5a1edabd45c1a422aafcbb47e0947f35"
	         "cfef87970b4b713162b21916cafb8c864a3e5b9ffc989401d4eae992312a32c5bc88abbb45f99ac8"
	         "85b54d6b8e61b6ec",
	  .in = "0001ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00303130"
	        "0d060960864801650304020105000420732213cc64e019b2f20cdb0f3c21dcb5ad83726449a42699"
	        "107cf5097a0b1db9" },
	{ .mechanism = CKM_RSA_X_509,
	  .what = RECOVER,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, encoded message of the first of SHA256",
	  .key = &nist_15,
	  .out = "0e7cdd121e40323ca6115d1ec6d1f9561738455f0e9e1cd858e8b566ae2da5e8ee63d8f15c3cdd88"
	         "027e13406db609369c88ca99b34fa156c7ee62bc5a3923bb5a1edabd45c1a422aafcbb47e0947f35"
	         "cfef87970b4b713162b21916cafb8c864a3e5b9ffc989401d4eae992312a32c5bc88abbb45f99ac8"
	         "85b54d6b8e61b6ec",
	  .in = "0001ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	        "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00303130"
	        "0d060960864801650304020105000420732213cc64e019b2f20cdb0f3c21dcb5ad83726449a42699"
	        "107cf5097a0b1db9" },
	{ .mechanism = CKM_RSA_X_509,
	  .what = CRYPT,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, first of SHA256 opened",
	  .key = &nist_15,
	  .out = "0001ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"
	         "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff00303130"
	         "0d060960864801650304020105000420732213cc64e019b2f20cdb0f3c21dcb5ad83726449a42699"
	         "107cf5097a0b1db9",
	  .in = "0e7cdd121e40323ca6115d1ec6d1f9561738455f0e9e1cd858e8b566ae2da5e8ee63d8f15c3cdd88"
	        "027e13406db609369c88ca99b34fa156c7ee62bc5a3923bb5a1edabd45c1a422aafcbb47e0947f35"
	        "cfef87970b4b713162b21916cafb8c864a3e5b9ffc989401d4eae992312a32c5bc88abbb45f99ac8"
	        "85b54d6b8e61b6ec" },
	{ .mechanism = CKM_SHA384_RSA_PKCS,
	  .what = SIGN,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, first of SHA384",
	  .key = &nist_15,
	  .out = "1689a8523919ac77cc997ebc59cb908872d88b2855a309ead2779b888b22b4232da9b93bb19b32c1"
	         "db77ad738c6e43361e9eb6b1a37c49a8f3c7c7ae7e784d19a62138741293e49b1831c0c3617eb43c"
	         "56706d83314953470636441086419ab9e6fd1ec4f9d5cc6544815d1e02ed96a3ae64c6998b2cf238"
	         "e79a12164352d12a",
	  .in = "e567a39ae4e5ef9b6801ea0561b72a5d4b5f385f0532fc9fe10a7570f869ae05c0bdedd6e0e22d45"
	        "42e9ce826a188cac0731ae39c8f87f9771ef02132e64e2fb27ada8ff54b330dd93ad5e3ef82e0dda"
	        "646248e35994bda10cf46e5abc98aa7443c03cddeb5ee2ab82d60100b1029631897970275f119d05"
	        "daa2220a4a0defba" },
	{ .mechanism = CKM_SHA512_RSA_PKCS,
	  .what = SIGN,
	  .source = "NIST CAVP, SigGen15_186-2, 1024 bits, first of SHA512",
	  .key = &nist_15,
	  .out = "bf3ff2c69675f1b8ed421021801fb4ce29a757f7f8869ce436d0d75ab749efc8b903d9f9cb214686"
	         "147f12f3335fa936689c192f310ae3c5d75493f44b24bc1cd3501584aaa5004b65a8716d1eda7240"
	         "ad8a529d5a0cf169f4054b450e076ee0d41a0011c557aa69a84a8104c909201d60fe39c79e684347"
	         "ef4d144ea18f7a4e",
	  .in = "e567a39ae4e5ef9b6801ea0561b72a5d4b5f385f0532fc9fe10a7570f869ae05c0bdedd6e0e22d45"
	        "42e9ce826a188cac0731ae39c8f87f9771ef02132e64e2fb27ada8ff54b330dd93ad5e3ef82e0dda"
	        "646248e35994bda10cf46e5abc98aa7443c03cddeb5ee2ab82d60100b1029631897970275f119d05"
	        "daa2220a4a0defba" },
	{ .mechanism = CKM_SHA1_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, first of SHA1",
	  .key = &nist_pss,
	  .hash = CKM_SHA_1,
	  .mgf = CKG_MGF1_SHA1,
	  .salt_len = 20,
	  .out = "682cf53c1145d22a50caa9eb1a9ba70670c5915e0fdfde6457a765de2a8fe12de9794172a78d14e6"
	         "68d498acedad616504bb1764d094607070080592c3a69c343d982bd77865873d35e24822caf43443"
	         "cc10249af6a1e26ef344f28b9ef6f14e09ad839748e5148bcceb0fd2aa63709cb48975cbf9c7b49a"
	         "bc66a1dc6cb5b31a",
	  .in = "1248f62a4389f42f7b4bb131053d6c88a994db2075b912ccbe3ea7dc611714f14e075c104858f2f6"
	        "e6cfd6abdedf015a821d03608bf4eba3169a6725ec422cd9069498b5515a9608ae7cc30e3d2ecfc1"
	        "db6825f3e996ce9a5092926bc1cf61aa42d7f240e6f7aa0edb38bf81aa929d66bb5d890018088458"
	        "720d72d569247b0c" },
	{ .mechanism = CKM_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, digest of the first of SHA1",
	  .key = &nist_pss,
	  .hash = CKM_SHA_1,
	  .mgf = CKG_MGF1_SHA1,
	  .salt_len = 20,
	  .out = "682cf53c1145d22a50caa9eb1a9ba70670c5915e0fdfde6457a765de2a8fe12de9794172a78d14e6"
	         "68d498acedad616504bb1764d094607070080592c3a69c343d982bd77865873d35e24822caf43443"
	         "cc10249af6a1e26ef344f28b9ef6f14e09ad839748e5148bcceb0fd2aa63709cb48975cbf9c7b49a"
	         "bc66a1dc6cb5b31a",
	  .in = "0312164be8be4641917db24f8aa180a669a05ecb" },
	{ .mechanism = CKM_SHA224_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, first of SHA224",
	  .key = &nist_pss,
	  .hash = CKM_SHA224,
	  .mgf = CKG_MGF1_SHA224,
	  .salt_len = 20,
	  .out = "53d859c9f10abf1c00284a4b55bf2bd84d8e313b4f3c35b8dec7bc3afe39b9b8a155418ead193189"
	         "5769ce2340be2091f2385bbcf10d9e92bcf5d0e2960d10e792e7d865c64e50d19ffa13e52817d7d8"
	         "d8db34392c2374a2e9b69184f92a4ad9b1b8bae99ca614d204b65a438e38dbbfc8c7cc44ed5677af"
	         "70ce6c4f951f0244",
	  .in = "1248f62a4389f42f7b4bb131053d6c88a994db2075b912ccbe3ea7dc611714f14e075c104858f2f6"
	        "e6cfd6abdedf015a821d03608bf4eba3169a6725ec422cd9069498b5515a9608ae7cc30e3d2ecfc1"
	        "db6825f3e996ce9a5092926bc1cf61aa42d7f240e6f7aa0edb38bf81aa929d66bb5d890018088458"
	        "720d72d569247b0c" },
	{ .mechanism = CKM_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, digest of the first of SHA224",
	  .key = &nist_pss,
	  .hash = CKM_SHA224,
	  .mgf = CKG_MGF1_SHA224,
	  .salt_len = 20,
	  .out = "53d859c9f10abf1c00284a4b55bf2bd84d8e313b4f3c35b8dec7bc3afe39b9b8a155418ead193189"
	         "5769ce2340be2091f2385bbcf10d9e92bcf5d0e2960d10e792e7d865c64e50d19ffa13e52817d7d8"
	         "d8db34392c2374a2e9b69184f92a4ad9b1b8bae99ca614d204b65a438e38dbbfc8c7cc44ed5677af"
	         "70ce6c4f951f0244",
	  .in = "1698b7da13806451366b9658e44e2c7dc15dc96c588c720c4d5f454c" },
	{ .mechanism = CKM_SHA256_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, first of SHA256",
	  .key = &nist_pss,
	  .hash = CKM_SHA256,
	  .mgf = CKG_MGF1_SHA256,
	  .salt_len = 20,
	  .out = "7b1d37278e549898d4084e2210c4a9961edfe7b5963550cca1904248c8681513539017820f0e9bd0"
	         "74b9f8a067b9fefff7f1fa20bf2d0c75015ff020b2210cc7f79034fedf68e8d44a007abf4dd82c26"
	         "e8b00393723aea15abfbc22941c8cf79481718c008da713fb8f54cb3fca890bde1137314334b9b0a"
	         "18515bfa48e5ccd0",
	  .in = "1248f62a4389f42f7b4bb131053d6c88a994db2075b912ccbe3ea7dc611714f14e075c104858f2f6"
	        "e6cfd6abdedf015a821d03608bf4eba3169a6725ec422cd9069498b5515a9608ae7cc30e3d2ecfc1"
	        "db6825f3e996ce9a5092926bc1cf61aa42d7f240e6f7aa0edb38bf81aa929d66bb5d890018088458"
	        "720d72d569247b0c" },
	{ .mechanism = CKM_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, digest of the first of SHA256",
	  .key = &nist_pss,
	  .hash = CKM_SHA256,
	  .mgf = CKG_MGF1_SHA256,
	  .salt_len = 20,
	  .out = "7b1d37278e549898d4084e2210c4a9961edfe7b5963550cca1904248c8681513539017820f0e9bd0"
	         "74b9f8a067b9fefff7f1fa20bf2d0c75015ff020b2210cc7f79034fedf68e8d44a007abf4dd82c26"
	         "e8b00393723aea15abfbc22941c8cf79481718c008da713fb8f54cb3fca890bde1137314334b9b0a"
	         "18515bfa48e5ccd0",
	  .in = "0c37233c694cc81c4ca1027009269b64e9e32288e3522a2cd76da6613d8c5cd7" },
	{ .mechanism = CKM_SHA384_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, first of SHA384",
	  .key = &nist_pss,
	  .hash = CKM_SHA384,
	  .mgf = CKG_MGF1_SHA384,
	  .salt_len = 20,
	  .out = "8f16c807bef3ed6f74ee7ff5c360a5428c6c2f105178b58ff7d073e566dad6e7718d3129c768cd5a"
	         "9666de2b6c947177b45709dc7cd0f43b0ba6fc75578e1196acc15ca3afe4a78c144cb6885c1cc815"
	         "f7f98925bc04ad2ff20fc1068b045d9450e2a1dcf5a161ceabba2b0b66c7354fdb80fa1d729e5f97"
	         "6387f24a697a7e56",
	  .in = "1248f62a4389f42f7b4bb131053d6c88a994db2075b912ccbe3ea7dc611714f14e075c104858f2f6"
	        "e6cfd6abdedf015a821d03608bf4eba3169a6725ec422cd9069498b5515a9608ae7cc30e3d2ecfc1"
	        "db6825f3e996ce9a5092926bc1cf61aa42d7f240e6f7aa0edb38bf81aa929d66bb5d890018088458"
	        "720d72d569247b0c" },
	{ .mechanism = CKM_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, digest of the first of SHA384",
	  .key = &nist_pss,
	  .hash = CKM_SHA384,
	  .mgf = CKG_MGF1_SHA384,
	  .salt_len = 20,
	  .out = "8f16c807bef3ed6f74ee7ff5c360a5428c6c2f105178b58ff7d073e566dad6e7718d3129c768cd5a"
	         "9666de2b6c947177b45709dc7cd0f43b0ba6fc75578e1196acc15ca3afe4a78c144cb6885c1cc815"
	         "f7f98925bc04ad2ff20fc1068b045d9450e2a1dcf5a161ceabba2b0b66c7354fdb80fa1d729e5f97"
	         "6387f24a697a7e56",
	  .in = "8e75cb3239b2b4ebf15bf74e8017340305c99d2fc1a97384257bf91cae15d57c80d7f78a487c3e16"
	        "a5d1cf894da90fcb" },
	{ .mechanism = CKM_SHA512_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, first of SHA512",
	  .key = &nist_pss,
	  .hash = CKM_SHA512,
	  .mgf = CKG_MGF1_SHA512,
	  .salt_len = 20,
	  .out = "a833ba31634f8773e4fe6ea0c69e1a23766a939d34b32fc78b774b22e46a646c25e6e1062d234ed4"
	         "8b1aba0f830529ff6afc296cc8dc207bbc15391623beac5f6c3db557ca49d0e42c962de95b5ff548"
	         "cff970f5c73f439cfe82d3907be60240f56b6a4259cc96dfd8fe02a0bfa26e0223f68214428fff0a"
	         "e40162198cc5cbd1",
	  .in = "1248f62a4389f42f7b4bb131053d6c88a994db2075b912ccbe3ea7dc611714f14e075c104858f2f6"
	        "e6cfd6abdedf015a821d03608bf4eba3169a6725ec422cd9069498b5515a9608ae7cc30e3d2ecfc1"
	        "db6825f3e996ce9a5092926bc1cf61aa42d7f240e6f7aa0edb38bf81aa929d66bb5d890018088458"
	        "720d72d569247b0c" },
	{ .mechanism = CKM_RSA_PKCS_PSS,
	  .what = VERIFY,
	  .source = "NIST CAVP, SigGenPSS_186-2, 1024 bits, digest of the first of SHA512",
	  .key = &nist_pss,
	  .hash = CKM_SHA512,
	  .mgf = CKG_MGF1_SHA512,
	  .salt_len = 20,
	  .out = "a833ba31634f8773e4fe6ea0c69e1a23766a939d34b32fc78b774b22e46a646c25e6e1062d234ed4"
	         "8b1aba0f830529ff6afc296cc8dc207bbc15391623beac5f6c3db557ca49d0e42c962de95b5ff548"
	         "cff970f5c73f439cfe82d3907be60240f56b6a4259cc96dfd8fe02a0bfa26e0223f68214428fff0a"
	         "e40162198cc5cbd1",
	  .in = "c3366c552451274a4042e4357447786cce3a25a8dbd8cf3c2f8a8ddc02161bda332bb45062f7c61b"
	        "7aa7a88ed3b5d51b6103abcf1769642b11ab95f92fa39adf" },
	{ .mechanism = CKM_RSA_PKCS,
	  .what = DECRYPT,
	  .source = "RSA Laboratories, pkcs1v15crypt-vectors, example 1.1",
	  .key = &labs_15,
	  .out = "50b4c14136bd198c2f3c3ed243fce036e168d56517984a263cd66492b80804f169d210f2b9bdfb48"
	         "b12f9ea05009c77da257cc600ccefe3a6283789d8ea0e607ac58e2690ec4ebc10146e8cbaa5ed4d5"
	         "cce6fe7b0ff9efc1eabb564dbf498285f449ee61dd7b42ee5b5892cb90601f30cda07bf26489310b"
	         "cd23b528ceab3c31",
	  .in = "6628194e12073db03ba94cda9ef9532397d50dba79b987004afefe34" },
	{ .mechanism = CKM_RSA_PKCS_OAEP,
	  .what = DECRYPT,
	  .source = "RSA Laboratories, pkcs-1v2-1-vec, oaep-vect, example 1.1",
	  .key = &labs_oaep,
	  .out = "354fe67b4a126d5d35fe36c777791a3f7ba13def484e2d3908aff722fad468fb21696de95d0be911"
	         "c2d3174f8afcc201035f7b6d8e69402de5451618c21a535fa9d7bfc5b8dd9fc243f8cf927db31322"
	         "d6e881eaa91a996170e657a05a266426d98c88003f8477c1227094a0d9fa1e8c4024309ce1ecccb5"
	         "210035d47ac72e8a",
	  .in = "6628194e12073db03ba94cda9ef9532397d50dba79b987004afefe34",
	  .hash = CKM_SHA_1,
	  .mgf = CKG_MGF1_SHA1 },
	{ .mechanism = CKM_RSA_PKCS_OAEP,
	  .what = DECRYPT,
	  .source = "BoringSSL, evp_tests, OAEP with SHA-512 and a label",
	  .key = &boring_oaep,
	  .hash = CKM_SHA512,
	  .mgf = CKG_MGF1_SHA512,
	  .label = "00112233445566778899aabbccddeeff",
	  .out = "48b956c22b8e40cc38f0893672ddf488fc806cf1fcc6239c66dd8345eb543d6b5cac589e6c7ae86d"
	         "ac1c2436c4d72c48009a737b2c649e6000dbab17203e4d9c078bd70b649700a0830d4ddc396af0c4"
	         "8973177a229e48259d93247f04f76474c7611b530c66f020c4da2cc861c2e4104831ecc0336e0cb1"
	         "0d6520fdefd0b33606f5cdd736dd439583b9b6011cce99623c93caf5f76e21e9fefab414795dd5ac"
	         "12cba551be74ebf266834fcffab182c5e7c9b6c064df154cb26ddfd4fe2fd87590005f4bf45e776a"
	         "0082803e9f68995b8eeb4c6802c67b5ef349e5b2dc0cf7a12fc097030f2bd28f0253f17129b04c82"
	         "993a12957728b35880fdd2f8d0cc469f",
	  .in = "48656c6c6f20576f726c64" },
	{ .mechanism = CKM_ECDSA_SHA1,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-256, SHA-1, first",
	  .key = &nist_p256_sha1,
	  .out = "2b826f5d44e2d0b6de531ad96b51e8f0c56fdfead3c236892e4d84eacfc3b75ca2248b62c03db35a"
	         "7cd63e8a120a3521a89d3d2f61ff99035a2148ae32e3a248",
	  .in = "a24b21762e6edb153cc11438db0e92cdf52b86b06ca97016062759c70d36d1562cc9630d7fc7c774"
	        "b28b54e31ef55872b2a65df1d7ec26debb33e7d927efccf46b63de52a4f431eaca59b05d2edec484"
	        "5fffc0ee150394d61f3dfecbcdbf6f5a7338d0be3f2a773451983ebaeb48f6738fc895df357e1a48"
	        "a653bb355a31a1b4" },
	{ .mechanism = CKM_ECDSA_SHA224,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-256, SHA-224, first",
	  .key = &nist_p256_sha224,
	  .out = "4a19274429e40522234b8785dc25fc524f179dcc95ff09b3c9770fc71f54ca0d58982b79a65b7320"
	         "f5b92d13bdaecdd1259e760f0f718ba933fd098f6f75d4b7",
	  .in = "ff624d0ba02c7b6370c1622eec3fa2186ea681d1659e0a845448e777b75a8e77a77bb26e5733179d"
	        "58ef9bc8a4e8b6971aef2539f77ab0963a3415bbd6258339bd1bf55de65db520c63f5b8eab3d55de"
	        "bd05e9494212170f5d65b3286b8b668705b1e2b2b5568610617abb51d2dd0cb450ef59df4b907da9"
	        "0cfa7b268de8c4c2" },
	{ .mechanism = CKM_ECDSA_SHA256,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-256, SHA-256, first",
	  .key = &nist_p256_sha256,
	  .out = "f3ac8061b514795b8843e3d6629527ed2afd6b1f6a555a7acabb5e6f79c8c2ac8bf77819ca05a6b2"
	         "786c76262bf7371cef97b218e96f175a3ccdda2acc058903",
	  .in = "5905238877c77421f73e43ee3da6f2d9e2ccad5fc942dcec0cbd25482935faaf416983fe165b1a04"
	        "5ee2bcd2e6dca3bdf46c4310a7461f9a37960ca672d3feb5473e253605fb1ddfd28065b53cb5858a"
	        "8ad28175bf9bd386a5e471ea7a65c17cc934a9d791e91491eb3754d03799790fe2d308d16146d5c9"
	        "b0d0debd97d79ce8" },
	{ .mechanism = CKM_ECDSA_SHA384,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-256, SHA-384, first",
	  .key = &nist_p256_sha384,
	  .out = "f5087878e212b703578f5c66f434883f3ef414dc23e2e8d8ab6a8d159ed5ad83306b4c6c20213707"
	         "982dffbb30fba99b96e792163dd59dbe606e734328dd7c8a",
	  .in = "e0b8596b375f3306bbc6e77a0b42f7469d7e83635990e74aa6d713594a3a24498feff5006790742d"
	        "9c2e9b47d714bee932435db747c6e733e3d8de41f2f91311f2e9fd8e025651631ffd84f66732d347"
	        "3fbd1627e63dc7194048ebec93c95c159b5039ab5e79e42c80b484a943f125de3da1e04e5bf9c166"
	        "71ad55a1117d3306" },
	{ .mechanism = CKM_ECDSA_SHA512,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-256, SHA-512, first",
	  .key = &nist_p256_sha512,
	  .out = "275fa760878b4dc05e9d157fedfd8e9b1c9c861222a712748cb4b7754c043fb1699d906bb8435a05"
	         "345af3b37e3b357786939e94caae257852f0503adb1e0f7e",
	  .in = "6c8572b6a3a4a9e8e03dbeed99334d41661b8a8417074f335ab1845f6cc852adb8c01d9820fcf8e1"
	        "0699cc827a8fbdca2cbd46cc66e4e6b7ba41ec3efa733587e4a30ec552cd8ddab8163e148e50f4d0"
	        "90782897f3ddac84a41e1fcfe8c56b6152c0097b0d634b41011471ffd004f43eb4aafc038197ec6b"
	        "ae2b4470e869bded" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-256, SHA-512, digest of the first",
	  .key = &nist_p256_sha512,
	  .out = "275fa760878b4dc05e9d157fedfd8e9b1c9c861222a712748cb4b7754c043fb1699d906bb8435a05"
	         "345af3b37e3b357786939e94caae257852f0503adb1e0f7e",
	  .in = "a59ca4dd2b0347f4f2702a8962878a206775fd91047040be60463119f02aa829b7360b940b278539"
	        "5406c280375c5d90ee655e51d4120df256b9a6287161c7fc" },
	{ .mechanism = CKM_ECDSA_SHA384,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-384, SHA-384, first",
	  .key = &nist_p384_sha384,
	  .out = "50835a9251bad008106177ef004b091a1e4235cd0da84fff54542b0ed755c1d6f251609d14ecf18f"
	         "9e1ddfe69b946e320475f3d30c6463b646e8d3bf2455830314611cbde404be518b14464fdb195fdc"
	         "c92eb222e61f426a4a592c00a6a89721",
	  .in = "6b45d88037392e1371d9fd1cd174e9c1838d11c3d6133dc17e65fa0c485dcca9f52d41b601612460"
	        "39e42ec784d49400bffdb51459f5de654091301a09378f93464d52118b48d44b30d781eb1dbed09d"
	        "a11fb4c818dbd442d161aba4b9edc79f05e4b7e401651395b53bd8b5bd3f2aaa6a00877fa9b45cad"
	        "b8e648550b4c6cbe" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-384, SHA-384, digest of the first",
	  .key = &nist_p384_sha384,
	  .out = "50835a9251bad008106177ef004b091a1e4235cd0da84fff54542b0ed755c1d6f251609d14ecf18f"
	         "9e1ddfe69b946e320475f3d30c6463b646e8d3bf2455830314611cbde404be518b14464fdb195fdc"
	         "c92eb222e61f426a4a592c00a6a89721",
	  .in = "31a452d6164d904bb5724c878280231eae705c29ce9d4bc7d58e020e1085f17eebcc1a38f0ed0bf2"
	        "b344d81fbd896825" },
	{ .mechanism = CKM_ECDSA_SHA512,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-521, SHA-512, first",
	  .key = &nist_p521_sha512,
	  .out = "004de826ea704ad10bc0f7538af8a3843f284f55c8b946af9235af5af74f2b76e099e4bc72fd79d2"
	         "8a380f8d4b4c919ac290d248c37983ba05aea42e2dd79fdd33e80087488c859a96fea266ea13bf6d"
	         "114c429b163be97a57559086edb64aed4a18594b46fb9efc7fd25d8b2de8f09ca0587f54bd287299"
	         "f47b2ff124aac566e8ee3b43",
	  .in = "9ecd500c60e701404922e58ab20cc002651fdee7cbc9336adda33e4c1088fab1964ecb7904dc6856"
	        "865d6c8e15041ccf2d5ac302e99d346ff2f686531d25521678d4fd3f76bbf2c893d246cb4d769379"
	        "2fe18172108146853103a51f824acc621cb7311d2463c3361ea707254f2b052bc22cb8012873dcbb"
	        "95bf1a5cc53ab89f" },
	{ .mechanism = CKM_ECDSA,
	  .what = VERIFY,
	  .source = "NIST CAVP, ECDSA SigGen, P-521, SHA-512, digest of the first",
	  .key = &nist_p521_sha512,
	  .out = "004de826ea704ad10bc0f7538af8a3843f284f55c8b946af9235af5af74f2b76e099e4bc72fd79d2"
	         "8a380f8d4b4c919ac290d248c37983ba05aea42e2dd79fdd33e80087488c859a96fea266ea13bf6d"
	         "114c429b163be97a57559086edb64aed4a18594b46fb9efc7fd25d8b2de8f09ca0587f54bd287299"
	         "f47b2ff124aac566e8ee3b43",
	  .in = "65f83408092261bda599389df03382c5be01a81fe00a36f3f4bb6541263f801627c440e50809712b"
	        "0cace7c217e6e5051af81de9bfec3204dcd63c4f9a741047" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1",
	  .key = &rfc_5903,
	  .kdf = CKD_NULL,
	  .value_len = 32,
	  .out = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_COFACTOR_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1",
	  .key = &rfc_5903,
	  .kdf = CKD_NULL,
	  .value_len = 32,
	  .out = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, the point in DER",
	  .key = &rfc_5903,
	  .kdf = CKD_NULL,
	  .value_len = 32,
	  .out = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de",
	  .in = "044104d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca36"
	        "6cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, the last 16 bytes",
	  .key = &rfc_5903,
	  .kdf = CKD_NULL,
	  .value_len = 16,
	  .out = "2fef8e9ece7dce03812464d04b9442de",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the KDF of ANS X9.63 with SHA1",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA1_KDF,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "cbf58197616c371d16c606229a12810f8a3ed03e8ed306d21c935f5d958412e2e43925a1e543975e"
	         "61a94cd58ae1e6a8155951d73087a46b55428f1f5b3bb691cfab1688eb15ca51",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the one-step KDF of SP 800-56C with SHA1",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA1_KDF_SP800,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "8ef93dd82ebbc51f2e0f216528180abfd99bea2b8aaaf1717a850873695fd04b5f57d370bc793155"
	         "e24539d1b650791d2899e073a237c5491f158354b54e56d21eb4707f3f110c47",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the KDF of ANS X9.63 with SHA224",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA224_KDF,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "73804a4d9af5a7e59d2fb309b54f27fb9982a29b188fbc848a1bc81a028a623feecfa9e3bbc4c3de"
	         "890986197cf86c939c49bdd1e9626b38b90df919688dea159919cd7b47bac772",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the one-step KDF of SP 800-56C with SHA224",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA224_KDF_SP800,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "f5b9b64ef1604e4cfeba0ca71720d232fc2b7a9732b491dca7335832e8335c85bcc9f18663bd6071"
	         "4ffc21b4b0125682ac4acc8655f34c0eb1500a77cee6230c41fab1dbbb422c41",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the KDF of ANS X9.63 with SHA256",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA256_KDF,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "9706eb2e70e0e9e9eaa06e77ecc9a5ac215123b29306857779525f5c7be2f83380b068aa1e20735a"
	         "9076042199285a7bd9e4b5a345c3be50adae074016c4c28c2ef00a9ad2efe834",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the one-step KDF of SP 800-56C with SHA256",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA256_KDF_SP800,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "69bcf1cb82d639d42dc22c90505521a281a60a7c007c1dc7010985fb9e0d959afaa67d03e76ec513"
	         "b4b77db3ed2648991a0ad59c4a014d801cedcd890c4c496cfedb4ded8f995311",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the KDF of ANS X9.63 with SHA384",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA384_KDF,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "0101cf26130e157753fcac43a787101b82fcd4bde50cb37a2e7b8ee07210eaf57c9caa1fb57cc826"
	         "81a9d77b1b01eb13b13f774078790bc8e9f5711cade1d38759508fa812b8e874",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the one-step KDF of SP 800-56C with SHA384",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA384_KDF_SP800,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "07aaa5f0cd6d433d2de6416bfb9d3cf33912f1a5c0b1d3dadaab4689c81c2548634a3edf5a3f4e35"
	         "0bc9fe1c0ee29344b0685c09ba7a4eb2a7dd108d9b9743779607ac7ec39a6ab7",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the KDF of ANS X9.63 with SHA512",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA512_KDF,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "760e549de2ee488f7e338310ff5959f88e47b61c86912960815147c0c27cac3b52d228622ea73dd2"
	         "e57566499d3ad9d723ca47398c01a61846d7922684755eb9a1389c5351427259",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_ECDH1_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 5903, 8.1, through the one-step KDF of SP 800-56C with SHA512",
	  .key = &rfc_5903,
	  .kdf = CKD_SHA512_KDF_SP800,
	  .shared = "75eef81aa3041e33b80971203d2c0c52",
	  .value_len = 72,
	  .out = "c60edd7d446a2411cd336a60922dc1017ea397f6f330e62750d6e5618898cc8317c5a2f20b03de21"
	         "97aefac76776c906e761ee194ca4a14ab1b189bbdefb9fee83f7ba1eff056639",
	  .in = "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf6356fbf3ca366cc2"
	        "3e8157854c13c58d6aac23f046ada30f8353e74f33039872ab" },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032, 7.1, test 1",
	  .key = &rfc_8032_1,
	  .out = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bac"
	         "c61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
	  .in = "" },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032, 7.1, test 2",
	  .key = &rfc_8032_2,
	  .out = "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e"
	         "458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
	  .in = "72" },
	{ .mechanism = CKM_EDDSA,
	  .what = SIGN,
	  .source = "RFC 8032, 7.1, test 3",
	  .key = &rfc_8032_3,
	  .out = "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290"
	         "ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
	  .in = "af82" },
};

#endif /* CRATON_TEST_MECH_VECTORS_PAIR_H */
