/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The rules of the attribute table, each provoked: every attribute with every kind of object that can be made
 * from a template, when it is created, read, changed and copied.
 */
#include "config.h"

#include "mech-keys.h"
#include "mech-vectors-curves.h"
#include "mech-vectors-ffc.h"
#include "mech-vectors-pair.h"
#include "mech-vectors-edwards.h"

#include "attr.h"

/* --- an object of each kind --- */

typedef struct {
	CratonKinds kind;
	CK_OBJECT_CLASS class;
	const TestKey *key; /* NULL: secret_len says, or it is no key */
	CK_KEY_TYPE secret_type;
	CK_ULONG secret_len;
} Subject;

static const Subject subjects[] = {
	{ CRATON_KIND_DATA, CKO_DATA, NULL, 0, 0 },
	{ CRATON_KIND_CERTIFICATE, CKO_CERTIFICATE, NULL, 0, 0 },
	{ CRATON_KIND_TRUST, CKO_TRUST, NULL, 0, 0 },
	{ CRATON_KIND_RSA_PUBLIC, CKO_PUBLIC_KEY, &nist_15, 0, 0 },
	{ CRATON_KIND_RSA_PRIVATE, CKO_PRIVATE_KEY, &nist_15, 0, 0 },
	{ CRATON_KIND_EC_PUBLIC, CKO_PUBLIC_KEY, &own_p256, 0, 0 },
	{ CRATON_KIND_EC_PRIVATE, CKO_PRIVATE_KEY, &own_p256, 0, 0 },
	{ CRATON_KIND_EDWARDS_PUBLIC, CKO_PUBLIC_KEY, &rfc_8032_1, 0, 0 },
	{ CRATON_KIND_EDWARDS_PRIVATE, CKO_PRIVATE_KEY, &rfc_8032_1, 0, 0 },
	{ CRATON_KIND_MONTGOMERY_PUBLIC, CKO_PUBLIC_KEY, &rfc_7748_bob_25519, 0, 0 },
	{ CRATON_KIND_MONTGOMERY_PRIVATE, CKO_PRIVATE_KEY, &rfc_7748_bob_25519, 0, 0 },
	{ CRATON_KIND_DH_PUBLIC, CKO_PUBLIC_KEY, &own_dh_2048, 0, 0 },
	{ CRATON_KIND_DH_PRIVATE, CKO_PRIVATE_KEY, &own_dh_2048, 0, 0 },
	{ CRATON_KIND_DSA_PUBLIC, CKO_PUBLIC_KEY, &own_dsa_2048, 0, 0 },
	{ CRATON_KIND_DSA_PRIVATE, CKO_PRIVATE_KEY, &own_dsa_2048, 0, 0 },
	{ CRATON_KIND_AES, CKO_SECRET_KEY, NULL, CKK_AES, 16 },
	{ CRATON_KIND_GENERIC, CKO_SECRET_KEY, NULL, CKK_GENERIC_SECRET, 20 },
	{ CRATON_KIND_HMAC, CKO_SECRET_KEY, NULL, CKK_SHA256_HMAC, 32 },
	{ CRATON_KIND_CHACHA, CKO_SECRET_KEY, NULL, CKK_CHACHA20, 32 },
};

static CK_BYTE secret_value[32] = { 1 }, some_bytes[] = "abc";
static const CK_ULONG x509 = CKC_X_509, sha1 = CKM_SHA_1;

typedef struct {
	CK_ATTRIBUTE attrs[48];
	CK_ULONG n;
	Attrs numbers;
} Template;

static void
set (Template *template, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG len)
{
	CK_ULONG at = 0;

	while (at < template->n && template->attrs[at].type != type)
		at++;
	template->attrs[at] = (CK_ATTRIBUTE){ type, (void *) value, len };
	template->n = MAX (template->n, at + 1);
}

static void
drop (Template *template, CK_ATTRIBUTE_TYPE type)
{
	for (CK_ULONG i = 0; i < template->n; i++)
		if (template->attrs[i].type == type)
			template->attrs[i] = template->attrs[--template->n];
}

