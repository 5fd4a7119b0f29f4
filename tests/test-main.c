/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The process craton-backend: how it starts, the hosts that it starts, and how all of them end, with the client or with a crash.
 */
#include "config.h"

#include "backend-client.h"

/* Started by hand */

static const struct {
	const char *arguments[3];
	int status;
	const char *out, *err;
} by_hand[] = {
	{ { "--version" }, 0, PACKAGE_VERSION, NULL },
	{ { "--help" }, 0, "--host NAME", NULL },
	{ { NULL }, 2, NULL, "craton-pkcs11.so" },
	{ { "--host", "x" }, 2, NULL, "craton-pkcs11.so" },
	{ { "--host" }, 2, NULL, "Usage" },
	{ { "--nonsense" }, 2, NULL, "Usage" },
	{ { "--host", "x", "y" }, 2, NULL, "Usage" },
};

START_TEST (test_main__by_hand)
{
	g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
	g_autofree char *out = NULL, *err = NULL;
	int status = -1;

	g_ptr_array_add (arguments, (gpointer) g_getenv ("CRATON_BACKEND"));
	for (gsize i = 0; i < 3 && by_hand[_i].arguments[i] != NULL; i++)
		g_ptr_array_add (arguments, (gpointer) by_hand[_i].arguments[i]);
	g_ptr_array_add (arguments, NULL);
	ck_assert (g_spawn_sync (NULL, (char **) arguments->pdata, NULL, G_SPAWN_DEFAULT, NULL,
	                         NULL, &out, &err, &status, NULL));
	ck_assert (WIFEXITED (status));
	ck_assert_int_eq (WEXITSTATUS (status), by_hand[_i].status);
	if (by_hand[_i].out != NULL)
		ck_assert_ptr_nonnull (strstr (out, by_hand[_i].out));
	else
		ck_assert_str_eq (out, "");
	if (by_hand[_i].err != NULL)
		ck_assert_ptr_nonnull (strstr (err, by_hand[_i].err));
	else
		ck_assert_str_eq (err, "");
}
END_TEST

/* Where it is started */

START_TEST (test_start__foreign_descriptors_closed)
{
	Backend backend;
	CratonControl answer;
	int fds[2];

	ck_assert_int_eq (pipe2 (fds, O_CLOEXEC), 0);
	start_with (-1, fds[1], &backend);
	(void) close (fds[1]);
	ck_assert_uint_eq (hello (backend.control, &answer), CKR_OK);
	expect_pipe_closed (fds[0]);
	stop (&backend);
}
END_TEST

/* Something else as descriptor 4: an old kernel, and an application that uses the number. */
START_TEST (test_start__no_pidfd)
{
	Backend backend;
	int null = open ("/dev/null", O_RDONLY | O_CLOEXEC);
	CratonControl answer;

	start_with (_i == 0 ? -1 : null, -1, &backend);
	ck_assert_uint_eq (hello (backend.control, &answer), CKR_OK);
	expect_service (backend.control, 1);
	stop (&backend);
}
END_TEST

/* What /proc says of a process; the rest of the sandbox is in test-sandbox.c. */
START_TEST (test_start__sandbox)
{
	Backend backend;
	g_autofree char *path = NULL, *status = NULL;

	start_and_greet (&backend);
	path = g_strdup_printf ("/proc/%d/status", (int) backend.pid);
	ck_assert (g_file_get_contents (path, &status, NULL, NULL));
	ck_assert_ptr_nonnull (
		strstr (status, CRATON_HAS_SANDBOX ? "NoNewPrivs:\t1" : "NoNewPrivs:\t0"));
	stop (&backend);
}
END_TEST

/* Ctrl-C and a hang-up of the terminal are the application's, and may not end its keys first. */
START_TEST (test_start__terminal_signals)
{
	static const int numbers[] = { SIGINT, SIGQUIT, SIGHUP, SIGPIPE };
	Backend backend;

	start_and_greet (&backend);
	ck_assert_int_ne (getsid (backend.pid), getsid (0));
	for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
		ck_assert_int_eq (kill (backend.pid, numbers[i]), 0);
	expect_service (backend.control, 1);
	stop (&backend);
}
END_TEST

/* Variables that a developer sets for the application are not for its backend. */
START_TEST (test_start__application_is_debugged)
{
	Backend backend;

	ck_assert (g_file_set_contents (g_getenv ("CRATON_CONFIG"), "[nonsense]\n", -1, NULL));
	g_setenv ("G_DEBUG", "fatal-warnings", TRUE);
	start_and_greet (&backend);
	g_unsetenv ("G_DEBUG");
	expect_service (backend.control, 1);
	stop (&backend);
	ck_assert_uint_eq (count_said ("[nonsense]"), 1);
}
END_TEST

/* Hosted modules */

