#!/usr/bin/env python3
"""bench.py [NAME…] [--json] [--runs N] [--seed N] [--broker kafka|mock] [--tiny], or bench.py plot: measure, and print each
figure beside its bar and its ideal.

A benchmark prints; it never fails because of a figure. Figures are medians over several runs. The rows are those of the
project's targets (docs/benchmarks.md).
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

from tests.bench import engine, enqueue, lifecycle, memory, plot, provision, streams  # noqa: E402
from tests.bench.common import Plan  # noqa: E402

# A name stands for the rows that are called so, or so and more behind a hyphen. Names that one measurement yields have the
# same function: it runs once, whichever of them are asked for.
BENCHES = {
    "engine-noop": engine.engine_noop,
    "makespan-uniform": engine.makespan_uniform,
    "makespan-zipf": engine.makespan_zipf,
    "latency": streams.latency,
    "provision-500": provision.provision_500,
    "repeat-500": provision.provision_500,
    "cpu-per-call": provision.provision_500,
    "memory-512": memory.memory_512,
    "enqueue-100k": enqueue.enqueue_100k,
    "start": lifecycle.start,
    "drain": lifecycle.drain,
    "handover": streams.handover,
}


def machine():
    model = "unknown"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    memory_kib = int(pathlib.Path("/proc/meminfo").read_text(encoding="utf-8").split()[1])
    return {"date": datetime.date.today().isoformat(), "processor": model, "cores": os.cpu_count(),
            "memory_GiB": round(memory_kib / 1024 / 1024, 1), "kernel": platform.release(), "load": os.getloadavg()[0]}


def print_table(about, results):
    print(f"\n{about['processor']}, {about['cores']} cores, {about['memory_GiB']} GiB, Linux {about['kernel']}, "
          f"load {about['load']:.1f}\n")
    print(f"{'name':<18}{'figure':>12} {'unit':<9}{'ideal':>10}{'ratio':>7}  {'bar':<45}detail")
    for row in results:
        ideal = f"{row['ideal']:.3g}" if "ideal" in row else ""
        ratio = f"{row['ratio']:.2f}" if "ratio" in row else ""
        print(f"{row['name']:<18}{row['figure']:>12.4g} {row['unit']:<9}{ideal:>10}{ratio:>7}  {row['bar']:<45}"
              f"{row['detail']}")


def is_wanted(row, names):
    return any(f"{row['name']}-".startswith(f"{name}-") for name in names)


def measure(names, plan):
    results, done = [], set()
    for name in names:
        if BENCHES[name] in done:
            continue
        print(f"{name} …", file=sys.stderr)
        done.add(BENCHES[name])
        results += [row for row in BENCHES[name](plan) if is_wanted(row, names)]
    return results


def read_arguments():
    parser = argparse.ArgumentParser(description="Measure irsa.")
    parser.add_argument("names", nargs="*", metavar="NAME",
                        help=f"of {', '.join(BENCHES)}; all without one. plot: draw the figures of record")
    parser.add_argument("--json", action="store_true", help="print JSON instead of the table")
    parser.add_argument("--runs", type=int, default=5, help="runs per figure (default 5)")
    parser.add_argument("--seed", type=int, default=1, help="of the first run; the next ones count on (default 1)")
    parser.add_argument("--broker", choices=("kafka", "mock"), default="kafka",
                        help="Apache Kafka, or the sandbox's mock broker: other figures, no Java (default kafka)")
    parser.add_argument("--tiny", action="store_true", help="as small as can be: shows that the rows work, measures nothing")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in BENCHES]
    if unknown and options.names != ["plot"]:
        parser.error(f"no benchmark {', '.join(unknown)}: there are {', '.join(BENCHES)}")
    return options


def main():
    options = read_arguments()
    if options.names == ["plot"]:
        plot.draw_record()
        return
    about = machine()
    results = measure(options.names or list(BENCHES), Plan(options.runs, options.seed, options.tiny, options.broker))
    if options.json:
        print(json.dumps({"machine": about, "results": results}, indent=2, ensure_ascii=False))
    else:
        print_table(about, results)


main()
