/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_GenerateKey and C_GenerateKeyPair, and the mechanism for generic secret keys. Templates are the
 * client's. Called through the function list.
 */
#include "config.h"

#include "keygen.h"

#include "des.h"
#include "drbg.h"
#include "functions.h"
#include "mech.h"
#include "session.h"
#include "shelf.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

/* Draws a value, and again as long as it is one that weakens the cipher. */
static CK_RV
draw_value (CK_KEY_TYPE type, CK_BYTE *value, gsize len)
{
	gboolean weak;
	CK_RV rv;

	do {
		rv = craton_drbg_generate (value, len);
		weak = FALSE;
		if (rv == CKR_OK && craton_des_is_type (type)) {
			craton_des_set_parity (value, len);
			weak = craton_des_is_weak (value, len);
		} else if (rv == CKR_OK && type == CKK_AES_XTS) {
			weak = CRYPTO_memcmp (value, value + len / 2, len / 2) == 0;
		}
	} while (weak);
	return rv;
}

CK_RV
craton_keygen_secret (CratonSession *session, CK_MECHANISM_TYPE mechanism, CK_KEY_TYPE type,
                      CK_ULONG len, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                      CK_OBJECT_HANDLE *ret_key)
{
	g_auto (CratonKeyAttrs) made = { 0 };
	CK_BYTE value[CRATON_SECRET_MAX];
	CK_RV rv;

	g_assert (len <= sizeof value);
	rv = draw_value (type, value, len);
	craton_key_attrs_add_secret (&made, type, value, len);
	OPENSSL_cleanse (value, len);
	if (rv == CKR_OK && made.failed)
		rv = CKR_HOST_MEMORY;
	if (rv == CKR_OK)
		rv = craton_object_new_key (session, template, n_attrs, made.attrs, made.n,
		                            CRATON_ORIGIN_GENERATED, mechanism, NULL, ret_key);
	return rv;
}

static CK_RV
generate_generic (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
                  const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key)
{
	CK_ULONG len;
	CK_RV rv = craton_key_attrs_find_ulong (template, n_attrs, CKA_VALUE_LEN, &len);

	(void) mechanism;
	if (rv != CKR_OK)
		return rv;
	if (len < craton_mech_min_size (craton_session_config (session), mech) / 8 ||
	    len > mech->max_size / 8)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return craton_keygen_secret (session, mech->type, CKK_GENERIC_SECRET, len, template,
	                             n_attrs, ret_key);
}

/* In bits: PKCS#11, Generic secret key generation. */
static const CratonMech rows[] = {
	{ .type = CKM_GENERIC_SECRET_KEY_GEN,
	  .key_type = CKK_GENERIC_SECRET,
	  .key_type2 = CKK_GENERIC_SECRET,
	  .min_size = 8,
	  .approved_min = CRATON_APPROVED_BYTES * 8,
	  .max_size = CRATON_SECRET_MAX * 8,
	  .marks = CRATON_MECH_APPROVED,
	  .flags = CKF_GENERATE,
	  .generate = generate_generic },
};

const CratonMechFamily craton_mech_generic = { rows, G_N_ELEMENTS (rows) };

CK_RV
craton_token_GenerateKey (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                          CK_ATTRIBUTE_PTR template, CK_ULONG n_attrs, CK_OBJECT_HANDLE_PTR key)
{
	g_autoptr (CratonSession) session = NULL;
	const CratonMech *mech;
	CK_OBJECT_HANDLE made;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || key == NULL || (template == NULL && n_attrs > 0))
		return CKR_ARGUMENTS_BAD;
	rv = craton_session_mech (session, mechanism, CKF_GENERATE, &mech);
	if (rv != CKR_OK)
		return rv;
	if (!mech->generates_with_param && !craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	rv = mech->generate (session, mech, mechanism, template, n_attrs, &made);
	if (rv == CKR_OK)
		*key = made;
	ERR_clear_error ();
	return rv;
}

static gboolean
wanted (const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_ATTRIBUTE_TYPE type, gboolean otherwise)
{
	const CK_ATTRIBUTE *attr = craton_key_attrs_find (template, n_attrs, type);

	/* What is no CK_BBOOL is refused where the object is made. */
	if (attr == NULL || attr->pValue == NULL || attr->ulValueLen != sizeof (CK_BBOOL))
		return otherwise;
	return *(const CK_BBOOL *) attr->pValue != CK_FALSE;
}

CK_RV
craton_token_GenerateKeyPair (CK_SESSION_HANDLE handle, CK_MECHANISM_PTR mechanism,
                              CK_ATTRIBUTE_PTR public_template, CK_ULONG n_public,
                              CK_ATTRIBUTE_PTR private_template, CK_ULONG n_private,
                              CK_OBJECT_HANDLE_PTR public_key, CK_OBJECT_HANDLE_PTR private_key)
{
	g_autoptr (CratonSession) session = NULL;
	CK_OBJECT_HANDLE made_public, made_private;
	const CratonMech *mech;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (mechanism == NULL || public_key == NULL || private_key == NULL ||
	    (public_template == NULL && n_public > 0) ||
	    (private_template == NULL && n_private > 0))
		return CKR_ARGUMENTS_BAD;
	rv = craton_session_mech (session, mechanism, CKF_GENERATE_KEY_PAIR, &mech);
	if (rv != CKR_OK)
		return rv;
	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	/* It may take seconds to make a pair that the session may not have. */
	rv = craton_shelf_may_hold (session, wanted (private_template, n_private, CKA_PRIVATE, TRUE),
	                            wanted (private_template, n_private, CKA_TOKEN, FALSE));
	if (rv != CKR_OK)
		return rv;
	rv = mech->generate_pair (session, mech, mechanism, public_template, n_public,
	                          private_template, n_private, &made_public, &made_private);
	if (rv == CKR_OK) {
		*public_key = made_public;
		*private_key = made_private;
	}
	ERR_clear_error ();
	return rv;
}
