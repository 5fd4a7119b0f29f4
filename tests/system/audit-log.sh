#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The audit log through everything: eight programs on one token while their backends are killed; each signature that somebody got is
# in the chain, which is whole; and neither a PIN, nor a key, nor what was signed is anywhere in it.
. "$(dirname "$0")/lib.sh"
craton=$scratch/libexec/craton
store=$XDG_DATA_HOME/craton/default
printf '[token default]\naudit=all\naudit-size=1\n' > "$user_conf"

run "$craton" audit key
verification=$(grep -oE '^0-[0-9a-f]{64}$' "$scratch/out")
[ ! -e "$store/audit.verify" ] || fail "the key is on the disk"
make_token "$module" audit
user=(--module "$module" --token-label audit --login --pin "$GNUTLS_PIN")
printf '\xc0\xff\xee\x00\xde\xad\xbe\xef\x01\x23\x45\x67\x89\xab\xcd\xef' > secret
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 01 --label signer
run pkcs11-tool "${user[@]}" --write-object secret --type secrkey --key-type AES:16 --id 02 --label imported
refused pkcs11-tool --module "$module" --token-label audit --login --pin 99887766 --list-objects
printf 'what nobody may read in the log.' > text

step "eight programs, backends killed"
worker () {
	local n

	for n in 1 2 3 4 5 6; do
		pkcs11-tool "${user[@]}" --sign --mechanism ECDSA --id 01 --input-file text --output-file "signature.$1.$n" \
			> /dev/null 2>&1 || true
	done
}
workers=()
for number in 1 2 3 4 5 6 7 8; do
	worker "$number" &
	workers+=($!)
done
while kill -0 "${workers[@]}" 2> /dev/null; do
	victim=$(backends | shuf -n 1)
	[ -z "$victim" ] || kill -9 "$victim" 2> /dev/null || true
	sleep 0.2
done
wait "${workers[@]}"
got=$(find . -name 'signature.*' -size +0 | wc -l)
written=$(cat "$store"/audit.log* | grep -c '"function":"C_Sign",.*"result":"CKR_OK"' || true)
printf '%s signatures were had, %s are in the log\n' "$got" "$written"
[ "$got" -gt 0 ] && [ "$written" -ge "$got" ] || fail "a signature is not in the log"
no_backends
run "$craton" audit verify --key "$verification"
shows ' 0 findings'

step "what must not be in it"
for secret in "$GNUTLS_PIN" "$GNUTLS_SO_PIN" 99887766 c0ffee00deadbeef 'what nobody may read' \
	"$(od -An -v -tx1 text | tr -d ' \n' | cut -c 1-16)" "$(base64 -w 0 secret | cut -c 1-16)"; do
	! grep -qiF -e "$secret" "$store"/audit.* || fail "the log has $secret"
done
LC_ALL=C grep -qaP '\xc0\xff\xee\x00\xde\xad' "$store"/audit.* && fail "the log has the bytes of a key"
run "$craton" audit show --failed --function C_Login
shows 'CKR_PIN_INCORRECT +user'

step "a change is found"
sed -i 's/"label":"imported"/"label":"other"/' "$store/audit.log"
refused "$craton" audit verify --key "$verification"
shows 'audit.log:[0-9]+: this line was changed'
