/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * pkcs11: URIs, as they stand in craton.conf. Input: the text, NUL, then a label; its id is the rest.
 */
#include "config.h"

#include "fuzz.h"

#include "uri.h"

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	char *text = malloc (len + 1);
	size_t text_len;
	CratonUri *uri;

	fuzz_expect (text != NULL);
	memcpy (text, bytes, len);
	text[len] = '\0';
	text_len = strlen (text);
	uri = craton_uri_new (text);
	if (uri != NULL) {
		const char *rest = text_len < len ? text + text_len + 1 : text + text_len;
		size_t rest_len = text_len < len ? len - text_len - 1 : 0;

		for (gulong klass = 0; klass < 5; klass++)
			(void) craton_uri_names (uri, klass, rest, rest_len / 2,
			                         rest + rest_len / 2, rest_len - rest_len / 2);
		craton_uri_free (uri);
	}
	free (text);
	return 0;
}

static void
fuzz_seeds (void)
{
	static const char *const seeds[] = {
		"pkcs11:object=web;type=private",
		"pkcs11:object=a%20b;id=%01%02%ff;type=cert",
		"pkcs11:id=%00;type=secret-key",
		"pkcs11:object=x?pin-value=1234",
		"pkcs11:token=t;manufacturer=m;serial=s;model=p;object=o;type=public;library-version=1.2",
		"pkcs11:slot-id=7;slot-description=d;x-vendor=1",
	};

	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
		fuzz_seed (seeds[i], strlen (seeds[i]));
}
