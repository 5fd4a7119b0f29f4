/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * PINs, keys and plaintext are nowhere once they have been used: not in the application's memory, not in the backend's, and in no
 * line that either writes: to the system log, standard error, a trace or the audit log. This process keeps them masked only, and looks
 * for what they are without the mask, in either order of their bytes. The backend's memory can be read by root alone, who has a
 * /dev/log of his own here, too.
 */
#include "config.h"

#include "secrets.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

static CK_SLOT_ID
make_token (void)
{
	CK_UTF8CHAR label[33] = "scratch                         ";
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slot;

	ck_assert_uint_eq (guest_slots (&slot, 1), 1);
	ck_assert_uint_eq (guest_p11->C_InitToken (slot, reveal (&so_pin), PIN_LEN, label), CKR_OK);
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_SO, reveal (&so_pin), PIN_LEN), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_InitPIN (session, reveal (&pin), PIN_LEN), CKR_OK);
	hide ();
	ck_assert_uint_eq (guest_p11->C_Logout (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_CloseSession (session), CKR_OK);
	return slot;
}

/* A session of the user in a new token. */
static CK_SESSION_HANDLE
log_in (void)
{
	CK_SESSION_HANDLE session;

	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	session = guest_open_session (make_token ());
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, reveal (&pin), PIN_LEN), CKR_OK);
	return session;
}

/* A key of the standard's kind, its value @secret, which is read again. */
static CK_OBJECT_HANDLE
make_key (CK_SESSION_HANDLE session, CK_KEY_TYPE type, const Secret *secret)
{
	CK_OBJECT_CLASS klass = type == CKK_EC ? CKO_PRIVATE_KEY : CKO_SECRET_KEY;
	CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_OBJECT_HANDLE object = 0;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &klass, sizeof klass },
		{ CKA_KEY_TYPE, &type, sizeof type },
		{ CKA_TOKEN, &yes, 1 },
		{ CKA_VALUE, reveal (secret), secret->len },
		{ CKA_EXTRACTABLE, &yes, 1 },
		{ CKA_SENSITIVE, &no, 1 },
		{ CKA_DERIVE, &yes, 1 },
		{ CKA_SIGN, &yes, 1 },
		{ type == CKK_EC ? CKA_EC_PARAMS : CKA_ENCRYPT, type == CKK_EC ? p256 : &yes, type == CKK_EC ? sizeof p256 : 1 },
		{ CKA_DECRYPT, &yes, 1 },
		{ CKA_WRAP, &yes, 1 },
		{ CKA_UNWRAP, &yes, 1 },
	};
	CK_ULONG n = type == CKK_AES ? 12 : type == CKK_EC ? 9 : 8;

	ck_assert_uint_eq (guest_p11->C_CreateObject (session, template, n, &object), CKR_OK);
	hide ();
	ck_assert_uint_eq (guest_p11->C_GetAttributeValue (session, object, &template[3], 1), CKR_OK);
	hide ();
	return object;
}

