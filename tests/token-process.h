/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * For tests of the token's core: users and objects in few words, and other processes on the same
 * store. A process is forked before the token has been used in the test, so that it starts from
 * nothing as a real one does, and then goes step by step.
 */
#ifndef CRATON_TEST_TOKEN_PROCESS_H
#define CRATON_TEST_TOKEN_PROCESS_H

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "token-fixture.h"

#define SO_PIN "so-pin-of-the-test"
#define USER_PIN "user-pin"
#define PIN(text) (CK_UTF8CHAR_PTR) (text), sizeof (text) - 1

G_GNUC_UNUSED static const CK_OBJECT_CLASS class_data = CKO_DATA,
					   class_certificate = CKO_CERTIFICATE,
					   class_public = CKO_PUBLIC_KEY,
					   class_private = CKO_PRIVATE_KEY,
					   class_secret = CKO_SECRET_KEY;
G_GNUC_UNUSED static const CK_KEY_TYPE type_aes = CKK_AES, type_generic = CKK_GENERIC_SECRET,
				       type_rsa = CKK_RSA, type_ec = CKK_EC;
G_GNUC_UNUSED static const CK_CERTIFICATE_TYPE type_x509 = CKC_X_509;
G_GNUC_UNUSED static CK_BYTE key16[16] = "0123456789abcdef";

static CratonTokenConfig config = { .name = (char *) "test", .pin_cost = 14 };

/* A scratch folder and the token in it configured, but nothing initialised. */
G_GNUC_UNUSED static void
scratch_setup (void)
{
	scratch = g_dir_make_tmp ("craton-test-token-XXXXXX", NULL);
	ck_assert_ptr_nonnull (scratch);
	config.store = g_build_filename (scratch, "store", NULL);
	craton_token_configure (&config, 1);
	p11 = craton_token_function_list ();
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

G_GNUC_UNUSED static void
scratch_teardown (void)
{
	(void) p11->C_Finalize (NULL);
	(void) g_chmod (config.store, 0700);
	remove_tree (scratch);
	g_clear_pointer (&config.store, g_free);
	g_clear_pointer (&scratch, g_free);
}

G_GNUC_UNUSED static CK_RV
init_token (const char *pin)
{
	CK_UTF8CHAR label[32];

	memset (label, ' ', sizeof label);
	memcpy (label, "test", 4);
	return p11->C_InitToken (0, (CK_UTF8CHAR_PTR) pin, strlen (pin), label);
}

static CK_SESSION_HANDLE
open_session (CK_FLAGS flags)
{
	CK_SESSION_HANDLE opened;

	ck_ok (p11->C_OpenSession (0, CKF_SERIAL_SESSION | flags, NULL, NULL, &opened));
	return opened;
}

static void
login (void)
{
	ck_ok (p11->C_Login (session, CKU_USER, PIN (USER_PIN)));
}

/* C_Initialize and a read-write session, nobody logged in. */
G_GNUC_UNUSED static void
start (void)
{
	ck_ok (p11->C_Initialize (NULL));
	session = open_session (CKF_RW_SESSION);
}

G_GNUC_UNUSED static void
restart (void)
{
	ck_ok (p11->C_Finalize (NULL));
	start ();
}

/* A token with both PINs, and a read-write session with it in which nobody is logged in. */
G_GNUC_UNUSED static void
make_token (void)
{
	ck_ok (p11->C_Initialize (NULL));
	ck_ok (init_token (SO_PIN));
	session = open_session (CKF_RW_SESSION);
	ck_ok (p11->C_Login (session, CKU_SO, PIN (SO_PIN)));
	ck_ok (p11->C_InitPIN (session, PIN (USER_PIN)));
	ck_ok (p11->C_Logout (session));
}

/* A data object with this label; its value is the label once more. */
static CK_RV
create_data (const char *label, CK_BBOOL on_token, CK_BBOOL is_private,
             CK_OBJECT_HANDLE *ret_object)
{
	CK_OBJECT_CLASS class = CKO_DATA;
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class),
		ATTR (CKA_TOKEN, on_token),
		ATTR (CKA_PRIVATE, is_private),
		{ CKA_LABEL, (void *) label, strlen (label) },
		{ CKA_VALUE, (void *) label, strlen (label) },
	};

	return p11->C_CreateObject (session, template, N (template), ret_object);
}

G_GNUC_UNUSED static CK_OBJECT_HANDLE
make_data (const char *label, CK_BBOOL on_token, CK_BBOOL is_private)
{
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;

	ck_ok (create_data (label, on_token, is_private, &object));
	ck_assert_uint_ne (object, CK_INVALID_HANDLE);
	return object;
}

G_GNUC_UNUSED static CK_OBJECT_HANDLE
create (CK_ATTRIBUTE *template, CK_ULONG n)
{
	CK_OBJECT_HANDLE object;

	ck_ok (p11->C_CreateObject (session, template, n, &object));
	return object;
}

#define CREATE(template) create (template, N (template))

/* An AES key, readable if it is neither sensitive nor unextractable. */
G_GNUC_UNUSED static CK_OBJECT_HANDLE
make_aes (CK_BBOOL sensitive, CK_BBOOL extractable, CK_BBOOL is_private)
{
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class_secret),
		ATTR (CKA_KEY_TYPE, type_aes),
		ATTR (CKA_VALUE, key16),
		ATTR (CKA_SENSITIVE, sensitive),
		ATTR (CKA_EXTRACTABLE, extractable),
		ATTR (CKA_PRIVATE, is_private),
	};

	return CREATE (template);
}

