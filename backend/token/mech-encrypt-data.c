/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys that are the encryption of data with another key (PKCS#11 3.2, Key derivation by data
 * encryption): the first bytes of it. Called by derive.c through the rows. Parameters and templates
 * are the client's.
 */
#include "config.h"

#include "cipher.h"
#include "derive.h"
#include "des.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

typedef struct {
	CratonCipher cipher;
	gsize block;
	gboolean chained; /* CBC */
} Detail;

/* The parameters of the three structures; data is the caller's, to be copied. */
typedef struct {
	CK_BYTE iv[CRATON_CIPHER_BLOCK_MAX];
	const CK_BYTE *data;
	CK_ULONG len;
} Input;

static gboolean
take_structure (const Detail *row, const CK_MECHANISM *mechanism, Input *input)
{
	CK_KEY_DERIVATION_STRING_DATA plain;
	CK_DES_CBC_ENCRYPT_DATA_PARAMS short_iv;
	/* Camellia's structure is the same. */
	CK_AES_CBC_ENCRYPT_DATA_PARAMS long_iv;
	gsize size = !row->chained      ? sizeof plain
	             : row->block == 16 ? sizeof long_iv
	                                : sizeof short_iv;

	if (!craton_mech_has_parameter (mechanism, size))
		return FALSE;
	if (!row->chained) {
		memcpy (&plain, mechanism->pParameter, sizeof plain);
		input->data = plain.pData;
		input->len = plain.ulLen;
	} else if (row->block == 16) {
		memcpy (&long_iv, mechanism->pParameter, sizeof long_iv);
		memcpy (input->iv, long_iv.iv, sizeof long_iv.iv);
		input->data = long_iv.pData;
		input->len = long_iv.length;
	} else {
		memcpy (&short_iv, mechanism->pParameter, sizeof short_iv);
		memcpy (input->iv, short_iv.iv, sizeof short_iv.iv);
		input->data = short_iv.pData;
		input->len = short_iv.length;
	}
	return TRUE;
}

static CK_RV
derive (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
        CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
        CK_OBJECT_HANDLE *ret_key)
{
	const Detail *row = mech->detail;
	CK_BYTE value[CRATON_DERIVED_MAX + CRATON_CIPHER_BLOCK_MAX];
	EVP_CIPHER_CTX *context = NULL;
	CratonDerived derived;
	Input input = { 0 };
	CK_ULONG done = 0;
	CK_RV rv;

	if (!take_structure (row, mechanism, &input) || input.data == NULL || input.len < 1 ||
	    input.len > CRATON_DERIVED_MAX || input.len % row->block != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_derive_plan (template, n_attrs, input.len, input.len, &derived);
	if (rv != CKR_OK)
		return rv;
	rv = craton_cipher_start (base, row->cipher, input.iv, TRUE, &context);
	if (rv == CKR_OK)
		rv = craton_cipher_feed (context, input.data, input.len, value, &done);
	if (rv == CKR_OK && done != input.len)
		rv = CKR_GENERAL_ERROR;
	if (rv == CKR_OK)
		rv = craton_derive_publish (session, mech->type, base, &derived, value, template,
		                            n_attrs, ret_key);
	EVP_CIPHER_CTX_free (context);
	OPENSSL_cleanse (value, sizeof value);
	return rv;
}

static gboolean
is_available (const CratonMech *mech)
{
	const Detail *row = mech->detail;

	return craton_algs_cipher (row->cipher,
	                           row->block == 8 ? CRATON_DES3_KEY_LEN : mech->min_size) != NULL;
}

#define ROW(mechanism, type1, type2, min, max, all_marks, cipher, ...)                      \
	{                                                                                   \
		.type = mechanism, .key_type = type1, .key_type2 = type2, .min_size = min,  \
		.max_size = max, .flags = CKF_DERIVE, .marks = all_marks, .derive = derive, \
		.available = is_available, .selftests = { CRATON_SELFTEST_CIPHER (cipher) }, .detail = &(const Detail){ cipher, __VA_ARGS__ }, \
	}
#define ROWS(name, type1, type2, min, max, cipher, block, marks)                   \
	ROW (CKM_##name##_ECB_ENCRYPT_DATA, type1, type2, min, max, marks,         \
	     CRATON_CIPHER_##cipher##ECB, block, FALSE),                           \
		ROW (CKM_##name##_CBC_ENCRYPT_DATA, type1, type2, min, max, marks, \
	             CRATON_CIPHER_##cipher##CBC, block, TRUE)

static const CratonMech rows[] = {
	ROWS (AES, CKK_AES, CKK_AES, 16, 32, , 16, 0),
	ROWS (CAMELLIA, CKK_CAMELLIA, CKK_CAMELLIA, 16, 32, CAMELLIA_, 16, 0),
	ROWS (DES, CKK_DES, CKK_DES, 8, 8, DES3_, 8, CRATON_MECH_LEGACY),
	ROWS (DES3, CKK_DES3, CKK_DES2, 16, 24, DES3_, 8, CRATON_MECH_LEGACY),
};

const CratonMechFamily craton_mech_encrypt_data = { rows, G_N_ELEMENTS (rows) };
