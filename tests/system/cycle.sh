#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# p11tool and pkcs11-tool from an empty token to an empty token: initialise, generate, list, sign, verify, encrypt,
# export, delete.
# Usage: cycle.sh soft|proxy|softhsm: the soft token directly, the same through p11-kit's proxy module, a hosted SoftHSM.
. "$(dirname "$0")/lib.sh"

kind=$1
case $kind in
proxy)
	use_p11_kit
	module=$proxy_module
	;;
softhsm)
	use_softhsm
	;;
esac

p11 () {
	run pkcs11-tool --module "$module" "$@"
}

user=(--token-label cycle --login --pin "$GNUTLS_PIN")
printf 'The quick brown fox jumps over the lazy dog.\n' > text

step "pkcs11-tool: initialise"
p11 --list-slots
make_token "$module" cycle
p11 --list-slots
shows 'token label *: cycle'
shows 'token flags.*initialized'
shows 'token flags.*PIN initialized'
p11 "${user[@]}" --change-pin --new-pin 11223344
refused pkcs11-tool --module "$module" "${user[@]}" --list-objects
shows 'CKR_PIN_INCORRECT'
p11 --token-label cycle --login --pin 11223344 --change-pin --new-pin "$GNUTLS_PIN"

step "pkcs11-tool: generate and list"
p11 "${user[@]}" --keypairgen --key-type rsa:2048 --id 01 --label rsa-key
p11 "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 02 --label ec-key
p11 "${user[@]}" --keypairgen --key-type EC:edwards25519 --id 03 --label ed-key
p11 "${user[@]}" --keygen --key-type AES:32 --id 04 --label aes-key
p11 "${user[@]}" --write-object text --type data --label note
p11 "${user[@]}" --list-objects
for label in rsa-key ec-key ed-key aes-key note; do
	shows "label: +'?$label'?$"
done
p11 --token-label cycle --list-objects
shows 'Public Key Object; RSA 2048 bits'
shows_not 'Private Key Object'

step "pkcs11-tool: sign, and verify in the token and with openssl"
for id in 01 02; do
	p11 --token-label cycle --read-object --type pubkey --id "$id" --output-file "pub-$id.der"
	openssl pkey -pubin -inform DER -in "pub-$id.der" -out "pub-$id.pem"
done
for mechanism in SHA256-RSA-PKCS SHA384-RSA-PKCS SHA512-RSA-PKCS; do
	p11 "${user[@]}" --sign --mechanism "$mechanism" --id 01 --input-file text --output-file signature
	p11 "${user[@]}" --verify --mechanism "$mechanism" --id 01 --input-file text --signature-file signature
	shows 'Signature is valid'
	hash=${mechanism%%-*}
	run openssl dgst "-${hash,,}" -verify pub-01.pem -signature signature text
done
p11 "${user[@]}" --sign --mechanism SHA256-RSA-PKCS-PSS --id 01 --input-file text --output-file signature
run openssl dgst -sha256 -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:digest -verify pub-01.pem \
	-signature signature text
openssl dgst -sha256 -binary -out digest text
p11 "${user[@]}" --sign --mechanism ECDSA --id 02 --input-file digest --output-file signature \
	--signature-format openssl
run openssl pkeyutl -verify -pubin -inkey pub-02.pem -in digest -sigfile signature
p11 "${user[@]}" --sign --mechanism EDDSA --id 03 --input-file text --output-file signature
p11 "${user[@]}" --verify --mechanism EDDSA --id 03 --input-file text --signature-file signature
shows 'Signature is valid'
printf 'tampered' >> text
answers pkcs11-tool --module "$module" "${user[@]}" --verify --mechanism EDDSA --id 03 --input-file text \
	--signature-file signature
shows 'Invalid signature'

step "pkcs11-tool: encrypt and decrypt"
openssl rand -out plain 190
run openssl pkeyutl -encrypt -pubin -inkey pub-01.pem -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1 \
	-in plain -out cipher
p11 "${user[@]}" --decrypt --mechanism RSA-PKCS-OAEP --hash-algorithm SHA-1 --mgf MGF1-SHA1 --id 01 \
	--input-file cipher --output-file back
