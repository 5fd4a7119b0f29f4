/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mechs.def: every structure is covered to its last byte, every row makes the way there and back,
 * and nothing that is not in a row travels.
 */
#include "config.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "names.h"
#include "trip.h"

#define CALL_NORMAL (&craton_calls[CRATON_C_EncryptInit])

/* The rows as text: which fields a layout names. */
#define LAYOUT(structure, ...) { #structure, #__VA_ARGS__ },
#define MECH(mechanism, structure)
#define FLAT(mechanism)
#define EITHER(mechanism, structure)
#define MESSAGE(mechanism, structure)
#define WRAP(mechanism, structure)
#define RESULT(mechanism, structure)
static const struct {
	const char *structure, *fields;
} layouts[] = {
#include "mechs.def"
};
#define N_LAYOUTS (sizeof layouts / sizeof layouts[0])

/* Mechanisms of mechanisms.tsv that take no parameter (PKCS#11 3.2). A new one there needs a row
 * in mechs.def or a name here. */
static const char without_parameter[] =
	" "
	"AES_CMAC AES_ECB AES_KEY_GEN AES_MAC AES_XCBC_MAC AES_XCBC_MAC_96 CAMELLIA_ECB "
	"CAMELLIA_KEY_GEN CAMELLIA_MAC CAST3_ECB CAST3_KEY_GEN CAST3_MAC CAST5_ECB "
	"CAST5_KEY_GEN CAST5_MAC CAST_ECB CAST_KEY_GEN CAST_MAC CDMF_ECB CDMF_KEY_GEN "
	"CDMF_MAC CHACHA20_KEY_GEN DES2_KEY_GEN DES3_CMAC DES3_ECB DES3_KEY_GEN DES3_MAC "
	"DES_ECB DES_KEY_GEN DES_MAC DH_PKCS_KEY_PAIR_GEN DH_PKCS_PARAMETER_GEN DSA "
	"DSA_KEY_PAIR_GEN DSA_PARAMETER_GEN DSA_SHA1 DSA_SHA224 DSA_SHA256 DSA_SHA384 "
	"DSA_SHA512 ECDSA ECDSA_SHA1 ECDSA_SHA224 ECDSA_SHA256 ECDSA_SHA384 ECDSA_SHA3_224 "
	"ECDSA_SHA3_256 ECDSA_SHA3_384 ECDSA_SHA3_512 ECDSA_SHA512 EC_EDWARDS_KEY_PAIR_GEN "
	"EC_KEY_PAIR_GEN EC_MONTGOMERY_KEY_PAIR_GEN GENERIC_SECRET_KEY_GEN GOSTR3410 "
	"GOSTR3410_KEY_PAIR_GEN HKDF_KEY_GEN HOTP_KEY_GEN IDEA_ECB IDEA_KEY_GEN IDEA_MAC MD2 "
	"MD2_HMAC MD2_KEY_DERIVATION MD2_RSA_PKCS MD5 MD5_HMAC MD5_KEY_DERIVATION "
	"MD5_RSA_PKCS ML_DSA_KEY_PAIR_GEN ML_KEM ML_KEM_KEY_PAIR_GEN PUB_KEY_FROM_PRIV_KEY "
	"RC2_KEY_GEN RC4 RC4_KEY_GEN RC5_KEY_GEN RSA_9796 RSA_PKCS RSA_PKCS_KEY_PAIR_GEN "
	"RSA_X_509 SEED_ECB SEED_KEY_GEN SEED_MAC SHA1_KEY_DERIVATION SHA1_RSA_PKCS SHA224 "
	"SHA224_HMAC SHA224_KEY_DERIVATION SHA224_KEY_GEN SHA224_RSA_PKCS SHA256 SHA256_HMAC "
	"SHA256_KEY_DERIVATION SHA256_KEY_GEN SHA256_RSA_PKCS SHA384 SHA384_HMAC "
	"SHA384_KEY_DERIVATION SHA384_KEY_GEN SHA384_RSA_PKCS SHA3_224 SHA3_224_HMAC "
	"SHA3_224_KEY_DERIVATION SHA3_224_KEY_GEN SHA3_224_RSA_PKCS SHA3_256 SHA3_256_HMAC "
	"SHA3_256_KEY_DERIVATION SHA3_256_KEY_GEN SHA3_256_RSA_PKCS SHA3_384 SHA3_384_HMAC "
	"SHA3_384_KEY_DERIVATION SHA3_384_KEY_GEN SHA3_384_RSA_PKCS SHA3_512 SHA3_512_HMAC "
	"SHA3_512_KEY_DERIVATION SHA3_512_KEY_GEN SHA3_512_RSA_PKCS SHA512 SHA512_224 "
	"SHA512_224_HMAC SHA512_224_KEY_DERIVATION SHA512_224_KEY_GEN SHA512_256 "
	"SHA512_256_HMAC SHA512_256_KEY_DERIVATION SHA512_256_KEY_GEN SHA512_HMAC "
	"SHA512_KEY_DERIVATION SHA512_KEY_GEN SHA512_RSA_PKCS SHA_1 SHA_1_HMAC SHA_1_KEY_GEN "
	"SLH_DSA_KEY_PAIR_GEN ";

