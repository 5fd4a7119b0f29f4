/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The filter, see policy.h. What an argument is, a session, a mechanism, an object, is told by its C type in calls.def, so that no
 * function needs a line of its own here. Arguments come from the client and are checked by whoever gets them next: here a handle may
 * be anything. Answers are those that the standard has for the function (docs/security.md, Policy). Called by dispatch.c.
 */
#include "config.h"

#include "policy.h"

#include <stdlib.h>
#include <string.h>

#include <glib/gi18n-lib.h>

#include "mechs.h"
#include "uri.h"

/* Lines in the log about refusals; a client that asks for ever is not to fill it. */
#define LINES_MAX 100

/* What labels and ids are compared with; longer ones are no object of a list. */
#define NAME_LEN_MAX 4096

typedef enum {
	ARG_OTHER,
	ARG_MECHANISM,
	ARG_MECHANISM_TYPE,
	ARG_OBJECT,
	ARG_USER,
} ArgKind;

struct CratonPolicy {
	CK_FUNCTION_LIST_3_2 *functions;
	const GPtrArray *rules;
	const GPtrArray *names;
	gboolean of_module;
	gint n_lines;
	guint8 kinds[CRATON_CALLS][CRATON_ARGS_MAX]; /* ArgKind */
};

/* The C types of a call, as calls.def has them. */
static const char *const types[CRATON_CALLS] = {
#define CALL(since, name, signature, ...) [CRATON_##name] = #__VA_ARGS__,
#define HAND CALL
#define LOCAL CALL
#include "calls.def"
#undef CALL
#undef HAND
#undef LOCAL
};

static const struct {
	const char *type;
	ArgKind kind;
} arg_types[] = {
	{ "CK_MECHANISM_PTR", ARG_MECHANISM },
	{ "CK_MECHANISM_TYPE", ARG_MECHANISM_TYPE },
	{ "CK_OBJECT_HANDLE", ARG_OBJECT },
	{ "CK_USER_TYPE", ARG_USER },
};

/* Where a mechanism's parameter names an object. */
static const struct {
	const char *structure;
	gsize offset;
} handle_fields[] = {
#define HANDLE(structure, field) { #structure, G_STRUCT_OFFSET (structure, field) },
#include "handles.def"
};

typedef struct {
	CK_RV rv;           /* CKR_OK: not refused */
	const char *reason; /* untranslated */
} Verdict;

static const Verdict fine = { CKR_OK, NULL };

static void
learn_kinds (CratonPolicy *self, CratonCallId call)
{
	g_auto (GStrv) list = g_strsplit (types[call], ",", -1);

	for (guint i = 0; list[i] != NULL && i < CRATON_ARGS_MAX; i++) {
		const char *type = g_strstrip (list[i]);

		for (gsize k = 0; k < G_N_ELEMENTS (arg_types); k++) {
			if (g_str_equal (arg_types[k].type, type))
				self->kinds[call][i] = (guint8) arg_types[k].kind;
		}
	}
}

CratonPolicy *
craton_policy_new (CK_FUNCTION_LIST_3_2 *functions, const GPtrArray *rules, const GPtrArray *names,
                   gboolean of_module)
{
	CratonPolicy *self;
	gboolean restricted = FALSE;

	for (guint i = 0; i < rules->len; i++)
		restricted |= ((const CratonRules *) rules->pdata[i])->has_policy;
	if (!restricted)
		return NULL;
	self = g_new0 (CratonPolicy, 1);
	self->functions = functions;
	self->rules = rules;
	self->names = names;
	self->of_module = of_module;
	for (guint call = 0; call < CRATON_CALLS; call++)
		learn_kinds (self, call);
	return self;
}

void
craton_policy_free (CratonPolicy *self)
{
	g_free (self);
}

static void *
pointer (CK_ULONG arg)
{
	return (void *) (uintptr_t) arg;
}

/* Which rules hold for a call: by its slot, or its session's. FALSE where there are none; what is wrong with the slot or the session
 * the call itself will say. */
static gboolean
find_rules (const CratonPolicy *self, CratonCallId call, const CK_ULONG *args, guint *ret_index)
{
	char first = craton_calls[call].signature[0];
	CK_SESSION_INFO info;
	CK_SLOT_ID slot = args[0];

	if (first != 't' && first != 's')
		return FALSE;
	if (first == 's' && !self->of_module) {
		if (self->functions->C_GetSessionInfo (args[0], &info) != CKR_OK)
			return FALSE;
		slot = info.slotID;
	}
	if (self->of_module)
		slot = 0;
	if (slot >= self->rules->len)
		return FALSE;
	*ret_index = (guint) slot;
	return ((const CratonRules *) self->rules->pdata[slot])->has_policy;
}

