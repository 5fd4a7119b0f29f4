/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * One-time passwords: HOTP (RFC 4226). Called by operation.c through the row. Parameters are the client's.
 *
 * What C_Sign gives is a CK_OTP_SIGNATURE_INFO, and behind it in the caller's buffer what it points to; on the way to another
 * process proxy/wire/ takes care of the pointers. The value is made from the counter that the caller names, or from the key's
 * own, which nobody gets twice.
 */
#include "config.h"

#include "mech.h"

#include <openssl/crypto.h>
#include <string.h>

#include "algs.h"
#include "keygen.h"
#include "otp.h"
#include "selftest.h"

/* Of one parameter: each type once, and no more than there are. */
#define N_TYPES (CK_OTP_OUTPUT_FORMAT + 1)

typedef struct {
	CK_ULONG digits;
	gboolean given;
	CK_BYTE counter[CRATON_OTP_COUNTER_LEN]; /* if given */
} Hotp;

/* The answer, as it lies in the caller's buffer: the value is the last, of that many digits. */
typedef struct {
	CK_OTP_SIGNATURE_INFO info;
	CK_OTP_PARAM params[3];
	CK_ULONG format;
	CK_BYTE counter[CRATON_OTP_COUNTER_LEN];
} Answer;

static CK_RV
take_flags (const CratonOp *op, CK_FLAGS flags)
{
	/* A value without a counter there is not; that the next one is meant, a caller says by its counter. */
	if ((flags & (CKF_NEXT_OTP | CKF_EXCLUDE_COUNTER)) != 0)
		return CKR_MECHANISM_PARAM_INVALID;
	if ((flags & CKF_USER_FRIENDLY_OTP) != 0 &&
	    !craton_object_get_bool (op->key, CKA_OTP_USER_FRIENDLY_MODE, FALSE))
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

static CK_RV
take_param (const CratonOp *op, const CK_OTP_PARAM *param, Hotp *hotp)
{
	gboolean counter = param->type == CK_OTP_COUNTER;
	gsize len = counter ? sizeof hotp->counter : sizeof (CK_ULONG);
	CK_ULONG number;

	/* Nothing but a counter goes into the value. */
	if (param->type == CK_OTP_PIN || param->type == CK_OTP_CHALLENGE || param->type == CK_OTP_TIME)
		return CKR_OK;
	if (param->pValue == NULL || param->ulValueLen != len)
		return CKR_MECHANISM_PARAM_INVALID;
	if (counter) {
		memcpy (hotp->counter, param->pValue, len);
		hotp->given = TRUE;
		return CKR_OK;
	}
	memcpy (&number, param->pValue, len);
	if (param->type == CK_OTP_FLAGS)
		return take_flags (op, number);
	if (param->type == CK_OTP_OUTPUT_FORMAT)
		return number == CK_OTP_FORMAT_DECIMAL ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
	if (param->type != CK_OTP_OUTPUT_LENGTH || !craton_otp_has_digits (number))
		return CKR_MECHANISM_PARAM_INVALID;
	hotp->digits = number;
	return CKR_OK;
}

static CK_RV
hotp_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	CK_ULONG asks = craton_object_get_ulong (op->key, CKA_OTP_COUNTER_REQUIREMENT,
	                                         CK_OTP_PARAM_MANDATORY);
	CK_OTP_PARAMS params;
	guint seen = 0;
	Hotp *hotp;
	CK_RV rv = CKR_OK;

	op->state = hotp = g_new0 (Hotp, 1);
	hotp->digits = craton_object_get_ulong (op->key, CKA_OTP_LENGTH, CRATON_OTP_DIGITS_MIN);
	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.ulCount > N_TYPES || (params.pParams == NULL && params.ulCount > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	for (CK_ULONG i = 0; rv == CKR_OK && i < params.ulCount; i++) {
		CK_OTP_PARAM param = params.pParams[i];

		if (param.type >= N_TYPES || (seen & 1u << param.type) != 0)
			return CKR_MECHANISM_PARAM_INVALID;
		seen |= 1u << param.type;
		rv = take_param (op, &param, hotp);
	}
	if (rv != CKR_OK)
		return rv;
	/* PKCS#11 3.2, HOTP OTP generation and validation: to verify, the counter must be provided. */
	if (op->kind == CRATON_OP_VERIFY)
		return hotp->given ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
	if (asks == CK_OTP_PARAM_IGNORED)
		hotp->given = FALSE;
	return asks == CK_OTP_PARAM_MANDATORY && !hotp->given ? CKR_MECHANISM_PARAM_INVALID : CKR_OK;
}

/* RFC 4226, 5.3. @ret_value: as many digits as the operation has. */
static CK_RV
make_value (const CratonOp *op, const CK_BYTE *counter, CK_BYTE *ret_value)
{
	const Hotp *hotp = op->state;
	gsize key_len = 0, len = 0;
	const CK_BYTE *key = craton_object_get (op->key, CKA_VALUE, &key_len);
	const EVP_MAC_CTX *template = craton_algs_hmac (CRATON_HASH_SHA1);
	EVP_MAC_CTX *context = template == NULL ? NULL : EVP_MAC_CTX_dup (template);
	CK_BYTE code[EVP_MAX_MD_SIZE];
	guint32 number;
	gboolean good;

	good = context != NULL && key != NULL && EVP_MAC_init (context, key, key_len, NULL) == 1 &&
	       EVP_MAC_update (context, counter, CRATON_OTP_COUNTER_LEN) == 1 &&
	       EVP_MAC_final (context, code, &len, sizeof code) == 1 &&
	       len == craton_algs_hashes[CRATON_HASH_SHA1].len;
	EVP_MAC_CTX_free (context);
	if (!good)
		return CKR_FUNCTION_FAILED;
	memcpy (&number, code + (code[len - 1] & 0x0f), sizeof number);
	number = GUINT32_FROM_BE (number) & G_MAXINT32;
	for (CK_ULONG i = hotp->digits; i > 0; i--, number /= 10)
		ret_value[i - 1] = (CK_BYTE) ('0' + number % 10);
	OPENSSL_cleanse (code, sizeof code);
	return CKR_OK;
}

static CK_ULONG
hotp_out_len (CratonOp *op, CK_ULONG in_len, gboolean last)
{
	const Hotp *hotp = op->state;

	(void) in_len;
	return last ? sizeof (Answer) + hotp->digits : 0;
}

static CK_RV
hotp_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	const Hotp *hotp = op->state;
	Answer answer = {
		.info = { (CK_OTP_PARAM *) (void *) (out + offsetof (Answer, params)),
		          G_N_ELEMENTS (answer.params) },
		.params = { { CK_OTP_VALUE, out + sizeof answer, hotp->digits },
		            { CK_OTP_COUNTER, out + offsetof (Answer, counter), sizeof answer.counter },
		            { CK_OTP_OUTPUT_FORMAT, out + offsetof (Answer, format),
		              sizeof answer.format } },
		.format = CK_OTP_FORMAT_DECIMAL,
	};
	CK_RV rv = CKR_OK;

	if (hotp->given)
		memcpy (answer.counter, hotp->counter, sizeof answer.counter);
	else
		rv = craton_otp_take_counter (op->session, op->key_handle, answer.counter);
	if (rv == CKR_OK)
		rv = make_value (op, answer.counter, out + sizeof answer);
	if (rv != CKR_OK)
		return rv;
	memcpy (out, &answer, sizeof answer);
	*ret_out_len = sizeof answer + hotp->digits;
	return CKR_OK;
}

