/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * libcraton: has this process been forked? For libraries that hold state which a fork breaks: PKCS#11 sessions, locks, sockets,
 * random numbers. One copy per process, shared with craton-pkcs11.so, usable with or without it.
 *
 * All functions here are async-signal-safe and lock-free, take a few nanoseconds, and can be called from any thread, before
 * C_Initialize, and in a child of fork. They see fork, _Fork, clone and nested pid namespaces. They do not see vfork or
 * posix_spawn, whose children share the parent's memory and may only call exec or _exit (POSIX).
 */
#ifndef CRATON_H
#define CRATON_H

#include <stdint.h>

#if defined(__cplusplus)
extern "C" {
#endif

/**
 * craton_check_fork:
 *
 * Whether this process is a fork of the one in which craton-pkcs11.so was initialised, so that C_Initialize is due: until then each
 * of the module's functions answers CKR_CRYPTOKI_NOT_INITIALIZED.
 *
 * Returns: 1 if so; 0 if not, or if the module was never initialised, or was finalised.
 */
int craton_check_fork (void);

/**
 * craton_fork_mark:
 *
 * A mark of this process, to be kept with the state that it is about and given to craton_check_fork_since() before that
 * state is used.
 *
 * Returns: the mark, never 0; the same for all callers in a process.
 */
uint64_t craton_fork_mark (void);

/**
 * craton_check_fork_since:
 * @mark: from craton_fork_mark()
 *
 * Returns: 0 if this is the process in which @mark was taken; 1 if it is a fork of it, at whatever distance, or if @mark is 0,
 *   which no process has.
 */
int craton_check_fork_since (uint64_t mark);

/*
 * Instances: for a library that shares its process with other users of PKCS#11. Its C_Initialize, C_Finalize, sessions and
 * backends are its own: nobody else can finalise them, and after a fork it re-initialises when it likes.
 */
typedef struct CratonInstance CratonInstance;
struct ck_function_list_3_2; /* of a PKCS#11 3.2 header; it begins like CK_FUNCTION_LIST and CK_FUNCTION_LIST_3_0 */

/**
 * craton_instance_new:
 * @ret_instance: to be freed with craton_instance_free()
 * @ret_functions: the instance's functions, not yet initialised; owned by the instance. C_GetInterfaceList and C_GetInterface
 *   answer CKR_FUNCTION_NOT_SUPPORTED: there is one list.
 *
 * Returns: 0; ENOMEM; ENOTSUP where libffi can make no closures (neither static trampolines nor executable memory are
 *   allowed, as under some SELinux policies): use craton-pkcs11.so itself there.
 */
int craton_instance_new (CratonInstance **ret_instance, struct ck_function_list_3_2 **ret_functions);

/* As craton_check_fork(), for this instance. */
int craton_instance_check_fork (CratonInstance *instance);

/* Finalises the instance if need be and frees it; no other thread may be in one of its functions, and none may be called
 * afterwards. In a forked child only the child's copy goes. NULL is accepted. */
void craton_instance_free (CratonInstance *instance);

#if defined(__cplusplus)
}
#endif

#endif /* CRATON_H */
