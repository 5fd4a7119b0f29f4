#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
#
# What a newcomer meets: a Debian with nothing on it but git, a clone, ./run demo and ./run test; then both again with
# no network. Makes a chroot with debootstrap and removes it at the end. Needs root and debootstrap; takes a while.
#
# Usage: tests/bare.sh [SUITE [FOLDER]]: SUITE is bookworm or trixie; FOLDER is kept, and used again if it is there.
set -euo pipefail

suite=${1:-bookworm}
root=${2:-}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

[ "$(id -u)" -eq 0 ] || { echo "bare.sh: needs root, for the chroot" >&2; exit 1; }
command -v debootstrap > /dev/null || { echo "bare.sh: needs debootstrap" >&2; exit 1; }

# Namespaces of our own: nothing stays mounted, nothing goes on running, and /proc has the chroot's processes alone.
if [ -z "${BARE_INSIDE:-}" ]; then
	kept=$root
	[ -n "$root" ] || root=$(mktemp -d "${TMPDIR:-/var/tmp}/craton-bare.XXXXXX")
	[ -n "$kept" ] || trap 'rm -rf --one-file-system "$root"' EXIT
	status=0
	BARE_INSIDE=1 unshare --mount --pid --fork --kill-child --propagation private bash "${BASH_SOURCE[0]}" "$suite" "$root" || status=$?
	exit "$status"
fi

inside () {
	chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 "$@"
}

if [ ! -x "$root/usr/bin/git" ]; then
	# The machine's own source of packages, so that a mirror or a proxy of it is used here as well.
	mirror=$(sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\?\([^ ]*\).*/\2/p' /etc/apt/sources.list \
		/etc/apt/sources.list.d/*.sources /etc/apt/sources.list.d/*.list 2> /dev/null | head -n 1)
	debootstrap --variant=minbase --include=git,ca-certificates "$suite" "$root" ${mirror:+"$mirror"}
fi
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
# The chroot's / is a mount point, as a machine's is: tests make mounts of their own private to themselves.
mount --bind "$root" "$root"
mount --bind "$root" "$root" # a chroot into a mount, as containers have it
mount --bind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t tmpfs tmpfs "$root/tmp"

# The work as it stands, committed or not, as a repository to clone from.
rm -rf "$root/source" "$root/craton"
mkdir "$root/source"
git -C "$here" ls-files -z --cached --others --exclude-standard | (cd "$here" && xargs -0 cp --parents -t "$root/source")
inside git init --quiet /source
inside git -C /source add --all
inside git -C /source -c user.name=bare -c user.email=bare@localhost commit --quiet --message 'as it stands'
inside git clone --quiet /source /craton

for network in with without; do
	for command in demo test; do
		printf '\n=== %s network: ./run %s\n' "$network" "$command"
		if [ "$network" = with ]; then
			inside /craton/run "$command" < /dev/null
		else
			# Loopback alone, for the TLS tests.
			unshare --net sh -c 'ip link set lo up 2> /dev/null || ifconfig lo up 2> /dev/null || true; exec "$@"' \
				sh chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 \
				/craton/run "$command" < /dev/null
		fi
	done
done
printf '\nbare.sh: demo and test succeeded twice on %s\n' "$suite"
