/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An instance: one C_Initialize state with its backends, slots and sessions. craton-pkcs11.so has one; a library that asks for its
 * own gets another. Everything is kept in place and never freed, so that a call that lost a race finds memory, not a hole.
 *
 *   call.c     craton_call(): from a function's arguments to its result
 *   router.c   sessions, and the functions that are about them and about slots
 *   slots.c    which slots there are
 *   channel.c  a backend: its start, its lanes, its death
 *   restart.c  when a backend that died may be started again
 */
#ifndef CRATON_INSTANCE_H
#define CRATON_INSTANCE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "calls.h"
#include "control.h"
#include "craton.h"
#include "kinds.h"
#include "lane.h"
#include "pkcs11.h"

/* Slots of all backends together, and sessions open at once. */
#define CRATON_SLOTS_MAX 1024
#define CRATON_SESSION_INDEX_BITS 16
#define CRATON_SESSIONS_MAX (1u << CRATON_SESSION_INDEX_BITS)
#define CRATON_SESSION_CHUNK 256u

/* How long a starting backend may take to say hello: a hosted module's C_Initialize is in it. */
#define CRATON_START_TIMEOUT_MS 10000

/* How long C_Finalize waits for the backends that are its own process's children before it kills them. They take half a second to
 * their end at the most. */
#define CRATON_END_TIMEOUT_MS 800

typedef enum {
	CRATON_LANE_EMPTY,
	CRATON_LANE_FREE,
	CRATON_LANE_BUSY,
	CRATON_LANE_PARKED, /* its call is under way, and nobody waits for it any more */
} CratonLaneUse;

typedef struct {
	_Atomic uint32_t use; /* CratonLaneUse; whoever made it BUSY owns lane */
	CratonLane lane;
	CratonLaneCall parked; /* the call under way, and when it was made */
	int64_t parked_ms;
} CratonLaneSlot;

/* A backend process, or the place of one that died. */
typedef struct {
	CratonInstance *instance;
	unsigned int index;           /* in instance->channels; 0 is the first backend, n + 1 hosts the n-th module */
	pthread_mutex_t lock;         /* one conversation on the control socket at a time */
	_Atomic uint32_t incarnation; /* of the live backend; 0 while there is none. Sessions remember it. */
	uint32_t last_incarnation;
	uint64_t n_starts;            /* since C_Initialize, for the hello */
	unsigned int n_failures;      /* backends in a row that did not start, or died before they had done anything */
	int64_t retry_ms;             /* when the next may be started */
	bool greeting;                /* a host has been started, at that time, and has not said hello yet */
	int64_t greeted_ms;
	_Atomic bool listed;          /* its slots were heard of since C_Initialize */
	_Atomic bool missed;          /* since then they have been waited for in vain */
	CratonLaneSlot *_Atomic event; /* where it was asked for an event and has not answered; router.c */
	_Atomic uint32_t event_of;    /* which life of it */
	int64_t birth_ms;             /* of the newest backend; and the calls that it had, counted when its lanes are put away */
	int64_t death_ms;
	_Atomic uint64_t n_calls;
	_Atomic uint32_t n_logouts;   /* since C_Initialize */
	int fd;                       /* control socket, -1 for none */
	dev_t fd_dev;                 /* the host may have closed it and given the number to a file of its own */
	ino_t fd_ino;
	_Atomic pid_t pid;            /* the backend's process as process.h has it; another one only after incarnation has been 0 */
	_Atomic uint64_t started;
	bool child;                   /* it is or may become our child: we are an init or a subreaper */
	pid_t spawner;                /* likewise of what the first backend starts hosts with; else 0 */
	uint64_t flat[CRATON_FLAT_MAX];
	size_t n_flat;
	uint32_t timeouts[CRATON_TIMEOUTS_MAX]; /* seconds for a call to slot n of the backend; the last is that of all further slots */
	size_t n_timeouts;
	char name[CRATON_CONTROL_TEXT];
	CratonLaneSlot lanes[CRATON_LANES_MAX];
} CratonChannel;

typedef struct {
	CratonChannel *channel;
	CK_SLOT_ID remote;
	_Atomic uint32_t told; /* the incarnation that the application knows of, 0 if it knows that the token is gone: C_WaitForSlotEvent */
	_Atomic bool empty;    /* had no token when its backend was last asked for those that have */
} CratonSlot;

/* A session or a slot as its backend knows it. */
typedef struct {
	CratonChannel *channel;
	uint32_t incarnation;
	CK_SLOT_ID slot; /* the backend's number; CK_UNAVAILABLE_INFORMATION for a call that is about none */
	unsigned int result; /* of the session's C_SignInit: craton_mechs_result() */
} CratonTarget;

