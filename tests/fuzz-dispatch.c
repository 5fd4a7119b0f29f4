/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * A hostile client, in front of a module that looks at all that it is given: any bytes as a request of any call. What reaches the
 * module can be read and written to its ends; what the module answers, absurd lengths too, makes a reply that fits.
 *
 * Input: call, answer, manner, blocks of 16 bytes for the reply; two bytes for the out region; then the request.
 */
#include "config.h"

#include "fuzz-samples.h"

#include "dispatch.h"
#include "recorder.h"

enum {
	MANNER_ABSURD = 1,  /* lengths that cannot be */
	MANNER_FLAT = 2,    /* with flat-mechanisms */
	MANNER_MISSING = 4, /* a module that has nothing */
};

static const CK_RV answers[] = { CKR_OK,
	                         CKR_OK,
	                         CKR_BUFFER_TOO_SMALL,
	                         CKR_ATTRIBUTE_SENSITIVE,
	                         CKR_ATTRIBUTE_TYPE_INVALID,
	                         CKR_GENERAL_ERROR,
	                         CKR_MECHANISM_PARAM_INVALID,
	                         CKR_VENDOR_DEFINED | 7 };

static struct {
	CK_RV rv;
	unsigned int manner;
	unsigned int n_calls;
} module;

static void look_at_template (const CK_ATTRIBUTE *attrs, CK_ULONG n, bool query);

static void
look_at_field (const CratonField *field, const void *structure, const void *outer)
{
	const void *to =
		sample_is_inside (field) ? NULL : sample_pointer_at (structure, field->offset);
	CK_ULONG n;

	if (to == NULL)
		return;
	n = field->kind == CRATON_FIELD_LENPTR ? 0 : sample_field_len (field, structure, outer);
	if (field->kind == CRATON_FIELD_PASSWORD && n > CRATON_PASSWORD_MAX)
		n = *(const CK_ULONG *) sample_pointer (n);
	if (field->kind == CRATON_FIELD_TEMPLATE)
		look_at_template (to, sample_ulong_at (structure, field->len_offset), false);
	else if (field->kind != CRATON_FIELD_POINTER && field->kind != CRATON_FIELD_ARRAY)
		fuzz_look (to, n);
}

static void
look_at_param (const CratonLayout *layout, const void *structure, const void *outer)
{
	for (const CratonField *field = layout->fields; field->kind != CRATON_FIELD_END; field++) {
		const char *to = (const char *) structure + field->offset;
		CK_ULONG n = 1;

		look_at_field (field, structure, outer);
		if (field->kind == CRATON_FIELD_ARRAY)
			n = sample_ulong_at (structure, field->len_offset);
		if (field->kind == CRATON_FIELD_ARRAY || field->kind == CRATON_FIELD_POINTER)
			to = sample_pointer_at (structure, field->offset);
		else if (field->kind != CRATON_FIELD_STRUCT)
			continue;
		for (CK_ULONG i = 0; to != NULL && i < n; i++)
			look_at_param (field->nested, to + i * field->nested->size, structure);
	}
}

static void
look_at_mechanism (const CK_MECHANISM *mechanism, CratonParamRole role)
{
	const CratonLayout *layout;

	if (mechanism == NULL || mechanism->pParameter == NULL)
		return;
	fuzz_look (mechanism->pParameter, mechanism->ulParameterLen);
	layout = sample_layout (mechanism->mechanism, role);
	if (layout == NULL || layout->size != mechanism->ulParameterLen)
		layout = sample_layout (mechanism->mechanism, CRATON_PARAM_NORMAL);
	if (layout != NULL && layout->size == mechanism->ulParameterLen)
		look_at_param (layout, mechanism->pParameter, mechanism->pParameter);
}

