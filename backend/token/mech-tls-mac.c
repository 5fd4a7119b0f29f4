/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * The check of TLS 1.2's Finished messages (RFC 5246, 7.4.9; PKCS#11 3.2, TLS MAC). The data is the
 * hash of a handshake; it goes through the function several times and is kept until the end. Called
 * by operation.c through the rows of mech-tls.c.
 */
#include "config.h"

#include "mech-tls.h"

#include <openssl/crypto.h>
#include <string.h>

/* Of the data and of the code, in bytes. */
#define DATA_MAX 65536
#define CODE_MIN 12
#define CODE_MAX 255

typedef struct {
	CratonPrf prf;
	const char *label;
	gsize len; /* of the code */
	GByteArray *data;
} TlsMac;

static CK_RV
tls_mac_init (CratonOp *op, const CK_MECHANISM *mechanism)
{
	CK_TLS_MAC_PARAMS params;
	TlsMac *mac;

	if (!craton_mech_has_parameter (mechanism, sizeof params))
		return CKR_MECHANISM_PARAM_INVALID;
	memcpy (&params, mechanism->pParameter, sizeof params);
	if (params.ulMacLength < CODE_MIN || params.ulMacLength > CODE_MAX ||
	    (params.ulServerOrClient != 1 && params.ulServerOrClient != 2))
		return CKR_MECHANISM_PARAM_INVALID;
	op->state = mac = g_new0 (TlsMac, 1);
	mac->label = params.ulServerOrClient == 1 ? "server finished" : "client finished";
	mac->len = params.ulMacLength;
	mac->data = g_byte_array_new ();
	return craton_tls_prf_init (&mac->prf, params.prfHashMechanism, op->key);
}

static CK_ULONG
tls_mac_out_len (CratonOp *op, CK_ULONG in_len, gboolean last)
{
	const TlsMac *mac = op->state;

	(void) in_len;
	return last ? mac->len : 0;
}

static CK_RV
tls_mac_update (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out,
                CK_ULONG *ret_out_len)
{
	TlsMac *mac = op->state;

	(void) out;
	(void) ret_out_len;
	if (in_len > DATA_MAX - mac->data->len)
		return CKR_DATA_LEN_RANGE;
	g_byte_array_append (mac->data, in, (guint) in_len);
	return CKR_OK;
}

static CK_RV
tls_mac_final (CratonOp *op, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	const TlsMac *mac = op->state;
	const CratonChunk seed[] = { { mac->label, strlen (mac->label) },
		                     { mac->data->data, mac->data->len } };
	CK_RV rv = craton_prf_tls (&mac->prf, seed, G_N_ELEMENTS (seed), out, mac->len);

	if (rv == CKR_OK)
		*ret_out_len = mac->len;
	return rv;
}

static CK_RV
tls_mac_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, CK_BYTE *out, CK_ULONG *ret_out_len)
{
	TlsMac *mac = op->state;
	CK_RV rv;

	g_byte_array_set_size (mac->data, 0);
	rv = tls_mac_update (op, in, in_len, NULL, NULL);
	return rv == CKR_OK ? tls_mac_final (op, out, ret_out_len) : rv;
}

static CK_RV
tls_mac_verify_final (CratonOp *op, const CK_BYTE *signature, CK_ULONG signature_len)
{
	CK_BYTE code[CODE_MAX];
	CK_ULONG len = 0;
	CK_RV rv = tls_mac_final (op, code, &len);

	if (rv == CKR_OK && signature_len != len)
		rv = CKR_SIGNATURE_LEN_RANGE;
	else if (rv == CKR_OK && CRYPTO_memcmp (code, signature, len) != 0)
		rv = CKR_SIGNATURE_INVALID;
	OPENSSL_cleanse (code, sizeof code);
	return rv;
}

static CK_RV
tls_mac_verify_once (CratonOp *op, const CK_BYTE *in, CK_ULONG in_len, const CK_BYTE *signature,
                     CK_ULONG signature_len)
{
	CK_RV rv = tls_mac_update (op, in, in_len, NULL, NULL);

	return rv == CKR_OK ? tls_mac_verify_final (op, signature, signature_len) : rv;
}

static void
tls_mac_clear (CratonOp *op)
{
	TlsMac *mac = op->state;

	if (mac == NULL)
		return;
	craton_prf_clear (&mac->prf);
	g_byte_array_unref (mac->data);
	g_free (mac);
}

const CratonMechClass craton_tls_mac = {
	.init = tls_mac_init,
	.out_len = tls_mac_out_len,
	.update = tls_mac_update,
	.final = tls_mac_final,
	.once = tls_mac_once,
	.verify_final = tls_mac_verify_final,
	.verify_once = tls_mac_verify_once,
	.clear = tls_mac_clear,
};
