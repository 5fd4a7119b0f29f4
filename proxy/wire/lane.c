/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Lanes: see lane.h. Linux alone: memfd with seals, futex. The page that both sides write is read word by word with atomic
 * loads, each word once, and nothing read from it is used before it is checked.
 */
#include "config.h"

#include "lane.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "buf.h"
#include "control.h"

/* How long a side looks for the other's word before it sleeps. A round trip on two idle cores is 0.5 us, waking a sleeper costs
 * some 10 us: longer than this never pays. */
#define SPIN_NS 20000

/* How long a side looks before it gives way, which is a system call: as long as it may take the other side, on another processor, to
 * make the next call or to answer a small one. Two sides that run at the same time so stay together, while others wait for their turn. */
#define LOOK_NS 3000
/* Looks between two at the clock. */
#define LOOKS 8

/* Giving way to the other side takes less, but for the longest of calls. Who comes back after this has given it to a stranger, perhaps for the
 * whole of that one's turn, while a sleeper is woken as soon as there is something for it: so for a while sides sleep at once. For longer each time
 * that it comes to the same again, since a machine of others' is busy for seconds, and one that was stopped itself is not busy at all. */
#define BUSY_NS 500000
#define BUSY_FIRST_NS 2000000
#define BUSY_MAX_NS 256000000

/* A client whose last reply came soon, and not long ago, will have the next one soon, too: it looks for as long as an RSA signature takes, as
 * it would have computed for as long itself. But only while nobody else wants its processor: giving way takes less than this then. */
#define PATIENT_NS 1000000
#define BRISK_NS 400000
#define ALONE_NS 5000

/* A client takes its time to take the bytes of one call and to put those of the next: a server looks for longer after so many. */
#define BYTES_A_NS 8

/* A server that has looked in vain so often in a row sleeps at once, until requests come quickly again. */
#define VAIN_MAX 3

struct CratonLaneHeader {
	/* Written by the client. */
	_Alignas (64) _Atomic uint32_t request;
	_Atomic uint32_t client_sleeps;
	_Atomic uint32_t client_cpu; /* where it submitted the request */
	_Atomic uint32_t call;
	_Atomic uint64_t request_len;
	_Atomic uint64_t out_len;
	/* Written by the server. */
	_Alignas (64) _Atomic uint32_t reply;
	_Atomic uint32_t server_sleeps;
	_Atomic uint32_t server_cpu; /* where it answered */
	_Atomic uint32_t understood;
	_Atomic uint64_t rv;
	_Atomic uint64_t reply_len;
	_Atomic uint64_t length;
};

#define HEADER_LEN 4096
_Static_assert (sizeof (CratonLaneHeader) <= HEADER_LEN, "the header is one page");
_Static_assert (sizeof (atomic_uint) == 4 && ATOMIC_INT_LOCK_FREE == 2 && ATOMIC_LLONG_LOCK_FREE == 2,
                "both sides need lock-free words");

#define SEALS (F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)

