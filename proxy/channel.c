/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A channel: one backend process, from its start to its death. The control socket is used under the lock; lanes are taken and given
 * back by one atomic word each. Nothing that the backend sends is trusted: lane.c and control.c check it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "fork.h"
#include "instance.h"
#include "log.h"
#include "process.h"
#include "spawn.h"

static const struct timespec pause_100us = { 0, 100000 };

/* A backend takes half a second to its end at the most. */
#define REAP_TRIES 6000

/* How often a thread that waits for an answer on the control socket looks whether somebody has given the backend up. */
#define CONVERSE_SLICE_MS 20

/* Whether the descriptor is still the socket that we opened. */
static bool
fd_is_ours (const CratonChannel *channel)
{
	struct stat st;

	return channel->fd >= 0 && fstat (channel->fd, &st) == 0 && st.st_dev == channel->fd_dev && st.st_ino == channel->fd_ino;
}

static void
close_fd (CratonChannel *channel)
{
	if (fd_is_ours (channel))
		(void) close (channel->fd);
	channel->fd = -1;
}

static bool
adopt_fd (CratonChannel *channel, int fd)
{
	struct stat st;

	if (fstat (fd, &st) != 0) {
		(void) close (fd);
		return false;
	}
	channel->fd = fd;
	channel->fd_dev = st.st_dev;
	channel->fd_ino = st.st_ino;
	return true;
}

static void
set_process (CratonChannel *channel, const CratonProcess *process)
{
	atomic_store (&channel->pid, process->pid);
	atomic_store (&channel->started, process->started);
}

/* The process of @incarnation; false if there is another incarnation by now. */
static bool
get_process (CratonChannel *channel, uint32_t incarnation, CratonProcess *ret_process)
{
	*ret_process = (CratonProcess) { atomic_load (&channel->pid), atomic_load (&channel->started) };
	return atomic_load (&channel->incarnation) == incarnation;
}

/* A backend's parent is init; in a process that is init or a subreaper itself, as in containers, that is us. Then its number is
 * not given to another process until we reap it. */
static void
adopt_child (CratonChannel *channel, pid_t pid)
{
	siginfo_t info;

	channel->child = waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void
reap (pid_t pid)
{
	const CratonProcess process = { .pid = pid };

	for (int i = 0; i < REAP_TRIES && !craton_process_reap (&process); i++)
		(void) nanosleep (&pause_100us, NULL);
}

/* The backend is on its way out: its socket is closed. If it was killed, what it starts hosts with becomes our child only now. */
static void
reap_child (CratonChannel *channel)
{
	if (channel->child)
		reap (atomic_load (&channel->pid));
	reap (channel->spawner);
	channel->child = false;
	channel->spawner = 0;
}

/* Who made a host's socket, by the kernel's word. */
static void
note_spawner (CratonChannel *first, int host_fd)
{
	struct ucred peer = { 0 };
	socklen_t len = sizeof peer;

	if (first->child && getsockopt (host_fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && peer.pid != atomic_load (&first->pid))
		first->spawner = peer.pid;
}

static bool
take (CratonLaneSlot *slot, uint32_t from)
{
	return atomic_compare_exchange_strong (&slot->use, &from, CRATON_LANE_BUSY);
}

/* One that no thread is in. */
static bool
take_unused (CratonLaneSlot *slot)
{
	return take (slot, CRATON_LANE_FREE) || take (slot, CRATON_LANE_PARKED);
}

/* A lane's sequence is the number of its calls. */
static void
discard (CratonChannel *channel, CratonLaneSlot *slot)
{
	(void) atomic_fetch_add (&channel->n_calls, slot->lane.sequence);
	craton_lane_unmap (&slot->lane);
	atomic_store (&slot->use, CRATON_LANE_EMPTY);
}

/* Under the lock. Lanes that a thread is in are discarded by that thread. */
static void
hang_up (CratonChannel *channel)
{
	atomic_store (&channel->incarnation, 0);
	if (channel->fd >= 0)
		channel->death_ms = craton_restart_now_ms ();
	close_fd (channel);
	channel->greeting = false;
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		if (take_unused (&channel->lanes[i]))
			discard (channel, &channel->lanes[i]);
	}
}

static void
drop_locked (CratonChannel *channel)
{
	hang_up (channel);
	reap_child (channel);
}

void
craton_channel_kill (CratonChannel *channel, uint32_t incarnation)
{
	CratonProcess process;

	if (get_process (channel, incarnation, &process))
		craton_process_kill (&process);
	(void) atomic_compare_exchange_strong (&channel->incarnation, &incarnation, 0);
	/* If somebody holds the lock, the next start or C_Finalize puts the rest away. */
	if (pthread_mutex_trylock (&channel->lock) != 0)
		return;
	if (atomic_load (&channel->incarnation) == 0 && !channel->greeting)
		drop_locked (channel);
	(void) pthread_mutex_unlock (&channel->lock);
}

/* Until every thread has left its lane: each looks at the incarnation when it wakes, at the latest after a slice of its sleep. */
static void
await_empty (CratonChannel *channel)
{
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		while (atomic_load (&channel->lanes[i].use) != CRATON_LANE_EMPTY) {
			if (take_unused (&channel->lanes[i]))
				discard (channel, &channel->lanes[i]);
			else
				(void) nanosleep (&pause_100us, NULL);
		}
	}
}

