/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_WrapKeyAuthenticated and C_UnwrapKeyAuthenticated, and C_WrapKey with the same mechanisms: the known
 * answers of authenticated encryption, where the key is the plain text; private keys; and what is refused.
 */
#include "config.h"

#include "message-vectors.h"

#define ROOM 4096

static const CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY, private_class = CKO_PRIVATE_KEY;
static const CK_KEY_TYPE generic = CKK_GENERIC_SECRET, ec = CKK_EC;

/* What C_WrapKey takes: the tag goes behind the key. */
typedef struct {
	CK_MECHANISM mechanism;
	union {
		CK_GCM_WRAP_PARAMS gcm;
		CK_CCM_WRAP_PARAMS ccm;
		CK_GCM_PARAMS old_gcm;
		CK_CCM_PARAMS old_ccm;
		CK_SALSA20_CHACHA20_POLY1305_PARAMS chacha20;
	} u;
} Param;

/* @old: the structure that there was before 3.2. CCM's length of the data is not looked at. */
static void
set_param (Param *param, const Case *c, gboolean old)
{
	CK_BYTE *iv_bytes = c->iv->data, *aad = c->aad->data;
	CK_ULONG iv_len = c->iv->len, aad_len = c->aad->len, len = 0;

	if (c->v->mechanism == CKM_AES_GCM && old) {
		param->u.old_gcm = (CK_GCM_PARAMS){ iv_bytes, iv_len, 0, aad, aad_len, c->tag->len * 8ul };
		len = sizeof param->u.old_gcm;
	} else if (c->v->mechanism == CKM_AES_GCM) {
		param->u.gcm = (CK_GCM_WRAP_PARAMS){ iv_bytes, iv_len, 0, CKG_NO_GENERATE, aad, aad_len,
			                             c->tag->len * 8ul };
		len = sizeof param->u.gcm;
	} else if (c->v->mechanism == CKM_AES_CCM && old) {
		param->u.old_ccm = (CK_CCM_PARAMS){ 77, iv_bytes, iv_len, aad, aad_len, c->tag->len };
		len = sizeof param->u.old_ccm;
	} else if (c->v->mechanism == CKM_AES_CCM) {
		param->u.ccm = (CK_CCM_WRAP_PARAMS){ 99,  iv_bytes, iv_len,     0, CKG_NO_GENERATE,
			                             aad, aad_len,  c->tag->len };
		len = sizeof param->u.ccm;
	} else {
		param->u.chacha20 =
			(CK_SALSA20_CHACHA20_POLY1305_PARAMS){ iv_bytes, iv_len * 8ul, aad, aad_len };
		len = sizeof param->u.chacha20;
	}
	param->mechanism = (CK_MECHANISM){ c->v->mechanism, &param->u, len };
}

#define SECRET_TEMPLATE                                                                           \
	{                                                                                         \
		ATTR (CKA_CLASS, secret_class), ATTR (CKA_KEY_TYPE, generic), ATTR (CKA_PRIVATE, no), \
			ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes)                     \
	}

static CK_RV
unwrap_authenticated (const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *wrapped,
                      CK_ULONG len, CK_BYTE *aad, CK_ULONG aad_len, CK_OBJECT_HANDLE *ret_key)
{
	CK_ATTRIBUTE template[] = SECRET_TEMPLATE;

	return p11->C_UnwrapKeyAuthenticated (session, (CK_MECHANISM *) mechanism, key, wrapped, len,
	                                      template, N (template), aad, aad_len, ret_key);
}

static CK_RV
unwrap (const CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, CK_BYTE *wrapped, CK_ULONG len,
        CK_OBJECT_HANDLE *ret_key)
{
	CK_ATTRIBUTE template[] = SECRET_TEMPLATE;

	return p11->C_UnwrapKey (session, (CK_MECHANISM *) mechanism, key, wrapped, len, template,
	                         N (template), ret_key);
}

static void
expect_value (CK_OBJECT_HANDLE key, const GByteArray *expected)
{
	CK_BYTE value[ROOM];
	CK_ATTRIBUTE attr = { CKA_VALUE, value, sizeof value };

	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	ck_assert_uint_eq (attr.ulValueLen, expected->len);
	ck_assert_mem_eq (value, expected->data, expected->len);
}

