/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Calls and the audit log: see audit-calls.h. One table says what is more than "all" about a call; the rest follows from its
 * signature in calls.def. Called by dispatch.c around each call, in any thread. Arguments are decoded and ours; what the module
 * answers is checked, because it may be somebody else's.
 */
#include "config.h"

#include "audit-calls.h"

#include <string.h>

#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>

#include "kinds.h"

/* Bytes of CKA_ID and CKA_LABEL that are asked for; longer ones are shown as none. */
#define VALUE_MAX 1024
#define NAMES_MAX 1000 /* that are kept */
#define SLOTS_MAX 256 /* of a module that are told apart */

/* What an operation was begun with; one a kind and session, as PKCS#11 has it. */
typedef enum {
	NO_OPERATION,
	ENCRYPT,
	DECRYPT,
	DIGEST,
	SIGN,
	SIGN_RECOVER,
	VERIFY,
	VERIFY_RECOVER,
	VERIFY_SIGNATURE,
	MESSAGE_ENCRYPT,
	MESSAGE_DECRYPT,
	MESSAGE_SIGN,
	MESSAGE_VERIFY,
	N_OPERATIONS
} Operation;

/* Numbers of arguments; 0, the session, for none. */
typedef struct {
	CratonAuditLevel level; /* CRATON_AUDIT_OFF stands for ALL */
	Operation operation;
	guchar key, with;       /* handles of objects that are used */
	guchar made, made_with; /* where the handles of new ones go */
} Rule;

#define AUTH .level = CRATON_AUDIT_AUTH
#define KEYS .level = CRATON_AUDIT_KEYS
#define BEGINS(kind) { KEYS, .operation = kind, .key = 2 }
#define ENDS(kind) { KEYS, .operation = kind }
#define GOES_ON(kind) { .operation = kind }

