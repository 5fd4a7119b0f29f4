/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Known-answer self-tests; see selftest.h. They go through what the mechanisms use: the algorithms of
 * algs.h, and keys made of attributes. Called by session.c when a mechanism is looked up.
 */
#include "config.h"

#include "selftest.h"

#include "algs.h"
#include "drbg.h"
#include "mech.h"
#include "object-private.h"

#include <glib/gi18n-lib.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <string.h>

#define P256 "06082a8648ce3d030107"
#define VALUE_MAX 1024
#define OUT_MAX 32768

/* Values are hexadecimal. */
typedef struct Test Test;
struct Test {
	const char *name;
	gboolean (*run) (const Test *test);
	int alg; /* CratonHash or CratonCipher */
	const char *key, *iv, *in, *out, *tag;
	/* Key pairs: */
	CK_KEY_TYPE key_type;
	CK_ULONG set;
	const char *params, *prime, *subprime, *base, *public, *private, *seed;
};

typedef struct {
	guint8 bytes[VALUE_MAX];
	gsize len;
} Value;

static Value
value_of (const char *hex)
{
	Value value = { .len = 0 };

	for (; hex != NULL && hex[0] != '\0' && value.len < VALUE_MAX; hex += 2)
		value.bytes[value.len++] = (guint8) (g_ascii_xdigit_value (hex[0]) << 4 |
		                                     g_ascii_xdigit_value (hex[1]));
	return value;
}

static gboolean
is_value (const void *bytes, gsize len, const char *hex)
{
	Value value = value_of (hex);

	return len == value.len && memcmp (bytes, value.bytes, len) == 0;
}

/* --- digests and codes --- */

static gboolean
run_mac (const EVP_MAC_CTX *ready, const void *key, gsize key_len, const void *in, gsize in_len,
         const char *expected)
{
	EVP_MAC_CTX *context = ready == NULL ? NULL : EVP_MAC_CTX_dup (ready);
	guint8 out[EVP_MAX_MD_SIZE];
	gsize len = 0;
	gboolean good = context != NULL && EVP_MAC_init (context, key, key_len, NULL) == 1 &&
	                EVP_MAC_update (context, in, in_len) == 1 &&
	                EVP_MAC_final (context, out, &len, sizeof out) == 1 &&
	                is_value (out, len, expected);

	EVP_MAC_CTX_free (context);
	return good;
}

static gboolean
run_hash (const Test *test)
{
	const EVP_MD *md = craton_algs_md ((CratonHash) test->alg);
	Value expected = value_of (test->in);
	guint8 out[EVP_MAX_MD_SIZE];

	return md != NULL && EVP_Digest ("abc", 3, out, NULL, md, NULL) == 1 &&
	       memcmp (out, expected.bytes, expected.len) == 0 &&
	       run_mac (craton_algs_hmac ((CratonHash) test->alg), "Jefe", 4,
	                "what do ya want for nothing?", 28, test->out);
}

static gboolean
run_cmac (const Test *test)
{
	Value key = value_of (test->key), in = value_of (test->in);

	return run_mac (craton_algs_cmac (key.len), key.bytes, key.len, in.bytes, in.len,
	                test->out);
}

static gboolean
run_pbkdf2 (const Test *test)
{
	EVP_KDF *function = craton_algs_kdf (CRATON_KDF_PBKDF2);
	EVP_KDF_CTX *context = function == NULL ? NULL : EVP_KDF_CTX_new (function);
	const char *hash = craton_algs_hashes[test->alg].name;
	guint64 iterations = 1;
	int pkcs5 = 1;
	guint8 out[20];
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string (OSSL_KDF_PARAM_DIGEST, (char *) hash, 0),
		OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_PASSWORD, (char *) "password", 8),
		OSSL_PARAM_construct_octet_string (OSSL_KDF_PARAM_SALT, (char *) "salt", 4),
		OSSL_PARAM_construct_uint64 (OSSL_KDF_PARAM_ITER, &iterations),
		OSSL_PARAM_construct_int (OSSL_KDF_PARAM_PKCS5, &pkcs5),
		OSSL_PARAM_construct_end (),
	};
	gboolean good = context != NULL && EVP_KDF_derive (context, out, sizeof out, params) == 1 &&
	                is_value (out, sizeof out, test->out);

	EVP_KDF_CTX_free (context);
	return good;
}

