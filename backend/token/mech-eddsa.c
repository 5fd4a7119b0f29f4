/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * EdDSA (RFC 8032): Ed25519 and Ed448, and where the libcrypto that runs has them (3.2 and later)
 * the forms that hash first or take a context. Called by mech-sign.c through the row. Parameters and
 * messages are the client's.
 */
#include "config.h"

#include "drbg.h"
#include "mech-curve.h"
#include "mech-sign.h"
#include "mech.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

#define CONTEXT_MAX 255
/* libcrypto signs messages as a whole. */
#define MESSAGE_MAX ((gsize) 256 * 1024 * 1024)

/* OSSL_SIGNATURE_PARAM_INSTANCE and _CONTEXT_STRING of libcrypto 3.2. */
#define PARAM_INSTANCE "instance"
#define PARAM_CONTEXT "context-string"

typedef struct {
	const char *instance; /* NULL: what the key is for by itself */
	CK_BYTE context[CONTEXT_MAX];
	gsize context_len;
} Form;

/* Which of RFC 8032's forms a parameter asks for (PKCS#11 3.2, EdDSA). */
static CK_RV
choose (const CratonSign *sign, const CK_EDDSA_PARAMS *params, Form *form)
{
	gboolean is_448 = EVP_PKEY_is_a (sign->pkey, "ED448");

	if (params->phFlag > CK_TRUE || params->ulContextDataLen > CONTEXT_MAX ||
	    (params->pContextData == NULL && params->ulContextDataLen > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	if (params->ulContextDataLen > 0)
		memcpy (form->context, params->pContextData, params->ulContextDataLen);
	form->context_len = params->ulContextDataLen;
	if (params->phFlag)
		form->instance = is_448 ? "Ed448ph" : "Ed25519ph";
	else if (!is_448)
		form->instance = "Ed25519ctx";
	else if (form->context_len > 0)
		form->instance = "Ed448";
	/* With an empty context Ed25519ctx should not be used (RFC 8032, 8.3), and libcrypto does not. */
	return form->instance != NULL && !params->phFlag && form->context_len == 0
	               ? CKR_MECHANISM_PARAM_INVALID
	               : CKR_OK;
}

static EVP_MD_CTX *
start (EVP_PKEY *pkey, gboolean verifies)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new ();
	OSSL_LIB_CTX *libctx = craton_drbg_context ();
	int ok;

	if (context == NULL)
		return NULL;
	if (verifies)
		ok = EVP_DigestVerifyInit_ex (context, NULL, NULL, libctx, NULL, pkey, NULL);
	else
		ok = EVP_DigestSignInit_ex (context, NULL, NULL, libctx, NULL, pkey, NULL);
	if (ok == 1)
		return context;
	EVP_MD_CTX_free (context);
	return NULL;
}

/* An older libcrypto would take no notice of the parameters and sign in the plain form: it is asked
 * first what it knows. */
static CK_RV
set_form (EVP_PKEY_CTX *inner, Form *form)
{
	const OSSL_PARAM *known = EVP_PKEY_CTX_settable_params (inner);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string (PARAM_INSTANCE, (char *) form->instance, 0),
		OSSL_PARAM_construct_octet_string (PARAM_CONTEXT, form->context, form->context_len),
		OSSL_PARAM_construct_end (),
	};

	if (known == NULL || OSSL_PARAM_locate_const (known, PARAM_INSTANCE) == NULL ||
	    OSSL_PARAM_locate_const (known, PARAM_CONTEXT) == NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	return EVP_PKEY_CTX_set_params (inner, params) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV
setup (CratonSign *sign, const CK_MECHANISM *mechanism)
{
	CK_EDDSA_PARAMS params;
	Form form = { 0 };
	CK_RV rv = CKR_OK;

	if (craton_mech_has_parameter (mechanism, sizeof params)) {
		memcpy (&params, mechanism->pParameter, sizeof params);
		rv = choose (sign, &params, &form);
	} else if (!craton_mech_has_parameter (mechanism, 0)) {
		rv = CKR_MECHANISM_PARAM_INVALID;
	}
	if (rv != CKR_OK)
		return rv;
	sign->signature_len = (gsize) EVP_PKEY_get_size (sign->pkey);
	rv = craton_object_message_context (sign->object, start, sign->verifies, &sign->message);
	if (rv != CKR_OK || form.instance == NULL)
		return rv;
	return set_form (EVP_MD_CTX_get_pkey_ctx (sign->message), &form);
}

/* libcrypto 3.5 uses such a context once, and a process of messages needs it again. */
static EVP_MD_CTX *
copy_context (const CratonSign *sign)
{
	EVP_MD_CTX *copy = EVP_MD_CTX_new ();

	if (copy != NULL && EVP_MD_CTX_copy_ex (copy, sign->message) == 1)
		return copy;
	EVP_MD_CTX_free (copy);
	return NULL;
}

/* EdDSA reads the message twice (RFC 8032, 5.1.6): for the nonce, and for the challenge. Two
 * signatures with one nonce and two challenges give the private key away, so a client must not
 * change the message between: it is copied. */
static CK_RV
sign_message (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, CK_BYTE *signature)
{
	gsize len = sign->signature_len;
	EVP_MD_CTX *context;
	CK_BYTE *copy;
	CK_RV rv = CKR_HOST_MEMORY;

	if (tbs_len > MESSAGE_MAX)
		return CKR_DATA_LEN_RANGE;
	copy = OPENSSL_malloc (MAX (tbs_len, 1));
	context = copy_context (sign);
	if (copy != NULL && context != NULL) {
		if (tbs_len > 0)
			memcpy (copy, tbs, tbs_len);
		rv = EVP_DigestSign (context, signature, &len, copy, tbs_len) == 1 &&
		                     len == sign->signature_len
		             ? CKR_OK
		             : CKR_FUNCTION_FAILED;
	}
	EVP_MD_CTX_free (context);
	OPENSSL_clear_free (copy, tbs_len);
	return rv;
}

static CK_RV
verify_message (CratonSign *sign, const CK_BYTE *tbs, gsize tbs_len, const CK_BYTE *signature)
{
	EVP_MD_CTX *context = copy_context (sign);
	CK_RV rv = CKR_HOST_MEMORY;

	if (context != NULL)
		rv = EVP_DigestVerify (context, signature, sign->signature_len, tbs, tbs_len) == 1
		             ? CKR_OK
		             : CKR_SIGNATURE_INVALID;
	EVP_MD_CTX_free (context);
	return rv;
}

const CratonSignScheme craton_mech_eddsa_scheme = { setup, sign_message, verify_message };
