/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Children that share their parent's memory, vfork and CLONE_VM | CLONE_VFORK: each function is
 * refused, C_Initialize too, and not one byte of the parent's memory is another afterwards.
 */
#include "config.h"

#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fork-common.h"

#define REGIONS_MAX 1024
#define MAPS_LEN ((size_t) 1 << 20)
#define STACK_LEN ((size_t) 256 << 10)

/* What the sanitizers have beside the program's memory is larger than this, and not the
 * program's. */
#define REGION_LEN_MAX ((size_t) 64 << 20)

typedef struct {
	char *start;
	size_t len;
	char *copy;
	char name[64];
} Region;

/* All that the child writes, in a mapping of its own. */
typedef struct {
	Region regions[REGIONS_MAX];
	size_t n_regions;
	CK_SESSION_HANDLE session;
	const char *not_refused;
	CK_RV initialize_rv;
	bool stayed;
	const char *changed;
	size_t changed_at;
	char maps[MAPS_LEN];
} Record;

static Record *record;

static void *
map (size_t len)
{
	void *memory = mmap (NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	check (memory != MAP_FAILED);
	return memory;
}

/* The private writable memory of this process but the stack that we stand on and the record.
 * Through p11-kit, which takes its own locks before it calls us, only what is Craton's. */
static void
list_regions (void)
{
	char *here = (char *) __builtin_frame_address (0);
	char *save;

	check (read_text ("/proc/self/maps", record->maps, MAPS_LEN));
	for (char *line = strtok_r (record->maps, "\n", &save); line != NULL;
	     line = strtok_r (NULL, "\n", &save)) {
		unsigned long start, end;
		char rights[8], name[200] = "";
		Region *region = &record->regions[record->n_regions];

		check (sscanf (line, "%lx-%lx %7s %*s %*s %*s %199s", &start, &end, rights, name) >=
		       3);
		region->start = (char *) start;
		region->len = end - start;
		if (strncmp (rights, "rw", 2) != 0 || rights[3] != 'p' ||
		    region->len > REGION_LEN_MAX)
			continue;
		if ((here >= region->start && here < (char *) end) ||
		    ((char *) record >= region->start && (char *) record < (char *) end))
			continue;
		if (rig.via_p11_kit && strstr (name, "craton") == NULL)
			continue;
		(void) snprintf (region->name, sizeof (region->name), "%.60s", name);
		check (++record->n_regions < REGIONS_MAX);
	}
	check (record->n_regions > 0);
	/* Only now: the copies shall not copy themselves. */
	for (size_t i = 0; i < record->n_regions; i++)
		record->regions[i].copy = map (record->regions[i].len);
}

/* The sanitizers' own memcpy and memcmp keep books. */
__attribute__ ((no_sanitize ("address", "undefined"), noinline)) static void
copy_region (Region *region)
{
	for (size_t i = 0; i < region->len / sizeof (long); i++)
		((volatile long *) (void *) region->copy)[i] =
			((volatile long *) (void *) region->start)[i];
}

__attribute__ ((no_sanitize ("address", "undefined"), noinline)) static void
compare_region (const Region *region)
{
	for (size_t i = 0; i < region->len / sizeof (long); i++) {
		if (((volatile long *) (void *) region->copy)[i] !=
		    ((volatile long *) (void *) region->start)[i]) {
			record->changed = region->name;
			record->changed_at = i * sizeof (long);
			return;
		}
	}
}

/* The child. Whatever it does lies between the copy and the comparison. */
static int
live_in_shared_memory (void *data)
{
	for (size_t i = 0; i < record->n_regions; i++)
		copy_region (&record->regions[i]);
	record->not_refused = find_not_refused (record->session);
	if (!rig.via_p11_kit)
		record->initialize_rv = p11->C_Initialize (NULL);
	for (size_t i = 0; i < record->n_regions; i++)
		compare_region (&record->regions[i]);
	record->stayed = true;
	return 0;
}

static pid_t
by_vfork (void)
{
	pid_t pid = vfork ();

	if (pid == 0) {
		(void) live_in_shared_memory (NULL);
		_exit (0);
	}
	return pid;
}

static pid_t
by_clone (void)
{
	static char *stack;

	if (stack == NULL)
		stack = map (STACK_LEN);
	return clone (live_in_shared_memory, stack + STACK_LEN, CLONE_VM | CLONE_VFORK | SIGCHLD,
	              NULL);
}

static void
share_with (pid_t (*way) (void))
{
	Work work;

	load_module ();
	initialize ();
	work_begin (&work);
	record = map (sizeof (*record));
	record->session = work.user.session;
	record->initialize_rv = CKR_FUNCTION_FAILED;
	practise ();
	list_regions ();
	await_end (way ());
	check (record->stayed);
	if (record->not_refused != NULL)
		fail (__FILE__, __LINE__, "%s is not refused", record->not_refused);
	check_rv (record->initialize_rv, CKR_FUNCTION_FAILED);
	if (record->changed != NULL)
		fail (__FILE__, __LINE__, "changed: %s at %zu", record->changed,
		      record->changed_at);
	work_end (&work);
	finalize ();
}

static void
share_vfork (void)
{
	share_with (by_vfork);
}

static void
share_clone (void)
{
	share_with (by_clone);
}

const ForkCase shared_cases[] = {
	{ "vfork", "vfork: refused, not a byte written", share_vfork },
	{ "clone-vm", "clone with CLONE_VM and CLONE_VFORK: refused, not a byte written",
	  share_clone },
	{ NULL },
};
