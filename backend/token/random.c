/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_GenerateRandom and C_SeedRandom: the session is checked, drbg.c does the work. Called through
 * the function list.
 */
#include "config.h"

#include "drbg.h"
#include "functions.h"
#include "session.h"

#include <openssl/crypto.h>
#include <string.h>

#define PIECE_LEN 4096

/* The generator reads back what it has written, to go on from there: not in memory that a client can
 * change meanwhile. */
static CK_RV
generate (CK_BYTE *out, CK_ULONG len)
{
	CK_BYTE piece[PIECE_LEN];
	gsize used = MIN (len, sizeof piece);
	CK_RV rv = CKR_OK;

	while (len > 0 && rv == CKR_OK) {
		CK_ULONG n = MIN (len, sizeof piece);

		rv = craton_drbg_generate (piece, n);
		if (rv != CKR_OK)
			break;
		memcpy (out, piece, n);
		out += n;
		len -= n;
	}
	OPENSSL_cleanse (piece, used);
	return rv;
}

CK_RV
craton_token_GenerateRandom (CK_SESSION_HANDLE handle, CK_BYTE_PTR random_data, CK_ULONG random_len)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (random_data == NULL && random_len > 0)
		return CKR_ARGUMENTS_BAD;
	return generate (random_data, random_len);
}

CK_RV
craton_token_SeedRandom (CK_SESSION_HANDLE handle, CK_BYTE_PTR seed, CK_ULONG seed_len)
{
	g_autoptr (CratonSession) session = NULL;
	CK_RV rv = craton_session_acquire (handle, &session);

	if (rv != CKR_OK)
		return rv;
	if (seed == NULL && seed_len > 0)
		return CKR_ARGUMENTS_BAD;
	return craton_drbg_seed (seed, seed_len);
}
