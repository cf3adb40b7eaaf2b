"""The benchmarks still run and print their documented form; as small as can be, so their figures mean nothing.

Nothing here looks at a time. They wait for brokers and clocks most of the while, so they run side by side.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import subprocess
import sys
import xml.etree.ElementTree
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROWS = {  # by what is asked for: the rows that it yields
    "engine-noop": ["engine-noop", "engine-noop-rss"],
    "makespan-uniform": ["makespan-uniform"],
    "makespan-zipf": ["makespan-zipf-1.0", "makespan-zipf-0.7"],
    "latency": ["latency-p50", "latency-p99"],
    "provision-500 repeat-500 cpu-per-call": ["provision-500", "repeat-500", "cpu-per-call"],
    "memory-512": ["memory-512"],
    "enqueue-100k": ["enqueue-100k", "enqueue-100k-rss"],
    "start": ["start"],
    "drain": ["drain"],
    "handover": ["handover", "handover-hung"],
}
SECONDS = 110


def bench(*arguments: str) -> subprocess.CompletedProcess:
    bin_dir = os.environ.get("IRSA_BIN_DIR", str(ROOT / "build/dev/bin"))
    return subprocess.run([sys.executable, ROOT / "tests/bench/bench.py", *arguments], capture_output=True, text=True,
                          env=os.environ | {"IRSA_BIN_DIR": bin_dir}, timeout=SECONDS)


@pytest.fixture(scope="module")
def started():
    with concurrent.futures.ThreadPoolExecutor(len(ROWS)) as pool:
        yield {name: pool.submit(bench, *name.split(), "--tiny", "--runs", "1", "--seed", "7", "--broker", "mock", "--json")
               for name in ROWS}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_is_measured_and_told_in_the_documented_form(started, name):
    done = started[name].result()
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told.keys() == {"machine", "results"}
    assert told["machine"].keys() == {"date", "processor", "cores", "memory_GiB", "kernel", "load"}
    assert [row["name"] for row in told["results"]] == ROWS[name]
    for row in told["results"]:
        check_form(row)


def check_form(row: dict):
    assert {"name", "figure", "unit", "bar", "detail"} <= row.keys() <= {"name", "figure", "unit", "bar", "detail", "ideal",
                                                                        "ratio"}
    assert all(isinstance(row[text], str) and row[text] for text in ("unit", "bar", "detail"))
    assert row["figure"] > 0
    assert ("ideal" in row) == ("ratio" in row)


def test_the_table_names_every_row_and_the_machine():
    done = bench("enqueue-100k", "--tiny", "--runs", "1", "--broker", "mock")
    assert done.returncode == 0, done.stderr
    assert "cores" in done.stdout
    assert [line.split()[0] for line in done.stdout.splitlines() if line][1:] == ["name", "enqueue-100k", "enqueue-100k-rss"]


def test_an_unknown_name_is_an_error_that_lists_the_known_ones():
    done = bench("no-such-row")
    assert done.returncode == 2
    assert all(name in done.stderr for names in ROWS for name in names.split())


def test_the_drawing_in_docs_is_that_of_the_record(tmp_path):
    sys.path.insert(0, str(ROOT))
    from tests.bench import plot
    plot.draw_record(drawing=tmp_path / "drawn.svg")
    assert (tmp_path / "drawn.svg").read_bytes() == plot.DRAWING.read_bytes(), "./dev bench plot draws it anew"
    xml.etree.ElementTree.parse(plot.DRAWING)
