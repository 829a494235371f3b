#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the single tests of a run: prints "PASSED FAILED SKIPPED", and the names of the failed and skipped ones on standard error.

count_tests.py automake BUILD_DIR   every .trs in a build tree and the cmocka lines of its log
count_tests.py junit FILE           pytest's --junitxml
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

CMOCKA_OK = re.compile(r"^\[       OK \] ", re.MULTILINE)
CMOCKA_FAILED = re.compile(r"^\[  FAILED  \] (\w+)$", re.MULTILINE)


def count_automake(build_dir):
    passed, failed, skipped = 0, [], []
    for trs in sorted(pathlib.Path(build_dir).rglob("*.trs")):
        result = re.search(r"^:test-result: (\w+)", trs.read_text(), re.MULTILINE)
        log = trs.with_suffix(".log").read_text(errors="replace")
        if result is None:
            continue
        if result[1] == "SKIP":
            why = [line for line in log.splitlines() if not line.startswith("SKIP ")][-1:]
            skipped.append(f"{trs.stem}: {why[0] if why else 'no reason given'}")
            continue
        ok = len(CMOCKA_OK.findall(log))
        bad = sorted(set(CMOCKA_FAILED.findall(log)))
        passed += ok
        failed += [f"{trs.stem}: {name}" for name in bad]
        if result[1] == "PASS" and ok == 0:
            passed += 1
        elif result[1] != "PASS" and not bad:  # crashed, or no cmocka test
            failed.append(trs.stem)
    return passed, failed, skipped


def count_junit(path):
    passed, failed, skipped = 0, [], []
    for case in ElementTree.parse(path).getroot().iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            failed.append(f"{case.get('classname')}::{case.get('name')}")
        elif (skip := case.find("skipped")) is not None:
            skipped.append(f"{case.get('classname')}::{case.get('name')}: {skip.get('message')}")
        else:
            passed += 1
    return passed, failed, skipped


def main():
    how, what = sys.argv[1:]
    passed, failed, skipped = {"automake": count_automake, "junit": count_junit}[how](what)
    for name in skipped:
        print(f"skipped: {name}", file=sys.stderr)
    for name in failed:
        print(name, file=sys.stderr)
    print(passed, len(failed), len(skipped))


if __name__ == "__main__":
    main()
