/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Sixteen programs create, change, find and destroy objects of one token at once, through the module and their own backends,
 * while programs and backends are killed at random. Afterwards every write that was acknowledged is
 * there and in the audit log, whose chain is whole, and one that was cut off is wholly there or not at all.
 *
 * What each program means to do and what was acknowledged stands in memory that outlives it. A value says its version in every
 * byte, so that half of one shows. 10 seconds; 60 with CRATON_TEST_LONG=1. CRATON_TEST_SEED repeats a choice of kills.
 */
#include "config.h"

#include <check.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>
#include <sqlite3.h>

#include "audit-lines.h"
#include "pkcs11.h"

#define WORKERS 16
#define ITEMS 4000 /* that one worker may ever make */
#define LIVE 12    /* that it keeps at a time */
#define VALUE_LEN 700
#define GONE 0
#define NOTHING 0xffff /* is under way */

#define SO_PIN "so-pin-of-the-test"
#define USER_PIN "user-pin"
#define ATTR(type, value)                               \
	{                                               \
		type, (void *) &(value), sizeof (value) \
	}

/* What is written, and how the audit log calls it. */
typedef enum { MAKE, MAKE_PAIR, CHANGE, DESTROY, N_WRITES } Write;

static const char *const functions[N_WRITES] = { "C_CreateObject", "C_GenerateKeyPair", "C_SetAttributeValue",
	                                         "C_DestroyObject" };

typedef struct {
	guint16 is;      /* version that was acknowledged; GONE */
	guint16 becomes; /* version that was asked for, not acknowledged yet; NOTHING */
	gboolean pair;   /* a key pair, which has no other version than 1 */
	guint16 asked[N_WRITES], acknowledged[N_WRITES];
} Item;

typedef struct {
	Item items[ITEMS];
	guint n_items;
	guint created, changed, destroyed, found;
	guint cut_off, cut_off_done; /* writes without an answer; those of them that were done */
	guint restarts;
} Work;

typedef struct {
	gint stop;
	gint wrong; /* something that must not be */
	Work works[WORKERS];
} Shared;

static Shared *shared;
static char *root, *said;
static CK_FUNCTION_LIST *p11;
static CK_SESSION_HANDLE session;

static const CK_OBJECT_CLASS class_data = CKO_DATA, class_public = CKO_PUBLIC_KEY,
			     class_private = CKO_PRIVATE_KEY;
static const CK_BBOOL yes = CK_TRUE;

static void
wrong (const char *what, guint worker, guint item, CK_RV rv)
{
	g_atomic_int_inc (&shared->wrong);
	(void) fprintf (stdout, "store-kill: worker %u, object %u: %s (%#lx)\n", worker, item, what,
	                rv);
	(void) fflush (stdout);
}

/* A backend was killed under us: the session is gone, and what was under way has no answer. */
static gboolean
is_cut_off (CK_RV rv)
{
	return rv == CKR_DEVICE_REMOVED || rv == CKR_SESSION_HANDLE_INVALID ||
	       rv == CKR_DEVICE_ERROR;
}

static void
load (void)
{
	CK_C_GetFunctionList get;
	void *module = dlopen (g_getenv ("CRATON_MODULE"), RTLD_NOW);

	g_assert (module != NULL);
	get = (CK_C_GetFunctionList) dlsym (module, "C_GetFunctionList");
	g_assert (get (&p11) == CKR_OK && p11->C_Initialize (NULL) == CKR_OK);
}

/* A session with a login, in spite of kills. */
static void
connect_token (guint worker)
{
	CK_RV rv = CKR_DEVICE_REMOVED;

	for (guint tries = 0; rv != CKR_OK && tries < 3000; tries++) {
		CK_SLOT_ID slot;
		CK_ULONG n = 1;

		if (session != 0)
			(void) p11->C_CloseSession (session);
		session = 0;
		rv = p11->C_GetSlotList (CK_TRUE, &slot, &n);
		/* What it may say of a backend that was killed under it, or is not started again for a moment. */
		if (rv == CKR_GENERAL_ERROR)
			rv = CKR_DEVICE_ERROR;
		if (rv == CKR_OK && n == 1)
			rv = p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
			                         NULL, &session);
		if (rv == CKR_OK)
			rv = p11->C_Login (session, CKU_USER, (CK_UTF8CHAR_PTR) USER_PIN,
			                   strlen (USER_PIN));
		if (rv != CKR_OK && !is_cut_off (rv)) {
			wrong ("cannot log in", worker, 0, rv);
			break;
		}
		if (rv != CKR_OK)
			g_usleep (10000);
	}
	if (rv != CKR_OK)
		_exit (3);
}