static void
fill_secret (Template *template, const Subject *subject)
{
	set (template, CKA_KEY_TYPE, &subject->secret_type, sizeof subject->secret_type);
	set (template, CKA_VALUE, secret_value, subject->secret_len);
	set (template, CKA_SENSITIVE, &no, 1);
	set (template, CKA_EXTRACTABLE, &yes, 1);
}

static void
fill (Template *template, const Subject *subject)
{
	memset (template, 0, sizeof *template);
	if (subject->key != NULL) {
		template->n = half_template (subject->key, &subject->class, template->attrs);
		add_numbers (&template->numbers, subject->key, subject->class == CKO_PRIVATE_KEY);
		for (CK_ULONG i = 0; i < template->numbers.n; i++)
			template->attrs[template->n++] = template->numbers.attrs[i];
		return;
	}
	set (template, CKA_CLASS, &subject->class, sizeof subject->class);
	set (template, CKA_PRIVATE, &no, 1);
	if (subject->secret_len > 0)
		fill_secret (template, subject);
	if (subject->class == CKO_CERTIFICATE) {
		set (template, CKA_CERTIFICATE_TYPE, &x509, sizeof x509);
		set (template, CKA_SUBJECT, some_bytes, 3);
		set (template, CKA_VALUE, some_bytes, 3);
	}
	if (subject->class == CKO_TRUST) {
		set (template, CKA_ISSUER, some_bytes, 3);
		set (template, CKA_SERIAL_NUMBER, some_bytes, 3);
		set (template, CKA_HASH_OF_CERTIFICATE, some_bytes, 3);
		set (template, CKA_NAME_HASH_ALGORITHM, &sha1, sizeof sha1);
	}
}

static CK_RV
create (const Template *template, CK_OBJECT_HANDLE *ret_object)
{
	return p11->C_CreateObject (session, (CK_ATTRIBUTE *) template->attrs, template->n,
	                            ret_object);
}

#define expect(attr, subject, what, got, wanted)                                           \
	do {                                                                               \
		CK_RV was = got;                                                           \
		ck_assert_msg (was == (wanted), "attribute 0x%lx, class %lu, %s: 0x%lx",   \
		               (attr)->type, (subject)->class, what, was);                 \
	} while (0)

/* --- values --- */

static CK_MECHANISM_TYPE one_mechanism[] = { CKM_SHA256 };
static CK_ATTRIBUTE one_item[] = { { CKA_LABEL, some_bytes, 3 } };
static CK_ULONG one = 1;

/* Of the form that is asked for. */
static CK_ATTRIBUTE
value_for (const CratonAttr *attr)
{
	switch (attr->form) {
	case CRATON_FORM_BOOL:
		return (CK_ATTRIBUTE){ attr->type, (void *) &yes, sizeof yes };
	case CRATON_FORM_ULONG:
		return (CK_ATTRIBUTE){ attr->type, &one, sizeof one };
	case CRATON_FORM_DATE:
		return (CK_ATTRIBUTE){ attr->type, (void *) "20260101", 8 };
	case CRATON_FORM_TEMPLATE:
		return (CK_ATTRIBUTE){ attr->type, one_item, sizeof one_item };
	case CRATON_FORM_MECHANISMS:
		return (CK_ATTRIBUTE){ attr->type, one_mechanism, sizeof one_mechanism };
	default:
		return (CK_ATTRIBUTE){ attr->type, some_bytes, 3 };
	}
}

