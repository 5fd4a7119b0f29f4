#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Apache prefork with 8 workers. The keys before the fork: mod_ssl's, in the token; 2,000 handshakes, two graceful
# restarts among them. The key after the fork: an application in mod_wsgi opens it, in each worker.
. "$(dirname "$0")/lib.sh"

modules=/usr/lib/apache2/modules
use_soft_token
printf 'hello from the token\n' > "$scratch/www/index.html"
mkdir "$scratch/sign"
cp "$examples/sign_app.py" "$scratch/sign/"

# serve NAME MODULE...: Apache with this example and these modules besides the usual ones.
serve () {
	local name=$1

	shift
	port=$(free_port)
	install_example "$name"
	sed -i "s/\*:[0-9]*>/127.0.0.1:$port>/" "$scratch/etc/$name"
	: > "$scratch/etc/error.log"
	{
		cat <<-CONF
		ServerRoot $scratch/etc
		ServerName localhost
		Listen 127.0.0.1:$port
		PidFile $scratch/etc/apache.pid
		ErrorLog $scratch/etc/error.log
		User www-data
		Group www-data
		DefaultRuntimeDir $scratch/etc
		LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
		LoadModule authz_core_module $modules/mod_authz_core.so
		LogFormat "%P" pid
		CustomLog $scratch/etc/pids.log pid
		CONF
		for n in "$@"; do
			printf 'LoadModule %s_module %s/mod_%s.so\n' "$n" "$modules" "$n"
		done
		printf 'Include %s\n' "$scratch/etc/$name"
	} > "$scratch/etc/base.conf"
	start_server apache2 -f "$scratch/etc/base.conf" -DFOREGROUND
}

# answered: how many worker processes did, since the last time.
answered () {
	n=$(sort -u "$scratch/etc/pids.log" | wc -l)
	: > "$scratch/etc/pids.log"
	printf '    %d worker processes answered\n' "$n"
}

# loads PARENTS ARGUMENT...: 1,000 requests, then 1,000 with graceful restarts; PARENTS backends belong to the parent.
loads () {
	local parents=$1

	shift
	load --requests 1000 "$@"
	answered
	[ "$n" -eq 8 ] || fail "not all 8 workers took part"
	expect_backends $((parents + 8))
	tell_backends "with 8 workers"
	load --requests 1000 "$@" --signal "100:USR1:$server" --signal "500:USR1:$server"
	answered
	[ "$n" -gt 8 ] || fail "no new workers came"
	[ "$(grep -c 'Graceful restart requested' "$scratch/etc/error.log")" -eq 2 ] || fail "there were not two restarts"
	at_most_backends $((parents + 8))
	tell_backends "with the third generation of 8 workers"
	printf '    log lines about a refused call in a child: %d\n' "$(refusals "$scratch/server.log" "$scratch/etc/error.log")"
}

step "mod_ssl, the keys are loaded before the fork: 8 workers, graceful restarts after 1,100 and 1,500 requests"
serve apache-prefork.conf socache_shmcb ssl
loads 1 --cafile "$scratch/etc/all.pem" --path /index.html --expect 'hello from the token'
stop_server TERM

step "mod_wsgi, the key is loaded after the fork: 8 workers, graceful restarts after 1,100 and 1,500 requests"
serve apache-wsgi.conf wsgi
loads 0 --signed "$scratch/etc/rsa.pem"
stop_server TERM
