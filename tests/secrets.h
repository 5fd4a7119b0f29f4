/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What test-secrets.c looks for, and where: the memory of this process and of those that it started, and files. What is looked for is kept
 * masked only, or it would be found here.
 */
#ifndef CRATON_TESTS_SECRETS_H
#define CRATON_TESTS_SECRETS_H

#include "guest.h"

#include <fcntl.h>
#include <sys/random.h>

#define MASK 0x5a
#define PIN_LEN 20
#define KEY_LEN 32
#define TEXT_LEN 4096

/* As many bytes in a row as are no accident. */
#define PIECE_LEN 16

typedef struct {
	const char *name;
	CK_ULONG len;
	CK_BYTE masked[TEXT_LEN];
} Secret;

static Secret pin = { "PIN", PIN_LEN, { 0 } };
static Secret so_pin = { "SO PIN", PIN_LEN, { 0 } };
static Secret key = { "key", KEY_LEN, { 0 } };
static Secret text = { "plaintext", TEXT_LEN, { 0 } };
static Secret new_pin = { "new PIN", PIN_LEN, { 0 } };
static Secret mac_key = { "HMAC key", KEY_LEN, { 0 } };
static Secret ec_key = { "EC private value", KEY_LEN, { 0 } };
/* What the token makes, and tells. */
static Secret exponent = { "RSA private exponent", 256, { 0 } };
static Secret prime = { "RSA prime", 128, { 0 } };
static Secret derived = { "derived key", KEY_LEN, { 0 } };
static Secret private_data = { "private data", TEXT_LEN, { 0 } };
static Secret *const secrets[] = { &pin,    &so_pin, &new_pin,  &text,  &key, &mac_key,
	                           &ec_key, &exponent, &prime, &derived, &private_data };
#define N_SECRETS (sizeof secrets / sizeof secrets[0])
#define FIRST_KEY 4 /* from here on they are objects, which a backend has while somebody is logged in */
#define N_PINS 3

static CK_BYTE plain[TEXT_LEN + 16]; /* of one secret, during one call; SoftHSM wants room for the padding */
static CK_BYTE window[1 << 20];

static inline CK_BYTE *
reveal (const Secret *secret)
{
	for (CK_ULONG i = 0; i < secret->len; i++)
		plain[i] = secret->masked[i] ^ MASK;
	return plain;
}

static inline void
hide (void)
{
	explicit_bzero (plain, sizeof plain);
}

static inline void
make_secrets (void)
{
	for (size_t i = 0; i < N_SECRETS; i++) {
		Secret *secret = secrets[i];

		for (CK_ULONG at = 0; at < secret->len; at += 256)
			ck_assert_int_gt (getrandom (secret->masked + at,
			                             secret->len - at < 256 ? secret->len - at : 256, 0),
			                  0);
		/* PINs are digits, which the mask keeps apart from everything that is printed. */
		for (CK_ULONG at = 0; i < N_PINS && at < secret->len; at++)
			secret->masked[at] = (CK_BYTE) ('0' + secret->masked[at] % 10) ^ MASK;
	}
	/* Less than the curve's order. */
	ec_key.masked[0] = 0x11 ^ MASK;
}

/* A piece of the secret: its beginning, middle or end. */
static inline bool
has_piece (const CK_BYTE *at, const Secret *secret)
{
	const CK_ULONG starts[] = { 0, secret->len / 2 - PIECE_LEN / 2, secret->len - PIECE_LEN };

	for (size_t i = 0; i < 3; i++) {
		CK_ULONG n = 0;

		while (n < PIECE_LEN && (at[n] ^ MASK) == secret->masked[starts[i] + n])
			n++;
		if (n == PIECE_LEN)
			return true;
		/* Large numbers are kept with the lowest byte first. */
		for (n = 0; n < PIECE_LEN && (at[n] ^ MASK) == secret->masked[starts[i] + PIECE_LEN - 1 - n];)
			n++;
		if (n == PIECE_LEN)
			return true;
	}
	return false;
}

/* The pairs of bytes that a piece can begin with: nearly all places are looked at no longer. */
static inline void
note_beginnings (bool *ret_begins, size_t n)
{
	memset (ret_begins, 0, 1 << 16);
	for (size_t i = 0; i < n; i++) {
		const Secret *secret = secrets[i];
		const CK_ULONG starts[] = { 0, secret->len / 2 - PIECE_LEN / 2, secret->len - PIECE_LEN };

		for (size_t k = 0; k < 3; k++) {
			const CK_BYTE *first = secret->masked + starts[k], *last = first + PIECE_LEN - 1;

			ret_begins[(first[0] ^ MASK) << 8 | (first[1] ^ MASK)] = true;
			ret_begins[(last[0] ^ MASK) << 8 | (last[-1] ^ MASK)] = true;
		}
	}
}