cmp plain back
openssl rand -out plain 100003
p11 "${user[@]}" --encrypt --mechanism AES-CBC-PAD --iv 000102030405060708090a0b0c0d0e0f --id 04 \
	--input-file plain --output-file cipher
p11 "${user[@]}" --decrypt --mechanism AES-CBC-PAD --iv 000102030405060708090a0b0c0d0e0f --id 04 \
	--input-file cipher --output-file back
cmp plain back
! cmp -s -n 16 cipher plain || fail "nothing was encrypted"

step "pkcs11-tool: random numbers"
p11 --token-label cycle --generate-random 64 --output-file random-1
p11 --token-label cycle --generate-random 64 --output-file random-2
[ "$(wc -c < random-1)" -eq 64 ] || fail "64 random bytes are $(wc -c < random-1)"
! cmp -s random-1 random-2 || fail "random bytes repeat"

step "pkcs11-tool: export and delete"
p11 "${user[@]}" --read-object --type data --label note --output-file back
printf "The quick brown fox jumps over the lazy dog.\n" | cmp - back
for id in 01 02 03; do
	p11 "${user[@]}" --delete-object --type privkey --id "$id"
	p11 "${user[@]}" --delete-object --type pubkey --id "$id"
done
p11 "${user[@]}" --delete-object --type secrkey --id 04
p11 "${user[@]}" --delete-object --type data --label note
p11 "${user[@]}" --list-objects
shows_not 'label:'

step "p11tool: initialise again"
# GnuTLS finds the token through p11-kit; p11-kit does not let p11-kit's own users load its proxy module.
provider=(--provider "$module")
[ "$kind" != proxy ] || provider=()
p11kit () {
	run p11tool "${provider[@]}" --batch "$@"
}
p11kit --list-token-urls
url=$(grep -F token=cycle "$scratch/out")
p11kit --initialize --label cycle-2 "$url"
p11kit --list-token-urls
url=$(grep -F token=cycle-2 "$scratch/out")
p11kit --initialize-pin "$url"
p11kit --list-mechanisms "$url"
shows 'CKM_RSA_PKCS_KEY_PAIR_GEN'

step "p11tool: generate, list, sign, verify, export, delete"
p11kit --login --generate-privkey=rsa --bits=2048 --label=rsa-key "$url"
p11kit --login --generate-privkey=ecdsa --curve=secp384r1 --label=ec-key "$url"
# GnuTLS 3.7 asks for an Ed25519 key with CKM_EDDSA, which is no mechanism for that; OpenSC asks rightly.
p11 --token-label cycle-2 --login --pin "$GNUTLS_PIN" --keypairgen --key-type EC:edwards25519 --id 03 --label ed-key
labels=(rsa-key ec-key ed-key)
p11kit --login --list-all "$url"
for label in "${labels[@]}"; do
	shows "Label: $label"
done
for label in "${labels[@]}"; do
	hash=sha256
	[ "$label" != ed-key ] || hash=sha512
	p11kit --login --test-sign --hash="$hash" "$url;object=$label;type=private"
	shows 'Verifying against private key parameters... ok'
	p11kit --login --export-pubkey "$url;object=$label;type=private"
	shows 'BEGIN PUBLIC KEY'
done
refused p11tool "${provider[@]}" --batch --login --export "$url;object=rsa-key;type=private"
p11kit --login --test-sign --sign-params=rsa-pss --hash=sha256 "$url;object=rsa-key;type=private"
run certtool --generate-privkey --key-type=ecdsa --curve=secp256r1 --outfile software.pem
printf 'cn = Craton\nexpiration_days = 1\n' > template
run certtool --generate-self-signed --load-privkey software.pem --template template --outfile software-cert.pem
p11kit --login --write --load-privkey software.pem --label=imported "$url"
p11kit --login --write --load-certificate software-cert.pem --label=imported "$url"
p11kit --login --test-sign "$url;object=imported;type=private"
shows 'Signing using ECDSA-SHA256... ok'
p11kit --export "$url;object=imported;type=cert"
cp "$scratch/out" exported.pem
run certtool --certificate-info --infile exported.pem
shows 'CN=Craton'
for label in "${labels[@]}" imported; do
	p11kit --login --delete "$url;object=$label"
done
refused p11tool "${provider[@]}" --batch --login --list-all "$url"
shows 'No matching objects found'
no_backends
