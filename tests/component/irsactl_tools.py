"""What the tests of irsactl have at hand: the program, a broker of their own, and a stand-in for the worker.

The broker is the mock cluster within confluent-kafka's librdkafka, newer than the one that irsactl is linked with and
independent of the sandbox. The stand-in answers requests as it is told to and provisions nothing.
"""

from __future__ import annotations

import json
import os
import pty
import select
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition

ROOT = Path(__file__).resolve().parents[2]
BIN_DIR = Path(os.environ.get("IRSA_BIN_DIR", ROOT / "build/dev/bin"))
IRSACTL = BIN_DIR / "irsactl"
KEPT = ("PATH", "LANG", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "TSAN_OPTIONS")

S3_READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
CREATE = ["create", "iamserviceaccount"]
DELETE = ["delete", "iamserviceaccount"]
BY_FLAGS = ["--cluster", "cluster-13", "--region", "us-west-2", "--attach-policy-arn", S3_READ]


def environment(more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Nothing of a developer's own settings decides what a test shows."""
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {"HOME": "/nonexistent"} | dict(more or {})


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def jsonl(self) -> list:
        return [json.loads(line) for line in self.out.splitlines()]

    def must(self, code: int = 0) -> Ended:
        assert self.code == code, f"status {self.code}, not {code}\n--- stdout\n{self.out}\n--- stderr\n{self.err}"
        return self


def irsactl(*arguments, input: str | None = None, env: Mapping[str, str] | None = None, seconds: float = 60) -> Ended:
    done = subprocess.run([IRSACTL, *map(str, arguments)], env=environment(env), input=input, text=True,
                          stdin=subprocess.DEVNULL if input is None else None, capture_output=True, timeout=seconds)
    return Ended(done.returncode, done.stdout, done.stderr)


def on_a_terminal(*arguments, env: Mapping[str, str] | None = None, seconds: float = 60) -> tuple[int, str]:
    """Run with a terminal for all three streams; the status and everything that was written to it."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([IRSACTL, *map(str, arguments)], env=environment({"TERM": "xterm"} | dict(env or {})),
                             stdin=theirs, stdout=theirs, stderr=theirs, close_fds=True)
    os.close(theirs)
    text = b""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and select.select([ours], [], [], deadline - time.monotonic())[0]:
        try:
            text += os.read(ours, 65536)
        except OSError:  # the other side is closed
            break
    os.close(ours)
    return child.wait(10), text.decode()


def wait_for(look: Callable, what: str, seconds: float = 30):
    """The first true answer; the limit is for what is broken."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"{what}: not so after {seconds:g} s"
        time.sleep(0.02)
    return found


def entry(name: str, namespace: str | None = "apps", **fields) -> dict:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"metadata": metadata} | (fields or {"attachPolicyARNs": [S3_READ]})


def config(*accounts: dict, cluster: str = "cluster-13", region: str = "us-west-2", **iam) -> str:
    """A ClusterConfig as JSON, which is YAML; iam.withOIDC is true unless something else is said of it."""
    iam = {"withOIDC": True, "serviceAccounts": list(accounts)} | iam
    return json.dumps({"apiVersion": "eksctl.io/v1alpha5", "kind": "ClusterConfig",
                       "metadata": {"name": cluster, "region": region},
                       "iam": {name: value for name, value in iam.items() if value is not None}}, indent=1)


