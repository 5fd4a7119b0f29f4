/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Reads an NSS database, see import.h, through NSS's own softokn: its format is its own business. Private and secret keys are wrapped
 * under a key that is made here and unwrapped here, so that none passes in the clear between the two. Softokn is somebody else's code
 * and runs in this process, which ends soon.
 */
#include "config.h"

#include "import.h"

#include <dlfcn.h>
#include <string.h>

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "attr.h"
#include "drbg.h"
#include "key-attrs.h"
#include "mech-key.h"
#include "options.h"

#define KEY_SLOT 2 /* softokn's slot with the database; slot 1 has none */
#define KEY_LEN 32
#define BLOCK_LEN 16
#define WRAPPED_MAX (64 * 1024)
#define CKO_NSS_TRUST 0xce534353UL
#define CKO_NSS_FIRST 0xce534350UL
#define CKO_NSS_LAST 0xce534360UL

typedef struct {
	CK_FUNCTION_LIST *p11;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE wrapping;
	guint8 key[KEY_LEN];
	CratonImport *import;
	guint n_trust;
} Nss;

/* Softokn's own idea of C_Initialize's argument: one more member (NSS, pkcs11t.h). */
typedef struct {
	CK_C_INITIALIZE_ARGS args;
	void *reserved;
} InitArgs;

static gboolean
complain (const char *what, CK_RV rv)
{
	craton_options_complain (what, rv);
	return FALSE;
}

static gboolean
load (const char *softokn, Nss *nss)
{
	void *module = dlopen (softokn, RTLD_NOW | RTLD_LOCAL);
	CK_RV (*get) (CK_FUNCTION_LIST **) = NULL;

	if (module != NULL)
		*(void **) &get = dlsym (module, "C_GetFunctionList");
	if (get == NULL || get (&nss->p11) != CKR_OK) {
		g_printerr (_ ("%s: NSS's softokn cannot be used (%s): name it with --softokn\n"), g_get_prgname (),
		            dlerror ());
		return FALSE;
	}
	return TRUE;
}

/* The folder goes into a parameter between quotes. */
static gboolean
start (Nss *nss, const char *path)
{
	g_autofree char *parameters = NULL;
	InitArgs args = { .args = { .flags = CKF_OS_LOCKING_OK } };
	CK_RV rv;

	if (strpbrk (path, "'\\\"") != NULL) {
		g_printerr (_ ("%s: %s: a folder with quotes in its name cannot be read\n"), g_get_prgname (), path);
		return FALSE;
	}
	parameters = g_strdup_printf ("configdir='sql:%s' certPrefix='' keyPrefix='' secmod='secmod.db' "
	                              "flags=readOnly,noModDB",
	                              path);
	args.args.pReserved = parameters;
	rv = nss->p11->C_Initialize (&args);
	if (rv == CKR_OK)
		rv = nss->p11->C_OpenSession (KEY_SLOT, CKF_SERIAL_SESSION, NULL, NULL, &nss->session);
	return rv == CKR_OK || complain (path, rv);
}

static gboolean
log_in (Nss *nss, const char *path, const CratonSecretSource *source)
{
	g_auto (CratonSecret) password = { 0 };
	CK_TOKEN_INFO info;
	CK_RV rv = nss->p11->C_GetTokenInfo (KEY_SLOT, &info);

	if (rv != CKR_OK)
		return complain (path, rv);
	if ((info.flags & CKF_LOGIN_REQUIRED) == 0)
		return TRUE;
	if (!craton_secret_get (source, _ ("Password of the NSS database"), FALSE, &password))
		return FALSE;
	rv = nss->p11->C_Login (nss->session, CKU_USER, (CK_UTF8CHAR_PTR) password.text, password.len);
	if (rv == CKR_PIN_INCORRECT)
		g_printerr (_ ("%s: %s: the password is wrong\n"), g_get_prgname (), path);
	else if (rv != CKR_OK)
		(void) complain (path, rv);
	return rv == CKR_OK;
}

static gboolean
make_wrapping_key (Nss *nss)
{
	static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	static const CK_OBJECT_CLASS klass = CKO_SECRET_KEY;
	static const CK_KEY_TYPE type = CKK_AES;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, (void *) &klass, sizeof klass },    { CKA_KEY_TYPE, (void *) &type, sizeof type },
		{ CKA_TOKEN, (void *) &no, sizeof no },          { CKA_WRAP, (void *) &yes, sizeof yes },
		{ CKA_ENCRYPT, (void *) &yes, sizeof yes },      { CKA_VALUE, nss->key, sizeof nss->key },
	};
	CK_RV rv = craton_drbg_generate (nss->key, sizeof nss->key);

	if (rv == CKR_OK)
		rv = nss->p11->C_CreateObject (nss->session, template, G_N_ELEMENTS (template), &nss->wrapping);
	return rv == CKR_OK || complain (_ ("a key for wrapping"), rv);
}

