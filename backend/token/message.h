/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The operations behind the message-based calls of PKCS#11 3.0, as operation.c begins and frees
 * them: message.c encrypts and decrypts, message-sign.c signs and verifies.
 */
#ifndef CRATON_MESSAGE_H
#define CRATON_MESSAGE_H

#include "mech.h"

/* With init and clear only; for any row with aead. */
extern const CratonMechClass craton_message_crypt;
/* The same; for any row whose sign has reset. */
extern const CratonMechClass craton_message_sign;

#endif /* CRATON_MESSAGE_H */
