#!/bin/sh
# SPDX-License-Identifier: BSD-3-Clause
# Puts the tables of a run into docs/faults.md. Usage: tests/faults/update-doc.sh BUILD-FOLDER, after meson test --suite faults.
set -eu

build=${1:?usage: update-doc.sh BUILD-FOLDER}
here=$(cd "$(dirname "$0")" && pwd)
words () {
	sed -n "/^$1 = \[/,/^\]/p" "$here/meson.build" | grep "^	'" | tr -d "'\n\t " | sed 's/,$//'
}
exec python3 "$here/doc.py" write "$here/../.." "$build" "$(words faults_columns)" "$(words faults_case_ids)"
