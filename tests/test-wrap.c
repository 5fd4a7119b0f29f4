/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys in and out: C_WrapKey and C_UnwrapKey with every kind of key, and what they refuse;
 * C_DeriveKey's templates and points.
 */
#include "config.h"

#include "token-fixture.h"

static const CK_BYTE key_bytes[32] = { 1, 2, 3, 4, 5, 6, 7, 8, 9 };
static CK_BYTE iv[16] = { 9, 8, 7 }, text[32] = "Signed with keys that travelled";
static const CK_OBJECT_CLASS secret_class = CKO_SECRET_KEY, private_class = CKO_PRIVATE_KEY;
static const CK_KEY_TYPE aes = CKK_AES, generic = CKK_GENERIC_SECRET, ec = CKK_EC,
			 ed = CKK_EC_EDWARDS, rsa = CKK_RSA;

static CK_GCM_PARAMS gcm_params = { iv, 12, 96, NULL, 0, 128 };
static CK_MECHANISM cbc = { CKM_AES_CBC, iv, sizeof iv },
		    cbc_pad = { CKM_AES_CBC_PAD, iv, sizeof iv };
static CK_MECHANISM gcm = { CKM_AES_GCM, &gcm_params, sizeof gcm_params };
static CK_MECHANISM kw = { CKM_AES_KEY_WRAP, NULL, 0 }, kwp = { CKM_AES_KEY_WRAP_KWP, NULL, 0 };
static CK_MECHANISM kw_pad = { CKM_AES_KEY_WRAP_PAD, NULL, 0 },
		    rsa_pkcs = { CKM_RSA_PKCS, NULL, 0 };

#define ROOM 4096

static CK_OBJECT_HANDLE
kek (void)
{
	return make_secret (CKK_AES, key_bytes, 32, NULL, 0);
}

typedef struct {
	CK_OBJECT_HANDLE public, private;
} Pair;

static const CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const CK_BYTE p384[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22 };
static const CK_BYTE p521[] = { 0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23 };
static const CK_BYTE ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
static const CK_ULONG rsa_bits = 2048;

static const struct {
	CK_MECHANISM_TYPE generation, signature;
	CK_ATTRIBUTE number;
	const CK_KEY_TYPE *type;
} pairs[] = {
	{ CKM_EC_KEY_PAIR_GEN, CKM_ECDSA_SHA256, ATTR (CKA_EC_PARAMS, p256), &ec },
	{ CKM_EC_KEY_PAIR_GEN, CKM_ECDSA_SHA384, ATTR (CKA_EC_PARAMS, p384), &ec },
	{ CKM_EC_KEY_PAIR_GEN, CKM_ECDSA_SHA512, ATTR (CKA_EC_PARAMS, p521), &ec },
	{ CKM_EC_EDWARDS_KEY_PAIR_GEN, CKM_EDDSA, ATTR (CKA_EC_PARAMS, ed25519), &ed },
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_SHA256_RSA_PKCS, ATTR (CKA_MODULUS_BITS, rsa_bits), &rsa },
};

static Pair
make_pair (gsize which)
{
	CK_ATTRIBUTE public_template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_VERIFY, yes),
		                           pairs[which].number, ATTR (CKA_WRAP, yes),
		                           ATTR (CKA_ENCRYPT, yes) };
	CK_ATTRIBUTE private_template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_SIGN, yes),
		                            ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes),
		                            ATTR (CKA_DERIVE, yes) };
	CK_MECHANISM mechanism = { pairs[which].generation, NULL, 0 };
	gboolean is_rsa = pairs[which].type == &rsa, is_ec = pairs[which].type == &ec;
	Pair pair;

	if (is_rsa)
		private_template[4].type = CKA_UNWRAP;
	ck_ok (p11->C_GenerateKeyPair (session, &mechanism, public_template, is_rsa ? 5 : 3,
	                               private_template, is_rsa || is_ec ? 5 : 4, &pair.public,
	                               &pair.private));
	return pair;
}