/* --- ciphers --- */

static EVP_CIPHER_CTX *
cipher_context (const Test *test, gboolean encrypts)
{
	Value key = value_of (test->key), iv = value_of (test->iv);
	const EVP_CIPHER *cipher = craton_algs_cipher ((CratonCipher) test->alg, key.len);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();

	if (context == NULL || cipher == NULL)
		return context;
	EVP_CIPHER_CTX_set_flags (context, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	if (EVP_CipherInit_ex2 (context, cipher, key.bytes, iv.len > 0 ? iv.bytes : NULL, encrypts,
	                        NULL) == 1)
		EVP_CIPHER_CTX_set_padding (context, 0);
	return context;
}

static gboolean
run_one_way (const Test *test, gboolean encrypts)
{
	Value in = value_of (encrypts ? test->in : test->out);
	EVP_CIPHER_CTX *context = cipher_context (test, encrypts);
	guint8 out[VALUE_MAX];
	int len = 0, more = 0;
	gboolean good = context != NULL &&
	                EVP_CipherUpdate (context, out, &len, in.bytes, (int) in.len) == 1 &&
	                EVP_CipherFinal_ex (context, out + len, &more) == 1 &&
	                is_value (out, (gsize) (len + more), encrypts ? test->out : test->in);

	EVP_CIPHER_CTX_free (context);
	return good;
}

static gboolean
run_cipher (const Test *test)
{
	return run_one_way (test, TRUE) && run_one_way (test, FALSE);
}

/* Both ways, and a tag that is wrong is refused. */
static gboolean
run_aead (const Test *test)
{
	EVP_CIPHER_CTX *to = cipher_context (test, TRUE), *from = cipher_context (test, FALSE);
	Value in = value_of (test->in), tag = value_of (test->tag);
	guint8 out[VALUE_MAX], back[VALUE_MAX], made[16];
	int len = 0, back_len = 0, more = 0;
	gboolean good =
		to != NULL && from != NULL &&
		EVP_CipherUpdate (to, out, &len, in.bytes, (int) in.len) == 1 &&
		EVP_CipherFinal_ex (to, out + len, &more) == 1 &&
		EVP_CIPHER_CTX_ctrl (to, EVP_CTRL_AEAD_GET_TAG, sizeof made, made) == 1 &&
		is_value (out, (gsize) len, test->out) && is_value (made, sizeof made, test->tag) &&
		EVP_CipherUpdate (from, back, &back_len, out, len) == 1 &&
		is_value (back, (gsize) back_len, test->in);

	tag.bytes[0] ^= 1;
	good = good && EVP_CIPHER_CTX_ctrl (from, EVP_CTRL_AEAD_SET_TAG, 16, tag.bytes) == 1 &&
	       EVP_CipherFinal_ex (from, back, &more) != 1;
	EVP_CIPHER_CTX_free (to);
	EVP_CIPHER_CTX_free (from);
	return good;
}

/* CCM wants to know the lengths first. */
static gboolean
run_ccm (const Test *test)
{
	Value key = value_of (test->key), iv = value_of (test->iv), in = value_of (test->in);
	const EVP_CIPHER *cipher = craton_algs_cipher (CRATON_CIPHER_CCM, key.len);
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new ();
	guint8 out[VALUE_MAX], tag[16];
	int len = 0;
	gboolean good =
		context != NULL && cipher != NULL &&
		EVP_CipherInit_ex2 (context, cipher, NULL, NULL, 1, NULL) == 1 &&
		EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_IVLEN, (int) iv.len, NULL) == 1 &&
		EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_SET_TAG, sizeof tag, NULL) == 1 &&
		EVP_CipherInit_ex2 (context, NULL, key.bytes, iv.bytes, 1, NULL) == 1 &&
		EVP_CipherUpdate (context, NULL, &len, NULL, (int) in.len) == 1 &&
		EVP_CipherUpdate (context, out, &len, in.bytes, (int) in.len) == 1 &&
		is_value (out, (gsize) len, test->out) &&
		EVP_CIPHER_CTX_ctrl (context, EVP_CTRL_AEAD_GET_TAG, sizeof tag, tag) == 1 &&
		is_value (tag, sizeof tag, test->tag);

	EVP_CIPHER_CTX_free (context);
	return good;
}

