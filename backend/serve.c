/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The control socket and the lanes. The main thread answers the control socket, each lane has a thread of its own, and one
 * thread waits for the client's death from before a module is initialised, so that neither a hanging C_Initialize nor a hanging
 * call keeps the process alive. A forked child of the client may still hold the socket when the client is dead: that is why
 * the pidfd counts too. Every message and every lane is hostile. Called by main.c.
 */
#include "config.h"

#include "serve.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <glib/gi18n-lib.h>

#include "audit-calls.h"
#include "buf.h"
#include "configuration.h"
#include "control.h"
#include "dispatch.h"
#include "lane.h"
#include "place.h"
#include "presence.h"
#include "sizes.h"
#include "spawner.h"

/* How long the module may take for its last call, and how much of that the calls under way have to come to their end. */
#define END_MS 500
#define QUIET_MS 300


/* How much later than its hosts the process that has them started ends: they have had their time by then. */
#define HOSTS_MS 200

typedef struct {
	CratonLane lane;
	gint used; /* a thread has it */
	gint busy; /* a call is under way in it */
} LaneSlot;

static LaneSlot lanes[CRATON_SERVE_LANES];
static const CratonService *served; /* set once there is something to finalise */
static CratonDispatch *dispatch;
static GMutex one_call; /* for modules that cannot lock */
static gint ending;
static gint warming; /* the thread that gets things ready is at it */
static GThread *warmer;
static int client_fd = -1;
static pid_t self;

static G_GNUC_NORETURN gpointer
end_in_time (gpointer data)
{
	const CratonService *service = data;

	g_usleep ((END_MS + (service != NULL && service->modules != NULL ? HOSTS_MS : 0)) * 1000);
	_exit (EXIT_SUCCESS);
}

/* No new call begins once `ending` is set; whether those under way come to their end in time. */
static gboolean
wait_for_quiet (void)
{
	gint64 deadline = g_get_monotonic_time () + QUIET_MS * 1000;

	for (gsize i = 0; i < CRATON_SERVE_LANES; i++) {
		while (g_atomic_int_get (&lanes[i].busy)) {
			if (g_get_monotonic_time () > deadline)
				return FALSE;
			g_usleep (1000);
		}
	}
	return TRUE;
}

/* FALSE if that thread is at work, and is left to it. */
static gboolean
end_warming (void)
{
	GThread *thread = g_atomic_pointer_get (&warmer);

	if (thread == NULL)
		return TRUE;
	if (g_atomic_int_get (&warming)) {
		g_thread_unref (thread);
		return FALSE;
	}
	(void) g_thread_join (thread);
	return TRUE;
}

/* The end of the process, from whichever thread sees first that the client is gone. */
static G_GNUC_NORETURN void
end_process (void)
{
	const CratonService *service = g_atomic_pointer_get (&served);
	GThread *timer;

	if (!g_atomic_int_compare_and_exchange (&ending, FALSE, TRUE)) {
		for (;;)
			(void) pause ();
	}
	craton_presence_close ();
	timer = g_thread_try_new ("end", end_in_time, (gpointer) service, NULL);
	if (timer == NULL || service == NULL)
		_exit (EXIT_SUCCESS);
	/* C_Finalize while another thread is in a call is undefined (PKCS#11, C_Finalize). */
	if (!wait_for_quiet ()) {
		craton_spawner_end (END_MS + HOSTS_MS);
		_exit (EXIT_SUCCESS);
	}
	if (service->functions->C_Finalize != NULL)
		(void) service->functions->C_Finalize (NULL);
	if (service->audit != NULL)
		craton_audit_calls_flush (service->audit);
	/* The hosts see the same end. They go first, so that they are nobody's orphans. */
	craton_spawner_end (END_MS + HOSTS_MS);
	/* Exit handlers put away what that thread uses, and it puts away at its end what libcrypto has given it: one after the other, or
	 * without exit handlers if it is at work. */
	if (service->foreign || !end_warming ())
		_exit (EXIT_SUCCESS);
	exit (EXIT_SUCCESS);
}

static gpointer
watch_client (gpointer data)
{
	struct pollfd ends[] = {
		/* POLLHUP comes unasked; messages are the main thread's. */
		{ .fd = CRATON_FD_CONTROL, .events = 0 },
		/* -1 is skipped. */
		{ .fd = client_fd, .events = POLLIN },
	};

	while (poll (ends, G_N_ELEMENTS (ends), -1) < 0 && errno == EINTR)
		continue;
	end_process ();
}

CK_RV
craton_serve_watch (int fd)
{
	GThread *thread;

	client_fd = fd;
	self = getpid ();
	thread = g_thread_try_new ("watch", watch_client, NULL, NULL);
	if (thread == NULL)
		return CKR_HOST_MEMORY;
	g_thread_unref (thread);
	return CKR_OK;
}

static void
make_call (LaneSlot *slot, CratonArena *arena, CratonLaneCall *call)
{
	if (served->serialise)
		g_mutex_lock (&one_call);
	craton_presence_count ();
	craton_dispatch_lane (dispatch, arena, &slot->lane, call);
	if (served->serialise)
		g_mutex_unlock (&one_call);
	craton_lane_answer (&slot->lane, call);
}

