/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A token of its own for a test program: in a scratch folder, initialised once, with a session for
 * each test. The tests speak to it through its function list, as dispatch does, or through the module.
 */
#ifndef CRATON_TEST_TOKEN_FIXTURE_H
#define CRATON_TEST_TOKEN_FIXTURE_H

#include <check.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "pkcs11.h"
#include "token.h"

#define ck_rv(call, rv) ck_assert_uint_eq (call, rv)
#define ck_ok(call) ck_rv (call, CKR_OK)

#define N(array) (sizeof (array) / sizeof (array)[0])
#define ATTR(type, value)                               \
	{                                               \
		type, (void *) &(value), sizeof (value) \
	}

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

static CK_FUNCTION_LIST_3_2 *p11;
static CK_SESSION_HANDLE session;
static char *scratch;

/* With CRATON_TEST_THROUGH=module the function list is that of craton-pkcs11.so, and the calls go the
 * whole way: proxy, lane, backend, token. */
static CK_FUNCTION_LIST_3_2 *
load_module (const char *store)
{
	g_autofree char *conf = g_build_filename (scratch, "craton.conf", NULL);
	g_autofree char *text =
		g_strdup_printf ("[token test]\nstore=%s\nlegacy=yes\n", store);
	CK_RV (*get) (CK_UTF8CHAR *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS);
	CK_VERSION version = { 3, 2 };
	CK_INTERFACE *interface = NULL;
	void *module = dlopen (g_getenv ("CRATON_MODULE"), RTLD_NOW | RTLD_LOCAL);

	ck_assert_ptr_nonnull (module);
	ck_assert (g_file_set_contents (conf, text, -1, NULL));
	ck_assert (g_setenv ("CRATON_CONFIG", conf, TRUE));
	*(void **) &get = dlsym (module, "C_GetInterface");
	ck_ok (get ((CK_UTF8CHAR *) "PKCS 11", &version, &interface, 0));
	return interface->pFunctionList;
}

G_GNUC_UNUSED static void
token_setup (void)
{
	CK_UTF8CHAR pin[] = "so-pin-of-the-test", label[32];
	CratonTokenConfig config = { .name = (char *) "test", .pin_cost = 14, .legacy = TRUE };
	g_autofree char *store = NULL;
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	memset (label, ' ', sizeof label);
	memcpy (label, "test", 4);
	scratch = g_dir_make_tmp ("craton-test-token-XXXXXX", NULL);
	ck_assert_ptr_nonnull (scratch);
	config.store = store = g_build_filename (scratch, "store", NULL);
	if (g_strcmp0 (g_getenv ("CRATON_TEST_THROUGH"), "module") == 0) {
		p11 = load_module (store);
	} else {
		craton_token_configure (&config, 1);
		p11 = craton_token_function_list ();
	}
	ck_ok (p11->C_Initialize (NULL));
	ck_ok (p11->C_GetSlotList (CK_FALSE, &slot, &n));
	ck_ok (p11->C_InitToken (slot, pin, sizeof pin - 1, label));
}

G_GNUC_UNUSED static void
token_teardown (void)
{
	g_autofree char *store = g_build_filename (scratch, "store", NULL);
	g_autoptr (GDir) dir = g_dir_open (store, 0, NULL);
	const char *name;

	ck_ok (p11->C_Finalize (NULL));
	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *path = g_build_filename (store, name, NULL);

		(void) g_remove (path);
	}
	(void) g_rmdir (store);
	g_free (store);
	store = g_build_filename (scratch, "craton.conf", NULL);
	(void) g_remove (store);
	(void) g_rmdir (scratch);
	g_clear_pointer (&scratch, g_free);
}

G_GNUC_UNUSED static void
session_setup (void)
{
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n));
	ck_ok (p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
	                           &session));
}

G_GNUC_UNUSED static void
session_teardown (void)
{
	ck_ok (p11->C_CloseSession (session));
}

/* A secret key as session object, public and readable, with which everything may be done; @more
 * comes on top. */
G_GNUC_UNUSED static CK_OBJECT_HANDLE
make_secret (CK_KEY_TYPE type, const void *value, CK_ULONG value_len, const CK_ATTRIBUTE *more,
             CK_ULONG n_more)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	CK_ATTRIBUTE template[32] = {
		ATTR (CKA_CLASS, class),
		ATTR (CKA_KEY_TYPE, type),
		{ CKA_VALUE, (void *) value, value_len },
		ATTR (CKA_PRIVATE, no),
		ATTR (CKA_SENSITIVE, no),
		ATTR (CKA_EXTRACTABLE, yes),
		ATTR (CKA_ENCRYPT, yes),
		ATTR (CKA_DECRYPT, yes),
		ATTR (CKA_SIGN, yes),
		ATTR (CKA_VERIFY, yes),
		ATTR (CKA_WRAP, yes),
		ATTR (CKA_UNWRAP, yes),
		ATTR (CKA_DERIVE, yes),
	};
	CK_ULONG n = 13;
	CK_OBJECT_HANDLE key;

	for (CK_ULONG i = 0; i < n_more; i++) {
		CK_ULONG at = 0;

		while (at < n && template[at].type != more[i].type)
			at++;
		template[at] = more[i];
		n = MAX (n, at + 1);
	}
	ck_ok (p11->C_CreateObject (session, template, n, &key));
	return key;
}

/* The bytes that @hex says; an empty string makes an empty, not a NULL, array. */
G_GNUC_UNUSED static GByteArray *
unhex (const char *hex)
{
	GByteArray *bytes = g_byte_array_sized_new (1);

	for (; hex != NULL && hex[0] != '\0'; hex += 2) {
		guint8 byte = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 |
		                        g_ascii_xdigit_value (hex[1]));

		ck_assert (g_ascii_isxdigit (hex[0]) && g_ascii_isxdigit (hex[1]));
		g_byte_array_append (bytes, &byte, 1);
	}
	return bytes;
}

#endif /* CRATON_TEST_TOKEN_FIXTURE_H */