typedef struct {
	_Atomic CK_SESSION_HANDLE handle; /* 0 while the entry is free */
	_Atomic CK_SESSION_HANDLE remote;
	CratonChannel *_Atomic channel;
	_Atomic uint32_t incarnation;
	_Atomic CK_SLOT_ID slot;
	_Atomic unsigned int result;      /* what its C_Sign gives: craton_mechs_result() */
	_Atomic uint64_t length;          /* and how much: router.c, length_of(); 0 if that is not known */
	uint32_t next_free;               /* index + 1, 0 for none */
} CratonSessionEntry;

struct CratonInstance {
	_Atomic uint64_t state; /* fork mark and phase: call.c */
	bool bound;             /* of craton_instance_new(), not the module's */
	_Atomic uint64_t n_ends; /* calls of C_Finalize */
	_Atomic uint64_t told;  /* the process that has logged its first refusal */
	pthread_mutex_t lock;   /* slots, sessions, number of channels */
	_Atomic size_t n_channels; /* after C_Finalize: of which there was use. Those behind are not touched: each is some pages. */
	CratonChannel channels[CRATON_CHANNELS_MAX];
	_Atomic size_t n_slots;
	CratonSlot slots[CRATON_SLOTS_MAX];
	CratonSessionEntry *_Atomic sessions[CRATON_SESSIONS_MAX / CRATON_SESSION_CHUNK];
	uint32_t n_sessions;    /* entries that were ever used */
	uint32_t free_session;  /* index + 1 of the first free one among them, 0 for none */
	CK_SESSION_HANDLE serial;
};

/* The first call that a stub makes of it finds zeroed memory: nothing needs to be set up before. */

/**
 * craton_call:
 * @instance: zeroed static memory at first
 * @call: the function
 * @args: (array): its C arguments, each as a CK_ULONG
 *
 * All functions of PKCS#11 but C_GetFunctionList, C_GetInterface and C_GetInterfaceList, which need no instance. Thread-safe; leaves errno
 * alone.
 *
 * Returns: what the function returns; CKR_CRYPTOKI_NOT_INITIALIZED before C_Initialize and in a forked child;
 *   CKR_DEVICE_REMOVED if the backend died during the call, which is never repeated; CKR_DEVICE_ERROR if it answered nonsense;
 *   CKR_HOST_MEMORY if a lane for the call cannot be had.
 */
CK_RV craton_call (CratonInstance *instance, CratonCallId call, const CK_ULONG *args);

/* Whether C_Initialize is done, in this process, and C_Finalize has not begun. A refusal in a forked child is logged once, naming
 * @call. */
bool craton_instance_ready (CratonInstance *instance, CratonCallId call);

/* Whether this process is a fork of the one in which the instance was initialised. */
bool craton_instance_forked (CratonInstance *instance);

/* Whether C_Finalize has begun or the process is another one: a waiting thread gives up. */
bool craton_instance_closing (CratonInstance *instance);

/* channel.c */

/**
 * craton_channel_start:
 * @ret_incarnation: of the live backend
 *
 * Makes sure that the channel has a backend: starts one if there is none or it died.
 *
 * Backends that die one after the other before they have done anything are started again more and more rarely: restart.c.
 *
 * Returns: CKR_OK; CKR_CRYPTOKI_NOT_INITIALIZED during C_Finalize; CKR_HOST_MEMORY; CKR_GENERAL_ERROR if it cannot be started;
 *   CKR_DEVICE_REMOVED if it died at once; CKR_DEVICE_ERROR if it speaks another version, takes too long, or is not to be started
 *   now; what the module's C_Initialize said. All logged.
 */
CK_RV craton_channel_start (CratonChannel *channel, uint32_t *ret_incarnation);

/* The same of a backend that somebody can do without: CKR_PENDING, after a millisecond or so, if another thread is in a conversation with
 * it, or it has been started and does not say hello yet, because its module takes its time. Whoever asks next goes on with that start. */
CK_RV craton_channel_try_start (CratonChannel *channel, uint32_t *ret_incarnation);

/* Takes a lane of at least @data_len bytes, opening one if there is none. CKR_OK; CKR_DEVICE_REMOVED if that backend is gone;
 * CKR_CRYPTOKI_NOT_INITIALIZED; CKR_HOST_MEMORY; CKR_DEVICE_ERROR. */
CK_RV craton_channel_take_lane (CratonChannel *channel, uint32_t incarnation, size_t data_len, CratonLaneSlot **ret_slot);
void craton_channel_give_lane (CratonChannel *channel, CratonLaneSlot *slot);

/* A lane whose call was made at @since_ms and may be answered one day: it is free again then, or when the backend is dropped. */
void craton_channel_park_lane (CratonChannel *channel, CratonLaneSlot *slot, const CratonLaneCall *call, int64_t since_ms);

/* Frees the parked lanes whose calls have been answered, but for questions for events, whose answers somebody comes for. Returns when the
 * oldest of the others was made, 0 if there is none. */
int64_t craton_channel_unpark (CratonChannel *channel);

