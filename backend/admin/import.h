/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Moving in: what a reader of another program's keys (import-softhsm.c, import-nss.c) hands to the import subcommand.
 */
#ifndef CRATON_IMPORT_H
#define CRATON_IMPORT_H

#include <glib.h>

#include "pkcs11.h"
#include "secret.h"
#include "store.h"

/* One object as it was there. */
typedef struct {
	char *name;       /* for messages */
	GArray *attrs;    /* of CK_ATTRIBUTE */
	GPtrArray *owned; /* what the attributes point to; wiped when it goes */
} CratonImportObject;

typedef struct {
	CK_UTF8CHAR label[CRATON_STORE_LABEL_LEN]; /* of the token that it comes from */
	GPtrArray *objects;                        /* of CratonImportObject */
	GPtrArray *left_out;                       /* lines for the user: objects that Craton has no kind for */
	GPtrArray *notes;                          /* lines for the user: what of an object was not kept */
} CratonImport;

void craton_import_init (CratonImport *import);
void craton_import_clear (CratonImport *import);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (CratonImport, craton_import_clear)

CratonImportObject *craton_import_object_new (const char *name);
void craton_import_object_free (CratonImportObject *object);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonImportObject, craton_import_object_free)

/* Memory that lives as long as @object and is wiped with it. */
void *craton_import_object_hold (CratonImportObject *object, const void *bytes, gsize len);
/* The value of an attribute, or NULL. */
const CK_ATTRIBUTE *craton_import_object_find (const CratonImportObject *object, CK_ATTRIBUTE_TYPE type);
CK_ULONG craton_import_object_ulong (const CratonImportObject *object, CK_ATTRIBUTE_TYPE type);
/* Sets an attribute to a copy of the bytes. */
void craton_import_object_set (CratonImportObject *object, CK_ATTRIBUTE_TYPE type, const void *bytes, gsize len);

/**
 * craton_import_add:
 * @object: taken
 *
 * Adds it to the objects, without what Craton works out for itself or has no place for, or to what is left out.
 */
void craton_import_add (CratonImport *import, CratonImportObject *object);

/* AES-256-CBC with padding. @out has @in_len bytes. Returns: the length, or -1 if this is not what was encrypted. */
int craton_import_decrypt (const guint8 *key, const guint8 *iv, const guint8 *in, gsize in_len, guint8 *out);

/**
 * craton_import_softhsm:
 * @path: a token's folder, a folder of such folders, or softhsm2.conf
 * @label: (nullable): which token, if there are several
 * @pin: the user PIN there
 * @so_pin: (nullable): the SO PIN there, to be checked as well
 *
 * Returns: FALSE after it has printed what is wrong.
 * Source: SoftHSM 2.6.1's source, its object store and data manager, for the format
 */
gboolean craton_import_softhsm (const char *path, const char *label, const CratonSecret *pin,
                                const CratonSecret *so_pin, CratonImport *import);

/**
 * craton_import_nss:
 * @path: the folder with key4.db and cert9.db
 * @softokn: NSS's softokn, which reads them
 * @password: asked for if the database has one
 *
 * Returns: FALSE after it has printed what is wrong.
 */
gboolean craton_import_nss (const char *path, const char *softokn, const CratonSecretSource *password,
                            CratonImport *import);

#endif /* CRATON_IMPORT_H */