/* Of another form; no type: any bytes will do. */
static CK_ULONG
wrong_values (const CratonAttr *attr, CK_ATTRIBUTE *values)
{
	static CK_BBOOL two = 2, pair[2] = { 1, 1 };
	CK_ULONG n = 0;

	values[n++] = (CK_ATTRIBUTE){ attr->type, NULL, 3 };
	values[n++] = (CK_ATTRIBUTE){ attr->type, some_bytes, CRATON_ATTR_LEN_MAX + 1 };
	switch (attr->form) {
	case CRATON_FORM_BOOL:
		values[n++] = (CK_ATTRIBUTE){ attr->type, &two, 1 };
		values[n++] = (CK_ATTRIBUTE){ attr->type, pair, 2 };
		values[n++] = (CK_ATTRIBUTE){ attr->type, pair, 0 };
		break;
	case CRATON_FORM_ULONG:
		values[n++] = (CK_ATTRIBUTE){ attr->type, &one, sizeof one - 1 };
		values[n++] = (CK_ATTRIBUTE){ attr->type, &one, 0 };
		break;
	case CRATON_FORM_BIGINT:
		values[n++] = (CK_ATTRIBUTE){ attr->type, some_bytes, 0 };
		break;
	case CRATON_FORM_DATE:
		values[n++] = (CK_ATTRIBUTE){ attr->type, (void *) "2026010", 7 };
		values[n++] = (CK_ATTRIBUTE){ attr->type, (void *) "2026x101", 8 };
		break;
	case CRATON_FORM_TEMPLATE:
		values[n++] = (CK_ATTRIBUTE){ attr->type, one_item, sizeof one_item - 1 };
		break;
	case CRATON_FORM_MECHANISMS:
		values[n++] = (CK_ATTRIBUTE){ attr->type, one_mechanism, 7 };
		break;
	default:
		break;
	}
	return n;
}

/* --- creating --- */

static void
check_create (const CratonAttr *attr, const Subject *subject)
{
	CK_ATTRIBUTE good = value_for (attr), wrong[8];
	CK_ULONG n_wrong = wrong_values (attr, wrong);
	Template template;
	CK_OBJECT_HANDLE object;

	fill (&template, subject);
	for (CK_ULONG i = 0; i < n_wrong; i++) {
		/* A length alone is not read: the value is nowhere. */
		set (&template, attr->type, wrong[i].pValue, wrong[i].ulValueLen);
		expect (attr, subject, "another form", create (&template, &object),
		        CKR_ATTRIBUTE_VALUE_INVALID);
	}
	clear_attrs (&template.numbers);
	fill (&template, subject);
	if ((attr->rules & (CRATON_RULE_READ_ONLY | CRATON_RULE_NOT_CREATE)) != 0) {
		set (&template, attr->type, good.pValue, good.ulValueLen);
		expect (attr, subject, "created", create (&template, &object),
		        CKR_ATTRIBUTE_READ_ONLY);
	} else if ((attr->where & subject->kind) == 0 && attr->type != CKA_CERTIFICATE_TYPE &&
	           attr->type != CKA_KEY_TYPE) {
		set (&template, attr->type, good.pValue, good.ulValueLen);
		expect (attr, subject, "not its own", create (&template, &object),
		        CKR_TEMPLATE_INCONSISTENT);
	} else if ((attr->required & subject->kind) != 0) {
		drop (&template, attr->type);
		expect (attr, subject, "missing", create (&template, &object),
		        CKR_TEMPLATE_INCOMPLETE);
	}
	if ((attr->where & subject->kind) != 0 && attr->form == CRATON_FORM_BOOL) {
		drop (&template, attr->type);
		template.attrs[template.n++] = (CK_ATTRIBUTE){ attr->type, (void *) &yes, 1 };
		template.attrs[template.n++] = (CK_ATTRIBUTE){ attr->type, (void *) &no, 1 };
		expect (attr, subject, "yes and no", create (&template, &object),
		        CKR_TEMPLATE_INCONSISTENT);
		template.n--;
		if ((attr->rules & CRATON_RULE_SO_TRUE) != 0)
			expect (attr, subject, "without the SO", create (&template, &object),
			        CKR_ATTRIBUTE_READ_ONLY);
	}
	clear_attrs (&template.numbers);
}

START_TEST (test_rules__create)
{
	const CratonAttr *attr;

	for (gsize i = 0; (attr = craton_attr_nth (i)) != NULL; i++)
		check_create (attr, &subjects[_i]);
}
END_TEST

/* --- reading and changing --- */

static CK_RV
read_it (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG *ret_len)
{
	CK_ATTRIBUTE attr = { type, NULL, 0 };
	CK_RV rv = p11->C_GetAttributeValue (session, object, &attr, 1);

	*ret_len = attr.ulValueLen;
	return rv;
}

