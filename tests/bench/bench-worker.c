/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * bench-worker SUBJECT [ARGUMENT]: opens it, prints "ready" and the process id of who does half of the work, and then answers lines
 *
 *   OP SIZE THREADS MILLISECONDS      with      COUNT P50 P99 MEAN RATE      nanoseconds, and calls a second of all threads
 *                                     or with   refused 0xCKR                or   none: this subject has no such op
 *
 * Every run is timed by itself. Zero milliseconds are one run. Started by bench.py.
 */
#include "config.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"

#define SAMPLES_MAX ((size_t) 1 << 18)
#define THREADS_MAX 8

typedef struct {
	const BenchOp *op;
	size_t size;
	int64_t duration_ns;
	BenchThread thread;
	uint32_t *samples;
	size_t n_samples;
	size_t n_runs;
	CK_RV rv;
} Job;

static const BenchSubject *subject;
static pthread_barrier_t barrier;
static Job jobs[THREADS_MAX];

void
bench_pause_us (long us)
{
	struct timespec pause = { us / 1000000, us % 1000000 * 1000 };

	while (nanosleep (&pause, &pause) != 0 && errno == EINTR)
		continue;
}

static int64_t
now_ns (void)
{
	struct timespec now;

	(void) clock_gettime (CLOCK_MONOTONIC, &now);
	return (int64_t) now.tv_sec * 1000000000 + now.tv_nsec;
}

static void
keep (Job *job, int64_t ns)
{
	if (job->n_samples < SAMPLES_MAX)
		job->samples[job->n_samples++] = (uint32_t) (ns < UINT32_MAX ? ns : UINT32_MAX);
	job->n_runs++;
}

static void
measure (Job *job)
{
	const BenchOp *op = job->op;
	int64_t end = now_ns () + job->duration_ns, start, stop;

	do {
		if (op->before != NULL && (job->rv = op->before (&job->thread, job->size)) != CKR_OK)
			return;
		start = now_ns ();
		job->rv = op->run (&job->thread, job->size);
		stop = now_ns ();
		if (job->rv != CKR_OK)
			return;
		keep (job, stop - start);
	} while (stop < end);
}

static void *
work (void *data)
{
	Job *job = data;

	(void) pthread_barrier_wait (&barrier);
	measure (job);
	return NULL;
}

static int
compare (const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

	return x < y ? -1 : x > y;
}

/* All threads' samples together. */
static void
report (int n_threads, int64_t elapsed_ns)
{
	static uint32_t all[THREADS_MAX * SAMPLES_MAX];
	size_t n = 0, runs = 0;
	double sum = 0;

	for (int i = 0; i < n_threads; i++) {
		memcpy (all + n, jobs[i].samples, jobs[i].n_samples * sizeof *all);
		n += jobs[i].n_samples;
		runs += jobs[i].n_runs;
	}
	for (size_t i = 0; i < n; i++)
		sum += all[i];
	qsort (all, n, sizeof *all, compare);
	printf ("%zu %u %u %.0f %.0f\n", runs, all[n / 2], all[n - 1 - n / 100], sum / (double) n,
	        (double) runs * 1e9 / (double) elapsed_ns);
}

static CK_RV
run_jobs (int n_threads)
{
	pthread_t threads[THREADS_MAX];
	int64_t start;

	(void) pthread_barrier_init (&barrier, NULL, (unsigned int) n_threads + 1);
	for (int i = 0; i < n_threads; i++) {
		if (pthread_create (&threads[i], NULL, work, &jobs[i]) != 0)
			exit (1);
	}
	(void) pthread_barrier_wait (&barrier);
	start = now_ns ();
	for (int i = 0; i < n_threads; i++)
		(void) pthread_join (threads[i], NULL);
	for (int i = 0; i < n_threads; i++) {
		if (jobs[i].rv != CKR_OK)
			return jobs[i].rv;
	}
	report (n_threads, now_ns () - start);
	return CKR_OK;
}

static CK_RV
prepare (Job *job, const BenchOp *op, size_t size, int ms)
{
	CK_RV rv = CKR_OK;

	if (job->samples == NULL) {
		job->samples = malloc (SAMPLES_MAX * sizeof *job->samples);
		job->thread.in = calloc (1, BENCH_BUFFER_MAX + 64);
		job->thread.out = calloc (1, BENCH_BUFFER_MAX + 64);
		if (job->samples == NULL || job->thread.in == NULL || job->thread.out == NULL)
			exit (1);
		rv = subject->thread_init (&job->thread);
	}
	job->op = op;
	job->size = size;
	job->duration_ns = (int64_t) ms * 1000000;
	job->n_samples = job->n_runs = 0;
	job->rv = CKR_OK;
	if (rv == CKR_OK && op->first != NULL)
		rv = op->first (&job->thread, size);
	return rv;
}

static CK_RV
batch (const BenchOp *op, size_t size, int n_threads, int ms)
{
	CK_RV rv = CKR_OK;

	for (int i = 0; rv == CKR_OK && i < n_threads; i++)
		rv = prepare (&jobs[i], op, size, ms);
	if (rv == CKR_OK && n_threads == 1) {
		int64_t start = now_ns ();

		/* In the thread that opened the module, as most programs do. */
		measure (&jobs[0]);
		rv = jobs[0].rv;
		if (rv == CKR_OK)
			report (1, now_ns () - start);
	} else if (rv == CKR_OK) {
		rv = run_jobs (n_threads);
	}
	for (int i = 0; op->last != NULL && i < n_threads; i++)
		(void) op->last (&jobs[i].thread, size);
	return rv;
}

static const BenchOp *
find (const char *name)
{
	for (const BenchOp *op = subject->ops; op->name != NULL; op++) {
		if (strcmp (op->name, name) == 0)
			return op;
	}
	return NULL;
}

static void
serve (void)
{
	char line[128], name[64];
	size_t size;
	int n_threads, ms;

	while (fgets (line, sizeof line, stdin) != NULL) {
		const BenchOp *op;
		CK_RV rv;

		if (sscanf (line, "%63s %zu %d %d", name, &size, &n_threads, &ms) != 4 || n_threads < 1 || n_threads > THREADS_MAX)
			exit (2);
		op = find (name);
		rv = op != NULL ? batch (op, size, n_threads, ms) : CKR_OK;
		if (op == NULL)
			printf ("none\n");
		else if (rv != CKR_OK)
			printf ("refused 0x%lx\n", rv);
		(void) fflush (stdout);
	}
	for (int i = 0; i < THREADS_MAX; i++) {
		if (jobs[i].samples != NULL)
			subject->thread_clear (&jobs[i].thread);
	}
}

int
main (int argc, char **argv)
{
	pid_t peer = 0;
	CK_RV rv;

	if (argc == 3 && strcmp (argv[1], "p11") == 0)
		subject = &bench_p11;
	else if (argc == 2 && strcmp (argv[1], "native") == 0)
		subject = &bench_native;
	else if (argc == 2 && strcmp (argv[1], "raw") == 0)
		subject = &bench_raw;
	if (subject == NULL) {
		fprintf (stderr, "Usage: bench-worker p11 MODULE | native | raw\n");
		return 2;
	}
	rv = subject->open (argv[2], &peer);
	if (rv != CKR_OK) {
		fprintf (stderr, "bench-worker %s: 0x%lx\n", argv[argc - 1], rv);
		return 1;
	}
	printf ("ready %ld\n", (long) peer);
	(void) fflush (stdout);
	serve ();
	return 0;
}