static gboolean
has_mechanism (const GArray *mechanisms, CK_MECHANISM_TYPE type)
{
	for (guint i = 0; i < mechanisms->len; i++) {
		if (g_array_index (mechanisms, CK_MECHANISM_TYPE, i) == type)
			return TRUE;
	}
	return FALSE;
}

static gboolean
allows_mechanism (const CratonRules *rules, CK_MECHANISM_TYPE type)
{
	if (rules->denied_mechanisms != NULL && has_mechanism (rules->denied_mechanisms, type))
		return FALSE;
	return rules->allowed_mechanisms == NULL || has_mechanism (rules->allowed_mechanisms, type);
}

/* Whether one of the URIs names the object. */
static gboolean
is_listed (const CratonPolicy *self, const CratonRules *rules, CK_SESSION_HANDLE session,
           CK_OBJECT_HANDLE object)
{
	g_autofree char *label = g_malloc (NAME_LEN_MAX), *id = g_malloc (NAME_LEN_MAX);
	CK_OBJECT_CLASS klass = CK_UNAVAILABLE_INFORMATION;
	CK_ATTRIBUTE attrs[] = {
		{ CKA_CLASS, &klass, sizeof (klass) },
		{ CKA_LABEL, label, NAME_LEN_MAX },
		{ CKA_ID, id, NAME_LEN_MAX },
	};

	if (self->functions->C_GetAttributeValue == NULL)
		return FALSE;
	/* Data has no CKA_ID, and another object perhaps no label: what is there is filled in all the same. */
	(void) self->functions->C_GetAttributeValue (session, object, attrs, G_N_ELEMENTS (attrs));
	for (gsize i = 0; i < G_N_ELEMENTS (attrs); i++) {
		if (attrs[i].ulValueLen == CK_UNAVAILABLE_INFORMATION)
			attrs[i].ulValueLen = 0;
	}
	for (guint i = 0; i < rules->objects->len; i++) {
		if (craton_uri_names (rules->objects->pdata[i], klass, label, attrs[1].ulValueLen, id,
		                      attrs[2].ulValueLen))
			return TRUE;
	}
	return FALSE;
}

/* Session objects are the client's own. What is no object is for the call itself to refuse. */
static gboolean
allows_object (const CratonPolicy *self, const CratonRules *rules, CK_SESSION_HANDLE session,
               CK_OBJECT_HANDLE object)
{
	CK_BBOOL stored = CK_TRUE;
	CK_ATTRIBUTE attr = { CKA_TOKEN, &stored, sizeof (stored) };

	if (rules->objects == NULL || object == CK_INVALID_HANDLE)
		return TRUE;
	if (self->functions->C_GetAttributeValue != NULL &&
	    (self->functions->C_GetAttributeValue (session, object, &attr, 1) != CKR_OK || !stored))
		return TRUE;
	return is_listed (self, rules, session, object);
}

/* The answer for an object that is not there for the client, as the standard has it for the function. */
static CK_RV
no_such_object (CratonCallId call, gboolean first)
{
	const char *name = craton_calls[call].name;

	if (first && g_str_has_prefix (name, "C_WrapKey"))
		return CKR_WRAPPING_KEY_HANDLE_INVALID;
	if (first && g_str_has_prefix (name, "C_UnwrapKey"))
		return CKR_UNWRAPPING_KEY_HANDLE_INVALID;
	if (strstr (types[call], "CK_MECHANISM_PTR") != NULL || call == CRATON_C_DigestKey ||
	    call == CRATON_C_SetOperationState)
		return CKR_KEY_HANDLE_INVALID;
	return CKR_OBJECT_HANDLE_INVALID;
}

/* The structure of a mechanism's parameter, or NULL. */
static const CratonLayout *
find_layout (const CK_MECHANISM *mechanism)
{
	const CratonLayout *layout;
	CK_MECHANISM_TYPE type;
	CratonParamRole role;

	for (gsize i = 0; craton_mechs_nth (i, &type, &role, &layout); i++) {
		if (type == mechanism->mechanism && layout != NULL &&
		    layout->size == mechanism->ulParameterLen)
			return layout;
	}
	return NULL;
}

/* Whether nobody knows what the parameter's bytes are, so that a handle may be among them: those of flat-mechanisms in craton.conf. */
static gboolean
is_opaque (const CK_MECHANISM *mechanism)
{
	const CratonLayout *layout;
	CK_MECHANISM_TYPE type;
	CratonParamRole role;

	for (gsize i = 0; craton_mechs_nth (i, &type, &role, &layout); i++) {
		if (type == mechanism->mechanism)
			return FALSE;
	}
	return mechanism->pParameter != NULL && mechanism->ulParameterLen > 0;
}

