#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Gunicorn with an application that signs through PyKCS11. Without --preload each worker opens the key; with it the workers
# are forks of a process that has: refused without the hook of docs/examples, and at work with it.
# Usage: gunicorn.sh soft|softhsm
. "$(dirname "$0")/lib.sh"

case $1 in
soft) use_soft_token ;;
softhsm) use_hosted_softhsm ;;
esac
install_example gunicorn.conf.py sign_app.py

# serve OPTION...: gunicorn with the application, all of it as www-data.
serve () {
	port=$(free_port)
	start_server "${as_www[@]}" gunicorn --chdir "$scratch/etc" --bind "127.0.0.1:$port" --worker-tmp-dir "$scratch/tmp" \
		"$@" sign_app:application
}

step "The key is loaded after the fork (no --preload): 4 workers"
serve --config "$scratch/etc/gunicorn.conf.py"
load --requests 400 --signed "$scratch/etc/rsa.pem"
[ "$(n_workers)" -ge 2 ] || fail "only one worker took part"
expect_backends 4
tell_backends "with 4 workers"
[ "$(refusals "$scratch/server.log")" -eq 0 ] || fail "a call was refused"
stop_server TERM

step "The key is loaded before the fork (--preload), and no hook: every request is refused"
serve --config /dev/null --workers 4 --preload
load --requests 100 --refused CKR_CRYPTOKI_NOT_INITIALIZED
expect_backends 1 # the master's
tell_backends "with 4 workers"
lines=$(refusals "$scratch/server.log")
printf '    log lines about a refused call in a child: %d, of %d workers\n' "$lines" "$(n_workers)"
grep -m 1 'refused in pid' "$scratch/server.log" | sed 's/^/    /'
[ "$lines" -eq "$(n_workers)" ] || fail "it is to be said once for each worker"
stop_server TERM

step "The key is loaded before the fork (--preload), with the hook: 4 workers"
serve --config "$scratch/etc/gunicorn.conf.py" --preload
load --requests 400 --signed "$scratch/etc/rsa.pem"
[ "$(n_workers)" -ge 2 ] || fail "only one worker took part"
expect_backends 5 # the master's, and one for each worker
tell_backends "with 4 workers"
[ "$(refusals "$scratch/server.log")" -eq 0 ] || fail "a call was refused"

step "A worker is killed; the master forks another one from the same state"
victim=${pids%% *}
kill -KILL "$victim"
replaced () {
	[ "$(children "$server" | wc -l)" -eq 4 ] && ! children "$server" | grep -qw "$victim"
}
soon replaced || fail "no worker took the place of $victim"
load --requests 200 --signed "$scratch/etc/rsa.pem"
expect_backends 5
tell_backends "with the new worker"
stop_server TERM

step "As before, but the workers change their user after the fork: the hook is post_worker_init"
sed -i 's/def post_fork(server, worker)/def post_worker_init(worker)/' "$scratch/etc/gunicorn.conf.py"
user=()
[ "$(id -u)" -ne 0 ] || user=(--user www-data --group www-data)
as_www=()
serve --config "$scratch/etc/gunicorn.conf.py" --preload "${user[@]}"
load --requests 200 --signed "$scratch/etc/rsa.pem"
expect_backends 5
tell_backends "with 4 workers"
[ "$(id -u)" -ne 0 ] || [ "$(ps -o user= -p "$(main_backends | paste -sd ,)" | grep -c www-data)" -eq 4 ] ||
	fail "backends of workers are root's"
[ "$(refusals "$scratch/server.log")" -eq 0 ] || fail "a call was refused"
stop_server TERM
