#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# openssl s_server with a key in the soft token, through libengine-pkcs11-openssl; s_client connects over loopback.
. "$(dirname "$0")/lib.sh"

export PKCS11_MODULE_PATH="$module"
make_token "$module" tls
user=(--module "$module" --token-label tls --login --pin "$GNUTLS_PIN")
run pkcs11-tool "${user[@]}" --keypairgen --key-type rsa:2048 --id 01 --label rsa
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 02 --label ec

for kind in rsa ec; do
	key="pkcs11:token=tls;object=$kind;type=private;pin-value=$GNUTLS_PIN"
	run openssl req -engine pkcs11 -keyform engine -key "$key" -new -x509 -days 1 -sha256 -subj /CN=localhost \
		-addext 'subjectAltName=DNS:localhost' -out "$kind.pem"
	port=$(free_port)
	openssl s_server -engine pkcs11 -keyform engine -key "$key" -cert "$kind.pem" -accept "127.0.0.1:$port" -www \
		> serv.log 2>&1 < /dev/null &
	server=$!
	wait_port "$port" "$server"
	for version in tls1_2 tls1_3; do
		step "$version with an $kind key"
		run openssl s_client -connect "127.0.0.1:$port" "-$version" -CAfile "$kind.pem" -verify_hostname localhost \
			-verify_return_error
		shows 'Verify return code: 0 \(ok\)'
		shows 'Cipher is [A-Z]'
	done
	kill "$server"
	wait "$server" || true
done
no_backends