/* PKCS#11 3.2, C_WrapKeyAuthenticated: the parameter is that of a message, and only the key is given out. */
START_TEST (test_wrap_auth__vector)
{
	g_auto (Case) c;
	CK_OBJECT_HANDLE target, back;
	CK_MECHANISM mechanism;
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	case_init (&c, &message_vectors[_i]);
	/* There is no key without bytes. */
	if (c.plain->len == 0)
		return;
	/* How long the key is, the token knows. */
	if (c.v->mechanism == CKM_AES_CCM)
		c.u.ccm.ulDataLen = 0;
	mechanism = (CK_MECHANISM){ c.v->mechanism, &c.u, c.param_len };
	target = make_secret (CKK_GENERIC_SECRET, c.plain->data, c.plain->len, NULL, 0);
#define WRAP_IT(out)                                                                               \
	p11->C_WrapKeyAuthenticated (session, &mechanism, c.key, target, c.aad->data, c.aad->len, out, \
	                             &len)
#define UNWRAP_IT(n) unwrap_authenticated (&mechanism, c.key, wrapped, n, c.aad->data, c.aad->len, &back)
	ck_ok (WRAP_IT (NULL));
	ck_assert_uint_eq (len, c.encrypted->len);
	len--;
	ck_rv (WRAP_IT (wrapped), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, c.encrypted->len);
	ck_ok (WRAP_IT (wrapped));
	ck_assert_uint_eq (len, c.encrypted->len);
	ck_assert_mem_eq (wrapped, c.encrypted->data, len);
	ck_assert_mem_eq (c.tag_room, c.tag->data, c.tag->len);
	ck_ok (UNWRAP_IT (len));
	expect_value (back, c.plain);
	/* A bit anywhere, or one byte less. */
	for (CK_ULONG i = 0; i < len; i++) {
		wrapped[i] ^= 1;
		ck_rv (UNWRAP_IT (len), CKR_WRAPPED_KEY_INVALID);
		wrapped[i] ^= 1;
	}
	ck_rv (UNWRAP_IT (len - 1), CKR_WRAPPED_KEY_INVALID);
	ck_rv (UNWRAP_IT (0), CKR_WRAPPED_KEY_LEN_RANGE);
	for (CK_ULONG i = 0; i < c.tag->len; i++) {
		c.tag_room[i] ^= 1;
		ck_rv (UNWRAP_IT (len), CKR_WRAPPED_KEY_INVALID);
		c.tag_room[i] ^= 1;
	}
	c.iv->data[0] ^= 1;
	ck_rv (UNWRAP_IT (len), CKR_WRAPPED_KEY_INVALID);
	c.iv->data[0] ^= 1;
	c.aad->data[0] ^= 1;
	ck_rv (UNWRAP_IT (len), CKR_WRAPPED_KEY_INVALID);
	c.aad->data[0] ^= 1;
	ck_ok (UNWRAP_IT (len));
}
END_TEST

/* PKCS#11 3.2, AES-GCM and AES-CCM Authenticated Wrap / Unwrap: C_WrapKey has structures of its own, and the
 * tag is behind the key. */
START_TEST (test_wrap_auth__tag_behind)
{
	g_auto (Case) c;
	CK_OBJECT_HANDLE target, back;
	CK_BYTE wrapped[ROOM];
	CK_ULONG len, total;

	case_init (&c, &message_vectors[_i]);
	if (c.plain->len == 0)
		return;
	total = c.encrypted->len + c.tag->len;
	target = make_secret (CKK_GENERIC_SECRET, c.plain->data, c.plain->len, NULL, 0);
	for (int old = 0; old < 2; old++) {
		Param param;

		set_param (&param, &c, old);
		ck_ok (p11->C_WrapKey (session, &param.mechanism, c.key, target, NULL, &len));
		ck_assert_uint_eq (len, total);
		len--;
		ck_rv (p11->C_WrapKey (session, &param.mechanism, c.key, target, wrapped, &len),
		       CKR_BUFFER_TOO_SMALL);
		ck_ok (p11->C_WrapKey (session, &param.mechanism, c.key, target, wrapped, &len));
		ck_assert_uint_eq (len, total);
		ck_assert_mem_eq (wrapped, c.encrypted->data, c.encrypted->len);
		ck_assert_mem_eq (wrapped + c.encrypted->len, c.tag->data, c.tag->len);
		ck_ok (unwrap (&param.mechanism, c.key, wrapped, len, &back));
		expect_value (back, c.plain);
		wrapped[len - 1] ^= 1;
		ck_rv (unwrap (&param.mechanism, c.key, wrapped, len, &back), CKR_WRAPPED_KEY_INVALID);
		ck_rv (unwrap (&param.mechanism, c.key, wrapped, c.tag->len, &back),
		       CKR_WRAPPED_KEY_LEN_RANGE);
		param.mechanism.ulParameterLen--;
		ck_rv (p11->C_WrapKey (session, &param.mechanism, c.key, target, wrapped, &len),
		       CKR_MECHANISM_PARAM_INVALID);
	}
}
END_TEST