static char *
label_of (guint worker, guint item)
{
	return g_strdup_printf ("worker %u object %u", worker, item);
}

/* Up to two objects with this label. */
static CK_RV
find (const char *label, CK_OBJECT_HANDLE found[4], CK_ULONG *ret_n)
{
	CK_ATTRIBUTE template[] = { { CKA_LABEL, (void *) label, strlen (label) },
		                    ATTR (CKA_TOKEN, yes) };
	CK_RV rv = p11->C_FindObjectsInit (session, template, 2);

	if (rv == CKR_OK)
		rv = p11->C_FindObjects (session, found, 4, ret_n);
	if (rv == CKR_OK)
		rv = p11->C_FindObjectsFinal (session);
	return rv;
}

/* Which version the token has, whole; NOTHING for half a one. */
static CK_RV
look (const char *label, gboolean pair, guint16 *ret_version)
{
	CK_OBJECT_HANDLE found[4];
	CK_ULONG n = 0;
	guint16 application = 0, value[VALUE_LEN / 2];
	CK_ATTRIBUTE values[] = { ATTR (CKA_APPLICATION, application), ATTR (CKA_VALUE, value) };
	CK_RV rv = find (label, found, &n);

	if (rv != CKR_OK)
		return rv;
	*ret_version = pair ? (n == 0 ? GONE : n == 2 ? 1 : NOTHING) : n == 0 ? GONE : NOTHING;
	if (pair || n != 1)
		return CKR_OK;
	rv = p11->C_GetAttributeValue (session, found[0], values, 2);
	if (rv != CKR_OK)
		return rv;
	*ret_version = application;
	for (gsize i = 0; i < G_N_ELEMENTS (value); i++)
		if (value[i] != application)
			*ret_version = NOTHING;
	if (values[1].ulValueLen != sizeof value)
		*ret_version = NOTHING;
	return CKR_OK;
}

static CK_RV
make_pair (const char *label)
{
	CK_MECHANISM generate = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_ATTRIBUTE public[] = { { CKA_EC_PARAMS,
		                    (void *) "\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07", 10 },
		                  ATTR (CKA_TOKEN, yes),
		                  { CKA_LABEL, (void *) label, strlen (label) } };
	CK_OBJECT_HANDLE keys[2];

	return p11->C_GenerateKeyPair (session, &generate, public, 3, public + 1, 2, &keys[0],
	                               &keys[1]);
}

static CK_RV
make_data (const char *label, gboolean is_private, guint16 version)
{
	CK_BBOOL hidden = is_private;
	guint16 value[VALUE_LEN / 2];
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class_data),
		                    ATTR (CKA_TOKEN, yes),
		                    ATTR (CKA_PRIVATE, hidden),
		                    { CKA_LABEL, (void *) label, strlen (label) },
		                    ATTR (CKA_APPLICATION, version),
		                    ATTR (CKA_VALUE, value) };
	CK_OBJECT_HANDLE object;

	for (gsize i = 0; i < G_N_ELEMENTS (value); i++)
		value[i] = version;
	return p11->C_CreateObject (session, template, G_N_ELEMENTS (template), &object);
}

static CK_RV
change (CK_OBJECT_HANDLE object, guint16 version)
{
	guint16 value[VALUE_LEN / 2];
	CK_ATTRIBUTE template[] = { ATTR (CKA_APPLICATION, version), ATTR (CKA_VALUE, value) };

	for (gsize i = 0; i < G_N_ELEMENTS (value); i++)
		value[i] = version;
	return p11->C_SetAttributeValue (session, object, template, 2);
}

/* Writes what @item becomes. A pair is destroyed key by key, so it has no pending state there: its worker leaves
 * it. */
static CK_RV
write_item (const char *label, Item *item, guint number)
{
	CK_OBJECT_HANDLE found[4];
	CK_ULONG n = 0;
	CK_RV rv;

	if (item->is == GONE)
		return item->pair ? make_pair (label)
		                  : make_data (label, number % 2 == 0, item->becomes);
	rv = find (label, found, &n);
	if (rv != CKR_OK)
		return rv;
	if (n != 1)
		return CKR_OBJECT_HANDLE_INVALID;
	return item->becomes == GONE ? p11->C_DestroyObject (session, found[0])
	                             : change (found[0], item->becomes);
}

