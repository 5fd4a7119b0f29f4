#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# gnutls-serv with a key in the soft token, found through p11-kit; gnutls-cli connects over loopback.
. "$(dirname "$0")/lib.sh"
use_p11_kit

make_token "$proxy_module" tls
run p11tool --login --generate-privkey=rsa --bits=2048 --label=rsa --id=01 'pkcs11:token=tls'
run p11tool --login --generate-privkey=ecdsa --curve=secp256r1 --label=ec --id=02 'pkcs11:token=tls'
printf 'cn = localhost\ndns_name = localhost\nca\ntls_www_server\nsigning_key\nencryption_key\nexpiration_days = 1\n' \
	> template

for kind in rsa ec; do
	key="pkcs11:token=tls;object=$kind;type=private"
	run certtool --generate-self-signed --load-privkey "$key" --template template --outfile "$kind.pem"
	port=$(free_port)
	gnutls-serv --quiet --http --port "$port" --x509certfile "$kind.pem" --x509keyfile "$key" > serv.log 2>&1 &
	server=$!
	wait_port "$port" "$server"
	for version in 1.2 1.3; do
		step "TLS $version with an $kind key"
		run gnutls-cli --x509cafile "$kind.pem" --verify-hostname localhost --port "$port" \
			--priority "NORMAL:-VERS-ALL:+VERS-TLS$version" 127.0.0.1
		shows 'The certificate is trusted'
		shows "Description: \(TLS$version.*\)"
	done
	kill "$server"
	wait "$server" || true
done
no_backends
