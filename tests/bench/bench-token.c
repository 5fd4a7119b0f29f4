/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * See bench-token.h. Only what SoftHSM and p11-kit understand as well.
 */
#include "config.h"

#include "bench-token.h"

#include <stdio.h>
#include <string.h>

#define SO_PIN ((CK_UTF8CHAR_PTR) "87654321")
#define USER_PIN ((CK_UTF8CHAR_PTR) "12345678")
#define PIN_LEN 8
#define SLOTS_MAX 16
#define OBJECT_ID_LEN 20

#define ATTR(type, value) { type, (void *) &(value), sizeof (value) }
#define COUNT(array) (sizeof (array) / sizeof ((array)[0]))

static const CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

/* prime256v1 as an OBJECT IDENTIFIER, edwards25519 as the PrintableString that RFC 8032's curve has in PKCS#11. */
static const CK_BYTE p256[] = { 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07 };
static const CK_BYTE edwards25519[] = { 0x13, 0x0c, 'e', 'd', 'w', 'a', 'r', 'd', 's', '2', '5', '5', '1', '9' };
static const CK_ULONG rsa_bits = 2048;
static const CK_BYTE exponent[] = { 1, 0, 1 };

static const struct {
	CK_MECHANISM_TYPE generate;
	const char *label;
	CK_ATTRIBUTE public[2];
	CK_ULONG n_public;
} pairs[BENCH_PAIRS] = {
	[BENCH_EC] = { CKM_EC_KEY_PAIR_GEN, "bench-ec", { ATTR (CKA_EC_PARAMS, p256) }, 1 },
	[BENCH_RSA] = { CKM_RSA_PKCS_KEY_PAIR_GEN,
	                "bench-rsa",
	                { ATTR (CKA_MODULUS_BITS, rsa_bits), ATTR (CKA_PUBLIC_EXPONENT, exponent) },
	                2 },
	[BENCH_ED] = { CKM_EC_EDWARDS_KEY_PAIR_GEN, "bench-ed", { ATTR (CKA_EC_PARAMS, edwards25519) }, 1 },
};

CK_RV
bench_token_find (CK_FUNCTION_LIST *p11, CK_SLOT_ID *ret_slot)
{
	CK_SLOT_ID slots[SLOTS_MAX];
	CK_ULONG n = SLOTS_MAX;
	CK_TOKEN_INFO info;
	CK_RV rv = p11->C_GetSlotList (CK_TRUE, slots, &n);

	for (CK_ULONG i = 0; rv == CKR_OK && i < n; i++) {
		rv = p11->C_GetTokenInfo (slots[i], &info);
		if (rv == CKR_OK && (info.flags & CKF_TOKEN_INITIALIZED) != 0) {
			*ret_slot = slots[i];
			return CKR_OK;
		}
	}
	return rv != CKR_OK ? rv : CKR_TOKEN_NOT_PRESENT;
}

CK_RV
bench_token_session (CK_FUNCTION_LIST *p11, CK_SLOT_ID slot, CK_SESSION_HANDLE *ret_session)
{
	return p11->C_OpenSession (slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL, ret_session);
}

CK_RV
bench_token_login (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session)
{
	return p11->C_Login (session, CKU_USER, USER_PIN, PIN_LEN);
}

static CK_RV
initialise (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE *ret_session)
{
	CK_SLOT_ID slots[SLOTS_MAX], slot;
	CK_ULONG n = SLOTS_MAX;
	CK_UTF8CHAR label[32];
	CK_RV rv = p11->C_GetSlotList (CK_FALSE, slots, &n);

	memset (label, ' ', sizeof label);
	memcpy (label, "bench", 5);
	if (rv == CKR_OK && n == 0)
		rv = CKR_TOKEN_NOT_PRESENT;
	if (rv == CKR_OK)
		rv = p11->C_InitToken (slots[0], SO_PIN, PIN_LEN, label);
	/* SoftHSM gives it another number. */
	if (rv == CKR_OK)
		rv = bench_token_find (p11, &slot);
	if (rv == CKR_OK)
		rv = bench_token_session (p11, slot, ret_session);
	if (rv == CKR_OK)
		rv = p11->C_Login (*ret_session, CKU_SO, SO_PIN, PIN_LEN);
	if (rv == CKR_OK)
		rv = p11->C_InitPIN (*ret_session, USER_PIN, PIN_LEN);
	return rv == CKR_OK ? p11->C_Logout (*ret_session) : rv;
}

CK_RV
bench_token_make (CK_FUNCTION_LIST *p11)
{
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE public, private;
	CK_RV rv = initialise (p11, &session);

	if (rv == CKR_OK)
		rv = bench_token_login (p11, session);
	for (int i = 0; rv == CKR_OK && i < BENCH_PAIRS; i++)
		rv = bench_token_pair (p11, session, (BenchPair) i, true, true, &public, &private);
	return rv;
}