/* PKCS#11 3.2: there are no data. */
static CK_RV
hotp_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	(void) in;
	return in_len > 0 ? CKR_DATA_LEN_RANGE : hotp_final (op, out, ret_out_len);
}

static CK_RV
hotp_verify_final (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len)
{
	const Hotp *hotp = op->state;
	CK_BYTE value[CRATON_OTP_DIGITS_MAX];
	CK_RV rv = make_value (op, hotp->counter, value);

	if (rv != CKR_OK)
		return rv;
	if (signature_len != hotp->digits)
		rv = CKR_SIGNATURE_LEN_RANGE;
	else if (CRYPTO_memcmp (value, signature, signature_len) != 0)
		rv = CKR_SIGNATURE_INVALID;
	OPENSSL_cleanse (value, sizeof value);
	return rv;
}

static CK_RV
hotp_verify_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, const CK_BYTE *signature,
                  CK_ULONG signature_len)
{
	(void) in;
	return in_len > 0 ? CKR_DATA_LEN_RANGE : hotp_verify_final (op, signature, signature_len);
}

static void
hotp_clear (CratonOp *op)
{
	g_free (op->state);
}

static const CratonMechClass hotp_class = {
	.init = hotp_init,
	.out_len = hotp_out_len,
	.final = hotp_final,
	.once = hotp_once,
	.verify_final = hotp_verify_final,
	.verify_once = hotp_verify_once,
	.clear = hotp_clear,
};

static gboolean
is_available (const CratonMech *mech)
{
	(void) mech;
	return craton_algs_hmac (CRATON_HASH_SHA1) != NULL;
}

/* Not for fips = yes: NIST has approved HMAC with SHA-1, but not what is made of it here. */
static const CratonMech rows[] = {
	{ .type = CKM_HOTP,
	  .key_type = CKK_HOTP,
	  .key_type2 = CKK_HOTP,
	  .min_size = CRATON_OTP_KEY_MIN,
	  .max_size = CRATON_SECRET_MAX,
	  .flags = CKF_SIGN | CKF_VERIFY,
	  .available = is_available,
	  .selftests = { CRATON_SELFTEST_HASH (CRATON_HASH_SHA1) },
	  .sign = &hotp_class },
};

const CratonMechFamily craton_mech_hotp = { rows, G_N_ELEMENTS (rows) };
