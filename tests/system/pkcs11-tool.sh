#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# pkcs11-tool's own tests: its battery of calls, a fork, and threads that initialise and use the module at once.
[ "${1:-}" != as-root ] || as_root=yes
. "$(dirname "$0")/lib.sh"

make_token "$module" battery
user=(--module "$module" --token-label battery --login --pin "$GNUTLS_PIN")
run pkcs11-tool "${user[@]}" --keypairgen --key-type rsa:2048 --id 01 --label rsa
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:secp256r1 --id 02 --label ec

step "the battery"
run pkcs11-tool "${user[@]}" --test --allow-sw
shows 'Signatures'
shows 'No errors'
shows_not 'ERR|[1-9][0-9]* errors'

step "elliptic curves"
run pkcs11-tool "${user[@]}" --session-rw --test-ec --id 03 --label made-by-the-test --key-type EC:secp256r1
shows '==> OK'
shows_not 'ERR|[Ee]rror|failed'

step "a fork"
run pkcs11-tool "${user[@]}" --test-fork
shows 'forked child process'

step "threads"
rounds=1
[ -z "$CRATON_TEST_LONG" ] || rounds=5
while [ "$rounds" -gt 0 ]; do
	# Each argument is a thread: initialise (I) with locking (L), C_GetInfo, C_GetSlotList, C_GetTokenInfo of slot 0.
	threads=()
	for _ in 1 2 3 4 5 6; do
		threads+=(--test-threads ILGISLT0GISLT0)
	done
	run pkcs11-tool --module "$module" "${threads[@]}" --list-slots
	shows 'token label *: battery'
	! grep -F ' returned CKR_' "$scratch/out" | grep -vqE 'CKR_(OK|CRYPTOKI_ALREADY_INITIALIZED)' ||
		fail "a thread was refused"
	rounds=$((rounds - 1))
done
no_backends
