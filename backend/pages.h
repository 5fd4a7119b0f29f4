/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Large pages for what libcrypto needs much of. A PIN's scrypt fills 16 MiB once: page by page that is 4,096 faults, which cost more than
 * the computation where the kernel is itself a guest that another one emulates page tables for (docs/performance.md). Called by main.c.
 */
#ifndef CRATON_PAGES_H
#define CRATON_PAGES_H

#include <stddef.h>

/* CRYPTO_set_mem_functions() of libcrypto. */
typedef int (*CratonPagesSet) (void *(*take) (size_t len, const char *file, int line),
                               void *(*change) (void *memory, size_t len, const char *file, int line),
                               void (*give) (void *memory, const char *file, int line));

/* From here on libcrypto's memory comes from here. Has to be called before libcrypto has had any; later it does nothing. */
void craton_pages_init (CratonPagesSet set);

#endif /* CRATON_PAGES_H */
