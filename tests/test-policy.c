/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The policy of craton.conf as an application meets it: through the module, a real backend and its filter, with a soft token and
 * with SoftHSM behind it. Each rule is tried on what it forbids and on what it leaves.
 */
#include "config.h"

#include "guest.h"

#include <pwd.h>
#include <sys/stat.h>

#define SOFTHSM "/usr/lib/softhsm/libsofthsm2.so"

static const CK_BYTE pin[] = "87654321";
static CK_SLOT_ID slot;
static CK_OBJECT_HANDLE web, other; /* secret keys of the token, labels "web" and "other" */
static bool hosted;

/* @policy as lines of the token's or module's group. */
static void
configure (const char *policy)
{
	char text[8192];

	if (hosted)
		(void) snprintf (text, sizeof text,
		                 "[craton]\ndefault-token=no\n[module m]\npath=" SOFTHSM
		                 "\nenvironment=SOFTHSM2_CONF=%s/softhsm.conf\nwrite-paths=%s/softhsm\n%s\n",
		                 guest_root, guest_root, policy);
	else
		(void) snprintf (text, sizeof text, "[token t]\n%s\n", policy);
	guest_configure (text);
}

/* The slot whose token is ours, or whether there is none. */
static bool
find_token (void)
{
	CK_SLOT_ID slots[16];
	CK_ULONG n = guest_slots (slots, 16);
	CK_TOKEN_INFO info;

	for (CK_ULONG i = 0; i < n; i++) {
		if (guest_p11->C_GetTokenInfo (slots[i], &info) == CKR_OK &&
		    memcmp (info.label, "scratch ", 8) == 0) {
			slot = slots[i];
			return true;
		}
	}
	return false;
}

static CK_OBJECT_HANDLE
make_key (CK_SESSION_HANDLE session, const char *label, CK_BYTE id, CK_BBOOL token)
{
	CK_MECHANISM mechanism = { CKM_AES_KEY_GEN, NULL, 0 };
	CK_BBOOL yes = CK_TRUE;
	CK_ULONG len = 32;
	CK_ATTRIBUTE template[] = {
		{ CKA_LABEL, (void *) label, strlen (label) },
		{ CKA_ID, &id, 1 },
		{ CKA_TOKEN, &token, 1 },
		{ CKA_EXTRACTABLE, &yes, 1 },
		{ CKA_WRAP, &yes, 1 },
		{ CKA_UNWRAP, &yes, 1 },
		{ CKA_ENCRYPT, &yes, 1 },
		{ CKA_DECRYPT, &yes, 1 },
		{ CKA_VALUE_LEN, &len, sizeof len },
	};
	CK_OBJECT_HANDLE key = 0;

	ck_assert_uint_eq (guest_p11->C_GenerateKey (session, &mechanism, template, 9, &key), CKR_OK);
	return key;
}

static CK_SESSION_HANDLE
log_in (CK_FLAGS flags)
{
	CK_SESSION_HANDLE session;

	ck_assert_uint_eq (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION | flags, NULL, NULL,
	                                             &session),
	                   CKR_OK);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, (CK_BYTE *) pin, 8), CKR_OK);
	return session;
}

/* A token with two keys, made without a policy. */
static void
setup_token (bool in_module)
{
	CK_SLOT_ID slots[16];
	CK_SESSION_HANDLE session;
	char path[512];
	FILE *file;

	hosted = in_module;
	guest_setup ();
	(void) snprintf (path, sizeof path, "%s/softhsm", guest_root);
	ck_assert_int_eq (mkdir (path, 0700), 0);
	(void) snprintf (path, sizeof path, "%s/softhsm.conf", guest_root);
	file = fopen (path, "we");
	ck_assert (file != NULL);
	(void) fprintf (file, "directories.tokendir = %s/softhsm\nlog.level = ERROR\n", guest_root);
	ck_assert_int_eq (fclose (file), 0);
	configure ("");
	guest_load ();
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_ge (guest_slots (slots, 16), 1);
	guest_make_token (slots[0]);
	ck_assert (find_token ());
	session = log_in (CKF_RW_SESSION);
	(void) make_key (session, "web", 1, CK_TRUE);
	(void) make_key (session, "other", 2, CK_TRUE);
}

static void
setup_soft (void)
{
	setup_token (false);
}

static void
setup_hosted (void)
{
	setup_token (true);
}

