/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Every mechanism against known answers: in one call and in parts, with buffers that are too small,
 * just large enough, or the input itself. A mechanism without a known answer fails.
 */
#include "config.h"

#include "token-calls.h"
#include "token-fixture.h"

#include "mech-vectors-pair.h"
#include "mech-vectors-secret.h"

#define ROOM 2048 /* more than any answer has */

static const Vector *
vector_at (int i)
{
	return i < (int) N (secret_vectors) ? &secret_vectors[i]
	                                    : &pair_vectors[i - (int) N (secret_vectors)];
}

#define N_VECTORS ((int) (N (secret_vectors) + N (pair_vectors)))

/* --- keys and parameters --- */

typedef struct {
	GByteArray *bytes[16];
	CK_ATTRIBUTE attrs[16];
	CK_ULONG n;
} Attrs;

static void
add_hex (Attrs *attrs, CK_ATTRIBUTE_TYPE type, const char *hex)
{
	GByteArray *bytes;

	if (hex == NULL)
		return;
	attrs->bytes[attrs->n] = bytes = unhex (hex);
	attrs->attrs[attrs->n++] = (CK_ATTRIBUTE){ type, bytes->data, bytes->len };
}

static void
clear_attrs (Attrs *attrs)
{
	for (CK_ULONG i = 0; i < attrs->n; i++)
		g_byte_array_unref (attrs->bytes[i]);
}

static CK_OBJECT_HANDLE
make_half (const TestKey *key, CK_OBJECT_CLASS class)
{
	gboolean private = class == CKO_PRIVATE_KEY, rsa = key->type == CKK_RSA,
		 signs = key->type == CKK_EC_EDWARDS;
	CK_ATTRIBUTE template[32] = {
		ATTR (CKA_CLASS, class),
		ATTR (CKA_KEY_TYPE, key->type),
		ATTR (CKA_PRIVATE, no),
		{ private ? CKA_SIGN : CKA_VERIFY, (void *) &yes, 1 },
	};
	CK_ULONG n = 4;
	Attrs numbers = { 0 };
	CK_OBJECT_HANDLE object;

	if (rsa) {
		template[n++] =
			(CK_ATTRIBUTE){ private ? CKA_DECRYPT : CKA_ENCRYPT, (void *) &yes, 1 };
		template[n++] = (CK_ATTRIBUTE){ private ? CKA_UNWRAP : CKA_WRAP, (void *) &yes, 1 };
		template[n++] = (CK_ATTRIBUTE){ private ? CKA_SIGN_RECOVER : CKA_VERIFY_RECOVER,
			                        (void *) &yes, 1 };
	}
	if (private) {
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_SENSITIVE, no);
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_EXTRACTABLE, yes);
		if (!rsa && !signs)
			template[n++] = (CK_ATTRIBUTE) ATTR (CKA_DERIVE, yes);
		add_hex (&numbers, CKA_VALUE, key->value);
		add_hex (&numbers, CKA_PRIVATE_EXPONENT, key->private_exponent);
		add_hex (&numbers, CKA_PRIME_1, key->prime_1);
		add_hex (&numbers, CKA_PRIME_2, key->prime_2);
		add_hex (&numbers, CKA_EXPONENT_1, key->exponent_1);
		add_hex (&numbers, CKA_EXPONENT_2, key->exponent_2);
		add_hex (&numbers, CKA_COEFFICIENT, key->coefficient);
	} else {
		add_hex (&numbers, CKA_EC_POINT, key->point);
	}
	add_hex (&numbers, CKA_MODULUS, key->modulus);
	add_hex (&numbers, CKA_PUBLIC_EXPONENT, key->public_exponent);
	add_hex (&numbers, CKA_EC_PARAMS, key->params);
	memcpy (template + n, numbers.attrs, numbers.n * sizeof (CK_ATTRIBUTE));
	ck_ok (p11->C_CreateObject (session, template, n + numbers.n, &object));
	clear_attrs (&numbers);
	return object;
}

