/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects and their attributes: what templates may say, what comes of them, who may read, change,
 * copy, destroy and find what. All through the token's function list; the numbers in comments are
 * the footnotes of PKCS#11's attribute tables.
 */
#include "config.h"

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "token-process.h"

static void
setup (void)
{
	scratch_setup ();
	make_token ();
	login ();
}

static CK_RV
copy (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG len,
      CK_OBJECT_HANDLE *ret_copy)
{
	CK_ATTRIBUTE template = { type, (void *) value, len };

	return p11->C_CopyObject (session, object, &template, 1, ret_copy);
}

/* What is wrong with a template: one attribute more, or another value, on top of a good one for an
 * AES key. */
static const CK_ULONG ulong_17 = 17, ulong_16 = 16, vendor_class = CKO_VENDOR_DEFINED + 1,
		      class_otp = CKO_OTP_KEY;
static const CK_KEY_TYPE type_des3 = CKK_DES3;
static const CK_BBOOL bool_2 = 2;
static const CK_BYTE bytes_15[15] = { 0 }, check_value[3] = { 1, 2, 3 };
static const CK_MECHANISM_TYPE mechanism = CKM_AES_KEY_GEN;
static const CK_ATTRIBUTE nested[] = { ATTR (CKA_EXTRACTABLE, yes), ATTR (CKA_ENCRYPT, no) };
static const CK_ATTRIBUTE nested_deep[] = { { CKA_WRAP_TEMPLATE, (void *) nested, sizeof nested } };
static const CK_ATTRIBUTE nested_unknown[] = { { CKA_VENDOR_DEFINED | 7, (void *) &yes, 1 } };

#define WRONG(type, value, rv)                                  \
	{                                                       \
		{ type, (void *) &(value), sizeof (value) }, rv \
	}
static const struct {
	CK_ATTRIBUTE attr;
	CK_RV rv;
} wrong[] = {
	WRONG (CKA_CLASS, vendor_class, CKR_ATTRIBUTE_VALUE_INVALID),
	WRONG (CKA_CLASS, class_otp, CKR_ATTRIBUTE_VALUE_INVALID),
	WRONG (CKA_CLASS, yes, CKR_ATTRIBUTE_VALUE_INVALID),
	WRONG (CKA_KEY_TYPE, type_des3, CKR_ATTRIBUTE_VALUE_INVALID),
	WRONG (CKA_VALUE, bytes_15, CKR_ATTRIBUTE_VALUE_INVALID),
	{ { CKA_VALUE, NULL, 16 }, CKR_ATTRIBUTE_VALUE_INVALID },
	{ { CKA_VALUE, (void *) key16, CK_UNAVAILABLE_INFORMATION }, CKR_ATTRIBUTE_VALUE_INVALID },
	{ { CKA_VALUE, (void *) key16, 0 }, CKR_ATTRIBUTE_VALUE_INVALID },
	WRONG (CKA_ENCRYPT, bool_2, CKR_ATTRIBUTE_VALUE_INVALID),
	WRONG (CKA_ENCRYPT, ulong_16, CKR_ATTRIBUTE_VALUE_INVALID),
	{ { CKA_ENCRYPT, NULL, 0 }, CKR_ATTRIBUTE_VALUE_INVALID },
	{ { CKA_START_DATE, (void *) "2024010", 7 }, CKR_ATTRIBUTE_VALUE_INVALID },
	{ { CKA_START_DATE, (void *) "2024o101", 8 }, CKR_ATTRIBUTE_VALUE_INVALID },
	WRONG (CKA_VALUE_LEN, ulong_16, CKR_ATTRIBUTE_READ_ONLY), /* 2 */
	WRONG (CKA_VALUE_LEN, ulong_17, CKR_ATTRIBUTE_READ_ONLY),
	WRONG (CKA_LOCAL, yes, CKR_ATTRIBUTE_READ_ONLY),
	WRONG (CKA_ALWAYS_SENSITIVE, yes, CKR_ATTRIBUTE_READ_ONLY),
	WRONG (CKA_NEVER_EXTRACTABLE, yes, CKR_ATTRIBUTE_READ_ONLY),
	WRONG (CKA_KEY_GEN_MECHANISM, mechanism, CKR_ATTRIBUTE_READ_ONLY),
	{ { CKA_UNIQUE_ID, (void *) "me", 2 }, CKR_ATTRIBUTE_READ_ONLY },
	WRONG (CKA_TRUSTED, yes, CKR_ATTRIBUTE_READ_ONLY), /* 10 */
	WRONG (CKA_CHECK_VALUE, check_value, CKR_ATTRIBUTE_VALUE_INVALID),
	{ { CKA_VENDOR_DEFINED | 0x4e534362, (void *) "x", 1 }, CKR_ATTRIBUTE_TYPE_INVALID },
	{ { CKA_PIXEL_X, (void *) &ulong_16, sizeof ulong_16 }, CKR_ATTRIBUTE_TYPE_INVALID },
	{ { CKA_MODULUS, (void *) key16, sizeof key16 }, CKR_TEMPLATE_INCONSISTENT },
	{ { CKA_CERTIFICATE_TYPE, (void *) &type_x509, sizeof type_x509 },
	  CKR_TEMPLATE_INCONSISTENT },
	{ { CKA_WRAP_TEMPLATE, (void *) nested, sizeof nested - 1 }, CKR_ATTRIBUTE_VALUE_INVALID },
	WRONG (CKA_WRAP_TEMPLATE, nested_deep, CKR_ATTRIBUTE_VALUE_INVALID),
	WRONG (CKA_WRAP_TEMPLATE, nested_unknown, CKR_ATTRIBUTE_TYPE_INVALID),
	{ { CKA_ALLOWED_MECHANISMS, (void *) &mechanism, sizeof mechanism - 1 },
	  CKR_ATTRIBUTE_VALUE_INVALID },
};

