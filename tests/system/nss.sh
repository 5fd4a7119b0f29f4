#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# NSS makes certificates with keys in the soft token, through p11-kit's proxy module.
. "$(dirname "$0")/lib.sh"
use_p11_kit

make_token "$proxy_module" nss
mkdir db
printf '%s\n' "$GNUTLS_PIN" > pin
run certutil -N -d sql:db --empty-password
run modutil -force -dbdir sql:db -add p11-kit -libfile "$proxy_module"
run modutil -dbdir sql:db -list p11-kit
shows 'Token Name: nss *$'

step "RSA and EC keys, made and used by NSS"
head -c 64 /dev/urandom > noise
run certutil -S -d sql:db -h nss -f pin -z noise -n rsa -s 'CN=rsa.example' -x -t ',,' -k rsa -g 2048 -m 1 -v 1
run certutil -S -d sql:db -h nss -f pin -z noise -n ec -s 'CN=ec.example' -x -t ',,' -k ec -q nistp256 -m 2 -v 1
run certutil -K -d sql:db -h nss -f pin
shows 'rsa .*nss:rsa'
shows 'ec .*nss:ec'
run certutil -L -d sql:db -h nss -f pin
shows 'nss:rsa'
shows 'nss:ec'
for name in rsa ec; do
	run certutil -L -d sql:db -h nss -f pin -n "nss:$name" -a
	cp "$scratch/out" "$name.pem"
	run openssl verify -CAfile "$name.pem" "$name.pem"
done

step "the keys are in the token, and certutil deletes one"
run p11tool --login --list-all-privkeys "pkcs11:token=nss"
[ "$(grep -c 'Type: Private key' "$scratch/out")" -eq 2 ] || fail "two private keys expected"
run certutil -F -d sql:db -h nss -f pin -n nss:ec
run certutil -K -d sql:db -h nss -f pin
shows_not 'nss:ec'
shows 'nss:rsa'
no_backends
