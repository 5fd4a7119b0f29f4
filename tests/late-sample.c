/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A library that test-late.c opens late: functions with more arguments than there are registers.
 */
#include "late-sample.h"

#include <stdarg.h>

static int opened;

__attribute__ ((constructor)) static void
note (void)
{
	opened = 1;
}

double
late_sample_mix (long a, long b, long c, long d, long e, long f, long g, double p, double q, double r, double s, double t, double u,
                 double v, double w, double x)
{
	return (double) (a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + 7 * g) + p + 2 * q + 3 * r + 4 * s + 5 * t + 6 * u + 7 * v + 8 * w +
	       9 * x;
}

double
late_sample_sum (int n, ...)
{
	va_list args;
	double sum = 0;

	va_start (args, n);
	for (int i = 0; i < n; i++)
		sum += va_arg (args, double);
	va_end (args);
	return sum;
}

int
late_sample_opened (void)
{
	return opened;
}