/* Reads one attribute; what is not there, or not to be read, is left. */
static void
get (const Nss *nss, CK_OBJECT_HANDLE handle, CK_ATTRIBUTE_TYPE type, CratonImportObject *object)
{
	CK_ATTRIBUTE attr = { .type = type };
	guint8 *value;

	if (nss->p11->C_GetAttributeValue (nss->session, handle, &attr, 1) != CKR_OK ||
	    attr.ulValueLen > CRATON_ATTR_LEN_MAX)
		return;
	value = g_malloc (attr.ulValueLen + 1);
	attr.pValue = value;
	if (nss->p11->C_GetAttributeValue (nss->session, handle, &attr, 1) == CKR_OK)
		craton_import_object_set (object, type, value, attr.ulValueLen);
	OPENSSL_cleanse (value, attr.ulValueLen);
	g_free (value);
}

/* A private key comes as PKCS#8. */
static CK_RV
set_private (CratonImportObject *object, const guint8 *der, gsize len)
{
	g_auto (CratonKeyAttrs) made = { 0 };
	EVP_PKEY *pkey = NULL;
	CK_RV rv = craton_mech_key_from_pkcs8 (der, len, 0, &pkey);

	if (rv == CKR_OK)
		rv = craton_mech_key_attrs (pkey, CKO_PRIVATE_KEY, craton_import_object_ulong (object, CKA_KEY_TYPE),
		                            craton_import_object_find (object, CKA_EC_PARAMS), &made);
	for (CK_ULONG i = 0; rv == CKR_OK && i < made.n; i++)
		craton_import_object_set (object, made.attrs[i].type, made.attrs[i].pValue,
		                          made.attrs[i].ulValueLen);
	EVP_PKEY_free (pkey);
	return rv;
}

/* Brings the key itself over, under the wrapping key. */
static CK_RV
fetch_key (const Nss *nss, CK_OBJECT_HANDLE handle, CK_OBJECT_CLASS klass, CratonImportObject *object)
{
	CK_BYTE iv[BLOCK_LEN];
	CK_MECHANISM mechanism = { CKM_AES_CBC_PAD, iv, sizeof iv };
	g_autofree guint8 *wrapped = g_malloc (WRAPPED_MAX);
	g_autofree guint8 *plain = g_malloc (WRAPPED_MAX);
	CK_ULONG wrapped_len = WRAPPED_MAX;
	int len = 0;
	CK_RV rv = craton_drbg_generate (iv, sizeof iv);

	if (rv == CKR_OK)
		rv = nss->p11->C_WrapKey (nss->session, &mechanism, nss->wrapping, handle, wrapped, &wrapped_len);
	if (rv == CKR_OK && wrapped_len > WRAPPED_MAX - BLOCK_LEN)
		rv = CKR_WRAPPED_KEY_LEN_RANGE;
	if (rv == CKR_OK) {
		len = craton_import_decrypt (nss->key, iv, wrapped, wrapped_len, plain);
		rv = len >= 0 ? CKR_OK : CKR_WRAPPED_KEY_INVALID;
	}
	if (rv == CKR_OK && klass == CKO_PRIVATE_KEY)
		rv = set_private (object, plain, (gsize) len);
	else if (rv == CKR_OK)
		craton_import_object_set (object, CKA_VALUE, plain, (gsize) len);
	OPENSSL_cleanse (plain, WRAPPED_MAX);
	return rv;
}

/* Softokn has empty values where there is none; a number of no bytes is not one. */
static void
drop_empty_numbers (CratonImportObject *object)
{
	for (guint i = object->attrs->len; i-- > 0;) {
		const CK_ATTRIBUTE *value = &g_array_index (object->attrs, CK_ATTRIBUTE, i);
		const CratonAttr *attr = craton_attr_find (value->type);

		if (value->ulValueLen == 0 && attr != NULL && attr->form != CRATON_FORM_BYTES &&
		    attr->form != CRATON_FORM_DATE)
			g_array_remove_index (object->attrs, i);
	}
}

