/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the mechanisms with secret keys refuse: keys, parameters, lengths of data, codes. That they are
 * right otherwise is test-mech.c's.
 */
#include "config.h"

#include "token-calls.h"

#include "des.h"

static CK_BYTE key_bytes[64], text[1040];
static CK_BYTE iv[200];

static void
fill (void)
{
	for (gsize i = 0; i < sizeof key_bytes; i++)
		key_bytes[i] = (CK_BYTE) (i * 2 + 1);
	for (gsize i = 0; i < sizeof text; i++)
		text[i] = (CK_BYTE) (i * 7);
}

static CK_OBJECT_HANDLE
key_of (CK_KEY_TYPE type, CK_ULONG len)
{
	CK_BYTE value[sizeof key_bytes];

	fill ();
	memcpy (value, key_bytes, len);
	if (craton_des_is_type (type))
		craton_des_set_parity (value, len);
	return make_secret (type, value, len, NULL, 0);
}

/* --- keys --- */

static CK_RV
create (CK_KEY_TYPE type, const CK_BYTE *value, CK_ULONG len, gboolean with_len)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class),
		                    ATTR (CKA_KEY_TYPE, type),
		                    ATTR (CKA_PRIVATE, no),
		                    { CKA_VALUE, (void *) value, len },
		                    ATTR (CKA_VALUE_LEN, len) };
	CK_OBJECT_HANDLE key;

	return p11->C_CreateObject (session, template, with_len ? 5 : 4, &key);
}

START_TEST (test_keys__lengths)
{
	static const struct {
		CK_KEY_TYPE type;
		CK_ULONG lens[3];
	} types[] = {
		{ CKK_AES, { 16, 24, 32 } }, { CKK_CAMELLIA, { 16, 24, 32 } },
		{ CKK_AES_XTS, { 32, 64 } }, { CKK_DES, { 8 } },
		{ CKK_DES2, { 16 } },        { CKK_DES3, { 24 } },
		{ CKK_CHACHA20, { 32 } },    { CKK_POLY1305, { 32 } },
	};
	CK_BYTE value[65];

	fill ();
	memcpy (value, key_bytes, 64);
	value[64] = 1;
	craton_des_set_parity (value, sizeof value);
	for (gsize i = 0; i < N (types); i++) {
		for (CK_ULONG len = 0; len <= 65; len++) {
			gboolean fits =
				len > 0 && (len == types[i].lens[0] || len == types[i].lens[1] ||
			                    len == types[i].lens[2]);

			ck_assert_msg (create (types[i].type, value, len, FALSE) ==
			                       (fits ? CKR_OK : CKR_ATTRIBUTE_VALUE_INVALID),
			               "key type 0x%lx, %lu bytes", types[i].type, len);
		}
	}
	ck_rv (create (CKK_DES3, value, 24, TRUE), CKR_ATTRIBUTE_READ_ONLY);
}
END_TEST

