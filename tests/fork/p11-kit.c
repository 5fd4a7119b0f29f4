/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What p11-kit itself does to a case when it stands between a program and Craton: one list. What it
 * cannot take part in still runs as far as it comes: nobody uses the parent's session, and the
 * parent goes on. docs/fork.md explains each note.
 */
#include "config.h"

#include <string.h>

#include "fork-common.h"

#define BLIND "p11-kit does not see this fork: the child calls C_Finalize before C_Initialize"
#define SHARED \
	"p11-kit does not see that memory is shared, and writes to it; Craton refuses and does not"
#define LOCKS                                                                       \
	"p11-kit's locks are copied while they are held: the child cannot use it, " \
	"the parent goes on"
#define INIT                                                                              \
	"p11-kit's own C_Initialize is not for several threads at once: all get CKR_OK, " \
	"some too early"

static const struct {
	const char *case_id;
	P11KitPart part;
	const char *note;
} notes[] = {
	{ "_Fork", P11_KIT_BLIND, BLIND },
	{ "clone", P11_KIT_BLIND, BLIND },
	{ "clone3", P11_KIT_BLIND, BLIND },
	{ "newpid", P11_KIT_BLIND, BLIND },
	{ "pid-reuse", P11_KIT_BLIND, BLIND },
	{ "log", P11_KIT_BLIND, BLIND },
	{ "threads", P11_KIT_BREAKS, LOCKS },
	{ "handler", P11_KIT_BREAKS, LOCKS },
	{ "handler-return", P11_KIT_BREAKS, LOCKS },
	{ "init", P11_KIT_BREAKS, INIT },
	{ "init-child", P11_KIT_BREAKS, INIT },
	{ "init-unlocked", P11_KIT_BREAKS, INIT },
	{ "init-unlocked-child", P11_KIT_BREAKS, INIT },
	{ "vfork", P11_KIT_BREAKS, SHARED },
	{ "clone-vm", P11_KIT_BREAKS, SHARED },
};

P11KitPart
p11_kit_part (const char *case_id, const char **ret_note)
{
	*ret_note = NULL;
	if (!rig.via_p11_kit)
		return P11_KIT_FULL;
	for (size_t i = 0; i < sizeof (notes) / sizeof (notes[0]); i++) {
		if (strcmp (notes[i].case_id, case_id) == 0) {
			*ret_note = notes[i].note;
			return notes[i].part;
		}
	}
	return P11_KIT_FULL;
}

bool
p11_kit_blind (void)
{
	const char *note;

	return p11_kit_part (rig.case_id, &note) == P11_KIT_BLIND;
}

bool
p11_kit_breaks (void)
{
	const char *note;

	return p11_kit_part (rig.case_id, &note) == P11_KIT_BREAKS;
}
