/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What test-late.c calls late-sample.c with: gen-late.py looks at these calls.
 */
#include "late-calls.h"

#include "late-sample.h"

double
late_calls_mix (long k)
{
	return late_sample_mix (k, 2, 3, 4, 5, 6, 7, 1, 2, 3, 4, 5, 6, 7, 8, 9);
}

double
late_calls_sum (void)
{
	return late_sample_sum (3, 1.5, 2.5, 4.0);
}

LateOpened
late_calls_opened (void)
{
	return late_sample_opened;
}
