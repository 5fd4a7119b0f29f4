/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A channel and a backend that answers what no backend of ours does: no descriptor is kept, and none
 * is closed twice, which could be another thread's by then. The answers wait in the socket before
 * anybody asks.
 */
#include "config.h"

#include <check.h>
#include <dirent.h>
#include <stdlib.h>
#include <unistd.h>

static int
close_once (int fd)
{
	int closed = close (fd);

	ck_assert_int_eq (closed, 0);
	return closed;
}

#define close close_once
#include "../proxy/channel.c"
#undef close

static CratonInstance instance;
static int hostile = -1; /* the backend's end */

/* A process that is nobody. */

CratonProcess
craton_process_at (pid_t pid)
{
	return (CratonProcess){ pid, pid != 0 };
}

CratonProcessState
craton_process_state (const CratonProcess *process)
{
	(void) process;
	return CRATON_PROCESS_RUNS;
}

void
craton_process_kill (const CratonProcess *process)
{
	ck_assert_int_eq (process->pid, 1);
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
	(void) format;
}

static int waiting = -1; /* the proxy's end */

CK_RV
craton_spawn_backend (CratonSpawned *ret_backend)
{
	*ret_backend = (CratonSpawned){ .control_fd = waiting, .pidfd = -1, .pid = 1 };
	return CKR_OK;
}

static unsigned int
count_fds (void)
{
	unsigned int n = 0;
	DIR *dir = opendir ("/proc/self/fd");

	ck_assert_ptr_nonnull (dir);
	while (readdir (dir) != NULL)
		n++;
	(void) closedir (dir);
	return n;
}

/* A right hello, and then @answer with a descriptor. */
static void
prepare (const CratonControl *answer)
{
	CratonControl greeting;
	int ends[2], null = open ("/dev/null", O_RDWR | O_CLOEXEC);

	ck_assert_int_eq (socketpair (AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends), 0);
	craton_control_init (&greeting, CRATON_CONTROL_HELLO);
	greeting.value = 1;
	ck_assert_uint_eq (craton_control_send (ends[1], &greeting, -1), CKR_OK);
	ck_assert_uint_eq (craton_control_send (ends[1], answer, null), CKR_OK);
	(void) close (null);
	waiting = ends[0];
	hostile = ends[1];
	atomic_store (&instance.n_channels, 1);
	for (unsigned int i = 0; i < CRATON_CHANNELS_MAX; i++)
		craton_channel_reset (&instance.channels[i], &instance, i);
}

static const struct {
	CratonControlType type;
	uint32_t magic;
	uint64_t rv;
	CK_RV expected;
} answers[] = {
	/* That it could not be done, with a descriptor all the same. */
	{ CRATON_CONTROL_HOST, CRATON_CONTROL_MAGIC, CKR_DEVICE_MEMORY, CKR_DEVICE_MEMORY },
	{ CRATON_CONTROL_LANE, CRATON_CONTROL_MAGIC, CKR_DEVICE_MEMORY, CKR_DEVICE_MEMORY },
	/* Of another version. */
	{ CRATON_CONTROL_HOST, 7, CKR_OK, CKR_DEVICE_ERROR },
	{ CRATON_CONTROL_LANE, 7, CKR_OK, CKR_DEVICE_ERROR },
	/* No lane. */
	{ CRATON_CONTROL_LANE, CRATON_CONTROL_MAGIC, CKR_OK, CKR_DEVICE_ERROR },
};

START_TEST (test_answer__unwanted_descriptor)
{
	CratonChannel *first = &instance.channels[0];
	unsigned int n_fds = count_fds ();
	CratonControl answer;
	CratonLaneSlot *slot;
	uint32_t incarnation;
	CK_RV rv;

	craton_control_init (&answer, answers[_i].type);
	answer.magic = answers[_i].magic;
	answer.rv = answers[_i].rv;
	prepare (&answer);
	ck_assert_uint_eq (craton_channel_start (first, &incarnation), CKR_OK);
	if (answers[_i].type == CRATON_CONTROL_HOST)
		rv = craton_channel_start (&instance.channels[1], &incarnation);
	else
		rv = craton_channel_take_lane (first, incarnation, 64, &slot);
	ck_assert_uint_eq (rv, answers[_i].expected);
	craton_channel_close_all (instance.channels, CRATON_CHANNELS_MAX);
	(void) close (hostile);
	ck_assert_uint_eq (count_fds (), n_fds);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("channel");
	TCase *tcase = tcase_create ("channel");
	SRunner *runner;
	int n_failed;

	tcase_add_loop_test (tcase, test_answer__unwanted_descriptor, 0,
	                     (int) (sizeof answers / sizeof answers[0]));
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
