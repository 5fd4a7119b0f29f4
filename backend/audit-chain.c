/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The audit log's cryptography: see audit-chain.h. Lines that are parsed here may be anybody's.
 */
#include "config.h"

#include "audit-chain.h"

#include <string.h>

#include <openssl/crypto.h>

/* What a key is hashed with for the next one. */
#define NEXT "craton audit"

/* Of HMAC (RFC 2104) with SHA-256. */
#define BLOCK_LEN 64
#define INNER_PAD 0x36
#define OUTER_PAD 0x5c

gboolean
craton_audit_chain_init (CratonAuditChain *chain)
{
	memset (chain, 0, sizeof *chain);
	chain->digest = EVP_MD_fetch (NULL, "SHA256", NULL);
	chain->hash = EVP_MD_CTX_new ();
	chain->body = EVP_MD_CTX_new ();
	return chain->digest != NULL && chain->hash != NULL && chain->body != NULL;
}

void
craton_audit_chain_clear (CratonAuditChain *chain)
{
	EVP_MD_free (chain->digest);
	EVP_MD_CTX_free (chain->hash);
	EVP_MD_CTX_free (chain->body);
	memset (chain, 0, sizeof *chain);
}

gboolean
craton_audit_chain_hash (CratonAuditChain *chain, const char *line, gsize len,
                         guint8 hash[CRATON_AUDIT_HASH_LEN])
{
	return EVP_DigestInit_ex2 (chain->hash, chain->digest, NULL) == 1 &&
	       EVP_DigestUpdate (chain->hash, line, len) == 1 &&
	       EVP_DigestFinal_ex (chain->hash, hash, NULL) == 1;
}

/* One of the two hashes of HMAC: of the padded key and @data, which have the same length and may be the same bytes as @hash. */
static gboolean
hash_keyed (CratonAuditChain *chain, const guint8 key[CRATON_AUDIT_KEY_LEN], guint8 pad,
            const guint8 data[CRATON_AUDIT_HASH_LEN], guint8 hash[CRATON_AUDIT_HASH_LEN])
{
	guint8 block[BLOCK_LEN + CRATON_AUDIT_HASH_LEN];
	gboolean good;

	memset (block, pad, BLOCK_LEN);
	for (gsize i = 0; i < CRATON_AUDIT_KEY_LEN; i++)
		block[i] ^= key[i];
	memcpy (block + BLOCK_LEN, data, CRATON_AUDIT_HASH_LEN);
	good = EVP_DigestInit_ex2 (chain->hash, chain->digest, NULL) == 1 &&
	       EVP_DigestUpdate (chain->hash, block, sizeof block) == 1 &&
	       EVP_DigestFinal_ex (chain->hash, hash, NULL) == 1;
	OPENSSL_cleanse (block, CRATON_AUDIT_KEY_LEN);
	return good;
}

/* HMAC is written out here: a new key for each line costs libcrypto's own as much as the rest of the line (docs/audit.md, What it
 * costs). */
gboolean
craton_audit_chain_seal (CratonAuditChain *chain, const guint8 key[CRATON_AUDIT_KEY_LEN],
                         const char *body, gsize len, guint8 seal[CRATON_AUDIT_HASH_LEN])
{
	guint8 hash[CRATON_AUDIT_HASH_LEN];

	return EVP_DigestInit_ex2 (chain->body, chain->digest, NULL) == 1 &&
	       EVP_DigestUpdate (chain->body, body, len) == 1 &&
	       EVP_MD_CTX_copy_ex (chain->hash, chain->body) == 1 &&
	       EVP_DigestFinal_ex (chain->hash, hash, NULL) == 1 &&
	       hash_keyed (chain, key, INNER_PAD, hash, hash) && hash_keyed (chain, key, OUTER_PAD, hash, seal);
}

gboolean
craton_audit_chain_hash_rest (CratonAuditChain *chain, const char *rest, gsize len,
                              guint8 hash[CRATON_AUDIT_HASH_LEN])
{
	return EVP_DigestUpdate (chain->body, rest, len) == 1 &&
	       EVP_DigestFinal_ex (chain->body, hash, NULL) == 1;
}

gboolean
craton_audit_chain_next (CratonAuditChain *chain, const guint8 key[CRATON_AUDIT_KEY_LEN],
                         guint8 next[CRATON_AUDIT_KEY_LEN])
{
	return EVP_DigestInit_ex2 (chain->hash, chain->digest, NULL) == 1 &&
	       EVP_DigestUpdate (chain->hash, NEXT, sizeof NEXT - 1) == 1 &&
	       EVP_DigestUpdate (chain->hash, key, CRATON_AUDIT_KEY_LEN) == 1 &&
	       EVP_DigestFinal_ex (chain->hash, next, NULL) == 1;
}

void
craton_audit_chain_to_hex (const guint8 *bytes, gsize len, char *hex)
{
	static const char digits[] = "0123456789abcdef";

	for (gsize i = 0; i < len; i++) {
		hex[2 * i] = digits[bytes[i] >> 4];
		hex[2 * i + 1] = digits[bytes[i] & 15];
	}
}

gboolean
craton_audit_chain_from_hex (const char *hex, gsize len, guint8 *bytes)
{
	for (gsize i = 0; i < len; i++) {
		int high = g_ascii_xdigit_value (hex[2 * i]);
		int low = high < 0 ? -1 : g_ascii_xdigit_value (hex[2 * i + 1]);

		/* A to F would be another way to write the same line. */
		if (low < 0 || g_ascii_isupper (hex[2 * i]) || g_ascii_isupper (hex[2 * i + 1]))
			return FALSE;
		bytes[i] = (guint8) (high << 4 | low);
	}
	return TRUE;
}

/* "name":"HEX" at the very end of the @len bytes, followed by @end. */
static gboolean
parse_end (const char *text, gsize len, const char *name, const char *end, guint8 *ret_bytes)
{
	gsize name_len = strlen (name), end_len = strlen (end);
	gsize field_len = name_len + 2 * CRATON_AUDIT_HASH_LEN + end_len;
	const char *field = text + len - field_len;

	return len > field_len && memcmp (field, name, name_len) == 0 &&
	       memcmp (text + len - end_len, end, end_len) == 0 &&
	       craton_audit_chain_from_hex (field + name_len, CRATON_AUDIT_HASH_LEN, ret_bytes);
}

gboolean
craton_audit_chain_parse (const char *line, gsize len, CratonAuditFrame *ret_frame)
{
	const gsize begin_len = sizeof CRATON_AUDIT_SEQ - 1;
	CratonAuditFrame frame = { 0 };
	gsize i = begin_len;

	if (len >= CRATON_AUDIT_LINE_MAX || len < begin_len ||
	    memcmp (line, CRATON_AUDIT_SEQ, begin_len) != 0 || memchr (line, '\0', len) != NULL ||
	    !parse_end (line, len, CRATON_AUDIT_SEAL, "\"}", frame.seal))
		return FALSE;
	frame.body_len = len - CRATON_AUDIT_SEAL_LEN;
	if (!parse_end (line, frame.body_len, CRATON_AUDIT_PREV, "\"", frame.prev))
		return FALSE;
	for (; i < begin_len + 19 && g_ascii_isdigit (line[i]); i++)
		frame.seq = frame.seq * 10 + (guint64) (line[i] - '0');
	if (i == begin_len || line[i] != ',' || (line[begin_len] == '0' && i > begin_len + 1))
		return FALSE;
	*ret_frame = frame;
	return TRUE;
}
