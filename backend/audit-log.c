/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The files of an audit log: see audit-log.h. The order of things when a line is added: "busy" is set, the line is
 * written, the state moves on to the next place and key, "busy" is cleared. Whoever finds "busy" set under the lock, or opens the
 * log, settles: whole lines with the right seal behind the state's place are taken over, anything else there was never
 * acknowledged and is cut off, and both are said in the chain itself. Trusts neither file.
 */
#include "config.h"

#include "audit-log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <openssl/crypto.h>

#define ROOM_STEP (128 * 1024)
#define ROOM_MIN (32 * 1024)

char *
craton_audit_log_old_name (const char *folder, guint64 generation)
{
	return g_strdup_printf ("%s/%s.%08" G_GUINT64_FORMAT, folder, CRATON_AUDIT_LOG_NAME, generation);
}

static char *
path_of (const CratonAuditFiles *files, const char *name)
{
	return g_build_filename (files->folder, name, NULL);
}

/* What happens to the log itself: rare, so the time is to the second. */
typedef struct {
	const char *event;
	const char *note; /* NULL for none; both are plain ASCII */
} Event;

static gsize
make_event (char *line, gpointer data)
{
	const Event *event = data;
	time_t now = time (NULL);
	struct tm parts;
	gsize len = 0;

	if (gmtime_r (&now, &parts) != NULL)
		len = strftime (line, 64, ",\"time\":\"%Y-%m-%dT%H:%M:%SZ\"", &parts);
	len += (gsize) sprintf (line + len, ",\"event\":\"%s\"", event->event);
	if (event->note != NULL)
		len += (gsize) sprintf (line + len, ",\"note\":\"%s\"", event->note);
	return len;
}

static int
write_all (int fd, const char *bytes, gsize len, guint64 offset)
{
	while (len > 0) {
		gssize n = pwrite (fd, bytes, len, (off_t) offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? errno : EIO;
		bytes += n;
		len -= (gsize) n;
		offset += (guint64) n;
	}
	return 0;
}

/* In decimal, without an end; returns how long it is. sprintf() takes several times as long, and this is in every line. */
static gsize
put_number (char *to, guint64 number)
{
	char digits[20];
	gsize n = 0;

	do
		digits[n++] = (char) ('0' + number % 10);
	while ((number /= 10) != 0);
	for (gsize i = 0; i < n; i++)
		to[i] = digits[n - 1 - i];
	return n;
}

/* Adds a line at @place, which becomes the next one. The state still has the old one when this returns. */
static int
write_line (CratonAuditFiles *files, CratonAuditPlace *place, CratonAuditMake *make, gpointer data)
{
	char line[CRATON_AUDIT_LINE_MAX];
	guint8 seal[CRATON_AUDIT_HASH_LEN];
	gsize len = sizeof CRATON_AUDIT_SEQ - 1;
	guint64 offset = place->offset;
	gsize body_len;

	memcpy (line, CRATON_AUDIT_SEQ, len);
	len += put_number (line + len, place->seq);
	len += make (line + len, data);
	memcpy (line + len, CRATON_AUDIT_PREV, sizeof CRATON_AUDIT_PREV - 1);
	craton_audit_chain_to_hex (place->hash, sizeof place->hash, line + len + sizeof CRATON_AUDIT_PREV - 1);
	len += CRATON_AUDIT_PREV_LEN;
	line[len - 1] = '"';
	body_len = len;
	if (!craton_audit_chain_seal (&files->chain, place->key, line, len, seal) ||
	    !craton_audit_chain_next (&files->chain, place->key, place->key))
		return ENOMEM;
	memcpy (line + len, CRATON_AUDIT_SEAL, sizeof CRATON_AUDIT_SEAL - 1);
	craton_audit_chain_to_hex (seal, sizeof seal, line + len + sizeof CRATON_AUDIT_SEAL - 1);
	len += CRATON_AUDIT_SEAL_LEN;
	memcpy (line + len - 2, "\"}", 2);
	if (!craton_audit_chain_hash_rest (&files->chain, line + body_len, len - body_len, place->hash))
		return ENOMEM;
	line[len++] = '\n';
	place->seq++;
	place->offset += len;
	return write_all (files->fd, line, len, offset);
}

int
craton_audit_log_append (CratonAuditFiles *files, CratonAuditMake *make, gpointer data)
{
	const CratonAuditPlace *old = craton_audit_state_place (files->state);
	CratonAuditPlace place;
	int error;

	if (old == NULL)
		return EIO;
	place = *old;
	craton_audit_state_set_busy (files->state, TRUE);
	error = write_line (files, &place, make, data);
	if (error == 0)
		craton_audit_state_set_place (files->state, &place);
	OPENSSL_cleanse (&place, sizeof place);
	/* After a failure "busy" stays unless what was written can be taken back: the next one settles. */
	if (error == 0 || ftruncate (files->fd, (off_t) old->offset) == 0)
		craton_audit_state_set_busy (files->state, FALSE);
	if (error != 0)
		files->room = 0;
	return error;
}

static int
append_event (CratonAuditFiles *files, const char *name, const char *note)
{
	Event event = { name, note };

	return craton_audit_log_append (files, make_event, &event);
}

static int
open_log (CratonAuditFiles *files, int flags)
{
	g_autofree char *path = path_of (files, CRATON_AUDIT_LOG_NAME);
	struct stat info;
	int fd = open (path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | flags, 0600);

	if (fd < 0)
		return errno;
	if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode)) {
		(void) close (fd);
		return EINVAL;
	}
	if (files->fd >= 0)
		(void) close (files->fd);
	files->fd = fd;
	files->room = (guint64) info.st_blocks * 512;
	return 0;
}

