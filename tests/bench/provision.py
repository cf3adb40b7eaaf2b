"""provision-500, repeat-500 and cpu-per-call: 500 service accounts against AWS and a cluster with real latencies.

The ideal is the time that the calls alone take when all executors are always busy. The clock runs from the start of the
first job to the last result's record on the broker. CPU is what the kernel says of the whole worker process, from execve to
exit, user and system: start, TLS handshakes and the wait until it is idle are all in it.
"""
import collections
import json
import os
import pathlib
import subprocess
import tempfile

from tests.bench.common import BIN, Sandbox, each, median_of, row
from tests.bench.results import epoch_s, read_results
from tests.bench.workers import cluster_config, enqueue

FULL, TINY = 500, 5
EXECUTORS, IAM_MS, KUBERNETES_MS = 64, 80, 15
POLICIES = ["AmazonS3ReadOnlyAccess", "AmazonDynamoDBReadOnlyAccess", "AmazonSQSReadOnlyAccess"]
CREATE_MS = (1 + len(POLICIES)) * IAM_MS + 2 * KUBERNETES_MS
REPEAT_MS = 3 * IAM_MS + 1 * KUBERNETES_MS  # a repeat reads: service account; role and two lists
READS = ("Get", "List", "Describe")  # how the names of calls begin that change nothing; Kubernetes' are in lower case


def run_worker(sandbox):
    """A worker over what is queued, until it is idle: its CPU seconds, (user, system)."""
    process = subprocess.Popen([BIN / "irsa-worker", "--executors", str(EXECUTORS), "--executors-per-cluster",
                                str(EXECUTORS), "--until-idle"],
                               env=sandbox.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"irsa-worker ended with {process.returncode}")
    return usage.ru_utime, usage.ru_stime


def count_calls(sandbox):
    return collections.Counter(sandbox.control("GET", "/calls")["counts"])


def is_write(call):
    return not call.split(".", 1)[1].lower().startswith(tuple(read.lower() for read in READS))


Round = collections.namedtuple("Round", "wall_s user_s system_s calls writes")


def one_round(sandbox, path, first, count, outcome):
    """Enqueue the file and work it off."""
    before = count_calls(sandbox)
    enqueue(sandbox.env, path)
    user_s, system_s = run_worker(sandbox)
    results = read_results(sandbox.env, first, count)
    wrong = [data for _, data in results if data["outcome"] != outcome]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {count} are not {outcome}, the first: {wrong[0]}")
    calls = count_calls(sandbox) - before
    wall_s = max(at for at, _ in results) - min(epoch_s(data["startedTime"]) for _, data in results)
    return Round(wall_s, user_s, system_s, calls.total(), sum(n for call, n in calls.items() if is_write(call)))


Run = collections.namedtuple("Run", "start_s create repeat")


def run_once(count):
    with Sandbox("--cluster", "bench:us-west-2:111122223333", "--tls",
                 model={"latencyMs": {"iam": IAM_MS, "kubernetes": KUBERNETES_MS}}) as sandbox, \
            tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "bench.json"
        path.write_text(json.dumps(cluster_config("bench", range(count), POLICIES)), encoding="utf-8")
        return Run(sum(run_worker(sandbox)),  # with nothing to do
                   one_round(sandbox, path, 0, count, "succeeded"), one_round(sandbox, path, count, count, "unchanged"))


def wall_row(name, rounds, bar, ideal_s):
    return row(name, median_of(rounds, lambda r: r.wall_s), "s", bar,
               f"{rounds[0].calls} calls, {max(r.writes for r in rounds)} of them writes; {each(rounds, lambda r: r.wall_s)}",
               ideal_s)


def cpu_row(runs):
    def per_call(seconds):  # of a run -> median in µs
        return median_of(runs, lambda r: seconds(r) / r.create.calls * 1e6)

    return row("cpu-per-call", per_call(lambda r: r.create.user_s + r.create.system_s), "µs", "<= 150 µs",
               f"of the create, start and handshakes included: user {per_call(lambda r: r.create.user_s):.0f}, system "
               f"{per_call(lambda r: r.create.system_s):.0f}; an idle worker's start and exit alone would be "
               f"{per_call(lambda r: r.start_s):.0f}; "
               f"{each(runs, lambda r: (r.create.user_s + r.create.system_s) / r.create.calls * 1e6, '.0f')}")


def provision_500(plan):
    count = plan.size(FULL, TINY)
    create_s, repeat_s = (count * each_ms / min(EXECUTORS, count) / 1000 for each_ms in (CREATE_MS, REPEAT_MS))
    runs = [run_once(count) for _ in plan.seeds]
    return [wall_row("provision-500", [r.create for r in runs], f"<= {1.2 * create_s:.2f} s", create_s),
            wall_row("repeat-500", [r.repeat for r in runs], "no writes", repeat_s),
            cpu_row(runs)]