static gboolean
others_are_busy (const LaneSlot *slot)
{
	for (gsize i = 0; i < CRATON_SERVE_LANES; i++) {
		if (&lanes[i] != slot && g_atomic_int_get (&lanes[i].busy))
			return TRUE;
	}
	return FALSE;
}

/* Between two calls. @together_us: when the call began that was waited for on the client's own processor; 0: it was not. */
static void
settle (LaneSlot *slot, CratonPlace *place, gint64 together_us)
{
	gint64 call_us = together_us != 0 ? g_get_monotonic_time () - together_us : -1;

	if (craton_place_note (place, call_us, call_us >= 0 && others_are_busy (slot)))
		craton_place_leave (craton_lane_client_cpu (&slot->lane));
}

static gpointer
serve_lane (gpointer data)
{
	LaneSlot *slot = data;
	CratonArena arena = { 0 };
	CratonPlace place = { 0 };
	gint64 together_us;
	CratonLaneCall call;
	CratonLaneState state;

	for (;;) {
		state = craton_lane_await_request (&slot->lane, &call);
		if (state == CRATON_LANE_TIMEOUT)
			continue;
		if (state == CRATON_LANE_BROKEN || call.call == CRATON_LANE_CLOSE)
			break;
		together_us = slot->lane.vain_look && craton_place_is_together (craton_lane_client_cpu (&slot->lane))
		                      ? g_get_monotonic_time ()
		                      : 0;
		g_atomic_int_set (&slot->busy, TRUE);
		/* After busy: either end_process() sees it, or this sees that the end has come. */
		if (!g_atomic_int_get (&ending))
			make_call (slot, &arena, &call);
		g_atomic_int_set (&slot->busy, FALSE);
		settle (slot, &place, together_us);
	}
	if (state == CRATON_LANE_BROKEN)
		g_warning (_ (
			"client: a lane holds what no client of this version writes; it is closed"));
	craton_arena_clear (&arena);
	craton_lane_unmap (&slot->lane);
	g_atomic_int_set (&slot->used, FALSE);
	return NULL;
}

static LaneSlot *
find_free_slot (void)
{
	for (gsize i = 0; i < CRATON_SERVE_LANES; i++) {
		if (!g_atomic_int_get (&lanes[i].used))
			return &lanes[i];
	}
	return NULL;
}

/* A lane and its thread, which alone has it from then on. */
static CK_RV
open_lane (gsize data_len, CK_ULONG *ret_len, int *ret_fd)
{
	LaneSlot *slot = find_free_slot ();
	GThread *thread;
	CK_RV rv;
	int fd = -1;

	if (slot == NULL)
		return CKR_HOST_MEMORY;
	rv = craton_lane_create (data_len, &slot->lane, &fd);
	if (rv != CKR_OK)
		return rv;
	/* A module that forks in a call and lets both return would have two processes answer. */
	craton_lane_withhold (&slot->lane);
	data_len = slot->lane.data_len;
	g_atomic_int_set (&slot->used, TRUE);
	thread = g_thread_try_new ("lane", serve_lane, slot, NULL);
	if (thread == NULL) {
		craton_lane_unmap (&slot->lane);
		g_atomic_int_set (&slot->used, FALSE);
		(void) close (fd);
		return CKR_HOST_MEMORY;
	}
	g_thread_unref (thread);
	*ret_len = data_len;
	*ret_fd = fd;
	return CKR_OK;
}

/* The lane that every client asks for: it is there when the first one does. */
static CK_ULONG first_len;
static int first_fd = -1;

static CK_RV
answer_lane (const CratonControl *question, CratonControl *answer, int *ret_fd)
{
	CK_ULONG len;
	CK_RV rv;

	if (question->value == 0 || question->value > CRATON_LANE_DATA_MAX)
		return CKR_ARGUMENTS_BAD;
	if (question->value <= first_len) {
		answer->value = first_len;
		first_len = 0;
		*ret_fd = first_fd;
		return CKR_OK;
	}
	rv = open_lane ((gsize) question->value, &len, ret_fd);
	if (rv == CKR_OK)
		answer->value = len;
	return rv;
}

static CK_RV
answer_host (const CratonControl *question, CratonControl *answer, int *ret_fd)
{
	const CratonModuleConfig *module;
	pid_t pid;
	CK_RV rv;

	if (question->value >= served->modules->len)
		return CKR_ARGUMENTS_BAD;
	module = served->modules->pdata[question->value];
	(void) g_strlcpy (answer->text, module->name, sizeof (answer->text));
	rv = craton_spawner_host (question->value, &pid, ret_fd);
	if (rv == CKR_OK)
		answer->value = (uint64_t) pid;
	return rv;
}

