"""docs/engine.md names a test for each promise: each of those names is one of a test that exists."""

from __future__ import annotations

import re
from pathlib import Path

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs/engine.md"


def promises() -> list[str]:
    """The table's rows."""
    section = PAGE.read_text(encoding="utf-8").partition("\n## Promises and their tests\n")[2].partition("\n## ")[0]
    return [line for line in section.splitlines() if re.match(r"\| \d+\.", line)]


def test_each_test_that_the_table_of_promises_names_exists():
    named = {name for row in promises() for name in re.findall(r"`([a-z]\w{20,})`", row)}
    there = {name for file in (*TESTS.rglob("*.py"), *TESTS.rglob("*.c"))
             for name in re.findall(r"^(?:def|static void) (\w+)\(", file.read_text(encoding="utf-8"), re.MULTILINE)}
    assert len(named) > 40
    assert named - there == set()


def test_each_promise_of_the_design_has_a_row():
    assert {int(re.match(r"\| (\d+)\.", row).group(1)) for row in promises()} == set(range(1, 12))
