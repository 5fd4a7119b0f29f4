/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The random numbers: which generator they come from, that they are one process's and not repeated,
 * and the calls that give them out.
 */
#include "config.h"

#include "mech-keys.h"
#include "mech-vectors-ffc.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <errno.h>
#include <pthread.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "drbg.h"

/* libcrypto asks the C library's getentropy() for seeds, and here this one. */
static guint n_entropy;
static gboolean no_entropy;

int
getentropy (void *out, size_t len)
{
	n_entropy++;
	if (no_entropy) {
		errno = EIO;
		return -1;
	}
	return syscall (SYS_getrandom, out, len, 0) == (long) len ? 0 : -1;
}

#define N_THREADS 4
#define N_REQUESTS 500
#define REQUEST_LEN 16

static guint
reseed_counter (EVP_RAND_CTX *rand)
{
	unsigned int counter = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint (OSSL_DRBG_PARAM_RESEED_COUNTER, &counter),
		OSSL_PARAM_construct_end (),
	};

	ck_assert_int_eq (EVP_RAND_CTX_get_params (rand, params), 1);
	return counter;
}

static void
check_generator (EVP_RAND_CTX *rand)
{
	char digest[32] = "", mac[32] = "";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string (OSSL_DRBG_PARAM_DIGEST, digest, sizeof digest),
		OSSL_PARAM_construct_utf8_string (OSSL_DRBG_PARAM_MAC, mac, sizeof mac),
		OSSL_PARAM_construct_end (),
	};

	ck_assert_ptr_nonnull (rand);
	ck_assert_str_eq (EVP_RAND_get0_name (EVP_RAND_CTX_get0_rand (rand)), "HMAC-DRBG");
	ck_assert_int_eq (EVP_RAND_CTX_get_params (rand, params), 1);
	ck_assert_str_eq (mac, "HMAC");
	ck_assert (g_str_equal (digest, "SHA256") || g_str_equal (digest, "SHA2-256"));
	ck_assert_uint_ge (EVP_RAND_get_strength (rand), 256);
}

/* The primary, and those from which libcrypto takes keys, nonces and salts in the token's context.
 * */
START_TEST (test_drbg__is_hmac_drbg)
{
	OSSL_LIB_CTX *context = craton_drbg_context ();

	ck_assert_ptr_nonnull (context);
	ck_assert_ptr_eq (context, craton_drbg_context ());
	check_generator (RAND_get0_primary (context));
	check_generator (RAND_get0_public (context));
	check_generator (RAND_get0_private (context));
}
END_TEST

START_TEST (test_generate__lengths)
{
	static const gsize lens[] = { 1, 15, 16, 31, 32, 33, 65535, 65536, 65537, 300000 };
	guint8 guard[1] = { 0x5a };

	ck_ok (craton_drbg_generate (guard, 0));
	ck_assert_uint_eq (guard[0], 0x5a);
	ck_ok (craton_drbg_generate (NULL, 0));
	for (gsize i = 0; i < N (lens); i++) {
		g_autofree guint8 *out = g_malloc0 (lens[i] + 1);
		gsize zeros = 0;

		out[lens[i]] = 0x5a;
		ck_ok (craton_drbg_generate (out, lens[i]));
		ck_assert_uint_eq (out[lens[i]], 0x5a);
		/* The end was written too: all of the last 16 bytes are zero once in 2^128 runs. */
		for (gsize j = lens[i] - MIN (lens[i], 16); j < lens[i]; j++)
			zeros += out[j] == 0;
		ck_assert (lens[i] < 16 || zeros < 16);
	}
}
END_TEST

START_TEST (test_generate__bits_are_balanced)
{
	const gsize len = 1 << 20;
	g_autofree guint8 *out = g_malloc (len);
	gsize ones = 0;

	ck_ok (craton_drbg_generate (out, len));
	for (gsize i = 0; i < len; i++)
		ones += (gsize) __builtin_popcount (out[i]);
	/* 2^23 bits: 2^22 ones, with a standard deviation of 1448. Ten of these never happen. */
	ck_assert_uint_gt (ones, (len * 4) - 14480);
	ck_assert_uint_lt (ones, (len * 4) + 14480);
}
END_TEST