class Broker:
    """A mock cluster that lives as long as its host, a producer within this process."""

    def __init__(self, topics: Iterable[str] = ("requests", "results", "state", "dead-letters", "control")):
        self.host = Producer({"test.mock.num.brokers": 1, "bootstrap.servers": "mock", "log_level": 0,
                              "partitioner": "murmur2_random", "linger.ms": 0})
        [broker] = self.host.list_topics(timeout=10).brokers.values()
        self.servers = f"{broker.host}:{broker.port}"
        self.env = {"IRSA_KAFKA_BOOTSTRAP_SERVERS": self.servers, "IRSA_KAFKA_FETCH_WAIT_MAX_MS": "10"}
        for topic in topics:
            self.host.list_topics(f"irsa.{topic}", timeout=10)  # the mock makes what is looked at

    def ctl(self, *arguments, env: Mapping[str, str] | None = None, **options) -> Ended:
        return irsactl(*arguments, env=self.env | dict(env or {}), **options)

    def start(self, *arguments, **options) -> subprocess.Popen:
        return subprocess.Popen([IRSACTL, *map(str, arguments)], env=environment(self.env), stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)

    def produce(self, topic: str, value: str | bytes | None, key: str | None = None, headers: Mapping | None = None):
        self.host.produce(f"irsa.{topic}", value, key=key, headers=list((headers or {}).items()))
        assert self.host.flush(10) == 0

    def read(self, topic: str) -> list:
        """Every record that the topic has now."""
        name = f"irsa.{topic}"
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": str(uuid.uuid4()), "fetch.wait.max.ms": 10})
        partitions = [TopicPartition(name, number, OFFSET_BEGINNING)
                      for number in consumer.list_topics(name, timeout=10).topics[name].partitions]
        count = sum(consumer.get_watermark_offsets(each, timeout=10)[1] for each in partitions)
        consumer.assign(partitions)
        records = []
        while len(records) < count:
            records += [record for record in consumer.consume(count, timeout=0.5) if record.error() is None]
        consumer.close()
        return sorted(records, key=lambda record: (record.partition(), record.offset()))

    def requests(self) -> list[dict]:
        """The data of every request."""
        return [json.loads(record.value()) for record in self.read("requests")]


def headers_of(record) -> dict[str, str]:
    return {name: value.decode() for name, value in record.headers() or []}


@dataclass
class Answer:
    """What the stand-in says of one request: a list of outcomes, and what else their results hold."""

    outcomes: list[str] = field(default_factory=lambda: ["succeeded"])
    more: dict = field(default_factory=dict)


class Worker:
    """Answers each request of a broker as `answers` says by the name of the account; None: not at all."""

    def __init__(self, broker: Broker, **answers: Answer | None):
        self.broker = broker
        self.answers = answers
        self.stopped = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self) -> Worker:
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stopped.set()
        self.thread.join(10)

    def run(self):
        consumer = Consumer({"bootstrap.servers": self.broker.servers, "group.id": "stand-in", "fetch.wait.max.ms": 10})
        name = "irsa.requests"
        consumer.assign([TopicPartition(name, number, OFFSET_BEGINNING)
                         for number in consumer.list_topics(name, timeout=10).topics[name].partitions])
        while not self.stopped.is_set():
            record = consumer.poll(0.05)
            if record is not None and record.error() is None:
                self.answer(record)
        consumer.close()

    def answer(self, record):
        headers = headers_of(record)
        data = json.loads(record.value())
        name = data.get("serviceAccount", {}).get("metadata", {}).get("name", "")
        answer = self.answers.get(name.replace("-", "_"), Answer())
        for attempt, outcome in enumerate(answer.outcomes if answer else [], start=1):
            publish(self.broker, headers, record, outcome, attempt, answer.more)


def publish(broker: Broker, headers: Mapping[str, str], record, outcome: str, attempt: int = 1, more: dict | None = None):
    """A result as schemas/result.v1.schema.json has it, in binary mode."""
    _, _, cluster, namespace, name = (headers["ce_subject"].split("/") + ["", ""])[:5]
    request = {"id": headers["ce_id"], "source": headers["ce_source"], "action": json.loads(record.value())["action"],
               "subject": headers["ce_subject"].replace("-/", "111122223333/", 1), "topic": record.topic(),
               "partition": record.partition(), "offset": record.offset(), "time": headers["ce_time"]}
    now = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    data = {"request": request, "outcome": outcome, "attempt": attempt, "steps": [], "startedTime": now,
            "finishedTime": now, "calls": {}, "worker": "stand-in"}
    if outcome in ("succeeded", "unchanged"):
        data["roleARN"] = f"arn:aws:iam::111122223333:role/{cluster}-{namespace}-{name}"
    if outcome in ("failed", "retrying"):
        data["error"] = {"code": "throttled", "message": "slow down", "retryable": outcome == "retrying"}
    event = {"ce_specversion": "1.0", "ce_id": str(uuid.uuid4()), "ce_source": "urn:irsa:workers:stand-in", "ce_time": now,
             "ce_type": f"dev.irsa.iamserviceaccount.{outcome}.v1", "ce_causationid": headers["ce_id"],
             "content-type": "application/json"}
    if "ce_correlationid" in headers:
        event["ce_correlationid"] = headers["ce_correlationid"]
    broker.produce("results", json.dumps(data | (more or {})), key=headers["ce_partitionkey"], headers=event)
