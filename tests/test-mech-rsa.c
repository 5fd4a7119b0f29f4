/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * RSA keys that are met with what they must not take: encodings that are almost right, parameters of
 * others, numbers out of range, keys of odd sizes. Written from RFC 8017 and PKCS#11 3.2; what must be
 * refused is made with the raw operation of the token itself.
 */
#include "config.h"

#include "mech-keys.h"

#include "mech-vectors-pair.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#define K 256 /* length of the modulus of boring_oaep */
#define HASH 32
#define ROOM 4096

static CK_BYTE data[] = "what is signed";
static CK_OBJECT_HANDLE public, private;

static void
rsa_setup (void)
{
	session_setup ();
	make_key (&boring_oaep, &public, &private);
}

static CK_RV
verify_with (CK_MECHANISM *mechanism, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *signature,
             CK_ULONG len)
{
	CK_RV rv = p11->C_VerifyInit (session, mechanism, public);

	return rv == CKR_OK ? p11->C_Verify (session, (CK_BYTE *) in, in_len, signature, len) : rv;
}

static CK_RV
sign_with (CK_MECHANISM *mechanism, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *signature)
{
	CK_ULONG len = ROOM;
	CK_RV rv = p11->C_SignInit (session, mechanism, private);

	return rv == CKR_OK ? p11->C_Sign (session, in, in_len, signature, &len) : rv;
}

static CK_RV
decrypt_with (CK_MECHANISM *mechanism, CK_BYTE *in, CK_ULONG in_len)
{
	CK_BYTE out[ROOM];
	CK_ULONG len = sizeof out;
	CK_RV rv = p11->C_DecryptInit (session, mechanism, private);

	return rv == CKR_OK ? p11->C_Decrypt (session, in, in_len, out, &len) : rv;
}

static CK_RV
encrypt_with (CK_MECHANISM *mechanism, CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out)
{
	CK_ULONG len = ROOM;
	CK_RV rv = p11->C_EncryptInit (session, mechanism, public);

	return rv == CKR_OK ? p11->C_Encrypt (session, in, in_len, out, &len) : rv;
}

/* --- PKCS #1 v1.5 signatures --- */

/* RFC 8017, 9.2: 00 01, then ff up to 00, the DigestInfo and the digest; with each of them as asked. */
typedef struct {
	const char *what;
	const char *begin;  /* 00 01 */
	const char *info;   /* before the digest */
	const char *behind; /* the digest */
	int padding;        /* that many ff; -1: as many as fit */
	gboolean separated; /* 00 behind the padding */
	gboolean good;
} Encoding;

#define BEGIN "0001"
#define SHA256_OID "0609608648016503040201"
#define INFO "3031300d" SHA256_OID "05000420"

static const Encoding encodings[] = {
	{ "right", BEGIN, INFO, "", -1, TRUE, TRUE },
	{ "block type 0", "0000", INFO, "", -1, TRUE, FALSE },
	{ "block type 2", "0002", INFO, "", -1, TRUE, FALSE },
	{ "first byte 1", "0101", INFO, "", -1, TRUE, FALSE },
	{ "no separator", BEGIN, INFO, "", -1, FALSE, FALSE },
	{ "trailing byte", BEGIN, INFO, "00", -1, TRUE, FALSE },
	{ "trailing bytes", BEGIN, INFO, "a5a5a5a5a5a5a5a5", -1, TRUE, FALSE },
	{ "8 bytes of padding, the rest behind", BEGIN, INFO, "", 8, TRUE, FALSE },
	{ "7 bytes of padding", BEGIN, INFO, "", 7, TRUE, FALSE },
	{ "no padding", BEGIN, INFO, "", 0, TRUE, FALSE },
	{ "a second separator", BEGIN, "00" INFO, "", -1, TRUE, FALSE },
	{ "other padding", BEGIN "fe", INFO, "", -1, TRUE, FALSE },
	{ "without NULL", BEGIN, "302f300b" SHA256_OID "0420", "", -1, TRUE, FALSE },
	{ "NULL with content", BEGIN, "3032300e" SHA256_OID "0501000420", "", -1, TRUE, FALSE },
	{ "length in BER", BEGIN, "308131300d" SHA256_OID "05000420", "", -1, TRUE, FALSE },
	{ "inner length in BER", BEGIN, "303230810d" SHA256_OID "05000420", "", -1, TRUE, FALSE },
	{ "length of the digest in BER", BEGIN, "3032300d" SHA256_OID "0500048120", "", -1, TRUE,
	  FALSE },
	{ "indefinite length", BEGIN, "3080300d" SHA256_OID "05000420", "0000", -1, TRUE, FALSE },
	{ "OID of SHA-384", BEGIN, "3031300d060960864801650304020205000420", "", -1, TRUE, FALSE },
	{ "OID of SHA3-256", BEGIN, "3031300d060960864801650304020805000420", "", -1, TRUE, FALSE },
	{ "another tag", BEGIN, "3131300d" SHA256_OID "05000420", "", -1, TRUE, FALSE },
	{ "digest alone", BEGIN, "", "", -1, TRUE, FALSE },
};

