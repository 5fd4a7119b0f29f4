/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Authenticated encryption, one message after the other with one key: what the message-based calls
 * and the wrapping functions have in common. A mechanism row names its kind; the parameter of the
 * caller is read into one form, IVs are made here so that none comes twice.
 */
#ifndef CRATON_AEAD_H
#define CRATON_AEAD_H

#include <glib.h>

#include "algs.h"
#include "object.h"
#include "pkcs11.h"

/* libcrypto's bound; SP 800-38D recommends 12. */
#define CRATON_AEAD_IV_MAX 128
#define CRATON_AEAD_TAG_MAX 16
#define CRATON_AEAD_AAD_MAX (16 * 1024 * 1024)

/* The parameter of one message. The pointers are the caller's: each is read or written once. */
typedef struct {
	CK_BYTE *iv; /* written to if there is a generator */
	CK_ULONG iv_len;
	CK_ULONG fixed_bits; /* of iv, from the left, that a generator keeps */
	CK_GENERATOR_FUNCTION generator;
	CK_BYTE *tag; /* NULL if the tag has its place elsewhere */
	CK_ULONG tag_len;
	CK_ULONG data_len; /* CCM says it before; CK_UNAVAILABLE_INFORMATION: nothing is said */
	const CK_BYTE *aad; /* only C_WrapKey has it here */
	CK_ULONG aad_len;
} CratonAeadParam;

typedef struct {
	CratonCipher cipher;
	/* Reads the structure of the message calls and C_WrapKeyAuthenticated, and that of C_WrapKey, which
	 * says nothing of the data's length. @param has a length that is a structure's, or the answer is FALSE. */
	gboolean (*take_message) (const void *param, CK_ULONG len, CratonAeadParam *ret_param);
	gboolean (*take_wrap) (const void *param, CK_ULONG len, CratonAeadParam *ret_param);
	gboolean (*fits) (const CratonAeadParam *param); /* the lengths of IV and tag */
	gboolean whole; /* all data at once: the first block says how much it is */
} CratonAeadKind;

extern const CratonAeadKind craton_aead_gcm;
extern const CratonAeadKind craton_aead_ccm;
extern const CratonAeadKind craton_aead_chacha20_poly1305;

typedef struct CratonAead CratonAead;

/**
 * craton_aead_new:
 * @kind: the row's
 * @key: whose CKA_VALUE is the key; borrowed, lives longer
 * @encrypts: or decrypts
 * @ret_aead: free it with craton_aead_free()
 *
 * Returns: CKR_OK; CKR_KEY_SIZE_RANGE; CKR_HOST_MEMORY; CKR_FUNCTION_FAILED.
 */
CK_RV craton_aead_new (const CratonAeadKind *kind, const CratonObject *key, gboolean encrypts,
                       CratonAead **ret_aead);
/* Wipes and frees, with what it knows of the IVs used; NULL is fine. */
void craton_aead_free (CratonAead *aead);

/**
 * craton_aead_make_iv:
 * @param: from take_message() or take_wrap()
 * @iv: room for CRATON_AEAD_IV_MAX bytes; private memory
 *
 * The IV of a message: the caller's, or if there is a generator a new one that is written to
 * @param->iv too. CKG_GENERATE and CKG_GENERATE_COUNTER count on from a random start,
 * CKG_GENERATE_RANDOM draws, CKG_GENERATE_COUNTER_XOR adds 0, 1, 2 ... into the first message's IV;
 * none is used again. Once a generator was used, it, the length and the fixed bits stay.
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID also when no IV is left; CKR_DEVICE_ERROR,
 *   CKR_RANDOM_NO_RNG.
 */
CK_RV craton_aead_make_iv (CratonAead *aead, const CratonAeadParam *param, CK_BYTE *iv);

/**
 * craton_aead_begin:
 * @param: its lengths
 * @iv: from craton_aead_make_iv()
 * @aad, @aad_len: associated data
 * @total_len: of the data; only a kind that wants all at once asks
 *
 * Returns: CKR_OK; CKR_ARGUMENTS_BAD for associated data that is not there or longer than
 *   CRATON_AEAD_AAD_MAX; CKR_DATA_LEN_RANGE, CKR_ENCRYPTED_DATA_LEN_RANGE; CKR_HOST_MEMORY;
 *   CKR_FUNCTION_FAILED.
 */
CK_RV craton_aead_begin (CratonAead *aead, const CratonAeadParam *param, const CK_BYTE *iv,
                         const CK_BYTE *aad, CK_ULONG aad_len, CK_ULONG total_len);

/**
 * craton_aead_set_tag:
 *
 * For decryption, before craton_aead_finish(), and before craton_aead_begin() for a kind that wants
 * all at once: @tag is copied.
 */
void craton_aead_set_tag (CratonAead *aead, const CK_BYTE *tag, CK_ULONG tag_len);

/**
 * craton_aead_update:
 * @out: room for @in_len; may be @in, else it does not overlap it
 *
 * Returns: CKR_OK; CKR_DATA_LEN_RANGE; CKR_AEAD_DECRYPT_FAILED; CKR_FUNCTION_FAILED.
 */
CK_RV craton_aead_update (CratonAead *aead, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out);

/**
 * craton_aead_finish:
 * @tag: encryption: it is written there; decryption: what craton_aead_set_tag() was given is checked
 *
 * Returns: CKR_OK; CKR_AEAD_DECRYPT_FAILED; CKR_FUNCTION_FAILED.
 */
CK_RV craton_aead_finish (CratonAead *aead, CK_BYTE *tag);

#endif /* CRATON_AEAD_H */
