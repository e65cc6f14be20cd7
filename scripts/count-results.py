#!/usr/bin/env python3
"""Prints the tests that lit skipped, with the reason, and one line that counts all.

Usage: count-results.py RESULTS.json (as written by lit -o)
"""
import collections
import json
import sys


def main():
    with open(sys.argv[1]) as results:
        tests = json.load(results)["tests"]
    groups = collections.defaultdict(list)
    for test in tests:
        groups[test["code"]].append(test)
    # Anything else failed: no test is expected to fail, or may be left out without a reason.
    passed, skipped = groups.pop("PASS", []), groups.pop("UNSUPPORTED", [])
    for test in skipped:
        reason = test["output"].strip().replace("\n", "; ") or "not supported here"
        print(f"skipped {test['name']}: {reason}")
    failed = sum(len(group) for group in groups.values())
    print(f"{len(passed)} passed, {failed} failed, {len(skipped)} skipped")


main()