static CK_RV
wrap (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping, CK_OBJECT_HANDLE key, CK_BYTE *out,
      CK_ULONG *len)
{
	*len = ROOM;
	return p11->C_WrapKey (session, mechanism, wrapping, key, out, len);
}

static CK_RV
unwrap (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE unwrapping, CK_BYTE *in, CK_ULONG len,
        const CK_OBJECT_CLASS *class, const CK_KEY_TYPE *type, const CK_ATTRIBUTE *more,
        CK_OBJECT_HANDLE *ret_key)
{
	CK_ATTRIBUTE template[] = { { CKA_CLASS, (void *) class, sizeof *class },
		                    { CKA_KEY_TYPE, (void *) type, sizeof *type },
		                    ATTR (CKA_PRIVATE, no),
		                    ATTR (CKA_SENSITIVE, no),
		                    ATTR (CKA_EXTRACTABLE, yes),
		                    { 0 } };
	CK_ULONG n = 5;

	if (more != NULL)
		template[n++] = *more;
	return p11->C_UnwrapKey (session, mechanism, unwrapping, in, len, template, n, ret_key);
}

static CK_ULONG
read_value (CK_OBJECT_HANDLE key, CK_BYTE *value)
{
	CK_ATTRIBUTE attr = { CKA_VALUE, value, ROOM };

	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	return attr.ulValueLen;
}

/* --- private keys --- */

static CK_MECHANISM *const private_wraps[] = { &cbc_pad, &gcm, &kw, &kw_pad, &kwp };

static void
check_signs (CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE private, CK_OBJECT_HANDLE public)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_BYTE signature[512];
	CK_ULONG len = sizeof signature;

	ck_ok (p11->C_SignInit (session, &mechanism, private));
	ck_ok (p11->C_Sign (session, text, sizeof text, signature, &len));
	ck_ok (p11->C_VerifyInit (session, &mechanism, public));
	ck_ok (p11->C_Verify (session, text, sizeof text, signature, len));
}

/* A private key goes out and comes in again with every mechanism that takes one, and signs for the
 * same public key. */
START_TEST (test_private__round_trip)
{
	static const CK_ATTRIBUTE sign = ATTR (CKA_SIGN, yes);
	CK_OBJECT_HANDLE wrapping = kek (), back;
	Pair pair = make_pair ((gsize) _i);
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	for (gsize i = 0; i < N (private_wraps); i++) {
		ck_ok (wrap (private_wraps[i], wrapping, pair.private, wrapped, &len));
		ck_ok (unwrap (private_wraps[i], wrapping, wrapped, len, &private_class,
		               pairs[_i].type, &sign, &back));
		check_signs (pairs[_i].signature, back, pair.public);
		/* As another type of key it is none. */
		ck_rv (unwrap (private_wraps[i], wrapping, wrapped, len, &private_class,
		               pairs[_i].type == &rsa ? &ec : &rsa, &sign, &back),
		       CKR_WRAPPED_KEY_INVALID);
	}
}
END_TEST

