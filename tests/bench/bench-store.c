/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * How the soft token grows with its objects, in a table. The token is called directly, without proxy and wire, or with --module
 * through them: the module of that name, whose backend is then what is measured. Usage: bench-store [--module FILE] [N...]
 *
 * The store is filled in memory (/dev/shm, where a commit waits for no disk), by the token's own C_CreateObject, and then
 * copied to a disk, where everything else is measured. Each measurement of a start is a process of its own.
 */
#include "config.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib.h>
#include <glib/gstdio.h>

#include "pkcs11.h"
#include "seal.h"
#include "token.h"

#define SO_PIN "so-pin"
#define USER_PIN "user-pin"
#define ROUNDS 15
#define FINDS 2000
#define CREATED 200
#define ATTR(type, value)                               \
	{                                               \
		type, (void *) &(value), sizeof (value) \
	}

/* All in microseconds; a child writes them, the parent reads them. */
typedef struct {
	double login[ROUNDS], first[ROUNDS], cpu[ROUNDS]; /* beyond scrypt */
	double id[FINDS], label[FINDS], both[FINDS];
	double enumerate, create, fill;
} Figures;

static CK_FUNCTION_LIST_3_2 *p11;
static CK_SESSION_HANDLE session;
static Figures *figures;
static CK_SLOT_ID slot;
static const char *module_path; /* NULL: the token itself */
static CratonTokenConfig config = { .name = (char *) "bench", .pin_cost = 14 };

static void
check (CK_RV rv, const char *what)
{
	if (rv == CKR_OK)
		return;
	(void) fprintf (stderr, "bench-store: %s: %#lx\n", what, rv);
	exit (1);
}

#define CHECK(call) check (call, #call)

static double
now (void)
{
	struct timespec time;

	(void) clock_gettime (CLOCK_MONOTONIC, &time);
	return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

/* What the processor did for this process: on a machine that has other things to do as well, the only figure that
 * stays the same. */
static double
cpu_now (void)
{
	struct timespec time;

	(void) clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double) time.tv_sec * 1e6 + (double) time.tv_nsec / 1e3;
}

static int
compare (const void *a, const void *b)
{
	const double *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static double
median (double *values, gsize n)
{
	qsort (values, n, sizeof *values, compare);
	return values[n / 2];
}

static CK_FUNCTION_LIST_3_2 *
load_module (const char *store)
{
	g_autofree char *conf = g_build_filename (store, "bench.conf", NULL);
	g_autofree char *text = g_strdup_printf ("[token bench]\nstore=%s\naudit=off\n", store);
	CK_RV (*get) (CK_UTF8CHAR *, CK_VERSION *, CK_INTERFACE **, CK_FLAGS);
	CK_VERSION version = { 3, 2 };
	CK_INTERFACE *interface = NULL;
	void *module = dlopen (module_path, RTLD_NOW | RTLD_LOCAL);

	if (module == NULL || !g_file_set_contents (conf, text, -1, NULL) ||
	    !g_setenv ("CRATON_CONFIG", conf, TRUE))
		check (CKR_GENERAL_ERROR, module_path);
	*(void **) &get = dlsym (module, "C_GetInterface");
	CHECK (get ((CK_UTF8CHAR *) "PKCS 11", &version, &interface, 0));
	return interface->pFunctionList;
}

static void
use_token (const char *path)
{
	config.store = (char *) path;
	craton_token_configure (&config, 1);
	p11 = craton_token_function_list ();
	CHECK (p11->C_Initialize (NULL));
}

static void
use_store (const char *path)
{
	CK_ULONG n = 1;

	if (module_path == NULL) {
		use_token (path);
		return;
	}
	p11 = load_module (path);
	CHECK (p11->C_Initialize (NULL));
	CHECK (p11->C_GetSlotList (CK_TRUE, &slot, &n));
}

static void
open_session (void)
{
	CHECK (p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session));
}

static void
login (void)
{
	CHECK (p11->C_Login (session, CKU_USER, (CK_UTF8CHAR_PTR) USER_PIN, strlen (USER_PIN)));
}

static void
make_token (void)
{
	CK_UTF8CHAR label[32];

	memset (label, ' ', sizeof label);
	CHECK (p11->C_InitToken (0, (CK_UTF8CHAR_PTR) SO_PIN, strlen (SO_PIN), label));
	open_session ();
	CHECK (p11->C_Login (session, CKU_SO, (CK_UTF8CHAR_PTR) SO_PIN, strlen (SO_PIN)));
	CHECK (p11->C_InitPIN (session, (CK_UTF8CHAR_PTR) USER_PIN, strlen (USER_PIN)));
	CHECK (p11->C_Logout (session));
	login ();
}

/* What an object is found by. */
static void
name_object (guint i, char label[32], guint8 id[20])
{
	(void) snprintf (label, 32, "object number %u", i);
	memset (id, 0x5a, 20);
	memcpy (id, &i, sizeof i);
}

