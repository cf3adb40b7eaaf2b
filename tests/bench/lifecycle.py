"""start and drain: how long a worker takes from execve to its first job, and from SIGTERM to its exit."""
import collections
import contextlib
import json
import pathlib
import tempfile
import time

from tests.bench.brokers import open_broker
from tests.bench.common import Sandbox, each, median_of, row
from tests.bench.results import epoch_s, read_results
from tests.bench.workers import Worker, cluster_config, enqueue

CLUSTER = "cluster-13"
POLICIES = ["AmazonS3ReadOnlyAccess"]
EXECUTORS = 64


@contextlib.contextmanager
def world(plan, model):
    """A broker and, beside it, the sandbox's AWS and Kubernetes; the second is how to have topics of one's own."""
    with open_broker(plan) as broker, Sandbox("--no-broker", "--cluster", CLUSTER, model=model) as sandbox:
        def fresh(name):
            sandbox.control("POST", "/reset")
            sandbox.control("POST", "/model", model)
            broker.make_topics(name)
            return sandbox.env | broker.env(name)
        yield broker, fresh


def enqueue_accounts(env, count):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "bench.json"
        path.write_text(json.dumps(cluster_config(CLUSTER, range(count), POLICIES)), encoding="utf-8")
        enqueue(env, path)


# --- start --------------------------------------------------------------------------------------------------------------

def start_once(env):
    enqueue_accounts(env, 1)
    started = time.time()
    with Worker(env, "--until-idle") as worker:
        worker.wait_ended()
    [(_, result)] = read_results(env, 0, 1)
    return epoch_s(result["startedTime"]) - started


def start(plan):
    with world(plan, {}) as (broker, fresh):
        runs = [start_once(fresh(f"start-{seed}")) for seed in plan.seeds]
    return [row("start", median_of(runs, float), "s", "<= 1.5 s",
                f"from execve to the start of the first job, joining the group included, {broker.name}; {each(runs, float)}")]


# --- drain --------------------------------------------------------------------------------------------------------------

Drain = collections.namedtuple("Drain", "exit_s slowest_s")


def drain_once(env, count, executors):
    """All executors have a job in hand, and others wait, when SIGTERM comes."""
    enqueue_accounts(env, count)
    with Worker(env, "--executors", str(executors), "--executors-per-cluster", str(executors)) as worker:
        worker.wait_in_flight(executors)
        asked = time.time()
        worker.terminate()
        worker.wait_ended()
        ended = time.time()
    results = [data for _, data in read_results(env, 0, executors)]
    slowest_s = max(epoch_s(data["finishedTime"]) - epoch_s(data["startedTime"]) for data in results)
    return Drain(ended - asked, slowest_s)


def drain(plan):
    count, executors, latency_ms = plan.size((500, EXECUTORS, 1000), (20, 4, 50))
    with world(plan, {"latencyMs": {"iam": latency_ms, "kubernetes": latency_ms}}) as (broker, fresh):
        runs = [drain_once(fresh(f"drain-{seed}"), count, executors) for seed in plan.seeds]
    slowest_s = median_of(runs, lambda r: r.slowest_s)
    return [row("drain", median_of(runs, lambda r: r.exit_s), "s", f"<= {slowest_s + 1:.2f} s",
                f"from SIGTERM to exit, {executors} jobs in hand and others waiting, {broker.name}; ideal: the slowest job; "
                f"{each(runs, lambda r: r.exit_s)}", slowest_s)]
