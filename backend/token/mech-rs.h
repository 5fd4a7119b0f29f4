/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures of two numbers r and s, ECDSA's and DSA's: PKCS#11 writes them one behind the other, each
 * as long as the order of the group; libcrypto takes and gives them in DER.
 */
#ifndef CRATON_MECH_RS_H
#define CRATON_MECH_RS_H

#include "mech-sign.h"

/* The longest order, in bytes: P-521's. */
#define CRATON_MECH_RS_HALF_MAX 66

/**
 * craton_mech_rs_setup:
 * @sign: gets context and lengths
 * @mechanism: has no parameter
 * @half: the length of the order in bytes
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID; CKR_KEY_SIZE_RANGE for an order that is too long; the
 *   codes of craton_mech_pkey_context().
 */
CK_RV craton_mech_rs_setup (CratonSign *sign, const CK_MECHANISM *mechanism, gsize half);

/* The functions of a CratonSignScheme. An empty @tbs is CKR_DATA_LEN_RANGE. */
CK_RV craton_mech_rs_sign (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *signature);
CK_RV craton_mech_rs_verify (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len,
                             const CK_BYTE *signature);

#endif /* CRATON_MECH_RS_H */
