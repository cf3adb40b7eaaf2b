"""Workers and the broker are killed at random under load; afterwards nothing may be lost, out of order or left over.

    ./dev chaos [--kills N] [--seed S]

Workers run on a real Kafka and on the sandbox's AWS and Kubernetes. Requests to create, update and delete come without a
pause over a set of keys, while SIGKILL, SIGTERM, SIGSTOP and SIGCONT hit workers, and now and then the broker. The seed
chooses requests, victims and moments; how processes run in between is the machine's, so a seed gives a similar run, not the
same one. The status is 0 when every promise held.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from e2e.places import ROLE_ANNOTATION, Cluster
from e2e.programs import Ctl, Worker, environment
from e2e.sandbox_world import SandboxWorld
from e2e.stage import bin_dir_of
from e2e.waiting import wait_for
from real.world import RealWorld

from .ledger import NAMED, Ledger, world_faults
from .load import SECONDS, Asker, Listener, name_of, tell_results
from .victims import SESSION_SECONDS, BrokerPost, Fate, Post

CLUSTERS = ("cluster-13:us-west-2:111122223333", "cluster-15:eu-west-1:111122223333")
PARTITIONS = 12
WORKERS = 4
EXECUTORS = 16
KEYS = 60
OPEN = 100  # requests at a time
PAUSE_SECONDS = 1.6  # between kills, on the average
QUIET_SECONDS = 180  # after the last kill, until everything is told
COMMIT_SECONDS = 30
LATENCY = {"latencyMs": {"iam": 60, "kubernetes": 15}}


@dataclass
class Plan:
    seed: int
    kills: int
    workers: int = WORKERS
    pause: float = PAUSE_SECONDS


@dataclass
class Report:
    seed: int
    kills: dict[str, int]
    seconds: float
    requests: int
    finals: int
    reruns: int
    retries: int
    superseded: int
    fenced: int
    faults: dict[str, list[str]]

    @property
    def text(self) -> str:
        lines = [
            f"seed {self.seed}: {sum(self.kills.values())} kills in {self.seconds:.0f} s "
            f"({', '.join(f'{count} {what}' for what, count in sorted(self.kills.items()))})",
            f"{self.requests} requests, {self.finals} final results, {self.reruns} of them again, {self.retries} retrying, "
            f"{self.superseded} superseded; {self.fenced} static members fenced by a broker that forgot them"]
        for promise, names in self.faults.items():
            lines += [f"{promise}: {len(names)}", *(f"    {name}" for name in names[:NAMED])]
        return "\n".join([*lines, "every promise held" if not self.faults else "PROMISES ARE BROKEN"])


class Chaos:
    """One run in a folder of its own; what workers and the broker said is left there."""

    def __init__(self, world: RealWorld, bin_dir: Path, workdir: Path, plan: Plan):
        self.world, self.bin_dir, self.workdir = world, bin_dir, workdir
        self.seed, self.dice = plan.seed, random.Random(plan.seed)
        self.ledger = Ledger()
        self.env = world.env | {
            "IRSA_KAFKA_SESSION_TIMEOUT_MS": str(int(SESSION_SECONDS * 1000)), "IRSA_KAFKA_HEARTBEAT_INTERVAL_MS": "300",
            "IRSA_EXECUTORS": str(EXECUTORS)}
        self.servers, self.prefix = world.bootstrap_servers, world.topics_prefix
        self.workers_made = 0
        self._prepare()
        self.listener = Listener(self.servers, f"{self.prefix}.results")
        self.asker = Asker(self.servers, f"{self.prefix}.requests", self.ledger, random.Random(self.dice.random()), self._keys())
        self.posts = [Post(number, self._start_worker) for number in range(plan.workers)]
        self.fate = Fate(self.dice, self.posts, BrokerPost(world.broker), plan.kills, plan.pause)

    def _prepare(self) -> None:
        Ctl(self.bin_dir / "irsactl", self.env)(
            "topics", "create", "--partitions", str(PARTITIONS), "--replication-factor", "1").must()
        self.world.cloud.model(LATENCY)
        clusters = self.world.snapshot()["clusters"]
        for each in map(Cluster.parse, CLUSTERS):
            self.world.put({"accounts": {each.account: {"oidcProviders": [
                {"url": clusters[each.id]["issuer"], "clientIDs": ["sts.amazonaws.com"]}]}}})
            self.world.put({"clusters": {each.id: {"namespaces": ["chaos"]}}})

    def _keys(self) -> list[tuple[str, str, str]]:
        clusters = list(map(Cluster.parse, CLUSTERS))
        return [(clusters[n % len(clusters)].name, clusters[n % len(clusters)].region, f"sa-{n}") for n in range(KEYS)]

    def _start_worker(self, number: int) -> Worker:
        """Every second one is a static member, whose partitions wait for it."""
        self.workers_made += 1
        settings = {"IRSA_INSTANCE_ID": f"static-{number}"} if number % 2 else {}
        log = self.workdir / f"worker-{number}-{self.workers_made}.log"
        return Worker(self.bin_dir / "irsa-worker", environment(self.env, settings), log)

    # --- the run ------------------------------------------------------------------------------------------------------

    def run(self, say: Callable[[str], None]) -> Report:
        begin = time.monotonic()
        said = self.fate.left
        self._turn_until(lambda: bool(self.ledger.finals), QUIET_SECONDS)
        while self.fate.left > 0:
            self._turn(OPEN)
            self.fate.serve()
            if said - self.fate.left >= 50:
                said = self.fate.left
                say(f"{self.fate.left} kills to go, {self.ledger.finals} results, {self.ledger.reruns} again")
        self.fate.broker.end()
        for post in self.posts:
            post.go_on()
        self.asker.flush()
        self._turn_until(lambda: self.ledger.open == 0, QUIET_SECONDS, open=0)
        faults = self._judge()
        return Report(self.seed, dict(self.fate.counts), time.monotonic() - begin, len(self.ledger.asked),
                      self.ledger.finals, self.ledger.reruns, self.ledger.retries,
                      self.ledger.outcomes["superseded"], self.fate.fenced, faults)

    def _turn(self, open: int) -> None:
        self.asker.top_up(open)
        tell_results(self.ledger, self.listener.take(0.02))

    def _turn_until(self, is_done: Callable[[], bool], seconds: float, open: int = OPEN) -> None:
        """Or until it is too late: then the judge says what is missing."""
        deadline = time.monotonic() + seconds
        while not is_done() and time.monotonic() < deadline:
            self._turn(open)
            for post in self.posts:
                post.serve()

    # --- afterwards ---------------------------------------------------------------------------------------------------

    def _judge(self) -> dict[str, list[str]]:
        uncommitted = self._uncommitted()
        for post in self.posts:
            post.end()
        tell_results(self.ledger, self.listener.take(1))  # what was told once more at the end
        faults = self.ledger.faults()
        found = {
            "uncommitted": uncommitted, "refused": self.asker.refused, "worker": self.fate.problems,
            "world": self._world_faults(), "state": self._state_faults(), "reruns": self._too_many_reruns()}
        return faults | {promise: names for promise, names in found.items() if names}

    def _uncommitted(self) -> list[str]:
        """The partitions whose committed offset is not their end, though all is told."""
        consumer = Consumer({"bootstrap.servers": self.servers, "group.id": "irsa-workers"})
        places = [TopicPartition(f"{self.prefix}.requests", number) for number in range(PARTITIONS)]
        left: list[str] = []

        def look() -> bool:
            left[:] = [f"partition {place.partition}: {place.offset} of {end}"
                       for place in consumer.committed(places, timeout=SECONDS)
                       for end in [consumer.get_watermark_offsets(place, timeout=SECONDS)[1]]
                       if place.offset != end and end > 0]
            return not left

        try:
            wait_for(look, "offsets are committed", COMMIT_SECONDS)
        except AssertionError:
            return left
        finally:
            consumer.close()
        return []

    def _world_faults(self) -> list[str]:
        snapshot = self.world.snapshot()
        roles, accounts = {}, {}
        for each in map(Cluster.parse, CLUSTERS):
            for role in snapshot["accounts"][each.account]["roles"]:
                if role["tags"].get("irsa.dev/cluster") == each.arn:
                    name = role["tags"]["irsa.dev/service-account"].removeprefix("chaos/")
                    roles[name_of(each.name, each.region, name)] = role
            for account in snapshot["clusters"][each.id]["serviceAccounts"]:
                if account["metadata"]["namespace"] == "chaos":
                    accounts[name_of(each.name, each.region, account["metadata"]["name"])] = account["metadata"]
        return world_faults(self.ledger, roles, accounts, ROLE_ANNOTATION)

    def _state_faults(self) -> list[str]:
        """Of each key the last record of irsa.state is that of its last request; a delete leaves no value."""
        states: dict[str, str | None] = {}
        listener = Listener(self.servers, f"{self.prefix}.state")
        while messages := listener.take(1):
            for message in messages:
                value = message.value()
                states[message.key().decode().split("/", 1)[1]] = (
                    json.loads(value)["request"]["id"] if value is not None else None)
        listener.close()
        wanted = {key: (request.place, id if request.wanted is not None else None)
                  for key, (id, request) in self.ledger.last_of_key().items()}
        return [f"{key} {place}: of {states.get(key)}, not {id}" for key, (place, id) in wanted.items() if states.get(key) != id]

    def _too_many_reruns(self) -> list[str]:
        """Each hit has at most what was in hand, and what was settled since the last commit, done once more."""
        hits = sum(self.fate.counts.values())
        most = hits * OPEN
        return [f"{self.ledger.reruns} after {hits} hits: at most {most}"] if self.ledger.reruns > most else []

    def close(self) -> None:
        for post in self.posts:
            post.go_on()
            post.worker.child.stop()
        self.listener.close()
        self.asker.close()


def run(plan: Plan, workdir: Path, say: Callable[[str], None]) -> Report:
    bin_dir = bin_dir_of(os.environ)
    clusters = list(CLUSTERS)
    cloud = SandboxWorld(clusters, workdir / "sandbox", bin_dir, broker=False)
    workdir.mkdir(parents=True, exist_ok=True)
    with RealWorld(clusters, workdir / "world", cloud=cloud) as world:
        chaos = Chaos(world, bin_dir, workdir, plan)
        try:
            return chaos.run(say)
        finally:
            chaos.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev chaos", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=100, metavar="N", help="so many signals in all; default 100")
    parser.add_argument("--seed", type=int, metavar="S", help="default: any; it is printed")
    parser.add_argument("--workers", type=int, default=WORKERS, metavar="N", help=f"at a time; default {WORKERS}")
    parser.add_argument("--pause", type=float, default=PAUSE_SECONDS, metavar="SECONDS",
                        help=f"between kills, on the average, if there is somebody to be hit; default {PAUSE_SECONDS}")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report there too")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="leave the logs there")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.SystemRandom().randrange(10**6)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="irsa-chaos-") as folder:
        plan = Plan(seed, arguments.kills, arguments.workers, arguments.pause)
        report = run(plan, arguments.keep or Path(folder), lambda text: print(text, flush=True))
    print(report.text)
    if arguments.json:
        arguments.json.write_text(json.dumps(vars(report), indent=2) + "\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
