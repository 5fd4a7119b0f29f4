/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Ciphers with keys, see cipher.h. Data is the client's, in memory that it may write to. Called by
 * the mechanisms that encrypt and by facts.c.
 */
#include "config.h"

#include "cipher.h"

#include "des.h"

#include <openssl/crypto.h>
#include <string.h>

/* libcrypto counts in int. */
#define PIECE_MAX ((gsize) 1 << 30)

CratonCipher
craton_cipher_of_key (const CratonObject *key)
{
	CK_KEY_TYPE type = craton_object_get_ulong (key, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION);

	if (type == CKK_AES)
		return CRATON_CIPHER_ECB;
	if (type == CKK_CAMELLIA)
		return CRATON_CIPHER_CAMELLIA_ECB;
	return craton_des_is_type (type) ? CRATON_CIPHER_DES3_ECB : CRATON_N_CIPHERS;
}

CK_RV
craton_cipher_start (const CratonObject *key, CratonCipher cipher, const CK_BYTE *iv,
                     gboolean encrypts, EVP_CIPHER_CTX **ret_context)
{
	CK_KEY_TYPE type = craton_object_get_ulong (key, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION);
	CK_BYTE expanded[CRATON_DES3_KEY_LEN];
	EVP_CIPHER_CTX *context;
	const EVP_CIPHER *algorithm;
	gsize len = 0;
	const CK_BYTE *value = craton_object_get (key, CKA_VALUE, &len);
	CK_RV rv = CKR_OK;

	if (value != NULL && craton_des_is_type (type) && len > 0) {
		craton_des_expand (value, len, expanded);
		value = expanded;
		len = sizeof expanded;
	}
	algorithm = craton_algs_cipher (cipher, len);
	if (value == NULL || algorithm == NULL)
		return CKR_KEY_SIZE_RANGE;
	context = EVP_CIPHER_CTX_new ();
	if (context == NULL)
		rv = CKR_HOST_MEMORY;
	else if (EVP_CipherInit_ex2 (context, algorithm, value, iv, encrypts, NULL) != 1 ||
	         EVP_CIPHER_CTX_set_padding (context, 0) != 1)
		rv = CKR_FUNCTION_FAILED;
	OPENSSL_cleanse (expanded, sizeof expanded);
	if (rv == CKR_OK)
		*ret_context = context;
	else
		EVP_CIPHER_CTX_free (context);
	return rv;
}

CK_RV
craton_cipher_feed (EVP_CIPHER_CTX *context, const CK_BYTE *in, gsize in_len, CK_BYTE *out,
                    CK_ULONG *ret_out_len)
{
	gsize done = 0;

	while (in_len > 0) {
		gsize piece = MIN (in_len, PIECE_MAX);
		int len = 0;

		if (EVP_CipherUpdate (context, out == NULL ? NULL : out + done, &len, in,
		                      (int) piece) != 1)
			return CKR_GENERAL_ERROR;
		done += (gsize) len;
		in += piece;
		in_len -= piece;
	}
	if (ret_out_len != NULL)
		*ret_out_len = done;
	return CKR_OK;
}

gboolean
craton_cipher_overlaps (const CK_BYTE *in, gsize in_len, const CK_BYTE *out, gsize out_len,
                        gsize pending)
{
	guintptr from = (guintptr) in, to = (guintptr) out;

	if (in_len == 0 || out_len == 0 || (from == to && pending == 0))
		return FALSE;
	return from < to + out_len && to < from + in_len;
}

gboolean
craton_kept_add (CratonKept *kept, const CK_BYTE *in, gsize in_len, gsize max)
{
	gsize size;
	CK_BYTE *grown;

	if (kept->len > max || in_len > max - kept->len)
		return FALSE;
	if (kept->len + in_len > kept->size) {
		size = MAX (2 * kept->size, kept->len + in_len);
		grown = OPENSSL_clear_realloc (kept->bytes, kept->size, size);
		if (grown == NULL)
			return FALSE;
		kept->bytes = grown;
		kept->size = size;
	}
	if (in_len > 0)
		memcpy (kept->bytes + kept->len, in, in_len);
	kept->len += in_len;
	return TRUE;
}

void
craton_kept_clear (CratonKept *kept)
{
	OPENSSL_clear_free (kept->bytes, kept->size);
	*kept = (CratonKept){ 0 };
}
