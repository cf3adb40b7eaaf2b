"""provision-500, repeat-500 and cpu-per-call: 500 service accounts against AWS and a cluster with real latencies.

The ideal is the time that the calls alone take when all executors are always busy. The clock runs from the start of the
first job to the last result's record on the broker. CPU is what the kernel says of the whole worker process, from execve to
exit, user and system: start, TLS handshakes and the wait until it is idle are all in it.
"""
import collections
import json
import os
import pathlib
import statistics
import subprocess
import tempfile
import time

import requests
from confluent_kafka import Consumer

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = pathlib.Path(os.environ.get("IRSA_BIN_DIR", ROOT / "build/release/bin"))

ACCOUNTS, EXECUTORS, IAM_MS, KUBERNETES_MS = 500, 64, 80, 15
POLICIES = ["AmazonS3ReadOnlyAccess", "AmazonDynamoDBReadOnlyAccess", "AmazonSQSReadOnlyAccess"]
CREATE_IDEAL_S = ACCOUNTS * ((1 + len(POLICIES)) * IAM_MS + 2 * KUBERNETES_MS) / EXECUTORS / 1000
# a repeat reads: service account; role and two lists
REPEAT_IDEAL_S = ACCOUNTS * (3 * IAM_MS + 1 * KUBERNETES_MS) / EXECUTORS / 1000


READS = ("Get", "List", "Describe")  # how the names of calls begin that change nothing; Kubernetes' are in lower case


def cluster_config():
    accounts = [{"metadata": {"name": f"sa-{i:03}", "namespace": "bench"},
                 "attachPolicyARNs": [f"arn:aws:iam::aws:policy/{name}" for name in POLICIES]} for i in range(ACCOUNTS)]
    return {"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig",
            "metadata": {"name": "bench", "region": "us-west-2"},
            "iam": {"withOIDC": True, "serviceAccounts": accounts}}


class Sandbox:
    """irsa-sandbox with TLS on every origin and the latencies of the benchmark."""

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        env_file = pathlib.Path(self.folder.name) / "env"
        self.process = subprocess.Popen(
            [BIN / "irsa-sandbox", "--cluster", "bench:us-west-2:111122223333", "--tls", "--env-file", env_file],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not env_file.exists():
            if self.process.poll() is not None:
                raise RuntimeError(f"irsa-sandbox ended with {self.process.returncode}")
            time.sleep(0.01)
        self.env = clean_environment()
        for line in env_file.read_text(encoding="utf-8").splitlines():
            if line.startswith("export "):
                name, _, value = line.removeprefix("export ").partition("=")
                self.env[name] = value.strip("'\"")
        self.control("POST", "/model", {"latencyMs": {"iam": IAM_MS, "kubernetes": KUBERNETES_MS}})
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()
        self.folder.cleanup()

    def control(self, method, path, body=None):
        answer = requests.request(method, self.env["IRSA_SANDBOX_URL"] + path, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None


def clean_environment():
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("AWS_", "IRSA_")) and not name.lower().endswith("_proxy")}


def enqueue(sandbox, folder):
    path = pathlib.Path(folder) / "bench.json"
    path.write_text(json.dumps(cluster_config()), encoding="utf-8")
    subprocess.run([BIN / "irsactl", "create", "iamserviceaccount", "-f", path], env=sandbox.env, check=True,
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def read_results(sandbox, first, count):
    """Final results number first … first + count - 1, in the order of their arrival, with the time of their record."""
    consumer = Consumer({"bootstrap.servers": sandbox.env["IRSA_KAFKA_BOOTSTRAP_SERVERS"], "group.id": f"bench-{first}",
                         "auto.offset.reset": "earliest", "fetch.wait.max.ms": 10, "session.timeout.ms": 6000})
    consumer.subscribe(["irsa.results"])
    results, deadline = [], time.monotonic() + 120
    while len(results) < first + count:
        if time.monotonic() > deadline:
            raise RuntimeError(f"{len(results) - first} of {count} results within two minutes")
        message = consumer.poll(1)
        if message is not None and not message.error():
            data = json.loads(message.value())
            if data["outcome"] != "retrying":
                results.append((message.timestamp()[1] / 1000, data))
    consumer.close()
    return sorted(results, key=lambda r: r[0])[first:]


def epoch_s(text):
    from datetime import datetime
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


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


def one_round(sandbox, folder, first, outcome):
    """Enqueue 500 and work them off."""
    before = count_calls(sandbox)
    enqueue(sandbox, folder)
    user_s, system_s = run_worker(sandbox)
    results = read_results(sandbox, first, ACCOUNTS)
    wrong = [data for _, data in results if data["outcome"] != outcome]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {ACCOUNTS} are not {outcome}, the first: {wrong[0]}")
    calls = count_calls(sandbox) - before
    wall_s = max(at for at, _ in results) - min(epoch_s(data["startedTime"]) for _, data in results)
    return Round(wall_s, user_s, system_s, calls.total(), sum(n for call, n in calls.items() if is_write(call)))


Run = collections.namedtuple("Run", "start_s create repeat")


def run_once():
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        return Run(sum(run_worker(sandbox)),  # with nothing to do
                   one_round(sandbox, folder, 0, "succeeded"), one_round(sandbox, folder, ACCOUNTS, "unchanged"))


def row(name, figure, unit, bar, detail, ideal=None):
    result = {"name": name, "figure": figure, "unit": unit, "bar": bar, "detail": detail}
    if ideal is not None:
        result.update(ideal=ideal, ratio=figure / ideal)
    return result


def median_of(rounds, figure):
    return statistics.median(figure(r) for r in rounds)


def wall_row(name, rounds, bar, ideal_s):
    walls = ", ".join(f"{r.wall_s:.2f}" for r in rounds)
    return row(name, median_of(rounds, lambda r: r.wall_s), "s", bar,
               f"{rounds[0].calls} calls, {max(r.writes for r in rounds)} of them writes; runs {walls}", ideal_s)


def cpu_row(runs):
    def per_call(seconds):  # of a run -> median in µs
        return median_of(runs, lambda r: seconds(r) / r.create.calls * 1e6)

    each = ", ".join(f"{(r.create.user_s + r.create.system_s) / r.create.calls * 1e6:.0f}" for r in runs)
    return row("cpu-per-call", per_call(lambda r: r.create.user_s + r.create.system_s), "µs", "<= 150 µs",
               f"of the create, start and handshakes included: user {per_call(lambda r: r.create.user_s):.0f}, system "
               f"{per_call(lambda r: r.create.system_s):.0f}; an idle worker's start and exit alone would be "
               f"{per_call(lambda r: r.start_s):.0f}; runs {each}")


def provision_500(count):
    runs = [run_once() for _ in range(count)]
    return [wall_row("provision-500", [r.create for r in runs], f"<= {1.2 * CREATE_IDEAL_S:.2f} s", CREATE_IDEAL_S),
            wall_row("repeat-500", [r.repeat for r in runs], "no writes", REPEAT_IDEAL_S),
            cpu_row(runs)]