static void
check_read (const CratonAttr *attr, const Subject *subject, CK_OBJECT_HANDLE open,
            CK_OBJECT_HANDLE hidden, CK_OBJECT_HANDLE kept)
{
	gboolean guarded = (subject->kind & CRATON_KINDS_GUARDED) != 0 &&
	                   (attr->rules & CRATON_RULE_SENSITIVE) != 0;
	CK_ULONG len;

	if ((attr->where & subject->kind) == 0) {
		expect (attr, subject, "read", read_it (open, attr->type, &len),
		        CKR_ATTRIBUTE_TYPE_INVALID);
		ck_assert_uint_eq (len, CK_UNAVAILABLE_INFORMATION);
	} else if (guarded && read_it (open, attr->type, &len) == CKR_OK) {
		expect (attr, subject, "sensitive", read_it (hidden, attr->type, &len),
		        CKR_ATTRIBUTE_SENSITIVE);
		ck_assert_uint_eq (len, CK_UNAVAILABLE_INFORMATION);
		expect (attr, subject, "unextractable", read_it (kept, attr->type, &len),
		        CKR_ATTRIBUTE_SENSITIVE);
	}
}

static CK_RV
change (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG len)
{
	CK_ATTRIBUTE attr = { type, (void *) value, len };

	return p11->C_SetAttributeValue (session, object, &attr, 1);
}

static CK_RV
copy (CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, const void *value, CK_ULONG len)
{
	CK_ATTRIBUTE attr = { type, (void *) value, len };
	CK_OBJECT_HANDLE made;
	CK_RV rv = p11->C_CopyObject (session, object, &attr, 1, &made);

	if (rv == CKR_OK)
		ck_ok (p11->C_DestroyObject (session, made));
	return rv;
}

static CK_RV
expected_change (const CratonAttr *attr, const Subject *subject, gboolean copying)
{
	gboolean copied = copying && (attr->rules & CRATON_RULE_COPY) != 0;

	if ((attr->rules & CRATON_RULE_READ_ONLY) != 0)
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((attr->where & subject->kind) == 0)
		return CKR_TEMPLATE_INCONSISTENT;
	if ((attr->modify & subject->kind) == 0 && !copied)
		return CKR_ATTRIBUTE_READ_ONLY;
	if ((attr->rules & CRATON_RULE_SO_TRUE) != 0)
		return CKR_ATTRIBUTE_READ_ONLY;
	/* Worked out by the token, and only to be repeated. */
	if (attr->type == CKA_CHECK_VALUE || attr->type == CKA_PUBLIC_KEY_INFO)
		return CKR_ATTRIBUTE_VALUE_INVALID;
	return CKR_OK;
}

static void
check_change (const CratonAttr *attr, const Subject *subject)
{
	CK_ATTRIBUTE good = value_for (attr), wrong[8];
	CK_ULONG n_wrong = wrong_values (attr, wrong);
	CK_OBJECT_HANDLE object;
	Template template;

	fill (&template, subject);
	/* What may only become true is not yet, and what may only become false is. */
	for (CK_ULONG i = 0; i < n_wrong; i++)
		if ((attr->where & subject->kind) != 0 && wrong[i].pValue != NULL) {
			ck_ok (create (&template, &object));
			expect (attr, subject, "changed to another form",
			        change (object, attr->type, wrong[i].pValue, wrong[i].ulValueLen),
			        CKR_ATTRIBUTE_VALUE_INVALID);
			ck_ok (p11->C_DestroyObject (session, object));
		}
	ck_ok (create (&template, &object));
	/* Not logged in, a private copy and one on the token are not made; no is what it is. */
	if (attr->type == CKA_TOKEN || attr->type == CKA_PRIVATE)
		good = (CK_ATTRIBUTE){ attr->type, (void *) &no, 1 };
	expect (attr, subject, "copied with", copy (object, attr->type, good.pValue, good.ulValueLen),
	        expected_change (attr, subject, TRUE));
	expect (attr, subject, "changed", change (object, attr->type, good.pValue, good.ulValueLen),
	        expected_change (attr, subject, FALSE));
	if ((attr->where & subject->kind) != 0 && (attr->rules & CRATON_RULE_ONCE_TRUE) != 0) {
		expect (attr, subject, "changed back", change (object, attr->type, &no, 1),
		        CKR_ATTRIBUTE_READ_ONLY);
		expect (attr, subject, "copied back", copy (object, attr->type, &no, 1),
		        CKR_ATTRIBUTE_READ_ONLY);
	}
	if ((attr->where & subject->kind) != 0 && (attr->rules & CRATON_RULE_ONCE_FALSE) != 0) {
		ck_ok (change (object, attr->type, &no, 1));
		expect (attr, subject, "changed back", change (object, attr->type, &yes, 1),
		        CKR_ATTRIBUTE_READ_ONLY);
		if (attr->type != CKA_COPYABLE)
			expect (attr, subject, "copied back", copy (object, attr->type, &yes, 1),
			        CKR_ATTRIBUTE_READ_ONLY);
	}
	ck_ok (p11->C_DestroyObject (session, object));
	clear_attrs (&template.numbers);
}

