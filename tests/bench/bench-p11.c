/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What is measured through PKCS#11, whatever the module. Keys that are not on the token are made at the start. For bench-worker.c.
 */
#include "config.h"

#include "bench-token.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define SESSIONS_MAX 10000
#define PARTS 16

static CK_FUNCTION_LIST *p11;
static CK_SLOT_ID slot;
static CK_SESSION_HANDLE own;
static CK_OBJECT_HANDLE keys[BENCH_PAIRS][2], token_keys[BENCH_PAIRS][2], aes;

static CK_SESSION_HANDLE more[SESSIONS_MAX];
static size_t n_more;
static uint32_t n_objects, next;

static _Atomic bool generating;
static pthread_t generator;

static CK_RV
make_aes (void)
{
	static const CK_BBOOL yes = CK_TRUE;
	static const CK_ULONG len = 32;
	CK_MECHANISM mechanism = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_ATTRIBUTE template[] = {
		{ CKA_VALUE_LEN, (void *) &len, sizeof len },
		{ CKA_ENCRYPT, (void *) &yes, sizeof yes },
		{ CKA_DECRYPT, (void *) &yes, sizeof yes },
	};

	return p11->C_GenerateKey (own, &mechanism, template, 3, &aes);
}

/* What a module does not have stays 0, and its ops are refused. */
static void
make_keys (void)
{
	for (int i = 0; i < BENCH_PAIRS; i++) {
		(void) bench_token_pair (p11, own, (BenchPair) i, false, true, &keys[i][0], &keys[i][1]);
		(void) bench_token_key (p11, own, (BenchPair) i, CKO_PUBLIC_KEY, &token_keys[i][0]);
		(void) bench_token_key (p11, own, (BenchPair) i, CKO_PRIVATE_KEY, &token_keys[i][1]);
	}
}

static CK_RV
open_module (const char *argument, pid_t *ret_peer)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv;

	*ret_peer = 0;
	p11 = bench_load (argument);
	rv = p11 == NULL ? CKR_GENERAL_ERROR : p11->C_Initialize (&args);
	if (rv == CKR_OK)
		rv = bench_token_find (p11, &slot);
	if (rv == CKR_OK)
		rv = bench_token_session (p11, slot, &own);
	if (rv == CKR_OK)
		rv = bench_token_login (p11, own);
	if (rv == CKR_OK)
		rv = make_aes ();
	if (rv == CKR_OK)
		make_keys ();
	return rv;
}

static CK_RV
thread_init (BenchThread *thread)
{
	return bench_token_session (p11, slot, &thread->session);
}

static void
thread_clear (BenchThread *thread)
{
	(void) p11->C_CloseSession (thread->session);
}

static CK_RV
info (BenchThread *thread, size_t size)
{
	CK_SESSION_INFO answer;

	(void) size;
	return p11->C_GetSessionInfo (thread->session, &answer);
}

/* @size: microseconds. */
static CK_RV
rest (BenchThread *thread, size_t size)
{
	(void) thread;
	bench_pause_us ((long) size);
	return CKR_OK;
}

static CK_RV
sign_with (BenchThread *thread, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, CK_ULONG len)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_RV rv = p11->C_SignInit (thread->session, &mechanism, key);

	thread->signature_len = sizeof thread->signature;
	return rv == CKR_OK ? p11->C_Sign (thread->session, thread->in, len, thread->signature, &thread->signature_len) : rv;
}

static CK_RV
verify_with (BenchThread *thread, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key, CK_ULONG len)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_RV rv = p11->C_VerifyInit (thread->session, &mechanism, key);

	return rv == CKR_OK ? p11->C_Verify (thread->session, thread->in, len, thread->signature, thread->signature_len) : rv;
}

