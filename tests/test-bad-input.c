/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Bad parameters and wrong keys: every mechanism that is listed, with the parameter of each of its known
 * answers made wrong field by field and byte by byte, and with every kind of key that is not its own. The answer is
 * never that the token failed, and never CKR_OK for a parameter of the wrong length.
 */
#include "config.h"

#include "bad-calls.h"
#include "mech-runner.h"
#include "mech-vectors-all.h"

#include "mech.h"
#include "mechs.h"

/* --- bad parameters --- */

typedef struct {
	const Vector *vector;
	CK_FLAGS flags;
	CK_OBJECT_HANDLE public, private;
	const CratonLayout *layout;
	gboolean known; /* has a parameter at all, says the protocol */
} Subject;

static const CratonLayout *
layout_of (CK_MECHANISM_TYPE type, gboolean *ret_known)
{
	const CratonLayout *layout, *found = NULL;
	CK_MECHANISM_TYPE row_type;
	CratonParamRole role;

	*ret_known = FALSE;
	for (size_t i = 0; craton_mechs_nth (i, &row_type, &role, &layout); i++) {
		if (row_type != type || role != CRATON_PARAM_NORMAL)
			continue;
		*ret_known = TRUE;
		found = layout;
	}
	return found;
}

/* Goes on with what was begun, in one call and in parts, with data that fits nothing. */
static void
go_on (const Subject *subject)
{
	CK_ULONG len = sizeof bad_out;
	const struct {
		const char *name;
		CK_RV rv;
	} answers[] = {
		{ "Encrypt", p11->C_Encrypt (session, bad_in, 17, bad_out, &len) },
		{ "Decrypt", p11->C_Decrypt (session, bad_in, 17, bad_out, &len) },
		{ "Sign", p11->C_Sign (session, bad_in, 17, bad_out, &len) },
		{ "SignRecover", p11->C_SignRecover (session, bad_in, 17, bad_out, &len) },
		{ "VerifySignature", p11->C_VerifySignature (session, bad_in, 17) },
		{ "Verify", p11->C_Verify (session, bad_in, 17, bad_in, 17) },
		{ "VerifyRecover", p11->C_VerifyRecover (session, bad_in, 17, bad_out, &len) },
		{ "SignMessage", p11->C_SignMessage (session, NULL, 0, bad_in, 17, bad_out, &len) },
	};

	for (gsize i = 0; i < N (answers); i++)
		ck_assert_msg (bad_is_honest (answers[i].rv), "mechanism 0x%lx, %s: 0x%lx",
		               subject->vector->mechanism, answers[i].name, answers[i].rv);
	ck_ok (p11->C_SessionCancel (session, ALL_OPERATIONS));
}

static CK_RV
generate (const Subject *subject, CK_MECHANISM *mechanism)
{
	CK_ATTRIBUTE template[8];
	CK_ULONG n = readable_template (subject->vector, template);
	CK_OBJECT_HANDLE made = CK_INVALID_HANDLE;

	return bad_drop (p11->C_GenerateKey (session, mechanism, template, n, &made), made);
}

/* @why tells what is wrong; @may_work if it need not be. */
static void
expect_refused (const Subject *subject, CK_MECHANISM *mechanism, gboolean may_work, const char *why)
{
	for (gsize i = 0; i < N (bad_calls); i++) {
		const BadCall *call = &bad_calls[i];
		CK_RV rv;

		if (!bad_has (call, subject->flags))
			continue;
		/* These have a parameter of their own. */
		if ((call->flag & (CKF_WRAP | CKF_UNWRAP)) != 0 &&
		    (call->flag & (CKF_MESSAGE_ENCRYPT | CKF_MESSAGE_DECRYPT)) != 0)
			continue;
		rv = call->call (mechanism, call->public_side ? subject->public : subject->private);
		ck_assert_msg (bad_is_honest (rv) && (rv != CKR_OK || may_work ||
		                                      (call->flag & (CKF_MESSAGE_ENCRYPT |
		                                                     CKF_MESSAGE_DECRYPT)) != 0),
		               "mechanism 0x%lx, %s with %s: 0x%lx", mechanism->mechanism,
		               call->name, why, rv);
	}
	if ((subject->flags & CKF_DIGEST) != 0)
		ck_assert (p11->C_DigestInit (session, mechanism) != CKR_OK || may_work);
	if (subject->vector->what == GENERATE) {
		CK_RV rv = generate (subject, mechanism);

		ck_assert_msg (bad_is_honest (rv) && (rv != CKR_OK || may_work),
		               "mechanism 0x%lx, GenerateKey with %s: 0x%lx", mechanism->mechanism,
		               why, rv);
	}
	go_on (subject);
}