static CK_ULONG
find (CK_SESSION_HANDLE session, const char *label, CK_OBJECT_HANDLE *ret_object)
{
	CK_ATTRIBUTE template = { CKA_LABEL, (void *) label, label != NULL ? strlen (label) : 0 };
	CK_ULONG n = 0, all = 0;

	ck_assert_uint_eq (guest_p11->C_FindObjectsInit (session, &template, label != NULL), CKR_OK);
	/* One at a time: what is hidden must not look like the end. */
	do {
		all += n;
		ck_assert_uint_eq (guest_p11->C_FindObjects (session, ret_object, 1, &n), CKR_OK);
	} while (n > 0);
	ck_assert_uint_eq (guest_p11->C_FindObjectsFinal (session), CKR_OK);
	return all;
}

/* The handles of both keys as this client, still without a policy, has them. */
static void
learn_handles (void)
{
	CK_SESSION_INFO info;
	CK_SESSION_HANDLE session;

	ck_assert_uint_eq (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session),
	                   CKR_OK);
	ck_assert_uint_eq (guest_p11->C_GetSessionInfo (session, &info), CKR_OK);
	ck_assert_uint_eq (find (session, "web", &web), 1);
	ck_assert_uint_eq (find (session, "other", &other), 1);
}

static void
restart (const char *policy)
{
	ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	configure (policy);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
}

static void
use (const char *policy)
{
	restart (policy);
	ck_assert (find_token ());
}

static CK_RV
encrypt_init (CK_SESSION_HANDLE session, CK_MECHANISM_TYPE type, CK_OBJECT_HANDLE key)
{
	static CK_BYTE iv[16];
	CK_MECHANISM mechanism = { type, iv, type == CKM_AES_ECB ? 0 : sizeof iv };

	if (type == CKM_AES_ECB)
		mechanism.pParameter = NULL;
	return guest_p11->C_EncryptInit (session, &mechanism, key);
}

static bool
lists_mechanism (CK_MECHANISM_TYPE type)
{
	CK_MECHANISM_TYPE list[512];
	CK_ULONG n = 512, counted = 0;
	bool found = false;

	ck_assert_uint_eq (guest_p11->C_GetMechanismList (slot, NULL, &counted), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_GetMechanismList (slot, list, &n), CKR_OK);
	ck_assert_uint_eq (n, counted);
	for (CK_ULONG i = 0; i < n; i++)
		found |= list[i] == type;
	return found;
}

START_TEST (test_mechanisms__allowed)
{
	CK_MECHANISM_INFO info;
	CK_MECHANISM_TYPE one;
	CK_ULONG room = 1;
	CK_SESSION_HANDLE session;

	use ("allow-mechanisms=CKM_AES_ECB;CKM_AES_KEY_GEN");
	session = log_in (0);
	ck_assert_uint_eq (find (session, "web", &web), 1);
	ck_assert (lists_mechanism (CKM_AES_ECB) && !lists_mechanism (CKM_AES_CBC));
	ck_assert_uint_eq (guest_p11->C_GetMechanismList (slot, &one, &room), CKR_BUFFER_TOO_SMALL);
	ck_assert_uint_eq (room, 2);
	ck_assert_uint_eq (guest_p11->C_GetMechanismInfo (slot, CKM_AES_ECB, &info), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_GetMechanismInfo (slot, CKM_AES_CBC, &info),
	                   CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_CBC, web), CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_ECB, web), CKR_OK);
}
END_TEST

START_TEST (test_mechanisms__denied)
{
	CK_SESSION_HANDLE session;

	use ("deny-mechanisms=CKM_AES_ECB");
	session = log_in (0);
	ck_assert_uint_eq (find (session, "web", &web), 1);
	ck_assert (!lists_mechanism (CKM_AES_ECB) && lists_mechanism (CKM_AES_CBC));
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_ECB, web), CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_CBC, web), CKR_OK);
}
END_TEST

static CK_RV
random_bytes (CK_SESSION_HANDLE session)
{
	return guest_random (session);
}

START_TEST (test_functions__denied)
{
	CK_SESSION_HANDLE session;

	use ("deny-functions=C_GenerateRandom;C_DestroyObject");
	session = log_in (CKF_RW_SESSION);
	ck_assert_uint_eq (random_bytes (session), CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (find (session, "web", &web), 1);
	ck_assert_uint_eq (guest_p11->C_DestroyObject (session, web), CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_ECB, web), CKR_OK);
}
END_TEST