/* One function for each row: what is signed with which of whose keys. */
#define SIGNS(name, type, key)                                                   \
	static CK_RV name##_sign (BenchThread *thread, size_t size)              \
	{                                                                        \
		return sign_with (thread, type, key[1], size);                   \
	}                                                                        \
	static CK_RV name##_verify (BenchThread *thread, size_t size)            \
	{                                                                        \
		return verify_with (thread, type, key[0], size);                 \
	}
SIGNS (ec, CKM_ECDSA, keys[BENCH_EC])
SIGNS (ec_token, CKM_ECDSA, token_keys[BENCH_EC])
SIGNS (rsa, CKM_RSA_PKCS, keys[BENCH_RSA])
SIGNS (rsa_token, CKM_RSA_PKCS, token_keys[BENCH_RSA])
SIGNS (ed, CKM_EDDSA, keys[BENCH_ED])

/* As most libraries sign: how long will it be, then again. */
static CK_RV
ec_sign_asking (BenchThread *thread, size_t size)
{
	CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
	CK_RV rv = p11->C_SignInit (thread->session, &mechanism, keys[BENCH_EC][1]);

	if (rv == CKR_OK)
		rv = p11->C_Sign (thread->session, thread->in, size, NULL, &thread->signature_len);
	return rv == CKR_OK ? p11->C_Sign (thread->session, thread->in, size, thread->signature, &thread->signature_len) : rv;
}

static CK_RV
gcm_begin (BenchThread *thread)
{
	CK_GCM_PARAMS params = { thread->iv, BENCH_GCM_IV, BENCH_GCM_IV * 8, NULL, 0, BENCH_GCM_TAG * 8 };
	CK_MECHANISM mechanism = { CKM_AES_GCM, &params, sizeof params };

	thread->iv[0]++;
	return p11->C_EncryptInit (thread->session, &mechanism, aes);
}

static CK_RV
gcm (BenchThread *thread, size_t size)
{
	CK_ULONG len = size + BENCH_GCM_TAG;
	CK_RV rv = gcm_begin (thread);

	return rv == CKR_OK ? p11->C_Encrypt (thread->session, thread->in, size, thread->out, &len) : rv;
}

static CK_RV
gcm_parts (BenchThread *thread, size_t size)
{
	CK_ULONG len;
	CK_RV rv = gcm_begin (thread);

	for (int i = 0; rv == CKR_OK && i < PARTS; i++) {
		len = size + BENCH_GCM_TAG;
		rv = p11->C_EncryptUpdate (thread->session, thread->in, size, thread->out, &len);
	}
	len = size + BENCH_GCM_TAG;
	return rv == CKR_OK ? p11->C_EncryptFinal (thread->session, thread->out, &len) : rv;
}

static CK_RV
digest (BenchThread *thread, size_t size, CK_ULONG room)
{
	CK_MECHANISM mechanism = { CKM_SHA256, NULL, 0 };
	CK_RV rv = p11->C_DigestInit (thread->session, &mechanism);

	return rv == CKR_OK ? p11->C_Digest (thread->session, thread->in, size, thread->out, &room) : rv;
}

static CK_RV
sha (BenchThread *thread, size_t size)
{
	return digest (thread, size, 32);
}

/* A result of 32 bytes, for which there is a room of @size. */
static CK_RV
sha_roomy (BenchThread *thread, size_t size)
{
	return digest (thread, 32, size);
}

static CK_RV
draw (BenchThread *thread, size_t size)
{
	return p11->C_GenerateRandom (thread->session, thread->out, size);
}

/* --- growth --- */

/* Until there are @size sessions beside the threads'. */
static CK_RV
add_sessions (BenchThread *thread, size_t size)
{
	CK_RV rv = CKR_OK;

	(void) thread;
	while (rv == CKR_OK && n_more < size && n_more < SESSIONS_MAX) {
		rv = bench_token_session (p11, slot, &more[n_more]);
		n_more += rv == CKR_OK;
	}
	return rv;
}

