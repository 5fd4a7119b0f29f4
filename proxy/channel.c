/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A channel: one backend process, from its start to its death. The control socket is used under the lock; lanes are taken and given
 * back by one atomic word each. Nothing that the backend sends is trusted: lane.c and control.c check it.
 */
#include "config.h"

#include <errno.h>
#include <fcntl.h>
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
#include "names.h"
#include "spawn.h"

static const struct timespec pause_100us = { 0, 100000 };

/* A backend takes half a second to its end at the most. */
#define REAP_TRIES 6000

/* The pause after a failed start of a hosted module is doubled this often at the most. */
#define RETRY_DOUBLINGS 6

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

/* A backend's parent is init; in a process that is init or a subreaper itself, as in containers, that is us. Then its number is
 * not given to another process until we reap it. No pidfd is kept: the kernels before 6.9 give all pidfds one inode, so one that
 * the host had closed could not be told from what it put in its place. */
static void
adopt_child (CratonChannel *channel, pid_t pid)
{
	siginfo_t info;

	if (waitid (P_PID, (id_t) pid, &info, WEXITED | WNOHANG | WNOWAIT) == 0)
		channel->child = pid;
}

/* The backend is on its way out: its socket is closed. */
static void
reap_child (CratonChannel *channel)
{
	for (int i = 0; i < REAP_TRIES && channel->child != 0; i++) {
		siginfo_t info = { 0 };

		if (waitid (P_PID, (id_t) channel->child, &info, WEXITED | WNOHANG) != 0 || info.si_pid != 0)
			break;
		(void) nanosleep (&pause_100us, NULL);
	}
	channel->child = 0;
}

static bool
take (CratonLaneSlot *slot, uint32_t from)
{
	return atomic_compare_exchange_strong (&slot->use, &from, CRATON_LANE_BUSY);
}

static void
discard (CratonLaneSlot *slot)
{
	craton_lane_unmap (&slot->lane);
	atomic_store (&slot->use, CRATON_LANE_EMPTY);
}

/* Under the lock. Lanes that a thread is in are discarded by that thread, which we wake. */
static void
drop_locked (CratonChannel *channel)
{
	atomic_store (&channel->incarnation, 0);
	close_fd (channel);
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		if (take (&channel->lanes[i], CRATON_LANE_FREE))
			discard (&channel->lanes[i]);
	}
	reap_child (channel);
}

void
craton_channel_drop (CratonChannel *channel, uint32_t incarnation)
{
	(void) atomic_compare_exchange_strong (&channel->incarnation, &incarnation, 0);
	/* If somebody holds the lock, the next start or C_Finalize puts the rest away. */
	if (pthread_mutex_trylock (&channel->lock) != 0)
		return;
	if (atomic_load (&channel->incarnation) == 0)
		drop_locked (channel);
	(void) pthread_mutex_unlock (&channel->lock);
}

/* Until every thread has left its lane: each looks at the incarnation when it wakes, at the latest after a slice of its sleep. */
static void
await_empty (CratonChannel *channel)
{
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		while (atomic_load (&channel->lanes[i].use) != CRATON_LANE_EMPTY) {
			if (take (&channel->lanes[i], CRATON_LANE_FREE))
				discard (&channel->lanes[i]);
			else
				(void) nanosleep (&pause_100us, NULL);
		}
	}
}

void
craton_channel_close (CratonChannel *channel)
{
	(void) pthread_mutex_lock (&channel->lock);
	drop_locked (channel);
	(void) pthread_mutex_unlock (&channel->lock);
	await_empty (channel);
}

void
craton_channel_reset (CratonChannel *channel, CratonInstance *instance, unsigned int index)
{
	/* In a forked child the lanes are not mapped (MADV_DONTFORK), and the lock may have been copied while held. */
	if (channel->instance != NULL)
		close_fd (channel);
	channel->fd = -1;
	channel->child = 0;
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		channel->lanes[i].lane = (CratonLane) { 0 };
		atomic_store (&channel->lanes[i].use, CRATON_LANE_EMPTY);
	}
	channel->lock = (pthread_mutex_t) PTHREAD_MUTEX_INITIALIZER;
	channel->instance = instance;
	channel->index = index;
	channel->n_flat = 0;
	channel->n_failures = 0;
	channel->name[0] = '\0';
	atomic_store (&channel->incarnation, 0);
}