static void
fill_hello (const CratonService *service, CratonControl *answer)
{
	answer->rv = service->rv;
	answer->value = service->modules != NULL ? service->modules->len : 0;
	answer->n_flat = service->n_flat;
	for (gsize i = 0; i < service->n_flat; i++)
		answer->flat[i] = service->flat[i];
	answer->n_timeouts = service->n_timeouts;
	for (gsize i = 0; i < service->n_timeouts; i++)
		answer->timeouts[i] = service->timeouts[i];
}

/* Process id of who made the socket, for the log. */
static long
client_pid (void)
{
	struct ucred peer = { .pid = 0 };
	socklen_t len = sizeof (peer);

	(void) getsockopt (CRATON_FD_CONTROL, SOL_SOCKET, SO_PEERCRED, &peer, &len);
	return (long) peer.pid;
}

/* The first message; whether the client and this backend can talk. A client of another version gets an answer that says
 * which one this is, even if its own message has another size. */
static gboolean
greet (const CratonService *service)
{
	CratonControl question, answer;
	CK_RV rv = craton_control_receive (CRATON_FD_CONTROL, -1, &question, NULL);

	if (rv == CKR_DEVICE_REMOVED)
		return FALSE;
	craton_control_init (&answer, CRATON_CONTROL_HELLO);
	answer.rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK && craton_control_fits (&question) &&
	    question.type == CRATON_CONTROL_HELLO) {
		atomic_store (&craton_presence->restarts, question.value);
		fill_hello (service, &answer);
	} else if (rv == CKR_OK && question.magic == CRATON_CONTROL_MAGIC &&
	         question.type == CRATON_CONTROL_HELLO)
		g_warning (
			_ ("client %ld: its module speaks version %u with words of %u bytes, this "
		           "backend version %u with words of %u: restart the application, or "
		           "install Craton again if that does not help"),
			client_pid (), question.version, question.word_len, answer.version,
			answer.word_len);
	else
		g_warning (_ ("client %ld: its first message is none of version %u: restart the "
		              "application, or install Craton again if that does not help"),
		           client_pid (), answer.version);
	return craton_control_send (CRATON_FD_CONTROL, &answer, -1) == CKR_OK &&
	       answer.rv == CKR_OK;
}

/* Answers one message; FALSE if the conversation is over. */
static gboolean
answer_one (void)
{
	CratonControl question, answer;
	int fd = -1;
	CK_RV rv = craton_control_receive (CRATON_FD_CONTROL, -1, &question, NULL);

	if (rv == CKR_DEVICE_REMOVED)
		return FALSE;
	if (rv == CKR_OK && !craton_control_fits (&question))
		rv = CKR_DEVICE_ERROR;
	if (rv == CKR_OK)
		craton_control_init (&answer, question.type);
	if (rv == CKR_OK && question.type == CRATON_CONTROL_HELLO)
		fill_hello (served, &answer);
	else if (rv == CKR_OK && question.type == CRATON_CONTROL_LANE)
		answer.rv = answer_lane (&question, &answer, &fd);
	else if (rv == CKR_OK && question.type == CRATON_CONTROL_HOST && served->modules != NULL)
		answer.rv = answer_host (&question, &answer, &fd);
	else
		rv = CKR_DEVICE_ERROR;
	if (rv != CKR_OK) {
		g_warning (_ ("client %ld: sent a message that this backend does not know; the "
		              "connection is closed"),
		           client_pid ());
		return FALSE;
	}
	rv = craton_control_send (CRATON_FD_CONTROL, &answer, fd);
	if (fd >= 0)
		(void) close (fd);
	return rv == CKR_OK;
}

static gpointer
get_ready (gpointer data)
{
	const CratonService *service = data;

	service->warm ();
	g_atomic_int_set (&warming, FALSE);
	return NULL;
}

/* Without the thread, the first calls that need something wait for it. */
static void
start_warming (const CratonService *service)
{
	GThread *thread;

	if (service->warm == NULL || service->rv != CKR_OK)
		return;
	g_atomic_int_set (&warming, TRUE);
	thread = g_thread_try_new ("warm", get_ready, (gpointer) service, NULL);
	if (thread == NULL)
		g_atomic_int_set (&warming, FALSE);
	g_atomic_pointer_set (&warmer, thread);
}

void
craton_serve_run (const CratonService *service)
{
	gboolean goes_on;

	/* A module has forked while it was loaded, and both sides came back. */
	if (getpid () != self)
		_exit (EXIT_SUCCESS);
	if (service->rv == CKR_OK) {
		dispatch = craton_dispatch_new (service->functions, service->flat, service->n_flat);
		craton_dispatch_set_policy (dispatch, service->policy);
		craton_dispatch_set_audit (dispatch, service->audit);
		craton_dispatch_set_output_length (dispatch, service->output_length);
		g_atomic_pointer_set (&served, service);
	}
	if (service->rv == CKR_OK)
		(void) open_lane (CRATON_LANE_DATA, &first_len, &first_fd);
	goes_on = greet (service) && answer_one ();
	/* Only when the client has its lane: that thread and this one would be at the same processor, and who needs a thread while another one
	 * opens a library waits for it. */
	if (goes_on)
		start_warming (service);
	while (goes_on && answer_one ())
		continue;
	end_process ();
}
