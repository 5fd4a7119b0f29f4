/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile client in front of the soft token: a conversation of any requests with an initialised token, a user who is logged in,
 * two sessions and a key of each kind, so that what is behind the first check is reached.
 *
 * Input, as often as there is some: call, two bytes of length, the request. Handles under 16 are those of the keys, under 32 those
 * of objects that were made in this conversation.
 *
 * Left out, because one call takes as long as a thousand others and says nothing more: PINs (scrypt), the initialisation, key pairs
 * of RSA, domain parameters, objects in the store; iterations of passwords are cut short.
 */
#include "config.h"

#include "fuzz-samples.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <unistd.h>

#include "bind.h"
#include "dispatch.h"
#include "recorder.h"
#include "token.h"

#define N(array) (sizeof (array) / sizeof (array)[0])
#define ATTR(type, value)                               \
	{                                               \
		type, (void *) &(value), sizeof (value) \
	}
#define OUT_LEN 1024
#define REPLY_LEN 8192
#define CALLS_MAX 24
#define ITERATIONS_MAX 8

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/* The types of the arguments, as they stand in calls.def. */
#define CALL(since, name, signature, ...) [CRATON_##name] = #__VA_ARGS__,
#define HAND CALL
#define LOCAL CALL
static const char *const types[CRATON_CALLS] = {
#include "calls.def"
};
#undef CALL
#undef HAND
#undef LOCAL

static CK_FUNCTION_LIST_3_2 *p11;
static CratonBinding bindings[CRATON_CALLS];
static CK_SESSION_HANDLE anchor, sessions[2];
static CK_OBJECT_HANDLE keys[16], made[16];
static size_t n_keys, n_made;
static char *scratch;

static CK_OBJECT_HANDLE
find_object (CK_ULONG number)
{
	return number < 16 ? keys[number] : number < 32 ? made[number - 16] : number;
}

/* Only what takes too long or would log out. */
static bool
is_left_out (CratonCallId call, const CK_ULONG *args)
{
	static const CK_MECHANISM_TYPE slow[] = {
		CKM_RSA_PKCS_KEY_PAIR_GEN, CKM_RSA_X9_31_KEY_PAIR_GEN,
		CKM_DSA_PARAMETER_GEN,     CKM_DSA_PROBABILISTIC_PARAMETER_GEN,
		CKM_DH_PKCS_PARAMETER_GEN, CKM_DSA_SHAWE_TAYLOR_PARAMETER_GEN,
		CKM_DSA_FIPS_G_GEN,        CKM_X9_42_DH_PARAMETER_GEN,
	};
	const CK_MECHANISM *mechanism =
		call == CRATON_C_GenerateKey || call == CRATON_C_GenerateKeyPair
			? sample_pointer (args[1])
			: NULL;

	switch (call) {
	case CRATON_C_InitToken:
	case CRATON_C_InitPIN:
	case CRATON_C_SetPIN:
	case CRATON_C_Logout:
	case CRATON_C_CloseAllSessions:
	case CRATON_C_LoginUser:
	case CRATON_C_Login:
		return true;
	default:
		break;
	}
	for (size_t i = 0; mechanism != NULL && i < N (slow); i++) {
		if (mechanism->mechanism == slow[i])
			return true;
	}
	return false;
}

static void
shorten (const CK_MECHANISM *mechanism)
{
	CK_PKCS5_PBKD2_PARAMS2 *pbkd2;
	CK_PBE_PARAMS *pbe;

	if (mechanism == NULL || mechanism->pParameter == NULL)
		return;
	if (mechanism->mechanism == CKM_PKCS5_PBKD2 && mechanism->ulParameterLen == sizeof *pbkd2) {
		pbkd2 = mechanism->pParameter;
		pbkd2->iterations %= ITERATIONS_MAX;
	} else if (mechanism->ulParameterLen == sizeof *pbe &&
	           mechanism->mechanism >= CKM_PBE_MD2_DES_CBC &&
	           mechanism->mechanism <= CKM_PBA_SHA1_WITH_SHA1_HMAC) {
		pbe = mechanism->pParameter;
		pbe->ulIteration %= ITERATIONS_MAX;
	}
}