START_TEST (test_functions__allowed)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE object;

	/* deny has the last word, in whichever order. */
	use ("deny-functions=C_SeedRandom\nallow-functions=C_GenerateRandom;C_SeedRandom");
	ck_assert_uint_eq (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION, NULL, NULL, &session),
	                   CKR_OK);
	ck_assert_uint_eq (random_bytes (session), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_SeedRandom (session, (CK_BYTE *) pin, 8),
	                   CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, (CK_BYTE *) pin, 8),
	                   CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (guest_p11->C_FindObjectsInit (session, NULL, 0),
	                   CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (guest_p11->C_FindObjects (session, &object, 1, &(CK_ULONG){ 0 }),
	                   CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (guest_p11->C_CloseSession (session), CKR_OK);
}
END_TEST

static const struct {
	const char *uris;
	bool web, other;
} lists[] = {
	{ "pkcs11:object=web", true, false },
	{ "pkcs11:id=%02", false, true },
	{ "pkcs11:object=other;type=secret-key", false, true },
	{ "pkcs11:object=web;type=private", false, false },
	{ "pkcs11:object=web;id=%01;pkcs11:object=other", true, true },
	{ "pkcs11:object=web;id=%02", false, false },
	{ "pkcs11:type=secret-key", true, true },
};

START_TEST (test_objects__found)
{
	CK_SESSION_HANDLE session;
	char policy[256];

	(void) snprintf (policy, sizeof policy, "allow-objects=%s", lists[_i].uris);
	use (policy);
	session = log_in (CKF_RW_SESSION);
	ck_assert_uint_eq (find (session, "web", &web), lists[_i].web);
	ck_assert_uint_eq (find (session, "other", &other), lists[_i].other);
	ck_assert_uint_eq (find (session, NULL, &other), (CK_ULONG) lists[_i].web + lists[_i].other);
	/* What it makes for itself in the session is its own. */
	(void) make_key (session, "mine", 9, CK_FALSE);
	ck_assert_uint_eq (find (session, "mine", &other), 1);
}
END_TEST

/* SoftHSM says of keys, too, that they are no object. */
static void
expect_hidden (CK_RV rv, CK_RV expected)
{
	ck_assert_msg (rv == expected || (hosted && rv == CKR_OBJECT_HANDLE_INVALID), "0x%lx", rv);
}

/* A handle can be guessed: each function that takes one says that there is no such object. */
static void
expect_no_object (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE guessed)
{
	CK_MECHANISM wrap = { CKM_AES_KEY_WRAP, NULL, 0 };
	CK_BYTE bytes[64] = { 0 };
	CK_BBOOL value = CK_FALSE;
	CK_ULONG n = sizeof bytes;
	CK_ATTRIBUTE attr = { CKA_PRIVATE, &value, 1 };
	CK_OBJECT_HANDLE object;

	expect_hidden (encrypt_init (session, CKM_AES_ECB, guessed), CKR_KEY_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_GetAttributeValue (session, guessed, &attr, 1),
	                   CKR_OBJECT_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_SetAttributeValue (session, guessed, &attr, 1),
	                   CKR_OBJECT_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_CopyObject (session, guessed, &attr, 0, &object),
	                   CKR_OBJECT_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_GetObjectSize (session, guessed, &n),
	                   CKR_OBJECT_HANDLE_INVALID);
	ck_assert_uint_eq (guest_p11->C_DestroyObject (session, guessed), CKR_OBJECT_HANDLE_INVALID);
	expect_hidden (guest_p11->C_WrapKey (session, &wrap, guessed, web, bytes, &n),
	               CKR_WRAPPING_KEY_HANDLE_INVALID);
	expect_hidden (guest_p11->C_WrapKey (session, &wrap, web, guessed, bytes, &n),
	               CKR_KEY_HANDLE_INVALID);
	expect_hidden (guest_p11->C_UnwrapKey (session, &wrap, guessed, bytes, 40, &attr, 1, &object),
	               CKR_UNWRAPPING_KEY_HANDLE_INVALID);
}

START_TEST (test_objects__guessed)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE last;

	use ("");
	session = log_in (0);
	learn_handles ();
	last = web > other ? web : other;
	ck_assert_uint_lt (last, 20);
	use ("allow-objects=pkcs11:object=web");
	session = log_in (CKF_RW_SESSION);
	/* Numbers are given out anew by each process, to all that it has found. */
	ck_assert_uint_eq (find (session, NULL, &other), 1);
	ck_assert_uint_eq (find (session, "web", &web), 1);
	for (other = 1; other < 20; other++) {
		if (other != web)
			expect_no_object (session, other);
	}
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_ECB, web), CKR_OK);
	/* It is still there. */
	use ("");
	session = log_in (0);
	ck_assert_uint_eq (find (session, "other", &other), 1);
}
END_TEST

