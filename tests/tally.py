#!/usr/bin/env python3
"""tally.py DIR: add up the JUnit files of the tiers and print what passed, tier by tier, and one closing line.

A C test program counts its cases (cmocka says how many passed), not itself.
"""
import pathlib
import re
import sys
import xml.etree.ElementTree as ElementTree

CMOCKA_PASSED = re.compile(r"\[  PASSED  \] (\d+) test\(s\)")
CMOCKA_FAILED = re.compile(r"\[  FAILED  \] (\d+) test\(s\)")


def count_case(case):
    """(passed, failed, skipped) of one <testcase>."""
    if case.get("status") == "notrun":  # ctest has no program for it
        return 0, 1, 0
    if case.find("skipped") is not None:
        return 0, 0, 1
    has_failed = case.find("failure") is not None or case.find("error") is not None
    output = case.findtext("system-out") or ""
    passed = sum(int(n) for n in CMOCKA_PASSED.findall(output))
    failed = sum(int(n) for n in CMOCKA_FAILED.findall(output))
    if has_failed:
        return passed, max(failed, 1), 0
    return max(passed, 1), 0, 0


def name_of(case):
    return "::".join(part for part in (case.get("classname"), case.get("name")) if part)


def count_file(path):
    """([passed, failed, skipped, seconds], names of the failed cases)."""
    totals, failed = [0, 0, 0, 0.0], []
    for case in ElementTree.parse(path).iter("testcase"):
        counted = count_case(case)
        totals = [a + b for a, b in zip(totals, (*counted, float(case.get("time") or 0)))]
        if counted[1]:
            failed.append(name_of(case))
    return totals, failed


def main():
    reports = pathlib.Path(sys.argv[1])
    tiers, failures = {}, []
    for path in sorted(reports.glob("*.xml")):
        tier = re.sub(r"-(c|py)$", "", path.stem)
        totals, failed = count_file(path)
        tiers[tier] = [a + b for a, b in zip(tiers.get(tier, [0, 0, 0, 0.0]), totals)]
        failures += [f"{tier}: {name}" for name in failed]
    print(f"\n{'tier':<16}{'passed':>8}{'failed':>8}{'skipped':>9}{'seconds':>9}")
    for tier, (passed, failed, skipped, seconds) in tiers.items():
        print(f"{tier:<16}{passed:>8}{failed:>8}{skipped:>9}{seconds:>9.1f}")
    passed, failed, skipped = (sum(t[i] for t in tiers.values()) for i in range(3))
    notes = reports / "failed"  # what ./dev saw fail: a runner that ends badly need not have a failed case
    if notes.exists():
        failures += notes.read_text(encoding="utf-8").splitlines()
        failed = max(failed, 1)
    if failures:
        print("\n" + "\n".join(failures))
    print(f"\n{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed or not passed else 0


sys.exit(main())
