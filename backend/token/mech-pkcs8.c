/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Private keys as PKCS#8 PrivateKeyInfo, which is how PKCS#11 wraps them; see mech-key.h. What is
 * parsed comes out of a decryption and is not trusted. Called by wrap.c.
 */
#include "config.h"

#include "drbg.h"
#include "mech-key.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>

CK_RV
craton_mech_key_to_pkcs8 (CratonObject *object, CK_BYTE **ret_der, gsize *ret_len)
{
	PKCS8_PRIV_KEY_INFO *info;
	unsigned char *der = NULL;
	EVP_PKEY *pkey;
	int len;
	CK_RV rv = craton_object_pkey (object, &pkey);

	if (rv != CKR_OK)
		return rv;
	info = EVP_PKEY2PKCS8 (pkey);
	len = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO (info, &der);
	PKCS8_PRIV_KEY_INFO_free (info);
	if (len <= 0)
		return CKR_FUNCTION_FAILED;
	*ret_der = der;
	*ret_len = (gsize) len;
	return CKR_OK;
}

static gboolean
is_padding (const CK_BYTE *from, const CK_BYTE *end, gsize max)
{
	if ((gsize) (end - from) > max)
		return FALSE;
	for (; from < end; from++)
		if (*from != 0)
			return FALSE;
	return TRUE;
}

CK_RV
craton_mech_key_from_pkcs8 (const CK_BYTE *der, gsize len, gsize max_padding, EVP_PKEY **ret_pkey)
{
	const unsigned char *at = der;
	PKCS8_PRIV_KEY_INFO *info =
		len > G_MAXINT ? NULL : d2i_PKCS8_PRIV_KEY_INFO (NULL, &at, (long) len);
	EVP_PKEY *pkey = NULL;

	if (info != NULL && is_padding (at, der + len, max_padding))
		pkey = EVP_PKCS82PKEY_ex (info, craton_drbg_context (), NULL);
	PKCS8_PRIV_KEY_INFO_free (info);
	if (pkey == NULL)
		return CKR_WRAPPED_KEY_INVALID;
	*ret_pkey = pkey;
	return CKR_OK;
}