/* Looks whether the backend is alive; if not, marks it dead. @by_process: not only whether its socket is open, which a process that
 * a hosted module forked may hold, but whether its process is there: takes some 20 us. */
bool craton_channel_alive (CratonChannel *channel, bool by_process);

/* Kills the backend of @incarnation: its calls fail, its sessions are lost, the next start makes a new one. Can be called by
 * a thread that is in a lane. */
void craton_channel_kill (CratonChannel *channel, uint32_t incarnation);

/* How long a call to slot @slot of the backend may take, in milliseconds; 0: for ever. */
int64_t craton_channel_timeout_ms (const CratonChannel *channel, CK_SLOT_ID slot);

/* C_Finalize: gives all backends up and waits until no thread is in a lane and none of them is our child. Takes no longer than
 * CRATON_END_TIMEOUT_MS and a moment. */
void craton_channel_close_all (CratonChannel *channels, size_t n);

/* restart.c, all under the channel's lock */

/* Whether a new backend may be started now. Looks first at how the last one ended. */
bool craton_restart_allowed (CratonChannel *channel);

/* What came of it. @rv: that of the start. A failure is logged by whoever calls if true is returned: the first one of a row is, and those
 * for want of memory or descriptors, which do not count. */
bool craton_restart_note (CratonChannel *channel, CK_RV rv);

void craton_restart_tell (const CratonChannel *channel, CK_RV rv);

/* Milliseconds of a clock that only goes forward. */
int64_t craton_restart_now_ms (void);

/* channel.c */

/* Makes the channel new: at C_Initialize those that were ever used and the first, the others when the first backend has told of
 * them. What a fork copied is closed or forgotten, never used. */
void craton_channel_reset (CratonChannel *channel, CratonInstance *instance, unsigned int index);

/* call.c: one call to one backend; slot numbers and session handles in @args are the backend's. */
CK_RV craton_call_target (const CratonTarget *target, CratonCallId call, const CK_ULONG *args);

/* The same. @ret_length: as CratonLaneCall has it. */
CK_RV craton_call_init (const CratonTarget *target, CratonCallId call, const CK_ULONG *args, uint64_t *ret_length);

/* A call that does not wait for its answer, so that several backends can be asked at once. */
typedef struct {
	CratonTarget target;
	const CratonCallRow *row;
	const CK_ULONG *args; /* the caller's */
	CratonLaneSlot *slot;
	CratonLane lane;      /* a copy, for a fork in the middle of the call */
	CratonLaneCall call;
	CratonWire wire;
	int64_t waited_ms, before_ms; /* how long it has been waited for, and until when */
} CratonUnderway;

/* Makes the call. CKR_OK: it is to be gone on with until it ends, or abandoned. @args stay the caller's as long. */
CK_RV craton_call_begin (CratonUnderway *underway, const CratonTarget *target, CratonCallId call, const CK_ULONG *args);

/* Waits @slice_ms at the most. CKR_PENDING, or the end of the call: what craton_call_target() returns. */
CK_RV craton_call_go_on (CratonUnderway *underway, int slice_ms);

/* Leaves it to itself: the backend works on. */
void craton_call_abandon (CratonUnderway *underway);

/* Goes on with a call without a result that was abandoned in @slot, in this life of its backend. False: another thread looks at it. */
bool craton_call_resume (CratonUnderway *underway, const CratonTarget *target, CratonLaneSlot *slot, const CK_ULONG *args);

/* Whether a call that is waited for by nobody has taken longer than its backend may; then that is killed. */
bool craton_call_overdue (CratonChannel *channel, uint32_t incarnation, int64_t since_ms);

/* slots.c */

/* Marks, by number, the slots that there are, or those with a token. CKR_OK; what C_GetSlotList may return. */
CK_RV craton_slots_gather (CratonInstance *instance, CK_BBOOL present, bool *seen);

/* Our number of a backend's slot; asks for its slots if it is none that was seen before. CK_UNAVAILABLE_INFORMATION. */
CK_SLOT_ID craton_slots_find (CratonInstance *instance, CratonChannel *channel, CK_SLOT_ID remote);

/* Whether nothing can be asked without waiting: the process is stopped, and no lane is free. */
bool craton_slots_out_of_reach (CratonChannel *channel);

/* Whether this process is a backend that hosts a module that has loaded us: then there are no slots. */
bool craton_slots_inside_backend (void);

/* router.c */

/* The function of a HAND row, or of C_GetInfo. */
CK_RV craton_router_call (CratonInstance *instance, CratonCallId call, const CK_ULONG *args);

/* A CALL row: finds the backend by the first argument, a session or a slot. */
CK_RV craton_router_forward (CratonInstance *instance, CratonCallId call, const CK_ULONG *args);

/* Forgets all slots and sessions. */
void craton_router_reset (CratonInstance *instance);

/* Frees the memory of the sessions; the instance is not used again. */
void craton_router_clear (CratonInstance *instance);

#endif /* CRATON_INSTANCE_H */
