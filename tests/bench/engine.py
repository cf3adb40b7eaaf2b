"""engine-noop and the makespans: what the engine itself costs, with jobs of irsa-bench-engine in place of AWS.

The ideal of engine-noop is a loop in one thread that consumes, parses and produces the same two records, and neither orders
nor commits. The ideal of a makespan is that all executors are always busy, or that the longest chain of one key never waits.
"""
import collections
import statistics

from tests.bench.brokers import open_broker
from tests.bench.common import BIN, each, median_of, row, run_json

NOOP_EXECUTORS, EXECUTORS, JOBS = 16, 16, 10000
SHAPES = {  # keys, Zipf exponent
    "makespan-uniform": (10000, 0),
    "makespan-zipf-1.0": (1000, 1.0),
    "makespan-zipf-0.7": (5000, 0.7),
}


def feed(broker, topic, count, *flags):
    return run_json(BIN / "irsa-bench-feed", "--bootstrap", broker.servers, "--topic", topic, "--count", count, *flags)


def work(broker, topic, count, executors, *flags):
    done = run_json(BIN / "irsa-bench-engine", "--bootstrap", broker.servers, "--topic", topic, "--count", count,
                    "--executors", executors, *broker.flags(), *flags)
    if done["jobs"] < count:
        raise RuntimeError(f"{done['jobs']} of {count} jobs are settled")
    return done


# --- engine-noop --------------------------------------------------------------------------------------------------------

Noop = collections.namedtuple("Noop", "engine loop")


def noop_once(broker, name, count):
    topic = broker.make_topic(name)
    feed(broker, topic, count, "--requests")
    loop = work(broker, topic, count, 1, "--loop", "--group", f"{name}-loop")
    return Noop(work(broker, topic, count, NOOP_EXECUTORS, "--requests", "--group", f"{name}-engine"), loop)


def noop_row(runs, count, broker):
    ratios = [run.engine["jobs_per_cpu_s"] / run.loop["jobs_per_cpu_s"] for run in runs]
    return row("engine-noop", median_of(runs, lambda r: r.engine["jobs_per_cpu_s"]), "/CPU s",
               ">= 50000 /CPU s, and >= 0.70 of the ideal",
               f"{count} requests, {broker.name}; by wall clock {median_of(runs, lambda r: count / r.engine['wall_s']):.0f}/s, "
               f"the loop {median_of(runs, lambda r: count / r.loop['wall_s']):.0f}/s; "
               f"{each(runs, lambda r: r.engine['jobs_per_cpu_s'], '.0f')}",
               median_of(runs, lambda r: r.loop["jobs_per_cpu_s"]), statistics.median(ratios))


def engine_noop(plan):
    count = plan.size(100000, 200)
    with open_broker(plan) as broker:
        runs = [noop_once(broker, f"noop-{seed}", count) for seed in plan.seeds]
        many = noop_many(broker, count * 10)
    rss_mib = median_of(runs, lambda r: r.engine["max_rss_kib"] / 1024)
    return [noop_row(runs, count, broker),
            row("engine-noop-rss", many["max_rss_kib"] / 1024, "MiB", f"<= {1.05 * rss_mib:.1f} MiB",
                f"{many['jobs']} requests in one run; ideal: the median with {count}, + 5 %", rss_mib)]


def noop_many(broker, count):
    topic = broker.make_topic("noop-many")
    feed(broker, topic, count, "--requests")
    return work(broker, topic, count, NOOP_EXECUTORS, "--requests", "--group", "noop-many")


# --- makespan -----------------------------------------------------------------------------------------------------------

Makespan = collections.namedtuple("Makespan", "wall_s ideal_s chain_s")


def makespan_once(broker, name, seed, count, shape):
    keys, zipf = shape
    topic = broker.make_topic(f"{name}-{seed}")
    fed = feed(broker, topic, count, "--keys", keys, "--zipf", zipf, "--max-us", 5000, "--seed", seed)
    done = work(broker, topic, count, EXECUTORS, "--group", topic)
    return Makespan(done["wall_s"], max(fed["sum_s"] / EXECUTORS, fed["longest_chain_s"]), fed["longest_chain_s"])


def makespan_row(broker, plan, name):
    count = plan.size(JOBS, 100)
    runs = [makespan_once(broker, name, seed, count, SHAPES[name]) for seed in plan.seeds]
    ideal_s = median_of(runs, lambda r: r.ideal_s)
    return row(name, median_of(runs, lambda r: r.wall_s), "s", f"<= {ideal_s / 0.95:.3g} s",
               f"efficiency {median_of(runs, lambda r: r.ideal_s / r.wall_s):.3f}; {count} jobs, {EXECUTORS} executors, "
               f"{broker.name}; longest chain {median_of(runs, lambda r: r.chain_s):.2f} s; seeds {plan.seeds[0]} to "
               f"{plan.seeds[-1]}; {each(runs, lambda r: r.wall_s)}",
               ideal_s, median_of(runs, lambda r: r.wall_s / r.ideal_s))


def makespans(plan, *names):
    with open_broker(plan) as broker:
        return [makespan_row(broker, plan, name) for name in names]


def makespan_uniform(plan):
    return makespans(plan, "makespan-uniform")


def makespan_zipf(plan):
    return makespans(plan, "makespan-zipf-1.0", "makespan-zipf-0.7")