/* What does not end by the end of its socket: a stopped process, at once, and a child of ours when the time is over. True if there is
 * nothing left to wait for. */
static bool
end_process (CratonChannel *channel, bool in_time)
{
	const CratonProcess process = { atomic_load (&channel->pid), atomic_load (&channel->started) };
	CratonProcessState state = craton_process_state (&process);
	bool reaped;

	if (process.pid == 0)
		return true;
	if (state == CRATON_PROCESS_STOPPED || (channel->child && !in_time))
		craton_process_kill (&process);
	reaped = !channel->child || craton_process_reap (&process);
	/* A host is its first backend's child for as long as that lives, and then ours. */
	if (channel->child && in_time && (!reaped || state == CRATON_PROCESS_RUNS || state == CRATON_PROCESS_STOPPED))
		return false;
	if (!reaped)
		reap_child (channel);
	channel->child = false;
	set_process (channel, &(const CratonProcess) { 0 });
	return true;
}

void
craton_channel_close_all (CratonChannel *channels, size_t n)
{
	int64_t deadline = craton_restart_now_ms () + CRATON_END_TIMEOUT_MS;

	/* The first backend last: it waits for those that it started. */
	for (size_t i = n; i-- > 0;) {
		(void) pthread_mutex_lock (&channels[i].lock);
		hang_up (&channels[i]);
		(void) pthread_mutex_unlock (&channels[i].lock);
	}
	for (size_t i = n; i-- > 0;)
		await_empty (&channels[i]);
	for (size_t i = n; i-- > 0;) {
		(void) pthread_mutex_lock (&channels[i].lock);
		while (!end_process (&channels[i], craton_restart_now_ms () < deadline))
			(void) nanosleep (&pause_100us, NULL);
		(void) pthread_mutex_unlock (&channels[i].lock);
	}
}

void
craton_channel_reset (CratonChannel *channel, CratonInstance *instance, unsigned int index)
{
	/* In a forked child the lanes are not mapped (MADV_DONTFORK), and the lock may have been copied while held. */
	if (channel->instance != NULL)
		close_fd (channel);
	channel->fd = -1;
	channel->child = false;
	set_process (channel, &(const CratonProcess) { 0 });
	channel->spawner = 0;
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		channel->lanes[i].lane = (CratonLane) { 0 };
		atomic_store (&channel->lanes[i].use, CRATON_LANE_EMPTY);
	}
	channel->lock = (pthread_mutex_t) PTHREAD_MUTEX_INITIALIZER;
	channel->instance = instance;
	channel->index = index;
	channel->n_flat = 0;
	channel->n_timeouts = 0;
	channel->n_starts = 0;
	channel->n_failures = 0;
	channel->greeting = false;
	atomic_store (&channel->listed, false);
	atomic_store (&channel->missed, false);
	atomic_store (&channel->event, NULL);
	channel->birth_ms = 0;
	channel->name[0] = '\0';
	atomic_store (&channel->incarnation, 0);
}