/* In a block that ends where the parameter does: who reads further is seen by the address sanitizer. */
static void
with_bytes (const Subject *subject, const void *bytes, gsize len, gsize given_len,
            gboolean may_work, const char *why)
{
	g_autofree CK_BYTE *block = g_malloc (MAX (given_len, 1));
	CK_MECHANISM mechanism = { subject->vector->mechanism, block, given_len };

	memset (block, 0x41, MAX (given_len, 1));
	memcpy (block, bytes, MIN (len, given_len));
	expect_refused (subject, &mechanism, may_work, why);
}

static gboolean
is_length (const CratonLayout *layout, guint offset)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++)
		if (field->len_offset == offset &&
		    (field->kind == CRATON_FIELD_BYTES || field->kind == CRATON_FIELD_BITS ||
		     field->kind == CRATON_FIELD_ARRAY || field->kind == CRATON_FIELD_TEMPLATE))
			return TRUE;
	return FALSE;
}

/* A number inside the parameter: what is beside it, and what is far off. Lengths only get shorter: what a
 * caller says is there must be there. */
static void
change_number (const Subject *subject, CK_BYTE *bytes, gsize len, gsize offset, gboolean shorter)
{
	CK_ULONG was, values[6];
	gsize n = 0;

	memcpy (&was, bytes + offset, sizeof was);
	values[n++] = 0;
	if (was > 1)
		values[n++] = was - 1;
	if (was > 1)
		values[n++] = 1;
	if (!shorter) {
		values[n++] = was + 1;
		values[n++] = 0x80000000;
		values[n++] = ~(CK_ULONG) 0;
	}
	for (gsize i = 0; i < n; i++) {
		memcpy (bytes + offset, &values[i], sizeof was);
		with_bytes (subject, bytes, len, len, TRUE, "another number");
	}
	memcpy (bytes + offset, &was, sizeof was);
}

static void
change_fields (const Subject *subject, const CratonLayout *layout, CK_BYTE *bytes, gsize len,
               gsize base)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		CK_BYTE *at = bytes + base + field->offset;
		void *was;

		if (field->kind == CRATON_FIELD_ULONG) {
			change_number (subject, bytes, len, base + field->offset,
			               is_length (layout, field->offset));
		} else if (field->kind == CRATON_FIELD_STRUCT) {
			change_fields (subject, field->nested, bytes, len, base + field->offset);
		} else if (field->kind == CRATON_FIELD_BYTE || field->kind == CRATON_FIELD_FIXED) {
			at[0] ^= 0xfe;
			with_bytes (subject, bytes, len, len, TRUE, "another byte");
			at[0] ^= 0xfe;
		} else {
			if (field->kind == CRATON_FIELD_BYTES || field->kind == CRATON_FIELD_BITS ||
			    field->kind == CRATON_FIELD_ARRAY)
				change_number (subject, bytes, len, base + field->len_offset, TRUE);
			memcpy (&was, at, sizeof was);
			memset (at, 0, sizeof was);
			with_bytes (subject, bytes, len, len, TRUE, "a NULL inside");
			memcpy (at, &was, sizeof was);
		}
	}
}