static int
count_rows (void)
{
	CK_MECHANISM_TYPE type;
	CratonParamRole role;
	const CratonLayout *layout;
	int n = 0;

	while (craton_mechs_nth ((size_t) n, &type, &role, &layout))
		n++;
	return n;
}

static FILE *
open_table (const char *name)
{
	char path[4096];
	FILE *table;

	ck_assert_ptr_nonnull (getenv ("CRATON_SOURCE"));
	(void) snprintf (path, sizeof path, "%s/proxy/wire/pkcs11/%s.tsv", getenv ("CRATON_SOURCE"),
	                 name);
	table = fopen (path, "r");
	ck_assert_msg (table != NULL, "cannot open %s", path);
	return table;
}

static bool
has_row (CK_MECHANISM_TYPE type)
{
	for (CratonParamRole role = CRATON_PARAM_NORMAL; role <= CRATON_PARAM_WRAP; role++) {
		CK_MECHANISM_TYPE found;
		CratonParamRole found_role;
		const CratonLayout *layout;

		for (size_t i = 0; craton_mechs_nth (i, &found, &found_role, &layout); i++) {
			if (found == type)
				return true;
		}
	}
	return false;
}

static bool
is_without_parameter (const char *name)
{
	char word[96];

	(void) snprintf (word, sizeof word, " %s ", name);
	return strstr (without_parameter, word) != NULL;
}

/* Each standard mechanism has a row or is known to take nothing, and not both. Vendors' have no
 * value in the table. */
START_TEST (test_mechanism__has_row)
{
	FILE *table = open_table ("mechanisms");
	char line[512], name[80], value[32];
	int n = 0, missing = 0;

	while (fgets (line, sizeof line, table) != NULL) {
		CK_ULONG type;

		if (sscanf (line, "CKM_%79[A-Z0-9_]\t0x%31[0-9a-f]", name, value) != 2)
			continue;
		n++;
		type = strtoul (value, NULL, 16);
		if (has_row (type) == is_without_parameter (name)) {
			missing++;
			fprintf (stderr, "CKM_%s: %s\n", name,
			         has_row (type) ? "takes no parameter, says the test"
			                        : "neither in mechs.def nor without a parameter");
		}
	}
	(void) fclose (table);
	ck_assert_int_gt (n, 250);
	ck_assert_int_eq (missing, 0);
}
END_TEST

/* Whether @word stands in @text as a word of its own. */
static bool
names_field (const char *text, const char *word)
{
	size_t len = strlen (word);

	for (const char *at = strstr (text, word); at != NULL; at = strstr (at + 1, word)) {
		if ((at[-1] == ' ' || at[-1] == ',') && (at[len] == ',' || at[len] == ')'))
			return true;
	}
	return false;
}

/* Every field of the standard's structure is named: as a value, or as the length of one. */
START_TEST (test_layout__names_all_fields)
{
	FILE *table = open_table ("structs");
	char line[512], structure[80], field[80];
	int n = 0;

	while (fgets (line, sizeof line, table) != NULL) {
		if (sscanf (line, "%79[A-Za-z0-9_]\t%79[A-Za-z0-9_]", structure, field) != 2 ||
		    strcmp (structure, layouts[_i].structure) != 0)
			continue;
		n++;
		ck_assert_msg (names_field (layouts[_i].fields, field), "%s lacks %s", structure,
		               field);
	}
	(void) fclose (table);
	ck_assert_msg (n > 0, "%s is not in structs.tsv", layouts[_i].structure);
}
END_TEST

/* What a module writes (PKCS#11 3.2): IVs and nonces that it generates, tags, handles of further
 * keys, the version of a pre-master secret, the output of a PRF, a generated seed. All else is for
 * it to read. */
