/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of a backup: the image of a store, sealed under a passphrase. docs/backup.md has the format.
 */
#ifndef CRATON_BACKUP_FILE_H
#define CRATON_BACKUP_FILE_H

#include <glib.h>

#include "pkcs11.h"
#include "store.h"

/* log2 of scrypt's N for new files: a stolen file can be tried at leisure. 128 MiB. */
#define CRATON_BACKUP_COST 17
#define CRATON_BACKUP_COST_MAX 20
#define CRATON_BACKUP_PASSPHRASE_MIN 8

/* What a backup is of. */
typedef struct {
	gint64 made_at; /* seconds since 1970 */
	guint64 changes;
	guint8 epoch[CRATON_SEAL_EPOCH_LEN];
	CK_UTF8CHAR label[CRATON_STORE_LABEL_LEN];
	CK_CHAR serial[CRATON_STORE_SERIAL_LEN];
} CratonBackupInfo;

/**
 * craton_backup_seal:
 * @cost: log2 of scrypt's N, at most CRATON_BACKUP_COST_MAX
 *
 * Returns: CKR_OK; CKR_HOST_MEMORY; CKR_DEVICE_ERROR.
 */
CK_RV craton_backup_seal (const CratonBackupInfo *info, GBytes *image, const char *passphrase,
                          gsize passphrase_len, guint cost, GByteArray *out);

/**
 * craton_backup_open:
 * @bytes: a whole file, not trusted
 *
 * Nothing of a file that was changed anywhere is handed out.
 *
 * Returns: CKR_OK; CKR_DATA_INVALID if this is no backup; CKR_FUNCTION_NOT_SUPPORTED for one of a later version;
 * CKR_PIN_INCORRECT if the passphrase is another one, or the beginning was changed; CKR_ENCRYPTED_DATA_INVALID if it was changed or
 * cut off; CKR_HOST_MEMORY.
 */
CK_RV craton_backup_open (const guint8 *bytes, gsize len, const char *passphrase, gsize passphrase_len,
                          CratonBackupInfo *ret_info, GBytes **ret_image);

/**
 * craton_backup_write_file:
 * @force: whether a file that is there may be replaced
 *
 * Writes with mode 0600, all or nothing, on the disk when it returns.
 *
 * Returns: 0 or an errno.
 */
int craton_backup_write_file (const char *path, const guint8 *bytes, gsize len, gboolean force);

#endif /* CRATON_BACKUP_FILE_H */