static void
check_parameters (const Subject *subject, const CK_MECHANISM *good)
{
	g_autofree CK_BYTE *bytes = g_malloc0 (good->ulParameterLen + 1);
	gsize len = good->ulParameterLen;
	/* GMAC takes an IV of any length instead of the structure. */
	gboolean flat = subject->known && (subject->layout == NULL || good->mechanism == CKM_AES_GMAC);
	CK_MECHANISM none = { good->mechanism, NULL, 0 }, announced = { good->mechanism, NULL, 8 };

	if (len > 0)
		memcpy (bytes, good->pParameter, len);
	expect_refused (subject, &none, TRUE, "no parameter");
	expect_refused (subject, &announced, FALSE, "NULL and a length");
	with_bytes (subject, bytes, len, 1, flat, "one byte");
	with_bytes (subject, bytes, len, len + 1, flat, "one byte more");
	if (len > 1)
		with_bytes (subject, bytes, len, len - 1, flat, "one byte less");
	if (subject->layout != NULL && len == subject->layout->size) {
		change_fields (subject, subject->layout, bytes, len, 0);
	} else if (len > 0) {
		memset (bytes, 0xff, len);
		with_bytes (subject, bytes, len, len, TRUE, "all ones");
		memset (bytes, 0, len);
		with_bytes (subject, bytes, len, len, TRUE, "all zeros");
	}
}

START_TEST (test_bad__parameters)
{
	const Vector *v = vector_at ((gsize) _i);
	Subject subject = { .vector = v, .flags = flags_of (v->mechanism) };
	const CK_BYTE value[16] = { 1 };
	Param param;

	make_param (&param, v);
	make_key (v->key, &subject.public, &subject.private);
	bad_wrapped = make_secret (CKK_GENERIC_SECRET, value, sizeof value, NULL, 0);
	subject.layout = layout_of (v->mechanism, &subject.known);
	check_parameters (&subject, &param.mechanism);
	clear_param (&param);
}
END_TEST

/* --- wrong keys --- */

static const CK_BYTE secret_bytes[4100] = { 1,   2,   4,   7,   8,   11,  13,  14,  16,  19,  21,  22,
	                                    35, 37, 38, 41, 42, 44, 47, 49, 50, 52, 55, 56, 3,
	                                    5,  6,  9,  10, 12, 15, 17, 18 };

static const struct {
	CK_KEY_TYPE type;
	gsize len;
} secret_keys[] = {
	{ CKK_GENERIC_SECRET, 20 }, { CKK_AES, 16 },      { CKK_AES, 32 },
	{ CKK_AES_XTS, 32 },        { CKK_CAMELLIA, 24 }, { CKK_DES, 8 },
	{ CKK_DES2, 16 },           { CKK_DES3, 24 },     { CKK_CHACHA20, 32 },
	{ CKK_POLY1305, 32 },       { CKK_HKDF, 20 },     { CKK_SHA256_HMAC, 32 },
	{ CKK_GENERIC_SECRET, 1 },  { CKK_AES, 24 },      { CKK_GENERIC_SECRET, 4097 },
	{ CKK_SHA256_HMAC, 4097 },
};

static const TestKey *const pairs[] = { &nist_15,   &own_p256,           &own_dsa_2048,
	                                &own_dh_2048, &rfc_8032_1, &rfc_7748_bob_25519 };

typedef struct {
	CK_OBJECT_HANDLE handle;
	CK_OBJECT_CLASS class;
	CK_KEY_TYPE type;
	gsize len; /* of a secret key */
	CK_OBJECT_HANDLE narrow; /* the same, but for no mechanism that there is */
} AnyKey;

#define N_KEYS (N (secret_keys) + 2 * N (pairs))

/* For no mechanism that there is. */
static const CK_MECHANISM_TYPE no_mechanism[] = { CKM_VENDOR_DEFINED | 0x77 };
static const CK_ATTRIBUTE narrow = ATTR (CKA_ALLOWED_MECHANISMS, no_mechanism);

static CK_OBJECT_HANDLE
make_narrow_half (const TestKey *key, CK_OBJECT_CLASS class)
{
	CK_ATTRIBUTE template[40];
	CK_ULONG n = half_template (key, &class, template);
	Attrs numbers = { 0 };
	CK_OBJECT_HANDLE object;

	add_numbers (&numbers, key, class == CKO_PRIVATE_KEY);
	for (CK_ULONG i = 0; i < numbers.n; i++)
		template[n++] = numbers.attrs[i];
	template[n++] = narrow;
	ck_ok (p11->C_CreateObject (session, template, n, &object));
	clear_attrs (&numbers);
	return object;
}

