/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mechanisms: one row each, in the mech-*.c of its family. The rows are all there is:
 * C_GetMechanismList and C_GetMechanismInfo walk them, C_*Init finds its row by type and refuses
 * what the row's flags do not have.
 */
#ifndef CRATON_MECH_H
#define CRATON_MECH_H

#include <glib.h>

#include "aead.h"
#include "object.h"
#include "pkcs11.h"
#include "token.h"

typedef enum {
	CRATON_OP_ENCRYPT,
	CRATON_OP_DECRYPT,
	CRATON_OP_DIGEST,
	CRATON_OP_SIGN,
	CRATON_OP_SIGN_RECOVER,
	CRATON_OP_VERIFY,
	CRATON_OP_VERIFY_RECOVER,
	CRATON_OP_MESSAGE_ENCRYPT,
	CRATON_OP_MESSAGE_DECRYPT,
	CRATON_OP_MESSAGE_SIGN,
	CRATON_OP_MESSAGE_VERIFY,
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
	/* Makes the operation ready for another message, as if it had just been set up; NULL where
	 * key or parameter are good for one message only: there are no message-based calls then. */
	CK_RV (*reset) (CratonOp *op);
	/* C_GetOperationState: sets the state of @copy up as a copy of @op's; NULL: it cannot be
	 * saved. */
	CK_RV (*copy) (const CratonOp *op, CratonOp *copy);
	CratonHold hold; /* for CRATON_OP_DECRYPT and _VERIFY_RECOVER */
} CratonMechClass;

#define CRATON_KEM_SECRET_LEN 32
#define CRATON_KEM_CIPHERTEXT_MAX 1568 /* ML-KEM-1024 */

/* Key encapsulation. */
typedef struct {
	CK_ULONG (*ciphertext_len) (const CratonObject *key);
	/* @ciphertext has room for it; @secret gets CRATON_KEM_SECRET_LEN bytes. */
	CK_RV (*encapsulate) (CratonObject *key, const CK_MECHANISM *mechanism, CK_BYTE *ciphertext,
	                      CK_BYTE *secret);
	/* @ciphertext has the right length. */
	CK_RV (*decapsulate) (CratonObject *key, const CK_MECHANISM *mechanism,
	                      const CK_BYTE *ciphertext, CK_BYTE *secret);
} CratonKem;

/* What decides, besides libcrypto, whether a token has a mechanism. */
typedef enum {
	CRATON_MECH_LEGACY = 1 << 0,   /* only where craton.conf says legacy = yes */
	CRATON_MECH_APPROVED = 1 << 1, /* also where it says fips = yes */
} CratonMechMark;

/* SP 800-131A: a secret of fewer bytes is too weak. */
#define CRATON_APPROVED_BYTES 14

struct CratonMech {
	CK_MECHANISM_TYPE type;
	/* What the key must be, and what it may be instead: the same where there is no choice,
	 * CK_UNAVAILABLE_INFORMATION where there is no key. */
	CK_KEY_TYPE key_type, key_type2;
	gboolean any_secret; /* whatever the type: any secret key will do */
	/* Any private key will do, whatever it may be used for: only what is public of it comes out. */
	gboolean any_private;
	/* As in CK_MECHANISM_INFO, and enforced: bits for RSA, EC and generic keys, else bytes. */
	CK_ULONG min_size, max_size;
	gboolean info_in_bits; /* these are bytes, but in CK_MECHANISM_INFO they are bits */
	CK_ULONG approved_min; /* with fips = yes the least that is allowed; 0: min_size */
	/* CKF_ENCRYPT, CKF_SIGN ... as in CK_MECHANISM_INFO; those of messages follow from aead and
	 * sign, see craton_mech_flags(). */
	CK_FLAGS flags;
	guint marks;    /* CratonMechMark */
	/* CratonSelftest: what must have given its known answer before the mechanism is used. */
	guint8 selftests[4];
	/* Whether the libcrypto that runs has what the row needs; NULL: each has. Asked often. */
	gboolean (*available) (const CratonMech *mech);
	/* What the family needs to tell its rows apart: a digest, a padding ... */
	const void *detail;

	/* Operations with Init, by what they do; NULL where the flags have none. Encryption and
	 * decryption are also what wraps and unwraps. */
	const CratonMechClass *crypt;
	const CratonMechClass *digest;
	const CratonMechClass *sign;    /* signing, verification */
	const CratonMechClass *recover; /* signing and verification with recovery */
	/* The message-based calls and C_WrapKeyAuthenticated; NULL where it does not authenticate. */
	const CratonAeadKind *aead;

