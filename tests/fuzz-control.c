/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile client at the control socket and in the pages of its lanes, against what serves it: half a hello, messages of any
 * length and content, unexpected descriptors, thousands of lanes, any words in a lane's header. The service comes back from all of it, no
 * lane's thread stays and no descriptor is kept.
 *
 * Input: messages: manner, times, two bytes of length, the message's bytes (over one that is right); after byte 255 for a
 * manner: the words for each lane's header.
 */
#include "config.h"

#include "fuzz-samples.h"

#include "../backend/serve.c"

#include <dirent.h>
#include <fcntl.h>

#include "recorder.h"

enum {
	MANNER_TYPE = 0x03,  /* CratonControlType; 0: as the bytes are */
	MANNER_WHOLE = 0x80, /* else as long as its bytes */
	MANNER_FDS = 0x1c,   /* times 4: descriptors that come along */
};

#define MESSAGES_MAX 24
#define WORDS_LEN 32

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	return sample_play (&craton_calls[call], CKR_OK, args);
}

/* The spawner of this program. */

CK_RV
craton_spawner_host (guint64 index, pid_t *ret_pid, int *ret_fd)
{
	fuzz_expect (index < 2);
	*ret_pid = 1;
	*ret_fd = open ("/dev/null", O_RDWR | O_CLOEXEC);
	return *ret_fd >= 0 ? CKR_OK : CKR_HOST_MEMORY;
}

void
craton_spawner_end (int wait_ms)
{
	(void) wait_ms;
}

