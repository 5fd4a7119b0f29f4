#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# CRATON_TRACE in real programs: through p11-kit and its proxy module, with a file for each process, and without a secret in it.
. "$(dirname "$0")/lib.sh"

use_p11_kit
make_token "$module" traced
traces=$scratch/tmp/traces
mkdir "$traces"
export CRATON_TRACE=$traces/%p

step "through p11-kit-proxy: a key, a signature"
run pkcs11-tool --module "$proxy_module" --token-label traced --login --pin "$GNUTLS_PIN" --keypairgen --key-type rsa:2048 \
	--label web --id 0a
printf 'plaintext of the trace test' > "$scratch/plain"
run pkcs11-tool --module "$proxy_module" --token-label traced --login --pin "$GNUTLS_PIN" --sign --mechanism SHA256-RSA-PKCS \
	--id 0a --input-file "$scratch/plain" --output-file "$scratch/signature"
run cat "$traces"/*
shows 'C_Login \(session=[0-9]+, user_type=CKU_USER, pin=\[8 bytes\]\) = CKR_OK'
shows 'C_GenerateKeyPair .*CKM_RSA_PKCS_KEY_PAIR_GEN.*CKA_ID=0x0a.*= CKR_OK'
shows 'C_SignInit \(.*CKM_SHA256_RSA_PKCS'
shows 'C_Sign(Update)? \(.*data=\[27 bytes\]'
shows_not "$GNUTLS_PIN"
shows_not 'plaintext of'

step "through GnuTLS: a wrong PIN is refused, and the trace says so"
rm "$traces"/*
GNUTLS_PIN=99999999 answers p11tool --batch --login --list-all-privkeys 'pkcs11:token=traced'
run cat "$traces"/*
shows 'C_Login \(.*= CKR_PIN_INCORRECT'
shows_not 99999999

step "the file is the user's alone, and a program does its work without one"
run find "$traces" -type f ! -perm 600
shows_not .
CRATON_TRACE=$scratch/nowhere/trace run p11tool --list-tokens
shows 'Label: traced'

step "a secret key that is imported, and its bytes"
rm "$traces"/*
printf 'k3y-MATERIAL-16b' > "$scratch/key"
run pkcs11-tool --module "$module" --token-label traced --login --pin "$GNUTLS_PIN" --write-object "$scratch/key" --type secrkey \
	--key-type AES:16 --label imported
run cat "$traces"/*
shows 'CKA_VALUE=\[16 bytes\]'
shows_not 'k3y-MATERIAL|6b33792d4d'
no_backends