CK_RV
bench_token_pair (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, BenchPair pair, bool on_token, bool is_private,
                  CK_OBJECT_HANDLE *ret_public, CK_OBJECT_HANDLE *ret_private)
{
	CK_MECHANISM mechanism = { pairs[pair].generate, NULL, 0 };
	const char *label = on_token ? pairs[pair].label : "session";
	CK_ATTRIBUTE private_side[] = {
		{ CKA_TOKEN, (void *) (on_token ? &yes : &no), sizeof yes },
		{ CKA_PRIVATE, (void *) (is_private ? &yes : &no), sizeof yes },
		{ CKA_LABEL, (void *) label, strlen (label) },
		ATTR (CKA_SENSITIVE, yes),
		ATTR (CKA_SIGN, yes),
	};
	CK_ATTRIBUTE public_side[] = {
		private_side[0], ATTR (CKA_PRIVATE, no), private_side[2], ATTR (CKA_VERIFY, yes), { 0 }, { 0 },
	};

	memcpy (&public_side[4], pairs[pair].public, pairs[pair].n_public * sizeof *public_side);
	return p11->C_GenerateKeyPair (session, &mechanism, public_side, 4 + pairs[pair].n_public, private_side, COUNT (private_side),
	                               ret_public, ret_private);
}

static CK_RV
find_one (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG n, CK_OBJECT_HANDLE *ret_object)
{
	CK_ULONG n_found = 0;
	CK_RV rv = p11->C_FindObjectsInit (session, template, n);

	if (rv == CKR_OK)
		rv = p11->C_FindObjects (session, ret_object, 1, &n_found);
	if (rv == CKR_OK)
		rv = p11->C_FindObjectsFinal (session);
	return rv == CKR_OK && n_found != 1 ? CKR_OBJECT_HANDLE_INVALID : rv;
}

CK_RV
bench_token_key (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, BenchPair pair, CK_OBJECT_CLASS class,
                 CK_OBJECT_HANDLE *ret_key)
{
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class),
		{ CKA_LABEL, (void *) pairs[pair].label, strlen (pairs[pair].label) },
	};

	return find_one (p11, session, template, COUNT (template), ret_key);
}

/* The number comes first in the ID, scattered, and last in the label. */
static void
name_object (uint32_t i, CK_BYTE *id, char *label, size_t label_size)
{
	uint32_t scattered = i * 2654435761u;

	memset (id, 0xa5, OBJECT_ID_LEN);
	memcpy (id, &scattered, sizeof scattered);
	(void) snprintf (label, label_size, "object number %u", i);
}

CK_RV
bench_token_object (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, uint32_t i, bool on_token)
{
	static const CK_OBJECT_CLASS class = CKO_SECRET_KEY;
	static const CK_KEY_TYPE type = CKK_AES;
	CK_BYTE id[OBJECT_ID_LEN], value[32] = { 1 };
	CK_OBJECT_HANDLE object;
	char label[40];
	CK_ATTRIBUTE template[] = {
		ATTR (CKA_CLASS, class),
		ATTR (CKA_KEY_TYPE, type),
		{ CKA_TOKEN, (void *) (on_token ? &yes : &no), sizeof yes },
		ATTR (CKA_ID, id),
		ATTR (CKA_VALUE, value),
		{ CKA_LABEL, label, 0 },
	};

	name_object (i, id, label, sizeof label);
	template[5].ulValueLen = strlen (label);
	return p11->C_CreateObject (session, template, COUNT (template), &object);
}

CK_RV
bench_token_look (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, uint32_t i, bool by_id)
{
	CK_BYTE id[OBJECT_ID_LEN];
	CK_OBJECT_HANDLE object;
	char label[40];
	CK_ATTRIBUTE template = ATTR (CKA_ID, id);

	name_object (i, id, label, sizeof label);
	if (!by_id)
		template = (CK_ATTRIBUTE) { CKA_LABEL, label, strlen (label) };
	return find_one (p11, session, &template, 1, &object);
}

CK_RV
bench_token_sign (CK_FUNCTION_LIST *p11, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key)
{
	CK_MECHANISM mechanism = { CKM_ECDSA, NULL, 0 };
	CK_BYTE digest[32] = { 7 }, signature[64];
	CK_ULONG len = sizeof signature;
	CK_RV rv = p11->C_SignInit (session, &mechanism, key);

	return rv == CKR_OK ? p11->C_Sign (session, digest, sizeof digest, signature, &len) : rv;
}
