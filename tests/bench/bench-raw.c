/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The bare round trip: two processes, two words in shared memory, the spin of the lanes (lane.c) and the futex behind it, and nothing
 * else. What Craton's cheapest call is compared with. The responder ends with its parent. For bench-worker.c.
 */
#include "config.h"

#include "bench.h"

#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SPIN_NS 20000

typedef struct {
	_Alignas (64) _Atomic uint32_t request;
	_Atomic uint32_t client_sleeps;
	_Atomic uint64_t spin_ns;
	_Alignas (64) _Atomic uint32_t reply;
	_Atomic uint32_t server_sleeps;
} Words;

static Words *words;

static uint64_t
now_ns (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

/* Until @word is not @old any more. */
static void
await (_Atomic uint32_t *word, uint32_t old, _Atomic uint32_t *sleeps)
{
	uint64_t spin_ns = atomic_load_explicit (&words->spin_ns, memory_order_relaxed);
	uint64_t deadline = spin_ns == 0 ? 0 : now_ns () + spin_ns;

	while (spin_ns != 0 && now_ns () < deadline) {
		for (int i = 0; i < 4; i++) {
			if (atomic_load_explicit (word, memory_order_acquire) != old)
				return;
			(void) sched_yield ();
		}
	}
	while (atomic_load (word) == old) {
		atomic_store (sleeps, 1);
		if (atomic_load (word) == old)
			(void) syscall (SYS_futex, word, FUTEX_WAIT, old, NULL, NULL, 0);
		atomic_store (sleeps, 0);
	}
}

static void
publish (_Atomic uint32_t *word, uint32_t value, _Atomic uint32_t *sleeps)
{
	atomic_store (word, value);
	if (atomic_load (sleeps) != 0)
		(void) syscall (SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

static void
respond (void)
{
	uint32_t seen = 0;

	(void) prctl (PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	for (;;) {
		await (&words->request, seen, &words->server_sleeps);
		publish (&words->reply, ++seen, &words->client_sleeps);
	}
}

static CK_RV
open_pair (const char *argument, pid_t *ret_peer)
{
	(void) argument;
	words = mmap (NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (words == MAP_FAILED)
		return CKR_HOST_MEMORY;
	atomic_store (&words->spin_ns, SPIN_NS);
	*ret_peer = fork ();
	if (*ret_peer == 0)
		respond ();
	return *ret_peer > 0 ? CKR_OK : CKR_HOST_MEMORY;
}

static CK_RV
trip (BenchThread *thread, size_t size)
{
	uint32_t before = atomic_load (&words->request);

	(void) thread;
	(void) size;
	publish (&words->request, before + 1, &words->server_sleeps);
	await (&words->reply, before, &words->client_sleeps);
	return CKR_OK;
}

static CK_RV
use_spin (BenchThread *thread, size_t size)
{
	(void) size;
	atomic_store (&words->spin_ns, SPIN_NS);
	return trip (thread, 0);
}

static CK_RV
use_futex (BenchThread *thread, size_t size)
{
	(void) size;
	atomic_store (&words->spin_ns, 0);
	return trip (thread, 0);
}

/* The cheapest system call: what any costs here. */
static CK_RV
ask_kernel (BenchThread *thread, size_t size)
{
	(void) thread;
	(void) size;
	return syscall (SYS_getpid) > 0 ? CKR_OK : CKR_GENERAL_ERROR;
}

/* @size: microseconds. */
static CK_RV
rest (BenchThread *thread, size_t size)
{
	(void) thread;
	bench_pause_us ((long) size);
	return CKR_OK;
}

static CK_RV
thread_init (BenchThread *thread)
{
	(void) thread;
	return CKR_OK;
}

static void
thread_clear (BenchThread *thread)
{
	(void) thread;
}

static const BenchOp ops[] = {
	{ "info", trip, NULL, use_spin, NULL },
	{ "info-after", trip, rest, use_spin, NULL },
	{ "futex", trip, NULL, use_futex, NULL },
	{ "kernel", ask_kernel, NULL, NULL, NULL },
	{ "futex-after", trip, rest, use_futex, NULL },
	{ NULL },
};

const BenchSubject bench_raw = { ops, open_pair, thread_init, thread_clear };