static void
use_key (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	static CK_BYTE iv[16], sealed[TEXT_LEN + 16];
	CK_MECHANISM mechanism = { CKM_AES_CBC_PAD, iv, sizeof iv }, sha = { CKM_SHA256, NULL, 0 };
	CK_ULONG sealed_len = sizeof sealed, len = sizeof plain, digest_len = 32;
	CK_BYTE digest[32];

	ck_assert_uint_eq (guest_p11->C_EncryptInit (session, &mechanism, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Encrypt (session, reveal (&text), TEXT_LEN, sealed, &sealed_len),
	                   CKR_OK);
	hide ();
	ck_assert_uint_eq (guest_p11->C_DecryptInit (session, &mechanism, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Decrypt (session, sealed, sealed_len, plain, &len), CKR_OK);
	ck_assert_uint_eq (len, TEXT_LEN);
	hide ();
	ck_assert_uint_eq (guest_p11->C_DigestInit (session, &sha), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Digest (session, reveal (&text), TEXT_LEN, digest, &digest_len),
	                   CKR_OK);
	hide ();
}

static void
sign (CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE object)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_BYTE signature[512];
	CK_ULONG len = sizeof signature;

	ck_assert_uint_eq (guest_p11->C_SignInit (session, &mechanism, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Sign (session, reveal (&text), type == CKM_ECDSA ? 32 : TEXT_LEN, signature,
	                                      &len),
	                   CKR_OK);
	hide ();
	ck_assert_uint_eq (guest_p11->C_SignInit (session, &mechanism, object), CKR_OK);
	if (type == CKM_ECDSA) {
		ck_assert_uint_eq (guest_p11->C_SessionCancel (session, CKF_SIGN), CKR_OK);
		return;
	}
	len = sizeof signature;
	ck_assert_uint_eq (guest_p11->C_SignUpdate (session, reveal (&text), TEXT_LEN), CKR_OK);
	hide ();
	ck_assert_uint_eq (guest_p11->C_SignFinal (session, signature, &len), CKR_OK);
}

/* A value that the token tells becomes one of those that are looked for. */
static void
learn (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, Secret *secret)
{
	CK_ATTRIBUTE attr = { type, plain, sizeof plain };

	ck_assert_uint_eq (guest_p11->C_GetAttributeValue (session, object, &attr, 1), CKR_OK);
	/* One in 256 begins with a zero, which is left out. */
	ck_assert (attr.ulValueLen <= secret->len && attr.ulValueLen + 2 >= secret->len);
	secret->len = attr.ulValueLen;
	for (CK_ULONG i = 0; i < secret->len; i++)
		secret->masked[i] = plain[i] ^ MASK;
	hide ();
}

static void
use_rsa (CK_SESSION_HANDLE session)
{
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_KEY_PAIR_GEN, NULL, 0 };
	CK_ULONG bits = 2048;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ATTRIBUTE public[] = { { CKA_MODULUS_BITS, &bits, sizeof bits } };
	CK_ATTRIBUTE private[] = {
		{ CKA_TOKEN, &yes, 1 },
		{ CKA_SENSITIVE, &no, 1 },
		{ CKA_EXTRACTABLE, &yes, 1 },
		{ CKA_SIGN, &yes, 1 },
	};
	CK_OBJECT_HANDLE pair[2];

	ck_assert_uint_eq (guest_p11->C_GenerateKeyPair (session, &mechanism, public, 1, private, 4, &pair[0],
	                                                 &pair[1]),
	                   CKR_OK);
	learn (session, pair[1], CKA_PRIVATE_EXPONENT, &exponent);
	learn (session, pair[1], CKA_PRIME_1, &prime);
	sign (session, CKM_SHA256_RSA_PKCS, pair[1]);
}

static void
wrap_and_derive (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE aes, CK_OBJECT_HANDLE mac)
{
	CK_HKDF_PARAMS hkdf = { CK_TRUE, CK_TRUE, CKM_SHA256, CKF_HKDF_SALT_NULL, NULL, 0, 0, NULL, 0 };
	CK_MECHANISM wrap = { CKM_AES_KEY_WRAP, NULL, 0 }, derive = { CKM_HKDF_DERIVE, &hkdf, sizeof hkdf };
	CK_OBJECT_CLASS klass = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
	CK_ULONG key_len = KEY_LEN, len;
	CK_BYTE wrapped[64];
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &klass, sizeof klass },    { CKA_KEY_TYPE, &type, sizeof type },
		{ CKA_SENSITIVE, &no, 1 },              { CKA_EXTRACTABLE, &yes, 1 },
		{ CKA_VALUE_LEN, &key_len, sizeof key_len },
	};
	CK_OBJECT_HANDLE object;

	len = sizeof wrapped;
	ck_assert_uint_eq (guest_p11->C_WrapKey (session, &wrap, aes, mac, wrapped, &len), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_UnwrapKey (session, &wrap, aes, wrapped, len, template, 5, &object), CKR_OK);
	sign (session, CKM_SHA256_HMAC, object);
	ck_assert_uint_eq (guest_p11->C_DestroyObject (session, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DeriveKey (session, &derive, mac, template, 5, &object), CKR_OK);
	learn (session, object, CKA_VALUE, &derived);
}

