/* SPDX-License-Identifier: BSD-3-Clause */
/* What late-calls.c has. */
#ifndef LATE_CALLS_H
#define LATE_CALLS_H

typedef int (*LateOpened) (void);

double late_calls_mix (long k);
double late_calls_sum (void);

/* The function itself, to be called through a pointer. */
LateOpened late_calls_opened (void);

#endif /* LATE_CALLS_H */
