/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mechanisms: one row each, in the mech-*.c of its family. The rows are all there is:
 * C_GetMechanismList and C_GetMechanismInfo walk them, C_*Init finds its row by type and refuses
 * what the row's flags do not have.
 */
#ifndef CRATON_MECH_H
#define CRATON_MECH_H

#include <glib.h>

#include "object.h"
#include "pkcs11.h"

typedef enum {
	CRATON_OP_ENCRYPT,
	CRATON_OP_DECRYPT,
	CRATON_OP_DIGEST,
	CRATON_OP_SIGN,
	CRATON_OP_SIGN_RECOVER,
	CRATON_OP_VERIFY,
	CRATON_OP_VERIFY_RECOVER,
	CRATON_OP_KINDS
} CratonOpKind;

typedef struct CratonMech CratonMech;
typedef struct CratonOp CratonOp;

/* Where the output of a decryption (or signature recovery) goes while it is not certain that it may
 * be given out. */
typedef enum {
	CRATON_HOLD_NEVER,    /* out_len() is exact: straight to the caller */
	CRATON_HOLD_IF_SHORT, /* out_len() is a bound: straight out if it fits, else like ALWAYS */
	CRATON_HOLD_ALWAYS, /* private memory first: the caller's may be watched during the check */
} CratonHold;

/* How a family does its work. A NULL function: the mechanism has no such form,
 * CKR_FUNCTION_NOT_SUPPORTED. operation.c does what is the same for all: finding the row and the
 * key, permissions, length queries, CKR_BUFFER_TOO_SMALL, ending the operation.
 *
 * Input lies in memory that an untrusted client may change meanwhile: what is read twice or parsed
 * is copied first. */
typedef struct {
	/* Checks @mechanism's parameter and the key and sets op->state up. clear() runs also after
	 * a failure. */
	CK_RV (*init) (CratonOp *op, const CK_MECHANISM *mechanism);
	/* The most bytes that the coming call can write: @last FALSE for an update of @in_len
	 * bytes, TRUE for the one-shot or final call (@in_len 0). Exact, unless hold says
	 * otherwise. */
	CK_ULONG (*out_len) (CratonOp *op, CK_ULONG in_len, gboolean last);
	/* @out has room for out_len(); NULL for digests, signatures and verification. */
	CK_RV (*update) (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
	                 CK_ULONG *ret_out_len);
	CK_RV (*final) (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len);
	/* One-shot. May be called again with other input after CKR_BUFFER_TOO_SMALL. */
	CK_RV (*once) (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
	               CK_ULONG *ret_out_len);
	/* Verification: after updates, and in one. */
	CK_RV (*verify_final) (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len);
	CK_RV (*verify_once) (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len,
	                      const CK_BYTE *signature, CK_ULONG signature_len);
	void (*clear) (CratonOp *op);
	CratonHold hold; /* for CRATON_OP_DECRYPT and _VERIFY_RECOVER */
} CratonMechClass;

struct CratonMech {
	CK_MECHANISM_TYPE type;
	/* What the key must be, and what it may be instead: the same where there is no choice,
	 * CK_UNAVAILABLE_INFORMATION where there is no key. */
	CK_KEY_TYPE key_type, key_type2;
	/* As in CK_MECHANISM_INFO, and enforced: bits for RSA, EC and generic keys, else bytes. */
	CK_ULONG min_size, max_size;
	CK_FLAGS flags; /* CKF_ENCRYPT, CKF_SIGN ... as in CK_MECHANISM_INFO */
	/* What the family needs to tell its rows apart: a digest, a padding ... */
	const void *detail;

	/* Operations with Init, by what they do; NULL where the flags have none. Encryption and
	 * decryption are also what wraps and unwraps. */
	const CratonMechClass *crypt;
	const CratonMechClass *digest;
	const CratonMechClass *sign;    /* signing, verification */
	const CratonMechClass *recover; /* signing and verification with recovery */

	/* C_WrapKey: a key's value is padded with null bytes to a multiple of this; 0: it is
	 * wrapped as it is. */
	CK_ULONG wrap_block;
	gboolean wraps_private; /* PKCS#8 fits: private keys can be wrapped, not only secret ones */

	CK_RV (*generate) (CratonSession *session, const CratonMech *mech,
	                   const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *template,
	                   CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key);
	CK_RV (*generate_pair) (CratonSession *session, const CratonMech *mech,
	                        const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *public_template,
	                        CK_ULONG n_public, const CK_ATTRIBUTE *private_template,
	                        CK_ULONG n_private, CK_OBJECT_HANDLE *ret_public,
	                        CK_OBJECT_HANDLE *ret_private);
	CK_RV (*derive) (CratonSession *session, const CratonMech *mech,
	                 const CK_MECHANISM *mechanism, CratonObject *base,
	                 const CK_ATTRIBUTE *template, CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key);
};

/* An operation in progress, owned by its session. */
struct CratonOp {
	const CratonMech *mech;
	const CratonMechClass *klass;
	CratonOpKind kind;
	CratonObject *key; /* counted; NULL for digests */
	gpointer state;    /* the family's, freed by klass->clear */
	gboolean updated;  /* an update was made: from here on the one-shot call is not allowed */
	gboolean authenticated; /* C_Login (CKU_CONTEXT_SPECIFIC) came after Init */

	/* A result that did not fit in the caller's buffer; operation.c's. */
	CK_BYTE *held;
	CK_ULONG held_len, held_size;
	guint held_phase;        /* the CratonPhase that it came from */
	CK_BYTE held_digest[32]; /* of the one-shot input that it belongs to */
};

/* A family's rows; the families are listed in mech.c. */
typedef struct {
	const CratonMech *rows;
	gsize n_rows;
} CratonMechFamily;

extern const CratonMechFamily craton_mech_aes;
extern const CratonMechFamily craton_mech_digest;
extern const CratonMechFamily craton_mech_ec;
extern const CratonMechFamily craton_mech_gcm;
extern const CratonMechFamily craton_mech_generic;
extern const CratonMechFamily craton_mech_keywrap;
extern const CratonMechFamily craton_mech_mac;
extern const CratonMechFamily craton_mech_rsa;

/* Frees the operation and clears its slot; NULL slots are fine. */
void craton_op_free (CratonOp **op);

/* The row of @type, or NULL. */
const CratonMech *craton_mech_find (CK_MECHANISM_TYPE type);

/* Walks all rows: row @index, or NULL behind the last. */
const CratonMech *craton_mech_nth (gsize index);

/**
 * craton_mech_has_parameter:
 * @mechanism: from the caller
 * @len: the parameter's exact length in bytes; 0 for none
 *
 * Returns: whether the parameter is there and as long as it must be; otherwise the answer is
 *   CKR_MECHANISM_PARAM_INVALID.
 */
gboolean craton_mech_has_parameter (const CK_MECHANISM *mechanism, gsize len);

/**
 * craton_mech_parse_key:
 * @object: an RSA, EC or Edwards key, public or private
 * @ret_pkey: a new key in the token's library context (algs.h)
 *
 * Made for craton_object_pkey(), which keeps the result.
 *
 * Returns: CKR_OK; CKR_KEY_TYPE_INCONSISTENT if @object is none of these; CKR_CURVE_NOT_SUPPORTED;
 *   CKR_ATTRIBUTE_VALUE_INVALID if the numbers make no key; CKR_HOST_MEMORY.
 */
CK_RV craton_mech_parse_key (const CratonObject *object, EVP_PKEY **ret_pkey);

#endif /* CRATON_MECH_H */