static Write
write_of (const Item *item)
{
	if (item->is == GONE)
		return item->pair ? MAKE_PAIR : MAKE;
	return item->becomes == GONE ? DESTROY : CHANGE;
}

static void
count (Work *work, Item *item)
{
	Write what = write_of (item);

	work->created += what == MAKE || what == MAKE_PAIR;
	work->destroyed += what == DESTROY;
	work->changed += what == CHANGE;
	item->acknowledged[what]++;
}

/* One write; FALSE if it was cut off. */
static gboolean
do_write (guint worker, guint number, guint16 becomes)
{
	Work *work = &shared->works[worker];
	Item *item = &work->items[number];
	g_autofree char *label = label_of (worker, number);
	CK_RV rv;

	item->becomes = becomes;
	item->asked[write_of (item)]++;
	__sync_synchronize ();
	rv = write_item (label, item, number);
	if (rv == CKR_OK) {
		count (work, item);
		item->is = becomes;
		__sync_synchronize ();
		item->becomes = NOTHING;
		return TRUE;
	}
	if (!is_cut_off (rv))
		wrong ("a write failed", worker, number, rv);
	return FALSE;
}

/* Compares an object with what is known of it. A write that had no answer is settled by what is found. */
static CK_RV
check_item (guint worker, guint number)
{
	Work *work = &shared->works[worker];
	Item *item = &work->items[number];
	g_autofree char *label = label_of (worker, number);
	guint16 version = GONE;
	CK_RV rv = look (label, item->pair, &version);

	if (rv != CKR_OK)
		return rv;
	if (version == item->is || (item->becomes != NOTHING && version == item->becomes)) {
		if (item->becomes != NOTHING) {
			work->cut_off++;
			work->cut_off_done += version == item->becomes;
		}
		item->is = version;
		__sync_synchronize ();
		item->becomes = NOTHING;
		return CKR_OK;
	}
	wrong (version == NOTHING ? "half there" : "not what was acknowledged", worker, number,
	       version);
	return CKR_OK;
}

static guint
pick_live (const Work *work, GRand *rand)
{
	guint at = g_rand_int_range (rand, 0, (gint32) work->n_items);

	for (guint i = 0; i < work->n_items; i++, at = (at + 1) % work->n_items)
		if (work->items[at].is != GONE)
			return at;
	return ITEMS;
}

static gboolean
do_step (guint worker, GRand *rand)
{
	Work *work = &shared->works[worker];
	guint n_live = 0, what = (guint) g_rand_int_range (rand, 0, 100), number;
	CK_RV rv;

	for (guint i = 0; i < work->n_items; i++)
		n_live += work->items[i].is != GONE && !work->items[i].pair;
	if ((n_live == 0 || (what < 30 && n_live < LIVE)) && work->n_items < ITEMS) {
		number = work->n_items;
		work->items[number] = (Item){ .is = GONE, .becomes = NOTHING, .pair = g_rand_int_range (rand, 0, 12) == 0 };
		__sync_synchronize ();
		work->n_items++;
		return do_write (worker, number, 1);
	}
	number = pick_live (work, rand);
	if (number == ITEMS)
		return TRUE;
	if (what < 60 && !work->items[number].pair)
		return do_write (worker, number, (guint16) (work->items[number].is + 1));
	if (what < 80 && !work->items[number].pair)
		return do_write (worker, number, GONE);
	rv = check_item (worker, number);
	work->found++;
	if (rv != CKR_OK && !is_cut_off (rv))
		wrong ("a search failed", worker, number, rv);
	return rv == CKR_OK;
}

/* Settles what the last process or backend has left open; FALSE if that is cut off as well. */
static gboolean
settle (guint worker)
{
	Work *work = &shared->works[worker];

	for (guint i = 0; i < work->n_items; i++) {
		CK_RV rv = work->items[i].becomes != NOTHING ? check_item (worker, i) : CKR_OK;

		if (rv != CKR_OK && !is_cut_off (rv))
			wrong ("a search failed", worker, i, rv);
		if (rv != CKR_OK)
			return FALSE;
	}
	return TRUE;
}

static char *
backend_name (guint worker)
{
	return g_strdup_printf ("%s/backend-%u", root, worker);
}

/* Each worker has its backend under a name of its own, by which others know whose it is. */
static void
name_backend (guint worker)
{
	g_autofree char *name = backend_name (worker);

	if (symlink (g_getenv ("CRATON_BACKEND"), name) != 0 && errno != EEXIST)
		_exit (4);
	g_setenv ("CRATON_BACKEND", name, TRUE);
}