static gboolean
is_secret (const TestKey *key)
{
	return key->type == CKK_AES || key->type == CKK_GENERIC_SECRET;
}

static void
make_key (const TestKey *key, CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	if (key == NULL) {
		*ret_public = *ret_private = CK_INVALID_HANDLE;
	} else if (is_secret (key)) {
		g_autoptr (GByteArray) value = unhex (key->value);

		*ret_public = *ret_private =
			make_secret (key->type, value->data, value->len, NULL, 0);
	} else {
		*ret_public = make_half (key, CKO_PUBLIC_KEY);
		*ret_private = make_half (key, CKO_PRIVATE_KEY);
	}
}

typedef struct {
	CK_MECHANISM mechanism;
	GByteArray *iv, *aad, *label, *shared, *in;
	union {
		CK_AES_CTR_PARAMS ctr;
		CK_GCM_PARAMS gcm;
		CK_RSA_PKCS_PSS_PARAMS pss;
		CK_RSA_PKCS_OAEP_PARAMS oaep;
		CK_ECDH1_DERIVE_PARAMS ecdh;
		CK_MAC_GENERAL_PARAMS mac_len;
	} u;
} Param;

static void
set_param (Param *param, const Vector *v)
{
	CK_ULONG len = 0;

	if (v->counter_bits > 0) {
		param->u.ctr.ulCounterBits = v->counter_bits;
		memcpy (param->u.ctr.cb, param->iv->data, sizeof param->u.ctr.cb);
		len = sizeof param->u.ctr;
	} else if (v->tag_bits > 0) {
		param->u.gcm =
			(CK_GCM_PARAMS){ param->iv->data,  param->iv->len,  param->iv->len * 8ul,
			                 param->aad->data, param->aad->len, v->tag_bits };
		len = sizeof param->u.gcm;
	} else if (v->mechanism == CKM_RSA_PKCS_OAEP) {
		param->u.oaep = (CK_RSA_PKCS_OAEP_PARAMS){ v->hash, v->mgf, CKZ_DATA_SPECIFIED,
			                                   param->label->data, param->label->len };
		len = sizeof param->u.oaep;
	} else if (v->hash > 0) {
		param->u.pss = (CK_RSA_PKCS_PSS_PARAMS){ v->hash, v->mgf, v->salt_len };
		len = sizeof param->u.pss;
	} else if (v->kdf > 0) {
		param->u.ecdh =
			(CK_ECDH1_DERIVE_PARAMS){ v->kdf, param->shared->len, param->shared->data,
			                          param->in->len, param->in->data };
		len = sizeof param->u.ecdh;
	} else if (v->mac_len > 0) {
		param->u.mac_len = v->mac_len;
		len = sizeof param->u.mac_len;
	}
	param->mechanism = (CK_MECHANISM){ v->mechanism, len > 0 ? &param->u : NULL, len };
	if (len == 0 && param->iv->len > 0)
		param->mechanism = (CK_MECHANISM){ v->mechanism, param->iv->data, param->iv->len };
}

static void
make_param (Param *param, const Vector *v)
{
	param->iv = unhex (v->iv);
	param->aad = unhex (v->aad);
	param->label = unhex (v->label);
	param->shared = unhex (v->shared);
	param->in = unhex (v->in);
	set_param (param, v);
}

static void
clear_param (Param *param)
{
	g_byte_array_unref (param->iv);
	g_byte_array_unref (param->aad);
	g_byte_array_unref (param->label);
	g_byte_array_unref (param->shared);
	g_byte_array_unref (param->in);
}

/* --- one operation --- */

static void
check_bytes (const CK_BYTE *bytes, CK_ULONG len, const GByteArray *expected)
{
	ck_assert_uint_eq (len, expected->len);
	ck_assert_mem_eq (bytes, expected->data, len);
}

/* In one call: asks for the length, comes with too little room, with exactly enough, and then it is
 * over. */
