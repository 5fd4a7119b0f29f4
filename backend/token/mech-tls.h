/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * What the families of TLS mechanisms share.
 */
#ifndef CRATON_MECH_TLS_H
#define CRATON_MECH_TLS_H

#include "derive.h"
#include "prf.h"

/* Of a master secret, and of the client's and the server's random numbers. */
#define CRATON_TLS_MASTER_LEN 48
#define CRATON_TLS_RANDOM_LEN 32

/**
 * craton_tls_prf_init:
 * @digest: from a parameter
 * @key: a pre-master or master secret
 *
 * The function of TLS 1.2 (RFC 5246, 5). That of TLS 1.0 and 1.1 (CKM_TLS_PRF) is not there: RFC
 * 8996 has done away with these.
 *
 * Returns: CKR_OK; CKR_MECHANISM_PARAM_INVALID if @digest is none of SHA-256, SHA-384 and SHA-512,
 *   which SP 800-135 allows and the cipher suites use; CKR_HOST_MEMORY.
 */
CK_RV craton_tls_prf_init (CratonPrf *prf, CK_MECHANISM_TYPE digest, const CratonObject *key);

/* Whether both numbers are there and as long as TLS has them. */
gboolean craton_tls_is_random (const CK_SSL3_RANDOM_DATA *random);

/* For CKM_TLS12_KEY_AND_MAC_DERIVE and _KEY_SAFE_DERIVE, in mech-tls-keys.c. */
CK_RV craton_tls_derive_keys (CratonSession *session, const CratonMech *mech,
                              const CK_MECHANISM *mechanism, CratonObject *base,
                              const CK_ATTRIBUTE *template, CK_ULONG n_attrs,
                              CK_OBJECT_HANDLE *ret_key);

/* For CKM_TLS_MAC and CKM_TLS12_MAC, in mech-tls-mac.c. */
extern const CratonMechClass craton_tls_mac;

#endif /* CRATON_MECH_TLS_H */