/* Parameters that name an object: each structure of mechs.def that has such a field. */
static CK_BYTE bytes[32] = "what is mixed in is never mind";
static CK_OBJECT_HANDLE named;
static CK_ECMQV_DERIVE_PARAMS mqv = { CKD_NULL };
static CK_X9_42_DH2_DERIVE_PARAMS dh2 = { CKD_NULL };
static CK_X9_42_MQV_DERIVE_PARAMS dh_mqv = { CKD_NULL };
static CK_HKDF_PARAMS hkdf = { CK_TRUE, CK_TRUE, CKM_SHA256, CKF_HKDF_SALT_KEY, NULL, 0, 0, bytes, 8 };
static CK_IKE_PRF_DERIVE_PARAMS ike = { CKM_SHA256_HMAC, CK_FALSE, CK_TRUE, bytes, 8, bytes, 8, 0 };
static CK_IKE1_PRF_DERIVE_PARAMS ike1 = { CKM_SHA256_HMAC, CK_FALSE, 0, 0, bytes, 8, bytes, 8, 0 };
static CK_IKE1_PRF_DERIVE_PARAMS ike1_previous = { CKM_SHA256_HMAC, CK_TRUE, 0, 0, bytes, 8, bytes, 8, 1 };
static CK_IKE1_EXTENDED_DERIVE_PARAMS ike1_more = { CKM_SHA256_HMAC, CK_TRUE, 0, bytes, 8 };
static CK_IKE2_PRF_PLUS_DERIVE_PARAMS ike2 = { CKM_SHA256_HMAC, CK_TRUE, 0, bytes, 8 };
static CK_SP800_108_COUNTER_FORMAT counter = { CK_FALSE, 32 };
static CK_PRF_DATA_PARAM counted[] = {
	{ CK_SP800_108_ITERATION_VARIABLE, &counter, sizeof counter },
	{ CK_SP800_108_BYTE_ARRAY, bytes, 8 },
	{ CK_SP800_108_KEY_HANDLE, &named, sizeof named },
};
static CK_PRF_DATA_PARAM fed_back[] = {
	{ CK_SP800_108_ITERATION_VARIABLE, NULL, 0 },
	{ CK_SP800_108_KEY_HANDLE, &named, sizeof named },
};
static CK_SP800_108_KDF_PARAMS count = { CKM_SHA256_HMAC, 3, counted, 0, NULL };
static CK_SP800_108_KDF_PARAMS pipeline = { CKM_SHA256_HMAC, 2, fed_back, 0, NULL };
static CK_SP800_108_FEEDBACK_KDF_PARAMS feedback = { CKM_SHA256_HMAC, 2, fed_back, 0, NULL, 0, NULL };

static const struct {
	CK_MECHANISM_TYPE type;
	void *param;
	CK_ULONG len;
	CK_OBJECT_HANDLE *handle;
	bool known; /* to the soft token, with keys that are only bytes */
} params[] = {
	{ CKM_CONCATENATE_BASE_AND_KEY, &named, sizeof named, &named, true },
	{ CKM_HKDF_DERIVE, &hkdf, sizeof hkdf, &hkdf.hSaltKey, true },
	{ CKM_IKE_PRF_DERIVE, &ike, sizeof ike, &ike.hNewKey, true },
	{ CKM_IKE1_PRF_DERIVE, &ike1, sizeof ike1, &ike1.hKeygxy, true },
	{ CKM_IKE1_PRF_DERIVE, &ike1_previous, sizeof ike1_previous, &ike1_previous.hPrevKey, true },
	{ CKM_IKE1_EXTENDED_DERIVE, &ike1_more, sizeof ike1_more, &ike1_more.hKeygxy, true },
	{ CKM_IKE2_PRF_PLUS_DERIVE, &ike2, sizeof ike2, &ike2.hSeedKey, true },
	{ CKM_SP800_108_COUNTER_KDF, &count, sizeof count, &named, true },
	{ CKM_SP800_108_FEEDBACK_KDF, &feedback, sizeof feedback, &named, true },
	{ CKM_SP800_108_DOUBLE_PIPELINE_KDF, &pipeline, sizeof pipeline, &named, true },
	{ CKM_ECMQV_DERIVE, &mqv, sizeof mqv, &mqv.hPrivateData, false },
	{ CKM_ECMQV_DERIVE, &mqv, sizeof mqv, &mqv.publicKey, false },
	{ CKM_X9_42_DH_HYBRID_DERIVE, &dh2, sizeof dh2, &dh2.hPrivateData, false },
	{ CKM_X9_42_MQV_DERIVE, &dh_mqv, sizeof dh_mqv, &dh_mqv.hPrivateData, false },
	{ CKM_X9_42_MQV_DERIVE, &dh_mqv, sizeof dh_mqv, &dh_mqv.publicKey, false },
};

