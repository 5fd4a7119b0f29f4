#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# craton status: the backends that are running, with the right numbers after known calls; the files of dead ones go. As root also: a
# user sees his own backends only, root everybody's.
[ "${1:-}" != as-root ] || as_root=yes
. "$(dirname "$0")/lib.sh"
export XDG_RUNTIME_DIR="$scratch/run"
mkdir -p -m 700 "$XDG_RUNTIME_DIR"

craton=$scratch/libexec/craton
table=$scratch/tests/functions.tsv

# start NAME COMMAND...: an application, behind $NAME_in and $NAME_out; its process is COMMAND's.
start () {
	local name=$1

	shift
	mkfifo "$scratch/$name.in" "$scratch/$name.out"
	"$@" < "$scratch/$name.in" > "$scratch/$name.out" &
	eval "${name}_pid=$!"
	exec {in}> "$scratch/$name.in" {out}< "$scratch/$name.out"
	eval "${name}_in=$in ${name}_out=$out"
	hears "$name" done
}

hears () {
	local out=${1}_out answer

	read -r -t "$fork_limit" -u "${!out}" answer || fail "$1 says nothing"
	[ "$answer" = "$2" ] || fail "$1 answers $answer, not $2"
}

# tell NAME WORD...
tell () {
	local in=${1}_in name=$1

	shift
	printf '%s\n' "$*" >&"${!in}"
	hears "$name" done
}

# field PROCESS NAME: of the backend of that client, from the JSON.
field () {
	python3 -c 'import json, sys
rows = [row for row in json.load (open (sys.argv[1])) if row["client"] == int (sys.argv[2])]
print (rows[0][sys.argv[3]] if len (rows) == 1 else f"{len (rows)} rows")' "$scratch/out" "$1" "$2"
}

# absent PROCESS: it has no backend. Others of this user may run beside this test.
absent () {
	run "$craton" status --json
	[ "$(field "$1" pid)" = "0 rows" ] || fail "a backend of $1: $(field "$1" pid)"
}

# is PROCESS NAME VALUE
is () {
	[ "$(field "$1" "$2")" = "$3" ] || fail "$2 of the backend of $1 is $(field "$1" "$2"), not $3"
}

# whole PROCESS UID: in the JSON of the last command there is one row of that client, and nothing in it is missing.
whole () {
	python3 -c 'import json, pwd, sys
rows = json.load (open (sys.argv[1]))
mine = [row for row in rows if row["client"] == int (sys.argv[2])]
assert len (mine) == 1, f"{len (mine)} of {len (rows)} rows"
row = mine[0]
names = ["pid", "client", "program", "uid", "user", "serves", "uptime", "calls", "sessions", "restarts", "pss_kib", "sandbox", "version"]
assert list (row) == names, row
try: user = pwd.getpwuid (int (sys.argv[3])).pw_name
except KeyError: user = sys.argv[3]
assert row["pid"] > 0 and row["uid"] == int (sys.argv[3]) and row["user"] == user, row
assert "/python3" in row["program"] and row["serves"] == "default" and row["sandbox"] and row["version"], row
assert 0 <= row["uptime"] < 600 and row["calls"] == 3 and row["sessions"] == 1 and row["restarts"] == 0, row
assert 100 < row["pss_kib"] < 100000, row' "$scratch/out" "$1" "$2" || fail "the row of $1 is not whole"
}

client=(python3 "$scratch/tests/client.py" "$module" "$table")
make_token "$module" status
no_backends

step "who ends removes the file itself, before anybody looks; nobody is there"
[ -z "$(ls -A "$XDG_RUNTIME_DIR/craton")" ] || fail "a backend left its file: $(ls "$XDG_RUNTIME_DIR/craton")"
absent $$
run "$craton" status
shows '^[0-9]+ token process'

step "one application, and known calls"
start one "${client[@]}"
run "$craton" status --json
before=$(field "$one_pid" calls)
is "$one_pid" sessions 0
is "$one_pid" restarts 0
is "$one_pid" serves default
is "$one_pid" uid "$(id -u)"
case $(field "$one_pid" program) in */python3*) ;; *) fail "program: $(field "$one_pid" program)" ;; esac
[ "$(stat -c %a "$XDG_RUNTIME_DIR/craton")" = 700 ] || fail "the folder is not the user's alone"
tell one open
tell one open
tell one open
tell one close
tell one random 25
run "$craton" status --json
is "$one_pid" sessions 2
is "$one_pid" calls "$((before + 3 + 1 + 25))"
tell one close-all
run "$craton" status --json
is "$one_pid" sessions 0
run "$craton" status
shows "^ *[0-9]+ +$one_pid +python3.* default +[0-9]+:[0-9]{2}:[0-9]{2} +$((before + 3 + 1 + 25 + 1)) +0 +0 +[0-9.]+ MiB"
shows '^[0-9]+ token process'

