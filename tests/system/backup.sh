#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A token goes into a file and comes back, with its keys and PINs; an old one does not come back unnoticed; backends run meanwhile.
. "$(dirname "$0")/lib.sh"

craton=$scratch/libexec/craton
export XDG_STATE_HOME="$scratch/home/.local/state"
store=$scratch/store
printf '[token default]\nstore=%s\naudit=auth\n' "$store" > "$user_conf"
printf 'a good passphrase\n' > passphrase
printf 'another passphrase\n' > wrong
chmod 600 passphrase wrong
back=("$craton" backup --passphrase-file passphrase)
forth=("$craton" restore --passphrase-file passphrase)
user=(--module "$module" --token-label backup --login --pin "$GNUTLS_PIN")

# signs DATA-FILE: with the token's key, then verified with the public key that was exported at the beginning.
signs () {
	run pkcs11-tool "${user[@]}" --sign --mechanism SHA256-RSA-PKCS --id 01 --input-file "$1" --output-file signature
	run openssl dgst -sha256 -verify public.pem -signature signature "$1"
}

step "what is not there cannot be backed up"
refused "${back[@]}" none
shows 'is not initialised'
[ ! -e none ] || fail "a file was written"

make_token "$module" backup
run pkcs11-tool "${user[@]}" --keypairgen --key-type rsa:2048 --id 01 --label first
run pkcs11-tool "${user[@]}" --read-object --type pubkey --id 01 --output-file public.der
run openssl rsa -pubin -inform DER -in public.der -out public.pem
printf 'some data' > data
signs data

step "the tokens are listed"
run "$craton" tokens
shows '^default +backup +[0-9a-f]{16} .*: ready$'
run "$craton" tokens --json
cp "$scratch/out" out
run python3 -c 'import json; row = json.load (open ("out"))[0]; assert row["label"] == "backup" and row["changes"] > 3'

step "a backup, for nobody else to read, that replaces nothing"
run "${back[@]}" one
[ "$(stat -c %a one)" = 600 ] || fail "the backup's mode is $(stat -c %a one)"
cp one copy
refused "${back[@]}" one
shows 'there already'
cmp one copy || fail "the backup was changed"
refused "${back[@]}" missing/one
refused "$craton" backup
refused "$craton" backup --passphrase-file /dev/null two
shows 'nothing was given'
refused "$craton" backup --passphrase-fd 9 two
[ ! -e two ] || fail "a file was written"
run "${back[@]}" --json --force one
cp "$scratch/out" out
run python3 -c 'import json; assert json.load (open ("out"))["label"] == "backup"'
run "$craton" restore --check --passphrase-fd 3 one 3< passphrase
shows 'Token "backup"'
! grep -qa backup one || fail "the label is readable in the backup"
setsid "$craton" restore --check one < /dev/null > out 2>&1 && fail "asked nobody, and went on"
grep -q 'no terminal' out || fail "does not say that there is no terminal"

step "without a terminal's echo"
python3 - "$craton" one <<'PYTHON' || fail "the passphrase cannot be typed, or was shown"
import os, pty, sys
pid, fd = pty.fork ()
if pid == 0:
	os.execv (sys.argv[1], [sys.argv[1], "restore", "--check", sys.argv[2]])
seen = b""
while b": " not in seen:
	seen += os.read (fd, 100)
os.write (fd, b"a good passphrase\n")
try:
	while True:
		more = os.read (fd, 1000)
		if not more:
			break
		seen += more
except OSError:
	pass
status = os.waitpid (pid, 0)[1]
sys.stdout.write (seen.decode ())
sys.exit (status != 0 or b"good passphrase" in seen)
PYTHON

step "wrong passphrase, cut off, changed"
refused "$craton" restore --passphrase-file wrong --force one
shows 'passphrase is wrong, or the file was changed'
head -c 30000 one > short
refused "${forth[@]}" --force short
{ cat one; printf x; } > long
refused "${forth[@]}" --force long
refused "${forth[@]}" --force data
shows 'no backup of Craton'
signs data

step "a token that is there is not replaced without --force"
refused "${forth[@]}" one
shows -- '--force'
rm -rf "$store"
run "${forth[@]}" one
signs data
refused pkcs11-tool --module "$module" --token-label backup --login --pin 11111111 --list-objects
[ "$(stat -c %a "$store/token.db")" = 600 ] || fail "the store's mode is $(stat -c %a "$store/token.db")"

step "an older backup is found out by the store that is there"
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:secp256r1 --id 02 --label second
refused "${forth[@]}" --force one
shows 'the backup is older than the token: it was made on .* after [0-9]+ changes'
run pkcs11-tool "${user[@]}" --list-objects --type privkey
shows 'label: +second'

step "and by what was seen here, where the store is gone"
run "${back[@]}" two
rm -rf "$store"
refused "${forth[@]}" one
shows 'older than what was seen here'
[ ! -e "$store/token.db" ] || fail "a token was made all the same"
XDG_STATE_HOME=$scratch/elsewhere run "${forth[@]}" one
rm -rf "$store"
run "${forth[@]}" --older one
run pkcs11-tool "${user[@]}" --list-objects --type privkey
shows_not 'label: +second'
signs data

step "after that the newer one is the older one"
refused "${forth[@]}" --force two
shows 'the backup is older'
run "${forth[@]}" --force --older two
run pkcs11-tool "${user[@]}" --list-objects --type privkey
shows 'label: +second'

step "a damaged store is replaced"
printf 'x%.0s' {1..9000} | dd of="$store/token.db" bs=1 seek=100 conv=notrunc status=none
rm -f "$store"/token.db-*
run "${forth[@]}" --force --older two
signs data

step "while programs use the token"
python3 "$scratch/tests/restore-while-used.py" "$module" "$GNUTLS_PIN" "$craton" "$scratch/tmp" ||
	fail "a program did not go on with the restored token"
signs data
no_backends

step "and the audit log knows of it"
run "$craton" audit verify
run "$craton" audit show
shows 'backup.*after [0-9]+ changes'
shows 'restore.*as of .* after [0-9]+ changes; before: [0-9]+'
