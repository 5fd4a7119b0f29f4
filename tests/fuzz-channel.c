/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile backend at the control socket, against the proxy's channel: answers to HELLO, LANE and HOST of any content and length,
 * with descriptors that are no lanes or no descriptors where some are due. The proxy kills nobody but by the kernel's word, keeps
 * no descriptor, and maps nothing that could be cut short.
 *
 * Input: which channel, bytes of data wanted; then answers: manner, two bytes of length, the message's bytes (over one that is right).
 */
#include "config.h"

#include "fuzz.h"

#include <dirent.h>
#include <sys/mman.h>
#include <unistd.h>

/* Once: by the second time the number may be another thread's. */
static int
close_once (int fd)
{
	int closed = close (fd);

	fuzz_expect (closed == 0);
	return closed;
}

#define close close_once
#include "../proxy/channel.c"
#undef close

#define ANSWERS_MAX 8

/* How an answer is given. */
enum {
	MANNER_WHOLE = 0x80, /* else as long as its bytes */
	MANNER_FD = 0x0f,    /* what comes along: see make_fd() */
	MANNER_TWO = 0x10,   /* ... and one more */
};

static CratonInstance instance;
static FuzzInput answers;
static int hostile[2] = { -1, -1 }; /* the backends' ends */
static unsigned int n_spawned;

/* process.c, spawn.c and call.c of this program. */

CratonProcess
craton_process_at (pid_t pid)
{
	return (CratonProcess){ pid, pid != 0 };
}

CratonProcessState
craton_process_state (const CratonProcess *process)
{
	return process->pid % 7 == 3 ? CRATON_PROCESS_GONE : CRATON_PROCESS_RUNS;
}

void
craton_process_kill (const CratonProcess *process)
{
	/* 1 is what spawn.c has told, the other what the kernel says. */
	fuzz_expect (process->pid == 0 || process->pid == 1 || process->pid == getpid ());
}

bool
craton_process_reap (const CratonProcess *process)
{
	(void) process;
	return true;
}

bool
craton_instance_closing (CratonInstance *self)
{
	(void) self;
	return false;
}

void
craton_log (const char *format, ...)
{
	fuzz_look (format, strlen (format));
}

static int
make_memfd (off_t len, int seals)
{
	int fd = memfd_create ("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	fuzz_expect (fd >= 0 && ftruncate (fd, len) == 0 &&
	             (seals == 0 || fcntl (fd, F_ADD_SEALS, seals) == 0));
	return fd;
}

