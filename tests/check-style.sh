#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The rules of CONTRIBUTING.md that a machine can check: licence lines, lengths of files, white space, no loose ends.
# Usage: check-style.sh SOURCE-FOLDER
set -euo pipefail

cd "$1"
status=0

complain () {
	printf '%s\n' "$*"
	status=1
}

mapfile -t files < <(find run .ci conf docs meson.build meson_options.txt backend proxy tests po -type f \
	! -name '*.tsv' ! -name '*.po' ! -name '*.pyc' ! -name LINGUAS ! -name '*.md' | sort)
[ "${#files[@]}" -gt 50 ] || complain "found only ${#files[@]} files"
for file in "${files[@]}"; do
	head -n 3 "$file" | grep -q 'SPDX-License-Identifier: BSD-3-Clause' || complain "$file: no licence line at its top"
	! grep -nE '[[:blank:]]$' "$file" || complain "$file: white space at the end of a line"
	case $file in
	*.c | *.h)
		lines=$(wc -l < "$file")
		[ "$lines" -le 800 ] || complain "$file: $lines lines, 800 is the limit"
		! grep -nwE 'TODO|FIXME|XXX' "$file" || complain "$file: unfinished"
		! grep -nE '\bCR_[A-Z]' "$file" || complain "$file: CR_ as a prefix"
		;;
	esac
done

# What the guest must not have.
! grep -nE '\b(g_[a-z]+_|abort \(|assert \(|exit \(|atexit|signal \(|sigaction|pthread_create|setlocale|setenv|printf \(|[^_]getenv \()' \
	proxy/*.c proxy/wire/*.c | grep -vE 'snprintf|secure_getenv|vsnprintf' || complain "proxy/: not a guest's manners"
! grep -nE '#include "(\.\./)*backend' proxy/*.[ch] proxy/wire/*.[ch] || complain "proxy/ includes from backend/"

# Another engine can be put behind store.h as long as nobody else speaks SQL.
! grep -nE 'sqlite3|"(SELECT|INSERT|REPLACE|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|COMMIT|ROLLBACK|ATTACH|VACUUM)\b' \
	$(find backend proxy -name '*.[ch]' ! -path backend/token/sqlite.c ! -path backend/token/sqlite.h \
		! -path 'backend/token/store-sqlite*.[ch]') || complain "SQL outside of the SQLite store's files"

# A test that nobody runs.
for file in tests/test-*.c; do
	name=${file#tests/test-}
	grep -q "'${name%.c}'" tests/meson.build || complain "$file: not in tests/meson.build"
done

for file in docs/decisions/*.md; do
	[ "$(wc -l < "$file")" -le 40 ] || complain "$file: over 40 lines"
done
exit "$status"