step "killed: its file is stale and goes, the next one knows of it"
run "$craton" status --json
victim=$(field "$one_pid" pid)
kill -9 "$victim"
while kill -0 "$victim" 2> /dev/null; do sleep 0.01; done
ls "$XDG_RUNTIME_DIR/craton" | grep -q "^$victim-" || fail "the killed one has left no file: nothing is tested"
absent "$one_pid"
[ -z "$(ls -A "$XDG_RUNTIME_DIR/craton")" ] || fail "the stale file is still there"
tell one open
run "$craton" status --json
is "$one_pid" restarts 1
is "$one_pid" sessions 1

step "of files that are no records nothing is believed"
printf 'rubbish' > "$XDG_RUNTIME_DIR/craton/$$-$(awk '{ print $22 }' /proc/$$/stat)-$(stat -Lc %i /proc/self/ns/pid)"
ln -s /etc/passwd "$XDG_RUNTIME_DIR/craton/1-1-1"
run "$craton" status --json
is "$one_pid" restarts 1
absent $$
absent 1
tell one end
wait "$one_pid"
no_backends
rm "$XDG_RUNTIME_DIR/craton"/*

step "a module's process, too, names the application"
use_softhsm
make_token "$module" hosted
start hosting "${client[@]}"
tell hosting open
run "$craton" status --json
shows "\"client\":$hosting_pid,\"program\":\"/[^\"]*python3.*\"serves\":\"softhsm\".*\"sessions\":1,"
shows "\"client\":$hosting_pid,\"program\":\"/[^\"]*python3.*\"serves\":\"\""
tell hosting end
wait "$hosting_pid"
no_backends
rm "$user_conf"

if [ "$(id -u)" -eq 0 ]; then
	step "two users: each sees his own, root both, and nobody another's"
	# Users whom nobody else has, so that all that they have is of this test.
	first=$((60000 + $$ % 2000 * 2)) second=$((60001 + $$ % 2000 * 2))
	for uid in "$first" "$second"; do
		mkdir -p -m 700 "$scratch/user-$uid"
		chown "$uid:$uid" "$scratch/user-$uid"
	done
	# user UID: the words that run a command as that user, without a runtime folder.
	user () {
		as=(setpriv "--reuid=$1" "--regid=$1" --clear-groups --inh-caps=-all --no-new-privs env -u XDG_RUNTIME_DIR
			"HOME=$scratch/user-$1" "XDG_DATA_HOME=$scratch/user-$1" "XDG_CONFIG_HOME=$scratch/user-$1")
	}
	user "$second"
	run "${as[@]}" pkcs11-tool --module "$module" --slot-index 0 --init-token --label second --so-pin "$GNUTLS_SO_PIN"
	start second "${as[@]}" "${client[@]}"
	user "$first"
	start first "${as[@]}" "${client[@]}"
	tell second open
	run "${as[@]}" "$craton" status
	shows '^1 token process$'
	shows " $first "
	shows_not " $second "
	user "$second"
	run "${as[@]}" "$craton" status --json
	shows "\"uid\":$second,.*\"sessions\":1"
	shows_not "\"uid\":$first,"
	run "$craton" status --json
	shows "\"uid\":$first,.*\"sessions\":0"
	shows "\"uid\":$second,.*\"sessions\":1"
	[ "$(stat -c %a:%u "/dev/shm/craton-$first")" = "700:$first" ] || fail "the folder of a user without a runtime folder"
	tell first end
	tell second end
	wait
	no_backends
	rmdir "/dev/shm/craton-$first" "/dev/shm/craton-$second"

	step "a service's user with somebody else's runtime folder: root sees all that there is to see"
	mkdir -m 700 "$scratch/service"
	chown 65534:65534 "$scratch/service"
	as=(setpriv --reuid=65534 --regid=65534 --clear-groups env "HOME=$scratch/service" "XDG_DATA_HOME=$scratch/service"
		"XDG_CONFIG_HOME=$scratch/service")
	run "${as[@]}" pkcs11-tool --module "$module" --slot-index 0 --init-token --label service --so-pin "$GNUTLS_SO_PIN"
	start service "${as[@]}" "${client[@]}"
	tell service open
	run "$craton" status --json
	whole "$service_pid" 65534
	service_backend=$(field "$service_pid" pid)
	run "$craton" status
	shows "^ *$service_backend +$service_pid +python3[0-9.]* +$(id -nu 65534) +default +0:[0-9]{2}:[0-9]{2} +3 +1 +0 +[0-9]+\\.[0-9] MiB  +[a-z]"
	shows '^[1-9][0-9]* token process'
	tell service end
	wait
	no_backends
fi