/* An IV that the token makes comes back in the parameter. */
START_TEST (test_wrap_auth__made_iv)
{
	static const CK_BYTE bytes[16] = { 1 };
	CK_OBJECT_HANDLE key = make_secret (CKK_AES, bytes, 16, NULL, 0), back;
	CK_BYTE iv[2][12] = { { 0 } }, wrapped[ROOM];
	CK_ULONG len;

	for (int i = 0; i < 2; i++) {
		CK_GCM_WRAP_PARAMS params = { iv[i], 12, 0, CKG_GENERATE, NULL, 0, 128 };
		CK_MECHANISM mechanism = { CKM_AES_GCM, &params, sizeof params };

		len = sizeof wrapped;
		ck_ok (p11->C_WrapKey (session, &mechanism, key, key, wrapped, &len));
		ck_ok (unwrap (&mechanism, key, wrapped, len, &back));
	}
	ck_assert_mem_ne (iv[0], iv[1], 12);
}
END_TEST

static CK_OBJECT_HANDLE
make_private (CK_OBJECT_HANDLE *ret_public)
{
	static const CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48,
		                        0xce, 0x3d, 0x03, 0x01, 0x07 };
	CK_ATTRIBUTE public_template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_EC_PARAMS, p256),
		                           ATTR (CKA_VERIFY, yes) };
	CK_ATTRIBUTE private_template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_SIGN, yes),
		                            ATTR (CKA_SENSITIVE, no),
		                            ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM generation = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_OBJECT_HANDLE private;

	ck_ok (p11->C_GenerateKeyPair (session, &generation, public_template, 3, private_template,
	                               4, ret_public, &private));
	return private;
}

/* A private key travels and signs; the IV is made here and comes back. */
START_TEST (test_wrap_auth__private_key)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, private_class), ATTR (CKA_KEY_TYPE, ec),
		                    ATTR (CKA_PRIVATE, no), ATTR (CKA_SIGN, yes) };
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 }, mechanism;
	CK_OBJECT_HANDLE public, private = make_private (&public), back;
	CK_BYTE wrapped[ROOM], signature[64], iv[2][12] = { { 0 } };
	CK_ULONG len, signature_len = sizeof signature;
	g_auto (Case) c;

	case_init (&c, &message_vectors[_i]);
	mechanism = (CK_MECHANISM){ c.v->mechanism, &c.u, c.param_len };
	for (int i = 0; i < 2; i++) {
		if (c.v->mechanism == CKM_AES_GCM) {
			c.u.gcm.ivGenerator = CKG_GENERATE;
			c.u.gcm.pIv = iv[i];
			c.u.gcm.ulIvLen = 12;
		} else if (c.v->mechanism == CKM_AES_CCM) {
			c.u.ccm.nonceGenerator = CKG_GENERATE;
			c.u.ccm.pNonce = iv[i];
			c.u.ccm.ulNonceLen = 12;
		} else {
			memset (iv[i], i, 12);
			c.u.chacha20.pNonce = iv[i];
		}
		len = sizeof wrapped;
		ck_ok (p11->C_WrapKeyAuthenticated (session, &mechanism, c.key, private, iv[1], 0,
		                                    wrapped, &len));
		/* Generator and fixed bits are not looked at here. */
		ck_ok (p11->C_UnwrapKeyAuthenticated (session, &mechanism, c.key, wrapped, len,
		                                      template, N (template), NULL, 0, &back));
		ck_ok (p11->C_SignInit (session, &ecdsa, back));
		ck_ok (p11->C_Sign (session, wrapped, 32, signature, &signature_len));
		ck_ok (p11->C_VerifyInit (session, &ecdsa, public));
		ck_ok (p11->C_Verify (session, wrapped, 32, signature, signature_len));
	}
	ck_assert_mem_ne (iv[0], iv[1], 12);
}
END_TEST