static CK_RV
derive (CK_SESSION_HANDLE session, size_t row, CK_OBJECT_HANDLE base, CK_OBJECT_HANDLE second)
{
	CK_MECHANISM mechanism = { params[row].type, params[row].param, params[row].len };
	CK_OBJECT_CLASS klass = CKO_SECRET_KEY;
	CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	CK_ULONG len = 32;
	CK_ATTRIBUTE template[] = {
		{ CKA_CLASS, &klass, sizeof klass },
		{ CKA_KEY_TYPE, &type, sizeof type },
		{ CKA_VALUE_LEN, &len, sizeof len },
	};
	CK_OBJECT_HANDLE derived = 0;
	CK_RV rv;

	/* The other key of two must be there. */
	ike1_previous.hKeygxy = base;
	*params[row].handle = second;
	rv = guest_p11->C_DeriveKey (session, &mechanism, base, template, 3, &derived);
	*params[row].handle = 0;
	if (rv == CKR_OK)
		ck_assert_uint_eq (guest_p11->C_DestroyObject (session, derived), CKR_OK);
	return rv;
}

static void
make_base (CK_SESSION_HANDLE session, const char *label)
{
	CK_MECHANISM mechanism = { CKM_GENERIC_SECRET_KEY_GEN, NULL, 0 };
	CK_BBOOL yes = CK_TRUE;
	CK_ULONG len = 32;
	CK_ATTRIBUTE template[] = {
		{ CKA_LABEL, (void *) label, strlen (label) },
		{ CKA_TOKEN, &yes, 1 },
		{ CKA_DERIVE, &yes, 1 },
		{ CKA_VALUE_LEN, &len, sizeof len },
	};
	CK_OBJECT_HANDLE key = 0;

	ck_assert_uint_eq (guest_p11->C_GenerateKey (session, &mechanism, template, 4, &key), CKR_OK);
}

/* An object that is hidden cannot be used by its number either where a mechanism's parameter is the way to it. */
START_TEST (test_objects__in_parameters)
{
	CK_OBJECT_HANDLE mine, theirs;
	CK_SESSION_HANDLE session = guest_open_session (slot);
	CK_RV rv;

	make_base (session, "mine");
	make_base (session, "theirs");
	use ("");
	session = log_in (CKF_RW_SESSION);
	ck_assert_uint_eq (find (session, "mine", &mine), 1);
	ck_assert_uint_eq (find (session, "theirs", &theirs), 1);
	for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
		rv = derive (session, i, mine, theirs);
		ck_assert_msg (params[i].known == (rv == CKR_OK), "0x%lx: 0x%lx", params[i].type, rv);
	}
	use ("allow-objects=pkcs11:object=mine");
	session = log_in (CKF_RW_SESSION);
	/* Each gets a number, what is hidden with them. */
	ck_assert_uint_eq (find (session, NULL, &mine), 1);
	for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
		int n_refused = 0;

		rv = derive (session, i, mine, mine);
		ck_assert_msg (params[i].known ? rv == CKR_OK : rv == CKR_MECHANISM_INVALID, "0x%lx: 0x%lx",
		               params[i].type, rv);
		for (theirs = 1; theirs < 20; theirs++) {
			rv = theirs != mine ? derive (session, i, mine, theirs) : CKR_FUNCTION_FAILED;
			ck_assert_msg (rv != CKR_OK, "0x%lx uses object %lu", params[i].type, theirs);
			n_refused += rv == CKR_KEY_HANDLE_INVALID;
		}
		/* What is no object at all is for the token to refuse, but it has not all of these mechanisms. */
		ck_assert_int_ge (n_refused, 3);
	}
}
END_TEST

