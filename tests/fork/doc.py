#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The two tables of docs/fork.md that come from a run: what the fork cases found, and which witness sees which fork.

doc.py check|write DOCUMENT BUILD WITNESSES THEME...

BUILD is the build folder in which the fork suite has run, WITNESSES the program that prints the second table. "check" prints both and
fails if the document has others, or a case failed; "write" puts them into the document.
"""
import os
import subprocess
import sys

COLUMNS = [
    ("soft", "soft token"),
    ("hosted", "hosted SoftHSM"),
    ("soft-p11-kit", "soft token, p11-kit"),
    ("hosted-p11-kit", "hosted SoftHSM, p11-kit"),
]


def read_results(build, themes):
    """The rows, in order: title and one (result, note) for each column."""
    module_time = os.stat(os.path.join(build, "proxy", "libcraton.so.0")).st_mtime
    rows = {}
    for theme in themes:
        for column, _ in COLUMNS:
            path = os.path.join(build, "tests", "fork", "results", theme + "." + column)
            if not os.path.exists(path) or os.stat(path).st_mtime < module_time:
                sys.exit("%s is missing or older than the module: run the whole suite, meson test --suite fork" % path)
            with open(path, encoding="utf-8") as results:
                for line in results:
                    case, title, result, note = line.rstrip("\n").split("\t")
                    rows.setdefault(case, (title, {}))[1][column] = (result, note)
    return rows


def case_table(build, themes):
    lines = ["| case | " + " | ".join(name for _, name in COLUMNS) + " |", "| --- |" + " --- |" * len(COLUMNS)]
    notes = []
    for title, cells in read_results(build, themes).values():
        line = "| " + title + " |"
        for column, _ in COLUMNS:
            result, note = cells.get(column, ("missing", ""))
            if note and note not in notes:
                notes.append(note)
            line += " %s%s |" % (result, " (%d)" % (notes.index(note) + 1) if note else "")
        lines.append(line)
    lines.append("")
    lines += ["%d. %s." % (number, note) for number, note in enumerate(notes, 1)]
    return "\n".join(lines)


def replace(document, name, table):
    begin, end = "<!-- %s: from a run -->\n" % name, "<!-- %s: end -->" % name
    head, rest = document.split(begin)
    _, tail = rest.split(end)
    return head + begin + table + "\n" + end + tail


def main():
    action, path, build, witnesses, *themes = sys.argv[1:]
    cases = case_table(build, themes)
    seen = subprocess.run([witnesses], check=True, stdout=subprocess.PIPE, text=True).stdout.rstrip("\n")
    print(cases + "\n\n" + seen)
    with open(os.path.join(build, "tests", "fork", "table.md"), "w", encoding="utf-8") as table:
        table.write(cases + "\n")
    with open(path, encoding="utf-8") as document:
        before = document.read()
    after = replace(replace(before, "cases", cases), "witnesses", seen)
    if action == "write":
        with open(path, "w", encoding="utf-8") as document:
            document.write(after)
    elif after != before and "needs root" not in cases:
        sys.exit("docs/fork.md has other tables; if these are right: tests/fork/update-doc.sh BUILD-FOLDER")
    if "FAIL" in cases or "missing" in cases:
        sys.exit("not all cases are good")
    if "needs root" in cases:
        sys.exit(77)  # meson: skipped; the document is compared when root runs the tests


if __name__ == "__main__":
    main()