START_TEST (test_seed__reaches_all_generators)
{
	OSSL_LIB_CTX *context = craton_drbg_context ();
	EVP_RAND_CTX *primary = RAND_get0_primary (context), *private = RAND_get0_private (context);
	g_autofree guint8 *input = g_malloc0 (200000);
	guint8 out[32];
	guint before = reseed_counter (primary), private_before;

	ck_assert_int_eq (RAND_priv_bytes_ex (context, out, sizeof out, 0), 1);
	private_before = reseed_counter (private);
	ck_ok (craton_drbg_seed ("some input", 10));
	ck_assert_uint_gt (reseed_counter (primary), before);
	before = reseed_counter (primary);
	ck_ok (craton_drbg_seed (NULL, 0));
	ck_assert_uint_gt (reseed_counter (primary), before);
	before = reseed_counter (primary);
	ck_ok (craton_drbg_seed (input, 200000));
	ck_assert_uint_gt (reseed_counter (primary), before);
	ck_assert_int_eq (RAND_priv_bytes_ex (context, out, sizeof out, 0), 1);
	ck_assert_uint_ne (reseed_counter (private), private_before);
}
END_TEST

/* The same input leads nowhere twice: the operating system's seed is always in. */
START_TEST (test_seed__input_does_not_decide)
{
	guint8 first[32], second[32];

	ck_ok (craton_drbg_seed ("the same", 8));
	ck_ok (craton_drbg_generate (first, sizeof first));
	ck_ok (craton_drbg_seed ("the same", 8));
	ck_ok (craton_drbg_generate (second, sizeof second));
	ck_assert_mem_ne (first, second, sizeof first);
}
END_TEST

/* --- known answers --- */

/* NIST CAVP, CAVS 14.3, HMAC_DRBG.rsp, SHA-256, no prediction resistance: without a reseed, with one, and
 * with one that has additional input. */
static const struct {
	const char *entropy, *nonce, *personalization, *entropy_2, *in_2, *in[2], *out;
} answers[] = {
	{ "ca851911349384bffe89de1cbdc46e6831e44d34a4fb935ee285dd14b71a7488",
	  "659ba96c601dc69fc902940805ec0ca8",
	  NULL,
	  NULL,
	  NULL,
	  { NULL, NULL },
	  "e528e9abf2dece54d47c7e75e5fe302149f817ea9fb4bee6f4199697d04d5b89d54fbb978a15b5c443c9ec21"
	  "036d2460b6f73ebad0dc2aba6e624abf07745bc107694bb7547bb0995f70de25d6b29e2d3011bb19d27676c0"
	  "7162c8b5ccde0668961df86803482cb37ed6d5c0bb8d50cf1f50d476aa0458bdaba806f48be9dcb8" },
	{ "79737479ba4e7642a221fcfd1b820b134e9e3540a35bb48ffae29c20f5418ea3",
	  "3593259c092bef4129bc2c6c9e19f343",
	  NULL,
	  NULL,
	  NULL,
	  { NULL, NULL },
	  "cf5ad5984f9e43917aa9087380dac46e410ddc8a7731859c84e9d0f31bd43655b924159413e2293b17610f21"
	  "1e09f770f172b8fb693a35b85d3b9e5e63b1dc252ac0e115002e9bedfb4b5b6fd43f33b8e0eafb2d072e1a6f"
	  "ee1f159df9b51e6c8da737e60d5032dd30544ec51558c6f080bdbdab1de8a939e961e06b5f1aca37" },
	{ "7ba02a734c8744b15ef8b4074fe639b32e4431762ab5b7cd4d5df675ea90672b",
	  "8a424f32108607c8f1f45d97f500ee12",
	  "3ad627433f465187c48141e30c2678106091e7a680229a534b851b8d46feb957",
	  "d8f02b59b6a3dd276bc69cba68efcf11ab83ead1397afd9841786bd1bb5da97a",
	  NULL,
	  { NULL, NULL },
	  "1fb91186ba4b4459d994b4b9f4ca252c7be6294d6cdb5fe56f8ff784d4b190a1c6456e0a41223bbbdf83ed8e"
	  "7cfbfa765d9d8bc7ea5f4d79ea7eccb4928081a21de4cca36620d6267f55d9a352b76fc0a57375884112c31f"
	  "65ff28e76d315698c29e6c4c05cb58b0a07ae66143b4abc78b9d25c78b4121e1e45bef1a6c1793e2" },
	{ "cdb0d9117cc6dbc9ef9dcb06a97579841d72dc18b2d46a1cb61e314012bdf416",
	  "d0c0d01d156016d0eb6b7e9c7c3c8da8",
	  "6f0fb9eab3f9ea7ab0a719bfa879bf0aaed683307fda0c6d73ce018b6e34faaa",
	  "8ec6f7d5a8e2e88f43986f70b86e050d07c84b931bcf18e601c5a3eee3064c82",
	  "1ab4ca9014fa98a55938316de8ba5a68c629b0741bdd058c4d70c91cda5099b3",
	  { "16e2d0721b58d839a122852abd3bf2c942a31c84d82fca74211871880d7162ff",
	    "53686f042a7b087d5d2eca0d2a96de131f275ed7151189f7ca52deaa78b79fb2" },
	  "dda04a2ca7b8147af1548f5d086591ca4fd951a345ce52b3cd49d47e84aa31a183e31fbc42a1ff1d95afec71"
	  "43c8008c97bc2a9c091df0a763848391f68cb4a366ad89857ac725a53b303ddea767be8dc5f605b1b95f6d24"
	  "c9f06be65a973a089320b3cc42569dcfd4b92b62a993785b0301b3fc452445656fce22664827b88f" },
};

