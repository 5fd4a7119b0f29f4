/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * CKM_PUB_KEY_FROM_PRIV_KEY: the public key that belongs to a private one. Called by derive.c through
 * the row. Templates are the client's.
 */
#include "config.h"

#include "attr.h"
#include "derive.h"
#include "mech-key.h"
#include "mech-rsa.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/evp.h>

/* PKCS#11 3.2, Public key from private key: what the public key has from the private one if the
 * template says nothing else. */
static const struct {
	CK_ATTRIBUTE_TYPE public, private;
} copied[] = {
	{ CKA_ENCRYPT, CKA_DECRYPT },
	{ CKA_VERIFY, CKA_SIGN },
	{ CKA_VERIFY_RECOVER, CKA_SIGN_RECOVER },
	{ CKA_WRAP, CKA_UNWRAP },
	{ CKA_ENCAPSULATE, CKA_DECAPSULATE },
	{ CKA_DERIVE, CKA_DERIVE },
	{ CKA_ID, CKA_ID },
	{ CKA_START_DATE, CKA_START_DATE },
	{ CKA_END_DATE, CKA_END_DATE },
	{ CKA_SUBJECT, CKA_SUBJECT },
	{ CKA_ALLOWED_MECHANISMS, CKA_ALLOWED_MECHANISMS },
};

static CK_ULONG
collect (const CratonObject *base, CratonKinds kind, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
         CK_ATTRIBUTE *more)
{
	CK_ULONG n = 0;

	for (gsize i = 0; i < G_N_ELEMENTS (copied); i++) {
		const CK_BYTE *value;
		gsize len = 0;

		if ((craton_attr_find (copied[i].public)->where & kind) == 0 ||
		    craton_key_attrs_find (template, n_attrs, copied[i].public) != NULL)
			continue;
		value = craton_object_get (base, copied[i].private, &len);
		if (value != NULL)
			more[n++] = (CK_ATTRIBUTE){ copied[i].public, (void *) value, len };
	}
	return n;
}

/* Numbers are written as the private key has them. */
static CK_RV
make_attrs (CratonObject *base, CK_KEY_TYPE type, CratonKeyAttrs *made)
{
	CK_ATTRIBUTE given = { type == CKK_RSA ? CKA_PUBLIC_EXPONENT : CKA_EC_PARAMS, NULL, 0 };
	gsize len = 0;
	EVP_PKEY *pkey = NULL;
	CK_RV rv = craton_object_pkey (base, &pkey);

	if (rv != CKR_OK)
		return rv;
	given.pValue = (void *) craton_object_get (base, given.type, &len);
	given.ulValueLen = len;
	return craton_mech_key_attrs (pkey, CKO_PUBLIC_KEY, type,
	                              given.pValue == NULL ? NULL : &given, made);
}

static CK_RV
derive_public (CratonSession *session, const CratonMech *mech, const CK_MECHANISM *mechanism,
               CratonObject *base, const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
               CK_OBJECT_HANDLE *ret_key)
{
	CK_KEY_TYPE type = craton_object_get_ulong (base, CKA_KEY_TYPE, CK_UNAVAILABLE_INFORMATION);
	g_auto (CratonKeyAttrs) made = { 0 };
	g_autofree CK_ATTRIBUTE *all = NULL;
	CK_ATTRIBUTE more[G_N_ELEMENTS (copied)];
	CK_ULONG n_more, n = 0;
	CK_RV rv;

	(void) mech;
	if (!craton_mech_has_parameter (mechanism, 0))
		return CKR_MECHANISM_PARAM_INVALID;
	n_more = collect (base, craton_attr_kind (CKO_PUBLIC_KEY, type), template, n_attrs, more);
	all = craton_derive_template (template, n_attrs, NULL, more, n_more, &n);
	if (all == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = make_attrs (base, type, &made);
	if (rv == CKR_OK)
		rv = craton_object_new_key (
			session, all, n, made.attrs, made.n, CRATON_ORIGIN_PUBLIC_HALF,
			craton_object_get_ulong (base, CKA_KEY_GEN_MECHANISM,
		                                 CK_UNAVAILABLE_INFORMATION),
			NULL, ret_key);
	return rv;
}

static const CratonMech rows[] = {
	{ .type = CKM_PUB_KEY_FROM_PRIV_KEY,
	  .key_type = CK_UNAVAILABLE_INFORMATION,
	  .key_type2 = CK_UNAVAILABLE_INFORMATION,
	  .any_private = TRUE,
	  .max_size = CRATON_MECH_RSA_BITS_MAX,
	  .approved_min = CRATON_MECH_RSA_BITS_APPROVED,
	  /* Each is another algorithm, and nothing is done with it that a key would suffer from. */
	  .selftests = { CRATON_SELFTEST_NAMED },
	  .flags = CKF_DERIVE,
	  .marks = CRATON_MECH_APPROVED,
	  .derive = derive_public },
};

const CratonMechFamily craton_mech_public = { rows, G_N_ELEMENTS (rows) };