static const struct {
	const char *structure, *fields;
} written[] = {
	{ "CK_GCM_MESSAGE_PARAMS", "pIv pTag " },
	{ "CK_GCM_WRAP_PARAMS", "pIv " },
	{ "CK_CCM_MESSAGE_PARAMS", "pNonce pMac " },
	{ "CK_CCM_WRAP_PARAMS", "pNonce " },
	{ "CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS", "pNonce pTag " },
	{ "CK_DERIVED_KEY", "phKey " },
	{ "CK_PBE_PARAMS", "pInitVector " },
	{ "CK_VERSION", "major minor " },
	{ "CK_SSL3_KEY_MAT_OUT",
	  "hClientMacSecret hServerMacSecret hClientKey hServerKey pIVClient pIVServer " },
	{ "CK_TLS_PRF_PARAMS", "pOutput " },
	{ "CK_DSA_PARAMETER_GEN_PARAM", "pSeed " },
};

START_TEST (test_layout__what_comes_back)
{
	const char *expected = "", *at = layouts[_i].fields;
	char backs[256] = "", field[80];

	for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) {
		if (strcmp (written[i].structure, layouts[_i].structure) == 0)
			expected = written[i].fields;
	}
	while ((at = strstr (at, "_BACK, ")) != NULL) {
		at += strlen ("_BACK, ");
		ck_assert_int_eq (sscanf (at, "%79[A-Za-z0-9_]", field), 1);
		strcat (strcat (backs, field), " ");
	}
	ck_assert_msg (strcmp (backs, expected) == 0, "%s: %s comes back, not %s",
	               layouts[_i].structure, backs, expected);
}
END_TEST

static void
cover (const CratonLayout *layout, unsigned char *bytes, size_t len, size_t offset, size_t n)
{
	ck_assert_msg (offset + n <= len, "%s: a field ends behind the structure", layout->name);
	for (size_t i = 0; i < n; i++)
		bytes[offset + i]++;
}

/* No byte is left out but padding, and none but a length is in two fields. */
static void
expect_covered (const CratonLayout *layout)
{
	unsigned char *bytes = calloc (1, layout->size);
	size_t gap = 0;

	ck_assert_ptr_nonnull (bytes);
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		bool counted =
			field->kind == CRATON_FIELD_BYTES || field->kind == CRATON_FIELD_BITS ||
			field->kind == CRATON_FIELD_ARRAY || field->kind == CRATON_FIELD_TEMPLATE ||
			field->kind == CRATON_FIELD_LENPTR || field->kind == CRATON_FIELD_PASSWORD;
		bool pointer = counted || field->kind == CRATON_FIELD_SIZED ||
		               field->kind == CRATON_FIELD_POINTER ||
		               field->kind == CRATON_FIELD_HANDLE ||
		               field->kind == CRATON_FIELD_OUTERIV;

		cover (layout, bytes, layout->size, field->offset,
		       pointer ? sizeof (void *) : field->size);
		if (counted)
			cover (layout, bytes, layout->size, field->len_offset, sizeof (CK_ULONG));
		if (field->nested != NULL)
			expect_covered (field->nested);
	}
	for (size_t i = 0; i < layout->size; i++) {
		ck_assert_msg (bytes[i] <= 1, "%s: byte %zu is in two fields", layout->name, i);
		gap = bytes[i] != 0 ? 0 : gap + 1;
		ck_assert_msg (gap < sizeof (CK_ULONG), "%s: byte %zu is in no field", layout->name,
		               i);
	}
	free (bytes);
}

/* A call that takes a mechanism in this role. */
static const CratonCallRow *
call_of (CratonParamRole role)
{
	return &craton_calls[role == CRATON_PARAM_MESSAGE ? CRATON_C_MessageEncryptInit
	                     : role == CRATON_PARAM_WRAP  ? CRATON_C_WrapKey
	                                                  : CRATON_C_EncryptInit];
}

static void
make (Sample *sample, CK_MECHANISM_TYPE type, const CratonLayout *layout, SampleParam kind,
      CK_MECHANISM *mechanism)
{
	sample->n_blocks = 0;
	sample->serial = 0;
	memset (sample->args, 0, sizeof sample->args);
	*mechanism = (CK_MECHANISM){ type, sample_param (sample, kind, layout), layout->size };
	sample->args[0] = 1;
	sample->args[1] = sample_word (mechanism);
}

/* The row's parameter goes to the module as it is, and what the module changes comes back,
 * whatever the call returns. */