static EVP_RAND_CTX *
rand_new (const char *type, EVP_RAND_CTX *parent)
{
	EVP_RAND *rand = EVP_RAND_fetch (craton_drbg_context (), type, NULL);
	EVP_RAND_CTX *made = EVP_RAND_CTX_new (rand, parent);

	ck_assert_ptr_nonnull (made);
	EVP_RAND_free (rand);
	return made;
}

/* A source of seeds that gives these bytes. */
static void
set_seed (EVP_RAND_CTX *source, GByteArray *entropy, GByteArray *nonce)
{
	unsigned int strength = 256;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint (OSSL_RAND_PARAM_STRENGTH, &strength),
		OSSL_PARAM_construct_octet_string (OSSL_RAND_PARAM_TEST_ENTROPY, entropy->data,
		                                   entropy->len),
		OSSL_PARAM_construct_octet_string (OSSL_RAND_PARAM_TEST_NONCE, nonce->data,
		                                   nonce->len),
		OSSL_PARAM_construct_end (),
	};

	ck_assert_int_eq (EVP_RAND_CTX_set_params (source, params), 1);
}

static void
draw (EVP_RAND_CTX *drbg, const char *in_hex, CK_BYTE *out, gsize len)
{
	g_autoptr (GByteArray) in = unhex (in_hex);

	if (in->len == 0)
		ck_ok (craton_drbg_generate_from (drbg, out, len));
	else
		ck_assert_int_eq (EVP_RAND_generate (drbg, out, len, 0, 0, in->data, in->len), 1);
}

START_TEST (test_drbg__known_answers)
{
	g_autoptr (GByteArray) entropy = unhex (answers[_i].entropy);
	g_autoptr (GByteArray) nonce = unhex (answers[_i].nonce);
	g_autoptr (GByteArray) entropy_2 = unhex (answers[_i].entropy_2);
	g_autoptr (GByteArray) in_2 = unhex (answers[_i].in_2);
	g_autoptr (GByteArray) expected = unhex (answers[_i].out);
	/* Empty, not NULL: libcrypto has one of its own in place of that. */
	g_autoptr (GByteArray) personalization = unhex (answers[_i].personalization);
	EVP_RAND_CTX *source = rand_new ("TEST-RAND", NULL), *drbg = rand_new ("HMAC-DRBG", source);
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string (OSSL_DRBG_PARAM_MAC, (char *) "HMAC", 0),
		OSSL_PARAM_construct_utf8_string (OSSL_DRBG_PARAM_DIGEST, (char *) "SHA256", 0),
		OSSL_PARAM_construct_end (),
	};
	CK_BYTE out[128];

	set_seed (source, entropy, nonce);
	ck_assert_int_eq (EVP_RAND_instantiate (source, 256, 0, NULL, 0, NULL), 1);
	ck_assert_int_eq (EVP_RAND_instantiate (drbg, 256, 0, personalization->data,
	                                        personalization->len, params),
	                  1);
	if (entropy_2->len > 0) {
		set_seed (source, entropy_2, nonce);
		ck_ok (craton_drbg_reseed (drbg, in_2->data, in_2->len));
	}
	draw (drbg, answers[_i].in[0], out, sizeof out);
	draw (drbg, answers[_i].in[1], out, sizeof out);
	ck_assert_uint_eq (expected->len, sizeof out);
	ck_assert_mem_eq (out, expected->data, sizeof out);
	EVP_RAND_CTX_free (drbg);
	EVP_RAND_CTX_free (source);
}
END_TEST

