#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# nginx with its keys in the token: loaded by the master before the fork, and by the workers after it. 4 workers, reloads
# under load. Usage: nginx.sh soft|softhsm
. "$(dirname "$0")/lib.sh"

case $1 in
soft) use_soft_token ;;
softhsm) use_hosted_softhsm ;;
esac

# serve NAME: nginx with this example.
serve () {
	port=$(free_port)
	install_example "$1"
	sed -i -e "s/listen 443/listen 127.0.0.1:$port/" -e 's/^env CRATON_CONFIG;/&\nenv CRATON_BACKEND;\nenv CRATON_DEBUG;/' \
		-e "s|^http {|&\n$(printf '%s_temp_path %s; ' client_body "$scratch/etc/body" proxy "$scratch/etc/proxy" \
			fastcgi "$scratch/etc/fastcgi" uwsgi "$scratch/etc/uwsgi" scgi "$scratch/etc/scgi")|" "$scratch/etc/$1"
	[ "$(id -u)" -eq 0 ] || sed -i '/^user /d' "$scratch/etc/$1"
	: > "$scratch/etc/error.log"
	start_server nginx -c "$scratch/etc/$1" -g 'daemon off;'
}

# some_workers: not one of the 4 alone answered.
some_workers () {
	printf '    %d of 4 workers answered\n' "$(n_workers)"
	[ "$(n_workers)" -ge 2 ] || fail "only one worker took part"
}

client=(--cafile "$scratch/etc/all.pem" --expect 'hello from the token')
for name in nginx.conf nginx-after.conf; do
	step "$name, $1: 4 workers"
	serve "$name"
	masters=0
	[ "$name" != nginx.conf ] || masters=1
	expect_backends "$masters"
	load --requests 1000 "${client[@]}"
	some_workers
	expect_backends $((masters + $(n_workers)))
	tell_backends "with 4 workers"
	before=$pids

	step "$name, $1: reload under load, after 200 and after 600 requests"
	load --requests 1000 "${client[@]}" --signal "200:HUP:$server" --signal "600:HUP:$server"
	[ "$(n_workers)" -gt 4 ] || fail "no new workers came"
	soon gone $before || fail "a worker from before the reload is still there"
	load --requests 100 "${client[@]}"
	some_workers
	at_most_backends $((masters + 4))
	tell_backends "with the third generation of 4 workers"
	printf '    log lines about a refused call in a child: %d\n' "$(refusals "$scratch/server.log" "$scratch/etc/error.log")"

	step "$name, $1: stop"
	stop_server QUIT
done
