#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A disk that is full, and one that can only be read: writing is refused, nothing that was stored is lost, and all is well
# when there is room again.
as_root=yes # to mount a small file system, in a namespace of its own; other users do it in a user namespace
. "$(dirname "$0")/lib.sh"
craton=$scratch/libexec/craton

if [ -z "${CRATON_TEST_INSIDE:-}" ]; then
	user_namespace=()
	[ "$(id -u)" -eq 0 ] || user_namespace=(--user --map-root-user)
	# In a chroot / is no mount, and its propagation cannot be changed; that is no harm if nothing is shared there.
	propagation=private
	if ! unshare "${user_namespace[@]}" --mount --propagation private true && ! grep -q ' shared:' /proc/self/mountinfo; then
		propagation=unchanged
	fi
	status=0
	unshare "${user_namespace[@]}" --mount --propagation "$propagation" env CRATON_TEST_INSIDE=1 bash "$0" || status=$?
	exit "$status"
fi
export CRATON_DEBUG=1
mkdir -p "$XDG_DATA_HOME"
mount -t tmpfs -o size=2m,mode=700 none "$XDG_DATA_HOME"

# Another token is on another disk, its log too.
printf '[token default]\n[token other]\nstore=%s/other\n' "$scratch" > "$user_conf"
make_token "$module" full
run pkcs11-tool --module "$module" --slot-index 1 --init-token --label other --so-pin "$GNUTLS_SO_PIN"
run pkcs11-tool --module "$module" --token-label other --login --login-type so --so-pin "$GNUTLS_SO_PIN" \
	--init-pin --new-pin "$GNUTLS_PIN"
other=(--module "$module" --token-label other --login --pin "$GNUTLS_PIN")
user=(--module "$module" --token-label full --login --pin "$GNUTLS_PIN")
run pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 01 --label kept
openssl rand -out digest 32

step "no room left"
cat /dev/zero > "$XDG_DATA_HOME/filler" 2> /dev/null || true
openssl rand -out large 300000
refused pkcs11-tool "${user[@]}" --write-object large --type data --label lost
shows 'CKR_DEVICE_MEMORY'
shows 'craton-backend\[[0-9]+\]: No space left'
refused pkcs11-tool "${user[@]}" --keypairgen --key-type rsa:2048 --id 02 --label lost
# The login could not count its try, but its line had its room.
run "$craton" audit show --token default --function C_Login
shows 'C_Login +CKR_DEVICE_MEMORY'
run "$craton" audit verify --token default
shows ' 0 findings'
run pkcs11-tool "${other[@]}" --keypairgen --key-type EC:prime256v1 --id 03 --label elsewhere
run pkcs11-tool "${other[@]}" --sign --mechanism ECDSA --id 03 --input-file digest --output-file signature
run pkcs11-tool --module "$module" --token-label full --list-objects
shows 'label: +kept'
shows_not 'lost'

step "room again"
rm "$XDG_DATA_HOME/filler"
run pkcs11-tool "${user[@]}" --write-object large --type data --label found
run pkcs11-tool "${user[@]}" --list-objects
shows 'label: +kept'
shows "label: +'?found"
run pkcs11-tool "${user[@]}" --sign --mechanism ECDSA --id 01 --input-file digest --output-file signature
run "$craton" audit verify --token default
shows ' 0 findings'
no_backends

step "remounted to be read only"
mount -o remount,ro "$XDG_DATA_HOME"
refused pkcs11-tool "${user[@]}" --write-object large --type data --label never
shows 'CKR_TOKEN_WRITE_PROTECTED'
run pkcs11-tool --module "$module" --token-label full --list-objects
shows 'label: +kept'
shows_not 'never'
refused pkcs11-tool "${user[@]}" --sign --mechanism ECDSA --id 01 --input-file digest --output-file signature
shows 'CKR_DEVICE_ERROR'
shows 'craton-backend\[[0-9]+\]: token default: the audit log .* cannot be written: Read-only file system'
printf '[token default]\naudit=off\n' > "$user_conf"
run pkcs11-tool "${user[@]}" --sign --mechanism ECDSA --id 01 --input-file digest --output-file signature
no_backends
mount -o remount,rw "$XDG_DATA_HOME"
run pkcs11-tool "${user[@]}" --write-object digest --type data --label again
run pkcs11-tool "${user[@]}" --list-objects
shows "label: +'?again"
no_backends
umount "$XDG_DATA_HOME"
