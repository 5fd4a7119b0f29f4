#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Phusion Passenger in Apache with a Ruby application that signs through Fiddle. Direct spawning: each worker opens the key.
# Smart spawning: the workers are forks of a preloader that has, refused without the hook in config.ru, at work with it.
. "$(dirname "$0")/lib.sh"

modules=/usr/lib/apache2/modules
use_soft_token
mkdir -p "$scratch/sign/public"
cp "$examples/passenger/config.ru" "$examples/passenger/signer.rb" "$scratch/sign/"
cp "$scratch/sign/config.ru" "$scratch/etc/config.ru"

# serve METHOD: Apache with Passenger and this method of spawning.
serve () {
	port=$(free_port)
	install_example apache-passenger.conf
	sed -i -e "s/\*:80/127.0.0.1:$port/" -e "s/PassengerSpawnMethod .*/PassengerSpawnMethod $1/" \
		"$scratch/etc/apache-passenger.conf"
	[ "$(id -u)" -eq 0 ] || sed -i '/Passenger\(User\|Group\)/d' "$scratch/etc/apache-passenger.conf"
	# What is below is at its usual place in Debian's configuration, or is this test's environment.
	cat > "$scratch/etc/base.conf" <<-CONF
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
	LoadModule env_module $modules/mod_env.so
	LoadModule passenger_module $modules/mod_passenger.so
	PassengerRoot /usr/lib/ruby/vendor_ruby/phusion_passenger/locations.ini
	PassengerDefaultRuby /usr/bin/ruby
	PassengerInstanceRegistryDir $scratch/run
	PassengerDisableSecurityUpdateCheck on
	PassengerDisableAnonymousTelemetry on
	<Directory $scratch/sign/public>
	Require all granted
	</Directory>
	Include $scratch/etc/apache-passenger.conf
	CONF
	mkdir -p -m 755 "$scratch/run"
	: > "$scratch/etc/error.log"
	start_server env TMPDIR="$scratch/run" apache2 -f "$scratch/etc/base.conf" -DFOREGROUND
}

# load_all ARGUMENT...: requests until all 4 workers, which Passenger starts one after the other, have answered.
load_all () {
	local tries=0

	load --requests 100 "$@"
	while [ "$(n_workers)" -lt 4 ]; do
		tries=$((tries + 1))
		[ "$tries" -lt 100 ] || fail "there are no 4 workers"
		sleep 0.1
		load --requests 100 "$@" > /dev/null
	done
	load --requests 400 "$@"
}

step "Direct spawning, the key is loaded after the fork: 4 workers"
serve direct
load_all --signed "$scratch/etc/rsa.pem"
expect_backends 4
tell_backends "with 4 workers"
[ "$(refusals "$scratch/etc/error.log" "$scratch/server.log")" -eq 0 ] || fail "a call was refused"
stop_server TERM

step "Smart spawning, the key is loaded before the fork, and no hook: every request is refused"
sed -i '/^if defined/,/^end/d' "$scratch/sign/config.ru"
serve smart
load_all --refused CKR_CRYPTOKI_NOT_INITIALIZED
expect_backends 1 # the preloader's
tell_backends "with 4 workers"
lines=$(refusals "$scratch/etc/error.log" "$scratch/server.log")
printf '    log lines about a refused call in a child: %d\n' "$lines"
[ "$lines" -eq 4 ] || fail "it is to be said once for each worker"
stop_server TERM

step "Smart spawning, the key is loaded before the fork, with the hook: 4 workers"
cp "$scratch/etc/config.ru" "$scratch/sign/config.ru"
serve smart
load_all --signed "$scratch/etc/rsa.pem"
expect_backends 5 # the preloader's, and one for each worker
tell_backends "with 4 workers"

step "A worker is taken out of the pool; the preloader forks another one from the same state"
victim=${pids%% *}
run env PASSENGER_INSTANCE_REGISTRY_DIR="$scratch/run" passenger-config detach-process "$victim"
soon gone "$victim" || fail "worker $victim does not end"
load_all --signed "$scratch/etc/rsa.pem"
case " $pids " in *" $victim "*) fail "worker $victim is still there" ;; esac
expect_backends 5
tell_backends "with the new worker"
[ "$(refusals "$scratch/etc/error.log" "$scratch/server.log")" -eq 0 ] || fail "a call was refused"
stop_server TERM
