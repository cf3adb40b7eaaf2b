"""Benchmarks on a real broker, as small as can be: that they run and tell their form, not how fast."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Jobs of irsa-bench-engine and requests of irsactl; each measurement starts a broker of its own, so not all of them.
ON_KAFKA = ("makespan-uniform", "latency", "enqueue-100k", "start")


@pytest.mark.timeout(240)
def test_rows_that_take_a_broker_run_on_apache_kafka():
    bin_dir = os.environ.get("IRSA_BIN_DIR", str(ROOT / "build/dev/bin"))
    done = subprocess.run([sys.executable, ROOT / "tests/bench/bench.py", *ON_KAFKA, "--tiny", "--runs", "1", "--json"],
                          env=os.environ | {"IRSA_BIN_DIR": bin_dir}, capture_output=True, text=True, timeout=230)
    assert done.returncode == 0, done.stderr
    results = json.loads(done.stdout)["results"]
    assert {name for name in ON_KAFKA if not any(f"{row['name']}-".startswith(f"{name}-") for row in results)} == set()
    assert all("Apache Kafka" in row["detail"] or row["name"].endswith("-rss") for row in results)