START_TEST (test_create__wrong_template)
{
	CK_ATTRIBUTE template[5] = {
		ATTR (CKA_CLASS, class_secret),
		ATTR (CKA_KEY_TYPE, type_aes),
		ATTR (CKA_VALUE, key16),
	};
	CK_ULONG at = 0;
	CK_OBJECT_HANDLE object = 4711;

	while (at < 3 && template[at].type != wrong[_i].attr.type)
		at++;
	template[at] = wrong[_i].attr;
	ck_rv (p11->C_CreateObject (session, template, MAX (at + 1, 3), &object), wrong[_i].rv);
	ck_assert_uint_eq (object, 4711);
	ck_assert_uint_eq (find_all (NULL, 0, NULL), 0);
}
END_TEST

START_TEST (test_create__wrong_arguments)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_data) };
	CK_OBJECT_HANDLE object;

	ck_rv (p11->C_CreateObject (session, NULL, 1, &object), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_CreateObject (session, template, 1, NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_CreateObject (session, template, 1UL << 40, &object), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_CreateObject (session, template, 0, &object), CKR_TEMPLATE_INCOMPLETE);
	ck_rv (p11->C_CreateObject (session + 1, template, 1, &object), CKR_SESSION_HANDLE_INVALID);
}
END_TEST

/* Whatever must be there is missed: each attribute of a good template is left out once. */
START_TEST (test_create__incomplete)
{
	CK_ATTRIBUTE secret[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_generic),
		                  ATTR (CKA_VALUE, key16) };
	CK_ATTRIBUTE certificate[] = { ATTR (CKA_CLASS, class_certificate),
		                       ATTR (CKA_CERTIFICATE_TYPE, type_x509),
		                       { CKA_SUBJECT, (void *) "s", 1 },
		                       { CKA_VALUE, (void *) "v", 1 } };
	CK_ATTRIBUTE rsa[] = { ATTR (CKA_CLASS, class_public),
		               ATTR (CKA_KEY_TYPE, type_rsa),
		               ATTR (CKA_MODULUS, key16),
		               { CKA_PUBLIC_EXPONENT, (void *) "\1\0\1", 3 } };
	CK_ATTRIBUTE ec[] = { ATTR (CKA_CLASS, class_public),
		              ATTR (CKA_KEY_TYPE, type_ec),
		              { CKA_EC_PARAMS, (void *) "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
		                10 },
		              { CKA_EC_POINT, (void *) "\x04", 1 } };
	struct {
		CK_ATTRIBUTE *attrs;
		CK_ULONG n;
	} good[] = { { secret, N (secret) },
		     { certificate, N (certificate) },
		     { rsa, N (rsa) },
		     { ec, N (ec) } };
	CK_OBJECT_HANDLE object;

	for (gsize i = 0; i < N (good); i++)
		for (CK_ULONG left_out = 0; left_out < good[i].n; left_out++) {
			CK_ATTRIBUTE template[4];
			CK_ULONG n = 0;

			for (CK_ULONG j = 0; j < good[i].n; j++)
				if (j != left_out)
					template[n++] = good[i].attrs[j];
			ck_rv (p11->C_CreateObject (session, template, n, &object),
			       CKR_TEMPLATE_INCOMPLETE);
		}
}
END_TEST

START_TEST (test_create__attribute_twice)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_data),
		                    { CKA_LABEL, (void *) "a", 1 },
		                    { CKA_LABEL, (void *) "a", 1 } };
	CK_OBJECT_HANDLE object;

	ck_ok (p11->C_CreateObject (session, template, N (template), &object));
	assert_value (object, CKA_LABEL, "a", 1);
	template[2].pValue = (void *) "b";
	ck_rv (p11->C_CreateObject (session, template, N (template), &object),
	       CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

START_TEST (test_create__limits)
{
	g_autofree CK_BYTE *large = g_malloc0 (1024 * 1024 + 1);
	CK_ATTRIBUTE template[7] = { ATTR (CKA_CLASS, class_data),
		                     { CKA_VALUE, large, 1024 * 1024 } };
	CK_ATTRIBUTE many[129];
	CK_OBJECT_HANDLE object;

	ck_ok (p11->C_CreateObject (session, template, 2, &object));
	template[1].ulValueLen++;
	ck_rv (p11->C_CreateObject (session, template, 2, &object), CKR_ATTRIBUTE_VALUE_INVALID);
	template[1].ulValueLen--;
	template[2] = (CK_ATTRIBUTE){ CKA_LABEL, large, 1024 * 1024 };
	template[3] = (CK_ATTRIBUTE){ CKA_APPLICATION, large, 1024 * 1024 };
	template[4] = (CK_ATTRIBUTE){ CKA_OBJECT_ID, large, 1024 * 1024 };
	ck_rv (p11->C_CreateObject (session, template, 5, &object), CKR_DEVICE_MEMORY);
	for (gsize i = 0; i < N (many); i++)
		many[i] = template[0];
	ck_ok (p11->C_CreateObject (session, many, 128, &object));
	ck_rv (p11->C_CreateObject (session, many, 129, &object), CKR_ARGUMENTS_BAD);
}
END_TEST

START_TEST (test_create__session_memory)
{
	g_autofree CK_BYTE *large = g_malloc0 (1024 * 1024);
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_data),
		                    { CKA_VALUE, large, 1024 * 1024 } };
	CK_OBJECT_HANDLE first, object;
	CK_ULONG n = 1;
	CK_RV rv;

	first = CREATE (template);
	while ((rv = p11->C_CreateObject (session, template, 2, &object)) == CKR_OK)
		ck_assert_uint_lt (n++, 300);
	ck_rv (rv, CKR_DEVICE_MEMORY);
	ck_assert_uint_gt (n, 200);
	ck_assert_uint_eq (find_all (NULL, 0, NULL), n);
	ck_ok (p11->C_DestroyObject (session, first));
	ck_ok (p11->C_CreateObject (session, template, 2, &object));
}
END_TEST