static void
look_at_template (const CK_ATTRIBUTE *attrs, CK_ULONG n, bool query)
{
	for (CK_ULONG i = 0; attrs != NULL && i < n; i++) {
		bool nested = (attrs[i].type & CKF_ARRAY_ATTRIBUTE) != 0 &&
		              attrs[i].pValue != NULL && attrs[i].ulValueLen % sizeof *attrs == 0 &&
		              attrs[i].type != CKA_ALLOWED_MECHANISMS;

		if (attrs[i].pValue != NULL)
			fuzz_look (attrs[i].pValue, attrs[i].ulValueLen);
		/* Only the five that the standard has travel as templates. */
		if (nested &&
		    (attrs[i].type == CKA_WRAP_TEMPLATE || attrs[i].type == CKA_UNWRAP_TEMPLATE ||
		     attrs[i].type == CKA_DERIVE_TEMPLATE))
			look_at_template (attrs[i].pValue, attrs[i].ulValueLen / sizeof *attrs,
			                  query);
	}
}

static void
fill (void *place, size_t len)
{
	if (place != NULL && len > 8192)
		memset ((char *) place + len - 4096, 0x5a, 4096);
	if (place != NULL)
		memset (place, 0x5a, len > 8192 ? 4096 : len);
}

static void
look_at (char letter, const CK_ULONG *args)
{
	const CK_ULONG *number = sample_pointer (args[1]);

	switch (letter) {
	case 'i':
	case 'p':
		fuzz_look (sample_pointer (args[0]), args[1]);
		break;
	case 'l':
		fuzz_look (sample_pointer (args[0]), 32);
		break;
	case 'z':
		fuzz_look (sample_pointer (args[0]),
		           args[0] != 0 ? strlen (sample_pointer (args[0])) : 0);
		break;
	case 'o':
		fuzz_expect (args[0] == 0 || number == NULL || *number < (1 << 17));
		fill (sample_pointer (args[0]), number != NULL ? *number : 0);
		break;
	case 'n':
		fill (sample_pointer (args[0]), args[1]);
		break;
	case 'L':
		fill (sample_pointer (args[0]), number != NULL ? *number * sizeof *number : 0);
		break;
	case 'F':
		fill (sample_pointer (args[0]), args[1] * sizeof *number);
		break;
	case 'M':
		look_at_mechanism (sample_pointer (args[0]), CRATON_PARAM_NORMAL);
		break;
	case 'm':
		look_at_mechanism (sample_pointer (args[0]), CRATON_PARAM_MESSAGE);
		break;
	case 'w':
		look_at_mechanism (sample_pointer (args[0]), CRATON_PARAM_WRAP);
		break;
	case 'A':
	case 'G':
		look_at_template (sample_pointer (args[0]), args[1], letter == 'G');
		break;
	default:
		break;
	}
}

/* What a module must not say. */
static void
say_absurd (char letter, const CK_ULONG *args)
{
	static const CK_ULONG absurd[] = {
		CK_UNAVAILABLE_INFORMATION, 1ul << 63, 1ul << 61, (1ul << 61) + 1, 1ul << 32, 65536
	};
	CK_ULONG length = absurd[args[0] / 8 % 6];
	CK_ATTRIBUTE *attrs = sample_pointer (args[0]);
	CK_ASYNC_DATA *data = sample_pointer (args[0]);

	if ((letter == 'o' || letter == 'L') && args[1] != 0)
		*(CK_ULONG *) sample_pointer (args[1]) = length;
	if (letter == 'F' && args[2] != 0)
		*(CK_ULONG *) sample_pointer (args[2]) = length;
	if (letter == 'D' && data != NULL)
		data->ulValueLen = length;
	for (CK_ULONG i = 0; letter == 'G' && attrs != NULL && i < args[1]; i++) {
		attrs[i].ulValueLen = absurd[i % 6];
		if (i % 3 == 1)
			attrs[i].type = i % 2 == 0 ? CKA_WRAP_TEMPLATE : CKA_LABEL;
		if (i % 4 == 2)
			attrs[i].pValue = NULL;
	}
}

