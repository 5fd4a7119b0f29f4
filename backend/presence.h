/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What a backend shows of itself while it lives: a small file in a folder of its user's, mapped, with who the client is and counters.
 * "craton status" reads it. It has nothing that only the backend may know.
 */
#ifndef CRATON_PRESENCE_H
#define CRATON_PRESENCE_H

#include <stdatomic.h>
#include <sys/types.h>

#include <glib.h>

#include "calls.h"
#include "client.h"

#define CRATON_PRESENCE_MAGIC 0x53525443u /* "CTRS" */

/* The file. What a reader finds may be anything: strings without an end, numbers of others. */
typedef struct {
	guint32 magic;
	guint32 len;             /* of this structure: another version has another one */
	guint32 pid;             /* of the backend */
	guint32 client;          /* its client's process; 0 if the kernel does not say */
	guint64 started;         /* of the backend, as craton_presence_started() has it */
	guint64 namespace;       /* of the process numbers */
	_Atomic guint64 calls;
	_Atomic guint64 sessions; /* open ones */
	_Atomic guint64 restarts; /* how often the client had to start such a backend anew */
	guint32 client_uid;
	char program[256];       /* the client's */
	char serves[256];        /* names of tokens, or of a module */
	char sandbox[32];
	char version[32];
} CratonPresence;

/* This process's; before craton_presence_open(), and where there is no folder, memory that nobody sees. */
extern CratonPresence *craton_presence;

/* One more call. */
static inline void
craton_presence_count (void)
{
	(void) atomic_fetch_add_explicit (&craton_presence->calls, 1, memory_order_relaxed);
}

/**
 * craton_presence_folders:
 * @uid: whose
 *
 * Where the files of that user's backends may be, the best place first. Of @uid's environment this process's is taken.
 *
 * Returns: (transfer full): NULL-terminated
 */
char **craton_presence_folders (uid_t uid);

/**
 * craton_presence_folder:
 * @make: make it, with mode 0700
 *
 * The folder for this process's file: the first of craton_presence_folders() that nobody else can write to, in a folder that is
 * the user's or root's.
 *
 * Returns: (transfer full) (nullable): NULL where there is none
 */
char *craton_presence_folder (gboolean make);

/**
 * craton_presence_open:
 * @folder: (nullable): of craton_presence_folder(); NULL: show nothing
 * @client, @serves, @sandbox: to be shown, cut to their places
 *
 * Makes and maps the file. Removes a few files of processes that died without removing theirs. Call before the sandbox closes;
 * craton_presence_close() then needs the right to remove files in @folder. Where it fails the process is not shown.
 */
void craton_presence_open (const char *folder, const CratonClient *client, const char *serves, const char *sandbox);

/* Removes the file, once. From any thread. */
void craton_presence_close (void);

/* Keeps the number of open sessions. @args: of a call that was made, decoded, with its results. */
void craton_presence_note (CratonCallId call, const CK_ULONG *args, CK_RV rv);

/* When a process started, in clock ticks since the machine did; 0 if there is no such process. */
guint64 craton_presence_started (pid_t pid);

/* The namespace of this process's process numbers. */
guint64 craton_presence_namespace (void);

/* Takes a file's name apart; FALSE if it is no such file's. */
gboolean craton_presence_parse (const char *name, pid_t *ret_pid, guint64 *ret_started, guint64 *ret_namespace);

#endif /* CRATON_PRESENCE_H */