START_TEST (test_private__mechanisms_for_secrets_only)
{
	CK_OBJECT_HANDLE wrapping = kek (), back;
	Pair pair = make_pair (0), rsa_pair = make_pair (4);
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	ck_rv (wrap (&cbc, wrapping, pair.private, wrapped, &len), CKR_KEY_NOT_WRAPPABLE);
	ck_rv (wrap (&rsa_pkcs, rsa_pair.public, pair.private, wrapped, &len),
	       CKR_KEY_NOT_WRAPPABLE);
	ck_rv (wrap (&kwp, wrapping, pair.public, wrapped, &len), CKR_KEY_NOT_WRAPPABLE);
	memset (wrapped, 0, 32);
	ck_rv (unwrap (&cbc, wrapping, wrapped, 32, &private_class, &ec, NULL, &back),
	       CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

/* --- secret keys --- */

/* Mechanisms that fill up with null bytes: the template says how long the key was. */
START_TEST (test_secret__filled_up)
{
	static const CK_ULONG real_len = 20, short_len = 12, long_len = 33;
	const CK_ATTRIBUTE real = ATTR (CKA_VALUE_LEN, real_len),
			   too_short = ATTR (CKA_VALUE_LEN, short_len),
			   too_long = ATTR (CKA_VALUE_LEN, long_len);
	CK_OBJECT_HANDLE wrapping = kek (),
			 key = make_secret (CKK_GENERIC_SECRET, key_bytes, 20, NULL, 0), back;
	CK_BYTE wrapped[ROOM], value[ROOM];
	CK_ULONG len;

	ck_ok (wrap (&cbc, wrapping, key, wrapped, &len));
	ck_assert_uint_eq (len, 32);
	ck_ok (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &generic, &real, &back));
	ck_assert_uint_eq (read_value (back, value), 20);
	ck_assert_mem_eq (value, key_bytes, 20);
	ck_ok (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &generic, NULL, &back));
	ck_assert_uint_eq (read_value (back, value), 32);
	ck_rv (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &generic, &too_short, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	ck_rv (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &generic, &too_long, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	/* What is cut off must have been filling. */
	ck_ok (wrap (&cbc, wrapping, make_secret (CKK_GENERIC_SECRET, text, 32, NULL, 0), wrapped,
	             &len));
	ck_rv (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &generic, &real, &back),
	       CKR_WRAPPED_KEY_INVALID);
	ck_ok (wrap (&kw, wrapping, key, wrapped, &len));
	ck_assert_uint_eq (len, 32);
	ck_ok (unwrap (&kw, wrapping, wrapped, len, &secret_class, &generic, &real, &back));
	ck_assert_uint_eq (read_value (back, value), 20);
	/* The others know the length. */
	ck_ok (wrap (&kwp, wrapping, key, wrapped, &len));
	ck_ok (unwrap (&kwp, wrapping, wrapped, len, &secret_class, &generic, &real, &back));
	ck_rv (unwrap (&kwp, wrapping, wrapped, len, &secret_class, &generic, &too_short, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
}
END_TEST

/* PKCS#11 3.2, C_UnwrapKey: the type may know the length as well. */
START_TEST (test_secret__length_of_the_type)
{
	static const CK_KEY_TYPE chacha20 = CKK_CHACHA20;
	static const CK_ULONG sixteen = 16, thirty_two = 32;
	const CK_ATTRIBUTE whole = ATTR (CKA_VALUE_LEN, thirty_two), half = ATTR (CKA_VALUE_LEN, sixteen);
	CK_OBJECT_HANDLE wrapping = kek (), back, short_key = make_secret (CKK_AES, key_bytes, 16, NULL, 0),
			 middle_key = make_secret (CKK_AES, key_bytes, 24, NULL, 0);
	CK_BYTE wrapped[ROOM], value[ROOM];
	CK_ULONG len;

	/* Of 32 bytes that CBC gives, an AES key can be 24, but nobody says so. */
	ck_ok (wrap (&cbc, wrapping, wrapping, wrapped, &len));
	ck_ok (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &aes, NULL, &back));
	ck_assert_uint_eq (read_value (back, value), 32);
	ck_ok (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &aes, &whole, &back));
	ck_ok (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &chacha20, NULL, &back));
	ck_ok (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &chacha20, &whole, &back));
	ck_rv (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &chacha20, &half, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	ck_ok (wrap (&cbc, wrapping, short_key, wrapped, &len));
	ck_ok (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &aes, NULL, &back));
	ck_assert_uint_eq (read_value (back, value), 16);
	ck_rv (unwrap (&cbc, wrapping, wrapped, len, &secret_class, &chacha20, NULL, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	ck_ok (wrap (&kw, wrapping, middle_key, wrapped, &len));
	ck_ok (unwrap (&kw, wrapping, wrapped, len, &secret_class, &aes, NULL, &back));
	ck_assert_uint_eq (read_value (back, value), 24);
}
END_TEST

/* PKCS#11 3.2, C_UnwrapKey: CKA_EXTRACTABLE is true if the template does not say. */
START_TEST (test_secret__extractable)
{
	CK_OBJECT_HANDLE wrapping = kek (), back;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, secret_class), ATTR (CKA_KEY_TYPE, aes),
		                    ATTR (CKA_PRIVATE, no), ATTR (CKA_EXTRACTABLE, no) };
	CK_BBOOL extractable, never;
	CK_ATTRIBUTE got[] = { ATTR (CKA_EXTRACTABLE, extractable), ATTR (CKA_NEVER_EXTRACTABLE, never) };
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	ck_ok (wrap (&kwp, wrapping, wrapping, wrapped, &len));
	for (CK_ULONG n = 3; n <= 4; n++) {
		ck_ok (p11->C_UnwrapKey (session, &kwp, wrapping, wrapped, len, template, n, &back));
		ck_ok (p11->C_GetAttributeValue (session, back, got, N (got)));
		ck_assert_uint_eq (extractable, n == 3);
		ck_assert (!never);
	}
}
END_TEST

