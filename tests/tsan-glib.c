/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Makes GLib's locks known to the thread sanitizer. GLib is not instrumented and its locks are futexes of its own, so the
 * sanitizer sees no order between two threads that take the same GMutex, and calls every use of what it protects a race.
 * These functions stand in front of GLib's in programs of the thread sanitizer's build, and add the order.
 */
#include "config.h"

#include <dlfcn.h>

#include <glib.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

#define NEXT(function) ((__typeof__ (&function)) next (#function))

#undef g_once_init_enter
#undef g_once_init_leave

static void *
next (const char *name)
{
	void *symbol = dlsym (RTLD_NEXT, name);

	if (symbol == NULL)
		g_error ("GLib has no %s", name);
	return symbol;
}

void
g_mutex_lock (GMutex *mutex)
{
	NEXT (g_mutex_lock) (mutex);
	__tsan_acquire (mutex);
}

gboolean
g_mutex_trylock (GMutex *mutex)
{
	gboolean locked = NEXT (g_mutex_trylock) (mutex);

	if (locked)
		__tsan_acquire (mutex);
	return locked;
}

void
g_mutex_unlock (GMutex *mutex)
{
	__tsan_release (mutex);
	NEXT (g_mutex_unlock) (mutex);
}

void
g_cond_wait (GCond *cond, GMutex *mutex)
{
	__tsan_release (mutex);
	NEXT (g_cond_wait) (cond, mutex);
	__tsan_acquire (mutex);
}

gboolean
g_cond_wait_until (GCond *cond, GMutex *mutex, gint64 end_time)
{
	gboolean signalled;

	__tsan_release (mutex);
	signalled = NEXT (g_cond_wait_until) (cond, mutex, end_time);
	__tsan_acquire (mutex);
	return signalled;
}

/* Who finds it made, perhaps after a wait, sees what was made. */
gboolean
g_once_init_enter (volatile void *location)
{
	gboolean first = NEXT (g_once_init_enter) (location);

	if (!first)
		__tsan_acquire ((void *) location);
	return first;
}

void
g_once_init_leave (volatile void *location, gsize result)
{
	__tsan_release ((void *) location);
	NEXT (g_once_init_leave) (location, result);
}
