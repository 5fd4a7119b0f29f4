/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Slots, see slot.h. Called by every function that says something about a token. Nothing here
 * trusts that the store is the one of the last call: others may have changed, deleted or replaced
 * it.
 */
#include "config.h"

#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define LOCK_NAME "lock"

/* A little longer than a backend takes to its end (serve.c). */
#define LEAVING_MS 700

#define TURN_NAME "pin-check"
/* A check takes a part of a second, more at a high cost or on a busy machine: whoever has it for longer is stopped. */
#define TURN_WAIT_MS 10000
/* The longer a wait is already, the less often it looks: hundreds of clients would leave no time for the check itself. */
#define TURN_STEP_MS 4
#define TURN_STEP_MAX_MS 128
#define TURN_STEPS 64

CK_RV
craton_slot_find (CK_SLOT_ID id, CratonSlot **ret_slot)
{
	CratonSlot *slot;
	CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;

	craton_table_lock ();
	if (craton_table.initialized) {
		slot = craton_table_slot (id);
		rv = slot != NULL ? CKR_OK : CKR_SLOT_ID_INVALID;
		if (rv == CKR_OK)
			*ret_slot = slot;
	}
	craton_table_unlock ();
	return rv;
}

/* A file to lock; -1 where there is none and none can be made: nobody can write there either. */
static int
open_lock (const char *directory, const char *file)
{
	g_autofree char *name = g_build_filename (directory, file, NULL);
	int fd = open (name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd >= 0 ? fd : open (name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* A program that follows another one meets that one's backend on its way out, which takes up to half a second: a lock that
 * stays is told apart from it by waiting that long, once. */
static gboolean
lock (CratonSlot *slot, int fd)
{
	gint64 deadline = g_get_monotonic_time () + (slot->blocked ? 0 : LEAVING_MS * 1000);
	int how = slot->config.exclusive ? LOCK_EX : LOCK_SH;

	while (flock (fd, how | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || g_get_monotonic_time () >= deadline)
			return FALSE;
		g_usleep (5000);
	}
	return TRUE;
}

/* Called with slot->io held. */
static CK_RV
claim (CratonSlot *slot)
{
	g_autofree char *path = NULL;
	int fd;

	if (slot->lock_fd >= 0)
		return CKR_OK;
	fd = open_lock (slot->config.store, LOCK_NAME);
	if (fd < 0)
		return CKR_OK;
	if (lock (slot, fd)) {
		slot->lock_fd = fd;
		slot->blocked = FALSE;
		return CKR_OK;
	}
	(void) close (fd);
	if (!slot->blocked) {
		path = craton_store_path (slot->config.store);
		g_warning (_ ("Database at %s is locked by another process"), path);
	}
	slot->blocked = TRUE;
	return CKR_GENERAL_ERROR;
}

CK_RV
craton_slot_claim (CratonSlot *slot)
{
	CK_RV rv;

	pthread_mutex_lock (&slot->io);
	rv = claim (slot);
	pthread_mutex_unlock (&slot->io);
	return rv;
}

static void
close_store (CratonSlot *slot)
{
	g_atomic_int_inc (&slot->n_closed);
	g_clear_pointer (&slot->store, craton_store_unref);
	slot->seen = FALSE;
	if (slot->lock_fd >= 0)
		(void) close (slot->lock_fd);
	slot->lock_fd = -1;
}

void
craton_slot_close (CratonSlot *slot)
{
	pthread_mutex_lock (&slot->io);
	close_store (slot);
	slot->blocked = FALSE;
	slot->said = 0;
	pthread_mutex_unlock (&slot->io);
}

static void
note (CratonSlot *slot, const CratonStoreToken *token)
{
	craton_table_lock ();
	/* C_Finalize may have come in between: then there is nobody to tell. */
	if (craton_table.initialized)
		craton_table_note_token (slot, token,
		                         slot->store != NULL &&
		                                 craton_store_is_read_only (slot->store));
	craton_table_unlock ();
}

/* Called with slot->io held. @ret_mark: of the store before it was looked at, where it can be marked. */
static CK_RV
look (CratonSlot *slot, gboolean *ret_marked, CratonStoreMark *ret_mark)
{
	CratonStoreToken token;
	guint64 version = 0;
	CK_RV rv = claim (slot);

	if (rv == CKR_OK && slot->store == NULL) {
		rv = craton_store_open (slot->config.store, &slot->said, &slot->store);
		if (rv == CKR_OK)
			slot->seen = FALSE;
	}
	*ret_marked = FALSE;
	if (rv == CKR_TOKEN_NOT_PRESENT) {
		/* Told once, not at every look at an empty slot. */
		if (!slot->seen)
			note (slot, NULL);
		slot->seen = TRUE;
		return CKR_OK;
	}
	*ret_marked = rv == CKR_OK && craton_store_mark (slot->store, ret_mark);
	if (rv == CKR_OK)
		rv = craton_store_version (slot->store, &version);
	if (rv != CKR_OK || (slot->seen && version == slot->version))
		return rv;

	rv = craton_store_read_token (slot->store, &token);
	if (rv != CKR_OK)
		return rv;
	note (slot, &token);
	slot->seen = TRUE;
	slot->version = version;
	return CKR_OK;
}

/* @ret_glance: what a session is to remember; its tick is the caller's. Its store is NULL where it has to look again each time. */
static CK_RV
look_at (CratonSlot *slot, CratonStore **ret_store, CratonGlance *ret_glance)
{
	gboolean marked = FALSE;
	CK_RV rv = CKR_CRYPTOKI_NOT_INITIALIZED;

	pthread_mutex_lock (&slot->io);
	/* Asked with the lock held: C_Finalize closes the store after this, never before. */
	if (g_atomic_int_get (&craton_table.initialized))
		rv = look (slot, &marked, &ret_glance->mark);
	if (rv == CKR_DEVICE_REMOVED) {
		close_store (slot);
		rv = look (slot, &marked, &ret_glance->mark);
	}
	if (rv == CKR_OK)
		*ret_store = slot->store != NULL ? craton_store_ref (slot->store) : NULL;
	ret_glance->n_closed = g_atomic_int_get (&slot->n_closed);
	ret_glance->store = rv == CKR_OK && marked ? craton_store_ref (slot->store) : NULL;
	pthread_mutex_unlock (&slot->io);
	return rv == CKR_DEVICE_REMOVED ? CKR_DEVICE_ERROR : rv;
}

CK_RV
craton_slot_look (CratonSlot *slot, CratonStore **ret_store)
{
	CratonGlance glance;
	CK_RV rv = look_at (slot, ret_store, &glance);

	craton_store_unref (glance.store);
	return rv;
}

/* No system call: the kernel writes it into a page of the process. */
static gint64
this_tick (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC_COARSE, &now);
	return (gint64) now.tv_sec * 1000000000 + now.tv_nsec;
}

CK_RV
craton_slot_glance (CratonSession *session, CratonStore **ret_store)
{
	CratonGlance *glance = &session->glance, before = *glance;
	g_autoptr (CratonStore) store = NULL;
	gint64 tick = this_tick ();
	CK_RV rv;

	if (before.store != NULL && before.tick == tick && before.n_closed == g_atomic_int_get (&session->slot->n_closed) &&
	    craton_store_is_marked (before.store, &before.mark)) {
		if (ret_store != NULL)
			*ret_store = craton_store_ref (before.store);
		return CKR_OK;
	}
	rv = look_at (session->slot, &store, glance);
	glance->tick = tick;
	craton_store_unref (before.store);
	if (rv == CKR_OK && ret_store != NULL)
		*ret_store = g_steal_pointer (&store);
	return rv;
}

/* How many turns there were: the file's content, which whoever has the turn counts up. 0 if it cannot be read. */
static guint64
read_turns (int fd)
{
	guint64 turns;

	return pread (fd, &turns, sizeof turns, 0) == sizeof turns ? turns : 0;
}

static void
count_turn (int fd)
{
	guint64 turns = read_turns (fd) + 1;

	/* If it cannot be written, the others wait as for one turn. */
	if (pwrite (fd, &turns, sizeof turns, 0) < 0)
		g_debug ("%s: %s", TURN_NAME, g_strerror (errno));
}

int
craton_slot_wait_turn (const CratonSlot *slot)
{
	int fd = open_lock (slot->config.store, TURN_NAME);
	guint64 turns = 0, turns_now;
	guint step, waited = 0;

	/* @waited_for_one: since the turn was last seen to pass on. */
	for (guint waited_for_one = 0; fd >= 0 && waited_for_one < TURN_WAIT_MS; waited_for_one += step) {
		if (flock (fd, LOCK_EX | LOCK_NB) == 0) {
			count_turn (fd);
			break;
		}
		if (errno != EWOULDBLOCK)
			break;
		turns_now = read_turns (fd);
		if (turns_now != turns)
			waited_for_one = 0;
		turns = turns_now;
		step = CLAMP (waited / TURN_STEPS, TURN_STEP_MS, TURN_STEP_MAX_MS);
		g_usleep (step * 1000);
		waited += step;
	}
	return fd;
}

CK_RV
craton_slot_make (CratonSlot *slot, const CratonStoreToken *token, GBytes *root)
{
	const char *directory = slot->config.store;
	CK_RV rv;

	if (g_mkdir_with_parents (directory, 0700) != 0) {
		int error = errno;

		g_warning (
			_ ("Directory %s for token %s cannot be made (%s): name another store in "
		           "the configuration"),
			directory, slot->config.name, g_strerror (error));
		if (error == EACCES || error == EROFS || error == EPERM)
			return CKR_TOKEN_WRITE_PROTECTED;
		return error == ENOSPC || error == EDQUOT ? CKR_DEVICE_MEMORY : CKR_DEVICE_ERROR;
	}
	pthread_mutex_lock (&slot->io);
	rv = claim (slot);
	if (rv == CKR_OK)
		rv = craton_store_create (directory, token, root);
	pthread_mutex_unlock (&slot->io);
	return rv;
}