START_TEST (test_rules__change)
{
	const CratonAttr *attr;

	for (gsize i = 0; (attr = craton_attr_nth (i)) != NULL; i++)
		check_change (attr, &subjects[_i]);
}
END_TEST

START_TEST (test_rules__read)
{
	const Subject *subject = &subjects[_i];
	CK_OBJECT_HANDLE open, hidden, kept;
	const CratonAttr *attr;
	Template template;

	fill (&template, subject);
	ck_ok (create (&template, &open));
	hidden = kept = open;
	if ((subject->kind & CRATON_KINDS_GUARDED) != 0) {
		set (&template, CKA_SENSITIVE, &yes, 1);
		ck_ok (create (&template, &hidden));
		set (&template, CKA_SENSITIVE, &no, 1);
		set (&template, CKA_EXTRACTABLE, &no, 1);
		ck_ok (create (&template, &kept));
	}
	for (gsize i = 0; (attr = craton_attr_nth (i)) != NULL; i++)
		check_read (attr, subject, open, hidden, kept);
	clear_attrs (&template.numbers);
}
END_TEST

START_TEST (test_rules__unknown_attribute)
{
	static const CratonAttr unknown = { .type = CKA_VENDOR_DEFINED | 0x77 };
	const Subject *subject = &subjects[_i];
	CK_OBJECT_HANDLE object, other;
	Template template;
	CK_ULONG len;

	fill (&template, subject);
	ck_ok (create (&template, &object));
	expect (&unknown, subject, "read", read_it (object, unknown.type, &len),
	        CKR_ATTRIBUTE_TYPE_INVALID);
	expect (&unknown, subject, "changed", change (object, unknown.type, some_bytes, 3),
	        CKR_ATTRIBUTE_TYPE_INVALID);
	expect (&unknown, subject, "copied", copy (object, unknown.type, some_bytes, 3),
	        CKR_ATTRIBUTE_TYPE_INVALID);
	set (&template, unknown.type, some_bytes, 3);
	expect (&unknown, subject, "created", create (&template, &other),
	        CKR_ATTRIBUTE_TYPE_INVALID);
	clear_attrs (&template.numbers);
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("attr-rules");
	TCase *tcase = tcase_create ("attr-rules");
	SRunner *runner;
	int failed;

	tcase_set_timeout (tcase, 120);
	tcase_add_unchecked_fixture (tcase, token_setup, token_teardown);
	tcase_add_checked_fixture (tcase, session_setup, session_teardown);
	tcase_add_loop_test (tcase, test_rules__create, 0, N (subjects));
	tcase_add_loop_test (tcase, test_rules__change, 0, N (subjects));
	tcase_add_loop_test (tcase, test_rules__read, 0, N (subjects));
	tcase_add_loop_test (tcase, test_rules__unknown_attribute, 0, N (subjects));
	suite_add_tcase (suite, tcase);
	runner = srunner_create (suite);
	/* One token for all tests: it does not survive a fork. */
	srunner_set_fork_status (runner, CK_NOFORK);
	srunner_run_all (runner, CK_ENV);
	failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
