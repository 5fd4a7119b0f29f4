/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * All known answers but those of test-mech-pq.c, one after the other. For test-mech.c and test-bad-input.c.
 */
#ifndef CRATON_TEST_MECH_VECTORS_ALL_H
#define CRATON_TEST_MECH_VECTORS_ALL_H

#include "mech-vectors-concat.h"
#include "mech-vectors-aead.h"
#include "mech-vectors-cipher.h"
#include "mech-vectors-digest.h"
#include "mech-vectors-hkdf.h"
#include "mech-vectors-ike.h"
#include "mech-vectors-kbkdf.h"
#include "mech-vectors-encrypt-data.h"
#include "mech-vectors-mac.h"
#include "mech-vectors-curves.h"
#include "mech-vectors-edwards.h"
#include "mech-vectors-ffc.h"
#include "mech-vectors-pair.h"
#include "mech-vectors-pbe.h"
#include "mech-vectors-pq.h"
#include "mech-vectors-rsa.h"
#include "mech-vectors-secret.h"
#include "mech-vectors-tls.h"
#include "mech-vectors-wrap.h"

/* A line for each file of vectors. */
static const struct {
	const Vector *vectors;
	gsize n;
} groups[] = {
	{ secret_vectors, N (secret_vectors) },
	{ pair_vectors, N (pair_vectors) },
	{ digest_vectors, N (digest_vectors) },
	{ mac_vectors, N (mac_vectors) },
	{ cipher_vectors, N (cipher_vectors) },
	{ aead_vectors, N (aead_vectors) },
	{ encrypt_data_vectors, N (encrypt_data_vectors) },
	{ rsa_vectors, N (rsa_vectors) },
	{ curve_vectors, N (curve_vectors) },
	{ edwards_vectors, N (edwards_vectors) },
	{ concat_vectors, N (concat_vectors) },
	{ hkdf_vectors, N (hkdf_vectors) },
	{ ike_vectors, N (ike_vectors) },
	{ kbkdf_vectors, N (kbkdf_vectors) },
	{ pbe_vectors, N (pbe_vectors) },
	{ tls_vectors, N (tls_vectors) },
	{ ffc_vectors, N (ffc_vectors) },
	{ wrap_vectors, N (wrap_vectors) },
};

/* The vector number @i of all groups, NULL behind the last. */
static const Vector *
vector_at (gsize i)
{
	for (gsize g = 0; g < N (groups); g++) {
		if (i < groups[g].n)
			return &groups[g].vectors[i];
		i -= groups[g].n;
	}
	return NULL;
}

static int
n_vectors (void)
{
	int n = 0;

	while (vector_at ((gsize) n) != NULL)
		n++;
	return n;
}

#endif /* CRATON_TEST_MECH_VECTORS_ALL_H */
