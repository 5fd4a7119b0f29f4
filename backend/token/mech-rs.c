/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures of two numbers; see mech-rs.h. Data and signatures are the client's. Called by
 * mech-sign.c through the schemes of mech-ec.c and mech-dsa.c.
 */
#include "config.h"

#include "mech-rs.h"

#include <openssl/ec.h>
#include <string.h>

#define HALF_MAX CRATON_MECH_RS_HALF_MAX
/* SEQUENCE and two INTEGERs, each with a header and perhaps a zero in front. */
#define DER_LEN_MAX (3 + 2 * (3 + HALF_MAX))

CK_RV
craton_mech_rs_setup (CratonSign *sign, const CK_MECHANISM *mechanism, gsize half)
{
	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	if (half < 1 || half > HALF_MAX)
		return CKR_KEY_SIZE_RANGE;
	sign->signature_len = 2 * half;
	return craton_object_context (sign->object,
	                              sign->verifies ? EVP_PKEY_verify_init : EVP_PKEY_sign_init,
	                              &sign->context);
}

/* The leftmost bytes of @tbs, of which ECDSA and DSA use the leftmost bits (FIPS 186-5, 6.4.1;
 * FIPS 186-4, 4.6), copied: libcrypto reads them more
 * than once. */
static gsize
leftmost (const CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE copy[HALF_MAX])
{
	gsize len = MIN (tbs_len, sign->signature_len / 2);

	if (len > 0)
		memcpy (copy, tbs, len);
	return len;
}

CK_RV
craton_mech_rs_sign (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *signature)
{
	CK_BYTE copy[HALF_MAX], der[DER_LEN_MAX];
	gsize len = leftmost (sign, tbs, tbs_len, copy), der_len = sizeof der;
	int half = (int) sign->signature_len / 2;
	const unsigned char *at = der;
	CK_RV rv = CKR_OK;
	ECDSA_SIG *sig;

	if (len == 0)
		return CKR_DATA_LEN_RANGE;
	if (EVP_PKEY_sign (sign->context, der, &der_len, copy, len) != 1)
		return CKR_FUNCTION_FAILED;
	sig = d2i_ECDSA_SIG (NULL, &at, (long) der_len);
	if (sig == NULL || BN_bn2binpad (ECDSA_SIG_get0_r (sig), signature, half) != half ||
	    BN_bn2binpad (ECDSA_SIG_get0_s (sig), signature + half, half) != half)
		rv = CKR_GENERAL_ERROR;
	ECDSA_SIG_free (sig);
	return rv;
}

/* @signature in DER; 0 if that fails. */
static gsize
to_der (const CK_BYTE *signature, int half, CK_BYTE der[DER_LEN_MAX])
{
	ECDSA_SIG *sig = ECDSA_SIG_new ();
	BIGNUM *r = BN_bin2bn (signature, half, NULL),
	       *s = BN_bin2bn (signature + half, half, NULL);
	unsigned char *at = der;
	int len = -1;

	if (sig != NULL && r != NULL && s != NULL && ECDSA_SIG_set0 (sig, r, s) == 1) {
		r = s = NULL;
		if (i2d_ECDSA_SIG (sig, NULL) <= DER_LEN_MAX)
			len = i2d_ECDSA_SIG (sig, &at);
	}
	BN_free (r);
	BN_free (s);
	ECDSA_SIG_free (sig);
	return len > 0 ? (gsize) len : 0;
}

CK_RV
craton_mech_rs_verify (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len,
                       const CK_BYTE *signature)
{
	CK_BYTE copy[HALF_MAX], der[DER_LEN_MAX];
	gsize len = leftmost (sign, tbs, tbs_len, copy), der_len;

	if (len == 0)
		return CKR_DATA_LEN_RANGE;
	der_len = to_der (signature, (int) sign->signature_len / 2, der);
	if (der_len == 0)
		return CKR_HOST_MEMORY;
	return EVP_PKEY_verify (sign->context, der, der_len, copy, len) == 1
	               ? CKR_OK
	               : CKR_SIGNATURE_INVALID;
}