/* The first secret in @len bytes of the window, or NULL. */
static inline const char *
search_window (size_t len, bool with_key)
{
	static bool begins[1 << 16];

	for (size_t at = 0; at + PIECE_LEN <= len; at++) {
		if (at == 0)
			note_beginnings (begins, with_key ? N_SECRETS : FIRST_KEY);
		if (!begins[window[at] << 8 | window[at + 1]])
			continue;
		for (size_t i = 0; i < (with_key ? N_SECRETS : FIRST_KEY); i++) {
			if (has_piece (window + at, secrets[i]))
				return secrets[i]->name;
		}
	}
	return NULL;
}

/* All of a file from @from to @to, in windows that overlap. */
static inline const char *
search_range (int fd, uintptr_t from, uintptr_t to, bool with_key)
{
	while (from < to) {
		size_t wanted = to - from < sizeof window ? to - from : sizeof window;
		ssize_t len = pread (fd, window, wanted, (off_t) from);
		const char *found = len > 0 ? search_window ((size_t) len, with_key) : NULL;

		if (found != NULL || len <= PIECE_LEN || (size_t) len < sizeof window)
			return found;
		from += (size_t) len - PIECE_LEN;
	}
	return NULL;
}

/* What a process can write to: nobody else's files are looked through. Of that what has @name. NULL if no secret is there. */
static inline const char *
search_maps (pid_t pid, const char *name, bool with_key)
{
	char path[64], line[512];
	const char *found = NULL;
	FILE *maps;
	int fd;

	(void) snprintf (path, sizeof path, "/proc/%d/mem", (int) pid);
	fd = open (path, O_RDONLY | O_CLOEXEC);
	(void) snprintf (path, sizeof path, "/proc/%d/maps", (int) pid);
	maps = fopen (path, "re");
	ck_assert (fd >= 0 && maps != NULL);
	while (found == NULL && fgets (line, sizeof line, maps) != NULL) {
		unsigned long from, to;
		char rights[5];

		if (sscanf (line, "%lx-%lx %4s", &from, &to, rights) != 3 || rights[1] != 'w' || strstr (line, name) == NULL)
			continue;
		/* The window itself, which is among what this process can write to, has what was read last. */
		if (pid == getpid () && from <= (uintptr_t) window && (uintptr_t) window < to) {
			found = search_range (fd, from, (uintptr_t) window, with_key);
			from = (uintptr_t) window + sizeof window;
		}
		if (found == NULL)
			found = search_range (fd, from, to, with_key);
	}
	(void) fclose (maps);
	(void) close (fd);
	return found;
}

static inline const char *
search_memory (pid_t pid, bool with_key)
{
	return search_maps (pid, "", with_key);
}

static inline void
expect_nowhere_here (void)
{
	const char *found = search_memory (getpid (), true);

	ck_assert_msg (found == NULL, "the %s is in the application", found);
}

static inline void
expect_nowhere_in (pid_t pid, const char *name, bool with_key)
{
	const char *found = search_memory (pid, with_key);

	ck_assert_msg (found == NULL, "the %s is in the %s", found, name);
}

/* Root alone may look into the backend, which is not dumpable. */
static inline void
expect_nowhere (bool with_key)
{
	expect_nowhere_here ();
	if (geteuid () == 0)
		expect_nowhere_in (guest_only_backend (), "backend", with_key);
}

static inline pid_t
parent_of (pid_t pid)
{
	char path[64], line[512] = "";
	FILE *file;
	int parent = 0;

	(void) snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
	file = fopen (path, "re");
	if (file != NULL && fgets (line, sizeof line, file) != NULL && strrchr (line, ')') != NULL)
		(void) sscanf (strrchr (line, ')'), ") %*c %d", &parent);
	if (file != NULL)
		(void) fclose (file);
	return (pid_t) parent;
}

/* The process of a hosted module: a child of what the backend has it started with. */
static inline pid_t
find_host (void)
{
	pid_t backend = guest_only_backend (), host = 0;
	DIR *folder = opendir ("/proc");
	struct dirent *entry;

	ck_assert_ptr_nonnull (folder);
	while (host == 0 && (entry = readdir (folder)) != NULL) {
		pid_t pid = (pid_t) atol (entry->d_name);

		if (pid > 0 && parent_of (parent_of (pid)) == backend)
			host = pid;
	}
	(void) closedir (folder);
	ck_assert_int_gt (host, 0);
	return host;
}

static inline void
expect_nowhere_with_host (void)
{
	expect_nowhere (true);
	if (geteuid () == 0)
		expect_nowhere_in (find_host (), "module's process", true);
}

#endif /* CRATON_TESTS_SECRETS_H */
