/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The message-based calls: known answers in one piece and in parts, what is wrong, IVs that are made,
 * and the order of calls.
 */
#include "config.h"

#include "message-vectors.h"

#define ROOM 256

/* Both directions with one shape. */
typedef struct {
	CK_RV (*init) (CK_SESSION_HANDLE, CK_MECHANISM *, CK_OBJECT_HANDLE);
	CK_RV (*once)
	(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *,
	 CK_ULONG *);
	CK_RV (*begin) (CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *, CK_ULONG);
	CK_RV (*next)
	(CK_SESSION_HANDLE, void *, CK_ULONG, CK_BYTE *, CK_ULONG, CK_BYTE *, CK_ULONG *, CK_FLAGS);
	CK_RV (*final) (CK_SESSION_HANDLE);
} Way;

static Way
way (gboolean encrypts)
{
	if (encrypts)
		return (Way){ p11->C_MessageEncryptInit, p11->C_EncryptMessage,
			      p11->C_EncryptMessageBegin, p11->C_EncryptMessageNext,
			      p11->C_MessageEncryptFinal };
	return (Way){ p11->C_MessageDecryptInit, p11->C_DecryptMessage, p11->C_DecryptMessageBegin,
		      p11->C_DecryptMessageNext, p11->C_MessageDecryptFinal };
}

static CK_RV
init (const Way *w, Case *c)
{
	CK_MECHANISM mechanism = { c->v->mechanism, &c->u, c->param_len };

	return w->init (session, &mechanism, c->key);
}

static CK_RV
once (const Way *w, Case *c, GByteArray *in, CK_BYTE *out, CK_ULONG *len)
{
	return w->once (session, &c->u, c->param_len, c->aad->data, c->aad->len, in->data, in->len,
	                out, len);
}

/* Puts the right tag there for decryption, and something else for encryption. */
static void
set_tag (Case *c, gboolean encrypts)
{
	memset (c->tag_room, 0x5a, sizeof c->tag_room);
	if (!encrypts)
		memcpy (c->tag_room, c->tag->data, c->tag->len);
}

static void
check_tag (const Case *c)
{
	ck_assert_mem_eq (c->tag_room, c->tag->data, c->tag->len);
}

static void
check_once (gboolean encrypts, Case *c)
{
	GByteArray *in = encrypts ? c->plain : c->encrypted,
		   *expected = encrypts ? c->encrypted : c->plain;
	Way w = way (encrypts);
	CK_BYTE out[ROOM];
	CK_ULONG len = 1;

	ck_ok (init (&w, c));
	ck_rv (init (&w, c), CKR_OPERATION_ACTIVE);
	/* Twice: the process goes on. */
	for (int i = 0; i < 2; i++) {
		set_tag (c, encrypts);
		ck_ok (once (&w, c, in, NULL, &len));
		ck_assert_uint_eq (len, expected->len);
		memset (out, 0x33, sizeof out);
		if (len > 0) {
			len--;
			ck_rv (once (&w, c, in, out, &len), CKR_BUFFER_TOO_SMALL);
			ck_assert_uint_eq (len, expected->len);
			ck_assert_uint_eq (out[0], 0x33);
		}
		ck_ok (once (&w, c, in, out, &len));
		ck_assert_uint_eq (len, expected->len);
		ck_assert_mem_eq (out, expected->data, len);
		ck_assert_uint_eq (out[len], 0x33);
		check_tag (c);
	}
	/* In place, and over a part of the input. */
	for (gsize shift = 0; shift < 10; shift += 5) {
		set_tag (c, encrypts);
		memcpy (out, in->data, in->len);
		len = ROOM - shift;
		ck_ok (w.once (session, &c->u, c->param_len, c->aad->data, c->aad->len, out,
		               in->len, out + shift, &len));
		ck_assert_mem_eq (out + shift, expected->data, expected->len);
		check_tag (c);
	}
	ck_ok (w.final (session));
	ck_rv (w.final (session), CKR_OPERATION_NOT_INITIALIZED);
}