START_TEST (test_wrap_auth__refused)
{
	static const CK_BYTE bytes[16] = { 1 };
	const CK_ATTRIBUTE stays[] = { ATTR (CKA_EXTRACTABLE, no) },
			   no_wrap[] = { ATTR (CKA_WRAP, no), ATTR (CKA_UNWRAP, no) };
	CK_OBJECT_HANDLE target = make_secret (CKK_AES, bytes, 16, NULL, 0),
			 fixed = make_secret (CKK_AES, bytes, 16, stays, 1),
			 closed = make_secret (CKK_AES, bytes, 16, no_wrap, 2), back;
	CK_BYTE wrapped[ROOM] = { 0 }, aad[4] = { 0 };
	CK_ULONG len = sizeof wrapped;
	CK_MECHANISM kw = { CKM_AES_KEY_WRAP, NULL, 0 }, mechanism;
	Param param;
	g_auto (Case) c;

	case_init (&c, &message_vectors[0]);
	set_param (&param, &c, FALSE);
	mechanism = (CK_MECHANISM){ CKM_AES_GCM, &c.u, c.param_len };
#define WRAP(mechanism, with, key, aad_len, rv)                                                  \
	ck_rv (p11->C_WrapKeyAuthenticated (session, mechanism, with, key, aad, aad_len, wrapped, \
	                                    &len),                                               \
	       rv)
	/* The structure is C_WrapKey's. */
	WRAP (&param.mechanism, c.key, target, 0, CKR_MECHANISM_PARAM_INVALID);
	WRAP (&mechanism, c.key, fixed, 0, CKR_KEY_UNEXTRACTABLE);
	WRAP (&mechanism, closed, target, 0, CKR_KEY_FUNCTION_NOT_PERMITTED);
	WRAP (&mechanism, 0, target, 0, CKR_WRAPPING_KEY_HANDLE_INVALID);
	WRAP (&mechanism, c.key, 0, 0, CKR_KEY_HANDLE_INVALID);
	WRAP (&kw, c.key, target, 0, CKR_MECHANISM_INVALID);
	WRAP (NULL, c.key, target, 0, CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_WrapKeyAuthenticated (session, &mechanism, c.key, target, NULL, 4, wrapped,
	                                    &len),
	       CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_WrapKeyAuthenticated (session, &mechanism, c.key, target, NULL, 0, wrapped,
	                                    NULL),
	       CKR_ARGUMENTS_BAD);
	c.u.gcm.pTag = NULL;
	WRAP (&mechanism, c.key, target, 0, CKR_MECHANISM_PARAM_INVALID);
	ck_rv (unwrap_authenticated (&mechanism, c.key, wrapped, 32, NULL, 0, &back),
	       CKR_MECHANISM_PARAM_INVALID);
	c.u.gcm.pTag = c.tag_room;
	c.u.gcm.ulTagBits = 24;
	WRAP (&mechanism, c.key, target, 0, CKR_MECHANISM_PARAM_INVALID);
	ck_rv (unwrap_authenticated (&mechanism, c.key, wrapped, 32, NULL, 0, &back),
	       CKR_MECHANISM_PARAM_INVALID);
	c.u.gcm.ulTagBits = 128;
	for (mechanism.ulParameterLen = 0; mechanism.ulParameterLen < sizeof c.u; mechanism.ulParameterLen++)
		if (mechanism.ulParameterLen != c.param_len) {
			WRAP (&mechanism, c.key, target, 0, CKR_MECHANISM_PARAM_INVALID);
			ck_rv (unwrap_authenticated (&mechanism, c.key, wrapped, 32, NULL, 0, &back),
			       CKR_MECHANISM_PARAM_INVALID);
		}
	mechanism.ulParameterLen = c.param_len;
	ck_rv (unwrap_authenticated (&mechanism, closed, wrapped, 32, NULL, 0, &back),
	       CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (unwrap_authenticated (&mechanism, 0, wrapped, 32, NULL, 0, &back),
	       CKR_UNWRAPPING_KEY_HANDLE_INVALID);
	ck_rv (unwrap_authenticated (&mechanism, c.key, NULL, 32, NULL, 0, &back), CKR_ARGUMENTS_BAD);
	ck_rv (unwrap_authenticated (&mechanism, c.key, wrapped, 32, NULL, 0, NULL),
	       CKR_ARGUMENTS_BAD);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("wrap-auth");
	TCase *tcase = tcase_create ("wrap-auth");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 60);
	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_add_loop_test (tcase, test_wrap_auth__vector, 0, N (message_vectors));
	tcase_add_loop_test (tcase, test_wrap_auth__tag_behind, 0, N (message_vectors));
	tcase_add_test (tcase, test_wrap_auth__made_iv);
	tcase_add_loop_test (tcase, test_wrap_auth__private_key, 0, N (message_vectors));
	tcase_add_test (tcase, test_wrap_auth__refused);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? 0 : 1;
}