/* --- key pairs --- */

/* Adds an attribute unless the test has no such value. */
static void
add (CK_ATTRIBUTE *attrs, gsize *inout_n, CK_ATTRIBUTE_TYPE type, Value *value)
{
	if (value->len > 0)
		attrs[(*inout_n)++] = (CK_ATTRIBUTE){ type, value->bytes, value->len };
}

/* The key as the mechanisms would get it. */
static EVP_PKEY *
make_key (const Test *test, gboolean private)
{
	CK_OBJECT_CLASS class = private ? CKO_PRIVATE_KEY : CKO_PUBLIC_KEY;
	gboolean rsa = test->key_type == CKK_RSA, ffc = test->base != NULL;
	Value public = value_of (test->public), secret = value_of (test->private),
	      params = value_of (test->params), seed = value_of (test->seed),
	      prime = value_of (test->prime), subprime = value_of (test->subprime),
	      base = value_of (test->base), f4 = value_of ("010001");
	CK_ATTRIBUTE attrs[10] = { { CKA_CLASS, &class, sizeof class },
		                   { CKA_KEY_TYPE, (void *) &test->key_type,
		                     sizeof test->key_type } };
	CratonObject *object;
	EVP_PKEY *pkey = NULL;
	gsize n = 2;

	add (attrs, &n, CKA_EC_PARAMS, &params);
	add (attrs, &n, CKA_PRIME, &prime);
	add (attrs, &n, CKA_SUBPRIME, &subprime);
	add (attrs, &n, CKA_BASE, &base);
	if (test->set != 0)
		attrs[n++] = (CK_ATTRIBUTE){ CKA_PARAMETER_SET, (void *) &test->set,
			                     sizeof test->set };
	if (rsa) {
		add (attrs, &n, CKA_MODULUS, &public);
		add (attrs, &n, CKA_PUBLIC_EXPONENT, &f4);
	} else if (!private) {
		add (attrs, &n, ffc ? CKA_VALUE : CKA_EC_POINT, &public);
	}
	if (private) {
		add (attrs, &n, rsa ? CKA_PRIVATE_EXPONENT : CKA_VALUE, &secret);
		add (attrs, &n, CKA_SEED, &seed);
	}
	object = craton_object_new (attrs, n);
	if (object != NULL && craton_mech_parse_key (object, &pkey) != CKR_OK)
		pkey = NULL;
	craton_object_unref (object);
	OPENSSL_cleanse (&secret, sizeof secret);
	return pkey;
}

static EVP_PKEY_CTX *
key_context (EVP_PKEY *pkey, int (*start) (EVP_PKEY_CTX *context))
{
	EVP_PKEY_CTX *context =
		pkey == NULL ? NULL
			     : EVP_PKEY_CTX_new_from_pkey (craton_drbg_context (), pkey, NULL);

	if (context == NULL || start (context) == 1)
		return context;
	EVP_PKEY_CTX_free (context);
	return NULL;
}

