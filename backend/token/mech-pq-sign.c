/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Signatures with ML-DSA (FIPS 204) and SLH-DSA (FIPS 205), in their pure and pre-hash forms. Both
 * sign M', which we put together (FIPS 204, algorithms 2 and 4; FIPS 205, algorithms 22 and 23):
 *
 *     0 | length of context | context | message            pure
 *     1 | length of context | context | OID | digest       pre-hash
 *
 * Called by operation.c through the rows. Parameters and data are the client's.
 */
#include "config.h"

#include "algs.h"
#include "drbg.h"
#include "mech-pq.h"
#include "mech.h"
#include "selftest.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

#define CONTEXT_MAX 255
#define MESSAGE_MAX ((gsize) 256 * 1024 * 1024)
/* libcrypto's parameters; the headers of 3.0 have no names for them. */
#define PARAM_MESSAGE_ENCODING "message-encoding"
#define PARAM_DETERMINISTIC "deterministic"
/* The digest's OID in a DigestInfo (algs.h): SEQUENCE, SEQUENCE, and then the OID with its header. */
#define OID_AT 4
#define OID_LEN 11

typedef enum {
	FORM_PURE,   /* the message */
	FORM_DIGEST, /* a digest that the caller made, with what, the parameter says */
	FORM_HASHED, /* the message, hashed here */
} Form;

typedef struct {
	Form form;
	CratonHash hash; /* of FORM_HASHED */
} Detail;

typedef struct {
	const CratonPqSet *set;
	EVP_PKEY *pkey; /* borrowed from the object */
	CratonHash hash;
	gboolean verifies, deterministic;
	EVP_MD_CTX *md; /* of FORM_HASHED */
	CK_BYTE *bytes; /* M' as far as it is known */
	gsize len, size;
	gsize prefix_len; /* of it what stands before the message */
} Pq;

static const Detail *
detail (const CratonOp *op)
{
	return op->mech->detail;
}

/* --- M' --- */

static CK_RV
append (Pq *pq, const CK_BYTE *in, gsize in_len)
{
	CK_BYTE *grown;
	gsize size = pq->size;

	if (in_len > MESSAGE_MAX - pq->len)
		return CKR_DATA_LEN_RANGE;
	if (pq->len + in_len > size) {
		size = MAX (2 * size, pq->len + in_len);
		grown = OPENSSL_clear_realloc (pq->bytes, pq->size, size);
		if (grown == NULL)
			return CKR_HOST_MEMORY;
		pq->bytes = grown;
		pq->size = size;
	}
	if (in_len > 0)
		memcpy (pq->bytes + pq->len, in, in_len);
	pq->len += in_len;
	return CKR_OK;
}

static CK_RV
append_prefix (Pq *pq, gboolean hashed, const CK_BYTE *context, gsize context_len)
{
	CK_BYTE head[2] = { hashed, (CK_BYTE) context_len };
	CK_RV rv = append (pq, head, sizeof head);

	if (rv == CKR_OK)
		rv = append (pq, context, context_len);
	if (rv == CKR_OK && hashed)
		rv = append (pq, craton_algs_hashes[pq->hash].info + OID_AT, OID_LEN);
	pq->prefix_len = pq->len;
	return rv;
}

/* --- the parameter --- */

static CK_RV
take_common (Pq *pq, CK_HEDGE_TYPE hedge, gboolean hashed, const CK_BYTE *context,
             CK_ULONG context_len)
{
	/* PKCS#11 3.2, ML-DSA Signature: to verify, the hedge is not looked at. */
	if ((hedge > CKH_DETERMINISTIC_REQUIRED && !pq->verifies) || context_len > CONTEXT_MAX ||
	    (context == NULL && context_len > 0))
		return CKR_MECHANISM_PARAM_INVALID;
	pq->deterministic = !pq->verifies && hedge == CKH_DETERMINISTIC_REQUIRED;
	return append_prefix (pq, hashed, context, context_len);
}

/* Without a parameter: hedged, and an empty context. */
static CK_RV
take_parameter (Pq *pq, const CK_MECHANISM *mechanism, gboolean hashed)
{
	CK_SIGN_ADDITIONAL_CONTEXT params = { CKH_HEDGE_PREFERRED, NULL, 0 };

	if (!craton_mech_has_parameter (mechanism, 0)) {
		if (!craton_mech_has_parameter (mechanism, sizeof params))
			return CKR_MECHANISM_PARAM_INVALID;
		memcpy (&params, mechanism->pParameter, sizeof params);
	}
	return take_common (pq, params.hedgeVariant, hashed, params.pContext, params.ulContextLen);
}

