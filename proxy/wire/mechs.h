/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Mechanism parameters on the wire. mechs.def has a row for each mechanism that takes a parameter: a structure, described once
 * as a list of fields, or plain bytes. One engine walks the fields for all four directions; there is no encoder or decoder for
 * a single structure.
 */
#ifndef CRATON_MECHS_H
#define CRATON_MECHS_H

#include "wire.h"

typedef enum {
	CRATON_FIELD_END,
	CRATON_FIELD_ULONG,    /* a CK_ULONG */
	CRATON_FIELD_BYTE,     /* a CK_BYTE or CK_BBOOL */
	CRATON_FIELD_FIXED,    /* an array of bytes inside the structure */
	CRATON_FIELD_STRUCT,   /* a structure inside the structure */
	CRATON_FIELD_BYTES,    /* a pointer; its length in bytes is another field */
	CRATON_FIELD_BITS,     /* a pointer; its length in bits is another field */
	CRATON_FIELD_SIZED,    /* a pointer to a fixed number of bytes */
	CRATON_FIELD_POINTER,  /* a pointer to one structure */
	CRATON_FIELD_ARRAY,    /* a pointer to structures; their count is another field */
	CRATON_FIELD_TEMPLATE, /* a pointer to CK_ATTRIBUTE; their count is another field */
	CRATON_FIELD_HANDLE,   /* a pointer to one CK_OBJECT_HANDLE that the module writes */
	CRATON_FIELD_LENPTR,   /* a pointer to bytes that the module writes; another field points to their length */
	CRATON_FIELD_OUTERIV,  /* a pointer to an IV that the module writes; its bits stand in the structure that holds this one */
	CRATON_FIELD_PASSWORD, /* CKM_PKCS5_PBKD2: a pointer; its length is another field, a number or a pointer to one */
} CratonFieldKind;

typedef struct CratonLayout CratonLayout;

typedef struct {
	CratonFieldKind kind;
	bool back;                  /* the module may change it: it comes back with the response */
	uint16_t offset;            /* of the value or the pointer */
	uint16_t size;              /* in the structure; for _SIZED the bytes pointed to */
	uint16_t len_offset;        /* of the field that has the length or count */
	const CratonLayout *nested;
} CratonField;

struct CratonLayout {
	const char *name;           /* of the C structure */
	size_t size;
	const CratonField *fields;
};

/* In which argument a parameter stands: the same mechanism has another structure there. */
typedef enum {
	CRATON_PARAM_NORMAL,
	CRATON_PARAM_MESSAGE, /* C_MessageEncryptInit and its like, C_WrapKeyAuthenticated, C_UnwrapKeyAuthenticated */
	CRATON_PARAM_WRAP,    /* C_WrapKey, C_UnwrapKey */
} CratonParamRole;

/* A CK_MECHANISM_PTR. The backend's is built in the arena; NULL where the caller passed NULL. */
void craton_mechs_put_request (CratonWire *wire, CratonParamRole role, const CK_MECHANISM *mechanism);
CK_MECHANISM *craton_mechs_get_request (CratonWire *wire, CratonParamRole role);

/* The parameter of a message call, C_EncryptMessage and its like: (pointer, length) without the mechanism. The three
 * structures that there are have lengths of their own. */
void craton_mechs_put_message (CratonWire *wire, void *param, CK_ULONG param_len);
void *craton_mechs_get_message (CratonWire *wire, CK_ULONG *ret_param_len);

/* What the module may have changed, of all parameters of the call; whatever the call returned. */
void craton_mechs_put_backs (CratonWire *wire);
void craton_mechs_get_backs (CratonWire *wire);

/* The structure that the parameter of a mechanism is if it has @len bytes; NULL for none, or plain bytes. */
const CratonLayout *craton_mechs_layout (CK_MECHANISM_TYPE type, CratonParamRole role, size_t len);

/* The same for the parameter of a message call. */
const CratonLayout *craton_mechs_message_layout (size_t len);

/**
 * craton_mechs_result:
 *
 * Returns: 0 if what C_Sign gives with mechanism @type is plain bytes; else a number for its structure (a RESULT row).
 */
unsigned int craton_mechs_result (CK_MECHANISM_TYPE type);

/**
 * craton_mechs_pack_result:
 * @result: of craton_mechs_result()
 * @bytes: what the module wrote, in memory that only we can change
 * @len: as many bytes as it says they are
 *
 * Replaces the pointers by offsets from @bytes, those to nothing by 0.
 *
 * Returns: whether all of them, with their lengths, lie in @len bytes, and no array over the structure or another array;
 *   otherwise @bytes are of no use.
 */
bool craton_mechs_pack_result (unsigned int result, uint8_t *bytes, size_t len);

/* The other way: offsets, which nobody has checked, become pointers into @bytes. The same is asked. */
bool craton_mechs_unpack_result (unsigned int result, uint8_t *bytes, size_t len);

/* For the tests: the layouts of row @index, @ret_type is its mechanism; false behind the last. A plain-bytes row gives NULL. */
bool craton_mechs_nth (size_t index, CK_MECHANISM_TYPE *ret_type, CratonParamRole *ret_role, const CratonLayout **ret_layout);

#endif /* CRATON_MECHS_H */
