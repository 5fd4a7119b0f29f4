/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The keys of mech-vectors.h as objects of the token.
 */
#ifndef CRATON_TEST_MECH_KEYS_H
#define CRATON_TEST_MECH_KEYS_H

#include "mech-vectors.h"
#include "token-calls.h"

typedef struct {
	GByteArray *bytes[16];
	CK_ATTRIBUTE attrs[16];
	CK_ULONG n;
} Attrs;

G_GNUC_UNUSED static void
add_hex (Attrs *attrs, CK_ATTRIBUTE_TYPE type, const char *hex)
{
	GByteArray *bytes;

	if (hex == NULL)
		return;
	attrs->bytes[attrs->n] = bytes = unhex (hex);
	attrs->attrs[attrs->n++] = (CK_ATTRIBUTE){ type, bytes->data, bytes->len };
}

G_GNUC_UNUSED static void
clear_attrs (Attrs *attrs)
{
	for (CK_ULONG i = 0; i < attrs->n; i++)
		g_byte_array_unref (attrs->bytes[i]);
}

/* What says that it is half of a pair and what it may do; its length. */
G_GNUC_UNUSED static CK_ULONG
half_template (const TestKey *key, const CK_OBJECT_CLASS *class, CK_ATTRIBUTE *template)
{
	gboolean private = *class == CKO_PRIVATE_KEY, rsa = key->type == CKK_RSA,
		 signs = key->type == CKK_EC_EDWARDS || key->type == CKK_DSA;
	CK_ULONG n = 0;

	template[n++] = (CK_ATTRIBUTE){ CKA_CLASS, (void *) class, sizeof *class };
	template[n++] = (CK_ATTRIBUTE) ATTR (CKA_KEY_TYPE, key->type);
	template[n++] = (CK_ATTRIBUTE) ATTR (CKA_PRIVATE, no);
	template[n++] = (CK_ATTRIBUTE){ private ? CKA_SIGN : CKA_VERIFY, (void *) &yes, 1 };
	if (rsa) {
		template[n++] =
			(CK_ATTRIBUTE){ private ? CKA_DECRYPT : CKA_ENCRYPT, (void *) &yes, 1 };
		template[n++] = (CK_ATTRIBUTE){ private ? CKA_UNWRAP : CKA_WRAP, (void *) &yes, 1 };
		template[n++] = (CK_ATTRIBUTE){ private ? CKA_SIGN_RECOVER : CKA_VERIFY_RECOVER,
			                        (void *) &yes, 1 };
	}
	if (key->type == CKK_EC || key->type == CKK_EC_MONTGOMERY)
		template[n++] = (CK_ATTRIBUTE){ private ? CKA_UNWRAP : CKA_WRAP, (void *) &yes, 1 };
	if (private) {
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_SENSITIVE, no);
		template[n++] = (CK_ATTRIBUTE) ATTR (CKA_EXTRACTABLE, yes);
		if (!rsa && !signs)
			template[n++] = (CK_ATTRIBUTE) ATTR (CKA_DERIVE, yes);
	}
	return n;
}

G_GNUC_UNUSED static void
add_numbers (Attrs *numbers, const TestKey *key, gboolean private)
{
	if (private) {
		add_hex (numbers, CKA_VALUE, key->value);
		add_hex (numbers, CKA_PRIVATE_EXPONENT, key->private_exponent);
		add_hex (numbers, CKA_PRIME_1, key->prime_1);
		add_hex (numbers, CKA_PRIME_2, key->prime_2);
		add_hex (numbers, CKA_EXPONENT_1, key->exponent_1);
		add_hex (numbers, CKA_EXPONENT_2, key->exponent_2);
		add_hex (numbers, CKA_COEFFICIENT, key->coefficient);
	} else {
		add_hex (numbers, CKA_EC_POINT, key->point);
		add_hex (numbers, CKA_VALUE, key->public_value);
	}
	add_hex (numbers, CKA_MODULUS, key->modulus);
	add_hex (numbers, CKA_PUBLIC_EXPONENT, key->public_exponent);
	add_hex (numbers, CKA_EC_PARAMS, key->params);
	add_hex (numbers, CKA_PRIME, key->prime);
	add_hex (numbers, CKA_SUBPRIME, key->subprime);
	add_hex (numbers, CKA_BASE, key->base);
}

G_GNUC_UNUSED static CK_OBJECT_HANDLE
make_half (const TestKey *key, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE template[32];
	CK_ULONG n = half_template (key, &class, template);
	Attrs numbers = { 0 };
	CK_OBJECT_HANDLE object;

	add_numbers (&numbers, key, class == CKO_PRIVATE_KEY);
	memcpy (template + n, numbers.attrs, numbers.n * sizeof (CK_ATTRIBUTE));
	ck_ok (p11->C_CreateObject (session, template, n + numbers.n, &object));
	clear_attrs (&numbers);
	return object;
}

G_GNUC_UNUSED static gboolean
is_secret (const TestKey *key)
{
	return key->value != NULL && key->params == NULL && key->modulus == NULL &&
	       key->prime == NULL;
}

G_GNUC_UNUSED static void
make_key (const TestKey *key, CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	if (key == NULL) {
		*ret_public = *ret_private = CK_INVALID_HANDLE;
	} else if (is_secret (key)) {
		g_autoptr (GByteArray) value = unhex (key->value);

		*ret_public = *ret_private =
			make_secret (key->type, value->data, value->len, NULL, 0);
	} else {
		*ret_public = make_half (key, CKO_PUBLIC_KEY);
		*ret_private = make_half (key, CKO_PRIVATE_KEY);
	}
}

#endif /* CRATON_TEST_MECH_KEYS_H */
