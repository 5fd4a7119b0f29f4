/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers: SP 800-108.
 */
#ifndef CRATON_TEST_MECH_VECTORS_KBKDF_H
#define CRATON_TEST_MECH_VECTORS_KBKDF_H

#include "mech-vectors-derive.h"

#define PRF_FIXED                                                      \
	{                                                              \
		CK_SP800_108_BYTE_ARRAY, (void *) "label\0context", 13 \
	}
#define PRF_COUNTER(format)                                               \
	{                                                                 \
		CK_SP800_108_COUNTER, (void *) &(format), sizeof (format) \
	}
#define PRF_ITERATION(format)                                                        \
	{                                                                            \
		CK_SP800_108_ITERATION_VARIABLE, (void *) &(format), sizeof (format) \
	}
#define PRF_VARIABLE                                     \
	{                                                \
		CK_SP800_108_ITERATION_VARIABLE, NULL, 0 \
	}
#define PRF_LENGTH(format)                                                   \
	{                                                                    \
		CK_SP800_108_DKM_LENGTH, (void *) &(format), sizeof (format) \
	}
#define KBKDF(name, prf)                                                                  \
	static const CK_SP800_108_KDF_PARAMS name = {                                     \
		prf, sizeof name##_fields / sizeof *name##_fields, name##_fields, 0, NULL \
	}

static const CK_SP800_108_COUNTER_FORMAT counter_8 = { CK_FALSE, 8 }, counter_16 = { CK_FALSE, 16 };
static const CK_SP800_108_COUNTER_FORMAT counter_32 = { CK_FALSE, 32 },
					 counter_24_le = { CK_TRUE, 24 };
static const CK_SP800_108_DKM_LENGTH_FORMAT length_keys_16 = { CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS,
	                                                       CK_FALSE, 16 };
static const CK_SP800_108_DKM_LENGTH_FORMAT length_keys_32 = { CK_SP800_108_DKM_LENGTH_SUM_OF_KEYS,
	                                                       CK_FALSE, 32 };
static const CK_SP800_108_DKM_LENGTH_FORMAT length_segments_64_le = {
	CK_SP800_108_DKM_LENGTH_SUM_OF_SEGMENTS, CK_TRUE, 64
};

static CK_BYTE cavp_cmac_fixed[] = {
	0xc1, 0x6e, 0x6e, 0x02, 0xc5, 0xa3, 0xdc, 0xc8, 0xd7, 0x8b, 0x9a, 0xc1, 0x30, 0x68, 0x77,
	0x76, 0x13, 0x10, 0x45, 0x5b, 0x4e, 0x41, 0x46, 0x99, 0x51, 0xd9, 0xe6, 0xc2, 0x24, 0x5a,
	0x06, 0x4b, 0x33, 0xfd, 0x8c, 0x3b, 0x01, 0x20, 0x3a, 0x78, 0x24, 0x48, 0x5b, 0xf0, 0xa6,
	0x40, 0x60, 0xc4, 0x64, 0x8b, 0x70, 0x7d, 0x26, 0x07, 0x93, 0x56, 0x99, 0x31, 0x6e, 0xa5,
};
static CK_BYTE cavp_hmac_fixed[] = {
	0x01, 0x32, 0x2b, 0x96, 0xb3, 0x0a, 0xcd, 0x19, 0x79, 0x79, 0x44, 0x4e, 0x46, 0x8e, 0x1c,
	0x5c, 0x68, 0x59, 0xbf, 0x1b, 0x1c, 0xf9, 0x51, 0xb7, 0xe7, 0x25, 0x30, 0x3e, 0x23, 0x7e,
	0x46, 0xb8, 0x64, 0xa1, 0x45, 0xfa, 0xb2, 0x5e, 0x51, 0x7b, 0x08, 0xf8, 0x68, 0x3d, 0x03,
	0x15, 0xbb, 0x29, 0x11, 0xd8, 0x0a, 0x0e, 0x8a, 0xba, 0x17, 0xf3, 0xb4, 0x13, 0xfa, 0xac,
};
static const TestKey cavp_cmac_key = { .type = CKK_AES,
	                               .value = "dff1e50ac0b69dc40f1051d46c2b069c" };
static const TestKey cavp_hmac_key = {
	.type = CKK_GENERIC_SECRET,
	.value = "dd1d91b7d90b2bd3138533ce92b272fbf8a369316aefe242e659cc0ae238afe0"
};

static CK_PRF_DATA_PARAM cavp_cmac_fields[] = { PRF_ITERATION (counter_8),
	                                        { CK_SP800_108_BYTE_ARRAY, cavp_cmac_fixed,
	                                          sizeof cavp_cmac_fixed } };
KBKDF (cavp_cmac, CKM_AES_CMAC);
static CK_PRF_DATA_PARAM cavp_hmac_fields[] = { PRF_ITERATION (counter_32),
	                                        { CK_SP800_108_BYTE_ARRAY, cavp_hmac_fixed,
	                                          sizeof cavp_hmac_fixed } };
KBKDF (cavp_hmac, CKM_SHA256_HMAC);
static CK_PRF_DATA_PARAM counter_le_fields[] = { PRF_FIXED, PRF_ITERATION (counter_24_le),
	                                         PRF_LENGTH (length_keys_32) };
KBKDF (counter_le, CKM_SHA256_HMAC);
static CK_PRF_DATA_PARAM counter_segments_fields[] = { PRF_ITERATION (counter_16), PRF_FIXED,
	                                               PRF_LENGTH (length_segments_64_le) };
