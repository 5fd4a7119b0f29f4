/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Keys for one-time passwords: what RFC 4226 says of them, and the counter that the token keeps in one.
 */
#ifndef CRATON_OTP_H
#define CRATON_OTP_H

#include "object.h"

#define CRATON_OTP_COUNTER_LEN 8 /* big-endian */
/* Bytes (RFC 4226, R6: 128 bits at least, 160 recommended). */
#define CRATON_OTP_KEY_MIN 16
#define CRATON_OTP_KEY_USUAL 20
#define CRATON_OTP_DIGITS_MIN 6
#define CRATON_OTP_DIGITS_MAX 8

gboolean craton_otp_has_digits (CK_ULONG digits);

/**
 * craton_otp_take_counter:
 * @session: acquired
 * @handle: a key with CKA_OTP_COUNTER
 * @ret_counter: CRATON_OTP_COUNTER_LEN bytes: the counter, for this caller alone
 *
 * The key's counter is the next one before this returns, in the store if the key is a token object: whatever
 * happens then, nobody gets the same one again, in this process or another.
 *
 * Returns: CKR_OK; CKR_KEY_HANDLE_INVALID if the key is gone; CKR_KEY_FUNCTION_NOT_PERMITTED after the last counter;
 *   CKR_USER_NOT_LOGGED_IN; CKR_TOKEN_WRITE_PROTECTED; CKR_FUNCTION_FAILED if others are always faster; CKR_HOST_MEMORY;
 *   the codes of store.h.
 */
CK_RV craton_otp_take_counter (CratonSession *session, CK_OBJECT_HANDLE handle, CK_BYTE *ret_counter);

#endif /* CRATON_OTP_H */
