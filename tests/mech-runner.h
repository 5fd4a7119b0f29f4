/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What one vector of mech-vectors.h stands for, run: in one call and in parts, with buffers that are
 * too small, just large enough, or the input itself. For test-mech.c and its like.
 */
#ifndef CRATON_TEST_MECH_RUNNER_H
#define CRATON_TEST_MECH_RUNNER_H

#include "mech-keys.h"
#include "mech-vectors.h"
#include "token-calls.h"

#define ROOM 2048 /* more than any answer has */

/* --- parameters --- */

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
		CK_BYTE copy[128];
	} u;
} Param;

/* A copy of the parameter with the handles of other keys in it. */
static void
set_others (Param *param, const Vector *v)
{
	CK_OBJECT_HANDLE public, private;

	ck_assert_uint_le (v->param_len, sizeof param->u.copy);
	memcpy (param->u.copy, v->param, v->param_len);
	for (gsize i = 0; i < N (v->others) && v->others[i] != NULL; i++) {
		make_key (v->others[i], &public, &private);
		memcpy (param->u.copy + v->other_offsets[i], &private, sizeof private);
	}
	param->mechanism.pParameter = param->u.copy;
}

static void
set_param (Param *param, const Vector *v)
{
	CK_ULONG len = 0;

	if (v->param != NULL) {
		param->mechanism = (CK_MECHANISM){ v->mechanism, (void *) v->param, v->param_len };
		if (v->others[0] != NULL)
			set_others (param, v);
		return;
	}
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
	rv = update (call, &byte, 0, out, &len);
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
	CK_ULONG value_len = value->len;
	const CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class),  ATTR (CKA_KEY_TYPE, type),   ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes),
		{ CKA_VALUE_LEN, &value_len, sizeof value_len },
	};
	CK_BYTE wrapped[ROOM], read[ROOM];
	CK_ULONG len = 0, asked;
	CK_ATTRIBUTE attr = { CKA_VALUE, read, sizeof read };
	CK_OBJECT_HANDLE key, back;
	CK_RV rv;

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
	rv = p11->C_UnwrapKey (session, mechanism, unwrapping, wrapped, len,
	                       (CK_ATTRIBUTE *) template, N (template) - 1, &back);
	/* A number does not tell its length, nor does what was filled up with nulls. */
	if (rv == CKR_TEMPLATE_INCOMPLETE)
		rv = p11->C_UnwrapKey (session, mechanism, unwrapping, wrapped, len,
		                       (CK_ATTRIBUTE *) template, N (template), &back);
	ck_ok (rv);
	ck_ok (p11->C_GetAttributeValue (session, back, &attr, 1));
	check_bytes (read, attr.ulValueLen, value);
}

/* Unwraps what others have wrapped, and what it has wrapped itself; a key of a type that the vector
 * names is a private one. */
