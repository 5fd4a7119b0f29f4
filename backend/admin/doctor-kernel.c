/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * craton doctor, what Craton stands on: features of the kernel, each with what is missing without it, and libcrypto. Asks in ways that
 * change nothing. Called by doctor.c.
 */
#include "config.h"

#include "doctor.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>
#include <openssl/crypto.h>

#include "landlock.h"
#include "mech.h"
#include "peers.h"

#define LOCKED_WANTED ((rlim_t) 8 << 20)

static gboolean
is_fd (long fd)
{
	if (fd >= 0)
		(void) close ((int) fd);
	return fd >= 0;
}

static gboolean
has_memfd (void)
{
	return is_fd (memfd_create ("craton-doctor", MFD_CLOEXEC | MFD_ALLOW_SEALING));
}

static gboolean
has_pidfd (void)
{
	return is_fd (syscall (SYS_pidfd_open, getpid (), 0));
}

static gboolean
has_wipe_on_fork (void)
{
	gsize len = (gsize) sysconf (_SC_PAGESIZE);
	void *page = mmap (NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	gboolean has = page != MAP_FAILED && madvise (page, len, MADV_WIPEONFORK) == 0;

	if (page != MAP_FAILED)
		(void) munmap (page, len);
	return has;
}

static gboolean
has_futex (void)
{
	uint32_t word = 0;

	return syscall (SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0) == 0;
}

/* The kernel reads the filter from address 0, and cannot, if it has such filters. */
static gboolean
has_seccomp (void)
{
	return prctl (PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) == -1 && errno == EFAULT;
}

static gboolean
has_landlock (void)
{
	return craton_landlock_version () >= CRATON_LANDLOCK_WHOLE;
}

static gboolean
has_locked_memory (void)
{
	struct rlimit limit;

	return geteuid () == 0 || (getrlimit (RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur >= LOCKED_WANTED);
}

static gboolean
has_sandbox (void)
{
	return CRATON_HAS_SANDBOX;
}

static const struct {
	const char *name;
	gboolean (*has) (void);
	CratonDoctorState without;
	const char *todo;
} features[] = {
	{ "memfd_create", has_memfd, CRATON_DOCTOR_WRONG, N_ ("Craton needs Linux 3.17, and memfd_create let through by filters") },
	{ "futex", has_futex, CRATON_DOCTOR_WRONG, N_ ("let futex through the filter of system calls") },
	{ "pidfd", has_pidfd, CRATON_DOCTOR_WARNING,
	  N_ ("from Linux 5.3: without it a forked child can keep its parent's token process alive") },
	{ "MADV_WIPEONFORK", has_wipe_on_fork, CRATON_DOCTOR_WARNING,
	  N_ ("from Linux 4.14: without it forks by raw system calls are told by the process number alone") },
	{ "Landlock 3", has_landlock, CRATON_DOCTOR_WARNING,
	  N_ ("from Linux 6.2, with landlock among the kernel's security modules: without it the sandbox does not limit files, or not wholly") },
	{ "-Dsandbox=true", has_sandbox, CRATON_DOCTOR_WARNING,
	  N_ ("this build of Craton has no sandbox: build it with libseccomp") },
	{ "seccomp", has_seccomp, CRATON_DOCTOR_WARNING,
	  N_ ("switch on CONFIG_SECCOMP_FILTER: without it the sandbox does not limit system calls") },
	{ "RLIMIT_MEMLOCK 8 MiB", has_locked_memory, CRATON_DOCTOR_WARNING,
	  N_ ("raise the limit of locked memory to 8 MiB (limits.conf, LimitMEMLOCK=): without it keys may be written to swap") },
};

void
craton_doctor_kernel (CratonDoctor *doctor)
{
	g_autoptr (GString) there = g_string_new (NULL);

	for (gsize i = 0; i < G_N_ELEMENTS (features); i++) {
		if (features[i].has ())
			g_string_append_printf (there, "%s%s", there->len > 0 ? ", " : "", features[i].name);
		else
			craton_doctor_find (doctor, features[i].without, g_strdup_printf (_ ("missing: %s"), features[i].name),
			                    g_strdup (_ (features[i].todo)));
	}
	craton_doctor_find (doctor, CRATON_DOCTOR_OK, g_strdup (there->str), NULL);
}

void
craton_doctor_libcrypto (CratonDoctor *doctor)
{
	const CratonPeersRow *row;
	guint n = 0, n_off = 0;

	for (gsize i = 0; (row = craton_peers_nth (i)) != NULL; i++) {
		const CratonMech *mech = row->type != CK_UNAVAILABLE_INFORMATION ? craton_mech_row (row->type) : NULL;

		n += mech != NULL;
		n_off += mech != NULL && mech->available != NULL && !mech->available (mech);
	}
	if (OPENSSL_version_major () < 3)
		craton_doctor_find (doctor, CRATON_DOCTOR_WRONG, g_strdup (OpenSSL_version (OPENSSL_VERSION)),
		                    g_strdup (_ ("install OpenSSL 3")));
	else if (n_off > 0)
		craton_doctor_find (doctor, CRATON_DOCTOR_OK,
		                    g_strdup_printf (_ ("%s: it lacks %u of %u mechanisms; the post-quantum ones need 3.5 (\"craton mechanisms\" "
		                                        "lists them)"),
		                                     OpenSSL_version (OPENSSL_VERSION), n_off, n),
		                    NULL);
	else
		craton_doctor_find (doctor, CRATON_DOCTOR_OK,
		                    g_strdup_printf (_ ("%s: it has all %u mechanisms"), OpenSSL_version (OPENSSL_VERSION), n), NULL);
}