static const Rule rules[CRATON_CALLS] = {
	[CRATON_C_InitToken] = { AUTH },
	[CRATON_C_InitPIN] = { AUTH },
	[CRATON_C_SetPIN] = { AUTH },
	[CRATON_C_Login] = { AUTH },
	[CRATON_C_LoginUser] = { AUTH },
	[CRATON_C_Logout] = { AUTH },

	[CRATON_C_CreateObject] = { KEYS, .made = 3 },
	[CRATON_C_CopyObject] = { KEYS, .with = 1, .made = 4 },
	[CRATON_C_DestroyObject] = { KEYS, .key = 1 },
	[CRATON_C_SetAttributeValue] = { KEYS, .key = 1 },
	[CRATON_C_GetAttributeValue] = { .key = 1 },
	[CRATON_C_GetObjectSize] = { .key = 1 },
	[CRATON_C_DigestKey] = { KEYS, .key = 1, .operation = DIGEST },
	[CRATON_C_GenerateKey] = { KEYS, .made = 4 },
	[CRATON_C_GenerateKeyPair] = { KEYS, .made = 7, .made_with = 6 },
	[CRATON_C_WrapKey] = { KEYS, .key = 3, .with = 2 },
	[CRATON_C_UnwrapKey] = { KEYS, .with = 2, .made = 7 },
	[CRATON_C_DeriveKey] = { KEYS, .with = 2, .made = 5 },
	[CRATON_C_EncapsulateKey] = { KEYS, .with = 2, .made = 7 },
	[CRATON_C_DecapsulateKey] = { KEYS, .with = 2, .made = 7 },
	[CRATON_C_WrapKeyAuthenticated] = { KEYS, .key = 3, .with = 2 },
	[CRATON_C_UnwrapKeyAuthenticated] = { KEYS, .with = 2, .made = 9 },

	[CRATON_C_EncryptInit] = BEGINS (ENCRYPT),
	[CRATON_C_Encrypt] = ENDS (ENCRYPT),
	[CRATON_C_EncryptUpdate] = GOES_ON (ENCRYPT),
	[CRATON_C_EncryptFinal] = ENDS (ENCRYPT),
	[CRATON_C_DecryptInit] = BEGINS (DECRYPT),
	[CRATON_C_Decrypt] = ENDS (DECRYPT),
	[CRATON_C_DecryptUpdate] = GOES_ON (DECRYPT),
	[CRATON_C_DecryptFinal] = ENDS (DECRYPT),
	[CRATON_C_DigestInit] = GOES_ON (DIGEST),
	[CRATON_C_Digest] = GOES_ON (DIGEST),
	[CRATON_C_DigestUpdate] = GOES_ON (DIGEST),
	[CRATON_C_DigestFinal] = GOES_ON (DIGEST),
	[CRATON_C_SignInit] = BEGINS (SIGN),
	[CRATON_C_Sign] = ENDS (SIGN),
	[CRATON_C_SignUpdate] = GOES_ON (SIGN),
	[CRATON_C_SignFinal] = ENDS (SIGN),
	[CRATON_C_SignRecoverInit] = BEGINS (SIGN_RECOVER),
	[CRATON_C_SignRecover] = ENDS (SIGN_RECOVER),
	[CRATON_C_VerifyInit] = BEGINS (VERIFY),
	[CRATON_C_Verify] = ENDS (VERIFY),
	[CRATON_C_VerifyUpdate] = GOES_ON (VERIFY),
	[CRATON_C_VerifyFinal] = ENDS (VERIFY),
	[CRATON_C_VerifyRecoverInit] = BEGINS (VERIFY_RECOVER),
	[CRATON_C_VerifyRecover] = ENDS (VERIFY_RECOVER),
	[CRATON_C_DigestEncryptUpdate] = GOES_ON (ENCRYPT),
	[CRATON_C_DecryptDigestUpdate] = GOES_ON (DECRYPT),
	[CRATON_C_SignEncryptUpdate] = GOES_ON (ENCRYPT),
	[CRATON_C_DecryptVerifyUpdate] = GOES_ON (DECRYPT),
	[CRATON_C_VerifySignatureInit] = BEGINS (VERIFY_SIGNATURE),
	[CRATON_C_VerifySignature] = ENDS (VERIFY_SIGNATURE),
	[CRATON_C_VerifySignatureUpdate] = GOES_ON (VERIFY_SIGNATURE),
	[CRATON_C_VerifySignatureFinal] = ENDS (VERIFY_SIGNATURE),

	/* Each message is a use of its own. */
	[CRATON_C_MessageEncryptInit] = BEGINS (MESSAGE_ENCRYPT),
	[CRATON_C_EncryptMessage] = ENDS (MESSAGE_ENCRYPT),
	[CRATON_C_EncryptMessageBegin] = ENDS (MESSAGE_ENCRYPT),
	[CRATON_C_EncryptMessageNext] = GOES_ON (MESSAGE_ENCRYPT),
	[CRATON_C_MessageEncryptFinal] = GOES_ON (MESSAGE_ENCRYPT),
	[CRATON_C_MessageDecryptInit] = BEGINS (MESSAGE_DECRYPT),
	[CRATON_C_DecryptMessage] = ENDS (MESSAGE_DECRYPT),
	[CRATON_C_DecryptMessageBegin] = ENDS (MESSAGE_DECRYPT),
	[CRATON_C_DecryptMessageNext] = GOES_ON (MESSAGE_DECRYPT),
	[CRATON_C_MessageDecryptFinal] = GOES_ON (MESSAGE_DECRYPT),
	[CRATON_C_MessageSignInit] = BEGINS (MESSAGE_SIGN),
	[CRATON_C_SignMessage] = ENDS (MESSAGE_SIGN),
	[CRATON_C_SignMessageBegin] = GOES_ON (MESSAGE_SIGN),
	[CRATON_C_SignMessageNext] = ENDS (MESSAGE_SIGN),
	[CRATON_C_MessageSignFinal] = GOES_ON (MESSAGE_SIGN),
	[CRATON_C_MessageVerifyInit] = BEGINS (MESSAGE_VERIFY),
	[CRATON_C_VerifyMessage] = ENDS (MESSAGE_VERIFY),
	[CRATON_C_VerifyMessageBegin] = GOES_ON (MESSAGE_VERIFY),
	[CRATON_C_VerifyMessageNext] = ENDS (MESSAGE_VERIFY),
	[CRATON_C_MessageVerifyFinal] = GOES_ON (MESSAGE_VERIFY),
};

/* Of the fields about an object. */
typedef enum {
	PLAIN,
	WITH,
	N_PREFIXES
} Prefix;

static const char *const prefixes[N_PREFIXES] = { [PLAIN] = "", [WITH] = "with_" };

typedef struct {
	CK_SLOT_ID slot;
	CratonAuditLevel level;
	CratonAudit *audit;
	gboolean shared; /* the log is another's */
	char *uri; /* a string with a count, under the lock: a token can get another name */

	/* What objects are called, by handle, for as long as nobody here changes one, and a second: another
	 * process can change them, too. Under the lock. */
	GHashTable *names[N_PREFIXES];
	gint64 names_since;
} Token;

