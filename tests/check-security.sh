#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Each test that docs/security.md names exists and is run: tests of Check, and cases of tests/faults.
# Usage: check-security.sh SOURCE-FOLDER
set -euo pipefail

cd "$1"
status=0
n=0
while read -r file name; do
	n=$((n + 1))
	case $name in
	case_*)
		id=${name#case_}
		! grep -qs ", $name }," tests/faults/cases.c || ! grep -qs "'${id//_/-}'" tests/faults/meson.build ||
			! grep -qs "^$name (void)" "$file" || continue
		;;
	*)
		! grep -qsE "^START_TEST \($name\)" "$file" || ! grep -qsE "tcase_add_[a-z_]+ \([a-z]+, $name[,)]" "$file" || continue
		;;
	esac
	{
		echo "docs/security.md names $name, which $file does not run"
		status=1
	}
done < <(sed -nE 's/^\|.*\| `(tests\/[^`]*)` `([^`]*)` \|$/\1 \2/p' docs/security.md)
[ "$n" -ge 10 ] || { echo "docs/security.md names only $n tests"; status=1; }
exit "$status"