/* A question and its answer, under the lock. */
static CK_RV
converse (CratonChannel *channel, CratonControl *message, int *ret_fd)
{
	uint32_t type = message->type;
	CK_RV rv = fd_is_ours (channel) ? craton_control_send (channel->fd, message, -1) : CKR_DEVICE_REMOVED;

	if (rv == CKR_OK)
		rv = craton_control_receive (channel->fd, CRATON_START_TIMEOUT_MS, message, ret_fd);
	if (rv == CKR_OK && (!craton_control_fits (message) || message->type != type)) {
		if (ret_fd != NULL && *ret_fd >= 0)
			(void) close (*ret_fd);
		if (message->magic == CRATON_CONTROL_MAGIC && message->type == type)
			craton_log ("craton: the backend speaks version %u (words of %u bytes), this program has loaded version %u (%u); "
			            "restart the program to load the installed version",
			            message->version, message->word_len, CRATON_WIRE_VERSION, (unsigned int) sizeof (CK_ULONG));
		rv = CKR_DEVICE_ERROR;
	}
	return rv;
}

/* The control socket of a backend for the n-th hosted module, from the first backend. */
static CK_RV
ask_for_host (CratonChannel *channel, int *ret_fd)
{
	CratonChannel *first = &channel->instance->channels[0];
	CratonControl message;
	uint32_t incarnation;
	CK_RV rv = craton_channel_start (first, &incarnation);

	if (rv != CKR_OK)
		return rv;
	craton_control_init (&message, CRATON_CONTROL_HOST);
	message.value = channel->index - 1;
	*ret_fd = -1;
	(void) pthread_mutex_lock (&first->lock);
	rv = atomic_load (&first->incarnation) == incarnation ? converse (first, &message, ret_fd) : CKR_DEVICE_REMOVED;
	(void) pthread_mutex_unlock (&first->lock);
	if (rv == CKR_OK)
		rv = message.rv;
	if (rv == CKR_OK && *ret_fd < 0)
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK)
		memcpy (channel->name, message.text, sizeof channel->name);
	return rv;
}

static CK_RV
hello (CratonChannel *channel)
{
	CratonInstance *instance = channel->instance;
	const int on = 1;
	CratonControl message;
	CK_RV rv;

	/* A process id that a backend named could be anybody's: the kernel says whose hello it is. */
	(void) setsockopt (channel->fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on);
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	rv = converse (channel, &message, NULL);
	if (rv == CKR_OK)
		rv = message.rv;
	if (rv != CKR_OK)
		return rv;
	memcpy (channel->flat, message.flat, sizeof channel->flat);
	channel->n_flat = message.n_flat;
	/* The process of a hosted module is the first backend's child, and ours if that dies before it and we inherit orphans. */
	if (channel->index != 0 && instance->channels[0].child != 0)
		channel->child = (pid_t) message.sender;
	if (channel->index == 0) {
		size_t n = message.value < CRATON_CHANNELS_MAX - 1 ? message.value : CRATON_CHANNELS_MAX - 1;

		/* A restarted backend may have read another configuration: modules are only ever added. */
		if (1 + n > atomic_load (&instance->n_channels))
			atomic_store (&instance->n_channels, 1 + n);
	}
	return CKR_OK;
}

static CK_RV
greet (CratonChannel *channel, int fd)
{
	CK_RV rv = adopt_fd (channel, fd) ? hello (channel) : CKR_HOST_MEMORY;
	const char *name = craton_name (CRATON_NAME_CKR, rv);

	if (rv == CKR_OK)
		return rv;
	close_fd (channel);
	craton_log ("craton: %s%s did not start (%s%s); %s; a line of craton-backend before this one says more, if it could",
	            channel->index == 0 ? "the token process" : "module ", channel->name, name != NULL ? name : "unknown",
	            rv == CKR_DEVICE_REMOVED ? ": its process died" : "",
	            channel->index == 0 ? "reinstall craton" : "repair the module or take its group out of craton.conf");
	return rv;
}

