/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * In place of late.c where all libraries are linked as usual: static builds, sanitizers, processors that gen-late.py has no jumps for.
 */
#include "config.h"

#include "late.h"

#include <openssl/crypto.h>

void
craton_late_crypto (void (*prepare) (const CratonLateCrypto *crypto))
{
	prepare (&(CratonLateCrypto) { CRYPTO_secure_malloc_init, CRYPTO_set_mem_functions });
}
