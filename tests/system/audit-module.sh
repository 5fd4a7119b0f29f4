#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The audit log of a hosted module: in the folder that audit-folder= names, else beside those of the tokens; taken away, shown, ended and
# verified with "craton audit --module". Where its folder cannot be written the module's calls are refused.
. "$(dirname "$0")/lib.sh"
craton=$scratch/libexec/craton
folder=$HOME/logs/hsm
usual=$XDG_DATA_HOME/craton/softhsm.module

# log_with LINE...: SoftHSM, and in its group these lines.
log_with () {
	use_softhsm
	printf '%s\n' "$@" >> "$user_conf"
}

# count PATTERN FILE...: the lines that match.
count () {
	cat "${@:2}" | grep -cE -e "$1" || true
}

step "in the folder that craton.conf names, and nowhere else"
# shellcheck disable=SC2088
log_with audit=keys 'audit-folder=~/logs/hsm'
run "$craton" audit key --module softhsm
verification=$(grep -oE '^0-[0-9a-f]{64}$' "$scratch/out")
[ -f "$folder/audit.state" ] || fail "no log has begun in $folder"
[ ! -e "$folder/audit.verify" ] || fail "the key is on the disk"
make_token "$module" hosted
user=(--module "$module" --token-label hosted --login --pin "$GNUTLS_PIN")
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 01 --label signer
refused pkcs11-tool --module "$module" --token-label hosted --login --pin 99887766 --list-objects
printf 'what nobody may read in the log.' > text
run pkcs11-tool "${user[@]}" --sign --mechanism ECDSA --id 01 --input-file text --output-file signature
no_backends
[ "$(count '"token":"pkcs11:[^"]*token=hosted",.*"program":"[^"]*/pkcs11-tool","function":"C_Sign",.*"label":"signer".*"result":"CKR_OK"' "$folder/audit.log")" = 1 ] ||
	fail "the signature is not in $folder/audit.log"
[ ! -e "$usual" ] || fail "there is a log in $usual, too"
[ "$(stat -c %a "$folder/audit.log" "$folder/audit.state" | sort -u)" = 600 ] || fail "the log is not the user's alone"
for secret in "$GNUTLS_PIN" "$GNUTLS_SO_PIN" 99887766 'what nobody may read'; do
	! grep -qiF -e "$secret" "$folder"/audit.* || fail "the log has $secret"
done

step "shown, ended, verified"
run "$craton" audit show --module softhsm --failed --function C_Login
shows 'CKR_PIN_INCORRECT +user'
run "$craton" audit rotate --module softhsm
[ -f "$folder/audit.log.00000001" ] || fail "the file has not ended"
run pkcs11-tool "${user[@]}" --sign --mechanism ECDSA --id 01 --input-file text --output-file signature
no_backends
run "$craton" audit show --module softhsm --json --function C_Sign
[ "$(count '"function":"C_Sign"' "$scratch/out")" = 2 ] || fail "not both signatures are shown"
run "$craton" audit verify --module softhsm --key "$verification"
shows ' 0 findings'
refused "$craton" audit key --module softhsm
shows 'was taken before'
sed -i 's/"label":"signer"/"label":"other"/' "$folder/audit.log.00000001"
refused "$craton" audit verify --module softhsm --key "$verification"
shows 'audit.log.00000001:[0-9]+: this line was changed'

step "by default beside the tokens' folders"
log_with audit=auth
run pkcs11-tool "${user[@]}" --list-objects
no_backends
[ "$(count '"function":"C_Login",.*"result":"CKR_OK"' "$usual/audit.log")" = 1 ] || fail "the login is not in $usual"
run "$craton" audit verify --module softhsm
rm -r "$usual"

step "without audit= where rules hold, else not at all"
log_with deny-functions=C_SeedRandom
run pkcs11-tool "${user[@]}" --list-objects
no_backends
[ "$(count '"function":"C_Login"' "$usual/audit.log")" = 1 ] || fail "no log, though a rule holds"
rm -r "$usual"
log_with
run pkcs11-tool "${user[@]}" --list-objects
no_backends
[ ! -e "$usual" ] || fail "a log that nobody asked for"
refused "$craton" audit show --module softhsm
shows 'no module "softhsm" with an audit log'
refused "$craton" audit show --module other
shows 'no module "other" with an audit log'

step "a folder that is no absolute path leaves the module out"
log_with audit=keys audit-folder=logs
refused pkcs11-tool "${user[@]}" --list-objects
[ ! -e logs ] || fail "a folder was made in the current one"
no_backends

step "a folder that cannot be written: refused, and nothing has happened"
mkdir -m 500 "$HOME/closed"
log_with audit=keys "audit-folder=$HOME/closed"
refused pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 02 --label unrecorded
no_backends
[ -z "$(ls -A "$HOME/closed")" ] || fail "something was written to the folder"
chmod 700 "$HOME/closed"
run pkcs11-tool "${user[@]}" --list-objects
shows_not unrecorded
no_backends
[ "$(count '"function":"C_Login",.*"result":"CKR_OK"' "$HOME/closed/audit.log")" = 1 ] || fail "no log in a folder that can be written again"