START_TEST (test_create__data_defaults)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_data) };
	CK_OBJECT_HANDLE object = CREATE (template);
	g_autoptr (GBytes) id = get (object, CKA_UNIQUE_ID);

	assert_bool (object, CKA_TOKEN, CK_FALSE);
	assert_bool (object, CKA_PRIVATE, CK_FALSE);
	assert_bool (object, CKA_MODIFIABLE, CK_TRUE);
	assert_bool (object, CKA_COPYABLE, CK_TRUE);
	assert_bool (object, CKA_DESTROYABLE, CK_TRUE);
	assert_value (object, CKA_LABEL, "", 0);
	assert_value (object, CKA_APPLICATION, "", 0);
	assert_value (object, CKA_OBJECT_ID, "", 0);
	assert_value (object, CKA_VALUE, "", 0);
	ck_assert_uint_eq (g_bytes_get_size (id), 36);
}
END_TEST

START_TEST (test_create__secret_key_defaults)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		                    ATTR (CKA_VALUE, key16) };
	CK_OBJECT_HANDLE object = CREATE (template);
	CK_ULONG none = CK_UNAVAILABLE_INFORMATION;

	assert_bool (object, CKA_PRIVATE, CK_TRUE);
	assert_bool (object, CKA_SENSITIVE, CK_FALSE);
	assert_bool (object, CKA_EXTRACTABLE, CK_FALSE);
	assert_bool (object, CKA_ALWAYS_SENSITIVE, CK_FALSE);
	assert_bool (object, CKA_NEVER_EXTRACTABLE, CK_FALSE);
	assert_bool (object, CKA_LOCAL, CK_FALSE);
	assert_bool (object, CKA_DERIVE, CK_FALSE);
	assert_bool (object, CKA_ENCRYPT, CK_TRUE);
	assert_bool (object, CKA_WRAP_WITH_TRUSTED, CK_FALSE);
	assert_bool (object, CKA_TRUSTED, CK_FALSE);
	assert_value (object, CKA_START_DATE, "", 0);
	assert_value (object, CKA_KEY_GEN_MECHANISM, &none, sizeof none);
	assert_value (object, CKA_VALUE_LEN, &ulong_16, sizeof ulong_16);
}
END_TEST

/* AES: the key encrypts a block of nulls; others: SHA-1 of the key. Both computed with openssl(1).
 */
START_TEST (test_create__check_value)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret),
		                    ATTR (CKA_KEY_TYPE, type_aes),
		                    ATTR (CKA_VALUE, key16),
		                    { CKA_CHECK_VALUE, NULL, 0 } };
	CK_OBJECT_HANDLE object = create (template, 3);

	assert_value (object, CKA_CHECK_VALUE, "\x0b\x9b\x15", 3);
	ck_rv (set (object, CKA_CHECK_VALUE, "\1\2\3", 3), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_ok (set (object, CKA_CHECK_VALUE, NULL, 0));
	assert_value (object, CKA_CHECK_VALUE, "", 0);
	object = create (template, 4);
	assert_value (object, CKA_CHECK_VALUE, "", 0);
	template[1].pValue = (void *) &type_generic;
	object = create (template, 3);
	assert_value (object, CKA_CHECK_VALUE, "\xfe\x55\x67", 3);
}
END_TEST

START_TEST (test_create__private_without_login)
{
	CK_OBJECT_HANDLE object;

	ck_ok (p11->C_Logout (session));
	ck_rv (create_data ("d", CK_FALSE, CK_TRUE, &object), CKR_USER_NOT_LOGGED_IN);
	ck_rv (create_data ("d", CK_TRUE, CK_TRUE, &object), CKR_USER_NOT_LOGGED_IN);
	ck_ok (create_data ("d", CK_FALSE, CK_FALSE, &object));
	ck_ok (create_data ("d", CK_TRUE, CK_FALSE, &object));
	ck_ok (p11->C_Login (session, CKU_SO, PIN (SO_PIN)));
	ck_rv (create_data ("d", CK_FALSE, CK_TRUE, &object), CKR_USER_NOT_LOGGED_IN);
}
END_TEST