/* What an operation works with. */
typedef struct {
	CK_MECHANISM_TYPE mechanism;
	char *key; /* a string with a count, or NULL */
} Use;

typedef struct {
	Token *token;
	Use uses[N_OPERATIONS];
} Session;

/* What the signature of a call tells. Numbers of arguments, -1 for none. */
typedef struct {
	char first; /* the kind of the first argument: 's' a session, 't' a slot */
	int mechanism;
	int out;
} Shape;

struct CratonAuditCalls {
	CK_FUNCTION_LIST_3_2 *functions;
	GPtrArray *tokens; /* under the lock */
	Token *rest;       /* for slots that are not among them; or NULL */
	Shape shapes[CRATON_CALLS];
	GMutex lock;
	GHashTable *sessions; /* handle to Session */
};

static void
ref_string_clear (char **string)
{
	if (*string != NULL)
		g_ref_string_release (*string);
	*string = NULL;
}

static char *
ref_string_share (char *string)
{
	return string != NULL ? g_ref_string_acquire (string) : NULL;
}

static void
session_free (Session *session)
{
	for (gsize i = 0; i < N_OPERATIONS; i++)
		ref_string_clear (&session->uses[i].key);
	g_free (session);
}

static void
token_free (Token *token)
{
	if (!token->shared)
		craton_audit_free (token->audit);
	ref_string_clear (&token->uri);
	for (gsize i = 0; i < N_PREFIXES; i++)
		g_hash_table_unref (token->names[i]);
	g_free (token);
}

static Shape
find_shape (const CratonCallRow *row)
{
	Shape shape = { row->signature[0], -1, -1 };
	int argument = 0;

	for (const char *letter = row->signature; *letter != '\0'; letter++) {
		if (strchr ("Mmw", *letter) != NULL)
			shape.mechanism = argument;
		else if (*letter == 'o' || *letter == 'r')
			shape.out = argument;
		argument += (int) strlen (craton_kind (*letter)->args);
	}
	return shape;
}

CratonAuditCalls *
craton_audit_calls_new (CK_FUNCTION_LIST_3_2 *functions)
{
	CratonAuditCalls *calls = g_new0 (CratonAuditCalls, 1);

	calls->functions = functions;
	calls->tokens = g_ptr_array_new_with_free_func ((GDestroyNotify) token_free);
	calls->sessions = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free,
	                                         (GDestroyNotify) session_free);
	g_mutex_init (&calls->lock);
	for (guint call = 0; call < CRATON_CALLS; call++)
		calls->shapes[call] = find_shape (&craton_calls[call]);
	return calls;
}

void
craton_audit_calls_free (CratonAuditCalls *calls)
{
	if (calls == NULL)
		return;
	g_hash_table_unref (calls->sessions);
	g_ptr_array_unref (calls->tokens);
	g_clear_pointer (&calls->rest, token_free);
	g_mutex_clear (&calls->lock);
	g_free (calls);
}

static Token *
token_new (CK_SLOT_ID slot, CratonAuditLevel level, CratonAudit *audit)
{
	Token *token = g_new0 (Token, 1);

	token->slot = slot;
	token->level = level;
	token->audit = audit;
	for (gsize i = 0; i < N_PREFIXES; i++)
		token->names[i] = g_hash_table_new_full (g_direct_hash, g_direct_equal, NULL,
		                                         (GDestroyNotify) g_ref_string_release);
	return token;
}

void
craton_audit_calls_add (CratonAuditCalls *calls, CK_SLOT_ID slot, CratonAuditLevel level, CratonAudit *audit)
{
	g_ptr_array_add (calls->tokens, token_new (slot, level, audit));
}

void
craton_audit_calls_add_rest (CratonAuditCalls *calls, CratonAuditLevel level, CratonAudit *audit)
{
	calls->rest = token_new (CK_UNAVAILABLE_INFORMATION, level, audit);
	calls->rest->uri = g_ref_string_new ("pkcs11:");
}

CratonAuditLevel
craton_audit_calls_level (CratonCallId call)
{
	return rules[call].level != CRATON_AUDIT_OFF ? rules[call].level : CRATON_AUDIT_ALL;
}

void
craton_audit_calls_flush (CratonAuditCalls *calls)
{
	for (guint i = 0; i < calls->tokens->len; i++)
		craton_audit_flush (((Token *) calls->tokens->pdata[i])->audit);
	if (calls->rest != NULL)
		craton_audit_flush (calls->rest->audit);
}