static gboolean
is_backend_of (pid_t pid, guint worker)
{
	g_autofree char *path = g_strdup_printf ("/proc/%d/cmdline", pid);
	g_autofree char *name = backend_name (worker);
	g_autofree char *text = NULL;

	return g_file_get_contents (path, &text, NULL, NULL) && strcmp (text, name) == 0;
}

static pid_t
start_worker (guint worker, guint32 seed)
{
	GRand *rand;
	pid_t pid = fork ();

	ck_assert_int_ge (pid, 0);
	if (pid != 0)
		return pid;
	(void) dup2 (open (said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), 2);
	name_backend (worker);
	rand = g_rand_new_with_seed (seed);
	load ();
	connect_token (worker);
	while (!g_atomic_int_get (&shared->stop)) {
		if (settle (worker) && do_step (worker, rand))
			continue;
		shared->works[worker].restarts++;
		connect_token (worker);
	}
	while (!settle (worker))
		connect_token (worker);
	(void) p11->C_Finalize (NULL);
	_exit (0);
}

/* Runs @body in a process of its own that has the module. */
static void
run_process (void (*body) (void))
{
	int status = -1;
	pid_t pid = fork ();

	ck_assert_int_ge (pid, 0);
	if (pid == 0) {
		(void) dup2 (open (said, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600), 2);
		load ();
		body ();
		(void) p11->C_Finalize (NULL);
		_exit (0);
	}
	while (waitpid (pid, &status, 0) < 0)
		ck_assert_int_eq (errno, EINTR);
	ck_assert_int_eq (status, 0);
}

static void
make_token (void)
{
	CK_UTF8CHAR label[32];
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	memset (label, ' ', sizeof label);
	g_assert (p11->C_GetSlotList (CK_FALSE, &slot, &n) == CKR_OK);
	g_assert (p11->C_InitToken (slot, (CK_UTF8CHAR_PTR) SO_PIN, strlen (SO_PIN), label) ==
	          CKR_OK);
	g_assert (p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
	                              &session) == CKR_OK);
	g_assert (p11->C_Login (session, CKU_SO, (CK_UTF8CHAR_PTR) SO_PIN, strlen (SO_PIN)) ==
	          CKR_OK);
	g_assert (p11->C_InitPIN (session, (CK_UTF8CHAR_PTR) USER_PIN, strlen (USER_PIN)) ==
	          CKR_OK);
}

static CK_ULONG
count_class (CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_TOKEN, yes) };
	CK_OBJECT_HANDLE found[64];
	CK_ULONG n, total = 0;

	g_assert (p11->C_FindObjectsInit (session, template, 2) == CKR_OK);
	do {
		g_assert (p11->C_FindObjects (session, found, 64, &n) == CKR_OK);
		total += n;
	} while (n > 0);
	g_assert (p11->C_FindObjectsFinal (session) == CKR_OK);
	return total;
}

/* Every object as it was acknowledged, and no other one. */
static void
check_all (void)
{
	CK_ULONG n_data = 0, n_pairs = 0;

	connect_token (0);
	for (guint worker = 0; worker < WORKERS; worker++)
		for (guint i = 0; i < shared->works[worker].n_items; i++) {
			const Item *item = &shared->works[worker].items[i];

			g_assert (check_item (worker, i) == CKR_OK);
			n_data += item->is != GONE && !item->pair;
			n_pairs += item->is != GONE && item->pair;
		}
	if (count_class (class_data) != n_data || count_class (class_public) != n_pairs ||
	    count_class (class_private) != n_pairs)
		wrong ("objects that nobody has made", 0, 0, 0);
}

/* The children of this process that are no workers: backends, whose clients have left them to us. */
static guint
find_backends (const pid_t *workers, pid_t *backends, guint room)
{
	g_autofree char *path = g_strdup_printf ("/proc/self/task/%d/children", getpid ());
	g_autofree char *text = NULL;
	g_auto (GStrv) words = NULL;
	guint n = 0;

	ck_assert (g_file_get_contents (path, &text, NULL, NULL));
	words = g_strsplit (text, " ", -1);
	for (gsize i = 0; words[i] != NULL && n < room; i++) {
		pid_t pid = (pid_t) g_ascii_strtoll (words[i], NULL, 10);
		gboolean worker = pid <= 0;

		for (guint w = 0; w < WORKERS; w++)
			worker = worker || workers[w] == pid;
		if (!worker)
			backends[n++] = pid;
	}
	return n;
}