START_TEST (test_create__read_only_session)
{
	CK_OBJECT_HANDLE object, on_token = make_data ("token", CK_TRUE, CK_FALSE), copied;

	session = open_session (0);
	ck_rv (create_data ("d", CK_TRUE, CK_FALSE, &object), CKR_SESSION_READ_ONLY);
	ck_ok (create_data ("d", CK_FALSE, CK_TRUE, &object));
	ck_rv (set (on_token, CKA_LABEL, "x", 1), CKR_SESSION_READ_ONLY);
	ck_ok (set (object, CKA_LABEL, "x", 1));
	ck_rv (copy (object, CKA_TOKEN, &yes, 1, &copied), CKR_SESSION_READ_ONLY);
	ck_ok (copy (on_token, CKA_TOKEN, &no, 1, &copied));
	ck_rv (p11->C_DestroyObject (session, on_token), CKR_SESSION_READ_ONLY);
	ck_ok (p11->C_DestroyObject (session, object));
}
END_TEST

/* A certificate that signs itself, in DER. */
static GBytes *
make_certificate (void)
{
	EVP_PKEY *pkey = EVP_PKEY_Q_keygen (NULL, NULL, "EC", "P-256");
	X509 *certificate = X509_new ();
	X509_NAME *name = X509_get_subject_name (certificate);
	unsigned char *der = NULL;
	GBytes *bytes;
	int len;

	ck_assert (X509_NAME_add_entry_by_txt (name, "CN", MBSTRING_ASC, (const guchar *) "test",
	                                       -1, -1, 0));
	ck_assert (ASN1_INTEGER_set (X509_get_serialNumber (certificate), 5));
	ck_assert (X509_set_issuer_name (certificate, name) && X509_set_pubkey (certificate, pkey));
	ck_assert_ptr_nonnull (X509_gmtime_adj (X509_getm_notBefore (certificate), 0));
	ck_assert_ptr_nonnull (X509_gmtime_adj (X509_getm_notAfter (certificate), 3600));
	ck_assert_int_gt (X509_sign (certificate, pkey, EVP_sha256 ()), 0);
	len = i2d_X509 (certificate, &der);
	ck_assert_int_gt (len, 0);
	bytes = g_bytes_new (der, (gsize) len);
	OPENSSL_free (der);
	X509_free (certificate);
	EVP_PKEY_free (pkey);
	return bytes;
}

START_TEST (test_create__certificate)
{
	g_autoptr (GBytes) der = make_certificate ();
	g_autoptr (GBytes) info = NULL;
	gsize len;
	const guchar *at = g_bytes_get_data (der, &len);
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_certificate),
		ATTR (CKA_CERTIFICATE_TYPE, type_x509),
		{ CKA_SUBJECT, (void *) "subject", 7 },
		{ CKA_VALUE, (void *) at, len },
	};
	CK_OBJECT_HANDLE object = CREATE (template);
	X509 *certificate;
	EVP_PKEY *pkey;
	guchar sha1[20];

	assert_value (object, CKA_ISSUER, "", 0);
	assert_bool (object, CKA_TRUSTED, CK_FALSE);
	ck_assert (EVP_Digest (at, len, sha1, NULL, EVP_sha1 (), NULL));
	assert_value (object, CKA_CHECK_VALUE, sha1, 3);
	info = get (object, CKA_PUBLIC_KEY_INFO);
	certificate = d2i_X509 (NULL, &at, (long) len);
	at = g_bytes_get_data (info, &len);
	pkey = d2i_PUBKEY (NULL, &at, (long) len);
	ck_assert_int_eq (EVP_PKEY_eq (pkey, X509_get0_pubkey (certificate)), 1);
	EVP_PKEY_free (pkey);
	X509_free (certificate);

	/* Only CKA_ID, CKA_ISSUER, CKA_SERIAL_NUMBER and the label may be modified. */
	ck_ok (set (object, CKA_ID, "id", 2));
	ck_ok (set (object, CKA_ISSUER, "issuer", 6));
	ck_ok (set (object, CKA_SERIAL_NUMBER, "\2\1\5", 3));
	ck_ok (set (object, CKA_LABEL, "label", 5));
	ck_rv (set (object, CKA_SUBJECT, "other", 5), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_VALUE, "other", 5), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_START_DATE, "20240101", 8), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_CERTIFICATE_TYPE, &type_x509, sizeof type_x509),
	       CKR_ATTRIBUTE_READ_ONLY);
	assert_value (object, CKA_ID, "id", 2);
}
END_TEST

START_TEST (test_create__certificate_elsewhere)
{
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_certificate),
		ATTR (CKA_CERTIFICATE_TYPE, type_x509),
		{ CKA_SUBJECT, (void *) "subject", 7 },
		{ CKA_URL, (void *) "http://host/", 12 },
		{ CKA_HASH_OF_SUBJECT_PUBLIC_KEY, (void *) "hash", 4 },
		{ CKA_VALUE, NULL, 0 },
		{ CKA_HASH_OF_ISSUER_PUBLIC_KEY, (void *) "hash", 4 },
	};
	CK_CERTIFICATE_TYPE attribute_certificate = CKC_X_509_ATTR_CERT;
	CK_OBJECT_HANDLE object = CREATE (template);

	assert_value (object, CKA_VALUE, "", 0);
	assert_value (object, CKA_CHECK_VALUE, "", 0);
	ck_rv (p11->C_CreateObject (session, template, 6, &object), CKR_TEMPLATE_INCOMPLETE);
	template[1].pValue = &attribute_certificate;
	ck_rv (p11->C_CreateObject (session, template, 7, &object), CKR_ATTRIBUTE_VALUE_INVALID);
	/* PKCS#11 3.2, X.509 public key certificate objects, footnote 2: an empty value is still to be named. */
	template[1].pValue = (void *) &type_x509;
	template[5] = template[6];
	ck_rv (p11->C_CreateObject (session, template, 6, &object), CKR_TEMPLATE_INCOMPLETE);
}
END_TEST

