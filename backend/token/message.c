/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * C_MessageEncryptInit to C_MessageDecryptFinal. The process goes on until its Final; an error, a
 * tag that is wrong among them, ends the message that it befell. C_DecryptMessage gives nothing out
 * before the tag was found right. C_DecryptMessageNext gives out each part as the standard has it,
 * the last one only with a right tag: whoever uses the parts before does so at his own risk.
 * Parameters and data are the client's. Called through the function list.
 */
#include "config.h"

#include "message.h"

#include "functions.h"
#include "operation.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <string.h>

/* What one message in parts keeps where its mechanism wants all at once. */
#define KEPT_MAX ((gsize) 256 * 1024 * 1024)

typedef struct {
	CratonAead *aead;
	const CratonAeadKind *kind;
	gboolean begun; /* a message in parts */
	CK_ULONG tag_len;
	/* Where all is wanted at once: what has come of the message. */
	CratonAeadParam param;
	CK_BYTE iv[CRATON_AEAD_IV_MAX];
	CK_BYTE *aad;
	CK_ULONG aad_len;
	CK_BYTE *kept;
	gsize kept_len;
} Message;

static void
end_message (CratonOp *op)
{
	Message *message = op->state;

	message->begun = FALSE;
	OPENSSL_clear_free (message->aad, message->aad_len);
	OPENSSL_clear_free (message->kept, message->kept_len);
	message->aad = message->kept = NULL;
	message->aad_len = message->kept_len = 0;
	/* Each message is a use of the key. */
	op->authenticated = FALSE;
	ERR_clear_error ();
}

static CK_RV
message_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	Message *message = g_new0 (Message, 1);
	CratonAeadParam param;

	op->state = message;
	message->kind = op->mech->aead;
	/* The parameter comes with each message; here it is looked at if it is there. */
	if (mechanism->ulParameterLen > 0 &&
	    (!message->kind->take_message (mechanism->pParameter, mechanism->ulParameterLen,
	                                   &param) ||
	     !message->kind->fits (&param)))
		return CKR_MECHANISM_PARAM_INVALID;
	return craton_aead_new (message->kind, op->key, op->kind == CRATON_OP_MESSAGE_ENCRYPT,
	                        &message->aead);
}

static void
message_clear (CratonOp *op)
{
	Message *message = op->state;

	if (message == NULL)
		return;
	end_message (op);
	craton_aead_free (message->aead);
	g_free (message);
}

const CratonMechClass craton_message_crypt = { .init = message_init, .clear = message_clear };

/* The data of a call. */
typedef struct {
	const CK_BYTE *in;
	CK_ULONG in_len;
	CK_BYTE *out;
	CK_ULONG *inout_len;
} Data;

static CK_RV
take (const Message *message, const void *param, CK_ULONG param_len, CratonAeadParam *ret_param)
{
	if (!message->kind->take_message (param, param_len, ret_param) ||
	    !message->kind->fits (ret_param) || ret_param->iv == NULL)
		return CKR_MECHANISM_PARAM_INVALID;
	return CKR_OK;
}

static CK_RV
check_data (const CratonOp *op, const Data *data)
{
	if (data->inout_len == NULL || (data->in == NULL && data->in_len > 0))
		return CKR_ARGUMENTS_BAD;
	if (data->in_len > G_MAXSSIZE)
		return op->kind == CRATON_OP_MESSAGE_ENCRYPT ? CKR_DATA_LEN_RANGE
		                                             : CKR_ENCRYPTED_DATA_LEN_RANGE;
	return CKR_OK;
}

/* Whether the call only asks for the length, or must: @ret_rv is the answer then. */
static gboolean
is_length_query (const Data *data, CK_ULONG len, CK_RV *ret_rv)
{
	CK_ULONG room = *data->inout_len;

	if (data->out != NULL && room >= len)
		return FALSE;
	*data->inout_len = len;
	*ret_rv = data->out == NULL ? CKR_OK : CKR_BUFFER_TOO_SMALL;
	return TRUE;
}

static gboolean
overlaps (const CK_BYTE *in, gsize len, const CK_BYTE *out)
{
	guintptr from = (guintptr) in, to = (guintptr) out;

	return from != to && from < to + len && to < from + len;
}

