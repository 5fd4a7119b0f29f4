#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A token of SoftHSM moves in: keys, certificates and all that is known of them; what was signed there verifies, and the keys sign here.
. "$(dirname "$0")/lib.sh"

craton=$scratch/libexec/craton
export XDG_STATE_HOME="$scratch/home/.local/state"
export SOFTHSM2_CONF="$scratch/softhsm2.conf"
softhsm=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2> /dev/null | head -n 1)
mkdir softhsm other
printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$PWD/softhsm" > "$SOFTHSM2_CONF"
store=$scratch/store
printf '[token default]\nstore=%s\n\n[token other]\nstore=%s\n' "$store" "$scratch/other" > "$user_conf"
printf '%s\n' "$GNUTLS_PIN" > pin
printf '%s\n' "$GNUTLS_SO_PIN" > so-pin
printf '99999999\n' > wrong
chmod 600 pin so-pin wrong
there=(--module "$softhsm" --token-label "to move" --login --pin "$GNUTLS_PIN")
here=(--module "$module" --token-label "to move" --login --pin "$GNUTLS_PIN")
move=("$craton" import --token default --pin-file pin --so-pin-file so-pin)

step "an empty folder, and one with nothing"
refused "${move[@]}" softhsm softhsm
shows 'no such token of SoftHSM'
refused "${move[@]}" softhsm missing
refused "${move[@]}" else softhsm
refused "${move[@]}" softhsm
[ ! -e "$store/token.db" ] || fail "a token was made of nothing"

step "a token of SoftHSM with all kinds of objects"
run softhsm2-util --init-token --free --label "to move" --pin "$GNUTLS_PIN" --so-pin "$GNUTLS_SO_PIN"
run pkcs11-tool "${there[@]}" --keypairgen --key-type rsa:2048 --id 01 --label rsa
run pkcs11-tool "${there[@]}" --keypairgen --key-type EC:secp256r1 --id 02 --label ec
run pkcs11-tool "${there[@]}" --keypairgen --key-type EC:edwards25519 --id 03 --label edwards
run pkcs11-tool "${there[@]}" --keygen --key-type AES:32 --id 04 --label aes
run openssl req -x509 -newkey rsa:2048 -nodes -keyout other.key -out cert.pem -subj "/CN=moved"
run openssl x509 -in cert.pem -outform DER -out cert.der
run openssl pkcs8 -topk8 -nocrypt -in other.key -outform DER -out other.der
run pkcs11-tool "${there[@]}" --write-object cert.der --type cert --id 05 --label cert
run pkcs11-tool "${there[@]}" --write-object other.der --type privkey --id 05 --label brought
printf 'a note\n' > note
run pkcs11-tool "${there[@]}" --write-object note --type data --label note --private
python3 "$scratch/tests/import-attributes.py" make "$softhsm" "$GNUTLS_PIN" || fail "attributes cannot be set"
printf 'some data' > data
openssl dgst -sha256 -binary data > data.hash # SoftHSM signs hashes only
for key in rsa:01:SHA256-RSA-PKCS:data ec:02:ECDSA:data.hash; do
	IFS=: read -r name id mechanism input <<< "$key"
	run pkcs11-tool "${there[@]}" --read-object --type pubkey --id "$id" --output-file "$name.der"
	run openssl pkey -pubin -inform DER -in "$name.der" -out "$name.pem"
	run pkcs11-tool "${there[@]}" --sign --mechanism "$mechanism" --id "$id" --signature-format openssl \
		--input-file "$input" --output-file "$name.sig"
done
printf '0123456789abcdef0123456789abcdef' > block
run pkcs11-tool "${there[@]}" --encrypt --mechanism AES-CBC-PAD --iv 00112233445566778899aabbccddeeff --id 04 \
	--input-file block --output-file block.enc

step "wrong PINs import nothing"
refused "$craton" import --token default --pin-file wrong --so-pin-file so-pin softhsm softhsm
shows 'the user PIN is wrong'
refused "$craton" import --token default --pin-file pin --so-pin-file wrong softhsm softhsm
shows 'the SO PIN is wrong'
[ ! -e "$store/token.db" ] || fail "a token was made"