START_TEST (test_host__serves_module)
{
	Backend backend;
	CratonControl answer;
	CratonLane lane;
	CK_TOKEN_INFO info;
	const CK_ULONG args[] = { 42, (CK_ULONG) (uintptr_t) &info };
	int control;

	configure ("");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &answer), CKR_OK);
	ck_assert_uint_eq (answer.value, 0);
	ck_assert_uint_eq (answer.n_flat, 2);
	ck_assert_uint_eq (answer.flat[0], 0x80000001);
	ck_assert_uint_eq (answer.flat[1], CKM_AES_CBC);
	ck_assert_uint_eq (open_lane (control, 4096, &lane), CKR_OK);
	ck_assert_uint_eq (call_lane (&lane, CRATON_C_GetTokenInfo, args), CKR_OK);
	ck_assert_mem_eq (info.label, "reserved text   ", 16);
	ck_assert_mem_eq (info.manufacturerID, "inside  ", 8);
	ck_assert_mem_eq (info.model, "a   ", 4);
	stop (&backend);
	/* The two processes have nothing to do with each other any more. */
	expect_slots (&lane, 1);
	(void) close (control);
}
END_TEST

START_TEST (test_host__no_such_module)
{
	Backend backend;
	int control;

	configure ("");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 2, &control), CKR_ARGUMENTS_BAD);
	ck_assert_uint_eq (open_host (backend.control, UINT64_MAX, &control), CKR_ARGUMENTS_BAD);
	expect_service (backend.control, 1);
	stop (&backend);
}
END_TEST

START_TEST (test_host__no_such_file)
{
	Backend backend;
	CratonControl answer;
	int control;

	configure ("");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 1, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &answer), CKR_TOKEN_NOT_PRESENT);
	expect_hang_up (control);
	ck_assert_uint_eq (count_said ("module missing: /nowhere/module.so cannot be loaded"), 1);
	stop (&backend);
}
END_TEST

START_TEST (test_host__initialize_fails)
{
	Backend backend;
	CratonControl answer;
	int control;

	configure ("refuse");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &answer), CKR_DEVICE_MEMORY);
	expect_hang_up (control);
	ck_assert_uint_eq (count_said ("module hosted: C_Initialize"), 1);
	stop (&backend);
}
END_TEST

/* A crash costs the host's own process: here in C_Initialize. */
START_TEST (test_host__crash_in_initialize)
{
	Backend backend;
	CratonControl message;
	int control;

	configure ("crash");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	craton_control_init (&message, CRATON_CONTROL_HELLO);
	(void) craton_control_send (control, &message, -1);
	expect_hang_up (control);
	expect_service (backend.control, 1);
	stop (&backend);
}
END_TEST

/* ... and here in a call. */
START_TEST (test_host__crash_in_call)
{
	Backend backend;
	CratonControl answer;
	CratonLane lane;
	CratonWire wire;
	CratonLaneCall call;
	const CK_ULONG args[] = { 1 };
	int control;

	configure ("");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &answer), CKR_OK);
	ck_assert_uint_eq (open_lane (control, 4096, &lane), CKR_OK);
	submit (&lane, &wire, CRATON_C_FindObjectsFinal, args, &call);
	expect_hang_up (control);
	(void) close (control);
	expect_service (backend.control, 1);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &answer), CKR_OK);
	expect_service (control, 1);
	stop (&backend);
}
END_TEST

/* Only the first backend starts others. */
START_TEST (test_host__asked_for_host)
{
	Backend backend;
	CratonControl message;
	int control;

	configure ("");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &message), CKR_OK);
	craton_control_init (&message, CRATON_CONTROL_HOST);
	ck_assert_uint_eq (craton_control_send (control, &message, -1), CKR_OK);
	expect_hang_up (control);
	stop (&backend);
}
END_TEST

/* However many are started and left, there is an end to how many live, and the dead are not counted. */
START_TEST (test_host__flood)
{
	Backend backend;
	int controls[2 * CRATON_CHANNELS_MAX], more;
	gint64 deadline;

	configure ("");
	start_and_greet (&backend);
	for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
		ck_assert_uint_eq (open_host (backend.control, 0, &controls[i]), CKR_OK);
	ck_assert_uint_eq (open_host (backend.control, 0, &more), CKR_HOST_MEMORY);
	for (gsize i = 0; i < G_N_ELEMENTS (controls); i++)
		(void) close (controls[i]);
	deadline = g_get_monotonic_time () + PATIENCE_MS * 1000;
	while (open_host (backend.control, 0, &more) != CKR_OK)
		ck_assert (g_get_monotonic_time () < deadline);
	expect_service (backend.control, 1);
	stop (&backend);
}
END_TEST

