/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Objects on their way in, see import.h. Called by the readers, with values of files that are not trusted: whether they make an
 * object is asked later, by the token's own rules.
 */
#include "config.h"

#include "import.h"

#include <string.h>

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "attr.h"
#include "names.h"

typedef struct {
	gsize len;
	CK_BYTE bytes[];
} Block;

static void
free_block (gpointer data)
{
	Block *block = data;

	OPENSSL_cleanse (block->bytes, block->len);
	g_free (block);
}

static void
free_object (gpointer data)
{
	craton_import_object_free (data);
}

void
craton_import_init (CratonImport *import)
{
	memset (import->label, ' ', sizeof import->label);
	import->objects = g_ptr_array_new_with_free_func (free_object);
	import->left_out = g_ptr_array_new_with_free_func (g_free);
	import->notes = g_ptr_array_new_with_free_func (g_free);
}

void
craton_import_clear (CratonImport *import)
{
	g_clear_pointer (&import->objects, g_ptr_array_unref);
	g_clear_pointer (&import->left_out, g_ptr_array_unref);
	g_clear_pointer (&import->notes, g_ptr_array_unref);
}

CratonImportObject *
craton_import_object_new (const char *name)
{
	CratonImportObject *object = g_new0 (CratonImportObject, 1);

	object->name = g_strdup (name);
	object->attrs = g_array_new (FALSE, FALSE, sizeof (CK_ATTRIBUTE));
	object->owned = g_ptr_array_new_with_free_func (free_block);
	return object;
}

void
craton_import_object_free (CratonImportObject *object)
{
	if (object == NULL)
		return;
	g_ptr_array_unref (object->owned);
	g_array_unref (object->attrs);
	g_free (object->name);
	g_free (object);
}

void *
craton_import_object_hold (CratonImportObject *object, const void *bytes, gsize len)
{
	Block *block = g_malloc (sizeof *block + len + 1);

	block->len = len;
	if (len > 0)
		memcpy (block->bytes, bytes, len);
	g_ptr_array_add (object->owned, block);
	return block->bytes;
}

static CK_ATTRIBUTE *
find (const CratonImportObject *object, CK_ATTRIBUTE_TYPE type)
{
	for (guint i = 0; i < object->attrs->len; i++) {
		CK_ATTRIBUTE *attr = &g_array_index (object->attrs, CK_ATTRIBUTE, i);

		if (attr->type == type)
			return attr;
	}
	return NULL;
}

const CK_ATTRIBUTE *
craton_import_object_find (const CratonImportObject *object, CK_ATTRIBUTE_TYPE type)
{
	return find (object, type);
}

CK_ULONG
craton_import_object_ulong (const CratonImportObject *object, CK_ATTRIBUTE_TYPE type)
{
	const CK_ATTRIBUTE *attr = find (object, type);
	CK_ULONG number = CK_UNAVAILABLE_INFORMATION;

	if (attr != NULL && attr->ulValueLen == sizeof number)
		memcpy (&number, attr->pValue, sizeof number);
	return number;
}

void
craton_import_object_set (CratonImportObject *object, CK_ATTRIBUTE_TYPE type, const void *bytes, gsize len)
{
	CK_ATTRIBUTE value = { type, craton_import_object_hold (object, bytes, len), len };
	CK_ATTRIBUTE *old = find (object, type);

	if (old != NULL)
		*old = value;
	else
		g_array_append_val (object->attrs, value);
}

int
craton_import_decrypt (const guint8 *key, const guint8 *iv, const guint8 *in, gsize in_len, guint8 *out)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
	int len = 0, rest = 0;
	gboolean good = context != NULL && in_len <= G_MAXINT &&
	                EVP_DecryptInit_ex (context, EVP_aes_256_cbc (), NULL, key, iv) == 1 &&
	                EVP_DecryptUpdate (context, out, &len, in, (int) in_len) == 1 &&
	                EVP_DecryptFinal_ex (context, out + len, &rest) == 1;

	EVP_CIPHER_CTX_free (context);
	return good ? len + rest : -1;
}

/* "name (label)", the label without what a terminal could take for more than text. */
static char *
describe (const CratonImportObject *object)
{
	const CK_ATTRIBUTE *label = find (object, CKA_LABEL);
	g_autofree char *text = NULL;

	if (label == NULL || label->ulValueLen == 0)
		return g_strdup (object->name);
	text = g_utf8_make_valid (label->pValue, (gssize) label->ulValueLen);
	for (char *at = text; *at != '\0'; at++)
		if (g_ascii_iscntrl (*at))
			*at = '?';
	return g_strdup_printf ("%s (%s)", object->name, text);
}

static gboolean
is_empty (const CK_ATTRIBUTE *attr)
{
	return attr->ulValueLen == 0 ||
	       (attr->ulValueLen == sizeof (CK_BBOOL) && *(const CK_BBOOL *) attr->pValue == CK_FALSE);
}

/* What the token works out from the rest. */
static gboolean
is_worked_out (CK_ATTRIBUTE_TYPE type)
{
	return type == CKA_UNIQUE_ID || type == CKA_CHECK_VALUE || type == CKA_PUBLIC_KEY_INFO;
}

static void
drop_strangers (CratonImport *import, CratonImportObject *object, CratonKinds kind, const char *name)
{
	for (guint i = object->attrs->len; i-- > 0;) {
		const CK_ATTRIBUTE *value = &g_array_index (object->attrs, CK_ATTRIBUTE, i);
		const CratonAttr *attr = craton_attr_find (value->type);
		const char *type = craton_name (CRATON_NAME_CKA, value->type);

		if (attr != NULL && (attr->where & kind) != 0 && !is_worked_out (value->type))
			continue;
		if (!is_worked_out (value->type) && value->type < CKA_VENDOR_DEFINED && !is_empty (value))
			g_ptr_array_add (import->notes, g_strdup_printf (_ ("%s: %s is not kept"), name,
			                                                 type != NULL ? type : "?"));
		g_array_remove_index (object->attrs, i);
	}
}

void
craton_import_add (CratonImport *import, CratonImportObject *object)
{
	static const CK_BBOOL yes = CK_TRUE;
	CK_OBJECT_CLASS klass = craton_import_object_ulong (object, CKA_CLASS);
	CK_ULONG type = craton_import_object_ulong (object, klass == CKO_CERTIFICATE ? CKA_CERTIFICATE_TYPE
	                                                                             : CKA_KEY_TYPE);
	CratonKinds kind = craton_attr_kind (klass, type);
	g_autofree char *name = describe (object);

	if (kind == 0) {
		g_ptr_array_add (import->left_out,
		                 g_strdup_printf (_ ("%s: left out: Craton has no objects of class 0x%lx and type 0x%lx"),
		                                  name, klass, type));
		craton_import_object_free (object);
		return;
	}
	drop_strangers (import, object, kind, name);
	craton_import_object_set (object, CKA_TOKEN, &yes, sizeof yes);
	g_free (object->name);
	object->name = g_steal_pointer (&name);
	g_ptr_array_add (import->objects, object);
}
