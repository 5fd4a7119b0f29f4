/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Locked memory, see secret.h. Called by main.c (once), object.c and seal.c.
 */
#include "config.h"

#include "secret.h"

#include <openssl/crypto.h>
#include <sys/resource.h>

/* What Linux lets an ordinary process lock. Pages count against it at once, and are there only when they are used. */
#define HEAP_LEN ((gsize) 8 << 20)
#define PIECE_LEN 64

gboolean
craton_secret_init (int (*make) (size_t len, size_t piece_len))
{
	struct rlimit limit;

	if (getrlimit (RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		(void) setrlimit (RLIMIT_MEMLOCK, &limit);
	}
	/* A smaller one could be full of libcrypto's own keys before they are all loaded. 2: it is there, and not locked. */
	return make (HEAP_LEN, PIECE_LEN) == 1;
}

gpointer
craton_secret_alloc (gsize len)
{
	gpointer secret = NULL;

	if (CRYPTO_secure_malloc_initialized () && CRYPTO_secure_used () + len < HEAP_LEN / 2)
		secret = OPENSSL_secure_malloc (len);
	return secret != NULL ? secret : OPENSSL_malloc (len);
}

void
craton_secret_free (gpointer secret, gsize len)
{
	OPENSSL_secure_clear_free (secret, len);
}
