#!/usr/bin/env python3
"""bench.py [NAME…] [--json] [--runs N]: measure, and print each figure beside its bar and its ideal.

A benchmark prints; it never fails because of a figure. Figures are medians over several runs. The rows are those of the
project's targets (docs/benchmarks.md).
"""
import argparse
import json
import os
import pathlib
import platform
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.bench import provision  # noqa: E402

# Rows that one measurement yields name the same function: it runs once, whichever of them are asked for.
BENCHES = {
    "provision-500": provision.provision_500,
    "repeat-500": provision.provision_500,
    "cpu-per-call": provision.provision_500,
}


def machine():
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory_kib = int(pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").split()[1])
    return {"processor": model, "cores": os.cpu_count(), "memory_GiB": round(memory_kib / 1024 / 1024, 1),
            "kernel": platform.release(), "load": os.getloadavg()[0]}


def print_table(about, results):
    print(f"\n{about['processor']}, {about['cores']} cores, {about['memory_GiB']} GiB, Linux {about['kernel']}, "
          f"load {about['load']:.1f}\n")
    print(f"{'name':<18}{'figure':>12} {'unit':<9}{'ideal':>10}{'ratio':>7}  {'bar':<26}detail")
    for row in results:
        ideal = f"{row['ideal']:.3g}" if "ideal" in row else ""
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        print(f"{row['name']:<18}{row['figure']:>12.4g} {row['unit']:<9}{ideal:>10}{ratio:>7}  {row['bar']:<26}"
              f"{row['detail']}")


def measure(names, runs):
    results, done = [], set()
    for name in names:
        if BENCHES[name] in done:
            continue
        print(f"{name} …", file=sys.stderr)
        done.add(BENCHES[name])
        results += [row for row in BENCHES[name](runs) if row["name"] in names]
    return results


def main():
    parser = argparse.ArgumentParser(description="Measure irsa.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHES)}; all without one")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--runs", type=int, default=5, help="runs per figure (default 5)")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(BENCHES)}")
    about = machine()
    results = measure(options.names or list(BENCHES), options.runs)
    if options.json:
        print(json.dumps({"machine": about, "results": results}, indent=2))
    else:
        print_table(about, results)


main()