static CK_RV
take_hash_parameter (Pq *pq, const CK_MECHANISM *mechanism)
{
	CK_HASH_SIGN_ADDITIONAL_CONTEXT params;
	CK_RV rv;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	pq->hash = craton_algs_hash_of (params.hash);
	/* FIPS 204, 5.4.1: an approved function. */
	if (pq->hash == CRATON_HASH_NONE || pq->hash == CRATON_HASH_SHA1 ||
	    pq->hash == CRATON_HASH_MD5)
		return CKR_MECHANISM_PARAM_INVALID;
	rv = craton_selftest_need (CRATON_SELFTEST_HASH (pq->hash));
	if (rv != CKR_OK)
		return rv;
	return take_common (pq, params.hedgeVariant, TRUE, params.pContext, params.ulContextLen);
}

/* --- operations --- */

static CK_RV
hash_start (Pq *pq)
{
	const EVP_MD *md = craton_algs_md (pq->hash);

	if (md == NULL)
		return CKR_MECHANISM_INVALID;
	pq->md = EVP_MD_CTX_new ();
	if (pq->md == NULL)
		return CKR_HOST_MEMORY;
	return EVP_DigestInit_ex2 (pq->md, md, NULL) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV
pq_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Pq *pq = g_new0 (Pq, 1);
	CK_RV rv = craton_object_pkey (op->key, &pq->pkey);

	op->state = pq;
	pq->set = craton_pq_set_of (op->key);
	pq->verifies = op->kind == CRATON_OP_VERIFY;
	if (rv != CKR_OK)
		return rv;
	pq->hash = detail (op)->hash;
	if (detail (op)->form == FORM_DIGEST)
		return take_hash_parameter (pq, mechanism);
	rv = take_parameter (pq, mechanism, detail (op)->form == FORM_HASHED);
	if (rv == CKR_OK && detail (op)->form == FORM_HASHED)
		rv = hash_start (pq);
	return rv;
}

static CK_ULONG
pq_out_len (CratonOp *op, CK_ULONG in_len, gboolean last)
{
	const Pq *pq = op->state;

	(void) in_len;
	return last ? pq->set->out_len : 0;
}

static CK_RV
pq_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Pq *pq = op->state;

	(void) out;
	(void) ret_out_len;
	if (pq->md == NULL)
		return append (pq, in, in_len);
	return EVP_DigestUpdate (pq->md, in, in_len) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}

/* The input is complete: so is M'. */
static CK_RV
close_message (Pq *pq)
{
	CK_BYTE digest[EVP_MAX_MD_SIZE];
	unsigned int len = 0;

	if (pq->md == NULL)
		return CKR_OK;
	if (EVP_DigestFinal_ex (pq->md, digest, &len) != 1)
		return CKR_FUNCTION_FAILED;
	return append (pq, digest, len);
}

static EVP_MD_CTX *
pq_context (const Pq *pq, gboolean verifies)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new ();
	OSSL_LIB_CTX *libctx = craton_drbg_context ();
	int raw = 0, deterministic = pq->deterministic;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_int (PARAM_MESSAGE_ENCODING, &raw),
		OSSL_PARAM_construct_int (PARAM_DETERMINISTIC, &deterministic),
		OSSL_PARAM_construct_end (),
	};
	int ok;

	if (context == NULL)
		return NULL;
	if (verifies)
		ok = EVP_DigestVerifyInit_ex (context, NULL, NULL, libctx, NULL, pq->pkey, params);
	else
		ok = EVP_DigestSignInit_ex (context, NULL, NULL, libctx, NULL, pq->pkey, params);
	if (ok == 1)
		return context;
	EVP_MD_CTX_free (context);
	return NULL;
}

static CK_RV
pq_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	Pq *pq = op->state;
	gsize len = pq->set->out_len;
	CK_BYTE *signature = OPENSSL_malloc (len);
	EVP_MD_CTX *context = pq_context (pq, FALSE);
	CK_RV rv = signature == NULL || context == NULL ? CKR_HOST_MEMORY : close_message (pq);

	if (rv == CKR_OK &&
	    (EVP_DigestSign (context, signature, &len, pq->bytes, pq->len) != 1 ||
	     len != pq->set->out_len))
		rv = CKR_FUNCTION_FAILED;
	/* From private memory: it is made in several steps, and the client could see between them. */
	if (rv == CKR_OK) {
		memcpy (out, signature, len);
		*ret_out_len = len;
	}
	EVP_MD_CTX_free (context);
	OPENSSL_free (signature);
	return rv;
}

static CK_RV
check_digest_len (const CratonOp *op, CK_ULONG in_len)
{
	const Pq *pq = op->state;

	return detail (op)->form == FORM_DIGEST && in_len != craton_algs_hashes[pq->hash].len
	               ? CKR_DATA_LEN_RANGE
	               : CKR_OK;
}

static CK_RV
pq_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	CK_RV rv = check_digest_len (op, in_len);

	if (rv == CKR_OK)
		rv = pq_update (op, in, in_len, NULL, NULL);
	return rv == CKR_OK ? pq_final (op, out, ret_out_len) : rv;
}

