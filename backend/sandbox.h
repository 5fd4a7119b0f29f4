/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the backend gives up before it reads the first byte from its client.
 */
#ifndef CRATON_SANDBOX_H
#define CRATON_SANDBOX_H

#include "pkcs11.h"

typedef enum {
	CRATON_SANDBOX_TOKEN = 1 << 0, /* the soft token: its store, no network */
	CRATON_SANDBOX_HOST = 1 << 1,  /* somebody else's module, which may need devices and sockets */
} CratonSandboxProfile;

/**
 * craton_sandbox_enter:
 * @profile: what this process is for
 *
 * Gives up what @profile does not need, for good. Call while the process has one thread, before the first byte from the
 * client is read.
 *
 * Returns: CKR_OK; CKR_FUNCTION_FAILED if the kernel refused a step (it is in the log): do not serve then.
 */
CK_RV craton_sandbox_enter (CratonSandboxProfile profile);

#endif /* CRATON_SANDBOX_H */