static void
check_once (Call call, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, GByteArray *in,
            GByteArray *expected)
{
	CK_BYTE out[ROOM];
	CK_ULONG len = 0, asked;

	ck_ok (begin (call, mechanism, key));
	ck_rv (begin (call, mechanism, key), CKR_OPERATION_ACTIVE);
	ck_ok (once (call, in->data, in->len, NULL, &len));
	ck_assert_uint_ge (len, expected->len);
	ck_assert_uint_le (len, ROOM);
	asked = len;
	if (expected->len > 0) {
		memset (out, 0x5a, sizeof out);
		len = expected->len - 1;
		ck_rv (once (call, in->data, in->len, out, &len), CKR_BUFFER_TOO_SMALL);
		ck_assert_uint_ge (len, expected->len);
		ck_assert_uint_le (len, asked);
		for (gsize i = 0; i < sizeof out; i++)
			ck_assert_uint_eq (out[i], 0x5a);
	}
	len = expected->len;
	ck_ok (once (call, in->data, in->len, out, &len));
	check_bytes (out, len, expected);
	ck_rv (once (call, in->data, in->len, out, &len), CKR_OPERATION_NOT_INITIALIZED);
}

/* In one call, with more room than needed, over the input: the same memory, or some of it. */
static void
check_in_place (Call call, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, GByteArray *in,
                GByteArray *expected)
{
	static const struct {
		gsize in, out;
	} places[] = { { 0, 0 }, { 0, 5 }, { 5, 0 } };

	for (gsize i = 0; i < N (places); i++) {
		CK_BYTE buffer[ROOM + 5] = { 0 };
		CK_ULONG len = ROOM;

		memcpy (buffer + places[i].in, in->data, in->len);
		ck_ok (begin (call, mechanism, key));
		ck_ok (once (call, buffer + places[i].in, in->len, buffer + places[i].out, &len));
		check_bytes (buffer + places[i].out, len, expected);
	}
}

/* In parts of @part bytes; each output over its input if @in_place, as far as it fits there. */
static void
check_parts (Call call, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, GByteArray *in,
             GByteArray *expected, CK_ULONG part, gboolean in_place)
{
	CK_BYTE out[ROOM], buffer[ROOM];
	CK_ULONG done = 0, len, more = 0;

	ck_ok (begin (call, mechanism, key));
	for (CK_ULONG at = 0; at < in->len; at += part) {
		CK_ULONG n = MIN (part, in->len - at);
		CK_BYTE *to = in_place ? buffer : out + done;

		memcpy (buffer, in->data + at, n);
		len = sizeof out - done;
		ck_ok (update (call, buffer, n, to, &len));
		if (in_place)
			memcpy (out + done, buffer, len);
		done += len;
		if (call == SIGNING || call == DIGESTING)
			continue;
		/* Nothing written is a length query, and changes nothing. */
		ck_ok (update (call, buffer, n, NULL, &more));
	}
	len = 0;
	ck_assert_uint_le (done, expected->len);
	if (done < expected->len) {
		ck_rv (final (call, out + done, &len), CKR_BUFFER_TOO_SMALL);
		ck_assert_uint_ge (len, expected->len - done);
		len = expected->len - done;
	}
	ck_ok (final (call, out + done, &len));
	check_bytes (out, done + len, expected);
	ck_rv (final (call, out, &len), CKR_OPERATION_NOT_INITIALIZED);
}

static gboolean
has_parts (Call call, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	CK_BYTE byte = 0, out[ROOM];
	CK_ULONG len = sizeof out;
	CK_RV rv;

	if (call == RECOVERABLE || call == RECOVERING)
		return FALSE;
	ck_ok (begin (call, mechanism, key));
	rv = update (call, &byte, 1, out, &len);
	ck_assert (rv == CKR_OK || rv == CKR_FUNCTION_NOT_SUPPORTED);
	/* A refused update has ended the operation, another one is cancelled. */
	if (rv == CKR_OK)
		ck_ok (begin (call, NULL, CK_INVALID_HANDLE));
	return rv == CKR_OK;
}

