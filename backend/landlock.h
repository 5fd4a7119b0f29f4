/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Landlock: which files a process may still open, on Linux from 5.13. The kernel's own interface, without a library.
 */
#ifndef CRATON_LANDLOCK_H
#define CRATON_LANDLOCK_H

#include <glib.h>

/* From this version of the interface on all that sandbox.def promises of files is kept: before it a file that may not be written
 * can still be cut to nothing. */
#define CRATON_LANDLOCK_WHOLE 3

/* The version of the kernel's interface, 0 where it has none. */
int craton_landlock_version (void);

typedef struct CratonLandlock CratonLandlock;

/**
 * craton_landlock_new:
 *
 * Begins a set of rules that allows nothing: no file, no TCP port, no signal to and no abstract socket of a process outside, as
 * far as this kernel's version goes.
 *
 * Returns: (transfer full): NULL with errno
 */
CratonLandlock *craton_landlock_new (void);
void craton_landlock_free (CratonLandlock *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (CratonLandlock, craton_landlock_free)

/**
 * craton_landlock_allow:
 * @path: a file, or a folder with all under it; what is not there is allowed to nobody
 * @write: also to write, make and remove
 *
 * Returns: FALSE with errno if the kernel refuses the rule
 */
gboolean craton_landlock_allow (CratonLandlock *self, const char *path, gboolean write);

/* Files of the folder @path may be removed, and nothing more. FALSE with errno if the kernel refuses the rule. */
gboolean craton_landlock_allow_removal (CratonLandlock *self, const char *path);

/* TCP to any port. */
void craton_landlock_allow_network (CratonLandlock *self);

/**
 * craton_landlock_enter:
 *
 * From here on the rules hold for this thread and all that it starts, for good. Needs no_new_privs.
 *
 * Returns: FALSE with errno
 */
gboolean craton_landlock_enter (CratonLandlock *self);

#endif /* CRATON_LANDLOCK_H */
