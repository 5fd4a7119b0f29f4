/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Attributes that follow from others, see facts.h. Called by template.c with objects whose values
 * have the right form and may still be nonsense.
 */
#include "config.h"

#include "facts.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <string.h>

#include "algs.h"
#include "attr.h"
#include "cipher.h"
#include "drbg.h"

/* @ret_block has room for CRATON_CIPHER_BLOCK_MAX bytes. */
static gboolean
encrypt_nulls (const CratonObject *object, CratonCipher cipher, CK_BYTE *ret_block)
{
	static const CK_BYTE nulls[CRATON_CIPHER_BLOCK_MAX];
	EVP_CIPHER_CTX *ctx = NULL;
	CK_ULONG n = 0;
	gboolean good;

	good = craton_cipher_start (object, cipher, NULL, TRUE, &ctx) == CKR_OK &&
	       craton_cipher_feed (ctx, nulls, (gsize) EVP_CIPHER_CTX_get_block_size (ctx),
	                           ret_block, &n) == CKR_OK;
	EVP_CIPHER_CTX_free (ctx);
	return good && n >= CRATON_FACTS_CHECK_VALUE_LEN;
}

CK_RV
craton_facts_check_value (const CratonObject *object, CK_BYTE *ret_value)
{
	CK_BYTE out[EVP_MAX_MD_SIZE] = { 0 };
	const EVP_MD *sha1 = craton_algs_md (CRATON_HASH_SHA1);
	gsize len = 0;
	const CK_BYTE *value = craton_object_get (object, CKA_VALUE, &len);
	CratonCipher cipher;
	gboolean good;

	if (value == NULL || len == 0)
		return CKR_FUNCTION_NOT_SUPPORTED;
	cipher = craton_cipher_of_key (object);
	if (cipher != CRATON_N_CIPHERS)
		good = encrypt_nulls (object, cipher, out);
	else
		good = sha1 != NULL && EVP_Digest (value, len, out, NULL, sha1, NULL) > 0;
	if (good)
		memcpy (ret_value, out, CRATON_FACTS_CHECK_VALUE_LEN);
	OPENSSL_cleanse (out, sizeof out);
	return good ? CKR_OK : CKR_FUNCTION_NOT_SUPPORTED;
}

static GBytes *
take_der (unsigned char *der, int len)
{
	GBytes *bytes = len > 0 ? g_bytes_new (der, (gsize) len) : NULL;

	OPENSSL_free (der);
	return bytes;
}

static GBytes *
info_of_certificate (const CratonObject *object)
{
	gsize len = 0;
	const unsigned char *at = craton_object_get (object, CKA_VALUE, &len);
	X509 *certificate = len > 0 ? d2i_X509 (NULL, &at, (long) len) : NULL;
	unsigned char *der = NULL;
	int der_len = certificate != NULL
	                      ? i2d_X509_PUBKEY (X509_get_X509_PUBKEY (certificate), &der)
	                      : 0;

	X509_free (certificate);
	return take_der (der, der_len);
}

CK_RV
craton_facts_public_key_info (CratonObject *object, GBytes **ret_info)
{
	unsigned char *der = NULL;
	EVP_PKEY *pkey;
	CK_RV rv;
	int len;

	if (object->kind == CRATON_KIND_CERTIFICATE) {
		*ret_info = info_of_certificate (object);
		return CKR_OK;
	}
	rv = craton_object_pkey (object, &pkey);
	if (rv != CKR_OK)
		return rv;
	len = i2d_PUBKEY (pkey, &der);
	*ret_info = take_der (der, len);
	return CKR_OK;
}

CK_ULONG
craton_facts_bits (const CK_BYTE *number, gsize len)
{
	while (len > 0 && *number == 0) {
		number++;
		len--;
	}
	return len == 0 ? 0 : (len - 1) * 8 + g_bit_storage (*number);
}

CK_RV
craton_facts_unique_id (CK_BYTE *ret_id)
{
	guint8 bytes[CRATON_SEAL_UID_LEN];
	g_autofree char *text = NULL;
	CK_RV rv = craton_drbg_generate (bytes, sizeof bytes);

	if (rv != CKR_OK)
		return rv;
	/* The look of a random UUID (RFC 9562), for people who compare them. */
	bytes[6] = (bytes[6] & 0x0f) | 0x40;
	bytes[8] = (bytes[8] & 0x3f) | 0x80;
	text = g_strdup_printf (
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", bytes[0],
		bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7], bytes[8],
		bytes[9], bytes[10], bytes[11], bytes[12], bytes[13], bytes[14], bytes[15]);
	memcpy (ret_id, text, CRATON_FACTS_UNIQUE_ID_LEN);
	return CKR_OK;
}