static void
make_keys (AnyKey *keys)
{
	gsize n = 0;

	for (gsize i = 0; i < N (secret_keys); i++)
		keys[n++] = (AnyKey){ make_secret (secret_keys[i].type, secret_bytes,
			                           secret_keys[i].len, NULL, 0),
			              CKO_SECRET_KEY, secret_keys[i].type, secret_keys[i].len,
			              make_secret (secret_keys[i].type, secret_bytes,
			                           secret_keys[i].len, &narrow, 1) };
	for (gsize i = 0; i < N (pairs); i++) {
		CK_OBJECT_HANDLE public, private;

		make_key (pairs[i], &public, &private);
		keys[n++] = (AnyKey){ public, CKO_PUBLIC_KEY, pairs[i]->type, 0,
			              make_narrow_half (pairs[i], CKO_PUBLIC_KEY) };
		keys[n++] = (AnyKey){ private, CKO_PRIVATE_KEY, pairs[i]->type, 0,
			              make_narrow_half (pairs[i], CKO_PRIVATE_KEY) };
	}
}

/* Whether the row takes such a key there. */
static gboolean
fits (const CratonMech *mech, const BadCall *call, const AnyKey *key)
{
	if (mech->any_private)
		return key->class == CKO_PRIVATE_KEY;
	if (key->class == CKO_SECRET_KEY)
		return mech->any_secret || key->type == mech->key_type ||
		       key->type == mech->key_type2;
	return !mech->any_secret && (key->type == mech->key_type || key->type == mech->key_type2) &&
	       key->class == (call->public_side ? CKO_PUBLIC_KEY : CKO_PRIVATE_KEY);
}

static gboolean
is_too_small_or_large (const CratonMech *mech, const AnyKey *key)
{
	return key->class == CKO_SECRET_KEY &&
	       (key->len < mech->min_size || key->len > mech->max_size);
}

static CK_MECHANISM
good_parameter (CK_MECHANISM_TYPE type, Param *param)
{
	for (gsize i = 0; vector_at (i) != NULL; i++)
		if (vector_at (i)->mechanism == type) {
			make_param (param, vector_at (i));
			return param->mechanism;
		}
	return (CK_MECHANISM){ type, NULL, 0 };
}

/* What may be done with it taken away. */
static CK_RV
call_without_permission (const BadCall *call, CK_MECHANISM *mechanism, const AnyKey *key)
{
	const CK_ATTRIBUTE never = { call->permission, (void *) &no, sizeof no },
			   again = { call->permission, (void *) &yes, sizeof yes };
	CK_RV rv;

	if (p11->C_SetAttributeValue (session, key->handle, (CK_ATTRIBUTE *) &never, 1) != CKR_OK)
		return CKR_KEY_FUNCTION_NOT_PERMITTED;
	rv = call->call (mechanism, key->handle);
	ck_ok (p11->C_SetAttributeValue (session, key->handle, (CK_ATTRIBUTE *) &again, 1));
	return rv;
}

/* Whether the key as it was made has the permission. */
static gboolean
may (const BadCall *call, const AnyKey *key)
{
	CK_BBOOL value = CK_FALSE;
	CK_ATTRIBUTE attr = { call->permission, &value, sizeof value };

	return p11->C_GetAttributeValue (session, key->narrow, &attr, 1) == CKR_OK && value;
}

