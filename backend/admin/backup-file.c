/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The file of a backup, see backup-file.h and docs/backup.md. The key comes from the passphrase by scrypt (RFC 7914); then the
 * content goes through AES-256-GCM piece by piece, each bound to the header, to its place and to being the last one or not. Called by
 * the backup and restore subcommands; a file that is opened may come from anybody.
 */
#include "config.h"

#include "backup-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include "drbg.h"

#define MAGIC "CRATNBAK"
#define MAGIC_LEN 8
#define VERSION 1
#define SALT_LEN 32
#define KEY_LEN 32
#define NONCE_LEN 12
#define TAG_LEN 16
#define PIECE_LEN (64 * 1024)

/* Magic, version, cost, salt. */
#define HEADER_LEN (MAGIC_LEN + 1 + 1 + SALT_LEN)
#define INFO_LEN (8 + 8 + CRATON_SEAL_EPOCH_LEN + CRATON_STORE_LABEL_LEN + CRATON_STORE_SERIAL_LEN)

/* scrypt's block size and parallelisation (RFC 7914, 2). */
#define SCRYPT_R 8
#define SCRYPT_P 1

typedef struct {
	EVP_CIPHER_CTX *context;
	guint8 key[KEY_LEN];
	guint8 header[HEADER_LEN];
	guint64 number; /* of the next piece */
	gboolean sealing;
} Stream;

static void
stream_clear (Stream *stream)
{
	EVP_CIPHER_CTX_free (stream->context);
	OPENSSL_cleanse (stream, sizeof *stream);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stream, stream_clear)

static void
put_number (guint8 *out, guint64 number)
{
	for (gsize i = 0; i < 8; i++)
		out[i] = (guint8) (number >> (56 - 8 * i));
}

static guint64
get_number (const guint8 *in)
{
	guint64 number = 0;

	for (gsize i = 0; i < 8; i++)
		number = number << 8 | in[i];
	return number;
}

/* Returns: FALSE also if there is not enough memory for that cost. */
static gboolean
stream_init (Stream *stream, gboolean sealing, const char *passphrase, gsize len)
{
	guint64 n = (guint64) 1 << stream->header[MAGIC_LEN + 1];

	stream->sealing = sealing;
	stream->number = 0;
	stream->context = EVP_CIPHER_CTX_new ();
	return stream->context != NULL &&
	       EVP_PBE_scrypt (passphrase, len, stream->header + MAGIC_LEN + 2, SALT_LEN, n, SCRYPT_R,
	                       SCRYPT_P, 256 * n * SCRYPT_R, stream->key, KEY_LEN) == 1;
}

/* The nonce: the piece's number, then whether it is the last. No key seals two files: the salt is new each time. */
static gboolean
start_piece (Stream *stream, gboolean last)
{
	guint8 nonce[NONCE_LEN] = { 0 };
	int ignored;

	put_number (nonce + 3, stream->number++);
	nonce[NONCE_LEN - 1] = last ? 1 : 0;
	return EVP_CipherInit_ex (stream->context, EVP_aes_256_gcm (), NULL, stream->key, nonce,
	                          stream->sealing ? 1 : 0) == 1 &&
	       EVP_CipherUpdate (stream->context, NULL, &ignored, stream->header, HEADER_LEN) == 1;
}

/* Appends one piece, sealed. */
static gboolean
seal_piece (Stream *stream, const guint8 *in, gsize len, gboolean last, GByteArray *out)
{
	guint at = out->len;
	guint8 rest[16];
	int n = 0, n_rest = 0;

	g_byte_array_set_size (out, at + (guint) len + TAG_LEN);
	return start_piece (stream, last) &&
	       EVP_CipherUpdate (stream->context, out->data + at, &n, in, (int) len) == 1 &&
	       (gsize) n == len && EVP_CipherFinal_ex (stream->context, rest, &n_rest) == 1 &&
	       EVP_CIPHER_CTX_ctrl (stream->context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN,
	                            out->data + at + len) == 1;
}

/* Opens one piece, its tag behind it. */
static gboolean
open_piece (Stream *stream, const guint8 *in, gsize len, gboolean last, guint8 *out)
{
	guint8 rest[16], tag[TAG_LEN];
	int n = 0, n_rest = 0;

	memcpy (tag, in + len, TAG_LEN);
	return start_piece (stream, last) &&
	       EVP_CipherUpdate (stream->context, out, &n, in, (int) len) == 1 && (gsize) n == len &&
	       EVP_CIPHER_CTX_ctrl (stream->context, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) == 1 &&
	       EVP_CipherFinal_ex (stream->context, rest, &n_rest) == 1;
}

static void
put_info (const CratonBackupInfo *info, guint8 *out)
{
	put_number (out, (guint64) info->made_at);
	put_number (out + 8, info->changes);
	memcpy (out + 16, info->epoch, sizeof info->epoch);
	memcpy (out + 32, info->label, sizeof info->label);
	memcpy (out + 64, info->serial, sizeof info->serial);
}

static void
get_info (const guint8 *in, CratonBackupInfo *info)
{
	info->made_at = (gint64) get_number (in);
	info->changes = get_number (in + 8);
	memcpy (info->epoch, in + 16, sizeof info->epoch);
	memcpy (info->label, in + 32, sizeof info->label);
	memcpy (info->serial, in + 64, sizeof info->serial);
}