static void
expect_round_trip (CK_MECHANISM_TYPE type, CratonParamRole role, const CratonLayout *layout,
                   SampleParam kind, CK_RV rv)
{
	static Sample direct, wired;
	CK_MECHANISM mechanism, direct_mechanism, *seen;
	char what[128];
	Trip trip;

	(void) snprintf (what, sizeof what, "0x%lx %s, sample %d", type, layout->name, kind);
	make (&direct, type, layout, kind, &direct_mechanism);
	make (&wired, type, layout, kind, &mechanism);
	ck_assert_msg (trip_put_request (&trip, call_of (role), wired.args) == CKR_OK,
	               "%s: refused", what);
	sample_expect_same (&direct, &wired, what);
	ck_assert_msg (trip_get_request (&trip, trip.request, trip.request_len),
	               "%s: not understood", what);
	seen = sample_pointer (trip.args[1]);
	ck_assert_msg (seen != NULL && seen->mechanism == type &&
	                       seen->ulParameterLen == layout->size,
	               "%s: mechanism", what);
	ck_assert_msg (sample_same_param (layout, mechanism.pParameter, seen->pParameter,
	                                  mechanism.pParameter),
	               "%s: the module sees another parameter", what);
	sample_act_param (layout, seen->pParameter, seen->pParameter);
	sample_act_param (layout, direct_mechanism.pParameter, direct_mechanism.pParameter);
	ck_assert_msg (trip_put_response (&trip, rv), "%s: the reply is longer than announced",
	               what);
	ck_assert_msg (trip_get_response (&trip, trip.reply, trip.reply_len, rv, wired.args),
	               "%s: reply refused", what);
	sample_expect_same (&direct, &wired, what);
	trip_clear (&trip);
	sample_clear (&direct);
	sample_clear (&wired);
}

START_TEST (test_row__round_trip)
{
	CK_MECHANISM_TYPE type;
	CratonParamRole role;
	const CratonLayout *layout;

	ck_assert (craton_mechs_nth ((size_t) _i, &type, &role, &layout));
	if (layout == NULL)
		return;
	expect_covered (layout);
	for (SampleParam kind = 0; kind < N_SAMPLE_PARAMS; kind++) {
		expect_round_trip (type, role, layout, kind, CKR_OK);
		expect_round_trip (type, role, layout, kind, CKR_GENERAL_ERROR);
	}
}
END_TEST

/* What the proxy says to a parameter of @len bytes. */
static CK_RV
put_plain (const CratonCallRow *call, CK_MECHANISM_TYPE type, size_t len, CratonWire *ret_wire)
{
	unsigned char *bytes = calloc (1, len);
	CK_MECHANISM mechanism = { type, bytes, len };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (&mechanism) };
	Trip trip;
	CK_RV rv = trip_put_request (&trip, call, args);

	ck_assert_ptr_nonnull (bytes);
	if (ret_wire != NULL)
		*ret_wire = trip.proxy;
	trip_clear (&trip);
	free (bytes);
	return rv;
}

/* A structure of another length is none, unless plain bytes are allowed as well. */
static void
expect_length_checked (CK_MECHANISM_TYPE type, CratonParamRole role, const CratonLayout *layout)
{
	CratonWire wire;

	for (size_t len = 1; layout != NULL && len <= layout->size + 9; len++) {
		CK_RV rv;

		/* In its special roles a mechanism may have its ordinary structure, too. */
		if (len == layout->size || type == CKM_AES_GMAC ||
		    (role != CRATON_PARAM_NORMAL && len != layout->size - 1))
			continue;
		rv = put_plain (call_of (role), type, len, &wire);
		ck_assert_msg (rv == CKR_MECHANISM_PARAM_INVALID, "0x%lx with %zu bytes: 0x%lx",
		               type, len, rv);
		ck_assert_uint_eq (wire.refused, type);
		ck_assert_msg (!wire.no_row,
		               "0x%lx has a row, and a log line about a missing one would mislead",
		               type);
	}
	if (layout == NULL)
		ck_assert_uint_eq (put_plain (call_of (role), type, 7, NULL), CKR_OK);
}

START_TEST (test_row__wrong_length)
{
	CK_MECHANISM_TYPE type;
	CratonParamRole role;
	const CratonLayout *layout;

	for (size_t i = 0; craton_mechs_nth (i, &type, &role, &layout); i++)
		expect_length_checked (type, role, layout);
}
END_TEST

START_TEST (test_parameter__either)
{
	ck_assert_uint_eq (put_plain (CALL_NORMAL, CKM_AES_GMAC, 12, NULL), CKR_OK);
	ck_assert_uint_eq (put_plain (CALL_NORMAL, CKM_AES_GMAC, sizeof (CK_GCM_PARAMS), NULL),
	                   CKR_OK);
}
END_TEST