static void
encode (const Encoding *encoding, CK_BYTE *em)
{
	g_autoptr (GByteArray) begin = unhex (encoding->begin);
	g_autoptr (GByteArray) info = unhex (encoding->info);
	g_autoptr (GByteArray) behind = unhex (encoding->behind);
	gsize rest = begin->len + encoding->separated + info->len + HASH + behind->len;
	gsize padding = encoding->padding < 0 ? K - rest : (gsize) encoding->padding;
	CK_BYTE *at = em;

	memset (em, 0xa5, K);
	memcpy (at, begin->data, begin->len);
	at += begin->len;
	memset (at, 0xff, padding);
	at += padding;
	if (encoding->separated)
		*at++ = 0;
	memcpy (at, info->data, info->len);
	at += info->len;
	SHA256 (data, sizeof data, at);
	memcpy (at + HASH, behind->data, behind->len);
}

START_TEST (test_pkcs1__encodings)
{
	const Encoding *encoding = &encodings[_i];
	g_autoptr (GByteArray) info = unhex (INFO);
	CK_MECHANISM raw = { CKM_RSA_X_509, NULL, 0 }, hashed = { CKM_SHA256_RSA_PKCS, NULL, 0 },
		     plain = { CKM_RSA_PKCS, NULL, 0 };
	CK_RV rv = encoding->good ? CKR_OK : CKR_SIGNATURE_INVALID;
	CK_BYTE em[K], signature[ROOM], digest_info[19 + HASH];

	encode (encoding, em);
	ck_ok (sign_with (&raw, em, sizeof em, signature));
	ck_assert_msg (verify_with (&hashed, data, sizeof data, signature, K) == rv, "%s",
	               encoding->what);
	ck_assert_uint_eq (info->len, 19);
	memcpy (digest_info, info->data, info->len);
	SHA256 (data, sizeof data, digest_info + info->len);
	ck_assert_msg (verify_with (&plain, digest_info, sizeof digest_info, signature, K) == rv,
	               "%s, without hashing", encoding->what);
}
END_TEST

/* @number + @addend, where the sum has as many bytes. */
static void
add (CK_BYTE *number, const CK_BYTE *addend)
{
	guint carry = 0;

	for (gsize i = K; i-- > 0;) {
		carry += (guint) number[i] + addend[i];
		number[i] = (CK_BYTE) carry;
		carry >>= 8;
	}
	ck_assert_uint_eq (carry, 0);
}

static void
less_one (CK_BYTE *number)
{
	/* It is odd. */
	number[K - 1]--;
}

