"""memory-512: the highest resident memory of a worker with 512 jobs in flight over 64 clusters, and a queue that never ends.

Calls are slow, so that all executors are at work at any moment; more requests wait than the worker may hold; TLS on all
origins, and the system's authorities are read beside the sandbox's.
"""
import collections
import json
import pathlib
import tempfile
import time

from tests.bench.brokers import PARTITIONS
from tests.bench.common import Sandbox, each, median_of, row
from tests.bench.workers import Worker, cluster_config, enqueue

POLICIES = ["AmazonS3ReadOnlyAccess", "AmazonDynamoDBReadOnlyAccess", "AmazonSQSReadOnlyAccess"]
SYSTEM_BUNDLE = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")  # Debian's ca-certificates
ACCOUNTS_AT_ONCE = 10
Run = collections.namedtuple("Run", "mib in_flight waiting")


def trust_the_system_too(sandbox, folder):
    """One bundle with the system's authorities and the sandbox's."""
    bundle = folder / "bundle.pem"
    bundle.write_bytes(SYSTEM_BUNDLE.read_bytes() + pathlib.Path(sandbox.env["AWS_CA_BUNDLE"]).read_bytes())
    return sandbox.env | {"AWS_CA_BUNDLE": str(bundle)}


def write_files(folder, clusters, accounts):
    """A few accounts of each cluster after a few of the one before, so that what the worker holds is of all of them."""
    folder.mkdir()
    for first in range(0, accounts, ACCOUNTS_AT_ONCE):
        for name in clusters:
            config = cluster_config(name, range(first, first + ACCOUNTS_AT_ONCE), POLICIES)
            (folder / f"{first:04}-{name}.json").write_text(json.dumps(config), encoding="utf-8")


def high_water_mib(pid):
    """VmHWM of a process and its children."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    own_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:"))
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="utf-8").split()
    return own_kib / 1024 + sum(high_water_mib(int(child)) for child in children)


def memory_once(clusters, accounts, executors, seconds, latency_ms):
    names = [f"cluster-{number:02}" for number in range(clusters)]
    flags = [word for name in names for word in ("--cluster", name)]
    model = {"latencyMs": {"iam": latency_ms, "kubernetes": latency_ms}, "quotas": {"rolesPerAccount": 1000000}}
    with Sandbox(*flags, "--tls", "--partitions", str(PARTITIONS), model=model) as sandbox, \
            tempfile.TemporaryDirectory() as folder:
        files = pathlib.Path(folder) / "files"
        write_files(files, names, accounts)
        env = trust_the_system_too(sandbox, pathlib.Path(folder))
        enqueue(env, files)
        with Worker(env, "--executors", str(executors), "--executors-per-cluster", str(executors // clusters)) as worker:
            worker.wait_in_flight(executors)
            time.sleep(seconds)  # what is measured is this time
            return Run(high_water_mib(worker.process.pid), worker.gauge("irsa_requests_in_flight"),
                       worker.gauge("irsa_requests_waiting"))


def memory_512(plan):
    clusters, accounts, executors, seconds, latency_ms = plan.size((64, 1000, 512, 60, 1000), (2, 20, 4, 0.2, 200))
    runs = [memory_once(clusters, accounts, executors, seconds, latency_ms) for _ in plan.seeds]
    return [row("memory-512", median_of(runs, lambda r: r.mib), "MiB", "<= 150 MiB",
                f"after {seconds} s over {clusters} clusters of one account; in flight {min(r.in_flight for r in runs):.0f}, "
                f"waiting in memory {min(r.waiting for r in runs):.0f}, of {clusters * accounts}, at the end; "
                f"{each(runs, lambda r: r.mib, '.1f')}")]