KBKDF (counter_segments, CKM_SHA512_HMAC);
static CK_PRF_DATA_PARAM counter_sha1_fields[] = { PRF_ITERATION (counter_32), PRF_FIXED };
KBKDF (counter_sha1, CKM_SHA_1_HMAC);
static CK_PRF_DATA_PARAM pipeline_fields[] = { PRF_VARIABLE, PRF_FIXED };
KBKDF (pipeline, CKM_SHA384_HMAC);
static CK_PRF_DATA_PARAM pipeline_counter_fields[] = { PRF_VARIABLE, PRF_COUNTER (counter_8),
	                                               PRF_FIXED, PRF_LENGTH (length_keys_16) };
KBKDF (pipeline_counter, CKM_SHA256_HMAC);
static CK_PRF_DATA_PARAM feedback_fields[] = { PRF_VARIABLE, PRF_COUNTER (counter_32), PRF_FIXED };
static const CK_SP800_108_FEEDBACK_KDF_PARAMS feedback = {
	CKM_SHA256_HMAC, 3, feedback_fields, 32, count + 128, 0, NULL
};
static CK_PRF_DATA_PARAM feedback_plain_fields[] = { PRF_VARIABLE, PRF_FIXED };
static const CK_SP800_108_FEEDBACK_KDF_PARAMS feedback_plain = {
	CKM_AES_CMAC, 2, feedback_plain_fields, 0, NULL, 0, NULL
};

static const Vector kbkdf_vectors[] = {
	{ .mechanism = CKM_SP800_108_COUNTER_KDF,
	  .what = DERIVE,
	  .source = "NIST CAVP, SP 800-108, counter mode, CMAC_AES128, BEFORE_FIXED, RLEN=8_BITS",
	  .key = &cavp_cmac_key,
	  .out = "8be8f0869b3c0ba97b71863d1b9f7813",
	  .param = &cavp_cmac,
	  .param_len = sizeof (cavp_cmac),
	  .value_len = 16 },
	{ .mechanism = CKM_SP800_108_COUNTER_KDF,
	  .what = DERIVE,
	  .source = "NIST CAVP, SP 800-108, counter mode, HMAC_SHA256, BEFORE_FIXED, RLEN=32_BITS",
	  .key = &cavp_hmac_key,
	  .out = "10621342bfb0fd40046c0e29f2cfdbf0",
	  .param = &cavp_hmac,
	  .param_len = sizeof (cavp_hmac),
	  .value_len = 16,
	  .key_type = CKK_AES },
	{ .mechanism = CKM_SP800_108_COUNTER_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "bec6bc4a8974b7e4751e6f6df4de6dc11e2e1c0c826c1001edc1f6a290effcf65cf63a412fe31b27"
	         "e8bf9de81e8dfa32cfc81a0e949e10d70d17345d5043aa92c81e1c26bd21",
	  .param = &counter_le,
	  .param_len = sizeof (counter_le),
	  .value_len = 70 },
	{ .mechanism = CKM_SP800_108_COUNTER_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "870bf096d42a53a81928da266cdc5314d2694ef847e9b8c61dff1fce63689f478f3ea299b4638750"
	         "61eb3d4e1754cf6500d323dbc78735fd489451ec0cfe24be23df2006241516595722583ea029bd93"
	         "d82aecab014c17c051283334302ac17a8a90fe79",
	  .param = &counter_segments,
	  .param_len = sizeof (counter_segments),
	  .value_len = 100 },
	{ .mechanism = CKM_SP800_108_COUNTER_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "c7f5bf442149a8c5a73de0610cdca5ffe7e737dc12a436c9b40db701818eefe4e1a983443a680cd5"
	         "cfbe4f5f1e3b52c133bd",
	  .param = &counter_sha1,
	  .param_len = sizeof (counter_sha1),
	  .value_len = 50 },
	{ .mechanism = CKM_SP800_108_FEEDBACK_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "fca34bf59681ff0c293c246a0d4c2a32d5dbd7bac9e81b1d2874a718021421589ce2b1fa0249e935"
	         "8416fc3a943722509976a559ea974697e9522b1c412fbb0660cd9646fde0",
	  .param = &feedback,
	  .param_len = sizeof (feedback),
	  .value_len = 70 },
	{ .mechanism = CKM_SP800_108_FEEDBACK_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_aes,
	  .out = "9bcb0657eb7eddbb72a42e92fda4c8468762c98b01fb141c7fcb708cf1fca3155ff597183c971066",
	  .param = &feedback_plain,
	  .param_len = sizeof (feedback_plain),
	  .value_len = 40 },
	{ .mechanism = CKM_SP800_108_DOUBLE_PIPELINE_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "89197687b8c5e1442ee9a271315dc46eb3aff4912518bf536b2a5c5fd035971ba38e4570dd9964ef"
	         "29d0e23927a509a02e35464844f72afff36d8942e5d2d1e1e2d5bdf94cf69abf90361538ea1bfd9c"
	         "5f6761e88b85b446a2b80148d22350466d2e3dd8",
	  .param = &pipeline,
	  .param_len = sizeof (pipeline),
	  .value_len = 100 },
	{ .mechanism = CKM_SP800_108_DOUBLE_PIPELINE_KDF,
	  .what = DERIVE,
	  .source = "the specification, computed with tests/vectors/derive.py",
	  .key = &count_32,
	  .out = "7a8e4dce54e0c01d16a3ae1c569366eb9c3e7c02bcb8245a1f4d22e552579961d90afef5aa7d99fd",
	  .param = &pipeline_counter,
	  .param_len = sizeof (pipeline_counter),
	  .value_len = 40 },
};

#endif /* CRATON_TEST_MECH_VECTORS_KBKDF_H */
