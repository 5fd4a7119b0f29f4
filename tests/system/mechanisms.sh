#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A hosted module loses nothing on the way: SoftHSM's mechanisms, with sizes and flags, are the same through Craton.
. "$(dirname "$0")/lib.sh"
use_softhsm

make_token "$module" mechanisms
run pkcs11-tool --module "$softhsm" --token-label mechanisms --list-mechanisms
cp "$scratch/out" direct
[ "$(grep -c , direct)" -ge 50 ] || fail "SoftHSM lists too few mechanisms to prove anything"
run pkcs11-tool --module "$module" --token-label mechanisms --list-mechanisms
diff -u direct "$scratch/out" || fail "mechanisms differ"

step "slot and token are the same as well"
run pkcs11-tool --module "$softhsm" --list-slots
grep -E '^  (token|hardware|firmware|serial|pin)' "$scratch/out" > direct
run pkcs11-tool --module "$module" --list-slots
grep -E '^  (token|hardware|firmware|serial|pin)' "$scratch/out" | diff -u direct - || fail "tokens differ"
no_backends
