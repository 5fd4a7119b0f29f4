#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Reads meson's testlog.json: "PASSED FAILED", then the whole log of each test that failed, or with --short its end.

A test that was skipped counts as failed: none is meant to be.
"""
import json
import sys

PASSED = ("OK", "EXPECTEDFAIL")
SHORT = 3000


def main():
	tests = []
	short = sys.argv[1] == "--short"
	with open(sys.argv[-1], encoding="utf-8") as log:
		for line in log:
			tests.append(json.loads(line))
	passed = sum(test["result"] in PASSED for test in tests)
	print(passed, len(tests) - passed)
	for test in tests:
		if test["result"] not in PASSED:
			print(f"=== {test['name']}: {test['result']}")
			output = (test.get("stdout") or "") + (test.get("stderr") or "")
			print(output[-SHORT:] if short else output)
	if not tests:
		sys.exit("no test was run")


main()