/* Nobody asks for it, and it comes all the same. */
START_TEST (test_drbg__reseeds_by_itself)
{
	EVP_RAND_CTX *primary = RAND_get0_primary (craton_drbg_context ());
	guint before, entropy_before;
	guint8 out[16];

	ck_ok (craton_drbg_seed (NULL, 0));
	before = reseed_counter (primary);
	entropy_before = n_entropy;
	for (int i = 0; i < 255; i++)
		ck_ok (craton_drbg_generate (out, sizeof out));
	ck_assert_uint_eq (reseed_counter (primary), before);
	ck_assert_uint_eq (n_entropy, entropy_before);
	for (int i = 0; i < 2; i++)
		ck_ok (craton_drbg_generate (out, sizeof out));
	ck_assert_uint_eq (reseed_counter (primary), before + 1);
	ck_assert_uint_gt (n_entropy, entropy_before);
}
END_TEST

START_TEST (test_drbg__that_repeats_is_not_used)
{
	guint8 block[CRATON_DRBG_BLOCK_LEN] = { 1 }, other[CRATON_DRBG_BLOCK_LEN] = { 2 }, out[32];

	ck_ok (craton_drbg_check (block));
	ck_ok (craton_drbg_check (other));
	ck_ok (craton_drbg_check (block));
	ck_rv (craton_drbg_check (block), CKR_DEVICE_ERROR);
	ck_rv (craton_drbg_check (other), CKR_DEVICE_ERROR);
	memset (out, 0x5a, sizeof out);
	ck_rv (craton_drbg_generate (out, sizeof out), CKR_DEVICE_ERROR);
	for (gsize i = 0; i < sizeof out; i++)
		ck_assert_uint_eq (out[i], 0);
	ck_rv (craton_drbg_generate (out, 1), CKR_DEVICE_ERROR);
}
END_TEST

/* --- threads --- */

typedef struct {
	guint8 out[N_REQUESTS][REQUEST_LEN];
	CK_RV rv;
} Worker;

static void *
work (void *data)
{
	Worker *worker = data;

	for (int i = 0; i < N_REQUESTS && worker->rv == CKR_OK; i++) {
		worker->rv = craton_drbg_generate (worker->out[i], REQUEST_LEN);
		if (worker->rv == CKR_OK && i % 100 == 50)
			worker->rv = craton_drbg_seed (worker->out[i], REQUEST_LEN);
	}
	return NULL;
}

static guint
hash_block (gconstpointer block)
{
	guint hash;

	memcpy (&hash, block, sizeof hash);
	return hash;
}

static gboolean
equal_blocks (gconstpointer a, gconstpointer b)
{
	return memcmp (a, b, REQUEST_LEN) == 0;
}

START_TEST (test_generate__threads_never_share)
{
	g_autofree Worker *workers = g_new0 (Worker, N_THREADS);
	g_autoptr (GHashTable) seen = g_hash_table_new (hash_block, equal_blocks);
	pthread_t threads[N_THREADS];

	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq (pthread_create (&threads[i], NULL, work, &workers[i]), 0);
	for (int i = 0; i < N_THREADS; i++)
		ck_assert_int_eq (pthread_join (threads[i], NULL), 0);
	for (int i = 0; i < N_THREADS; i++) {
		ck_ok (workers[i].rv);
		for (int j = 0; j < N_REQUESTS; j++)
			ck_assert (g_hash_table_add (seen, workers[i].out[j]));
	}
}
END_TEST

START_TEST (test_calls)
{
	CK_BYTE first[32] = { 0 }, second[32] = { 0 }, many[10001] = { 0 }, zeros[16] = { 0 };

	ck_ok (p11->C_GenerateRandom (session, first, sizeof first));
	ck_ok (p11->C_GenerateRandom (session, second, sizeof second));
	ck_assert_mem_ne (first, second, sizeof first);
	/* To the last byte, and no further. */
	ck_ok (p11->C_GenerateRandom (session, many, sizeof many - 1));
	for (gsize i = 0; i + 16 < sizeof many; i += 16)
		ck_assert_mem_ne (many + i, zeros, 16);
	ck_assert_uint_eq (many[sizeof many - 1], 0);
	ck_ok (p11->C_GenerateRandom (session, NULL, 0));
	ck_rv (p11->C_GenerateRandom (session, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_GenerateRandom (session + 1000, first, sizeof first),
	       CKR_SESSION_HANDLE_INVALID);
	ck_ok (p11->C_SeedRandom (session, first, sizeof first));
	ck_ok (p11->C_SeedRandom (session, NULL, 0));
	ck_rv (p11->C_SeedRandom (session, NULL, 1), CKR_ARGUMENTS_BAD);
	ck_rv (p11->C_SeedRandom (session + 1000, first, sizeof first), CKR_SESSION_HANDLE_INVALID);
}
END_TEST

/* --- where keys come from --- */

static CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static CK_BYTE ed25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x70 };
static CK_BYTE x25519[] = { 0x06, 0x03, 0x2b, 0x65, 0x6e };
static const CK_ULONG thirty_two = 32, bits_2048 = 2048, bits_1024 = 1024, first_set = 1;