/* Called with the lock held. */
static Token *
find_added (CratonAuditCalls *calls, CK_SLOT_ID slot)
{
	for (guint i = 0; i < calls->tokens->len; i++) {
		Token *token = calls->tokens->pdata[i];

		if (token->slot == slot)
			return token;
	}
	return NULL;
}

static Token *
find_token (CratonAuditCalls *calls, CK_SLOT_ID slot)
{
	CK_SLOT_INFO info;
	Token *token;

	g_mutex_lock (&calls->lock);
	token = find_added (calls, slot);
	g_mutex_unlock (&calls->lock);
	/* A client can name any number: that there is such a slot the module says. */
	if (token != NULL || calls->rest == NULL || calls->functions->C_GetSlotInfo == NULL ||
	    calls->functions->C_GetSlotInfo (slot, &info) != CKR_OK)
		return token != NULL ? token : calls->rest;
	g_mutex_lock (&calls->lock);
	token = find_added (calls, slot);
	if (token == NULL && calls->tokens->len < SLOTS_MAX) {
		token = token_new (slot, calls->rest->level, calls->rest->audit);
		token->shared = TRUE;
		g_ptr_array_add (calls->tokens, token);
	}
	g_mutex_unlock (&calls->lock);
	return token != NULL ? token : calls->rest;
}

/* Called with the lock held. */
static Session *
find_session (CratonAuditCalls *calls, CK_SESSION_HANDLE handle)
{
	gint64 key = (gint64) handle;

	return g_hash_table_lookup (calls->sessions, &key);
}

/* The token that a call is about, NULL if it is about none that is watched. */
static Token *
token_of (CratonAuditCalls *calls, CratonCallId call, const CK_ULONG *args)
{
	Session *session;
	Token *token = NULL;

	if (calls->shapes[call].first == 't')
		return find_token (calls, args[0]);
	if (calls->shapes[call].first != 's')
		return NULL;
	g_mutex_lock (&calls->lock);
	session = find_session (calls, args[0]);
	if (session != NULL)
		token = session->token;
	g_mutex_unlock (&calls->lock);
	return token;
}

/* The token's name as it is now, such as pkcs11:token=work;serial=0123. */
static void
name_token (CratonAuditCalls *calls, Token *token)
{
	P11KitUri *uri = p11_kit_uri_new ();
	CK_TOKEN_INFO info;
	CK_TOKEN_INFO *match = uri != NULL ? (CK_TOKEN_INFO *) p11_kit_uri_get_token_info (uri) : NULL;
	char *text = NULL;

	if (token != calls->rest && match != NULL && calls->functions->C_GetTokenInfo != NULL &&
	    calls->functions->C_GetTokenInfo (token->slot, &info) == CKR_OK) {
		memcpy (match->label, info.label, sizeof match->label);
		memcpy (match->serialNumber, info.serialNumber, sizeof match->serialNumber);
		if (p11_kit_uri_format (uri, P11_KIT_URI_FOR_TOKEN, &text) != P11_KIT_URI_OK)
			text = NULL;
	}
	g_mutex_lock (&calls->lock);
	ref_string_clear (&token->uri);
	token->uri = g_ref_string_new (text != NULL ? text : "pkcs11:");
	g_mutex_unlock (&calls->lock);
	free (text);
	p11_kit_uri_free (uri);
}

/* Called with the lock held. */
static void
forget_names (Token *token)
{
	for (gsize i = 0; i < N_PREFIXES; i++)
		g_hash_table_remove_all (token->names[i]);
}

/* Asks the module what the object is called; NULL if it does not tell. */
static char *
ask_name (CratonAuditCalls *calls, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, const char *prefix)
{
	CK_BYTE id[VALUE_MAX], label[VALUE_MAX];
	CK_ATTRIBUTE template[] = {
		{ CKA_ID, id, sizeof id },
		{ CKA_LABEL, label, sizeof label },
	};
	g_autofree char *text = NULL;
	CK_RV rv = CKR_FUNCTION_NOT_SUPPORTED;

	if (calls->functions->C_GetAttributeValue != NULL)
		rv = calls->functions->C_GetAttributeValue (session, object, template, G_N_ELEMENTS (template));
	/* Either can be missing, which is an error of its own and tells about the other one. */
	if (rv != CKR_OK && rv != CKR_ATTRIBUTE_TYPE_INVALID && rv != CKR_BUFFER_TOO_SMALL)
		return NULL;
	for (gsize i = 0; i < G_N_ELEMENTS (template); i++)
		if (template[i].ulValueLen > VALUE_MAX)
			template[i].ulValueLen = 0;
	text = craton_audit_describe (prefix, id, template[0].ulValueLen, (char *) label, template[1].ulValueLen);
	return g_ref_string_new (text);
}

