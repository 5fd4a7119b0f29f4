#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# p11-kit and GnuTLS find the module and its token through a registration like the one that is installed.
. "$(dirname "$0")/lib.sh"

step "registered beside the machine's own modules"
printf 'module: %s\ncritical: no\n' "$module" > "$XDG_CONFIG_HOME/pkcs11/modules/craton.module"
run p11-kit list-modules
shows '^(module: )?craton(:|$)'
shows 'craton-pkcs11\.so'
shows 'library-manufacturer: Craton'
no_backends

step "registered alone"
use_p11_kit
run p11-kit list-modules
shows '^(module: )?craton(:|$)'
shows_not '^(module: )?p11-kit-trust'
run p11tool --batch --initialize --label gnutls 'pkcs11:manufacturer=Craton'
run p11tool --batch --initialize-pin 'pkcs11:token=gnutls'
run p11tool --list-tokens
shows 'manufacturer=Craton'
shows 'Label: gnutls'
run pkcs11-tool --module "$proxy_module" --list-slots
shows 'token label *: gnutls'

step "GnuTLS makes and checks a certificate with a key in the token, through p11-kit"
run p11tool --list-token-urls
url=$(grep -F token=gnutls "$scratch/out")
run p11tool --login --generate-privkey=rsa --bits=2048 --label=web --id=01 "$url"
run p11tool --login --list-all "$url"
shows 'Type: Private key'
shows 'Type: Public key'
printf 'cn = Craton\nca\ncert_signing_key\nexpiration_days = 1\n' > "$scratch/template"
run certtool --generate-self-signed --load-privkey "$url;object=web;type=private" \
	--template "$scratch/template" --outfile "$scratch/web.pem"
run certtool --verify --load-ca-certificate "$scratch/web.pem" --infile "$scratch/web.pem"
run p11tool --login --write --load-certificate "$scratch/web.pem" --label=web --id=01 "$url"
run p11tool --list-all-certs "$url"
shows 'Label: web'
run p11tool --export "$url;object=web;type=cert"
shows 'BEGIN CERTIFICATE'
no_backends
