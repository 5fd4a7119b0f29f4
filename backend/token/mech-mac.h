/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What all message authentication codes have in common, whoever computes them: the code is made by the
 * class's update() and final(), in one call or in several, and compared or handed out.
 */
#ifndef CRATON_MECH_MAC_H
#define CRATON_MECH_MAC_H

#include "mech.h"

/* The longest code. */
#define CRATON_MAC_MAX 64

/**
 * craton_mac_take_len:
 * @mechanism: with a CK_MAC_GENERAL_PARAMS if @general, else without parameter
 * @full_len: of the code
 * @usual_len: of what is used of it if nobody says otherwise
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID.
 */
CK_RV craton_mac_take_len (const CK_MECHANISM *mechanism, gboolean general, CK_ULONG full_len,
                           CK_ULONG usual_len, CK_ULONG *ret_len);

/* For CratonMechClass. */
CK_RV craton_mac_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
                       CK_ULONG *ret_out_len);
CK_RV craton_mac_verify_final (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len);
CK_RV craton_mac_verify_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len,
                              const CK_BYTE *signature, CK_ULONG signature_len);

#endif /* CRATON_MECH_MAC_H */