int64_t
craton_channel_timeout_ms (const CratonChannel *channel, CK_SLOT_ID slot)
{
	size_t n = channel->n_timeouts;
	int64_t longest = 0;

	if (n == 0)
		return 0;
	if (slot != CK_UNAVAILABLE_INFORMATION)
		return (int64_t) channel->timeouts[slot < n ? slot : n - 1] * 1000;
	/* What is about no slot has the time of the slot that has most. */
	for (size_t i = 0; i < n; i++) {
		if (channel->timeouts[i] == 0)
			return 0;
		longest = channel->timeouts[i] > longest ? channel->timeouts[i] : longest;
	}
	return longest * 1000;
}

/* Until the answer can be read. A backend that is stopped must keep neither C_Finalize nor those waiting who have given it up. */
static CK_RV
await_answer (CratonChannel *channel, uint32_t incarnation, int64_t timeout_ms)
{
	const CratonProcess process = { atomic_load (&channel->pid), atomic_load (&channel->started) };
	int slice_ms = timeout_ms != 0 && timeout_ms < CONVERSE_SLICE_MS ? (int) timeout_ms : CONVERSE_SLICE_MS;
	int64_t waited_ms = 0;

	while (timeout_ms == 0 || waited_ms < timeout_ms) {
		struct pollfd answer = { .fd = channel->fd, .events = POLLIN };
		int64_t before_ms = craton_restart_now_ms (), passed_ms;

		if (poll (&answer, 1, slice_ms) > 0)
			return CKR_OK;
		if (craton_instance_closing (channel->instance))
			return CKR_CRYPTOKI_NOT_INITIALIZED;
		if (atomic_load (&channel->incarnation) != incarnation || !fd_is_ours (channel) ||
		    craton_process_state (&process) == CRATON_PROCESS_GONE)
			return CKR_DEVICE_REMOVED;
		/* What this process was stopped itself does not count. */
		passed_ms = craton_restart_now_ms () - before_ms;
		waited_ms += passed_ms < 2 * CONVERSE_SLICE_MS ? passed_ms : 2 * CONVERSE_SLICE_MS;
	}
	return CKR_DEVICE_ERROR;
}

/* The answer to a question of @type that can be read. */
static CK_RV
receive_answer (CratonChannel *channel, uint32_t type, CratonControl *message, int *ret_fd)
{
	CK_RV rv = craton_control_receive (channel->fd, 0, message, ret_fd);

	if (rv == CKR_OK && (!craton_control_fits (message) || message->type != type)) {
		if (ret_fd != NULL && *ret_fd >= 0) {
			(void) close (*ret_fd);
			*ret_fd = -1;
		}
		if (message->magic == CRATON_CONTROL_MAGIC && message->type == type)
			craton_log ("craton: the backend speaks version %u (words of %u bytes), this program has loaded version %u (%u); "
			            "restart the program to load the installed version",
			            message->version, message->word_len, CRATON_WIRE_VERSION, (unsigned int) sizeof (CK_ULONG));
		rv = CKR_DEVICE_ERROR;
	}
	return rv;
}

/* A question and its answer, under the lock. @incarnation: of the channel when the question is put. */
static CK_RV
converse (CratonChannel *channel, uint32_t incarnation, int64_t timeout_ms, CratonControl *message, int *ret_fd)
{
	uint32_t type = message->type;
	CK_RV rv = fd_is_ours (channel) ? craton_control_send (channel->fd, message, -1) : CKR_DEVICE_REMOVED;

	if (rv == CKR_OK)
		rv = await_answer (channel, incarnation, timeout_ms);
	return rv == CKR_OK ? receive_answer (channel, type, message, ret_fd) : rv;
}

/* How far a start came. */
typedef enum {
	STAGE_NONE,  /* C_Finalize, or the first backend, came in between */
	STAGE_ASKED, /* somebody was to make a process */
	STAGE_MADE,  /* there was one */
} Stage;