static void
check_call (Call call, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, GByteArray *in,
            GByteArray *expected)
{
	static const CK_ULONG parts[] = { 1, 7, 16, 17, 64, ROOM };

	check_once (call, mechanism, key, in, expected);
	check_in_place (call, mechanism, key, in, expected);
	if (!has_parts (call, mechanism, key))
		return;
	for (gsize i = 0; i < N (parts); i++) {
		check_parts (call, mechanism, key, in, expected, parts[i], FALSE);
		check_parts (call, mechanism, key, in, expected, parts[i], TRUE);
	}
}

/* --- verification --- */

static CK_RV
verify (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, GByteArray *in, CK_BYTE *signature,
        CK_ULONG len)
{
	ck_ok (p11->C_VerifyInit (session, mechanism, key));
	return p11->C_Verify (session, in->data, in->len, signature, len);
}

static CK_RV
verify_parts (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, GByteArray *in, CK_ULONG part,
              GByteArray *signature)
{
	ck_ok (p11->C_VerifyInit (session, mechanism, key));
	for (CK_ULONG at = 0; at < in->len; at += part)
		ck_ok (p11->C_VerifyUpdate (session, in->data + at, MIN (part, in->len - at)));
	return p11->C_VerifyFinal (session, signature->data, signature->len);
}

static void
check_verify (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key, GByteArray *in, GByteArray *signature,
              gboolean parts)
{
	CK_BYTE other[ROOM] = { 0 };

	memcpy (other, signature->data, signature->len);
	ck_ok (verify (mechanism, key, in, other, signature->len));
	ck_rv (p11->C_Verify (session, in->data, in->len, other, signature->len),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (verify (mechanism, key, in, other, signature->len - 1), CKR_SIGNATURE_LEN_RANGE);
	ck_rv (verify (mechanism, key, in, other, signature->len + 1), CKR_SIGNATURE_LEN_RANGE);
	ck_rv (verify (mechanism, key, in, NULL, 0), CKR_SIGNATURE_LEN_RANGE);
	other[signature->len - 1] ^= 1;
	ck_rv (verify (mechanism, key, in, other, signature->len), CKR_SIGNATURE_INVALID);
	/* ECDSA does not look at the end of a long digest. */
	if (in->len > 0) {
		other[signature->len - 1] ^= 1;
		in->data[0] ^= 1;
		ck_rv (verify (mechanism, key, in, other, signature->len), CKR_SIGNATURE_INVALID);
		in->data[0] ^= 1;
	}
	if (!parts)
		return;
	for (CK_ULONG part = 1; part < 70; part += 23)
		ck_ok (verify_parts (mechanism, key, in, part, signature));
}

/* --- what a vector stands for --- */

/* With a mechanism that wraps: the plaintext as a key. */
static void
check_wrap (const Vector *v, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping,
            CK_OBJECT_HANDLE unwrapping, GByteArray *value, GByteArray *expected)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	static const CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	const CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class),  ATTR (CKA_KEY_TYPE, type),   ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes),
	};
	CK_BYTE wrapped[ROOM], read[ROOM];
	CK_ULONG len = 0, asked;
	CK_ATTRIBUTE attr = { CKA_VALUE, read, sizeof read };
	CK_OBJECT_HANDLE key, back;

	if (value->len == 0)
		return;
	key = make_secret (CKK_GENERIC_SECRET, value->data, value->len, NULL, 0);
	ck_ok (p11->C_WrapKey (session, mechanism, wrapping, key, NULL, &len));
	ck_assert_uint_gt (len, 0);
	asked = len--;
	ck_rv (p11->C_WrapKey (session, mechanism, wrapping, key, wrapped, &len),
	       CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, asked);
	ck_ok (p11->C_WrapKey (session, mechanism, wrapping, key, wrapped, &len));
	if (v->what == CRYPT)
		check_bytes (wrapped, len, expected);
	ck_ok (p11->C_UnwrapKey (session, mechanism, unwrapping, wrapped, len,
	                         (CK_ATTRIBUTE *) template, N (template), &back));
	ck_ok (p11->C_GetAttributeValue (session, back, &attr, 1));
	check_bytes (read, attr.ulValueLen, value);
}

