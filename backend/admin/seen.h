/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What this machine's administrator has seen of each token last: a small file per serial number outside of the stores, so that an old
 * backup is found out where the store itself is gone. docs/backup.md says what that can find and what it cannot.
 */
#ifndef CRATON_SEEN_H
#define CRATON_SEEN_H

#include <glib.h>

#include "pkcs11.h"

typedef struct {
	guint64 changes; /* of CratonStoreToken; 0 if nothing was seen */
	gint64 at;       /* seconds since 1970 */
} CratonSeen;

/* @serial: CRATON_STORE_SERIAL_LEN bytes. Returns: FALSE after it has printed that the file cannot be read; a missing one is no failure. */
gboolean craton_seen_read (const CK_CHAR *serial, CratonSeen *ret_seen);

/* Keeps @changes as seen now, unless more was seen before. Returns: FALSE after it has printed why it cannot. */
gboolean craton_seen_note (const CK_CHAR *serial, guint64 changes);

#endif /* CRATON_SEEN_H */
