/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The audit log's cryptography and the frame of its lines, for the writer (audit.c) and for whoever
 * checks (the administrator's tool). docs/audit.md has the format in prose.
 *
 * A line is a flat JSON object: {"seq":N,...,"prev":"HEX","seal":"HEX"}. prev is the SHA-256 of the
 * whole line before. seal is an HMAC-SHA-256 of the SHA-256 of the line up to the comma before "seal",
 * under a key that serves for this one line: the next line's is the SHA-256 of "craton audit" and it,
 * which cannot be undone, and it is erased.
 */
#ifndef CRATON_AUDIT_CHAIN_H
#define CRATON_AUDIT_CHAIN_H

#include <glib.h>
#include <openssl/evp.h>

#define CRATON_AUDIT_HASH_LEN 32
#define CRATON_AUDIT_KEY_LEN 32

/* Bytes of a line at the most, its end included. */
#define CRATON_AUDIT_LINE_MAX 4096

/* What is fetched of libcrypto once. Not for two threads at a time. */
typedef struct {
	EVP_MD *digest;
	EVP_MD_CTX *hash;
	EVP_MD_CTX *body; /* of the line that is being made */
} CratonAuditChain;

/* FALSE if libcrypto has no SHA-256 or memory is short; clear it in any case. */
gboolean craton_audit_chain_init (CratonAuditChain *chain);
void craton_audit_chain_clear (CratonAuditChain *chain);

/* The hash of a line, without its end. FALSE if libcrypto fails. */
gboolean craton_audit_chain_hash (CratonAuditChain *chain, const char *line, gsize len,
                                  guint8 hash[CRATON_AUDIT_HASH_LEN]);

/* A line as it is made: the seal of @body, which is kept in @chain, and then the hash of the whole line, of which @rest is what
 * stands behind the body. */
gboolean craton_audit_chain_seal (CratonAuditChain *chain, const guint8 key[CRATON_AUDIT_KEY_LEN],
                                  const char *body, gsize len,
                                  guint8 seal[CRATON_AUDIT_HASH_LEN]);
gboolean craton_audit_chain_hash_rest (CratonAuditChain *chain, const char *rest, gsize len,
                                       guint8 hash[CRATON_AUDIT_HASH_LEN]);

/* The key of the next line; @next may be @key. */
gboolean craton_audit_chain_next (CratonAuditChain *chain, const guint8 key[CRATON_AUDIT_KEY_LEN],
                                  guint8 next[CRATON_AUDIT_KEY_LEN]);

/* The ends of a line: ,"prev":"HEX" closes its body, ,"seal":"HEX"} the line. */
#define CRATON_AUDIT_PREV ",\"prev\":\""
#define CRATON_AUDIT_SEAL ",\"seal\":\""
#define CRATON_AUDIT_SEQ "{\"seq\":"
#define CRATON_AUDIT_PREV_LEN (sizeof CRATON_AUDIT_PREV - 1 + 2 * CRATON_AUDIT_HASH_LEN + 1)
#define CRATON_AUDIT_SEAL_LEN (sizeof CRATON_AUDIT_SEAL - 1 + 2 * CRATON_AUDIT_HASH_LEN + 2)

/* What the frame of a line says. */
typedef struct {
	guint64 seq;
	gsize body_len; /* of the line up to "seal" */
	guint8 prev[CRATON_AUDIT_HASH_LEN];
	guint8 seal[CRATON_AUDIT_HASH_LEN];
} CratonAuditFrame;

/* FALSE if @line, without its end, is no line of a log. */
gboolean craton_audit_chain_parse (const char *line, gsize len, CratonAuditFrame *ret_frame);

/* Lower-case hexadecimal, 2 * len characters and no NUL; and back, FALSE if it is none. */
void craton_audit_chain_to_hex (const guint8 *bytes, gsize len, char *hex);
gboolean craton_audit_chain_from_hex (const char *hex, gsize len, guint8 *bytes);

#endif /* CRATON_AUDIT_CHAIN_H */