/* The last step of a message, or the only one: decrypted data leaves private memory with a right
 * tag only. */
static CK_RV
finish (Message *message, gboolean encrypts, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
        CK_BYTE *tag)
{
	gboolean apart = !encrypts || overlaps (in, in_len, out);
	CK_BYTE *private = apart ? OPENSSL_malloc (MAX (in_len, 1)) : out;
	CK_RV rv;

	if (private == NULL)
		return CKR_HOST_MEMORY;
	rv = craton_aead_update (message->aead, in, in_len, private);
	if (rv == CKR_OK)
		rv = craton_aead_finish (message->aead, tag);
	if (rv == CKR_OK && apart && in_len > 0)
		memcpy (out, private, in_len);
	if (apart)
		OPENSSL_clear_free (private, in_len);
	return rv;
}

static CK_RV
once (CratonSession *session, CratonOp *op, const CratonAeadParam *param, const CK_BYTE *aad,
      CK_ULONG aad_len, const Data *data)
{
	Message *message = op->state;
	gboolean encrypts = op->kind == CRATON_OP_MESSAGE_ENCRYPT;
	CK_BYTE iv[CRATON_AEAD_IV_MAX];
	CK_RV rv = craton_session_use_key (session, op);

	if (rv == CKR_OK && param->tag == NULL)
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK && !encrypts)
		craton_aead_set_tag (message->aead, param->tag, param->tag_len);
	if (rv == CKR_OK)
		rv = craton_aead_make_iv (message->aead, param, iv);
	if (rv == CKR_OK)
		rv = craton_aead_begin (message->aead, param, iv, aad, aad_len, data->in_len);
	if (rv == CKR_OK)
		rv = finish (message, encrypts, data->in, data->in_len, data->out, param->tag);
	if (rv == CKR_OK)
		*data->inout_len = data->in_len;
	end_message (op);
	return rv;
}

static CK_RV
acquire (CK_SESSION_HANDLE handle, CratonOpKind kind, CratonSession **ret_session, CratonOp **ret_op)
{
	CK_RV rv = craton_session_acquire (handle, ret_session);

	if (rv != CKR_OK)
		return rv;
	*ret_op = *craton_session_op (*ret_session, kind);
	return *ret_op == NULL ? CKR_OPERATION_NOT_INITIALIZED : CKR_OK;
}

static CK_RV
one_message (CK_SESSION_HANDLE handle, CratonOpKind kind, const void *param_bytes,
             CK_ULONG param_len, const CK_BYTE *aad, CK_ULONG aad_len, const Data *data)
{
	g_autoptr (CratonSession) session = NULL;
	CratonAeadParam param;
	CratonOp *op;
	CK_RV rv = acquire (handle, kind, &session, &op), answer;

	if (rv == CKR_OK && ((Message *) op->state)->begun)
		rv = CKR_OPERATION_ACTIVE;
	if (rv == CKR_OK)
		rv = check_data (op, data);
	if (rv == CKR_OK)
		rv = take (op->state, param_bytes, param_len, &param);
	if (rv != CKR_OK)
		return rv;
	if (is_length_query (data, data->in_len, &answer))
		return answer;
	return once (session, op, &param, aad, aad_len, data);
}

/* Where all is wanted at once the beginning waits for the end. */
static CK_RV
keep_begin (Message *message, const CratonAeadParam *param, const CK_BYTE *aad, CK_ULONG aad_len)
{
	if (aad_len > CRATON_AEAD_AAD_MAX || (aad == NULL && aad_len > 0))
		return CKR_ARGUMENTS_BAD;
	if (param->data_len > KEPT_MAX)
		return CKR_DATA_LEN_RANGE;
	message->param = *param;
	message->aad = OPENSSL_malloc (MAX (aad_len, 1));
	message->kept = OPENSSL_malloc (MAX (param->data_len, 1));
	if (message->aad == NULL || message->kept == NULL)
		return CKR_HOST_MEMORY;
	message->aad_len = aad_len;
	if (aad_len > 0)
		memcpy (message->aad, aad, aad_len);
	return CKR_OK;
}