static void
keep_out_of_store (CK_ATTRIBUTE *attrs, CK_ULONG n)
{
	for (CK_ULONG i = 0; attrs != NULL && i < n; i++) {
		if (attrs[i].type == CKA_TOKEN && attrs[i].pValue != NULL &&
		    attrs[i].ulValueLen == 1)
			*(CK_BBOOL *) attrs[i].pValue = CK_FALSE;
	}
}

/* The arguments, made useful: handles are those of the fuzzer's. Where new handles will be, goes to @ret_new. */
static void
translate (CratonCallId call, CK_ULONG *args, CK_OBJECT_HANDLE **ret_new)
{
	const char *type = types[call];
	size_t at = 0, n = craton_calls[call].n_args;

	for (size_t i = 0; i < n; i++, type = strchr (type, ',') + 2) {
		size_t len = strcspn (type, ",");

		if (strncmp (type, "CK_SESSION_HANDLE", len) == 0 && len == 17)
			args[i] = args[i] == 7 ? args[i] : sessions[args[i] % 2];
		else if (strncmp (type, "CK_OBJECT_HANDLE", len) == 0 && len == 16)
			args[i] = find_object (args[i]);
		else if (strncmp (type, "CK_OBJECT_HANDLE_PTR", len) == 0 && len == 20 &&
		         args[i] != 0)
			*ret_new = sample_pointer (args[i]);
		else if (strncmp (type, "CK_MECHANISM_PTR", len) == 0 && len == 16)
			shorten (sample_pointer (args[i]));
		if (i + 1 == n)
			break;
	}
	for (const char *letter = craton_calls[call].signature; *letter != '\0'; letter++) {
		if (*letter == 'A' && call != CRATON_C_FindObjectsInit)
			keep_out_of_store (sample_pointer (args[at]), args[at + 1]);
		at += strlen (craton_kind (*letter)->args);
	}
}

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	CK_ULONG words[CRATON_ARGS_MAX] = { 0 };
	CK_OBJECT_HANDLE *new = NULL;
	void (*function) (void);
	CK_RV rv;

	memcpy (words, args, craton_calls[call].n_args * sizeof *args);
	translate (call, words, &new);
	if (call == CRATON_C_WaitForSlotEvent)
		words[0] |= CKF_DONT_BLOCK;
	if (call == CRATON_C_OpenSession || is_left_out (call, words))
		return CKR_FUNCTION_NOT_SUPPORTED;
	memcpy (&function, (const char *) p11 + craton_calls[call].offset, sizeof function);
	rv = craton_bind_call (&bindings[call], function, words);
	if (rv == CKR_OK && new != NULL && call != CRATON_C_FindObjects)
		made[n_made++ % N (made)] = *new;
	return rv;
}

#define OK(call) fuzz_expect ((call) == CKR_OK)

static void
add_secret (CK_KEY_TYPE type, CK_ULONG len)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	static CK_BYTE value[] =
		"what is the weather like today?!\1\2\4\7\x08\x0b\x0d\x0e\x10\x13\x15\x16";
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class),    ATTR (CKA_KEY_TYPE, type), { CKA_VALUE, value, len },
		ATTR (CKA_DESTROYABLE, no), ATTR (CKA_SENSITIVE, no),  ATTR (CKA_EXTRACTABLE, yes),
		ATTR (CKA_ENCRYPT, yes),    ATTR (CKA_DECRYPT, yes),   ATTR (CKA_SIGN, yes),
		ATTR (CKA_VERIFY, yes),     ATTR (CKA_WRAP, yes),      ATTR (CKA_UNWRAP, yes),
		ATTR (CKA_DERIVE, yes),     ATTR (CKA_MODIFIABLE, no),
	};

	OK (p11->C_CreateObject (anchor, template, N (template), &keys[n_keys++]));
}