/* What a mechanism that makes keys may want to know; the first that does is taken. */
static const CK_ATTRIBUTE wishes[] = {
	ATTR (CKA_PRIVATE, no),
	ATTR (CKA_VALUE_LEN, thirty_two),
	ATTR (CKA_MODULUS_BITS, bits_2048),
	{ CKA_EC_PARAMS, p256, sizeof p256 },
	{ CKA_EC_PARAMS, ed25519, sizeof ed25519 },
	{ CKA_EC_PARAMS, x25519, sizeof x25519 },
	ATTR (CKA_PARAMETER_SET, first_set),
	ATTR (CKA_PRIME_BITS, bits_1024),
	/* The domain parameters of these keys, in more than one attribute. */
	{ CKA_PRIME, (void *) &own_dsa_1024, 0 },
	{ CKA_PRIME, (void *) &own_dh_2048, 0 },
};

static CK_RV
generate (CK_MECHANISM_TYPE type, gboolean pair, const CK_ATTRIBUTE *wish)
{
	const TestKey *domain = wish->type == CKA_PRIME ? wish->pValue : NULL;
	CK_ATTRIBUTE hidden = ATTR (CKA_PRIVATE, no);
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_OBJECT_HANDLE key, private;
	Attrs attrs = { 0 };
	CK_RV rv;

	if (domain != NULL) {
		add_hex (&attrs, CKA_PRIME, domain->prime);
		add_hex (&attrs, CKA_SUBPRIME, domain->subprime);
		add_hex (&attrs, CKA_BASE, domain->base);
	} else if (wish->type != CKA_PRIVATE) {
		attrs.attrs[attrs.n++] = *wish;
	}
	attrs.attrs[attrs.n++] = hidden;
	if (pair)
		rv = p11->C_GenerateKeyPair (session, &mechanism, attrs.attrs, attrs.n, &hidden, 1,
		                             &key, &private);
	else
		rv = p11->C_GenerateKey (session, &mechanism, attrs.attrs, attrs.n, &key);
	for (gsize i = 0; i < N (attrs.bytes); i++)
		if (attrs.bytes[i] != NULL)
			g_byte_array_unref (attrs.bytes[i]);
	return rv;
}

typedef struct {
	CK_MECHANISM_TYPE type;
	gboolean pair;
	const CK_ATTRIBUTE *wish;
} Generation;

/* All mechanisms that draw keys; those with a parameter work out theirs from it. */
static guint
find_generations (Generation *generations)
{
	CK_MECHANISM_TYPE types[1024];
	CK_ULONG n = N (types), n_slots = 1;
	CK_SLOT_ID slot;
	guint n_found = 0;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots));
	ck_ok (p11->C_GetMechanismList (slot, types, &n));
	for (CK_ULONG i = 0; i < n; i++) {
		CK_RV rv = CKR_GENERAL_ERROR;
		CK_MECHANISM_INFO info;
		gboolean pair;

		ck_ok (p11->C_GetMechanismInfo (slot, types[i], &info));
		pair = (info.flags & CKF_GENERATE_KEY_PAIR) != 0;
		if (!pair && (info.flags & CKF_GENERATE) == 0)
			continue;
		/* These are published groups, nothing is drawn for them. */
		if (types[i] == CKM_DH_PKCS_PARAMETER_GEN)
			continue;
		for (gsize j = 0; j < N (wishes) && rv != CKR_OK; j++) {
			rv = generate (types[i], pair, &wishes[j]);
			if (rv == CKR_MECHANISM_PARAM_INVALID)
				break;
			if (rv == CKR_OK)
				generations[n_found++] = (Generation){ types[i], pair, &wishes[j] };
		}
		ck_assert_msg (rv == CKR_OK || rv == CKR_MECHANISM_PARAM_INVALID,
		               "mechanism 0x%lx: no template for it here", types[i]);
	}
	ck_assert_uint_gt (n_found, 4);
	return n_found;
}