static CK_RV
close_sessions (BenchThread *thread, size_t size)
{
	(void) thread;
	(void) size;
	while (n_more > 0)
		(void) p11->C_CloseSession (more[--n_more]);
	return CKR_OK;
}

/* Each of those sessions has a digest under way. */
static CK_RV
add_operations (BenchThread *thread, size_t size)
{
	CK_MECHANISM mechanism = { CKM_SHA256, NULL, 0 };
	CK_RV rv = add_sessions (thread, size);

	for (size_t i = 0; rv == CKR_OK && i < n_more; i++) {
		rv = p11->C_DigestInit (more[i], &mechanism);
		if (rv == CKR_OPERATION_ACTIVE)
			rv = CKR_OK;
	}
	return rv;
}

/* Until there are @size objects beside the keys. */
static CK_RV
add_objects (BenchThread *thread, size_t size)
{
	CK_RV rv = CKR_OK;

	(void) thread;
	while (rv == CKR_OK && n_objects < size) {
		rv = bench_token_object (p11, own, n_objects, false);
		n_objects += rv == CKR_OK;
	}
	return rv;
}

static CK_RV
find_id (BenchThread *thread, size_t size)
{
	next = (next + 7919) % (uint32_t) size;
	return bench_token_look (p11, thread->session, next, true);
}

static CK_RV
find_label (BenchThread *thread, size_t size)
{
	next = (next + 7919) % (uint32_t) size;
	return bench_token_look (p11, thread->session, next, false);
}

/* --- while another thread generates keys --- */

static void *
generate (void *data)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE public, private;
	CK_RV rv = bench_token_session (p11, slot, &session);

	(void) data;
	while (rv == CKR_OK && atomic_load (&generating)) {
		rv = bench_token_pair (p11, session, BENCH_RSA, false, true, &public, &private);
		if (rv == CKR_OK)
			rv = p11->C_DestroyObject (session, public);
		if (rv == CKR_OK)
			rv = p11->C_DestroyObject (session, private);
	}
	(void) p11->C_CloseSession (session);
	return NULL;
}

static CK_RV
start_generator (BenchThread *thread, size_t size)
{
	(void) thread;
	(void) size;
	atomic_store (&generating, true);
	if (pthread_create (&generator, NULL, generate, NULL) != 0)
		return CKR_HOST_MEMORY;
	bench_pause_us (2000);
	return CKR_OK;
}

static CK_RV
stop_generator (BenchThread *thread, size_t size)
{
	(void) thread;
	(void) size;
	atomic_store (&generating, false);
	(void) pthread_join (generator, NULL);
	return CKR_OK;
}

static const BenchOp ops[] = {
	{ "info", info },
	{ "info-after", info, rest },
	{ "info-generating", info, NULL, start_generator, stop_generator },
	{ "ec-sign", ec_sign },
	{ "ec-sign-asking", ec_sign_asking },
	{ "ec-verify", ec_verify, NULL, ec_sign },
	{ "ec-token-sign", ec_token_sign },
	{ "ec-token-verify", ec_token_verify, NULL, ec_token_sign },
	{ "rsa-sign", rsa_sign },
	{ "rsa-verify", rsa_verify, NULL, rsa_sign },
	{ "rsa-token-sign", rsa_token_sign },
	{ "rsa-token-verify", rsa_token_verify, NULL, rsa_token_sign },
	{ "ed-sign", ed_sign },
	{ "ed-verify", ed_verify, NULL, ed_sign },
	{ "gcm", gcm },
	{ "gcm-parts", gcm_parts },
	{ "sha256", sha },
	{ "sha256-roomy", sha_roomy },
	{ "random", draw },
	{ "sessions", add_sessions },
	{ "operations", add_operations },
	{ "no-sessions", close_sessions },
	{ "objects", add_objects },
	{ "find-id", find_id },
	{ "find-label", find_label },
	{ NULL },
};

const BenchSubject bench_p11 = { ops, open_module, thread_init, thread_clear };