static void
add_pair (CK_MECHANISM_TYPE type, CK_ATTRIBUTE number, CK_ATTRIBUTE_TYPE use,
          CK_ATTRIBUTE_TYPE public_use)
{
	CK_MECHANISM mechanism = { type, NULL, 0 };
	CK_ATTRIBUTE public[] = { number,
		                  ATTR (CKA_DESTROYABLE, no),
		                  ATTR (CKA_MODIFIABLE, no),
		                  { public_use, (void *) &yes, 1 },
		                  { type == CKM_RSA_PKCS_KEY_PAIR_GEN ? CKA_VERIFY : CKA_LABEL,
		                    (void *) &yes, 1 } };
	CK_ATTRIBUTE private[] = {
		ATTR (CKA_DESTROYABLE, no),
		ATTR (CKA_MODIFIABLE, no),
		ATTR (CKA_SENSITIVE, no),
		ATTR (CKA_EXTRACTABLE, yes),
		{ use, (void *) &yes, 1 },
		{ type == CKM_RSA_PKCS_KEY_PAIR_GEN ? CKA_SIGN : CKA_LABEL, (void *) &yes, 1 },
		{ type == CKM_RSA_PKCS_KEY_PAIR_GEN ? CKA_UNWRAP : CKA_ID, (void *) &yes, 1 }
	};
	CK_RV rv = p11->C_GenerateKeyPair (anchor, &mechanism, public, N (public), private,
	                                   N (private), &keys[n_keys], &keys[n_keys + 1]);

	fuzz_expect (rv == CKR_OK);
	n_keys += 2;
}

/* 0 to 3: secret keys, 4 and 5: RSA, 6 and 7: P-256 to sign, 8 and 9: to derive, 10 and 11: Ed25519. */
static void
add_keys (void)
{
	static CK_BYTE p256[] = { 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7 };
	static CK_BYTE ed25519[] = { 6, 3, 0x2b, 0x65, 0x70 };
	CK_ULONG bits = 2048;

	add_secret (CKK_AES, 32);
	add_secret (CKK_GENERIC_SECRET, 32);
	add_secret (CKK_CHACHA20, 32);
	add_secret (CKK_SHA256_HMAC, 32);
	add_pair (CKM_RSA_PKCS_KEY_PAIR_GEN, (CK_ATTRIBUTE) ATTR (CKA_MODULUS_BITS, bits),
	          CKA_DECRYPT, CKA_ENCRYPT);
	add_pair (CKM_EC_KEY_PAIR_GEN, (CK_ATTRIBUTE){ CKA_EC_PARAMS, p256, sizeof p256 }, CKA_SIGN,
	          CKA_VERIFY);
	add_pair (CKM_EC_KEY_PAIR_GEN, (CK_ATTRIBUTE){ CKA_EC_PARAMS, p256, sizeof p256 },
	          CKA_DERIVE, CKA_DERIVE);
	add_pair (CKM_EC_EDWARDS_KEY_PAIR_GEN,
	          (CK_ATTRIBUTE){ CKA_EC_PARAMS, ed25519, sizeof ed25519 }, CKA_SIGN, CKA_VERIFY);
}

static void
be_silent (const char *domain, GLogLevelFlags level, const char *message, gpointer data)
{
	(void) domain, (void) level, (void) message, (void) data;
}

static void
remove_scratch (void)
{
	g_autofree char *store = g_build_filename (scratch, "store", NULL);
	g_autoptr (GDir) dir = g_dir_open (store, 0, NULL);
	const char *name;

	while (dir != NULL && (name = g_dir_read_name (dir)) != NULL) {
		g_autofree char *path = g_build_filename (store, name, NULL);

		(void) g_remove (path);
	}
	(void) g_rmdir (store);
	(void) g_rmdir (scratch);
	g_clear_pointer (&scratch, g_free);
}

static CratonDispatch *dispatch;

