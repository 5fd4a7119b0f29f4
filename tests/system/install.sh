#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# meson install puts every file where p11-kit and the FHS say, under DESTDIR and under another prefix, and what is
# installed there works and is hardened.
as_root=yes # makes build folders of its own; what needs a user without rights is run as one
. "$(dirname "$0")/lib.sh"

unprivileged=()
if [ "$(id -u)" -eq 0 ]; then
	unprivileged=(setpriv "--reuid=$nobody" "--regid=$nobody" --clear-groups --inh-caps=-all)
fi

installed () {
	[ -e "$1" ] || fail "not installed: $1"
}

# files ROOT PREFIX SYSCONFDIR: checks a whole installation.
files () {
	local base=$1$2 sysconf=$1$3 libdir

	# The prefix is moved where p11-kit is asked, as a build does it.
	libdir=$(dirname "$(find "$base" -name libcraton.so.0)")
	installed "$1$(pkg-config "--define-variable=prefix=$2" --variable=p11_module_path p11-kit-1)/craton-pkcs11.so"
	installed "$1$(pkg-config "--define-variable=prefix=$2" --variable=p11_module_configs p11-kit-1)/craton.module"
	installed "$libdir/libcraton.so.0"
	installed "$libdir/libcraton.so"
	installed "$libdir/pkgconfig/craton.pc"
	installed "$base/include/craton.h"
	installed "$base/libexec/craton-backend"
	installed "$base/share/doc/craton/examples/craton.conf.sample"
	installed "$base/share/doc/craton/examples/fork-demo.c"
	installed "$base/share/man/man3/craton_check_fork.3"
	installed "$base/share/man/man5/craton.conf.5"
	installed "$base/share/man/man7/craton.7"
	installed "$base/share/man/man8/craton-backend.8"
	installed "$base/share/locale/de/LC_MESSAGES/craton.mo"
	installed "$base/share/locale/fr/LC_MESSAGES/craton.mo"
	[ "$(find "$1" -type f -perm /022 | wc -l)" -eq 0 ] || fail "installed files that others may write to"
	# Nothing but that: a test helper or a static library does not belong there.
	[ "$(find "$1" \( -name 'test-*' -o -name '*.a' -o -name 'fork-demo' \) | wc -l)" -eq 0 ] ||
		fail "installed what is not for users"
	[ ! -d "$sysconf/craton" ] || [ -z "$(find "$sysconf/craton" -type f)" ] || fail "installed a configuration"
}

# hardened FILE
hardened () {
	readelf -W -d -l "$1" > "$scratch/out"
	shows 'GNU_RELRO'
	shows 'BIND_NOW|FLAGS.*NOW'
	shows_not 'GNU_STACK.* RWE'
	shows_not 'TEXTREL'
	readelf -W -h "$1" | grep -q 'Type: *DYN' || fail "$1 is not position-independent"
}

step "prefix /usr, DESTDIR"
run meson setup "$scratch/build-usr" "$CRATON_SOURCE" --prefix /usr --sysconfdir /etc -Dtests=false
run ninja -C "$scratch/build-usr"
umask 022
run env DESTDIR="$scratch/dest" meson install -C "$scratch/build-usr" --no-rebuild
files "$scratch/dest" /usr /etc
[ "$(find "$scratch/dest" -mindepth 1 -maxdepth 1 | tr '\n' ' ')" = "$scratch/dest/usr " ] ||
	fail "files outside of /usr and /etc: $(ls "$scratch/dest")"
grep -qx 'module: craton-pkcs11.so' "$scratch/dest/usr/share/p11-kit/modules/craton.module" ||
	fail "p11-kit's own folder needs no path"
for file in craton-pkcs11.so libcraton.so.0 craton-backend; do
	hardened "$(find "$scratch/dest" -name $file)"
done
readelf -W -d "$(find "$scratch/dest" -name craton-pkcs11.so)" > "$scratch/out"
shows 'NODELETE'

step "another prefix, with a folder for programs and libraries of its own"
run meson setup "$scratch/build-opt" "$CRATON_SOURCE" --prefix "$scratch/opt" --libexecdir libexec -Dtests=false
run ninja -C "$scratch/build-opt"
run meson install -C "$scratch/build-opt" --no-rebuild
files "" "$scratch/opt" "$scratch/opt/etc"
registered=$scratch/opt/share/p11-kit/modules/craton.module
opt_module=$(find "$scratch/opt" -name craton-pkcs11.so)
grep -qx "module: $opt_module" "$registered" || fail "the registration does not name $opt_module"
PKG_CONFIG_PATH=$(dirname "$(find "$scratch/opt" -name craton.pc)")
export PKG_CONFIG_PATH
run pkg-config --cflags --libs --modversion craton
shows '^0\.1\.0$'
printf '#include <craton.h>\nint main (void) { return craton_check_fork () ? 1 : 0; }\n' > use.c
# shellcheck disable=SC2046 # several words are meant
run cc use.c $(pkg-config --cflags --libs craton) "-Wl,-rpath,$(pkg-config --variable=libdir craton)" -o use
run ./use

step "p11-kit finds the module there, and it finds its library and its backend without being told"
cp "$registered" "$XDG_CONFIG_HOME/pkcs11/modules/"
printf 'user-config: only\n' > "$XDG_CONFIG_HOME/pkcs11/pkcs11.conf"
[ ${#unprivileged[@]} -eq 0 ] || chown -R "$nobody:$nobody" "$scratch/home"
chmod -R a+rX "$scratch"
run env -u CRATON_BACKEND "${unprivileged[@]}" p11-kit list-modules
shows '^(module: )?craton(:|$)'
shows 'manufacturer: Craton'
run env -u CRATON_BACKEND "${unprivileged[@]}" p11tool --batch --initialize --label there 'pkcs11:manufacturer=Craton'
run env -u CRATON_BACKEND "${unprivileged[@]}" p11tool --list-tokens
shows 'Label: there'