step "a damaged object imports nothing, and is named"
cp -r softhsm broken
for object in broken/*/*-*.object; do
	cp "$object" whole
	len=$(stat -c %s whole)
	for at in $((len - 1)) $((len - 9)) 12 0; do
		head -c "$at" whole > "$object"
		refused "${move[@]}" softhsm broken
		shows "$(basename "$object").*: the file is damaged"
	done
	cp whole "$object"
done
[ ! -e "$store/token.db" ] || fail "a token was made"

step "it moves in"
run "${move[@]}" softhsm "$SOFTHSM2_CONF"
shows '[0-9]+ objects imported into token default, 0 left out'
run "$craton" tokens
shows '^default +to move .*: ready'
run pkcs11-tool "${here[@]}" --list-objects
cp "$scratch/out" listed
for label in rsa ec edwards aes cert brought note; do
	grep -q "label: *'\?$label" listed || fail "$label is missing"
done

step "what was signed there verifies here, and what is signed here verifies with the old public key"
for key in rsa:01:SHA256-RSA-PKCS:data ec:02:ECDSA:data.hash; do
	IFS=: read -r name id mechanism input <<< "$key"
	run pkcs11-tool "${here[@]}" --verify --mechanism "$mechanism" --id "$id" --signature-format openssl \
		--input-file "$input" --signature-file "$name.sig"
	shows 'Signature is valid'
	run pkcs11-tool "${here[@]}" --sign --mechanism "$mechanism" --id "$id" --signature-format openssl \
		--input-file "$input" --output-file "$name.new"
	run openssl dgst -sha256 -verify "$name.pem" -signature "$name.new" data
done
run pkcs11-tool "${here[@]}" --sign --mechanism SHA256-RSA-PKCS --id 05 --input-file data --output-file other.sig
openssl x509 -in cert.pem -noout -pubkey > other.pem
run openssl dgst -sha256 -verify other.pem -signature other.sig data
run pkcs11-tool "${here[@]}" --decrypt --mechanism AES-CBC-PAD --iv 00112233445566778899aabbccddeeff --id 04 \
	--input-file block.enc --output-file block.new
cmp block block.new || fail "what was encrypted there is not decrypted here"
run pkcs11-tool "${here[@]}" --read-object --type cert --id 05 --output-file cert.new
cmp cert.der cert.new || fail "the certificate is another one"
run pkcs11-tool "${here[@]}" --read-object --type data --label note --output-file note.new
cmp note note.new || fail "the data object is another one"
python3 "$scratch/tests/import-attributes.py" compare "$softhsm" "$GNUTLS_PIN" "$module" || fail "attributes differ"

step "into a token that is there, with its own PIN"
run pkcs11-tool --module "$module" --slot-index 1 --init-token --label other --so-pin "$GNUTLS_SO_PIN"
run pkcs11-tool --module "$module" --token-label other --login --login-type so --so-pin "$GNUTLS_SO_PIN" --init-pin --new-pin 11111111
printf '11111111\n' > other-pin
refused "$craton" import --token other --pin-file pin --token-pin-file wrong softhsm softhsm
shows 'the user PIN of token other is wrong'
run "$craton" import --token other --pin-file pin --token-pin-file other-pin --json softhsm softhsm
cp "$scratch/out" out
run python3 -c 'import json; assert json.load (open ("out"))["imported"] == 12'

step "several tokens, and what Craton has no kind for"
run softhsm2-util --init-token --free --label second --pin "$GNUTLS_PIN" --so-pin "$GNUTLS_SO_PIN"
refused "$craton" import --token other --pin-file pin --token-pin-file other-pin softhsm softhsm
shows 'several tokens'
there=(--module "$softhsm" --token-label second --login --pin "$GNUTLS_PIN")
run pkcs11-tool "${there[@]}" --keypairgen --key-type EC:secp384r1 --id 21 --label strange
mkdir strange
for folder in softhsm/*; do
	! grep -qa second "$folder/token.object" || cp -r "$folder" strange/
done
python3 "$scratch/tests/import-attributes.py" stranger strange || fail "no such key can be made"
refused "$craton" import --token other --label second --pin-file pin --token-pin-file other-pin softhsm strange
shows '[(]strange[)]: left out: Craton has no objects of class 0x2 and type 0x30'
shows '1 objects imported into token other, 1 left out'
run pkcs11-tool --module "$module" --token-label other --login --pin 11111111 --list-objects --type privkey
shows 'label: +strange'
no_backends
