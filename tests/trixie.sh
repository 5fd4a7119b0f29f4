#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# The unit tests of the soft token on Debian 13, whose libcrypto (3.5) has ML-KEM, ML-DSA and SLH-DSA: in a chroot made with debootstrap
# and kept for the next time, with the sources as they stand. Needs root, and a network for packages that are missing.
#
# Usage: tests/trixie.sh [FOLDER]: the chroot, without an argument ${XDG_CACHE_HOME:-~/.cache}/craton/trixie.
# The last line is "N passed, N failed".
set -euo pipefail

root=${1:-${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/craton/trixie}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# The token's tests, and those that go through the module.
tests=('mech*' 'operation*' 'message*' 'wrap*' 'derive*' 'conformance*' 'state*' selftest pairwise drbg cipher key-policy store pin object 'bad-input*' 'endings*')
mapfile -t packages < <("$here/run" packages)

fail () {
	printf 'trixie.sh: %s\n' "$*" >&2
	exit 1
}

[ "$(id -u)" -eq 0 ] || fail "needs root, for the chroot"
# A mount namespace of its own: nothing stays mounted. And a process namespace: nothing goes on running.
if [ -z "${TRIXIE_INSIDE:-}" ]; then
	TRIXIE_INSIDE=1 exec unshare --mount --pid --fork --kill-child --propagation private bash "${BASH_SOURCE[0]}" "$@"
fi

inside () {
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}

# Made whole or not at all.
if [ ! -e "$root/made-by-craton" ]; then
	command -v debootstrap > /dev/null || fail "needs debootstrap"
	# One of the two kinds of files is usually not there.
	mirror=$(find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.sources' -o -name '*.list' 2> /dev/null | sort |
		xargs -r sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' |
		grep -m 1 debian || true)
	rm -rf --one-file-system "$root"
	mkdir -p "$root"
	echo "Making a Debian 13 in $root, some two minutes"
	debootstrap --variant=minbase --include="$(IFS=, && echo "${packages[*]}")" trixie "$root" ${mirror:+"$mirror"} > "$root.log" 2>&1 || {
		tail -n 20 "$root.log" >&2
		fail "debootstrap failed, see $root.log"
	}
	touch "$root/made-by-craton"
fi
# The chroot's / is a mount point, as a machine's is.
mount --bind "$root" "$root"
mount --bind "$root" "$root"
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount -t sysfs -o ro sysfs "$root/sys"
mkdir -p "$root/source"
mount --bind "$here" "$root/source"
mount -o remount,bind,ro "$root/source"

missing=()
for package in "${packages[@]}"; do
	[ "$(inside dpkg-query -W -f '${db:Status-Status}' "$package" 2> /dev/null || true)" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
	cp -L /etc/resolv.conf "$root/etc/resolv.conf"
	inside DEBIAN_FRONTEND=noninteractive sh -c 'apt-get -qq update && apt-get -qq -y --no-install-recommends install "$@"' \
		sh "${missing[@]}" < /dev/null > "$root.log" 2>&1 || fail "cannot install ${missing[*]}, see $root.log"
fi
inside openssl version
[ -f "$root/build/build.ninja" ] || inside meson setup /build /source > "$root.log" 2>&1 || {
	tail -n 20 "$root.log" >&2
	fail "meson failed, see $root.log"
}
inside ninja -C /build --quiet
inside meson test -C /build --no-rebuild --suite unit "${tests[@]}" < /dev/null > "$root/build/output.txt" 2>&1 || true
grep -E '^ *[0-9]+/[0-9]+ ' "$root/build/output.txt" || { cat "$root/build/output.txt" >&2; fail "no test ran"; }
counts=$(python3 "$here/tests/count.py" "$root/build/meson-logs/testlog.json")
[ "${counts%%$'\n'*}" = "$counts" ] || printf '%s\n' "${counts#*$'\n'}"
counts=${counts%%$'\n'*}
printf '%s passed, %s failed\n' "${counts% *}" "${counts#* }"
[ "${counts#* }" -eq 0 ]
