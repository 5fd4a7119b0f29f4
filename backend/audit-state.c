/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The audit log's state: see audit-state.h. Two places, of which a byte says which counts, all in the first sector of the file: a
 * writer fills the other one, turns the byte and wipes the old one, so there is a whole one whenever it is killed. The checksum tells
 * a place that a crash of the machine tore; it guards against nobody.
 */
#include "config.h"

#include "audit-state.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#define MAGIC "craton1"
#define FILE_LEN 512

typedef struct {
	CratonAuditPlace place;
	guint64 check;
} Slot;

typedef struct {
	char magic[8];
	gint current; /* 0 or 1 */
	gint busy;
	Slot slots[2];
} Image;

G_STATIC_ASSERT (sizeof (Image) <= FILE_LEN);
G_STATIC_ASSERT (sizeof (CratonAuditPlace) % sizeof (guint64) == 0);

struct CratonAuditState {
	int fd;
	Image *image;
	gboolean writes;
};

static guint64
checksum (const CratonAuditPlace *place)
{
	const char *bytes = (const char *) place;
	guint64 word, sum = 1;

	/* Word by word, so that no copy of the key is left to be erased. */
	for (gsize at = 0; at < sizeof *place; at += sizeof word) {
		memcpy (&word, bytes + at, sizeof word);
		sum = (sum ^ word) * G_GUINT64_CONSTANT (0x9e3779b97f4a7c15);
		sum ^= sum >> 29;
	}
	return sum;
}

CratonAuditState *
craton_audit_state_open (const char *path, gboolean writes)
{
	int flags = (writes ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
	int protection = writes ? PROT_READ | PROT_WRITE : PROT_READ;
	int fd = open (path, flags, 0600);
	CratonAuditState *state;
	void *image = MAP_FAILED;
	struct stat info;

	if (fd < 0)
		return NULL;
	if (fstat (fd, &info) != 0 || !S_ISREG (info.st_mode))
		errno = EINVAL;
	else if (info.st_size >= FILE_LEN || (writes && posix_fallocate (fd, 0, FILE_LEN) == 0))
		image = mmap (NULL, FILE_LEN, protection, MAP_SHARED, fd, 0);
	else
		errno = writes ? ENOSPC : EINVAL;
	if (image == MAP_FAILED) {
		int error = errno;

		(void) close (fd);
		errno = error;
		return NULL;
	}
	state = g_new0 (CratonAuditState, 1);
	state->fd = fd;
	state->image = image;
	state->writes = writes;
	/* The key of the next line is not for core files. */
	(void) madvise (image, FILE_LEN, MADV_DONTDUMP);
	return state;
}

void
craton_audit_state_free (CratonAuditState *state)
{
	if (state == NULL)
		return;
	(void) munmap (state->image, FILE_LEN);
	(void) close (state->fd);
	g_free (state);
}

gboolean
craton_audit_state_lock (CratonAuditState *state, gboolean writes)
{
	int rc;

	do
		rc = flock (state->fd, writes ? LOCK_EX : LOCK_SH);
	while (rc != 0 && errno == EINTR);
	return rc == 0;
}

void
craton_audit_state_unlock (CratonAuditState *state)
{
	(void) flock (state->fd, LOCK_UN);
}

const CratonAuditPlace *
craton_audit_state_place (const CratonAuditState *state)
{
	const Image *image = state->image;
	gint current = g_atomic_int_get (&image->current);

	if (memcmp (image->magic, MAGIC, sizeof image->magic) != 0)
		return NULL;
	/* A torn image: the other one may be whole. */
	for (gint i = 0; i < 2; i++) {
		const Slot *slot = &image->slots[(current + i) & 1];

		if (slot->check == checksum (&slot->place))
			return &slot->place;
	}
	return NULL;
}

void
craton_audit_state_set_place (CratonAuditState *state, const CratonAuditPlace *place)
{
	Image *image = state->image;
	const CratonAuditPlace *old = craton_audit_state_place (state);
	gint other = old == &image->slots[0].place ? 1 : 0;
	Slot *slot = &image->slots[other];

	slot->place = *place;
	slot->check = checksum (place);
	memcpy (image->magic, MAGIC, sizeof image->magic);
	g_atomic_int_set (&image->current, other);
	/* All zero is no whole place: the checksum of zeros is not zero. */
	OPENSSL_cleanse (&image->slots[1 - other], sizeof image->slots[0]);
}

gboolean
craton_audit_state_is_busy (const CratonAuditState *state)
{
	return g_atomic_int_get (&state->image->busy) != 0;
}

void
craton_audit_state_set_busy (CratonAuditState *state, gboolean busy)
{
	g_atomic_int_set (&state->image->busy, busy);
}

void
craton_audit_state_sync (CratonAuditState *state)
{
	(void) msync (state->image, FILE_LEN, MS_SYNC);
}