START_TEST (test_pkcs1__numbers_and_lengths)
{
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	g_autoptr (GByteArray) n = unhex (boring_oaep.modulus);
	CK_BYTE good[ROOM], bad[K + 1] = { 0 };
	int tried = 0;

	ck_ok (sign_with (&mechanism, data, sizeof data, good));
	ck_rv (verify_with (&mechanism, data, sizeof data, good, K - 1), CKR_SIGNATURE_LEN_RANGE);
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, 0), CKR_SIGNATURE_LEN_RANGE);
	memcpy (bad + 1, good, K);
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, K + 1), CKR_SIGNATURE_LEN_RANGE);
	memcpy (bad, good, K);
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, K + 1), CKR_SIGNATURE_LEN_RANGE);
	memset (bad, 0, K);
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, K), CKR_SIGNATURE_INVALID);
	bad[K - 1] = 1;
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, K), CKR_SIGNATURE_INVALID);
	memcpy (bad, n->data, K);
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, K), CKR_SIGNATURE_INVALID);
	less_one (bad);
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, K), CKR_SIGNATURE_INVALID);
	memset (bad, 0xff, K);
	ck_rv (verify_with (&mechanism, data, sizeof data, bad, K), CKR_SIGNATURE_INVALID);
	/* The same number modulo n, of which there is one below 2^2048 for one signature in four. */
	for (CK_BYTE i = 0; tried == 0 && i < 255; i++) {
		ck_ok (sign_with (&mechanism, &i, 1, bad));
		if (bad[0] > 0x30)
			continue;
		ck_ok (verify_with (&mechanism, &i, 1, bad, K));
		add (bad, n->data);
		ck_rv (verify_with (&mechanism, &i, 1, bad, K), CKR_SIGNATURE_INVALID);
		tried++;
	}
	ck_assert_int_eq (tried, 1);
}
END_TEST

/* --- raw --- */

