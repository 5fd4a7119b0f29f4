/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Where the audit log has got to: a small file beside it, mapped into every process that writes, with the key of the next line. It
 * is what all writers agree on, its lock is the log's, and it cannot be put back: the key of an earlier line is gone.
 */
#ifndef CRATON_AUDIT_STATE_H
#define CRATON_AUDIT_STATE_H

#include <glib.h>

#include "audit-chain.h"

#define CRATON_AUDIT_STATE_NAME "audit.state"
#define CRATON_AUDIT_LOG_NAME "audit.log"
/* The verification key, until somebody takes it. */
#define CRATON_AUDIT_VERIFY_NAME "audit.verify"

/* The place behind the last line. */
typedef struct {
	guint64 seq;        /* of the next line */
	guint64 offset;     /* of the next line, in the file audit.log */
	guint64 generation; /* how many files there were before this one */
	guint8 key[CRATON_AUDIT_KEY_LEN];   /* of the next line */
	guint8 hash[CRATON_AUDIT_HASH_LEN]; /* of the last line; all zero before the first */
} CratonAuditPlace;

typedef struct CratonAuditState CratonAuditState;

/**
 * craton_audit_state_open:
 * @path: of the file; made with mode 0600 if @writes and it is not there
 * @writes: FALSE: for whoever only reads
 *
 * Returns: NULL with errno.
 */
CratonAuditState *craton_audit_state_open (const char *path, gboolean writes);
void craton_audit_state_free (CratonAuditState *state);

/* The lock of the log, for one writer or for readers. It is the process's: threads need one of their own. FALSE with errno. */
gboolean craton_audit_state_lock (CratonAuditState *state, gboolean writes);
void craton_audit_state_unlock (CratonAuditState *state);

/* All that follows is called under the lock. */

/* The place, inside of the mapping; NULL if the file is new or damaged. */
const CratonAuditPlace *craton_audit_state_place (const CratonAuditState *state);

/* Makes @place the place: wholly or, if the process dies, not at all; then erases the one before. */
void craton_audit_state_set_place (CratonAuditState *state, const CratonAuditPlace *place);

/* Whether a line is being written, or was when its writer died. */
gboolean craton_audit_state_is_busy (const CratonAuditState *state);
void craton_audit_state_set_busy (CratonAuditState *state, gboolean busy);

/* Puts what the file has on the disk. */
void craton_audit_state_sync (CratonAuditState *state);

#endif /* CRATON_AUDIT_STATE_H */
