#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# What ./run demo shows is true: the child is refused, has a backend of its own, and the parent goes on with its own.
as_root=yes
. "$(dirname "$0")/lib.sh"

run "$CRATON_SOURCE/docs/examples/demo.sh" "$CRATON_BUILD"
shows 'CKR_CRYPTOKI_NOT_INITIALIZED'
shows 'craton_check_fork \(\): true'
[ "$(grep -c 'and it is good' "$scratch/out")" -eq 6 ] || fail "six signatures expected"
sed -n 's/.*backend: process //p' "$scratch/out" | sort > pids
[ "$(wc -l < pids)" -eq 4 ] || fail "four backends expected"
[ "$(sort -u pids | grep -cvx 0)" -eq 4 ] || fail "each process is to have a backend of its own"