static CK_RV
map (int fd, size_t data_len, CratonLane *ret_lane)
{
	void *memory = mmap (NULL, HEADER_LEN + data_len, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	if (memory == MAP_FAILED)
		return CKR_HOST_MEMORY;
	*ret_lane = (CratonLane) {
		.header = memory,
		.data = (uint8_t *) memory + HEADER_LEN,
		.data_len = data_len,
	};
	return CKR_OK;
}

CK_RV
craton_lane_create (size_t data_len, CratonLane *ret_lane, int *ret_fd)
{
	size_t len = craton_align (data_len, 4096);
	CK_RV rv = CKR_HOST_MEMORY;
	int fd;

	if (data_len == 0 || data_len > CRATON_LANE_DATA_MAX)
		return CKR_ARGUMENTS_BAD;
	fd = craton_fd_guard (memfd_create ("craton-lane", MFD_CLOEXEC | MFD_ALLOW_SEALING));
	if (fd < 0)
		return rv;
	if (ftruncate (fd, HEADER_LEN + len) == 0 && fcntl (fd, F_ADD_SEALS, SEALS) == 0)
		rv = map (fd, len, ret_lane);
	if (rv == CKR_OK)
		*ret_fd = fd;
	else
		(void) close (fd);
	return rv;
}

CK_RV
craton_lane_map (int fd, CratonLane *ret_lane)
{
	struct stat st;
	int seals = fcntl (fd, F_GET_SEALS);

	/* Without these seals the peer could cut the file short and end us with SIGBUS. */
	if (seals < 0 || (seals & SEALS) != SEALS || (seals & F_SEAL_WRITE) != 0 || fstat (fd, &st) != 0)
		return CKR_DEVICE_ERROR;
	if (st.st_size <= HEADER_LEN || (size_t) st.st_size - HEADER_LEN > CRATON_LANE_DATA_MAX || st.st_size % 4096 != 0)
		return CKR_DEVICE_ERROR;
	if (map (fd, (size_t) st.st_size - HEADER_LEN, ret_lane) != CKR_OK)
		return CKR_HOST_MEMORY;
	craton_lane_withhold (ret_lane);
	return CKR_OK;
}

void
craton_lane_withhold (CratonLane *lane)
{
	(void) madvise (lane->header, HEADER_LEN + lane->data_len, MADV_DONTFORK);
}

void
craton_lane_unmap (CratonLane *lane)
{
	if (lane->header != NULL)
		(void) munmap (lane->header, HEADER_LEN + lane->data_len);
	*lane = (CratonLane) { 0 };
}

size_t
craton_lane_out_offset (size_t request_len)
{
	return craton_align (request_len, 64);
}

size_t
craton_lane_reply_offset (size_t request_len, size_t out_len)
{
	return craton_align (craton_lane_out_offset (request_len) + out_len, 64);
}

bool
craton_lane_fits (size_t data_len, size_t request_len, size_t out_len, size_t reply_len)
{
	/* All limits are far below half of SIZE_MAX, so the sum of three numbers below them does not overflow. */
	if (request_len > CRATON_LANE_DATA_MAX || out_len > CRATON_LANE_DATA_MAX || reply_len > CRATON_LANE_DATA_MAX)
		return false;
	return craton_lane_reply_offset (request_len, out_len) + reply_len <= data_len;
}

static void
futex_wake (_Atomic uint32_t *word)
{
	(void) syscall (SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Sleeps while the word is @expected, for @timeout_ms or for ever (-1). Returns after a signal, too. */
static void
futex_wait (_Atomic uint32_t *word, uint32_t expected, int timeout_ms)
{
	struct timespec timeout = { timeout_ms / 1000, timeout_ms % 1000 * 1000000L };

	(void) syscall (SYS_futex, word, FUTEX_WAIT, expected, timeout_ms < 0 ? NULL : &timeout, NULL, 0);
}

static uint64_t
now_ns (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (uint64_t) now.tv_sec * 1000000000u + (uint64_t) now.tv_nsec;
}

/* On one CPU the other side cannot write while we look. */
static bool
may_spin (void)
{
	static _Atomic int cpus;
	int n = atomic_load_explicit (&cpus, memory_order_relaxed);

	if (n == 0) {
		cpu_set_t set;

		n = sched_getaffinity (0, sizeof set, &set) == 0 ? CPU_COUNT (&set) : 1;
		atomic_store_explicit (&cpus, n, memory_order_relaxed);
	}
	return n > 1;
}

static bool
forked (const CratonLane *lane)
{
	return lane->generation != NULL && atomic_load_explicit (lane->generation, memory_order_relaxed) != lane->mark;
}

static void
relax (void)
{
#if defined (__x86_64__) || defined (__i386__)
	__builtin_ia32_pause ();
#endif
}

static bool
has_changed (const CratonLane *lane, _Atomic uint32_t *word, uint32_t old)
{
	return forked (lane) || atomic_load_explicit (word, memory_order_acquire) != old;
}

/* Until when giving way does not pay, since the processors are busy with strangers, and for how long that is believed: of the whole process, and
 * only a guess, so that threads may overwrite each other's. */
static _Atomic uint64_t busy_until_ns, busy_for_ns;

static bool
is_busy (void)
{
	uint64_t until = atomic_load_explicit (&busy_until_ns, memory_order_relaxed);

	return until != 0 && now_ns () < until;
}

/* A side has given way. @busy: to strangers. */
static void
note_busy (bool busy, uint64_t now)
{
	uint64_t length = atomic_load_explicit (&busy_for_ns, memory_order_relaxed);

	if (!busy && length == 0)
		return;
	if (!busy)
		length = length > BUSY_FIRST_NS ? length / 2 : 0;
	else if (length == 0)
		length = BUSY_FIRST_NS;
	else if (length < BUSY_MAX_NS)
		length *= 2;
	atomic_store_explicit (&busy_for_ns, length, memory_order_relaxed);
	if (busy)
		atomic_store_explicit (&busy_until_ns, now + length, memory_order_relaxed);
}

static uint32_t
this_cpu (void)
{
	return (uint32_t) sched_getcpu ();
}

/* Looks for a change of @word from @old without giving way: not where the other side was last seen on this processor, which it then
 * cannot write it from. */
static bool
look (const CratonLane *lane, _Atomic uint32_t *word, uint32_t old, const _Atomic uint32_t *other_cpu)
{
	uint64_t deadline;

	if (has_changed (lane, word, old))
		return true;
	if (atomic_load_explicit (other_cpu, memory_order_relaxed) == this_cpu ())
		return false;
	deadline = now_ns () + LOOK_NS;
	do {
		for (int i = 0; i < LOOKS; i++) {
			relax ();
			if (has_changed (lane, word, old))
				return true;
		}
	} while (now_ns () < deadline);
	return false;
}

/* The same, giving way between looks: from @start on, for @patient_ns while it is alone. */
static void
spin (const CratonLane *lane, _Atomic uint32_t *word, uint32_t old, uint64_t start, uint64_t patient_ns)
{
	uint64_t before = start, now, deadline = start + patient_ns;
	bool busy = false;

	do {
		(void) sched_yield ();
		if (has_changed (lane, word, old))
			deadline = 0;
		now = now_ns ();
		busy = busy || now - before > BUSY_NS;
		if (now - before > ALONE_NS && deadline > start + SPIN_NS)
			deadline = start + SPIN_NS;
		before = now;
	} while (now < deadline);
	note_busy (busy, now);
}

void
craton_lane_submit (CratonLane *lane, uint32_t call, size_t request_len, size_t out_len)
{
	CratonLaneHeader *header = lane->header;

	atomic_store_explicit (&header->call, call, memory_order_relaxed);
	atomic_store_explicit (&header->request_len, request_len, memory_order_relaxed);
	atomic_store_explicit (&header->out_len, out_len, memory_order_relaxed);
	atomic_store_explicit (&header->client_cpu, this_cpu (), memory_order_relaxed);
	/* Sequentially consistent with the server's announcement that it sleeps: one of the two sees the other. */
	atomic_store (&header->request, ++lane->sequence);
	if (atomic_load (&header->server_sleeps) != 0)
		futex_wake (&header->request);
}

CratonLaneState
craton_lane_await_reply (CratonLane *lane, int timeout_ms, bool may_look, CratonLaneCall *inout_call)
{
	CratonLaneHeader *header = lane->header;
	uint32_t before = lane->sequence - 1;
	uint64_t asked_ns = 0;
	uint32_t reply;

	if (may_look && may_spin () && !look (lane, &header->reply, before, &header->server_cpu) && !is_busy ()) {
		asked_ns = now_ns ();
		spin (lane, &header->reply, before, asked_ns, asked_ns - lane->brisk_ns < BRISK_NS ? PATIENT_NS : SPIN_NS);
	}
	if (forked (lane))
		return CRATON_LANE_FORKED;
	reply = atomic_load_explicit (&header->reply, memory_order_acquire);
	if (reply == before) {
		atomic_store (&header->client_sleeps, 1);
		if (atomic_load (&header->reply) == before)
			futex_wait (&header->reply, before, timeout_ms);
		if (forked (lane))
			return CRATON_LANE_FORKED;
		atomic_store_explicit (&header->client_sleeps, 0, memory_order_relaxed);
		reply = atomic_load_explicit (&header->reply, memory_order_acquire);
	}
	if (reply == before)
		return CRATON_LANE_TIMEOUT;
	if (reply != lane->sequence)
		return CRATON_LANE_BROKEN;
	/* Whoever did not have to look has not waited: that says nothing. */
	if (asked_ns != 0) {
		uint64_t now = now_ns ();

		lane->brisk_ns = now - asked_ns < PATIENT_NS ? now : 0;
	}
	inout_call->rv = atomic_load_explicit (&header->rv, memory_order_relaxed);
	inout_call->understood = atomic_load_explicit (&header->understood, memory_order_relaxed) != 0;
	inout_call->reply_len = atomic_load_explicit (&header->reply_len, memory_order_relaxed);
	inout_call->length = atomic_load_explicit (&header->length, memory_order_relaxed);
	if (!craton_lane_fits (lane->data_len, inout_call->request_len, inout_call->out_len, inout_call->reply_len))
		return CRATON_LANE_BROKEN;
	return CRATON_LANE_READY;
}

void
craton_lane_wake (CratonLane *lane)
{
	(void) syscall (SYS_futex, &lane->header->reply, FUTEX_WAKE, 1, NULL, NULL, 0);
}

/* Sleeps until there is another request, and notes whether to look would have been worth it. */
static uint32_t
sleep_for_request (CratonLane *lane)
{
	CratonLaneHeader *header = lane->header;
	uint64_t start = now_ns ();
	uint32_t request;

	while ((request = atomic_load_explicit (&header->request, memory_order_acquire)) == lane->sequence) {
		atomic_store (&header->server_sleeps, 1);
		if (atomic_load (&header->request) == lane->sequence)
			futex_wait (&header->request, lane->sequence, -1);
		atomic_store_explicit (&header->server_sleeps, 0, memory_order_relaxed);
	}
	if (now_ns () - start < 2 * SPIN_NS)
		lane->n_vain = 0;
	else if (lane->n_vain < VAIN_MAX)
		lane->n_vain++;
	return request;
}

CratonLaneState
craton_lane_await_request (CratonLane *lane, CratonLaneCall *ret_call)
{
	CratonLaneHeader *header = lane->header;
	uint32_t request;

	lane->vain_look = false;
	if (lane->sequence != 0 && lane->n_vain < VAIN_MAX && may_spin ()) {
		lane->vain_look = !look (lane, &header->request, lane->sequence, &header->client_cpu) && !is_busy ();
		if (lane->vain_look)
			spin (lane, &header->request, lane->sequence, now_ns (), SPIN_NS + lane->n_bytes / BYTES_A_NS);
	}
	request = atomic_load_explicit (&header->request, memory_order_acquire);
	if (request != lane->sequence)
		lane->n_vain = 0;
	else
		request = sleep_for_request (lane);
	if (request != lane->sequence + 1)
		return CRATON_LANE_BROKEN;
	lane->sequence = request;
	*ret_call = (CratonLaneCall) {
		.call = atomic_load_explicit (&header->call, memory_order_relaxed),
		.request_len = atomic_load_explicit (&header->request_len, memory_order_relaxed),
		.out_len = atomic_load_explicit (&header->out_len, memory_order_relaxed),
	};
	if (!craton_lane_fits (lane->data_len, ret_call->request_len, ret_call->out_len, 0))
		return CRATON_LANE_BROKEN;
	lane->n_bytes = ret_call->request_len + ret_call->out_len;
	return CRATON_LANE_READY;
}

uint32_t
craton_lane_client_cpu (const CratonLane *lane)
{
	return atomic_load_explicit (&lane->header->client_cpu, memory_order_relaxed);
}

void
craton_lane_answer (CratonLane *lane, const CratonLaneCall *call)
{
	CratonLaneHeader *header = lane->header;

	atomic_store_explicit (&header->rv, call->rv, memory_order_relaxed);
	atomic_store_explicit (&header->understood, call->understood, memory_order_relaxed);
	atomic_store_explicit (&header->reply_len, call->reply_len, memory_order_relaxed);
	atomic_store_explicit (&header->length, call->length, memory_order_relaxed);
	atomic_store_explicit (&header->server_cpu, this_cpu (), memory_order_relaxed);
	atomic_store (&header->reply, lane->sequence);
	if (atomic_load (&header->client_sleeps) != 0)
		futex_wake (&header->reply);
}
