#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Several processes on one token: nothing is lost when they write at once, each sees what the others did, and with
# lock=exclusive the second one is told so.
. "$(dirname "$0")/lib.sh"

make_token "$module" shared
user=(--module "$module" --token-label shared --login --pin "$GNUTLS_PIN")

step "eight processes write at once"
pids=()
for id in 1 2 3 4 5 6 7 8; do
	timeout -k 5 "$fork_limit" pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id "0$id" \
		--label "key-$id" > "writer-$id" 2>&1 < /dev/null &
	pids+=($!)
done
for pid in "${pids[@]}"; do
	wait "$pid" || { cat writer-*; fail "a writer failed"; }
done
run pkcs11-tool "${user[@]}" --list-objects
for id in 1 2 3 4 5 6 7 8; do
	[ "$(grep -cE "label: +key-$id\$" "$scratch/out")" -eq 2 ] || fail "both halves of key-$id expected"
done

step "a process that runs already sees what another one makes and deletes"
export CRATON_DEBUG=1
no_backends
coproc reader { "$scratch/tests/system-watch" "$module" shared; }
reader_pid=$!
ask () {
	local answer

	echo "$1" >&"${reader[1]}"
	read -r -t 60 answer <&"${reader[0]}" || fail "the reader does not answer"
	[ "$answer" = "$2" ] || fail "the reader finds $answer objects \"$1\" instead of $2"
}
ask key-1 1
[ "$(backends | wc -l)" -eq 1 ] || fail "the reader is to have one backend: $(backends | tr '\n' ' ')"
ask late 0
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 09 --label late
ask late 1
run pkcs11-tool "${user[@]}" --delete-object --type pubkey --id 09
ask late 0
exec {reader[1]}>&-
wait "$reader_pid"

step "lock=exclusive"
cat > "$user_conf" <<CONF
[token default]
lock=exclusive
CONF
coproc reader { "$scratch/tests/system-watch" "$module" shared; }
reader_pid=$!
ask key-1 1
refused pkcs11-tool --module "$module" --list-slots
shows 'CKR_GENERAL_ERROR'
shows 'Database at .* is locked by another process'
ask key-2 1
exec {reader[1]}>&-
wait "$reader_pid"
run pkcs11-tool --module "$module" --list-slots
shows 'token label *: shared'
no_backends