static void
check_unwrap (const Vector *v, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE wrapping,
              CK_OBJECT_HANDLE unwrapping, GByteArray *value, GByteArray *blob)
{
	const CK_OBJECT_CLASS class = v->key_type > 0 ? CKO_PRIVATE_KEY : CKO_SECRET_KEY;
	const CK_KEY_TYPE type = v->key_type > 0 ? v->key_type : CKK_GENERIC_SECRET;
	const CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class),  ATTR (CKA_KEY_TYPE, type),   ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no), ATTR (CKA_EXTRACTABLE, yes),
	};
	CK_BYTE wrapped[2][ROOM], read[ROOM];
	CK_ULONG len = blob->len, room, asked;
	CK_OBJECT_HANDLE key;

	memcpy (wrapped[0], blob->data, blob->len);
	for (int i = 0; i < 3; i++) {
		CK_ATTRIBUTE attr = { CKA_VALUE, read, sizeof read };

		ck_ok (p11->C_UnwrapKey (session, mechanism, unwrapping, wrapped[i % 2], len,
		                         (CK_ATTRIBUTE *) template, N (template), &key));
		ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
		check_bytes (read, attr.ulValueLen, value);
		ck_ok (p11->C_WrapKey (session, mechanism, wrapping, key, NULL, &asked));
		room = asked - 1;
		ck_rv (p11->C_WrapKey (session, mechanism, wrapping, key, wrapped[1 - i % 2],
		                       &room),
		       CKR_BUFFER_TOO_SMALL);
		ck_assert_uint_eq (room, asked);
		ck_ok (p11->C_WrapKey (session, mechanism, wrapping, key, wrapped[1 - i % 2],
		                       &room));
		ck_assert_uint_eq (room, asked);
		ck_assert_mem_ne (wrapped[0], wrapped[1], asked);
		len = room;
	}
	for (CK_ULONG i = 0; i < 5; i++) {
		CK_ULONG at = i * (len - 1) / 4;

		wrapped[1][at] ^= 1;
		ck_rv (p11->C_UnwrapKey (session, mechanism, unwrapping, wrapped[1], len,
		                         (CK_ATTRIBUTE *) template, N (template), &key),
		       CKR_WRAPPED_KEY_INVALID);
		wrapped[1][at] ^= 1;
	}
}

/* What the public half is said to be is what the private one gives. */
static void
check_public_half (const Vector *v, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE private)
{
	const struct {
		CK_ATTRIBUTE_TYPE type;
		const char *hex;
	} numbers[] = {
		{ CKA_MODULUS, v->key->modulus },    { CKA_PUBLIC_EXPONENT, v->key->public_exponent },
		{ CKA_EC_PARAMS, v->key->params },   { CKA_EC_POINT, v->key->point },
		{ CKA_PRIME, v->key->prime },        { CKA_SUBPRIME, v->key->subprime },
		{ CKA_BASE, v->key->base },          { CKA_VALUE, v->key->public_value },
	};
	CK_OBJECT_HANDLE public;
	CK_BYTE read[ROOM];

	ck_ok (p11->C_DeriveKey (session, mechanism, private, NULL, 0, &public));
	for (gsize i = 0; i < N (numbers); i++) {
		CK_ATTRIBUTE attr = { numbers[i].type, read, sizeof read };
		g_autoptr (GByteArray) number = unhex (numbers[i].hex);

		if (number->len == 0)
			continue;
		ck_ok (p11->C_GetAttributeValue (session, public, &attr, 1));
		/* A point may be in DER or not. */
		ck_assert_uint_ge (attr.ulValueLen, number->len);
		ck_assert (attr.ulValueLen == number->len ||
		           (numbers[i].type == CKA_EC_POINT && attr.ulValueLen <= number->len + 3));
		ck_assert_mem_eq (read + attr.ulValueLen - number->len, number->data, number->len);
	}
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

/* The length and the type of a key that is to be made and shown, as far as the vector names them. */
static CK_ULONG
readable_template (const Vector *v, CK_ATTRIBUTE *template)
{
	CK_ULONG n = 0;

	template[n++] = (CK_ATTRIBUTE) ATTR (CKA_PRIVATE, no);
	if (v->what != DERIVE_DATA) {
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_SENSITIVE, no);
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_EXTRACTABLE, yes);
	}
	if (v->value_len > 0)
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_VALUE_LEN, v->value_len);
	if (v->key_type > 0)
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_KEY_TYPE, v->key_type);
	return n;
}

static CK_ULONG
read_value (CK_OBJECT_HANDLE key, CK_BYTE *ret, CK_ULONG room)
{
	CK_ATTRIBUTE attr = { CKA_VALUE, ret, room };

	ck_ok (p11->C_GetAttributeValue (session, key, &attr, 1));
	return attr.ulValueLen;
}

