/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pkcs11: URIs that name objects, parsed and compared by libp11-kit. In a file of its own, because libp11-kit has a pkcs11.h of its
 * own.
 */
#ifndef CRATON_URI_H
#define CRATON_URI_H

#include <glib.h>

typedef struct CratonUri CratonUri;

/**
 * craton_uri_new:
 * @text: such as "pkcs11:object=web;type=private"
 *
 * Returns: (transfer full): NULL if it is no such URI, or names no object by label (object), id or type, or names anything else
 */
CratonUri *craton_uri_new (const char *text);
void craton_uri_free (CratonUri *uri);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonUri, craton_uri_free)

/* Whether @uri names an object with this CKA_CLASS, CKA_LABEL and CKA_ID. */
gboolean craton_uri_names (const CratonUri *uri, gulong klass, const void *label, gsize label_len, const void *id, gsize id_len);

#endif /* CRATON_URI_H */