START_TEST (test_secret__not_aes)
{
	CK_OBJECT_HANDLE wrapping = kek (),
			 key = make_secret (CKK_GENERIC_SECRET, key_bytes, 20, NULL, 0), back;
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	ck_ok (wrap (&kwp, wrapping, key, wrapped, &len));
	ck_rv (unwrap (&kwp, wrapping, wrapped, len, &secret_class, &aes, NULL, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	ck_rv (unwrap (&kwp, wrapping, wrapped, len, &private_class, &ec, NULL, &back),
	       CKR_WRAPPED_KEY_INVALID);
}
END_TEST

/* --- what is refused --- */

START_TEST (test_wrap__key_stays_here)
{
	const CK_ATTRIBUTE fixed = ATTR (CKA_EXTRACTABLE, no),
			   wary = ATTR (CKA_WRAP_WITH_TRUSTED, yes);
	CK_OBJECT_HANDLE wrapping = kek ();
	CK_OBJECT_HANDLE stays = make_secret (CKK_AES, key_bytes, 16, &fixed, 1);
	CK_OBJECT_HANDLE trusting = make_secret (CKK_AES, key_bytes, 16, &wary, 1);
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	ck_rv (wrap (&kwp, wrapping, stays, wrapped, &len), CKR_KEY_UNEXTRACTABLE);
	ck_rv (wrap (&kwp, wrapping, trusting, wrapped, &len), CKR_KEY_NOT_WRAPPABLE);
	ck_rv (wrap (&kwp, wrapping, 0x12345678, wrapped, &len), CKR_KEY_HANDLE_INVALID);
	ck_rv (wrap (&kwp, 0x12345678, stays, wrapped, &len), CKR_WRAPPING_KEY_HANDLE_INVALID);
}
END_TEST

START_TEST (test_wrap__template_of_the_wrapping_key)
{
	CK_ATTRIBUTE must[] = { ATTR (CKA_KEY_TYPE, generic) };
	const CK_ATTRIBUTE attr = { CKA_WRAP_TEMPLATE, must, sizeof must };
	CK_OBJECT_HANDLE wrapping = make_secret (CKK_AES, key_bytes, 32, &attr, 1);
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	ck_ok (wrap (&kwp, wrapping, make_secret (CKK_GENERIC_SECRET, key_bytes, 20, NULL, 0),
	             wrapped, &len));
	ck_rv (wrap (&kwp, wrapping, kek (), wrapped, &len), CKR_KEY_HANDLE_INVALID);
}
END_TEST

START_TEST (test_wrap__wrapping_keys)
{
	CK_OBJECT_HANDLE key = kek (),
			 other = make_secret (CKK_GENERIC_SECRET, key_bytes, 32, NULL, 0), back;
	g_autofree CK_BYTE *long_value = g_malloc0 (300);
	CK_OBJECT_HANDLE long_key = make_secret (CKK_GENERIC_SECRET, long_value, 300, NULL, 0);
	Pair rsa_pair = make_pair (4);
	CK_BYTE wrapped[ROOM];
	CK_ULONG len = ROOM;

	ck_rv (wrap (&kwp, other, key, wrapped, &len), CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
	ck_rv (wrap (&rsa_pkcs, rsa_pair.private, key, wrapped, &len),
	       CKR_WRAPPING_KEY_TYPE_INCONSISTENT);
	ck_rv (wrap (&rsa_pkcs, rsa_pair.public, long_key, wrapped, &len), CKR_KEY_SIZE_RANGE);
	ck_rv (p11->C_WrapKey (session, NULL, key, other, wrapped, &len), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_WrapKey (session, &kwp, key, other, wrapped, NULL), CKR_ARGUMENTS_BAD);
	memset (wrapped, 0, 40);
	ck_rv (unwrap (&kwp, other, wrapped, 40, &secret_class, &generic, NULL, &back),
	       CKR_UNWRAPPING_KEY_TYPE_INCONSISTENT);
	ck_rv (unwrap (&kwp, 0x12345678, wrapped, 40, &secret_class, &generic, NULL, &back),
	       CKR_UNWRAPPING_KEY_HANDLE_INVALID);
}
END_TEST

START_TEST (test_unwrap__damaged)
{
	CK_OBJECT_HANDLE wrapping = kek (), back = 42;
	CK_BYTE wrapped[ROOM] = { 0 };
	CK_ULONG len;

	for (gsize i = 0; i < N (private_wraps); i++) {
		ck_ok (wrap (private_wraps[i], wrapping, wrapping, wrapped, &len));
		wrapped[len - 1] ^= 1;
		if (private_wraps[i] == &cbc_pad)
			wrapped[len - 17] ^= 0x80;
		ck_rv (unwrap (private_wraps[i], wrapping, wrapped, len, &secret_class, &generic,
		               NULL, &back),
		       CKR_WRAPPED_KEY_INVALID);
	}
	ck_rv (unwrap (&kwp, wrapping, wrapped, 39, &secret_class, &generic, NULL, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	ck_rv (unwrap (&kwp, wrapping, wrapped, 0, &secret_class, &generic, NULL, &back),
	       CKR_WRAPPED_KEY_LEN_RANGE);
	ck_rv (unwrap (&kwp, wrapping, NULL, 40, &secret_class, &generic, NULL, &back),
	       CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (back, 42);
}
END_TEST

START_TEST (test_unwrap__templates)
{
	const CK_ATTRIBUTE only_type = ATTR (CKA_KEY_TYPE, generic),
			   only_class = ATTR (CKA_CLASS, secret_class);
	const CK_OBJECT_CLASS public_class = CKO_PUBLIC_KEY;
	CK_OBJECT_HANDLE wrapping = kek (), back;
	CK_BYTE wrapped[ROOM];
	CK_ULONG len;

	ck_ok (wrap (&kwp, wrapping, wrapping, wrapped, &len));
	ck_rv (p11->C_UnwrapKey (session, &kwp, wrapping, wrapped, len, (CK_ATTRIBUTE *) &only_type,
	                         1, &back),
	       CKR_TEMPLATE_INCOMPLETE);
	ck_rv (p11->C_UnwrapKey (session, &kwp, wrapping, wrapped, len,
	                         (CK_ATTRIBUTE *) &only_class, 1, &back),
	       CKR_TEMPLATE_INCOMPLETE);
	ck_rv (p11->C_UnwrapKey (session, &kwp, wrapping, wrapped, len, NULL, 1, &back),
	       CKR_ARGUMENTS_BAD);
	ck_rv (unwrap (&kwp, wrapping, wrapped, len, &public_class, &ec, NULL, &back),
	       CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

/* --- derivation --- */

static GByteArray *
point_of (CK_OBJECT_HANDLE public)
{
	GByteArray *point = g_byte_array_new ();
	CK_ATTRIBUTE attr = { CKA_EC_POINT, NULL, 0 };

	g_byte_array_set_size (point, 200);
	attr.pValue = point->data;
	attr.ulValueLen = point->len;
	ck_ok (p11->C_GetAttributeValue (session, public, &attr, 1));
	g_byte_array_set_size (point, (guint) attr.ulValueLen);
	return point;
}

static CK_RV
derive (CK_OBJECT_HANDLE base, CK_ECDH1_DERIVE_PARAMS *params, const CK_KEY_TYPE *type,
        const CK_ULONG *len, CK_OBJECT_HANDLE *ret_key)
{
	CK_MECHANISM mechanism = { CKM_ECDH1_DERIVE, params, sizeof *params };
	CK_ATTRIBUTE template[] = { ATTR (CKA_PRIVATE, no),
		                    ATTR (CKA_SENSITIVE, no),
		                    ATTR (CKA_EXTRACTABLE, yes),
		                    { CKA_KEY_TYPE, (void *) type, sizeof *type },
		                    { CKA_VALUE_LEN, (void *) len, sizeof *len } };

	return p11->C_DeriveKey (session, &mechanism, base, template, len == NULL ? 4 : 5, ret_key);
}

/* Both sides come to the same secret, on every curve. */
START_TEST (test_derive__both_sides)
{
	Pair ours = make_pair ((gsize) _i), theirs = make_pair ((gsize) _i);
	g_autoptr (GByteArray) our_point = point_of (ours.public),
			       their_point = point_of (theirs.public);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, their_point->len, their_point->data };
	CK_BYTE first[ROOM], second[ROOM];
	CK_OBJECT_HANDLE key;
	CK_ULONG len;

	ck_ok (derive (ours.private, &params, &generic, NULL, &key));
	len = read_value (key, first);
	ck_assert_uint_eq (len, _i == 0 ? 32 : _i == 1 ? 48 : 66);
	params.ulPublicDataLen = our_point->len;
	params.pPublicData = our_point->data;
	ck_ok (derive (theirs.private, &params, &generic, NULL, &key));
	ck_assert_uint_eq (read_value (key, second), len);
	ck_assert_mem_eq (first, second, len);
}
END_TEST

START_TEST (test_derive__points)
{
	Pair ours = make_pair (0), other_curve = make_pair (1);
	g_autoptr (GByteArray) point = point_of (ours.public),
			       other = point_of (other_curve.public);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point->len, point->data };
	CK_OBJECT_HANDLE key;
	static CK_BYTE infinity[1] = { 0 }, long_point[1 << 20];

	ck_ok (derive (ours.private, &params, &generic, NULL, &key));
	/* Without the DER around it. */
	params = (CK_ECDH1_DERIVE_PARAMS){ CKD_NULL, 0, NULL, point->len - 2, point->data + 2 };
	ck_ok (derive (ours.private, &params, &generic, NULL, &key));
	/* Beside the curve. */
	point->data[point->len - 1] ^= 1;
	ck_rv (derive (ours.private, &params, &generic, NULL, &key), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_ECDH1_DERIVE_PARAMS){ CKD_NULL, 0, NULL, other->len, other->data };
	ck_rv (derive (ours.private, &params, &generic, NULL, &key), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_ECDH1_DERIVE_PARAMS){ CKD_NULL, 0, NULL, 1, infinity };
	ck_rv (derive (ours.private, &params, &generic, NULL, &key), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_ECDH1_DERIVE_PARAMS){ CKD_NULL, 0, NULL, 65, NULL };
	ck_rv (derive (ours.private, &params, &generic, NULL, &key), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_ECDH1_DERIVE_PARAMS){ CKD_NULL, 0, NULL, sizeof long_point, long_point };
	ck_rv (derive (ours.private, &params, &generic, NULL, &key), CKR_MECHANISM_PARAM_INVALID);
}
END_TEST

START_TEST (test_derive__templates)
{
	static const CK_ULONG sixteen = 16, seventeen = 17, many = 33, none = 0;
	Pair ours = make_pair (0), larger = make_pair (1), edwards = make_pair (3);
	g_autoptr (GByteArray) point = point_of (ours.public),
			       larger_point = point_of (larger.public);
	CK_ECDH1_DERIVE_PARAMS params = { CKD_NULL, 0, NULL, point->len, point->data };
	CK_BYTE whole[ROOM], part[ROOM], shared[4] = { 1, 2, 3, 4 };
	CK_OBJECT_HANDLE key;

	ck_ok (derive (ours.private, &params, &aes, NULL, &key));
	ck_assert_uint_eq (read_value (key, whole), 32);
	ck_ok (derive (ours.private, &params, &aes, &sixteen, &key));
	ck_assert_uint_eq (read_value (key, part), 16);
	ck_assert_mem_eq (part, whole + 16, 16);
	ck_rv (derive (ours.private, &params, &aes, &seventeen, &key), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (derive (ours.private, &params, &generic, &none, &key), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (derive (ours.private, &params, &generic, &many, &key), CKR_TEMPLATE_INCONSISTENT);
	params.kdf = CKD_SHA256_KDF;
	ck_ok (derive (ours.private, &params, &generic, &many, &key));
	params.kdf = 0x99;
	ck_rv (derive (ours.private, &params, &generic, NULL, &key), CKR_MECHANISM_PARAM_INVALID);
	params = (CK_ECDH1_DERIVE_PARAMS){ CKD_NULL, sizeof shared, shared, point->len,
		                           point->data };
	ck_rv (derive (ours.private, &params, &generic, NULL, &key), CKR_MECHANISM_PARAM_INVALID);
	/* 48 bytes of P-384 are no AES key unless the template says which of them. */
	params = (CK_ECDH1_DERIVE_PARAMS){ CKD_NULL, 0, NULL, larger_point->len,
		                           larger_point->data };
	ck_rv (derive (larger.private, &params, &aes, NULL, &key), CKR_TEMPLATE_INCOMPLETE);
	ck_rv (derive (edwards.private, &params, &generic, NULL, &key), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (derive (ours.public, &params, &generic, NULL, &key), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (derive (0x12345678, &params, &generic, NULL, &key), CKR_KEY_HANDLE_INVALID);
}
END_TEST

/* --- generation --- */

static CK_RV
generate_pair (CK_MECHANISM_TYPE type, const CK_ATTRIBUTE *public_template, CK_ULONG n_public)
{
	CK_ATTRIBUTE private_template[] = { ATTR (CKA_PRIVATE, no) };
	CK_ATTRIBUTE template[4] = { ATTR (CKA_PRIVATE, no) };
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_OBJECT_HANDLE public, private;

	for (CK_ULONG i = 0; i < n_public; i++)
		template[i + 1] = public_template[i];
	return p11->C_GenerateKeyPair (session, &mechanism, template, n_public + 1,
	                               private_template, 1, &public, &private);
}

START_TEST (test_generate__templates)
{
	static const CK_ULONG small = 1024, odd = 2049, large = 16384, bits = 2048;
	static const CK_BYTE even[] = { 0x02 }, one[] = { 0x01 }, nine[9] = { [0] = 1, [8] = 1 };
	static const CK_BYTE unknown[] = {
		0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x04
	};
	static const CK_BYTE explicit[] = { 0x30, 0x03, 0x02, 0x01, 0x01 };
	const CK_ATTRIBUTE exponents[][2] = {
		{ ATTR (CKA_MODULUS_BITS, bits), ATTR (CKA_PUBLIC_EXPONENT, even) },
		{ ATTR (CKA_MODULUS_BITS, bits), ATTR (CKA_PUBLIC_EXPONENT, one) },
		{ ATTR (CKA_MODULUS_BITS, bits), ATTR (CKA_PUBLIC_EXPONENT, nine) },
		{ ATTR (CKA_MODULUS_BITS, bits), { CKA_PUBLIC_EXPONENT, NULL, 0 } },
	};
	const CK_ATTRIBUTE sizes[] = { ATTR (CKA_MODULUS_BITS, small), ATTR (CKA_MODULUS_BITS, odd),
		                       ATTR (CKA_MODULUS_BITS, large) };
	const CK_ATTRIBUTE curve = ATTR (CKA_EC_PARAMS, unknown), edwards = ATTR (CKA_EC_PARAMS, ed25519),
			   no_name = ATTR (CKA_EC_PARAMS, explicit);

	for (gsize i = 0; i < N (sizes); i++)
		ck_rv (generate_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, &sizes[i], 1),
		       CKR_ATTRIBUTE_VALUE_INVALID);
	for (gsize i = 0; i < N (exponents); i++)
		ck_rv (generate_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, exponents[i], 2),
		       i < 3 ? CKR_TEMPLATE_INCONSISTENT : CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (generate_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_rv (generate_pair (CKM_EC_KEY_PAIR_GEN, NULL, 0), CKR_TEMPLATE_INCOMPLETE);
	ck_rv (generate_pair (CKM_EC_KEY_PAIR_GEN, &curve, 1), CKR_CURVE_NOT_SUPPORTED);
	ck_rv (generate_pair (CKM_EC_KEY_PAIR_GEN, &edwards, 1), CKR_CURVE_NOT_SUPPORTED);
	ck_rv (generate_pair (CKM_EC_KEY_PAIR_GEN, &no_name, 1), CKR_DOMAIN_PARAMS_INVALID);
}
END_TEST

START_TEST (test_generate__secrets)
{
	static const CK_ULONG fifteen = 15, none = 0, huge = 4097;
	static const CK_BYTE short_len = 16;
	const CK_ATTRIBUTE lens[] = { ATTR (CKA_VALUE_LEN, fifteen),
		                      ATTR (CKA_VALUE_LEN, none),
		                      ATTR (CKA_VALUE_LEN, short_len),
		                      { CKA_VALUE_LEN, NULL, sizeof fifteen } };
	const CK_ATTRIBUTE generics[] = { ATTR (CKA_VALUE_LEN, none), ATTR (CKA_VALUE_LEN, huge) };
	CK_MECHANISM aes_gen = { CKM_AES_KEY_GEN, NULL, 0 },
		     with_param = { CKM_AES_KEY_GEN, iv, sizeof iv };
	CK_MECHANISM generic_gen = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_OBJECT_HANDLE key;

	for (gsize i = 0; i < N (lens); i++)
		ck_rv (p11->C_GenerateKey (session, &aes_gen, (CK_ATTRIBUTE *) &lens[i], 1, &key),
		       CKR_ATTRIBUTE_VALUE_INVALID);
	for (gsize i = 0; i < N (generics); i++)
		ck_rv (p11->C_GenerateKey (session, &generic_gen, (CK_ATTRIBUTE *) &generics[i], 1,
		                           &key),
		       CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (p11->C_GenerateKey (session, &aes_gen, NULL, 0, &key), CKR_TEMPLATE_INCOMPLETE);
	ck_rv (p11->C_GenerateKey (session, &with_param, (CK_ATTRIBUTE *) lens, 1, &key),
	       CKR_MECHANISM_PARAM_INVALID);
	ck_rv (p11->C_GenerateKey (session, NULL, NULL, 0, &key), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GenerateKey (session, &aes_gen, NULL, 1, &key), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GenerateKey (session, &aes_gen, NULL, 0, NULL), CKR_ARGUMENTS_BAD);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("wrap");
	TCase *tcase = tcase_create ("wrap");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_loop_test (tcase, test_private__round_trip, 0, (int) N (pairs));
	tcase_add_test (tcase, test_private__mechanisms_for_secrets_only);
	tcase_add_test (tcase, test_secret__filled_up);
	tcase_add_test (tcase, test_secret__length_of_the_type);
	tcase_add_test (tcase, test_secret__extractable);
	tcase_add_test (tcase, test_secret__not_aes);
	tcase_add_test (tcase, test_wrap__key_stays_here);
	tcase_add_test (tcase, test_wrap__template_of_the_wrapping_key);
	tcase_add_test (tcase, test_wrap__wrapping_keys);
	tcase_add_test (tcase, test_unwrap__damaged);
	tcase_add_test (tcase, test_unwrap__templates);
	tcase_add_loop_test (tcase, test_derive__both_sides, 0, 3);
	tcase_add_test (tcase, test_derive__points);
	tcase_add_test (tcase, test_derive__templates);
	tcase_add_test (tcase, test_generate__templates);
	tcase_add_test (tcase, test_generate__secrets);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
