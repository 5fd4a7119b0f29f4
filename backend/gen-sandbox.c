/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Run by the build: turns the system calls of conf/sandbox.def into seccomp filters, one for each profile, and prints them as a
 * header for sandbox.c. libseccomp knows the numbers and orders the tests; done here it costs a process that is started for each
 * client neither the time nor the memory (docs/security.md, What it costs).
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "profiles.h"

#define EQUAL SCMP_CMP_EQ
#define MASKED SCMP_CMP_MASKED_EQ
#define OWN_PID CRATON_SANDBOX_OWN_PID

/* The first system call that was added after this libseccomp's tables; numbers from here on are the same on all machines, and
 * the C library tries them before it does without. */
#define FIRST_UNKNOWN 449

typedef struct {
	const char *name;
	unsigned who;
	int gone;
	int conditional;
	struct scmp_arg_cmp condition;
} Row;

static const Row rows[] = {
#define CALL(name, who) { #name, who, 0, 0, { 0 } },
#define GONE(name, who) { #name, who, 1, 0, { 0 } },
/* libseccomp's MASKED_EQ takes mask and value, EQ the value first. */
#define WHEN(name, who, argument, test, mask, value)                                                 \
	{ #name, who, 0, 1,                                                                          \
	  { argument, test, test == MASKED ? (mask) : (value), test == MASKED ? (value) : 0 } },
#define READ(path, who)
#define WRITE(path, who)
#define LIMIT(resource, who, value)
#define VARIABLE(name)
#include "sandbox.def"
};

static int
add_rows (scmp_filter_ctx filter, unsigned profile)
{
	for (size_t i = 0; i < sizeof (rows) / sizeof (rows[0]); i++) {
		int number = seccomp_syscall_resolve_name (rows[i].name);
		uint32_t action = rows[i].gone ? SCMP_ACT_ERRNO (ENOSYS) : SCMP_ACT_ALLOW;
		int error;

		if (number == __NR_SCMP_ERROR) {
			fprintf (stderr, "sandbox.def: no such system call: %s\n", rows[i].name);
			return -1;
		}
		if ((rows[i].who & profile) == 0)
			continue;
		error = seccomp_rule_add_array (filter, action, number, (unsigned) rows[i].conditional,
		                                &rows[i].condition);
		if (error != 0) {
			fprintf (stderr, "sandbox.def: %s: %s\n", rows[i].name, strerror (-error));
			return -1;
		}
	}
	return 0;
}

/* Calls that are newer than the table: not there. */
static const struct sock_filter head[] = {
	BPF_STMT (BPF_LD | BPF_W | BPF_ABS, offsetof (struct seccomp_data, nr)),
	BPF_JUMP (BPF_JMP | BPF_JGE | BPF_K, FIRST_UNKNOWN, 0, 1),
	BPF_STMT (BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
};

static void
print (const struct sock_filter *steps, size_t n)
{
	for (size_t i = 0; i < n; i++)
		printf ("\t{ 0x%x, %u, %u, 0x%xu },\n", steps[i].code, steps[i].jt, steps[i].jf, steps[i].k);
}

static int
print_filter (const char *name, unsigned profile)
{
	static struct sock_filter steps[BPF_MAXINSNS];
	scmp_filter_ctx filter = seccomp_init (SCMP_ACT_ERRNO (EPERM));
	FILE *file = tmpfile ();
	size_t n;

	if (filter == NULL || file == NULL)
		return -1;
	/* A binary tree in place of a list: half the steps for a call late in the table. */
	(void) seccomp_attr_set (filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (add_rows (filter, profile) != 0 || seccomp_export_bpf (filter, fileno (file)) != 0)
		return -1;
	rewind (file);
	n = fread (steps, sizeof (steps[0]), BPF_MAXINSNS, file);
	if (n == 0 || n + sizeof (head) / sizeof (head[0]) > BPF_MAXINSNS)
		return -1;
	printf ("static const struct sock_filter filter_%s[] = {\n", name);
	print (head, sizeof (head) / sizeof (head[0]));
	print (steps, n);
	printf ("};\n\n");
	(void) fclose (file);
	seccomp_release (filter);
	return 0;
}

int
main (void)
{
	printf ("/* Made from conf/sandbox.def. */\n\n");
	if (print_filter ("token", TOKEN) != 0 || print_filter ("module", MODULE) != 0 ||
	    print_filter ("local", LOCAL) != 0 || print_filter ("network", NETWORK) != 0)
		return EXIT_FAILURE;
	return fflush (stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