static char *
describe (CratonAuditCalls *calls, Token *token, CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, Prefix prefix)
{
	gint64 now = g_get_monotonic_time ();
	char *name;

	g_mutex_lock (&calls->lock);
	if (now - token->names_since > G_TIME_SPAN_SECOND) {
		forget_names (token);
		token->names_since = now;
	}
	name = ref_string_share (g_hash_table_lookup (token->names[prefix], GSIZE_TO_POINTER (object)));
	g_mutex_unlock (&calls->lock);
	if (name != NULL)
		return name;
	name = ask_name (calls, session, object, prefixes[prefix]);
	if (name == NULL)
		return NULL;
	g_mutex_lock (&calls->lock);
	if (g_hash_table_size (token->names[prefix]) >= NAMES_MAX)
		forget_names (token);
	(void) g_hash_table_insert (token->names[prefix], GSIZE_TO_POINTER (object), g_ref_string_acquire (name));
	g_mutex_unlock (&calls->lock);
	return name;
}

/* An object that a call has just made. */
static char *
describe_made (CratonAuditCalls *calls, Token *token, const CK_ULONG *args, guchar where, Prefix prefix)
{
	const CK_OBJECT_HANDLE *handle = where != 0 ? (const CK_OBJECT_HANDLE *) args[where] : NULL;

	return handle != NULL ? describe (calls, token, args[0], *handle, prefix) : NULL;
}

CK_RV
craton_audit_calls_begin (CratonAuditCalls *calls, CratonCallId call, const CK_ULONG *args,
                          CratonAuditTicket *ret_ticket)
{
	const Rule *rule = &rules[call];
	Token *token = token_of (calls, call, args);
	CratonAuditTicket ticket = { NULL, NULL, NULL };
	CK_RV rv;

	if (token != NULL && craton_audit_calls_level (call) <= token->level) {
		rv = craton_audit_prepare (token->audit);
		if (rv != CKR_OK)
			return rv;
		ticket.token = token;
		if (rule->key != 0)
			ticket.key = describe (calls, token, args[0], args[rule->key], PLAIN);
		if (rule->with != 0)
			ticket.with = describe (calls, token, args[0], args[rule->with], WITH);
	}
	*ret_ticket = ticket;
	return CKR_OK;
}

/* What has to be known of later calls. */
static void
take_note (CratonAuditCalls *calls, CratonCallId call, const CK_ULONG *args, const CratonAuditTicket *ticket)
{
	const CK_MECHANISM *mechanism =
		calls->shapes[call].mechanism >= 0 ? (const CK_MECHANISM *) args[calls->shapes[call].mechanism] : NULL;
	Operation operation = rules[call].operation;
	gint64 *handle = NULL;
	Session *session;
	Token *token;

	if (call == CRATON_C_OpenSession) {
		token = find_token (calls, args[0]);
		if (token == NULL)
			return;
		name_token (calls, token);
		session = g_new0 (Session, 1);
		session->token = token;
		handle = g_new (gint64, 1);
		*handle = (gint64) * (const CK_SESSION_HANDLE *) args[4];
		g_mutex_lock (&calls->lock);
		(void) g_hash_table_replace (calls->sessions, handle, session);
		g_mutex_unlock (&calls->lock);
		return;
	}
	if (operation == NO_OPERATION || mechanism == NULL)
		return;
	g_mutex_lock (&calls->lock);
	session = find_session (calls, args[0]);
	if (session != NULL) {
		ref_string_clear (&session->uses[operation].key);
		session->uses[operation].key = ref_string_share (ticket->key);
		session->uses[operation].mechanism = mechanism->mechanism;
	}
	g_mutex_unlock (&calls->lock);
}

static gboolean
is_of_token (gpointer handle, gpointer session, gpointer token)
{
	return ((Session *) session)->token == token;
}

