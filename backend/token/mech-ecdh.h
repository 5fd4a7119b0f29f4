/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * ECDH for whoever needs it: CKM_ECDH1_DERIVE and CKM_ECDH_AES_KEY_WRAP.
 */
#ifndef CRATON_MECH_ECDH_H
#define CRATON_MECH_ECDH_H

#include "algs.h"
#include "mech-curve.h"
#include "mech.h"

/* The longest pSharedData, in bytes. */
#define CRATON_MECH_ECDH_SHARED_MAX 65536

/* A CKD_ of PKCS#11. */
typedef struct {
	CK_EC_KDF_TYPE kdf;
	CratonHash hash;        /* CRATON_HASH_NONE: CKD_NULL */
	gboolean counter_first; /* SP 800-56C puts the counter before the secret, X9.63 after it */
} CratonMechEcdhKdf;

/* Returns: the row of @kdf, or NULL. */
const CratonMechEcdhKdf *craton_mech_ecdh_kdf (CK_EC_KDF_TYPE kdf);

/**
 * craton_mech_ecdh_agree:
 * @pkey: a private key on @curve
 * @peer: another's public key on it
 * @secret: gets curve->field_len bytes; the caller wipes them
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID if the peer's point is not of the group, or gives no
 *   secret (RFC 7748, 6.1); CKR_HOST_MEMORY; CKR_FUNCTION_FAILED.
 */
CK_RV craton_mech_ecdh_agree (EVP_PKEY *pkey, EVP_PKEY *peer, const CratonCurve *curve,
                              CK_BYTE *secret);

/**
 * craton_mech_ecdh_expand:
 * @kdf: not CKD_NULL's
 * @shared: the client's; read once a block
 * @out: filled; the caller wipes it
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_GENERAL_ERROR if the hash fails.
 * Source: SEC 1, 3.6.1 (X9.63); SP 800-56C, 4
 */
CK_RV craton_mech_ecdh_expand (const CratonMechEcdhKdf *kdf, const CK_BYTE *shared,
                               gsize shared_len, const CK_BYTE *secret, gsize secret_len,
                               CK_BYTE *out, gsize out_len);

/* For the rows that derive with ECDH. */
CK_RV craton_mech_ecdh_derive (CratonSession *session, const CratonMech *mech,
                               const CK_MECHANISM *mechanism, CratonObject *base,
                               const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                               CK_OBJECT_HANDLE *ret_key);

#endif /* CRATON_MECH_ECDH_H */
