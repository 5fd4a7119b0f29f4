/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sealing, see seal.h. Trusts nothing that comes from the store: a wrap's parameters are checked
 * before memory is spent on them, everything else fails by its tag. Called by pin.c and record.c.
 */
#include "config.h"

#include "seal.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <string.h>

#include "algs.h"
#include "drbg.h"
#include "secret.h"

#define KEY_LEN 32
#define NONCE_LEN 12
#define TAG_LEN 16
#define SALT_LEN 16

#define WRAP_FORMAT 1
#define SCRYPT_COST_MIN 10
#define SCRYPT_COST_MAX 20
#define SCRYPT_R 8
#define SCRYPT_P 1

G_STATIC_ASSERT (CRATON_SEAL_EXTRA == NONCE_LEN + TAG_LEN);

struct CratonSealKey {
	gint refs;
	guint8 key[KEY_LEN];
	guint8 mac_key[KEY_LEN];
	guint8 tag_key[KEY_LEN];
};

/* The wrap as it lies in the store: bytes only, so the structure has no gaps and no byte order. */
typedef struct {
	guint8 format;
	guint8 cost;
	guint8 r;
	guint8 p;
	guint8 spare[3];
	guint8 salt[SALT_LEN];
	guint8 nonce[NONCE_LEN];
	guint8 sealed[KEY_LEN];
	guint8 tag[TAG_LEN];
} Wrap;

G_STATIC_ASSERT (sizeof (Wrap) == CRATON_SEAL_WRAP_LEN);

static CK_RV
hmac (const guint8 key[KEY_LEN], const guint8 *first, gsize first_len, const guint8 *second,
      gsize second_len, guint8 ret_mac[KEY_LEN])
{
	const EVP_MAC_CTX *ready = craton_algs_hmac (CRATON_HASH_SHA256);
	EVP_MAC_CTX *ctx = ready != NULL ? EVP_MAC_CTX_dup (ready) : NULL;
	guint8 mac[KEY_LEN];
	gsize len = 0;
	CK_RV rv = CKR_DEVICE_ERROR;

	if (ctx != NULL && EVP_MAC_init (ctx, key, KEY_LEN, NULL) > 0 &&
	    EVP_MAC_update (ctx, first, first_len) > 0 &&
	    (second_len == 0 || EVP_MAC_update (ctx, second, second_len) > 0) &&
	    EVP_MAC_final (ctx, mac, &len, sizeof mac) > 0 && len == sizeof mac) {
		memcpy (ret_mac, mac, sizeof mac);
		rv = CKR_OK;
	}
	OPENSSL_cleanse (mac, sizeof mac);
	EVP_MAC_CTX_free (ctx);
	return rv;
}

static CK_RV
key_from_bytes (const guint8 bytes[KEY_LEN], CratonSealKey **ret_key)
{
	static const guint8 for_mac[] = "craton object mac", for_tag[] = "craton index tag";
	CratonSealKey *key = craton_secret_alloc (sizeof (CratonSealKey));
	CK_RV rv;

	if (key == NULL)
		return CKR_HOST_MEMORY;
	memset (key, 0, sizeof *key);
	key->refs = 1;
	memcpy (key->key, bytes, KEY_LEN);
	rv = hmac (key->key, for_mac, sizeof for_mac, NULL, 0, key->mac_key);
	if (rv == CKR_OK)
		rv = hmac (key->key, for_tag, sizeof for_tag, NULL, 0, key->tag_key);
	if (rv != CKR_OK) {
		craton_seal_key_unref (key);
		return rv;
	}
	*ret_key = key;
	return CKR_OK;
}

CK_RV
craton_seal_key_new (CratonSealKey **ret_key)
{
	guint8 bytes[KEY_LEN];
	CK_RV rv = craton_drbg_generate (bytes, sizeof bytes);

	if (rv == CKR_OK)
		rv = key_from_bytes (bytes, ret_key);
	OPENSSL_cleanse (bytes, sizeof bytes);
	return rv;
}

CratonSealKey *
craton_seal_key_ref (CratonSealKey *key)
{
	g_atomic_int_inc (&key->refs);
	return key;
}

void
craton_seal_key_unref (CratonSealKey *key)
{
	if (key == NULL || !g_atomic_int_dec_and_test (&key->refs))
		return;
	craton_secret_free (key, sizeof *key);
}