START_TEST (test_keys__weak)
{
	CK_BYTE value[32] = { 0 };

	/* Both halves of XTS are one key. */
	ck_rv (create (CKK_AES_XTS, value, 32, FALSE), CKR_ATTRIBUTE_VALUE_INVALID);
	value[31] = 1;
	ck_ok (create (CKK_AES_XTS, value, 32, FALSE));
	/* The parity of nulls is even. */
	ck_rv (create (CKK_DES, value, 8, FALSE), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (create (CKK_DES2, value, 16, FALSE), CKR_ATTRIBUTE_VALUE_INVALID);
	memset (value, 0x01, sizeof value);
	ck_ok (create (CKK_DES, value, 8, FALSE));
	value[23] = 0x03;
	ck_rv (create (CKK_DES3, value, 24, FALSE), CKR_ATTRIBUTE_VALUE_INVALID);
}
END_TEST

START_TEST (test_des__parity_and_weakness)
{
	CK_BYTE key[24], expanded[CRATON_DES3_KEY_LEN];

	for (int byte = 0; byte < 256; byte++) {
		CK_BYTE one = (CK_BYTE) byte;

		craton_des_set_parity (&one, 1);
		ck_assert_int_eq (one & 0xfe, byte & 0xfe);
		ck_assert_int_eq (__builtin_popcount (one) % 2, 1);
		ck_assert (craton_des_has_parity (&one, 1));
		one ^= 0x10;
		ck_assert (!craton_des_has_parity (&one, 1));
	}
	memset (key, 0x01, sizeof key);
	ck_assert (craton_des_is_weak (key, 8));
	for (int i = 0; i < 24; i++)
		key[i] = (CK_BYTE) (0x10 + i * 2);
	craton_des_set_parity (key, sizeof key);
	ck_assert (!craton_des_is_weak (key, 8));
	ck_assert (!craton_des_is_weak (key, 24));
	memcpy (key + 16, key + 8, 8);
	ck_assert (craton_des_is_weak (key, 24));
	memcpy (key + 16, key, 8);
	ck_assert (!craton_des_is_weak (key, 24));
	craton_des_expand (key, 16, expanded);
	ck_assert_mem_eq (expanded, key, 24);
}
END_TEST

/* The first bytes of the encryption of nulls. */
START_TEST (test_keys__check_value)
{
	static const struct {
		CK_KEY_TYPE type;
		CK_ULONG len;
		CK_MECHANISM_TYPE ecb;
	} types[] = {
		{ CKK_AES, 32, CKM_AES_ECB },   { CKK_CAMELLIA, 24, CKM_CAMELLIA_ECB },
		{ CKK_DES, 8, CKM_DES_ECB },    { CKK_DES2, 16, CKM_DES3_ECB },
		{ CKK_DES3, 24, CKM_DES3_ECB },
	};

	for (gsize i = 0; i < N (types); i++) {
		CK_OBJECT_HANDLE key = key_of (types[i].type, types[i].len);
		CK_MECHANISM ecb = { types[i].ecb, NULL, 0 };
		CK_BYTE nulls[16] = { 0 }, out[16], check[3];
		CK_ATTRIBUTE attr = { CKA_CHECK_VALUE, check, sizeof check };
		CK_ULONG len = sizeof out;

		ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
		ck_assert_uint_eq (attr.ulValueLen, 3);
		ck_ok (p11->C_EncryptInit (session, &ecb, key));
		ck_ok (p11->C_Encrypt (session, nulls, 16, out, &len));
		ck_assert_mem_eq (check, out, 3);
	}
}
END_TEST

/* A key of DES that is wrapped with nulls behind it comes out without; one without parity does not. */
START_TEST (test_unwrap__des)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	static const CK_KEY_TYPE type = CKK_DES;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_KEY_TYPE, type),
		                    ATTR (CKA_PRIVATE, no), ATTR (CKA_SENSITIVE, no),
		                    ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM cbc = { CKM_AES_CBC, iv, 16 };
	CK_OBJECT_HANDLE aes = key_of (CKK_AES, 16), des = key_of (CKK_DES, 8), back;
	CK_OBJECT_HANDLE even = make_secret (CKK_GENERIC_SECRET, "\0\0\0\0\0\0\0\0", 8, NULL, 0);
	CK_BYTE wrapped[32], value[32];
	CK_ATTRIBUTE attr = { CKA_VALUE, value, sizeof value };
	CK_ULONG len = sizeof wrapped;

	ck_ok (p11->C_WrapKey (session, &cbc, aes, des, wrapped, &len));
	ck_assert_uint_eq (len, 16);
	ck_ok (p11->C_UnwrapKey (session, &cbc, aes, wrapped, len, template, N (template), &back));
	ck_ok (p11->C_GetAttributeValue (session, back, &attr, 1));
	ck_assert_uint_eq (attr.ulValueLen, 8);
	ck_ok (p11->C_WrapKey (session, &cbc, aes, even, wrapped, &len));
	ck_rv (p11->C_UnwrapKey (session, &cbc, aes, wrapped, len, template, N (template), &back),
	       CKR_WRAPPED_KEY_INVALID);
}
END_TEST