START_TEST (test_raw__numbers_out_of_range)
{
	CK_MECHANISM raw = { CKM_RSA_X_509, NULL, 0 };
	g_autoptr (GByteArray) n = unhex (boring_oaep.modulus);
	CK_BYTE number[K + 1] = { 0 }, out[ROOM];

	memcpy (number, n->data, K);
	ck_rv (encrypt_with (&raw, number, K, out), CKR_DATA_INVALID);
	ck_rv (sign_with (&raw, number, K, out), CKR_DATA_INVALID);
	ck_rv (decrypt_with (&raw, number, K), CKR_ENCRYPTED_DATA_INVALID);
	less_one (number);
	ck_ok (encrypt_with (&raw, number, K, out));
	/* -1 to an odd power. */
	ck_assert_mem_eq (out, number, K);
	ck_ok (sign_with (&raw, number, K, out));
	ck_ok (decrypt_with (&raw, number, K));
	memset (number, 0xff, K);
	ck_rv (encrypt_with (&raw, number, K, out), CKR_DATA_INVALID);
	ck_rv (decrypt_with (&raw, number, K), CKR_ENCRYPTED_DATA_INVALID);
	memset (number, 0, sizeof number);
	ck_ok (encrypt_with (&raw, number, K, out));
	ck_ok (decrypt_with (&raw, number, K));
	ck_rv (encrypt_with (&raw, number, K + 1, out), CKR_DATA_LEN_RANGE);
	ck_rv (sign_with (&raw, number, K + 1, out), CKR_DATA_LEN_RANGE);
	ck_rv (decrypt_with (&raw, number, K + 1), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_rv (decrypt_with (&raw, number, K - 1), CKR_ENCRYPTED_DATA_LEN_RANGE);
}
END_TEST

/* --- OAEP --- */

START_TEST (test_oaep__others_parameters)
{
	static CK_BYTE label[] = { 'a' }, other[] = { 'b' }, longer[] = { 'a', 0 };
	const CK_RSA_PKCS_OAEP_PARAMS own = { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, label,
		                              1 };
	const CK_RSA_PKCS_OAEP_PARAMS others[] = {
		{ CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, other, 1 },
		{ CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, longer, 2 },
		{ CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 },
		{ CKM_SHA256, CKG_MGF1_SHA256, 0, NULL, 0 },
		{ CKM_SHA256, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, label, 1 },
		{ CKM_SHA256, CKG_MGF1_SHA3_256, CKZ_DATA_SPECIFIED, label, 1 },
		{ CKM_SHA3_256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, label, 1 },
		{ CKM_SHA_1, CKG_MGF1_SHA1, CKZ_DATA_SPECIFIED, label, 1 },
	};
	CK_RSA_PKCS_OAEP_PARAMS params = own;
	CK_MECHANISM oaep = { CKM_RSA_PKCS_OAEP, &params, sizeof params };
	CK_BYTE encrypted[ROOM];

	ck_ok (encrypt_with (&oaep, data, sizeof data, encrypted));
	ck_ok (decrypt_with (&oaep, encrypted, K));
	for (gsize i = 0; i < N (others); i++) {
		params = others[i];
		ck_assert_msg (decrypt_with (&oaep, encrypted, K) == CKR_ENCRYPTED_DATA_INVALID,
		               "parameter %zu", i);
	}
}
END_TEST

START_TEST (test_oaep__no_parameters)
{
	static CK_BYTE label[] = { 'a' };
	const CK_RSA_PKCS_OAEP_PARAMS wrong[] = {
		{ CKM_MD5, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 },
		{ CKM_SHA256_HMAC, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL, 0 },
		{ CKM_SHA256, 0, CKZ_DATA_SPECIFIED, NULL, 0 },
		{ CKM_SHA256, 0xff, CKZ_DATA_SPECIFIED, NULL, 0 },
		{ CKM_SHA256, CKG_MGF1_SHA256, 0, label, 1 },
		{ CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED + 1, NULL, 0 },
	};
	CK_MECHANISM oaep = { CKM_RSA_PKCS_OAEP, NULL, sizeof wrong[0] };

	for (gsize i = 0; i < N (wrong); i++) {
		oaep.pParameter = (void *) &wrong[i];
		ck_assert_msg (p11->C_EncryptInit (session, &oaep, public) ==
		                       CKR_MECHANISM_PARAM_INVALID,
		               "parameter %zu", i);
		ck_rv (p11->C_DecryptInit (session, &oaep, private), CKR_MECHANISM_PARAM_INVALID);
	}
}
END_TEST

START_TEST (test_oaep__lengths_and_numbers)
{
	CK_RSA_PKCS_OAEP_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256, CKZ_DATA_SPECIFIED, NULL,
		                           0 };
	CK_MECHANISM oaep = { CKM_RSA_PKCS_OAEP, &params, sizeof params },
		     pkcs1 = { CKM_RSA_PKCS, NULL, 0 };
	g_autoptr (GByteArray) n = unhex (boring_oaep.modulus);
	const CK_ULONG max = K - 2 * HASH - 2;
	CK_BYTE in[K] = { 1 }, out[ROOM], number[K] = { 0 };

	ck_ok (encrypt_with (&oaep, in, 0, out));
	ck_ok (decrypt_with (&oaep, out, K));
	ck_ok (encrypt_with (&oaep, in, max, out));
	ck_ok (decrypt_with (&oaep, out, K));
	ck_rv (encrypt_with (&oaep, in, max + 1, out), CKR_DATA_LEN_RANGE);
	ck_ok (encrypt_with (&pkcs1, in, K - 11, out));
	ck_rv (encrypt_with (&pkcs1, in, K - 10, out), CKR_DATA_LEN_RANGE);
	ck_rv (decrypt_with (&oaep, number, K), CKR_ENCRYPTED_DATA_INVALID);
	number[K - 1] = 1;
	ck_rv (decrypt_with (&oaep, number, K), CKR_ENCRYPTED_DATA_INVALID);
	memcpy (number, n->data, K);
	ck_rv (decrypt_with (&oaep, number, K), CKR_ENCRYPTED_DATA_INVALID);
	ck_rv (decrypt_with (&pkcs1, number, K), CKR_ENCRYPTED_DATA_INVALID);
	less_one (number);
	ck_rv (decrypt_with (&oaep, number, K), CKR_ENCRYPTED_DATA_INVALID);
	ck_rv (decrypt_with (&oaep, number, K - 1), CKR_ENCRYPTED_DATA_LEN_RANGE);
	ck_rv (decrypt_with (&oaep, number, 0), CKR_ENCRYPTED_DATA_LEN_RANGE);
}
END_TEST

/* --- PSS --- */