/* @sealing decides the direction; @tag is made or checked. */
static gboolean
gcm (gboolean sealing, const guint8 key[KEY_LEN], const guint8 nonce[NONCE_LEN], const guint8 *aad,
     gsize aad_len, const guint8 *in, gsize in_len, guint8 *out, guint8 tag[TAG_LEN])
{
	const EVP_CIPHER *cipher = craton_algs_cipher (CRATON_CIPHER_GCM, KEY_LEN);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new ();
	gboolean done = FALSE;
	int n;

	if (cipher == NULL || ctx == NULL || in_len > G_MAXINT)
		goto out;
	if (EVP_CipherInit_ex2 (ctx, cipher, key, nonce, sealing, NULL) <= 0 ||
	    EVP_CipherUpdate (ctx, NULL, &n, aad, (int) aad_len) <= 0)
		goto out;
	if (!sealing && EVP_CIPHER_CTX_ctrl (ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) <= 0)
		goto out;
	if (in_len > 0 && EVP_CipherUpdate (ctx, out, &n, in, (int) in_len) <= 0)
		goto out;
	if (EVP_CipherFinal_ex (ctx, out + in_len, &n) <= 0)
		goto out;
	done = !sealing || EVP_CIPHER_CTX_ctrl (ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, tag) > 0;
out:
	EVP_CIPHER_CTX_free (ctx);
	return done;
}

static CK_RV
stretch (const Wrap *wrap, const CK_BYTE *pin, gsize pin_len, guint8 ret_key[KEY_LEN])
{
	guint64 n = (guint64) 1 << wrap->cost, r = wrap->r, p = wrap->p;
	guint64 memory = 128 * r * (n + p + 2) + 1024 * 1024;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_PASSWORD, (void *) pin, pin_len),
		OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (void *) wrap->salt,
		                                   SALT_LEN),
		OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end (),
	};
	EVP_KDF *kdf = EVP_KDF_fetch (craton_drbg_context (), "SCRYPT", NULL);
	EVP_KDF_CTX *ctx = kdf != NULL ? EVP_KDF_CTX_new (kdf) : NULL;
	CK_RV rv = CKR_DEVICE_ERROR;

	/* With sound parameters only memory can be missing. */
	if (ctx != NULL)
		rv = EVP_KDF_derive (ctx, ret_key, KEY_LEN, params) > 0 ? CKR_OK : CKR_HOST_MEMORY;
	EVP_KDF_CTX_free (ctx);
	EVP_KDF_free (kdf);
	return rv;
}

/* What a wrap is bound to: where it belongs and its own parameters. */
static gsize
wrap_aad (const Wrap *wrap, const guint8 *epoch, CratonPinRole role, guint8 ret_aad[64])
{
	gsize head = G_STRUCT_OFFSET (Wrap, nonce);

	memcpy (ret_aad, epoch, CRATON_SEAL_EPOCH_LEN);
	ret_aad[CRATON_SEAL_EPOCH_LEN] = (guint8) role;
	memcpy (ret_aad + CRATON_SEAL_EPOCH_LEN + 1, wrap, head);
	return CRATON_SEAL_EPOCH_LEN + 1 + head;
}

/* @salt also names the PIN: it stays when the wrap is made anew for the same one. */
static CK_RV
wrap_with_salt (const CratonSealKey *key, const guint8 salt[SALT_LEN], const guint8 *epoch,
                CratonPinRole role, const CK_BYTE *pin, gsize pin_len, guint cost,
                guint8 *ret_wrap)
{
	Wrap wrap = { .format = WRAP_FORMAT, .r = SCRYPT_R, .p = SCRYPT_P };
	guint8 stretched[KEY_LEN], aad[64];
	gsize aad_len;
	CK_RV rv;

	wrap.cost = (guint8) CLAMP (cost, SCRYPT_COST_MIN, SCRYPT_COST_MAX);
	memcpy (wrap.salt, salt, SALT_LEN);
	rv = craton_drbg_generate (wrap.nonce, NONCE_LEN);
	if (rv == CKR_OK)
		rv = stretch (&wrap, pin, pin_len, stretched);
	if (rv != CKR_OK)
		return rv;

	aad_len = wrap_aad (&wrap, epoch, role, aad);
	if (!gcm (TRUE, stretched, wrap.nonce, aad, aad_len, key->key, KEY_LEN, wrap.sealed,
	          wrap.tag))
		rv = CKR_DEVICE_ERROR;
	OPENSSL_cleanse (stretched, sizeof stretched);
	if (rv == CKR_OK)
		memcpy (ret_wrap, &wrap, sizeof wrap);
	return rv;
}

CK_RV
craton_seal_wrap (const CratonSealKey *key, const guint8 *epoch, CratonPinRole role,
                  const CK_BYTE *pin, gsize pin_len, guint cost, guint8 *ret_wrap)
{
	guint8 salt[SALT_LEN];
	CK_RV rv = craton_drbg_generate (salt, sizeof salt);

	if (rv != CKR_OK)
		return rv;
	return wrap_with_salt (key, salt, epoch, role, pin, pin_len, cost, ret_wrap);
}

CK_RV
craton_seal_rewrap (const CratonSealKey *key, const guint8 *old, const guint8 *epoch,
                    CratonPinRole role, const CK_BYTE *pin, gsize pin_len, guint cost,
                    guint8 *ret_wrap)
{
	return wrap_with_salt (key, old + G_STRUCT_OFFSET (Wrap, salt), epoch, role, pin, pin_len,
	                       cost, ret_wrap);
}