/* A derived key of DES has parity, whatever comes out of the encryption. */
START_TEST (test_derive__des_parity)
{
	static const CK_KEY_TYPE type = CKK_DES3;
	CK_KEY_DERIVATION_STRING_DATA params = { text, 32 };
	CK_MECHANISM mechanism = { CKM_AES_ECB_ENCRYPT_DATA, &params, sizeof params };
	CK_ATTRIBUTE template[] = { ATTR (CKA_KEY_TYPE, type), ATTR (CKA_PRIVATE, no),
		                    ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes) };
	CK_OBJECT_HANDLE base = key_of (CKK_AES, 16), key;
	CK_BYTE value[32];
	CK_ATTRIBUTE attr = { CKA_VALUE, value, sizeof value };

	ck_ok (p11->C_DeriveKey (session, &mechanism, base, template, N (template), &key));
	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	ck_assert_uint_eq (attr.ulValueLen, 24);
	ck_assert (craton_des_has_parity (value, 24));
	params.ulLen = 16;
	ck_rv (p11->C_DeriveKey (session, &mechanism, base, template, N (template), &key),
	       CKR_TEMPLATE_INCONSISTENT);
	for (gsize i = 0; i < 3; i++) {
		params.ulLen = (CK_ULONG[]){ 0, 17, 1040 }[i];
		ck_rv (p11->C_DeriveKey (session, &mechanism, base, template, N (template), &key),
		       CKR_MECHANISM_PARAM_INVALID);
	}
	params = (CK_KEY_DERIVATION_STRING_DATA){ NULL, 32 };
	ck_rv (p11->C_DeriveKey (session, &mechanism, base, template, N (template), &key),
	       CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* --- parameters --- */

static const struct {
	CK_MECHANISM_TYPE type;
	CK_KEY_TYPE key_type;
	CK_ULONG key_len, param_len;
	CK_ULONG block; /* encrypted data is a multiple of this; 0: any from 16 on */
} ciphers[] = {
	{ CKM_AES_ECB, CKK_AES, 16, 0, 16 },
	{ CKM_AES_CBC, CKK_AES, 16, 16, 16 },
	{ CKM_AES_CBC_PAD, CKK_AES, 16, 16, 16 },
	{ CKM_AES_OFB, CKK_AES, 16, 16, 1 },
	{ CKM_AES_CFB1, CKK_AES, 24, 16, 1 },
	{ CKM_AES_CFB8, CKK_AES, 32, 16, 1 },
	{ CKM_AES_CFB128, CKK_AES, 16, 16, 1 },
	{ CKM_AES_CTS, CKK_AES, 16, 16, 0 },
	{ CKM_AES_XTS, CKK_AES_XTS, 32, 16, 0 },
	{ CKM_CAMELLIA_ECB, CKK_CAMELLIA, 16, 0, 16 },
	{ CKM_CAMELLIA_CBC, CKK_CAMELLIA, 16, 16, 16 },
	{ CKM_CAMELLIA_CBC_PAD, CKK_CAMELLIA, 16, 16, 16 },
	{ CKM_DES_ECB, CKK_DES, 8, 0, 8 },
	{ CKM_DES_CBC, CKK_DES, 8, 8, 8 },
	{ CKM_DES_CBC_PAD, CKK_DES, 8, 8, 8 },
	{ CKM_DES3_ECB, CKK_DES3, 24, 0, 8 },
	{ CKM_DES3_CBC, CKK_DES2, 16, 8, 8 },
	{ CKM_DES3_CBC_PAD, CKK_DES3, 24, 8, 8 },
};

START_TEST (test_ciphers__parameter)
{
	CK_OBJECT_HANDLE key = key_of (ciphers[_i].key_type, ciphers[_i].key_len);
	CK_MECHANISM mechanism = { ciphers[_i].type, iv, 0 };

	for (CK_ULONG len = 0; len < 40; len++) {
		CK_RV rv = len == ciphers[_i].param_len ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;

		mechanism.ulParameterLen = len;
		ck_rv (p11->C_EncryptInit (session, &mechanism, key), rv);
		ck_rv (p11->C_DecryptInit (session, &mechanism, key), rv);
		if (rv == CKR_OK) {
			ck_ok (p11->C_EncryptInit (session, NULL, key));
			ck_ok (p11->C_DecryptInit (session, NULL, key));
		}
	}
	mechanism = (CK_MECHANISM){ ciphers[_i].type, NULL, ciphers[_i].param_len };
	if (ciphers[_i].param_len > 0)
		ck_rv (p11->C_EncryptInit (session, &mechanism, key), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* --- lengths of data --- */

static gboolean
has_length (gsize i, CK_ULONG len)
{
	return ciphers[i].block == 0 ? len >= 16 : len % ciphers[i].block == 0;
}

START_TEST (test_ciphers__lengths)
{
	CK_OBJECT_HANDLE key = key_of (ciphers[_i].key_type, ciphers[_i].key_len);
	CK_MECHANISM mechanism = { ciphers[_i].type, iv, ciphers[_i].param_len };
	gboolean pads = ciphers[_i].type == CKM_AES_CBC_PAD ||
	                ciphers[_i].type == CKM_CAMELLIA_CBC_PAD ||
	                ciphers[_i].type == CKM_DES_CBC_PAD || ciphers[_i].type == CKM_DES3_CBC_PAD;

	for (CK_ULONG n = 1; n < 50; n++) {
		CK_BYTE out[128];
		CK_ULONG len = sizeof out, part;
		CK_RV rv = has_length ((gsize) _i, n) || pads ? CKR_OK : CKR_DATA_LEN_RANGE;

		ck_ok (p11->C_EncryptInit (session, &mechanism, key));
		ck_rv (p11->C_Encrypt (session, text, n, out, &len), rv);
		ck_ok (p11->C_EncryptInit (session, &mechanism, key));
		len = part = sizeof out;
		ck_ok (p11->C_EncryptUpdate (session, text, n, out, &part));
		ck_rv (p11->C_EncryptFinal (session, out + part, &len), rv);
		len = sizeof out;
		rv = has_length ((gsize) _i, n) ? CKR_OK : CKR_ENCRYPTED_DATA_LEN_RANGE;
		ck_ok (p11->C_DecryptInit (session, &mechanism, key));
		if (rv != CKR_OK || !pads)
			ck_rv (p11->C_Decrypt (session, text, n, out, &len), rv);
		else
			ck_rv (p11->C_Decrypt (session, text, n, out, &len),
			       CKR_ENCRYPTED_DATA_INVALID);
	}
}
END_TEST

/* --- ChaCha20 --- */

START_TEST (test_chacha20__parameter)
{
	static const CK_ULONG bits[] = { 0, 8, 32, 63, 64, 65, 95, 96, 97, 128, 192, 1024 };
	CK_CHACHA20_PARAMS params;
	CK_MECHANISM chacha = { CKM_CHACHA20, &params, sizeof params };
	CK_OBJECT_HANDLE key = key_of (CKK_CHACHA20, 32);

	for (gsize i = 0; i < N (bits); i++) {
		for (gsize j = 0; j < N (bits); j++) {
			gboolean fits = (bits[i] == 32 && bits[j] == 96) ||
			                (bits[i] == 64 && bits[j] == 64);

			params = (CK_CHACHA20_PARAMS){ iv, bits[i], iv + 16, bits[j] };
			ck_rv (p11->C_EncryptInit (session, &chacha, key),
			       fits ? CKR_OK : CKR_MECHANISM_PARAM_INVALID);
			if (fits)
				ck_ok (p11->C_EncryptInit (session, NULL, key));
		}
	}
	params = (CK_CHACHA20_PARAMS){ NULL, 32, iv, 96 };
	ck_rv (p11->C_EncryptInit (session, &chacha, key), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_CHACHA20_PARAMS){ iv, 32, NULL, 96 };
	ck_rv (p11->C_EncryptInit (session, &chacha, key), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_CHACHA20_PARAMS){ iv, 32, iv, 96 };
	for (gsize i = 0; i < 2; i++) {
		chacha.ulParameterLen = (CK_ULONG[]){ 0, sizeof params - 1 }[i];
		ck_rv (p11->C_EncryptInit (session, &chacha, key), CKR_MECHANISM_PARAM_INVALID);
	}
}
END_TEST

/* No block of the stream is used twice: the counter does not come round. */
START_TEST (test_chacha20__end_of_the_counter)
{
	CK_BYTE counter[8] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff }, out[128];
	CK_CHACHA20_PARAMS params = { counter, 32, iv, 96 };
	CK_MECHANISM chacha = { CKM_CHACHA20, &params, sizeof params };
	CK_OBJECT_HANDLE key = key_of (CKK_CHACHA20, 32);
	CK_ULONG len = sizeof out;

	for (int i = 0; i < 2; i++) {
		len = sizeof out;
		ck_ok (p11->C_EncryptInit (session, &chacha, key));
		ck_ok (p11->C_Encrypt (session, text, 64, out, &len));
		len = sizeof out;
		ck_ok (p11->C_EncryptInit (session, &chacha, key));
		ck_rv (p11->C_Encrypt (session, text, 65, out, &len), CKR_DATA_LEN_RANGE);
		ck_ok (p11->C_DecryptInit (session, &chacha, key));
		len = sizeof out;
		ck_ok (p11->C_DecryptUpdate (session, text, 64, out, &len));
		len = sizeof out;
		ck_rv (p11->C_DecryptUpdate (session, text, 1, out, &len),
		       CKR_ENCRYPTED_DATA_LEN_RANGE);
		params = (CK_CHACHA20_PARAMS){ counter, 64, iv, 64 };
	}
}
END_TEST

/* --- codes --- */

START_TEST (test_mac__lengths)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		CK_KEY_TYPE key_type;
		CK_ULONG key_len, max;
	} macs[] = {
		{ CKM_AES_MAC_GENERAL, CKK_AES, 16, 16 },
		{ CKM_AES_CMAC_GENERAL, CKK_AES, 32, 16 },
		{ CKM_CAMELLIA_MAC_GENERAL, CKK_CAMELLIA, 16, 16 },
		{ CKM_DES_MAC_GENERAL, CKK_DES, 8, 8 },
		{ CKM_DES3_MAC_GENERAL, CKK_DES3, 24, 8 },
		{ CKM_DES3_CMAC_GENERAL, CKK_DES2, 16, 8 },
		{ CKM_MD5_HMAC_GENERAL, CKK_MD5_HMAC, 16, 16 },
		{ CKM_SHA3_512_HMAC_GENERAL, CKK_SHA3_512_HMAC, 64, 64 },
	};

	for (gsize i = 0; i < N (macs); i++) {
		CK_OBJECT_HANDLE key = key_of (macs[i].key_type, macs[i].key_len);
		CK_MAC_GENERAL_PARAMS len;
		CK_MECHANISM mac = { macs[i].type, &len, sizeof len };

		for (len = 0; len < 70; len++) {
			gboolean fits = len > 0 && len <= macs[i].max;

			ck_rv (p11->C_SignInit (session, &mac, key),
			       fits ? CKR_OK : CKR_MECHANISM_PARAM_INVALID);
			if (fits)
				ck_ok (p11->C_SignInit (session, NULL, key));
		}
		mac = (CK_MECHANISM){ macs[i].type, NULL, 0 };
		ck_rv (p11->C_SignInit (session, &mac, key), CKR_MECHANISM_PARAM_INVALID);
	}
}
END_TEST

