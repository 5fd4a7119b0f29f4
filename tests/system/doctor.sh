#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# craton doctor: finds nothing wrong with an installation that is whole, and in each that is broken what is broken.
. "$(dirname "$0")/lib.sh"

craton=$scratch/libexec/craton
store=$XDG_DATA_HOME/craton/default
good_backend=$CRATON_BACKEND

# finds CHECK STATE TEXT: the doctor's line, with a line on what to do; and its exit status is 1.
finds () {
	local status=0

	timeout -k 5 "$fork_limit" "$craton" doctor "${@:4}" > "$scratch/out" 2>&1 < /dev/null || status=$?
	[ "$status" -eq 1 ] || { cat "$scratch/out"; fail "exit status $status, not 1"; }
	grep -E -A 1 "^$2 +$1 +.*$3" "$scratch/out" > "$scratch/finding" ||
		{ cat "$scratch/out"; fail "no line: $2 $1 $3"; }
	sed 's/^/    /' "$scratch/finding"
	grep -qE '^ +-> .' "$scratch/finding" || fail "does not say what to do"
}

step "whole, without a token"
use_p11_kit
run "$craton" doctor
shows "^ok +registration +p11-kit loads $module"
shows '^ok +backend '
shows '^ok +store +token default: not initialised yet'
shows '^ok +application '
shows '^ok +hardened +MemoryDenyWriteExecute=yes: works'
shows '^ok +hardened +LimitNOFILE=64 LimitMEMLOCK=64K: works'
shows '^ok +hardened +SystemCallFilter=~memfd_create: refused in good order'
shows '^ok +fork '
shows_not '^wrong'
no_backends

step "whole, with one"
make_token "$module" doctor
run "$craton" doctor
shows "^ok +store +token default: $store"
shows '^ok +pins +doctor: no PIN is locked'
run "$craton" doctor --json
python3 -c 'import json, sys
rows = json.load (open (sys.argv[1]))
assert {row["state"] for row in rows} <= {"ok", "warning"}, rows
assert all ((row["todo"] is None) == (row["state"] == "ok") for row in rows), rows' "$scratch/out" || fail "JSON"

step "not registered, or with a file that is not there"
mv "$XDG_CONFIG_HOME/pkcs11/modules/craton.module" "$scratch/kept"
finds registration wrong 'does not know the module' --module "$module"
printf 'module: %s\ncritical: no\n' "$scratch/lib/none/craton-pkcs11.so" > "$XDG_CONFIG_HOME/pkcs11/modules/craton.module"
finds registration wrong 'does not' --module "$module"
mv "$scratch/kept" "$XDG_CONFIG_HOME/pkcs11/modules/craton.module"

step "a module that is none, and another vendor's"
finds module wrong 'cannot be used' --module "$scratch/out"
finds module wrong 'cannot be used' --module "$proxy_module"
finds application wrong 'cannot use the module' --module "$scratch/out"

step "a module that crashes when it is loaded"
cat > crash.c <<-'C'
	#include <signal.h>
	__attribute__ ((constructor)) static void crash (void) { raise (SIGSEGV); }
C
if cc -shared -fPIC -o "$scratch/crash.so" crash.c; then
	finds module wrong 'it crashes: signal 11' --module "$scratch/crash.so"
fi

step "no backend, one that cannot be executed, of another version, or that others can change"
export CRATON_BACKEND=$scratch/none
finds backend wrong 'is not there'
finds application wrong 'CKR_GENERAL_ERROR'
export CRATON_BACKEND=$scratch/other
printf '#!/bin/sh\necho craton-backend 0.0.1\n' > "$CRATON_BACKEND"
finds backend wrong 'cannot be executed'
chmod 755 "$CRATON_BACKEND"
finds backend wrong 'is not of this version.*craton-backend 0\.0\.1'
finds application wrong 'C_GetSlotList answers CKR_'
! grep -E '^(wrong|warning) +(hardened|fork) ' "$scratch/out" || fail "blames the hardening for what is wrong without it"
chmod 777 "$CRATON_BACKEND"
finds backend wrong 'can be changed by other users'
export CRATON_BACKEND=$good_backend

step "mistakes in craton.conf, and a module that is not there"
printf '[token default]\nno-such-key=1\n' > "$user_conf"
finds configuration wrong 'no-such-key'
printf '[module lost]\npath=/nowhere/lost.so\n' > "$user_conf"
finds configuration wrong 'module lost: /nowhere/lost\.so'
rm "$user_conf"

step "a store for all to see, and one that cannot be used"
chmod 755 "$store"
finds store wrong 'others may look into .*0755'
chmod 000 "$store"
[ "$(id -u)" -eq 0 ] || finds store wrong "$store: Permission denied"
chmod 700 "$store"
printf '[token root]\nstore=/etc\n' > "$user_conf"
[ "$(id -u)" -eq 0 ] || finds store wrong 'token root: /etc: '
rm "$user_conf"

step "an audit log whose state is damaged"
cp -p "$store/audit.state" "$scratch/kept"
printf 'rubbish' > "$store/audit.state"
finds audit wrong 'token default: .*audit\.state is missing, damaged'
cp -p "$scratch/kept" "$store/audit.state"

step "a PIN that is locked"
run "$craton" doctor
for _ in 1 2 3 4 5 6 7 8 9; do
	answers pkcs11-tool --module "$module" --token-label doctor --login --pin 99999999 --list-objects > /dev/null
done
run "$craton" doctor
shows '^warning +pins +doctor: one more wrong PIN locks out the user'
answers pkcs11-tool --module "$module" --token-label doctor --login --pin 99999999 --list-objects
finds pins wrong "doctor: the user's PIN is locked"
no_backends