static void
set_up (void)
{
	static CK_UTF8CHAR so[] = "so-pin-of-the-fuzzer", user[] = "user-pin", label[33];
	CratonTokenConfig config = { .name = (char *) "fuzz", .pin_cost = 14, .legacy = TRUE };
	g_autofree char *store = NULL;

	g_log_set_default_handler (be_silent, NULL);
	scratch = g_dir_make_tmp ("craton-fuzz-XXXXXX", NULL);
	fuzz_expect (scratch != NULL && atexit (remove_scratch) == 0);
	store = g_build_filename (scratch, "store", NULL);
	config.store = store;
	craton_token_configure (&config, 1);
	p11 = craton_token_function_list ();
	memset (label, ' ', sizeof label - 1);
	OK (p11->C_Initialize (NULL));
	OK (p11->C_InitToken (0, so, sizeof so - 1, label));
	OK (p11->C_OpenSession (0, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, &anchor));
	OK (p11->C_Login (anchor, CKU_SO, so, sizeof so - 1));
	OK (p11->C_InitPIN (anchor, user, sizeof user - 1));
	OK (p11->C_Logout (anchor));
	OK (p11->C_Login (anchor, CKU_USER, user, sizeof user - 1));
	for (int call = 0; call < CRATON_CALLS; call++)
		fuzz_expect (craton_bind_prepare (&bindings[call], (CratonCallId) call));
	add_keys ();
	dispatch = craton_dispatch_new (&recorder, NULL, 0);
}

static void
converse (CratonArena *arena, FuzzInput *input)
{
	CratonLaneCall call = { .call = (uint32_t) fuzz_number (input, 1), .out_len = OUT_LEN };
	size_t max = (size_t) fuzz_number (input, 2);
	uint8_t *request = fuzz_bytes (input, max, &call.request_len);
	CratonLane lane = { .data_len = craton_lane_reply_offset (call.request_len, OUT_LEN) +
		                        REPLY_LEN };

	fuzz_expect (posix_memalign ((void **) &lane.data, 64, lane.data_len) == 0);
	memset (lane.data, 0, lane.data_len);
	memcpy (lane.data, request, call.request_len);
	free (request);
	craton_dispatch_lane (dispatch, arena, &lane, &call);
	fuzz_expect (
		craton_lane_fits (lane.data_len, call.request_len, call.out_len, call.reply_len));
	/* CKR_GENERAL_ERROR is no answer to bad input. */
	fuzz_expect (call.rv != CKR_GENERAL_ERROR);
	free (lane.data);
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	CratonArena arena = { 0 };
	FuzzInput input = { bytes, len };

	if (dispatch == NULL)
		set_up ();
	for (size_t i = 0; i < N (sessions); i++)
		OK (p11->C_OpenSession (0, CKF_SERIAL_SESSION | (i == 0 ? CKF_RW_SESSION : 0), NULL,
		                        NULL, &sessions[i]));
	memset (made, 0, sizeof made);
	n_made = 0;
	for (int i = 0; i < CALLS_MAX && input.len > 0; i++)
		converse (&arena, &input);
	for (size_t i = 0; i < N (sessions); i++)
		(void) p11->C_CloseSession (sessions[i]);
	craton_arena_clear (&arena);
	return 0;
}

/* Seeds: each mechanism with a key that fits or does not, in each operation. */

static uint8_t seed[FUZZ_REQUEST_MAX + 16];
static size_t seed_len;

static void
add_call (CratonCallId call, const CK_ULONG *args)
{
	static uint8_t request[FUZZ_REQUEST_MAX];
	CratonWire wire;
	uint16_t len;

	if (!fuzz_put (&wire, call, args, request) || wire.buf.pos > 1000)
		return;
	len = (uint16_t) wire.buf.pos;
	seed[seed_len] = (uint8_t) call;
	memcpy (seed + seed_len + 1, &len, 2);
	memcpy (seed + seed_len + 3, request, len);
	seed_len += 3u + len;
}

