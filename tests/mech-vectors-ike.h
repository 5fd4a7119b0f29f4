/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: IKE.
 */
#ifndef CRATON_TEST_MECH_VECTORS_IKE_H
#define CRATON_TEST_MECH_VECTORS_IKE_H

#include "mech-vectors-derive.h"

#define NONCES count + 16, 16, count + 32, 32

static const CK_IKE_PRF_DERIVE_PARAMS ike_prf = { CKM_SHA256_HMAC, CK_FALSE, CK_FALSE, NONCES, 0 };
static const CK_IKE_PRF_DERIVE_PARAMS ike_data_as_key = { CKM_SHA_1_HMAC, CK_TRUE, CK_FALSE, NONCES,
	                                                  0 };
static const CK_IKE_PRF_DERIVE_PARAMS ike_rekey = { CKM_SHA512_HMAC, CK_FALSE, CK_TRUE, NONCES, 0 };
static const CK_IKE1_PRF_DERIVE_PARAMS ike1_d = { CKM_SHA256_HMAC, CK_FALSE, 0, 0, count, 8,
	                                          count + 8,       8,        0 };
static const CK_IKE1_PRF_DERIVE_PARAMS ike1_a = { CKM_SHA256_HMAC, CK_TRUE, 0, 0, count, 8,
	                                          count + 8,       8,       1 };
static const CK_IKE2_PRF_PLUS_DERIVE_PARAMS ike2_plus = { CKM_SHA256_HMAC, CK_TRUE, 0, count + 16,
	                                                  16 };
static const CK_IKE2_PRF_PLUS_DERIVE_PARAMS ike2_data = { CKM_SHA_1_HMAC, CK_FALSE, 0, count + 16,
	                                                  48 };
static const CK_IKE1_EXTENDED_DERIVE_PARAMS ike1_quick = { CKM_SHA_1_HMAC, CK_TRUE, 0, count + 16,
	                                                   16 };
static const CK_IKE1_EXTENDED_DERIVE_PARAMS ike1_appendix_b = { CKM_SHA_1_HMAC, CK_FALSE, 0, NULL,
	                                                        0 };
static const CK_IKE1_EXTENDED_DERIVE_PARAMS ike1_extra = { CKM_SHA256_HMAC, CK_FALSE, 0, count + 16,
	                                                   16 };
static const TestKey ike1_skeyid_d = {
	.type = CKK_GENERIC_SECRET,
	.value = "5c6f6eab0508b104c54d1474ae41f0324b9cc7a8f0cb1e3c8aee519ce00f75e6"
};

