# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Sourced first by every system test. Afterwards the test runs in a scratch folder with a home of its own, on copies
# of the module, its library and the backend, so that it may read them whoever it runs as. p11-kit ignores root's own
# configuration, so root runs the test as a user without rights; as_root=yes before sourcing keeps root.
#
# From meson: CRATON_BUILD (build folder under test), CRATON_SOURCE. From ./run: CRATON_TEST_PLAIN, the build folder
# whose module and library are used when CRATON_BUILD is instrumented: uninstrumented tools cannot load those.

set -eu
umask 022 # craton.conf must not be for others to write

nobody=65534
fork_limit=120 # seconds that one command may take before it counts as hanging

fail () {
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}

step () {
	printf '== %s\n' "$*"
}

# The first pass, perhaps as root: scratch folder, copies, then the test again inside.
if [ -z "${CRATON_SCRATCH:-}" ]; then
	plain=${CRATON_TEST_PLAIN:-$CRATON_BUILD}
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/craton-test.XXXXXX")
	trap 'chmod -R u+rwX "$scratch"; rm -rf "$scratch"' EXIT
	mkdir -m 755 "$scratch/lib" "$scratch/libexec" "$scratch/tests" "$scratch/home" "$scratch/tmp" "$scratch/reports"
	cp "$plain/proxy/craton-pkcs11.so" "$scratch/lib/"
	cp -L "$plain/proxy/libcraton.so.0" "$scratch/lib/"
	cp "$CRATON_BUILD/backend/craton-backend" "$scratch/libexec/"
	cp "$CRATON_BUILD/backend/admin/craton" "$scratch/libexec/"
	cp "$CRATON_SOURCE/proxy/wire/pkcs11/functions.tsv" "$scratch/tests/"
	cp "$CRATON_SOURCE"/tests/system/*.sh "$CRATON_SOURCE"/tests/system/*.py "$scratch/tests/"
	for helper in "$plain"/docs/examples/fork-demo "$plain"/tests/system/system-watch; do
		[ ! -f "$helper" ] || cp "$helper" "$scratch/tests/"
	done
	chmod -R a+rX "$scratch"
	drop=()
	if [ "$(id -u)" -eq 0 ] && [ "${as_root:-no}" = no ]; then
		chown -R "$nobody:$nobody" "$scratch"
		drop=(setpriv "--reuid=$nobody" "--regid=$nobody" --clear-groups --inh-caps=-all --no-new-privs)
	fi
	status=0
	(
		cd "$scratch/tmp"
		# Nothing of the caller's environment decides how a test ends.
		exec env -i PATH="/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8 TMPDIR="$scratch/tmp" HOME="$scratch/home" \
			CRATON_SCRATCH="$scratch" CRATON_BUILD="$CRATON_BUILD" CRATON_SOURCE="$CRATON_SOURCE" \
			CRATON_TEST_LONG="${CRATON_TEST_LONG:-}" \
			ASAN_OPTIONS="log_path=$scratch/reports/address:detect_leaks=1:exitcode=99" \
			UBSAN_OPTIONS="log_path=$scratch/reports/undefined:print_stacktrace=1:exitcode=99" \
			TSAN_OPTIONS="log_path=$scratch/reports/thread:exitcode=99" \
			"${drop[@]}" bash "$scratch/tests/$(basename "$0")" "$@"
	) || status=$?
	if [ -n "$(ls -A "$scratch/reports")" ]; then
		cat "$scratch"/reports/*
		fail "a sanitizer reported the above"
	fi
	exit "$status"
fi

# What a failed test leaves running ends with it.
trap 'jobs -p | xargs -r kill 2> /dev/null || true' EXIT
scratch=$CRATON_SCRATCH
module=$scratch/lib/craton-pkcs11.so
export CRATON_BACKEND="$scratch/libexec/craton-backend"
export CRATON_STRICT=1
export XDG_CONFIG_HOME="$scratch/home/.config"
export XDG_DATA_HOME="$scratch/home/.local/share"
export XDG_RUNTIME_DIR="$scratch/tmp"
export GNUTLS_PIN=12345678
export GNUTLS_SO_PIN=87654321
mkdir -p "$XDG_CONFIG_HOME/craton" "$XDG_CONFIG_HOME/pkcs11/modules"
# PIN costs are for people; a test logs in a hundred times.
user_conf=$XDG_CONFIG_HOME/craton/craton.conf

# proxy_module: where p11-kit's own module is.
proxy_module=$(pkg-config --variable=proxy_module p11-kit-1)

# backends: the process ids of the backends of this test, one a line.
backends () {
	local dir arg args

	for dir in /proc/[0-9]*; do
		# A backend is not dumpable, so its exe link cannot be read; its command line can. A script has its name later.
		args=()
		mapfile -d '' args 2> /dev/null < "$dir/cmdline" || true
		for arg in "${args[@]:0:2}"; do
			[ "$arg" != "$CRATON_BACKEND" ] || printf '%s\n' "${dir#/proc/}"
		done
	done 2> /dev/null
}

# no_backends: every backend ends soon after its client.
no_backends () {
	local tries=0

	while [ -n "$(backends)" ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || fail "backends outlive their clients: $(backends | tr '\n' ' ')"
		sleep 0.05
	done
}

# capture COMMAND...: runs it and shows what it prints, which is kept in $scratch/out; its exit status is in $status. The file is a new
# one: a backend of the command before, which ends a moment after its client, may still write to the old one.
capture () {
	status=0
	rm -f "$scratch/out"
	timeout -k 5 "$fork_limit" "$@" > "$scratch/out" 2>&1 < /dev/null || status=$?
	sed 's/^/    /' "$scratch/out"
	[ "$status" -ne 124 ] || fail "hung: $*"
}

# run COMMAND...: must succeed; what it prints is kept in $scratch/out and shown.
run () {
	local status

	printf '+ %s\n' "$*"
	capture "$@"
	[ "$status" -eq 0 ] || fail "exit status $status: $*"
}

# answers COMMAND...: prints and runs it; some versions of a tool exit with 0 when the answer is "no", others with 1.
answers () {
	local status

	printf '+ %s\n' "$*"
	capture "$@"
	[ "$status" -le 1 ] || fail "exit status $status: $*"
}

# refused COMMAND...: must fail, but by itself: neither by a signal nor by hanging.
refused () {
	local status

	printf '+ (to be refused) %s\n' "$*"
	capture "$@"
	[ "$status" -lt 128 ] || fail "killed by signal $((status - 128)): $*"
	[ "$status" -ne 0 ] || fail "was not refused: $*"
}

# shows PATTERN: the last command's output has a line that matches the extended regular expression.
shows () {
	grep -qE -e "$1" "$scratch/out" || fail "no line matches: $1"
}

# shows_not PATTERN: it has none.
shows_not () {
	! grep -qE -e "$1" "$scratch/out" || fail "a line matches: $1"
}

# use_p11_kit: registers the module with p11-kit for this test's user, and no other module.
use_p11_kit () {
	printf 'user-config: only\n' > "$XDG_CONFIG_HOME/pkcs11/pkcs11.conf"
	printf 'module: %s\ncritical: no\n' "$module" > "$XDG_CONFIG_HOME/pkcs11/modules/craton.module"
}

# use_softhsm: hosts SoftHSM, with a token store of its own, and nothing else.
use_softhsm () {
	softhsm=$(ls /usr/lib/softhsm/libsofthsm2.so /usr/lib/*/softhsm/libsofthsm2.so 2> /dev/null | head -n 1)
	[ -n "$softhsm" ] || fail "SoftHSM is not installed"
	export SOFTHSM2_CONF="$scratch/softhsm2.conf"
	mkdir -p "$scratch/softhsm"
	printf 'directories.tokendir = %s\nobjectstore.backend = file\nlog.level = ERROR\n' "$scratch/softhsm" \
		> "$SOFTHSM2_CONF"
	cat > "$user_conf" <<-CONF
	[craton]
	default-token=no

	[module softhsm]
	path=$softhsm
	environment=SOFTHSM2_CONF=$SOFTHSM2_CONF
	write-paths=$scratch/softhsm
	CONF
}

# make_token MODULE LABEL: initialises the first token of a module, with both PINs.
make_token () {
	run pkcs11-tool --module "$1" --slot-index 0 --init-token --label "$2" --so-pin "$GNUTLS_SO_PIN"
	run pkcs11-tool --module "$1" --token-label "$2" --login --login-type so --so-pin "$GNUTLS_SO_PIN" \
		--init-pin --new-pin "$GNUTLS_PIN"
}

# free_port: a TCP port of the loopback interface that nobody listens on.
free_port () {
	python3 -c 'import socket; s = socket.socket (); s.bind (("127.0.0.1", 0)); print (s.getsockname ()[1])'
}

# wait_port PORT PID: until the server PID listens there.
wait_port () {
	local tries=0

	until (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null; do
		tries=$((tries + 1))
		[ "$tries" -lt 400 ] || fail "nobody listens on port $1"
		kill -0 "$2" 2> /dev/null || fail "the server ended before it listened"
		sleep 0.05
	done
}