/* The lines of the audit log, which lies in the token's folder or the module's. */
static size_t
count_lines (const char *piece, const char *other_piece)
{
	char line[4096];
	size_t n = 0;
	FILE *file = fopen (guest_path (hosted ? "data/craton/m.module/audit.log" : "data/craton/t/audit.log"), "re");

	ck_assert_ptr_nonnull (file);
	while (fgets (line, sizeof line, file) != NULL)
		n += strstr (line, piece) != NULL && strstr (line, other_piece) != NULL;
	ck_assert_int_eq (fclose (file), 0);
	return n;
}

/* What is refused is in the audit log, also what it has no line of where it is allowed, and what nobody was asked. */
START_TEST (test_audit__refusals)
{
	CK_SESSION_HANDLE session;
	CK_MECHANISM_INFO info;
	char client[64];

	use ("deny-functions=C_GenerateRandom\ndeny-mechanisms=CKM_AES_ECB\nallow-objects=pkcs11:object=web\n"
	     "so-login=no\naudit=auth");
	session = log_in (CKF_RW_SESSION);
	ck_assert_uint_eq (find (session, NULL, &web), 1);
	ck_assert_uint_eq (guest_random (session), CKR_FUNCTION_NOT_SUPPORTED);
	ck_assert_uint_eq (count_lines ("\"function\":\"C_GenerateRandom\"", "\"note\":\"function\""), 1);
	ck_assert_uint_eq (count_lines ("\"C_GenerateRandom\"", "\"result\":\"CKR_FUNCTION_NOT_SUPPORTED\""), 1);
	ck_assert_uint_eq (count_lines ("\"C_GenerateRandom\"", "token=scratch"), 1);
	/* Who did it is the application, also where another process has started the module's. */
	(void) snprintf (client, sizeof client, "\"pid\":%d,\"uid\":%u,", (int) getpid (), (unsigned) getuid ());
	ck_assert_uint_eq (count_lines ("\"C_GenerateRandom\"", client), 1);
	ck_assert_uint_eq (count_lines ("\"C_GenerateRandom\"", "/test-policy\","), 1);
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_ECB, web), CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (count_lines ("\"C_EncryptInit\"", "\"note\":\"mechanism\""), 1);
	ck_assert_uint_eq (count_lines ("\"C_EncryptInit\"", "\"mechanism\":\"CKM_AES_ECB\""), 1);
	ck_assert_uint_eq (guest_p11->C_GetMechanismInfo (slot, CKM_AES_ECB, &info), CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (count_lines ("\"C_GetMechanismInfo\"", "\"note\":\"mechanism\""), 1);
	for (other = 1; other < 20; other++) {
		if (other != web)
			(void) guest_p11->C_DestroyObject (session, other);
	}
	ck_assert_uint_ge (count_lines ("\"C_DestroyObject\"", "\"note\":\"object\""), 1);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_SO, (CK_BYTE *) "12345678", 8), CKR_USER_TYPE_INVALID);
	ck_assert_uint_eq (count_lines ("\"C_Login\"", "\"note\":\"security officer\""), 1);
	/* What is allowed has only its lines of the level. */
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_CBC, web), CKR_OK);
	ck_assert_uint_eq (count_lines ("\"C_EncryptInit\"", "CKR_OK"), 0);
	ck_assert_uint_eq (count_lines ("\"C_Login\"", "CKR_OK"), hosted ? 1 : 3);
	/* A client that is not let in has no token to call. */
	restart ("allow-programs=/bin/true\naudit=auth");
	ck_assert (!find_token ());
	ck_assert_uint_eq (count_lines ("\"event\":\"client not admitted\"",
	                                hosted ? "\"note\":\"module m\"" : "\"note\":\"token t\""), 1);
	restart ("read-only=yes\naudit=off");
	ck_assert (find_token ());
	ck_assert_uint_eq (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &session),
	                   CKR_TOKEN_WRITE_PROTECTED);
	ck_assert_uint_eq (count_lines ("\"C_OpenSession\"", ""), 0);
}
END_TEST