/* A descriptor that a backend could send. */
static int
make_fd (unsigned int kind)
{
	const int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
	int pair[2];

	switch (kind) {
	case 1:
	case 2:
	case 3:
		return make_memfd (4096 + (4 << 20), seals);
	case 4:
		return make_memfd (4096 + (4 << 20), 0);
	case 5:
		return make_memfd (4096 + (4 << 20), seals | F_SEAL_WRITE);
	case 6:
		return make_memfd (4096, seals);
	case 7:
		return make_memfd (8192, seals);
	case 8:
		return make_memfd (4096 + (4 << 20) + 1, seals);
	case 9:
		return make_memfd ((off_t) 1 << 40, seals);
	case 10:
		return make_memfd (0, seals);
	case 11:
		return open ("/dev/null", O_RDWR | O_CLOEXEC);
	case 12:
		return open (".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	case 13:
		fuzz_expect (pipe2 (pair, O_CLOEXEC) == 0);
		(void) close (pair[1]);
		return pair[0];
	default:
		return -1;
	}
}

static void
send_raw (int fd, const void *bytes, size_t len, const int *fds, size_t n_fds)
{
	struct iovec iov = { (void *) bytes, len };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE (2 * sizeof (int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (n_fds > 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN (n_fds * sizeof (int));
		memcpy (CMSG_DATA (&control.header), fds, n_fds * sizeof (int));
	}
	(void) sendmsg (fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* A host's socket is the other way round: what it is sent is there before anybody asks. */
static int make_backend (void);

static void
send_answer (int fd, CratonControlType type)
{
	unsigned int manner = (unsigned int) fuzz_number (&answers, 1);
	size_t len = (size_t) fuzz_number (&answers, 2);
	CratonControl message;
	int fds[2];
	size_t n_fds = 0;

	craton_control_init (&message, type);
	if (len > answers.len)
		len = answers.len;
	memcpy (&message, answers.bytes, len < sizeof message ? len : sizeof message);
	/* Most of the bytes that a fuzzer changes should not be in the first words. */
	if ((manner & 0x20) != 0) {
		CratonControl right;

		craton_control_init (&right, type);
		memcpy (&message, &right, offsetof (CratonControl, rv));
	}
	answers.bytes += len;
	answers.len -= len;
	fds[0] = type == CRATON_CONTROL_HOST && (manner & MANNER_FD) == 1
	                 ? make_backend ()
	                 : make_fd (manner & MANNER_FD);
	if (fds[0] >= 0)
		n_fds = 1;
	if (n_fds == 1 && (manner & MANNER_TWO) != 0)
		fds[n_fds++] = make_fd (11);
	send_raw (fd, &message, (manner & MANNER_WHOLE) != 0 ? sizeof message : len, fds, n_fds);
	while (n_fds > 0)
		(void) close (fds[--n_fds]);
}

/* The proxy's end of a socket at which all answers are waiting already. */
static int
make_backend (void)
{
	int ends[2];

	fuzz_expect (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	send_answer (ends[1], CRATON_CONTROL_HELLO);
	for (int i = 0; i < ANSWERS_MAX && answers.len > 0; i++)
		send_answer (ends[1], i % 3 == 1 ? CRATON_CONTROL_HOST : CRATON_CONTROL_LANE);
	(void) shutdown (ends[1], SHUT_WR);
	if (n_spawned < 2)
		hostile[n_spawned++] = ends[1];
	else
		(void) close (ends[1]);
	return ends[0];
}

CK_RV
craton_spawn_backend (CratonSpawned *ret_backend)
{
	if (n_spawned >= 2)
		return CKR_HOST_MEMORY;
	*ret_backend = (CratonSpawned){ .control_fd = make_backend (), .pidfd = -1, .pid = 1 };
	return CKR_OK;
}

static unsigned int
count_fds (void)
{
	unsigned int n = 0;
	DIR *dir = opendir ("/proc/self/fd");

	fuzz_expect (dir != NULL);
	while (readdir (dir) != NULL)
		n++;
	(void) closedir (dir);
	return n;
}

static void
use_channel (CratonChannel *channel, size_t data_len)
{
	uint32_t incarnation;
	CratonLaneSlot *slot;
	CratonLaneCall call = { .request_len = 64 };

	if (craton_channel_start (channel, &incarnation) != CKR_OK)
		return;
	fuzz_expect (channel->n_flat <= CRATON_FLAT_MAX &&
	             channel->n_timeouts <= CRATON_TIMEOUTS_MAX);
	for (CK_SLOT_ID i = 0; i < 3; i++)
		fuzz_expect (craton_channel_timeout_ms (channel, i == 2 ? CK_UNAVAILABLE_INFORMATION
		                                                        : i * 1000) >= 0);
	if (craton_channel_take_lane (channel, incarnation, data_len, &slot) != CKR_OK)
		return;
	fuzz_expect (slot->lane.data_len >= data_len);
	/* All of the memory is there. */
	memset (slot->lane.data, 0x33, 64);
	slot->lane.data[slot->lane.data_len - 1] = 1;
	craton_lane_submit (&slot->lane, 1, 64, 0);
	(void) craton_lane_await_reply (&slot->lane, 0, false, &call);
	craton_channel_give_lane (channel, slot);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	unsigned int n_fds = count_fds (), channel;
	size_t data_len;

	answers = (FuzzInput){ bytes, len };
	channel = (unsigned int) fuzz_number (&answers, 1);
	data_len = (size_t) fuzz_number (&answers, 3);
	n_spawned = 0;
	atomic_store (&instance.n_channels, 1);
	for (unsigned int i = 0; i < CRATON_CHANNELS_MAX; i++)
		craton_channel_reset (&instance.channels[i], &instance, i);
	use_channel (&instance.channels[0], data_len);
	if (channel != 0)
		use_channel (&instance.channels[channel % CRATON_CHANNELS_MAX], data_len);
	fuzz_expect (atomic_load (&instance.n_channels) <= CRATON_CHANNELS_MAX);
	craton_channel_close_all (instance.channels, CRATON_CHANNELS_MAX);
	while (n_spawned > 0)
		(void) close (hostile[--n_spawned]);
	fuzz_expect (count_fds () == n_fds);
	return 0;
}

/* Right answers, with each kind of descriptor. */
static void
fuzz_seeds (void)
{
	for (uint8_t kind = 0; kind < 14; kind++) {
		CratonControl hello;
		uint8_t seed[FUZZ_SEED_MAX] = { kind % 3, 0, (uint8_t) (kind * 16),
			                        kind == 3 ? 0x41 : 0 };
		size_t len = 4;
		uint16_t hello_len = offsetof (CratonControl, flat) + 16;

		craton_control_init (&hello, CRATON_CONTROL_HELLO);
		hello.value = kind;
		hello.n_flat = kind * 8;
		seed[len++] = MANNER_WHOLE;
		memcpy (seed + len, &hello_len, 2);
		memcpy (seed + len + 2, &hello, hello_len);
		len += 2u + hello_len;
		for (int i = 0; i < 3; i++) {
			seed[len] = (uint8_t) (MANNER_WHOLE | (i == 1 ? 1 : kind));
			len += 3;
		}
		fuzz_seed (seed, len);
	}
}