static guint clients_killed, backends_killed, n_waited, n_audited;

/* A backend finishes the call that it is in when its client is killed, so a write without an answer may still be done a moment
 * later: what became of it can be said when the backend has ended. */
static void
wait_for_backend (const pid_t *workers, guint worker)
{
	pid_t backends[4 * WORKERS];
	gboolean left = TRUE;

	for (guint tries = 0; left; tries++) {
		guint n = find_backends (workers, backends, G_N_ELEMENTS (backends));

		ck_assert_msg (tries < 30000, "a backend outlives its client");
		left = FALSE;
		for (guint i = 0; i < n; i++)
			if (is_backend_of (backends[i], worker)) {
				left = TRUE;
				n_waited += tries == 0;
			}
		if (left)
			g_usleep (1000);
	}
}

/* Kills one at random, and starts it anew if it was a program. */
static void
kill_one (pid_t *workers, GRand *rand)
{
	pid_t backends[4 * WORKERS], pid;
	guint which = (guint) g_rand_int_range (rand, 0, WORKERS), n;

	if (g_rand_boolean (rand)) {
		ck_assert_int_eq (kill (workers[which], SIGKILL), 0);
		while (waitpid (workers[which], NULL, 0) < 0)
			ck_assert_int_eq (errno, EINTR);
		clients_killed++;
		wait_for_backend (workers, which);
		workers[which] = start_worker (which, g_rand_int (rand));
	} else {
		n = find_backends (workers, backends, G_N_ELEMENTS (backends));
		if (n > 0 && kill (backends[g_rand_int_range (rand, 0, (gint32) n)], SIGKILL) == 0)
			backends_killed++;
	}
	/* Backends that have ended. */
	n = find_backends (workers, backends, G_N_ELEMENTS (backends));
	for (guint i = 0; i < n; i++)
		do
			pid = waitpid (backends[i], NULL, WNOHANG);
		while (pid < 0 && errno == EINTR);
}

static void
end_workers (const pid_t *workers)
{
	g_atomic_int_set (&shared->stop, 1);
	for (guint i = 0; i < WORKERS; i++) {
		int status = -1;

		while (waitpid (workers[i], &status, 0) < 0)
			ck_assert_int_eq (errno, EINTR);
		ck_assert_msg (status == 0, "worker %u ended with status %#x", i, status);
	}
}

static void
check_database (void)
{
	g_autofree char *path = g_build_filename (root, "store", "token.db", NULL);
	sqlite3 *db;
	sqlite3_stmt *prepared;

	/* The last backends have gone. */
	while (waitpid (-1, NULL, 0) > 0 || errno == EINTR)
		;
	ck_assert_int_eq (sqlite3_open (path, &db), SQLITE_OK);
	ck_assert_int_eq (sqlite3_busy_timeout (db, 10000), SQLITE_OK);
	ck_assert_int_eq (sqlite3_prepare_v2 (db, "PRAGMA integrity_check", -1, &prepared, NULL),
	                  SQLITE_OK);
	ck_assert_int_eq (sqlite3_step (prepared), SQLITE_ROW);
	ck_assert_str_eq ((const char *) sqlite3_column_text (prepared, 0), "ok");
	ck_assert_int_eq (sqlite3_finalize (prepared), SQLITE_OK);
	ck_assert_int_eq (sqlite3_close (db), SQLITE_OK);
}

/* No backend had anything to say about the store. */
static void
check_said (void)
{
	static const char *const lines[] = { "past Craton", "damaged", "stays in use" };
	g_autofree char *text = NULL;

	ck_assert (g_file_get_contents (said, &text, NULL, NULL));
	for (gsize i = 0; i < G_N_ELEMENTS (lines); i++)
		ck_assert_msg (strstr (text, lines[i]) == NULL, "the log says \"%s\"", lines[i]);
}

/* Each write that was acknowledged has its line, and none has a line that was not asked for. */
static void
check_audit (void)
{
	g_autofree char *folder = g_build_filename (root, "store", NULL);
	g_autoptr (GString) report = g_string_new (NULL);
	g_autoptr (GHashTable) lines = NULL;

	ck_assert_msg (craton_audit_verify_files (folder, NULL, NULL, report), "%s", report->str);
	lines = audit_lines_count (folder);
	for (guint worker = 0; worker < WORKERS; worker++)
		for (guint i = 0; i < shared->works[worker].n_items; i++) {
			const Item *item = &shared->works[worker].items[i];
			g_autofree char *label = label_of (worker, i);

			for (Write what = 0; what < N_WRITES; what++) {
				guint n = audit_lines_of (lines, functions[what], label);

				if (n < item->acknowledged[what] || n > item->asked[what])
					wrong (functions[what], worker, i, n);
				n_audited += n;
			}
		}
}