static void
check_derive (const Vector *v, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base, GByteArray *expected)
{
	CK_ATTRIBUTE template[8];
	CK_ULONG n = readable_template (v, template);
	CK_BYTE read[ROOM];
	CK_OBJECT_HANDLE key;

	ck_ok (p11->C_DeriveKey (session, mechanism, base, template, n, &key));
	check_bytes (read, read_value (key, read, sizeof read), expected);
}

/* No handle comes back but those in the parameter; absent keys are no handles. */
static void
check_key_mat (const Vector *v, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base,
               GByteArray *expected)
{
	const CK_TLS12_KEY_MAT_PARAMS *params = mechanism->pParameter;
	const CK_SSL3_KEY_MAT_OUT *out = params->pReturnedKeyMaterial;
	const CK_OBJECT_HANDLE *keys[] = { &out->hClientMacSecret, &out->hServerMacSecret,
		                           &out->hClientKey, &out->hServerKey };
	CK_ATTRIBUTE template[8];
	CK_ULONG n = readable_template (v, template), len = 0, iv_len = params->ulIVSizeInBits / 8;
	CK_BYTE read[ROOM];

	ck_ok (p11->C_DeriveKey (session, mechanism, base, template, n, NULL));
	for (gsize i = 0; i < N (keys); i++)
		if (*keys[i] != CK_INVALID_HANDLE)
			len += read_value (*keys[i], read + len, sizeof read - len);
	if (mechanism->mechanism == CKM_TLS12_KEY_AND_MAC_DERIVE && iv_len > 0) {
		memcpy (read + len, out->pIVClient, iv_len);
		memcpy (read + len + iv_len, out->pIVServer, iv_len);
		len += 2 * iv_len;
	}
	check_bytes (read, len, expected);
}

static void
check_generate (const Vector *v, CK_MECHANISM *mechanism, GByteArray *expected)
{
	CK_ATTRIBUTE template[8];
	CK_ULONG n = readable_template (v, template), len;
	CK_BYTE read[ROOM];
	CK_OBJECT_HANDLE key;

	ck_ok (p11->C_GenerateKey (session, mechanism, template, n, &key));
	len = read_value (key, read, sizeof read);
	if (v->back != NULL) {
		ck_assert_uint_le (len, expected->len);
		memcpy (read + len, v->back, expected->len - len);
		len = expected->len;
	}
	check_bytes (read, len, expected);
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

/* What the libcrypto that runs does not have. */
static void
check_refused (const Vector *v, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE public,
               CK_OBJECT_HANDLE private)
{
	ck_assert (v->what == SIGN);
	ck_rv (p11->C_SignInit (session, mechanism, private), CKR_MECHANISM_PARAM_INVALID);
	ck_rv (p11->C_VerifyInit (session, mechanism, public), CKR_MECHANISM_PARAM_INVALID);
}

G_GNUC_UNUSED static void
run_vector (const Vector *v)
{
	g_autoptr (GByteArray) out = unhex (v->out);
	gboolean wraps = (flags_of (v->mechanism) & CKF_WRAP) != 0;
	CK_OBJECT_HANDLE public, private;
	Param param;

	make_param (&param, v);
	make_key (v->key, &public, &private);
	if (v->available != NULL && !v->available ()) {
		check_refused (v, &param.mechanism, public, private);
		clear_param (&param);
		return;
	}
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
	case DERIVE_DATA:
		check_derive (v, &param.mechanism, private, out);
		break;
	case KEY_MAT:
		check_key_mat (v, &param.mechanism, private, out);
		break;
	case UNWRAP:
		check_unwrap (v, &param.mechanism, public, private, param.in, out);
		break;
	case PUBLIC_HALF:
		check_public_half (v, &param.mechanism, private);
		break;
	case GENERATE:
		check_generate (v, &param.mechanism, out);
		break;
	}
	if (wraps && (v->what == CRYPT || v->what == DECRYPT))
		check_wrap (v, &param.mechanism, public, private, param.in, out);
	clear_param (&param);
}

#endif /* CRATON_TEST_MECH_RUNNER_H */
