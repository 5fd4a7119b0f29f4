/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Memory for key values: locked, so that it is not written to swap, in no core file, between pages that nobody can touch, and wiped
 * when it is given back. libcrypto's secure heap, with ordinary wiped memory where that is not there or half full: the other
 * half is for the keys that libcrypto keeps there itself, and that it could not do without.
 */
#ifndef CRATON_SECRET_H
#define CRATON_SECRET_H

#include <glib.h>

/**
 * craton_secret_init:
 * @make: CRYPTO_secure_malloc_init () of libcrypto
 *
 * Makes the heap, as far as RLIMIT_MEMLOCK allows. Call once, before the first key is loaded.
 *
 * Returns: whether there is locked memory
 */
gboolean craton_secret_init (int (*make) (size_t len, size_t piece_len));

/* @len bytes, or NULL if there is no memory. */
gpointer craton_secret_alloc (gsize len);

/* Wipes @len bytes first. NULL is accepted. */
void craton_secret_free (gpointer secret, gsize len);

#endif /* CRATON_SECRET_H */