static void
check_random_encryption (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE public, CK_OBJECT_HANDLE private,
                         GByteArray *in)
{
	CK_BYTE out[2][ROOM], back[ROOM];
	CK_ULONG len = ROOM, back_len = ROOM;

	for (int i = 0; i < 2; i++) {
		len = ROOM;
		ck_ok (p11->C_EncryptInit (session, mechanism, public));
		ck_ok (p11->C_Encrypt (session, in->data, in->len, out[i], &len));
	}
	ck_assert_mem_ne (out[0], out[1], len);
	ck_ok (p11->C_DecryptInit (session, mechanism, private));
	ck_ok (p11->C_Decrypt (session, out[1], len, back, &back_len));
	check_bytes (back, back_len, in);
	out[1][len - 1] ^= 1;
	out[1][0] = 0;
	back_len = ROOM;
	ck_ok (p11->C_DecryptInit (session, mechanism, private));
	if (p11->C_Decrypt (session, out[1], len, back, &back_len) == CKR_OK)
		/* libcrypto with implicit rejection makes up a message for PKCS #1 v1.5. */
		ck_assert (mechanism->mechanism == CKM_RSA_PKCS &&
		           (back_len != in->len || memcmp (back, in->data, back_len) != 0));
	ck_ok (p11->C_DecryptInit (session, mechanism, private));
	ck_rv (p11->C_Decrypt (session, out[0], len - 1, back, &back_len),
	       CKR_ENCRYPTED_DATA_LEN_RANGE);
}

static void
check_random_signature (CK_MECHANISM *mechanism, CK_OBJECT_HANDLE public, CK_OBJECT_HANDLE private,
                        GByteArray *in, gsize signature_len, gboolean parts)
{
	g_autoptr (GByteArray) signature = g_byte_array_new ();
	CK_BYTE first[ROOM];
	CK_ULONG len = 0;

	g_byte_array_set_size (signature, ROOM);
	ck_ok (p11->C_SignInit (session, mechanism, private));
	ck_ok (p11->C_Sign (session, in->data, in->len, NULL, &len));
	ck_assert_uint_eq (len, signature_len);
	len--;
	ck_rv (p11->C_Sign (session, in->data, in->len, first, &len), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (len, signature_len);
	ck_ok (p11->C_Sign (session, in->data, in->len, first, &len));
	ck_ok (verify (mechanism, public, in, first, len));
	len = ROOM;
	ck_ok (p11->C_SignInit (session, mechanism, private));
	if (parts) {
		ck_ok (p11->C_SignUpdate (session, in->data, in->len / 2));
		ck_ok (p11->C_SignUpdate (session, in->data + in->len / 2, in->len - in->len / 2));
		ck_ok (p11->C_SignFinal (session, signature->data, &len));
	} else {
		ck_ok (p11->C_Sign (session, in->data, in->len, signature->data, &len));
	}
	g_byte_array_set_size (signature, (guint) len);
	ck_assert_uint_eq (len, signature_len);
	ck_assert_mem_ne (first, signature->data, len);
	check_verify (mechanism, public, in, signature, parts);
}

static void
check_derive (const Vector *v, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base, GByteArray *expected)
{
	const CK_ATTRIBUTE template[] = {
		ATTR (CKA_VALUE_LEN, v->value_len),
		ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no),
		ATTR (CKA_EXTRACTABLE, yes),
	};
	CK_BYTE read[ROOM];
	CK_ATTRIBUTE attr = { CKA_VALUE, read, sizeof read };
	CK_OBJECT_HANDLE key;

	ck_ok (p11->C_DeriveKey (session, mechanism, base, (CK_ATTRIBUTE *) template, N (template),
	                         &key));
	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	check_bytes (read, attr.ulValueLen, expected);
}

static CK_FLAGS
flags_of (CK_MECHANISM_TYPE type)
{
	CK_MECHANISM_INFO info;
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n));
	ck_ok (p11->C_GetMechanismInfo (slot, type, &info));
	return info.flags;
}