G_GNUC_UNUSED static CK_RV
set (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG len)
{
	CK_ATTRIBUTE template = { type, (void *) value, len };

	return p11->C_SetAttributeValue (session, object, &template, 1);
}

/* How many objects match; the first of them in @ret_object, which may be NULL. */
static CK_ULONG
find_all (CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_object)
{
	CK_OBJECT_HANDLE found[64];
	CK_ULONG n, total = 0;

	ck_ok (p11->C_FindObjectsInit (session, template, n_attrs));
	do {
		ck_ok (p11->C_FindObjects (session, found, N (found), &n));
		if (total == 0 && n > 0 && ret_object != NULL)
			*ret_object = found[0];
		total += n;
	} while (n > 0);
	ck_ok (p11->C_FindObjectsFinal (session));
	return total;
}

G_GNUC_UNUSED static CK_ULONG
count_label (const char *label)
{
	CK_ATTRIBUTE template[] = { { CKA_LABEL, (void *) label, strlen (label) } };

	return find_all (template, 1, NULL);
}

G_GNUC_UNUSED static CK_OBJECT_HANDLE
find_label (const char *label)
{
	CK_ATTRIBUTE template[] = { { CKA_LABEL, (void *) label, strlen (label) } };
	CK_OBJECT_HANDLE object = CK_INVALID_HANDLE;

	ck_assert_uint_eq (find_all (template, 1, &object), 1);
	return object;
}

/* An attribute as bytes; NULL where it cannot be had. */
G_GNUC_UNUSED static GBytes *
get (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type)
{
	CK_ATTRIBUTE value = { type, NULL, 0 };

	if (p11->C_GetAttributeValue (session, object, &value, 1) != CKR_OK)
		return NULL;
	value.pValue = g_malloc (value.ulValueLen + 1);
	ck_ok (p11->C_GetAttributeValue (session, object, &value, 1));
	return g_bytes_new_take (value.pValue, value.ulValueLen);
}

G_GNUC_UNUSED static void
assert_value (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, const void *expected, gsize len)
{
	g_autoptr (GBytes) value = get (object, type);

	ck_assert_msg (value != NULL, "attribute %#lx is not there", type);
	ck_assert_uint_eq (g_bytes_get_size (value), len);
	ck_assert_msg (memcmp (g_bytes_get_data (value, NULL), expected, len) == 0,
	               "attribute %#lx differs", type);
}

G_GNUC_UNUSED static void
assert_bool (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_BBOOL expected)
{
	assert_value (object, type, &expected, sizeof expected);
}

G_GNUC_UNUSED static CK_FLAGS
token_flags (void)
{
	CK_TOKEN_INFO info;

	ck_ok (p11->C_GetTokenInfo (0, &info));
	return info.flags;
}

/* Another process. */
typedef struct {
	pid_t pid;
	int fd[2]; /* what it says, what it is told */
} Process;

/* In the process: the step is done, wait for the word to go on. */
G_GNUC_UNUSED static void
step_done (Process *self)
{
	char byte = 's';

	if (write (self->fd[1], &byte, 1) != 1 || read (self->fd[0], &byte, 1) != 1)
		_exit (2);
}

/* Starts a process that runs @body and ends well if that returns. Its failures are seen by
 * process_end(). */
G_GNUC_UNUSED static Process
process_start (void (*body) (Process *self))
{
	Process process = { -1, { -1, -1 } };
	int up[2], down[2];

	ck_assert_int_eq (pipe (up), 0);
	ck_assert_int_eq (pipe (down), 0);
	process.pid = fork ();
	ck_assert_int_ge (process.pid, 0);
	if (process.pid == 0) {
		Process self = { getpid (), { down[0], up[1] } };

		(void) close (up[0]);
		(void) close (down[1]);
		body (&self);
		(void) p11->C_Finalize (NULL);
		_exit (0);
	}
	(void) close (up[1]);
	(void) close (down[0]);
	process.fd[0] = up[0];
	process.fd[1] = down[1];
	return process;
}

/* Waits for the end of the process's step. */
G_GNUC_UNUSED static void
process_await (Process *process)
{
	char byte;

	ck_assert_msg (read (process->fd[0], &byte, 1) == 1, "the other process has failed");
}

/* Lets it go on. */
G_GNUC_UNUSED static void
process_go (Process *process)
{
	char byte = 'g';

	ck_assert_int_eq (write (process->fd[1], &byte, 1), 1);
}

G_GNUC_UNUSED static int
process_wait (Process *process)
{
	int status = 0;

	while (waitpid (process->pid, &status, 0) < 0)
		ck_assert_int_eq (errno, EINTR);
	(void) close (process->fd[0]);
	(void) close (process->fd[1]);
	return status;
}

/* Lets it go on to its end, which must be a good one. */
G_GNUC_UNUSED static void
process_end (Process *process)
{
	ck_assert_int_eq (process_wait (process), 0);
}

G_GNUC_UNUSED static void
process_finish (Process *process)
{
	process_go (process);
	process_end (process);
}

#endif /* CRATON_TEST_TOKEN_PROCESS_H */
