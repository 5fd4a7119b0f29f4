/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known answers for authenticated encryption with the tag apart, as the message-based calls and
 * authenticated wrapping have it. Numbers are hexadecimal.
 */
#ifndef CRATON_TEST_MESSAGE_VECTORS_H
#define CRATON_TEST_MESSAGE_VECTORS_H

#include "token-fixture.h"

typedef struct {
	const char *source;
	CK_MECHANISM_TYPE mechanism;
	CK_KEY_TYPE key_type;
	const char *key, *iv, *aad, *plain, *encrypted, *tag;
} MessageVector;

#define GCM_SOURCE "McGrew and Viega, The Galois/Counter Mode of Operation, test case "
#define GCM_PLAIN                                                                          \
	"d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c9595680953" \
	"2fcf0e2449a6b525b16aedf5aa0de657ba637b39"

static const MessageVector message_vectors[] = {
	{ GCM_SOURCE "4", CKM_AES_GCM, CKK_AES, "feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_PLAIN,
	  "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c"
	  "7d8f6a5aac84aa051ba30b396a0aac973d58e091",
	  "5bc94fbc3221a5db94fae95ae7121a47" },
	{ GCM_SOURCE "5", CKM_AES_GCM, CKK_AES, "feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbad", "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_PLAIN,
	  "61353b4c2806934a777ff51fa22a4755699b2a714fcdc6f83766e5f97b6c742373806900e49f24b2"
	  "2b097544d4896b424989b5e1ebac0f07c23f4598",
	  "3612d2e79e3b0785561be14aaca2fccb" },
	{ GCM_SOURCE "16, tag cut", CKM_AES_GCM, CKK_AES,
	  "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
	  "cafebabefacedbaddecaf888", "feedfacedeadbeeffeedfacedeadbeefabaddad2", GCM_PLAIN,
	  "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3d"
	  "a7b08b1056828838c5f61e6393ba7a0abcc9f662",
	  "76fc6ece0f4e1768cddf8853" },
	{ GCM_SOURCE "1", CKM_AES_GCM, CKK_AES, "00000000000000000000000000000000",
	  "000000000000000000000000", "", "", "", "58e2fccefa7e3061367f1d57a4e7455a" },
	{ "SP 800-38C, example 1", CKM_AES_CCM, CKK_AES, "404142434445464748494a4b4c4d4e4f",
	  "10111213141516", "0001020304050607", "20212223", "7162015b", "4dac255d" },
	{ "SP 800-38C, example 2", CKM_AES_CCM, CKK_AES, "404142434445464748494a4b4c4d4e4f",
	  "1011121314151617", "000102030405060708090a0b0c0d0e0f",
	  "202122232425262728292a2b2c2d2e2f", "d2a1f0e051ea5f62081a7792073d593d",
	  "1fc64fbfaccd" },
	{ "SP 800-38C, example 3", CKM_AES_CCM, CKK_AES, "404142434445464748494a4b4c4d4e4f",
	  "101112131415161718191a1b", "000102030405060708090a0b0c0d0e0f10111213",
	  "202122232425262728292a2b2c2d2e2f3031323334353637",
	  "e3b201a9f5b71a7a9b1ceaeccd97e70b6176aad9a4428aa5", "484392fbc1b09951" },
	{ "RFC 8439, 2.8.2", CKM_CHACHA20_POLY1305, CKK_CHACHA20,
	  "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
	  "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
	  "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f6620273939"
	  "3a204966204920636f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220"
	  "746865206675747572652c2073756e73637265656e20776f756c642062652069742e",
	  "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca96712"
	  "82fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58"
	  "fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116",
	  "1ae10b594f09e26a7e902ecbd0600691" },
};

/* A vector as bytes, with the key made. */
typedef struct {
	const MessageVector *v;
	GByteArray *iv, *aad, *plain, *encrypted, *tag;
	CK_OBJECT_HANDLE key;
	CK_BYTE tag_room[16];
	union {
		CK_GCM_MESSAGE_PARAMS gcm;
		CK_CCM_MESSAGE_PARAMS ccm;
		CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS chacha20;
	} u;
	CK_ULONG param_len;
} Case;

/* The parameter of a message: with the vector's IV, and room for the tag. */
static void
case_param (Case *c)
{
	switch (c->v->mechanism) {
	case CKM_AES_GCM:
		c->u.gcm = (CK_GCM_MESSAGE_PARAMS){ c->iv->data,  c->iv->len,  0, CKG_NO_GENERATE,
			                            c->tag_room, c->tag->len * 8ul };
		c->param_len = sizeof c->u.gcm;
		break;
	case CKM_AES_CCM:
		c->u.ccm =
			(CK_CCM_MESSAGE_PARAMS){ c->plain->len,   c->iv->data, c->iv->len, 0,
			                         CKG_NO_GENERATE, c->tag_room, c->tag->len };
		c->param_len = sizeof c->u.ccm;
		break;
	default:
		c->u.chacha20 = (CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS){
			c->iv->data, c->iv->len * 8ul, c->tag_room
		};
		c->param_len = sizeof c->u.chacha20;
	}
}

static void
case_init (Case *c, const MessageVector *v)
{
	g_autoptr (GByteArray) key = unhex (v->key);

	memset (c, 0, sizeof *c);
	c->v = v;
	c->iv = unhex (v->iv);
	c->aad = unhex (v->aad);
	c->plain = unhex (v->plain);
	c->encrypted = unhex (v->encrypted);
	c->tag = unhex (v->tag);
	c->key = make_secret (v->key_type, key->data, key->len, NULL, 0);
	case_param (c);
}

static void
case_clear (Case *c)
{
	g_byte_array_unref (c->iv);
	g_byte_array_unref (c->aad);
	g_byte_array_unref (c->plain);
	g_byte_array_unref (c->encrypted);
	g_byte_array_unref (c->tag);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Case, case_clear)

#endif /* CRATON_TEST_MESSAGE_VECTORS_H */