START_TEST (test_vector)
{
	const Vector *v = vector_at (_i);
	g_autoptr (GByteArray) out = unhex (v->out);
	gboolean wraps = (flags_of (v->mechanism) & CKF_WRAP) != 0;
	CK_OBJECT_HANDLE public, private;
	Param param;

	make_param (&param, v);
	make_key (v->key, &public, &private);
	switch (v->what) {
	case CRYPT:
		check_call (ENCRYPTING, &param.mechanism, public, param.in, out);
		check_call (DECRYPTING, &param.mechanism, private, out, param.in);
		break;
	case DECRYPT:
		check_call (DECRYPTING, &param.mechanism, private, out, param.in);
		check_random_encryption (&param.mechanism, public, private, param.in);
		break;
	case DIGEST:
		check_call (DIGESTING, &param.mechanism, CK_INVALID_HANDLE, param.in, out);
		break;
	case SIGN:
		check_call (SIGNING, &param.mechanism, private, param.in, out);
		check_verify (&param.mechanism, public, param.in, out,
		              has_parts (SIGNING, &param.mechanism, private));
		break;
	case VERIFY:
		check_verify (&param.mechanism, public, param.in, out,
		              has_parts (SIGNING, &param.mechanism, private));
		check_random_signature (&param.mechanism, public, private, param.in, out->len,
		                        has_parts (SIGNING, &param.mechanism, private));
		break;
	case RECOVER:
		check_call (RECOVERABLE, &param.mechanism, private, param.in, out);
		check_call (RECOVERING, &param.mechanism, public, out, param.in);
		break;
	case DERIVE:
		check_derive (v, &param.mechanism, private, out);
		break;
	}
	if (wraps && (v->what == CRYPT || v->what == DECRYPT))
		check_wrap (v, &param.mechanism, public, private, param.in, out);
	clear_param (&param);
}
END_TEST

/* --- generation: no answer is known, but what an answer must be like --- */

static void
check_generated_secret (CK_MECHANISM_TYPE type, CK_KEY_TYPE key_type, CK_ULONG value_len)
{
	const CK_ATTRIBUTE template[] = {
		ATTR (CKA_VALUE_LEN, value_len),
		ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no),
		ATTR (CKA_EXTRACTABLE, yes),
	};
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_BYTE value[2][ROOM];
	CK_KEY_TYPE made_type;
	CK_OBJECT_HANDLE key;

	for (int i = 0; i < 2; i++) {
		CK_ATTRIBUTE attrs[] = { { CKA_VALUE, value[i], ROOM },
			                 ATTR (CKA_KEY_TYPE, made_type) };

		ck_ok (p11->C_GenerateKey (session, &mechanism, (CK_ATTRIBUTE *) template,
		                           N (template), &key));
		ck_ok (p11->C_GetAttributeValue (session, key, attrs, 2));
		ck_assert_uint_eq (attrs[0].ulValueLen, value_len);
		ck_assert_uint_eq (made_type, key_type);
	}
	ck_assert_mem_ne (value[0], value[1], value_len);
}

static void
generate_aes (void)
{
	check_generated_secret (CKM_AES_KEY_GEN, CKK_AES, 16);
	check_generated_secret (CKM_AES_KEY_GEN, CKK_AES, 24);
	check_generated_secret (CKM_AES_KEY_GEN, CKK_AES, 32);
}

static void
generate_generic (void)
{
	check_generated_secret (CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, 20);
	check_generated_secret (CKM_GENERIC_SECRET_KEY_GEN, CKK_GENERIC_SECRET, 1024);
}

