#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What goes wrong on a machine: each gives an error and one line in the log that says what to do; no crash, no hang.
. "$(dirname "$0")/lib.sh"
export CRATON_DEBUG=1

backend=$CRATON_BACKEND

# log_line PATTERN: one line of the log matches; it may be there more than once, for each time that it was tried.
log_line () {
	local n

	n=$(grep -E -e "^[^ ]*\\[[0-9]+\\]: .*$1" "$scratch/out" | sed 's/\[[0-9]*\]//' | sort -u | wc -l)
	[ "$n" -eq 1 ] || fail "$n log lines instead of one match: $1"
}

step "no backend"
export CRATON_BACKEND="$scratch/libexec/no-such-file"
refused pkcs11-tool --module "$module" --list-objects
log_line 'no-such-file'

step "a backend that may not be executed"
cp "$backend" "$scratch/libexec/not-executable"
chmod 644 "$scratch/libexec/not-executable"
export CRATON_BACKEND="$scratch/libexec/not-executable"
refused pkcs11-tool --module "$module" --list-objects
log_line 'not-executable'

step "a backend that ends at once"
printf '#!/bin/sh\nexit 3\n' > "$scratch/libexec/ends"
chmod 755 "$scratch/libexec/ends"
export CRATON_BACKEND="$scratch/libexec/ends"
refused pkcs11-tool --module "$module" --list-objects
log_line 'the token process did not start'

step "a backend of another version"
cat > "$scratch/libexec/other-version" <<'PYTHON'
#!/usr/bin/env python3
import socket
control = socket.socket (fileno=3)
hello = bytearray (control.recv (4096))
hello[4] += 1 # the second word of a message, little-endian: the version
control.send (hello)
control.recv (4096)
PYTHON
chmod 755 "$scratch/libexec/other-version"
export CRATON_BACKEND="$scratch/libexec/other-version"
refused pkcs11-tool --module "$module" --list-objects
log_line 'speaks version'

step "a backend that never answers is given up, and does not stay behind"
printf '#!/usr/bin/env python3\nimport signal\nsignal.pause ()\n' > "$scratch/libexec/hangs"
chmod 755 "$scratch/libexec/hangs"
export CRATON_BACKEND="$scratch/libexec/hangs"
refused pkcs11-tool --module "$module" --list-objects
log_line 'the token process did not start'
no_backends
export CRATON_BACKEND="$backend"

step "a store that may not be written to"
make_token "$module" readonly
user=(--module "$module" --token-label readonly --login --pin "$GNUTLS_PIN")
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 01 --label kept
chmod -R a-w "$XDG_DATA_HOME"
refused pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 02 --label lost
shows 'CKR_(TOKEN_WRITE_PROTECTED|SESSION_READ_ONLY|DEVICE_ERROR|FUNCTION_FAILED)'
run pkcs11-tool --module "$module" --list-slots
chmod -R u+w "$XDG_DATA_HOME"
run pkcs11-tool "${user[@]}" --list-objects
shows 'label: +kept'
shows_not 'label: +lost'
printf 'text' > text
run pkcs11-tool "${user[@]}" --sign --mechanism ECDSA --id 01 --input-file text --output-file signature

step "wrong PINs, until it is locked"
for _ in 1 2 3; do
	refused pkcs11-tool --module "$module" --token-label readonly --login --pin 00000000 --list-objects
	shows 'CKR_PIN_INCORRECT'
done
run pkcs11-tool "${user[@]}" --list-objects

step "hosted modules that do not exist, are no module, or crash"
printf 'not a library' > "$scratch/no-module.so"
cat > crash.c <<'C'
#include <stddef.h>
typedef unsigned long (*initialize) (void *args);
static unsigned long crash (void *args) { (void) args; __builtin_trap (); }
static struct { unsigned char version[2]; initialize functions[68]; } list = { { 2, 40 }, { crash } };
unsigned long C_GetFunctionList (void **ret);
unsigned long C_GetFunctionList (void **ret) { *ret = &list; return 0; }
C
run cc -shared -fPIC -o "$scratch/crash.so" crash.c
for bad in absent.so no-module.so crash.so; do
	says='module bad: .*cannot be loaded'
	[ "$bad" != crash.so ] || says='module bad did not start .CKR_DEVICE_REMOVED'
	printf '[module bad]\npath=%s\n' "$scratch/$bad" > "$user_conf"
	# The soft token is there all the same: one token's trouble is not another's.
	run pkcs11-tool --module "$module" --token-label readonly --list-objects
	shows 'label: +kept'
	log_line "$says"
done

step "a configuration with mistakes: file, line and key are named, the rest is served"
printf '[token default]\n[token spare]\nstore=%s\ncolour=blue\n' "$scratch/spare" > "$user_conf"
run pkcs11-tool --module "$module" --list-slots
log_line 'craton\.conf:4: .*colour'
shows 'readonly'
printf '[token default]\n[token spare]\npin-cost=99\n' > "$user_conf"
run pkcs11-tool --module "$module" --list-slots
log_line 'craton\.conf:3: .*pin-cost'
shows 'readonly'
printf 'no key file\n' > "$user_conf"
run pkcs11-tool --module "$module" --list-slots
log_line 'craton\.conf: is ignored'
rm "$user_conf"

step "unknown slots and tokens"
refused pkcs11-tool --module "$module" --slot 4242 --list-objects
refused pkcs11-tool --module "$module" --token-label nowhere --list-objects
no_backends
