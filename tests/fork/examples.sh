#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The examples of libraries that ask, as they are in docs/examples: dice in C, fork_guard.py in Python.
# From meson: CRATON_BUILD, CRATON_SOURCE, CRATON_MODULE; from ./run: CRATON_TEST_PLAIN, since Python is not instrumented.
set -euo pipefail

fail () {
	printf 'FAILED: %s\n' "$*" >&2
	exit 1
}

scratch=$(mktemp -d "${TMPDIR:-/tmp}/craton-examples.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
export HOME=$scratch XDG_DATA_HOME=$scratch/data XDG_CONFIG_HOME=$scratch/config
mkdir "$XDG_DATA_HOME" "$XDG_CONFIG_HOME"
"$CRATON_BUILD/tests/fork/fork-cases" --probe make-token soft "$CRATON_MODULE"

# 40 dice are the same on both sides by chance once in 6^40.
for _ in 1 2 3 4 5; do
	"$CRATON_BUILD/docs/examples/dice-demo" > "$scratch/out"
	cat "$scratch/out"
	[ "$(grep -cE '^(parent|child)  ?[1-6]{40}$' "$scratch/out")" -eq 2 ] || fail "not two lines of dice"
	[ "$(awk '{ print $2 }' "$scratch/out" | sort -u | wc -l)" -eq 2 ] || fail "parent and child rolled the same"
done

LD_LIBRARY_PATH=${CRATON_TEST_PLAIN:-$CRATON_BUILD}/proxy python3 "$CRATON_SOURCE/docs/examples/fork_guard.py" > "$scratch/out"
cat "$scratch/out"
[ "$(wc -l < "$scratch/out")" -eq 4 ] || fail "not four lines"
[ "$(awk '{ print $NF }' "$scratch/out" | sort -u | wc -l)" -eq 3 ] || fail "not an object for each of three processes"