/* What follows an operation's beginning. */
static void
add_steps (CratonCallId init)
{
	static CK_BYTE data[32] = "thirty-two bytes of plain text!", out[512];
	static CK_ULONG out_len;
	const CK_ULONG in_out[] = { 0, (CK_ULONG) data, 32, (CK_ULONG) out, (CK_ULONG) &out_len };
	const CK_ULONG in[] = { 0, (CK_ULONG) data, 32 };
	const CK_ULONG in_in[] = { 0, (CK_ULONG) data, 32, (CK_ULONG) data, 32 };
	const CK_ULONG last[] = { 0, (CK_ULONG) out, (CK_ULONG) &out_len };

	out_len = sizeof out;
	if (init == CRATON_C_SignInit) {
		add_call (CRATON_C_SignUpdate, in);
		add_call (CRATON_C_SignFinal, last);
	} else if (init == CRATON_C_VerifyInit) {
		add_call (CRATON_C_Verify, in_in);
	} else if (init == CRATON_C_DigestInit) {
		add_call (CRATON_C_DigestUpdate, in);
		add_call (CRATON_C_DigestFinal, last);
	} else if (init == CRATON_C_EncryptInit) {
		add_call (CRATON_C_EncryptUpdate, in_out);
		add_call (CRATON_C_EncryptFinal, last);
	} else if (init == CRATON_C_DecryptInit) {
		add_call (CRATON_C_Decrypt, in_out);
	}
}

static void
write_seeds_of (const CK_MECHANISM *mechanism, CK_ULONG key)
{
	static const CratonCallId inits[] = { CRATON_C_EncryptInit, CRATON_C_DecryptInit,
		                              CRATON_C_SignInit, CRATON_C_VerifyInit,
		                              CRATON_C_DigestInit };
	static CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	static CK_KEY_TYPE type = CKK_GENERIC_SECRET;
	static CK_ULONG value_len = 16, handle, wrapped_len = 512;
	static CK_BYTE wrapped[512];
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_KEY_TYPE, type),
		                    ATTR (CKA_VALUE_LEN, value_len), ATTR (CKA_TOKEN, no) };
	const CK_ULONG derive[] = { 0, (CK_ULONG) mechanism, key, (CK_ULONG) template,
		                    4, (CK_ULONG) &handle };
	const CK_ULONG generate[] = { 0, (CK_ULONG) mechanism, (CK_ULONG) template, 4,
		                      (CK_ULONG) &handle };
	const CK_ULONG wrap[] = { 0, (CK_ULONG) mechanism, key,
		                  1, (CK_ULONG) wrapped,   (CK_ULONG) &wrapped_len };
	const CK_ULONG unwrap[] = { 0,  (CK_ULONG) mechanism, key, (CK_ULONG) wrapped,
		                    40, (CK_ULONG) template,  2,   (CK_ULONG) &handle };

	for (size_t i = 0; i < N (inits); i++) {
		const CK_ULONG init[] = { 0, (CK_ULONG) mechanism, key };

		seed_len = 0;
		add_call (inits[i], init);
		add_steps (inits[i]);
		fuzz_seed (seed, seed_len);
	}
	seed_len = 0;
	add_call (CRATON_C_DeriveKey, derive);
	add_call (CRATON_C_GenerateKey, generate);
	fuzz_seed (seed, seed_len);
	seed_len = 0;
	add_call (CRATON_C_WrapKey, wrap);
	add_call (CRATON_C_UnwrapKey, unwrap);
	fuzz_seed (seed, seed_len);
}

static void
write_sample (CratonCallId call, SampleKind kind, size_t row, const CK_ULONG *args)
{
	if (row != 0 || kind == SAMPLE_EMPTY)
		return;
	seed_len = 0;
	add_call (call, args);
	fuzz_seed (seed, seed_len);
}

static void
fuzz_seeds (void)
{
	static Sample sample;
	CK_MECHANISM_TYPE list[1024];
	CK_ULONG n = N (list);
	const CratonCallRow *derive = &craton_calls[CRATON_C_DeriveKey];

	set_up ();
	OK (p11->C_GetMechanismList (0, list, &n));
	for (CK_ULONG i = 0; i < n; i++) {
		CK_MECHANISM plain = { list[i], NULL, 0 };
		const CratonLayout *layout;
		CK_MECHANISM_TYPE type;
		CratonParamRole role;
		size_t row = 0;

		for (size_t at = 0; craton_mechs_nth (at, &type, &role, &layout); at++) {
			if (type == list[i] && role == CRATON_PARAM_NORMAL)
				row = at + 1;
		}
		fuzz_make (&sample, derive, SAMPLE_FULL, row);
		write_seeds_of (row != 0 ? sample_pointer (sample.args[1]) : &plain, i % 12);
		sample_clear (&sample);
	}
	fuzz_each_sample (write_sample);
}