/* A handle as bytes. What is longer somebody may read the beginning of. */
static gboolean
allows_bytes (const CratonPolicy *self, const CratonRules *rules, CK_SESSION_HANDLE session,
              const void *bytes, CK_ULONG len)
{
	CK_OBJECT_HANDLE object;

	if (bytes == NULL || len < sizeof (object))
		return TRUE;
	memcpy (&object, bytes, sizeof (object));
	return allows_object (self, rules, session, object);
}

/* SP 800-108's data can be keys (PKCS#11 3.2, CK_SP800_108_KEY_HANDLE). */
static gboolean
allows_data (const CratonPolicy *self, const CratonRules *rules, CK_SESSION_HANDLE session,
             const CK_PRF_DATA_PARAM *data, CK_ULONG n_data)
{
	for (CK_ULONG i = 0; data != NULL && i < n_data; i++) {
		if (data[i].type == CK_SP800_108_KEY_HANDLE &&
		    !allows_bytes (self, rules, session, data[i].pValue, data[i].ulValueLen))
			return FALSE;
	}
	return TRUE;
}

/* The arrays of a parameter: those of data. */
static gboolean
allows_arrays (const CratonPolicy *self, const CratonRules *rules, CK_SESSION_HANDLE session,
               const CratonLayout *layout, const char *parameter)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		const CK_PRF_DATA_PARAM *data;
		CK_ULONG n_data;

		if (field->kind != CRATON_FIELD_ARRAY || !g_str_equal (field->nested->name, "CK_PRF_DATA_PARAM"))
			continue;
		memcpy (&data, parameter + field->offset, sizeof (data));
		memcpy (&n_data, parameter + field->len_offset, sizeof (n_data));
		if (!allows_data (self, rules, session, data, n_data))
			return FALSE;
	}
	return TRUE;
}

/* Whether all objects that the parameter names are allowed. */
static gboolean
allows_parameter (const CratonPolicy *self, const CratonRules *rules, CK_SESSION_HANDLE session,
                  const CK_MECHANISM *mechanism)
{
	const CratonLayout *layout;

	if (rules->objects == NULL || mechanism->pParameter == NULL)
		return TRUE;
	/* Its parameter is the handle itself. */
	if (mechanism->mechanism == CKM_CONCATENATE_BASE_AND_KEY)
		return allows_bytes (self, rules, session, mechanism->pParameter, mechanism->ulParameterLen);
	layout = find_layout (mechanism);
	for (gsize i = 0; layout != NULL && i < G_N_ELEMENTS (handle_fields); i++) {
		if (!g_str_equal (handle_fields[i].structure, layout->name))
			continue;
		if (!allows_bytes (self, rules, session,
		                   (const char *) mechanism->pParameter + handle_fields[i].offset,
		                   sizeof (CK_OBJECT_HANDLE)))
			return FALSE;
	}
	return layout == NULL || allows_arrays (self, rules, session, layout, mechanism->pParameter);
}

static Verdict
judge_arg (const CratonPolicy *self, const CratonRules *rules, CratonCallId call, const CK_ULONG *args,
           guint n, gboolean first_object)
{
	const CK_MECHANISM *mechanism = pointer (args[n]);

	switch ((ArgKind) self->kinds[call][n]) {
	case ARG_MECHANISM:
		if (mechanism == NULL)
			return fine;
		if (!allows_mechanism (rules, mechanism->mechanism))
			return (Verdict){ CKR_MECHANISM_INVALID, N_ ("mechanism") };
		if (rules->objects != NULL && is_opaque (mechanism))
			return (Verdict){ CKR_MECHANISM_PARAM_INVALID, N_ ("parameter") };
		if (!allows_parameter (self, rules, args[0], mechanism))
			return (Verdict){ CKR_KEY_HANDLE_INVALID, N_ ("object") };
		return fine;
	case ARG_MECHANISM_TYPE:
		return allows_mechanism (rules, args[n])
		               ? fine
		               : (Verdict){ CKR_MECHANISM_INVALID, N_ ("mechanism") };
	case ARG_OBJECT:
		return allows_object (self, rules, args[0], args[n])
		               ? fine
		               : (Verdict){ no_such_object (call, first_object), N_ ("object") };
	case ARG_USER:
		return rules->no_so && args[n] == CKU_SO
		               ? (Verdict){ CKR_USER_TYPE_INVALID, N_ ("security officer") }
		               : fine;
	case ARG_OTHER:
	default:
		return fine;
	}
}

