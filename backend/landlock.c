/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Landlock, see landlock.h. Linux alone has it, and libc has no functions for it. The kernel's headers of the build may be older
 * than the kernel that it runs on, so what versions after the second added is written out here (Linux,
 * Documentation/userspace-api/landlock.rst). Called by sandbox.c.
 */
#include "config.h"

#include "landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* struct landlock_ruleset_attr of version 6. A kernel takes as many bytes as it knows, or more if the rest is 0. */
typedef struct {
	uint64_t fs;
	uint64_t net;    /* from 4 */
	uint64_t scoped; /* from 6 */
} RulesetAttr;

#define FS_REFER (UINT64_C (1) << 13)     /* from 2 */
#define FS_TRUNCATE (UINT64_C (1) << 14)  /* from 3 */
#define FS_IOCTL_DEV (UINT64_C (1) << 15) /* from 5 */
#define FS_FIRST ((UINT64_C (1) << 13) - 1)
#define NET_TCP UINT64_C (3)              /* to bind and to connect */
#define SCOPE_ALL UINT64_C (3)            /* abstract sockets and signals */

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_WRITE                                                                                     \
	(FS_READ | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                   \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | \
	 LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | \
	 FS_REFER | FS_TRUNCATE | FS_IOCTL_DEV)
/* What a rule for something that is no folder may name. */
#define FS_OF_FILE                                                                                   \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | FS_IOCTL_DEV)

struct CratonLandlock {
	int version;
	RulesetAttr handled;
	int fd; /* of the ruleset, -1 before the first rule */
};

int
craton_landlock_version (void)
{
	long version = syscall (SYS_landlock_create_ruleset, NULL, 0,
	                        LANDLOCK_CREATE_RULESET_VERSION);

	return version > 0 ? (int) version : 0;
}

CratonLandlock *
craton_landlock_new (void)
{
	CratonLandlock *self;
	int version = craton_landlock_version ();

	if (version == 0)
		return NULL;
	self = g_new0 (CratonLandlock, 1);
	self->version = version;
	self->fd = -1;
	self->handled.fs = FS_FIRST;
	if (version >= 2)
		self->handled.fs |= FS_REFER;
	if (version >= 3)
		self->handled.fs |= FS_TRUNCATE;
	if (version >= 4)
		self->handled.net = NET_TCP;
	if (version >= 5)
		self->handled.fs |= FS_IOCTL_DEV;
	if (version >= 6)
		self->handled.scoped = SCOPE_ALL;
	return self;
}

void
craton_landlock_free (CratonLandlock *self)
{
	if (self == NULL)
		return;
	if (self->fd >= 0)
		(void) close (self->fd);
	g_free (self);
}

static gboolean
open_ruleset (CratonLandlock *self)
{
	/* The size that this version knows. */
	gsize size = self->version >= 6   ? sizeof (self->handled)
	             : self->version >= 4 ? G_STRUCT_OFFSET (RulesetAttr, scoped)
	                                  : G_STRUCT_OFFSET (RulesetAttr, net);

	if (self->fd < 0)
		self->fd = (int) syscall (SYS_landlock_create_ruleset, &self->handled, size, 0);
	return self->fd >= 0;
}

static gboolean
add_rule (CratonLandlock *self, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access };
	struct stat info;
	gboolean added;

	if (!open_ruleset (self))
		return FALSE;
	rule.parent_fd = open (path, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return TRUE;
	if (fstat (rule.parent_fd, &info) == 0 && !S_ISDIR (info.st_mode))
		rule.allowed_access &= FS_OF_FILE;
	rule.allowed_access &= self->handled.fs;
	added = syscall (SYS_landlock_add_rule, self->fd, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) == 0;
	(void) close (rule.parent_fd);
	return added;
}

gboolean
craton_landlock_allow (CratonLandlock *self, const char *path, gboolean write)
{
	return add_rule (self, path, write ? FS_WRITE : FS_READ);
}

gboolean
craton_landlock_allow_removal (CratonLandlock *self, const char *path)
{
	return add_rule (self, path, LANDLOCK_ACCESS_FS_REMOVE_FILE);
}

void
craton_landlock_allow_network (CratonLandlock *self)
{
	g_assert (self->fd < 0);
	self->handled.net = 0;
}

gboolean
craton_landlock_enter (CratonLandlock *self)
{
	return open_ruleset (self) && syscall (SYS_landlock_restrict_self, self->fd, 0) == 0;
}
