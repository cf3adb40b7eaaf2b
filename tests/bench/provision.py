"""provision-500, repeat-500 and cpu-per-call: 500 service accounts against AWS and a cluster with real latencies.

The ideal is the time that the calls alone take when all executors are always busy. The clock runs from the start of the
first job to the last result's record on the broker.
"""
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
    """A worker over what is queued, until it is idle: its CPU seconds."""
    process = subprocess.Popen([BIN / "irsa-worker", "--executors", str(EXECUTORS), "--executors-per-cluster",
                                str(EXECUTORS), "--until-idle"],
                               env=sandbox.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"irsa-worker ended with {process.returncode}")
    return usage.ru_utime + usage.ru_stime


def one_round(sandbox, folder, first, outcome):
    """Enqueue 500, work them off: (wall seconds, CPU seconds, calls)."""
    before = sum(sandbox.control("GET", "/calls")["counts"].values())
    enqueue(sandbox, folder)
    cpu_s = run_worker(sandbox)
    results = read_results(sandbox, first, ACCOUNTS)
    wrong = [data for _, data in results if data["outcome"] != outcome]
    if wrong:
        raise RuntimeError(f"{len(wrong)} of {ACCOUNTS} are not {outcome}, the first: {wrong[0]}")
    calls = sum(sandbox.control("GET", "/calls")["counts"].values()) - before
    wall_s = max(at for at, _ in results) - min(epoch_s(data["startedTime"]) for _, data in results)
    return wall_s, cpu_s, calls


def run_once():
    with Sandbox() as sandbox, tempfile.TemporaryDirectory() as folder:
        return one_round(sandbox, folder, 0, "succeeded"), one_round(sandbox, folder, ACCOUNTS, "unchanged")


def row(name, figure, unit, bar, detail, ideal=None):
    result = {"name": name, "figure": figure, "unit": unit, "bar": bar, "detail": detail}
    if ideal is not None:
        result.update(ideal=ideal, ratio=figure / ideal)
    return result


def provision_500(runs):
    rounds = [run_once() for _ in range(runs)]
    creates, repeats = [r[0] for r in rounds], [r[1] for r in rounds]

    def median(values):
        return statistics.median(values)

    walls = ", ".join(f"{c[0]:.2f}" for c in creates)
    return [
        row("provision-500", median(c[0] for c in creates), "s", f"<= {1.2 * CREATE_IDEAL_S:.2f} s",
            f"{creates[0][2]} calls; runs {walls}", CREATE_IDEAL_S),
        row("repeat-500", median(c[0] for c in repeats), "s", "no writes", f"{repeats[0][2]} calls", REPEAT_IDEAL_S),
        row("cpu-per-call", median(c[1] / c[2] for c in creates) * 1e6, "µs", "<= 150 µs",
            "worker CPU of the create, start included"),
    ]