/* A certificate that everybody sees, or an AES key that nobody does. */
static void
create (guint i)
{
	static const CK_OBJECT_CLASS class_cert = CKO_CERTIFICATE, class_secret = CKO_SECRET_KEY;
	static const CK_CERTIFICATE_TYPE type_x509 = CKC_X_509;
	static const CK_KEY_TYPE type_aes = CKK_AES;
	static const CK_BBOOL yes = CK_TRUE;
	guint8 id[20], value[700];
	char label[32];
	CK_ATTRIBUTE cert[] = { ATTR (CKA_CLASS, class_cert), ATTR (CKA_CERTIFICATE_TYPE, type_x509),
		                ATTR (CKA_TOKEN, yes),        { CKA_LABEL, label, 0 },
		                ATTR (CKA_ID, id),            { CKA_SUBJECT, value, 80 },
		                ATTR (CKA_VALUE, value) };
	CK_ATTRIBUTE key[] = { ATTR (CKA_CLASS, class_secret), ATTR (CKA_KEY_TYPE, type_aes),
		               ATTR (CKA_TOKEN, yes),          { CKA_LABEL, label, 0 },
		               ATTR (CKA_ID, id),              { CKA_VALUE, value, 32 } };
	CK_OBJECT_HANDLE object;

	name_object (i, label, id);
	for (gsize at = 0; at < sizeof value; at++)
		value[at] = (guint8) (at * 31 + i * 7 + (i >> 8));
	cert[3].ulValueLen = key[3].ulValueLen = strlen (label);
	if (i % 2 == 0)
		CHECK (p11->C_CreateObject (session, cert, G_N_ELEMENTS (cert), &object));
	else
		CHECK (p11->C_CreateObject (session, key, G_N_ELEMENTS (key), &object));
}

/* Finds object @i by its label, its id, or id and class; returns how long it took. */
static double
find (guint i, gboolean by_id, gboolean and_class)
{
	static const CK_OBJECT_CLASS classes[] = { CKO_CERTIFICATE, CKO_SECRET_KEY };
	guint8 id[20];
	char label[32];
	CK_ATTRIBUTE template[2] = { { CKA_LABEL, label, 0 }, ATTR (CKA_CLASS, classes[i % 2]) };
	CK_OBJECT_HANDLE found[2];
	CK_ULONG n = 0;
	double start;

	name_object (i, label, id);
	template[0].ulValueLen = strlen (label);
	if (by_id)
		template[0] = (CK_ATTRIBUTE) ATTR (CKA_ID, id);
	start = now ();
	CHECK (p11->C_FindObjectsInit (session, template, and_class ? 2 : 1));
	CHECK (p11->C_FindObjects (session, found, 2, &n));
	CHECK (p11->C_FindObjectsFinal (session));
	start = now () - start;
	if (n != 1)
		check (CKR_GENERAL_ERROR, "the object is not found");
	return start;
}

/* Runs @body in a process of its own. */
static void
run_process (void (*body) (const char *store, guint n, guint round), const char *store, guint n,
             guint round)
{
	int status = -1;
	pid_t pid;

	(void) fflush (NULL);
	pid = fork ();
	if (pid == 0) {
		body (store, n, round);
		_exit (0);
	}
	if (pid < 0 || waitpid (pid, &status, 0) < 0 || status != 0)
		exit (1);
}

static void
fill (const char *store, guint n, guint round)
{
	double start;

	(void) round;
	use_token (store);
	make_token ();
	start = now ();
	for (guint i = 0; i < n; i++)
		create (i);
	figures->fill = (now () - start) / n;
	CHECK (p11->C_Finalize (NULL));
}

/* The scrypt of one login alone: what a wrap of the same cost takes to open. */
static void
time_scrypt (double *ret_time, double *ret_cpu)
{
	static const guint8 epoch[CRATON_SEAL_EPOCH_LEN];
	g_autoptr (CratonSealKey) key = NULL;
	g_autoptr (CratonSealKey) opened = NULL;
	guint8 wrap[CRATON_SEAL_WRAP_LEN];
	double start, start_cpu;

	CHECK (craton_seal_key_new (&key));
	CHECK (craton_seal_wrap (key, epoch, CRATON_PIN_USER, (const CK_BYTE *) USER_PIN,
	                         strlen (USER_PIN), config.pin_cost, wrap));
	start = now ();
	start_cpu = cpu_now ();
	CHECK (craton_seal_unwrap (wrap, epoch, CRATON_PIN_USER, (const CK_BYTE *) USER_PIN,
	                           strlen (USER_PIN), &opened));
	*ret_time = now () - start;
	*ret_cpu = cpu_now () - start_cpu;
}

/* A new process from C_Initialize to its first find. */
static void
begin (const char *store, guint n, guint round)
{
	double start, start_cpu, middle, scrypt, scrypt_cpu;

	time_scrypt (&scrypt, &scrypt_cpu);
	start = now ();
	start_cpu = cpu_now ();
	use_store (store);
	open_session ();
	middle = now ();
	login ();
	figures->login[round] = now () - middle - scrypt;
	(void) find (n / 2, TRUE, TRUE);
	figures->first[round] = now () - start - scrypt;
	figures->cpu[round] = cpu_now () - start_cpu - scrypt_cpu;
	CHECK (p11->C_Finalize (NULL));
}