static CK_RV
begin_message (CK_SESSION_HANDLE handle, CratonOpKind kind, const void *param_bytes,
               CK_ULONG param_len, const CK_BYTE *aad, CK_ULONG aad_len)
{
	g_autoptr (CratonSession) session = NULL;
	CratonAeadParam param;
	Message *message;
	CratonOp *op;
	CK_RV rv = acquire (handle, kind, &session, &op);

	if (rv != CKR_OK)
		return rv;
	message = op->state;
	if (message->begun)
		return CKR_OPERATION_ACTIVE;
	rv = take (message, param_bytes, param_len, &param);
	if (rv == CKR_OK)
		rv = craton_session_use_key (session, op);
	if (rv == CKR_OK)
		rv = craton_aead_make_iv (message->aead, &param, message->iv);
	if (rv == CKR_OK && message->kind->whole)
		rv = keep_begin (message, &param, aad, aad_len);
	else if (rv == CKR_OK)
		rv = craton_aead_begin (message->aead, &param, message->iv, aad, aad_len, 0);
	message->tag_len = param.tag_len;
	message->begun = rv == CKR_OK;
	if (rv != CKR_OK)
		end_message (op);
	return rv;
}

/* The parts are kept, and the last call gives out everything. */
static CK_RV
next_whole (CratonOp *op, const CratonAeadParam *param, const Data *data, gboolean last)
{
	Message *message = op->state;
	gboolean encrypts = op->kind == CRATON_OP_MESSAGE_ENCRYPT;
	gsize len = message->kept_len + data->in_len;
	CK_RV rv = CKR_OK;

	if (data->in_len > message->param.data_len - message->kept_len)
		return encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	if (is_length_query (data, last ? len : 0, &rv))
		return rv;
	if (data->in_len > 0)
		memcpy (message->kept + message->kept_len, data->in, data->in_len);
	message->kept_len = len;
	if (!last) {
		*data->inout_len = 0;
		return CKR_OK;
	}
	if (!encrypts)
		craton_aead_set_tag (message->aead, param->tag, param->tag_len);
	rv = craton_aead_begin (message->aead, &message->param, message->iv, message->aad,
	                        message->aad_len, len);
	if (rv == CKR_OK)
		rv = finish (message, encrypts, message->kept, len, data->out, param->tag);
	if (rv == CKR_OK)
		*data->inout_len = len;
	return rv;
}

static CK_RV
next_part (CratonOp *op, const CratonAeadParam *param, const Data *data, gboolean last)
{
	Message *message = op->state;
	gboolean encrypts = op->kind == CRATON_OP_MESSAGE_ENCRYPT;
	CK_BYTE *copy = NULL;
	CK_RV rv = CKR_OK;

	if (last) {
		if (!encrypts)
			craton_aead_set_tag (message->aead, param->tag, param->tag_len);
		rv = finish (message, encrypts, data->in, data->in_len, data->out, param->tag);
	} else {
		if (overlaps (data->in, data->in_len, data->out)) {
			copy = OPENSSL_memdup (data->in, data->in_len);
			rv = copy == NULL ? CKR_HOST_MEMORY : CKR_OK;
		}
		if (rv == CKR_OK)
			rv = craton_aead_update (message->aead, copy == NULL ? data->in : copy,
			                         data->in_len, data->out);
		OPENSSL_clear_free (copy, data->in_len);
	}
	if (rv == CKR_OK)
		*data->inout_len = data->in_len;
	return rv;
}

static CK_RV
next (CratonOp *op, const void *param_bytes, CK_ULONG param_len, const Data *data, CK_FLAGS flags)
{
	Message *message = op->state;
	gboolean last = (flags & CKF_END_OF_MESSAGE) != 0;
	CratonAeadParam param;
	CK_RV rv = check_data (op, data), answer;

	if (rv == CKR_OK && (flags & ~(CK_FLAGS) CKF_END_OF_MESSAGE) != 0)
		rv = CKR_ARGUMENTS_BAD;
	if (rv == CKR_OK)
		rv = take (message, param_bytes, param_len, &param);
	if (rv == CKR_OK && (param.tag_len != message->tag_len || (last && param.tag == NULL)))
		rv = CKR_MECHANISM_PARAM_INVALID;
	if (rv == CKR_OK && message->kind->whole) {
		rv = next_whole (op, &param, data, last);
		last = last && data->out != NULL;
	} else if (rv == CKR_OK) {
		if (is_length_query (data, data->in_len, &answer))
			return answer;
		rv = next_part (op, &param, data, last);
	}
	if (rv != CKR_BUFFER_TOO_SMALL && (last || rv != CKR_OK))
		end_message (op);
	return rv;
}