START_TEST (test_message__vector)
{
	g_auto (Case) c;

	case_init (&c, &message_vectors[_i]);
	check_once (TRUE, &c);
	check_once (FALSE, &c);
}
END_TEST

static void
check_parts (gboolean encrypts, Case *c, CK_ULONG part)
{
	GByteArray *in = encrypts ? c->plain : c->encrypted,
		   *expected = encrypts ? c->encrypted : c->plain;
	Way w = way (encrypts);
	CK_BYTE out[ROOM] = { 0 };
	CK_ULONG len, at = 0, done = 0, asked;

	set_tag (c, encrypts);
	ck_ok (w.begin (session, &c->u, c->param_len, c->aad->data, c->aad->len));
	ck_rv (w.begin (session, &c->u, c->param_len, NULL, 0), CKR_OPERATION_ACTIVE);
	len = ROOM;
	ck_rv (once (&w, c, in, out, &len), CKR_OPERATION_ACTIVE);
	do {
		CK_ULONG n = MIN (part, in->len - at);
		CK_FLAGS flags = at + n == in->len ? CKF_END_OF_MESSAGE : 0;

		ck_ok (w.next (session, &c->u, c->param_len, in->data + at, n, NULL, &asked,
		               flags));
		if (asked > 0) {
			len = asked - 1;
			ck_rv (w.next (session, &c->u, c->param_len, in->data + at, n, out + done,
			               &len, flags),
			       CKR_BUFFER_TOO_SMALL);
			ck_assert_uint_eq (len, asked);
		}
		len = asked;
		ck_ok (w.next (session, &c->u, c->param_len, in->data + at, n, out + done, &len,
		               flags));
		ck_assert_uint_eq (len, asked);
		at += n;
		done += len;
	} while (at < in->len);
	ck_assert_uint_eq (done, expected->len);
	ck_assert_mem_eq (out, expected->data, done);
	check_tag (c);
	ck_rv (w.next (session, &c->u, c->param_len, in->data, 0, out, &len, 0),
	       CKR_OPERATION_NOT_INITIALIZED);
}

START_TEST (test_message__parts)
{
	static const CK_ULONG parts[] = { 1, 7, 16, 17, 64, ROOM };
	g_auto (Case) c;

	case_init (&c, &message_vectors[_i]);
	for (int encrypts = 0; encrypts < 2; encrypts++) {
		Way w = way (encrypts);

		ck_ok (init (&w, &c));
		for (gsize i = 0; i < N (parts); i++)
			check_parts (encrypts, &c, parts[i]);
		ck_ok (w.final (session));
	}
}
END_TEST

/* Bits changed anywhere: nothing comes out, and the next message is served. */
START_TEST (test_message__tampered)
{
	g_auto (Case) c;
	GByteArray *places[4];
	Way w = way (FALSE);
	CK_BYTE out[ROOM];
	CK_ULONG len;

	case_init (&c, &message_vectors[_i]);
	places[0] = c.iv;
	places[1] = c.aad;
	places[2] = c.encrypted;
	places[3] = c.tag;
	ck_ok (init (&w, &c));
	for (gsize i = 0; i < N (places); i++) {
		if (places[i]->len == 0)
			continue;
		places[i]->data[places[i]->len - 1] ^= 0x10;
		set_tag (&c, FALSE);
		memset (out, 0x33, sizeof out);
		len = sizeof out;
		ck_rv (once (&w, &c, c.encrypted, out, &len), CKR_AEAD_DECRYPT_FAILED);
		for (gsize j = 0; j < sizeof out; j++)
			ck_assert_uint_eq (out[j], 0x33);
		/* In parts the last one stays inside. */
		set_tag (&c, FALSE);
		len = sizeof out;
		ck_ok (w.begin (session, &c.u, c.param_len, c.aad->data, c.aad->len));
		ck_rv (w.next (session, &c.u, c.param_len, c.encrypted->data, c.encrypted->len, out,
		               &len, CKF_END_OF_MESSAGE),
		       CKR_AEAD_DECRYPT_FAILED);
		ck_assert_uint_eq (out[0], 0x33);
		places[i]->data[places[i]->len - 1] ^= 0x10;
		set_tag (&c, FALSE);
		ck_ok (once (&w, &c, c.encrypted, out, &len));
		ck_assert_mem_eq (out, c.plain->data, len);
	}
	ck_ok (w.final (session));
}
END_TEST