/* The control socket of a backend for the n-th hosted module, from the first backend. */
static CK_RV
ask_for_host (CratonChannel *channel, Stage *ret_stage, int *ret_fd)
{
	CratonChannel *first = &channel->instance->channels[0];
	CratonProcess process;
	CratonControl message;
	uint32_t incarnation;
	CK_RV rv = craton_channel_start (first, &incarnation);

	if (rv != CKR_OK)
		return rv;
	craton_control_init (&message, CRATON_CONTROL_HOST);
	message.value = channel->index - 1;
	*ret_fd = -1;
	(void) pthread_mutex_lock (&first->lock);
	rv = CKR_DEVICE_REMOVED;
	if (atomic_load (&first->incarnation) == incarnation)
		rv = converse (first, incarnation, craton_channel_timeout_ms (first, CK_UNAVAILABLE_INFORMATION), &message, ret_fd);
	if (rv == CKR_OK && *ret_fd >= 0)
		note_spawner (first, *ret_fd);
	(void) pthread_mutex_unlock (&first->lock);
	/* It does not answer any more: whoever comes next starts another one. */
	if (rv == CKR_DEVICE_ERROR)
		craton_channel_kill (first, incarnation);
	if (rv != CKR_OK)
		return rv;
	*ret_stage = STAGE_ASKED;
	memcpy (channel->name, message.text, sizeof channel->name);
	rv = message.rv;
	/* Only to see whether it lives until it says hello: a number that somebody names is nothing to kill by. */
	process = craton_process_at (rv == CKR_OK ? (pid_t) message.value : 0);
	set_process (channel, &process);
	if (rv == CKR_OK && *ret_fd < 0)
		rv = CKR_DEVICE_ERROR;
	return rv;
}

