/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Codes that are the last block of a CBC encryption: FIPS 113 with any block cipher, and AES-XCBC-MAC
 * (RFC 3566), which is safe for messages of several lengths. Called by operation.c through the rows.
 * Parameters and data are the client's.
 */
#include "config.h"

#include "cipher.h"
#include "mech-mac.h"
#include "selftest.h"

#include <openssl/crypto.h>
#include <string.h>

#define BLOCK_MAX CRATON_CIPHER_BLOCK_MAX
/* How much is encrypted at once. */
#define PIECE 4096

typedef struct {
	CratonCipher cipher; /* a CBC */
	CK_ULONG block, usual_len;
	gboolean general; /* the parameter is the length */
	gboolean xcbc;
} Detail;

typedef struct {
	EVP_CIPHER_CTX *context;
	CK_ULONG len;
	/* The last block of what has come: it is treated in another way. */
	CK_BYTE last[BLOCK_MAX];
	gsize last_len;
	CK_BYTE full_key[BLOCK_MAX], cut_key[BLOCK_MAX]; /* RFC 3566's K2 and K3 */
} CbcMac;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

/* RFC 3566, 4: the key encrypts three blocks, and the first result is the key of the cipher. */
static CK_RV
start_xcbc (const CratonOp *op, CbcMac *mac)
{
	CK_BYTE keys[3 * BLOCK_MAX];
	EVP_CIPHER_CTX *context = NULL;
	CK_ULONG len = 0;
	CK_RV rv = craton_cipher_start (op->key, CRATON_CIPHER_ECB, NULL, TRUE, &context);

	for (gsize i = 0; i < sizeof keys; i++)
		keys[i] = (CK_BYTE) (1 + i / BLOCK_MAX);
	if (rv == CKR_OK)
		rv = craton_cipher_feed (context, keys, sizeof keys, keys, &len);
	EVP_CIPHER_CTX_free (context);
	if (rv == CKR_OK) {
		memcpy (mac->full_key, keys + BLOCK_MAX, BLOCK_MAX);
		memcpy (mac->cut_key, keys + 2 * BLOCK_MAX, BLOCK_MAX);
		mac->context = EVP_CIPHER_CTX_new ();
		rv = mac->context == NULL ? CKR_HOST_MEMORY : CKR_OK;
	}
	if (rv == CKR_OK &&
	    (EVP_CipherInit_ex2 (mac->context, craton_algs_cipher (CRATON_CIPHER_CBC, BLOCK_MAX),
	                         keys, (const CK_BYTE[BLOCK_MAX]){ 0 }, TRUE, NULL) != 1 ||
	     EVP_CIPHER_CTX_set_padding (mac->context, 0) != 1))
		rv = CKR_FUNCTION_FAILED;
	OPENSSL_cleanse (keys, sizeof keys);
	return rv;
}

static CK_RV
mac_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	static const CK_BYTE iv[BLOCK_MAX];
	CbcMac *mac = g_new0 (CbcMac, 1);
	CK_RV rv;

	op->state = mac;
	rv = craton_mac_take_len (mechanism, detail (op)->general, detail (op)->block,
	                          detail (op)->usual_len, &mac->len);
	if (rv != CKR_OK)
		return rv;
	return detail (op)->xcbc ? start_xcbc (op, mac)
	                         : craton_cipher_start (op->key, detail (op)->cipher, iv, TRUE,
	                                                &mac->context);
}

static CK_ULONG
mac_out_len (CratonOp *op, CK_ULONG in_len, gboolean final)
{
	const CbcMac *mac = op->state;

	(void) in_len;
	return final ? mac->len : 0;
}

/* Encrypts whole blocks; @ret_block, if not NULL, gets the last one's result. */
static CK_RV
chain (CratonOp *op, const CK_BYTE *in, gsize in_len, CK_BYTE *ret_block)
{
	CbcMac *mac = op->state;
	CK_BYTE out[PIECE + BLOCK_MAX];
	CK_RV rv = CKR_OK;

	while (rv == CKR_OK && in_len > 0) {
		gsize piece = MIN (in_len, PIECE);
		CK_ULONG len = 0;

		rv = craton_cipher_feed (mac->context, in, piece, out, &len);
		if (rv == CKR_OK && len != piece)
			rv = CKR_GENERAL_ERROR;
		in += piece;
		in_len -= piece;
		if (rv == CKR_OK && in_len == 0 && ret_block != NULL)
			memcpy (ret_block, out + len - detail (op)->block, detail (op)->block);
	}
	OPENSSL_cleanse (out, sizeof out);
	return rv;
}

static CK_RV
mac_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CbcMac *mac = op->state;
	gsize block = detail (op)->block;
	gsize take = MIN (in_len, block - mac->last_len), whole;
	CK_RV rv;

	(void) out;
	(void) ret_out_len;
	if (in_len == 0)
		return CKR_OK;
	memcpy (mac->last + mac->last_len, in, take);
	mac->last_len += take;
	in += take;
	in_len -= take;
	if (in_len == 0)
		return CKR_OK;
	rv = chain (op, mac->last, block, NULL);
	whole = (in_len - 1) / block * block;
	if (rv == CKR_OK)
		rv = chain (op, in, whole, NULL);
	mac->last_len = in_len - whole;
	memcpy (mac->last, in + whole, mac->last_len);
	return rv;
}