static void
check_salts (CK_ULONG max)
{
	CK_RSA_PKCS_PSS_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256, 0 };
	CK_MECHANISM pss = { CKM_SHA256_RSA_PKCS_PSS, &params, sizeof params };
	const CK_ULONG good[] = { 0, HASH, max }, bad[] = { max + 1, 1ul << 31, (1ul << 32) + HASH,
		                                            (CK_ULONG) -1, (CK_ULONG) -2 };
	CK_BYTE signature[ROOM];
	CK_ULONG len = ROOM;

	for (gsize i = 0; i < N (good); i++) {
		len = ROOM;
		params.sLen = good[i];
		ck_ok (p11->C_SignInit (session, &pss, private));
		ck_ok (p11->C_Sign (session, data, sizeof data, signature, &len));
		for (gsize j = 0; j < N (good); j++) {
			params.sLen = good[j];
			ck_rv (verify_with (&pss, data, sizeof data, signature, len),
			       i == j ? CKR_OK : CKR_SIGNATURE_INVALID);
		}
	}
	for (gsize i = 0; i < N (bad); i++) {
		params.sLen = bad[i];
		ck_rv (sign_with (&pss, data, sizeof data, signature), CKR_MECHANISM_PARAM_INVALID);
		ck_rv (verify_with (&pss, data, sizeof data, signature, len),
		       CKR_MECHANISM_PARAM_INVALID);
	}
}

START_TEST (test_pss__salt_lengths)
{
	check_salts (K - HASH - 2);
}
END_TEST

