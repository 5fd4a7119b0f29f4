/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * URIs of objects, see uri.h. The text is from craton.conf, what it is compared with from a module. Called by rules.c and policy.c.
 */
#include "config.h"

#include "uri.h"

#include <string.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

struct CratonUri {
	P11KitUri *uri;
};

static gboolean
is_blank (const unsigned char *text, gsize len)
{
	for (gsize i = 0; i < len; i++) {
		if (text[i] != 0)
			return FALSE;
	}
	return TRUE;
}

/* Which token it is about is said by the group of craton.conf. */
static gboolean
names_objects_only (P11KitUri *uri)
{
	const CK_TOKEN_INFO *token = p11_kit_uri_get_token_info (uri);
	CK_ULONG n_attrs = 0;

	(void) p11_kit_uri_get_attributes (uri, &n_attrs);
	return n_attrs > 0 && !p11_kit_uri_any_unrecognized (uri) &&
	       is_blank (token->label, sizeof (token->label)) &&
	       is_blank (token->serialNumber, sizeof (token->serialNumber)) &&
	       is_blank (token->manufacturerID, sizeof (token->manufacturerID)) &&
	       is_blank (token->model, sizeof (token->model));
}

CratonUri *
craton_uri_new (const char *text)
{
	P11KitUri *uri = p11_kit_uri_new ();
	CratonUri *self;

	if (p11_kit_uri_parse (text, P11_KIT_URI_FOR_ANY, uri) != P11_KIT_URI_OK ||
	    !names_objects_only (uri)) {
		p11_kit_uri_free (uri);
		return NULL;
	}
	self = g_new0 (CratonUri, 1);
	self->uri = uri;
	return self;
}

void
craton_uri_free (CratonUri *self)
{
	if (self == NULL)
		return;
	p11_kit_uri_free (self->uri);
	g_free (self);
}

gboolean
craton_uri_names (const CratonUri *self, gulong klass, const void *label, gsize label_len, const void *id,
                  gsize id_len)
{
	CK_ATTRIBUTE attrs[] = {
		{ CKA_CLASS, &klass, sizeof (klass) },
		{ CKA_LABEL, (void *) label, label_len },
		{ CKA_ID, (void *) id, id_len },
	};

	return p11_kit_uri_match_attributes (self->uri, attrs, G_N_ELEMENTS (attrs)) == 1;
}