/* Through the wire with a list of flat mechanisms at either end; whether the module gets it. */
static bool
crosses (CK_MECHANISM_TYPE type, const CK_BYTE *bytes, size_t len, const uint64_t *proxy_flat,
         const uint64_t *backend_flat)
{
	CK_MECHANISM mechanism = { type, (void *) bytes, len };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (&mechanism) };
	uint8_t room[512];
	CratonWire proxy = { .flat = proxy_flat, .n_flat = proxy_flat != NULL }, backend = { 0 };
	CratonArena arena = { 0 };
	CK_ULONG got[CRATON_ARGS_MAX] = { 0 };
	bool done;

	craton_buf_init (&proxy.buf, room, sizeof room);
	craton_kinds_put_request (&proxy, CALL_NORMAL, args);
	if (proxy.rv != CKR_OK)
		return false;
	ck_assert (!proxy.buf.failed);
	backend.arena = &arena;
	backend.flat = backend_flat;
	backend.n_flat = backend_flat != NULL;
	craton_buf_init (&backend.buf, room, proxy.buf.pos);
	craton_kinds_get_request (&backend, CALL_NORMAL, got);
	done = craton_buf_done (&backend.buf);
	if (done) {
		const CK_MECHANISM *seen = sample_pointer (got[1]);

		ck_assert_uint_eq (seen->mechanism, type);
		ck_assert_uint_eq (seen->ulParameterLen, len);
		ck_assert (sample_same_bytes (seen->pParameter, bytes, len));
	}
	craton_arena_clear (&arena);
	return done;
}

START_TEST (test_parameter__no_row)
{
	static const CK_BYTE bytes[] = "sixteen bytes...";
	const uint64_t vendor = CKM_VENDOR_DEFINED | 0x4711, other = CKM_VENDOR_DEFINED | 1;
	CratonWire wire;

	ck_assert_uint_eq (put_plain (CALL_NORMAL, vendor, 16, &wire), CKR_MECHANISM_PARAM_INVALID);
	ck_assert (wire.no_row);
	ck_assert_uint_eq (wire.refused, vendor);
	ck_assert_uint_eq (put_plain (CALL_NORMAL, CKM_RSA_PKCS, 1, &wire),
	                   CKR_MECHANISM_PARAM_INVALID);
	ck_assert (wire.no_row);
	/* Without a parameter it needs no row. */
	ck_assert (crosses (vendor, NULL, 0, NULL, NULL));
	ck_assert (crosses (vendor, NULL, 5, NULL, NULL));
	ck_assert (crosses (vendor, bytes, 0, NULL, NULL));
	ck_assert (!crosses (vendor, bytes, 16, NULL, NULL));
	ck_assert (!crosses (vendor, bytes, 16, &other, &other));
	ck_assert (crosses (vendor, bytes, 16, &vendor, &vendor));
	/* A client cannot make a mechanism flat for itself. */
	ck_assert (!crosses (vendor, bytes, 16, &vendor, NULL));
	ck_assert (!crosses (vendor, bytes, 16, &vendor, &other));
}
END_TEST

/* craton.conf cannot turn a structure with pointers into bytes. */
START_TEST (test_parameter__flat_but_known)
{
	const uint64_t gcm = CKM_AES_GCM;
	const CK_BYTE bytes[sizeof (CK_GCM_PARAMS) + 1] = { 0 };

	ck_assert (!crosses (CKM_AES_GCM, bytes, sizeof bytes, &gcm, &gcm));
	ck_assert (crosses (CKM_AES_GCM, bytes, sizeof (CK_GCM_PARAMS), &gcm, &gcm));
}
END_TEST

/* What a client of its own making says: the words of C_EncryptInit (1, mechanism, 0). */
static bool
understood (const uint64_t *words, size_t n_words)
{
	CratonWire wire = { 0 };
	CratonArena arena = { 0 };
	CK_ULONG got[CRATON_ARGS_MAX] = { 0 };
	uint8_t *request = trip_copy (words, n_words * sizeof *words);
	bool done;

	wire.arena = &arena;
	craton_buf_init (&wire.buf, request, n_words * sizeof *words);
	craton_kinds_get_request (&wire, CALL_NORMAL, got);
	done = craton_buf_done (&wire.buf);
	craton_arena_clear (&arena);
	free (request);
	return done;
}

/* Raw structures hold pointers: the client would choose what the module reads and writes in the
 * backend. */
