#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The two tables of docs/faults.md that come from a run of the faults suite.

doc.py check|write SOURCE BUILD COLUMNS CASES

COLUMNS and CASES are lists with commas. "check" prints the tables and fails if the document has others, or something is not good;
"write" puts them into the document.
"""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fork"))
sys.dont_write_bytecode = True
from doc import replace  # noqa: E402


def read_results(build, name):
    """Pairs of row and result, of a run that is not older than what it was a run of."""
    path = os.path.join(build, "tests", "faults", "results", name)
    module_time = os.stat(os.path.join(build, "proxy", "libcraton.so.0")).st_mtime
    if not os.path.exists(path) or os.stat(path).st_mtime < module_time:
        sys.exit("%s is missing or older than the module: run the whole suite, meson test --suite faults" % path)
    with open(path, encoding="utf-8") as results:
        return [line.rstrip("\n").split("\t") for line in results]


def function_table(source, build, columns):
    with open(os.path.join(source, "proxy", "wire", "calls.def"), encoding="utf-8") as rows:
        names = re.findall(r"^(?:CALL|HAND|LOCAL) \(L\d+, (C_\w+)", rows.read(), re.MULTILINE)
    found = {column: dict(read_results(build, "functions." + column)) for column in columns}
    lines = ["| function | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name in names:
        lines.append("| `%s` | " % name + " | ".join(found[column].get(name, "missing") for column in columns) + " |")
    return "\n".join(lines)


def case_table(build, cases):
    lines = ["| case | |", "| --- | --- |"]
    for case in cases:
        lines += ["| %s | %s |" % (title, result) for title, result in read_results(build, "cases." + case)]
    return "\n".join(lines)


def main():
    action, source, build, columns, cases = sys.argv[1:]
    path = os.path.join(source, "docs", "faults.md")
    functions = function_table(source, build, columns.split(","))
    named = case_table(build, cases.split(","))
    print(named + "\n\n" + functions)
    with open(path, encoding="utf-8") as document:
        before = document.read()
    after = replace(replace(before, "cases", named), "functions", functions)
    if action == "write":
        with open(path, "w", encoding="utf-8") as document:
            document.write(after)
    elif after != before and "needs root" not in named:
        sys.exit("docs/faults.md has other tables; if these are right: tests/faults/update-doc.sh BUILD-FOLDER")
    if "FAIL" in named or "missing" in functions:
        sys.exit("not all is good")
    if "needs root" in named:
        sys.exit(77)  # meson: skipped; the document is compared when root runs the tests


main()
