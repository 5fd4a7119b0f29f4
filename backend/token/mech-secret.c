/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Generation of secret keys of a type. Called by keygen.c through the rows. Templates are the client's.
 */
#include "config.h"

#include "key-attrs.h"
#include "keygen.h"
#include "mech.h"
#include "otp.h"
#include "session.h"

/* The length of a key whose template names none; 0: it must. */
static CK_ULONG
natural_len (const CratonMech *mech)
{
	return mech->detail == NULL ? 0 : *(const CK_ULONG *) mech->detail;
}

static CK_RV
generate (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
          const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	CK_ULONG len;
	CK_RV rv = craton_key_attrs_find_len (template, n_attrs, mech->key_type, natural_len (mech),
	                                      &len);

	(void) mechanism;
	if (rv != CKR_OK)
		return rv;
	if (len < craton_mech_min_size (craton_session_config (session), mech) || len > mech->max_size)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return craton_keygen_secret (session, mech->type, mech->key_type, len, template, n_attrs,
	                             ret_key);
}

#define ROW(...) { ROW_FIELDS (__VA_ARGS__) }
#define ROW_FIELDS(mechanism, type1, min, max, all_marks)                          \
	.type = mechanism, .key_type = type1, .key_type2 = type1, .min_size = min, \
	.max_size = max, .flags = CKF_GENERATE, .marks = all_marks, .generate = generate
#define HMAC_ROW(name, len)                                                                   \
	{                                                                                     \
		.type = CKM_##name##_KEY_GEN, .key_type = CKK_##name##_HMAC,                  \
		.key_type2 = CKK_##name##_HMAC, .min_size = 1, .max_size = CRATON_SECRET_MAX, \
		.flags = CKF_GENERATE, .marks = CRATON_MECH_APPROVED, .generate = generate,   \
		.approved_min = CRATON_APPROVED_BYTES,                                        \
		.detail = &(const CK_ULONG){ len },                                           \
	}

static const CratonMech rows[] = {
	ROW (CKM_AES_KEY_GEN, CKK_AES, 16, 32, CRATON_MECH_APPROVED),
	ROW (CKM_AES_XTS_KEY_GEN, CKK_AES_XTS, 32, 64, CRATON_MECH_APPROVED),
	ROW (CKM_CAMELLIA_KEY_GEN, CKK_CAMELLIA, 16, 32, 0),
	ROW (CKM_CHACHA20_KEY_GEN, CKK_CHACHA20, 32, 32, 0),
	ROW (CKM_POLY1305_KEY_GEN, CKK_POLY1305, 32, 32, 0),
	ROW (CKM_DES_KEY_GEN, CKK_DES, 8, 8, CRATON_MECH_LEGACY),
	ROW (CKM_DES2_KEY_GEN, CKK_DES2, 16, 16, CRATON_MECH_LEGACY),
	ROW (CKM_DES3_KEY_GEN, CKK_DES3, 24, 24, CRATON_MECH_LEGACY),
	{ ROW_FIELDS (CKM_HOTP_KEY_GEN, CKK_HOTP, CRATON_OTP_KEY_MIN, CRATON_SECRET_MAX, 0),
	  .detail = &(const CK_ULONG){ CRATON_OTP_KEY_USUAL } },
	/* As long as the digest, if nobody says otherwise. */
	HMAC_ROW (SHA_1, 20),
	HMAC_ROW (SHA224, 28),
	HMAC_ROW (SHA256, 32),
	HMAC_ROW (SHA384, 48),
	HMAC_ROW (SHA512, 64),
	HMAC_ROW (SHA512_224, 28),
	HMAC_ROW (SHA512_256, 32),
	HMAC_ROW (SHA3_224, 28),
	HMAC_ROW (SHA3_256, 32),
	HMAC_ROW (SHA3_384, 48),
	HMAC_ROW (SHA3_512, 64),
};

const CratonMechFamily craton_mech_secret = { rows, G_N_ELEMENTS (rows) };