static CK_RV
pq_verify_final (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len)
{
	Pq *pq = op->state;
	EVP_MD_CTX *context;
	CK_BYTE *copy;
	CK_RV rv;

	if (signature_len != pq->set->out_len)
		return CKR_SIGNATURE_LEN_RANGE;
	copy = OPENSSL_memdup (signature, signature_len);
	context = pq_context (pq, TRUE);
	rv = copy == NULL || context == NULL ? CKR_HOST_MEMORY : close_message (pq);
	if (rv == CKR_OK &&
	    EVP_DigestVerify (context, copy, signature_len, pq->bytes, pq->len) != 1)
		rv = CKR_SIGNATURE_INVALID;
	EVP_MD_CTX_free (context);
	OPENSSL_free (copy);
	return rv;
}

static CK_RV
pq_verify_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, const CK_BYTE *signature,
                CK_ULONG signature_len)
{
	CK_RV rv = check_digest_len (op, in_len);

	if (rv == CKR_OK)
		rv = pq_update (op, in, in_len, NULL, NULL);
	return rv == CKR_OK ? pq_verify_final (op, signature, signature_len) : rv;
}

static CK_RV
pq_reset (CratonOp *op)
{
	Pq *pq = op->state;

	OPENSSL_cleanse (pq->bytes + pq->prefix_len, pq->len - pq->prefix_len);
	pq->len = pq->prefix_len;
	return pq->md == NULL || EVP_DigestInit_ex2 (pq->md, craton_algs_md (pq->hash), NULL) == 1
	               ? CKR_OK
	               : CKR_FUNCTION_FAILED;
}

static void
pq_clear (CratonOp *op)
{
	Pq *pq = op->state;

	if (pq == NULL)
		return;
	EVP_MD_CTX_free (pq->md);
	OPENSSL_clear_free (pq->bytes, pq->size);
	g_free (pq);
}

static const CratonMechClass sign_class = {
	.init = pq_init,
	.out_len = pq_out_len,
	.update = pq_update,
	.final = pq_final,
	.once = pq_once,
	.verify_final = pq_verify_final,
	.verify_once = pq_verify_once,
	.clear = pq_clear,
	.reset = pq_reset,
};

/* A digest comes in one piece. */
static const CratonMechClass sign_digest_class = {
	.init = pq_init,
	.out_len = pq_out_len,
	.once = pq_once,
	.verify_once = pq_verify_once,
	.clear = pq_clear,
	.reset = pq_reset,
};

/* --- rows --- */

/* Of the public keys, in bytes (PKCS#11 3.2, ML-DSA and SLH-DSA). */
#define ML_DSA_MIN 1312
#define ML_DSA_MAX 2592
#define SLH_DSA_MIN 32
#define SLH_DSA_MAX 64

#define ROW(mechanism, algorithm, all_flags)                                                    \
	.type = mechanism, .key_type = CKK_##algorithm, .key_type2 = CKK_##algorithm,           \
	.min_size = algorithm##_MIN, .max_size = algorithm##_MAX, .flags = (all_flags),         \
	.marks = CRATON_MECH_APPROVED, .available = craton_pq_available
#define SIGN_ROW(mechanism, algorithm, class, form, hash)                                     \
	{                                                                                     \
		ROW (mechanism, algorithm, CKF_SIGN | CKF_VERIFY),                            \
			.selftests = { CRATON_SELFTEST_##algorithm, CRATON_SELFTEST_HASH (CRATON_HASH_##hash) }, \
			.detail = &(const Detail){ form, CRATON_HASH_##hash }, .sign = &class \
	}
#define HASHED_ROW(algorithm, hash) \
	SIGN_ROW (CKM_HASH_##algorithm##_##hash, algorithm, sign_class, FORM_HASHED, hash)
#define ROWS(algorithm)                                                                           \
	{ ROW (CKM_##algorithm##_KEY_PAIR_GEN, algorithm, CKF_GENERATE_KEY_PAIR),                 \
	  .generate_pair = craton_pq_generate_pair },                                             \
		SIGN_ROW (CKM_##algorithm, algorithm, sign_class, FORM_PURE, NONE),               \
		SIGN_ROW (CKM_HASH_##algorithm, algorithm, sign_digest_class, FORM_DIGEST, NONE), \
		HASHED_ROW (algorithm, SHA224), HASHED_ROW (algorithm, SHA256),                   \
		HASHED_ROW (algorithm, SHA384), HASHED_ROW (algorithm, SHA512),                   \
		HASHED_ROW (algorithm, SHA3_224), HASHED_ROW (algorithm, SHA3_256),               \
		HASHED_ROW (algorithm, SHA3_384), HASHED_ROW (algorithm, SHA3_512)

static const CratonMech rows[] = { ROWS (ML_DSA), ROWS (SLH_DSA) };

const CratonMechFamily craton_mech_pq_sign = { rows, G_N_ELEMENTS (rows) };