/* A pair of keys; @ret_private is sensitive as by default. */
static void
make_pair (CK_BBOOL on_token, CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_MECHANISM generate = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { { CKA_EC_PARAMS,
		                    (void *) "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 },
		                  ATTR (CKA_TOKEN, on_token) };
	CK_ATTRIBUTE private[] = { ATTR (CKA_TOKEN, on_token) };

	ck_ok (p11->C_GenerateKeyPair (session, &generate, public, N (public), private, N (private),
	                               ret_public, ret_private));
}

START_TEST (test_generate__pair)
{
	CK_OBJECT_HANDLE public, private;
	CK_MECHANISM_TYPE made_by = CKM_EC_KEY_PAIR_GEN;
	g_autoptr (GBytes) info = NULL;

	make_pair (CK_FALSE, &public, &private);
	assert_bool (public, CKA_PRIVATE, CK_FALSE);
	assert_bool (public, CKA_LOCAL, CK_TRUE);
	assert_bool (private, CKA_PRIVATE, CK_TRUE);
	assert_bool (private, CKA_SENSITIVE, CK_TRUE);
	assert_bool (private, CKA_EXTRACTABLE, CK_FALSE);
	assert_bool (private, CKA_ALWAYS_SENSITIVE, CK_TRUE);
	assert_bool (private, CKA_NEVER_EXTRACTABLE, CK_TRUE);
	assert_bool (private, CKA_LOCAL, CK_TRUE);
	assert_bool (private, CKA_SIGN, CK_TRUE);
	assert_bool (private, CKA_DECRYPT, CK_FALSE);
	assert_value (private, CKA_KEY_GEN_MECHANISM, &made_by, sizeof made_by);
	/* The same key on both sides. */
	info = get (public, CKA_PUBLIC_KEY_INFO);
	ck_assert_uint_gt (g_bytes_get_size (info), 60);
	assert_value (private, CKA_PUBLIC_KEY_INFO, g_bytes_get_data (info, NULL),
	              g_bytes_get_size (info));
	ck_rv (set (private, CKA_PUBLIC_KEY_INFO, "other", 5), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_ok (set (private, CKA_PUBLIC_KEY_INFO, g_bytes_get_data (info, NULL),
	            g_bytes_get_size (info)));
	ck_assert_ptr_null (get (private, CKA_EC_POINT));
}
END_TEST

START_TEST (test_generate__values_from_the_template)
{
	CK_MECHANISM generate = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE template[] = { ATTR (CKA_VALUE_LEN, ulong_16), ATTR (CKA_EXTRACTABLE, yes),
		                    ATTR (CKA_VALUE, key16) };
	CK_OBJECT_HANDLE object;

	ck_ok (p11->C_GenerateKey (session, &generate, template, 2, &object));
	assert_bool (object, CKA_NEVER_EXTRACTABLE, CK_FALSE);
	assert_bool (object, CKA_ALWAYS_SENSITIVE, CK_FALSE);
	ck_rv (p11->C_GenerateKey (session, &generate, template, 3, &object),
	       CKR_TEMPLATE_INCONSISTENT);
	template[2] = (CK_ATTRIBUTE) ATTR (CKA_LOCAL, yes);
	ck_rv (p11->C_GenerateKey (session, &generate, template, 3, &object),
	       CKR_ATTRIBUTE_READ_ONLY);
	template[2] = (CK_ATTRIBUTE) ATTR (CKA_CLASS, class_private);
	ck_rv (p11->C_GenerateKey (session, &generate, template, 3, &object),
	       CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

/* Nonsense numbers make no key. */
START_TEST (test_create__no_key)
{
	CK_ATTRIBUTE ec[] = {
		ATTR (CKA_CLASS, class_public),
		ATTR (CKA_KEY_TYPE, type_ec),
		{ CKA_EC_PARAMS, (void *) "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 },
		{ CKA_EC_POINT, (void *) "\x04\x03\x04\x00\x01", 5 },
	};
	CK_OBJECT_HANDLE object;

	ck_rv (p11->C_CreateObject (session, ec, N (ec), &object), CKR_ATTRIBUTE_VALUE_INVALID);
}
END_TEST

START_TEST (test_get__codes)
{
	CK_OBJECT_HANDLE object = make_aes (CK_TRUE, CK_TRUE, CK_TRUE);
	CK_BYTE label[4] = "----", small[1] = { '-' }, value[16];
	CK_BBOOL encrypt = 7;
	CK_ATTRIBUTE template[] = {
		{ CKA_VALUE, value, sizeof value },   /* sensitive */
		{ CKA_MODULUS, value, sizeof value }, /* not there */
		{ CKA_ID, small, sizeof small },      /* too small */
		{ CKA_LABEL, label, sizeof label },
		{ CKA_ENCRYPT, &encrypt, sizeof encrypt },
		{ CKA_LABEL, NULL, 99 }, /* how long */
	};

	ck_ok (set (object, CKA_ID, "1234", 4));
	ck_ok (set (object, CKA_LABEL, "abc", 3));
	ck_rv (p11->C_GetAttributeValue (session, object, template, N (template)),
	       CKR_ATTRIBUTE_SENSITIVE);
	ck_assert_uint_eq (template[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	ck_assert_uint_eq (template[1].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	ck_assert_uint_eq (template[2].ulValueLen, CK_UNAVAILABLE_INFORMATION);
	ck_assert_uint_eq (template[3].ulValueLen, 3);
	ck_assert_mem_eq (label, "abc-", 4);
	ck_assert_uint_eq (encrypt, CK_TRUE);
	ck_assert_uint_eq (template[5].ulValueLen, 3);
	ck_assert_uint_eq (small[0], '-');

	template[1].ulValueLen = template[2].ulValueLen = 1;
	ck_rv (p11->C_GetAttributeValue (session, object, template + 1, 2),
	       CKR_ATTRIBUTE_TYPE_INVALID);
	template[2].ulValueLen = 1;
	ck_rv (p11->C_GetAttributeValue (session, object, template + 2, 2), CKR_BUFFER_TOO_SMALL);
	template[3].ulValueLen = sizeof label;
	ck_ok (p11->C_GetAttributeValue (session, object, template + 3, 3));
	ck_ok (p11->C_GetAttributeValue (session, object, NULL, 0));
	ck_rv (p11->C_GetAttributeValue (session, object, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GetAttributeValue (session, object + 1, template, 1),
	       CKR_OBJECT_HANDLE_INVALID);
	ck_rv (p11->C_GetAttributeValue (session, 0, template, 1), CKR_OBJECT_HANDLE_INVALID);
}
END_TEST

START_TEST (test_get__key_value)
{
	CK_OBJECT_HANDLE readable = make_aes (CK_FALSE, CK_TRUE, CK_TRUE);
	CK_BYTE value[16];
	CK_ATTRIBUTE template = ATTR (CKA_VALUE, value);

	assert_value (readable, CKA_VALUE, key16, sizeof key16);
	ck_rv (p11->C_GetAttributeValue (session, make_aes (CK_TRUE, CK_TRUE, CK_TRUE), &template,
	                                 1),
	       CKR_ATTRIBUTE_SENSITIVE);
	ck_rv (p11->C_GetAttributeValue (session, make_aes (CK_FALSE, CK_FALSE, CK_TRUE), &template,
	                                 1),
	       CKR_ATTRIBUTE_SENSITIVE);
}
END_TEST

START_TEST (test_get__template_array)
{
	CK_BYTE label[8];
	CK_BBOOL flag = 9;
	CK_ATTRIBUTE inner[] = { { CKA_LABEL, (void *) "inside", 6 }, ATTR (CKA_SENSITIVE, yes) };
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		                    ATTR (CKA_VALUE, key16), ATTR (CKA_WRAP_TEMPLATE, inner),
		                    ATTR (CKA_TOKEN, yes) };
	CK_ATTRIBUTE out[2] = { { 0, NULL, 0 }, { 0, NULL, 0 } };
	CK_ATTRIBUTE array = { CKA_WRAP_TEMPLATE, NULL, 0 };
	CK_OBJECT_HANDLE object = CREATE (template);

	/* Once as it was made, once as it comes back from the store. */
	for (guint round = 0; round < 2; round++) {
		array.pValue = NULL;
		ck_ok (p11->C_GetAttributeValue (session, object, &array, 1));
		ck_assert_uint_eq (array.ulValueLen, sizeof out);
		array.pValue = out;
		out[0] = out[1] = (CK_ATTRIBUTE){ 0, NULL, 0 };
		ck_ok (p11->C_GetAttributeValue (session, object, &array, 1));
		ck_assert_uint_eq (out[0].type, CKA_LABEL);
		ck_assert_uint_eq (out[0].ulValueLen, 6);
		ck_assert_uint_eq (out[1].type, CKA_SENSITIVE);
		out[0] = (CK_ATTRIBUTE){ 0, label, 5 };
		out[1] = (CK_ATTRIBUTE){ 0, &flag, 1 };
		ck_rv (p11->C_GetAttributeValue (session, object, &array, 1), CKR_BUFFER_TOO_SMALL);
		ck_assert_uint_eq (out[0].ulValueLen, CK_UNAVAILABLE_INFORMATION);
		ck_assert_uint_eq (flag, CK_TRUE);
		out[0].ulValueLen = sizeof label;
		ck_ok (p11->C_GetAttributeValue (session, object, &array, 1));
		ck_assert_mem_eq (label, "inside", 6);
		array.ulValueLen = sizeof out[0];
		ck_rv (p11->C_GetAttributeValue (session, object, &array, 1), CKR_BUFFER_TOO_SMALL);
		ck_assert_uint_eq (array.ulValueLen, CK_UNAVAILABLE_INFORMATION);
		restart ();
		login ();
		ck_assert_uint_eq (find_all (template + 3, 1, &object), 1);
	}
}
END_TEST

START_TEST (test_set__one_way)
{
	CK_OBJECT_HANDLE object = make_aes (CK_FALSE, CK_TRUE, CK_TRUE);

	ck_ok (set (object, CKA_SENSITIVE, &no, 1));
	ck_ok (set (object, CKA_SENSITIVE, &yes, 1));
	ck_rv (set (object, CKA_SENSITIVE, &no, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_ok (set (object, CKA_EXTRACTABLE, &no, 1));
	ck_rv (set (object, CKA_EXTRACTABLE, &yes, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_ok (set (object, CKA_WRAP_WITH_TRUSTED, &yes, 1));
	ck_rv (set (object, CKA_WRAP_WITH_TRUSTED, &no, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_ok (set (object, CKA_COPYABLE, &no, 1));
	ck_rv (set (object, CKA_COPYABLE, &yes, 1), CKR_ATTRIBUTE_READ_ONLY);
	assert_bool (object, CKA_ALWAYS_SENSITIVE, CK_FALSE);
	assert_bool (object, CKA_NEVER_EXTRACTABLE, CK_FALSE);
	ck_ok (set (object, CKA_ENCRYPT, &no, 1));
	ck_ok (set (object, CKA_ENCRYPT, &yes, 1));
}
END_TEST

START_TEST (test_set__not_for_ever_settable)
{
	CK_OBJECT_HANDLE object = make_aes (CK_FALSE, CK_TRUE, CK_TRUE);
	CK_ATTRIBUTE both[] = { { CKA_LABEL, (void *) "new", 3 }, ATTR (CKA_VALUE, key16) };

	ck_rv (set (object, CKA_TOKEN, &yes, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_PRIVATE, &no, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_MODIFIABLE, &no, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_DESTROYABLE, &no, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_CLASS, &class_secret, sizeof class_secret),
	       CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_UNIQUE_ID, "x", 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_LOCAL, &no, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (set (object, CKA_MODULUS, "x", 1), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (set (object, CKA_VENDOR_DEFINED, "x", 1), CKR_ATTRIBUTE_TYPE_INVALID);
	ck_rv (set (object, CKA_ENCRYPT, "xx", 2), CKR_ATTRIBUTE_VALUE_INVALID);
	ck_rv (p11->C_SetAttributeValue (session, object, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_SetAttributeValue (session, object + 9, both, 1), CKR_OBJECT_HANDLE_INVALID);
	/* All or nothing. */
	ck_rv (p11->C_SetAttributeValue (session, object, both, 2), CKR_ATTRIBUTE_READ_ONLY);
	assert_value (object, CKA_LABEL, "", 0);
}
END_TEST

START_TEST (test_set__unmodifiable)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_data), ATTR (CKA_MODIFIABLE, no),
		                    ATTR (CKA_DESTROYABLE, no), ATTR (CKA_COPYABLE, no) };
	CK_OBJECT_HANDLE object = CREATE (template), copied;

	ck_rv (set (object, CKA_LABEL, "x", 1), CKR_ACTION_PROHIBITED);
	ck_rv (copy (object, CKA_LABEL, "x", 1, &copied), CKR_ACTION_PROHIBITED);
	ck_rv (p11->C_DestroyObject (session, object), CKR_ACTION_PROHIBITED);
	ck_assert_uint_eq (find_all (NULL, 0, NULL), 1);
}
END_TEST

START_TEST (test_set__trusted_by_the_so)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_certificate),
		                    ATTR (CKA_CERTIFICATE_TYPE, type_x509),
		                    { CKA_SUBJECT, (void *) "s", 1 },
		                    { CKA_VALUE, (void *) "v", 1 },
		                    ATTR (CKA_TOKEN, yes) };
	CK_OBJECT_HANDLE object = CREATE (template);

	ck_rv (set (object, CKA_TRUSTED, &yes, 1), CKR_ATTRIBUTE_READ_ONLY);
	ck_ok (p11->C_Logout (session));
	ck_ok (p11->C_Login (session, CKU_SO, PIN (SO_PIN)));
	ck_ok (set (object, CKA_TRUSTED, &yes, 1));
	ck_ok (p11->C_Logout (session));
	login ();
	assert_bool (object, CKA_TRUSTED, CK_TRUE);
	/* Trusted certificates cannot be modified. */
	ck_rv (set (object, CKA_LABEL, "x", 1), CKR_ACTION_PROHIBITED);
}
END_TEST

START_TEST (test_copy__attributes)
{
	CK_OBJECT_HANDLE object = make_aes (CK_FALSE, CK_TRUE, CK_TRUE), copied;
	g_autoptr (GBytes) old_id = get (object, CKA_UNIQUE_ID);
	g_autoptr (GBytes) new_id = NULL;

	ck_ok (copy (object, CKA_SENSITIVE, &yes, 1, &copied));
	ck_assert_uint_ne (copied, object);
	assert_bool (copied, CKA_SENSITIVE, CK_TRUE);
	assert_bool (copied, CKA_ALWAYS_SENSITIVE, CK_FALSE);
	assert_bool (object, CKA_SENSITIVE, CK_FALSE);
	new_id = get (copied, CKA_UNIQUE_ID);
	ck_assert (!g_bytes_equal (old_id, new_id));
	ck_ok (copy (object, CKA_MODIFIABLE, &no, 1, &copied));
	ck_ok (copy (object, CKA_DESTROYABLE, &no, 1, &copied));
	ck_ok (copy (object, CKA_TOKEN, &yes, 1, &copied));
	assert_bool (copied, CKA_TOKEN, CK_TRUE);
	assert_value (copied, CKA_VALUE, key16, sizeof key16);
	ck_ok (p11->C_CopyObject (session, object, NULL, 0, &copied));

	ck_rv (copy (object, CKA_PRIVATE, &no, 1, &copied), CKR_TEMPLATE_INCONSISTENT);
	ck_rv (copy (object, CKA_VALUE, key16, 16, &copied), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (copy (object, CKA_UNIQUE_ID, "x", 1, &copied), CKR_ATTRIBUTE_READ_ONLY);
	ck_rv (p11->C_CopyObject (session, object, NULL, 0, NULL), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_CopyObject (session, object + 99, NULL, 0, &copied),
	       CKR_OBJECT_HANDLE_INVALID);
}
END_TEST

START_TEST (test_destroy__handles)
{
	CK_OBJECT_HANDLE first = make_data ("a", CK_FALSE, CK_FALSE),
			 second = make_data ("b", CK_TRUE, CK_FALSE), third;
	CK_ULONG size;

	ck_ok (p11->C_GetObjectSize (session, first, &size));
	ck_assert_uint_gt (size, 0);
	ck_ok (p11->C_DestroyObject (session, first));
	ck_ok (p11->C_DestroyObject (session, second));
	ck_rv (p11->C_DestroyObject (session, first), CKR_OBJECT_HANDLE_INVALID);
	ck_rv (p11->C_DestroyObject (session, second), CKR_OBJECT_HANDLE_INVALID);
	ck_rv (p11->C_GetObjectSize (session, second, &size), CKR_OBJECT_HANDLE_INVALID);
	third = make_data ("c", CK_TRUE, CK_FALSE);
	ck_assert_uint_ne (third, first);
	ck_assert_uint_ne (third, second);
	ck_rv (p11->C_GetObjectSize (session, third, NULL), CKR_ARGUMENTS_BAD);
}
END_TEST

START_TEST (test_unwrap__template_of_the_key)
{
	CK_ATTRIBUTE forced[] = { ATTR (CKA_SENSITIVE, yes), ATTR (CKA_EXTRACTABLE, no) };
	CK_ATTRIBUTE wrapping[] = {
		ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		ATTR (CKA_VALUE, key16),        ATTR (CKA_UNWRAP_TEMPLATE, forced),
		ATTR (CKA_UNWRAP, yes),         ATTR (CKA_WRAP, yes)
	};
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		                    ATTR (CKA_EXTRACTABLE, yes) };
	CK_MECHANISM wrap = { CKM_AES_KEY_WRAP, NULL, 0 };
	CK_OBJECT_HANDLE key = CREATE (wrapping), plain = make_aes (CK_FALSE, CK_TRUE, CK_TRUE),
			 unwrapped;
	CK_BYTE bytes[24];
	CK_ULONG len = sizeof bytes;

	ck_ok (p11->C_WrapKey (session, &wrap, key, plain, bytes, &len));
	ck_ok (p11->C_UnwrapKey (session, &wrap, key, bytes, len, template, 2, &unwrapped));
	assert_bool (unwrapped, CKA_SENSITIVE, CK_TRUE);
	assert_bool (unwrapped, CKA_EXTRACTABLE, CK_FALSE);
	assert_bool (unwrapped, CKA_LOCAL, CK_FALSE);
	assert_bool (unwrapped, CKA_NEVER_EXTRACTABLE, CK_FALSE);
	ck_rv (p11->C_UnwrapKey (session, &wrap, key, bytes, len, template, 3, &unwrapped),
	       CKR_TEMPLATE_INCONSISTENT);
}
END_TEST

static Suite *
object_suite (void)
{
	Suite *suite = suite_create ("object");
	TCase *tcase = tcase_create ("objects");

	tcase_add_checked_fixture (tcase, setup, scratch_teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_loop_test (tcase, test_create__wrong_template, 0, N (wrong));
	tcase_add_test (tcase, test_create__wrong_arguments);
	tcase_add_test (tcase, test_create__incomplete);
	tcase_add_test (tcase, test_create__attribute_twice);
	tcase_add_test (tcase, test_create__limits);
	tcase_add_test (tcase, test_create__session_memory);
	tcase_add_test (tcase, test_create__data_defaults);
	tcase_add_test (tcase, test_create__secret_key_defaults);
	tcase_add_test (tcase, test_create__check_value);
	tcase_add_test (tcase, test_create__private_without_login);
	tcase_add_test (tcase, test_create__read_only_session);
	tcase_add_test (tcase, test_create__certificate);
	tcase_add_test (tcase, test_create__certificate_elsewhere);
	tcase_add_test (tcase, test_create__no_key);
	tcase_add_test (tcase, test_generate__pair);
	tcase_add_test (tcase, test_generate__values_from_the_template);
	tcase_add_test (tcase, test_get__codes);
	tcase_add_test (tcase, test_get__key_value);
	tcase_add_test (tcase, test_get__template_array);
	tcase_add_test (tcase, test_set__one_way);
	tcase_add_test (tcase, test_set__not_for_ever_settable);
	tcase_add_test (tcase, test_set__unmodifiable);
	tcase_add_test (tcase, test_set__trusted_by_the_so);
	tcase_add_test (tcase, test_copy__attributes);
	tcase_add_test (tcase, test_destroy__handles);
	tcase_add_test (tcase, test_unwrap__template_of_the_key);
	suite_add_tcase (suite, tcase);
	return suite;
}

int
main (void)
{
	SRunner *runner = srunner_create (object_suite ());
	int failed;

	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