static gpointer
generate (gpointer data)
{
	CratonLane *lane = data;
	CK_BYTE bytes[16];
	const CK_ULONG args[] = { 1, (CK_ULONG) (uintptr_t) bytes, sizeof (bytes) };
	CK_RV rv = CKR_OK;

	for (int i = 0; i < 50 && rv == CKR_OK; i++)
		rv = call_lane (lane, CRATON_C_GenerateRandom, args);
	return GSIZE_TO_POINTER (rv);
}

/* A module that cannot lock never sees two calls at a time; others do. */
START_TEST (test_host__serialised)
{
	Backend backend;
	CratonControl answer;
	CratonLane lanes[4];
	GThread *threads[4];
	guint n_met = 0;
	int control;

	configure (_i == 0 ? "cannot-lock" : "");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &answer), CKR_OK);
	for (gsize i = 0; i < G_N_ELEMENTS (lanes); i++) {
		ck_assert_uint_eq (open_lane (control, 4096, &lanes[i]), CKR_OK);
		threads[i] = g_thread_new ("client", generate, &lanes[i]);
	}
	for (gsize i = 0; i < G_N_ELEMENTS (lanes); i++)
		n_met += GPOINTER_TO_SIZE (g_thread_join (threads[i])) != CKR_OK;
	if (_i == 0)
		ck_assert_uint_eq (n_met, 0);
	else
		ck_assert_uint_gt (n_met, 0);
	stop (&backend);
}
END_TEST

/* Death */

/* The mark of C_Finalize is there, or will be soon. */
static gboolean
is_finalised (void)
{
	g_autofree char *mark = g_build_filename (root, "mark", NULL);

	for (int i = 0; i < PATIENCE_MS / 10; i++) {
		if (g_file_test (mark, G_FILE_TEST_EXISTS))
			return TRUE;
		g_usleep (10000);
	}
	return FALSE;
}

START_TEST (test_end__module_is_finalised)
{
	Backend backend;
	CratonControl answer;
	int control;

	configure ("");
	start_and_greet (&backend);
	ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
	ck_assert_uint_eq (hello (control, &answer), CKR_OK);
	(void) close (control);
	ck_assert (is_finalised ());
	stop (&backend);
}
END_TEST

/* What a client process of its own does before it is killed. */
typedef enum {
	CLIENT_IDLE,          /* has said hello */
	CLIENT_FORKED,        /* and has a child that holds the socket */
	CLIENT_SILENT,        /* has started a backend and said nothing */
	CLIENT_HOST_STARTING, /* waits for a module that hangs in C_Initialize */
	CLIENT_HOST_CALLING,  /* waits for a call that never comes back */
	CLIENT_HOST_IDLE,     /* has a module that hangs in C_Finalize */
} ClientKind;

typedef struct {
	pid_t backend;
	pid_t holder; /* the forked child, or 0 */
	pid_t host;   /* or 0 */
} ClientReport;

static const struct {
	ClientKind kind;
	const char *manner;
} clients[] = {
	{ CLIENT_IDLE, "" },         { CLIENT_FORKED, "" },
	{ CLIENT_SILENT, "" },       { CLIENT_HOST_STARTING, "hang" },
	{ CLIENT_HOST_CALLING, "" }, { CLIENT_HOST_IDLE, "hang-at-end" },
};

static void
sleep_for_ever (void)
{
	for (;;)
		(void) pause ();
}

/* The only child of a process, as /proc has it. */
static pid_t
child_of (pid_t parent)
{
	g_autofree char *path =
		g_strdup_printf ("/proc/%d/task/%d/children", (int) parent, (int) parent);
	g_autofree char *text = NULL;

	ck_assert (g_file_get_contents (path, &text, NULL, NULL));
	ck_assert_str_ne (text, "");
	return (pid_t) strtol (text, NULL, 10);
}

static void
use_host (ClientKind kind, int control)
{
	CratonControl answer;
	CratonLane lane;
	CratonWire wire;
	CratonLaneCall call;
	const CK_ULONG args[] = { 1 };

	if (kind == CLIENT_HOST_STARTING)
		return;
	ck_assert_uint_eq (hello (control, &answer), CKR_OK);
	if (kind != CLIENT_HOST_CALLING)
		return;
	ck_assert_uint_eq (open_lane (control, 4096, &lane), CKR_OK);
	submit (&lane, &wire, CRATON_C_Logout, args, &call);
	ck_assert_int_eq (craton_lane_await_reply (&lane, 50, true, &call), CRATON_LANE_TIMEOUT);
}