static void
be_silent (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void) domain, (void) level, (void) data;
	fuzz_expect (g_utf8_validate (message, -1, NULL));
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
send_message (int fd, const uint8_t *bytes, size_t len, unsigned int manner)
{
	CratonControl message;
	unsigned int n_fds = (manner & MANNER_FDS) >> 2;
	struct iovec iov = { &message, (manner & MANNER_WHOLE) != 0 ? sizeof message : len };
	union {
		struct cmsghdr header;
		char space[CMSG_SPACE (4 * 8 * sizeof (int))];
	} control = { 0 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	craton_control_init (&message, manner & MANNER_TYPE);
	if ((manner & MANNER_TYPE) != 0)
		memcpy ((uint8_t *) &message + offsetof (CratonControl, rv), bytes,
		        len < sizeof message - offsetof (CratonControl, rv)
		                ? len
		                : sizeof message - offsetof (CratonControl, rv));
	else
		memcpy (&message, bytes, len < sizeof message ? len : sizeof message);
	if (iov.iov_len > sizeof message)
		iov.iov_len = sizeof message;
	n_fds *= 4;
	if (n_fds > 0) {
		msg.msg_control = control.space;
		msg.msg_controllen = CMSG_SPACE (n_fds * sizeof (int));
		control.header.cmsg_level = SOL_SOCKET;
		control.header.cmsg_type = SCM_RIGHTS;
		control.header.cmsg_len = CMSG_LEN (n_fds * sizeof (int));
		for (unsigned int i = 0; i < n_fds; i++)
			memcpy (CMSG_DATA (&control.header) + i * sizeof fd, &fd, sizeof fd);
	}
	(void) sendmsg (fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* All that the client will ever say is in the socket before the service looks. */
static void
send_all (int fd, FuzzInput *input)
{
	int n = 0;

	while (input->len > 0) {
		unsigned int manner = (unsigned int) fuzz_number (input, 1);
		size_t times, len, n_bytes;
		uint8_t *bytes;

		if (manner == 255)
			break;
		times = 1 + (size_t) fuzz_number (input, 1);
		len = (size_t) fuzz_number (input, 2);
		bytes = fuzz_bytes (input, len, &n_bytes);
		for (; times > 0 && n < MESSAGES_MAX; times--, n++)
			send_message (fd, bytes, n_bytes, manner);
		free (bytes);
	}
	(void) shutdown (fd, SHUT_WR);
}

/* Words of any content, once; then the lane is ended, if its thread has not done so. */
static void
spoil_lane (int fd, FuzzInput *input)
{
	CratonLane lane;
	uint8_t words[WORDS_LEN] = { 0 };
	CratonLaneCall call = { 0 };

	fuzz_expect (craton_lane_map (fd, &lane) == CKR_OK);
	for (size_t i = 0; i < sizeof words && input->len > 0; i++)
		words[i] = (uint8_t) fuzz_number (input, 1);
	/* The lane's first word is what the server waits for. */
	memcpy ((uint8_t *) lane.header + 4, words + 4, sizeof words - 4);
	memcpy (lane.data, words, sizeof words);
	lane.sequence = words[0] % 2 == 0 ? 0 : words[1];
	craton_lane_submit (&lane, words[2] < 240 ? words[2] : CRATON_LANE_CLOSE, words[3] / 8 * 8u,
	                    words[4] % 4 == 0 ? SIZE_MAX : words[4]);
	if (lane.sequence == 1)
		(void) craton_lane_await_reply (&lane, 1, false, &call);
	craton_lane_submit (&lane, CRATON_LANE_CLOSE, 0, 0);
	lane.sequence += 1;
	craton_lane_submit (&lane, CRATON_LANE_CLOSE, 0, 0);
	craton_lane_unmap (&lane);
}

static unsigned int
take_answers (int fd, FuzzInput *input)
{
	CratonControl answer;
	unsigned int n = 0;
	int passed;

	while (craton_control_receive (fd, 0, &answer, &passed) == CKR_OK) {
		fuzz_expect (craton_control_fits (&answer) || answer.rv != CKR_OK);
		if (answer.type == CRATON_CONTROL_LANE && passed >= 0) {
			spoil_lane (passed, input);
			n++;
		}
		if (passed >= 0)
			(void) close (passed);
	}
	return n;
}

static void
await_quiet (void)
{
	for (gsize i = 0; i < CRATON_SERVE_LANES; i++) {
		while (g_atomic_int_get (&lanes[i].used))
			g_thread_yield ();
	}
}

static CratonService *
set_up (void)
{
	static const CK_MECHANISM_TYPE flat[] = { 1, 2 };
	static CratonModuleConfig modules[] = { { .name = (char *) "one" },
		                                { .name = (char *) "two" } };
	static CratonService service = {
		.functions = &recorder, .flat = flat, .n_flat = 2, .n_timeouts = 1
	};
	GPtrArray *array = g_ptr_array_new ();

	g_ptr_array_add (array, &modules[0]);
	g_ptr_array_add (array, &modules[1]);
	service.modules = array;
	g_log_set_default_handler (be_silent, NULL);
	dispatch = craton_dispatch_new (&recorder, flat, 2);
	served = &service;
	/* The number of the control socket is taken, whatever this process has there. */
	(void) dup2 (open ("/dev/null", O_RDWR | O_CLOEXEC), CRATON_FD_CONTROL);
	return &service;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	static CratonService *service;
	FuzzInput input = { bytes, len };
	unsigned int n_fds;
	int ends[2];

	if (service == NULL)
		service = set_up ();
	n_fds = count_fds ();
	fuzz_expect (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) == 0);
	fuzz_expect (dup2 (ends[0], CRATON_FD_CONTROL) == CRATON_FD_CONTROL &&
	             close (ends[0]) == 0);
	send_all (ends[1], &input);
	if (greet (service)) {
		while (answer_one ())
			continue;
	}
	fuzz_expect (take_answers (ends[1], &input) <= CRATON_SERVE_LANES);
	await_quiet ();
	(void) close (ends[1]);
	fuzz_expect (count_fds () == n_fds);
	return 0;
}

static void
fuzz_seeds (void)
{
	static const uint8_t seeds[][24] = {
		{ 0x81, 0, 0, 0, 0x82, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0 },
		{ 0x81, 0, 0, 0, 0x83, 3, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0 },
		{ 0x81, 0, 0, 0, 0x82, 23, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0 },
		{ 0x81, 0, 0, 0, 0x9e, 2, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0 },
		{ 0x01, 0, 3, 0, 1, 2, 3 },
		{ 0x80, 0, 8, 0, 0x43, 0x52, 0x54, 0x4e, 9, 0, 0, 0 },
	};

	for (size_t i = 0; i < sizeof seeds / sizeof seeds[0]; i++) {
		uint8_t seed[64] = { 0 };

		memcpy (seed, seeds[i], sizeof seeds[i]);
		seed[24] = 255;
		for (size_t j = 25; j < sizeof seed; j++)
			seed[j] = (uint8_t) (j * i);
		fuzz_seed (seed, sizeof seed);
	}
}