/* A pair signs and verifies, and does so only with its own other half. */
static void
check_pair (CK_MECHANISM_TYPE type, const CK_ATTRIBUTE *public_extra, CK_ULONG n_extra,
            CK_MECHANISM_TYPE sign_type, CK_ULONG signature_len)
{
	CK_ATTRIBUTE public_template[8] = { ATTR (CKA_VERIFY, yes), ATTR (CKA_PRIVATE, no) };
	const CK_ATTRIBUTE private_template[] = { ATTR (CKA_SIGN, yes), ATTR (CKA_PRIVATE, no),
		                                  ATTR (CKA_SENSITIVE, no),
		                                  ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM mechanism = { type, NULL, 0 }, sign = { sign_type, NULL, 0 };
	g_autoptr (GByteArray) data = unhex ("00112233445566778899aabbccddeeff");
	CK_OBJECT_HANDLE public[2], private[2];
	CK_BYTE signature[ROOM];

	memcpy (public_template + 2, public_extra, n_extra * sizeof (CK_ATTRIBUTE));
	for (int i = 0; i < 2; i++) {
		CK_ULONG len = sizeof signature;

		ck_ok (p11->C_GenerateKeyPair (session, &mechanism, public_template, 2 + n_extra,
		                               (CK_ATTRIBUTE *) private_template,
		                               N (private_template), &public[i], &private[i]));
		ck_ok (p11->C_SignInit (session, &sign, private[i]));
		ck_ok (p11->C_Sign (session, data->data, data->len, signature, &len));
		ck_assert_uint_eq (len, signature_len);
		ck_ok (verify (&sign, public[i], data, signature, len));
	}
	ck_rv (verify (&sign, public[0], data, signature, signature_len), CKR_SIGNATURE_INVALID);
}

static void
generate_rsa (void)
{
	static const CK_ULONG bits = 2048;
	static const CK_BYTE three[] = { 0x03 }, f4[] = { 0x00, 0x01, 0x00, 0x01 };
	const CK_ATTRIBUTE plain[] = { ATTR (CKA_MODULUS_BITS, bits) };
	const CK_ATTRIBUTE small[] = { ATTR (CKA_MODULUS_BITS, bits),
		                       ATTR (CKA_PUBLIC_EXPONENT, three) };
	const CK_ATTRIBUTE padded[] = { ATTR (CKA_MODULUS_BITS, bits),
		                        ATTR (CKA_PUBLIC_EXPONENT, f4) };

	check_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, plain, 1, CKM_SHA256_RSA_PKCS, 256);
	check_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, small, 2, CKM_SHA256_RSA_PKCS, 256);
	check_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, padded, 2, CKM_SHA256_RSA_PKCS, 256);
}

static void
check_curve (CK_MECHANISM_TYPE type, const char *params_hex, CK_MECHANISM_TYPE sign_type,
             CK_ULONG signature_len)
{
	g_autoptr (GByteArray) params = unhex (params_hex);
	const CK_ATTRIBUTE extra = { CKA_EC_PARAMS, params->data, params->len };

	check_pair (type, &extra, 1, sign_type, signature_len);
}

static void
generate_ec (void)
{
	check_curve (CKM_EC_KEY_PAIR_GEN, "06082a8648ce3d030107", CKM_ECDSA, 64);
	check_curve (CKM_EC_KEY_PAIR_GEN, "06052b81040022", CKM_ECDSA, 96);
	check_curve (CKM_EC_KEY_PAIR_GEN, "06052b81040023", CKM_ECDSA_SHA512, 132);
}

static void
generate_edwards (void)
{
	check_curve (CKM_EC_EDWARDS_KEY_PAIR_GEN, "06032b6570", CKM_EDDSA, 64);
	/* PrintableString "edwards25519" */
	check_curve (CKM_EC_EDWARDS_KEY_PAIR_GEN, "130c656477617264733235353139", CKM_EDDSA, 64);
}

static const struct {
	CK_MECHANISM_TYPE type;
	void (*check) (void);
} generations[] = {
	{ CKM_AES_KEY_GEN, generate_aes },
	{ CKM_GENERIC_SECRET_KEY_GEN, generate_generic },
	{ CKM_RSA_PKCS_KEY_PAIR_GEN, generate_rsa },
	{ CKM_EC_KEY_PAIR_GEN, generate_ec },
	{ CKM_EC_EDWARDS_KEY_PAIR_GEN, generate_edwards },
};

START_TEST (test_generation)
{
	generations[_i].check ();
}
END_TEST

/* --- all rows --- */

