/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * Seeds of the fuzzers that read requests or replies: every call with each kind of sample, and every mechanism with its parameter.
 */
#ifndef CRATON_TEST_FUZZ_SAMPLES_H
#define CRATON_TEST_FUZZ_SAMPLES_H

#include "fuzz.h"

#include "samples.h"

#define FUZZ_REQUEST_MAX (1 << 20)

typedef void FuzzUse (CratonCallId call, SampleKind kind, size_t row, const CK_ULONG *args);

/* The first letter of @call that is a mechanism; '\0' for none. */
static inline char
fuzz_mechanism_letter (const CratonCallRow *call, size_t *ret_at)
{
	size_t at = 0;

	for (const char *letter = call->signature; *letter != '\0'; letter++) {
		*ret_at = at;
		if (strchr ("Mmw", *letter) != NULL)
			return *letter;
		at += strlen (craton_kind (*letter)->args);
	}
	return '\0';
}

static inline size_t
fuzz_n_rows (void)
{
	const CratonLayout *layout;
	CK_MECHANISM_TYPE type;
	CratonParamRole role;
	size_t n = 0;

	while (craton_mechs_nth (n, &type, &role, &layout))
		n++;
	return n;
}

/* Makes the sample; with @row of mechs.def, counted from 1, its mechanism is that one. */
static inline void
fuzz_make (Sample *sample, const CratonCallRow *call, SampleKind kind, size_t row)
{
	const CratonLayout *layout;
	CK_MECHANISM_TYPE type;
	CratonParamRole role;
	CK_MECHANISM *mechanism;
	size_t at;
	char letter = fuzz_mechanism_letter (call, &at);

	sample_make (sample, call, kind);
	if (row == 0 || letter == '\0' || kind == SAMPLE_ODD ||
	    !craton_mechs_nth (row - 1, &type, &role, &layout) || letter != "Mmw"[role])
		return;
	if (layout != NULL) {
		sample_make_mechanism_of (sample, kind, type, role, &sample->args[at]);
		return;
	}
	mechanism = sample_take (sample, sizeof *mechanism);
	*mechanism = (CK_MECHANISM){ type, sample_take (sample, 16), 16 };
	sample->args[at] = sample_word (mechanism);
}

/* Each call once, and each row of mechs.def with a call that takes it. */
static inline void
fuzz_each_sample (FuzzUse *use)
{
	static const CratonCallId takers[] = { CRATON_C_DeriveKey, CRATON_C_MessageEncryptInit,
		                               CRATON_C_WrapKeyAuthenticated };
	static Sample sample;
	const CratonLayout *layout;
	CK_MECHANISM_TYPE type;
	CratonParamRole role;

	for (int id = 0; id < CRATON_CALLS; id++) {
		for (SampleKind kind = 0; kind < SAMPLE_LARGE && craton_calls[id].travels; kind++) {
			fuzz_make (&sample, &craton_calls[id], kind, 0);
			use ((CratonCallId) id, kind, 0, sample.args);
			sample_clear (&sample);
		}
	}
	for (size_t i = 0; craton_mechs_nth (i, &type, &role, &layout); i++) {
		for (SampleKind kind = 0; kind < SAMPLE_ODD; kind += SAMPLE_SHORT) {
			fuzz_make (&sample, &craton_calls[takers[role]], kind, i + 1);
			use (takers[role], kind, i + 1, sample.args);
			sample_clear (&sample);
		}
	}
}

/* What the proxy makes of a call. False if it refuses. */
static inline bool
fuzz_put (CratonWire *wire, CratonCallId call, const CK_ULONG *args, uint8_t *room)
{
	memset (wire, 0, sizeof *wire);
	craton_buf_init (&wire->buf, room, FUZZ_REQUEST_MAX);
	craton_kinds_put_request (wire, &craton_calls[call], args);
	return !wire->buf.failed;
}

#endif /* CRATON_TEST_FUZZ_SAMPLES_H */