static CK_RV
next_message (CK_SESSION_HANDLE handle, CratonOpKind kind, const void *param, CK_ULONG param_len,
              const Data *data, CK_FLAGS flags)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = acquire (handle, kind, &session, &op);

	if (rv == CKR_OK && !((Message *) op->state)->begun)
		rv = CKR_OPERATION_NOT_INITIALIZED;
	return rv == CKR_OK ? next (op, param, param_len, data, flags) : rv;
}

static CK_RV
final (CK_SESSION_HANDLE handle, CratonOpKind kind)
{
	g_autoptr (CratonSession) session = NULL;
	CratonOp *op;
	CK_RV rv = acquire (handle, kind, &session, &op);

	if (rv == CKR_OK)
		craton_op_end (session, kind);
	return rv;
}

CK_RV
craton_token_MessageEncryptInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                                 CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_MESSAGE_ENCRYPT, key);
}

CK_RV
craton_token_EncryptMessage (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len,
                             CK_BYTE_PTR aad, CK_ULONG aad_len, CK_BYTE_PTR plain,
                             CK_ULONG plain_len, CK_BYTE_PTR encrypted, CK_ULONG_PTR encrypted_len)
{
	Data data = { plain, plain_len, encrypted, encrypted_len };

	return one_message (session, CRATON_OP_MESSAGE_ENCRYPT, param, param_len, aad, aad_len,
	                    &data);
}

CK_RV
craton_token_EncryptMessageBegin (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len,
                                  CK_BYTE_PTR aad, CK_ULONG aad_len)
{
	return begin_message (session, CRATON_OP_MESSAGE_ENCRYPT, param, param_len, aad, aad_len);
}

CK_RV
craton_token_EncryptMessageNext (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len,
                                 CK_BYTE_PTR part, CK_ULONG part_len, CK_BYTE_PTR encrypted,
                                 CK_ULONG_PTR encrypted_len, CK_FLAGS flags)
{
	Data data = { part, part_len, encrypted, encrypted_len };

	return next_message (session, CRATON_OP_MESSAGE_ENCRYPT, param, param_len, &data, flags);
}

CK_RV
craton_token_MessageEncryptFinal (CK_SESSION_HANDLE session)
{
	return final (session, CRATON_OP_MESSAGE_ENCRYPT);
}

CK_RV
craton_token_MessageDecryptInit (CK_SESSION_HANDLE session, CK_MECHANISM_PTR mechanism,
                                 CK_OBJECT_HANDLE key)
{
	return craton_op_init (session, mechanism, CRATON_OP_MESSAGE_DECRYPT, key);
}

CK_RV
craton_token_DecryptMessage (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len,
                             CK_BYTE_PTR aad, CK_ULONG aad_len, CK_BYTE_PTR encrypted,
                             CK_ULONG encrypted_len, CK_BYTE_PTR plain, CK_ULONG_PTR plain_len)
{
	Data data = { encrypted, encrypted_len, plain, plain_len };

	return one_message (session, CRATON_OP_MESSAGE_DECRYPT, param, param_len, aad, aad_len,
	                    &data);
}

CK_RV
craton_token_DecryptMessageBegin (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len,
                                  CK_BYTE_PTR aad, CK_ULONG aad_len)
{
	return begin_message (session, CRATON_OP_MESSAGE_DECRYPT, param, param_len, aad, aad_len);
}

CK_RV
craton_token_DecryptMessageNext (CK_SESSION_HANDLE session, CK_VOID_PTR param, CK_ULONG param_len,
                                 CK_BYTE_PTR encrypted, CK_ULONG encrypted_len, CK_BYTE_PTR part,
                                 CK_ULONG_PTR part_len, CK_FLAGS flags)
{
	Data data = { encrypted, encrypted_len, part, part_len };

	return next_message (session, CRATON_OP_MESSAGE_DECRYPT, param, param_len, &data, flags);
}

CK_RV
craton_token_MessageDecryptFinal (CK_SESSION_HANDLE session)
{
	return final (session, CRATON_OP_MESSAGE_DECRYPT);
}