/* Takes the socket of a new backend, and says hello. */
static CK_RV
greet (CratonChannel *channel, int fd)
{
	const int on = 1;
	CratonControl message;

	if (!adopt_fd (channel, fd))
		return CKR_HOST_MEMORY;
	/* A process id that a backend named could be anybody's: the kernel says whose hello it is. */
	(void) setsockopt (channel->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	message.value = channel->n_starts;
	return craton_control_send (channel->fd, &message, -1);
}

/* Its hello, which can be read. */
static CK_RV
receive_hello (CratonChannel *channel)
{
	CratonInstance *instance = channel->instance;
	CratonControl message;
	CK_RV rv = receive_answer (channel, CRATON_CONTROL_HELLO, &message, NULL);

	if (rv == CKR_OK)
		rv = message.rv;
	if (rv != CKR_OK)
		return rv;
	memcpy (channel->flat, message.flat, sizeof channel->flat);
	channel->n_flat = message.n_flat;
	memcpy (channel->timeouts, message.timeouts, sizeof channel->timeouts);
	channel->n_timeouts = message.n_timeouts;
	if (channel->index != 0) {
		const CratonProcess process = craton_process_at ((pid_t) message.sender);

		set_process (channel, &process);
		/* It is the first backend's child, and ours if that dies before it and we inherit orphans. */
		channel->child = process.pid != 0 && instance->channels[0].child;
	}
	if (channel->index == 0) {
		size_t n = message.value < CRATON_CHANNELS_MAX - 1 ? message.value : CRATON_CHANNELS_MAX - 1;

		/* A restarted backend may have read another configuration: modules are only ever added. */
		for (size_t i = atomic_load (&instance->n_channels); i < 1 + n; i++) {
			craton_channel_reset (&instance->channels[i], instance, (unsigned int) i);
			atomic_store (&instance->n_channels, i + 1);
		}
	}
	return CKR_OK;
}

static CK_RV
start_first (CratonChannel *channel, Stage *ret_stage)
{
	CratonSpawned backend;
	CratonProcess process;
	CK_RV rv = craton_spawn_backend (&backend);

	*ret_stage = rv == CKR_OK ? STAGE_MADE : STAGE_ASKED;
	if (rv != CKR_OK)
		return rv;
	process = craton_process_at (backend.pid);
	set_process (channel, &process);
	rv = greet (channel, backend.control_fd);
	if (rv == CKR_OK)
		rv = await_answer (channel, 0, CRATON_START_TIMEOUT_MS);
	if (rv == CKR_OK)
		rv = receive_hello (channel);
	if (rv != CKR_OK)
		close_fd (channel);
	/* Whatever does not say hello in time is ended. */
	if (rv != CKR_OK && backend.pidfd >= 0)
		(void) syscall (SYS_pidfd_send_signal, backend.pidfd, SIGKILL, NULL, 0);
	if (backend.pidfd >= 0)
		(void) close (backend.pidfd);
	adopt_child (channel, backend.pid);
	if (rv != CKR_OK)
		reap_child (channel);
	return rv;
}

/* Asks for a process, and says hello to it. */
static CK_RV
begin_host (CratonChannel *channel, Stage *ret_stage)
{
	int fd = -1;
	CK_RV rv = ask_for_host (channel, ret_stage, &fd);

	if (rv != CKR_OK) {
		if (fd >= 0)
			(void) close (fd);
		return rv;
	}
	*ret_stage = STAGE_MADE;
	channel->greeted_ms = craton_restart_now_ms ();
	rv = greet (channel, fd);
	channel->greeting = rv == CKR_OK;
	return rv;
}

/* One that does not say hello in time is ended by the end of its socket, which it watches while the module starts. Not to @wait:
 * CKR_PENDING as long as it may say hello. */
static CK_RV
start_host (CratonChannel *channel, bool wait, Stage *ret_stage)
{
	int64_t left_ms;
	CK_RV rv = CKR_OK;

	if (!channel->greeting)
		rv = begin_host (channel, ret_stage);
	*ret_stage = rv == CKR_OK ? STAGE_MADE : *ret_stage;
	left_ms = channel->greeted_ms + CRATON_START_TIMEOUT_MS - craton_restart_now_ms ();
	/* What has arrived counts, however late it is looked for. */
	if (rv == CKR_OK)
		rv = await_answer (channel, 0, wait && left_ms > 0 ? left_ms : 1);
	if (rv == CKR_DEVICE_ERROR && !wait && left_ms > 0)
		return CKR_PENDING;
	if (rv == CKR_OK)
		rv = receive_hello (channel);
	if (rv != CKR_OK)
		close_fd (channel);
	return rv;
}

static CK_RV
start_locked (CratonChannel *channel, bool wait)
{
	Stage stage = STAGE_NONE;
	CK_RV rv;

	if (!channel->greeting) {
		drop_locked (channel);
		await_empty (channel);
		if (!craton_restart_allowed (channel))
			return CKR_DEVICE_ERROR;
		set_process (channel, &(const CratonProcess) { 0 });
	}
	rv = channel->index == 0 ? start_first (channel, &stage) : start_host (channel, wait, &stage);
	if (rv == CKR_PENDING)
		return rv;
	channel->greeting = false;
	if (stage == STAGE_NONE || rv == CKR_CRYPTOKI_NOT_INITIALIZED)
		return rv;
	if (craton_restart_note (channel, rv) && stage == STAGE_MADE)
		craton_restart_tell (channel, rv);
	if (rv != CKR_OK)
		return rv;
	channel->n_starts++;
	if (++channel->last_incarnation == 0)
		channel->last_incarnation = 1;
	atomic_store (&channel->incarnation, channel->last_incarnation);
	return CKR_OK;
}

static CK_RV
start (CratonChannel *channel, bool wait, uint32_t *ret_incarnation)
{
	uint32_t incarnation = atomic_load (&channel->incarnation);
	CK_RV rv = CKR_OK;

	if (incarnation == 0 || !craton_channel_alive (channel, false)) {
		if (wait)
			(void) pthread_mutex_lock (&channel->lock);
		else if (pthread_mutex_trylock (&channel->lock) != 0)
			return CKR_PENDING;
		if (craton_instance_closing (channel->instance))
			rv = CKR_CRYPTOKI_NOT_INITIALIZED;
		else if (atomic_load (&channel->incarnation) == 0)
			rv = start_locked (channel, wait);
		incarnation = atomic_load (&channel->incarnation);
		(void) pthread_mutex_unlock (&channel->lock);
	}
	if (rv == CKR_OK && incarnation == 0)
		rv = CKR_DEVICE_REMOVED;
	if (rv == CKR_OK)
		*ret_incarnation = incarnation;
	return rv;
}

CK_RV
craton_channel_start (CratonChannel *channel, uint32_t *ret_incarnation)
{
	return start (channel, true, ret_incarnation);
}

CK_RV
craton_channel_try_start (CratonChannel *channel, uint32_t *ret_incarnation)
{
	return start (channel, false, ret_incarnation);
}

bool
craton_channel_alive (CratonChannel *channel, bool by_process)
{
	uint32_t incarnation = atomic_load (&channel->incarnation);
	CratonProcess process;
	char byte;
	bool gone = true;

	if (incarnation == 0)
		return false;
	/* A thread in a lane must not wait for the lock: its holder may wait for all lanes to be left. */
	if (pthread_mutex_trylock (&channel->lock) != 0)
		return true;
	if (atomic_load (&channel->incarnation) == incarnation && fd_is_ours (channel)) {
		ssize_t n = recv (channel->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);

		gone = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
		if (!gone && by_process && get_process (channel, incarnation, &process))
			gone = craton_process_state (&process) == CRATON_PROCESS_GONE;
	}
	if (gone && atomic_load (&channel->incarnation) == incarnation)
		drop_locked (channel);
	(void) pthread_mutex_unlock (&channel->lock);
	return !gone;
}

/* A lane that is free and large enough. */
static CratonLaneSlot *
find_free (CratonChannel *channel, size_t data_len)
{
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		CratonLaneSlot *slot = &channel->lanes[i];

		if (atomic_load_explicit (&slot->use, memory_order_relaxed) != CRATON_LANE_FREE || !take (slot, CRATON_LANE_FREE))
			continue;
		if (slot->lane.data_len >= data_len)
			return slot;
		atomic_store (&slot->use, CRATON_LANE_FREE);
	}
	return NULL;
}