START_TEST (test_message__bad_parameters)
{
	g_auto (Case) c;
	Way w = way (TRUE);
	CK_BYTE out[ROOM];
	CK_ULONG len = sizeof out;

	case_init (&c, &message_vectors[0]);
	ck_ok (init (&w, &c));
#define REFUSED(field, value, rv)                                 \
	do {                                                      \
		case_param (&c);                                  \
		c.u.gcm.field = value;                            \
		ck_rv (once (&w, &c, c.plain, out, &len), rv);    \
		ck_rv (w.begin (session, &c.u, c.param_len, NULL, 0), rv); \
	} while (0)
	REFUSED (ulIvLen, 0, CKR_MECHANISM_PARAM_INVALID);
	REFUSED (ulTagBits, 0, CKR_MECHANISM_PARAM_INVALID);
	REFUSED (ulTagBits, 40, CKR_MECHANISM_PARAM_INVALID);
	REFUSED (ulTagBits, 127, CKR_MECHANISM_PARAM_INVALID);
	REFUSED (ivGenerator, 5, CKR_MECHANISM_PARAM_INVALID);
	case_param (&c);
	ck_rv (w.once (session, NULL, 0, NULL, 0, c.plain->data, 16, out, &len),
	       CKR_MECHANISM_PARAM_INVALID);
	ck_rv (w.once (session, &c.u, c.param_len, NULL, 0, NULL, 16, out, &len),
	       CKR_ARGUMENTS_BAD);
	ck_rv (w.once (session, &c.u, c.param_len, NULL, 5, c.plain->data, 16, out, &len),
	       CKR_ARGUMENTS_BAD);
	ck_rv (w.once (session, &c.u, c.param_len, NULL, 0, c.plain->data, 16, out, NULL),
	       CKR_ARGUMENTS_BAD);
	ck_ok (w.begin (session, &c.u, c.param_len, NULL, 0));
	ck_rv (w.next (session, &c.u, c.param_len, c.plain->data, 16, out, &len, 2),
	       CKR_ARGUMENTS_BAD);
	/* That was the end of the message, not of the process. */
	ck_rv (w.next (session, &c.u, c.param_len, c.plain->data, 16, out, &len, 0),
	       CKR_OPERATION_NOT_INITIALIZED);
	len = sizeof out;
	ck_ok (once (&w, &c, c.plain, out, &len));
	check_tag (&c);
	ck_ok (p11->C_SessionCancel (session, CKF_MESSAGE_ENCRYPT));
	ck_rv (w.final (session), CKR_OPERATION_NOT_INITIALIZED);
	ck_ok (init (&w, &c));
	ck_ok (w.init (session, NULL, CK_INVALID_HANDLE));
	ck_rv (w.final (session), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

/* CCM says before how much comes. */
START_TEST (test_message__ccm_length)
{
	g_auto (Case) c;
	Way w = way (TRUE);
	CK_BYTE out[ROOM];
	CK_ULONG len = sizeof out;
	gsize i = 0;

	while (message_vectors[i].mechanism != CKM_AES_CCM)
		i++;
	case_init (&c, &message_vectors[i]);
	ck_ok (init (&w, &c));
	c.u.ccm.ulDataLen++;
	ck_rv (once (&w, &c, c.plain, out, &len), CKR_DATA_LEN_RANGE);
	ck_ok (w.begin (session, &c.u, c.param_len, NULL, 0));
	ck_rv (w.next (session, &c.u, c.param_len, c.plain->data, c.plain->len, out, &len,
	               CKF_END_OF_MESSAGE),
	       CKR_DATA_LEN_RANGE);
	c.u.ccm.ulDataLen -= 2;
	ck_ok (w.begin (session, &c.u, c.param_len, NULL, 0));
	ck_rv (w.next (session, &c.u, c.param_len, c.plain->data, c.plain->len, out, &len, 0),
	       CKR_DATA_LEN_RANGE);
	c.u.ccm.ulDataLen = (CK_ULONG) 1 << 40;
	c.u.ccm.ulNonceLen = 7;
	ck_rv (w.begin (session, &c.u, c.param_len, NULL, 0), CKR_DATA_LEN_RANGE);
	case_param (&c);
	c.u.ccm.ulMACLen = 5;
	ck_rv (once (&w, &c, c.plain, out, &len), CKR_MECHANISM_PARAM_INVALID);
	case_param (&c);
	c.u.ccm.ulNonceLen = 6;
	ck_rv (once (&w, &c, c.plain, out, &len), CKR_MECHANISM_PARAM_INVALID);
	ck_ok (w.final (session));
}
END_TEST

/* --- IVs --- */

static const struct {
	CK_GENERATOR_FUNCTION generator;
	CK_ULONG fixed_bits;
	guint n; /* so many there are; 0: more than anybody asks for */
} generators[] = {
	{ CKG_GENERATE, 0, 0 },
	{ CKG_GENERATE, 32, 0 },
	{ CKG_GENERATE, 88, 256 },
	{ CKG_GENERATE_COUNTER, 45, 0 },
	{ CKG_GENERATE_COUNTER, 88, 256 },
	{ CKG_GENERATE_COUNTER, 91, 32 },
	{ CKG_GENERATE_COUNTER, 96, 1 },
	{ CKG_GENERATE_COUNTER_XOR, 32, 0 },
	{ CKG_GENERATE_COUNTER_XOR, 90, 64 },
	{ CKG_GENERATE_RANDOM, 0, 0 },
	{ CKG_GENERATE_RANDOM, 64, 0 },
	{ CKG_GENERATE_RANDOM, 88, 128 },
};

static gboolean
same_bits (const CK_BYTE *a, const CK_BYTE *b, CK_ULONG bits)
{
	return memcmp (a, b, bits / 8) == 0 &&
	       (bits % 8 == 0 || (a[bits / 8] ^ b[bits / 8]) >> (8 - bits % 8) == 0);
}

/* All are different, keep what is fixed, and decrypt what was encrypted with them. */
START_TEST (test_message__generated_iv)
{
	static const CK_BYTE start[12] = { 0xca, 0xfe, 0xba, 0xbe, 1, 2, 3, 4, 5, 6, 7, 0xff };
	guint n = generators[_i].n > 0 ? generators[_i].n : 400;
	g_autoptr (GHashTable) seen = g_hash_table_new_full (
		g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
	g_auto (Case) c;
	Way enc = way (TRUE), dec = way (FALSE);
	CK_BYTE out[ROOM], back[ROOM];
	CK_ULONG len;

	case_init (&c, &message_vectors[0]);
	memcpy (c.iv->data, start, sizeof start);
	c.u.gcm.ivGenerator = generators[_i].generator;
	c.u.gcm.ulIvFixedBits = generators[_i].fixed_bits;
	ck_ok (init (&enc, &c));
	ck_ok (init (&dec, &c));
	for (guint i = 0; i < n; i++) {
		len = sizeof out;
		/* Every other message in parts: its IV is there from the beginning. */
		if (i % 2 == 0) {
			ck_ok (once (&enc, &c, c.plain, out, &len));
		} else {
			ck_ok (enc.begin (session, &c.u, c.param_len, c.aad->data, c.aad->len));
			g_autoptr (GBytes) iv = g_bytes_new_static (c.iv->data, 12);

			ck_assert (!g_hash_table_contains (seen, iv));
			ck_ok (enc.next (session, &c.u, c.param_len, c.plain->data, c.plain->len,
			                 out, &len, CKF_END_OF_MESSAGE));
		}
		ck_assert (g_hash_table_add (seen, g_bytes_new (c.iv->data, 12)));
		ck_assert (same_bits (c.iv->data, start, generators[_i].fixed_bits));
		if (generators[_i].generator == CKG_GENERATE_COUNTER_XOR) {
			ck_assert_uint_eq (c.iv->data[11], (start[11] ^ i) & 0xff);
			ck_assert_uint_eq (c.iv->data[10], start[10] ^ i >> 8);
		}
		ck_ok (once (&dec, &c, c.encrypted, back, &len) == CKR_OK
		               ? CKR_GENERAL_ERROR
		               : dec.once (session, &c.u, c.param_len, c.aad->data, c.aad->len, out,
		                           c.plain->len, back, &len));
		ck_assert_mem_eq (back, c.plain->data, c.plain->len);
	}
	if (generators[_i].n > 0)
		ck_rv (once (&enc, &c, c.plain, out, &len), CKR_MECHANISM_PARAM_INVALID);
	ck_ok (enc.final (session));
	ck_ok (dec.final (session));
}
END_TEST

START_TEST (test_message__generator_stays)
{
	g_auto (Case) c;
	Way w = way (TRUE);
	CK_BYTE out[ROOM], last;
	CK_ULONG len = sizeof out;

	case_init (&c, &message_vectors[0]);
	ck_ok (init (&w, &c));
	c.u.gcm.ulIvFixedBits = 97;
	c.u.gcm.ivGenerator = CKG_GENERATE_COUNTER;
	ck_rv (once (&w, &c, c.plain, out, &len), CKR_MECHANISM_PARAM_INVALID);
	c.u.gcm.ulIvFixedBits = 32;
	ck_ok (once (&w, &c, c.plain, out, &len));
	last = c.iv->data[11];
	ck_ok (once (&w, &c, c.plain, out, &len));
	ck_assert_uint_eq (c.iv->data[11], (last + 1) & 0xff);
	c.u.gcm.ivGenerator = CKG_NO_GENERATE;
	ck_rv (once (&w, &c, c.plain, out, &len), CKR_MECHANISM_PARAM_INVALID);
	c.u.gcm.ivGenerator = CKG_GENERATE_COUNTER;
	c.u.gcm.ulIvFixedBits = 31;
	ck_rv (once (&w, &c, c.plain, out, &len), CKR_MECHANISM_PARAM_INVALID);
	c.u.gcm.ulIvFixedBits = 32;
	c.iv->data[3] ^= 1;
	ck_rv (once (&w, &c, c.plain, out, &len), CKR_MECHANISM_PARAM_INVALID);
	c.iv->data[3] ^= 1;
	ck_ok (once (&w, &c, c.plain, out, &len));
	ck_ok (w.final (session));
}
END_TEST

/* --- who may --- */

START_TEST (test_message__not_allowed)
{
	static const CK_BYTE bytes[16] = { 1 };
	const CK_ATTRIBUTE closed[] = { ATTR (CKA_ENCRYPT, no), ATTR (CKA_SIGN, no) };
	CK_BYTE iv[16] = { 0 };
	CK_MECHANISM gcm = { CKM_AES_GCM, NULL, 0 }, cbc = { CKM_AES_CBC, iv, sizeof iv };
	CK_MECHANISM cmac = { CKM_AES_CMAC, NULL, 0 };
	CK_OBJECT_HANDLE key = make_secret (CKK_AES, bytes, 16, closed, 2);
	CK_OBJECT_HANDLE generic = make_secret (CKK_GENERIC_SECRET, bytes, 16, NULL, 0);
	CK_MECHANISM_INFO info;
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	ck_rv (p11->C_MessageEncryptInit (session, &gcm, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_ok (p11->C_MessageDecryptInit (session, &gcm, key));
	ck_rv (p11->C_MessageEncryptInit (session, &gcm, generic), CKR_KEY_TYPE_INCONSISTENT);
	ck_rv (p11->C_MessageEncryptInit (session, &cbc, key), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_MessageSignInit (session, &cmac, key), CKR_KEY_FUNCTION_NOT_PERMITTED);
	ck_rv (p11->C_MessageSignInit (session, &gcm, key), CKR_MECHANISM_INVALID);
	ck_rv (p11->C_MessageEncryptInit (session, &gcm, 0), CKR_KEY_HANDLE_INVALID);
	ck_ok (p11->C_MessageVerifyInit (session, &cmac, key));
	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n));
	ck_ok (p11->C_GetMechanismInfo (slot, CKM_AES_GCM, &info));
	ck_assert_uint_eq (info.flags & 0x3e,
	                   CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT | CKF_MULTI_MESSAGE);
	ck_ok (p11->C_GetMechanismInfo (slot, CKM_AES_CBC, &info));
	ck_assert_uint_eq (info.flags & 0x3e, 0);
	ck_ok (p11->C_GetMechanismInfo (slot, CKM_SHA256_HMAC, &info));
	ck_assert_uint_eq (info.flags & 0x3e,
	                   CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY | CKF_MULTI_MESSAGE);
	ck_ok (p11->C_GetMechanismInfo (slot, CKM_ECDSA, &info));
	ck_assert_uint_eq (info.flags & 0x3e, CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY);
	/* A nonce or key for one message only. */
	ck_ok (p11->C_GetMechanismInfo (slot, CKM_AES_GMAC, &info));
	ck_assert_uint_eq (info.flags & 0x3e, 0);
	ck_ok (p11->C_GetMechanismInfo (slot, CKM_POLY1305, &info));
	ck_assert_uint_eq (info.flags & 0x3e, 0);
	cmac.mechanism = CKM_AES_GMAC;
	ck_rv (p11->C_MessageVerifyInit (session, &cmac, key), CKR_OPERATION_ACTIVE);
	ck_ok (p11->C_MessageVerifyFinal (session));
	ck_rv (p11->C_MessageVerifyInit (session, &cmac, key), CKR_MECHANISM_INVALID);
}
END_TEST

/* --- signatures --- */

static const CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const CK_BYTE ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
static const CK_ULONG rsa_bits = 2048;
static const CK_KEY_TYPE type_generic = CKK_GENERIC_SECRET, type_aes = CKK_AES,
			 type_des3 = CKK_DES3;
static const CK_MAC_GENERAL_PARAMS mac_len = 7;
static const CK_BYTE secret[24] = { 1,   2,   4,   7,   8,   11,  13,  14,  16,  19,  21,  22,
	                            35, 37, 38, 41, 42, 44, 47, 49, 50, 52, 55, 56 };
static CK_RSA_PKCS_PSS_PARAMS pss = { CKM_SHA256, CKG_MGF1_SHA256, 32 };

static const struct {
	CK_MECHANISM mechanism;
	CK_MECHANISM_TYPE generation; /* CK_UNAVAILABLE_INFORMATION: a secret key */
	CK_ATTRIBUTE number;
	gboolean parts, same;
} signers[] = {
	{ { CKM_SHA256_HMAC, NULL, 0 },
	  CK_UNAVAILABLE_INFORMATION,
	  ATTR (CKA_KEY_TYPE, type_generic),
	  TRUE,
	  TRUE },
	{ { CKM_AES_MAC, NULL, 0 },
	  CK_UNAVAILABLE_INFORMATION,
	  ATTR (CKA_KEY_TYPE, type_aes),
	  TRUE,
	  TRUE },
	{ { CKM_AES_XCBC_MAC, NULL, 0 },
	  CK_UNAVAILABLE_INFORMATION,
	  ATTR (CKA_KEY_TYPE, type_aes),
	  TRUE,
	  TRUE },
	{ { CKM_DES3_MAC_GENERAL, (void *) &mac_len, sizeof mac_len },
	  CK_UNAVAILABLE_INFORMATION,
	  ATTR (CKA_KEY_TYPE, type_des3),
	  TRUE,
	  TRUE },
	{ { CKM_ECDSA_SHA256, NULL, 0 },
	  CKM_EC_KEY_PAIR_GEN,
	  ATTR (CKA_EC_PARAMS, p256),
	  TRUE,
	  FALSE },
	{ { CKM_ECDSA, NULL, 0 }, CKM_EC_KEY_PAIR_GEN, ATTR (CKA_EC_PARAMS, p256), FALSE, FALSE },
	{ { CKM_EDDSA, NULL, 0 },
	  CKM_EC_EDWARDS_KEY_PAIR_GEN,
	  ATTR (CKA_EC_PARAMS, ed25519),
	  FALSE,
	  TRUE },
	{ { CKM_SHA256_RSA_PKCS_PSS, &pss, sizeof pss },
	  CKM_RSA_PKCS_KEY_PAIR_GEN,
	  ATTR (CKA_MODULUS_BITS, rsa_bits),
	  TRUE,
	  FALSE },
};

static void
make_signer (int i, CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_ATTRIBUTE public_template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_VERIFY, yes),
		                           signers[i].number };
	CK_ATTRIBUTE private_template[] = { ATTR (CKA_PRIVATE, no), ATTR (CKA_SIGN, yes),
		                            ATTR (CKA_SENSITIVE, no),
		                            ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM generation = { signers[i].generation, NULL, 0 };

	CK_KEY_TYPE type;

	if (generation.mechanism == CK_UNAVAILABLE_INFORMATION) {
		memcpy (&type, signers[i].number.pValue, sizeof type);
		*ret_public = *ret_private =
			make_secret (type, secret, type == CKK_DES3 ? 24 : 16, NULL, 0);
		return;
	}
	ck_ok (p11->C_GenerateKeyPair (session, &generation, public_template, 3, private_template,
	                               4, ret_public, ret_private));
}

/* One message after the other, as C_Sign would sign them. */
START_TEST (test_message__signatures)
{
	CK_MECHANISM mechanism = signers[_i].mechanism;
	CK_BYTE text[32] = "A message that is signed", signature[512], single[512];
	CK_OBJECT_HANDLE public, private;
	CK_ULONG len, single_len;

	make_signer (_i, &public, &private);
	ck_ok (p11->C_MessageSignInit (session, &mechanism, private));
	ck_ok (p11->C_MessageVerifyInit (session, &mechanism, public));
	for (CK_BYTE i = 0; i < 3; i++) {
		text[30] = i;
		ck_ok (p11->C_SignMessage (session, NULL, 0, text, 32, NULL, &len));
		single_len = len - 1;
		ck_rv (p11->C_SignMessage (session, NULL, 0, text, 32, signature, &single_len),
		       CKR_BUFFER_TOO_SMALL);
		ck_ok (p11->C_SignMessage (session, NULL, 0, text, 32, signature, &len));
		ck_ok (p11->C_VerifyInit (session, &mechanism, public));
		ck_ok (p11->C_Verify (session, text, 32, signature, len));
		single_len = sizeof single;
		ck_ok (p11->C_SignInit (session, &mechanism, private));
		ck_ok (p11->C_Sign (session, text, 32, single, &single_len));
		ck_assert_uint_eq (single_len, len);
		if (signers[_i].same)
			ck_assert_mem_eq (single, signature, len);
		ck_ok (p11->C_VerifyMessage (session, NULL, 0, text, 32, single, len));
		text[31] = 1;
		ck_rv (p11->C_VerifyMessage (session, NULL, 0, text, 32, single, len),
		       CKR_SIGNATURE_INVALID);
		text[31] = 0;
		ck_rv (p11->C_VerifyMessage (session, NULL, 0, text, 32, single, len - 1),
		       CKR_SIGNATURE_LEN_RANGE);
		ck_ok (p11->C_VerifyMessage (session, NULL, 0, text, 32, signature, len));
	}
	ck_rv (p11->C_SignMessage (session, text, 5, text, 32, signature, &len),
	       CKR_MECHANISM_PARAM_INVALID);
	ck_ok (p11->C_MessageSignFinal (session));
	ck_ok (p11->C_MessageVerifyFinal (session));
	ck_rv (p11->C_MessageSignFinal (session), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_MessageVerifyFinal (session), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

START_TEST (test_message__signatures_in_parts)
{
	CK_MECHANISM mechanism = signers[_i].mechanism;
	CK_BYTE text[32] = "A message that is signed", signature[512];
	CK_OBJECT_HANDLE public, private;
	CK_ULONG len = sizeof signature;

	make_signer (_i, &public, &private);
	ck_ok (p11->C_MessageSignInit (session, &mechanism, private));
	ck_ok (p11->C_MessageVerifyInit (session, &mechanism, public));
	if (!signers[_i].parts) {
		ck_rv (p11->C_SignMessageBegin (session, NULL, 0), CKR_FUNCTION_NOT_SUPPORTED);
		ck_rv (p11->C_VerifyMessageBegin (session, NULL, 0), CKR_FUNCTION_NOT_SUPPORTED);
		return;
	}
	ck_rv (p11->C_SignMessageNext (session, NULL, 0, text, 8, NULL, NULL),
	       CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_VerifyMessageNext (session, NULL, 0, text, 8, NULL, 0),
	       CKR_OPERATION_NOT_INITIALIZED);
	for (CK_BYTE i = 0; i < 3; i++) {
		text[30] = i;
		ck_ok (p11->C_SignMessageBegin (session, NULL, 0));
		ck_rv (p11->C_SignMessageBegin (session, NULL, 0), CKR_OPERATION_ACTIVE);
		ck_rv (p11->C_SignMessage (session, NULL, 0, text, 8, signature, &len),
		       CKR_OPERATION_ACTIVE);
		ck_ok (p11->C_SignMessageNext (session, NULL, 0, text, 8, NULL, NULL));
		ck_ok (p11->C_SignMessageNext (session, NULL, 0, text + 8, 24, NULL, &len));
		len--;
		ck_rv (p11->C_SignMessageNext (session, NULL, 0, text + 8, 24, signature, &len),
		       CKR_BUFFER_TOO_SMALL);
		ck_ok (p11->C_SignMessageNext (session, NULL, 0, text + 8, 24, signature, &len));
		ck_ok (p11->C_VerifyMessage (session, NULL, 0, text, 32, signature, len));
		ck_ok (p11->C_VerifyMessageBegin (session, NULL, 0));
		ck_rv (p11->C_VerifyMessage (session, NULL, 0, text, 8, signature, len),
		       CKR_OPERATION_ACTIVE);
		ck_ok (p11->C_VerifyMessageNext (session, NULL, 0, text, 3, NULL, 0));
		ck_ok (p11->C_VerifyMessageNext (session, NULL, 0, text + 3, 29, signature, len));
		ck_ok (p11->C_VerifyMessageBegin (session, NULL, 0));
		/* Without its end, which is not the zeros that FIPS 113 fills up with. */
		ck_rv (p11->C_VerifyMessageNext (session, NULL, 0, text, 20, signature, len),
		       CKR_SIGNATURE_INVALID);
	}
	ck_ok (p11->C_SessionCancel (session, CKF_MESSAGE_SIGN | CKF_MESSAGE_VERIFY));
	ck_rv (p11->C_MessageSignFinal (session), CKR_OPERATION_NOT_INITIALIZED);
	ck_rv (p11->C_MessageVerifyFinal (session), CKR_OPERATION_NOT_INITIALIZED);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("message");
	TCase *tcase = tcase_create ("message");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 120);
	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_add_loop_test (tcase, test_message__vector, 0, N (message_vectors));
	tcase_add_loop_test (tcase, test_message__parts, 0, N (message_vectors));
	tcase_add_loop_test (tcase, test_message__tampered, 0, N (message_vectors));
	tcase_add_test (tcase, test_message__bad_parameters);
	tcase_add_test (tcase, test_message__ccm_length);
	tcase_add_loop_test (tcase, test_message__generated_iv, 0, N (generators));
	tcase_add_test (tcase, test_message__generator_stays);
	tcase_add_test (tcase, test_message__not_allowed);
	tcase_add_loop_test (tcase, test_message__signatures, 0, N (signers));
	tcase_add_loop_test (tcase, test_message__signatures_in_parts, 0, N (signers));
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? 0 : 1;
}
