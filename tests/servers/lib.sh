# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
#
# Sourced first by every server test; the rest is tests/system/lib.sh. The servers are Debian's own and run the files of
# docs/examples/servers with paths, ports and what a step is about replaced. Root runs them as an operator does: the server starts
# as root, its workers are www-data, and the token's store is www-data's. Anybody else runs all of it as himself.

set -eu
umask 022

if [ -z "${CRATON_SCRATCH:-}" ]; then
	test=$(realpath "$0")
	scratch=$(mktemp -d "${TMPDIR:-/tmp}/craton-server.XXXXXX")
	trap 'chmod -R u+rwX "$scratch"; rm -rf "$scratch"' EXIT
	chmod 755 "$scratch"
	mkdir "$scratch/lib" "$scratch/libexec" "$scratch/home" "$scratch/tmp" "$scratch/etc" "$scratch/www" "$scratch/store"
	cp "$CRATON_BUILD/proxy/craton-pkcs11.so" "$scratch/lib/"
	cp -L "$CRATON_BUILD/proxy/libcraton.so.0" "$scratch/lib/"
	cp "$CRATON_BUILD/backend/craton-backend" "$scratch/libexec/"
	chmod -R a+rX "$scratch"
	[ "$(id -u)" -ne 0 ] || chown -R www-data:www-data "$scratch/home" "$scratch/tmp" "$scratch/store"
	status=0
	cd "$scratch/tmp"
	env -i PATH="/usr/sbin:/usr/bin:/sbin:/bin" LC_ALL=C.UTF-8 TMPDIR="$scratch/tmp" HOME="$scratch/home" \
		CRATON_SCRATCH="$scratch" CRATON_SOURCE="$CRATON_SOURCE" bash "$test" "$@" || status=$?
	exit "$status"
fi
. "$CRATON_SOURCE/tests/system/lib.sh"

examples=$CRATON_SOURCE/docs/examples/servers
as_www=()
[ "$(id -u)" -ne 0 ] || as_www=(setpriv "--reuid=www-data" "--regid=www-data" --init-groups --inh-caps=-all)
export CRATON_CONFIG="$scratch/etc/craton.conf"
export CRATON_DEBUG=1 # the log lines of the proxy, on the server's standard error
export PKCS11_MODULE_PATH="$module" PYKCS11LIB="$module" CRATON_MODULE="$module"
export PIN_FILE="$scratch/etc/pin"
export LD_LIBRARY_PATH="$scratch/lib"
export PYTHONDONTWRITEBYTECODE=1

# soon COMMAND...: repeats it until it succeeds; fails after 10 seconds.
soon () {
	local tries=0

	until "$@"; do
		tries=$((tries + 1))
		[ "$tries" -lt 200 ] || return 1
		sleep 0.05
	done
}

# install_example NAME...: an example into $scratch/etc, with this test's paths in place of the operator's.
install_example () {
	local name

	for name in "$@"; do
		sed -e "s|/var/lib/craton/web|$scratch/store/web|g" -e "s|/etc/ssl/token|$scratch/etc|g" \
			-e "s|/usr/lib/x86_64-linux-gnu/pkcs11/craton-pkcs11.so|$module|g" \
			-e "s|/srv/www|$scratch/www|g" -e "s|/srv/sign|$scratch/sign|g" \
			-e "s|/var/log/nginx/error.log|$scratch/etc/error.log|g" -e "s|/run/nginx.pid|$scratch/etc/nginx.pid|g" \
			"$examples/$name" > "$scratch/etc/$(basename "$name")"
	done
}

# use_soft_token: the store belongs to www-data, made by www-data.
use_soft_token () {
	install_example craton.conf
	make_server_token
}

# use_hosted_softhsm: its store is root's, and the workers may only read it. Where SoftHSM may, it writes the token's file anew at
# each login, and another process that reads the file at that moment fails.
use_hosted_softhsm () {
	local conf=$scratch/etc/softhsm2.conf

	use_softhsm
	mv "$SOFTHSM2_CONF" "$conf"
	sed -e "s|^environment=.*|environment=SOFTHSM2_CONF=$conf|" -e "s|^write-paths=.*|write-paths=$scratch/store|" \
		"$user_conf" > "$CRATON_CONFIG"
	sed -i -e "s|^directories.tokendir.*|directories.tokendir = $scratch/store|" "$conf"
	unset SOFTHSM2_CONF
	make_server_token
	if [ "$(id -u)" -eq 0 ]; then
		chown -R root:www-data "$scratch/store"
		chmod -R u=rwX,g=rX,o= "$scratch/store"
	else
		chmod -R u=rX,go= "$scratch/store"
	fi
}