/* A place for a new lane, under the lock: an empty one, or that of a free one that is too small. A free one that is large enough, if
 * there is one by now, is given as it is. */
static CratonLaneSlot *
find_place (CratonChannel *channel, size_t data_len)
{
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		if (take (&channel->lanes[i], CRATON_LANE_EMPTY))
			return &channel->lanes[i];
	}
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		CratonLaneSlot *slot = &channel->lanes[i];

		if (!take (slot, CRATON_LANE_FREE))
			continue;
		if (slot->lane.data_len < data_len) {
			craton_lane_submit (&slot->lane, CRATON_LANE_CLOSE, 0, 0);
			(void) atomic_fetch_add (&channel->n_calls, slot->lane.sequence);
			craton_lane_unmap (&slot->lane);
		}
		return slot;
	}
	return NULL;
}

/* Whether the lane's memory can reach us: if not, asking would cost the backend a lane that nobody maps. */
static bool
has_number_left (const CratonChannel *channel)
{
	int spare;

	if (!fd_is_ours (channel))
		return true;
	spare = fcntl (channel->fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
	if (spare >= 0)
		(void) close (spare);
	return spare >= 0;
}

static CK_RV
open_lane (CratonChannel *channel, uint32_t incarnation, size_t data_len, CratonLaneSlot *slot)
{
	int64_t timeout_ms = craton_channel_timeout_ms (channel, CK_UNAVAILABLE_INFORMATION);
	CratonControl message;
	int fd = -1;
	CK_RV rv;

	craton_control_init (&message, CRATON_CONTROL_LANE);
	message.value = data_len > CRATON_LANE_DATA ? data_len : CRATON_LANE_DATA;
	rv = has_number_left (channel) ? converse (channel, incarnation, timeout_ms, &message, &fd) : CKR_HOST_MEMORY;
	if (rv == CKR_OK)
		rv = message.rv;
	if (rv == CKR_OK)
		rv = fd < 0 ? CKR_DEVICE_ERROR : craton_lane_map (fd, &slot->lane);
	if (fd >= 0)
		(void) close (fd);
	if (rv == CKR_OK && slot->lane.data_len < data_len)
		rv = CKR_DEVICE_ERROR;
	if (rv != CKR_OK) {
		discard (channel, slot);
		return rv;
	}
	slot->lane.mark = craton_fork_mark ();
	slot->lane.generation = craton_fork_word ();
	return CKR_OK;
}

/* A new lane, CKR_OK with *@ret_slot NULL where all places are in use. A backend that fails here is of no more use. */
static CK_RV
add_lane (CratonChannel *channel, uint32_t incarnation, size_t data_len, CratonLaneSlot **ret_slot)
{
	CK_RV rv = CKR_DEVICE_REMOVED;
	bool drop = false;

	*ret_slot = NULL;
	(void) pthread_mutex_lock (&channel->lock);
	if (atomic_load (&channel->incarnation) == incarnation) {
		CratonLaneSlot *slot = find_place (channel, data_len);

		rv = slot == NULL || slot->lane.header != NULL ? CKR_OK : open_lane (channel, incarnation, data_len, slot);
		if (rv == CKR_OK)
			*ret_slot = slot;
		else if (rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR)
			drop = true;
	}
	(void) pthread_mutex_unlock (&channel->lock);
	if (drop)
		craton_channel_kill (channel, incarnation);
	return rv;
}

static bool
has_lane (const CratonChannel *channel)
{
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		uint32_t use = atomic_load_explicit (&channel->lanes[i].use, memory_order_relaxed);

		if (use == CRATON_LANE_FREE || use == CRATON_LANE_BUSY)
			return true;
	}
	return false;
}