START_TEST (test_parameter__structure_as_bytes)
{
	const uint64_t plain_gcm[] = { 1, 1, CKM_AES_GCM, 0, 1, 48, 4096, 12, 0, 4096, 16, 128, 0 };
	const uint64_t plain_cbc[] = { 1, 1, CKM_AES_CBC, 0, 1, 16, 1, 2, 0 };
	const uint64_t structure_cbc[] = { 1, 1, CKM_AES_CBC, 1, 16, 1, 2, 0 };
	const uint64_t no_such_kind[] = { 1, 1, CKM_AES_CBC, 2, 1, 16, 1, 2, 0 };
	const uint64_t other_structure[] = { 1, 1, CKM_RSA_PKCS_PSS, 1, 48, 1, 2, 3, 4, 5, 6, 0 };
	const uint64_t pss[] = { 1, 1, CKM_RSA_PKCS_PSS, 1, 24, 1, 2, 3, 0 };
	const uint64_t pss_plain[] = { 1, 1, CKM_RSA_PKCS_PSS, 0, 1, 24, 1, 2, 3, 0 };

	ck_assert (understood (plain_cbc, 9));
	ck_assert (understood (pss, 9));
	ck_assert (!understood (plain_gcm, 13));
	ck_assert (!understood (structure_cbc, 8));
	ck_assert (!understood (no_such_kind, 9));
	ck_assert (!understood (other_structure, 12));
	ck_assert (!understood (pss_plain, 10));
}
END_TEST

/* The older structure of PBKDF2 has a pointer to the length; the module gets the form that the
 * caller used. */
START_TEST (test_pbkd2__both_forms)
{
	CK_UTF8CHAR password[] = "geheim";
	CK_ULONG password_len = 6;
	CK_PKCS5_PBKD2_PARAMS older = { 1, NULL, 0, 1000, 1, NULL, 0, password, &password_len };
	CK_PKCS5_PBKD2_PARAMS2 newer = { 1, NULL, 0, 1000, 1, NULL, 0, password, 6 };

	for (int form = 0; form < 2; form++) {
		CK_MECHANISM mechanism = { CKM_PKCS5_PBKD2,
			                   form == 0 ? (void *) &older : (void *) &newer,
			                   sizeof older };
		const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (&mechanism) };
		const CK_MECHANISM *seen;
		Trip trip;

		ck_assert_uint_eq (trip_put_request (&trip, CALL_NORMAL, args), CKR_OK);
		ck_assert (trip.proxy.secret);
		ck_assert (trip_get_request (&trip, trip.request, trip.request_len));
		seen = sample_pointer (trip.args[1]);
		ck_assert_uint_eq (seen->ulParameterLen, sizeof older);
		if (form == 0) {
			const CK_PKCS5_PBKD2_PARAMS *params = seen->pParameter;

			ck_assert_ptr_ne (params->ulPasswordLen, &password_len);
			ck_assert_uint_eq (*params->ulPasswordLen, 6);
			ck_assert_mem_eq (params->pPassword, "geheim", 6);
			ck_assert_uint_eq (params->iterations, 1000);
		} else {
			const CK_PKCS5_PBKD2_PARAMS2 *params = seen->pParameter;

			ck_assert_uint_eq (params->ulPasswordLen, 6);
			ck_assert_mem_eq (params->pPassword, "geheim", 6);
		}
		trip_clear (&trip);
	}
}
END_TEST

START_TEST (test_pbkd2__password_too_long)
{
	CK_ULONG password_len = CRATON_PASSWORD_MAX + 1;
	CK_UTF8CHAR *password = calloc (1, password_len);
	CK_PKCS5_PBKD2_PARAMS params = { 1, NULL, 0, 1000, 1, NULL, 0, password, &password_len };
	CK_MECHANISM mechanism = { CKM_PKCS5_PBKD2, &params, sizeof params };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (&mechanism) };
	Trip trip;

	ck_assert_uint_eq (trip_put_request (&trip, CALL_NORMAL, args),
	                   CKR_MECHANISM_PARAM_INVALID);
	trip_clear (&trip);
	password_len--;
	ck_assert_uint_eq (trip_put_request (&trip, CALL_NORMAL, args), CKR_OK);
	trip_clear (&trip);
	free (password);
}
END_TEST

