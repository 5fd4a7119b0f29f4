#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Puts the two tables of a run into docs/fork.md. Usage: tests/fork/update-doc.sh BUILD-FOLDER, after meson test --suite fork.
set -eu

build=${1:?usage: update-doc.sh BUILD-FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
export CRATON_MODULE="$build/proxy/craton-pkcs11.so"
themes=$(sed -n "s/^fork_themes = \[\(.*\)\]/\1/p" "$here/meson.build" | tr -d "',")
# shellcheck disable=SC2086 # a list of words
exec python3 "$here/doc.py" write "$here/../../docs/fork.md" "$build" "$build/tests/fork/witnesses" $themes