static CK_FLAGS
flags_tested (CK_MECHANISM_TYPE type)
{
	static const CK_FLAGS by_what[] = {
		[CRYPT] = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,
		[DECRYPT] = CKF_ENCRYPT | CKF_DECRYPT | CKF_WRAP | CKF_UNWRAP,
		[DIGEST] = CKF_DIGEST,
		[SIGN] = CKF_SIGN | CKF_VERIFY,
		[VERIFY] = CKF_SIGN | CKF_VERIFY,
		[RECOVER] = CKF_SIGN_RECOVER | CKF_VERIFY_RECOVER,
		[DERIVE] = CKF_DERIVE,
	};
	CK_FLAGS flags = 0;

	for (int i = 0; i < N_VECTORS; i++)
		if (vector_at (i)->mechanism == type)
			flags |= by_what[vector_at (i)->what];
	for (gsize i = 0; i < N (generations); i++)
		if (generations[i].type == type)
			flags |= CKF_GENERATE | CKF_GENERATE_KEY_PAIR;
	return flags;
}

START_TEST (test_rows__all_have_answers)
{
	const CK_FLAGS uses = CKF_ENCRYPT | CKF_DECRYPT | CKF_DIGEST | CKF_SIGN | CKF_SIGN_RECOVER |
	                      CKF_VERIFY | CKF_VERIFY_RECOVER | CKF_GENERATE |
	                      CKF_GENERATE_KEY_PAIR | CKF_WRAP | CKF_UNWRAP | CKF_DERIVE;
	CK_MECHANISM_TYPE types[512];
	CK_ULONG n = N (types), n_slots = 1;
	CK_SLOT_ID slot;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots));
	ck_ok (p11->C_GetMechanismList (slot, types, &n));
	ck_assert_uint_gt (n, 40);
	for (CK_ULONG i = 0; i < n; i++) {
		CK_FLAGS flags = flags_of (types[i]) & uses;

		ck_assert_msg (flags != 0, "mechanism 0x%lx does nothing", types[i]);
		ck_assert_msg ((flags & ~flags_tested (types[i])) == 0,
		               "mechanism 0x%lx: no answer for flags 0x%lx", types[i],
		               flags & ~flags_tested (types[i]));
		for (CK_ULONG j = 0; j < i; j++)
			ck_assert_msg (types[i] != types[j], "mechanism 0x%lx has two rows",
			               types[i]);
	}
}
END_TEST

/* What the flags do not have is refused, whatever the key. */
START_TEST (test_rows__flags_are_kept)
{
	static const struct {
		CK_FLAGS flag;
		Call call;
	} calls[] = {
		{ CKF_ENCRYPT, ENCRYPTING },       { CKF_DECRYPT, DECRYPTING },
		{ CKF_DIGEST, DIGESTING },         { CKF_SIGN, SIGNING },
		{ CKF_SIGN_RECOVER, RECOVERABLE }, { CKF_VERIFY_RECOVER, RECOVERING },
	};
	CK_MECHANISM_TYPE types[512];
	CK_ULONG n = N (types), n_slots = 1;
	CK_SLOT_ID slot;
	CK_OBJECT_HANDLE public, private;

	make_key (&aes_128, &public, &private);
	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots));
	ck_ok (p11->C_GetMechanismList (slot, types, &n));
	for (CK_ULONG i = 0; i < n; i++) {
		for (gsize j = 0; j < N (calls); j++) {
			CK_MECHANISM mechanism = { types[i], NULL, 0 };

			if ((flags_of (types[i]) & calls[j].flag) == 0)
				ck_rv (begin (calls[j].call, &mechanism, private),
				       CKR_MECHANISM_INVALID);
		}
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mech");
	TCase *tcase = tcase_create ("mech");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_set_timeout (tcase, 240);
	tcase_add_test (tcase, test_rows__all_have_answers);
	tcase_add_test (tcase, test_rows__flags_are_kept);
	tcase_add_loop_test (tcase, test_vector, 0, N_VECTORS);
	tcase_add_loop_test (tcase, test_generation, 0, (int) N (generations));
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