static gboolean
run_rsa (const Test *test)
{
	EVP_PKEY *private = make_key (test, TRUE), *public = make_key (test, FALSE);
	EVP_PKEY_CTX *sign = key_context (private, EVP_PKEY_sign_init),
		     *verify = key_context (public, EVP_PKEY_verify_init);
	const EVP_MD *md = craton_algs_md (CRATON_HASH_SHA256);
	Value digest = value_of (test->in);
	guint8 out[VALUE_MAX];
	gsize len = sizeof out;
	gboolean good = sign != NULL && verify != NULL &&
	                EVP_PKEY_CTX_set_rsa_padding (sign, RSA_PKCS1_PADDING) == 1 &&
	                EVP_PKEY_CTX_set_signature_md (sign, md) == 1 &&
	                EVP_PKEY_sign (sign, out, &len, digest.bytes, digest.len) == 1 &&
	                is_value (out, len, test->out) &&
	                EVP_PKEY_CTX_set_rsa_padding (verify, RSA_PKCS1_PADDING) == 1 &&
	                EVP_PKEY_CTX_set_signature_md (verify, md) == 1 &&
	                EVP_PKEY_verify (verify, out, len, digest.bytes, digest.len) == 1;

	out[0] ^= 1;
	good = good && EVP_PKEY_verify (verify, out, len, digest.bytes, digest.len) != 1;
	EVP_PKEY_CTX_free (sign);
	EVP_PKEY_CTX_free (verify);
	EVP_PKEY_free (private);
	EVP_PKEY_free (public);
	return good;
}

/* The known signature is good, one of ours too, and neither for another digest. */
static gboolean
run_ecdsa (const Test *test)
{
	EVP_PKEY *private = make_key (test, TRUE), *public = make_key (test, FALSE);
	EVP_PKEY_CTX *sign = key_context (private, EVP_PKEY_sign_init),
		     *verify = key_context (public, EVP_PKEY_verify_init);
	Value digest = value_of (test->in), known = value_of (test->out);
	guint8 out[VALUE_MAX];
	gsize len = sizeof out;
	gboolean good =
		sign != NULL && verify != NULL &&
		EVP_PKEY_verify (verify, known.bytes, known.len, digest.bytes, digest.len) == 1 &&
		EVP_PKEY_sign (sign, out, &len, digest.bytes, digest.len) == 1 &&
		EVP_PKEY_verify (verify, out, len, digest.bytes, digest.len) == 1;

	digest.bytes[0] ^= 1;
	good = good && EVP_PKEY_verify (verify, out, len, digest.bytes, digest.len) != 1;
	EVP_PKEY_CTX_free (sign);
	EVP_PKEY_CTX_free (verify);
	EVP_PKEY_free (private);
	EVP_PKEY_free (public);
	return good;
}

static EVP_MD_CTX *
sign_context (EVP_PKEY *pkey, const OSSL_PARAM params[])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new ();

	if (context != NULL && pkey != NULL &&
	    EVP_DigestSignInit_ex (context, NULL, NULL, craton_drbg_context (), NULL, pkey,
	                           params) == 1)
		return context;
	EVP_MD_CTX_free (context);
	return NULL;
}

static gboolean
run_eddsa (const Test *test)
{
	EVP_PKEY *private = make_key (test, TRUE);
	EVP_MD_CTX *context = sign_context (private, NULL);
	guint8 out[VALUE_MAX];
	gsize len = sizeof out;
	gboolean good = context != NULL &&
	                EVP_DigestSign (context, out, &len, (const guint8 *) "", 0) == 1 &&
	                is_value (out, len, test->out);

	EVP_MD_CTX_free (context);
	EVP_PKEY_free (private);
	return good;
}

static gboolean
run_ecdh (const Test *test)
{
	EVP_PKEY *private = make_key (test, TRUE), *public = make_key (test, FALSE);
	EVP_PKEY_CTX *context = key_context (private, EVP_PKEY_derive_init);
	guint8 out[VALUE_MAX];
	gsize len = sizeof out;
	gboolean good = context != NULL && public != NULL &&
	                EVP_PKEY_derive_set_peer (context, public) == 1 &&
	                EVP_PKEY_derive (context, out, &len) == 1 && is_value (out, len, test->out);

	EVP_PKEY_CTX_free (context);
	EVP_PKEY_free (private);
	EVP_PKEY_free (public);
	return good;
}