/* A module with mechanisms of its own, whose parameters are bytes to everybody else. */
static void
host_vendor (const char *policy)
{
	char text[8192];

	if (guest_p11 == NULL) {
		guest_setup ();
		guest_load ();
	} else {
		ck_assert_uint_eq (guest_p11->C_Finalize (NULL), CKR_OK);
	}
	(void) snprintf (text, sizeof text, "[craton]\ndefault-token=no\n[module m]\npath=%s\n"
	                 "flat-mechanisms=0x80000001;0x80000002\naudit=auth\n%s\n", getenv ("CRATON_FAULT"), policy);
	guest_configure (text);
	ck_assert_uint_eq (guest_p11->C_Initialize (NULL), CKR_OK);
	ck_assert_uint_eq (guest_slots (&slot, 1), 1);
}

/* Answers of the module itself are all CKR_OK, whatever the key. */
static CK_RV
use_vendor (CK_MECHANISM_TYPE type, CK_ULONG len)
{
	CK_MECHANISM mechanism = { type, len > 0 ? bytes : NULL, len };
	CK_SESSION_HANDLE session = guest_open_session (slot);
	CK_OBJECT_HANDLE derived;
	CK_RV rv = guest_p11->C_EncryptInit (session, &mechanism, CK_INVALID_HANDLE);

	ck_assert_uint_eq (guest_p11->C_DeriveKey (session, &mechanism, CK_INVALID_HANDLE, NULL, 0, &derived), rv);
	ck_assert_uint_eq (guest_p11->C_SignInit (session, &mechanism, CK_INVALID_HANDLE), rv);
	ck_assert_uint_eq (guest_p11->C_CloseSession (session), CKR_OK);
	return rv;
}

/* Rules for mechanisms hold for those of flat-mechanisms; where objects are restricted none of them has a parameter, in which an object
 * might be named. */
START_TEST (test_flat__subject_to_rules)
{
	const CK_MECHANISM_TYPE one = 0x80000001, two = 0x80000002;

	hosted = true;
	host_vendor ("");
	ck_assert_uint_eq (use_vendor (one, 16), CKR_OK);
	host_vendor ("deny-mechanisms=0x80000001");
	ck_assert_uint_eq (use_vendor (one, 16), CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (use_vendor (one, 0), CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (use_vendor (two, 16), CKR_OK);
	host_vendor ("allow-mechanisms=0x80000002");
	ck_assert_uint_eq (use_vendor (one, 16), CKR_MECHANISM_INVALID);
	ck_assert_uint_eq (use_vendor (two, 16), CKR_OK);
	host_vendor ("allow-objects=pkcs11:object=web");
	ck_assert_uint_eq (use_vendor (one, 16), CKR_MECHANISM_PARAM_INVALID);
	/* The least that may be a handle to a vendor. */
	ck_assert_uint_eq (use_vendor (two, 1), CKR_MECHANISM_PARAM_INVALID);
	ck_assert_uint_eq (count_lines ("\"C_EncryptInit\"", "\"note\":\"parameter\""), 2);
	ck_assert_uint_eq (use_vendor (one, 0), CKR_OK);
	/* What the standard knows is bytes without a handle. */
	ck_assert_uint_eq (use_vendor (CKM_AES_CBC, 16), CKR_OK);
	guest_teardown ();
}
END_TEST

START_TEST (test_read_only__sessions)
{
	CK_SESSION_HANDLE session;
	CK_TOKEN_INFO info;

	use ("read-only=yes");
	ck_assert_uint_eq (guest_p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL,
	                                             NULL, &session),
	                   CKR_TOKEN_WRITE_PROTECTED);
	ck_assert_uint_eq (guest_p11->C_GetTokenInfo (slot, &info), CKR_OK);
	ck_assert_uint_ne (info.flags & CKF_WRITE_PROTECTED, 0);
	ck_assert_uint_eq (guest_p11->C_InitToken (slot, (CK_BYTE *) "12345678", 8, info.label),
	                   CKR_TOKEN_WRITE_PROTECTED);
	session = log_in (0);
	ck_assert_uint_eq (find (session, "web", &web), 1);
	ck_assert_uint_ne (guest_p11->C_DestroyObject (session, web), CKR_OK);
	ck_assert_uint_eq (encrypt_init (session, CKM_AES_ECB, web), CKR_OK);
}
END_TEST

START_TEST (test_so__not_here)
{
	CK_SESSION_HANDLE session;
	CK_TOKEN_INFO info;

	use ("so-login=no");
	session = guest_open_session (slot);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_SO, (CK_BYTE *) "12345678", 8),
	                   CKR_USER_TYPE_INVALID);
	/* SoftHSM has no such function. */
	ck_assert_uint_eq (guest_p11->C_LoginUser (session, CKU_SO, (CK_BYTE *) "12345678", 8, NULL, 0),
	                   hosted ? CKR_FUNCTION_NOT_SUPPORTED : CKR_USER_TYPE_INVALID);
	ck_assert_uint_eq (guest_p11->C_Login (session, CKU_USER, (CK_BYTE *) pin, 8), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_CloseAllSessions (slot), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_GetTokenInfo (slot, &info), CKR_OK);
	ck_assert_uint_eq (guest_p11->C_InitToken (slot, (CK_BYTE *) "12345678", 8, info.label),
	                   CKR_TOKEN_WRITE_PROTECTED);
}
END_TEST