static void
use_messages (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	static CK_BYTE sealed[TEXT_LEN];
	CK_BYTE nonce[12] = { 0 }, tag[16];
	CK_GCM_MESSAGE_PARAMS params = { nonce, 12, 0, CKG_NO_GENERATE, tag, 128 };
	CK_MECHANISM mechanism = { CKM_AES_GCM, NULL, 0 };
	CK_ULONG len = TEXT_LEN, again = TEXT_LEN;

	ck_assert_uint_eq (guest_p11->C_MessageEncryptInit (session, &mechanism, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_EncryptMessage (session, &params, sizeof params, NULL, 0, reveal (&text),
	                                                TEXT_LEN, sealed, &len),
	                   CKR_OK);
	hide ();
	ck_assert_uint_eq (guest_p11->C_MessageEncryptFinal (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_MessageDecryptInit (session, &mechanism, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DecryptMessage (session, &params, sizeof params, NULL, 0, sealed, len, plain,
	                                                &again),
	                   CKR_OK);
	ck_assert_uint_eq (again, TEXT_LEN);
	hide ();
	ck_assert_uint_eq (guest_p11->C_MessageDecryptFinal (session), CKR_OK);
}

static void
use_parts (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object)
{
	static CK_BYTE iv[16], sealed[TEXT_LEN + 16];
	CK_MECHANISM mechanism = { CKM_AES_CBC_PAD, iv, sizeof iv };
	CK_ULONG len = sizeof sealed, rest, n = TEXT_LEN;

	ck_assert_uint_eq (guest_p11->C_EncryptInit (session, &mechanism, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_EncryptUpdate (session, reveal (&text), TEXT_LEN, sealed, &len), CKR_OK);
	hide ();
	rest = sizeof sealed - len;
	ck_assert_uint_eq (guest_p11->C_EncryptFinal (session, sealed + len, &rest), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DecryptInit (session, &mechanism, object), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_DecryptUpdate (session, sealed, len + rest, plain, &n), CKR_OK);
	hide ();
	n = TEXT_LEN;
	ck_assert_uint_eq (guest_p11->C_DecryptFinal (session, plain, &n), CKR_OK);
	hide ();
}

/* What a private object holds is sealed in the store, and is in memory for the user alone. */
static void
keep_data (CK_SESSION_HANDLE session)
{
	CK_OBJECT_CLASS klass = CKO_DATA;
	CK_BBOOL yes = CK_TRUE;
	CK_OBJECT_HANDLE object;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &klass, sizeof klass },
		{ CKA_TOKEN, &yes, 1 },
		{ CKA_PRIVATE, &yes, 1 },
		{ CKA_VALUE, reveal (&private_data), private_data.len },
	};

	ck_assert_uint_eq (guest_p11->C_CreateObject (session, template, 4, &object), CKR_OK);
	hide ();
}

/* That object, which is opened anew after each login. */
static void
read_data (CK_SESSION_HANDLE session)
{
	CK_OBJECT_CLASS klass = CKO_DATA;
	CK_ATTRIBUTE wanted = { CKA_CLASS, &klass, sizeof klass }, value = { CKA_VALUE, plain, sizeof plain };
	CK_OBJECT_HANDLE object;
	CK_ULONG n = 0;

	ck_assert_uint_eq (guest_p11->C_FindObjectsInit (session, &wanted, 1), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_FindObjects (session, &object, 1, &n), CKR_OK);
	ck_assert_uint_eq (n, 1);
	ck_assert_uint_eq (guest_p11->C_FindObjectsFinal (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_GetAttributeValue (session, object, &value, 1), CKR_OK);
	ck_assert_uint_eq (value.ulValueLen, private_data.len);
	hide ();
}

static void
change_pin (CK_SESSION_HANDLE session)
{
	CK_BYTE other[PIN_LEN];

	for (CK_ULONG i = 0; i < PIN_LEN; i++)
		other[i] = new_pin.masked[i] ^ MASK;
	ck_assert_uint_eq (guest_p11->C_SetPIN (session, reveal (&pin), PIN_LEN, other, PIN_LEN), CKR_OK);
	hide ();
	explicit_bzero (other, sizeof other);
}

/* Each way in which a module is given PINs, values and plaintext, small enough to be copied or to be used where they lie. */
static void
use_module (CK_SESSION_HANDLE session)
{
	static CK_BYTE sealed[TEXT_LEN];
	CK_BYTE iv[16] = { 0 };
	CK_MECHANISM mechanism = { CKM_AES_CBC_PAD, iv, sizeof iv };
	CK_OBJECT_CLASS klass = CKO_SECRET_KEY;
	CK_ATTRIBUTE template[] = { { CKA_CLASS, &klass, sizeof klass }, { CKA_VALUE, NULL, KEY_LEN } };
	const CK_ULONG lens[] = { PIECE_LEN, 64, 1024, TEXT_LEN };
	CK_OBJECT_HANDLE object;

	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		CK_ULONG len = sizeof sealed;

		ck_assert_uint_eq (guest_p11->C_EncryptInit (session, &mechanism, 1), CKR_OK);
		ck_assert_uint_eq (guest_p11->C_Encrypt (session, reveal (&text), lens[i], sealed, &len), CKR_OK);
		hide ();
		ck_assert_uint_eq (guest_p11->C_SignUpdate (session, reveal (&text), lens[i]), CKR_OK);
		hide ();
		expect_nowhere_with_host ();
	}
	template[1].pValue = reveal (&key);
	ck_assert_uint_eq (guest_p11->C_CreateObject (session, template, 2, &object), CKR_OK);
	hide ();
}

/* Whoever reads the system log: a thread, because a process that writes to a log that is full waits. */
static void *
read_log (void *data)
{
	const int *fds = data;
	char line[4096];

	for (;;) {
		ssize_t len = recv (fds[0], line, sizeof line, 0);

		if (len <= 0)
			return NULL;
		(void) !write (fds[1], line, (size_t) len);
	}
}

/* A /dev of its own for this process and those that it starts, with a log; where that is not allowed there is none. */
static int
own_system_log (const char *path)
{
	static const char *const nodes[] = { "/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom" };
	struct sockaddr_un address = { AF_UNIX, "/dev/log" };
	static int fds[2];
	pthread_t thread;
	int found[5];

	if (geteuid () != 0 || unshare (CLONE_NEWNS) != 0 || mount (NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return -1;
	for (size_t i = 0; i < 5; i++)
		found[i] = open (nodes[i], O_PATH | O_CLOEXEC);
	ck_assert_int_eq (mount ("craton-test", "/dev", "tmpfs", 0, "mode=755"), 0);
	for (size_t i = 0; i < 5; i++) {
		char source[32];
		int made = open (nodes[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

		(void) snprintf (source, sizeof source, "/proc/self/fd/%d", found[i]);
		ck_assert (made >= 0 && close (made) == 0);
		ck_assert_int_eq (mount (source, nodes[i], NULL, MS_BIND, NULL), 0);
		(void) close (found[i]);
	}
	fds[0] = socket (AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	fds[1] = open (path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	ck_assert_int_eq (bind (fds[0], (struct sockaddr *) &address, sizeof address), 0);
	ck_assert_int_eq (pthread_create (&thread, NULL, read_log, fds), 0);
	return fds[1];
}

/* Both ends say all they can, into files. */
static int
have_all_said (void)
{
	int fd = open (guest_path ("said"), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	(void) setenv ("CRATON_DEBUG", "1", 1);
	(void) setenv ("G_MESSAGES_DEBUG", "all", 1);
	(void) setenv ("CRATON_TRACE", guest_path ("trace"), 1);
	ck_assert_int_eq (dup2 (fd, STDERR_FILENO), STDERR_FILENO);
	return fd;
}

/* The file says @expected, and no secret. */
static void
expect_file (const char *name, const char *expected)
{
	int fd = open (guest_path (name), O_RDONLY | O_CLOEXEC);
	const char *found;
	struct stat st;

	ck_assert_msg (fd >= 0 && fstat (fd, &st) == 0 && st.st_size > 0 && st.st_size < (off_t) sizeof window,
	               "%s", name);
	found = search_range (fd, 0, sizeof window, true);
	ck_assert_msg (found == NULL, "the %s is in %s", found, name);
	ck_assert_int_eq (pread (fd, window, sizeof window, 0), st.st_size);
	ck_assert_msg (memmem (window, (size_t) st.st_size, expected, strlen (expected)) != NULL, "%s: %s", name,
	               expected);
	(void) close (fd);
}

/* Something for the system log from the backend, and from the module in a child that was not told of the fork. */
static void
have_lines_written (CK_SESSION_HANDLE session)
{
	pid_t child;

	ck_assert_uint_eq (guest_p11->C_SeedRandom (session, reveal (&text), TEXT_LEN), CKR_FUNCTION_NOT_SUPPORTED);
	hide ();
	child = fork ();
	ck_assert_int_ge (child, 0);
	if (child == 0)
		_exit (guest_random (session) == CKR_CRYPTOKI_NOT_INITIALIZED ? 0 : 1);
	ck_assert_int_eq (waitpid (child, &(int){ 0 }, 0), child);
}

/* The search finds what is there. */
START_TEST (test_search__finds)
{
	make_secrets ();
	ck_assert_ptr_null (search_memory (getpid (), true));
	(void) reveal (&pin);
	ck_assert_str_eq (search_memory (getpid (), true), "PIN");
	hide ();
	ck_assert_ptr_null (search_memory (getpid (), true));
	for (CK_ULONG i = 0; i < prime.len; i++)
		plain[i] = prime.masked[prime.len - 1 - i] ^ MASK;
	ck_assert_str_eq (search_memory (getpid (), true), "RSA prime");
	ck_assert_ptr_null (search_memory (getpid (), false));
	hide ();
}
END_TEST

START_TEST (test_memory__after_use)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE aes, mac;
	CK_SLOT_ID slot;
	int said, log;

	guest_setup ();
	make_secrets ();
	guest_configure ("[craton]\n[token t]\naudit=all\ndeny-functions=C_SeedRandom\n");
	log = own_system_log (guest_path ("syslog"));
	said = have_all_said ();
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	slot = make_token ();
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, reveal (&so_pin), PIN_LEN),
	                   CKR_PIN_INCORRECT);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, reveal (&pin), PIN_LEN), CKR_OK);
	change_pin (session);
	/* At once, too: memory that is used again hides what was left in it. */
	expect_nowhere (false);
	aes = make_key (session, CKK_AES, &key);
	mac = make_key (session, CKK_GENERIC_SECRET, &mac_key);
	use_key (session, aes);
	use_parts (session, aes);
	use_messages (session, aes);
	sign (session, CKM_SHA256_HMAC, mac);
	sign (session, CKM_ECDSA, make_key (session, CKK_EC, &ec_key));
	use_rsa (session);
	wrap_and_derive (session, aes, mac);
	have_lines_written (session);
	/* The backend has the keys, in the locked memory that is for them. */
	expect_nowhere (false);
	ck_assert_uint_eq (guest_p11->C_Logout (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_CloseSession (session), CKR_OK);
	expect_nowhere (true);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	expect_nowhere_here ();
	expect_file ("said", "C_SeedRandom is refused");
	expect_file ("trace", "C_SetPIN");
	expect_file ("data/craton/t/audit.log", "C_SetPIN");
	if (log >= 0) {
		expect_file ("syslog", "C_SeedRandom is refused");
		expect_file ("syslog", "C_GenerateRandom");
	}
	(void) close (said);
	guest_p11 = NULL;
	guest_teardown ();
}
END_TEST

/* A backend that gives nothing back. The module lets no LD_PRELOAD through to it, so a script sets it under the backend's name. */
static void
keep_freed (const char *backend)
{
	FILE *script;

	guest_setup ();
	ck_assert_int_eq (unlink (guest_backend), 0);
	script = fopen (guest_backend, "we");
	ck_assert_ptr_nonnull (script);
	ck_assert_int_gt (fprintf (script, "#!/bin/bash\nLD_PRELOAD='%s' exec -a \"$0\" '%s' \"$@\"\n",
	                           getenv ("CRATON_KEEP_FREED"), backend),
	                  0);
	ck_assert_int_eq (fclose (script), 0);
	ck_assert_int_eq (chmod (guest_backend, 0700), 0);
}

/* The same of what was given back to the C library, none of which is used again here. */
START_TEST (test_memory__given_back)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE aes;

	keep_freed (getenv ("CRATON_BACKEND"));
	make_secrets ();
	guest_configure ("[craton]\n[token t]\naudit=all\n");
	session = log_in ();
	keep_data (session);
	aes = make_key (session, CKK_AES, &key);
	use_key (session, aes);
	use_parts (session, aes);
	use_messages (session, aes);
	ck_assert_uint_eq (guest_p11->C_Logout (session), CKR_OK);
	expect_nowhere (true);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, reveal (&pin), PIN_LEN), CKR_OK);
	read_data (session);
	ck_assert_uint_eq (guest_p11->C_Logout (session), CKR_OK);
	expect_nowhere (true);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	guest_teardown ();
}
END_TEST

/* What somebody else's module keeps is its own affair; the way to it keeps nothing. */
START_TEST (test_memory__hosted)
{
	CK_SESSION_HANDLE session;
	char text_of[2048];
	FILE *file;
	int said;

	guest_setup ();
	make_secrets ();
	ck_assert_int_eq (mkdir (guest_path ("softhsm"), 0700), 0);
	file = fopen (guest_path ("softhsm.conf"), "we");
	ck_assert (file != NULL);
	(void) fprintf (file, "directories.tokendir = %s/softhsm\nlog.level = DEBUG\n", guest_root);
	ck_assert_int_eq (fclose (file), 0);
	(void) snprintf (text_of, sizeof text_of,
	                 "[craton]\ndefault-token=no\n[module m]\npath=/usr/lib/softhsm/libsofthsm2.so\naudit=all\n"
	                 "environment=SOFTHSM2_CONF=%s/softhsm.conf\nwrite-paths=%s/softhsm\n",
	                 guest_root, guest_root);
	guest_configure (text_of);
	said = have_all_said ();
	session = log_in ();
	change_pin (session);
	use_key (session, make_key (session, CKK_AES, &key));
	ck_assert_ptr_null (search_memory (getpid (), true));
	ck_assert_uint_eq (guest_p11->C_Logout (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert_ptr_null (search_memory (getpid (), true));
	expect_file ("trace", "C_SetPIN");
	expect_file ("data/craton/m.module/audit.log", "C_SetPIN");
	(void) close (said);
	guest_p11 = NULL;
	guest_teardown ();
}
END_TEST

/* A module that keeps nothing: what is found in its process, Craton has left there. */
START_TEST (test_memory__of_host)
{
	CK_BYTE digest[8];
	CK_ULONG len = sizeof digest;
	CK_SESSION_HANDLE session;
	char text_of[2048];

	guest_setup ();
	make_secrets ();
	(void) snprintf (text_of, sizeof text_of, "[craton]\ndefault-token=no\n[module m]\npath=%s\naudit=all\n",
	                 getenv ("CRATON_FAULT"));
	guest_configure (text_of);
	(void) have_all_said ();
	session = log_in ();
	hide ();
	expect_nowhere_with_host ();
	change_pin (session);
	expect_nowhere_with_host ();
	use_module (session);
	expect_nowhere_with_host ();
	ck_assert_uint_eq (guest_p11->C_Digest (session, reveal (&text), 64, digest, &len), CKR_OK);
	hide ();
	expect_nowhere_with_host ();
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	expect_file ("trace", "C_SetPIN");
	expect_file ("data/craton/m.module/audit.log", "C_SetPIN");
	guest_p11 = NULL;
	guest_teardown ();
}
END_TEST

static void
log_in_and_wait (int fd)
{
	CK_SESSION_HANDLE session;

	(void) prctl (PR_SET_PDEATHSIG, SIGKILL);
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	session = guest_open_session (make_token ());
	(void) reveal (&pin);
	ck_assert_int_eq (write (fd, "", 1), 1);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, plain, PIN_LEN), CKR_OK);
	hide ();
	ck_assert_int_eq (write (fd, "", 1), 1);
	for (;;)
		(void) pause ();
}

/* Stops @pid while the backend has its PIN; false if it was logged in before that. */
static bool
stop_in_login (pid_t pid, pid_t backend, int fd)
{
	for (;;) {
		struct pollfd done = { .fd = fd, .events = POLLIN };

		if (poll (&done, 1, 20) != 0)
			return false;
		ck_assert (kill (pid, SIGSTOP) == 0 && waitpid (pid, &(int){ 0 }, WUNTRACED) == pid);
		if (search_maps (backend, "craton-lane", false) != NULL)
			return true;
		ck_assert_int_eq (kill (pid, SIGCONT), 0);
	}
}

/* An application that is stopped in C_Login clears nothing: the backend does when it has used the PIN. */
START_TEST (test_memory__application_stopped)
{
	const struct timespec pause = { 0, 20000000 };
	const char *found;
	pid_t pid, backend;
	char byte;
	int ends[2];

	if (geteuid () != 0)
		return;
	guest_setup ();
	make_secrets ();
	/* A login takes its time. */
	guest_configure ("[craton]\n[token t]\npin-cost=16\n");
	ck_assert_int_eq (pipe (ends), 0);
	pid = fork ();
	ck_assert_int_ge (pid, 0);
	if (pid == 0)
		log_in_and_wait (ends[1]);
	ck_assert_int_eq (read (ends[0], &byte, 1), 1);
	backend = guest_only_backend ();
	ck_assert (stop_in_login (pid, backend, ends[0]));
	for (int n = 0; (found = search_maps (backend, "craton-lane", false)) != NULL && n < 1500; n++)
		(void) nanosleep (&pause, NULL);
	ck_assert_msg (found == NULL, "the %s is in a lane", found);
	found = search_memory (backend, true);
	ck_assert_msg (found == NULL, "the %s is in the backend", found);
	ck_assert (kill (pid, SIGKILL) == 0 && waitpid (pid, &(int){ 0 }, 0) == pid);
	guest_teardown ();
}
END_TEST

static size_t
count_in_file (const char *name, const char *line)
{
	char text_of[4096];
	size_t n = 0;
	FILE *file = fopen (guest_path (name), "re");

	ck_assert_ptr_nonnull (file);
	while (fgets (text_of, sizeof text_of, file) != NULL)
		n += strstr (text_of, line) != NULL;
	ck_assert_int_eq (fclose (file), 0);
	return n;
}

/* An ordinary user who may lock next to nothing: keys work, with a line in the log; where all of the sandbox is required nothing is
 * served. */
START_TEST (test_heap__not_locked)
{
	const struct rlimit little = { 65536, 65536 };
	CK_SESSION_HANDLE session;
	CK_SLOT_ID slot;
	CK_ULONG n = 1;

	ck_assert_int_eq (setrlimit (RLIMIT_MEMLOCK, &little), 0);
	if (geteuid () == 0)
		ck_assert (setresgid (65534, 65534, 65534) == 0 && setresuid (65534, 65534, 65534) == 0);
	guest_setup ();
	make_secrets ();
	(void) have_all_said ();
	session = log_in ();
	use_key (session, make_key (session, CKK_AES, &key));
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	ck_assert (guest_comes_to (0));
	ck_assert_uint_eq (count_in_file ("said", "keys may be written to swap"), 1);
	guest_configure ("[craton]\nsandbox=required\n");
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert (guest_p11->C_GetSlotList (CK_FALSE, &slot, &n) != CKR_OK || n == 0);
	ck_assert_uint_ge (count_in_file ("said", "keys cannot be kept out of swap") +
	                           count_in_file ("said", "this build of Craton has none"),
	                   1);
	guest_teardown ();
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("secrets");
	TCase *tcase = tcase_create ("secrets");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (tcase, 300);
	tcase_add_test (tcase, test_search__finds);
	tcase_add_test (tcase, test_memory__after_use);
	tcase_add_test (tcase, test_memory__given_back);
	tcase_add_test (tcase, test_memory__hosted);
	tcase_add_test (tcase, test_memory__of_host);
	tcase_add_test (tcase, test_memory__application_stopped);
	tcase_add_test (tcase, test_heap__not_locked);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