START_TEST (test_pss__parameters)
{
	const CK_RSA_PKCS_PSS_PARAMS wrong[] = {
		{ CKM_SHA384, CKG_MGF1_SHA256, HASH }, /* not the mechanism's */
		{ CKM_MD5, CKG_MGF1_SHA256, HASH },    { CKM_SHA256_HMAC, CKG_MGF1_SHA256, HASH },
		{ CKM_SHA256, 0, HASH },               { CKM_SHA256, 0xff, HASH },
	};
	const CK_RSA_PKCS_PSS_PARAMS others[] = {
		{ CKM_SHA256, CKG_MGF1_SHA1, HASH },
		{ CKM_SHA256, CKG_MGF1_SHA3_256, HASH },
		{ CKM_SHA256, CKG_MGF1_SHA256, HASH - 1 },
		{ CKM_SHA256, CKG_MGF1_SHA256, HASH + 1 },
	};
	CK_RSA_PKCS_PSS_PARAMS params = { CKM_SHA256, CKG_MGF1_SHA256, HASH };
	CK_MECHANISM pss = { CKM_SHA256_RSA_PKCS_PSS, &params, sizeof params },
		     plain = { CKM_RSA_PKCS_PSS, &params, sizeof params };
	CK_BYTE signature[ROOM], digest[HASH + 1] = { 0 };

	ck_ok (sign_with (&pss, data, sizeof data, signature));
	SHA256 (data, sizeof data, digest);
	ck_ok (verify_with (&plain, digest, HASH, signature, K));
	ck_rv (verify_with (&plain, digest, HASH - 1, signature, K), CKR_DATA_LEN_RANGE);
	ck_rv (verify_with (&plain, digest, HASH + 1, signature, K), CKR_DATA_LEN_RANGE);
	for (gsize i = 0; i < N (others); i++) {
		params = others[i];
		ck_assert_msg (verify_with (&pss, data, sizeof data, signature, K) ==
		                       CKR_SIGNATURE_INVALID,
		               "parameter %zu", i);
	}
	for (gsize i = 0; i < N (wrong); i++) {
		params = wrong[i];
		ck_assert_msg (verify_with (&pss, data, sizeof data, signature, K) ==
		                       CKR_MECHANISM_PARAM_INVALID,
		               "parameter %zu", i);
	}
	params = wrong[1];
	ck_rv (verify_with (&plain, digest, 16, signature, K), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

/* --- sizes and exponents --- */

static CK_RV
import (CK_OBJECT_CLASS class, const CK_ATTRIBUTE *numbers, CK_ULONG n, CK_OBJECT_HANDLE *ret)
{
	static const CK_KEY_TYPE type = CKK_RSA;
	gboolean hidden = class == CKO_PRIVATE_KEY;
	CK_ATTRIBUTE template[8] = { ATTR (CKA_CLASS, class), ATTR (CKA_KEY_TYPE, type),
		                     ATTR (CKA_PRIVATE, no),
		                     { hidden ? CKA_SIGN : CKA_VERIFY, (void *) &yes, 1 } };

	memcpy (template + 4, numbers, n * sizeof (CK_ATTRIBUTE));
	return p11->C_CreateObject (session, template, 4 + n, ret);
}

/* What a public key of @bits answers, from its making to a signature that is none. */
static CK_RV
use_public (CK_ULONG bits, const CK_BYTE *exponent, CK_ULONG exponent_len)
{
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_ULONG len = (bits + 7) / 8;
	CK_BYTE modulus[16386 / 8 + 1], signature[16386 / 8 + 1] = { 0 };
	const CK_ATTRIBUTE numbers[] = { { CKA_MODULUS, modulus, len },
		                         { CKA_PUBLIC_EXPONENT, (void *) exponent, exponent_len } };
	CK_RV rv;

	memset (modulus, 0xa5, len);
	modulus[0] = (CK_BYTE) (1u << (bits - 1) % 8);
	rv = import (CKO_PUBLIC_KEY, numbers, 2, &public);
	return rv == CKR_OK ? verify_with (&mechanism, data, sizeof data, signature, len) : rv;
}

START_TEST (test_keys__sizes)
{
	static const CK_BYTE f4[] = { 1, 0, 1 };
	static const struct {
		CK_ULONG bits;
		CK_RV rv;
	} rows[] = {
		{ 504, CKR_ATTRIBUTE_VALUE_INVALID }, { 1016, CKR_KEY_SIZE_RANGE },
		{ 1023, CKR_KEY_SIZE_RANGE },         { 1024, CKR_SIGNATURE_INVALID },
		{ 1025, CKR_SIGNATURE_INVALID },      { 2047, CKR_SIGNATURE_INVALID },
		{ 8192, CKR_SIGNATURE_INVALID },      { 8193, CKR_KEY_SIZE_RANGE },
		{ 16384, CKR_KEY_SIZE_RANGE },        { 16385, CKR_ATTRIBUTE_VALUE_INVALID },
	};

	for (gsize i = 0; i < N (rows); i++)
		ck_assert_msg (use_public (rows[i].bits, f4, sizeof f4) == rows[i].rv, "%lu bits",
		               rows[i].bits);
}
END_TEST

START_TEST (test_keys__exponents)
{
	static const CK_BYTE huge[127] = { 0x7f, [126] = 1 }, larger[257] = { 1, [256] = 1 };
	static const struct {
		const char *hex;
		CK_RV rv;
	} rows[] = {
		{ "", CKR_ATTRIBUTE_VALUE_INVALID },       { "00", CKR_ATTRIBUTE_VALUE_INVALID },
		{ "01", CKR_ATTRIBUTE_VALUE_INVALID },     { "02", CKR_ATTRIBUTE_VALUE_INVALID },
		{ "010000", CKR_ATTRIBUTE_VALUE_INVALID }, { "03", CKR_SIGNATURE_INVALID },
		{ "00010001", CKR_SIGNATURE_INVALID },
	};

	for (gsize i = 0; i < N (rows); i++) {
		g_autoptr (GByteArray) e = unhex (rows[i].hex);

		ck_assert_msg (use_public (2048, e->data, e->len) == rows[i].rv, "exponent %s",
		               rows[i].hex);
	}
	/* As large as the modulus allows, and larger. */
	ck_rv (use_public (2048, huge, sizeof huge), CKR_SIGNATURE_INVALID);
	ck_rv (use_public (2048, larger, sizeof larger), CKR_ATTRIBUTE_VALUE_INVALID);
}
END_TEST

START_TEST (test_keys__none_is_generated)
{
	static const struct {
		CK_ULONG bits;
		const char *exponent;
	} rows[] = {
		{ 0, "03" },         { 1023, "03" },     { 1024, "03" },     { 2047, "03" },
		{ 2049, "03" },      { 8200, "03" },     { 16384, "03" },    { (CK_ULONG) -1, "03" },
		{ 2048, "" },
		/* PKCS#11 3.2, PKCS #1 RSA key pair generation: exponents that cannot be used. */
		{ 2048, "00" },      { 2048, "01" },     { 2048, "02" },
		{ 2048, "010000" },  { 2048, "010000000000000001" },
	};
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };

	for (gsize i = 0; i < N (rows); i++) {
		g_autoptr (GByteArray) e = unhex (rows[i].exponent);
		CK_ATTRIBUTE template[] = { ATTR (CKA_MODULUS_BITS, rows[i].bits),
			                    { CKA_PUBLIC_EXPONENT, e->data, e->len } },
			     hidden[] = { ATTR (CKA_PRIVATE, no) };

		ck_assert_msg (p11->C_GenerateKeyPair (session, &mechanism, template, 2, hidden, 1,
		                                       &public, &private) ==
		                       (i < 9 ? CKR_ATTRIBUTE_VALUE_INVALID
		                              : CKR_TEMPLATE_INCONSISTENT),
		               "row %zu", i);
	}
}
END_TEST

/* RFC 8017, 9.1.1: with 8 k + 1 bits the encoded message is a byte shorter than the signature. */
START_TEST (test_keys__odd_bits)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_E,
		                             OSSL_PKEY_PARAM_RSA_D };
	static const CK_ATTRIBUTE_TYPE types[] = { CKA_MODULUS, CKA_PUBLIC_EXPONENT,
		                                   CKA_PRIVATE_EXPONENT };
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen (NULL, NULL, "RSA", (size_t) 1025);
	CK_MECHANISM mechanism = { CKM_SHA256_RSA_PKCS, NULL, 0 };
	CK_BYTE bytes[3][129], signature[ROOM];
	CK_ATTRIBUTE numbers[3];

	ck_assert_ptr_nonnull (pkey);
	for (gsize i = 0; i < N (names); i++) {
		BIGNUM *number = NULL;

		ck_assert_int_eq (EVP_PKEY_get_bn_param (pkey, names[i], &number), 1);
		ck_assert_int_le (BN_num_bytes (number), (int) sizeof bytes[i]);
		numbers[i] = (CK_ATTRIBUTE){ types[i], bytes[i],
			                     (CK_ULONG) BN_bn2bin (number, bytes[i]) };
		BN_free (number);
	}
	EVP_PKEY_free (pkey);
	ck_ok (import (CKO_PUBLIC_KEY, numbers, 2, &public));
	ck_ok (import (CKO_PRIVATE_KEY, numbers, 3, &private));
	ck_ok (sign_with (&mechanism, data, sizeof data, signature));
	ck_ok (verify_with (&mechanism, data, sizeof data, signature, 129));
	ck_rv (verify_with (&mechanism, data, sizeof data, signature, 128),
	       CKR_SIGNATURE_LEN_RANGE);
	check_salts (128 - HASH - 2);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech-rsa");
	TCase *tcase = tcase_create ("mech-rsa");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, rsa_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_loop_test (tcase, test_pkcs1__encodings, 0, (int) N (encodings));
	tcase_add_test (tcase, test_pkcs1__numbers_and_lengths);
	tcase_add_test (tcase, test_raw__numbers_out_of_range);
	tcase_add_test (tcase, test_oaep__others_parameters);
	tcase_add_test (tcase, test_oaep__no_parameters);
	tcase_add_test (tcase, test_oaep__lengths_and_numbers);
	tcase_add_test (tcase, test_pss__salt_lengths);
	tcase_add_test (tcase, test_pss__parameters);
	tcase_add_test (tcase, test_keys__sizes);
	tcase_add_test (tcase, test_keys__exponents);
	tcase_add_test (tcase, test_keys__none_is_generated);
	tcase_add_test (tcase, test_keys__odd_bits);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