static void
check_afterwards (void)
{
	run_process (check_all);
	check_database ();
	check_said ();
	check_audit ();
}

static void
report (guint seconds, guint32 seed)
{
	Work sum = { .n_items = 0 };

	for (guint i = 0; i < WORKERS; i++) {
		const Work *work = &shared->works[i];

		sum.created += work->created;
		sum.changed += work->changed;
		sum.destroyed += work->destroyed;
		sum.found += work->found;
		sum.cut_off += work->cut_off;
		sum.cut_off_done += work->cut_off_done;
	}
	(void) printf ("store-kill: %d processes, %u s, seed %u: %u writes acknowledged (%u created, %u "
	               "changed, %u destroyed), %u found; %u clients and %u backends killed; %u writes "
	               "cut off (%u done, %u not); %u in the audit log; %d lost or wrong\n",
	               WORKERS, seconds, seed, sum.created + sum.changed + sum.destroyed,
	               sum.created, sum.changed, sum.destroyed, sum.found, clients_killed,
	               backends_killed, sum.cut_off, sum.cut_off_done,
	               sum.cut_off - sum.cut_off_done, n_audited, g_atomic_int_get (&shared->wrong));
	(void) fflush (stdout);
	/* Or the names are not what backends are known by. */
	ck_assert_uint_gt (n_waited, 0);
	ck_assert_uint_gt (sum.created, 0);
	ck_assert_uint_gt (sum.changed, 0);
	ck_assert_uint_gt (sum.destroyed, 0);
}

START_TEST (test_kill__sixteen_programs)
{
	const char *given = g_getenv ("CRATON_TEST_SEED"), *is_long = g_getenv ("CRATON_TEST_LONG");
	guint seconds = is_long != NULL && is_long[0] == '1' ? 60 : 10;
	guint32 seed = given != NULL ? (guint32) g_ascii_strtoull (given, NULL, 10)
	                             : g_random_int ();
	GRand *rand = g_rand_new_with_seed (seed);
	pid_t workers[WORKERS];
	gint64 end;

	(void) printf ("store-kill: seed %u\n", seed);
	(void) fflush (stdout);
	run_process (make_token);
	for (guint i = 0; i < WORKERS; i++)
		workers[i] = start_worker (i, g_rand_int (rand));
	end = g_get_monotonic_time () + (gint64) seconds * G_USEC_PER_SEC;
	while (g_get_monotonic_time () < end) {
		g_usleep ((gulong) g_rand_int_range (rand, 20000, 160000));
		kill_one (workers, rand);
	}
	end_workers (workers);
	check_afterwards ();
	report (seconds, seed);
	ck_assert_int_eq (g_atomic_int_get (&shared->wrong), 0);
	g_rand_free (rand);
}
END_TEST

static void
setup (void)
{
	g_autofree char *config = NULL;
	g_autofree char *text = NULL;

	/* What a killed program leaves is this process's to wait for. */
	ck_assert_int_eq (prctl (PR_SET_CHILD_SUBREAPER, 1), 0);
	root = g_dir_make_tmp ("craton-test-kill-XXXXXX", NULL);
	ck_assert_ptr_nonnull (root);
	said = g_build_filename (root, "said", NULL);
	config = g_build_filename (root, "craton.conf", NULL);
	text = g_strdup_printf ("[token test]\nstore=%s/store\naudit=all\n", root);
	ck_assert (g_file_set_contents (config, text, -1, NULL));
	g_setenv ("CRATON_CONFIG", config, TRUE);
	g_setenv ("CRATON_DEBUG", "1", TRUE);
	shared = mmap (NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
	               0);
	ck_assert_ptr_ne (shared, MAP_FAILED);
}

static void
remove_tree (const char *path)
{
	g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *inner = g_build_filename (path, name, NULL);

		remove_tree (inner);
	}
	(void) g_remove (path);
}

static void
teardown (void)
{
	remove_tree (root);
}

int
main (void)
{
	Suite *suite = suite_create ("store-kill");
	TCase *tcase = tcase_create ("kill");
	SRunner *runner;
	int failed;

	tcase_add_checked_fixture (tcase, setup, teardown);
	tcase_set_timeout (tcase, 280);
	tcase_add_test (tcase, test_kill__sixteen_programs);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