/* Whom a token is not for, does not see it; by another name of the same file he does. */
START_TEST (test_client__programs)
{
	char policy[1024], self[512], link[600];
	ssize_t len = readlink ("/proc/self/exe", self, sizeof self - 1);

	ck_assert_int_gt (len, 0);
	self[len] = '\0';
	(void) snprintf (link, sizeof link, "%s/another name", guest_root);
	ck_assert_int_eq (symlink (self, link), 0);
	restart ("allow-programs=/bin/true");
	ck_assert (!find_token ());
	(void) snprintf (policy, sizeof policy, "allow-programs=/bin/true;%s", link);
	restart (policy);
	ck_assert (find_token ());
}
END_TEST

START_TEST (test_client__users)
{
	const struct passwd *self = getpwuid (geteuid ());
	char policy[256];

	restart ("allow-users=4294967293");
	ck_assert (!find_token ());
	(void) snprintf (policy, sizeof policy, "allow-users=4294967293;%u", (unsigned) geteuid ());
	restart (policy);
	ck_assert (find_token ());
	if (self == NULL)
		return;
	(void) snprintf (policy, sizeof policy, "allow-users=%s", self->pw_name);
	restart (policy);
	ck_assert (find_token ());
}
END_TEST

/* A bad rule leaves its token out: nobody is let in by a mistake. */
START_TEST (test_rules__mistaken)
{
	static const char *const mistakes[] = {
		"allow-functions=C_Nothing", "allow-functions=C_GetSlotList", "deny-functions=c_sign",
		"allow-mechanisms=CKM_NOTHING", "deny-mechanisms=x", "allow-objects=web",
		"allow-objects=pkcs11:", "allow-objects=pkcs11:token=t;object=web",
		"allow-objects=pkcs11:object=web;colour=red", "read-only=maybe", "so-login=",
		"allow-programs=true", "allow-users=no such user",
	};

	for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
		restart (mistakes[i]);
		ck_assert_msg (!find_token (), "%s", mistakes[i]);
	}
}
END_TEST

static void
add_tests (Suite *suite, const char *name, SFun setup)
{
	TCase *tcase = tcase_create (name);

	tcase_add_checked_fixture (tcase, setup, guest_teardown);
	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_mechanisms__allowed);
	tcase_add_test (tcase, test_mechanisms__denied);
	tcase_add_test (tcase, test_functions__denied);
	tcase_add_test (tcase, test_functions__allowed);
	tcase_add_loop_test (tcase, test_objects__found, 0, (int) (sizeof lists / sizeof lists[0]));
	tcase_add_test (tcase, test_objects__guessed);
	tcase_add_test (tcase, test_audit__refusals);
	tcase_add_test (tcase, test_read_only__sessions);
	tcase_add_test (tcase, test_so__not_here);
	tcase_add_test (tcase, test_client__programs);
	tcase_add_test (tcase, test_client__users);
	tcase_add_test (tcase, test_rules__mistaken);
	/* SoftHSM has none of these mechanisms. */
	if (setup == setup_soft)
		tcase_add_test (tcase, test_objects__in_parameters);
	suite_add_tcase (suite, tcase);
}

static void
add_flat (Suite *suite)
{
	TCase *tcase = tcase_create ("flat");

	tcase_set_timeout (tcase, 120);
	tcase_add_test (tcase, test_flat__subject_to_rules);
	suite_add_tcase (suite, tcase);
}

int
main (void)
{
	Suite *suite = suite_create ("policy");
	SRunner *runner;
	int n_failed;

	add_tests (suite, "soft token", setup_soft);
	add_tests (suite, "hosted", setup_hosted);
	add_flat (suite);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