static const Vector ike_vectors[] = {
	{ .mechanism = CKM_IKE_PRF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "6ab191f270a01768cbec55ca5a98522d180cb4cc91912689d82951e72f570bd1",
	  .param = &ike_prf,
	  .param_len = sizeof (ike_prf) },
	{ .mechanism = CKM_IKE_PRF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_64_128,
	  .out = "adae9ad0aaab5d0682148ae0a2f8b96bdf97d562",
	  .param = &ike_data_as_key,
	  .param_len = sizeof (ike_data_as_key),
	  .value_len = 20,
	  .key_type = CKK_GENERIC_SECRET },
	{ .mechanism = CKM_IKE_PRF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "50bf40936437ebc528e0c2a2099b04db54fb98afd40817328a8c994d2821c181c9351a3771cf3511"
	         "902f752ba89b6d278b0afc8c713e060522819d8e8e58749e",
	  .param = &ike_rekey,
	  .param_len = sizeof (ike_rekey),
	  .others = { &count_64_128 },
	  .other_offsets = { offsetof (CK_IKE_PRF_DERIVE_PARAMS, hNewKey) } },
	{ .mechanism = CKM_IKE1_PRF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "5c6f6eab0508b104c54d1474ae41f0324b9cc7a8f0cb1e3c8aee519ce00f75e6",
	  .param = &ike1_d,
	  .param_len = sizeof (ike1_d),
	  .key_type = CKK_GENERIC_SECRET,
	  .others = { &count_64_128 },
	  .other_offsets = { offsetof (CK_IKE1_PRF_DERIVE_PARAMS, hKeygxy) } },
	{ .mechanism = CKM_IKE1_PRF_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "4706e8025c1ab960559738dd1e0effb8065369650257ee9e2f45499ac1582f27",
	  .param = &ike1_a,
	  .param_len = sizeof (ike1_a),
	  .key_type = CKK_SHA256_HMAC,
	  .others = { &count_64_128, &ike1_skeyid_d },
	  .other_offsets = { offsetof (CK_IKE1_PRF_DERIVE_PARAMS, hKeygxy),
	                     offsetof (CK_IKE1_PRF_DERIVE_PARAMS, hPrevKey) } },
	{ .mechanism = CKM_IKE1_PRF_DERIVE,
	  .what = DERIVE,
	  .source = "the same, cut",
	  .key = &count_32,
	  .out = "5c6f6eab0508b104c54d1474ae41f032",
	  .param = &ike1_d,
	  .param_len = sizeof (ike1_d),
	  .key_type = CKK_AES,
	  .value_len = 16,
	  .others = { &count_64_128 },
	  .other_offsets = { offsetof (CK_IKE1_PRF_DERIVE_PARAMS, hKeygxy) } },
	{ .mechanism = CKM_IKE2_PRF_PLUS_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "d59498eaf8c1c021fb906c5fc125308ffc4afcecb61c2619d08250222e8ea3e43717984b273aa3c0"
	         "8ab93f28c15bfe384f1b61b5f85996be808de1d37a56e52734048a95e11b9511a4893817e58b3195"
	         "db121cf4ee60ef0d05e07f82c0d75e280eb096e66d3a3239d3e22298f7fd133d90606e3c44c170a0"
	         "d8632e8e7df1060d961ece82ef1cec83b9ce789952ff001ec126a1491567",
	  .param = &ike2_plus,
	  .param_len = sizeof (ike2_plus),
	  .value_len = 150,
	  .others = { &count_64_128 },
	  .other_offsets = { offsetof (CK_IKE2_PRF_PLUS_DERIVE_PARAMS, hSeedKey) } },
	{ .mechanism = CKM_IKE2_PRF_PLUS_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "8fd6139d0b315dec32201f3bd574a8ef092ded33418301b9e1bb3d42c04425b35de0217370dd3e1a",
	  .param = &ike2_data,
	  .param_len = sizeof (ike2_data),
	  .value_len = 40 },
	{ .mechanism = CKM_IKE1_EXTENDED_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "ae45255ff934a03a455857e4568701efa2337a1ec57bbf7b1b81f1cf375a4fd3a2f3f26c420eaf16"
	         "b453b373e194d2701e70",
	  .param = &ike1_quick,
	  .param_len = sizeof (ike1_quick),
	  .value_len = 50,
	  .others = { &count_64_128 },
	  .other_offsets = { offsetof (CK_IKE1_EXTENDED_DERIVE_PARAMS, hKeygxy) } },
	{ .mechanism = CKM_IKE1_EXTENDED_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "59686d8c15f4ad448dd664d114ab67d8566e2135b2f2543978167dd05dd16e7e8eec959ef69b0a1b"
	         "884cae5f8b21d1d29121",
	  .param = &ike1_appendix_b,
	  .param_len = sizeof (ike1_appendix_b),
	  .value_len = 50 },
	{ .mechanism = CKM_IKE1_EXTENDED_DERIVE,
	  .what = DERIVE,
	  .source = "RFC 2409, appendix B: cut",
	  .key = &count_32,
	  .out = "000102030405060708090a0b0c0d0e0f",
	  .param = &ike1_appendix_b,
	  .param_len = sizeof (ike1_appendix_b),
	  .value_len = 16,
	  .key_type = CKK_AES },
	{ .mechanism = CKM_IKE1_EXTENDED_DERIVE,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "86f2d4036cb3c26f4de2b22ed89a5917",
	  .param = &ike1_extra,
	  .param_len = sizeof (ike1_extra),
	  .value_len = 16 },
};

#endif /* CRATON_TEST_MECH_VECTORS_IKE_H */