static Verdict
judge (const CratonPolicy *self, const CratonRules *rules, CratonCallId call, const CK_ULONG *args)
{
	gboolean first_object = TRUE;

	if (rules->refused[call])
		return (Verdict){ CKR_FUNCTION_NOT_SUPPORTED, N_ ("function") };
	if (call == CRATON_C_InitToken && (rules->no_so || rules->read_only))
		return (Verdict){ CKR_TOKEN_WRITE_PROTECTED, N_ ("security officer") };
	if (call == CRATON_C_OpenSession && rules->read_only && (args[1] & CKF_RW_SESSION) != 0)
		return (Verdict){ CKR_TOKEN_WRITE_PROTECTED, N_ ("writing") };
	for (guint i = 1; i < craton_calls[call].n_args; i++) {
		Verdict verdict = judge_arg (self, rules, call, args, i, first_object);

		if (verdict.rv != CKR_OK)
			return verdict;
		first_object &= self->kinds[call][i] != ARG_OBJECT;
	}
	return fine;
}

static void
tell (CratonPolicy *self, guint index, CratonCallId call, const char *reason)
{
	gint n = g_atomic_int_add (&self->n_lines, 1);

	if (n < LINES_MAX)
		g_message (_ ("policy: %s: %s is refused by craton.conf: %s"),
		           (const char *) self->names->pdata[index], craton_calls[call].name,
		           _ (reason));
	if (n == LINES_MAX)
		g_message (_ ("policy: further refusals to this client are not logged"));
}

/* C_GetMechanismList without what is not allowed. */
static CK_RV
list_mechanisms (const CratonPolicy *self, const CratonRules *rules, const CK_ULONG *args)
{
	g_autofree CK_MECHANISM_TYPE *all = NULL;
	CK_MECHANISM_TYPE *list = pointer (args[1]);
	CK_ULONG *count = pointer (args[2]);
	CK_ULONG n_all = 0, room = count != NULL ? *count : 0, n = 0;
	CK_RV rv;

	if (count == NULL)
		return CKR_ARGUMENTS_BAD;
	rv = self->functions->C_GetMechanismList (args[0], NULL, &n_all);
	if (rv == CKR_OK)
		all = g_try_new0 (CK_MECHANISM_TYPE, n_all + 1);
	if (rv == CKR_OK && all == NULL)
		rv = CKR_HOST_MEMORY;
	if (rv == CKR_OK)
		rv = self->functions->C_GetMechanismList (args[0], all, &n_all);
	if (rv != CKR_OK)
		return rv;
	for (CK_ULONG i = 0; i < n_all; i++) {
		if (!allows_mechanism (rules, all[i]))
			continue;
		if (list != NULL && n < room)
			list[n] = all[i];
		n++;
	}
	*count = n;
	return list != NULL && n > room ? CKR_BUFFER_TOO_SMALL : CKR_OK;
}

/* C_FindObjects without what is not allowed. None means the end, so it goes on until there is one, or the end. */
static CK_RV
find_objects (const CratonPolicy *self, const CratonRules *rules, const CK_ULONG *args)
{
	CK_OBJECT_HANDLE *found = pointer (args[1]);
	CK_ULONG *count = pointer (args[3]);
	CK_ULONG n_found, n = 0;
	CK_RV rv;

	if (found == NULL || count == NULL || args[2] == 0)
		return self->functions->C_FindObjects (args[0], found, args[2], count);
	do {
		n_found = 0;
		rv = self->functions->C_FindObjects (args[0], found, args[2], &n_found);
		if (rv != CKR_OK)
			return rv;
		for (CK_ULONG i = 0; i < MIN (n_found, args[2]); i++) {
			if (allows_object (self, rules, args[0], found[i]))
				found[n++] = found[i];
		}
	} while (n == 0 && n_found > 0);
	*count = n;
	return CKR_OK;
}

gboolean
craton_policy_before (CratonPolicy *self, CratonCallId call, const CK_ULONG *args, CK_RV *ret_rv,
                      const char **ret_reason)
{
	const CratonRules *rules;
	Verdict verdict;
	guint index;

	*ret_reason = NULL;
	if (!find_rules (self, call, args, &index))
		return FALSE;
	rules = self->rules->pdata[index];
	verdict = judge (self, rules, call, args);
	if (verdict.rv != CKR_OK) {
		tell (self, index, call, verdict.reason);
		*ret_rv = verdict.rv;
		*ret_reason = verdict.reason;
		return TRUE;
	}
	if (call == CRATON_C_GetMechanismList)
		*ret_rv = list_mechanisms (self, rules, args);
	else if (call == CRATON_C_FindObjects && rules->objects != NULL)
		*ret_rv = find_objects (self, rules, args);
	else
		return FALSE;
	return TRUE;
}

void
craton_policy_after (CratonPolicy *self, CratonCallId call, const CK_ULONG *args, CK_RV rv)
{
	CK_TOKEN_INFO *info = pointer (args[1]);
	guint index;

	if (call != CRATON_C_GetTokenInfo || rv != CKR_OK || info == NULL ||
	    !find_rules (self, call, args, &index))
		return;
	if (((const CratonRules *) self->rules->pdata[index])->read_only)
		info->flags |= CKF_WRITE_PROTECTED;
}
