/* SPDX-License-Identifier: BSD-3-Clause */
/* What late-sample.c has. */
#ifndef LATE_SAMPLE_H
#define LATE_SAMPLE_H

double late_sample_mix (long a, long b, long c, long d, long e, long f, long g, double p, double q, double r, double s, double t,
                        double u, double v, double w, double x);
double late_sample_sum (int n, ...);
int late_sample_opened (void);

#endif /* LATE_SAMPLE_H */