static void
check_call_with (const BadCall *call, CK_MECHANISM *mechanism, const AnyKey *key)
{
	const CratonMech *mech = craton_mech_row (mechanism->mechanism);
	CK_RV rv, without;

	if (!fits (mech, call, key)) {
		rv = call->call (mechanism, key->handle);
		ck_assert_msg (rv == call->type_rv, "mechanism 0x%lx, %s with class %lu type %lu: 0x%lx",
		               mechanism->mechanism, call->name, key->class, key->type, rv);
		return;
	}
	/* What is public in a private key needs no permission. */
	without = mech->any_private ? CKR_KEY_FUNCTION_NOT_PERMITTED
	                            : call_without_permission (call, mechanism, key);
	ck_assert_msg (without == CKR_KEY_FUNCTION_NOT_PERMITTED,
	               "mechanism 0x%lx, %s without permission: 0x%lx", mechanism->mechanism,
	               call->name, without);
	if (may (call, key)) {
		rv = call->call (mechanism, key->narrow);
		ck_assert_msg (rv == CKR_MECHANISM_INVALID,
		               "mechanism 0x%lx, %s, not of the key's mechanisms: 0x%lx",
		               mechanism->mechanism, call->name, rv);
	}
	rv = call->call (mechanism, key->handle);
	ck_ok (p11->C_SessionCancel (session, ALL_OPERATIONS));
	ck_assert_msg (bad_is_honest (rv), "mechanism 0x%lx, %s with class %lu type %lu: 0x%lx",
	               mechanism->mechanism, call->name, key->class, key->type, rv);
	ck_assert_msg (is_too_small_or_large (mech, key) == (rv == call->size_rv) ||
	                       key->class != CKO_SECRET_KEY,
	               "mechanism 0x%lx, %s with %zu bytes: 0x%lx", mechanism->mechanism, call->name,
	               key->len, rv);
}

static void
check_mechanism (CK_MECHANISM_TYPE type, const AnyKey *keys, CK_OBJECT_HANDLE data)
{
	Param param = { 0 };
	CK_MECHANISM mechanism = good_parameter (type, &param);
	CK_FLAGS flags = flags_of (type);

	for (gsize i = 0; i < N (bad_calls); i++) {
		const BadCall *call = &bad_calls[i];
		const CK_OBJECT_HANDLE no_keys[] = { CK_INVALID_HANDLE, 0x12345678, data };
		CK_MECHANISM bare = { type, NULL, 0 };

		/* That a mechanism wraps is known before whether it authenticates. */
		for (gsize j = 0; j < N (no_keys); j++) {
			CK_RV rv = call->call (bad_has (call, flags) ? &mechanism : &bare, no_keys[j]);

			ck_assert_msg (rv == (bad_has (call, flags) ||
			                                      (flags & call->flag &
			                                       (CKF_WRAP | CKF_UNWRAP)) != 0
			                              ? call->handle_rv
			                              : CKR_MECHANISM_INVALID),
			               "mechanism 0x%lx, %s with no key: 0x%lx", type, call->name,
			               rv);
		}
		for (gsize j = 0; bad_has (call, flags) && j < N_KEYS; j++)
			check_call_with (call, &mechanism, &keys[j]);
	}
	if (param.iv != NULL)
		clear_param (&param);
}

START_TEST (test_bad__keys)
{
	static const CK_OBJECT_CLASS class = CKO_DATA;
	CK_ATTRIBUTE template[] = { ATTR (CKA_CLASS, class), ATTR (CKA_PRIVATE, no) };
	CK_MECHANISM_TYPE types[512];
	CK_ULONG n = N (types), n_slots = 1;
	CK_OBJECT_HANDLE data;
	AnyKey keys[N_KEYS];
	CK_SLOT_ID slot;

	ck_ok (p11->C_GetSlotList (CK_TRUE, &slot, &n_slots));
	ck_ok (p11->C_GetMechanismList (slot, types, &n));
	ck_ok (p11->C_CreateObject (session, template, N (template), &data));
	bad_wrapped = make_secret (CKK_GENERIC_SECRET, secret_bytes, 16, NULL, 0);
	make_keys (keys);
	for (CK_ULONG i = 0; i < n; i++)
		check_mechanism (types[i], keys, data);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("bad-input");
	TCase *tcase = tcase_create ("bad-input");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 240);
	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_add_loop_test (tcase, test_bad__parameters, 0, n_vectors ());
	tcase_add_test (tcase, test_bad__keys);
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
