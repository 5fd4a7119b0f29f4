/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A lane: one call at a time between one client thread and one server thread, in a sealed memfd. The first page holds the two
 * futex words and the sizes, the rest the call:
 *
 *   data: [request, request_len bytes][out region, out_len bytes][reply, reply_len bytes]     each part begins 64-byte aligned
 *
 * The out region is where the module writes bulk output in place. Both ends know where each part begins from request_len and
 * out_len alone; no offset from the peer is followed. Each side treats the other as hostile: header words are read once, into
 * private memory, and checked there.
 */
#ifndef CRATON_LANE_H
#define CRATON_LANE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "sizes.h"
#include "pkcs11.h"

typedef struct CratonLaneHeader CratonLaneHeader; /* the shared page */

typedef struct {
	CratonLaneHeader *header;
	uint8_t *data;
	size_t data_len;
	uint32_t sequence; /* of the call under way; private, so that the peer cannot change it */
	uint64_t brisk_ns; /* client: when the last reply came that was waited for and came soon; 0 for none */
	uint32_t n_vain;   /* server: how often in a row it has looked in vain before it slept */
	size_t n_bytes;    /* server: of the last request and its out region */
	bool vain_look;    /* server: for the request under way it has given way, and not to strangers */

	/* Client: the word that tells a fork and its value here. A child does not have the mapping, and may come to be in the middle
	 * of a wait, when a signal handler forks. NULL: not watched. */
	const _Atomic uint64_t *generation;
	uint64_t mark;
} CratonLane;

/* What a request or a reply says besides its bytes, checked against the lane's size. */
typedef struct {
	uint32_t call;       /* request: index in calls.def */
	size_t request_len;
	size_t out_len;
	CK_RV rv;            /* reply */
	bool understood;     /* reply: the call was made, rv is the module's and the reply has its results; else rv is the backend's */
	size_t reply_len;
	uint64_t length;     /* reply, after CKR_OK of an Init: what a C_Sign or C_Digest will give whatever its data, and 1; 0: not known */
} CratonLaneCall;

#define CRATON_LANE_CLOSE UINT32_MAX /* as call: the server thread of this lane ends, without a reply */

typedef enum {
	CRATON_LANE_READY,
	CRATON_LANE_TIMEOUT,
	CRATON_LANE_BROKEN, /* the peer wrote something impossible */
	CRATON_LANE_FORKED, /* this process is a child without the mapping: leave @lane alone */
} CratonLaneState;

/**
 * craton_lane_create:
 * @data_len: bytes wanted, at most CRATON_LANE_DATA_MAX; rounded up to pages
 * @ret_lane: mapped
 * @ret_fd: the sealed memfd for the peer, close-on-exec; the caller's
 *
 * Returns: CKR_OK; CKR_ARGUMENTS_BAD for a size of zero or over the limit; CKR_HOST_MEMORY.
 */
CK_RV craton_lane_create (size_t data_len, CratonLane *ret_lane, int *ret_fd);

/**
 * craton_lane_map:
 * @fd: a memfd from the peer, untrusted; stays the caller's and can be closed
 * @ret_lane: mapped, and not inherited by forked children (MADV_DONTFORK)
 *
 * Returns: CKR_OK; CKR_DEVICE_ERROR if @fd is no memfd sealed against shrinking and growing, or of an impossible
 *   size; CKR_HOST_MEMORY.
 */
CK_RV craton_lane_map (int fd, CratonLane *ret_lane);

/* A process that is forked from now on does not have the mapping (MADV_DONTFORK), as it has none that craton_lane_map() made. */
void craton_lane_withhold (CratonLane *lane);

/* Unmaps; harmless on a cleared lane. */
void craton_lane_unmap (CratonLane *lane);

/* Where the out region and the reply of a call begin. They may lie behind the lane's end: check with craton_lane_fits(). */
size_t craton_lane_out_offset (size_t request_len);
size_t craton_lane_reply_offset (size_t request_len, size_t out_len);
/* Whether a request and an out region of these sizes leave @reply_len bytes for the reply. No overflow for any numbers. */
bool craton_lane_fits (size_t data_len, size_t request_len, size_t out_len, size_t reply_len);

/* Client. Publishes the request that lies in data[0 .. request_len). */
void craton_lane_submit (CratonLane *lane, uint32_t call, size_t request_len, size_t out_len);

/**
 * craton_lane_await_reply:
 * @timeout_ms: how long to sleep at the most in one go; the caller then looks whether the peer lives and calls again
 * @spin: false: sleep at once (a call that was already waited for, one CPU)
 * @inout_call: request_len and out_len as submitted; rv, understood and reply_len are filled
 *
 * Spins shortly, giving way to other threads, then sleeps on the futex. A signal handler or craton_lane_wake()
 * makes it return CRATON_LANE_TIMEOUT early.
 */
CratonLaneState craton_lane_await_reply (CratonLane *lane, int timeout_ms, bool spin, CratonLaneCall *inout_call);

/* Client: wakes a thread that sleeps in craton_lane_await_reply() of this lane. */
void craton_lane_wake (CratonLane *lane);

/* Server. Waits for the next request, for ever. @ret_call: call, request_len and out_len, already known to fit. */
CratonLaneState craton_lane_await_request (CratonLane *lane, CratonLaneCall *ret_call);

/* Server. The processor that the client submitted its request on, as it says: any number. */
uint32_t craton_lane_client_cpu (const CratonLane *lane);

/* Server. Publishes the reply that lies at craton_lane_reply_offset(). */
void craton_lane_answer (CratonLane *lane, const CratonLaneCall *call);

#endif /* CRATON_LANE_H */