/* The client process; tells its news and waits to be killed. */
static void
be_client (ClientKind kind, int news)
{
	Backend backend;
	CratonControl answer;
	ClientReport report = { 0 };
	int control = -1;

	start (&backend);
	report.backend = backend.pid;
	if (kind != CLIENT_SILENT)
		ck_assert_uint_eq (hello (backend.control, &answer), CKR_OK);
	if (kind == CLIENT_FORKED) {
		report.holder = fork ();
		if (report.holder == 0)
			sleep_for_ever ();
	}
	if (kind >= CLIENT_HOST_STARTING) {
		ck_assert_uint_eq (open_host (backend.control, 0, &control), CKR_OK);
		report.host = child_of (child_of (backend.pid)); /* the spawner is between */
		use_host (kind, control);
	}
	ck_assert_int_eq (write (news, &report, sizeof (report)), sizeof (report));
	sleep_for_ever ();
}

START_TEST (test_end__client_killed)
{
	ClientReport report;
	int news[2], backend, host = -1;
	pid_t client;

	configure (clients[_i].manner);
	ck_assert_int_eq (pipe2 (news, O_CLOEXEC), 0);
	client = fork ();
	if (client == 0)
		be_client (clients[_i].kind, news[1]);
	(void) close (news[1]);
	ck_assert_int_eq (read (news[0], &report, sizeof (report)), sizeof (report));
	backend = open_pidfd (report.backend);
	ck_assert_int_ge (backend, 0);
	if (report.host != 0) {
		host = open_pidfd (report.host);
		ck_assert_int_ge (host, 0);
	}
	ck_assert_int_eq (kill (client, SIGKILL), 0);
	ck_assert (is_gone (backend));
	if (report.host != 0)
		ck_assert (is_gone (host));
	if (report.holder != 0)
		ck_assert_int_eq (kill (report.holder, SIGKILL), 0);
	if (clients[_i].kind == CLIENT_HOST_IDLE)
		ck_assert (is_finalised ());
	while (wait (NULL) > 0)
		continue;
}
END_TEST

/* A child of the client that inherited the socket and closes it does not end the backend. */
START_TEST (test_end__not_by_forked_child)
{
	Backend backend;
	pid_t child;

	start_and_greet (&backend);
	child = fork ();
	if (child == 0)
		_exit (0);
	ck_assert_int_eq (waitpid (child, NULL, 0), child);
	expect_service (backend.control, 1);
	stop (&backend);
}
END_TEST

/* Lanes that are open, or at work, hold nothing up when the client hangs up. */
START_TEST (test_end__with_open_lanes)
{
	Backend backend;
	CratonLane lanes[8];

	start_and_greet (&backend);
	ck_assert_uint_eq (open_all (backend.control, lanes, G_N_ELEMENTS (lanes)),
	                   G_N_ELEMENTS (lanes));
	for (gsize i = 0; i < G_N_ELEMENTS (lanes); i++) {
		CK_ULONG count = 0;
		const CK_ULONG args[] = { CK_FALSE, 0, (CK_ULONG) (uintptr_t) &count };
		CratonWire wire;
		CratonLaneCall call;

		submit (&lanes[i], &wire, CRATON_C_GetSlotList, args, &call);
	}
	stop (&backend);
}
END_TEST

static void
add_start_tests (Suite *suite)
{
	TCase *tcase = add_case (suite, "start");

	tcase_add_loop_test (tcase, test_main__by_hand, 0, (int) G_N_ELEMENTS (by_hand));
	tcase_add_test (tcase, test_start__foreign_descriptors_closed);
	tcase_add_loop_test (tcase, test_start__no_pidfd, 0, 2);
	tcase_add_test (tcase, test_start__sandbox);
	tcase_add_test (tcase, test_start__terminal_signals);
	tcase_add_test (tcase, test_start__application_is_debugged);
}

static void
add_host_tests (Suite *suite)
{
	TCase *tcase = add_case (suite, "host");

	tcase_add_test (tcase, test_host__serves_module);
	tcase_add_test (tcase, test_host__no_such_module);
	tcase_add_test (tcase, test_host__no_such_file);
	tcase_add_test (tcase, test_host__initialize_fails);
	tcase_add_test (tcase, test_host__crash_in_initialize);
	tcase_add_test (tcase, test_host__crash_in_call);
	tcase_add_test (tcase, test_host__asked_for_host);
	tcase_add_test (tcase, test_host__flood);
	tcase_add_loop_test (tcase, test_host__serialised, 0, 2);
}

static void
add_end_tests (Suite *suite)
{
	TCase *tcase = add_case (suite, "end");

	tcase_add_test (tcase, test_end__module_is_finalised);
	tcase_add_loop_test (tcase, test_end__client_killed, 0, (int) G_N_ELEMENTS (clients));
	tcase_add_test (tcase, test_end__not_by_forked_child);
	tcase_add_test (tcase, test_end__with_open_lanes);
}

int
main (void)
{
	Suite *suite = suite_create ("main");
	SRunner *runner;
	int n_failed;

	reserve_numbers ();
	add_start_tests (suite);
	add_host_tests (suite);
	add_end_tests (suite);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