/* Takes over one line behind @place if it is whole and has the right seal. FALSE at the first that is not. */
static gboolean
take_line (CratonAuditFiles *files, CratonAuditPlace *place)
{
	char line[CRATON_AUDIT_LINE_MAX];
	guint8 seal[CRATON_AUDIT_HASH_LEN];
	CratonAuditFrame frame;
	gssize n = pread (files->fd, line, sizeof line, (off_t) place->offset);
	const char *end = n > 0 ? memchr (line, '\n', (gsize) n) : NULL;
	gsize len = end != NULL ? (gsize) (end - line) : 0;

	if (end == NULL || !craton_audit_chain_parse (line, len, &frame) || frame.seq != place->seq ||
	    memcmp (frame.prev, place->hash, sizeof frame.prev) != 0 ||
	    !craton_audit_chain_seal (&files->chain, place->key, line, frame.body_len, seal) ||
	    CRYPTO_memcmp (seal, frame.seal, sizeof seal) != 0 ||
	    !craton_audit_chain_hash (&files->chain, line, len, place->hash) ||
	    !craton_audit_chain_next (&files->chain, place->key, place->key))
		return FALSE;
	place->seq++;
	place->offset += len + 1;
	return TRUE;
}

/* Where the last whole line ends, of the @len bytes that there are; @len if that is too far back. */
static guint64
find_last_end (const CratonAuditFiles *files, guint64 len)
{
	char tail[CRATON_AUDIT_LINE_MAX];
	guint64 from = len > sizeof tail ? len - sizeof tail : 0;
	gssize n = pread (files->fd, tail, (gsize) (len - from), (off_t) from);
	const char *end = n > 0 ? memrchr (tail, '\n', (gsize) n) : NULL;

	if (end != NULL)
		return from + (guint64) (end - tail) + 1;
	return from == 0 ? 0 : len;
}