static CK_RV
start_first (CratonChannel *channel)
{
	CratonSpawned backend;
	CK_RV rv = craton_spawn_backend (&backend);

	if (rv != CKR_OK)
		return rv;
	rv = greet (channel, backend.control_fd);
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

/* One that does not say hello in time is ended by the end of its socket, which it watches while the module starts. */
static CK_RV
start_host (CratonChannel *channel)
{
	int fd;
	CK_RV rv = ask_for_host (channel, &fd);

	return rv == CKR_OK ? greet (channel, fd) : rv;
}

static int64_t
now_ms (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A hosted module that cannot start would be tried, and logged, at each C_GetSlotList: it is left alone for a second, then two,
 * four ... The first backend is tried whenever the application asks, because the application is told. */
static CK_RV
note_start (CratonChannel *channel, CK_RV rv)
{
	unsigned int doublings = channel->n_failures < RETRY_DOUBLINGS ? channel->n_failures : RETRY_DOUBLINGS;

	if (rv == CKR_OK || channel->index == 0) {
		channel->n_failures = 0;
		return rv;
	}
	channel->n_failures++;
	channel->failure = rv;
	channel->retry_ms = now_ms () + (1000 << doublings);
	return rv;
}

static CK_RV
start_locked (CratonChannel *channel)
{
	CK_RV rv;

	if (channel->n_failures != 0 && now_ms () < channel->retry_ms)
		return channel->failure;
	drop_locked (channel);
	await_empty (channel);
	rv = channel->index == 0 ? start_first (channel) : start_host (channel);
	if (note_start (channel, rv) != CKR_OK)
		return rv;
	if (++channel->last_incarnation == 0)
		channel->last_incarnation = 1;
	atomic_store (&channel->incarnation, channel->last_incarnation);
	return CKR_OK;
}

CK_RV
craton_channel_start (CratonChannel *channel, uint32_t *ret_incarnation)
{
	uint32_t incarnation = atomic_load (&channel->incarnation);
	CK_RV rv = CKR_OK;

	if (incarnation == 0 || !craton_channel_alive (channel)) {
		(void) pthread_mutex_lock (&channel->lock);
		if (craton_instance_closing (channel->instance))
			rv = CKR_CRYPTOKI_NOT_INITIALIZED;
		else if (atomic_load (&channel->incarnation) == 0)
			rv = start_locked (channel);
		incarnation = atomic_load (&channel->incarnation);
		(void) pthread_mutex_unlock (&channel->lock);
	}
	if (rv == CKR_OK && incarnation == 0)
		rv = CKR_DEVICE_REMOVED;
	if (rv == CKR_OK)
		*ret_incarnation = incarnation;
	return rv;
}

bool
craton_channel_alive (CratonChannel *channel)
{
	uint32_t incarnation = atomic_load (&channel->incarnation);
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
open_lane (CratonChannel *channel, size_t data_len, CratonLaneSlot *slot)
{
	CratonControl message;
	int fd = -1;
	CK_RV rv;

	craton_control_init (&message, CRATON_CONTROL_LANE);
	message.value = data_len > CRATON_LANE_DATA ? data_len : CRATON_LANE_DATA;
	rv = has_number_left (channel) ? converse (channel, &message, &fd) : CKR_HOST_MEMORY;
	if (rv == CKR_OK)
		rv = message.rv;
	if (rv == CKR_OK)
		rv = fd < 0 ? CKR_DEVICE_ERROR : craton_lane_map (fd, &slot->lane);
	if (fd >= 0)
		(void) close (fd);
	if (rv == CKR_OK && slot->lane.data_len < data_len)
		rv = CKR_DEVICE_ERROR;
	if (rv != CKR_OK) {
		discard (slot);
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

	*ret_slot = NULL;
	(void) pthread_mutex_lock (&channel->lock);
	if (atomic_load (&channel->incarnation) == incarnation) {
		CratonLaneSlot *slot = find_place (channel, data_len);

		rv = slot == NULL || slot->lane.header != NULL ? CKR_OK : open_lane (channel, data_len, slot);
		if (rv == CKR_OK)
			*ret_slot = slot;
		else if (rv == CKR_DEVICE_REMOVED || rv == CKR_DEVICE_ERROR)
			drop_locked (channel);
	}
	(void) pthread_mutex_unlock (&channel->lock);
	return rv;
}

static bool
has_lane (const CratonChannel *channel)
{
	for (size_t i = 0; i < CRATON_LANES_MAX; i++) {
		if (atomic_load_explicit (&channel->lanes[i].use, memory_order_relaxed) != CRATON_LANE_EMPTY)
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
		discard (slot);
}
