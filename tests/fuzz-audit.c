/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lines of an audit log, which whoever took the machine may have written: the frame that is verified, and the table for the eye.
 */
#include "config.h"

#include "fuzz.h"

#include <glib.h>

#include "audit-chain.h"
#include "audit-show.h"

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	static const CratonAuditFilter filters[] = {
		{ 0 },
		{ .since = "2026", .failed = TRUE },
		{ .function = "C_Sign" },
		{ .json = TRUE },
	};
	char *line = malloc (len), *text = malloc (len + 1);
	CratonAuditFrame frame;

	fuzz_expect (line != NULL && text != NULL);
	memcpy (line, bytes, len);
	memcpy (text, bytes, len);
	text[len] = '\0';
	if (craton_audit_chain_parse (line, len, &frame)) {
		char hex[2 * CRATON_AUDIT_HASH_LEN];

		/* What is covered by the seal ends before it, and the hash is the one that stands there. */
		fuzz_expect (frame.body_len + CRATON_AUDIT_SEAL_LEN == len);
		craton_audit_chain_to_hex (frame.prev, sizeof frame.prev, hex);
		fuzz_expect (memmem (line, len, hex, sizeof hex) != NULL);
	}
	for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
		char *shown = craton_audit_show_line (&filters[i], text);

		for (const char *at = shown; at != NULL && *at != '\0' && !filters[i].json; at++)
			fuzz_expect (!g_ascii_iscntrl (*at) &&
			             ((guchar) at[0] != 0xc2 || (guchar) at[1] < 0x80 ||
			              (guchar) at[1] >= 0xa0));
		g_free (shown);
	}
	free (line);
	free (text);
	return 0;
}

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static void
fuzz_seeds (void)
{
	static const char *const seeds[] = {
		"{\"seq\":1,\"time\":\"2026-01-01T00:00:00.000Z\",\"event\":\"begin\",\"prev\":\"" HEX
		"\",\"seal\":\"" HEX "\"}",
		"{\"seq\":18446744073709551615,\"time\":\"2026\",\"pid\":7,\"program\":\"/usr/bin/x\",\"user\":\"u\","
		"\"function\":\"C_Sign\",\"mechanism\":\"CKM_RSA_PKCS\",\"label\":\"a \\\"b\\\" \\\\\",\"id\":\"00ff\","
		"\"with_label\":\"w\",\"result\":\"CKR_OK\",\"note\":\"n\",\"prev\":\"" HEX
		"\",\"seal\":\"" HEX "\"}",
		"{\"seq\":2,\"function\":\"C_Login\",\"result\":\"CKR_PIN_INCORRECT\",\"with_id\":\"01\"}",
	};

	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++)
		fuzz_seed (seeds[i], strlen (seeds[i]));
}
