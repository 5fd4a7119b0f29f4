/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket: an AF_UNIX SOCK_SEQPACKET pair between a proxy and one backend. It carries the hello, the opening of
 * lanes, the descriptors that go with them, and death (end of file). Calls never travel here: lane.h. The client speaks
 * first and each message has one answer. Bytes: docs/protocol.md, Control socket.
 */
#ifndef CRATON_CONTROL_H
#define CRATON_CONTROL_H

#include <stdint.h>

#include "sizes.h"
#include "pkcs11.h"

#define CRATON_CONTROL_MAGIC 0x4e545243u /* "CRTN" */
#define CRATON_CONTROL_TEXT 128

/* The descriptors that a started backend finds. */
#define CRATON_FD_CONTROL 3
#define CRATON_FD_CLIENT 4 /* a pidfd of the client, missing where the kernel has none */

typedef enum {
	/* Client: magic, version and word_len are what it speaks; value: how many such backends it has had before. Answer: the same of the backend; rv; value: how many hosted
	 * modules are configured; flat: mechanisms whose parameter is plain bytes; timeouts: see there. */
	CRATON_CONTROL_HELLO = 1,
	/* Client: value: the bytes of data wanted. Answer: rv; value: the bytes given; with it the lane's memfd. */
	CRATON_CONTROL_LANE,
	/* Client: value: which hosted module, counted from 0. Answer: rv; text: its name in craton.conf; value: the
	 * process; with it the control socket of a backend that was started for it. Only the first backend of a process knows this message. */
	CRATON_CONTROL_HOST,
} CratonControlType;

typedef struct {
	uint32_t magic;
	uint32_t version;
	uint32_t type;                      /* CratonControlType; the answer has the type of the question */
	uint32_t word_len;                  /* sizeof (CK_ULONG) */
	uint64_t rv;                        /* CK_RV, in answers */
	uint64_t value;
	uint64_t n_flat;
	uint64_t flat[CRATON_FLAT_MAX];
	uint64_t n_timeouts;                /* seconds that a call to slot n may take, 0 for no limit; the last counts for all further */
	uint32_t timeouts[CRATON_TIMEOUTS_MAX]; /* slots; without any there is no limit */
	char text[CRATON_CONTROL_TEXT];     /* UTF-8, always terminated */
	int64_t sender;                     /* set by craton_control_receive(), whatever was sent: see there */
} CratonControl;

/**
 * craton_control_init:
 * @message: cleared, and its magic, version, type and word_len set
 */
void craton_control_init (CratonControl *message, CratonControlType type);

/**
 * craton_control_send:
 * @fd: the control socket
 * @send_fd: descriptor to pass along, or -1; stays the caller's
 *
 * Waits while the peer's queue is full. Raises no SIGPIPE.
 *
 * Returns: CKR_OK; CKR_DEVICE_REMOVED if the peer is gone; CKR_DEVICE_ERROR.
 */
CK_RV craton_control_send (int fd, const CratonControl *message, int send_fd);

/**
 * craton_control_receive:
 * @fd: the control socket
 * @timeout_ms: how long to wait for a message, -1 for ever
 * @message: filled with one whole message; magic, version and word_len are NOT checked, text is terminated, n_flat and n_timeouts are
 *   in range, sender is the peer's process id by the kernel's word if SO_PASSCRED is set on @fd, else 0
 * @ret_fd: the descriptor that came along, close-on-exec and above 2, or -1; the caller's. With NULL, and from the second on,
 *   descriptors are closed.
 *
 * Returns: CKR_OK; CKR_DEVICE_REMOVED if the peer is gone; CKR_DEVICE_ERROR for a message of another size, a
 *   time-out or a failed system call; CKR_HOST_MEMORY if the limit of descriptors kept the one that came along out.
 */
CK_RV craton_control_receive (int fd, int timeout_ms, CratonControl *message, int *ret_fd);

/* Whether @message is one of this version and word length. */
int craton_control_fits (const CratonControl *message);

/**
 * craton_fd_guard:
 * @fd: a descriptor of ours, or -1
 *
 * Returns: @fd, moved above 2 (a host may have closed its standard streams, and would write into ours); -1 with @fd closed if
 *   none is left.
 */
int craton_fd_guard (int fd);

#endif /* CRATON_CONTROL_H */
