/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Opening libraries late, see late.h. gen-late.py makes the functions that are called in the libraries' place and the table of them.
 * Slots are written once, all of a library's at once, and are read-only from then on, as the loader's own would be. Called by those
 * functions, in any thread, and by main.c.
 */
#include "config.h"

#include "late.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

typedef struct {
	const char *name;  /* for the loader */
	const char *names; /* of its functions, one behind the other */
	void **slots;      /* on pages of their own */
	gsize n_slots;
	gboolean is_open;
} Library;

#include "late-libraries.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*prepare_crypto) (const CratonLateCrypto *crypto);

void craton_late_open (guint number);

/* As when the loader lacks a library at a program's start. */
static G_GNUC_NORETURN void
give_up (const Library *library)
{
	const char *reason = dlerror ();

	g_critical (_ ("%s: cannot be opened: %s: install it again"), library->name,
	            reason != NULL ? reason : "");
	_exit (EXIT_FAILURE);
}

static void *
find (const Library *library, void *handle, const char *name)
{
	void *function = dlsym (handle, name);

	if (function == NULL)
		give_up (library);
	return function;
}

static void
fill (Library *library, void *handle)
{
	const char *name = library->names;
	gsize page_len = (gsize) sysconf (_SC_PAGESIZE);
	gsize len = library->n_slots * sizeof (*library->slots);

	for (gsize i = 0; i < library->n_slots; i++) {
		g_atomic_pointer_set (&library->slots[i], find (library, handle, name));
		name += strlen (name) + 1;
	}
	if (mprotect (library->slots, (len + page_len - 1) / page_len * page_len, PROT_READ) != 0)
		give_up (library);
}

static void
give_crypto (const Library *library, void *handle)
{
	CratonLateCrypto crypto;

	*(void **) &crypto.make_secure_heap = find (library, handle, "CRYPTO_secure_malloc_init");
	*(void **) &crypto.set_memory = find (library, handle, "CRYPTO_set_mem_functions");
	prepare_crypto (&crypto);
}

/* Called by the functions of library @number while its slots lead here. */
void
craton_late_open (guint number)
{
	Library *library = &libraries[number];
	int error = errno;
	void *handle;

	pthread_mutex_lock (&lock);
	if (!library->is_open) {
		handle = dlopen (library->name, RTLD_NOW | RTLD_LOCAL);
		if (handle == NULL)
			give_up (library);
		if (prepare_crypto != NULL && g_str_has_prefix (library->name, "libcrypto."))
			give_crypto (library, handle);
		fill (library, handle);
		library->is_open = TRUE;
	}
	pthread_mutex_unlock (&lock);
	errno = error;
}

void
craton_late_crypto (void (*prepare) (const CratonLateCrypto *crypto))
{
	prepare_crypto = prepare;
}