/* The folder's list of files, for the time after the machine died. */
static int
sync_folder (const CratonAuditFiles *files)
{
	int fd = open (files->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int error = fd < 0 || fsync (fd) != 0 ? errno : 0;

	if (fd >= 0)
		(void) close (fd);
	/* Not every file system can, and those that cannot need not. */
	return error == EINVAL ? 0 : error;
}

/* What lies behind the state's place, or does not lie before it, when a writer or the machine died. */
static int
settle (CratonAuditFiles *files)
{
	const CratonAuditPlace *old = craton_audit_state_place (files->state);
	CratonAuditPlace place = *old;
	char note[96];
	struct stat info;
	guint64 len, seq = old->seq;
	int error = 0;

	if (fstat (files->fd, &info) != 0)
		return errno;
	len = (guint64) info.st_size;
	while (place.offset < len && take_line (files, &place))
		continue;
	if (place.seq != seq)
		craton_audit_state_set_place (files->state, &place);
	(void) sprintf (note, "%" G_GUINT64_FORMAT " bytes", len > place.offset ? len - place.offset : place.offset - len);
	if (len > place.offset) {
		error = ftruncate (files->fd, (off_t) place.offset) == 0 ? 0 : errno;
		if (error == 0)
			error = append_event (files, "torn line removed", note);
	} else if (len < place.offset) {
		place.offset = find_last_end (files, len);
		error = ftruncate (files->fd, (off_t) place.offset) == 0 ? 0 : errno;
		craton_audit_state_set_place (files->state, &place);
		if (error == 0)
			error = append_event (files, "lines lost before this one", note);
	}
	OPENSSL_cleanse (&place, sizeof place);
	if (error == 0)
		craton_audit_state_set_busy (files->state, FALSE);
	return error;
}

/* The old file has its new name and the state does not know yet: the rotation goes on from there. */
static int
finish_rotation (CratonAuditFiles *files)
{
	const CratonAuditPlace *old = craton_audit_state_place (files->state);
	CratonAuditPlace place = *old;
	g_autofree char *name = NULL;
	int error = open_log (files, O_CREAT);

	if (error != 0)
		return error;
	place.generation++;
	place.offset = 0;
	craton_audit_state_set_place (files->state, &place);
	files->generation = place.generation;
	OPENSSL_cleanse (&place, sizeof place);
	name = craton_audit_log_old_name ("", files->generation);
	return append_event (files, "file continued", name + 1);
}

int
craton_audit_log_rotate (CratonAuditFiles *files)
{
	const CratonAuditPlace *place = craton_audit_state_place (files->state);
	g_autofree char *path = path_of (files, CRATON_AUDIT_LOG_NAME);
	g_autofree char *old = NULL;
	int error;

	if (place == NULL)
		return EIO;
	old = craton_audit_log_old_name (files->folder, place->generation + 1);
	/* Gives back the room that was reserved. */
	if (ftruncate (files->fd, (off_t) place->offset) != 0 || fdatasync (files->fd) != 0)
		return errno;
	/* Never over another file. */
	if (link (path, old) != 0 || unlink (path) != 0)
		return errno;
	error = finish_rotation (files);
	return error == 0 ? sync_folder (files) : error;
}

/* Whether the file of the state's generation was renamed already. */
static gboolean
rotation_began (const CratonAuditFiles *files, const CratonAuditPlace *place)
{
	g_autofree char *old = craton_audit_log_old_name (files->folder, place->generation + 1);
	g_autofree char *path = path_of (files, CRATON_AUDIT_LOG_NAME);
	struct stat info, current;

	if (stat (old, &info) != 0 || (guint64) info.st_size != place->offset)
		return FALSE;
	if (stat (path, &current) != 0)
		return errno == ENOENT;
	if (current.st_ino == info.st_ino)
		return unlink (path) == 0;
	return current.st_size == 0;
}

/* Opens audit.log as the state has it. */
static int
follow (CratonAuditFiles *files)
{
	const CratonAuditPlace *place = craton_audit_state_place (files->state);
	int error;

	if (rotation_began (files, place))
		return finish_rotation (files);
	/* If it was removed the state knows what is missing, and settle() says so. */
	error = open_log (files, O_CREAT);
	if (error == 0)
		files->generation = place->generation;
	return error;
}

/* The last whole line of a log whose state is gone: the new chain goes on behind it, so that nothing is hidden. */
static int
find_end (CratonAuditFiles *files, CratonAuditPlace *place)
{
	char line[CRATON_AUDIT_LINE_MAX];
	CratonAuditFrame frame;
	struct stat info;
	guint64 begin;
	gsize len;

	if (fstat (files->fd, &info) != 0)
		return errno;
	place->offset = find_last_end (files, (guint64) info.st_size);
	if (ftruncate (files->fd, (off_t) place->offset) != 0)
		return errno;
	if (place->offset == 0)
		return 0;
	begin = find_last_end (files, place->offset - 1);
	len = (gsize) (place->offset - begin) - 1;
	if (len < sizeof line && pread (files->fd, line, len, (off_t) begin) == (gssize) len &&
	    craton_audit_chain_parse (line, len, &frame)) {
		place->seq = frame.seq + 1;
		(void) craton_audit_chain_hash (&files->chain, line, len, place->hash);
	}
	return 0;
}

static int
write_key_file (const CratonAuditFiles *files, const char *key)
{
	g_autofree char *path = path_of (files, CRATON_AUDIT_VERIFY_NAME);
	gsize len = strlen (key);
	int fd, error;

	/* Behind the key of a chain that has ended, if that was never taken. */
	fd = open (path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
	if (fd < 0)
		return errno;
	error = write_all (fd, key, len, 0);
	if (error == 0 && fsync (fd) != 0)
		error = errno;
	(void) close (fd);
	return error;
}

/* A new chain, in a log that may have lines of an older one. */
static int
begin_chain (CratonAuditFiles *files, char **ret_key)
{
	CratonAuditPlace place = { 0 };
	char key[32 + 2 * CRATON_AUDIT_KEY_LEN];
	g_autofree char *old = NULL;
	gsize len;
	int error = open_log (files, O_CREAT);

	if (error != 0)
		return error;
	if (getrandom (place.key, sizeof place.key, 0) != (gssize) sizeof place.key)
		return errno;
	while (old == NULL || access (old, F_OK) == 0) {
		g_free (old);
		old = craton_audit_log_old_name (files->folder, ++place.generation);
	}
	place.generation--;
	error = find_end (files, &place);
	if (error != 0)
		return error;
	len = (gsize) sprintf (key, "%" G_GUINT64_FORMAT "-", place.seq);
	craton_audit_chain_to_hex (place.key, sizeof place.key, key + len);
	strcpy (key + len + 2 * CRATON_AUDIT_KEY_LEN, "\n");
	error = ret_key == NULL ? write_key_file (files, key) : 0;
	if (error == 0) {
		craton_audit_state_set_place (files->state, &place);
		files->generation = place.generation;
		error = append_event (files, "chain begun", NULL);
	}
	if (error == 0 && ret_key != NULL)
		*ret_key = g_strdup (g_strchomp (key));
	OPENSSL_cleanse (&place, sizeof place);
	OPENSSL_cleanse (key, sizeof key);
	return error;
}

int
craton_audit_log_open (CratonAuditFiles *files, char **ret_key)
{
	g_autofree char *path = path_of (files, CRATON_AUDIT_STATE_NAME);
	gboolean is_new;
	int error;

	files->fd = -1;
	files->state = craton_audit_state_open (path, TRUE);
	if (files->state == NULL)
		return errno;
	if (!craton_audit_chain_init (&files->chain))
		error = ENOMEM;
	else if (!craton_audit_state_lock (files->state, TRUE))
		error = errno;
	else {
		is_new = craton_audit_state_place (files->state) == NULL;
		if (!is_new && ret_key != NULL)
			error = EEXIST;
		else
			error = is_new ? begin_chain (files, ret_key) : follow (files);
		if (error == 0 && !is_new)
			error = settle (files);
		if (error == 0 && is_new) {
			craton_audit_state_sync (files->state);
			error = fdatasync (files->fd) == 0 ? sync_folder (files) : errno;
		}
		craton_audit_state_unlock (files->state);
	}
	if (error != 0)
		craton_audit_log_close (files);
	return error;
}

void
craton_audit_log_close (CratonAuditFiles *files)
{
	craton_audit_state_free (g_steal_pointer (&files->state));
	craton_audit_chain_clear (&files->chain);
	if (files->fd >= 0)
		(void) close (files->fd);
	files->fd = -1;
}

int
craton_audit_log_lock (CratonAuditFiles *files)
{
	const CratonAuditPlace *place;
	int error = 0;

	if (!craton_audit_state_lock (files->state, TRUE))
		return errno;
	place = craton_audit_state_place (files->state);
	if (place == NULL)
		error = EIO;
	else if (place->generation != files->generation || files->fd < 0)
		error = follow (files);
	if (error == 0 && craton_audit_state_is_busy (files->state))
		error = settle (files);
	if (error != 0)
		craton_audit_state_unlock (files->state);
	return error;
}

void
craton_audit_log_unlock (CratonAuditFiles *files)
{
	craton_audit_state_unlock (files->state);
}

int
craton_audit_log_reserve (CratonAuditFiles *files)
{
	const CratonAuditPlace *place = craton_audit_state_place (files->state);
	guint64 offset;

	/* Without the lock: another process may be just changing it, and then looks itself. */
	if (place == NULL || place->generation != files->generation)
		return 0;
	offset = place->offset;
	if (files->room >= offset + ROOM_MIN)
		return 0;
	if (fallocate (files->fd, FALLOC_FL_KEEP_SIZE, (off_t) offset, ROOM_STEP) != 0) {
		/* Where files have no such thing, a line that has no place is found when it is written. */
		if (errno != EOPNOTSUPP && errno != ENOSYS)
			return errno;
	}
	files->room = offset + ROOM_STEP;
	return 0;
}
