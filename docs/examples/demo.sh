#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# Shows Craton at work in a scratch home: registration with p11-kit, a token, keys, signatures, a fork. Nothing outside
# of the scratch folder is touched, and it is removed at the end. ./run demo calls this with the build folder.
#
# p11-kit ignores root's own configuration, so for root the steps run as the user "nobody".
set -euo pipefail

build=${1:?usage: demo.sh BUILD-FOLDER}
nobody=65534

if [ -z "${DEMO_SCRATCH:-}" ]; then
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/craton-demo.XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	mkdir "$scratch/home"
	DESTDIR=$scratch/root meson install -C "$build" --no-rebuild --quiet > /dev/null
	cp "$build/docs/examples/fork-demo" "$scratch/"
	cp "${BASH_SOURCE[0]}" "$scratch/demo.sh"
	chmod -R a+rX "$scratch"
	drop=()
	if [ "$(id -u)" -eq 0 ]; then
		printf "Run by root, so the steps are run as nobody: p11-kit ignores root's own configuration.\n"
		chown -R "$nobody:$nobody" "$scratch/home"
		drop=(setpriv "--reuid=$nobody" "--regid=$nobody" --clear-groups --inh-caps=-all --no-new-privs)
	fi
	cd "$scratch/home"
	status=0
	env -i PATH="/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8 HOME="$scratch/home" DEMO_SCRATCH="$scratch" \
		"${drop[@]}" bash "$scratch/demo.sh" "$build" || status=$?
	exit "$status"
fi

scratch=$DEMO_SCRATCH
module=$(find "$scratch/root" -name craton-pkcs11.so)
CRATON_BACKEND=$(find "$scratch/root" -name craton-backend)
LD_LIBRARY_PATH=$(dirname "$(find "$scratch/root" -name libcraton.so.0)")
proxy_module=$(pkg-config --variable=proxy_module p11-kit-1)
export CRATON_BACKEND LD_LIBRARY_PATH
export XDG_CONFIG_HOME="$HOME/.config" XDG_DATA_HOME="$HOME/.local/share"
export GNUTLS_PIN=12345678 GNUTLS_SO_PIN=87654321

n=0
step () {
	n=$((n + 1))
	printf '\n%d. %s\n' "$n" "$*"
}

# shown FILTER COMMAND...: runs it, says which process it was, and shows the lines that matter; all of them if it fails.
shown () {
	local filter=$1 pid status=0

	shift
	"$@" > "$HOME/out" 2>&1 < /dev/null &
	pid=$!
	wait "$pid" || status=$?
	printf '   %s (process %d): %s\n' "$1" "$pid" "$(grep -E -e "$filter" "$HOME/out" | sed 's/^[[:space:]]*//' |
		paste -sd '|' - | sed 's/|/, /g')"
	if [ "$status" -ne 0 ]; then
		cat "$HOME/out"
		printf 'demo: failed with exit status %d: %s\n' "$status" "$*" >&2
		exit 1
	fi
}

step "The module is registered with p11-kit, in $XDG_CONFIG_HOME/pkcs11/modules/craton.module"
mkdir -p "$XDG_CONFIG_HOME/pkcs11/modules"
printf 'user-config: only\n' > "$XDG_CONFIG_HOME/pkcs11/pkcs11.conf"
printf 'module: %s\n' "$module" > "$XDG_CONFIG_HOME/pkcs11/modules/craton.module"
shown '^craton:|library-description' p11-kit list-modules

step "p11tool initialises the token; its store is in $XDG_DATA_HOME"
shown 'successfully' p11tool --batch --initialize --label demo 'pkcs11:manufacturer=Craton'
shown 'Setting' p11tool --batch --initialize-pin 'pkcs11:token=demo'

step "An RSA and an EC key are made in it"
shown 'Generating' p11tool --batch --login --generate-privkey=rsa --bits=2048 --label=rsa --id=01 'pkcs11:token=demo'
shown 'Generating' p11tool --batch --login --generate-privkey=ecdsa --curve=secp256r1 --label=ec --id=02 'pkcs11:token=demo'
shown 'Type:' p11tool --batch --login --list-all 'pkcs11:token=demo'

step "Both sign and verify through p11-kit's proxy module, $proxy_module"
printf 'a text to be signed\n' > "$HOME/text"
openssl dgst -sha256 -binary -out "$HOME/digest" "$HOME/text"
proxied=(pkcs11-tool --module "$proxy_module" --token-label demo --login --pin "$GNUTLS_PIN")
for row in 01:SHA256-RSA-PKCS:text 02:ECDSA:digest; do
	IFS=: read -r id mechanism input <<< "$row"
	operation=(--mechanism "$mechanism" --id "$id" --input-file "$HOME/$input")
	shown 'Using signature' "${proxied[@]}" --sign "${operation[@]}" --output-file "$HOME/signature"
	shown 'Signature is valid' "${proxied[@]}" --verify "${operation[@]}" --signature-file "$HOME/signature"
done
export PIN=$GNUTLS_PIN

step "A fork, with the module loaded directly"
"$scratch/fork-demo" "$module" demo rsa | sed 's/^/   /'

step "The same fork, through p11-kit's proxy module"
"$scratch/fork-demo" "$proxy_module" demo rsa | sed 's/^/   /'

printf '\nThat was all; %s is removed again.\n' "$scratch"
