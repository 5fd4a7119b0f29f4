/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EdDSA's scheme, for the row in mech-ec.c.
 */
#ifndef CRATON_MECH_EDDSA_H
#define CRATON_MECH_EDDSA_H

#include "mech-sign.h"

extern const CratonSignScheme craton_mech_eddsa_scheme;

#endif /* CRATON_MECH_EDDSA_H */