static void
break_generators (void)
{
	OSSL_LIB_CTX *context = craton_drbg_context ();

	no_entropy = TRUE;
	ck_assert_int_eq (EVP_RAND_uninstantiate (RAND_get0_primary (context)), 1);
	ck_assert_int_eq (EVP_RAND_uninstantiate (RAND_get0_public (context)), 1);
	ck_assert_int_eq (EVP_RAND_uninstantiate (RAND_get0_private (context)), 1);
}

/* What was asked of the operating system when the token's generator came to be, and is with each of its
 * reseeds: taken before anything else happens in this program. */
static guint first_entropy, first_counter, reseed_entropy;

static void
note_entropy (void)
{
	EVP_RAND_CTX *primary = RAND_get0_primary (craton_drbg_context ());

	first_entropy = n_entropy;
	first_counter = reseed_counter (primary);
	ck_ok (craton_drbg_seed (NULL, 0));
	reseed_entropy = n_entropy - first_entropy;
}

/* No generator but the token's has asked for a seed, so there is none but it; and without it no key is
 * made. */
START_TEST (test_keys__come_from_the_generator)
{
	Generation generations[128];
	guint n = find_generations (generations), reseeds;
	CK_BYTE key[16] = { 1 }, out[64];
	CK_MECHANISM ecdsa = { CKM_ECDSA, NULL, 0 };
	CK_ATTRIBUTE public[] = { { CKA_EC_PARAMS, p256, sizeof p256 }, ATTR (CKA_PRIVATE, no) },
		     private[] = { ATTR (CKA_PRIVATE, no) };
	CK_MECHANISM gen = { CKM_EC_KEY_PAIR_GEN, NULL, 0 };
	CK_OBJECT_HANDLE verifier, signer;
	CK_ULONG len = sizeof out;

	ck_ok (p11->C_GenerateKeyPair (session, &gen, public, 2, private, 1, &verifier, &signer));
	ck_ok (p11->C_SignInit (session, &ecdsa, signer));
	ck_ok (p11->C_Sign (session, key, sizeof key, out, &len));
	ck_assert_uint_gt (reseed_entropy, 0);
	reseeds = reseed_counter (RAND_get0_primary (craton_drbg_context ())) - first_counter;
	ck_assert_uint_eq (n_entropy, first_entropy + reseeds * reseed_entropy);

	break_generators ();
	for (guint i = 0; i < n; i++)
		ck_assert_msg (generate (generations[i].type, generations[i].pair,
		                         generations[i].wish) != CKR_OK,
		               "mechanism 0x%lx: a key without the generator",
		               generations[i].type);
	ck_ok (p11->C_SignInit (session, &ecdsa, signer));
	ck_assert (p11->C_Sign (session, key, sizeof key, out, &len) != CKR_OK);
	ck_assert (p11->C_GenerateRandom (session, out, 16) != CKR_OK);

	/* And it comes back with the seeds. */
	no_entropy = FALSE;
	ck_ok (p11->C_GenerateRandom (session, out, 16));
	ck_ok (generate (CKM_AES_KEY_GEN, FALSE, &wishes[1]));
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("drbg");
	TCase *generator = tcase_create ("generator"), *calls = tcase_create ("calls");
	SRunner *runner;
	int failed;

	tcase_add_unchecked_fixture (generator, note_entropy, NULL);
	tcase_add_test (generator, test_drbg__is_hmac_drbg);
	tcase_add_test (generator, test_generate__lengths);
	tcase_add_test (generator, test_generate__bits_are_balanced);
	tcase_add_test (generator, test_seed__reaches_all_generators);
	tcase_add_test (generator, test_seed__input_does_not_decide);
	tcase_add_test (generator, test_generate__threads_never_share);
	tcase_add_loop_test (generator, test_drbg__known_answers, 0, (int) N (answers));
	tcase_add_test (generator, test_drbg__reseeds_by_itself);
	tcase_set_timeout (generator, 120);
	suite_add_tcase (suite, generator);
	tcase_add_unchecked_fixture (calls, token_setup, token_teardown);
	tcase_add_checked_fixture (calls, session_setup, session_teardown);
	tcase_add_test (calls, test_calls);
	tcase_add_test (calls, test_keys__come_from_the_generator);
	tcase_add_test (calls, test_drbg__that_repeats_is_not_used); /* the last: it stays broken */
	suite_add_tcase (suite, calls);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