static void
measure (const char *store, guint n, guint round)
{
	guint at = 12345;
	CK_OBJECT_HANDLE found[100];
	CK_ULONG n_found, total = 0;
	double start;

	(void) round;
	use_store (store);
	open_session ();
	login ();
	for (guint i = 0; i < FINDS; i++) {
		at = (at * 1103515245 + 12345) & 0x7fffffff;
		figures->id[i] = find (at % n, TRUE, FALSE);
		figures->label[i] = find ((at + 1) % n, FALSE, FALSE);
		figures->both[i] = find ((at + 2) % n, TRUE, TRUE);
	}
	start = now ();
	CHECK (p11->C_FindObjectsInit (session, NULL, 0));
	do {
		CHECK (p11->C_FindObjects (session, found, G_N_ELEMENTS (found), &n_found));
		total += n_found;
	} while (n_found > 0);
	CHECK (p11->C_FindObjectsFinal (session));
	figures->enumerate = now () - start;
	if (total != n)
		check (CKR_GENERAL_ERROR, "not all objects are found");
	start = now ();
	for (guint i = 0; i < CREATED; i++)
		create (n + i);
	figures->create = (now () - start) / CREATED;
	CHECK (p11->C_Finalize (NULL));
}

static void
copy_file (const char *from, const char *to, const char *name)
{
	g_autofree char *source = g_build_filename (from, name, NULL);
	g_autofree char *target = g_build_filename (to, name, NULL);
	g_autofree char *bytes = NULL;
	gsize len;

	if (g_file_get_contents (source, &bytes, &len, NULL) &&
	    !g_file_set_contents (target, bytes, (gssize) len, NULL))
		check (CKR_DEVICE_ERROR, target);
	(void) g_remove (source);
}

static void
print_row (guint n)
{
	(void) printf ("| %u | %.0f | %.0f | %.2f | %.2f | ", n, 1e6 / figures->fill, 1e6 / figures->create,
	               median (figures->login, ROUNDS) / 1e3, median (figures->first, ROUNDS) / 1e3);
	/* Through the module the work is another process's. */
	if (module_path == NULL)
		(void) printf ("%.2f | ", median (figures->cpu, ROUNDS) / 1e3);
	else
		(void) printf ("- | ");
	(void) printf ("%.1f | %.1f | %.1f | %.2f |\n", median (figures->id, FINDS), median (figures->label, FINDS),
	               median (figures->both, FINDS), figures->enumerate / 1e3);
	(void) fflush (stdout);
}

static void
bench (guint n)
{
	static const char *const names[] = { "token.db", "token.db-wal", "token.db-shm", "lock",
		                             "pin-check", "bench.conf" };
	g_autofree char *memory = g_strdup ("/dev/shm/craton-bench-XXXXXX");
	g_autofree char *disk = g_dir_make_tmp ("craton-bench-XXXXXX", NULL);

	if (disk == NULL || g_mkdtemp (memory) == NULL)
		check (CKR_DEVICE_ERROR, "scratch folders");
	run_process (fill, memory, n, 0);
	for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
		if (g_str_has_suffix (names[i], "-shm") == FALSE)
			copy_file (memory, disk, names[i]);
	for (guint round = 0; round < ROUNDS; round++)
		run_process (begin, disk, n, round);
	run_process (measure, disk, n, 0);
	print_row (n);
	for (gsize i = 0; i < G_N_ELEMENTS (names); i++) {
		g_autofree char *in_memory = g_build_filename (memory, names[i], NULL);
		g_autofree char *on_disk = g_build_filename (disk, names[i], NULL);

		(void) g_remove (in_memory);
		(void) g_remove (on_disk);
	}
	(void) g_rmdir (memory);
	(void) g_rmdir (disk);
}

int
main (int argc, char **argv)
{
	static const guint usual[] = { 100, 1000, 10000, 100000 };

	figures = mmap (NULL, sizeof *figures, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS,
	                -1, 0);
	if (figures == MAP_FAILED)
		return 1;
	(void) printf ("| objects | created/s in memory | created/s on disk | login beyond scrypt, ms | "
	               "start to first find beyond scrypt, ms | processor's part, ms | find by id, us | by label, us | by id and "
	               "class, us | all, ms |\n| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
	if (argc > 2 && strcmp (argv[1], "--module") == 0) {
		module_path = argv[2];
		argc -= 2;
		argv += 2;
	}
	if (argc > 1)
		for (int i = 1; i < argc; i++)
			bench ((guint) strtoul (argv[i], NULL, 10));
	else
		for (gsize i = 0; i < G_N_ELEMENTS (usual); i++)
			bench (usual[i]);
	return 0;
}