guint
craton_seal_cost (const guint8 *wrap)
{
	return wrap[G_STRUCT_OFFSET (Wrap, cost)];
}

gboolean
craton_seal_is_same_pin (const guint8 *wrap, const guint8 *other)
{
	return memcmp (wrap + G_STRUCT_OFFSET (Wrap, salt), other + G_STRUCT_OFFSET (Wrap, salt),
	               SALT_LEN) == 0;
}

CK_RV
craton_seal_unwrap (const guint8 *bytes, const guint8 *epoch, CratonPinRole role,
                    const CK_BYTE *pin, gsize pin_len, CratonSealKey **ret_key)
{
	Wrap wrap;
	guint8 stretched[KEY_LEN], opened[KEY_LEN], aad[64];
	gsize aad_len;
	CK_RV rv;

	memcpy (&wrap, bytes, sizeof wrap);
	if (wrap.format != WRAP_FORMAT || wrap.cost < SCRYPT_COST_MIN ||
	    wrap.cost > SCRYPT_COST_MAX || wrap.r != SCRYPT_R || wrap.p != SCRYPT_P)
		return CKR_DEVICE_ERROR;
	rv = stretch (&wrap, pin, pin_len, stretched);
	if (rv != CKR_OK)
		return rv;

	aad_len = wrap_aad (&wrap, epoch, role, aad);
	rv = CKR_PIN_INCORRECT;
	if (gcm (FALSE, stretched, wrap.nonce, aad, aad_len, wrap.sealed, KEY_LEN, opened,
	         wrap.tag))
		rv = key_from_bytes (opened, ret_key);
	OPENSSL_cleanse (stretched, sizeof stretched);
	OPENSSL_cleanse (opened, sizeof opened);
	return rv;
}

static void
value_aad (const guint8 *uid, guint64 label, guint8 ret_aad[CRATON_SEAL_UID_LEN + 8])
{
	label = GUINT64_TO_BE (label);
	memcpy (ret_aad, uid, CRATON_SEAL_UID_LEN);
	memcpy (ret_aad + CRATON_SEAL_UID_LEN, &label, sizeof label);
}

CK_RV
craton_seal_close (const CratonSealKey *key, const guint8 *uid, guint64 label, const guint8 *in,
                   gsize in_len, GByteArray *out)
{
	guint8 aad[CRATON_SEAL_UID_LEN + 8];
	guint start = out->len;
	guint8 *nonce;
	CK_RV rv;

	value_aad (uid, label, aad);
	g_byte_array_set_size (out, start + (guint) in_len + CRATON_SEAL_EXTRA);
	nonce = out->data + start;
	rv = craton_drbg_generate (nonce, NONCE_LEN);
	if (rv == CKR_OK && !gcm (TRUE, key->key, nonce, aad, sizeof aad, in, in_len,
	                          nonce + NONCE_LEN, nonce + NONCE_LEN + in_len))
		rv = CKR_DEVICE_ERROR;
	return rv;
}

CK_RV
craton_seal_open (const CratonSealKey *key, const guint8 *uid, guint64 label, const guint8 *in,
                  gsize in_len, GByteArray *out)
{
	guint8 aad[CRATON_SEAL_UID_LEN + 8], tag[TAG_LEN];
	guint start = out->len;
	gsize len;

	if (in_len < CRATON_SEAL_EXTRA)
		return CKR_DEVICE_ERROR;
	len = in_len - CRATON_SEAL_EXTRA;
	value_aad (uid, label, aad);
	memcpy (tag, in + NONCE_LEN + len, TAG_LEN);
	g_byte_array_set_size (out, start + (guint) len);
	return gcm (FALSE, key->key, in, aad, sizeof aad, in + NONCE_LEN, len, out->data + start,
	            tag)
	               ? CKR_OK
	               : CKR_DEVICE_ERROR;
}

CK_RV
craton_seal_mac (const CratonSealKey *key, const guint8 *head, gsize head_len, const guint8 *body,
                 gsize body_len, guint8 *ret_mac)
{
	return hmac (key->mac_key, head, head_len, body, body_len, ret_mac);
}

CK_RV
craton_seal_tag (const CratonSealKey *key, CK_ATTRIBUTE_TYPE type, const guint8 *value,
                 gsize value_len, gint64 *ret_tag)
{
	/* Public values are not hidden by this, only shortened: any key does. */
	static const guint8 no_key[KEY_LEN] = { 0 };
	guint64 label = GUINT64_TO_BE ((guint64) type);
	guint8 mac[KEY_LEN];
	CK_RV rv = hmac (key != NULL ? key->tag_key : no_key, (const guint8 *) &label, sizeof label,
	                 value, value_len, mac);

	if (rv == CKR_OK)
		memcpy (ret_tag, mac, sizeof *ret_tag);
	return rv;
}
