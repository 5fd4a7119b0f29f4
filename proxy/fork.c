/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The three witnesses of a fork (docs/fork.md has who sees what):
 *
 *   the page     holds the generation and is wiped by the kernel in a child (MADV_WIPEONFORK): sees fork, _Fork, clone, pid
 *                namespaces; does not see a child that shares the parent's memory
 *   the handler  of pthread_atfork zeroes the generation as the kernel would: for kernels without the page
 *   the PID      stands in the page: sees children that share the memory
 *
 * The constructor and the handler here are the only hooks that the proxy has, and the handler is one atomic store. Everything
 * is lock-free and async-signal-safe. Called by craton-pkcs11.so and by any library in the process.
 */
#include "config.h"

#include "craton.h"
#include "fork.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
	_Atomic uint64_t generation; /* 0 in a child that nobody has asked for a mark yet */
	_Atomic pid_t pid;
} Page;

/* Until the constructor has run, and where there is no memory for a page: then the handler and the PID carry on alone. */
static Page fallback;
static Page *page = &fallback;
static bool wiped; /* the kernel wipes the page */

/* The last generation of this line of processes: a child goes on counting where its parent was, so no ancestor had its number. */
static _Atomic uint64_t counter;

/* Where the module is initialised, 0 for nowhere. */
static _Atomic uint64_t noted;

static void
forget_generation (void)
{
	atomic_store (&page->generation, 0);
}

__attribute__ ((constructor)) static void
watch_forks (void)
{
	void *memory = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED) {
		page = memory;
		wiped = madvise (memory, 4096, MADV_WIPEONFORK) == 0;
	}
	(void) pthread_atfork (NULL, NULL, forget_generation);
	(void) craton_fork_mark ();
}

uint64_t
craton_fork_mark (void)
{
	uint64_t generation = atomic_load (&page->generation);
	uint64_t next;

	if (generation != 0)
		return generation;
	/* Several threads may come here at once after a fork: they agree on whose number is first. */
	next = atomic_fetch_add (&counter, 1) + 1;
	atomic_store (&page->pid, getpid ());
	if (atomic_compare_exchange_strong (&page->generation, &generation, next))
		return next;
	return generation;
}

int
craton_check_fork_since (uint64_t mark)
{
	/* 0 stands in the page of a child that nobody has marked yet: it is no mark. */
	return mark == 0 || atomic_load_explicit (&page->generation, memory_order_relaxed) != mark;
}

int
craton_check_fork (void)
{
	uint64_t mark = atomic_load_explicit (&noted, memory_order_relaxed);

	return mark != 0 && craton_check_fork_since (mark);
}

CratonForkState
craton_fork_state (uint64_t mark)
{
	if (craton_check_fork_since (mark))
		return CRATON_FORK_CHILD;
	if (getpid () == atomic_load_explicit (&page->pid, memory_order_relaxed))
		return CRATON_FORK_SAME;
	/* Without the page a fork that no handler saw looks the same as shared memory; it is by far the likelier. */
	return wiped ? CRATON_FORK_SHARED : CRATON_FORK_CHILD;
}

const _Atomic uint64_t *
craton_fork_word (void)
{
	return &page->generation;
}

void
craton_fork_note (uint64_t mark)
{
	atomic_store (&noted, mark);
}