/* The plain content; FALSE if it is more than the array can hold. */
static gboolean
gather (const CratonBackupInfo *info, GBytes *image, GByteArray *plain)
{
	gsize len;
	const guint8 *bytes = g_bytes_get_data (image, &len);

	if (len > G_MAXINT - INFO_LEN - (len / PIECE_LEN + 2) * TAG_LEN - HEADER_LEN)
		return FALSE;
	g_byte_array_set_size (plain, INFO_LEN);
	put_info (info, plain->data);
	g_byte_array_append (plain, bytes, (guint) len);
	return TRUE;
}

CK_RV
craton_backup_seal (const CratonBackupInfo *info, GBytes *image, const char *passphrase,
                    gsize passphrase_len, guint cost, GByteArray *out)
{
	g_autoptr (GByteArray) plain = g_byte_array_new ();
	g_auto (Stream) stream = { .header = MAGIC };
	gboolean last = FALSE;
	CK_RV rv;

	g_assert (cost >= 1 && cost <= CRATON_BACKUP_COST_MAX);
	stream.header[MAGIC_LEN] = VERSION;
	stream.header[MAGIC_LEN + 1] = (guint8) cost;
	rv = craton_drbg_generate (stream.header + MAGIC_LEN + 2, SALT_LEN);
	if (rv != CKR_OK)
		return rv;
	if (!gather (info, image, plain))
		return CKR_HOST_MEMORY;
	if (!stream_init (&stream, TRUE, passphrase, passphrase_len))
		return CKR_HOST_MEMORY;
	g_byte_array_append (out, stream.header, HEADER_LEN);
	for (gsize at = 0; !last; at += PIECE_LEN) {
		gsize len = MIN (plain->len - at, PIECE_LEN);

		last = at + len == plain->len;
		if (!seal_piece (&stream, plain->data + at, len, last, out))
			return CKR_DEVICE_ERROR;
	}
	return CKR_OK;
}

static CK_RV
read_header (const guint8 *bytes, gsize len, guint8 *ret_header)
{
	if (len < MAGIC_LEN + 1 || memcmp (bytes, MAGIC, MAGIC_LEN) != 0)
		return CKR_DATA_INVALID;
	if (bytes[MAGIC_LEN] != VERSION)
		return CKR_FUNCTION_NOT_SUPPORTED;
	if (len < HEADER_LEN + INFO_LEN + TAG_LEN)
		return CKR_ENCRYPTED_DATA_INVALID;
	if (bytes[MAGIC_LEN + 1] < 1 || bytes[MAGIC_LEN + 1] > CRATON_BACKUP_COST_MAX)
		return CKR_ENCRYPTED_DATA_INVALID;
	memcpy (ret_header, bytes, HEADER_LEN);
	return CKR_OK;
}

CK_RV
craton_backup_open (const guint8 *bytes, gsize len, const char *passphrase, gsize passphrase_len,
                    CratonBackupInfo *ret_info, GBytes **ret_image)
{
	g_auto (Stream) stream = { 0 };
	g_autofree guint8 *plain = NULL;
	g_autoptr (GBytes) whole = NULL;
	gsize done = 0;
	CK_RV rv = read_header (bytes, len, stream.header);

	if (rv != CKR_OK)
		return rv;
	plain = g_try_malloc (len);
	if (plain == NULL || !stream_init (&stream, FALSE, passphrase, passphrase_len))
		return CKR_HOST_MEMORY;
	for (gsize at = HEADER_LEN; at < len;) {
		gsize n = MIN (len - at, PIECE_LEN + TAG_LEN);

		if (n < TAG_LEN ||
		    !open_piece (&stream, bytes + at, n - TAG_LEN, at + n == len, plain + done))
			return stream.number > 1 ? CKR_ENCRYPTED_DATA_INVALID : CKR_PIN_INCORRECT;
		done += n - TAG_LEN;
		at += n;
	}
	if (done < INFO_LEN)
		return CKR_ENCRYPTED_DATA_INVALID;
	get_info (plain, ret_info);
	whole = g_bytes_new_take (g_steal_pointer (&plain), done);
	*ret_image = g_bytes_new_from_bytes (whole, INFO_LEN, done - INFO_LEN);
	return CKR_OK;
}

static int
write_all (int fd, const guint8 *bytes, gsize len)
{
	for (gsize at = 0; at < len;) {
		gssize n = write (fd, bytes + at, len - at);

		if (n < 0 && errno != EINTR)
			return errno;
		at += n > 0 ? (gsize) n : 0;
	}
	return fsync (fd) == 0 ? 0 : errno;
}

static void
sync_folder (const char *path)
{
	g_autofree char *folder = g_path_get_dirname (path);
	int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	(void) fsync (fd);
	(void) close (fd);
}

int
craton_backup_write_file (const char *path, const guint8 *bytes, gsize len, gboolean force)
{
	g_autofree char *making = g_strconcat (path, ".new-XXXXXX", NULL);
	int error, fd = g_mkstemp_full (making, O_WRONLY | O_CLOEXEC, 0600);

	if (fd < 0)
		return errno;
	error = write_all (fd, bytes, len);
	if (close (fd) != 0 && error == 0)
		error = errno;
	/* A link does not replace what is there. */
	if (error == 0 && (force ? rename (making, path) : link (making, path)) != 0)
		error = errno;
	if (error != 0 || !force)
		(void) unlink (making);
	if (error == 0)
		sync_folder (path);
	return error;
}