/* FIPS 113 has no code for an empty message. */
START_TEST (test_mac__no_data)
{
	CK_MECHANISM mac = { CKM_AES_MAC, NULL, 0 };
	CK_OBJECT_HANDLE key = key_of (CKK_AES, 16);
	CK_BYTE code[16] = { 0 };
	CK_ULONG len = sizeof code;

	ck_ok (p11->C_SignInit (session, &mac, key));
	ck_rv (p11->C_Sign (session, NULL, 0, code, &len), CKR_DATA_LEN_RANGE);
	ck_ok (p11->C_VerifyInit (session, &mac, key));
	ck_rv (p11->C_Verify (session, NULL, 0, code, 8), CKR_DATA_LEN_RANGE);
}
END_TEST

START_TEST (test_gmac__parameter)
{
	CK_GCM_PARAMS params = { iv, 12, 96, NULL, 0, 128 };
	CK_MECHANISM gmac = { CKM_AES_GMAC, &params, sizeof params };
	CK_OBJECT_HANDLE key = key_of (CKK_AES, 16);

	for (CK_ULONG n = 0; n < 140; n++) {
		CK_RV rv = n >= 1 && n <= 128 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;

		params.ulIvLen = n;
		ck_rv (p11->C_SignInit (session, &gmac, key), rv);
		ck_ok (p11->C_SignInit (session, NULL, key));
	}
	params.ulIvLen = 12;
	for (CK_ULONG bits = 0; bits < 140; bits++) {
		gboolean fits =
			bits == 32 || bits == 64 || (bits >= 96 && bits <= 128 && bits % 8 == 0);

		params.ulTagBits = bits;
		ck_rv (p11->C_SignInit (session, &gmac, key),
		       fits ? CKR_OK : CKR_MECHANISM_PARAM_INVALID);
		ck_ok (p11->C_SignInit (session, NULL, key));
	}
	params = (CK_GCM_PARAMS){ iv, 12, 96, text, 1, 128 };
	ck_rv (p11->C_SignInit (session, &gmac, key), CKR_MECHANISM_PARAM_INVALID);
	gmac = (CK_MECHANISM){ CKM_AES_GMAC, NULL, 0 };
	ck_rv (p11->C_SignInit (session, &gmac, key), CKR_MECHANISM_PARAM_INVALID);
	gmac = (CK_MECHANISM){ CKM_AES_GMAC, iv, 129 };
	ck_rv (p11->C_SignInit (session, &gmac, key), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* A code of nulls is none. */
START_TEST (test_mac__all_zero)
{
	static const struct {
		CK_MECHANISM_TYPE type;
		CK_KEY_TYPE key_type;
		CK_ULONG key_len, len;
	} macs[] = {
		{ CKM_AES_MAC, CKK_AES, 16, 8 },
		{ CKM_AES_XCBC_MAC, CKK_AES, 16, 16 },
		{ CKM_AES_XCBC_MAC_96, CKK_AES, 16, 12 },
		{ CKM_AES_CMAC, CKK_AES, 16, 16 },
		{ CKM_DES3_CMAC, CKK_DES3, 24, 8 },
		{ CKM_DES_MAC, CKK_DES, 8, 4 },
		{ CKM_POLY1305, CKK_POLY1305, 32, 16 },
		{ CKM_SHA3_256_HMAC, CKK_SHA3_256_HMAC, 32, 32 },
	};

	for (gsize i = 0; i < N (macs); i++) {
		CK_OBJECT_HANDLE key = key_of (macs[i].key_type, macs[i].key_len);
		CK_MECHANISM mac = { macs[i].type, NULL, 0 };
		CK_BYTE zero[64] = { 0 };

		for (CK_ULONG len = 0; len < sizeof zero; len++) {
			ck_ok (p11->C_VerifyInit (session, &mac, key));
			ck_rv (p11->C_Verify (session, text, 20, zero, len),
			       len == macs[i].len ? CKR_SIGNATURE_INVALID
			                          : CKR_SIGNATURE_LEN_RANGE);
		}
	}
	/* XCBC is AES-128's alone. */
	ck_rv (p11->C_SignInit (session, &(CK_MECHANISM){ CKM_AES_XCBC_MAC, NULL, 0 },
	                        key_of (CKK_AES, 32)),
	       CKR_KEY_SIZE_RANGE);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("cipher");
	TCase *tcase = tcase_create ("cipher");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_keys__lengths);
	tcase_add_test (tcase, test_keys__weak);
	tcase_add_test (tcase, test_des__parity_and_weakness);
	tcase_add_test (tcase, test_keys__check_value);
	tcase_add_test (tcase, test_unwrap__des);
	tcase_add_test (tcase, test_derive__des_parity);
	tcase_add_loop_test (tcase, test_ciphers__parameter, 0, (int) N (ciphers));
	tcase_add_loop_test (tcase, test_ciphers__lengths, 0, (int) N (ciphers));
	tcase_add_test (tcase, test_chacha20__parameter);
	tcase_add_test (tcase, test_chacha20__end_of_the_counter);
	tcase_add_test (tcase, test_mac__lengths);
	tcase_add_test (tcase, test_mac__no_data);
	tcase_add_test (tcase, test_gmac__parameter);
	tcase_add_test (tcase, test_mac__all_zero);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
