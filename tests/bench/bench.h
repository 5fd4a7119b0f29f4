/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The harness: a worker measures one subject (a PKCS#11 module by path, the soft token in the worker's own process, libcrypto
 * without PKCS#11, or the bare round trip through shared memory) and is told by bench.py, batch by batch, what. Several workers
 * live at the same time, each asleep but one, so that their batches alternate and whatever else the machine does
 * is the same for all. Nothing here is trusted or defended against: it is a test.
 */
#ifndef CRATON_BENCH_H
#define CRATON_BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "pkcs11.h"

#define BENCH_BUFFER_MAX ((size_t) 16 << 20)
#define BENCH_GCM_TAG 16
#define BENCH_GCM_IV 12

/* What one thread of a worker works with. */
typedef struct {
	CK_SESSION_HANDLE session;
	void *state; /* the subject's */
	uint8_t *in, *out;
	uint8_t signature[512];
	CK_ULONG signature_len;
	uint8_t iv[BENCH_GCM_IV];
} BenchThread;

/* One thing to measure. @size: bytes, or how many of something. Returns a CK_RV; libcrypto's own failures are CKR_FUNCTION_FAILED. */
typedef struct {
	const char *name;
	CK_RV (*run) (BenchThread *thread, size_t size);
	CK_RV (*before) (BenchThread *thread, size_t size); /* before each run, untimed; or NULL */
	CK_RV (*first) (BenchThread *thread, size_t size);  /* once in a batch, untimed; or NULL */
	CK_RV (*last) (BenchThread *thread, size_t size);   /* once after a batch, untimed; or NULL */
} BenchOp;

typedef struct {
	const BenchOp *ops; /* the last has no name */
	/* @argument: a module's path, a store's folder. *@ret_peer: a process that does half the work, or 0. */
	CK_RV (*open) (const char *argument, pid_t *ret_peer);
	CK_RV (*thread_init) (BenchThread *thread);
	void (*thread_clear) (BenchThread *thread);
} BenchSubject;

extern const BenchSubject bench_p11, bench_native, bench_raw;

/* The function list of the module at a path or, in bench-direct, of the soft token with a store in that folder. NULL: said on
 * standard error. One file of two is linked in. */
CK_FUNCTION_LIST *bench_load (const char *path);

/* Sleeps, for the ops that come after a pause. */
void bench_pause_us (long us);

#endif /* CRATON_BENCH_H */