/* Lengths that a caller cannot mean are refused before anything is read. */
START_TEST (test_limit__bytes)
{
	CK_BYTE byte = 1;
	CK_GCM_PARAMS params = {
		.pIv = &byte, .ulIvLen = 1, .pAAD = &byte, .ulAADLen = CRATON_VALUE_MAX + 1
	};
	CK_MECHANISM mechanism = { CKM_AES_GCM, &params, sizeof params };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (&mechanism) };
	Trip trip;

	ck_assert_uint_eq (trip_put_request (&trip, CALL_NORMAL, args),
	                   CKR_MECHANISM_PARAM_INVALID);
	trip_clear (&trip);
	params.ulAADLen = ~0ul;
	ck_assert_uint_eq (trip_put_request (&trip, CALL_NORMAL, args),
	                   CKR_MECHANISM_PARAM_INVALID);
	trip_clear (&trip);
	mechanism = (CK_MECHANISM){ CKM_AES_CBC, &byte, CRATON_VALUE_MAX + 1 };
	ck_assert_uint_eq (trip_put_request (&trip, CALL_NORMAL, args),
	                   CKR_MECHANISM_PARAM_INVALID);
	trip_clear (&trip);
}
END_TEST

/* CKM_SP800_108_COUNTER_KDF with @n further keys, each with a template nested @depth deep. */
static CK_RV
derive (CK_ULONG n_keys, CK_ULONG n_data, unsigned int depth, bool *ret_understood)
{
	CK_DERIVED_KEY *keys = calloc (n_keys + 1, sizeof *keys);
	CK_PRF_DATA_PARAM *data = calloc (n_data + 1, sizeof *data);
	CK_OBJECT_HANDLE *handles = calloc (n_keys + 1, sizeof *handles);
	CK_ATTRIBUTE levels[16] = { { CKA_LABEL, NULL, 0 } };
	CK_SP800_108_KDF_PARAMS params = { CKM_SHA256_HMAC, n_data, data, n_keys, keys };
	CK_MECHANISM mechanism = { CKM_SP800_108_COUNTER_KDF, &params, sizeof params };
	const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (&mechanism) };
	Trip trip;
	CK_RV rv;

	for (unsigned int i = 1; i <= depth; i++)
		levels[i] = (CK_ATTRIBUTE){ CKA_DERIVE_TEMPLATE, &levels[i - 1], sizeof levels[0] };
	for (CK_ULONG i = 0; i < n_keys; i++)
		keys[i] = (CK_DERIVED_KEY){ &levels[depth], 1, &handles[i] };
	rv = trip_put_request (&trip, CALL_NORMAL, args);
	*ret_understood = rv == CKR_OK && trip_get_request (&trip, trip.request, trip.request_len);
	trip_clear (&trip);
	free (keys);
	free (data);
	free (handles);
	return rv;
}

START_TEST (test_limit__arrays)
{
	bool done;

	ck_assert_uint_eq (derive (2, CRATON_ARRAY_MAX, 1, &done), CKR_OK);
	ck_assert (done);
	ck_assert_uint_eq (derive (2, CRATON_ARRAY_MAX + 1, 1, &done), CKR_MECHANISM_PARAM_INVALID);
	ck_assert_uint_eq (derive (CRATON_BACKS_MAX, 1, 1, &done), CKR_OK);
	ck_assert (done);
	ck_assert_uint_eq (derive (CRATON_BACKS_MAX + 1, 1, 1, &done), CKR_MECHANISM_PARAM_INVALID);
	ck_assert_uint_eq (derive (1, 1, CRATON_DEPTH_MAX, &done), CKR_OK);
	ck_assert (done);
	ck_assert_uint_ne (derive (1, 1, CRATON_DEPTH_MAX + 1, &done), CKR_OK);
}
END_TEST

/* A client that says more than the proxy would: @n elements of data for
 * CKM_SP800_108_COUNTER_KDF, each with nothing in it. */
static bool
understood_elements (size_t n)
{
	static const uint64_t head[] = { 1,
		                         1,
		                         CKM_SP800_108_COUNTER_KDF,
		                         1,
		                         sizeof (CK_SP800_108_KDF_PARAMS),
		                         CKM_SHA256_HMAC,
		                         1 };
	const size_t n_head = sizeof head / sizeof head[0];
	uint64_t *words = calloc (n_head + 1 + 4 * n + 3, sizeof *words);
	bool done;

	ck_assert_ptr_nonnull (words);
	memcpy (words, head, sizeof head);
	words[n_head] = n;
	done = understood (words, n_head + 1 + 4 * n + 3);
	free (words);
	return done;
}

START_TEST (test_limit__hostile_array)
{
	ck_assert (understood_elements (0));
	ck_assert (understood_elements (CRATON_ARRAY_MAX));
	ck_assert (!understood_elements (CRATON_ARRAY_MAX + 1));
	ck_assert (!understood_elements (10 * CRATON_ARRAY_MAX));
}
END_TEST

