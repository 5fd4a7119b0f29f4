/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * An instance: one C_Initialize state with its backends, slots and sessions. craton-pkcs11.so has one; a library that asks for its
 * own gets another. Everything is kept in place and never freed, so that a call that lost a race finds memory, not a hole.
 *
 *   call.c     craton_call(): from a function's arguments to its result
 *   router.c   slots, sessions, and the functions that are about them
 *   channel.c  a backend: its start, its lanes, its death
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
#include "lane.h"
#include "pkcs11.h"

/* Slots of all backends together, and sessions open at once. */
#define CRATON_SLOTS_MAX 1024
#define CRATON_SESSION_INDEX_BITS 16
#define CRATON_SESSIONS_MAX (1u << CRATON_SESSION_INDEX_BITS)
#define CRATON_SESSION_CHUNK 256u

/* How long a starting backend may take to say hello: a hosted module's C_Initialize is in it. */
#define CRATON_START_TIMEOUT_MS 10000

typedef enum {
	CRATON_LANE_EMPTY,
	CRATON_LANE_FREE,
	CRATON_LANE_BUSY,
} CratonLaneUse;

typedef struct {
	_Atomic uint32_t use; /* CratonLaneUse; whoever made it BUSY owns lane */
	CratonLane lane;
} CratonLaneSlot;

/* A backend process, or the place of one that died. */
typedef struct {
	CratonInstance *instance;
	unsigned int index;           /* in instance->channels; 0 is the first backend, n + 1 hosts the n-th module */
	pthread_mutex_t lock;         /* one conversation on the control socket at a time */
	_Atomic uint32_t incarnation; /* of the live backend; 0 while there is none. Sessions remember it. */
	uint32_t last_incarnation;
	unsigned int n_failures;      /* starts in a row that failed, the code of the last, and when to try again */
	CK_RV failure;
	int64_t retry_ms;
	int fd;                       /* control socket, -1 for none */
	dev_t fd_dev;                 /* the host may have closed it and given the number to a file of its own */
	ino_t fd_ino;
	pid_t child;                  /* the backend, where it is or may become our child: we are an init or subreaper; else 0 */
	uint64_t flat[CRATON_FLAT_MAX];
	size_t n_flat;
	char name[CRATON_CONTROL_TEXT];
	CratonLaneSlot lanes[CRATON_LANES_MAX];
} CratonChannel;

typedef struct {
	CratonChannel *channel;
	CK_SLOT_ID remote;
} CratonSlot;

typedef struct {
	_Atomic CK_SESSION_HANDLE handle; /* 0 while the entry is free */
	_Atomic CK_SESSION_HANDLE remote;
	CratonChannel *_Atomic channel;
	_Atomic uint32_t incarnation;
	_Atomic CK_SLOT_ID slot;
	uint32_t next_free;               /* index + 1, 0 for none */
} CratonSessionEntry;

struct CratonInstance {
	_Atomic uint64_t state; /* fork mark and phase: call.c */
	bool bound;             /* of craton_instance_new(), not the module's */
	_Atomic uint64_t told;  /* the process that has logged its first refusal */
	pthread_mutex_t lock;   /* slots, sessions, number of channels */
	_Atomic size_t n_channels;
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
 * Returns: CKR_OK; CKR_CRYPTOKI_NOT_INITIALIZED during C_Finalize; CKR_HOST_MEMORY; CKR_GENERAL_ERROR if it cannot be started;
 *   CKR_DEVICE_REMOVED if it died at once; CKR_DEVICE_ERROR if it speaks another version or takes too long; what the
 *   module's C_Initialize said. All logged.
 */
CK_RV craton_channel_start (CratonChannel *channel, uint32_t *ret_incarnation);

/* Takes a lane of at least @data_len bytes, opening one if there is none. CKR_OK; CKR_DEVICE_REMOVED if that backend is gone;
 * CKR_CRYPTOKI_NOT_INITIALIZED; CKR_HOST_MEMORY; CKR_DEVICE_ERROR. */
CK_RV craton_channel_take_lane (CratonChannel *channel, uint32_t incarnation, size_t data_len, CratonLaneSlot **ret_slot);
void craton_channel_give_lane (CratonChannel *channel, CratonLaneSlot *slot);

/* Looks whether the backend is alive; if not, marks it dead. */
bool craton_channel_alive (CratonChannel *channel);

/* Gives the backend of @incarnation up: its calls fail, its sessions are lost, the next start makes a new one. Can be called by
 * a thread that is in a lane. */
void craton_channel_drop (CratonChannel *channel, uint32_t incarnation);

/* C_Finalize: drops the backend and waits until no thread is in a lane. */
void craton_channel_close (CratonChannel *channel);

/* C_Initialize: makes the channel new. What a fork copied is closed or forgotten, never used. */
void craton_channel_reset (CratonChannel *channel, CratonInstance *instance, unsigned int index);

/* call.c: one call to one backend; slot numbers and session handles in @args are the backend's. */
CK_RV craton_call_channel (CratonChannel *channel, uint32_t incarnation, CratonCallId call, const CK_ULONG *args);

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