	/* C_WrapKey: a key's value is padded with null bytes to a multiple of this; 0: it is
	 * wrapped as it is. */
	CK_ULONG wrap_block;
	/* It is wrapped as a number, with zeros in front; where it begins CKA_VALUE_LEN must say. */
	gboolean wraps_number;
	gboolean wraps_private; /* PKCS#8 fits: private keys can be wrapped, not only secret ones */

	/* generate() looks at the parameter; otherwise there must be none. */
	gboolean generates_with_param;
	CK_RV (*generate) (CratonSession *session, const CratonMech *mech,
	                   const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *template,
	                   CK_ULONG n_attrs, CK_OBJECT_HANDLE *ret_key);
	CK_RV (*generate_pair) (CratonSession *session, const CratonMech *mech,
	                        const CK_MECHANISM *mechanism, const CK_ATTRIBUTE *public_template,
	                        CK_ULONG n_public, const CK_ATTRIBUTE *private_template,
	                        CK_ULONG n_private, CK_OBJECT_HANDLE *ret_public,
	                        CK_OBJECT_HANDLE *ret_private);
	const CratonKem *kem; /* C_EncapsulateKey, C_DecapsulateKey */
	/* The handles of the keys come back in the parameter: C_DeriveKey's own may be NULL, and
	 * derive() leaves it alone. */
	gboolean derives_into_param;
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
	/* Whose operation it is, and the key's handle there; NULL where no session sees it. For mechanisms
	 * that change their key. */
	CratonSession *session;
	CK_OBJECT_HANDLE key_handle;
	gpointer state;    /* the family's, freed by klass->clear */
	gboolean updated;  /* an update was made: from here on the one-shot call is not allowed */
	gboolean authenticated; /* C_Login (CKU_CONTEXT_SPECIFIC) came after Init */

	/* Given before the data, by C_VerifySignatureInit; owned. */
	CK_BYTE *signature;
	CK_ULONG signature_len;

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

extern const CratonMechFamily craton_mech_aead;
extern const CratonMechFamily craton_mech_block;
extern const CratonMechFamily craton_mech_cbcmac;
extern const CratonMechFamily craton_mech_concat;
extern const CratonMechFamily craton_mech_dh;
extern const CratonMechFamily craton_mech_digest;
extern const CratonMechFamily craton_mech_encrypt_data;
extern const CratonMechFamily craton_mech_dsa;
extern const CratonMechFamily craton_mech_ec;
extern const CratonMechFamily craton_mech_generic;
extern const CratonMechFamily craton_mech_hkdf;
extern const CratonMechFamily craton_mech_hotp;
extern const CratonMechFamily craton_mech_ike;
extern const CratonMechFamily craton_mech_kbkdf;
extern const CratonMechFamily craton_mech_kem;
extern const CratonMechFamily craton_mech_keywrap;
extern const CratonMechFamily craton_mech_mac;
extern const CratonMechFamily craton_mech_pbe;
extern const CratonMechFamily craton_mech_pq_sign;
extern const CratonMechFamily craton_mech_public;
extern const CratonMechFamily craton_mech_rsa;
extern const CratonMechFamily craton_mech_secret;
extern const CratonMechFamily craton_mech_tls;
extern const CratonMechFamily craton_mech_stream;
extern const CratonMechFamily craton_mech_whole;
extern const CratonMechFamily craton_mech_wrap_hybrid;

/* Frees the operation and clears its slot; NULL slots are fine. */
void craton_op_free (CratonOp **op);

/* The row of @type, or NULL if the token has no such mechanism: there is none, libcrypto lacks it, or
 * the configuration is against it. */
const CratonMech *craton_mech_find (const CratonTokenConfig *config, CK_MECHANISM_TYPE type);

/* The row of @type, offered by a token or not; NULL if there is none. For the administrator's tool. */
const CratonMech *craton_mech_row (CK_MECHANISM_TYPE type);

/* Walks the token's mechanisms: the first row at or behind *inout_index, which is moved behind it;
 * NULL at the end. Begin with 0. */
const CratonMech *craton_mech_next (const CratonTokenConfig *config, gsize *inout_index);

/* What C_GetMechanismInfo says: the row's flags, with CKF_MESSAGE_ENCRYPT and its like. */
CK_FLAGS craton_mech_flags (const CratonMech *mech);

/* The smallest key that the token takes, in the row's unit. */
CK_ULONG craton_mech_min_size (const CratonTokenConfig *config, const CratonMech *mech);

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