CK_RV
craton_channel_take_lane (CratonChannel *channel, uint32_t incarnation, size_t data_len, CratonLaneSlot **ret_slot)
{
	CratonLaneSlot *slot;
	CK_RV rv;

	while ((slot = find_free (channel, data_len)) == NULL) {
		rv = add_lane (channel, incarnation, data_len, &slot);
		/* A host at its limit of descriptors waits for a lane that is there, if there is one: all are at least this large. */
		if (rv == CKR_HOST_MEMORY && data_len <= CRATON_LANE_DATA && has_lane (channel))
			rv = CKR_OK;
		if (rv != CKR_OK)
			return craton_instance_closing (channel->instance) ? CKR_CRYPTOKI_NOT_INITIALIZED : rv;
		if (slot != NULL)
			break;
		(void) craton_channel_unpark (channel);
		(void) nanosleep (&pause_100us, NULL);
	}
	if (atomic_load (&channel->incarnation) != incarnation) {
		craton_channel_give_lane (channel, slot);
		return craton_instance_closing (channel->instance) ? CKR_CRYPTOKI_NOT_INITIALIZED : CKR_DEVICE_REMOVED;
	}
	*ret_slot = slot;
	return CKR_OK;
}

void
craton_channel_give_lane (CratonChannel *channel, CratonLaneSlot *slot)
{
	atomic_store (&slot->use, CRATON_LANE_FREE);
	/* Whoever drops a backend passes over lanes in use: the last one out puts them away. */
	if (atomic_load (&channel->incarnation) == 0 && take (slot, CRATON_LANE_FREE))
		discard (channel, slot);
}

void
craton_channel_park_lane (CratonChannel *channel, CratonLaneSlot *slot, const CratonLaneCall *call, int64_t since_ms)
{
	slot->parked = *call;
	slot->parked_ms = since_ms;
	atomic_store (&slot->use, CRATON_LANE_PARKED);
	if (atomic_load (&channel->incarnation) == 0 && take (slot, CRATON_LANE_PARKED))
		discard (channel, slot);
}

int64_t
craton_channel_unpark (CratonChannel *channel)
{
	int64_t oldest_ms = 0;

	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		CratonLaneSlot *slot = &channel->lanes[i];

		if (atomic_load_explicit (&slot->use, memory_order_relaxed) != CRATON_LANE_PARKED || !take (slot, CRATON_LANE_PARKED))
			continue;
		if (slot->parked.call == CRATON_C_WaitForSlotEvent) {
			craton_channel_park_lane (channel, slot, &slot->parked, slot->parked_ms);
			continue;
		}
		if (craton_lane_await_reply (&slot->lane, 0, false, &slot->parked) == CRATON_LANE_READY) {
			craton_channel_give_lane (channel, slot);
			continue;
		}
		if (oldest_ms == 0 || slot->parked_ms < oldest_ms)
			oldest_ms = slot->parked_ms;
		craton_channel_park_lane (channel, slot, &slot->parked, slot->parked_ms);
	}
	return oldest_ms;
}