static gboolean
is_hash_of (const guint8 *bytes, gsize len, const char *expected)
{
	guint8 digest[EVP_MAX_MD_SIZE];

	return EVP_Digest (bytes, len, digest, NULL, craton_algs_md (CRATON_HASH_SHA256), NULL) ==
	               1 &&
	       is_value (digest, 32, expected);
}

static gboolean
run_pq_sign (const Test *test)
{
	int yes = 1;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int ("deterministic", &yes),
		OSSL_PARAM_construct_end (),
	};
	EVP_PKEY *private = make_key (test, TRUE);
	EVP_MD_CTX *context = sign_context (private, params);
	Value in = value_of (test->in);
	g_autofree guint8 *out = g_malloc (OUT_MAX);
	gsize len = OUT_MAX;
	gboolean good = context != NULL &&
	                EVP_DigestSign (context, out, &len, in.bytes, in.len) == 1 &&
	                is_hash_of (out, len, test->out);

	EVP_MD_CTX_free (context);
	EVP_PKEY_free (private);
	return good;
}

static int
start_encapsulate (EVP_PKEY_CTX *context)
{
	return EVP_PKEY_encapsulate_init (context, NULL);
}

static int
start_decapsulate (EVP_PKEY_CTX *context)
{
	return EVP_PKEY_decapsulate_init (context, NULL);
}

/* With the random input given, what comes out is known; and it comes out again on the other side. */
static gboolean
run_kem (const Test *test)
{
	EVP_PKEY *private = make_key (test, TRUE);
	EVP_PKEY_CTX *to = key_context (private, start_encapsulate),
		     *from = key_context (private, start_decapsulate);
	Value in = value_of (test->in);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_octet_string ("ikme", in.bytes, in.len),
		OSSL_PARAM_construct_end (),
	};
	guint8 out[VALUE_MAX], secret[32], back[32];
	gsize len = sizeof out, secret_len = sizeof secret, back_len = sizeof back;
	gboolean good = to != NULL && from != NULL && EVP_PKEY_CTX_set_params (to, params) == 1 &&
	                EVP_PKEY_encapsulate (to, out, &len, secret, &secret_len) == 1 &&
	                is_hash_of (out, len, test->tag) &&
	                is_value (secret, secret_len, test->out) &&
	                EVP_PKEY_decapsulate (from, back, &back_len, out, len) == 1 &&
	                is_value (back, back_len, test->out);

	EVP_PKEY_CTX_free (to);
	EVP_PKEY_CTX_free (from);
	EVP_PKEY_free (private);
	return good;
}

#include "selftest-answers.h"

/* 0: has not run; else 1 + whether it was good. */
static gint results[CRATON_N_SELFTESTS];
gint craton_selftest_fault = CRATON_SELFTEST_NONE;

const char *
craton_selftest_name (guint test)
{
	return tests[test].name;
}

void
craton_selftest_forget (void)
{
	for (int i = 0; i < CRATON_N_SELFTESTS; i++)
		g_atomic_int_set (&results[i], 0);
}

CK_RV
craton_selftest_need (guint test)
{
	static GMutex lock;
	gint result;

	if (test == CRATON_SELFTEST_NONE || test == CRATON_SELFTEST_NAMED)
		return CKR_OK;
	result = g_atomic_int_get (&results[test]);

	if (result == 0) {
		g_mutex_lock (&lock);
		result = results[test];
		if (result == 0) {
			result = 1 + (tests[test].run (&tests[test]) &&
			              craton_selftest_fault != (gint) test);
			ERR_clear_error ();
			if (result == 1)
				g_critical (_ ("%s: the self-test failed; this process does not "
				               "use it: look at the machine and at libcrypto"),
				            tests[test].name);
			g_atomic_int_set (&results[test], result);
		}
		g_mutex_unlock (&lock);
	}
	return result == 2 ? CKR_OK : CKR_FUNCTION_FAILED;
}
