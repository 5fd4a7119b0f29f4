#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# An NSS database moves in, with and without a password: what its keys signed verifies, and they sign here.
. "$(dirname "$0")/lib.sh"

craton=$scratch/libexec/craton
export XDG_STATE_HOME="$scratch/home/.local/state"
printf '[token default]\nstore=%s\n\n[token second]\nstore=%s\n' "$scratch/store" "$scratch/second" > "$user_conf"
printf 'database password\n' > password
printf '%s\n' "$GNUTLS_PIN" > pin
printf '%s\n' "$GNUTLS_SO_PIN" > so-pin
printf 'not the password\n' > wrong
chmod 600 password pin so-pin wrong
head -c 2000 /dev/urandom > noise
move=("$craton" import --pin-file password --token-pin-file pin --so-pin-file so-pin)
here=(--module "$module" --login --pin "$GNUTLS_PIN")

step "a folder without a database"
mkdir db empty
refused "${move[@]}" --token default nss empty
shows 'has no key4.db'

step "a database with RSA and EC keys and certificates"
run certutil -N -d sql:db -f password
run certutil -S -d sql:db -f password -z noise -n "my rsa" -s CN=rsa -x -t ,, -k rsa -g 2048 -m 1
run certutil -S -d sql:db -f password -z noise -n "my ec" -s CN=ec -x -t ,, -k ec -q nistp256 -m 2
run certutil -L -d sql:db -n "my rsa" -a -o rsa.pem
run certutil -L -d sql:db -n "my ec" -a -o ec.pem
run certutil -L -d sql:db -n "my ec" -r -o ec.der
printf 'some data' > data
openssl x509 -in rsa.pem -noout -pubkey > rsa.pub
openssl x509 -in ec.pem -noout -pubkey > ec.pub

step "the wrong password imports nothing"
refused "$craton" import --token default --pin-file wrong --token-pin-file pin --so-pin-file so-pin nss db
shows 'the password is wrong'
refused "${move[@]}" --token default --softokn /nowhere/libsoftokn3.so nss db
[ ! -e "$scratch/store/token.db" ] || fail "a token was made"

step "it moves in"
run "${move[@]}" --token default nss db
shows '[4-9] objects imported into token default, 0 left out'
shows 'trust in 2 certificates is not kept'
run pkcs11-tool "${here[@]}" --token-label NSS --list-objects
shows 'label: +my rsa'
shows 'label: +my ec'

step "the keys sign here, and the old certificates verify it"
run pkcs11-tool "${here[@]}" --token-label NSS --list-objects --type privkey
rsa=$(awk '/RSA/ { rsa = 1 } /EC/ { rsa = 0 } / ID:/ && rsa { print $2; exit }' "$scratch/out")
ec=$(awk '/ EC/ { ec = 1 } /RSA/ { ec = 0 } / ID:/ && ec { print $2; exit }' "$scratch/out")
run pkcs11-tool "${here[@]}" --token-label NSS --sign --mechanism SHA256-RSA-PKCS --id "$rsa" --input-file data --output-file rsa.sig
run openssl dgst -sha256 -verify rsa.pub -signature rsa.sig data
run pkcs11-tool "${here[@]}" --token-label NSS --sign --mechanism ECDSA-SHA256 --signature-format openssl --id "$ec" \
	--input-file data --output-file ec.sig
run openssl dgst -sha256 -verify ec.pub -signature ec.sig data
run pkcs11-tool "${here[@]}" --token-label NSS --read-object --type cert --id "$ec" --output-file ec.new
cmp ec.der ec.new || fail "the certificate is another one"
for name in rsa ec; do
	run openssl verify -check_ss_sig -CAfile "$name.pem" "$name.pem"
done

step "a database without a password, into a token that is there"
mkdir plain
run certutil -N -d sql:plain --empty-password
run certutil -S -d sql:plain -z noise -n "plain" -s CN=plain -x -t ,, -k rsa -g 2048 -m 3
run certutil -L -d sql:plain -n plain -a -o plain.pem
openssl x509 -in plain.pem -noout -pubkey > plain.pub
refused "$craton" import --token default --token-pin-file wrong nss plain
run "$craton" import --token default --token-pin-file pin --json nss plain
run pkcs11-tool "${here[@]}" --token-label NSS --list-objects --type cert
shows 'label: +plain'
id=$(awk '/label: +plain/ { seen = 1 } / ID:/ && seen { print $2; exit }' "$scratch/out")
run pkcs11-tool "${here[@]}" --token-label NSS --sign --mechanism SHA256-RSA-PKCS --id "$id" --input-file data --output-file plain.sig
run openssl dgst -sha256 -verify plain.pub -signature plain.sig data

step "a damaged database imports nothing"
cp -r db broken
printf 'x%.0s' {1..20000} | dd of=broken/key4.db bs=1 seek=200 conv=notrunc status=none
refused "${move[@]}" --token second nss broken
[ ! -e "$scratch/second/token.db" ] || fail "a token was made"
no_backends