# make_server_token: an RSA and an EC key, and their certificates $scratch/etc/rsa.pem, ec.pem and both in all.pem.
make_server_token () {
	local kind user

	printf '%s' "$GNUTLS_PIN" > "$PIN_FILE" # libp11 takes a newline for a part of the PIN
	if [ "$(id -u)" -eq 0 ]; then
		chown root:www-data "$PIN_FILE"
		chmod 640 "$PIN_FILE"
	else
		chmod 600 "$PIN_FILE"
	fi
	user=(--module "$module" --token-label web --login --pin "$GNUTLS_PIN")
	run "${as_www[@]}" pkcs11-tool --module "$module" --slot-index 0 --init-token --label web --so-pin "$GNUTLS_SO_PIN"
	run "${as_www[@]}" pkcs11-tool --module "$module" --token-label web --login --login-type so --so-pin "$GNUTLS_SO_PIN" \
		--init-pin --new-pin "$GNUTLS_PIN"
	run "${as_www[@]}" pkcs11-tool "${user[@]}" --keypairgen --key-type rsa:2048 --id 01 --label rsa
	run "${as_www[@]}" pkcs11-tool "${user[@]}" --keypairgen --key-type EC:prime256v1 --id 02 --label ec
	for kind in rsa ec; do
		run "${as_www[@]}" openssl req -engine pkcs11 -keyform engine -new -x509 -days 1 -sha256 -subj "/CN=$kind" \
			-key "pkcs11:token=web;object=$kind;type=private;pin-value=$GNUTLS_PIN" \
			-addext "subjectAltName=DNS:$kind.localhost" -out "$scratch/tmp/$kind.pem"
		cp "$scratch/tmp/$kind.pem" "$scratch/etc/$kind.pem"
	done
	cat "$scratch/etc/rsa.pem" "$scratch/etc/ec.pem" > "$scratch/etc/all.pem"
	no_backends
}

# start_server COMMAND...: listens on $port; sets $server to its process id. Its output goes to $scratch/server.log. In a session
# of its own: Apache ends by a signal to its whole process group.
start_server () {
	printf '+ (server) %s\n' "$*"
	setsid "$@" > "$scratch/server.log" 2>&1 < /dev/null &
	server=$!
	(wait_port "$port" "$server") || exit 1
	tell_backends "when the server listens"
}

# A failed test shows the logs, and leaves no server behind.
server=
clean_up () {
	local status=$? workers

	[ "$status" -eq 0 ] || show_logs
	[ -n "$server" ] && kill -0 "$server" 2> /dev/null || return 0
	workers=$(children "$server")
	kill "$server"
	soon gone "$server" || kill -KILL "$server" $workers 2> /dev/null || true
}
trap clean_up EXIT

# load ARGUMENT...: the client; must end well. Sets $pids to the workers that answered.
load () {
	printf '+ client.py %s\n' "$*"
	if ! timeout -k 5 240 /usr/bin/python3 "$CRATON_SOURCE/tests/servers/client.py" --port "$port" "$@" \
		> "$scratch/out" 2>&1; then
		cat "$scratch/out"
		fail "the client's requests failed"
	fi
	pids=$(sed -n 's/^pids *//p' "$scratch/out")
	grep -v '^pids' "$scratch/out" | sed 's/^/    /'
}

# show_logs: what server and module had to say.
show_logs () {
	local file

	for file in "$scratch/server.log" "$scratch/etc/error.log"; do
		[ ! -s "$file" ] || { printf -- '-- %s\n' "$file"; grep -v ':info\]' "$file" | tail -n 40; }
	done
}

# tell_backends WHEN: a line with the number of each user's backends, those that host a module among them.
tell_backends () {
	local list

	list=$(for pid in $(backends); do
		ps -o user= -p "$pid" || true
	done | sort | uniq -c | awk '{ printf "%s%d of %s", (NR > 1 ? ", " : ""), $1, $2 }')
	printf '    backends %s: %s\n' "$1" "${list:-none}"
}

# main_backends: as backends, without the processes in which one hosts a module, and the one that starts these.
main_backends () {
	local pid

	for pid in $(backends); do
		! grep -qx craton-spawner "/proc/$pid/comm" 2> /dev/null || continue
		tr '\0' '\n' 2> /dev/null < "/proc/$pid/cmdline" | grep -qxF -e --host || printf '%s\n' "$pid"
	done
}

n_backends () {
	main_backends | wc -l
}

has_backends () {
	test "$(n_backends)" "$1" "$2"
}

# expect_backends N: soon there are N, no more and no fewer.
expect_backends () {
	soon has_backends -eq "$1" || fail "$(n_backends) backends, and there should be $1"
}

# at_most_backends N: soon no worker that is gone has one any more. A worker that nobody has asked yet has none.
at_most_backends () {
	soon has_backends -le "$1" || fail "$(n_backends) backends, and there should be no more than $1"
}

# n_workers: of those that answered.
n_workers () {
	printf '%s\n' $pids | wc -l
}

# children PID: its living children, one a line.
children () {
	ps -o pid=,stat= --ppid "$1" | awk '$2 !~ /^Z/ { print $1 }'
}

# gone PID...: they have ended. What the test machine's init has not reaped yet has ended too.
gone () {
	local pid

	for pid in "$@"; do
		! kill -0 "$pid" 2> /dev/null || grep -qs '^State:.Z' "/proc/$pid/status" || return 1
	done
}

# stop_server SIGNAL: the server ends by it, and nothing of it stays: no worker, no backend.
stop_server () {
	local workers

	workers=$(children "$server")
	kill "-$1" "$server"
	soon gone "$server" || fail "the server does not end by $1"
	wait "$server" || true
	soon gone $workers || fail "a worker outlives the server"
	foreign=$(find "$scratch/store" ! -user "$(stat -c %U "$scratch/store")")
	no_backends
	tell_backends "after the server's end"
	[ -z "$foreign" ] || fail "root has left files in the store that are not the workers': $foreign"
}

# refusals: how many log lines tell of a refused call in a child.
refusals () {
	grep -chE 'craton: C_[A-Za-z]+ refused in pid' "$@" | awk '{ n += $1 } END { print n + 0 }'
}