static gboolean
read_object (Nss *nss, CK_OBJECT_HANDLE handle, guint number)
{
	g_autofree char *name = g_strdup_printf ("%u", number);
	g_autoptr (CratonImportObject) object = craton_import_object_new (name);
	CK_OBJECT_CLASS klass;
	CratonKinds kind;
	const CratonAttr *attr;
	CK_RV rv = CKR_OK;

	get (nss, handle, CKA_CLASS, object);
	klass = craton_import_object_ulong (object, CKA_CLASS);
	if (klass >= CKO_NSS_FIRST && klass <= CKO_NSS_LAST) {
		nss->n_trust += klass == CKO_NSS_TRUST;
		return TRUE;
	}
	get (nss, handle, CKA_KEY_TYPE, object);
	get (nss, handle, CKA_CERTIFICATE_TYPE, object);
	get (nss, handle, CKA_LABEL, object);
	kind = craton_attr_kind (klass, craton_import_object_ulong (object, klass == CKO_CERTIFICATE
	                                                                            ? CKA_CERTIFICATE_TYPE
	                                                                            : CKA_KEY_TYPE));
	for (gsize i = 0; (attr = craton_attr_nth (i)) != NULL; i++)
		if ((attr->where & kind) != 0 && attr->form != CRATON_FORM_TEMPLATE &&
		    ((attr->rules & CRATON_RULE_SENSITIVE) == 0 || (kind & CRATON_KINDS_GUARDED) == 0))
			get (nss, handle, attr->type, object);
	drop_empty_numbers (object);
	if ((kind & CRATON_KINDS_GUARDED) != 0)
		rv = fetch_key (nss, handle, klass, object);
	if (rv != CKR_OK) {
		const CK_ATTRIBUTE *label = craton_import_object_find (object, CKA_LABEL);
		g_autofree char *text = label != NULL ? g_utf8_make_valid (label->pValue, (gssize) label->ulValueLen)
		                                      : g_strdup (name);

		return complain (text, rv);
	}
	craton_import_add (nss->import, g_steal_pointer (&object));
	return TRUE;
}

/* All handles first: softokn's search does not like to be followed by other calls. */
static gboolean
read_all (Nss *nss)
{
	g_autoptr (GArray) handles = g_array_new (FALSE, FALSE, sizeof (CK_OBJECT_HANDLE));
	static const CK_BBOOL yes = CK_TRUE;
	CK_ATTRIBUTE token = { CKA_TOKEN, (void *) &yes, sizeof yes };
	CK_OBJECT_HANDLE some[64];
	CK_ULONG n = 0;
	gboolean good = TRUE;
	CK_RV rv = nss->p11->C_FindObjectsInit (nss->session, &token, 1);

	do {
		if (rv == CKR_OK)
			rv = nss->p11->C_FindObjects (nss->session, some, G_N_ELEMENTS (some), &n);
		if (rv == CKR_OK)
			g_array_append_vals (handles, some, (guint) n);
	} while (rv == CKR_OK && n > 0);
	(void) nss->p11->C_FindObjectsFinal (nss->session);
	if (rv != CKR_OK)
		return complain (_ ("the NSS database"), rv);
	for (guint i = 0; good && i < handles->len; i++)
		good = read_object (nss, g_array_index (handles, CK_OBJECT_HANDLE, i), i + 1);
	if (nss->n_trust > 0)
		g_ptr_array_add (nss->import->notes,
		                 g_strdup_printf (_ ("trust in %u certificates is not kept"), nss->n_trust));
	return good;
}

static gboolean
has_databases (const char *path)
{
	g_autofree char *keys = g_build_filename (path, "key4.db", NULL);
	g_autofree char *certs = g_build_filename (path, "cert9.db", NULL);

	if (g_file_test (keys, G_FILE_TEST_EXISTS) && g_file_test (certs, G_FILE_TEST_EXISTS))
		return TRUE;
	g_printerr (_ ("%s: %s has no key4.db and cert9.db; older databases can be upgraded with certutil --upgrade-merge\n"),
	            g_get_prgname (), path);
	return FALSE;
}

gboolean
craton_import_nss (const char *path, const char *softokn, const CratonSecretSource *password, CratonImport *import)
{
	g_autofree char *absolute = g_canonicalize_filename (path, NULL);
	Nss nss = { .import = import };
	gboolean good = has_databases (absolute) && load (softokn, &nss) && start (&nss, absolute);

	if (good) {
		good = log_in (&nss, absolute, password) && make_wrapping_key (&nss) && read_all (&nss);
		(void) nss.p11->C_Finalize (NULL);
	}
	memcpy (import->label, "NSS", 3);
	OPENSSL_cleanse (nss.key, sizeof nss.key);
	return good;
}