/* The message calls' parameter, which comes without its mechanism. */
START_TEST (test_message__unknown_length)
{
	unsigned char bytes[200] = { 0 };

	for (CK_ULONG len = 1; len < sizeof bytes; len++) {
		bool known = len == sizeof (CK_GCM_MESSAGE_PARAMS) ||
		             len == sizeof (CK_CCM_MESSAGE_PARAMS) ||
		             len == sizeof (CK_SALSA20_CHACHA20_POLY1305_MSG_PARAMS);
		const CK_ULONG args[CRATON_ARGS_MAX] = { 1, sample_word (bytes), len };
		Trip trip;

		ck_assert_uint_eq (
			trip_put_request (&trip, &craton_calls[CRATON_C_SignMessageBegin], args),
			known ? CKR_OK : CKR_MECHANISM_PARAM_INVALID);
		trip_clear (&trip);
	}
}
END_TEST

/* Truncated and spoiled requests: refused, or a parameter that a module can act on. */
static void
spoil (CK_MECHANISM_TYPE type, CratonParamRole role, const CratonLayout *layout)
{
	static const uint64_t words[] = { 0,         1,          2,          3,
		                          8,         255,        1024,       1025,
		                          65536,     UINT32_MAX, 1ull << 63, UINT64_MAX - 7,
		                          UINT64_MAX };
	static Sample sample;
	CK_MECHANISM mechanism;
	Trip trip;

	make (&sample, type, layout, SAMPLE_PARAM_FULL, &mechanism);
	ck_assert_uint_eq (trip_put_request (&trip, call_of (role), sample.args), CKR_OK);
	for (size_t len = 0; len < trip.request_len; len += 4) {
		uint8_t *cut = trip_copy (trip.request, len);

		ck_assert_msg (!trip_get_request (&trip, cut, len),
		               "%s: understood when cut to %zu", layout->name, len);
		free (cut);
	}
	for (size_t place = 0; place + 8 <= trip.request_len; place += 8) {
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
			uint8_t *spoiled = trip_copy (trip.request, trip.request_len);
			const CK_MECHANISM *seen;

			memcpy (spoiled + place, &words[i], 8);
			if (trip_get_request (&trip, spoiled, trip.request_len)) {
				seen = sample_pointer (trip.args[1]);
				if (seen != NULL && seen->pParameter != NULL &&
				    seen->ulParameterLen == layout->size)
					sample_act_param (layout, seen->pParameter,
					                  seen->pParameter);
				(void) trip_put_response (&trip, CKR_OK);
			}
			free (spoiled);
		}
	}
	trip_clear (&trip);
	sample_clear (&sample);
}

/* Each layout once: the iteration is the layout, its first row the mechanism. */
START_TEST (test_layout__spoiled)
{
	CK_MECHANISM_TYPE type;
	CratonParamRole role;
	const CratonLayout *layout;

	for (size_t i = 0; craton_mechs_nth (i, &type, &role, &layout); i++) {
		if (layout != NULL && strcmp (layout->name, layouts[_i].structure) == 0) {
			spoil (type, role, layout);
			return;
		}
	}
}
END_TEST

int
main (void)
{
	Suite *suite = suite_create ("mechs");
	TCase *table = tcase_create ("table"), *parameters = tcase_create ("parameters");
	SRunner *runner;
	int n_failed;

	tcase_set_timeout (table, 120);
	tcase_add_test (table, test_mechanism__has_row);
	tcase_add_loop_test (table, test_layout__names_all_fields, 0, (int) N_LAYOUTS);
	tcase_add_loop_test (table, test_layout__what_comes_back, 0, (int) N_LAYOUTS);
	tcase_add_loop_test (table, test_row__round_trip, 0, count_rows ());
	tcase_add_test (table, test_row__wrong_length);
	tcase_add_loop_test (table, test_layout__spoiled, 0, (int) N_LAYOUTS);
	tcase_add_test (parameters, test_parameter__either);
	tcase_add_test (parameters, test_parameter__no_row);
	tcase_add_test (parameters, test_parameter__flat_but_known);
	tcase_add_test (parameters, test_parameter__structure_as_bytes);
	tcase_add_test (parameters, test_pbkd2__both_forms);
	tcase_add_test (parameters, test_pbkd2__password_too_long);
	tcase_add_test (parameters, test_limit__bytes);
	tcase_add_test (parameters, test_limit__arrays);
	tcase_add_test (parameters, test_limit__hostile_array);
	tcase_add_test (parameters, test_message__unknown_length);
	suite_add_tcase (suite, table);
	suite_add_tcase (suite, parameters);
	runner = srunner_create (suite);
	srunner_run_all (runner, CK_NORMAL);
	n_failed = srunner_ntests_failed (runner);
	srunner_free (runner);
	return n_failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