static CK_RV
mac_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CbcMac *mac = op->state;
	gsize block = detail (op)->block;
	const CK_BYTE *more = mac->last_len == block ? mac->full_key : mac->cut_key;
	CK_BYTE code[BLOCK_MAX];
	CK_RV rv;

	/* FIPS 113 has no code for no data: that of nulls is what would come out. */
	if (mac->last_len == 0 && !detail (op)->xcbc)
		return CKR_DATA_LEN_RANGE;
	memset (mac->last + mac->last_len, 0, block - mac->last_len);
	if (detail (op)->xcbc && mac->last_len < block)
		mac->last[mac->last_len] = 0x80;
	for (gsize i = 0; detail (op)->xcbc && i < block; i++)
		mac->last[i] ^= more[i];
	rv = chain (op, mac->last, block, code);
	if (rv == CKR_OK) {
		memcpy (out, code, mac->len);
		*ret_out_len = mac->len;
	}
	OPENSSL_cleanse (code, sizeof code);
	return rv;
}

static CK_RV
mac_reset (CratonOp *op)
{
	static const CK_BYTE iv[BLOCK_MAX];
	CbcMac *mac = op->state;

	OPENSSL_cleanse (mac->last, sizeof mac->last);
	mac->last_len = 0;
	/* With the key that it has. */
	return EVP_CipherInit_ex2 (mac->context, NULL, NULL, iv, TRUE, NULL) == 1
	               ? CKR_OK
	               : CKR_FUNCTION_FAILED;
}

static void
mac_clear (CratonOp *op)
{
	CbcMac *mac = op->state;

	if (mac == NULL)
		return;
	EVP_CIPHER_CTX_free (mac->context);
	OPENSSL_cleanse (mac, sizeof *mac);
	g_free (mac);
}

static const CratonMechClass mac_class = {
	.init = mac_init,
	.out_len = mac_out_len,
	.update = mac_update,
	.final = mac_final,
	.once = craton_mac_once,
	.verify_final = craton_mac_verify_final,
	.verify_once = craton_mac_verify_once,
	.clear = mac_clear,
	.reset = mac_reset,
};

static gboolean
is_available (const CratonMech *mech)
{
	const Detail *row = mech->detail;
	gsize key_len = row->cipher == CRATON_CIPHER_DES3_CBC ? 24 : mech->min_size;

	return craton_algs_cipher (row->cipher, key_len) != NULL;
}

#define ROW(mechanism, type1, type2, min, max, all_marks, cipher, ...)                     \
	{                                                                                  \
		.type = mechanism, .key_type = type1, .key_type2 = type2, .min_size = min, \
		.max_size = max, .flags = CKF_SIGN | CKF_VERIFY, .marks = all_marks,       \
		.detail = &(const Detail){ cipher, __VA_ARGS__ }, .sign = &mac_class,              \
		.available = is_available, .selftests = { CRATON_SELFTEST_CIPHER (cipher) },                                                 \
	}
/* PKCS#11: half a block, where nobody says otherwise. */
#define ROWS(name, type1, type2, min, max, cipher, block, marks)                                 \
	ROW (CKM_##name##_MAC, type1, type2, min, max, marks, cipher, block, (block) / 2, FALSE, \
	     FALSE),                                                                             \
		ROW (CKM_##name##_MAC_GENERAL, type1, type2, min, max, marks, cipher, block,     \
	             (block) / 2, TRUE, FALSE)

static const CratonMech rows[] = {
	ROWS (AES, CKK_AES, CKK_AES, 16, 32, CRATON_CIPHER_CBC, 16, 0),
	ROWS (CAMELLIA, CKK_CAMELLIA, CKK_CAMELLIA, 16, 32, CRATON_CIPHER_CAMELLIA_CBC, 16, 0),
	ROWS (DES, CKK_DES, CKK_DES, 8, 8, CRATON_CIPHER_DES3_CBC, 8, CRATON_MECH_LEGACY),
	ROWS (DES3, CKK_DES3, CKK_DES2, 16, 24, CRATON_CIPHER_DES3_CBC, 8, CRATON_MECH_LEGACY),
	ROW (CKM_AES_XCBC_MAC, CKK_AES, CKK_AES, 16, 16, 0, CRATON_CIPHER_CBC, 16, 16, FALSE, TRUE),
	ROW (CKM_AES_XCBC_MAC_96, CKK_AES, CKK_AES, 16, 16, 0, CRATON_CIPHER_CBC, 16, 12, FALSE,
	     TRUE),
};

const CratonMechFamily craton_mech_cbcmac = { rows, G_N_ELEMENTS (rows) };
