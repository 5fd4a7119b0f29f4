/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the probe module and those who host it agree on.
 */
#ifndef CRATON_PROBE_H
#define CRATON_PROBE_H

#define PROBE_SLOTS 5
#define PROBE_HAS_TOKEN(index) ((index) % 2 == 0)
#define PROBE_FIRST_SESSION 0x7700000000ul

/* Lengths for C_SeedRandom without data. The low 16 bits: sample and answer; the index of a
 * slot; hundredths of a millisecond. */
#define PROBE_MODE 0x5a00000000010000ul
#define PROBE_EVENT 0x5a00000000020000ul
#define PROBE_SLEEP 0x5a00000000030000ul
#define PROBE_ORDER(sample, answer) (PROBE_MODE | (CK_ULONG) (sample) << 8 | (CK_ULONG) (answer))

#define PROBE_ANSWERS CKR_OK, CKR_GENERAL_ERROR, CKR_BUFFER_TOO_SMALL, CKR_VENDOR_DEFINED | 7

/* What a function answers that was called with something else; the letter that differs is in the
 * low bits. */
#define PROBE_DIFFERS (CKR_VENDOR_DEFINED | 0xbad00)

#endif /* CRATON_PROBE_H */