/* What need not be known any more, and what may not be true any more. */
static void
forget (CratonAuditCalls *calls, CratonCallId call, const CK_ULONG *args, CK_RV rv)
{
	gint64 handle = (gint64) args[0];
	Token *token;

	switch (call) {
	case CRATON_C_CloseSession:
	case CRATON_C_CloseAllSessions:
	case CRATON_C_InitToken:
	case CRATON_C_Logout:
	case CRATON_C_DestroyObject:
	case CRATON_C_SetAttributeValue:
		break;
	default:
		return;
	}
	token = token_of (calls, call, args);
	g_mutex_lock (&calls->lock);
	if (token != NULL)
		forget_names (token);
	/* A call that failed can have done a part of its work on objects, but closed no session. */
	if (rv == CKR_OK && call == CRATON_C_CloseSession)
		(void) g_hash_table_remove (calls->sessions, &handle);
	else if (rv == CKR_OK && (call == CRATON_C_CloseAllSessions || call == CRATON_C_InitToken))
		(void) g_hash_table_foreach_remove (calls->sessions, is_of_token, token);
	g_mutex_unlock (&calls->lock);
}

static const char *
name_user (CK_USER_TYPE user)
{
	switch (user) {
	case CKU_SO:
		return "SO";
	case CKU_USER:
		return "user";
	case CKU_CONTEXT_SPECIFIC:
		return "context";
	default:
		return "other";
	}
}

/* A question for the length of a result uses no key. */
static gboolean
only_asks (CratonAuditCalls *calls, const Token *token, CratonCallId call, const CK_ULONG *args, CK_RV rv)
{
	int out = calls->shapes[call].out;

	return token->level < CRATON_AUDIT_ALL && out >= 0 &&
	       ((rv == CKR_OK && args[out] == 0) || rv == CKR_BUFFER_TOO_SMALL);
}

static CK_RV
write_line (CratonAuditCalls *calls, Token *token, CratonCallId call, const CK_ULONG *args,
            const CratonAuditTicket *ticket, CK_RV rv, const char *refused)
{
	const Rule *rule = &rules[call];
	int where = calls->shapes[call].mechanism;
	const CK_MECHANISM *mechanism = where >= 0 ? (const CK_MECHANISM *) args[where] : NULL;
	Use use = { 0 };
	char *uri;
	CratonAuditEntry entry = {
		.function = craton_calls[call].name,
		.mechanism = mechanism != NULL ? &mechanism->mechanism : NULL,
		.key = ticket->key,
		.with = ticket->with,
		.note = refused,
		.result = rv,
	};
	Session *session;

	if (token->uri == NULL || (call == CRATON_C_InitToken && rv == CKR_OK))
		name_token (calls, token);
	if (call == CRATON_C_Login || call == CRATON_C_LoginUser)
		entry.user = name_user (args[1]);
	g_mutex_lock (&calls->lock);
	uri = ref_string_share (token->uri);
	session = rule->operation != NO_OPERATION && mechanism == NULL && rv != CKR_OPERATION_NOT_INITIALIZED
	                  ? find_session (calls, args[0])
	                  : NULL;
	if (session != NULL) {
		use = session->uses[rule->operation];
		use.key = ref_string_share (use.key);
		entry.mechanism = &use.mechanism;
		if (entry.key == NULL)
			entry.key = use.key;
	}
	g_mutex_unlock (&calls->lock);
	entry.token = uri;
	rv = craton_audit_write (token->audit, &entry);
	ref_string_clear (&use.key);
	ref_string_clear (&uri);
	return rv;
}

CK_RV
craton_audit_calls_end (CratonAuditCalls *calls, CratonCallId call, const CK_ULONG *args,
                        CratonAuditTicket *ticket, CK_RV rv, const char *refused)
{
	const Rule *rule = &rules[call];
	Token *token = ticket->token;
	CK_RV written = CKR_OK;

	if (token == NULL && refused != NULL)
		token = token_of (calls, call, args);
	if (token == NULL && refused != NULL)
		token = calls->rest;

	if (token != NULL && rv == CKR_OK && rule->made != 0)
		ticket->key = describe_made (calls, token, args, rule->made, PLAIN);
	if (token != NULL && rv == CKR_OK && rule->made_with != 0)
		ticket->with = describe_made (calls, token, args, rule->made_with, WITH);
	if (rv == CKR_OK)
		take_note (calls, call, args, ticket);
	if (token != NULL && (refused != NULL || !only_asks (calls, token, call, args, rv)))
		written = write_line (calls, token, call, args, ticket, rv, refused);
	forget (calls, call, args, rv);
	ref_string_clear (&ticket->key);
	ref_string_clear (&ticket->with);
	return written != CKR_OK ? written : rv;
}
