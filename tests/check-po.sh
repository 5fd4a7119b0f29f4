#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Every message of the sources is translated into every language of po/LINGUAS.
# Usage: check-po.sh SOURCE-FOLDER
set -euo pipefail

cd "$1"
work=$(mktemp -d "${TMPDIR:-/tmp}/craton-po.XXXXXX")
trap 'rm -rf "$work"' EXIT
status=0

# A file with messages that nobody listed would never be translated.
while read -r file; do
	if ! grep -qx "$file" po/POTFILES.in; then
		echo "$file has messages and is not in po/POTFILES.in"
		status=1
	fi
done < <(grep -rlE --include='*.c' '\b(_|N_|ngettext) \("' backend | sort)

xgettext --files-from=po/POTFILES.in --from-code=UTF-8 --keyword=_ --keyword=N_ --keyword=ngettext:1,2 --keyword=g_dngettext:2,3 \
	--flag=g_warning:1:c-format --flag=g_message:1:c-format --flag=complain:2:c-format --output="$work/craton.pot"
messages=$(grep -c '^msgid "' "$work/craton.pot")
[ "$messages" -gt 1 ] || { echo "no messages found"; exit 1; }
while read -r language; do
	msgmerge --quiet --output-file="$work/$language.po" "po/$language.po" "$work/craton.pot"
	result=$(msgfmt --check --statistics --output-file=/dev/null "$work/$language.po" 2>&1) || status=1
	echo "$language: $result"
	case $result in *fuzzy* | *untranslated*) status=1 ;; esac
done < po/LINGUAS
exit "$status"