static CK_RV
record (CratonCallId call, const CK_ULONG *args)
{
	const CratonCallRow *row = &craton_calls[call];
	/* So that look_at() may look at the word behind the last. */
	CK_ULONG words[CRATON_ARGS_MAX + 1] = { 0 };
	const CK_ULONG *next = words;
	CK_RV rv;

	memcpy (words, args, row->n_args * sizeof *args);
	module.n_calls++;
	for (const char *letter = row->signature; *letter != '\0'; letter++) {
		look_at (*letter, next);
		next += strlen (craton_kind (*letter)->args);
	}
	rv = sample_play (row, module.rv, args);
	next = words;
	for (const char *letter = row->signature; *letter != '\0'; letter++) {
		if ((module.manner & MANNER_ABSURD) != 0)
			say_absurd (*letter, next);
		next += strlen (craton_kind (*letter)->args);
	}
	return (module.manner & MANNER_ABSURD) != 0 ? module.rv : rv;
}

static CratonDispatch *
choose_dispatch (void)
{
	static const CK_MECHANISM_TYPE flat[] = { CKM_VENDOR_DEFINED | 5, CKM_AES_GCM };
	static CK_FUNCTION_LIST_3_2 nothing = { .version = { 3, 2 } };
	static CratonDispatch *plain, *flats, *missing;

	if (plain == NULL) {
		plain = craton_dispatch_new (&recorder, NULL, 0);
		flats = craton_dispatch_new (&recorder, flat, 2);
		missing = craton_dispatch_new (&nothing, NULL, 0);
	}
	return (module.manner & MANNER_MISSING) != 0 ? missing
	       : (module.manner & MANNER_FLAT) != 0  ? flats
	                                             : plain;
}

int
LLVMFuzzerTestOneInput (const uint8_t *bytes, size_t len)
{
	static CratonArena arena;
	FuzzInput input = { bytes, len };
	CratonLane lane = { 0 };
	CratonLaneCall call = { .call = (uint32_t) fuzz_number (&input, 1) };
	size_t room;

	if (call.call == 255)
		call.call = UINT32_MAX - 1;
	module.n_calls = 0;
	module.rv = answers[fuzz_number (&input, 1) % (sizeof answers / sizeof answers[0])];
	module.manner = (unsigned int) fuzz_number (&input, 1);
	room = (size_t) fuzz_number (&input, 1) * 16;
	call.out_len = (size_t) fuzz_number (&input, 2);
	call.request_len = input.len;
	lane.data_len = craton_lane_reply_offset (call.request_len, call.out_len) + room;
	fuzz_expect (posix_memalign ((void **) &lane.data, 64, lane.data_len) == 0);
	memcpy (lane.data, input.bytes, input.len);
	craton_dispatch_lane (choose_dispatch (), &arena, &lane, &call);
	fuzz_expect (
		craton_lane_fits (lane.data_len, call.request_len, call.out_len, call.reply_len));
	fuzz_expect (call.understood || call.reply_len == 0);
	fuzz_expect (module.n_calls <= 1 && arena.used == 0);
	free (lane.data);
	craton_arena_clear (&arena);
	return 0;
}

static void
write_seed (CratonCallId call, SampleKind kind, size_t row, const CK_ULONG *args)
{
	static uint8_t seed[6 + FUZZ_REQUEST_MAX];
	CratonWire wire;
	uint16_t out_len;

	if (!fuzz_put (&wire, call, args, seed + 6) || wire.out_len > UINT16_MAX)
		return;
	out_len = (uint16_t) wire.out_len;
	seed[0] = (uint8_t) call;
	seed[1] = (uint8_t) (row % 8);
	seed[2] = kind == SAMPLE_ODD ? MANNER_ABSURD : 0;
	seed[3] = 64;
	memcpy (seed + 4, &out_len, 2);
	fuzz_seed (seed, 6 + wire.buf.pos);
}

static void
fuzz_seeds (void)
{
	fuzz_each_sample (write_seed);
}
